//! The sign-in page, and the small dialog that asks for the password again when a session ends under way.

use domain::user::{Me, SignIn as SignInInput};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::pavilion::pavilion;
use crate::api;
use crate::app::{LanguageButton, ThemeButton};
use crate::i18n::t;
use crate::state::session;
use crate::ui::field::focus_first_error;
use crate::ui::{Dialog, Field, PasswordField, SubmitButton, icon, mark};

/// The sign-in page.
#[component]
pub fn SignIn() -> impl IntoView {
    let session = session();
    session.title.set(t().common.sign_in.to_owned());
    let login = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let login_error = RwSignal::new(String::new());
    let password_error = RwSignal::new(String::new());
    let trouble = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let form = NodeRef::<html::Form>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let input = SignInInput { login: login.get_untracked().trim().to_owned(), password: password.get_untracked() };
        let required = |empty: bool| if empty { t().common.required.to_owned() } else { String::new() };
        login_error.set(required(input.login.is_empty()));
        password_error.set(required(input.password.is_empty()));
        trouble.set(String::new());
        if input.login.is_empty() || input.password.is_empty() {
            return focus_first_error(form);
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match api::post::<Me>("/session", &input).await {
                Ok(me) => session.enter(me),
                Err(failed) => {
                    trouble.set(failed.message);
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <div class="login">
            <aside class="side">
                <div class="line brand">{mark("mark")} <b>{t().common.product}</b></div>
                {pavilion()}
                <p class="big">{t().common.motto}</p>
            </aside>
            <main class="form">
                <form class="stack" node_ref=form novalidate on:submit=submit>
                    <h1>{t().common.sign_in}</h1>
                    <Field
                        label=t().common.login
                        value=login
                        error=login_error
                        autocomplete="username"
                        glyph="user"
                        maxlength=100
                        autofocus=true
                    />
                    <PasswordField
                        label=t().common.password
                        value=password
                        error=password_error
                        autocomplete="current-password"
                        lock=true
                    />
                    <div role="alert">
                        {move || {
                            let text = trouble.get();
                            (!text.is_empty())
                                .then(|| view! { <div class="notice danger">{icon("alert")} <div>{text}</div></div> })
                        }}
                    </div>
                    <SubmitButton busy text=t().common.sign_in_button class="wide tall" />
                    <p class="sm soft">{t().common.forgot}</p>
                </form>
                <footer class="line xs muted">
                    <LanguageButton class="a" />
                    <ThemeButton class="line theme" />
                </footer>
            </main>
        </div>
    }
}

/// Asks for the password over the page when the session has ended. Everything on the page stays.
#[component]
pub fn Expired() -> impl IntoView {
    let session = session();
    let password = RwSignal::new(String::new());
    let error = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(login) = session.me.with_untracked(|me| me.as_ref().map(|me| me.user.login.clone())) else { return };
        let input = SignInInput { login, password: password.get_untracked() };
        busy.set(true);
        spawn_local(async move {
            match api::post::<Me>("/session", &input).await {
                Ok(me) => {
                    password.set(String::new());
                    error.set(String::new());
                    session.enter(me);
                }
                Err(failed) => error.set(failed.message),
            }
            busy.set(false);
        });
    };
    let label = move || {
        let login = session.me.with(|me| me.as_ref().map(|me| me.user.login.clone()).unwrap_or_default());
        (t().common.password_for)(&login)
    };
    view! {
        <Dialog open=session.expired title=t().common.expired_title.to_owned() closable=false>
            <form on:submit=submit>
                <div class="body stack mid">
                    <p>{t().common.expired_text}</p>
                    <PasswordField label=label() value=password error autocomplete="current-password" autofocus=true />
                </div>
                <footer>
                    <button type="button" class="btn quiet" on:click=move |_| session.left()>
                        {t().common.sign_out}
                    </button>
                    <SubmitButton busy text=t().common.go_on />
                </footer>
            </form>
        </Dialog>
    }
}
