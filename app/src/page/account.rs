//! Settings → accounts → one account: its head with what can be done to it, and the frame of its parts. The parts are in
//! `account_form`, `receive`, `check`, `link_phone` and `account_parts`.

use domain::account::AccountInput;
use domain::{Account, AccountId, AccountState, Event, Provider};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::account_form::{AccessFields, AccountForm};
use super::account_parts::{Abilities, Rights, StateBox};
use super::check::{CheckBox, CheckRun};
use super::link_phone::{LinkPhone, refresh};
use super::receive::ReceiveBox;
use super::settings::back;
use crate::api::{self, Trouble};
use crate::i18n::{self, Style, t, ts};
use crate::state::session;
use crate::ui::field::focus_first_error;
use crate::ui::state::{badge, provider_name};
use crate::ui::{Broken, Confirm, Loading, Menu, SubmitButton, complain, icon, part, toast};
use crate::{live, route};

/// One account of the settings.
#[component]
pub fn OpenedAccount(
    /// Which.
    id: AccountId,
) -> impl IntoView {
    let found = RwSignal::new(None::<Result<Account, Trouble>>);
    let load = move || {
        found.set(None);
        spawn_local(async move {
            let answer = api::get::<Account>(&format!("/accounts/{id}")).await;
            found.try_set(Some(answer));
        });
    };
    load();
    let view = part(move || match found.get() {
        None => view! { <Loading /> }.into_any(),
        Some(Err(trouble)) => view! { <Broken trouble again=move |()| load() /> }.into_any(),
        Some(Ok(account)) => view! { <Editor account /> }.into_any(),
    });
    view! { <section class="page">{view}</section> }
}

/// Keeps what the provider tells live in an account that an administrator reads whole; events come without settings.
fn follow(account: RwSignal<Account>) {
    live::on_event(move |event| {
        if let Event::Account { account: news } = event
            && news.id == account.with_untracked(|account| account.id)
        {
            account.update(|account| {
                account.state = news.state;
                account.state_at = news.state_at;
                account.trouble = news.trouble.clone();
                account.phone = news.phone.clone();
                account.enabled = news.enabled;
                account.last_event_at = news.last_event_at;
            });
        }
    });
}

