//! Cards written as vCard 3.0 in UTF-8.

use std::fmt::Write as _;

use super::{Card, Place};

/// The longest line, bytes without its end.
const LINE: usize = 75;

/// Writes cards one after another. What is read back is the same.
pub fn write(cards: &[Card]) -> String {
    let mut out = String::new();
    cards.iter().for_each(|card| put_card(&mut out, card));
    out
}

fn put_card(out: &mut String, card: &Card) {
    put(out, "BEGIN:VCARD");
    put(out, "VERSION:3.0");
    let parts = &card.parts;
    let parts = [&parts.family, &parts.given, &parts.middle, &parts.prefix, &parts.suffix];
    put(out, &format!("N:{}", parts.map(|part| escaped(part)).join(";")));
    put(out, &format!("FN:{}", escaped(&card.name)));
    for (name, value) in [("ORG", &card.organisation), ("TITLE", &card.title), ("NOTE", &card.note)] {
        if !value.is_empty() {
            put(out, &format!("{name}:{}", escaped(value)));
        }
    }
    if !card.birthday.is_empty() {
        put(out, &format!("BDAY:{}", card.birthday));
    }
    let mut group = 0;
    for phone in &card.phones {
        let whatsapp = phone.whatsapp.as_deref().map(|digits| format!(";waid={digits}")).unwrap_or_default();
        let value = escaped(&phone.written);
        entry(out, &mut group, &format!("TEL{}{whatsapp}:{value}", kind(phone.place)), &phone.label);
    }
    for (name, before, after, entries) in [
        ("EMAIL", "", "", &card.emails),
        ("URL", "", "", &card.links),
        // The whole address in the place of the street.
        ("ADR", ";;", ";;;;", &card.addresses),
    ] {
        for one in entries {
            let line = format!("{name}{}:{before}{}{after}", kind(one.place), escaped(&one.value));
            entry(out, &mut group, &line, &one.label);
        }
    }
    if let Some(photo) = &card.photo {
        let kind = photo.mime.strip_prefix("image/").unwrap_or_default().to_ascii_uppercase();
        put(out, &format!("PHOTO;ENCODING=b;TYPE={kind}:{}", base64(&photo.bytes)));
    }
    put(out, "END:VCARD");
}

/// A line, tied to the card's own word for it where there is one.
fn entry(out: &mut String, group: &mut u32, line: &str, label: &str) {
    if label.is_empty() {
        return put(out, line);
    }
    *group += 1;
    put(out, &format!("item{group}.{line}"));
    put(out, &format!("item{group}.X-ABLabel:{}", escaped(label)));
}

fn kind(place: Place) -> &'static str {
    match place {
        Place::Other => "",
        Place::Mobile => ";TYPE=CELL",
        Place::Home => ";TYPE=HOME",
        Place::Work => ";TYPE=WORK",
        Place::Fax => ";TYPE=FAX",
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => {}
            ',' | ';' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// Adds a line, folded between characters.
fn put(out: &mut String, line: &str) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LINE {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out.push_str("\r\n");
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, &b| bits << 8 | u32::from(b)) << (8 * (3 - three.len()));
        for digit in 0..=three.len() {
            let index = (bits >> (18 - 6 * digit) & 63) as usize;
            out.push(DIGITS.get(index).map_or('=', |&b| char::from(b)));
        }
        for _ in three.len()..3 {
            let _ = out.write_char('=');
        }
    }
    out
}
