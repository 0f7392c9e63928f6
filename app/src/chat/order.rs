//! The order of the chat list and the arithmetic of its visible part. Rows have one height, so a list of any length
//! costs two divisions. What a row looks like is in `row`.

use std::collections::HashMap;
use std::ops::Range;

use domain::{ChatId, Moment};

/// Rows drawn above and below what is visible.
const MARGIN: usize = 8;
/// How close to the end of what is loaded one may scroll before more is asked for, rows.
const AHEAD: usize = 60;

/// Loaded chats of one filter, newest first, then by id.
#[derive(Default)]
pub struct Order {
    rows: Vec<(Moment, ChatId)>,
    known: HashMap<ChatId, Moment>,
    /// Chats kept on top, the first of them first.
    pins: Vec<ChatId>,
    /// Where the next page begins; absent when everything is here.
    pub next: Option<String>,
}

impl Order {
    /// How many chats are loaded.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The chat in a row.
    pub fn get(&self, row: usize) -> Option<ChatId> {
        self.rows.get(row).map(|(_, id)| *id)
    }

    /// The row of a chat.
    pub fn row_of(&self, id: ChatId) -> Option<usize> {
        let at = *self.known.get(&id)?;
        self.find((at, id)).ok()
    }

    /// Whether a chat is here.
    pub fn contains(&self, id: ChatId) -> bool {
        self.known.contains_key(&id)
    }

    /// These chats are on top from now on. Takes out those that were or are among them, and names them: they are to be
    /// put in again.
    pub fn pin(&mut self, pins: Vec<ChatId>) -> Vec<ChatId> {
        let before = std::mem::replace(&mut self.pins, pins);
        let mut moved: Vec<ChatId> = before.into_iter().chain(self.pins.iter().copied()).collect();
        moved.retain(|id| self.known.contains_key(id));
        moved.iter().for_each(|id| self.remove(*id));
        moved
    }

    /// What a chat is ordered by: when it was last active, or a time beyond all others for one on top.
    pub fn place(&self, id: ChatId, at: Moment) -> Moment {
        let pin = self.pins.iter().position(|pin| *pin == id);
        pin.map_or(at, |pin| Moment(i64::MAX - pin as i64))
    }

    /// What a chat that is here is ordered by.
    pub fn at(&self, id: ChatId) -> Option<Moment> {
        self.known.get(&id).copied()
    }

    /// Adds a page as it came.
    pub fn extend(&mut self, page: impl IntoIterator<Item = (ChatId, Moment)>, next: Option<String>) {
        self.next = next;
        for (id, at) in page {
            self.put(id, self.place(id, at));
        }
    }

    /// A chat that belongs to this list is new or has moved. Beyond the loaded part it is left for its page.
    pub fn upsert(&mut self, id: ChatId, at: Moment) {
        let at = self.place(id, at);
        let beyond = self.next.is_some() && self.rows.last().is_none_or(|last| key((at, id)) > key(*last));
        if beyond {
            self.remove(id);
        } else {
            self.put(id, at);
        }
    }

    /// A chat does not belong to this list any more.
    pub fn remove(&mut self, id: ChatId) {
        if let Some(row) = self.row_of(id) {
            self.rows.remove(row);
            self.known.remove(&id);
        }
    }

    fn put(&mut self, id: ChatId, at: Moment) {
        if self.known.get(&id) == Some(&at) {
            return;
        }
        self.remove(id);
        if let Err(row) = self.find((at, id)) {
            self.rows.insert(row, (at, id));
            self.known.insert(id, at);
        }
    }

    fn find(&self, wanted: (Moment, ChatId)) -> Result<usize, usize> {
        self.rows.binary_search_by_key(&key(wanted), |row| key(*row))
    }

    /// Whether the list should be continued when rows up to `end` are drawn.
    pub fn wants_more(&self, end: usize) -> bool {
        self.next.is_some() && end + AHEAD > self.rows.len()
    }
}

fn key((at, id): (Moment, ChatId)) -> std::cmp::Reverse<(Moment, ChatId)> {
    std::cmp::Reverse((at, id))
}

