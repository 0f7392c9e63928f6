//! What a message carries besides words and files: a place, people, a poll, buttons, the choice of one … Each provider's
//! shapes are decoded into these once, and every page and programme sees only these.

use serde::{Deserialize, Serialize};

use crate::MessageId;

/// The most contact cards, poll options, buttons or list rows kept of one message.
pub const MAX_PARTS: usize = 100;
/// The most options of a poll (`reference/green-api.md` §2.1).
pub const MAX_OPTIONS: usize = 12;
/// The longest poll question, characters (`reference/green-api.md` §2.1).
pub const MAX_QUESTION: usize = 255;
/// The longest poll option, characters (`reference/green-api.md` §2.1).
pub const MAX_OPTION: usize = 100;

/// The part of a message that is neither words nor a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Content {
    /// [`crate::Kind::Location`]
    Location(Location),
    /// [`crate::Kind::Contact`]
    Contacts {
        /// One or several.
        cards: Vec<Card>,
    },
    /// [`crate::Kind::Poll`]
    Poll(Poll),
    /// [`crate::Kind::Invite`]
    Invite(Invite),
    /// [`crate::Kind::Buttons`]: a message with buttons or a list to choose from. [`crate::Kind::Template`] too.
    Menu(Menu),
    /// [`crate::Kind::Choice`]: what was chosen of a menu.
    Choice(Choice),
    /// [`crate::Kind::Call`]
    Call(Call),
}

impl Content {
    /// Everything in it that a person reads, and so may search for.
    pub fn words(&self) -> Vec<&str> {
        let words: Vec<&str> = match self {
            Self::Location(place) => vec![&place.name, &place.address],
            Self::Contacts { cards } => cards
                .iter()
                .flat_map(|card| {
                    let phones = card.phones.iter().map(|phone| phone.text.as_str());
                    [card.name.as_str(), &card.company].into_iter().chain(phones)
                })
                .collect(),
            Self::Poll(poll) => {
                let options = poll.options.iter().map(|option| option.text.as_str());
                std::iter::once(poll.question.as_str()).chain(options).collect()
            }
            Self::Invite(invite) => vec![&invite.name],
            Self::Menu(menu) => {
                let buttons = menu.buttons.iter().flat_map(|button| [button.text.as_str(), &button.note]);
                [menu.title.as_str(), &menu.footer].into_iter().chain(buttons).collect()
            }
            Self::Choice(_) | Self::Call(_) => Vec::new(),
        };
        words.into_iter().filter(|text| !text.is_empty()).collect()
    }
}

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Location {
    /// Degrees, −90 … 90.
    pub latitude: f64,
    /// Degrees, −180 … 180.
    pub longitude: f64,
    /// What is there; may be empty.
    pub name: String,
    /// Where it is in words; may be empty.
    pub address: String,
}

impl Location {
    /// Whether the numbers are a place on Earth.
    pub fn is_valid(&self) -> bool {
        self.latitude.abs() <= 90.0 && self.longitude.abs() <= 180.0
    }
}

/// A person's card. The vCard it came as stays the whole truth; the rest is what a bubble shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Card {
    /// The name.
    pub name: String,
    /// The company; may be empty.
    pub company: String,
    /// Phones as written, those with WhatsApp first.
    pub phones: Vec<CardPhone>,
    /// The vCard, at most 64 kB; empty when it was larger or there was none.
    pub vcard: String,
}

/// A phone of a card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct CardPhone {
    /// As written on the card.
    pub text: String,
    /// The digits under which WhatsApp knows it (`waid`), where the card says so.
    pub whatsapp: Option<String>,
}

/// A poll and how it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Poll {
    /// The question.
    pub question: String,
    /// What can be answered.
    pub options: Vec<PollOption>,
    /// Whether several may be chosen.
    pub multiple: bool,
}

/// An answer of a poll.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct PollOption {
    /// The words.
    pub text: String,
    /// Addresses or names of those who chose it.
    pub voters: Vec<String>,
}

/// An invitation to a group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Invite {
    /// The group's name.
    pub name: String,
    /// The code of its link, `https://chat.whatsapp.com/<code>`.
    pub code: String,
    /// Until when it holds, unix milliseconds.
    pub expires: Option<i64>,
}

/// Words with something to press under them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Menu {
    /// A line above; may be empty.
    pub title: String,
    /// A small line below; may be empty.
    pub footer: String,
    /// What can be pressed.
    pub buttons: Vec<Button>,
}

/// Something to press.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Button {
    /// What pressing does.
    pub action: Action,
    /// The words on it.
    pub text: String,
    /// The address, phone or code; for a reply its id.
    pub value: String,
    /// A second line, in lists; may be empty.
    pub note: String,
}

/// What pressing a button does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Answers with the button's words.
    #[default]
    Reply,
    /// Opens an address.
    Url,
    /// Calls a phone.
    Call,
    /// Copies a code.
    Copy,
}

/// What was pressed. The words on it are the message's text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Choice {
    /// The id that the menu gave it; may be empty.
    pub id: String,
    /// Its number in the menu, from 0.
    pub index: Option<i64>,
}

/// A call, which the messenger tells of and nobody can take here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Call {
    /// With a picture.
    pub video: bool,
    /// How it ended.
    pub outcome: CallOutcome,
    /// How long it lasted, seconds; 0 when unknown or not taken.
    pub duration: i64,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// It rings, or the end was not told.
    #[default]
    Ringing,
    /// Somebody talked.
    Taken,
    /// Nobody took it.
    Missed,
    /// It was refused.
    Declined,
}

/// What a link leads to, as a message shows it under its words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LinkPreview {
    /// The address, `http` or `https` only.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// A line or two about it; may be empty.
    pub description: String,
    /// The site's name or host.
    pub site: String,
    /// Its picture, a file to be asked for like any other.
    pub image: Option<crate::FileId>,
}

/// A text as it was before an edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Version {
    /// The words.
    pub text: String,
    /// Until when they stood, unix milliseconds.
    pub until: crate::Moment,
}

/// One line of "message info": `GET /messages/{id}/info`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Step {
    /// When.
    pub at: crate::Moment,
    /// What happened: a word of [`crate::Status`], or of an attempt (`retry`, `pause`, `doubt`, `found`).
    pub what: String,
    /// Why it failed, where it did.
    pub failure: Option<crate::Failure>,
}

/// `GET /messages/{id}/info`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageInfo {
    /// The message.
    pub id: MessageId,
    /// The provider's id of it, once known.
    pub provider_id: Option<String>,
    /// What happened to it, oldest first.
    pub steps: Vec<Step>,
    /// Earlier texts, oldest first.
    pub versions: Vec<Version>,
    /// For administrators, and for kinds that are not understood: the notification that told of it, as it came.
    pub raw: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_travels_under_its_own_tag() {
        let poll = Content::Poll(Poll { question: "Цвет?".to_owned(), ..Poll::default() });
        let text = serde_json::to_string(&poll).unwrap();
        assert!(text.starts_with(r#"{"is":"poll","question":"Цвет?""#), "{text}");
        assert_eq!(serde_json::from_str::<Content>(&text).unwrap(), poll);
    }

    #[test]
    fn old_rows_without_newer_fields_are_read() {
        let call: Content = serde_json::from_str(r#"{"is":"call"}"#).unwrap();
        assert_eq!(call, Content::Call(Call::default()));
    }
}
