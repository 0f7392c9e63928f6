//! Takes secrets and bulk out of what goes into the integration log. Pure text in, text out.

/// The most of a body that is kept, bytes.
const KEPT: usize = 16 * 1024;
/// The most of a body that is looked at, bytes.
const READ: usize = 256 * 1024;
/// Base64 and the like longer than this is cut, bytes.
const BLOB: usize = 200;
/// What stands for a secret.
const HIDDEN: &str = "***";

/// JSON keys and header names whose values are never shown, compared without regard to case.
const SECRET_KEYS: &[&str] = &[
    "authorization",
    "apitokeninstance",
    "webhookurltoken",
    "token",
    "access_token",
    "apikey",
    "api_key",
    "password",
    "secret",
];

/// A body ready for the log: secrets and long base64 removed, at most 16 kB.
pub fn body(text: &str, secrets: &[String]) -> String {
    let head = &text[..text.floor_char_boundary(READ)];
    let mut out = blobs(&redact(head, secrets));
    if head.len() < text.len() {
        // The cut may have gone through a secret, so its beginning is dropped too.
        out.truncate(out.floor_char_boundary(out.len().saturating_sub(256)));
    }
    let whole = head.len() == text.len() && out.len() <= KEPT;
    if whole {
        return out;
    }
    out.truncate(out.floor_char_boundary(KEPT));
    out + &format!("… ({} bytes)", text.len())
}

/// Hides the given secrets, tokens in Green-API's addresses, and values of keys that name secrets.
pub fn redact(text: &str, secrets: &[String]) -> String {
    let mut out = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= 4) {
        if out.contains(secret.as_str()) {
            out = out.replace(secret.as_str(), HIDDEN);
        }
    }
    keys(&addresses(&out))
}

/// Cuts a text to `most` bytes on a character's boundary.
pub fn clip(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most));
        text.push('…');
    }
    text
}

