//! Green-API (`reference/green-api.md`): what is asked of it and in which words. Reading its notifications is in
//! `decode`, its errors in `errors`, looking for a lost message in `find`, for lost notifications in `missed`, what is set there and here in `settings`,
//! the wire itself in `call`.

mod call;
mod decode;
mod errors;
mod find;
mod missed;
mod part;
mod settings;

use std::time::Duration;

use anyhow::Context;
use domain::account::{PairingCode, Qr};
use domain::{AccountState, Address, Capabilities, Failure, Kind, Moment, Phone, Reason};
use reqwest::multipart::{Form, Part};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use self::call::{Api, Ask, Noted, Payload, USUAL};
use self::errors::Nature;
pub use self::settings::split_settings;
use super::{
    Answer, DecodeError, Decoded, Found, Gateway, Hook, Parcel, ParcelFile, Polled, Profile, Reaction, Remote, Sent,
    Standing, Told, Trouble,
};
use crate::fetch::Fetch;
use crate::store::account::AccountRow;
use crate::store::log::Log;

/// What Green-API can do and this gateway knows how to ask for.
pub const CAPABILITIES: Capabilities = Capabilities {
    edit: true,
    delete: true,
    reactions: true,
    typing: true,
    polls: true,
    buttons: false,
    templates: false,
    groups: true,
    quotes: true,
    files: true,
    max_file_bytes: domain::file::MAX_FILE_BYTES,
    qr: true,
    pairing_code: true,
    webhook: true,
    polling: true,
    sets_webhook: true,
    checks_numbers: true,
};

/// Seconds that one QR code lives (`reference/green-api.md` §2.8).
const QR_LIFE: u32 = 20;
/// Seconds that a pairing code lives (`reference/green-api.md` §2.8).
const PAIRING_LIFE: u32 = 150;

/// One instance.
#[derive(Debug)]
pub struct GreenApi {
    api: Api,
    /// Whether the own number has to be asked for: it is not known, or a phone has just been linked.
    asks_phone: bool,
}

impl GreenApi {
    /// The gateway of an account.
    pub fn new(account: &AccountRow, fetch: Fetch, log: Log) -> anyhow::Result<Self> {
        let setting = |name: &str| account.setting(name).with_context(|| format!("the account lacks {name}"));
        let token = account.secret("api_token_instance").context("the account lacks its token")?;
        let secrets = account.secrets.as_object().into_iter().flat_map(Map::values);
        Ok(Self {
            api: Api {
                fetch,
                log,
                account: account.id,
                api_url: setting("api_url")?.to_owned(),
                media_url: setting("media_url")?.to_owned(),
                id: setting("id_instance")?.to_owned(),
                token: token.to_owned(),
                secrets: secrets.filter_map(Value::as_str).map(str::to_owned).collect(),
            },
            asks_phone: account.phone.is_none() || account.state != AccountState::Working,
        })
    }

    async fn send_text(&self, parcel: &Parcel, chat: &str) -> Result<Sent, Trouble> {
        let mut body = json!({"chatId": chat, "message": parcel.text});
        if let Some(quote) = &parcel.quote {
            body["quotedMessageId"] = json!(quote);
        }
        let ask = Ask { nature: Nature::Send, ..Ask::post("sendMessage", body) };
        self.taken(self.api.json(ask).await?)
    }

