//! Commands become rows. Each checks what the person may see inside its own transaction.

use domain::message::{MAX_CAPTION, MAX_CLIENT_ID, MAX_TEXT, Quote};
use domain::{
    AccountId, Address, ChatId, Command, Content, Fault, Kind, Message, MessageId, Moment, Status, UserId,
    command::Outgoing,
};

use super::apply::{has_link, quote_of};
use super::{Changes, Ledger, now};
use crate::auth::{Sight, Who};
use crate::fault::Problem;
use crate::store::chat::Growth;
use crate::store::job::{JobKind, NewJob};
use crate::store::message::NewOutgoing;
use crate::store::{Tx, account, chat, contact, file, job, label, mention, message};

/// What a command came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    /// A message is new or has changed.
    Message(Box<Message>),
    /// A chat is new or has changed, or stayed as it was.
    Chat(Box<domain::Chat>),
    /// Nothing to show.
    Nothing,
}

impl Ledger {
    /// Does what somebody asks, if they may.
    pub async fn command(&self, who: &Who, command: Command) -> Result<Done, Problem> {
        match command {
            Command::Send(outgoing) => {
                let id = self.send(who, &outgoing).await?;
                self.show_message(who, id).await
            }
            Command::SendAgain(id) => {
                self.send_again(who, id).await?;
                self.show_message(who, id).await
            }
            Command::Edit { message, text } => {
                self.edit(who, message, &text).await?;
                self.show_message(who, message).await
            }
            Command::Delete(id) => {
                self.delete(who, id).await?;
                self.show_message(who, id).await
            }
            Command::React { message, emoji } => {
                self.react(who, message, &emoji).await?;
                self.show_message(who, message).await
            }
            Command::Forward { messages, chats, client_id } => {
                self.forward(who, &messages, &chats, &client_id).await?;
                Ok(Done::Nothing)
            }
            Command::Open { account, address } => {
                if !who.sight.sees(account) {
                    return Err(Fault::AccountNotFound.into());
                }
                let chat = self.open_address(account, &address).await?;
                self.show_chat(who, chat).await
            }
            Command::MarkRead { chat, up_to } => {
                let mut tx = self.db.begin().await?;
                let (account, ..) = located(&mut tx, &who.sight, chat).await?;
                tx.take_turn([account]).await?;
                let mut changes = Changes::default();
                if chat::mark_read(&mut tx, chat, up_to).await? {
                    changes.chat(account, chat);
                    self.tell_read(&mut tx, &mut changes, account, chat, up_to).await?;
                }
                self.commit(tx, changes).await?;
                self.show_chat(who, chat).await
            }
            Command::MarkUnread(chat) => {
                self.change(who, chat, async |tx: &mut Tx| chat::mark_unread(tx, chat).await).await
            }
            Command::Label { chat, label, on } => {
                let mut tx = self.db.begin().await?;
                let known = label::exists(&mut tx, label).await?;
                drop(tx);
                if !known {
                    return Err(Fault::LabelNotFound.into());
                }
                self.change(who, chat, async |tx: &mut Tx| label::set(tx, chat, label, on).await).await
            }
            Command::Assign { chat, user } => {
                self.change(who, chat, async |tx: &mut Tx| chat::assign(tx, chat, user).await).await
            }
            Command::SetClosed { chat, closed } => {
                self.change(who, chat, async |tx: &mut Tx| chat::set_closed(tx, chat, closed).await).await
            }
            Command::NoAnswerNeeded(chat) => {
                self.change(who, chat, async |tx: &mut Tx| chat::settle(tx, chat).await).await
            }
            Command::FetchAgain(id) => {
                let mut tx = self.db.begin().await?;
                let found = file::placed(&mut tx, id).await?.filter(|(account, ..)| who.sight.sees(*account));
                let Some((account, chat, message)) = found else {
                    return Err(Fault::FileNotFound.into());
                };
                let mut changes = Changes::default();
                if file::ask_again(&mut tx, id).await? {
                    let again = NewJob {
                        kind: JobKind::File,
                        account,
                        chat: None,
                        message: None,
                        file: Some(id),
                        contact: None,
                    };
                    job::enqueue(&mut tx, &[again], now()).await?;
                    changes.jobs = true;
                    changes.message(account, chat, message, false);
                }
                self.commit(tx, changes).await?;
                Ok(Done::Nothing)
            }
        }
    }

