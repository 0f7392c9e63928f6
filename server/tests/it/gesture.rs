//! What is done to messages that are there (edit, delete, react, forward), and messages that are more than words: places,
//! cards, polls with their votes, calls.

use domain::content::{Call, CallOutcome, Card, CardPhone, Content, Location, Poll, PollOption};
use domain::{Chat, ChatId, Kind, Message, MessageId, Reason, Status};
use emulator::faults::{Aim, AnswerFault, Spoil};
use emulator::green_api::client::Write;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, CLIENT, World};

async fn one(world: &World, chat: ChatId, id: MessageId) -> Message {
    world.admin.messages(chat).await.into_iter().find(|message| message.id == id).unwrap()
}

async fn becomes(world: &World, sent: &Message, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
    world.until(what, async || Some(one(world, sent.chat, sent.id).await).filter(&wanted)).await
}

fn went(message: &Message) -> bool {
    message.status.rank() >= Status::Sent.rank() && message.status != Status::Failed
}

async fn edit(world: &World, id: MessageId, text: &str) -> Answer {
    world.admin.call(Method::PATCH, &format!("/messages/{id}"), Some(&json!({"text": text}))).await
}

async fn delete(world: &World, id: MessageId) -> Answer {
    world.admin.call(Method::DELETE, &format!("/messages/{id}"), None).await
}

async fn react(world: &World, id: MessageId, emoji: &str) -> Answer {
    world.admin.post(&format!("/messages/{id}/react"), &json!({"emoji": emoji})).await
}

async fn say(world: &World, chat: &Chat, body: Value) -> Message {
    let answer = world.admin.post(&format!("/chats/{}/messages", chat.id), &body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    serde_json::from_value(answer.body).unwrap()
}

fn refusal() -> Spoil {
    Spoil::Status { status: 400, body: json!({"message": "Validation failed"}), headers: Default::default() }
}

both!(an_edit_reaches_the_client_and_its_history_is_kept, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let sent = world.admin.say(chat.id, "edit", "Цена 100 рублей").await;
    becomes(&world, &sent, "sent", went).await;
    assert_eq!(edit(&world, sent.id, "Цена 120 рублей").await.status, 200);
    world
        .until("told", async || {
            let calls = instance.calls(Some("editMessage"));
            (calls.len() == 1).then_some(())
        })
        .await;
    let after = one(&world, chat.id, sent.id).await;
    assert_eq!((after.text.as_str(), after.edited_at.is_some()), ("Цена 120 рублей", true));
    // The same text again is no edit.
    assert_eq!(edit(&world, sent.id, "Цена 120 рублей").await.status, 200);
    let info = world.admin.get(&format!("/messages/{}/info", sent.id)).await.body;
    assert_eq!(info["versions"][0]["text"], "Цена 100 рублей");
    assert_eq!(info["versions"].as_array().unwrap().len(), 1);
    let steps: Vec<&str> =
        info["steps"].as_array().unwrap().iter().map(|step| step["what"].as_str().unwrap()).collect();
    assert!(steps.starts_with(&["queued"]) && steps.contains(&"sent"), "{steps:?}");
    // What cannot be edited.
    instance.incoming_text(CLIENT, "мой вопрос");
    let theirs = world
        .until("the question", async || {
            world.admin.messages(chat.id).await.into_iter().find(|message| message.text == "мой вопрос")
        })
        .await;
    assert_eq!(edit(&world, theirs.id, "чужое").await.code(), "forbidden");
    assert_eq!(edit(&world, sent.id, "  ").await.code(), "message_empty");
    assert_eq!(edit(&world, sent.id, &"ы".repeat(20_001)).await.code(), "text_too_long");
    world.end().await;
});

both!(what_the_provider_refuses_goes_back_and_says_why, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let faults = &world.emulator.world().faults;
    let sent = world.admin.say(chat.id, "refused", "как было").await;
    becomes(&world, &sent, "sent", went).await;
    for (method, n) in [("editMessage", 1), ("deleteMessage", 1), ("sendReaction", 1)] {
        faults.answer(AnswerFault { aim: Aim::at(instance.id, method, n), accepted: Some(false), spoil: refusal() });
    }
    assert_eq!(edit(&world, sent.id, "как не будет").await.body["text"], "как не будет");
    let back = becomes(&world, &sent, "the old text", |message| message.text == "как было").await;
    assert!(back.failure.is_some() && back.edited_at.is_none(), "{back:?}");
    assert!(delete(&world, sent.id).await.body["deleted_at"].is_number());
    let back = becomes(&world, &sent, "there again", |message| message.deleted_at.is_none()).await;
    assert!(back.failure.is_some() && back.text == "как было");
    assert_eq!(react(&world, sent.id, "👍").await.body["reactions"][0]["emoji"], "👍");
    becomes(&world, &sent, "no reaction", |message| message.reactions.is_empty()).await;
    world.end().await;
});

