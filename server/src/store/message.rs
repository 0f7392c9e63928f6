//! Messages. A chat is read by (sent_at, id), so a page anywhere in a chat of a million costs the same.

use std::collections::HashMap;

use domain::content::LinkPreview;
use domain::fact::NewMessage;
use domain::list::Cursor;
use domain::message::{Quote, Reaction, Shelf};
use domain::user::UserRef;
use domain::{
    AccountId, ChatId, Content, Direction, Failure, JournalId, Kind, Message, MessageId, Moment, Origin, Status, UserId,
};

use super::{Db, Result, Tx, padded, pieces, read, write};
use crate::auth::Sight;

mod change;
pub use change::{delete, edit, history, provider_id, raw, set_content, set_reactions, undelete, unedit};

const COLUMNS: &str = "m.id, m.account_id, m.chat_id, m.direction, m.origin, m.kind, m.text, m.status, m.failure, \
     m.sent_at, m.author_id, s.name as author_name, m.client_id, m.sender, m.provider_id, m.quote, m.reactions, \
     m.has_files, m.forwarded, m.edited_at, m.deleted_at, m.raw_kind, m.content, m.preview, m.mentions \
     from message m left join staff s on s.id = m.author_id";

/// A message as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MessageRow {
    /// Its id.
    pub id: i64,
    /// Its account.
    pub account_id: i64,
    /// Its chat.
    pub chat_id: i64,
    direction: String,
    origin: String,
    kind: String,
    /// The words.
    pub text: String,
    status: String,
    failure: Option<String>,
    /// When it was said.
    pub sent_at: i64,
    /// Who wrote it.
    pub author_id: Option<i64>,
    /// The writer's name.
    pub author_name: Option<String>,
    /// Chosen by the sender.
    pub client_id: Option<String>,
    sender: Option<String>,
    /// The provider's id.
    pub provider_id: Option<String>,
    quote: Option<String>,
    /// Reactions, JSON.
    pub reactions: Option<String>,
    has_files: bool,
    forwarded: bool,
    edited_at: Option<i64>,
    deleted_at: Option<i64>,
    raw_kind: Option<String>,
    content: Option<String>,
    preview: Option<String>,
    mentions: Option<String>,
}

impl MessageRow {
    /// What it carries besides words and files.
    pub fn content(&self) -> Option<Content> {
        self.content.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    /// When it was deleted for everyone.
    pub fn deleted_at(&self) -> Option<Moment> {
        self.deleted_at.map(Moment)
    }

    /// Who made it.
    pub fn origin(&self) -> Origin {
        Origin::parse(&self.origin).unwrap_or(Origin::System)
    }

    /// Reactions to it.
    pub fn reactions(&self) -> Vec<Reaction> {
        self.reactions.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// Whether it carries files.
    pub fn has_files(&self) -> bool {
        self.has_files
    }

    /// How far it got.
    pub fn status(&self) -> Status {
        Status::parse(&self.status).unwrap_or(Status::Unknown)
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Unsupported)
    }

    /// Which way it went.
    pub fn direction(&self) -> Direction {
        Direction::parse(&self.direction).unwrap_or(Direction::In)
    }

    /// What it answers.
    pub fn quote(&self) -> Option<Quote> {
        self.quote.as_deref().and_then(|text| serde_json::from_str(text).ok())
    }

    fn into_message(self, files: Vec<domain::File>) -> Message {
        let deleted = self.deleted_at.is_some();
        Message {
            id: MessageId(self.id),
            chat: ChatId(self.chat_id),
            account: AccountId(self.account_id),
            direction: self.direction(),
            origin: Origin::parse(&self.origin).unwrap_or(Origin::System),
            kind: self.kind(),
            status: self.status(),
            failure: self.failure.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            sent_at: Moment(self.sent_at),
            author: self
                .author_id
                .map(|id| UserRef { id: UserId(id), name: self.author_name.clone().unwrap_or_default() }),
            quote: self.quote(),
            reactions: self.reactions(),
            content: self.content().filter(|_| !deleted).map(Box::new),
            preview: self.preview.as_deref().filter(|_| !deleted).and_then(|text| serde_json::from_str(text).ok()),
            mentions: self.mentions.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
            // What was deleted for everyone is kept but no longer shown.
            text: if deleted { String::new() } else { self.text },
            files: if deleted { Vec::new() } else { files },
            sender: self.sender,
            client_id: self.client_id,
            forwarded: self.forwarded,
            edited_at: self.edited_at.map(Moment),
            deleted_at: self.deleted_at.map(Moment),
            raw_kind: self.raw_kind,
        }
    }
}

/// Adds the attachments and turns rows into what travels.
async fn complete(db: &Db, rows: Vec<MessageRow>) -> Result<Vec<Message>> {
    let with_files: Vec<MessageId> = rows.iter().filter(|row| row.has_files).map(|row| MessageId(row.id)).collect();
    let mut files =
        if with_files.is_empty() { HashMap::new() } else { super::file::for_messages(db, &with_files).await? };
    Ok(rows
        .into_iter()
        .map(|row| {
            let attached = files.remove(&MessageId(row.id)).unwrap_or_default();
            row.into_message(attached)
        })
        .collect())
}

/// Which part of a chat is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The end.
    Newest,
    /// What came before this message.
    Before(MessageId),
    /// What came after it.
    After(MessageId),
    /// It and both sides of it.
    Around(MessageId),
    /// What was said from this moment on, and a little before it.
    At(Moment),
}

