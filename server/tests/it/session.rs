//! Signing in and out: cookies, ends of sessions, guessing, other sites, keys, the first run.

use std::time::Instant;

use reqwest::header::{ACCEPT_LANGUAGE, AUTHORIZATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use server::config::Settings;
use server::store::Db;

use crate::harness::{ADMIN, Caller, World};

fn stranger() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

both!(a_session_lives_and_ends, async |engine| {
    let world = World::start(engine).await;
    let anna = world.staff("Анна", "operator").await;
    let me = anna.get("/session").await.body;
    assert_eq!((&me["user"]["login"], &me["user"]["role"]), (&json!("Анна"), &json!("operator")));
    // The login without regard to case, from another computer.
    let other = world.sign_in("аННА", "АннаАннаАнна").await;
    let sessions = anna.get("/sessions").await.body["items"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    let elsewhere = sessions.as_array().unwrap().iter().find(|session| session["current"] == false).unwrap();
    assert_eq!(elsewhere["ip"], "127.0.0.1");
    let ended = anna.call(Method::DELETE, &format!("/sessions/{}", elsewhere["id"].as_str().unwrap()), None).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(other.get("/session").await.code(), "signed_out", "it ends at once");
    // Another's session cannot be ended.
    let mine = anna.get("/sessions").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    let foreign = world.admin.call(Method::DELETE, &format!("/sessions/{mine}"), None).await;
    assert_eq!(foreign.code(), "session_not_found");
    assert_eq!(anna.call(Method::DELETE, "/session", None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(anna.get("/chats").await.code(), "signed_out");
    assert_eq!(anna.call(Method::DELETE, "/session", None).await.status, StatusCode::NO_CONTENT, "twice does no harm");
    world.end().await;
});

both!(a_new_password_ends_the_other_sessions, async |engine| {
    let world = World::start(engine).await;
    let anna = world.staff("anna", "operator").await;
    let other = world.sign_in("anna", "annaannaanna").await;
    let change = |body: Value| {
        let anna = anna.clone();
        async move { anna.call(Method::PATCH, "/me", Some(&body)).await }
    };
    assert_eq!(change(json!({"password": "новый-пароль"})).await.code(), "wrong_login", "the old one is asked for");
    assert_eq!(change(json!({"password": "коротк", "old_password": "annaannaanna"})).await.code(), "password_invalid");
    assert_eq!(change(json!({"role": "administrator"})).await.code(), "forbidden");
    let done = change(json!({"password": "новый-пароль", "old_password": "annaannaanna", "name": "Анна П."})).await;
    assert_eq!((done.status, &done.body["user"]["name"]), (StatusCode::OK, &json!("Анна П.")));
    assert_eq!(anna.get("/session").await.status, StatusCode::OK, "this one stays");
    assert_eq!(other.get("/session").await.code(), "signed_out");
    world.sign_in("anna", "новый-пароль").await;
    // Disabled: at once and everywhere.
    let id = anna.get("/session").await.body["user"]["id"].as_i64().unwrap();
    let off = world.admin.call(Method::PATCH, &format!("/users/{id}"), Some(&json!({"enabled": false}))).await;
    assert_eq!(off.body["enabled"], false);
    assert_eq!(anna.get("/session").await.code(), "signed_out");
    let refused = Caller::new(&world.url).post("/session", &json!({"login": "anna", "password": "новый-пароль"})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::UNAUTHORIZED, "wrong_login"));
    world.end().await;
});

both!(an_expired_session_is_told_in_words, async |engine| {
    let world = World::start(engine).await;
    let anna = world.staff("anna", "operator").await;
    let sql = "update session set expires_at = 1 where user_id = (select id from staff where login = 'anna')";
    match &world.state().db {
        Db::Sqlite { write, .. } => drop(sqlx::query(sql).execute(write).await.unwrap()),
        Db::Postgres(pool) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
    }
    world.state().guard.forget();
    let answer = anna.get("/session").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.body["error"]["message"], "Сеанс завершён. Войдите снова, черновики сохранены.");
    let english =
        anna.http().get(format!("{}/api/v1/session", world.url)).header(ACCEPT_LANGUAGE, "en-GB").send().await;
    let english: Value = english.unwrap().json().await.unwrap();
    assert_eq!(english["error"]["message"], "The session has ended. Sign in again; drafts are kept.");
    world.end().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_cookie_cannot_be_read_by_scripts_and_travels_safely() {
    let world = World::start(crate::harness::Engine::Sqlite).await;
    let sign_in = |world: &World| {
        let request = stranger().post(format!("{}/api/v1/session", world.url));
        request.json(&json!({"login": ADMIN.0, "password": ADMIN.1})).send()
    };
    let cookie = |response: &reqwest::Response| response.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    let plain = cookie(&sign_in(&world).await.unwrap());
    for part in ["besedka=", "; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000"] {
        assert!(plain.contains(part), "{plain}");
    }
    assert!(!plain.contains("Secure"), "over plain http the browser would drop it");
    world.end().await;
    let https = |config: &mut server::config::Config| config.public_url = Some("https://chat.example.ru".to_owned());
    let world = World::start_with(crate::harness::Engine::Sqlite, https).await;
    assert!(cookie(&sign_in(&world).await.unwrap()).ends_with("; Secure"));
    world.end().await;
}

both!(guessing_is_slowed_down, async |engine| {
    let world = World::start(engine).await;
    world.staff("anna", "operator").await;
    let guess = async |login: &str, password: &str| {
        let began = Instant::now();
        let request = stranger().post(format!("{}/api/v1/session", world.url));
        let answer = request.json(&json!({"login": login, "password": password})).send().await.unwrap();
        let wait = answer.headers().get(RETRY_AFTER).is_some();
        let status = answer.status();
        let code = answer.json::<Value>().await.unwrap()["error"]["code"].as_str().unwrap_or_default().to_owned();
        (status.as_u16(), code, wait, began.elapsed())
    };
    // Unknown logins answer like known ones, in words and in time.
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..3 {
        let (status, code, _, time) = guess("anna", &format!("не тот {n}")).await;
        assert_eq!((status, code.as_str()), (401, "wrong_login"));
        known.push(time);
        let (status, code, _, time) = guess(&format!("nobody{n}"), "не тот").await;
        assert_eq!((status, code.as_str()), (401, "wrong_login"));
        unknown.push(time);
    }
    let (known, unknown) = (known.iter().min().unwrap(), unknown.iter().min().unwrap());
    assert!(*unknown * 3 > *known, "an unknown login is told by its quick answer: {unknown:?} against {known:?}");
    guess("anna", "4").await;
    guess("anna", "5").await;
    let (status, code, wait, _) = guess("ANNA", "annaannaanna").await;
    assert_eq!((status, code.as_str(), wait), (429, "too_many_attempts", true), "even the right one has to wait now");
    assert_eq!(guess(ADMIN.0, ADMIN.1).await.0, 200, "colleagues at the same address are not locked out");
    world.end().await;
});

both!(other_sites_cannot_use_the_cookie, async |engine| {
    let world = World::start(engine).await;
    let url = format!("{}/api/v1/keys", world.url);
    let post = async |headers: &[(&str, &str)]| {
        let mut request = world.admin.http().post(&url).json(&json!({"name": "1С"}));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, body) = post(&[("sec-fetch-site", "cross-site")]).await;
    assert_eq!((status, &body["error"]["code"]), (403, &json!("cross_site")));
    assert_eq!(body["error"]["message"], "Запрос пришёл с другого сайта и отклонён.");
    let (status, body) = post(&[("origin", "https://evil.example"), ("accept-language", "en")]).await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (403, &json!("The request came from another site and was refused."))
    );
    assert_eq!(post(&[("sec-fetch-site", "same-site")]).await.0, 403);
    assert_eq!(post(&[("sec-fetch-site", "same-origin")]).await.0, 201);
    assert_eq!(post(&[("origin", &world.url)]).await.0, 201);
    assert_eq!(post(&[]).await.0, 201, "programmes send neither");
    let keys = world.admin.get("/keys").await.body["items"].as_array().unwrap().len();
    assert_eq!(keys, 3);
    world.end().await;
});

both!(keys_speak_for_their_owner, async |engine| {
    let world = World::start(engine).await;
    let anna = world.staff("anna", "operator").await;
    let made = anna.post("/keys", &json!({"name": "АТС"})).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let key = made.body["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with(made.body["prefix"].as_str().unwrap()));
    let listed = anna.get("/keys").await.body["items"][0].clone();
    assert!(listed["key"].is_null() && listed["used_at"].is_null());
    let ask = async || {
        let request = stranger().get(format!("{}/api/v1/session", world.url));
        let answer = request.header(AUTHORIZATION, format!("Bearer {key}")).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, me) = ask().await;
    assert_eq!((status, &me["user"]["login"]), (200, &json!("anna")));
    assert!(anna.get("/keys").await.body["items"][0]["used_at"].is_number());
    let path = format!("/keys/{}", made.body["id"]);
    assert_eq!(world.admin.call(Method::DELETE, &path, None).await.code(), "session_not_found", "another's key");
    assert_eq!(anna.call(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask().await.0, 401, "it stops working at once");
    let long = anna.post("/keys", &json!({"name": "я".repeat(10_000)})).await;
    assert_eq!((long.status.as_u16(), long.code()), (422, "name_invalid"));
    world.end().await;
});

both!(people_are_made_and_kept_in_order, async |engine| {
    let world = World::start(engine).await;
    let make = async |body: Value| world.admin.post("/users", &body).await;
    let good = json!({"login": "Пётр", "name": "Пётр", "password": "пароль-петра", "role": "supervisor"});
    assert_eq!(make(good.clone()).await.status, StatusCode::CREATED);
    let with = |name: &str, value: Value| {
        let mut body = json!({"login": "other", "name": "Другой", "password": "пароль-другого"});
        body[name] = value;
        body
    };
    for (body, status, code) in [
        (with("login", json!("ПЁТР")), 409, "login_taken"),
        (with("login", json!("a:b")), 422, "login_invalid"),
        (with("name", json!("я".repeat(10_000))), 422, "name_invalid"),
        (with("name", json!(" ")), 422, "name_invalid"),
        (with("password", json!("короче")), 422, "password_invalid"),
        (with("password", Value::Null), 422, "password_invalid"),
        (with("role", json!("god")), 422, "invalid"),
    ] {
        let answer = make(body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code));
    }
    let id = world.admin.get("/session").await.body["user"]["id"].as_i64().unwrap();
    for change in [json!({"role": "operator"}), json!({"enabled": false})] {
        let answer = world.admin.call(Method::PATCH, &format!("/users/{id}"), Some(&change)).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (409, "last_administrator"));
    }
    let answer = world.admin.call(Method::DELETE, &format!("/users/{id}"), None).await;
    assert_eq!(answer.code(), "last_administrator");
    assert_eq!(world.admin.call(Method::DELETE, "/users/999", None).await.code(), "user_not_found");
    let colleagues = world.admin.get("/colleagues").await.body;
    assert_eq!(colleagues["items"].as_array().unwrap().len(), 2);
    world.end().await;
});

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_run_makes_one_administrator() {
    let data = tempfile::tempdir().unwrap();
    let settings = Settings {
        listen: Some(([127, 0, 0, 1], 0).into()),
        data: Some(data.path().to_owned()),
        ..Settings::default()
    };
    let server = server::serve::start(settings.resolve().unwrap()).await.unwrap();
    let url = format!("http://{}", server.address);
    let caller = Caller::new(&url);
    assert_eq!(caller.get("/setup").await.body, json!({"needed": true}));
    assert_eq!(
        caller.post("/setup", &json!({"login": "x", "name": "y", "password": "short"})).await.code(),
        "password_invalid"
    );
    let body =
        json!({"login": "Директор", "name": "Мария", "password": "пароль-марии", "role": "reader", "enabled": false});
    let mut made = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (caller, mut body) = (Caller::new(&url), body.clone());
        body["login"] = json!(format!("Директор {}", made.len()));
        made.spawn(async move { caller.post("/setup", &body).await.status.as_u16() });
    }
    let mut answers = made.join_all().await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409], "of four at once one is the administrator");
    assert_eq!(caller.get("/setup").await.body, json!({"needed": false}));
    assert_eq!(caller.post("/setup", &body).await.code(), "setup_done");
    // The commands of the administrator at the machine.
    let db = &server.state.db;
    server::auth::create_user(db, "Оператор", "Олег", domain::Role::Operator, "пароль-олега").await.unwrap();
    assert!(server::auth::create_user(db, "оператор", "Олег", domain::Role::Operator, "пароль-олега").await.is_err());
    let oleg = Caller::new(&url);
    let pair = json!({"login": "оператор", "password": "пароль-олега"});
    assert_eq!(oleg.post("/session", &pair).await.status, StatusCode::OK);
    server::auth::change_password(db, "ОПЕРАТОР", "другой-пароль").await.unwrap();
    server.state.guard.forget();
    assert_eq!(oleg.get("/session").await.code(), "signed_out");
    assert!(!server::auth::first_administrator(db, "second", "пароль-второй").await.unwrap());
    server.stop().await;
}
