//! Reads the JSON that the world really sends.

use serde_json::Value;

/// Reads JSON. Providers cut names and quotes in the middle of an emoji, which leaves half of a UTF-16 pair as an escape;
/// such halves become the replacement character rather than losing the whole notification.
pub(crate) fn read(text: &str) -> Result<Value, serde_json::Error> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) => match mend(text) {
            Some(mended) => serde_json::from_str(&mended),
            None => Err(error),
        },
    }
}

/// The text with unpaired surrogate escapes replaced; `None` when there are none.
fn mend(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied, mut found) = (0, 0, false);
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match unit(bytes, at) {
            Some(0xd800..=0xdbff) if matches!(unit(bytes, at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                // Escapes are ASCII, so these are boundaries of characters.
                out.push_str(&text[copied..at]);
                out.push_str("\\ufffd");
                at += 6;
                copied = at;
                found = true;
            }
            // Any other escape: step over the escaped character too, so that `\\\\ud83d` is not taken for an escape.
            _ => at += 2,
        }
    }
    out.push_str(&text[copied..]);
    found.then_some(out)
}

/// The UTF-16 unit of a `\\uXXXX` escape that begins here.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_an_emoji_is_replaced_and_whole_ones_stay() {
        for (text, expected) in [
            (r#""Оля \ud83d""#, "Оля \u{fffd}"),
            (r#""\ud83d\ude00 \ude00!""#, "😀 \u{fffd}!"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\\ud83d \udc00""#, "\\ud83d \u{fffd}"),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
        assert!(read("{").is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in ".*", tail in r#"(\\\\|\\u|d83d|[0-9a-f"]){0,20}"#) {
            let _ = read(&format!("{text}{tail}"));
        }

        #[test]
        fn sound_json_is_read_as_it_is(text in ".*") {
            let json = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(read(&json).unwrap(), text);
        }
    }
}