    async fn send_file(&self, parcel: &Parcel, chat: &str, file: &ParcelFile) -> Result<Sent, Trouble> {
        let missing = |error: std::io::Error| Trouble {
            reason: Reason::FileMissing,
            detail: error.kind().to_string(),
            reaction: Reaction::GiveUp,
            status: None,
        };
        let bytes = tokio::fs::File::open(&file.path).await.map_err(missing)?;
        let stream = tokio_util::io::ReaderStream::with_capacity(bytes, 64 * 1024);
        let name = name_with_extension(&file.name, &file.mime);
        // What somebody once called a type need not be one.
        let mime = match Part::text("").mime_str(&file.mime) {
            Ok(_) => file.mime.as_str(),
            Err(_) => "application/octet-stream",
        };
        let part = Part::stream_with_length(reqwest::Body::wrap_stream(stream), file.size)
            .file_name(name.clone())
            .mime_str(mime)
            .map_err(|_| rejected(mime))?;
        let mut form = Form::new().text("chatId", chat.to_owned()).text("fileName", name.clone());
        let mut shown = json!({"chatId": chat, "fileName": name, "file": format!("{} bytes", file.size)});
        if !parcel.text.is_empty() {
            form = form.text("caption", parcel.text.clone());
            shown["caption"] = json!(parcel.text);
        }
        if let Some(quote) = &parcel.quote {
            form = form.text("quotedMessageId", quote.clone());
            shown["quotedMessageId"] = json!(quote);
        }
        // File names go as plain UTF-8, as from curl and browsers; the other forms are not understood everywhere.
        let form = form.part("file", part).percent_encode_noop();
        // At least 100 kB/s, beside the minute that any call may take.
        let timeout = USUAL + Duration::from_secs(file.size / 100_000);
        let body = Payload::Form(form, shown.to_string());
        let ask =
            Ask { verb: reqwest::Method::POST, body, timeout, nature: Nature::Send, ..Ask::get("sendFileByUpload") };
        self.taken(self.api.json(ask).await?)
    }

    fn taken(&self, answer: Value) -> Result<Sent, Trouble> {
        match answer["idMessage"].as_str().filter(|id| !id.is_empty()) {
            Some(id) => Ok(Sent { provider_id: id.to_owned() }),
            None => Err(errors::strange(200, &answer.to_string(), Nature::Send, &self.api.secrets)),
        }
    }

    async fn settings(&self) -> Result<Map<String, Value>, Trouble> {
        match self.api.json(Ask::get("getSettings")).await? {
            Value::Object(settings) => Ok(settings),
            other => Err(errors::strange(200, &other.to_string(), Nature::Ask, &self.api.secrets)),
        }
    }

    async fn renewed(&self, file: &Remote) -> Result<String, Trouble> {
        let chat = chat_id(&file.chat).ok_or_else(no_such_chat)?;
        let body = json!({"chatId": chat, "idMessage": file.provider_id});
        let answer = self.api.json(Ask::post("downloadFile", body)).await?;
        // The SDKs disagree about the name; the documents say `downloadUrl` (§2.3).
        let url = answer["downloadUrl"].as_str().or_else(|| answer["urlFile"].as_str()).unwrap_or_default();
        match url {
            "" => Err(errors::strange(200, &answer.to_string(), Nature::Ask, &self.api.secrets)),
            url => Ok(url.to_owned()),
        }
    }
}

impl Gateway for GreenApi {
    fn decode(&self, body: &str) -> Result<Decoded, DecodeError> {
        decode::decode(body, &self.api.id, call::now())
    }

    fn send<'a>(&'a self, parcel: &'a Parcel) -> Answer<'a, Result<Sent, Trouble>> {
        Box::pin(async move {
            let chat = chat_id(&parcel.chat).ok_or_else(no_such_chat)?;
            match &parcel.file {
                None if let Some(content) = &parcel.content => {
                    let (name, mut body) = part::request(content, &chat).ok_or_else(|| rejected("content"))?;
                    if let Some(quote) = &parcel.quote {
                        body["quotedMessageId"] = json!(quote);
                    }
                    self.taken(self.api.json(Ask { nature: Nature::Send, ..Ask::post(name, body) }).await?)
                }
                None => self.send_text(parcel, &chat).await,
                Some(file) => self.send_file(parcel, &chat, file).await,
            }
        })
    }

    fn find<'a>(&'a self, parcel: &'a Parcel, since: Moment) -> Answer<'a, Result<Found, Trouble>> {
        Box::pin(async move {
            let chat = chat_id(&parcel.chat).ok_or_else(no_such_chat)?;
            find::find(&self.api, parcel, &chat, since).await
        })
    }

