//! What the composer's buttons and keys do to its text: marks put around a selection or taken away, lists begun and
//! gone on with. Pure: the text and the selection go in, one replacement comes out, so that the browser can keep its
//! own undo. Offsets are UTF-16 units, as `selectionStart` counts them; any number is taken and none can panic.

use std::ops::Range;

use super::inline::is_word;
use super::{Prefix, marker};

/// A style or a kind of line that can be put on and taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// `*bold*`
    Bold,
    /// `_italic_`
    Italic,
    /// `~struck out~`
    Strike,
    /// `` `code` ``
    Code,
    /// Triple backticks, over several lines too.
    Mono,
    /// `- ` in front of each line.
    Bullets,
    /// `1. `, `2. ` … in front of each line.
    Numbers,
    /// `> ` in front of each line.
    Quote,
}

impl Action {
    /// Every action, in the order of the toolbar.
    pub const ALL: [Self; 8] =
        [Self::Bold, Self::Italic, Self::Strike, Self::Code, Self::Mono, Self::Bullets, Self::Numbers, Self::Quote];

    /// The key pressed together with Ctrl (Command): its `KeyboardEvent.code`, so that it is the same in every layout,
    /// and whether Shift is held.
    pub fn shortcut(self) -> (&'static str, bool) {
        match self {
            Self::Bold => ("KeyB", false),
            Self::Italic => ("KeyI", false),
            Self::Strike => ("KeyX", true),
            Self::Code => ("KeyE", false),
            Self::Mono => ("KeyE", true),
            Self::Numbers => ("Digit7", true),
            Self::Bullets => ("Digit8", true),
            Self::Quote => ("Digit9", true),
        }
    }

    /// What a key pressed together with Ctrl (Command) and without Alt asks for.
    pub fn of_key(code: &str, shift: bool) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.shortcut() == (code, shift))
    }

    fn mark(self) -> Option<char> {
        match self {
            Self::Bold => Some('*'),
            Self::Italic => Some('_'),
            Self::Strike => Some('~'),
            Self::Code => Some('`'),
            _ => None,
        }
    }
}

/// One replacement in a text, and what is selected afterwards; UTF-16 units. `replace` is of the text before,
/// `select` of the text after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub replace: Range<usize>,
    /// What comes in its place.
    pub by: String,
    /// What is selected then; empty is where the caret stands.
    pub select: Range<usize>,
}

impl Edit {
    /// The text after the edit.
    pub fn apply(&self, text: &str) -> String {
        let bytes = in_bytes(text, &self.replace);
        let before = text.get(..bytes.start).unwrap_or_default();
        [before, &self.by, text.get(bytes.end..).unwrap_or_default()].concat()
    }

    /// From the whole new text, the selection in its bytes.
    fn between(old: &str, new: &str, select: Range<usize>) -> Self {
        let same = |pair: &(char, char)| pair.0 == pair.1;
        let length = |pair: (char, char)| pair.0.len_utf8();
        let front: usize = old.chars().zip(new.chars()).take_while(same).map(length).sum();
        let (old_rest, new_rest) = (old.get(front..).unwrap_or_default(), new.get(front..).unwrap_or_default());
        let back: usize = old_rest.chars().rev().zip(new_rest.chars().rev()).take_while(same).map(length).sum();
        let start = units(old, front);
        let by = new_rest.get(..new_rest.len() - back).unwrap_or_default().to_owned();
        Self {
            replace: start..start + units(old_rest, old_rest.len() - back),
            by,
            select: units(new, select.start)..units(new, select.end),
        }
    }
}

/// UTF-16 units of the first `bytes` of a text.
fn units(text: &str, bytes: usize) -> usize {
    text.get(..bytes).unwrap_or(text).encode_utf16().count()
}

/// A range of UTF-16 units in bytes. The middle of a pair counts as its beginning, what is beyond the end as the end.
fn in_bytes(text: &str, range: &Range<usize>) -> Range<usize> {
    let at = |unit: usize| {
        let mut passed = 0;
        let found = text.char_indices().find(|(_, c)| {
            passed += c.len_utf16();
            passed > unit
        });
        found.map_or(text.len(), |(byte, _)| byte)
    };
    at(range.start.min(range.end))..at(range.start.max(range.end))
}

