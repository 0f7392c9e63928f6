//! The one way out of this server. It refuses addresses of private networks (unless they are allowed by name, address
//! or network), limits redirects, time to connect and bytes read, takes no proxy from the environment, and tells a
//! request that never left from one whose answer was lost. What is said to whom is in `gateway`.
//!
//! The check sits in the resolver, so a name that changes its address between two look-ups gains nothing; addresses
//! written as numbers never reach a resolver and are checked before the request and at every redirect.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::{Bytes, BytesMut};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use url::{Host, Url};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a download may stand still.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// The most redirects of one download.
const MAX_REDIRECTS: usize = 5;

/// Calls out. Cheap to clone; connections are pooled.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// For calls: follows no redirect, since a provider's API has none and a body must not travel on.
    calls: Client,
    /// For downloads.
    files: Client,
    guard: Arc<Guard>,
}

/// Why a request did not come back well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is in a private network that is not allowed. Nothing was sent.
    #[error("the address is in a private network that is not allowed")]
    Private,
    /// Not an http(s) address. Nothing was sent.
    #[error("not an http or https address")]
    BadUrl,
    /// No connection: name, network or TLS. Nothing was sent.
    #[error("no connection: {0}")]
    NotSent(String),
    /// It was sent, or may have been; the answer did not come, or not whole.
    #[error("the answer was lost: {0}")]
    Lost(String),
    /// The answer has more bytes than allowed.
    #[error("the answer is too large")]
    TooLarge,
}

/// Looks up a host's addresses.
type Lookup = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>> + Send + Sync>;

impl Fetch {
    /// `allow_private_hosts`: host names, addresses and networks (`10.0.0.0/8`) that may be called although private.
    pub fn new(allow_private_hosts: &[String]) -> anyhow::Result<Self> {
        Self::with_lookup(
            allow_private_hosts,
            Arc::new(|host| {
                Box::pin(async move {
                    let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
                    Ok(found.map(|address| address.ip()).collect())
                })
            }),
        )
    }

