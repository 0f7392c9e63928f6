//! The Green-API gateway against the emulator, call by call: what goes over the wire and what comes of each answer.

use std::sync::Arc;
use std::time::Duration;

use domain::account::Qr;
use domain::{AccountId, AccountState, Address, Direction, Kind, Moment, Phone, Provider, Reason, Receive, Switches};
use emulator::Emulator;
use emulator::faults::{Aim, AnswerFault, Spoil};
use emulator::green_api::client::Write;
use emulator::green_api::{Instance, NewContact, NewInstance, Outcome, Quota};
use serde_json::{Value, json};
use server::fetch::{self, Fetch};
use server::gateway::{Found, Gateway, Gateways, Hook, Parcel, ParcelFile, Reaction, Remote, Trouble};
use server::ledger::now;
use server::store::Db;
use server::store::account::AccountRow;
use server::store::log::{self, Filter, Log};

use crate::harness::until;

const CLIENT: &str = "79120004517";

/// An instance, its gateway and a database for the log.
struct Bench {
    emulator: Emulator,
    instance: Arc<Instance>,
    row: AccountRow,
    db: Db,
    log: Log,
    gateways: Gateways,
    data: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        Self::of(NewInstance { inbox: true, ..NewInstance::default() }).await
    }

    async fn of(new: NewInstance) -> Self {
        let emulator = Emulator::start().await.unwrap();
        let instance = emulator.green_api().add_instance(new);
        let data = tempfile::tempdir().unwrap();
        let db = Db::open(&data.path().join("log.sqlite").to_string_lossy()).await.unwrap();
        let log = Log::start(db.clone());
        let fetch = Fetch::new(&["127.0.0.1".to_owned()]).unwrap();
        let row = AccountRow {
            id: AccountId(7),
            name: "Опт".to_owned(),
            provider: Provider::GreenApi,
            settings: json!({"id_instance": instance.id.to_string(), "api_url": emulator.url(), "media_url": emulator.url()}),
            secrets: json!({"api_token_instance": instance.token(), "webhook_token": "webhook-secret"}),
            receive: Receive::Polling,
            enabled: true,
            switches: Switches::default(),
            everyone: true,
            state: AccountState::Unknown,
            state_at: None,
            trouble: None,
            phone: None,
            paused_until: None,
            last_event_at: None,
            created_at: Moment(0),
            deleted_at: None,
        };
        let gateways = Gateways::new(fetch, log.clone());
        Self { emulator, instance, row, db, log, gateways, data }
    }

    fn gateway(&self) -> Arc<dyn Gateway> {
        self.gateways.build(&self.row).unwrap()
    }

    fn spoil(&self, method: &str, accepted: bool, spoil: Spoil) {
        let aim = Aim::at(self.instance.id, method, 1);
        self.emulator.world().faults.answer(AnswerFault { aim, accepted: Some(accepted), spoil });
    }

    fn answers(&self, method: &str, status: u16, body: Value) {
        self.spoil(method, false, Spoil::Status { status, body, headers: Default::default() });
    }
}

fn chat() -> Address {
    Address(format!("wa:{CLIENT}"))
}

fn text(words: &str) -> Parcel {
    Parcel {
        chat: chat(),
        kind: Kind::Text,
        text: words.to_owned(),
        file: None,
        content: None,
        quote: None,
        known: Vec::new(),
    }
}

fn phone() -> Phone {
    Phone::parse("+79120004517").unwrap()
}

fn remote(reference: &str, provider_id: &str) -> Remote {
    Remote { reference: reference.to_owned(), chat: chat(), provider_id: provider_id.to_owned() }
}

#[tokio::test]
async fn a_text_and_a_quote_go() {
    let bench = Bench::new().await;
    let asked = bench.instance.incoming_text(CLIENT, "Сколько стоит?");
    let parcel = Parcel { quote: Some(asked.clone()), ..text("1 890 ₽\n«за штуку» 👍") };
    let sent = bench.gateway().send(&parcel).await.unwrap();
    until("the message has gone", async || {
        let gone = bench.instance.sent();
        let message = gone.first()?;
        assert_eq!((message.id.as_str(), message.text.as_str()), (sent.provider_id.as_str(), "1 890 ₽\n«за штуку» 👍"));
        assert_eq!(message.body["quotedMessageId"], json!(asked));
        Some(())
    })
    .await;
}

