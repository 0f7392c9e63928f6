//! Chats: the list, its filters, and what each new message changes in it.

use std::collections::HashMap;

use domain::chat::{ChatCounts, ChatFilter, LastMessage};
use domain::list::Cursor;
use domain::user::UserRef;
use domain::{
    AccountId, Chat, ChatId, ChatState, Contact, ContactId, Direction, FileId, Kind, LabelId, MessageId, Moment,
    Origin, Status, UserId,
};
use sqlx::QueryBuilder;

use super::contact::fold;
use super::{Db, Result, Tx, padded, pieces, read, write};
use crate::auth::Sight;

const COLUMNS: &str = "c.id, c.account_id, c.active_at, c.unread, c.first_unread_id, c.unanswered_at, c.assignee_id, \
     c.state, a.name as assignee_name, c.contact_id, k.name as contact_name, k.phone, k.is_group, k.avatar_id, \
     m.id as last_id, m.direction as last_direction, m.origin as last_origin, m.kind as last_kind, \
     substr(m.text, 1, 200) as last_text, m.status as last_status, m.sent_at as last_at, m.deleted_at as last_deleted, \
     (select string_agg(cast(l.label_id as text), ',') from chat_label l where l.chat_id = c.id) as labels \
     from chat c join contact k on k.id = c.contact_id left join message m on m.id = c.last_message_id \
     left join staff a on a.id = c.assignee_id";

#[derive(sqlx::FromRow)]
struct Raw {
    id: i64,
    account_id: i64,
    active_at: i64,
    unread: i32,
    first_unread_id: Option<i64>,
    unanswered_at: Option<i64>,
    assignee_id: Option<i64>,
    state: String,
    assignee_name: Option<String>,
    contact_id: i64,
    contact_name: String,
    phone: Option<String>,
    is_group: bool,
    avatar_id: Option<i64>,
    last_id: Option<i64>,
    last_direction: Option<String>,
    last_origin: Option<String>,
    last_kind: Option<String>,
    last_text: Option<String>,
    last_status: Option<String>,
    last_at: Option<i64>,
    last_deleted: Option<i64>,
    labels: Option<String>,
}

impl From<Raw> for Chat {
    fn from(row: Raw) -> Self {
        let last_message = row.last_id.map(|id| LastMessage {
            id: MessageId(id),
            direction: row.last_direction.as_deref().and_then(Direction::parse).unwrap_or(Direction::In),
            origin: row.last_origin.as_deref().and_then(Origin::parse).unwrap_or(Origin::System),
            kind: row.last_kind.as_deref().and_then(Kind::parse).unwrap_or(Kind::Unsupported),
            text: match row.last_text {
                Some(text) if row.last_deleted.is_none() => domain::text::plain(&text, &[]),
                _ => String::new(),
            },
            deleted: row.last_deleted.is_some(),
            status: row.last_status.as_deref().and_then(Status::parse).unwrap_or(Status::Unknown),
            sent_at: Moment(row.last_at.unwrap_or_default()),
        });
        Self {
            id: ChatId(row.id),
            account: AccountId(row.account_id),
            contact: Contact {
                id: ContactId(row.contact_id),
                name: row.contact_name,
                phone: row.phone,
                group: row.is_group,
                avatar: row.avatar_id.map(FileId),
            },
            last_message,
            active_at: Moment(row.active_at),
            unread: row.unread,
            unanswered: row.unanswered_at.map(Moment),
            first_unread: row.first_unread_id.map(MessageId),
            assignee: row.assignee_id.map(|id| UserRef { id: UserId(id), name: row.assignee_name.unwrap_or_default() }),
            state: ChatState::parse(&row.state).unwrap_or(ChatState::Open),
            labels: labels(row.labels.as_deref().unwrap_or_default()),
        }
    }
}

/// Numbers as the database put them together, in no order of its own.
fn labels(list: &str) -> Vec<LabelId> {
    let mut labels: Vec<_> = list.split(',').filter_map(|id| id.parse().ok()).map(LabelId).collect();
    labels.sort_unstable();
    labels
}

