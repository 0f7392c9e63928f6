//! The buttons and keys that format the text of the composer. What each changes is `domain::text::edit`; here the change
//! goes into the page in a way that the browser's own undo knows of.

use domain::text::edit::{Action, Edit, toggle};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlTextAreaElement;

use crate::i18n::tw;
use crate::ui::icon;

/// The selection of a text, UTF-16 units.
pub fn selection(area: &HtmlTextAreaElement) -> std::ops::Range<usize> {
    let unit = |found: Result<Option<u32>, JsValue>| found.ok().flatten().unwrap_or_default() as usize;
    unit(area.selection_start())..unit(area.selection_end())
}

/// The text before the caret.
pub fn before_caret(area: &HtmlTextAreaElement) -> String {
    let units: Vec<u16> = area.value().encode_utf16().take(selection(area).start).collect();
    String::from_utf16_lossy(&units)
}

/// Makes a change as if it had been typed: it can be undone, and the composer hears of it.
pub fn put(area: &HtmlTextAreaElement, edit: &Edit) {
    let _ = area.focus();
    let _ = area.set_selection_range(edit.replace.start as u32, edit.replace.end as u32);
    // The only way into the undo of a text field, and every browser has it; where it fails the text is simply set.
    let words = if edit.by.is_empty() { ("delete", "") } else { ("insertText", edit.by.as_str()) };
    let done = edit.replace.is_empty() && edit.by.is_empty() || command(words.0, words.1);
    if !done {
        area.set_value(&edit.apply(&area.value()));
        if let Ok(event) = web_sys::Event::new("input") {
            let _ = area.dispatch_event(&event);
        }
    }
    let _ = area.set_selection_range(edit.select.start as u32, edit.select.end as u32);
}

fn command(name: &str, value: &str) -> bool {
    let page = document();
    js_sys::Reflect::get(&page, &"execCommand".into())
        .ok()
        .and_then(|command| command.dyn_into::<js_sys::Function>().ok())
        .and_then(|command| command.call3(&page, &name.into(), &JsValue::FALSE, &value.into()).ok())
        .is_some_and(|done| done.is_truthy())
}

/// Puts a style on what is selected, or takes it off.
pub fn act(area: &HtmlTextAreaElement, action: Action) {
    put(area, &toggle(&area.value(), selection(area), action));
}

fn glyph(action: Action) -> &'static str {
    match action {
        Action::Bold => "bold",
        Action::Italic => "italic",
        Action::Strike => "strike",
        Action::Code => "code",
        Action::Mono => "mono",
        Action::Bullets => "list",
        Action::Numbers => "list-num",
        Action::Quote => "quote",
    }
}

/// The key of an action as people read it.
fn key(action: Action) -> String {
    let (code, shift) = action.shortcut();
    let letter = code.trim_start_matches("Key").trim_start_matches("Digit");
    if shift { format!("Ctrl+Shift+{letter}") } else { format!("Ctrl+{letter}") }
}

/// The buttons. They leave the keyboard in the text.
#[component]
pub fn Format(
    /// The text.
    area: NodeRef<html::Textarea>,
) -> impl IntoView {
    let button = move |action: Action| {
        let name = (tw().format)(action);
        view! {
            <button
                type="button"
                class="btn icon small quiet fmt"
                aria-label=name
                title=format!("{name} ({})", key(action))
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| {
                    if let Some(area) = area.get_untracked() {
                        act(&area, action);
                    }
                }
            >
                {icon(glyph(action))}
            </button>
        }
    };
    Action::ALL.map(button)
}
