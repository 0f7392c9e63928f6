//! Places, cards and polls: as Green-API sends them (`reference/green-api.md` §2.1) and as it tells of them (§3.2, §2.4).

use domain::content::{
    Action, Button, Call, CallOutcome, Card, CardPhone, Choice, Content, Invite, LinkPreview, Location, MAX_PARTS,
    Menu, Poll, PollOption,
};
use domain::{Kind, Phone, vcard};
use serde_json::{Value, json};

/// The largest vCard kept whole, bytes.
const VCARD: usize = 65_536;
/// Long enough for every label, characters.
const LABEL: usize = 1_000;

/// The method and body that send a part; `None` for what Green-API cannot send.
pub(super) fn request(content: &Content, chat: &str) -> Option<(&'static str, Value)> {
    Some(match content {
        Content::Location(place) => {
            let mut body = json!({"chatId": chat, "latitude": place.latitude, "longitude": place.longitude});
            for (name, text) in [("nameLocation", &place.name), ("address", &place.address)] {
                if !text.is_empty() {
                    body[name] = json!(text);
                }
            }
            ("sendLocation", body)
        }
        Content::Contacts { cards } => {
            let card = cards.first()?;
            let phone = card.phones.iter().find_map(|phone| {
                let digits = phone.whatsapp.clone().or_else(|| Some(Phone::parse(&phone.text)?.digits().to_owned()))?;
                digits.parse::<u64>().ok()
            })?;
            let (first, last) = card.name.split_once(' ').unwrap_or((&card.name, ""));
            let mut contact = json!({"phoneContact": phone, "firstName": first});
            for (name, text) in [("lastName", last), ("company", &card.company)] {
                if !text.is_empty() {
                    contact[name] = json!(text);
                }
            }
            ("sendContact", json!({"chatId": chat, "contact": contact}))
        }
        Content::Poll(poll) => {
            let options: Vec<Value> = poll.options.iter().map(|option| json!({"optionName": option.text})).collect();
            let body =
                json!({"chatId": chat, "message": poll.question, "options": options, "multipleAnswers": poll.multiple});
            ("sendPoll", body)
        }
        _ => return None,
    })
}

/// Whether a row of the queue or of a journal is this part: by what a person would tell it by.
pub(super) fn same(content: &Content, row: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match content {
        Content::Location(place) => {
            let told = if row["location"].is_object() { &row["location"] } else { row };
            let near = |name: &str, ours: f64| told[name].as_f64().is_some_and(|theirs| (theirs - ours).abs() < 1e-6);
            near("latitude", place.latitude) && near("longitude", place.longitude)
        }
        Content::Contacts { cards } => {
            let name = cards.first().map(|card| card.name.as_str()).unwrap_or_default();
            let contact = &row["contact"];
            let parts = [text(&contact["firstName"]), text(&contact["lastName"])];
            text(&contact["displayName"]) == name || parts.join(" ").trim() == name
        }
        Content::Poll(poll) => {
            text(&row["message"]) == poll.question || text(&row["pollMessageData"]["name"]) == poll.question
        }
        _ => false,
    }
}

/// The word for a part in queues and journals.
pub(super) fn type_message(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Location => Some("locationMessage"),
        Kind::Contact => Some("contactMessage"),
        Kind::Poll => Some("pollMessage"),
        _ => None,
    }
}

