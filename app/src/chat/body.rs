//! What is inside a bubble, by kind of message: files here, words in `prose`, other parts in `parts`.

use domain::content::LinkPreview;
use domain::text::emoji_count;
use domain::{AccountId, Content, Direction, File, FileState, Kind, Message, MessageId, Role};
use leptos::prelude::*;

use super::bubble::{Here, meta};
use super::prose::prose;
use super::room::Over;
use super::text::extension;
use super::{parts, send, voice};
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
        Kind::Location => "flush",
        Kind::Text if message.files.is_empty() && emoji_count(&message.text).is_some() => "large",
        Kind::Text if !message.files.is_empty() => "flush",
        _ => "",
    }
}

fn has_ready(message: &Message) -> bool {
    message.files.iter().any(|file| file.state == FileState::Ready)
}

/// The part of a message that the body shows: it is drawn anew when this changes, not with every status.
#[derive(Clone, PartialEq)]
struct Inside {
    id: MessageId,
    account: AccountId,
    kind: Kind,
    text: String,
    files: Vec<File>,
    content: Option<Box<Content>>,
    preview: Option<Box<LinkPreview>>,
    deleted: bool,
    ours: bool,
    raw_kind: Option<String>,
}

/// The body with time and status.
pub fn body(here: &Here, message: ArcRwSignal<Message>) -> AnyView {
    let inside = {
        let message = message.clone();
        Memo::new(move |_| {
            let message = message.read();
            Inside {
                id: message.id,
                account: message.account,
                kind: message.kind,
                text: message.text.clone(),
                files: message.files.clone(),
                content: message.content.clone(),
                preview: message.preview.clone(),
                deleted: message.deleted_at.is_some(),
                ours: message.direction == Direction::Out,
                raw_kind: message.raw_kind.clone(),
            }
        })
    };
    let here = here.clone();
    part(move || draw(&here, &inside.get(), message.clone()))
}

fn draw(here: &Here, inside: &Inside, message: ArcRwSignal<Message>) -> AnyView {
    if inside.deleted {
        let words = if inside.ours { tw().deleted_by_us } else { tw().deleted_by_client };
        return view! {
            <div class="txt">
                <p class="muted">
                    <i>{words}</i>
                    {meta(here, message, false)}
                </p>
            </div>
        }
        .into_any();
    }
    if inside.kind == Kind::Unsupported {
        return unsupported(here, inside, message);
    }
    let words = inside.text.trim_end();
    let alone = words.is_empty();
    let over = alone && inside.files.len() == 1 && inside.files.iter().all(|file| is_shown_picture(inside.kind, file));
    let mut parts: Vec<AnyView> = Vec::new();
    parts.extend(inside.content.as_deref().and_then(parts::above));
    for file in &inside.files {
        parts.push(attachment(here, inside, file, over.then(|| message.clone())));
    }
    if over {
        return parts.into_any();
    }
    let previews = here.chats.session.accounts.with_untracked(|list| {
        list.iter().find(|account| account.id == inside.account).is_none_or(|account| account.switches.link_previews)
    });
    parts.extend(inside.preview.as_deref().filter(|_| previews).and_then(parts::preview));
    if alone {
        parts.push(meta(here, message, false));
    } else {
        let large = inside.kind == Kind::Text && inside.files.is_empty();
        parts.push(prose(words, large, meta(here, message, false)));
    }
    parts.extend(inside.content.as_deref().and_then(|content| parts::below(here, inside.account, content)));
    parts.into_any()
}

/// Nobody has taught Besedka this kind; what came is kept, and administrators can look at it.
fn unsupported(here: &Here, inside: &Inside, message: ArcRwSignal<Message>) -> AnyView {
    let kind = inside.raw_kind.clone().unwrap_or_default();
    let words = (!inside.text.trim().is_empty()).then(|| prose(inside.text.trim_end(), false, ().into_any()));
    let (id, over) = (inside.id, here.room.over.clone());
    let show = (here.chats.session.role() == Some(Role::Administrator)).then(|| {
        view! {
            <div class="bub-acts" style:clear="both">
                <button type="button" on:click=move |_| over.set(Some(Over::Info(id)))>
                    {icon("code")}
                    {tw().show_data}
                </button>
            </div>
        }
    });
    view! {
        <p class="sm">
            <b>{tw().unsupported_title}</b>
            <br />
            <span class="muted mono">{kind}</span>
            " · "
            {tw().data_kept}
        </p>
        {words}
        {meta(here, message, false)}
        {show}
    }
    .into_any()
}

fn is_shown_picture(kind: Kind, file: &File) -> bool {
    matches!(kind, Kind::Image | Kind::Sticker) && file.is_picture() && file.state == FileState::Ready
}

/// One file. A picture alone carries time and status over itself.
fn attachment(here: &Here, content: &Inside, file: &File, over: Option<ArcRwSignal<Message>>) -> AnyView {
    match file.state {
        FileState::Pending => return waiting(file),
        FileState::Failed => return missing(here, content.id, file),
        FileState::Ready => {}
    }
    let address = format!("{}/files/{}", api::ROOT, file.id);
    match content.kind {
        Kind::Sticker if file.is_picture() => view! {
            <img class="sticker" src=address alt=t().chat.sticker loading="lazy" width="132" height="132" />
            <div>{over.map(|message| meta(here, message, false))}</div>
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
                {voice::player(address)}
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

fn picture(here: &Here, content: &Inside, file: &File, address: &str, over: Option<ArcRwSignal<Message>>) -> AnyView {
    let (width, height) = drawn_size(file);
    let (shown, message, id) = (here.picture, content.id, file.id);
    view! {
        <button
            type="button"
            class="shot"
            aria-label=(tw().open_picture)(&file.name)
            style:inline-size=format!("{width}px")
            style:aspect-ratio=format!("{width} / {height}")
            on:click=move |_| shown.set(Some((message, id)))
        >
            <img src=format!("{address}?thumbnail") alt=file.name.clone() loading="lazy" decoding="async" draggable="false" />
            {over.map(|message| meta(here, message, true))}
        </button>
    }
    .into_any()
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
