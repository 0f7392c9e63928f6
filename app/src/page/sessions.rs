//! Where the person is signed in, and ending those places.

use domain::Page;
use domain::user::Session as Place;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::i18n::{self, ts};
use crate::ui::{complain, icon, toast};

/// The list of sessions.
#[component]
pub fn Sessions() -> impl IntoView {
    let places = RwSignal::new(Vec::<Place>::new());
    let load = move || {
        spawn_local(async move {
            match api::get::<Page<Place>>("/sessions").await {
                Ok(page) => {
                    places.try_set(page.items);
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    load();
    let end = move |id: String| {
        spawn_local(async move {
            match api::delete(&format!("/sessions/{}", api::encode(&id))).await {
                Ok(()) => {
                    toast("check", ts().session_ended);
                    places.try_update(|list| list.retain(|place| place.id != id));
                }
                Err(trouble) => complain(&trouble),
            }
        });
    };
    let row = move |place: Place| {
        let id = place.id.clone();
        view! {
            <li class="item-line">
                {icon(if is_phone(&place.user_agent) { "handset" } else { "laptop" })}
                <span class="grow">
                    <b>{browser(&place.user_agent)}</b>
                    {place.current.then(|| view! { " " <span class="badge ok tiny">{ts().this_session}</span> })}
                    <span class="xs muted two-line">
                        {place.ip.clone()} " · " {(ts().seen)(&i18n::day_and_time(place.seen_at))}
                    </span>
                </span>
                {(!place.current)
                    .then(|| {
                        view! {
                            <button type="button" class="btn small" on:click=move |_| end(id.clone())>
                                {ts().end_session}
                            </button>
                        }
                    })}
            </li>
        }
    };
    view! {
        <section class="box">
            <header>
                <h2>{ts().sessions}</h2>
                <p>{ts().sessions_text}</p>
            </header>
            <ul class="b rows lines">{move || places.get().into_iter().map(row).collect_view()}</ul>
        </section>
    }
}

fn is_phone(agent: &str) -> bool {
    ["Android", "iPhone", "Mobile"].iter().any(|word| agent.contains(word))
}

/// A browser's name from how it calls itself. The order matters: most of them also call themselves Chrome and Safari.
fn browser(agent: &str) -> String {
    let pick =
        |table: &[(&str, &'static str)]| table.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name);
    let program = pick(&[
        ("YaBrowser", "Яндекс Браузер"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = pick(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => (ts().browser_on)(program, system),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => ts().unknown_browser.to_owned(),
    }
}
