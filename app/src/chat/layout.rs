//! What stands between the messages of a window: days, the unread line, and which messages belong together.
//! Pure: the time zone comes in as a function.

use domain::{Direction, Kind, Message, MessageId, Moment, Origin, UserId};
use leptos::prelude::*;

use super::timeline::Timeline;

/// Messages of one speaker within this time stand close together, milliseconds.
const TOGETHER: i64 = 10 * 60 * 1000;
/// Pictures within this time of the one before make an album, milliseconds.
const ALBUM: i64 = 60 * 1000;
/// The most pictures of an album.
const ALBUM_MOST: usize = 30;

/// Where the unread line stands: fixed while the chat is open, so that it does not run away while one reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadLine {
    /// The first message below the line.
    pub first: MessageId,
    /// How many there were.
    pub count: i32,
}

/// One line of the log.
#[derive(Clone)]
pub enum Item {
    /// A new day begins.
    Day {
        /// Its first message's time.
        at: Moment,
        /// The day's number in the local time zone.
        day: i64,
    },
    /// What follows was unread when the chat was opened.
    Unread(UnreadLine),
    /// A message.
    Message {
        /// The window's name for it.
        key: i64,
        /// The message as it is now.
        message: ArcRwSignal<Message>,
        /// The one before is by the same speaker and not long ago.
        cont: bool,
    },
    /// Pictures of one speaker, two at least, as one grid.
    Album {
        /// Each with the window's name for it, oldest first.
        messages: Vec<(i64, ArcRwSignal<Message>)>,
        /// As of a message.
        cont: bool,
    },
}

/// Names an item for keyed drawing: what has the same name is not drawn anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKey {
    /// A day.
    Day(i64),
    /// The unread line.
    Unread(i32),
    /// A message and whether it is drawn as a continuation.
    Message(i64, bool),
    /// An album: its first and last pictures, how many there are, and whether it is a continuation.
    Album(i64, i64, usize, bool),
}

impl Item {
    /// Its name.
    pub fn key(&self) -> ItemKey {
        match self {
            Self::Day { day, .. } => ItemKey::Day(*day),
            Self::Unread(line) => ItemKey::Unread(line.count),
            Self::Message { key, cont, .. } => ItemKey::Message(*key, *cont),
            Self::Album { messages, cont } => {
                let end = |found: Option<&(i64, _)>| found.map_or(0, |(key, _)| *key);
                ItemKey::Album(end(messages.first()), end(messages.last()), messages.len(), *cont)
            }
        }
    }
}

/// Who speaks, as far as drawing goes.
#[derive(PartialEq)]
struct Speaker(Direction, Origin, Option<UserId>, Option<String>);

fn speaker(message: &Message) -> Speaker {
    Speaker(message.direction, message.origin, message.author.as_ref().map(|a| a.id), message.sender.clone())
}

/// The lines of a window, oldest first. `day_of` gives the number of the local day.
pub fn lay_out(timeline: &Timeline, unread: Option<UnreadLine>, day_of: impl Fn(Moment) -> i64) -> Vec<Item> {
    let mut items = Vec::with_capacity(timeline.entries().len() + 8);
    let mut day = None;
    let mut last: Option<(Speaker, Moment)> = None;
    for entry in timeline.entries() {
        let (at, id, who, system) =
            entry.message.with_untracked(|m| (m.sent_at, m.id, speaker(m), m.kind == Kind::System));
        let today = day_of(at);
        if day != Some(today) {
            day = Some(today);
            last = None;
            items.push(Item::Day { at, day: today });
        }
        if let Some(line) = unread.filter(|line| line.first == id) {
            last = None;
            items.push(Item::Unread(line));
        }
        let cont = last.as_ref().is_some_and(|(before, when)| *before == who && at.since(*when) < TOGETHER);
        last = (!system).then_some((who, at));
        let message = entry.message.clone();
        let picture = cont && !system && message.with_untracked(joins);
        if !(picture && join(&mut items, entry.key, &message)) {
            items.push(Item::Message { key: entry.key, message, cont: cont && !system });
        }
    }
    items
}

