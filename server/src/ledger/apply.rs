//! Facts become rows. Notifications may come twice, late, out of order or about messages that we do not know; each case
//! ends in the same rows as the orderly one. New messages are kept many at a time: that is where the load is.

use std::collections::{HashMap, HashSet};

use domain::fact::{NewMessage, QuoteRef};
use domain::message::{Quote, Reaction};
use domain::{AccountId, Address, ChatId, Content, Direction, Fact, Failure, Kind, MessageId, Moment, Origin, Status};

use super::{Changes, Ledger, News, Place, now};
use crate::store::chat::Growth;
use crate::store::job::{JobKind, NewJob};
use crate::store::message::{MessageRow, NewRow};
use crate::store::{Result, Tx, account, chat, contact, early, file, job, known, message};

/// An echo comes at most this long after a message was written, milliseconds: an unsent message is kept a day by the
/// provider, and may have waited here before.
const ECHO: i64 = 48 * 60 * 60 * 1000;

/// A message that comes so much after it was said, milliseconds, may have been answered meanwhile.
const LATE: i64 = 10 * 60 * 1000;

impl Ledger {
    /// Applies facts in their order inside the caller's transaction. Nothing is rung before [`Ledger::commit`].
    pub(crate) async fn apply(&self, tx: &mut Tx, news: &[News]) -> Result<Changes> {
        let mut changes = Changes::default();
        tx.take_turn(news.iter().map(|item| item.account)).await?;
        let mut rest = news;
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|item| incoming(&item.fact)).count();
            if run > 0 {
                let (batch, tail) = rest.split_at(run);
                rest = tail;
                self.keep(tx, &mut changes, batch).await?;
            } else {
                rest = &rest[1..];
                self.apply_one(tx, &mut changes, first).await?;
            }
        }
        let mut told: Vec<_> = news.iter().filter(|item| item.journal.is_some()).map(|item| item.account).collect();
        told.sort();
        told.dedup();
        account::touch(tx, &told, now()).await?;
        Ok(changes)
    }

    async fn apply_one(&self, tx: &mut Tx, changes: &mut Changes, news: &News) -> Result<()> {
        match &news.fact {
            Fact::Message(told) => self.outgoing_told(tx, changes, news, told).await,
            Fact::Status { chat, provider_id, status, failure, at } => {
                let place = match chat {
                    Some(address) => self.known(tx, news.account, address).await?,
                    None => None,
                };
                match message::by_provider_id(tx, news.account, provider_id, place).await? {
                    Some(row) => advance(tx, changes, &row, *status, failure.as_ref()).await,
                    None => message::keep_early(tx, news.account, provider_id, *status, failure.as_ref(), *at).await,
                }
            }
            Fact::Edited { chat, provider_id, .. }
            | Fact::Deleted { chat, provider_id, .. }
            | Fact::Reacted { chat, provider_id, .. } => {
                match self.told_of(tx, news.account, chat, provider_id).await? {
                    Some(row) => alter(tx, changes, &row, &news.fact).await,
                    None => early::keep(tx, news.account, &news.fact).await,
                }
            }
            Fact::Voted { chat, provider_id, poll } => {
                if let Some(row) = self.told_of(tx, news.account, chat, provider_id).await? {
                    message::set_content(tx, MessageId(row.id), &Content::Poll(poll.clone())).await?;
                    changes.message(news.account, ChatId(row.chat_id), MessageId(row.id), false);
                }
                Ok(())
            }
            Fact::Account { state, phone, failure, at } => {
                if account::set_state(tx, news.account, *state, failure.as_ref(), phone.as_deref(), *at).await? {
                    changes.account(news.account);
                }
                if state.sends() {
                    // What waited for the account may go now.
                    changes.accounts |= account::set_pause(tx, news.account, None).await?;
                    changes.jobs = true;
                }
                Ok(())
            }
            Fact::Contact { address, name } => {
                let Some(known) = contact::by_address(tx, address).await? else { return Ok(()) };
                if !name.trim().is_empty() && contact::rename(tx, domain::ContactId(known.id), address, name).await? {
                    for (chat, account) in chat::of_contact(tx, domain::ContactId(known.id)).await? {
                        changes.chat(account, chat);
                    }
                }
                Ok(())
            }
        }
    }

    /// Keeps a run of messages from clients.
    async fn keep(&self, tx: &mut Tx, changes: &mut Changes, batch: &[News]) -> Result<()> {
        let told: Vec<(&News, &NewMessage)> = batch
            .iter()
            .filter_map(|item| match &item.fact {
                Fact::Message(message) => Some((item, &**message)),
                _ => None,
            })
            .collect();
        let places = self.places(tx, changes, &told).await?;
        let at = now();
        let mut rows = Vec::with_capacity(told.len());
        for (item, message) in &told {
            let Some(place) = places.get(&(item.account, &message.chat)) else { continue };
            let quote = match &message.quote {
                Some(quote) => Some(quoted(tx, item.account, place.chat, quote).await?),
                None => None,
            };
            rows.push(NewRow {
                account: item.account,
                chat: place.chat,
                news: message,
                quote,
                journal: item.journal,
                created_at: at,
            });
        }
        let kept: HashMap<(ChatId, String), MessageId> =
            message::insert_news(tx, &rows).await?.into_iter().map(|(id, chat, told)| ((chat, told), id)).collect();
        let mut growths: Vec<Growth> = Vec::new();
        let mut seen = HashSet::new();
        for row in &rows {
            // The same message twice in one batch is kept once.
            let Some(&id) = kept.get(&(row.chat, row.news.provider_id.clone())) else { continue };
            if !seen.insert(id) {
                continue;
            }
            let unread = row.news.direction == Direction::In && !row.news.old && !answered(tx, row).await?;
            self.attach(tx, changes, row, id).await?;
            grow(&mut growths, row, id, unread, false);
            changes.message(row.account, row.chat, id, unread);
        }
        chat::grow(tx, &growths).await?;
        let fresh: Vec<&NewRow<'_>> =
            rows.iter().filter(|row| kept.contains_key(&(row.chat, row.news.provider_id.clone()))).collect();
        for same in fresh.chunk_by(|one, next| one.account == next.account) {
            let ids: Vec<&str> = same.iter().map(|row| row.news.provider_id.as_str()).collect();
            alter_early(tx, changes, same[0].account, &ids).await?;
        }
        Ok(())
    }

    /// A message that went out by other means than ours, or the echo of one of ours.
    async fn outgoing_told(&self, tx: &mut Tx, changes: &mut Changes, news: &News, told: &NewMessage) -> Result<()> {
        let batch = [(news, told)];
        let places = self.places(tx, changes, &batch).await?;
        let Some(place) = places.get(&(news.account, &told.chat)).copied() else { return Ok(()) };
        if let Some(row) = message::by_provider_id(tx, news.account, &told.provider_id, Some(place.chat)).await?
            && row.chat_id == place.chat.0
        {
            return advance(tx, changes, &row, told.status, None).await;
        }
        if told.origin == Origin::Api
            && let Some(row) = message::on_its_way(tx, place.chat, told.at.plus(-ECHO))
                .await?
                .into_iter()
                .find(|row| echoes(row, told))
        {
            return self.adopt(tx, changes, &row, &told.provider_id).await;
        }
        let quote = match &told.quote {
            Some(quote) => Some(quoted(tx, news.account, place.chat, quote).await?),
            None => None,
        };
        let row = NewRow {
            account: news.account,
            chat: place.chat,
            news: told,
            quote,
            journal: news.journal,
            created_at: now(),
        };
        let Some((id, _, _)) = message::insert_news(tx, std::slice::from_ref(&row)).await?.into_iter().next() else {
            return Ok(());
        };
        self.attach(tx, changes, &row, id).await?;
        let by_hand = told.origin == Origin::Phone && !told.old;
        // Told late: it answers what was said before it, not what has been said since.
        let overtaken = by_hand && known::said_later(tx, place.chat, Direction::In, told.at).await?;
        let mut growths = Vec::new();
        grow(&mut growths, &row, id, false, by_hand && !overtaken);
        chat::grow(tx, &growths).await?;
        if overtaken {
            chat::mark_read(tx, place.chat, id).await?;
        }
        changes.message(row.account, row.chat, id, false);
        if let Some((status, failure)) = message::take_early(tx, news.account, &told.provider_id).await?
            && let Some(kept) = message::get(tx, id).await?
        {
            advance(tx, changes, &kept, status, failure.as_ref()).await?;
        }
        alter_early(tx, changes, news.account, &[&told.provider_id]).await
    }

    /// A message's files wait to be fetched; the message does not wait for them.
    async fn attach(&self, tx: &mut Tx, changes: &mut Changes, row: &NewRow<'_>, id: MessageId) -> Result<()> {
        let mut jobs = Vec::with_capacity(row.news.files.len());
        for (position, remote) in (0..).zip(row.news.files.iter().take(domain::file::MAX_FILES)) {
            let file = file::insert_remote(tx, row.account, row.chat, id, position, remote).await?;
            jobs.push(NewJob {
                kind: JobKind::File,
                account: row.account,
                chat: None,
                message: None,
                file: Some(file),
                contact: None,
            });
        }
        let news = row.news;
        if news.kind == Kind::Text && news.preview.is_none() && !news.old && has_link(&news.text) {
            jobs.push(NewJob {
                kind: JobKind::Preview,
                account: row.account,
                chat: None,
                message: Some(id),
                file: None,
                contact: None,
            });
        }
        changes.jobs |= !jobs.is_empty();
        job::enqueue(tx, &jobs, now()).await
    }

    /// Finds or makes the contacts and chats of messages.
    async fn places<'a>(
        &self,
        tx: &mut Tx,
        changes: &mut Changes,
        told: &[(&News, &'a NewMessage)],
    ) -> Result<HashMap<(AccountId, &'a Address), Place>> {
        let mut places = HashMap::with_capacity(told.len());
        let mut missing: HashMap<(AccountId, &'a Address), String> = HashMap::new();
        for (item, message) in told {
            let key = (item.account, &message.chat);
            if places.contains_key(&key) {
                continue;
            }
            match self.places.get(&(item.account, message.chat.clone())).await {
                Some(place) if place.named || message.chat_name.is_empty() => {
                    places.insert(key, place);
                }
                _ => {
                    let name = missing.entry(key).or_default();
                    if name.is_empty() {
                        name.clone_from(&message.chat_name);
                    }
                }
            }
        }
        if missing.is_empty() {
            return Ok(places);
        }
        // In one order everywhere, so that two processes cannot wait for each other.
        let mut wanted: Vec<(Address, String)> =
            missing.iter().map(|((_, address), name)| ((*address).clone(), name.clone())).collect();
        wanted.sort();
        wanted.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same && kept.1.is_empty() {
                kept.1 = std::mem::take(&mut later.1);
            }
            same
        });
        let contacts = contact::ensure(tx, &wanted).await?;
        let named: HashMap<&Address, bool> = wanted.iter().map(|(address, name)| (address, !name.is_empty())).collect();
        let mut keys: Vec<_> = missing
            .keys()
            .filter_map(|(account, address)| contacts.get(address).map(|contact| (*account, *contact)))
            .collect();
        keys.sort();
        let chats = chat::ensure(tx, &keys, now()).await?;
        let mut jobs = Vec::new();
        for (account, address) in missing.into_keys() {
            let Some(&contact) = contacts.get(address) else { continue };
            let Some(&(chat, new)) = chats.get(&(account, contact)) else { continue };
            if new {
                jobs.push(NewJob {
                    kind: JobKind::Profile,
                    account,
                    chat: None,
                    message: None,
                    file: None,
                    contact: Some(contact),
                });
            }
            let place = Place { chat, named: named.get(address).copied().unwrap_or_default() };
            changes.places.push(((account, address.clone()), place));
            places.insert((account, address), place);
        }
        changes.jobs |= !jobs.is_empty();
        job::enqueue(tx, &jobs, now()).await?;
        Ok(places)
    }

    /// The chat of an address, if there is one.
    async fn known(&self, tx: &mut Tx, account: AccountId, address: &Address) -> Result<Option<ChatId>> {
        if let Some(place) = self.places.get(&(account, address.clone())).await {
            return Ok(Some(place.chat));
        }
        let Some(contact) = contact::by_address(tx, address).await? else { return Ok(None) };
        let chats = chat::of_contact(tx, domain::ContactId(contact.id)).await?;
        Ok(chats.into_iter().find(|(_, owner)| *owner == account).map(|(chat, _)| chat))
    }

    /// The message that a notification is about.
    async fn told_of(
        &self,
        tx: &mut Tx,
        account: AccountId,
        address: &Address,
        provider_id: &str,
    ) -> Result<Option<MessageRow>> {
        let place = self.known(tx, account, address).await?;
        message::by_provider_id(tx, account, provider_id, place).await
    }
}

