//! Members of staff (the table is `staff`: `user` is a word of SQL). What a password must be is in `auth`.

use anyhow::Context;
use domain::user::UserRef;
use domain::{Moment, Role, User, UserId};

use super::{Db, Result, Tx, read, write};

/// A member of staff as it is kept.
#[derive(Clone)]
pub struct UserRow {
    /// Its id.
    pub id: UserId,
    /// What is typed at sign-in, as it was written.
    pub login: String,
    /// The login folded: unique.
    pub login_key: String,
    /// The full name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Argon2id, a PHC string.
    pub password: String,
    /// Whether it may sign in.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Moment,
}

impl std::fmt::Debug for UserRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the password's hash: this may end in a log.
        f.debug_struct("UserRow").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            login: row.login,
            name: row.name,
            role: row.role,
            enabled: row.enabled,
            created_at: row.created_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Raw {
    id: i64,
    login: String,
    login_key: String,
    name: String,
    role: String,
    password: String,
    enabled: bool,
    created_at: i64,
}

impl Raw {
    fn open(self) -> Result<UserRow> {
        Ok(UserRow {
            id: UserId(self.id),
            role: Role::parse(&self.role).with_context(|| format!("role {}", self.role))?,
            login: self.login,
            login_key: self.login_key,
            name: self.name,
            password: self.password,
            enabled: self.enabled,
            created_at: Moment(self.created_at),
        })
    }
}

/// Everybody, disabled people too, in order of their making.
pub async fn all(db: &Db) -> Result<Vec<UserRow>> {
    let rows: Vec<Raw> = read!(db, pool => sqlx::query_as(
        "select id, login, login_key, name, role, password, enabled, created_at from staff order by id")
        .fetch_all(pool))?;
    rows.into_iter().map(Raw::open).collect()
}

/// One by id.
pub async fn get(db: &Db, id: UserId) -> Result<Option<UserRow>> {
    let row: Option<Raw> = read!(db, pool => sqlx::query_as(
        "select id, login, login_key, name, role, password, enabled, created_at from staff where id = $1")
        .bind(id.0).fetch_optional(pool))?;
    row.map(Raw::open).transpose()
}

/// One by its folded login.
pub async fn by_login(db: &Db, login_key: &str) -> Result<Option<UserRow>> {
    let row: Option<Raw> = read!(db, pool => sqlx::query_as(
        "select id, login, login_key, name, role, password, enabled, created_at from staff where login_key = $1")
        .bind(login_key).fetch_optional(pool))?;
    row.map(Raw::open).transpose()
}

/// Whether there is anybody at all.
pub async fn any(db: &Db) -> Result<bool> {
    Ok(read!(db, pool => sqlx::query_scalar::<_, bool>("select exists (select 1 from staff)").fetch_one(pool))?)
}

/// Enabled people who can answer clients, by name.
pub async fn colleagues(db: &Db) -> Result<Vec<UserRef>> {
    let rows: Vec<(i64, String)> = read!(db, pool => sqlx::query_as(
        "select id, name from staff where enabled and role in ('operator', 'supervisor', 'administrator')
         order by name, id").fetch_all(pool))?;
    Ok(rows.into_iter().map(|(id, name)| UserRef { id: UserId(id), name }).collect())
}

/// Makes one; the row's id is ignored. `None` when the login is taken.
pub async fn insert(tx: &mut Tx, row: &UserRow) -> Result<Option<UserId>> {
    let id: Option<i64> = write!(tx, conn => sqlx::query_scalar(
        "insert into staff (login, login_key, name, role, password, enabled, created_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (login_key) do nothing returning id")
        .bind(&row.login).bind(&row.login_key).bind(&row.name).bind(row.role.as_str()).bind(&row.password)
        .bind(row.enabled).bind(row.created_at.0)
        .fetch_optional(conn))?;
    Ok(id.map(UserId))
}

/// Writes all that can change. `false` when the login is taken.
pub async fn update(tx: &mut Tx, row: &UserRow) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "update staff set login = $2, login_key = $3, name = $4, role = $5, password = $6, enabled = $7 where id = $1")
        .bind(row.id.0).bind(&row.login).bind(&row.login_key).bind(&row.name).bind(row.role.as_str())
        .bind(&row.password).bind(row.enabled)
        .execute(conn).map_ok(|_| ()));
    match done {
        Ok(()) => Ok(true),
        Err(error) if error.as_database_error().is_some_and(|cause| cause.is_unique_violation()) => Ok(false),
        Err(error) => Err(error).context("changing a user"),
    }
}

/// How many administrators could sign in. Their rows stay locked until the commit, so that two who take each other's
/// role away at the same moment do not both succeed.
pub async fn administrators(tx: &mut Tx) -> Result<i64> {
    write!(tx, conn => sqlx::query("update staff set role = role where role = 'administrator' and enabled")
        .execute(conn).map_ok(|_| ()))?;
    Ok(write!(tx, conn => sqlx::query_scalar("select count(*) from staff where role = 'administrator' and enabled")
        .fetch_one(conn))?)
}

use futures_util::TryFutureExt;
