//! Labels for chats: made, renamed, coloured and removed by supervisors and administrators.

use domain::label::{Colour, Label, LabelInput, MAX_NAME};
use domain::{LabelId, Page};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::settings::back;
use crate::api;
use crate::chat::hue;
use crate::i18n::{t, ts};
use crate::ui::{Confirm, Field, SubmitButton, complain, icon, part, toast};

/// The page.
#[component]
pub fn Labels() -> impl IntoView {
    let list = crate::chat::labels();
    crate::state::session().title.set(ts().labels.to_owned());
    let editing = RwSignal::new(None::<LabelId>);
    let name = RwSignal::new(String::new());
    let colour = RwSignal::new(Colour::Blue);
    let error = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let removing = RwSignal::new(None::<Label>);
    let asking = RwSignal::new(false);
    let read = move || {
        spawn_local(async move {
            match api::get::<Page<Label>>("/labels").await {
                Ok(page) => _ = list.try_set(page.items),
                Err(trouble) => complain(&trouble),
            }
        });
    };
    read();
    let fill = move |label: Option<&Label>| {
        editing.set(label.map(|label| label.id));
        name.set(label.map(|label| label.name.clone()).unwrap_or_default());
        colour.set(label.map_or(Colour::Blue, |label| label.colour));
        error.set(String::new());
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let input = LabelInput { name: name.get_untracked().trim().to_owned(), colour: colour.get_untracked() };
        if input.name.is_empty() {
            return error.set(t().common.required.to_owned());
        }
        busy.set(true);
        spawn_local(async move {
            let done = match editing.get_untracked() {
                None => api::post::<Label>("/labels", &input).await,
                Some(id) => api::patch::<Label>(&format!("/labels/{id}"), &input).await,
            };
            match done {
                Ok(_) if !busy.is_disposed() => {
                    toast("check", t().common.saved);
                    fill(None);
                    read();
                }
                Ok(_) => {}
                Err(trouble) => _ = error.try_set(trouble.message),
            }
            let _ = busy.try_set(false);
        });
    };
    let remove = move |()| {
        let Some(label) = removing.get_untracked() else { return };
        spawn_local(async move {
            match api::delete(&format!("/labels/{}", label.id)).await {
                Ok(()) => {
                    let _ = list.try_update(|list| list.retain(|known| known.id != label.id));
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let row = move |label: Label| {
        let (edited, gone) = (label.clone(), label.clone());
        view! {
            <li class="item-line">
                <span class="grow">
                    <span class="tag" data-h=hue(label.colour)>
                        {label.name}
                    </span>
                </span>
                <button
                    type="button"
                    class="btn icon small quiet"
                    aria-label=ts().change
                    title=ts().change
                    on:click=move |_| fill(Some(&edited))
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
            </li>
        }
    };
    let rows = part(move || {
        let list = list.get();
        if list.is_empty() {
            view! { <p class="sm muted">{ts().no_labels}</p> }.into_any()
        } else {
            view! { <ul class="lines">{list.into_iter().map(row).collect_view()}</ul> }.into_any()
        }
    });
    let swatch = move |&one: &Colour| {
        let called = (ts().colour)(one);
        view! {
            <button
                type="button"
                class="swatch"
                data-h=hue(one)
                aria-label=called
                title=called
                aria-pressed=move || (colour.get() == one).to_string()
                on:click=move |_| colour.set(one)
            ></button>
        }
    };
    view! {
        <main class="page">
            <div class="page-head">
                {back("/settings", ts().to_menu)}
                <div class="t">
                    <h1>{ts().labels}</h1>
                </div>
            </div>
            <div class="page-body scroll">
                <div class="stack narrow">
                    <section class="box">
                        <header>
                            <h2>{ts().labels}</h2>
                            <p>{ts().labels_text}</p>
                        </header>
                        <div class="b stack mid">
                            {rows}
                            <form class="stack mid" novalidate on:submit=submit>
                                <Field label=ts().label_name value=name error maxlength=MAX_NAME as u32 />
                                <div class="line wrap" role="group" aria-label=ts().label_colour>
                                    {Colour::ALL.iter().map(swatch).collect_view()}
                                </div>
                                <div class="line">
                                    <SubmitButton busy text=ts().save_label />
                                    <Show when=move || editing.get().is_some()>
                                        <button type="button" class="btn quiet" on:click=move |_| fill(None)>
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
                    removing.with(|label| label.as_ref().map(|label| (ts().remove_label)(&label.name)).unwrap_or_default())
                })
                text=ts().remove_label_text.to_owned()
                act=ts().remove.to_owned()
                done=remove
            />
        </main>
    }
}