    async fn show_message(&self, who: &Who, id: MessageId) -> Result<Done, Problem> {
        let message = message::visible(&self.db, &who.sight, id).await?.ok_or(Fault::MessageNotFound)?;
        Ok(Done::Message(Box::new(message)))
    }

    async fn show_chat(&self, who: &Who, id: ChatId) -> Result<Done, Problem> {
        let chat = chat::visible(&self.db, &who.sight, id).await?.ok_or(Fault::ChatNotFound)?;
        Ok(Done::Chat(Box::new(chat)))
    }

    async fn change(
        &self,
        who: &Who,
        chat: ChatId,
        change: impl AsyncFnOnce(&mut Tx) -> crate::store::Result<bool>,
    ) -> Result<Done, Problem> {
        let mut tx = self.db.begin().await?;
        let (account, ..) = located(&mut tx, &who.sight, chat).await?;
        let mut changes = Changes::default();
        if change(&mut tx).await? {
            changes.chat(account, chat);
        }
        self.commit(tx, changes).await?;
        self.show_chat(who, chat).await
    }

    pub(super) async fn send(&self, who: &Who, outgoing: &Outgoing) -> Result<MessageId, Problem> {
        // WhatsApp has no NUL, and PostgreSQL keeps none.
        let text = outgoing.text.replace('\0', "");
        let text = text.trim_end();
        if outgoing.client_id.is_empty() || outgoing.client_id.len() > MAX_CLIENT_ID {
            return Err(Problem::with(Fault::Invalid, "client_id"));
        }
        let different: std::collections::HashSet<_> = outgoing.files.iter().collect();
        if outgoing.files.len() > domain::file::MAX_FILES || different.len() != outgoing.files.len() {
            return Err(Problem::with(Fault::Invalid, "files"));
        }
        if text.trim().is_empty() && outgoing.files.is_empty() && outgoing.content.is_none() {
            return Err(Fault::MessageEmpty.into());
        }
        let part = outgoing.content.as_ref().map(checked).transpose()?;
        let limit = if outgoing.files.is_empty() { MAX_TEXT } else { MAX_CAPTION };
        if text.chars().count() > limit {
            return Err(Fault::TextTooLong.into());
        }
        let author = outgoing.author.unwrap_or(who.user);
        let at = now();
        let mut tx = self.db.begin().await?;
        let (account, _, address) = located(&mut tx, &who.sight, outgoing.chat).await?;
        // A repeated click waits here for the first.
        tx.take_turn([account]).await?;
        if let Some(before) = message::by_client_id(&mut tx, author, &outgoing.client_id).await? {
            return Ok(before);
        }
        if !outgoing.note && !account::is_on(&mut tx, account).await? {
            return Err(Fault::AccountOff.into());
        }
        if outgoing.note && (!outgoing.files.is_empty() || part.is_some()) {
            return Err(Problem::with(Fault::Invalid, "note"));
        }
        let quote = match outgoing.quote {
            Some(id) => {
                let row = message::get(&mut tx, id).await?.filter(|row| row.chat_id == outgoing.chat.0);
                Some(quote_of(&row.ok_or(Fault::MessageNotFound)?))
            }
            None => None,
        };
        let mut changes = Changes::default();
        let mut draft = Draft { account, author, outgoing, at, content: None };
        let first = if outgoing.note {
            let note = draft.keep(&mut tx, &outgoing.client_id, Kind::Note, text, quote, false).await?;
            if let Some(note) = note {
                let meant = domain::mention::resolve(text, &mention::people(&mut tx, account).await?);
                mention::keep(&mut tx, account, outgoing.chat, note, author, &meant).await?;
            }
            note
        } else if let (Some(kind), Some(content)) = (part, &outgoing.content) {
            // Several cards are a message each: providers send one at a time.
            let mut first = None;
            for (position, content) in single(content).into_iter().enumerate() {
                let client_id = numbered(&outgoing.client_id, position);
                let (text, quote) = if position == 0 { (text, quote.clone()) } else { ("", None) };
                draft.content = Some(content);
                let message = draft.keep(&mut tx, &client_id, kind, text, quote, false).await?;
                let Some(message) = message else { continue };
                changes.message(account, outgoing.chat, message, false);
                first = first.or(Some(message));
            }
            first
        } else if outgoing.files.is_empty() {
            draft.keep(&mut tx, &outgoing.client_id, Kind::Text, text, quote, false).await?
        } else {
            let kinds = file::uploads(&mut tx, author, &outgoing.files).await?;
            if kinds.len() != outgoing.files.len() {
                return Err(Fault::FileNotFound.into());
            }
            let mut first = None;
            for (position, (id, mime)) in kinds.iter().enumerate() {
                let alone = position == 0;
                let client_id = numbered(&outgoing.client_id, position);
                let (text, quote) = if alone { (text, quote.clone()) } else { ("", None) };
                // Outgoing recordings go as files; only the microphone makes voice notes.
                let kind = match Kind::of_mime(mime) {
                    Kind::Voice | Kind::Audio if outgoing.voice => Kind::Voice,
                    Kind::Voice => Kind::Audio,
                    kind => kind,
                };
                let message = draft.keep(&mut tx, &client_id, kind, text, quote, true).await?;
                let Some(message) = message else { continue };
                file::attach(&mut tx, author, &[*id], account, outgoing.chat, message).await?;
                changes.message(account, outgoing.chat, message, false);
                first = first.or(Some(message));
            }
            first
        };
        let Some(first) = first else {
            // Another request with the same client id was faster: on PostgreSQL its row is visible now.
            let before = message::by_client_id(&mut tx, author, &outgoing.client_id).await?;
            return before.ok_or_else(|| Problem::from(Fault::Internal));
        };
        changes.message(account, outgoing.chat, first, false);
        if outgoing.note {
            // The client gets nothing, so nothing is answered, and the list shows what was said last.
            self.commit(tx, changes).await?;
            return Ok(first);
        }
        changes.jobs = true;
        let growth = Growth {
            chat: outgoing.chat,
            last: (at, first),
            unread: 0,
            first_unread: None,
            waiting_since: None,
            answered: false,
            reopen: true,
        };
        chat::grow(&mut tx, &[growth]).await?;
        chat::settle(&mut tx, outgoing.chat).await?;
        if !address.is_group() {
            chat::assign_if_free(&mut tx, outgoing.chat, author).await?;
        }
        self.commit(tx, changes).await?;
        Ok(first)
    }

