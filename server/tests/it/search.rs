//! Search in messages: every form of a word, numbers and names of files, who may see what, edits and deletions.

use domain::{AccountId, ChatId, Page, search::Found};
use emulator::green_api::client::Write;
use serde_json::json;

use crate::harness::{CLIENT, Caller, World};

async fn search(caller: &Caller, query: &[(&str, &str)]) -> Page<Found> {
    let mut serializer = url::form_urlencoded::Serializer::new(String::new());
    serializer.extend_pairs(query);
    let answer = caller.get(&format!("/search?{}", serializer.finish())).await;
    assert_eq!(answer.status, 200, "{query:?} {:?}", answer.body);
    serde_json::from_value(answer.body).unwrap()
}

/// The texts found, newest first.
async fn texts(caller: &Caller, q: &str) -> Vec<String> {
    search(caller, &[("q", q)]).await.items.into_iter().map(|found| found.message.text).collect()
}

/// Waits until as many are found.
async fn until(world: &World, q: &str, count: usize) -> Vec<String> {
    world
        .until(q, async || {
            let found = texts(&world.admin, q).await;
            (found.len() == count).then_some(found)
        })
        .await
}

async fn talk(world: &World, account: AccountId, phone: &str, lines: &[&str]) -> ChatId {
    let chat = world.open(account, phone).await.id;
    for (n, line) in lines.iter().enumerate() {
        world.admin.say(chat, &format!("{chat}-{n}"), line).await;
    }
    chat
}

both!(words_are_found_in_any_form, async |engine| {
    let world = World::start(engine).await;
    let account = world.account(&world.instance()).await;
    let lines = [
        "Здравствуйте! Ваши заказы приехали.",
        "Счёт №15 выставлен, звоните 8 (912) 000-45-17",
        "Your orders are ready",
        "Мы доставим «тяжёлый» груз завтра",
        "доставка завтра быстрая; быстрая езда",
    ];
    talk(&world, account, "+7 912 000-45-18", &lines).await;
    until(&world, "завтра", 2).await;
    for (query, expected) in [
        ("заказ ", &[0][..]),
        ("Заказами ", &[0]),
        ("зака", &[0]),
        ("счета ", &[1]),
        ("СЧЁТ", &[1]),
        ("тяжелого ", &[3]),
        ("+7 912 000-45-17", &[1]),
        ("89120004517", &[1]),
        ("order ", &[2]),
        ("завтра дост", &[4, 3]),
        ("завтра груз", &[3]),
        ("\"быстрая езда\"", &[4]),
        ("\"завтра езда\"", &[]),
        ("заказ орех", &[]),
        ("\"'() AND NOT * ^ : -", &[]),
        ("'заказ' & | !", &[0]),
        ("", &[]),
    ] {
        let expected: Vec<_> = expected.iter().map(|n| lines[*n].to_owned()).collect();
        assert_eq!(texts(&world.admin, query).await, expected, "{query}");
    }
    let found = &search(&world.admin, &[("q", "заказ ")]).await.items[0];
    let (from, to) = found.fragment.marks[0];
    assert_eq!(&found.fragment.text[from..to], "заказы");
    assert_eq!(found.chat.contact.phone.as_deref(), Some("79120004518"));
    // Pages join.
    let first = search(&world.admin, &[("q", "завтра"), ("limit", "1")]).await;
    let next = first.next.unwrap();
    let second = search(&world.admin, &[("q", "завтра"), ("limit", "1"), ("before", &next)]).await;
    assert_eq!((first.items[0].message.text.as_str(), second.items[0].message.text.as_str()), (lines[4], lines[3]));
    for (query, status) in [("before=x", 400), ("chat=999999", 404), ("kind=nonsense", 400), ("zone=99999999", 200)] {
        assert_eq!(world.admin.get(&format!("/search?q=a&{query}")).await.status, status, "{query}");
    }
    world.end().await;
});

both!(edits_and_deletions_are_followed, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let id = instance.incoming(Write::text(CLIENT, "привезите арбузы")).unwrap();
    let other = instance.incoming(Write::text(CLIENT, "и ещё арбуз")).unwrap();
    until(&world, "арбуз", 2).await;
    instance.incoming_edit(CLIENT, &id, "привезите дыни");
    until(&world, "дыня", 1).await;
    assert_eq!(texts(&world.admin, "арбуз").await, ["и ещё арбуз"]);
    instance.incoming_delete(CLIENT, &other);
    until(&world, "арбуз", 0).await;
    world.end().await;
});