/// Messages of a chat, oldest first. `None` when the anchor is not a message of this chat.
pub async fn window(db: &Db, chat: ChatId, window: Window, limit: i64) -> Result<Option<Vec<Message>>> {
    let (anchor, id) = match window {
        Window::At(at) => ((at.0, i64::MIN), None),
        Window::Newest => ((i64::MAX, i64::MAX), None),
        Window::Before(id) | Window::After(id) | Window::Around(id) => {
            let at: Option<i64> = read!(db, pool => sqlx::query_scalar(
                "select sent_at from message where id = $1 and chat_id = $2")
                .bind(id.0).bind(chat.0).fetch_optional(pool))?;
            match at {
                Some(at) => ((at, id.0), Some(id)),
                None => return Ok(None),
            }
        }
    };
    let older = |limit: i64, inclusive: bool| {
        let sign = if inclusive { "<=" } else { "<" };
        let sql = format!(
            "select {COLUMNS} where m.chat_id = $1 and (m.sent_at, m.id) {sign} ($2, $3)
             order by m.sent_at desc, m.id desc limit $4"
        );
        slice(db, sql, chat, anchor, limit)
    };
    let newer = |limit: i64| {
        let sql = format!(
            "select {COLUMNS} where m.chat_id = $1 and (m.sent_at, m.id) > ($2, $3) order by m.sent_at, m.id limit $4"
        );
        slice(db, sql, chat, anchor, limit)
    };
    let mut rows = match window {
        Window::Newest | Window::Before(_) => older(limit, false).await?,
        Window::After(_) => {
            return Ok(Some(complete(db, newer(limit).await?).await?));
        }
        Window::At(_) => {
            // Mostly what follows: the day that was asked for stands on top.
            let mut after = newer(limit - limit / 5).await?;
            after.reverse();
            after.extend(older(limit / 5, false).await?);
            after
        }
        Window::Around(_) => {
            let mut after = newer(limit / 2).await?;
            after.reverse();
            after.extend(older(limit - limit / 2, true).await?);
            after
        }
    };
    debug_assert!(id.is_some() || matches!(window, Window::Newest | Window::At(_)));
    rows.reverse();
    Ok(Some(complete(db, rows).await?))
}

/// A chat's pictures, files or links, newest first; what was deleted is not among them.
pub async fn shelf(db: &Db, chat: ChatId, shelf: Shelf, before: Option<Cursor>, limit: i64) -> Result<Vec<Message>> {
    // The words of the indexes, so that they are used.
    let kept = match shelf {
        Shelf::Media => "m.kind in ('image', 'video')",
        Shelf::Documents => "m.kind in ('document', 'audio', 'voice')",
        Shelf::Links => "m.preview is not null",
    };
    let sql = format!(
        "select {COLUMNS} where m.chat_id = $1 and {kept} and m.deleted_at is null and (m.sent_at, m.id) < ($2, $3)
         order by m.sent_at desc, m.id desc limit $4"
    );
    let anchor = before.map_or((i64::MAX, i64::MAX), |cursor| (cursor.at, cursor.id));
    complete(db, slice(db, sql, chat, anchor, limit).await?).await
}

async fn slice(db: &Db, sql: String, chat: ChatId, anchor: (i64, i64), limit: i64) -> Result<Vec<MessageRow>> {
    Ok(read!(db, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(chat.0).bind(anchor.0).bind(anchor.1).bind(limit).fetch_all(pool))?)
}

