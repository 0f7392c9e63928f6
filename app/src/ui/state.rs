//! An account in words and colours: its provider's name, how it stands and what to do about it.

use domain::{Account, AccountState, Phone, Provider, locale};
use leptos::prelude::*;

use super::icon;
use crate::i18n::{self, t};

/// The class that colours a state: `ok`, `warn`, `danger` or `off`.
pub fn tone(state: AccountState) -> &'static str {
    match state {
        AccountState::Working => "ok",
        AccountState::Unknown
        | AccountState::WaitingScan
        | AccountState::Passkey
        | AccountState::Starting
        | AccountState::Sleeping
        | AccountState::Unreachable => "warn",
        AccountState::Suspended
        | AccountState::Blocked
        | AccountState::WrongKey
        | AccountState::WrongInstance
        | AccountState::Expired
        | AccountState::Quota => "danger",
        AccountState::Off => "off",
    }
}

/// How an account stands, its switch included.
pub fn state_of(account: &Account) -> AccountState {
    if account.enabled { account.state } else { AccountState::Off }
}

/// Whether somebody should look at it.
pub fn needs_attention(account: &Account) -> bool {
    account.enabled && !matches!(account.state, AccountState::Working | AccountState::Unknown | AccountState::Starting)
}

/// A provider's name.
pub fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::GreenApi => "Green-API",
        Provider::Sandbox => t().common.sandbox,
    }
}

/// The account's number as people read it.
pub fn pretty_phone(digits: &str) -> String {
    // With hyphens that do not break: a number never wraps.
    Phone::parse(&format!("+{digits}"))
        .map_or_else(|| digits.to_owned(), |phone| phone.pretty().replace('-', "\u{2011}"))
}

/// The coloured point of an account.
pub fn dot(account: &Account) -> impl IntoView + use<> {
    view! { <span class=format!("dot {}", tone(state_of(account)))></span> }
}

/// The state in a word or two, with its colour and an icon.
pub fn badge(account: &Account) -> impl IntoView + use<> {
    let state = state_of(account);
    let glyph = match state {
        AccountState::Working => "check",
        AccountState::WaitingScan => "qr",
        AccountState::Passkey | AccountState::WrongKey => "key",
        AccountState::Unknown | AccountState::Starting => "clock",
        AccountState::Unreachable => "wifi-off",
        AccountState::Off => "minus",
        _ => "alert",
    };
    view! { <span class=format!("badge {}", tone(state))>{icon(glyph)}{locale::state(i18n::language(), state).0}</span> }
}
