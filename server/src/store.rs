//! The database: the only file that knows there are two. The SQL of each noun is in the file of that noun, each text once.
//!
//! SQLite has one writer: a pool of one connection, so that writers queue in order instead of failing with "busy", and
//! `begin immediate`. `synchronous = full`: an answer of 200 promises that the notification survives a power cut.

pub mod account;
pub mod chat;
pub mod contact;
pub mod draft;
pub mod early;
pub mod event;
pub mod file;
pub mod history;
pub mod job;
pub mod journal;
pub mod known;
pub mod label;
pub mod later;
pub mod lease;
pub mod log;
pub mod mark;
pub mod mention;
pub mod message;
pub mod preview;
pub mod quick;
pub mod search;
pub mod session;
pub mod setting;
pub mod user;

use std::collections::BTreeSet;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use domain::AccountId;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite, Transaction};

/// What every store call answers: the cause with its context; the boundary logs it once.
pub type Result<T, E = anyhow::Error> = std::result::Result<T, E>;

/// The SQLite migrations, compiled in.
static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
/// The PostgreSQL migrations, compiled in.
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// Either database.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file beside the data.
    Sqlite {
        /// The one connection that writes.
        write: SqlitePool,
        /// Those that read.
        read: SqlitePool,
        /// The one that works the write-ahead log into the file, beside the writer.
        tidy: SqlitePool,
    },
    /// A server, for several processes.
    Postgres(PgPool),
}

/// A transaction that writes. Dropped without [`Tx::commit`] it changes nothing.
#[derive(Debug)]
pub enum Tx {
    /// On the one writing connection.
    Sqlite(Transaction<'static, Sqlite>),
    /// On any connection.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one query text on whichever database is there, outside a transaction, for reading:
/// `read!(db, pool => sqlx::query_as("…").bind(…).fetch_all(pool))`.
macro_rules! read {
    ($db:expr, $pool:ident => $query:expr) => {
        match $db {
            $crate::store::Db::Sqlite { read: $pool, .. } => $query.await,
            $crate::store::Db::Postgres($pool) => $query.await,
        }
    };
}

/// Runs one query text inside a transaction: `write!(tx, conn => sqlx::query("…").bind(…).execute(conn))`.
macro_rules! write {
    ($tx:expr, $conn:ident => $query:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(transaction) => {
                let $conn = &mut **transaction;
                $query.await
            }
            $crate::store::Tx::Postgres(transaction) => {
                let $conn = &mut **transaction;
                $query.await
            }
        }
    };
}
pub(crate) use {read, write};

/// Rows in the pieces in which they are written: 64, and the rest in powers of two. So there are few SQL texts of each
/// kind, and their prepared statements are found again.
pub(crate) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = 1 << rows.len().min(64).checked_ilog2()?;
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        Some(piece)
    })
}

/// A list for `in (…)`, its last item repeated up to a power of two: for the same reason.
pub(crate) fn padded<T: Copy>(items: &[T]) -> impl Iterator<Item = T> {
    let more = items.len().next_power_of_two() - items.len();
    items.iter().copied().chain(items.last().copied().into_iter().cycle().take(more))
}

impl Db {
    /// Opens (and makes, and migrates) the database: a `postgres://` URL, or a path of a SQLite file.
    pub async fn open(url: &str) -> Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url).context("reading the database address")?;
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                .connect_with(options)
                .await
                .context("connecting to PostgreSQL")?;
            POSTGRES.run(&pool).await.context("migrating PostgreSQL")?;
            return Ok(Self::Postgres(pool));
        }
        let options = SqliteConnectOptions::new()
            .filename(Path::new(url))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(256)
            .pragma("cache_size", "-40000")
            // The log is worked into the file by `tidy`; the writer does it itself only when that has not kept up for 1 GB.
            .pragma("wal_autocheckpoint", "250000")
            .pragma("temp_store", "memory");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await
            .with_context(|| format!("opening {url}"))?;
        SQLITE.run(&write).await.context("migrating SQLite")?;
        let tidy = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone().pragma("cache_size", "-500"))
            .await
            .context("opening for the log")?;
        // What readers need is in the system's own cache already.
        let options = options.read_only(true).create_if_missing(false).pragma("cache_size", "-4000");
        let read = SqlitePoolOptions::new()
            .max_connections(4)
            .idle_timeout(Duration::from_secs(300))
            .connect_with(options)
            .await
            .context("opening readers")?;
        Ok(Self::Sqlite { write, read, tidy })
    }

    /// Begins a transaction that writes.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("begin immediate").await.context("begin")?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await.context("begin")?),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        read!(self, pool => sqlx::query("select 1").execute(pool).map_ok(|_| ()))?;
        Ok(())
    }

    /// Works SQLite's write-ahead log into the file without holding up readers or the writer: one who commits does not
    /// wait while thousands of pages are written. Pages that many messages change are written once.
    pub async fn tidy(&self) -> Result<()> {
        let Self::Sqlite { tidy, .. } = self else { return Ok(()) };
        sqlx::query("pragma wal_checkpoint(passive)").execute(tidy).await.context("working the log in")?;
        Ok(())
    }

    /// Waits for what is being written and closes.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read, tidy } => {
                tidy.close().await;
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }

    /// Tells all processes on the database something of the moment, at most 7,999 bytes; nobody keeps it.
    pub async fn tell(&self, payload: &str) -> Result<()> {
        if let Self::Postgres(pool) = self {
            sqlx::query("select pg_notify('besedka', $1)").bind(payload).execute(pool).await?;
        }
        Ok(())
    }

    /// Whether other processes may share this database.
    pub fn shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

impl Tx {
    /// Makes everything that was written in it lasting.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await.context("commit"),
            Self::Postgres(transaction) => transaction.commit().await.context("commit"),
        }
    }

    /// Waits until no other transaction of the ledger holds any of these accounts, and holds them to its own end. What is
    /// read after this and written back cannot have changed meanwhile. Asked for first of all and once, so that nobody
    /// waits in a circle. Nothing on SQLite: there all who write take turns.
    pub async fn take_turn(&mut self, accounts: impl IntoIterator<Item = AccountId>) -> Result<()> {
        if let Self::Postgres(transaction) = self {
            let ordered: BTreeSet<i64> = accounts.into_iter().map(|id| id.0).collect();
            for id in ordered {
                sqlx::query("select pg_advisory_xact_lock($1)").bind(id).execute(&mut **transaction).await?;
            }
        }
        Ok(())
    }

    /// Tells the other processes, when this commits, that there is something new. Nothing on SQLite: there are none.
    pub async fn notify(&mut self, topic: &'static str) -> Result<()> {
        if let Self::Postgres(transaction) = self {
            sqlx::query("select pg_notify('besedka', $1)").bind(topic).execute(&mut **transaction).await?;
        }
        Ok(())
    }
}

/// Whether an error speaks of the database's condition (away, busy, full, a deadlock) and not of what was to be written:
/// the same may succeed later.
pub fn passes(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<sqlx::Error>()).any(|error| match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(told) => {
            let code = told.code().unwrap_or_default();
            // PostgreSQL: classes of five characters; SQLite: numbers, whose low byte is the primary code
            // (busy, locked, out of memory, read-only, I/O, full, cannot open).
            match code.parse::<u32>() {
                Ok(number) if code.len() != 5 => matches!(number & 0xff, 5..=8 | 10 | 13 | 14),
                _ => ["08", "25", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class)),
            }
        }
        _ => false,
    })
}

use futures_util::TryFutureExt;
