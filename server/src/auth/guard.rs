//! What a process remembers of who may come in: proven sessions, keys and pairs for a short while, and wrong guesses.
//! The truth is in the database; this spares it a look at every request and Argon2 at every webhook.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use domain::UserId;
use moka::future::Cache;
use rand::Rng;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::Who;
use super::guess::Guesses;
use super::password;
use super::peer::{Peer, Proxies};
use super::refusal::Refusals;
use crate::config::Config;
use crate::secret;

/// How long a process may go on believing a session or key that another process ended.
const PROVEN_FOR: Duration = Duration::from_secs(10);
/// How long a login and password that were right are not hashed again while the person and the password stay the same.
const PAIR_FOR: Duration = Duration::from_secs(300);
/// Password hashes computed at once: each takes 19 MiB and a whole core.
const HASHES_AT_ONCE: usize = 2;
/// How long a sign-in may wait for its turn to be hashed.
const HASH_WAIT: Duration = Duration::from_secs(10);

/// Caches and counters of sign-in.
#[derive(Debug)]
pub struct Guard {
    /// Proxies that are believed.
    pub(super) proxies: Proxies,
    /// Wrong answers so far.
    pub(super) guesses: Guesses,
    /// Calls of strangers so far, for the integration log.
    pub refusals: Refusals,
    /// The address by which people reach us begins with https.
    https: bool,
    /// By SHA-256 of the cookie or key, or by the name of a login and password.
    proven: Cache<String, Who>,
    /// By the name of a login and password that were right: whose, and the hash they were right for.
    pairs: Cache<String, (UserId, String)>,
    /// Grows with every revocation, so that what was read before one is not remembered after it.
    epoch: AtomicU64,
    hashing: Semaphore,
    /// What an unknown login is checked against, so that it takes as long as a known one.
    decoy: String,
    /// Keys the hashes of pairs: memory alone must not tell passwords.
    pepper: [u8; 32],
}

impl Guard {
    /// Computes one hash: some tens of milliseconds.
    pub fn new(config: &Config) -> anyhow::Result<Self> {
        let mut pepper = [0; 32];
        rand::rng().fill_bytes(&mut pepper);
        Ok(Self {
            proxies: Proxies::parse(&config.trust_proxies)?,
            guesses: Guesses::default(),
            refusals: Refusals::default(),
            https: config.public_url.as_deref().is_some_and(|url| url.starts_with("https:")),
            proven: Cache::builder().max_capacity(10_000).time_to_live(PROVEN_FOR).build(),
            pairs: Cache::builder().max_capacity(1_000).time_to_live(PAIR_FOR).build(),
            epoch: AtomicU64::new(0),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            decoy: password::hash("a password that nobody has")?,
            pepper,
        })
    }

    /// Whether a cookie for this client must travel by https only.
    pub fn secure(&self, peer: &Peer) -> bool {
        peer.secure || self.https
    }

    /// Forgets who was proven: something about people, sessions, keys or accounts has changed. Cheap, and it takes
    /// effect at once; everyone is proven again from the database.
    pub fn forget(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.proven.invalidate_all();
    }

    /// Grows with every change of people, sessions, keys and accounts.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    pub(super) async fn proven(&self, hash: &str) -> Option<Who> {
        self.proven.get(hash).await
    }

    /// Remembers somebody, unless something was revoked since `epoch`.
    pub(super) async fn remember(&self, hash: String, who: &Who, epoch: u64) {
        if self.epoch() == epoch {
            self.proven.insert(hash, who.clone()).await;
        }
    }

    pub(super) async fn pair(&self, name: &str) -> Option<(UserId, String)> {
        self.pairs.get(name).await
    }

    pub(super) async fn remember_pair(&self, name: String, user: UserId, hash: String) {
        self.pairs.insert(name, (user, hash)).await;
    }

    /// Names a login and password without keeping them.
    pub(super) fn pair_name(&self, login_key: &str, password: &str) -> String {
        let digest = Sha256::new_with_prefix(self.pepper)
            .chain_update((login_key.len() as u64).to_le_bytes())
            .chain_update(login_key)
            .chain_update(password)
            .finalize();
        secret::hex(&digest)
    }

    /// Hashes a new password, waiting for its turn.
    pub async fn hash(&self, password: &str) -> anyhow::Result<String> {
        let _turn = self.turn().await?;
        let password = password.to_owned();
        tokio::task::spawn_blocking(move || password::hash(&password)).await?
    }

    /// Waits for a turn to compute a hash.
    pub(super) async fn turn(&self) -> anyhow::Result<tokio::sync::SemaphorePermit<'_>> {
        match tokio::time::timeout(HASH_WAIT, self.hashing.acquire()).await {
            Ok(permit) => permit.context("waiting to hash a password"),
            // Said as the database says it, so that the outside hears "unavailable, try again".
            Err(_) => Err(anyhow::Error::from(sqlx::Error::PoolTimedOut).context("too many sign-ins at once")),
        }
    }

    /// Checks a password; without a hash as long as with one. The caller holds a turn.
    pub(super) async fn check(&self, password: String, hash: Option<String>) -> anyhow::Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let right = tokio::task::spawn_blocking(move || password::verify(&password, &hash)).await?;
        Ok(right && known)
    }
}
