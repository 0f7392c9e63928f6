//! What providers tell becomes rows and events, once and in order, however it comes.

use std::time::Duration;

use domain::{Direction, Frame, Origin, Status, event::Event};
use emulator::faults::{Aim, Astray, DeliveryFault};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::harness::{ADMIN, CLIENT, World, until};

both!(a_client_writes_and_is_answered, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    instance.incoming_text(CLIENT, "Добрый день");
    let chat = world.only_chat().await;
    assert_eq!((chat.unread, chat.contact.phone.as_deref()), (1, Some("79120004517")));
    assert!(chat.unanswered.is_some());
    let sent = world.admin.say(chat.id, "one", "Здравствуйте").await;
    // It may be on its way already by the time it is shown.
    assert!(sent.status.rank() <= Status::Sending.rank(), "{:?}", sent.status);
    assert_eq!((sent.direction, sent.origin), (Direction::Out, Origin::Operator));
    world
        .until("delivered", async || {
            let messages = world.admin.messages(chat.id).await;
            messages.iter().any(|message| message.id == sent.id && message.status == Status::Delivered).then_some(())
        })
        .await;
    let id = instance.sent()[0].id.clone();
    instance.set_status(&id, "read", None);
    world
        .until("read", async || {
            let messages = world.admin.messages(chat.id).await;
            assert_eq!(messages.len(), 2, "the echo of our own message must not make another");
            (messages[1].status == Status::Read).then_some(())
        })
        .await;
    let chat = world.only_chat().await;
    assert_eq!(chat.unanswered, None);
    assert_eq!(chat.assignee.unwrap().name, ADMIN.0);
    world.end().await;
});

both!(the_same_client_id_is_the_same_message, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "8 912 000-45-17").await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let admin = world.admin.clone();
        calls.spawn(async move { admin.say(chat.id, "same", "один раз").await.id });
    }
    let mut ids = std::collections::HashSet::new();
    while let Some(id) = calls.join_next().await {
        ids.insert(id.unwrap());
    }
    assert_eq!(ids.len(), 1);
    world.until("sent", async || (!instance.sent().is_empty()).then_some(())).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(instance.sent().len(), 1);
    world.end().await;
});

both!(notifications_may_come_twice_late_and_out_of_order, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let delivery = |method: &str, count, astray| DeliveryFault { aim: Aim::at(instance.id, method, count), astray };
    let faults = &world.emulator.world().faults;
    faults.delivery(delivery("incomingMessageReceived", 5, Astray::Duplicate));
    for n in 0..5 {
        instance.incoming_text(CLIENT, &format!("сообщение {n}"));
    }
    let chat = world
        .until("five", async || {
            let chats = world.admin.chats("").await.items;
            chats.into_iter().find(|chat| chat.unread == 5)
        })
        .await;
    faults.delivery(delivery("outgoingMessageStatus", 3, Astray::Reorder));
    for n in 0..4 {
        world.admin.say(chat.id, &format!("c{n}"), &format!("ответ {n}")).await;
    }
    world
        .until("all delivered, whatever the order of the news", async || {
            let messages = world.admin.messages(chat.id).await;
            let delivered = messages.iter().filter(|message| message.status == Status::Delivered).count();
            (delivered == 4 && messages.len() == 9).then_some(())
        })
        .await;
    assert_eq!(
        instance.sent().iter().map(|sent| sent.text.clone()).collect::<Vec<_>>(),
        ["ответ 0", "ответ 1", "ответ 2", "ответ 3"]
    );
    world.end().await;
});

both!(what_was_sent_from_the_phone_is_there_and_answers, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    instance.incoming_text(CLIENT, "Есть кто?");
    world.only_chat().await;
    instance.phone_text(CLIENT, "Да, слушаю");
    let chat = world
        .until("answered", async || {
            let chats = world.admin.chats("").await.items;
            chats.into_iter().find(|chat| chat.unanswered.is_none() && chat.unread == 0)
        })
        .await;
    let messages = world.admin.messages(chat.id).await;
    assert_eq!((messages[1].origin, messages[1].direction), (Origin::Phone, Direction::Out));
    world.end().await;
});