    fn with_lookup(allow_private_hosts: &[String], lookup: Lookup) -> anyhow::Result<Self> {
        // Fails only when one is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Arc::new(Guard::new(allow_private_hosts)?);
        let client = || {
            Client::builder()
                .no_proxy()
                .user_agent(concat!("Besedka/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT_TIMEOUT)
                .pool_idle_timeout(Duration::from_secs(60))
                .dns_resolver(Arc::new(Resolver { guard: guard.clone(), lookup: lookup.clone() }))
        };
        let at_redirect = guard.clone();
        let redirects = Policy::custom(move |attempt| {
            if attempt.previous().len() > MAX_REDIRECTS {
                return attempt.error(TooManyRedirects);
            }
            match at_redirect.check(attempt.url()) {
                Ok(()) => attempt.follow(),
                Err(_) => attempt.error(PrivateAddress),
            }
        });
        Ok(Self {
            calls: client().redirect(Policy::none()).build().context("making the client for calls")?,
            files: client()
                .redirect(redirects)
                .read_timeout(READ_TIMEOUT)
                .build()
                .context("making the client for downloads")?,
            guard,
        })
    }

    /// Begins a call: no redirects, `timeout` from begin to end. Send it with [`send`].
    pub fn call(&self, method: Method, url: &str, timeout: Duration) -> Result<RequestBuilder, FetchError> {
        let url = self.guard.parse(url)?;
        Ok(self.calls.request(method, url).timeout(timeout))
    }

    /// Begins a download of an address that comes from outside: up to five redirects, each checked; no time limit for
    /// the whole, since size decides, but 30 seconds for every piece.
    pub async fn download(&self, url: &str) -> Result<Response, FetchError> {
        let url = self.guard.parse(url)?;
        send(self.files.get(url)).await
    }
}

/// Sends a request and tells a failure before sending from one after.
pub async fn send(request: RequestBuilder) -> Result<Response, FetchError> {
    request.send().await.map_err(|error| classify(&error))
}

/// Reads a body of at most `limit` bytes, counted after decompression.
pub async fn read(mut response: Response, limit: usize) -> Result<Bytes, FetchError> {
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|error| classify(&error))? {
        if body.len() + piece.len() > limit {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// What an error of the client means for the request. The address is left out of the words: it may hold a token.
pub fn classify(error: &reqwest::Error) -> FetchError {
    let mut words = String::new();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<PrivateAddress>() {
            return FetchError::Private;
        }
        words = inner.to_string();
        cause = inner.source();
    }
    if error.is_timeout() && !error.is_connect() {
        return FetchError::Lost("timeout".to_owned());
    }
    if words.is_empty() {
        words = if error.is_timeout() { "timeout".to_owned() } else { "connection closed".to_owned() };
    }
    if error.is_connect() || error.is_builder() || error.is_redirect() {
        FetchError::NotSent(words)
    } else {
        FetchError::Lost(words)
    }
}

/// The resolver's and the redirect policy's refusal, found again among an error's causes.
#[derive(Debug, thiserror::Error)]
#[error("the address is in a private network that is not allowed")]
struct PrivateAddress;

#[derive(Debug, thiserror::Error)]
#[error("too many redirects")]
struct TooManyRedirects;

struct Resolver {
    guard: Arc<Guard>,
    lookup: Lookup,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, host) = (self.guard.clone(), name.as_str().to_owned());
        let found = (self.lookup)(host.clone());
        Box::pin(async move {
            let found = found.await?;
            let any = !found.is_empty();
            let good: Vec<_> = found
                .into_iter()
                .filter(|&address| guard.names(&host) || guard.admits(address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if any && good.is_empty() {
                return Err(Box::new(PrivateAddress) as _);
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

/// What may be called.
#[derive(Debug, Default)]
struct Guard {
    hosts: Vec<String>,
    networks: Vec<(IpAddr, u32)>,
}

impl Guard {
    fn new(allowed: &[String]) -> anyhow::Result<Self> {
        let mut guard = Self::default();
        for entry in allowed.iter().map(|entry| entry.trim().to_lowercase()).filter(|entry| !entry.is_empty()) {
            if let Ok(address) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
                guard.networks.push((address, if address.is_ipv4() { 32 } else { 128 }));
            } else if let Some((address, bits)) = entry.split_once('/') {
                let address: IpAddr = address.parse().with_context(|| format!("{entry} is not a network"))?;
                let bits: u32 = bits.parse().with_context(|| format!("{entry} is not a network"))?;
                let most = if address.is_ipv4() { 32 } else { 128 };
                anyhow::ensure!(bits <= most, "{entry} is not a network");
                guard.networks.push((address, bits));
            } else {
                guard.hosts.push(entry.trim_end_matches('.').to_owned());
            }
        }
        Ok(guard)
    }

    fn parse(&self, text: &str) -> Result<Url, FetchError> {
        let url = Url::parse(text).map_err(|_| FetchError::BadUrl)?;
        self.check(&url)?;
        Ok(url)
    }

    /// Checks the scheme, and an address written as a number; names are the resolver's business.
    fn check(&self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::BadUrl);
        }
        let literal = match url.host() {
            None => return Err(FetchError::BadUrl),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        if self.admits(literal) { Ok(()) } else { Err(FetchError::Private) }
    }

    fn names(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }

    fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_global(address) || self.networks.iter().any(|&(network, bits)| within(address, network, bits))
    }
}

fn within(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network.to_canonical()) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (a.to_bits() ^ n.to_bits()).checked_shr(32 - bits.min(32)).unwrap_or(0) == 0,
        (IpAddr::V6(a), IpAddr::V6(n)) => {
            (a.to_bits() ^ n.to_bits()).checked_shr(128 - bits.min(128)).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// Whether an address belongs to the public internet: none of the special ranges of IANA's registries.
fn is_global(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_global_v4(address),
        IpAddr::V6(address) => is_global_v6(address),
    }
}

fn is_global_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: &[(Ipv4Addr, u32)] = &[
        (Ipv4Addr::new(0, 0, 0, 0), 8),
        (Ipv4Addr::new(10, 0, 0, 0), 8),
        (Ipv4Addr::new(100, 64, 0, 0), 10),
        (Ipv4Addr::new(127, 0, 0, 0), 8),
        (Ipv4Addr::new(169, 254, 0, 0), 16),
        (Ipv4Addr::new(172, 16, 0, 0), 12),
        (Ipv4Addr::new(192, 0, 0, 0), 24),
        (Ipv4Addr::new(192, 0, 2, 0), 24),
        (Ipv4Addr::new(192, 88, 99, 0), 24),
        (Ipv4Addr::new(192, 168, 0, 0), 16),
        (Ipv4Addr::new(198, 18, 0, 0), 15),
        (Ipv4Addr::new(198, 51, 100, 0), 24),
        (Ipv4Addr::new(203, 0, 113, 0), 24),
        // Multicast, reserved, broadcast.
        (Ipv4Addr::new(224, 0, 0, 0), 3),
    ];
    !SPECIAL.iter().any(|&(network, bits)| within(address.into(), network.into(), bits))
}

fn is_global_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // NAT64 stands for an IPv4 address, so that one decides.
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [.., a, b, c, d] = address.octets();
        return is_global_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Everything given out so far is in 2000::/3. Of it: Teredo and other protocols, documentation, 6to4.
    let [first, second, ..] = segments;
    first & 0xe000 == 0x2000
        && !(first == 0x2001 && second < 0x0200)
        && !(first == 0x2001 && second == 0x0db8)
        && first != 0x2002
        && !(first == 0x3fff && second < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(allowed: &[&str]) -> Fetch {
        Fetch::new(&allowed.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[tokio::test]
    async fn no_way_of_writing_a_private_address_passes() {
        let fetch = fetch(&[]);
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://017700000001/",
            "http://0/",
            "http://[::]/",
            "http://[::1]:8080/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::127.0.0.1]/",
            "http://[64:ff9b::10.0.0.1]/",
            "http://[64:ff9b:1::1]/",
            "http://[2002:7f00:1::]/",
            "http://[2001::1]/",
            "http://[2001:db8::1]/",
            "http://[3fff::1]/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
            "http://[fd12:3456::1]/",
            "http://[ff02::1]/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://172.31.255.255/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://100.64.0.1/",
            "http://192.0.0.8/",
            "http://198.18.0.1/",
            "http://203.0.113.5/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://①②⑦.0.0.1/",
            "http://localhost/",
            "http://user:pass@127.0.0.1/",
        ] {
            assert_eq!(fetch.download(url).await.err(), Some(FetchError::Private), "{url}");
        }
        for url in ["file:///etc/passwd", "ftp://example.com/", "gopher://127.0.0.1/", "", "/path", "http://"] {
            assert_eq!(fetch.download(url).await.err(), Some(FetchError::BadUrl), "{url}");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for text in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2a02:6b8::1", "::ffff:8.8.8.8"] {
            assert!(is_global(text.parse().unwrap()), "{text}");
        }
        assert!(is_global("64:ff9b::8.8.8.8".parse().unwrap()));
    }

    #[test]
    fn what_is_allowed_passes_and_its_neighbours_do_not() {
        let guard =
            Guard::new(&["10.1.0.0/16", "192.168.1.5", "[fd00::5]", "fd12::/16", "1C-Server.lan"].map(String::from))
                .unwrap();
        for text in ["10.1.255.1", "192.168.1.5", "fd00::5", "fd12:1::1", "::ffff:10.1.0.1"] {
            assert!(guard.admits(text.parse().unwrap()), "{text}");
        }
        for text in ["10.2.0.1", "192.168.1.6", "fd00::6", "fd13::1"] {
            assert!(!guard.admits(text.parse().unwrap()), "{text}");
        }
        assert!(guard.names("1c-server.lan") && guard.names("1C-SERVER.LAN.") && !guard.names("a.1c-server.lan"));
        assert!(Guard::new(&["0.0.0.0/0".to_owned()]).unwrap().admits("127.0.0.1".parse().unwrap()));
        assert!(Guard::new(&["10.0.0.0/33".to_owned()]).is_err());
        assert!(Guard::new(&["10.0.0/8".to_owned()]).is_err());
    }

    /// A name that answers with another address each time.
    fn rebinding(allowed: &[&str], answers: Vec<Vec<&'static str>>) -> Fetch {
        let answers = Arc::new(std::sync::Mutex::new(answers));
        let lookup: Lookup = Arc::new(move |_| {
            let mut answers = answers.lock().unwrap();
            let now = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
            Box::pin(async move { Ok(now.iter().map(|text| text.parse().unwrap()).collect()) })
        });
        Fetch::with_lookup(&allowed.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), lookup).unwrap()
    }

    #[tokio::test]
    async fn a_name_that_turns_private_is_refused() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fetch = rebinding(&[], vec![vec!["127.0.0.1"], vec!["::ffff:127.0.0.1"], vec!["10.0.0.1", "fe80::1"]]);
        for _ in 0..3 {
            let url = format!("http://rebind.example:{port}/");
            assert_eq!(fetch.download(&url).await.err(), Some(FetchError::Private));
        }
        let knock = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(knock.is_err(), "nobody may have been called");
    }

    /// Answers every request with `head`.
    async fn server(head: &'static str) -> (u16, tokio::task::JoinHandle<()>) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0u8; 4096];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(head.as_bytes()).await;
                let _ = socket.shutdown().await;
            }
        });
        (port, task)
    }

