//! Settings → profile: the person's name and password, this computer's preferences. Sessions and keys are in files of
//! their own.

use domain::user::{Me, UserInput};
use domain::{Fault, Language, locale};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationPermission};

use super::keys::Keys;
use super::sessions::Sessions;
use super::settings::back;
use super::user::{FieldErrors, SHORTEST_PASSWORD};
use crate::api;
use crate::chat::show_keys;
use crate::i18n::{self, t, ts};
use crate::state::{self, LETTERS, NOTIFY, SOUND, THEME, Theme, session};
use crate::ui::field::{focus_first_error, fresh_id};
use crate::ui::{Avatar, Field, PasswordField, SubmitButton, Switch, icon, part, toast};

/// The person's own page.
#[component]
pub fn Profile() -> impl IntoView {
    let session = session();
    session.title.set(t().common.profile.to_owned());
    let who = part(move || {
        let user = session.me.get()?.user;
        Some(view! {
            <Avatar name=user.name.clone() seed=user.id.0 />
            <div class="t">
                <h1>{user.name}</h1>
                <p>{user.login} " · " {locale::role(i18n::language(), user.role)}</p>
            </div>
        })
    });
    view! {
        <main class="page">
            <div class="page-head">
                {back("/settings", ts().to_menu)} {who}
                <button type="button" class="btn quiet" on:click=move |_| session.leave()>
                    {icon("logout")}
                    {t().common.sign_out}
                </button>
            </div>
            <div class="page-body scroll">
                <div class="stack narrow">
                    <Name /> <Password /> <Computer /> <Sessions /> <Keys />
                </div>
            </div>
        </main>
    }
}

