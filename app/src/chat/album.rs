//! Several pictures of one speaker sent together, drawn as one grid. Which belong together is `layout`'s affair.

use domain::{FileState, Message};
use leptos::prelude::*;

use super::bubble::{self, Here};
use super::prose::prose;
use super::{acts, reactions};
use crate::api;
use crate::i18n::tw;
use crate::ui::{icon, part};

/// Pictures of a grid; behind the last of them stand the others.
const SHOWN: usize = 4;

/// An album: its messages with their keys, oldest first. Its line has the name of the last, which is what counts as
/// seen; the other pictures have names of their own.
pub fn album(here: &Here, messages: Vec<(i64, ArcRwSignal<Message>)>, cont: bool) -> AnyView {
    let Some((last_key, last)) = messages.last().cloned() else { return ().into_any() };
    let Some(first) = messages.first().map(|(_, message)| message.get_untracked()) else { return ().into_any() };
    let toolbar = {
        let (here, messages) = (here.clone(), messages.clone());
        part(move || {
            let active = messages.iter().find(|(key, _)| here.active.selected(&Some(*key)));
            active.map(|(key, message)| acts::bar(&here, *key, &message.get_untracked()))
        })
    };
    let hidden = messages.len().saturating_sub(SHOWN);
    let shots = messages
        .iter()
        .take(SHOWN)
        .enumerate()
        .map(|(n, (key, message))| {
            let more = (hidden > 0 && n + 1 == SHOWN).then_some(hidden);
            shot(here, *key, message.clone(), *key == last_key, more)
        })
        .collect_view();
    // Those out of sight are still places to come back to.
    let rest = messages
        .iter()
        .skip(SHOWN)
        .filter(|(key, _)| *key != last_key)
        .map(|(key, _)| view! { <span id=format!("m{key}") data-key=key.to_string()></span> })
        .collect_view();
    let caption = {
        let (here, messages, last) = (here.clone(), messages.clone(), last.clone());
        part(move || {
            let words: Vec<String> = messages
                .iter()
                .map(|(_, message)| message.read())
                .filter(|message| message.deleted_at.is_none() && !message.text.trim().is_empty())
                .map(|message| message.text.trim_end().to_owned())
                .collect();
            let tail = bubble::meta(&here, last.clone(), false);
            if words.is_empty() { tail } else { prose(&words.join("\n"), false, tail) }
        })
    };
    let below = messages
        .iter()
        .map(|(_, message)| {
            view! {
                {reactions::chips(here, message.clone())}
                {bubble::trouble(here, message.clone())}
            }
        })
        .collect_view();
    let by = (!cont).then(|| bubble::by_line(here.chats, &first));
    let forwarded = first.forwarded.then(|| view! { <div class="fwd">{icon("forward")} {tw().forwarded}</div> });
    let inside = view! {
        <article class="bubble flush fixed">
            {toolbar}
            {by}
            {forwarded}
            <div class="album">{shots} {rest}</div>
            {caption}
        </article>
        {below}
    };
    let all = messages.into_iter().map(|(_, message)| message).collect();
    bubble::frame(here, last_key, all, cont, inside.into_any())
}

fn shot(here: &Here, key: i64, message: ArcRwSignal<Message>, last: bool, more: Option<usize>) -> AnyView {
    let picture = Memo::new(move |_| {
        let message = message.read();
        (message.id, message.deleted_at.is_some(), message.files.first().cloned())
    });
    let shown = here.picture;
    let inside = part(move || {
        let (id, deleted, file) = picture.get();
        let file = file.filter(|_| !deleted);
        match file {
            Some(file) if file.state == FileState::Ready => {
                let address = format!("{}/files/{}?thumbnail", api::ROOT, file.id);
                let label = (tw().open_picture)(&file.name);
                view! {
                    <button
                        type="button"
                        class="shot"
                        aria-label=label
                        on:click=move |_| shown.set(Some((id, file.id)))
                    >
                        <img src=address alt="" loading="lazy" decoding="async" draggable="false" />
                        {more.map(|more| view! { <span class="more">"+" {more}</span> })}
                    </button>
                }
                .into_any()
            }
            Some(file) => {
                let (glyph, words) = match file.state {
                    FileState::Failed => ("download", tw().file_failed),
                    _ => ("image", tw().file_pending),
                };
                view! { <span class="shot none" role="status" title=words>{icon(glyph)}</span> }.into_any()
            }
            None => view! { <span class="shot none" title=tw().deleted_by_us>{icon("trash")}</span> }.into_any(),
        }
    });
    let id = (!last).then(|| format!("m{key}"));
    view! { <span class="tile" id=id data-key=key.to_string()>{inside}</span> }.into_any()
}
