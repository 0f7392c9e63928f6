//! What is inside a bubble, by kind of message. Text from outside becomes text nodes and links, never HTML.

use domain::{Direction, File, FileState, Kind, Message, MessageId};
use leptos::prelude::*;

use super::bubble::{Here, meta};
use super::send;
use super::text::{Piece, extension, is_emoji_only, pieces};
use super::viewer::Picture;
use crate::api;
use crate::i18n::{self, t, tw};
use crate::ui::icon::sized;
use crate::ui::{icon, part};

/// The widest and the highest a picture is drawn in a bubble, pixels.
const PICTURE: (f64, f64) = (340.0, 380.0);
/// The least, so that time and status have room.
const PICTURE_LEAST: f64 = 140.0;

/// The classes of a bubble's frame.
pub fn shape(message: &Message) -> &'static str {
    if message.deleted_at.is_some() {
        return "ghost";
    }
    match message.kind {
        Kind::Unsupported => "ghost",
        Kind::Sticker if has_ready(message) => "bare",
        Kind::Image | Kind::Sticker => "flush",
        Kind::Video | Kind::Document => "flush fixed",
        Kind::Voice | Kind::Audio => "fixed",
        Kind::Text if !message.files.is_empty() => "flush",
        _ => "",
    }
}

fn has_ready(message: &Message) -> bool {
    message.files.iter().any(|file| file.state == FileState::Ready)
}

/// The part of a message that the body shows: it is drawn anew when this changes, not with every status.
#[derive(Clone, PartialEq)]
struct Content {
    id: MessageId,
    kind: Kind,
    text: String,
    files: Vec<File>,
    deleted: bool,
    ours: bool,
    raw_kind: Option<String>,
}

/// The body with time and status.
pub fn body(here: &Here, message: ArcRwSignal<Message>) -> AnyView {
    let content = {
        let message = message.clone();
        Memo::new(move |_| {
            let message = message.read();
            Content {
                id: message.id,
                kind: message.kind,
                text: message.text.clone(),
                files: message.files.clone(),
                deleted: message.deleted_at.is_some(),
                ours: message.direction == Direction::Out,
                raw_kind: message.raw_kind.clone(),
            }
        })
    };
    let here = here.clone();
    part(move || draw(&here, content.get(), message.clone()))
}

fn draw(here: &Here, content: Content, message: ArcRwSignal<Message>) -> AnyView {
    if content.deleted {
        let words = if content.ours { tw().deleted_by_us } else { tw().deleted_by_client };
        return view! {
            <div class="txt">
                <p class="muted">
                    <i>{words}</i>
                    {meta(message, false)}
                </p>
            </div>
        }
        .into_any();
    }
    if content.kind == Kind::Unsupported {
        return unsupported(&content, message);
    }
    let words = content.text.trim_end();
    let alone = words.is_empty();
    let over =
        alone && content.files.len() == 1 && content.files.iter().all(|file| is_shown_picture(content.kind, file));
    let mut parts: Vec<AnyView> = Vec::new();
    for file in &content.files {
        parts.push(attachment(here, &content, file, over.then(|| message.clone())));
    }
    if over {
        return parts.into_any();
    }
    if alone {
        parts.push(meta(message, false));
    } else {
        let class = if content.files.is_empty() && is_emoji_only(words) { "txt big" } else { "txt" };
        parts.push(view! { <div class=class><p>{linked(words)} {meta(message, false)}</p></div> }.into_any());
    }
    parts.into_any()
}

/// A text with its links as nodes.
pub fn linked(text: &str) -> AnyView {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(words) => words.into_any(),
            Piece::Link(words, target) => view! {
                <a class="a" href=target target="_blank" rel="noopener noreferrer nofollow">
                    {words}
                </a>
            }
            .into_any(),
        })
        .collect_view()
        .into_any()
}

fn unsupported(content: &Content, message: ArcRwSignal<Message>) -> AnyView {
    let kind = content.raw_kind.clone().unwrap_or_default();
    let words = (!content.text.trim().is_empty()).then(|| {
        view! {
            <br />
            {linked(content.text.trim_end())}
        }
    });
    view! {
        <p class="sm">
            <b>{tw().unsupported_title}</b>
            <br />
            <span class="muted mono">{kind}</span>
            " · "
            {tw().data_kept}
            {words}
        </p>
        {meta(message, false)}
    }
    .into_any()
}

fn is_shown_picture(kind: Kind, file: &File) -> bool {
    matches!(kind, Kind::Image | Kind::Sticker) && file.is_picture() && file.state == FileState::Ready
}

