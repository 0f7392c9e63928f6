//! Quick replies: `/shortcut` as it is typed, and the variables that a reply is filled with. What replies there are and
//! whose they are is not known here.

use serde::{Deserialize, Serialize};

use crate::{Language, QuickReplyId, locale};

/// The most replies that a person may have, and the most that everybody shares.
pub const MAX_REPLIES: i64 = 500;

/// A quick reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuickReply {
    /// Its id.
    pub id: QuickReplyId,
    /// Everybody's, not one's own.
    pub shared: bool,
    /// The word after `/`.
    pub shortcut: String,
    /// The words, with variables.
    pub text: String,
}

/// `POST /quick-replies`, `PUT /quick-replies/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct QuickReplyInput {
    /// Everybody's; for supervisors and administrators. Cannot be changed later.
    pub shared: bool,
    /// The word after `/`, see [`is_shortcut`]; unique among one's own and among everybody's.
    pub shortcut: String,
    /// The words, at most [`crate::message::MAX_TEXT`]; every variable in them is known.
    pub text: String,
}

/// The longest shortcut, characters.
pub const MAX_SHORTCUT: usize = 32;
/// The longest name of a variable, characters: what is longer between braces is just words.
const MAX_NAME: usize = 64;

/// What a reply can be filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variable {
    /// What the client is called.
    Name,
    /// The client's phone.
    Phone,
    /// Who answers.
    Manager,
    /// The account that the chat belongs to.
    Account,
    /// The day.
    Date,
    /// The time.
    Time,
    /// "Good morning" or what fits the hour.
    Greeting,
}

impl Variable {
    /// Every variable, in the order in which they are offered.
    pub const ALL: [Self; 7] =
        [Self::Name, Self::Phone, Self::Manager, Self::Account, Self::Date, Self::Time, Self::Greeting];

    /// Its name in Russian and in English; either may be written whatever the language of the interface.
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Self::Name => ["имя", "name"],
            Self::Phone => ["телефон", "phone"],
            Self::Manager => ["менеджер", "manager"],
            Self::Account => ["аккаунт", "account"],
            Self::Date => ["дата", "date"],
            Self::Time => ["время", "time"],
            Self::Greeting => ["приветствие", "greeting"],
        }
    }

    /// How it is written in a reply: `{{имя}}`.
    pub fn written(self, language: Language) -> String {
        let [russian, english] = self.names();
        format!("{{{{{}}}}}", if language == Language::Ru { russian } else { english })
    }

    fn parse(name: &str) -> Option<Self> {
        let name = fold(name);
        Self::ALL.into_iter().find(|variable| variable.names().contains(&name.as_str()))
    }
}

/// What is known when a reply is filled; empty where it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// What the client is called.
    pub name: String,
    /// The client's phone as people read it.
    pub phone: String,
    /// Who answers.
    pub manager: String,
    /// The account's name.
    pub account: String,
    /// The time on the clock of whoever answers.
    pub clock: Clock,
    /// In which language dates and greetings are.
    pub language: Language,
}

/// Date and time of day in some time zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The year.
    pub year: u16,
    /// 1–12.
    pub month: u8,
    /// 1–31.
    pub day: u8,
    /// 0–23.
    pub hour: u8,
    /// 0–59.
    pub minute: u8,
}

impl Values {
    fn of(&self, variable: Variable) -> String {
        let Clock { year, month, day, hour, minute } = self.clock;
        match variable {
            Variable::Name => self.name.trim().to_owned(),
            Variable::Phone => self.phone.trim().to_owned(),
            Variable::Manager => self.manager.trim().to_owned(),
            Variable::Account => self.account.trim().to_owned(),
            Variable::Date if self.language == Language::Ru => format!("{day:02}.{month:02}.{year:04}"),
            Variable::Date => format!("{year:04}-{month:02}-{day:02}"),
            Variable::Time => format!("{hour:02}:{minute:02}"),
            Variable::Greeting => locale::greeting(self.language, hour).to_owned(),
        }
    }
}

/// A piece of a template.
enum Piece<'a> {
    Words(&'a str),
    /// A name between braces, and the words after `|` that stand in for an empty value.
    Variable(&'a str, &'a str),
}

