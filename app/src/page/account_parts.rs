//! Parts of an opened account: who may use it and how it behaves, how it stands, what its provider can do.

use domain::account::Capabilities;
use domain::{Account, Page, Switches, User, locale};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::account_form::AccountForm;
use crate::api;
use crate::i18n::{self, ts};
use crate::ui::icon::sized;
use crate::ui::state::{state_of, tone};
use crate::ui::{Avatar, Switch, part};

/// Who may use the account, and its switches.
#[component]
pub fn Rights(
    /// The form that is being filled.
    form: AccountForm,
) -> impl IntoView {
    let switch =
        move |label: &'static str, hint: &'static str, get: fn(&Switches) -> bool, set: fn(&mut Switches, bool)| {
            view! {
                <Switch
                    label=label
                    hint=hint
                    on=Signal::derive(move || form.switches.with(get))
                    change=move |on| form.switches.update(|switches| set(switches, on))
                />
            }
        };
    let s = ts();
    view! {
        <section class="box">
            <header>
                <h2>{s.rights}</h2>
            </header>
            <div class="b rows">
                <Switch label=s.everyone hint=s.everyone_hint on=form.everyone change=move |on| form.everyone.set(on) />
                <Show when=move || !form.everyone.get()>
                    <People form />
                </Show>
                {switch(s.write_first, s.write_first_hint, |x| x.write_first, |x, on| x.write_first = on)}
                {switch(s.show_sender, s.show_sender_hint, |x| x.show_sender, |x, on| x.show_sender = on)}
                {switch(s.mark_read, s.mark_read_hint, |x| x.mark_read, |x, on| x.mark_read = on)}
                {switch(s.preview, "", |x| x.preview, |x, on| x.preview = on)}
                {switch(s.link_previews, "", |x| x.link_previews, |x, on| x.link_previews = on)}
                {switch(
                    s.default_for_mailings,
                    "",
                    |x| x.default_for_mailings,
                    |x, on| x.default_for_mailings = on,
                )}
            </div>
        </section>
    }
}

/// The people who may use the account.
#[component]
fn People(form: AccountForm) -> impl IntoView {
    let users = RwSignal::new(Vec::<User>::new());
    spawn_local(async move {
        if let Ok(page) = api::get::<Page<User>>("/users").await {
            users.try_set(page.items.into_iter().filter(|user| user.enabled).collect());
        }
    });
    let person = move |user: User| {
        let id = user.id;
        view! {
            <label class="check person">
                <input
                    type="checkbox"
                    prop:checked=move || form.users.with(|users| users.contains(&id))
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        form.users
                            .update(|users| {
                                users.retain(|&other| other != id);
                                if on {
                                    users.push(id);
                                }
                            });
                    }
                />
                <span class="line">
                    <Avatar name=user.name.clone() seed=id.0 size="s" />
                    <span>{user.name} <small>{locale::role(i18n::language(), user.role)}</small></span>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="people">
            <legend class="sm">{ts().who}</legend>
            {move || users.get().into_iter().map(person).collect_view()}
            <p class="xs muted">{ts().who_hint}</p>
        </fieldset>
    }
}

/// How the account stands, since when, what the provider says, what to do.
#[component]
pub fn StateBox(
    /// The account.
    account: RwSignal<Account>,
) -> impl IntoView {
    let body = part(move || {
        account.with(|account| {
            let state = state_of(account);
            let (words, advice) = locale::state(i18n::language(), state);
            let since = account.state_at.map(|at| (ts().since)(&i18n::day_and_time(at)));
            let said = account.trouble.clone().map(|trouble| {
                let why = locale::reason(i18n::language(), trouble.reason);
                let words = (!trouble.detail.is_empty()).then(|| format!("{}: {}", ts().provider_says, trouble.detail));
                view! {
                    <p class="xs soft mt-1">{why}</p>
                    {words.map(|words| view! { <p class="xs muted wrap-any mt-1">{words}</p> })}
                }
            });
            view! {
                <div class="item-line state-line">
                    <span class=format!("dot {}", tone(state))></span>
                    <div class="grow">
                        <b>{words}</b>
                        " "
                        <span class="xs muted">{since}</span>
                        <p class="sm soft">{advice}</p>
                        {said}
                    </div>
                </div>
            }
        })
    });
    view! {
        <section class="box" aria-live="polite">
            <header>
                <h2>{ts().states}</h2>
            </header>
            <div class="b rows">{body}</div>
        </section>
    }
}

/// What the provider can and cannot do.
#[component]
pub fn Abilities(
    /// What it can.
    capabilities: Capabilities,
) -> impl IntoView {
    let c = capabilities;
    let able = [c.edit, c.delete, c.reactions, c.polls, c.groups, c.typing, c.quotes, c.buttons, c.templates];
    let rows = able
        .into_iter()
        .zip(ts().ability)
        .map(|(able, text)| {
            let (mark, class) = if able { ("check", "ok-t") } else { ("minus", "muted") };
            view! {
                <li class="item-line">
                    <span class=class>{sized(mark, "i s")}</span>
                    <span class=if able { "m" } else { "m muted" }>{text}</span>
                </li>
            }
        })
        .collect_view();
    let limit = (c.files && c.max_file_bytes > 0)
        .then(|| (ts().file_limit)(&i18n::size(i64::try_from(c.max_file_bytes).unwrap_or(i64::MAX))));
    view! {
        <section class="box">
            <header>
                <h2>{ts().abilities}</h2>
            </header>
            <div class="b rows">
                <ul class="grid-2 keep abilities">{rows}</ul>
                <p class="xs muted mt-2">{limit} " " {ts().abilities_text}</p>
            </div>
        </section>
    }
}
