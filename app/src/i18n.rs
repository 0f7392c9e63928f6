//! The interface's language: which one, its texts, plurals, dates and numbers. The texts themselves are in `locales/`;
//! the sentences that the server knows too are in `domain::locale`.

#[path = "../locales/chat.rs"]
pub mod chat;
#[path = "../locales/common.rs"]
pub mod common;
#[path = "../locales/en/chat.rs"]
mod en_chat;
#[path = "../locales/en/common.rs"]
mod en_common;
#[path = "../locales/en/search.rs"]
mod en_search;
#[path = "../locales/en/settings.rs"]
mod en_settings;
#[path = "../locales/en/window.rs"]
mod en_window;
#[path = "../locales/ru/chat.rs"]
mod ru_chat;
#[path = "../locales/ru/common.rs"]
mod ru_common;
#[path = "../locales/ru/search.rs"]
mod ru_search;
#[path = "../locales/ru/settings.rs"]
mod ru_settings;
#[path = "../locales/ru/window.rs"]
mod ru_window;
#[path = "../locales/search.rs"]
pub mod search;
#[path = "../locales/settings.rs"]
pub mod settings;
#[path = "../locales/window.rs"]
pub mod window;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::{Language, Moment};
use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::state;

/// The texts of one language that all pages may use.
pub struct Texts {
    /// The shell, sign-in, and words used everywhere.
    pub common: common::Texts,
    /// The list of chats, and what it shares with the chat window.
    pub chat: chat::Texts,
}

static RU: Texts = Texts { common: ru_common::TEXTS, chat: ru_chat::TEXTS };
static EN: Texts = Texts { common: en_common::TEXTS, chat: en_chat::TEXTS };
// Apart, so that each is in the part of the client that shows it and not in the first load.
static RU_WINDOW: window::Texts = ru_window::TEXTS;
static EN_WINDOW: window::Texts = en_window::TEXTS;
static RU_SEARCH: search::Texts = ru_search::TEXTS;
static EN_SEARCH: search::Texts = en_search::TEXTS;
static RU_SETTINGS: settings::Texts = ru_settings::TEXTS;
static EN_SETTINGS: settings::Texts = en_settings::TEXTS;

/// The language chosen on this computer, or the browser's. The application builds its views anew when it changes, so
/// [`t`] need not be read inside a closure.
pub static LANGUAGE: LazyLock<ArcRwSignal<Language>> = LazyLock::new(|| {
    ArcRwSignal::new(match state::recall("language").as_deref() {
        Some("ru") => Language::Ru,
        Some("en") => Language::En,
        _ => {
            let asked = window().navigator().languages();
            Language::negotiate(&asked.iter().filter_map(|tag| tag.as_string()).collect::<Vec<_>>().join(","))
        }
    })
});

/// The language now.
pub fn language() -> Language {
    LANGUAGE.get_untracked()
}

/// The language now, as headers and `lang` write it.
pub fn language_tag() -> &'static str {
    match language() {
        Language::Ru => "ru",
        Language::En => "en",
    }
}

/// Changes the language; all views are built anew.
pub fn set_language(language: Language) {
    state::remember(
        "language",
        match language {
            Language::Ru => "ru",
            Language::En => "en",
        },
    );
    FORMATS.with(|formats| formats.borrow_mut().clear());
    LANGUAGE.set(language);
    state::apply_preferences();
}

/// The texts of the language now.
pub fn t() -> &'static Texts {
    match language() {
        Language::Ru => &RU,
        Language::En => &EN,
    }
}

/// The texts of the chat window, the card and the dialog of a new chat. Only these may ask for them.
pub fn tw() -> &'static window::Texts {
    match language() {
        Language::Ru => &RU_WINDOW,
        Language::En => &EN_WINDOW,
    }
}

/// The texts of search in messages. Only its results may ask for them.
pub fn tf() -> &'static search::Texts {
    match language() {
        Language::Ru => &RU_SEARCH,
        Language::En => &EN_SEARCH,
    }
}

/// The texts of the settings, the first-run wizard and the integration log. Only their pages may ask for them.
pub fn ts() -> &'static settings::Texts {
    match language() {
        Language::Ru => &RU_SETTINGS,
        Language::En => &EN_SETTINGS,
    }
}

/// The Russian form for a number: 1 чат, 2 чата, 5 чатов.
pub fn ru_plural(n: i64, one: &'static str, few: &'static str, many: &'static str) -> &'static str {
    let (tens, units) = (n.unsigned_abs() % 100, n.unsigned_abs() % 10);
    match units {
        1 if tens != 11 => one,
        2..=4 if !(12..=14).contains(&tens) => few,
        _ => many,
    }
}

/// The English form for a number.
pub fn en_plural(n: i64, one: &'static str, many: &'static str) -> &'static str {
    if n == 1 { one } else { many }
}

/// The text in small letters. The browser knows them all; Rust's own tables would travel with the client.
pub fn lower(text: &str) -> String {
    if cfg!(target_family = "wasm") { js_sys::JsString::from(text).to_lower_case().into() } else { text.to_lowercase() }
}

