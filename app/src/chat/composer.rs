//! The composer: text, quote, files, and why one cannot write where one cannot. Sending is `send`, files `attach`,
//! drafts `draft`.

use std::time::Duration;

use domain::message::{MAX_CAPTION, MAX_TEXT};
use domain::text::edit::Action;
use domain::{Account, Chat};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, HtmlTextAreaElement};

use super::attach::{self, State};
use super::bar::{Bar, Changing, Quoted};
use super::format::{self, Format};
use super::picking::Picking;
use super::room::Room;
use super::store::{Chats, chats};
use super::suggest::Suggest;
use super::tray::Tray;
use super::waiting::{SendLater, Waiting, WaitingList};
use super::{draft, gesture, rival, send};
use crate::api;
use crate::i18n::{t, tw};
use crate::live::{LINE, Line};
use crate::ui::icon::sized;
use crate::ui::{effect, icon, part};

/// "Is typing" is told at most so often, milliseconds.
const TELL: f64 = 4_000.0;
/// The id of the text.
const ID: &str = "composer";

/// Puts the keyboard into the text.
pub fn focus() {
    request_animation_frame(|| {
        if let Some(text) = document().get_element_by_id(ID).and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
            let _ = text.focus();
        }
    });
}

/// What stands at the foot of the chat: the editor, or why there is none.
#[component]
pub fn Composer(
    /// Whose.
    room: Room,
    /// Its row.
    chat: ArcRwSignal<Chat>,
) -> impl IntoView {
    let chats = chats();
    let account = Memo::new(move |_| chats.session.account(chat.read().account));
    #[derive(Clone, PartialEq)]
    enum Mode {
        Editor,
        Picking,
        Reader,
        Off(String),
    }
    let picked = room.picked.clone();
    let mode = Memo::new(move |_| {
        if picked.with(Option::is_some) {
            return Mode::Picking;
        }
        if !chats.writes() {
            return Mode::Reader;
        }
        account.with(|account| match account {
            Some(account) if !account.enabled => Mode::Off(account.name.clone()),
            _ => Mode::Editor,
        })
    });
    view! {
        <div class="composer" data-pane="composer">
            {part(move || match mode.get() {
                Mode::Editor => view! { <Editor room=room.clone() account /> }.into_any(),
                Mode::Picking => view! { <Picking room=room.clone() /> }.into_any(),
                Mode::Reader => {
                    view! {
                        <div class="line sm soft comp-reader">{icon("eye")} <span class="grow">{tw().reader}</span></div>
                    }
                        .into_any()
                }
                Mode::Off(name) => {
                    view! {
                        <div class="notice">
                            {icon("lock")} <div>
                                <b>{(tw().account_off)(&name)}</b>
                                " "
                                {tw().account_off_text}
                            </div>
                        </div>
                    }
                        .into_any()
                }
            })}
        </div>
    }
}