/// Puts a style or a kind of line on the selection, or takes it off where all of it has it.
pub fn toggle(text: &str, selection: Range<usize>, action: Action) -> Edit {
    let selected = in_bytes(text, &selection);
    let (new, select) = match action.mark() {
        Some(mark) if selected.is_empty() => at_caret(text, selected.start, mark),
        Some(mark) => around(text, selected, mark),
        None if action == Action::Mono => mono(text, selected),
        None => lines(text, selected, action),
    };
    Edit::between(text, &new, select)
}

/// What a new line at the caret does in a list or a quote: it goes on, or ends when its last line is empty.
/// `None` leaves the key to the browser.
pub fn enter(text: &str, selection: Range<usize>) -> Option<Edit> {
    let selected = in_bytes(text, &selection);
    let at = selected.is_empty().then_some(selected.start)?;
    let line = whole_lines(text, &selected);
    let words = text.get(line.clone())?;
    let (prefix, rest) = marker(words)?;
    let begin = line.end - rest.len();
    if at < begin {
        return None;
    }
    if rest.trim().is_empty() {
        let new = spliced(text, line.clone(), "");
        return Some(Edit::between(text, &new, line.start..line.start));
    }
    let next = match prefix {
        // The bullet that is used in this list.
        Prefix::Bullet | Prefix::Quote => words.get(..2)?.to_owned(),
        Prefix::Number(number) if number < 999 => format!("{}. ", number + 1),
        Prefix::Number(_) => return None,
    };
    let new = spliced(text, at..at, &format!("\n{next}"));
    let caret = at + 1 + next.len();
    Some(Edit::between(text, &new, caret..caret))
}

fn spliced(text: &str, range: Range<usize>, by: &str) -> String {
    [text.get(..range.start).unwrap_or_default(), by, text.get(range.end..).unwrap_or_default()].concat()
}

/// The bytes of the lines that a range touches, without the last break.
fn whole_lines(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(range.end..).and_then(|after| after.find('\n')).map_or(text.len(), |at| range.end + at);
    start..end
}

fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