both!(what_somebody_may_not_see_is_not_found, async |engine| {
    let world = World::start(engine).await;
    let open = world.account_by(&world.instance(), "off").await;
    let hidden = world.account_by(&world.instance(), "off").await;
    talk(&world, open, "+7 912 000-45-17", &["кирпич для всех"]).await;
    let secret = talk(&world, hidden, "+7 912 000-45-18", &["кирпич тайный"]).await;
    until(&world, "кирпич", 2).await;
    let away = json!({"everyone": false, "users": []});
    let path = format!("/accounts/{hidden}");
    assert_eq!(world.admin.call(reqwest::Method::PATCH, &path, Some(&away)).await.status, 200);
    let operator = world.staff("operator", "operator").await;
    assert_eq!(texts(&operator, "кирпич").await, ["кирпич для всех"]);
    assert_eq!(texts(&operator, "от:admin").await, ["кирпич для всех"]);
    let hidden = hidden.to_string();
    assert!(search(&operator, &[("q", "кирпич"), ("account", &hidden)]).await.items.is_empty());
    assert_eq!(operator.get(&format!("/search?q=a&chat={secret}")).await.code(), "chat_not_found");
    assert_eq!(search(&world.admin, &[("q", "кирпич"), ("account", &hidden)]).await.items.len(), 1);
    assert_eq!(search(&world.admin, &[("q", "кирпич"), ("chat", &secret.to_string())]).await.items.len(), 1);
    world.end().await;
});

both!(files_people_and_days_are_filters, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await.id;
    let part = reqwest::multipart::Part::bytes(b"a;b".to_vec()).file_name("Прайс_цементный.csv");
    let form = reqwest::multipart::Form::new().part("file", part);
    let url = format!("{}/api/v1/files", world.url);
    let file: serde_json::Value =
        world.admin.http().post(url).multipart(form).send().await.unwrap().json().await.unwrap();
    let sent = json!({"client_id": "file", "files": [file["id"]]});
    assert_eq!(world.admin.post(&format!("/chats/{chat}/messages"), &sent).await.status, 200);
    instance.incoming(Write { timestamp: Some(1_740_000_000), ..Write::text(CLIENT, "давнее слово") }).unwrap();
    instance.incoming_text(CLIENT, "свежее слово https://example.ru");
    until(&world, "слово", 2).await;
    let name = search(&world.admin, &[("q", "цементного")]).await.items;
    assert_eq!((name.len(), name[0].part), (1, domain::search::Part::File));
    assert_eq!(name[0].fragment.text, "Прайс_цементный.csv");
    for (query, expected) in [
        ("есть:файл", 1),
        ("есть:документ", 1),
        ("has:photo", 0),
        ("has:link", 1),
        ("слово дата:сегодня", 1),
        ("слово до:31.12.2025", 1),
        ("слово после:01.02.2025", 2),
        ("от:admin", 1),
        ("слово от:admin", 0),
        ("слово аккаунт:опт", 2),
        ("слово аккаунт:розница", 0),
    ] {
        let found = texts(&world.admin, query).await;
        // The emulator's clock gives fresh messages its own time.
        assert_eq!(found.len(), expected, "{query}: {found:?}");
    }
    assert_eq!(search(&world.admin, &[("q", ""), ("kind", "document")]).await.items.len(), 1);
    world.end().await;
});

both!(what_was_there_before_is_read_afterwards, async |engine| {
    let world = World::start(engine).await;
    let account = world.account(&world.instance()).await;
    let lines: Vec<String> = (0..30).map(|n| format!("старое письмо {n}")).collect();
    talk(&world, account, "+7 912 000-45-17", &lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    until(&world, "письмо", 30).await;
    // As if the index had been made only now.
    let db = &world.state().db;
    let mut tx = db.begin().await.unwrap();
    let from = server::store::search::state(db).await.unwrap();
    server::store::search::put(&mut tx, &(1..=30).collect::<Vec<_>>(), &[]).await.unwrap();
    assert!(server::store::search::advance(&mut tx, from, (from.0, 31)).await.unwrap());
    tx.commit().await.unwrap();
    until(&world, "письмо", 30).await;
    assert!(server::store::search::state(db).await.unwrap().1 <= 1);
    world.end().await;
});