#[tokio::test]
async fn a_file_goes_with_its_cyrillic_name_and_caption() {
    let bench = Bench::new().await;
    let path = bench.data.path().join("blob");
    let bytes: Vec<u8> = (0..300_000u32).map(|n| n.to_le_bytes()[0]).collect();
    tokio::fs::write(&path, &bytes).await.unwrap();
    let file =
        ParcelFile { path, name: "Счёт № 5.pdf".to_owned(), mime: "application/pdf".to_owned(), size: 300_000 };
    let parcel =
        Parcel { kind: Kind::Document, file: Some(file.clone()), ..text("Оплатите до пятницы") };
    bench.gateway().send(&parcel).await.unwrap();
    let path = until("the file has gone", async || {
        let gone = bench.instance.sent();
        let message = gone.first()?;
        assert_eq!(message.text, "Оплатите до пятницы");
        message.file.clone()
    })
    .await;
    let stored = bench.emulator.world().files.get(&path).unwrap();
    assert_eq!((stored.name.as_str(), stored.mime.as_str()), ("Счёт № 5.pdf", "application/pdf"));
    assert_eq!(stored.bytes, bytes);
    // A type that is none is sent as mere bytes, and all of them.
    let odd = ParcelFile { name: "b.bin".to_owned(), mime: "no type".to_owned(), ..file.clone() };
    bench.gateway().send(&Parcel { file: Some(odd), ..parcel.clone() }).await.unwrap();
    let path = until("the second file has gone", async || bench.instance.sent().get(1)?.file.clone()).await;
    assert_eq!(bench.emulator.world().files.get(&path).unwrap().bytes.len(), 300_000);
    // Bytes that are not there are no matter of the provider.
    let lost = ParcelFile { path: bench.data.path().join("no"), ..file };
    let trouble = bench.gateway().send(&Parcel { file: Some(lost), ..parcel }).await.unwrap_err();
    assert_eq!((trouble.reason, trouble.reaction), (Reason::FileMissing, Reaction::GiveUp));
}

#[tokio::test]
async fn every_answer_has_its_reason_and_reaction() {
    use AccountState as S;
    use Reaction::{Doubt, GiveUp, Pause, Retry};
    let bench = Bench::new().await;
    let seconds = |n| Some(Duration::from_secs(n));
    let table: Vec<(u16, Value, Reason, Reaction)> = vec![
        (400, json!("bad request data"), Reason::Rejected, GiveUp),
        (400, json!("instance in starting process try later"), Reason::Starting, Pause(S::Starting, seconds(30))),
        (400, json!("instance account not authorized"), Reason::NotLinked, Pause(S::WaitingScan, None)),
        (400, json!("Instance account is expired. Renew your instance"), Reason::Expired, Pause(S::Expired, None)),
        (400, json!("Instance is deleted"), Reason::Removed, Pause(S::Expired, None)),
        (401, Value::Null, Reason::WrongKey, Pause(S::WrongKey, None)),
        (403, json!("Forbidden"), Reason::WrongInstance, Pause(S::WrongInstance, None)),
        (404, json!("Not Found"), Reason::WrongInstance, Pause(S::WrongInstance, None)),
        (429, json!("Too Many Requests"), Reason::RateLimited, Retry(None)),
        (499, Value::Null, Reason::ProviderError, Doubt),
        (500, json!("request entity too large"), Reason::TooLarge, GiveUp),
        (500, json!({"message": "oops"}), Reason::ProviderError, Doubt),
        (502, json!("<html>"), Reason::ProviderError, Doubt),
        (200, json!("<html>"), Reason::StrangeAnswer, Doubt),
        (
            200,
            json!({"status": false, "reason": "instance is starting or not authorized"}),
            Reason::NotLinked,
            Pause(S::WaitingScan, None),
        ),
        (200, json!({"idMessage": ""}), Reason::StrangeAnswer, Doubt),
        (200, Value::Null, Reason::StrangeAnswer, Doubt),
    ];
    for (status, body, reason, reaction) in table {
        bench.answers("sendMessage", status, body.clone());
        let trouble = bench.gateway().send(&text("x")).await.unwrap_err();
        assert_eq!((trouble.reason, trouble.reaction), (reason, reaction), "{status} {body}");
    }
    let headers = [("Retry-After".to_owned(), "7".to_owned())].into();
    bench.spoil("sendMessage", false, Spoil::Status { status: 429, body: Value::Null, headers });
    assert_eq!(bench.gateway().send(&text("x")).await.unwrap_err().reaction, Retry(seconds(7)));
    for spoil in [Spoil::Drop, Spoil::Partial, Spoil::BrokenJson, Spoil::Html { status: 200 }] {
        bench.spoil("sendMessage", true, spoil.clone());
        let trouble = bench.gateway().send(&text("x")).await.unwrap_err();
        assert_eq!(trouble.reaction, Doubt, "{spoil:?}");
    }
    // The emulator's own refusals.
    bench.instance.set_quota(Quota { correspondents: Some(0), ..Quota::default() });
    let trouble = bench.gateway().send(&text("x")).await.unwrap_err();
    assert_eq!((trouble.reason, trouble.reaction), (Reason::QuotaChats, GiveUp));
    bench.instance.set_quota(Quota { methods: [("sendmessage".to_owned(), 0)].into(), ..Quota::default() });
    let trouble = bench.gateway().send(&text("x")).await.unwrap_err();
    assert_eq!((trouble.reason, trouble.reaction), (Reason::Quota, Pause(S::Quota, seconds(3600))));
}

