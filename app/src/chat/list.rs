//! The list of chats: search, the virtual list, its states. The order is `order`, one row is `row`.

use std::time::Duration;

use domain::ChatId;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{HtmlElement, ResizeObserver};

use super::filter::{View, Wanted};
use super::filters;
use super::order::{reveal, visible};
use super::row::Row;
use super::store::{Chats, Load, Pane, chats};
use crate::i18n::t;
use crate::route;
use crate::ui::{Broken, Empty, Loading, effect, icon, part};

/// Pause in typing after which the search runs, milliseconds.
const PAUSE: u64 = 250;

/// Whether the window shows one pane at a time.
pub fn is_phone() -> bool {
    window().match_media("(width < 720px)").ok().flatten().is_some_and(|media| media.matches())
}

/// Opens a chat, keeping the list as it is.
pub fn open(chats: Chats, id: ChatId) {
    route::go(&format!("/chat/{id}{}", chats.wanted.with_untracked(Wanted::query)));
}

/// Opens the chat `by` rows away from the open one.
pub fn step(chats: Chats, by: isize) {
    let open_id = chats.open.get_untracked();
    let next = chats.order.with_untracked(|order| match open_id.and_then(|id| order.row_of(id)) {
        Some(row) => row.checked_add_signed(by).and_then(|row| order.get(row)),
        None => order.get(0),
    });
    if let Some(next) = next {
        open(chats, next);
    }
}

/// The pane.
#[component]
pub fn List() -> impl IntoView {
    let chats = chats();
    let heading = part(move || {
        let wanted = chats.wanted.get();
        let account = wanted.account.and_then(|id| chats.session.account(id)).map(|account| account.name);
        let label = || wanted.label.and_then(|id| super::marks::label(chats, id)).map(|label| label.name);
        match account.or_else(label) {
            Some(name) => name,
            None => filters::name(wanted.view).to_owned(),
        }
    });
    let waiting = part(move || {
        let (count, waiting) =
            chats.counts.with(|counts| (chats.wanted.with(|wanted| wanted.view.count(counts)), counts.unanswered));
        // The counters know nothing of accounts and searches.
        let counted = chats
            .wanted
            .with(|wanted| wanted.account.is_none() && wanted.label.is_none() && wanted.text.trim().is_empty());
        let (count, waiting) =
            if counted { (count, waiting) } else { (chats.order.with(|order| order.len() as i64), 0) };
        (t().chat.list_summary)(count, waiting)
    });
    // A longer list is the same list: only another state draws the pane anew.
    let state = Memo::new(move |_| (chats.load.get(), chats.order.with(|order| order.len() == 0)));
    view! {
        <section class="pane list-pane" aria-label=t().chat.list data-pane="list" tabindex="-1">
            <div class="pane-head">
                <h1>{heading}</h1>
                <button
                    type="button"
                    class="btn icon quiet only-narrow"
                    aria-label=t().chat.filter
                    on:click=move |_| chats.pane.set(Pane::Filters)
                >
                    {icon("filter")}
                </button>
                {move || {
                    chats
                        .writes()
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="btn icon primary"
                                    aria-label=t().chat.new_chat
                                    title=format!("{} (Alt+N)", t().chat.new_chat)
                                    on:click=move |_| chats.new_chat.set(true)
                                >
                                    {icon("plus")}
                                </button>
                            }
                        })
                }}
            </div>
            <div class="list-tools">
                <Search />
            </div>
            <div class="list-sub">
                <span>{waiting}</span>
            </div>
            {part(move || match state.get() {
                (Load::Failed(trouble), _) => view! { <Broken trouble again=move |()| chats.reload() /> }.into_any(),
                (Load::Waiting, true) => view! { <Loading rows=8 /> }.into_any(),
                (_, true) => nothing(chats).into_any(),
                _ => view! { <Rows /> }.into_any(),
            })}
            {super::found::below(chats)}
        </section>
    }
}

