//! The table: figures beside their budgets, on the screen and in RESULTS.md, with the machine that they are of.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;

/// One budget and what came of it.
#[derive(Clone, Debug)]
pub struct Row {
    /// The number of the budget.
    pub id: &'static str,
    /// What is measured.
    pub what: String,
    /// What came out.
    pub figure: String,
    /// What is allowed.
    pub budget: String,
    /// The reference of the same run.
    pub reference: String,
    /// Whether it is within the budget; absent for figures without one.
    pub kept: Option<bool>,
}

impl Row {
    fn cells(&self) -> [&str; 6] {
        let verdict = match self.kept {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "–",
        };
        [self.id, &self.what, &self.figure, &self.budget, &self.reference, verdict]
    }
}

const HEAD: [&str; 6] = ["#", "what", "figure", "budget", "reference, same run", "within"];

/// The table for a screen.
pub fn text(rows: &[Row]) -> String {
    let lines: Vec<[&str; 6]> = std::iter::once(HEAD).chain(rows.iter().map(Row::cells)).collect();
    let widths: Vec<usize> =
        (0..6).map(|column| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default()).collect();
    let mut text = String::new();
    for line in lines {
        for (cell, width) in line.iter().zip(&widths) {
            // A String takes everything.
            let _ = write!(text, "{cell:<width$}  ");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// A table in Markdown.
pub fn markdown(head: &[&str], lines: &[Vec<String>]) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for line in lines {
        let _ = writeln!(text, "| {} |", line.join(" | "));
    }
    text
}

/// The table in Markdown.
pub fn results(rows: &[Row]) -> String {
    let lines: Vec<Vec<String>> = rows.iter().map(|row| row.cells().map(str::to_owned).to_vec()).collect();
    markdown(&HEAD, &lines)
}

/// Milliseconds, as people read them.
pub fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 10.0 { format!("{ms:.2} ms") } else { format!("{ms:.0} ms") }
}

/// Megabytes, as people read them.
pub fn mb(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let mb = bytes as f64 / 1e6;
    format!("{mb:.1} MB")
}

/// How long the disk takes to keep 4 kB for good, sorted.
pub fn syncs(folder: &Path) -> Result<Vec<Duration>> {
    use std::io::Write as _;
    let mut file = tempfile::tempfile_in(folder)?;
    let mut times = Vec::new();
    for _ in 0..200 {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

/// How many pages of 4 kB at places all over a file of 256 MB the disk takes in a second: what SQLite asks of it when it
/// works its log into the database.
pub fn scattered(folder: &Path) -> Result<f64> {
    use std::os::unix::fs::FileExt;
    const PAGES: u64 = 65_536;
    let file = tempfile::tempfile_in(folder)?;
    let mut dice = crate::words::Dice(7);
    for page in 0..PAGES {
        file.write_all_at(&[1; 4096], page * 4096)?;
    }
    file.sync_data()?;
    let began = Instant::now();
    for _ in 0..8192 {
        file.write_all_at(&[2; 4096], dice.next() % PAGES * 4096)?;
    }
    file.sync_data()?;
    Ok(crate::load::rate(8192, began.elapsed()))
}

/// The machine, the commit and the day, a line each.
pub fn circumstances(folder: &Path) -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let cpu =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map_or("", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = read("/proc/meminfo");
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next());
    let gigabytes = memory.and_then(|kb| kb.parse::<u64>().ok()).unwrap_or_default() / 1_000_000;
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let disk = said("df", &["--output=fstype,source", &folder.to_string_lossy()]);
    let disk = disk.lines().last().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" on ");
    let load = read("/proc/loadavg");
    let dirty = if said("git", &["status", "--porcelain", "--", "server", "app", "domain"]).is_empty() {
        ""
    } else {
        " with changes"
    };
    format!(
        "- {} UTC, commit {}{dirty}\n- {cores} cores ({}), {gigabytes} GB of memory, data on {disk}, Linux {}\n\
         - other work on the machine before the start (load average of a minute): {}\n",
        jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M"),
        said("git", &["rev-parse", "--short", "HEAD"]),
        cpu.trim(),
        read("/proc/sys/kernel/osrelease").trim(),
        load.split_whitespace().next().unwrap_or_default(),
    )
}