/// Whether a text may have an address in it; whether it has is found out apart from the flood of messages.
pub(super) fn has_link(text: &str) -> bool {
    text.contains("://") || text.contains("www.")
}

/// Whether a message that was told late has been answered since: then it asks for nobody's attention. One that comes in
/// time is not looked at, so that load costs nothing.
async fn answered(tx: &mut Tx, row: &NewRow<'_>) -> Result<bool> {
    if row.created_at.since(row.news.at) < LATE {
        return Ok(false);
    }
    known::said_later(tx, row.chat, Direction::Out, row.news.at).await
}

fn incoming(fact: &Fact) -> bool {
    matches!(fact, Fact::Message(message) if message.direction == Direction::In)
}

/// Adds a new message to what its chat grows by.
fn grow(growths: &mut Vec<Growth>, row: &NewRow<'_>, id: MessageId, unread: bool, answers: bool) {
    let index = growths.iter().position(|growth| growth.chat == row.chat).unwrap_or_else(|| {
        growths.push(Growth {
            chat: row.chat,
            last: (row.news.at, id),
            unread: 0,
            first_unread: None,
            waiting_since: None,
            answered: false,
            reopen: false,
        });
        growths.len() - 1
    });
    let growth = &mut growths[index];
    growth.last = growth.last.max((row.news.at, id));
    if unread {
        growth.unread += 1;
        growth.first_unread.get_or_insert(id);
        growth.waiting_since.get_or_insert(row.news.at);
        growth.reopen = true;
    } else if answers {
        // Whoever answered on the phone has seen what was there.
        growth.answered = true;
        growth.unread = 0;
        growth.first_unread = None;
        growth.waiting_since = None;
    }
}

