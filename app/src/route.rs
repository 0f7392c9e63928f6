//! Addresses: which page each one means, and moving between them without a reload. What the pages show is not here.
//!
//! The table of pages is the enum [`Place`]; the compiler lists whoever forgets one. Ordinary `<a href>` links work:
//! a click on one that stays inside the client is taken over here.

use std::sync::LazyLock;

use domain::{AccountId, ChatId, UserId};
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// A page of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `/`: the inbox without an open chat.
    Inbox,
    /// `/chat/{id}`.
    Chat(ChatId),
    /// `/open?phone&account&text`: a deep link that opens or begins a chat.
    Open,
    /// `/setup`: first run.
    Setup,
    /// `/sign-in`.
    SignIn,
    /// `/settings/…`.
    Settings(Section),
    /// `/log`: the integration log.
    Log,
    /// Anything else.
    Missing,
}

/// A page of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// `/settings`: on a narrow screen the list of pages, on a wide one the first of them.
    Menu,
    /// `/settings/accounts`, `/settings/accounts/new`, `/settings/accounts/{id}`.
    Accounts(Item<AccountId>),
    /// `/settings/users`, `/settings/users/new`, `/settings/users/{id}`.
    Users(Item<UserId>),
    /// `/settings/replies`: quick replies.
    Replies,
    /// `/settings/labels`.
    Labels,
    /// `/settings/profile`.
    Profile,
}

/// What of a list is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<Id> {
    /// Nothing.
    None,
    /// A new one is being made.
    New,
    /// This one.
    One(Id),
}

impl Place {
    /// Reads a path.
    pub fn of(path: &str) -> Self {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let found = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Some(Self::Inbox),
            (Some("chat"), Some(id), None) => id.parse().ok().map(Self::Chat),
            (Some("open"), None, _) => Some(Self::Open),
            (Some("setup"), None, _) => Some(Self::Setup),
            (Some("sign-in"), None, _) => Some(Self::SignIn),
            (Some("log"), None, _) => Some(Self::Log),
            (Some("settings"), None, _) => Some(Self::Settings(Section::Menu)),
            (Some("settings"), Some("accounts"), item) => Item::of(item).map(|i| Self::Settings(Section::Accounts(i))),
            (Some("settings"), Some("users"), item) => Item::of(item).map(|i| Self::Settings(Section::Users(i))),
            (Some("settings"), Some("replies"), None) => Some(Self::Settings(Section::Replies)),
            (Some("settings"), Some("labels"), None) => Some(Self::Settings(Section::Labels)),
            (Some("settings"), Some("profile"), None) => Some(Self::Settings(Section::Profile)),
            _ => None,
        };
        if parts.next().is_some() { Self::Missing } else { found.unwrap_or(Self::Missing) }
    }

    /// The path of the page, without a query.
    pub fn path(self) -> String {
        match self {
            Self::Inbox | Self::Missing => "/".to_owned(),
            Self::Chat(id) => format!("/chat/{id}"),
            Self::Open => "/open".to_owned(),
            Self::Setup => "/setup".to_owned(),
            Self::SignIn => "/sign-in".to_owned(),
            Self::Log => "/log".to_owned(),
            Self::Settings(Section::Menu) => "/settings".to_owned(),
            Self::Settings(Section::Accounts(item)) => item.path("/settings/accounts"),
            Self::Settings(Section::Users(item)) => item.path("/settings/users"),
            Self::Settings(Section::Replies) => "/settings/replies".to_owned(),
            Self::Settings(Section::Labels) => "/settings/labels".to_owned(),
            Self::Settings(Section::Profile) => "/settings/profile".to_owned(),
        }
    }

    /// Whether the inbox shows this page, so that moving between them keeps it mounted.
    pub fn in_inbox(self) -> bool {
        matches!(self, Self::Inbox | Self::Chat(_) | Self::Open)
    }
}

impl<Id: std::str::FromStr + std::fmt::Display> Item<Id> {
    fn of(part: Option<&str>) -> Option<Self> {
        match part {
            None => Some(Self::None),
            Some("new") => Some(Self::New),
            Some(id) => id.parse().ok().map(Self::One),
        }
    }

