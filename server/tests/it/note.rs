//! Notes for colleagues: they stay here, change nothing that the client's words change, and call those whom they mention.

use domain::{Chat, Message};
use emulator::green_api::client::Write;
use serde_json::json;

use crate::harness::{CLIENT, Caller, World};

async fn note(caller: &Caller, chat: &Chat, client_id: &str, text: &str) -> Message {
    let body = json!({"client_id": client_id, "text": text, "note": true});
    let answer = caller.post(&format!("/chats/{}/messages", chat.id), &body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    serde_json::from_value(answer.body).unwrap()
}

both!(a_note_stays_here_and_leaves_the_list_as_it_was, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    instance.incoming(Write { timestamp: Some(1_791_000_000), ..Write::text(CLIENT, "сколько стоит?") }).unwrap();
    let chat = world.only_chat().await;
    let kept = note(&world.admin, &chat, "n1", "это постоянный клиент").await;
    assert_eq!(kept.kind, domain::Kind::Note);
    let again = note(&world.admin, &chat, "n1", "это постоянный клиент").await;
    assert_eq!(again.id, kept.id);
    let after = world.only_chat().await;
    assert_eq!(after, chat, "unread, unanswered, the order and the last words are as before");
    // On an account that is switched off too: nobody outside hears it.
    let off = json!({"enabled": false});
    world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&off)).await;
    note(&world.admin, &chat, "n2", "не звонить").await;
    let files = json!({"client_id": "n3", "note": true, "text": "а", "content": {"is": "location", "latitude": 1.0,
        "longitude": 1.0}});
    assert_eq!(world.admin.post(&format!("/chats/{}/messages", chat.id), &files).await.code(), "invalid");
    assert!(instance.sent().is_empty() && instance.calls(Some("sendMessage")).is_empty());
    let forward = json!({"messages": [kept.id], "chats": [chat.id], "client_id": "f"});
    assert_eq!(world.admin.post("/messages/forward", &forward).await.code(), "not_supported");
    world.end().await;
});

both!(who_is_mentioned_finds_it_until_they_have_seen_it, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    instance.incoming_text(CLIENT, "сколько стоит?");
    let chat = world.only_chat().await;
    let (anna, petr) = (world.staff("anna", "operator").await, world.staff("petr", "operator").await);
    let kept = note(&world.admin, &chat, "m1", "@anna и @admin, посчитайте; копия @никто").await;
    let names: Vec<&str> = kept.mentions.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names[0], "Имя anna");
    assert_eq!(names.len(), 2);
    let waiting = async |caller: &Caller| {
        let counts = caller.get("/chats/counts").await.body["mentioned"].as_i64().unwrap();
        assert_eq!(i64::try_from(caller.chats("&mentioned=true").await.items.len()).unwrap(), counts);
        counts
    };
    assert_eq!((waiting(&anna).await, waiting(&petr).await, waiting(&world.admin).await), (1, 0, 0));
    let list = anna.get("/mentions").await.body;
    assert_eq!((&list["items"][0]["message"]["id"], &list["items"][0]["seen"]), (&json!(kept.id), &json!(false)));
    assert_eq!(anna.post(&format!("/chats/{}/mentions/seen", chat.id), &json!({})).await.status, 204);
    assert_eq!(waiting(&anna).await, 0);
    assert_eq!(anna.get("/mentions").await.body["items"][0]["seen"], true);
    // Another text mentions another; who saw it stays so.
    let path = format!("/messages/{}", kept.id);
    let edited = json!({"text": "@anna @имя petr посчитайте"});
    assert_eq!(anna.call(reqwest::Method::PATCH, &path, Some(&edited)).await.code(), "forbidden");
    let changed = world.admin.call(reqwest::Method::PATCH, &path, Some(&edited)).await;
    assert_eq!(changed.body["mentions"].as_array().unwrap().len(), 2, "{:?}", changed.body);
    assert_eq!((waiting(&anna).await, waiting(&petr).await), (0, 1));
    // Without the account one neither sees it nor can be mentioned there.
    let closed = json!({"everyone": false, "users": []});
    world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&closed)).await;
    assert_eq!(petr.get("/mentions").await.body["items"], json!([]));
    assert_eq!(waiting(&petr).await, 0);
    assert_eq!(petr.post(&format!("/chats/{}/mentions/seen", chat.id), &json!({})).await.code(), "chat_not_found");
    assert!(note(&world.admin, &chat, "m2", "@petr?").await.mentions.is_empty());
    assert_eq!(world.admin.call(reqwest::Method::DELETE, &path, None).await.status, 200);
    assert_eq!(anna.get("/mentions").await.body["items"], json!([]));
    world.end().await;
});
