//! What links lead to, remembered for a while: by address, for all accounts alike.

use domain::content::LinkPreview;
use domain::{AccountId, ChatId, MessageId, Moment};

use super::file::Known;
use super::{Db, Result, Tx, read, write};

/// What is remembered of an address.
#[derive(Clone, Debug, PartialEq)]
pub struct Remembered {
    /// What to show; `None` when the page has nothing to show.
    pub found: Option<LinkPreview>,
    /// Its picture's bytes.
    pub picture: Option<Known>,
}

/// What is remembered of an address since a moment.
pub async fn get(db: &Db, url: &str, since: Moment) -> Result<Option<Remembered>> {
    let row: Option<(Option<String>, Option<String>)> = read!(db, pool => sqlx::query_as(
        "select found, picture from link_preview where url = $1 and at >= $2")
        .bind(url).bind(since.0).fetch_optional(pool))?;
    Ok(row.map(|(found, picture)| Remembered {
        found: found.and_then(|text| serde_json::from_str(&text).ok()),
        picture: picture.and_then(|text| serde_json::from_str(&text).ok()),
    }))
}

/// Remembers what an address leads to.
pub async fn keep(tx: &mut Tx, url: &str, what: &Remembered, at: Moment) -> Result<()> {
    let found = what.found.as_ref().map(serde_json::to_string).transpose()?;
    let picture = what.picture.as_ref().map(serde_json::to_string).transpose()?;
    write!(tx, conn => sqlx::query(
        "insert into link_preview (url, found, picture, at) values ($1, $2, $3, $4)
         on conflict (url) do update set found = excluded.found, picture = excluded.picture, at = excluded.at")
        .bind(url).bind(found).bind(picture).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Shows a preview under a message, unless it has been deleted or says something else by now.
pub async fn show(
    tx: &mut Tx,
    id: MessageId,
    text: &str,
    what: &Remembered,
    at: Moment,
) -> Result<Option<(AccountId, ChatId)>> {
    let Some(mut shown) = what.found.clone() else { return Ok(None) };
    let place: Option<(i64, i64)> = write!(tx, conn => sqlx::query_as(
        "select account_id, chat_id from message where id = $1 and text = $2 and deleted_at is null")
        .bind(id.0).bind(text).fetch_optional(conn))?;
    let Some((account, chat)) = place.map(|(account, chat)| (AccountId(account), ChatId(chat))) else {
        return Ok(None);
    };
    if let Some(picture) = &what.picture {
        shown.image = Some(super::file::insert_picture(tx, account, chat, id, picture, at).await?);
    }
    write!(tx, conn => sqlx::query("update message set preview = $2 where id = $1")
        .bind(id.0).bind(serde_json::to_string(&shown)?).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(Some((account, chat)))
}

/// Forgets what was asked before a moment.
pub async fn forget(tx: &mut Tx, before: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from link_preview where at < $1")
        .bind(before.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
