//! Accounts and who may use them.

use anyhow::Context;
use domain::{AccountId, AccountState, Failure, Moment, Provider, Receive, Switches, UserId};
use serde_json::Value;

use super::{Db, Result, Tx, padded, read, write};
use crate::secret::Vault;

const COLUMNS: &str = "id, name, provider, settings, secrets, receive, enabled, switches, everyone, state, state_at, \
     trouble, phone, paused_until, last_event_at, created_at, deleted_at";

/// An account as it is kept, secrets opened.
#[derive(Clone)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// What staff call it.
    pub name: String,
    /// The gateway behind it.
    pub provider: Provider,
    /// The provider's settings without secrets.
    pub settings: Value,
    /// The secret settings, and `webhook_token`, with which the provider proves itself to us.
    pub secrets: Value,
    /// How notifications reach us.
    pub receive: Receive,
    /// Switched on.
    pub enabled: bool,
    /// The administrator's switches.
    pub switches: Switches,
    /// All staff may use it.
    pub everyone: bool,
    /// How it stands.
    pub state: AccountState,
    /// Since when.
    pub state_at: Option<Moment>,
    /// What the provider said.
    pub trouble: Option<Failure>,
    /// Its own number.
    pub phone: Option<String>,
    /// No sending before this.
    pub paused_until: Option<Moment>,
    /// When the provider last told us anything.
    pub last_event_at: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
    /// When it was deleted.
    pub deleted_at: Option<Moment>,
}

impl std::fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the secrets: this may end in a log.
        f.debug_struct("AccountRow").field("id", &self.id).field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl AccountRow {
    /// A text among the settings.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).and_then(Value::as_str)
    }

    /// Every secret text, for those who must cut them out of what they show.
    pub fn secret_texts(&self) -> Vec<String> {
        let texts = self.secrets.as_object().into_iter().flat_map(|map| map.values());
        texts.filter_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }

    /// A text among the secrets.
    pub fn secret(&self, name: &str) -> Option<&str> {
        self.secrets.get(name).and_then(Value::as_str)
    }
}

#[derive(sqlx::FromRow)]
struct Raw {
    id: i64,
    name: String,
    provider: String,
    settings: String,
    secrets: Vec<u8>,
    receive: String,
    enabled: bool,
    switches: String,
    everyone: bool,
    state: String,
    state_at: Option<i64>,
    trouble: Option<String>,
    phone: Option<String>,
    paused_until: Option<i64>,
    last_event_at: Option<i64>,
    created_at: i64,
    deleted_at: Option<i64>,
}

impl Raw {
    fn open(self, vault: &Vault) -> Result<AccountRow> {
        let secrets = vault.open_sealed("account.secrets", &self.secrets)?;
        Ok(AccountRow {
            id: AccountId(self.id),
            name: self.name,
            provider: Provider::parse(&self.provider).with_context(|| format!("provider {}", self.provider))?,
            settings: serde_json::from_str(&self.settings)?,
            secrets: serde_json::from_slice(&secrets)?,
            receive: Receive::parse(&self.receive).unwrap_or(Receive::Off),
            enabled: self.enabled,
            switches: serde_json::from_str(&self.switches)?,
            everyone: self.everyone,
            state: AccountState::parse(&self.state).unwrap_or(AccountState::Unknown),
            state_at: self.state_at.map(Moment),
            trouble: self.trouble.as_deref().and_then(|text| serde_json::from_str(text).ok()),
            phone: self.phone,
            paused_until: self.paused_until.map(Moment),
            last_event_at: self.last_event_at.map(Moment),
            created_at: Moment(self.created_at),
            deleted_at: self.deleted_at.map(Moment),
        })
    }
}

/// All accounts that have not been deleted, in order of their making.
pub async fn all(db: &Db, vault: &Vault) -> Result<Vec<AccountRow>> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from account where deleted_at is null order by id"));
    let rows: Vec<Raw> = read!(db, pool => sqlx::query_as(sql).fetch_all(pool))?;
    rows.into_iter().map(|row| row.open(vault)).collect()
}

/// One account, deleted ones too: their history is kept.
pub async fn get(db: &Db, vault: &Vault, id: AccountId) -> Result<Option<AccountRow>> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} from account where id = $1"));
    let row: Option<Raw> = read!(db, pool => sqlx::query_as(sql).bind(id.0).fetch_optional(pool))?;
    row.map(|row| row.open(vault)).transpose()
}

/// Makes an account; the row's id is ignored.
pub async fn insert(tx: &mut Tx, vault: &Vault, row: &AccountRow) -> Result<AccountId> {
    let secrets = vault.seal("account.secrets", row.secrets.to_string().as_bytes())?;
    let id: i64 = write!(tx, conn => sqlx::query_scalar(
        "insert into account (name, provider, settings, secrets, receive, enabled, switches, everyone, state, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id")
        .bind(&row.name).bind(row.provider.as_str()).bind(row.settings.to_string()).bind(&secrets)
        .bind(row.receive.as_str()).bind(row.enabled).bind(serde_json::to_string(&row.switches)?)
        .bind(row.everyone).bind(row.state.as_str()).bind(row.created_at.0)
        .fetch_one(conn))?;
    Ok(AccountId(id))
}

