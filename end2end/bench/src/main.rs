//! `make bench`: runs the optimised server as a process of its own on the same machine, measures what the budgets
//! promise with a reference for each in the same run, prints one table and writes it to `end2end/bench/RESULTS.md`.

mod find;
mod live;
mod load;
mod page;
mod process;
mod provider;
mod seed;
mod size;
mod table;
mod wire;
mod words;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use crate::live::Crowd;
use crate::load::{Writers, percentile, rate};
use crate::page::Figure;
use crate::process::Besedka;
use crate::seed::Scale;
use crate::table::{Row, mb, ms};
use crate::wire::{Wire, sign_in};

/// Measures what the budgets promise.
#[derive(Parser)]
struct Arguments {
    /// Little data and short loads: tries the measuring itself, the figures mean nothing
    #[arg(long)]
    quick: bool,
    /// Only these budgets, e.g. P1,P3
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The programme to measure [default: besedka beside this programme]
    #[arg(long)]
    server: Option<PathBuf>,
    /// Keeps the data in this folder and takes it from there the next time; otherwise it is made and removed
    #[arg(long)]
    data: Option<PathBuf>,
    /// Where the results go, besides the screen [default: end2end/bench/RESULTS.md; nowhere with --quick or --only]
    #[arg(long)]
    results: Option<PathBuf>,
}

struct Bench {
    only: BTreeSet<String>,
    quick: bool,
    scale: Scale,
    server: PathBuf,
    data: PathBuf,
    rows: Vec<Row>,
    /// Tables that stand below the main one.
    details: String,
}

// One thread: the load must leave the machine to the server.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let here = std::env::current_exe()?;
    let beside = here.parent().context("a folder")?.to_owned();
    // Beside the programme rather than in /tmp, which may be in memory, where fsync costs nothing.
    let temporary = tempfile::Builder::new().prefix("bench-").tempdir_in(&beside)?;
    let data = match &arguments.data {
        Some(data) => std::path::absolute(data)?,
        None => temporary.path().join("data"),
    };
    let mut bench = Bench {
        only: arguments.only.iter().map(|id| id.trim().to_uppercase()).collect(),
        quick: arguments.quick,
        scale: if arguments.quick { seed::QUICK } else { seed::FULL },
        server: std::path::absolute(arguments.server.unwrap_or_else(|| beside.join("besedka")))?,
        data,
        rows: Vec::new(),
        details: String::new(),
    };
    let circumstances = table::circumstances(&beside);
    let outcome = bench.run(&temporary.path().join("empty")).await;
    // What was measured before something broke is worth seeing too.
    bench.rows.sort_by_key(|row| row.id[1..].parse::<u32>().unwrap_or_default());
    println!("\n{circumstances}\n{}", table::text(&bench.rows));
    outcome?;
    let whole = !arguments.quick && arguments.only.is_empty();
    let results = arguments.results.or_else(|| whole.then(|| PathBuf::from("end2end/bench/RESULTS.md")));
    if let Some(path) = results {
        let scale = bench.scale;
        let text = format!(
            "# Results of `make bench`\n\n{circumstances}- {} messages in {} chats of {} accounts and one chat of {}; SQLite, \
             fsync at every commit; the load runs on the same cores\n\n{}\n{}",
            scale.messages,
            scale.chats,
            scale.accounts,
            scale.long,
            table::results(&bench.rows),
            bench.details
        );
        std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        println!("written to {}", path.display());
    }
    Ok(())
}

impl Bench {
    fn wants(&self, ids: &[&str]) -> bool {
        self.only.is_empty() || ids.iter().any(|id| self.only.contains(*id))
    }

    /// Seconds, fewer in a quick run.
    fn lasts(&self, seconds: u64) -> Duration {
        Duration::from_secs(if self.quick { seconds.div_ceil(8) } else { seconds })
    }

    fn count(&self, count: usize) -> usize {
        if self.quick { count / 20 } else { count }
    }

    fn row(
        &mut self,
        id: &'static str,
        what: &str,
        figure: String,
        budget: &str,
        reference: String,
        kept: Option<bool>,
    ) {
        eprintln!("{id}  {what}: {figure} {reference}");
        self.rows.push(Row { id, what: what.to_owned(), figure, budget: budget.to_owned(), reference, kept });
    }

