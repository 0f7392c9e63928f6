//! A provider that errs in every way it can: nothing is lost, nothing goes twice, nobody else waits. What `outbox` and
//! `receive` test singly is not repeated here.
//!
//! A notification that the provider never delivers is not asked for afterwards: an incoming message whose webhook was
//! dropped is missing until the provider tells of it again. A lost status is made good by the next one, a lost echo by
//! the answer or the look into the journal, a lost change of state by the watch.

use std::time::{Duration, Instant};

use domain::{Message, Reason, Status};
use emulator::faults::{Aim, AnswerFault, Astray, DeliveryFault, Spoil};
use emulator::green_api::presets::{PRESETS, preset};
use serde_json::{Value, json};
use server::ledger::now;
use server::store::Db;

use crate::crash::count;
use crate::harness::{Engine, World, until};

async fn message(world: &World, sent: &Message) -> Message {
    let messages = world.admin.messages(sent.chat).await;
    messages.into_iter().find(|message| message.id == sent.id).unwrap()
}

async fn becomes(world: &World, sent: &Message, wanted: impl Fn(&Message) -> bool) -> Message {
    until("a status", async || Some(message(world, sent).await).filter(&wanted)).await
}

fn strike(world: &World, instance: i64, method: &str, count: Option<u32>, accepted: Option<bool>, spoil: Spoil) {
    let aim = Aim { count, ..Aim::at(instance, method, 1) };
    world.emulator.world().faults.answer(AnswerFault { aim, accepted, spoil });
}

fn status(code: u16, body: Value) -> Spoil {
    Spoil::Status { status: code, body, headers: Default::default() }
}

async fn run(world: &World, sql: &'static str, at: i64) {
    let done = match &world.state().db {
        Db::Sqlite { write, .. } => sqlx::query(sql).bind(at).execute(write).await.map(|_| ()),
        Db::Postgres(pool) => sqlx::query(sql).bind(at).execute(pool).await.map(|_| ()),
    };
    done.unwrap();
}

fn calls(world: &World, instance: i64, method: &str) -> usize {
    world.emulator.world().calls.list(Some(&instance.to_string()), Some(method)).len()
}

both!(every_refusal_ends_well_and_none_sends_twice, async |engine| {
    let world = World::start(engine).await;
    let one = async |name: &str, accepted: bool| {
        let instance = world.instance();
        let account = world.account(&instance).await;
        let chat = world.open(account, "+7 912 000-45-17").await;
        strike(&world, instance.id, "sendMessage", Some(1), Some(accepted), preset(name).unwrap());
        let sent = world.admin.say(chat.id, &format!("{name}-{accepted}"), name).await;
        let told = until(name, async || {
            let shown = message(&world, &sent).await;
            // What stops the whole account goes on once an administrator has set it right.
            if shown.failure.is_some() && shown.status == Status::Queued {
                let path = format!("/accounts/{account}/refresh");
                world.admin.post(&path, &json!({})).await;
            }
            let over = [Status::Delivered, Status::Failed, Status::Unknown].contains(&shown.status);
            over.then_some(shown)
        })
        .await;
        let times = instance.sent().len();
        match told.status {
            Status::Delivered => assert_eq!(times, 1, "{name}"),
            Status::Failed => assert_eq!(times, 0, "{name} {:?}", told.failure),
            other => panic!("{name}: {other:?} {:?}", told.failure),
        }
        let hopeless = ["400_bad_request", "400_validation", "400_json", "400_webhook_set", "466_correspondents"];
        let fails = hopeless.contains(&name) || name.starts_with("500_");
        assert_eq!(told.status == Status::Failed, fails, "{name}: {:?}", told.failure);
    };
    let one = &one;
    let refused = PRESETS.iter().map(|name| one(name, false));
    // The provider has it, and says otherwise.
    let taken =
        ["499", "500", "502", "502_json", "503", "504", "200_bare_string", "200_null"].map(|name| one(name, true));
    futures_util::future::join_all(refused.chain(taken)).await;
    world.end().await;
});

