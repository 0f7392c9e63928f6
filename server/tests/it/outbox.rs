//! Sending under every kind of trouble: nothing twice, nothing silently lost, and nobody waits for another's account.

use std::time::{Duration, Instant};

use domain::{Message, MessageId, Reason, Status};
use emulator::faults::{Aim, AnswerFault, Spoil};
use serde_json::{Value, json};

use crate::harness::{World, until};

async fn message(world: &World, sent: &Message) -> Message {
    let messages = world.admin.messages(sent.chat).await;
    messages.into_iter().find(|message| message.id == sent.id).unwrap()
}

async fn becomes(world: &World, sent: &Message, wanted: impl Fn(&Message) -> bool) -> Message {
    until("a status", async || Some(message(world, sent).await).filter(&wanted)).await
}

fn status(code: u16, body: Value) -> Spoil {
    Spoil::Status { status: code, body, headers: Default::default() }
}

both!(an_answer_that_is_lost_is_looked_up_and_never_sent_twice, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    // Without the echo only the provider's journal can tell.
    instance.set_pace(|pace| pace.echo = false);
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let faults = &world.emulator.world().faults;
    let spoils: [(&str, bool, Spoil); 6] = [
        ("оборвано после приёма", true, Spoil::Drop),
        ("половина ответа", true, Spoil::Partial),
        ("битый ответ", true, Spoil::BrokenJson),
        ("страница прокси", true, Spoil::Html { status: 502 }),
        ("пятьсот после приёма", true, status(500, json!("oops"))),
        ("пятьсот до приёма", false, status(500, json!("oops"))),
    ];
    for (n, (text, accepted, spoil)) in spoils.into_iter().enumerate() {
        faults.answer(AnswerFault { aim: Aim::at(instance.id, "sendMessage", 1), accepted: Some(accepted), spoil });
        let sent = world.admin.say(chat.id, &format!("lost-{n}"), text).await;
        becomes(&world, &sent, |message| {
            message.status.rank() >= Status::Sent.rank() && message.status != Status::Failed
        })
        .await;
        let count = instance.sent().iter().filter(|sent| sent.text == text).count();
        assert_eq!(count, 1, "{text}");
    }
    world.end().await;
});

both!(what_nobody_can_tell_is_shown_as_unknown, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let faults = &world.emulator.world().faults;
    faults.answer(AnswerFault {
        aim: Aim::at(instance.id, "sendMessage", 1),
        accepted: Some(false),
        spoil: Spoil::Drop,
    });
    let sent = world.admin.say(chat.id, "unknown", "ушло ли?").await;
    let unknown = becomes(&world, &sent, |message| message.status == Status::Unknown).await;
    assert_eq!(unknown.failure.unwrap().reason, Reason::UnknownOutcome);
    assert_eq!(instance.sent().len(), 0);
    // The operator decides; and then it goes, once.
    let again = world.admin.post(&format!("/messages/{}/again", sent.id), &json!({})).await;
    assert_eq!(again.status, 200, "{:?}", again.body);
    becomes(&world, &sent, |message| message.status == Status::Delivered).await;
    assert_eq!(instance.sent().len(), 1);
    let twice = world.admin.post(&format!("/messages/{}/again", sent.id), &json!({})).await;
    assert_eq!((twice.status.as_u16(), twice.code()), (409, "not_failed"));
    world.end().await;
});

both!(trouble_that_passes_is_waited_for_in_order, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let faults = &world.emulator.world().faults;
    let busy = Spoil::Status {
        status: 429,
        body: json!("Too Many Requests"),
        headers: [("Retry-After".to_owned(), "1".to_owned())].into(),
    };
    faults.answer(AnswerFault { aim: Aim::at(instance.id, "sendMessage", 1), accepted: None, spoil: busy });
    let began = Instant::now();
    let first = world.admin.say(chat.id, "a", "первое").await;
    let second = world.admin.say(chat.id, "b", "второе").await;
    let waiting = becomes(&world, &first, |message| message.failure.is_some()).await;
    assert_eq!((waiting.status, waiting.failure.unwrap().reason), (Status::Queued, Reason::RateLimited));
    for sent in [&first, &second] {
        becomes(&world, sent, |message| message.status == Status::Delivered).await;
    }
    assert!(began.elapsed() >= Duration::from_secs(1), "Retry-After was not respected");
    let texts: Vec<_> = instance.sent().into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts, ["первое", "второе"]);
    world.end().await;
});

