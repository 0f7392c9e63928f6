-- The same tables as migrations/postgres/0011_notes.sql.

-- Who is mentioned in a note, and when they saw it.
create table mention (
    user_id bigint not null references staff (id),
    message_id bigint not null references message (id),
    chat_id bigint not null references chat (id),
    account_id bigint not null,
    seen_at bigint,
    primary key (user_id, message_id)
);
create index mention_message on mention (message_id);
create index mention_waiting on mention (user_id, chat_id) where seen_at is null;

-- Texts that are inserted by a word.
create table quick_reply (
    id integer primary key autoincrement,
    owner_id bigint references staff (id), -- absent: everybody's
    shortcut text not null,
    shortcut_key text not null,          -- folded by Rust
    text text not null,
    updated_at bigint not null
);
create unique index quick_reply_own on quick_reply (owner_id, shortcut_key) where owner_id is not null;
create unique index quick_reply_shared on quick_reply (shortcut_key) where owner_id is null;