/// What a notification tells besides words and files, with the words to show for it.
pub(super) fn read(data: &Value, raw_kind: &str) -> Option<(Kind, String, Content)> {
    let text = |value: &Value, name: &str| clip(value[name].as_str().unwrap_or_default(), LABEL);
    Some(match raw_kind {
        "locationMessage" => {
            let told = &data["locationMessageData"];
            let place = Location {
                latitude: told["latitude"].as_f64()?,
                longitude: told["longitude"].as_f64()?,
                name: text(told, "nameLocation"),
                address: text(told, "address"),
            };
            if !place.is_valid() {
                return None;
            }
            (Kind::Location, String::new(), Content::Location(place))
        }
        "contactMessage" => {
            let cards = cards(std::iter::once(&data["contactMessageData"]));
            (Kind::Contact, String::new(), Content::Contacts { cards })
        }
        "contactsArrayMessage" => {
            // The key of the part is again `messageData` (§3.2).
            let told = data["messageData"]["contacts"].as_array().or_else(|| data["contacts"].as_array())?;
            (Kind::Contact, String::new(), Content::Contacts { cards: cards(told.iter()) })
        }
        "pollMessage" => (Kind::Poll, String::new(), Content::Poll(poll(&data["pollMessageData"]))),
        "groupInviteMessage" => {
            let told = &data["groupInviteMessageData"];
            let expires = match &told["inviteExpiration"] {
                Value::String(text) => text.parse::<i64>().ok(),
                Value::Object(parts) => parts.get("low").and_then(Value::as_i64),
                other => other.as_i64(),
            };
            let invite = Invite {
                name: text(told, "groupName"),
                code: text(told, "inviteCode"),
                expires: expires.filter(|at| *at > 0).map(|at| at.saturating_mul(1000)),
            };
            (Kind::Invite, text(told, "caption"), Content::Invite(invite))
        }
        "templateButtonsReplyMessage" | "templateButtonReplyMessage" => {
            choice(&data["templateButtonReplyMessage"], "selectedId", "selectedDisplayText")?
        }
        "buttonsResponseMessage" => choice(&data["buttonsResponseMessage"], "selectedButtonId", "selectedButtonText")?,
        "listResponseMessage" => choice(&data["listResponseMessage"], "singleSelectReply", "title")?,
        "interactiveButtons" | "interactiveButtonsReply" => {
            let told = [&data["interactiveButtons"], &data["interactiveButtonsReply"]];
            let told = told.into_iter().find(|told| told.is_object())?;
            // The newest models name a click so too; one has what was chosen (§3.2).
            if told["selectedId"].is_string() {
                return choice(told, "selectedId", "selectedDisplayText");
            }
            let menu = Menu {
                title: text(told, "titleText"),
                footer: text(told, "footerText"),
                buttons: rows(&told["buttons"]).map(button).collect(),
            };
            (Kind::Buttons, text(told, "contentText"), Content::Menu(menu))
        }
        "buttonsMessage" => {
            let told = &data["buttonsMessage"];
            let buttons = rows(&told["buttons"]).map(button).collect();
            let menu = Menu { title: String::new(), footer: text(told, "footer"), buttons };
            (Kind::Buttons, text(told, "contentText"), Content::Menu(menu))
        }
        "listMessage" => {
            let told = &data["listMessage"];
            let buttons = rows(&told["sections"])
                .flat_map(|section| rows(&section["rows"]))
                .take(MAX_PARTS)
                .map(|row| Button {
                    action: Action::Reply,
                    text: text(row, "title"),
                    value: text(row, "rowId"),
                    note: text(row, "description"),
                })
                .collect();
            let menu = Menu { title: text(told, "title"), footer: text(told, "footer"), buttons };
            (Kind::Buttons, text(told, "contentText"), Content::Menu(menu))
        }
        "templateMessage" => {
            let told = &data["templateMessage"];
            let buttons = rows(&told["buttons"]).filter_map(template_button).collect();
            let menu = Menu { title: String::new(), footer: text(told, "footerText"), buttons };
            (Kind::Template, text(told, "contentText"), Content::Menu(menu))
        }
        _ => return None,
    })
}