#[component]
fn Editor(room: Room, account: Memo<Option<Account>>) -> impl IntoView {
    let chats = chats();
    let area = NodeRef::<html::Textarea>::new();
    let input = NodeRef::<html::Input>::new();
    let told = StoredValue::new(0.0);
    let chat = room.chat;

    // The text belongs to the room: another chat has another.
    let text = room.text.clone();
    effect(move || {
        let Some(area) = area.get() else { return };
        let text = text.get();
        if area.value() != text {
            area.set_value(&text);
        }
        grow(&area);
    });
    area.on_load(|_| {
        if !super::list::is_phone() {
            focus();
        }
    });
    let suggest = Suggest::new();
    let waiting = Waiting::new(&room);
    // The colleague of whom one has been warned, and still is.
    let warned = RwSignal::new(None::<String>);
    let submit = {
        let room = room.clone();
        move || {
            if !may_send(&room) {
                return;
            }
            if room.editing.with_untracked(Option::is_some) {
                return gesture::save_edit(chats, &room);
            }
            let rival = rival::rival(chats, &room).filter(|_| !room.note.get_untracked());
            if rival.is_some() && rival != warned.get_untracked() {
                return warned.set(rival);
            }
            warned.set(None);
            send::send(chats, &room);
            told.set_value(0.0);
        }
    };
    let typed = {
        let room = room.clone();
        move |event: ev::Event| {
            let text = event_target_value(&event);
            // A changed text is neither a draft nor about to be sent.
            if room.editing.with_untracked(Option::is_some) {
                room.text.set(text);
                return;
            }
            draft::save(chats, chat, &text);
            let empty = text.trim().is_empty();
            room.text.set(text);
            if let Some(area) = area.get_untracked() {
                suggest.look(chats, &room, &area);
            }
            // Colleagues are told of answers only.
            let empty = empty || room.note.get_untracked();
            let now = js_sys::Date::now();
            if !empty && now - told.get_value() > TELL {
                told.set_value(now);
                spawn_local(async move {
                    let _ = api::tell(&format!("/chats/{chat}/typing")).await;
                });
            }
        }
    };
    let keys = {
        let (room, submit) = (room.clone(), submit.clone());
        move |event: ev::KeyboardEvent| {
            // Enter that ends an input method's word is not meant for us.
            if event.is_composing() {
                return;
            }
            if let Some(area) = area.get_untracked() {
                let chord = event.ctrl_key() || event.meta_key();
                if !chord && !event.alt_key() && !event.shift_key() && suggest.key(&event.code(), &area) {
                    event.prevent_default();
                    return event.stop_propagation();
                }
                if chord
                    && !event.alt_key()
                    && let Some(action) = Action::of_key(&event.code(), event.shift_key())
                {
                    event.prevent_default();
                    return format::act(&area, action);
                }
                // A list goes on by itself.
                if event.code() == "Enter"
                    && event.shift_key()
                    && let Some(edit) = domain::text::edit::enter(&area.value(), format::selection(&area))
                {
                    event.prevent_default();
                    return format::put(&area, &edit);
                }
            }
            match event.code().as_str() {
                "KeyZ" if event.alt_key() && !event.ctrl_key() => {
                    event.prevent_default();
                    room.note.update(|note| *note = !*note);
                }
                "Enter" | "NumpadEnter" if !event.shift_key() && !event.alt_key() => {
                    event.prevent_default();
                    submit();
                }
                "ArrowUp"
                    if !event.shift_key()
                        && room.text.with_untracked(String::is_empty)
                        && gesture::edit_last(chats, &room) =>
                {
                    event.prevent_default();
                }
                "Escape" => {
                    event.stop_propagation();
                    if room.editing.with_untracked(Option::is_some) {
                        gesture::stop_editing(&room);
                    } else if room.quote.with_untracked(Option::is_some) {
                        room.quote.set(None);
                    } else if let Some(area) = area.get_untracked() {
                        let _ = area.blur();
                        super::keyboard::focus_pane("log");
                    }
                }
                _ => {}
            }
        }
    };
    let pasted = {
        let room = room.clone();
        move |event: ev::ClipboardEvent| {
            let files = attach::files_of(event.clipboard_data());
            if !files.is_empty() {
                event.prevent_default();
                attach::add(chats, &room, files);
            }
        }
    };
    let chosen = {
        let room = room.clone();
        move |_| {
            let Some(input) = input.get_untracked() else { return };
            if let Some(files) = input.files() {
                attach::add(chats, &room, attach::list_of(&files));
            }
            // The same file can be chosen again.
            input.set_value("");
            focus();
        }
    };
    let choose = move || {
        if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let files = Memo::new(move |_| account.with(|account| account.as_ref().is_none_or(|a| a.capabilities.files)));
    let name = chats.chat(chat).map(|chat| chat.with_untracked(|chat| chat.contact.title())).unwrap_or_default();
    let note = room.note.clone();
    let noting = Memo::new(move |_| note.get());
    let placeholder = move || match LINE.get() {
        _ if noting.get() => tw().write_note,
        Line::Lost { .. } => tw().write_offline,
        _ => tw().write,
    };
    let loading = {
        let room = room.clone();
        Memo::new(move |_| room.tray.with(|tray| tray.iter().any(|item| matches!(item.state, State::Loading(_)))))
    };
    let count = {
        let room = room.clone();
        Memo::new(move |_| {
            room.tray.with(|tray| tray.iter().filter(|item| matches!(item.state, State::Ready(_))).count())
        })
    };
    let can = {
        let room = room.clone();
        Memo::new(move |_| {
            room.text.track();
            room.tray.track();
            room.note.track();
            may_send(&room)
        })
    };
    let editing = {
        let room = room.clone();
        Memo::new(move |_| room.editing.with(Option::is_some))
    };
    let send_words = move || match count.get() {
        _ if editing.get() => t().common.save.to_owned(),
        _ if noting.get() => tw().keep_note.to_owned(),
        0 | 1 => tw().send.to_owned(),
        n => format!("{} {n}", tw().send),
    };
    let may_wait = {
        let room = room.clone();
        Memo::new(move |_| {
            !noting.get() && room.tray.with(Vec::is_empty) && room.text.with(|text| !text.trim().is_empty())
        })
    };
    let warning = {
        let submit = submit.clone();
        part(move || {
            let submit = submit.clone();
            warned.get().map(|name| {
                view! {
                    <div class="notice warn" role="alert">
                        {icon("warn")}
                        <span class="grow">{(tw().rival)(&name)}</span>
                        <button type="button" class="btn small" on:click=move |_| submit()>{tw().send_anyway}</button>
                    </div>
                }
            })
        })
    };
    view! {
        {suggest.list(area)}
        <WaitingList room=room.clone() waiting />
        <Bar room=room.clone() account />
        {warning}
        <div class="editor" class:note=move || noting.get()>
            <Quoted room=room.clone() />
            <Changing room=room.clone() />
            <Tray room=room.clone() choose=Callback::new(move |()| choose()) />
            <textarea
                id=ID
                rows="1"
                node_ref=area
                aria-label=(tw().message_for)(&name)
                placeholder=placeholder
                aria-controls=move || suggest.is_open().then_some("offers")
                maxlength=MAX_TEXT.to_string()
                on:input=typed
                on:keydown=keys
                on:paste=pasted
            ></textarea>
            <div class="tools" role="toolbar" aria-label=tw().message>
                <Show when=move || files.get() && !noting.get() && !editing.get()>
                    <button
                        type="button"
                        class="btn icon small quiet"
                        aria-label=tw().attach
                        title=tw().attach
                        on:click=move |_| choose()
                    >
                        {icon("clip")}
                    </button>
                </Show>
                <input
                    type="file"
                    multiple
                    hidden
                    node_ref=input
                    tabindex="-1"
                    aria-hidden="true"
                    on:change=chosen
                />
                <Format area />
                <span class="push"></span>
                <button
                    type="button"
                    class="btn icon small quiet"
                    aria-label=tw().send_later
                    title=tw().send_later
                    disabled=move || !may_wait.get()
                    on:click=move |_| waiting.choosing.set(true)
                >
                    {icon("clock")}
                </button>
                <span class="xs muted keys-hint not-phone">{tw().enter_hint}</span>
                <button
                    type="button"
                    class="btn small primary send"
                    disabled=move || !can.get()
                    aria-busy=move || loading.get().then_some("true")
                    aria-label=send_words
                    title=move || if loading.get() { tw().wait_upload } else { tw().send_title }
                    on:click=move |_| submit()
                >
                    {part(move || icon(match (editing.get(), noting.get()) {
                        (true, _) => "check",
                        (_, true) => "note",
                        _ => "send",
                    }))}
                    <span class="not-phone">{send_words}</span>
                </button>
            </div>
        </div>
        <SendLater room waiting />
    }
}

/// Whether there is something to send and nothing stands in the way.
fn may_send(room: &Room) -> bool {
    let letters = room.text.with_untracked(|text| if text.trim().is_empty() { 0 } else { text.chars().count() });
    if room.note.get_untracked() {
        return (1..=MAX_TEXT).contains(&letters);
    }
    room.tray.with_untracked(|tray| {
        let ready = tray.iter().filter(|item| matches!(item.state, State::Ready(_))).count();
        let waits = tray.iter().any(|item| matches!(item.state, State::Loading(_)));
        let limit = if ready > 0 { MAX_CAPTION } else { MAX_TEXT };
        !waits && letters <= limit && (letters > 0 || ready > 0)
    })
}

/// Browsers without `field-sizing` need help.
fn grow(area: &HtmlTextAreaElement) {
    if sizes_itself() {
        return;
    }
    let style = HtmlElement::style(area);
    let _ = style.set_property("block-size", "auto");
    let _ = style.set_property("block-size", &format!("{}px", area.scroll_height()));
}

fn sizes_itself() -> bool {
    thread_local! {
        static KNOWN: std::cell::OnceCell<bool> = const { std::cell::OnceCell::new() };
    }
    KNOWN.with(|known| {
        *known.get_or_init(|| {
            document().create_element("textarea").ok().and_then(|area| area.dyn_into::<HtmlElement>().ok()).is_some_and(
                |area| {
                    let style = HtmlElement::style(&area);
                    let _ = style.set_property("field-sizing", "content");
                    style.get_property_value("field-sizing").is_ok_and(|value| value == "content")
                },
            )
        })
    })
}

/// Opens a chat with a text to be looked over and sent: a link from elsewhere. What was begun before stays.
pub fn put_text(chats: Chats, chat: domain::ChatId, text: String) {
    if text.trim().is_empty() {
        return;
    }
    let room = chats.room(chat);
    if room.text.with_untracked(|old| old.trim().is_empty()) {
        draft::save(chats, chat, &text);
        room.text.set(text);
    }
    set_timeout(focus, Duration::from_millis(50));
}

/// A small picture of a kind of file.
pub fn file_icon(mime: &str) -> impl IntoView + use<> {
    let name = match mime.split('/').next() {
        Some("image") => "image",
        Some("video") => "video",
        Some("audio") => "mic",
        _ => "file",
    };
    sized(name, "i l")
}
