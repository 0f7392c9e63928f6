//! The event log: one ordered list of what changed, which browsers, 1C and subscribers resume by `seq`.
//!
//! `seq` comes from the one row of `event_head`, whose lock is held to the commit. So numbers have no holes, commit order
//! is the order of numbers on PostgreSQL too, and a reader that has seen `n` will never find a smaller one later.

use domain::{AccountId, ChatId, MessageId, Moment};

use super::{Db, Result, Tx, pieces, read, write};

/// What a row tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EventKind {
    /// A message is new or has changed.
    Message,
    /// A chat changed without a message.
    Chat,
    /// An account is new, has changed or is gone.
    Account,
}

impl EventKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Chat => "chat",
            Self::Account => "account",
        }
    }
}

/// An event to be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NewEvent {
    /// What it tells of.
    pub kind: EventKind,
    /// Whose.
    pub account: Option<AccountId>,
    /// In which chat.
    pub chat: Option<ChatId>,
    /// Which message.
    pub message: Option<MessageId>,
    /// Said by the client just now: deserves a sound.
    pub fresh: bool,
}

/// A row of the log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct EventRow {
    /// Its number.
    pub seq: i64,
    /// When, unix milliseconds.
    pub at: i64,
    /// What it tells of.
    pub kind: String,
    /// Whose.
    pub account_id: Option<i64>,
    /// In which chat.
    pub chat_id: Option<i64>,
    /// Which message.
    pub message_id: Option<i64>,
    /// Deserves a sound.
    pub fresh: bool,
}

/// Appends events as the last thing of a transaction, so that the lock on the head is held only for the commit.
pub async fn append(tx: &mut Tx, events: &[NewEvent], at: Moment) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(events.len())?;
    let last: i64 = write!(tx, conn => sqlx::query_scalar("update event_head set seq = seq + $1 returning seq")
        .bind(count).fetch_one(conn))?;
    let mut next = last - count + 1;
    for chunk in pieces(events) {
        let first = next;
        next += i64::try_from(chunk.len())?;
        write!(tx, conn => {
            let mut query =
                sqlx::QueryBuilder::new("insert into event (seq, at, kind, account_id, chat_id, message_id, fresh) ");
            query.push_values((first..).zip(chunk), |mut row, (seq, event)| {
                row.push_bind(seq).push_bind(at.0).push_bind(event.kind.as_str())
                    .push_bind(event.account.map(|id| id.0)).push_bind(event.chat.map(|id| id.0))
                    .push_bind(event.message.map(|id| id.0)).push_bind(event.fresh);
            });
            async move { query.build().execute(conn).await.map(|done| done.rows_affected()) }
        })?;
    }
    tx.notify("event").await
}

/// Events after `seq`, in order.
pub async fn after(db: &Db, seq: i64, limit: i64) -> Result<Vec<EventRow>> {
    Ok(read!(db, pool => sqlx::query_as(
        "select seq, at, kind, account_id, chat_id, message_id, fresh from event where seq > $1 order by seq limit $2")
        .bind(seq).bind(limit).fetch_all(pool))?)
}

/// The oldest number that is still kept; one more than the last if none is.
pub async fn oldest(db: &Db) -> Result<i64> {
    let oldest: Option<i64> = read!(db, pool => sqlx::query_scalar("select min(seq) from event").fetch_one(pool))?;
    Ok(match oldest {
        Some(oldest) => oldest,
        None => head(db).await? + 1,
    })
}

/// Removes events from before a moment, but none of the last `kept`. At most `limit` at once, so that nobody waits long.
pub async fn forget(tx: &mut Tx, before: Moment, kept: i64, limit: i64) -> Result<u64> {
    Ok(write!(tx, conn => sqlx::query(
        "delete from event where seq in (
            select seq from (select seq, at from event order by seq limit $3) old
            where at < $1 and seq <= (select seq from event_head) - $2)")
        .bind(before.0).bind(kept).bind(limit).execute(conn).map_ok(|done| done.rows_affected()))?)
}

/// The last number given out.
pub async fn head(db: &Db) -> Result<i64> {
    Ok(read!(db, pool => sqlx::query_scalar("select seq from event_head").fetch_one(pool))?)
}

use futures_util::TryFutureExt;
