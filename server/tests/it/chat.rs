//! The chat list, its filters and counts, a chat's pages, and what staff do with a chat.

use std::collections::HashSet;

use domain::chat::ChatCounts;
use domain::{Chat, ChatId, ChatState, Message, MessageId, Page};
use emulator::green_api::client::Write;
use serde_json::{Value, json};

use crate::harness::{CLIENT, World};

async fn page(world: &World, chat: ChatId, query: &str) -> Page<Message> {
    let answer = world.admin.get(&format!("/chats/{chat}/messages?{query}")).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    serde_json::from_value(answer.body).unwrap()
}

both!(pages_of_a_chat_join_without_holes_or_repeats, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    // Several in the same second, and one that comes late with an old time: order is by time, then by arrival.
    for n in 0..40 {
        let write = Write { timestamp: Some(1_791_000_000 + n / 3), ..Write::text(CLIENT, &format!("{n}")) };
        instance.incoming(write).unwrap();
    }
    instance.incoming(Write { timestamp: Some(1_790_000_000), ..Write::text(CLIENT, "давнее") }).unwrap();
    let chat = world
        .until("all of them", async || {
            let chats = world.admin.chats("").await.items;
            chats.into_iter().find(|chat| chat.unread == 41)
        })
        .await;
    let mut back: Vec<Message> = Vec::new();
    let mut query = "limit=7".to_owned();
    loop {
        let page = page(&world, chat.id, &query).await;
        assert!(page.items.is_sorted_by_key(|message| (message.sent_at, message.id)));
        back.splice(0..0, page.items);
        match page.next {
            Some(next) => query = format!("limit=7&before={next}"),
            None => break,
        }
    }
    assert_eq!(back.len(), 41);
    assert_eq!(back[0].text, "давнее");
    assert_eq!(back.iter().map(|message| message.id).collect::<HashSet<_>>().len(), 41);
    assert!(back.is_sorted_by_key(|message| (message.sent_at, message.id)));
    let mut forth: Vec<MessageId> = vec![back[0].id];
    loop {
        let page = page(&world, chat.id, &format!("limit=7&after={}", forth.last().unwrap())).await;
        forth.extend(page.items.iter().map(|message| message.id));
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!(forth, back.iter().map(|message| message.id).collect::<Vec<_>>());
    let middle = &back[20];
    let around = page(&world, chat.id, &format!("limit=10&around={}", middle.id)).await;
    let at = around.items.iter().position(|message| message.id == middle.id).unwrap();
    assert_eq!(around.items[..], back[20 - at..20 - at + 10]);
    // An anchor of another chat, several anchors, nonsense.
    for (query, status) in [("before=999999", 404), ("before=1&after=2", 400), ("before=x", 400), ("limit=x", 400)] {
        assert_eq!(
            world.admin.get(&format!("/chats/{}/messages?{query}", chat.id)).await.status.as_u16(),
            status,
            "{query}"
        );
    }
    world.end().await;
});

