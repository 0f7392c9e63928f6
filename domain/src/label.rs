//! Labels: words with a colour that everybody puts on chats.

use serde::{Deserialize, Serialize};

use crate::LabelId;
use crate::message::words;

/// The longest name, characters.
pub const MAX_NAME: usize = 40;
/// The most labels there can be.
pub const MAX_LABELS: i64 = 100;

words! {
    /// What a label looks like; each theme has its own shade.
    Colour {
        /// Grey.
        Grey = "grey",
        /// Red.
        Red = "red",
        /// Orange.
        Orange = "orange",
        /// Yellow.
        Yellow = "yellow",
        /// Green.
        Green = "green",
        /// Teal.
        Teal = "teal",
        /// Blue.
        Blue = "blue",
        /// Violet.
        Violet = "violet",
    }
}

/// A label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Label {
    /// Its id.
    pub id: LabelId,
    /// The word; unique without regard to case.
    pub name: String,
    /// What it looks like.
    pub colour: Colour,
}

/// `POST /labels`, `PATCH /labels/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabelInput {
    /// 1–[`MAX_NAME`] characters.
    pub name: String,
    /// What it looks like.
    pub colour: Colour,
}

/// `POST /chats/{id}/label`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LabelSet {
    /// Which.
    pub label: LabelId,
    /// Put on or taken off.
    pub on: bool,
}
