//! What a person can do with a message: by its kind, its age, whose it is, and what the account's provider can. Pure.

use domain::message::{DELETE_WINDOW, EDIT_WINDOW};
use domain::{Account, Direction, FileState, Kind, Message, Moment, Origin, Status, UserId};

/// What is offered. What cannot be done is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Able {
    /// Answer with a quote.
    pub quote: bool,
    /// Send on to other chats.
    pub forward: bool,
    /// Copy the text.
    pub copy: bool,
    /// React with an emoji.
    pub react: bool,
    /// Change the text.
    pub edit: bool,
    /// Delete for everyone.
    pub delete: bool,
    /// Save its file.
    pub download: bool,
    /// See what happened to it, and pick it out.
    pub look: bool,
}

/// What can be done with a message now. `me` is absent for those who may only read.
pub fn able(message: &Message, account: Option<&Account>, me: Option<UserId>, now: Moment) -> Able {
    let here = message.id.0 > 0 && message.kind != Kind::System;
    if !here {
        return Able { copy: !message.text.trim().is_empty(), ..Able::default() };
    }
    if message.deleted_at.is_some() {
        return Able { look: true, ..Able::default() };
    }
    let ready = message.files.iter().all(|file| file.state == FileState::Ready);
    let mut able = Able {
        copy: !message.text.trim().is_empty(),
        download: !message.files.is_empty() && ready,
        look: true,
        ..Able::default()
    };
    let (Some(me), Some(account)) = (me, account.filter(|account| account.enabled)) else { return able };
    let can = account.capabilities;
    let said = message.kind.is_said() && message.kind != Kind::Call;
    let age = now.since(message.sent_at);
    let mine = message.author.as_ref().is_some_and(|author| author.id == me);
    let ours = message.direction == Direction::Out;
    // It went, as far as anybody knows; what failed or waits is not the provider's yet.
    let gone = !matches!(message.status, Status::Queued | Status::Failed);
    able.quote = said && can.quotes;
    able.react = said && can.reactions && gone;
    able.forward = said && ready && !matches!(message.kind, Kind::Unsupported | Kind::Invite);
    able.edit = match message.kind {
        Kind::Note => mine,
        Kind::Text => {
            mine && message.origin == Origin::Operator
                && can.edit
                && gone
                && message.files.is_empty()
                && age <= EDIT_WINDOW
        }
        _ => false,
    };
    able.delete = match message.kind {
        Kind::Note => mine,
        Kind::Call => false,
        _ if !gone => ours,
        _ => ours && can.delete && age <= DELETE_WINDOW,
    };
    able
}

/// Minutes left to change a text, at least one.
pub fn minutes_to_edit(message: &Message, now: Moment) -> i64 {
    ((EDIT_WINDOW - now.since(message.sent_at)) / 60_000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::samples::{account, message};
    use domain::user::UserRef;

    const ME: Option<UserId> = Some(UserId(1));

    fn mine() -> Message {
        let mut message = message(1, 0);
        message.direction = Direction::Out;
        message.origin = Origin::Operator;
        message.status = Status::Read;
        message.author = Some(UserRef { id: UserId(1), name: "Анна".to_owned() });
        message
    }

    #[test]
    fn what_a_client_said_is_answered_but_not_changed() {
        let able = able(&message(1, 0), Some(&account()), ME, Moment(0));
        assert!(able.quote && able.forward && able.copy && able.react && able.look);
        assert!(!able.edit && !able.delete && !able.download);
    }

    #[test]
    fn my_text_is_changed_for_a_quarter_of_an_hour_and_deleted_for_days() {
        let at = |minutes: i64| able(&mine(), Some(&account()), ME, Moment(minutes * 60_000));
        assert!(at(15).edit && at(15).delete);
        assert!(!at(16).edit && at(16).delete);
        assert!(!at(61 * 60).delete);
        let colleague = able(&mine(), Some(&account()), Some(UserId(2)), Moment(0));
        assert!(!colleague.edit && colleague.delete);
    }

    #[test]
    fn nothing_is_offered_that_the_provider_cannot_do() {
        let mut poor = account();
        poor.capabilities = domain::Capabilities::default();
        let able_to = able(&mine(), Some(&poor), ME, Moment(0));
        assert!(!able_to.quote && !able_to.react && !able_to.edit && !able_to.delete && able_to.forward);
        poor.enabled = false;
        assert!(!able(&mine(), Some(&poor), ME, Moment(0)).forward, "switched off");
        assert!(!able(&mine(), Some(&account()), None, Moment(0)).forward, "only reads");
    }

    #[test]
    fn what_is_deleted_or_not_here_yet_is_left_alone() {
        let mut gone = mine();
        gone.deleted_at = Some(Moment(1));
        assert_eq!(able(&gone, Some(&account()), ME, Moment(0)), Able { look: true, ..Able::default() });
        let mut local = mine();
        local.id = domain::MessageId(-1);
        assert_eq!(able(&local, Some(&account()), ME, Moment(0)), Able { copy: true, ..Able::default() });
    }
}
