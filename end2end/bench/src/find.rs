//! Search in messages (P6): filling the index of the seeded messages, and searches with what the person may see.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use server::store::{Db, search};

use crate::load::percentile;
use crate::page::nothing;
use crate::wire::{Wire, get};
use crate::words::{self, Dice};

/// Messages indexed in one transaction.
const BATCH: i64 = 20_000;

/// How long one kind of search took in the server.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What was looked for.
    pub what: String,
    /// Half of them were quicker.
    pub p50: Duration,
    /// All but one in twenty were quicker.
    pub p95: Duration,
    /// The slowest.
    pub most: Duration,
    /// How many were found on the fullest page.
    pub items: usize,
}

/// Fills the index as the server does in the background, without its pauses; at once when it is full. Answers how many
/// messages a second it took; `None` when there was nothing to do.
pub async fn index(data: &Path) -> Result<Option<f64>> {
    let path = data.join("besedka.sqlite");
    let db = Db::open(path.to_str().context("a path in UTF-8")?).await?;
    let (began, mut count) = (Instant::now(), 0_usize);
    // The messages were seeded past the event log: the migration found none of them.
    let mut from = search::state(&db).await?;
    let known = search::indexed(&db, &[1]).await?;
    let mut below = if known.is_empty() && from.1 <= 1 { i64::MAX } else { from.1 };
    while below > 1 {
        let rows = search::older(&db, below, BATCH).await?;
        below = rows.last().map_or(0, |row| row.id);
        let lines: Vec<_> = rows.iter().map(|row| (row.id, search::index_line(row, false))).collect();
        let mut tx = db.begin().await?;
        ensure!(search::advance(&mut tx, from, (from.0, below)).await?, "somebody else fills the index");
        search::put(&mut tx, &[], &lines).await?;
        tx.commit().await?;
        db.tidy().await?;
        from.1 = below;
        count += lines.len();
    }
    db.close().await;
    Ok((count > 0).then(|| count as f64 / began.elapsed().as_secs_f64()))
}

/// Searches of each kind, one at a time, by somebody.
pub async fn searches(address: SocketAddr, who: &str, cookie: &str, long: usize, count: usize) -> Result<Vec<Figure>> {
    let spare = nothing(address).await?;
    let mut wire = Wire::open(address).await?;
    let mut dice = Dice(7);
    let mut figures = Vec::new();
    for (name, words, rest) in [
        ("one word", 1, String::new()),
        ("three words", 3, String::new()),
        ("a word being typed", 0, String::new()),
        ("a number that few have", 4, String::new()),
        ("one word in the longest chat", 1, format!("&chat={long}")),
        ("a word of the last month", 5, String::new()),
    ] {
        if !rest.is_empty() && who != "administrator" {
            continue;
        }
        let (mut times, mut items) = (Vec::with_capacity(count), 0);
        for turn in 0..count + 5 {
            let text = typed(&mut dice, words);
            let path = format!("/api/v1/search?limit=50&q={}{rest}", escaped(&text));
            let began = Instant::now();
            let status = wire.ask(&get(&path, cookie)).await?;
            let took = began.elapsed();
            ensure!(status == 200, "{path}: {status}");
            if turn >= 5 {
                times.push(took.saturating_sub(spare));
            }
            let page: serde_json::Value = serde_json::from_slice(wire.body())?;
            items = items.max(page["items"].as_array().map_or(0, Vec::len));
        }
        times.sort_unstable();
        figures.push(Figure {
            what: format!("{who}: {name}"),
            p50: percentile(&times, 50),
            p95: percentile(&times, 95),
            most: percentile(&times, 100),
            items,
        });
    }
    Ok(figures)
}

/// What somebody types: words of the texts that are there, mostly common ones.
fn typed(dice: &mut Dice, words: usize) -> String {
    let text = words::text(dice);
    let long: Vec<&str> =
        text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().nth(3).is_some()).collect();
    let mut pick = || long.get(dice.below(long.len().max(1))).copied().unwrap_or("заказ");
    match words {
        // Three letters and no blank after them.
        0 => pick().chars().take(3).collect(),
        4 => format!("{} ", 1000 + dice.below(90_000)),
        // The seeded year ends with September.
        5 => format!("{} дата:09.2026 ", pick()),
        count => (0..count).map(|_| format!("{} ", pick())).collect(),
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
