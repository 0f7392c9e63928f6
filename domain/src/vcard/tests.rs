//! Cards as telephones write them, broken ones, and what holds for any card.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

fn one(text: &str) -> Card {
    let mut cards = read(text.as_bytes()).unwrap();
    assert_eq!(cards.len(), 1);
    cards.remove(0)
}

#[test]
fn a_card_of_whatsapp() {
    let card = one("BEGIN:VCARD\nVERSION:3.0\nN:Петров;Иван;;;\nFN:Иван Петров\nORG:ООО «Ромашка»;\n\
        item1.TEL;waid=79991234567:+7 999 123-45-67\nitem1.X-ABLabel:Мобильный\nTEL;type=CELL;type=VOICE:8 (912) 000-45-17\n\
        X-WA-BIZ-NAME:Ромашка\nX-WA-BIZ-DESCRIPTION:Цветы\\, букеты\nEND:VCARD");
    assert_eq!(card.name, "Иван Петров");
    assert_eq!((card.parts.family.as_str(), card.parts.given.as_str()), ("Петров", "Иван"));
    assert_eq!(card.organisation, "ООО «Ромашка»");
    assert_eq!(card.note, "Цветы, букеты");
    assert_eq!(card.phones[0].whatsapp.as_deref(), Some("79991234567"));
    assert_eq!(card.phones[0].label, "Мобильный");
    assert_eq!(card.phones[1].place, Place::Mobile);
    assert_eq!(card.phones[1].phone().unwrap().digits(), "79120004517");
}

#[test]
fn an_old_telephone_quotes_its_letters() {
    let card = one(
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9F=D0=B5=D1=82=D1=80=D0=BE=\r\n\
        =D0=B2;=D0=98=D0=B2=D0=B0=D0=BD\r\nTEL;CELL;PREF:+79991234567\r\nTEL;WORK:84950000000\r\n\
        NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo =3D 2\r\n\
        ADR;HOME;CHARSET=UTF-8:;;ул. Ленина\\; 5;Уфа;;450000;Россия\r\nEND:VCARD\r\n",
    );
    assert_eq!(card.name, "Иван Петров");
    assert_eq!(card.note, "one\ntwo = 2");
    assert_eq!(card.phones.iter().map(|phone| phone.place).collect::<Vec<_>>(), [Place::Mobile, Place::Work]);
    assert_eq!(card.addresses[0].value, "ул. Ленина; 5, Уфа, 450000, Россия");
    assert_eq!(card.addresses[0].place, Place::Home);
}

#[test]
fn old_alphabets_are_read() {
    let quoted =
        "BEGIN:VCARD\nVERSION:2.1\nFN;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:=C8=E2=E0=ED =B8=B9\nEND:VCARD";
    assert_eq!(one(quoted).name, "Иван ё№");
    let koi = "BEGIN:VCARD\nFN;CHARSET=KOI8-R;QUOTED-PRINTABLE:=E9=D7=C1=CE\nEND:VCARD";
    assert_eq!(one(koi).name, "Иван");
    let raw = [b"BEGIN:VCARD\nFN:".as_slice(), &[0xC8, 0xE2, 0xE0, 0xED], b"\nEND:VCARD\n"].concat();
    assert_eq!(read(&raw).unwrap()[0].name, "Иван");
}

#[test]
fn the_fourth_version_has_addresses_and_data() {
    let card =
        one("\u{feff}BEGIN:VCARD\nVERSION:4.0\nFN:Анна\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+7-999-123-45-67\n\
        EMAIL;TYPE=work:mailto:anna@x.ru\nURL:javascript:alert(1)\nURL:x.ru\nURL:https://x.ru/a\nBDAY:--0412\n\
        PHOTO:data:image/jpeg;base64,/9j/4AA=\nNOTE:перв\n ая\\nвторая\nEND:VCARD");
    assert_eq!(card.phones[0].written, "+7-999-123-45-67");
    assert_eq!(card.phones[0].place, Place::Home);
    assert_eq!(card.emails[0].value, "anna@x.ru");
    assert_eq!(
        card.links.iter().map(|link| link.value.as_str()).collect::<Vec<_>>(),
        ["https://x.ru", "https://x.ru/a"]
    );
    assert_eq!(card.birthday, "--04-12");
    assert_eq!(card.photo, Some(Photo { mime: "image/jpeg", bytes: vec![0xFF, 0xD8, 0xFF, 0xE0, 0] }));
    assert_eq!(card.note, "первая\nвторая");
}

#[test]
fn pictures_are_pictures_of_a_bounded_size() {
    let card = |photo: &str| format!("BEGIN:VCARD\nFN:x\n{photo}\nTEL:1234567\nEND:VCARD");
    assert!(one(&card("PHOTO;ENCODING=BASE64;JPEG:\n /9j/\n 4AA=\n")).photo.is_some(), "2.1 folds them");
    assert!(one(&card("PHOTO;ENCODING=b:/9j/\n4AA=")).photo.is_some(), "and some forget to");
    for none in ["PHOTO:https://x.ru/a.jpg", "PHOTO;ENCODING=b:PHN2Zz4=", "PHOTO;ENCODING=b:%%%%", "PHOTO;ENCODING=b:"]
    {
        let card = one(&card(none));
        assert!(card.photo.is_none() && card.phones.len() == 1, "{none}");
    }
    let large = format!("PHOTO;ENCODING=b:/9j/{}", "A".repeat(MAX_PHOTO * 3 / 2));
    assert!(one(&card(&large)).photo.is_none());
}

