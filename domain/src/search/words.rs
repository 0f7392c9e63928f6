//! Words as the search index keeps them: folded, each by its stem, telephone numbers whole. The index and the query
//! go through the same functions, so any form of a word meets any other; databases only compare.
//! The stems are Snowball's, frozen: an index never goes stale by itself.

use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use serde::{Deserialize, Serialize};

use super::{Fragment, Query, fold};
use crate::Phone;

/// The longest term, characters: longer ones are cut.
const MAX_TERM: usize = 40;
/// The most terms of one text; a text of 65,536 letters has fewer unless it is meant to hurt.
const MAX_TERMS: usize = 20_000;

/// A word of a query by its stem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stem {
    /// The term as the index has it.
    pub term: String,
    /// Whether terms that only begin so are meant too.
    pub open: bool,
}

/// What the index is asked for: each inner list stands together in this order; all lists must be found.
pub type Stems = Vec<Vec<Stem>>;

/// The terms of a text, in order: what the index keeps, separated by blanks. A telephone number is there whole, as
/// its digits with the country code, besides its groups.
pub fn terms(text: &str) -> Vec<String> {
    let stemmers = Stemmers::new();
    tokens(text).take(MAX_TERMS).map(|token| stemmers.term(&token)).collect()
}

impl Query {
    /// The terms to ask the index for.
    pub fn stems(&self) -> Stems {
        let stemmers = Stemmers::new();
        let last = self.words.len();
        let lists = self.words.iter().enumerate().map(|(index, words)| {
            let open = self.open && index + 1 == last;
            // A number typed in groups is one number, and `1С:Предприятие` is two words side by side.
            if let Some(phone) = Phone::parse(&words.text).filter(|phone| phone.digits().len() >= 10) {
                return vec![Stem { term: phone.digits().to_owned(), open }];
            }
            let mut list: Vec<Stem> = tokens(&words.text)
                .filter(|token| !token.phone)
                .map(|token| Stem { term: stemmers.term(&token), open: false })
                .collect();
            if let Some(last) = list.last_mut() {
                last.open = open;
            }
            list
        });
        lists.filter(|list| !list.is_empty()).collect()
    }
}

