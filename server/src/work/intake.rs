//! Takes notifications in: many callers, one transaction (group commit). A caller is answered after the commit, which
//! syncs to disk; so an answer of 200 is a promise.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, anyhow};
use domain::{AccountId, JournalId};
use tokio::sync::{mpsc, oneshot};

use crate::ledger::now;
use crate::state::Bell;
use crate::store::journal::{self, Entry};
use crate::store::{Db, Result};

/// The most notifications in one transaction.
const BATCH: usize = 256;
/// Callers beyond this wait: the database is slower than the world.
const QUEUE: usize = 4096;

type Waiting = (Entry, oneshot::Sender<Option<JournalId>>);

/// A handle for those who bring notifications.
#[derive(Clone, Debug)]
pub struct Intake {
    queue: mpsc::Sender<Waiting>,
    accepted: Arc<AtomicU64>,
}

impl Intake {
    /// Starts the committing task; it ends when the last handle is gone.
    pub fn start(db: Db, bell: Arc<Bell>) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let accepted = Arc::new(AtomicU64::new(0));
        tokio::spawn(commit_groups(db, bell, receiver, accepted.clone()));
        Self { queue, accepted }
    }

    /// How many notifications this process has kept since it started.
    pub fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Keeps one notification. When this answers with an id, the notification is safe.
    pub async fn accept(&self, account: AccountId, source: &'static str, body: String) -> Result<JournalId> {
        let (done, answer) = oneshot::channel();
        let entry = Entry { account, at: now(), source, body };
        self.queue.send((entry, done)).await.map_err(|_| anyhow!("the journal is closed"))?;
        answer.await.context("the journal is closed")?.context("the journal could not be written")
    }
}

async fn commit_groups(db: Db, bell: Arc<Bell>, mut queue: mpsc::Receiver<Waiting>, accepted: Arc<AtomicU64>) {
    let mut group = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut group, BATCH).await > 0 {
        let (entries, callers): (Vec<Entry>, Vec<_>) = group.drain(..).unzip();
        match keep(&db, &entries).await {
            Ok(ids) => {
                accepted.fetch_add(u64::try_from(ids.len()).unwrap_or_default(), Ordering::Relaxed);
                bell.journal.notify_one();
                for (caller, id) in callers.into_iter().zip(ids) {
                    // A caller that has hung up loses nothing: its notification is kept.
                    let _ = caller.send(Some(id));
                }
            }
            Err(error) if entries.len() > 1 => {
                // One bad body (a database may refuse a text) must not fail the others.
                tracing::warn!(error = format!("{error:#}"), "writing the journal one by one");
                for (caller, entry) in callers.into_iter().zip(&entries) {
                    let kept = keep(&db, std::slice::from_ref(entry)).await;
                    if let Err(error) = &kept {
                        tracing::error!(error = format!("{error:#}"), "writing the journal");
                    }
                    let _ = caller.send(kept.ok().and_then(|ids| ids.first().copied()));
                }
                bell.journal.notify_one();
            }
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "writing the journal");
                for caller in callers {
                    let _ = caller.send(None);
                }
            }
        }
    }
}

async fn keep(db: &Db, entries: &[Entry]) -> Result<Vec<JournalId>> {
    let mut tx = db.begin().await?;
    let ids = journal::insert(&mut tx, entries).await?;
    tx.commit().await?;
    Ok(ids)
}
