//! The line-drawn pavilion with its trellis, for the sign-in page.

use leptos::prelude::*;

/// The trellis: pairs of crossing laths, clipped to the two railings.
fn laths() -> String {
    let laths = |start: i32| (0..13).map(move |i| start + i * 20).map(|x| format!("M{x} 396l80 -84M{x} 312l80 84"));
    laths(16).chain(laths(224)).collect()
}

/// The drawing.
pub fn pavilion() -> impl IntoView {
    view! {
        <svg
            class="gz"
            viewBox="0 0 480 520"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <clipPath id="railings">
                <path d="M100 312h72v84h-72zM308 312h72v84h-72z"></path>
            </clipPath>
            <g opacity=".55" clip-path="url(#railings)" stroke-width="1.5">
                <path d=laths()></path>
            </g>
            <circle cx="240" cy="66" r="9" fill="currentColor"></circle>
            <path d="M240 78v14"></path>
            <path d="M240 92c18 56 84 100 188 118 6 1 10 6 10 11s-4 9-10 9H52c-6 0-10-4-10-9s4-10 10-11c104-18 170-62 188-118z"></path>
            <path d="M240 92c6 50 30 110 62 138M240 92c-6 50-30 110-62 138M240 92v138" opacity=".55"></path>
            <path d="M88 230v176M100 230v176M172 230v176M182 230v176M298 230v176M308 230v176M380 230v176M392 230v176"></path>
            <path d="M100 312h72M100 396h72M308 312h72M308 396h72"></path>
            <path d="M48 406h384v18H48zM168 424v16h144v-16M152 440h176v16H152z"></path>
            <path
                d="M104 246c14 22 40 30 68 30M376 246c-14 22-40 30-68 30M186 246c20 34 88 34 108 0"
                opacity=".55"
            ></path>
            <g>
                <path
                    d="M198 324a12 12 0 0 1 12-12h60a12 12 0 0 1 12 12v32a12 12 0 0 1-12 12h-32l-18 16v-16h-10a12 12 0 0 1-12-12z"
                    fill="var(--bg-rail)"
                ></path>
                <path d="M216 332h48M216 347h30"></path>
            </g>
        </svg>
    }
}
