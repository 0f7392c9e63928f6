//! The integration log: every call to a provider, every request of another system that was refused, and (read from
//! the journal, not kept twice) every notification that was accepted.
//!
//! Writing never slows a caller: lines go through a bounded channel to one task that writes them in batches; when the
//! channel is full a line is dropped and counted. Lines live thirty days, and at most 200,000 of them.

pub mod redact;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use domain::log::{LogEntry, LogResult};
use domain::{AccountId, Direction, Moment, Page};
use sqlx::AssertSqlSafe;
use tokio::sync::{mpsc, oneshot};

use super::{Db, Result, read, write};

/// Lines that may wait to be written.
const WAITING: usize = 4096;
/// Lines written in one transaction.
const BATCH: usize = 500;
/// How long lines are gathered before they are written.
const GATHER: Duration = Duration::from_millis(200);
/// How long a line is kept.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// How many lines are kept.
const KEPT_LINES: i64 = 200_000;
/// How often old lines are removed; also whenever a twentieth of what is kept has been added.
const SWEEP: Duration = Duration::from_secs(3600);
/// Lines removed in one transaction, so that others need not wait long.
const SWEEP_BATCH: i64 = 5000;

/// One exchange with another system.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it began.
    pub at: Moment,
    /// Who called whom: `In` they us, `Out` we them.
    pub direction: Direction,
    /// The other side: a provider's name, `1c`, `3cx`, `unknown`.
    pub system: String,
    /// The account it was about.
    pub account: Option<AccountId>,
    /// What was called: the provider's method, or HTTP method and path without secrets.
    pub what: String,
    /// The HTTP status of the answer; absent when there was none.
    pub status: Option<u16>,
    /// How long it took.
    pub took: Duration,
    /// What went wrong; absent when it went well.
    pub error: Option<String>,
    /// What was asked.
    pub request: String,
    /// What was answered.
    pub response: String,
}

enum Item {
    Line(Box<Line>),
    Flush(oneshot::Sender<()>),
}

/// Takes lines; cheap to clone. The writing task ends when the last one is dropped.
#[derive(Clone, Debug)]
pub struct Log {
    items: mpsc::Sender<Item>,
    dropped: Arc<AtomicU64>,
}

impl Log {
    /// Starts the writing task. Needs a running tokio.
    pub fn start(db: Db) -> Self {
        Self::keeping(db, KEPT_LINES)
    }

    /// As [`Log::start`], keeping another number of lines: for tests.
    pub fn keeping(db: Db, lines: i64) -> Self {
        let (items, waiting) = mpsc::channel(WAITING);
        let dropped = Arc::new(AtomicU64::new(0));
        tokio::spawn(keep(db, waiting, dropped.clone(), lines));
        Self { items, dropped }
    }

    /// Notes an exchange. `secrets` are cut out of every text, as are tokens in addresses and long base64; bodies are
    /// clipped. Never waits.
    pub fn record(&self, mut line: Line, secrets: &[String]) {
        // PostgreSQL keeps no NUL, and one bad line must not take its whole batch along.
        line.system = line.system.replace('\0', "");
        line.what = line.what.replace('\0', "");
        line.error = line.error.map(|text| text.replace('\0', ""));
        line.request = line.request.replace('\0', "");
        line.response = line.response.replace('\0', "");
        line.what = redact::clip(redact::redact(&line.what, secrets), 500);
        line.error = line.error.map(|text| redact::clip(redact::redact(&text, secrets), 2000));
        line.request = redact::body(&line.request, secrets);
        line.response = redact::body(&line.response, secrets);
        if self.items.try_send(Item::Line(Box::new(line))).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything noted so far is written: for the end of the process and for tests.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.items.send(Item::Flush(done)).await.is_ok() {
            // An error means that the task has ended, so nothing is left to wait for.
            let _ = written.await;
        }
    }

