//! Addresses, telephone numbers and mentions in a line. A link leads where it says: what could pretend to be another
//! site (a name before `@`, letters of two alphabets in one word of the host, invisible characters) is left as words.

use std::ops::Range;

use super::inline::{Atom, is_word};
use super::{Mention, Span};
use crate::Phone;

/// Endings that make `word.word` a link without `https://`. Without this list a missing space after a full stop would.
const DOMAINS: [&str; 15] =
    ["ru", "su", "com", "net", "org", "info", "io", "me", "by", "kz", "uz", "pro", "shop", "online", "site"];
/// The longest run without blanks that is searched for addresses, bytes: no real address is longer.
const LONGEST: usize = 4096;
/// Digits of a telephone number in a text. Fewer could be a sum, more an order's number.
const DIGITS: std::ops::RangeInclusive<usize> = 10..=15;

/// Which marks have been seen earlier in the line: an address then does not swallow the one that closes.
#[derive(Default)]
pub struct Seen {
    marks: String,
}

impl Seen {
    fn look(&mut self, text: &str) {
        for c in text.chars().filter(|c| matches!(c, '*' | '_' | '~')) {
            if !self.marks.contains(c) {
                self.marks.push(c);
            }
        }
    }
}

/// The first web address of a line.
pub fn first(line: &[Span]) -> Option<&str> {
    line.iter().find_map(|span| match span {
        Span::Link { target, .. } if target.starts_with("http") => Some(target.as_str()),
        Span::Styled(_, inside) => first(inside),
        _ => None,
    })
}

/// Finds everything that can be clicked in a range of a line and adds it in order.
pub fn find(line: &str, range: Range<usize>, mentions: &[Mention], seen: &mut Seen, found: &mut Vec<Atom>) {
    let text = line.get(range.clone()).unwrap_or_default();
    let mut at = 0;
    for link in addresses(text, seen) {
        spoken(line, range.start + at..range.start + link.range.start, mentions, found);
        at = link.range.end;
        found.push(Atom { range: range.start + link.range.start..range.start + link.range.end, span: link.span });
    }
    spoken(line, range.start + at..range.end, mentions, found);
}

/// Web and mail addresses; ranges count from the beginning of `text`.
fn addresses(text: &str, seen: &mut Seen) -> Vec<Atom> {
    let mut found = Vec::new();
    let mut begin = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        // One of these is in every address, and in few other words.
        if word.len() <= LONGEST && word.contains(['.', '@', ':']) {
            in_word(word, begin, seen, &mut found);
        } else {
            seen.look(word);
        }
        begin += word.len();
    }
    found
}

/// Looks at each run of letters and digits of a word that begins at `offset`, and passes by what it has taken.
fn in_word<'a>(word: &'a str, offset: usize, seen: &mut Seen, found: &mut Vec<Atom>) {
    let mut at = 0;
    while let Some(next) = word.get(at..).and_then(|rest| rest.find(char::is_alphanumeric)) {
        let start = at + next;
        seen.look(word.get(at..start).unwrap_or_default());
        let before = word.get(..start).unwrap_or_default();
        let rest = word.get(start..).unwrap_or_default();
        let run = rest.find(|c: char| !(c.is_alphanumeric() || "._%+-".contains(c))).unwrap_or(rest.len());
        let (run, after) = rest.split_at_checked(run).unwrap_or((rest, ""));
        let web_scheme = run.eq_ignore_ascii_case("https") || run.eq_ignore_ascii_case("http");
        let (passed, target) = if after.starts_with("://") {
            // Of another scheme, or pretending to be another host, it stays words as a whole.
            let host = |shown: &'a str| shown.get(run.len() + 3..).unwrap_or_default();
            let hides =
                host(rest).split(['/', '?', '#']).next().is_some_and(|host| host.trim_end().contains(is_invisible));
            let shown = if hides { rest } else { extent(rest, &seen.marks) };
            (shown, (web_scheme && !hides && has_honest_host(host(shown))).then(|| shown.to_owned()))
        } else if after.starts_with('@') {
            let shown = mail(run, rest);
            (shown, (!shown.is_empty()).then(|| format!("mailto:{shown}")))
        } else {
            let hangs = |c| matches!(c, '@' | '/' | '\\' | '%' | '=' | '&') || is_invisible(c);
            let shown = bare(run, rest, &seen.marks).filter(|_| !before.ends_with(hangs));
            (shown.unwrap_or_default(), shown.map(|shown| format!("https://{shown}")))
        };
        let shown = if passed.is_empty() { run } else { passed };
        match target {
            Some(target) => found.push(Atom {
                range: offset + start..offset + start + shown.len(),
                span: Span::Link { shown: shown.to_owned(), target },
            }),
            None => seen.look(shown),
        }
        at = start + shown.len();
    }
    seen.look(word.get(at..).unwrap_or_default());
}

