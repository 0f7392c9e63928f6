//! Mentions in notes, and whether those who are meant have seen them.

use domain::mention::{Mention, Person};
use domain::user::UserRef;
use domain::{AccountId, ChatId, MessageId, Moment, UserId};

use super::{Db, Result, Tx, message, read, write};
use crate::auth::Sight;

/// Enabled people who see an account, and so can be mentioned there.
pub async fn people(tx: &mut Tx, account: AccountId) -> Result<Vec<Person>> {
    let rows: Vec<(i64, String, String)> = write!(tx, conn => sqlx::query_as(
        "select s.id, s.login, s.name from staff s where s.enabled and s.role <> 'service'
            and (s.role in ('administrator', 'supervisor')
                or exists (select 1 from account a where a.id = $1 and a.everyone)
                or exists (select 1 from account_user u where u.account_id = $1 and u.user_id = s.id))
         order by s.id")
        .bind(account.0).fetch_all(conn))?;
    Ok(rows.into_iter().map(|(id, login, name)| Person { id: UserId(id), login, name }).collect())
}

/// Keeps who is mentioned in a note now. Those who were already keep what they saw.
pub async fn keep(
    tx: &mut Tx,
    account: AccountId,
    chat: ChatId,
    note: MessageId,
    author: UserId,
    mentioned: &[UserRef],
) -> Result<()> {
    let json = (!mentioned.is_empty()).then(|| serde_json::to_string(mentioned)).transpose()?;
    write!(tx, conn => sqlx::query("update message set mentions = $2 where id = $1")
        .bind(note.0).bind(json).execute(conn).map_ok(|done| done.rows_affected()))?;
    let known: Vec<i64> = write!(tx, conn => sqlx::query_scalar("select user_id from mention where message_id = $1")
        .bind(note.0).fetch_all(conn))?;
    for gone in known.iter().filter(|id| !mentioned.iter().any(|user| user.id.0 == **id)) {
        write!(tx, conn => sqlx::query("delete from mention where message_id = $1 and user_id = $2")
            .bind(note.0).bind(*gone).execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    // Nobody waits for one's own words.
    for user in mentioned.iter().filter(|user| user.id != author && !known.contains(&user.id.0)) {
        write!(tx, conn => sqlx::query(
            "insert into mention (user_id, message_id, chat_id, account_id) values ($1, $2, $3, $4)
             on conflict do nothing")
            .bind(user.id.0).bind(note.0).bind(chat.0).bind(account.0)
            .execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    Ok(())
}

/// Notes that mention a person, the newest first, in what the person may see; deleted ones are left out.
pub async fn list(db: &Db, sight: &Sight, user: UserId, before: Option<MessageId>, limit: i64) -> Result<Vec<Mention>> {
    let rows: Vec<(i64, i64, Option<i64>)> = read!(db, pool => sqlx::query_as(
        "select n.message_id, n.account_id, n.seen_at from mention n join message m on m.id = n.message_id
         where n.user_id = $1 and n.message_id < $2 and m.deleted_at is null order by n.message_id desc limit $3")
        .bind(user.0).bind(before.map_or(i64::MAX, |id| id.0)).bind(limit).fetch_all(pool))?;
    let rows: Vec<_> = rows.into_iter().filter(|(_, account, _)| sight.sees(AccountId(*account))).collect();
    let ids: Vec<MessageId> = rows.iter().map(|(id, ..)| MessageId(*id)).collect();
    let mut notes = message::by_ids(db, &ids).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(id, _, seen)| Some(Mention { message: notes.remove(&MessageId(id))?, seen: seen.is_some() }))
        .collect())
}

/// A person has seen everything that mentions them in a chat.
pub async fn seen(tx: &mut Tx, user: UserId, chat: ChatId, at: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "update mention set seen_at = $3 where user_id = $1 and chat_id = $2 and seen_at is null")
        .bind(user.0).bind(chat.0).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// A note was deleted: nobody has to see it any more.
pub async fn forget(tx: &mut Tx, note: MessageId) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from mention where message_id = $1")
        .bind(note.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