    /// Lines lost because too many waited or the database did not take them.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

async fn keep(db: Db, mut waiting: mpsc::Receiver<Item>, dropped: Arc<AtomicU64>, kept: i64) {
    let mut sweep = tokio::time::interval(SWEEP);
    sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first tick comes at once; starting up is busy enough.
    sweep.tick().await;
    let mut items = Vec::with_capacity(BATCH);
    let mut added = 0;
    loop {
        if added > kept / 20 {
            added = 0;
            forget(&db, kept).await;
        }
        tokio::select! {
            biased;
            _ = sweep.tick() => {
                forget(&db, kept).await;
                continue;
            }
            taken = waiting.recv_many(&mut items, BATCH) => if taken == 0 { return },
        }
        if items.len() < BATCH && !items.iter().any(|item| matches!(item, Item::Flush(_))) {
            tokio::time::sleep(GATHER).await;
            while items.len() < BATCH {
                let Ok(item) = waiting.try_recv() else { break };
                items.push(item);
            }
        }
        let (mut lines, mut flushes) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items.drain(..) {
            match item {
                Item::Line(line) => lines.push(line),
                Item::Flush(done) => flushes.push(done),
            }
        }
        added += i64::try_from(lines.len()).unwrap_or(0);
        if let Err(error) = insert(&db, &lines).await {
            dropped.fetch_add(lines.len() as u64, Ordering::Relaxed);
            tracing::warn!(error = format!("{error:#}"), lines = lines.len(), "the integration log lost lines");
        }
        for done in flushes {
            // Whoever asked may have gone.
            let _ = done.send(());
        }
    }
}

async fn forget(db: &Db, kept: i64) {
    if let Err(error) = remove(db, now(), kept).await {
        tracing::warn!(error = format!("{error:#}"), "old lines of the integration log stay for now");
    }
}

async fn insert(db: &Db, lines: &[Box<Line>]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    for line in lines {
        let result = if line.error.is_some() { LogResult::Error } else { LogResult::Ok };
        let took = i32::try_from(line.took.as_millis()).unwrap_or(i32::MAX);
        write!(&mut tx, conn => sqlx::query(
            "insert into call_log (at, direction, system, account_id, what, status, took, result, error, request, response)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
            .bind(line.at.0).bind(line.direction.as_str()).bind(&line.system).bind(line.account.map(|id| id.0))
            .bind(&line.what).bind(line.status.map(i32::from)).bind(took).bind(result.as_str()).bind(&line.error)
            .bind(&line.request).bind(&line.response)
            .execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    tx.commit().await
}

/// Removes what is older than thirty days or beyond 200,000 lines, as of `now`.
pub async fn remove_old(db: &Db, now: Moment) -> Result<u64> {
    remove(db, now, KEPT_LINES).await
}

async fn remove(db: &Db, now: Moment, kept: i64) -> Result<u64> {
    let before = now.plus(-i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX));
    let newest: Option<i64> = read!(db, pool => sqlx::query_scalar("select max(id) from call_log").fetch_one(pool))?;
    let last = newest.unwrap_or(0) - kept;
    let mut removed = 0;
    loop {
        let mut tx = db.begin().await?;
        let done = write!(&mut tx, conn => sqlx::query(
            "delete from call_log where id in (
                select id from call_log where id <= $1 or at < $2 order by id limit $3)")
            .bind(last).bind(before.0).bind(SWEEP_BATCH).execute(conn).map_ok(|done| done.rows_affected()))?;
        tx.commit().await?;
        removed += done;
        if done < SWEEP_BATCH.unsigned_abs() {
            return Ok(removed);
        }
    }
}

/// Which lines a list shows. All conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The other side.
    pub system: Option<String>,
    /// The account.
    pub account: Option<AccountId>,
    /// How it ended.
    pub result: Option<LogResult>,
    /// Who called whom.
    pub direction: Option<Direction>,
}

/// A place in the list: the last line seen of each of its two sources. Within a source lines fall by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    call: i64,
    journal: i64,
}

impl Cursor {
    const START: Self = Self { call: i64::MAX, journal: i64::MAX };
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_fmt(format_args!("c{}.j{}", self.call, self.journal))
    }
}

impl std::str::FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (call, journal) = text.split_once('.').ok_or(())?;
        let number = |text: &str, prefix: char| text.strip_prefix(prefix).and_then(|text| text.parse().ok()).ok_or(());
        Ok(Self { call: number(call, 'c')?, journal: number(journal, 'j')? })
    }
}

