//! Which process does what. A lease runs out by itself when its holder dies.

use domain::Moment;

use super::{Db, Result, Tx, read, write};

/// Takes or renews a lease, if it is free, run out, or ours. Answers whether we hold it.
pub async fn take(tx: &mut Tx, name: &str, holder: &str, now: Moment, until: Moment) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "insert into lease (name, holder, until) values ($1, $2, $4)
         on conflict (name) do update set holder = excluded.holder, until = excluded.until
         where lease.holder = excluded.holder or lease.until <= $3")
        .bind(name).bind(holder).bind(now.0).bind(until.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Gives a lease back.
pub async fn release(tx: &mut Tx, name: &str, holder: &str) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from lease where name = $1 and holder = $2")
        .bind(name).bind(holder).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Forgets all leases: for a database that only one process can have.
pub async fn clear(tx: &mut Tx) -> Result<()> {
    write!(tx, conn => sqlx::query("delete from lease").execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// How many processes are alive.
pub async fn nodes(db: &Db, now: Moment) -> Result<i64> {
    Ok(read!(db, pool => sqlx::query_scalar("select count(*) from lease where name like 'node:%' and until > $1")
        .bind(now.0).fetch_one(pool))?)
}

use futures_util::TryFutureExt;
