//! Quick replies: one's own and everybody's, written and removed here, inserted in the composer.

use domain::message::MAX_TEXT;
use domain::quick::{self, QuickReply, QuickReplyInput, Variable};
use domain::{Page, QuickReplyId, Role};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::settings::back;
use crate::api;
use crate::i18n::{self, t, ts};
use crate::state::session;
use crate::ui::{Confirm, Field, SubmitButton, complain, icon, part, toast};

/// The form: what is being changed, or a new one.
#[derive(Clone, Copy)]
struct Form {
    id: RwSignal<Option<QuickReplyId>>,
    shared: RwSignal<bool>,
    shortcut: RwSignal<String>,
    text: RwSignal<String>,
    shortcut_error: RwSignal<String>,
    text_error: RwSignal<String>,
    busy: RwSignal<bool>,
}

impl Form {
    fn fill(self, reply: Option<&QuickReply>) {
        self.id.set(reply.map(|reply| reply.id));
        self.shared.set(reply.is_some_and(|reply| reply.shared));
        self.shortcut.set(reply.map(|reply| reply.shortcut.clone()).unwrap_or_default());
        self.text.set(reply.map(|reply| reply.text.clone()).unwrap_or_default());
        self.shortcut_error.set(String::new());
        self.text_error.set(String::new());
    }

    /// What is to be kept, if it can be.
    fn input(self) -> Option<QuickReplyInput> {
        let shortcut = self.shortcut.get_untracked().trim().trim_start_matches('/').to_owned();
        let text = self.text.get_untracked();
        let unknown = quick::unknown(&text);
        let shortcut_error = if quick::is_shortcut(&shortcut) { "" } else { ts().shortcut_wrong };
        self.shortcut_error.set(shortcut_error.to_owned());
        self.text_error.set(match () {
            () if text.trim().is_empty() => t().common.required.to_owned(),
            () if !unknown.is_empty() => (ts().unknown_variables)(&unknown.join(", ")),
            () => String::new(),
        });
        let fine = shortcut_error.is_empty() && self.text_error.with_untracked(String::is_empty);
        fine.then(|| QuickReplyInput { shared: self.shared.get_untracked(), shortcut, text })
    }
}

