//! Messages that wait for their time.

use domain::later::Later;
use domain::message::MessageInput;
use domain::user::UserRef;
use domain::{AccountId, ChatId, LaterId, Moment, UserId};

use super::{Db, Result, Tx, read, write};

const COLUMNS: &str = "l.id, l.account_id, l.chat_id, l.author_id, s.name, l.input, l.run_at, l.failure from later l \
     join staff s on s.id = l.author_id";

/// A waiting message as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LaterRow {
    id: i64,
    account_id: i64,
    chat_id: i64,
    author_id: i64,
    name: String,
    input: String,
    run_at: i64,
    failure: Option<String>,
}

impl LaterRow {
    /// Whose account it goes by.
    pub fn account(&self) -> AccountId {
        AccountId(self.account_id)
    }

    /// As it travels.
    pub fn open(self) -> Result<Later> {
        Ok(Later {
            id: LaterId(self.id),
            chat: ChatId(self.chat_id),
            author: UserRef { id: UserId(self.author_id), name: self.name },
            at: Moment(self.run_at),
            message: serde_json::from_str(&self.input)?,
            failure: self.failure,
        })
    }
}

/// What waits in a chat, the next first.
pub async fn of_chat(db: &Db, chat: ChatId) -> Result<Vec<Later>> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} where l.chat_id = $1 order by l.run_at, l.id"));
    let rows: Vec<LaterRow> = read!(db, pool => sqlx::query_as(sql).bind(chat.0).fetch_all(pool))?;
    rows.into_iter().map(LaterRow::open).collect()
}

/// What is due, the oldest first.
pub async fn due(db: &Db, at: Moment, limit: i64) -> Result<Vec<LaterRow>> {
    let sql = sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} where l.failure is null and l.run_at <= $1 order by l.run_at, l.id limit $2"
    ));
    Ok(read!(db, pool => sqlx::query_as(sql).bind(at.0).bind(limit).fetch_all(pool))?)
}

/// One, inside a transaction.
pub async fn get(tx: &mut Tx, id: LaterId) -> Result<Option<LaterRow>> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} where l.id = $1"));
    Ok(write!(tx, conn => sqlx::query_as(sql).bind(id.0).fetch_optional(conn))?)
}

/// How many wait in a chat.
pub async fn count(tx: &mut Tx, chat: ChatId) -> Result<i64> {
    Ok(write!(tx, conn => sqlx::query_scalar("select count(*) from later where chat_id = $1")
        .bind(chat.0).fetch_one(conn))?)
}

/// Keeps one.
pub async fn insert(
    tx: &mut Tx,
    account: AccountId,
    chat: ChatId,
    author: UserId,
    input: &MessageInput,
    at: Moment,
    now: Moment,
) -> Result<LaterId> {
    let id: i64 = write!(tx, conn => sqlx::query_scalar(
        "insert into later (account_id, chat_id, author_id, input, run_at, created_at) values ($1, $2, $3, $4, $5, $6)
         returning id")
        .bind(account.0).bind(chat.0).bind(author.0).bind(serde_json::to_string(input)?).bind(at.0).bind(now.0)
        .fetch_one(conn))?;
    Ok(LaterId(id))
}

/// Another time or text; why it could not go before is forgotten.
pub async fn update(tx: &mut Tx, later: &Later) -> Result<()> {
    write!(tx, conn => sqlx::query("update later set input = $2, run_at = $3, failure = null where id = $1")
        .bind(later.id.0).bind(serde_json::to_string(&later.message)?).bind(later.at.0)
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Why it could not go.
pub async fn fail(tx: &mut Tx, id: LaterId, failure: &str) -> Result<()> {
    write!(tx, conn => sqlx::query("update later set failure = $2 where id = $1")
        .bind(id.0).bind(failure).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Removes one: it has gone, or is not to go. `false` when it was not there.
pub async fn delete(tx: &mut Tx, id: LaterId) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query("delete from later where id = $1")
        .bind(id.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

use futures_util::TryFutureExt;