fn after(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// Nothing is selected: the word around the caret, or a pair to type into; between an empty pair it goes.
fn at_caret(text: &str, at: usize, mark: char) -> (String, Range<usize>) {
    let sides = (before(text, at), after(text, at));
    if sides == (Some(mark), Some(mark)) {
        return (spliced(text, at - 1..at + 1, ""), at - 1..at - 1);
    }
    if sides.0.is_some_and(is_word) && sides.1.is_some_and(is_word) {
        let (new, select) = around(text, at..at, mark);
        // The caret stays between the same letters.
        let moved = at + select.start;
        let caret = moved.saturating_sub(words_around(text, at..at).start);
        return (new, caret..caret);
    }
    let line = text.get(whole_lines(text, &(at..at)).start..at).unwrap_or_default();
    if sides.1 == Some(mark) && line.matches(mark).count() % 2 == 1 {
        // The mark that would close is next: the caret steps over it.
        return (text.to_owned(), at + 1..at + 1);
    }
    (spliced(text, at..at, &format!("{mark}{mark}")), at + 1..at + 1)
}

/// The range grown until no letter is next to it: a mark that touches one from outside would be shown as it is.
fn words_around(text: &str, range: Range<usize>) -> Range<usize> {
    let (mut start, mut end) = (range.start, range.end);
    while let Some(c) = before(text, start).filter(|c| is_word(*c)) {
        start -= c.len_utf8();
    }
    while let Some(c) = after(text, end).filter(|c| is_word(*c)) {
        end += c.len_utf8();
    }
    start..end
}

/// A line's part of a selection, without blanks at its ends and without what makes it a list.
fn parts(text: &str, selected: &Range<usize>) -> Vec<Range<usize>> {
    let all = whole_lines(text, selected);
    let mut start = all.start;
    let mut parts = Vec::new();
    for line in text.get(all).unwrap_or_default().split('\n') {
        let prefix = marker(line).map_or(0, |(_, rest)| line.len() - rest.len());
        let from = selected.start.clamp(start + prefix, start + line.len());
        let to = selected.end.clamp(from, start + line.len());
        let words = text.get(from..to).unwrap_or_default();
        let from = from + (words.len() - words.trim_start().len());
        let part = from..from + words.trim().len();
        if !part.is_empty() || selected.is_empty() {
            parts.push(part);
        }
        start += line.len() + 1;
    }
    parts
}

/// Where a part has the mark: just inside of it or just outside, other marks between.
fn pair(text: &str, part: &Range<usize>, mark: char) -> Option<(usize, usize)> {
    let is_mark = |c: &char| matches!(c, '*' | '_' | '~' | '`');
    let words = text.get(part.clone())?;
    // Inside, from the edges inwards.
    let front = words.chars().take_while(is_mark).position(|c| c == mark);
    let back = words.chars().rev().take_while(is_mark).position(|c| c == mark);
    if let (Some(front), Some(back)) = (front, back)
        && front + back + 1 < words.len()
    {
        return Some((part.start + front, part.end - 1 - back));
    }
    let front = text.get(..part.start)?.chars().rev().take_while(is_mark).position(|c| c == mark)?;
    let back = text.get(part.end..)?.chars().take_while(is_mark).position(|c| c == mark)?;
    Some((part.start - 1 - front, part.end + back))
}

fn around(text: &str, selected: Range<usize>, mark: char) -> (String, Range<usize>) {
    let parts: Vec<_> = parts(text, &selected)
        .into_iter()
        .map(|part| if mark == '`' { part } else { words_around(text, part) })
        .collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return (text.to_owned(), selected);
    };
    let whole = first.start..last.end;
    let pairs: Vec<_> = parts.iter().map(|part| pair(text, part, mark)).collect();
    let takes_off = pairs.iter().all(Option::is_some);
    let several = parts.len() > 1;
    let mut cuts: Vec<usize> = Vec::new();
    for (part, pair) in parts.iter().zip(pairs) {
        match pair {
            Some((open, close)) if takes_off => cuts.extend([open, close]),
            None => cuts.extend([part.start, part.end]),
            // One of several that has it already.
            Some(_) => {}
        }
    }
    let mut new = String::with_capacity(text.len() + cuts.len());
    let mut at = 0;
    for &cut in &cuts {
        new.push_str(text.get(at..cut).unwrap_or_default());
        at = cut;
        if takes_off {
            at += 1;
        } else {
            new.push(mark);
        }
    }
    new.push_str(text.get(at..).unwrap_or_default());
    // The words stay selected; of several lines their marks too, for they are between.
    let moved = |place: usize, with: bool| {
        let passed = cuts.iter().filter(|&&cut| cut < place || with && cut == place).count();
        if takes_off { place - passed.min(place) } else { place + passed }
    };
    let select = moved(whole.start, !several && !takes_off)..moved(whole.end, several && !takes_off);
    (new, select)
}

fn mono(text: &str, selected: Range<usize>) -> (String, Range<usize>) {
    const FENCE: &str = "```";
    let words = text.get(selected.clone()).unwrap_or_default();
    if let Some(inside) = words.strip_prefix(FENCE).and_then(|rest| rest.strip_suffix(FENCE)) {
        let select = selected.start..selected.start + inside.len();
        return (spliced(text, selected, inside), select);
    }
    let outside = text.get(..selected.start).is_some_and(|before| before.ends_with(FENCE))
        && text.get(selected.end..).is_some_and(|after| after.starts_with(FENCE));
    if outside {
        let select = selected.start - 3..selected.end - 3;
        return (spliced(text, selected.start - 3..selected.end + 3, words), select);
    }
    let select = selected.start + 3..selected.end + 3;
    (spliced(text, selected, &[FENCE, words, FENCE].concat()), select)
}