/// Moves a message on if the news is news.
pub(super) async fn advance(
    tx: &mut Tx,
    changes: &mut Changes,
    row: &MessageRow,
    status: Status,
    failure: Option<&Failure>,
) -> Result<()> {
    if row.status().moves_to(status) {
        message::set_status(tx, MessageId(row.id), status, failure).await?;
        changes.message(AccountId(row.account_id), ChatId(row.chat_id), MessageId(row.id), false);
    }
    Ok(())
}

/// Changes a message as an edit, a deletion or a reaction tells.
async fn alter(tx: &mut Tx, changes: &mut Changes, row: &MessageRow, fact: &Fact) -> Result<()> {
    let id = MessageId(row.id);
    match fact {
        // Our own edit comes back as news too.
        Fact::Edited { text, at, .. } => {
            if !message::edit(tx, id, text, *at).await? {
                return Ok(());
            }
        }
        Fact::Deleted { at, .. } => message::delete(tx, id, *at).await?,
        Fact::Reacted { by, emoji, at, .. } => {
            let reactions = reacted(row.reactions.as_deref(), by, emoji, *at);
            message::set_reactions(tx, id, &reactions).await?;
        }
        _ => return Ok(()),
    }
    changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
    Ok(())
}

/// Changes messages that have just come as was told before they came.
pub(super) async fn alter_early(
    tx: &mut Tx,
    changes: &mut Changes,
    account: AccountId,
    provider_ids: &[&str],
) -> Result<()> {
    for (provider_id, facts) in early::take(tx, account, provider_ids).await? {
        for fact in facts {
            // Read each time: one reaction is added to the other.
            if let Some(row) = message::by_provider_id(tx, account, &provider_id, None).await? {
                alter(tx, changes, &row, &fact).await?;
            }
        }
    }
    Ok(())
}

