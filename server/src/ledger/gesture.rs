//! What is done to messages that are there: edit, delete, react, forward. The row changes at once and a job tells the
//! provider; when the provider refuses for good, the row goes back to how it was and says why.

use domain::command::Outgoing;
use domain::message::{DELETE_WINDOW, EDIT_WINDOW, MAX_CAPTION, MAX_FORWARD, MAX_TEXT};
use domain::{AccountId, ChatId, Content, Direction, Failure, Fault, Kind, MessageId, Moment, Origin, Status};

use super::apply::reacted;
use super::{Changes, Ledger, now};
use crate::auth::Who;
use crate::fault::Problem;
use crate::gateway::capabilities;
use crate::store::job::{JobKind, NewJob};
use crate::store::message::MessageRow;
use crate::store::{Result, Tx, account, file, job, mention, message};

impl Ledger {
    /// Changes the text of a message of ours.
    pub(super) async fn edit(&self, who: &Who, id: MessageId, text: &str) -> Result<(), Problem> {
        let text = text.replace('\0', "");
        let text = text.trim_end();
        let mut tx = self.db.begin().await?;
        let row = there(self.mine(&mut tx, who, id).await?)?;
        if text.trim().is_empty() {
            return Err(Fault::MessageEmpty.into());
        }
        let limit = if row.has_files() { MAX_CAPTION } else { MAX_TEXT };
        if text.chars().count() > limit {
            return Err(Fault::TextTooLong.into());
        }
        // One that waits, or failed, goes with the new text when it goes.
        let told = row.kind().is_said() && !matches!(row.status(), Status::Queued | Status::Failed);
        if told {
            let able =
                account::provider(&mut tx, AccountId(row.account_id)).await?.is_some_and(|p| capabilities(p).edit);
            // Providers change texts; a caption or a card they do not (`reference/green-api.md` §2.2).
            if !able || row.kind() != Kind::Text {
                return Err(Fault::NotSupported.into());
            }
            if now().since(Moment(row.sent_at)) > EDIT_WINDOW {
                return Err(Fault::TooLate.into());
            }
        }
        let mut changes = Changes::default();
        if message::edit(&mut tx, id, text, now()).await? {
            if told {
                self.tell(&mut tx, &mut changes, &row, JobKind::Edit).await?;
            }
            if row.kind() == Kind::Note {
                let (account, chat) = (AccountId(row.account_id), ChatId(row.chat_id));
                let meant = domain::mention::resolve(text, &mention::people(&mut tx, account).await?);
                mention::keep(&mut tx, account, chat, id, who.user, &meant).await?;
            }
            changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
        }
        Ok(self.commit(tx, changes).await?)
    }

    /// Deletes a message of ours for everyone. One that has not gone yet never goes.
    pub(super) async fn delete(&self, who: &Who, id: MessageId) -> Result<(), Problem> {
        let mut tx = self.db.begin().await?;
        let row = self.mine(&mut tx, who, id).await?;
        if row.deleted_at().is_some() {
            // The second of two clicks.
            return Ok(());
        }
        let mut changes = Changes::default();
        if row.kind().is_said() && !matches!(row.status(), Status::Queued | Status::Failed) {
            let able =
                account::provider(&mut tx, AccountId(row.account_id)).await?.is_some_and(|p| capabilities(p).delete);
            if !able {
                return Err(Fault::NotSupported.into());
            }
            if now().since(Moment(row.sent_at)) > DELETE_WINDOW {
                return Err(Fault::TooLate.into());
            }
            self.tell(&mut tx, &mut changes, &row, JobKind::Delete).await?;
        } else {
            job::cancel(&mut tx, id, JobKind::Send).await?;
            // The next message of the chat may go.
            changes.jobs = true;
        }
        mention::forget(&mut tx, id).await?;
        message::delete(&mut tx, id, now()).await?;
        changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
        Ok(self.commit(tx, changes).await?)
    }

    /// Reacts in the account's name. The same emoji again takes the reaction back.
    pub(super) async fn react(&self, who: &Who, id: MessageId, emoji: &str) -> Result<(), Problem> {
        let emoji = emoji.trim();
        let mut tx = self.db.begin().await?;
        let row = there(self.seen(&mut tx, who, id).await?)?;
        if emoji.chars().count() > 16 || emoji.chars().any(|c| c.is_alphanumeric() && !c.is_ascii_digit()) {
            return Err(Problem::with(Fault::Invalid, "emoji"));
        }
        let able =
            account::provider(&mut tx, AccountId(row.account_id)).await?.is_some_and(|p| capabilities(p).reactions);
        if !able || !row.kind().is_said() {
            return Err(Fault::NotSupported.into());
        }
        let again = row.reactions().iter().any(|reaction| reaction.by == "me" && reaction.emoji == emoji);
        let emoji = if again { "" } else { emoji };
        let reactions = reacted(row.reactions.as_deref(), "me", emoji, now());
        message::set_reactions(&mut tx, id, &reactions).await?;
        let mut changes = Changes::default();
        self.tell(&mut tx, &mut changes, &row, JobKind::React).await?;
        changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
        Ok(self.commit(tx, changes).await?)
    }

