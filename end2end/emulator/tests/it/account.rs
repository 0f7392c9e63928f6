//! Addresses, tokens, validation, states, settings, QR (reference §1, §2.8, §2.9, §5).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emulator::green_api::{NewInstance, Pace, Quota};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::{IVAN, OLGA, Stage, until};

#[tokio::test]
async fn methods_in_any_case_and_errors_of_the_table() {
    let stage = Stage::new().await;
    for name in ["getStateInstance", "GetStateInstance", "GETSTATEINSTANCE"] {
        assert_eq!(stage.get(name).await, (200, json!({"stateInstance": "authorized"})));
    }
    let base = format!("{}/waInstance{}", stage.emulator.url(), stage.instance.id);
    let bad = stage.http.get(format!("{base}/getStateInstance/wrong")).send().await.unwrap();
    assert_eq!(bad.status(), 401);
    assert_eq!(bad.headers()["access-control-allow-origin"], "*");
    assert_eq!(bad.text().await.unwrap(), "", "a bad token has an empty body");

    let other = format!("{}/waInstance7103999999/getStateInstance/x", stage.emulator.url());
    assert_eq!(stage.http.get(other).send().await.unwrap().status(), 403);
    assert_eq!(stage.get("noSuchMethod").await.0, 404);
    assert_eq!(stage.get("sendMessage").await.0, 404, "a wrong verb is as good as no method");
    let options = stage.http.request(reqwest::Method::OPTIONS, stage.instance.method_url("qr"));
    assert_eq!(options.send().await.unwrap().status(), 204);
    assert_eq!(stage.post("sendButtons", json!({})).await.0, 403);
}

#[tokio::test]
async fn validation_echoes_the_path() {
    let stage = Stage::new().await;
    let (status, body) = stage.post("sendMessage", json!({"message": "x"})).await;
    assert_eq!(status, 400);
    assert_eq!(body["message"], "Validation failed. Details: 'chatId' is required");
    assert!(body["path"].as_str().unwrap().contains(&stage.instance.token()));
    for (chat, text) in [("Ольга", "x"), (OLGA, ""), ("1@g.us.ru", "x"), ("status@broadcast", "x")] {
        let body = json!({"chatId": chat, "message": text});
        assert_eq!(stage.post("sendMessage", body).await.0, 400, "{chat} {text}");
    }
    let long = json!({"chatId": OLGA, "message": "я".repeat(20_001)});
    assert_eq!(stage.post("sendMessage", long).await.0, 400);
    let raw = stage.http.post(stage.instance.method_url("sendMessage")).body("{\"chatId\": _}");
    let text = raw.send().await.unwrap().text().await.unwrap();
    assert!(text.contains("Unexpected token _ in JSON at position 11"), "{text}");
}

#[tokio::test]
async fn settings_are_off_at_first_and_setting_them_reboots() {
    let pace = Pace { reboot_ms: 1_000, ..Pace::default() };
    let stage = Stage::with(NewInstance { pace, ..NewInstance::default() }).await;
    let (_, settings) = stage.get("getSettings").await;
    assert_eq!(settings["wid"], "79990000001@c.us");
    assert_eq!(settings["incomingWebhook"], "no");
    assert_eq!(stage.post("setSettings", json!({})).await.0, 400, "at least one key");
    assert_eq!(stage.post("setSettings", json!({"incomingWebhook": true})).await.0, 400);
    let wanted = json!({"incomingWebhook": "yes", "delaySendMessagesMilliseconds": 1000});
    assert_eq!(stage.post("setSettings", wanted).await, (200, json!({"saveSettings": true})));
    assert_eq!(stage.instance.state(), "starting");
    let (status, body) = stage.post("getAvatar", json!({"chatId": OLGA})).await;
    assert_eq!((status, body), (400, json!("instance in starting process try later")));
    assert_eq!(stage.get("getSettings").await.1["incomingWebhook"], "yes");
    until("authorized again", || stage.instance.state() == "authorized").await;
}

#[tokio::test]
async fn qr_is_a_png_that_changes_until_the_scan() {
    let pace = Pace { qr_ms: 400, ..Pace::default() };
    let stage = Stage::paced(pace).await;
    assert_eq!(stage.get("qr").await.1["type"], "alreadyLogged");
    assert_eq!(stage.get("logout").await.1, json!({"isLogout": true}));
    let (_, first) = stage.get("qr").await;
    assert_eq!(first["type"], "qrCode");
    let png = STANDARD.decode(first["message"].as_str().unwrap()).unwrap();
    let picture = image::load_from_memory(&png).unwrap();
    assert_eq!(picture.width(), picture.height());
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_ne!(stage.get("qr").await.1["message"], first["message"]);

    assert_eq!(stage.get("getSettings").await.1["wid"], "");
    assert_eq!(stage.post("checkWhatsapp", json!({"chatId": OLGA})).await.0, 400);
    stage.instance.require_passkey();
    assert_eq!(stage.get("qr").await.1["type"], "passkeyRequired");
    stage.instance.scan_qr();
    assert_eq!(stage.instance.state(), "authorized");
    let states: Vec<Value> = stage.instance.notifications();
    let states: Vec<_> = states.iter().map(|note| &note["stateInstance"]).collect();
    assert_eq!(states, ["notAuthorized", "authorized"]);
    assert_eq!(stage.instance.notifications()[0]["instanceData"]["wid"], "");
}

