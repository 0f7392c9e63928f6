//! One kind of moving part for all views, and one kind of effect.
//!
//! Every closure in a view is a type of its own, and the framework is compiled once for each: about a kilobyte apiece.
//! Behind one pointer they share that code, which keeps the client small (the budget of the first load).

use std::sync::Arc;

use leptos::prelude::*;

/// A part of a view that is drawn anew when what it reads changes.
pub fn part<V: IntoView + 'static>(draw: impl Fn() -> V + Send + Sync + 'static) -> AnyView {
    shared(Arc::new(move || draw().into_any()))
}

fn shared(draw: Arc<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    (move || draw()).into_any()
}

/// Something done now, and again whenever what it reads changes; for what needs nothing of the time before.
pub fn effect(run: impl FnMut() + 'static) {
    boxed(Box::new(run));
}

fn boxed(mut run: Box<dyn FnMut()>) {
    Effect::new(move |_: Option<()>| run());
}
