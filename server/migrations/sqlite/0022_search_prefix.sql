-- Beginnings of words have indexes of their own: without them a word being typed gathers everything that begins so first.
drop trigger message_search_gone;
drop table message_search;
create virtual table message_search using fts5 (
    words, content = '', contentless_delete = 1, prefix = '2 3 4 5',
    tokenize = "unicode61 remove_diacritics 0 tokenchars '@#'");
create trigger message_search_gone after delete on message begin
    delete from message_search where rowid = old.id;
end;
-- All messages are read again.
update search_state set below = (select coalesce(max(id), 0) + 1 from message);
