//! What somebody types into the search field, read: words, "phrases", and filters such as `от:Анна`, `после:01.10.2026`
//! or `есть:фото`, in Russian and in English. What is found is not known here; how words meet in any of their forms is
//! in `search/words.rs`, which only the server is built with.

mod found;
#[cfg(feature = "search")]
mod words;

use serde::{Deserialize, Serialize};

use crate::Phone;

pub use found::{Found, Part};
#[cfg(feature = "search")]
pub use words::{Stem, Stems, fragment, highlight, terms};

/// The longest query that is read, characters; the rest is left out.
pub const MAX_QUERY: usize = 500;
/// The most words and phrases; the rest is left out.
pub const MAX_WORDS: usize = 32;

/// A query, read. Everything in it must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// What the text must have, in the order typed. The last one may be unfinished when `open`.
    pub words: Vec<Words>,
    /// Whether the last word is still being typed: its beginning is enough.
    pub open: bool,
    /// Parts of the name of whoever wrote it.
    pub from: Option<String>,
    /// A part of the account's name.
    pub account: Option<String>,
    /// Since this day, itself included.
    pub since: Option<Day>,
    /// Until this day, itself included.
    pub until: Option<Day>,
    /// What the message has; one of them is enough.
    pub has: Vec<Has>,
}

/// A word, or several in quotes that must stand together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// As they were typed.
    pub text: String,
    /// Whether they were in quotes: in this order, with nothing between.
    pub phrase: bool,
}

/// A part of a text around what was found in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Fragment {
    /// The words, on one line, with `…` where something is left out.
    pub text: String,
    /// What to mark: from and to, in bytes of `text`.
    pub marks: Vec<(usize, usize)>,
}

/// What a message can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Has {
    /// Any file.
    File,
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A voice message or music.
    Audio,
    /// A document.
    Document,
    /// A web address.
    Link,
}

/// A day of the calendar, in whatever time zone it is asked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day {
    /// 1–9999.
    pub year: u16,
    /// 1–12.
    pub month: u8,
    /// 1–31, never beyond the end of the month.
    pub day: u8,
}

impl Day {
    /// A day that exists.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let real =
            (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1 && day <= month_length(year, month);
        real.then_some(Self { year, month, day })
    }

    /// The day before.
    #[must_use]
    pub fn before(self) -> Self {
        let Self { year, month, day } = self;
        match (month, day) {
            (1, 1) if year > 1 => Self { year: year - 1, month: 12, day: 31 },
            (1, 1) => self,
            (_, 1) => Self { year, month: month - 1, day: month_length(year, month - 1) },
            _ => Self { year, month, day: day - 1 },
        }
    }
}

fn month_length(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Lower case with `е` for `ё`, letters put together that some systems write as a letter and its dots.
pub fn fold(text: &str) -> String {
    let lower = text.to_lowercase().replace('ё', "е");
    if !lower.contains(['\u{306}', '\u{308}']) {
        return lower;
    }
    lower.replace("и\u{306}", "й").replace("е\u{308}", "е")
}

/// Reads a query. A filter that cannot be understood is a word like any other, so nothing typed is lost silently.
/// Days without a year are the last such days before `today`.
pub fn parse(text: &str, today: Day) -> Query {
    let text: String = text.chars().take(MAX_QUERY).collect();
    let mut query = Query::default();
    let mut rest = text.trim_start();
    query.open = true;
    while !rest.is_empty() {
        let (piece, after) = number(rest).unwrap_or_else(|| piece(rest));
        query.open = after.is_empty() && !piece.quoted;
        rest = after.trim_start();
        if piece.key.is_some_and(|key| filter(&mut query, key, piece.value, today)) {
            query.open = false;
        } else if query.words.len() < MAX_WORDS {
            // What was no filter is a word with its colon.
            let text = if piece.key.is_some() { piece.whole } else { piece.value };
            if text.contains(char::is_alphanumeric) {
                query.words.push(Words { text: text.to_owned(), phrase: piece.quoted && piece.key.is_none() });
            }
        }
    }
    query.open &= !query.words.is_empty();
    query
}

struct Piece<'a> {
    whole: &'a str,
    key: Option<&'a str>,
    value: &'a str,
    quoted: bool,
}

