//! English: chat.

use crate::i18n::chat::Texts;

pub const TEXTS: Texts = Texts {};