    /// Calm things first, because they would suffer from what the loud ones leave behind.
    async fn run(&mut self, empty: &Path) -> Result<()> {
        if self.wants(&["P13"]) {
            let size = std::fs::metadata(&self.server).context("the programme to measure")?.len();
            self.row(
                "P13",
                "the programme with the client inside",
                mb(size),
                "≤ 40 MB",
                "–".to_owned(),
                Some(size <= 40_000_000),
            );
        }
        if self.wants(&["P7", "P11"]) {
            self.empty(empty).await?;
        }
        if !self.wants(&["P1", "P2", "P3", "P4", "P5", "P6", "P11", "P12"]) {
            return Ok(());
        }
        seed::fill(&self.data, self.scale, &provider::start().await?).await?;
        let indexed = if self.wants(&["P6"]) { find::index(&self.data).await? } else { None };
        if self.wants(&["P12"]) {
            self.starts().await?;
        }
        if !self.wants(&["P1", "P2", "P3", "P4", "P5", "P6", "P11"]) {
            return Ok(());
        }
        let server = Besedka::start(&self.server, &self.data).await?;
        let chief = sign_in(server.address, seed::CHIEF, seed::PASSWORD).await?;
        let first = sign_in(server.address, &seed::operator(0), seed::PASSWORD).await?;
        // Watches of a hundred accounts begin with the server.
        tokio::time::sleep(self.lasts(5)).await;
        if self.wants(&["P4"]) {
            self.chat_lists(&server, &chief, &first).await?;
        }
        if self.wants(&["P5"]) {
            self.message_pages(&server, &first).await?;
        }
        if self.wants(&["P6"]) {
            self.searches(&server, &chief, &first, indexed).await?;
        }
        if self.wants(&["P1"]) {
            self.accepting(&server).await?;
        }
        if self.wants(&["P2"]) {
            self.applying(&server).await?;
        }
        if self.wants(&["P3", "P11"]) {
            self.sockets(&server, &chief).await?;
        }
        server.stop().await
    }

    /// P7 and the first half of P11: a server with nothing in it.
    async fn empty(&mut self, folder: &Path) -> Result<()> {
        let server = Besedka::start(&self.server, folder).await?;
        tokio::time::sleep(Duration::from_secs(3)).await;
        let idle = server.memory()?;
        if self.wants(&["P11"]) {
            let reference = format!("{} of it its own, the rest the programme's file", mb(idle.own));
            self.row(
                "P11",
                "memory of an idle server without data",
                mb(idle.now),
                "≤ 40 MB",
                reference,
                Some(idle.now <= 40_000_000),
            );
        }
        if self.wants(&["P7"]) {
            let parts = size::first_visit(server.address).await?;
            let weigh = |later| parts.iter().filter(|part| part.later == later).map(|part| part.bytes).sum::<usize>();
            let (sum, further) = (weigh(false), weigh(true));
            let figure = format!("{} kB", sum.div_ceil(1000));
            let first = parts.iter().filter(|part| !part.later).count();
            let plain = parts.iter().filter(|part| part.coding != "br").count();
            let reference = format!(
                "{first} files; {} parts of {} kB come later; {plain} not brotli",
                parts.len() - first,
                further.div_ceil(1000)
            );
            self.row("P7", "first visit, everything transferred", figure, "≤ 300 kB", reference, Some(sum <= 300_000));
            let line = |part: &size::Part| {
                let when = if part.later { "later" } else { "first" };
                vec![part.path.clone(), part.bytes.to_string(), part.coding.clone(), when.to_owned()]
            };
            let lines: Vec<_> = parts.iter().map(line).collect();
            let head = ["file", "bytes with headers", "coding", "when"];
            let _ = write!(
                self.details,
                "\n## P7, file by file\n\nThe first visit is the page until the list of chats can be \
                used; the chat window's part comes right after it, the others when they are opened. The service worker \
                is not among them; icons and the manifest are.\n\n{}",
                table::markdown(&head, &lines)
            );
        }
        server.stop().await
    }

    /// P12.
    async fn starts(&mut self) -> Result<()> {
        let mut times = Vec::new();
        for _ in 0..5 {
            let server = Besedka::start(&self.server, &self.data).await?;
            times.push(server.took);
            server.stop().await?;
        }
        times.sort_unstable();
        let (middle, worst) = (times[2], times[4]);
        let what = format!("start to ready with {} messages", self.scale.messages + self.scale.long);
        let kept = Some(worst <= Duration::from_millis(300));
        self.row("P12", &what, format!("{}, worst of 5 {}", ms(middle), ms(worst)), "≤ 300 ms", "–".to_owned(), kept);
        Ok(())
    }

