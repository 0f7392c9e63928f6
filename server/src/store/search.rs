//! Search in messages: what to look for, and the pages of what is found. The one place where the two databases need SQL
//! of their own: FTS5 without a copy of the texts, and `tsvector` with the same terms. What the index is told of a message
//! is in `search/terms.rs`; who fills it is `work/search.rs`.
//!
//! Newest first by id, which both indexes walk without sorting: a page costs what it shows, not what there is.

mod terms;

use domain::message::Kind;
use domain::search::{Has, Query, Stems, fold};
use domain::{AccountId, ChatId, MessageId, Moment, UserId};
use sqlx::QueryBuilder;

use super::{Db, Result, Tx, padded, pieces, read, write};
use crate::auth::Sight;
pub use terms::{Source, index_line};

/// Accounts beyond this many are compared row by row instead of being looked up in the index.
const MAX_ACCOUNTS: usize = 40;
/// Months beyond this many are compared row by row too.
const MAX_MONTHS: i64 = 36;
/// People and chats that a part of a name may mean; the rest is left out.
const MAX_NAMES: i64 = 200;

/// Everything that must hold for a message to be found.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The words.
    pub stems: Stems,
    /// One of these accounts.
    pub accounts: Option<Vec<AccountId>>,
    /// In this chat.
    pub chat: Option<ChatId>,
    /// Written by one of these.
    pub from: Option<People>,
    /// Said at this moment or later.
    pub since: Option<Moment>,
    /// Said before this moment.
    pub until: Option<Moment>,
    /// One of these.
    pub has: Vec<Has>,
    /// Of this kind.
    pub kind: Option<Kind>,
}

/// Whom a part of a name means.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Colleagues.
    pub authors: Vec<UserId>,
    /// What clients said in these chats.
    pub chats: Vec<ChatId>,
    /// Members of groups, by these terms of their names.
    pub names: Stems,
}

impl Wanted {
    /// As a query of the index; `None` when nothing can be found. FTS5 and `tsquery` differ in three signs.
    fn ask(&self, sight: &Sight, postgres: bool) -> Option<String> {
        let (and, or) = if postgres { (" & ", " | ") } else { (" AND ", " OR ") };
        // Terms have no quotes in them; this is the net below.
        let clean = |text: &str| text.replace(['\'', '"', '\\'], "");
        let term = |text: &str, open: bool| match (postgres, open) {
            (true, true) => format!("'{}':*", clean(text)),
            (true, false) => format!("'{}'", clean(text)),
            (false, true) => format!("\"{}\" *", clean(text)),
            (false, false) => format!("\"{}\"", clean(text)),
        };
        let any = |marks: Vec<String>| match marks.is_empty() {
            true => None,
            false => Some(format!("({})", marks.iter().map(|m| term(m, false)).collect::<Vec<_>>().join(or))),
        };
        let mut all = Vec::new();
        for list in &self.stems {
            // One letter begins half of all words: it is taken as a word until the next one is typed.
            let open = list.last().is_some_and(|stem| stem.open && stem.term.chars().nth(1).is_some());
            let words = list.iter().map(|stem| stem.term.as_str());
            if postgres {
                let last = list.len().saturating_sub(1);
                let words: Vec<_> = words.enumerate().map(|(i, word)| term(word, open && i == last)).collect();
                all.push(format!("({})", words.join(" <-> ")));
            } else {
                all.push(term(&words.collect::<Vec<_>>().join(" "), open));
            }
        }
        if let Some(chat) = self.chat {
            all.push(term(&format!("@c{chat}"), false));
        } else {
            let seen = match sight {
                Sight::All => None,
                Sight::Accounts(accounts) => Some(accounts),
            };
            for accounts in [seen, self.accounts.as_ref()].into_iter().flatten() {
                if accounts.len() <= MAX_ACCOUNTS {
                    all.push(any(accounts.iter().map(|id| format!("@a{id}")).collect())?);
                }
            }
        }
        if let Some(from) = &self.from {
            let mut people = Vec::new();
            people.extend(any(from.authors.iter().map(|id| format!("@u{id}")).collect()));
            if let Some(chats) = any(from.chats.iter().map(|id| format!("@c{id}")).collect()) {
                people.push(format!("({}{and}{chats})", term("@i", false)));
            }
            let names: Vec<_> = from.names.iter().flatten().map(|s| term(&format!("#{}", s.term), s.open)).collect();
            if !names.is_empty() {
                people.push(format!("({})", names.join(and)));
            }
            if people.is_empty() {
                return None;
            }
            all.push(format!("({})", people.join(or)));
        }
        if !self.has.is_empty() {
            all.push(any(self.has.iter().flat_map(|has| terms::having(*has)).map(|m| (*m).to_owned()).collect())?);
        }
        if let Some(kind) = self.kind.filter(|kind| *kind != Kind::Text) {
            all.push(term(&format!("@k{}", kind.as_str()), false));
        }
        if let Some(since) = self.since {
            // A clock that goes wrong by a day still ends in the next month.
            let until = self.until.unwrap_or_else(|| crate::ledger::now().plus(31 * 24 * 3_600_000));
            let (first, last) = (terms::month(since), terms::month(until));
            if last < first {
                return None;
            }
            if last - first < MAX_MONTHS {
                all.push(any((first..=last).map(|month| format!("@m{month}")).collect())?);
            }
        }
        (!all.is_empty()).then(|| all.join(and))
    }
}