/// Fills a reply: `{{имя}}`, or `{{имя|друзья}}` with what to say when there is no name. A value is put in as it is and
/// never read for variables again. Where nothing is known and nothing is to be said instead, the comma and the blanks
/// before go as well: "Добрый день, {{имя}}!" becomes "Добрый день!".
///
/// # Errors
/// The names between braces that are no variable, each once, in their order.
pub fn render(template: &str, values: &Values) -> Result<String, Vec<String>> {
    let unknown = unknown(template);
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let mut out = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Variable(name, otherwise) => {
                let value = Variable::parse(name).map(|variable| values.of(variable)).unwrap_or_default();
                let value = if value.is_empty() { otherwise.trim() } else { &value };
                if value.is_empty() {
                    let kept = out.trim_end_matches([' ', '\u{a0}', ',']).len();
                    out.truncate(kept);
                }
                out.push_str(value);
            }
        }
    }
    Ok(out)
}

/// The names between braces that are no variable: for the form where replies are written.
pub fn unknown(template: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in pieces(template) {
        if let Piece::Variable(name, _) = piece
            && Variable::parse(name).is_none()
            && !found.iter().any(|known| known == name)
        {
            found.push(name.to_owned());
        }
    }
    found
}

/// Braces that do not close on their line, or hold nothing, are words.
fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let mut at = 0;
    while let Some(open) = rest.get(at..).and_then(|text| text.find("{{")).map(|found| at + found) {
        // One more brace in front belongs to the words.
        let inside = rest.get(open + 2..).unwrap_or_default();
        let close = inside.char_indices().take(2 * MAX_NAME).find(|(_, c)| matches!(c, '{' | '}' | '\n'));
        let held = close.and_then(|(close, _)| {
            inside.get(close..)?.starts_with("}}").then_some(())?;
            let (name, otherwise) = inside.get(..close)?.split_once('|').unwrap_or((inside.get(..close)?, ""));
            let name = name.trim();
            (!name.is_empty() && name.chars().count() <= MAX_NAME).then_some((name, otherwise, close))
        });
        let Some((name, otherwise, close)) = held else {
            at = open + 1;
            continue;
        };
        pieces.push(Piece::Words(rest.get(..open).unwrap_or_default()));
        pieces.push(Piece::Variable(name, otherwise));
        rest = inside.get(close + 2..).unwrap_or_default();
        at = 0;
    }
    pieces.push(Piece::Words(rest));
    pieces
}