/// Why the list is empty, and the first step out.
fn nothing(chats: Chats) -> impl IntoView {
    let wanted = chats.wanted.get();
    let text = wanted.text.trim().to_owned();
    if !text.is_empty() {
        return view! {
            <Empty title=(t().chat.nothing_found)(&text) text=t().chat.nothing_found_text>
                <button
                    type="button"
                    class="btn"
                    on:click=move |_| search(chats, String::new())
                >
                    {t().chat.clear_search}
                </button>
            </Empty>
        }
        .into_any();
    }
    if wanted.view != View::All || wanted.account.is_some() || wanted.label.is_some() {
        return view! {
            <Empty title=t().chat.nothing_here text=t().chat.nothing_here_text>
                <a class="btn" href="/">
                    {t().chat.show_all}
                </a>
            </Empty>
        }
        .into_any();
    }
    let to_settings = chats.session.is_admin().then(|| {
        view! {
            <a class="btn" href="/settings/accounts">
                {t().chat.to_accounts}
            </a>
        }
    });
    view! { <Empty title=t().chat.quiet_title text=t().chat.quiet_text>{to_settings}</Empty> }.into_any()
}

fn search(chats: Chats, text: String) {
    let wanted = Wanted { text, ..chats.wanted.get_untracked() };
    let place = chats.open.get_untracked().map_or_else(|| "/".to_owned(), |id| format!("/chat/{id}"));
    route::replace(&(place + &wanted.query()));
}

#[component]
fn Search() -> impl IntoView {
    let chats = chats();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let typed = RwSignal::new(chats.wanted.with_untracked(|wanted| wanted.text.clone()));
    // The address may change by other hands: "back", a filter, "clear".
    effect(move || {
        let text = chats.wanted.with(|wanted| wanted.text.clone());
        if typed.with_untracked(|typed| typed.trim() != text.trim()) {
            typed.set(text);
        }
    });
    let later = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    let input = move |event: ev::Event| {
        typed.set(event_target_value(&event));
        later();
        let run = move || search(chats, typed.get_untracked());
        timer.set_value(set_timeout_with_handle(run, Duration::from_millis(PAUSE)).ok());
    };
    let key = move |event: ev::KeyboardEvent| match event.code().as_str() {
        "Escape" if !typed.with_untracked(String::is_empty) => {
            event.stop_propagation();
            later();
            typed.set(String::new());
            search(chats, String::new());
        }
        "Enter" | "NumpadEnter" => {
            later();
            search(chats, typed.get_untracked());
        }
        "ArrowDown" => {
            event.prevent_default();
            focus_row(chats, chats.order.with_untracked(|order| order.get(0)));
        }
        _ => {}
    };
    on_cleanup(later);
    view! {
        <label class="with-icon grow">
            {icon("search")}
            <input
                class="input"
                type="search"
                id="chat-search"
                autocomplete="off"
                placeholder=t().chat.search_placeholder
                aria-label=t().chat.search
                prop:value=typed
                on:input=input
                on:keydown=key
            /> <span class="end">
                <kbd class="not-phone">"/"</kbd>
            </span>
        </label>
    }
}

/// Puts the focus on a row: at once when it is drawn, so that the next key finds it there; otherwise once it is.
fn focus_row(chats: Chats, id: Option<ChatId>) {
    let Some(id) = id else { return };
    chats.focused.set(Some(id));
    let focus = move || {
        let row = document().get_element_by_id(&format!("chat-{id}")).and_then(|e| e.dyn_into::<HtmlElement>().ok());
        row.is_some_and(|row| row.focus().is_ok())
    };
    if !focus() {
        request_animation_frame(move || {
            focus();
        });
    }
}

