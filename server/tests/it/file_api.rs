//! Files over the API: in, out, to whom, and what cannot be.

use reqwest::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, RANGE,
};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Engine, World};

/// A picture of this many pixels.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

async fn upload(world: &World, caller: &Client, name: &str, mime: &str, bytes: impl Into<Body>) -> Response {
    let part = Part::stream(bytes).file_name(name.to_owned()).mime_str(mime).unwrap();
    caller.post(format!("{}/api/v1/files", world.url)).multipart(Form::new().part("file", part)).send().await.unwrap()
}

async fn kept(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

both!(a_picture_goes_in_and_comes_out_in_every_form, async |engine| {
    let world = World::start(engine).await;
    let caller = world.admin.http();
    let bytes = picture(1000, 500);
    let file = kept(upload(&world, caller, "фото с дачи.png", "text/html", bytes.clone()).await).await;
    assert_eq!(file["mime"], "image/png", "by its bytes, not by what was said");
    assert_eq!((&file["name"], &file["size"]), (&json!("фото с дачи.png"), &json!(bytes.len())));
    assert_eq!((&file["width"], &file["height"], &file["state"]), (&json!(1000), &json!(500), &json!("ready")));
    let url = format!("{}/api/v1/files/{}", world.url, file["id"]);
    let whole = caller.get(&url).send().await.unwrap();
    assert_eq!(header(&whole, CONTENT_TYPE), "image/png");
    assert!(header(&whole, CONTENT_DISPOSITION).starts_with("inline; filename="));
    assert_eq!(header(&whole, CACHE_CONTROL), "private, no-cache");
    assert_eq!(header(&whole, CONTENT_SECURITY_POLICY), "sandbox; default-src 'none'");
    assert_eq!(whole.headers()["x-content-type-options"], "nosniff");
    let etag = header(&whole, ETAG);
    assert_eq!(whole.bytes().await.unwrap(), bytes);
    let again = caller.get(&url).header(IF_NONE_MATCH, etag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let part = caller.get(&url).header(RANGE, "bytes=10-19").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(header(&part, CONTENT_RANGE), format!("bytes 10-19/{}", bytes.len()));
    assert_eq!(part.bytes().await.unwrap(), bytes[10..20]);
    let outside = caller.get(&url).header(RANGE, "bytes=99999999-").send().await.unwrap();
    assert_eq!(outside.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    for _ in 0..2 {
        let small = caller.get(format!("{url}?thumbnail")).send().await.unwrap();
        assert_eq!(header(&small, CONTENT_TYPE), "image/jpeg");
        let small = image::load_from_memory(&small.bytes().await.unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (480, 240));
    }
    let saved = caller.get(format!("{url}?download")).send().await.unwrap();
    assert!(header(&saved, CONTENT_DISPOSITION).starts_with("attachment; "));
    world.end().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_run_is_only_saved() {
    let world = World::start(Engine::Sqlite).await;
    let caller = world.admin.http();
    for (name, mime, bytes) in [
        ("page.html", "text/html", "<script>alert(1)</script>"),
        ("picture.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("picture.png", "image/png", "<script>alert(1)</script>"),
        ("../../../escape.js", "text/javascript", "alert(1)"),
    ] {
        let file = kept(upload(&world, caller, name, mime, bytes).await).await;
        let answer = caller.get(format!("{}/api/v1/files/{}", world.url, file["id"])).send().await.unwrap();
        assert!(header(&answer, CONTENT_DISPOSITION).starts_with("attachment; "), "{name}");
        assert!(header(&answer, CONTENT_SECURITY_POLICY).starts_with("sandbox"), "{name}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(!file["name"].as_str().unwrap().contains('/'));
    }
    world.end().await;
}

both!(two_hundred_megabytes_are_refused_in_words, async |engine| {
    let world = World::start(engine).await;
    let caller = world.admin.http();
    let block = bytes::Bytes::from(vec![0u8; 1 << 20]);
    let blocks = futures_util::stream::iter((0..200).map(move |_| Ok::<_, std::io::Error>(block.clone())));
    let answer = upload(&world, caller, "фильм.mp4", "video/mp4", Body::wrap_stream(blocks)).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], "file_too_large");
    assert_eq!(body["error"]["message"], "Файл больше, чем принимает WhatsApp. Сожмите его или отправьте ссылкой.");
    let folder = world.state().config.data.join("files");
    let left: Vec<_> = std::fs::read_dir(folder.join("unfinished")).unwrap().collect();
    assert!(left.is_empty(), "nothing is left of it");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    world.end().await;
});

both!(what_is_no_upload_is_named, async |engine| {
    let world = World::start(engine).await;
    let caller = world.admin.http();
    let url = format!("{}/api/v1/files", world.url);
    let named = async |request: reqwest::RequestBuilder| {
        let answer = request.header(ACCEPT_LANGUAGE, "en").send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap()["error"]["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(named(caller.post(&url).json(&json!({}))).await, (415, "wrong_type".to_owned()));
    assert_eq!(named(caller.post(&url).multipart(Form::new().text("other", "x"))).await, (400, "malformed".to_owned()));
    let cut = caller.post(&url).header(CONTENT_TYPE, "multipart/form-data; boundary=x").body("--x\r\nContent-Disp");
    assert_eq!(named(cut).await, (400, "malformed".to_owned()));
    assert_eq!(named(caller.get(format!("{url}/999"))).await, (404, "file_not_found".to_owned()));
    let long =
        kept(upload(&world, caller, &format!("{}.pdf", "ю".repeat(10_000)), "application/pdf", "%PDF-1.4").await).await;
    assert_eq!(long["name"].as_str().unwrap().chars().count(), 200);
    assert!(long["name"].as_str().unwrap().ends_with("ю.pdf"));
    world.end().await;
});

both!(a_file_is_for_those_who_see_its_chat, async |engine| {
    let world = World::start(engine).await;
    let account = world.account_by(&world.instance(), "off").await;
    let mine = world.staff("mine", "operator").await;
    let other = world.staff("other", "operator").await;
    let id = mine.get("/session").await.body["user"]["id"].clone();
    let only = json!({"everyone": false, "users": [id]});
    world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&only)).await;
    let file = kept(upload(&world, mine.http(), "a.png", "image/png", picture(8, 8)).await).await;
    let path = format!("/files/{}", file["id"]);
    // Not sent yet: its owner's alone, the administrator included.
    for (caller, status) in [(&mine, 200), (&other, 404), (&world.admin, 404)] {
        assert_eq!(caller.get(&path).await.status.as_u16(), status);
    }
    let chat = world.open(account, "+7 912 000-45-17").await.id;
    let send = async |id: &str| {
        mine.post(&format!("/chats/{chat}/messages"), &json!({"client_id": id, "files": [file["id"]]})).await
    };
    let sent = send("first").await;
    assert_eq!(sent.status, StatusCode::OK, "{:?}", sent.body);
    assert_eq!(sent.body["files"][0]["id"], file["id"]);
    for (caller, status) in [(&mine, 200), (&other, 404), (&world.admin, 200)] {
        assert_eq!(caller.get(&path).await.status.as_u16(), status);
    }
    assert_eq!(send("second").await.code(), "file_not_found", "an upload is sent once");
    // Another's upload cannot be sent.
    let foreign = kept(upload(&world, other.http(), "b.png", "image/png", picture(8, 8)).await).await;
    let stolen = json!({"client_id": "third", "files": [foreign["id"]]});
    assert_eq!(mine.post(&format!("/chats/{chat}/messages"), &stolen).await.code(), "file_not_found");
    assert_eq!(
        mine.post(&format!("{path}/again"), &json!({})).await.status,
        StatusCode::OK,
        "nothing to fetch, no harm"
    );
    assert_eq!(other.post(&format!("{path}/again"), &json!({})).await.code(), "file_not_found");
    world.end().await;
});
