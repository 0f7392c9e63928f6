//! The integration log: every exchange with the providers, filtered by the address, newest first.

use domain::log::{LogEntry, LogResult};
use domain::{Direction, Fault, Page, locale};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::settings::back;
use crate::api::{self, Trouble};
use crate::i18n::{self, Style, t, ts};
use crate::route;
use crate::state::session;
use crate::ui::icon::sized;
use crate::ui::{Broken, Empty, Loading, complain, effect, icon, part};

/// Lines read at once.
const PAGE: usize = 100;
/// The filters that the address carries, in the order in which they are written.
const FILTERS: [&str; 4] = ["system", "account", "result", "direction"];

/// The log.
#[component]
pub fn Log() -> impl IntoView {
    session().title.set(ts().log.to_owned());
    let entries = RwSignal::new(None::<Result<Vec<LogEntry>, Trouble>>);
    let next = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let filter = Memo::new(|_| {
        FILTERS
            .iter()
            .filter_map(|name| Some(format!("&{name}={}", api::encode(&route::query(name)?))))
            .collect::<String>()
    });
    let load = move |after: Option<String>| {
        let filter = filter.get_untracked();
        let cursor = after.as_ref().map(|cursor| format!("&before={}", api::encode(cursor))).unwrap_or_default();
        busy.set(true);
        spawn_local(async move {
            let answer = api::get::<Page<LogEntry>>(&format!("/log?limit={PAGE}{cursor}{filter}")).await;
            busy.try_set(false);
            match answer {
                Ok(page) => {
                    next.try_set(page.next);
                    entries.try_update(|entries| match (entries, after) {
                        (Some(Ok(list)), Some(_)) => list.extend(page.items),
                        (entries, _) => *entries = Some(Ok(page.items)),
                    });
                }
                Err(trouble) if after.is_some() => complain(&trouble),
                Err(trouble) => {
                    entries.try_set(Some(Err(trouble)));
                }
            }
        });
    };
    effect(move || {
        filter.track();
        load(None);
    });
    let body = part(move || match entries.get() {
        None => view! { <Loading /> }.into_any(),
        Some(Err(trouble)) => view! { <Broken trouble again=move |()| load(None) /> }.into_any(),
        Some(Ok(list)) if list.is_empty() => {
            view! { <Empty title=ts().log_empty text=ts().log_empty_text /> }.into_any()
        }
        Some(Ok(list)) => view! { <Table list /> }.into_any(),
    });
    view! {
        <main class="page">
            <div class="page-head">
                {back("/settings", ts().to_menu)} <div class="t">
                    <h1>{ts().log}</h1>
                    <p>{ts().log_text}</p>
                </div>
                <button type="button" class="btn" aria-busy=move || busy.get().then_some("true") on:click=move |_| load(None)>
                    {icon("refresh")}
                    {ts().refresh}
                </button>
            </div>
            <Filters />
            <div class="scroll grow log-body">
                {body}
                {move || {
                    next.get()
                        .map(|cursor| {
                            view! {
                                <div class="older">
                                    <button
                                        type="button"
                                        class="btn"
                                        aria-busy=move || busy.get().then_some("true")
                                        on:click=move |_| load(Some(cursor.clone()))
                                    >
                                        {icon("arrow-down")}
                                        {ts().older}
                                    </button>
                                </div>
                            }
                        })
                }}
            </div>
        </main>
    }
}

/// Writes one filter into the address; the rest stays.
fn set_filter(name: &'static str, value: &str) {
    let mut query = String::new();
    for other in FILTERS {
        let value = if other == name { Some(value.to_owned()) } else { route::query_now(other) };
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(&format!("{other}={}", api::encode(&value)));
        }
    }
    route::replace(&format!("/log{query}"));
}

