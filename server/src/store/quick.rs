//! Quick replies: one's own and everybody's.

use domain::quick::QuickReply;
use domain::{Moment, QuickReplyId, UserId};

use super::contact::fold;
use super::{Db, Result, Tx, read, write};

fn open((id, owner, shortcut, text): (i64, Option<i64>, String, String)) -> QuickReply {
    QuickReply { id: QuickReplyId(id), shared: owner.is_none(), shortcut, text }
}

/// What a person may insert: their own and everybody's, by shortcut.
pub async fn list(db: &Db, user: UserId) -> Result<Vec<QuickReply>> {
    let rows: Vec<(i64, Option<i64>, String, String)> = read!(db, pool => sqlx::query_as(
        "select id, owner_id, shortcut, text from quick_reply where owner_id is null or owner_id = $1
         order by shortcut_key, owner_id, id")
        .bind(user.0).fetch_all(pool))?;
    Ok(rows.into_iter().map(open).collect())
}

/// One that a person may insert.
pub async fn get(tx: &mut Tx, user: UserId, id: QuickReplyId) -> Result<Option<QuickReply>> {
    let row: Option<(i64, Option<i64>, String, String)> = write!(tx, conn => sqlx::query_as(
        "select id, owner_id, shortcut, text from quick_reply where id = $2 and (owner_id is null or owner_id = $1)")
        .bind(user.0).bind(id.0).fetch_optional(conn))?;
    Ok(row.map(open))
}

/// How many a person has, or everybody shares.
pub async fn count(tx: &mut Tx, owner: Option<UserId>) -> Result<i64> {
    Ok(write!(tx, conn => sqlx::query_scalar(
        "select count(*) from quick_reply where coalesce(owner_id, -1) = $1")
        .bind(owner.map_or(-1, |id| id.0)).fetch_one(conn))?)
}

/// Makes one. `None` when the shortcut is taken.
pub async fn insert(
    tx: &mut Tx,
    owner: Option<UserId>,
    shortcut: &str,
    text: &str,
    at: Moment,
) -> Result<Option<QuickReplyId>> {
    let id: Option<i64> = write!(tx, conn => sqlx::query_scalar(
        "insert into quick_reply (owner_id, shortcut, shortcut_key, text, updated_at) values ($1, $2, $3, $4, $5)
         on conflict do nothing returning id")
        .bind(owner.map(|id| id.0)).bind(shortcut).bind(fold(shortcut)).bind(text).bind(at.0).fetch_optional(conn))?;
    Ok(id.map(QuickReplyId))
}

/// Changes one. `false` when the shortcut is taken.
pub async fn update(tx: &mut Tx, id: QuickReplyId, shortcut: &str, text: &str, at: Moment) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "update quick_reply set shortcut = $2, shortcut_key = $3, text = $4, updated_at = $5 where id = $1
            and not exists (select 1 from quick_reply o where o.id <> $1 and o.shortcut_key = $3
                and coalesce(o.owner_id, -1) = (select coalesce(s.owner_id, -1) from quick_reply s where s.id = $1))")
        .bind(id.0).bind(shortcut).bind(fold(shortcut)).bind(text).bind(at.0)
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Removes one.
pub async fn delete(tx: &mut Tx, id: QuickReplyId) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from quick_reply where id = $1")
        .bind(id.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
