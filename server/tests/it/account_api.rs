//! Accounts over the API: making, changing, checking and taking away, and what each wrong input gets.

use emulator::faults::Spoil;
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::World;

both!(wrong_input_is_named, async |engine| {
    let world = World::start(engine).await;
    let settings = json!({"id_instance": "7103000001", "api_token_instance": "token"});
    let good = json!({"name": "Опт", "provider": "green_api", "settings": settings});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, status, code, detail) in [
        (with("name", json!("я".repeat(10_000))), 422, "name_invalid", None),
        (with("name", Value::Null), 422, "name_invalid", None),
        (with("provider", Value::Null), 422, "invalid", Some("provider")),
        (with("provider", json!("telegram")), 422, "invalid", None),
        (with("settings", json!({"id_instance": "x"})), 422, "settings_invalid", Some("id_instance")),
        (with("settings", json!({"id_instance": "7103000001"})), 422, "settings_invalid", Some("api_token_instance")),
        (with("settings", json!("text")), 422, "settings_invalid", Some("settings")),
        (with("users", json!([999])), 404, "user_not_found", Some("users")),
        (json!({"name": "Опт", "provider": "sandbox", "receive": "webhook"}), 409, "not_supported", None),
    ] {
        let answer = world.admin.post("/accounts", &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{body}");
        if detail.is_some() {
            assert_eq!(answer.body["error"]["detail"].as_str(), detail);
        }
    }
    // Nothing of it was kept.
    assert_eq!(world.admin.get("/accounts").await.body["items"], json!([]));
    // What cannot be read at all, in both languages.
    let send = async |kind: &str, body: Vec<u8>, language: &str| {
        let request = world.admin.http().post(format!("{}/api/v1/accounts", world.url)).header(CONTENT_TYPE, kind);
        let answer = request.header(ACCEPT_LANGUAGE, language).body(body).send().await.unwrap();
        let (status, body) = (answer.status().as_u16(), answer.json::<Value>().await.unwrap());
        (
            status,
            body["error"]["code"].as_str().unwrap().to_owned(),
            body["error"]["message"].as_str().unwrap().to_owned(),
        )
    };
    let json = "application/json";
    for (kind, body, status, code, russian, english) in [
        (
            json,
            b"{".to_vec(),
            400,
            "malformed",
            "Запрос не удалось прочитать. Ничего не изменилось, проверьте его и повторите.",
            "The request could not be read. Nothing has changed; check it and repeat.",
        ),
        (json, vec![b' '; 2 << 20], 413, "too_large", "Запрос слишком большой.", "The request is too large."),
        (
            "text/plain",
            b"{}".to_vec(),
            415,
            "wrong_type",
            "Такой тип содержимого здесь не принимается.",
            "This type of content is not taken here.",
        ),
        (
            json,
            b"[1]".to_vec(),
            422,
            "invalid",
            "Одно из полей заполнено неверно. Ничего не изменилось.",
            "One of the fields is filled in wrongly. Nothing has changed.",
        ),
    ] {
        assert_eq!(send(kind, body.clone(), "ru").await, (status, code.to_owned(), russian.to_owned()));
        assert_eq!(send(kind, body, "en-US,en;q=0.9").await, (status, code.to_owned(), english.to_owned()));
    }
    for (path, code) in
        [("/accounts/999", "account_not_found"), ("/accounts/abc", "not_found"), ("/nothing", "not_found")]
    {
        let answer = world.admin.get(path).await;
        assert_eq!((answer.status, answer.code()), (StatusCode::NOT_FOUND, code));
    }
    let answer = world.admin.call(Method::PUT, "/accounts", None).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::METHOD_NOT_ALLOWED, "wrong_method"));
    world.end().await;
});