both!(one_hanging_call_keeps_no_other_chat_waiting, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let stuck = world.open(account, "+7 912 000-45-17").await;
    let free = world.open(account, "+7 912 000-45-18").await;
    strike(&world, instance.id, "sendMessage", Some(1), Some(false), Spoil::Hang);
    let hangs = world.admin.say(stuck.id, "a", "висит").await;
    until("the call hangs", async || (calls(&world, instance.id, "sendMessage") == 1).then_some(())).await;
    // Long enough for the lane to have found nothing else to do.
    tokio::time::sleep(Duration::from_millis(700)).await;
    for n in 0..3 {
        let sent = world.admin.say(free.id, &format!("b{n}"), "идёт").await;
        becomes(&world, &sent, |message| message.status == Status::Delivered).await;
    }
    assert_eq!(message(&world, &hangs).await.status, Status::Sending);
    world.end().await;
});

both!(an_orderly_stop_finishes_what_is_being_sent, async |engine| {
    let mut world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    strike(&world, instance.id, "sendMessage", Some(1), Some(true), Spoil::Slow { delay_ms: 1_500 });
    let sent = world.admin.say(chat.id, "a", "долго").await;
    until("the call has come", async || (calls(&world, instance.id, "sendMessage") == 1).then_some(())).await;
    world.restart().await;
    becomes(&world, &sent, |message| message.status == Status::Delivered).await;
    assert_eq!(calls(&world, instance.id, "showMessagesQueue"), 0, "it was cut off and had to be looked for");
    assert_eq!(instance.sent().len(), 1);
    world.end().await;
});

both!(the_same_words_twice_are_two_messages, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    instance.set_pace(|pace| pace.echo = false);
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let first = world.admin.say(chat.id, "a", "ок").await;
    becomes(&world, &first, |message| message.status == Status::Delivered).await;
    // As if the first had waited for a long time before it could go.
    run(&world, "update message set sent_at = sent_at - $1 where direction = 'out'", 3_600_000).await;
    strike(&world, instance.id, "sendMessage", Some(1), Some(false), Spoil::Drop);
    let second = world.admin.say(chat.id, "b", "ок").await;
    let second = becomes(&world, &second, |message| message.status.rank() >= Status::Unknown.rank()).await;
    assert_eq!(second.status, Status::Unknown, "the first was taken for the second");
    // It never went; the third does, and its echo must not be taken for the second's.
    instance.set_pace(|pace| pace.echo = true);
    let third = world.admin.say(chat.id, "c", "ок").await;
    becomes(&world, &third, |message| message.status == Status::Delivered).await;
    assert_eq!(message(&world, &second).await.status, Status::Unknown);
    assert_eq!(instance.sent().len(), 2);
    world.end().await;
});

both!(a_journal_that_is_off_proves_nothing, async |engine| {
    let world = World::start(engine).await;
    // Nothing is switched on at this instance, so its journal stays empty.
    let instance = world.emulator.green_api().add_instance(Default::default());
    let account = world.account_by(&instance, "off").await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    strike(&world, instance.id, "sendMessage", Some(1), Some(true), preset("500").unwrap());
    let sent = world.admin.say(chat.id, "a", "ушло").await;
    let told = becomes(&world, &sent, |message| message.status.rank() >= Status::Unknown.rank()).await;
    assert_eq!((told.status, instance.sent().len()), (Status::Unknown, 1));
    world.end().await;
});

both!(an_outage_longer_than_the_schedule_makes_nothing_unknown, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    instance.set_pace(|pace| pace.echo = false);
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let away = || preset("502").unwrap();
    for method in ["showMessagesQueue", "lastOutgoingMessages", "getChatHistory"] {
        strike(&world, instance.id, method, None, Some(false), away());
    }
    strike(&world, instance.id, "sendMessage", Some(1), Some(true), Spoil::Drop);
    let sent = world.admin.say(chat.id, "a", "ушло ли?").await;
    // The status of a message whose id is not known waits, too.
    let later = world.admin.say(chat.id, "b", "и это").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(message(&world, &sent).await.status, Status::Checking);
    assert_eq!(message(&world, &later).await.status, Status::Queued);
    world.emulator.world().faults.clear();
    for one in [&sent, &later] {
        becomes(&world, one, |message| message.status == Status::Delivered).await;
    }
    assert_eq!(instance.sent().iter().map(|sent| sent.text.clone()).collect::<Vec<_>>(), ["ушло ли?", "и это"]);
    world.end().await;
});