    fn edit<'a>(&'a self, at: &'a Told, text: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let chat = chat_id(&at.chat).ok_or_else(no_such_chat)?;
            let body = json!({"chatId": chat, "idMessage": at.provider_id, "message": text});
            self.api.json(Ask::post("editMessage", body)).await.map(drop)
        })
    }

    fn delete<'a>(&'a self, at: &'a Told) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let chat = chat_id(&at.chat).ok_or_else(no_such_chat)?;
            // Answers with nothing at all (§7).
            self.api
                .text(Ask::post("deleteMessage", json!({"chatId": chat, "idMessage": at.provider_id})))
                .await
                .map(drop)
        })
    }

    fn react<'a>(&'a self, at: &'a Told, emoji: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let chat = chat_id(&at.chat).ok_or_else(no_such_chat)?;
            let body = json!({"chatId": chat, "idMessage": at.provider_id, "reaction": emoji});
            self.api.json(Ask::post("sendReaction", body)).await.map(drop)
        })
    }

    fn typing<'a>(&'a self, chat: &'a Address) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let chat = chat_id(chat).ok_or_else(no_such_chat)?;
            // As long as one of our typing notices holds (§2.2).
            self.api.text(Ask::post("sendTyping", json!({"chatId": chat, "typingTime": 5_000}))).await.map(drop)
        })
    }

    fn state(&self) -> Answer<'_, Result<Standing, Trouble>> {
        Box::pin(async move {
            let answer = self.api.json(Ask::get("getStateInstance")).await?;
            let Some(word) = answer["stateInstance"].as_str() else {
                return Err(errors::strange(200, &answer.to_string(), Nature::Ask, &self.api.secrets));
            };
            let state = state_of(word);
            let mut phone = None;
            if state == AccountState::Working && self.asks_phone {
                // The state is what was asked; the number may come next time.
                let settings = self.api.json(Ask::get("getWaSettings")).await.unwrap_or_default();
                let told = match &settings["phone"] {
                    Value::Number(number) => number.to_string(),
                    other => other.as_str().unwrap_or_default().to_owned(),
                };
                phone = Some(told).filter(|told| !told.is_empty() && told.bytes().all(|b| b.is_ascii_digit()));
            }
            Ok(Standing { state, phone })
        })
    }

    fn qr(&self) -> Answer<'_, Result<Qr, Trouble>> {
        Box::pin(async move {
            let answer = match self.api.json(Ask::get("qr")).await {
                Ok(answer) => answer,
                Err(trouble) if trouble.reason == Reason::Starting => {
                    return Ok(Qr::Unavailable { trouble: trouble.failure() });
                }
                Err(trouble) => return Err(trouble),
            };
            let message = answer["message"].as_str().unwrap_or_default();
            let kind = answer["type"].as_str().unwrap_or_default().to_ascii_lowercase();
            Ok(match kind.as_str() {
                "qrcode" => {
                    let png = message.split_once("base64,").map_or(message, |(_, data)| data).trim().to_owned();
                    Qr::Code { png, expires_in: QR_LIFE }
                }
                "alreadylogged" => Qr::Linked,
                // The news and the release notes spell it differently (§2.8).
                "passkeyrequired" | "passkeyrequire" => Qr::Passkey,
                "error" if message.contains("has auth") => Qr::Linked,
                _ => {
                    let reason = errors::phrase(message).map_or(Reason::ProviderError, |(reason, _)| reason);
                    let detail = crate::store::log::redact::clip(message.to_owned(), 500);
                    Qr::Unavailable { trouble: Failure { reason, detail } }
                }
            })
        })
    }

    fn pairing_code<'a>(&'a self, phone: &'a Phone) -> Answer<'a, Result<PairingCode, Trouble>> {
        Box::pin(async move {
            let body = json!({"phoneNumber": number(phone)});
            let answer = self.api.json(Ask::post("getAuthorizationCode", body)).await?;
            match answer["code"].as_str().filter(|code| !code.is_empty() && answer["status"] != false) {
                Some(code) => Ok(PairingCode { code: code.to_owned(), expires_in: PAIRING_LIFE }),
                None => Err(Trouble {
                    reason: Reason::ProviderError,
                    detail: String::new(),
                    reaction: Reaction::Retry(None),
                    status: Some(200),
                }),
            }
        })
    }

    fn logout(&self) -> Answer<'_, Result<(), Trouble>> {
        Box::pin(async move {
            let answer = self.api.json(Ask::get("logout")).await?;
            if answer["isLogout"] == false {
                return Err(errors::strange(200, &answer.to_string(), Nature::Ask, &self.api.secrets));
            }
            Ok(())
        })
    }

    fn configure<'a>(&'a self, hook: Option<&'a Hook>) -> Answer<'a, Result<bool, Trouble>> {
        Box::pin(async move {
            let changes = settings::changes(&self.settings().await?, hook);
            if changes.is_empty() {
                return Ok(false);
            }
            let answer = self.api.json(Ask::post("setSettings", Value::Object(changes))).await?;
            if answer["saveSettings"] != true {
                return Err(errors::strange(200, &answer.to_string(), Nature::Ask, &self.api.secrets));
            }
            Ok(true)
        })
    }

    fn configured(&self) -> Answer<'_, Result<Option<String>, Trouble>> {
        Box::pin(async move {
            let settings = self.settings().await?;
            let url = settings.get("webhookUrl").and_then(Value::as_str).unwrap_or_default();
            Ok(Some(url.to_owned()).filter(|url| !url.is_empty()))
        })
    }

    fn poll(&self, wait: Duration) -> Answer<'_, Result<Option<Polled>, Trouble>> {
        Box::pin(async move {
            let seconds = wait.as_secs().clamp(5, 60);
            let tail = format!("?receiveTimeout={seconds}");
            let timeout = Duration::from_secs(seconds + 15);
            let ask = Ask { tail: &tail, timeout, noted: Noted::Poll, ..Ask::get("receiveNotification") };
            let text = match self.api.text(ask).await {
                Ok(answered) => answered.text,
                // A server in the middle that got tired of waiting says the same as an empty queue (§2.3).
                Err(trouble) if matches!(trouble.status, Some(408 | 504)) => return Ok(None),
                Err(trouble) => return Err(trouble),
            };
            read_polled(text.trim()).ok_or_else(|| errors::strange(200, &text, Nature::Ask, &self.api.secrets))
        })
    }

    fn acknowledge<'a>(&'a self, receipt: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let tail = format!("/{receipt}");
            let ask = Ask { verb: reqwest::Method::DELETE, tail: &tail, ..Ask::get("deleteNotification") };
            match self.api.json(ask).await {
                // `"result": false` means that it was deleted before.
                Ok(_) => Ok(()),
                Err(trouble) if trouble.detail.contains("findUnAckedMessage") => Ok(()),
                Err(trouble) => Err(trouble),
            }
        })
    }

    fn missed(&self, since: Moment, settled: Duration) -> Answer<'_, Result<Vec<String>, Trouble>> {
        Box::pin(async move {
            let now = call::now();
            let minutes = u32::try_from(now.since(since).max(0) / 60_000 + 1).unwrap_or(u32::MAX);
            let settled = i64::try_from(settled.as_secs()).unwrap_or(i64::MAX);
            missed::missed(&self.api, minutes, now.0 / 1000, settled).await
        })
    }

    fn conversations(&self, most: usize) -> Answer<'_, Result<Vec<Address>, Trouble>> {
        Box::pin(async move {
            let tail = format!("?count={most}");
            match self.api.json(Ask { tail: &tail, ..Ask::get("getChats") }).await? {
                Value::Array(rows) => {
                    let names = rows.iter().filter_map(|row| row["id"].as_str());
                    Ok(names.filter_map(decode::address).take(most).collect())
                }
                // Nothing at all is told in several ways (§7.12).
                Value::Null => Ok(Vec::new()),
                Value::Object(empty) if empty.is_empty() => Ok(Vec::new()),
                other => Err(errors::strange(200, &other.to_string(), Nature::Ask, &self.api.secrets)),
            }
        })
    }

    fn past<'a>(&'a self, chat: &'a Address, most: usize) -> Answer<'a, Result<Vec<String>, Trouble>> {
        Box::pin(async move {
            let chat = chat_id(chat).ok_or_else(no_such_chat)?;
            missed::past(&self.api, &chat, most).await
        })
    }

    fn profile<'a>(&'a self, address: &'a Address) -> Answer<'a, Result<Profile, Trouble>> {
        Box::pin(async move {
            let chat = chat_id(address).ok_or_else(no_such_chat)?;
            let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().trim().to_owned();
            if address.is_group() {
                let group = self.api.json(Ask::post("getGroupData", json!({"groupId": chat}))).await?;
                let avatar = self.api.json(Ask::post("getAvatar", json!({"chatId": chat}))).await.unwrap_or_default();
                let avatar = Some(text(&avatar, "urlAvatar")).filter(|url| !url.is_empty());
                return Ok(Profile { name: text(&group, "subject"), avatar });
            }
            let info = self.api.json(Ask::post("getContactInfo", json!({"chatId": chat}))).await?;
            let mut name = text(&info, "contactName");
            if name.is_empty() {
                name = text(&info, "name");
            }
            let mut avatar = text(&info, "avatar");
            if avatar.is_empty() {
                avatar = text(&self.api.json(Ask::post("getAvatar", json!({"chatId": chat}))).await?, "urlAvatar");
            }
            Ok(Profile { name, avatar: Some(avatar).filter(|url| !url.is_empty()) })
        })
    }

    fn check_number<'a>(&'a self, phone: &'a Phone) -> Answer<'a, Result<Option<Address>, Trouble>> {
        Box::pin(async move {
            let answer = match self.api.json(Ask::post("checkWhatsapp", json!({"phoneNumber": number(phone)}))).await {
                Ok(answer) => answer,
                Err(trouble) if trouble.detail.contains("bad phone number") => return Ok(None),
                Err(trouble) => return Err(trouble),
            };
            match answer["existsWhatsapp"].as_bool() {
                Some(false) => Ok(None),
                // `chatId` is WhatsApp's internal id here; the number is in `phoneNumber`, if anywhere (§2.6).
                Some(true) => {
                    let told = decode::address(answer["phoneNumber"].as_str().unwrap_or_default());
                    let by_phone = told.filter(|address| address.phone().is_some());
                    Ok(Some(by_phone.unwrap_or_else(|| Address::whatsapp(phone))))
                }
                None => Err(errors::strange(200, &answer.to_string(), Nature::Ask, &self.api.secrets)),
            }
        })
    }

    fn download<'a>(&'a self, file: &'a Remote) -> Answer<'a, Result<reqwest::Response, Trouble>> {
        Box::pin(async move {
            if file.reference.contains("{{SWE002}}") {
                return Err(Trouble {
                    reason: Reason::TooLarge,
                    detail: String::new(),
                    reaction: Reaction::GiveUp,
                    status: None,
                });
            }
            let renewable = !file.provider_id.is_empty();
            if !file.reference.is_empty() {
                match self.api.file(&file.reference).await {
                    Err(trouble) if renewable && matches!(trouble.status, Some(401 | 403 | 404 | 410)) => {}
                    other => return other,
                }
            }
            if !renewable {
                return Err(Trouble {
                    reason: Reason::FileMissing,
                    detail: String::new(),
                    reaction: Reaction::GiveUp,
                    status: None,
                });
            }
            let url = self.renewed(file).await?;
            self.api.file(&url).await
        })
    }

    fn mark_read<'a>(&'a self, chat: &'a Address, provider_id: &'a str) -> Answer<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let chat = chat_id(chat).ok_or_else(no_such_chat)?;
            let mut body = json!({"chatId": chat});
            if !provider_id.is_empty() {
                body["idMessage"] = json!(provider_id);
            }
            // `"setRead": false` speaks of a message from before the notifications were on: nothing can be done.
            self.api.json(Ask::post("readChat", body)).await.map(drop)
        })
    }
}

