//! Texts begun and not sent, each under its own chat: kept on this computer until the server has them.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use domain::chat::Draft;
use domain::{ChatId, Fault, Page};
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::store::Chats;
use crate::live::{LINE, Line};
use crate::ui::effect;
use crate::{api, state};

/// Pause in typing after which a draft is kept, milliseconds.
const PAUSE: u64 = 700;

/// Drafts to be kept soon.
#[derive(Default)]
pub struct Drafting {
    changed: HashMap<ChatId, String>,
    unsynced: BTreeMap<ChatId, String>,
    timer: Option<TimeoutHandle>,
    syncing: bool,
}

fn storage_name(chats: Chats) -> String {
    let user = chats.session.me.with_untracked(|me| me.as_ref().map_or(0, |me| me.user.id.0));
    format!("drafts.{user}")
}

/// What the server does not have yet; an empty text is a draft that it has to forget.
fn stored(chats: Chats) -> BTreeMap<i64, String> {
    state::recall(&storage_name(chats)).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn store(chats: Chats, kept: &BTreeMap<i64, String>) {
    state::remember(&storage_name(chats), &serde_json::to_string(kept).unwrap_or_default());
}

/// Takes up the drafts and sees to it that none is lost with the page.
pub fn begin(chats: Chats) {
    let kept: BTreeMap<ChatId, String> = stored(chats).into_iter().map(|(id, text)| (ChatId(id), text)).collect();
    chats.drafts.set(kept.iter().filter(|(_, text)| !text.is_empty()).map(|(id, text)| (*id, text.clone())).collect());
    chats.drafting.update_value(|drafting| drafting.unsynced.extend(kept.clone()));
    spawn_local(async move {
        if let Ok(page) = api::get::<Page<Draft>>("/drafts").await {
            take_in(chats, page.items, &kept);
        }
        sync(chats);
    });
    let hidden = window_event_listener(ev::Custom::<web_sys::Event>::new("pagehide"), move |_| flush(chats));
    on_cleanup(move || {
        hidden.remove();
        flush(chats);
    });
    effect(move || {
        if LINE.get() == Line::Online {
            untrack(|| sync(chats));
        }
    });
}

/// Drafts that the server keeps; what was typed on this computer is later.
fn take_in(chats: Chats, drafts: Vec<Draft>, kept: &BTreeMap<ChatId, String>) {
    for Draft { chat, text } in drafts.into_iter().filter(|draft| !kept.contains_key(&draft.chat)) {
        if let Some(room) = chats.known_room(chat)
            && room.text.with_untracked(String::is_empty)
        {
            room.text.set(text.clone());
        }
        let _ = chats.drafts.try_update(|drafts| {
            drafts.entry(chat).or_insert(text);
        });
    }
}

/// The text of a chat has changed.
pub fn save(chats: Chats, chat: ChatId, text: &str) {
    chats.drafting.try_update_value(|drafting| {
        drafting.changed.insert(chat, text.to_owned());
        if let Some(timer) = drafting.timer.take() {
            timer.clear();
        }
        drafting.timer = set_timeout_with_handle(move || flush(chats), Duration::from_millis(PAUSE)).ok();
    });
}

/// Keeps what has changed, now.
pub fn flush(chats: Chats) {
    let changed = chats
        .drafting
        .try_update_value(|drafting| {
            if let Some(timer) = drafting.timer.take() {
                timer.clear();
            }
            let changed = std::mem::take(&mut drafting.changed);
            drafting.unsynced.extend(changed.iter().map(|(id, text)| (*id, text.clone())));
            changed
        })
        .unwrap_or_default();
    if changed.is_empty() {
        return;
    }
    // Another window may have kept drafts meanwhile: only our chats are written.
    let mut kept = stored(chats);
    for (id, text) in &changed {
        kept.insert(id.0, if text.trim().is_empty() { String::new() } else { text.clone() });
    }
    store(chats, &kept);
    let _ = chats.drafts.try_update(|drafts| {
        for (id, text) in changed {
            if text.trim().is_empty() {
                drafts.remove(&id);
            } else {
                drafts.insert(id, text);
            }
        }
    });
    sync(chats);
}

/// Tells the server, one after another, so that a later text is never overtaken by an earlier one.
fn sync(chats: Chats) {
    let begin = chats.drafting.try_update_value(|drafting| {
        let begin = !drafting.syncing && !drafting.unsynced.is_empty();
        drafting.syncing |= begin;
        begin
    });
    if begin != Some(true) {
        return;
    }
    spawn_local(async move {
        loop {
            let next = chats.drafting.try_update_value(|drafting| drafting.unsynced.pop_first());
            let Some(Some((chat, text))) = next else { break };
            let text = if text.trim().is_empty() { String::new() } else { text };
            match api::put(&format!("/chats/{chat}/draft"), &Draft { chat, text: text.clone() }).await {
                Err(trouble) if trouble.is_passing() || trouble.is(Fault::SignedOut) => {
                    chats.drafting.try_update_value(|drafting| {
                        drafting.unsynced.entry(chat).or_insert(text);
                    });
                    break;
                }
                // Kept there, or not wanted there: a chat that is gone, somebody who may not write any more.
                _ => {
                    let mut kept = stored(chats);
                    if kept.get(&chat.0) == Some(&text) {
                        kept.remove(&chat.0);
                        store(chats, &kept);
                    }
                }
            }
        }
        chats.drafting.try_update_value(|drafting| drafting.syncing = false);
    });
}
