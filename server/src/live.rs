//! Tells browsers what happens: one pump reads the event log and shows each row as it is now; each socket filters by what
//! its person may see. A socket resumes by `seq`: what it missed is read from the log, so a reconnect is not a reload.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::ws::{Message as Frame, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::event::Resume;
use domain::{AccountId, ChatId, Event, Fault, MessageId, UserId};
use futures_util::SinkExt;
use tokio::sync::broadcast;

use crate::auth::{Sight, Who};
use crate::fault::Problem;
use crate::state::State;
use crate::store::event::{self, EventRow};
use crate::store::{Result, chat, message};

/// Batches that a slow socket may lag behind before it reads from the log instead.
const BUFFER: usize = 256;
/// Events read at once.
const PAGE: i64 = 500;
/// A socket further behind than this is told to read its lists anew.
const FAR: i64 = 5_000;
/// The log is read at most this often: what happens within it goes out together, and a lone event at once.
const GATHER: Duration = Duration::from_millis(8);
/// How often a silent line says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long a socket may take to swallow one frame.
const PATIENCE: Duration = Duration::from_secs(20);

/// One event, ready to be sent.
#[derive(Clone, Debug)]
struct Packet {
    seq: i64,
    /// Those who may use this account see it.
    account: Option<AccountId>,
    /// Tells of the account itself, so rights may have changed.
    about_account: bool,
    /// Who made it and need not be told; only for what is not in the log.
    except: Option<UserId>,
    /// The whole frame; `None` when its rows are gone.
    json: Option<Utf8Bytes>,
}

/// What a notice of typing begins with between processes.
const TYPING: &str = "typing ";

/// Somebody is typing, as processes tell each other. A name has at most 200 characters, so it fits into the 8,000 bytes
/// of a notice of PostgreSQL.
#[derive(Debug, serde::Deserialize, serde::Serialize)]
struct Typing {
    account: AccountId,
    chat: ChatId,
    user: UserId,
    name: String,
}

/// The pump's side of all sockets.
#[derive(Debug)]
pub struct Live {
    feed: broadcast::Sender<Arc<Vec<Packet>>>,
}

impl Default for Live {
    fn default() -> Self {
        Self { feed: broadcast::channel(BUFFER).0 }
    }
}

impl Live {
    /// Tells colleagues who see the account that somebody is typing. Not in the log: processes that share the database
    /// tell each other, and whoever does not hear it has missed nothing.
    pub async fn typing(&self, state: &State, account: AccountId, chat: ChatId, who: &Who) -> Result<()> {
        let typing = Typing { account, chat, user: who.user, name: who.name.clone() };
        if state.db.shared() {
            return state.db.tell(&format!("{TYPING}{}", serde_json::to_string(&typing)?)).await;
        }
        self.show_typing(state, typing).await
    }

    /// What another process, or this one, told over the database; anything else than typing is not for us.
    pub async fn heard(&self, state: &State, payload: &str) -> Result<()> {
        match payload.strip_prefix(TYPING) {
            Some(json) => self.show_typing(state, serde_json::from_str(json)?).await,
            None => Ok(()),
        }
    }

    async fn show_typing(&self, state: &State, typing: Typing) -> Result<()> {
        if self.feed.receiver_count() == 0 {
            return Ok(());
        }
        let Typing { account, chat, user, name } = typing;
        let seq = event::head(&state.db).await?;
        let json = frame(seq, &Event::Typing { chat, name });
        let packet = Packet { seq, account: Some(account), about_account: false, except: Some(user), json };
        // An error means that nobody listens.
        let _ = self.feed.send(Arc::new(vec![packet]));
        Ok(())
    }
}

