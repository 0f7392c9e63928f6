//! Attachments and pictures of contacts: what they are and whose. The bytes are in `files`.

use std::collections::{HashMap, HashSet};

use domain::fact::RemoteFile;
use domain::{AccountId, ChatId, File, FileId, FileState, MessageId, Moment, UserId};
use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

use super::{Db, Result, Tx, read, write};
use crate::auth::Sight;
use crate::ledger::now;

const COLUMNS: &str = "f.id, f.blob, f.name, f.mime, f.size, f.width, f.height, f.state, f.owner_id, f.account_id, \
     f.chat_id, f.message_id, f.remote from file f";

/// A file as it is kept.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FileRow {
    /// Its id.
    pub id: i64,
    /// SHA-256 of its bytes, once they are here.
    pub blob: Option<String>,
    /// Its name.
    pub name: String,
    /// What it is.
    pub mime: String,
    /// Bytes; 0 while unknown.
    pub size: i64,
    /// Pixels.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
    state: String,
    /// Who uploaded it.
    pub owner_id: Option<i64>,
    /// The account it came or went through.
    pub account_id: Option<i64>,
    /// Its chat.
    pub chat_id: Option<i64>,
    /// Its message; absent for uploads not sent yet and for pictures of contacts.
    pub message_id: Option<i64>,
    /// Where the provider keeps it. Untrusted.
    pub remote: Option<String>,
}

impl FileRow {
    /// Whether its bytes are here.
    pub fn state(&self) -> FileState {
        match self.state.as_str() {
            "ready" => FileState::Ready,
            "failed" => FileState::Failed,
            _ => FileState::Pending,
        }
    }
}

impl From<FileRow> for File {
    fn from(row: FileRow) -> Self {
        Self {
            id: FileId(row.id),
            state: row.state(),
            name: row.name,
            mime: row.mime,
            size: row.size,
            width: row.width,
            height: row.height,
        }
    }
}

/// What is known of bytes that are here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// SHA-256, hexadecimal.
    pub blob: String,
    /// What it is.
    pub mime: String,
    /// Bytes.
    pub size: i64,
    /// Pixels, for pictures.
    pub width: Option<i32>,
    /// Pixels.
    pub height: Option<i32>,
}