    async fn send_again(&self, who: &Who, id: MessageId) -> Result<(), Problem> {
        let mut tx = self.db.begin().await?;
        let row = message::get(&mut tx, id).await?.filter(|row| who.sight.sees(AccountId(row.account_id)));
        tx.take_turn([AccountId(row.ok_or(Fault::MessageNotFound)?.account_id)]).await?;
        // As it is now that nobody else changes it: of two clicks the second finds it queued.
        let row = message::get(&mut tx, id).await?.ok_or(Fault::MessageNotFound)?;
        if !row.status().may_send_again() || job::of_message(&mut tx, id).await?.is_some() {
            return Err(Fault::NotFailed.into());
        }
        let (account, chat) = (AccountId(row.account_id), ChatId(row.chat_id));
        message::restart(&mut tx, id).await?;
        let again =
            NewJob { kind: JobKind::Send, account, chat: Some(chat), message: Some(id), file: None, contact: None };
        job::enqueue(&mut tx, &[again], now()).await?;
        let mut changes = Changes { jobs: true, ..Changes::default() };
        changes.message(account, chat, id, false);
        Ok(self.commit(tx, changes).await?)
    }

    /// Begins or finds the conversation with an address.
    async fn open_address(&self, account: AccountId, address: &Address) -> Result<ChatId, Problem> {
        let mut tx = self.db.begin().await?;
        let contacts = contact::ensure(&mut tx, &[(address.clone(), String::new())]).await?;
        let contact = *contacts.get(address).ok_or(Fault::Internal)?;
        let chats = chat::ensure(&mut tx, &[(account, contact)], now()).await?;
        let &(chat, new) = chats.get(&(account, contact)).ok_or(Fault::Internal)?;
        let mut changes = Changes::default();
        if new {
            chat::bring_up(&mut tx, chat, now()).await?;
            let profile = NewJob {
                kind: JobKind::Profile,
                account,
                chat: None,
                message: None,
                file: None,
                contact: Some(contact),
            };
            job::enqueue(&mut tx, &[profile], now()).await?;
            changes.jobs = true;
            changes.chat(account, chat);
        }
        self.commit(tx, changes).await?;
        Ok(chat)
    }

