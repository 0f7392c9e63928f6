//! The lines of the house, checked over the source text: who may know what, and which way modules look. The compiler
//! cannot know these; ARCHITECTURE.md says why each is drawn. Each exception is named here with its reason, and one that
//! nobody needs any more fails too, so the lists stay true. What is not Rust is looked at by `scripts/rules.sh`.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a module of the server may use of the others: `auth::Sight` is that name alone, `store` everything in it.
const DIRECTIONS: &[(&str, &[&str])] = &[
    ("config", &[]),
    ("fault", &[]),
    ("fetch", &[]),
    ("metrics", &[]),
    ("secret", &[]),
    // What somebody may see is part of the query, so the type that says it comes down to here; and the clock.
    ("store", &["secret::Vault", "auth::Sight", "ledger::now"]),
    ("accounts", &["secret::Vault", "store"]),
    ("files", &["secret", "store"]),
    // A failed call that a handler made becomes its answer, so the conversion stands beside the call.
    ("gateway", &["fault::Problem", "fetch", "store"]),
    // `Who` asks, and hears a `Problem`; the bell wakes those who wait; a send ends in the provider's `Trouble`.
    (
        "ledger",
        &[
            "accounts",
            "auth",
            "fault::Problem",
            "gateway::Reaction",
            "gateway::Trouble",
            "gateway::capabilities",
            "state::Bell",
            "store",
        ],
    ),
    // What somebody left to be sent later goes with what they may do then.
    ("work", &["auth", "fetch", "files", "gateway", "ledger", "state", "store"]),
    ("auth", &["config", "fault", "ledger::now", "secret", "state", "store"]),
    // An account's event shows it as the API does.
    ("live", &["api::account::public", "auth", "fault", "state", "store"]),
    ("pages", &["fault", "secret", "state"]),
    ("hs", &["auth", "fault", "ledger", "secret", "state", "store"]),
    ("api", &["auth", "fault", "fetch", "files", "gateway", "ledger", "live", "pages", "secret", "state", "store"]),
];

/// The two that put everything together look everywhere, and the programme stands outside of the library.
const EVERYWHERE: &[&str] = &["state", "serve", "lib", "main"];

/// Words that only one place may speak.
struct Words {
    /// What the line is, for the failure's text.
    line: &'static str,
    /// The words.
    words: &'static [&'static str],
    /// Where they may stand: a path, or the beginning of one.
    home: &'static [&'static str],
    /// Where else, and why.
    except: &'static [(&'static str, &'static str)],
}

const SERVER_WORDS: &[Words] = &[
    Words {
        line: "only the store holds SQL",
        words: &["sqlx::"],
        home: &["server/src/store"],
        except: &[
            ("server/src/work/upkeep.rs", "LISTEN holds a connection of its own for as long as the process lives"),
            ("server/src/fault.rs", "tells a database that is away from a mistake of ours"),
            ("server/src/auth/guard.rs", "says the same of itself when too many sign in at once"),
        ],
    },
    Words {
        line: "only the gateway speaks a provider's vocabulary",
        words: VOCABULARY,
        home: &["server/src/gateway/green_api"],
        except: &[
            ("server/src/store/log/redact.rs", "knows where an address carries a secret, to take it out"),
            ("server/src/work/receive.rs", "recognises the refusal to be polled by its words"),
        ],
    },
    Words {
        line: "only workers hand messages to a provider",
        words: &["Parcel", ".send(&parcel"],
        home: &["server/src/gateway", "server/src/work/send.rs"],
        except: &[],
    },
    Words {
        line: "only live pushes to browsers",
        words: &["WebSocketUpgrade", "on_upgrade", "broadcast::", "response::sse"],
        home: &["server/src/live.rs"],
        except: &[],
    },
    Words {
        line: "only the ledger changes chats, messages and contacts",
        words: &[
            "message::insert",
            "message::set_",
            "message::edit(",
            "message::delete(",
            "message::restart(",
            "chat::grow(",
            "chat::ensure(",
            "chat::assign",
            "chat::settle(",
            "chat::set_",
            "chat::mark_read(",
            "chat::mark_unread(",
            "label::set(",
            "mention::keep(",
            "chat::purge(",
            "contact::ensure(",
            "contact::rename(",
            "contact::set_",
            "event::append(",
        ],
        home: &["server/src/ledger"],
        except: &[
            ("server/src/api/account.rs", "a sandbox that is deleted goes with everything that was said in it"),
            ("server/src/work/media.rs", "a portrait is kept where it was fetched; the ledger tells of it"),
        ],
    },
    Words {
        line: "only fetch calls out",
        words: &["reqwest::Client", "Client::builder", "TcpStream::connect"],
        home: &["server/src/fetch.rs"],
        except: &[],
    },
];