    /// P4.
    async fn chat_lists(&mut self, server: &Besedka, chief: &str, operator: &str) -> Result<()> {
        let count = self.count(200);
        let mut figures = page::lists(server.address, "administrator", chief, 7, self.scale, count).await?;
        figures.extend(page::lists(server.address, "operator of 5 accounts", operator, 3, self.scale, count).await?);
        self.worst("P4", "chat list page of 50, worst filter", &figures, server).await?;
        figures.push(page::counts(server.address, "administrator", chief, self.count(40)).await?);
        figures.push(page::counts(server.address, "operator of 5 accounts", operator, self.count(40)).await?);
        self.detail("P4, filter by filter (counts have no budget)", &figures);
        Ok(())
    }

    /// P5.
    async fn message_pages(&mut self, server: &Besedka, operator: &str) -> Result<()> {
        let figures = page::windows(server.address, operator, self.scale, self.count(1000)).await?;
        let what = format!("message page of 50 anywhere in a chat of {}", self.scale.long);
        self.worst("P5", &what, &figures, server).await?;
        self.detail("P5, anchor by anchor", &figures);
        Ok(())
    }

    /// P6. The budget speaks of 10,000,000 messages; the row says how many there are here.
    async fn searches(&mut self, server: &Besedka, chief: &str, operator: &str, indexed: Option<f64>) -> Result<()> {
        let count = self.count(200);
        let long = self.scale.long_chat();
        let mut figures = find::searches(server.address, "administrator", chief, long, count).await?;
        figures.extend(find::searches(server.address, "operator of 5 accounts", operator, long, count).await?);
        let worst = figures.iter().max_by_key(|figure| figure.p95).context("figures")?;
        let late = figures.iter().filter(|figure| figure.p95 > Duration::from_millis(25)).count();
        let figure = format!("p95 {} ({})", ms(worst.p95), worst.what);
        let filled = indexed.map_or("indexed before".to_owned(), |rate| format!("indexed at {rate:.0}/s"));
        let reference = format!("{filled}; {late} of {} kinds over the budget", figures.len());
        let what = format!("search in {} messages, 50 newest", self.scale.messages + self.scale.long);
        self.row("P6", &what, figure, "p95 ≤ 25 ms", reference, Some(late == 0));
        let lines: Vec<_> = figures
            .iter()
            .map(|figure| {
                vec![figure.what.clone(), ms(figure.p50), ms(figure.p95), ms(figure.most), figure.items.to_string()]
            })
            .collect();
        for line in &lines {
            eprintln!("    {}", line.join(", "));
        }
        let table = table::markdown(&["searches", "p50", "p95", "slowest", "items"], &lines);
        let _ = write!(self.details, "\n## P6, search by search\n\n{table}");
        Ok(())
    }

    async fn worst(&mut self, id: &'static str, what: &str, figures: &[Figure], server: &Besedka) -> Result<()> {
        let worst = figures.iter().max_by_key(|figure| figure.p99).context("figures")?;
        let late = figures.iter().filter(|figure| figure.p99 > Duration::from_millis(5)).count();
        let figure = format!("p99 {} ({})", ms(worst.p99), worst.what);
        let reference = format!(
            "a call that does nothing {}, taken off; {late} of {} kinds over the budget",
            ms(page::nothing(server.address).await?),
            figures.len()
        );
        self.row(id, what, figure, "p99 ≤ 5 ms", reference, Some(late == 0));
        Ok(())
    }

    fn detail(&mut self, title: &str, figures: &[Figure]) {
        let lines: Vec<_> = figures
            .iter()
            .map(|figure| vec![figure.what.clone(), ms(figure.p50), ms(figure.p99), figure.items.to_string()])
            .collect();
        for line in &lines {
            eprintln!("    {}", line.join(", "));
        }
        let table = table::markdown(&["pages", "p50", "p99", "items"], &lines);
        let _ = write!(self.details, "\n## {title}\n\n{table}");
    }

    /// P1. What it leaves to be applied is waited for, so that the next measure begins with an empty journal.
    async fn accepting(&mut self, server: &Besedka) -> Result<()> {
        let mut wire = Wire::open(server.address).await?;
        let before = load::applied(&mut wire).await?;
        let (address, writers) = (server.address, Writers::all(self.scale));
        let bare = load::storm(address, writers, true, None, self.lasts(6)).await?;
        let sync = percentile(&table::syncs(&self.data)?, 50);
        let load = load::storm(address, writers, false, None, self.lasts(10)).await?;
        load::drain(&mut wire, before + load.count).await?;
        let share = 100.0 * load.rate() / bare.rate();
        let (p50, p99) = (percentile(&load.times, 50), percentile(&load.times, 99));
        let figure = format!("{:.0}/s, {share:.0} %; p50 {}, p99 {}", load.rate(), ms(p50), ms(p99));
        let most = rate(load::CONNECTIONS, sync);
        let reference =
            format!("{:.0}/s; fsync of 4 kB {}, so {most:.0}/s if nothing else took time", bare.rate(), ms(sync));
        let kept = load.rate() >= 25_000.0 && share >= 35.0;
        self.row(
            "P1",
            "webhooks accepted durably, 64 connections",
            figure,
            "≥ 25,000/s; ≥ 35 %",
            reference,
            Some(kept),
        );
        Ok(())
    }

