//! Fills an empty database with what a company gathers in years: accounts, staff, contacts, chats and messages, and one
//! chat as long as all the others together. Rows go straight into the tables, without the ledger, so that a minute is enough.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use domain::{AccountId, AccountState, Moment, Provider, Receive, Role, Switches, UserId};
use server::auth;
use server::secret::Vault;
use server::store::account::{self, AccountRow};
use server::store::{Db, contact};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::words::{self, Dice};

/// The password of everybody.
pub const PASSWORD: &str = "bench-password-2026";
/// The login of the one who sees everything.
pub const CHIEF: &str = "chief";
/// How many accounts one operator may use.
pub const EACH: usize = 5;
/// Rows in one statement.
const CHUNK: usize = 1000;
/// When the last message was written, unix milliseconds: 1 October 2026. What the load sends is newer.
const END: i64 = 1_790_812_800_000;
/// How long they wrote, milliseconds.
const YEAR: i64 = 365 * 24 * 3600 * 1000;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// Accounts.
    pub accounts: usize,
    /// Chats, the long one not among them; every fiftieth is a group.
    pub chats: usize,
    /// Messages in them.
    pub messages: usize,
    /// Messages in the long chat.
    pub long: usize,
}

/// What the budgets ask for.
pub const FULL: Scale = Scale { accounts: 100, chats: 100_000, messages: 1_000_000, long: 1_000_000 };
/// For trying the measuring itself.
pub const QUICK: Scale = Scale { accounts: 100, chats: 2_000, messages: 20_000, long: 20_000 };

impl Scale {
    /// The long chat's id: it comes after the others.
    pub fn long_chat(&self) -> usize {
        self.chats + 1
    }

    /// Operators: each has accounts that no other has.
    pub fn operators(&self) -> usize {
        self.accounts / EACH
    }

    /// The account of the client with this number, counted from 0.
    pub fn account(&self, client: usize) -> usize {
        client % self.accounts + 1
    }

    /// Which message is in the long chat: every second while there are both kinds.
    fn is_long(&self, id: usize) -> bool {
        let both = 2 * self.messages.min(self.long);
        if id <= both { id.is_multiple_of(2) } else { self.long > self.messages }
    }

    /// The id of the `n`th message of the long chat, counted from 0.
    pub fn long_message(&self, n: usize) -> usize {
        let paired = self.messages.min(self.long);
        if n < paired { 2 * (n + 1) } else { paired + n + 1 }
    }
}

/// The login of an operator, counted from 0.
pub fn operator(n: usize) -> String {
    format!("operator{n}")
}

/// How the messenger calls a client's chat.
pub fn chat_name(client: usize) -> String {
    if is_group(client) { format!("12036304{client:010}@g.us") } else { format!("{}@c.us", words::phone(client)) }
}

/// Whether a client is in fact a group.
pub fn is_group(client: usize) -> bool {
    client % 50 == 49
}

/// The secret with which the provider of an account proves itself, accounts counted from 1.
pub fn webhook_token(account: usize) -> String {
    format!("bench-webhook-{account}")
}

/// The provider's number of an account.
pub fn instance(account: usize) -> String {
    format!("{}", 7_103_000_000usize + account)
}

/// Fills the folder, unless it has been filled before. `provider` is the address that stands in for the provider.
pub async fn fill(data: &Path, scale: Scale, provider: &str) -> Result<()> {
    let path = data.join("besedka.sqlite");
    let began = Instant::now();
    std::fs::create_dir_all(data)?;
    let vault = Vault::open(data)?;
    let url = path.to_str().context("a path in UTF-8")?;
    let db = Db::open(url).await?;
    let there = account::all(&db, &vault).await?;
    if !there.is_empty() {
        let mut tx = db.begin().await?;
        for mut row in there {
            row.settings["api_url"] = provider.into();
            account::update(&mut tx, &vault, &row).await?;
        }
        tx.commit().await?;
        db.close().await;
        return Ok(());
    }
    let people = staff_and_accounts(&db, &vault, scale, provider).await?;
    db.close().await;
    // What is lost when this breaks off is made again, so nothing here waits for the disk.
    let mut conn = SqliteConnectOptions::new()
        .filename(&path)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(true)
        .pragma("cache_size", "-400000")
        .pragma("locking_mode", "exclusive")
        .connect()
        .await?;
    let plan = plan(scale);
    contacts_and_chats(&mut conn, scale, &plan, &people).await?;
    messages(&mut conn, scale, &plan, &people).await?;
    conn.close().await?;
    eprintln!("seeded {} messages in {:.0} s", scale.messages + scale.long, began.elapsed().as_secs_f32());
    Ok(())
}

async fn staff_and_accounts(db: &Db, vault: &Vault, scale: Scale, provider: &str) -> Result<Vec<UserId>> {
    let said = |problem: server::fault::Problem| anyhow!("{}", problem.fault.code());
    let mut people =
        vec![auth::create_user(db, CHIEF, "Ольга Руководитель", Role::Administrator, PASSWORD).await.map_err(said)?];
    let mut dice = Dice(1);
    for n in 0..scale.operators() {
        let name = words::name(&mut dice);
        people.push(auth::create_user(db, &operator(n), &name, Role::Operator, PASSWORD).await.map_err(said)?);
    }
    let mut tx = db.begin().await?;
    for number in 1..=scale.accounts {
        let row = AccountRow {
            id: AccountId(0),
            name: format!("Номер {number}"),
            provider: Provider::GreenApi,
            settings: serde_json::json!({"id_instance": instance(number), "api_url": provider, "media_url": provider}),
            secrets: serde_json::json!({"api_token_instance": "bench-token", "webhook_token": webhook_token(number)}),
            receive: Receive::Webhook,
            enabled: true,
            switches: Switches::default(),
            everyone: false,
            state: AccountState::Working,
            state_at: None,
            trouble: None,
            phone: None,
            paused_until: None,
            last_event_at: None,
            created_at: Moment(0),
            deleted_at: None,
        };
        let id = account::insert(&mut tx, vault, &row).await?;
        account::set_users(&mut tx, id, &[people[1 + (number - 1) / EACH]]).await?;
    }
    tx.commit().await?;
    Ok(people)
}

