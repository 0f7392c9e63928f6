//! Markdown pasted into the composer becomes WhatsApp's own marks. WhatsApp has fewer of them and no way to escape one,
//! so what it cannot show becomes plain words that read the same; no word is left out.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::inline::is_word;
use super::{Line, Span, Style};

/// The longest text that is converted, bytes; a longer one is pasted as it is, for no message is that long.
const MAX_BYTES: usize = 256 * 1024;

/// What to paste instead of a text that is Markdown beyond doubt; `None` where it should be pasted as it is. The one
/// `*` on each side that means bold here means italic there, so nothing is changed without a sign that only Markdown
/// has: `**`, `~~`, `__`, a heading, a link with its words, a table, a list of tasks, a fence with a language.
pub fn paste(text: &str) -> Option<String> {
    (text.len() <= MAX_BYTES && is_markdown(text)).then(|| convert(text))
}

fn is_markdown(text: &str) -> bool {
    let paired = |mark: &str| {
        text.match_indices(mark).any(|(at, _)| {
            let inside = text.get(at + 2..).unwrap_or_default();
            let begins = inside.chars().next().is_some_and(|c| !c.is_whitespace() && !mark.contains(c));
            begins && inside.split('\n').next().and_then(|line| line.find(mark)).is_some()
        })
    };
    let sign_in_line = |line: &str| {
        let heading = line.trim_start_matches('#');
        let level = line.len() - heading.len();
        let rule = line.trim();
        (1..=6).contains(&level) && heading.starts_with(' ') && !heading.trim().is_empty()
            || line.strip_prefix("```").is_some_and(|info| !info.is_empty() && is_language(info))
            || rule.contains("---")
                && rule.contains('|')
                && rule.bytes().all(|b| matches!(b, b'|' | b'-' | b':' | b' '))
            || ["- [ ] ", "- [x] ", "* [ ] ", "* [x] "].iter().any(|task| line.trim_start().starts_with(task))
    };
    text.contains("](http")
        || text.contains("](mailto:")
        || text.lines().any(sign_in_line)
        || ["**", "~~", "__"].into_iter().any(paired)
}

/// Converts Markdown whatever it looks like.
pub fn convert(text: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::default();
    for event in Parser::new_ext(text, options) {
        writer.hear(event);
    }
    writer.end_block();
    writer.out
}

#[derive(Default)]
struct Writer {
    out: String,
    /// The lines of the block that is being read.
    lines: Vec<Line>,
    /// What has begun and not ended: a style, or nothing where the style is on already.
    open: Vec<(Option<Style>, Line)>,
    /// The lists around, each with its next number.
    lists: Vec<Option<u64>>,
    /// What goes in front of the next line of a list.
    item: Option<String>,
    quotes: usize,
    /// Whether the last block was within a list or a quote that goes on.
    goes_on: bool,
    code: Option<String>,
    /// Addresses of the links around, and the words of each so far.
    links: Vec<(String, String)>,
    cells: usize,
}

