//! One row of the chat list.

use domain::chat::LastMessage;
use domain::{Chat, ChatId, ChatState, Direction, Moment, Origin, Status};
use leptos::prelude::*;

use super::face::face;
use super::filter::Wanted;
use super::store::{Chats, chats};
use super::{marks, preview};
use crate::i18n::{self, t};
use crate::ui::icon::sized;
use crate::ui::{Avatar, icon, part};

/// From here on "waits" is red, milliseconds.
const LATE: i64 = 10 * 60_000;

/// A row. It follows its chat and nothing else of the list.
#[component]
pub fn Row(
    /// Which chat.
    id: ChatId,
) -> impl IntoView {
    let chats = chats();
    let chat = chats.chat(id)?;
    let class = {
        let chat = chat.clone();
        move || {
            let chat = chat.read();
            match (chat.unread > 0, chat.state) {
                (true, _) => "row unread",
                (_, ChatState::Closed) => "row closed",
                _ => "row",
            }
        }
    };
    let current = Memo::new(move |_| chats.open.get() == Some(id));
    let href = move || format!("/chat/{id}{}", chats.wanted.with(Wanted::query));
    // One row of the list can be reached by Tab; arrows move from there.
    let tab = move || {
        let stop = chats.focused.get().or(chats.open.get());
        let first = || chats.order.with(|order| order.get(0));
        let mine = match stop.filter(|id| chats.order.with(|order| order.contains(*id))) {
            Some(stop) => stop == id,
            None => first() == Some(id),
        };
        if mine { "0" } else { "-1" }
    };
    let picture = {
        let chat = chat.clone();
        let contact = Memo::new(move |_| chat.read().contact.clone());
        part(move || face(&contact.get(), ""))
    };
    let top = {
        let chat = chat.clone();
        part(move || top(chats, &chat.get()))
    };
    let sub = {
        let chat = chat.clone();
        part(move || sub(chats, &chat.get()))
    };
    let label = move || label(chats, &chat.read());
    Some(view! {
        <li class=class>
            <a
                id=format!("chat-{id}")
                href=href
                aria-current=move || current.get().then_some("page")
                aria-label=label
                tabindex=tab
                on:focus=move |_| chats.focused.set(Some(id))
            >
                {picture}
                <span class="top">{top}</span>
                <span class="sub">{sub}</span>
            </a>
        </li>
    })
}

fn account(chats: Chats, chat: &Chat) -> Option<String> {
    chats.session.accounts.with(|list| {
        // With one account its name says nothing.
        if list.len() < 2 { None } else { list.iter().find(|a| a.id == chat.account).map(|a| a.name.clone()) }
    })
}

fn top(chats: Chats, chat: &Chat) -> AnyView {
    let name = chat.contact.title();
    let when = match chat.unanswered.map(|since| waits(chats, since)).filter(|minutes| *minutes > 0) {
        Some(minutes) => {
            let class = if minutes * 60_000 >= LATE { "wait" } else { "wait soon" };
            view! {
                <span class=class title=t().chat.waits>
                    {icon("clock")}
                    {(t().chat.for_minutes)(minutes)}
                </span>
            }
            .into_any()
        }
        None => {
            // Follows midnight.
            chats.now.track();
            view! { <time>{i18n::short(chat.active_at)}</time> }.into_any()
        }
    };
    let id = chat.id;
    let pin = part(move || chats.pins.with(|pins| pins.contains(&id)).then(|| sized("pin", "i s muted")));
    view! {
        <span class="name">{name}</span>
        {pin}
        {account(chats, chat).map(|name| view! { <span class="acct">{name}</span> })}
        {when}
    }
    .into_any()
}

fn waits(chats: Chats, since: Moment) -> i64 {
    chats.now.get().since(since) / 60_000
}

