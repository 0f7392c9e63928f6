-- The words of messages, as in migrations/sqlite/0021_search.sql; there the column is FTS5's own `rowid`.
create table message_search (
    rowid bigint primary key references message (id) on delete cascade,
    words tsvector not null
);
create index message_search_words on message_search using gin (words);

-- How far the index has come: forwards along the event log, and backwards through what was there before it.
create table search_state (
    id integer primary key,
    seq bigint not null,                 -- the last event that was looked at
    below bigint not null                -- messages with smaller ids are still to be read
);
insert into search_state (id, seq, below)
    select 1, (select seq from event_head), (select coalesce(max(id), 0) + 1 from message);