both!(a_message_that_can_never_go_fails_with_its_reason, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let faults = &world.emulator.world().faults;
    let wrong = status(
        400,
        json!({"statusCode": 400, "path": format!("/waInstance{}/sendMessage/{}", instance.id, instance.token()),
        "message": "Validation failed. Details: 'chatId' is required"}),
    );
    faults.answer(AnswerFault { aim: Aim::at(instance.id, "sendMessage", 1), accepted: None, spoil: wrong });
    let sent = world.admin.say(chat.id, "a", "не пройдёт").await;
    let failed = becomes(&world, &sent, |message| message.status == Status::Failed).await;
    let failure = failed.failure.unwrap();
    assert_eq!(failure.reason, Reason::Rejected);
    assert!(!failure.detail.contains(&instance.token()), "{}", failure.detail);
    // WhatsApp's own refusal comes later, as a status.
    let nobody = world.open(account, "+7 913 000-11-22").await;
    instance.set_outcome(
        "79130001122@c.us",
        Some(emulator::green_api::instance::Outcome { status: "noAccount".to_owned(), description: None }),
    );
    let sent = world.admin.say(nobody.id, "b", "есть кто?").await;
    let failed = becomes(&world, &sent, |message| message.status == Status::Failed).await;
    assert_eq!(failed.failure.unwrap().reason, Reason::NoWhatsapp);
    world.end().await;
});

both!(a_bad_account_stands_still_alone_and_goes_on_by_itself, async |engine| {
    let world = World::start(engine).await;
    let (bad, good) = (world.instance(), world.instance());
    let bad_account = world.account(&bad).await;
    let good_account = world.account(&good).await;
    let bad_chat = world.open(bad_account, "+7 912 000-45-17").await;
    let good_chat = world.open(good_account, "+7 912 000-45-17").await;
    let faults = &world.emulator.world().faults;
    let hang = AnswerFault {
        aim: Aim { count: None, ..Aim::at(bad.id, "sendMessage", 1) },
        accepted: Some(false),
        spoil: Spoil::Hang,
    };
    faults.answer(hang);
    let stuck = world.admin.say(bad_chat.id, "bad", "застрянет").await;
    let began = Instant::now();
    for n in 0..20 {
        let sent = world.admin.say(good_chat.id, &format!("good-{n}"), "дойдёт").await;
        becomes(&world, &sent, |message| message.status.rank() >= Status::Accepted.rank()).await;
    }
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "another account's trouble slowed this one: {:?}",
        began.elapsed()
    );
    assert!(message(&world, &stuck).await.status.rank() < Status::Accepted.rank());
    faults.clear();
    // A wrong key stops the account, says so, and it goes on by itself once the key is right again.
    let denied = AnswerFault {
        aim: Aim { count: None, ..Aim::at(good.id, "*", 1) },
        accepted: Some(false),
        spoil: status(401, Value::Null),
    };
    faults.answer(denied);
    let held = world.admin.say(good_chat.id, "held", "подождёт").await;
    until("the account says what is wrong", async || {
        let account = world.admin.get(&format!("/accounts/{good_account}")).await.body;
        (account["state"] == "wrong_key").then_some(())
    })
    .await;
    assert_eq!(message(&world, &held).await.status, Status::Queued);
    faults.clear();
    let refreshed = world.admin.post(&format!("/accounts/{good_account}/refresh"), &json!({})).await;
    assert_eq!(refreshed.body["state"], "working", "{:?}", refreshed.body);
    becomes(&world, &held, |message| message.status == Status::Delivered).await;
    world.end().await;
});

both!(order_within_a_chat_survives_everything, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let faults = &world.emulator.world().faults;
    for spoil in [Spoil::Drop, Spoil::BrokenJson, status(503, Value::Null), Spoil::Partial] {
        let aim = Aim { count: Some(6), chance: Some(0.3), ..Aim::at(instance.id, "sendMessage", 1) };
        faults.answer(AnswerFault { aim, accepted: Some(true), spoil });
    }
    let mut wanted: Vec<MessageId> = Vec::new();
    let mut chats = Vec::new();
    for n in 0..4 {
        chats.push(world.open(account, &format!("+7 912 000-45-{:02}", n + 10)).await);
    }
    for n in 0..8 {
        for chat in &chats {
            wanted.push(world.admin.say(chat.id, &format!("{}-{n}", chat.id), &format!("{n}")).await.id);
        }
    }
    until("all accepted", async || {
        let mut left = wanted.len();
        for chat in &chats {
            let messages = world.admin.messages(chat.id).await;
            left -= messages.iter().filter(|message| message.status.rank() >= Status::Sent.rank()).count();
        }
        (left == 0).then_some(())
    })
    .await;
    for chat in &chats {
        let address = format!("{}@c.us", chat.contact.phone.as_deref().unwrap());
        let texts: Vec<_> =
            instance.sent().into_iter().filter(|sent| sent.chat == address).map(|sent| sent.text).collect();
        assert_eq!(texts, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    }
    world.end().await;
});
