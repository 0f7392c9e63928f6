//! For every account that this process works for: a task that polls its notifications (when it receives by polling) and
//! one that watches how it stands. Every account has tasks of its own, so one account's trouble delays no other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::{AccountId, AccountState, Fact, Failure, Provider, Reason, Receive};
use tokio::task::JoinHandle;

use crate::gateway::{Gateway, Polled, Standing, Trouble};
use crate::ledger::now;
use crate::state::State;
use crate::store::Result;
use crate::store::account::AccountRow;
use crate::work::catch_up::CatchUp;

/// How long one poll waits for a notification.
const POLL: Duration = Duration::from_secs(20);
/// The pauses of a poll that fails grow between these.
const POLL_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// How often the state of an account that works is asked for. It changes seldom, and a notification tells of it.
const WATCH: Duration = Duration::from_secs(60);
/// How often the state of one that does not work is asked for: somebody may be waiting in front of the QR code.
const WATCH_CLOSELY: Duration = Duration::from_secs(10);
/// The pauses of a watch that fails grow between these.
const WATCH_PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));
/// How often accounts are looked through although nobody told of a change.
const SWEEP: Duration = Duration::from_secs(5);
/// How long the provider is left alone after its webhook address was taken out: that reboots the instance.
const RECONFIGURE: Duration = Duration::from_secs(600);

/// What an account's tasks were started with. Anything else (its state, its name) may change under them.
#[derive(Clone, PartialEq)]
struct Terms {
    settings: serde_json::Value,
    secrets: serde_json::Value,
    polls: bool,
}

/// An account's tasks; dropped, they stop. Between two steps nothing is lost: what was not acknowledged comes again.
struct Tasks {
    terms: Terms,
    handles: Vec<JoinHandle<()>>,
}

impl Drop for Tasks {
    fn drop(&mut self) {
        for handle in &self.handles {
            handle.abort();
        }
    }
}

/// Runs until the process stops.
pub async fn run(state: State) {
    let mut running: HashMap<AccountId, Tasks> = HashMap::new();
    loop {
        let changed = state.bell.accounts.notified();
        match state.accounts.all().await {
            Ok(rows) => arrange(&state, &mut running, &rows),
            Err(error) => tracing::error!(error = format!("{error:#}"), "looking through accounts"),
        }
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(SWEEP) => {}
            () = state.bell.stopped() => return,
        }
    }
}

fn arrange(state: &State, running: &mut HashMap<AccountId, Tasks>, rows: &[Arc<AccountRow>]) {
    let wanted: HashMap<AccountId, Terms> = rows
        .iter()
        .filter(|row| row.enabled && row.provider != Provider::Sandbox && state.shards.holds(row.id))
        .map(|row| {
            let polls = row.receive == Receive::Polling;
            (row.id, Terms { settings: row.settings.clone(), secrets: row.secrets.clone(), polls })
        })
        .collect();
    // A task that ended by itself (a panic) is begun anew with its sister.
    running
        .retain(|id, tasks| wanted.get(id) == Some(&tasks.terms) && !tasks.handles.iter().any(JoinHandle::is_finished));
    for (id, terms) in wanted {
        running.entry(id).or_insert_with(|| {
            let mut handles = vec![tokio::spawn(watch(state.clone(), id))];
            if terms.polls {
                handles.push(tokio::spawn(poll(state.clone(), id)));
            }
            Tasks { terms, handles }
        });
    }
}

async fn gateway(state: &State, id: AccountId) -> Result<Option<(Arc<AccountRow>, Arc<dyn Gateway>)>> {
    let Some(row) = state.accounts.get(id).await? else { return Ok(None) };
    let gateway = state.gateways.build(&row)?;
    Ok(Some((row, gateway)))
}

