//! Sending, the queue, statuses, files and journals (reference §2.1 to §2.5, §3.4, §6).

use std::time::{Duration, Instant};

use emulator::green_api::client::Write;
use emulator::green_api::{NewInstance, Outcome, Pace};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{IVAN, OLGA, Stage, answer, until};

#[tokio::test]
async fn a_message_is_queued_echoed_and_ripens() {
    let stage = Stage::paced(Pace { read_ms: Some(20), ..Pace::default() }).await;
    let id = stage.send(OLGA, "Добрый день").await;
    let echo = stage.next().await;
    assert_eq!(echo["typeWebhook"], "outgoingAPIMessageReceived");
    assert_eq!(echo["idMessage"], id.as_str());
    assert_eq!(echo["senderData"]["sender"], "79990000001@c.us");
    assert_eq!(echo["messageData"]["typeMessage"], "extendedTextMessage");
    for wanted in ["sent", "delivered", "read"] {
        let status = stage.next().await;
        assert_eq!(status["typeWebhook"], "outgoingMessageStatus");
        assert_eq!(status["status"], wanted);
        assert_eq!(status["chatId"], OLGA);
        assert_eq!(status["sendByApi"], true);
        assert!(status.get("senderData").is_none());
    }
    let (_, row) = stage.post("getMessage", json!({"chatId": OLGA, "idMessage": id})).await;
    assert_eq!(row["statusMessage"], "read");
    assert_eq!(row["textMessage"], "Добрый день");
}

#[tokio::test]
async fn the_queue_keeps_order_and_gap_and_waits_for_the_account() {
    let pace = Pace { send_gap_ms: Some(60), ..Pace::default() };
    let new = NewInstance { pace, state: "notAuthorized".to_owned(), ..NewInstance::default() };
    let stage = Stage::with(new).await;
    let mut ids = Vec::new();
    for text in ["раз", "два", "три"] {
        ids.push(stage.send(OLGA, text).await);
    }
    let (_, queue) = stage.get("showMessagesQueue").await;
    assert_eq!(queue[0]["messageID"], ids[0].as_str());
    assert_eq!(queue[2]["body"]["message"], "три");
    assert_eq!(stage.get("getMessagesCount").await.1, json!({"count": 3}));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(stage.instance.sent().is_empty());
    let begun = Instant::now();
    stage.instance.scan_qr();
    until("all sent", || stage.instance.sent().len() == 3).await;
    assert!(begun.elapsed() >= Duration::from_millis(115), "the gap is kept");
    assert_eq!(stage.instance.sent().iter().map(|s| s.id.clone()).collect::<Vec<_>>(), ids);

    stage.instance.set_state("notAuthorized");
    stage.send(OLGA, "никогда").await;
    assert_eq!(stage.get("clearMessagesQueue").await.1, json!({"isCleared": true}));
    stage.instance.scan_qr();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(stage.instance.sent().len(), 3);
}

#[tokio::test]
async fn a_restricted_account_tells_and_keeps() {
    let stage = Stage::new().await;
    stage.instance.set_state("suspended");
    stage.next().await;
    let id = stage.send(OLGA, "подождёт").await;
    let status = stage.next().await;
    assert_eq!((&status["status"], &status["idMessage"]), (&json!("suspended"), &json!(id)));
    assert_eq!(stage.instance.queued().len(), 1);
    assert!(stage.get("getWaSettings").await.1["suspendedUntil"].is_i64());
}

#[tokio::test]
async fn no_account_is_told_even_with_statuses_off() {
    let stage = Stage::with(NewInstance::default()).await;
    let outcome = Outcome { status: "noAccount".to_owned(), description: None };
    stage.instance.set_outcome(OLGA, Some(outcome));
    stage.send(OLGA, "есть кто?").await;
    assert_eq!(stage.next().await["status"], "noAccount");
    let (_, found) = stage.post("checkWhatsapp", json!({"chatId": OLGA})).await;
    assert_eq!(found["existsWhatsapp"], false);
    stage.send(IVAN, "а вы?").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(stage.instance.notifications().is_empty(), "everything else is off");
}

