-- The same tables as migrations/postgres/0001_start.sql; only identity columns and blobs are worded differently.
-- Times are unix milliseconds; words (status, kind, role …) are the texts of the enums in `domain`; JSON is kept as text.

create table staff (
    id integer primary key autoincrement,
    login text not null,
    login_key text not null unique,      -- the login folded by Rust: databases fold ASCII only
    name text not null,
    role text not null,
    password text not null,              -- argon2id, PHC string
    enabled boolean not null,
    created_at bigint not null
);

create table session (
    id text primary key,                 -- public name of the session
    token_hash text not null unique,     -- SHA-256 of the cookie
    user_id bigint not null references staff (id),
    created_at bigint not null,
    seen_at bigint not null,
    expires_at bigint not null,
    ip text not null,
    user_agent text not null
);
create index session_owner on session (user_id);

create table api_key (
    id integer primary key autoincrement,
    user_id bigint not null references staff (id),
    name text not null,
    prefix text not null,
    hash text not null unique,           -- SHA-256 of the key
    created_at bigint not null,
    used_at bigint
);

create table account (
    id integer primary key autoincrement,
    name text not null,
    provider text not null,
    settings text not null,              -- JSON without secrets
    secrets blob not null,              -- JSON of secret settings, encrypted
    receive text not null,
    enabled boolean not null,
    switches text not null,              -- JSON
    everyone boolean not null,
    state text not null,
    state_at bigint,
    trouble text,                        -- JSON
    phone text,
    paused_until bigint,                 -- no sending before this moment
    last_event_at bigint,
    created_at bigint not null,
    deleted_at bigint
);

create table account_user (
    account_id bigint not null references account (id),
    user_id bigint not null references staff (id),
    primary key (account_id, user_id)
);

create table contact (
    id integer primary key autoincrement,
    address text not null unique,        -- domain::Address
    name text not null,                  -- as the messenger calls it
    phone text,
    is_group boolean not null,
    avatar_id bigint,                    -- file
    avatar_at bigint,                    -- when the picture was last asked for
    search text not null                 -- name and phone folded by Rust
);

-- Finds contacts by any three letters or digits of their name and phone. PostgreSQL looks through the table instead.
create virtual table contact_search using fts5 (search, content = 'contact', content_rowid = 'id', tokenize = 'trigram');
create trigger contact_search_insert after insert on contact begin
    insert into contact_search (rowid, search) values (new.id, new.search);
end;
create trigger contact_search_update after update of search on contact when old.search <> new.search begin
    insert into contact_search (contact_search, rowid, search) values ('delete', old.id, old.search);
    insert into contact_search (rowid, search) values (new.id, new.search);
end;
create trigger contact_search_delete after delete on contact begin
    insert into contact_search (contact_search, rowid, search) values ('delete', old.id, old.search);
end;

create table chat (
    id integer primary key autoincrement,
    account_id bigint not null references account (id),
    contact_id bigint not null references contact (id),
    active_at bigint not null,           -- time of the last message: the order of the list
    last_message_id bigint,
    unread integer not null,
    first_unread_id bigint,
    unanswered_at bigint,                -- since when the client waits
    assignee_id bigint references staff (id),
    state text not null,
    is_group boolean not null,           -- as its contact
    created_at bigint not null,
    unique (contact_id, account_id)
);
-- Pages of the list are found in these alone: each holds the order of the list and the account, by which people's sight is
-- cut. A contact's one chat of an account is found through the unique key.
create index chat_list on chat (active_at, id, account_id, contact_id);
create index chat_account on chat (account_id, active_at, id);
create index chat_assignee on chat (assignee_id, active_at, id, account_id) where assignee_id is not null and state = 'open';
create index chat_unassigned on chat (active_at, id, account_id) where assignee_id is null and state = 'open';
create index chat_unread on chat (active_at, id, account_id) where unread > 0;
create index chat_unanswered on chat (active_at, id, account_id) where unanswered_at is not null;
create index chat_groups on chat (active_at, id, account_id) where is_group;
create index chat_closed on chat (active_at, id, account_id) where state = 'closed';

