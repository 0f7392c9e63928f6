//! The inbox: filters, list of chats, chat window, composer, card. This file puts the panes together; each has a file of
//! its own. Pure logic: `timeline`, `layout`, `order`, `filter`, `text`, `keys`, `able`.

mod able;
mod acts;
mod album;
mod attach;
mod bar;
mod body;
mod bubble;
mod card;
mod composer;
mod draft;
mod face;
mod filter;
mod filters;
mod find;
mod format;
mod forward;
mod found;
mod gesture;
mod head;
mod hear;
mod history;
mod info;
mod key_map;
mod keyboard;
pub mod keys;
mod layout;
mod list;
mod log;
mod marks;
mod new_chat;
mod notify;
mod open;
mod order;
mod over;
mod parts;
mod picking;
mod preview;
mod prose;
mod reactions;
mod rival;
mod room;
mod row;
mod rows;
#[cfg(test)]
mod samples;
mod scroll;
mod send;
mod store;
mod suggest;
mod text;
mod timeline;
mod tray;
mod viewer;
mod voice;
mod waiting;

use std::time::Duration;

use domain::{ChatId, Direction, Message};
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use crate::i18n::t;
use crate::ui::mood::pavilion;
use crate::ui::{Broken, Part, ahead, effect, icon, later, part};
pub use key_map::{KeyMap, show as show_keys};
pub use marks::hue;
use store::{Chats, Load, Pane, chats};

/// When the chat window's part is brought ahead of its need: after the list has had the line to itself.
const AHEAD: Duration = Duration::from_millis(300);

/// Everybody's labels, as the inbox knows them.
pub fn labels() -> RwSignal<Vec<domain::label::Label>> {
    chats().labels
}

/// Begins to hear of chats; once for each signed-in person, above all pages.
pub fn begin() {
    let chats = Chats::provide();
    notify::keep_icon(chats);
}

/// The inbox. Mounted for `/`, `/chat/{id}` and `/open`, and kept while moving between them.
#[component]
pub fn Inbox() -> impl IntoView {
    let chats = chats();
    keyboard::listen(chats);
    open::follow(chats);
    keep_title(chats);
    let view = move || match chats.pane.get() {
        Pane::Filters => "filters",
        Pane::Card if chats.open.get().is_some() => "card",
        _ if chats.open.get().is_some() => "chat",
        _ => "list",
    };
    // Moving between chats keeps the window's part.
    let talking = Memo::new(move |_| chats.open.get().is_some());
    // Whoever looks at the list opens a chat next.
    set_timeout(|| ahead(window_part), AHEAD);
    let card = move || if chats.card.get() && chats.open.get().is_some() { "on" } else { "off" };
    view! {
        <div class="inbox">
            <div class="inbox-grid" data-view=view data-card=card>
                <filters::Filters />
                <list::List />
                {part(move || if talking.get() { later(window_part, "chat") } else { nothing_open(chats).into_any() })}
            </div>
        </div>
        <new_chat::NewChat />
    }
}

/// The chat window and the contact's card.
#[wasm_split(window, wasm_split_path = leptos::wasm_split, fallible)]
fn window_part() -> Part {
    Ok(|| {
        let chats = chats();
        part(move || chats.open.get().map(|id| view! { <ChatPane id /> <card::Card id /> }))
    })
}

/// The open chat, in its room. Made anew for each chat, so that nothing of one can end in another.
#[component]
fn ChatPane(
    /// Which.
    id: ChatId,
) -> impl IntoView {
    let chats = chats();
    let room = chats.room(id);
    history::enter(chats, &room);
    if chats.counts.with_untracked(|counts| counts.mentioned > 0) {
        marks::seen(chats, id);
    }
    let left = room.clone();
    on_cleanup(move || {
        draft::flush(chats);
        left.leave();
    });
    // The row may come later than the room, by a link from elsewhere.
    let loaded = room.load.clone();
    let known = Memo::new(move |_| {
        loaded.track();
        chats.chat(id).is_some()
    });
    find::follow(chats, &room, known);
    let failed = {
        let load = room.load.clone();
        Memo::new(move |_| match load.get() {
            Load::Failed(trouble) => Some(trouble),
            _ => None,
        })
    };
    let name = move || {
        known.track();
        chats.chat(id).map(|chat| (t().chat.chat_with)(&chat.read().contact.title())).unwrap_or_default()
    };
    view! {
        <main class="chat" aria-label=name>
            {part(move || {
                if let Some(trouble) = failed.get() {
                    let room = room.clone();
                    return view! {
                        <div class="chat-broken">
                            <Broken trouble again=move |()| history::enter(chats, &room) />
                        </div>
                    }
                        .into_any();
                }
                match known.get().then(|| chats.chat(id)).flatten() {
                    Some(chat) => {
                        view! {
                            <head::Head chat=chat.clone() />
                            <find::FindBar room=room.clone() />
                            <log::Log room=room.clone() />
                            <composer::Composer room=room.clone() chat />
                        }
                            .into_any()
                    }
                    None => view! { <log::LogSkeleton /> }.into_any(),
                }
            })}
        </main>
    }
}

fn nothing_open(chats: Chats) -> impl IntoView {
    view! {
        <main class="chat chat-none">
            <div class="empty">
                {pavilion()} <h3>{t().chat.choose_title}</h3> <p class="sm">{t().chat.choose_text}</p>
                <div class="line wrap">
                    {move || {
                        chats
                            .writes()
                            .then(|| {
                                view! {
                                    <button
                                        type="button"
                                        class="btn primary"
                                        on:click=move |_| chats.new_chat.set(true)
                                    >
                                        {icon("plus")}
                                        {t().chat.new_chat}
                                    </button>
                                }
                            })
                    }} <span class="xs muted not-phone">{t().chat.choose_keys}</span>
                </div>
            </div>
        </main>
    }
}

fn keep_title(chats: Chats) {
    effect(move || {
        let title = match chats.open.get() {
            Some(id) => {
                let room = chats.known_room(id);
                // The row of a chat opened by a link comes with its room.
                room.inspect(|room| room.load.track());
                chats.chat(id).map(|chat| chat.read().contact.title()).unwrap_or_default()
            }
            None => t().common.chats.to_owned(),
        };
        chats.session.title.set(title);
    });
    on_cleanup(move || {
        let _ = chats.session.title.try_set(String::new());
    });
}

/// Who wrote a message, as a quote names them.
fn author(chats: Chats, message: &Message) -> String {
    if message.direction == Direction::In {
        let contact = || chats.chat(message.chat).map(|chat| chat.with_untracked(|chat| chat.contact.title()));
        return message.sender.clone().or_else(contact).unwrap_or_default();
    }
    let me = chats.session.me.with_untracked(|me| me.as_ref().map(|me| me.user.id));
    match &message.author {
        Some(author) if Some(author.id) == me => t().chat.you.to_owned(),
        Some(author) => author.name.clone(),
        None => bubble::origin_word(message.origin).to_owned(),
    }
}
