//! What was said before an account was connected, read from its provider in the background: the latest conversations
//! first, one question at a time and slowly, going on after a restart. It comes through the journal like all news, marked
//! as the past: it makes nothing unread and rings no bell.

use std::time::Duration;

use domain::{AccountId, AccountState, Address, Reason};
use futures_util::future::join_all;

use super::outbound::{backoff, wanted};
use crate::gateway::{Reaction, Trouble};
use crate::ledger::now;
use crate::state::State;
use crate::store::history::{self, Chapter};
use crate::store::{Result, known};

/// The word of the journal for what comes this way.
pub const SOURCE: &str = "history";
/// Conversations that are read of an account.
pub const CHATS: usize = 500;
/// Messages that are read of a conversation.
pub const MESSAGES: usize = 100;
/// How long to wait for an account that does not work, milliseconds.
const STANDS: i64 = 3_000;
/// After so many tries a conversation is left as it is.
const TRIES: i32 = 6;

/// Runs until the process stops.
pub async fn run(state: State) {
    // Green-API answers these questions once a second (`reference/green-api.md` §5).
    let pace = state.config.sweep.clamp(Duration::from_millis(50), Duration::from_millis(1_500));
    while !*state.bell.stopping.borrow() {
        let idle = match step(&state).await {
            Ok(count) => count == 0,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "reading what was before");
                true
            }
        };
        let wait = if idle { pace.max(state.config.sweep) } else { pace };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = state.bell.stopped() => return,
        }
    }
}

/// One question for each account that has something to read; answers how many there were.
async fn step(state: &State) -> Result<usize> {
    let due = history::due(&state.db, now()).await?;
    let ours = due.into_iter().filter(|chapter| state.shards.holds(AccountId(chapter.account_id)));
    let asked = join_all(ours.map(|chapter| async move { one(state, &chapter).await })).await;
    let count = asked.len();
    asked.into_iter().collect::<Result<Vec<()>>>()?;
    Ok(count)
}

async fn one(state: &State, chapter: &Chapter) -> Result<()> {
    let id = AccountId(chapter.account_id);
    let row = state.accounts.get(id).await?;
    let Some(row) = row.filter(|row| row.deleted_at.is_none()) else {
        let mut tx = state.db.begin().await?;
        history::stop(&mut tx, id).await?;
        return tx.commit().await;
    };
    if !row.enabled || row.state != AccountState::Working {
        return later(state, chapter, STANDS, false).await;
    }
    let gateway = state.gateways.build(&row)?;
    let outcome = match chapter.address.as_str() {
        "" => match gateway.conversations(CHATS).await {
            Ok(addresses) => {
                let mut tx = state.db.begin().await?;
                history::plan(&mut tx, id, &addresses, now()).await?;
                return tx.commit().await;
            }
            Err(trouble) => Err(trouble),
        },
        address => gateway.past(&Address(address.to_owned()), MESSAGES).await,
    };
    match outcome {
        Ok(told) => {
            for body in told {
                let told = gateway.decode(&body).map(|decoded| decoded.facts).unwrap_or_default();
                let ids: Vec<&str> = told.iter().filter_map(super::catch_up::id).collect();
                // What is here already need not be kept once more.
                if ids.is_empty() || known::by_provider_ids(&state.db, id, &ids).await?.is_empty() {
                    state.intake.accept(id, SOURCE, body).await?;
                }
            }
            let mut tx = state.db.begin().await?;
            history::done(&mut tx, id, &chapter.address).await?;
            tx.commit().await
        }
        Err(trouble) => refused(state, chapter, &trouble).await,
    }
}

async fn refused(state: &State, chapter: &Chapter, trouble: &Trouble) -> Result<()> {
    let id = AccountId(chapter.account_id);
    let mut tx = state.db.begin().await?;
    // A used-up tariff will not let the rest be read either.
    if matches!(trouble.reason, Reason::Quota | Reason::QuotaChats | Reason::NotSupported) {
        history::stop(&mut tx, id).await?;
        return tx.commit().await;
    }
    if trouble.reaction == Reaction::GiveUp || chapter.attempts + 1 >= TRIES {
        history::done(&mut tx, id, &chapter.address).await?;
        return tx.commit().await;
    }
    drop(tx);
    later(state, chapter, backoff(chapter.attempts, wanted(trouble.reaction)), true).await
}

async fn later(state: &State, chapter: &Chapter, wait: i64, counts: bool) -> Result<()> {
    let mut tx = state.db.begin().await?;
    let id = AccountId(chapter.account_id);
    history::postpone(&mut tx, id, &chapter.address, now().plus(wait), counts).await?;
    tx.commit().await
}
