//! Where the log stands: it keeps its place by a message and the pixels to it, whatever grows above or below, and finds
//! out what is being seen. Nothing here draws.

use std::time::Duration;

use domain::MessageId;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::history;
use super::notify::is_watched;
use super::room::{Hold, Room};
use super::store::Chats;

/// Fractional pixels and zoom make "at the end" a matter of a pixel.
const END: f64 = 1.5;
/// How much of a message must be on the screen to count as seen, pixels.
const SEEN: f64 = 24.0;
/// Pause in scrolling after which what is on the screen counts as seen, milliseconds.
const PAUSE: u64 = 200;
/// How long a message that was jumped to stays marked, milliseconds.
const MARKED: u64 = 2_000;
/// The unread line stands so far below the top of the pane, pixels.
const LINE_TOP: f64 = 64.0;

/// The log's place.
#[derive(Clone)]
pub struct Scroll {
    /// The state of the inbox.
    pub chats: Chats,
    /// Whose log.
    pub room: Room,
    /// What scrolls.
    pub pane: NodeRef<html::Div>,
    /// What is inside.
    pub list: NodeRef<html::Ol>,
    /// Whether the end is out of sight, so that there is a button to it.
    pub far: RwSignal<bool>,
    /// The window changed and the log has not been put in its place yet: positions read now would mislead.
    pub unsettled: StoredValue<bool>,
    looking: StoredValue<bool>,
}

impl Scroll {
    /// A place for a room's log.
    pub fn new(chats: Chats, room: Room) -> Self {
        Self {
            chats,
            room,
            pane: NodeRef::new(),
            list: NodeRef::new(),
            far: RwSignal::new(false),
            unsettled: StoredValue::new(true),
            looking: StoredValue::new(false),
        }
    }

    /// Puts the log where the room says.
    pub fn settle(&self) {
        let Some(pane) = self.pane.get_untracked() else { return };
        // Nothing to hold on to yet; where to begin is not forgotten.
        if self.room.timeline.with_untracked(|timeline| timeline.entries().is_empty()) {
            return;
        }
        match self.room.hold.get_value() {
            Hold::End => {
                if pane.scroll_top() != 0 {
                    pane.set_scroll_top(0);
                }
            }
            Hold::At { key, offset } => {
                if let Some(element) = element(key) {
                    move_by(&pane, top(&element) - top(&pane) - offset);
                }
            }
            Hold::Unread => {
                let line =
                    self.list.get_untracked().and_then(|list| list.query_selector(".unread-line").ok().flatten());
                match line {
                    Some(line) => move_by(&pane, top(&line) - top(&pane) - LINE_TOP),
                    None => pane.set_scroll_top(0),
                }
                self.note();
            }
            Hold::Show(id) => {
                self.show(&pane, id);
                self.note();
            }
        }
        self.update_far();
        self.look();
    }

    fn show(&self, pane: &HtmlElement, id: MessageId) {
        let key = self.room.timeline.with_untracked(|timeline| timeline.find(id).map(|entry| entry.key));
        let Some(element) = key.and_then(element) else { return };
        let room = f64::from(pane.client_height()) - element.get_bounding_client_rect().height();
        move_by(pane, top(&element) - top(pane) - (room / 2.0).max(16.0));
        let _ = element.class_list().add_1("hit");
        set_timeout(
            move || {
                let _ = element.class_list().remove_1("hit");
            },
            Duration::from_millis(MARKED),
        );
    }

    /// Remembers where the log stands, after the person has scrolled it.
    pub fn note(&self) {
        let (Some(pane), Some(list)) = (self.pane.get_untracked(), self.list.get_untracked()) else { return };
        let detached = self.room.timeline.with_untracked(|timeline| timeline.newer);
        let at_end = f64::from(pane.scroll_top()).abs() <= END && !detached;
        let hold = if at_end {
            self.room.below.set(0);
            Some(Hold::End)
        } else {
            let edge = top(&pane);
            first_where(&list, |rect| rect.bottom() > edge)
                .and_then(|n| (n..list.children().length()).find_map(|n| keyed(&list, n)))
                .map(|(key, element)| Hold::At { key, offset: top(&element) - edge })
        };
        if let Some(hold) = hold {
            self.room.hold.set_value(hold);
        }
        self.update_far();
    }

