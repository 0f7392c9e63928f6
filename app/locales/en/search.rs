//! English: search in messages.

use crate::i18n::search::Texts;

pub const TEXTS: Texts = Texts {
    messages: "Messages",
    nothing: |text| format!("No messages with “{text}”"),
    nothing_text: "Search knows all forms of words, phone numbers and file names. You can narrow it down: from:Anna, after:01.10, has:file.",
    more: "Show more",
    you: "You",
};
