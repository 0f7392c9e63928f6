//! What is offered while one types: quick replies after `/`, colleagues after `@` in a note. A list above the text; the
//! arrows choose, Enter or Tab inserts, Esc sends it away until the next word.

use domain::Page;
use domain::quick::{self, Clock, QuickReply, Values};
use domain::text::edit::Edit;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlTextAreaElement;

use super::room::Room;
use super::store::Chats;
use super::{format, head};
use crate::api;
use crate::i18n::{self, lower, tw};
use crate::ui::{complain, part, toast};
use domain::text::one_line;

/// At most so many are offered at once.
const SHOWN: usize = 8;

/// One thing to insert.
#[derive(Clone, Debug, PartialEq)]
struct Offer {
    /// What it is called: `/shortcut` or a name.
    name: String,
    /// Its words as they will be, or the variables that nobody knows.
    words: Result<String, Vec<String>>,
}

/// The state of the list.
#[derive(Clone, Copy)]
pub struct Suggest {
    offers: RwSignal<Vec<Offer>>,
    at: RwSignal<usize>,
    /// UTF-16 units of the typed word, with its sign.
    typed: StoredValue<usize>,
    replies: StoredValue<Option<Vec<QuickReply>>>,
    /// What was sent away with Esc.
    dismissed: StoredValue<String>,
}

impl Suggest {
    /// Nothing offered yet.
    pub fn new() -> Self {
        Self {
            offers: RwSignal::new(Vec::new()),
            at: RwSignal::new(0),
            typed: StoredValue::new(0),
            replies: StoredValue::new(None),
            dismissed: StoredValue::new(String::new()),
        }
    }

    /// Whether something is offered.
    pub fn is_open(self) -> bool {
        self.offers.with(|offers| !offers.is_empty())
    }

    /// Looks at the text before the caret.
    pub fn look(self, chats: Chats, room: &Room, area: &HtmlTextAreaElement) {
        let before = format::before_caret(area);
        let word = match room.note.get_untracked() {
            true => mention(&before).map(|word| format!("@{word}")),
            false => quick::typed(&before).map(|word| format!("/{word}")),
        };
        let Some(word) = word.filter(|word| self.dismissed.with_value(|gone| gone != word)) else {
            return self.close();
        };
        self.typed.set_value(word.encode_utf16().count());
        let offers = match word.split_at(1) {
            ("@", query) => people(chats, query),
            (_, query) => match self.replies.with_value(Option::is_some) {
                true => self.replies.with_value(|replies| found(chats, room, replies.as_deref().unwrap_or(&[]), query)),
                false => {
                    self.fetch(chats, room.clone(), area.clone());
                    Vec::new()
                }
            },
        };
        self.at.set(0);
        if self.offers.with_untracked(|now| *now != offers) {
            self.offers.set(offers);
        }
    }

    fn fetch(self, chats: Chats, room: Room, area: HtmlTextAreaElement) {
        spawn_local(async move {
            match api::get::<Page<QuickReply>>("/quick-replies").await {
                Ok(page) if !self.replies.is_disposed() => {
                    self.replies.set_value(Some(page.items));
                    self.look(chats, &room, &area);
                }
                Ok(_) => {}
                Err(trouble) => complain(&trouble),
            }
        });
    }

    fn close(self) {
        if self.offers.with_untracked(|offers| !offers.is_empty()) {
            self.offers.set(Vec::new());
        }
    }

    /// A key while something is offered; whether it was for the list.
    pub fn key(self, code: &str, area: &HtmlTextAreaElement) -> bool {
        let count = self.offers.with_untracked(Vec::len);
        if count == 0 {
            return false;
        }
        match code {
            "ArrowDown" => self.at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => self.at.update(|at| *at = (*at + count - 1) % count),
            "Enter" | "NumpadEnter" | "Tab" => self.insert(area, self.at.get_untracked()),
            "Escape" => {
                let before = format::before_caret(area);
                let units: Vec<u16> = before.encode_utf16().collect();
                let from = units.len().saturating_sub(self.typed.get_value());
                self.dismissed.set_value(String::from_utf16_lossy(units.get(from..).unwrap_or_default()));
                self.close();
            }
            _ => return false,
        }
        true
    }

    fn insert(self, area: &HtmlTextAreaElement, at: usize) {
        let Some(offer) = self.offers.with_untracked(|offers| offers.get(at).cloned()) else { return };
        let end = format::selection(area).start;
        let start = end.saturating_sub(self.typed.get_value());
        self.close();
        match offer.words {
            Ok(words) => {
                let caret = start + words.encode_utf16().count();
                format::put(area, &Edit { replace: start..end, by: words, select: caret..caret });
            }
            Err(unknown) => toast("alert", (tw().unknown_variables)(&unknown.join(", "))),
        }
        self.close();
    }