fn sub(chats: Chats, chat: &Chat) -> AnyView {
    let draft = chats.drafts.with(|drafts| drafts.get(&chat.id).cloned());
    let typing = chats.typing.with(|typing| typing.get(&chat.id).map(|(name, _)| name.clone()));
    let open = chats.open.get() == Some(chat.id);
    let words = if let Some(name) = typing {
        view! {
            <span class="text">
                <span class="typing">{(t().chat.types)(&first_word(&name))}</span>
            </span>
        }
        .into_any()
    } else if let Some(draft) = draft.filter(|_| !open) {
        view! {
            <span class="text">
                <span class="draft">{t().chat.draft}</span>
                " "
                {domain::text::one_line(&draft, 120)}
            </span>
        }
        .into_any()
    } else {
        chat.last_message.as_ref().map(last).into_any()
    };
    let closed =
        (chat.state == ChatState::Closed).then(|| view! { <span class="badge tiny">{t().chat.closed_badge}</span> });
    let owner = chat.assignee.clone().map(|user| {
        let name = user.name.clone();
        view! { <span title=name><Avatar name=user.name seed=user.id.0 size="xs" /></span> }
    });
    let unread = (chat.unread > 0).then(|| view! { <span class="count">{chat.unread}</span> });
    view! {
        {closed}
        {words}
        {marks::dots(chats, chat)}
        {owner}
        {unread}
    }
    .into_any()
}

fn last(message: &LastMessage) -> AnyView {
    let tick = (message.direction == Direction::Out).then(|| {
        let (name, class) = tick(message.status);
        sized(name, class)
    });
    let hand = match message.origin {
        Origin::Mailing => Some("megaphone"),
        Origin::Bot => Some("bot"),
        _ if message.deleted => None,
        _ => preview::icon(message.kind),
    };
    if message.deleted {
        return view! { <span class="text"><i>{t().chat.deleted}</i></span> }.into_any();
    }
    view! {
        {tick}
        <span class="text">{hand.map(icon)} {preview::of(message.kind, &message.text)}</span>
    }
    .into_any()
}

/// The icon of a status and its classes in a row.
fn tick(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Queued | Status::Sending | Status::Checking => ("clock", "i tick"),
        Status::Unknown => ("help", "i tick bad"),
        Status::Failed => ("alert", "i tick bad"),
        Status::Accepted | Status::Sent => ("check", "i tick"),
        Status::Delivered | Status::Received => ("check2", "i tick"),
        Status::Read => ("check2", "i tick read"),
        Status::Played => ("mic", "i tick read"),
    }
}

fn first_word(name: &str) -> String {
    name.split_whitespace().next().unwrap_or_default().to_owned()
}

/// Everything that the row shows, in words.
fn label(chats: Chats, chat: &Chat) -> String {
    let mut parts = vec![chat.contact.title()];
    parts.extend(account(chats, chat));
    if chat.unread > 0 {
        parts.push((t().chat.new_count)(chat.unread.into()));
    }
    if let Some(minutes) = chat.unanswered.map(|since| waits(chats, since)).filter(|minutes| *minutes > 0) {
        parts.push(format!("{} {}", t().chat.waits, (t().chat.for_minutes)(minutes)));
    }
    if let Some(message) = &chat.last_message {
        let words =
            if message.deleted { t().chat.deleted.to_owned() } else { preview::of(message.kind, &message.text) };
        parts.push((t().chat.last_said)(&words));
        if message.direction == Direction::Out {
            parts.push(super::bubble::status_word(message.status).to_owned());
        }
    }
    parts.push(i18n::short(chat.active_at));
    if chat.state == ChatState::Closed {
        parts.push(t().chat.closed_badge.to_owned());
    }
    parts.extend(chat.labels.iter().filter_map(|id| marks::label(chats, *id)).map(|label| label.name));
    if chats.pins.with(|pins| pins.contains(&chat.id)) {
        parts.push(t().chat.pinned.to_owned());
    }
    if let Some(user) = &chat.assignee {
        parts.push((t().chat.owned_by)(&user.name));
    }
    parts.join(", ")
}
