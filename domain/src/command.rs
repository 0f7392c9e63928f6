//! What anybody can ask of the ledger: the browser, 1C, a bot, a mailing.

use crate::content::Content;
use crate::{AccountId, Address, ChatId, FileId, LabelId, MessageId, Origin, UserId};

/// One request to change something. Who asks is told beside it, and what they may see limits it.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Say something.
    Send(Box<Outgoing>),
    /// Try a failed or unknown message again.
    SendAgain(MessageId),
    /// Change the text of a message that was sent from here.
    Edit {
        /// Which.
        message: MessageId,
        /// The new text.
        text: String,
    },
    /// Delete a message for everyone.
    Delete(MessageId),
    /// React to a message; an empty emoji takes the reaction back.
    React {
        /// To which.
        message: MessageId,
        /// One emoji, or nothing.
        emoji: String,
    },
    /// Send messages on to other chats.
    Forward {
        /// Which, in this order.
        messages: Vec<MessageId>,
        /// Where to.
        chats: Vec<ChatId>,
        /// Chosen by the sender; the same again forwards nothing twice.
        client_id: String,
    },
    /// Everything up to this message has been seen.
    MarkRead {
        /// The chat.
        chat: ChatId,
        /// The last message seen; what came later stays unread.
        up_to: MessageId,
    },
    /// Show the chat as unread again, to come back to it.
    MarkUnread(ChatId),
    /// Put a label on a chat or take it off.
    Label {
        /// The chat.
        chat: ChatId,
        /// Which.
        label: LabelId,
        /// Put on or taken off.
        on: bool,
    },
    /// Begin or find the conversation with somebody.
    Open {
        /// The account that will write.
        account: AccountId,
        /// Whom to, as the account's gateway addresses them.
        address: Address,
    },
    /// Give the chat to somebody, or to nobody.
    Assign {
        /// The chat.
        chat: ChatId,
        /// Who.
        user: Option<UserId>,
    },
    /// Close or reopen.
    SetClosed {
        /// The chat.
        chat: ChatId,
        /// Closed or not.
        closed: bool,
    },
    /// Nobody needs to answer.
    NoAnswerNeeded(ChatId),
    /// Fetch a file again that could not be fetched.
    FetchAgain(FileId),
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Where to.
    pub chat: ChatId,
    /// Who writes; absent for programmes without a user.
    pub author: Option<UserId>,
    /// By what hand.
    pub origin: Origin,
    /// Chosen by the sender; the same id again gives the same message.
    pub client_id: String,
    /// The words or the caption of the first file.
    pub text: String,
    /// Uploaded files of this author.
    pub files: Vec<FileId>,
    /// What it answers.
    pub quote: Option<MessageId>,
    /// A note for colleagues: kept, shown and never sent.
    pub note: bool,
    /// Recorded with the microphone.
    pub voice: bool,
    /// Passed on from another chat.
    pub forwarded: bool,
    /// A place, cards or a poll.
    pub content: Option<Content>,
}