#[component]
fn Filters() -> impl IntoView {
    let session = session();
    let s = ts();
    let select = |name: &'static str, any: &'static str, options: Vec<(String, String)>| {
        let now = route::query_now(name).unwrap_or_default();
        view! {
            <select class="input small w-180" aria-label=any on:change=move |event| set_filter(name, &event_target_value(&event))>
                <option value="">{any}</option>
                {options
                    .into_iter()
                    .map(|(value, text)| {
                        let selected = value == now;
                        view! {
                            <option value=value selected=selected>
                                {text}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        }
    };
    let own =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    let systems = own(&[("green_api", "Green-API"), ("sandbox", t().common.sandbox), ("unknown", s.unknown_system)]);
    let results = own(&[
        (LogResult::Ok.as_str(), s.result_ok),
        (LogResult::Waiting.as_str(), s.result_waiting),
        (LogResult::Error.as_str(), s.result_error),
    ]);
    let directions = own(&[(Direction::In.as_str(), s.incoming), (Direction::Out.as_str(), s.outgoing)]);
    view! {
        <div class="filters-bar">
            {select("system", s.any_system, systems)}
            {move || {
                let accounts = session.accounts.with(|list| {
                    list.iter().map(|a| (a.id.to_string(), a.name.clone())).collect::<Vec<_>>()
                });
                select("account", s.any_account, accounts)
            }}
            {select("result", s.any_result, results)}
            {select("direction", s.any_direction, directions)}
        </div>
    }
}

#[component]
fn Table(list: Vec<LogEntry>) -> impl IntoView {
    let s = ts();
    view! {
        <div class="table-wrap">
            <table class="table log-table">
                <thead>
                    <tr>
                        <th>{s.column_time}</th>
                        <th>
                            <span class="vh">{s.any_direction}</span>
                        </th>
                        <th>{s.column_what}</th>
                        <th class="not-narrow">{s.column_system}</th>
                        <th class="not-narrow">{s.column_account}</th>
                        <th>{s.column_status}</th>
                        <th class="r not-narrow">{s.column_took}</th>
                        <th>
                            <span class="vh">{s.details}</span>
                        </th>
                    </tr>
                </thead>
                <tbody>{list.into_iter().map(|entry| view! { <Line entry /> }).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Line(entry: LogEntry) -> impl IntoView {
    let session = session();
    let id = entry.id.clone();
    let whole = RwSignal::new(None::<LogEntry>);
    let open = RwSignal::new(false);
    let toggle = move |_| {
        open.update(|open| *open = !*open);
        if open.get_untracked() && whole.with_untracked(Option::is_none) {
            let path = format!("/log/{}", api::encode(&id));
            spawn_local(async move {
                match api::get::<LogEntry>(&path).await {
                    Ok(entry) => {
                        whole.try_set(Some(entry));
                    }
                    Err(trouble) => {
                        complain(&trouble);
                        open.try_set(false);
                    }
                }
            });
        }
    };
    let (glyph, way) = match entry.direction {
        Direction::In => ("arrow-down", ts().incoming),
        Direction::Out => ("arrow-up", ts().outgoing),
    };
    let (tone, words) = match entry.result {
        LogResult::Ok => ("ok", ts().result_ok),
        LogResult::Waiting => ("warn", ts().result_waiting),
        LogResult::Error => ("danger", ts().result_error),
    };
    let status = entry.status.map_or_else(|| words.to_owned(), |status| status.to_string());
    let account = move || entry.account.and_then(|id| session.account(id)).map(|account| account.name);
    let system = match entry.system.as_str() {
        "green_api" => "Green-API".to_owned(),
        "sandbox" => t().common.sandbox.to_owned(),
        "unknown" => ts().unknown_system.to_owned(),
        other => other.to_owned(),
    };
    // Our own faults travel as codes; a provider's words stay as they are.
    let words_of = |error: &str| match Fault::parse(error) {
        Some(Fault::SignedOut | Fault::WrongLogin | Fault::KeyInvalid) => ts().not_let_in.to_owned(),
        Some(fault) => locale::fault(i18n::language(), fault).to_owned(),
        None => error.to_owned(),
    };
    let error = entry.error.as_deref().map(words_of);
    let detail = part(move || {
        let entry = open.get().then(|| whole.get()).flatten()?;
        Some(view! {
            <tr class="detail">
                <td colspan="8">
                    {entry.error.as_deref().map(words_of).map(|error| view! { <p class="sm danger-t mt-2">{error}</p> })}
                    <div class="grid-2">
                        <Body title=ts().request text=entry.request />
                        <Body title=ts().response text=entry.response />
                    </div>
                </td>
            </tr>
        })
    });
    view! {
        <tr class:open=move || open.get()>
            <td class="nowrap muted" title=i18n::moment(entry.at, Style::Full)>
                {if i18n::local_day(entry.at) == i18n::local_day(i18n::now()) {
                    i18n::moment(entry.at, Style::Seconds)
                } else {
                    i18n::day_and_time(entry.at)
                }}
            </td>
            <td title=way>{sized(glyph, "i s")} <span class="vh">{way}</span></td>
            <td class="what">
                <code>{entry.what.clone()}</code>
                {error.map(|error| view! { <span class="xs danger-t two-line">{error}</span> })}
            </td>
            <td class="nowrap not-narrow">{system}</td>
            <td class="not-narrow">{account}</td>
            <td>
                <span class=format!("badge {tone} tiny") title=words>
                    {status}
                </span>
            </td>
            <td class="r nowrap not-narrow">{entry.took.map(|took| (ts().milliseconds)(took.unsigned_abs()))}</td>
            <td>
                <button
                    type="button"
                    class="btn icon small quiet"
                    aria-label=ts().details
                    aria-expanded=move || open.get().to_string()
                    on:click=toggle
                >
                    {icon("down")}
                </button>
            </td>
        </tr>
        {detail}
    }
}

#[component]
fn Body(title: &'static str, text: Option<String>) -> impl IntoView {
    let text = text.filter(|text| !text.is_empty()).unwrap_or_else(|| ts().empty_body.to_owned());
    view! {
        <div>
            <h3 class="xs muted mt-2">{title}</h3>
            <pre class="json">{text}</pre>
        </div>
    }
}