    fn path(self, list: &str) -> String {
        match self {
            Self::None => list.to_owned(),
            Self::New => format!("{list}/new"),
            Self::One(id) => format!("{list}/{id}"),
        }
    }
}

/// The address now: path and query with its question mark.
static URL: LazyLock<ArcRwSignal<(String, String)>> = LazyLock::new(|| ArcRwSignal::new(read()));

fn read() -> (String, String) {
    let location = window().location();
    (location.pathname().unwrap_or_default(), location.search().unwrap_or_default())
}

/// The page now; whoever reads it follows it.
pub fn place() -> Place {
    URL.with(|url| Place::of(&url.0))
}

/// Path and query now; whoever reads it follows it.
pub fn address() -> String {
    URL.with(|url| format!("{}{}", url.0, url.1))
}

/// A parameter of the query, decoded; whoever reads it follows it.
pub fn query(name: &str) -> Option<String> {
    URL.with(|url| web_sys::UrlSearchParams::new_with_str(&url.1).ok()?.get(name))
}

/// A parameter of the query as it is now, without following it.
pub fn query_now(name: &str) -> Option<String> {
    URL.with_untracked(|url| web_sys::UrlSearchParams::new_with_str(&url.1).ok()?.get(name))
}

/// Moves to a path of the client, with a step in the browser's history.
pub fn go(path: &str) {
    travel(path, false);
}

/// Moves to a path of the client in place of the present one.
pub fn replace(path: &str) {
    travel(path, true);
}

fn travel(path: &str, replace: bool) {
    if URL.with_untracked(|url| format!("{}{}", url.0, url.1) == path) {
        return;
    }
    if let Ok(history) = window().history() {
        let done = if replace {
            history.replace_state_with_url(&JsValue::NULL, "", Some(path))
        } else {
            history.push_state_with_url(&JsValue::NULL, "", Some(path))
        };
        if done.is_ok() {
            URL.set(read());
        }
    }
}

/// Follows the browser's own "back" and "forward", and takes over clicks on links. Called once.
pub fn listen() {
    let _ = window_event_listener(ev::popstate, |_| URL.set(read()));
    let _ = window_event_listener(ev::click, |event| {
        if event.default_prevented()
            || event.button() != 0
            || event.meta_key()
            || event.ctrl_key()
            || event.shift_key()
            || event.alt_key()
        {
            return;
        }
        let Some(link) = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .and_then(|element| element.closest("a[href]").ok().flatten())
            .and_then(|element| element.dyn_into::<web_sys::HtmlAnchorElement>().ok())
        else {
            return;
        };
        let own = window().location().origin().is_ok_and(|origin| origin == link.origin());
        // The server answers these itself.
        let served = ["/api/", "/hs/", "/healthz", "/metrics"].iter().any(|start| link.pathname().starts_with(start));
        if !own || served || !link.target().is_empty() || link.has_attribute("download") || !link.hash().is_empty() {
            return;
        }
        event.prevent_default();
        go(&format!("{}{}", link.pathname(), link.search()));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_path() {
        for place in [
            Place::Inbox,
            Place::Chat(ChatId(7)),
            Place::Open,
            Place::Setup,
            Place::SignIn,
            Place::Log,
            Place::Settings(Section::Menu),
            Place::Settings(Section::Accounts(Item::None)),
            Place::Settings(Section::Accounts(Item::New)),
            Place::Settings(Section::Users(Item::One(UserId(3)))),
            Place::Settings(Section::Replies),
            Place::Settings(Section::Labels),
            Place::Settings(Section::Profile),
        ] {
            assert_eq!(Place::of(&place.path()), place);
        }
    }

    #[test]
    fn strange_paths_are_missing() {
        for path in ["/chat", "/chat/x", "/chat/1/2", "/settings/accounts/x", "/settings/profile/1", "/nope"] {
            assert_eq!(Place::of(path), Place::Missing, "{path}");
        }
    }
}