both!(edits_deletions_and_reactions_change_the_message, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let first = instance.incoming_text(CLIENT, "Сколко стоит?");
    let second = instance.incoming_text(CLIENT, "не туда");
    instance.incoming_edit(CLIENT, &first, "Сколько стоит?");
    instance.incoming_delete(CLIENT, &second);
    let chat = world.only_chat().await;
    world
        .until("edited and deleted", async || {
            let messages = world.admin.messages(chat.id).await;
            (messages.len() == 2
                && messages[0].text == "Сколько стоит?"
                && messages[0].edited_at.is_some()
                && messages[1].deleted_at.is_some()
                && messages[1].text.is_empty())
            .then_some(())
        })
        .await;
    world.end().await;
});

both!(a_reader_misses_nothing_and_sees_nothing_twice, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let from = world.admin.get("/chats").await;
    assert!(from.status.is_success());
    let start = server::store::event::head(&world.state().db).await.unwrap();
    // Many writers at once, while one reader follows and another comes late.
    let mut early = listen(&world, Some(start)).await;
    let header = world.admin.get(&format!("/accounts/{account}")).await.body["webhook_authorization"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8 {
        let (url, header, id) = (format!("{}/hs/whatsapp/webhook/{account}", world.url), header.clone(), instance.id);
        writers.spawn(async move {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            for n in 0..25 {
                let chat = format!("7913{writer:03}{n:04}@c.us");
                let body = json!({"typeWebhook": "incomingMessageReceived",
                    "instanceData": {"idInstance": id, "wid": "79990000001@c.us", "typeInstance": "whatsapp"},
                    "timestamp": 1_791_014_958 + n, "idMessage": format!("W{writer}-{n}"),
                    "senderData": {"chatId": chat, "sender": chat, "chatName": "К", "senderName": "К"},
                    "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": "привет"}}});
                let status =
                    http.post(&url).header("authorization", &header).json(&body).send().await.unwrap().status();
                assert_eq!(status, 200);
            }
        });
    }
    while let Some(done) = writers.join_next().await {
        done.unwrap();
    }
    world
        .until("all applied", async || {
            (server::store::journal::backlog(&world.state().db).await.unwrap() == 0).then_some(())
        })
        .await;
    let mut late = listen(&world, Some(start)).await;
    for socket in [&mut early, &mut late] {
        let (mut seq, mut messages) = (start, std::collections::HashSet::new());
        while messages.len() < 200 {
            let frame = next(socket).await;
            match frame.event {
                Event::Hello | Event::Heartbeat => continue,
                Event::Message { message, fresh, .. } => {
                    assert!(fresh);
                    assert!(messages.insert(message.id), "seen twice");
                }
                _ => {}
            }
            assert!(frame.seq > seq, "{} after {seq}", frame.seq);
            seq = frame.seq;
        }
    }
    // The log itself has no holes.
    let rows = server::store::event::after(&world.state().db, 0, 100_000).await.unwrap();
    assert!(rows.iter().zip(1..).all(|(row, n)| row.seq == n));
    world.end().await;
});

both!(the_live_stream_shows_only_what_the_person_may_see, async |engine| {
    let world = World::start(engine).await;
    let (mine, other) = (world.instance(), world.instance());
    let my_account = world.account(&mine).await;
    let other_account = world.account(&other).await;
    let operator = world.staff("olga", "operator").await;
    let colleagues = world.admin.get("/users").await.body;
    let id = colleagues["items"].as_array().unwrap().iter().find(|user| user["login"] == "olga").unwrap()["id"].clone();
    for (account, users) in [(my_account, json!([id])), (other_account, json!([]))] {
        let patch = json!({"everyone": false, "users": users});
        let answer = world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&patch)).await;
        assert!(answer.status.is_success(), "{:?}", answer.body);
    }
    let mut socket = listen_as(&world, &world.url, "olga", "olgaolgaolga", None).await;
    assert!(matches!(next(&mut socket).await.event, Event::Hello));
    other.incoming_text(CLIENT, "чужое");
    until("the other account's message", async || (world.admin.chats("").await.items.len() == 1).then_some(())).await;
    mine.incoming_text(CLIENT, "моё");
    loop {
        match next(&mut socket).await.event {
            Event::Message { message, .. } => {
                assert_eq!(message.text, "моё");
                break;
            }
            Event::Chat { chat } => assert_eq!(chat.account, my_account),
            _ => {}
        }
    }
    assert_eq!(operator.chats("").await.items.len(), 1);
    // Rights taken away take effect on the open socket.
    let patch = json!({"everyone": false, "users": []});
    world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{my_account}"), Some(&patch)).await;
    loop {
        if let Event::AccountGone { id } = next(&mut socket).await.event {
            assert_eq!(id, my_account);
            break;
        }
    }
    world.end().await;
});

