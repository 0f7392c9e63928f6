//! Housekeeping: what nobody wants any more goes, and nothing else.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use domain::{MessageId, Moment};
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::json;
use server::ledger::now;
use server::store::{event, job};
use server::work::upkeep::remove_loose;

use crate::harness::{CLIENT, World};

const DAY: i64 = 24 * 3_600_000;

async fn upload(world: &World, bytes: &[u8]) -> i64 {
    let form = Form::new().part("file", Part::bytes(bytes.to_vec()).file_name("a.bin"));
    let url = format!("{}/api/v1/files", world.url);
    let answer = world.admin.http().post(url).multipart(form).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json::<serde_json::Value>().await.unwrap()["id"].as_i64().unwrap()
}

async fn status(world: &World, id: i64, tail: &str) -> StatusCode {
    let url = format!("{}/api/v1/files/{id}{tail}", world.url);
    world.admin.http().get(url).send().await.unwrap().status()
}

/// Where equal bytes are kept.
async fn place(world: &World, id: i64) -> PathBuf {
    let row = server::store::file::get(&world.state().db, domain::FileId(id)).await.unwrap().unwrap();
    world.state().files.path(&row.blob.unwrap())
}

async fn sweep(world: &World, at: Moment) -> (u64, u64) {
    let mut removed = (0, 0);
    for part in 0..=255 {
        let (rows, blobs) = remove_loose(world.state(), part, at).await.unwrap();
        removed = (removed.0 + rows, removed.1 + blobs);
    }
    removed
}

both!(uploads_that_were_never_sent_go_after_a_day, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "8 912 000-45-17").await;
    let (sent, left) = (upload(&world, b"this one is sent").await, upload(&world, b"this one is left").await);
    let twice = [upload(&world, b"the same").await, upload(&world, b"the same").await];
    for (n, id) in [sent, twice[0]].into_iter().enumerate() {
        let body = json!({"client_id": format!("c{n}"), "files": [id]});
        let answer = world.admin.post(&format!("/chats/{}/messages", chat.id), &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    }
    let places = [place(&world, sent).await, place(&world, left).await, place(&world, twice[0]).await];
    assert_eq!(sweep(&world, now()).await, (0, 0), "not before a day is over");
    assert_eq!(sweep(&world, now().plus(DAY + 60_000)).await, (2, 1));
    assert_eq!(places.map(|path| path.exists()), [true, false, true]);
    for (id, expected) in [(sent, StatusCode::OK), (left, StatusCode::NOT_FOUND), (twice[0], StatusCode::OK)] {
        assert_eq!(status(&world, id, "").await, expected);
    }
    assert_eq!(status(&world, twice[1], "").await, StatusCode::NOT_FOUND);
    // Somebody who comes back after a day is told so, and uploading the same again works.
    let body = json!({"client_id": "late", "files": [left]});
    let answer = world.admin.post(&format!("/chats/{}/messages", chat.id), &body).await;
    assert!(answer.status.is_client_error(), "{:?}", answer.body);
    let again = upload(&world, b"this one is left").await;
    assert_eq!(status(&world, again, "").await, StatusCode::OK);
    world.end().await;
});

both!(bytes_that_are_wanted_again_at_this_moment_stay, async |engine| {
    let world = World::start(engine).await;
    let path = place(&world, upload(&world, b"again and again").await).await;
    let mut tx = world.state().db.begin().await.unwrap();
    assert_eq!(server::store::file::remove_loose(&mut tx, now().plus(1000), 10).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let part = u8::from_str_radix(path.parent().unwrap().parent().unwrap().file_name().unwrap().to_str().unwrap(), 16);
    let part = part.unwrap();
    let (mut removed, old) = (0, SystemTime::now() - Duration::from_secs(100_000));
    for _ in 0..60 {
        // Nobody names them and they are old, and while they are being removed somebody uploads the same.
        if let Ok(file) = std::fs::File::open(&path) {
            file.set_modified(old).unwrap();
        }
        let (swept, id) = tokio::join!(remove_loose(world.state(), part, now()), upload(&world, b"again and again"));
        removed += swept.unwrap().1;
        assert_eq!(status(&world, id, "").await, StatusCode::OK);
        let mut tx = world.state().db.begin().await.unwrap();
        server::store::file::remove_loose(&mut tx, now().plus(1000), 10).await.unwrap();
        tx.commit().await.unwrap();
    }
    println!("removed {removed} times");
    world.end().await;
});

both!(a_picture_that_is_none_is_tried_once, async |engine| {
    let world = World::start(engine).await;
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend([7; 100]);
    let id = upload(&world, &bytes).await;
    let path = place(&world, id).await;
    for _ in 0..2 {
        assert_eq!(status(&world, id, "?thumbnail").await, StatusCode::NOT_FOUND);
    }
    let root = world.config().data.join("files");
    let failed = root.join("small").join(path.strip_prefix(&root).unwrap()).with_extension("none");
    assert!(failed.exists());
    // The bytes themselves are still there, and what was remembered goes with them.
    assert_eq!(status(&world, id, "").await, StatusCode::OK);
    assert_eq!(sweep(&world, now().plus(DAY + 60_000)).await, (1, 1));
    assert!(!failed.exists());
    world.end().await;
});

both!(old_events_and_tries_are_forgotten, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, CLIENT.strip_suffix("@c.us").unwrap()).await;
    for n in 0..5 {
        world.admin.say(chat.id, &format!("c{n}"), "Здравствуйте").await;
    }
    world.until("sent", async || (instance.sent().len() == 5).then_some(())).await;
    let db = &world.state().db;
    let head = event::head(db).await.unwrap();
    assert!(head > 10);
    let forget = async |before: Moment, kept: i64, limit: i64| {
        let mut tx = db.begin().await.unwrap();
        let done = event::forget(&mut tx, before, kept, limit).await.unwrap();
        tx.commit().await.unwrap();
        done
    };
    assert_eq!(forget(now().plus(-DAY), 0, 1000).await, 0, "none is old enough");
    assert_eq!(forget(now().plus(DAY), 1_000_000, 1000).await, 0, "so many stay in any case");
    assert_eq!(forget(now().plus(DAY), 4, 3).await, 3);
    assert!(forget(now().plus(DAY), 4, 1000).await > 0);
    let head = event::head(db).await.unwrap();
    assert!(event::oldest(db).await.unwrap() <= head - 3);
    let mut tx = db.begin().await.unwrap();
    job::attempt(&mut tx, MessageId(world.admin.messages(chat.id).await[0].id.0), now(), 1, "retry", None)
        .await
        .unwrap();
    assert_eq!(job::forget_attempts(&mut tx, now().plus(-90 * DAY), 100).await.unwrap(), 0);
    assert!(job::forget_attempts(&mut tx, now().plus(DAY), 100).await.unwrap() >= 1);
    tx.commit().await.unwrap();
    world.end().await;
});
