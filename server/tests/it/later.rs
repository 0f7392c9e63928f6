//! Messages that wait for their time.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use server::ledger::now;

use crate::harness::{Answer, World};

async fn keep(world: &World, chat: domain::ChatId, wait: i64, text: &str) -> Answer {
    let body = json!({"at": now().plus(wait), "message": {"text": text}});
    world.admin.post(&format!("/chats/{chat}/later"), &body).await
}

async fn waiting(world: &World, chat: domain::ChatId) -> Vec<Value> {
    world.admin.get(&format!("/chats/{chat}/later")).await.body["items"].as_array().unwrap().clone()
}

both!(what_waits_goes_once_at_its_time_and_after_a_restart, async |engine| {
    let mut world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    assert_eq!(keep(&world, chat.id, 1_500, "через миг").await.status, 201);
    let far = keep(&world, chat.id, 3_600_000, "через час").await.body;
    assert_eq!(waiting(&world, chat.id).await.len(), 2);
    assert!(instance.sent().is_empty());
    world.stop().await;
    tokio::time::sleep(Duration::from_millis(1_600)).await;
    world.restart().await;
    world.until("it went", async || (instance.sent().len() == 1).then_some(())).await;
    world.until("and waits no more", async || (waiting(&world, chat.id).await.len() == 1).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(instance.sent().len(), 1);
    let said = world.admin.messages(chat.id).await.remove(0);
    assert_eq!((said.text.as_str(), said.author.unwrap().id.0), ("через миг", 1));
    // Another text and time; then it goes.
    let path = format!("/later/{}", far["id"]);
    let change = json!({"text": "уже сейчас", "at": now().plus(300)});
    assert_eq!(world.admin.call(Method::PATCH, &path, Some(&change)).await.body["message"]["text"], "уже сейчас");
    world.until("the second", async || (instance.sent().len() == 2).then_some(())).await;
    assert_eq!(instance.sent()[1].text, "уже сейчас");
    world.until("nothing waits", async || waiting(&world, chat.id).await.is_empty().then_some(())).await;
    assert_eq!(world.admin.call(Method::PATCH, &path, Some(&change)).await.code(), "later_not_found");
    world.end().await;
});

both!(what_waits_can_be_cancelled_and_what_cannot_go_says_why, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let dropped = keep(&world, chat.id, 700, "не надо").await.body;
    assert_eq!(world.admin.call(Method::DELETE, &format!("/later/{}", dropped["id"]), None).await.status, 204);
    for (wait, text, code) in [
        (-1_000, "вчера", "time_invalid"),
        (400 * 86_400_000, "через два года", "time_invalid"),
        (60_000, "  ", "message_empty"),
        (60_000, &"ы".repeat(20_001), "text_too_long"),
    ] {
        assert_eq!(keep(&world, chat.id, wait, text).await.code(), code, "{wait}");
    }
    let file = json!({"at": now().plus(60_000), "message": {"text": "а", "files": [1]}});
    assert_eq!(world.admin.post(&format!("/chats/{}/later", chat.id), &file).await.code(), "invalid");
    keep(&world, chat.id, 500, "счёт не ушёл").await;
    world.admin.call(Method::PATCH, &format!("/accounts/{account}"), Some(&json!({"enabled": false}))).await;
    let failed = world
        .until("a reason", async || {
            let row = waiting(&world, chat.id).await.remove(0);
            (!row["failure"].is_null()).then_some(row)
        })
        .await;
    assert_eq!(failed["failure"], "account_off");
    assert!(instance.sent().is_empty());
    world.admin.call(Method::PATCH, &format!("/accounts/{account}"), Some(&json!({"enabled": true}))).await;
    let again = json!({"at": now().plus(300)});
    world.admin.call(Method::PATCH, &format!("/later/{}", failed["id"]), Some(&again)).await;
    world.until("it went", async || (instance.sent().len() == 1).then_some(())).await;
    world.end().await;
});
