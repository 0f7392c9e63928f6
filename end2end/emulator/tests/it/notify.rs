//! Notifications: polling, push, retries, what is queued at all (reference §2.3, §3.5, §4).

use std::time::Duration;

use emulator::faults::Astray;
use emulator::green_api::client::Write;
use emulator::green_api::{NewInstance, Pace};
use serde_json::{Value, json};

use crate::{OLGA, Sink, Stage, answer, until};

fn push_to(stage: &Stage, sink: &Sink, token: &str) {
    let settings = json!({"webhookUrl": sink.url, "webhookUrlToken": token});
    stage.instance.set_settings(settings.as_object().unwrap().clone());
}

#[tokio::test]
async fn polling_repeats_the_head_until_it_is_deleted() {
    let stage = Stage::new().await;
    stage.instance.incoming_text(OLGA, "раз");
    stage.instance.incoming_text(OLGA, "два");
    let (_, first) = stage.get("receiveNotification").await;
    assert_eq!(first["receiptId"], 1);
    assert_eq!(first["body"]["messageData"]["textMessageData"]["textMessage"], "раз");
    assert_eq!(stage.get("receiveNotification").await.1, first);
    assert_eq!(stage.delete(&json!(1)).await.1, json!({"result": true, "reason": ""}));
    assert_eq!(stage.delete(&json!(1)).await.1["result"], false);
    assert_eq!(stage.delete(&json!("abc")).await.0, 400);
    assert_eq!(stage.get("receiveNotification").await.1["receiptId"], 2);
    assert_eq!(stage.get("getWebhooksCount").await.1, json!({"count": 1}));
    assert_eq!(stage.get("receiveNotification?receiveTimeout=4").await.0, 400);

    let url = format!("{}/", stage.instance.method_url("deleteNotification"));
    let odd = stage.http.delete(url).json(&json!(2)).send().await.unwrap();
    assert_eq!(answer(odd).await.1["result"], true, "the asynchronous Python client's way");
}

#[tokio::test]
async fn a_long_poll_wakes_at_once() {
    let stage = Stage::new().await;
    let instance = stage.instance.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        instance.incoming_text(OLGA, "проснись");
    });
    let begun = std::time::Instant::now();
    assert!(stage.get("receiveNotification?receiveTimeout=20").await.1.is_object());
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn an_empty_queue_answers_null_and_push_excludes_polling() {
    let stage = Stage::new().await;
    let response = stage.http.get(stage.instance.method_url("receiveNotification"));
    assert_eq!(response.send().await.unwrap().text().await.unwrap(), "null");
    let sink = Sink::start().await;
    push_to(&stage, &sink, "");
    let (status, body) = stage.get("receiveNotification").await;
    assert_eq!(status, 400);
    assert!(body["message"].as_str().unwrap().contains("custom webhook url is set"));
}

#[tokio::test]
async fn push_signs_as_the_token_says() {
    let stage = Stage::new().await;
    let sink = Sink::start().await;
    let cases = [("s3cret", "Bearer s3cret"), ("Basic czNjcmV0", "Basic czNjcmV0"), ("Bearer x", "Bearer x"), ("", "")];
    for (at, (token, header)) in cases.into_iter().enumerate() {
        push_to(&stage, &sink, token);
        stage.instance.incoming_text(OLGA, "подписано");
        until("pushed", || sink.count() == at + 1).await;
        assert_eq!(sink.got.lock().unwrap()[at].1, header);
    }
    let body = sink.got.lock().unwrap()[0].0.clone();
    assert_eq!(body["typeWebhook"], "incomingMessageReceived", "no receipt around it");
}

#[tokio::test]
async fn only_200_counts_and_the_head_blocks_the_rest() {
    let stage = Stage::paced(Pace { retry_ms: 30, ..Pace::default() }).await;
    let sink = Sink::start().await;
    sink.answer_with(202);
    push_to(&stage, &sink, "");
    for text in ["раз", "два", "три"] {
        stage.instance.incoming_text(OLGA, text);
    }
    until("retried", || sink.count() >= 3).await;
    assert!(sink.texts().iter().all(|text| text == "раз"));
    sink.answer_with(200);
    until("all through", || stage.instance.notifications().is_empty()).await;
    let mut texts = sink.texts();
    texts.dedup();
    assert_eq!(texts, ["раз", "два", "три"]);
    let statuses: Vec<_> = stage.instance.deliveries().iter().map(|d| d.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == Some(200)).count(), 3);
}

