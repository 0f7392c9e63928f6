//! Load for the tests of crashes and of several processes: a provider that tells, clients who write, operators who send
//! and upload, readers of the event stream. Each notes what it was promised; afterwards that is compared with what is
//! there. Everything here expects the server to vanish at any moment.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::{AccountId, Chat, ChatId, Direction, FileId, Frame, Message, MessageId, Page, Status, event::Event};
use emulator::Emulator;
use emulator::green_api::instance::Instance;
use futures_util::{SinkExt, StreamExt};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::harness::{ADMIN, Caller};

/// An account and how its notifications are proven.
pub struct Hook {
    account: AccountId,
    instance: i64,
    authorization: String,
}

/// What an operator asked for.
struct Written {
    chat: ChatId,
    client_id: String,
    text: String,
    files: Vec<FileId>,
    /// Answered 200 with this.
    id: Option<MessageId>,
    /// Answered at the first try.
    clean: bool,
}

/// See the module.
pub struct Load {
    urls: Vec<String>,
    cookie: String,
    http: reqwest::Client,
    hooks: Vec<Hook>,
    /// Chats that operators write in.
    pub chats: Vec<ChatId>,
    /// The load is to end.
    pub over: AtomicBool,
    head: AtomicI64,
    count: AtomicUsize,
    /// Notifications that the test itself sent, and whether one try was answered 200.
    told: Mutex<HashMap<String, bool>>,
    /// What the emulator's clients wrote.
    said: Mutex<HashSet<String>>,
    written: Mutex<Vec<Written>>,
    files: Mutex<Vec<(FileId, Vec<u8>)>>,
}

/// What a reader has seen.
pub struct Seen {
    /// How often each message came as fresh.
    pub fresh: HashMap<MessageId, usize>,
    /// All messages.
    pub messages: HashSet<MessageId>,
    /// How often it had to connect.
    pub lines: usize,
}

/// A reader at work.
pub struct Reader(JoinHandle<Seen>);

impl Load {
    /// Asks the processes at `urls` in turn; signs in at `url`.
    pub async fn new(urls: Vec<String>, url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
        let pair = json!({"login": ADMIN.0, "password": ADMIN.1});
        let answer = http.post(format!("{url}/api/v1/session")).json(&pair).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self {
            urls,
            cookie,
            http,
            hooks: Vec::new(),
            chats: Vec::new(),
            over: AtomicBool::new(false),
            head: AtomicI64::new(i64::MAX),
            count: AtomicUsize::new(0),
            told: Mutex::default(),
            said: Mutex::default(),
            written: Mutex::default(),
            files: Mutex::default(),
        }
    }

    /// Adds an account for an instance and waits until it works.
    pub async fn add_account(
        &mut self,
        admin: &Caller,
        emulator: &Emulator,
        instance: &Instance,
        receive: &str,
    ) -> AccountId {
        let url = emulator.url();
        let input = json!({"name": format!("Опт {}", instance.id), "provider": "green_api", "receive": receive, "everyone": true, "switches": {"write_first": true},
            "settings": {"id_instance": instance.id.to_string(), "api_token_instance": instance.token(),
                "api_url": url, "media_url": url}});
        let answer = admin.post("/accounts", &input).await;
        assert!(answer.status.is_success(), "{:?}", answer.body);
        let account = AccountId(answer.body["id"].as_i64().unwrap());
        if receive == "webhook" {
            let answer = admin.post(&format!("/accounts/{account}/webhook"), &json!({})).await;
            assert!(answer.status.is_success(), "{:?}", answer.body);
        }
        let shown = within(30, "the account works", async || {
            let shown = admin.get(&format!("/accounts/{account}")).await.body;
            (shown["state"] == "working" && instance.state() == "authorized").then_some(shown)
        })
        .await;
        let authorization = shown["webhook_authorization"].as_str().unwrap_or_default().to_owned();
        self.hooks.push(Hook { account, instance: instance.id, authorization });
        account
    }

    /// Opens a number's chats in all accounts.
    pub async fn open_chats(&mut self, admin: &Caller, phone: &str) {
        for hook in &self.hooks {
            let answer = admin.post("/chats", &json!({"account": hook.account, "phone": phone})).await;
            assert!(answer.status.is_success(), "{:?}", answer.body);
            self.chats.push(ChatId(answer.body["id"].as_i64().unwrap()));
        }
    }

