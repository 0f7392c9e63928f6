//! People: names, portraits, ids and the lookups of reference §2.6.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::instance::{Inner, Instance};
use super::{Answer, Ask, Refusal, Reply, chat_id};
use crate::files::Stored;
use crate::samples;

/// A person that the instance knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Contact {
    pub name: String,
    pub contact_name: String,
    /// Path of the portrait; empty when hidden.
    pub avatar: String,
    pub business: bool,
    pub email: String,
    pub description: String,
}

/// A person as a test describes them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewContact {
    /// Phone digits or chat id.
    pub chat: String,
    /// Name in the profile (`senderName`).
    pub name: String,
    /// Name in the address book of the account (`senderContactName`).
    pub contact_name: String,
    /// Whether a portrait is drawn and served.
    pub avatar: bool,
    /// Whether the account is a business.
    pub business: bool,
}

/// The LID of a person: stable, 15 digits, made from the phone (reference §1).
pub(super) fn lid(chat: &str) -> String {
    if chat.ends_with("@lid") {
        return chat.to_owned();
    }
    let sum = chat.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |sum, b| (sum ^ u64::from(b)).wrapping_mul(0x100_0000_01B3));
    format!("{}@lid", 100_000_000_000_000 + sum % 900_000_000_000_000)
}

impl Instance {
    /// Adds or changes a person.
    pub fn add_contact(&self, new: NewContact) {
        let chat = chat_id(&new.chat);
        let avatar = if new.avatar {
            let shown = if new.name.is_empty() { &chat } else { &new.name };
            self.world.files.put(
                &self.scope(),
                Stored {
                    name: "portrait.png".to_owned(),
                    mime: "image/png".to_owned(),
                    bytes: samples::portrait(shown, 320),
                },
            )
        } else {
            String::new()
        };
        let contact = Contact {
            name: new.name,
            contact_name: new.contact_name,
            avatar,
            business: new.business,
            ..Contact::default()
        };
        self.lock().contacts.insert(chat, contact);
    }
}

impl Inner {
    /// Profile name and address book name; empty when unknown.
    pub fn names(&self, person: &str) -> (String, String) {
        self.contacts
            .get(person)
            .map(|contact| (contact.name.clone(), contact.contact_name.clone()))
            .unwrap_or_default()
    }

    /// A chat id as notifications and journals show it: a LID when `enableLidMode` is on.
    pub fn face(&self, chat: &str) -> String {
        let own = chat.strip_suffix("@c.us") == Some(self.phone.as_str());
        if self.on("enableLidMode") && chat.ends_with("@c.us") && !own {
            return lid(chat);
        }
        chat.to_owned()
    }

    /// The person behind a LID, if the instance has met them; otherwise the id as it is.
    pub fn resolve(&self, chat: &str) -> String {
        if !chat.ends_with("@lid") {
            return chat.to_owned();
        }
        self.contacts
            .keys()
            .chain(self.chats.keys())
            .find(|known| lid(known) == chat)
            .cloned()
            .unwrap_or_else(|| chat.to_owned())
    }
}

/// `POST checkWhatsapp` by `phoneNumber` or `chatId`.
pub(super) fn check(ask: &Ask) -> Reply {
    let digits = match (&ask.body["phoneNumber"], &ask.body["chatId"]) {
        (Value::Number(phone), Value::Null) => phone.to_string(),
        (Value::String(phone), Value::Null) => phone.clone(),
        (Value::Null, Value::String(chat)) => chat.clone(),
        _ => return Err(Refusal::Invalid("bad request data".to_owned())),
    };
    let mut inner = ask.instance.lock();
    let chat = inner.resolve(&chat_id(&digits));
    let is_lid = chat.ends_with("@lid");
    let phone = chat.split('@').next().unwrap_or_default();
    if !is_lid && (!(11..=16).contains(&phone.len()) || !phone.bytes().all(|b| b.is_ascii_digit())) {
        let text = "bad phone number, valid from 11 to 16 digits".to_owned();
        return Err(Refusal::Invalid(text));
    }
    let absent = inner.outcomes.get(&chat).is_some_and(|outcome| outcome.status == "noAccount");
    if absent {
        return Ok(Answer::Json(json!({"existsWhatsapp": false, "chatId": "", "username": "",
            "phoneNumber": "", "fromCache": false})));
    }
    // From now on the LID leads back to the phone.
    if !is_lid {
        inner.contacts.entry(chat.clone()).or_default();
    }
    let phone_number = if is_lid { String::new() } else { chat.clone() };
    Ok(Answer::Json(json!({"existsWhatsapp": true, "chatId": lid(&chat), "username": "",
        "phoneNumber": phone_number, "fromCache": false})))
}

