//! Notifications that never came: the provider's own journals are asked what there was, and what is not here yet goes
//! through the journal and the ledger as if it had been told. What is here already is left alone.

use std::collections::HashSet;
use std::time::Duration;

use domain::{AccountId, Fact, Moment};
use tokio::sync::Semaphore;

use crate::gateway::{Gateway, Trouble};
use crate::ledger::now;
use crate::state::State;
use crate::store::Result;
use crate::store::account::AccountRow;
use crate::store::known::{self, Known};

/// The furthest that is looked back, milliseconds.
const FURTHEST: i64 = 24 * 60 * 60 * 1000;
/// How far a look goes back beyond the last good one, milliseconds: journals lag behind.
const OVERLAP: i64 = 10 * 60 * 1000;
/// An account that is never silent is looked at once in so many times its allowed silence.
const BUSY: i64 = 6;
/// Rows are looked at once so much of the allowed silence has passed since they came.
const SETTLED: u32 = 10;

/// Looks at once: each holds a day of journals in memory, and after a start every account is due.
static TURNS: Semaphore = Semaphore::const_new(2);

/// When an account's journals were and will be looked at.
#[derive(Debug)]
pub struct CatchUp {
    silence: Duration,
    /// The last look, good or not.
    looked: Option<Moment>,
    /// Up to when everything is here.
    good: Option<Moment>,
}

impl CatchUp {
    /// For an account whose task begins: it is looked at as soon as it works.
    pub fn new(silence: Duration) -> Self {
        Self { silence, looked: None, good: None }
    }

    /// The account was away: look again as soon as it works.
    pub fn away(&mut self) {
        self.looked = None;
    }

    /// Whether it is time: after a start and a pause, after a silence, and now and then in any case. A new account has
    /// nothing to be caught up with.
    pub fn due(&self, row: &AccountRow, now: Moment) -> bool {
        let silence = millis(self.silence);
        if now.since(row.created_at) < silence {
            return false;
        }
        let Some(looked) = self.looked else { return true };
        let silent = row.last_event_at.is_none_or(|at| now.since(at) >= silence);
        now.since(looked) >= if silent { silence } else { silence * BUSY }
    }

    /// Looks, and hands over what is missing. Answers how much that was.
    pub async fn look(&mut self, state: &State, row: &AccountRow, gateway: &dyn Gateway) -> Result<usize, Trouble> {
        // Never closed; without a turn it would still be right to look.
        let _turn = TURNS.acquire().await;
        let at = now();
        self.looked = Some(at);
        // Nothing from before the account was here: what was said then is another's business. Journals tell whole seconds.
        let furthest = at.plus(-FURTHEST).max(row.created_at.plus(-1000));
        let from = self.good.map_or(furthest, |good| good.plus(-OVERLAP)).max(furthest);
        let told = gateway.missed(from, self.silence / SETTLED).await?;
        match hand_over(state, row.id, gateway, from, &told).await {
            Ok(missing) => {
                self.good = Some(at);
                Ok(missing)
            }
            Err(error) => {
                tracing::error!(account = row.id.0, error = format!("{error:#}"), "catching up");
                Ok(0)
            }
        }
    }
}

async fn hand_over(
    state: &State,
    account: AccountId,
    gateway: &dyn Gateway,
    from: Moment,
    told: &[String],
) -> Result<usize> {
    let mut missing = 0;
    // Whole pages, so that memory holds the facts of one.
    let mut fresh = HashSet::new();
    for page in told.chunks(200) {
        let read: Vec<(&String, Fact)> = page
            .iter()
            .filter_map(|body| Some((body, gateway.decode(body).ok()?.facts.into_iter().next()?)))
            .filter(|(_, fact)| at(fact).is_some_and(|at| at >= from))
            .collect();
        let ids: Vec<&str> = read.iter().filter_map(|(_, fact)| id(fact)).collect();
        let known = known::by_provider_ids(&state.db, account, &ids).await?;
        for (body, fact) in &read {
            let Some(id) = id(fact) else { continue };
            let news = match known.get(id) {
                Some(known) => changes(known, fact),
                // Something about a message that came before us is no news.
                None => matches!(fact, Fact::Message(_)) || fresh.contains(id),
            };
            if news {
                if matches!(fact, Fact::Message(_)) {
                    fresh.insert(id.to_owned());
                }
                state.intake.accept(account, "journal", (*body).clone()).await?;
                missing += 1;
            }
        }
    }
    if missing > 0 {
        tracing::info!(account = account.0, missing, "notifications that never came were caught up with");
    }
    Ok(missing)
}

/// Whether a message that is here would be another after this.
fn changes(known: &Known, fact: &Fact) -> bool {
    match fact {
        Fact::Status { status, .. } => known.status.moves_to(*status),
        // Our own edits and reactions come back as news, with the provider's time.
        Fact::Edited { text, at, .. } => known.text != *text && known.edited_at.is_none_or(|before| before < *at),
        Fact::Deleted { .. } => known.deleted_at.is_none(),
        Fact::Reacted { by, emoji, at, .. } => match known.reactions.iter().find(|reaction| reaction.by == *by) {
            Some(before) => before.at < *at && before.emoji != *emoji,
            None => !emoji.is_empty(),
        },
        _ => false,
    }
}

pub(super) fn id(fact: &Fact) -> Option<&str> {
    match fact {
        Fact::Message(message) => Some(&message.provider_id),
        Fact::Status { provider_id, .. }
        | Fact::Edited { provider_id, .. }
        | Fact::Deleted { provider_id, .. }
        | Fact::Reacted { provider_id, .. } => Some(provider_id),
        // Votes are told anew, all of them, with the next one.
        Fact::Voted { .. } | Fact::Account { .. } | Fact::Contact { .. } => None,
    }
}

fn at(fact: &Fact) -> Option<Moment> {
    match fact {
        Fact::Message(message) => Some(message.at),
        Fact::Status { at, .. } | Fact::Edited { at, .. } | Fact::Deleted { at, .. } | Fact::Reacted { at, .. } => {
            Some(*at)
        }
        Fact::Voted { .. } | Fact::Account { .. } | Fact::Contact { .. } => None,
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
