//! Link previews: a page is asked once, its title and picture stand under the message, and nothing private is asked.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use domain::Message;
use domain::content::LinkPreview;
use emulator::green_api::client::Write;
use serde_json::json;

use crate::harness::{CLIENT, World, png};

/// Pages of strangers; counts how often `/page` is asked.
async fn site() -> (SocketAddr, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let page = move || {
        count.fetch_add(1, Ordering::SeqCst);
        async {
            Html(
                "<html><head><title>Прайс</title><meta property='og:title' content='Прайс-лист &lt;b&gt;ноябрь&lt;/b&gt;'>\
                 <meta property='og:description' content='Цены на ноябрь'><meta property='og:image' content='/p.png'>\
                 </head><body>",
            )
        }
    };
    let drip = || async {
        let pieces = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Some((Ok::<_, std::io::Error>("<meta>"), ()))
        });
        ([(header::CONTENT_TYPE, "text/html")], axum::body::Body::from_stream(pieces)).into_response()
    };
    let endless = || async {
        let pieces =
            futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>("<meta name=a content=b>".repeat(1000)));
        ([(header::CONTENT_TYPE, "text/html")], axum::body::Body::from_stream(pieces)).into_response()
    };
    let router = Router::new()
        .route("/page", get(page))
        .route("/p.png", get(|| async { ([(header::CONTENT_TYPE, "image/png")], png()) }))
        .route("/zip", get(|| async { ([(header::CONTENT_TYPE, "application/zip")], "<title>Нет</title>") }))
        .route("/inside", get(|| async { Redirect::temporary("http://10.0.0.1/secret") }))
        .route("/drip", get(drip))
        .route("/endless", get(endless));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, asked)
}

/// The message of the only chat that says this, as it is now.
async fn said(world: &World, text: &str) -> Option<Message> {
    let chat = world.admin.chats("").await.items.into_iter().next()?;
    world.admin.messages(chat.id).await.into_iter().find(|message| message.text == text)
}

async fn shown(world: &World, text: &str) -> LinkPreview {
    world.until("its preview", async || said(world, text).await?.preview.map(|preview| *preview)).await
}

both!(a_link_shows_where_it_leads, async |engine| {
    let (site, asked) = site().await;
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let text = format!("Смотрите http://{site}/page.");
    instance.incoming(Write::text(CLIENT, &text)).unwrap();
    let preview = shown(&world, &text).await;
    assert_eq!(preview.title, "Прайс-лист <b>ноябрь</b>", "kept as text; nothing of it is HTML to us");
    assert_eq!(preview.description, "Цены на ноябрь");
    assert_eq!(preview.url, format!("http://{site}/page"));
    let picture = world.admin.http().get(format!("{}/api/v1/files/{}", world.url, preview.image.unwrap()));
    assert_eq!(picture.send().await.unwrap().status(), 200);
    // Ours too, and the page is not asked again.
    let chat = world.only_chat().await;
    let ours = format!("Вот http://{site}/page");
    world.admin.say(chat.id, "once", &ours).await;
    assert_eq!(shown(&world, &ours).await.title, preview.title);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    // A stranger does not get the picture.
    let outsider = world.staff("outsider", "operator").await;
    let given = json!({"everyone": false, "users": []});
    let account = chat.account;
    let path = format!("/accounts/{account}");
    assert_eq!(world.admin.call(reqwest::Method::PATCH, &path, Some(&given)).await.status, 200);
    assert_eq!(outsider.get(&format!("/files/{}", preview.image.unwrap())).await.status, 404);
    world.end().await;
});

both!(pages_that_mean_harm_show_nothing, async |engine| {
    let (site, _) = site().await;
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    for path in ["zip", "inside", "missing", "endless", "drip"] {
        instance.incoming(Write::text(CLIENT, &format!("http://{site}/{path}"))).unwrap();
    }
    instance.incoming(Write::text(CLIENT, "http://10.0.0.1/ http://169.254.169.254/latest")).unwrap();
    instance.incoming(Write::text(CLIENT, &format!("последняя http://{site}/page"))).unwrap();
    // All have been dealt with once no job is left; those that drip are given up after ten seconds.
    shown(&world, &format!("последняя http://{site}/page")).await;
    let db = &world.state().db;
    let long = tokio::time::Instant::now() + Duration::from_secs(60);
    while server::store::job::backlog(db).await.unwrap() > 0 {
        assert!(tokio::time::Instant::now() < long, "jobs are left");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let chat = world.only_chat().await;
    let with: Vec<String> =
        world.admin.messages(chat.id).await.into_iter().filter(|m| m.preview.is_some()).map(|m| m.text).collect();
    assert_eq!(with, [format!("последняя http://{site}/page")]);
    world.end().await;
});

both!(an_account_may_show_no_previews, async |engine| {
    let (site, asked) = site().await;
    let world = World::start(engine).await;
    let instance = world.instance();
    let account = world.account(&instance).await;
    let shown = world.admin.get(&format!("/accounts/{account}")).await.body;
    let mut switches = shown["switches"].clone();
    switches["link_previews"] = json!(false);
    let change = json!({"switches": switches});
    let answer = world.admin.call(reqwest::Method::PATCH, &format!("/accounts/{account}"), Some(&change)).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    instance.incoming(Write::text(CLIENT, &format!("http://{site}/page"))).unwrap();
    world.until("it", async || said(&world, &format!("http://{site}/page")).await).await;
    let db = &world.state().db;
    world.until("no jobs", async || (server::store::job::backlog(db).await.unwrap() == 0).then_some(())).await;
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    world.end().await;
});
