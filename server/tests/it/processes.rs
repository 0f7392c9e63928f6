//! Two processes on one PostgreSQL: each account is worked for by one of them, both show everything in order, and when
//! one dies the other takes over. They share the data folder too, where the key and the files are.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::{AccountId, event::Event};
use emulator::Emulator;
use emulator::green_api::instance::NewInstance;
use serde_json::json;
use server::serve;

use crate::crash::{Process, pace, seed};
use crate::harness::{ADMIN, Caller, Engine, World, drop_database, postgres};
use crate::ledger::{listen_as, next};
use crate::load::{Load, Reader, within};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_account_is_worked_for_by_one_and_shown_by_both() {
    let seed = seed();
    let world = World::start_with(Engine::Postgres, |config| config.lease = Duration::from_secs(3)).await;
    let mut config = world.config().clone();
    config.listen.set_port(0);
    let other = serve::start(config).await.unwrap();
    let url = format!("http://{}", other.address);
    let emulator = &world.emulator;
    let mut load = Load::new(vec![world.url.clone(), url], &world.url).await;
    let mut instances = Vec::new();
    // Accounts are spread by their number over sixteen parts.
    for n in 0..10 {
        let new = NewInstance { inbox: true, pace: pace(n % 2 == 0), ..NewInstance::default() };
        let instance = emulator.green_api().add_instance(new);
        load.add_account(&world.admin, emulator, &instance, if n % 3 == 0 { "polling" } else { "webhook" }).await;
        instances.push(instance);
    }
    load.open_chats(&world.admin, "79160000001").await;
    let holders = |id: i64| {
        let account = AccountId(id);
        usize::from(world.state().shards.holds(account)) + usize::from(other.state.shards.holds(account))
    };
    within(20, "both have their part", async || {
        let (mine, theirs) = (world.state().shards.held().len(), other.state.shards.held().len());
        (mine == 8 && theirs == 8).then_some(())
    })
    .await;
    let load = Arc::new(load);
    let readers = [Reader::start(&load, 0, 0), Reader::start(&load, 1, 0)];
    let deeds = load.begin(seed, &instances);
    for _ in 0..60 {
        assert!((0..16).all(|id| holders(id) <= 1), "an account has two masters");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    within(20, "each account has one", async || (0..16).all(|id| holders(id) == 1).then_some(())).await;
    load.over.store(true, Ordering::Relaxed);
    for deed in deeds {
        deed.await.unwrap();
    }
    load.repeat_what_was_cut().await;
    let messages = load.settled(&instances).await;
    let mut seen = Vec::new();
    for reader in readers {
        seen.push(reader.finish(&load).await);
    }
    load.judge(&instances, &messages, &seen);
    load.judge_files().await;
    // An orderly end hands over without waiting for a lease to run out.
    other.stop().await;
    within(3, "the first has everything", async || (world.state().shards.held().len() == 16).then_some(())).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_is_killed_the_other_takes_over() {
    let seed = seed();
    let data = tempfile::tempdir().unwrap();
    let (database, base) = postgres().await;
    let emulator = Emulator::start().await.unwrap();
    let mut stays = Process::new(data.path(), &database, None, &["--lease", "2"]);
    stays.start().await;
    let mut dies = Process::new(data.path(), &database, Some(&stays.url), &["--lease", "2"]);
    dies.start().await;
    let admin = Caller::new(&stays.url);
    admin.post("/session", &json!({"login": ADMIN.0, "password": ADMIN.1})).await;
    let mut load = Load::new(vec![stays.url.clone(), dies.url.clone()], &stays.url).await;
    let mut instances = Vec::new();
    for n in 0..10 {
        let new = NewInstance { inbox: true, pace: pace(n % 2 == 0), ..NewInstance::default() };
        let instance = emulator.green_api().add_instance(new);
        load.add_account(&admin, &emulator, &instance, if n % 3 == 0 { "polling" } else { "webhook" }).await;
        instances.push(instance);
    }
    load.open_chats(&admin, "79160000001").await;
    let load = Arc::new(load);
    let readers = [Reader::start(&load, 0, 0), Reader::start(&load, 1, 0)];
    let deeds = load.begin(seed, &instances);
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(3_500)).await;
        dies.kill();
        // Meanwhile half of the accounts have nobody, for two seconds.
        tokio::time::sleep(Duration::from_millis(3_500)).await;
        dies.start().await;
    }
    load.over.store(true, Ordering::Relaxed);
    for deed in deeds {
        deed.await.unwrap();
    }
    load.repeat_what_was_cut().await;
    let messages = load.settled(&instances).await;
    let mut seen = Vec::new();
    for reader in readers {
        seen.push(reader.finish(&load).await);
    }
    load.judge(&instances, &messages, &seen);
    load.judge_files().await;
    drop((stays, dies));
    drop_database(base.as_deref(), &database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn typing_is_seen_by_colleagues_of_the_other_process() {
    let world = World::start(Engine::Postgres).await;
    let mut config = world.config().clone();
    config.listen.set_port(0);
    let other = serve::start(config).await.unwrap();
    let url = format!("http://{}", other.address);
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "8 912 000-45-17").await;
    world.staff("olga", "operator").await;
    let mut sockets = Vec::new();
    for url in [&world.url, &url] {
        sockets.push(listen_as(&world, url, "olga", "olgaolgaolga", None).await);
    }
    let mut own = listen_as(&world, &url, ADMIN.0, ADMIN.1, None).await;
    let path = format!("/chats/{}/typing", chat.id);
    let types = async || {
        loop {
            let answer = world.admin.post(&path, &json!({})).await;
            assert!(answer.status.is_success(), "{:?}", answer.body);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let hears = async {
        for socket in &mut sockets {
            loop {
                if let Event::Typing { chat: told, name } = next(socket).await.event {
                    assert_eq!((told, name.as_str()), (chat.id, ADMIN.0));
                    break;
                }
            }
        }
    };
    tokio::select! {
        () = types() => {}
        () = hears => {}
    }
    // Who types is not told of it, on whatever process they look.
    instance.incoming_text(crate::harness::CLIENT, "Добрый день");
    loop {
        match next(&mut own).await.event {
            Event::Typing { .. } => panic!("told to the one who types"),
            Event::Message { .. } => break,
            _ => {}
        }
    }
    other.stop().await;
    world.end().await;
}