/// Words of Green-API's wire (`reference/green-api.md`). Labels that people read in its console are no such words.
const VOCABULARY: &[&str] = &[
    "typeWebhook",
    "typeMessage",
    "typeInstance",
    "idMessage",
    "instanceData",
    "senderData",
    "messageData",
    "stanzaId",
    "waInstance",
    "stateInstance",
    "statusInstance",
    "receiptId",
    "webhookUrl",
    "incomingWebhook",
    "chatId",
    "@c.us",
    "@g.us",
    "getStateInstance",
    "setSettings",
    "getSettings",
    "receiveNotification",
    "deleteNotification",
    "sendFileByUpload",
    "webhook url is set",
];

/// Where code may hold Russian, and why. The interface's words are in `app/locales`, the server's in `domain/src/locale`.
const RUSSIAN: &[(&str, &str)] = &[
    ("server/src/work/sandbox/", "what the invented clients say is data"),
    ("server/src/gateway/sandbox/draw.rs", "so are the names of their documents"),
    ("server/src/pages.rs", "one sentence for developers, when there is no client to word it"),
    ("server/src/store/contact.rs", "a search takes ё for е"),
    ("app/src/page/profile.rs", "a language is listed by its own name"),
    ("app/src/page/sessions.rs", "a browser too"),
    ("app/src/i18n.rs", "shortens the months as Intl spells them"),
    ("app/src/chat/bubble.rs", "the mark of 1C"),
    ("app/src/chat/text.rs", "ends of addresses and forms of companies, to be recognised"),
    ("app/src/chat/samples.rs", "rows for tests"),
];

/// A file's code: without its tests and comments, each line with its number.
struct Source {
    path: String,
    whole: String,
    code: Vec<(usize, String)>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The Rust files under a folder of the repository.
fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let whole = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push(Source { code: code(&path, &whole), path, whole });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// Tests stand at the end of a file or in a file of theirs.
fn code(path: &str, whole: &str) -> Vec<(usize, String)> {
    if path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let mut before_tests = true;
    let lines: Vec<&str> = whole.lines().collect();
    let mut kept = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let opens = lines.get(index + 1).is_some_and(|next| next.starts_with("mod tests {"));
        before_tests &= !(line.starts_with("#[cfg(test)]") && opens);
        if before_tests && !line.trim_start().starts_with("//") {
            kept.push((index + 1, line.split_once(" // ").map_or(*line, |(code, _)| code).to_owned()));
        }
    }
    kept
}

/// Fails with everything that was found, a line each.
fn none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}\nSee \"Invariants\" in ARCHITECTURE.md.", broken.join("\n  "));
}

#[test]
fn each_place_speaks_its_own_words_only() {
    let server = sources("server/src");
    let mut broken = Vec::new();
    for Words { line, words, home, except } in SERVER_WORDS {
        let mut needed = HashSet::new();
        for file in server.iter().filter(|file| !home.iter().any(|home| file.path.starts_with(home))) {
            for (number, text) in &file.code {
                let Some(word) = words.iter().find(|word| text.contains(**word)) else { continue };
                match except.iter().find(|(path, _)| file.path == *path) {
                    Some((path, _)) => _ = needed.insert(path),
                    None => broken.push(format!("{}:{number}: {word} ({line})", file.path)),
                }
            }
        }
        let idle = except.iter().filter(|(path, _)| !needed.contains(path));
        broken.extend(idle.map(|(path, _)| format!("{path}: its exception is not needed any more ({line})")));
    }
    none("words in a place that is not theirs", &broken);
}

#[test]
fn a_providers_vocabulary_stays_on_the_server() {
    let mut broken = Vec::new();
    for file in ["domain/src", "app/src", "app/locales"].into_iter().flat_map(sources) {
        for (number, text) in &file.code {
            let words = VOCABULARY.iter().filter(|word| text.contains(**word));
            broken.extend(words.map(|word| format!("{}:{number}: {word}", file.path)));
        }
    }
    none("only the gateway speaks a provider's vocabulary", &broken);
}

#[test]
fn modules_look_one_way() {
    let mut used = HashSet::new();
    let mut broken = Vec::new();
    for file in sources("server/src") {
        let inside = file.path.trim_start_matches("server/src/").trim_end_matches(".rs");
        let module = inside.split('/').next().unwrap();
        if EVERYWHERE.contains(&module) {
            continue;
        }
        let Some((_, may)) = DIRECTIONS.iter().find(|(name, _)| *name == module) else {
            // A folder of modules without words of its own.
            assert!(file.code.iter().all(|(_, line)| !line.contains("crate::")), "{}: add it to DIRECTIONS", file.path);
            continue;
        };
        for (number, path) in paths(&file.code) {
            if path == module || path.starts_with(&format!("{module}::")) {
                continue;
            }
            let allowed = may.iter().find(|may| path == **may || path.starts_with(&format!("{may}::")));
            match allowed {
                Some(allowed) => _ = used.insert((module.to_owned(), *allowed)),
                None => broken.push(format!("{}:{number}: crate::{path}", file.path)),
            }
        }
    }
    for (module, may) in DIRECTIONS {
        let idle = may.iter().filter(|may| !used.contains(&((*module).to_owned(), **may)));
        broken.extend(idle.map(|may| format!("{module} uses {may} no longer: take it out of DIRECTIONS")));
    }
    none("which module may use which", &broken);
}

