//! Who is on the other side of a chat.

use serde::{Deserialize, Serialize};

use crate::{ContactId, FileId, Phone};

/// How a messenger names a person or a group, in a form that all gateways share.
///
/// `wa:79990000002` a person by phone, `wa:lid:123…` a person by WhatsApp's internal id, `wa:group:…` a group,
/// `sandbox:…` an invented person. Nothing may assume that an address holds a phone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Address(pub String);

impl Address {
    /// A person of WhatsApp known by phone.
    pub fn whatsapp(phone: &Phone) -> Self {
        Self(format!("wa:{}", phone.digits()))
    }

    /// The phone, where the address holds one.
    pub fn phone(&self) -> Option<Phone> {
        let rest = self.0.strip_prefix("wa:").or_else(|| self.0.strip_prefix("sandbox:"))?;
        if !rest.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Phone::parse(&format!("+{rest}"))
    }

    /// Whether this is a group.
    pub fn is_group(&self) -> bool {
        self.0.contains(":group:")
    }
}

/// A person or a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// What to call it: the name given by staff, or else by the messenger; may be empty when only a phone is known.
    pub name: String,
    /// Its phone, digits only; absent for groups and for people known only by an internal id.
    pub phone: Option<String>,
    /// Whether this is a group.
    pub group: bool,
    /// The picture, a file to be asked for like any other.
    pub avatar: Option<FileId>,
}

impl Contact {
    /// The name, or the phone where there is no name.
    pub fn title(&self) -> String {
        if !self.name.trim().is_empty() {
            return self.name.clone();
        }
        match self.phone.as_deref().and_then(|digits| Phone::parse(&format!("+{digits}"))) {
            Some(phone) => phone.pretty(),
            None => format!("№ {}", self.id),
        }
    }
}
