-- The words of messages, for search: terms of `domain::search`, and marks of what may be asked besides words (`@a1` account,
-- `@c2` chat, `#name` who wrote it in a group …; `store/search/terms.rs` has them all). The texts themselves stay in `message`.
-- `@` and `#` are in no word, so a mark never meets one.
create virtual table message_search using fts5 (
    words, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0 tokenchars '@#'");
create trigger message_search_gone after delete on message begin
    delete from message_search where rowid = old.id;
end;

-- How far the index has come: forwards along the event log, and backwards through what was there before it.
create table search_state (
    id integer primary key,
    seq bigint not null,                 -- the last event that was looked at
    below bigint not null                -- messages with smaller ids are still to be read
);
insert into search_state (id, seq, below)
    select 1, (select seq from event_head), (select coalesce(max(id), 0) + 1 from message);
