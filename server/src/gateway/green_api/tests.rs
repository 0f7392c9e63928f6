//! Notifications and settings of Green-API in every shape that the reference describes, and in shapes that it does not.

use domain::{AccountState, Origin, Status};
use proptest::prelude::*;

use super::settings::{SWITCHES_ON, changes};
use super::*;
use domain::fact::NewMessage;
use domain::{Direction, Fact};

const ID: &str = "7103000001";
const NOW: Moment = Moment(1_791_020_000_000);

fn envelope(kind: &str, data: Value) -> Value {
    json!({"typeWebhook": kind,
        "instanceData": {"idInstance": 7_103_000_001_i64, "wid": "79990000001@c.us", "typeInstance": "whatsapp"},
        "timestamp": 1_791_014_958, "idMessage": "3A00000000000000000002",
        "senderData": {"chatId": "79990000002@c.us", "sender": "79990000002@c.us", "chatName": "Ольга Пример",
            "senderName": "Ольга Пример", "senderContactName": "Ольга (клиент)"},
        "messageData": data})
}

fn incoming(data: Value) -> Value {
    envelope("incomingMessageReceived", data)
}

fn facts(body: &Value) -> Vec<Fact> {
    decode::decode(&body.to_string(), ID, NOW).unwrap_or_else(|error| panic!("{error}: {body}")).facts
}

fn message(body: &Value) -> NewMessage {
    match facts(body).remove(0) {
        Fact::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn refused(body: &Value) -> String {
    decode::decode(&body.to_string(), ID, NOW).unwrap_err().0
}

/// One sample of every shape of §3.2 with the kind and the words that it comes to.
fn catalogue() -> Vec<(Value, Kind, &'static str)> {
    let file = |kind: &str, mime: &str, name: &str| {
        json!({"typeMessage": kind, "fileMessageData": {"downloadUrl": "https://media.example/7103000001/a",
            "caption": "чек", "fileName": name, "jpegThumbnail": "", "mimeType": mime, "forwardingScore": 0,
            "isForwarded": false}})
    };
    let buttons = json!({"titleText": "", "contentText": "Выберите", "footerText": "",
        "buttons": [{"type": "reply", "buttonId": "1", "buttonText": "Да"}]});
    let click = json!({"stanzaId": "BAE5", "selectedIndex": 1, "selectedId": "2", "selectedDisplayText": "Нет"});
    vec![
        (
            json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "Здравствуйте"}}),
            Kind::Text,
            "Здравствуйте",
        ),
        (
            json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {"text": "https://ex.ru",
                "description": "", "title": "", "previewType": "None", "jpegThumbnail": ""}}),
            Kind::Text,
            "https://ex.ru",
        ),
        (
            json!({"typeMessage": "quotedMessage",
                "extendedTextMessageData": {"text": "да, беру", "stanzaId": "3EB0", "participant": "79990000001@c.us"},
                "quotedMessage": {"stanzaId": "3EB0", "participant": "79990000001@c.us", "typeMessage": "textMessage",
                    "textMessage": "Берёте?"}}),
            Kind::Text,
            "да, беру",
        ),
        (file("imageMessage", "image/jpeg", "a.jpg"), Kind::Image, "чек"),
        (file("videoMessage", "video/mp4", "a.mp4"), Kind::Video, "чек"),
        (file("audioMessage", "audio/ogg; codecs=opus", "a.oga"), Kind::Voice, "чек"),
        (file("audioMessage", "audio/mpeg", "a.mp3"), Kind::Audio, "чек"),
        (file("documentMessage", "application/pdf", "Счёт.pdf"), Kind::Document, "чек"),
        (file("stickerMessage", "image/webp", ""), Kind::Sticker, "чек"),
        (
            json!({"typeMessage": "locationMessage", "locationMessageData": {"nameLocation": "Склад", "address": "",
                "jpegThumbnail": "", "latitude": 55.75, "longitude": 37.61}}),
            Kind::Location,
            "",
        ),
        (
            json!({"typeMessage": "contactMessage", "contactMessageData": {"displayName": "Иван", "vcard": "BEGIN:VCARD"}}),
            Kind::Contact,
            "",
        ),
        (
            json!({"typeMessage": "contactsArrayMessage", "messageData": {"contacts": [
                {"displayName": "Иван", "vcard": ""}, {"displayName": "", "vcard": ""}, {"displayName": "Пётр"}]}}),
            Kind::Contact,
            "",
        ),
        (
            json!({"typeMessage": "pollMessage", "pollMessageData": {"name": "Цвет?",
                "options": [{"optionName": "Красный"}], "multipleAnswers": false}}),
            Kind::Poll,
            "",
        ),
        (
            json!({"typeMessage": "groupInviteMessage", "groupInviteMessageData": {"groupJid": "1203@g.us",
                "inviteCode": "x", "inviteExpiration": {"low": 1, "high": 0, "unsigned": false}, "groupName": "Дом"}}),
            Kind::Invite,
            "",
        ),
        (json!({"typeMessage": "interactiveButtons", "interactiveButtons": buttons}), Kind::Buttons, "Выберите"),
        (
            json!({"typeMessage": "interactiveButtonsReply", "interactiveButtonsReply": buttons}),
            Kind::Buttons,
            "Выберите",
        ),
        (
            json!({"typeMessage": "templateButtonsReplyMessage", "templateButtonReplyMessage": click}),
            Kind::Choice,
            "Нет",
        ),
        (
            json!({"typeMessage": "templateButtonReplyMessage", "templateButtonReplyMessage": click}),
            Kind::Choice,
            "Нет",
        ),
        (json!({"typeMessage": "buttonsMessage", "buttonsMessage": {"contentText": "А?"}}), Kind::Buttons, "А?"),
        (json!({"typeMessage": "listMessage", "listMessage": {"contentText": "Меню"}}), Kind::Buttons, "Меню"),
        (
            json!({"typeMessage": "templateMessage", "templateMessage": {"contentText": "Скидка"}}),
            Kind::Template,
            "Скидка",
        ),
        (
            json!({"typeMessage": "buttonsResponseMessage", "buttonsResponseMessage": {"selectedButtonText": "Да"}}),
            Kind::Choice,
            "Да",
        ),
        (
            json!({"typeMessage": "listResponseMessage", "listResponseMessage": {"title": "Пицца"}}),
            Kind::Choice,
            "Пицца",
        ),
        (json!({"typeMessage": "viewOnceMessageV9", "something": {"new": [1, 2]}}), Kind::Unsupported, ""),
        (
            json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "{{SWE001}}"}}),
            Kind::Unsupported,
            "",
        ),
    ]
}

