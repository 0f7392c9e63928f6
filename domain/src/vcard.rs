//! Contact cards: vCard 2.1, 3.0 and 4.0 as telephones and messengers write them, read into one shape, and written as
//! 3.0, which all of them read. How lines are joined and decoded is in `vcard/line.rs`. Nothing is ever fetched for a
//! card: a picture that is only an address is left out.

mod line;
mod write;

use serde::{Deserialize, Serialize};

use crate::{Fault, Phone};
use line::Property;
pub use write::write;

/// The largest text that is read, bytes.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// The most cards in one text.
pub const MAX_CARDS: usize = 1000;
/// The largest picture of a card, bytes; a larger one is left out.
pub const MAX_PHOTO: usize = 2 * 1024 * 1024;
/// The most phones of a card, and of each of its other lists; the rest is left out.
pub const MAX_ENTRIES: usize = 100;
/// The longest value, characters; what is longer is cut.
const MAX_VALUE: usize = 4000;

/// A contact card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Card {
    /// What to call it: as given, or made of the parts of the name, the organisation, the phone or the mail address.
    pub name: String,
    /// The parts of the name; all empty when the card has none.
    pub parts: NameParts,
    /// The organisation and its departments, with commas between.
    pub organisation: String,
    /// The position held.
    pub title: String,
    /// Telephone numbers.
    pub phones: Vec<CardPhone>,
    /// Mail addresses.
    pub emails: Vec<CardEntry>,
    /// Web addresses, `http:` or `https:` only.
    pub links: Vec<CardEntry>,
    /// Postal addresses, each in one line.
    pub addresses: Vec<CardEntry>,
    /// Remarks; may have several lines.
    pub note: String,
    /// `1985-04-12`, or `--04-12` where the year is not told; empty when there is none.
    pub birthday: String,
    /// The picture; does not travel in JSON.
    #[serde(skip)]
    pub photo: Option<Photo>,
}

/// The parts of a person's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NameParts {
    /// Family name.
    pub family: String,
    /// Given name.
    pub given: String,
    /// Patronymic or middle names.
    pub middle: String,
    /// What is put in front, such as a degree.
    pub prefix: String,
    /// What is put behind.
    pub suffix: String,
}

/// A telephone number of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardPhone {
    /// As it is written in the card.
    pub written: String,
    /// Digits of the WhatsApp account where the card names one; its absence says nothing.
    pub whatsapp: Option<String>,
    /// Which of the person's numbers.
    pub place: Place,
    /// The card's own word for that, where it has one.
    pub label: String,
}

impl CardPhone {
    /// The number to write to: the WhatsApp account, or else what is written, where that is a whole number.
    pub fn phone(&self) -> Option<Phone> {
        let known = self.whatsapp.as_deref().and_then(|digits| Phone::parse(&format!("+{digits}")));
        known.or_else(|| Phone::parse(&self.written))
    }
}

/// An address of a card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardEntry {
    /// The address.
    pub value: String,
    /// Which of the person's addresses.
    pub place: Place,
    /// The card's own word for that, where it has one.
    pub label: String,
}

/// Which of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The card does not say.
    #[default]
    Other,
    /// A mobile telephone.
    Mobile,
    /// At home.
    Home,
    /// At work.
    Work,
    /// A fax.
    Fax,
}

/// A card's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// By its bytes: `image/jpeg`, `image/png`, `image/gif` or `image/webp`.
    pub mime: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Reads every card of a text. Values of unknown properties and pictures that are none are left out.
///
/// # Errors
/// [`Fault::TooLarge`] beyond [`MAX_BYTES`] or [`MAX_CARDS`]; [`Fault::Malformed`] when there is no card at all.
pub fn read(bytes: &[u8]) -> Result<Vec<Card>, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(Fault::TooLarge);
    }
    let mut cards = Vec::new();
    let mut draft: Option<Draft> = None;
    for property in line::properties(bytes) {
        let is_card = property.raw.trim_ascii().eq_ignore_ascii_case(b"VCARD");
        match property.name.as_str() {
            // One that begins inside of another ends it: the end was lost.
            "BEGIN" if is_card => cards.extend(draft.replace(Draft::default()).and_then(Draft::finish)),
            "END" if is_card => cards.extend(draft.take().and_then(Draft::finish)),
            _ => {
                if let Some(draft) = &mut draft {
                    draft.take_in(&property);
                }
            }
        }
        if cards.len() > MAX_CARDS {
            return Err(Fault::TooLarge);
        }
    }
    cards.extend(draft.and_then(Draft::finish));
    match cards.len() {
        0 => Err(Fault::Malformed),
        1..=MAX_CARDS => Ok(cards),
        _ => Err(Fault::TooLarge),
    }
}

/// A card while it is read: words for an entry (`item1.X-ABLabel`) may stand before or after the entry.
#[derive(Default)]
struct Draft {
    card: Card,
    labels: Vec<(String, String)>,
    phones: Vec<String>,
    emails: Vec<String>,
    links: Vec<String>,
    addresses: Vec<String>,
}

