//! Every error that an API can answer, in one table: code and HTTP status. The sentences are in `locale`.

use serde::{Deserialize, Serialize};

macro_rules! faults {
    ($($(#[$doc:meta])* $variant:ident $code:literal $status:literal;)*) => {
        /// An error as the outside sees it. Causes are logged, never shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault { $($(#[$doc])* $variant),* }

        impl Fault {
            /// Every fault.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code that travels.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// Reads a code.
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

faults! {
    /// The body or a parameter cannot be read.
    Malformed "malformed" 400;
    /// A field is missing, too long or out of range.
    Invalid "invalid" 422;
    /// A name is missing or longer than 200 characters.
    NameInvalid "name_invalid" 422;
    /// A login is missing, too long, or has a colon or control characters.
    LoginInvalid "login_invalid" 422;
    /// A password is shorter than 8 characters or longer than 200.
    PasswordInvalid "password_invalid" 422;
    /// Not a telephone number.
    PhoneInvalid "phone_invalid" 422;
    /// The text is longer than the provider takes.
    TextTooLong "text_too_long" 422;
    /// Neither text nor file.
    MessageEmpty "message_empty" 422;
    /// The provider's settings are incomplete or wrong.
    SettingsInvalid "settings_invalid" 422;
    /// The provider's address changed, and the keys that would be sent there were not given again.
    SecretsAgain "secrets_again" 422;
    /// The address points into a private network that is not allowed.
    PrivateAddress "private_address" 422;
    /// Nobody is signed in, or the session has ended.
    SignedOut "signed_out" 401;
    /// The API key is unknown or has been withdrawn.
    KeyInvalid "key_invalid" 401;
    /// Wrong login or password.
    WrongLogin "wrong_login" 401;
    /// Too many wrong passwords.
    TooManyAttempts "too_many_attempts" 429;
    /// Too many requests.
    TooManyRequests "too_many_requests" 429;
    /// Signed in, but this is not for that role.
    Forbidden "forbidden" 403;
    /// The request came from another site.
    CrossSite "cross_site" 403;
    /// Staff may not begin conversations on this account.
    WriteFirstOff "write_first_off" 403;
    /// The number has no WhatsApp.
    NoWhatsapp "no_whatsapp" 422;
    /// No such page or call.
    NotFound "not_found" 404;
    /// No such chat, or it is another's.
    ChatNotFound "chat_not_found" 404;
    /// No such message, or it is another's.
    MessageNotFound "message_not_found" 404;
    /// No such account, or it is not this person's.
    AccountNotFound "account_not_found" 404;
    /// No such file, or it is another's.
    FileNotFound "file_not_found" 404;
    /// The file's bytes are not here yet.
    FileNotReady "file_not_ready" 409;
    /// No such label.
    LabelNotFound "label_not_found" 404;
    /// No such quick reply, or it is another's.
    ReplyNotFound "reply_not_found" 404;
    /// No such waiting message, or it has gone.
    LaterNotFound "later_not_found" 404;
    /// The name or shortcut is taken.
    NameTaken "name_taken" 409;
    /// There are as many as there can be.
    TooMany "too_many" 409;
    /// The time is past or too far away.
    TimeInvalid "time_invalid" 422;
    /// No such user.
    UserNotFound "user_not_found" 404;
    /// No such session or key.
    SessionNotFound "session_not_found" 404;
    /// No such line in the log.
    LogNotFound "log_not_found" 404;
    /// The call exists with another HTTP method.
    WrongMethod "wrong_method" 405;
    /// The login is taken.
    LoginTaken "login_taken" 409;
    /// Set-up has been done.
    SetupDone "setup_done" 409;
    /// The last administrator cannot be removed.
    LastAdministrator "last_administrator" 409;
    /// The message went, so there is nothing to send again.
    NotFailed "not_failed" 409;
    /// The messenger lets this be changed only for a while after it was said.
    TooLate "too_late" 409;
    /// The account is switched off.
    AccountOff "account_off" 409;
    /// The provider cannot do this.
    NotSupported "not_supported" 409;
    /// The body is larger than this call takes.
    TooLarge "too_large" 413;
    /// The file is larger than the provider takes.
    FileTooLarge "file_too_large" 413;
    /// The body has a type that this call does not read.
    WrongType "wrong_type" 415;
    /// The provider answered with an error.
    ProviderFailed "provider_failed" 502;
    /// It took too long.
    Timeout "timeout" 504;
    /// Something of ours broke; the log has it.
    Internal "internal" 500;
    /// Starting or stopping, or the database does not answer.
    Unavailable "unavailable" 503;
}

/// The envelope of every error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FaultBody {
    /// The error.
    pub error: FaultText,
}

/// An error in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FaultText {
    /// The code: for programmes.
    pub code: String,
    /// The sentence: for people, in the language asked for.
    pub message: String,
    /// The provider's own words or the place of the mistake, where there are some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_read_back() {
        for &fault in Fault::ALL {
            assert_eq!(Fault::parse(fault.code()), Some(fault));
        }
    }
}
