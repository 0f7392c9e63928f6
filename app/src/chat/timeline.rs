//! The bounded window of messages of one chat: paging in both directions, merging what comes live, messages that are
//! still on their way to the server. What is drawn between messages is in `layout`; scrolling is in `window`.

use std::collections::HashMap;

use domain::{Message, MessageId, Moment};
use leptos::prelude::*;

/// Messages asked for when a chat is opened.
pub const FIRST: usize = 40;
/// Messages asked for at once while one scrolls: few, so that drawing them fits between two pictures.
pub const PAGE: usize = 25;
/// The most messages that a window keeps; what is further away is dropped and paged in again.
pub const WINDOW: usize = 200;

/// Where a message stands in its chat: by time, then by id. Messages on their way stand after all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(Moment, i64);

impl Place {
    /// The place of a message.
    pub fn of(message: &Message) -> Self {
        if message.id.0 < 0 { Self(Moment(i64::MAX), -message.id.0) } else { Self(message.sent_at, message.id.0) }
    }
}

/// One message of the window. Its key stays the same when a message on its way gets its id.
#[derive(Clone)]
pub struct Entry {
    /// Names the entry while it is in the window.
    pub key: i64,
    /// The message as it is now.
    pub message: ArcRwSignal<Message>,
    place: Place,
}

/// What became of a message that was handed to the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stands in the window now.
    Added,
    /// It stood there and has new content.
    Changed,
    /// It belongs beyond the window and will be paged in.
    Outside,
}

/// Where news of a message come from, which decides whether they can be older than what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The event stream: in order, never older than the last of its events.
    Live,
    /// The answer to a call: may have been overtaken by events.
    Answer,
}

/// The window.
#[derive(Default)]
pub struct Timeline {
    entries: Vec<Entry>,
    /// There are messages before the first.
    pub older: bool,
    /// There are messages after the last, so nothing new is put at the end.
    pub newer: bool,
    locals: i64,
}

impl Timeline {
    /// The messages, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The oldest message that the server knows.
    pub fn first_id(&self) -> Option<MessageId> {
        self.entries.iter().map(|entry| entry.message.with_untracked(|m| m.id)).find(|id| id.0 > 0)
    }

    /// The newest message that the server knows.
    pub fn last_id(&self) -> Option<MessageId> {
        self.entries.iter().rev().map(|entry| entry.message.with_untracked(|m| m.id)).find(|id| id.0 > 0)
    }

