//! Log.

use leptos::prelude::*;

/// Log.
#[component]
pub fn Log() -> impl IntoView {
    view! { <main class="page"></main> }
}
