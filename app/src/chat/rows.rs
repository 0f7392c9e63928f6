//! Rows of chats by id, each behind a signal of its own, and how fresh each is. Their order in a list is `order`.

use std::collections::HashMap;

use domain::{AccountId, Chat, ChatId, Moment};
use leptos::prelude::*;

use super::filter::{Wanted, escape};

struct Row {
    chat: ArcRwSignal<Chat>,
    /// The clock when an event last told of it.
    heard: u64,
}

/// The rows that have been read.
#[derive(Default)]
pub struct Rows {
    rows: HashMap<ChatId, Row>,
    clock: u64,
}

impl Rows {
    /// Counts what has been told; a page that is asked for now is older than whatever is told later.
    pub fn clock(&self) -> u64 {
        self.clock
    }

    /// A chat's row.
    pub fn get(&self, id: ChatId) -> Option<ArcRwSignal<Chat>> {
        self.rows.get(&id).map(|row| row.chat.clone())
    }

    /// Takes in a chat as an event or the answer to a change tells it.
    pub fn hear(&mut self, chat: Chat) {
        self.clock += 1;
        self.put(chat, self.clock);
    }

    /// Takes in chats of a page that was asked for at `asked`; what was told since then is fresher. Gives the places of
    /// the page's chats in the list.
    pub fn read(&mut self, page: Vec<Chat>, asked: u64) -> Vec<(ChatId, Moment)> {
        let mut places = Vec::with_capacity(page.len());
        for chat in page {
            let id = chat.id;
            if self.rows.get(&id).is_none_or(|row| row.heard <= asked) {
                self.put(chat, asked);
            }
            if let Some(row) = self.rows.get(&id) {
                places.push((id, row.chat.with_untracked(|chat| chat.active_at)));
            }
        }
        places
    }

    /// Forgets an account's chats and names them.
    pub fn forget_account(&mut self, account: AccountId) -> Vec<ChatId> {
        let of_account = |row: &Row| row.chat.with_untracked(|chat| chat.account == account);
        let gone: Vec<ChatId> = self.rows.iter().filter(|(_, row)| of_account(row)).map(|(id, _)| *id).collect();
        for id in &gone {
            self.rows.remove(id);
        }
        gone
    }

    fn put(&mut self, chat: Chat, heard: u64) {
        match self.rows.get_mut(&chat.id) {
            Some(row) => {
                row.heard = heard;
                if row.chat.with_untracked(|old| *old != chat) {
                    row.chat.set(chat);
                }
            }
            None => {
                self.rows.insert(chat.id, Row { chat: ArcRwSignal::new(chat), heard });
            }
        }
    }
}

/// The call that reads a page of a list.
pub fn list_path(wanted: &Wanted, before: Option<&str>, limit: usize) -> String {
    let filter = wanted.filter();
    let mut path = format!("/chats?limit={limit}");
    if let Some(before) = before {
        path.push_str(&format!("&before={}", escape(before)));
    }
    if let Some(account) = filter.account {
        path.push_str(&format!("&account={account}"));
    }
    for (name, on) in [
        ("mine", filter.mine),
        ("unassigned", filter.unassigned),
        ("unread", filter.unread),
        ("unanswered", filter.unanswered),
        ("groups", filter.groups),
        ("closed", filter.closed),
        ("mentioned", filter.mentioned),
    ] {
        if on {
            path.push_str(&format!("&{name}=true"));
        }
    }
    if let Some(label) = filter.label {
        path.push_str(&format!("&label={label}"));
    }
    if let Some(text) = filter.text {
        path.push_str(&format!("&text={}", escape(&text)));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::samples::chat;

    #[test]
    fn a_page_never_undoes_what_was_told_while_it_travelled() {
        let mut rows = Rows::default();
        let asked = rows.clock();
        rows.hear(chat(1, 50));
        assert_eq!(
            rows.read(vec![chat(1, 10), chat(2, 20)], asked),
            [(ChatId(1), Moment(50)), (ChatId(2), Moment(20))]
        );
        let asked = rows.clock();
        assert_eq!(rows.read(vec![chat(1, 60)], asked), [(ChatId(1), Moment(60))]);
        assert_eq!(rows.forget_account(AccountId(1)).len(), 2);
        assert!(rows.get(ChatId(1)).is_none());
    }
}
