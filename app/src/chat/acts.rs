//! The ways to a message's gestures: the bar of the message under the pointer, and the menu by the right button, a long
//! press or Shift+F10. What each does is `gesture`, what is offered `able`.

use domain::{Message, MessageId};
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::able::minutes_to_edit;
use super::bubble::{Here, quote};
use super::gesture;
use super::room::{At, Over, Room};
use super::store::Chats;
use crate::api;
use crate::i18n::{self, tw};
use crate::ui::icon::sized;
use crate::ui::{effect, icon};

/// The bar of the message under the pointer.
pub fn bar(here: &Here, key: i64, message: &Message) -> AnyView {
    let able = gesture::offered(here.chats, message);
    if !able.look && !able.copy {
        return ().into_any();
    }
    let id = message.id;
    let open = {
        let room = here.room.clone();
        move |event: ev::MouseEvent, emoji: bool| {
            let button = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
            let rect = button.map(|button| button.get_bounding_client_rect());
            let (x, y) = rect.map_or((0.0, 0.0), |rect| (rect.left(), rect.bottom() + 2.0));
            room.menu.set(Some(At { key, x, y, emoji }));
        }
    };
    let reacting = {
        let open = open.clone();
        able.react.then(|| button("smile", tw().react, None, move |event| open(event, true)))
    };
    let quoting = {
        let (room, message) = (here.room.clone(), message.clone());
        able.quote.then(|| button("reply", tw().quote, Some("R"), move |_| quote(&room, &message)))
    };
    let forwarding = {
        let room = here.room.clone();
        able.forward.then(|| button("forward", tw().forward, Some("F"), move |_| gesture::ask_forward(&room, vec![id])))
    };
    view! {
        <div class="msg-acts" role="toolbar" aria-label=tw().message_acts>
            {reacting}
            {quoting}
            {forwarding}
            {button("more", tw().more, None, move |event| open(event, false))}
        </div>
    }
    .into_any()
}

fn button(
    glyph: &'static str,
    name: &'static str,
    key: Option<&'static str>,
    act: impl Fn(ev::MouseEvent) + 'static,
) -> AnyView {
    let title = key.map_or_else(|| name.to_owned(), |key| format!("{name} ({key})"));
    view! {
        <button type="button" class="btn icon quiet" aria-label=name title=title on:click=act>
            {sized(glyph, "i s")}
        </button>
    }
    .into_any()
}

/// The message whose part this element is: an album has several.
pub fn key_of(element: &Element) -> Option<i64> {
    let named = element.closest("[data-key], li.msg, li.msg-line").ok().flatten()?;
    match named.get_attribute("data-key") {
        Some(key) => key.parse().ok(),
        None => named.id().strip_prefix('m')?.parse().ok(),
    }
}

