//! The cases of the reference, links, and what holds for any text.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    id: u32,
    #[serde(rename = "in")]
    text: String,
    html: String,
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn html(spans: &[Span]) -> String {
    let one = |span: &Span| match span {
        Span::Text(words) => escaped(words),
        Span::Styled(Style::Bold, inside) => format!("<b>{}</b>", html(inside)),
        Span::Styled(Style::Italic, inside) => format!("<i>{}</i>", html(inside)),
        Span::Styled(Style::Strike, inside) => format!("<s>{}</s>", html(inside)),
        Span::Code(words) => format!("<code>{}</code>", escaped(words)),
        Span::Mono(words) => format!("<pre>{}</pre>", escaped(words)),
        Span::Link { shown, .. } => format!("<a>{}</a>", escaped(shown)),
        Span::Mention { name, .. } => format!("<at>{}</at>", escaped(name)),
    };
    spans.iter().map(one).collect()
}

fn drawn(text: &str) -> String {
    drawn_with(text, &[])
}

fn drawn_with(text: &str, mentions: &[Mention]) -> String {
    let mut lines = Vec::new();
    for block in parse(text, mentions) {
        match block {
            Block::Lines(block) => lines.extend(block.iter().map(|line| html(line))),
            Block::Bullets(block) => lines.extend(block.iter().map(|line| format!("<li>{}</li>", html(line)))),
            Block::Numbers(block) => lines.extend(block.iter().map(|(n, line)| format!("<li {n}>{}</li>", html(line)))),
            Block::Quote(block) => lines.extend(block.iter().map(|line| format!("<q>{}</q>", html(line)))),
            Block::Mono(words) => lines.push(format!("<pre>{}</pre>", escaped(&words))),
        }
    }
    lines.join("\n")
}

