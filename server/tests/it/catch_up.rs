//! What the provider forgot to tell is found in its journals, once, and asks for nobody's attention without need.

use std::time::Duration;

use domain::{Direction, Origin, Status};
use emulator::faults::Astray;
use emulator::green_api::client::Write;
use emulator::green_api::instance::{Instance, NewInstance};
use serde_json::json;

use crate::harness::{CLIENT, Engine, World};

const OTHER: &str = "79120004518@c.us";

async fn world(engine: Engine) -> World {
    World::start_with(engine, |config| config.silence = Duration::from_secs(2)).await
}

/// So often the journals have been read from now on.
async fn looked(world: &World, instance: &Instance, times: usize) {
    let before = instance.calls(Some("lastOutgoingMessages")).len();
    world
        .until("the journals are read", async || {
            (instance.calls(Some("lastOutgoingMessages")).len() >= before + times).then_some(())
        })
        .await;
}

both!(what_was_never_told_is_found, async |engine| {
    let world = world(engine).await;
    let instance = world.instance();
    instance.set_pace(|pace| pace.rate_limits = true);
    let account = world.account(&instance).await;
    // Nothing that follows is told, but for one message in the middle.
    instance.astray("*", 5, Astray::Drop);
    let first = instance.incoming_text(CLIENT, "Сколко стоит?");
    instance.incoming_edit(CLIENT, &first, "Сколько стоит?");
    // Two journals do not tell what came first within one second.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    instance.phone_text(CLIENT, "1 890 ₽");
    instance.incoming_text(OTHER, "Есть кто?");
    let bytes = bytes::Bytes::from_static(b"%PDF-1.4 test");
    instance.incoming(Write::file(OTHER, "Заявка.pdf", Some(bytes))).unwrap();
    instance.incoming_text(OTHER, "Заявку прислал");
    let chat = async |phone: &str| {
        let chats = world.admin.chats("").await.items;
        chats.into_iter().find(|chat| chat.contact.phone.as_deref() == Some(phone))
    };
    world
        .until("all five messages", async || {
            let mut all = 0;
            for phone in ["79120004517", "79120004518"] {
                all += world.admin.messages(chat(phone).await?.id).await.len();
            }
            (all == 5).then_some(())
        })
        .await;
    let (answered, waiting) = (chat("79120004517").await.unwrap(), chat("79120004518").await.unwrap());
    let messages = world
        .until("the edit too", async || {
            let messages = world.admin.messages(answered.id).await;
            messages[0].edited_at.is_some().then_some(messages)
        })
        .await;
    assert_eq!((messages[0].text.as_str(), messages[0].direction), ("Сколько стоит?", Direction::In));
    assert_eq!((messages[1].text.as_str(), messages[1].origin), ("1 890 ₽", Origin::Phone));
    assert_eq!((answered.unread, answered.unanswered), (0, None));
    assert_eq!(waiting.unread, 3);
    assert!(waiting.unanswered.is_some());
    world
        .until("the file is fetched", async || {
            let messages = world.admin.messages(waiting.id).await;
            let file = messages.iter().flat_map(|message| &message.files).next()?;
            (file.state == domain::FileState::Ready && file.name == "Заявка.pdf").then_some(())
        })
        .await;
    // Looking again changes nothing and keeps nothing.
    let kept = async || {
        let filter =
            server::store::log::Filter { account: Some(account), direction: Some(Direction::In), ..Default::default() };
        server::store::log::list(&world.state().db, &filter, None, 1000).await.unwrap().items.len()
    };
    looked(&world, &instance, 1).await;
    let (before, head) = (kept().await, server::store::event::head(&world.state().db).await.unwrap());
    looked(&world, &instance, 2).await;
    assert_eq!(kept().await, before);
    assert_eq!(server::store::event::head(&world.state().db).await.unwrap(), head);
    assert_eq!(world.admin.messages(answered.id).await.len() + world.admin.messages(waiting.id).await.len(), 5);
    // Never faster than the provider allows.
    let refused = world.admin.get(&format!("/log?limit=100&direction=out&account={account}&result=error")).await.body;
    assert_eq!(refused["items"], json!([]), "{refused:#}");
    world.end().await;
});

both!(statuses_that_were_never_told_are_found, async |engine| {
    let world = world(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "8 912 000-45-17").await;
    instance.astray("*", 20, Astray::Drop);
    let sent = world.admin.say(chat.id, "one", "Здравствуйте").await;
    world
        .until("delivered", async || {
            let messages = world.admin.messages(chat.id).await;
            assert!(messages.len() <= 1, "the row of the journal is our own message");
            messages.iter().any(|message| message.id == sent.id && message.status == Status::Delivered).then_some(())
        })
        .await;
    world.end().await;
});

