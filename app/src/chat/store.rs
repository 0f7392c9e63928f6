//! What the browser knows of chats: rows by id, the list that is shown, counters, drafts, who types. Pages and events
//! both end here. Messages are in `room`; what leaves for the server is in `send`.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use domain::chat::ChatCounts;
use domain::label::Label;
use domain::{AccountId, Chat, ChatId, Moment, Page};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::filter::{View, Wanted};
use super::order::Order;
use super::room::{Room, Rooms};
use super::rows::{Rows, list_path};
use super::{draft, send};
use crate::api::{self, Trouble};
use crate::i18n;
use crate::route::{self, Place};
use crate::state::{Session, session};
use crate::ui::effect;

/// Chats asked for at once: few at first, so that the list is there at once, more while one scrolls.
const FIRST_PAGE: usize = 50;
const NEXT_PAGE: usize = 100;
/// Counters are asked for at most this often, milliseconds.
const COUNTS_PAUSE: u64 = 800;
/// How long "is typing" stays after the last word of it, milliseconds.
const TYPING_STAYS: f64 = 6_000.0;

/// How far something that is read from the server has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load {
    /// On its way.
    #[default]
    Waiting,
    /// Here.
    Ready,
    /// Not to be had now.
    Failed(Trouble),
}

/// Which pane a phone shows over the usual one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The list or the chat, as the address says.
    #[default]
    Usual,
    /// The filters.
    Filters,
    /// The contact's card.
    Card,
}

/// The state of the inbox. `Copy`, like the session.
#[derive(Clone, Copy)]
pub struct Chats {
    /// Who is signed in, accounts, colleagues.
    pub session: Session,
    /// What the list shows, as the address says.
    pub wanted: Memo<Wanted>,
    /// The open chat, as the address says.
    pub open: Memo<Option<ChatId>>,
    /// The rows of the list.
    pub order: RwSignal<Order>,
    /// How the list stands.
    pub load: RwSignal<Load>,
    /// How many chats each filter has.
    pub counts: RwSignal<ChatCounts>,
    /// Texts begun and not sent.
    pub drafts: RwSignal<HashMap<ChatId, String>>,
    /// Colleagues who are typing: where, who, since when.
    pub typing: RwSignal<HashMap<ChatId, (String, f64)>>,
    /// Everybody's labels.
    pub labels: RwSignal<Vec<Label>>,
    /// One's own pinned chats, in their order.
    pub pins: RwSignal<Vec<ChatId>>,
    /// The time, a few times a minute, for "waits 5 min".
    pub now: RwSignal<Moment>,
    /// The pane that a phone shows.
    pub pane: RwSignal<Pane>,
    /// Whether the contact's card is shown beside the chat.
    pub card: RwSignal<bool>,
    /// Whether the "new chat" dialog is open.
    pub new_chat: RwSignal<bool>,
    /// Whether the bar that searches the open chat is shown.
    pub finding: RwSignal<bool>,
    /// Whether the map of keys is shown.
    pub key_map: RwSignal<bool>,
    /// The row of the list that has, or last had, the keyboard.
    pub focused: RwSignal<Option<ChatId>>,
    /// Messages that the server does not have yet.
    pub unsent: RwSignal<Vec<send::Unsent>>,
    /// The rooms visited last.
    pub rooms: StoredValue<Rooms>,
    /// Chats whose messages are being handed to the server now.
    pub sending: StoredValue<HashSet<ChatId>>,
    /// Drafts to be kept soon.
    pub drafting: StoredValue<draft::Drafting>,
    rows: StoredValue<Rows>,
    wave: StoredValue<u64>,
    paging: StoredValue<bool>,
    counting: StoredValue<Option<TimeoutHandle>>,
}

/// The state of the inbox, available under the component that made it.
pub fn chats() -> Chats {
    expect_context()
}

impl Chats {
    /// Makes it; once for each signed-in person, above all pages, so that events are heard on every page.
    pub fn provide() -> Self {
        let wanted = Memo::new(|_| Wanted {
            view: View::parse(&route::query("view").unwrap_or_default()),
            account: route::query("account").and_then(|id| id.parse().ok()).filter(|_| route::place() != Place::Open),
            label: route::query("label").and_then(|id| id.parse().ok()).filter(|_| route::place() != Place::Open),
            text: if route::place() == Place::Open { String::new() } else { route::query("text").unwrap_or_default() },
        });
        let open = Memo::new(|_| match route::place() {
            Place::Chat(id) => Some(id),
            _ => None,
        });
        let chats = Self {
            session: session(),
            wanted,
            open,
            order: RwSignal::default(),
            load: RwSignal::default(),
            counts: RwSignal::default(),
            drafts: RwSignal::default(),
            typing: RwSignal::default(),
            labels: RwSignal::default(),
            pins: RwSignal::default(),
            now: RwSignal::new(i18n::now()),
            pane: RwSignal::default(),
            card: RwSignal::new(crate::state::recall("card").as_deref() != Some("off")),
            new_chat: RwSignal::new(false),
            finding: RwSignal::new(false),
            key_map: RwSignal::new(false),
            focused: RwSignal::new(None),
            unsent: RwSignal::new(Vec::new()),
            rooms: StoredValue::default(),
            sending: StoredValue::default(),
            drafting: StoredValue::default(),
            rows: StoredValue::default(),
            wave: StoredValue::new(0),
            paging: StoredValue::new(false),
            counting: StoredValue::new(None),
        };
        provide_context(chats);
        chats.begin();
        chats
    }

