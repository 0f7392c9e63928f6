//! One message: its frame, author line, quote, time and status, reactions, and what to do when it failed. What is inside
//! by kind is `body`.

use domain::locale::reason;
use domain::message::Quote;
use domain::{Direction, Kind, Message, MessageId, Origin, Status};
use leptos::prelude::*;

use super::room::Room;
use super::store::Chats;
use super::viewer::Picture;
use super::{author, body, history, preview, send};
use crate::i18n::{self, Style, t, tw};
use crate::ui::avatar::hue;
use crate::ui::icon::sized;
use crate::ui::{icon, part};

/// What every bubble of a log needs.
#[derive(Clone)]
pub struct Here {
    /// The state of the inbox.
    pub chats: Chats,
    /// Whose log.
    pub room: Room,
    /// The message under the pointer or with the keyboard: only it has a toolbar.
    pub active: Selector<Option<i64>>,
    /// The picture that is looked at.
    pub picture: RwSignal<Option<Picture>>,
}

/// A message of the log.
pub fn message(here: &Here, key: i64, message: ArcRwSignal<Message>, cont: bool) -> AnyView {
    let first = message.get_untracked();
    if first.kind == Kind::System {
        return system(first);
    }
    let out = first.direction == Direction::Out;
    let class = match (out, cont) {
        (true, false) => "msg out",
        (true, true) => "msg out cont",
        (false, false) => "msg in",
        (false, true) => "msg in cont",
    };
    let shape = {
        let message = message.clone();
        Memo::new(move |_| body::shape(&message.read()))
    };
    let bad = {
        let message = message.clone();
        Memo::new(move |_| message.read().status == Status::Failed)
    };
    let toolbar = {
        let (here, message) = (here.clone(), message.clone());
        part(move || here.active.selected(&Some(key)).then(|| acts(&here, &message)))
    };
    view! {
        <li id=format!("m{key}") class=class data-by=hand(here.chats, &first) tabindex="-1">
            <article class=move || format!("bubble {}", shape.get()) class:bad=move || bad.get()>
                {toolbar}
                {(!cont).then(|| by_line(here.chats, &first))}
                {first
                    .forwarded
                    .then(|| view! { <div class="fwd">{icon("forward")} {tw().forwarded}</div> })}
                {first.quote.clone().map(|quote| quoted(here, quote))}
                {body::body(here, message.clone())}
            </article>
            {reactions(message.clone())}
            {trouble(here, message)}
        </li>
    }
    .into_any()
}

fn system(message: Message) -> AnyView {
    view! {
        <li class="sys" id=format!("m{}", message.id)>
            <span>{sized("info", "i s")} {message.text} " · " {i18n::moment(message.sent_at, Style::Time)}</span>
        </li>
    }
    .into_any()
}

/// By whose hand an outgoing message was written, as the style knows it; mine has none.
fn hand(chats: Chats, message: &Message) -> Option<&'static str> {
    if message.direction == Direction::In {
        return None;
    }
    let me = chats.session.me.with_untracked(|me| me.as_ref().map(|me| me.user.id));
    match message.origin {
        Origin::Operator if message.author.as_ref().map(|a| a.id) == me => None,
        Origin::Operator => Some("mate"),
        Origin::Phone => Some("phone"),
        Origin::Mailing => Some("mail"),
        Origin::OneC => Some("c1"),
        Origin::Bot | Origin::Api | Origin::System => Some("bot"),
        Origin::Client => None,
    }
}

/// Whose hand, in words.
pub fn origin_word(origin: Origin) -> &'static str {
    let t = tw();
    match origin {
        Origin::Phone => t.from_phone,
        Origin::Api => t.from_api,
        Origin::Bot => t.from_bot,
        Origin::Mailing => t.from_mailing,
        Origin::OneC => t.from_1c,
        Origin::System => t.from_system,
        Origin::Operator | Origin::Client => t.colleague,
    }
}

