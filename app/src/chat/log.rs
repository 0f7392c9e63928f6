//! The chat window: days, the unread line, messages, the button to the end. Where it stands is `scroll`, what it holds
//! `timeline`, one message `bubble`.

use domain::Moment;
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit, ResizeObserver};

use super::acts::{self, MessageMenu};
use super::bubble::{self, Here};
use super::layout::{Item, UnreadLine, lay_out};
use super::room::Room;
use super::scroll::Scroll;
use super::store::{Load, chats};
use super::{album, attach, gesture, history, over, viewer};
use crate::i18n::{self, Style, t, tw};
use crate::ui::icon::sized;
use crate::ui::spinner;
use crate::ui::{effect, icon};

/// How far before the edge of the window the next page is asked for.
const AHEAD: &str = "700px 0px";

/// The log of a room.
#[component]
pub fn Log(
    /// Whose.
    room: Room,
) -> impl IntoView {
    let chats = chats();
    let scroll = Scroll::new(chats, room.clone());
    let active = RwSignal::new(None::<i64>);
    let picture = RwSignal::new(None);
    let here = Here { chats, room: room.clone(), active: Selector::new(move || active.get()), picture };
    let (top, bottom) = (NodeRef::<html::Li>::new(), NodeRef::<html::Li>::new());
    watch_edges(&scroll, top, bottom);
    watch_size(&scroll);
    watch_focus(&scroll);

    let items = {
        let room = room.clone();
        move || {
            let line = room.line.get();
            room.timeline.with(|timeline| lay_out(timeline, line, i18n::local_day))
        }
    };
    let ready = {
        let load = room.load.clone();
        Memo::new(move |_| load.get() == Load::Ready)
    };
    let older = {
        let room = room.clone();
        move || room.timeline.with(|timeline| timeline.older)
    };
    let edge = {
        let room = room.clone();
        move || {
            if room.paging_failed.get() {
                let room = room.clone();
                view! {
                    <span class="sm soft">{tw().page_failed}</span>
                    <button type="button" class="btn small" on:click=move |_| history::older(chats, &room)>
                        {sized("refresh", "i s")}
                        {t().common.again}
                    </button>
                }
                .into_any()
            } else {
                spinner().into_any()
            }
        }
    };
    let empty = {
        let room = room.clone();
        move || ready.get() && room.timeline.with(|timeline| timeline.entries().is_empty())
    };
    let scrolled = {
        let scroll = scroll.clone();
        move |_| {
            if !scroll.unsettled.get_value() {
                scroll.note();
            }
            scroll.look();
        }
    };
    let keys = {
        let scroll = scroll.clone();
        move |event: ev::KeyboardEvent| {
            if event.alt_key() || event.ctrl_key() || event.meta_key() || super::keyboard::in_text(&event) {
                return;
            }
            let moved = match event.code().as_str() {
                "ArrowUp" => scroll.step(true),
                "ArrowDown" => scroll.step(false),
                "Enter" | "NumpadEnter" => into_acts(),
                "End" => {
                    history::to_end(chats, &scroll.room);
                    true
                }
                _ => false,
            };
            if moved {
                event.prevent_default();
            }
        }
    };
    let point = move |target: Option<web_sys::EventTarget>| {
        let key =
            target.and_then(|target| target.dyn_into::<Element>().ok()).and_then(|element| acts::key_of(&element));
        if key.is_some() && active.get_untracked() != key {
            active.set(key);
        }
    };
    let (pane, list, far) = (scroll.pane, scroll.list, scroll.far);
    let below = room.below.clone();
    let said = room.said.clone();
    let drop_room = room.clone();
    let menu_room = room.clone();
    // While one picks, a press anywhere on a message picks it.
    let picking = {
        let room = room.clone();
        move |event: ev::MouseEvent| {
            if room.picked.with_untracked(Option::is_none) {
                return;
            }
            let key =
                event.target().and_then(|target| target.dyn_into::<Element>().ok()).and_then(|e| acts::key_of(&e));
            if let Some(message) = key.and_then(|key| room.message(key)).filter(|message| message.deleted_at.is_none())
            {
                event.prevent_default();
                event.stop_propagation();
                gesture::pick(&room, message.id);
            }
        }
    };
    view! {
        <div class="log-wrap">
            <div
                class="log-scroll"
                tabindex="0"
                role="region"
                aria-label=tw().log
                aria-busy=move || (!ready.get()).then_some("true")
                data-pane="log"
                node_ref=pane
                on:scroll=scrolled
                on:keydown=keys
            >
                <ol
                    class="log"
                    role="log"
                    aria-live="off"
                    node_ref=list
                    on:pointerover=move |event| point(event.target())
                    on:focusin=move |event| point(event.target())
                    on:contextmenu=move |event| acts::ask(&menu_room, &event)
                    on:click:capture=picking
                >
                    <li class="log-edge" node_ref=top aria-hidden="true"></li>
                    <Show when=older>
                        <li class="log-top">{edge.clone()}</li>
                    </Show>
                    <For
                        each=items
                        key=Item::key
                        children=move |item| match item {
                            Item::Day { at, .. } => day(at).into_any(),
                            Item::Unread(line) => unread_line(line).into_any(),
                            Item::Message { key, message, cont } => bubble::message(&here, key, message, cont),
                            Item::Album { messages, cont } => album::album(&here, messages, cont),
                        }
                    />
                    <li class="log-edge" node_ref=bottom aria-hidden="true"></li>
                </ol>
                <Show when=empty>
                    <p class="log-empty sm muted">{tw().no_messages}</p>
                </Show>
                <Show when=move || !ready.get()>
                    <LogSkeleton />
                </Show>
            </div>
            <ToEnd room=room.clone() far below />
            <Drop room=drop_room />
            <p class="vh" aria-live="polite">
                {move || said.get()}
            </p>
            <MessageMenu chats room=room.clone() />
            <over::Overs room=room.clone() />
            <viewer::Viewer room=room.clone() picture />
        </div>
    }
}

