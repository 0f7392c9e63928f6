//! Files about to be sent, as they stand in the composer: picture, name, progress, caption, the cross that takes one out.

use leptos::prelude::*;

use super::attach::{self, Attached, State};
use super::composer::file_icon;
use super::room::Room;
use super::text::extension;
use crate::i18n::{self, tw};
use crate::ui::{icon, part};

/// The tray; nothing when there are no files.
#[component]
pub fn Tray(
    /// Whose.
    room: Room,
    /// Opens the browser's file dialog.
    choose: Callback<()>,
) -> impl IntoView {
    let tray = room.tray.clone();
    let some = Memo::new(move |_| tray.with(|tray| !tray.is_empty()));
    let ids = {
        let tray = room.tray.clone();
        Memo::new(move |_| tray.with(|tray| tray.iter().map(|item| item.id).collect::<Vec<_>>()))
    };
    let item_room = StoredValue::new(room);
    view! {
        <Show when=move || some.get()>
            <div class="tray" role="group" aria-label=tw().attachments>
                <For each=move || ids.get() key=|id| *id let:id>
                    <Item room=item_room.get_value() id />
                </For>
                <button
                    type="button"
                    class="add"
                    aria-label=tw().add_file
                    title=tw().add_file
                    on:click=move |_| choose.run(())
                >
                    {icon("plus")}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn Item(room: Room, id: u32) -> impl IntoView {
    let find = |room: &Room, id: u32| room.tray.with(|tray| tray.iter().find(|item| item.id == id).cloned());
    let item = {
        let room = room.clone();
        Memo::new(move |_| find(&room, id))
    };
    let first: Attached = item.get_untracked()?;
    let state = Memo::new(move |_| item.with(|item| item.as_ref().map(|item| item.state.clone())));
    let several = {
        let room = room.clone();
        Memo::new(move |_| room.tray.with(|tray| tray.first().is_some_and(|first| first.id != id)))
    };
    let class = move || match state.get() {
        Some(State::Refused(_)) => "it bad",
        _ => "it",
    };
    let picture = match &first.preview {
        Some(address) => view! { <img src=address.clone() alt="" draggable="false" /> }.into_any(),
        None if first.mime.starts_with("audio/") || first.mime.starts_with("video/") => {
            file_icon(&first.mime).into_any()
        }
        None => {
            let (ending, hue) = extension(&first.name, &first.mime);
            view! {
                <span class="ext" data-h=hue>
                    {ending}
                </span>
            }
            .into_any()
        }
    };
    let size = i18n::size(first.size as i64);
    let below = part(move || match state.get() {
        Some(State::Loading(share)) => (tw().uploading)((share * 100.0) as i64),
        Some(State::Refused(why)) => why,
        _ => size.clone(),
    });
    let progress = part(move || match state.get() {
        Some(State::Loading(share)) => Some(view! {
            <span
                class="pg"
                role="progressbar"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=((share * 100.0) as i64).to_string()
                style:--v=format!("{:.0}%", share * 100.0)
            ></span>
        }),
        _ => None,
    });
    let caption = {
        let room = room.clone();
        move |event| {
            let text = event_target_value(&event);
            room.tray.update_untracked(|tray| {
                if let Some(item) = tray.iter_mut().find(|item| item.id == id) {
                    item.caption = text;
                }
            });
        }
    };
    let remove = move |_| {
        attach::remove(&room, id);
        super::composer::focus();
    };
    let name = first.name.clone();
    Some(view! {
        <div class=class>
            <div class="pic">{picture}</div>
            <button
                type="button"
                class="x"
                aria-label=(tw().remove_file)(&name)
                title=(tw().remove_file)(&name)
                on:click=remove
            >
                {icon("close")}
            </button>
            {progress}
            <div class="trunc" title=name.clone()>
                {name.clone()}
            </div>
            <div>{below}</div>
            // The words of the editor go with the first file.
            <Show when=move || several.get()>
                <input
                    class="caption"
                    maxlength="1024"
                    placeholder=tw().caption
                    aria-label=tw().caption
                    prop:value=first.caption.clone()
                    on:input=caption.clone()
                />
            </Show>
        </div>
    })
}