/// Messages by id, for the event log; those that are gone are left out.
pub async fn by_ids(db: &Db, ids: &[MessageId]) -> Result<HashMap<MessageId, Message>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(200) {
        let rows: Vec<MessageRow> = read!(db, pool => {
            let mut query = sqlx::QueryBuilder::new("select ");
            query.push(COLUMNS).push(" where m.id in (");
            let mut list = query.separated(", ");
            for id in padded(chunk) {
                list.push_bind(id.0);
            }
            query.push(")");
            async move { query.build_query_as().fetch_all(pool).await }
        })?;
        found.extend(complete(db, rows).await?.into_iter().map(|message| (message.id, message)));
    }
    Ok(found)
}

/// One message that the person may see.
pub async fn visible(db: &Db, sight: &Sight, id: MessageId) -> Result<Option<Message>> {
    Ok(by_ids(db, &[id]).await?.remove(&id).filter(|message| sight.sees(message.account)))
}

/// One row, inside a transaction.
pub async fn get(tx: &mut Tx, id: MessageId) -> Result<Option<MessageRow>> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} where m.id = $1"));
    Ok(write!(tx, conn => sqlx::query_as(sql).bind(id.0).fetch_optional(conn))?)
}

/// The message of a sender's client id, inside a transaction.
pub async fn by_client_id(tx: &mut Tx, author: UserId, client_id: &str) -> Result<Option<MessageId>> {
    let id: Option<i64> = write!(tx, conn => sqlx::query_scalar(
        "select id from message where author_id = $1 and client_id = $2")
        .bind(author.0).bind(client_id).fetch_optional(conn))?;
    Ok(id.map(MessageId))
}

/// Messages that a provider's id may mean: in the chat if it is told, otherwise in the whole account.
pub async fn by_provider_id(
    tx: &mut Tx,
    account: AccountId,
    provider_id: &str,
    chat: Option<ChatId>,
) -> Result<Option<MessageRow>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} where m.account_id = $1 and m.provider_id = $2
         order by case when m.chat_id = $3 then 0 else 1 end, m.id desc limit 1"
    ));
    Ok(write!(tx, conn => sqlx::query_as(sql).bind(account.0).bind(provider_id).bind(chat.map(|id| id.0).unwrap_or(-1))
        .fetch_optional(conn))?)
}

/// A message about to be kept.
#[derive(Clone, Debug)]
pub struct NewRow<'a> {
    /// Its account.
    pub account: AccountId,
    /// Its chat.
    pub chat: ChatId,
    /// What the provider told.
    pub news: &'a NewMessage,
    /// What it answers, resolved.
    pub quote: Option<Quote>,
    /// The notification that told of it.
    pub journal: Option<JournalId>,
    /// When it came.
    pub created_at: Moment,
}

/// Keeps messages that providers told of. One that is there already is left as it is and not answered.
pub async fn insert_news(tx: &mut Tx, rows: &[NewRow<'_>]) -> Result<Vec<(MessageId, ChatId, String)>> {
    let mut inserted = Vec::with_capacity(rows.len());
    for chunk in pieces(rows) {
        let found: Vec<(i64, i64, String)> = write!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into message (account_id, chat_id, direction, origin, kind, text, status, sent_at, created_at,
                    sender, provider_id, quote, has_files, forwarded, raw_kind, content, preview, journal_id) ");
            query.push_values(chunk, |mut row, new| {
                row.push_bind(new.account.0).push_bind(new.chat.0).push_bind(new.news.direction.as_str())
                    .push_bind(new.news.origin.as_str()).push_bind(new.news.kind.as_str())
                    .push_bind(new.news.text.as_str()).push_bind(new.news.status.as_str()).push_bind(new.news.at.0)
                    .push_bind(new.created_at.0).push_bind(new.news.sender_name.as_deref())
                    .push_bind(new.news.provider_id.as_str())
                    .push_bind(new.quote.as_ref().and_then(|quote| serde_json::to_string(quote).ok()))
                    .push_bind(!new.news.files.is_empty()).push_bind(new.news.forwarded)
                    .push_bind(new.news.raw_kind.as_deref())
                    .push_bind(new.news.content.as_ref().and_then(|part| serde_json::to_string(part).ok()))
                    .push_bind(new.news.preview.as_ref().and_then(|part| serde_json::to_string(part).ok()))
                    .push_bind(new.journal.map(|id| id.0));
            });
            query.push(" on conflict do nothing returning id, chat_id, provider_id");
            async move { query.build_query_as().fetch_all(conn).await }
        })?;
        inserted.extend(found.into_iter().map(|(id, chat, provider)| (MessageId(id), ChatId(chat), provider)));
    }
    Ok(inserted)
}

