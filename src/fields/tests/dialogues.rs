//! Short dialogues with what must come of them, in `dialogues.txt`: one for every way people have of saying numbers and names that was
//! ever got wrong.

use super::*;

/// A dialogue and what must come of it.
#[derive(Default)]
struct Case {
    id: String,
    vertical: String,
    caller_id: Option<String>,
    lines: Vec<String>,
    wanted: Vec<String>,
}

fn cases() -> Vec<Case> {
    let mut out: Vec<Case> = Vec::new();
    for line in include_str!("dialogues.txt").lines() {
        let line = line.trim_end();
        if let Some(head) = line.strip_prefix("# ") {
            let mut words = head.split(' ');
            let mut case = Case {
                id: words.next().unwrap_or_default().to_owned(),
                vertical: "home_services".to_owned(),
                ..Case::default()
            };
            for word in words {
                match word.strip_prefix("cid=") {
                    Some(id) => case.caller_id = Some(id.to_owned()),
                    None => case.vertical = word.to_owned(),
                }
            }
            out.push(case);
        } else if let Some(case) = out.last_mut() {
            match line.strip_prefix("= ") {
                Some(wanted) => case.wanted.push(wanted.to_owned()),
                None if line.starts_with("A ") || line.starts_with("C ") => {
                    case.lines.push(line.to_owned());
                }
                None => {}
            }
        }
    }
    out
}

/// "field | value | status": "-" is no value, "*" any; the status may be left out, and "unconfirmed" is any but confirmed.
fn complaint(f: &Extractor, wanted: &str) -> Option<String> {
    let mut parts = wanted.split(" | ");
    let (name, value, status) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next(),
    );
    let field = f.field(name)?;
    let text = field.value.as_ref().map(|v| v.display(field.ty));
    let plain = field.value.as_ref().and_then(|v| v.text());
    let right = match value {
        "-" => text.is_none(),
        "*" => true,
        _ => plain == Some(value),
    };
    let said = serde_json::to_value(field.status).unwrap_or_default();
    let right_status = match status {
        None => true,
        Some("unconfirmed") => field.status != Status::Confirmed,
        Some(status) => said == status,
    };
    (!right || !right_status).then(|| format!("{wanted}: got {plain:?} {said}"))
}

#[test]
fn dialogues_come_out_as_written() {
    let mut wrong = Vec::new();
    let cases = cases();
    assert!(cases.len() > 200, "the file is read");
    for case in cases {
        let lines: Vec<&str> = case.lines.iter().map(String::as_str).collect();
        let f = play(&case.vertical, case.caller_id.as_deref(), &lines);
        for wanted in &case.wanted {
            if let Some(complaint) = complaint(&f, wanted) {
                wrong.push(format!("{}: {complaint}", case.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