#[component]
fn Rows() -> impl IntoView {
    let chats = chats();
    let node = NodeRef::<html::Ul>::new();
    let top = RwSignal::new(0.0);
    let height = RwSignal::new(900.0);
    let size = RwSignal::new(60.0);
    // The first row on the screen and how far it is scrolled out: what stays in place when chats move above it.
    let anchor = StoredValue::new(None::<(ChatId, f64)>);
    let measure = move || {
        let Some(list) = node.get_untracked() else { return };
        height.set(f64::from(list.client_height()).max(60.0));
        let row = window()
            .get_computed_style(&list)
            .ok()
            .flatten()
            .and_then(|style| style.get_property_value("--h-row").ok())
            .and_then(|text| text.trim().trim_end_matches("px").parse().ok());
        if let Some(row) = row {
            size.set(row);
        }
    };
    node.on_load(move |list| {
        measure();
        let resized = Closure::<dyn FnMut()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(&list);
            let kept = StoredValue::new_local(Some((observer, resized)));
            on_cleanup(move || {
                if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
                    observer.disconnect();
                }
            });
        }
    });
    let count = Memo::new(move |_| chats.order.with(|order| order.len()));
    let range = Memo::new(move |_| visible(top.get(), height.get(), size.get(), count.get()));
    effect(move || chats.more(range.get().end));
    // Another filter begins at its top.
    effect(move || {
        chats.wanted.track();
        if let Some(list) = node.get_untracked() {
            list.set_scroll_top(0);
        }
    });
    effect(move || {
        chats.order.track();
        let Some(list) = node.get_untracked() else { return };
        if let Some((id, offset)) = anchor.get_value()
            && let Some(row) = chats.order.with_untracked(|order| order.row_of(id))
        {
            let wanted = (row as f64 * size.get_untracked() + offset).round() as i32;
            if (wanted - list.scroll_top()).abs() > 1 {
                top.set(f64::from(wanted));
                // Once the space above has its new height.
                request_animation_frame(move || list.set_scroll_top(wanted));
            }
        }
    });
    let scrolled = move |_| {
        let Some(list) = node.get_untracked() else { return };
        let y = f64::from(list.scroll_top());
        top.set(y);
        let row = (y / size.get_untracked()).floor();
        let first = chats.order.with_untracked(|order| order.get(row as usize));
        anchor.set_value(first.filter(|_| y > 1.0).map(|id| (id, y - row * size.get_untracked())));
    };
    // The open chat comes into view when it was opened from elsewhere.
    let show = move |id: ChatId| {
        let Some(list) = node.get_untracked() else { return };
        let Some(row) = chats.order.with_untracked(|order| order.row_of(id)) else { return };
        let (y, h) = (f64::from(list.scroll_top()), f64::from(list.client_height()));
        if let Some(to) = reveal(row, y, h, size.get_untracked()) {
            list.set_scroll_top(to.round() as i32);
        }
    };
    effect(move || {
        if let Some(id) = chats.open.get() {
            request_animation_frame(move || show(id));
        }
    });
    let key = move |event: ev::KeyboardEvent| {
        if event.alt_key() || event.ctrl_key() || event.meta_key() {
            return;
        }
        let from = chats.focused.get_untracked().or(chats.open.get_untracked());
        let row = chats.order.with_untracked(|order| from.and_then(|id| order.row_of(id))).unwrap_or(0);
        let last = count.get_untracked().saturating_sub(1);
        let page = (height.get_untracked() / size.get_untracked()) as usize;
        let to = match event.code().as_str() {
            "ArrowDown" => row + 1,
            "ArrowUp" => row.saturating_sub(1),
            "PageDown" => row + page,
            "PageUp" => row.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        let id = chats.order.with_untracked(|order| order.get(to.min(last)));
        if let Some(id) = id {
            show(id);
            focus_row(chats, Some(id));
        }
    };
    let shown = move || {
        let range = range.get();
        chats.order.with(|order| range.filter_map(|row| order.get(row)).collect::<Vec<_>>())
    };
    let above = move || format!("{}px", range.get().start as f64 * size.get());
    let below = move || format!("{}px", count.get().saturating_sub(range.get().end) as f64 * size.get());
    view! {
        <ul class="rows scroll grow" node_ref=node on:scroll=scrolled on:keydown=key>
            <li class="rows-gap" role="presentation" style:block-size=above></li>
            <For each=shown key=|id| *id let:id>
                <Row id />
            </For>
            <li class="rows-gap" role="presentation" style:block-size=below></li>
        </ul>
    }
}
