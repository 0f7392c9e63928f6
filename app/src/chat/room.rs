//! One chat's room: its window of messages, where one stood in it, the text and files that are about to be sent. The
//! rooms visited last are kept, so going back to a chat draws it at once.

use domain::{ChatId, Message, MessageId};
use leptos::prelude::*;

use super::attach::Attached;
use super::layout::UnreadLine;
use super::store::Load;
use super::timeline::{Place, Timeline};

/// How many rooms are kept.
const ROOMS: usize = 20;
/// Messages that a room keeps when one leaves it: a screen and some, so that coming back costs little.
const LEFT_BEHIND: usize = 40;

/// Where one stands in a room. Never pixels from an end: those change with every width, zoom and page.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Hold {
    /// At the end, and new messages push the log up.
    #[default]
    End,
    /// This message's top is so many pixels below the top of the pane.
    At {
        /// The window's name for the message.
        key: i64,
        /// Pixels; negative when it begins above.
        offset: f64,
    },
    /// The unread line belongs near the top; becomes `At` once drawn.
    Unread,
    /// This message belongs in the middle and is to be marked; becomes `At` once drawn.
    Show(MessageId),
}

/// A dialog about messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// Where to forward these.
    Forward(Vec<MessageId>),
    /// Whether to delete these.
    Delete(Vec<MessageId>),
    /// What happened to this one.
    Info(MessageId),
    /// With which emoji to react to this one.
    React(MessageId),
}

/// Where the menu of a message opens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// The window's name for the message.
    pub key: i64,
    /// Pixels from the window's left edge.
    pub x: f64,
    /// Pixels from the window's top.
    pub y: f64,
    /// Only the row of emoji.
    pub emoji: bool,
}

/// The room. Cloning gives the same room.
#[derive(Clone)]
pub struct Room {
    /// Whose.
    pub chat: ChatId,
    /// The window of messages. Changes of one message do not notify it.
    pub timeline: ArcRwSignal<Timeline>,
    /// How the window stands.
    pub load: ArcRwSignal<Load>,
    /// What went wrong while paging; the button there tries again.
    pub paging_failed: ArcRwSignal<bool>,
    /// Where the unread line stands.
    pub line: ArcRwSignal<Option<UnreadLine>>,
    /// New messages below what is seen.
    pub below: ArcRwSignal<i32>,
    /// The text that is about to be sent.
    pub text: ArcRwSignal<String>,
    /// Whether it is a note for colleagues.
    pub note: ArcRwSignal<bool>,
    /// What it answers.
    pub quote: ArcRwSignal<Option<Message>>,
    /// The message whose text is being changed in the composer.
    pub editing: ArcRwSignal<Option<Message>>,
    /// The text that stood in the composer before.
    pub put_by: ArcStoredValue<String>,
    /// Messages that are picked out, in the order of picking; `None` when one does not pick.
    pub picked: ArcRwSignal<Option<Vec<MessageId>>>,
    /// What lies over the log.
    pub over: ArcRwSignal<Option<Over>>,
    /// The message whose menu is open, and where.
    pub menu: ArcRwSignal<Option<At>>,
    /// Files that are about to be sent.
    pub tray: ArcRwSignal<Vec<Attached>>,
    /// Where one stands.
    pub hold: ArcStoredValue<Hold>,
    /// The last message that was reported as seen.
    pub seen: ArcStoredValue<Option<Place>>,
    /// Events heard while a page is on its way; they are applied after it.
    pub heard: ArcStoredValue<Vec<Message>>,
    /// What a screen reader is told of new messages.
    pub said: ArcRwSignal<String>,
    /// A page is on its way.
    pub paging: ArcStoredValue<bool>,
    /// The room's content is older than the event stream allows.
    pub stale: ArcStoredValue<bool>,
    /// Counts the loads, so that an answer that was overtaken is dropped.
    pub wave: ArcStoredValue<u64>,
}