    fn update_far(&self) {
        let far = self.room.hold.get_value() != Hold::End;
        if self.far.try_get_untracked() == Some(!far) {
            self.far.set(far);
        }
    }

    /// Reports what has been seen, once the scrolling pauses.
    pub fn look(&self) {
        if self.looking.try_get_value() != Some(false) {
            return;
        }
        self.looking.set_value(true);
        let scroll = self.clone();
        set_timeout(
            move || {
                if scroll.looking.try_get_value() == Some(true) {
                    scroll.looking.set_value(false);
                    scroll.report();
                }
            },
            Duration::from_millis(PAUSE),
        );
    }

    fn report(&self) {
        let (Some(pane), Some(list)) = (self.pane.get_untracked(), self.list.get_untracked()) else { return };
        if !is_watched() || self.unsettled.get_value() {
            return;
        }
        let edge = pane.get_bounding_client_rect().bottom();
        let count = list.children().length();
        let below = first_where(&list, |rect| rect.top() + SEEN.min(rect.height()) > edge + 0.5).unwrap_or(count);
        let last = (0..below).rev().find_map(|n| keyed(&list, n));
        let Some((key, _)) = last else { return };
        let message = self
            .room
            .timeline
            .with_untracked(|timeline| timeline.by_key(key).map(|entry| entry.message.get_untracked()));
        if let Some(message) = message {
            history::saw(self.chats, &self.room, &message);
        }
    }

    /// Moves the keyboard among messages; into them from the pane itself. Whether there was somewhere to go.
    pub fn step(&self, up: bool) -> bool {
        let (Some(pane), Some(list)) = (self.pane.get_untracked(), self.list.get_untracked()) else { return false };
        let count = list.children().length();
        let now = document().active_element().and_then(|element| element.closest("li.msg").ok().flatten());
        let at = now.and_then(|now| (0..count).find(|n| list.children().item(*n).as_ref() == Some(&now)));
        let next = match at {
            Some(at) if up => (0..at).rev().find_map(|n| keyed(&list, n)),
            Some(at) => (at + 1..count).find_map(|n| keyed(&list, n)),
            None => {
                let edge = pane.get_bounding_client_rect().bottom();
                let below = first_where(&list, |rect| rect.bottom() > edge + 1.0).unwrap_or(count);
                (0..below.max(1)).rev().find_map(|n| keyed(&list, n))
            }
        };
        let Some((_, element)) = next else { return false };
        if let Ok(element) = element.dyn_into::<HtmlElement>() {
            let _ = element.focus();
        }
        true
    }
}

fn top(element: &Element) -> f64 {
    element.get_bounding_client_rect().top()
}

fn move_by(pane: &HtmlElement, by: f64) {
    if by.abs() >= 0.5 {
        pane.scroll_by_with_x_and_y(0.0, by);
    }
}

/// The element of an entry of the window.
fn element(key: i64) -> Option<Element> {
    document().get_element_by_id(&format!("m{key}"))
}

/// The message at a place of the list, if there is one.
fn keyed(list: &Element, n: u32) -> Option<(i64, Element)> {
    let element = list.children().item(n)?;
    let key = element.id().strip_prefix('m')?.parse().ok()?;
    Some((key, element))
}

/// The first child for which a condition on its rectangle holds, given that it holds for all after it: a few rectangles
/// instead of two hundred.
fn first_where(list: &Element, holds: impl Fn(web_sys::DomRect) -> bool) -> Option<u32> {
    let children = list.children();
    let (mut low, mut high) = (0, children.length());
    let count = high;
    while low < high {
        let middle = (low + high) / 2;
        let rect = children.item(middle)?.get_bounding_client_rect();
        if holds(rect) { high = middle } else { low = middle + 1 }
    }
    (low < count).then_some(low)
}
