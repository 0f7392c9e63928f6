//! Labels and the chats that have them.

use domain::label::{Colour, Label, LabelInput};
use domain::{ChatId, LabelId};

use super::contact::fold;
use super::{Db, Result, Tx, read, write};

/// All labels by name.
pub async fn all(db: &Db) -> Result<Vec<Label>> {
    let rows: Vec<(i64, String, String)> =
        read!(db, pool => sqlx::query_as("select id, name, colour from label order by name_key").fetch_all(pool))?;
    Ok(rows
        .into_iter()
        .map(|(id, name, colour)| Label {
            id: LabelId(id),
            name,
            colour: Colour::parse(&colour).unwrap_or(Colour::Grey),
        })
        .collect())
}

/// How many there are.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    Ok(write!(tx, conn => sqlx::query_scalar("select count(*) from label").fetch_one(conn))?)
}

/// Makes one. `None` when the name is taken.
pub async fn insert(tx: &mut Tx, input: &LabelInput) -> Result<Option<LabelId>> {
    let id: Option<i64> = write!(tx, conn => sqlx::query_scalar(
        "insert into label (name, name_key, colour) values ($1, $2, $3) on conflict do nothing returning id")
        .bind(&input.name).bind(fold(&input.name)).bind(input.colour.as_str()).fetch_optional(conn))?;
    Ok(id.map(LabelId))
}

/// Whether there is such a label.
pub async fn exists(tx: &mut Tx, id: LabelId) -> Result<bool> {
    Ok(write!(tx, conn => sqlx::query_scalar::<_, i64>("select count(*) from label where id = $1")
        .bind(id.0).fetch_one(conn))?
        > 0)
}

/// Changes one. `false` when the name is taken.
pub async fn update(tx: &mut Tx, id: LabelId, input: &LabelInput) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "update label set name = $2, name_key = $3, colour = $4
         where id = $1 and not exists (select 1 from label o where o.name_key = $3 and o.id <> $1)")
        .bind(id.0).bind(&input.name).bind(fold(&input.name)).bind(input.colour.as_str())
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Removes one from all chats and altogether.
pub async fn delete(tx: &mut Tx, id: LabelId) -> Result<()> {
    for sql in ["delete from chat_label where label_id = $1", "delete from label where id = $1"] {
        write!(tx, conn => sqlx::query(sql).bind(id.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    Ok(())
}

/// Puts a label on a chat or takes it off. `false` when it was so already.
pub async fn set(tx: &mut Tx, chat: ChatId, label: LabelId, on: bool) -> Result<bool> {
    let sql = if on {
        "insert into chat_label (chat_id, label_id) values ($1, $2) on conflict do nothing"
    } else {
        "delete from chat_label where chat_id = $1 and label_id = $2"
    };
    let done = write!(tx, conn => sqlx::query(sql).bind(chat.0).bind(label.0)
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Whether a label is on so many chats that they are found sooner by walking down the list than by the label.
pub async fn common(db: &Db, id: LabelId) -> Result<bool> {
    const MANY: i64 = 1_000;
    let found: i64 = read!(db, pool => sqlx::query_scalar(
        "select count(*) from (select 1 from chat_label where label_id = $1 limit $2) as found")
        .bind(id.0).bind(MANY).fetch_one(pool))?;
    Ok(found >= MANY)
}

use futures_util::TryFutureExt;
