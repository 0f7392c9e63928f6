//! Who may do what: every call of the description × every kind of caller. A call that is missing here fails the test.

use std::collections::BTreeSet;

use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::World;

/// The kinds of caller, in the order of the columns below. The outsider is an operator without the account.
const CALLERS: [&str; 7] = ["nobody", "service", "reader", "outsider", "operator", "supervisor", "administrator"];

/// What a caller meets: `s` signed out, `f` forbidden, `h` hidden (404 as if it did not exist), `p` passes to the call
/// itself, whatever that then makes of an empty body.
const ANYBODY: &str = "ppppppp";
const SIGNED_IN: &str = "sfppppp";
const WRITERS: &str = "sffpppp";
const SUPERVISORS: &str = "sffffpp";
const ADMINISTRATORS: &str = "sfffffp";
/// Readers of the account.
const SEE: &str = "sfphppp";
/// Writers of the account.
const WRITE: &str = "sffhppp";

/// Method, path as the description has it, path asked for, body, who.
fn table(ids: &Ids) -> Vec<(Method, &'static str, String, Value, &'static str)> {
    let Ids { account, spare, user, chat, message, file, label, later } = ids;
    let (get, post, patch, delete) = (Method::GET, Method::POST, Method::PATCH, Method::DELETE);
    let put = Method::PUT;
    let row = |method: &Method, path: &'static str, id: &dyn std::fmt::Display, body: Value, who: &'static str| {
        (method.clone(), path, path.replace("{id}", &id.to_string()), body, who)
    };
    let none = Value::Null;
    let empty = json!({});
    let text = json!({"client_id": "once", "text": "Здравствуйте"});
    vec![
        row(&get, "/setup", &"", none.clone(), ANYBODY),
        row(&post, "/setup", &"", empty.clone(), ANYBODY),
        row(&post, "/session", &"", empty.clone(), ANYBODY),
        row(&get, "/session", &"", none.clone(), SIGNED_IN),
        row(&patch, "/me", &"", empty.clone(), SIGNED_IN),
        row(&get, "/sessions", &"", none.clone(), SIGNED_IN),
        row(&delete, "/sessions/{id}", &"none", none.clone(), SIGNED_IN),
        row(&get, "/keys", &"", none.clone(), SIGNED_IN),
        row(&post, "/keys", &"", json!({"name": "1С"}), SIGNED_IN),
        row(&delete, "/keys/{id}", &0, none.clone(), SIGNED_IN),
        row(&get, "/colleagues", &"", none.clone(), SIGNED_IN),
        row(&get, "/users", &"", none.clone(), ADMINISTRATORS),
        row(&post, "/users", &"", empty.clone(), ADMINISTRATORS),
        row(&patch, "/users/{id}", user, empty.clone(), ADMINISTRATORS),
        row(&delete, "/users/{id}", user, none.clone(), ADMINISTRATORS),
        row(&get, "/accounts", &"", none.clone(), SIGNED_IN),
        row(&post, "/accounts", &"", empty.clone(), ADMINISTRATORS),
        row(&get, "/accounts/{id}", account, none.clone(), SEE),
        row(&patch, "/accounts/{id}", account, empty.clone(), ADMINISTRATORS),
        row(&post, "/accounts/{id}/check", account, empty.clone(), ADMINISTRATORS),
        row(&post, "/accounts/{id}/history", account, empty.clone(), ADMINISTRATORS),
        row(&post, "/accounts/{id}/refresh", account, empty.clone(), ADMINISTRATORS),
        row(&post, "/accounts/{id}/webhook", spare, empty.clone(), ADMINISTRATORS),
        row(&get, "/accounts/{id}/qr", account, none.clone(), ADMINISTRATORS),
        row(&post, "/accounts/{id}/pairing-code", account, json!({"phone": "x"}), ADMINISTRATORS),
        row(&post, "/accounts/{id}/logout", spare, empty.clone(), ADMINISTRATORS),
        row(&delete, "/accounts/{id}", spare, none.clone(), ADMINISTRATORS),
        row(&get, "/chats", &"", none.clone(), SIGNED_IN),
        row(&get, "/chats/counts", &"", none.clone(), SIGNED_IN),
        row(&post, "/chats", &"", json!({"account": account, "phone": "+7 912 000-45-17"}), WRITE),
        row(&get, "/chats/{id}", chat, none.clone(), SEE),
        row(&get, "/chats/{id}/messages", chat, none.clone(), SEE),
        row(&post, "/chats/{id}/messages", chat, text, WRITE),
        row(&post, "/chats/{id}/read", chat, json!({"up_to": message}), WRITE),
        row(&post, "/chats/{id}/assign", chat, json!({"user": null}), WRITE),
        row(&post, "/chats/{id}/close", chat, json!({"closed": false}), WRITE),
        row(&post, "/chats/{id}/no-answer-needed", chat, empty.clone(), WRITE),
        (get.clone(), "/chats/{id}/gallery", format!("/chats/{chat}/gallery?shelf=media"), none.clone(), SEE),
        row(&post, "/chats/{id}/typing", chat, empty.clone(), WRITE),
        row(&put, "/chats/{id}/draft", chat, json!({"chat": chat, "text": "чер"}), WRITE),
        row(&post, "/chats/{id}/unread", chat, empty.clone(), WRITE),
        row(&post, "/chats/bulk", &"", json!({"chats": [chat], "action": {"is": "read"}}), WRITERS),
        row(&post, "/chats/{id}/label", chat, json!({"label": label, "on": true}), WRITE),
        row(&put, "/chats/{id}/pin", chat, none.clone(), SEE),
        row(&delete, "/chats/{id}/pin", chat, none.clone(), SIGNED_IN),
        row(&get, "/pins", &"", none.clone(), SIGNED_IN),
        row(&get, "/stars", &"", none.clone(), SIGNED_IN),
        row(&put, "/messages/{id}/star", message, none.clone(), SEE),
        row(&delete, "/messages/{id}/star", message, none.clone(), SEE),
        row(&get, "/filters", &"", none.clone(), SIGNED_IN),
        row(&post, "/filters", &"", json!({"name": "Мои", "filter": {"mine": true}}), SIGNED_IN),
        row(&delete, "/filters/{id}", &0, none.clone(), SIGNED_IN),
        row(&get, "/mentions", &"", none.clone(), SIGNED_IN),
        row(&post, "/chats/{id}/mentions/seen", chat, none.clone(), SEE),
        row(&get, "/labels", &"", none.clone(), SIGNED_IN),
        row(&post, "/labels", &"", json!({"name": "Срочно", "colour": "red"}), SUPERVISORS),
        row(&patch, "/labels/{id}", &0, json!({"name": "Срочно", "colour": "red"}), SUPERVISORS),
        row(&delete, "/labels/{id}", &0, none.clone(), SUPERVISORS),
        row(&get, "/quick-replies", &"", none.clone(), SIGNED_IN),
        row(&post, "/quick-replies", &"", json!({"shared": true, "shortcut": "цена", "text": "100"}), SUPERVISORS),
        row(&put, "/quick-replies/{id}", &0, empty.clone(), WRITERS),
        row(&delete, "/quick-replies/{id}", &0, none.clone(), WRITERS),
        row(&get, "/chats/{id}/later", chat, none.clone(), SEE),
        row(&post, "/chats/{id}/later", chat, json!({"at": 1, "message": {"text": "потом"}}), WRITE),
        row(&patch, "/later/{id}", later, empty.clone(), WRITE),
        row(&delete, "/later/{id}", &0, none.clone(), "sffhhhh"),
        row(&get, "/drafts", &"", none.clone(), SIGNED_IN),
        row(&post, "/messages/{id}/again", message, empty.clone(), WRITE),
        row(&patch, "/messages/{id}", message, json!({"text": ""}), WRITE),
        row(&post, "/messages/{id}/react", message, json!({"emoji": "буква"}), WRITE),
        row(&post, "/messages/forward", &"", json!({"messages": [], "chats": [], "client_id": "x"}), WRITERS),
        row(&get, "/messages/{id}/info", message, none.clone(), SEE),
        row(&post, "/files", &"", empty.clone(), WRITERS),
        row(&get, "/files/{id}", file, none.clone(), SEE),
        row(&post, "/files/{id}/again", file, empty.clone(), WRITE),
        row(&delete, "/messages/{id}", message, none.clone(), WRITE),
        row(&get, "/search", &"", none.clone(), SIGNED_IN),
        row(&get, "/log", &"", none.clone(), ADMINISTRATORS),
        row(&get, "/log/{id}", &"none", none.clone(), ADMINISTRATORS),
        row(&get, "/live", &"", none.clone(), SIGNED_IN),
        // The last one: it ends the sessions of those who call.
        row(&delete, "/session", &"", none, ANYBODY),
    ]
}