/// Writes what an administrator can change.
pub async fn update(tx: &mut Tx, vault: &Vault, row: &AccountRow) -> Result<()> {
    let secrets = vault.seal("account.secrets", row.secrets.to_string().as_bytes())?;
    write!(tx, conn => sqlx::query(
        "update account set name = $2, settings = $3, secrets = $4, receive = $5, enabled = $6, switches = $7,
            everyone = $8 where id = $1")
        .bind(row.id.0).bind(&row.name).bind(row.settings.to_string()).bind(&secrets).bind(row.receive.as_str())
        .bind(row.enabled).bind(serde_json::to_string(&row.switches)?).bind(row.everyone)
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Marks an account as deleted and forgets its secrets; its chats stay.
pub async fn delete(tx: &mut Tx, vault: &Vault, id: AccountId, at: Moment) -> Result<()> {
    let nothing = vault.seal("account.secrets", b"{}")?;
    write!(tx, conn => sqlx::query(
        "update account set deleted_at = $2, enabled = false, state = 'off', secrets = $3 where id = $1")
        .bind(id.0).bind(at.0).bind(&nothing).execute(conn).map_ok(|done| done.rows_affected()))?;
    write!(tx, conn => sqlx::query("delete from job where account_id = $1").bind(id.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    super::history::stop(tx, id).await
}

/// Writes how an account stands. Answers whether that changed anything that people see. The time of the state only rises,
/// so that who compares two answers knows the later one: providers round theirs to seconds.
pub async fn set_state(
    tx: &mut Tx,
    id: AccountId,
    state: AccountState,
    trouble: Option<&Failure>,
    phone: Option<&str>,
    at: Moment,
) -> Result<bool> {
    let trouble = trouble.map(serde_json::to_string).transpose()?;
    let changed = write!(tx, conn => sqlx::query(
        "update account set state = $2, trouble = $3, phone = coalesce($4, phone),
            state_at = case when state = $2 then state_at when $5 > coalesce(state_at, 0) then $5 else state_at + 1 end
         where id = $1 and deleted_at is null
           and (state <> $2 or coalesce(trouble, '') <> coalesce($3, '') or coalesce(phone, '') <> coalesce($4, phone, ''))")
        .bind(id.0).bind(state.as_str()).bind(trouble).bind(phone).bind(at.0)
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(changed > 0)
}

/// Whether an account takes messages, inside a transaction.
pub async fn is_on(tx: &mut Tx, id: AccountId) -> Result<bool> {
    let on: Option<bool> = write!(tx, conn => sqlx::query_scalar(
        "select enabled and deleted_at is null from account where id = $1").bind(id.0).fetch_optional(conn))?;
    Ok(on.unwrap_or(false))
}

/// Whose an account is.
pub async fn provider(tx: &mut Tx, id: AccountId) -> Result<Option<Provider>> {
    let word: Option<String> = write!(tx, conn => sqlx::query_scalar(
        "select provider from account where id = $1 and deleted_at is null").bind(id.0).fetch_optional(conn))?;
    Ok(word.as_deref().and_then(Provider::parse))
}

/// Lets no message go before `until`. Answers whether that changed anything.
pub async fn set_pause(tx: &mut Tx, id: AccountId, until: Option<Moment>) -> Result<bool> {
    let changed = write!(tx, conn => sqlx::query(
        "update account set paused_until = $2 where id = $1 and coalesce(paused_until, -1) <> coalesce($2, -1)")
        .bind(id.0).bind(until.map(|moment| moment.0)).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(changed > 0)
}

/// Notes that the providers of some accounts have just told us something.
pub async fn touch(tx: &mut Tx, ids: &[AccountId], at: Moment) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    write!(tx, conn => {
        let mut query = sqlx::QueryBuilder::new("update account set last_event_at = ");
        query.push_bind(at.0).push(" where id in (");
        let mut list = query.separated(", ");
        for id in padded(ids) {
            list.push_bind(id.0);
        }
        query.push(")");
        async move { query.build().execute(conn).await.map(|done| done.rows_affected()) }
    })?;
    Ok(())
}

/// Who may use an account that is not everyone's.
pub async fn users(db: &Db, id: AccountId) -> Result<Vec<UserId>> {
    let ids: Vec<i64> = read!(db, pool => sqlx::query_scalar(
        "select user_id from account_user where account_id = $1 order by user_id").bind(id.0).fetch_all(pool))?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// Replaces who may use an account.
pub async fn set_users(tx: &mut Tx, id: AccountId, users: &[UserId]) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from account_user where account_id = $1").bind(id.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    for user in users {
        write!(tx, conn => sqlx::query(
            "insert into account_user (account_id, user_id) values ($1, $2) on conflict do nothing")
            .bind(id.0).bind(user.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    Ok(())
}

/// The accounts that a member of staff may use: everyone's and their own.
pub async fn usable_by(db: &Db, user: UserId) -> Result<Vec<AccountId>> {
    let ids: Vec<i64> = read!(db, pool => sqlx::query_scalar(
        "select id from account a where deleted_at is null and (everyone
            or exists (select 1 from account_user u where u.account_id = a.id and u.user_id = $1)) order by id")
        .bind(user.0).fetch_all(pool))?;
    Ok(ids.into_iter().map(AccountId).collect())
}

use futures_util::TryFutureExt;