/// The text in capitals.
pub fn upper(text: &str) -> String {
    if cfg!(target_family = "wasm") { js_sys::JsString::from(text).to_upper_case().into() } else { text.to_uppercase() }
}

/// A whole number with thin spaces between thousands: 1 284.
pub fn number(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    if n < 0 {
        text.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// A size of a file: 840 КБ, 1,2 МБ.
pub fn size(bytes: i64) -> String {
    let units = t().common.byte_units;
    let mut value = bytes.max(0) as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit < 3 {
        value /= 1024.0;
        unit += 1;
    }
    let text = if unit == 0 || value >= 10.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    let text = if language() == Language::Ru { text.replace('.', ",") } else { text };
    format!("{text}\u{a0}{}", units[unit])
}

/// How a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// `14:32`.
    Time,
    /// `14:32:07`.
    Seconds,
    /// `18 ноя`.
    Day,
    /// `18 ноября`, with the year when it is another.
    LongDay,
    /// `18 ноября 2026 г., 14:32`.
    Full,
}

thread_local! {
    static FORMATS: RefCell<BTreeMap<(Style, bool), Intl::DateTimeFormat>> = RefCell::default();
}

/// Writes a moment in this computer's time zone.
pub fn moment(at: Moment, style: Style) -> String {
    let date = Date::new(&JsValue::from_f64(at.0 as f64));
    let this_year = date.get_full_year() == Date::new_0().get_full_year();
    FORMATS.with(|formats| {
        let mut formats = formats.borrow_mut();
        let format = formats.entry((style, this_year)).or_insert_with(|| make_format(style, this_year));
        let text = format.format().call1(&JsValue::NULL, &date).ok().and_then(|text| text.as_string());
        tidy(text.unwrap_or_default())
    })
}

/// The browser writes "22 нояб." and "2026 г."; we write "22 ноя" and "2026".
fn tidy(text: String) -> String {
    if language() != Language::Ru || !text.contains('.') {
        return text;
    }
    text.replace("февр.", "фев").replace("сент.", "сен").replace("нояб.", "ноя").replace(" г.", "").replace('.', "")
}

fn make_format(style: Style, this_year: bool) -> Intl::DateTimeFormat {
    let mut options: Vec<(&str, &str)> = match style {
        Style::Time => vec![("hour", "2-digit"), ("minute", "2-digit")],
        Style::Seconds => vec![("hour", "2-digit"), ("minute", "2-digit"), ("second", "2-digit")],
        Style::Day => vec![("day", "numeric"), ("month", "short")],
        Style::LongDay => vec![("day", "numeric"), ("month", "long")],
        Style::Full => {
            vec![("day", "numeric"), ("month", "long"), ("year", "numeric"), ("hour", "2-digit"), ("minute", "2-digit")]
        }
    };
    if !this_year && matches!(style, Style::Day | Style::LongDay) {
        options.push(("year", "numeric"));
    }
    let object = Object::new();
    for (name, value) in options {
        let _ = Reflect::set(&object, &name.into(), &value.into());
    }
    let _ = Reflect::set(&object, &"hourCycle".into(), &"h23".into());
    let tag = if language() == Language::Ru { "ru-RU" } else { "en-GB" };
    Intl::DateTimeFormat::new(&Array::of1(&tag.into()), object.unchecked_ref())
}

/// How long something lasted, given in seconds: `0:07`, `12:40`, `1:02:03`.
pub fn duration(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// The number of the local day, to tell today from yesterday: days since the epoch in this computer's zone.
pub fn local_day(at: Moment) -> i64 {
    let date = Date::new(&JsValue::from_f64(at.0 as f64));
    let zone = date.get_timezone_offset() * 60_000.0;
    ((at.0 as f64 - zone) / 86_400_000.0).floor() as i64
}

/// Now, by this computer's clock.
pub fn now() -> Moment {
    Moment(Date::now() as i64)
}

/// A moment as a list writes it: time today, "yesterday", the day before that.
pub fn short(at: Moment) -> String {
    match local_day(now()) - local_day(at) {
        0 => moment(at, Style::Time),
        1 => t().common.yesterday.to_owned(),
        _ => moment(at, Style::Day),
    }
}

/// A moment with day and time: `14:32`, `вчера, 14:32`, `18 ноя, 14:32`.
pub fn day_and_time(at: Moment) -> String {
    let time = moment(at, Style::Time);
    match local_day(now()) - local_day(at) {
        0 => time,
        1 => format!("{}, {time}", t().common.yesterday),
        _ => format!("{}, {time}", moment(at, Style::Day)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn russian_forms() {
        let form = |n| ru_plural(n, "чат", "чата", "чатов");
        assert_eq!([1, 21, 101].map(form), ["чат"; 3]);
        assert_eq!([2, 34, 103].map(form), ["чата"; 3]);
        assert_eq!([0, 5, 11, 12, 14, 111, 25].map(form), ["чатов"; 7]);
    }

    #[test]
    fn durations_read_as_on_a_clock() {
        assert_eq!([7, 760, 3723].map(duration), ["0:07", "12:40", "1:02:03"]);
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_284), "1\u{a0}284");
        assert_eq!(number(-1_000_000), "−1\u{a0}000\u{a0}000");
    }
}
