//! What each key does in the inbox, by the key's place on the keyboard, so that it works in the Russian layout too.
//! Only the tables are here: what acts, and what the map of keys shows; the components act.

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The next chat of the list.
    NextChat,
    /// The one before.
    PreviousChat,
    /// The "new chat" dialog.
    NewChat,
    /// Into the search field of the list.
    Search,
    /// Into the text.
    Write,
    /// Quote the message that has the focus.
    Quote,
    /// Copy its text.
    Copy,
    /// Send it on to other chats.
    Forward,
    /// Pick it out, or put it back.
    Pick,
    /// Change the last text of one's own, from an empty composer: the composer's own.
    EditLast,
    /// The "hand over" menu.
    HandOver,
    /// Close or reopen the chat.
    Close,
    /// The next pane.
    NextPane,
    /// The one before.
    PreviousPane,
    /// Out of whatever is open.
    Escape,
    /// The next message.
    Down,
    /// The one before.
    Up,
    /// The last message.
    End,
    /// Send the text: the composer's own.
    Send,
    /// A new line in it: the composer's own.
    NewLine,
    /// Open the chat, or the actions of the message, that has the focus: the list's and the log's own.
    Open,
    /// Far up or down the list of chats: the list's own.
    Far,
    /// The map of keys: on every page.
    Help,
}

/// The keys of an act as they are shown, and whether each is a single character, which can be turned off.
pub type Shown = (Act, &'static [(&'static str, bool)]);

/// The map of keys in its order. A test compares it with what acts.
pub const MAP: &[Shown] = &[
    (Act::NextChat, &[("Alt+↓", false), ("J", true)]),
    (Act::PreviousChat, &[("Alt+↑", false), ("K", true)]),
    (Act::NewChat, &[("Alt+N", false)]),
    (Act::Search, &[("/", true)]),
    (Act::Write, &[("I", true)]),
    (Act::Send, &[("Enter", false)]),
    (Act::NewLine, &[("Shift+Enter", false)]),
    (Act::Down, &[("↓", false)]),
    (Act::Up, &[("↑", false)]),
    (Act::End, &[("End", false)]),
    (Act::Far, &[("PgUp", false), ("PgDn", false), ("Home", false), ("End", false)]),
    (Act::Open, &[("Enter", false)]),
    (Act::Quote, &[("R", true)]),
    (Act::Copy, &[("C", true)]),
    (Act::Forward, &[("F", true)]),
    (Act::Pick, &[("X", true)]),
    (Act::EditLast, &[("↑", false)]),
    (Act::HandOver, &[("A", true)]),
    (Act::Close, &[("E", true)]),
    (Act::NextPane, &[("F6", false)]),
    (Act::PreviousPane, &[("Shift+F6", false)]),
    (Act::Escape, &[("Esc", false)]),
    (Act::Help, &[("?", true)]),
];

/// A key as the browser tells it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Key<'a> {
    /// `KeyboardEvent.code`.
    pub code: &'a str,
    /// Ctrl or Command is held.
    pub ctrl: bool,
    /// Alt is held.
    pub alt: bool,
    /// Shift is held.
    pub shift: bool,
    /// The focus is where text is typed.
    pub in_text: bool,
    /// Single characters act (WCAG 2.1.4: they can be turned off).
    pub letters: bool,
}