/// Whether a message that the provider tells of is one of ours that is on its way. Providers trim texts; the first line
/// may be the sender's name, which only the client sees.
fn echoes(row: &MessageRow, told: &NewMessage) -> bool {
    let (ours, theirs) = (row.text.trim(), told.text.trim());
    row.kind().has_file() == told.kind.has_file()
        && (ours == theirs || (!ours.is_empty() && theirs.strip_suffix(ours).is_some_and(|head| head.ends_with(":\n"))))
}

/// Resolves a quote; the provider's own copy serves where the message is not here.
async fn quoted(tx: &mut Tx, account: AccountId, chat: ChatId, quote: &QuoteRef) -> Result<Quote> {
    Ok(match message::by_provider_id(tx, account, &quote.provider_id, Some(chat)).await? {
        Some(row) => quote_of(&row),
        None => Quote { message: None, author: String::new(), text: clip(&quote.text), kind: quote.kind },
    })
}

/// A quote of a message that is here.
pub(super) fn quote_of(row: &MessageRow) -> Quote {
    Quote {
        message: Some(MessageId(row.id)),
        author: row.author_name.clone().unwrap_or_default(),
        text: clip(&row.text),
        kind: row.kind(),
    }
}

fn clip(text: &str) -> String {
    text.chars().take(300).collect()
}

/// The reactions after one more; an empty emoji takes the person's reaction back.
pub(super) fn reacted(before: Option<&str>, by: &str, emoji: &str, at: Moment) -> Vec<Reaction> {
    let mut reactions: Vec<Reaction> = before.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    reactions.retain(|reaction| reaction.by != by);
    if !emoji.is_empty() && reactions.len() < 1000 {
        reactions.push(Reaction { by: by.to_owned(), emoji: emoji.chars().take(16).collect(), at });
    }
    reactions
}