/// The mail address at the front of `rest`, whose part before `@` is `name`; nothing when there is none.
fn mail<'a>(name: &str, rest: &'a str) -> &'a str {
    let host = rest.get(name.len() + 1..).unwrap_or_default();
    let end = host.find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-')).unwrap_or(host.len());
    let host = host.get(..end).unwrap_or_default().trim_end_matches(['.', '-']);
    let ending = host.rsplit_once('.').map_or("", |(_, ending)| ending);
    let good = name.is_ascii() && ending.chars().count() >= 2 && ending.chars().all(char::is_alphabetic);
    if !(good && is_honest(host)) {
        return "";
    }
    rest.get(..name.len() + 1 + host.len()).unwrap_or_default()
}

/// An address without a scheme: `www.…`, or a host with a usual ending.
fn bare<'a>(run: &str, rest: &'a str, marks: &str) -> Option<&'a str> {
    let host = run.trim_end_matches(['.', '-', '_', '%', '+']);
    let (_, ending) = host.rsplit_once('.')?;
    let www = host.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www.")) && host.len() > 4;
    let usual = host.is_ascii() && DOMAINS.contains(&ending.to_ascii_lowercase().as_str());
    let after = rest.get(run.len()..).unwrap_or_default();
    if !((www || usual) && is_honest(host)) || after.starts_with('\\') {
        return None;
    }
    let more = host.len() == run.len() && after.starts_with(['/', '?', '#', ':']);
    let shown = if more { extent(rest, marks) } else { rest.get(..host.len())? };
    has_honest_host(shown).then_some(shown)
}

/// How far an address goes: to a blank, a quote or an invisible character, a bracket or a mark that closes what opened
/// before it, and not over the stops of the sentence around it.
fn extent<'a>(rest: &'a str, marks: &str) -> &'a str {
    let mut open = 0_usize;
    let mut chars = rest.char_indices().peekable();
    let mut end = rest.len();
    while let Some((i, c)) = chars.next() {
        let stops = match c {
            '(' | '[' => {
                open += 1;
                false
            }
            ')' | ']' => open.checked_sub(1).map(|less| open = less).is_none(),
            '*' | '~' => marks.contains(c) && !chars.peek().is_some_and(|(_, next)| is_word(*next)),
            '<' | '>' | '"' | '`' | '«' | '»' | '“' | '”' | '„' => true,
            _ => c.is_whitespace() || is_invisible(c),
        };
        if stops {
            end = i;
            break;
        }
    }
    let shown = rest.get(..end).unwrap_or_default();
    shown.trim_end_matches(|c| ".,!?:;'…([".contains(c) || marks.contains(c))
}

/// Whether what follows `https://` begins with a host that is what it looks like, and a port or nothing after it.
fn has_honest_host(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
    port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()) && is_honest(host)
}

/// Characters that are not seen or turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(u32::from(c), 0..=0x20 | 0x7F..=0xA0 | 0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5
        | 0x180B..=0x180F | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF
        | 0xFFA0 | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF)
}

