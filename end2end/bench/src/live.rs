//! Browsers that listen: many sockets that read what `/api/v1/live` tells, and how long after the webhook (P3).

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, LocalSet};

use crate::load::{Notifier, Writers};
use crate::seed::Scale;
use crate::wire::Wire;

/// Sockets.
pub const SOCKETS: usize = 200;
/// Messages a second.
pub const PACE: u32 = 200;
/// Connections that bring them.
const SENDERS: usize = 16;
/// What stands before the moment of sending in a text; no invented text has it.
const MARK: u8 = b'@';

/// Sockets that have said hello. They read as long as this lives.
#[derive(Debug)]
pub struct Crowd {
    local: LocalSet,
    readers: Vec<JoinHandle<()>>,
    seen: Rc<RefCell<Vec<Duration>>>,
    /// What the moments in the texts count from.
    epoch: Instant,
}

/// What the sockets saw.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Messages sent.
    pub sent: usize,
    /// From the webhook's first byte to the frame at a socket, for each frame, sorted.
    pub times: Vec<Duration>,
}

impl Crowd {
    /// Opens the sockets, with one of the cookies each in turn.
    pub async fn gather(address: SocketAddr, cookies: &[String]) -> Result<Self> {
        let (local, seen, epoch) = (LocalSet::new(), Rc::new(RefCell::new(Vec::new())), Instant::now());
        let mut readers = Vec::with_capacity(SOCKETS);
        for cookie in cookies.iter().cycle().take(SOCKETS) {
            let (mut stream, rest) = Wire::open(address).await?.upgrade("/api/v1/live", cookie).await?;
            stream.write_all(&masked(b"{\"after\":null}")).await?;
            readers.push(local.spawn_local(listen(stream, rest, seen.clone(), epoch)));
        }
        Ok(Self { local, readers, seen, epoch })
    }

    /// Sends messages at an even pace and gathers what the sockets see until a second later.
    pub async fn hear(&self, address: SocketAddr, scale: Scale, lasts: Duration) -> Result<Heard> {
        let mut wires = Vec::with_capacity(SENDERS);
        for lane in 0..SENDERS {
            wires.push((Wire::open(address).await?, Notifier::new(Writers::all(scale), lane)));
        }
        self.local
            .run_until(async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                self.seen.borrow_mut().clear();
                let began = Instant::now();
                let lanes: Vec<_> = (0u32..)
                    .zip(wires)
                    .map(|(lane, (wire, notifier))| {
                        tokio::task::spawn_local(send(wire, notifier, lane, began, lasts, self.epoch))
                    })
                    .collect();
                let mut sent = 0;
                for lane in lanes {
                    sent += lane.await??;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
                ensure!(!self.readers.iter().any(JoinHandle::is_finished), "a socket was closed by the server");
                let mut times = std::mem::take(&mut *self.seen.borrow_mut());
                times.sort_unstable();
                Ok(Heard { sent, times })
            })
            .await
    }
}

async fn send(
    mut wire: Wire,
    mut notifier: Notifier,
    lane: u32,
    began: Instant,
    lasts: Duration,
    epoch: Instant,
) -> Result<usize> {
    let mut request = Vec::with_capacity(2048);
    let step = Duration::from_secs(1) / PACE;
    let lanes = u32::try_from(SENDERS)?;
    let mut sent = 0;
    for turn in 0u32.. {
        let due = step * (turn * lanes + lane);
        if due >= lasts {
            break;
        }
        tokio::time::sleep_until((began + due).into()).await;
        let mark = format!("{}{:020} ", char::from(MARK), epoch.elapsed().as_nanos());
        notifier.write(&mut request, false, &mark)?;
        let status = wire.ask(&request).await?;
        ensure!(status == 200, "a webhook was answered {status}");
        sent += 1;
    }
    Ok(sent)
}

/// Reads frames until the server hangs up; notes how old each marked message is.
async fn listen(mut stream: TcpStream, mut read: Vec<u8>, seen: Rc<RefCell<Vec<Duration>>>, epoch: Instant) {
    let mut at = 0;
    loop {
        while let Some((start, end)) = frame(&read[at..]) {
            let payload = &read[at + start..at + end];
            if let Some(sent) = moment(payload) {
                seen.borrow_mut().push(epoch.elapsed().saturating_sub(sent));
            }
            at += end;
        }
        read.drain(..at);
        at = 0;
        match stream.read_buf(&mut read).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// Where the payload of the first whole frame begins and ends. A server does not mask.
fn frame(bytes: &[u8]) -> Option<(usize, usize)> {
    let (start, length) = match *bytes.get(1)? & 0x7f {
        126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)).ok()?),
        short => (2, usize::from(short)),
    };
    (bytes.len() >= start + length).then_some((start, start + length))
}

fn moment(payload: &[u8]) -> Option<Duration> {
    let at = payload.iter().position(|byte| *byte == MARK)? + 1;
    let digits = std::str::from_utf8(payload.get(at..at + 20)?).ok()?;
    Some(Duration::from_nanos(digits.parse().ok()?))
}

/// A short text frame with a mask of zeros, which changes nothing.
fn masked(text: &[u8]) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap_or(125).min(125);
    [&[0x81, 0x80 | length, 0, 0, 0, 0], &text[..usize::from(length)]].concat()
}

/// The reference: how long a message of the same size takes there and back over loopback with nothing in between.
pub async fn echo() -> Result<Vec<Duration>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mirror = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await?;
        let (mut reader, mut writer) = stream.split();
        tokio::io::copy(&mut reader, &mut writer).await
    });
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sent, mut got) = (vec![7u8; 1500], vec![0u8; 1500]);
    let mut times = Vec::new();
    for _ in 0..1000 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        let began = Instant::now();
        stream.write_all(&sent).await?;
        stream.read_exact(&mut got).await?;
        times.push(began.elapsed());
    }
    drop(stream);
    mirror.await?.context("the mirror")?;
    times.sort_unstable();
    Ok(times)
}