fn by_line(chats: Chats, message: &Message) -> Option<AnyView> {
    if message.direction == Direction::In {
        // In a group one has to know who speaks.
        let name = message.sender.clone()?;
        let seed = name.bytes().fold(7_i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        return Some(view! { <div class="by" data-h=hue(seed).to_string()><span>{name}</span></div> }.into_any());
    }
    hand(chats, message)?;
    let glyph = match message.origin {
        Origin::Phone => Some(icon("handset").into_any()),
        Origin::Mailing => Some(icon("megaphone").into_any()),
        Origin::Bot => Some(icon("bot").into_any()),
        Origin::Api => Some(icon("code").into_any()),
        Origin::OneC => Some(view! { <span class="logo1c" aria-hidden="true">"1С"</span> }.into_any()),
        Origin::System => Some(icon("info").into_any()),
        Origin::Operator | Origin::Client => None,
    };
    let (name, role) = match (&message.author, message.origin) {
        (Some(author), Origin::Operator) => (author.name.clone(), None),
        (Some(author), origin) => (origin_word(origin).to_owned(), Some(author.name.clone())),
        (None, origin) => (origin_word(origin).to_owned(), None),
    };
    Some(
        view! {
            <div class="by">{glyph} <span>{name}</span> {role.map(|role| view! { <span class="role">{role}</span> })}</div>
        }
        .into_any(),
    )
}

fn quoted(here: &Here, quote: Quote) -> impl IntoView {
    let text = preview::of(quote.kind, &quote.text);
    // Providers do not always say whom one quotes; the message itself may be here.
    let quoted =
        || quote.message.and_then(|id| here.room.timeline.with_untracked(|t| t.find(id).map(|e| e.message.clone())));
    let name = if quote.author.is_empty() {
        quoted().map(|message| author(here.chats, &message.read_untracked())).unwrap_or_default()
    } else {
        quote.author.clone()
    };
    let inside = view! {
        {(!name.is_empty()).then(|| view! { <b>{name}</b> })}
        <span>{text}</span>
    };
    match quote.message {
        Some(id) => {
            let here = here.clone();
            view! {
                <button
                    type="button"
                    class="quoted"
                    tabindex="-1"
                    title=tw().to_quoted
                    on:click=move |_| history::show(here.chats, &here.room, id)
                >
                    {inside}
                </button>
            }
            .into_any()
        }
        None => view! { <span class="quoted">{inside}</span> }.into_any(),
    }
}

/// The toolbar of the message under the pointer.
fn acts(here: &Here, message: &ArcRwSignal<Message>) -> AnyView {
    let (can_quote, text) = {
        let message = message.read_untracked();
        let account = here.chats.session.accounts.with_untracked(|list| {
            list.iter().find(|account| account.id == message.account).map(|account| account.capabilities.quotes)
        });
        let can = here.chats.writes() && message.id.0 > 0 && account == Some(true) && message.deleted_at.is_none();
        (can, message.text.clone())
    };
    let quoting = {
        let (here, message) = (here.clone(), message.clone());
        move |_| quote(&here.room, &message.get_untracked())
    };
    let copying = (!text.trim().is_empty()).then(|| {
        view! {
            <button
                type="button"
                class="btn icon quiet"
                aria-label=tw().copy_text
                title=format!("{} (C)", tw().copy_text)
                on:click=move |_| crate::ui::button::copy(text.clone())
            >
                {sized("copy", "i s")}
            </button>
        }
    });
    if !can_quote && copying.is_none() {
        return ().into_any();
    }
    view! {
        <div class="msg-acts" role="toolbar" aria-label=tw().message_acts>
            {can_quote
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="btn icon quiet"
                                        aria-label=tw().quote
                            title=format!("{} (R)", tw().quote)
                            on:click=quoting
                        >
                            {sized("reply", "i s")}
                        </button>
                    }
                })} {copying}
        </div>
    }
    .into_any()
}

/// Takes a message into the composer as what is answered.
pub fn quote(room: &Room, message: &Message) {
    room.quote.set(Some(message.clone()));
    super::composer::focus();
}

/// Time, "edited" and status, at the end of the bubble.
pub fn meta(message: ArcRwSignal<Message>, over: bool) -> AnyView {
    let shown = Memo::new(move |_| {
        let message = message.read();
        (message.sent_at, message.edited_at.filter(|_| message.deleted_at.is_none()), message.status)
    });
    let inside = part(move || {
        let (at, edited, status) = shown.get();
        let full = i18n::moment(at, Style::Full);
        let edited = edited.map(|at| view! { <span title=i18n::moment(at, Style::Full)>{tw().edited}</span> });
        let tick = (status != Status::Received).then(|| {
            let (name, class) = tick(status);
            view! {
                {sized(name, class)}
                <span class="vh">{status_word(status)}</span>
            }
        });
        view! {
            {edited}
            <time title=full>{i18n::moment(at, Style::Time)}</time>
            {tick}
        }
    });
    view! {
        <span class=if over { "meta over" } else { "meta" } data-status=move || shown.get().2.as_str()>
            {inside}
        </span>
    }
    .into_any()
}