/// Takes a telephone number, whose groups are one word together.
fn number(text: &str) -> Option<(Piece<'_>, &str)> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | '-' | ' ' | '\u{a0}' | '\u{2011}');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    // What goes on with letters is a word of its own.
    let end = match text.get(end..)?.chars().next() {
        Some(c) if !c.is_whitespace() => text.get(..end)?.rfind(char::is_whitespace)?,
        _ => end,
    };
    let whole = text.get(..end)?.trim_end();
    Phone::parse(whole).filter(|phone| phone.digits().len() >= 10)?;
    Some((Piece { whole, key: None, value: whole, quoted: false }, text.get(whole.len()..)?))
}

/// Takes `word`, `"several words"`, `key:word` or `key:"several words"` from the front.
fn piece(text: &str) -> (Piece<'_>, &str) {
    let blank = text.find(char::is_whitespace).unwrap_or(text.len());
    let head = text.get(..blank).unwrap_or_default();
    let key =
        head.split_once(':').map(|(key, _)| key).filter(|key| !key.is_empty() && key.chars().all(char::is_alphabetic));
    let begin = key.map_or(0, |key| key.len() + 1);
    let value = text.get(begin..).unwrap_or_default();
    let Some(open) = value.chars().next().filter(|c| matches!(c, '"' | '«' | '“' | '„')) else {
        let value = head.get(begin..).unwrap_or_default();
        return (Piece { whole: head, key, value, quoted: false }, text.get(blank..).unwrap_or_default());
    };
    let inside = value.get(open.len_utf8()..).unwrap_or_default();
    let close = inside.find(['"', '»', '”', '“']).unwrap_or(inside.len());
    let value = inside.get(..close).unwrap_or_default();
    let after = inside.get(close..).unwrap_or_default();
    let after = after.strip_prefix(['"', '»', '”', '“']).unwrap_or_default();
    let whole = text.get(..text.len() - after.len()).unwrap_or_default();
    (Piece { whole, key, value: value.trim(), quoted: true }, after)
}

/// Sets a filter; `false` when it is none or its value makes no sense.
fn filter(query: &mut Query, key: &str, value: &str, today: Day) -> bool {
    if value.is_empty() {
        return false;
    }
    match fold(key).as_str() {
        "from" | "от" => query.from = Some(value.to_owned()),
        "account" | "аккаунт" | "канал" => query.account = Some(value.to_owned()),
        "after" | "since" | "после" | "с" => {
            let Some((since, _)) = days(value, today) else { return false };
            query.since = Some(since);
        }
        "before" | "until" | "до" | "по" => {
            let Some((_, until)) = days(value, today) else { return false };
            query.until = Some(until);
        }
        "date" | "on" | "дата" | "день" => {
            let range = match value.split_once("..") {
                Some((since, until)) => days(since, today).zip(days(until, today)).map(|((a, _), (_, b))| (a, b)),
                None => days(value, today),
            };
            let Some((since, until)) = range.filter(|(since, until)| since <= until) else { return false };
            (query.since, query.until) = (Some(since), Some(until));
        }
        "has" | "is" | "есть" | "вид" => {
            let Some(has) = has(value) else { return false };
            if !query.has.contains(&has) {
                query.has.push(has);
            }
        }
        _ => return false,
    }
    true
}

fn has(value: &str) -> Option<Has> {
    Some(match fold(value).as_str() {
        "file" | "files" | "файл" | "файлы" | "вложение" => Has::File,
        "image" | "photo" | "picture" | "фото" | "картинка" | "изображение" => Has::Image,
        "video" | "видео" => Has::Video,
        "audio" | "voice" | "голос" | "голосовое" | "аудио" => Has::Audio,
        "document" | "doc" | "документ" => Has::Document,
        "link" | "url" | "ссылка" | "ссылки" => Has::Link,
        _ => return None,
    })
}