#[test]
fn every_kind_of_message_is_kept() {
    for (data, kind, text) in catalogue() {
        let told = message(&incoming(data.clone()));
        assert_eq!((told.kind, told.text.as_str()), (kind, text), "{data}");
        assert_eq!(told.raw_kind.is_some(), kind == Kind::Unsupported, "{data}");
        assert_eq!(told.files.len(), usize::from(kind.has_file()), "{data}");
        assert_eq!((told.direction, told.origin, told.status), (Direction::In, Origin::Client, Status::Received));
        assert_eq!(told.chat, Address("wa:79990000002".to_owned()));
        assert_eq!((told.chat_name.as_str(), told.sender_name), ("Ольга (клиент)", None));
        assert_eq!(
            (told.provider_id.as_str(), told.at),
            ("3A00000000000000000002", Moment::from_seconds(1_791_014_958))
        );
    }
}

#[test]
fn what_we_sent_comes_back_by_two_ways() {
    let data = json!({"typeMessage": "extendedTextMessage", "extendedTextMessageData": {"text": "Счёт готов"}});
    let phone = message(&envelope("outgoingMessageReceived", data.clone()));
    assert_eq!((phone.direction, phone.origin, phone.status), (Direction::Out, Origin::Phone, Status::Sent));
    assert_eq!(phone.chat_name, "Ольга Пример");
    let api = message(&envelope("outgoingAPIMessageReceived", data));
    assert_eq!((api.direction, api.origin, api.status), (Direction::Out, Origin::Api, Status::Accepted));
}

