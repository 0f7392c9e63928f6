//! The live line: one WebSocket to `/api/v1/live` that resumes where it broke. It knows nothing of chats: stores
//! subscribe with [`on_event`] and apply what they hear.
//!
//! A store that loads a list keeps the events heard meanwhile and applies them afterwards; events show rows as they are,
//! so applying one twice or late does no harm.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::LazyLock;

use domain::event::Resume;
use domain::{Account, AccountId, Chat, ChatId, Event, Frame, Message};
use gloo_timers::callback::{Interval, Timeout};
use leptos::ev;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{MessageEvent, WebSocket};

use crate::api;

/// Silence after which the line counts as lost, milliseconds. The server speaks every 15 s at the latest.
const SILENCE: f64 = 40_000.0;
/// The longest wait between attempts, milliseconds.
const LONGEST_WAIT: f64 = 30_000.0;
/// Quiet after which catching up counts as done, milliseconds.
const QUIET: u32 = 400;

/// How the line stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line {
    /// Not wanted: nobody is signed in.
    Off,
    /// Being opened for the first time.
    Opening,
    /// Everything heard.
    Online,
    /// Back, and hearing what was missed: how many events so far.
    CatchingUp(u32),
    /// Broken; the next attempt comes at this time (`Date.now()`).
    Lost {
        /// When it broke.
        since: f64,
        /// When it will be tried again; in the past while trying.
        next_try: f64,
    },
}

/// How the line stands now; whoever reads it follows it.
pub static LINE: LazyLock<ArcRwSignal<Line>> = LazyLock::new(|| ArcRwSignal::new(Line::Off));

type Listener = Rc<dyn Fn(&Event)>;

#[derive(Default)]
struct Wire {
    socket: Option<Socket>,
    /// The last `seq` heard: where to resume.
    after: Option<i64>,
    attempt: u32,
    heard_at: f64,
    retry: Option<Timeout>,
    settle: Option<Timeout>,
    watch: Option<Interval>,
    listeners: BTreeMap<u32, Listener>,
    next_listener: u32,
}

/// A socket with what the browser calls when it has news.
struct Socket {
    socket: WebSocket,
    _open: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

thread_local! {
    static WIRE: RefCell<Wire> = RefCell::default();
}

fn wire<T>(act: impl FnOnce(&mut Wire) -> T) -> T {
    WIRE.with(|wire| act(&mut wire.borrow_mut()))
}

/// Hears every event for as long as the component that calls this lives.
pub fn on_event(listener: impl Fn(&Event) + 'static) {
    let id = wire(|wire| {
        wire.next_listener += 1;
        wire.listeners.insert(wire.next_listener, Rc::new(listener));
        wire.next_listener
    });
    on_cleanup(move || {
        wire(|wire| wire.listeners.remove(&id));
    });
}

/// Opens the line after sign-in. Does nothing when it is open or being opened.
pub fn open() {
    if LINE.get_untracked() != Line::Off {
        return;
    }
    LINE.set(Line::Opening);
    wire(|wire| {
        wire.after = None;
        wire.attempt = 0;
        wire.watch = Some(Interval::new(5_000, watch));
    });
    connect();
}

/// Closes the line and forgets where it was.
pub fn close() {
    LINE.set(Line::Off);
    let socket = wire(|wire| {
        wire.retry = None;
        wire.settle = None;
        wire.watch = None;
        wire.after = None;
        wire.socket.take()
    });
    drop(socket);
}

/// Tries again at once when the line is lost: the button, the network's return, the window's.
pub fn retry_now() {
    if let Line::Lost { since, .. } = LINE.get_untracked() {
        LINE.set(Line::Lost { since, next_try: 0.0 });
        wire(|wire| wire.retry = None);
        connect();
    }
}

/// Follows the browser's own news of the network. Called once.
pub fn listen() {
    let _ = window_event_listener(ev::online, |_| retry_now());
    let _ = window_event_listener(ev::Custom::<web_sys::Event>::new("focus"), |_| retry_now());
}

fn connect() {
    wire(|wire| drop(wire.socket.take()));
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|p| p == "https:") { "wss" } else { "ws" };
    let Ok(host) = location.host() else { return };
    let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}{}/live", api::ROOT)) else {
        return lost();
    };
    let open = Closure::<dyn FnMut()>::new(opened);
    let message = Closure::<dyn FnMut(MessageEvent)>::new(heard);
    let close = Closure::<dyn FnMut()>::new(lost);
    socket.set_onopen(Some(open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(close.as_ref().unchecked_ref()));
    wire(|wire| {
        wire.heard_at = js_sys::Date::now();
        wire.socket = Some(Socket { socket, _open: open, _message: message, _close: close });
    });
}

fn opened() {
    let resumed = wire(|wire| {
        wire.heard_at = js_sys::Date::now();
        let first = serde_json::to_string(&Resume { after: wire.after }).unwrap_or_default();
        if let Some(socket) = &wire.socket {
            let _ = socket.socket.send_with_str(&first);
        }
        wire.after.is_some()
    });
    if resumed {
        LINE.set(Line::CatchingUp(0));
    }
}