/// Whether this can be a shortcut: letters, digits, `-` and `_`, at most [`MAX_SHORTCUT`]; without its slash.
pub fn is_shortcut(text: &str) -> bool {
    (1..=MAX_SHORTCUT).contains(&text.chars().count())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// What is being typed after a slash, `before` being the text before the caret: the slash stands at the beginning of a
/// line or after a blank and no blank comes after it. Only the slash is an empty answer, which finds every reply.
pub fn typed(before: &str) -> Option<&str> {
    let start = before.rfind(char::is_whitespace).and_then(|at| before.get(at..)).unwrap_or(before);
    let query = start.trim_start().strip_prefix('/')?;
    (query.chars().count() <= MAX_SHORTCUT && !query.contains('/')).then_some(query)
}

/// The replies that fit what is typed, the best first, each told by its shortcut (without slash) and its title:
/// the shortcut itself, then shortcuts that begin so, then titles with a word that begins so. Typed in the wrong layout
/// of the keyboard it finds the same.
pub fn matching<'a, T>(replies: &'a [T], query: &str, told: impl Fn(&'a T) -> (&'a str, &'a str)) -> Vec<&'a T> {
    let query = fold(query);
    let queries = [other_layout(&query), query];
    let mut ranked = [const { Vec::new() }; 3];
    for reply in replies {
        let (shortcut, title) = told(reply);
        let (shortcut, title) = (fold(shortcut), fold(title));
        let any = |test: &dyn Fn(&str) -> bool| queries.iter().any(|query| test(query));
        let words = || title.split(|c: char| !c.is_alphanumeric());
        let rank = if any(&|query| shortcut == query) {
            0
        } else if any(&|query| shortcut.starts_with(query)) {
            1
        } else if any(&|query| title.starts_with(query) || words().any(|word| word.starts_with(query))) {
            2
        } else {
            continue;
        };
        ranked.get_mut(rank).into_iter().for_each(|found| found.push(reply));
    }
    ranked.concat()
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase().replace('ё', "е")
}

/// The same keys in the other layout: `wtyf` is `цена`, `зкшсу` is `price`. Letters that are on no such key stay.
pub fn other_layout(text: &str) -> String {
    const LATIN: &str = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.";
    const RUSSIAN: &str = "ёйцукенгшщзхъфывапролджэячсмитьбю";
    let other = |c: char| {
        let pairs = || LATIN.chars().zip(RUSSIAN.chars());
        let found = pairs().find_map(|(latin, russian)| match c {
            _ if c == latin => Some(russian),
            _ if c == russian => Some(latin),
            _ => None,
        });
        found.unwrap_or(c)
    };
    text.to_lowercase().chars().map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values() -> Values {
        Values {
            name: "Анна".into(),
            manager: "Олег".into(),
            account: "Склад {{имя}}".into(),
            clock: Clock { year: 2026, month: 3, day: 5, hour: 9, minute: 7 },
            ..Values::default()
        }
    }

    #[test]
    fn variables_are_filled_in_both_languages() {
        let filled = |text| render(text, &values()).unwrap();
        assert_eq!(filled("{{приветствие}}, {{ ИМЯ }}! Это {{manager}}."), "Доброе утро, Анна! Это Олег.");
        assert_eq!(filled("{{дата}} {{время}}"), "05.03.2026 09:07");
        assert_eq!(filled("{{account}}"), "Склад {{имя}}", "a value is not read again");
        assert_eq!(filled("Тел.: {{phone|не указан}}"), "Тел.: не указан");
        assert_eq!(filled("Добрый день, {{phone}}!"), "Добрый день!");
        assert_eq!(filled("{{{имя}}} {имя} {{}} {{ {{имя"), "{Анна} {имя} {{}} {{ {{имя");
        let english = Values { language: Language::En, ..values() };
        assert_eq!(render("{{greeting}}, {{date}}", &english).unwrap(), "Good morning, 2026-03-05");
        for language in [Language::Ru, Language::En] {
            for variable in Variable::ALL {
                assert_eq!(unknown(&variable.written(language)), Vec::<String>::new());
            }
        }
    }

    #[test]
    fn unknown_names_are_told() {
        let told = render("{{имя}} {{скидка}} {{цена|0}} {{скидка}}", &values()).unwrap_err();
        assert_eq!(told, ["скидка", "цена"]);
    }

    #[test]
    fn a_slash_is_seen_where_it_begins_a_word() {
        assert_eq!(typed("/"), Some(""));
        assert_eq!(typed("/цен"), Some("цен"));
        assert_eq!(typed("да, вот\n/цен"), Some("цен"));
        assert_eq!(typed("да, вот /цен"), Some("цен"));
        for none in ["", "и/или", "/цена ", "https://x.ru", "/a/b", "5/"] {
            assert_eq!(typed(none), None, "{none}");
        }
    }

    #[test]
    fn replies_are_found_in_any_layout() {
        let replies =
            [("цена-опт", "Оптовый прайс"), ("цена", "Прайс"), ("price", "Price list"), ("адрес", "Где мы: счёт")];
        let found =
            |query| matching(&replies, query, |reply| (reply.0, reply.1)).iter().map(|r| r.0).collect::<Vec<_>>();
        assert_eq!(found("цена"), ["цена", "цена-опт"]);
        assert_eq!(found("wtyf"), ["цена", "цена-опт"]);
        assert_eq!(found("WTY"), ["цена-опт", "цена"]);
        assert_eq!(found("зкш"), ["price"]);
        assert_eq!(found("прайс"), ["цена-опт", "цена"]);
        assert_eq!(found("счет"), ["адрес"]);
        assert_eq!(found("").len(), 4);
        assert!(found("нет").is_empty());
    }

    #[test]
    fn shortcuts_are_words() {
        assert!(is_shortcut("цена-опт_2"));
        for wrong in ["", "а б", "/цена", &"а".repeat(33)] {
            assert!(!is_shortcut(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn words_without_braces_stay(text in "[^{]*") {
            prop_assert_eq!(render(&text, &values()), Ok(text));
        }

        #[test]
        fn nothing_makes_it_panic(text in "([{}|\n]|\\{\\{|\\}\\}|имя|цена| |👍){0,30}") {
            match render(&text, &values()) {
                Ok(_) => prop_assert!(unknown(&text).is_empty()),
                Err(names) => prop_assert!(names.iter().all(|name| text.contains(name))),
            }
            let _ = (typed(&text), matching(&[("a", "b")], &text, |r| (r.0, r.1)));
        }

        #[test]
        fn layouts_turn_into_each_other(text in "[а-яё]{0,20}") {
            prop_assert_eq!(other_layout(&other_layout(&text)), text);
        }
    }
}