/// The newest messages that the person may see and that are so, below an id; newest first.
pub async fn find(
    db: &Db,
    sight: &Sight,
    wanted: &Wanted,
    before: Option<MessageId>,
    limit: i64,
) -> Result<Vec<MessageId>> {
    let Some(ask) = wanted.ask(sight, db.shared()) else { return Ok(Vec::new()) };
    let ids: Vec<i64> = read!(db, pool => {
        let mut query = QueryBuilder::new("select m.id from message_search cross join message m where message_search");
        if db.shared() {
            query.push(".words @@ ").push_bind(ask).push("::tsquery");
        } else {
            query.push(" match ").push_bind(ask);
        }
        query.push(" and m.id = message_search.rowid and m.deleted_at is null");
        if let Some(before) = before {
            query.push(" and message_search.rowid < ").push_bind(before.0);
        }
        // What may be seen is asked of the rows too: the index only makes it quick.
        let seen = if let Sight::Accounts(accounts) = sight { Some(accounts) } else { None };
        for accounts in [seen, wanted.accounts.as_ref()].into_iter().flatten() {
            query.push(" and m.account_id in (-1");
            for account in accounts {
                query.push(", ").push_bind(account.0);
            }
            query.push(")");
        }
        if let Some(chat) = wanted.chat {
            query.push(" and m.chat_id = ").push_bind(chat.0);
        }
        if wanted.kind == Some(Kind::Text) {
            query.push(" and m.kind = 'text'");
        }
        if let Some(since) = wanted.since {
            query.push(" and m.sent_at >= ").push_bind(since.0);
        }
        if let Some(until) = wanted.until {
            query.push(" and m.sent_at < ").push_bind(until.0);
        }
        query.push(" order by message_search.rowid desc limit ").push_bind(limit);
        async move { query.build_query_scalar().fetch_all(pool).await }
    })?;
    Ok(ids.into_iter().map(MessageId).collect())
}

/// Whom a part of a name means, among those that the person may see.
pub async fn people(db: &Db, sight: &Sight, user: UserId, query: &Query, name: &str) -> Result<People> {
    let wanted = fold(name);
    let authors = super::user::all(db).await?;
    let filter = domain::chat::ChatFilter { text: Some(name.to_owned()), ..domain::chat::ChatFilter::default() };
    let chats = super::chat::list(db, sight, user, &filter, None, MAX_NAMES).await?;
    let words = domain::search::Words { text: name.to_owned(), phrase: false };
    Ok(People {
        authors: authors.into_iter().filter(|row| fold(&row.name).contains(&wanted)).map(|row| row.id).collect(),
        chats: chats.into_iter().map(|chat| chat.id).collect(),
        names: Query { words: vec![words], open: true, ..query.clone() }.stems(),
    })
}