#[test]
fn several_cards_whole_and_broken() {
    let text = "слова\nBEGIN:VCARD\nFN:раз\nEND:VCARD\nbegin:vcard\nfn:два\nBEGIN:VCARD\nTEL:1234567\n\nEND:VCARD\nBEGIN:VCARD\nEND:VCARD\nBEGIN:VCARD\nEMAIL:a@x.ru";
    let names: Vec<String> = read(text.as_bytes()).unwrap().into_iter().map(|card| card.name).collect();
    assert_eq!(names, ["раз", "два", "1234567", "a@x.ru"]);
}

#[test]
fn too_much_is_refused() {
    assert_eq!(read(&vec![b'a'; MAX_BYTES + 1]), Err(Fault::TooLarge));
    assert_eq!(read("BEGIN:VCARD\nFN:a\nEND:VCARD\n".repeat(1001).as_bytes()), Err(Fault::TooLarge));
    assert_eq!(read("BEGIN:VCARD\nFN:a\nEND:VCARD\n".repeat(1000).as_bytes()).unwrap().len(), 1000);
    assert_eq!(read(b""), Err(Fault::Malformed));
    assert_eq!(read("просто текст: да".as_bytes()), Err(Fault::Malformed));
    let many = format!("BEGIN:VCARD\nFN:{}\n{}END:VCARD", "а".repeat(100_000), "TEL:1234567\n".repeat(50_000));
    assert_eq!((one(&many).phones.len(), one(&many).name.chars().count()), (MAX_ENTRIES, 4000));
}

#[test]
fn long_cards_take_little_time() {
    for piece in [
        "A",
        "=",
        ";",
        "\"",
        "BEGIN:VCARD\n",
        "\n ",
        "a:=\n",
        "TEL;QUOTED-PRINTABLE:=\n",
        "PHOTO;BASE64:AAAA\nAAAA\n",
        "item1.X-ABLabel:a\nitem1.TEL:1\n",
    ] {
        let text = format!("BEGIN:VCARD\nFN:a\n{}", piece.repeat(200_000 / piece.len()));
        let start = Instant::now();
        let _ = read(text.as_bytes());
        assert!(start.elapsed() < Duration::from_secs(20), "{piece:?}: {:?}", start.elapsed());
    }
}

fn word() -> impl Strategy<Value = String> {
    "[а-яёA-Z0-9,;:.\\\\\"=@ «№👍-]{0,60}".prop_map(|text| text.trim().to_owned())
}

fn some_word() -> impl Strategy<Value = String> {
    word().prop_map(|text| if text.is_empty() { "x".to_owned() } else { text })
}

fn place() -> impl Strategy<Value = Place> {
    prop::sample::select(vec![Place::Other, Place::Mobile, Place::Home, Place::Work, Place::Fax])
}

fn entry(value: impl Strategy<Value = String>) -> impl Strategy<Value = CardEntry> {
    (value, place(), word()).prop_map(|(value, place, label)| CardEntry { value, place, label })
}

prop_compose! {
    fn card()(
        name in some_word(),
        parts in (word(), word(), word(), word(), word()),
        organisation in word(),
        title in word(),
        phones in prop::collection::vec(("[+0-9 ()-]{1,20}", prop::option::of("[1-9][0-9]{9,14}"), place(), word()), 0..4),
        emails in prop::collection::vec(entry("[a-z.]{1,9}@x\\.ru"), 0..3),
        links in prop::collection::vec(entry("https://[a-zа-я/?=,;]{1,80}"), 0..3),
        addresses in prop::collection::vec(entry(some_word()), 0..3),
        note in "[а-я ,;:\\\\\n]{0,300}",
        birthday in prop::sample::select(vec!["", "1985-04-12", "--12-31"]),
        photo in prop::option::of(prop::collection::vec(any::<u8>(), 0..200)),
    ) -> Card {
        let phones = phones.into_iter().filter(|(written, ..)| !written.trim().is_empty()).map(|(written, whatsapp, place, label)| {
            CardPhone { written: written.trim().to_owned(), whatsapp, place, label }
        });
        Card {
            name,
            parts: NameParts { family: parts.0, given: parts.1, middle: parts.2, prefix: parts.3, suffix: parts.4 },
            organisation,
            title,
            phones: phones.collect(),
            emails,
            links,
            addresses,
            note: note.trim().to_owned(),
            birthday: birthday.to_owned(),
            photo: photo.map(|rest| Photo { mime: "image/jpeg", bytes: [&[0xFF, 0xD8, 0xFF], rest.as_slice()].concat() }),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(cards in prop::collection::vec(card(), 1..4)) {
        let text = write(&cards);
        prop_assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')));
        prop_assert_eq!(read(text.as_bytes()).unwrap(), cards);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&[b"BEGIN:VCARD\n".as_slice(), &bytes].concat());
    }

    #[test]
    fn no_lines_make_it_panic(text in "(BEGIN:VCARD\n|END:VCARD\n|TEL|FN|N|PHOTO|;ENCODING=|BASE64|QUOTED-PRINTABLE|;CHARSET=windows-1251|[:;=\\\\\"., \n\ta-zа-я0-9]){0,60}") {
        let _ = read(text.as_bytes());
    }
}
