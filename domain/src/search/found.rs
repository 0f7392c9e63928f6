//! What a search answers, as it travels. How it is found is not known here.

use serde::{Deserialize, Serialize};

use super::Fragment;
use crate::{Chat, Message};

/// One message that was found: `GET /search`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Found {
    /// The message as it is now.
    pub message: Box<Message>,
    /// Its chat.
    pub chat: Box<Chat>,
    /// What to show of it: about a line around the first word that was found.
    pub fragment: Fragment,
    /// What the fragment is of.
    pub part: Part,
}

/// A part of a message that words were found in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Its text.
    #[default]
    Text,
    /// The name of a file.
    File,
    /// A card, a poll, a place …
    Content,
}