    fn begin(self) {
        effect(move || {
            self.wanted.track();
            untrack(|| self.reload());
        });
        // A chat that was kept in the list only because it was open may go when another is opened.
        Effect::new(move |before: Option<Option<ChatId>>| {
            let now = self.open.get();
            self.pane.set(Pane::Usual);
            if let Some(Some(left)) = before
                && Some(left) != now
                && let Some(chat) = self.chat(left)
            {
                untrack(|| self.sort_in(&chat.get_untracked()));
            }
            now
        });
        if let Ok(tick) = set_interval_with_handle(move || self.tick(), Duration::from_secs(10)) {
            on_cleanup(move || tick.clear());
        }
        draft::begin(self);
        send::begin(self);
        super::hear::begin(self);
        super::marks::begin(self);
        self.count_soon();
    }

    fn tick(self) {
        self.now.set(i18n::now());
        let now = js_sys::Date::now();
        if self.typing.with_untracked(|map| map.values().any(|(_, at)| now - at > TYPING_STAYS)) {
            self.typing.update(|map| map.retain(|_, (_, at)| now - *at <= TYPING_STAYS));
        }
    }

    /// A colleague is typing.
    pub fn types(self, chat: ChatId, name: String) {
        self.typing.update(|map| {
            map.insert(chat, (name, js_sys::Date::now()));
        });
        set_timeout(move || self.tick(), Duration::from_millis(TYPING_STAYS as u64 + 100));
    }

    /// A chat's row, if it has been read.
    pub fn chat(self, id: ChatId) -> Option<ArcRwSignal<Chat>> {
        self.rows.try_with_value(|rows| rows.get(id)).flatten()
    }

    /// Takes in a chat as an event or the answer to a change tells it.
    pub fn put(self, chat: Chat) {
        self.rows.try_update_value(|rows| rows.hear(chat.clone()));
        self.sort_in(&chat);
    }

    /// Puts a chat into the list shown, or takes it out. The open chat stays although reading it may have ended its
    /// reason to be there.
    fn sort_in(self, chat: &Chat) {
        let Some(me) = self.session.me.with_untracked(|me| me.as_ref().map(|me| me.user.id)) else { return };
        let (id, at) = (chat.id, chat.active_at);
        let open = self.open.get_untracked() == Some(id);
        let (here, stays) =
            self.order.with_untracked(|order| (order.contains(id), order.at(id) == Some(order.place(id, at))));
        let belongs = self.wanted.with_untracked(|wanted| match wanted.view {
            View::Mentioned => here,
            _ => wanted.matches(chat, me),
        });
        if belongs || (open && here) {
            if !stays {
                self.order.update(|order| order.upsert(id, at));
            }
        } else if here {
            self.order.update(|order| order.remove(id));
        }
    }

    /// These chats are kept on top now.
    pub fn pinned(self, pins: Vec<Chat>) {
        let ids: Vec<ChatId> = pins.iter().map(|chat| chat.id).collect();
        let before = self.pins.try_update(|now| std::mem::replace(now, ids.clone())).unwrap_or_default();
        let asked = self.rows.with_value(Rows::clock);
        self.rows.try_update_value(|rows| rows.read(pins, asked));
        let moved = self.order.try_update(|order| order.pin(ids.clone())).unwrap_or_default();
        for id in before.into_iter().chain(ids) {
            if let Some(chat) = self.chat(id) {
                let chat = chat.get_untracked();
                if moved.contains(&id) {
                    self.order.update(|order| order.upsert(id, chat.active_at));
                } else {
                    self.sort_in(&chat);
                }
            }
        }
    }

    /// An account is not to be seen any more, and with it its chats.
    pub fn forget_account(self, account: AccountId) {
        let gone = self.rows.try_update_value(|rows| rows.forget_account(account)).unwrap_or_default();
        self.order.update(|order| gone.iter().for_each(|id| order.remove(*id)));
        self.rooms.try_update_value(|rooms| gone.iter().for_each(|id| rooms.forget(*id)));
        if self.open.get_untracked().is_some_and(|open| gone.contains(&open)) {
            route::replace("/");
        }
        self.count_soon();
    }

