//! Green-API's notifications into facts (`reference/green-api.md` §3). Every enumeration there is open: an unknown kind
//! of message is kept as unsupported, an unknown kind of notification tells nothing and is named in the log. Nothing
//! here panics, whatever the body.

use domain::content::CallOutcome;
use domain::fact::{NewMessage, QuoteRef, RemoteFile};
use domain::{AccountState, Address, Content, Direction, Fact, Failure, Kind, Moment, Origin, Phone, Reason, Status};
use serde_json::Value;

use super::{part, state_of};
use crate::gateway::{DecodeError, Decoded};

/// The provider's clock may be ahead of ours by this much, milliseconds; more is a mistake.
const AHEAD: i64 = 5 * 60 * 1000;
/// Long enough for every text (`reference/green-api.md` §2.1), characters.
const TEXT: usize = domain::message::MAX_TEXT * 2;
/// Long enough for every name, characters.
const NAME: usize = 300;

/// Reads a notification of the instance `id`; `now` stands in for a time that is missing or absurd.
pub(super) fn decode(body: &str, id: &str, now: Moment) -> Result<Decoded, DecodeError> {
    let body: Value = crate::gateway::json::read(body).map_err(|error| DecodeError(format!("not JSON: {error}")))?;
    let kind = text(&body, &["typeWebhook"]);
    if kind.is_empty() {
        return Err(DecodeError("no typeWebhook".to_owned()));
    }
    let instance = match &body["instanceData"]["idInstance"] {
        Value::Number(number) => number.to_string(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    if !instance.is_empty() && instance != id {
        return Err(DecodeError(format!("a notification of another instance, {}", clip(&instance, 40))));
    }
    let product = text(&body, &["instanceData", "typeInstance"]);
    if !product.is_empty() && product != "whatsapp" {
        return Err(DecodeError(format!("a notification of another messenger, {}", clip(&product, 40))));
    }
    let note = Note { body: &body, now };
    let (what, facts) = match kind.as_str() {
        "incomingMessageReceived" => note.message(Direction::In, Origin::Client, Status::Received)?,
        "outgoingMessageReceived" => note.message(Direction::Out, Origin::Phone, Status::Sent)?,
        "outgoingAPIMessageReceived" | "outgoingAPIMessage" => {
            note.message(Direction::Out, Origin::Api, Status::Accepted)?
        }
        "outgoingMessageStatus" => note.status()?,
        "stateInstanceChanged" => note.state(),
        "incomingCall" => note.call(Direction::In)?,
        "outgoingCall" => note.call(Direction::Out)?,
        _ => (String::new(), Vec::new()),
    };
    let what = if what.is_empty() { clip(&kind, NAME) } else { format!("{kind}: {}", clip(&what, NAME)) };
    Ok(Decoded { what, facts })
}

/// `79990000002@c.us` → `wa:79990000002` and so on (`reference/green-api.md` §1); `None` for what is no conversation
/// of an inbox: statuses, newsletters, broadcasts.
pub(super) fn address(chat_id: &str) -> Option<Address> {
    let (name, server) = chat_id.rsplit_once('@')?;
    // A person's device may follow: `79990000002:12@c.us`.
    let person = name.split(':').next().unwrap_or_default();
    let digits = |text: &str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match server {
        "c.us" | "s.whatsapp.net" if digits(person) && person != "0" => Some(Address(format!("wa:{person}"))),
        "lid" if digits(person) => Some(Address(format!("wa:lid:{person}"))),
        "g.us" if (1..=60).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_digit() || b == b'-') => {
            Some(Address(format!("wa:group:{name}")))
        }
        _ => None,
    }
}

/// Chats that exist at WhatsApp but not in an inbox.
fn skipped(chat_id: &str) -> bool {
    ["@broadcast", "@newsletter", "@call"].iter().any(|end| chat_id.ends_with(end))
}

struct Note<'a> {
    body: &'a Value,
    now: Moment,
}

type Told = (String, Vec<Fact>);

