//! Decodes notifications and hands their facts to the ledger, in the order in which they came. One that cannot be
//! decoded or applied is marked and stays; it never blocks the next.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{AccountId, Fact, JournalId};

use crate::gateway::Gateway;
use crate::ledger::{News, now};
use crate::state::State;
use crate::store::journal::{self, Outcome, Waiting};
use crate::store::{Result, passes};

/// The most notifications in one transaction.
const BATCH: i64 = 1024;
/// The longest that applying stands back for accepting, at a time.
const STAND_BACK: Duration = Duration::from_millis(1500);

/// Runs until the process stops.
pub async fn run(state: State) {
    let mut turns = Turns::new(&state);
    loop {
        // Ask to be woken before looking, so that what comes while we look is not missed.
        let woken = state.bell.journal.notified();
        let began = Instant::now();
        match step(&state).await {
            Ok(0) => {}
            Ok(count) => {
                tokio::time::sleep(turns.stand_back(&state, count, began.elapsed())).await;
                continue;
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "applying notifications");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(state.config.sweep) => {}
            () = state.bell.stopped() => return,
        }
    }
}

/// Shares the one writer of SQLite between accepting and applying. Accepting is what providers wait for: while more comes
/// in than can be applied at the same time, applying takes a fifth of the time and catches up afterwards; otherwise the
/// two take turns.
struct Turns {
    /// Notifications applied a second, when nothing else is done.
    speed: f64,
    since: Instant,
    accepted: u64,
}

impl Turns {
    fn new(state: &State) -> Self {
        Self { speed: 0.0, since: Instant::now(), accepted: state.intake.accepted() }
    }

    /// How long to leave the writer to others after a batch that took so long.
    #[expect(clippy::cast_precision_loss, reason = "counts of a second are far below 2^52")]
    fn stand_back(&mut self, state: &State, count: usize, took: Duration) -> Duration {
        let (now, accepted) = (Instant::now(), state.intake.accepted());
        let rate = (accepted - self.accepted) as f64 / (now - self.since).as_secs_f64().max(0.001);
        (self.since, self.accepted) = (now, accepted);
        let speed = count as f64 / took.as_secs_f64().max(0.001);
        self.speed = if self.speed == 0.0 { speed } else { self.speed * 0.8 + speed * 0.2 };
        if state.db.shared() || count < 64 || rate < 100.0 {
            return Duration::ZERO;
        }
        let share = if rate > self.speed * 0.9 { 4.0 } else { 0.3 };
        took.mul_f64(share).min(STAND_BACK)
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
            let past = row.source == super::history::SOURCE;
            let mark = |mut fact| {
                if let (true, Fact::Message(message)) = (past, &mut fact) {
                    message.old = true;
                }
                News { account, journal, fact }
            };
            let news = decoded.facts.into_iter().map(mark).collect();
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
