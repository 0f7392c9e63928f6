//! Telling the person of new messages when they are not looking: sound, desktop notification, the window's icon.

use domain::{Chat, Message};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;

use super::preview;
use super::store::Chats;
use crate::route;
use crate::state;
use crate::ui::effect;

/// Two sounds are at least so far apart, milliseconds: twenty messages at once are one sound.
const QUIET: f64 = 1_500.0;

/// Whether the window is on the screen and has the keyboard, so that what it shows is being seen.
pub fn is_watched() -> bool {
    let document = document();
    !document.hidden() && document.has_focus().unwrap_or(false)
}

/// A client has just said something.
pub fn ring(chats: Chats, message: &Message, chat: &Chat) {
    if is_watched() && chats.open.get_untracked() == Some(chat.id) {
        return;
    }
    // Somebody else's client is theirs to hear.
    let me = chats.session.me.with_untracked(|me| me.as_ref().map(|me| me.user.id));
    if chat.assignee.as_ref().is_some_and(|user| Some(user.id) != me) || !first_window(message) {
        return;
    }
    if state::SOUND.get_untracked() {
        sound();
    }
    if state::NOTIFY.get_untracked() && !is_watched() {
        show(chats, message, chat);
    }
}

/// Of several windows of one browser only the first to hear of a message tells it.
fn first_window(message: &Message) -> bool {
    let last = state::recall("rang").and_then(|id| id.parse::<i64>().ok()).unwrap_or(0);
    if last >= message.id.0 {
        return false;
    }
    state::remember("rang", &message.id.to_string());
    true
}

fn sound() {
    thread_local! {
        static LAST: std::cell::Cell<f64> = const { std::cell::Cell::new(0.0) };
    }
    let now = js_sys::Date::now();
    if now - LAST.get() < QUIET {
        return;
    }
    LAST.set(now);
    if let Ok(audio) = web_sys::HtmlAudioElement::new_with_src("/sounds/message.wav")
        && let Ok(playing) = audio.play()
    {
        // Refused until the person has touched the page; nothing to be done about it.
        leptos::task::spawn_local(async move {
            let _ = wasm_bindgen_futures::JsFuture::from(playing).await;
        });
    }
}

fn show(chats: Chats, message: &Message, chat: &Chat) {
    if web_sys::Notification::permission() != web_sys::NotificationPermission::Granted {
        return;
    }
    // The row has the words as they are seen, without marks.
    let Some(last) = chat.last_message.as_ref().filter(|last| last.id == message.id) else { return };
    let body = domain::text::one_line(&preview::of(last.kind, &last.text), 140);
    let options = web_sys::NotificationOptions::new();
    options.set_body(&body);
    options.set_tag(&format!("chat-{}", chat.id));
    options.set_icon("/favicon.svg");
    let Ok(note) = web_sys::Notification::new_with_options(&chat.contact.title(), &options) else { return };
    let path = format!("/chat/{}{}", chat.id, chats.wanted.with_untracked(super::filter::Wanted::query));
    let shown = note.clone();
    let clicked = Closure::<dyn FnMut()>::new(move || {
        let _ = window().focus();
        route::go(&path);
        shown.close();
    });
    note.set_onclick(Some(clicked.as_ref().unchecked_ref()));
    // Lives as long as the notification, which the browser keeps.
    clicked.forget();
}

/// Draws the number of unread chats onto the window's icon.
pub fn keep_icon(chats: Chats) {
    effect(move || {
        let unread = chats.session.unread.get();
        let Ok(Some(link)) = document().query_selector("link[rel~=icon]") else { return };
        let _ = link.set_attribute("href", &icon_address(unread));
    });
    on_cleanup(|| {
        if let Ok(Some(link)) = document().query_selector("link[rel~=icon]") {
            let _ = link.set_attribute("href", "/favicon.svg");
        }
    });
}

fn icon_address(unread: i64) -> String {
    if unread == 0 {
        return "/favicon.svg".to_owned();
    }
    let text = if unread > 99 { "99".to_owned() } else { unread.to_string() };
    let size = if text.len() > 1 { 15 } else { 18 };
    let svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path fill='#0f6179' d='M16 1.5c1.3 5.5 5.3 9.5 12.6 \
         11.3 2 .5 1.5 2.9-.3 2.9H3.7c-1.8 0-2.3-2.4-.3-2.9C10.7 11 14.7 7 16 1.5zM5 17.7h22v5.9a3.2 3.2 0 0 1-3.2 \
         3.2H15l-6.5 4.5v-4.5A3.5 3.5 0 0 1 5 23.3z'/><circle cx='21' cy='21' r='11' fill='#b3261e'/><text x='21' \
         y='21' dy='.36em' font-size='{size}' font-family='sans-serif' font-weight='700' text-anchor='middle' \
         fill='#fff'>{text}</text></svg>"
    );
    format!("data:image/svg+xml,{}", super::filter::escape(&svg))
}