/// Appends the conditions of a filter, all but its text, to a `$query` of `chat c` that ends in a `where` with one
/// condition. Accounts are compared with a plus before them, which keeps SQLite from looking chats up by account and then
/// sorting them all: it is to walk the index of the filter, which holds the account too, in the order of the list.
macro_rules! conditions {
    ($query:expr, $sight:expr, $user:expr, $filter:expr) => {{
        if let Sight::Accounts(accounts) = $sight {
            $query.push(" and +c.account_id in (-1");
            for account in accounts {
                $query.push(", ").push_bind(account.0);
            }
            $query.push(")");
        }
        if let Some(account) = $filter.account {
            // Only then its own index is the one to walk.
            let alone = ChatFilter { account: None, text: None, ..$filter.clone() } == ChatFilter::default();
            $query.push(if alone { " and c.account_id = " } else { " and +c.account_id = " }).push_bind(account.0);
        }
        if $filter.mine {
            $query.push(" and c.state = 'open' and c.assignee_id = ").push_bind($user.0);
        }
        if $filter.unassigned {
            $query.push(" and c.state = 'open' and c.assignee_id is null");
        }
        if $filter.unread {
            $query.push(" and c.unread > 0");
        }
        if $filter.unanswered {
            $query.push(" and c.unanswered_at is not null");
        }
        if $filter.closed {
            $query.push(" and c.state = 'closed'");
        }
        if $filter.groups {
            $query.push(" and c.is_group");
        }
        if $filter.mentioned {
            $query
                .push(" and c.id in (select n.chat_id from mention n where n.seen_at is null and n.user_id = ")
                .push_bind($user.0)
                .push(")");
        }
    }};
}

/// What to look for in `contact.search`: folded; a text of digits and telephone punctuation becomes digits.
fn wanted(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let phone = digits.len() >= 3 && text.chars().all(|c| c.is_ascii_digit() || " +-()\u{a0}".contains(c));
    // A leading 8 stands for 7 in Russia; without it both forms match.
    let wanted = if phone && digits.len() > 3 && digits.starts_with('8') && !text.starts_with('+') {
        digits[1..].to_owned()
    } else if phone {
        digits
    } else {
        fold(text)
    };
    // PostgreSQL takes no NUL.
    wanted.chars().filter(|c| *c != '\0').take(100).collect()
}

