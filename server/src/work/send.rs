//! One send, from the claimed job to what became of it. A send whose answer was lost is never repeated blindly: the
//! provider's queue and journal are asked, and what they cannot tell is left to the operator.

use std::time::Duration;

use domain::{Failure, MessageId, Reason};

use super::outbound::{backoff, wanted};
use crate::gateway::{Found, Parcel, ParcelFile, Reaction, Trouble};
use crate::ledger::{Accepted, Doubt, now};
use crate::state::State;
use crate::store::account::AccountRow;
use crate::store::job::{Job, JobState};
use crate::store::{Result, file, message};

/// A message that could not be handed over for this long is given up, milliseconds.
const PATIENCE: i64 = 24 * 60 * 60 * 1000;

/// Does the job.
pub async fn run(state: &State, account: &AccountRow, job: &Job) -> Result<()> {
    let Some(id) = job.message else { return Ok(()) };
    let began = now();
    let gateway = match state.gateways.build(account) {
        Ok(gateway) => gateway,
        Err(error) => {
            let trouble = give_up(Reason::WrongInstance, &format!("{error:#}"));
            return state.ledger.refused(job, id, began, &trouble, began).await;
        }
    };
    let parcel = match parcel(state, account, id, job).await? {
        Ok(parcel) => parcel,
        Err(failure) => {
            let trouble = give_up(failure.reason, &failure.detail);
            return state.ledger.refused(job, id, began, &trouble, began).await;
        }
    };
    if job.was != JobState::Ready {
        return look(state, job, id, &parcel, gateway.find(&parcel, job.doubt_since.unwrap_or(job.created_at)).await)
            .await;
    }
    match gateway.send(&parcel).await {
        Ok(sent) => {
            state.metrics.sent.inc();
            let accepted = Accepted { provider_id: Some(sent.provider_id), outcome: "accepted" };
            state.ledger.accepted(job, id, began, &accepted).await
        }
        Err(mut trouble) => {
            state.metrics.refused.inc();
            if began.since(job.created_at) > PATIENCE && matches!(trouble.reaction, Reaction::Retry(_)) {
                trouble = give_up(Reason::GaveUp, &trouble.detail);
            }
            let wait = match trouble.reaction {
                Reaction::Doubt => first_look(state),
                Reaction::Pause(_, None) => 60_000,
                reaction => backoff(job.attempts, wanted(reaction)),
            };
            state.ledger.refused(job, id, began, &trouble, now().plus(wait)).await
        }
    }
}

/// What a look into the provider's queue and journal came to.
async fn look(state: &State, job: &Job, id: MessageId, parcel: &Parcel, found: Result<Found, Trouble>) -> Result<()> {
    tracing::info!(message = id.0, ?found, attempts = job.attempts, "looked for a message whose answer was lost");
    match found {
        Ok(Found::Sent { provider_id }) if !parcel.known.contains(&provider_id) => {
            let accepted = Accepted { provider_id: Some(provider_id), outcome: "found" };
            return state.ledger.accepted(job, id, now(), &accepted).await;
        }
        Ok(Found::Queued { provider_id: Some(provider_id) }) if !parcel.known.contains(&provider_id) => {
            let accepted = Accepted { provider_id: Some(provider_id), outcome: "found" };
            return state.ledger.accepted(job, id, now(), &accepted).await;
        }
        _ => {}
    }
    let since = job.doubt_since.unwrap_or(job.created_at);
    let age = now().since(since);
    // The provider could not be asked: that says nothing, and while it is away nothing else can go either.
    if let Err(trouble) = &found
        && trouble.reaction != Reaction::GiveUp
        && age < PATIENCE
    {
        let pause = wanted(trouble.reaction).map_or(0, millis).max(age / 2).clamp(first_look(state), 600_000);
        return state.ledger.doubted(job, id, Doubt::AskLater(now().plus(pause))).await;
    }
    // A process that died just now has not looked yet: its first look is no look of the schedule.
    let looks = if job.was == JobState::Running { 0 } else { usize::try_from(job.attempts).unwrap_or_default() + 1 };
    let nowhere = matches!(found, Ok(Found::Nowhere));
    let doubt = match state.config.reconcile.get(looks) {
        Some(wait) => {
            // Counted from the call: what counts is how far the provider's journal may lag behind it.
            Doubt::LookAgain(since.plus(millis(*wait)).max(now().plus(500)))
        }
        // It answered with an error, and long after that its journal does not have the message.
        None if nowhere && job.was == JobState::Muddled => Doubt::SendAgain,
        None => Doubt::Unknown,
    };
    state.ledger.doubted(job, id, doubt).await
}

fn first_look(state: &State) -> i64 {
    state.config.reconcile.first().copied().map_or(5_000, millis)
}

fn millis(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)
}

fn give_up(reason: Reason, detail: &str) -> Trouble {
    Trouble { reason, detail: detail.chars().take(500).collect(), reaction: Reaction::GiveUp, status: None }
}

/// The message as the provider gets it. The inner error is why it can never go.
async fn parcel(state: &State, account: &AccountRow, id: MessageId, job: &Job) -> Result<Result<Parcel, Failure>> {
    let missing = || Failure { reason: Reason::FileMissing, detail: String::new() };
    let Some(outgoing) = message::outgoing(&state.db, id).await? else { return Ok(Err(missing())) };
    let parcel_file = if outgoing.has_files {
        let Some(kept) = file::bytes_of_message(&state.db, id).await? else { return Ok(Err(missing())) };
        let path = state.files.path(&kept.hash);
        if !tokio::fs::try_exists(&path).await.unwrap_or(false) {
            return Ok(Err(missing()));
        }
        Some(ParcelFile { path, name: kept.name, mime: kept.mime, size: kept.size })
    } else {
        None
    };
    let text = match &outgoing.author {
        Some(name) if account.switches.show_sender && !outgoing.text.is_empty() => {
            format!("{name}:\n{}", outgoing.text)
        }
        _ => outgoing.text,
    };
    let known =
        if job.was == JobState::Ready { Vec::new() } else { message::known_ids(&state.db, outgoing.chat).await? };
    Ok(Ok(Parcel {
        chat: outgoing.address,
        kind: outgoing.kind,
        text,
        file: parcel_file,
        content: outgoing.content,
        quote: outgoing.quote,
        known,
    }))
}