/// Polls one account for ever.
async fn poll(state: State, id: AccountId) {
    let mut pause = Pause::new(POLL_PAUSE);
    let mut safe: Option<Polled> = None;
    let mut reconfigured: Option<Instant> = None;
    // A new instance has every kind of notification off (`reference/green-api.md` §2.9), so it would be polled in vain.
    let mut configured = false;
    loop {
        let began = Instant::now();
        let gateway = match gateway(&state, id).await {
            Ok(Some((_, gateway))) => gateway,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(account = id.0, error = format!("{error:#}"), "polling");
                pause.wait().await;
                continue;
            }
        };
        if !configured {
            match gateway.configure(None).await {
                Ok(_) => configured = true,
                Err(trouble) => {
                    tracing::debug!(account = id.0, %trouble, "setting the account to be polled");
                    pause.wait().await;
                    continue;
                }
            }
        }
        let polled = match gateway.poll(POLL).await {
            Ok(Some(polled)) => polled,
            Ok(None) => {
                pause.reset();
                // A server that answers "nothing" at once would otherwise be asked without end.
                tokio::time::sleep(Duration::from_secs(1).saturating_sub(began.elapsed())).await;
                continue;
            }
            Err(trouble) => {
                // The provider sends notifications elsewhere; this account is set to be polled, so we say so there.
                let elsewhere = trouble.detail.contains("webhook url is set");
                if elsewhere && reconfigured.is_none_or(|at| at.elapsed() > RECONFIGURE) {
                    reconfigured = Some(Instant::now());
                    if let Err(trouble) = gateway.configure(None).await {
                        tracing::warn!(account = id.0, %trouble, "setting the account to be polled");
                    }
                }
                tracing::debug!(account = id.0, %trouble, "polling");
                pause.wait().await;
                continue;
            }
        };
        // One that is safe already comes again when its acknowledgement was lost; then only that is repeated.
        if safe.as_ref() != Some(&polled) {
            if let Err(error) = state.intake.accept(id, "polling", polled.body.clone()).await {
                tracing::error!(account = id.0, error = format!("{error:#}"), "keeping a polled notification");
                pause.wait().await;
                continue;
            }
            safe = Some(polled.clone());
        }
        // Only now: what is acknowledged is forgotten by the provider.
        match gateway.acknowledge(&polled.receipt).await {
            Ok(()) => pause.reset(),
            Err(trouble) => {
                tracing::debug!(account = id.0, %trouble, "acknowledging");
                pause.wait().await;
            }
        }
    }
}

/// Watches one account for ever, and catches up with what it did not tell.
async fn watch(state: State, id: AccountId) {
    let mut pause = Pause::new(WATCH_PAUSE);
    let mut journals = CatchUp::new(state.config.silence);
    let mut failed = 0u32;
    loop {
        let (row, gateway) = match gateway(&state, id).await {
            Ok(Some(pair)) => pair,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(account = id.0, error = format!("{error:#}"), "watching");
                pause.wait().await;
                continue;
            }
        };
        let asked = gateway.state().await;
        failed = if asked.is_ok() { 0 } else { failed.saturating_add(1) };
        if let Some(fact) = news(&row, &asked, failed)
            && let Err(error) = state.ledger.note(id, vec![fact]).await
        {
            tracing::error!(account = id.0, error = format!("{error:#}"), "noting how an account stands");
        }
        match asked {
            Ok(Standing { state: AccountState::Working, .. }) => {
                pause.reset();
                if row.receive != Receive::Off
                    && journals.due(&row, now())
                    && let Err(trouble) = journals.look(&state, &row, &*gateway).await
                {
                    tracing::debug!(account = id.0, %trouble, "catching up");
                }
                tokio::time::sleep(jitter(WATCH.min(state.config.silence))).await;
            }
            Ok(_) => {
                journals.away();
                pause.reset();
                tokio::time::sleep(jitter(WATCH_CLOSELY)).await;
            }
            Err(_) => {
                journals.away();
                pause.wait().await;
            }
        }
    }
}

/// What an answer to "how do you stand" changes, if anything.
fn news(row: &AccountRow, asked: &Result<Standing, Trouble>, failed: u32) -> Option<Fact> {
    let (stands, phone, failure) = match asked {
        Ok(Standing { state: AccountState::Unknown, .. }) => return None,
        Ok(standing) => (standing.state, standing.phone.clone(), None),
        Err(trouble) => {
            let stands = state_of(trouble.reason)?;
            // A hiccup is no news; of a new account anything is.
            if stands == AccountState::Unreachable && failed < 2 && row.state != AccountState::Unknown {
                return None;
            }
            (stands, None, Some(clipped(trouble.failure())))
        }
    };
    let paused = row.paused_until.is_some_and(|until| until > now());
    // The provider calls an account authorised although it refuses to send for it (the tariff is used up, the address for
    // uploads is another's); only a send finds that out, after the pause.
    let refused = matches!(row.state, AccountState::Quota | AccountState::Suspended | AccountState::WrongInstance);
    let held = refused && paused;
    if held && stands == AccountState::Working {
        return None;
    }
    let same = row.state == stands
        && row.trouble == failure
        && (phone.is_none() || row.phone == phone)
        && !(stands == AccountState::Working && row.paused_until.is_some());
    (!same).then(|| Fact::Account { state: stands, phone, failure, at: now() })
}

fn clipped(failure: Failure) -> Failure {
    Failure { detail: failure.detail.chars().take(200).collect(), ..failure }
}

