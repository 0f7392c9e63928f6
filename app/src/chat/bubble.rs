//! One message: its frame, author line, quote, time and status, reactions, and what to do when it failed. What is inside
//! by kind is `body`.

use domain::content::CallOutcome;
use domain::locale::reason;
use domain::message::Quote;
use domain::{Content, Direction, FileId, Kind, Message, MessageId, Origin, Status};
use leptos::prelude::*;

use super::room::{Over, Room};
use super::store::Chats;
use super::{acts, author, body, gesture, history, preview, reactions, send};
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
    /// The picture that is looked at, and its message.
    pub picture: RwSignal<Option<(MessageId, FileId)>>,
}

/// A message of the log.
pub fn message(here: &Here, key: i64, message: ArcRwSignal<Message>, cont: bool) -> AnyView {
    let first = message.get_untracked();
    match first.kind {
        Kind::System => return system(first),
        Kind::Call => return call(here, key, message),
        _ => {}
    }
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
        part(move || here.active.selected(&Some(key)).then(|| acts::bar(&here, key, &message.get_untracked())))
    };
    let inside = view! {
        <article class=move || format!("bubble {}", shape.get()) class:bad=move || bad.get()>
            {toolbar}
            {(!cont || first.kind == Kind::Note).then(|| by_line(here.chats, &first))}
            {first
                .forwarded
                .then(|| view! { <div class="fwd">{icon("forward")} {tw().forwarded}</div> })}
            {first.quote.clone().map(|quote| quoted(here, quote))}
            {body::body(here, message.clone())}
        </article>
        {reactions::chips(here, message.clone())}
        {trouble(here, message.clone())}
    };
    frame(here, key, vec![message], cont, inside.into_any())
}

/// The line of the log that a message, or an album of several, stands in.
pub fn frame(here: &Here, key: i64, messages: Vec<ArcRwSignal<Message>>, cont: bool, inside: AnyView) -> AnyView {
    let first = messages.first().map(ArcRwSignal::get_untracked);
    let out = first.as_ref().is_some_and(|message| message.direction == Direction::Out);
    let by = first.as_ref().and_then(|message| hand(here.chats, message));
    let class = match (out, cont) {
        (true, false) => "msg out",
        (true, true) => "msg out cont",
        (false, false) => "msg in",
        (false, true) => "msg in cont",
    };
    // Nothing unless one picks; then whether all of it is picked.
    let picked = {
        let room = here.room.clone();
        Memo::new(move |_| {
            room.picked.with(|picked| {
                picked.as_ref().map(|picked| messages.iter().all(|m| picked.contains(&m.with_untracked(|m| m.id))))
            })
        })
    };
    let mark = part(move || {
        picked.get().map(|on| {
            view! {
                <span class="pick" class:on=on role="checkbox" aria-checked=on.to_string() aria-label=tw().pick>
                    {on.then(|| icon("check"))}
                </span>
            }
        })
    });
    view! {
        <li
            id=format!("m{key}")
            class=class
            class:sel=move || picked.get() == Some(true)
            class:picking=move || picked.get().is_some()
            data-by=by
            tabindex="-1"
        >
            {mark}
            {inside}
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

/// A call: the messenger tells how it ended, sometimes a while after it rang.
fn call(here: &Here, key: i64, message: ArcRwSignal<Message>) -> AnyView {
    let told = {
        let message = message.clone();
        Memo::new(move |_| {
            let message = message.read();
            let call = match message.content.as_deref() {
                Some(Content::Call(call)) => call.clone(),
                _ => domain::content::Call::default(),
            };
            (call, message.direction, message.sent_at)
        })
    };
    let missed = Memo::new(move |_| {
        told.with(|(call, way, _)| {
            *way == Direction::In && matches!(call.outcome, CallOutcome::Missed | CallOutcome::Declined)
        })
    });
    let words = part(move || {
        let (call, way, at) = told.get();
        let glyph = match (missed.get(), way) {
            (true, _) => "phone-missed",
            (_, Direction::In) => "phone-in",
            (_, Direction::Out) => "phone-out",
        };
        let long = (call.duration > 0).then(|| format!(", {}", i18n::duration(call.duration)));
        view! {
            <span>
                {icon(glyph)} {(tw().call)(&call, way == Direction::In)} {long} " · "
                <time title=i18n::moment(at, Style::Full)>{i18n::moment(at, Style::Time)}</time>
            </span>
        }
    });
    let (room, id) = (here.room.clone(), message.with_untracked(|message| message.id));
    view! {
        <li
            id=format!("m{key}")
            class="sys msg-line"
            class:call=move || missed.get()
            tabindex="-1"
            on:dblclick=move |_| room.over.set(Some(Over::Info(id)))
        >
            {words}
        </li>
    }
    .into_any()
}

/// By whose hand an outgoing message was written, as the style knows it; mine has none.
fn hand(chats: Chats, message: &Message) -> Option<&'static str> {
    if message.direction == Direction::In {
        return None;
    }
    if message.kind == Kind::Note {
        return Some("note");
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

pub fn by_line(chats: Chats, message: &Message) -> Option<AnyView> {
    if message.direction == Direction::In {
        // In a group one has to know who speaks.
        let name = message.sender.clone()?;
        let seed = name.bytes().fold(7_i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        return Some(view! { <div class="by" data-h=hue(seed).to_string()><span>{name}</span></div> }.into_any());
    }
    hand(chats, message)?;
    if message.kind == Kind::Note {
        let name = message.author.as_ref().map_or(tw().note_own, |author| author.name.as_str()).to_owned();
        let inside = view! { {icon("note")} <span>{name}</span> <span class="role">{tw().note_hidden}</span> };
        return Some(view! { <div class="by">{inside}</div> }.into_any());
    }
    if message.kind == Kind::Template {
        return Some(view! { <div class="by"><span>{tw().template}</span></div> }.into_any());
    }
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
    let text = preview::of_text(quote.kind, &quote.text);
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

/// Takes a message into the composer as what is answered.
pub fn quote(room: &Room, message: &Message) {
    gesture::stop_editing(room);
    room.quote.set(Some(message.clone()));
    super::composer::focus();
}

/// Time, "edited" and status, at the end of the bubble.
pub fn meta(here: &Here, message: ArcRwSignal<Message>, over: bool) -> AnyView {
    let room = here.room.clone();
    let shown = Memo::new(move |_| {
        let message = message.read();
        let edited = message.edited_at.filter(|_| message.deleted_at.is_none()).map(|at| (message.id, at));
        (message.sent_at, edited, message.status)
    });
    let inside = part(move || {
        let (at, edited, status) = shown.get();
        let full = i18n::moment(at, Style::Full);
        let edited = edited.map(|(id, at)| {
            let over = room.over.clone();
            let title = format!("{} · {}", i18n::moment(at, Style::Full), tw().earlier);
            view! {
                <button type="button" class="edited" tabindex="-1" title=title on:click=move |_| over.set(Some(Over::Info(id)))>
                    {tw().edited}
                </button>
            }
        });
        let tick = (!matches!(status, Status::Received)).then(|| {
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

/// Why a message did not go or still waits, and what can be done.
pub fn trouble(here: &Here, message: ArcRwSignal<Message>) -> AnyView {
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
