//! Russian: settings.

use crate::i18n::settings::Texts;

pub const TEXTS: Texts = Texts {};