#[tokio::test]
async fn a_server_that_is_not_there_was_sent_nothing() {
    let mut bench = Bench::new().await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    bench.row.settings["api_url"] = json!(format!("http://127.0.0.1:{free}"));
    let trouble = bench.gateway().send(&text("x")).await.unwrap_err();
    assert_eq!((trouble.reason, trouble.reaction), (Reason::Unreachable, Reaction::Retry(None)));
    bench.row.settings["api_url"] = json!("http://10.0.0.1");
    let trouble = bench.gateway().send(&text("x")).await.unwrap_err();
    assert_eq!(trouble.reason, Reason::PrivateAddress);
}

#[tokio::test]
async fn a_lost_message_is_found_in_the_queue_then_in_the_journal() {
    let bench = Bench::new().await;
    let since = now();
    assert_eq!(bench.gateway().find(&text("Где я?"), since).await.unwrap(), Found::Nowhere);
    bench.instance.set_state("notAuthorized");
    let sent = bench.gateway().send(&text("Где я?")).await.unwrap();
    let found = bench.gateway().find(&text("Где я?"), since).await.unwrap();
    assert_eq!(found, Found::Queued { provider_id: Some(sent.provider_id.clone()) });
    bench.instance.set_state("authorized");
    until("the message has gone", async || bench.instance.sent().first().map(drop)).await;
    let found = bench.gateway().find(&text("Где я?"), since).await.unwrap();
    assert_eq!(found, Found::Sent { provider_id: sent.provider_id.clone() });
    let known = Parcel { known: vec![sent.provider_id], ..text("Где я?") };
    assert_eq!(bench.gateway().find(&known, since).await.unwrap(), Found::Nowhere);
    assert_eq!(bench.gateway().find(&text("Другой"), since).await.unwrap(), Found::Nowhere);
    // What the owner said on the phone is not ours, even in the same words.
    bench.instance.phone_text(CLIENT, "С телефона");
    assert_eq!(bench.gateway().find(&text("С телефона"), since).await.unwrap(), Found::Nowhere);
}

#[tokio::test]
async fn a_lost_file_is_found() {
    let bench = Bench::new().await;
    let path = bench.data.path().join("blob");
    tokio::fs::write(&path, b"%PDF-1.4").await.unwrap();
    let file = ParcelFile { path, name: "Акт.pdf".to_owned(), mime: "application/pdf".to_owned(), size: 8 };
    let parcel = Parcel { kind: Kind::Document, file: Some(file), ..text("") };
    let since = now();
    bench.spoil("sendFileByUpload", true, Spoil::Drop);
    assert_eq!(bench.gateway().send(&parcel).await.unwrap_err().reaction, Reaction::Doubt);
    until("the file is found", async || match bench.gateway().find(&parcel, since).await.unwrap() {
        Found::Sent { .. } => Some(()),
        _ => None,
    })
    .await;
    assert_eq!(bench.instance.sent().len(), 1);
}

