//! The bar that takes the composer's place while one picks messages out.

use leptos::prelude::*;

use super::gesture;
use super::room::{Over, Room};
use super::store::chats;
use crate::i18n::{t, tw};
use crate::ui::{icon, part};

/// What can be done with all that is picked.
#[component]
pub fn Picking(
    /// Whose.
    room: Room,
) -> impl IntoView {
    let chats = chats();
    let stop = room.picked.clone();
    let inside = part(move || {
        let messages = gesture::picked(&room);
        let all = |can: fn(&super::able::Able) -> bool| {
            !messages.is_empty() && messages.iter().all(|message| can(&gesture::offered(chats, message)))
        };
        let (forward, delete) = (all(|able| able.forward), all(|able| able.delete));
        let copy = messages.iter().any(|message| gesture::offered(chats, message).copy);
        let ids: Vec<_> = messages.iter().map(|message| message.id).collect();
        let (to_forward, to_delete) = (ids.clone(), ids);
        let (over, other) = (room.over.clone(), room.clone());
        let picked = room.picked.clone();
        let copied = messages.clone();
        view! {
            <b class="sm grow" role="status">
                {(tw().picked)(messages.len() as i64)}
            </b>
            <button
                type="button"
                class="btn small"
                disabled=!forward
                on:click=move |_| gesture::ask_forward(&other, to_forward.clone())
            >
                {icon("forward")}
                {tw().forward}
            </button>
            <button
                type="button"
                class="btn small"
                disabled=!copy
                on:click=move |_| {
                    gesture::copy_texts(chats, &copied);
                    picked.set(None);
                }
            >
                {icon("copy")}
                {tw().copy_text}
            </button>
            <button
                type="button"
                class="btn small danger-soft"
                disabled=!delete
                on:click=move |_| over.set(Some(Over::Delete(to_delete.clone())))
            >
                {icon("trash")}
                {tw().delete}
            </button>
        }
    });
    view! {
        <div class="line wrap picking-bar" role="toolbar" aria-label=tw().pick_several>
            <button
                type="button"
                class="btn icon small quiet"
                aria-label=t().common.cancel
                title=t().common.cancel
                on:click=move |_| stop.set(None)
            >
                {icon("close")}
            </button>
            {inside}
        </div>
    }
}