/// From a message into its toolbar; false when the keyboard is elsewhere, on a link or a button.
fn into_acts() -> bool {
    let message = document().active_element().filter(|element| element.matches("li.msg").unwrap_or(false));
    let button = message.and_then(|message| message.query_selector(".msg-acts .btn").ok().flatten());
    button
        .and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok())
        .is_some_and(|button| button.focus().is_ok())
}

fn day(at: Moment) -> impl IntoView {
    let name = move || {
        let (today, day) = (i18n::local_day(i18n::now()), i18n::local_day(at));
        let long = i18n::moment(at, Style::LongDay);
        // The epoch was a Thursday; weeks begin on Monday.
        let weekday = tw().weekdays[(day + 3).rem_euclid(7) as usize];
        match today - day {
            0 => format!("{}, {long}", tw().today),
            1 => format!("{}, {long}", tw().yesterday),
            _ => format!("{weekday}, {long}"),
        }
    };
    view! { <li class="day">{name()}</li> }
}

fn unread_line(line: UnreadLine) -> impl IntoView {
    view! { <li class="unread-line">{(tw().unread_line)(line.count.into())}</li> }
}

/// The button to the end, with how many new messages are there.
#[component]
fn ToEnd(room: Room, far: RwSignal<bool>, below: ArcRwSignal<i32>) -> impl IntoView {
    let chats = chats();
    let count = Memo::new(move |_| below.get());
    view! {
        <button
            type="button"
            class="to-end"
            hidden=move || !far.get()
            aria-label=move || (tw().to_end)(count.get().into())
            title=tw().to_end_title
            on:click=move |_| history::to_end(chats, &room)
        >
            {icon("down")}
            {move || (count.get() > 0).then(|| view! { <span class="count">{count.get()}</span> })}
        </button>
    }
}

/// Files held over the window.
#[component]
fn Drop(room: Room) -> impl IntoView {
    let chats = chats();
    let over = RwSignal::new(false);
    let has_files = |event: &ev::DragEvent| {
        event.data_transfer().is_some_and(|data| data.types().iter().any(|kind| kind == "Files"))
    };
    let entered = window_event_listener(ev::dragover, move |event| {
        if has_files(&event) {
            // Otherwise the browser would leave the page for the file.
            event.prevent_default();
            if !over.get_untracked() && chats.writes() {
                over.set(true);
            }
        }
    });
    let left = window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            over.set(false);
        }
    });
    let limit = attach::limit(chats, &room);
    let dropped = window_event_listener(ev::drop, move |event| {
        if has_files(&event) {
            event.prevent_default();
            if over.get_untracked() {
                attach::add(chats, &room, attach::files_of(event.data_transfer()));
            }
        }
        over.set(false);
    });
    on_cleanup(move || {
        entered.remove();
        left.remove();
        dropped.remove();
    });
    view! {
        <Show when=move || over.get()>
            <div class="drop">
                <div>
                    {sized("upload", "i xl")} <h3 class="mt-2">{tw().drop_title}</h3>
                    <p class="sm soft">{(tw().drop_text)(&i18n::size(limit as i64))}</p>
                </div>
            </div>
        </Show>
    }
}