/// The first and the last day of `2026-10-31`, `31.10.2026`, `31.10.26`, `31.10`, `10.2026`, `2026`, `вчера`.
fn days(text: &str, today: Day) -> Option<(Day, Day)> {
    let one = |day: Day| Some((day, day));
    match fold(text).as_str() {
        "today" | "сегодня" => return one(today),
        "yesterday" | "вчера" => return one(today.before()),
        _ => {}
    }
    let numbers: Vec<(usize, u16)> =
        text.split(['.', '-', '/']).map(|part| Some((part.len(), part.parse().ok()?))).collect::<Option<_>>()?;
    let short = |number: u16| u8::try_from(number).ok();
    match numbers.as_slice() {
        [(4, year), (_, month), (_, day)] => one(Day::new(*year, short(*month)?, short(*day)?)?),
        [(_, day), (_, month), (4, year)] => one(Day::new(*year, short(*month)?, short(*day)?)?),
        [(_, day), (_, month), (2, year)] => one(Day::new(2000 + *year, short(*month)?, short(*day)?)?),
        [(_, month), (4, year)] | [(4, year), (_, month)] => {
            let (year, month) = (*year, short(*month)?);
            let first = Day::new(year, month, 1)?;
            Some((first, Day { day: month_length(year, month), ..first }))
        }
        [(_, day), (_, month)] => {
            let (day, month) = (short(*day)?, short(*month)?);
            let this = Day::new(today.year, month, day).filter(|day| *day <= today);
            one(this.or_else(|| Day::new(today.year.checked_sub(1)?, month, day))?)
        }
        [(4, year)] => Some((Day::new(*year, 1, 1)?, Day::new(*year, 12, 31)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Day = Day { year: 2026, month: 3, day: 1 };

    fn day(year: u16, month: u8, day: u8) -> Option<Day> {
        Day::new(year, month, day)
    }

    fn words(query: &Query) -> Vec<(&str, bool)> {
        query.words.iter().map(|words| (words.text.as_str(), words.phrase)).collect()
    }

    #[test]
    fn words_phrases_and_filters() {
        let query =
            parse("счёт «за доставку» от:\"Анна Петрова\" аккаунт:Склад есть:фото has:link +7(912)000-45-17 ", TODAY);
        assert_eq!(words(&query), [("счёт", false), ("за доставку", true), ("+7(912)000-45-17", false)]);
        assert_eq!(query.from.as_deref(), Some("Анна Петрова"));
        assert_eq!(query.account.as_deref(), Some("Склад"));
        assert_eq!(query.has, [Has::Image, Has::Link]);
        assert!(!query.open, "a blank ends the word");
        assert!(parse("счёт зака", TODAY).open);
        assert!(!parse("счёт \"зака\"", TODAY).open);
        assert!(!parse("", TODAY).open);
        assert_eq!(
            words(&parse("8 912 000-45-17 счёт 15", TODAY)),
            [("8 912 000-45-17", false), ("счёт", false), ("15", false)]
        );
    }

    #[test]
    fn what_is_no_filter_is_words() {
        for text in ["1С:Предприятие", "https://x.ru/a", "есть:слон", "дата:32.13.2026", "итого:", "12:30", "от:"]
        {
            let query = parse(text, TODAY);
            assert_eq!(words(&query), [(text, false)], "{text}");
        }
        assert_eq!(parse("- \"\" :", TODAY).words, []);
    }

    #[test]
    fn days_in_every_form() {
        for (text, since, until) in [
            ("дата:31.10.2025", day(2025, 10, 31), day(2025, 10, 31)),
            ("on:2025-10-31", day(2025, 10, 31), day(2025, 10, 31)),
            ("дата:1.2", day(2026, 2, 1), day(2026, 2, 1)),
            ("дата:31.12", day(2025, 12, 31), day(2025, 12, 31)),
            ("дата:02.2024", day(2024, 2, 1), day(2024, 2, 29)),
            ("дата:2025", day(2025, 1, 1), day(2025, 12, 31)),
            ("дата:вчера", day(2026, 2, 28), day(2026, 2, 28)),
            ("дата:1.10.25..15.10.25", day(2025, 10, 1), day(2025, 10, 15)),
            ("после:10.2025", day(2025, 10, 1), None),
            ("before:10.2025", None, day(2025, 10, 31)),
            ("с:1.1.2026 по:today", day(2026, 1, 1), day(2026, 3, 1)),
        ] {
            let query = parse(text, TODAY);
            assert_eq!((query.since, query.until, query.words.len()), (since, until, 0), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "([а-яa-z0-9:.\"«» -]|от:|дата:|есть:){0,60}") {
            let query = parse(&text, TODAY);
            prop_assert!(query.words.len() <= MAX_WORDS);
        }

        #[test]
        fn plain_words_are_kept(text in "[а-я]{1,8}( [а-я0-9]{1,8}){0,5}") {
            let query = parse(&text, TODAY);
            let joined: Vec<_> = query.words.iter().map(|words| words.text.as_str()).collect();
            prop_assert_eq!(joined.join(" "), text);
        }

        #[test]
        fn the_day_before_is_earlier(year in 2_u16..3000, month in 1_u8..=12, d in 1_u8..=31) {
            if let Some(day) = Day::new(year, month, d) {
                let before = day.before();
                prop_assert!(before < day && Day::new(before.year, before.month, before.day) == Some(before));
            }
        }
    }
}