#[tokio::test]
async fn states_and_the_own_number() {
    let bench = Bench::new().await;
    let standing = bench.gateway().state().await.unwrap();
    assert_eq!((standing.state, standing.phone.as_deref()), (AccountState::Working, Some("79990000001")));
    for (word, state) in [
        ("notAuthorized", AccountState::WaitingScan),
        ("starting", AccountState::Starting),
        ("suspended", AccountState::Suspended),
        ("yellowCard", AccountState::Suspended),
        ("blocked", AccountState::Blocked),
        ("sleepMode", AccountState::Sleeping),
        ("newWord", AccountState::Unknown),
    ] {
        bench.instance.set_state(word);
        let standing = bench.gateway().state().await.unwrap();
        assert_eq!((standing.state, standing.phone), (state, None), "{word}");
    }
    let mut wrong = Bench::new().await;
    wrong.row.secrets["api_token_instance"] = json!("wrong");
    assert_eq!(wrong.gateway().state().await.unwrap_err().reason, Reason::WrongKey);
    wrong.row.settings["id_instance"] = json!("9999999999");
    assert_eq!(wrong.gateway().state().await.unwrap_err().reason, Reason::WrongInstance);
    bench.instance.set_closed(Some("Instance account is expired. Renew your instance from personal area".to_owned()));
    assert_eq!(bench.gateway().state().await.unwrap_err().reason, Reason::Expired);
}

#[tokio::test]
async fn settings_are_written_once() {
    let bench = Bench::of(NewInstance::default()).await;
    let hook =
        Hook { url: "https://b.example/hs/whatsapp/webhook/7".to_owned(), authorization: "Bearer s3cret".to_owned() };
    assert!(bench.gateway().configure(Some(&hook)).await.unwrap());
    let authorised = async || (bench.instance.state() == "authorized").then_some(());
    until("the instance has rebooted", authorised).await;
    assert!(!bench.gateway().configure(Some(&hook)).await.unwrap());
    assert_eq!(bench.instance.calls(Some("setSettings")).len(), 1, "writing reboots");
    assert_eq!(bench.instance.setting("webhookUrl"), json!(hook.url));
    assert_eq!(bench.instance.setting("webhookUrlToken"), json!("Bearer s3cret"));
    for name in ["incomingWebhook", "outgoingAPIMessageWebhook", "stateWebhook", "editedMessageWebhook"] {
        assert_eq!(bench.instance.setting(name), json!("yes"), "{name}");
    }
    assert_eq!(bench.gateway().configured().await.unwrap(), Some(hook.url));
    assert!(bench.gateway().configure(None).await.unwrap());
    until("the instance has rebooted", authorised).await;
    assert_eq!(bench.gateway().configured().await.unwrap(), None);
    assert!(!bench.gateway().configure(None).await.unwrap());
}

#[tokio::test]
async fn notifications_are_polled_and_acknowledged() {
    let bench = Bench::new().await;
    bench.instance.incoming_text(CLIENT, "раз");
    bench.instance.incoming_text(CLIENT, "два");
    let gateway = bench.gateway();
    let first = gateway.poll(Duration::from_secs(5)).await.unwrap().unwrap();
    assert_eq!(gateway.poll(Duration::from_secs(5)).await.unwrap().unwrap(), first, "until it is acknowledged");
    let decoded = gateway.decode(&first.body).unwrap();
    assert_eq!((decoded.what.as_str(), decoded.facts.len()), ("incomingMessageReceived: textMessage", 1));
    gateway.acknowledge(&first.receipt).await.unwrap();
    gateway.acknowledge(&first.receipt).await.expect("twice is once");
    let second = gateway.poll(Duration::from_secs(5)).await.unwrap().unwrap();
    assert!(second.body.contains("два"));
    gateway.acknowledge(&second.receipt).await.unwrap();
    for (status, body) in [(200, Value::Null), (200, json!("null")), (504, Value::Null), (408, Value::Null)] {
        bench.answers("receiveNotification", status, body);
        assert_eq!(gateway.poll(Duration::from_secs(5)).await.unwrap(), None, "{status}");
    }
    bench.answers("deleteNotification", 500, json!("findUnAckedMessage: not found"));
    gateway.acknowledge("17").await.unwrap();
    bench.spoil("receiveNotification", false, Spoil::Html { status: 200 });
    assert_eq!(gateway.poll(Duration::from_secs(5)).await.unwrap_err().reason, Reason::StrangeAnswer);
    bench.instance.set_settings([("webhookUrl".to_owned(), json!("https://b.example"))].into_iter().collect());
    let trouble = gateway.poll(Duration::from_secs(5)).await.unwrap_err();
    assert!(trouble.detail.contains("webhook url is set"), "{trouble}");
}

