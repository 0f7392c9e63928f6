//! Finds accounts with something to do and gives each a lane of its own, so that a slow or failing account delays nobody
//! else. What a lane does with a send is in `send`, with files and profiles in `media`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::AccountId;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{gesture, media, preview, send};
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
const LOCK: i64 = 30 * 60 * 1000;
/// After this many tries a file, a profile or a read mark is given up.
pub(super) const TRIES: i32 = 12;

/// Which lane: the account, and whether it sends or does the rest.
type Key = (AccountId, bool);

/// Lanes at work. Whether a lane goes on or leaves is decided under this lock, so that no job falls between.
#[derive(Clone, Debug, Default)]
struct Lanes(Arc<Mutex<HashMap<Key, Arc<Seat>>>>);

/// A lane's place in the table.
#[derive(Debug, Default)]
struct Seat {
    /// There may be something new since the lane looked.
    asked: AtomicBool,
    bell: Notify,
}

impl Lanes {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Arc<Seat>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the lane of a key; gives a seat if there is no lane yet.
    fn ask(&self, key: Key) -> Option<Arc<Seat>> {
        match self.lock().entry(key) {
            Entry::Occupied(taken) => {
                taken.get().asked.store(true, Ordering::Relaxed);
                taken.get().bell.notify_one();
                None
            }
            Entry::Vacant(free) => Some(free.insert(Arc::default()).clone()),
        }
    }

    /// Gives the seat back unless the lane was asked to look again. Answers whether the lane is to leave.
    fn leave(&self, key: Key, seat: &Seat) -> bool {
        let mut seats = self.lock();
        let leaves = !seat.asked.load(Ordering::Relaxed);
        if leaves {
            seats.remove(&key);
        }
        leaves
    }
}

/// Gives a seat back whatever happens, a panic included.
struct Seated<'a>(&'a Lanes, Key, &'a Arc<Seat>);

impl Drop for Seated<'_> {
    fn drop(&mut self) {
        let mut seats = self.0.lock();
        // After an orderly leave the place may be another lane's.
        if seats.get(&self.1).is_some_and(|seat| Arc::ptr_eq(seat, self.2)) {
            seats.remove(&self.1);
        }
    }
}

/// Runs until the process stops; then waits for what is being sent.
pub async fn run(state: State) {
    let lanes = Lanes::default();
    let mut work = JoinSet::new();
    loop {
        let woken = state.bell.jobs.notified();
        match job::due(&state.db, now()).await {
            Ok(due) => {
                for key in due {
                    if state.shards.holds(key.0)
                        && let Some(seat) = lanes.ask(key)
                    {
                        work.spawn(lane(state.clone(), lanes.clone(), key, seat));
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

/// Does what an account has to do now.
async fn lane(state: State, lanes: Lanes, key: Key, seat: Arc<Seat>) {
    let (account, sends) = key;
    let _seated = Seated(&lanes, key, &seat);
    let mut work = JoinSet::new();
    let width = if sends { SENDS } else { OTHERS };
    while !*state.bell.stopping.borrow() && state.shards.holds(account) {
        if work.len() >= width {
            work.join_next().await;
            continue;
        }
        seat.asked.store(false, Ordering::Relaxed);
        let next = match next(&state, account, sends).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(account = account.0, error = format!("{error:#}"), "claiming a job");
                None
            }
        };
        let Some((row, job)) = next else {
            if work.is_empty() && lanes.leave(key, &seat) {
                return;
            }
            // One job that takes long must not keep the account's other chats waiting.
            tokio::select! {
                Some(_) = work.join_next() => {}
                () = seat.bell.notified() => {}
                () = state.bell.stopped() => {}
            }
            continue;
        };
        let pace = state.gateways.build(&row).map(|gateway| gateway.pace()).unwrap_or_default();
        work.spawn(one(state.clone(), row, job));
        if sends {
            tokio::time::sleep(pace).await;
        }
    }
    // The process stops, or the account is another's now: what has been begun is finished here.
    while work.join_next().await.is_some() {}
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
        JobKind::Edit | JobKind::Delete | JobKind::React => gesture::run(&state, &account, &job).await,
        JobKind::File | JobKind::Profile | JobKind::Read | JobKind::Preview => chore(&state, &account, &job).await,
    };
    if let Err(error) = done {
        tracing::error!(job = job.id, error = format!("{error:#}"), "doing a job");
        put_back(&state, &job).await;
    }
}

/// The database refused to note what became of a job. A send may have gone by now, so it is in doubt; the rest is
/// repeated. If this cannot be written either the chat would wait until the lock runs out, so it is tried for a while.
async fn put_back(state: &State, job: &Job) {
    let (after, attempts) = match (job.kind, job.was) {
        (JobKind::Send, JobState::Ready) => (JobState::Lost, 0),
        (JobKind::Send, JobState::Muddled) => (JobState::Muddled, job.attempts),
        (JobKind::Send, _) => (JobState::Lost, job.attempts),
        _ => (JobState::Ready, job.attempts + 1),
    };
    for pause in [0, 1, 3, 10, 30, 60, 120] {
        tokio::time::sleep(Duration::from_secs(pause)).await;
        let again = async {
            let mut tx = state.db.begin().await?;
            job::postpone(&mut tx, job.id, after, attempts, now().plus(2_000)).await?;
            tx.commit().await
        };
        match again.await {
            Ok(()) => return,
            Err(error) => tracing::error!(job = job.id, error = format!("{error:#}"), "putting a job back"),
        }
    }
}

/// Files, profiles and read marks: may be repeated without harm.
async fn chore(state: &State, account: &AccountRow, job: &Job) -> Result<()> {
    let outcome = match (job.kind, job.file, job.contact, job.message) {
        (JobKind::File, Some(file), ..) => media::fetch_file(state, file).await,
        (JobKind::Profile, _, Some(contact), _) => media::fetch_profile(state, account, contact).await,
        (JobKind::Preview, _, _, Some(message)) if account.switches.link_previews => {
            preview::run(state, message).await.map_err(media::ours)
        }
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
    match given_up {
        Some(id) => state.ledger.file_changed(tx, id).await,
        None => tx.commit().await,
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
