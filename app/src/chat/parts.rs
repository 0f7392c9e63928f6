//! What a bubble shows besides words and files: a place, people, a poll, an invitation, a menu, a choice, what a link
//! leads to. Nothing here asks another site for anything until somebody presses a link.

use domain::chat::OpenInput;
use domain::content::{Action, Card, Invite, LinkPreview, Location, Menu, Poll};
use domain::{AccountId, Chat, Content, Moment, Phone};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::bubble::Here;
use super::new_chat;
use crate::api;
use crate::i18n::{self, Style, tw};
use crate::ui::button::copy;
use crate::ui::{Avatar, complain, icon};

/// Degrees are written with so many digits: a decimetre or so.
const DIGITS: usize = 6;

/// The part above the words. A call is a line of the log, and a choice only its words.
pub fn above(content: &Content) -> Option<AnyView> {
    match content {
        Content::Location(place) => Some(location(place)),
        Content::Contacts { cards } => Some(people(cards)),
        Content::Poll(told) => Some(poll(told)),
        Content::Invite(told) => Some(invite(told)),
        Content::Menu(menu) if !menu.title.is_empty() => {
            Some(view! { <p dir="auto"><b>{menu.title.clone()}</b></p> }.into_any())
        }
        Content::Choice(_) => Some(view! { <div class="fwd">{icon("reply")} {tw().chosen}</div> }.into_any()),
        Content::Menu(_) | Content::Call(_) => None,
    }
}

/// The part below the words and the time: what can be pressed.
pub fn below(here: &Here, account: AccountId, content: &Content) -> Option<AnyView> {
    match content {
        Content::Location(place) => Some(maps(place)),
        Content::Contacts { cards } => match cards.as_slice() {
            [card] => write_to(here, account, card),
            _ => None,
        },
        Content::Invite(told) => invite_link(told),
        Content::Menu(menu) => Some(buttons(menu)),
        _ => None,
    }
}

fn location(place: &Location) -> AnyView {
    let name = if place.name.is_empty() { coordinates(place) } else { place.name.clone() };
    let address =
        (!place.address.is_empty()).then(|| view! { <p class="xs muted" dir="auto">{place.address.clone()}</p> });
    view! {
        <div class="geo">
            <span class="shot map" aria-hidden="true">
                {icon("map-pin")}
            </span>
            <div class="ad">
                <b dir="auto">{name}</b>
                {address}
            </div>
        </div>
    }
    .into_any()
}

fn coordinates(place: &Location) -> String {
    format!("{:.DIGITS$}, {:.DIGITS$}", place.latitude, place.longitude)
}

fn maps(place: &Location) -> AnyView {
    let (lat, lon) = (place.latitude, place.longitude);
    let yandex = format!("https://yandex.ru/maps/?pt={lon:.DIGITS$},{lat:.DIGITS$}&z=16&l=map");
    let open = format!(
        "https://www.openstreetmap.org/?mlat={lat:.DIGITS$}&mlon={lon:.DIGITS$}#map=16/{lat:.DIGITS$}/{lon:.DIGITS$}"
    );
    let words = coordinates(place);
    view! {
        <div class="bub-acts" style:clear="both">
            <a href=yandex target="_blank" rel="noopener noreferrer">
                {tw().yandex_maps}
            </a>
            <a href=open target="_blank" rel="noopener noreferrer">
                "OpenStreetMap"
            </a>
            <button type="button" title=words.clone() on:click=move |_| copy(words.clone())>
                {icon("copy")}
                {tw().coordinates}
            </button>
        </div>
    }
    .into_any()
}

