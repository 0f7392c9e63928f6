//! `/hs/whatsapp/webhook/{account}`: what each caller gets, and that nothing is lost.

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{ADMIN, CLIENT, World};

both!(each_case_has_its_answer, async |engine| {
    let world = World::start(engine).await;
    let account = world.account_by(&world.instance(), "webhook").await;
    let shown = world.admin.get(&format!("/accounts/{account}")).await.body;
    let header = shown["webhook_authorization"].as_str().unwrap().to_owned();
    let url = format!("{}/hs/whatsapp/webhook/{account}", world.url);
    assert_eq!(shown["webhook_url"].as_str(), Some(url.as_str()));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |authorization: Option<&str>, body: Vec<u8>| {
        let mut request = http.post(&url).body(body);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        request.send().await.unwrap()
    };
    let denied = post(None, b"{}".to_vec()).await;
    assert_eq!(denied.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(denied.headers()["www-authenticate"], "Basic realm=\"Besedka\"");
    assert_eq!(post(Some("Bearer nonsense"), b"{}".to_vec()).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(post(Some(&header), Vec::new()).await.status(), StatusCode::ACCEPTED);
    let stored = post(Some(&header), br#"{"typeWebhook":"something new"}"#.to_vec()).await;
    assert_eq!((stored.status(), stored.text().await.unwrap().as_str()), (StatusCode::OK, "{}"));
    assert_eq!(post(Some(&header), b"<html>".to_vec()).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(post(Some(&header), vec![b' '; 3 << 20]).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(post(Some(&header), b"\xff\xfe".to_vec()).await.status(), StatusCode::BAD_REQUEST);
    // A user's own pair serves as well, Cyrillic included; a wrong one does not.
    let basic = |password: &str| http.post(&url).basic_auth(ADMIN.0, Some(password)).body("{}").send();
    assert_eq!(basic(ADMIN.1).await.unwrap().status(), StatusCode::OK);
    assert_eq!(basic("не тот").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    // A webhook of an account that is gone.
    assert_eq!(
        world.admin.call(reqwest::Method::DELETE, &format!("/accounts/{account}"), None).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(post(Some(&header), b"{}".to_vec()).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(basic(ADMIN.1).await.unwrap().status(), StatusCode::NOT_FOUND);
    // What was refused stands in the integration log with its body; the header does not.
    world.state().log.flush().await;
    let log = world.admin.get("/log?limit=100&result=error").await.body;
    let lines = log["items"].as_array().unwrap();
    for code in ["key_invalid", "wrong_login", "malformed", "too_large", "account_not_found"] {
        assert!(lines.iter().any(|line| line["error"].as_str().unwrap_or_default().contains(code)), "{code}: {log:#}");
    }
    let broken = lines.iter().find(|line| line["error"].as_str().unwrap_or_default().contains("malformed")).unwrap();
    let whole = world.admin.get(&format!("/log/{}", broken["id"].as_str().unwrap())).await.body;
    assert!(whole["request"].as_str().is_some_and(|body| !body.is_empty()), "{whole:#}");
    assert!(!log.to_string().contains(header.trim_start_matches("Bearer ")));
    world.end().await;
});

both!(five_at_once_from_each_of_fifty_new_contacts, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "webhook").await;
    let shown = world.admin.get(&format!("/accounts/{account}")).await.body;
    let header = shown["webhook_authorization"].as_str().unwrap().to_owned();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut calls = tokio::task::JoinSet::new();
    for message in 0..5 {
        for contact in 0..50 {
            let request = http
                .post(format!("{}/hs/whatsapp/webhook/{account}", world.url))
                .header("authorization", &header)
                .json(&text(
                    instance.id,
                    &format!("7912000{contact:04}@c.us"),
                    &format!("M{contact}-{message}"),
                    "Здравствуйте",
                ));
            // Each is told twice, as providers do.
            for request in [request.try_clone().unwrap(), request] {
                calls.spawn(async move { request.send().await.unwrap().status() });
            }
        }
    }
    while let Some(status) = calls.join_next().await {
        assert_eq!(status.unwrap(), StatusCode::OK);
    }
    world
        .until("fifty chats with five unread each", async || {
            let chats = world.admin.chats("").await.items;
            (chats.len() == 50 && chats.iter().all(|chat| chat.unread == 5)).then_some(())
        })
        .await;
    let mut stored = 0;
    for chat in world.admin.chats("").await.items {
        let messages = world.admin.messages(chat.id).await;
        stored += messages.len();
        assert_eq!(chat.last_message.unwrap().id, messages.last().unwrap().id);
    }
    assert_eq!(stored, 250);
    world.end().await;
});

both!(what_is_not_understood_is_kept_and_blocks_nobody, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    instance.push_raw(json!({"typeWebhook": "incomingMessageReceived", "nonsense": true}));
    instance.push_raw(json!([1, 2, 3]));
    instance.incoming_text(CLIENT, "после непонятного");
    let chat = world.only_chat().await;
    assert_eq!(world.admin.messages(chat.id).await[0].text, "после непонятного");
    let log = world.admin.get("/log?limit=100&result=error&direction=in").await.body;
    assert!(!log["items"].as_array().unwrap().is_empty(), "{log:#}");
    world.end().await;
});

both!(strangers_cannot_push_honest_lines_out_of_the_log, async |engine| {
    let world = World::start(engine).await;
    let account = world.account_by(&world.instance(), "webhook").await;
    let header = world.admin.get(&format!("/accounts/{account}")).await.body["webhook_authorization"].clone();
    let url = format!("{}/hs/whatsapp/webhook/{account}", world.url);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |authorization: &str| {
        http.post(&url).header("authorization", authorization).body("<html>").send().await.unwrap().status()
    };
    for _ in 0..50 {
        assert_eq!(post("Bearer nonsense").await, StatusCode::UNAUTHORIZED);
    }
    // Whoever proves who they are gets their line all the same.
    for _ in 0..12 {
        assert_eq!(post(header.as_str().unwrap()).await, StatusCode::BAD_REQUEST);
    }
    world.state().log.flush().await;
    let lines = world.admin.get("/log?limit=100&direction=in&result=error").await.body;
    let count = |status: u16| lines["items"].as_array().unwrap().iter().filter(|line| line["status"] == status).count();
    assert_eq!((count(401), count(400)), (10, 12));
    let later = std::time::Instant::now() + std::time::Duration::from_secs(61);
    assert_eq!(world.state().guard.refusals.sum_up(later).unwrap().count, 40);
    world.end().await;
});

both!(the_log_is_swept_while_it_grows, async |engine| {
    let world = World::start(engine).await;
    let db = &world.state().db;
    let log = server::store::log::Log::keeping(db.clone(), 200);
    for n in 0..1000 {
        let line = server::store::log::Line {
            at: server::ledger::now(),
            direction: domain::Direction::In,
            system: "test".to_owned(),
            account: None,
            what: format!("line {n}"),
            status: None,
            took: std::time::Duration::ZERO,
            error: None,
            request: String::new(),
            response: String::new(),
        };
        log.record(line, &[]);
        if n % 50 == 0 {
            log.flush().await;
        }
    }
    log.flush().await;
    // One more, so that what the last ones asked for has been done.
    log.flush().await;
    let filter = server::store::log::Filter { system: Some("test".to_owned()), ..Default::default() };
    let left = server::store::log::list(db, &filter, None, 2000).await.unwrap().items;
    assert!(left.len() <= 260, "{}", left.len());
    assert_eq!(left[0].what, "line 999");
    assert_eq!(log.dropped(), 0);
    world.end().await;
});

/// A text from a client, as Green-API tells of it.
fn text(instance: i64, chat: &str, id: &str, text: &str) -> serde_json::Value {
    json!({"typeWebhook": "incomingMessageReceived",
        "instanceData": {"idInstance": instance, "wid": "79990000001@c.us", "typeInstance": "whatsapp"},
        "timestamp": 1_791_014_958, "idMessage": id,
        "senderData": {"chatId": chat, "sender": chat, "chatName": "Клиент", "senderName": "Клиент", "senderContactName": ""},
        "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": text}}})
}