impl Draft {
    fn take_in(&mut self, property: &Property) {
        let card = &mut self.card;
        let group = property.group.clone();
        match property.name.as_str() {
            "FN" => fill(&mut card.name, one_line(&property.text())),
            "N" if card.parts == NameParts::default() => {
                let mut parts = property.components().into_iter().map(|part| one_line(&part));
                let mut next = || parts.next().unwrap_or_default();
                card.parts =
                    NameParts { family: next(), given: next(), middle: next(), prefix: next(), suffix: next() };
            }
            "ORG" => fill(&mut card.organisation, joined(&property.components())),
            "X-WA-BIZ-NAME" => fill(&mut card.organisation, one_line(&property.text())),
            "TITLE" => fill(&mut card.title, one_line(&property.text())),
            "NOTE" | "X-WA-BIZ-DESCRIPTION" => fill(&mut card.note, several_lines(&property.text())),
            "BDAY" => fill(&mut card.birthday, birthday(&property.text()).unwrap_or_default()),
            "TEL" => {
                let text = one_line(&property.text());
                let written = text.strip_prefix("tel:").unwrap_or(&text).trim().to_owned();
                let digits = property.parameter("WAID").filter(|id| id.bytes().all(|b| b.is_ascii_digit()));
                let whatsapp = digits.and_then(|id| Phone::parse(&format!("+{id}"))).map(|id| id.digits().to_owned());
                if !written.is_empty() && card.phones.len() < MAX_ENTRIES {
                    card.phones.push(CardPhone { written, whatsapp, place: place(property), label: String::new() });
                    self.phones.push(group);
                }
            }
            "EMAIL" => {
                let text = one_line(&property.text());
                let value = text.strip_prefix("mailto:").unwrap_or(&text).to_owned();
                push(&mut card.emails, &mut self.emails, value, property);
            }
            "URL" => push(&mut card.links, &mut self.links, web(&one_line(&property.text())), property),
            "ADR" => push(&mut card.addresses, &mut self.addresses, joined(&property.components()), property),
            "X-ABLABEL" if !group.is_empty() && self.labels.len() < 4 * MAX_ENTRIES => {
                let text = one_line(&property.text());
                let text = text.strip_prefix("_$!<").and_then(|text| text.strip_suffix(">!$_")).unwrap_or(&text);
                self.labels.push((group, text.to_owned()));
            }
            "PHOTO" if card.photo.is_none() => card.photo = property.bytes(MAX_PHOTO * 4 / 3 + 4).and_then(photo),
            _ => {}
        }
    }

    fn finish(mut self) -> Option<Card> {
        let labels = self.labels;
        let label = |group: &String| {
            let found = labels.iter().find(|(named, _)| !group.is_empty() && named == group);
            found.map(|(_, label)| label.clone()).unwrap_or_default()
        };
        let card = &mut self.card;
        card.phones.iter_mut().zip(&self.phones).for_each(|(phone, group)| phone.label = label(group));
        for (entries, groups) in
            [(&mut card.emails, &self.emails), (&mut card.links, &self.links), (&mut card.addresses, &self.addresses)]
        {
            entries.iter_mut().zip(groups).for_each(|(entry, group)| entry.label = label(group));
        }
        if card.name.is_empty() {
            let parts = &card.parts;
            let whole = [&parts.given, &parts.middle, &parts.family].map(String::as_str);
            let whole = whole.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            let others = [Some(&card.organisation), card.phones.first().map(|phone| &phone.written)];
            let others = others.into_iter().chain([card.emails.first().map(|email| &email.value)]).flatten();
            card.name = std::iter::once(&whole).chain(others).find(|name| !name.is_empty())?.clone();
        }
        Some(self.card)
    }
}

/// The first value that says something stays.
fn fill(place: &mut String, value: String) {
    if place.is_empty() {
        *place = value;
    }
}

fn push(entries: &mut Vec<CardEntry>, groups: &mut Vec<String>, value: String, property: &Property) {
    if !value.is_empty() && entries.len() < MAX_ENTRIES {
        entries.push(CardEntry { value, place: place(property), label: String::new() });
        groups.push(property.group.clone());
    }
}

fn place(property: &Property) -> Place {
    let known = [("CELL", Place::Mobile), ("FAX", Place::Fax), ("WORK", Place::Work), ("HOME", Place::Home)];
    known.into_iter().find(|(word, _)| property.is_type(word)).map_or(Place::Other, |(_, place)| place)
}

/// A value of one line without control characters, bounded.
fn one_line(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !c.is_control());
    line.take(MAX_VALUE).collect::<String>().trim().to_owned()
}

fn several_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let kept = text.chars().filter(|c| !c.is_control() || *c == '\n').take(MAX_VALUE);
    kept.collect::<String>().trim().to_owned()
}

fn joined(parts: &[String]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| one_line(part)).filter(|part| !part.is_empty()).collect();
    one_line(&parts.join(", "))
}

/// A web address; nothing for any other scheme, for a card is a stranger's.
fn web(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return text.to_owned();
    }
    if text.contains(':') || !text.contains('.') || text.contains(' ') {
        return String::new();
    }
    format!("https://{text}")
}

/// `19850412`, `1985-04-12`, either with a time, `--0412`, `--04-12`.
fn birthday(text: &str) -> Option<String> {
    let day = text.trim().split(['T', ' ']).next()?;
    let digits: String = day.chars().filter(|c| *c != '-').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = match (digits.len(), day.starts_with("--")) {
        (8, false) => digits.split_at_checked(4)?,
        (4, true) => ("", digits.as_str()),
        _ => return None,
    };
    let (month, day) = rest.split_at_checked(2)?;
    let real = (1..=12).contains(&month.parse::<u8>().ok()?) && (1..=31).contains(&day.parse::<u8>().ok()?);
    // A year that some telephones write when they know none.
    let year = if year == "1604" || year.is_empty() { "-" } else { year };
    real.then(|| format!("{year}-{month}-{day}"))
}

/// A picture by its first bytes: what a browser could take for anything else is none.
fn photo(bytes: Vec<u8>) -> Option<Photo> {
    let mime = match bytes.as_slice() {
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => return None,
    };
    (bytes.len() <= MAX_PHOTO).then_some(Photo { mime, bytes })
}

#[cfg(test)]
mod tests;