#[component]
fn Editor(account: Account) -> impl IntoView {
    let session = session();
    let id = account.id;
    let sandbox = account.provider == Provider::Sandbox;
    let capabilities = account.capabilities;
    let name = provider_name(account.provider);
    let form = AccountForm::new(account.provider);
    form.fill(&account);
    session.title.set(account.name.clone());
    let account = RwSignal::new(account);
    follow(account);
    if account.with_untracked(|account| account.enabled && account.state == AccountState::Unknown) {
        refresh(id, account);
    }
    let run = CheckRun::new(id);
    let busy = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if !form.check() {
            return focus_first_error(node);
        }
        busy.set(true);
        let input = form.input();
        spawn_local(async move {
            match api::patch::<Account>(&format!("/accounts/{id}"), &input).await {
                Ok(saved) => {
                    form.fill(&saved);
                    session.put_account(saved.clone());
                    session.title.set(saved.name.clone());
                    account.set(saved);
                    toast("check", t().common.saved);
                    // A new key or address shows at once whether it is right.
                    if !sandbox {
                        refresh(id, account);
                    }
                }
                Err(trouble) => {
                    form.refuse(&trouble);
                    focus_first_error(node);
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="page" node_ref=node novalidate on:submit=submit aria-label=move || account.with(|a| (ts().account_named)(&a.name))>
            <Head account run busy />
            <div class="page-body scroll">
                <div class="split account">
                    <div class="stack">
                        {sandbox
                            .then(|| {
                                view! {
                                    <div class="notice">
                                        {icon("store")}
                                        <div>
                                            <b>{ts().sandbox_note}</b>
                                            " "
                                            {ts().sandbox_note_more}
                                        </div>
                                    </div>
                                }
                            })}
                        <section class="box">
                            <header>
                                <h2>{if sandbox { ts().account.to_owned() } else { (ts().access)(name) }}</h2>
                                {(!sandbox)
                                    .then(|| {
                                        view! {
                                            <a class="a sm" href="https://console.green-api.com" target="_blank" rel="noopener noreferrer">
                                                {ts().where_from}
                                            </a>
                                        }
                                    })}
                            </header>
                            <div class="b grid-2">
                                <AccessFields form />
                            </div>
                        </section>
                        {(!sandbox).then(|| view! { <ReceiveBox form account /> })}
                        <CheckBox run name />
                        <Rights form />
                    </div>
                    <aside class="stack">
                        {(!sandbox).then(|| view! { <LinkPhone account capabilities /> })} <StateBox account /> <Abilities capabilities />
                    </aside>
                </div>
            </div>
            <div class="dock">
                <button type="button" class="btn" on:click=move |_| run.start()>
                    {ts().check}
                </button>
                <SubmitButton busy text=t().common.save />
            </div>
        </form>
    }
}

#[component]
fn Head(account: RwSignal<Account>, run: CheckRun, busy: RwSignal<bool>) -> impl IntoView {
    let about = move || {
        account.with(|account| {
            let event = match account.last_event_at {
                Some(at) => (ts().last_event)(&i18n::day_and_time(at)),
                None => ts().no_events.to_owned(),
            };
            let made = (ts().made)(&i18n::moment(account.created_at, Style::LongDay));
            format!("{} · {event} · {made}", provider_name(account.provider))
        })
    };
    view! {
        <div class="page-head">
            {back("/settings/accounts", ts().to_list)} <div class="t">
                <h1>{move || account.with(|a| a.name.clone())} " " {move || account.with(|a| badge(a).into_any())}</h1>
                <p>{about}</p>
            </div>
            <button type="button" class="btn small wide-only" aria-busy=move || run.busy().then_some("true") on:click=move |_| run.start()>
                {icon("refresh")}
                {ts().check}
            </button>
            <Actions account />
            <span class="wide-only">
                <SubmitButton busy class="small" text=t().common.save />
            </span>
        </div>
    }
}

#[component]
fn Actions(account: RwSignal<Account>) -> impl IntoView {
    let session = session();
    let id = account.with_untracked(|a| a.id);
    let sandbox = account.with_untracked(|a| a.provider == Provider::Sandbox);
    let deleting = RwSignal::new(false);
    let ask = move |_| {
        spawn_local(async move {
            match api::act::<Account>(&format!("/accounts/{id}/refresh")).await {
                Ok(news) => {
                    session.put_account(news.clone());
                    account.try_set(news);
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let past = move |_| {
        spawn_local(async move {
            match api::act::<Account>(&format!("/accounts/{id}/history")).await {
                Ok(_) => toast("check", ts().history_begun),
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let switch = move |_| {
        let enabled = !account.with_untracked(|a| a.enabled);
        spawn_local(async move {
            let input = AccountInput { enabled: Some(enabled), ..AccountInput::default() };
            match api::patch::<Account>(&format!("/accounts/{id}"), &input).await {
                Ok(news) => {
                    toast("check", if enabled { ts().turned_on } else { ts().turned_off });
                    session.put_account(news.clone());
                    account.try_set(news);
                    if enabled && !sandbox {
                        refresh(id, account);
                    }
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let delete = move |()| {
        spawn_local(async move {
            match api::delete(&format!("/accounts/{id}")).await {
                Ok(()) => {
                    toast("trash", ts().deleted);
                    session.accounts.update(|list| list.retain(|a| a.id != id));
                    route::replace("/settings/accounts");
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let face = || view! { {icon("more")} };
    let switch_face = move || {
        let on = account.with(|a| a.enabled);
        view! {
            {icon(if on { "pause" } else { "play" })}
            {if on { ts().turn_off } else { ts().turn_on }}
        }
    };
    view! {
        <Menu class="btn small icon" label=ts().more face=ViewFn::from(face)>
            <button type="button" class="menu-item" role="menuitem" on:click=ask>
                {icon("refresh")}
                {ts().ask_state}
            </button>
            {(!sandbox)
                .then(|| {
                    view! {
                        <button type="button" class="menu-item" role="menuitem" on:click=past>
                            {icon("clock")}
                            {ts().read_history}
                        </button>
                    }
                })}
            <a class="menu-item" role="menuitem" href=format!("/log?account={id}")>
                {icon("swap")}
                {ts().account_log}
            </a>
            <button type="button" class="menu-item" role="menuitem" on:click=switch>
                {switch_face}
            </button>
            <div class="menu-sep"></div>
            <button type="button" class="menu-item danger" role="menuitem" on:click=move |_| deleting.set(true)>
                {icon("trash")}
                {ts().delete_account}
            </button>
        </Menu>
        <Confirm
            open=deleting
            title=Signal::derive(move || account.with(|a| (ts().delete_title)(&a.name)))
            text=if sandbox { ts().delete_sandbox_text.to_owned() } else { ts().delete_text.to_owned() }
            act=ts().delete_account.to_owned()
            done=delete
        />
    }
}
