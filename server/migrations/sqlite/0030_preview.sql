-- The same tables as migrations/postgres/0030_preview.sql.

-- What links lead to, so that a page is asked once however many send its address.
create table link_preview (
    url text primary key,
    found text,                          -- domain::content::LinkPreview without its picture, JSON; null: nothing to show
    picture text,                        -- what is known of the picture's bytes, JSON
    at bigint not null                   -- when the page was asked
);