/// Runs until the process stops: reads the log and hands it to the sockets.
pub async fn run(state: State) {
    let mut rings = state.bell.events.subscribe();
    let mut seen = loop {
        match event::head(&state.db).await {
            Ok(head) => break head,
            Err(error) => tracing::error!(error = format!("{error:#}"), "reading the event log"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    loop {
        rings.mark_unchanged();
        let next = tokio::time::Instant::now() + GATHER;
        match event::after(&state.db, seen, PAGE).await {
            Ok(rows) if rows.is_empty() => {}
            Ok(rows) => {
                let last = rows.last().map_or(seen, |row| row.seq);
                if state.live.feed.receiver_count() > 0 {
                    match hydrate(&state, &rows).await {
                        Ok(packets) => {
                            let _ = state.live.feed.send(Arc::new(packets));
                        }
                        Err(error) => {
                            tracing::error!(error = format!("{error:#}"), "reading what happened");
                            tokio::time::sleep(Duration::from_secs(1)).await;
                            continue;
                        }
                    }
                }
                seen = last;
                if i64::try_from(rows.len()).unwrap_or_default() < PAGE {
                    tokio::time::sleep_until(next).await;
                }
                continue;
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "reading the event log"),
        }
        tokio::select! {
            _ = rings.changed() => {}
            () = tokio::time::sleep(state.config.sweep) => {}
            () = state.bell.stopped() => return,
        }
    }
}

fn frame(seq: i64, event: &Event) -> Option<Utf8Bytes> {
    // Borrowing twin of `domain::Frame`.
    #[derive(serde::Serialize)]
    struct Out<'a> {
        seq: i64,
        event: &'a Event,
    }
    serde_json::to_string(&Out { seq, event }).ok().map(Utf8Bytes::from)
}

/// Shows rows of the log as they are now, all of them with a handful of queries.
async fn hydrate(state: &State, rows: &[EventRow]) -> Result<Vec<Packet>> {
    let unique = |ids: Vec<i64>| -> Vec<i64> { ids.into_iter().collect::<HashSet<_>>().into_iter().collect() };
    let messages: Vec<MessageId> =
        unique(rows.iter().filter_map(|row| row.message_id).collect()).into_iter().map(MessageId).collect();
    let chats: Vec<ChatId> =
        unique(rows.iter().filter_map(|row| row.chat_id).collect()).into_iter().map(ChatId).collect();
    let messages = message::by_ids(&state.db, &messages).await?;
    let chats = chat::by_ids(&state.db, &chats).await?;
    let mut packets = Vec::with_capacity(rows.len());
    for row in rows {
        let chat = row.chat_id.and_then(|id| chats.get(&ChatId(id)));
        let event = match (row.kind.as_str(), chat) {
            ("message", Some(chat)) => row.message_id.and_then(|id| messages.get(&MessageId(id))).map(|message| {
                Event::Message { message: Box::new(message.clone()), chat: Box::new(chat.clone()), fresh: row.fresh }
            }),
            ("chat", Some(chat)) => Some(Event::Chat { chat: Box::new(chat.clone()) }),
            // One account that cannot be read (its key is gone) must not silence everybody.
            ("account", _) => match account_event(state, row).await {
                Err(error) if !crate::store::passes(&error) => {
                    tracing::error!(error = format!("{error:#}"), "reading an account");
                    None
                }
                told => told?,
            },
            _ => None,
        };
        packets.push(Packet {
            seq: row.seq,
            account: row.account_id.map(AccountId),
            about_account: row.kind == "account",
            except: None,
            json: event.and_then(|event| frame(row.seq, &event)),
        });
    }
    Ok(packets)
}

async fn account_event(state: &State, row: &EventRow) -> Result<Option<Event>> {
    let Some(id) = row.account_id.map(AccountId) else { return Ok(None) };
    let account = crate::store::account::get(&state.db, &state.vault, id).await?;
    Ok(Some(match account.filter(|account| account.deleted_at.is_none()) {
        Some(account) => Event::Account { account: Box::new(crate::api::account::public(&account)) },
        None => Event::AccountGone { id },
    }))
}

/// `GET /api/v1/live`.
#[utoipa::path(get, path = "/live", tag = "live", responses((status = 101, description = "WebSocket: the client's first \
    frame is {\"after\": seq or null}; then frames {\"seq\", \"event\"} follow")))]
pub async fn live(
    Shared(state): Shared<State>,
    who: Who,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    if who.role == domain::Role::Service {
        return Err(Fault::Forbidden.into());
    }
    if !same_origin(&state, &headers) {
        return Err(Fault::CrossSite.into());
    }
    Ok(upgrade
        // A browser says one short thing; the usual 128 kB for each would be most of the server's memory.
        .read_buffer_size(4096)
        .write_buffer_size(16 * 1024)
        .max_message_size(4096)
        .max_frame_size(4096)
        .on_upgrade(move |socket| serve(state, who, socket))
        .into_response())
}

/// A browser names the page that opens a socket; another site's page must not listen with our cookie.
fn same_origin(state: &State, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return true };
    if state.config.public_url.as_deref().is_some_and(|url| url.eq_ignore_ascii_case(origin)) {
        return true;
    }
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    text(header::HOST).is_some_and(|ours| ours.eq_ignore_ascii_case(host))
}

async fn serve(state: State, who: Who, socket: WebSocket) {
    state.metrics.sockets.inc();
    let epoch = state.guard.epoch();
    let mut listener = Listener { state: state.clone(), who, socket, at: 0, epoch };
    if let Err(error) = listener.run().await {
        tracing::warn!(error = format!("{error:#}"), "a socket ended");
    }
    state.metrics.sockets.dec();
}

/// One browser.
struct Listener {
    state: State,
    who: Who,
    socket: WebSocket,
    /// The last `seq` dealt with.
    at: i64,
    /// When rights were last looked at, by the guard's count of changes.
    epoch: u64,
}

