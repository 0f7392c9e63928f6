//! The server as a whole refuses to call into private networks, wherever the address came from, and says so.

use std::time::Duration;

use domain::{FileState, Reason};
use serde_json::json;

use crate::harness::{World, until};

both!(an_account_in_a_private_network_is_refused, async |engine| {
    let world = World::start_with(engine, |config| config.allow_private_hosts.clear()).await;
    let instance = world.instance();
    let account = world.account_by(&instance, "polling").await;
    until("the trouble is told", async || {
        let answer = world.admin.get(&format!("/accounts/{account}")).await;
        (answer.body["trouble"]["reason"] == "private_address").then_some(())
    })
    .await;
    assert!(instance.calls(None).is_empty(), "nothing may have been called");
    world.end().await;
});

both!(a_file_from_a_private_network_is_refused, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    for link in ["http://10.0.0.1/a.jpg", "http://[::1]/a.jpg", "http://127.0.0.2:1/a.jpg", "file:///etc/passwd"] {
        let data = json!({"fileMessageData": {"downloadUrl": link, "caption": link, "fileName": "a.jpg", "mimeType": "image/jpeg"}});
        instance.incoming(emulator::green_api::client::Write::raw("79120004517", "imageMessage", data)).unwrap();
    }
    let chat = world.only_chat().await;
    let messages = until("every file is given up", async || {
        let messages = world.admin.messages(chat.id).await;
        let failed = |message: &domain::Message| message.files.iter().any(|file| file.state == FileState::Failed);
        (messages.len() == 4 && messages.iter().all(failed)).then_some(messages)
    })
    .await;
    assert!(messages.iter().all(|message| message.files[0].size == 0));
    world.state().log.flush().await;
    let log = world.admin.get("/log?result=error&direction=out").await;
    assert!(
        log.body["items"].as_array().unwrap().iter().any(|line| line["what"] == "GET http://10.0.0.1/a.jpg"),
        "{:?}",
        log.body
    );
    world.end().await;
});

#[tokio::test]
async fn a_refusal_has_its_own_reason_and_costs_no_time() {
    let fetch = server::fetch::Fetch::new(&[]).unwrap();
    let began = std::time::Instant::now();
    assert!(fetch.download("http://192.168.0.1/").await.is_err());
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(Reason::PrivateAddress.as_str(), "private_address");
}
