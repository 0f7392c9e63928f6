//! Round initials in one of eight colours. Pictures of contacts are the inbox's affair.

use crate::i18n::upper;
use leptos::prelude::*;

/// Initials of a name. The colour follows `seed`, so that a person keeps it everywhere.
#[component]
pub fn Avatar(
    /// Whose.
    #[prop(into)]
    name: String,
    /// A number that stays with the person: their id.
    seed: i64,
    /// `xs`, `s`, `m`, `l`, `xl`, or nothing for 40 pixels.
    #[prop(optional)]
    size: &'static str,
    /// A group has a square one.
    #[prop(optional)]
    group: bool,
) -> impl IntoView {
    let class = format!("ava {size}{}", if group { " group" } else { "" });
    view! { <span class=class data-h=hue(seed).to_string() aria-hidden="true">{initials(&name)}</span> }
}

/// One of the eight marks, 1–8.
pub fn hue(seed: i64) -> i64 {
    // Neighbouring ids get colours far apart.
    (seed.wrapping_mul(5)).rem_euclid(8) + 1
}

/// At most two letters: of the first two words, without quotation marks and digits.
pub fn initials(name: &str) -> String {
    let words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphabetic()));
    let text = upper(&words.take(2).collect::<String>());
    if text.is_empty() { "#".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_only() {
        assert_eq!(initials("Марина Крылова"), "МК");
        assert_eq!(initials("ООО «Берёзовый двор»"), "ОБ");
        assert_eq!(initials("+7 912 000-45-17"), "#");
        assert_eq!(initials("анна"), "А");
    }

    #[test]
    fn a_colour_is_one_of_eight() {
        for seed in [i64::MIN, -1, 0, 1, 9, i64::MAX] {
            assert!((1..=8).contains(&hue(seed)));
        }
    }
}
