//! What became of a send. The outbox calls these; each is one transaction with the job's own change.

use domain::{AccountId, ChatId, Failure, MessageId, Moment, Status};

use super::apply::{advance, alter_early};
use super::{Changes, Ledger, now};
use crate::gateway::{Reaction, Trouble};
use crate::store::job::{Job, JobState};
use crate::store::message::MessageRow;
use crate::store::{Result, Tx, account, job, message};

/// The provider has the message, by its answer or by its journal.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Its id there.
    pub provider_id: Option<String>,
    /// `accepted` by the answer, `found` by a look into the journal.
    pub outcome: &'static str,
}

/// What a look for a lost message came to, when it was not found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Look again then.
    LookAgain(Moment),
    /// The provider could not be asked; ask then, as if for the first time.
    AskLater(Moment),
    /// The provider certainly does not have it, and it had answered with an error: try again.
    SendAgain,
    /// Nobody can tell. The operator decides.
    Unknown,
}

impl Ledger {
    /// The message is being handed over: from here on a crash leaves a doubt.
    pub async fn sending(&self, tx: &mut Tx, id: MessageId) -> Result<()> {
        message::set_status(tx, id, Status::Sending, None).await
    }

    /// The provider took the message.
    pub async fn accepted(&self, job: &Job, id: MessageId, began: Moment, accepted: &Accepted) -> Result<()> {
        let mut tx = self.db.begin().await?;
        tx.take_turn([job.account]).await?;
        let mut changes = Changes::default();
        if let Some(row) = message::get(&mut tx, id).await? {
            match &accepted.provider_id {
                Some(provider_id) => self.adopt(&mut tx, &mut changes, &row, provider_id).await?,
                None => advance(&mut tx, &mut changes, &row, Status::Accepted, None).await?,
            }
            job::attempt(&mut tx, id, began, now().since(began), accepted.outcome, None).await?;
        }
        job::finish(&mut tx, job.id).await?;
        // The next message of the chat may go.
        changes.jobs = true;
        self.commit(tx, changes).await
    }

    /// The provider's id of one of our messages is known: by the answer, an echo or the journal, whichever comes first.
    pub(super) async fn adopt(
        &self,
        tx: &mut Tx,
        changes: &mut Changes,
        row: &MessageRow,
        provider_id: &str,
    ) -> Result<()> {
        let id = MessageId(row.id);
        if row.provider_id.as_deref() != Some(provider_id) && !message::set_provider_id(tx, id, provider_id).await? {
            tracing::warn!(message = row.id, "the provider's id belongs to another message of this chat");
        }
        let mut status = row.status();
        if matches!(status, Status::Failed | Status::Unknown) || status.moves_to(Status::Accepted) {
            status = Status::Accepted;
            message::set_status(tx, id, status, None).await?;
            changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
        }
        if let Some((early, failure)) = message::take_early(tx, AccountId(row.account_id), provider_id).await?
            && status.moves_to(early)
        {
            message::set_status(tx, id, early, failure.as_ref()).await?;
            changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
        }
        alter_early(tx, changes, AccountId(row.account_id), &[provider_id]).await
    }

    /// The call failed.
    pub async fn refused(
        &self,
        job: &Job,
        id: MessageId,
        began: Moment,
        trouble: &Trouble,
        retry_at: Moment,
    ) -> Result<()> {
        let mut tx = self.db.begin().await?;
        tx.take_turn([job.account]).await?;
        let mut changes = Changes::default();
        let Some(row) = message::get(&mut tx, id).await? else {
            job::finish(&mut tx, job.id).await?;
            return self.commit(tx, changes).await;
        };
        if row.provider_id.is_some() {
            // The echo was faster than the error: it went.
            job::finish(&mut tx, job.id).await?;
            changes.jobs = true;
            return self.commit(tx, changes).await;
        }
        let failure = trouble.failure();
        let (status, outcome) = match trouble.reaction {
            Reaction::Retry(_) => {
                job::postpone(&mut tx, job.id, JobState::Ready, job.attempts + 1, retry_at).await?;
                (Status::Queued, "retry")
            }
            Reaction::Pause(state, _) => {
                job::postpone(&mut tx, job.id, JobState::Ready, job.attempts, now()).await?;
                // Remembered accounts must learn of every pause, also when the state is the same as before.
                changes.accounts |= account::set_pause(&mut tx, job.account, Some(retry_at)).await?;
                if account::set_state(&mut tx, job.account, state, Some(&failure), None, now()).await? {
                    changes.account(job.account);
                }
                (Status::Queued, "pause")
            }
            Reaction::Doubt => {
                let state = if trouble.status.is_some() { JobState::Muddled } else { JobState::Lost };
                job::postpone(&mut tx, job.id, state, 0, retry_at).await?;
                (Status::Checking, "doubt")
            }
            Reaction::GiveUp => {
                job::finish(&mut tx, job.id).await?;
                changes.jobs = true;
                (Status::Failed, "failed")
            }
        };
        message::set_status(&mut tx, id, status, Some(&failure)).await?;
        job::attempt(&mut tx, id, began, now().since(began), outcome, Some(&failure)).await?;
        changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
        self.commit(tx, changes).await
    }

    /// A look for a lost message did not find it.
    pub async fn doubted(&self, job: &Job, id: MessageId, doubt: Doubt) -> Result<()> {
        let mut tx = self.db.begin().await?;
        tx.take_turn([job.account]).await?;
        let mut changes = Changes::default();
        let row = message::get(&mut tx, id).await?;
        let Some(row) = row.filter(|row| row.provider_id.is_none()) else {
            // Gone, or its echo has come meanwhile.
            job::finish(&mut tx, job.id).await?;
            changes.jobs = true;
            return self.commit(tx, changes).await;
        };
        let lost = Failure { reason: domain::Reason::UnknownOutcome, detail: String::new() };
        let next = match doubt {
            Doubt::LookAgain(at) | Doubt::AskLater(at) => {
                let state = if job.was == JobState::Muddled { JobState::Muddled } else { JobState::Lost };
                let looks = match doubt {
                    // A process that died had not looked yet.
                    _ if job.was == JobState::Running => 0,
                    Doubt::LookAgain(_) => job.attempts + 1,
                    _ => job.attempts,
                };
                job::postpone(&mut tx, job.id, state, looks, at).await?;
                (Status::Checking, Some(&lost))
            }
            Doubt::SendAgain => {
                job::postpone(&mut tx, job.id, JobState::Ready, 0, now()).await?;
                (Status::Queued, None)
            }
            Doubt::Unknown => {
                job::finish(&mut tx, job.id).await?;
                changes.jobs = true;
                (Status::Unknown, Some(&lost))
            }
        };
        if row.status() != next.0 {
            message::set_status(&mut tx, id, next.0, next.1).await?;
            changes.message(AccountId(row.account_id), ChatId(row.chat_id), id, false);
        }
        if doubt != Doubt::Unknown {
            return self.commit(tx, changes).await;
        }
        job::attempt(&mut tx, id, now(), 0, "unknown", Some(&lost)).await?;
        self.commit(tx, changes).await
    }
}
