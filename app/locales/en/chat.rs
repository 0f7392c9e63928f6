//! English: the list of chats, and what it shares with the chat window.

use crate::i18n::chat::Texts;
use crate::i18n::{en_plural, number};

pub const TEXTS: Texts = Texts {
    // Filters and list
    filters: "Chat filters",
    filter: "Filter",
    all: "All chats",
    mine: "Mine",
    unassigned: "Unassigned",
    waiting: "Waiting",
    unread: "Unread",
    groups: "Groups",
    closed: "Closed",
    mentioned: "Mentions",
    labels: "Labels",
    pinned: "pinned",
    accounts: "Accounts",
    list: "Chat list",
    list_summary: |chats, waiting| {
        let chats = format!("{} {}", number(chats), en_plural(chats, "chat", "chats"));
        match waiting {
            0 => chats,
            n => format!("{chats} · {} waiting", number(n)),
        }
    },
    search: "Search by name or phone",
    search_placeholder: "Name or phone",
    clear_search: "Clear the search",
    nothing_found: |text| format!("Nothing found for “{text}”"),
    nothing_found_text: "Check the spelling, or try the last digits of the phone.",
    nothing_here: "Nothing here",
    nothing_here_text: "There are no such chats now. They will appear by themselves.",
    show_all: "Show all chats",
    quiet_title: "Quiet so far",
    quiet_text: "As soon as a client writes, the chat appears here. The sandbox is good for a first try.",
    to_accounts: "Open accounts",
    new_chat: "New chat",
    draft: "Draft:",
    types: |name| format!("{name} is typing…"),
    waits: "Waiting for an answer",
    for_minutes: |minutes| match minutes {
        n @ ..60 => format!("{n}\u{a0}min"),
        n @ 60..1440 => format!("{}\u{a0}h", n / 60),
        n => format!("{}\u{a0}d", n / 1440),
    },
    new_count: |n| format!("{} new", number(n)),
    last_said: |text| format!("last: {text}"),
    owned_by: |name| format!("with {name}"),
    closed_badge: "Closed",
    // No chat
    choose_title: "Choose a chat",
    choose_text: "Or begin a new one by phone number.",
    choose_keys: "Alt+↑ and Alt+↓ — next chat, / — search",
    // Head
    chat_with: |name| format!("Chat: {name}"),
    to_list: "To the chat list",
    you: "You",
    // Log
    new_below: |n| format!("{} {}", number(n), en_plural(n, "new message", "new messages")),
    // Messages
    image: "Photo",
    video: "Video",
    voice: "Voice message",
    audio: "Audio",
    document: "Document",
    sticker: "Sticker",
    location: "Location",
    contact: "Contact",
    poll: "Poll",
    invite: "Group invitation",
    buttons: "Message with buttons",
    choice: "Choice",
    call: "Call",
    note: "Note",
    deleted: "Message deleted",
    unsupported: "Messages of this kind are not shown yet",
    status_queued: "queued",
    status_sending: "sending",
    status_checking: "finding out whether it went",
    status_unknown: "unknown whether it went",
    status_accepted: "accepted",
    status_sent: "sent",
    status_delivered: "delivered",
    status_read: "read",
    status_played: "played",
    status_failed: "not sent",
    // New chat
    phone_wrong: "This does not look like a phone number. Write it with its country code.",
    no_account: "There is no account to write from.",
    // Keys
    keys: "Keys",
};
