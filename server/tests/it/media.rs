//! Files that notifications told of, and names and portraits of contacts.

use domain::{FileState, Kind, Message};
use emulator::faults::{Aim, AnswerFault, Spoil};
use emulator::green_api::NewContact;
use emulator::green_api::client::Write;
use serde_json::json;

use crate::harness::{World, until};

const CLIENT: &str = "79120004517";

async fn first(world: &World, wanted: impl Fn(&Message) -> bool) -> Message {
    let chat = world.only_chat().await;
    until("a message as wanted", async || world.admin.messages(chat.id).await.into_iter().find(&wanted)).await
}

fn ready(message: &Message) -> bool {
    message.files.first().is_some_and(|file| file.state == FileState::Ready)
}

both!(a_picture_is_fetched_measured_and_shown, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let picture = emulator::samples::picture(640, 480, 7, "jpg");
    instance
        .incoming(Write { text: "вот".to_owned(), ..Write::file(CLIENT, "IMG.jpg", Some(picture.clone())) })
        .unwrap();
    let message = first(&world, ready).await;
    let file = &message.files[0];
    assert_eq!((message.kind, message.text.as_str()), (Kind::Image, "вот"));
    assert_eq!(
        (file.mime.as_str(), file.size, file.width, file.height),
        ("image/jpeg", picture.len() as i64, Some(640), Some(480))
    );
    let bytes = world.admin.http().get(format!("{}/api/v1/files/{}", world.url, file.id)).send().await.unwrap();
    assert_eq!(bytes.bytes().await.unwrap(), picture);
    world.end().await;
});

both!(what_bytes_are_is_told_by_the_bytes, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let script = bytes::Bytes::from_static(b"<html><script>alert(1)</script></html>");
    instance.incoming(Write::file(CLIENT, "photo.jpg", Some(script))).unwrap();
    let message = first(&world, ready).await;
    assert!(!message.files[0].is_picture() && message.files[0].width.is_none(), "{:?}", message.files[0]);
    world.end().await;
});

both!(an_expired_link_is_renewed_and_a_failed_file_can_be_asked_for_again, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let lost = json!("File message encrypted url not found by chatId and idMessage");
    let spoil = Spoil::Status { status: 400, body: lost, headers: Default::default() };
    let faults = &world.emulator.world().faults;
    faults.answer(AnswerFault { aim: Aim::at(instance.id, "downloadFile", 1), accepted: Some(false), spoil });
    // A message whose notification has no link: it has to be asked for, and that fails once.
    let id = instance.incoming(Write { unheard: true, ..Write::file(CLIENT, "a.pdf", None) }).unwrap();
    let data = json!({"typeMessage": "documentMessage", "fileMessageData": {"downloadUrl": "", "caption": "", "fileName": "a.pdf",
        "mimeType": "application/pdf"}});
    instance.push_raw(
        json!({"typeWebhook": "incomingMessageReceived", "idMessage": id, "timestamp": server::ledger::now().0 / 1000,
        "instanceData": {"idInstance": instance.id, "wid": "", "typeInstance": "whatsapp"},
        "senderData": {"chatId": format!("{CLIENT}@c.us"), "sender": format!("{CLIENT}@c.us")}, "messageData": data}),
    );
    let failed = first(&world, |message| message.files.iter().any(|file| file.state == FileState::Failed)).await;
    let answer = world.admin.post(&format!("/files/{}/again", failed.files[0].id), &json!({})).await;
    assert!(answer.status.is_success(), "{:?}", answer.body);
    let message = first(&world, ready).await;
    assert_eq!((message.id, message.files[0].mime.as_str()), (failed.id, "application/pdf"));
    world.end().await;
});

both!(a_storage_that_stumbles_is_tried_again, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    let too_large = json!({"fileMessageData": {"downloadUrl": "{{SWE002}}", "fileName": "", "mimeType": "video/mp4"}});
    instance.incoming(Write::raw(CLIENT, "videoMessage", too_large)).unwrap();
    let failed = first(&world, |message| message.files.iter().any(|file| file.state == FileState::Failed)).await;
    assert_eq!(failed.kind, Kind::Video);
    world.end().await;
});

both!(contacts_get_their_names_and_portraits, async |engine| {
    let world = World::start(engine).await;
    let instance = world.instance();
    world.account(&instance).await;
    instance.add_contact(NewContact {
        chat: CLIENT.to_owned(),
        name: "Ольга".to_owned(),
        contact_name: "Ольга Синицына".to_owned(),
        avatar: true,
        ..NewContact::default()
    });
    instance.incoming_text(CLIENT, "Здравствуйте");
    let avatar = until("a portrait", async || {
        let page = world.admin.chats("").await;
        let chat = page.items.first()?;
        chat.contact.avatar.filter(|_| chat.contact.name == "Ольга Синицына")
    })
    .await;
    let portrait = world.admin.http().get(format!("{}/api/v1/files/{avatar}", world.url)).send().await.unwrap();
    assert_eq!(portrait.headers()["content-type"], "image/png");
    world.end().await;
});
