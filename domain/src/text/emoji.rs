//! Emoji as people count them: a flag, a family and a skin tone are one each (`reference/whatsapp-text.md §6`).
//! No table of all emoji is needed for that, only the ranges they live in. Also where a text may be cut.

/// How many emoji a text consists of, when it consists of one to three and nothing else: such a message is drawn large.
pub fn emoji_count(text: &str) -> Option<u8> {
    let mut rest = text.trim();
    let mut count = 0;
    while !rest.is_empty() {
        rest = one(rest)?;
        count += 1;
        if count > 3 {
            return None;
        }
    }
    (count > 0).then_some(count)
}

/// Whether two reactions are the same emoji: the variation selector may be there or not.
pub fn same_emoji(one: &str, other: &str) -> bool {
    let bare = |c: &char| *c != SELECTOR;
    one.chars().filter(bare).eq(other.chars().filter(bare))
}

/// A text on one line, at most `limit` characters and `…` where something is left out. Neither an emoji nor a letter
/// with its marks is cut in two.
pub fn one_line(text: &str, limit: usize) -> String {
    let text = text.trim();
    let Some((mut end, _)) = text.char_indices().nth(limit) else { return flat(text) };
    // The longest family is far shorter than this; a text of nothing but marks is cut anywhere.
    for _ in 0..32 {
        let (before, after) = text.split_at_checked(end).unwrap_or((text, ""));
        let Some(last) = before.chars().next_back() else { break };
        if !is_joined(before, last, after.chars().next()) {
            break;
        }
        end -= last.len_utf8();
    }
    flat(text.get(..end).unwrap_or_default().trim_end()) + "…"
}

fn flat(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect()
}

/// Whether what comes next belongs to the last character of `before`.
fn is_joined(before: &str, last: char, next: Option<char>) -> bool {
    let flag = |c: &char| ('\u{1f1e6}'..='\u{1f1ff}').contains(c);
    let extends = |c: char| {
        matches!(u32::from(c), 0x200D | 0x300..=0x36F | 0x483..=0x489 | 0x20D0..=0x20FF | 0xFE00..=0xFE0F
            | 0x1F3FB..=0x1F3FF | 0xE0020..=0xE007F)
    };
    let half_flag = || before.chars().rev().take(64).take_while(flag).count() % 2 == 1;
    last == JOINER || next.is_some_and(|next| extends(next) || flag(&next) && half_flag())
}

const SELECTOR: char = '\u{fe0f}';
const JOINER: char = '\u{200d}';

/// Takes one emoji from the front; answers what is left.
fn one(text: &str) -> Option<&str> {
    let mut rest = element(text)?;
    while let Some(joined) = rest.strip_prefix(JOINER) {
        rest = element(joined)?;
    }
    Some(rest)
}

fn element(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    let base = chars.next()?;
    let rest = chars.as_str();
    match base {
        '0'..='9' | '#' | '*' => return rest.strip_prefix(SELECTOR).unwrap_or(rest).strip_prefix('\u{20e3}'),
        '\u{1f1e6}'..='\u{1f1ff}' => return rest.strip_prefix(|c| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)),
        _ => {}
    }
    let selected = rest.strip_prefix(SELECTOR);
    if !(is_emoji(base) || selected.is_some() && may_be_emoji(base)) {
        return None;
    }
    let rest = selected.unwrap_or(rest);
    let rest = rest.strip_prefix(|c| ('\u{1f3fb}'..='\u{1f3ff}').contains(&c)).unwrap_or(rest);
    // Flags of regions carry their letters as invisible tags.
    Some(rest.trim_start_matches(|c| ('\u{e0020}'..='\u{e007f}').contains(&c)))
}

fn is_emoji(c: char) -> bool {
    matches!(u32::from(c), 0x1F300..=0x1F3FA | 0x1F400..=0x1F64F | 0x1F680..=0x1FAFF | 0x2600..=0x27BF
        | 0x231A..=0x231B | 0x23E9..=0x23F3 | 0x2B1B..=0x2B1C | 0x2B50 | 0x2B55 | 0x1F004 | 0x1F0CF | 0x1F18E
        | 0x1F191..=0x1F19A | 0x1F201 | 0x1F21A | 0x1F22F | 0x1F232..=0x1F236 | 0x1F238..=0x1F23A | 0x1F250..=0x1F251)
}

/// Signs that are text unless a selector says otherwise.
fn may_be_emoji(c: char) -> bool {
    matches!(u32::from(c), 0xA9 | 0xAE | 0x203C | 0x2049 | 0x2122 | 0x2139 | 0x2194..=0x21AA | 0x2328 | 0x23CF
        | 0x23F8..=0x23FA | 0x24C2 | 0x25AA..=0x25FE | 0x2934..=0x2935 | 0x2B05..=0x2B07 | 0x3030 | 0x303D | 0x3297
        | 0x3299 | 0x1F170..=0x1F17F | 0x1F202 | 0x1F237)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_three_are_counted() {
        for (text, count) in [
            ("👍", 1),
            ("❤", 1),
            ("❤️", 1),
            ("👩🏽‍💻", 1),
            ("🇷🇺", 1),
            ("1️⃣", 1),
            ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 1),
            ("👨‍👩‍👧‍👦👍🏽", 2),
            (" 😀😀😀\n", 3),
            ("©️", 1),
        ] {
            assert_eq!(emoji_count(text), Some(count), "{text}");
        }
    }

    #[test]
    fn everything_else_is_words() {
        for text in
            ["", " ", "👍 ок", ":)", "1", "12", "😀😀😀😀", "🇷", "\u{200d}", "\u{fe0f}", "👍\u{200d}", "©", "🏽х"]
        {
            assert_eq!(emoji_count(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_line_is_cut_between_letters() {
        for (text, limit, line) in [
            (" ёж\nпо горам ", 5, "ёж по…"),
            ("коротко", 7, "коротко"),
            ("да 👩🏽‍💻!", 5, "да…"),
            ("да 👩🏽‍💻!", 7, "да 👩🏽‍💻…"),
            ("🇷🇺🇷🇺", 3, "🇷🇺…"),
            ("и\u{306}од", 1, "…"),
            ("", 3, ""),
            ("а", 0, "…"),
        ] {
            assert_eq!(one_line(text, limit), line, "{text}");
        }
        assert!(one_line(&"\u{301}".repeat(1000), 500).chars().count() > 400);
    }

    #[test]
    fn reactions_are_compared_without_the_selector() {
        assert!(same_emoji("❤", "❤️"));
        assert!(!same_emoji("👍", "👍🏽"));
    }
}
