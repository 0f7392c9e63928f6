//! "About the message": its way step by step, its earlier texts, and for administrators what the provider told.

use domain::content::{MessageInfo, Step, Version};
use domain::locale::reason;
use domain::{Direction, Message, MessageId, Status};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::room::Room;
use super::store::chats;
use super::{author, bubble, preview};
use crate::api::{self, Trouble};
use crate::i18n::{self, Style, tw};
use crate::ui::button::copy;
use crate::ui::icon::sized;
use crate::ui::{Broken, Loading, icon, part};

/// The dialog's inside.
#[component]
pub fn Info(
    /// Whose message.
    room: Room,
    /// Which.
    id: MessageId,
) -> impl IntoView {
    let chats = chats();
    let told = RwSignal::new(None::<Result<MessageInfo, Trouble>>);
    let ask = move || {
        spawn_local(async move {
            let answer = api::get::<MessageInfo>(&format!("/messages/{id}/info")).await;
            let _ = told.try_set(Some(answer));
        });
    };
    ask();
    let message = room.find(id);
    let head = message.clone().map(|message| {
        view! {
            <blockquote class="quoted">
                <b>{author(chats, &message)}</b>
                <span>{preview::of_text(message.kind, &message.text)}</span>
            </blockquote>
        }
    });
    let inside = part(move || match told.get() {
        None => view! { <Loading /> }.into_any(),
        Some(Err(trouble)) => {
            let again = Callback::new(move |()| {
                told.set(None);
                ask();
            });
            view! { <Broken trouble again /> }.into_any()
        }
        Some(Ok(info)) => shown(&info, message.as_ref()),
    });
    view! { <div class="body about-message">{head} {inside}</div> }
}

fn shown(info: &MessageInfo, message: Option<&Message>) -> AnyView {
    let came = message.filter(|message| message.direction == Direction::In).map(|message| {
        let step = Step { at: message.sent_at, what: "received".to_owned(), failure: None };
        line(&step)
    });
    let steps = info.steps.iter().map(line).collect_view();
    let edited = message.and_then(|message| message.edited_at).map(|at| mark("edit", "ok", tw().edited, at, None));
    let deleted =
        message.and_then(|message| message.deleted_at).map(|at| mark("trash", "bad", tw().deleted_for_all, at, None));
    let versions = (!info.versions.is_empty()).then(|| {
        let versions = info.versions.iter().map(version).collect_view();
        view! {
            <h3 class="sm mt-3">{tw().earlier}</h3>
            <ol class="versions">{versions}</ol>
        }
    });
    let number = info.provider_id.clone().map(|number| {
        let copied = number.clone();
        view! {
            <p class="line xs muted mt-3">
                <span>{tw().provider_id}</span>
                <span class="mono trunc" title=number.clone()>
                    {number.clone()}
                </span>
                <button
                    type="button"
                    class="btn icon small quiet"
                    aria-label=tw().copy_id
                    title=tw().copy_id
                    on:click=move |_| copy(copied.clone())
                >
                    {icon("copy")}
                </button>
            </p>
        }
    });
    let raw = info.raw.as_deref().map(pretty).map(|raw| {
        let unsupported = message.is_some_and(|message| message.kind == domain::Kind::Unsupported);
        view! {
            <details class="sec raw" open=unsupported>
                <summary>{tw().raw} {icon("down")}</summary>
                <div class="b">
                    <pre class="mono xs" dir="ltr" tabindex="0">
                        {raw}
                    </pre>
                </div>
            </details>
        }
    });
    view! {
        <ol class="tl mt-3">{came} {steps} {edited} {deleted}</ol>
        {versions}
        {number}
        {raw}
    }
    .into_any()
}

/// One step of the way.
fn line(step: &Step) -> AnyView {
    let (glyph, look, words) = match step.what.as_str() {
        "queued" => ("edit", "ok", tw().step_written),
        "sending" => ("send", "ok", tw().step_sending),
        "accepted" => ("check", "ok", tw().step_accepted),
        "sent" => ("check", "ok", tw().step_sent),
        "delivered" => ("check2", "ok", tw().step_delivered),
        "read" => ("eye", "read", tw().step_read),
        "retry" => ("refresh", "wait", tw().step_retry),
        "pause" => ("pause", "wait", tw().step_pause),
        "doubt" => ("help", "wait", tw().step_doubt),
        "found" => ("check", "ok", tw().step_found),
        "received" => ("arrow-down", "ok", tw().step_received),
        "failed" | "give_up" => ("alert", "bad", tw().step_failed),
        other => match Status::parse(other) {
            Some(status) => ("info", "ok", bubble::status_word(status)),
            None => ("info", "ok", tw().step_other),
        },
    };
    let why = step.failure.as_ref().map(|failure| {
        let sentence = reason(i18n::language(), failure.reason);
        if failure.detail.is_empty() { sentence.to_owned() } else { format!("{sentence} {}", failure.detail) }
    });
    mark(glyph, look, words, step.at, why)
}

fn mark(
    glyph: &'static str,
    look: &'static str,
    words: &'static str,
    at: domain::Moment,
    why: Option<String>,
) -> AnyView {
    let title = i18n::moment(at, Style::Full);
    let today = i18n::local_day(at) == i18n::local_day(i18n::now());
    let when = if today { i18n::moment(at, Style::Seconds) } else { i18n::day_and_time(at) };
    view! {
        <li class=look>
            <span class="pt">{sized(glyph, "i s")}</span>
            <div class="grow">
                <div class="line">
                    <b class="sm">{words}</b>
                    <time class="push xs muted num" title=title>
                        {when}
                    </time>
                </div>
                {why.map(|why| view! { <p class="xs soft">{why}</p> })}
            </div>
        </li>
    }
    .into_any()
}

fn version(version: &Version) -> AnyView {
    view! {
        <li>
            <p class="sm" dir="auto">{version.text.clone()}</p>
            <p class="xs muted">{(tw().stood_until)(&i18n::day_and_time(version.until))}</p>
        </li>
    }
    .into_any()
}

/// What the provider told, with line breaks where it is JSON.
fn pretty(raw: &str) -> String {
    serde_json::from_str::<serde_json::Value>(raw)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| raw.to_owned())
}