    /// Begins everything; ends some time after `over`.
    pub fn begin(self: &Arc<Self>, seed: u64, instances: &[Arc<Instance>]) -> Vec<JoinHandle<()>> {
        let mut deeds = Vec::new();
        for n in 0..3 {
            deeds.push(tokio::spawn(notify(self.clone(), seed.wrapping_add(100 + n))));
        }
        for (n, instance) in (0..).zip(instances) {
            deeds.push(tokio::spawn(write(self.clone(), seed.wrapping_add(200 + n), instance.clone())));
        }
        // Each operator has chats of their own, so that the order in a chat is known.
        for (n, part) in (0..).zip(self.chats.chunks(self.chats.len().div_ceil(3))) {
            deeds.push(tokio::spawn(operate(self.clone(), seed.wrapping_add(300 + n), part.to_vec())));
        }
        deeds
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn next(&self) -> usize {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    fn url(&self, random: &mut StdRng) -> &str {
        self.urls.choose(random).unwrap()
    }

    async fn post(&self, url: &str, path: &str, body: &Value) -> Option<Value> {
        let request = self.http.post(format!("{url}/api/v1{path}")).header("cookie", &self.cookie).json(body);
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let body: Value = answer.json().await.ok()?;
        assert!(status.is_success() || status.is_server_error(), "{status} {body}");
        status.is_success().then_some(body)
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/api/v1{path}", self.urls[0])).header("cookie", &self.cookie);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Everything that was cut off is asked for again, and everything once more: the same answer each time.
    pub async fn repeat_what_was_cut(&self) {
        let mut written = std::mem::take(&mut *self.written.lock().unwrap());
        for one in &mut written {
            let body = json!({"client_id": one.client_id, "text": one.text, "files": one.files});
            for _ in 0..2 {
                let answer = self.post(&self.urls[0], &format!("/chats/{}/messages", one.chat), &body).await.unwrap();
                let id = MessageId(answer["id"].as_i64().unwrap());
                assert_eq!(*one.id.get_or_insert(id), id, "{} gave two messages", one.client_id);
                assert_eq!(answer["text"].as_str(), Some(one.text.as_str()));
            }
        }
        *self.written.lock().unwrap() = written;
    }

    /// All messages that there are, once nothing is on its way any more.
    pub async fn settled(&self, instances: &[Arc<Instance>]) -> Vec<Message> {
        within(60, "everything settles", async || {
            if instances.iter().any(|instance| !instance.notifications().is_empty() || !instance.queued().is_empty()) {
                tokio::time::sleep(Duration::from_millis(100)).await;
                return None;
            }
            let messages = self.messages().await;
            let busy = [Status::Queued, Status::Sending, Status::Checking, Status::Accepted, Status::Sent];
            let texts: HashSet<&str> = messages.iter().map(|message| message.text.as_str()).collect();
            let here = self.promised().iter().all(|text| texts.contains(text.as_str()));
            let quiet = messages.iter().all(|message| !busy.contains(&message.status));
            if !(here && quiet) {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            (here && quiet).then_some(messages)
        })
        .await
    }

    /// Texts of clients that must be here.
    fn promised(&self) -> Vec<String> {
        let told = self.told.lock().unwrap();
        let said = self.said.lock().unwrap();
        told.iter()
            .filter(|(_, answered)| **answered)
            .map(|(text, _)| text.clone())
            .chain(said.iter().cloned())
            .collect()
    }

    async fn messages(&self) -> Vec<Message> {
        let mut chats: Vec<Chat> = Vec::new();
        let mut next = String::new();
        loop {
            let page: Page<Chat> = serde_json::from_value(self.get(&format!("/chats?limit=100{next}")).await).unwrap();
            chats.extend(page.items);
            match page.next {
                Some(cursor) => next = format!("&before={cursor}"),
                None => break,
            }
        }
        let mut messages: Vec<Message> = Vec::new();
        for chat in chats {
            let mut next = String::new();
            loop {
                let path = format!("/chats/{}/messages?limit=100{next}", chat.id);
                let page: Page<Message> = serde_json::from_value(self.get(&path).await).unwrap();
                messages.extend(page.items);
                match page.next {
                    Some(cursor) => next = format!("&before={cursor}"),
                    None => break,
                }
            }
        }
        messages
    }

    /// Compares what is there with what was promised.
    pub fn judge(&self, instances: &[Arc<Instance>], messages: &[Message], readers: &[Seen]) {
        let mut by_text: HashMap<&str, Vec<&Message>> = HashMap::new();
        for message in messages {
            by_text.entry(&message.text).or_default().push(message);
        }
        for (text, found) in &by_text {
            assert_eq!(found.len(), 1, "{text} is there more than once: {found:#?}");
        }
        for text in self.promised() {
            assert!(by_text.contains_key(text.as_str()), "{text} was answered 200 and is not there");
        }
        let sent: Vec<_> = instances.iter().flat_map(|instance| instance.sent()).collect();
        let written = self.written.lock().unwrap();
        let (mut unknown, mut went) = (0, 0);
        for one in written.iter() {
            let message = by_text.get(one.text.as_str()).unwrap_or_else(|| panic!("{} is not there", one.text))[0];
            assert_eq!(Some(message.id), one.id);
            let times = sent.iter().filter(|sent| sent.text == one.text).count();
            assert!(times <= 1, "{} was sent {times} times", one.text);
            match message.status {
                Status::Unknown => unknown += 1,
                Status::Delivered | Status::Read => {
                    assert_eq!(times, 1, "{} is shown as sent", one.text);
                    went += 1;
                }
                other => panic!("{} ended as {other:?} {:?}, sent {times} times", one.text, message.failure),
            }
        }
        assert!(went > unknown, "{went} went, {unknown} unknown");
        self.judge_order(&sent, &written);
        let came: HashSet<MessageId> =
            messages.iter().filter(|message| message.direction == Direction::In).map(|message| message.id).collect();
        for seen in readers {
            for id in &came {
                assert_eq!(seen.fresh.get(id), Some(&1), "message {id} came to the reader so many times");
            }
            assert_eq!(seen.fresh.len(), came.len());
            assert!(messages.iter().all(|message| seen.messages.contains(&message.id)), "a reader missed a message");
        }
        let lines: Vec<usize> = readers.iter().map(|seen| seen.lines).collect();
        let (told, said) = (self.told.lock().unwrap().len(), self.said.lock().unwrap().len());
        println!("{told} told, {said} said, {went} sent, {unknown} unknown; connections of readers: {lines:?}");
        assert!(told > 10 && said > 50 && went > 20, "too little happened to prove anything");
    }

    /// What was answered at the first try went in that order.
    fn judge_order(&self, sent: &[emulator::green_api::Sent], written: &[Written]) {
        for &chat in &self.chats {
            let texts: Vec<&str> =
                written.iter().filter(|one| one.chat == chat && one.clean).map(|one| one.text.as_str()).collect();
            let mut at: Vec<(u64, usize)> = Vec::new();
            for (n, one) in sent.iter().enumerate() {
                if let Some(place) = texts.iter().position(|text| *text == one.text) {
                    at.push((n as u64, place));
                }
            }
            assert!(at.is_sorted_by_key(|(_, place)| *place), "chat {chat} out of order: {at:?} of {texts:?}");
        }
    }

    /// Every upload that was answered can be read.
    pub async fn judge_files(&self) {
        let files = std::mem::take(&mut *self.files.lock().unwrap());
        assert!(!files.is_empty());
        for (id, bytes) in files {
            let request = self.http.get(format!("{}/api/v1/files/{id}", self.urls[0])).header("cookie", &self.cookie);
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "file {id}: {}", answer.status());
            assert!(answer.bytes().await.unwrap() == bytes, "file {id} has other bytes");
        }
    }

    async fn upload(&self, random: &mut StdRng) -> Option<FileId> {
        let mut bytes = vec![0u8; random.random_range(1..60_000)];
        random.fill(&mut bytes[..]);
        let part = reqwest::multipart::Part::bytes(bytes.clone()).file_name("прайс.bin");
        let form = reqwest::multipart::Form::new().part("file", part);
        let url = format!("{}/api/v1/files", self.url(random));
        let answer = self.http.post(url).header("cookie", &self.cookie).multipart(form).send().await.ok()?;
        let answer: Value = answer.error_for_status().ok()?.json().await.ok()?;
        let id = FileId(answer["id"].as_i64()?);
        self.files.lock().unwrap().push((id, bytes));
        Some(id)
    }
}

/// A provider of the test's own: tells again what was not answered, sometimes what was, and some it leaves.
async fn notify(load: Arc<Load>, seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    while !load.is_over() {
        let text = format!("T{}", load.next());
        let hook = load.hooks.choose(&mut random).unwrap();
        let chat = format!("791400000{:02}@c.us", random.random_range(0..40));
        let body = json!({"typeWebhook": "incomingMessageReceived",
            "instanceData": {"idInstance": hook.instance, "wid": "79990000001@c.us", "typeInstance": "whatsapp"},
            "timestamp": server::ledger::now().0 / 1000, "idMessage": text,
            "senderData": {"chatId": chat, "sender": chat, "chatName": "Клиент", "senderName": "Клиент"},
            "messageData": {"typeMessage": "textMessage", "textMessageData": {"textMessage": text}}});
        for _ in 0..random.random_range(1..5) {
            let url = format!("{}/hs/whatsapp/webhook/{}", load.url(&mut random), hook.account);
            let answer = load.http.post(url).header("authorization", &hook.authorization).json(&body).send().await;
            let answered = answer.is_ok_and(|answer| answer.status() == 200);
            *load.told.lock().unwrap().entry(text.clone()).or_default() |= answered;
            if answered && random.random_bool(0.9) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(2..20))).await;
    }
}

/// Clients of an instance.
async fn write(load: Arc<Load>, seed: u64, instance: Arc<Instance>) {
    let mut random = StdRng::seed_from_u64(seed);
    while !load.is_over() {
        let text = format!("К{}", load.next());
        instance.incoming_text(&format!("791500000{:02}@c.us", random.random_range(0..20)), &text);
        load.said.lock().unwrap().insert(text);
        tokio::time::sleep(Duration::from_millis(random.random_range(20..80))).await;
    }
}

/// An operator: asks up to three times, and some requests stay cut off.
async fn operate(load: Arc<Load>, seed: u64, chats: Vec<ChatId>) {
    let mut random = StdRng::seed_from_u64(seed);
    while !load.is_over() {
        let n = load.next();
        let chat = *chats.choose(&mut random).unwrap();
        let files: Vec<FileId> =
            if random.random_bool(0.2) { load.upload(&mut random).await.into_iter().collect() } else { Vec::new() };
        let mut one =
            Written { chat, client_id: format!("C{n}"), text: format!("О{n}"), files, id: None, clean: true };
        let body = json!({"client_id": one.client_id, "text": one.text, "files": one.files});
        for _ in 0..random.random_range(1..4) {
            let url = load.url(&mut random).to_owned();
            let answer = load.post(&url, &format!("/chats/{chat}/messages"), &body).await;
            one.id = answer.map(|body| MessageId(body["id"].as_i64().unwrap()));
            if one.id.is_some() {
                break;
            }
            one.clean = false;
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        load.written.lock().unwrap().push(one);
        tokio::time::sleep(Duration::from_millis(random.random_range(30..150))).await;
    }
}

impl Reader {
    /// Reads the stream of process number `which` from `after` on, over as many connections as it takes.
    pub fn start(load: &Arc<Load>, which: usize, after: i64) -> Self {
        let (load, url) = (load.clone(), load.urls[which].replace("http", "ws"));
        Self(tokio::spawn(async move {
            let mut seen = Seen { fresh: HashMap::new(), messages: HashSet::new(), lines: 0 };
            let mut at = after;
            while at < load.head.load(Ordering::Relaxed) {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let mut request = format!("{url}/api/v1/live").into_client_request().unwrap();
                request.headers_mut().insert("cookie", load.cookie.parse().unwrap());
                let Ok((mut socket, _)) = tokio_tungstenite::connect_async(request).await else { continue };
                if socket.send(json!({"after": at}).to_string().into()).await.is_err() {
                    continue;
                }
                seen.lines += 1;
                while at < load.head.load(Ordering::Relaxed) {
                    let told = match tokio::time::timeout(Duration::from_millis(300), socket.next()).await {
                        Err(_) => continue,
                        Ok(Some(Ok(told))) => told,
                        Ok(_) => break,
                    };
                    let Some(frame) = told.to_text().ok().and_then(|text| serde_json::from_str::<Frame>(text).ok())
                    else {
                        continue;
                    };
                    match frame.event {
                        Event::Hello | Event::Heartbeat => {
                            assert_eq!(frame.seq, at);
                            continue;
                        }
                        Event::Reset => panic!("told to read everything anew at {at}"),
                        Event::Message { message, fresh, .. } => {
                            seen.messages.insert(message.id);
                            if fresh {
                                *seen.fresh.entry(message.id).or_default() += 1;
                            }
                        }
                        _ => {}
                    }
                    // This person sees everything, so there is no hole either.
                    assert_eq!(frame.seq, at + 1);
                    at = frame.seq;
                }
            }
            seen
        }))
    }

    /// Lets it read what is there by now and gives what it has seen.
    pub async fn finish(self, load: &Load) -> Seen {
        let request = load.http.get(format!("{}/api/v1/chats?limit=1", load.urls[0])).header("cookie", &load.cookie);
        let answer = request.send().await.unwrap();
        let head = answer.headers()["x-seq"].to_str().unwrap().parse().unwrap();
        load.head.store(head, Ordering::Relaxed);
        tokio::time::timeout(Duration::from_secs(30), self.0).await.expect("the reader gets to the end").unwrap()
    }
}

/// Waits until something is so, at most so many seconds.
pub async fn within<T>(seconds: u64, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(seconds), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