/// The icon of a status and its classes in a bubble. No tick before the provider has answered.
fn tick(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Queued | Status::Sending | Status::Checking => ("clock", "i"),
        Status::Unknown => ("help", "i bad"),
        Status::Failed => ("alert", "i bad"),
        Status::Accepted | Status::Sent => ("check", "i"),
        Status::Delivered | Status::Received => ("check2", "i"),
        Status::Read => ("check2", "i read"),
        Status::Played => ("mic", "i read"),
    }
}

/// A status in words.
pub fn status_word(status: Status) -> &'static str {
    let t = &t().chat;
    match status {
        Status::Received => "",
        Status::Queued => t.status_queued,
        Status::Sending => t.status_sending,
        Status::Checking => t.status_checking,
        Status::Unknown => t.status_unknown,
        Status::Accepted => t.status_accepted,
        Status::Sent => t.status_sent,
        Status::Delivered => t.status_delivered,
        Status::Read => t.status_read,
        Status::Played => t.status_played,
        Status::Failed => t.status_failed,
    }
}

fn reactions(message: ArcRwSignal<Message>) -> AnyView {
    let shown = Memo::new(move |_| {
        let message = message.read();
        let mut counted: Vec<(String, usize, bool)> = Vec::new();
        for reaction in message.reactions.iter().filter(|reaction| !reaction.emoji.is_empty()) {
            let mine = reaction.by == "me";
            match counted.iter_mut().find(|(emoji, ..)| *emoji == reaction.emoji) {
                Some((_, count, ours)) => {
                    *count += 1;
                    *ours |= mine;
                }
                None => counted.push((reaction.emoji.clone(), 1, mine)),
            }
        }
        counted
    });
    part(move || {
        let shown = shown.get();
        (!shown.is_empty()).then(|| {
            let chips = shown
                .into_iter()
                .map(|(emoji, count, mine)| {
                    let text = if count > 1 { format!("{emoji} {count}") } else { emoji };
                    view! { <span class="react" class:mine=mine>{text}</span> }
                })
                .collect_view();
            view! { <div class="reacts" role="group" aria-label=tw().reactions>{chips}</div> }
        })
    })
}

/// Why a message did not go or still waits, and what can be done.
fn trouble(here: &Here, message: ArcRwSignal<Message>) -> AnyView {
    let here = here.clone();
    let shown = {
        let message = message.clone();
        Memo::new(move |_| {
            let message = message.read();
            let waits = message.status.rank() < Status::Accepted.rank();
            (message.status.may_send_again() || (waits && message.failure.is_some()))
                .then(|| (message.id, message.status, message.failure.clone()))
        })
    };
    part(move || {
        let (id, status, failure) = shown.get()?;
        let t = tw();
        // What this computer could not hand over has its sentence in the detail.
        let why = failure.as_ref().map(|failure| match id {
            MessageId(..0) => failure.detail.clone(),
            _ => reason(i18n::language(), failure.reason).to_owned(),
        });
        let why = why.unwrap_or_default();
        let detail = failure.map(|failure| failure.detail).filter(|detail| !detail.is_empty() && *detail != why);
        let (class, sentence) = match status {
            Status::Failed => ("fail", (t.not_sent)(&why)),
            Status::Unknown => ("fail unsure", t.unsure.to_owned()),
            _ => ("fail waits", (t.still_waits)(&why)),
        };
        let again = (status.may_send_again() && here.chats.writes()).then(|| {
            let (here, message) = (here.clone(), message.clone());
            view! {
                <button
                    type="button"
                    class="btn small danger-soft send-again"
                    on:click=move |_| send::again(here.chats, &here.room, &message.get_untracked())
                >
                    {icon("refresh")}
                    {t.send_again}
                </button>
            }
        });
        let drop = (id.0 < 0 && status == Status::Failed).then(|| {
            let (here, message) = (here.clone(), message.clone());
            view! {
                <button
                    type="button"
                    class="btn small quiet"
                    on:click=move |_| send::discard(here.chats, &here.room, &message.get_untracked())
                >
                    {t.discard}
                </button>
            }
        });
        Some(view! {
            <div class=class role=(status == Status::Failed).then_some("alert") title=detail>
                {sized(if status.may_send_again() { "alert" } else { "clock" }, "i")}
                <span>{sentence}</span>
                {again}
                {drop}
            </div>
        })
    })
}