/// How an account stands whose provider answered with trouble; `None` when that tells nothing.
fn state_of(reason: Reason) -> Option<AccountState> {
    match reason {
        Reason::WrongKey => Some(AccountState::WrongKey),
        Reason::WrongInstance => Some(AccountState::WrongInstance),
        Reason::NotLinked => Some(AccountState::WaitingScan),
        Reason::Starting => Some(AccountState::Starting),
        Reason::Expired | Reason::Removed => Some(AccountState::Expired),
        Reason::Blocked => Some(AccountState::Blocked),
        Reason::Suspended => Some(AccountState::Suspended),
        Reason::Quota => Some(AccountState::Quota),
        Reason::Unreachable | Reason::PrivateAddress | Reason::ProviderError | Reason::StrangeAnswer => {
            Some(AccountState::Unreachable)
        }
        _ => None,
    }
}

/// Pauses that double from the least to the most, with jitter so that many do not come back at once.
struct Pause {
    limits: (Duration, Duration),
    next: Duration,
}

impl Pause {
    fn new(limits: (Duration, Duration)) -> Self {
        Self { limits, next: limits.0 }
    }

    fn reset(&mut self) {
        self.next = self.limits.0;
    }

    fn step(&mut self) -> Duration {
        let now = self.next;
        self.next = (self.next * 2).min(self.limits.1);
        jitter(now)
    }

    async fn wait(&mut self) {
        tokio::time::sleep(self.step()).await;
    }
}

/// Up to a fifth more or less.
fn jitter(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.8..1.2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Reaction;
    use domain::{Moment, Switches};

    fn row(state: AccountState) -> AccountRow {
        AccountRow {
            id: AccountId(1),
            name: "Продажи".to_owned(),
            provider: Provider::GreenApi,
            settings: serde_json::json!({}),
            secrets: serde_json::json!({}),
            receive: Receive::Polling,
            enabled: true,
            switches: Switches::default(),
            everyone: true,
            state,
            state_at: None,
            trouble: None,
            phone: Some("79990000001".to_owned()),
            paused_until: None,
            last_event_at: None,
            created_at: Moment(0),
            deleted_at: None,
        }
    }

    fn stands(state: AccountState) -> Result<Standing, Trouble> {
        Ok(Standing { state, phone: None })
    }

    fn fails(reason: Reason) -> Result<Standing, Trouble> {
        Err(Trouble { reason, detail: String::new(), reaction: Reaction::Retry(None), status: None })
    }

    fn told(row: &AccountRow, asked: &Result<Standing, Trouble>, failed: u32) -> Option<AccountState> {
        match news(row, asked, failed)? {
            Fact::Account { state, .. } => Some(state),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_news_is_told() {
        use AccountState::{Quota, Unknown, Unreachable, WaitingScan, Working, WrongKey};
        assert_eq!(told(&row(Working), &stands(Working), 0), None);
        assert_eq!(told(&row(Working), &stands(WaitingScan), 0), Some(WaitingScan));
        assert_eq!(told(&row(Working), &stands(Unknown), 0), None);
        assert_eq!(told(&row(Working), &fails(Reason::WrongKey), 1), Some(WrongKey));
        assert_eq!(told(&row(Working), &fails(Reason::RateLimited), 9), None);
        let moved = Ok(Standing { state: Working, phone: Some("79990000009".to_owned()) });
        assert_eq!(told(&row(Working), &moved, 0), Some(Working));
        // One failure is a hiccup, two are news; for a new account the first is.
        assert_eq!(told(&row(Working), &fails(Reason::Unreachable), 1), None);
        assert_eq!(told(&row(Working), &fails(Reason::Unreachable), 2), Some(Unreachable));
        assert_eq!(told(&row(Unknown), &fails(Reason::Unreachable), 1), Some(Unreachable));
        // A used-up tariff is not called working before its pause is over.
        let until = |milliseconds| Some(now().plus(milliseconds));
        let paused = AccountRow { paused_until: until(60_000), ..row(Quota) };
        assert_eq!(told(&paused, &stands(Working), 0), None);
        assert_eq!(told(&AccountRow { paused_until: until(-1), ..row(Quota) }, &stands(Working), 0), Some(Working));
        assert_eq!(
            told(&AccountRow { paused_until: until(60_000), ..row(Working) }, &stands(Working), 0),
            Some(Working)
        );
    }

    #[test]
    fn pauses_grow_to_their_limit_and_begin_anew() {
        let mut pause = Pause::new(POLL_PAUSE);
        let took: Vec<Duration> = (0..8).map(|_| pause.step()).collect();
        assert!(took[0] < Duration::from_millis(1300) && took[7] > Duration::from_secs(45));
        assert!(took.iter().all(|pause| *pause <= Duration::from_secs(72)));
        pause.reset();
        assert!(pause.step() < Duration::from_millis(1300));
    }
}
