//! What waits to be done: sends, files to fetch, profiles to ask for. Jobs are made in the transaction that makes the
//! reason for them, so neither is ever without the other. Payloads are ids: a retry sees the present truth.

use domain::{AccountId, ChatId, ContactId, FileId, MessageId, Moment};

use super::{Db, Result, Tx, read, write};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// Hand a message to the provider.
    Send,
    /// Fetch a file from the provider.
    File,
    /// Ask for a contact's name and picture.
    Profile,
    /// Tell the provider that a chat was read.
    Read,
    /// Give the provider a message's new text.
    Edit,
    /// Have the provider delete a message for everyone.
    Delete,
    /// Give the provider the account's reaction to a message.
    React,
    /// Find out what a message's link leads to.
    Preview,
}

impl JobKind {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::File => "file",
            Self::Profile => "profile",
            Self::Read => "read",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::React => "react",
            Self::Preview => "preview",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Send, Self::File, Self::Profile, Self::Read, Self::Edit, Self::Delete, Self::React, Self::Preview]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Not begun, or to be tried again.
    Ready,
    /// Some process was at it; if that process is gone, nobody knows how far it came.
    Running,
    /// The answer was lost.
    Lost,
    /// The provider answered with an error of its own, which may hide that it took the message.
    Muddled,
}

impl JobState {
    fn number(self) -> i16 {
        match self {
            Self::Ready => 0,
            Self::Running => 1,
            Self::Lost => 2,
            Self::Muddled => 3,
        }
    }

    fn of(number: i16) -> Self {
        match number {
            1 => Self::Running,
            2 => Self::Lost,
            3 => Self::Muddled,
            _ => Self::Ready,
        }
    }
}

/// A job to be made.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What to do.
    pub kind: JobKind,
    /// Whose.
    pub account: AccountId,
    /// The chat whose order it keeps.
    pub chat: Option<ChatId>,
    /// The message to send, or up to which the chat was read.
    pub message: Option<MessageId>,
    /// The file to fetch.
    pub file: Option<FileId>,
    /// The contact to ask about.
    pub contact: Option<ContactId>,
}

/// A claimed job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// What to do.
    pub kind: JobKind,
    /// Whose.
    pub account: AccountId,
    /// The message.
    pub message: Option<MessageId>,
    /// The file.
    pub file: Option<FileId>,
    /// The contact.
    pub contact: Option<ContactId>,
    /// How it stood before it was claimed.
    pub was: JobState,
    /// Tries so far, or looks while in doubt.
    pub attempts: i32,
    /// When the call began whose outcome is not known.
    pub doubt_since: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
}

/// Makes jobs; one that is there already (same kind, same row) is left alone.
pub async fn enqueue(tx: &mut Tx, jobs: &[NewJob], at: Moment) -> Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    for chunk in jobs.chunks(64) {
        write!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new(
                "insert into job (kind, account_id, chat_id, message_id, file_id, contact_id, state, run_at, attempts, created_at) ");
            query.push_values(chunk, |mut row, job| {
                row.push_bind(job.kind.as_str()).push_bind(job.account.0).push_bind(job.chat.map(|id| id.0))
                    .push_bind(job.message.map(|id| id.0)).push_bind(job.file.map(|id| id.0))
                    .push_bind(job.contact.map(|id| id.0)).push("0").push_bind(at.0).push("0").push_bind(at.0);
            });
            query.push(" on conflict do nothing");
            async move { query.build().execute(conn).await.map(|done| done.rows_affected()) }
        })?;
    }
    tx.notify("job").await
}

/// Accounts that have something to do now, sends apart from the rest.
pub async fn due(db: &Db, now: Moment) -> Result<Vec<(AccountId, bool)>> {
    let rows: Vec<(i64, bool)> = read!(db, pool => sqlx::query_as(
        "select distinct account_id, kind = 'send' from job where run_at <= $1").bind(now.0).fetch_all(pool))?;
    Ok(rows.into_iter().map(|(id, send)| (AccountId(id), send)).collect())
}

#[derive(sqlx::FromRow)]
struct Raw {
    id: i64,
    kind: String,
    account_id: i64,
    message_id: Option<i64>,
    file_id: Option<i64>,
    contact_id: Option<i64>,
    state: i16,
    attempts: i32,
    doubt_since: Option<i64>,
    locked_until: Option<i64>,
    created_at: i64,
}

