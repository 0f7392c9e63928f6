//! Names shortened to initials, and what a file's name says of its kind. Pure. A message's words are read by
//! `domain::text` and drawn by `prose`.

use crate::i18n::{lower, upper};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
