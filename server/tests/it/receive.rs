//! Receiving by polling, and watching how accounts stand.

use std::time::{Duration, Instant};

use domain::{AccountId, Kind};
use emulator::faults::{Aim, AnswerFault, Spoil};
use serde_json::{Value, json};

use crate::harness::{World, until};
use emulator::green_api::instance::NewInstance;

const CLIENT: &str = "79120004517";

async fn stands(world: &World, account: AccountId, state: &str) -> Value {
    until(&format!("the account is {state}"), async || {
        let answer = world.admin.get(&format!("/accounts/{account}")).await;
        (answer.body["state"] == state).then_some(answer.body)
    })
    .await
}

fn always(world: &World, instance: i64, method: &str, spoil: Spoil) {
    let aim = Aim { count: None, ..Aim::at(instance, method, 1) };
    world.emulator.world().faults.answer(AnswerFault { aim, accepted: Some(false), spoil });
}

both!(polled_messages_come_once_and_are_acknowledged, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "polling").await;
    let faults = &world.emulator.world().faults;
    // Two acknowledgements are lost, so two notifications come twice.
    faults.answer(AnswerFault {
        aim: Aim::at(instance.id, "deleteNotification", 2),
        accepted: Some(false),
        spoil: Spoil::Drop,
    });
    for n in 0..20 {
        instance.incoming_text(CLIENT, &format!("сообщение {n}"));
    }
    let chat = world.only_chat().await;
    let messages = until("twenty messages", async || {
        let messages = world.admin.messages(chat.id).await;
        (messages.len() >= 20).then_some(messages)
    })
    .await;
    let texts: Vec<_> = messages.iter().map(|message| message.text.clone()).collect();
    assert_eq!(texts, (0..20).map(|n| format!("сообщение {n}")).collect::<Vec<_>>());
    until("everything is acknowledged", async || instance.notifications().is_empty().then_some(())).await;
    let body = stands(&world, account, "working").await;
    assert_eq!(body["phone"], "79990000001");
    world.end().await;
});

both!(an_account_that_is_set_to_be_polled_takes_the_webhook_out, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let hook = format!("{}/nobody", world.emulator.url());
    instance.set_settings([("webhookUrl".to_owned(), json!(hook))].into_iter().collect());
    world.account_by(&instance, "polling").await;
    instance.incoming_text(CLIENT, "кто-нибудь?");
    world.only_chat().await;
    assert_eq!(instance.setting("webhookUrl"), json!(""));
    assert_eq!(instance.calls(Some("setSettings")).len(), 1);
    world.end().await;
});

both!(an_unknown_kind_is_kept_and_blocks_nothing, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account_by(&instance, "polling").await;
    instance.push_raw(json!({"typeWebhook": "incomingMessageReceived", "instanceData": {"idInstance": 1}}));
    instance.push_raw(json!("не объект"));
    let new = json!({"newMessageData": {"a": 1}});
    instance.incoming(emulator::green_api::client::Write::raw(CLIENT, "brandNewMessage", new)).unwrap();
    instance.incoming_text(CLIENT, "обычное");
    let chat = world.only_chat().await;
    let messages = until("both messages", async || {
        let messages = world.admin.messages(chat.id).await;
        (messages.len() == 2).then_some(messages)
    })
    .await;
    assert_eq!((messages[0].kind, messages[0].raw_kind.as_deref()), (Kind::Unsupported, Some("brandNewMessage")));
    let log = world.admin.get("/log?direction=in&result=error").await;
    let items = log.body["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 2, "{items:?}");
    let line = world.admin.get(&format!("/log/{}", items[0]["id"].as_str().unwrap())).await;
    assert_eq!(line.body["request"], json!("\"не объект\""));
    world.end().await;
});

both!(one_bad_account_delays_no_other, async |engine| {
    let world = World::start(engine).await;
    let (bad, good) = (world.instance(), world.instance());
    always(&world, bad.id, "*", Spoil::Hang);
    world.account_by(&bad, "polling").await;
    world.account_by(&good, "polling").await;
    good.incoming_text(CLIENT, "первое");
    let chat = world.only_chat().await;
    let began = Instant::now();
    good.incoming_text(CLIENT, "второе");
    until("the second message", async || (world.admin.messages(chat.id).await.len() == 2).then_some(())).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    world.end().await;
});

both!(how_an_account_stands_is_found_out, async |engine| {
    let world = World::start(engine).await;
    let wrong_key = world.instance();
    let answer = world
        .admin
        .post(
            "/accounts",
            &json!({"name": "Ключ", "provider": "green_api", "receive": "off", "settings": {"id_instance": wrong_key.id.to_string(),
                "api_token_instance": "wrong", "api_url": world.emulator.url(), "media_url": world.emulator.url()}}),
        )
        .await;
    let account = AccountId(answer.body["id"].as_i64().unwrap());
    let body = stands(&world, account, "wrong_key").await;
    assert_eq!(body["trouble"]["reason"], "wrong_key");
    assert!(!body.to_string().contains("\"wrong\""));
    // The right key, and it works at once.
    let settings = json!({"settings": {"id_instance": wrong_key.id.to_string(), "api_token_instance": wrong_key.token(),
        "api_url": world.emulator.url(), "media_url": world.emulator.url()}});
    let answer = world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&settings)).await;
    assert!(answer.status.is_success(), "{:?}", answer.body);
    let body = stands(&world, account, "working").await;
    assert_eq!((&body["trouble"], &body["phone"]), (&Value::Null, &json!("79990000001")));

    let unlinked = world.instance();
    unlinked.set_state("notAuthorized");
    let account = world.account_by(&unlinked, "off").await;
    stands(&world, account, "waiting_scan").await;
    let html = world.instance();
    always(&world, html.id, "getStateInstance", Spoil::Html { status: 200 });
    let account = world.account_by(&html, "off").await;
    let body = stands(&world, account, "unreachable").await;
    assert_eq!(body["trouble"]["reason"], "strange_answer");
    world.end().await;
});

both!(a_new_instance_that_tells_nothing_is_set_up_to_be_polled, async |engine| {
    let world = World::start(engine).await;
    // As the service makes them: every kind of notification off.
    let instance = world.emulator.green_api().add_instance(NewInstance::default());
    world.account_by(&instance, "polling").await;
    world
        .until("its notifications are on", async || (instance.setting("incomingWebhook") == "yes").then_some(()))
        .await;
    instance.incoming_text(CLIENT, "слышно?");
    assert_eq!(world.only_chat().await.unread, 1);
    world.end().await;
});
