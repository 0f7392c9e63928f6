//! The left pane: which chats the list shows, with how many there are.

use domain::{Account, AccountState};
use leptos::prelude::*;

use super::filter::{View, Wanted};
use super::marks;
use super::store::{Chats, Pane, chats};
use crate::i18n::{number, t};
use crate::ui::{icon, part};

/// The filter's name.
pub fn name(view: View) -> &'static str {
    let t = &t().chat;
    match view {
        View::All => t.all,
        View::Mine => t.mine,
        View::Unassigned => t.unassigned,
        View::Waiting => t.waiting,
        View::Unread => t.unread,
        View::Groups => t.groups,
        View::Closed => t.closed,
        View::Mentioned => t.mentioned,
    }
}

/// Where a filter leads: the list, without an open chat on a phone, with it elsewhere.
fn address(chats: Chats, wanted: &Wanted) -> String {
    let place = match chats.open.get() {
        Some(id) if !super::list::is_phone() => format!("/chat/{id}"),
        _ => "/".to_owned(),
    };
    place + &wanted.query()
}

/// The pane.
#[component]
pub fn Filters() -> impl IntoView {
    let chats = chats();
    let to_list = move |_| chats.pane.set(Pane::Usual);
    let views = move |view: View| {
        let here = move || {
            chats.wanted.with(|wanted| wanted.view == view && wanted.account.is_none() && wanted.label.is_none())
        };
        let href = move || address(chats, &Wanted { view, ..Wanted::default() });
        let count = part(move || {
            let n = chats.counts.with(|counts| view.count(counts));
            (n > 0).then(|| {
                let class = match view {
                    View::Unassigned => "count",
                    View::Waiting | View::Mentioned => "count red",
                    _ => "n",
                };
                view! { <span class=class>{number(n)}</span> }
            })
        });
        view! {
            <li>
                <a
                    class="nav-item"
                    href=href
                    aria-current=move || here().then_some("page")
                    data-view=view.word()
                    on:click=to_list
                >
                    {icon(view.icon())}
                    <span class="trunc">{name(view)}</span>
                    {count}
                </a>
            </li>
        }
    };
    let accounts = part(move || {
        let accounts = chats.session.accounts.get();
        (!accounts.is_empty()).then(|| {
            view! {
                <h3 class="nav-head">{t().chat.accounts}</h3>
                <ul>{accounts.into_iter().map(|account| account_item(chats, account)).collect_view()}</ul>
            }
        })
    });
    let labels = marks::filters(chats, move |id| address(chats, &Wanted { label: Some(id), ..Wanted::default() }));
    view! {
        <nav class="pane sunken filters" aria-label=t().chat.filters data-pane="filters" tabindex="-1">
            <div class="pane-head">
                <button
                    type="button"
                    class="btn icon quiet only-narrow"
                    aria-label=t().chat.to_list
                    on:click=to_list
                >
                    {icon("arrow-left")}
                </button>
                <h2>{t().common.chats}</h2>
            </div>
            <div class="scroll nav-list">
                <ul>{View::ALL.map(views)}</ul>
                {accounts} {labels}
            </div>
        </nav>
    }
}

fn account_item(chats: Chats, account: Account) -> impl IntoView {
    let id = account.id;
    let here = move || chats.wanted.with(|wanted| wanted.account == Some(id));
    let href = move || address(chats, &Wanted { account: Some(id), ..Wanted::default() });
    let unread = part(move || {
        let n = chats.counts.with(|counts| counts.accounts.iter().find(|(a, _)| *a == id).map_or(0, |(_, n)| *n));
        (n > 0).then(|| view! { <span class="n">{number(n)}</span> })
    });
    let state = domain::locale::state(crate::i18n::language(), account.state).0;
    view! {
        <li>
            <a
                class="nav-item"
                href=href
                title=state
                aria-current=move || here().then_some("page")
                on:click=move |_| chats.pane.set(Pane::Usual)
            >
                <span class=format!("dot {}", dot(&account))></span>
                <span class="trunc">{account.name}</span>
                <span class="vh">{state}</span>
                {unread}
            </a>
        </li>
    }
}

/// The colour of an account's state.
pub fn dot(account: &Account) -> &'static str {
    if !account.enabled {
        return "off";
    }
    match account.state {
        AccountState::Working => "ok",
        AccountState::Off | AccountState::Unknown => "off",
        AccountState::Blocked
        | AccountState::WrongKey
        | AccountState::WrongInstance
        | AccountState::Expired
        | AccountState::Quota => "danger",
        _ => "warn",
    }
}