/// How far the index has come: the last event looked at, and the id below which old messages are still to be read.
pub async fn state(db: &Db) -> Result<(i64, i64)> {
    Ok(read!(db, pool => sqlx::query_as("select seq, below from search_state").fetch_one(pool))?)
}

/// Moves on from where [`state`] said; `false` when somebody else has.
pub async fn advance(tx: &mut Tx, from: (i64, i64), to: (i64, i64)) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "update search_state set seq = $3, below = $4 where seq = $1 and below = $2")
        .bind(from.0).bind(from.1).bind(to.0).bind(to.1).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Which of these messages are in the index.
pub async fn indexed(db: &Db, ids: &[i64]) -> Result<std::collections::HashSet<i64>> {
    let mut found = std::collections::HashSet::with_capacity(ids.len());
    for chunk in ids.chunks(200) {
        let rows: Vec<i64> = read!(db, pool => {
            let mut query = QueryBuilder::new("select rowid from message_search where rowid in (");
            let mut list = query.separated(", ");
            for id in padded(chunk) {
                list.push_bind(id);
            }
            query.push(")");
            async move { query.build_query_scalar().fetch_all(pool).await }
        })?;
        found.extend(rows);
    }
    Ok(found)
}

/// What the index needs to know of these messages.
pub async fn sources(db: &Db, ids: &[i64]) -> Result<Vec<Source>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(200) {
        let rows: Vec<Source> = read!(db, pool => {
            let mut query = QueryBuilder::new("select ");
            query.push(terms::COLUMNS).push(" where m.id in (");
            let mut list = query.separated(", ");
            for id in padded(chunk) {
                list.push_bind(id);
            }
            query.push(")");
            async move { query.build_query_as().fetch_all(pool).await }
        })?;
        found.extend(rows);
    }
    with_names(db, found).await
}

/// The same of the next older messages, newest first.
pub async fn older(db: &Db, below: i64, limit: i64) -> Result<Vec<Source>> {
    let sql = sqlx::AssertSqlSafe(format!("select {} where m.id < $1 order by m.id desc limit $2", terms::COLUMNS));
    let rows = read!(db, pool => sqlx::query_as(sql).bind(below).bind(limit).fetch_all(pool))?;
    with_names(db, rows).await
}

async fn with_names(db: &Db, mut rows: Vec<Source>) -> Result<Vec<Source>> {
    let with_files: Vec<MessageId> = rows.iter().filter(|row| row.has_files).map(|row| MessageId(row.id)).collect();
    if !with_files.is_empty() {
        let mut files = super::file::for_messages(db, &with_files).await?;
        for row in &mut rows {
            let attached = files.remove(&MessageId(row.id)).unwrap_or_default();
            row.files = attached.into_iter().map(|file| file.name).collect();
        }
    }
    Ok(rows)
}

/// Takes messages out of the index and puts lines of [`index_line`] in, each under its message's id.
pub async fn put(tx: &mut Tx, gone: &[i64], lines: &[(i64, String)]) -> Result<()> {
    for chunk in pieces(gone) {
        write!(tx, conn => {
            let mut query = QueryBuilder::new("delete from message_search where rowid in (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(*id);
            }
            query.push(")");
            async move { query.build().execute(conn).await.map(|done| done.rows_affected()) }
        })?;
    }
    let postgres = matches!(tx, Tx::Postgres(_));
    for chunk in pieces(lines) {
        write!(tx, conn => {
            let mut query = QueryBuilder::new("insert into message_search (rowid, words) ");
            query.push_values(chunk, |mut row, (id, line)| {
                row.push_bind(*id).push_bind(line.as_str());
                if postgres {
                    row.push_unseparated("::tsvector");
                }
            });
            if postgres {
                // Purged meanwhile, or put in by another process: either way nothing is to be done.
                query.push(" on conflict do nothing");
            }
            async move { query.build().execute(conn).await.map(|done| done.rows_affected()) }
        })?;
    }
    Ok(())
}

use futures_util::TryFutureExt;
