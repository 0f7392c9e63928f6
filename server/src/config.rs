//! Settings of the process: flag, then environment, then `besedka.toml`, then the default.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde::Deserialize;

/// What can be set. The doc comments are the help.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "BESEDKA_LISTEN")]
    pub listen: Option<SocketAddr>,
    /// Folder of the database, the files and the key [default: ./data]
    #[arg(long, env = "BESEDKA_DATA")]
    pub data: Option<PathBuf>,
    /// `postgres://…`, or nothing for a SQLite file in the data folder
    #[arg(long, env = "BESEDKA_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The address by which providers and people reach this server, e.g. https://chat.example.ru
    #[arg(long, env = "BESEDKA_PUBLIC_URL")]
    pub public_url: Option<url::Url>,
    /// login:password of the first administrator, made when there are no users
    #[arg(long, env = "BESEDKA_ADMIN", hide_env_values = true)]
    pub admin: Option<String>,
    /// Hosts and networks that the server may call although they are private: a 1C server in the LAN, 10.0.0.0/8
    #[arg(long, env = "BESEDKA_ALLOW_PRIVATE_HOSTS", value_delimiter = ',')]
    pub allow_private_hosts: Vec<String>,
    /// Token with which /metrics may be read from other machines
    #[arg(long, env = "BESEDKA_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,
    /// Addresses of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed
    #[arg(long, env = "BESEDKA_TRUST_PROXIES", value_delimiter = ',')]
    pub trust_proxies: Vec<String>,
    /// Seconds after which a send whose answer was lost is looked for in the provider's journal; after the last one it
    /// is shown as unknown [default: 5,30,150]
    #[arg(long, env = "BESEDKA_RECONCILE", value_delimiter = ',')]
    pub reconcile: Vec<u64>,
    /// Answers `POST /hs/whatsapp/echo` too, the reference that the bench measures webhooks against
    #[arg(long, env = "BESEDKA_BENCH", hide = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub bench: bool,
    /// With several processes on one PostgreSQL: seconds after which the others take over from one that has died
    /// [default: 12]
    #[arg(long, env = "BESEDKA_LEASE", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub lease: Option<u64>,
}

/// Settings with every default filled in.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Folder of the database, the files and the key.
    pub data: PathBuf,
    /// `postgres://…` or a path.
    pub database: String,
    /// Without a slash at the end.
    pub public_url: Option<String>,
    /// The first administrator.
    pub admin: Option<(String, String)>,
    /// Hosts and networks that may be called although private.
    pub allow_private_hosts: Vec<String>,
    /// Token of /metrics.
    pub metrics_token: Option<String>,
    /// Proxies that are believed.
    pub trust_proxies: Vec<String>,
    /// When to look for a send whose answer was lost, counted from the doubt.
    pub reconcile: Vec<Duration>,
    /// How often what can be told of new rows is also looked for.
    pub sweep: Duration,
    /// Whether the bench's reference is served.
    pub bench: bool,
    /// How long a process that shares its database may be silent before the others take over what it did.
    pub lease: Duration,
    /// How long an account may tell nothing before its provider is asked whether something was missed.
    pub silence: Duration,
}

impl Settings {
    /// Fills what is not set from `besedka.toml` in the working folder, then from the defaults.
    pub fn resolve(self) -> anyhow::Result<Config> {
        let file = Self::from_file(Path::new("besedka.toml"))?;
        let data = self.data.or(file.data).unwrap_or_else(|| PathBuf::from("data"));
        let database = self
            .database
            .or(file.database)
            .filter(|text| text != "sqlite")
            .unwrap_or_else(|| data.join("besedka.sqlite").to_string_lossy().into_owned());
        let admin = match self.admin.or(file.admin) {
            None => None,
            Some(pair) => {
                let (login, password) = pair.split_once(':').context("--admin is login:password")?;
                Some((login.to_owned(), password.to_owned()))
            }
        };
        let first = |a: Vec<String>, b: Vec<String>| if a.is_empty() { b } else { a };
        let mut reconcile = if self.reconcile.is_empty() { file.reconcile } else { self.reconcile };
        if reconcile.is_empty() {
            reconcile = vec![5, 30, 150];
        }
        Ok(Config {
            listen: self.listen.or(file.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            data,
            database,
            public_url: self.public_url.or(file.public_url).map(|url| url.as_str().trim_end_matches('/').to_owned()),
            admin,
            allow_private_hosts: first(self.allow_private_hosts, file.allow_private_hosts),
            metrics_token: self.metrics_token.or(file.metrics_token).filter(|token| !token.is_empty()),
            trust_proxies: first(self.trust_proxies, file.trust_proxies),
            reconcile: reconcile.into_iter().map(Duration::from_secs).collect(),
            sweep: Duration::from_secs(2),
            bench: self.bench || file.bench,
            lease: Duration::from_secs(self.lease.or(file.lease).unwrap_or(12).clamp(1, 600)),
            silence: Duration::from_secs(600),
        })
    }

    fn from_file(path: &Path) -> anyhow::Result<Self> {
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("reading {}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }
}
