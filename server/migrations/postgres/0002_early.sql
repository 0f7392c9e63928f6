-- Edits, deletions and reactions that came before their message.
create table early_change (
    account_id bigint not null,
    provider_id text not null,
    kind text not null,                  -- edited, deleted, reacted
    author text not null,                -- who reacted; empty for the others
    chat text not null,                  -- domain::Address
    text text not null,                  -- the new text, or the emoji
    at bigint not null,
    primary key (account_id, provider_id, kind, author)
);
create index early_change_at on early_change (at);

-- What is of no message: uploads not sent yet and portraits. Upkeep looks through them for what nobody wants any more.
create index file_loose on file (created_at) where message_id is null;
create index contact_avatar on contact (avatar_id) where avatar_id is not null;
