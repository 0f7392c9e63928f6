//! A message's text as WhatsApp shows it: marks, lists, quotes, links and mentions as a tree that a page turns into
//! nodes (`reference/whatsapp-text.md`). Here are the tree and the blocks; what is inside a line is in `text/inline.rs`.
//! Nothing here makes HTML, and nothing is ever stored in this form: the text itself stays as it came.
//!
//! Whoever draws a [`Span::Link`] gives it `dir="ltr"` and `unicode-bidi: isolate`, and each block `dir="auto"`: then a
//! direction override in the text around cannot turn an address round.

pub mod edit;
pub mod emoji;
mod inline;
mod links;
pub mod markdown;

pub use emoji::{emoji_count, one_line, same_emoji};

/// A part of a message that stands on lines of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Ordinary lines, empty ones among them.
    Lines(Vec<Line>),
    /// Lines that began with `* ` or `- `.
    Bullets(Vec<Line>),
    /// Lines that began with a number: each as it was typed, gaps and all.
    Numbers(Vec<(u16, Line)>),
    /// Lines that began with `> `.
    Quote(Vec<Line>),
    /// What stood between triple backticks over several lines.
    Mono(String),
}

/// What one line consists of.
pub type Line = Vec<Span>;

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Words as they are.
    Text(String),
    /// Words in a style; styles nest, each at most once.
    Styled(Style, Line),
    /// What stood between single backticks.
    Code(String),
    /// What stood between triple backticks on one line.
    Mono(String),
    /// An address, shown as it was typed.
    Link {
        /// What is seen.
        shown: String,
        /// Where it leads: `https:`, `http:`, `mailto:` or `tel:`, nothing else.
        target: String,
    },
    /// A person who is spoken to.
    Mention {
        /// The digits after `@`: a phone or an internal id.
        digits: String,
        /// The name, without `@`.
        name: String,
    },
}

/// How words are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// `*bold*`
    Bold,
    /// `_italic_`
    Italic,
    /// `~struck out~`
    Strike,
}

/// A person whom a message mentions. The text has only `@` and digits; who that is travels beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The digits as they stand in the text: a phone or an internal id, never to be told apart by their length.
    pub digits: String,
    /// What to call the person.
    pub name: String,
}

/// Reads a text into blocks, in time proportional to its length.
pub fn parse(text: &str, mentions: &[Mention]) -> Vec<Block> {
    let text = text.replace("\r\n", "\n");
    let mut blocks = Vec::new();
    let mut at = 0;
    let (inner, long): (Vec<_>, Vec<_>) = fences(&text).into_iter().partition(|fence| !fence.several_lines);
    for fence in &long {
        // The block breaks the line itself, so one break on either side of it is its own.
        let before = text.get(at..fence.start).unwrap_or_default();
        lines(before.strip_suffix('\n').unwrap_or(before), at, &inner, mentions, &mut blocks);
        let words = text.get(fence.start + 3..fence.end - 3).unwrap_or_default();
        let words = words.strip_prefix('\n').unwrap_or(words);
        blocks.push(Block::Mono(words.strip_suffix('\n').unwrap_or(words).to_owned()));
        at = fence.end;
        if text.get(at..).is_some_and(|rest| rest.starts_with('\n')) {
            at += 1;
        }
    }
    lines(text.get(at..).unwrap_or_default(), at, &inner, mentions, &mut blocks);
    blocks
}

/// The words that are seen, without marks: for lists of chats, notifications and the search index.
pub fn plain(text: &str, mentions: &[Mention]) -> String {
    let mut out = String::with_capacity(text.len());
    for block in parse(text, mentions) {
        match block {
            Block::Lines(lines) | Block::Quote(lines) => lines.iter().for_each(|line| put_line(&mut out, "", line)),
            Block::Bullets(lines) => lines.iter().for_each(|line| put_line(&mut out, "• ", line)),
            Block::Numbers(lines) => {
                lines.iter().for_each(|(number, line)| put_line(&mut out, &format!("{number}. "), line));
            }
            Block::Mono(words) => {
                out.push_str(&words);
                out.push('\n');
            }
        }
    }
    out.pop();
    out
}

/// The first `http:` or `https:` address of a text: the one that has a preview.
pub fn first_link(blocks: &[Block]) -> Option<&str> {
    blocks.iter().find_map(|block| match block {
        Block::Lines(lines) | Block::Bullets(lines) | Block::Quote(lines) => {
            lines.iter().find_map(|line| links::first(line))
        }
        Block::Numbers(lines) => lines.iter().find_map(|(_, line)| links::first(line)),
        Block::Mono(_) => None,
    })
}

