//! The deep link `/open?phone&account&text` that 1C, a telephone exchange or a bookmark leads here with: it finds or
//! begins the chat and puts the text into the composer. It never sends.

use domain::chat::OpenInput;
use domain::{AccountId, Chat};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::new_chat::{begin, usable};
use super::store::Chats;
use crate::api;
use crate::i18n::t;
use crate::route::{self, Place};
use crate::ui::{complain, effect, toast};

/// Follows such links for as long as the inbox is shown.
pub fn follow(chats: Chats) {
    let link = Memo::new(move |_| {
        // Which account writes is known only once they have been read.
        (route::place() == Place::Open && chats.session.accounts_known.get())
            .then(|| (route::query("phone"), route::query("account"), route::query("text").unwrap_or_default()))
    });
    effect(move || {
        let Some((phone, account, text)) = link.get() else { return };
        let account = account.and_then(|id| id.parse::<AccountId>().ok());
        untrack(|| go(chats, phone, account, text));
    });
}

fn go(chats: Chats, phone: Option<String>, account: Option<AccountId>, text: String) {
    let Some(phone) = phone.filter(|phone| !phone.trim().is_empty()) else {
        route::replace("/");
        toast("alert", t().chat.phone_wrong);
        return;
    };
    let Some(account) = account.or_else(|| untrack(|| usable(chats)).first().map(|account| account.id)) else {
        route::replace("/");
        toast("alert", t().chat.no_account);
        return;
    };
    spawn_local(async move {
        // A plus in an address means a space.
        let phone = if phone.starts_with(' ') { format!("+{}", phone.trim()) } else { phone };
        let answer = api::post::<Chat>("/chats", &OpenInput { account, phone }).await;
        // "Back" must not open it once more.
        route::replace("/");
        match answer {
            Ok(chat) => begin(chats, chat, text),
            Err(trouble) => complain(&trouble),
        }
    });
}
