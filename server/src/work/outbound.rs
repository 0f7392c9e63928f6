//! Finds accounts with something to do and gives each a lane of its own, so that a slow or failing account delays nobody
//! else. What a lane does with a send is in `send`, with files and profiles in `media`.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::AccountId;
use tokio::task::JoinSet;

use super::{media, send};
use crate::gateway::Reaction;
use crate::ledger::now;
use crate::state::State;
use crate::store::account::AccountRow;
use crate::store::job::{self, Job, JobKind, JobState};
use crate::store::{Result, file};

/// How many messages of one account are on their way at once; always of different chats.
const SENDS: usize = 4;
/// How many files of one account are fetched at once.
const OTHERS: usize = 3;
/// How long a job is ours before another process may think us dead.
const LOCK: i64 = 15 * 60 * 1000;
/// After this many tries a file, a profile or a read mark is given up.
const TRIES: i32 = 12;

/// Lanes at work, by account and whether they send.
type Lanes = Arc<Mutex<HashSet<(AccountId, bool)>>>;

/// Runs until the process stops; then waits for what is being sent.
pub async fn run(state: State) {
    let lanes = Lanes::default();
    let mut work = JoinSet::new();
    loop {
        let woken = state.bell.jobs.notified();
        match job::due(&state.db, now()).await {
            Ok(due) => {
                for key in due {
                    if state.shards.holds(key.0) && lock(&lanes).insert(key) {
                        work.spawn(lane(state.clone(), lanes.clone(), key));
                    }
                }
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "looking for jobs"),
        }
        while work.try_join_next().is_some() {}
        tokio::select! {
            () = woken => {}
            () = tokio::time::sleep(state.config.sweep) => {}
            () = state.bell.stopped() => break,
        }
    }
    // What is half-way gets its chance to finish; what does not is found again as in doubt.
    let _ = tokio::time::timeout(Duration::from_secs(20), async { while work.join_next().await.is_some() {} }).await;
}

fn lock(lanes: &Lanes) -> std::sync::MutexGuard<'_, HashSet<(AccountId, bool)>> {
    lanes.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Leaves the table of lanes whatever happens, a panic included.
struct Seat(Lanes, (AccountId, bool));

impl Drop for Seat {
    fn drop(&mut self) {
        lock(&self.0).remove(&self.1);
    }
}

/// Does what an account has to do now.
async fn lane(state: State, lanes: Lanes, (account, sends): (AccountId, bool)) {
    let seat = Seat(lanes, (account, sends));
    let mut work = JoinSet::new();
    let width = if sends { SENDS } else { OTHERS };
    let mut idle = true;
    loop {
        if *state.bell.stopping.borrow() {
            break;
        }
        let next = match next(&state, account, sends).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(account = account.0, error = format!("{error:#}"), "claiming a job");
                None
            }
        };
        let Some((row, job)) = next else {
            if work.join_next().await.is_none() {
                break;
            }
            continue;
        };
        idle = false;
        let pace = state.gateways.build(&row).map(|gateway| gateway.pace()).unwrap_or_default();
        work.spawn(one(state.clone(), row, job));
        while work.len() >= width {
            work.join_next().await;
        }
        if sends {
            tokio::time::sleep(pace).await;
        }
    }
    drop(seat);
    // A job made between our last look and our leaving would otherwise wait for the sweep. A lane that found nothing
    // rings nobody: an account that stands still would keep everybody awake.
    if !idle {
        state.bell.jobs.notify_one();
    }
}

async fn next(state: &State, account: AccountId, sends: bool) -> Result<Option<(Arc<AccountRow>, Job)>> {
    let Some(row) = state.accounts.get(account).await? else { return Ok(None) };
    let at = now();
    let paused = row.paused_until.is_some_and(|until| until > at);
    // A paused account sends again once its pause is over, even if nobody told us that its state changed.
    let sleeps = !row.state.sends() && row.paused_until.is_none();
    if !row.enabled || row.deleted_at.is_some() || paused || (sends && sleeps) {
        return Ok(None);
    }
    let mut tx = state.db.begin().await?;
    let claimed = job::claim(&mut tx, account, sends, &state.node, at, at.plus(LOCK)).await?;
    if let Some(job) = &claimed
        && job.kind == JobKind::Send
        && job.was == JobState::Ready
        && let Some(message) = job.message
    {
        state.ledger.sending(&mut tx, message).await?;
    }
    tx.commit().await?;
    Ok(claimed.map(|job| (row, job)))
}

