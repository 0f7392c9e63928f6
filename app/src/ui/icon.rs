//! Drawings from the sprite `public/icons.svg`. A name is the part after `i-`.

use leptos::prelude::*;

/// A 20-pixel icon without a meaning of its own: the text beside it or the button's label says what it is.
pub fn icon(name: &'static str) -> impl IntoView {
    sized(name, "i")
}

/// An icon with classes of its own, e.g. `i s` for 16 pixels.
pub fn sized(name: &'static str, class: &'static str) -> impl IntoView {
    view! { <svg class=class aria-hidden="true"><use href=format!("/icons.svg#i-{name}")></use></svg> }
}

/// The turning circle.
pub fn spinner() -> impl IntoView {
    sized("spinner", "i spin")
}

/// The mark: a pavilion's roof over a speech bubble.
pub fn mark(class: &'static str) -> impl IntoView {
    view! { <svg class=class aria-hidden="true"><use href="/icons.svg#mark"></use></svg> }
}