both!(a_change_keeps_what_it_does_not_name, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "off").await;
    let path = format!("/accounts/{account}");
    let before = world.admin.get(&path).await.body;
    let patch = async |body: Value| world.admin.call(Method::PATCH, &path, Some(&body)).await;
    let renamed = patch(json!({"name": "Розница"})).await.body;
    assert_eq!(renamed["name"], "Розница");
    for field in ["settings", "secrets", "webhook_authorization", "switches", "everyone", "receive"] {
        assert_eq!(renamed[field], before[field], "{field}");
    }
    // An empty secret stays, a setting alone may change, and the provider still takes the key.
    let changed = patch(json!({"settings": {"api_token_instance": ""}, "receive": "polling"})).await.body;
    assert_eq!((&changed["settings"], &changed["receive"]), (&before["settings"], &json!("polling")));
    let refreshed = world.admin.post(&format!("{path}/refresh"), &json!({})).await;
    assert_eq!(
        (refreshed.status, &refreshed.body["state"]),
        (StatusCode::OK, &json!("working")),
        "{:?}",
        refreshed.body
    );
    assert_eq!(patch(json!({"provider": "sandbox"})).await.code(), "invalid");
    // Off: nothing is asked of the provider any more.
    assert_eq!(patch(json!({"enabled": false})).await.body["state"], "off");
    for call in ["check", "refresh", "webhook", "logout"] {
        assert_eq!(world.admin.post(&format!("{path}/{call}"), &json!({})).await.code(), "account_off", "{call}");
    }
    assert_eq!(world.admin.get(&format!("{path}/qr")).await.code(), "account_off");
    world.end().await;
});

both!(the_check_names_every_hop, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "webhook").await;
    let check = async || {
        let answer = world.admin.post(&format!("/accounts/{account}/check"), &json!({})).await;
        assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        answer.body
    };
    let step = |check: &Value, what: &str| {
        let steps = check["steps"].as_array().unwrap();
        steps.iter().find(|step| step["what"] == what).unwrap().clone()
    };
    let set = world.admin.post(&format!("/accounts/{account}/webhook"), &json!({})).await;
    assert_eq!(set.status, StatusCode::OK, "{:?}", set.body);
    let good =
        world.until("everything goes well", async || Some(check().await).filter(|found| found["ok"] == true)).await;
    assert_eq!(step(&good, "provider")["ok"], true);
    assert_eq!(
        (&step(&good, "wrong_password")["ok"], &step(&good, "wrong_password")["status"]),
        (&json!(true), &json!(401))
    );
    assert_eq!((&step(&good, "empty_body")["ok"], &step(&good, "empty_body")["status"]), (&json!(true), &json!(202)));
    assert_eq!(step(&good, "webhook_set")["ok"], true);
    // Somebody else's address at the provider.
    let away = json!({"webhookUrl": "https://other.example/hook"});
    instance.set_settings(away.as_object().unwrap().clone());
    let found = check().await;
    assert_eq!((&found["ok"], &step(&found, "webhook_set")["ok"]), (&json!(false), &json!(false)));
    world.end().await;
});

both!(a_strange_provider_is_told_in_words, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "off").await;
    let path = format!("/accounts/{account}");
    // An HTML page instead of JSON.
    instance.fault("getStateInstance", 100, None, Spoil::Html { status: 200 });
    let answer = world.admin.post(&format!("{path}/refresh"), &json!({})).await;
    assert_eq!((answer.status.as_u16(), answer.code()), (502, "provider_failed"), "{:?}", answer.body);
    assert_eq!(answer.body["error"]["message"], "Поставщик ответил ошибкой. Подробности в журнале обмена.");
    assert!(
        answer.body["error"]["detail"].as_str().unwrap().starts_with("Поставщик ответил непонятно."),
        "{:?}",
        answer.body
    );
    let check = world.admin.post(&format!("{path}/check"), &json!({})).await.body;
    assert_eq!((&check["ok"], &check["steps"][0]["trouble"]["reason"]), (&json!(false), &json!("strange_answer")));
    world.state().log.flush().await;
    let log = world.admin.get(&format!("/log?account={account}&direction=out&limit=1")).await.body;
    let line = world.admin.get(&format!("/log/{}", log["items"][0]["id"].as_str().unwrap())).await.body;
    assert!(line["response"].as_str().unwrap_or_default().to_lowercase().contains("<html"), "the log has it: {line}");
    // A wrong key: the account says so itself.
    world.emulator.world().faults.clear();
    let wrong = json!({"settings": {"api_token_instance": "0000"}});
    world.admin.call(Method::PATCH, &path, Some(&wrong)).await;
    let answer = world.admin.post(&format!("{path}/refresh"), &json!({})).await;
    assert_eq!((answer.status.as_u16(), &answer.body["state"]), (200, &json!("wrong_key")), "{:?}", answer.body);
    // An address inside the network that nobody allowed.
    let inside = json!({"settings": {"api_url": "http://10.1.2.3", "api_token_instance": "0000"}});
    world.admin.call(Method::PATCH, &path, Some(&inside)).await;
    let answer = world.admin.post(&format!("{path}/refresh"), &json!({})).await;
    assert_eq!((answer.status, &answer.body["state"]), (StatusCode::OK, &json!("unreachable")));
    assert_eq!(answer.body["trouble"]["reason"], "private_address");
    world.end().await;
});

