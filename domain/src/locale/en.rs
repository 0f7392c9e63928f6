//! English.

use crate::{AccountState, Fault, Reason, Role};

pub(super) fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Malformed => "The request could not be read. Nothing has changed; check it and repeat.",
        Fault::Invalid => "One of the fields is filled in wrongly. Nothing has changed.",
        Fault::NameInvalid => "A name has 1 to 200 characters.",
        Fault::LoginInvalid => "A login has 1 to 100 characters and no colon.",
        Fault::PasswordInvalid => "A password has 8 to 200 characters.",
        Fault::PhoneInvalid => {
            "This does not look like a phone number. Write it with its country code, e.g. +7 912 000-45-17."
        }
        Fault::TextTooLong => "The text is longer than WhatsApp takes. Split it into several messages.",
        Fault::MessageEmpty => "The message has neither text nor a file.",
        Fault::SecretsAgain => {
            "The server's address has changed. Enter the key again: the stored one is not sent to a new address."
        }
        Fault::SettingsInvalid => "The connection settings are incomplete or wrong.",
        Fault::PrivateAddress => {
            "The address is in a private network that is not allowed. Add it to --allow-private-hosts."
        }
        Fault::KeyInvalid => "The API key is unknown or has been withdrawn. Make a new one in your profile.",
        Fault::SignedOut => "The session has ended. Sign in again; drafts are kept.",
        Fault::WrongLogin => "Wrong login or password.",
        Fault::TooManyAttempts => "Too many attempts to sign in. Wait a minute and try again.",
        Fault::TooManyRequests => "Too many requests. Wait a little and repeat.",
        Fault::Forbidden => "You have no right to do this. Ask the administrator.",
        Fault::CrossSite => "The request came from another site and was refused.",
        Fault::WriteFirstOff => {
            "On this account only the client can begin a conversation. The administrator can change that."
        }
        Fault::NoWhatsapp => "This number has no WhatsApp.",
        Fault::NotFound => "There is no such page.",
        Fault::ChatNotFound => "There is no such chat, or you have no access to it.",
        Fault::MessageNotFound => "There is no such message, or you have no access to it.",
        Fault::AccountNotFound => "There is no such account, or you have no access to it.",
        Fault::FileNotFound => "There is no such file, or you have no access to it.",
        Fault::FileNotReady => "The file is still being loaded. Try again in a few seconds.",
        Fault::LabelNotFound => "There is no such label.",
        Fault::ReplyNotFound => "There is no such quick reply.",
        Fault::LaterNotFound => "There is no such scheduled message: it has gone or was cancelled.",
        Fault::NameTaken => "The name is taken. Choose another.",
        Fault::TooMany => "No more can be added. Remove some first.",
        Fault::TimeInvalid => "Choose a time in the future, within a year.",
        Fault::UserNotFound => "There is no such user.",
        Fault::SessionNotFound => "There is no such session or key.",
        Fault::LogNotFound => "There is no such line in the log. It may have been kept long enough.",
        Fault::WrongMethod => "This address wants another HTTP method.",
        Fault::LoginTaken => "This login is taken. Choose another.",
        Fault::SetupDone => "The first set-up has been done. Sign in with your login.",
        Fault::LastAdministrator => "This is the last administrator. Appoint another one first.",
        Fault::TooLate => "Too much time has passed: WhatsApp no longer lets this message be changed.",
        Fault::NotFailed => "The message has been sent or waits its turn; there is nothing to send again.",
        Fault::AccountOff => "The account is switched off. Its history is kept; nothing can be sent.",
        Fault::NotSupported => "This account's provider cannot do that.",
        Fault::TooLarge => "The request is too large.",
        Fault::FileTooLarge => "The file is larger than WhatsApp takes. Compress it or send a link.",
        Fault::WrongType => "This type of content is not taken here.",
        Fault::ProviderFailed => "The provider answered with an error. The integration log has the details.",
        Fault::Timeout => "The answer took too long. Try again.",
        Fault::Internal => "Something broke on the server. The data are whole and the error is in the log.",
        Fault::Unavailable => "The server is not available now. Try again in a few seconds.",
    }
}

