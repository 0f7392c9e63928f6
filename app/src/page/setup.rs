//! The first-run wizard: administrator → account → check → staff. The steps after the first are in `setup_steps`; which
//! one is shown is in the address, so that "back" works and a reload keeps the place.

use domain::user::{Me, UserInput};
use domain::{AccountId, Fault};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::setup_steps::{AccountStep, StaffStep, TestStep};
use super::user::{FieldErrors, SHORTEST_PASSWORD};
use crate::api;
use crate::app::{LanguageButton, ThemeButton};
use crate::i18n::{t, ts};
use crate::route;
use crate::state::{Stage, session};
use crate::ui::field::focus_first_error;
use crate::ui::{Field, PasswordField, SubmitButton, icon, mark, part};

/// One step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Administrator,
    Account,
    Test(Option<AccountId>),
    Staff,
}

impl Step {
    fn number(self) -> usize {
        match self {
            Self::Administrator => 0,
            Self::Account => 1,
            Self::Test(_) => 2,
            Self::Staff => 3,
        }
    }
}

/// The wizard.
#[component]
pub fn SetUp() -> impl IntoView {
    let session = session();
    session.title.set(ts().first_run.to_owned());
    let step = Memo::new(move |_| {
        if session.stage.get() == Stage::Setup {
            return Step::Administrator;
        }
        match route::query("step").as_deref() {
            Some("test") => Step::Test(route::query("account").and_then(|id| id.parse().ok())),
            Some("staff") => Step::Staff,
            _ => Step::Account,
        }
    });
    let steps = part(move || {
        let now = step.get().number();
        ts().steps
            .into_iter()
            .enumerate()
            .map(|(n, text)| {
                view! {
                    <li class:done=n < now aria-current=(n == now).then_some("step")>
                        {text}
                    </li>
                }
            })
            .collect_view()
    });
    let body = part(move || match step.get() {
        Step::Administrator => view! { <AdministratorStep /> }.into_any(),
        Step::Account => view! { <AccountStep /> }.into_any(),
        Step::Test(account) => view! { <TestStep account /> }.into_any(),
        Step::Staff => view! { <StaffStep /> }.into_any(),
    });
    view! {
        <div class="setup scroll">
            <main class="fr">
                <header class="line">
                    {mark("mark accent-t")} <b class="big-name">{t().common.product}</b>
                    <span class="push sm muted">{ts().first_run}</span> <LanguageButton class="btn small quiet" />
                    <ThemeButton class="btn small quiet" />
                </header>
                <ol class="stepper">{steps}</ol>
                {body}
            </main>
        </div>
    }
}

#[component]
fn AdministratorStep() -> impl IntoView {
    let session = session();
    let name = RwSignal::new(String::new());
    let login = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let again_error = RwSignal::new(String::new());
    let errors = FieldErrors::default();
    let busy = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let good = errors.check(&name.get_untracked(), &login.get_untracked(), &password.get_untracked(), true);
        let same = again.with_untracked(|again| password.with_untracked(|password| password == again));
        again_error.set(if same { String::new() } else { ts().passwords_differ.to_owned() });
        if !good || !same {
            return focus_first_error(node);
        }
        let input = UserInput {
            login: Some(login.get_untracked().trim().to_owned()),
            name: Some(name.get_untracked().trim().to_owned()),
            password: Some(password.get_untracked()),
            ..UserInput::default()
        };
        busy.set(true);
        spawn_local(async move {
            match api::post::<Me>("/setup", &input).await {
                Ok(me) => session.enter(me),
                // Somebody was quicker: the sign-in page says the rest.
                Err(trouble) if trouble.is(Fault::SetupDone) => session.start(),
                Err(trouble) => {
                    errors.refuse(&trouble);
                    focus_first_error(node);
                    busy.set(false);
                }
            }
        });
    };
    let hint = Signal::derive(move || {
        let length = password.with(|password| password.chars().count());
        if length < SHORTEST_PASSWORD { ts().password_short.to_owned() } else { (ts().password_hint)(length) }
    });
    view! {
        <form class="wz" node_ref=node novalidate on:submit=submit>
            <h1>{ts().admin_title}</h1>
            <p class="soft">{ts().admin_text}</p>
            <div class="grid-2 mt-4">
                <Field
                    label=ts().full_name
                    value=name
                    error=errors.name
                    autocomplete="name"
                    maxlength=200
                    autofocus=true
                />
                <Field
                    label=t().common.login
                    value=login
                    error=errors.login
                    hint=ts().login_hint.to_owned()
                    autocomplete="username"
                    maxlength=100
                />
                <PasswordField label=t().common.password value=password error=errors.password hint />
                <PasswordField label=ts().password_again value=again error=again_error />
                <div class="span-2" role="alert">
                    {move || errors.notice()}
                </div>
            </div>
            <footer class="wz-f">
                <span class="xs muted">{ts().data_here}</span>
                <span class="push"></span>
                <SubmitButton busy glyph="arrow-right" text=t().common.next />
            </footer>
        </form>
    }
}

/// The footer's link to the step before.
pub fn back_to(path: &'static str) -> impl IntoView {
    view! {
        <a class="btn quiet" href=path>
            {icon("arrow-left")}
            {t().common.back}
        </a>
    }
}