/// Every path after `crate::`, groups in braces taken apart, with the number of the line where it begins.
fn paths(code: &[(usize, String)]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, (number, line)) in code.iter().enumerate() {
        for (at, _) in line.match_indices("crate::") {
            // `$crate::…` in a macro is the same; a group may go on over the next lines.
            let mut text = line[at + "crate::".len()..].to_owned();
            for (_, more) in code[index + 1..].iter().take_while(|_| line.trim_start().starts_with("use ")) {
                if text.contains(';') {
                    break;
                }
                text.push_str(more.trim());
            }
            let mut leaves = Vec::new();
            leaf(&mut text.chars().peekable(), String::new(), &mut leaves);
            found.extend(leaves.into_iter().map(|path| (*number, path)));
        }
    }
    found
}

/// Reads one path, or a group of them, that goes on from `before`.
fn leaf(text: &mut std::iter::Peekable<std::str::Chars<'_>>, before: String, leaves: &mut Vec<String>) {
    let mut path = before;
    while let Some(&next) = text.peek() {
        match next {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | ':' => path.push(next),
            '{' => {
                loop {
                    // The brace, or the comma of the one before.
                    text.next();
                    while text.next_if(|c| c.is_whitespace()).is_some() {}
                    if text.peek() != Some(&'}') {
                        leaf(text, path.clone(), leaves);
                    }
                    if text.peek() != Some(&',') {
                        text.next();
                        return;
                    }
                }
            }
            _ => break,
        }
        text.next();
    }
    leaves.push(path.trim_end_matches("::self").trim_end_matches(':').to_owned());
}

#[test]
fn the_two_shared_crates_stay_what_they_are() {
    let mut broken = Vec::new();
    let names = |manifest: &str| -> Vec<(usize, String)> {
        let text = fs::read_to_string(root().join(manifest)).unwrap();
        let start = text.lines().position(|line| line == "[dependencies]").unwrap() + 1;
        let lines = text.lines().enumerate().skip(start).take_while(|(_, line)| !line.starts_with('['));
        lines
            .filter(|(_, line)| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .map(|(index, line)| (index + 1, line.split(['.', ' ', '=']).next().unwrap().to_owned()))
            .collect()
    };
    // Pure words: what is not listed needs a reason.
    for (number, name) in names("domain/Cargo.toml") {
        if !["serde", "serde_json", "pulldown-cmark", "rust-stemmers", "utoipa"].contains(&name.as_str()) {
            broken.push(format!("domain/Cargo.toml:{number}: {name}"));
        }
    }
    for (number, name) in names("app/Cargo.toml") {
        if ["server", "emulator", "bench"].contains(&name.as_str()) {
            broken.push(format!("app/Cargo.toml:{number}: {name}"));
        }
    }
    for file in sources("domain/src") {
        for (number, text) in &file.code {
            let outside = ["std::fs", "std::net", "std::env", "std::process", "std::thread", "SystemTime", "Instant"];
            let words = outside.iter().filter(|word| text.contains(**word));
            broken.extend(words.map(|word| format!("{}:{number}: {word}", file.path)));
        }
    }
    none("domain is pure, and the client knows only domain", &broken);
}

#[test]
fn texts_for_people_are_in_the_locales() {
    let mut needed = HashSet::new();
    let mut broken = Vec::new();
    for file in ["app/src", "server/src"].into_iter().flat_map(sources) {
        for (number, text) in &file.code {
            if !text.contains(|c| ('\u{400}'..='\u{4ff}').contains(&c)) {
                continue;
            }
            match RUSSIAN.iter().find(|(path, _)| file.path.starts_with(path)) {
                Some((path, _)) => _ = needed.insert(*path),
                None => broken.push(format!("{}:{number}: {}", file.path, text.trim())),
            }
        }
    }
    let idle = RUSSIAN.iter().filter(|(path, _)| !needed.contains(path));
    broken.extend(idle.map(|(path, _)| format!("{path}: its exception is not needed any more")));
    none("no text for people outside the locales", &broken);
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut broken = Vec::new();
    let folders =
        ["domain/src", "server/src", "server/tests", "app/src", "app/locales", "end2end/emulator", "end2end/bench"];
    for file in folders.into_iter().flat_map(sources) {
        let lines = file.whole.lines().count();
        if lines > 600 {
            broken.push(format!("{}:{lines}: longer than 600 lines; split it by subject", file.path));
        }
        if !file.whole.starts_with("//!") {
            broken.push(format!("{}:1: begins without //!", file.path));
        }
    }
    none("short files that say what they are", &broken);
}