/// `None` for what is no answer of `receiveNotification`; the inner `None` for an empty queue.
#[expect(clippy::option_option, reason = "broken, empty and full are three things")]
fn read_polled(text: &str) -> Option<Option<Polled>> {
    #[derive(serde::Deserialize)]
    struct Wire<'a> {
        #[serde(rename = "receiptId")]
        receipt: Value,
        // As it was written: the journal keeps what came, not what we made of it.
        #[serde(borrow)]
        body: &'a RawValue,
    }
    if text.is_empty() || text == "null" {
        return Some(None);
    }
    let wire: Wire<'_> = serde_json::from_str(text).ok()?;
    let receipt = match wire.receipt {
        Value::Number(number) => number.to_string(),
        Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => text,
        _ => return None,
    };
    Some(Some(Polled { receipt, body: wire.body.get().to_owned() }))
}

/// A state in all providers' words (`reference/green-api.md` §2.8). An unknown one claims nothing.
fn state_of(word: &str) -> AccountState {
    match word {
        "authorized" => AccountState::Working,
        "notAuthorized" | "pendingCode" | "pendingPassword" => AccountState::WaitingScan,
        "starting" => AccountState::Starting,
        "suspended" | "yellowCard" => AccountState::Suspended,
        "blocked" => AccountState::Blocked,
        "sleepMode" => AccountState::Sleeping,
        "passkeyRequired" => AccountState::Passkey,
        _ => AccountState::Unknown,
    }
}