both!(a_place_that_never_was_means_to_read_anew, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    instance.incoming_text(CLIENT, "Добрый день");
    world.only_chat().await;
    for after in [-1, i64::MIN, i64::MAX] {
        let mut socket = listen(&world, Some(after)).await;
        assert!(matches!(next(&mut socket).await.event, Event::Reset), "{after}");
    }
    // Events that are forgotten: who stands right before the first that is left goes on, who stands further back reads anew.
    let mut tx = world.state().db.begin().await.unwrap();
    let later = server::ledger::now().plus(1000);
    assert!(server::store::event::forget(&mut tx, later, 1, 1000).await.unwrap() > 0);
    tx.commit().await.unwrap();
    let oldest = server::store::event::oldest(&world.state().db).await.unwrap();
    assert!(matches!(next(&mut listen(&world, Some(oldest - 2)).await).await.event, Event::Reset));
    assert!(matches!(next(&mut listen(&world, Some(oldest - 1)).await).await.event, Event::Hello));
    world.end().await;
});

both!(from_the_very_beginning_everything_follows, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    instance.incoming_text(CLIENT, "Добрый день");
    let chat = world.only_chat().await;
    let mut socket = listen(&world, Some(0)).await;
    assert!(matches!(next(&mut socket).await.event, Event::Hello));
    let sent = world.admin.say(chat.id, "после", "здравствуйте").await;
    loop {
        if let Event::Message { message, .. } = next(&mut socket).await.event
            && message.id == sent.id
        {
            break;
        }
    }
    world.end().await;
});

both!(half_an_emoji_loses_nobody, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let shown = world.admin.get(&format!("/accounts/{account}")).await.body;
    let body = format!(
        r#"{{"typeWebhook":"incomingMessageReceived","instanceData":{{"idInstance":{},"wid":"79990000001@c.us","typeInstance":"whatsapp"}},
        "timestamp":1791014958,"idMessage":"HALF","senderData":{{"chatId":"{CLIENT}","sender":"{CLIENT}","chatName":"Оля \ud83d","senderName":"Оля \ud83d"}},
        "messageData":{{"typeMessage":"textMessage","textMessageData":{{"textMessage":"привет \u0000 \ude00"}}}}}}"#,
        instance.id
    );
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let header = shown["webhook_authorization"].as_str().unwrap();
    let url = format!("{}/hs/whatsapp/webhook/{account}", world.url);
    assert_eq!(http.post(url).header("authorization", header).body(body).send().await.unwrap().status(), 200);
    let chat = world.only_chat().await;
    assert!(world.admin.messages(chat.id).await[0].text.starts_with("привет"));
    world.end().await;
});

/// A line to a process.
pub type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn listen(world: &World, after: Option<i64>) -> Socket {
    listen_as(world, &world.url, ADMIN.0, ADMIN.1, after).await
}

/// A socket of somebody on a process.
pub async fn listen_as(_world: &World, url: &str, login: &str, password: &str, after: Option<i64>) -> Socket {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http
        .post(format!("{url}/api/v1/session"))
        .json(&json!({"login": login, "password": password}))
        .send()
        .await
        .unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let mut request = format!("{}/api/v1/live", url.replace("http", "ws")).into_client_request().unwrap();
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    let (mut socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    socket.send(json!({"after": after}).to_string().into()).await.unwrap();
    socket
}

/// The next frame.
pub async fn next(socket: &mut Socket) -> Frame {
    loop {
        let told =
            tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("a frame").unwrap().unwrap();
        if let Ok(text) = told.to_text()
            && let Ok(frame) = serde_json::from_str(text)
        {
            return frame;
        }
    }
}
