//! Where people are signed in, and the keys of programmes. Of each secret only its SHA-256 is kept.

use domain::user::{ApiKey, Session};
use domain::{ApiKeyId, Moment, UserId};

use super::{Db, Result, Tx, read, write};

/// A session about to be kept.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Its public name.
    pub id: &'a str,
    /// SHA-256 of the cookie.
    pub token_hash: &'a str,
    /// Whose.
    pub user: UserId,
    /// When it begins.
    pub at: Moment,
    /// When it ends unless it is used.
    pub expires_at: Moment,
    /// The address it came from.
    pub ip: &'a str,
    /// The browser, as it calls itself.
    pub user_agent: &'a str,
}

/// A session that a cookie proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Its public name.
    pub id: String,
    /// Whose.
    pub user: UserId,
    /// When it was last used.
    pub seen_at: Moment,
}

/// Keeps a session.
pub async fn insert(tx: &mut Tx, new: &NewSession<'_>) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "insert into session (id, token_hash, user_id, created_at, seen_at, expires_at, ip, user_agent)
         values ($1, $2, $3, $4, $4, $5, $6, $7)")
        .bind(new.id).bind(new.token_hash).bind(new.user.0).bind(new.at.0).bind(new.expires_at.0).bind(new.ip)
        .bind(new.user_agent).execute(conn).map_ok(|_| ()))?;
    Ok(())
}

/// The living session of a cookie's hash.
pub async fn by_token(db: &Db, token_hash: &str, now: Moment) -> Result<Option<Proven>> {
    let row: Option<(String, i64, i64)> = read!(db, pool => sqlx::query_as(
        "select id, user_id, seen_at from session where token_hash = $1 and expires_at > $2")
        .bind(token_hash).bind(now.0).fetch_optional(pool))?;
    Ok(row.map(|(id, user, seen)| Proven { id, user: UserId(user), seen_at: Moment(seen) }))
}

/// Whether a session of this name is still alive.
pub async fn alive(db: &Db, id: &str, now: Moment) -> Result<bool> {
    Ok(read!(db, pool => sqlx::query_scalar::<_, bool>(
        "select exists (select 1 from session where id = $1 and expires_at > $2)")
        .bind(id).bind(now.0).fetch_one(pool))?)
}

/// Notes that a session was used.
pub async fn touch(tx: &mut Tx, id: &str, seen_at: Moment, expires_at: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query("update session set seen_at = $2, expires_at = $3 where id = $1")
        .bind(id).bind(seen_at.0).bind(expires_at.0).execute(conn).map_ok(|_| ()))?;
    Ok(())
}

/// A person's living sessions, the last used first.
pub async fn list(db: &Db, user: UserId, current: Option<&str>, now: Moment) -> Result<Vec<Session>> {
    let rows: Vec<(String, i64, i64, String, String)> = read!(db, pool => sqlx::query_as(
        "select id, created_at, seen_at, ip, user_agent from session where user_id = $1 and expires_at > $2
         order by seen_at desc, id limit 200")
        .bind(user.0).bind(now.0).fetch_all(pool))?;
    Ok(rows
        .into_iter()
        .map(|(id, created_at, seen_at, ip, user_agent)| Session {
            current: current == Some(id.as_str()),
            created_at: Moment(created_at),
            seen_at: Moment(seen_at),
            id,
            ip,
            user_agent,
        })
        .collect())
}

/// Ends one session of a person. `false` when there is none.
pub async fn end(tx: &mut Tx, user: UserId, id: &str) -> Result<bool> {
    let ended = write!(tx, conn => sqlx::query("delete from session where id = $1 and user_id = $2")
        .bind(id).bind(user.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(ended > 0)
}

/// Ends every session of a person but one.
pub async fn end_all(tx: &mut Tx, user: UserId, but: Option<&str>) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from session where user_id = $1 and id <> $2")
        .bind(user.0).bind(but.unwrap_or_default()).execute(conn).map_ok(|_| ()))?;
    Ok(())
}

/// Keeps a key; what it is for, its beginning and its SHA-256.
pub async fn insert_key(
    tx: &mut Tx,
    user: UserId,
    name: &str,
    prefix: &str,
    hash: &str,
    at: Moment,
) -> Result<ApiKeyId> {
    let id: i64 = write!(tx, conn => sqlx::query_scalar(
        "insert into api_key (user_id, name, prefix, hash, created_at) values ($1, $2, $3, $4, $5) returning id")
        .bind(user.0).bind(name).bind(prefix).bind(hash).bind(at.0).fetch_one(conn))?;
    Ok(ApiKeyId(id))
}

/// Whose key this hash is, which one, and when it was last used.
pub async fn by_key(db: &Db, hash: &str) -> Result<Option<(ApiKeyId, UserId, Option<Moment>)>> {
    let row: Option<(i64, i64, Option<i64>)> = read!(db, pool => sqlx::query_as(
        "select id, user_id, used_at from api_key where hash = $1").bind(hash).fetch_optional(pool))?;
    Ok(row.map(|(id, user, used)| (ApiKeyId(id), UserId(user), used.map(Moment))))
}

/// Whether a key is still there.
pub async fn key_alive(db: &Db, id: ApiKeyId) -> Result<bool> {
    let found: Option<i64> =
        read!(db, pool => sqlx::query_scalar("select id from api_key where id = $1").bind(id.0).fetch_optional(pool))?;
    Ok(found.is_some())
}

/// Notes that a key was used.
pub async fn touch_key(tx: &mut Tx, id: ApiKeyId, at: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query("update api_key set used_at = $2 where id = $1")
        .bind(id.0).bind(at.0).execute(conn).map_ok(|_| ()))?;
    Ok(())
}

/// A person's keys.
pub async fn keys(db: &Db, user: UserId) -> Result<Vec<ApiKey>> {
    let rows: Vec<(i64, String, String, i64, Option<i64>)> = read!(db, pool => sqlx::query_as(
        "select id, name, prefix, created_at, used_at from api_key where user_id = $1 order by id limit 200")
        .bind(user.0).fetch_all(pool))?;
    Ok(rows
        .into_iter()
        .map(|(id, name, prefix, created_at, used_at)| ApiKey {
            id: ApiKeyId(id),
            name,
            prefix,
            created_at: Moment(created_at),
            used_at: used_at.map(Moment),
            key: None,
        })
        .collect())
}

/// Takes a key of a person away. `false` when there is none.
pub async fn delete_key(tx: &mut Tx, user: UserId, id: ApiKeyId) -> Result<bool> {
    let gone = write!(tx, conn => sqlx::query("delete from api_key where id = $1 and user_id = $2")
        .bind(id.0).bind(user.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(gone > 0)
}

/// Takes all keys of a person away.
pub async fn delete_keys(tx: &mut Tx, user: UserId) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from api_key where user_id = $1")
        .bind(user.0).execute(conn).map_ok(|_| ()))?;
    Ok(())
}

/// Forgets sessions that have run out.
pub async fn forget_expired(tx: &mut Tx, now: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from session where expires_at <= $1").bind(now.0)
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