    /// The list.
    pub fn list(self, area: NodeRef<leptos::html::Textarea>) -> impl IntoView {
        let entry = move |(index, offer): (usize, Offer)| {
            let words = match &offer.words {
                Ok(words) => one_line(words, 160),
                Err(unknown) => (tw().unknown_variables)(&unknown.join(", ")),
            };
            view! {
                <div
                    class="opt"
                    role="option"
                    id=format!("offer-{index}")
                    aria-selected=move || (self.at.get() == index).to_string()
                    on:mousedown=move |event| {
                        event.prevent_default();
                        if let Some(area) = area.get_untracked() {
                            self.insert(&area, index);
                        }
                    }
                >
                    <code class="trunc">{offer.name}</code>
                    <span class="tx">{words}</span>
                </div>
            }
        };
        part(move || {
            let offers = self.offers.get();
            (!offers.is_empty()).then(|| {
                view! {
                    <div class="pop above" id="offers" role="listbox" aria-label=tw().offers>
                        <div class="pop-head not-phone">
                            <span class="push">{tw().offers_keys}</span>
                        </div>
                        <div class="qr-list">{offers.into_iter().enumerate().map(entry).collect_view()}</div>
                    </div>
                }
            })
        })
    }
}

/// What is typed after the last `@` that begins a word: at most two words, since names have two.
fn mention(before: &str) -> Option<&str> {
    let at = before.rfind('@')?;
    let inside = before.get(..at)?.chars().next_back().is_some_and(char::is_alphanumeric);
    let query = before.get(at + 1..)?;
    let fits = query.chars().count() <= 40 && !query.contains('\n') && query.matches(' ').count() <= 1;
    (fits && !inside && !query.starts_with(' ')).then_some(query)
}

fn people(chats: Chats, query: &str) -> Vec<Offer> {
    let query = lower(query);
    let me = chats.session.user_id();
    chats.session.colleagues.with_untracked(|people| {
        people
            .iter()
            .filter(|user| Some(user.id) != me)
            .filter(|user| {
                let name = lower(&user.name);
                // The whole name is there already: nothing is left to offer.
                name.trim_end() != query.trim_end()
                    && (name.starts_with(&query) || name.split_whitespace().any(|word| word.starts_with(&query)))
            })
            .take(SHOWN)
            .map(|user| Offer { name: user.name.clone(), words: Ok(format!("@{} ", user.name)) })
            .collect()
    })
}

fn found(chats: Chats, room: &Room, replies: &[QuickReply], query: &str) -> Vec<Offer> {
    let values = values(chats, room);
    quick::matching(replies, query, |reply| (reply.shortcut.as_str(), reply.text.as_str()))
        .into_iter()
        .take(SHOWN)
        .map(|reply| Offer { name: format!("/{}", reply.shortcut), words: quick::render(&reply.text, &values) })
        .collect()
}

/// What replies are filled with in this chat, now.
fn values(chats: Chats, room: &Room) -> Values {
    let chat = chats.chat(room.chat).map(|chat| chat.get_untracked());
    let now = js_sys::Date::new_0();
    let account = chat.as_ref().and_then(|chat| chats.session.account(chat.account)).map(|account| account.name);
    let clock = Clock {
        year: now.get_full_year() as u16,
        month: now.get_month() as u8 + 1,
        day: now.get_date() as u8,
        hour: now.get_hours() as u8,
        minute: now.get_minutes() as u8,
    };
    Values {
        name: chat.as_ref().map(|chat| chat.contact.name.clone()).unwrap_or_default(),
        phone: chat.as_ref().and_then(|chat| head::phone(&chat.contact)).unwrap_or_default(),
        manager: chats.session.me.with_untracked(|me| me.as_ref().map(|me| me.user.name.clone()).unwrap_or_default()),
        account: account.unwrap_or_default(),
        clock,
        language: i18n::language(),
    }
}

#[cfg(test)]
mod tests {
    use super::mention;

    #[test]
    fn a_mention_begins_a_word() {
        assert_eq!(mention("спросите @Ан"), Some("Ан"));
        assert_eq!(mention("@Анна Орл"), Some("Анна Орл"));
        assert_eq!(mention("@"), Some(""));
        for text in ["", "почта info@a", "@ нет", "@Анна Орлова пришла", "@а\nб"] {
            assert_eq!(mention(text), None, "{text}");
        }
    }
}
