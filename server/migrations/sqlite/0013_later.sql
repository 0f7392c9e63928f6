-- The same table as migrations/postgres/0013_later.sql.

-- Messages to be sent at a time.
create table later (
    id integer primary key autoincrement,
    account_id bigint not null references account (id),
    chat_id bigint not null references chat (id),
    author_id bigint not null references staff (id),
    input text not null,                 -- JSON of domain::message::MessageInput
    run_at bigint not null,
    failure text,                        -- the fault's code; such a row waits for a person
    created_at bigint not null
);
create index later_chat on later (chat_id, run_at, id);
create index later_due on later (run_at) where failure is null;