/// Where the words of a query are in a text, bytes, in order and apart from each other. A phrase is shown only where it
/// stands as a whole.
pub fn highlight(text: &str, stems: &Stems) -> Vec<Range<usize>> {
    let stemmers = Stemmers::new();
    let words: Vec<(Range<usize>, String, bool)> =
        tokens(text).take(MAX_TERMS).map(|token| (token.range.clone(), stemmers.term(&token), token.phone)).collect();
    let mut found: Vec<Range<usize>> = Vec::new();
    let fits = |stem: &Stem, term: &str| if stem.open { term.starts_with(&stem.term) } else { term == stem.term };
    for (index, (range, term, _)) in words.iter().enumerate() {
        for list in stems {
            let Some((first, others)) = list.split_first() else { continue };
            if !fits(first, term) {
                continue;
            }
            let mut next = words.iter().skip(index + 1).filter(|(_, _, phone)| !phone);
            let mut end = range.end;
            let whole = others.iter().all(|stem| {
                next.next().is_some_and(|(range, term, _)| {
                    end = range.end;
                    fits(stem, term)
                })
            });
            if whole {
                found.push(range.start..end);
            }
        }
    }
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Cuts about `width` characters around the first mark; `marks` are those of [`highlight`].
pub fn fragment(text: &str, marks: &[Range<usize>], width: usize) -> Fragment {
    let first = marks.first().map_or(0, |mark| mark.start);
    let last = text.len();
    // A third before the mark, the rest after; whole words.
    let back = text.get(..first).unwrap_or_default().char_indices().rev().nth(width / 3).map_or(0, |(at, _)| at);
    let start = match text.get(back..first).and_then(|part| part.find(char::is_whitespace)) {
        Some(blank) if back > 0 => back + blank,
        _ => back,
    };
    let far = text.get(start..).unwrap_or_default().char_indices().nth(width).map_or(last, |(at, _)| start + at);
    let end = match text.get(start..far).and_then(|part| part.rfind(char::is_whitespace)) {
        Some(blank) if far < last && start + blank > first => start + blank,
        _ => far,
    };
    let mut out = String::with_capacity(end - start + 8);
    if start > 0 {
        out.push('…');
    }
    let mut shown = Vec::new();
    let mut marks = marks.iter().filter(|mark| mark.start >= start && mark.start < end).peekable();
    let mut open: Option<(usize, usize)> = None;
    for (i, c) in text.get(start..end).unwrap_or_default().char_indices() {
        let at = start + i;
        if let Some((from, _)) = open.take_if(|(_, until)| at >= *until) {
            shown.push((from, out.len()));
        }
        if let Some(mark) = marks.next_if(|mark| mark.start <= at) {
            open = Some((out.len(), mark.end));
        }
        out.push(if c.is_whitespace() { ' ' } else { c });
    }
    if let Some((from, _)) = open {
        shown.push((from, out.len()));
    }
    if end < last {
        out.push('…');
    }
    Fragment { text: out, marks: shown }
}

struct Stemmers {
    russian: Stemmer,
    english: Stemmer,
}

impl Stemmers {
    fn new() -> Self {
        Self { russian: Stemmer::create(Algorithm::Russian), english: Stemmer::create(Algorithm::English) }
    }

    fn term(&self, token: &Token) -> String {
        if token.phone {
            return token.word.clone();
        }
        let word = fold(&token.word);
        let stem = if word.chars().all(|c| matches!(c, 'а'..='я')) {
            self.russian.stem(&word)
        } else if word.bytes().all(|b| b.is_ascii_lowercase()) {
            self.english.stem(&word)
        } else {
            word.as_str().into()
        };
        stem.chars().take(MAX_TERM).collect()
    }
}

struct Token {
    word: String,
    range: Range<usize>,
    /// A number put together of several groups.
    phone: bool,
}

fn is_part(c: char) -> bool {
    // The dots of й and ё, where a system keeps them apart.
    c.is_alphanumeric() || matches!(c, '\u{306}' | '\u{308}')
}

/// The words of a text, and in front of its groups each telephone number.
fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    let mut told = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at + rest.find(is_part)?;
        if start >= told
            && let Some((digits, end)) = phone(text, start)
        {
            told = end;
            return Some(Token { word: digits, range: start..end, phone: true });
        }
        let rest = text.get(start..)?;
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        at = start + length;
        Some(Token { word: rest.get(..length)?.to_owned(), range: start..at, phone: false })
    })
}

/// A telephone number that begins at a digit: 10–15 digits in groups, or eleven in one that begin with 7 or 8.
fn phone(text: &str, start: usize) -> Option<(String, usize)> {
    let rest = text.get(start..).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))?;
    let plus = text.get(..start).is_some_and(|before| before.ends_with('+'));
    // A number of Russia has eleven digits, so others may stand right behind it.
    let most = if rest.starts_with(['7', '8']) { 11 } else { 15 };
    let (mut digits, mut end, mut gap) = (0, 0, 0);
    for (i, c) in rest.char_indices().take(32) {
        match c {
            '0'..='9' => {
                digits += 1;
                end = i + 1;
                gap = 0;
                if digits == most {
                    break;
                }
            }
            ' ' | '\u{a0}' | '-' | '\u{2011}' | '(' | ')' if gap < 2 => gap += 1,
            _ => break,
        }
    }
    let written = rest.get(..end)?;
    let goes_on = rest.get(end..)?.chars().next().is_some_and(is_part);
    let phone = Phone::parse(&format!("{}{written}", if plus { "+" } else { "" }))?;
    let usual = plus || digits == 11 && written.starts_with(['7', '8']) || digits == 10 && written.len() > 10;
    // A bare number that is its own digits is found as a word already.
    let said = phone.digits() == written;
    ((10..=15).contains(&digits) && usual && !goes_on && !said).then(|| (phone.digits().to_owned(), start + end))
}

#[cfg(test)]
mod tests {
    use super::super::{Day, parse};
    use super::*;
    use proptest::prelude::*;

    fn stems(text: &str) -> Stems {
        parse(text, Day { year: 2026, month: 3, day: 1 }).stems()
    }

    fn marked(text: &str, query: &str) -> String {
        let mut out = text.to_owned();
        for range in highlight(text, &stems(query)).into_iter().rev() {
            out.insert(range.end, ']');
            out.insert(range.start, '[');
        }
        out
    }

