//! What of an account's past is still to be read from its provider: one row a conversation, so that a restart goes on
//! where it stopped.

use domain::{AccountId, Address, Moment};

use super::{Db, Result, Tx, read, write};

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Chapter {
    /// Whose.
    pub account_id: i64,
    /// The conversation; empty: the list of conversations itself.
    pub address: String,
    /// Tries so far.
    pub attempts: i32,
}

/// Asks for an account's past from the beginning. What has been read already does no harm when it is read again.
pub async fn begin(tx: &mut Tx, account: AccountId, at: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "insert into history (account_id, address, turn, run_at, attempts) values ($1, '', 0, $2, 0)
         on conflict (account_id, address) do update set run_at = excluded.run_at, attempts = 0")
        .bind(account.0).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// The list is known: each of its conversations waits to be read.
pub async fn plan(tx: &mut Tx, account: AccountId, addresses: &[Address], at: Moment) -> Result<()> {
    for (turn, address) in (1i32..).zip(addresses) {
        write!(tx, conn => sqlx::query(
            "insert into history (account_id, address, turn, run_at, attempts) values ($1, $2, $3, $4, 0)
             on conflict (account_id, address) do update set run_at = excluded.run_at, attempts = 0")
            .bind(account.0).bind(&address.0).bind(turn).bind(at.0)
            .execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    done(tx, account, "").await
}

/// One thing has been read, or never will be.
pub async fn done(tx: &mut Tx, account: AccountId, address: &str) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from history where account_id = $1 and address = $2")
        .bind(account.0).bind(address).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// The account's past is not read any further.
pub async fn stop(tx: &mut Tx, account: AccountId) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from history where account_id = $1")
        .bind(account.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// It did not work; again then. `counts`: whether it was a try.
pub async fn postpone(tx: &mut Tx, account: AccountId, address: &str, at: Moment, counts: bool) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "update history set run_at = $3, attempts = attempts + $4 where account_id = $1 and address = $2")
        .bind(account.0).bind(address).bind(at.0).bind(i32::from(counts)).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// The next thing to read of each account that has one due.
pub async fn due(db: &Db, now: Moment) -> Result<Vec<Chapter>> {
    Ok(read!(db, pool => sqlx::query_as(
        "select h.account_id, h.address, h.attempts from history h
         where h.run_at <= $1 and not exists (
            select 1 from history e where e.account_id = h.account_id and e.run_at <= $1
                and (e.turn < h.turn or (e.turn = h.turn and e.address < h.address)))
         order by h.account_id")
        .bind(now.0).fetch_all(pool))?)
}

/// How many conversations of an account are still to be read.
pub async fn left(db: &Db, account: AccountId) -> Result<i64> {
    Ok(read!(db, pool => sqlx::query_scalar("select count(*) from history where account_id = $1")
        .bind(account.0).fetch_one(pool))?)
}

use futures_util::TryFutureExt;
