//! Search in all messages that the person may see.

use std::collections::HashMap;

use axum::extract::State as Shared;
use domain::message::Kind;
use domain::search::{self as words, Day, Found, Fragment, Part, Query as Typed, Stems};
use domain::{AccountId, ChatId, Fault, Message, MessageId, Moment, Page, UserId};
use jiff::civil::date;
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Who;
use crate::fault::{Json, Problem, Query};
use crate::ledger::now;
use crate::state::State;
use crate::store::search::{self, People, Wanted};
use crate::store::{chat, message};

/// A fragment is about this long, characters: two lines of a result.
const WIDTH: usize = 140;

/// The routes of this noun.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new().routes(routes!(find))
}

/// What is looked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct SearchInput {
    /// Words in any form, "phrases", telephone numbers, names of files, and filters: `от:Анна`, `аккаунт:Опт`,
    /// `после:01.10.2026`, `до:…`, `дата:вчера`, `есть:фото` (`from:`, `account:`, `after:`, `before:`, `date:`, `has:`).
    q: String,
    /// Only this account.
    account: Option<AccountId>,
    /// Only this chat.
    chat: Option<ChatId>,
    /// Only what this colleague wrote.
    user: Option<UserId>,
    /// Only messages of this kind.
    kind: Option<Kind>,
    /// Said at this moment or later, unix milliseconds.
    since: Option<i64>,
    /// Said before this moment, unix milliseconds.
    until: Option<i64>,
    /// The caller's clock, minutes before UTC's (Moscow 180): what "today" means.
    zone: i32,
    /// 1–100, 50 unless told.
    limit: Option<i64>,
    /// The `next` of the page before.
    before: Option<String>,
}

/// Messages that have all of it, newest first. Marks of fragments are ranges of bytes in UTF-8.
#[utoipa::path(get, path = "/search", tag = "messages", params(SearchInput), responses((status = 200, body = Page<Found>)))]
async fn find(
    Shared(state): Shared<State>,
    who: Who,
    Query(input): Query<SearchInput>,
) -> Result<Json<Page<Found>>, Problem> {
    let before = match input.before.as_deref() {
        None | Some("") => None,
        Some(text) => Some(MessageId(text.parse().map_err(|_| Problem::with(Fault::Malformed, "before"))?)),
    };
    if let Some(id) = input.chat {
        chat::visible(&state.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
    }
    let zone = zone(input.zone);
    let typed = words::parse(&input.q, today(&zone));
    let limit = input.limit.unwrap_or(50).clamp(1, 100);
    let wanted = wanted(&state, &who, &input, &typed, &zone).await?;
    // A moment ago somebody may have lost an account, so rows are asked for with the same sight again.
    let ids = search::find(&state.db, &who.sight, &wanted, before, limit).await?;
    let mut messages = message::by_ids(&state.db, &ids).await?;
    let mut chats: Vec<ChatId> = messages.values().map(|message| message.chat).collect();
    chats.sort_unstable_by_key(|id| id.0);
    chats.dedup();
    let chats: HashMap<_, _> = chat::by_ids(&state.db, &chats).await?;
    let full = i64::try_from(ids.len()).unwrap_or_default() == limit;
    let next = ids.last().filter(|_| full).map(ToString::to_string);
    let items = ids
        .iter()
        .filter_map(|id| {
            let message = messages.remove(id).filter(|message| message.deleted_at.is_none())?;
            let chat = chats.get(&message.chat)?.clone();
            let (fragment, part) = show(&message, &wanted.stems);
            Some(Found { message: Box::new(message), chat: Box::new(chat), fragment, part })
        })
        .collect();
    Ok(Json(Page { items, next }))
}

async fn wanted(
    state: &State,
    who: &Who,
    input: &SearchInput,
    typed: &Typed,
    zone: &TimeZone,
) -> Result<Wanted, Problem> {
    let mut accounts: Option<Vec<AccountId>> = input.account.map(|id| vec![id]);
    if let Some(name) = &typed.account {
        let name = words::fold(name);
        let named = state.accounts.all().await?;
        let named = named.iter().filter(|row| words::fold(&row.name).contains(&name)).map(|row| row.id);
        accounts = Some(named.filter(|id| input.account.is_none_or(|only| only == *id)).collect());
    }
    let from = match (&typed.from, input.user) {
        (_, Some(user)) => Some(People { authors: vec![user], ..People::default() }),
        (Some(name), None) => Some(search::people(&state.db, &who.sight, who.user, typed, name).await?),
        (None, None) => None,
    };
    let begin = |day: Day| {
        let day = date(i16::try_from(day.year).ok()?, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?);
        Some(Moment(day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond()))
    };
    let day = 24 * 3_600_000;
    let since = [typed.since.and_then(begin), input.since.map(Moment)].into_iter().flatten().max();
    let until =
        [typed.until.and_then(begin).map(|at| at.plus(day)), input.until.map(Moment)].into_iter().flatten().min();
    Ok(Wanted {
        stems: typed.stems(),
        accounts,
        chat: input.chat,
        from,
        since,
        until,
        has: typed.has.clone(),
        kind: input.kind,
    })
}

/// The fragment of the part that has the words: the text if it has any of them, or else a file's name or what else is
/// said.
fn show(message: &Message, stems: &Stems) -> (Fragment, Part) {
    let files = message.files.iter().map(|file| (file.name.clone(), Part::File));
    let content =
        message.content.iter().flat_map(|content| content.words()).map(|text| (text.to_owned(), Part::Content));
    let parts = std::iter::once((message.text.clone(), Part::Text)).chain(files).chain(content);
    let parts: Vec<_> = parts
        .filter(|(text, _)| !text.trim().is_empty())
        .map(|(text, part)| (words::highlight(&text, stems), text, part))
        .collect();
    let best = parts.iter().find(|(marks, ..)| !marks.is_empty()).or(parts.first());
    match best {
        Some((marks, text, part)) => (words::fragment(text, marks, WIDTH), *part),
        None => (Fragment { text: String::new(), marks: Vec::new() }, Part::Text),
    }
}

/// A clock that many minutes before UTC's; UTC's own when there is no such place.
fn zone(minutes: i32) -> TimeZone {
    Offset::from_seconds(minutes.clamp(-1_440, 1_440) * 60).map_or(TimeZone::UTC, TimeZone::fixed)
}

fn today(zone: &TimeZone) -> Day {
    let now = jiff::Timestamp::from_millisecond(now().0).unwrap_or_default().to_zoned(zone.clone());
    let part = |n: i8| u8::try_from(n).unwrap_or(1);
    Day { year: u16::try_from(now.year()).unwrap_or(1970), month: part(now.month()), day: part(now.day()) }
}
