//! The wizard's steps after the administrator is there: connect something, see that it works, add colleagues.

use domain::account::Check;
use domain::chat::ChatCounts;
use domain::user::UserInput;
use domain::{Account, AccountId, AccountState, Event, Page, Provider, Role, User, locale};
use gloo_timers::callback::Interval;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::account_form::{AccessFields, AccountForm, connect, default_receive, provider_choice};
use super::check::{CheckRun, verdict, what};
use super::link_phone::{LinkPhone, refresh};
use super::setup::back_to;
use super::user::{FieldErrors, NewPassword, RoleField};
use crate::api::{self, Trouble};
use crate::i18n::{self, t, ts};
use crate::live::{self, LINE, Line};
use crate::route;
use crate::state::session;
use crate::ui::field::focus_first_error;
use crate::ui::state::{provider_name, state_of};
use crate::ui::{Avatar, Field, SubmitButton, complain, icon, part, spinner};

/// Choose what to connect, and connect it.
#[component]
pub fn AccountStep() -> impl IntoView {
    let session = session();
    let chosen = RwSignal::new(Some(Provider::Sandbox));
    let form = AccountForm::new(Provider::Sandbox);
    form.name.set(t().common.sandbox.to_owned());
    let busy = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let choose = move |provider: Option<Provider>| {
        chosen.set(provider);
        form.errors.set(Default::default());
        if let Some(provider) = provider {
            form.provider.set(provider);
            let public = session.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.public_url.is_some()));
            form.receive.set(default_receive(public));
            form.name.set(if provider == Provider::Sandbox { t().common.sandbox.to_owned() } else { String::new() });
        }
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if chosen.get_untracked().is_none() {
            return route::go("/setup?step=staff");
        }
        if !form.check() {
            return focus_first_error(node);
        }
        busy.set(true);
        spawn_local(async move {
            match connect(form).await {
                Ok(account) => {
                    let id = account.id;
                    session.put_account(account);
                    route::go(&format!("/setup?step=test&account={id}"));
                }
                Err(trouble) => {
                    form.refuse(&trouble);
                    focus_first_error(node);
                }
            }
            busy.try_set(false);
        });
    };
    let fields = part(move || match chosen.get() {
        Some(Provider::GreenApi) => view! {
            <div class="grid-2 mt-4">
                <AccessFields form />
            </div>
        }
        .into_any(),
        Some(Provider::Sandbox) => view! {
            <div class="notice mt-4">
                {icon("info")} <div>
                    <b>{ts().sandbox_notice}</b>
                    " "
                    {ts().sandbox_notice_more}
                </div>
            </div>
            <AccessErrors form />
        }
        .into_any(),
        None => ().into_any(),
    });
    let words = Signal::derive(move || {
        match chosen.get() {
            Some(Provider::Sandbox) => ts().connect_sandbox,
            Some(Provider::GreenApi) => ts().connect,
            None => t().common.next,
        }
        .to_owned()
    });
    view! {
        <form class="wz" node_ref=node novalidate on:submit=submit>
            <h1>{ts().account_title}</h1>
            <p class="soft">{ts().account_text}</p>
            <div class="grid-2 mt-4 choices" role="radiogroup" aria-label=ts().provider>
                {provider_choice(chosen.into(), Some(Provider::Sandbox), choose)}
                {provider_choice(chosen.into(), Some(Provider::GreenApi), choose)}
                {provider_choice(chosen.into(), None, choose)}
            </div>
            {fields}
            <footer class="wz-f">
                <span class="push"></span>
                <SubmitButton busy glyph="arrow-right" text=words />
            </footer>
        </form>
    }
}

#[component]
fn AccessErrors(form: AccountForm) -> impl IntoView {
    let text = form.error(super::account_form::WHOLE);
    view! {
        <div role="alert">
            {move || {
                let text = text.get();
                (!text.is_empty())
                    .then(|| view! { <div class="notice danger mt-4">{icon("alert")} <div>{text}</div></div> })
            }}
        </div>
    }
}

/// How a line of the check stands.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Done,
    Doing,
    Waits,
    Bad,
}

