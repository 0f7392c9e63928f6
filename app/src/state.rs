//! Who is signed in and what everyone on the page may need: accounts, colleagues, counters, this computer's
//! preferences. Chats are kept by `chat`.

use std::sync::LazyLock;

use domain::user::{Me, Setup, UserRef};
use domain::{Account, AccountId, Event, Fault, Page, Role, UserId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Trouble};
use crate::{i18n, live};

/// How far the client has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Asking the server who we are.
    Opening,
    /// The server could not be asked.
    Broken(Trouble),
    /// Nobody can sign in yet: the first-run wizard.
    Setup,
    /// Nobody is signed in.
    SignedOut,
    /// Somebody is.
    SignedIn,
}

/// The state shared by all pages. `Copy`: take it before an `await`, not after.
#[derive(Clone, Copy)]
pub struct Session {
    /// How far the client has come.
    pub stage: RwSignal<Stage>,
    /// Who is signed in.
    pub me: RwSignal<Option<Me>>,
    /// The session ended under way: the password is asked for over the page, which stays as it is.
    pub expired: RwSignal<bool>,
    /// The accounts that this person may use, live, without what only administrators see.
    pub accounts: RwSignal<Vec<Account>>,
    /// Whether [`Session::accounts`] has been read.
    pub accounts_known: RwSignal<bool>,
    /// Colleagues who can answer.
    pub colleagues: RwSignal<Vec<UserRef>>,
    /// Unread chats: the rail's counter, the title, the favicon. The chat store sets it.
    pub unread: RwSignal<i64>,
    /// Messages that wait for the connection: the offline banner's number. The chat store sets it.
    pub queued: RwSignal<usize>,
    /// The page's name in the window's title.
    pub title: RwSignal<String>,
}

/// The shared state.
///
/// Available in every component and event handler that a component made.
pub fn session() -> Session {
    expect_context()
}

impl Session {
    /// Makes it; once, by the application.
    pub fn provide() -> Self {
        let session = Self {
            stage: RwSignal::new(Stage::Opening),
            me: RwSignal::new(None),
            expired: RwSignal::new(false),
            accounts: RwSignal::new(Vec::new()),
            accounts_known: RwSignal::new(false),
            colleagues: RwSignal::new(Vec::new()),
            unread: RwSignal::new(0),
            queued: RwSignal::new(0),
            title: RwSignal::new(String::new()),
        };
        provide_context(session);
        session
    }

    /// Asks the server who we are.
    pub fn start(self) {
        self.stage.set(Stage::Opening);
        spawn_local(async move {
            match api::get::<Me>("/session").await {
                Ok(me) => self.enter(me),
                Err(trouble) if trouble.is(Fault::SignedOut) => match api::get::<Setup>("/setup").await {
                    Ok(setup) => self.stage.set(if setup.needed { Stage::Setup } else { Stage::SignedOut }),
                    Err(trouble) => self.stage.set(Stage::Broken(trouble)),
                },
                Err(trouble) => self.stage.set(Stage::Broken(trouble)),
            }
        });
    }

    /// Somebody has signed in.
    pub fn enter(self, me: Me) {
        let same = self.me.with_untracked(|old| old.as_ref().is_some_and(|old| old.user.id == me.user.id));
        self.me.set(Some(me));
        self.expired.set(false);
        if !same {
            self.accounts.set(Vec::new());
            self.accounts_known.set(false);
        }
        self.stage.set(Stage::SignedIn);
        live::open();
        live::retry_now();
        self.load();
    }

    /// Ends the session, here and on the server.
    pub fn leave(self) {
        spawn_local(async move {
            let _ = api::delete("/session").await;
            self.left();
        });
    }

    /// Nobody is signed in any more.
    pub fn left(self) {
        live::close();
        self.me.set(None);
        self.expired.set(false);
        self.accounts.set(Vec::new());
        self.accounts_known.set(false);
        self.colleagues.set(Vec::new());
        self.unread.set(0);
        self.queued.set(0);
        self.stage.set(Stage::SignedOut);
    }

    /// Reads accounts and colleagues.
    pub fn load(self) {
        spawn_local(async move {
            if let Ok(page) = api::get::<Page<Account>>("/accounts").await {
                self.accounts.set(page.items);
                self.accounts_known.set(true);
            }
            if let Ok(page) = api::get::<Page<UserRef>>("/colleagues").await {
                self.colleagues.set(page.items);
            }
        });
    }