    /// The entry that shows a message.
    pub fn find(&self, id: MessageId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.message.with_untracked(|m| m.id == id))
    }

    /// The entry with a key.
    pub fn by_key(&self, key: i64) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Begins anew with one page. Entries that are in the page keep their key and so their place on the screen.
    pub fn replace(&mut self, page: Vec<Message>, older: bool, newer: bool) {
        let mut known: HashMap<i64, Entry> = self.entries.drain(..).map(|entry| (entry.place.1, entry)).collect();
        for message in page {
            match known.remove(&message.id.0) {
                Some(mut entry) if entry.message.with_untracked(|m| m.id == message.id) => {
                    entry.place = Place::of(&message);
                    entry.message.set(message);
                    self.entries.push(entry);
                }
                _ => self.entries.push(entry(message)),
            }
        }
        self.entries.sort_by_key(|entry| entry.place);
        (self.older, self.newer) = (older, newer);
    }

    /// Adds a page before the first message, and drops what is then too far below.
    pub fn prepend(&mut self, page: Vec<Message>, more: bool) {
        self.merge(page);
        self.older = more;
        if self.entries.len() > WINDOW {
            self.entries.truncate(WINDOW);
            self.newer = true;
        }
    }

    /// Adds a page after the last message, and drops what is then too far above.
    pub fn append(&mut self, page: Vec<Message>, more: bool) {
        self.merge(page);
        self.newer = more;
        self.keep_last(WINDOW);
    }

    /// Drops all but the last `count` messages.
    pub fn keep_last(&mut self, count: usize) {
        if self.entries.len() > count {
            self.entries.drain(..self.entries.len() - count);
            self.older = true;
        }
    }

    /// Drops all but about `count` messages around the one with this key.
    pub fn keep_around(&mut self, key: i64, count: usize) {
        let Some(middle) = self.entries.iter().position(|entry| entry.key == key) else { return };
        let end = (middle + count / 2).min(self.entries.len());
        if end < self.entries.len() {
            self.entries.truncate(end);
            self.newer = true;
        }
        self.keep_last(count);
    }

    /// What a page tells of messages that are here already is not taken: events keep those fresher than a page can be.
    fn merge(&mut self, page: Vec<Message>) {
        for message in page {
            if self.position(&message).is_none() {
                self.insert(entry(message));
            }
        }
    }

    /// Takes news of one message.
    pub fn take(&mut self, message: Message, source: Source) -> Change {
        if let Some(at) = self.position(&message) {
            let place = Place::of(&message);
            let merged = self.entries[at].message.with_untracked(|old| newest(old, message, source));
            self.entries[at].message.set(merged);
            if self.entries[at].place != place {
                let mut moved = self.entries.remove(at);
                moved.place = place;
                self.insert(moved);
                return Change::Added;
            }
            return Change::Changed;
        }
        let place = Place::of(&message);
        let before = self.older && self.entries.first().is_none_or(|first| place < first.place);
        let after = self.newer && self.entries.last().is_none_or(|last| place > last.place);
        if before || after {
            return Change::Outside;
        }
        self.insert(entry(message));
        Change::Added
    }

    /// Shows a message before the server knows it. Gives its key; a message whose client id is here already is left.
    pub fn add_local(&mut self, mut message: Message) -> i64 {
        if let Some(at) = self.position(&message) {
            return self.entries[at].key;
        }
        self.locals += 1;
        message.id = MessageId(-self.locals);
        let local = entry(message);
        let key = local.key;
        self.entries.push(local);
        key
    }

    /// Drops a message that was never sent.
    pub fn drop_local(&mut self, id: MessageId) {
        self.entries.retain(|entry| entry.message.with_untracked(|m| m.id != id || id.0 > 0));
    }

    /// Keeps the window bounded while new messages come in at its end.
    pub fn trim_top(&mut self) {
        if self.entries.len() > WINDOW + PAGE {
            self.keep_last(WINDOW);
        }
    }

    fn position(&self, message: &Message) -> Option<usize> {
        self.entries.iter().rposition(|entry| {
            entry.message.with_untracked(|known| {
                known.id == message.id || (known.client_id.is_some() && known.client_id == message.client_id)
            })
        })
    }

    fn insert(&mut self, entry: Entry) {
        let at = self.entries.partition_point(|known| known.place <= entry.place);
        self.entries.insert(at, entry);
    }
}

fn entry(message: Message) -> Entry {
    Entry { key: message.id.0, place: Place::of(&message), message: ArcRwSignal::new(message) }
}

