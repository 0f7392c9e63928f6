//! The ledger: the only place that changes chats, messages and contacts. Providers come with [`domain::Fact`]s
//! (`apply`), everybody else with [`domain::Command`]s (`command`), the outbox with what became of a send (`sending`).
//! Each change is one transaction: rows, events and jobs together.

mod apply;
mod command;
mod gesture;
mod sending;

use std::sync::Arc;

use domain::{AccountId, Address, ChatId, ContactId, Fact, FileId, JournalId, MessageId, Moment};
use moka::future::Cache;

use crate::accounts::Accounts;
use crate::state::Bell;
use crate::store::event::{EventKind, NewEvent};
use crate::store::{Db, Result, Tx, chat, event, file, preview};

pub use command::Done;
pub use sending::{Accepted, Doubt};

/// Where a conversation is kept.
#[derive(Clone, Copy, Debug)]
struct Place {
    chat: ChatId,
    /// Whether the contact has a name already.
    named: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Ledger {
    db: Db,
    bell: Arc<Bell>,
    accounts: Arc<Accounts>,
    /// Known conversations. Filled only after a commit, so that it never knows more than the database.
    places: Cache<(AccountId, Address), Place>,
}

/// One fact and where it came from.
#[derive(Clone, Debug)]
pub struct News {
    /// Whose.
    pub account: AccountId,
    /// The notification that told it.
    pub journal: Option<JournalId>,
    /// What was told.
    pub fact: Fact,
}

/// What a transaction has changed so far: becomes events when it ends.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    events: Vec<NewEvent>,
    places: Vec<((AccountId, Address), Place)>,
    jobs: bool,
    accounts: bool,
}

impl Changes {
    fn message(&mut self, account: AccountId, chat: ChatId, message: MessageId, fresh: bool) {
        let event = NewEvent {
            kind: EventKind::Message,
            account: Some(account),
            chat: Some(chat),
            message: Some(message),
            fresh,
        };
        self.push(event);
    }

    fn chat(&mut self, account: AccountId, chat: ChatId) {
        // A message's event carries its chat along.
        if !self.events.iter().any(|event| event.chat == Some(chat)) {
            self.push(NewEvent {
                kind: EventKind::Chat,
                account: Some(account),
                chat: Some(chat),
                message: None,
                fresh: false,
            });
        }
    }

    fn account(&mut self, account: AccountId) {
        self.accounts = true;
        self.push(NewEvent {
            kind: EventKind::Account,
            account: Some(account),
            chat: None,
            message: None,
            fresh: false,
        });
    }

    fn push(&mut self, event: NewEvent) {
        // Events show rows as they are when read, so one event a row and transaction is enough.
        let same = |e: &&mut NewEvent| {
            (e.kind, e.account, e.chat, e.message) == (event.kind, event.account, event.chat, event.message)
        };
        match self.events.iter_mut().rev().take(32).find(same) {
            Some(before) => before.fresh |= event.fresh,
            None => self.events.push(event),
        }
    }
}

/// The present moment.
pub fn now() -> Moment {
    Moment(jiff::Timestamp::now().as_millisecond())
}

impl Ledger {
    /// Keeps its rows in `db` and rings `bell` after each commit.
    pub fn new(db: Db, bell: Arc<Bell>, accounts: Arc<Accounts>) -> Self {
        Self { db, bell, accounts, places: Cache::new(50_000) }
    }

    /// Applies facts that did not come through the journal, in a transaction of their own.
    pub async fn note(&self, account: AccountId, facts: Vec<Fact>) -> Result<()> {
        let news: Vec<News> = facts.into_iter().map(|fact| News { account, journal: None, fact }).collect();
        let mut tx = self.db.begin().await?;
        let changes = self.apply(&mut tx, &news).await?;
        self.commit(tx, changes).await
    }

    /// Ends a transaction: appends its events, commits, and wakes those who wait for them.
    pub(crate) async fn commit(&self, mut tx: Tx, changes: Changes) -> Result<()> {
        event::append(&mut tx, &changes.events, now()).await?;
        tx.commit().await?;
        for (key, place) in changes.places {
            self.places.insert(key, place).await;
        }
        if !changes.events.is_empty() {
            self.bell.ring_events();
        }
        if changes.jobs {
            self.bell.jobs.notify_one();
        }
        if changes.accounts {
            self.accounts.forget();
            self.bell.accounts.notify_waiters();
            self.bell.jobs.notify_one();
        }
        Ok(())
    }

    /// After a failed transaction of ours, or when another process may have removed rows.
    pub(crate) fn forget(&self) {
        self.places.invalidate_all();
    }

    /// Appends the event of an account that was added, changed or deleted, to a transaction of the caller's. The caller
    /// commits and then calls [`Ledger::account_settled`].
    pub async fn account_changed(&self, tx: &mut Tx, account: AccountId) -> Result<()> {
        let mut changes = Changes::default();
        changes.account(account);
        event::append(tx, &changes.events, now()).await
    }

    /// Wakes everyone who has to know of a changed account, after its transaction was committed.
    pub fn account_settled(&self) {
        self.forget();
        self.accounts.forget();
        self.bell.accounts.notify_waiters();
        self.bell.jobs.notify_one();
        self.bell.ring_events();
    }

    /// Commits the transaction in which a file came or was given up, and tells of it: never one without the other.
    pub async fn file_changed(&self, mut tx: Tx, id: FileId) -> Result<()> {
        let mut changes = Changes::default();
        if let Some((account, chat, message)) = file::placed(&mut tx, id).await? {
            changes.message(account, chat, message, false);
        }
        self.commit(tx, changes).await
    }

    /// Shows under a message what its link leads to, if the message still says the same.
    pub async fn previewed(&self, mut tx: Tx, id: MessageId, text: &str, what: &preview::Remembered) -> Result<()> {
        let mut changes = Changes::default();
        if let Some((account, chat)) = preview::show(&mut tx, id, text, what, now()).await? {
            changes.message(account, chat, id, false);
        }
        self.commit(tx, changes).await
    }

    /// Commits the transaction in which a contact got another name or picture, and tells of it.
    pub async fn contact_changed(&self, mut tx: Tx, id: ContactId) -> Result<()> {
        let mut changes = Changes::default();
        for (chat, account) in chat::of_contact(&mut tx, id).await? {
            changes.chat(account, chat);
        }
        self.commit(tx, changes).await
    }
}