/// `/waInstance1101/sendMessage/TOKEN…` becomes `/waInstance1101/sendMessage/***…` (`reference/green-api.md` §1).
fn addresses(text: &str) -> String {
    const MARK: &str = "/waInstance";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(MARK) {
        let (before, path) = rest.split_at(at + MARK.len());
        out.push_str(before);
        // idInstance / method / token
        let ends = |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        let id = ends(path);
        let method = path[id..].strip_prefix('/').map_or(0, |method| 1 + ends(method));
        let head = id + method;
        out.push_str(&path[..head]);
        rest = &path[head..];
        if let Some(token) = rest.strip_prefix('/').filter(|_| method > 1) {
            let end = token.find(|c: char| "/?#\"'\\<> \n\r\t".contains(c)).unwrap_or(token.len());
            if end > 0 {
                out.push('/');
                out.push_str(HIDDEN);
                rest = &token[end..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// `"password": "…"` and `Authorization: …` lose their values.
fn keys(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut hidden: Vec<(usize, usize)> = Vec::new();
    for key in SECRET_KEYS {
        let mut from = 0;
        while let Some(at) = lower[from..].find(key).map(|at| at + from) {
            from = at + key.len();
            let inside_word = lower[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            if !inside_word && let Some(range) = value_after(text, from) {
                hidden.push(range);
            }
        }
    }
    hidden.sort_unstable();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (begin, end) in hidden {
        if begin >= from {
            out.push_str(&text[from..begin]);
            out.push_str(HIDDEN);
            from = end;
        }
    }
    out.push_str(&text[from..]);
    out
}

/// Where the value of a key that ended at `at` begins and ends: a JSON string, or the rest of a header's line.
fn value_after(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = &text[at..];
    let json = rest.strip_prefix('"').or_else(|| rest.strip_prefix("\\\""));
    let quoted = json.is_some();
    let rest = json.unwrap_or(rest).trim_start_matches(' ').strip_prefix(':')?.trim_start_matches(' ');
    let (open, rest) = match rest.strip_prefix("\\\"").or_else(|| rest.strip_prefix('"')) {
        Some(value) => (true, value),
        None => (false, rest),
    };
    let begin = text.len() - rest.len();
    if open {
        let mut escaped = false;
        for (offset, c) in rest.char_indices() {
            match c {
                '"' if !escaped => return (offset > 0).then_some((begin, begin + offset)),
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        return Some((begin, text.len()));
    }
    // A header's line; a JSON value that is not a string (null, a number) is no secret.
    let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
    (!quoted && end > 0).then_some((begin, begin + end))
}

/// Long runs of base64 lose all but their beginning.
fn blobs(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(KEPT * 2));
    let mut rest = text;
    while let Some(first) = rest.find(is_base64) {
        let (before, run) = rest.split_at(first);
        out.push_str(before);
        let end = run.find(|c| !is_base64(c)).unwrap_or(run.len());
        if end > BLOB {
            out.push_str(&run[..32]);
            out.push_str(&format!("…({end} characters)"));
        } else {
            out.push_str(&run[..end]);
        }
        rest = &run[end..];
    }
    out.push_str(rest);
    out
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_in_addresses_go() {
        assert_eq!(
            redact("POST https://7103.api.greenapi.com/waInstance7103000001/sendMessage/d75b3a66 x", &[]),
            "POST https://7103.api.greenapi.com/waInstance7103000001/sendMessage/*** x"
        );
        assert_eq!(redact("/waInstance1/deleteNotification/abc/17", &[]), "/waInstance1/deleteNotification/***/17");
        assert_eq!(
            redact(r#"{"path":"/waInstance1/qr/abc","message":"x"}"#, &[]),
            r#"{"path":"/waInstance1/qr/***","message":"x"}"#
        );
        assert_eq!(redact("/waInstance1/qr", &[]), "/waInstance1/qr");
        assert_eq!(redact("/waInstance", &[]), "/waInstance");
    }

    #[test]
    fn values_of_secret_keys_go() {
        assert_eq!(
            redact(r#"{"webhookUrlToken":"Bearer s3cret","a":"b"}"#, &[]),
            r#"{"webhookUrlToken":"***","a":"b"}"#
        );
        assert_eq!(redact("{\"password\" : \"a\\\"b\", \"x\":1}", &[]), "{\"password\" : \"***\", \"x\":1}");
        assert_eq!(redact("Authorization: Basic eDp5\nAccept: */*", &[]), "Authorization: ***\nAccept: */*");
        assert_eq!(redact(r#"{"token":null,"tokens":"many"}"#, &[]), r#"{"token":null,"tokens":"many"}"#);
        assert_eq!(redact(r#"{"webhookUrlToken":""}"#, &[]), r#"{"webhookUrlToken":""}"#);
    }

    #[test]
    fn named_secrets_go_everywhere() {
        let secrets = ["d75b3a66".to_owned(), "x".to_owned()];
        assert_eq!(redact("key d75b3a66, again d75b3a66; x stays", &secrets), "key ***, again ***; x stays");
    }

    #[test]
    fn bulk_goes_and_words_stay() {
        let thumbnail = "A".repeat(5000);
        let text = format!(r#"{{"jpegThumbnail":"{thumbnail}","text":"{}"}}"#, "Здравствуйте ".repeat(50));
        let out = body(&text, &[]);
        assert!(out.contains("…(5000 characters)") && out.contains("Здравствуйте Здравствуйте"));
        let long = body(&"я, ".repeat(100_000), &[]);
        assert!(long.len() < KEPT + 64 && long.contains("bytes)"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*", secret in "[a-f0-9]{8,20}") {
            let dirty = format!("{text}{secret}{text}");
            let clean = body(&dirty, std::slice::from_ref(&secret));
            prop_assert!(!clean.contains(&secret) || text.contains(&secret));
        }

        #[test]
        fn odd_json_does_not_make_it_panic(text in "[a-z\"\\\\:{} /я]{0,200}") {
            let _ = body(&format!("authorization{text}\"token\":\"{text}/waInstance{text}"), &[]);
        }
    }
}