/// Grey bubbles while the messages are on their way; styles hold them back for 200 ms.
#[component]
pub fn LogSkeleton() -> impl IntoView {
    view! {
        <div class="log-skeleton" aria-busy="true" aria-label=tw().loading_log>
            <span class="sk"></span>
            <span class="sk"></span>
            <span class="sk mine"></span>
            <span class="sk"></span>
            <span class="sk mine"></span>
        </div>
    }
}

/// Pages come in before one reaches the edge. After each change the edges are looked at again: an edge that stays in
/// sight makes no event of its own.
fn watch_edges(scroll: &Scroll, top: NodeRef<html::Li>, bottom: NodeRef<html::Li>) {
    let observer = StoredValue::new_local(None::<(IntersectionObserver, Closure<dyn FnMut(js_sys::Array)>)>);
    let (chats, room) = (scroll.chats, scroll.room.clone());
    let pane = scroll.pane;
    let seen = move |entries: js_sys::Array| {
        for entry in entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok()) {
            if !entry.is_intersecting() || room.paging_failed.get_untracked() {
                continue;
            }
            if top.get_untracked().is_some_and(|top| **top == entry.target()) {
                history::older(chats, &room);
            } else {
                history::newer(chats, &room);
            }
        }
    };
    let make = move || {
        let pane = pane.get_untracked()?;
        let options = IntersectionObserverInit::new();
        options.set_root(Some(&pane));
        options.set_root_margin(AHEAD);
        let seen = Closure::<dyn FnMut(js_sys::Array)>::new(seen.clone());
        let made = IntersectionObserver::new_with_options(seen.as_ref().unchecked_ref(), &options).ok()?;
        Some((made, seen))
    };
    let again = move || {
        observer.try_update_value(|kept| {
            if kept.is_none() {
                *kept = make();
            }
            let Some((observer, _)) = kept else { return };
            observer.disconnect();
            for edge in [top, bottom] {
                if let Some(edge) = edge.get_untracked() {
                    observer.observe(&edge);
                }
            }
        });
    };
    on_cleanup(move || {
        if let Some((observer, _)) = observer.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
    let scroll = scroll.clone();
    effect(move || {
        scroll.room.timeline.track();
        scroll.room.line.track();
        scroll.unsettled.set_value(true);
        let (scroll, again) = (scroll.clone(), again.clone());
        // The views change in the same turn; before the next picture the log is back in its place.
        request_animation_frame(move || {
            if scroll.unsettled.try_get_value() == Some(true) {
                scroll.settle();
                scroll.unsettled.set_value(false);
                again();
            }
        });
    });
}

/// Whatever changes its height, the log stays where it is: pictures, a longer composer, another window size.
fn watch_size(scroll: &Scroll) {
    let kept = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    let scroll = scroll.clone();
    let (pane, list) = (scroll.pane, scroll.list);
    let changed = move || {
        if scroll.unsettled.try_get_value() == Some(false) {
            scroll.settle();
        }
    };
    effect(move || {
        let (Some(pane), Some(list)) = (pane.get(), list.get()) else { return };
        let changed = Closure::<dyn FnMut()>::new(changed.clone());
        if let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            observer.observe(&pane);
            observer.observe(&list);
            kept.set_value(Some((observer, changed)));
        }
    });
    on_cleanup(move || {
        if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
}

/// What is on the screen counts as seen when the window comes back to the person.
fn watch_focus(scroll: &Scroll) {
    let (by_focus, by_view) = (scroll.clone(), scroll.clone());
    let focus = window_event_listener(ev::Custom::<web_sys::Event>::new("focus"), move |_| by_focus.look());
    let shown = window_event_listener(ev::visibilitychange, move |_| by_view.look());
    on_cleanup(move || {
        focus.remove();
        shown.remove();
    });
}
