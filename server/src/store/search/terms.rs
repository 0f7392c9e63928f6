//! What the index is told of a message: the terms of its words, its files' names and what else it says, and marks of what
//! may be asked besides words. Marks begin with `@` or `#`, which are in no term:
//!
//! `@a1` account · `@c2` chat · `@u3` the colleague who wrote it · `@i` from the client · `@m24310` month ·
//! `@kimage` kind, unless words · `@f` has files · `@l` has a web address · `#term` of the name of a group's member

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::content::Content;
use domain::search::{Has, terms};
use domain::{Kind, Moment};

/// What [`Source`] is read of.
pub const COLUMNS: &str = "m.id, m.account_id, m.chat_id, m.direction, m.kind, m.text, m.sent_at, m.author_id, m.sender, \
     m.has_files, m.content, m.edited_at, m.deleted_at, m.failure from message m";

/// What the index needs to know of a message.
#[derive(Clone, Debug, Default, sqlx::FromRow)]
pub struct Source {
    /// Its id.
    pub id: i64,
    account_id: i64,
    chat_id: i64,
    direction: String,
    kind: String,
    text: String,
    sent_at: i64,
    author_id: Option<i64>,
    sender: Option<String>,
    /// Whether there are files.
    pub has_files: bool,
    content: Option<String>,
    edited_at: Option<i64>,
    deleted_at: Option<i64>,
    failure: Option<String>,
    /// Their names.
    #[sqlx(skip)]
    pub files: Vec<String>,
}

impl Source {
    /// Whether it is not to be found any more.
    pub fn is_gone(&self) -> bool {
        self.deleted_at.is_some()
    }

    /// Whether its words may differ from those in the index: edited, or an edit was refused and taken back.
    pub fn may_differ(&self) -> bool {
        self.edited_at.is_some() || self.failure.is_some()
    }
}

/// The months since year 0 of a moment, by UTC.
pub fn month(at: Moment) -> i64 {
    // The civil calendar from days, as in Howard Hinnant's "chrono-compatible low-level date algorithms".
    let days = at.0.div_euclid(24 * 3_600_000) + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    // Years begin in March there.
    (year + era * 400) * 12 + shifted + 2
}

/// The marks of what a message can have; one of them is enough.
pub fn having(has: Has) -> &'static [&'static str] {
    match has {
        Has::File => &["@f"],
        Has::Image => &["@kimage"],
        Has::Video => &["@kvideo"],
        Has::Audio => &["@kvoice", "@kaudio"],
        Has::Document => &["@kdocument"],
        Has::Link => &["@l"],
    }
}

/// The line that the index keeps of a message: terms by blanks for FTS5, a `tsvector` for PostgreSQL.
pub fn index_line(source: &Source, postgres: bool) -> String {
    let mut words = terms(&source.text);
    for said in said(source) {
        words.extend(terms(&said));
    }
    let marks = marks(source);
    if !postgres {
        words.extend(marks);
        return words.join(" ");
    }
    // Positions beyond these PostgreSQL does not keep.
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, word) in words.iter().enumerate() {
        let list = places.entry(word).or_default();
        if list.len() < 255 && index < 16_382 {
            list.push(index + 1);
        }
    }
    let mut line = String::new();
    for (word, list) in places {
        let list: Vec<String> = list.iter().map(usize::to_string).collect();
        let colon = if list.is_empty() { "" } else { ":" };
        let _ = write!(line, "'{word}'{colon}{} ", list.join(","));
    }
    for mark in marks {
        let _ = write!(line, "'{mark}' ");
    }
    line
}

/// What a message says besides its text.
fn said(source: &Source) -> Vec<String> {
    let content = source.content.as_deref().and_then(|text| serde_json::from_str::<Content>(text).ok());
    let words = content.as_ref().map(Content::words).unwrap_or_default();
    source.files.iter().cloned().chain(words.into_iter().map(str::to_owned)).collect()
}

fn marks(source: &Source) -> Vec<String> {
    let mut marks = vec![
        format!("@a{}", source.account_id),
        format!("@c{}", source.chat_id),
        format!("@m{}", month(Moment(source.sent_at))),
    ];
    if source.direction == "in" {
        marks.push("@i".to_owned());
    }
    marks.extend(source.author_id.map(|id| format!("@u{id}")));
    if source.kind != Kind::Text.as_str() {
        marks.push(format!("@k{}", source.kind));
    }
    if source.has_files {
        marks.push("@f".to_owned());
    }
    if ["http://", "https://", "www."].iter().any(|start| source.text.contains(start)) {
        marks.push("@l".to_owned());
    }
    let name = source.sender.as_deref().unwrap_or_default();
    marks.extend(terms(name).into_iter().map(|term| format!("#{term}")));
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn months_follow_the_calendar() {
        // 1970-01-01, 2026-02-28T23:59:59.999, 2026-03-01.
        for (at, year, of_year) in [(0, 1970, 1), (1_772_323_199_999, 2026, 2), (1_772_323_200_000, 2026, 3)] {
            assert_eq!(month(Moment(at)), year * 12 + of_year - 1, "{at}");
        }
    }

    #[test]
    fn a_line_has_words_and_marks() {
        let source = Source {
            id: 1,
            account_id: 2,
            chat_id: 3,
            direction: "in".to_owned(),
            kind: "document".to_owned(),
            text: "Счёт за заказы https://example.ru".to_owned(),
            has_files: true,
            files: vec!["Договор_поставки.pdf".to_owned()],
            ..Source::default()
        };
        let line = index_line(&source, false);
        for word in ["счет", "заказ", "договор", "@a2", "@c3", "@i", "@kdocument", "@f", "@l"] {
            assert!(line.split(' ').any(|term| term == word), "{word}: {line}");
        }
        assert!(index_line(&source, true).contains("'заказ':3 "));
    }

    proptest! {
        #[test]
        fn a_line_is_never_broken(text in "(\\PC|['\"\\\\:@#*()]){0,80}", name in "\\PC{0,20}") {
            let source = Source { text, sender: Some(name), ..Source::default() };
            let line = index_line(&source, true);
            // Quotes stand only around lexemes.
            prop_assert_eq!(line.matches('\'').count(), 2 * line.split(' ').filter(|part| !part.is_empty()).count());
            prop_assert!(!line.contains('\\'));
        }

        #[test]
        fn months_never_go_back(a in 0_i64..4_102_444_800_000, b in 0_i64..4_102_444_800_000) {
            let (a, b) = (a.min(b), a.max(b));
            prop_assert!(month(Moment(a)) <= month(Moment(b)));
        }
    }
}
