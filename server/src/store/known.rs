//! What is here of messages that a provider tells of once more: enough to see whether anything is news. Only reading.

use std::collections::HashMap;

use domain::message::Reaction;
use domain::{AccountId, ChatId, Direction, Moment, Status};

use super::{Db, Result, Tx, read, write};

/// What is here of a message.
#[derive(Clone, Debug)]
pub struct Known {
    /// The words.
    pub text: String,
    /// How far it got.
    pub status: Status,
    /// When it was edited.
    pub edited_at: Option<Moment>,
    /// When it was deleted for everyone.
    pub deleted_at: Option<Moment>,
    /// Who reacted how.
    pub reactions: Vec<Reaction>,
}

/// The messages of an account with these ids of the provider.
pub async fn by_provider_ids(db: &Db, account: AccountId, ids: &[&str]) -> Result<HashMap<String, Known>> {
    type Row = (String, String, String, Option<i64>, Option<i64>, Option<String>);
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(200) {
        let rows: Vec<Row> = read!(db, pool => {
            let mut query = sqlx::QueryBuilder::new(
                "select provider_id, text, status, edited_at, deleted_at, reactions from message where account_id = ");
            query.push_bind(account.0).push(" and provider_id in (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(")");
            async move { query.build_query_as().fetch_all(pool).await }
        })?;
        found.extend(rows.into_iter().map(|(id, text, status, edited_at, deleted_at, reactions)| {
            let known = Known {
                text,
                status: Status::parse(&status).unwrap_or(Status::Unknown),
                edited_at: edited_at.map(Moment),
                deleted_at: deleted_at.map(Moment),
                reactions: reactions.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            };
            (id, known)
        }));
    }
    Ok(found)
}

/// Whether a person of that side has said something in a chat after a moment.
pub async fn said_later(tx: &mut Tx, chat: ChatId, direction: Direction, after: Moment) -> Result<bool> {
    let found: Option<i64> = write!(tx, conn => sqlx::query_scalar(
        "select id from message where chat_id = $1 and sent_at > $2 and direction = $3
            and origin in ('client', 'operator', 'phone') order by sent_at limit 1")
        .bind(chat.0).bind(after.0).bind(direction.as_str()).fetch_optional(conn))?;
    Ok(found.is_some())
}
