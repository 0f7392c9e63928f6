//! Rows for the tests of this folder.

use domain::chat::LastMessage;
use domain::{
    AccountId, Chat, ChatId, ChatState, Contact, ContactId, Direction, Kind, Message, MessageId, Moment, Origin, Status,
};

/// A text from a client.
pub fn message(id: i64, at: i64) -> Message {
    Message {
        id: MessageId(id),
        chat: ChatId(1),
        account: AccountId(1),
        direction: Direction::In,
        origin: Origin::Client,
        kind: Kind::Text,
        text: format!("№ {id}"),
        status: Status::Received,
        failure: None,
        sent_at: Moment(at),
        author: None,
        sender: None,
        quote: None,
        reactions: Vec::new(),
        files: Vec::new(),
        client_id: None,
        forwarded: false,
        content: None,
        preview: None,
        mentions: Vec::new(),
        edited_at: None,
        deleted_at: None,
        raw_kind: None,
    }
}

/// A chat whose client spoke last.
pub fn chat(id: i64, at: i64) -> Chat {
    Chat {
        id: ChatId(id),
        account: AccountId(1),
        contact: Contact {
            id: ContactId(id),
            name: format!("Клиент {id}"),
            phone: Some(format!("7912000{id:04}")),
            group: false,
            avatar: None,
        },
        last_message: Some(LastMessage {
            id: MessageId(id),
            direction: Direction::In,
            origin: Origin::Client,
            kind: Kind::Text,
            text: "Добрый день".to_owned(),
            status: Status::Received,
            sent_at: Moment(at),
        }),
        active_at: Moment(at),
        unread: 0,
        unanswered: None,
        first_unread: None,
        assignee: None,
        state: ChatState::Open,
        labels: Vec::new(),
    }
}
