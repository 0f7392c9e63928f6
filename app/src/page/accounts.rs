//! Settings → accounts: the list, and which one is open. What an opened account shows is in `account`.

use domain::{Account, AccountId, locale};
use leptos::prelude::*;

use super::account::OpenedAccount;
use super::account_form::NewAccount;
use super::settings::back;
use crate::i18n::{self, t, ts};
use crate::route::{self, Item, Place, Section};
use crate::state::session;
use crate::ui::state::{dot, pretty_phone, provider_name, state_of, tone};
use crate::ui::{Empty, Loading, effect, icon, part};

/// The list of accounts and the opened one.
#[component]
pub fn Accounts() -> impl IntoView {
    let session = session();
    session.title.set(ts().accounts.to_owned());
    let open = Memo::new(move |_| match route::place() {
        Place::Settings(Section::Accounts(item)) => item,
        _ => Item::None,
    });
    // A wide screen has room for both, so the first account is opened at once.
    effect(move || {
        let first = session.accounts.with(|list| list.first().map(|a| a.id));
        let wide = window().match_media("(width >= 900px)").ok().flatten().is_some_and(|media| media.matches());
        let place = route::place();
        let nothing = matches!(place, Place::Settings(Section::Menu) | Place::Settings(Section::Accounts(Item::None)));
        if nothing
            && wide
            && let Some(id) = first
        {
            route::replace(&Place::Settings(Section::Accounts(Item::One(id))).path());
        }
    });
    let opened = part(move || match open.get() {
        Item::One(id) => view! { <OpenedAccount id /> }.into_any(),
        Item::New => view! { <NewAccount /> }.into_any(),
        Item::None => view! { <Nothing /> }.into_any(),
    });
    let view = move || if open.get() == Item::None { "list" } else { "item" };
    view! {
        <main class="page">
            <div class="acc-grid" data-view=view>
                <section class="pane" aria-label=ts().accounts>
                    <div class="pane-head">
                        {back("/settings", ts().to_menu)} <h1>{ts().accounts}</h1>
                        <a class="btn small primary" href="/settings/accounts/new">
                            {icon("plus")}
                            {t().common.add}
                        </a>
                    </div>
                    <Show when=move || session.accounts_known.get() fallback=|| view! { <Loading rows=4 /> }>
                        <ul class="scroll acc-list">
                            <For
                                each=move || session.accounts.get()
                                key=|account| {
                                    (
                                        account.id,
                                        account.name.clone(),
                                        account.state.as_str(),
                                        account.enabled,
                                        account.phone.clone(),
                                        account.last_event_at,
                                        account.switches.default_for_mailings,
                                    )
                                }
                                let:account
                            >
                                <Row account open />
                            </For>
                        </ul>
                    </Show>
                </section>
                {opened}
            </div>
        </main>
    }
}

#[component]
fn Row(account: Account, open: Memo<Item<AccountId>>) -> impl IntoView {
    let id = account.id;
    let state = state_of(&account);
    let words = locale::state(i18n::language(), state).0;
    let mut about = provider_name(account.provider).to_owned();
    if let Some(phone) = &account.phone {
        about.push_str(" · ");
        about.push_str(&pretty_phone(phone));
    }
    let mut status = words.to_owned();
    if tone(state) == "ok"
        && let Some(at) = account.last_event_at
    {
        status.push_str(" · ");
        status.push_str(&i18n::short(at));
    }
    view! {
        <li>
            <a
                class="acc"
                href=Place::Settings(Section::Accounts(Item::One(id))).path()
                aria-current=move || (open.get() == Item::One(id)).then_some("page")
            >
                {dot(&account)}
                <span class="grow">
                    <span class="line">
                        <b class="trunc">{account.name.clone()}</b>
                        {account
                            .switches
                            .default_for_mailings
                            .then(|| view! { <span class="badge tiny accent">{ts().for_mailings}</span> })}
                    </span>
                    <span class="xs muted trunc two-line">{about}</span>
                    <span class=format!("xs {}-t", tone(state))>{status}</span>
                </span>
                {icon("right")}
            </a>
        </li>
    }
}

#[component]
fn Nothing() -> impl IntoView {
    let session = session();
    view! {
        <section class="page">
            {move || {
                if !session.accounts_known.get() {
                    ().into_any()
                } else if session.accounts.with(Vec::is_empty) {
                    view! {
                        <Empty title=ts().no_accounts text=ts().no_accounts_text>
                            <a class="btn primary" href="/settings/accounts/new">
                                {icon("plus")}
                                {t().common.add}
                            </a>
                        </Empty>
                    }
                        .into_any()
                } else {
                    view! { <Empty title=ts().choose_account /> }.into_any()
                }
            }}
        </section>
    }
}
