//! kill -9 of the real server at random moments under load, and what must be true afterwards: what was answered 200 is
//! there once, what an operator sent went once or is shown as unknown, a reader of the event log misses nothing, an
//! uploaded file can be read. The load itself is in `load`, and serves `processes` too.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use emulator::Emulator;
use emulator::green_api::instance::{NewInstance, Pace};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use server::store::{Db, event};

use crate::harness::{ADMIN, Caller, Engine, drop_database, postgres};
use crate::load::{Load, Reader, within};

/// The programme as people run it, on an address that it keeps over restarts.
pub struct Process {
    /// Where it listens.
    pub url: String,
    data: PathBuf,
    database: String,
    public_url: String,
    extra: Vec<String>,
    child: Option<Child>,
}

impl Process {
    /// Not started yet. Providers are told to call `public_url`, or this process where there is none.
    pub fn new(data: &Path, database: &str, public_url: Option<&str>, extra: &[&str]) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("http://127.0.0.1:{port}");
        Self {
            public_url: public_url.unwrap_or(&url).to_owned(),
            url,
            data: data.to_owned(),
            database: database.to_owned(),
            extra: extra.iter().map(|&text| text.to_owned()).collect(),
            child: None,
        }
    }

    /// Starts it and waits until it answers.
    pub async fn start(&mut self) {
        let log = std::fs::File::options().create(true).append(true).open(self.data.join("stderr.log")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_besedka"))
            .current_dir(&self.data)
            .args(["--listen", self.url.trim_start_matches("http://"), "--public-url", &self.public_url])
            .arg("--data")
            .arg(&self.data)
            .args(["--database", &self.database, "--admin", &format!("{}:{}", ADMIN.0, ADMIN.1)])
            .args(["--allow-private-hosts", "127.0.0.1", "--reconcile", "1,2,3"])
            .args(&self.extra)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let began = Instant::now();
        loop {
            if let Ok(answer) = http.get(format!("{}/readyz", self.url)).send().await
                && answer.status().is_success()
            {
                return;
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert!(ended.is_none(), "the server ended by itself: {ended:?}\n{}", self.log());
            assert!(began.elapsed() < Duration::from_secs(30), "the server does not answer\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Seconds of processor time that it has used so far.
    pub fn busy(&self) -> f64 {
        let id = self.child.as_ref().unwrap().id();
        let text = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        // The 14th and 15th of proc(5), in hundredths of a second.
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }

    /// The end of what it wrote to its log.
    pub fn log(&self) -> String {
        let text = std::fs::read_to_string(self.data.join("stderr.log")).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Random numbers that can be had again: the seed is printed, `BESEDKA_TEST_SEED` sets it.
pub fn seed() -> u64 {
    let given = std::env::var("BESEDKA_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("BESEDKA_TEST_SEED={seed}");
    seed
}

/// An outside world that tells quickly again what was refused, and whose journals are ready before the last look.
pub fn pace(echo: bool) -> Pace {
    Pace { retry_ms: 50, timeout_ms: 5_000, journal_lag_ms: 500, echo, echo_missing_every: 4, ..Pace::default() }
}

async fn survives(engine: Engine, kills: usize, up: std::ops::Range<u64>) {
    let seed = seed();
    let mut random = StdRng::seed_from_u64(seed);
    let data = tempfile::tempdir().unwrap();
    let (database, base) = match engine {
        Engine::Sqlite => (data.path().join("besedka.sqlite").to_string_lossy().into_owned(), None),
        Engine::Postgres => postgres().await,
    };
    let emulator = Emulator::start().await.unwrap();
    let new = |echo| NewInstance { inbox: true, pace: pace(echo), ..NewInstance::default() };
    // One is told by webhook and echoes what was sent, the other is polled and only its journal knows.
    let instances = [emulator.green_api().add_instance(new(true)), emulator.green_api().add_instance(new(false))];
    let mut process = Process::new(data.path(), &database, None, &["--lease", "1"]);
    process.start().await;
    let admin = Caller::new(&process.url);
    let answer = admin.post("/session", &json!({"login": ADMIN.0, "password": ADMIN.1})).await;
    assert!(answer.status.is_success(), "{:?}", answer.body);
    let mut load = Load::new(vec![process.url.clone()], &process.url).await;
    load.add_account(&admin, &emulator, &instances[0], "webhook").await;
    load.add_account(&admin, &emulator, &instances[1], "polling").await;
    for n in 0..6 {
        load.open_chats(&admin, &format!("791600000{n:02}")).await;
    }
    let load = Arc::new(load);
    let reader = Reader::start(&load, 0, 0);
    let deeds = load.begin(seed, &instances);
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(random.random_range(up.clone()))).await;
        process.kill();
        tokio::time::sleep(Duration::from_millis(random.random_range(0..50))).await;
        process.start().await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    load.over.store(true, Ordering::Relaxed);
    for deed in deeds {
        deed.await.unwrap();
    }
    load.repeat_what_was_cut().await;
    let messages = load.settled(&instances).await;
    let seen = reader.finish(&load).await;
    load.judge(&instances, &messages, &[seen]);
    load.judge_files().await;
    process.kill();
    // The log itself, as the dead server left it.
    let db = Db::open(&database).await.unwrap();
    let rows = event::after(&db, 0, 1_000_000).await.unwrap();
    assert!(rows.iter().zip(1..).all(|(row, n)| row.seq == n), "the event log has a hole");
    assert_eq!(count(&db, "select count(*) from journal where state in (0, 2)").await, 0, "\n{}", process.log());
    assert_eq!(count(&db, "select count(*) from job where kind = 'send'").await, 0);
    db.close().await;
    drop_database(base.as_deref(), &database).await;
}

/// One number of the database.
pub async fn count(db: &Db, sql: &'static str) -> i64 {
    match db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(sql).fetch_one(read).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_thirty_times_on_sqlite() {
    survives(Engine::Sqlite, 30, 100..600).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_twenty_times_on_postgres() {
    // Longer, since the leases of the one before live a second.
    survives(Engine::Postgres, 20, 100..2_400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_stands_still_costs_nothing() {
    let data = tempfile::tempdir().unwrap();
    let database = data.path().join("besedka.sqlite");
    let emulator = Emulator::start().await.unwrap();
    let instance = emulator.green_api().add_instance(NewInstance { inbox: true, ..NewInstance::default() });
    let mut process = Process::new(data.path(), &database.to_string_lossy(), None, &[]);
    process.start().await;
    let admin = Caller::new(&process.url);
    admin.post("/session", &json!({"login": ADMIN.0, "password": ADMIN.1})).await;
    let mut load = Load::new(vec![process.url.clone()], &process.url).await;
    let account = load.add_account(&admin, &emulator, &instance, "webhook").await;
    load.open_chats(&admin, "79160000001").await;
    instance.set_state("notAuthorized");
    within(20, "the account stands still", async || {
        let shown = admin.get(&format!("/accounts/{account}")).await.body;
        (shown["state"] == "waiting_scan").then_some(())
    })
    .await;
    for n in 0..5 {
        admin.say(load.chats[0], &format!("w{n}"), "подождёт").await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = process.busy();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let used = process.busy() - before;
    assert!(used < 1.0, "{used} s of processor time in 3 s of waiting");
}
