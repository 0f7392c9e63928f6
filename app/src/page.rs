//! Pages other than the inbox. The first load has the sign-in page only; the others come later, in parts.

pub mod account;
pub mod account_form;
pub mod account_parts;
pub mod accounts;
pub mod check;
pub mod keys;
pub mod labels;
pub mod link_phone;
pub mod log;
pub mod missing;
mod pavilion;
pub mod profile;
pub mod receive;
pub mod replies;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod setup_steps;
pub mod sign_in;
pub mod user;
pub mod users;

pub use missing::Missing;
pub use sign_in::{Expired, SignIn};

use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use crate::ui::Part;

/// The settings and the integration log.
#[wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)]
pub fn settings_part() -> Part {
    Ok(|| view! { <settings::Settings /> }.into_any())
}

/// The first-run wizard.
#[wasm_split(settings, wasm_split_path = leptos::wasm_split, fallible)]
pub fn setup_part() -> Part {
    Ok(|| view! { <setup::SetUp /> }.into_any())
}
