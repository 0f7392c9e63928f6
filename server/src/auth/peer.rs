//! Where a request came from: the address behind believed proxies, and whether it travelled by https.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Context;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};

use crate::state::State;

/// The other end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address; that of the client where a believed proxy tells it.
    pub ip: IpAddr,
    /// Whether the client speaks https.
    pub secure: bool,
}

impl FromRequestParts<State> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        Ok(state.guard.proxies.peer(&parts.extensions, &parts.headers))
    }
}

/// Proxies that are believed, as addresses and networks.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<(IpAddr, u8)>);

impl Proxies {
    /// Reads `10.0.0.5`, `10.0.0.0/8`, `fd00::/8`.
    pub fn parse(texts: &[String]) -> anyhow::Result<Self> {
        let mut networks = Vec::with_capacity(texts.len());
        for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            let (address, length) = text.split_once('/').unwrap_or((text, ""));
            let ip: IpAddr = address.parse().with_context(|| format!("--trust-proxies: {text} is no address"))?;
            let whole = if ip.is_ipv4() { 32 } else { 128 };
            let length = match length {
                "" => whole,
                digits => {
                    digits.parse().ok().filter(|&n| n <= whole).with_context(|| format!("--trust-proxies: {text}"))?
                }
            };
            networks.push((ip, length));
        }
        Ok(Self(networks))
    }

    /// Who sent a request. Without a socket (tests of the router alone) it is taken for loopback.
    pub fn peer(&self, extensions: &Extensions, headers: &HeaderMap) -> Peer {
        let socket =
            extensions.get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
        let socket = socket.to_canonical();
        if !self.believed(socket) {
            return Peer { ip: socket, secure: false };
        }
        let told =
            |name: &str| headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>();
        // Each proxy appends whom it saw: the last one that is not ours is the client. What stands before it may be invented.
        let ip = told("x-forwarded-for")
            .iter()
            .flat_map(|line| line.split(','))
            .rev()
            .map_while(|text| text.trim().parse::<IpAddr>().ok())
            .map(|ip| ip.to_canonical())
            .find(|&ip| !self.believed(ip));
        let secure = told("x-forwarded-proto").last().is_some_and(|text| text.trim().eq_ignore_ascii_case("https"));
        Peer { ip: ip.unwrap_or(socket), secure }
    }

    fn believed(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|&(network, length)| match (network, ip) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                same_prefix(u128::from(a.to_bits()) << 96, u128::from(b.to_bits()) << 96, length)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => same_prefix(a.to_bits(), b.to_bits(), length),
            _ => false,
        })
    }
}

fn same_prefix(a: u128, b: u128, length: u8) -> bool {
    (a ^ b).leading_zeros() >= u32::from(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(proxies: &[&str], socket: &str, headers: &[(&'static str, &str)]) -> Peer {
        let proxies = Proxies::parse(&proxies.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()).unwrap();
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(socket.parse().unwrap(), 1)));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        proxies.peer(&extensions, &map)
    }

    #[test]
    fn a_stranger_cannot_choose_the_address() {
        let told = [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https")];
        assert_eq!(peer(&[], "198.51.100.7", &told), Peer { ip: "198.51.100.7".parse().unwrap(), secure: false });
        assert_eq!(peer(&["10.0.0.0/8"], "11.0.0.1", &told).ip, "11.0.0.1".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn behind_proxies_the_last_address_that_is_not_ours_counts() {
        let told = [("x-forwarded-for", "6.6.6.6, 203.0.113.9, 10.0.0.2"), ("x-forwarded-proto", "https")];
        let found = peer(&["10.0.0.0/8"], "10.0.0.1", &told);
        assert_eq!(found, Peer { ip: "203.0.113.9".parse().unwrap(), secure: true });
        assert_eq!(peer(&["::1"], "::1", &[("x-forwarded-for", "nonsense")]).ip, "::1".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn nonsense_is_refused_at_the_start() {
        assert!(Proxies::parse(&["proxy".to_owned()]).is_err());
        assert!(Proxies::parse(&["10.0.0.0/33".to_owned()]).is_err());
    }
}
