//! Words of a message cut into plain text and links, names shortened to initials, kinds of files. Pure: nodes are made
//! of this in `bubble`, so nothing from outside ever becomes HTML.

use crate::i18n::{lower, upper};
use linkify::{LinkFinder, LinkKind};

/// Endings that make `word.word` a link without `https://`. Without this list a missing space after a full stop would.
const DOMAINS: [&str; 16] =
    ["ru", "рф", "su", "com", "net", "org", "info", "io", "me", "by", "kz", "uz", "pro", "shop", "online", "site"];

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Plain words.
    Plain(String),
    /// A link: what is seen and where it leads (`https:`, `http:` or `mailto:` only).
    Link(String, String),
}

/// Cuts a text into words and links.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false).kinds(&[LinkKind::Url, LinkKind::Email]);
    let mut pieces = Vec::new();
    let mut plain = String::new();
    for span in finder.spans(text) {
        let words = span.as_str();
        match span.kind().and_then(|kind| target(words, kind)) {
            Some(target) => {
                if !plain.is_empty() {
                    pieces.push(Piece::Plain(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Link(words.to_owned(), target));
            }
            None => plain.push_str(words),
        }
    }
    if !plain.is_empty() {
        pieces.push(Piece::Plain(plain));
    }
    pieces
}

fn target(words: &str, kind: &LinkKind) -> Option<String> {
    if *kind == LinkKind::Email {
        return Some(format!("mailto:{words}"));
    }
    let lower = lower(words);
    if lower.starts_with("https://") || lower.starts_with("http://") {
        return Some(words.to_owned());
    }
    if lower.contains("://") {
        return None;
    }
    let host = lower.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let ending = host.rsplit('.').next().unwrap_or_default();
    (host.contains('.') && DOMAINS.contains(&ending)).then(|| format!("https://{words}"))
}

/// Whether a text is one to three emoji and nothing else, and so is drawn large.
pub fn is_emoji_only(text: &str) -> bool {
    let mut shown = 0;
    for c in text.trim().chars() {
        match u32::from(c) {
            // Joiners, variation selectors, skin tones: parts of the emoji before.
            0x200D | 0xFE0F | 0x1F3FB..=0x1F3FF | 0x20E3 => {}
            0x1F1E6..=0x1F1FF => shown += 1,
            0x1F300..=0x1FAFF | 0x2600..=0x27BF | 0x2B50 | 0x2B55 | 0x2934 | 0x2935 | 0x3030 => shown += 2,
            _ => return false,
        }
    }
    // Flags are two letters each, hence the halves; families joined together stay small.
    (2..=6).contains(&shown)
}

/// Up to two letters that stand for a name; `None` for a phone number and for no name at all.
pub fn initials(name: &str) -> Option<String> {
    let legal = ["ооо", "ип", "ао", "пао", "зао", "тсж", "снт"];
    let words: Vec<&str> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().next().is_some_and(char::is_alphabetic))
        .collect();
    let own: Vec<&&str> = words.iter().filter(|word| !legal.contains(&lower(word).as_str())).collect();
    let chosen: Vec<&str> = if own.is_empty() { words } else { own.into_iter().copied().collect() };
    let letters: String = match chosen.as_slice() {
        [] => return None,
        [one] => one.chars().take(2).collect(),
        [first, second, ..] => first.chars().take(1).chain(second.chars().take(1)).collect(),
    };
    Some(upper(&letters))
}

/// The ending of a file's name in capitals, at most four letters, and the mark that stands for its kind.
pub fn extension(name: &str, mime: &str) -> (String, &'static str) {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending)
        .filter(|ending| (1..=4).contains(&ending.chars().count()) && ending.chars().all(char::is_alphanumeric))
        .map(upper)
        .unwrap_or_else(|| upper(&mime.rsplit('/').next().unwrap_or_default().chars().take(4).collect::<String>()));
    let hue = match ending.as_str() {
        "PDF" => "1",
        "DOC" | "DOCX" | "ODT" | "RTF" | "TXT" => "6",
        "XLS" | "XLSX" | "ODS" | "CSV" => "4",
        "ZIP" | "RAR" | "7Z" => "2",
        "PPT" | "PPTX" => "8",
        _ => "5",
    };
    (ending, hue)
}

/// A text on one line, cut at `limit` characters.
pub fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::new();
    for (n, c) in text.trim().chars().enumerate() {
        if n == limit {
            line.push('…');
            break;
        }
        line.push(if c.is_whitespace() { ' ' } else { c });
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<String> {
        pieces(text)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Link(_, target) => Some(target),
                Piece::Plain(_) => None,
            })
            .collect()
    }

    #[test]
    fn links_are_found_and_nothing_else() {
        assert_eq!(
            links("см. https://example.ru/a?b=1, и sad.example.ru/blog."),
            ["https://example.ru/a?b=1", "https://sad.example.ru/blog"]
        );
        assert_eq!(links("почта sales@example.ru"), ["mailto:sales@example.ru"]);
        assert_eq!(links("Да.Нет, файл отчёт.xlsx и версия 1.2.3"), Vec::<String>::new());
        assert_eq!(links("javascript://alert(1) file:///etc/passwd data:text/html,x"), Vec::<String>::new());
    }

    #[test]
    fn no_letter_is_lost() {
        for text in ["", "a https://x.ru b", "<b>не разметка</b> & https://x.ru/<script>", "строка\nвторая ftp://x.ru"]
        {
            let joined: String = pieces(text)
                .into_iter()
                .map(|piece| match piece {
                    Piece::Plain(words) | Piece::Link(words, _) => words,
                })
                .collect();
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn emoji_alone_are_large() {
        for text in ["👍", "❤️", "🙏🏽", "😀😀😀", "🇷🇺"] {
            assert!(is_emoji_only(text), "{text}");
        }
        for text in ["", "да 👍", "1", "😀😀😀😀", "12"] {
            assert!(!is_emoji_only(text), "{text}");
        }
    }

    #[test]
    fn initials_of_people_and_firms() {
        assert_eq!(initials("Марина Крылова").as_deref(), Some("МК"));
        assert_eq!(initials("ООО «Берёзовый двор»").as_deref(), Some("БД"));
        assert_eq!(initials("ИП Назарова Е. В.").as_deref(), Some("НЕ"));
        assert_eq!(initials("Галина").as_deref(), Some("ГА"));
        assert_eq!(initials("+7 936 000-41-07"), None);
        assert_eq!(initials("🙂"), None);
    }

    #[test]
    fn files_have_an_ending_and_a_mark() {
        assert_eq!(extension("Прайс осень 2026.xlsx", ""), ("XLSX".to_owned(), "4"));
        assert_eq!(extension("README", "application/pdf"), ("PDF".to_owned(), "1"));
        assert_eq!(extension("имя.с точкой внутри", "text/plain").0, "PLAI");
    }

    #[test]
    fn long_texts_are_cut_by_letters() {
        assert_eq!(one_line(" ёж\nпо горам ", 5), "ёж по…");
        assert_eq!(one_line("коротко", 50), "коротко");
    }
}