    /// Lets the provider tell the client, where the account is set so.
    async fn tell_read(
        &self,
        tx: &mut Tx,
        changes: &mut Changes,
        account: AccountId,
        chat: ChatId,
        up_to: MessageId,
    ) -> Result<(), Problem> {
        let read =
            NewJob { kind: JobKind::Read, account, chat: Some(chat), message: Some(up_to), file: None, contact: None };
        job::enqueue(tx, &[read], now()).await?;
        changes.jobs = true;
        Ok(())
    }
}

/// The parts that the messages of one request share.
struct Draft<'a> {
    account: AccountId,
    author: UserId,
    outgoing: &'a Outgoing,
    at: Moment,
    content: Option<Content>,
}

impl Draft<'_> {
    async fn keep(
        &self,
        tx: &mut Tx,
        client_id: &str,
        kind: Kind,
        text: &str,
        quote: Option<Quote>,
        has_files: bool,
    ) -> Result<Option<MessageId>, Problem> {
        let new = NewOutgoing {
            account: self.account,
            chat: self.outgoing.chat,
            author: Some(self.author),
            origin: self.outgoing.origin,
            client_id,
            kind,
            text,
            quote,
            has_files,
            forwarded: self.outgoing.forwarded,
            content: self.content.as_ref(),
            preview: None,
            mentions: &[],
            status: if kind == Kind::Note { Status::Received } else { Status::Queued },
            at: self.at,
        };
        let Some(id) = message::insert_outgoing(tx, &new).await? else { return Ok(None) };
        if kind == Kind::Note {
            return Ok(Some(id));
        }
        let send = NewJob {
            kind: JobKind::Send,
            account: self.account,
            chat: Some(self.outgoing.chat),
            message: Some(id),
            file: None,
            contact: None,
        };
        job::enqueue(tx, std::slice::from_ref(&send), self.at).await?;
        if kind == Kind::Text && has_link(text) {
            job::enqueue(tx, &[NewJob { kind: JobKind::Preview, chat: None, ..send }], self.at).await?;
        }
        Ok(Some(id))
    }
}

/// The client id of one of the messages that a request becomes.
fn numbered(client_id: &str, position: usize) -> String {
    if position == 0 { client_id.to_owned() } else { format!("{client_id}#{}", position + 1) }
}

/// One card each; the rest stays as it is.
fn single(content: &Content) -> Vec<Content> {
    match content {
        Content::Contacts { cards } => {
            cards.iter().map(|card| Content::Contacts { cards: vec![card.clone()] }).collect()
        }
        other => vec![other.clone()],
    }
}

/// A chat that the person may see.
async fn located(tx: &mut Tx, sight: &Sight, chat: ChatId) -> Result<(AccountId, domain::ContactId, Address), Problem> {
    let found = chat::locate(tx, chat).await?;
    found.filter(|(account, ..)| sight.sees(*account)).ok_or_else(|| Fault::ChatNotFound.into())
}

/// What a place, cards or a poll is kept as, if it can be sent at all (`reference/green-api.md` §2.1).
fn checked(content: &Content) -> Result<Kind, Problem> {
    use domain::content::{MAX_OPTION, MAX_OPTIONS, MAX_PARTS, MAX_QUESTION};
    let long = |text: &str, most: usize| text.chars().count() > most;
    let (kind, fine) = match content {
        Content::Location(place) => {
            let fine = place.is_valid() && !long(&place.name, 300) && !long(&place.address, 300);
            (Kind::Location, fine)
        }
        Content::Contacts { cards } => {
            let fine = (1..=MAX_PARTS).contains(&cards.len())
                && cards.iter().all(|card| {
                    !card.name.trim().is_empty()
                        && !long(&card.name, 300)
                        && (1..=20).contains(&card.phones.len())
                        && card.vcard.len() <= 65_536
                });
            (Kind::Contact, fine)
        }
        Content::Poll(poll) => {
            let different: std::collections::HashSet<_> =
                poll.options.iter().map(|option| option.text.trim()).collect();
            let fine = !poll.question.trim().is_empty()
                && !long(&poll.question, MAX_QUESTION)
                && (2..=MAX_OPTIONS).contains(&poll.options.len())
                && different.len() == poll.options.len()
                && poll.options.iter().all(|option| {
                    option.voters.is_empty() && !option.text.trim().is_empty() && !long(&option.text, MAX_OPTION)
                });
            (Kind::Poll, fine)
        }
        _ => return Err(Problem::with(Fault::Invalid, "content")),
    };
    if fine { Ok(kind) } else { Err(Problem::with(Fault::Invalid, "content")) }
}
