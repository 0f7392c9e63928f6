//! The player of voice notes and music: play, seek, three speeds. One plays at a time; the speed is kept for the next.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlAudioElement;

use crate::i18n::{self, tw};
use crate::state;
use crate::ui::{icon, part};

/// The speeds in the order in which the button goes through them.
const SPEEDS: [f64; 3] = [1.0, 1.5, 2.0];

fn kept_speed() -> usize {
    state::recall("speed").and_then(|kept| kept.parse().ok()).filter(|n| *n < SPEEDS.len()).unwrap_or(0)
}

/// The player of a sound at an address.
pub fn player(address: String) -> AnyView {
    let node = NodeRef::<html::Audio>::new();
    let (plays, at, length) = (RwSignal::new(false), RwSignal::new(0.0), RwSignal::new(0.0));
    let speed = RwSignal::new(kept_speed());
    let toggle = move |_| {
        let Some(audio) = node.get_untracked() else { return };
        if !audio.paused() {
            let _ = audio.pause();
            return;
        }
        silence_others(&audio);
        speed.set(kept_speed());
        audio.set_playback_rate(SPEEDS[speed.get_untracked()]);
        if let Ok(playing) = audio.play() {
            leptos::task::spawn_local(async move {
                let _ = JsFuture::from(playing).await;
            });
        }
    };
    let faster = move |_| {
        let next = (speed.get_untracked() + 1) % SPEEDS.len();
        speed.set(next);
        state::remember("speed", &next.to_string());
        if let Some(audio) = node.get_untracked() {
            audio.set_playback_rate(SPEEDS[next]);
        }
    };
    let seek = move |event| {
        let (Some(audio), Ok(to)) = (node.get_untracked(), event_target_value(&event).parse::<f64>()) else { return };
        audio.set_current_time(to);
        at.set(to);
    };
    // A recording of a browser tells its length only once it has been played through.
    let known = move |_| {
        if let Some(audio) = node.get_untracked() {
            length.set(Some(audio.duration()).filter(|long| long.is_finite()).unwrap_or(0.0));
        }
    };
    let moved = move |_| {
        if let Some(audio) = node.get_untracked() {
            at.set(audio.current_time());
        }
    };
    let glyph = part(move || icon(if plays.get() { "pause" } else { "play" }));
    let time = move || {
        let (at, length) = (at.get() as i64, length.get().round() as i64);
        if at > 0 || plays.get() {
            format!("{} / {}", i18n::duration(at), i18n::duration(length))
        } else {
            i18n::duration(length)
        }
    };
    view! {
        <div class="voice">
            <audio
                node_ref=node
                src=address
                preload="metadata"
                hidden
                on:play=move |_| plays.set(true)
                on:pause=move |_| plays.set(false)
                on:ended=move |_| at.set(0.0)
                on:timeupdate=moved
                on:loadedmetadata=known
                on:durationchange=known
            ></audio>
            <button
                type="button"
                class="go"
                aria-label=move || if plays.get() { tw().pause } else { tw().play }
                on:click=toggle
            >
                {glyph}
            </button>
            <input
                type="range"
                class="seek"
                min="0"
                step="0.1"
                max=move || length.get().max(0.1).to_string()
                prop:value=move || at.get().to_string()
                aria-label=tw().seek
                aria-valuetext=time
                on:input=seek
            />
            <button type="button" class="speed" aria-label=tw().speed title=tw().speed on:click=faster>
                {move || tw().speeds[speed.get()]}
            </button>
            <span class="len">{time}</span>
        </div>
    }
    .into_any()
}

fn silence_others(own: &HtmlAudioElement) {
    let Ok(all) = document().query_selector_all(".voice audio") else { return };
    for n in 0..all.length() {
        if let Some(other) = all.get(n).and_then(|node| node.dyn_into::<HtmlAudioElement>().ok())
            && JsValue::from(&other) != JsValue::from(own)
        {
            let _ = other.pause();
        }
    }
}
