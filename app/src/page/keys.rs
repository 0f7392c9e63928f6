//! Keys with which programmes speak for the person: made, shown once, revoked.

use domain::user::{ApiKey, ApiKeyInput};
use domain::{ApiKeyId, Page};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::receive::CodeBox;
use crate::api;
use crate::i18n::{self, t, ts};
use crate::ui::field::focus_first_error;
use crate::ui::{Confirm, Field, SubmitButton, complain, icon, part, toast};

/// The list of keys and the form that makes one.
#[component]
pub fn Keys() -> impl IntoView {
    let keys = RwSignal::new(Vec::<ApiKey>::new());
    let made = RwSignal::new(None::<ApiKey>);
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let revoking = RwSignal::new(None::<(ApiKeyId, String)>);
    let asking = RwSignal::new(false);
    let node = NodeRef::<html::Form>::new();
    spawn_local(async move {
        if let Ok(page) = api::get::<Page<ApiKey>>("/keys").await {
            keys.try_set(page.items);
        }
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let text = name.get_untracked().trim().to_owned();
        if text.is_empty() {
            error.set(t().common.required.to_owned());
            return focus_first_error(node);
        }
        busy.set(true);
        spawn_local(async move {
            match api::post::<ApiKey>("/keys", &ApiKeyInput { name: text }).await {
                Ok(key) => {
                    keys.try_update(|list| list.push(ApiKey { key: None, ..key.clone() }));
                    made.try_set(Some(key));
                    name.try_set(String::new());
                    error.try_set(String::new());
                }
                Err(trouble) => {
                    error.try_set(trouble.message);
                    focus_first_error(node);
                }
            }
            busy.try_set(false);
        });
    };
    let revoke = move |()| {
        let Some((id, _)) = revoking.get_untracked() else { return };
        spawn_local(async move {
            match api::delete(&format!("/keys/{id}")).await {
                Ok(()) => {
                    toast("check", ts().revoked);
                    keys.try_update(|list| list.retain(|key| key.id != id));
                    made.try_update(|made| {
                        if made.as_ref().is_some_and(|key| key.id == id) {
                            *made = None;
                        }
                    });
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let row = move |key: ApiKey| {
        let (id, called) = (key.id, key.name.clone());
        let used = match key.used_at {
            Some(at) => (ts().key_used)(&i18n::day_and_time(at)),
            None => ts().key_unused.to_owned(),
        };
        view! {
            <li class="item-line">
                {icon("key")}
                <span class="grow">
                    <b>{key.name}</b>
                    <span class="xs muted two-line">{key.prefix} "… · " {used}</span>
                </span>
                <button
                    type="button"
                    class="btn small danger-soft"
                    on:click=move |_| {
                        revoking.set(Some((id, called.clone())));
                        asking.set(true);
                    }
                >
                    {ts().revoke}
                </button>
            </li>
        }
    };
    let list = part(move || {
        let keys = keys.get();
        if keys.is_empty() {
            view! { <p class="sm muted">{ts().no_keys}</p> }.into_any()
        } else {
            view! { <ul class="lines">{keys.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    });
    let fresh = part(move || {
        made.get().and_then(|key| key.key).map(|key| {
            view! {
                <div class="notice ok" role="status">
                    {icon("check")} <div class="stack tight">
                        <span><b>{ts().key_made}</b> ". " {ts().key_once}</span>
                        <CodeBox label=ts().keys text=key />
                    </div>
                </div>
            }
        })
    });
    view! {
        <section class="box">
            <header>
                <h2>{ts().keys}</h2>
                <p>{ts().keys_text}</p>
            </header>
            <div class="b stack mid">
                {fresh} {list}
                <form class="line top wrap" node_ref=node novalidate on:submit=submit>
                    <Field label=ts().key_name value=name error hint=ts().key_name_hint.to_owned() class="grow" maxlength=200 />
                    <div class="beside-field">
                        <SubmitButton busy text=ts().make_key />
                    </div>
                </form>
            </div>
            <Confirm
                open=asking
                title=Signal::derive(move || {
                    revoking.with(|key| key.as_ref().map(|(_, name)| (ts().revoke_title)(name)).unwrap_or_default())
                })
                text=ts().revoke_text.to_owned()
                act=ts().revoke.to_owned()
                done=revoke
            />
        </section>
    }
}
