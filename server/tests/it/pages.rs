//! The client inside the server: what is sent, how it may be kept, and the headers of every answer.

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH,
};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

use crate::harness::{Engine, World};

fn header(response: &Response, name: impl reqwest::header::AsHeaderName) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_has_the_headers_of_a_careful_server() {
    let world = World::start(Engine::Sqlite).await;
    let http = Client::builder().no_proxy().build().unwrap();
    for path in
        ["/", "/api/v1/setup", "/api/v1/chats", "/api/nothing", "/hs/nothing", "/nothing.png", "/healthz", "/api/docs/"]
    {
        let answer = http.get(format!("{}{path}", world.url)).send().await.unwrap();
        let policy = header(&answer, CONTENT_SECURITY_POLICY);
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap_or_default();
        assert!(!scripts.contains("unsafe-inline") && !scripts.contains("'unsafe-eval'"), "{path}: {scripts}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header(&answer, "cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(header(&answer, "permissions-policy").contains("microphone=(self)"), "{path}");
        assert!(!header(&answer, "x-request-id").is_empty(), "{path}");
        if path.starts_with("/api") {
            assert_eq!(header(&answer, CACHE_CONTROL), "no-store", "{path}");
        }
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_client_is_served_for_every_page_and_kept_as_it_may_be() {
    let world = World::start(Engine::Sqlite).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let get = |path: &str| http.get(format!("{}{path}", world.url));
    let page = get("/chat/17").header(ACCEPT, "text/html").send().await.unwrap();
    let built = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist/index.html").exists();
    if !built {
        assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.text().await.unwrap().contains("make web"));
        return world.end().await;
    }
    assert_eq!((page.status(), header(&page, CONTENT_TYPE).as_str()), (StatusCode::OK, "text/html; charset=utf-8"));
    assert_eq!(header(&page, CACHE_CONTROL), "no-cache");
    let etag = header(&page, ETAG);
    let text = page.text().await.unwrap();
    assert!(!text.contains("<script>"), "no script in line");
    let again = get("/").header(IF_NONE_MATCH, etag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let script = text.split('"').find(|part| part.starts_with("/boot-") && part.ends_with(".js")).unwrap();
    let plain = get(script).send().await.unwrap();
    assert_eq!(header(&plain, CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert!(header(&plain, CONTENT_TYPE).contains("javascript"));
    assert_eq!(header(&plain, CONTENT_ENCODING), "");
    let pressed = get(script).header(ACCEPT_ENCODING, "gzip, br").send().await.unwrap();
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../dist{script}.br")).exists();
    assert_eq!(header(&pressed, CONTENT_ENCODING), if beside { "br" } else { "" });
    assert_eq!(get(&format!("{script}.br")).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    // A picture that is not there is not a page.
    for path in ["/no.png", "/../server/Cargo.toml", "/%2e%2e/server/Cargo.toml"] {
        let answer = get(path).header(ACCEPT, "image/*").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/api", "/api/v2/chats", "/hs/no"] {
        let answer = get(path).header(ACCEPT, "text/html").send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "not_found", "{path}");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_is_whole() {
    let world = World::start(Engine::Sqlite).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let text = http.get(format!("{}/api/openapi.json", world.url)).send().await.unwrap().text().await.unwrap();
    let description: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&description["openapi"], &description["info"]["title"]), (&"3.1.0".into(), &"Besedka".into()));
    let mut names = std::collections::HashSet::new();
    for item in description["paths"].as_object().unwrap().values() {
        for call in item.as_object().unwrap().values() {
            assert!(names.insert(call["operationId"].as_str().unwrap().to_owned()), "{}", call["operationId"]);
            assert!(!call["summary"].as_str().unwrap_or_default().is_empty(), "{call}");
            assert!(call["responses"]["default"].is_object());
        }
    }
    // Every reference leads somewhere.
    for (place, _) in text.match_indices("\"$ref\":\"#/") {
        let path = text[place + 9..].split('"').next().unwrap();
        let pointer = path.trim_start_matches('#');
        assert!(description.pointer(pointer).is_some(), "{path}");
    }
    let page = http.get(format!("{}/api/docs/", world.url)).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("swagger-ui"));
    let start = http.get(format!("{}/api/docs/swagger-initializer.js", world.url)).send().await.unwrap();
    assert!(start.text().await.unwrap().contains("/api/openapi.json"));
    world.end().await;
}