impl Note<'_> {
    fn at(&self) -> Moment {
        let stamp = &self.body["timestamp"];
        let seconds = stamp.as_i64().or_else(|| stamp.as_str().and_then(|text| text.parse().ok())).unwrap_or_default();
        let at = Moment::from_seconds(seconds);
        if at.0 <= 0 || at.since(self.now) > AHEAD { self.now } else { at }
    }

    fn id(&self) -> Result<String, DecodeError> {
        required(self.body, &["idMessage"])
    }

    /// §3.1: the three notifications of messages share one envelope.
    fn message(&self, direction: Direction, origin: Origin, status: Status) -> Result<Told, DecodeError> {
        let data = &self.body["messageData"];
        let raw_kind = text(data, &["typeMessage"]);
        let chat_id = required(self.body, &["senderData", "chatId"])?;
        if skipped(&chat_id) {
            return Ok((format!("{raw_kind}, {chat_id}"), Vec::new()));
        }
        let chat = address(&chat_id).ok_or_else(|| DecodeError(format!("a strange chatId: {}", clip(&chat_id, 60))))?;
        if raw_kind.is_empty() {
            return Err(DecodeError("no typeMessage".to_owned()));
        }
        // Dispatch on the word, never on which part is present: reactions reuse another's part (§3).
        let fact = match raw_kind.as_str() {
            "reactionMessage" => Fact::Reacted {
                chat,
                provider_id: required(data, &["quotedMessage", "stanzaId"])?,
                by: self.reacted_by(direction),
                emoji: text(data, &["extendedTextMessageData", "text"]),
                at: self.at(),
            },
            "editedMessage" => {
                let edited = &data["editedMessageData"];
                let words = text(edited, &["textMessage"]);
                let words = if words.is_empty() { text(edited, &["caption"]) } else { words };
                let text = clip(&words, TEXT);
                Fact::Edited { chat, provider_id: required(edited, &["stanzaId"])?, text, at: self.at() }
            }
            "deletedMessage" => {
                Fact::Deleted { chat, provider_id: required(data, &["deletedMessageData", "stanzaId"])?, at: self.at() }
            }
            "pollUpdateMessage" => Fact::Voted {
                chat,
                provider_id: required(data, &["pollMessageData", "stanzaId"])?,
                poll: part::poll(&data["pollMessageData"]),
            },
            _ => Fact::Message(Box::new(self.new_message(chat, data, &raw_kind, direction, origin, status)?)),
        };
        Ok((raw_kind, vec![fact]))
    }

    fn new_message(
        &self,
        chat: Address,
        data: &Value,
        raw_kind: &str,
        direction: Direction,
        origin: Origin,
        status: Status,
    ) -> Result<NewMessage, DecodeError> {
        let said = said(data, raw_kind);
        let sender = &self.body["senderData"];
        let named = |name: &str| Some(text(sender, &[name])).filter(|name| is_name(name)).map(|name| clip(&name, NAME));
        let own_words = direction == Direction::In;
        let person = named("senderContactName").or_else(|| named("senderName")).filter(|_| own_words);
        // In what we sent, the sender's names may be the other side's or nobody's (§3.1); the chat's is reliable.
        let (chat_name, sender_name) = if chat.is_group() {
            let number = || {
                let author = address(&text(sender, &["sender"]))?;
                author.phone().as_ref().map(Phone::pretty)
            };
            (named("chatName"), person.or_else(|| number().filter(|_| own_words)))
        } else {
            (person.or_else(|| named("chatName")), None)
        };
        Ok(NewMessage {
            chat,
            chat_name: chat_name.unwrap_or_default(),
            direction,
            origin,
            provider_id: self.id()?,
            sender_name,
            at: self.at(),
            kind: said.kind,
            text: said.text,
            quote: quote(data),
            forwarded: forwarded(data),
            content: said.content,
            preview: part::preview(data),
            files: said.file.into_iter().collect(),
            raw_kind: said.raw_kind,
            status,
            old: false,
        })
    }

    /// §3.5. Only how a call ended is told to people: while it rings nobody here can take it.
    fn call(&self, direction: Direction) -> Result<Told, DecodeError> {
        let word = text(self.body, &["status"]);
        let from = text(self.body, &["from"]);
        let (Some(chat), false) = (address(&from), skipped(&from)) else {
            let what = if from.is_empty() { word } else { format!("{word}, {}", clip(&from, 60)) };
            return Ok((what, Vec::new()));
        };
        let call = part::call(self.body);
        if call.outcome == CallOutcome::Ringing {
            return Ok((word, Vec::new()));
        }
        let message = NewMessage {
            chat,
            chat_name: String::new(),
            direction,
            origin: if direction == Direction::In { Origin::Client } else { Origin::Phone },
            provider_id: self.id()?,
            sender_name: None,
            at: self.at(),
            kind: Kind::Call,
            text: String::new(),
            quote: None,
            forwarded: false,
            content: Some(Content::Call(call)),
            preview: None,
            files: Vec::new(),
            raw_kind: None,
            status: if direction == Direction::In { Status::Received } else { Status::Sent },
            old: false,
        };
        Ok((word, vec![Fact::Message(Box::new(message))]))
    }

    fn reacted_by(&self, direction: Direction) -> String {
        match direction {
            Direction::Out => "me".to_owned(),
            Direction::In => {
                let sender = text(self.body, &["senderData", "sender"]);
                address(&sender).map_or_else(|| clip(&sender, 60), |address| address.0)
            }
        }
    }

    /// §3.4
    fn status(&self) -> Result<Told, DecodeError> {
        let word = required(self.body, &["status"])?;
        let description = clip(&text(self.body, &["description"]), 500);
        let because = |reason| Some(Failure { reason, detail: description.clone() });
        let (status, failure) = match word.as_str() {
            "pending" => (Status::Accepted, None),
            "sent" => (Status::Sent, None),
            "delivered" => (Status::Delivered, None),
            "read" => (Status::Read, None),
            "played" => (Status::Played, None),
            "failed" => (Status::Failed, because(Reason::WhatsappRefused)),
            "noAccount" => (Status::Failed, because(Reason::NoWhatsapp)),
            "notInGroup" => (Status::Failed, because(Reason::NotInGroup)),
            // It stays in the provider's queue for a day, so it is not lost yet.
            "yellowCard" | "suspended" => (Status::Accepted, because(Reason::Suspended)),
            _ => return Ok((word, Vec::new())),
        };
        let chat_id = text(self.body, &["chatId"]);
        if skipped(&chat_id) {
            return Ok((format!("{word}, {chat_id}"), Vec::new()));
        }
        let at = self.at();
        let mut facts = vec![Fact::Status {
            chat: address(&chat_id),
            provider_id: self.id()?,
            status,
            failure: failure.clone(),
            at,
        }];
        if matches!(word.as_str(), "yellowCard" | "suspended") {
            facts.push(Fact::Account { state: AccountState::Suspended, phone: None, failure, at });
        }
        Ok((word, facts))
    }

    /// §3.5
    fn state(&self) -> Told {
        let word = text(self.body, &["stateInstance"]);
        let state = state_of(&word);
        if state == AccountState::Unknown {
            return (word, Vec::new());
        }
        let own = address(&text(self.body, &["instanceData", "wid"]));
        let phone = own.and_then(|own| own.phone()).map(|phone| phone.digits().to_owned());
        (word, vec![Fact::Account { state, phone, failure: None, at: self.at() }])
    }
}

