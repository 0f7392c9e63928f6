//! What tests stand on: [`World`] is a server, its database and an emulator, all new and all gone afterwards.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{AccountId, Chat, ChatId, Message, Page};
use emulator::Emulator;
use emulator::green_api::instance::{Instance, NewInstance};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::config::{Config, Settings};
use server::serve::{self, Server};
use sqlx::Connection;

/// The administrator of every world.
pub const ADMIN: (&str, &str) = ("admin", "пароль-админа");
/// The number of the client in most tests.
pub const CLIENT: &str = "79120004517@c.us";

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A database of its own on the server of `BESEDKA_TEST_POSTGRES`.
    Postgres,
}

/// Makes two tests of one body: `both!(name, |engine| async { … })`.
macro_rules! both {
    ($name:ident, $body:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let body = $body;
                body($crate::harness::Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let body = $body;
                body($crate::harness::Engine::Postgres).await;
            }
        }
    };
}

/// A server and the world around it.
pub struct World {
    /// The server; absent while it is down.
    pub server: Option<Server>,
    /// Where it listens.
    pub url: String,
    /// The outside.
    pub emulator: Emulator,
    /// A signed-in administrator.
    pub admin: Caller,
    config: Config,
    base: Option<String>,
    _data: tempfile::TempDir,
}

/// Somebody who calls the API.
#[derive(Clone)]
pub struct Caller {
    url: String,
    http: reqwest::Client,
}

/// An answer, read.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The body as JSON, or null.
    pub body: Value,
}

impl Answer {
    /// The error code of a fault.
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }
}

impl World {
    /// Starts everything, with an administrator signed in.
    pub async fn start(engine: Engine) -> Self {
        Self::start_with(engine, |_| {}).await
    }

    /// As [`World::start`], with other settings.
    pub async fn start_with(engine: Engine, change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let (database, base) = match engine {
            Engine::Sqlite => (data.path().join("besedka.sqlite").to_string_lossy().into_owned(), None),
            Engine::Postgres => postgres().await,
        };
        // A port of its own, kept over restarts.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings = Settings {
            listen: Some(([127, 0, 0, 1], port).into()),
            data: Some(data.path().to_owned()),
            database: Some(database),
            public_url: Some(format!("http://127.0.0.1:{port}").parse().unwrap()),
            admin: Some(format!("{}:{}", ADMIN.0, ADMIN.1)),
            allow_private_hosts: vec!["127.0.0.1".to_owned()],
            ..Settings::default()
        };
        let mut config = settings.resolve().unwrap();
        config.sweep = Duration::from_millis(100);
        config.reconcile = [300, 900, 1800].map(Duration::from_millis).to_vec();
        change(&mut config);
        let emulator = Emulator::start().await.unwrap();
        let server = serve::start(config.clone()).await.unwrap();
        let url = format!("http://{}", server.address);
        let admin = Caller::new(&url);
        let mut world = Self { server: Some(server), url, emulator, admin, config, base, _data: data };
        world.admin = world.sign_in(ADMIN.0, ADMIN.1).await;
        world
    }

    /// What the server shares.
    pub fn state(&self) -> &server::state::State {
        &self.server.as_ref().unwrap().state
    }

    /// Stops the server in order.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().await;
        }
    }

    /// Starts it again on the same data.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.server = Some(serve::start(self.config.clone()).await.unwrap());
    }

    /// Stops everything and removes the database.
    pub async fn end(self) {
        let Self { server, emulator, base, config, .. } = self;
        // First the outside, so that the server need not wait for calls that hang there.
        drop(emulator);
        if let Some(server) = server {
            server.stop().await;
        }
        drop_database(base.as_deref(), &config.database).await;
    }

    /// The settings it was started with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, login: &str, password: &str) -> Caller {
        let caller = Caller::new(&self.url);
        let answer = caller.post("/session", &json!({"login": login, "password": password})).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        caller
    }

    /// Makes a member of staff and signs them in. The password is the login, thrice.
    pub async fn staff(&self, login: &str, role: &str) -> Caller {
        let password = login.repeat(3);
        let answer = self
            .admin
            .post(
                "/users",
                &json!({"login": login, "name": format!("Имя {login}"), "role": role, "password": password}),
            )
            .await;
        assert!(answer.status.is_success(), "{:?}", answer.body);
        self.sign_in(login, &password).await
    }

    /// An authorised instance of the emulator, quick and talkative.
    pub fn instance(&self) -> Arc<Instance> {
        self.emulator.green_api().add_instance(NewInstance { inbox: true, ..NewInstance::default() })
    }

    /// A Green-API account for an instance, receiving by webhook, and set so at the instance.
    pub async fn account(&self, instance: &Instance) -> AccountId {
        let account = self.account_by(instance, "webhook").await;
        let answer = self.admin.post(&format!("/accounts/{account}/webhook"), &json!({})).await;
        assert!(answer.status.is_success(), "{:?}", answer.body);
        self.until("the instance has rebooted", async || (instance.state() == "authorized").then_some(())).await;
        account
    }

    /// A Green-API account that receives by `webhook`, `polling` or not at all.
    pub async fn account_by(&self, instance: &Instance, receive: &str) -> AccountId {
        let url = self.emulator.url();
        let answer = self
            .admin
            .post(
                "/accounts",
                &json!({"name": format!("Опт {}", instance.id), "provider": "green_api", "receive": receive, "everyone": true,
                    "switches": {"write_first": true},
                    "settings": {"id_instance": instance.id.to_string(), "api_token_instance": instance.token(),
                        "api_url": url, "media_url": url}}),
            )
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);
        AccountId(answer.body["id"].as_i64().unwrap())
    }

    /// The only chat there is, once there is one.
    pub async fn only_chat(&self) -> Chat {
        self.until("a chat", async || {
            let page = self.admin.chats("").await;
            (page.items.len() == 1).then(|| page.items[0].clone())
        })
        .await
    }

    /// Opens the chat with a number.
    pub async fn open(&self, account: AccountId, phone: &str) -> Chat {
        let answer = self.admin.post("/chats", &json!({"account": account, "phone": phone})).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        serde_json::from_value(answer.body).unwrap()
    }

    /// Waits until something is so; ten seconds are more than enough for everything here.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        until(what, look).await
    }
}

