//! Webhooks by the thousand: how fast they are taken in (P1) and how fast they become rows (P2).

use std::cell::Cell;
use std::io::Write as _;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::task::LocalSet;

use crate::seed::{self, Scale};
use crate::wire::{Wire, get};
use crate::words::{self, Dice};

/// Connections of the load.
pub const CONNECTIONS: usize = 64;
/// One notification in so many is from somebody who has never written.
const STRANGERS: usize = 500;

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub struct Writers {
    /// The data that there is.
    pub scale: Scale,
    /// So many clients write nine messages of ten; all the others the tenth.
    pub lively: usize,
}

impl Writers {
    /// Everybody writes as much as anybody.
    pub fn all(scale: Scale) -> Self {
        Self { scale, lively: scale.chats }
    }

    fn pick(&self, dice: &mut Dice) -> usize {
        if dice.below(STRANGERS) == 0 {
            return self.scale.chats + 1 + dice.below(100_000_000);
        }
        let among = if dice.below(10) > 0 { self.lively } else { self.scale.chats };
        // Lively ones are found all over the tables.
        dice.below(among) * (self.scale.chats / among)
    }
}

/// Writes requests with notifications, each different.
#[derive(Clone, Debug)]
pub struct Notifier {
    writers: Writers,
    dice: Dice,
    count: u64,
    body: Vec<u8>,
}

impl Notifier {
    /// A writer; `lane` tells it from the others of the run.
    pub fn new(writers: Writers, lane: usize) -> Self {
        let now = jiff::Timestamp::now().as_microsecond().unsigned_abs();
        let dice = Dice((now << 8) ^ u64::try_from(lane).unwrap_or_default());
        Self { writers, dice, count: 0, body: Vec::with_capacity(2048) }
    }

    /// Replaces `request` by a message from some client to `path` (`webhook` or, for the reference, `echo`), said now;
    /// `mark` is put before its text.
    pub fn write(&mut self, request: &mut Vec<u8>, echo: bool, mark: &str) -> Result<()> {
        self.count += 1;
        let client = self.writers.pick(&mut self.dice);
        let id = self.dice.next();
        let account = self.writers.scale.account(client);
        let chat = seed::chat_name(client);
        let name = words::name(&mut self.dice);
        let person = if seed::is_group(client) { format!("{}@c.us", words::phone(client)) } else { chat.clone() };
        let text = words::text(&mut self.dice);
        let (instance, now) = (seed::instance(account), jiff::Timestamp::now().as_second());
        self.body.clear();
        write!(
            self.body,
            "{{\"typeWebhook\":\"incomingMessageReceived\",\"instanceData\":{{\"idInstance\":{instance},\
             \"wid\":\"79990000000@c.us\",\"typeInstance\":\"whatsapp\"}},\"timestamp\":{now},\
             \"idMessage\":\"{:016X}{:08X}\",\"senderData\":{{\"chatId\":\"{chat}\",\"sender\":\"{person}\",\
             \"chatName\":\"{name}\",\"senderName\":\"{name}\",\"senderContactName\":\"\"}},\
             \"messageData\":{{\"typeMessage\":\"textMessage\",\"textMessageData\":{{\"textMessage\":\"{mark}{text}\"}}}}}}",
            id, self.count
        )?;
        let path = if echo { "echo".to_owned() } else { format!("webhook/{account}") };
        request.clear();
        write!(
            request,
            "POST /hs/whatsapp/{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            seed::webhook_token(account),
            self.body.len()
        )?;
        request.extend_from_slice(&self.body);
        Ok(())
    }
}

/// What a load came to.
#[derive(Clone, Debug)]
pub struct Load {
    /// Requests answered 200.
    pub count: usize,
    /// From the first request to the last answer.
    pub took: Duration,
    /// How long each took, sorted.
    pub times: Vec<Duration>,
}

impl Load {
    /// Requests a second.
    pub fn rate(&self) -> f64 {
        rate(self.count, self.took)
    }
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
pub fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// The value below which `percent` of sorted times lie.
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

/// Sends notifications over 64 connections for a while: as fast as they are answered, or `pace` a second at most.
pub async fn storm(
    address: SocketAddr,
    writers: Writers,
    echo: bool,
    pace: Option<f64>,
    lasts: Duration,
) -> Result<Load> {
    let local = LocalSet::new();
    let tickets = Rc::new(Cell::new(0u32));
    let mut wires = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        wires.push(Wire::open(address).await?);
    }
    let began = Instant::now();
    let lanes: Vec<_> = wires
        .into_iter()
        .enumerate()
        .map(|(lane, mut wire)| {
            let tickets = tickets.clone();
            local.spawn_local(async move {
                let mut notifier = Notifier::new(writers, lane);
                let (mut request, mut times) = (Vec::with_capacity(2048), Vec::new());
                loop {
                    if let Some(pace) = pace {
                        let ticket = tickets.get();
                        tickets.set(ticket + 1);
                        let due = began + Duration::from_secs_f64(f64::from(ticket) / pace);
                        tokio::time::sleep_until(due.into()).await;
                    }
                    if began.elapsed() >= lasts {
                        return anyhow::Ok(times);
                    }
                    notifier.write(&mut request, echo, "")?;
                    let sent = Instant::now();
                    let status = wire.ask(&request).await?;
                    ensure!(status == 200, "a webhook was answered {status}: {}", String::from_utf8_lossy(wire.body()));
                    times.push(sent.elapsed());
                }
            })
        })
        .collect();
    let mut times = Vec::new();
    local
        .run_until(async {
            for lane in lanes {
                times.extend(lane.await??);
            }
            anyhow::Ok(())
        })
        .await?;
    let took = began.elapsed();
    times.sort_unstable();
    Ok(Load { count: times.len(), took, times })
}

/// How many notifications the server has applied since its start.
pub async fn applied(wire: &mut Wire) -> Result<usize> {
    ensure!(wire.ask(&get("/metrics", "")).await? == 200, "/metrics");
    let text = std::str::from_utf8(wire.body())?;
    let line = text.lines().find_map(|line| line.strip_prefix("besedka_notifications_applied_total "));
    Ok(line.context("no such figure in /metrics")?.trim().parse()?)
}

/// Waits until the server has applied so many in all; three minutes at most.
pub async fn drain(wire: &mut Wire, wanted: usize) -> Result<()> {
    let began = Instant::now();
    loop {
        let now = applied(wire).await?;
        if now >= wanted {
            return Ok(());
        }
        if began.elapsed() > Duration::from_secs(180) {
            bail!("{now} of {wanted} notifications applied after three minutes");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends at a pace and watches what waits to be applied, twice a second. Answers the load and the backlogs in order.
pub async fn watched(address: SocketAddr, writers: Writers, pace: f64, lasts: Duration) -> Result<(Load, Vec<usize>)> {
    let mut wire = Wire::open(address).await?;
    let before = applied(&mut wire).await?;
    let began = Instant::now();
    let looks = async {
        let mut backlogs = Vec::new();
        while began.elapsed() + Duration::from_millis(400) < lasts {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let done = applied(&mut wire).await? - before;
            // What should have been sent by now: what the server is late with accepting is backlog too.
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive count")]
            let due = (began.elapsed().as_secs_f64() * pace) as usize;
            backlogs.push(due.saturating_sub(done));
        }
        anyhow::Ok(backlogs)
    };
    let (load, backlogs) = tokio::join!(storm(address, writers, false, Some(pace), lasts), looks);
    let load = load?;
    drain(&mut wire, before + load.count).await?;
    Ok((load, backlogs?))
}