async fn one(state: State, account: Arc<AccountRow>, job: Job) {
    let done = match job.kind {
        JobKind::Send => send::run(&state, &account, &job).await,
        JobKind::File | JobKind::Profile | JobKind::Read => chore(&state, &account, &job).await,
    };
    if let Err(error) = done {
        tracing::error!(job = job.id, error = format!("{error:#}"), "doing a job");
        // The database refused; the lock runs out by itself if this fails too.
        let again = async {
            let mut tx = state.db.begin().await?;
            let state_after = if job.kind == JobKind::Send { JobState::Lost } else { JobState::Ready };
            job::postpone(&mut tx, job.id, state_after, job.attempts + 1, now().plus(5_000)).await?;
            tx.commit().await
        };
        let _: Result<()> = again.await;
    }
}

/// Files, profiles and read marks: may be repeated without harm.
async fn chore(state: &State, account: &AccountRow, job: &Job) -> Result<()> {
    let outcome = match (job.kind, job.file, job.contact, job.message) {
        (JobKind::File, Some(file), ..) => media::fetch_file(state, file).await,
        (JobKind::Profile, _, Some(contact), _) => media::fetch_profile(state, account, contact).await,
        (JobKind::Read, _, _, Some(message)) => media::mark_read(state, account, message).await,
        _ => Ok(()),
    };
    let again = match &outcome {
        Err(trouble) if trouble.reaction != Reaction::GiveUp && job.attempts + 1 < TRIES => {
            Some(now().plus(backoff(job.attempts, wanted(trouble.reaction))))
        }
        _ => None,
    };
    let mut tx = state.db.begin().await?;
    let mut given_up = None;
    match (again, &outcome) {
        (Some(at), _) => job::postpone(&mut tx, job.id, JobState::Ready, job.attempts + 1, at).await?,
        (None, outcome) => {
            // With the job's end in one transaction: whoever sees the failure may ask for the file again.
            if let (Err(trouble), JobKind::File, Some(id)) = (outcome, job.kind, job.file) {
                file::set_failed(&mut tx, id, trouble.reason.as_str()).await?;
                given_up = Some(id);
            }
            job::finish(&mut tx, job.id).await?;
        }
    }
    tx.commit().await?;
    match given_up {
        Some(id) => state.ledger.file_changed(id).await,
        None => Ok(()),
    }
}

/// How long the provider asked us to wait.
pub(super) fn wanted(reaction: Reaction) -> Option<Duration> {
    match reaction {
        Reaction::Retry(wait) | Reaction::Pause(_, wait) => wait,
        Reaction::Doubt | Reaction::GiveUp => None,
    }
}

/// Milliseconds to wait before try number `attempts + 2`: doubling from 2 s to 10 min with ±20 % jitter, never less than
/// the provider asked for, and no more than an hour even if it asked for more.
pub(super) fn backoff(attempts: i32, wanted: Option<Duration>) -> i64 {
    let base = 2_000i64 << attempts.clamp(0, 9);
    let base = base.min(600_000);
    let jitter = rand::random_range(-20..=20);
    let own = base + base * jitter / 100;
    let wanted = wanted.map_or(0, |wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX));
    own.max(wanted).min(3_600_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_respect_the_provider() {
        for attempts in 0..40 {
            let wait = backoff(attempts, None);
            assert!((1_600..=720_000).contains(&wait), "{attempts}: {wait}");
        }
        assert!(backoff(0, Some(Duration::from_secs(90))) >= 90_000);
        assert!(backoff(0, Some(Duration::from_secs(1_000_000))) <= 3_600_000);
    }
}
