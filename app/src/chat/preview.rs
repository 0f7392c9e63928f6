//! A message in a few words: for the list, notifications, quotes.

use domain::Kind;
use domain::text::{one_line, plain};

use crate::i18n::t;

/// The icon that stands for a kind in the list.
pub fn icon(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Text | Kind::System => None,
        Kind::Image => Some("image"),
        Kind::Video => Some("video"),
        Kind::Voice | Kind::Audio => Some("mic"),
        Kind::Document => Some("file"),
        Kind::Sticker => Some("smile"),
        Kind::Location => Some("map-pin"),
        Kind::Contact => Some("vcard"),
        Kind::Poll => Some("poll"),
        Kind::Invite => Some("users"),
        Kind::Buttons | Kind::Choice | Kind::Template => None,
        Kind::Call => Some("phone"),
        Kind::Note => Some("note"),
        Kind::Unsupported => Some("info"),
    }
}

/// The kind in a word.
pub fn word(kind: Kind) -> &'static str {
    let t = &t().chat;
    match kind {
        Kind::Text | Kind::System => "",
        Kind::Image => t.image,
        Kind::Video => t.video,
        Kind::Voice => t.voice,
        Kind::Audio => t.audio,
        Kind::Document => t.document,
        Kind::Sticker => t.sticker,
        Kind::Location => t.location,
        Kind::Contact => t.contact,
        Kind::Poll => t.poll,
        Kind::Invite => t.invite,
        Kind::Buttons | Kind::Template => t.buttons,
        Kind::Choice => t.choice,
        Kind::Call => t.call,
        Kind::Note => t.note,
        Kind::Unsupported => t.unsupported,
    }
}

/// As [`of`], from a message's own text: what is seen of it, without marks.
pub fn of_text(kind: Kind, text: &str) -> String {
    of(kind, &plain(text, &[]))
}

/// The words, which have no marks any more, or the kind where there are none.
pub fn of(kind: Kind, text: &str) -> String {
    let line = one_line(text, 160);
    if line.is_empty() { word(kind).to_owned() } else { line }
}