/// One file. A picture alone carries time and status over itself.
fn attachment(here: &Here, content: &Content, file: &File, over: Option<ArcRwSignal<Message>>) -> AnyView {
    match file.state {
        FileState::Pending => return waiting(file),
        FileState::Failed => return missing(here, content.id, file),
        FileState::Ready => {}
    }
    let address = format!("{}/files/{}", api::ROOT, file.id);
    match content.kind {
        Kind::Sticker if file.is_picture() => view! {
            <img class="sticker" src=address alt=t().chat.sticker loading="lazy" width="132" height="132" />
            <div>{over.map(|message| meta(message, false))}</div>
        }
        .into_any(),
        Kind::Image if file.is_picture() => picture(here, content, file, &address, over),
        Kind::Video => view! {
            <video class="film-box" controls preload="metadata" src=address style:aspect-ratio=ratio(file)>
                {document(file)}
            </video>
        }
        .into_any(),
        Kind::Voice | Kind::Audio => {
            let name = (content.kind == Kind::Audio && !file.name.is_empty())
                .then(|| view! { <p class="sm"><b>{file.name.clone()}</b></p> });
            view! {
                {name}
                <audio class="sound-box" controls preload="metadata" src=address></audio>
            }
            .into_any()
        }
        _ => document(file),
    }
}

fn ratio(file: &File) -> String {
    match (file.width, file.height) {
        (Some(width), Some(height)) if width > 0 && height > 0 => format!("{width} / {height}"),
        _ => "16 / 9".to_owned(),
    }
}

/// The size a picture is drawn at, known before it is there, so that nothing jumps.
fn drawn_size(file: &File) -> (f64, f64) {
    let (width, height) = match (file.width, file.height) {
        (Some(width), Some(height)) if width > 0 && height > 0 => (f64::from(width), f64::from(height)),
        _ => (PICTURE.0, PICTURE.0 * 0.75),
    };
    let scale = (PICTURE.0 / width).min(PICTURE.1 / height).min(1.0);
    ((width * scale).max(PICTURE_LEAST), (height * scale).max(PICTURE_LEAST / 2.0))
}

fn picture(here: &Here, content: &Content, file: &File, address: &str, over: Option<ArcRwSignal<Message>>) -> AnyView {
    let (width, height) = drawn_size(file);
    let shown = here.picture;
    let look = Picture {
        file: file.id,
        name: file.name.clone(),
        caption: content.text.clone(),
        about: format!("{} · {}", i18n::size(file.size), pixels(file)),
    };
    view! {
        <button
            type="button"
            class="shot"
            aria-label=(tw().open_picture)(&file.name)
            style:inline-size=format!("{width}px")
            style:aspect-ratio=format!("{width} / {height}")
            on:click=move |_| shown.set(Some(look.clone()))
        >
            <img src=format!("{address}?thumbnail") alt=file.name.clone() loading="lazy" decoding="async" draggable="false" />
            {over.map(|message| meta(message, true))}
        </button>
    }
    .into_any()
}

fn pixels(file: &File) -> String {
    match (file.width, file.height) {
        (Some(width), Some(height)) => format!("{width} × {height}"),
        _ => file.mime.clone(),
    }
}

fn document(file: &File) -> AnyView {
    let (ending, hue) = extension(&file.name, &file.mime);
    let name = if file.name.is_empty() { t().chat.document.to_owned() } else { file.name.clone() };
    view! {
        <div class="doc">
            <span class="ext" data-h=hue>
                {ending}
            </span>
            <span class="fn" title=name.clone()>
                {name.clone()}
            </span>
            <span class="fi">{i18n::size(file.size)}</span>
            <a
                class="btn icon small quiet"
                href=format!("{}/files/{}?download", api::ROOT, file.id)
                download=name.clone()
                aria-label=(tw().download)(&name)
                title=tw().download_title
            >
                {icon("download")}
            </a>
        </div>
    }
    .into_any()
}

fn waiting(file: &File) -> AnyView {
    let size = (file.size > 0).then(|| i18n::size(file.size));
    view! {
        <div class="wait-media" role="status">
            {sized("spinner", "i l spin")} <span>{tw().file_pending} <br /> {size}</span>
        </div>
    }
    .into_any()
}

fn missing(here: &Here, message: MessageId, file: &File) -> AnyView {
    let (id, room) = (file.id, here.room.clone());
    let again = here.chats.writes().then(|| {
        view! {
            <button type="button" class="btn small" on:click=move |_| send::fetch_again(&room, message, id)>
                {tw().ask_again}
            </button>
        }
    });
    view! { <div class="wait-media">{sized("download", "i l")} <span>{tw().file_failed}</span> {again}</div> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::samples::message;
    use domain::FileId;

    fn file(width: i32, height: i32) -> File {
        File {
            id: FileId(1),
            name: "a.png".to_owned(),
            mime: "image/png".to_owned(),
            size: 1,
            width: Some(width),
            height: Some(height),
            state: FileState::Ready,
        }
    }

    #[test]
    fn pictures_keep_their_proportions_within_bounds() {
        assert_eq!(drawn_size(&file(3400, 1700)), (340.0, 170.0));
        assert_eq!(drawn_size(&file(1000, 2000)), (190.0, 380.0));
        assert_eq!(drawn_size(&file(200, 100)), (200.0, 100.0), "small ones are not blown up");
        assert_eq!(drawn_size(&file(0, 0)).0, PICTURE.0);
    }

    #[test]
    fn every_kind_has_a_frame() {
        for &kind in Kind::ALL {
            let mut sample = message(1, 1);
            sample.kind = kind;
            let _ = shape(&sample);
            sample.deleted_at = Some(domain::Moment(2));
            assert_eq!(shape(&sample), "ghost");
        }
    }
}