fn links(text: &str) -> Vec<String> {
    fn collect(spans: &[Span], found: &mut Vec<String>) {
        for span in spans {
            match span {
                Span::Link { target, .. } => found.push(target.clone()),
                Span::Styled(_, inside) => collect(inside, found),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    for block in parse(text, &[]) {
        if let Block::Lines(lines) = block {
            lines.iter().for_each(|line| collect(line, &mut found));
        }
    }
    found
}

#[test]
fn every_case_of_the_reference_is_drawn_as_it_says() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/data/whatsapp-text-cases.json")).unwrap();
    assert!(cases.len() > 60);
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| drawn(&case.text) != case.html)
        .map(|case| format!("{}: {:?} -> {:?}, not {:?}", case.id, case.text, drawn(&case.text), case.html))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn links_are_as_in_the_reference() {
    for (text, wanted) in [
        ("Счёт: https://pay.x.ru/a?b=1&c=2.", vec!["https://pay.x.ru/a?b=1&c=2"]),
        ("(https://x.ru/стр_(1))", vec!["https://x.ru/стр_(1)"]),
        ("почта a_b_c@x.ru", vec!["mailto:a_b_c@x.ru"]),
        ("президент.рф", vec![]),
        ("https://президент.рф/a", vec!["https://президент.рф/a"]),
        ("www.x.ru", vec!["https://www.x.ru"]),
        ("сайт sad.example.ru/blog.", vec!["https://sad.example.ru/blog"]),
        ("+7 (999) 123-45-67", vec!["tel:+79991234567"]),
        ("звоните 8 (999) 123-45-67.", vec!["tel:+79991234567"]),
        ("8-999-123-45-67, до 18:00", vec!["tel:+79991234567"]),
        ("+7 912 000-45-17 8 штук", vec!["tel:+79120004517"]),
        ("8 912 000-45-17 8 912 000-45-18", vec!["tel:+79120004517", "tel:+79120004518"]),
        ("8 912 000-45-171", vec![]),
        ("+375 29 123-45-67", vec!["tel:+375291234567"]),
        ("заказ 89991234567", vec![]),
        ("заказ 12345678901234567890", vec![]),
        ("+1 000 000 рублей", vec![]),
        ("№8 999 123-45-67", vec![]),
        ("javascript:alert(1)", vec![]),
        ("javascript://x.ru/%0aalert(1) data:text/html,x file:///etc/passwd ftp://x.ru", vec![]),
        ("файл v1.2.3 и 10.05.2024", vec![]),
        ("Да.Нет, отчёт.xlsx", vec![]),
        ("`https://x.ru`", vec![]),
        ("HTTPS://X.RU/a", vec!["HTTPS://X.RU/a"]),
        ("https://a.ru и http://b.ru", vec!["https://a.ru", "http://b.ru"]),
        ("http://127.0.0.1:8080/a", vec!["http://127.0.0.1:8080/a"]),
        ("*a@x.ru*", vec!["mailto:a@x.ru"]),
        ("_a_b@x.ru_", vec!["mailto:a_b@x.ru"]),
    ] {
        assert_eq!(links(text), wanted, "{text}");
    }
    assert_eq!(drawn("*https://x.ru/a*"), "<b><a>https://x.ru/a</a></b>");
    assert_eq!(drawn("*см. https://x.ru/a_b*, да"), "<b>см. <a>https://x.ru/a_b</a></b>, да");
    assert_eq!(drawn("_*https://x.ru/a*_"), "<i><b><a>https://x.ru/a</a></b></i>");
    assert_eq!(drawn("https://x.ru/a_"), "<a>https://x.ru/a_</a>");
    assert_eq!(first_link(&parse("+7 999 123-45-67 a@x.ru\n> *www.x.ru* http://y.ru", &[])), Some("https://www.x.ru"));
}

#[test]
fn a_link_leads_where_it_says() {
    for text in [
        "https://sberbank.ru@evil.ru/",
        "https://sberbank.ru:443@evil.ru/",
        "https://good.ru\\@evil.ru",
        "https://gооd.ru/",
        "https://раура.com/",
        "https://go\u{200b}od.ru",
        "https://good.ru\u{2215}evil.ru",
        "https://good.ru\u{ff0f}evil.ru",
        "http://ex%61mple.ru/",
    ] {
        for target in links(text) {
            let shown = text.split_once("://").map(|(_, rest)| rest).unwrap();
            let host = target.split_once("://").map(|(_, rest)| rest).unwrap();
            assert!(shown.starts_with(host) && !host.contains(['@', '\\']) && host.is_ascii(), "{text}: {target}");
        }
    }
    assert_eq!(links("https://sberbank.ru@evil.ru/"), Vec::<String>::new());
    assert_eq!(links("https://раура.com/"), Vec::<String>::new());
    assert_eq!(
        links("https://x.ru/a\u{202e}gpj.exe"),
        ["https://x.ru/a"],
        "nothing that turns the direction is inside"
    );
    assert_eq!(links("https://müller.de/"), ["https://müller.de/"]);
}

#[test]
fn people_are_mentioned_only_when_the_message_says_so() {
    let list = [
        Mention { digits: "7999".into(), name: "Пётр".into() },
        Mention { digits: "79991234567".into(), name: "Анна".into() },
        Mention { digits: "112893567721673".into(), name: "Олег".into() },
    ];
    assert_eq!(drawn_with("@79991234567 глянь", &list), "<at>Анна</at> глянь");
    assert_eq!(drawn_with("*@112893567721673*, да", &list), "<b><at>Олег</at></b>, да");
    assert_eq!(drawn_with("@79991234567 глянь", &[]), "@79991234567 глянь");
    assert_eq!(drawn_with("`@7999` mail@79991234567.ru @79990 @7999а", &list).matches("<at>").count(), 0);
    assert_eq!(plain("@7999: *да*", &list), "@Пётр: да");
}

#[test]
fn blocks_stand_where_they_stood() {
    assert_eq!(drawn("до\n```\nа\nб\n```\nпосле"), "до\n<pre>а\nб</pre>\nпосле");
    assert_eq!(drawn("до ```а\nб``` после"), "до \n<pre>а\nб</pre>\n после");
    assert_eq!(drawn("*до ```код* ``` после*"), "<b>до <pre>код* </pre> после</b>");
    assert_eq!(drawn("- ```код```\n1. `x`"), "<li><pre>код</pre></li>\n<li 1><code>x</code></li>");
    assert_eq!(drawn("а\r\n\r\n- б"), "а\n\n<li>б</li>");
    assert_eq!(drawn("- \n> \n1. \n01. раз\n1234. нет"), "- \n&gt; \n1. \n01. раз\n1234. нет");
    assert_eq!(drawn("> - x\n> > y"), "<q>- x</q>\n<q>&gt; y</q>");
    assert_eq!(drawn("``` ```x```"), "``` <pre>x</pre>", "blank fences open anew");
    assert_eq!(
        plain("*Анна:*\n- раз\n- _два_\n3. три\n> да `x`\n```а\nб```", &[]),
        "Анна:\n• раз\n• два\n3. три\nда x\nа\nб"
    );
    assert_eq!(parse("", &[]), []);
}

/// All that a reader can see or a mark can take away; what is left must be the same before and after.
fn essence(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !"*_~`>-•".contains(*c)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn nothing_is_lost(text in "([*_~`>. 1\n\r]|- |```|https://x\\.ru/|@|a@b\\.ru|\\+7 999 123-45-67|[а-я]|👍🏽|\u{202e}|\u{200b}){0,40}") {
        prop_assert_eq!(essence(&plain(&text, &[])), essence(&text));
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>()) {
        prop_assert_eq!(essence(&plain(&text, &[])), essence(&text));
        let _ = emoji_count(&text);
    }

    #[test]
    fn links_are_of_four_kinds_and_without_tricks(text in "(https?://|www\\.|[a-z]{1,3}|\\.|@|/|:|\\\\|\u{202e}|\u{200b}|ru|[а-в]|\\*|_| ){0,30}") {
        for target in links(&text) {
            let good = ["https://", "http://", "mailto:", "tel:+"].iter().any(|scheme| target.to_lowercase().starts_with(scheme));
            prop_assert!(good && !target.contains(['\u{202e}', '\u{200b}', ' ']), "{}", target);
        }
    }
}

#[test]
fn long_texts_take_time_by_their_length() {
    for piece in [
        "*",
        "_",
        "*a",
        "*a ",
        " *a",
        "_*~",
        "`",
        "```",
        "``` ",
        "`a",
        "@",
        "@7",
        "a@",
        "a.",
        "a:",
        "+7",
        "8 ",
        "8-",
        "https://",
        "https://a.ru/(",
        "www.",
        "- ",
        "> ",
        "1. ",
        "\n",
        "\n- a",
        "a@a.ru ",
        "*a*",
        "👍🏽",
        "\u{202e}",
        "x",
        "a.ru/",
        "://",
        "*_~a",
        "```\n",
        "https://a.ru*",
    ] {
        let text = piece.repeat(100_000 / piece.len().min(100_000) + 1);
        let start = Instant::now();
        let shown = plain(&text, &[]);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(15), "{piece:?} took {took:?}");
        assert_eq!(essence(&shown), essence(&text), "{piece:?}");
    }
}
