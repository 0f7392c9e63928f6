//! Messages of the open chat that wait for their time: listed above the composer, cancelled or taken back into the text
//! there; and the dialog that sets the time.

use std::time::Duration;

use domain::later::{Later, LaterInput};
use domain::message::MessageInput;
use domain::{Fault, LaterId, Moment, Page};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::room::Room;
use super::store::{Chats, chats};
use super::{composer, draft};
use crate::api;
use crate::i18n::{self, t, tw};
use crate::ui::{Dialog, complain, icon, part, toast};
use domain::text::one_line;

/// Looks again so long after a message's time, milliseconds.
const AFTER: i64 = 1_500;

/// What waits in a chat. `Copy`; dies with the composer.
#[derive(Clone, Copy)]
pub struct Waiting {
    rows: RwSignal<Vec<Later>>,
    /// Whether the dialog is shown.
    pub choosing: RwSignal<bool>,
}

impl Waiting {
    /// Reads what waits in a room's chat.
    pub fn new(room: &Room) -> Self {
        let waiting = Self { rows: RwSignal::new(Vec::new()), choosing: RwSignal::new(false) };
        waiting.read(room.chat);
        waiting
    }

    fn read(self, chat: domain::ChatId) {
        spawn_local(async move {
            let Ok(page) = api::get::<Page<Later>>(&format!("/chats/{chat}/later")).await else { return };
            // When the next one goes it leaves the list.
            let next = page.items.iter().filter(|row| row.failure.is_none()).map(|row| row.at).min();
            if self.rows.try_set(page.items).is_none()
                && let Some(next) = next
            {
                let wait = (next.since(i18n::now()) + AFTER).clamp(AFTER, 2_000_000_000);
                set_timeout(
                    move || {
                        if !self.rows.is_disposed() {
                            self.read(chat);
                        }
                    },
                    Duration::from_millis(wait.unsigned_abs()),
                );
            }
        });
    }

    fn remove(self, id: LaterId, then: impl FnOnce() + 'static) {
        spawn_local(async move {
            match api::delete(&format!("/later/{id}")).await {
                Ok(()) => {
                    let _ = self.rows.try_update(|rows| rows.retain(|row| row.id != id));
                    then();
                }
                Err(trouble) => complain(&trouble),
            }
        });
    }
}

/// The list.
#[component]
pub fn WaitingList(
    /// Whose.
    room: Room,
    /// What waits.
    waiting: Waiting,
) -> impl IntoView {
    let chats = chats();
    let row = move |row: Later, room: Room| {
        let id = row.id;
        let when = i18n::day_and_time(row.at);
        let words = one_line(&row.message.text, 120);
        let text = row.message.text.clone();
        let failure = row.failure.as_deref().map(|code| {
            let why =
                Fault::parse(code).map(|fault| domain::locale::fault(i18n::language(), fault)).unwrap_or_default();
            view! { <span class="danger-t">{why}</span> }
        });
        let back = move |_| {
            let (room, text) = (room.clone(), text.clone());
            waiting.remove(id, move || {
                let words = room
                    .text
                    .with_untracked(|old| if old.trim().is_empty() { text.clone() } else { format!("{old}\n{text}") });
                draft::save(chats, room.chat, &words);
                room.text.set(words);
                composer::focus();
            });
        };
        view! {
            <li class="line sm">
                {icon("clock")}
                <span class="nowrap muted">{when}</span>
                <span class="trunc grow">{words} " " {failure}</span>
                <button type="button" class="btn icon small quiet" aria-label=tw().later_edit title=tw().later_edit on:click=back>
                    {icon("edit")}
                </button>
                <button
                    type="button"
                    class="btn icon small quiet"
                    aria-label=tw().later_cancel
                    title=tw().later_cancel
                    on:click=move |_| waiting.remove(id, || toast("check", tw().later_cancelled))
                >
                    {icon("close")}
                </button>
            </li>
        }
    };
    part(move || {
        let rows = waiting.rows.get();
        let room = room.clone();
        (!rows.is_empty()).then(|| {
            view! {
                <ul class="later-list" aria-label=tw().later_list>
                    {rows.into_iter().map(|one| row(one, room.clone())).collect_view()}
                </ul>
            }
        })
    })
}

/// The dialog that sets the time of what stands in the composer.
#[component]
pub fn SendLater(
    /// Whose.
    room: Room,
    /// What waits.
    waiting: Waiting,
) -> impl IntoView {
    let chats = chats();
    let time = RwSignal::new(String::new());
    let trouble = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let room = StoredValue::new(room);
    let keep = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let at = js_sys::Date::parse(&time.get_untracked());
        if at.is_nan() {
            return trouble.set(t().common.required.to_owned());
        }
        busy.set(true);
        room.with_value(|room| put(chats, room, Moment(at as i64), waiting, trouble, busy));
    };
    view! {
        <Dialog open=waiting.choosing title=Signal::derive(|| tw().send_later.to_owned())>
            <form on:submit=keep>
                <div class="body stack mid">
                    <label class="field">
                        <span class="lab">{tw().later_when}</span>
                        <input
                            class="input"
                            type="datetime-local"
                            required
                            prop:value=time
                            on:input=move |event| {
                                trouble.set(String::new());
                                time.set(event_target_value(&event));
                            }
                        />
                    </label>
                    <p class="sm danger-t" role="alert">{trouble}</p>
                </div>
                <footer>
                    <button type="button" class="btn quiet" on:click=move |_| waiting.choosing.set(false)>
                        {t().common.cancel}
                    </button>
                    <button type="submit" class="btn primary" disabled=busy>
                        {tw().later_keep}
                    </button>
                </footer>
            </form>
        </Dialog>
    }
}

fn put(chats: Chats, room: &Room, at: Moment, waiting: Waiting, trouble: RwSignal<String>, busy: RwSignal<bool>) {
    let message = MessageInput {
        text: room.text.get_untracked(),
        quote: room.quote.with_untracked(|quote| quote.as_ref().map(|message| message.id)),
        ..MessageInput::default()
    };
    let room = room.clone();
    spawn_local(async move {
        let chat = room.chat;
        match api::post::<Later>(&format!("/chats/{chat}/later"), &LaterInput { at, message }).await {
            Ok(_) => {
                room.text.set(String::new());
                room.quote.set(None);
                draft::save(chats, chat, "");
                draft::flush(chats);
                let _ = waiting.choosing.try_set(false);
                if !waiting.rows.is_disposed() {
                    waiting.read(chat);
                }
            }
            Err(why) => _ = trouble.try_set(why.message),
        }
        let _ = busy.try_set(false);
    });
}
