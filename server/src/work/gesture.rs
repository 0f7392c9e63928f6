//! Tells the provider of edits, deletions and reactions. The row is the truth: what it says when the call is made is what
//! is told, and when it has changed meanwhile it is told again.

use domain::MessageId;

use super::outbound::{TRIES, backoff, wanted};
use crate::gateway::{Reaction, Told, Trouble};
use crate::ledger::now;
use crate::state::State;
use crate::store::account::AccountRow;
use crate::store::job::{Job, JobKind, JobState};
use crate::store::message::MessageRow;
use crate::store::{Result, Tx, chat, job, message};

/// How long to wait for a message that is still on its way, milliseconds.
const ON_ITS_WAY: i64 = 3_000;

/// Does the job.
pub async fn run(state: &State, account: &AccountRow, job: &Job) -> Result<()> {
    let Some(id) = job.message else { return Ok(()) };
    let mut tx = state.db.begin().await?;
    let Some(row) = message::get(&mut tx, id).await? else {
        job::finish(&mut tx, job.id).await?;
        return tx.commit().await;
    };
    let (Some(provider_id), Some((_, _, address))) =
        (row.provider_id.clone(), chat::locate(&mut tx, domain::ChatId(row.chat_id)).await?)
    else {
        // One that failed for good will never have an id; what was wanted of it has come true by itself.
        match row.status().may_send_again() {
            true => job::finish(&mut tx, job.id).await?,
            false => job::postpone(&mut tx, job.id, JobState::Ready, job.attempts, now().plus(ON_ITS_WAY)).await?,
        }
        return tx.commit().await;
    };
    drop(tx);
    let told = Told { chat: address, provider_id };
    let value = value(&row, job.kind);
    let outcome = match state.gateways.build(account) {
        Ok(gateway) => match job.kind {
            JobKind::Edit => gateway.edit(&told, &value).await,
            JobKind::React => gateway.react(&told, &value).await,
            _ => gateway.delete(&told).await,
        },
        Err(error) => Err(Trouble { detail: format!("{error:#}"), ..Trouble::not_supported() }),
    };
    let tx = state.db.begin().await?;
    settle(state, tx, job, id, &value, outcome).await
}

/// Ends the job, or has it done again.
async fn settle(
    state: &State,
    mut tx: Tx,
    job: &Job,
    id: MessageId,
    sent: &str,
    outcome: Result<(), Trouble>,
) -> Result<()> {
    tx.take_turn([job.account]).await?;
    match outcome {
        Ok(()) => {
            let now_is = message::get(&mut tx, id).await?.map(|row| value(&row, job.kind));
            match now_is.is_some_and(|value| value != sent) {
                true => job::postpone(&mut tx, job.id, JobState::Ready, 0, now()).await?,
                false => job::finish(&mut tx, job.id).await?,
            }
            tx.commit().await
        }
        // None of the three harms when it is done twice, so a lost answer is simply asked for again.
        Err(trouble) if trouble.reaction != Reaction::GiveUp && job.attempts + 1 < TRIES => {
            let at = now().plus(backoff(job.attempts, wanted(trouble.reaction)));
            job::postpone(&mut tx, job.id, JobState::Ready, job.attempts + 1, at).await?;
            tx.commit().await
        }
        Err(trouble) => {
            job::finish(&mut tx, job.id).await?;
            state.ledger.gesture_refused(tx, id, job.kind, &trouble.failure()).await
        }
    }
}

/// What the provider is to be told.
fn value(row: &MessageRow, kind: JobKind) -> String {
    match kind {
        JobKind::Edit => row.text.clone(),
        JobKind::React => {
            let mine = row.reactions().into_iter().find(|reaction| reaction.by == "me");
            mine.map(|reaction| reaction.emoji).unwrap_or_default()
        }
        _ => String::new(),
    }
}
