//! Settings → users: the list with its search, the opened person at the right, and what each role may do. The person's
//! form is in `user`.

use domain::{Page, Role, User, UserId, locale};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::settings::back;
use super::user::UserForm;
use crate::api::{self, Trouble};
use crate::i18n::settings::May;
use crate::i18n::{self, Style, lower, ts};
use crate::route::{self, Item, Place, Section};
use crate::state::session;
use crate::ui::icon::sized;
use crate::ui::{Avatar, Broken, Loading, icon, part};

/// The list of users and the opened one.
#[component]
pub fn Users() -> impl IntoView {
    session().title.set(ts().users.to_owned());
    let users = RwSignal::new(None::<Result<Vec<User>, Trouble>>);
    let load = move || {
        spawn_local(async move {
            let answer = api::get::<Page<User>>("/users").await;
            users.try_set(Some(answer.map(|page| page.items)));
        });
    };
    load();
    let open = Memo::new(move |_| match route::place() {
        Place::Settings(Section::Users(item)) => item,
        _ => Item::None,
    });
    let people = move || {
        let found = users.get()?.ok()?;
        let services = found.iter().filter(|user| user.role == Role::Service).count();
        Some((ts().users_text)((found.len() - services) as i64, services as i64))
    };
    // The person's form is made anew only when another is opened, not when the list is read again.
    let card = part(move || match open.get() {
        Item::None => None,
        Item::New => Some(view! { <UserForm user=None users /> }.into_any()),
        Item::One(id) => {
            let known = Memo::new(move |_| find(users, id).is_some());
            Some(
                view! {
                    {move || {
                        known
                            .get()
                            .then(|| view! { <UserForm user=users.with_untracked(|list| pick(list, id)) users /> })
                    }}
                }
                .into_any(),
            )
        }
    });
    let body = part(move || match users.get() {
        None => view! { <Loading /> }.into_any(),
        Some(Err(trouble)) => view! { <Broken trouble again=move |()| load() /> }.into_any(),
        Some(Ok(list)) => view! { <Table list open /> }.into_any(),
    });
    let view = move || if open.get() == Item::None { "list" } else { "item" };
    view! {
        <main class="page users" data-view=view>
            <div class="page-head">
                {back("/settings", ts().to_menu)} <div class="t">
                    <h1>{ts().users}</h1>
                    <p>{people}</p>
                </div>
                <a class="btn primary" href="/settings/users/new">
                    {icon("user-plus")}
                    {ts().add_user}
                </a>
            </div>
            <div class="users-grid" data-view=view>
                <div class="page scroll">{body} <Roles /></div>
                {card}
            </div>
        </main>
    }
}

fn pick(list: &Option<Result<Vec<User>, Trouble>>, id: UserId) -> Option<User> {
    list.as_ref()?.as_ref().ok()?.iter().find(|user| user.id == id).cloned()
}

fn find(users: RwSignal<Option<Result<Vec<User>, Trouble>>>, id: UserId) -> Option<User> {
    users.with(|list| pick(list, id))
}

#[component]
fn Table(list: Vec<User>, open: Memo<Item<UserId>>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let disabled = RwSignal::new(false);
    let all = list.len();
    let off = list.iter().filter(|user| !user.enabled).count();
    let list = StoredValue::new(list);
    let shown = move || {
        let needle = lower(text.get().trim());
        list.with_value(|list| {
            list.iter()
                .filter(|user| !disabled.get() || !user.enabled)
                .filter(|user| lower(&user.name).contains(&needle) || lower(&user.login).contains(&needle))
                .cloned()
                .collect::<Vec<_>>()
        })
    };
    let chip = move |value: bool, text: &'static str, count: usize| {
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || (disabled.get() == value).to_string()
                on:click=move |_| disabled.set(value)
            >
                {text}
                " "
                <b>{count}</b>
            </button>
        }
    };
    view! {
        <div class="filters-bar">
            <label class="with-icon w-220">
                {icon("search")}
                <input
                    class="input small"
                    type="search"
                    placeholder=ts().find_user
                    aria-label=ts().find_user
                    prop:value=text
                    on:input=move |event| text.set(event_target_value(&event))
                />
            </label>
            {chip(false, ts().all, all)}
            {(off > 0).then(|| chip(true, ts().disabled_many, off))}
        </div>
        <div class="table-wrap">
            <table class="table people-table">
                <thead>
                    <tr>
                        <th>{ts().person}</th>
                        <th>{ts().role}</th>
                        <th>{ts().state}</th>
                        <th class="not-narrow">{ts().in_product}</th>
                    </tr>
                </thead>
                <tbody>{move || shown().into_iter().map(|user| row(user, open)).collect_view()}</tbody>
            </table>
            {move || {
                shown().is_empty().then(|| view! { <p class="sm soft none">{ts().nobody_found}</p> })
            }}
        </div>
    }
}

fn row(user: User, open: Memo<Item<UserId>>) -> impl IntoView {
    let id = user.id;
    let state = match (user.enabled, user.role) {
        (false, _) => view! { <span class="badge">{ts().disabled}</span> }.into_any(),
        (true, Role::Service) => view! { <span class="badge">{ts().no_entry}</span> }.into_any(),
        (true, _) => view! { <span class="badge ok">{ts().may_enter}</span> }.into_any(),
    };
    view! {
        <tr aria-selected=move || (open.get() == Item::One(id)).then_some("true")>
            <td>
                <a class="line person-link" href=Place::Settings(Section::Users(Item::One(id))).path()>
                    <Avatar name=user.name.clone() seed=id.0 size="s" />
                    <span class="two">
                        <b>{user.name.clone()}</b>
                        <span class="sub">{user.login.clone()}</span>
                    </span>
                </a>
            </td>
            <td class="nowrap">{locale::role(i18n::language(), user.role)}</td>
            <td>{state}</td>
            <td class="muted nowrap not-narrow">{i18n::moment(user.created_at, Style::Day)}</td>
        </tr>
    }
}

/// What each role may do.
#[component]
fn Roles() -> impl IntoView {
    let cell = |may: May| match may {
        May::No => view! { <td class="c muted">{sized("minus", "i s")} <span class="vh">"—"</span></td> }.into_any(),
        May::Yes => {
            view! { <td class="c ok-t">{sized("check", "i s")} <span class="vh">{ts().yes}</span></td> }.into_any()
        }
        May::If(words) => view! { <td class="c xs">{words}</td> }.into_any(),
    };
    view! {
        <section class="roles">
            <h2>{ts().roles}</h2>
            <div class="box">
                <table class="table in-box">
                    <thead>
                        <tr>
                            <th>{ts().right}</th>
                            {Role::ALL
                                .map(|role| view! { <th class="c">{locale::role(i18n::language(), role)}</th> })
                                .into_iter()
                                .collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        {ts()
                            .rights_table
                            .into_iter()
                            .map(|(right, cells)| {
                                view! { <tr><td>{right}</td> {cells.map(cell).into_iter().collect_view()}</tr> }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
}
