//! What a link in a message leads to: asks its page once, reads the title and the picture out of its head, and shows them
//! under the message. The page is a stranger's: a private address is refused, time, bytes and redirects are bounded, and
//! nothing of it becomes HTML here.

use std::time::Duration;

use bytes::BytesMut;
use domain::content::LinkPreview;
use domain::{Kind, MessageId};
use html5gum::{Token, Tokenizer};

use crate::fetch::FetchError;
use crate::files::picture;
use crate::ledger::now;
use crate::state::State;
use crate::store::preview::Remembered;
use crate::store::{Result, message, preview};

/// A page is asked again after this long, milliseconds.
pub const KEPT: i64 = 7 * 24 * 60 * 60 * 1000;
/// So much of a page is read: its head is at the beginning. Bytes.
const PAGE: usize = 512 * 1024;
/// The largest picture, bytes.
const PICTURE: u64 = 3 * 1024 * 1024;
/// The longest that page and picture may take, each: a server that gives a byte a second is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longer titles and descriptions are cut, characters.
const TITLE: usize = 200;
const WORDS: usize = 400;

/// Shows what the first link of a message leads to.
pub async fn run(state: &State, id: MessageId) -> Result<()> {
    let mut tx = state.db.begin().await?;
    let row = message::get(&mut tx, id).await?;
    drop(tx);
    let Some(row) = row.filter(|row| row.kind() == Kind::Text && row.deleted_at().is_none()) else { return Ok(()) };
    let Some(url) = link(&row.text) else { return Ok(()) };
    let at = now();
    let what = match preview::get(&state.db, &url, at.plus(-KEPT)).await? {
        Some(remembered) => remembered,
        None => {
            let found = ask(state, &url).await;
            let mut tx = state.db.begin().await?;
            preview::keep(&mut tx, &url, &found, at).await?;
            tx.commit().await?;
            found
        }
    };
    let tx = state.db.begin().await?;
    state.ledger.previewed(tx, id, &row.text, &what).await
}

/// The first address in a text that can be asked.
pub fn link(text: &str) -> Option<String> {
    // Most texts have none, and this runs for every one.
    if !text.contains('.') {
        return None;
    }
    let blocks = domain::text::parse(text, &[]);
    let target = domain::text::first_link(&blocks)?;
    (target.starts_with("https://") || target.starts_with("http://")).then(|| target.chars().take(2_000).collect())
}

/// Asks a page. One that cannot be had, or says nothing of itself, has nothing to show: that is remembered too.
async fn ask(state: &State, url: &str) -> Remembered {
    let nothing = Remembered { found: None, picture: None };
    let head = match tokio::time::timeout(PATIENCE, page(state, url)).await {
        Ok(Ok(Some(head))) => head,
        Ok(Ok(None)) | Err(_) => return nothing,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a link's page");
            return nothing;
        }
    };
    let Some((mut found, image)) = read(&head, url) else { return nothing };
    let picture = match image {
        Some(image) => tokio::time::timeout(PATIENCE, fetch_picture(state, &image)).await.ok().flatten(),
        None => None,
    };
    found.image = None;
    Remembered { found: Some(found), picture }
}

/// The beginning of a page, if it is one.
async fn page(state: &State, url: &str) -> Result<Option<String>, FetchError> {
    let mut response = state.fetch.download(url).await?;
    let kind = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (kind, charset) = (kind.to_ascii_lowercase(), kind.to_ascii_lowercase());
    if !response.status().is_success() || !(kind.starts_with("text/html") || kind.starts_with("application/xhtml")) {
        return Ok(None);
    }
    let mut body = BytesMut::new();
    while let Some(piece) = response.chunk().await.map_err(|error| crate::fetch::classify(&error))? {
        let room = PAGE - body.len();
        body.extend_from_slice(&piece[..piece.len().min(room)]);
        if body.len() == PAGE || ended(&body) {
            break;
        }
    }
    Ok(Some(decoded(&body, &charset)))
}

/// Whether the head is over.
fn ended(body: &[u8]) -> bool {
    body.windows(7).any(|window| window.eq_ignore_ascii_case(b"</head>"))
}

/// The text of a page: UTF-8 unless it says otherwise, as many older Russian sites do.
fn decoded(body: &[u8], kind: &str) -> String {
    let said = kind.split("charset=").nth(1).map(str::to_owned).or_else(|| {
        let beginning = String::from_utf8_lossy(&body[..body.len().min(2048)]).to_ascii_lowercase();
        beginning.split("charset=").nth(1).map(str::to_owned)
    });
    let label = said.map(|said| {
        said.trim_start_matches(['"', '\''])
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
            .collect::<String>()
    });
    let encoding = label.and_then(|label| encoding_rs::Encoding::for_label(label.as_bytes()));
    encoding.unwrap_or(encoding_rs::UTF_8).decode(body).0.into_owned()
}