impl Room {
    /// An empty room.
    pub fn new(chat: ChatId, draft: &str) -> Self {
        Self {
            chat,
            timeline: ArcRwSignal::default(),
            load: ArcRwSignal::default(),
            paging_failed: ArcRwSignal::new(false),
            line: ArcRwSignal::new(None),
            below: ArcRwSignal::new(0),
            text: ArcRwSignal::new(draft.to_owned()),
            note: ArcRwSignal::new(false),
            quote: ArcRwSignal::new(None),
            editing: ArcRwSignal::new(None),
            put_by: ArcStoredValue::new(String::new()),
            picked: ArcRwSignal::new(None),
            over: ArcRwSignal::new(None),
            menu: ArcRwSignal::new(None),
            tray: ArcRwSignal::new(Vec::new()),
            hold: ArcStoredValue::new(Hold::End),
            seen: ArcStoredValue::new(None),
            heard: ArcStoredValue::new(Vec::new()),
            said: ArcRwSignal::new(String::new()),
            paging: ArcStoredValue::new(false),
            stale: ArcStoredValue::new(false),
            wave: ArcStoredValue::new(0),
        }
    }

    /// Has the window drawn again, so that it goes where `hold` says.
    pub fn settle(&self) {
        self.timeline.notify();
    }

    /// Whether a page is on its way, so that events have to be kept for after it.
    pub fn reads(&self) -> bool {
        self.paging.get_value() || self.load.with_untracked(|load| *load == Load::Waiting)
    }

    /// Makes the room small when one leaves it.
    pub fn leave(&self) {
        let hold = self.hold.get_value();
        self.timeline.update_untracked(|timeline| match hold {
            Hold::At { key, .. } => timeline.keep_around(key, LEFT_BEHIND),
            _ => timeline.keep_last(LEFT_BEHIND),
        });
        self.line.set(None);
        self.picked.set(None);
        self.over.set(None);
        self.menu.set(None);
        super::gesture::stop_editing(self);
    }

    /// The message that an entry of the window shows.
    pub fn message(&self, key: i64) -> Option<Message> {
        self.timeline.with_untracked(|timeline| timeline.by_key(key).map(|entry| entry.message.get_untracked()))
    }

    /// A message of the window.
    pub fn find(&self, id: MessageId) -> Option<Message> {
        self.timeline.with_untracked(|timeline| timeline.find(id).map(|entry| entry.message.get_untracked()))
    }
}

/// The rooms visited last, the latest at the end.
#[derive(Default)]
pub struct Rooms(Vec<Room>);

impl Rooms {
    /// The room of a chat.
    pub fn get(&self, chat: ChatId) -> Option<Room> {
        self.0.iter().find(|room| room.chat == chat).cloned()
    }

    /// Goes into a room. The one left longest ago gives way, unless files wait in it.
    pub fn enter(&mut self, chat: ChatId, draft: &str) -> Room {
        let room = match self.0.iter().position(|room| room.chat == chat) {
            Some(at) => self.0.remove(at),
            None => Room::new(chat, draft),
        };
        self.0.push(room.clone());
        if self.0.len() > ROOMS
            && let Some(at) = self.0.iter().position(|room| room.tray.with_untracked(Vec::is_empty))
            && at + 1 < self.0.len()
        {
            self.0.remove(at);
        }
        room
    }

    /// Forgets a room.
    pub fn forget(&mut self, chat: ChatId) {
        self.0.retain(|room| room.chat != chat);
    }

    /// Events were missed: every room has to be read anew.
    pub fn all_stale(&self) {
        for room in &self.0 {
            room.stale.set_value(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rooms_visited_last_are_kept() {
        let mut rooms = Rooms::default();
        for id in 0..30 {
            rooms.enter(ChatId(id), "");
            rooms.enter(ChatId(0), "");
        }
        assert_eq!(rooms.0.len(), ROOMS);
        assert!(rooms.get(ChatId(0)).is_some() && rooms.get(ChatId(29)).is_some() && rooms.get(ChatId(5)).is_none());
        assert_eq!(rooms.enter(ChatId(77), "начато").text.get_untracked(), "начато");
    }
}