fn put_line(out: &mut String, before: &str, line: &[Span]) {
    out.push_str(before);
    put(out, line);
    out.push('\n');
}

fn put(out: &mut String, spans: &[Span]) {
    for span in spans {
        match span {
            Span::Text(words) | Span::Code(words) | Span::Mono(words) | Span::Link { shown: words, .. } => {
                out.push_str(words);
            }
            Span::Styled(_, inside) => put(out, inside),
            Span::Mention { name, .. } => {
                out.push('@');
                out.push_str(name);
            }
        }
    }
}

/// Triple backticks and what is between them; `start` and `end` in bytes of the whole text, both fences inside.
struct Fence {
    start: usize,
    end: usize,
    several_lines: bool,
}

/// The only mark that may go over several lines. Nothing but blanks between two fences is no content: both are words.
fn fences(text: &str) -> Vec<Fence> {
    let mut found = Vec::new();
    let mut open = text.find("```");
    while let Some(start) = open {
        let after = start + 3;
        let Some(length) = text.get(after..).and_then(|rest| rest.find("```")) else { break };
        let close = after + length;
        let words = text.get(after..close).unwrap_or_default();
        if words.trim().is_empty() {
            open = Some(close);
            continue;
        }
        let end = close + 3;
        found.push(Fence { start, end, several_lines: words.contains('\n') });
        open = text.get(end..).and_then(|rest| rest.find("```")).map(|next| end + next);
    }
    found
}

/// What a line is by its beginning.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prefix {
    Bullet,
    Number(u16),
    Quote,
}

/// Nothing behind a prefix makes it words.
fn prefix(line: &str) -> Option<(Prefix, &str)> {
    marker(line).filter(|(_, rest)| !rest.trim().is_empty())
}

fn marker(line: &str) -> Option<(Prefix, &str)> {
    Some(if let Some(rest) = line.strip_prefix("* ").or_else(|| line.strip_prefix("- ")) {
        (Prefix::Bullet, rest)
    } else if let Some(rest) = line.strip_prefix("> ") {
        (Prefix::Quote, rest)
    } else {
        let (number, rest) = line.split_once(". ")?;
        // Up to three digits, and none with a zero in front: that would not be shown as it was typed.
        let typed = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let number = number.parse::<u16>().ok().filter(|n| typed && n.to_string() == number)?;
        (Prefix::Number(number), rest)
    })
}

/// Reads the lines of a part of the text that begins at byte `offset` of the whole.
fn lines(part: &str, offset: usize, fences: &[Fence], mentions: &[Mention], blocks: &mut Vec<Block>) {
    if part.is_empty() {
        return;
    }
    let mut at = offset;
    for line in part.split('\n') {
        let end = at + line.len();
        let first = fences.partition_point(|fence| fence.start < at);
        let last = fences.partition_point(|fence| fence.start < end);
        let fences = fences.get(first..last).unwrap_or_default();
        let read = |rest: &str| {
            let begin = end - rest.len();
            let inside: Vec<_> = fences
                .iter()
                .filter(|fence| fence.start >= begin)
                .map(|fence| fence.start - begin..fence.end - begin)
                .collect();
            inline::parse(rest, &inside, mentions)
        };
        match (prefix(line), blocks.last_mut()) {
            (Some((Prefix::Bullet, rest)), Some(Block::Bullets(lines))) => lines.push(read(rest)),
            (Some((Prefix::Bullet, rest)), _) => blocks.push(Block::Bullets(vec![read(rest)])),
            (Some((Prefix::Number(n), rest)), Some(Block::Numbers(lines))) => lines.push((n, read(rest))),
            (Some((Prefix::Number(n), rest)), _) => blocks.push(Block::Numbers(vec![(n, read(rest))])),
            (Some((Prefix::Quote, rest)), Some(Block::Quote(lines))) => lines.push(read(rest)),
            (Some((Prefix::Quote, rest)), _) => blocks.push(Block::Quote(vec![read(rest)])),
            (None, Some(Block::Lines(lines))) => lines.push(read(line)),
            (None, _) => blocks.push(Block::Lines(vec![read(line)])),
        }
        at = end + 1;
    }
}

#[cfg(test)]
mod tests;
