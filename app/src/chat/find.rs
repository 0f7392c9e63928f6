//! Search inside the open chat: a bar under its head with "earlier" and "later", and going to the message that the
//! address names (`?at=`). It is in the chat window's part; search in all chats is `found`.

use std::time::Duration;

use domain::MessageId;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};

use super::found::ask;
use super::history;
use super::room::Room;
use super::store::{Chats, chats};
use crate::i18n::{t, tw};
use crate::route;
use crate::ui::{complain, effect, icon, part};

/// Pause in typing after which the search runs.
const PAUSE: Duration = Duration::from_millis(250);

/// Goes to the message that the address names, once the chat is here.
pub fn follow(chats: Chats, room: &Room, known: Memo<bool>) {
    let wanted = Memo::new(|_| route::query("at").and_then(|id| id.parse::<MessageId>().ok()));
    let room = room.clone();
    effect(move || {
        if let (true, Some(id)) = (known.get(), wanted.get()) {
            untrack(|| history::show(chats, &room, id));
        }
    });
}

/// The bar; closed until it is asked for by Ctrl+F or the button in the head.
#[component]
pub fn FindBar(
    /// Where to look.
    room: Room,
) -> impl IntoView {
    let chats = chats();
    let field = NodeRef::<html::Input>::new();
    let open = chats.finding;
    open.set(false);
    let pressed = window_event_listener(ev::keydown, move |event| {
        let find = event.code() == "KeyF" && (event.ctrl_key() || event.meta_key());
        let taken = document().query_selector("dialog[open]").ok().flatten().is_some();
        if find && !event.shift_key() && !event.alt_key() && !taken {
            event.prevent_default();
            open.set(true);
            if let Some(field) = field.get_untracked() {
                field.select();
            }
        }
    });
    on_cleanup(move || {
        pressed.remove();
        let _ = open.try_set(false);
    });
    part(move || {
        let room = room.clone();
        open.get().then(|| view! { <Bar room field /> })
    })
}

#[component]
fn Bar(
    /// Where to look.
    room: Room,
    /// The field.
    field: NodeRef<html::Input>,
) -> impl IntoView {
    let chats = chats();
    let typed = RwSignal::new(String::new());
    // Newest first; `None` until something has been looked for.
    let hits = RwSignal::new(None::<Vec<MessageId>>);
    let next = StoredValue::new(None::<String>);
    let at = RwSignal::new(0_usize);
    let wave = StoredValue::new(0_u64);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let room = StoredValue::new(room);
    let go = move |index: usize| {
        let id = hits.with_untracked(|hits| hits.as_ref().and_then(|hits| hits.get(index).copied()));
        if let Some(id) = id {
            at.set(index);
            room.with_value(|room| history::show(chats, room, id));
        }
    };
    let read = move |before: Option<String>| {
        let text = typed.get_untracked().trim().to_owned();
        wave.update_value(|wave| *wave += 1);
        let mine = wave.get_value();
        if text.is_empty() {
            hits.set(None);
            return;
        }
        let cursor = before.as_ref().map(|before| format!("&before={before}")).unwrap_or_default();
        let rest = format!("&chat={}{cursor}", room.with_value(|room| room.chat));
        spawn_local(async move {
            let answer = ask(&text, &rest).await;
            if wave.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(page) => {
                    let found = page.items.iter().map(|found| found.message.id);
                    let mut known =
                        if before.is_some() { hits.get_untracked().unwrap_or_default() } else { Vec::new() };
                    let first = known.len();
                    known.extend(found);
                    hits.set(Some(known));
                    next.set_value(page.next);
                    go(first);
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let clear = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    let input = move |event: ev::Event| {
        typed.set(event_target_value(&event));
        clear();
        at.set(0);
        timer.set_value(set_timeout_with_handle(move || read(None), PAUSE).ok());
    };
    let count = move || hits.with(|hits| hits.as_ref().map_or(0, Vec::len));
    let earlier = move || {
        let here = at.get_untracked();
        if here + 1 < untrack(count) {
            go(here + 1);
        } else if let Some(cursor) = next.get_value() {
            read(Some(cursor));
        }
    };
    let later = move || {
        if let Some(index) = at.get_untracked().checked_sub(1) {
            go(index);
        }
    };
    let key = move |event: ev::KeyboardEvent| match event.code().as_str() {
        "Enter" | "NumpadEnter" | "ArrowUp" if !event.shift_key() => {
            event.prevent_default();
            earlier();
        }
        "Enter" | "NumpadEnter" | "ArrowDown" => {
            event.prevent_default();
            later();
        }
        "Escape" => {
            event.stop_propagation();
            chats.finding.set(false);
        }
        _ => {}
    };
    let stands = move || match hits.with(|hits| hits.as_ref().map(Vec::len)) {
        None => String::new(),
        Some(0) => tw().find_nothing.to_owned(),
        // There may be more beyond the page.
        Some(count) => (tw().find_place)(at.get() as i64 + 1, count as i64, next.get_value().is_some()),
    };
    field.on_load(|field| {
        let _ = field.focus();
    });
    on_cleanup(clear);
    view! {
        <div class="find-bar" role="search">
            <label class="with-icon grow">
                {icon("search")}
                <input
                    class="input"
                    type="search"
                    autocomplete="off"
                    node_ref=field
                    aria-label=tw().find
                    placeholder=tw().find
                    prop:value=typed
                    on:input=input
                    on:keydown=key
                />
            </label>
            <span class="xs muted nowrap" role="status">{stands}</span>
            <button type="button" class="btn icon quiet" aria-label=tw().find_earlier title=tw().find_earlier on:click=move |_| earlier()>
                {icon("up")}
            </button>
            <button type="button" class="btn icon quiet" aria-label=tw().find_later title=tw().find_later on:click=move |_| later()>
                {icon("down")}
            </button>
            <button type="button" class="btn icon quiet" aria-label=t().common.close title=t().common.close on:click=move |_| chats.finding.set(false)>
                {icon("close")}
            </button>
        </div>
    }
}
