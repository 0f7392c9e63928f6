//! Lines of a card: folded ones joined, properties taken apart, quoted-printable, base64 and old alphabets decoded.
//! What a property means is not known here.

/// A property: `group.NAME;PARAMETER=value:raw`.
pub struct Property {
    /// What ties properties together, such as `item1`; empty for most.
    pub group: String,
    /// The name in capitals.
    pub name: String,
    /// The value as it stands, joined.
    pub raw: Vec<u8>,
    parameters: Vec<(String, String)>,
}

/// The properties of a text, one after another. Lines that are none are passed over.
pub fn properties(bytes: &[u8]) -> impl Iterator<Item = Property> + '_ {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = bytes.split(|&b| b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).peekable();
    std::iter::from_fn(move || {
        let mut whole = lines.next()?.to_vec();
        let head = header(&whole).to_ascii_uppercase();
        let has = |word: &[u8]| head.windows(word.len()).any(|part| part == word);
        let quoted = has(b"QUOTED-PRINTABLE");
        let base64 = has(b"BASE64") || has(b"ENCODING=B");
        while let Some(next) = lines.peek() {
            if quoted && whole.last() == Some(&b'=') {
                // A soft break; some writers fold such lines too.
                whole.pop();
                whole.extend_from_slice(next.strip_prefix(b" ").unwrap_or(next));
            } else if let [b' ' | b'\t', rest @ ..] = next {
                whole.extend_from_slice(rest);
            } else if base64 && !next.is_empty() && !next.contains(&b':') {
                whole.extend_from_slice(next);
            } else {
                break;
            }
            lines.next();
        }
        Some(whole)
    })
    .filter_map(|line| Property::parse(&line))
}

/// Everything before the value's colon; one in quotes is no such colon.
fn header(line: &[u8]) -> &[u8] {
    let mut quotes = false;
    for (i, &b) in line.iter().enumerate() {
        match b {
            b'"' => quotes = !quotes,
            b':' if !quotes => return line.get(..i).unwrap_or_default(),
            _ => {}
        }
    }
    &[]
}

impl Property {
    fn parse(line: &[u8]) -> Option<Self> {
        let head = header(line);
        let raw = line.get(head.len() + 1..).filter(|_| !head.is_empty())?.to_vec();
        let head = decode(head, None);
        let mut pieces = split(&head, ';', '"').into_iter();
        let name = pieces.next()?;
        let (group, name) = name.rsplit_once('.').unwrap_or(("", name));
        let parameters = pieces.map(|piece| {
            // In 2.1 the kind stands alone: `TEL;CELL:`.
            let (name, value) = piece.split_once('=').unwrap_or(("TYPE", piece));
            (name.trim().to_ascii_uppercase(), value.replace('"', "").trim().to_owned())
        });
        Some(Self {
            group: group.trim().to_ascii_lowercase(),
            name: name.trim().to_ascii_uppercase(),
            parameters: parameters.take(32).collect(),
            raw,
        })
    }

    /// A parameter's value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the kinds of the property name this one: `TYPE=HOME,CELL`, `TYPE=CELL;TYPE=HOME`, `CELL`.
    pub fn is_type(&self, word: &str) -> bool {
        let types = self.parameters.iter().filter(|(name, _)| name == "TYPE");
        types.flat_map(|(_, value)| value.split(',')).any(|kind| kind.trim().eq_ignore_ascii_case(word))
    }

    fn encoding(&self, word: &str) -> bool {
        let named = self.parameter("ENCODING").is_some_and(|value| value.eq_ignore_ascii_case(word));
        named || word.len() > 1 && self.is_type(word)
    }

    fn decoded(&self) -> String {
        let charset = self.parameter("CHARSET");
        if self.encoding("QUOTED-PRINTABLE") {
            return decode(&unquoted(&self.raw), charset);
        }
        decode(&self.raw, charset)
    }

    /// The value as one text.
    pub fn text(&self) -> String {
        unescaped(&self.decoded())
    }

    /// The value's parts between semicolons.
    pub fn components(&self) -> Vec<String> {
        let whole = self.decoded();
        split(&whole, ';', '\\').into_iter().take(16).map(unescaped).collect()
    }

    /// The value's bytes where they are in base64 here or in a `data:` address; nothing beyond `limit` characters.
    pub fn bytes(&self, limit: usize) -> Option<Vec<u8>> {
        let raw = if self.encoding("B") || self.encoding("BASE64") {
            self.raw.as_slice()
        } else {
            let rest = self.raw.strip_prefix(b"data:")?;
            let comma = rest.iter().position(|&b| b == b',')?;
            let (head, rest) = rest.split_at_checked(comma)?;
            head.ends_with(b";base64").then_some(rest.get(1..)?)?
        };
        (raw.len() <= limit + limit / 8).then(|| unbase64(raw)).flatten()
    }
}

/// Splits at a sign; after a backslash, or between quotes, it is none.
fn split(text: &str, sign: char, guard: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut guarded = false;
    for (i, c) in text.char_indices() {
        if c == guard {
            guarded = !guarded;
            continue;
        }
        if c == sign && !guarded {
            parts.push(text.get(begin..i).unwrap_or_default());
            begin = i + c.len_utf8();
        }
        if guard == '\\' {
            guarded = false;
        }
    }
    parts.push(text.get(begin..).unwrap_or_default());
    parts
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(c @ (',' | ';' | ':' | '\\')) => out.push(c),
                Some(c) => out.extend(['\\', c]),
                None => out.push('\\'),
            },
            c => out.push(c),
        }
    }
    out
}

fn unquoted(raw: &[u8]) -> Vec<u8> {
    let hex = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&b, after)) = rest.split_first() {
        rest = after;
        if b == b'='
            && let [high, low, after @ ..] = rest
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = after;
            continue;
        }
        out.push(b);
    }
    out
}

fn unbase64(raw: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for &b in raw.iter().filter(|b| !b.is_ascii_whitespace()) {
        let digit = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xFF) as u8);
        }
    }
    Some(out)
}

/// The second half of windows-1251 before the letters.
const SIGNS_1251: &str = "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕї";
/// Letters of KOI8-R from 0xC0 on.
const LETTERS_KOI8: &str = "юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";

/// Reads bytes by the alphabet that the card names. Without one it is UTF-8, or windows-1251 where that cannot be.
fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    let charset = charset.unwrap_or_default().to_ascii_lowercase();
    let one = |b: u8, of: &str, from: u8| of.chars().nth(usize::from(b - from)).unwrap_or('\u{fffd}');
    let by =
        |read: &dyn Fn(u8) -> char| bytes.iter().map(|&b| if b < 0x80 { char::from(b) } else { read(b) }).collect();
    match charset.as_str() {
        "koi8-r" | "koi8-u" => by(&|b| match b {
            0xA3 => 'ё',
            0xB3 => 'Ё',
            0xC0.. => one(b, LETTERS_KOI8, 0xC0),
            _ => '\u{fffd}',
        }),
        "iso-8859-1" | "latin1" => bytes.iter().map(|&b| char::from(b)).collect(),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) if !matches!(charset.as_str(), "windows-1251" | "cp1251") => text.to_owned(),
            Err(_) if charset == "utf-8" => String::from_utf8_lossy(bytes).into_owned(),
            _ => by(&|b| match b {
                0xC0.. => char::from_u32(0x410 + u32::from(b - 0xC0)).unwrap_or('\u{fffd}'),
                _ => one(b, SIGNS_1251, 0x80),
            }),
        },
    }
}
