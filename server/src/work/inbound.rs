//! Decodes notifications and hands their facts to the ledger, in the order in which they came. One that cannot be
//! decoded or applied is marked and stays; it never blocks the next.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{AccountId, JournalId};

use crate::gateway::Gateway;
use crate::ledger::{News, now};
use crate::state::State;
use crate::store::journal::{self, Outcome, Waiting};
use crate::store::{Result, passes};

/// The most notifications in one transaction.
const BATCH: i64 = 256;

/// Runs until the process stops.
pub async fn run(state: State) {
    loop {
        // Ask to be woken before looking, so that what comes while we look is not missed.
        let woken = state.bell.journal.notified();
        match step(&state).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "applying notifications");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(state.config.sweep) => {}
            () = state.bell.stopped() => return,
        }
    }
}

/// A decoded notification.
struct Read {
    id: i64,
    what: String,
    outcome: Outcome,
    news: Vec<News>,
}

/// Applies one batch; answers how many there were.
async fn step(state: &State) -> Result<usize> {
    let waiting = journal::waiting(&state.db, &state.shards.held(), BATCH).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let mut gateways = HashMap::new();
    let mut batch = Vec::with_capacity(waiting.len());
    for row in &waiting {
        batch.push(decode(state, &mut gateways, row).await?);
    }
    if let Err(error) = apply(state, &batch).await {
        tracing::warn!(error = format!("{error:#}"), "applying a batch failed, going one by one");
        state.ledger.forget();
        for mut one in batch {
            if let Err(error) = apply(state, std::slice::from_ref(&one)).await {
                if passes(&error) {
                    // The database is at fault, not the notification: it and those after it wait.
                    return Err(error);
                }
                one.outcome = Outcome::Failed(format!("{error:#}").chars().take(500).collect());
                one.news.clear();
                apply(state, &[one]).await?;
                state.metrics.undecoded.inc();
            }
        }
    }
    state.metrics.applied.inc_by(u64::try_from(waiting.len()).unwrap_or_default());
    Ok(waiting.len())
}

async fn decode(state: &State, gateways: &mut HashMap<i64, Option<Arc<dyn Gateway>>>, row: &Waiting) -> Result<Read> {
    let account = AccountId(row.account_id);
    let gateway = match gateways.get(&row.account_id) {
        Some(gateway) => gateway.clone(),
        None => {
            let gateway = match state.accounts.get(account).await? {
                Some(row) if row.deleted_at.is_none() => state.gateways.build(&row).ok(),
                _ => None,
            };
            gateways.insert(row.account_id, gateway.clone());
            gateway
        }
    };
    let Some(gateway) = gateway else {
        let outcome = Outcome::Failed("the account is deleted or its settings are wrong".to_owned());
        return Ok(Read { id: row.id, what: String::new(), outcome, news: Vec::new() });
    };
    Ok(match gateway.decode(&row.body) {
        Ok(decoded) => {
            let journal = Some(JournalId(row.id));
            let outcome = if decoded.facts.is_empty() { Outcome::Nothing } else { Outcome::Applied };
            let news = decoded.facts.into_iter().map(|fact| News { account, journal, fact }).collect();
            Read { id: row.id, what: decoded.what, outcome, news }
        }
        Err(error) => {
            state.metrics.undecoded.inc();
            let outcome = Outcome::Failed(error.0.chars().take(500).collect());
            Read { id: row.id, what: String::new(), outcome, news: Vec::new() }
        }
    })
}

async fn apply(state: &State, batch: &[Read]) -> Result<()> {
    let news: Vec<News> = batch.iter().flat_map(|read| read.news.iter().cloned()).collect();
    let done: Vec<_> = batch.iter().map(|read| (read.id, read.what.clone(), read.outcome.clone())).collect();
    let mut tx = state.db.begin().await?;
    let changes = state.ledger.apply(&mut tx, &news).await?;
    journal::finish(&mut tx, &done, now()).await?;
    state.ledger.commit(tx, changes).await
}
