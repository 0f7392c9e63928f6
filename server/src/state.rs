//! What every handler and worker shares: one of each, made at the start.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

use crate::accounts::Accounts;
use crate::config::Config;
use crate::fetch::Fetch;
use crate::files::Files;
use crate::gateway::Gateways;
use crate::ledger::Ledger;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::secret::Vault;
use crate::store::Db;
use crate::work::intake::Intake;
use crate::work::shards::Shards;

/// A handle on everything; cheap to clone.
pub type State = Arc<Shared>;

/// The parts.
#[derive(Debug)]
pub struct Shared {
    /// Settings of the process.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// Encrypts secrets at rest.
    pub vault: Vault,
    /// Accounts at hand.
    pub accounts: Arc<Accounts>,
    /// The only thing that changes chats, messages and contacts.
    pub ledger: Ledger,
    /// The one way out.
    pub fetch: Fetch,
    /// Attachments.
    pub files: Files,
    /// The providers, by account.
    pub gateways: Gateways,
    /// Takes notifications in: group commit.
    pub intake: Intake,
    /// Tells browsers.
    pub live: Live,
    /// Who is signed in, and how often somebody guessed.
    pub guard: crate::auth::Guard,
    /// Figures for /metrics.
    pub metrics: Metrics,
    /// Wakes workers.
    pub bell: Arc<Bell>,
    /// Which accounts this process works for.
    pub shards: Shards,
    /// The integration log's writer.
    pub log: crate::store::log::Log,
    /// Names this process among others on the same database.
    pub node: String,
}

/// Wakes those who wait for new rows. Every ring is only a hint: workers also look by themselves now and then.
#[derive(Debug, Default)]
pub struct Bell {
    /// New notifications in the journal.
    pub journal: Notify,
    /// New jobs.
    pub jobs: Notify,
    /// Accounts were added or changed.
    pub accounts: Notify,
    /// New events; the number only counts rings.
    pub events: watch::Sender<u64>,
    /// The process is stopping: everyone finishes what they hold.
    pub stopping: watch::Sender<bool>,
}

impl Bell {
    /// Tells that events were appended.
    pub fn ring_events(&self) {
        self.events.send_modify(|rings| *rings = rings.wrapping_add(1));
    }

    /// Waits until the process stops.
    pub async fn stopped(&self) {
        let mut receiver = self.stopping.subscribe();
        // The sender lives as long as we do, so an error cannot happen; if it did, stopping is the right answer.
        let _ = receiver.wait_for(|stopping| *stopping).await;
    }
}