    /// Sends copies of messages on, each chat in the order asked for.
    pub(super) async fn forward(
        &self,
        who: &Who,
        messages: &[MessageId],
        chats: &[ChatId],
        client_id: &str,
    ) -> Result<(), Problem> {
        let count = 1..=MAX_FORWARD;
        if !count.contains(&messages.len()) || !count.contains(&chats.len()) {
            return Err(Problem::with(Fault::Invalid, "messages, chats"));
        }
        if client_id.is_empty() || client_id.len() > 40 {
            return Err(Problem::with(Fault::Invalid, "client_id"));
        }
        for &chat in chats {
            for (index, &id) in messages.iter().enumerate() {
                let mut tx = self.db.begin().await?;
                let row = there(self.seen(&mut tx, who, id).await?)?;
                if !row.kind().is_said() || matches!(row.kind(), Kind::Call | Kind::Unsupported | Kind::Invite) {
                    return Err(Fault::NotSupported.into());
                }
                // The copies are this person's uploads, so that they go the way of any other file.
                let client_id = format!("{client_id}/{}/{index}", chat.0);
                if message::by_client_id(&mut tx, who.user, &client_id).await?.is_some() {
                    continue;
                }
                let files = if row.has_files() { file::copy(&mut tx, id, who.user, now()).await? } else { Vec::new() };
                if row.has_files() && files.is_empty() {
                    return Err(Fault::FileNotFound.into());
                }
                tx.commit().await?;
                let outgoing = Outgoing {
                    chat,
                    author: Some(who.user),
                    origin: Origin::Operator,
                    client_id,
                    text: row.text.clone(),
                    files,
                    quote: None,
                    note: false,
                    voice: row.kind() == Kind::Voice,
                    forwarded: true,
                    content: row.content().filter(sendable),
                };
                self.send(who, &outgoing).await?;
            }
        }
        Ok(())
    }

    /// A message that the person may see, as it is now that nobody else changes it.
    async fn seen(&self, tx: &mut Tx, who: &Who, id: MessageId) -> Result<MessageRow, Problem> {
        let row = message::get(tx, id).await?.filter(|row| who.sight.sees(AccountId(row.account_id)));
        tx.take_turn([AccountId(row.ok_or(Fault::MessageNotFound)?.account_id)]).await?;
        Ok(message::get(tx, id).await?.ok_or(Fault::MessageNotFound)?)
    }

    /// A message of ours. A note is its author's alone.
    async fn mine(&self, tx: &mut Tx, who: &Who, id: MessageId) -> Result<MessageRow, Problem> {
        let row = self.seen(tx, who, id).await?;
        if row.direction() != Direction::Out || row.kind() == Kind::System {
            return Err(Fault::Forbidden.into());
        }
        if row.kind() == Kind::Note && row.author_id != Some(who.user.0) {
            return Err(Fault::Forbidden.into());
        }
        Ok(row)
    }

    async fn tell(&self, tx: &mut Tx, changes: &mut Changes, row: &MessageRow, kind: JobKind) -> Result<()> {
        let gesture = NewJob {
            kind,
            account: AccountId(row.account_id),
            chat: Some(ChatId(row.chat_id)),
            message: Some(MessageId(row.id)),
            file: None,
            contact: None,
        };
        changes.jobs = true;
        job::enqueue(tx, &[gesture], now()).await
    }

    /// A provider refused a gesture for good: back to how it was, with the reason beside it. In the transaction that
    /// ends the job.
    pub async fn gesture_refused(&self, mut tx: Tx, id: MessageId, kind: JobKind, failure: &Failure) -> Result<()> {
        let mut changes = Changes::default();
        if let Some(row) = message::get(&mut tx, id).await? {
            match kind {
                JobKind::Edit => message::unedit(&mut tx, id, failure).await?,
                JobKind::Delete => message::undelete(&mut tx, id, failure).await?,
                JobKind::React => {
                    let without = reacted(row.reactions.as_deref(), "me", "", now());
                    message::set_reactions(&mut tx, id, &without).await?;
                }
                _ => {}
            }
            changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
        }
        self.commit(tx, changes).await
    }
}

/// A message that has not been deleted.
fn there(row: MessageRow) -> Result<MessageRow, Problem> {
    if row.deleted_at().is_some() { Err(Fault::MessageNotFound.into()) } else { Ok(row) }
}

/// What can be said again elsewhere: menus and choices are bound to their conversation.
fn sendable(content: &Content) -> bool {
    matches!(content, Content::Location(_) | Content::Contacts { .. } | Content::Poll(_))
}