impl Listener {
    async fn run(&mut self) -> Result<()> {
        let first = tokio::time::timeout(PATIENCE, self.socket.recv()).await;
        let Ok(Some(Ok(Frame::Text(text)))) = first else { return Ok(()) };
        let Ok(resume) = serde_json::from_str::<Resume>(&text) else { return Ok(()) };
        // Listen before looking, so that nothing falls between the log and the feed.
        let mut feed = self.state.live.feed.subscribe();
        let head = event::head(&self.state.db).await?;
        self.at = resume.after.unwrap_or(head);
        // What follows must still be there: old events are forgotten.
        let forgotten = event::oldest(&self.state.db).await? > self.at.saturating_add(1);
        let far = !(0..=head).contains(&self.at) || head - self.at > FAR || forgotten;
        if far {
            self.at = head;
        }
        let hello = if far { Event::Reset } else { Event::Hello };
        if !self.say(frame(self.at, &hello)).await || !self.catch_up().await? {
            return Ok(());
        }
        let mut beat = tokio::time::interval(HEARTBEAT);
        beat.reset();
        loop {
            tokio::select! {
                batch = feed.recv() => {
                    let alive = match batch {
                        Ok(batch) => self.pass(&batch).await?,
                        Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up().await?,
                        Err(broadcast::error::RecvError::Closed) => false,
                    };
                    if !alive {
                        return Ok(());
                    }
                }
                _ = beat.tick() => {
                    if !self.renew().await || !self.say(frame(self.at, &Event::Heartbeat)).await {
                        return Ok(());
                    }
                }
                told = self.socket.recv() => match told {
                    // Nothing is asked over the socket: commands are ordinary requests.
                    Some(Ok(Frame::Close(_)) | Err(_)) | None => return Ok(()),
                    Some(Ok(_)) => {}
                },
                () = self.state.bell.stopped() => {
                    let _ = self.socket.send(Frame::Close(None)).await;
                    return Ok(());
                }
            }
        }
    }

    /// Reads the log from where this socket stands. `false` when the browser is gone.
    async fn catch_up(&mut self) -> Result<bool> {
        loop {
            let rows = event::after(&self.state.db, self.at, PAGE).await?;
            if rows.is_empty() {
                return Ok(true);
            }
            for packet in hydrate(&self.state, &rows).await? {
                if !self.deliver(&packet).await {
                    return Ok(false);
                }
            }
            if !self.flush().await {
                return Ok(false);
            }
        }
    }

    /// Passes on what the pump read. `false` when the browser is gone.
    async fn pass(&mut self, packets: &[Packet]) -> Result<bool> {
        if self.epoch != self.state.guard.epoch() && !self.renew().await {
            return Ok(false);
        }
        for packet in packets {
            if let Some(except) = packet.except {
                // Not in the log. Only those who stand where it was made hear it, so that its number skips nothing.
                let heard = except != self.who.user && packet.seq == self.at && self.sees(packet);
                if heard && !self.say(packet.json.clone()).await {
                    return Ok(false);
                }
            } else if packet.seq > self.at + 1 {
                // The pump was ahead of our look into the log.
                return self.catch_up().await;
            } else if packet.seq > self.at && !self.deliver(packet).await {
                return Ok(false);
            }
        }
        Ok(self.flush().await)
    }

    /// Deals with one row of the log. `false` when the browser is gone or its session has ended.
    async fn deliver(&mut self, packet: &Packet) -> bool {
        self.at = packet.seq;
        if packet.about_account && !self.renew().await {
            return false;
        }
        if !self.sees(packet) {
            return true;
        }
        self.put(packet.json.clone()).await
    }

    fn sees(&self, packet: &Packet) -> bool {
        packet.account.is_none_or(|account| self.who.sight.sees(account))
    }

    /// Asks anew who this is and what they may see. `false` when the session has ended.
    async fn renew(&mut self) -> bool {
        let epoch = self.state.guard.epoch();
        match crate::auth::renew(&self.state, &self.who).await {
            Ok(Some(who)) => {
                self.epoch = epoch;
                let before = std::mem::replace(&mut self.who, who);
                self.tell_lost(&before.sight).await
            }
            Ok(None) => {
                let _ = self.socket.send(Frame::Close(None)).await;
                false
            }
            // The database is away: keep what we know until it is back.
            Err(_) => true,
        }
    }

    /// Tells of accounts that were seen and are no more. `false` when the browser is gone.
    async fn tell_lost(&mut self, before: &Sight) -> bool {
        match before {
            Sight::Accounts(accounts) => {
                for &id in accounts {
                    if !self.who.sight.sees(id) && !self.say(frame(self.at, &Event::AccountGone { id })).await {
                        return false;
                    }
                }
                true
            }
            Sight::All if self.who.sight != Sight::All => self.say(frame(self.at, &Event::Reset)).await,
            Sight::All => true,
        }
    }

    /// Sends one frame; `false` when the browser is gone or too slow.
    async fn say(&mut self, json: Option<Utf8Bytes>) -> bool {
        let Some(json) = json else { return true };
        matches!(tokio::time::timeout(PATIENCE, self.socket.send(Frame::Text(json))).await, Ok(Ok(())))
    }

    /// Writes one frame without sending it off yet; [`Listener::flush`] does, once for many.
    async fn put(&mut self, json: Option<Utf8Bytes>) -> bool {
        let Some(json) = json else { return true };
        matches!(tokio::time::timeout(PATIENCE, self.socket.feed(Frame::Text(json))).await, Ok(Ok(())))
    }

    /// Sends off what was written.
    async fn flush(&mut self) -> bool {
        matches!(tokio::time::timeout(PATIENCE, self.socket.flush()).await, Ok(Ok(())))
    }
}