/// Waits until something is so.
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

impl Caller {
    /// Nobody yet.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), http: reqwest::Client::builder().cookie_store(true).no_proxy().build().unwrap() }
    }

    /// The client under it, with its cookies.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Any call under `/api/v1`.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// A page of the chat list.
    pub async fn chats(&self, query: &str) -> Page<Chat> {
        let answer = self.get(&format!("/chats?limit=100{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        serde_json::from_value(answer.body).unwrap()
    }

    /// The newest page of a chat, oldest first.
    pub async fn messages(&self, chat: ChatId) -> Vec<Message> {
        let answer = self.get(&format!("/chats/{chat}/messages?limit=100")).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        serde_json::from_value::<Page<Message>>(answer.body).unwrap().items
    }

    /// Says something.
    pub async fn say(&self, chat: ChatId, client_id: &str, text: &str) -> Message {
        let answer =
            self.post(&format!("/chats/{chat}/messages"), &json!({"client_id": client_id, "text": text})).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        serde_json::from_value(answer.body).unwrap()
    }
}

/// Removes a database of [`postgres`].
pub async fn drop_database(base: Option<&str>, url: &str) {
    let Some(base) = base else { return };
    let name = url.rsplit('/').next().unwrap();
    let mut connection = sqlx::PgConnection::connect(base).await.unwrap();
    let sql = format!("drop database if exists \"{name}\" with (force)");
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

/// A new database: its URL and the server's.
pub async fn postgres() -> (String, Option<String>) {
    let base = std::env::var("BESEDKA_TEST_POSTGRES")
        .expect("BESEDKA_TEST_POSTGRES is not set: `scripts/postgres.sh start` prints an address, `make test` sets it");
    let name = format!("besedka_{}", server::secret::hex(&rand_bytes()));
    let mut connection = sqlx::PgConnection::connect(&base).await.unwrap();
    let sql = format!("create database \"{name}\"");
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    let (server, _) = base.rsplit_once('/').unwrap();
    (format!("{server}/{name}"), Some(base))
}

fn rand_bytes() -> [u8; 8] {
    rand::random()
}

/// A small picture.
pub fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(40, 20).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
