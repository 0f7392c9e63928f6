//! The words both sides speak: ids, times, phones, accounts, contacts, chats, messages, and the two enums in which
//! everything meets, [`Fact`] and [`Command`]. Pure: no I/O, no knowledge of axum, leptos, SQL or any provider.

pub mod account;
pub mod archive;
pub mod chat;
pub mod command;
pub mod contact;
pub mod content;
pub mod event;
pub mod fact;
pub mod fault;
pub mod file;
pub mod ids;
pub mod label;
pub mod later;
pub mod list;
pub mod locale;
pub mod log;
pub mod mention;
pub mod message;
pub mod moment;
pub mod phone;
pub mod quick;
pub mod search;
pub mod text;
pub mod user;
pub mod vcard;

pub use account::{Account, AccountState, Capabilities, Provider, Receive, Switches};
pub use chat::{Chat, ChatState};
pub use command::Command;
pub use contact::{Address, Contact};
pub use content::Content;
pub use event::{Event, Frame};
pub use fact::Fact;
pub use fault::Fault;
pub use file::{File, FileState};
pub use ids::{
    AccountId, ApiKeyId, ChatId, ContactId, FileId, FilterId, JournalId, LabelId, LaterId, MessageId, QuickReplyId,
    UserId,
};
pub use list::Page;
pub use locale::Language;
pub use message::{Direction, Failure, Kind, Message, Origin, Reason, Status};
pub use moment::Moment;
pub use phone::Phone;
pub use user::{Role, User};
