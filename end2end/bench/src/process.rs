//! The server as a process of its own: the optimised programme with its own data folder, as people run it.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::wire::{Wire, get};

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Besedka {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to the first 200 of `/readyz`.
    pub took: Duration,
}

/// Memory as the kernel tells it, bytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident now.
    pub now: u64,
    /// Resident at most.
    pub peak: u64,
    /// Of what is resident now, what is not read from files (the programme itself is).
    pub own: u64,
}

impl Besedka {
    /// Starts it and waits until it is ready.
    pub async fn start(binary: &Path, data: &Path) -> Result<Self> {
        std::fs::create_dir_all(data)?;
        // Somebody else could take the port between the two lines; then the start fails and says so.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let log = File::options().create(true).append(true).open(data.join("bench.log"))?;
        let began = Instant::now();
        let child = Command::new(binary)
            .args(["serve", "--allow-private-hosts", "127.0.0.1", "--listen", &address.to_string()])
            .arg("--data")
            .arg(data)
            .env("BESEDKA_BENCH", "1")
            .current_dir(data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}; build it with: make bench", binary.display()))?;
        let mut server = Self { child, address, took: Duration::ZERO };
        while !server.ready().await {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended at once ({status}); see {}", data.join("bench.log").display());
            }
            if began.elapsed() > Duration::from_secs(120) {
                bail!("the server is not ready after two minutes");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.took = began.elapsed();
        Ok(server)
    }

    async fn ready(&self) -> bool {
        let asked = async { Wire::open(self.address).await?.ask(&get("/readyz", "")).await };
        matches!(asked.await, Ok(200))
    }

    /// What it takes of the memory.
    pub fn memory(&self) -> Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let number = line.and_then(|rest| rest.split_whitespace().next()).with_context(|| name.to_owned())?;
            Ok(number.parse::<u64>()? * 1024)
        };
        Ok(Memory { now: field("VmRSS")?, peak: field("VmHWM")?, own: field("RssAnon")? })
    }

    /// Asks it to stop and waits until it has.
    pub async fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status().context("kill")?;
        for _ in 0..4000 {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("the server does not stop")
    }
}

impl Drop for Besedka {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
