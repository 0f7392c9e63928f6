//! The form of one member of staff: a new one or an opened one.

use domain::user::UserInput;
use domain::{Fault, Role, User, locale};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Trouble};
use crate::i18n::{self, Style, t, ts};
use crate::route::{self, Item, Place, Section};
use crate::ui::field::{Below, focus_first_error, fresh_id};
use crate::ui::{Avatar, Confirm, Field, PasswordField, SubmitButton, complain, icon, toast};

/// The shortest password, characters (`Fault::PasswordInvalid`).
pub const SHORTEST_PASSWORD: usize = 8;

/// Name, login, role, password. The list is kept up to date with what is saved.
#[component]
pub fn UserForm(
    /// Whose; `None` for a new one.
    user: Option<User>,
    /// The list.
    users: RwSignal<Option<Result<Vec<User>, Trouble>>>,
) -> impl IntoView {
    let id = user.as_ref().map(|user| user.id);
    let name = RwSignal::new(user.as_ref().map(|u| u.name.clone()).unwrap_or_default());
    let login = RwSignal::new(user.as_ref().map(|u| u.login.clone()).unwrap_or_default());
    let role = RwSignal::new(user.as_ref().map_or(Role::Operator, |u| u.role));
    let enabled = user.as_ref().is_none_or(|u| u.enabled);
    let password = RwSignal::new(String::new());
    let errors = FieldErrors::default();
    let busy = RwSignal::new(false);
    let disabling = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    let keep = move |saved: User| {
        users.update(|list| {
            if let Some(Ok(list)) = list {
                match list.iter_mut().find(|other| other.id == saved.id) {
                    Some(old) => *old = saved,
                    None => list.push(saved),
                }
            }
        });
    };
    let send = move |input: UserInput| {
        busy.set(true);
        spawn_local(async move {
            let answer = match id {
                Some(id) => api::patch::<User>(&format!("/users/{id}"), &input).await,
                None => api::post::<User>("/users", &input).await,
            };
            match answer {
                Ok(saved) => {
                    toast("check", if id.is_some() { ts().user_saved } else { ts().user_added });
                    let made = saved.id;
                    keep(saved);
                    password.try_set(String::new());
                    if id.is_none() {
                        route::replace(&Place::Settings(Section::Users(Item::One(made))).path());
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
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let service = role.get_untracked() == Role::Service;
        let wanted = id.is_none() && !service;
        if !errors.check(&name.get_untracked(), &login.get_untracked(), &password.get_untracked(), wanted) {
            return focus_first_error(node);
        }
        let secret = password.get_untracked();
        send(UserInput {
            login: Some(login.get_untracked().trim().to_owned()),
            name: Some(name.get_untracked().trim().to_owned()),
            role: Some(role.get_untracked()),
            password: (!secret.is_empty()).then_some(secret),
            ..UserInput::default()
        });
    };
    let set_enabled = move |on: bool| {
        let Some(id) = id else { return };
        spawn_local(async move {
            let input = UserInput { enabled: Some(on), ..UserInput::default() };
            match api::patch::<User>(&format!("/users/{id}"), &input).await {
                Ok(saved) => {
                    keep(saved);
                    toast("check", ts().user_saved);
                    route::go("/settings/users");
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let title = user.as_ref().map_or_else(|| ts().new_user.to_owned(), |user| user.name.clone());
    let face = user.as_ref().map(|user| {
        view! {
            <div class="line">
                <Avatar name=user.name.clone() seed=user.id.0 size="l" />
                <div class="sm">
                    <div>{user.login.clone()}</div>
                    <div class="muted">
                        {(ts().since_day)(&i18n::moment(user.created_at, Style::LongDay))}
                    </div>
                </div>
            </div>
        }
    });
    let foot = match (id, enabled) {
        (Some(_), true) => view! {
            <button type="button" class="btn danger-soft" on:click=move |_| disabling.set(true)>
                {ts().disable}
            </button>
        }
        .into_any(),
        (Some(_), false) => view! {
            <button type="button" class="btn" on:click=move |_| set_enabled(true)>
                {ts().enable}
            </button>
        }
        .into_any(),
        (None, _) => view! {
            <a class="btn quiet" href="/settings/users">
                {t().common.cancel}
            </a>
        }
        .into_any(),
    };
    let words = (ts().disable_title)(&title);
    view! {
        <form class="card-pane" aria-label=title.clone() node_ref=node novalidate on:submit=submit>
            <div class="pane-head">
                <h2>{title.clone()}</h2>
                <a class="btn icon quiet" href="/settings/users" aria-label=t().common.close>
                    {icon("close")}
                </a>
            </div>
            <div class="scroll grow stack mid card-form">
                {face} <Field label=ts().full_name value=name error=errors.name maxlength=200 autofocus=id.is_none() />
                <Field
                    label=ts().login
                    value=login
                    error=errors.login
                    hint=ts().login_hint.to_owned()
                    maxlength=100
                />
                <RoleField role />
                <NewPassword
                    label=if id.is_some() { ts().password_keep } else { ts().password_new }
                    password
                    error=errors.password
                />
                <div role="alert">{move || errors.notice()}</div>
            </div>
            <footer class="dock always">{foot} <SubmitButton busy text=t().common.save /></footer>
        </form>
        <Confirm
            open=disabling
            title=words
            text=ts().disable_text.to_owned()
            act=ts().disable.to_owned()
            done=move |()| set_enabled(false)
        />
    }
}

/// A new password, with a button that makes one up.
#[component]
pub fn NewPassword(
    /// The label.
    label: &'static str,
    /// What is typed.
    password: RwSignal<String>,
    /// What is wrong with it.
    error: RwSignal<String>,
) -> impl IntoView {
    let hint = Signal::derive(move || {
        let length = password.with(|password| password.chars().count());
        if length < SHORTEST_PASSWORD { String::new() } else { (ts().password_hint)(length) }
    });
    view! {
        <div class="stack tight">
            <PasswordField label=label value=password error hint />
            <div class="line">
                <button
                    type="button"
                    class="btn small quiet"
                    on:click=move |_| {
                        let made = make_password();
                        crate::ui::button::copy(made.clone());
                        password.set(made);
                        error.set(String::new());
                    }
                >
                    {icon("key")}
                    {ts().make_password}
                </button>
            </div>
        </div>
    }
}

/// Fourteen random letters and digits, without those that look alike: 70 bits.
fn make_password() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let mut random = [0; 14];
    let made = window().crypto().and_then(|crypto| crypto.get_random_values_with_u8_array(&mut random));
    if made.is_err() {
        return String::new();
    }
    random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// The role, with a line about what it may do.
#[component]
pub fn RoleField(
    /// The role.
    role: RwSignal<Role>,
) -> impl IntoView {
    let about = fresh_id("about");
    let id = fresh_id("role");
    let hint = Signal::derive(move || (ts().role_text)(role.get()).to_owned());
    view! {
        <div class="field">
            <label class="label" for=id.clone()>
                {ts().role}
            </label>
            <select
                id=id
                class="input"
                aria-describedby=about.clone()
                on:change=move |event| {
                    if let Some(chosen) = Role::parse(&event_target_value(&event)) {
                        role.set(chosen);
                    }
                }
            >
                {role_options(role)}
            </select>
            <Below id=about error=String::new() hint />
        </div>
    }
}

/// The roles as options of a select.
pub fn role_options(role: RwSignal<Role>) -> impl IntoView {
    Role::ALL
        .map(|one| {
            view! {
                <option value=one.as_str() selected=move || role.get() == one>
                    {locale::role(i18n::language(), one)}
                </option>
            }
        })
        .into_iter()
        .collect_view()
}

/// What is wrong with a person's fields.
#[derive(Clone, Copy, Default)]
pub struct FieldErrors {
    pub name: RwSignal<String>,
    pub login: RwSignal<String>,
    pub password: RwSignal<String>,
    /// What belongs to no field.
    pub whole: RwSignal<String>,
}

impl FieldErrors {
    /// Looks for mistakes that need no server. `true` when there are none.
    pub fn check(self, name: &str, login: &str, password: &str, password_wanted: bool) -> bool {
        let required = |text: &str| if text.trim().is_empty() { t().common.required.to_owned() } else { String::new() };
        self.name.set(required(name));
        self.login.set(if login.contains(':') {
            locale::fault(i18n::language(), Fault::LoginInvalid).to_owned()
        } else {
            required(login)
        });
        let length = password.chars().count();
        self.password.set(if password_wanted && length == 0 {
            t().common.required.to_owned()
        } else if length > 0 && length < SHORTEST_PASSWORD {
            ts().password_short.to_owned()
        } else {
            String::new()
        });
        self.whole.set(String::new());
        [self.name, self.login, self.password].iter().all(|error| error.with_untracked(String::is_empty))
    }

    /// Puts the server's refusal where it belongs.
    pub fn refuse(self, trouble: &Trouble) {
        let place = match trouble.fault {
            Some(Fault::NameInvalid) => self.name,
            Some(Fault::LoginInvalid | Fault::LoginTaken) => self.login,
            Some(Fault::PasswordInvalid) => self.password,
            _ => self.whole,
        };
        place.set(trouble.message.clone());
    }

    /// What belongs to no field, to be shown.
    pub fn notice(self) -> Option<impl IntoView> {
        let text = self.whole.get();
        (!text.is_empty()).then(|| view! { <div class="notice danger">{icon("alert")} <div>{text}</div></div> })
    }

    /// Forgets all of them.
    pub fn clear(self) {
        for error in [self.name, self.login, self.password, self.whole] {
            error.set(String::new());
        }
    }
}