/// How Green-API writes an address; `None` for another messenger's.
fn chat_id(address: &Address) -> Option<String> {
    let rest = address.0.strip_prefix("wa:")?;
    if let Some(lid) = rest.strip_prefix("lid:") {
        return Some(format!("{lid}@lid"));
    }
    if let Some(group) = rest.strip_prefix("group:") {
        return Some(format!("{group}@g.us"));
    }
    rest.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{rest}@c.us"))
}

/// What Green-API would not take.
fn rejected(what: &str) -> Trouble {
    Trouble { reason: Reason::Rejected, detail: what.to_owned(), reaction: Reaction::GiveUp, status: None }
}

fn no_such_chat() -> Trouble {
    rejected("chatId")
}

/// As some methods want it: a number, not a text.
fn number(phone: &Phone) -> u64 {
    // At most fifteen digits, so it always fits.
    phone.digits().parse().unwrap_or_default()
}

/// Green-API chooses the kind of message by the name's extension (§6), so every name gets one.
fn name_with_extension(name: &str, mime: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_control() || "/\\\"".contains(c) { '_' } else { c }).collect();
    let name = if name.trim().is_empty() { "file".to_owned() } else { name };
    let has = name.rsplit_once('.').is_some_and(|(stem, ext)| {
        !stem.is_empty() && (1..=5).contains(&ext.len()) && ext.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    if has {
        return name;
    }
    let plain = mime.split(';').next().unwrap_or_default().trim();
    // The first guess of the table is often an odd one (jpe, oga).
    let extension = match plain {
        "image/jpeg" => Some("jpg"),
        "audio/ogg" => Some("ogg"),
        "audio/mpeg" => Some("mp3"),
        "text/plain" => Some("txt"),
        "video/mp4" => Some("mp4"),
        other => mime_guess::get_mime_extensions_str(other).and_then(|all| all.first().copied()),
    };
    match extension {
        Some(extension) => format!("{name}.{extension}"),
        None => name,
    }
}

/// Whether a text in a journal is the parcel's, whatever was done to line ends and spaces around it.
fn same_text(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    a == b || plain(a) == plain(b)
}

/// Whether a `typeMessage` is what a parcel of this kind becomes.
fn becomes(kind: Kind, type_message: &str) -> bool {
    match type_message {
        "textMessage" | "extendedTextMessage" | "quotedMessage" => {
            !kind.has_file() && part::type_message(kind).is_none()
        }
        "imageMessage" | "videoMessage" | "audioMessage" | "documentMessage" | "stickerMessage" => kind.has_file(),
        word => part::type_message(kind) == Some(word),
    }
}

#[cfg(test)]
mod tests;