fn people(cards: &[Card]) -> AnyView {
    let many = cards.len() > 1;
    let shown = cards
        .iter()
        .map(|card| {
            let company =
                (!card.company.is_empty()).then(|| view! { <p class="xs muted trunc">{card.company.clone()}</p> });
            let phones = card
                .phones
                .iter()
                .map(|phone| {
                    let shown = pretty(&phone.text);
                    let copied = shown.clone();
                    view! {
                        <p class="sm soft line">
                            <span class="num" dir="ltr">
                                {shown.clone()}
                            </span>
                            <button
                                type="button"
                                class="btn icon small quiet"
                                aria-label=(tw().copy_what)(&shown)
                                title=(tw().copy_what)(&shown)
                                on:click=move |_| copy(copied.clone())
                            >
                                {icon("copy")}
                            </button>
                        </p>
                    }
                })
                .collect_view();
            let seed = card.name.bytes().fold(7_i64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            view! {
                <div class="line">
                    <Avatar name=card.name.clone() seed size="" />
                    <div class="grow">
                        <b dir="auto">{card.name.clone()}</b>
                        {company}
                        {phones}
                    </div>
                </div>
            }
        })
        .collect_view();
    view! { <div class="vc" class:many=many>{shown}</div> }.into_any()
}

fn pretty(phone: &str) -> String {
    Phone::parse(phone).map_or_else(|| phone.to_owned(), |phone| phone.pretty())
}

/// The number that WhatsApp knows, otherwise the first that is one.
fn reachable(card: &Card) -> Option<String> {
    let known = card.phones.iter().find_map(|phone| phone.whatsapp.clone()).map(|digits| format!("+{digits}"));
    let written = || card.phones.iter().find_map(|phone| Phone::parse(&phone.text));
    known.or_else(|| written().map(|phone| format!("+{}", phone.digits())))
}

fn write_to(here: &Here, account: AccountId, card: &Card) -> Option<AnyView> {
    let phone = reachable(card).filter(|_| here.chats.writes())?;
    let chats = here.chats;
    let all = std::iter::once(card.name.clone())
        .chain(Some(card.company.clone()).filter(|company| !company.is_empty()))
        .chain(card.phones.iter().map(|phone| pretty(&phone.text)))
        .collect::<Vec<_>>()
        .join("\n");
    let begin = move |_| {
        let input = OpenInput { account, phone: phone.clone() };
        spawn_local(async move {
            match api::post::<Chat>("/chats", &input).await {
                Ok(chat) => new_chat::begin(chats, chat, String::new()),
                Err(trouble) => complain(&trouble),
            }
        });
    };
    Some(
        view! {
            <div class="bub-acts" style:clear="both">
                <button type="button" on:click=begin>
                    {icon("chat")}
                    {tw().write_to}
                </button>
                <button type="button" on:click=move |_| copy(all.clone())>
                    {icon("copy")}
                    {tw().copy_card}
                </button>
            </div>
        }
        .into_any(),
    )
}

fn poll(poll: &Poll) -> AnyView {
    let most = people_who_voted(poll);
    let about = (tw().poll_about)(poll.multiple, most as i64);
    let options = poll
        .options
        .iter()
        .map(|option| {
            let count = option.voters.len();
            let share = (count * 100).checked_div(most).unwrap_or(0);
            let who = option.voters.iter().map(|voter| address(voter)).collect::<Vec<_>>().join(", ");
            view! {
                <li title=who>
                    <span dir="auto">{option.text.clone()}</span>
                    <b class:muted=count == 0>{i18n::number(count as i64)}</b>
                    <span class="pb" style=("--v", format!("{share}%"))></span>
                </li>
            }
        })
        .collect_view();
    view! {
        <b dir="auto">{poll.question.clone()}</b>
        <p class="xs muted">{about}</p>
        <ul class="poll-list">{options}</ul>
    }
    .into_any()
}

/// One person may choose several answers and still is one.
fn people_who_voted(poll: &Poll) -> usize {
    let mut voters: Vec<&String> = poll.options.iter().flat_map(|option| &option.voters).collect();
    voters.sort_unstable();
    voters.dedup();
    voters.len()
}

/// An address as a person reads it: a phone where it is one.
pub fn address(address: &str) -> String {
    let tail = address.rsplit(':').next().unwrap_or(address);
    let named = address.split(':').count() <= 2;
    Phone::parse(&format!("+{tail}")).filter(|_| named).map_or_else(|| tail.to_owned(), |phone| phone.pretty())
}

fn invite(invite: &Invite) -> AnyView {
    let name = if invite.name.is_empty() { tw().group.to_owned() } else { invite.name.clone() };
    let until = invite.expires.map(|at| {
        let over = at < i18n::now().0;
        let when = i18n::moment(Moment(at), Style::Full);
        if over { (tw().invite_was)(&when) } else { (tw().invite_until)(&when) }
    });
    view! {
        <div class="vc">
            <div class="line">
                <span class="ava" data-h="4" aria-hidden="true">
                    {icon("users")}
                </span>
                <div class="grow">
                    <b dir="auto">{name}</b>
                    <p class="xs muted">{tw().invitation}</p>
                    {until.map(|until| view! { <p class="xs muted">{until}</p> })}
                </div>
            </div>
        </div>
    }
    .into_any()
}

fn invite_link(invite: &Invite) -> Option<AnyView> {
    let fine =
        !invite.code.is_empty() && invite.code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fine.then(|| {
        let target = format!("https://chat.whatsapp.com/{}", invite.code);
        let copied = target.clone();
        view! {
            <div class="bub-acts" style:clear="both">
                <a href=target target="_blank" rel="noopener noreferrer">
                    {icon("external")}
                    {tw().open_in_whatsapp}
                </a>
                <button type="button" on:click=move |_| copy(copied.clone())>
                    {icon("copy")}
                    {tw().copy_link}
                </button>
            </div>
        }
        .into_any()
    })
}

/// The client presses these, not we: they are shown, and what is behind them is told.
fn buttons(menu: &Menu) -> AnyView {
    let footer = (!menu.footer.is_empty()).then(|| view! { <p class="xs muted bub-foot">{menu.footer.clone()}</p> });
    let shown = menu
        .buttons
        .iter()
        .map(|button| {
            let glyph = match button.action {
                Action::Reply => "reply",
                Action::Url => "external",
                Action::Call => "phone",
                Action::Copy => "copy",
            };
            let told = match button.action {
                Action::Reply => button.note.clone(),
                Action::Url | Action::Call | Action::Copy => button.value.clone(),
            };
            view! {
                <span title=told>
                    {icon(glyph)}
                    {button.text.clone()}
                </span>
            }
        })
        .collect_view();
    view! {
        {footer}
        <div class="bub-acts col" style:clear="both">
            {shown}
        </div>
    }
    .into_any()
}

/// What the first link of the words leads to.
pub fn preview(preview: &LinkPreview) -> Option<AnyView> {
    let web = preview.url.starts_with("https://") || preview.url.starts_with("http://");
    let picture = preview
        .image
        .map(|id| view! { <img src=format!("{}/files/{id}?thumbnail", api::ROOT) alt="" loading="lazy" /> });
    let bare = picture.is_none();
    web.then(|| {
        view! {
            <a class="linkcard" class:bare=bare href=preview.url.clone() target="_blank" rel="noopener noreferrer nofollow">
                {picture}
                <span class="b">
                    <b dir="auto">{preview.title.clone()}</b>
                    <span class="about" dir="auto">{preview.description.clone()}</span>
                    <span class="dom" dir="ltr">
                        {preview.site.clone()}
                    </span>
                </span>
            </a>
        }
        .into_any()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::content::{CardPhone, PollOption};

    #[test]
    fn addresses_read_as_phones_and_nothing_is_made_up_from_others() {
        assert_eq!(address("wa:79120004517"), "+7\u{a0}912\u{a0}000-45-17");
        assert_eq!(address("wa:lid:123456789012345"), "123456789012345");
        assert_eq!(address("Анна"), "Анна");
    }

    #[test]
    fn a_voter_of_two_answers_is_one_person() {
        let option = |voters: &[&str]| PollOption {
            text: String::new(),
            voters: voters.iter().map(|voter| (*voter).to_owned()).collect(),
        };
        let poll = Poll { options: vec![option(&["a", "b"]), option(&["b"])], multiple: true, ..Poll::default() };
        assert_eq!(people_who_voted(&poll), 2);
    }

    #[test]
    fn the_number_that_whatsapp_knows_comes_first() {
        let phone = |text: &str, whatsapp: Option<&str>| CardPhone {
            text: text.to_owned(),
            whatsapp: whatsapp.map(str::to_owned),
        };
        let mut card = Card { phones: vec![phone("8 912 000-45-17", None)], ..Card::default() };
        assert_eq!(reachable(&card).as_deref(), Some("+79120004517"));
        card.phones.push(phone("+7 922 000-58-16", Some("79220005816")));
        assert_eq!(reachable(&card).as_deref(), Some("+79220005816"));
        assert_eq!(reachable(&Card::default()), None);
    }
}
