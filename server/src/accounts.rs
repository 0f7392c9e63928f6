//! Accounts at hand: what every webhook, send and frame needs to know of its account, without asking the database each
//! time. Five seconds old at most; at once after a change made by this process.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::AccountId;
use moka::future::Cache;

use crate::secret::Vault;
use crate::store::account::{self, AccountRow};
use crate::store::{Db, Result};

/// See the module.
#[derive(Debug)]
pub struct Accounts {
    db: Db,
    vault: Vault,
    rows: Cache<AccountId, Option<Arc<AccountRow>>>,
    /// Counts changes, so that a row read before a change is not remembered after it.
    changes: AtomicU64,
}

impl Accounts {
    /// Reads from `db` what it does not know yet.
    pub fn new(db: Db, vault: Vault) -> Self {
        let rows = Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(5)).build();
        Self { db, vault, rows, changes: AtomicU64::new(0) }
    }

    /// One account, deleted ones too.
    pub async fn get(&self, id: AccountId) -> Result<Option<Arc<AccountRow>>> {
        if let Some(row) = self.rows.get(&id).await {
            return Ok(row);
        }
        let before = self.changes.load(Ordering::SeqCst);
        let row = account::get(&self.db, &self.vault, id).await?.map(Arc::new);
        self.rows.insert(id, row.clone()).await;
        if self.changes.load(Ordering::SeqCst) != before {
            self.rows.invalidate(&id).await;
        }
        Ok(row)
    }

    /// All that have not been deleted, as the database has them now.
    pub async fn all(&self) -> Result<Vec<Arc<AccountRow>>> {
        Ok(account::all(&self.db, &self.vault).await?.into_iter().map(Arc::new).collect())
    }

    /// An account was changed.
    pub fn forget(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.rows.invalidate_all();
    }
}
