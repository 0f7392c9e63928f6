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

#[cfg(test)]
mod tests {
    use super::*;

    fn content(data: Value) -> Content {
        let kind = data["typeMessage"].as_str().unwrap().to_owned();
        read(&data, &kind).unwrap_or_else(|| panic!("{data}")).2
    }

    #[test]
    fn a_place_keeps_its_numbers_and_words() {
        let told = |latitude: f64| {
            json!({"typeMessage": "locationMessage", "locationMessageData": {"nameLocation": "Склад",
                "address": "Садовая, 5", "jpegThumbnail": "", "latitude": latitude, "longitude": 37.61}})
        };
        let place =
            Location {
                latitude: 55.75, longitude: 37.61, name: "Склад".to_owned(), address: "Садовая, 5".to_owned()
            };
        assert_eq!(content(told(55.75)), Content::Location(place.clone()));
        assert_eq!(read(&told(95.0), "locationMessage"), None, "not a place on Earth");
        let (method, body) = request(&Content::Location(place.clone()), "79990000002@c.us").unwrap();
        assert_eq!(
            (method, &body["nameLocation"], &body["latitude"]),
            ("sendLocation", &json!("Склад"), &json!(55.75))
        );
        assert!(same(&Content::Location(place.clone()), &body), "a row of the queue");
        assert!(same(&Content::Location(place), &json!({"location": {"latitude": 55.75, "longitude": 37.61}})));
    }

    #[test]
    fn cards_are_read_and_those_without_a_card_keep_their_name() {
        let vcard = "BEGIN:VCARD\nVERSION:3.0\nN:;Ольга;;;\nFN:Ольга Пример\nORG:Дом\nTEL:+7 495 000-00-00\n\
            TEL;type=CELL;waid=79990000002:+7 999 000-00-02\nEND:VCARD";
        let told = json!({"typeMessage": "contactsArrayMessage", "messageData": {"contacts": [
            {"displayName": "Ольга", "vcard": vcard}, {"displayName": "Иван", "vcard": "BEGIN:VCARD"}]}});
        let Content::Contacts { cards } = content(told) else { panic!() };
        assert_eq!((cards[0].name.as_str(), cards[0].company.as_str()), ("Ольга Пример", "Дом"));
        assert_eq!(cards[0].phones[0].whatsapp.as_deref(), Some("79990000002"), "those with WhatsApp come first");
        assert_eq!(cards[0].phones[1].whatsapp, None);
        assert_eq!((cards[1].name.as_str(), cards[1].phones.len()), ("Иван", 0));
        let (method, body) = request(&Content::Contacts { cards }, "79990000002@c.us").unwrap();
        assert_eq!((method, &body["contact"]["phoneContact"]), ("sendContact", &json!(79_990_000_002_u64)));
        let nobody = Card { name: "Без номера".to_owned(), ..Card::default() };
        assert_eq!(request(&Content::Contacts { cards: vec![nobody] }, "79990000002@c.us"), None);
    }

    #[test]
    fn a_poll_is_read_with_and_without_votes() {
        let asked = json!({"name": "Цвет?", "options": [{"optionName": "Красный"}, {"optionName": "Синий"}],
            "multipleAnswers": true});
        let read = poll(&asked);
        assert!(read.multiple && read.question == "Цвет?" && read.options.iter().all(|o| o.voters.is_empty()));
        let voted = json!({"name": "Цвет?", "votes": [
            {"optionName": "Красный", "optionVoters": ["79990000002@c.us", "странный"]}], "multipleAnswers": false});
        assert_eq!(poll(&voted).options[0].voters, ["wa:79990000002", "странный"]);
        let (method, body) = request(&Content::Poll(read.clone()), "79990000002@c.us").unwrap();
        assert_eq!((method, body["options"].as_array().unwrap().len()), ("sendPoll", 2));
        assert!(same(&Content::Poll(read), &body));
    }

    #[test]
    fn invitations_menus_and_choices() {
        for expires in [json!({"low": 1_791_000_000, "high": 0, "unsigned": false}), json!("1791000000")] {
            let told = json!({"typeMessage": "groupInviteMessage", "groupInviteMessageData": {"groupName": "Дом",
                "inviteCode": "AbC", "inviteExpiration": expires, "caption": "к нам"}});
            let invite = Invite { name: "Дом".to_owned(), code: "AbC".to_owned(), expires: Some(1_791_000_000_000) };
            assert_eq!(content(told), Content::Invite(invite));
        }
        let told = json!({"typeMessage": "interactiveButtons", "interactiveButtons": {"titleText": "Заказ",
            "contentText": "Дальше?", "footerText": "Опт", "buttons": [
                {"type": "url", "buttonText": "Сайт", "url": "https://ex.ru"},
                {"type": "call", "buttonText": "Звонок", "phoneNumber": "79990000002"},
                {"type": "copy", "buttonText": "Код", "copyCode": "А1"},
                {"type": "reply", "buttonText": "Да", "buttonId": "1"}]}});
        let Content::Menu(menu) = content(told) else { panic!() };
        let acts: Vec<_> = menu.buttons.iter().map(|button| (button.action, button.value.as_str())).collect();
        let expected =
            [(Action::Url, "https://ex.ru"), (Action::Call, "79990000002"), (Action::Copy, "А1"), (Action::Reply, "1")];
        assert_eq!(acts, expected);
        let list = json!({"typeMessage": "listMessage", "listMessage": {"title": "Меню", "contentText": "?",
            "sections": [{"rows": [{"title": "Пицца", "rowId": "p", "description": "30 см"}]}]}});
        let Content::Menu(menu) = content(list) else { panic!() };
        assert_eq!((menu.buttons[0].text.as_str(), menu.buttons[0].note.as_str()), ("Пицца", "30 см"));
        let template = json!({"typeMessage": "templateMessage", "templateMessage": {"contentText": "Скидка",
            "buttons": [{"index": 1, "urlButton": {"displayText": "Сайт", "url": "https://ex.ru"}}]}});
        let Content::Menu(menu) = content(template) else { panic!() };
        assert_eq!(menu.buttons[0].action, Action::Url);
        for index in [json!(1), json!("1")] {
            let click = json!({"typeMessage": "templateButtonsReplyMessage", "templateButtonReplyMessage": {
                "stanzaId": "B", "selectedIndex": index, "selectedId": "2", "selectedDisplayText": "Нет"}});
            assert_eq!(content(click), Content::Choice(Choice { id: "2".to_owned(), index: Some(1) }));
        }
    }

    #[test]
    fn calls_end_in_one_of_four_ways() {
        let call = |status: &str, duration: i64| call(&json!({"status": status, "duration": duration})).outcome;
        assert_eq!(call("offer", 0), CallOutcome::Ringing);
        assert_eq!(call("pickUp", 0), CallOutcome::Taken);
        assert_eq!(call("hangUp", 35), CallOutcome::Taken);
        assert_eq!(call("hangUp", 0), CallOutcome::Missed);
        assert_eq!(call("missed", 0), CallOutcome::Missed);
        assert_eq!(call("declined", 0), CallOutcome::Declined);
        assert_eq!(call("новое слово", 0), CallOutcome::Ringing);
    }
}