#[tokio::test]
async fn a_phone_is_linked_by_picture_or_by_code() {
    let bench = Bench::new().await;
    assert_eq!(bench.gateway().qr().await.unwrap(), Qr::Linked);
    bench.instance.set_state("notAuthorized");
    let Qr::Code { png, expires_in } = bench.gateway().qr().await.unwrap() else { panic!("no code") };
    use base64::Engine;
    let png = base64::engine::general_purpose::STANDARD.decode(png).unwrap();
    assert_eq!((&png[..4], expires_in), (&b"\x89PNG"[..], 20));
    bench.answers("qr", 200, json!({"type": "qrCode", "message": "data:image/png;base64,iVBORw0KGgo="}));
    assert_eq!(bench.gateway().qr().await.unwrap(), Qr::Code { png: "iVBORw0KGgo=".to_owned(), expires_in: 20 });
    bench.instance.require_passkey();
    assert_eq!(bench.gateway().qr().await.unwrap(), Qr::Passkey);
    bench.answers("qr", 200, json!({"type": "error", "message": "Instance has auth. You need to make log out"}));
    assert_eq!(bench.gateway().qr().await.unwrap(), Qr::Linked);
    bench.answers("qr", 400, json!("instance in starting process try later"));
    match bench.gateway().qr().await.unwrap() {
        Qr::Unavailable { trouble } => assert_eq!(trouble.reason, Reason::Starting),
        other => panic!("{other:?}"),
    }
    let code = bench.gateway().pairing_code(&phone()).await.unwrap();
    assert_eq!((code.code.len(), code.expires_in), (8, 150));
    bench.instance.scan_qr();
    assert_eq!(bench.gateway().pairing_code(&phone()).await.unwrap_err().reaction, Reaction::Retry(None));
    bench.gateway().logout().await.unwrap();
    assert_eq!(bench.instance.state(), "notAuthorized");
}

#[tokio::test]
async fn people_and_numbers_are_looked_up() {
    let bench = Bench::new().await;
    bench.instance.add_contact(NewContact {
        chat: CLIENT.to_owned(),
        name: "Ольга".to_owned(),
        contact_name: "Ольга Синицына".to_owned(),
        avatar: true,
        ..NewContact::default()
    });
    let profile = bench.gateway().profile(&chat()).await.unwrap();
    assert_eq!(profile.name, "Ольга Синицына");
    let portrait = bench.gateway().download(&remote(&profile.avatar.unwrap(), "")).await.unwrap();
    assert_eq!(&fetch::read(portrait, 1 << 20).await.unwrap()[1..4], b"PNG");
    // The internal id that the provider answers with is not taken for the address.
    assert_eq!(bench.gateway().check_number(&phone()).await.unwrap(), Some(chat()));
    let outcome = Outcome { status: "noAccount".to_owned(), description: None };
    bench.instance.set_outcome(CLIENT, Some(outcome));
    assert_eq!(bench.gateway().check_number(&phone()).await.unwrap(), None);
    bench.answers("checkWhatsapp", 400, json!("bad phone number, valid from 11 to 16 digits"));
    assert_eq!(bench.gateway().check_number(&phone()).await.unwrap(), None);
    // A used-up quota of look-ups does not stop the account.
    bench.answers("checkWhatsapp", 466, json!({"invokeStatus": {"status": "QUOTE_EXCEEDED"}}));
    let trouble = bench.gateway().check_number(&phone()).await.unwrap_err();
    assert_eq!((trouble.reason, trouble.reaction), (Reason::Quota, Reaction::GiveUp));
}

