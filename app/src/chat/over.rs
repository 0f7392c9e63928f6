//! The dialogs about messages: which one is open. Forwarding, "about the message" and the other emoji come in a part of
//! their own, when they are first wanted.

use domain::MessageId;
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use super::room::{Over, Room};
use super::store::chats;
use super::{forward, gesture, info};
use crate::i18n::tw;
use crate::ui::{Confirm, Dialog, Part, effect, later};

/// More emoji to react with: those that people at work use, by feeling, gesture and thing.
const EMOJI: [&str; 54] = [
    "👍", "👎", "👌", "🙏", "👏", "🤝", "💪", "✌️", "👋", "🤞", "🫡", "🤷", "🙌", "☝️", "👀", "🫶", "❤️", "🧡", "💚",
    "💙", "💔", "🔥", "⭐", "✨", "🎉", "🎂", "🌹", "💐", "😀", "😂", "🤣", "😊", "😍", "😘", "😎", "🤔", "😮", "😱",
    "😢", "😭", "😡", "🥳", "🤗", "😴", "✅", "❌", "❗", "❓", "⏳", "📌", "💰", "🚚", "📦", "☕",
];

/// The dialogs of a log.
#[component]
pub fn Overs(
    /// Whose.
    room: Room,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let over = room.over.clone();
    effect(move || {
        let now = over.get();
        let deleting = matches!(now, Some(Over::Delete(_)));
        asking.set(deleting);
        open.set(now.is_some() && !deleting);
    });
    let over = room.over.clone();
    effect(move || {
        // Closed by the person.
        if !open.get() && !asking.get() && over.with_untracked(Option::is_some) {
            let over = over.clone();
            // The button that deletes still has to know what.
            request_animation_frame(move || {
                if !open.get_untracked() && !asking.get_untracked() {
                    over.set(None);
                }
            });
        }
    });
    let ids = {
        let over = room.over.clone();
        move || match over.get() {
            Some(Over::Delete(ids)) => ids,
            _ => Vec::new(),
        }
    };
    let count = {
        let ids = ids.clone();
        Memo::new(move |_| ids().len() as i64)
    };
    let title = {
        let over = room.over.clone();
        Signal::derive(move || {
            match over.get() {
                Some(Over::Forward(_)) => tw().forward_to,
                Some(Over::React(_)) => tw().react,
                _ => tw().info,
            }
            .to_owned()
        })
    };
    let delete = {
        let room = room.clone();
        Callback::new(move |()| gesture::delete(&room, untrack(&ids)))
    };
    view! {
        <Confirm
            open=asking
            title=Signal::derive(move || (tw().delete_title)(count.get()))
            text=Signal::stored(tw().delete_text.to_owned())
            act=Signal::stored(tw().delete.to_owned())
            done=delete
        />
        <Dialog open title>
            {later(over_part, "body")}
        </Dialog>
    }
}

#[wasm_split(over, wasm_split_path = leptos::wasm_split, fallible)]
fn over_part() -> Part {
    Ok(|| {
        let chats = chats();
        let room = chats.open.get_untracked().and_then(|id| chats.known_room(id));
        room.and_then(|room| match room.over.get_untracked()? {
            Over::Forward(ids) => Some(view! { <forward::Forward room ids /> }.into_any()),
            Over::Info(id) => Some(view! { <info::Info room id /> }.into_any()),
            Over::React(id) => Some(view! { <React room id /> }.into_any()),
            Over::Delete(_) => None,
        })
        .into_any()
    })
}

#[component]
fn React(room: Room, id: MessageId) -> impl IntoView {
    let chats = chats();
    let emoji = EMOJI
        .into_iter()
        .map(|emoji| {
            let room = room.clone();
            let act = move |_| {
                room.over.set(None);
                gesture::react(chats, &room, id, emoji);
            };
            view! {
                <button type="button" on:click=act>
                    {emoji}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="body">
            <div class="emoji all">
                <div class="grid">{emoji}</div>
            </div>
        </div>
    }
}