fn line(mark: Mark, title: impl Into<String>, text: impl Into<String>) -> impl IntoView {
    let (class, drawing) = match mark {
        Mark::Done => ("ok-t", icon("check").into_any()),
        Mark::Doing => ("accent-t", spinner().into_any()),
        Mark::Waits => ("muted", icon("clock").into_any()),
        Mark::Bad => ("danger-t", icon("alert").into_any()),
    };
    view! {
        <li class="ck">
            <span class=class>{drawing}</span>
            <div class="grow">
                <b>{title.into()}</b>
                <p class="sm soft">{text.into()}</p>
            </div>
        </li>
    }
}

/// See that the account works.
#[component]
pub fn TestStep(
    /// Which.
    account: Option<AccountId>,
) -> impl IntoView {
    let found = RwSignal::new(None::<Result<Account, Trouble>>);
    if let Some(id) = account {
        spawn_local(async move {
            let answer = api::get::<Account>(&format!("/accounts/{id}")).await;
            found.try_set(Some(answer));
        });
    }
    let body = part(move || match found.get() {
        Some(Ok(account)) => view! { <Test account /> }.into_any(),
        Some(Err(trouble)) => {
            view! { <div class="notice danger mt-4" role="alert">{icon("alert")} <div>{trouble.message}</div></div> }
                .into_any()
        }
        None => ().into_any(),
    });
    view! {
        <section class="wz">
            <h1>{ts().test_title}</h1>
            <p class="soft">{ts().test_text}</p>
            {body}
            <footer class="wz-f">
                {back_to("/setup?step=account")} <span class="push"></span>
                <a class="btn primary" href="/setup?step=staff">
                    {t().common.next}
                    {icon("arrow-right")}
                </a>
            </footer>
        </section>
    }
}

#[component]
fn Test(account: Account) -> impl IntoView {
    let id = account.id;
    let sandbox = account.provider == Provider::Sandbox;
    let capabilities = account.capabilities;
    let name = provider_name(account.provider);
    let run = CheckRun::new(id);
    run.start();
    let account = RwSignal::new(account);
    live::on_event(move |event| {
        if let Event::Account { account: news } = event
            && news.id == id
        {
            let before = account.with_untracked(state_of);
            account.update(|account| {
                account.state = news.state;
                account.phone = news.phone.clone();
                account.trouble = news.trouble.clone();
            });
            // Linking changes what the check finds.
            if before != AccountState::Working && state_of(news) == AccountState::Working {
                run.start();
            }
        }
    });
    let chats = RwSignal::new(0);
    let count = move || {
        if chats.get_untracked() == 0 {
            spawn_local(async move {
                if let Ok(counts) = api::get::<ChatCounts>("/chats/counts").await {
                    chats.try_set(counts.all);
                }
            });
        }
    };
    count();
    let counting = StoredValue::new_local(Interval::new(1_500, count));
    on_cleanup(move || counting.dispose());
    let provider = part(move || match run.found() {
        None => line(Mark::Doing, ts().test_account, ts().testing).into_any(),
        Some(Err(trouble)) => line(Mark::Bad, ts().test_account, trouble.message).into_any(),
        Some(Ok(check)) => steps(check, name).into_any(),
    });
    let state = part(move || {
        account.with(|account| {
            let state = state_of(account);
            let (words, advice) = locale::state(i18n::language(), state);
            let mark = match state {
                AccountState::Working => Mark::Done,
                AccountState::WaitingScan | AccountState::Starting | AccountState::Unknown => Mark::Doing,
                _ => Mark::Bad,
            };
            (!sandbox).then(|| line(mark, words, advice))
        })
    });
    let live = part(move || match LINE.get() {
        Line::Online | Line::CatchingUp(_) => line(Mark::Done, ts().test_live, ts().test_live_ok).into_any(),
        _ => line(Mark::Doing, ts().test_live, ts().test_live_wait).into_any(),
    });
    let first = part(move || match (chats.get(), sandbox) {
        (0, true) => line(Mark::Doing, ts().test_chats, ts().test_chats_wait).into_any(),
        (0, false) => line(Mark::Waits, ts().test_chats, ts().test_chats_none).into_any(),
        (n, _) => line(Mark::Done, ts().test_chats, (ts().test_chats_ok)(n)).into_any(),
    });
    if !sandbox {
        refresh(id, account);
    }
    let link = (!sandbox).then(|| view! { <div class="mt-4"><LinkPhone account capabilities /></div> });
    view! {
        <ul class="mt-4" aria-live="polite">
            {provider} {state} {live} {first}
        </ul>
        {link}
    }
}

