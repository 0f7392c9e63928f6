//! What exported chats look like, by examples and at random.

use proptest::prelude::*;

use super::*;

fn entries(text: &str) -> Vec<Entry> {
    Archive::open(text).unwrap().entries().collect()
}

fn at(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Stamp {
    Stamp { day: Day::new(year, month, day).unwrap(), hour, minute, second }
}

fn said(at: Stamp, author: &str, text: &str) -> Entry {
    Entry {
        at,
        author: Some(author.to_owned()),
        text: text.to_owned(),
        file: None,
        left_out: false,
        edited: false,
        deleted: false,
    }
}

#[test]
fn android_in_russian() {
    let text = "13.03.2024, 14:05 - Сообщения и звонки защищены сквозным шифрованием. Подробнее.\r\n\
        13.03.2024, 14:06 - Анна: Привет: да\r\nвторая строка\r\n\r\n- не дата 1.1\r\n\
        13.03.2024, 14:07 - Анна создал(-а) группу «Склад: север»\r\n\
        13.03.2024, 14:08 - +7 912 000-45-17: \u{200e}IMG-20240313-WA0001.jpg (файл добавлен)\r\nподпись\r\n\
        13.03.2024, 14:09 - Анна: <Без медиафайлов>\r\n\
        13.03.2024, 14:10 - Анна: Данное сообщение удалено\r\n\
        13.03.2024, 14:11 - Анна: опечатка <Сообщение изменено>\r\n\
        13.03.2024, 14:12 - Анна: ../../etc/passwd.txt (файл добавлен)\r\n13.03.2024, 14:13 - Анна:";
    let found = entries(text);
    let day = |minute| at(2024, 3, 13, 14, minute, 0);
    assert_eq!(found.len(), 9);
    assert_eq!(found[0].author, None);
    assert_eq!(found[1], said(day(6), "Анна", "Привет: да\nвторая строка\n\n- не дата 1.1"));
    assert_eq!((found[2].author.as_deref(), found[2].text.contains("Склад: север")), (None, true));
    let file = Some("IMG-20240313-WA0001.jpg".to_owned());
    assert_eq!(found[3], Entry { file, ..said(day(8), "+7 912 000-45-17", "подпись") });
    assert_eq!(found[4], Entry { left_out: true, ..said(day(9), "Анна", "") });
    assert!(found[5].deleted);
    assert_eq!(found[6], Entry { edited: true, ..said(day(11), "Анна", "опечатка") });
    assert_eq!(found[7].file, None, "a path is no name");
    assert_eq!(found[8], said(day(13), "Анна", ""));
    assert_eq!(Archive::open(text).unwrap().people(), ["Анна", "+7 912 000-45-17"]);
}

#[test]
fn android_in_english_with_twelve_hours() {
    let found = entries(
        "3/12/24, 2:05\u{202f}PM - John: hi\n3/13/24, 12:00\u{202f}AM - John: VID-1.mp4 (file attached)\n\
         3/13/24, 12:01\u{202f}PM - You deleted this message\n3/13/24, 12:02\u{202f}pm - John: <Media omitted>",
    );
    assert_eq!(found[0], said(at(2024, 3, 12, 14, 5, 0), "John", "hi"));
    assert_eq!(found[1], Entry { file: Some("VID-1.mp4".into()), ..said(at(2024, 3, 13, 0, 0, 0), "John", "") });
    assert_eq!((found[2].at, found[2].author.as_deref()), (at(2024, 3, 13, 12, 1, 0), None));
    assert!(found[3].left_out);
}

#[test]
fn iphone_in_both_languages() {
    let found = entries(
        "\u{feff}[13.03.2024, 14:05:33] Склад: \u{200e}Сообщения и звонки защищены сквозным шифрованием.\n\
         \u{200e}[13.03.2024, 14:06:00] ~\u{a0}Анна: \u{200e}<прикреплено: 00000012-PHOTO-2024-03-13.jpg>\n\
         \u{200e}[13.03.2024, 14:06:01] \u{202a}+7 912 000-45-17\u{202c}: \u{200e}Отчёт.pdf • \u{200e}3 стр. \u{200e}<прикреплено: 03-Отчёт.pdf>\n\
         [13.03.2024, 14:06:02] Анна: смотри \u{200e}<прикреплено: 4.jpg>\n\
         [13.03.2024, 14:06:03] Анна: \u{200e}изображение отсутствует\n\
         [13.03.2024, 14:06:04] Анна: \u{200e}Это сообщение удалено.\n\
         [13.03.2024, 14:06:05] Анна: да \u{200e}<Сообщение изменено>",
    );
    let day = |second| at(2024, 3, 13, 14, 6, second);
    assert_eq!((found[0].author.as_deref(), found[0].text.starts_with("Сообщения")), (None, true));
    assert_eq!(found[1], Entry { file: Some("00000012-PHOTO-2024-03-13.jpg".into()), ..said(day(0), "Анна", "") });
    assert_eq!(found[2], Entry { file: Some("03-Отчёт.pdf".into()), ..said(day(1), "+7 912 000-45-17", "") });
    assert_eq!(found[3], Entry { file: Some("4.jpg".into()), ..said(day(2), "Анна", "смотри") });
    assert!(found[4].left_out && found[5].deleted);
    assert_eq!(found[6], Entry { edited: true, ..said(day(5), "Анна", "да") });
    let english = entries(
        "[3/13/24, 2:05:33\u{202f}PM] Ann: \u{200e}<attached: 1.jpg>\n[3/13/24, 2:05:34\u{202f}PM] Ann: \u{200e}image omitted",
    );
    assert_eq!(english[0], Entry { file: Some("1.jpg".into()), ..said(at(2024, 3, 13, 14, 5, 33), "Ann", "") });
    assert!(english[1].left_out);
}

#[test]
fn day_and_month_are_told_apart_over_the_whole_file() {
    let first = |text: &str| {
        let archive = Archive::open(text).unwrap();
        let day = archive.entries().next().unwrap().at.day;
        (day.month, day.day, archive.is_sure())
    };
    assert_eq!(first("1/2/24, 10:00 - a: x\n13/2/24, 10:00 - a: x"), (2, 1, true));
    assert_eq!(first("1/2/24, 10:00 - a: x\n2/13/24, 10:00 - a: x"), (1, 2, true));
    assert_eq!(first("1/2/24, 10:00 - a: x\n3/1/24, 10:00 - a: x"), (1, 2, true), "time goes forward");
    assert_eq!(first("1/2/24, 10:00 - a: x\n1/3/24, 10:00 - a: x"), (2, 1, false));
    assert_eq!(first("1/2/24, 10:00 AM - a: x"), (1, 2, false));
    assert_eq!(first("01.02.24, 10:00 - a: x"), (2, 1, false));
    assert_eq!(first("2024-02-01, 10:00 - a: x"), (2, 1, true));
}

#[test]
fn a_date_within_a_message_does_not_break_it() {
    let found = entries(
        "13.03.2024, 14:05 - Анна: вот\n[3/12/24, 2:05:33 PM] John: hi\n12.03.2024 было\n99.99.2024, 14:05 - x: y",
    );
    assert_eq!(found.len(), 1);
    assert!(found[0].text.ends_with("x: y"));
}

#[test]
fn what_is_no_export_is_refused() {
    for text in ["", "привет", "12.03.2024", "12.03.2024, 25:00 - а: б", "12.03.2024 14:05: а"] {
        assert_eq!(Archive::open(text).map(|_| ()), Err(Fault::Malformed), "{text}");
    }
}

#[test]
fn chats_are_called_by_their_files() {
    assert_eq!(chat_name("Чат WhatsApp с контактом Анна П.txt"), Some("Анна П"));
    assert_eq!(chat_name("a/WhatsApp Chat with John.zip"), Some("John"));
    assert_eq!(chat_name("_chat.txt"), None);
}

#[test]
fn long_texts_take_little_time() {
    let start = std::time::Instant::now();
    let text = format!("13.03.2024, 14:05 - Анна: {}", "строка\n".repeat(12_000));
    assert_eq!(entries(&text)[0].text.chars().count(), MAX_TEXT);
    assert_eq!(entries(&"13.03.2024, 14:05 - Анна: да\n".repeat(5_000)).len(), 5_000);
    assert!(start.elapsed() < std::time::Duration::from_secs(40), "{:?}", start.elapsed());
}

#[derive(Clone, Copy, Debug)]
enum Form {
    AndroidRu,
    AndroidUs,
    AppleRu,
    AppleUs,
}

fn written(form: Form, entry: &Entry) -> String {
    let Stamp { day: Day { year, month, day }, hour, minute, second } = entry.at;
    let (half, short) = (if hour < 12 { "AM" } else { "PM" }, year % 100);
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    let author = entry.author.as_deref().unwrap_or_default();
    let text = &entry.text;
    match form {
        Form::AndroidRu => format!("{day:02}.{month:02}.{year}, {hour:02}:{minute:02} - {author}: {text}\n"),
        Form::AndroidUs => format!("{month}/{day}/{short:02}, {twelve}:{minute:02}\u{202f}{half} - {author}: {text}\n"),
        Form::AppleRu => format!("[{day:02}.{month:02}.{year}, {hour:02}:{minute:02}:{second:02}] {author}: {text}\n"),
        Form::AppleUs => {
            format!("[{month}/{day}/{short:02}, {twelve}:{minute:02}:{second:02}\u{202f}{half}] {author}: {text}\n")
        }
    }
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        form in prop::sample::select(vec![Form::AndroidRu, Form::AndroidUs, Form::AppleRu, Form::AppleUs]),
        messages in prop::collection::vec(
            ((2015_u16..2030, 1_u8..=12, 1_u8..=28), (0_u8..24, 0_u8..60, 0_u8..60), "[А-Яа-яA-z0-9+]{1,12}", "[а-яa-z0-9:.,👍-]{1,9}(\n[а-я \\[\\]0-9:]{0,9}[а-я]){0,3}"),
            1..20,
        ),
    ) {
        let seconds = matches!(form, Form::AppleRu | Form::AppleUs);
        let mut wanted = vec![said(at(2014, 12, 31, 10, 0, 0), "Я", "начало")];
        wanted.extend(messages.iter().map(|((y, m, d), (h, min, s), author, text)| {
            said(at(*y, *m, *d, *h, *min, if seconds { *s } else { 0 }), author, text)
        }));
        let text: String = wanted.iter().map(|entry| written(form, entry)).collect();
        prop_assert_eq!(entries(&text), wanted);
    }

    #[test]
    fn nothing_makes_it_panic(text in "(\\[|\\]|[0-9]{1,4}|[./:, -]|\u{200e}|\u{202f}|PM|\n|Анна: |13\\.03\\.2024, 14:05 - |<attached: |\\.jpg>|<Сообщение изменено>){0,60}") {
        if let Ok(archive) = Archive::open(&text) {
            let _ = (archive.entries().count(), archive.people());
        }
        let _ = chat_name(&text);
    }
}