/// Whether a host looks like what it is: letters, digits, dots and hyphens, and one alphabet in each of its words.
fn is_honest(host: &str) -> bool {
    if host.is_empty() || host.len() > 253 {
        return false;
    }
    let end_is_ascii = host.rsplit('.').next().is_some_and(|end| end.is_ascii());
    host.split('.').all(|label| {
        let mut alphabets = label.chars().filter(|c| c.is_alphabetic()).map(alphabet);
        let one = alphabets.next().is_none_or(|first| alphabets.all(|other| other == first));
        let lookalike = |c: char| "асеорхуіјѕһӏԁԛԝ0123456789-".contains(c);
        let pretends = end_is_ascii && !label.is_ascii() && label.to_lowercase().chars().all(lookalike);
        one && !pretends && !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    })
}

fn alphabet(c: char) -> u8 {
    match u32::from(c) {
        0..=0x24F => 0,
        0x400..=0x52F => 1,
        _ => 2,
    }
}

/// Telephone numbers and mentions in a range of a line.
fn spoken(line: &str, range: Range<usize>, mentions: &[Mention], found: &mut Vec<Atom>) {
    let text = line.get(range.clone()).unwrap_or_default();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.find(['+', '8', '@'])) {
        let start = at + next;
        let before = line.get(..range.start + start).and_then(|text| text.chars().next_back());
        let rest = text.get(start..).unwrap_or_default();
        let piece = match rest.as_bytes().first() {
            _ if before.is_some_and(is_word) => None,
            Some(b'@') => mention(rest, mentions),
            _ if before.is_some_and(|c| matches!(c, '+' | '-' | '.' | '/' | '#' | '№' | '@' | '=')) => None,
            _ => phone(rest),
        };
        match piece {
            Some((length, span)) => {
                found.push(Atom { range: range.start + start..range.start + start + length, span });
                at = start + length;
            }
            None => at = start + 1,
        }
    }
}

fn mention(rest: &str, mentions: &[Mention]) -> Option<(usize, Span)> {
    let after = rest.get(1..)?;
    let length = after.bytes().take_while(u8::is_ascii_digit).count();
    let digits = after.get(..length).filter(|digits| !digits.is_empty())?;
    let who = mentions.iter().find(|mention| mention.digits == digits)?;
    let ends = !after.get(length..)?.chars().next().is_some_and(is_word);
    ends.then(|| (1 + length, Span::Mention { digits: digits.to_owned(), name: who.name.clone() }))
}

/// A number with its plus, or one of Russia that begins with 8 and is written in groups: bare digits may be anything.
/// A number of Russia has eleven digits, so others may stand right behind it; elsewhere nobody knows.
fn phone(rest: &str) -> Option<(usize, Span)> {
    let most = if rest.starts_with("+7") || rest.starts_with('8') { 11 } else { *DIGITS.end() };
    let (mut digits, mut gaps, mut end) = (0, 0, 0);
    for (i, c) in rest.char_indices().take(32) {
        match c {
            '0'..='9' => {
                digits += 1;
                end = i + 1;
                if digits == most {
                    break;
                }
            }
            '+' if i == 0 => {}
            ' ' | '\u{a0}' | '-' | '\u{2011}' | '(' | ')' => gaps += 1,
            _ => break,
        }
    }
    let shown = rest.get(..end)?;
    let grouped = shown.starts_with('+') || gaps > 0 && digits == 11 && shown.contains([' ', '\u{a0}', '-', '(']);
    let ends = !rest.get(end..)?.chars().next().is_some_and(|c| is_word(c) || matches!(c, '_' | '@'));
    if !(grouped && ends && DIGITS.contains(&digits)) {
        return None;
    }
    let phone = Phone::parse(shown)?;
    Some((end, Span::Link { shown: shown.to_owned(), target: format!("tel:+{}", phone.digits()) }))
}
