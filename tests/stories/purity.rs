//! The core knows no clock, no disk, no socket and no thread: that is what makes a record a function of its journal.

use std::path::{Path, PathBuf};

/// The folders that hold the core.
const PURE: [&str; 4] = ["src/media", "src/fields", "src/call", "src/record"];
/// Files in them that are not of the core: what the command `offhook extract` reads and prints.
const COMMANDS: [&str; 1] = ["src/fields/extract.rs"];
/// What the core may not name. Time is an argument; so is randomness.
const FORBIDDEN: [&str; 14] = [
    "tokio",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "std::fs",
    "std::net",
    "std::thread",
    "std::process",
    "std::env",
    "std::io::stdin",
    "getrandom",
    "Mutex",
    "RwLock",
];

/// Rust source without comments, texts and white space. Lifetimes stay; character literals go.
fn code(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_text(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = hashes + 2;
            rest[begin..]
                .find(&end)
                .map_or(rest.len(), |at| begin + at + end.len())
        } else if c == '"' {
            text_end(rest, '"')
        } else if c == '\'' && is_character(rest) {
            text_end(rest, '\'')
        } else {
            0
        };
        if skipped == 0 {
            // Between two words the space is what keeps them apart; elsewhere it means nothing.
            let apart = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            if !c.is_whitespace() {
                code.push(c);
            } else if apart(code.chars().last()) && apart(rest.trim_start().chars().next()) {
                code.push(' ');
            }
            rest = &rest[c.len_utf8()..];
        } else {
            rest = &rest[skipped..];
        }
    }
    code
}

/// The number of `#` of a raw text that begins here.
fn raw_text(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

fn is_character(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => true,
        (_, second) => second == Some('\''),
    }
}

/// Length of a text in quotes, escapes heeded.
fn text_end(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// Takes out every item under `#[cfg(test)]`.
fn without_tests(mut code: String) -> String {
    const MARK: &str = "#[cfg(test)]";
    while let Some(begin) = code.find(MARK) {
        let mut depth = 0;
        let mut end = code.len();
        for (at, c) in code[begin + MARK.len()..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(c, '}' | ';') {
                end = begin + MARK.len() + at + 1;
                break;
            }
        }
        code.replace_range(begin..end, "");
    }
    code
}

/// Whether `name` stands in the code as a whole, or in a group such as `std::{fs, io}`.
fn names(code: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let stands = code
        .match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(word) && !code[at + name.len()..].starts_with(word));
    let grouped = name.rsplit_once("::").is_some_and(|(path, last)| {
        code.match_indices(&format!("{path}::{{"))
            .any(|(at, opening)| {
                let group = &code[at + opening.len()..];
                let end = group.find(';').unwrap_or(group.len());
                group[..end]
                    .split([',', '{', '}'])
                    .any(|item| item.split("::").next() == Some(last))
            })
    });
    stands || grouped
}

fn breaches(source: &str) -> Vec<&'static str> {
    let code = without_tests(code(source));
    FORBIDDEN
        .into_iter()
        .filter(|name| names(&code, name))
        .collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_core_names_no_clock_disk_socket_or_thread() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for folder in PURE {
        for file in rust_files(&root.join(folder)) {
            let name = file.strip_prefix(root).unwrap().to_str().unwrap();
            let is_test = name.ends_with("tests.rs") || name.contains("/tests/");
            if is_test || COMMANDS.contains(&name) {
                continue;
            }
            seen += 1;
            let found = breaches(&std::fs::read_to_string(&file).unwrap());
            assert!(found.is_empty(), "{name} names {}", found.join(", "));
        }
    }
    assert!(seen > 50, "only {seen} files were looked at");
}

/// The test above can fail.
#[test]
fn a_breach_is_found_wherever_it_hides() {
    for (source, found) in [
        ("use tokio::sync::mpsc;", "tokio"),
        ("use std::{collections::BTreeMap,\n fs};", "std::fs"),
        ("use std::{fs::File, io};", "std::fs"),
        (
            "fn f() { let t = std :: thread :: spawn(g); }",
            "std::thread",
        ),
        ("let c = '\"'; let now = Instant::now(); // \"", "Instant"),
        (
            "#[cfg(test)]\nmod tests;\nuse std::net::IpAddr;",
            "std::net",
        ),
        (
            "fn f<'a>(x: &'a str) { jiff::Timestamp::now(); }",
            "Timestamp::now",
        ),
        ("let r = r#\" \" \"#; SystemTime::now()", "SystemTime"),
    ] {
        assert_eq!(breaches(source), [found], "{source}");
    }
    for source in [
        "// tokio\n/* std::fs */ let tokio_like = \"std::net tokio\";",
        "#[cfg(test)]\nmod tests { use std::fs; fn f() { { } } }\nfn g() {}",
        "/// see `Instant`\nstruct Instantaneous;",
        "let c = '\\''; let s = \"Instant\";",
    ] {
        assert_eq!(breaches(source), [""; 0], "{source}");
    }
}
