-- The same indexes as migrations/postgres/0031_gallery.sql.

-- A chat's pictures, files and links, newest first, without walking its texts.
create index message_media on message (chat_id, sent_at, id) where kind in ('image', 'video');
create index message_documents on message (chat_id, sent_at, id) where kind in ('document', 'audio', 'voice');
create index message_links on message (chat_id, sent_at, id) where preview is not null;
