//! A picture on the whole screen, and the way to its neighbours in the chat: ← → change it, + − 0 zoom.

use domain::{FileId, FileState, Kind, MessageId};
use leptos::prelude::*;
use leptos::{ev, html};

use super::room::Room;
use crate::api;
use crate::i18n::{self, t, tw};
use crate::ui::{effect, icon, part};

/// How far a picture can be enlarged beyond fitting.
const MOST: f64 = 8.0;
/// One step of enlarging.
const STEP: f64 = 1.5;

/// What is looked at.
#[derive(Clone, Debug, PartialEq)]
struct Picture {
    message: MessageId,
    file: FileId,
    name: String,
    caption: String,
    about: String,
}

/// The pictures that the window of messages holds now, oldest first.
fn pictures(room: &Room) -> Vec<Picture> {
    room.timeline.with_untracked(|timeline| {
        let mut found = Vec::new();
        for entry in timeline.entries() {
            let message = entry.message.read_untracked();
            if message.kind != Kind::Image || message.deleted_at.is_some() {
                continue;
            }
            for file in message.files.iter().filter(|file| file.is_picture() && file.state == FileState::Ready) {
                let pixels = match (file.width, file.height) {
                    (Some(width), Some(height)) => format!("{width} × {height}"),
                    _ => file.mime.clone(),
                };
                let when = i18n::day_and_time(message.sent_at);
                found.push(Picture {
                    message: message.id,
                    file: file.id,
                    name: file.name.clone(),
                    caption: message.text.clone(),
                    about: format!("{when} · {} · {pixels}", i18n::size(file.size)),
                });
            }
        }
        found
    })
}

/// The viewer; Esc and a click beside the picture close it, the focus returns to where it was.
#[component]
pub fn Viewer(
    /// Whose pictures.
    room: Room,
    /// What is looked at; nothing closes it.
    picture: RwSignal<Option<(MessageId, FileId)>>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let image = NodeRef::<html::Img>::new();
    let zoom = RwSignal::new(1.0_f64);
    // The picture's width when it fits, pixels: zooming is measured from it.
    let fits = StoredValue::new(0.0);
    let list = StoredValue::new(Vec::<Picture>::new());
    effect(move || {
        let open = picture.with(Option::is_some);
        let Some(dialog) = node.get() else { return };
        if open && !dialog.open() {
            zoom.set(1.0);
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let close = move || picture.set(None);
    let place =
        move || list.with_value(|list| list.iter().position(|p| Some((p.message, p.file)) == picture.get_untracked()));
    let go = move |by: isize| {
        let next = place().and_then(|at| at.checked_add_signed(by));
        if let Some(next) = next.and_then(|at| list.with_value(|list| list.get(at).map(|p| (p.message, p.file)))) {
            zoom.set(1.0);
            picture.set(Some(next));
        }
    };
    let enlarge = move |by: f64| {
        if zoom.get_untracked() <= 1.0
            && let Some(image) = image.get_untracked()
        {
            fits.set_value(f64::from(image.client_width()));
        }
        let next = (zoom.get_untracked() * by).clamp(1.0, MOST);
        zoom.set(if next < 1.05 { 1.0 } else { next });
    };
    let key = move |event: ev::KeyboardEvent| {
        // The keys of the inbox below are not meant.
        event.stop_propagation();
        match event.code().as_str() {
            "ArrowLeft" => go(-1),
            "ArrowRight" => go(1),
            "Equal" | "NumpadAdd" => enlarge(STEP),
            "Minus" | "NumpadSubtract" => enlarge(1.0 / STEP),
            "Digit0" | "Numpad0" => zoom.set(1.0),
            "Space" if event.target() == event.current_target() => {
                if zoom.get_untracked() > 1.0 {
                    zoom.set(1.0)
                } else {
                    enlarge(STEP * STEP)
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let inside = part(move || {
        let wanted = picture.get()?;
        list.set_value(pictures(&room));
        let at = place()?;
        let (shown, count) = list.with_value(|list| (list[at].clone(), list.len()));
        let address = format!("{}/files/{}", api::ROOT, wanted.1);
        let number = (count > 1).then(|| view! { <span class="num sm muted">{at + 1} " / " {count}</span> });
        let arrow = move |glyph: &'static str, name: &'static str, by: isize| {
            let there = if by < 0 { at > 0 } else { at + 1 < count };
            if there {
                view! {
                    <button type="button" class="nv" aria-label=name title=name on:click=move |_| go(by)>
                        {icon(glyph)}
                    </button>
                }
                .into_any()
            } else {
                view! { <span></span> }.into_any()
            }
        };
        let wide = move || (zoom.get() > 1.0).then(|| format!("{}px", (fits.get_value() * zoom.get()).round()));
        Some(view! {
            <header>
                <div class="grow">
                    <b>{shown.name.clone()}</b>
                    <span class="vs">{shown.about.clone()}</span>
                </div>
                {number}
                <div class="zoom">
                    <button type="button" class="vb" aria-label=tw().smaller title=tw().smaller on:click=move |_| enlarge(1.0 / STEP)>
                        {icon("minus")}
                    </button>
                    <button type="button" class="vb num" aria-label=tw().fit title=tw().fit on:click=move |_| zoom.set(1.0)>
                        {move || format!("{:.0}%", zoom.get() * 100.0)}
                    </button>
                    <button type="button" class="vb" aria-label=tw().larger title=tw().larger on:click=move |_| enlarge(STEP)>
                        {icon("plus")}
                    </button>
                </div>
                <a
                    class="vb"
                    href=format!("{address}?download")
                    download=shown.name.clone()
                    aria-label=(tw().download)(&shown.name)
                    title=tw().download_title
                >
                    {icon("download")}
                </a>
                <button type="button" class="vb" aria-label=t().common.close on:click=move |_| close()>
                    {icon("close")}
                </button>
            </header>
            <div class="stage">
                {arrow("left", tw().previous_picture, -1)}
                <div
                    class="pic viewer-pic"
                    class:whole=move || zoom.get().gt(&1.0)
                    on:click=move |event| {
                        if event.target() == event.current_target() {
                            close();
                        }
                    }
                    on:wheel=move |event| {
                        if event.ctrl_key() || zoom.get_untracked() <= 1.0 {
                            event.prevent_default();
                            enlarge(if event.delta_y() < 0.0 { 1.2 } else { 1.0 / 1.2 });
                        }
                    }
                >
                    <img
                        node_ref=image
                        src=address
                        alt=shown.name
                        style:inline-size=wide
                        on:dblclick=move |_| {
                            if zoom.get_untracked() > 1.0 { zoom.set(1.0) } else { enlarge(STEP * STEP) }
                        }
                    />
                </div>
                {arrow("right", tw().next_picture, 1)}
            </div>
            {(!shown.caption.trim().is_empty())
                .then(|| {
                    view! {
                        <footer>
                            <p dir="auto">{shown.caption.clone()}</p>
                        </footer>
                    }
                })}
        })
    });
    view! {
        <dialog
            class="viewer"
            node_ref=node
            aria-label=tw().viewer
            on:close=move |_| close()
            on:keydown=key
        >
            {inside}
        </dialog>
    }
}
