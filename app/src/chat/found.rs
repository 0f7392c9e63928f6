//! Messages that a search has found, under the list of chats whose names have it: a part of the client that comes with
//! the first search. The search field is the list's own; search inside one chat is `find`.

use std::ops::Range;

use domain::search::{Found, Fragment, Part as Of};
use domain::{Direction, MessageId, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use super::face::face;
use super::filter::{Wanted, escape};
use super::preview;
use super::store::{Chats, Load, chats};
use crate::api;
use crate::i18n::{self, tf};
use crate::ui::{Broken, Loading, Part, effect, icon, later, part};

/// Results asked for at once: two screens.
const PAGE: usize = 30;
/// Shorter texts are in half of all messages.
const SHORTEST: usize = 2;

/// Whether there is something to look for in messages.
fn is_search(wanted: &Wanted) -> bool {
    wanted.text.trim().chars().nth(SHORTEST - 1).is_some()
}

/// The place under the list.
pub fn below(chats: Chats) -> AnyView {
    let on = Memo::new(move |_| chats.wanted.with(is_search));
    part(move || on.get().then(|| later(found_part, "found")))
}

#[wasm_split(search, wasm_split_path = leptos::wasm_split, fallible)]
fn found_part() -> Part {
    Ok(|| view! { <Results /> }.into_any())
}

/// Asks for messages. `rest` are further parameters, each with its `&`.
pub async fn ask(text: &str, rest: &str) -> Result<Page<Found>, api::Trouble> {
    // Days are those of this computer's calendar.
    let zone = -js_sys::Date::new_0().get_timezone_offset();
    api::get(&format!("/search?q={}&zone={zone}&limit={PAGE}{rest}", escape(text))).await
}

/// Words with what was found in them marked.
pub fn marked(fragment: &Fragment) -> AnyView {
    let (mut pieces, mut at) = (Vec::new(), 0);
    let piece = |range: Range<usize>| fragment.text.get(range).unwrap_or_default().to_owned();
    for &(from, to) in &fragment.marks {
        pieces.push(piece(at..from).into_any());
        pieces.push(view! { <mark>{piece(from..to)}</mark> }.into_any());
        at = to;
    }
    pieces.push(piece(at..fragment.text.len()).into_any());
    pieces.into_any()
}

#[component]
fn Results() -> impl IntoView {
    let chats = chats();
    let items = RwSignal::new(Vec::<Found>::new());
    let next = RwSignal::new(None::<String>);
    let load = RwSignal::new(Load::Waiting);
    let wave = StoredValue::new(0_u64);
    let read = move |before: Option<String>| {
        let wanted = chats.wanted.get_untracked();
        wave.update_value(|wave| *wave += 1);
        let mine = wave.get_value();
        load.set(Load::Waiting);
        let account = wanted.account.map(|id| format!("&account={id}")).unwrap_or_default();
        let cursor = before.as_ref().map(|before| format!("&before={before}")).unwrap_or_default();
        spawn_local(async move {
            let answer = ask(wanted.text.trim(), &(account + &cursor)).await;
            // Something else is looked for by now.
            if wave.try_get_value() != Some(mine) {
                return;
            }
            match answer {
                Ok(page) => {
                    items.update(|items| {
                        if before.is_none() {
                            items.clear();
                        }
                        items.extend(page.items);
                    });
                    next.set(page.next);
                    load.set(Load::Ready);
                }
                Err(trouble) => load.set(Load::Failed(trouble)),
            }
        });
    };
    let asked = Memo::new(move |_| chats.wanted.with(|wanted| (wanted.text.trim().to_owned(), wanted.account)));
    effect(move || {
        // Read, not only tracked: a memo that nobody has read follows nothing.
        asked.get();
        untrack(|| read(None));
    });
    let rows = move || items.get().into_iter().map(|found| row(chats, found)).collect_view();
    let end = part(move || match (load.get(), next.get(), items.with(Vec::is_empty)) {
        (Load::Failed(trouble), ..) => view! { <Broken trouble again=move |()| read(None) /> }.into_any(),
        (Load::Waiting, _, true) => view! { <Loading rows=4 /> }.into_any(),
        (_, _, true) => view! {
            <div class="found-none">
                <p class="sm soft">{(tf().nothing)(&asked.get().0)}</p>
                <p class="xs muted">{tf().nothing_text}</p>
            </div>
        }
        .into_any(),
        (_, Some(cursor), _) => view! {
            <button type="button" class="btn small quiet" on:click=move |_| read(Some(cursor.clone()))>
                {tf().more}
            </button>
        }
        .into_any(),
        _ => ().into_any(),
    });
    view! {
        <section class="found scroll" aria-label=tf().messages aria-busy=move || (load.get() == Load::Waiting).to_string()>
            <h2 class="nav-head">{tf().messages}</h2>
            <ul>{rows}</ul>
            {end}
        </section>
    }
}

/// One message that was found.
fn row(chats: Chats, found: Found) -> AnyView {
    let Found { message, chat, fragment, part: of } = found;
    let (id, room) = (message.id, chat.id);
    let href = move || place(room, id, &chats.wanted.get());
    let title = chat.contact.title();
    let account = chats.session.accounts.with_untracked(|list| {
        let named = list.iter().find(|account| account.id == chat.account).filter(|_| list.len() > 1);
        named.map(|account| account.name.clone())
    });
    let who = match message.direction {
        Direction::In => message.sender.clone(),
        Direction::Out if message.author.as_ref().map(|user| user.id) == chats.session.user_id() => {
            Some(tf().you.to_owned())
        }
        Direction::Out => message.author.as_ref().map(|user| user.name.clone()),
    };
    let words = match of {
        _ if fragment.text.is_empty() => preview::of(message.kind, &message.text).into_any(),
        Of::File => view! {
            {icon("file")}
            {marked(&fragment)}
        }
        .into_any(),
        Of::Text | Of::Content => marked(&fragment),
    };
    view! {
        <li>
            <a class="sr" href=href>
                {face(&chat.contact, "m")}
                <span class="grow">
                    <span class="line">
                        <b class="trunc">{title}</b>
                        {account.map(|name| view! { <span class="acct">{name}</span> })}
                        <time class="push xs muted">{i18n::short(message.sent_at)}</time>
                    </span>
                    <span class="sm soft txt">
                        {who.map(|name| view! { <b>{format!("{name}: ")}</b> })} {words}
                    </span>
                </span>
            </a>
        </li>
    }
    .into_any()
}

/// The address of a message in its chat, with the list as it is.
fn place(chat: domain::ChatId, message: MessageId, wanted: &Wanted) -> String {
    let query = wanted.query();
    let sign = if query.is_empty() { "?" } else { "&" };
    format!("/chat/{chat}{query}{sign}at={message}")
}