#[tokio::test]
async fn expired_links_are_renewed() {
    let bench = Bench::new().await;
    let bytes = bytes::Bytes::from_static(b"%PDF-1.4 test");
    let id = bench.instance.incoming(Write::file(CLIENT, "Счёт.pdf", Some(bytes.clone()))).unwrap();
    let polled = bench.gateway().poll(Duration::from_secs(5)).await.unwrap().unwrap();
    let link = serde_json::from_str::<Value>(&polled.body).unwrap()["messageData"]["fileMessageData"]["downloadUrl"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = async |remote: Remote| -> Result<bytes::Bytes, Trouble> {
        Ok(fetch::read(bench.gateway().download(&remote).await?, 1000).await.unwrap())
    };
    assert_eq!(read(remote(&link, &id)).await.unwrap(), bytes);
    assert_eq!(bench.instance.calls(Some("downloadFile")).len(), 0);
    bench.instance.expire_files();
    assert_eq!(read(remote(&link, &id)).await.unwrap(), bytes);
    assert_eq!(read(remote("", &id)).await.unwrap(), bytes);
    assert_eq!(bench.instance.calls(Some("downloadFile")).len(), 2);
    let lost = read(remote(&link, "NOBODY")).await.unwrap_err();
    assert_eq!((lost.reason, lost.reaction), (Reason::Rejected, Reaction::GiveUp));
    let large = read(remote("{{SWE002}}", &id)).await.unwrap_err();
    assert_eq!((large.reason, large.reaction), (Reason::TooLarge, Reaction::GiveUp));
    let inward = read(remote("http://169.254.169.254/latest", &id)).await.unwrap_err();
    assert_eq!((inward.reason, inward.reaction), (Reason::PrivateAddress, Reaction::GiveUp));
}

#[tokio::test]
async fn reading_is_told() {
    let bench = Bench::new().await;
    let id = bench.instance.incoming_text(CLIENT, "прочтите");
    bench.gateway().mark_read(&chat(), &id).await.unwrap();
    let calls = bench.instance.calls(Some("readChat"));
    assert_eq!(calls[0].body, json!({"chatId": "79120004517@c.us", "idMessage": id}));
}

#[tokio::test]
async fn every_call_is_in_the_log_without_secrets() {
    let bench = Bench::new().await;
    let token = bench.instance.token();
    bench.gateway().send(&text("Здравствуйте")).await.unwrap();
    bench.gateway().configured().await.unwrap();
    let echo = json!({"statusCode": 400, "path": format!("/waInstance1/sendMessage/{token}"), "message": token});
    bench.answers("sendMessage", 400, echo);
    let trouble = bench.gateway().send(&text("x")).await.unwrap_err();
    assert_eq!(trouble.detail, "***");
    bench.spoil("sendMessage", false, Spoil::Drop);
    bench.gateway().send(&text("y")).await.unwrap_err();
    bench.log.flush().await;
    let page = log::list(&bench.db, &Filter::default(), None, 10).await.unwrap();
    let whats: Vec<_> = page.items.iter().map(|line| (line.what.as_str(), line.status)).collect();
    let sends = "POST sendMessage";
    assert_eq!(whats, [(sends, None), (sends, Some(400)), ("GET getSettings", Some(200)), (sends, Some(200))]);
    for line in &page.items {
        let whole = log::get(&bench.db, &line.id).await.unwrap().unwrap();
        let seen = format!("{whole:?}");
        assert!(!seen.contains(&token) && !seen.contains("webhook-secret"), "{seen}");
        assert_eq!(
            (whole.direction, whole.system.as_str(), whole.account),
            (Direction::Out, "green_api", Some(AccountId(7)))
        );
        assert!(whole.took.is_some() && whole.error.is_some() == (whole.status != Some(200)));
    }
    let first = log::get(&bench.db, &page.items[3].id).await.unwrap().unwrap();
    assert!(first.request.unwrap().contains("Здравствуйте") && first.response.unwrap().contains("idMessage"));
    // Two at a time, the same lines.
    let mut ids = Vec::new();
    let mut before = None;
    loop {
        let page = log::list(&bench.db, &Filter::default(), before, 2).await.unwrap();
        ids.extend(page.items.iter().map(|line| line.id.clone()));
        match page.next {
            Some(next) => before = Some(next.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(ids, page.items.iter().map(|line| line.id.clone()).collect::<Vec<_>>());
    assert_eq!(log::remove_old(&bench.db, now()).await.unwrap(), 0);
    assert_eq!(log::remove_old(&bench.db, now().plus(31 * 24 * 3_600_000)).await.unwrap(), 4);
    // A proxy's page with 200 is no good answer, and neither is half of one.
    for spoil in [Spoil::Html { status: 200 }, Spoil::BrokenJson] {
        bench.spoil("getStateInstance", false, spoil);
        assert_eq!(bench.gateway().state().await.unwrap_err().reason, Reason::StrangeAnswer);
        bench.log.flush().await;
        let line = log::list(&bench.db, &Filter::default(), None, 1).await.unwrap().items.remove(0);
        assert_eq!((line.status, line.result), (Some(200), domain::log::LogResult::Error));
        assert!(line.error.unwrap().starts_with("StrangeAnswer"));
    }
    for id in ["c1", "c", "x1", "", "j99", "я"] {
        assert!(log::get(&bench.db, id).await.unwrap().is_none(), "{id}");
    }
}
