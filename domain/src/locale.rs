//! The sentences that both sides need: faults, reasons, states. The interface's own words are in the client's locales.

mod en;
mod ru;

use serde::{Deserialize, Serialize};

use crate::{AccountState, Fault, Reason, Role};

/// A language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Russian.
    #[default]
    Ru,
    /// English.
    En,
}

impl Language {
    /// The best of ours for an `Accept-Language` header; Russian unless English is asked for first.
    pub fn negotiate(header: &str) -> Self {
        let mut best = (0.0, Self::Ru);
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let tag = pieces.next().unwrap_or_default().trim();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .and_then(|q| q.parse::<f32>().ok())
                .unwrap_or(1.0);
            let language = match tag.get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("ru") => Self::Ru,
                Some("en") => Self::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }
}

/// What happened, what is with the data, what to do.
pub fn fault(language: Language, fault: Fault) -> &'static str {
    match language {
        Language::Ru => ru::fault(fault),
        Language::En => en::fault(fault),
    }
}

/// What one says first at an hour of the day, 0–23.
pub fn greeting(language: Language, hour: u8) -> &'static str {
    match language {
        Language::Ru => ru::greeting(hour),
        Language::En => en::greeting(hour),
    }
}

/// Why a message did not go or an account stands still.
pub fn reason(language: Language, reason: Reason) -> &'static str {
    match language {
        Language::Ru => ru::reason(reason),
        Language::En => en::reason(reason),
    }
}

/// An account's state in a word or two, and what to do about it.
pub fn state(language: Language, state: AccountState) -> (&'static str, &'static str) {
    match language {
        Language::Ru => ru::state(state),
        Language::En => en::state(state),
    }
}

/// A role's name.
pub fn role(language: Language, role: Role) -> &'static str {
    match language {
        Language::Ru => ru::role(role),
        Language::En => en::role(role),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_asked_for_first_wins() {
        for (header, expected) in [
            ("", Language::Ru),
            ("en", Language::En),
            ("en-US,en;q=0.9,ru;q=0.8", Language::En),
            ("ru-RU,ru;q=0.9,en-US;q=0.8", Language::Ru),
            ("de, en;q=0.5", Language::En),
            ("*", Language::Ru),
            ("en;q=oops", Language::En),
            ("ё", Language::Ru),
        ] {
            assert_eq!(Language::negotiate(header), expected, "{header}");
        }
    }

    #[test]
    fn every_sentence_is_there() {
        for language in [Language::Ru, Language::En] {
            for &f in Fault::ALL {
                assert!(fault(language, f).ends_with('.'), "{f:?}");
            }
            for &r in Reason::ALL {
                assert!(reason(language, r).ends_with('.'), "{r:?}");
            }
        }
    }
}