impl Writer {
    fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(words) => match &mut self.code {
                Some(code) => code.push_str(&words),
                None => self.words(&words),
            },
            Event::Code(words) => {
                self.say(&words);
                self.span(code_span(&words));
            }
            Event::SoftBreak if !self.lists.is_empty() => self.words(" "),
            Event::SoftBreak | Event::HardBreak => self.break_line(),
            Event::Rule => {
                self.end_block();
                self.words("———");
                self.end_block();
            }
            Event::Html(words) | Event::InlineHtml(words) => {
                if words.trim_end().trim_end_matches(['/', ' ', '>']).eq_ignore_ascii_case("<br") {
                    self.break_line();
                } else {
                    for (index, line) in words.trim_end_matches('\n').split('\n').enumerate() {
                        if index > 0 {
                            self.break_line();
                        }
                        self.words(line);
                    }
                }
            }
            Event::TaskListMarker(done) => self.words(if done { "☑ " } else { "☐ " }),
            Event::FootnoteReference(words) | Event::InlineMath(words) | Event::DisplayMath(words) => {
                self.words(&words)
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.open(Style::Bold),
            Tag::Emphasis => self.open(Style::Italic),
            Tag::Strikethrough => self.open(Style::Strike),
            Tag::Heading { .. } => {
                self.end_block();
                self.open(Style::Bold);
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push((dest_url.into_string(), String::new()));
            }
            Tag::BlockQuote(_) => {
                self.end_block();
                self.quotes += 1;
            }
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => {
                self.end_block();
                let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(8));
                let sign = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "- ".to_owned(),
                };
                self.item = Some(indent + &sign);
            }
            Tag::CodeBlock(kind) => {
                self.end_block();
                if let CodeBlockKind::Fenced(info) = kind
                    && !is_language(&info)
                {
                    self.words(&info);
                    self.end_block();
                }
                self.code = Some(String::new());
            }
            Tag::TableHead | Tag::TableRow => {
                self.cells = 0;
                if matches!(tag, Tag::TableRow) {
                    self.break_line();
                }
            }
            Tag::TableCell => {
                if self.cells > 0 {
                    self.words(" | ");
                }
                self.cells += 1;
            }
            Tag::Paragraph | Tag::Table(_) | Tag::HtmlBlock => self.end_block(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough => self.close(),
            TagEnd::Heading(_) => {
                self.close();
                self.end_block();
            }
            TagEnd::Link | TagEnd::Image => self.end_link(),
            TagEnd::BlockQuote(_) => {
                self.end_block();
                self.quotes = self.quotes.saturating_sub(1);
                self.goes_on = false;
            }
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
                self.goes_on = !self.lists.is_empty();
            }
            TagEnd::Item => {
                self.end_block();
                self.item = None;
            }
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                let code = code.strip_suffix('\n').unwrap_or(&code);
                // A fence goes over lines by itself; where it cannot, the lines are words.
                if code.trim().is_empty() || code.contains("```") {
                    for line in code.split('\n') {
                        self.words(line);
                        self.break_line();
                    }
                } else {
                    self.span(Span::Mono(code.to_owned()));
                }
                self.end_block();
            }
            TagEnd::Paragraph | TagEnd::Table | TagEnd::HtmlBlock => self.end_block(),
            _ => {}
        }
    }

    /// Words after the link, unless they are the address; an address of another kind than these is left out.
    fn end_link(&mut self) {
        let Some((address, words)) = self.links.pop() else { return };
        let shown = address.strip_prefix("mailto:").or_else(|| address.strip_prefix("tel:")).unwrap_or(&address);
        let known = ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| address.starts_with(scheme));
        if !known || words.trim() == shown {
            return;
        }
        let after = if words.trim().is_empty() { shown.to_owned() } else { format!(" ({shown})") };
        self.words(&after);
    }

    fn open(&mut self, style: Style) {
        let on = self.open.iter().any(|(open, _)| *open == Some(style));
        self.open.push(((!on).then_some(style), Line::new()));
    }

    fn close(&mut self) {
        let Some((style, inside)) = self.open.pop() else { return };
        match style {
            Some(style) if !inside.is_empty() => self.span(Span::Styled(style, inside)),
            _ => inside.into_iter().for_each(|span| self.span(span)),
        }
    }

    /// A style never goes over a line: what is open is closed and opened anew.
    fn break_line(&mut self) {
        let styles: Vec<_> = self.open.iter().map(|(style, _)| *style).collect();
        while !self.open.is_empty() {
            self.close();
        }
        if self.lines.is_empty() {
            self.lines.push(Line::new());
        }
        self.lines.push(Line::new());
        self.open.extend(styles.into_iter().map(|style| (style, Line::new())));
        self.say("\n");
    }

    fn words(&mut self, words: &str) {
        self.say(words);
        self.span(Span::Text(words.to_owned()));
    }

    fn say(&mut self, words: &str) {
        for (_, said) in &mut self.links {
            said.push_str(words);
        }
    }

    fn span(&mut self, span: Span) {
        if self.open.is_empty() && self.lines.is_empty() {
            self.lines.push(Line::new());
        }
        let line = self.open.last_mut().map(|(_, line)| line).or(self.lines.last_mut());
        if let Some(line) = line {
            line.push(span);
        }
    }

    fn end_block(&mut self) {
        while !self.open.is_empty() {
            self.close();
        }
        let lines = std::mem::take(&mut self.lines);
        let kept = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        if kept == 0 {
            return;
        }
        let inside = self.quotes > 0 || !self.lists.is_empty();
        if !self.out.is_empty() {
            self.out.push_str(if self.goes_on && inside { "\n" } else { "\n\n" });
        }
        self.goes_on = inside;
        for (index, line) in lines.iter().take(kept).enumerate() {
            if index > 0 {
                self.out.push('\n');
            }
            if self.quotes > 0 {
                self.out.push_str("> ");
            }
            if let Some(item) = self.item.take() {
                self.out.push_str(&item);
            }
            write(&mut self.out, line, None);
        }
    }
}