    #[test]
    fn forms_of_a_word_meet() {
        for (text, query) in [
            ("Заказами", "заказ "),
            ("счёта", "СЧЕТ "),
            ("доставку", "доставка "),
            ("orders", "Order "),
            ("и\u{306}од е\u{308}лка", "йод "),
            ("отчёт", "отчет "),
            ("позвоните +7 (912) 000-45-17", "89120004517 "),
            ("89120004517", "+7 912 000-45-17"),
            ("позвоните 8 912 000-45-17 завтра", "9120004517"),
            ("8 912 000-45-17", "7912"),
            ("8 912 000-45-17 8 штук", "79120004517 "),
            ("счёт №15-А", "15 "),
            ("1С:Предприятие", "1с:предприятие"),
        ] {
            let words = terms(text);
            let all = stems(query).iter().flatten().all(|stem| {
                words.iter().any(|term| if stem.open { term.starts_with(&stem.term) } else { *term == stem.term })
            });
            assert!(all, "{text}: {words:?} {:?}", stems(query));
        }
        assert_eq!(terms("Заказ №15, заказы"), ["заказ", "15", "заказ"]);
        assert_eq!(terms("8 912 000-45-17"), ["79120004517", "8", "912", "000", "45", "17"]);
        assert_eq!(terms("  — 👍 "), Vec::<String>::new());
    }

    #[test]
    fn what_was_found_is_marked() {
        assert_eq!(marked("Ваши заказы и заказ №5", "заказ "), "Ваши [заказы] и [заказ] №5");
        assert_eq!(marked("Ваши заказы", "зака"), "Ваши [заказы]");
        assert_eq!(marked("быстрая доставка, доставка", "\"быстрой доставки\""), "[быстрая доставка], доставка");
        assert_eq!(marked("тел. +7 912 000-45-17!", "89120004517"), "тел. +[7 912 000-45-17]!");
        assert_eq!(marked("слова", "нет"), "слова");
    }

    #[test]
    fn a_fragment_keeps_whole_words_and_marks() {
        let text = format!("{}нашлась ваша\nдоставка сегодня {}", "много слов ".repeat(20), "и ещё слова ".repeat(20));
        let part = fragment(&text, &highlight(&text, &stems("доставка ")), 60);
        assert!(part.text.starts_with("… слов") && part.text.ends_with('…'), "{}", part.text);
        assert!(part.text.chars().count() <= 64);
        assert_eq!(part.marks.len(), 1);
        assert_eq!(&part.text[part.marks[0].0..part.marks[0].1], "доставка");
        assert_eq!(fragment("да", &[], 60), Fragment { text: "да".into(), marks: vec![] });
    }

    #[test]
    fn long_texts_take_little_time() {
        for piece in ["a", "1", "1 ", "8(", "+7 ", "а ", "заказ ", "👍"] {
            let text = piece.repeat(100_000 / piece.len());
            let start = std::time::Instant::now();
            let marks = highlight(&text, &stems("\"заказ заказ заказ\" 8 а 1"));
            let _ = (terms(&text), fragment(&text, &marks, 100));
            assert!(start.elapsed() < std::time::Duration::from_secs(20), "{piece}: {:?}", start.elapsed());
        }
    }

    proptest! {
        #[test]
        fn marks_are_letters_and_apart(text in "([а-яёa-z0-9 +()-]|👍|и\u{306}|заказ){0,60}", query in "([а-я0-9a-z ]|заказ|\"){0,20}", width in 1_usize..50) {
            let marks = highlight(&text, &stems(&query));
            for pair in marks.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
            }
            for mark in &marks {
                prop_assert!(text.get(mark.clone()).is_some_and(|word| !word.is_empty()));
            }
            let part = fragment(&text, &marks, width);
            for (from, to) in part.marks {
                prop_assert!(part.text.get(from..to).is_some_and(|word| !word.is_empty()));
            }
        }

        #[test]
        fn a_text_is_found_by_its_own_words(text in "[а-яёa-z0-9]{1,12}( [а-яёa-z0-9]{1,12}){0,5}") {
            let words = terms(&text);
            for stem in stems(&format!("{text} ")).iter().flatten() {
                prop_assert!(words.contains(&stem.term), "{:?} {:?}", words, stem);
            }
        }
    }
}
