//! Mentions: `@login` or `@name` in a note, and who of the colleagues is meant.

use serde::{Deserialize, Serialize};

use crate::user::UserRef;
use crate::{Message, UserId};

/// A note in which one is mentioned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mention {
    /// The note.
    pub message: Message,
    /// Whether one has seen it.
    pub seen: bool,
}

/// Somebody who can be mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// What they sign in with.
    pub login: String,
    /// What they are called.
    pub name: String,
}

/// Who is meant by the words after each `@`: the longest login or name that stands there whole, each person once, in the
/// order of the text. An `@` inside a word, as in a mail address, means nobody.
pub fn resolve(text: &str, people: &[Person]) -> Vec<UserRef> {
    let mut found: Vec<UserRef> = Vec::new();
    let folded: Vec<_> = people.iter().map(|person| (person, fold(&person.login), fold(&person.name))).collect();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == '@' && !before.is_alphanumeric() {
            let rest = fold(text.get(at + 1..).unwrap_or_default());
            let fits = |word: &str| {
                let tail = rest.strip_prefix(word).filter(|_| !word.is_empty());
                tail.is_some_and(|tail| !tail.chars().next().is_some_and(char::is_alphanumeric))
            };
            let length = |word: &String| if fits(word) { word.len() } else { 0 };
            let best = folded.iter().map(|(person, login, name)| (length(login).max(length(name)), person));
            if let Some((_, person)) = best.filter(|(length, _)| *length > 0).max_by_key(|(length, _)| *length)
                && !found.iter().any(|known| known.id == person.id)
            {
                found.push(UserRef { id: person.id, name: person.name.clone() });
            }
        }
        before = c;
    }
    found
}

fn fold(text: &str) -> String {
    text.trim_end().to_lowercase().replace('ё', "е")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<i64> {
        let person =
            |id, login: &str, name: &str| Person { id: UserId(id), login: login.to_owned(), name: name.to_owned() };
        let people =
            [person(1, "anna", "Анна Орлова"), person(2, "anna.k", "Анна Королёва"), person(3, "пётр", "Пётр")];
        resolve(text, &people).into_iter().map(|user| user.id.0).collect()
    }

    #[test]
    fn the_longest_name_that_stands_whole_is_meant() {
        assert_eq!(named("@anna, посмотри"), [1]);
        assert_eq!(named("@Anna.K посмотри"), [2]);
        assert_eq!(named("спросите @анна королева!"), [2]);
        assert_eq!(named("@Петр и @anna и снова @петр"), [3, 1]);
        assert_eq!(named("(@петр)"), [3]);
    }

    #[test]
    fn what_is_no_mention_means_nobody() {
        for text in ["почта info@anna", "@annabel", "@", "@ anna", "@никто", "anna", "a@@b"] {
            assert_eq!(named(text), [0i64; 0], "{text}");
        }
    }
}