    /// Keeps the lists live.
    pub fn hear(self, event: &Event) {
        match event {
            Event::Reset => self.load(),
            Event::Account { account } => self.put_account((**account).clone()),
            Event::AccountGone { id } => self.accounts.update(|list| list.retain(|a| a.id != *id)),
            _ => {}
        }
    }

    /// Takes in an account as it is now. An answer may be older than an event that overtook it; then the newer state
    /// stays.
    pub fn put_account(self, mut account: Account) {
        self.accounts.update(|list| match list.iter_mut().find(|a| a.id == account.id) {
            Some(old) => {
                if old.state_at > account.state_at {
                    (account.state, account.state_at) = (old.state, old.state_at);
                    account.trouble = old.trouble.take();
                    account.phone = old.phone.take();
                }
                *old = account;
            }
            None => list.push(account),
        });
    }

    /// The person's id; whoever reads it follows it.
    pub fn user_id(self) -> Option<UserId> {
        self.me.with(|me| me.as_ref().map(|me| me.user.id))
    }

    /// The person's role; whoever reads it follows it.
    pub fn role(self) -> Option<Role> {
        self.me.with(|me| me.as_ref().map(|me| me.user.role))
    }

    /// Whether the person administers.
    pub fn is_admin(self) -> bool {
        self.role() == Some(Role::Administrator)
    }

    /// An account by its id; whoever reads it follows it.
    pub fn account(self, id: AccountId) -> Option<Account> {
        self.accounts.with(|list| list.iter().find(|a| a.id == id).cloned())
    }
}

/// The colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// The colours chosen on this computer.
pub static THEME: LazyLock<ArcRwSignal<Theme>> = LazyLock::new(|| {
    ArcRwSignal::new(match recall("theme").as_deref() {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    })
});

/// Whether this computer sounds at a new message.
pub static SOUND: LazyLock<ArcRwSignal<bool>> =
    LazyLock::new(|| ArcRwSignal::new(recall("sound").as_deref() != Some("off")));

/// Whether this computer shows desktop notifications. The browser's own permission comes on top.
pub static NOTIFY: LazyLock<ArcRwSignal<bool>> =
    LazyLock::new(|| ArcRwSignal::new(recall("notify").as_deref() == Some("on")));

/// Whether single characters act as keys of the inbox on this computer.
pub static LETTERS: LazyLock<ArcRwSignal<bool>> =
    LazyLock::new(|| ArcRwSignal::new(recall("letters").as_deref() != Some("off")));

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// A preference of this computer. Kept under `besedka.<name>`; `boot/theme.js` reads the theme too.
pub fn recall(name: &str) -> Option<String> {
    storage()?.get_item(&format!("besedka.{name}")).ok().flatten()
}

/// Keeps a preference of this computer. Where storage is forbidden it lasts until the page closes.
pub fn remember(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&format!("besedka.{name}"), value);
    }
}

/// Changes the colours.
pub fn set_theme(theme: Theme) {
    THEME.set(theme);
    remember(
        "theme",
        match theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        },
    );
    apply_preferences();
}

/// Switches the sound.
pub fn set_sound(on: bool) {
    SOUND.set(on);
    remember("sound", if on { "on" } else { "off" });
}

/// Switches desktop notifications.
pub fn set_notify(on: bool) {
    NOTIFY.set(on);
    remember("notify", if on { "on" } else { "off" });
}

/// Switches keys of single characters.
pub fn set_letters(on: bool) {
    LETTERS.set(on);
    remember("letters", if on { "on" } else { "off" });
}

/// Writes theme and language onto the page.
pub fn apply_preferences() {
    let Some(root) = document().document_element() else { return };
    let _ = match THEME.get_untracked() {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light => root.set_attribute("data-theme", "light"),
        Theme::Dark => root.set_attribute("data-theme", "dark"),
    };
    let _ = root.set_attribute("lang", i18n::language_tag());
}

/// Whether the page is dark now.
pub fn is_dark() -> bool {
    match THEME.get() {
        Theme::Dark => true,
        Theme::Light => false,
        Theme::System => {
            window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|media| media.matches())
        }
    }
}