    /// P2: at the budget's pace nothing may pile up; and how fast it goes when more comes than can be done.
    async fn applying(&mut self, server: &Besedka) -> Result<()> {
        const PACE: f64 = 8_000.0;
        let (address, scale) = (server.address, self.scale);
        let pages = table::scattered(&self.data)?;
        let everybody = format!("of {} clients alike", scale.chats);
        let few = format!("nine of ten of {} clients", scale.chats / 50);
        for (what, writers) in [(few, Writers { scale, lively: scale.chats / 50 }), (everybody, Writers::all(scale))] {
            let mut wire = Wire::open(address).await?;
            let before = load::applied(&mut wire).await?;
            let began = std::time::Instant::now();
            let flood = load::storm(address, writers, false, None, self.lasts(10)).await?;
            load::drain(&mut wire, before + flood.count).await?;
            let whole = rate(flood.count, began.elapsed());
            // A pace that cannot be kept would only fill the disk.
            let steady = if whole >= PACE / 4.0 {
                let (_, backlogs) = load::watched(address, writers, PACE, self.lasts(16)).await?;
                ensure!(backlogs.len() >= 2, "too short a run");
                let (first, second) = backlogs.split_at(backlogs.len() / 2);
                let most = |part: &[usize]| part.iter().copied().max().unwrap_or_default();
                Some((most(first), most(second)))
            } else {
                None
            };
            let backlog = match steady {
                Some((early, late)) => format!("at {PACE}/s at most {early} wait, later {late}"),
                None => format!("{PACE}/s not tried"),
            };
            let figure = format!("{whole:.0}/s in a flood; {backlog}");
            let reference = format!("the disk takes {pages:.0} scattered pages/s");
            // A quarter of a second, or no more than in the first half, is no growing backlog.
            let kept = whole >= PACE && steady.is_some_and(|(early, late)| late <= 2_000 || late <= early);
            self.row(
                "P2",
                &format!("webhook → rows committed, {what}"),
                figure,
                "≥ 8,000/s, not growing",
                reference,
                Some(kept),
            );
        }
        Ok(())
    }

    /// P3 and the second half of P11.
    async fn sockets(&mut self, server: &Besedka, chief: &str) -> Result<()> {
        let (address, scale, lasts) = (server.address, self.scale, self.lasts(15));
        let mut operators = Vec::new();
        for n in 0..scale.operators() {
            operators.push(sign_in(address, &seed::operator(n), seed::PASSWORD).await?);
        }
        let echo = live::echo().await?;
        let reference = format!("loopback echo p50 {}, p99 {}", ms(percentile(&echo, 50)), ms(percentile(&echo, 99)));
        for (what, cookies, each) in [
            ("operators of 5 accounts", operators, live::SOCKETS / scale.operators()),
            ("who all see everything", vec![chief.to_owned()], live::SOCKETS),
        ] {
            let crowd = Crowd::gather(address, &cookies).await?;
            let heard = crowd.hear(address, scale, lasts).await?;
            let (p50, p99) = (percentile(&heard.times, 50), percentile(&heard.times, 99));
            let whole = heard.times.len() == heard.sent * each;
            if self.wants(&["P3"]) {
                let note = if whole { "" } else { ", FRAMES MISSING" };
                let figure = format!(
                    "p50 {}, p99 {} ({} frames of {} messages{note})",
                    ms(p50),
                    ms(p99),
                    heard.times.len(),
                    heard.sent
                );
                let kept = whole && p50 <= Duration::from_millis(10) && p99 <= Duration::from_millis(50);
                let what = format!("webhook → frame, 200 messages/s, 200 sockets of {what}");
                self.row("P3", &what, figure, "p50 ≤ 10 ms, p99 ≤ 50 ms", reference.clone(), Some(kept));
            }
            if self.wants(&["P11"]) && each == live::SOCKETS {
                let memory = server.memory()?;
                let figure = format!("{}, most {}", mb(memory.now), mb(memory.peak));
                let what = format!("memory after all of this, {} messages, 200 sockets", scale.messages + scale.long);
                let note = format!("{} of it its own", mb(memory.own));
                self.row("P11", &what, figure, "≤ 150 MB", note, Some(memory.now <= 150_000_000));
            }
        }
        Ok(())
    }
}
