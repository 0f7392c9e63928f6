//! Which accounts this process works for. Accounts are spread over 16 shards; with several processes on PostgreSQL each
//! holds its part by leases that run out when it dies. On SQLite the one process holds them all.

use std::sync::Mutex;
use std::time::Instant;

use domain::AccountId;

use crate::ledger::now;
use crate::state::State;
use crate::store::journal::{SHARDS, shard};
use crate::store::{Result, lease};

/// A lease is renewed this many times in its life.
const RENEWALS: u32 = 4;

/// The shards held.
#[derive(Debug, Default)]
pub struct Shards {
    /// Until when each is surely ours.
    until: Mutex<[Option<Instant>; SHARDS as usize]>,
}

impl Shards {
    /// The shards held at this moment.
    pub fn held(&self) -> Vec<i16> {
        let now = Instant::now();
        self.lock()
            .iter()
            .zip(0i16..)
            .filter(|(until, _)| until.is_some_and(|until| until > now))
            .map(|(_, n)| n)
            .collect()
    }

    /// Whether this process works for an account.
    pub fn holds(&self, account: AccountId) -> bool {
        self.held().contains(&shard(account))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, [Option<Instant>; SHARDS as usize]> {
        // A panic while holding it cannot leave it half-written: entries are set one by one.
        self.until.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Takes the shards for the first time: at the start, before any worker.
pub async fn begin(state: &State) -> Result<()> {
    if !state.db.shared() {
        let mut tx = state.db.begin().await?;
        lease::clear(&mut tx).await?;
        tx.commit().await?;
    }
    renew(state).await
}

/// Renews until the process stops, then gives the accounts back so that the others need not wait.
pub async fn run(state: State) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(state.config.lease / RENEWALS) => {}
            () = state.bell.stopped() => break,
        }
        if let Err(error) = renew(&state).await {
            tracing::error!(error = format!("{error:#}"), "renewing leases");
        }
    }
    if let Err(error) = give_back(&state).await {
        tracing::warn!(error = format!("{error:#}"), "giving leases back");
    }
}

async fn renew(state: &State) -> Result<()> {
    let began = Instant::now();
    let now = now();
    let life = state.config.lease;
    let until = now.plus(i64::try_from(life.as_millis())?);
    let mut tx = state.db.begin().await?;
    lease::take(&mut tx, &format!("node:{}", state.node), &state.node, now, until).await?;
    tx.commit().await?;
    let nodes = lease::nodes(&state.db, now).await?.max(1);
    let fair = usize::try_from((SHARDS + nodes - 1) / nodes).unwrap_or(1);
    let mut held = state.shards.held();
    let mut tx = state.db.begin().await?;
    let mut kept = Vec::new();
    // Our own first; what is beyond a fair share goes back; then whatever is free up to the share.
    let others: Vec<i16> = (0..i16::try_from(SHARDS)?).filter(|shard| !held.contains(shard)).collect();
    for extra in held.split_off(fair.min(held.len())) {
        lease::release(&mut tx, &name(extra), &state.node).await?;
    }
    for shard in held.into_iter().chain(others) {
        if kept.len() < fair && lease::take(&mut tx, &name(shard), &state.node, now, until).await? {
            kept.push(shard);
        }
    }
    tx.commit().await?;
    let changed = {
        let mut table = state.shards.lock();
        let before: Vec<bool> = table.iter().map(Option::is_some).collect();
        for (slot, shard) in table.iter_mut().zip(0i16..) {
            // A little less than the lease, so that we stop before another begins.
            *slot = kept.contains(&shard).then(|| began + life - life / (2 * RENEWALS));
        }
        before != table.iter().map(Option::is_some).collect::<Vec<_>>()
    };
    if changed {
        state.bell.accounts.notify_waiters();
        state.bell.journal.notify_one();
        state.bell.jobs.notify_one();
    }
    Ok(())
}

async fn give_back(state: &State) -> Result<()> {
    let mut tx = state.db.begin().await?;
    for shard in state.shards.held() {
        lease::release(&mut tx, &name(shard), &state.node).await?;
    }
    tx.commit().await
}

/// The very last thing of a process: until now the others left alone what it was still sending.
pub async fn leave(state: &State) -> Result<()> {
    let mut tx = state.db.begin().await?;
    lease::release(&mut tx, &format!("node:{}", state.node), &state.node).await?;
    tx.commit().await
}

fn name(shard: i16) -> String {
    format!("shard:{shard}")
}