/// What a message says, taken apart.
struct Said {
    kind: Kind,
    text: String,
    file: Option<RemoteFile>,
    content: Option<Content>,
    raw_kind: Option<String>,
}

/// §3.2, the catalogue of `typeMessage`.
fn said(data: &Value, raw_kind: &str) -> Said {
    let plain = |words: String| {
        // Placeholders of a message that did not reach the linked device readably.
        if words.starts_with("{{SWE") {
            return Said {
                kind: Kind::Unsupported,
                text: String::new(),
                file: None,
                content: None,
                raw_kind: Some(clip(&words, 60)),
            };
        }
        Said { kind: Kind::Text, text: clip(&words, TEXT), file: None, content: None, raw_kind: None }
    };
    match raw_kind {
        "textMessage" => plain(text(data, &["textMessageData", "textMessage"])),
        "extendedTextMessage" | "quotedMessage" => {
            let words = text(data, &["extendedTextMessageData", "text"]);
            // Other products of the same API put a reply's words where plain ones are; it costs nothing to look.
            plain(if words.is_empty() { text(data, &["textMessageData", "textMessage"]) } else { words })
        }
        "imageMessage" | "videoMessage" | "audioMessage" | "documentMessage" | "stickerMessage" => {
            let file = &data["fileMessageData"];
            let mime = text(file, &["mimeType"]).to_ascii_lowercase();
            let kind = match raw_kind {
                "imageMessage" => Kind::Image,
                "videoMessage" => Kind::Video,
                "stickerMessage" => Kind::Sticker,
                "documentMessage" => Kind::Document,
                _ if mime.contains("ogg") || mime.contains("opus") => Kind::Voice,
                _ => Kind::Audio,
            };
            let remote = RemoteFile {
                reference: clip(&text(file, &["downloadUrl"]), 4000),
                name: clip(&text(file, &["fileName"]), NAME),
                mime: clip(&mime, 200),
                size: None,
            };
            Said {
                kind,
                text: clip(&text(file, &["caption"]), TEXT),
                file: Some(remote),
                content: None,
                raw_kind: None,
            }
        }
        _ if let Some((kind, words, content)) = part::read(data, raw_kind) => {
            Said { kind, text: clip(&words, TEXT), file: None, content: Some(content), raw_kind: None }
        }
        _ => Said {
            kind: Kind::Unsupported,
            text: clip(&gist(data, raw_kind), TEXT),
            file: None,
            content: None,
            raw_kind: Some(clip(raw_kind, 100)),
        },
    }
}