/// The rows to draw for a scroll position, a pane height and a row height, all in pixels.
pub fn visible(top: f64, height: f64, row: f64, count: usize) -> Range<usize> {
    let first = (top.max(0.0) / row).floor() as usize;
    let last = ((top.max(0.0) + height) / row).ceil() as usize;
    first.saturating_sub(MARGIN).min(count)..(last + MARGIN).min(count)
}

/// Where to scroll so that a row is whole in the pane; `None` when it is.
pub fn reveal(row: usize, top: f64, height: f64, size: f64) -> Option<f64> {
    let start = row as f64 * size;
    if start < top {
        Some(start)
    } else if start + size > top + height {
        Some(start + size - height)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(order: &Order) -> Vec<i64> {
        (0..order.len()).filter_map(|row| order.get(row)).map(|id| id.0).collect()
    }

    fn list(next: Option<&str>) -> Order {
        let mut order = Order::default();
        order.extend([(ChatId(3), Moment(30)), (ChatId(2), Moment(20)), (ChatId(1), Moment(10))], next.map(Into::into));
        order
    }

    #[test]
    fn a_chat_that_speaks_comes_first() {
        let mut order = list(None);
        order.upsert(ChatId(1), Moment(40));
        assert_eq!(ids(&order), [1, 3, 2]);
        order.upsert(ChatId(9), Moment(40));
        assert_eq!(ids(&order), [9, 1, 3, 2], "the larger id first at the same time");
        order.remove(ChatId(3));
        assert_eq!(ids(&order), [9, 1, 2]);
        assert_eq!(order.row_of(ChatId(2)), Some(2));
    }

    #[test]
    fn pinned_chats_stay_on_top_in_their_order() {
        let mut order = list(None);
        assert_eq!(order.pin(vec![ChatId(1), ChatId(2)]), [ChatId(1), ChatId(2)]);
        order.upsert(ChatId(2), Moment(20));
        order.upsert(ChatId(1), Moment(10));
        assert_eq!(ids(&order), [1, 2, 3]);
        order.upsert(ChatId(3), Moment(90));
        assert_eq!(ids(&order), [1, 2, 3]);
        for id in order.pin(vec![ChatId(2)]) {
            order.upsert(id, Moment(10 * id.0));
        }
        assert_eq!(ids(&order), [2, 3, 1]);
    }

    #[test]
    fn what_lies_beyond_the_loaded_part_waits_for_its_page() {
        let mut order = list(Some("10-1"));
        order.upsert(ChatId(7), Moment(5));
        assert!(!order.contains(ChatId(7)));
        order.upsert(ChatId(7), Moment(15));
        assert_eq!(ids(&order), [3, 2, 7, 1]);
        order.extend([(ChatId(7), Moment(15)), (ChatId(8), Moment(4))], None);
        assert_eq!(ids(&order), [3, 2, 7, 1, 8]);
    }

    #[test]
    fn a_hundred_thousand_chats_move_quickly() {
        let mut order = Order::default();
        order.extend((0..100_000).map(|n| (ChatId(n), Moment(n * 10))), None);
        let began = std::time::Instant::now();
        for n in 0..1000 {
            order.upsert(ChatId(n * 7), Moment(2_000_000 + n));
        }
        assert_eq!(order.len(), 100_000);
        assert_eq!(order.get(0), Some(ChatId(6993)));
        assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    }

    #[test]
    fn only_what_is_seen_is_drawn() {
        assert_eq!(visible(0.0, 600.0, 60.0, 100_000), 0..18);
        assert_eq!(visible(60_000.0, 600.0, 60.0, 100_000), 992..1018);
        assert_eq!(visible(5_999_400.0, 600.0, 60.0, 100_000), 99_982..100_000);
        assert_eq!(visible(500.0, 600.0, 60.0, 0), 0..0);
        assert_eq!(reveal(0, 100.0, 600.0, 60.0), Some(0.0));
        assert_eq!(reveal(20, 0.0, 600.0, 60.0), Some(660.0));
        assert_eq!(reveal(5, 0.0, 600.0, 60.0), None);
    }
}