both!(the_list_pages_filters_and_counts, async |engine| {
    let world = World::start(engine).await;
    let (first, second) = (world.instance(), world.instance());
    let (one, two) = (world.account(&first).await, world.account(&second).await);
    for n in 0..12 {
        let instance = if n % 3 == 0 { &second } else { &first };
        let write = Write {
            timestamp: Some(1_791_000_000 + n),
            sender_name: Some(format!("Ёлкин Пётр {n}")),
            ..Write::text(&format!("7912000{n:04}@c.us"), "здравствуйте")
        };
        instance.incoming(write).unwrap();
    }
    world.until("twelve chats", async || (world.admin.chats("").await.items.len() == 12).then_some(())).await;
    let mut seen: Vec<Chat> = Vec::new();
    let mut query = "/chats?limit=5".to_owned();
    loop {
        let answer = world.admin.get(&query).await.body;
        let page: Page<Chat> = serde_json::from_value(answer).unwrap();
        seen.extend(page.items);
        match page.next {
            Some(next) => query = format!("/chats?limit=5&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen.iter().map(|chat| chat.id).collect::<HashSet<_>>().len(), 12);
    assert!(seen.is_sorted_by_key(|chat| std::cmp::Reverse((chat.active_at, chat.id))));
    let chat = seen[0].id;
    world.admin.post(&format!("/chats/{chat}/assign"), &json!({"user": 1})).await;
    world.admin.post(&format!("/chats/{}/close", seen[1].id), &json!({"closed": true})).await;
    world
        .admin
        .post(&format!("/chats/{}/read", seen[2].id), &json!({"up_to": seen[2].last_message.as_ref().unwrap().id}))
        .await;
    world.admin.post(&format!("/chats/{}/no-answer-needed", seen[3].id), &json!({})).await;
    for (query, count) in [
        ("&mine=true", 1),
        ("&unassigned=true", 10),
        ("&unread=true", 11),
        ("&unanswered=true", 10),
        ("&closed=true", 1),
        ("&groups=true", 0),
        (&format!("&account={one}"), 8),
        (&format!("&account={two}&unread=true"), 3),
        ("&text=елкин", 12),
        ("&text=ПЁТР", 12),
        ("&text=%2B7 912 000-00-05", 1),
        ("&text=89120000005", 1),
        ("&text=100%25", 0),
        ("&text=нет такого", 0),
    ] {
        let found = world.admin.chats(query).await.items.len();
        assert_eq!(found, count, "{query}");
    }
    let counts: ChatCounts = serde_json::from_value(world.admin.get("/chats/counts").await.body).unwrap();
    assert_eq!(
        (counts.all, counts.mine, counts.unassigned, counts.unread, counts.unanswered, counts.closed),
        (12, 1, 10, 11, 10, 1)
    );
    // A closed chat opens again when the client writes.
    let phone = seen[1].contact.phone.clone().unwrap();
    let instance = if seen[1].account == one { &first } else { &second };
    instance.incoming_text(&format!("{phone}@c.us"), "ещё вопрос");
    world
        .until("open again and on top", async || {
            let top = world.admin.chats("").await.items.remove(0);
            (top.id == seen[1].id && top.state == ChatState::Open && top.unread == 2).then_some(())
        })
        .await;
    world.end().await;
});

both!(another_accounts_chat_is_as_if_it_were_not, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    instance.incoming_text(CLIENT, "секрет");
    let chat = world.only_chat().await;
    let message = world.admin.messages(chat.id).await.remove(0);
    let stranger = world.staff("petr", "operator").await;
    let closed = json!({"everyone": false, "users": []});
    world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&closed)).await;
    assert!(stranger.chats("").await.items.is_empty());
    let body = json!({"client_id": "x", "text": "привет"});
    let cases: [(&str, String, Value, &str); 8] = [
        ("GET", format!("/chats/{}", chat.id), Value::Null, "chat_not_found"),
        ("GET", format!("/chats/{}/messages", chat.id), Value::Null, "chat_not_found"),
        ("POST", format!("/chats/{}/messages", chat.id), body, "chat_not_found"),
        ("POST", format!("/chats/{}/read", chat.id), json!({"up_to": message.id}), "chat_not_found"),
        ("POST", format!("/chats/{}/close", chat.id), json!({"closed": true}), "chat_not_found"),
        ("POST", format!("/chats/{}/typing", chat.id), json!({}), "chat_not_found"),
        ("POST", format!("/messages/{}/again", message.id), json!({}), "message_not_found"),
        ("POST", "/chats".to_owned(), json!({"account": account, "phone": "+7 912 000-45-17"}), "account_not_found"),
    ];
    for (method, path, body, code) in cases {
        let method = method.parse().unwrap();
        let answer = stranger.call(method, &path, (!body.is_null()).then_some(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (404, code), "{path}");
        assert!(!answer.body.to_string().contains("секрет"));
    }
    let counts: ChatCounts = serde_json::from_value(stranger.get("/chats/counts").await.body).unwrap();
    assert_eq!((counts.all, counts.unread), (0, 0));
    world.end().await;
});

both!(what_cannot_be_said_is_refused_in_words, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    instance.incoming_text(CLIENT, "здравствуйте");
    let chat = world.only_chat().await;
    let say = async |body: Value| world.admin.post(&format!("/chats/{}/messages", chat.id), &body).await;
    for (body, status, code) in [
        (json!({"client_id": "1", "text": "   "}), 422, "message_empty"),
        (json!({"client_id": "2", "text": "ы".repeat(20_001)}), 422, "text_too_long"),
        (json!({"client_id": "", "text": "a"}), 422, "invalid"),
        (json!({"client_id": "3", "files": [999_999]}), 404, "file_not_found"),
        (json!({"client_id": "4", "text": "a", "quote": 999_999}), 404, "message_not_found"),
        (json!({"client_id": "5", "text": 5}), 422, "invalid"),
    ] {
        let answer = say(body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{:?}", answer.body);
        assert!(answer.body["error"]["message"].as_str().unwrap().contains(|c: char| ('а'..='я').contains(&c)));
    }
    assert_eq!(say(json!({"client_id": "6", "text": "ы".repeat(20_000)})).await.status, 200);
    // Writing first is the administrator's to allow; a known client may always be written to.
    let off = json!({"switches": {"write_first": false}});
    world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&off)).await;
    let open = async |phone: &str| world.admin.post("/chats", &json!({"account": account, "phone": phone})).await;
    assert_eq!(open("+7 913 111-11-11").await.code(), "write_first_off");
    assert_eq!(open("8 912 000 45 17").await.body["id"], json!(chat.id));
    assert_eq!(open("не телефон").await.code(), "phone_invalid");
    // An account that is switched off keeps its history and takes nothing.
    world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&json!({"enabled": false}))).await;
    assert_eq!(say(json!({"client_id": "7", "text": "а"})).await.code(), "account_off");
    assert_eq!(world.admin.messages(chat.id).await.len(), 2);
    world.end().await;
});

