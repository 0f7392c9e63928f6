-- The same tables as migrations/postgres/0012_marks.sql.

-- Chats that a person keeps on top.
create table pin (
    user_id bigint not null references staff (id),
    chat_id bigint not null references chat (id),
    at bigint not null,
    primary key (user_id, chat_id)
);
create index pin_chat on pin (chat_id);

-- Messages that a person wants to find again.
create table star (
    user_id bigint not null references staff (id),
    message_id bigint not null references message (id),
    account_id bigint not null,
    at bigint not null,
    primary key (user_id, message_id)
);
create index star_list on star (user_id, at, message_id);
create index star_message on star (message_id);

-- Everybody's labels for chats.
create table label (
    id integer primary key autoincrement,
    name text not null,
    name_key text not null unique,       -- folded by Rust
    colour text not null
);
create table chat_label (
    chat_id bigint not null references chat (id),
    label_id bigint not null references label (id),
    primary key (chat_id, label_id)
);
create index chat_label_label on chat_label (label_id, chat_id);

-- Filters of the list that a person named.
create table saved_filter (
    id integer primary key autoincrement,
    user_id bigint not null references staff (id),
    name text not null,
    filter text not null                 -- JSON of domain::chat::ChatFilter
);
create index saved_filter_owner on saved_filter (user_id, id);
