//! Faults of answers: what the caller sees, and whether the message was taken (`faults.rs`).

use std::time::Duration;

use emulator::faults::{Aim, AnswerFault, Spoil};
use emulator::green_api::presets::{PRESETS, preset};
use emulator::{Emulator, green_api::NewInstance};
use serde_json::{Value, json};

use crate::{OLGA, Stage, until};

fn set(stage: &Stage, spoil: Spoil, accepted: Option<bool>) {
    stage.instance.fault("sendMessage", 1, accepted, spoil);
}

async fn try_send(stage: &Stage, text: &str) -> Result<(u16, String), reqwest::Error> {
    let url = stage.instance.method_url("sendMessage");
    let request = stage.http.post(url).json(&json!({"chatId": OLGA, "message": text}));
    let response = request.timeout(Duration::from_millis(1_000)).send().await?;
    let status = response.status().as_u16();
    Ok((status, response.text().await?))
}

/// Texts that really went out, after those that could have had the time to.
async fn went_out(stage: &Stage) -> Vec<String> {
    tokio::time::sleep(Duration::from_millis(60)).await;
    stage.instance.sent().into_iter().map(|sent| sent.text).collect()
}

#[tokio::test]
async fn every_preset_is_served_and_takes_nothing() {
    let stage = Stage::new().await;
    for name in PRESETS {
        let (status, body) =
            stage.control("faults", json!({"scope": stage.instance.id, "method": "sendMessage", "preset": name})).await;
        assert_eq!(status, 200, "{body}");
        let (status, _) = try_send(&stage, name).await.unwrap();
        let wanted: u16 = name.split('_').next().unwrap().parse().unwrap();
        assert_eq!(status, wanted, "{name}");
    }
    assert!(went_out(&stage).await.is_empty());
    assert_eq!(try_send(&stage, "чисто").await.unwrap().0, 200);
    assert!(preset("no such").is_none());
}

#[tokio::test]
async fn retry_after_is_there_or_not() {
    let stage = Stage::new().await;
    for (name, there) in [("429", false), ("429_retry_after", true)] {
        set(&stage, preset(name).unwrap(), None);
        let url = stage.instance.method_url("sendMessage");
        let response = stage.http.post(url).json(&json!({})).send().await.unwrap();
        assert_eq!(response.headers().contains_key("retry-after"), there);
    }
}

#[tokio::test]
async fn spoiled_bodies() {
    let stage = Stage::new().await;
    set(&stage, Spoil::Html { status: 200 }, None);
    assert!(try_send(&stage, "страница").await.unwrap().1.starts_with("<html>"));
    set(&stage, Spoil::BrokenJson, None);
    let (status, body) = try_send(&stage, "сломано").await.unwrap();
    assert_eq!(status, 200);
    assert!(serde_json::from_str::<Value>(&body).is_err(), "{body}");
    set(&stage, Spoil::Partial, None);
    assert!(try_send(&stage, "половина").await.is_err());
    assert_eq!(went_out(&stage).await, ["сломано", "половина"]);
}

#[tokio::test]
async fn taken_but_unanswered_and_never_taken() {
    let stage = Stage::new().await;
    set(&stage, Spoil::Drop, Some(true));
    assert!(try_send(&stage, "взято").await.is_err());
    set(&stage, Spoil::Drop, None);
    assert!(try_send(&stage, "не взято").await.is_err());
    set(&stage, Spoil::Hang, Some(true));
    assert!(try_send(&stage, "взято и тишина").await.unwrap_err().is_timeout());
    set(&stage, Spoil::Hang, None);
    assert!(try_send(&stage, "тишина").await.unwrap_err().is_timeout());
    set(&stage, Spoil::Slow { delay_ms: 1_500 }, None);
    assert!(try_send(&stage, "взято, ответ поздно").await.unwrap_err().is_timeout());
    set(&stage, Spoil::Slow { delay_ms: 1_500 }, Some(false));
    assert!(try_send(&stage, "не дождались").await.unwrap_err().is_timeout());
    set(&stage, preset("502").unwrap(), Some(true));
    assert_eq!(try_send(&stage, "взято, но 502").await.unwrap().0, 502);
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    assert_eq!(went_out(&stage).await, ["взято", "взято и тишина", "взято, ответ поздно", "взято, но 502"]);
    let calls = stage.instance.calls(Some("SENDMESSAGE"));
    assert_eq!(calls.len(), 7);
    assert_eq!(calls[0].status, None);
    assert_eq!(calls[6].status, Some(502));
    assert!(!serde_json::to_string(&calls).unwrap().contains(&stage.instance.token()));
}

#[tokio::test]
async fn a_fault_keeps_to_its_aim() {
    let stage = Stage::new().await;
    let other = stage.emulator.green_api().add_instance(NewInstance::default());
    let aim = Aim { skip: 1, ..Aim::at(stage.instance.id, "getSettings", 2) };
    let spoil = preset("500").unwrap();
    stage.emulator.world().faults.answer(AnswerFault { aim, accepted: None, spoil });
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(stage.get("getSettings").await.0);
        assert_eq!(stage.get("getStateInstance").await.0, 200);
        let theirs = stage.http.get(other.method_url("getSettings")).send().await.unwrap();
        assert_eq!(theirs.status(), 200);
    }
    assert_eq!(statuses, [200, 500, 500, 200]);
    assert!(stage.emulator.world().faults.list().0.is_empty());
}

#[tokio::test]
async fn a_missing_echo() {
    let stage = Stage::new().await;
    stage.instance.set_pace(|pace| {
        pace.echo_missing_every = 2;
        pace.sent_ms = None;
    });
    for text in ["раз", "два", "три", "четыре"] {
        stage.send(OLGA, text).await;
    }
    until("sent", || stage.instance.sent().len() == 4).await;
    assert_eq!(stage.instance.notifications().len(), 2);
}

#[tokio::test]
async fn stopping_frees_the_port_and_ends_hanging_calls() {
    let stage = Stage::new().await;
    set(&stage, Spoil::Hang, None);
    let url = stage.instance.method_url("sendMessage");
    let waiting = tokio::spawn(stage.http.post(url).json(&json!({})).send());
    until("asked", || !stage.instance.calls(None).is_empty()).await;
    let address = stage.emulator.address();
    stage.emulator.stop().await;
    assert!(waiting.await.unwrap().is_err());
    let again = Emulator::start_on(address).await.unwrap();
    assert_eq!(again.address(), address);
}