/// A right click, a long press or Shift+F10 on the log. A link or a chosen piece of text keeps the browser's own menu.
pub fn ask(room: &Room, event: &ev::MouseEvent) {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let chosen = window().get_selection().ok().flatten().is_some_and(|chosen| !chosen.is_collapsed());
    let browsers = element.closest("a, audio, video, input").ok().flatten().is_some();
    let Some(key) = key_of(&element).filter(|_| !chosen && !browsers) else { return };
    event.prevent_default();
    let (mut x, mut y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    if x == 0.0 && y == 0.0 {
        let rect = element.get_bounding_client_rect();
        (x, y) = (rect.left() + 16.0, rect.top() + 16.0);
    }
    room.menu.set(Some(At { key, x, y, emoji: false }));
}

/// The menu of a message; one for the log.
#[component]
pub fn MessageMenu(
    /// The state of the inbox.
    chats: Chats,
    /// Whose log.
    room: Room,
) -> impl IntoView {
    let menu = NodeRef::<html::Div>::new();
    let asked = room.menu.clone();
    effect(move || {
        let (Some(at), Some(menu)) = (asked.get(), menu.get()) else { return };
        let _ = menu.show_popover();
        // The entries are made in between, and only then has the menu its size.
        request_animation_frame(move || {
            place(&menu, at);
            step(&menu, 0, true);
        });
    });
    let asked = room.menu.clone();
    let toggled = move |_| {
        if menu.get_untracked().is_some_and(|menu| !menu.matches(":popover-open").unwrap_or(false)) {
            asked.set(None);
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let Some(menu) = menu.get_untracked() else { return };
        match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => step(&menu, 1, false),
            "ArrowUp" | "ArrowLeft" => step(&menu, -1, false),
            "Home" => step(&menu, 0, true),
            "End" => step(&menu, -1, true),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let close = move |_| {
        if let Some(menu) = menu.get_untracked() {
            let _ = menu.hide_popover();
        }
    };
    let inside = {
        let room = room.clone();
        move || {
            let at = room.menu.get()?;
            let message = room.message(at.key)?;
            Some(entries(chats, &room, &message, at.emoji))
        }
    };
    view! {
        <div
            node_ref=menu
            class="pop msg-menu"
            role="menu"
            popover="auto"
            aria-label=tw().message_acts
            on:toggle=toggled
            on:keydown=keys
            on:click=close
        >
            {inside}
        </div>
    }
}

fn entries(chats: Chats, room: &Room, message: &Message, only_emoji: bool) -> AnyView {
    let able = gesture::offered(chats, message);
    let id = message.id;
    let emoji = able.react.then(|| quick(chats, room, message));
    if only_emoji {
        return emoji.into_any();
    }
    let with = |act: fn(Chats, &Room, &Message)| {
        let (room, message) = (room.clone(), message.clone());
        move |_: ev::MouseEvent| act(chats, &room, &message)
    };
    let entry = |glyph: &'static str, name: &'static str, key: &'static str, act: fn(Chats, &Room, &Message)| {
        view! {
            <button type="button" class="menu-item" role="menuitem" tabindex="-1" on:click=with(act)>
                {icon(glyph)}
                {name}
                {(!key.is_empty()).then(|| view! { <kbd>{key}</kbd> })}
            </button>
        }
        .into_any()
    };
    let mut shown: Vec<AnyView> = Vec::new();
    shown.extend(emoji);
    if able.quote {
        shown.push(entry("reply", tw().quote, "R", |_, room, message| quote(room, message)));
    }
    if able.forward {
        shown
            .push(entry("forward", tw().forward, "F", |_, room, message| gesture::ask_forward(room, vec![message.id])));
    }
    if able.copy {
        shown.push(entry("copy", tw().copy_text, "C", |chats, _, message| {
            gesture::copy_texts(chats, std::slice::from_ref(message));
        }));
    }
    if able.download {
        shown.extend(message.files.iter().map(download));
    }
    if able.look && message.deleted_at.is_none() {
        shown.push(entry("check", tw().pick_several, "X", |_, room, message| gesture::pick(room, message.id)));
    }
    if able.edit || able.delete || able.look {
        shown.push(view! { <div class="menu-sep"></div> }.into_any());
    }
    if able.edit {
        let left = (message.kind != domain::Kind::Note)
            .then(|| view! { <span class="k">{(tw().minutes_left)(minutes_to_edit(message, i18n::now()))}</span> });
        let act = with(|_, room, message| gesture::edit(room, message));
        shown.push(
            view! {
                <button type="button" class="menu-item" role="menuitem" tabindex="-1" on:click=act>
                    {icon("edit")}
                    {tw().edit}
                    {left}
                </button>
            }
            .into_any(),
        );
    }
    if able.look {
        shown.push(entry("info", tw().info, "", |_, room, message| room.over.set(Some(Over::Info(message.id)))));
    }
    if able.delete {
        let room = room.clone();
        shown.push(
            view! {
                <button
                    type="button"
                    class="menu-item danger"
                    role="menuitem"
                    tabindex="-1"
                    on:click=move |_| room.over.set(Some(Over::Delete(vec![id])))
                >
                    {icon("trash")}
                    {tw().delete}
                </button>
            }
            .into_any(),
        );
    }
    shown.into_any()
}

fn download(file: &domain::File) -> AnyView {
    view! {
        <a
            class="menu-item"
            role="menuitem"
            tabindex="-1"
            href=format!("{}/files/{}?download", api::ROOT, file.id)
            download=file.name.clone()
        >
            {icon("download")}
            {tw().download_title}
        </a>
    }
    .into_any()
}

/// Six emoji at once, and the way to more.
fn quick(chats: Chats, room: &Room, message: &Message) -> AnyView {
    let own = message.reactions.iter().find(|reaction| reaction.by == "me").map(|reaction| reaction.emoji.clone());
    let id: MessageId = message.id;
    let emoji = gesture::QUICK
        .iter()
        .map(|emoji| {
            let room = room.clone();
            let mine = own.as_deref().is_some_and(|own| domain::text::same_emoji(own, emoji));
            view! {
                <button
                    type="button"
                    class="emo"
                    role="menuitemcheckbox"
                    aria-checked=mine.to_string()
                    aria-pressed=mine.to_string()
                    tabindex="-1"
                    on:click=move |_| gesture::react(chats, &room, id, emoji)
                >
                    {*emoji}
                </button>
            }
        })
        .collect_view();
    let over = room.over.clone();
    view! {
        <div class="emo-row" role="group" aria-label=tw().react>
            {emoji}
            <button
                type="button"
                class="emo"
                role="menuitem"
                tabindex="-1"
                aria-label=tw().other_reaction
                title=tw().other_reaction
                on:click=move |_| over.set(Some(Over::React(id)))
            >
                {icon("plus")}
            </button>
        </div>
    }
    .into_any()
}

/// At the pointer, inside the window.
fn place(menu: &HtmlElement, at: At) {
    let length = |value: Result<JsValue, JsValue>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    let (width, height) = (length(window().inner_width()), length(window().inner_height()));
    let size = menu.get_bounding_client_rect();
    let left = at.x.min(width - size.width() - 8.0).max(8.0);
    let top = at.y.min(height - size.height() - 8.0).max(8.0);
    let style = menu.style();
    let _ = style.set_property("left", &format!("{left}px"));
    let _ = style.set_property("top", &format!("{top}px"));
}

/// Moves the focus among the entries, the emoji first: by `by`, or to the beginning (`0`) or end (`-1`) at once.
fn step(menu: &HtmlElement, by: i32, jump: bool) {
    let Ok(entries) = menu.query_selector_all(".menu-item, .emo") else { return };
    let count = entries.length() as i32;
    if count == 0 {
        return;
    }
    let now = document().active_element().map(JsValue::from);
    let at = (0..count).find(|&i| entries.get(i as u32).map(JsValue::from) == now);
    let next = match (jump, at) {
        (true, _) | (false, None) => by.rem_euclid(count),
        (false, Some(at)) => (at + by).rem_euclid(count),
    };
    if let Some(entry) = entries.get(next as u32).and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        let _ = entry.focus();
    }
}