both!(what_still_waits_changes_before_it_goes_or_never_goes, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    instance.set_state("notAuthorized");
    world
        .until("the account knows", async || {
            let state = world.admin.get(&format!("/accounts/{account}")).await.body["state"].clone();
            (state == "waiting_scan").then_some(())
        })
        .await;
    let edited = world.admin.say(chat.id, "waits", "черновая мысль").await;
    let dropped = world.admin.say(chat.id, "dropped", "не надо было").await;
    let third = world.admin.say(chat.id, "third", "и ещё").await;
    assert_eq!(edit(&world, edited.id, "готовая мысль").await.body["status"], "queued");
    assert_eq!(delete(&world, dropped.id).await.status, 200);
    assert_eq!(edit(&world, dropped.id, "поздно").await.code(), "message_not_found");
    instance.set_state("authorized");
    becomes(&world, &edited, "sent", went).await;
    becomes(&world, &third, "sent", went).await;
    let texts: Vec<String> = instance.sent().into_iter().map(|sent| sent.text).collect();
    assert_eq!(texts, ["готовая мысль", "и ещё"]);
    assert!(instance.calls(Some("editMessage")).is_empty() && instance.calls(Some("deleteMessage")).is_empty());
    let gone = one(&world, chat.id, dropped.id).await;
    assert!(gone.deleted_at.is_some() && gone.text.is_empty());
    world.end().await;
});

both!(deleting_and_reacting_reach_the_client_and_come_from_them, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let theirs = instance.incoming_text(CLIENT, "когда привезёте?");
    let chat = world.only_chat().await;
    let question = world.admin.messages(chat.id).await.remove(0);
    react(&world, question.id, "👍").await;
    world.until("told", async || (instance.calls(Some("sendReaction")).len() == 1).then_some(())).await;
    // The echo of our own reaction adds none.
    assert_eq!(one(&world, chat.id, question.id).await.reactions.len(), 1);
    react(&world, question.id, "👍").await;
    becomes(&world, &question, "taken back", |message| message.reactions.is_empty()).await;
    world.until("told", async || (instance.calls(Some("sendReaction")).len() == 2).then_some(())).await;
    for wrong in ["слово", "aaaa", &"👍".repeat(20)] {
        assert_eq!(react(&world, question.id, wrong).await.code(), "invalid", "{wrong}");
    }
    let answer = world.admin.say(chat.id, "answer", "завтра").await;
    let answer = becomes(&world, &answer, "sent", went).await;
    let info = world.admin.get(&format!("/messages/{}/info", answer.id)).await.body;
    instance.incoming_reaction(CLIENT, info["provider_id"].as_str().unwrap(), "❤️");
    let loved = becomes(&world, &answer, "loved", |message| message.reactions.len() == 1).await;
    assert_eq!((loved.reactions[0].emoji.as_str(), loved.reactions[0].by.as_str()), ("❤️", "wa:79120004517"));
    assert_eq!(delete(&world, answer.id).await.status, 200);
    world.until("told", async || (instance.calls(Some("deleteMessage")).len() == 1).then_some(())).await;
    assert!(one(&world, chat.id, answer.id).await.text.is_empty());
    assert_eq!(delete(&world, question.id).await.code(), "forbidden");
    instance.incoming_edit(CLIENT, &theirs, "когда привезёте заказ?");
    let changed = becomes(&world, &question, "edited", |message| message.edited_at.is_some()).await;
    assert_eq!(changed.text, "когда привезёте заказ?");
    instance.incoming_delete(CLIENT, &theirs);
    becomes(&world, &question, "deleted", |message| message.deleted_at.is_some()).await;
    world.end().await;
});

fn place() -> Content {
    let location = Location {
        latitude: 55.751_244,
        longitude: 37.618_423,
        name: "Склад".to_owned(),
        address: "Москва, Красная площадь".to_owned(),
    };
    Content::Location(location)
}

