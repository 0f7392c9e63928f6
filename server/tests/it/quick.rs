//! Quick replies: one's own, everybody's, and what is refused.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Caller, World};

async fn words(caller: &Caller) -> Vec<String> {
    let list = caller.get("/quick-replies").await.body;
    list["items"].as_array().unwrap().iter().map(|reply| reply["shortcut"].as_str().unwrap().to_owned()).collect()
}

async fn make(caller: &Caller, shared: bool, shortcut: &str, text: &str) -> (u16, String, Value) {
    let body = json!({"shared": shared, "shortcut": shortcut, "text": text});
    let answer = caller.post("/quick-replies", &body).await;
    (answer.status.as_u16(), answer.code().to_owned(), answer.body)
}

both!(replies_are_ones_own_or_everybodys, async |engine| {
    let world = World::start(engine).await;
    let (anna, petr) = (world.staff("anna", "operator").await, world.staff("petr", "operator").await);
    let (status, _, own) = make(&anna, false, "/цена", "{{приветствие}}, {{имя}}! Цена 100.").await;
    assert_eq!((status, &own["shortcut"], &own["shared"]), (201, &json!("цена"), &json!(false)));
    let (status, _, shared) = make(&world.admin, true, "адрес", "Склад на Садовой").await;
    assert_eq!(status, 201);
    assert_eq!(words(&anna).await, ["адрес", "цена"]);
    assert_eq!(words(&petr).await, ["адрес"]);
    // The same word may be one's own and everybody's, but not twice in one place.
    assert_eq!(make(&anna, false, "Адрес", "мой").await.0, 201);
    assert_eq!(make(&anna, false, "ЦЕНА", "ещё").await.1, "name_taken");
    assert_eq!(make(&anna, true, "общий", "нельзя").await.1, "forbidden");
    for (shortcut, text, code) in [
        ("", "а", "invalid"),
        ("два слова", "а", "invalid"),
        ("пусто", "  ", "message_empty"),
        ("длинно", &"ы".repeat(20_001), "text_too_long"),
        ("скобки", "{{имя}} и {{отчество}}", "invalid"),
    ] {
        let (status, found, body) = make(&anna, false, shortcut, text).await;
        assert_eq!((status, found.as_str()), (422, code), "{body}");
    }
    assert_eq!(make(&anna, false, "скобки", "{{отчество}}").await.2["error"]["detail"], "отчество");
    let change = json!({"shortcut": "прайс", "text": "Цена 120."});
    let own = format!("/quick-replies/{}", own["id"]);
    assert_eq!(anna.call(Method::PUT, &own, Some(&change)).await.body["text"], "Цена 120.");
    assert_eq!(petr.call(Method::PUT, &own, Some(&change)).await.code(), "reply_not_found");
    let taken = json!({"shortcut": "адрес", "text": "а"});
    assert_eq!(anna.call(Method::PUT, &own, Some(&taken)).await.code(), "name_taken");
    let shared = format!("/quick-replies/{}", shared["id"]);
    assert_eq!(anna.call(Method::DELETE, &shared, None).await.code(), "forbidden");
    assert_eq!(world.admin.call(Method::DELETE, &shared, None).await.status, 204);
    assert_eq!(words(&petr).await, [""; 0]);
    world.end().await;
});
