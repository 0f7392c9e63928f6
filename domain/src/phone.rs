//! Telephone numbers. A [`Phone`] exists only normalised: digits of the international number, without a plus.

use serde::{Deserialize, Serialize};

/// An international number, 7–15 digits, country code first, no plus and no spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number as people in Russia write it: `8 (912) 000-45-17`, `+7 912 …`, `912…` with ten digits.
    /// A number of another country needs its plus or its full country code; nothing is guessed for it.
    /// `None` for anything that is not one whole number.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let plus = text.starts_with('+');
        let mut digits = String::with_capacity(16);
        for (i, c) in text.char_indices() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if i == 0 => {}
                ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2011}' | '\u{2013}' | '(' | ')' | '.' | '/' => {}
                _ => return None,
            }
        }
        if digits.starts_with("00") && !plus {
            digits.drain(..2);
        } else if !plus && digits.len() == 11 && digits.starts_with('8') {
            // Russia's and Kazakhstan's trunk prefix stands for their country code.
            digits.replace_range(..1, "7");
        } else if !plus && digits.len() == 10 && digits.starts_with(['3', '4', '7', '8', '9']) {
            digits.insert(0, '7');
        }
        ((7..=15).contains(&digits.len()) && !digits.starts_with('0')).then_some(Self(digits))
    }

    /// The digits, country code first.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// As people read it: `+7 912 000-45-17` with unbreakable spaces; other countries as plus and digits.
    pub fn pretty(&self) -> String {
        match self.0.strip_prefix('7') {
            Some(rest) if rest.len() == 10 => {
                format!("+7\u{a0}{}\u{a0}{}-{}-{}", &rest[..3], &rest[3..6], &rest[6..8], &rest[8..])
            }
            _ => format!("+{}", self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a telephone number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ways_of_writing_one_number_meet() {
        for text in ["+7 912 000-45-17", "8 (912) 000-45-17", "9120004517", "79120004517", "+7\u{a0}912\u{a0}000-45-17"]
        {
            assert_eq!(Phone::parse(text).map(|p| p.0), Some("79120004517".to_owned()), "{text}");
        }
    }

    #[test]
    fn other_countries_are_left_as_written() {
        assert_eq!(Phone::parse("+375 29 123-45-67").map(|p| p.0).as_deref(), Some("375291234567"));
        assert_eq!(Phone::parse("00 49 30 1234567").map(|p| p.0).as_deref(), Some("49301234567"));
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["", "Иван", "12", "+7 912 abc", "8 912 000-45-17 доб. 3", "12345678901234567890"] {
            assert_eq!(Phone::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_is_stable(text in "\\+?[0-9 ()-]{5,20}") {
            if let Some(phone) = Phone::parse(&text) {
                prop_assert_eq!(Phone::parse(&phone.pretty()), Some(phone));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Phone::parse(&text);
        }
    }
}
