-- The same tables as migrations/postgres/0010_content.sql.

-- What a message carries besides words and files (domain::Content), and what its link leads to (domain::content::LinkPreview).
alter table message add column content text;
alter table message add column preview text;
-- Ids of the colleagues mentioned in a note, JSON.
alter table message add column mentions text;

-- Texts as they were before each edit.
create table message_version (
    id integer primary key autoincrement,
    message_id bigint not null references message (id),
    text text not null,
    until bigint not null                -- when the next text took its place
);
create index message_version_message on message_version (message_id, id);

-- When a message of ours reached each status, for "message info".
create table message_step (
    message_id bigint not null references message (id),
    status text not null,
    at bigint not null,
    failure text,                        -- JSON
    primary key (message_id, status)
);