/// What a page says of itself, and where its picture is.
fn read(html: &str, url: &str) -> Option<(LinkPreview, Option<String>)> {
    let mut told = std::collections::HashMap::<String, String>::new();
    let (mut title, mut in_title) = (String::new(), false);
    for Ok(token) in Tokenizer::new(html) {
        match token {
            Token::StartTag(tag) => {
                let attribute = |name: &[u8]| {
                    let value = tag.attributes.iter().find(|(known, _)| known.as_slice() == name)?.1;
                    Some(String::from_utf8_lossy(value.value.as_slice()).into_owned())
                };
                match tag.name.as_slice() {
                    b"title" => in_title = title.is_empty(),
                    b"meta" => {
                        let name = attribute(b"property").or_else(|| attribute(b"name"));
                        if let (Some(name), Some(content)) = (name, attribute(b"content"))
                            && !content.trim().is_empty()
                        {
                            told.entry(name.to_ascii_lowercase()).or_insert(content);
                        }
                    }
                    b"body" => break,
                    _ => {}
                }
            }
            Token::EndTag(tag) => match tag.name.as_slice() {
                b"head" => break,
                b"title" => in_title = false,
                _ => {}
            },
            Token::String(text) if in_title => title.push_str(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    let first = |names: &[&str]| names.iter().find_map(|name| told.get(*name)).map(|text| line(text, WORDS));
    let title = first(&["og:title", "twitter:title"]).unwrap_or_else(|| line(&title, TITLE));
    let description = first(&["og:description", "twitter:description", "description"]).unwrap_or_default();
    if title.is_empty() {
        return None;
    }
    let base = url::Url::parse(url).ok()?;
    let host = base.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
    let image = ["og:image:secure_url", "og:image", "og:image:url", "twitter:image"]
        .iter()
        .find_map(|name| told.get(*name))
        .and_then(|image| base.join(image.trim()).ok())
        .filter(|image| matches!(image.scheme(), "http" | "https"))
        .map(String::from);
    let site = first(&["og:site_name"]).filter(|site| !site.is_empty()).unwrap_or(host);
    let title = title.chars().take(TITLE).collect();
    Some((LinkPreview { url: url.to_owned(), title, description, site, image: None }, image))
}

/// One line of a stranger's words: no line breaks, nothing that turns the direction of what stands beside it.
fn line(text: &str, most: usize) -> String {
    let visible = |c: char| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().filter(|c| visible(*c)).collect())
        .collect();
    domain::text::one_line(&words.join(" "), most)
}

async fn fetch_picture(state: &State, url: &str) -> Option<crate::store::file::Known> {
    let response = state.fetch.download(url).await.ok()?;
    if !response.status().is_success() || response.content_length().is_some_and(|length| length > PICTURE) {
        return None;
    }
    let stored = state.files.put_stream(response.bytes_stream(), PICTURE).await.ok()?;
    let known = state.files.describe(&stored, "", "").await.ok()?;
    // Only what browsers show as a picture, and what could be measured.
    (picture::shown(&known.mime) && known.width.is_some()).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_head_tells() {
        let html = r#"<!doctype html><html><head><title> Запасная &amp; главная </title>
            <meta property="og:title" content="Счёт &quot;Ромашка&quot;&#10;на оплату">
            <meta name="description" content="Второе"><meta property="og:image" content="/logo.png">
            </head><body><title>Не он</title><meta property="og:title" content="и не он">"#;
        let (found, image) = read(html, "https://www.example.ru/a/b?c").unwrap();
        assert_eq!(found.title, "Счёт \"Ромашка\" на оплату");
        assert_eq!(found.description, "Второе");
        assert_eq!(found.site, "example.ru");
        assert_eq!(image.as_deref(), Some("https://www.example.ru/logo.png"));
    }

    #[test]
    fn a_page_without_a_title_has_nothing_to_show() {
        assert_eq!(read("<p>Здравствуйте", "https://example.ru"), None);
        assert_eq!(read("", "https://example.ru"), None);
    }

    #[test]
    fn no_script_address_becomes_a_picture() {
        let html = "<title>A</title><meta property=og:image content='javascript:alert(1)'>";
        assert_eq!(read(html, "https://example.ru").unwrap().1, None);
        let html = "<title>A</title><meta property=og:image content='data:image/png;base64,AAAA'>";
        assert_eq!(read(html, "https://example.ru").unwrap().1, None);
    }

    #[test]
    fn older_russian_pages_are_read() {
        let html = encoding_rs::WINDOWS_1251.encode("<meta charset=windows-1251><title>Привет</title>").0.into_owned();
        assert_eq!(read(&decoded(&html, "text/html"), "https://example.ru").unwrap().0.title, "Привет");
        assert_eq!(read(&decoded(&html, "text/html; charset=\"cp1251\""), "http://a.ru").unwrap().0.title, "Привет");
    }

    #[test]
    fn directions_cannot_be_turned() {
        assert_eq!(line("a\u{202e}b\n c\u{200f}", 100), "ab c");
    }

    #[test]
    fn deep_nesting_is_only_long() {
        let html = format!("<title>A</title>{}", "<b>".repeat(150_000));
        assert_eq!(read(&html, "https://example.ru").unwrap().0.title, "A");
    }

    proptest! {
        #[test]
        fn nothing_panics(html in ".{0,400}", tags in "(<(meta|title|body|/head)[a-z:=\"' >]{0,30}){0,20}") {
            let _ = read(&html, "https://example.ru");
            let _ = read(&tags, "https://example.ru");
        }
    }
}