/// A poll and its votes, whichever are told.
pub(super) fn poll(told: &Value) -> Poll {
    let options = if told["votes"].is_array() { &told["votes"] } else { &told["options"] };
    Poll {
        question: clip(told["name"].as_str().unwrap_or_default(), LABEL),
        options: rows(options)
            .map(|option| PollOption {
                text: clip(option["optionName"].as_str().unwrap_or_default(), LABEL),
                voters: option["optionVoters"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .take(1_024)
                    .map(|voter| super::decode::address(voter).map_or_else(|| clip(voter, 60), |address| address.0))
                    .collect(),
            })
            .collect(),
        multiple: told["multipleAnswers"] == true,
    }
}

/// A call, told of by a notification of its own (§3.5).
pub(super) fn call(body: &Value) -> Call {
    Call {
        video: body["isVideo"] == true,
        outcome: match body["status"].as_str().unwrap_or_default() {
            "pickUp" => CallOutcome::Taken,
            "hangUp" | "hungUp" if body["duration"].as_i64().unwrap_or_default() > 0 => CallOutcome::Taken,
            "hangUp" | "hungUp" | "missed" => CallOutcome::Missed,
            "declined" => CallOutcome::Declined,
            _ => CallOutcome::Ringing,
        },
        duration: body["duration"].as_i64().unwrap_or_default().clamp(0, 86_400),
    }
}

/// What a link in a text leads to, as the sender's phone found it.
pub(super) fn preview(data: &Value) -> Option<LinkPreview> {
    let told = &data["extendedTextMessageData"];
    let text = |name: &str| clip(told[name].as_str().unwrap_or_default().trim(), LABEL);
    let (title, description) = (text("title"), text("description"));
    if title.is_empty() && description.is_empty() {
        return None;
    }
    let words = told["text"].as_str().unwrap_or_default();
    let url = words.split_whitespace().find(|word| word.starts_with("https://") || word.starts_with("http://"))?;
    let host = url.split("://").nth(1)?.split(['/', '?', '#']).next()?.to_owned();
    Some(LinkPreview { url: clip(url, 2_000), title, description, site: clip(&host, 200), image: None })
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten().take(MAX_PARTS)
}

fn choice(told: &Value, id: &str, words: &str) -> Option<(Kind, String, Content)> {
    if !told.is_object() {
        return None;
    }
    let index = &told["selectedIndex"];
    let choice = Choice {
        id: clip(told[id].as_str().unwrap_or_default(), LABEL),
        // A number by the samples, a text by the tables (§3.2).
        index: index.as_i64().or_else(|| index.as_str()?.parse().ok()),
    };
    Some((Kind::Choice, clip(told[words].as_str().unwrap_or_default(), LABEL), Content::Choice(choice)))
}

fn button(told: &Value) -> Button {
    let text = |name: &str| clip(told[name].as_str().unwrap_or_default(), LABEL);
    let (action, value) = match told["type"].as_str().unwrap_or_default() {
        "url" => (Action::Url, text("url")),
        "call" => (Action::Call, text("phoneNumber")),
        "copy" => (Action::Copy, text("copyCode")),
        _ => (Action::Reply, text("buttonId")),
    };
    Button { action, text: text("buttonText"), value, note: String::new() }
}

fn template_button(told: &Value) -> Option<Button> {
    let kinds = [
        ("urlButton", Action::Url, "url"),
        ("callButton", Action::Call, "phoneNumber"),
        ("quickReplyButton", Action::Reply, "id"),
    ];
    kinds.into_iter().find_map(|(key, action, value)| {
        let part = told[key].as_object()?;
        let text = |name: &str| clip(part.get(name).and_then(Value::as_str).unwrap_or_default(), LABEL);
        Some(Button { action, text: text("displayText"), value: text(value), note: String::new() })
    })
}

fn cards<'a>(told: impl Iterator<Item = &'a Value>) -> Vec<Card> {
    told.take(MAX_PARTS)
        .map(|contact| {
            let source = contact["vcard"].as_str().unwrap_or_default();
            // A card that cannot be read still has the name that the messenger tells.
            let read = vcard::read(source.as_bytes()).ok().and_then(|cards| cards.into_iter().next());
            let mut card = read.map(shown).unwrap_or_default();
            if card.name.is_empty() {
                card.name = clip(contact["displayName"].as_str().unwrap_or_default(), LABEL);
            }
            card.vcard = if source.len() <= VCARD { source.replace('\0', "") } else { String::new() };
            card
        })
        .collect()
}

fn shown(card: vcard::Card) -> Card {
    let phone = |phone: &vcard::CardPhone| CardPhone {
        text: clip(&phone.written, LABEL),
        whatsapp: phone.whatsapp.as_deref().map(|digits| clip(digits, 20)),
    };
    let mut phones: Vec<CardPhone> = card.phones.iter().take(20).map(phone).collect();
    phones.sort_by_key(|phone| phone.whatsapp.is_none());
    Card { name: clip(&card.name, LABEL), company: clip(&card.organisation, LABEL), phones, vcard: String::new() }
}

fn clip(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}