/// A short text of a message that is not shown as what it is.
fn gist(data: &Value, raw_kind: &str) -> String {
    let paths: &[&[&str]] = match raw_kind {
        "pollMessage" | "pollUpdateMessage" => &[&["pollMessageData", "name"]],
        "contactMessage" => &[&["contactMessageData", "displayName"]],
        "locationMessage" => &[&["locationMessageData", "nameLocation"], &["locationMessageData", "address"]],
        "groupInviteMessage" => &[&["groupInviteMessageData", "groupName"], &["groupInviteMessageData", "caption"]],
        "contactsArrayMessage" => {
            let contacts = data["messageData"]["contacts"].as_array().or_else(|| data["contacts"].as_array());
            let names = contacts.into_iter().flatten().map(|contact| text(contact, &["displayName"]));
            return names.filter(|name| !name.is_empty()).take(20).collect::<Vec<_>>().join(", ");
        }
        _ => &[
            &["interactiveButtons", "contentText"],
            &["interactiveButtonsReply", "contentText"],
            &["interactiveButtonsReply", "selectedDisplayText"],
            &["templateButtonReplyMessage", "selectedDisplayText"],
            &["buttonsMessage", "contentText"],
            &["listMessage", "contentText"],
            &["templateMessage", "contentText"],
            &["buttonsResponseMessage", "selectedButtonText"],
            &["listResponseMessage", "title"],
        ],
    };
    paths.iter().map(|path| text(data, path)).find(|words| !words.is_empty()).unwrap_or_default()
}

/// §3.3. Where only the id is known the rest is empty, and the ledger looks for the original.
fn quote(data: &Value) -> Option<QuoteRef> {
    let quoted = &data["quotedMessage"];
    let id = text(quoted, &["stanzaId"]);
    let id = if id.is_empty() { text(data, &["extendedTextMessageData", "stanzaId"]) } else { id };
    if id.is_empty() {
        return None;
    }
    let kind = match text(quoted, &["typeMessage"]).as_str() {
        "imageMessage" => Kind::Image,
        "videoMessage" => Kind::Video,
        "audioMessage" => Kind::Voice,
        "documentMessage" => Kind::Document,
        "stickerMessage" => Kind::Sticker,
        "" | "textMessage" | "extendedTextMessage" | "quotedMessage" => Kind::Text,
        _ => Kind::Unsupported,
    };
    let words = [
        text(quoted, &["textMessage"]),
        text(quoted, &["extendedTextMessage", "text"]),
        text(quoted, &["caption"]),
        text(quoted, &["fileName"]),
    ];
    let text = words.into_iter().find(|words| !words.is_empty()).unwrap_or_default();
    Some(QuoteRef { provider_id: id, text: clip(&text, TEXT), kind })
}

/// The mark sits inside whichever part the message has.
fn forwarded(data: &Value) -> bool {
    let parts = data.as_object().into_iter().flatten();
    parts.filter(|(name, _)| *name != "quotedMessage").any(|(_, part)| part["isForwarded"] == true)
}

/// A chat without a name bears its number; that is no name.
fn is_name(text: &str) -> bool {
    text.chars().any(|c| !c.is_ascii_digit() && !c.is_whitespace() && !"+-()@.".contains(c)) && address(text).is_none()
}

/// The text at a path, or nothing. Without NUL, which PostgreSQL does not take.
fn text(value: &Value, path: &[&str]) -> String {
    let found = path.iter().try_fold(value, |value, name| value.get(name));
    let text = found.and_then(Value::as_str).unwrap_or_default();
    if text.contains('\0') { text.replace('\0', "") } else { text.to_owned() }
}

fn required(value: &Value, path: &[&str]) -> Result<String, DecodeError> {
    let found = text(value, path);
    match found.is_empty() {
        true => Err(DecodeError(format!("no {}", path.join(".")))),
        // Ids are opaque, but longer ones than any index takes are nobody's.
        false if found.len() > 500 => Err(DecodeError(format!("{} is too long", path.join(".")))),
        false => Ok(found),
    }
}

fn clip(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => text[..end].to_owned(),
    }
}
