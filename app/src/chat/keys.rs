//! What each key does in the inbox, by the key's place on the keyboard, so that it works in the Russian layout too.
//! Only the table is here; the components act.

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
}

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
        ("KeyJ", false, false, false) => Act::NextChat,
        ("KeyK", false, false, false) => Act::PreviousChat,
        ("Slash", false, false, false) => Act::Search,
        ("KeyR", false, false, false) => Act::Quote,
        ("KeyC", false, false, false) => Act::Copy,
        ("KeyA", false, false, false) => Act::HandOver,
        ("KeyE", false, false, false) => Act::Close,
        ("KeyI", false, false, false) => Act::Write,
        ("ArrowDown", false, false, false) => Act::Down,
        ("ArrowUp", false, false, false) => Act::Up,
        ("End", false, false, false) => Act::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_letters_act_only_outside_text() {
        let j = Key { code: "KeyJ", ..Key::default() };
        assert_eq!(act(j), Some(Act::NextChat));
        assert_eq!(act(Key { in_text: true, ..j }), None);
        assert_eq!(act(Key { ctrl: true, ..j }), None, "Ctrl+J is the browser's");
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