#[tokio::test]
async fn the_scan_socket_shows_codes_and_then_the_account() {
    let pace = Pace { qr_ms: 300, ..Pace::default() };
    let stage = Stage::with(NewInstance { state: "notAuthorized".to_owned(), pace, ..NewInstance::default() }).await;
    let url = stage.instance.method_url("scanqrcode").replacen("http", "ws", 1);
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let mut types = Vec::new();
    while let Some(Ok(frame)) = socket.next().await {
        let Ok(text) = frame.into_text() else { break };
        let Ok(frame) = serde_json::from_str::<Value>(&text) else { break };
        types.push(frame["type"].as_str().unwrap().to_owned());
        if types.len() == 2 {
            stage.instance.scan_qr();
        }
    }
    assert_eq!(types, ["qrCode", "qrCode", "accountData"]);
}

#[tokio::test]
async fn new_settings_may_show_late() {
    let stage = Stage::paced(Pace { settings_ms: 500, ..Pace::default() }).await;
    stage.post("setSettings", json!({"webhookUrlToken": "s3cret"})).await;
    assert_eq!(stage.get("getSettings").await.1["webhookUrlToken"], "");
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(stage.get("getSettings").await.1["webhookUrlToken"], "s3cret");
}

#[tokio::test]
async fn limits_and_quotas() {
    let stage = Stage::paced(Pace { rate_limits: true, ..Pace::default() }).await;
    assert_eq!(stage.get("getStateInstance").await.0, 200);
    assert_eq!(stage.get("getStateInstance").await.0, 429);
    assert_eq!(stage.get("getSettings").await.0, 200, "limits are per method");

    let quota = Quota { correspondents: Some(1), methods: [("checkwhatsapp".into(), 1)].into() };
    stage.instance.set_quota(quota);
    stage.send(OLGA, "первый чат").await;
    stage.send(OLGA, "тот же чат").await;
    let (status, body) = stage.post("sendMessage", json!({"chatId": IVAN, "message": "второй чат"})).await;
    assert_eq!(status, 466);
    assert_eq!(body["correspondentsStatus"]["status"], "CORRESPONDENTS_QUOTE_EXCEEDED");
    let notes = stage.instance.notifications();
    let exceeded = notes.iter().find(|note| note["typeWebhook"] == "quotaExceeded").unwrap();
    assert_eq!(exceeded["quotaData"]["status"], "CORRESPONDENTS_QUOTA_EXCEEDED");
    assert_eq!(stage.post("checkWhatsapp", json!({"chatId": OLGA})).await.0, 200);
    let (status, body) = stage.post("checkWhatsapp", json!({"chatId": OLGA})).await;
    assert_eq!((status, &body["invokeStatus"]["status"]), (466, &json!("QUOTE_EXCEEDED")));
}

#[tokio::test]
async fn a_lid_leads_to_the_phone_and_lid_mode_hides_it() {
    let stage = Stage::new().await;
    let (_, found) = stage.post("checkWhatsapp", json!({"phoneNumber": 79_990_000_002_u64})).await;
    let lid = found["chatId"].as_str().unwrap().to_owned();
    assert!(lid.ends_with("@lid"));
    assert_eq!(found["phoneNumber"], OLGA);
    stage.send(&lid, "по внутреннему номеру").await;
    until("sent", || stage.instance.sent().len() == 1).await;
    assert_eq!(stage.instance.sent()[0].chat, OLGA);

    let on = json!({"enableLidMode": "yes"});
    stage.instance.set_settings(on.as_object().unwrap().clone());
    stage.instance.incoming_text(OLGA, "кто я?");
    let notes = stage.instance.notifications();
    let note = notes.iter().find(|n| n["typeWebhook"] == "incomingMessageReceived").unwrap();
    assert_eq!(note["senderData"]["chatId"], lid);
    assert!(!note["senderData"].to_string().contains("79990000002"));
}

#[tokio::test]
async fn a_closed_instance_and_a_new_token() {
    let stage = Stage::new().await;
    stage.instance.set_closed(Some("Instance is deleted".to_owned()));
    assert_eq!(stage.get("getSettings").await, (400, json!("Instance is deleted")));
    stage.instance.set_closed(None);
    let old = stage.instance.method_url("getStateInstance");
    let (_, fresh) = stage.get("updateApiToken").await;
    assert_eq!(fresh["apiTokenInstance"], stage.instance.token().as_str());
    assert_eq!(stage.http.get(old).send().await.unwrap().status(), 401);
}
