//! The invented clients of sandbox accounts: they have a past, write, read, and answer what they are told. Everything
//! they do is a notification ([`Notice`]) that goes through the journal like any provider's. Who they are is in
//! `clients`, what they answer in `talk`.
//!
//! Their past is told once, which a setting remembers; ids of the past are fixed, so telling it twice would change
//! nothing.

mod clients;
mod talk;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::{AccountId, Direction, Kind, Moment, Provider, Reason, Status};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use self::clients::{CLIENTS, Client, Past};
use self::talk::{Memory, Reply};
use crate::gateway::sandbox::{self, Delivery, NO_WHATSAPP, Notice, Words};
use crate::ledger::now;
use crate::state::State;
use crate::store::account::AccountRow;
use crate::store::{Result, setting};

/// How often accounts are looked through although nobody told of a change.
const SWEEP: Duration = Duration::from_secs(5);
/// Conversations going on at once; what is sent beyond them is delivered but not answered.
const AT_ONCE: usize = 200;
/// What clients say of themselves before anybody answers. Then they wait.
const UNANSWERED: u32 = 12;
/// Pauses before what clients say of themselves, seconds; the last one repeats.
const OWN_PAUSES: &[f64] = &[8.0, 25.0, 50.0, 120.0, 240.0];

/// What an account's clients share.
#[derive(Debug)]
struct World {
    state: State,
    account: AccountId,
    speed: f64,
    /// Things said since anybody answered.
    unanswered: AtomicU32,
    memory: Memory,
    room: Arc<Semaphore>,
}

/// A world and the task that keeps it going; dropped, it stands still.
struct Running {
    world: Arc<World>,
    life: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.life.abort();
    }
}

/// Runs until the process stops.
pub async fn run(state: State) {
    let mut worlds: HashMap<AccountId, Running> = HashMap::new();
    let door = state.gateways.sandbox().clone();
    loop {
        let changed = state.bell.accounts.notified();
        match state.accounts.all().await {
            Ok(rows) => arrange(&state, &mut worlds, &rows),
            Err(error) => tracing::error!(error = format!("{error:#}"), "looking through accounts"),
        }
        tokio::pin!(changed);
        let sweep = tokio::time::sleep(SWEEP);
        tokio::pin!(sweep);
        loop {
            tokio::select! {
                () = &mut changed => break,
                () = &mut sweep => break,
                () = state.bell.stopped() => return,
                delivery = door.next() => if let Some(delivery) = delivery
                    && let Some(running) = worlds.get(&delivery.account)
                {
                    let world = running.world.clone();
                    tokio::spawn(async move {
                        if let Err(error) = world.receive(delivery).await {
                            tracing::warn!(error = format!("{error:#}"), "an invented client fell silent");
                        }
                    });
                }
            }
        }
    }
}

fn arrange(state: &State, worlds: &mut HashMap<AccountId, Running>, rows: &[Arc<AccountRow>]) {
    let wanted = |row: &AccountRow| row.provider == Provider::Sandbox && row.enabled && state.shards.holds(row.id);
    worlds.retain(|id, running| {
        rows.iter().any(|row| row.id == *id && wanted(row) && speed(row) == running.world.speed)
            && !running.life.is_finished()
    });
    for row in rows.iter().filter(|row| wanted(row)) {
        worlds.entry(row.id).or_insert_with(|| {
            let world = Arc::new(World {
                state: state.clone(),
                account: row.id,
                speed: speed(row),
                unanswered: AtomicU32::new(0),
                memory: Memory::default(),
                room: Arc::new(Semaphore::new(AT_ONCE)),
            });
            let living = world.clone();
            let life = tokio::spawn(async move {
                loop {
                    match living.live().await {
                        Ok(()) => {}
                        Err(error) => tracing::warn!(error = format!("{error:#}"), "the sandbox stumbled"),
                    }
                    tokio::time::sleep(SWEEP).await;
                }
            });
            Running { world, life }
        });
    }
}

fn speed(row: &AccountRow) -> f64 {
    row.settings["speed"].as_f64().unwrap_or(1.0).clamp(0.1, 1000.0)
}

impl World {
    /// Tells the past once, then lets clients write of themselves now and then.
    async fn live(&self) -> Result<()> {
        let key = format!("sandbox.{}.told", self.account);
        let told = setting::get(&self.state.db, &key).await?.is_some();
        if !told {
            self.say(&Notice::Ready { at: now() }).await?;
            // All at once, so that they share a commit; they queue in the order in which they are begun.
            let told = past(now());
            futures_util::future::try_join_all(told.iter().map(|notice| self.say(notice))).await?;
            let mut tx = self.state.db.begin().await?;
            setting::put(&mut tx, &key, "1").await?;
            tx.commit().await?;
        } else {
            self.say(&Notice::Ready { at: now() }).await?;
        }
        // After a restart people have just been told enough.
        let mut turn = if told { OWN_PAUSES.len() - 1 } else { 0 };
        loop {
            let pause = OWN_PAUSES[turn.min(OWN_PAUSES.len() - 1)];
            self.wait(pause * rand::random_range(0.8..1.3)).await;
            if self.unanswered.load(Ordering::Relaxed) >= UNANSWERED {
                continue;
            }
            let (client, reply) = talk::own(&self.memory, turn);
            turn += 1;
            self.unanswered.fetch_add(1, Ordering::Relaxed);
            self.utter(client.digits, client.name, reply, None).await?;
        }
    }

