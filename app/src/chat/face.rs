//! The round picture of a contact: the messenger's own where there is one, otherwise initials.

use domain::Contact;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::text::initials;
use crate::api;
use crate::ui::avatar::hue;
use crate::ui::icon;

/// A contact's picture. `size` as in [`crate::ui::Avatar`].
pub fn face(contact: &Contact, size: &'static str) -> AnyView {
    let class = format!("ava {size}{}", if contact.group { " group" } else { "" });
    let letters = match initials(&contact.name) {
        Some(letters) => letters.into_any(),
        None => icon(if contact.group { "users" } else { "user" }).into_any(),
    };
    let picture = contact.avatar.map(|file| {
        // A picture that has gone leaves the initials.
        let hide = |event: ev::ErrorEvent| {
            if let Some(image) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
                image.remove();
            }
        };
        view! {
            <img
                src=format!("{}/files/{file}?thumbnail", api::ROOT)
                alt=""
                loading="lazy"
                decoding="async"
                draggable="false"
                on:error=hide
            />
        }
    });
    view! {
        <span class=class data-h=hue(contact.id.0).to_string() aria-hidden="true">
            {letters}
            {picture}
        </span>
    }
    .into_any()
}
