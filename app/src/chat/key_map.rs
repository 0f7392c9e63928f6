//! The map of keys: a dialog that lists every key that works now. `?` opens it on every page, a button in the profile
//! too. What keys do is in `keys`.

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

use super::keyboard::in_text;
use super::keys::MAP;
use super::store::chats;
use crate::i18n::{t, tw};
use crate::state::LETTERS;
use crate::ui::{Dialog, Part, later, part};

/// Shows it.
pub fn show() {
    chats().key_map.set(true);
}

/// Listens for `?`, by the character and not the place: it is on another key in each layout.
fn listen(open: RwSignal<bool>) {
    let heard = window_event_listener(ev::keydown, move |event| {
        let taken = document().query_selector("dialog[open], [popover]:popover-open").ok().flatten().is_some();
        let with = event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing();
        if event.key() == "?" && LETTERS.get_untracked() && !with && !taken && !in_text(&event) {
            event.prevent_default();
            open.set(true);
        }
    });
    on_cleanup(move || heard.remove());
}

/// The dialog, and who listens for it.
#[component]
pub fn KeyMap() -> impl IntoView {
    let open = chats().key_map;
    listen(open);
    view! {
        <Dialog open title=Signal::derive(|| t().chat.keys.to_owned())>
            {later(list_part, "body stack mid")}
        </Dialog>
    }
}

#[wasm_split(window, wasm_split_path = leptos::wasm_split, fallible)]
fn list_part() -> Part {
    Ok(list)
}

fn list() -> AnyView {
    let rows = || {
        let row = |act, keys: Vec<&'static str>| {
            let keys = keys.into_iter().map(|key| view! { <kbd>{key}</kbd> " " }).collect_view();
            view! {
                <tr>
                    <td class="nowrap">{keys}</td>
                    <td>{(tw().key_does)(act)}</td>
                </tr>
            }
        };
        let works = |letter: bool| !letter || LETTERS.get();
        MAP.iter()
            .filter_map(|(act, keys)| {
                let keys: Vec<_> = keys.iter().filter(|(_, letter)| works(*letter)).map(|(key, _)| *key).collect();
                (!keys.is_empty()).then(|| row(*act, keys))
            })
            .collect_view()
    };
    let off = || (!LETTERS.get()).then(|| view! { <p class="xs muted">{tw().letters_are_off}</p> });
    view! {
        <div class="body stack mid">
            <table class="table in-box key-map">
                <tbody>{part(rows)}</tbody>
            </table>
            {part(off)}
        </div>
    }
    .into_any()
}