    /// What staff sent arrives, is read and perhaps answered.
    async fn receive(&self, delivery: Delivery) -> Result<()> {
        self.unanswered.store(0, Ordering::Relaxed);
        let Some(digits) = sandbox::digits(&delivery.chat).map(str::to_owned) else { return Ok(()) };
        let status = |status, reason| Notice::Status {
            chat: digits.clone(),
            id: delivery.provider_id.clone(),
            status,
            reason,
            at: now(),
        };
        self.wait(0.4).await;
        if digits.ends_with(NO_WHATSAPP) {
            self.wait(0.8).await;
            return self.say(&status(Status::Failed, Some(Reason::NoWhatsapp))).await;
        }
        self.say(&status(Status::Sent, None)).await?;
        self.wait(rand::random_range(0.6..1.6)).await;
        self.say(&status(Status::Delivered, None)).await?;
        // The permit stays with this conversation until it has been answered.
        let Ok(_room) = self.room.clone().try_acquire_owned() else { return Ok(()) };
        let turn = self.memory.heard(&digits);
        self.wait(rand::random_range(2.0..5.0)).await;
        self.say(&status(Status::Read, None)).await?;
        let replies = talk::answer(&self.memory, &digits, delivery.kind, &delivery.text);
        let (name, _) = clients::person(&digits);
        for (index, reply) in replies.into_iter().enumerate() {
            // As long as it takes to type; whoever is told more in the meantime thinks anew.
            let typing = 2.0 + reply.text.chars().count() as f64 / 12.0;
            self.wait(typing.min(12.0) * rand::random_range(0.8..1.2)).await;
            if index == 0 && !self.memory.is_last(&digits, turn) {
                return Ok(());
            }
            let quote = reply.quotes.then(|| (delivery.provider_id.clone(), delivery.text.clone()));
            self.utter(&digits, name, reply, quote).await?;
        }
        Ok(())
    }

    async fn utter(&self, digits: &str, name: &str, reply: Reply, quote: Option<(String, String)>) -> Result<()> {
        self.say(&Notice::Message(Box::new(Words {
            id: sandbox::new_id(),
            chat: digits.to_owned(),
            name: name.to_owned(),
            own: false,
            at: now(),
            kind: reply.file.as_ref().map_or(Kind::Text, |file| Kind::of_mime(&file.mime)),
            text: reply.text,
            file: reply.file,
            quote,
            old: false,
            status: None,
        })))
        .await
    }

    async fn say(&self, notice: &Notice) -> Result<()> {
        let body = serde_json::to_string(notice)?;
        self.state.intake.accept(self.account, "sandbox", body).await.map(drop)
    }

    async fn wait(&self, seconds: f64) {
        tokio::time::sleep(Duration::from_secs_f64(seconds / self.speed)).await;
    }
}

/// Everything that was said before the sandbox was made, in the order in which it was said.
fn past(now: Moment) -> Vec<Notice> {
    let mut notices: Vec<(Moment, Notice)> = Vec::new();
    for client in CLIENTS {
        for (index, said) in client.past.iter().enumerate() {
            let at = now.plus(-i64::from(said.minutes_ago) * 60_000);
            let words = remembered(client, index, said, at);
            let failed = client.digits.ends_with(NO_WHATSAPP) && words.own;
            let (chat, id) = (words.chat.clone(), words.id.clone());
            notices.push((at, Notice::Message(Box::new(words))));
            if failed {
                let reason = Some(Reason::NoWhatsapp);
                notices.push((at, Notice::Status { chat, id, status: Status::Failed, reason, at }));
            }
        }
    }
    notices.sort_by_key(|(at, _)| *at);
    notices.into_iter().map(|(_, notice)| notice).collect()
}

fn remembered(client: &Client, index: usize, said: &Past, at: Moment) -> Words {
    let file = said.file.map(clients::drawn);
    let own = said.direction == Direction::Out;
    Words {
        id: format!("PAST-{}-{index}", client.digits),
        chat: client.digits.to_owned(),
        name: client.name.to_owned(),
        own,
        at,
        kind: file.as_ref().map_or(Kind::Text, |file| Kind::of_mime(&file.mime)),
        text: said.text.to_owned(),
        file,
        quote: None,
        // What came within the last hour waits for an answer.
        old: said.minutes_ago > 60,
        status: (own && client.digits.ends_with(NO_WHATSAPP)).then_some(Status::Sent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_in_order_and_always_the_same() {
        let told = past(Moment(1_800_000_000_000));
        assert_eq!(told, past(Moment(1_800_000_000_000)));
        let mut last = Moment(0);
        let mut ids = std::collections::HashSet::new();
        let mut waiting = 0;
        for notice in &told {
            if let Notice::Message(words) = notice {
                assert!(words.at >= last, "{}", words.text);
                last = words.at;
                assert!(ids.insert(words.id.clone()), "{}", words.id);
                waiting += usize::from(!words.old && !words.own);
            }
        }
        assert!((3..=8).contains(&waiting), "{waiting} wait for an answer");
        assert!(told.len() > 60);
    }

    #[test]
    fn clients_are_invented_and_different() {
        let digits: std::collections::HashSet<_> = CLIENTS.iter().map(|client| client.digits).collect();
        assert_eq!(digits.len(), CLIENTS.len());
        assert!((12..=14).contains(&CLIENTS.len()));
        assert!(digits.iter().all(|digits| digits.starts_with("790000000") && digits.len() == 11));
        assert!(CLIENTS.iter().any(|client| client.digits.ends_with(NO_WHATSAPP)));
    }
}
