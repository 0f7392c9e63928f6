//! Parts of the client that come when they are first wanted, each from a file of its own: `ARCHITECTURE.md`, "Make a
//! part of the client come later". What each part holds is with the pages; `scripts/web.mjs` cuts the files.

use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

use super::{Broken, Loading};
use crate::api::{self, Trouble};

/// Draws a part, once its code is here.
pub type Draw = fn() -> AnyView;

/// What a function marked with `wasm_split` answers: how to draw its part, or that its code could not be had.
pub type Part = Result<Draw, SplitLoaderError>;

type Coming = Pin<Box<dyn Future<Output = Part>>>;

/// A part whose code is asked for now. Meanwhile the grey rows of loading stand in an element of that class; if the
/// code does not come, a sentence and the button that tries again.
pub fn later<F: Future<Output = Part> + 'static>(ask: fn() -> F, class: &'static str) -> AnyView {
    shared(Callback::new(move |()| Box::pin(ask()) as Coming), class)
}

/// Has the code of a part brought, to be at hand when it is wanted. Trouble shows itself then.
pub fn ahead<F: Future<Output = Part> + 'static>(ask: fn() -> F) {
    spawn_local(async move {
        let _ = ask().await;
    });
}

/// Not generic, so that it is in the binary once.
fn shared(ask: Callback<(), Coming>, class: &'static str) -> AnyView {
    let here = RwSignal::new(None::<Result<Draw, Trouble>>);
    let start = move || {
        let coming = ask.run(());
        spawn_local(async move {
            let part = match coming.await {
                Ok(draw) => Ok(draw),
                Err(_) => Err(if api::is_replaced().await { Trouble::replaced() } else { Trouble::no_code() }),
            };
            // The person may have gone elsewhere meanwhile.
            let _ = here.try_set(Some(part));
        });
    };
    start();
    let again = Callback::new(move |()| {
        // The files of an old version are gone from the server: only the new page knows the new ones.
        if here.with_untracked(|here| *here == Some(Err(Trouble::replaced()))) {
            let _ = window().location().reload();
            return;
        }
        here.set(None);
        start();
    });
    let drawn = move || match here.get() {
        Some(Ok(draw)) => draw(),
        Some(Err(trouble)) => view! { <div class=class><Broken trouble again /></div> }.into_any(),
        None => view! { <div class=class><Loading /></div> }.into_any(),
    };
    drawn.into_any()
}