#[test]
fn quotes_and_forwards() {
    let mut body = incoming(json!({"typeMessage": "imageMessage",
        "fileMessageData": {"downloadUrl": "u", "isForwarded": true},
        "quotedMessage": {"stanzaId": "Q1", "participant": "", "typeMessage": "documentMessage", "fileName": "a.pdf"}}));
    let told = message(&body);
    let quote = told.quote.unwrap();
    assert_eq!((quote.provider_id.as_str(), quote.kind, quote.text.as_str()), ("Q1", Kind::Document, "a.pdf"));
    assert!(told.forwarded);
    // An original that the provider does not know leaves its id alone (§3.3).
    body["messageData"]["quotedMessage"] = json!({"stanzaId": "Q2", "participant": "", "typeMessage": ""});
    assert_eq!(message(&body).quote.unwrap().provider_id, "Q2");
}

#[test]
fn groups_name_who_speaks() {
    let mut body = incoming(json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "Всем привет"}}));
    body["senderData"] = json!({"chatId": "120363000000000001@g.us", "sender": "79990000002@c.us", "chatName": "Отдел",
        "senderName": "Ольга"});
    let told = message(&body);
    assert_eq!(told.chat, Address("wa:group:120363000000000001".to_owned()));
    assert_eq!((told.chat_name.as_str(), told.sender_name.as_deref()), ("Отдел", Some("Ольга")));
    body["senderData"]["senderName"] = json!("");
    assert_eq!(message(&body).sender_name.as_deref(), Some("+7\u{a0}999\u{a0}000-00-02"));
    body["senderData"]["sender"] = json!("123@lid");
    assert_eq!(message(&body).sender_name, None);
}

#[test]
fn edits_deletions_and_reactions_speak_of_another_message() {
    let chat = Address("wa:79990000002".to_owned());
    let at = Moment::from_seconds(1_791_014_958);
    let edited =
        json!({"typeMessage": "editedMessage", "editedMessageData": {"textMessage": "новый", "stanzaId": "M1"}});
    let fact = Fact::Edited { chat: chat.clone(), provider_id: "M1".into(), text: "новый".into(), at };
    assert_eq!(facts(&incoming(edited)), [fact]);
    let caption =
        json!({"typeMessage": "editedMessage", "editedMessageData": {"caption": "подпись", "stanzaId": "M1"}});
    let fact = Fact::Edited { chat: chat.clone(), provider_id: "M1".into(), text: "подпись".into(), at };
    assert_eq!(facts(&incoming(caption)), [fact]);
    let deleted = json!({"typeMessage": "deletedMessage", "deletedMessageData": {"stanzaId": "M1"}});
    assert_eq!(facts(&incoming(deleted)), [Fact::Deleted { chat: chat.clone(), provider_id: "M1".into(), at }]);
    let reaction = json!({"typeMessage": "reactionMessage", "extendedTextMessageData": {"text": "👍"},
        "quotedMessage": {"stanzaId": "M1", "participant": "79990000001@c.us"}});
    let by = |by: &str| Fact::Reacted {
        chat: chat.clone(),
        provider_id: "M1".into(),
        by: by.into(),
        emoji: "👍".into(),
        at,
    };
    assert_eq!(facts(&incoming(reaction.clone())), [by("wa:79990000002")]);
    assert_eq!(facts(&envelope("outgoingMessageReceived", reaction)), [by("me")]);
    let lost = json!({"typeMessage": "deletedMessage", "deletedMessageData": {}});
    assert_eq!(refused(&incoming(lost)), "no stanzaId".replace("stanzaId", "deletedMessageData.stanzaId"));
}

fn status(word: &str) -> Value {
    json!({"typeWebhook": "outgoingMessageStatus", "chatId": "79990000002@c.us",
        "instanceData": {"idInstance": 7_103_000_001_i64, "wid": "79990000001@c.us", "typeInstance": "whatsapp"},
        "timestamp": 1_791_014_912, "idMessage": "3EB0", "sendByApi": true, "status": word, "description": "SWE004: …"})
}