/// Statuses never go back, except that a message which was tried again begins anew, and only events tell that reliably.
fn newest(old: &Message, mut new: Message, source: Source) -> Message {
    let again = source == Source::Live && old.status.may_send_again();
    if new.status.rank() < old.status.rank() && !again && new.id == old.id {
        new.status = old.status;
        new.failure.clone_from(&old.failure);
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::samples::message;
    use domain::Status;

    fn page(ids: std::ops::Range<i64>) -> Vec<Message> {
        ids.map(|id| message(id, id * 1000)).collect()
    }

    fn ids(timeline: &Timeline) -> Vec<i64> {
        timeline.entries().iter().map(|entry| entry.message.with_untracked(|m| m.id.0)).collect()
    }

    fn filled(ids: std::ops::Range<i64>, older: bool, newer: bool) -> Timeline {
        let mut timeline = Timeline::default();
        timeline.replace(page(ids), older, newer);
        timeline
    }

    #[test]
    fn paging_up_keeps_the_window_bounded() {
        let mut timeline = filled(950..1000, true, false);
        for start in (1..950).rev().step_by(50).map(|end| end - 49).take_while(|start| *start > 700) {
            timeline.prepend(page(start..start + 50), true);
            assert!(timeline.entries().len() <= WINDOW);
        }
        assert!(timeline.newer, "the far end was dropped");
        let first = timeline.first_id().unwrap().0;
        assert_eq!(ids(&timeline), (first..first + WINDOW as i64).collect::<Vec<_>>());
        let last = timeline.last_id().unwrap().0;
        timeline.append(page(last + 1..last + 51), true);
        assert_eq!(timeline.entries().len(), WINDOW);
        assert!(timeline.older);
        assert_eq!(timeline.last_id().unwrap().0, last + 50);
    }

    #[test]
    fn overlapping_pages_double_nothing() {
        let mut timeline = filled(50..100, true, false);
        timeline.prepend(page(20..60), true);
        assert_eq!(ids(&timeline), (20..100).collect::<Vec<_>>());
    }

    #[test]
    fn live_messages_find_their_place() {
        let mut timeline = filled(10..20, true, false);
        assert_eq!(timeline.take(message(30, 15_500), Source::Live), Change::Added);
        assert_eq!(timeline.take(message(31, 99_000), Source::Live), Change::Added);
        assert_eq!(timeline.take(message(5, 5_000), Source::Live), Change::Outside);
        assert_eq!(ids(&timeline), [10, 11, 12, 13, 14, 15, 30, 16, 17, 18, 19, 31]);
        let mut detached = filled(10..20, false, true);
        assert_eq!(detached.take(message(30, 99_000), Source::Live), Change::Outside);
        assert_eq!(detached.take(message(5, 5_000), Source::Live), Change::Added);
    }

    #[test]
    fn a_message_on_its_way_keeps_its_key_and_ends_in_order() {
        let mut timeline = filled(10..12, false, false);
        let mut local = message(0, 1);
        local.client_id = Some("a".to_owned());
        let key = timeline.add_local(local.clone());
        assert_eq!(timeline.add_local(local), key, "a second time is the same message");
        timeline.take(message(12, 12_000), Source::Live);
        assert_eq!(ids(&timeline), [10, 11, 12, -1]);
        let mut sent = message(13, 13_000);
        sent.client_id = Some("a".to_owned());
        sent.status = Status::Queued;
        timeline.take(sent.clone(), Source::Live);
        timeline.take(sent, Source::Answer);
        assert_eq!(ids(&timeline), [10, 11, 12, 13]);
        assert_eq!(timeline.by_key(key).unwrap().message.with_untracked(|m| m.id), MessageId(13));
    }

    #[test]
    fn statuses_never_go_back() {
        let with = |status| Message { status, ..message(1, 1000) };
        let mut timeline = Timeline::default();
        timeline.replace(vec![with(Status::Queued)], false, false);
        timeline.take(with(Status::Read), Source::Live);
        for source in [Source::Live, Source::Answer] {
            timeline.take(with(Status::Queued), source);
            timeline.take(with(Status::Delivered), source);
            assert_eq!(timeline.entries()[0].message.with_untracked(|m| m.status), Status::Read);
        }
    }

    #[test]
    fn trying_again_begins_anew() {
        let with = |status| Message { status, ..message(1, 1000) };
        let mut timeline = Timeline::default();
        timeline.replace(vec![with(Status::Sent)], false, false);
        timeline.take(with(Status::Failed), Source::Live);
        timeline.take(with(Status::Queued), Source::Live);
        assert_eq!(timeline.entries()[0].message.with_untracked(|m| m.status), Status::Queued);
    }

    #[test]
    fn leaving_a_chat_keeps_what_stood_on_the_screen() {
        let mut timeline = filled(0..200, false, false);
        timeline.keep_around(100, 60);
        assert_eq!(timeline.entries().len(), 60);
        assert!(timeline.by_key(100).is_some() && timeline.older && timeline.newer);
        timeline.replace(page(90..140), true, false);
        assert_eq!(ids(&timeline), (90..140).collect::<Vec<_>>());
    }
}
