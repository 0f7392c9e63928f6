//! Contacts: people and groups as the messenger knows them.

use std::collections::{HashMap, HashSet};

use domain::{Address, ContactId, FileId, Moment};

use super::{Db, Result, Tx, pieces, read, write};

/// A contact as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ContactRow {
    /// Its id.
    pub id: i64,
    /// How the messenger addresses it.
    pub address: String,
    /// What the messenger calls it.
    pub name: String,
    /// Its phone.
    pub phone: Option<String>,
    /// Whether it is a group.
    pub is_group: bool,
    /// Its picture.
    pub avatar_id: Option<i64>,
    /// When the picture was last asked for.
    pub avatar_at: Option<i64>,
}

/// Folds a text for searching: databases fold ASCII only.
pub fn fold(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

fn search_text(address: &Address, name: &str) -> String {
    match address.phone() {
        Some(phone) => format!("{} {}", fold(name), phone.digits()),
        None => fold(name),
    }
}

/// Makes sure that contacts exist; answers their ids. A name fills an empty one and never replaces another.
pub async fn ensure(tx: &mut Tx, wanted: &[(Address, String)]) -> Result<HashMap<Address, ContactId>> {
    let mut found = HashMap::with_capacity(wanted.len());
    // Most are known, and a row that is not written costs no page.
    let mut named = HashSet::new();
    for chunk in pieces(wanted) {
        let rows: Vec<(i64, String, bool)> = write!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new("select id, address, name <> '' from contact where address in (");
            let mut list = query.separated(", ");
            for (address, _) in chunk {
                list.push_bind(address.0.as_str());
            }
            query.push(")");
            async move { query.build_query_as().fetch_all(conn).await }
        })?;
        for (id, address, has_name) in rows {
            if has_name {
                named.insert(id);
            }
            found.insert(Address(address), ContactId(id));
        }
    }
    let missing: Vec<&(Address, String)> = wanted
        .iter()
        .filter(|(address, name)| {
            found.get(address).is_none_or(|id: &ContactId| !name.is_empty() && !named.contains(&id.0))
        })
        .collect();
    for chunk in pieces(&missing) {
        let rows: Vec<(i64, String)> = write!(tx, conn => {
            let mut query = sqlx::QueryBuilder::new("insert into contact (address, name, phone, is_group, search) ");
            query.push_values(chunk, |mut row, (address, name)| {
                row.push_bind(address.0.as_str()).push_bind(name.as_str())
                    .push_bind(address.phone().map(|phone| phone.digits().to_owned()))
                    .push_bind(address.is_group()).push_bind(search_text(address, name));
            });
            query.push(
                " on conflict (address) do update set
                    search = case when contact.name = '' then excluded.search else contact.search end,
                    name = case when contact.name = '' then excluded.name else contact.name end
                  returning id, address");
            async move { query.build_query_as().fetch_all(conn).await }
        })?;
        found.extend(rows.into_iter().map(|(id, address)| (Address(address), ContactId(id))));
    }
    Ok(found)
}

/// Sets what the messenger calls a contact. Answers whether that changed.
pub async fn rename(tx: &mut Tx, id: ContactId, address: &Address, name: &str) -> Result<bool> {
    let changed = write!(tx, conn => sqlx::query(
        "update contact set name = $2, search = $3 where id = $1 and name <> $2")
        .bind(id.0).bind(name).bind(search_text(address, name)).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(changed > 0)
}

/// Sets the picture and when it was asked for.
pub async fn set_avatar(tx: &mut Tx, id: ContactId, avatar: Option<FileId>, at: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "update contact set avatar_id = coalesce($2, avatar_id), avatar_at = $3 where id = $1")
        .bind(id.0).bind(avatar.map(|id| id.0)).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// One contact.
pub async fn get(db: &Db, id: ContactId) -> Result<Option<ContactRow>> {
    Ok(read!(db, pool => sqlx::query_as(
        "select id, address, name, phone, is_group, avatar_id, avatar_at from contact where id = $1")
        .bind(id.0).fetch_optional(pool))?)
}

/// One contact by its address, inside a transaction.
pub async fn by_address(tx: &mut Tx, address: &Address) -> Result<Option<ContactRow>> {
    Ok(write!(tx, conn => sqlx::query_as(
        "select id, address, name, phone, is_group, avatar_id, avatar_at from contact where address = $1")
        .bind(&address.0).fetch_optional(conn))?)
}

use futures_util::TryFutureExt;
