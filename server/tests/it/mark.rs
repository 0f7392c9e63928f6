//! Pins, stars, labels, named filters, chats marked as unread, and the same done with several chats.

use domain::{Chat, ChatId, ChatState};
use emulator::green_api::client::Write;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::World;

/// A world with three chats, the newest first.
async fn three(world: &World) -> Vec<Chat> {
    let instance = world.instance();
    world.account(&instance).await;
    for n in 0..3 {
        let write = Write {
            timestamp: Some(1_791_000_000 + n),
            ..Write::text(&format!("7912000{n:04}@c.us"), &format!("вопрос {n}"))
        };
        instance.incoming(write).unwrap();
    }
    world
        .until("three chats", async || {
            let chats = world.admin.chats("").await.items;
            (chats.len() == 3).then_some(chats)
        })
        .await
}

async fn ids(world: &World, path: &str) -> Vec<i64> {
    let body = world.admin.get(path).await.body;
    body["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

both!(pins_and_stars_are_ones_own, async |engine| {
    let world = World::start(engine).await;
    let chats = three(&world).await;
    let anna = world.staff("anna", "operator").await;
    for chat in [&chats[2], &chats[0], &chats[2]] {
        assert_eq!(world.admin.call(Method::PUT, &format!("/chats/{}/pin", chat.id), None).await.status, 204);
    }
    assert_eq!(ids(&world, "/pins").await, [chats[2].id.0, chats[0].id.0]);
    assert_eq!(anna.get("/pins").await.body["items"], json!([]));
    world.admin.call(Method::DELETE, &format!("/chats/{}/pin", chats[2].id), None).await;
    assert_eq!(ids(&world, "/pins").await, [chats[0].id.0]);
    assert_eq!(world.admin.call(Method::PUT, "/chats/999999/pin", None).await.code(), "chat_not_found");
    let mut starred = Vec::new();
    for chat in &chats {
        let message = world.admin.messages(chat.id).await.remove(0).id;
        assert_eq!(world.admin.call(Method::PUT, &format!("/messages/{message}/star"), None).await.status, 204);
        starred.insert(0, message.0);
    }
    assert_eq!(ids(&world, "/stars").await, starred);
    assert_eq!(ids(&world, &format!("/stars?chat={}", chats[0].id)).await, [starred[2]]);
    let first = world.admin.get("/stars?limit=2").await.body;
    let rest = ids(&world, &format!("/stars?limit=2&before={}", first["next"].as_str().unwrap())).await;
    assert_eq!(rest, [starred[2]]);
    world.admin.call(Method::DELETE, &format!("/messages/{}/star", starred[0]), None).await;
    assert_eq!(ids(&world, "/stars").await, starred[1..]);
    assert_eq!(anna.get("/stars").await.body["items"], json!([]));
    world.end().await;
});

both!(labels_are_everybodys_and_filter_the_list, async |engine| {
    let world = World::start(engine).await;
    let chats = three(&world).await;
    let supervisor = world.staff("olga", "supervisor").await;
    let make = async |name: &str| supervisor.post("/labels", &json!({"name": name, "colour": "green"})).await;
    let (wholesale, urgent) = (make("Опт").await.body["id"].clone(), make("Срочно").await.body["id"].clone());
    assert_eq!(make("оПТ").await.code(), "name_taken");
    assert_eq!(make("  ").await.code(), "invalid");
    assert_eq!(make(&"ы".repeat(41)).await.code(), "invalid");
    let put = async |chat: ChatId, label: &Value, on: bool| {
        world.admin.post(&format!("/chats/{chat}/label"), &json!({"label": label, "on": on})).await
    };
    put(chats[0].id, &urgent, true).await;
    assert_eq!(put(chats[0].id, &wholesale, true).await.body["labels"], json!([wholesale, urgent]));
    put(chats[1].id, &wholesale, true).await;
    assert_eq!(put(chats[1].id, &json!(999), true).await.code(), "label_not_found");
    let labelled = async |label: &Value| world.admin.chats(&format!("&label={label}")).await.items.len();
    assert_eq!((labelled(&wholesale).await, labelled(&urgent).await), (2, 1));
    assert_eq!(world.admin.chats(&format!("&label={wholesale}&text=79120000002")).await.items.len(), 1);
    assert_eq!(put(chats[0].id, &urgent, false).await.body["labels"], json!([wholesale]));
    let path = format!("/labels/{wholesale}");
    let renamed = json!({"name": "Крупный опт", "colour": "violet"});
    assert_eq!(supervisor.call(Method::PATCH, &path, Some(&renamed)).await.body["colour"], "violet");
    let taken = json!({"name": "срочно", "colour": "red"});
    assert_eq!(supervisor.call(Method::PATCH, &path, Some(&taken)).await.code(), "name_taken");
    assert_eq!(supervisor.call(Method::DELETE, &path, None).await.status, 204);
    assert_eq!(labelled(&wholesale).await, 0);
    assert!(world.admin.chats("").await.items.iter().all(|chat| chat.labels.is_empty()));
    world.end().await;
});

both!(a_chat_marked_as_unread_is_read_again, async |engine| {
    let world = World::start(engine).await;
    let chat = three(&world).await.remove(0);
    let last = chat.last_message.as_ref().unwrap().id;
    let read = json!({"up_to": last});
    let path = format!("/chats/{}", chat.id);
    assert_eq!(world.admin.post(&format!("{path}/read"), &read).await.body["unread"], 0);
    let marked = world.admin.post(&format!("{path}/unread"), &json!({})).await.body;
    assert_eq!((&marked["unread"], &marked["first_unread"]), (&json!(1), &json!(last)));
    assert_eq!(world.admin.chats("&unread=true").await.items.len(), 3);
    assert_eq!(world.admin.post(&format!("{path}/read"), &read).await.body["unread"], 0);
    assert_eq!(world.admin.chats("&unread=true").await.items.len(), 2);
    // One in which only we have spoken can be marked too, and read again.
    let said = world.admin.say(chat.id, "own", "ответ").await;
    assert_eq!(world.admin.post(&format!("{path}/unread"), &json!({})).await.body["unread"], 1);
    let read = json!({"up_to": said.id});
    assert_eq!(world.admin.post(&format!("{path}/read"), &read).await.body["unread"], 0);
    world.end().await;
});

both!(several_chats_are_changed_together, async |engine| {
    let world = World::start(engine).await;
    let chats = three(&world).await;
    let all: Vec<_> = chats.iter().map(|chat| chat.id).collect();
    let anna = world.staff("anna", "operator").await;
    let bulk = async |action: Value| anna.post("/chats/bulk", &json!({"chats": all, "action": action})).await;
    assert_eq!(bulk(json!({"is": "read"})).await.body["items"].as_array().unwrap().len(), 3);
    assert!(anna.chats("&unread=true").await.items.is_empty());
    bulk(json!({"is": "assign", "user": 1})).await;
    assert_eq!(world.admin.chats("&mine=true").await.items.len(), 3);
    bulk(json!({"is": "close", "closed": true})).await;
    assert!(anna.chats("").await.items.iter().all(|chat| chat.state == ChatState::Closed));
    assert_eq!(bulk(json!({"is": "assign", "user": 999})).await.code(), "user_not_found");
    assert_eq!(bulk(json!({"is": "label", "label": 999, "on": true})).await.code(), "label_not_found");
    assert_eq!(bulk(json!({"is": "explode"})).await.status, 422);
    let none = json!({"chats": [], "action": {"is": "read"}});
    assert_eq!(anna.post("/chats/bulk", &none).await.code(), "invalid");
    let closed = json!({"everyone": false, "users": []});
    world.admin.call(Method::PATCH, &format!("/accounts/{}", chats[0].account), Some(&closed)).await;
    assert_eq!(
        bulk(json!({"is": "close", "closed": false})).await.body["items"],
        json!([]),
        "another's stay as they are"
    );
    world.end().await;
});

both!(filters_are_kept_by_name, async |engine| {
    let world = World::start(engine).await;
    let body = json!({"name": " Мои без ответа ", "filter": {"mine": true, "unanswered": true}});
    let kept = world.admin.post("/filters", &body).await;
    assert_eq!((kept.status.as_u16(), &kept.body["name"]), (201, &json!("Мои без ответа")));
    let list = world.admin.get("/filters").await.body;
    assert_eq!(list["items"][0]["filter"]["unanswered"], true);
    assert_eq!(world.admin.post("/filters", &json!({"name": "", "filter": {}})).await.code(), "invalid");
    let anna = world.staff("anna", "operator").await;
    let path = format!("/filters/{}", kept.body["id"]);
    anna.call(Method::DELETE, &path, None).await;
    assert_eq!(ids(&world, "/filters").await.len(), 1, "another's is not touched");
    world.admin.call(Method::DELETE, &path, None).await;
    assert_eq!(world.admin.get("/filters").await.body["items"], json!([]));
    world.end().await;
});
