//! Attachments as the browser sees them. The bytes live elsewhere.

use serde::{Deserialize, Serialize};

use crate::FileId;

/// The most that any file may weigh, bytes: WhatsApp gateways take 100 MB (`reference/green-api.md` §6).
pub const MAX_FILE_BYTES: u64 = 100 * 1024 * 1024;
/// The longest file name kept, characters; longer ones are cut before the extension.
pub const MAX_NAME: usize = 200;
/// The most files in one message.
pub const MAX_FILES: usize = 10;

/// Where an attachment's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    /// Still being fetched from the provider.
    Pending,
    /// Here.
    Ready,
    /// Could not be fetched; can be asked for again.
    Failed,
}

/// One attachment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct File {
    /// Its id: `GET /api/v1/files/{id}`.
    pub id: FileId,
    /// Its name as sent.
    pub name: String,
    /// What it is, by its bytes where they say so, otherwise as the sender said.
    pub mime: String,
    /// Bytes; 0 while unknown.
    pub size: i64,
    /// Pixels, for pictures, so that a bubble has its size before the picture is there.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
    /// Whether its bytes are here.
    pub state: FileState,
}

impl File {
    /// A picture that a browser can show safely.
    pub fn is_picture(&self) -> bool {
        matches!(self.mime.as_str(), "image/jpeg" | "image/png" | "image/webp" | "image/gif")
    }
}