/// A page of the log, newest first, without bodies. `limit` is at least one.
pub async fn list(db: &Db, filter: &Filter, before: Option<Cursor>, limit: u32) -> Result<Page<LogEntry>> {
    let limit = limit.max(1) as usize;
    let from = before.unwrap_or(Cursor::START);
    // One more than asked for tells whether there is more.
    let mut calls = calls(db, filter, from.call, limit + 1).await?.into_iter().peekable();
    let mut journal = notifications(db, filter, from.journal, limit + 1).await?.into_iter().peekable();
    let (mut items, mut cursor) = (Vec::with_capacity(limit), from);
    while items.len() < limit {
        let call_first = match (calls.peek(), journal.peek()) {
            (None, None) => break,
            (Some(call), Some(note)) => call.at >= note.received_at,
            (call, _) => call.is_some(),
        };
        if call_first {
            if let Some(row) = calls.next() {
                cursor.call = row.id;
                items.push(row.entry()?);
            }
        } else if let Some(row) = journal.next() {
            cursor.journal = row.id;
            items.push(row.entry()?);
        }
    }
    let more = calls.peek().is_some() || journal.peek().is_some();
    Ok(Page { items, next: more.then(|| cursor.to_string()) })
}

/// One line with its bodies; `None` when it does not exist or its time has passed.
pub async fn get(db: &Db, id: &str) -> Result<Option<LogEntry>> {
    let Some((source, Ok(number))) = id.split_at_checked(1).map(|(source, rest)| (source, rest.parse::<i64>())) else {
        return Ok(None);
    };
    match source {
        "c" => {
            let row: Option<(Option<String>, Option<String>)> = read!(db, pool => sqlx::query_as(
                "select request, response from call_log where id = $1").bind(number).fetch_optional(pool))?;
            let Some((request, response)) = row else { return Ok(None) };
            let calls = calls(db, &Filter::default(), number.saturating_add(1), 1).await?;
            let Some(row) = calls.into_iter().find(|row| row.id == number) else { return Ok(None) };
            Ok(Some(LogEntry { request, response, ..row.entry()? }))
        }
        "j" => {
            let body: Option<String> = read!(db, pool => sqlx::query_scalar(
                "select body from journal where id = $1").bind(number).fetch_optional(pool))?;
            let Some(body) = body else { return Ok(None) };
            let notes = notifications(db, &Filter::default(), number.saturating_add(1), 1).await?;
            let Some(row) = notes.into_iter().find(|row| row.id == number) else { return Ok(None) };
            Ok(Some(LogEntry { request: Some(redact::body(&body, &[])), ..row.entry()? }))
        }
        _ => Ok(None),
    }
}

#[derive(sqlx::FromRow)]
struct Call {
    id: i64,
    at: i64,
    direction: String,
    system: String,
    account_id: Option<i64>,
    what: String,
    status: Option<i32>,
    took: Option<i32>,
    result: String,
    error: Option<String>,
}

impl Call {
    fn entry(self) -> Result<LogEntry> {
        Ok(LogEntry {
            id: format!("c{}", self.id),
            at: Moment(self.at),
            direction: Direction::parse(&self.direction).context("a direction in call_log")?,
            system: self.system,
            account: self.account_id.map(AccountId),
            what: self.what,
            status: self.status,
            took: self.took,
            result: LogResult::parse(&self.result).context("a result in call_log")?,
            error: self.error,
            request: None,
            response: None,
        })
    }
}

#[derive(sqlx::FromRow)]
struct Notification {
    id: i64,
    account_id: i64,
    provider: String,
    received_at: i64,
    source: String,
    state: i16,
    what: Option<String>,
    error: Option<String>,
    done_at: Option<i64>,
}