both!(an_account_that_refuses_is_left_alone, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    strike(&world, instance.id, "sendMessage", None, Some(false), preset("401").unwrap());
    strike(&world, instance.id, "getStateInstance", None, Some(false), preset("401").unwrap());
    let sent = world.admin.say(chat.id, "a", "ждёт").await;
    becomes(&world, &sent, |message| message.failure.is_some()).await;
    // The pause is over, and it refuses again just as before.
    run(&world, "update account set paused_until = $1", now().0 - 1).await;
    until("it is tried again", async || (calls(&world, instance.id, "sendMessage") > 1).then_some(())).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(calls(&world, instance.id, "sendMessage"), 2, "it was asked over and over");
    world.end().await;
});

both!(statuses_that_race_with_the_answer_are_kept, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    instance.set_pace(|pace| {
        pace.sent_ms = Some(0);
        pace.delivered_ms = Some(1);
        pace.send_gap_ms = Some(0);
        pace.echo_missing_every = 2;
    });
    let account = world.account(&instance).await;
    // The answer comes later than the news of it, by different amounts.
    for delay_ms in [2, 5, 10, 20] {
        let aim = Aim { count: None, chance: Some(0.25), ..Aim::at(instance.id, "sendMessage", 1) };
        let fault = AnswerFault { aim, accepted: Some(true), spoil: Spoil::Slow { delay_ms } };
        world.emulator.world().faults.answer(fault);
    }
    let mut all = Vec::new();
    for n in 0..8 {
        let chat = world.open(account, &format!("+7 912 000-46-{n:02}")).await;
        for m in 0..10 {
            all.push(world.admin.say(chat.id, &format!("{n}-{m}"), &format!("{n}-{m}")).await);
        }
    }
    for sent in &all {
        becomes(&world, sent, |message| message.status == Status::Delivered).await;
    }
    assert_eq!(instance.sent().len(), all.len());
    world.end().await;
});

both!(notifications_astray_are_put_right, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let astray = |kind: &str, chance: f64, astray: Astray| {
        let aim = Aim { count: None, chance: Some(chance), ..Aim::at(instance.id, kind, 1) };
        world.emulator.world().faults.delivery(DeliveryFault { aim, astray });
    };
    for (chance, one) in [(0.2, Astray::Duplicate), (0.2, Astray::Reorder), (0.2, Astray::Delay { delay_ms: 300 })] {
        for kind in ["incomingMessageReceived", "outgoingMessageStatus", "outgoingAPIMessageReceived"] {
            astray(kind, chance, one.clone());
        }
    }
    astray("outgoingAPIMessageReceived", 0.3, Astray::Drop);
    let mut sent = Vec::new();
    for n in 0..12 {
        let address = format!("791200047{n:02}");
        let chat = world.open(account, &address).await;
        for m in 0..5 {
            instance.incoming_text(&format!("{address}@c.us"), &format!("вопрос {n}-{m}"));
            sent.push(world.admin.say(chat.id, &format!("{n}-{m}"), &format!("ответ {n}-{m}")).await);
        }
    }
    for one in &sent {
        becomes(&world, one, |message| message.status == Status::Delivered).await;
    }
    let chats = until("every question is there", async || {
        let chats = world.admin.chats("").await.items;
        (chats.iter().map(|chat| chat.unread).sum::<i32>() == 60).then_some(chats)
    })
    .await;
    for chat in chats {
        let mut texts: Vec<String> =
            world.admin.messages(chat.id).await.into_iter().map(|message| message.text).collect();
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 10, "{texts:?}");
    }
    assert_eq!(instance.sent().len(), 60);
    world.end().await;
});

