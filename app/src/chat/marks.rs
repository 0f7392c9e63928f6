//! What a person does to chats in the list besides answering: pins, labels, "unread again", mentions seen. The menu of
//! them stands in the head of the chat.

use domain::label::{Colour, Label, LabelSet};
use domain::{Chat, ChatId, LabelId, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::store::{Chats, chats};
use crate::i18n::{t, tw};
use crate::ui::{Menu, complain, icon, part};
use crate::{api, route};

/// Which of the eight hues of the style a label has; grey has none.
pub fn hue(colour: Colour) -> Option<&'static str> {
    Some(match colour {
        Colour::Grey => return None,
        Colour::Red => "1",
        Colour::Orange => "2",
        Colour::Yellow => "3",
        Colour::Green => "4",
        Colour::Teal => "5",
        Colour::Blue => "6",
        Colour::Violet => "7",
    })
}

/// Reads the labels and the pins.
pub fn begin(chats: Chats) {
    spawn_local(async move {
        if let Ok(page) = api::get::<Page<Label>>("/labels").await {
            let _ = chats.labels.try_set(page.items);
        }
        if let Ok(page) = api::get::<Page<Chat>>("/pins").await {
            chats.pinned(page.items);
        }
    });
}

/// A label by number, if it is still there.
pub fn label(chats: Chats, id: LabelId) -> Option<Label> {
    chats.labels.with(|labels| labels.iter().find(|label| label.id == id).cloned())
}

/// One has seen what mentions one in a chat.
pub fn seen(chats: Chats, chat: ChatId) {
    spawn_local(async move {
        if api::tell(&format!("/chats/{chat}/mentions/seen")).await.is_ok() {
            chats.count_soon();
        }
    });
}

fn pin(chats: Chats, chat: ChatId, on: bool) {
    spawn_local(async move {
        let path = format!("/chats/{chat}/pin");
        let done = if on { api::put(&path, &()).await } else { api::delete(&path).await };
        match done.map(|()| api::get::<Page<Chat>>("/pins")) {
            Ok(pins) => {
                if let Ok(page) = pins.await {
                    chats.pinned(page.items);
                }
            }
            Err(trouble) => complain(&trouble),
        }
    });
}

fn unread(chats: Chats, chat: ChatId) {
    // Who has the chat open reads it: first away from it.
    route::go(&format!("/{}", chats.wanted.with_untracked(super::filter::Wanted::query)));
    spawn_local(async move {
        match api::act::<Chat>(&format!("/chats/{chat}/unread")).await {
            Ok(chat) => chats.put(chat),
            Err(trouble) => complain(&trouble),
        }
        chats.count_soon();
    });
}

/// The menu.
#[component]
pub fn Marks(
    /// Whose.
    chat: ArcRwSignal<Chat>,
) -> impl IntoView {
    let chats = chats();
    let id = chat.with_untracked(|chat| chat.id);
    let entries = move || {
        let pinned = chats.pins.with(|pins| pins.contains(&id));
        let on = chat.with(|chat| chat.labels.clone());
        let labels = chats.labels.get();
        let label = move |label: Label| {
            let has = on.contains(&label.id);
            let set = LabelSet { label: label.id, on: !has };
            view! {
                <button
                    type="button"
                    class="menu-item"
                    role="menuitemcheckbox"
                    aria-checked=has.to_string()
                    on:click=move |_| chats.change(format!("/chats/{id}/label"), set.clone())
                >
                    <span class="tag" data-h=hue(label.colour)>
                        {label.name}
                    </span>
                </button>
            }
        };
        let writes = chats.writes();
        view! {
            <button type="button" class="menu-item" role="menuitem" on:click=move |_| pin(chats, id, !pinned)>
                {icon("pin")}
                {if pinned { tw().unpin } else { tw().pin }}
            </button>
            {writes
                .then(|| {
                    view! {
                        <button type="button" class="menu-item" role="menuitem" on:click=move |_| unread(chats, id)>
                            {icon("bell")}
                            {tw().mark_unread}
                        </button>
                    }
                })}
            {(writes && !labels.is_empty())
                .then(|| {
                    view! {
                        <div class="menu-sep"></div>
                        {labels.into_iter().map(label).collect_view()}
                    }
                })}
        }
    };
    view! { <Menu label=tw().marks face=ViewFn::from(|| icon("tag"))>{entries.clone()}</Menu> }
}

/// The labels of a row, as dots with their names.
pub fn dots(chats: Chats, chat: &Chat) -> AnyView {
    let labels = chat.labels.clone();
    part(move || {
        labels
            .iter()
            .filter_map(|id| label(chats, *id))
            .take(4)
            .map(|label| view! { <i class="ldot" data-h=hue(label.colour) title=label.name></i> })
            .collect_view()
    })
}

/// The labels as filters of the list.
pub fn filters(chats: Chats, address: impl Fn(LabelId) -> String + Clone + Send + Sync + 'static) -> impl IntoView {
    part(move || {
        let labels = chats.labels.get();
        let address = address.clone();
        (!labels.is_empty()).then(|| {
            let item = move |label: Label| {
                let id = label.id;
                let here = move || chats.wanted.with(|wanted| wanted.label == Some(id));
                let address = address.clone();
                view! {
                    <li>
                        <a class="nav-item" href=move || address(id) aria-current=move || here().then_some("page")>
                            <i class="ldot" data-h=hue(label.colour)></i>
                            <span class="trunc">{label.name}</span>
                        </a>
                    </li>
                }
            };
            view! {
                <h3 class="nav-head">{t().chat.labels}</h3>
                <ul>{labels.into_iter().map(item).collect_view()}</ul>
            }
        })
    })
}
