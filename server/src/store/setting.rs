//! Settings of the installation that are kept in the database: a name and a text.

use super::{Db, Result, Tx, read, write};

/// The text of a name.
pub async fn get(db: &Db, key: &str) -> Result<Option<String>> {
    Ok(
        read!(db, pool => sqlx::query_scalar("select value from setting where key = $1").bind(key).fetch_optional(pool))?,
    )
}

/// Writes a text.
pub async fn put(tx: &mut Tx, key: &str, value: &str) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "insert into setting (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value")
        .bind(key).bind(value).execute(conn).map_ok(|_| ()))?;
    Ok(())
}

/// Writes a text unless the name has one. Of several who try at once exactly one is told `true`.
pub async fn claim(tx: &mut Tx, key: &str, value: &str) -> Result<bool> {
    let written = write!(tx, conn => sqlx::query(
        "insert into setting (key, value) values ($1, $2) on conflict (key) do nothing")
        .bind(key).bind(value).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(written > 0)
}

use futures_util::TryFutureExt;
