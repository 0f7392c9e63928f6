//! What the first visit transfers (P7): the page and all that it names, as a browser would fetch them.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use anyhow::{Result, ensure};

use crate::wire::{Wire, get};

/// One file of the first visit.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its path.
    pub path: String,
    /// Bytes over the wire, headers included.
    pub bytes: usize,
    /// Compressed how.
    pub coding: String,
}

/// Fetches the page, what it names (scripts, modules, styles, the programme, icons, the manifest) and what those name
/// (pictures and fonts of styles, modules of scripts, the sheet of icons). The service worker comes after the visit.
pub async fn first_visit(address: SocketAddr) -> Result<Vec<Part>> {
    let mut wire = Wire::open(address).await?;
    let mut parts = Vec::new();
    let mut seen = BTreeSet::new();
    let mut ahead = vec!["/".to_owned()];
    while let Some(path) = ahead.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let page = path == "/";
        let status = wire.ask(&get(&path, "")).await?;
        ensure!(status == 200 || !page, "the client is not in this programme: make web, then build again");
        if status != 200 {
            continue;
        }
        parts.push(Part {
            bytes: wire.size(),
            coding: wire.header("content-encoding").unwrap_or("–").to_owned(),
            path: path.clone(),
        });
        if page || path.ends_with(".css") || path.ends_with(".js") {
            // Compressed bytes tell nothing: once more, plain.
            wire.ask(format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n").as_bytes()).await?;
            ahead.extend(named(&String::from_utf8_lossy(wire.body())));
        }
    }
    // Not named by a file but by the running client, for every icon that it draws.
    if !seen.contains("/icons.svg") && wire.ask(&get("/icons.svg", "")).await? == 200 {
        let coding = wire.header("content-encoding").unwrap_or("–").to_owned();
        parts.push(Part { path: "/icons.svg".to_owned(), bytes: wire.size(), coding });
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    Ok(parts)
}

/// Paths of our own files in quotes or brackets.
fn named(text: &str) -> Vec<String> {
    const ENDS: [&str; 8] = [".js", ".css", ".wasm", ".svg", ".png", ".woff2", ".webmanifest", ".json"];
    text.split(['"', '\'', '(', ')', '`'])
        .map(|piece| piece.split(['?', '#']).next().unwrap_or_default())
        .filter(|piece| ENDS.iter().any(|end| piece.ends_with(end)))
        .filter(|piece| !piece.contains("://") && !piece.contains(char::is_whitespace) && piece.len() < 200)
        .map(|piece| format!("/{}", piece.trim_start_matches("./").trim_start_matches('/')))
        .filter(|path| path != "/sw.js")
        .collect()
}
