//! The control API as Playwright and other languages use it, and the genuineness of samples.

use emulator::samples;
use serde_json::{Value, json};

use crate::{OLGA, Stage, answer, until};

#[tokio::test]
async fn an_instance_is_made_and_driven_by_json() {
    let stage = Stage::new().await;
    let (_, made) = stage.control("green-api/instances", json!({"id": 710_300_000_042_i64, "inbox": true})).await;
    assert_eq!(made["id"], 710_300_000_042_i64, "twelve digits");
    let at = |path: &str| format!("green-api/710300000042/{path}");
    let person = json!({"chat": "+7 999 000-00-02", "name": "Ольга", "contact_name": "Ольга (клиент)",
        "avatar": true});
    assert_eq!(stage.control(&at("contact"), person).await.0, 200);
    let many = json!([
        {"chat": "79990000002", "text": "текст", "timestamp": 1_791_014_958, "id": "3A01"},
        {"chat": "79990000002", "file": {"name": "голос.ogg"}},
        {"chat": "79990000002", "text": "ответ", "quote": "3A01"},
        {"chat": "79990000002", "type": "somethingNew", "data": {"somethingNewData": {"a": 1}}},
        {"chat": "120363000000000001@g.us", "from": "79990000003", "text": "в группе"},
    ]);
    let (status, body) = stage.control(&at("incoming"), many).await;
    assert_eq!((status, body["ids"].as_array().map(Vec::len)), (200, Some(5)), "{body}");
    let url = format!("{}/_control/{}", stage.emulator.url(), at("notifications"));
    let (_, notes) = answer(stage.http.get(url).send().await.unwrap()).await;
    assert_eq!(notes[0]["timestamp"], 1_791_014_958);
    assert_eq!(notes[0]["idMessage"], "3A01");
    assert_eq!(notes[0]["senderData"]["senderContactName"], "Ольга (клиент)");
    assert_eq!(notes[1]["messageData"]["fileMessageData"]["mimeType"], "audio/ogg; codecs=opus");
    assert_eq!(notes[2]["messageData"]["quotedMessage"]["textMessage"], "текст");
    let unknown = json!({"typeMessage": "somethingNew", "somethingNewData": {"a": 1}});
    assert_eq!(notes[3]["messageData"], unknown);
    assert_eq!(notes[4]["senderData"]["chatId"], "120363000000000001@g.us");
    assert_eq!(notes[4]["senderData"]["sender"], "79990000003@c.us");

    assert_eq!(stage.control(&at("pace"), json!({"sent_ms": null})).await.0, 200);
    assert_eq!(stage.control(&at("pace"), json!({"wrong": 1})).await.0, 400);
    assert_eq!(stage.control(&at("nonsense"), json!({})).await.0, 404);
    assert_eq!(stage.control("green-api/1/state", json!({"state": "x"})).await.0, 404);
}

#[tokio::test]
async fn statuses_by_hand() {
    let stage = Stage::new().await;
    let id = stage.instance.id;
    stage.instance.set_pace(|pace| pace.sent_ms = None);
    let message = stage.send(OLGA, "вручную").await;
    until("sent", || stage.instance.sent().len() == 1).await;
    stage.next().await;
    let failed = json!({"id": message, "status": "failed", "description": "SWE004: too many"});
    assert_eq!(stage.control(&format!("green-api/{id}/status"), failed).await.0, 200);
    let note = stage.next().await;
    assert_eq!((&note["status"], &note["description"]), (&json!("failed"), &json!("SWE004: too many")));
    let unknown = json!({"id": "X", "status": "read"});
    assert_eq!(stage.control(&format!("green-api/{id}/status"), unknown).await.0, 404);
}

#[tokio::test]
async fn help_calls_and_reset() {
    let stage = Stage::new().await;
    stage.get("getSettings").await;
    let get = |path: &str| {
        let url = format!("{}/_control{path}", stage.emulator.url());
        let request = stage.http.get(url);
        async move { answer(request.send().await.unwrap()).await }
    };
    assert_eq!(get("").await.1["green-api"]["instances"], json!([stage.instance.id]));
    let (_, calls) = get("/calls?method=getsettings").await;
    assert_eq!((&calls[0]["method"], &calls[0]["status"]), (&json!("getSettings"), &json!(200)));
    stage.control("reset", Value::Null).await;
    assert_eq!(get("/calls").await.1, json!([]));
    assert_eq!(get("/green-api/instances").await.1, json!([]));
    assert_eq!(stage.get("getSettings").await.0, 403);
}

#[test]
fn samples_are_genuine() {
    for ext in ["png", "jpg"] {
        let picture = image::load_from_memory(&samples::picture(320, 200, 5, ext)).unwrap();
        assert_eq!((picture.width(), picture.height()), (320, 200));
    }
    assert!(image::load_from_memory(&samples::portrait("Ольга", 128)).is_ok());
    assert!(image::load_from_memory(&samples::qr("2@abc").unwrap()).is_ok());
    assert!(samples::document("Invoice 5").starts_with(b"%PDF-1.4"));
    let voice = samples::voice(2);
    assert!(voice.starts_with(b"OggS"));
    assert_eq!(voice.windows(4).filter(|w| w == b"OggS").count(), 4, "two headers, two seconds");
}
