//! What a person marks for themselves: chats pinned on top, messages with a star, filters with a name.

use domain::chat::{ChatFilter, SavedFilter};
use domain::{AccountId, Chat, ChatId, FilterId, Message, MessageId, Moment, UserId};

use super::{Db, Result, Tx, chat, message, read, write};
use crate::auth::Sight;

/// The most chats that one person pins.
pub const MAX_PINS: i64 = 100;
/// The most filters that one person names.
pub const MAX_FILTERS: i64 = 50;

/// The chats that a person keeps on top and may see, in the order of their pinning.
pub async fn pins(db: &Db, sight: &Sight, user: UserId) -> Result<Vec<Chat>> {
    let ids: Vec<i64> = read!(db, pool => sqlx::query_scalar(
        "select chat_id from pin where user_id = $1 order by at, chat_id limit $2")
        .bind(user.0).bind(MAX_PINS).fetch_all(pool))?;
    let ids: Vec<ChatId> = ids.into_iter().map(ChatId).collect();
    let mut chats = chat::by_ids(db, &ids).await?;
    Ok(ids.iter().filter_map(|id| chats.remove(id)).filter(|chat| sight.sees(chat.account)).collect())
}

/// Pins a chat. `false` when there are as many as there can be.
pub async fn pin(tx: &mut Tx, user: UserId, chat: ChatId, at: Moment) -> Result<bool> {
    let count: i64 = write!(tx, conn => sqlx::query_scalar(
        "select count(*) from pin where user_id = $1 and chat_id <> $2")
        .bind(user.0).bind(chat.0).fetch_one(conn))?;
    if count >= MAX_PINS {
        return Ok(false);
    }
    write!(tx, conn => sqlx::query("insert into pin (user_id, chat_id, at) values ($1, $2, $3) on conflict do nothing")
        .bind(user.0).bind(chat.0).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(true)
}

/// Takes a pin out.
pub async fn unpin(tx: &mut Tx, user: UserId, chat: ChatId) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from pin where user_id = $1 and chat_id = $2")
        .bind(user.0).bind(chat.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// A person's starred messages that the person may see, the last starred first, each with when it was starred; of one
/// chat, or of all.
pub async fn stars(
    db: &Db,
    sight: &Sight,
    user: UserId,
    of: Option<ChatId>,
    before: Option<(i64, i64)>,
    limit: i64,
) -> Result<Vec<(Moment, Message)>> {
    let (at, id) = before.unwrap_or((i64::MAX, i64::MAX));
    let rows: Vec<(i64, i64, i64)> = read!(db, pool => sqlx::query_as(
        "select s.message_id, s.account_id, s.at from star s join message m on m.id = s.message_id
         where s.user_id = $1 and (s.at, s.message_id) < ($2, $3) and m.chat_id = coalesce($5, m.chat_id)
            and m.deleted_at is null order by s.at desc, s.message_id desc limit $4")
        .bind(user.0).bind(at).bind(id).bind(limit).bind(of.map(|chat| chat.0)).fetch_all(pool))?;
    let rows: Vec<_> = rows.into_iter().filter(|(_, account, _)| sight.sees(AccountId(*account))).collect();
    let ids: Vec<MessageId> = rows.iter().map(|(id, ..)| MessageId(*id)).collect();
    let mut found = message::by_ids(db, &ids).await?;
    Ok(rows.into_iter().filter_map(|(id, _, at)| Some((Moment(at), found.remove(&MessageId(id))?))).collect())
}

/// Stars a message or takes the star away.
pub async fn star(tx: &mut Tx, user: UserId, message: MessageId, account: AccountId, at: Option<Moment>) -> Result<()> {
    match at {
        Some(at) => write!(tx, conn => sqlx::query(
            "insert into star (user_id, message_id, account_id, at) values ($1, $2, $3, $4) on conflict do nothing")
            .bind(user.0).bind(message.0).bind(account.0).bind(at.0)
            .execute(conn).map_ok(|done| done.rows_affected()))?,
        None => write!(tx, conn => sqlx::query("delete from star where user_id = $1 and message_id = $2")
            .bind(user.0).bind(message.0).execute(conn).map_ok(|done| done.rows_affected()))?,
    };
    Ok(())
}

/// A person's named filters, in the order of their making. What a newer server wrote and this one cannot read is left out.
pub async fn filters(db: &Db, user: UserId) -> Result<Vec<SavedFilter>> {
    let rows: Vec<(i64, String, String)> = read!(db, pool => sqlx::query_as(
        "select id, name, filter from saved_filter where user_id = $1 order by id")
        .bind(user.0).fetch_all(pool))?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, name, filter)| {
            Some(SavedFilter { id: FilterId(id), name, filter: serde_json::from_str(&filter).ok()? })
        })
        .collect())
}

/// Names a filter. `None` when there are as many as there can be.
pub async fn save_filter(tx: &mut Tx, user: UserId, name: &str, filter: &ChatFilter) -> Result<Option<FilterId>> {
    let count: i64 = write!(tx, conn => sqlx::query_scalar("select count(*) from saved_filter where user_id = $1")
        .bind(user.0).fetch_one(conn))?;
    if count >= MAX_FILTERS {
        return Ok(None);
    }
    let id: i64 = write!(tx, conn => sqlx::query_scalar(
        "insert into saved_filter (user_id, name, filter) values ($1, $2, $3) returning id")
        .bind(user.0).bind(name).bind(serde_json::to_string(filter)?).fetch_one(conn))?;
    Ok(Some(FilterId(id)))
}

/// Forgets a named filter.
pub async fn delete_filter(tx: &mut Tx, user: UserId, id: FilterId) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from saved_filter where user_id = $1 and id = $2")
        .bind(user.0).bind(id.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