both!(a_stored_key_is_not_sent_to_a_new_address, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "off").await;
    let path = format!("/accounts/{account}");
    let patch =
        async |settings: Value| world.admin.call(Method::PATCH, &path, Some(&json!({"settings": settings}))).await;
    let stranger = emulator::Emulator::start().await.unwrap();
    for name in ["api_url", "media_url"] {
        for key in [json!(null), json!(""), json!("  ")] {
            let refused = patch(json!({name: stranger.url(), "api_token_instance": key})).await;
            assert_eq!((refused.status, refused.code()), (StatusCode::UNPROCESSABLE_ENTITY, "secrets_again"));
            assert_eq!(refused.body["error"]["detail"], "api_token_instance");
            assert!(refused.body["error"]["message"].as_str().unwrap().starts_with("Адрес сервера изменился."));
        }
    }
    // Nothing has changed, and the same address once more is no change.
    assert_eq!(world.admin.get(&path).await.body["settings"]["api_url"], json!(world.emulator.url()));
    let same = patch(json!({"api_url": format!("{}/", world.emulator.url()), "id_instance": instance.id})).await;
    assert_eq!(same.status, StatusCode::OK, "{:?}", same.body);
    let again =
        patch(json!({"api_url": stranger.url(), "media_url": stranger.url(), "api_token_instance": "0000"})).await;
    assert_eq!(again.status, StatusCode::OK, "{:?}", again.body);
    assert_eq!(again.body["settings"]["api_url"], json!(stranger.url()));
    world.end().await;
});

both!(linking_a_phone, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "off").await;
    let qr = async || world.admin.get(&format!("/accounts/{account}/qr")).await.body;
    assert_eq!(qr().await["kind"], "linked");
    let out = world.admin.post(&format!("/accounts/{account}/logout"), &json!({})).await;
    assert_eq!(out.status, StatusCode::OK, "{:?}", out.body);
    let code = world.until("a code to scan", async || Some(qr().await).filter(|qr| qr["kind"] == "code")).await;
    assert!(!code["png"].as_str().unwrap().is_empty());
    // Many viewers are about one question a second.
    let before = instance.calls(Some("qr")).len();
    let mut viewers = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let (admin, path) = (world.admin.clone(), format!("/accounts/{account}/qr"));
        viewers.spawn(async move { admin.get(&path).await.status });
    }
    assert!(viewers.join_all().await.into_iter().all(|status| status == StatusCode::OK));
    assert!(instance.calls(Some("qr")).len() - before <= 3);
    let wrong = world.admin.post(&format!("/accounts/{account}/pairing-code"), &json!({"phone": "нет"})).await;
    assert_eq!(wrong.code(), "phone_invalid");
    world.end().await;
});

both!(what_is_deleted_keeps_its_history_and_forgets_its_secrets, async |engine| {
    let world = World::start(engine).await;
    let account = world.account_by(&world.instance(), "off").await;
    let chat = world.open(account, "+7 912 000-45-17").await.id;
    let operator = world.staff("operator", "operator").await;
    let path = format!("/accounts/{account}");
    assert_eq!(world.admin.call(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.admin.call(Method::DELETE, &path, None).await.code(), "account_not_found");
    assert_eq!(world.admin.get("/accounts").await.body["items"], json!([]));
    assert_eq!(world.admin.get(&format!("/chats/{chat}")).await.status, StatusCode::OK, "the history is there");
    assert_eq!(operator.get(&format!("/chats/{chat}")).await.code(), "chat_not_found");
    let row = server::store::account::get(&world.state().db, &world.state().vault, account).await.unwrap().unwrap();
    assert_eq!(row.secrets, json!({}));
    world.end().await;
});

both!(a_sandbox_goes_with_its_clients, async |engine| {
    let world = World::start(engine).await;
    let made = world
        .admin
        .post("/accounts", &json!({"name": "Песочница", "provider": "sandbox", "settings": {"speed": 1000}}))
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
    let path = format!("/accounts/{}", made.body["id"]);
    world.until("an invented client", async || (!world.admin.chats("").await.items.is_empty()).then_some(())).await;
    assert_eq!(world.admin.call(Method::DELETE, &path, None).await.status, StatusCode::NO_CONTENT);
    world.until("they are gone", async || world.admin.chats("").await.items.is_empty().then_some(())).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(world.admin.chats("").await.items.is_empty(), "and do not come back");
    world.end().await;
});
