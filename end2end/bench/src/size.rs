//! What the first visit transfers (P7): the page and all that it names, as a browser would fetch them; and the parts of
//! the client that come later, when they are wanted.

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
    /// Whether only the running client asks for it: the settings, the chat window.
    pub later: bool,
}

/// Fetches the page, what it names (scripts, modules, styles, the programme, icons, the manifest) and what those name
/// (pictures and fonts of styles, the sheet of icons, parts of the programme). The service worker comes after the visit,
/// and the picture for a telephone's home screen only when somebody puts it there.
pub async fn first_visit(address: SocketAddr) -> Result<Vec<Part>> {
    let mut wire = Wire::open(address).await?;
    let mut parts: Vec<Part> = Vec::new();
    let mut ahead = vec![("/".to_owned(), false)];
    // Not named by a file but by the running client, for every icon that it draws.
    ahead.push(("/icons.svg".to_owned(), false));
    while let Some((path, later)) = ahead.pop() {
        if parts.iter().any(|part| part.path == path) {
            continue;
        }
        let page = path == "/";
        let status = wire.ask(&get(&path, "")).await?;
        ensure!(status == 200 || !page, "the client is not in this programme: make web, then build again");
        if status != 200 {
            continue;
        }
        let coding = wire.header("content-encoding").unwrap_or("–").to_owned();
        parts.push(Part { path: path.clone(), bytes: wire.size(), coding, later });
        let script = path.ends_with(".js");
        if page || script || path.ends_with(".css") {
            // Compressed bytes tell nothing: once more, plain.
            wire.ask(format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n").as_bytes()).await?;
            let found = named(&String::from_utf8_lossy(wire.body()));
            // The page names the first file of the programme; the script names its further parts too.
            let further = |path: &String| script && path.ends_with(".wasm");
            let (late, soon): (Vec<_>, Vec<_>) = found.into_iter().partition(further);
            ahead.splice(0..0, late.into_iter().map(|path| (path, true)));
            ahead.extend(soon.into_iter().map(|path| (path, false)));
        }
    }
    parts.sort_by_key(|part| (part.later, std::cmp::Reverse(part.bytes)));
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
        .filter(|path| path != "/sw.js" && !path.ends_with("/apple-touch.png"))
        .collect()
}
