//! A message's words as nodes: WhatsApp's marks, lists, quotes, links and mentions. `domain::text` reads them; text from
//! outside becomes text nodes and links here, never HTML.

use domain::text::{Block, Line, Span, Style, emoji_count, parse};
use leptos::prelude::*;

/// The words of a message. `tail`, its time and status, goes behind the last line when that is an ordinary one.
pub fn prose(text: &str, large: bool, tail: AnyView) -> AnyView {
    if large && emoji_count(text).is_some() {
        return view! { <div class="txt big"><p>{text.trim().to_owned()} {tail}</p></div> }.into_any();
    }
    let mut tail = Some(tail);
    let mut blocks = parse(text, &[]);
    let last = blocks.len().saturating_sub(1);
    let drawn: Vec<AnyView> = blocks
        .drain(..)
        .enumerate()
        .map(|(n, part)| match part {
            Block::Lines(lines) if n == last => view! { <p dir="auto">{rows(lines)} {tail.take()}</p> }.into_any(),
            other => block(other),
        })
        .collect();
    view! { <div class="txt">{drawn} {tail}</div> }.into_any()
}

fn block(block: Block) -> AnyView {
    let items =
        |lines: Vec<Line>| lines.into_iter().map(|line| view! { <li dir="auto">{spans(line)}</li> }).collect_view();
    match block {
        Block::Lines(lines) => view! { <p dir="auto">{rows(lines)}</p> }.into_any(),
        Block::Bullets(lines) => view! { <ul>{items(lines)}</ul> }.into_any(),
        Block::Numbers(lines) => {
            let items = lines
                .into_iter()
                .map(|(number, line)| view! { <li dir="auto" value=number.to_string()>{spans(line)}</li> })
                .collect_view();
            view! { <ol>{items}</ol> }.into_any()
        }
        Block::Quote(lines) => view! { <blockquote dir="auto">{rows(lines)}</blockquote> }.into_any(),
        Block::Mono(words) => view! { <pre dir="auto">{words}</pre> }.into_any(),
    }
}

/// Lines of a paragraph; the style sheet keeps their breaks.
fn rows(lines: Vec<Line>) -> Vec<AnyView> {
    let mut out = Vec::new();
    for (n, line) in lines.into_iter().enumerate() {
        if n > 0 {
            out.push("\n".into_any());
        }
        out.extend(spans(line));
    }
    out
}

fn spans(line: Line) -> Vec<AnyView> {
    line.into_iter().map(span).collect()
}

fn span(span: Span) -> AnyView {
    match span {
        Span::Text(words) => words.into_any(),
        Span::Styled(Style::Bold, inside) => view! { <b>{spans(inside)}</b> }.into_any(),
        Span::Styled(Style::Italic, inside) => view! { <i>{spans(inside)}</i> }.into_any(),
        Span::Styled(Style::Strike, inside) => view! { <s>{spans(inside)}</s> }.into_any(),
        Span::Code(words) | Span::Mono(words) => view! { <code>{words}</code> }.into_any(),
        Span::Link { shown, target } => link(shown, target),
        Span::Mention { name, .. } => view! { <span class="at">"@" {name}</span> }.into_any(),
    }
}

/// An address in its own direction, so that nothing around can turn it round.
pub fn link(shown: String, target: String) -> AnyView {
    let web = target.starts_with("http");
    view! {
        <a
            class="a"
            dir="ltr"
            href=target
            target=web.then_some("_blank")
            rel=web.then_some("noopener noreferrer nofollow")
        >
            {shown}
        </a>
    }
    .into_any()
}
