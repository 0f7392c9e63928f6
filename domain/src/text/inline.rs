//! What is inside one line: code, links and mentions first, then `*`, `_` and `~` around the rest.
//! Where a mark opens and closes is `reference/whatsapp-text.md §2.2`; styles cannot nest deeper than three, for none
//! nests in itself.

use std::ops::Range;

use super::{Line, Mention, Span, Style, links};

/// Reads a line; `fences` are the ranges of its triple backticks.
pub fn parse(line: &str, fences: &[Range<usize>], mentions: &[Mention]) -> Line {
    let mut atoms = Vec::new();
    let mut seen = links::Seen::default();
    let mut at = 0;
    for atom in code(line, fences) {
        links::find(line, at..atom.range.start, mentions, &mut seen, &mut atoms);
        at = atom.range.end;
        atoms.push(atom);
    }
    links::find(line, at..line.len(), mentions, &mut seen, &mut atoms);
    let marks = marks(line, &atoms);
    let mut reader = Reader { line, atoms, next_atom: 0, marks };
    let count = reader.marks.len();
    reader.read(0..line.len(), 0..count)
}

/// A piece of a line that marks do not reach into.
pub struct Atom {
    /// Its bytes in the line.
    pub range: Range<usize>,
    /// What it is.
    pub span: Span,
}

/// Fences, and single backticks around something that is not blank.
fn code(line: &str, fences: &[Range<usize>]) -> Vec<Atom> {
    let mut atoms = Vec::new();
    let mut at = 0;
    for fence in fences.iter().cloned().chain(std::iter::once(line.len()..line.len())) {
        let mut open = None;
        for (i, _) in line.get(at..fence.start).unwrap_or_default().match_indices('`') {
            let here = at + i;
            match open.and_then(|start: usize| Some((start, line.get(start + 1..here)?))) {
                Some((start, words)) if !words.trim().is_empty() => {
                    atoms.push(Atom { range: start..here + 1, span: Span::Code(words.to_owned()) });
                    open = None;
                }
                _ => open = Some(here),
            }
        }
        if !fence.is_empty() {
            let words = line.get(fence.start + 3..fence.end - 3).unwrap_or_default();
            atoms.push(Atom { range: fence.clone(), span: Span::Mono(words.to_owned()) });
        }
        at = fence.end;
    }
    atoms
}

/// A `*`, `_` or `~` outside of atoms.
struct Mark {
    at: usize,
    style: Style,
    /// The mark that would close it, by its place in the list.
    close: Option<usize>,
}

fn marks(line: &str, atoms: &[Atom]) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut atoms = atoms.iter().peekable();
    for (at, c) in line.char_indices() {
        while atoms.next_if(|atom| atom.range.end <= at).is_some() {}
        if atoms.peek().is_some_and(|atom| atom.range.contains(&at)) {
            continue;
        }
        let style = match c {
            '*' => Style::Bold,
            '_' => Style::Italic,
            '~' => Style::Strike,
            _ => continue,
        };
        marks.push(Mark { at, style, close: None });
    }
    // The very next mark of its kind closes it or nothing does.
    let mut next = [None; 3];
    for index in (0..marks.len()).rev() {
        let Some(mark) = marks.get(index) else { continue };
        let last = next.get_mut(mark.style as usize).and_then(|next| next.replace(index));
        let close =
            last.filter(|&last| marks.get(last).is_some_and(|end| opens(line, mark.at) && closes(line, end.at)));
        if let Some(mark) = marks.get_mut(index) {
            mark.close = close;
        }
    }
    marks
}

fn before(line: &str, at: usize) -> Option<char> {
    line.get(..at).and_then(|text| text.chars().next_back())
}

fn after(line: &str, at: usize) -> Option<char> {
    line.get(at + 1..).and_then(|text| text.chars().next())
}

fn opens(line: &str, at: usize) -> bool {
    let itself = line.get(at..).and_then(|text| text.chars().next());
    !before(line, at).is_some_and(is_word) && after(line, at).is_some_and(|c| !c.is_whitespace() && Some(c) != itself)
}

fn closes(line: &str, at: usize) -> bool {
    before(line, at).is_some_and(|c| !c.is_whitespace()) && !after(line, at).is_some_and(is_word)
}

/// A letter, a digit or what combines with one. `_` is none, and neither are the parts of an emoji.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(u32::from(c), 0x300..=0x36F | 0x483..=0x489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20DC
            | 0xFE20..=0xFE2F)
}

struct Reader<'a> {
    line: &'a str,
    atoms: Vec<Atom>,
    next_atom: usize,
    marks: Vec<Mark>,
}

impl Reader<'_> {
    /// Reads the bytes of a range that has the given marks. Every byte and every mark is looked at once.
    fn read(&mut self, bytes: Range<usize>, marks: Range<usize>) -> Line {
        let mut line = Vec::new();
        let mut at = bytes.start;
        let mut index = marks.start;
        while index < marks.end {
            let pair = self.marks.get(index).and_then(|mark| {
                let close = mark.close.filter(|&close| close < marks.end)?;
                Some((mark.at, mark.style, close, self.marks.get(close)?.at))
            });
            let Some((start, style, close, end)) = pair else {
                index += 1;
                continue;
            };
            self.words(at..start, &mut line);
            let inside = self.read(start + 1..end, index + 1..close);
            line.push(Span::Styled(style, inside));
            at = end + 1;
            index = close + 1;
        }
        self.words(at..bytes.end, &mut line);
        line
    }

    /// Words and atoms between two marks.
    fn words(&mut self, bytes: Range<usize>, line: &mut Line) {
        let mut at = bytes.start;
        while let Some(atom) = self.atoms.get_mut(self.next_atom).filter(|atom| atom.range.start < bytes.end) {
            let span = std::mem::replace(&mut atom.span, Span::Text(String::new()));
            let range = atom.range.clone();
            push_text(self.line, at..range.start, line);
            line.push(span);
            at = range.end;
            self.next_atom += 1;
        }
        push_text(self.line, at..bytes.end, line);
    }
}

fn push_text(text: &str, bytes: Range<usize>, line: &mut Line) {
    if let Some(words) = text.get(bytes).filter(|words| !words.is_empty()) {
        line.push(Span::Text(words.to_owned()));
    }
}
