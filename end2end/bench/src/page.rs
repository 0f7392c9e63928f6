//! Pages of the chat list (P4) and of one endless chat (P5), one request at a time. The time in the server is what the
//! whole call takes less what a call that does nothing takes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::load::percentile;
use crate::seed::Scale;
use crate::wire::{Wire, get};
use crate::words::{self, Dice};

/// How long one kind of page took in the server.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Which pages.
    pub what: String,
    /// Half of them were quicker.
    pub p50: Duration,
    /// All but one in a hundred were quicker.
    pub p99: Duration,
    /// How many items the fullest had.
    pub items: usize,
}

/// What a call that does nothing takes, half of the time.
pub async fn nothing(address: SocketAddr) -> Result<Duration> {
    let mut wire = Wire::open(address).await?;
    let mut times = Vec::new();
    for _ in 0..500 {
        let began = Instant::now();
        ensure!(wire.ask(&get("/healthz", "")).await? == 200, "/healthz");
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(percentile(&times, 50))
}

/// Times `count` pages whose addresses `next` makes out of the page before.
async fn pages(
    wire: &mut Wire,
    cookie: &str,
    what: String,
    (count, spare): (usize, Duration),
    mut next: impl FnMut(Option<&serde_json::Value>) -> String,
) -> Result<Figure> {
    let (mut times, mut before, mut items) = (Vec::with_capacity(count), None, 0);
    for turn in 0..count + 5 {
        let path = next(before.as_ref());
        let request = get(&path, cookie);
        let began = Instant::now();
        let status = wire.ask(&request).await?;
        let took = began.elapsed();
        ensure!(status == 200, "{path}: {status} {}", String::from_utf8_lossy(wire.body()));
        // The first ones fill caches and prepare statements.
        if turn >= 5 {
            times.push(took.saturating_sub(spare));
        }
        let page: serde_json::Value = serde_json::from_slice(wire.body())?;
        items = items.max(page["items"].as_array().map_or(0, Vec::len));
        before = Some(page);
    }
    times.sort_unstable();
    Ok(Figure { what, p50: percentile(&times, 50), p99: percentile(&times, 99), items })
}

/// P4: every filter, from the top of the list downwards, for somebody.
pub async fn lists(
    address: SocketAddr,
    who: &str,
    cookie: &str,
    account: usize,
    scale: Scale,
    count: usize,
) -> Result<Vec<Figure>> {
    let spare = nothing(address).await?;
    let mut wire = Wire::open(address).await?;
    let mut figures = Vec::new();
    let account = format!("account={account}");
    let both = format!("{account}&unread=true");
    let filters = [
        ("everything", ""),
        ("one account", account.as_str()),
        ("mine", "mine=true"),
        ("nobody's", "unassigned=true"),
        ("unread", "unread=true"),
        ("unanswered", "unanswered=true"),
        ("closed", "closed=true"),
        ("groups", "groups=true"),
        ("one account, unread", both.as_str()),
    ];
    for (name, filter) in filters {
        let figure = pages(&mut wire, cookie, format!("{who}: {name}"), (count, spare), |page| {
            let cursor = page.and_then(|page| page["next"].as_str()).map(|next| format!("&before={next}"));
            format!("/api/v1/chats?limit=50&{filter}{}", cursor.unwrap_or_default())
        });
        figures.push(figure.await?);
    }
    let mut dice = Dice(5);
    for (name, kind) in [
        ("text: a last name", 0),
        ("text: a piece of a phone", 1),
        ("text: a whole phone", 2),
        ("text: nothing found", 3),
    ] {
        let figure = pages(&mut wire, cookie, format!("{who}: {name}"), (count, spare), |_| {
            let client = dice.below(scale.chats);
            let text = match kind {
                0 => words::last_name(&mut dice).to_owned(),
                1 => words::phone(client)[4..9].to_owned(),
                2 => words::phone(client),
                _ => format!("ъыь{client}"),
            };
            format!("/api/v1/chats?limit=50&text={}", escaped(&text))
        });
        figures.push(figure.await?);
    }
    Ok(figures)
}

/// `GET /chats/counts`, which no budget names but every start of the client asks for.
pub async fn counts(address: SocketAddr, who: &str, cookie: &str, count: usize) -> Result<Figure> {
    let spare = nothing(address).await?;
    let mut wire = Wire::open(address).await?;
    pages(&mut wire, cookie, format!("{who}: counts"), (count, spare), |_| "/api/v1/chats/counts".to_owned()).await
}

/// P5: pages anywhere in the long chat.
pub async fn windows(address: SocketAddr, cookie: &str, scale: Scale, count: usize) -> Result<Vec<Figure>> {
    let spare = nothing(address).await?;
    let mut wire = Wire::open(address).await?;
    let mut figures = Vec::new();
    let mut dice = Dice(6);
    let path = format!("/api/v1/chats/{}/messages?limit=50", scale.long_chat());
    figures.push(pages(&mut wire, cookie, "the newest".to_owned(), (count, spare), |_| path.clone()).await?);
    for anchor in ["before", "after", "around"] {
        let figure = pages(&mut wire, cookie, anchor.to_owned(), (count, spare), |_| {
            format!("{path}&{anchor}={}", scale.long_message(dice.below(scale.long)))
        });
        figures.push(figure.await?);
    }
    Ok(figures)
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
