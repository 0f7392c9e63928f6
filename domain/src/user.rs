//! Members of staff and what their role lets them do.

use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, Moment, UserId};

/// What a member of staff may do. The order is from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A programme: providers' webhooks, 1C, a telephone exchange. Cannot sign in to the browser.
    Service,
    /// Reads the chats of the accounts given; writes nothing.
    Reader,
    /// Answers clients in the accounts given.
    Operator,
    /// As an operator, and sees everybody's chats and reports.
    Supervisor,
    /// Everything, settings included.
    Administrator,
}

impl Role {
    /// All roles, for lists to choose from.
    pub const ALL: [Self; 5] = [Self::Administrator, Self::Supervisor, Self::Operator, Self::Reader, Self::Service];

    /// As it is stored and travels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
        }
    }

    /// Reads what [`Role::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether the role may write to clients.
    pub fn writes(self) -> bool {
        self >= Self::Operator
    }
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What is typed at sign-in; may be Cyrillic; unique without regard to case.
    pub login: String,
    /// The full name, shown to colleagues.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// A disabled user cannot sign in and its sessions have ended.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Moment,
}

/// A colleague as others see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserRef {
    /// Its id.
    pub id: UserId,
    /// The full name.
    pub name: String,
}

/// One place where a user is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Names the session in "end this one"; not the secret that proves it.
    pub id: String,
    /// When it began.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub seen_at: Moment,
    /// The address it came from.
    pub ip: String,
    /// The browser, as it calls itself.
    pub user_agent: String,
    /// Whether this is the session that asks.
    pub current: bool,
}

/// A key with which a programme speaks for a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is for, in the words of who made it.
    pub name: String,
    /// The first characters, to tell keys apart.
    pub prefix: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it was last used, to the minute.
    pub used_at: Option<Moment>,
    /// The key itself: only in the answer that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// `POST /session`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// The login; case does not matter.
    pub login: String,
    /// The password.
    pub password: String,
}

/// Who is signed in, and what the client needs to know of the installation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// The person.
    pub user: User,
    /// The server's version.
    pub version: String,
    /// The address by which providers reach us, if it was set.
    pub public_url: Option<String>,
}

/// `GET /setup`: whether the first-run wizard has to be gone through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Setup {
    /// Nobody can sign in yet: `POST /setup` with a [`UserInput`] makes the administrator and signs in.
    pub needed: bool,
}

/// `POST /users`, `PATCH /users/{id}`, `POST /setup`, `PATCH /me`; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct UserInput {
    /// 1–100 characters, no colon (HTTP Basic cannot carry one).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// 1–200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it may do. Administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether it may sign in. Administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// A new password, 8–200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// `PATCH /me` only: the password so far, needed to set a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_password: Option<String>,
}

/// `POST /keys`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyInput {
    /// What it is for, 1–200 characters.
    pub name: String,
}