/// Keeps an upload of somebody, not yet of any message.
pub async fn insert_upload(tx: &mut Tx, owner: UserId, name: &str, known: &Known, at: Moment) -> Result<FileId> {
    let id: i64 = write!(tx, conn => sqlx::query_scalar(
        "insert into file (blob, name, mime, size, width, height, state, owner_id, position, created_at)
         values ($1, $2, $3, $4, $5, $6, 'ready', $7, 0, $8) returning id")
        .bind(&known.blob).bind(name).bind(&known.mime).bind(known.size).bind(known.width).bind(known.height)
        .bind(owner.0).bind(at.0).fetch_one(conn))?;
    Ok(FileId(id))
}

/// Keeps a file that is still at the provider.
pub async fn insert_remote(
    tx: &mut Tx,
    account: AccountId,
    chat: ChatId,
    message: MessageId,
    position: i32,
    remote: &RemoteFile,
) -> Result<FileId> {
    let id: i64 = write!(tx, conn => sqlx::query_scalar(
        "insert into file (name, mime, size, state, account_id, chat_id, message_id, position, remote, created_at)
         values ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9) returning id")
        .bind(clip_name(&remote.name)).bind(clip_mime(&remote.mime)).bind(remote.size.unwrap_or(0).max(0))
        .bind(account.0).bind(chat.0).bind(message.0).bind(position).bind(&remote.reference).bind(now().0)
        .fetch_one(conn))?;
    Ok(FileId(id))
}

/// Keeps the picture of a contact: of an account, of no message.
pub async fn insert_avatar(tx: &mut Tx, account: AccountId, known: &Known, at: Moment) -> Result<FileId> {
    let id: i64 = write!(tx, conn => sqlx::query_scalar(
        "insert into file (blob, name, mime, size, width, height, state, account_id, position, created_at)
         values ($1, '', $2, $3, $4, $5, 'ready', $6, 0, $7) returning id")
        .bind(&known.blob).bind(&known.mime).bind(known.size).bind(known.width).bind(known.height)
        .bind(account.0).bind(at.0).fetch_one(conn))?;
    Ok(FileId(id))
}

/// Copies a message's attachments as uploads of somebody, to be sent on. Those whose bytes are not here are left out.
pub async fn copy(tx: &mut Tx, message: MessageId, owner: UserId, at: Moment) -> Result<Vec<FileId>> {
    let ids: Vec<i64> = write!(tx, conn => sqlx::query_scalar(
        "insert into file (blob, name, mime, size, width, height, state, owner_id, position, created_at)
         select blob, name, mime, size, width, height, 'ready', $2, position, $3 from file
         where message_id = $1 and state = 'ready' order by position returning id")
        .bind(message.0).bind(owner.0).bind(at.0).fetch_all(conn))?;
    Ok(ids.into_iter().map(FileId).collect())
}

/// Keeps the picture of a link's preview: of a message, but none of its attachments.
pub async fn insert_picture(
    tx: &mut Tx,
    account: AccountId,
    chat: ChatId,
    message: MessageId,
    known: &Known,
    at: Moment,
) -> Result<FileId> {
    let id: i64 = write!(tx, conn => sqlx::query_scalar(
        "insert into file (blob, name, mime, size, width, height, state, account_id, chat_id, message_id, position,
            created_at) values ($1, '', $2, $3, $4, $5, 'ready', $6, $7, $8, 0, $9) returning id")
        .bind(&known.blob).bind(&known.mime).bind(known.size).bind(known.width).bind(known.height)
        .bind(account.0).bind(chat.0).bind(message.0).bind(at.0).fetch_one(conn))?;
    Ok(FileId(id))
}

/// What of these is an upload of somebody that has not been sent yet, with its type, in the order given.
pub async fn uploads(tx: &mut Tx, owner: UserId, ids: &[FileId]) -> Result<Vec<(FileId, String)>> {
    let mut found = Vec::with_capacity(ids.len());
    for &id in ids {
        let mime: Option<String> = write!(tx, conn => sqlx::query_scalar(
            "select mime from file where id = $1 and owner_id = $2 and message_id is null and state = 'ready'")
            .bind(id.0).bind(owner.0).fetch_optional(conn))?;
        found.extend(mime.map(|mime| (id, mime)));
    }
    Ok(found)
}

/// Makes uploads a message's attachments. Answers how many were: fewer when one is not this person's, or was sent before.
pub async fn attach(
    tx: &mut Tx,
    owner: UserId,
    ids: &[FileId],
    account: AccountId,
    chat: ChatId,
    message: MessageId,
) -> Result<u64> {
    let mut taken = 0;
    for (position, id) in (0i32..).zip(ids) {
        taken += write!(tx, conn => sqlx::query(
            "update file set account_id = $3, chat_id = $4, message_id = $5, position = $6
             where id = $1 and owner_id = $2 and message_id is null and state = 'ready'")
            .bind(id.0).bind(owner.0).bind(account.0).bind(chat.0).bind(message.0).bind(position)
            .execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    Ok(taken)
}

/// Removes what no message ever took and no contact shows: uploads that were not sent and portraits that were replaced,
/// if they came before a moment. At most `limit` at once.
pub async fn remove_loose(tx: &mut Tx, before: Moment, limit: i64) -> Result<u64> {
    Ok(write!(tx, conn => sqlx::query(
        "delete from file where message_id is null and id in (
            select f.id from file f where f.message_id is null and f.created_at < $1
                and not exists (select 1 from contact k where k.avatar_id = f.id) order by f.created_at limit $2)")
        .bind(before.0).bind(limit).execute(conn).map_ok(|done| done.rows_affected()))?)
}

/// Which of these bytes any file names.
pub async fn named(db: &Db, hashes: &[String]) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for chunk in hashes.chunks(200) {
        let named: Vec<String> = read!(db, pool => {
            let mut query = QueryBuilder::new("select distinct blob from file where blob in (");
            let mut list = query.separated(", ");
            for hash in chunk {
                list.push_bind(hash);
            }
            query.push(")");
            async move { query.build_query_scalar().fetch_all(pool).await }
        })?;
        found.extend(named);
    }
    Ok(found)
}

/// Writes that a file's bytes are here.
pub async fn set_ready(tx: &mut Tx, id: FileId, known: &Known) -> Result<()> {
    write!(tx, conn => sqlx::query(
        "update file set blob = $2, mime = $3, size = $4, width = $5, height = $6, state = 'ready', error = null
         where id = $1")
        .bind(id.0).bind(&known.blob).bind(&known.mime).bind(known.size).bind(known.width).bind(known.height)
        .execute(conn).map_ok(|_| ()))?;
    Ok(())
}

/// Writes that a file could not be fetched, and why.
pub async fn set_failed(tx: &mut Tx, id: FileId, error: &str) -> Result<()> {
    write!(tx, conn => sqlx::query("update file set state = 'failed', error = $2 where id = $1 and state <> 'ready'")
        .bind(id.0).bind(error).execute(conn).map_ok(|_| ()))?;
    Ok(())
}

/// Writes that a file will be fetched again. `false` when it is here, or nobody knows from where.
pub async fn ask_again(tx: &mut Tx, id: FileId) -> Result<bool> {
    let changed = write!(tx, conn => sqlx::query(
        "update file set state = 'pending', error = null where id = $1 and state = 'failed' and remote is not null")
        .bind(id.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(changed > 0)
}

/// The message that a file is attached to.
pub async fn place(db: &Db, id: FileId) -> Result<Option<(AccountId, ChatId, MessageId)>> {
    let row: Option<(i64, i64, i64)> = read!(db, pool => sqlx::query_as(PLACE).bind(id.0).fetch_optional(pool))?;
    Ok(row.map(|(account, chat, message)| (AccountId(account), ChatId(chat), MessageId(message))))
}

/// The same inside a transaction.
pub async fn placed(tx: &mut Tx, id: FileId) -> Result<Option<(AccountId, ChatId, MessageId)>> {
    let row: Option<(i64, i64, i64)> = write!(tx, conn => sqlx::query_as(PLACE).bind(id.0).fetch_optional(conn))?;
    Ok(row.map(|(account, chat, message)| (AccountId(account), ChatId(chat), MessageId(message))))
}

const PLACE: &str = "select account_id, chat_id, message_id from file where id = $1 and message_id is not null";

/// A file whose bytes are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256, hexadecimal.
    pub hash: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub mime: String,
    /// Bytes.
    pub size: u64,
}

/// The first attachment of a message, if its bytes are here.
pub async fn bytes_of_message(db: &Db, message: MessageId) -> Result<Option<Kept>> {
    let row: Option<(String, String, String, i64)> = read!(db, pool => sqlx::query_as(
        "select blob, name, mime, size from file where message_id = $1 and state = 'ready' and blob is not null
         order by position, id limit 1")
        .bind(message.0).fetch_optional(pool))?;
    Ok(row.map(|(hash, name, mime, size)| Kept { hash, name, mime, size: size.unsigned_abs() }))
}

/// One file, for workers.
pub async fn get(db: &Db, id: FileId) -> Result<Option<FileRow>> {
    let sql = sqlx::AssertSqlSafe(format!("select {COLUMNS} where f.id = $1"));
    Ok(read!(db, pool => sqlx::query_as(sql).bind(id.0).fetch_optional(pool))?)
}

/// One file that a person may see: of a message in an account of theirs, their own upload not sent yet, or the picture of
/// a contact with whom any account of theirs has a chat.
pub async fn visible(db: &Db, sight: &Sight, user: UserId, id: FileId) -> Result<Option<FileRow>> {
    let Some(row) = get(db, id).await? else { return Ok(None) };
    if row.account_id.is_some_and(|account| sight.sees(AccountId(account))) {
        return Ok(Some(row));
    }
    let theirs = match (row.message_id, row.account_id) {
        (Some(_), _) => false,
        (None, None) => row.owner_id == Some(user.0),
        (None, Some(_)) => knows_picture(db, sight, id).await?,
    };
    Ok(Some(row).filter(|_| theirs))
}

async fn knows_picture(db: &Db, sight: &Sight, id: FileId) -> Result<bool> {
    let accounts: Vec<i64> = read!(db, pool => sqlx::query_scalar(
        "select distinct c.account_id from contact k join chat c on c.contact_id = k.id where k.avatar_id = $1")
        .bind(id.0).fetch_all(pool))?;
    Ok(accounts.into_iter().any(|account| sight.sees(AccountId(account))))
}

/// The attachments of messages, in their order.
pub async fn for_messages(db: &Db, messages: &[MessageId]) -> Result<HashMap<MessageId, Vec<File>>> {
    let mut found: HashMap<MessageId, Vec<File>> = HashMap::new();
    for chunk in messages.chunks(200) {
        let rows: Vec<FileRow> = read!(db, pool => {
            let mut query = QueryBuilder::new("select ");
            query.push(COLUMNS).push(" where f.message_id in (");
            let mut list = query.separated(", ");
            for id in chunk {
                list.push_bind(id.0);
            }
            query.push(") order by f.message_id, f.position, f.id");
            async move { query.build_query_as().fetch_all(pool).await }
        })?;
        for row in rows {
            if let Some(message) = row.message_id {
                found.entry(MessageId(message)).or_default().push(row.into());
            }
        }
    }
    Ok(found)
}

/// A name as it is kept: without folders and control characters, at most [`domain::file::MAX_NAME`] characters, cut
/// before the extension.
pub fn clip_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = name.chars().filter(|c| !c.is_control()).collect();
    let clean = clean.trim();
    let length = clean.chars().count();
    if length <= domain::file::MAX_NAME {
        return clean.to_owned();
    }
    let extension = match clean.rsplit_once('.') {
        Some((_, end)) if (1..=10).contains(&end.chars().count()) => format!(".{end}"),
        _ => String::new(),
    };
    let stem: String = clean.chars().take(domain::file::MAX_NAME - extension.chars().count()).collect();
    stem + &extension
}

/// A type as it is kept: two words of the characters that RFC 6838 allows, without parameters.
pub fn clip_mime(mime: &str) -> String {
    let bare = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let fits = bare.len() <= 100 && bare.split_once('/').is_some_and(|(kind, rest)| word(kind) && word(rest));
    if fits { bare } else { "application/octet-stream".to_owned() }
}

use futures_util::TryFutureExt;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_folders_and_are_cut_before_the_extension() {
        assert_eq!(clip_name("../../etc/passwd"), "passwd");
        assert_eq!(clip_name("C:\\Документы\\счёт.pdf"), "счёт.pdf");
        assert_eq!(clip_name("a\r\nb\u{0}.txt"), "ab.txt");
        let long = clip_name(&format!("{}.docx", "ю".repeat(10_000)));
        assert_eq!(long.chars().count(), 200);
        assert!(long.ends_with("ю.docx"));
        assert_eq!(clip_name(&"я".repeat(10_000)).chars().count(), 200);
    }

    #[test]
    fn strange_types_become_bytes() {
        assert_eq!(clip_mime("Audio/OGG; codecs=opus"), "audio/ogg");
        for bad in ["", "x", "text/<script>\n", "a b/c"] {
            assert_eq!(clip_mime(bad), "application/octet-stream", "{bad}");
        }
    }
}