/// A message that staff or a programme sends.
#[derive(Clone, Debug)]
pub struct NewOutgoing<'a> {
    /// Its account.
    pub account: AccountId,
    /// Its chat.
    pub chat: ChatId,
    /// Who writes.
    pub author: Option<UserId>,
    /// By what hand.
    pub origin: Origin,
    /// Chosen by the sender.
    pub client_id: &'a str,
    /// What it is.
    pub kind: Kind,
    /// The words.
    pub text: &'a str,
    /// What it answers.
    pub quote: Option<Quote>,
    /// Carries a file.
    pub has_files: bool,
    /// Passed on from elsewhere.
    pub forwarded: bool,
    /// What it carries besides words and files.
    pub content: Option<&'a Content>,
    /// What its link leads to.
    pub preview: Option<&'a LinkPreview>,
    /// Colleagues mentioned in a note.
    pub mentions: &'a [UserRef],
    /// [`Status::Queued`]; a note is [`Status::Received`] at once.
    pub status: Status,
    /// Now.
    pub at: Moment,
}

/// Keeps a message of ours. `None` when the client id has been used.
pub async fn insert_outgoing(tx: &mut Tx, new: &NewOutgoing<'_>) -> Result<Option<MessageId>> {
    let quote = new.quote.as_ref().map(serde_json::to_string).transpose()?;
    let content = new.content.map(serde_json::to_string).transpose()?;
    let preview = new.preview.map(serde_json::to_string).transpose()?;
    let mentions = (!new.mentions.is_empty()).then(|| serde_json::to_string(new.mentions)).transpose()?;
    let id: Option<i64> = write!(tx, conn => sqlx::query_scalar(
        "insert into message (account_id, chat_id, direction, origin, kind, text, status, sent_at, created_at,
            author_id, client_id, quote, has_files, forwarded, content, preview, mentions)
         values ($1, $2, 'out', $3, $4, $5, $6, $7, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         on conflict do nothing returning id")
        .bind(new.account.0).bind(new.chat.0).bind(new.origin.as_str()).bind(new.kind.as_str()).bind(new.text)
        .bind(new.status.as_str()).bind(new.at.0).bind(new.author.map(|id| id.0)).bind(new.client_id).bind(quote)
        .bind(new.has_files).bind(new.forwarded).bind(content).bind(preview).bind(mentions)
        .fetch_optional(conn))?;
    Ok(id.map(MessageId))
}

/// Moves a message to a status, whatever it was: for our own steps, which know where they stand. The moment is kept for
/// "message info".
pub async fn set_status(tx: &mut Tx, id: MessageId, status: Status, failure: Option<&Failure>) -> Result<()> {
    let failure = failure.map(serde_json::to_string).transpose()?;
    write!(tx, conn => sqlx::query(
        "insert into message_step (message_id, status, at, failure) values ($1, $2, $3, $4)
         on conflict (message_id, status) do update set at = excluded.at, failure = excluded.failure")
        .bind(id.0).bind(status.as_str()).bind(crate::ledger::now().0).bind(failure.as_deref())
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    write!(tx, conn => sqlx::query("update message set status = $2, failure = $3 where id = $1")
        .bind(id.0).bind(status.as_str()).bind(failure).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Puts a failed or unknown message back into the queue, at the end of its chat.
pub async fn restart(tx: &mut Tx, id: MessageId) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "update message set status = 'queued', failure = null, provider_id = null where id = $1")
        .bind(id.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Gives a message the id that the provider knows it by. `false` when another message of the chat has that id.
pub async fn set_provider_id(tx: &mut Tx, id: MessageId, provider_id: &str) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "update message set provider_id = $2 where id = $1 and not exists (
            select 1 from message o where o.account_id = message.account_id and o.provider_id = $2
                and o.chat_id = message.chat_id and o.id <> message.id)")
        .bind(id.0).bind(provider_id).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// The outgoing messages of a chat that are on their way or in doubt, without an id yet: one whose echo has come before
/// its answer. First the one that is being sent now, then those given up as unknown, if written since a moment.
pub async fn on_its_way(tx: &mut Tx, chat: ChatId, since: Moment) -> Result<Vec<MessageRow>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} where m.chat_id = $1 and m.direction = 'out' and m.provider_id is null
            and (m.status in ('sending', 'checking') or (m.status = 'unknown' and m.sent_at >= $2))
         order by case m.status when 'unknown' then 1 else 0 end, m.id limit 20"
    ));
    Ok(write!(tx, conn => sqlx::query_as(sql).bind(chat.0).bind(since.0).fetch_all(conn))?)
}

