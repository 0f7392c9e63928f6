//! The text of a chat as WhatsApp itself exports it ("Export chat"), from Android and iPhone, in Russian and English.
//! The format is described nowhere and differs by telephone and its settings, so what can be is decided over the whole
//! file: first its style by the first line, then the order of day and month. How one line begins is in
//! `archive/head.rs`. Times have no zone: whoever imports knows where the telephone was.

mod head;

use crate::Fault;
use crate::search::Day;
use head::{Head, Order, is_mark};

/// The largest text that is read, bytes.
pub const MAX_BYTES: usize = 256 * 1024 * 1024;
/// The longest text of a message, characters, as in WhatsApp; the rest is left out.
pub const MAX_TEXT: usize = 65_536;
/// The most authors that are listed; a group of WhatsApp has at most 1,024 people.
pub const MAX_PEOPLE: usize = 2000;
/// The longest name of an author, characters: a line with a longer one is the messenger's own.
const MAX_NAME: usize = 100;

/// An exported chat whose style is known.
#[derive(Clone, Copy, Debug)]
pub struct Archive<'a> {
    text: &'a str,
    style: head::Style,
    order: Order,
    sure: bool,
}

/// A moment by the telephone's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The day.
    pub day: Day,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
    /// 0–59; 0 where the export has none.
    pub second: u8,
}

/// A message of an exported chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Stamp,
    /// Who wrote it, by the name in the telephone's address book or the phone; `None` for the messenger's own lines.
    pub author: Option<String>,
    /// The words: the caption where there is a file.
    pub text: String,
    /// The name of the file beside the text in the archive; without a path.
    pub file: Option<String>,
    /// It had a file, but the export was made without files.
    pub left_out: bool,
    /// Its author changed it later.
    pub edited: bool,
    /// It was deleted; the words are the messenger's.
    pub deleted: bool,
}

impl<'a> Archive<'a> {
    /// Looks through a text and decides how it is to be read.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] beyond [`MAX_BYTES`]; [`Fault::Malformed`] when no line begins as a message does.
    pub fn open(text: &'a str) -> Result<Self, Fault> {
        if text.len() > MAX_BYTES {
            return Err(Fault::TooLarge);
        }
        let first = text.lines().find_map(head::read).ok_or(Fault::Malformed)?;
        let heads = || text.lines().filter_map(head::read).filter(|head| head.style == first.style);
        let (order, sure) = head::order(heads);
        Ok(Self { text, style: first.style, order, sure })
    }

    /// Whether day and month are told apart beyond doubt. Where they are not, the usual order was taken, and whoever
    /// imports should look at the dates first.
    pub fn is_sure(&self) -> bool {
        self.sure
    }

    /// The messages in the order of the file, read while they are asked for.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<'a> {
        let Self { text, style, order, .. } = *self;
        let mut lines = text.lines().peekable();
        std::iter::from_fn(move || {
            loop {
                let Some((head, at)) = begins(lines.next()?, style, order) else { continue };
                let mut words = head.rest.to_owned();
                while let Some(more) = lines.next_if(|line| begins(line, style, order).is_none()) {
                    if words.len() <= 4 * MAX_TEXT {
                        words.push('\n');
                        words.push_str(more);
                    }
                }
                return Some(entry(at, &words, style.brackets));
            }
        })
    }

    /// Everybody who wrote, in the order of their first message, at most [`MAX_PEOPLE`].
    pub fn people(&self) -> Vec<String> {
        let mut people = Vec::new();
        for author in self.entries().filter_map(|entry| entry.author) {
            if people.len() < MAX_PEOPLE && !people.contains(&author) {
                people.push(author);
            }
        }
        people
    }
}

/// The name of the chat in the name of its file: `Чат WhatsApp с контактом Анна.txt`. iPhones call every one `_chat.txt`.
pub fn chat_name(file: &str) -> Option<&str> {
    const BEFORE: [&str; 6] = [
        "Чат WhatsApp с контактом ",
        "Чат WhatsApp с группой ",
        "Чат WhatsApp с ",
        "Чат WhatsApp - ",
        "WhatsApp Chat with ",
        "WhatsApp Chat - ",
    ];
    let name = file.rsplit(['/', '\\']).next()?;
    let name = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".zip")).unwrap_or(name);
    let found = BEFORE.iter().find_map(|before| name.strip_prefix(before))?;
    Some(found.trim()).filter(|name| !name.is_empty())
}

fn begins(line: &str, style: head::Style, order: Order) -> Option<(Head<'_>, Stamp)> {
    let head = head::read(line).filter(|head| head.style == style)?;
    let at = head.stamp(order)?;
    Some((head, at))
}

