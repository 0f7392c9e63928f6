//! Rows for the tests of this folder.

use domain::chat::LastMessage;
use domain::{
    Account, AccountId, AccountState, Capabilities, Chat, ChatId, ChatState, Contact, ContactId, Direction, Kind,
    Message, MessageId, Moment, Origin, Provider, Receive, Status, Switches,
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
            deleted: false,
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

/// An account whose provider can everything that a conversation needs.
pub fn account() -> Account {
    Account {
        id: AccountId(1),
        name: "Опт".to_owned(),
        provider: Provider::Sandbox,
        state: AccountState::Working,
        state_at: None,
        trouble: None,
        phone: None,
        enabled: true,
        capabilities: Capabilities {
            edit: true,
            delete: true,
            reactions: true,
            quotes: true,
            files: true,
            ..Capabilities::default()
        },
        switches: Switches::default(),
        settings: serde_json::Value::Null,
        secrets: Vec::new(),
        receive: Receive::Off,
        webhook_url: None,
        webhook_authorization: None,
        everyone: true,
        users: Vec::new(),
        last_event_at: None,
        created_at: Moment(0),
    }
}