    /// Reads the list from its beginning. What is shown stays until the answer is here, unless the filter changed.
    pub fn reload(self) {
        self.load.set(Load::Waiting);
        let mut order = Order::default();
        order.pin(self.pins.get_untracked());
        self.order.set(order);
        self.read(None, FIRST_PAGE);
    }

    /// Reads the first page again and sorts it in, without emptying the list.
    pub fn refresh(self) {
        if self.load.get_untracked() == Load::Ready {
            self.read(None, FIRST_PAGE);
        } else {
            self.reload();
        }
    }

    /// Reads on, when the list is drawn up to row `end`.
    pub fn more(self, end: usize) {
        let next = self.order.with_untracked(|order| order.wants_more(end).then(|| order.next.clone()).flatten());
        if let Some(next) = next
            && !self.paging.get_value()
            && self.load.get_untracked() == Load::Ready
        {
            self.read(Some(next), NEXT_PAGE);
        }
    }

    fn read(self, before: Option<String>, limit: usize) {
        let first = before.is_none();
        if first {
            self.wave.update_value(|wave| *wave += 1);
        }
        let wave = self.wave.get_value();
        self.paging.set_value(true);
        let asked = self.rows.with_value(Rows::clock);
        let path = self.wanted.with_untracked(|wanted| list_path(wanted, before.as_deref(), limit));
        spawn_local(async move {
            let answer = api::get::<Page<Chat>>(&path).await;
            if self.wave.try_get_value() != Some(wave) {
                return;
            }
            self.paging.set_value(false);
            match answer {
                Ok(page) => {
                    let fresh_list = self.order.with_untracked(|order| order.len() == 0);
                    let rows = self.rows.try_update_value(|rows| rows.read(page.items, asked)).unwrap_or_default();
                    let next = if first && !fresh_list {
                        self.order.with_untracked(|order| order.next.clone())
                    } else {
                        page.next
                    };
                    self.order.update(|order| order.extend(rows, next));
                    for chat in self.pins.get_untracked().into_iter().filter_map(|id| self.chat(id)) {
                        self.sort_in(&chat.get_untracked());
                    }
                    self.load.set(Load::Ready);
                }
                Err(trouble) if first => self.load.set(Load::Failed(trouble)),
                // The list goes on when one scrolls again.
                Err(_) => {}
            }
        });
    }

    /// Reads one chat that no page has brought yet: a link from elsewhere.
    pub async fn fetch(self, id: ChatId) -> Result<(), Trouble> {
        let chat = api::get::<Chat>(&format!("/chats/{id}")).await?;
        let asked = self.rows.with_value(Rows::clock);
        self.rows.try_update_value(|rows| rows.read(vec![chat], asked));
        Ok(())
    }

    /// Asks for the counters, but not more often than there is something to see.
    pub fn count_soon(self) {
        if self.counting.with_value(Option::is_some) {
            return;
        }
        let wait =
            Duration::from_millis(if self.counts.with_untracked(|counts| counts.all == 0) { 0 } else { COUNTS_PAUSE });
        let handle = set_timeout_with_handle(
            move || {
                spawn_local(async move {
                    let counts = api::get::<ChatCounts>("/chats/counts").await;
                    self.counting.try_set_value(None);
                    if let Ok(counts) = counts {
                        let _ = self.session.unread.try_set(counts.unread);
                        let _ = self.counts.try_set(counts);
                    }
                });
            },
            wait,
        );
        self.counting.set_value(handle.ok());
    }

    /// The room of a chat, made when it is not among those visited last.
    pub fn room(self, id: ChatId) -> Room {
        let text = self.drafts.with_untracked(|drafts| drafts.get(&id).cloned().unwrap_or_default());
        self.rooms.try_update_value(|rooms| rooms.enter(id, &text)).unwrap_or_else(|| Room::new(id, &text))
    }

    /// The room of a chat if it is among those visited last.
    pub fn known_room(self, id: ChatId) -> Option<Room> {
        self.rooms.try_with_value(|rooms| rooms.get(id)).flatten()
    }

    /// Whether the person may write to clients.
    pub fn writes(self) -> bool {
        self.session.role().is_some_and(domain::Role::writes)
    }

    /// Does something to a chat and takes in the answer; complains when it did not succeed.
    pub fn change(self, path: String, body: impl serde::Serialize + 'static) {
        spawn_local(async move {
            match api::post::<Chat>(&path, &body).await {
                Ok(chat) => self.put(chat),
                Err(trouble) => crate::ui::complain(&trouble),
            }
            self.count_soon();
        });
    }
}