#[component]
fn Name() -> impl IntoView {
    let session = session();
    let name =
        RwSignal::new(session.me.with_untracked(|me| me.as_ref().map(|me| me.user.name.clone()).unwrap_or_default()));
    let error = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let text = name.get_untracked().trim().to_owned();
        if text.is_empty() {
            error.set(t().common.required.to_owned());
            return focus_first_error(node);
        }
        busy.set(true);
        spawn_local(async move {
            let input = UserInput { name: Some(text), ..UserInput::default() };
            match api::patch::<Me>("/me", &input).await {
                Ok(me) => {
                    session.me.set(Some(me));
                    error.try_set(String::new());
                    toast("check", t().common.saved);
                }
                Err(trouble) => {
                    error.try_set(trouble.message);
                    focus_first_error(node);
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        <form class="box" node_ref=node novalidate on:submit=submit>
            <header>
                <h2>{ts().about_me}</h2>
            </header>
            <div class="b">
                <Field label=ts().full_name value=name error autocomplete="name" maxlength=200 />
            </div>
            <footer>
                <span class="push"></span>
                <SubmitButton busy text=t().common.save />
            </footer>
        </form>
    }
}

#[component]
fn Password() -> impl IntoView {
    let session = session();
    let old = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let again = RwSignal::new(String::new());
    let old_error = RwSignal::new(String::new());
    let again_error = RwSignal::new(String::new());
    let errors = FieldErrors::default();
    let busy = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let required = |empty: bool| if empty { t().common.required.to_owned() } else { String::new() };
        old_error.set(required(old.with_untracked(String::is_empty)));
        let length = new.with_untracked(|new| new.chars().count());
        errors.clear();
        if length < SHORTEST_PASSWORD {
            errors.password.set(ts().password_short.to_owned());
        }
        let same = again.with_untracked(|again| new.with_untracked(|new| new == again));
        again_error.set(if same { String::new() } else { ts().passwords_differ.to_owned() });
        if old.with_untracked(String::is_empty) || length < SHORTEST_PASSWORD || !same {
            return focus_first_error(node);
        }
        busy.set(true);
        spawn_local(async move {
            let input = UserInput {
                password: Some(new.get_untracked()),
                old_password: Some(old.get_untracked()),
                ..UserInput::default()
            };
            match api::patch::<Me>("/me", &input).await {
                Ok(me) => {
                    session.me.set(Some(me));
                    for field in [old, new, again] {
                        field.try_set(String::new());
                    }
                    toast("check", ts().password_changed);
                }
                Err(trouble) if trouble.is(Fault::WrongLogin) => {
                    old_error.try_set(trouble.message);
                    focus_first_error(node);
                }
                Err(trouble) => {
                    errors.refuse(&trouble);
                    focus_first_error(node);
                }
            }
            busy.try_set(false);
        });
    };
    let hint = Signal::derive(move || {
        let length = new.with(|new| new.chars().count());
        if length < SHORTEST_PASSWORD { ts().password_short.to_owned() } else { (ts().password_hint)(length) }
    });
    view! {
        <form class="box" node_ref=node novalidate on:submit=submit>
            <header>
                <h2>{ts().change_password}</h2>
                <p>{ts().others_end}</p>
            </header>
            <div class="b grid-2">
                <PasswordField label=ts().old_password value=old error=old_error autocomplete="current-password" class="span-2" />
                <PasswordField label=ts().new_password value=new error=errors.password hint />
                <PasswordField label=ts().password_again value=again error=again_error />
                <div class="span-2" role="alert">
                    {move || errors.notice()}
                </div>
            </div>
            <footer>
                <span class="push"></span>
                <SubmitButton busy text=ts().change_password />
            </footer>
        </form>
    }
}

#[component]
fn Computer() -> impl IntoView {
    let denied = RwSignal::new(Notification::permission() == NotificationPermission::Denied);
    let language = segment(
        ts().language,
        [(Language::Ru, "Русский"), (Language::En, "English")].to_vec(),
        Signal::derive(i18n::language),
        i18n::set_language,
    );
    let theme = segment(
        ts().theme,
        [(Theme::System, ts().theme_system), (Theme::Light, t().common.light), (Theme::Dark, t().common.dark)].to_vec(),
        Signal::derive(|| THEME.get()),
        state::set_theme,
    );
    let notify = move |on: bool| {
        if !on {
            return state::set_notify(false);
        }
        let Ok(asked) = Notification::request_permission() else { return };
        spawn_local(async move {
            let _ = JsFuture::from(asked).await;
            let granted = Notification::permission() == NotificationPermission::Granted;
            denied.try_set(!granted);
            state::set_notify(granted);
            // The switch was moved by hand; it must go back when nothing came of it.
            NOTIFY.notify();
        });
    };
    view! {
        <section class="box">
            <header>
                <h2>{ts().this_computer}</h2>
                <p>{ts().this_computer_text}</p>
            </header>
            <div class="b rows">
                {language} {theme}
                <Switch
                    label=ts().sound
                    hint=ts().sound_hint
                    on=Signal::derive(|| SOUND.get())
                    change=state::set_sound
                />
                <Switch
                    label=ts().notify
                    hint=ts().notify_hint
                    on=Signal::derive(move || NOTIFY.get() && !denied.get())
                    change=notify
                />
                <Switch
                    label=ts().letters
                    hint=ts().letters_hint
                    on=Signal::derive(|| LETTERS.get())
                    change=state::set_letters
                />
                {move || denied.get().then(|| view! { <p class="xs warn-t mt-2">{ts().notify_denied}</p> })}
            </div>
            <footer>
                <span class="push"></span>
                <button type="button" class="btn small" on:click=move |_| show_keys()>
                    {t().chat.keys}
                </button>
            </footer>
        </section>
    }
}

/// A row with a few choices side by side.
fn segment<T: Copy + PartialEq + Send + Sync + 'static>(
    label: &'static str,
    choices: Vec<(T, &'static str)>,
    now: Signal<T>,
    choose: fn(T),
) -> impl IntoView {
    let name = fresh_id("segment");
    let options = choices
        .into_iter()
        .map(|(value, text)| {
            view! {
                <label>
                    <input type="radio" name=name.clone() prop:checked=move || now.get() == value on:change=move |_| choose(value) />
                    {text}
                </label>
            }
        })
        .collect_view();
    view! {
        <div class="choice-row">
            <span>{label}</span>
            <div class="seg" role="radiogroup" aria-label=label>
                {options}
            </div>
        </div>
    }
}
