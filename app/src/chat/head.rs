//! The head of the chat window: who it is, who answers, and what can be done with the chat.

use domain::chat::{AssignInput, CloseInput};
use domain::{Chat, ChatId, ChatState, Contact, Phone, UserId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::face::face;
use super::filter::Wanted;
use super::marks::Marks;
use super::store::{Chats, Pane, chats};
use crate::api;
use crate::i18n::{lower, t, tw};
use crate::state::remember;
use crate::ui::{Avatar, Menu, complain, icon, part};

/// A contact's phone as people read it.
pub fn phone(contact: &Contact) -> Option<String> {
    contact.phone.as_deref().map(|digits| Phone::parse(&format!("+{digits}")).map_or(digits.to_owned(), |p| p.pretty()))
}

/// Gives a chat to somebody, or to nobody.
pub fn assign(chats: Chats, chat: ChatId, user: Option<UserId>) {
    chats.change(format!("/chats/{chat}/assign"), AssignInput { user });
}

/// Closes a chat or opens it again.
pub fn close(chats: Chats, chat: ChatId, closed: bool) {
    chats.change(format!("/chats/{chat}/close"), CloseInput { closed });
}

/// Takes a chat from those that wait for an answer.
pub fn no_answer_needed(chats: Chats, chat: ChatId) {
    spawn_local(async move {
        match api::act::<Chat>(&format!("/chats/{chat}/no-answer-needed")).await {
            Ok(chat) => chats.put(chat),
            Err(trouble) => complain(&trouble),
        }
        chats.count_soon();
    });
}

/// Shows the contact's card or hides it: beside the chat, or over it where there is no room.
pub fn toggle_card(chats: Chats) {
    let narrow = window().match_media("(width < 1320px)").ok().flatten().is_some_and(|media| media.matches());
    if narrow {
        chats.pane.update(|pane| *pane = if *pane == Pane::Card { Pane::Usual } else { Pane::Card });
    } else {
        chats.card.update(|card| *card = !*card);
        remember("card", if chats.card.get_untracked() { "on" } else { "off" });
    }
}

/// The head.
#[component]
pub fn Head(
    /// Whose.
    chat: ArcRwSignal<Chat>,
) -> impl IntoView {
    let chats = chats();
    let id = chat.with_untracked(|chat| chat.id);
    let contact = {
        let chat = chat.clone();
        Memo::new(move |_| chat.read().contact.clone())
    };
    let account = {
        let chat = chat.clone();
        Memo::new(move |_| chats.session.account(chat.read().account).map(|account| account.name))
    };
    let closed = {
        let chat = chat.clone();
        Memo::new(move |_| chat.read().state == ChatState::Closed)
    };
    let waits = {
        let chat = chat.clone();
        Memo::new(move |_| chat.read().unanswered.is_some())
    };
    let back = move || format!("/{}", chats.wanted.with(Wanted::query));
    let second = move || {
        let phone = contact.with(phone);
        let group = contact.with(|contact| contact.group).then(|| tw().group.to_owned());
        [phone, group, account.get()].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let closed_word = move || if closed.get() { tw().reopen } else { tw().close };
    let writes = Memo::new(move |_| chats.writes());
    let marked = chat.clone();
    let acts = part(move || {
        let chat = chat.clone();
        writes.get().then(|| {
            view! {
                <HandOver chat=chat.clone() />
                <Show when=move || waits.get()>
                    <button
                        type="button"
                        class="btn icon quiet wide-only"
                        aria-label=tw().no_answer
                        title=tw().no_answer
                        on:click=move |_| no_answer_needed(chats, id)
                    >
                        {icon("bell-off")}
                    </button>
                </Show>
            }
        })
    });
    let close_button = part(move || {
        writes.get().then(|| {
            view! {
                <button
                    type="button"
                    class="btn small wide-only close-chat"
                    title=move || format!("{} (E)", closed_word())
                    on:click=move |_| close(chats, id, !closed.get_untracked())
                >
                    {move || icon(if closed.get() { "refresh" } else { "check" })}
                    {closed_word}
                </button>
            }
        })
    });
    let more = move || {
        writes.get().then(|| {
            view! {
                <button
                    type="button"
                    class="menu-item"
                    role="menuitem"
                    on:click=move |_| close(chats, id, !closed.get_untracked())
                >
                    {icon("check")}
                    {closed_word}
                </button>
                <button
                    type="button"
                    class="menu-item"
                    role="menuitem"
                    on:click=move |_| no_answer_needed(chats, id)
                >
                    {icon("bell-off")}
                    {tw().no_answer}
                </button>
            }
        })
    };
    view! {
        <header class="chat-head">
            <a class="btn icon quiet only-phone" href=back aria-label=t().chat.to_list>
                {icon("arrow-left")}
            </a>
            {part(move || contact.with(|contact| face(contact, "m")))}
            <div class="who">
                <h2>{part(move || contact.with(Contact::title))}</h2>
                <p>
                    <span class="trunc">{second}</span>
                </p>
            </div>
            <div class="acts">
                {acts}
                <Marks chat=marked />
                <button
                    type="button"
                    class="btn icon quiet not-phone"
                    aria-label=tw().find
                    title=format!("{} (Ctrl+F)", tw().find)
                    aria-pressed=move || chats.finding.get().to_string()
                    on:click=move |_| chats.finding.update(|on| *on = !*on)
                >
                    {icon("search")}
                </button>
                <button
                    type="button"
                    class="btn icon quiet not-phone"
                    aria-label=tw().card
                    title=tw().card
                    aria-pressed=move || chats.card.get().to_string()
                    on:click=move |_| toggle_card(chats)
                >
                    {icon("panel-right")}
                </button>
                {close_button}
                <span class="slim-only">
                    <Menu label=tw().more face=ViewFn::from(|| icon("more-v"))>
                        {more}
                        <button
                            type="button"
                            class="menu-item only-phone"
                            role="menuitem"
                            on:click=move |_| chats.finding.set(true)
                        >
                            {icon("search")}
                            {tw().find}
                        </button>
                        <button
                            type="button"
                            class="menu-item"
                            role="menuitem"
                            on:click=move |_| chats.pane.set(Pane::Card)
                        >
                            {icon("user")}
                            {tw().card}
                        </button>
                    </Menu>
                </span>
            </div>
        </header>
    }
}

/// Who answers, and the menu that hands the chat over.
#[component]
pub fn HandOver(
    /// Which chat.
    chat: ArcRwSignal<Chat>,
    /// The button's classes.
    #[prop(default = "btn small quiet hand-over")]
    class: &'static str,
) -> impl IntoView {
    let chats = chats();
    let id = chat.with_untracked(|chat| chat.id);
    let owner = Memo::new(move |_| chat.read().assignee.clone());
    let me = move || chats.session.user_id();
    let face = move || {
        let shown = move || match owner.get() {
            Some(user) => {
                let name = if Some(user.id) == me() { t().chat.you.to_owned() } else { user.name.clone() };
                view! {
                    <Avatar name=user.name.clone() seed=user.id.0 size="xs" />
                    <span class="trunc not-phone">{name}</span>
                }
                .into_any()
            }
            None => view! {
                <span class="ava xs none" aria-hidden="true">
                    {icon("user")}
                </span>
                <span class="trunc not-phone">{tw().nobody}</span>
            }
            .into_any(),
        };
        view! {
            {shown}
            {icon("down")}
        }
    };
    let entries = move || {
        let people = chats.session.colleagues.get();
        let mine = me();
        let owner = owner.get();
        let mut people: Vec<_> = people.into_iter().collect();
        people.sort_by_key(|user| (Some(user.id) != mine, lower(&user.name)));
        let entries = people
            .into_iter()
            .map(|user| {
                let here = owner.as_ref().is_some_and(|owner| owner.id == user.id);
                let name = if Some(user.id) == mine { (tw().you_named)(&user.name) } else { user.name.clone() };
                view! {
                    <button
                        type="button"
                        class="menu-item"
                        role="menuitemradio"
                        aria-checked=here.to_string()
                        on:click=move |_| assign(chats, id, Some(user.id))
                    >
                        <Avatar name=user.name.clone() seed=user.id.0 size="s" />
                        <span class="trunc">{name}</span>
                    </button>
                }
            })
            .collect_view();
        view! {
            {entries}
            <div class="menu-sep"></div>
            <button
                type="button"
                class="menu-item"
                role="menuitemradio"
                aria-checked=owner.is_none().to_string()
                on:click=move |_| assign(chats, id, None)
            >
                {icon("queue")}
                {tw().release}
            </button>
        }
    };
    view! {
        <Menu class=class label=tw().hand_over face=ViewFn::from(face)>
            {entries}
        </Menu>
    }
}
