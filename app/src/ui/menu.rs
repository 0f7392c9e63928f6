//! A menu under a button, on the browser's popover: a click outside and Esc close it, arrows move inside.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use super::field::fresh_id;

/// A button and its menu. Entries are `<button class="menu-item" role="menuitem">` or links of that class.
#[component]
pub fn Menu(
    /// Classes of the button.
    #[prop(default = "btn icon quiet")]
    class: &'static str,
    /// What the button is called.
    #[prop(into)]
    label: String,
    /// What the button shows.
    face: ViewFn,
    /// The entries.
    children: ChildrenFn,
) -> impl IntoView {
    let id = fresh_id("menu");
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let children = StoredValue::new(children);
    let toggled = move |_| {
        let shown = menu.get_untracked().is_some_and(|menu| menu.matches(":popover-open").unwrap_or(false));
        open.set(shown);
        if shown && let (Some(button), Some(menu)) = (button.get_untracked(), menu.get_untracked()) {
            // The entries are made in between, and only then has the menu its size.
            request_animation_frame(move || {
                place(&button, &menu);
                step(&menu, 0, true);
            });
        }
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let Some(menu) = menu.get_untracked() else { return };
        match event.key().as_str() {
            "ArrowDown" => step(&menu, 1, false),
            "ArrowUp" => step(&menu, -1, false),
            "Home" => step(&menu, 0, true),
            "End" => step(&menu, -1, true),
            _ => return,
        }
        event.prevent_default();
    };
    let close = move |_| {
        if let Some(menu) = menu.get_untracked() {
            let _ = menu.hide_popover();
        }
    };
    view! {
        <button
            type="button"
            node_ref=button
            class=class
            aria-label=label.clone()
            title=label
            aria-haspopup="menu"
            aria-expanded=move || open.get().to_string()
            popovertarget=id.clone()
        >
            {face.run()}
        </button>
        <div node_ref=menu id=id class="pop" role="menu" popover="auto" on:toggle=toggled on:keydown=keys on:click=close>
            <Show when=move || open.get()>{children.with_value(|children| children())}</Show>
        </div>
    }
}

/// Beside the button, inside the window.
fn place(button: &HtmlElement, menu: &HtmlElement) {
    let at = button.get_bounding_client_rect();
    let width = window().inner_width().ok().and_then(|w| w.as_f64()).unwrap_or(0.0);
    let height = window().inner_height().ok().and_then(|h| h.as_f64()).unwrap_or(0.0);
    let size = menu.get_bounding_client_rect();
    let left = at.left().min(width - size.width() - 8.0).max(8.0);
    let below = at.bottom() + size.height() + 12.0 <= height;
    let top = if below { at.bottom() } else { (at.top() - size.height() - 8.0).max(8.0) };
    let style = menu.style();
    let _ = style.set_property("left", &format!("{left}px"));
    let _ = style.set_property("top", &format!("{top}px"));
}

/// Moves the focus among the entries: by `by` from the focused one, or to the end (`-1`) or beginning (`0`) at once.
fn step(menu: &HtmlElement, by: i32, jump: bool) {
    let Ok(entries) = menu.query_selector_all(".menu-item:not([disabled])") else { return };
    let count = entries.length() as i32;
    if count == 0 {
        return;
    }
    let now = document().active_element().map(JsValue::from);
    let at = (0..count).find(|&i| entries.get(i as u32).map(JsValue::from) == now);
    let next = match (jump, at) {
        (true, _) | (false, None) => by.rem_euclid(count),
        (false, Some(at)) => (at + by).rem_euclid(count),
    };
    if let Some(entry) = entries.get(next as u32).and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        let _ = entry.focus();
    }
}
