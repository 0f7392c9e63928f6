//! Buttons that do more than be pressed. Plain ones are `<button class="btn">` in place.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::{icon, toast};
use crate::i18n::t;

/// The primary button of a form. While busy it keeps its width, shows a spinner and cannot be pressed again.
#[component]
pub fn SubmitButton(
    /// Whether the form is on its way.
    #[prop(into)]
    busy: Signal<bool>,
    /// More classes, e.g. `wide`.
    #[prop(optional)]
    class: &'static str,
    /// Whether it is one of several on the page and so not the primary one.
    #[prop(optional)]
    secondary: bool,
    /// The icon when not busy.
    #[prop(optional)]
    glyph: &'static str,
    /// The words.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    let shown = move || {
        if busy.get() { Some(icon("spinner")) } else { (!glyph.is_empty()).then(|| icon(glyph)) }
    };
    view! {
        <button
            type="submit"
            class=format!("btn {} {class}", if secondary { "" } else { "primary" })
            aria-busy=move || busy.get().then_some("true")
            disabled=move || busy.get()
        >
            {shown}
            {text}
        </button>
    }
}

/// Copies a text and says so.
#[component]
pub fn CopyButton(
    /// What to copy.
    #[prop(into)]
    text: String,
    /// What it is, for the label.
    #[prop(optional, into)]
    what: String,
) -> impl IntoView {
    let label = if what.is_empty() { t().common.copy.to_owned() } else { format!("{}: {what}", t().common.copy) };
    view! {
        <button
            type="button"
            class="btn icon small quiet"
            aria-label=label.clone()
            title=label
            on:click=move |_| copy(text.clone())
        >
            {icon("copy")}
        </button>
    }
}

/// Puts a text on the clipboard and says so.
pub fn copy(text: String) {
    let wait = window().navigator().clipboard().write_text(&text);
    spawn_local(async move {
        match JsFuture::from(wait).await {
            Ok(_) => toast("check", t().common.copied),
            Err(_) => toast("alert", t().common.failed),
        }
    });
}