#[tokio::test]
async fn notifications_age_out() {
    let stage = Stage::paced(Pace { kept_ms: 500, ..Pace::default() }).await;
    stage.instance.incoming_text(OLGA, "старое");
    tokio::time::sleep(Duration::from_millis(600)).await;
    stage.instance.incoming_text(OLGA, "новое");
    let note = stage.next().await;
    assert_eq!(note["messageData"]["textMessageData"]["textMessage"], "новое");
}

#[tokio::test]
async fn only_what_the_settings_ask_for() {
    let stage = Stage::with(NewInstance::default()).await;
    let everything = || {
        stage.instance.incoming_text(OLGA, "текст");
        stage.instance.phone_text(OLGA, "с телефона");
        stage.instance.incoming_edit(OLGA, "X", "новый");
        stage.instance.incoming_delete(OLGA, "X");
        stage.instance.call(OLGA, "CALL1", "offer", false);
        stage.instance.block(OLGA, true);
    };
    everything();
    tokio::time::sleep(Duration::from_millis(80)).await;
    assert_eq!(stage.instance.notifications(), Vec::<Value>::new());
    for (setting, wanted) in [
        ("incomingWebhook", vec!["incomingMessageReceived"]),
        ("editedMessageWebhook", vec!["incomingMessageReceived", "incomingMessageReceived"]),
        ("incomingCallWebhook", vec!["incomingMessageReceived", "incomingMessageReceived", "incomingCall"]),
    ] {
        let settings = json!({setting: "yes"});
        stage.instance.set_settings(settings.as_object().unwrap().clone());
        everything();
        let mut kinds = Vec::new();
        for _ in &wanted {
            kinds.push(stage.next().await["typeWebhook"].as_str().unwrap().to_owned());
        }
        assert_eq!(kinds, wanted, "{setting}");
        assert!(stage.instance.notifications().is_empty());
    }
}

#[tokio::test]
async fn duplicated_reordered_dropped_delayed() {
    let stage = Stage::new().await;
    let texts = |stage: &Stage| -> Vec<String> {
        let notes = stage.instance.notifications();
        let text = |n: &Value| n["messageData"]["textMessageData"]["textMessage"].clone();
        notes.iter().map(|n| text(n).as_str().unwrap().to_owned()).collect()
    };
    let fault = |astray| stage.instance.astray("incomingMessageReceived", 1, astray);
    let write = |text: &str| stage.instance.incoming_text(OLGA, text);
    fault(Astray::Duplicate);
    write("дважды");
    fault(Astray::Drop);
    write("никогда");
    fault(Astray::Reorder);
    write("первым");
    write("вторым");
    fault(Astray::Delay { delay_ms: 400 });
    write("поздно");
    write("вовремя");
    assert_eq!(texts(&stage), ["дважды", "дважды", "вторым", "первым", "вовремя"]);
    tokio::time::sleep(Duration::from_millis(500)).await;
    stage.get("receiveNotification").await;
    assert_eq!(texts(&stage).last().unwrap(), "поздно");
}

#[tokio::test]
async fn an_unheard_message_is_only_in_the_journal() {
    let stage = Stage::new().await;
    let lost = Write { unheard: true, ..Write::text(OLGA, "не дошло") };
    let id = stage.instance.incoming(lost).unwrap();
    assert!(stage.instance.notifications().is_empty());
    assert_eq!(stage.get("lastIncomingMessages").await.1[0]["idMessage"], id.as_str());
}

#[tokio::test]
async fn clearing_the_queue_at_most_once_a_minute() {
    let stage = Stage::new().await;
    stage.instance.incoming_text(OLGA, "прочь");
    let clear = || async {
        let url = stage.instance.method_url("clearWebhooksQueue");
        answer(stage.http.delete(url).send().await.unwrap()).await.1
    };
    assert_eq!(clear().await, json!({"isCleared": true, "reason": ""}));
    assert!(stage.instance.notifications().is_empty());
    assert_eq!(clear().await["reason"], "Too many requests");
}