/// Whether a message may stand in an album: a picture and nothing that needs a bubble of its own.
fn joins(message: &Message) -> bool {
    message.kind == Kind::Image
        && message.files.len() == 1
        && message.id.0 > 0
        && message.quote.is_none()
        && message.deleted_at.is_none()
        && message.failure.is_none()
}

/// Puts a picture to the one, or the album, right before it; false when they do not belong together.
fn join(items: &mut [Item], key: i64, message: &ArcRwSignal<Message>) -> bool {
    let near = |before: &ArcRwSignal<Message>| {
        let (at, forwarded) = message.with_untracked(|m| (m.sent_at, m.forwarded));
        before.with_untracked(|m| joins(m) && m.forwarded == forwarded && at.since(m.sent_at) <= ALBUM)
    };
    // Words under a picture in the middle would seem to be said of all of them.
    let plain = |message: &ArcRwSignal<Message>| message.with_untracked(|m| m.text.trim().is_empty());
    match items.last_mut() {
        Some(Item::Album { messages, .. })
            if plain(message) && messages.len() < ALBUM_MOST && messages.last().is_some_and(|(_, m)| near(m)) =>
        {
            messages.push((key, message.clone()));
            true
        }
        Some(last @ Item::Message { .. }) if plain(message) => {
            let Item::Message { key: before, message: first, cont } = last.clone() else { return false };
            if near(&first) {
                *last = Item::Album { messages: vec![(before, first), (key, message.clone())], cont };
                true
            } else {
                false
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::samples::message;

    const DAY: i64 = 24 * 3600 * 1000;

    fn words(items: &[Item]) -> Vec<String> {
        items
            .iter()
            .map(|item| match item {
                Item::Day { day, .. } => format!("day {day}"),
                Item::Unread(line) => format!("unread {}", line.count),
                Item::Message { key, cont, .. } => format!("{key}{}", if *cont { "+" } else { "" }),
                Item::Album { messages, .. } => {
                    format!("album {}", messages.iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>().join(" "))
                }
            })
            .collect()
    }

    #[test]
    fn days_the_unread_line_and_runs() {
        let mut timeline = Timeline::default();
        let mut mine = message(4, DAY + 9 * 60_000);
        mine.direction = Direction::Out;
        mine.origin = Origin::Operator;
        let page = vec![
            message(1, 0),
            message(2, 60_000),
            message(3, DAY),
            mine,
            message(5, DAY + 10 * 60_000),
            message(6, DAY + 11 * 60_000),
            message(7, DAY + 40 * 60_000),
        ];
        timeline.replace(page, false, false);
        let line = UnreadLine { first: MessageId(6), count: 2 };
        let items = lay_out(&timeline, Some(line), |at| at.0.div_euclid(DAY));
        assert_eq!(words(&items), ["day 0", "1", "2+", "day 1", "3", "4", "5", "unread 2", "6", "7"]);
    }

    #[test]
    fn pictures_sent_together_are_an_album() {
        let picture = |id: i64, at: i64, text: &str| {
            let file = domain::File {
                id: domain::FileId(id),
                name: "a.png".to_owned(),
                mime: "image/png".to_owned(),
                size: 1,
                width: None,
                height: None,
                state: domain::FileState::Ready,
            };
            let mut message = message(id, at);
            (message.kind, message.text, message.files) = (Kind::Image, text.to_owned(), vec![file]);
            message
        };
        let mut timeline = Timeline::default();
        let mut answer = picture(8, 201_000, "");
        answer.direction = Direction::Out;
        let page = vec![
            picture(1, 0, "Площадка"),
            picture(2, 10_000, ""),
            picture(3, 20_000, ""),
            picture(4, 30_000, "другое"),
            message(5, 31_000),
            picture(6, 100_000, ""),
            picture(7, 200_000, ""),
            answer,
        ];
        timeline.replace(page, false, false);
        let items = lay_out(&timeline, None, |_| 0);
        assert_eq!(words(&items), ["day 0", "album 1 2 3", "4+", "5+", "6+", "7+", "8"]);
    }
}