/// What a key does; `None` leaves it to the browser.
pub fn act(key: Key) -> Option<Act> {
    Some(match (key.code, key.ctrl, key.alt, key.shift) {
        ("ArrowDown", false, true, false) => Act::NextChat,
        ("ArrowUp", false, true, false) => Act::PreviousChat,
        ("KeyN", false, true, false) => Act::NewChat,
        ("F6", false, false, false) => Act::NextPane,
        ("F6", false, false, true) => Act::PreviousPane,
        ("Escape", false, false, false) => Act::Escape,
        _ if key.in_text => return None,
        ("ArrowDown", false, false, false) => Act::Down,
        ("ArrowUp", false, false, false) => Act::Up,
        ("End", false, false, false) => Act::End,
        _ if !key.letters => return None,
        ("KeyJ", false, false, false) => Act::NextChat,
        ("KeyK", false, false, false) => Act::PreviousChat,
        ("Slash", false, false, false) => Act::Search,
        ("KeyR", false, false, false) => Act::Quote,
        ("KeyC", false, false, false) => Act::Copy,
        ("KeyF", false, false, false) => Act::Forward,
        ("KeyX", false, false, false) => Act::Pick,
        ("KeyA", false, false, false) => Act::HandOver,
        ("KeyE", false, false, false) => Act::Close,
        ("KeyI", false, false, false) => Act::Write,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_letters_act_only_outside_text() {
        let j = Key { code: "KeyJ", letters: true, ..Key::default() };
        assert_eq!(act(j), Some(Act::NextChat));
        assert_eq!(act(Key { in_text: true, ..j }), None);
        assert_eq!(act(Key { ctrl: true, ..j }), None, "Ctrl+J is the browser's");
        assert_eq!(act(Key { letters: false, ..j }), None, "turned off");
    }

    /// The key that is shown so.
    fn pressed(shown: &str) -> Key<'_> {
        let (shift, rest) = shown.strip_prefix("Shift+").map_or((false, shown), |rest| (true, rest));
        let (alt, rest) = rest.strip_prefix("Alt+").map_or((false, rest), |rest| (true, rest));
        let code = match rest {
            "↓" => "ArrowDown",
            "↑" => "ArrowUp",
            "/" => "Slash",
            "Esc" => "Escape",
            letter if letter.len() == 1 => LETTERS[usize::from(letter.as_bytes()[0] - b'A')],
            other => other,
        };
        Key { code, alt, shift, letters: true, ..Key::default() }
    }

    const LETTERS: [&str; 26] = [
        "KeyA", "KeyB", "KeyC", "KeyD", "KeyE", "KeyF", "KeyG", "KeyH", "KeyI", "KeyJ", "KeyK", "KeyL", "KeyM", "KeyN",
        "KeyO", "KeyP", "KeyQ", "KeyR", "KeyS", "KeyT", "KeyU", "KeyV", "KeyW", "KeyX", "KeyY", "KeyZ",
    ];

    #[test]
    fn the_map_shows_what_acts_and_all_of_it() {
        let mut shown = Vec::new();
        for (wanted, keys) in MAP {
            // These are told by other components.
            if matches!(wanted, Act::Send | Act::NewLine | Act::EditLast | Act::Far | Act::Open | Act::Help) {
                continue;
            }
            for (text, letter) in *keys {
                let key = pressed(text);
                assert_eq!(act(key), Some(*wanted), "{text}");
                assert_eq!(act(Key { letters: false, ..key }).is_none(), *letter, "{text}");
                shown.push((key.code, key.alt, key.shift));
            }
        }
        let others = ["ArrowDown", "ArrowUp", "End", "Home", "F6", "Escape", "Slash", "Enter", "Space", "Digit1"];
        for code in LETTERS.into_iter().chain(others) {
            for (alt, shift) in [(false, false), (false, true), (true, false), (true, true)] {
                let key = Key { code, alt, shift, letters: true, ..Key::default() };
                assert_eq!(act(key).is_some(), shown.contains(&(code, alt, shift)), "{key:?}");
            }
        }
    }

    #[test]
    fn chords_act_everywhere() {
        let down = Key { code: "ArrowDown", alt: true, in_text: true, ..Key::default() };
        assert_eq!(act(down), Some(Act::NextChat));
        assert_eq!(act(Key { alt: false, ..down }), None, "arrows belong to the text");
        assert_eq!(act(Key { code: "F6", shift: true, in_text: true, ..Key::default() }), Some(Act::PreviousPane));
        assert_eq!(act(Key { code: "Escape", in_text: true, ..Key::default() }), Some(Act::Escape));
    }
}
