//! Edits, deletions and reactions that came before their message: notifications may overtake each other. They wait here
//! for a day, in a bounded number; statuses wait in `message`, because they also wait for our own answer.

use std::collections::HashMap;

use domain::{AccountId, Address, Fact, Moment};

use super::{Result, Tx, write};

/// The most that wait for one account. What is told of messages from before our time waits here in vain.
const WAITING: i64 = 10_000;

#[derive(sqlx::FromRow)]
struct Row {
    provider_id: String,
    kind: String,
    author: String,
    chat: String,
    text: String,
    at: i64,
}

impl Row {
    /// `None` for what does not change a message.
    fn of(fact: &Fact) -> Option<Self> {
        let row = |kind: &str, chat: &Address, id: &str, author: &str, text: &str, at: Moment| Self {
            provider_id: id.to_owned(),
            kind: kind.to_owned(),
            author: author.to_owned(),
            chat: chat.0.clone(),
            text: text.to_owned(),
            at: at.0,
        };
        match fact {
            Fact::Edited { chat, provider_id, text, at } => Some(row("edited", chat, provider_id, "", text, *at)),
            Fact::Deleted { chat, provider_id, at } => Some(row("deleted", chat, provider_id, "", "", *at)),
            Fact::Reacted { chat, provider_id, by, emoji, at } => {
                Some(row("reacted", chat, provider_id, by, emoji, *at))
            }
            _ => None,
        }
    }

    fn fact(self) -> Option<Fact> {
        let (chat, provider_id, at) = (Address(self.chat), self.provider_id, Moment(self.at));
        match self.kind.as_str() {
            "edited" => Some(Fact::Edited { chat, provider_id, text: self.text, at }),
            "deleted" => Some(Fact::Deleted { chat, provider_id, at }),
            "reacted" => Some(Fact::Reacted { chat, provider_id, by: self.author, emoji: self.text, at }),
            _ => None,
        }
    }
}

/// Keeps a change of a message that is not here yet. Of several of one kind and author the last stays, as it would have
/// on the message; of deletions the first.
pub async fn keep(tx: &mut Tx, account: AccountId, fact: &Fact) -> Result<()> {
    let Some(row) = Row::of(fact) else { return Ok(()) };
    let waiting: i64 = write!(tx, conn => sqlx::query_scalar("select count(*) from early_change where account_id = $1")
        .bind(account.0).fetch_one(conn))?;
    if waiting >= WAITING {
        return Ok(());
    }
    write!(tx, conn => sqlx::query(
        "insert into early_change (account_id, provider_id, kind, author, chat, text, at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (account_id, provider_id, kind, author) do update set text = excluded.text,
            at = case when excluded.kind = 'deleted' then early_change.at else excluded.at end")
        .bind(account.0).bind(&row.provider_id).bind(&row.kind).bind(&row.author).bind(&row.chat).bind(&row.text)
        .bind(row.at).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Takes what waited for messages of an account, by the provider's id and in the order in which it was done.
pub async fn take(tx: &mut Tx, account: AccountId, ids: &[&str]) -> Result<HashMap<String, Vec<Fact>>> {
    let mut found: HashMap<String, Vec<Fact>> = HashMap::new();
    // Nearly always nothing waits, and then this is all that it costs.
    let any: Option<String> = write!(tx, conn => sqlx::query_scalar(
        "select provider_id from early_change where account_id = $1 limit 1").bind(account.0).fetch_optional(conn))?;
    if any.is_none() {
        return Ok(found);
    }
    for chunk in ids.chunks(200) {
        let rows: Vec<Row> = write!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "select provider_id, kind, author, chat, text, at from early_change where account_id = ");
            query.push_bind(account.0).push(" and provider_id in (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(") order by at, kind, author");
            async move { query.build_query_as().fetch_all(conn).await }
        })?;
        for row in rows {
            let id = row.provider_id.clone();
            found.entry(id).or_default().extend(row.fact());
        }
    }
    for id in found.keys() {
        write!(tx, conn => sqlx::query("delete from early_change where account_id = $1 and provider_id = $2")
            .bind(account.0).bind(id).execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    Ok(found)
}

/// Forgets what has waited since before a moment: its message was never ours.
pub async fn forget(tx: &mut Tx, before: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from early_change where at < $1").bind(before.0).execute(conn)
        .map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