/// The provider's ids of the last outgoing messages of a chat. Not those since a moment: what waited for an hour went a
/// moment ago and stands in the provider's journal with that time, but here with the time at which it was written.
pub async fn known_ids(db: &Db, chat: ChatId) -> Result<Vec<String>> {
    Ok(read!(db, pool => sqlx::query_scalar(
        "select provider_id from message where chat_id = $1 and direction = 'out' and provider_id is not null
         order by sent_at desc, id desc limit 500")
        .bind(chat.0).fetch_all(pool))?)
}

/// What the outbox needs of a message.
#[derive(Clone, Debug)]
pub struct ToSend {
    /// Its chat.
    pub chat: ChatId,
    /// How the messenger addresses the other side.
    pub address: domain::Address,
    /// What it is.
    pub kind: Kind,
    /// The words.
    pub text: String,
    /// The writer's name.
    pub author: Option<String>,
    /// The provider's id of the quoted message.
    pub quote: Option<String>,
    /// Carries a file.
    pub has_files: bool,
    /// What it carries besides words and files.
    pub content: Option<Content>,
}

/// A message to be sent.
pub async fn outgoing(db: &Db, id: MessageId) -> Result<Option<ToSend>> {
    type Row = (i64, String, String, String, Option<String>, Option<String>, bool, Option<String>);
    let row: Option<Row> = read!(db, pool => sqlx::query_as(
        "select m.chat_id, k.address, m.kind, m.text, s.name, m.quote, m.has_files, m.content
         from message m join chat c on c.id = m.chat_id join contact k on k.id = c.contact_id
         left join staff s on s.id = m.author_id where m.id = $1")
        .bind(id.0).fetch_optional(pool))?;
    let Some((chat, address, kind, text, author, quote, has_files, content)) = row else { return Ok(None) };
    let quoted = quote.and_then(|text| serde_json::from_str::<Quote>(&text).ok()).and_then(|quote| quote.message);
    let quote = match quoted {
        Some(quoted) => read!(db, pool => sqlx::query_scalar("select provider_id from message where id = $1")
            .bind(quoted.0).fetch_optional(pool))?
        .flatten(),
        None => None,
    };
    Ok(Some(ToSend {
        chat: ChatId(chat),
        address: domain::Address(address),
        kind: Kind::parse(&kind).unwrap_or(Kind::Text),
        text,
        author,
        quote,
        has_files,
        content: content.and_then(|text| serde_json::from_str(&text).ok()),
    }))
}

/// Keeps news of a message whose id is not known yet; the furthest status stays.
pub async fn keep_early(
    tx: &mut Tx,
    account: AccountId,
    provider_id: &str,
    status: Status,
    failure: Option<&Failure>,
    at: Moment,
) -> Result<()> {
    let before: Option<String> = write!(tx, conn => sqlx::query_scalar(
        "select status from early_status where account_id = $1 and provider_id = $2")
        .bind(account.0).bind(provider_id).fetch_optional(conn))?;
    if before.as_deref().and_then(Status::parse).is_some_and(|before| !before.moves_to(status)) {
        return Ok(());
    }
    let failure = failure.map(serde_json::to_string).transpose()?;
    write!(tx, conn => sqlx::query(
        "insert into early_status (account_id, provider_id, status, failure, at) values ($1, $2, $3, $4, $5)
         on conflict (account_id, provider_id) do update set status = excluded.status, failure = excluded.failure, at = excluded.at")
        .bind(account.0).bind(provider_id).bind(status.as_str()).bind(failure).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Takes the news that came before the id was known.
pub async fn take_early(
    tx: &mut Tx,
    account: AccountId,
    provider_id: &str,
) -> Result<Option<(Status, Option<Failure>)>> {
    let row: Option<(String, Option<String>)> = write!(tx, conn => sqlx::query_as(
        "delete from early_status where account_id = $1 and provider_id = $2 returning status, failure")
        .bind(account.0).bind(provider_id).fetch_optional(conn))?;
    Ok(row.and_then(|(status, failure)| {
        Some((Status::parse(&status)?, failure.as_deref().and_then(|text| serde_json::from_str(text).ok())))
    }))
}

/// Forgets early news older than `before`: its message was never ours.
pub async fn forget_early(tx: &mut Tx, before: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from early_status where at < $1").bind(before.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