fn card(name: &str, phone: &str) -> Card {
    let phones = vec![CardPhone { text: phone.to_owned(), whatsapp: None }];
    Card { name: name.to_owned(), phones, ..Card::default() }
}

fn poll() -> Content {
    let option = |text: &str| PollOption { text: text.to_owned(), voters: Vec::new() };
    Content::Poll(Poll {
        question: "Когда везти?".to_owned(),
        options: vec![option("Утром"), option("Вечером")],
        multiple: false,
    })
}

both!(places_cards_and_polls_go_once_even_when_the_answer_is_lost, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    instance.set_pace(|pace| pace.echo = false);
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let faults = &world.emulator.world().faults;
    let cards = Content::Contacts { cards: vec![card("Ольга Пример", "+7 999 000-00-02")] };
    for (n, (method, content)) in
        [("sendLocation", place()), ("sendContact", cards), ("sendPoll", poll())].into_iter().enumerate()
    {
        for lost in [false, true] {
            if lost {
                faults.answer(AnswerFault {
                    aim: Aim::at(instance.id, method, 1),
                    accepted: Some(true),
                    spoil: Spoil::Drop,
                });
            }
            let before = instance.sent().len();
            let sent = say(&world, &chat, json!({"client_id": format!("part-{n}-{lost}"), "content": content})).await;
            let kept = becomes(&world, &sent, method, went).await;
            assert_eq!(kept.content.as_deref(), Some(&content));
            assert_eq!(instance.sent().len(), before + 1, "{method}, lost: {lost}");
        }
    }
    for wrong in [
        json!({"is": "location", "latitude": 91.0, "longitude": 0.0}),
        json!({"is": "contacts", "cards": []}),
        json!({"is": "poll", "question": "?", "options": [{"text": "одно"}]}),
        json!({"is": "poll", "question": "?", "options": [{"text": "да"}, {"text": "да "}]}),
        json!({"is": "call"}),
    ] {
        let body = json!({"client_id": "wrong", "content": wrong});
        let answer = world.admin.post(&format!("/chats/{}/messages", chat.id), &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (422, "invalid"), "{wrong}");
    }
    world.end().await;
});

both!(several_cards_go_as_a_message_each, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let cards = vec![card("Ольга Пример", "+7 999 000-00-02"), card("Пётр Образцов", "+7 999 000-00-03")];
    say(&world, &chat, json!({"client_id": "cards", "content": Content::Contacts { cards }})).await;
    world.until("both", async || (instance.calls(Some("sendContact")).len() == 2).then_some(())).await;
    let messages = world.admin.messages(chat.id).await;
    assert_eq!(messages.len(), 2);
    for message in messages {
        let Some(Content::Contacts { cards }) = message.content.as_deref() else { panic!("{message:?}") };
        assert_eq!(cards.len(), 1);
    }
    world.end().await;
});

both!(votes_change_the_poll_and_calls_become_messages, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let sent = say(&world, &chat, json!({"client_id": "poll", "content": poll()})).await;
    becomes(&world, &sent, "sent", went).await;
    let info = world.admin.get(&format!("/messages/{}/info", sent.id)).await.body;
    let votes = json!({"pollMessageData": {"stanzaId": info["provider_id"], "name": "Когда везти?",
        "votes": [{"optionName": "Утром", "optionVoters": [CLIENT]}, {"optionName": "Вечером", "optionVoters": []}],
        "multipleAnswers": false}});
    instance.incoming(Write::raw(CLIENT, "pollUpdateMessage", votes)).unwrap();
    let voted = becomes(
        &world,
        &sent,
        "a vote",
        |message| matches!(message.content.as_deref(), Some(Content::Poll(poll)) if !poll.options[0].voters.is_empty()),
    )
    .await;
    let Some(Content::Poll(poll)) = voted.content.as_deref() else { panic!() };
    assert_eq!(poll.options[0].voters, ["wa:79120004517"]);
    assert_eq!(poll.options.len(), 2);
    instance.call(CLIENT, "CALL1", "offer", false);
    instance.call(CLIENT, "CALL1", "missed", false);
    let missed = world
        .until("the call", async || {
            world.admin.messages(chat.id).await.into_iter().find(|message| message.kind == Kind::Call)
        })
        .await;
    let call = Content::Call(Call { video: false, outcome: CallOutcome::Missed, duration: 0 });
    assert_eq!(missed.content.as_deref(), Some(&call));
    // Told twice, kept once.
    instance.call(CLIENT, "CALL1", "missed", false);
    instance.incoming_text(CLIENT, "не дозвонился");
    world
        .until("what came after", async || {
            world.admin.messages(chat.id).await.iter().any(|message| message.text == "не дозвонился").then_some(())
        })
        .await;
    assert_eq!(world.admin.messages(chat.id).await.iter().filter(|message| message.kind == Kind::Call).count(), 1);
    world.end().await;
});

