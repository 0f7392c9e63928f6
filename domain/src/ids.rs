//! Numbers by which rows are known. Each noun has its own type, so a chat cannot be mistaken for a message.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// One WhatsApp number connected through one provider.
    AccountId,
    /// A key with which a programme speaks for a user.
    ApiKeyId,
    /// An account's conversation with one contact.
    ChatId,
    /// A person or group as the messenger knows it.
    ContactId,
    /// One attachment: its bytes may be shared with others.
    FileId,
    /// A filter of the list that a person named.
    FilterId,
    /// One raw notification as it came from a provider.
    JournalId,
    /// A label for chats.
    LabelId,
    /// A message that waits for its time.
    LaterId,
    /// One message of a chat.
    MessageId,
    /// A quick reply.
    QuickReplyId,
    /// A member of staff.
    UserId,
}