both!(a_day_and_the_gallery_are_found, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let day = 1_791_000_000;
    for n in 0..60 {
        instance.incoming(Write { timestamp: Some(day + n * 3600), ..Write::text(CLIENT, &format!("{n}")) }).unwrap();
    }
    let chat = world
        .until("all of them", async || world.admin.chats("").await.items.into_iter().find(|chat| chat.unread == 60))
        .await;
    let at = (day + 30 * 3600) * 1000 - 1;
    let found = page(&world, chat.id, &format!("limit=10&at={at}")).await;
    let texts: Vec<&str> = found.items.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["28", "29", "30", "31", "32", "33", "34", "35", "36", "37"]);
    // Before everything and after everything there is still a page.
    assert_eq!(page(&world, chat.id, "limit=5&at=0").await.items[0].text, "0");
    assert_eq!(page(&world, chat.id, &format!("limit=5&at={}", i64::MAX)).await.items[0].text, "59");

    let mut names = Vec::new();
    for n in 0..5 {
        let name = if n % 2 == 0 { format!("{n}.csv") } else { format!("{n}.png") };
        let bytes = if n % 2 == 0 { b"a;b".to_vec() } else { crate::harness::png() };
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.clone());
        let form = reqwest::multipart::Form::new().part("file", part);
        let sent = world.admin.http().post(format!("{}/api/v1/files", world.url)).multipart(form).send().await.unwrap();
        let file: Value = sent.json().await.unwrap();
        let body = json!({"client_id": name, "files": [file["id"]]});
        assert_eq!(world.admin.post(&format!("/chats/{}/messages", chat.id), &body).await.status, 200);
        names.push(name);
    }
    let shelf = async |query: &str| -> Page<Message> {
        let answer = world.admin.get(&format!("/chats/{}/gallery?{query}", chat.id)).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        serde_json::from_value(answer.body).unwrap()
    };
    let file_names = |page: &Page<Message>| page.items.iter().map(|m| m.files[0].name.clone()).collect::<Vec<_>>();
    assert_eq!(file_names(&shelf("shelf=media").await), ["3.png", "1.png"]);
    let first = shelf("shelf=documents&limit=2").await;
    assert_eq!(file_names(&first), ["4.csv", "2.csv"]);
    let rest = shelf(&format!("shelf=documents&limit=2&before={}", first.next.unwrap())).await;
    assert_eq!(file_names(&rest), ["0.csv"]);
    assert!(shelf("shelf=links").await.items.is_empty());
    assert_eq!(world.admin.get(&format!("/chats/{}/gallery?shelf=all", chat.id)).await.status, 400);
    world.end().await;
});