impl Notification {
    fn entry(self) -> Result<LogEntry> {
        Ok(LogEntry {
            id: format!("j{}", self.id),
            at: Moment(self.received_at),
            direction: Direction::In,
            system: self.provider,
            account: Some(AccountId(self.account_id)),
            status: (self.source == "webhook").then_some(200),
            what: self.what.filter(|what| !what.is_empty()).unwrap_or(self.source),
            took: self.done_at.map(|done| i32::try_from((done - self.received_at).max(0)).unwrap_or(i32::MAX)),
            result: match self.state {
                0 => LogResult::Waiting,
                2 => LogResult::Error,
                _ => LogResult::Ok,
            },
            error: self.error,
            request: None,
            response: None,
        })
    }
}

/// Conditions are put together here so that the index by account is used when an account is asked for.
async fn calls(db: &Db, filter: &Filter, before: i64, limit: usize) -> Result<Vec<Call>> {
    if filter.result == Some(LogResult::Waiting) {
        return Ok(Vec::new());
    }
    let mut sql = "select id, at, direction, system, account_id, what, status, took, result, error from call_log
         where id < $1"
        .to_owned();
    let mut values = vec![before];
    let mut words = Vec::new();
    let mut next = 2..;
    let mut place = || next.next().unwrap_or(0);
    if let Some(account) = filter.account {
        sql += &format!(" and account_id = ${}", place());
        values.push(account.0);
    }
    if let Some(system) = &filter.system {
        sql += &format!(" and system = ${}", place());
        words.push(system.as_str());
    }
    if let Some(result) = filter.result {
        sql += &format!(" and result = ${}", place());
        words.push(result.as_str());
    }
    if let Some(direction) = filter.direction {
        sql += &format!(" and direction = ${}", place());
        words.push(direction.as_str());
    }
    sql += &format!(" order by id desc limit {limit}");
    Ok(read!(db, pool => {
        let query = values.iter().fold(sqlx::query_as(AssertSqlSafe(sql)), |query, value| query.bind(*value));
        words.iter().fold(query, |query, word| query.bind(*word)).fetch_all(pool)
    })?)
}

async fn notifications(db: &Db, filter: &Filter, before: i64, limit: usize) -> Result<Vec<Notification>> {
    if filter.direction == Some(Direction::Out) {
        return Ok(Vec::new());
    }
    // The index by account leaves out what waits, so both have to be asked for apart; waiting ones have their own index.
    let states: &[&str] = match filter.result {
        None if filter.account.is_some() => &["j.state <> 0", "j.state = 0"],
        None => &["true"],
        Some(LogResult::Waiting) => &["j.state = 0"],
        Some(LogResult::Error) => &["j.state <> 0 and j.state = 2"],
        Some(LogResult::Ok) => &["j.state <> 0 and j.state in (1, 3)"],
    };
    let mut found = Vec::new();
    for state in states {
        let mut sql = format!(
            "select j.id, j.account_id, a.provider, j.received_at, j.source, j.state, j.what, j.error, j.done_at
             from journal j join account a on a.id = j.account_id where j.id < $1 and {state}"
        );
        let mut values = vec![before];
        let mut words = Vec::new();
        let mut next = 2..;
        let mut place = || next.next().unwrap_or(0);
        if let Some(account) = filter.account {
            sql += &format!(" and j.account_id = ${}", place());
            values.push(account.0);
        }
        if let Some(system) = &filter.system {
            sql += &format!(" and a.provider = ${}", place());
            words.push(system.as_str());
        }
        sql += &format!(" order by j.id desc limit {limit}");
        let rows: Vec<Notification> = read!(db, pool => {
            let query = values.iter().fold(sqlx::query_as(AssertSqlSafe(sql)), |query, value| query.bind(*value));
            words.iter().fold(query, |query, word| query.bind(*word)).fetch_all(pool)
        })?;
        found.extend(rows);
    }
    found.sort_by_key(|row| std::cmp::Reverse(row.id));
    found.truncate(limit);
    Ok(found)
}

fn now() -> Moment {
    Moment(jiff::Timestamp::now().as_millisecond())
}

use futures_util::TryFutureExt;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_strange_ones_are_refused() {
        let cursor = Cursor { call: 12, journal: i64::MAX };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", "c1", "c1.c2", "j1.c2", "cx.j1", "c1.j2.x"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
