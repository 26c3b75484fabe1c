//! Short dialogues written in plain text (`fixtures/dialogues/times.txt` says how), run through the extractor, and what of each is wrong.

use std::path::{Path, PathBuf};

use offhook::fields::extract::{Verticals, lines};
use serde_json::{Value, json};

const ZONE: &str = "America/Chicago";

/// A dialogue: the call as `offhook extract` reads it, and what must come out.
pub struct Dialogue {
    /// Its name in the file.
    pub name: String,
    /// As `offhook extract` reads it.
    pub call: Value,
    /// A line for each thing that must be held at the end: field, perhaps status, value.
    pub wanted: Vec<String>,
}

/// The dialogues of a file's text.
pub fn read(text: &str) -> Vec<Dialogue> {
    let mut out: Vec<Dialogue> = Vec::new();
    for line in text
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
    {
        if let Some(head) = line.strip_prefix("== ") {
            let mut parts = head.splitn(3, ' ');
            let name = parts.next().expect("a name").to_owned();
            let vertical = parts.next().expect("a vertical");
            let start = parts.next().unwrap_or("2026-03-24 09:12").replace(' ', "T");
            let start = start
                .parse::<jiff::civil::DateTime>()
                .and_then(|t| t.in_tz(ZONE))
                .expect("a start")
                .timestamp();
            let call = json!({ "id": name, "vertical": vertical, "started_at": start.to_string(), "timezone": ZONE,
                "caller_id": "+15125550142",
                "business": { "name": "Acme", "area_code": "512", "city": "Austin", "state": "TX" }, "turns": [] });
            out.push(Dialogue {
                name,
                call,
                wanted: Vec::new(),
            });
            continue;
        }
        let last = out.last_mut().expect("a head before the turns");
        let (mark, rest) = line.split_at(2);
        match mark {
            "A " | "C " => {
                let turns = last.call["turns"].as_array_mut().expect("turns");
                let at = turns.len() as u64 * 5_000;
                let speaker = if mark == "A " { "agent" } else { "caller" };
                turns.push(json!({ "speaker": speaker, "text": rest, "t_ms": at }));
            }
            _ => last.wanted.push(rest.to_owned()),
        }
    }
    out
}

/// "Thu 2026-03-26 16:00-18:00", "Fri 2026-03-27 14:00-", "Mon 2026-06-15"
fn same_window(got: &Value, wanted: &str) -> bool {
    let mut parts = wanted.split(' ').skip(1);
    let day = parts.next().unwrap_or_default();
    let clock = |value: &Value, time: &str| {
        let text = value.as_str().unwrap_or_default();
        match time {
            "" => value.is_null(),
            time => text.starts_with(&format!("{day}T{time}")),
        }
    };
    match parts.next().and_then(|t| t.split_once('-')) {
        Some((from, to)) => clock(&got["start"], from) && clock(&got["end"], to),
        None => got["start"] == day,
    }
}

/// The words for how sure a value is.
pub const STATUSES: [&str; 5] = ["confirmed", "heard", "inferred", "conflicting", "declined"];

/// "418|New Scotland Avenue|-|Albany": the parts in the contract's order, "-" for none, those left out not looked at.
fn same_address(got: &Value, wanted: &str) -> bool {
    let parts = ["number", "street", "unit", "city", "state", "postal_code"];
    parts
        .iter()
        .zip(wanted.split('|'))
        .all(|(part, want)| match want {
            "-" => got[part].is_null(),
            want => got[part] == want,
        })
}

/// "has caller bring report": an entry of a list whose owner or type is the first word and whose text holds the others.
fn has_entry(got: &Value, wanted: &str) -> bool {
    let entries = got.as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().any(|entry| {
        if let Some(text) = entry.as_str() {
            return text == wanted;
        }
        let kind = [&entry["owner"], &entry["type"]]
            .into_iter()
            .find_map(Value::as_str)
            .unwrap_or_default();
        let text = [&entry["text"], &entry["value"]]
            .into_iter()
            .find_map(Value::as_str)
            .unwrap_or_default()
            .to_lowercase();
        let mut words = wanted.split(' ');
        words.next() == Some(kind) && words.all(|w| text.contains(&w.to_lowercase()))
    })
}

fn holds(output: &Value, wanted: &str) -> bool {
    if let Some(field) = wanted.strip_prefix('!') {
        // A caller who calls for themselves is the patient: that nobody else is stands there.
        let value = |name: &str| &output["fields"][name]["value"];
        if field == "patient_name" && value(field) == value("caller_name") {
            return true;
        }
        return output["fields"][field]["value"].is_null();
    }
    let (name, mut value) = wanted.split_once(' ').unwrap_or((wanted, ""));
    if name == "outcome" {
        return output["outcome"] == value;
    }
    let field = &output["fields"][name];
    for status in STATUSES {
        if let Some(rest) = value.strip_prefix(status) {
            if field["status"] != status {
                return false;
            }
            value = rest.trim_start();
            if value.is_empty() {
                return true;
            }
        }
    }
    if let Some(entry) = value.strip_prefix("has ") {
        return has_entry(&field["value"], entry);
    }
    if let Some(entry) = value.strip_prefix("lacks ") {
        return !has_entry(&field["value"], entry);
    }
    if name == "preferred_time" {
        same_window(&field["value"], value)
    } else if name.ends_with("_address") {
        same_address(&field["value"], value)
    } else {
        field["value"] == value
    }
}

/// The files of dialogues in a folder, in order of name.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the dialogues")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|x| x == "txt"))
        .collect();
    files.sort();
    files
}

/// A value that is not what was meant.
pub struct Miss {
    /// The line that says what was.
    pub wanted: String,
    /// Something stands there all the same.
    pub held: bool,
    /// Both, for whoever mends it.
    line: String,
}

impl std::fmt::Display for Miss {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.line)
    }
}

/// For each dialogue the values that are not what was meant.
pub fn run(dialogues: &[Dialogue]) -> Vec<Vec<Miss>> {
    let input: String = dialogues.iter().map(|d| format!("{}\n", d.call)).collect();
    let verticals = Verticals::load(None).expect("the shipped verticals");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = lines(
        Box::new(std::io::Cursor::new(input.into_bytes())),
        &verticals,
        false,
        false,
        &mut out,
        &mut err,
    );
    assert_eq!(code, 0, "{}", String::from_utf8_lossy(&err));
    let text = String::from_utf8(out).expect("text");
    assert_eq!(text.lines().count(), dialogues.len());
    dialogues
        .iter()
        .zip(text.lines())
        .map(|(dialogue, line)| wrong(dialogue, &serde_json::from_str(line).expect("a result")))
        .collect()
}

fn wrong(dialogue: &Dialogue, output: &Value) -> Vec<Miss> {
    let not_held = dialogue.wanted.iter().filter(|w| !holds(output, w));
    not_held
        .map(|wanted| {
            let name = wanted.trim_start_matches('!');
            let name = name.split(' ').next().unwrap_or_default();
            let got = &output["fields"][name];
            Miss {
                wanted: wanted.clone(),
                held: name == "outcome" || !got["value"].is_null(),
                line: format!(
                    "{}: wanted {wanted}, got {got} {}",
                    dialogue.name, output["outcome"]
                ),
            }
        })
        .collect()
}