/// `%text%` for `like`.
fn pattern(wanted: &str) -> String {
    let mut pattern = String::from("%");
    for c in wanted.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The text as SQLite's index of contacts is asked for it, when that is the quicker way: rare texts are looked up there,
/// and chats with a common one are soon found by walking down the list. Those who see little of the list walk longer.
async fn phrase(db: &Db, sight: &Sight, wanted: &str) -> Result<Option<String>> {
    let Db::Sqlite { read, .. } = db else { return Ok(None) };
    // Of less than three letters the index knows nothing.
    if wanted.chars().nth(2).is_none() {
        return Ok(None);
    }
    let phrase = format!("\"{}\"", wanted.replace('"', "\"\""));
    let common: i64 = if *sight == Sight::All { 1000 } else { 3000 };
    let found: i64 = sqlx::query_scalar(
        "select count(*) from (select 1 from contact_search where contact_search match $1 limit $2) as found",
    )
    .bind(&phrase)
    .bind(common)
    .fetch_one(read)
    .await?;
    Ok((found < common).then_some(phrase))
}

/// One page of the list that a person sees, newest first.
pub async fn list(
    db: &Db,
    sight: &Sight,
    user: UserId,
    filter: &ChatFilter,
    before: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Chat>> {
    let text = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(wanted);
    let phrase = match &text {
        Some(text) => phrase(db, sight, text).await?,
        None => None,
    };
    let common = match filter.label {
        Some(label) => super::label::common(db, label).await?,
        None => false,
    };
    let rows: Vec<Raw> = read!(db, pool => {
        let mut query = QueryBuilder::new("select ");
        // First which chats, by an index alone; what is shown of them is read for these only.
        query.push(COLUMNS).push(" where c.id in (select c.id from chat c");
        match (&text, &phrase) {
            (Some(_), Some(phrase)) => {
                query.push(" where c.contact_id in (select rowid from contact_search where contact_search match ")
                    .push_bind(phrase.as_str()).push(")");
            }
            (Some(text), None) => {
                query.push(" join contact k on k.id = c.contact_id where k.search like ").push_bind(pattern(text))
                    .push(" escape '!'");
            }
            (None, _) => {
                query.push(" where true");
            }
        }
        conditions!(query, sight, user, filter);
        match filter.label {
            Some(label) if common => {
                query.push(" and exists (select 1 from chat_label l where l.chat_id = c.id and l.label_id = ")
                    .push_bind(label.0).push(")");
            }
            Some(label) => {
                query.push(" and c.id in (select l.chat_id from chat_label l where l.label_id = ")
                    .push_bind(label.0).push(")");
            }
            None => {}
        }
        if let Some(before) = before {
            query.push(" and (c.active_at, c.id) < (").push_bind(before.at).push(", ").push_bind(before.id).push(")");
        }
        query.push(" order by c.active_at desc, c.id desc limit ").push_bind(limit)
            .push(") order by c.active_at desc, c.id desc");
        async move { query.build_query_as().fetch_all(pool).await }
    })?;
    Ok(rows.into_iter().map(Chat::from).collect())
}

/// How many chats each filter would show to a person.
pub async fn counts(db: &Db, sight: &Sight, user: UserId) -> Result<ChatCounts> {
    let count = async |filter: ChatFilter| -> Result<i64> {
        Ok(read!(db, pool => {
            let mut query = QueryBuilder::new("select count(*) from chat c");
            query.push(" where true");
            conditions!(query, sight, user, &filter);
            async move { query.build_query_scalar::<i64>().fetch_one(pool).await }
        })?)
    };
    let accounts: Vec<(i64, i64)> = read!(db, pool => {
        let mut query = QueryBuilder::new("select c.account_id, count(*) from chat c where c.unread > 0");
        conditions!(query, sight, user, &ChatFilter::default());
        query.push(" group by c.account_id");
        async move { query.build_query_as().fetch_all(pool).await }
    })?;
    Ok(ChatCounts {
        all: count(ChatFilter::default()).await?,
        mine: count(ChatFilter { mine: true, ..ChatFilter::default() }).await?,
        unassigned: count(ChatFilter { unassigned: true, ..ChatFilter::default() }).await?,
        unread: count(ChatFilter { unread: true, ..ChatFilter::default() }).await?,
        unanswered: count(ChatFilter { unanswered: true, ..ChatFilter::default() }).await?,
        groups: count(ChatFilter { groups: true, ..ChatFilter::default() }).await?,
        closed: count(ChatFilter { closed: true, ..ChatFilter::default() }).await?,
        mentioned: count(ChatFilter { mentioned: true, ..ChatFilter::default() }).await?,
        accounts: accounts.into_iter().map(|(id, count)| (AccountId(id), count)).collect(),
    })
}

/// Chats by id, for the event log.
pub async fn by_ids(db: &Db, ids: &[ChatId]) -> Result<HashMap<ChatId, Chat>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(200) {
        let rows: Vec<Raw> = read!(db, pool => {
            let mut query = QueryBuilder::new("select ");
            query.push(COLUMNS).push(" where c.id in (");
            let mut list = query.separated(", ");
            for id in padded(chunk) {
                list.push_bind(id.0);
            }
            query.push(")");
            async move { query.build_query_as().fetch_all(pool).await }
        })?;
        found.extend(rows.into_iter().map(|row| (ChatId(row.id), Chat::from(row))));
    }
    Ok(found)
}

/// One chat that the person may see.
pub async fn visible(db: &Db, sight: &Sight, id: ChatId) -> Result<Option<Chat>> {
    Ok(by_ids(db, &[id]).await?.remove(&id).filter(|chat| sight.sees(chat.account)))
}

/// The chat of an account with a number, if there is one already.
pub async fn of_phone(db: &Db, account: AccountId, phone: &domain::Phone) -> Result<Option<ChatId>> {
    let id: Option<i64> = read!(db, pool => sqlx::query_scalar(
        "select c.id from contact k join chat c on c.contact_id = k.id
         where k.address in ($2, $3) and c.account_id = $1 limit 1")
        .bind(account.0).bind(format!("wa:{}", phone.digits())).bind(format!("sandbox:{}", phone.digits()))
        .fetch_optional(pool))?;
    Ok(id.map(ChatId))
}

/// A chat's account and how the messenger addresses its other side, inside a transaction.
pub async fn locate(tx: &mut Tx, id: ChatId) -> Result<Option<(AccountId, ContactId, domain::Address)>> {
    let row: Option<(i64, i64, String)> = write!(tx, conn => sqlx::query_as(
        "select c.account_id, k.id, k.address from chat c join contact k on k.id = c.contact_id where c.id = $1")
        .bind(id.0).fetch_optional(conn))?;
    Ok(row.map(|(account, contact, address)| (AccountId(account), ContactId(contact), domain::Address(address))))
}

/// Makes sure that chats exist; answers their ids and which of them are new.
pub async fn ensure(
    tx: &mut Tx,
    wanted: &[(AccountId, ContactId)],
    at: Moment,
) -> Result<HashMap<(AccountId, ContactId), (ChatId, bool)>> {
    let mut found = HashMap::with_capacity(wanted.len());
    for chunk in pieces(wanted) {
        let fresh: Vec<(i64, i64, i64)> = write!(tx, conn => {
            let mut query =
                QueryBuilder::new(
                    "insert into chat (account_id, contact_id, active_at, unread, state, created_at, is_group) ");
            query.push_values(chunk, |mut row, (account, contact)| {
                row.push_bind(account.0).push_bind(contact.0).push("0").push("0").push("'open'").push_bind(at.0)
                    .push("(select is_group from contact where id = ").push_bind_unseparated(contact.0).push_unseparated(")");
            });
            query.push(" on conflict (contact_id, account_id) do nothing returning id, account_id, contact_id");
            async move { query.build_query_as().fetch_all(conn).await }
        })?;
        for (id, account, contact) in fresh {
            found.insert((AccountId(account), ContactId(contact)), (ChatId(id), true));
        }
        let known: Vec<_> = chunk.iter().filter(|key| !found.contains_key(*key)).copied().collect();
        for chunk in pieces(&known) {
            let rows: Vec<(i64, i64, i64)> = write!(tx, conn => {
                // A `cross join` keeps SQLite from reading all chats to look for them among the values.
                let mut query = QueryBuilder::new("select c.id, c.account_id, c.contact_id from (");
                query.push_values(chunk, |mut row, (account, contact)| {
                    row.push_bind(contact.0).push_bind(account.0);
                });
                query.push(") as v cross join chat c where c.contact_id = v.column1 and c.account_id = v.column2");
                async move { query.build_query_as().fetch_all(conn).await }
            })?;
            found.extend(
                rows.into_iter()
                    .map(|(id, account, contact)| ((AccountId(account), ContactId(contact)), (ChatId(id), false))),
            );
        }
    }
    Ok(found)
}

/// What new messages change in a chat.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The chat.
    pub chat: ChatId,
    /// The last of the new messages by (sent_at, id).
    pub last: (Moment, MessageId),
    /// How many more are unread.
    pub unread: i32,
    /// The first of them.
    pub first_unread: Option<MessageId>,
    /// Since when the client waits; `None` when nothing says that it does.
    pub waiting_since: Option<Moment>,
    /// Somebody answered after that.
    pub answered: bool,
    /// The client wrote, so a closed chat opens again.
    pub reopen: bool,
}

/// Applies what new messages change.
pub async fn grow(tx: &mut Tx, growths: &[Growth]) -> Result<()> {
    for chunk in pieces(growths) {
        write!(tx, conn => {
            // The casts tell PostgreSQL the types of the parameters; SQLite does not mind them.
            let mut query = QueryBuilder::new(
                "with v (id, last_at, last_id, unread, first_unread, waiting, answered, reopen) as (values ");
            for (i, growth) in chunk.iter().enumerate() {
                query.push(if i == 0 { "(cast(" } else { ", (cast(" }).push_bind(growth.chat.0)
                    .push(" as bigint), cast(").push_bind(growth.last.0.0)
                    .push(" as bigint), cast(").push_bind(growth.last.1.0)
                    .push(" as bigint), cast(").push_bind(growth.unread)
                    .push(" as integer), cast(").push_bind(growth.first_unread.map(|id| id.0))
                    .push(" as bigint), cast(").push_bind(growth.waiting_since.map(|at| at.0))
                    .push(" as bigint), cast(").push_bind(i32::from(growth.answered))
                    .push(" as integer), cast(").push_bind(i32::from(growth.reopen)).push(" as integer))");
            }
            query.push(
                ") update chat set
                    last_message_id = case when v.last_at >= chat.active_at then v.last_id else chat.last_message_id end,
                    active_at = case when v.last_at >= chat.active_at then v.last_at else chat.active_at end,
                    unread = case when v.answered = 1 then 0 else chat.unread end + v.unread,
                    first_unread_id = case when v.answered = 1 or chat.unread = 0 then v.first_unread
                        else chat.first_unread_id end,
                    unanswered_at = case when v.answered = 1 then v.waiting
                        else coalesce(chat.unanswered_at, v.waiting) end,
                    state = case when v.reopen = 1 then 'open' else chat.state end
                  from v where chat.id = v.id");
            async move { query.build().execute(conn).await.map(|done| done.rows_affected()) }
        })?;
    }
    Ok(())
}

/// Everything up to a message has been seen: what came later is counted anew.
pub async fn mark_read(tx: &mut Tx, chat: ChatId, up_to: MessageId) -> Result<bool> {
    let at: Option<(i64, i64)> = write!(tx, conn => sqlx::query_as(
        "select sent_at, id from message where id = $1 and chat_id = $2").bind(up_to.0).bind(chat.0).fetch_optional(conn))?;
    let Some((at, id)) = at else { return Ok(false) };
    let first: Option<(i64, i64)> = write!(tx, conn => sqlx::query_as(
        "select f.sent_at, f.id from chat c join message f on f.id = c.first_unread_id where c.id = $1 and c.unread > 0")
        .bind(chat.0).fetch_optional(conn))?;
    let Some(first) = first else { return Ok(false) };
    if (at, id) < first {
        return Ok(false);
    }
    // What was read is little beside what a busy chat may hold, so that is what is counted.
    let seen: i64 = write!(tx, conn => sqlx::query_scalar(
        "select count(*) from message where chat_id = $1 and (sent_at, id) >= ($2, $3) and (sent_at, id) <= ($4, $5)
            and direction = 'in'")
        .bind(chat.0).bind(first.0).bind(first.1).bind(at).bind(id).fetch_one(conn))?;
    let next: Option<i64> = write!(tx, conn => sqlx::query_scalar(
        "select id from message where chat_id = $1 and (sent_at, id) > ($2, $3) and direction = 'in'
         order by sent_at, id limit 1").bind(chat.0).bind(at).bind(id).fetch_optional(conn))?;
    write!(tx, conn => sqlx::query(
        "update chat set first_unread_id = $2,
            unread = case when $2 is null then 0 when unread > $3 then unread - $3 else 1 end where id = $1")
        .bind(chat.0).bind(next).bind(i32::try_from(seen).unwrap_or(i32::MAX))
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(true)
}

/// Shows a chat as unread again, from the client's last words on, or from the last words at all. `false` when it is unread
/// already, or empty.
pub async fn mark_unread(tx: &mut Tx, chat: ChatId) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "update chat set unread = 1, first_unread_id = coalesce(
            (select id from message where chat_id = $1 and direction = 'in' order by sent_at desc, id desc limit 1),
            last_message_id)
         where id = $1 and unread = 0 and last_message_id is not null")
        .bind(chat.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Gives a chat to somebody or to nobody.
pub async fn assign(tx: &mut Tx, chat: ChatId, user: Option<UserId>) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "update chat set assignee_id = $2 where id = $1 and coalesce(assignee_id, -1) <> coalesce($2, -1)")
        .bind(chat.0).bind(user.map(|id| id.0)).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// The first to answer takes a chat that nobody has.
pub async fn assign_if_free(tx: &mut Tx, chat: ChatId, user: UserId) -> Result<()> {
    write!(tx, conn => sqlx::query("update chat set assignee_id = $2 where id = $1 and assignee_id is null")
        .bind(chat.0).bind(user.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Closes or reopens. A closed chat waits for nobody.
pub async fn set_closed(tx: &mut Tx, chat: ChatId, closed: bool) -> Result<bool> {
    let state = if closed { ChatState::Closed } else { ChatState::Open };
    let done = write!(tx, conn => sqlx::query(
        "update chat set state = $2, unanswered_at = case when $2 = 'closed' then null else unanswered_at end
         where id = $1 and state <> $2")
        .bind(chat.0).bind(state.as_str()).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// Brings a new, still empty chat to the top of the list.
pub async fn bring_up(tx: &mut Tx, chat: ChatId, at: Moment) -> Result<()> {
    write!(tx, conn => sqlx::query("update chat set active_at = $2 where id = $1").bind(chat.0).bind(at.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

/// Nobody waits any more.
pub async fn settle(tx: &mut Tx, chat: ChatId) -> Result<bool> {
    let done = write!(tx, conn => sqlx::query(
        "update chat set unanswered_at = null where id = $1 and unanswered_at is not null")
        .bind(chat.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// The chats of a contact.
pub async fn of_contact(tx: &mut Tx, contact: ContactId) -> Result<Vec<(ChatId, AccountId)>> {
    let rows: Vec<(i64, i64)> = write!(tx, conn => sqlx::query_as("select id, account_id from chat where contact_id = $1")
        .bind(contact.0).fetch_all(conn))?;
    Ok(rows.into_iter().map(|(id, account)| (ChatId(id), AccountId(account))).collect())
}

/// Removes an account's chats with everything in them, and the contacts that nobody else knows: only for the sandbox.
pub async fn purge(tx: &mut Tx, account: AccountId) -> Result<()> {
    const STEPS: [&str; 16] = [
        "delete from job where account_id = $1",
        "delete from attempt where message_id in (select id from message where account_id = $1)",
        "delete from message_step where message_id in (select id from message where account_id = $1)",
        "delete from message_version where message_id in (select id from message where account_id = $1)",
        "delete from draft where chat_id in (select id from chat where account_id = $1)",
        "delete from later where account_id = $1",
        "delete from mention where account_id = $1",
        "delete from star where account_id = $1",
        "delete from pin where chat_id in (select id from chat where account_id = $1)",
        "delete from chat_label where chat_id in (select id from chat where account_id = $1)",
        "update contact set avatar_id = null where address like 'sandbox:%' and id in
            (select contact_id from chat where account_id = $1)",
        "delete from file where account_id = $1",
        "update chat set last_message_id = null, first_unread_id = null where account_id = $1",
        "delete from message where account_id = $1",
        "delete from chat where account_id = $1",
        "delete from journal where account_id = $1",
    ];
    for sql in STEPS {
        write!(tx, conn => sqlx::query(sql).bind(account.0).execute(conn).map_ok(|done| done.rows_affected()))?;
    }
    write!(tx, conn => sqlx::query(
        "delete from contact where address like 'sandbox:%' and not exists (select 1 from chat where contact_id = contact.id)")
        .execute(conn).map_ok(|done| done.rows_affected()))?;
    Ok(())
}

use futures_util::TryFutureExt;
