//! Fields of forms: label, control, hint, error under it. What is asked and when it is wrong is the form's affair.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::icon;
use crate::i18n::t;

/// A fresh id for `aria-describedby` and the like.
pub fn fresh_id(start: &str) -> String {
    static LAST: AtomicU32 = AtomicU32::new(0);
    format!("{start}-{}", LAST.fetch_add(1, Ordering::Relaxed))
}

/// A line of text with its label. An empty error means none.
#[component]
pub fn Field(
    /// The label.
    #[prop(into)]
    label: String,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<String>,
    /// A word of help.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// `text`, `password`, `tel`, `url`.
    #[prop(default = "text")]
    kind: &'static str,
    /// The browser's autocomplete.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// An example of what to type.
    #[prop(optional, into)]
    placeholder: String,
    /// An icon at the beginning.
    #[prop(optional)]
    glyph: &'static str,
    /// More classes for the field, e.g. `span-2`.
    #[prop(optional)]
    class: &'static str,
    /// More classes for the input, e.g. `mono`.
    #[prop(optional)]
    input_class: &'static str,
    /// Whether it has the focus when the page opens.
    #[prop(optional)]
    autofocus: bool,
    /// The longest text, characters.
    #[prop(default = 2000)]
    maxlength: u32,
) -> impl IntoView {
    let about = fresh_id("about");
    let id = fresh_id("field");
    let node = NodeRef::<html::Input>::new();
    if autofocus {
        focus_soon(node);
    }
    let input = view! {
        <input
            node_ref=node
            id=id.clone()
            class=format!("input {input_class}")
            type=kind
            autocomplete=autocomplete
            placeholder=placeholder
            maxlength=maxlength.to_string()
            spellcheck=(kind != "text").then_some("false")
            aria-describedby=about.clone()
            aria-invalid=move || (!error.get().is_empty()).then_some("true")
            prop:value=value
            on:input=move |event| value.set(event_target_value(&event))
        />
    };
    let input = if glyph.is_empty() {
        input.into_any()
    } else {
        view! { <span class="with-icon">{icon(glyph)}{input}</span> }.into_any()
    };
    view! {
        <div class=format!("field {class}")>
            <label class="label" for=id>
                {label}
            </label>
            {input}
            <Below id=about error hint />
        </div>
    }
}

/// A password with the eye that shows it and the word about Caps Lock.
#[component]
pub fn PasswordField(
    /// The label.
    #[prop(into)]
    label: String,
    /// What is typed.
    value: RwSignal<String>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<String>,
    /// A word of help.
    #[prop(optional, into)]
    hint: Signal<String>,
    /// `current-password` or `new-password`.
    #[prop(default = "new-password")]
    autocomplete: &'static str,
    /// Whether the lock is drawn at the beginning.
    #[prop(optional)]
    lock: bool,
    /// Whether it has the focus when shown.
    #[prop(optional)]
    autofocus: bool,
    /// More classes for the field.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let about = fresh_id("about");
    let id = fresh_id("password");
    let shown = RwSignal::new(false);
    let caps = RwSignal::new(false);
    let node = NodeRef::<html::Input>::new();
    if autofocus {
        focus_soon(node);
    }
    let below = Signal::derive(move || if caps.get() { t().common.caps_lock.to_owned() } else { hint.get() });
    view! {
        <div class=format!("field {class}")>
            <label class="label" for=id.clone()>
                {label}
            </label>
            <span class="with-icon" class:no-icon=!lock>
                {lock.then(|| icon("lock"))}
                <input
                    node_ref=node
                    id=id
                    class="input"
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=autocomplete
                    maxlength="200"
                    spellcheck="false"
                    aria-describedby=about.clone()
                    aria-invalid=move || (!error.get().is_empty()).then_some("true")
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                    on:keyup=move |event| {
                        if let Some(key) = event.dyn_ref::<web_sys::KeyboardEvent>() {
                            caps.set(key.get_modifier_state("CapsLock"));
                        }
                    }
                />
                <span class="end">
                    <button
                        type="button"
                        class="btn icon small quiet"
                        aria-label=move || if shown.get() { t().common.hide_password } else { t().common.show_password }
                        on:click=move |_| shown.update(|shown| *shown = !*shown)
                    >
                        {move || icon(if shown.get() { "eye-off" } else { "eye" })}
                    </button>
                </span>
            </span>
            <Below id=about error hint=below warn=caps />
        </div>
    }
}

/// Error or hint under a control.
#[component]
pub fn Below(
    /// The id that the control's `aria-describedby` names.
    id: String,
    /// What is wrong; empty for nothing.
    #[prop(into)]
    error: Signal<String>,
    /// A word of help; empty for none.
    #[prop(into)]
    hint: Signal<String>,
    /// Whether the hint is a warning.
    #[prop(optional, into)]
    warn: Signal<bool>,
) -> impl IntoView {
    view! {
        <span id=id class="below" role="status">
            {move || {
                let error = error.get();
                if error.is_empty() {
                    let hint = hint.get();
                    (!hint.is_empty())
                        .then(|| view! { <span class="hint" class:warn-t=move || warn.get()>{hint}</span> }.into_any())
                } else {
                    Some(view! { <span class="error">{icon("alert")}{error}</span> }.into_any())
                }
            }}
        </span>
    }
}

/// A switch in a row of its own: words at the left, switch at the right.
#[component]
pub fn Switch(
    /// The words.
    #[prop(into)]
    label: String,
    /// Smaller words below.
    #[prop(optional, into)]
    hint: String,
    /// How it stands.
    #[prop(into)]
    on: Signal<bool>,
    /// Called with how it should stand.
    #[prop(into)]
    change: Callback<bool>,
    /// Whether it can be changed.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="switch row-switch">
            <input
                type="checkbox"
                role="switch"
                prop:checked=on
                disabled=disabled
                on:change=move |event| change.run(event_target_checked(&event))
            />
            <span>{label} {(!hint.is_empty()).then(|| view! { <small>{hint}</small> })}</span>
        </label>
    }
}

/// Gives the focus to an input once it is on the page. `autofocus` itself works only while a page loads.
pub fn focus_soon(node: NodeRef<html::Input>) {
    node.on_load(|input| {
        request_animation_frame(move || {
            let _ = input.focus();
        });
    });
}

/// Gives the focus to the first field with an error inside `form`, after the view has changed.
pub fn focus_first_error(form: NodeRef<html::Form>) {
    request_animation_frame(move || {
        let Some(form) = form.get_untracked() else { return };
        if let Ok(Some(first)) = form.query_selector("[aria-invalid=\"true\"]")
            && let Some(first) = first.dyn_ref::<HtmlElement>()
        {
            let _ = first.focus();
        }
    });
}