#[test]
fn statuses() {
    let table = [
        ("pending", Some((Status::Accepted, None))),
        ("sent", Some((Status::Sent, None))),
        ("delivered", Some((Status::Delivered, None))),
        ("read", Some((Status::Read, None))),
        ("failed", Some((Status::Failed, Some(Reason::WhatsappRefused)))),
        ("noAccount", Some((Status::Failed, Some(Reason::NoWhatsapp)))),
        ("notInGroup", Some((Status::Failed, Some(Reason::NotInGroup)))),
        ("yellowCard", Some((Status::Accepted, Some(Reason::Suspended)))),
        ("suspended", Some((Status::Accepted, Some(Reason::Suspended)))),
        ("noActiveSession", None),
    ];
    for (word, expected) in table {
        let told = facts(&status(word));
        let found = told.first().map(|fact| match fact {
            Fact::Status { chat, provider_id, status, failure, .. } => {
                assert_eq!((chat.as_ref().unwrap().0.as_str(), provider_id.as_str()), ("wa:79990000002", "3EB0"));
                (*status, failure.as_ref().map(|failure| failure.reason))
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(found, expected, "{word}");
        let stops = told.iter().any(|fact| matches!(fact, Fact::Account { state: AccountState::Suspended, .. }));
        assert_eq!(stops, matches!(word, "yellowCard" | "suspended"), "{word}");
    }
}

#[test]
fn states() {
    for (word, expected) in [
        ("authorized", Some(AccountState::Working)),
        ("notAuthorized", Some(AccountState::WaitingScan)),
        ("starting", Some(AccountState::Starting)),
        ("suspended", Some(AccountState::Suspended)),
        ("yellowCard", Some(AccountState::Suspended)),
        ("blocked", Some(AccountState::Blocked)),
        ("sleepMode", Some(AccountState::Sleeping)),
        ("somethingNew", None),
    ] {
        let body = json!({"typeWebhook": "stateInstanceChanged", "timestamp": 1_791_010_000, "stateInstance": word,
            "instanceData": {"idInstance": ID, "wid": "79990000001@c.us", "typeInstance": "whatsapp"}});
        let found = facts(&body).into_iter().next().map(|fact| match fact {
            Fact::Account { state, phone, .. } => {
                assert_eq!(phone.as_deref(), Some("79990000001"));
                state
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(found, expected, "{word}");
    }
}

#[test]
fn the_rest_tells_nothing_and_is_named() {
    for kind in [
        "incomingCall",
        "outgoingCall",
        "incomingBlock",
        "quotaExceeded",
        "deviceInfo",
        "avatarInfo",
        "statusInstanceChanged",
        "somethingNew",
    ] {
        let body = json!({"typeWebhook": kind, "instanceData": {"idInstance": 7_103_000_001_i64}});
        let decoded = decode::decode(&body.to_string(), ID, NOW).unwrap();
        assert_eq!((decoded.what.as_str(), decoded.facts.len()), (kind, 0));
    }
    for chat in ["status@broadcast", "123@newsletter"] {
        let mut body = incoming(json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "x"}}));
        body["senderData"]["chatId"] = json!(chat);
        assert_eq!(facts(&body), []);
    }
}

#[test]
fn what_is_not_ours_is_refused() {
    let text = json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "x"}});
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = incoming(text.clone());
        change(&mut body);
        refused(&body)
    };
    assert!(with(&|body| body["instanceData"]["idInstance"] = json!(1101)).contains("another instance"));
    assert!(with(&|body| body["instanceData"]["typeInstance"] = json!("telegram")).contains("another messenger"));
    assert!(with(&|body| body["senderData"]["chatId"] = json!("?@c.us")).contains("strange chatId"));
    assert!(with(&|body| body["idMessage"] = json!("")).contains("idMessage"));
    assert!(with(&|body| body["idMessage"] = json!("x".repeat(600))).contains("too long"));
    assert!(with(&|body| body["typeWebhook"] = json!(7)).contains("typeWebhook"));
    for body in ["", "{", "null", "[]", "7", "<html>"] {
        assert!(decode::decode(body, ID, NOW).is_err(), "{body}");
    }
}

