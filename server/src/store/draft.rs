//! Texts begun and not sent, one for each person and chat.

use domain::chat::Draft;
use domain::{AccountId, ChatId, Moment, UserId};

use super::{Db, Result, Tx, read, write};
use crate::auth::Sight;

/// A person's drafts in the chats that the person may see, the newest first, at most 500.
pub async fn list(db: &Db, sight: &Sight, user: UserId) -> Result<Vec<Draft>> {
    let rows: Vec<(i64, i64, String)> = read!(db, pool => sqlx::query_as(
        "select d.chat_id, c.account_id, d.text from draft d join chat c on c.id = d.chat_id where d.user_id = $1
         order by d.updated_at desc, d.chat_id limit 500")
        .bind(user.0).fetch_all(pool))?;
    Ok(rows
        .into_iter()
        .filter(|(_, account, _)| sight.sees(AccountId(*account)))
        .map(|(chat, _, text)| Draft { chat: ChatId(chat), text })
        .collect())
}

/// Keeps a draft; an empty one is removed.
pub async fn put(tx: &mut Tx, user: UserId, draft: &Draft, at: Moment) -> Result<()> {
    if draft.text.is_empty() {
        write!(tx, conn => sqlx::query("delete from draft where user_id = $1 and chat_id = $2")
            .bind(user.0).bind(draft.chat.0).execute(conn).map_ok(|_| ()))?;
    } else {
        write!(tx, conn => sqlx::query(
            "insert into draft (user_id, chat_id, text, updated_at) values ($1, $2, $3, $4)
             on conflict (user_id, chat_id) do update set text = excluded.text, updated_at = excluded.updated_at")
            .bind(user.0).bind(draft.chat.0).bind(&draft.text).bind(at.0).execute(conn).map_ok(|_| ()))?;
    }
    Ok(())
}

use futures_util::TryFutureExt;
