//! How many lines of the integration log those may make who proved nothing. A stranger who calls without end must not
//! push honest lines out of it, so what is beyond the measure is counted and told in one line. Bounded, per process.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::guess::network;

/// How long lines are counted before the rest is summed up.
const WINDOW: Duration = Duration::from_secs(60);
/// Lines of one address in a window: enough for whoever is setting a webhook up.
const OF_ONE: u32 = 10;
/// Lines of all addresses in a day. With a summing line a minute it stays below a half of what the log keeps in thirty
/// days, and no more addresses than this are ever remembered.
const OF_ALL: u32 = 1_500;
/// A day.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Counts refused calls of strangers.
#[derive(Debug)]
pub struct Refusals(Mutex<Counts>);

#[derive(Debug)]
struct Counts {
    window: Instant,
    day: Instant,
    lines_of_day: u32,
    /// Only those who got a line.
    peers: HashMap<IpAddr, u32>,
    more: Option<More>,
}

/// What was refused without a line of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct More {
    /// How many calls.
    pub count: u64,
    /// Who called last.
    pub last: IpAddr,
}

impl Default for Refusals {
    fn default() -> Self {
        let now = Instant::now();
        let counts = Counts { window: now, day: now, lines_of_day: 0, peers: HashMap::new(), more: None };
        Self(Mutex::new(counts))
    }
}

impl Refusals {
    /// Counts a refused call. Whether it may have a line of its own.
    pub fn may_tell(&self, ip: IpAddr, now: Instant) -> bool {
        let ip = network(ip);
        let mut counts = self.lock();
        if now.saturating_duration_since(counts.day) > DAY {
            (counts.day, counts.lines_of_day) = (now, 0);
        }
        let told = counts.peers.get(&ip).copied().unwrap_or(0);
        if told < OF_ONE && counts.lines_of_day < OF_ALL {
            counts.peers.insert(ip, told + 1);
            counts.lines_of_day += 1;
            return true;
        }
        let count = counts.more.map_or(0, |more| more.count) + 1;
        counts.more = Some(More { count, last: ip });
        false
    }

    /// Ends a window that is over: what was counted in it without a line. Asked for about once a minute.
    pub fn sum_up(&self, now: Instant) -> Option<More> {
        let mut counts = self.lock();
        if now.saturating_duration_since(counts.window) < WINDOW {
            return None;
        }
        counts.window = now;
        counts.peers = HashMap::new();
        counts.more.take()
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Nothing panics while holding it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_and_all_together_have_their_measure() {
        let refusals = Refusals::default();
        let start = Instant::now();
        let ip = |n: u32| IpAddr::from(std::net::Ipv4Addr::from(0x0a00_0000 + n));
        let told = |n: u32, calls: u32, at: Instant| (0..calls).filter(|_| refusals.may_tell(ip(n), at)).count();
        assert_eq!(told(1, 1000, start), 10);
        assert_eq!(told(2, 3, start), 3);
        assert_eq!(refusals.sum_up(start), None);
        let next = start + WINDOW + Duration::from_secs(1);
        assert_eq!(refusals.sum_up(next), Some(More { count: 990, last: ip(1) }));
        assert_eq!(refusals.sum_up(next + WINDOW), None);
        // A new window, but the day's measure holds for any number of addresses.
        let many: usize = (0..5000).map(|n| told(n, 2, next)).sum();
        assert_eq!(many, 1500 - 13);
        assert!(refusals.lock().peers.len() <= 1500);
        assert_eq!(told(9, 20, start + DAY + Duration::from_secs(1)), 8);
        assert_eq!(told(7000, 20, start + DAY + Duration::from_secs(1)), 10);
    }
}