/// At night no hour is named: one does not wish a good night first.
pub(super) fn greeting(hour: u8) -> &'static str {
    match hour {
        5..12 => "Good morning",
        12..18 => "Good afternoon",
        18..23 => "Good evening",
        _ => "Hello",
    }
}

pub(super) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoWhatsapp => "This number has no WhatsApp.",
        Reason::NotInGroup => "The number is not in this group.",
        Reason::Rejected => "The provider did not take the request.",
        Reason::TooLarge => "The file is larger than the provider takes.",
        Reason::FileMissing => "The file did not load, so it cannot be sent.",
        Reason::WrongKey => "The provider refused the key. Check apiTokenInstance in the account's settings.",
        Reason::WrongInstance => "The provider does not know this instance. Check idInstance and the API address.",
        Reason::NotLinked => "No phone is linked. Scan the QR code in the account's settings.",
        Reason::Starting => "The instance is starting. This takes up to five minutes; the message waits.",
        Reason::Expired => "The instance has not been paid for. Renew it at the provider.",
        Reason::Removed => "The instance was deleted at the provider.",
        Reason::Blocked => "WhatsApp blocked the number.",
        Reason::Suspended => "WhatsApp suspended sending from this number. Only incoming messages can be answered.",
        Reason::QuotaChats => "The provider's tariff has no chats left this month.",
        Reason::Quota => "The provider's tariff has no requests left this month.",
        Reason::RateLimited => "Too many requests to the provider; the message will go a little later.",
        Reason::ProviderError => "The provider has an error.",
        Reason::StrangeAnswer => "The provider's answer could not be understood.",
        Reason::Unreachable => "No connection to the provider.",
        Reason::NoAddress => {
            "Besedka has no external address (--public-url), so the provider has nowhere to send notifications. Set it, or choose polling."
        }
        Reason::PrivateAddress => "The address is in a private network that is not allowed.",
        Reason::UnknownOutcome => "It is not known whether the message went: the connection broke. Check on the phone.",
        Reason::AccountOff => "The account is switched off.",
        Reason::WhatsappRefused => "WhatsApp did not deliver the message.",
        Reason::NotSupported => "The provider cannot do this.",
        Reason::GaveUp => "A whole day of attempts failed.",
    }
}

pub(super) fn state(state: AccountState) -> (&'static str, &'static str) {
    match state {
        AccountState::Unknown => ("Being checked", "The state will be known in a few seconds."),
        AccountState::Working => ("Works", "Nothing to do."),
        AccountState::WaitingScan => ("Waits to be scanned", "Link a phone by QR code or by its number."),
        AccountState::Passkey => ("Passkey needed", "The phone asks for its passkey: confirm it in WhatsApp."),
        AccountState::Starting => ("Starting", "Usually up to 5 minutes. Sending waits."),
        AccountState::Suspended => {
            ("Suspended", "WhatsApp noticed a mailing. Until it is over, only answer incoming messages.")
        }
        AccountState::Blocked => ("Blocked", "Appeal to WhatsApp or connect another number."),
        AccountState::Sleeping => ("Asleep", "The phone has long been off line: open WhatsApp on it."),
        AccountState::WrongKey => ("Wrong key", "Copy apiTokenInstance from the provider's console once more."),
        AccountState::WrongInstance => {
            ("Instance not found", "Check idInstance and the API address in the provider's console.")
        }
        AccountState::Expired => ("Not paid for", "Renew the instance in the provider's console."),
        AccountState::Quota => ("Tariff used up", "Change the tariff at the provider or wait for the new month."),
        AccountState::Unreachable => {
            ("No connection", "The provider does not answer. Messages wait and will go by themselves.")
        }
        AccountState::Off => ("Switched off", "The history is kept. Switch the account on to go on."),
    }
}

pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Administrator => "Administrator",
        Role::Supervisor => "Supervisor",
        Role::Operator => "Operator",
        Role::Reader => "Reader",
        Role::Service => "Service",
    }
}