/// `GET getContacts?group=&count=`.
pub(super) fn list(ask: &Ask) -> Reply {
    let inner = ask.instance.lock();
    let people = inner.contacts.iter().map(|(id, contact)| {
        json!({"id": inner.face(id), "name": contact.name, "contactName": contact.contact_name,
            "type": "user"})
    });
    let groups = inner
        .groups
        .iter()
        .map(|(id, group)| json!({"id": id, "name": group.subject, "contactName": "", "type": "group"}));
    let count = ask.number("count").unwrap_or(usize::MAX);
    let rows: Vec<Value> = match ask.query.get("group").map(String::as_str) {
        Some("true") => groups.take(count).collect(),
        Some("false") => people.take(count).collect(),
        _ => people.chain(groups).take(count).collect(),
    };
    Ok(Answer::Json(json!(rows)))
}

/// `POST getContactInfo`, persons only.
pub(super) fn info(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    if chat.ends_with("@g.us") {
        return Err(Refusal::Invalid("bad request data".to_owned()));
    }
    let inner = ask.instance.lock();
    let contact = inner.contacts.get(&chat).cloned().unwrap_or_default();
    let state = inner.chats.get(&chat).cloned().unwrap_or_default();
    Ok(Answer::Json(json!({
        "avatar": ask.full(&contact.avatar), "name": contact.name,
        "contactName": contact.contact_name, "email": contact.email, "category": "",
        "description": contact.description, "products": [], "chatId": inner.face(&chat),
        "lastSeen": null, "isArchive": state.archived, "isDisappearing": state.ephemeral > 0,
        "isMute": false, "messageExpiration": state.ephemeral, "muteExpiration": null,
        "isBusiness": contact.business})))
}

/// `POST getAvatar`: persons and groups; an empty address means hidden.
pub(super) fn avatar(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let inner = ask.instance.lock();
    let path = match inner.groups.get(&chat) {
        Some(group) => group.avatar.clone(),
        None => inner.contacts.get(&chat).map(|c| c.avatar.clone()).unwrap_or_default(),
    };
    Ok(Answer::Json(json!({"urlAvatar": ask.full(&path), "available": !path.is_empty(),
        "existsWhatsapp": true, "reason": ""})))
}

fn named(ask: &Ask) -> Result<(String, String), Refusal> {
    let chat = ask.chat("chatId")?;
    let first = ask.text("firstName", 100)?;
    let last = ask.body["lastName"].as_str().unwrap_or_default();
    Ok((chat, format!("{first} {last}").trim().to_owned()))
}

/// `POST addContact`.
pub(super) fn add(ask: &Ask) -> Reply {
    let (chat, name) = named(ask)?;
    ask.instance.lock().contacts.entry(chat).or_default().contact_name = name;
    Ok(Answer::Json(json!({"addContact": true})))
}

/// `POST editContact`.
pub(super) fn edit(ask: &Ask) -> Reply {
    let (chat, name) = named(ask)?;
    let mut inner = ask.instance.lock();
    let Some(contact) = inner.contacts.get_mut(&chat) else {
        return Ok(Answer::Json(json!({"editContact": false, "message": "contact not found"})));
    };
    contact.contact_name = name;
    Ok(Answer::Json(json!({"editContact": true})))
}

/// `POST deleteContact`: leaves the address book, stays a person.
pub(super) fn remove(ask: &Ask) -> Reply {
    let chat = ask.chat("chatId")?;
    let mut inner = ask.instance.lock();
    let Some(contact) = inner.contacts.get_mut(&chat) else {
        return Ok(Answer::Json(json!({"deleteContact": false, "message": "contact not found"})));
    };
    contact.contact_name.clear();
    Ok(Answer::Json(json!({"deleteContact": true})))
}
