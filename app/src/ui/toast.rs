//! Short messages in the corner, gone by themselves. Never for an error that needs action: that belongs in its place.

use std::sync::LazyLock;

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::icon;
use crate::api::Trouble;
use crate::i18n::t;

/// How long a toast stays, milliseconds.
const STAYS: u32 = 6_000;
/// The most toasts at once; older ones go first.
const MOST: usize = 4;

#[derive(Clone)]
struct Toast {
    id: u32,
    glyph: &'static str,
    text: String,
}

static TOASTS: LazyLock<ArcRwSignal<(u32, Vec<Toast>)>> = LazyLock::new(|| ArcRwSignal::new((0, Vec::new())));

/// Shows a short message.
pub fn toast(glyph: &'static str, text: impl Into<String>) {
    let text = text.into();
    let mut id = 0;
    TOASTS.update(|(last, list)| {
        *last += 1;
        id = *last;
        list.push(Toast { id, glyph, text });
        if list.len() > MOST {
            list.remove(0);
        }
    });
    Timeout::new(STAYS, move || hide(id)).forget();
}

/// Shows why something did not succeed.
pub fn complain(trouble: &Trouble) {
    toast("alert", trouble.message.clone());
}

fn hide(id: u32) {
    TOASTS.update(|(_, list)| list.retain(|toast| toast.id != id));
}

/// Where they appear; once, in the shell.
#[component]
pub fn Toasts() -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=|| TOASTS.get().1 key=|toast| toast.id let:toast>
                <div class="toast">
                    {icon(toast.glyph)} <p>{toast.text.clone()}</p>
                    <button
                        type="button"
                        class="btn small icon"
                        aria-label=t().common.hide
                        on:click=move |_| hide(toast.id)
                    >
                        {icon("close")}
                    </button>
                </div>
            </For>
        </div>
    }
}