struct Ids {
    account: i64,
    spare: i64,
    user: i64,
    chat: i64,
    message: i64,
    file: i64,
    label: i64,
    later: i64,
}

fn met(status: StatusCode, body: &Value) -> char {
    let code = body["error"]["code"].as_str().unwrap_or_default();
    match (status.as_u16(), code) {
        (401, "signed_out" | "key_invalid") => 's',
        (403, "forbidden") => 'f',
        (
            404,
            "chat_not_found" | "account_not_found" | "message_not_found" | "file_not_found" | "user_not_found"
            | "later_not_found",
        ) => 'h',
        (500.., code) if code != "provider_failed" => '!',
        _ => 'p',
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_for_every_caller() {
    let world = World::start(crate::harness::Engine::Sqlite).await;
    let account = world.account_by(&world.instance(), "off").await.0;
    let spare = world.account_by(&world.instance(), "off").await.0;
    let mut callers = vec![Client::builder().no_proxy().build().unwrap(), service(&world).await];
    let mut ids = Vec::new();
    for name in ["reader", "outsider", "operator", "supervisor"] {
        let role = if name == "outsider" { "operator" } else { name };
        // The password is the login, thrice.
        let caller = world.staff(name, role).await;
        ids.push(caller.get("/session").await.body["user"]["id"].as_i64().unwrap());
        callers.push(caller.http().clone());
    }
    callers.push(world.admin.http().clone());
    let given = json!({"everyone": false, "users": [ids[0], ids[2]]});
    let answer = world.admin.call(Method::PATCH, &format!("/accounts/{account}"), Some(&given)).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    let (chat, message, file) = conversation(&world, account, &callers[6]).await;
    let label =
        world.admin.post("/labels", &json!({"name": "Опт", "colour": "blue"})).await.body["id"].as_i64().unwrap();
    let at = server::ledger::now().plus(86_400_000);
    let waits = json!({"at": at, "message": {"text": "потом"}});
    let later = world.admin.post(&format!("/chats/{chat}/later"), &waits).await.body["id"].as_i64().unwrap();
    let victim = world.staff("victim", "operator").await;
    let user = victim.get("/session").await.body["user"]["id"].as_i64().unwrap();
    let table = table(&Ids { account, spare, user, chat, message, file, label, later });

    let description: Value =
        callers[0].get(format!("{}/api/openapi.json", world.url)).send().await.unwrap().json().await.unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            described.insert((method.to_uppercase(), path.trim_start_matches("/api/v1").to_owned()));
        }
    }
    let written: BTreeSet<_> =
        table.iter().map(|(method, path, ..)| (method.to_string(), (*path).to_owned())).collect();
    assert_eq!(described, written, "the description and the table must name the same calls");

    let mut wrong = Vec::new();
    for (method, path, asked, body, expected) in &table {
        let mut found = String::new();
        for caller in &callers {
            let mut request = caller.request(method.clone(), format!("{}/api/v1{asked}", world.url));
            if !body.is_null() {
                request = request.json(body);
            }
            let response = request.send().await.unwrap();
            let (status, text) = (response.status(), response.text().await.unwrap());
            found.push(met(status, &serde_json::from_str(&text).unwrap_or_default()));
        }
        if found != *expected {
            wrong.push(format!("{method} {path}: {found}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}\ncolumns: {CALLERS:?}", wrong.join("\n"));
    world.end().await;
}

/// A programme: a user whose role became "service" after a key was made.
async fn service(world: &World) -> Client {
    let caller = world.staff("service", "operator").await;
    let id = caller.get("/session").await.body["user"]["id"].as_i64().unwrap();
    let key = caller.post("/keys", &json!({"name": "1С"})).await.body["key"].as_str().unwrap().to_owned();
    let service = world.admin.call(Method::PATCH, &format!("/users/{id}"), Some(&json!({"role": "service"}))).await;
    assert_eq!(service.status, StatusCode::OK);
    let headers = HeaderMap::from_iter([(AUTHORIZATION, format!("Bearer {key}").parse().unwrap())]);
    Client::builder().no_proxy().default_headers(headers).build().unwrap()
}

/// A chat of the account with one message that has a file.
async fn conversation(world: &World, account: i64, caller: &Client) -> (i64, i64, i64) {
    let chat = world.open(domain::AccountId(account), "+7 912 000-45-17").await.id;
    let part = reqwest::multipart::Part::bytes(b"a;b".to_vec()).file_name("цены.csv");
    let form = reqwest::multipart::Form::new().part("file", part);
    let file: Value =
        caller.post(format!("{}/api/v1/files", world.url)).multipart(form).send().await.unwrap().json().await.unwrap();
    let sent = json!({"client_id": "with a file", "files": [file["id"]]});
    let answer = world.admin.post(&format!("/chats/{chat}/messages"), &sent).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
    (chat.0, answer.body["id"].as_i64().unwrap(), file["id"].as_i64().unwrap())
}

both!(only_administrators_see_settings, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "off").await;
    let supervisor = world.staff("supervisor", "supervisor").await;
    let shown = world.admin.get(&format!("/accounts/{account}")).await.body;
    assert_eq!(shown["settings"]["id_instance"], instance.id.to_string());
    assert_eq!(shown["secrets"], json!(["api_token_instance"]));
    assert!(!shown.to_string().contains(&instance.token()), "a secret never comes back");
    assert!(shown["webhook_authorization"].as_str().unwrap().starts_with("Bearer "));
    for path in [format!("/accounts/{account}"), "/accounts".to_owned()] {
        let answer = supervisor.get(&path).await.body;
        let shown = if answer["items"].is_array() { &answer["items"][0] } else { &answer };
        assert_eq!(shown["settings"], json!({}));
        assert_eq!((&shown["secrets"], &shown["users"]), (&json!([]), &json!([])));
        assert!(shown["webhook_url"].is_null() && shown["webhook_authorization"].is_null());
        assert_eq!(shown["name"], format!("Опт {}", instance.id));
    }
    world.end().await;
});

both!(an_account_taken_away_is_gone_at_once, async |engine| {
    let world = World::start(engine).await;
    let account = world.account_by(&world.instance(), "off").await;
    let chat = world.open(account, "+7 912 000-45-17").await.id;
    let operator = world.staff("operator", "operator").await;
    assert_eq!(operator.get(&format!("/chats/{chat}")).await.status, StatusCode::OK);
    assert_eq!(operator.get("/accounts").await.body["items"].as_array().unwrap().len(), 1);
    let away = json!({"everyone": false, "users": []});
    world.admin.call(Method::PATCH, &format!("/accounts/{account}"), Some(&away)).await;
    assert_eq!(operator.get(&format!("/chats/{chat}")).await.code(), "chat_not_found");
    assert_eq!(operator.get("/accounts").await.body["items"], json!([]));
    assert_eq!(operator.get("/chats").await.body["items"], json!([]));
    assert_eq!(operator.get("/drafts").await.body["items"], json!([]));
    world.end().await;
});
