//! Which chats the list shows: one filter and perhaps an account and a search, all held in the address of the page.

use crate::i18n::lower;
use domain::chat::{ChatCounts, ChatFilter};
use domain::{AccountId, Chat, ChatState, LabelId, UserId};

/// The filters of the left pane. They exclude each other, as in the address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum View {
    /// Every chat.
    #[default]
    All,
    /// Mine.
    Mine,
    /// Taken by nobody.
    Unassigned,
    /// The client waits for an answer.
    Waiting,
    /// With unread messages.
    Unread,
    /// Groups.
    Groups,
    /// Closed.
    Closed,
    /// With a note that mentions one and that one has not seen.
    Mentioned,
}

impl View {
    /// In the order of the pane.
    pub const ALL: [Self; 8] = [
        Self::Mine,
        Self::Unassigned,
        Self::Waiting,
        Self::Unread,
        Self::Mentioned,
        Self::All,
        Self::Groups,
        Self::Closed,
    ];

    /// Its word in the address; the usual view has none.
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Mine => "mine",
            Self::Unassigned => "unassigned",
            Self::Waiting => "waiting",
            Self::Unread => "unread",
            Self::Groups => "groups",
            Self::Closed => "closed",
            Self::Mentioned => "mentioned",
        }
    }

    /// Reads [`View::word`]; anything else is the usual view.
    pub fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.word() == word).unwrap_or_default()
    }

    /// Its icon in the sprite.
    pub fn icon(self) -> &'static str {
        match self {
            Self::All => "chat",
            Self::Mine => "user",
            Self::Unassigned => "hand",
            Self::Waiting => "clock",
            Self::Unread => "bell",
            Self::Groups => "users",
            Self::Closed => "archive",
            Self::Mentioned => "at",
        }
    }

    /// How many chats it would show.
    pub fn count(self, counts: &ChatCounts) -> i64 {
        match self {
            Self::All => counts.all,
            Self::Mine => counts.mine,
            Self::Unassigned => counts.unassigned,
            Self::Waiting => counts.unanswered,
            Self::Unread => counts.unread,
            Self::Groups => counts.groups,
            Self::Closed => counts.closed,
            Self::Mentioned => counts.mentioned,
        }
    }
}

/// Everything that decides what the list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wanted {
    /// The filter.
    pub view: View,
    /// Only this account's chats.
    pub account: Option<AccountId>,
    /// Only those with this label.
    pub label: Option<LabelId>,
    /// Only those whose name or phone contains this.
    pub text: String,
}

impl Wanted {
    /// As the API wants it.
    pub fn filter(&self) -> ChatFilter {
        let text = self.text.trim();
        ChatFilter {
            account: self.account,
            mine: self.view == View::Mine,
            unassigned: self.view == View::Unassigned,
            unread: self.view == View::Unread,
            unanswered: self.view == View::Waiting,
            groups: self.view == View::Groups,
            closed: self.view == View::Closed,
            mentioned: self.view == View::Mentioned,
            label: self.label,
            text: (!text.is_empty()).then(|| text.to_owned()),
        }
    }

    /// The query of the page's address, with its question mark; empty for the usual list.
    pub fn query(&self) -> String {
        let mut parts = Vec::new();
        if self.view != View::All {
            parts.push(format!("view={}", self.view.word()));
        }
        if let Some(account) = self.account {
            parts.push(format!("account={account}"));
        }
        if let Some(label) = self.label {
            parts.push(format!("label={label}"));
        }
        if !self.text.trim().is_empty() {
            parts.push(format!("text={}", escape(self.text.trim())));
        }
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// Whether a chat as it is now belongs to the list; mirrors the server's conditions.
    pub fn matches(&self, chat: &Chat, me: UserId) -> bool {
        let open = chat.state == ChatState::Open;
        let view = match self.view {
            View::All => true,
            View::Mine => open && chat.assignee.as_ref().is_some_and(|user| user.id == me),
            View::Unassigned => open && chat.assignee.is_none(),
            View::Waiting => open && chat.unanswered.is_some(),
            View::Unread => open && chat.unread > 0,
            View::Groups => open && chat.contact.group,
            View::Closed => !open,
            // Chats do not tell who is mentioned in them: the list is read anew when a note mentions one.
            View::Mentioned => false,
        };
        view && self.label.is_none_or(|label| chat.labels.contains(&label))
            && self.account.is_none_or(|account| account == chat.account)
            && self.says(chat)
    }

    fn says(&self, chat: &Chat) -> bool {
        let text = lower(self.text.trim());
        if text.is_empty() {
            return true;
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let phone = chat.contact.phone.as_deref().unwrap_or_default();
        lower(&chat.contact.name).contains(&text) || (digits.len() >= 2 && phone.contains(&digits))
    }
}

/// Percent-encodes a query value.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::samples::chat;
    use domain::Moment;
    use domain::user::UserRef;

    #[test]
    fn the_address_holds_the_filter() {
        let wanted =
            Wanted { view: View::Waiting, account: Some(AccountId(3)), label: None, text: " Юля & К ".to_owned() };
        assert_eq!(wanted.query(), "?view=waiting&account=3&text=%D0%AE%D0%BB%D1%8F%20%26%20%D0%9A");
        assert_eq!(Wanted::default().query(), "");
        for view in View::ALL {
            assert_eq!(View::parse(view.word()), view);
        }
        assert_eq!(View::parse("nonsense"), View::All);
    }

    #[test]
    fn live_chats_are_filtered_as_the_server_does() {
        let me = UserId(1);
        let plain = chat(1, 10);
        let shows = |view, chat: &Chat| Wanted { view, ..Wanted::default() }.matches(chat, me);
        assert!(shows(View::All, &plain) && shows(View::Unassigned, &plain));
        assert!(!shows(View::Mine, &plain) && !shows(View::Unread, &plain) && !shows(View::Waiting, &plain));
        let mut busy = chat(2, 10);
        busy.assignee = Some(UserRef { id: me, name: "Анна".to_owned() });
        busy.unread = 2;
        busy.unanswered = Some(Moment(1));
        assert!(shows(View::Mine, &busy) && shows(View::Unread, &busy) && shows(View::Waiting, &busy));
        busy.state = ChatState::Closed;
        assert!(shows(View::All, &busy) && shows(View::Closed, &busy) && !shows(View::Mine, &busy));
    }

    #[test]
    fn search_finds_by_name_and_by_phone() {
        let found = |text: &str| Wanted { text: text.to_owned(), ..Wanted::default() }.matches(&chat(7, 1), UserId(1));
        assert!(found("клиент 7") && found("000-00") && found("") && found("  "));
        assert!(!found("Марина") && !found("999"));
    }
}