both!(messages_of_every_kind_are_passed_on, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let other = world.open(account, "+7 912 000-45-18").await;
    instance.incoming_text(CLIENT, "пришлите это коллеге");
    instance.incoming(Write::file(CLIENT, "Счёт.pdf", None)).unwrap();
    let place = json!({"locationMessageData": {"nameLocation": "Склад", "address": "", "jpegThumbnail": "",
        "latitude": 55.75, "longitude": 37.61}});
    instance.incoming(Write::raw(CLIENT, "locationMessage", place)).unwrap();
    let contact = json!({"contactMessageData": {"displayName": "Ольга Пример",
        "vcard": "BEGIN:VCARD\nVERSION:3.0\nN:;Ольга;;;\nFN:Ольга Пример\nTEL;waid=79990000002:+7 999 000-00-02\nEND:VCARD"}});
    instance.incoming(Write::raw(CLIENT, "contactMessage", contact)).unwrap();
    let asked = json!({"pollMessageData": {"name": "Когда?", "multipleAnswers": false,
        "options": [{"optionName": "Утром"}, {"optionName": "Вечером"}]}});
    instance.incoming(Write::raw(CLIENT, "pollMessage", asked)).unwrap();
    let from = world
        .until("all five", async || {
            let chats = world.admin.chats("").await.items;
            let chat = chats.into_iter().find(|chat| chat.id != other.id)?;
            let messages = world.admin.messages(chat.id).await;
            let here =
                messages.iter().flat_map(|message| &message.files).all(|file| file.state == domain::FileState::Ready);
            (messages.len() == 5 && here).then_some(messages)
        })
        .await;
    let ids: Vec<_> = from.iter().map(|message| message.id).collect();
    let body = json!({"messages": ids, "chats": [other.id], "client_id": "pass-on"});
    for _ in 0..2 {
        let answer = world.admin.post("/messages/forward", &body).await;
        assert_eq!(answer.status, 204, "{:?}", answer.body);
    }
    let copies = world
        .until("copies sent", async || {
            let copies = world.admin.messages(other.id).await;
            (copies.len() == 5 && copies.iter().all(went)).then_some(copies)
        })
        .await;
    assert!(copies.iter().all(|message| message.forwarded));
    let kinds: Vec<Kind> = copies.iter().map(|message| message.kind).collect();
    assert_eq!(kinds, [Kind::Text, Kind::Document, Kind::Location, Kind::Contact, Kind::Poll]);
    assert_eq!(copies[1].files[0].name, "Счёт.pdf");
    assert_eq!(instance.sent().len(), 5, "the same client_id forwards nothing twice");
    // Another's messages cannot be passed on, nor into another's chat.
    let closed = json!({"everyone": false, "users": []});
    let stranger = world.staff("petr", "operator").await;
    world.admin.call(Method::PATCH, &format!("/accounts/{account}"), Some(&closed)).await;
    assert_eq!(stranger.post("/messages/forward", &body).await.code(), "message_not_found");
    let none = json!({"messages": [], "chats": [other.id], "client_id": "x"});
    assert_eq!(world.admin.post("/messages/forward", &none).await.code(), "invalid");
    world.end().await;
});

both!(a_gesture_that_passes_is_tried_again, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let chat = world.open(account, "+7 912 000-45-17").await;
    let sent = world.admin.say(chat.id, "again", "раз").await;
    becomes(&world, &sent, "sent", went).await;
    let busy = Spoil::Status { status: 502, body: json!("bad gateway"), headers: Default::default() };
    world.emulator.world().faults.answer(AnswerFault {
        aim: Aim::at(instance.id, "editMessage", 1),
        accepted: Some(false),
        spoil: busy,
    });
    edit(&world, sent.id, "два").await;
    world.until("the second try", async || (instance.calls(Some("editMessage")).len() == 2).then_some(())).await;
    let after = one(&world, chat.id, sent.id).await;
    assert_eq!((after.text.as_str(), after.failure.map(|failure| failure.reason)), ("два", None::<Reason>));
    world.end().await;
});