fn lines(text: &str, selected: Range<usize>, action: Action) -> (String, Range<usize>) {
    let all = whole_lines(text, &selected);
    let old: Vec<&str> = text.get(all.clone()).unwrap_or_default().split('\n').collect();
    let has = |line: &&str| {
        marker(line).is_some_and(|(prefix, _)| match action {
            Action::Bullets => prefix == Prefix::Bullet,
            Action::Numbers => matches!(prefix, Prefix::Number(_)),
            _ => prefix == Prefix::Quote,
        })
    };
    // Blank lines between others stay blank; a single one begins a list.
    let counts = |line: &&str| old.len() == 1 || !line.trim().is_empty();
    let takes_off = old.iter().filter(|line| counts(line)).all(has);
    // Numbers go on from the line above.
    let above = text.get(..all.start.saturating_sub(1)).and_then(|before| before.rsplit('\n').next());
    let mut number = match above.and_then(marker) {
        Some((Prefix::Number(number), _)) => number,
        _ => 0,
    };
    let new: Vec<String> = old
        .iter()
        .map(|line| {
            if !counts(line) {
                return (*line).to_owned();
            }
            let rest = marker(line).map_or(*line, |(_, rest)| rest);
            number = if number < 999 { number + 1 } else { number };
            match action {
                _ if takes_off => rest.to_owned(),
                Action::Bullets => format!("- {rest}"),
                Action::Numbers => format!("{number}. {rest}"),
                _ => format!("> {rest}"),
            }
        })
        .collect();
    let new = new.join("\n");
    let end = all.start + new.len();
    let select = if selected.is_empty() {
        // The caret stays before the same letter.
        let caret = end.saturating_sub(all.end - selected.start).max(all.start);
        caret..caret
    } else {
        all.start..end
    };
    (spliced(text, all, &new), select)
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use proptest::prelude::*;

    /// `[` and `]` are the ends of the selection, `|` the caret.
    fn read(text: &str) -> (String, Range<usize>) {
        let bare: String = text.chars().filter(|c| !"[]|".contains(*c)).collect();
        let mut places = Vec::new();
        let mut unit = 0;
        for c in text.chars() {
            if "[]|".contains(c) { places.push(unit) } else { unit += c.len_utf16() }
        }
        (bare, places[0]..*places.last().unwrap())
    }

    fn shown(text: &str, select: &Range<usize>) -> String {
        let bytes = in_bytes(text, select);
        if bytes.is_empty() {
            return spliced(text, bytes, "|");
        }
        spliced(text, bytes.clone(), &format!("[{}]", &text[bytes]))
    }

    fn done(text: &str, action: Action) -> String {
        let (text, selection) = read(text);
        let edit = toggle(&text, selection, action);
        shown(&edit.apply(&text), &edit.select)
    }

    fn entered(text: &str) -> Option<String> {
        let (text, selection) = read(text);
        let edit = enter(&text, selection)?;
        Some(shown(&edit.apply(&text), &edit.select))
    }

    #[test]
    fn marks_go_around_words_and_off_again() {
        for (before, action, after) in [
            ("[текст]", Action::Bold, "*[текст]*"),
            ("*[текст]*", Action::Bold, "[текст]"),
            ("[*текст*]", Action::Bold, "[текст]"),
            ("а[ текст ]б", Action::Italic, "а _[текст]_ б"),
            ("*[текст]*", Action::Italic, "*_[текст]_*"),
            ("*_[текст]_*", Action::Bold, "_[текст]_"),
            ("[*_текст_*]", Action::Italic, "[*текст*]"),
            ("👍 [да]!", Action::Strike, "👍 ~[да]~!"),
            ("при[ве]т", Action::Bold, "*[привет]*"),
            ("при[ве]т", Action::Code, "при`[ве]`т"),
            ("[раз\n\n- два]", Action::Bold, "[*раз*\n\n- *два*]"),
            ("[*раз*\n\n- *два*]", Action::Bold, "[раз\n\n- два]"),
            ("[*раз*\nдва]", Action::Bold, "[*раз*\n*два*]"),
            ("[  ]", Action::Bold, "[  ]"),
            ("|", Action::Bold, "*|*"),
            ("*|*", Action::Bold, "|"),
            ("*да|*", Action::Bold, "*да*|"),
            ("при|вет", Action::Bold, "*при|вет*"),
            ("*при|вет*", Action::Bold, "при|вет"),
        ] {
            assert_eq!(done(before, action), after, "{before} {action:?}");
        }
    }

    #[test]
    fn monospace_goes_over_lines() {
        assert_eq!(done("а [б\nв] г", Action::Mono), "а ```[б\nв]``` г");
        assert_eq!(done("а ```[б\nв]``` г", Action::Mono), "а [б\nв] г");
        assert_eq!(done("[```б```]", Action::Mono), "[б]");
        assert_eq!(done("|", Action::Mono), "```|```");
        assert_eq!(done("```|```", Action::Mono), "|");
    }

    #[test]
    fn lines_become_lists_and_words_again() {
        for (before, action, after) in [
            ("ра[з\n\nдв]а", Action::Bullets, "[- раз\n\n- два]"),
            ("[- раз\n\n- два]", Action::Bullets, "[раз\n\nдва]"),
            ("[- раз\n- два]", Action::Numbers, "[1. раз\n2. два]"),
            ("[1. раз\n2. два]", Action::Quote, "[> раз\n> два]"),
            ("1. раз\nдв|а", Action::Numbers, "1. раз\n2. дв|а"),
            ("|", Action::Bullets, "- |"),
            ("- |", Action::Bullets, "|"),
            ("а\nда|\nб", Action::Quote, "а\n> да|\nб"),
        ] {
            assert_eq!(done(before, action), after, "{before} {action:?}");
        }
    }

    #[test]
    fn a_new_line_goes_on_with_a_list() {
        assert_eq!(entered("- раз|").as_deref(), Some("- раз\n- |"));
        assert_eq!(entered("* ра|з").as_deref(), Some("* ра\n* |з"));
        assert_eq!(entered("9. раз|\nх").as_deref(), Some("9. раз\n10. |\nх"));
        assert_eq!(entered("> да|").as_deref(), Some("> да\n> |"));
        assert_eq!(entered("- раз\n- |").as_deref(), Some("- раз\n|"));
        for none in ["раз|", "|- раз", "-| раз", "- [раз]", "999. раз|", "|"] {
            assert_eq!(entered(none), None, "{none}");
        }
    }

    #[test]
    fn every_action_has_a_key_of_its_own() {
        for action in Action::ALL {
            let (code, shift) = action.shortcut();
            assert_eq!(Action::of_key(code, shift), Some(action));
        }
        assert_eq!(Action::of_key("KeyB", true), None);
    }

    #[test]
    fn only_what_changed_is_replaced() {
        let edit = toggle("👍 да нет", 3..5, Action::Bold);
        assert_eq!(edit, Edit { replace: 3..5, by: "*да*".into(), select: 4..6 });
        assert_eq!(enter("- 👍", 4..4).unwrap(), Edit { replace: 4..4, by: "\n- ".into(), select: 7..7 });
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            text in "([*_~`>. 1\n-]|[а-я]|👍🏽|- |1\\. |```){0,30}",
            start in 0_usize..80, end in 0_usize..80, action in prop::sample::select(Action::ALL.to_vec()),
        ) {
            let edit = toggle(&text, start..end, action);
            let after = edit.apply(&text);
            let length = after.encode_utf16().count();
            prop_assert!(edit.select.start <= edit.select.end && edit.select.end <= length);
            if let Some(edit) = enter(&text, start..end) {
                prop_assert!(edit.select.end <= edit.apply(&text).encode_utf16().count());
            }
        }

        #[test]
        fn twice_is_as_before_and_once_is_seen(
            text in "[а-я👍 ,]{1,20}", start in 0_usize..24, length in 1_usize..24,
            action in prop::sample::select(vec![Action::Bold, Action::Italic, Action::Strike, Action::Code]),
        ) {
            // Half an emoji is nothing, and then there is only the caret.
            let start = start % text.encode_utf16().count();
            let selected = in_bytes(&text, &(start..start + length));
            if selected.is_empty() {
                return Ok(());
            }
            let once = toggle(&text, start..start + length, action);
            let marked = once.apply(&text);
            let twice = toggle(&marked, once.select.clone(), action);
            prop_assert_eq!(twice.apply(&marked), text.clone());
            prop_assert_eq!(plain(&marked, &[]), text, "no mark is left to be seen");
        }
    }
}
