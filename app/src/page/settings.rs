//! The frame of the settings: list of pages at the left, the open page beside it. On a narrow screen one at a time.

use domain::Role;
use leptos::prelude::*;

use super::Missing;
use super::accounts::Accounts;
use super::labels::Labels;
use super::log::Log;
use super::profile::Profile;
use super::replies::Replies;
use super::users::Users;
use crate::i18n::{t, ts};
use crate::route::{self, Place, Section};
use crate::state::session;
use crate::ui::icon;
use crate::ui::icon::sized;
use crate::ui::part;
use crate::ui::state::needs_attention;

/// Which page of the settings is mounted. Moving within one keeps it.
#[derive(Clone, Copy, PartialEq)]
enum Room {
    Accounts,
    Users,
    Replies,
    Labels,
    Profile,
    Log,
    Missing,
}

/// The settings and the integration log.
#[component]
pub fn Settings() -> impl IntoView {
    let session = session();
    let room = Memo::new(move |_| match (route::place(), session.is_admin()) {
        (Place::Settings(Section::Menu | Section::Accounts(_)), true) => Room::Accounts,
        (Place::Settings(Section::Users(_)), true) => Room::Users,
        (Place::Log, true) => Room::Log,
        (Place::Settings(Section::Replies), _) if session.role().is_some_and(Role::writes) => Room::Replies,
        (Place::Settings(Section::Labels), _) if leads(session.role()) => Room::Labels,
        (Place::Settings(Section::Profile), _) | (Place::Settings(Section::Menu), false) => Room::Profile,
        _ => Room::Missing,
    });
    // On a narrow screen the list stands alone, and nothing in it is open.
    let pane = move || if route::place() == Place::Settings(Section::Menu) { "nav" } else { "page" };
    view! {
        <div class="settings" data-view=pane>
            <Pages room />
            {move || match room.get() {
                Room::Accounts => view! { <Accounts /> }.into_any(),
                Room::Users => view! { <Users /> }.into_any(),
                Room::Replies => view! { <Replies /> }.into_any(),
                Room::Labels => view! { <Labels /> }.into_any(),
                Room::Profile => view! { <Profile /> }.into_any(),
                Room::Log => view! { <Log /> }.into_any(),
                Room::Missing => view! { <Missing /> }.into_any(),
            }}
        </div>
    }
}

/// Whether a role keeps what everybody shares.
fn leads(role: Option<Role>) -> bool {
    role.is_some_and(|role| role >= Role::Supervisor)
}

#[component]
fn Pages(room: Memo<Room>) -> impl IntoView {
    let session = session();
    let troubled = move || session.accounts.with(|list| list.iter().filter(|a| needs_attention(a)).count());
    let item = move |to: Room, href: &'static str, glyph: &'static str, text: &'static str| {
        let count = part(move || {
            let n = if to == Room::Accounts { troubled() } else { 0 };
            (n > 0).then(|| {
                view! { <span class="count red" title=(ts().attention)(n) aria-label=(ts().attention)(n)>{n}</span> }
            })
        });
        view! {
            <li>
                <a class="nav-item" href=href aria-current=move || (room.get() == to && route::place() != Place::Settings(Section::Menu)).then_some("page")>
                    {icon(glyph)}
                    <span>{text}</span>
                    {count}
                    {sized("right", "i chevron")}
                </a>
            </li>
        }
    };
    let admin = part(move || {
        session.is_admin().then(|| {
            view! {
                <h3 class="nav-head">{ts().work}</h3>
                <ul>{item(Room::Accounts, "/settings/accounts", "plug", ts().accounts)}</ul>
                <h3 class="nav-head">{ts().people}</h3>
                <ul>{item(Room::Users, "/settings/users", "users", ts().users)}</ul>
                <h3 class="nav-head">{ts().links}</h3>
                <ul>
                    {item(Room::Log, "/log", "swap", ts().log)}
                    <li>
                        <a class="nav-item" href="/api/docs" target="_blank" rel="noopener">
                            {icon("code")}
                            <span>{ts().api_docs}</span>
                            {sized("external", "i chevron always")}
                        </a>
                    </li>
                </ul>
            }
        })
    });
    let answering = part(move || {
        session.role().is_some_and(Role::writes).then(|| {
            let labels = leads(session.role()).then(|| item(Room::Labels, "/settings/labels", "tag", ts().labels));
            view! {
                <h3 class="nav-head">{ts().answering}</h3>
                <ul>{item(Room::Replies, "/settings/replies", "bolt", ts().replies)} {labels}</ul>
            }
        })
    });
    let version = move || session.me.with(|me| me.as_ref().map(|me| (t().common.version)(&me.version)));
    view! {
        <nav class="pane sunken" aria-label=t().common.settings>
            <div class="pane-head">
                <h2>{t().common.settings}</h2>
            </div>
            <div class="scroll nav-list grow">
                {admin} {answering} <h3 class="nav-head">{ts().me}</h3>
                <ul>{item(Room::Profile, "/settings/profile", "user", t().common.profile)}</ul>
                <p class="nav-foot xs muted">{version}</p>
            </div>
        </nav>
    }
}

/// The arrow back that narrow screens have instead of the list at the left.
pub fn back(to: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <a class="btn icon quiet back" href=to aria-label=label title=label>
            {icon("arrow-left")}
        </a>
    }
}