/// What stands behind a fence names a language, or is words that somebody wrote there.
fn is_language(info: &str) -> bool {
    info.len() < 20 && info.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'#'))
}

fn code_span(words: &str) -> Span {
    if words.trim().is_empty() || words.contains("```") {
        Span::Text(words.to_owned())
    } else if words.contains('`') {
        Span::Mono(words.to_owned())
    } else {
        Span::Code(words.to_owned())
    }
}

/// Writes spans with WhatsApp's marks; `after` is the character that comes behind them. Where a mark would not work it
/// is left out: next to a letter, around blanks, or around the same mark.
fn write(out: &mut String, line: &[Span], after: Option<char>) {
    for (index, span) in line.iter().enumerate() {
        match span {
            Span::Text(words) | Span::Link { shown: words, .. } | Span::Mention { name: words, .. } => {
                out.push_str(words)
            }
            Span::Code(words) => out.extend(["`", words, "`"]),
            Span::Mono(words) => out.extend(["```", words, "```"]),
            Span::Styled(style, inside) => {
                let mark = match style {
                    Style::Bold => '*',
                    Style::Italic => '_',
                    Style::Strike => '~',
                };
                let mut first = String::new();
                line.get(index + 1..).unwrap_or_default().iter().take(1).for_each(|next| write_plain(&mut first, next));
                let next = first.chars().next().or(after);
                let mut words = String::new();
                write(&mut words, inside, None);
                let bounded = words.trim() == words && !words.is_empty() && !words.contains(mark);
                let free = !out.chars().next_back().is_some_and(is_word) && !next.is_some_and(is_word);
                if bounded && free {
                    out.push(mark);
                    out.push_str(&words);
                    out.push(mark);
                } else {
                    write(out, inside, next);
                }
            }
        }
    }
}

