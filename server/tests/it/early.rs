//! News of a message that come before it: edits, deletions and reactions end in the same rows whatever the order.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::World;

/// A notification of the instance about a chat.
fn note(instance: i64, kind: &str, chat: &str, id: &str, at: i64, data: Value) -> Value {
    json!({"typeWebhook": kind,
        "instanceData": {"idInstance": instance, "wid": "79990000001@c.us", "typeInstance": "whatsapp"},
        "timestamp": at, "idMessage": id,
        "senderData": {"chatId": chat, "sender": chat, "chatName": "Клиент", "senderName": "Клиент"},
        "messageData": data})
}

/// Everything that is told of one chat, in its order: messages of both sides and what became of them. `mark` tells the
/// ids of one chat from those of another.
fn story(instance: i64, chat: &str, mark: &str) -> Vec<Value> {
    let start = 1_791_014_958;
    let own = |id: &str| format!("{mark}-{id}");
    let client = |id: &str, at: i64, data| note(instance, "incomingMessageReceived", chat, &own(id), start + at, data);
    let phone = |id: &str, at: i64, data| note(instance, "outgoingMessageReceived", chat, &own(id), start + at, data);
    let text = |words: &str| json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": words}});
    let edit = |id: &str, words: &str| json!({"typeMessage": "editedMessage", "editedMessageData": {"textMessage": words, "stanzaId": own(id)}});
    let delete = |id: &str| json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": own(id)}});
    let react = |id: &str, emoji: &str| {
        json!({"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": emoji},
            "quotedMessage": {"stanzaId": own(id), "participant": "79990000001@c.us"}})
    };
    vec![
        client("M1", 0, text("сколко стоит")),
        client("M2", 1, text("не туда")),
        phone("M3", 2, text("Здрасте")),
        client("E1", 3, edit("M1", "сколько стоит")),
        client("D2", 4, delete("M2")),
        client("R3", 5, react("M3", "👍")),
        phone("R1", 6, react("M1", "🙏")),
        client("R1b", 7, react("M1", "🤝")),
        phone("E3", 8, edit("M3", "Здравствуйте")),
    ]
}

both!(whatever_the_order_the_rows_are_the_same, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "webhook").await;
    let shown = world.admin.get(&format!("/accounts/{account}")).await.body;
    let header = shown["webhook_authorization"].as_str().unwrap().to_owned();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = async |body: &Value| {
        let url = format!("{}/hs/whatsapp/webhook/{account}", world.url);
        let answer = http.post(url).header("authorization", &header).json(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        world
            .until("it is applied", async || {
                (server::store::journal::backlog(&world.state().db).await.unwrap() == 0).then_some(())
            })
            .await;
    };
    let (orderly, early) = ("79120000001@c.us", "79120000002@c.us");
    let rows = async |phone: &str| {
        let chat =
            world.admin.chats("").await.items.into_iter().find(|chat| chat.contact.phone.as_deref() == Some(phone));
        let chat = chat.expect("the chat");
        let mut messages = serde_json::to_value(world.admin.messages(chat.id).await).unwrap();
        for message in messages.as_array_mut().unwrap() {
            for name in ["id", "chat"] {
                message[name] = Value::Null;
            }
        }
        let text = messages.to_string().replace("79120000002", "79120000001");
        (text, chat.unread, chat.unanswered)
    };
    for body in story(instance.id, orderly, "A") {
        post(&body).await;
    }
    let expected = rows("79120000001").await;
    assert!(
        expected.0.contains("сколько стоит") && expected.0.contains("🤝") && expected.0.contains("🙏"),
        "{}",
        expected.0
    );
    assert!(expected.0.contains("Здравствуйте") && !expected.0.contains("не туда"), "{}", expected.0);
    // First everything that changes a message, then the messages.
    let told = story(instance.id, early, "B");
    for body in told[3..].iter().chain(&told[..3]) {
        post(body).await;
    }
    assert_eq!(rows("79120000002").await, expected);
    // What waits for a message that never comes is forgotten, and there is never more than a bounded number of it.
    for n in 0..3 {
        let id = format!("LOST{n}");
        let data = json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": id}});
        post(&note(instance.id, "incomingMessageReceived", early, &format!("X{n}"), 1_791_014_990, data)).await;
    }
    let waiting = async || {
        let mut tx = world.state().db.begin().await.unwrap();
        server::store::early::take(&mut tx, account, &["LOST0", "LOST1", "LOST2", "M1"]).await.unwrap().len()
    };
    assert_eq!(waiting().await, 3);
    let mut tx = world.state().db.begin().await.unwrap();
    server::store::early::forget(&mut tx, server::ledger::now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(waiting().await, 0);
    world.end().await;
});
