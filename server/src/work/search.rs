//! Fills the search index. Not in the transaction that keeps the message: accepting and applying are what the budgets
//! squeeze, and a search may be a second late. It follows the event log, so new, edited and deleted messages pass once
//! each and in order, on PostgreSQL too; then it reads what was there before the index, newest first. Where it stands is
//! kept beside the index in the same transaction, so it may stop anywhere. What is indexed is in `store/search`.

use std::time::{Duration, Instant};

use crate::state::State;
use crate::store::{Result, event, search};

/// Events looked at in one step: what a writer waits for stays short.
const EVENTS: i64 = 1_000;
/// Old messages read in one step.
const OLD: i64 = 1_000;
/// What comes in one after the other is indexed together.
const GATHER: Duration = Duration::from_millis(150);
/// It also looks by itself.
const SWEEP: Duration = Duration::from_secs(2);

/// Runs until the process stops.
pub async fn run(state: State) {
    let mut rings = state.bell.events.subscribe();
    loop {
        let began = Instant::now();
        let more = match step(&state).await {
            Ok(more) => more,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "filling the search index");
                false
            }
        };
        tokio::select! {
            // At most a fifth of the time: under a flood messages come first, and the index catches up after it.
            () = tokio::time::sleep(began.elapsed() * 4), if more => {}
            () = wait(&mut rings), if !more => {}
            () = state.bell.stopped() => return,
        }
    }
}

async fn wait(rings: &mut tokio::sync::watch::Receiver<u64>) {
    let _ = tokio::time::timeout(SWEEP, rings.changed()).await;
    tokio::time::sleep(GATHER).await;
}

/// Takes one step; answers whether there is more to do at once.
async fn step(state: &State) -> Result<bool> {
    // One process does it: the one that holds the first shard.
    if !state.shards.held().contains(&0) {
        return Ok(false);
    }
    let db = &state.db;
    let from = search::state(db).await?;
    let events = event::after(db, from.0, EVENTS).await?;
    let seq = events.last().map_or(from.0, |row| row.seq);
    let (sources, known, below, more);
    if events.is_empty() && from.1 > 1 {
        sources = search::older(db, from.1, OLD).await?;
        known = search::indexed(db, &sources.iter().map(|source| source.id).collect::<Vec<_>>()).await?;
        below = sources.last().map_or(0, |source| source.id);
        more = true;
    } else {
        let mut ids: Vec<i64> = events.iter().filter_map(|row| row.message_id).collect();
        ids.sort_unstable();
        ids.dedup();
        sources = search::sources(db, &ids).await?;
        known = search::indexed(db, &ids).await?;
        below = from.1;
        more = seq > from.0 && (i64::try_from(events.len())? == EVENTS || from.1 > 1);
    }
    if seq == from.0 && below == from.1 {
        return Ok(false);
    }
    // Ticks and reactions come as events too, and change no word.
    let stale = |id: &i64, differs: bool| known.contains(id) && differs;
    let gone: Vec<i64> = sources
        .iter()
        .filter(|source| stale(&source.id, source.is_gone() || source.may_differ()))
        .map(|source| source.id)
        .collect();
    let lines: Vec<(i64, String)> = sources
        .iter()
        .filter(|source| !source.is_gone() && (source.may_differ() || !known.contains(&source.id)))
        .map(|source| (source.id, search::index_line(source, db.shared())))
        .collect();
    let mut tx = db.begin().await?;
    if search::advance(&mut tx, from, (seq, below)).await? {
        search::put(&mut tx, &gone, &lines).await?;
        tx.commit().await?;
    }
    Ok(more)
}
