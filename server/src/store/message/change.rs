//! What may change in a message once it is there: its text, whether it is deleted, reactions, votes; and what is kept of
//! how it was.

use anyhow::Context;
use domain::content::{Step, Version};
use domain::message::Reaction;
use domain::{Content, Failure, MessageId, Moment};

use crate::store::{Db, Result, Tx, read, write};

/// Changes the text; the one before is kept. The same text again changes nothing.
pub async fn edit(tx: &mut Tx, id: MessageId, text: &str, at: Moment) -> Result<bool> {
    let kept: u64 = write!(tx, conn => sqlx::query(
        "insert into message_version (message_id, text, until) select id, text, $3 from message where id = $1 and text <> $2")
        .bind(id.0).bind(text).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    if kept == 0 {
        return Ok(false);
    }
    write!(tx, conn => sqlx::query("update message set text = $2, edited_at = $3 where id = $1")
        .bind(id.0).bind(text).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(true)
}

/// Takes the last edit back: the provider refused it.
pub async fn unedit(tx: &mut Tx, id: MessageId, failure: &Failure) -> Result<()> {
    let last: Option<(i64, String)> = write!(tx, conn => sqlx::query_as(
        "select id, text from message_version where message_id = $1 order by id desc limit 1")
        .bind(id.0).fetch_optional(conn))?;
    let Some((version, text)) = last else { return Ok(()) };
    write!(tx, conn => sqlx::query("delete from message_version where id = $1")
        .bind(version).execute(conn).map_ok(|done| done.rows_affected()))?;
    write!(tx, conn => sqlx::query(
        "update message set text = $2, failure = $3,
            edited_at = (select max(until) from message_version where message_id = $1) where id = $1")
        .bind(id.0).bind(text).bind(serde_json::to_string(failure)?)
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Takes a deletion back: the provider refused it.
pub async fn undelete(tx: &mut Tx, id: MessageId, failure: &Failure) -> Result<()> {
    write!(tx, conn => sqlx::query("update message set deleted_at = null, failure = $2 where id = $1")
        .bind(id.0).bind(serde_json::to_string(failure)?).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Replaces what a message carries besides words and files: a poll has new votes.
pub async fn set_content(tx: &mut Tx, id: MessageId, content: &Content) -> Result<()> {
    write!(tx, conn => sqlx::query("update message set content = $2 where id = $1")
        .bind(id.0).bind(serde_json::to_string(content)?).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// What happened to a message: steps, tries that did not succeed, earlier texts and, if asked for, the notification.
pub async fn history(db: &Db, id: MessageId) -> Result<(Vec<Step>, Vec<Version>)> {
    let steps: Vec<(i64, String, Option<String>)> = read!(db, pool => sqlx::query_as(
        "select at, status, failure from message_step where message_id = $1
         union all select at, outcome, failure from attempt where message_id = $1 and outcome <> 'accepted'
         union all select created_at, 'queued', null from message where id = $1 and direction = 'out'
         order by 1")
        .bind(id.0).fetch_all(pool))?;
    let versions: Vec<(String, i64)> = read!(db, pool => sqlx::query_as(
        "select text, until from message_version where message_id = $1 order by id").bind(id.0).fetch_all(pool))?;
    let steps = steps
        .into_iter()
        .map(|(at, what, failure)| Step {
            at: Moment(at),
            what,
            failure: failure.and_then(|text| serde_json::from_str(&text).ok()),
        })
        .collect();
    Ok((steps, versions.into_iter().map(|(text, until)| Version { text, until: Moment(until) }).collect()))
}

/// The provider's id of a message, once it is known.
pub async fn provider_id(db: &Db, id: MessageId) -> Result<Option<String>> {
    let row: Option<Option<String>> = read!(db, pool => sqlx::query_scalar("select provider_id from message where id = $1")
        .bind(id.0).fetch_optional(pool))?;
    Ok(row.flatten())
}

/// The notification that told of a message, as it came.
pub async fn raw(db: &Db, id: MessageId) -> Result<Option<String>> {
    Ok(read!(db, pool => sqlx::query_scalar(
        "select j.body from message m join journal j on j.id = m.journal_id where m.id = $1")
        .bind(id.0).fetch_optional(pool))?)
}

/// Marks a message as deleted for everyone.
pub async fn delete(tx: &mut Tx, id: MessageId, at: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query("update message set deleted_at = coalesce(deleted_at, $2) where id = $1")
        .bind(id.0).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Replaces the reactions.
pub async fn set_reactions(tx: &mut Tx, id: MessageId, reactions: &[Reaction]) -> Result<()> {
    let json = serde_json::to_string(reactions).context("reactions")?;
    write!(tx, conn => sqlx::query("update message set reactions = $2 where id = $1").bind(id.0).bind(json).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