both!(a_bad_account_does_not_slow_a_good_one, async |engine| {
    let world = World::start(engine).await;
    let (bad, good) = (world.instance(), world.instance());
    let bad_account = world.account(&bad).await;
    let account = world.account(&good).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let measure = async |name: &str| {
        let began = Instant::now();
        for n in 0..10 {
            let sent = world.admin.say(chat.id, &format!("{name}{n}"), "раз").await;
            becomes(&world, &sent, |message| message.status == Status::Delivered).await;
            let text = format!("{name}{n}");
            good.incoming_text("79120004517@c.us", &text);
            until("the question", async || {
                let messages = world.admin.messages(chat.id).await;
                messages.iter().any(|message| message.text == text).then_some(())
            })
            .await;
        }
        began.elapsed()
    };
    let mut bad_chats = Vec::new();
    for n in 0..20 {
        bad_chats.push(world.open(bad_account, &format!("+7 913 000-00-{n:02}")).await);
    }
    let alone = measure("a").await;
    for (method, spoil) in [
        ("sendMessage", Spoil::Hang),
        ("getContactInfo", Spoil::Hang),
        ("getStateInstance", status(500, json!("oops"))),
        ("*", Spoil::Html { status: 502 }),
    ] {
        strike(&world, bad.id, method, None, Some(false), spoil);
    }
    for (n, chat) in bad_chats.iter().enumerate() {
        world.admin.say(chat.id, &format!("bad{n}"), "не идёт").await;
        bad.push_raw(json!({"typeWebhook": "incomingMessageReceived", "nonsense": n}));
        bad.push_raw(json!([n]));
    }
    let beside = measure("b").await;
    assert!(beside < alone * 4 + Duration::from_secs(3), "{alone:?} alone, {beside:?} beside a bad one");
    assert_eq!(bad.sent().len(), 0);
    world.end().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_drops_its_lines_loses_nothing() {
    let world = World::start(Engine::Postgres).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "webhook").await;
    let shown = world.admin.get(&format!("/accounts/{account}")).await.body;
    let header = shown["webhook_authorization"].as_str().unwrap().to_owned();
    let url = format!("{}/hs/whatsapp/webhook/{account}", world.url);
    let outside = Db::open(&world.config().database).await.unwrap();
    let Db::Postgres(outside) = outside else { unreachable!() };
    let cut = async {
        for _ in 0..30 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            // All lines of the server; ours are the ones that ask.
            let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database()
                and application_name <> 'outside'";
            let mut line = outside.acquire().await.unwrap();
            sqlx::query("set application_name = 'outside'").execute(&mut *line).await.unwrap();
            sqlx::query(sql).execute(&mut *line).await.unwrap();
        }
    };
    let tell = async {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut answered = 0;
        let began = Instant::now();
        let mut n = 0;
        while began.elapsed() < Duration::from_secs(3) {
            n += 1;
            let chat = format!("791400000{:02}@c.us", n % 20);
            let body = json!({"typeWebhook": "incomingMessageReceived",
                "instanceData": {"idInstance": instance.id, "wid": "79990000001@c.us", "typeInstance": "whatsapp"},
                "timestamp": now().0 / 1000, "idMessage": format!("D{n}"),
                "senderData": {"chatId": chat, "sender": chat, "chatName": "К", "senderName": "К"},
                "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": format!("D{n}")}}});
            loop {
                let answer = http.post(&url).header("authorization", &header).json(&body).send().await.unwrap();
                if answer.status() == 200 {
                    answered += 1;
                    break;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        answered
    };
    let ((), answered) = tokio::join!(cut, tell);
    let db = &world.state().db;
    until("all applied", async || (count(db, "select count(*) from journal where state = 0").await == 0).then_some(()))
        .await;
    assert_eq!(count(db, "select count(*) from journal where state = 2").await, 0, "a notification was given up");
    assert_eq!(count(db, "select count(distinct text) from message").await, answered);
    assert_eq!(count(db, "select count(*) from message").await, answered);
    assert!(answered > 10, "{answered}");
    outside.close().await;
    world.end().await;
}

both!(what_nobody_answers_for_is_said, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    instance.set_pace(|pace| pace.echo = false);
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    strike(&world, instance.id, "sendMessage", Some(1), Some(false), Spoil::Partial);
    let sent = world.admin.say(chat.id, "a", "неясно").await;
    let told = becomes(&world, &sent, |message| message.status.rank() >= Status::Unknown.rank()).await;
    // Half an answer with 200 is an error of the provider's own: its journal says no, so it goes after all.
    match told.status {
        Status::Unknown => assert_eq!(told.failure.map(|failure| failure.reason), Some(Reason::UnknownOutcome)),
        _ => assert_eq!(instance.sent().len(), 1),
    }
    world.end().await;
});
