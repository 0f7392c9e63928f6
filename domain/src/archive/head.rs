//! How a line of an exported chat begins: `12.03.2024, 14:05 - ` on Android, `[12.03.2024, 14:05:33] ` on iPhones, with
//! dots, slashes or hyphens, two or four digits of the year, twelve or twenty-four hours.

use super::Stamp;
use crate::search::Day;

/// What all lines of one export have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The time stands in brackets: an iPhone's export.
    pub brackets: bool,
    separator: char,
    seconds: bool,
    year_first: bool,
}

/// What stands first in a date, the rest being in its usual order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Day, month, year.
    Day,
    /// Month, day, year.
    Month,
    /// Year, month, day.
    Year,
}

/// The beginning of a message.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// How it is written.
    pub style: Style,
    date: [u16; 3],
    time: [u8; 3],
    halves: bool,
    /// What follows.
    pub rest: &'a str,
}

impl Head<'_> {
    /// The moment, where there is such a day.
    pub fn stamp(&self, order: Order) -> Option<Stamp> {
        let [a, b, c] = self.date;
        let (year, month, day) = match order {
            Order::Day => (c, b, a),
            Order::Month => (c, a, b),
            Order::Year => (a, b, c),
        };
        let year = if year < 100 { 2000 + year } else { year };
        let day = Day::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
        let [hour, minute, second] = self.time;
        Some(Stamp { day, hour, minute, second })
    }
}

/// Marks of direction and other characters that are not seen; WhatsApp puts them before its own words and around phones.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Reads the beginning of a message; `None` for a line that goes on with the one before.
pub fn read(line: &str) -> Option<Head<'_>> {
    let text = line.trim_start_matches(is_mark);
    let (brackets, text) = text.strip_prefix('[').map_or((false, text), |rest| (true, rest));
    let (first, text) = number(text, 4)?;
    let separator = text.chars().next().filter(|c| matches!(c, '.' | '/' | '-'))?;
    let (second, text) = number(text.strip_prefix(separator)?, 2)?;
    let (third, text) = number(text.strip_prefix(separator)?, 4)?;
    let year_first = first > 31;
    // Korean-like and Russian forms may have a dot or a word behind the year.
    let text = text.strip_prefix(" г.").or_else(|| text.strip_prefix('.')).unwrap_or(text);
    let text = text.strip_prefix(',').unwrap_or(text);
    let spaced = blanks(text);
    if spaced.len() == text.len() {
        return None;
    }
    let (hour, text) = number(spaced, 2)?;
    let (minute, text) = number(text.strip_prefix([':', '.'])?, 2)?;
    let seconds = text.strip_prefix([':', '.']).and_then(|text| number(text, 2));
    let (second_of_minute, text) = seconds.map_or((0, text), |(seconds, text)| (seconds, text));
    let (half, text) = half(text);
    let rest = if brackets {
        blanks(blanks(text).strip_prefix(']')?)
    } else {
        let text = blanks(text).strip_prefix(['-', '–'])?;
        text.strip_prefix([' ', '\u{a0}']).or_else(|| text.is_empty().then_some(text))?
    };
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
    };
    let small = |number: u16, most: u16| u8::try_from(number).ok().filter(|_| number <= most);
    Some(Head {
        style: Style { brackets, separator, seconds: seconds.is_some(), year_first },
        date: [first, second, third],
        time: [small(hour, 23)?, small(minute, 59)?, small(second_of_minute, 59)?],
        halves: half.is_some(),
        rest,
    })
}

fn number(text: &str, longest: usize) -> Option<(u16, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(length).filter(|_| (1..=longest).contains(&length))?;
    Some((digits.parse().ok()?, rest))
}

fn blanks(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || is_mark(c))
}

/// `AM` and `PM` in their forms: whether it is afternoon.
fn half(text: &str) -> (Option<bool>, &str) {
    const FORMS: [(&str, bool); 10] = [
        ("am", false),
        ("pm", true),
        ("a.m.", false),
        ("p.m.", true),
        ("a. m.", false),
        ("p. m.", true),
        ("a.\u{a0}m.", false),
        ("p.\u{a0}m.", true),
        ("дп", false),
        ("пп", true),
    ];
    let word = blanks(text);
    for (form, afternoon) in FORMS {
        let Some((written, rest)) = word.split_at_checked(form.len()) else { continue };
        if written.to_lowercase() == form && !rest.starts_with(char::is_alphanumeric) {
            return (Some(afternoon), rest);
        }
    }
    (None, text)
}

/// Decides the order of day and month over all messages, and whether that is beyond doubt: by numbers that can be no
/// month, then by which order lets the time go forward, then by what is usual.
pub fn order<'a, I: Iterator<Item = Head<'a>>>(heads: impl Fn() -> I) -> (Order, bool) {
    let Some(first) = heads().next() else { return (Order::Day, false) };
    if first.style.year_first {
        return (Order::Year, true);
    }
    let (mut days_first, mut days_second) = (0_u32, 0_u32);
    for Head { date: [a, b, _], .. } in heads() {
        days_first += u32::from(a > 12);
        days_second += u32::from(b > 12);
    }
    if days_first != days_second {
        let order = if days_first > days_second { Order::Day } else { Order::Month };
        return (order, days_first == 0 || days_second == 0);
    }
    let backwards = |order| {
        let mut last = None;
        let back =
            heads().filter_map(|head| head.stamp(order)).filter(|at| last.replace(*at).is_some_and(|last| last > *at));
        back.count()
    };
    let (day, month) = (backwards(Order::Day), backwards(Order::Month));
    if day != month {
        return (if day < month { Order::Day } else { Order::Month }, day == 0 || month == 0);
    }
    let american = first.style.separator == '/' && first.halves;
    (if american { Order::Month } else { Order::Day }, false)
}
