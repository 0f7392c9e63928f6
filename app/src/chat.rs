//! The inbox: list of chats, chat window, composer.

use leptos::prelude::*;

/// The inbox. Mounted for `/`, `/chat/{id}` and `/open`, and kept while moving between them.
#[component]
pub fn Inbox() -> impl IntoView {
    view! { <div class="inbox"></div> }
}