fn heard(message: MessageEvent) {
    let Some(text) = message.data().as_string() else { return };
    let Some(frame) = read(&text) else {
        leptos::logging::warn!("frame not understood");
        return;
    };
    let listeners: Vec<Listener> = wire(|wire| {
        wire.heard_at = js_sys::Date::now();
        wire.attempt = 0;
        wire.after = Some(frame.seq);
        wire.listeners.values().cloned().collect()
    });
    match LINE.get_untracked() {
        Line::CatchingUp(count) => {
            if matches!(frame.event, Event::Heartbeat) {
                LINE.set(Line::Online);
            } else {
                LINE.set(Line::CatchingUp(count + 1));
                wire(|wire| wire.settle = Some(Timeout::new(QUIET, settled)));
            }
        }
        Line::Online => {}
        _ => LINE.set(Line::Online),
    }
    for listener in listeners {
        listener(&frame.event);
    }
}

/// Reads a frame in two steps. In one step serde would need a second copy of every reader of every row, for the sake of
/// the tag that may come last; this keeps the client a tenth smaller.
fn read(text: &str) -> Option<Frame> {
    #[derive(Deserialize)]
    struct Outer<'a> {
        seq: i64,
        #[serde(borrow)]
        event: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Tag<'a> {
        kind: &'a str,
    }
    #[derive(Deserialize)]
    struct Said {
        message: Box<Message>,
        chat: Box<Chat>,
        fresh: bool,
    }
    #[derive(Deserialize)]
    struct Rest {
        chat: Option<Box<Chat>>,
        account: Option<Box<Account>>,
    }
    #[derive(Deserialize)]
    struct Gone {
        id: AccountId,
    }
    #[derive(Deserialize)]
    struct Types {
        chat: ChatId,
        name: String,
    }
    let Outer { seq, event } = serde_json::from_str(text).ok()?;
    let event = event.get();
    let event = match serde_json::from_str::<Tag>(event).ok()?.kind {
        "hello" => Event::Hello,
        "heartbeat" => Event::Heartbeat,
        "reset" => Event::Reset,
        "message" => {
            let Said { message, chat, fresh } = serde_json::from_str(event).ok()?;
            Event::Message { message, chat, fresh }
        }
        "chat" => Event::Chat { chat: serde_json::from_str::<Rest>(event).ok()?.chat? },
        "account" => Event::Account { account: serde_json::from_str::<Rest>(event).ok()?.account? },
        "account_gone" => Event::AccountGone { id: serde_json::from_str::<Gone>(event).ok()?.id },
        "typing" => {
            let Types { chat, name } = serde_json::from_str(event).ok()?;
            Event::Typing { chat, name }
        }
        _ => Event::Unknown,
    };
    Some(Frame { seq, event })
}

fn settled() {
    if matches!(LINE.get_untracked(), Line::CatchingUp(_)) {
        LINE.set(Line::Online);
    }
}

fn watch() {
    let silent = wire(|wire| wire.socket.is_some() && js_sys::Date::now() - wire.heard_at > SILENCE);
    if silent {
        lost();
    }
}

fn lost() {
    let line = LINE.get_untracked();
    if line == Line::Off {
        return;
    }
    let now = js_sys::Date::now();
    let (socket, wait) = wire(|wire| {
        wire.settle = None;
        wire.attempt += 1;
        let wait = (1_000.0 * 2f64.powi(wire.attempt.min(6) as i32 - 1)).min(LONGEST_WAIT);
        // Between a half and the whole, so that a hundred browsers do not come back in one instant.
        let wait = wait * (0.5 + js_sys::Math::random() / 2.0);
        wire.retry = Some(Timeout::new(wait as u32, retry_now));
        (wire.socket.take(), wait)
    });
    drop(socket);
    let since = if let Line::Lost { since, .. } = line { since } else { now };
    LINE.set(Line::Lost { since, next_try: now + wait });
    // A socket does not tell why it was refused; the session does, and then the shell shows the sign-in.
    leptos::task::spawn_local(async {
        let _ = api::get::<domain::user::Me>("/session").await;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_they_are_written() {
        for event in [
            Event::Hello,
            Event::Heartbeat,
            Event::Reset,
            Event::AccountGone { id: AccountId(3) },
            Event::Typing { chat: ChatId(7), name: "Илья".to_owned() },
        ] {
            let frame = Frame { seq: 5, event };
            assert_eq!(read(&serde_json::to_string(&frame).unwrap()), Some(frame));
        }
        let text = r#"{"seq":9,"event":{"kind":"of_tomorrow","x":{"y":[1]}}}"#;
        assert_eq!(read(text), Some(Frame { seq: 9, event: Event::Unknown }));
        assert_eq!(read("{}"), None);
    }
}
