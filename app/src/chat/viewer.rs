//! A picture on the whole screen.

use domain::FileId;
use leptos::prelude::*;
use leptos::{ev, html};

use crate::api;
use crate::i18n::{t, tw};
use crate::ui::{effect, icon};

/// What is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The file.
    pub file: FileId,
    /// Its name.
    pub name: String,
    /// The words under it.
    pub caption: String,
    /// Its size in bytes and pixels, in words.
    pub about: String,
}

/// The viewer; Esc and a click beside the picture close it, the focus returns to where it was.
#[component]
pub fn Viewer(
    /// What is looked at; nothing closes it.
    picture: RwSignal<Option<Picture>>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let whole = RwSignal::new(false);
    effect(move || {
        let open = picture.with(Option::is_some);
        let Some(dialog) = node.get() else { return };
        if open && !dialog.open() {
            whole.set(false);
            let _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let close = move || picture.set(None);
    let key = move |event: ev::KeyboardEvent| {
        // The keys of the inbox below are not meant.
        event.stop_propagation();
        if matches!(event.code().as_str(), "Space" | "Digit0") {
            event.prevent_default();
            whole.update(|whole| *whole = !*whole);
        }
    };
    let inside = move || {
        let picture = picture.get()?;
        let address = format!("{}/files/{}", api::ROOT, picture.file);
        Some(view! {
            <header>
                <div class="grow">
                    <b>{picture.name.clone()}</b>
                    <span class="vs">{picture.about}</span>
                </div>
                <button
                    type="button"
                    class="vb tx"
                    on:click=move |_| whole.update(|whole| *whole = !*whole)
                >
                    {move || if whole.get() { tw().fit } else { tw().full_size }}
                </button>
                <a
                    class="vb"
                    href=format!("{address}?download")
                    download=picture.name.clone()
                    aria-label=(tw().download)(&picture.name)
                    title=tw().download_title
                >
                    {icon("download")}
                </a>
                <button type="button" class="vb" aria-label=t().common.close on:click=move |_| close()>
                    {icon("close")}
                </button>
            </header>
            <div
                class="pic viewer-pic"
                class:whole=move || whole.get()
                on:click=move |event| {
                    if event.target() == event.current_target() {
                        close();
                    }
                }
            >
                <img src=address alt=picture.name />
            </div>
            {(!picture.caption.trim().is_empty())
                .then(|| {
                    view! {
                        <footer>
                            <p>{picture.caption.clone()}</p>
                        </footer>
                    }
                })}
        })
    };
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
