//! An address that means nothing.

use leptos::prelude::*;

use crate::i18n::t;
use crate::state::session;
use crate::ui::Empty;

/// "No such page", and the way back.
#[component]
pub fn Missing() -> impl IntoView {
    session().title.set(t().common.missing_title.to_owned());
    view! {
        <main class="page">
            <Empty title=t().common.missing_title text=t().common.missing_text>
                <a class="btn primary" href="/">
                    {t().common.to_chats}
                </a>
            </Empty>
        </main>
    }
}
