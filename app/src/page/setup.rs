//! SetUp.

use leptos::prelude::*;

/// SetUp.
#[component]
pub fn SetUp() -> impl IntoView {
    view! { <main class="page"></main> }
}