#[tokio::test]
async fn files_in_any_part_order_by_extension() {
    let stage = Stage::new().await;
    let cases = [
        ("фото.PNG", "imageMessage"),
        ("ролик.mp4", "videoMessage"),
        ("голос.ogg", "audioMessage"),
        ("счёт № 5.pdf", "documentMessage"),
    ];
    for (at, (name, kind)) in cases.into_iter().enumerate() {
        let part = Part::bytes(vec![1, 2, 3]).file_name(name);
        let form = if at % 2 == 0 {
            Form::new().part("file", part).text("chatId", OLGA).text("caption", "подпись")
        } else {
            Form::new().text("chatId", OLGA).text("caption", "подпись").part("file", part)
        };
        let url = stage.instance.method_url("sendFileByUpload");
        let (status, body) = answer(stage.http.post(url).multipart(form).send().await.unwrap()).await;
        assert_eq!(status, 200, "{body}");
        until("sent", || stage.instance.sent().len() == at + 1).await;
        let file = stage.http.get(body["urlFile"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(file.bytes().await.unwrap().as_ref(), [1, 2, 3]);
        let message = json!({"chatId": OLGA, "idMessage": body["idMessage"]});
        let (_, row) = stage.post("getMessage", message).await;
        assert_eq!(row["typeMessage"], kind);
        assert_eq!((&row["fileName"], &row["caption"]), (&json!(name), &json!("подпись")));
    }
    let raw = stage.http.post(stage.instance.method_url("uploadFile"));
    let raw = raw.header("Content-Type", "image/png").header("GA-Filename", "a.png").body("x");
    let (_, stored) = answer(raw.send().await.unwrap()).await;
    let by_url = json!({"chatId": OLGA, "urlFile": stored["urlFile"], "fileName": "a.png"});
    assert_eq!(stage.post("sendFileByUrl", by_url).await.0, 200);
    let private = json!({"chatId": OLGA, "urlFile": "http://127.0.0.1:1/a.png", "fileName": "a.png"});
    assert_eq!(stage.post("sendFileByUrl", private).await.0, 400, "out of the service's reach");
}

#[tokio::test]
async fn journals_are_flat_newest_first_and_may_lag() {
    let stage = Stage::new().await;
    let first = stage.instance.incoming_text(OLGA, "первое");
    stage.send(OLGA, "второе").await;
    stage.instance.phone_text(OLGA, "третье");
    until("all there", || stage.instance.sent().len() == 1).await;
    let (_, rows) = stage.post("getChatHistory", json!({"chatId": OLGA})).await;
    let texts: Vec<_> = rows.as_array().unwrap().iter().map(|r| r["textMessage"].clone()).collect();
    assert_eq!(texts.len(), 3);
    assert_eq!(texts[2], "первое");
    assert_eq!(rows[2]["idMessage"], first.as_str());
    assert_eq!(rows[2]["senderId"], OLGA);
    let by_api = |row: &Value| row["sendByApi"].as_bool();
    let (_, out) = stage.get("lastOutgoingMessages?minutes=5").await;
    let out = out.as_array().unwrap();
    assert_eq!(out.iter().filter(|row| by_api(row) == Some(true)).count(), 1);
    assert_eq!(out.iter().filter(|row| by_api(row) == Some(false)).count(), 1);

    stage.instance.set_pace(|pace| pace.journal_lag_ms = 60_000);
    assert_eq!(stage.get("lastIncomingMessages").await.1, json!([]));
    stage.instance.set_pace(|pace| pace.journal_lag_ms = 0);
    let old = Write { timestamp: Some(1_700_000_000), ..Write::text(OLGA, "давно") };
    stage.instance.incoming(old).unwrap();
    let (_, rows) = stage.get("lastIncomingMessages?minutes=60").await;
    assert_eq!(rows.as_array().unwrap().len(), 1);

    let off = json!({"incomingWebhook": "no"});
    stage.instance.set_settings(off.as_object().unwrap().clone());
    stage.instance.incoming_text(OLGA, "не записано");
    let (_, rows) = stage.get("lastIncomingMessages").await;
    assert_eq!(rows.as_array().unwrap().len(), 1, "only while the webhook was on");
}

#[tokio::test]
async fn download_links_expire_and_are_renewed() {
    let stage = Stage::new().await;
    let id = stage.instance.incoming(Write::file(OLGA, "photo.jpg", None)).unwrap();
    let note = stage.next().await;
    let file = &note["messageData"]["fileMessageData"];
    let url = file["downloadUrl"].as_str().unwrap();
    let first = stage.http.get(url).send().await.unwrap().bytes().await.unwrap();
    assert!(image::load_from_memory(&first).is_ok());
    assert!(!file["jpegThumbnail"].as_str().unwrap().is_empty());
    stage.instance.expire_files();
    assert_eq!(stage.http.get(url).send().await.unwrap().status(), 404);
    let (_, fresh) = stage.post("downloadFile", json!({"chatId": OLGA, "idMessage": id})).await;
    let again = stage.http.get(fresh["downloadUrl"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(again.bytes().await.unwrap(), first);
    let (status, body) = stage.post("downloadFile", json!({"chatId": OLGA, "idMessage": "X"})).await;
    assert_eq!(status, 400);
    assert!(body["message"].as_str().unwrap().starts_with("File message encrypted url not found"));
}

#[tokio::test]
async fn quotes_edits_deletions_reactions_forwards() {
    let stage = Stage::new().await;
    let asked = stage.instance.incoming_text(OLGA, "Сколько?");
    stage.next().await;
    let body = json!({"chatId": OLGA, "message": "Сто", "quotedMessageId": asked});
    let id = stage.post("sendMessage", body).await.1["idMessage"].clone();
    let echo = stage.next().await["messageData"].clone();
    assert_eq!(echo["typeMessage"], "quotedMessage");
    assert_eq!(echo["extendedTextMessageData"]["stanzaId"], asked.as_str());
    assert_eq!(echo["quotedMessage"]["textMessage"], "Сколько?");
    until("delivered", || stage.instance.notifications().len() == 2).await;
    stage.next().await;
    stage.next().await;

    let edit = json!({"chatId": OLGA, "idMessage": id, "message": "Двести"});
    let event = stage.post("editMessage", edit).await.1["idMessage"].clone();
    let echo = stage.next().await;
    assert_eq!(echo["idMessage"], event);
    assert_eq!(echo["messageData"]["editedMessageData"]["stanzaId"], id);
    let theirs = json!({"chatId": OLGA, "idMessage": asked, "message": "чужое"});
    assert_eq!(stage.post("editMessage", theirs).await.0, 400, "only own messages");

    stage.instance.incoming_reaction(OLGA, id.as_str().unwrap(), "👍");
    let reaction = stage.next().await["messageData"].clone();
    assert_eq!(reaction["typeMessage"], "reactionMessage");
    assert_eq!(reaction["extendedTextMessageData"]["text"], "👍");
    assert_eq!(reaction["quotedMessage"]["stanzaId"], id);
    let mine = json!({"chatId": OLGA, "idMessage": asked, "reaction": "❤️"});
    assert_eq!(stage.post("sendReaction", mine).await.0, 200);

    let url = stage.instance.method_url("deleteMessage");
    let gone = stage.http.post(url).json(&json!({"chatId": OLGA, "idMessage": id}));
    assert_eq!(gone.send().await.unwrap().text().await.unwrap(), "");
    let row = stage.post("getMessage", json!({"chatId": OLGA, "idMessage": id})).await.1;
    assert_eq!((&row["isEdited"], &row["isDeleted"]), (&json!(true), &json!(true)));

    let forward = json!({"chatId": IVAN, "chatIdFrom": OLGA, "messages": [asked]});
    let new = stage.post("forwardMessages", forward).await.1["messages"].clone();
    until("forwarded", || stage.instance.sent().iter().any(|s| new[0] == s.id.as_str())).await;
}