create table message (
    id integer primary key autoincrement,
    account_id bigint not null references account (id),
    chat_id bigint not null references chat (id),
    direction text not null,
    origin text not null,
    kind text not null,
    text text not null,
    status text not null,
    failure text,                        -- JSON
    sent_at bigint not null,             -- by the provider's clock once known: the order within a chat
    created_at bigint not null,
    author_id bigint references staff (id),
    client_id text,                      -- chosen by the sender
    sender text,                         -- in groups, who wrote it
    provider_id text,
    quote text,                          -- JSON
    reactions text,                      -- JSON
    has_files boolean not null,
    forwarded boolean not null,
    edited_at bigint,
    deleted_at bigint,
    raw_kind text,
    journal_id bigint                    -- the notification that told of it
);
create index message_chat on message (chat_id, sent_at, id);
-- A repeated notification cannot make a second row. The order serves "which message is this id of the provider's" too.
create unique index message_provider on message (account_id, provider_id, chat_id) where provider_id is not null;
-- A repeated click cannot make a second row.
create unique index message_client on message (author_id, client_id) where client_id is not null;

create table file (
    id integer primary key autoincrement,
    blob text,                           -- SHA-256 of the bytes, once they are here
    name text not null,
    mime text not null,
    size bigint not null,
    width integer,
    height integer,
    state text not null,
    owner_id bigint references staff (id), -- who uploaded it
    account_id bigint references account (id),
    chat_id bigint references chat (id),
    message_id bigint references message (id),
    position integer not null,
    remote text,                         -- where the provider keeps it
    error text,
    created_at bigint not null
);
create index file_message on file (message_id);
create index file_blob on file (blob);

create table journal (
    id integer primary key autoincrement,
    account_id bigint not null references account (id),
    received_at bigint not null,
    source text not null,                -- webhook, polling, sandbox
    body text not null,
    state smallint not null,             -- 0 waits, 1 applied, 2 could not be decoded or applied, 3 nothing to apply
    shard smallint not null,             -- account_id mod 16: which process handles it
    what text,                           -- the kind of notification, once decoded
    error text,
    done_at bigint
);
create index journal_waiting on journal (id) where state = 0;
-- Not for those that wait: it would double what has to reach the disk before a notification can be answered.
create index journal_account on journal (account_id, id) where state <> 0;
create index journal_failed on journal (id) where state = 2;

create table event (
    seq integer primary key,
    at bigint not null,
    kind text not null,
    account_id bigint,
    chat_id bigint,
    message_id bigint,
    fresh boolean not null
);

-- The last seq given out. Its row lock, held to the commit, makes commit order the order of seq on PostgreSQL too.
create table event_head (id integer primary key, seq bigint not null);
insert into event_head (id, seq) values (1, 0);

create table job (
    id integer primary key autoincrement,
    kind text not null,
    account_id bigint not null references account (id),
    chat_id bigint,                      -- jobs of one chat and kind run in order of id
    message_id bigint,
    file_id bigint,
    contact_id bigint,
    state smallint not null,             -- 0 ready, 1 running, 2 outcome unknown, 3 answered with an error that may hide success
    run_at bigint not null,
    locked_by text,                      -- the process that runs it; when that is gone the job is in doubt
    locked_until bigint,
    attempts integer not null,           -- tries, or looks into the provider's journal while in doubt
    doubt_since bigint,                  -- when the call began whose outcome is not known
    created_at bigint not null
);
create index job_account on job (account_id, kind, run_at);
create index job_chat on job (chat_id, kind, id);
create unique index job_message on job (message_id, kind) where message_id is not null;
create unique index job_file on job (file_id, kind) where file_id is not null;
create unique index job_contact on job (contact_id, kind) where contact_id is not null;

-- What became of each try to send a message.
create table attempt (
    id integer primary key autoincrement,
    message_id bigint not null references message (id),
    at bigint not null,
    took integer,
    outcome text not null,               -- accepted, retry, pause, failed, doubt, found, unknown
    failure text                         -- JSON
);
create index attempt_message on attempt (message_id);

-- News of a message whose id we do not know yet: the status may come before the answer that tells the id.
create table early_status (
    account_id bigint not null,
    provider_id text not null,
    status text not null,
    failure text,
    at bigint not null,
    primary key (account_id, provider_id)
);

create table call_log (
    id integer primary key autoincrement,
    at bigint not null,
    direction text not null,
    system text not null,
    account_id bigint,
    what text not null,
    status integer,
    took integer,
    result text not null,
    error text,
    request text,
    response text
);
create index call_log_account on call_log (account_id, id);

create table draft (
    user_id bigint not null references staff (id),
    chat_id bigint not null references chat (id),
    text text not null,
    updated_at bigint not null,
    primary key (user_id, chat_id)
);

-- Which process does what; on SQLite there is only one.
create table lease (name text primary key, holder text not null, until bigint not null);

create table setting (key text primary key, value text not null);
