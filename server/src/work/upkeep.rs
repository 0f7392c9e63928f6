//! Small housekeeping: what has outlived its use is forgotten, figures are taken, other processes are listened to.

use std::time::{Duration, Instant, UNIX_EPOCH};

use domain::{Direction, Fault, Moment};

use crate::ledger::now;
use crate::state::State;
use crate::store::log::Line;
use crate::store::{Db, Result, early, event, file, job, journal, message, preview, session};

/// A day, milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// What came before its message is kept this long, milliseconds, if the message never comes.
const EARLY: i64 = DAY;
/// Uploads that are not sent, and bytes that no file names, are kept this long, milliseconds.
const LOOSE: i64 = DAY;
/// Tries to send are kept this long, milliseconds.
const ATTEMPTS: i64 = 90 * DAY;
/// Events are kept this long, milliseconds, …
const EVENTS: i64 = 30 * DAY;
/// … and in any case the last so many: whoever resumes further back than they reach has to read anew.
const EVENTS_KEPT: i64 = 1_000_000;
/// Rows removed in one transaction, so that others need not wait long.
const BATCH: i64 = 2_000;

/// Runs until the process stops.
pub async fn run(state: State) {
    let mut part = 0u8;
    loop {
        if let Err(error) = step(&state).await {
            tracing::warn!(error = format!("{error:#}"), "housekeeping");
        }
        // One of 256 parts each minute, so the whole folder in four hours.
        if let Err(error) = remove_loose(&state, part, now()).await {
            tracing::warn!(error = format!("{error:#}"), "removing files that nobody wants");
        }
        part = part.wrapping_add(1);
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
            () = state.bell.stopped() => return,
        }
    }
}

/// How often SQLite's log is worked into the file.
const TIDY: Duration = Duration::from_secs(2);

/// Keeps SQLite's write-ahead log short, until the process stops.
pub async fn tidy(state: State) {
    while !*state.bell.stopping.borrow() && !state.db.shared() {
        let began = Instant::now();
        if let Err(error) = state.db.tidy().await {
            tracing::warn!(error = format!("{error:#}"), "working the log in");
        }
        tokio::select! {
            // At most a third of the time, however slow the disk.
            () = tokio::time::sleep(TIDY.max(began.elapsed() * 2)) => {}
            () = state.bell.stopped() => return,
        }
    }
}

async fn step(state: &State) -> Result<()> {
    state.metrics.journal_backlog.set(journal::backlog(&state.db).await?);
    state.metrics.job_backlog.set(job::backlog(&state.db).await?);
    state.metrics.seq.set(event::head(&state.db).await?);
    if let Some(more) = state.guard.refusals.sum_up(Instant::now()) {
        state.log.record(refused(more.count, &more.last.to_string()), &[]);
    }
    let mut tx = state.db.begin().await?;
    message::forget_early(&mut tx, now().plus(-EARLY)).await?;
    preview::forget(&mut tx, now().plus(-crate::work::preview::KEPT)).await?;
    early::forget(&mut tx, now().plus(-EARLY)).await?;
    session::forget_expired(&mut tx, now()).await?;
    job::forget_attempts(&mut tx, now().plus(-ATTEMPTS), BATCH).await?;
    event::forget(&mut tx, now().plus(-EVENTS), EVENTS_KEPT, BATCH).await?;
    tx.commit().await
}

/// The line of the integration log for calls of strangers that got none of their own.
fn refused(count: u64, last: &str) -> Line {
    Line {
        at: now(),
        direction: Direction::In,
        system: "unknown".to_owned(),
        account: None,
        what: "POST /hs/whatsapp/webhook".to_owned(),
        status: Some(Fault::SignedOut.status()),
        took: Duration::ZERO,
        error: Some(format!("{count} more refused, the last from {last}")),
        request: String::new(),
        response: String::new(),
    }
}

/// Removes, as of `now`, uploads that were never sent and portraits that were replaced, and in one of the 256 parts of
/// the folder the bytes that no file names. Answers how many rows and how many files of bytes.
pub async fn remove_loose(state: &State, part: u8, now: Moment) -> Result<(u64, u64)> {
    let before = now.plus(-LOOSE);
    let mut rows = 0;
    // Rows are looked through with every 64th part: about once an hour.
    while part.is_multiple_of(64) {
        let mut tx = state.db.begin().await?;
        let removed = file::remove_loose(&mut tx, before, BATCH).await?;
        tx.commit().await?;
        rows += removed;
        if removed < BATCH.unsigned_abs() {
            break;
        }
    }
    let before = UNIX_EPOCH + Duration::from_millis(before.0.max(0).unsigned_abs());
    let blobs = state.files.sweep(&state.db, part, before).await?;
    Ok((rows, blobs))
}

/// Passes on what other processes on the same PostgreSQL tell. The sweep of each worker is the net below this.
pub async fn listen(state: State) {
    let Db::Postgres(pool) = &state.db else { return };
    loop {
        let outcome: Result<()> = async {
            let mut listener = sqlx::postgres::PgListener::connect_with(pool).await?;
            listener.listen("besedka").await?;
            loop {
                tokio::select! {
                    told = listener.recv() => match told?.payload() {
                        "event" => state.bell.ring_events(),
                        "journal" => state.bell.journal.notify_one(),
                        "job" => state.bell.jobs.notify_one(),
                        other => {
                            if let Err(error) = state.live.heard(&state, other).await {
                                tracing::debug!(error = format!("{error:#}"), "a notice of another process");
                            }
                        }
                    },
                    () = state.bell.stopped() => return Ok(()),
                }
            }
        }
        .await;
        match outcome {
            Ok(()) => return,
            Err(error) => tracing::warn!(error = format!("{error:#}"), "listening to the database"),
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}