/// Which chat each message is in, ids counted from 1 for both; place 0 is empty. Some chats are much livelier.
fn plan(scale: Scale) -> Vec<usize> {
    let mut dice = Dice(2);
    let mut chats = Vec::with_capacity(scale.messages + scale.long + 1);
    chats.push(0);
    let mut shorts = 0;
    for id in 1..=scale.messages + scale.long {
        if scale.is_long(id) {
            chats.push(scale.long_chat());
            continue;
        }
        shorts += 1;
        // Everybody has written once; after that the lively ones more often.
        let chat = if shorts <= scale.chats {
            shorts
        } else {
            let most = dice.below(scale.chats);
            1 + dice.below(1 + most)
        };
        chats.push(chat);
    }
    chats
}

/// When a message was said: evenly over a year.
fn said_at(scale: Scale, id: usize) -> i64 {
    let total = i64::try_from(scale.messages + scale.long).unwrap_or(1);
    END - YEAR + YEAR / total * i64::try_from(id).unwrap_or_default()
}

/// Whether the client said it.
fn incoming(id: usize) -> bool {
    Dice(u64::try_from(id).unwrap_or_default()).below(5) < 3
}

async fn contacts_and_chats(
    conn: &mut SqliteConnection,
    scale: Scale,
    plan: &[usize],
    people: &[UserId],
) -> Result<()> {
    let mut last = vec![0; scale.chats + 2];
    for (id, chat) in plan.iter().enumerate().skip(1) {
        last[*chat] = id;
    }
    let mut dice = Dice(3);
    let clients: Vec<usize> = (0..=scale.chats).collect();
    for chunk in clients.chunks(CHUNK) {
        let mut contacts = Vec::with_capacity(chunk.len());
        let mut chats = Vec::with_capacity(chunk.len());
        for &client in chunk {
            let group = is_group(client);
            let (name, phone) = match group {
                true => (format!("Бригада {}", words::last_name(&mut dice)), None),
                false => (words::name(&mut dice), Some(words::phone(client))),
            };
            let address = match &phone {
                Some(phone) => format!("wa:{phone}"),
                None => format!("wa:group:12036304{client:010}"),
            };
            let search = [contact::fold(&name), phone.clone().unwrap_or_default()].join(" ");
            contacts.push((client + 1, address, name, phone, group, search));
            let (end, account) = (last[client + 1], scale.account(client));
            let waits = incoming(end);
            let unread = waits && client % 20 == 0;
            let assignee = match client % 10 {
                _ if client % 500 == 3 => Some(people[0].0),
                0..4 => Some(people[1 + (account - 1) / EACH].0),
                _ => None,
            };
            let state = if client % 10 == 9 { "closed" } else { "open" };
            let unanswered = (waits && state == "open" && client % 8 == 0).then(|| said_at(scale, end));
            chats.push((
                client + 1,
                account,
                said_at(scale, end),
                end,
                i32::from(unread),
                unread.then_some(end),
                unanswered,
                assignee,
                state,
                group,
            ));
        }
        let mut tx = conn.begin().await?;
        sqlx::query(
            "insert into contact (id, address, name, phone, is_group, search)
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 from json_each($1)",
        )
        .bind(serde_json::to_string(&contacts)?)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "insert into chat (id, account_id, contact_id, active_at, last_message_id, unread, first_unread_id,
                unanswered_at, assignee_id, state, is_group, created_at)
             select value ->> 0, value ->> 1, value ->> 0, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                value ->> 7, value ->> 8, value ->> 9, 0 from json_each($1)",
        )
        .bind(serde_json::to_string(&chats)?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn messages(conn: &mut SqliteConnection, scale: Scale, plan: &[usize], people: &[UserId]) -> Result<()> {
    let mut dice = Dice(4);
    let ids: Vec<usize> = (1..plan.len()).collect();
    for chunk in ids.chunks(CHUNK) {
        let mut rows = Vec::with_capacity(chunk.len());
        for &id in chunk {
            let client = plan[id] - 1;
            let account = scale.account(client);
            let (direction, origin, status, author) = match incoming(id) {
                true => ("in", "client", "received", None),
                false => ("out", "operator", "read", Some(people[1 + (account - 1) / EACH].0)),
            };
            let provider_id = format!("{:016X}{:04X}", dice.next(), id % 65_536);
            let text = words::text(&mut dice);
            rows.push((
                id,
                account,
                client + 1,
                direction,
                origin,
                text,
                status,
                said_at(scale, id),
                author,
                provider_id,
            ));
        }
        let mut tx = conn.begin().await?;
        sqlx::query(
            "insert into message (id, account_id, chat_id, direction, origin, kind, text, status, sent_at, created_at,
                author_id, provider_id, has_files, forwarded)
             select value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, 'text', value ->> 5, value ->> 6,
                value ->> 7, value ->> 7, value ->> 8, value ->> 9, false, false from json_each($1)",
        )
        .bind(serde_json::to_string(&rows)?)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
    }
    Ok(())
}
