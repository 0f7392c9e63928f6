//! What stands in place of content: loading, trouble, emptiness.

use gloo_timers::callback::Timeout;
use leptos::prelude::*;

use super::icon;
use crate::api::Trouble;
use crate::i18n::t;

/// Grey rows while a list loads. They appear after 200 ms, so that a quick answer does not flicker.
#[component]
pub fn Loading(
    /// How many rows.
    #[prop(default = 6)]
    rows: usize,
) -> impl IntoView {
    let late = RwSignal::new(false);
    let timer = StoredValue::new_local(Some(Timeout::new(200, move || late.set(true))));
    on_cleanup(move || {
        timer.try_update_value(Option::take);
    });
    view! {
        <div class="sk-list" aria-busy="true" aria-label=t().common.loading>
            <Show when=move || late.get()>
                {(0..rows)
                    .map(|_| {
                        view! {
                            <div class="sk-row">
                                <span class="sk sk-ava"></span>
                                <div class="grow stack tight">
                                    <span class="sk sk-name"></span>
                                    <span class="sk sk-text"></span>
                                </div>
                            </div>
                        }
                    })
                    .collect_view()}
            </Show>
        </div>
    }
}

/// What happened, what is with the data, and the button that tries again.
#[component]
pub fn Broken(
    /// What happened.
    trouble: Trouble,
    /// Called by the button.
    #[prop(into)]
    again: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="empty" role="alert">
            <h3>{t().common.failed}</h3>
            <p class="sm">{trouble.message}</p>
            {trouble.detail.map(|detail| view! { <p class="xs muted">{detail}</p> })}
            <div class="line wrap">
                <button type="button" class="btn primary" on:click=move |_| again.run(())>
                    {icon("refresh")}
                    {t().common.again}
                </button>
            </div>
        </div>
    }
}

/// Why there is nothing here, and the first step.
#[component]
pub fn Empty(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    #[prop(optional, into)]
    text: String,
    /// Buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {pavilion()} <h3>{title}</h3> {(!text.is_empty()).then(|| view! { <p class="sm">{text}</p> })}
            {children.map(|children| view! { <div class="line wrap">{children()}</div> })}
        </div>
    }
}

/// The small line-drawn pavilion of empty states.
pub fn pavilion() -> impl IntoView {
    view! {
        <svg
            class="art"
            viewBox="0 0 132 96"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d="M14 86h104" opacity=".4"></path>
            <circle cx="66" cy="10" r="3" fill="currentColor"></circle>
            <path d="M66 13c5 15 21 25 46 29a4 4 0 0 1 0 7H20a4 4 0 0 1 0-7c25-4 41-14 46-29z"></path>
            <path d="M30 49v32M102 49v32M22 81h88v5H22z"></path>
            <path
                d="M48 58h36a4 4 0 0 1 4 4v9a4 4 0 0 1-4 4H66l-8 6v-6H48a4 4 0 0 1-4-4v-9a4 4 0 0 1 4-4z"
                opacity=".55"
            ></path>
        </svg>
    }
}
