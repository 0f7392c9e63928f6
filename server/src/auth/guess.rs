//! Slow-down of guessing: buckets of wrong answers that leak with time. Bounded, per process, forgotten at a restart.

use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use moka::sync::Cache;

/// Wrong answers allowed at once by one login from one address, and the time in which one of them is forgiven.
const PAIR: Limit = Limit { burst: 5.0, leak: Duration::from_secs(12) };
/// … by one login from anywhere: a person must not be locked out by a stranger too easily.
const LOGIN: Limit = Limit { burst: 30.0, leak: Duration::from_secs(10) };
/// … from one address with any login: an office shares one.
const ADDRESS: Limit = Limit { burst: 30.0, leak: Duration::from_secs(4) };
/// How many logins and addresses are remembered.
const REMEMBERED: u64 = 20_000;

#[derive(Clone, Copy, Debug)]
struct Limit {
    burst: f64,
    leak: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: f64,
    at: Instant,
}

/// Counts wrong answers.
#[derive(Debug)]
pub struct Guesses {
    pairs: Cache<(String, IpAddr), Bucket>,
    logins: Cache<String, Bucket>,
    addresses: Cache<IpAddr, Bucket>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self { pairs: remembered(), logins: remembered(), addresses: remembered() }
    }
}

impl Guesses {
    /// Whether another try may be made now: every bucket has room for a whole wrong answer.
    pub fn allowed(&self, login: &str, ip: IpAddr) -> bool {
        let now = Instant::now();
        let ip = network(ip);
        level(&self.pairs, &(login.to_owned(), ip), PAIR, now) <= PAIR.burst - 1.0
            && level(&self.logins, &login.to_owned(), LOGIN, now) <= LOGIN.burst - 1.0
            && level(&self.addresses, &ip, ADDRESS, now) <= ADDRESS.burst - 1.0
    }

    /// Counts a wrong answer.
    pub fn wrong(&self, login: &str, ip: IpAddr) {
        let now = Instant::now();
        let ip = network(ip);
        pour(&self.pairs, (login.to_owned(), ip), PAIR, now);
        pour(&self.logins, login.to_owned(), LOGIN, now);
        pour(&self.addresses, ip, ADDRESS, now);
    }

    /// Forgets what somebody mistyped before getting it right. What came from the address with other logins stays.
    pub fn right(&self, login: &str, ip: IpAddr) {
        self.pairs.invalidate(&(login.to_owned(), network(ip)));
    }
}

fn remembered<K: Hash + Eq + Send + Sync + 'static>() -> Cache<K, Bucket> {
    Cache::builder().max_capacity(REMEMBERED).time_to_idle(Duration::from_secs(15 * 60)).build()
}

fn level<K: Hash + Eq + Send + Sync + 'static>(buckets: &Cache<K, Bucket>, key: &K, limit: Limit, now: Instant) -> f64 {
    buckets.get(key).map_or(0.0, |bucket| bucket.after(limit, now))
}

fn pour<K: Hash + Eq + Send + Sync + 'static>(buckets: &Cache<K, Bucket>, key: K, limit: Limit, now: Instant) {
    buckets.entry(key).and_upsert_with(|before| {
        let level = before.map_or(0.0, |entry| entry.into_value().after(limit, now));
        Bucket { level: (level + 1.0).min(limit.burst), at: now }
    });
}

impl Bucket {
    fn after(self, limit: Limit, now: Instant) -> f64 {
        let leaked = now.saturating_duration_since(self.at).as_secs_f64() / limit.leak.as_secs_f64();
        (self.level - leaked).max(0.0)
    }
}

/// One subscriber of IPv6 has a whole /64.
pub(super) fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(v6) => {
            let mut octets = v6.octets();
            octets[8..].fill(0);
            IpAddr::from(octets)
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

    #[test]
    fn five_wrong_answers_close_the_pair_only() {
        let guesses = Guesses::default();
        for _ in 0..5 {
            assert!(guesses.allowed("анна", HERE));
            guesses.wrong("анна", HERE);
        }
        assert!(!guesses.allowed("анна", HERE));
        assert!(guesses.allowed("анна", THERE), "the person herself elsewhere");
        assert!(guesses.allowed("пётр", HERE), "a colleague in the same office");
        guesses.right("анна", HERE);
        assert!(guesses.allowed("анна", HERE));
    }

    #[test]
    fn an_address_that_tries_many_logins_is_closed() {
        let guesses = Guesses::default();
        for n in 0..30 {
            guesses.wrong(&format!("login{n}"), HERE);
        }
        assert!(!guesses.allowed("анна", HERE));
        assert!(guesses.allowed("анна", THERE));
    }

    #[test]
    fn a_login_tried_from_many_addresses_is_closed() {
        let guesses = Guesses::default();
        for n in 0..30 {
            guesses.wrong("анна", IpAddr::from([203, 0, 113, n]));
        }
        assert!(!guesses.allowed("анна", THERE));
    }

    #[test]
    fn time_forgives() {
        let bucket = Bucket { level: 5.0, at: Instant::now() };
        assert!(bucket.after(PAIR, bucket.at + Duration::from_secs(12)) < 4.01);
        assert!(bucket.after(PAIR, bucket.at + Duration::from_secs(3600)) < f64::EPSILON);
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one() {
        assert_eq!(network("2001:db8::1".parse().unwrap()), network("2001:db8::ffff".parse().unwrap()));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), HERE);
    }
}