/// The page.
#[component]
pub fn Replies() -> impl IntoView {
    let session = session();
    let list = RwSignal::new(Vec::<QuickReply>::new());
    let form = Form {
        id: RwSignal::new(None),
        shared: RwSignal::new(false),
        shortcut: RwSignal::new(String::new()),
        text: RwSignal::new(String::new()),
        shortcut_error: RwSignal::new(String::new()),
        text_error: RwSignal::new(String::new()),
        busy: RwSignal::new(false),
    };
    let removing = RwSignal::new(None::<QuickReply>);
    let asking = RwSignal::new(false);
    session.title.set(ts().replies.to_owned());
    let read = move || {
        spawn_local(async move {
            match api::get::<Page<QuickReply>>("/quick-replies").await {
                Ok(page) => _ = list.try_set(page.items),
                Err(trouble) => complain(&trouble),
            }
        });
    };
    read();
    let shares = move || session.role().is_some_and(|role| role >= Role::Supervisor);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(input) = form.input() else { return };
        form.busy.set(true);
        spawn_local(async move {
            let done = match form.id.get_untracked() {
                None => api::post::<QuickReply>("/quick-replies", &input).await.map(drop),
                Some(id) => api::put(&format!("/quick-replies/{id}"), &input).await,
            };
            match done {
                Ok(()) if !form.busy.is_disposed() => {
                    toast("check", t().common.saved);
                    form.fill(None);
                    read();
                }
                Ok(()) => {}
                Err(trouble) => _ = form.shortcut_error.try_set(trouble.message),
            }
            let _ = form.busy.try_set(false);
        });
    };
    let remove = move |()| {
        let Some(reply) = removing.get_untracked() else { return };
        spawn_local(async move {
            match api::delete(&format!("/quick-replies/{}", reply.id)).await {
                Ok(()) => {
                    let _ = list.try_update(|list| list.retain(|known| known.id != reply.id));
                    if form.id.try_get_untracked() == Some(Some(reply.id)) {
                        form.fill(None);
                    }
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let row = move |reply: QuickReply| {
        let (edited, gone) = (reply.clone(), reply.clone());
        let may = !reply.shared || shares();
        view! {
            <li class="item-line">
                {icon(if reply.shared { "users" } else { "user" })}
                <span class="grow">
                    <b>"/" {reply.shortcut}</b>
                    <span class="xs muted two-line">{reply.text}</span>
                </span>
                {may
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn icon small quiet"
                                aria-label=ts().change
                                title=ts().change
                                on:click=move |_| form.fill(Some(&edited))
                            >
                                {icon("edit")}
                            </button>
                            <button
                                type="button"
                                class="btn icon small quiet"
                                aria-label=ts().remove
                                title=ts().remove
                                on:click=move |_| {
                                    removing.set(Some(gone.clone()));
                                    asking.set(true);
                                }
                            >
                                {icon("trash")}
                            </button>
                        }
                    })}
            </li>
        }
    };
    let rows = part(move || {
        let list = list.get();
        if list.is_empty() {
            view! { <p class="sm muted">{ts().no_replies}</p> }.into_any()
        } else {
            view! { <ul class="lines">{list.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    });
    let shared = part(move || {
        // Whose a reply is does not change.
        (shares() && form.id.get().is_none()).then(|| {
            view! {
                <label class="line sm">
                    <input
                        type="checkbox"
                        prop:checked=form.shared
                        on:change=move |event| form.shared.set(event_target_checked(&event))
                    />
                    {ts().shared_reply}
                </label>
            }
        })
    });
    let variables = Variable::ALL.map(|variable| {
        let written = variable.written(i18n::language());
        let put = written.clone();
        view! {
            <button type="button" class="tag" on:click=move |_| form.text.update(|text| text.push_str(&put))>
                {written}
            </button>
        }
    });
    view! {
        <main class="page">
            <div class="page-head">
                {back("/settings", ts().to_menu)}
                <div class="t">
                    <h1>{ts().replies}</h1>
                </div>
            </div>
            <div class="page-body scroll">
                <div class="stack narrow">
                    <section class="box">
                        <header>
                            <h2>{ts().replies}</h2>
                            <p>{ts().replies_text}</p>
                        </header>
                        <div class="b stack mid">
                            {rows}
                            <form class="stack mid" novalidate on:submit=submit>
                                <Field
                                    label=ts().shortcut
                                    value=form.shortcut
                                    error=form.shortcut_error
                                    hint=ts().shortcut_hint.to_owned()
                                    maxlength=33
                                />
                                <label class="field">
                                    <span class="label">{ts().reply_text}</span>
                                    <textarea
                                        class="input"
                                        rows="4"
                                        maxlength=MAX_TEXT.to_string()
                                        prop:value=form.text
                                        aria-invalid=move || form.text_error.with(|error| (!error.is_empty()).to_string())
                                        on:input=move |event| form.text.set(event_target_value(&event))
                                    ></textarea>
                                    <span class="xs danger-t" role="alert">{form.text_error}</span>
                                </label>
                                <div class="line wrap">{variables}</div>
                                {shared}
                                <div class="line">
                                    <SubmitButton busy=form.busy text=ts().save_reply />
                                    <Show when=move || form.id.get().is_some()>
                                        <button type="button" class="btn quiet" on:click=move |_| form.fill(None)>
                                            {t().common.cancel}
                                        </button>
                                    </Show>
                                </div>
                            </form>
                        </div>
                    </section>
                </div>
            </div>
            <Confirm
                open=asking
                title=Signal::derive(move || {
                    removing.with(|reply| reply.as_ref().map(|reply| (ts().remove_reply)(&reply.shortcut)).unwrap_or_default())
                })
                text=ts().remove_reply_text.to_owned()
                act=ts().remove.to_owned()
                done=remove
            />
        </main>
    }
}