/// Takes apart what follows the time. iPhones put an invisible mark in front of their own words.
fn entry(at: Stamp, rest: &str, brackets: bool) -> Entry {
    let mut entry =
        Entry { at, author: None, text: String::new(), file: None, left_out: false, edited: false, deleted: false };
    let Some((author, words)) = author(rest) else {
        entry.text = bounded(rest);
        return entry;
    };
    let own = words.starts_with('\u{200e}');
    let mut words = words.trim_start_matches(is_mark).to_owned();
    entry.edited = cut_edited(&mut words);
    let line = words.trim().trim_end_matches('.').to_lowercase();
    if let Some((file, caption)) = attachment(&words, own) {
        (entry.file, words) = (Some(file), caption);
    } else if LEFT_OUT.contains(&line.as_str()) || own && OWN_LEFT_OUT.iter().any(|end| line.ends_with(end)) {
        (entry.left_out, words) = (true, String::new());
    } else if DELETED.contains(&line.as_str()) {
        entry.deleted = true;
    } else if own && brackets {
        entry.text = bounded(&words);
        return entry;
    }
    entry.author = Some(author);
    entry.text = bounded(&words);
    entry
}

const LEFT_OUT: [&str; 4] = ["<media omitted>", "<без медиафайлов>", "<без медиа>", "<файл не добавлен>"];
const OWN_LEFT_OUT: [&str; 5] = [" omitted", " отсутствует", " пропущено", " пропущен", " опущено"];
const DELETED: [&str; 7] = [
    "this message was deleted",
    "you deleted this message",
    "это сообщение удалено",
    "данное сообщение удалено",
    "сообщение удалено",
    "вы удалили это сообщение",
    "вы удалили данное сообщение",
];

/// The name before the first colon. A line of the messenger's own may have a colon too, but then within quotes or far.
fn author(rest: &str) -> Option<(String, &str)> {
    let line = rest.split('\n').next()?;
    let colon = line.find(": ").or_else(|| line.strip_suffix(':').map(str::len))?;
    let name: String = line.get(..colon)?.chars().filter(|c| !is_mark(*c)).collect();
    // A tilde stands before names that are in no address book.
    let name = name.trim().trim_start_matches('~').trim();
    let good = !name.is_empty() && name.chars().count() <= MAX_NAME && !name.contains(['"', '«', '“', '„']);
    let words = rest.get(colon + 1..)?;
    good.then(|| (name.to_owned(), words.strip_prefix(' ').unwrap_or(words)))
}

/// Takes `<Сообщение изменено>` from the end.
fn cut_edited(words: &mut String) -> bool {
    let Some(mark) = words.trim_end().strip_suffix('>').and_then(|words| words.rfind('<')) else { return false };
    let told = words.get(mark..).unwrap_or_default().to_lowercase();
    let edited = told.len() < 100 && (told.contains("message was edited") || told.contains("изменено"));
    if edited {
        words.truncate(mark);
        let kept = words.trim_end_matches(|c: char| is_mark(c) || c.is_whitespace()).len();
        words.truncate(kept);
    }
    edited
}

/// The name of the file and its caption: `<attached: 1.jpg>` of iPhones, `1.jpg (file attached)` of Android.
fn attachment(words: &str, own: bool) -> Option<(String, String)> {
    for sign in ["<attached: ", "<прикреплено: ", "<вложение: "] {
        let Some((before, after)) = words.split_once(sign) else { continue };
        let Some((name, after)) = after.split_once('>') else { continue };
        if let Some(name) = file_name(name) {
            // What an iPhone tells of a document before it is not the caption.
            let before = if own { "" } else { before };
            let blank = |c: char| is_mark(c) || c.is_whitespace();
            let (before, after) = (before.trim_matches(blank), after.trim_matches(blank));
            let between = if before.is_empty() || after.is_empty() { "" } else { "\n" };
            return Some((name, [before, between, after].concat()));
        }
    }
    let (line, caption) = words.split_once('\n').unwrap_or((words, ""));
    let line = line.trim_end();
    let signs = [" (file attached)", " (файл добавлен)", " (файл прикреплён)", " (файл прикреплен)"];
    let name = signs.iter().find_map(|sign| line.strip_suffix(sign))?;
    Some((file_name(name)?, caption.to_owned()))
}

/// A name without a path, for it is looked up among the archive's files.
fn file_name(text: &str) -> Option<String> {
    let name: String = text.chars().filter(|c| !is_mark(*c)).collect();
    let name = name.trim();
    let good = !name.is_empty() && name.len() <= 255 && name.contains('.') && !name.starts_with('.');
    (good && !name.contains(|c: char| matches!(c, '/' | '\\' | '<' | '>') || c.is_control())).then(|| name.to_owned())
}

fn bounded(words: &str) -> String {
    let words = words.trim_end_matches(['\r', '\n', ' ']);
    match words.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => words.get(..end).unwrap_or_default().to_owned(),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests;
