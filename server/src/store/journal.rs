//! Raw notifications, kept before they are answered. What cannot be decoded today stays and is replayed after an update.

use domain::{AccountId, JournalId, Moment};

use super::{Db, Result, Tx, padded, pieces, read, write};

/// Accounts are spread over this many shards; a shard is handled by one process at a time, so an account's
/// notifications are applied in order.
pub const SHARDS: i64 = 16;

/// The shard of an account.
pub fn shard(account: AccountId) -> i16 {
    i16::try_from(account.0.rem_euclid(SHARDS)).unwrap_or(0)
}

/// A notification to be kept.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose.
    pub account: AccountId,
    /// When it came.
    pub at: Moment,
    /// `webhook`, `polling`, `journal` (the provider's own, asked afterwards) or `sandbox`.
    pub source: &'static str,
    /// As it came: JSON.
    pub body: String,
}

/// A notification that waits to be applied.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Waiting {
    /// Its id.
    pub id: i64,
    /// Whose.
    pub account_id: i64,
    /// When it came, unix milliseconds.
    pub received_at: i64,
    /// How it came: `webhook`, `polling`, `sandbox`, `journal`, `history`.
    pub source: String,
    /// As it came.
    pub body: String,
}

/// What became of a notification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Applied.
    Applied,
    /// It told nothing of interest.
    Nothing,
    /// Could not be decoded or applied, and why.
    Failed(String),
}

/// Keeps notifications; answers their ids in order.
pub async fn insert(tx: &mut Tx, entries: &[Entry]) -> Result<Vec<JournalId>> {
    let mut ids = Vec::with_capacity(entries.len());
    for chunk in pieces(entries) {
        let mut inserted: Vec<i64> = write!(tx, conn => {
            let mut query =
                sqlx::QueryBuilder::new("insert into journal (account_id, received_at, source, body, state, shard) ");
            query.push_values(chunk, |mut row, entry| {
                row.push_bind(entry.account.0).push_bind(entry.at.0).push_bind(entry.source)
                    .push_bind(entry.body.as_str()).push("0").push_bind(shard(entry.account));
            });
            query.push(" returning id");
            async move { query.build_query_scalar().fetch_all(conn).await }
        })?;
        inserted.sort_unstable();
        ids.extend(inserted.into_iter().map(JournalId));
    }
    tx.notify("journal").await?;
    Ok(ids)
}

/// The oldest notifications that wait, of the given shards.
pub async fn waiting(db: &Db, shards: &[i16], limit: i64) -> Result<Vec<Waiting>> {
    if shards.is_empty() {
        return Ok(Vec::new());
    }
    let rows = read!(db, pool => {
        let mut query = sqlx::QueryBuilder::new("select id, account_id, received_at, source, body from journal where state = 0");
        if shards.len() < usize::try_from(SHARDS).unwrap_or(16) {
            query.push(" and shard in (");
            let mut list = query.separated(", ");
            for shard in shards {
                list.push_bind(*shard);
            }
            query.push(")");
        }
        query.push(" order by id limit ").push_bind(limit);
        async move { query.build_query_as().fetch_all(pool).await }
    })?;
    Ok(rows)
}

/// Notes what became of notifications; `what` is the provider's word for each.
pub async fn finish(tx: &mut Tx, done: &[(i64, String, Outcome)], at: Moment) -> Result<()> {
    let mut groups = std::collections::BTreeMap::<(&str, &Outcome), Vec<i64>>::new();
    for (id, what, outcome) in done {
        groups.entry((what, outcome)).or_default().push(*id);
    }
    for ((what, outcome), ids) in groups {
        let (state, error) = match outcome {
            Outcome::Applied => (1i16, None),
            Outcome::Nothing => (3, None),
            Outcome::Failed(error) => (2, Some(error.as_str())),
        };
        write!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new("update journal set state = ");
            query.push_bind(state).push(", what = ").push_bind(what).push(", error = ").push_bind(error)
                .push(", done_at = ").push_bind(at.0).push(" where id in (");
            let mut list = query.separated(", ");
            for id in padded(&ids) {
                list.push_bind(id);
            }
            query.push(")");
            async move { query.build().execute(conn).await.map(|done| done.rows_affected()) }
        })?;
    }
    Ok(())
}

/// Lets notifications that could not be decoded or applied wait again, after an update that may understand them.
pub async fn replay(tx: &mut Tx) -> Result<u64> {
    let count = write!(tx, conn => async move {
        sqlx::query("update journal set state = 0, error = null where state = 2").execute(conn).await
            .map(|done| done.rows_affected())
    })?;
    Ok(count)
}

/// How many notifications wait.
pub async fn backlog(db: &Db) -> Result<i64> {
    Ok(read!(db, pool => sqlx::query_scalar("select count(*) from journal where state = 0").fetch_one(pool))?)
}
