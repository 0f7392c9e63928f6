//! Files that are about to be sent: chosen, dropped or pasted; checked before they travel; uploaded at once, with
//! progress and a way to stop. Where they are drawn is `tray`.

use std::cell::RefCell;
use std::collections::HashMap;

use domain::File;
use domain::file::{MAX_FILE_BYTES, MAX_FILES};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::XmlHttpRequest;

use super::room::Room;
use super::store::Chats;
use crate::api::Upload;
use crate::i18n::{self, tw};
use crate::ui::toast;

/// How far a file has come.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// On its way: the share that has gone, 0 to 1.
    Loading(f64),
    /// The server has it.
    Ready(File),
    /// It cannot be sent; why.
    Refused(String),
}

/// One file that is about to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    /// Names it in the tray.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: f64,
    /// What the browser takes it for.
    pub mime: String,
    /// An address of the picture inside this page.
    pub preview: Option<String>,
    /// The words under it.
    pub caption: String,
    /// How far it has come.
    pub state: State,
}

thread_local! {
    /// What can be stopped.
    static RUNNING: RefCell<HashMap<u32, XmlHttpRequest>> = RefCell::default();
    static LAST: RefCell<u32> = const { RefCell::new(0) };
}

/// The largest file that the room's account takes, bytes.
pub fn limit(chats: Chats, room: &Room) -> u64 {
    let account = chats.chat(room.chat).map(|chat| chat.with_untracked(|chat| chat.account));
    account
        .and_then(|id| chats.session.accounts.with_untracked(|list| list.iter().find(|a| a.id == id).cloned()))
        .map(|account| account.capabilities.max_file_bytes)
        .filter(|limit| *limit > 0)
        .map_or(MAX_FILE_BYTES, |limit| limit.min(MAX_FILE_BYTES))
}

/// Puts files into the room's tray and starts them off. What is too large is said at once and not uploaded.
pub fn add(chats: Chats, room: &Room, files: Vec<web_sys::File>) {
    let free = MAX_FILES.saturating_sub(room.tray.with_untracked(Vec::len));
    if files.len() > free {
        toast("alert", (tw().too_many_files)(MAX_FILES as i64));
    }
    let limit = limit(chats, room);
    for file in files.into_iter().take(free) {
        let id = LAST.with(|last| {
            *last.borrow_mut() += 1;
            *last.borrow()
        });
        let mime = file.type_();
        let preview = (mime.starts_with("image/") && mime != "image/svg+xml")
            .then(|| web_sys::Url::create_object_url_with_blob(&file).ok())
            .flatten();
        let state = if file.size() > limit as f64 {
            State::Refused((tw().larger_than)(&i18n::size(limit as i64)))
        } else if file.size() == 0.0 {
            State::Refused(tw().empty_file.to_owned())
        } else {
            State::Loading(0.0)
        };
        let going = matches!(state, State::Loading(_));
        room.tray.update(|tray| {
            tray.push(Attached {
                id,
                name: file.name(),
                size: file.size(),
                mime,
                preview,
                caption: String::new(),
                state,
            });
        });
        if going {
            upload(room.clone(), id, file);
        }
    }
}

fn upload(room: Room, id: u32, file: web_sys::File) {
    let heard = room.clone();
    let upload = Upload::start(&file, move |share| set_state(&heard, id, State::Loading(share)));
    let upload = match upload {
        Ok(upload) => upload,
        Err(trouble) => return set_state(&room, id, State::Refused(trouble.message)),
    };
    RUNNING.with(|running| running.borrow_mut().insert(id, upload.request()));
    spawn_local(async move {
        let end = upload.finish().await;
        RUNNING.with(|running| running.borrow_mut().remove(&id));
        set_state(
            &room,
            id,
            match end {
                Ok(file) => State::Ready(file),
                Err(trouble) => State::Refused(trouble.message),
            },
        );
    });
}

fn set_state(room: &Room, id: u32, state: State) {
    let _ = room.tray.try_update(|tray| {
        if let Some(item) = tray.iter_mut().find(|item| item.id == id) {
            item.state = state;
        }
    });
}

/// Takes a file out of the tray, stopping it when it is on its way.
pub fn remove(room: &Room, id: u32) {
    if let Some(request) = RUNNING.with(|running| running.borrow_mut().remove(&id)) {
        let _ = request.abort();
    }
    room.tray.update(|tray| {
        if let Some(at) = tray.iter().position(|item| item.id == id) {
            forget_preview(&tray.remove(at));
        }
    });
}

/// Empties the tray after sending.
pub fn clear(room: &Room) {
    room.tray.update(|tray| tray.drain(..).for_each(|item| forget_preview(&item)));
}

fn forget_preview(item: &Attached) {
    if let Some(preview) = &item.preview {
        let _ = web_sys::Url::revoke_object_url(preview);
    }
}

/// The files of a drop or a paste.
pub fn files_of(data: Option<web_sys::DataTransfer>) -> Vec<web_sys::File> {
    // Offices put a picture of the copied text beside the text; the text is meant.
    let Some(data) = data.filter(|data| !data.types().iter().any(|kind| kind == "text/plain")) else {
        return Vec::new();
    };
    data.files().map(|list| list_of(&list)).unwrap_or_default()
}

/// The files of an input.
pub fn list_of(list: &web_sys::FileList) -> Vec<web_sys::File> {
    (0..list.length()).filter_map(|n| list.get(n)).collect()
}
