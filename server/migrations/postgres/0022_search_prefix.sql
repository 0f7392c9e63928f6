-- Only for SQLite: see migrations/sqlite/0022_search_prefix.sql. PostgreSQL's index finds beginnings of words as it is.
select 1;
