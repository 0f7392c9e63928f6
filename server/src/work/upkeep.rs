//! Small housekeeping: what has outlived its use is forgotten, figures are taken, other processes are listened to.

use std::time::Duration;

use crate::ledger::now;
use crate::state::State;
use crate::store::{Db, Result, event, job, journal, message, session};

/// Early statuses whose message never came are kept this long, milliseconds.
const EARLY: i64 = 24 * 60 * 60 * 1000;

/// Runs until the process stops.
pub async fn run(state: State) {
    loop {
        if let Err(error) = step(&state).await {
            tracing::warn!(error = format!("{error:#}"), "housekeeping");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(60)) => {}
            () = state.bell.stopped() => return,
        }
    }
}

async fn step(state: &State) -> Result<()> {
    state.metrics.journal_backlog.set(journal::backlog(&state.db).await?);
    state.metrics.job_backlog.set(job::backlog(&state.db).await?);
    state.metrics.seq.set(event::head(&state.db).await?);
    let mut tx = state.db.begin().await?;
    message::forget_early(&mut tx, now().plus(-EARLY)).await?;
    session::forget_expired(&mut tx, now()).await?;
    tx.commit().await
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
                        _ => {}
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
