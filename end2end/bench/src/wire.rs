//! A client that costs little, because it shares the machine with the server that it measures: one connection kept
//! alive, requests as bytes, answers read by their length. What is asked is elsewhere.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No answer of the server takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection, one request at a time.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    read: Vec<u8>,
    head: usize,
    end: usize,
}

impl Wire {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.context("connecting")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::with_capacity(64 * 1024), head: 0, end: 0 })
    }

    /// Sends a whole request and reads the whole answer; answers its status.
    pub async fn ask(&mut self, request: &[u8]) -> Result<u16> {
        match tokio::time::timeout(PATIENCE, self.exchange(request)).await {
            Ok(status) => status,
            Err(_) => bail!("no answer within a minute"),
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.read.clear();
        self.head = self.headers().await?;
        let head = std::str::from_utf8(&self.read[..self.head]).context("headers")?;
        let status = head.get(9..12).context("a status line")?.parse()?;
        let length = match header(head, "content-length") {
            Some(length) => length.parse()?,
            None if matches!(status, 101 | 204 | 304) => 0,
            None => bail!("an answer without its length: {head}"),
        };
        self.end = self.head + length;
        while self.read.len() < self.end {
            self.more().await?;
        }
        Ok(status)
    }

    async fn headers(&mut self) -> Result<usize> {
        loop {
            self.more().await?;
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                return Ok(at + 4);
            }
        }
    }

    async fn more(&mut self) -> Result<()> {
        ensure!(self.stream.read_buf(&mut self.read).await? > 0, "the server hung up");
        Ok(())
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.read[self.head..self.end]
    }

    /// Bytes of the last answer, headers included.
    pub fn size(&self) -> usize {
        self.end
    }

    /// A header of the last answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(std::str::from_utf8(&self.read[..self.head]).ok()?, name)
    }

    /// Turns the connection into a WebSocket; answers what has come after the headers already.
    pub async fn upgrade(mut self, path: &str, cookie: &str) -> Result<(TcpStream, Vec<u8>)> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let status = self.ask(request.as_bytes()).await?;
        ensure!(status == 101, "{path}: {status}");
        let rest = self.read.split_off(self.end);
        Ok((self.stream, rest))
    }
}

/// A request for a page of the API.
pub fn get(path: &str, cookie: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\nAccept-Encoding: br\r\n\r\n").into_bytes()
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Signs in; answers the cookie.
pub async fn sign_in(address: SocketAddr, login: &str, password: &str) -> Result<String> {
    let mut wire = Wire::open(address).await?;
    let body = serde_json::json!({"login": login, "password": password}).to_string();
    let request = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let status = wire.ask(request.as_bytes()).await?;
    ensure!(status == 200, "signing in: {status} {}", String::from_utf8_lossy(wire.body()));
    let cookie = wire.header("set-cookie").context("a cookie")?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}