#[test]
fn odd_values_are_mended() {
    let mut body = incoming(json!({"typeMessage": "textMessage", "textMessageData": {"textMessage": "a\u{0}b"}}));
    assert_eq!(message(&body).text, "ab");
    for stamp in [json!(0), json!(-5), json!(null), json!(i64::MAX), json!("x"), json!(9_999_999_999_i64)] {
        body["timestamp"] = stamp;
        assert_eq!(message(&body).at, NOW);
    }
    body["timestamp"] = json!("1791014958");
    assert_eq!(message(&body).at, Moment::from_seconds(1_791_014_958));
    body["senderData"]["senderContactName"] = json!("+7 999 000-00-02");
    body["senderData"]["senderName"] = json!("79990000002");
    body["senderData"]["chatName"] = json!("79990000002@c.us");
    assert_eq!(message(&body).chat_name, "", "a number is no name");
    body["instanceData"] = json!({"idInstance": ID});
    assert_eq!(facts(&body).len(), 1);
}

#[test]
fn addresses_go_there_and_back() {
    for (chat, ours) in [
        ("79990000002@c.us", "wa:79990000002"),
        ("123456789012345@lid", "wa:lid:123456789012345"),
        ("120363000000000001@g.us", "wa:group:120363000000000001"),
        ("79990000001-1581234048@g.us", "wa:group:79990000001-1581234048"),
    ] {
        let address = decode::address(chat).unwrap();
        assert_eq!(address.0, ours);
        assert_eq!(chat_id(&address).as_deref(), Some(chat));
    }
    assert_eq!(decode::address("79990000002:12@c.us").unwrap().0, "wa:79990000002");
    for chat in ["", "@c.us", "x@c.us", "1@2@c.us", "79990000002", "status@broadcast", "0@c.us", "1 2@g.us"] {
        assert_eq!(decode::address(chat), None, "{chat}");
    }
    assert_eq!(chat_id(&Address("sandbox:79990000002".to_owned())), None);
}

#[test]
fn settings_are_checked_and_split() {
    let (shown, secret) =
        split_settings(&json!({"id_instance": " 7103000001 ", "api_token_instance": "d75b"}), &json!({})).unwrap();
    assert_eq!(shown["api_url"], "https://7103.api.greenapi.com");
    assert_eq!(shown["media_url"], "https://7103.media.greenapi.com");
    assert_eq!((shown["id_instance"].as_str(), secret["api_token_instance"].as_str()), (Some(ID), Some("d75b")));
    assert!(!shown.to_string().contains("d75b"));
    // An absent secret stays; a number is a number; the slash goes.
    let input = json!({"id_instance": 7_103_000_001_i64, "api_token_instance": "", "api_url": "http://127.0.0.1:7/ "});
    let (shown, kept) = split_settings(&input, &secret).unwrap();
    assert_eq!((shown["api_url"].as_str(), kept), (Some("http://127.0.0.1:7"), secret));
    for (input, field) in [
        (json!({}), "id_instance"),
        (json!({"id_instance": "1234567890123", "api_token_instance": "x"}), "id_instance"),
        (json!({"id_instance": "12ab", "api_token_instance": "x"}), "id_instance"),
        (json!({"id_instance": "1101000001"}), "api_token_instance"),
        (json!({"id_instance": "1101000001", "api_token_instance": "a/b"}), "api_token_instance"),
        (json!({"id_instance": "1101000001", "api_token_instance": "x", "api_url": "ftp://a"}), "api_url"),
        (json!({"id_instance": "1101000001", "api_token_instance": "x", "api_url": "a b"}), "api_url"),
        (json!({"id_instance": "1101000001", "api_token_instance": "x", "media_url": "http://u:p@a"}), "media_url"),
        (json!({"id_instance": "1101000001", "api_token_instance": "x", "media_url": 7}), "media_url"),
    ] {
        assert_eq!(split_settings(&input, &json!({})).unwrap_err(), field, "{input}");
    }
}