fn steps(check: Check, name: &'static str) -> impl IntoView {
    check
        .steps
        .into_iter()
        .filter(|step| step.ok.is_some())
        .map(|step| {
            let (_, code) = verdict(&step);
            let mark = match step.ok {
                Some(true) => Mark::Done,
                Some(false) => Mark::Bad,
                None => Mark::Waits,
            };
            let mut text = code;
            if let Some(took) = step.took {
                text.push_str(" · ");
                text.push_str(&(ts().milliseconds)(took));
            }
            if let Some(trouble) = &step.trouble {
                text = locale::reason(i18n::language(), trouble.reason).to_owned();
            }
            line(mark, what(step.what, name), text)
        })
        .collect_view()
}

/// Add colleagues.
#[component]
pub fn StaffStep() -> impl IntoView {
    let session = session();
    let people = RwSignal::new(Vec::<User>::new());
    spawn_local(async move {
        if let Ok(page) = api::get::<Page<User>>("/users").await {
            people.try_set(page.items);
        }
    });
    let name = RwSignal::new(String::new());
    let login = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let role = RwSignal::new(Role::Operator);
    let errors = FieldErrors::default();
    let busy = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let wanted = role.get_untracked() != Role::Service;
        if !errors.check(&name.get_untracked(), &login.get_untracked(), &password.get_untracked(), wanted) {
            return focus_first_error(node);
        }
        let secret = password.get_untracked();
        let input = UserInput {
            login: Some(login.get_untracked().trim().to_owned()),
            name: Some(name.get_untracked().trim().to_owned()),
            role: Some(role.get_untracked()),
            password: (!secret.is_empty()).then_some(secret),
            ..UserInput::default()
        };
        busy.set(true);
        spawn_local(async move {
            match api::post::<User>("/users", &input).await {
                Ok(user) => {
                    people.try_update(|list| list.push(user));
                    for field in [name, login, password] {
                        field.try_set(String::new());
                    }
                }
                Err(trouble) => {
                    errors.refuse(&trouble);
                    focus_first_error(node);
                }
            }
            busy.try_set(false);
        });
    };
    let remove = move |user: User| {
        spawn_local(async move {
            match api::delete(&format!("/users/{}", user.id)).await {
                Ok(()) => {
                    people.try_update(|list| list.retain(|other| other.id != user.id));
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let row = move |user: User| {
        let me = session.user_id() == Some(user.id);
        let label = (ts().remove_person)(&user.name);
        let gone = user.clone();
        view! {
            <tr>
                <td>
                    <div class="line">
                        <Avatar name=user.name.clone() seed=user.id.0 size="s" />
                        <b>{user.name.clone()}</b>
                    </div>
                </td>
                <td>{user.login.clone()}</td>
                <td class="nowrap">{locale::role(i18n::language(), user.role)}</td>
                <td>
                    {(!me)
                        .then(|| {
                            view! {
                                <button type="button" class="btn icon small quiet" aria-label=label on:click=move |_| remove(gone.clone())>
                                    {icon("close")}
                                </button>
                            }
                        })}
                </td>
            </tr>
        }
    };
    view! {
        <section class="wz">
            <h1>{ts().staff_title}</h1>
            <p class="soft">{ts().staff_text}</p>
            <div class="box mt-4">
                <table class="table in-box">
                    <thead>
                        <tr>
                            <th>{ts().staff_column}</th>
                            <th>{t().common.login}</th>
                            <th>{ts().role}</th>
                            <th></th>
                        </tr>
                    </thead>
                    <tbody>{move || people.get().into_iter().filter(|user| user.enabled).map(row).collect_view()}</tbody>
                </table>
            </div>
            <form class="grid-2 mt-4" node_ref=node novalidate on:submit=submit>
                <Field label=ts().full_name value=name error=errors.name maxlength=200 />
                <Field label=t().common.login value=login error=errors.login hint=ts().login_hint.to_owned() maxlength=100 />
                <RoleField role />
                <NewPassword label=t().common.password password error=errors.password />
                <div class="span-2" role="alert">
                    {move || errors.notice()}
                </div>
                <div class="span-2 line">
                    <SubmitButton busy secondary=true glyph="user-plus" text=t().common.add />
                </div>
            </form>
            <footer class="wz-f">
                {back_to("/setup?step=account")} <span class="push"></span>
                <a class="btn primary" href="/">
                    {icon("check")}
                    {ts().open_product}
                </a>
            </footer>
        </section>
    }
}