    #[tokio::test]
    async fn a_redirect_into_a_private_network_is_refused() {
        for place in
            ["http://127.0.0.2:1/", "http://[::1]:1/", "http://0x7f.2:1/", "//localhost:1/", "http://10.0.0.1/"]
        {
            let head =
                format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let (port, _task) = server(Box::leak(head.into_boxed_str())).await;
            // The name is allowed, so the first hop passes; where it leads to is not.
            let fetch = rebinding(&["files.example"], vec![vec!["127.0.0.1"]]);
            let url = format!("http://files.example:{port}/");
            assert_eq!(fetch.download(&url).await.err(), Some(FetchError::Private), "{place}");
        }
    }

    #[tokio::test]
    async fn endless_redirects_end() {
        let (port, _task) =
            server("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
        let got = fetch(&["127.0.0.1"]).download(&format!("http://127.0.0.1:{port}/")).await;
        assert!(matches!(got, Err(FetchError::NotSent(_))), "{got:?}");
    }

    #[tokio::test]
    async fn not_sent_and_lost_are_told_apart() {
        let fetch = fetch(&["127.0.0.1"]);
        let free = {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap().port()
        };
        let call = |port: u16, url: &str| {
            let url = format!("http://127.0.0.1:{port}{url}");
            fetch.call(Method::POST, &url, Duration::from_millis(300)).unwrap()
        };
        assert!(matches!(send(call(free, "/")).await, Err(FetchError::NotSent(_))));
        let (dropping, _task) = server("").await;
        assert!(matches!(send(call(dropping, "/")).await, Err(FetchError::Lost(_))));
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = silent.local_addr().unwrap().port();
        assert!(matches!(send(call(port, "/")).await, Err(FetchError::Lost(_))));
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_and_a_cut_one_is_lost() {
        let fetch = fetch(&["127.0.0.1"]);
        let (port, _task) = server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789").await;
        let url = format!("http://127.0.0.1:{port}/");
        assert_eq!(read(fetch.download(&url).await.unwrap(), 10).await.unwrap(), "0123456789");
        assert_eq!(read(fetch.download(&url).await.unwrap(), 9).await, Err(FetchError::TooLarge));
        let (port, _task) = server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234").await;
        let url = format!("http://127.0.0.1:{port}/");
        assert!(matches!(read(fetch.download(&url).await.unwrap(), 10).await, Err(FetchError::Lost(_))));
    }
}