#[test]
fn only_what_differs_is_set() {
    let hook = Hook { url: "https://b.example/hs".to_owned(), authorization: "Bearer s".to_owned() };
    let mut settings = Map::new();
    for name in SWITCHES_ON {
        settings.insert((*name).to_owned(), json!("yes"));
    }
    settings.insert("webhookUrl".to_owned(), json!(hook.url));
    settings.insert("webhookUrlToken".to_owned(), json!(hook.authorization));
    settings.insert("enableLidMode".to_owned(), json!("no"));
    assert!(changes(&settings, Some(&hook)).is_empty());
    assert_eq!(Value::Object(changes(&settings, None)), json!({"webhookUrl": ""}));
    settings.insert("stateWebhook".to_owned(), json!("no"));
    settings.insert("enableLidMode".to_owned(), json!(true));
    settings.remove("pollMessageWebhook");
    let expected = json!({"stateWebhook": "yes", "enableLidMode": "no"});
    assert_eq!(Value::Object(changes(&settings, Some(&hook))), expected);
}

#[test]
fn polled_notifications_keep_their_text() {
    let read = |text: &str| read_polled(text);
    assert_eq!(read("null"), Some(None));
    assert_eq!(read(""), Some(None));
    let polled = read(r#"{"receiptId": 5, "body": {"b": 1,  "a": "я"}}"#).unwrap().unwrap();
    assert_eq!((polled.receipt.as_str(), polled.body.as_str()), ("5", r#"{"b": 1,  "a": "я"}"#));
    for text in ["{", "[]", r#"{"receiptId": 5}"#, r#"{"receiptId": "../x", "body": {}}"#, "<html>", "7"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn files_get_an_extension() {
    for (name, mime, expected) in [
        ("Счёт.pdf", "application/pdf", "Счёт.pdf"),
        ("фото", "image/jpeg", "фото.jpg"),
        ("", "image/png", "file.png"),
        ("a/b\"c", "text/plain; charset=utf-8", "a_b_c.txt"),
        ("голос", "audio/ogg; codecs=opus", "голос.ogg"),
        ("v1.2 final", "application/x-nobody-knows", "v1.2 final"),
    ] {
        assert_eq!(name_with_extension(name, mime), expected);
    }
}

#[test]
fn a_lost_message_is_recognised() {
    let parcel = Parcel {
        chat: Address("wa:79990000002".to_owned()),
        kind: Kind::Text,
        text: "Добрый день\nСчёт".to_owned(),
        content: None,
        file: None,
        quote: None,
        known: vec!["OLD".to_owned()],
    };
    let since = Moment::from_seconds(1000);
    let row = |id: &str, at: i64, change: Value| {
        let mut row = json!({"type": "outgoing", "idMessage": id, "timestamp": at, "typeMessage": "extendedTextMessage",
            "chatId": "79990000002@c.us", "sendByApi": true, "statusMessage": "sent",
            "textMessage": "Добрый день\nСчёт ", "extendedTextMessage": {"text": "Добрый день\nСчёт "}});
        row.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        row
    };
    let found = |rows: Vec<Value>| find::in_journal(&Value::Array(rows), &parcel, "79990000002@c.us", since);
    let sent = |id: &str| Some(Found::Sent { provider_id: id.to_owned() });
    assert_eq!(found(vec![row("B", 1003, json!({})), row("A", 1001, json!({}))]), sent("A"));
    assert_eq!(found(vec![row("A", 997, json!({}))]), sent("A"), "clocks differ a little");
    for other in [
        row("A", 900, json!({})),
        row("OLD", 1001, json!({})),
        row("A", 1001, json!({"sendByApi": false})),
        row("A", 1001, json!({"chatId": "79990000003@c.us"})),
        row("A", 1001, json!({"textMessage": "Другое"})),
        row("A", 1001, json!({"typeMessage": "imageMessage"})),
    ] {
        assert_eq!(found(vec![other.clone()]), None, "{other}");
    }
    let queued = json!([{"messageID": "Q", "type": "sendMessage",
        "body": {"chatId": "79990000002@c.us", "message": "Добрый день\nСчёт"}}]);
    assert_eq!(
        find::in_queue(&queued, &parcel, "79990000002@c.us"),
        Some(Found::Queued { provider_id: Some("Q".to_owned()) })
    );
    let file = ParcelFile { path: "x".into(), name: "Счёт.pdf".into(), mime: "application/pdf".into(), size: 3 };
    let parcel = Parcel { kind: Kind::Document, text: String::new(), file: Some(file), ..parcel };
    let change = json!({"typeMessage": "documentMessage", "fileName": "Счёт.pdf", "caption": "", "textMessage": ""});
    let rows = json!([row("F", 1001, change.clone())]);
    assert_eq!(find::in_journal(&rows, &parcel, "79990000002@c.us", since), sent("F"));
    let rows = json!([row("F", 1001, json!({"typeMessage": "documentMessage", "fileName": "Другой.pdf"}))]);
    assert_eq!(find::in_journal(&rows, &parcel, "79990000002@c.us", since), None);
}

/// Values that have no business where they are put.
fn anything() -> impl Strategy<Value = Value> {
    let mut values =
        vec![Value::Null, json!(true), json!(-1), json!(i64::MAX), json!(1e300), json!(""), json!("я\u{0}")];
    values.extend(["79990000002@c.us", "\u{0}@g.us", "@", "{{SWE002}}", "{{SWE00"].map(Value::from));
    values.extend([
        json!([]),
        json!({}),
        json!([{"a": [1]}]),
        json!({"stanzaId": {"a": "b"}}),
        json!("x".repeat(3000)),
    ]);
    prop_oneof![3 => prop::sample::select(values), 1 => "\\PC{0,6}".prop_map(Value::from), 1 => any::<f64>().prop_map(Value::from)]
}

/// Replaces the `at`-th value, counted through the whole tree, or takes it away.
fn mutate(value: &mut Value, at: &mut usize, new: &Value, remove: bool) {
    let children: Vec<String> = match value {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
        _ => return,
    };
    for key in children {
        if *at == 0 {
            *at = usize::MAX;
            match value {
                Value::Object(map) if remove => drop(map.remove(&key)),
                Value::Object(map) => drop(map.insert(key, new.clone())),
                Value::Array(items) => {
                    if let Some(item) = key.parse().ok().and_then(|index: usize| items.get_mut(index)) {
                        *item = new.clone();
                    }
                }
                _ => {}
            }
            return;
        }
        *at -= 1;
        let child = match value {
            Value::Object(map) => map.get_mut(&key),
            Value::Array(items) => key.parse().ok().and_then(|index: usize| items.get_mut(index)),
            _ => None,
        };
        if let Some(child) = child {
            mutate(child, at, new, remove);
        }
        if *at == usize::MAX {
            return;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn no_body_makes_it_panic(
        which in 0usize..40, wrap in 0usize..3, places in prop::collection::vec((0usize..45, anything(), any::<bool>()), 1..4),
        cut in prop::option::of(0usize..400),
    ) {
        static CATALOGUE: std::sync::LazyLock<Vec<(Value, Kind, &str)>> = std::sync::LazyLock::new(catalogue);
        let catalogue = &*CATALOGUE;
        let mut body = match which {
            36 => status("read"),
            37 => status("failed"),
            38 => json!({"typeWebhook": "stateInstanceChanged", "stateInstance": "authorized", "timestamp": 1,
                "instanceData": {"idInstance": 7_103_000_001_i64, "wid": ""}}),
            _ => {
                let (data, ..) = &catalogue[which % catalogue.len()];
                let kind = ["incomingMessageReceived", "outgoingMessageReceived", "outgoingAPIMessageReceived"][wrap];
                envelope(kind, data.clone())
            }
        };
        for (place, new, remove) in places {
            let mut at = place;
            mutate(&mut body, &mut at, &new, remove);
        }
        let mut text = body.to_string();
        if let Some(cut) = cut {
            text.truncate(text.floor_char_boundary(cut));
        }
        if let Ok(decoded) = decode::decode(&text, ID, NOW) {
            prop_assert!(!decoded.what.is_empty());
            for fact in decoded.facts {
                if let Fact::Message(message) = fact {
                    prop_assert!(!message.provider_id.is_empty() && !message.text.contains('\0'));
                    prop_assert!(message.at.0 > 0 && message.at.since(NOW) <= 24 * 3600 * 1000);
                }
            }
        }
    }

}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = decode::decode(&text, ID, NOW);
        let _ = read_polled(&text);
        let _ = name_with_extension(&text, &text);
        let _ = split_settings(&json!({"id_instance": text, "api_token_instance": text, "api_url": text}), &json!({}));
    }
}
