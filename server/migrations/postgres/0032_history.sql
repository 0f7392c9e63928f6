-- The same tables as migrations/sqlite/0032_history.sql.

-- Conversations whose past is still to be read from the provider; a row goes when its conversation has been read.
create table history (
    account_id bigint not null references account (id),
    address text not null,               -- empty: which conversations there are is still to be asked
    turn integer not null,               -- the latest conversations first
    run_at bigint not null,
    attempts integer not null,
    primary key (account_id, address)
);
create index history_due on history (run_at);
