//! The sandbox: invented clients go the same way as everybody.

use domain::{AccountId, Chat, Direction, FileState, Reason, Status};
use serde_json::json;

use crate::harness::{World, until};

async fn sandbox(world: &World, speed: f64) -> AccountId {
    let answer = world
        .admin
        .post("/accounts", &json!({"name": "Песочница", "provider": "sandbox", "settings": {"speed": speed}}))
        .await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    AccountId(answer.body["id"].as_i64().unwrap())
}

async fn chat_with(world: &World, name: &str) -> Chat {
    until(&format!("the chat with {name}"), async || {
        let page = world.admin.chats("").await;
        page.items.into_iter().find(|chat| chat.contact.name == name)
    })
    .await
}

both!(clients_have_a_past_and_answer, async |engine| {
    let world = World::start(engine).await;
    let account = sandbox(&world, 50.0).await;
    let chats =
        until("all clients", async || Some(world.admin.chats("").await.items).filter(|chats| chats.len() >= 13)).await;
    assert!(chats.iter().all(|chat| chat.account == account));
    assert!(chats.iter().filter(|chat| chat.unread > 0).count() >= 3, "some wait for an answer");
    assert!(chats.iter().filter(|chat| chat.unread == 0).count() >= 5, "most do not");
    let state = world.admin.get(&format!("/accounts/{account}")).await;
    assert_eq!((&state.body["state"], &state.body["phone"]), (&json!("working"), &json!("79000000000")));

    let chat = chat_with(&world, "Анна Ветрова").await;
    let before = world.admin.messages(chat.id).await;
    assert!(before.len() >= 8 && before.windows(2).all(|pair| pair[0].sent_at <= pair[1].sent_at));
    until("the photograph of the past", async || {
        let messages = world.admin.messages(chat.id).await;
        messages
            .iter()
            .flat_map(|message| &message.files)
            .any(|file| file.state == FileState::Ready && file.width > Some(0))
            .then_some(())
    })
    .await;
    let sent =
        world.admin.say(chat.id, "s-1", "Здравствуйте! Да, перенесём. Пришлите, пожалуйста, фото упаковки").await;
    let after = until("an answer with a picture", async || {
        let messages = world.admin.messages(chat.id).await;
        let answered = messages.iter().any(|message| {
            message.direction == Direction::In && message.sent_at > sent.sent_at && !message.files.is_empty()
        });
        answered.then_some(messages)
    })
    .await;
    let sent = after.iter().find(|message| message.id == sent.id).unwrap();
    assert_eq!(sent.status, Status::Read);
    world.end().await;
});

both!(a_number_without_whatsapp_fails_with_its_reason, async |engine| {
    let world = World::start(engine).await;
    sandbox(&world, 50.0).await;
    let chat = chat_with(&world, "Номер без WhatsApp").await;
    let sent = world.admin.say(chat.id, "s-1", "Дойдёт?").await;
    for _ in 0..2 {
        let failed = until("the failure", async || {
            let messages = world.admin.messages(chat.id).await;
            messages.into_iter().find(|message| message.id == sent.id && message.status == Status::Failed)
        })
        .await;
        assert_eq!(failed.failure.unwrap().reason, Reason::NoWhatsapp);
        let again = world.admin.post(&format!("/messages/{}/again", sent.id), &json!({})).await;
        assert_eq!(again.status, 200, "{:?}", again.body);
    }
    world.end().await;
});

both!(a_restart_tells_nothing_twice_and_a_deleted_sandbox_is_gone, async |engine| {
    let mut world = World::start(engine).await;
    let account = sandbox(&world, 1.0).await;
    until("all clients", async || (world.admin.chats("").await.items.len() >= 13).then_some(())).await;
    let chat = chat_with(&world, "Михалыч").await;
    let settled = async |world: &World| {
        until("the past is told", async || {
            let told = world.state().db.clone();
            server::store::setting::get(&told, &format!("sandbox.{account}.told")).await.unwrap()
        })
        .await;
        until("the journal is applied", async || {
            (server::store::journal::backlog(&world.state().db).await.unwrap() == 0).then_some(())
        })
        .await;
    };
    settled(&world).await;
    let before = world.admin.messages(chat.id).await;
    world.restart().await;
    settled(&world).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(world.admin.messages(chat.id).await.len(), before.len());
    let answer = world.admin.call(reqwest::Method::DELETE, &format!("/accounts/{account}"), None).await;
    assert_eq!(answer.status, 204);
    until("the clients are gone", async || world.admin.chats("").await.items.is_empty().then_some(())).await;
    world.end().await;
});