/// Claims the next job of an account for `node`, sends or the rest. A send waits for every earlier one of its chat.
/// What another process was at can be claimed once that process is gone or its time has run out.
pub async fn claim(
    tx: &mut Tx,
    account: AccountId,
    sends: bool,
    node: &str,
    now: Moment,
    until: Moment,
) -> Result<Option<Job>> {
    let row: Option<Raw> = write!(tx, conn => sqlx::query_as(
        "select id, kind, account_id, message_id, file_id, contact_id, state, attempts, doubt_since, locked_until, created_at
         from job j
         where account_id = $1 and (kind = 'send') = $2 and run_at <= $3
           and (state <> 1 or locked_until <= $3
                or not exists (select 1 from lease l where l.name = 'node:' || j.locked_by and l.until > $3))
           and not exists (select 1 from job e where e.chat_id = j.chat_id and e.kind = j.kind and e.id < j.id)
         order by run_at, id limit 1")
        .bind(account.0).bind(sends).bind(now.0).fetch_optional(conn))?;
    let Some(row) = row else { return Ok(None) };
    let kind = JobKind::parse(&row.kind).ok_or_else(|| anyhow::anyhow!("job {} of kind {}", row.id, row.kind))?;
    let was = JobState::of(row.state);
    // The guard makes the claim safe where several processes look at the same row.
    let claimed = write!(tx, conn => sqlx::query(
        "update job set state = 1, locked_by = $2, locked_until = $3,
            doubt_since = case when kind = 'send' and state = 0 then $4 else doubt_since end
         where id = $1 and state = $5 and coalesce(locked_until, -1) = $6 and attempts = $7")
        .bind(row.id).bind(node).bind(until.0).bind(now.0).bind(row.state).bind(row.locked_until.unwrap_or(-1))
        .bind(row.attempts).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok((claimed == 1).then(|| Job {
        id: row.id,
        kind,
        account: AccountId(row.account_id),
        message: row.message_id.map(MessageId),
        file: row.file_id.map(FileId),
        contact: row.contact_id.map(ContactId),
        was,
        attempts: row.attempts,
        doubt_since: row.doubt_since.map(Moment),
        created_at: Moment(row.created_at),
    }))
}

/// The job is over.
pub async fn finish(tx: &mut Tx, id: i64) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from job where id = $1").bind(id).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// The job will be looked at again.
pub async fn postpone(tx: &mut Tx, id: i64, state: JobState, attempts: i32, run_at: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "update job set state = $2, attempts = $3, run_at = $4, locked_by = null, locked_until = null where id = $1")
        .bind(id).bind(state.number()).bind(attempts).bind(run_at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// A message will not be handed over after all. A job that is running goes on.
pub async fn cancel(tx: &mut Tx, message: MessageId, kind: JobKind) -> Result<bool> {
    let gone = write!(tx, conn => sqlx::query("delete from job where message_id = $1 and kind = $2 and state <> 1")
        .bind(message.0).bind(kind.as_str()).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(gone > 0)
}

/// The send job of a message, if it is not over.
pub async fn of_message(tx: &mut Tx, message: MessageId) -> Result<Option<i64>> {
    Ok(write!(tx, conn => sqlx::query_scalar("select id from job where message_id = $1 and kind = 'send'")
        .bind(message.0).fetch_optional(conn))?)
}

/// Notes one try to send a message and what came of it.
pub async fn attempt(
    tx: &mut Tx,
    message: MessageId,
    at: Moment,
    took: i64,
    outcome: &str,
    failure: Option<&domain::Failure>,
) -> Result<()> {
    let failure = failure.map(serde_json::to_string).transpose()?;
    write!(tx, conn => sqlx::query(
        "insert into attempt (message_id, at, took, outcome, failure) values ($1, $2, $3, $4, $5)")
        .bind(message.0).bind(at.0).bind(i32::try_from(took).unwrap_or(i32::MAX)).bind(outcome).bind(failure)
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Removes tries from before a moment, at most `limit` at once. They come in the order of their time.
pub async fn forget_attempts(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    Ok(write!(tx, conn => sqlx::query(
        "delete from attempt where id in (
            select id from (select id, at from attempt order by id limit $2) old where at < $1)")
        .bind(before.0).bind(limit).execute(conn).map_ok(|done| done.rows_affected()))?)
}

/// How many jobs wait, for /metrics.
pub async fn backlog(db: &Db) -> Result<i64> {
    Ok(read!(db, pool => sqlx::query_scalar("select count(*) from job").fetch_one(pool))?)
}

use futures_util::TryFutureExt;