both!(what_was_said_before_the_account_was_added_is_not_brought, async |engine| {
    let world = world(engine).await;
    let instance = world.instance();
    instance.set_settings(serde_json::from_value(json!({"incomingWebhook": "yes", "outgoingWebhook": "yes"})).unwrap());
    world.until("the instance has rebooted", async || (instance.state() == "authorized").then_some(())).await;
    instance.astray("*", 1, Astray::Drop);
    instance.incoming_text(CLIENT, "до Беседки");
    tokio::time::sleep(Duration::from_millis(2500)).await;
    world.account(&instance).await;
    looked(&world, &instance, 2).await;
    assert!(world.admin.chats("").await.items.is_empty());
    world.end().await;
});

both!(what_comes_late_wakes_nobody_if_it_was_answered, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let header = world.admin.get(&format!("/accounts/{account}")).await.body["webhook_authorization"].clone();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let told = async |kind: &str, id: &str, minutes_ago: i64, words: &str| {
        let at = server::ledger::now().0 / 1000 - minutes_ago * 60;
        let body = json!({"typeWebhook": kind,
            "instanceData": {"idInstance": instance.id, "wid": "79990000001@c.us", "typeInstance": "whatsapp"},
            "timestamp": at, "idMessage": id,
            "senderData": {"chatId": CLIENT, "sender": CLIENT, "chatName": "Клиент", "senderName": "Клиент"},
            "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": words}}});
        let url = format!("{}/hs/whatsapp/webhook/{account}", world.url);
        let request = http.post(url).header("authorization", header.as_str().unwrap()).json(&body);
        assert_eq!(request.send().await.unwrap().status(), 200);
        world
            .until("it is applied", async || {
                (server::store::journal::backlog(&world.state().db).await.unwrap() == 0).then_some(())
            })
            .await;
        let chat = world.only_chat().await;
        (chat.unread, chat.unanswered.is_some())
    };
    let (client, phone) = ("incomingMessageReceived", "outgoingMessageReceived");
    assert_eq!(told(client, "A", 120, "первый вопрос").await, (1, true));
    assert_eq!(told(phone, "B", 60, "ответ").await, (0, false));
    // Said before the answer, told after it.
    assert_eq!(told(client, "C", 90, "второй вопрос").await, (0, false));
    assert_eq!(told(client, "D", 30, "третий вопрос").await, (1, true));
    // An answer from before the third question does not answer it.
    assert_eq!(told(phone, "E", 45, "ещё ответ").await, (1, true));
    assert_eq!(told(phone, "F", 0, "и на третий").await, (0, false));
    world.end().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_row_is_read_as_its_notification_would_be() {
    let world = world(Engine::Sqlite).await;
    let instance = world.emulator.green_api().add_instance(NewInstance { inbox: true, ..NewInstance::default() });
    let account = world.account(&instance).await;
    let settings = world.state().accounts.get(account).await.unwrap().unwrap();
    let gateway = world.state().gateways.build(&settings).unwrap();
    let group = "120363000000000001@g.us";
    let first = instance.incoming_text(CLIENT, "вопрос");
    instance.incoming(Write::text(CLIENT, "ответ с цитатой").quoting(&first)).unwrap();
    instance.incoming(Write::file(CLIENT, "фото.jpg", None)).unwrap();
    instance.incoming(Write::text(group, "в группе")).ok();
    instance.incoming_reaction(CLIENT, &first, "👍");
    instance.incoming_delete(CLIENT, &first);
    instance.phone_text(CLIENT, "с телефона");
    let waiting = world
        .until("all are told", async || {
            let lines = world.admin.get(&format!("/log?limit=100&direction=in&account={account}")).await.body;
            let lines: Vec<_> =
                lines["items"].as_array()?.iter().map(|line| line["id"].as_str().map(str::to_owned)).collect();
            let mut facts = Vec::new();
            for id in lines.iter().flatten() {
                let body = world.admin.get(&format!("/log/{id}")).await.body["request"].as_str()?.to_owned();
                facts.extend(gateway.decode(&body).ok()?.facts);
            }
            facts.retain(|fact| {
                matches!(fact, domain::Fact::Message(_) | domain::Fact::Reacted { .. } | domain::Fact::Deleted { .. })
            });
            (facts.len() >= 6).then_some(facts)
        })
        .await;
    let found = gateway.missed(server::ledger::now().plus(-3_600_000), Duration::ZERO).await.unwrap();
    let mut found: Vec<_> = found.iter().flat_map(|body| gateway.decode(body).unwrap().facts).collect();
    found.retain(|fact| !matches!(fact, domain::Fact::Status { .. }));
    for mut fact in waiting {
        // Only notifications name the chat, and only they show a message before it was deleted.
        if let domain::Fact::Message(message) = &mut fact {
            message.chat_name = found
                .iter()
                .find_map(|other| match other {
                    domain::Fact::Message(other) if other.provider_id == message.provider_id => {
                        Some(other.chat_name.clone())
                    }
                    _ => None,
                })
                .unwrap_or_default();
        }
        assert!(found.contains(&fact), "{fact:#?}\n{found:#?}");
    }
    world.end().await;
}
