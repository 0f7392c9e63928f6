//! Dialogs on the browser's own `<dialog>`: focus stays inside, Esc closes, focus returns to what opened them.

use leptos::html;
use leptos::prelude::*;

use super::{effect, icon};
use crate::i18n::t;

/// A dialog that is shown while `open` is true. Its children are made anew each time.
#[component]
pub fn Dialog(
    /// Whether it is shown; becomes false when the person closes it.
    open: RwSignal<bool>,
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// Whether Esc and the cross close it.
    #[prop(default = true)]
    closable: bool,
    /// Body and footer: `<div class="body">`, `<footer>`.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = node.get() else { return };
        if open.get() {
            if !dialog.open() {
                let _ = dialog.show_modal();
            }
        } else if dialog.open() {
            dialog.close();
        }
    });
    let children = StoredValue::new(children);
    view! {
        <dialog
            node_ref=node
            class="dlg"
            aria-label=move || title.get()
            on:close=move |_| open.set(false)
            on:cancel=move |event: web_sys::Event| {
                if !closable {
                    event.prevent_default();
                }
            }
        >
            <Show when=move || open.get()>
                <header>
                    <h2>{title}</h2>
                    {closable
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="btn icon small quiet"
                                    aria-label=t().common.close
                                    on:click=move |_| open.set(false)
                                >
                                    {icon("close")}
                                </button>
                            }
                        })}
                </header>
                {children.with_value(|children| children())}
            </Show>
        </dialog>
    }
}

/// Asks before something that cannot be undone. The buttons say what they do; "yes" and "no" never stand alone.
#[component]
pub fn Confirm(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What will happen.
    #[prop(into)]
    text: Signal<String>,
    /// The words on the button that does it.
    #[prop(into)]
    act: Signal<String>,
    /// Called when it is pressed; the dialog is closed first.
    #[prop(into)]
    done: Callback<()>,
) -> impl IntoView {
    view! {
        <Dialog open title>
            <div class="body">{text}</div>
            <footer>
                <button type="button" class="btn quiet" on:click=move |_| open.set(false)>
                    {t().common.cancel}
                </button>
                <button
                    type="button"
                    class="btn danger"
                    on:click=move |_| {
                        open.set(false);
                        done.run(());
                    }
                >
                    {act}
                </button>
            </footer>
        </Dialog>
    }
}