/// The beginning of what a span shows, marks left out: they are no letters.
fn write_plain(out: &mut String, span: &Span) {
    match span {
        Span::Text(words) => out.extend(words.chars().next()),
        Span::Styled(_, inside) => inside.iter().take(1).for_each(|span| write_plain(out, span)),
        _ => out.push('`'),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn styles_change_their_marks() {
        for (markdown, wanted) in [
            ("**жирно**", "*жирно*"),
            ("*курсив* и _курсив_", "_курсив_ и _курсив_"),
            ("**bold _italic_**", "*bold _italic_*"),
            ("***оба***", "_*оба*_"),
            ("~~нет~~", "~нет~"),
            ("`код` и ``a`b``", "`код` и ```a`b```"),
            ("# Заголовок *с* **жирным**", "*Заголовок _с_ жирным*"),
            ("при**вет**", "привет"),
            ("**5\\*2**", "5*2"),
            ("[сайт](https://x.ru) и <https://y.ru>", "сайт (https://x.ru) и https://y.ru"),
            ("[https://x.ru](https://x.ru)", "https://x.ru"),
            ("[**имя**](mailto:a@x.ru)", "*имя* (a@x.ru)"),
            ("[зло](javascript:alert(1))", "зло"),
            ("![котик](https://x.ru/a.png)", "котик (https://x.ru/a.png)"),
            ("* раз\n* два\n  строка\n+ три", "- раз\n- два строка\n\n- три"),
            ("3. три\n4. четыре", "3. три\n4. четыре"),
            ("- а\n  - б\n  - в\n- г", "- а\n  - б\n  - в\n- г"),
            ("- [ ] сделать\n- [x] сделано", "- ☐ сделать\n- ☑ сделано"),
            ("> раз\n> **два**\n\nтри", "> раз\n> *два*\n\nтри"),
            ("```rust\nlet a = 1;\n\nb\n```\nпосле", "```let a = 1;\n\nb```\n\nпосле"),
            ("| a | b |\n|---|---|\n| 1 | **2** |\n| 3 | 4 |", "a | b\n1 | *2*\n3 | 4"),
            ("раз\nдва  \nтри\n\nчетыре", "раз\nдва\nтри\n\nчетыре"),
            ("**раз\nдва**", "*раз*\n*два*"),
            ("раз\n\n---\n\nдва", "раз\n\n———\n\nдва"),
            ("<b>а</b> &amp; б<br>в", "<b>а</b> & б\nв"),
            ("Итог:\n\n- раз\n- два\n\nДалее", "Итог:\n\n- раз\n- два\n\nДалее"),
        ] {
            assert_eq!(convert(markdown), wanted, "{markdown}");
        }
    }

    #[test]
    fn only_markdown_is_converted() {
        for text in [
            "**а**",
            "да ~~нет~~",
            "# А\nб",
            "[а](https://x.ru)",
            "```js\na\n```",
            "|a|b|\n|---|:-:|",
            "- [ ] а",
            "__а__",
        ] {
            assert!(paste(text).is_some(), "{text}");
        }
        for text in [
            "",
            "*жирный* _курсив_",
            "- раз\n- два",
            "1. раз",
            "> цитата",
            "```код```",
            "#хештег",
            "# ",
            "2 ** 3",
            "_______",
            "********",
            "snake__case",
            "https://x.ru/a_b",
        ] {
            assert_eq!(paste(text), None, "{text}");
        }
    }

    #[test]
    fn long_texts_take_little_time() {
        for piece in
            ["**", "*a", "**a ", "_*", "[", "](", "> ", "- ", "~~a", "`", "|", "# a\n", "__a", "![", "<b>", "&"]
        {
            let text = piece.repeat(20_000 / piece.len());
            let start = std::time::Instant::now();
            let _ = (paste(&text), convert(&text));
            assert!(start.elapsed() < std::time::Duration::from_secs(20), "{piece}: {:?}", start.elapsed());
        }
    }

    fn letters(text: &str) -> String {
        text.chars().filter(|c| c.is_alphanumeric()).collect()
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "([а-я]{1,4}|\\*|\\*\\*|_|~~|`| |\n|\n\n|> |- |# |\\||👍){0,40}") {
            prop_assert_eq!(letters(&convert(&text)), letters(&text));
        }

        #[test]
        fn nothing_makes_it_panic(text in any::<String>()) {
            let _ = (paste(&text), convert(&text));
        }

        #[test]
        fn bold_words_are_shown_bold(before in "[а-я]{1,5}", bold in "[а-я]{1,5}( [а-я]{1,5})?", after in "[а-я]{1,5}") {
            let converted = paste(&format!("{before} **{bold}**, {after}")).unwrap();
            prop_assert_eq!(&converted, &format!("{before} *{bold}*, {after}"));
            prop_assert_eq!(plain(&converted, &[]), format!("{before} {bold}, {after}"));
        }
    }
}
