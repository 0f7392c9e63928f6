//! The shape of the texts of chat.

/// See the module.
pub struct Texts {}
