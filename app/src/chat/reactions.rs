//! Reactions under a message: a chip for each emoji, who and when behind it.

use domain::message::Reaction;
use domain::text::same_emoji;
use domain::{Message, Moment};
use leptos::prelude::*;

use super::bubble::Here;
use super::{gesture, parts};
use crate::i18n::{self, t, tw};
use crate::ui::part;

/// Reactions, one chip for each emoji. Pressing one reacts so too, or takes the account's own reaction back.
pub fn chips(here: &Here, message: ArcRwSignal<Message>) -> AnyView {
    let shown = Memo::new(move |_| {
        let message = message.read();
        let reactions = message.reactions.iter().filter(|reaction| !reaction.emoji.is_empty());
        let shown = if message.deleted_at.is_some() { Vec::new() } else { gather(reactions) };
        (message.id, shown)
    });
    let here = here.clone();
    part(move || {
        let (id, shown) = shown.get();
        if shown.is_empty() {
            return None;
        }
        let can = here.room.find(id).is_some_and(|message| gesture::offered(here.chats, &message).react);
        let chat = here.chats.chat(here.room.chat);
        let (client, group) =
            chat.map(|chat| chat.with_untracked(|chat| (chat.contact.title(), chat.contact.group))).unwrap_or_default();
        let name = |by: &str| match by {
            "me" => t().chat.you.to_owned(),
            by if group => parts::address(by),
            _ => client.clone(),
        };
        let chips = shown
            .into_iter()
            .map(|chip| {
                let who = chip.by.iter().map(|(by, at)| format!("{}, {}", name(by), i18n::day_and_time(*at)));
                let who = who.collect::<Vec<_>>().join("\n");
                let count = (chip.by.len() > 1).then(|| view! { " " <span class="num">{chip.by.len()}</span> });
                let (room, chats, emoji) = (here.room.clone(), here.chats, chip.emoji.clone());
                view! {
                    <button
                        type="button"
                        aria-pressed=chip.mine.to_string()
                        aria-disabled=(!can).then_some("true")
                        aria-label=format!("{}: {}", chip.emoji, who.replace('\n', "; "))
                        title=who
                        on:click=move |_| {
                            if can {
                                gesture::react(chats, &room, id, &emoji);
                            }
                        }
                    >
                        {chip.emoji.clone()}
                        {count}
                    </button>
                }
            })
            .collect_view();
        Some(view! { <div class="reacts" role="group" aria-label=tw().reactions>{chips}</div> })
    })
}

/// One emoji and who reacted with it.
#[derive(Clone, Debug, PartialEq)]
struct Chip {
    emoji: String,
    by: Vec<(String, Moment)>,
    mine: bool,
}

fn gather<'a>(reactions: impl Iterator<Item = &'a Reaction>) -> Vec<Chip> {
    let mut chips: Vec<Chip> = Vec::new();
    for reaction in reactions {
        let who = (reaction.by.clone(), reaction.at);
        let mine = reaction.by == "me";
        match chips.iter_mut().find(|chip| same_emoji(&chip.emoji, &reaction.emoji)) {
            Some(chip) => {
                chip.by.push(who);
                chip.mine |= mine;
            }
            None => chips.push(Chip { emoji: reaction.emoji.clone(), by: vec![who], mine }),
        }
    }
    chips
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_emoji_is_one_chip_with_everybody_on_it() {
        let reaction = |by: &str, emoji: &str| Reaction { by: by.to_owned(), emoji: emoji.to_owned(), at: Moment(1) };
        let told = [reaction("wa:1", "❤️"), reaction("me", "❤"), reaction("wa:2", "👍")];
        let chips = gather(told.iter());
        assert_eq!(chips.len(), 2);
        assert!(chips[0].mine && chips[0].by.len() == 2);
        assert!(!chips[1].mine);
    }
}
