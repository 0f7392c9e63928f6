//! What was said before is read from the provider, makes nobody work, and is not read twice.

use std::sync::Arc;

use domain::{Chat, Direction};
use emulator::faults::{Astray, Spoil};
use emulator::green_api::client::Write;
use emulator::green_api::instance::Instance;
use serde_json::json;

use crate::harness::{CLIENT, World};

/// Three conversations of which nothing is told.
fn past(instance: &Arc<Instance>) {
    instance.astray("*", 100, Astray::Drop);
    let long_ago = 1_791_000_000;
    for (n, chat) in [CLIENT, "79120004518@c.us", "79120004519@c.us"].into_iter().enumerate() {
        for m in 0..4 {
            let timestamp = Some(long_ago + i64::try_from(n * 100 + m).unwrap());
            instance.incoming(Write { timestamp, ..Write::text(chat, &format!("вопрос {n}-{m}")) }).unwrap();
        }
        instance.phone_text(chat, &format!("ответ {n}"));
    }
}

async fn read(world: &World) -> Vec<Chat> {
    world
        .until("all is read", async || {
            let chats = world.admin.chats("").await.items;
            let mut all = 0;
            for chat in &chats {
                all += world.admin.messages(chat.id).await.len();
            }
            (all == 15).then_some(chats)
        })
        .await
}

both!(the_past_is_read_and_asks_for_nothing, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    past(&instance);
    let answer = world.admin.post(&format!("/accounts/{account}/history"), &json!({})).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let chats = read(&world).await;
    assert_eq!(chats.len(), 3);
    for chat in &chats {
        assert_eq!((chat.unread, chat.unanswered), (0, None));
        let messages = world.admin.messages(chat.id).await;
        assert_eq!(messages.iter().filter(|m| m.direction == Direction::In).count(), 4);
        assert!(messages.is_sorted_by_key(|message| message.sent_at));
    }
    // Once more changes nothing.
    let db = &world.state().db;
    world
        .until("the end", async || (server::store::history::left(db, account).await.unwrap() == 0).then_some(()))
        .await;
    let head = server::store::event::head(db).await.unwrap();
    world.admin.post(&format!("/accounts/{account}/history"), &json!({})).await;
    let asked = instance.calls(Some("getChatHistory")).len();
    world
        .until("it is asked", async || (instance.calls(Some("getChatHistory")).len() >= asked + 3).then_some(()))
        .await;
    world
        .until("the end", async || (server::store::history::left(db, account).await.unwrap() == 0).then_some(()))
        .await;
    assert_eq!(server::store::event::head(db).await.unwrap(), head);
    world.end().await;
});

both!(reading_the_past_goes_on_after_a_restart, async |engine| {
    let mut world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    past(&instance);
    world.admin.post(&format!("/accounts/{account}/history"), &json!({})).await;
    world.until("it has begun", async || (!instance.calls(Some("getChatHistory")).is_empty()).then_some(())).await;
    world.restart().await;
    assert_eq!(read(&world).await.len(), 3);
    world.end().await;
});

both!(a_used_up_tariff_ends_it, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    past(&instance);
    let body =
        json!({"invokeStatus": {"method": "getchathistory", "used": 300, "total": 300, "status": "QUOTE_EXCEEDED"}});
    let spoil = Spoil::Status { status: 466, body, headers: Default::default() };
    instance.fault("getChatHistory", 100, None, spoil);
    world.admin.post(&format!("/accounts/{account}/history"), &json!({})).await;
    let db = &world.state().db;
    world
        .until("it is given up", async || {
            let asked = !instance.calls(Some("getChatHistory")).is_empty();
            (asked && server::store::history::left(db, account).await.unwrap() == 0).then_some(())
        })
        .await;
    assert_eq!(instance.calls(Some("getChatHistory")).len(), 1);
    world.end().await;
});
