//! The shape of the texts of settings.

/// See the module.
pub struct Texts {}
