//! The evaluation: every call of `fixtures/calls` through the extractor, figures by field. `make eval` prints them; as a test it holds
//! the floors. Calls under `tune` may be looked at one by one: `EVAL_ERRORS=1 make eval` lists what differs, and `EVAL_ONLY=cl-,hs-`
//! looks at the calls whose ids begin so; `EVAL_CALLS=FOLDER` measures the calls of another folder alone. Of those under `aside`,
//! `everyday` and `outside`, and of the short dialogues under `fixtures/dialogues/aside`, only sums are ever printed. The calls with ids `a..-` and
//! `b2-` were kept aside once and are tuned to since; they measure nothing any more.

mod exchange;

use std::collections::BTreeMap;
use std::path::Path;

use exchange::{Dialogue, Miss};
use offhook::fields::extract::{Verticals, lines};
use serde_json::Value;

#[derive(Default, Clone, Copy)]
struct Count {
    right: u32,
    extra: u32,
    missed: u32,
    status_right: u32,
    status_all: u32,
}

impl Count {
    fn precision(self) -> f64 {
        ratio(self.right, self.right + self.extra)
    }
    fn recall(self) -> f64 {
        ratio(self.right, self.right + self.missed)
    }
    fn f1(self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r == 0.0 {
            0.0
        } else {
            2.0 * p * r / (p + r)
        }
    }
}

fn ratio(a: u32, b: u32) -> f64 {
    if b == 0 {
        0.0
    } else {
        f64::from(a) / f64::from(b)
    }
}

#[derive(Default)]
struct Report {
    calls: u32,
    fields: BTreeMap<String, Count>,
    outcome: (u32, u32),
    checkpoints: (u32, u32),
    /// By tenth of confidence: right, all, sum of the confidences.
    calibration: BTreeMap<u32, (u32, u32, f64)>,
    wrong_confirmed: Vec<(String, String)>,
    /// A line for each field that differs.
    errors: Vec<String>,
}

const PARTS: [&str; 6] = ["number", "street", "unit", "city", "state", "postal_code"];
/// Derived fields: their status and their shape are judged loosely or not at all.
const DERIVED: [&str; 7] = [
    "problem_category",
    "urgency",
    "tasks",
    "constraints",
    "next_action",
    "problem_text",
    "inventory",
];

fn plain(value: &Value) -> String {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    text.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == ' ')
        .collect()
}

fn key_words(text: &str) -> Vec<String> {
    const EMPTY: &[&str] = &[
        "the", "a", "an", "of", "to", "in", "on", "for", "and", "is", "it", "at", "my", "our",
        "be", "was", "are", "with", "i", "we", "he", "she", "they", "his", "her", "their",
    ];
    let mut out: Vec<String> = text
        .split(' ')
        .filter(|w| !w.is_empty() && !EMPTY.contains(w))
        .map(|w| w.chars().take(5).collect())
        .collect();
    out.sort();
    out.dedup();
    out
}

/// Half of the expected key words (of the first eight) are there.
fn loosely(got: &Value, wanted: &Value) -> bool {
    let (got, wanted) = (key_words(&plain(got)), key_words(&plain(wanted)));
    let common = wanted.iter().filter(|w| got.contains(w)).count();
    common * 2 >= wanted.len().min(8)
}

fn same_address(got: &Value, wanted: &Value) -> bool {
    PARTS.iter().all(|p| plain(&got[*p]) == plain(&wanted[*p]))
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn item_matches(field: &str, got: &Value, wanted: &Value) -> bool {
    match field {
        "tasks" => got["owner"] == wanted["owner"] && loosely(&got["text"], &wanted["text"]),
        "constraints" => {
            let loose = matches!(wanted["type"].as_str(), Some("note" | "deadline"));
            got["type"] == wanted["type"]
                && if loose {
                    loosely(&got["value"], &wanted["value"])
                } else {
                    plain(&got["value"]) == plain(&wanted["value"])
                }
        }
        _ => loosely(got, wanted),
    }
}

fn value_matches(field: &str, got: &Value, wanted: &Value) -> bool {
    if field.ends_with("_address") {
        same_address(got, wanted)
    } else if field == "problem_text" {
        loosely(got, wanted)
    } else if wanted.is_string() {
        plain(got) == plain(wanted)
    } else {
        got == wanted
    }
}

impl Report {
    fn add(&mut self, call: &Value, output: &Value) {
        self.calls += 1;
        let expected = &call["expected"];
        let id = call["id"].as_str().unwrap_or_default();
        let tags = list(&call["tags"]);
        let tagged = |t: &str| tags.iter().any(|x| x == t);
        // Whoever wrote the call has no opinion on the fields that are not named.
        let named_only = tagged("named_only");
        let held = output["fields"].as_object().filter(|_| !named_only);
        let mut names: Vec<&String> = (expected["fields"].as_object().into_iter())
            .chain(held)
            .flat_map(|o| o.keys())
            .collect();
        names.sort();
        names.dedup();
        for name in names {
            let wanted = &expected["fields"][name];
            let field = &output["fields"][name];
            let got = &field["value"];
            if name == "urgency" && tagged("urgency_default") && got.is_null()
                || name == "patient_name" && tagged("patient_is_caller")
            {
                continue;
            }
            let count = self.fields.entry(name.clone()).or_default();
            let right;
            if name.ends_with("_address") {
                for part in PARTS {
                    let (g, w) = (&got[part], &wanted[part]);
                    if !g.is_null() && !w.is_null() && plain(g) == plain(w) {
                        count.right += 1;
                    } else {
                        count.extra += u32::from(!g.is_null());
                        count.missed += u32::from(!w.is_null());
                    }
                }
                right = !got.is_null() && !wanted.is_null() && same_address(got, wanted);
            } else if matches!(name.as_str(), "tasks" | "constraints" | "inventory") {
                let mut left = list(got);
                for w in list(wanted) {
                    match left.iter().position(|g| item_matches(name, g, &w)) {
                        Some(at) => {
                            left.remove(at);
                            count.right += 1;
                        }
                        None => count.missed += 1,
                    }
                }
                count.extra += left.len() as u32;
                right = left.is_empty();
            } else {
                // Nor on when a slot ends that is only said to begin.
                let begins = named_only && name == "preferred_time" && wanted["end"].is_null();
                right = !got.is_null()
                    && !wanted.is_null()
                    && match begins {
                        true => got["start"] == wanted["start"],
                        false => value_matches(name, got, wanted),
                    };
                if right {
                    count.right += 1;
                } else {
                    count.extra += u32::from(!got.is_null());
                    count.missed += u32::from(!wanted.is_null());
                }
            }
            let complete = match wanted.as_array() {
                Some(items) => right && list(got).len() == items.len(),
                None => right,
            };
            if !complete {
                self.errors.push(format!(
                    "{id} {name}: got {got} ({} {}), wanted {wanted}",
                    field["status"].as_str().unwrap_or("-"),
                    field["confidence"]
                ));
            }
            let judged = !expected["status"][name].is_null() || !named_only;
            if right && !wanted.is_null() && judged && !DERIVED.contains(&name.as_str()) {
                count.status_all += 1;
                count.status_right += u32::from(field["status"] == expected["status"][name]);
            }
            if !got.is_null()
                && !matches!(
                    name.as_str(),
                    "tasks" | "constraints" | "inventory" | "problem_text" | "next_action"
                )
            {
                let confidence = field["confidence"].as_f64().unwrap_or(0.0);
                let band = (confidence * 10.0).floor() as u32;
                let cell = self.calibration.entry(band.min(9)).or_default();
                cell.0 += u32::from(right);
                cell.1 += 1;
                cell.2 += confidence;
            }
            if !got.is_null() && !right && field["status"] == "confirmed" {
                self.wrong_confirmed.push((id.to_owned(), name.clone()));
            }
        }
        self.outcome.0 += u32::from(output["outcome"] == expected["outcome"]);
        self.outcome.1 += 1;
        if output["outcome"] != expected["outcome"] {
            self.errors.push(format!(
                "{id} outcome: got {}, wanted {}",
                output["outcome"], expected["outcome"]
            ));
        }
        for checkpoint in list(&expected["checkpoints"]) {
            let at = checkpoint["after_turn"].as_u64().unwrap_or(0) as usize;
            for (name, wanted) in checkpoint["fields"].as_object().into_iter().flatten() {
                let got = &output["checkpoints"][at]["fields"][name]["value"];
                let ok = match wanted {
                    Value::Null => got.is_null(),
                    _ if got.is_null() => false,
                    Value::Array(_) => true,
                    _ => value_matches(name, got, wanted),
                };
                if !ok {
                    self.errors.push(format!(
                        "{id} after turn {at} {name}: got {got}, wanted {wanted}"
                    ));
                }
                self.checkpoints.0 += u32::from(ok);
                self.checkpoints.1 += 1;
            }
        }
    }

    fn print(&self, title: &str, with_ids: bool) {
        println!("\n{title}: {} calls", self.calls);
        println!(
            "{:22} {:>9} {:>7} {:>6} {:>9}",
            "field", "precision", "recall", "F1", "status"
        );
        for (name, c) in &self.fields {
            let status = if c.status_all == 0 {
                String::new()
            } else {
                format!("{}/{}", c.status_right, c.status_all)
            };
            println!(
                "{name:22} {:>9.3} {:>7.3} {:>6.3} {status:>9}",
                c.precision(),
                c.recall(),
                c.f1()
            );
        }
        println!(
            "outcome accuracy       {:.3}",
            ratio(self.outcome.0, self.outcome.1)
        );
        println!(
            "right at checkpoints   {:.3} ({}/{})",
            ratio(self.checkpoints.0, self.checkpoints.1),
            self.checkpoints.0,
            self.checkpoints.1
        );
        println!("calibration: values said at a confidence, share of them right");
        for (band, (right, all, _)) in &self.calibration {
            println!(
                "  {:.1}-{:.1}  {all:>4}  {:.2}",
                f64::from(*band) / 10.0,
                f64::from(*band + 1) / 10.0,
                ratio(*right, *all)
            );
        }
        println!("expected calibration error {:.3}", self.calibration_error());
        let mut by_field: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, name) in &self.wrong_confirmed {
            *by_field.entry(name).or_default() += 1;
        }
        let fields: Vec<String> = by_field.iter().map(|(f, n)| format!("{f} {n}")).collect();
        let (count, fields) = (self.wrong_confirmed.len(), fields.join(", "));
        println!(
            "wrong and confirmed: {count}{}{fields}",
            if count > 0 { ": " } else { "" }
        );
        if with_ids {
            for (id, name) in &self.wrong_confirmed {
                println!("  {id} {name}");
            }
        }
    }

    fn print_errors(&self) {
        if std::env::var_os("EVAL_ERRORS").is_some() {
            println!("what differs:");
            for line in &self.errors {
                println!("  {line}");
            }
        }
    }

    /// The mean distance between how sure a value was said to be and how often such values are right, by tenths (Naeini et al. 2015).
    fn calibration_error(&self) -> f64 {
        let all: u32 = self.calibration.values().map(|c| c.1).sum();
        let off: f64 = self
            .calibration
            .values()
            .map(|(right, _, sum)| (f64::from(*right) - sum).abs())
            .sum();
        if all == 0 { 0.0 } else { off / f64::from(all) }
    }

    fn f1(&self, field: &str) -> f64 {
        self.fields.get(field).copied().unwrap_or_default().f1()
    }
}

/// Whether the call on this line is wanted: all are unless `EVAL_ONLY` names beginnings of ids.
fn is_wanted_line(line: &str) -> bool {
    let Ok(only) = std::env::var("EVAL_ONLY") else {
        return !line.trim().is_empty();
    };
    let call: Value = serde_json::from_str(line).unwrap_or_default();
    let id = call["id"].as_str().unwrap_or_default();
    only.split(',').any(|p| id.starts_with(p))
}

fn evaluate(folder: &Path) -> Option<Report> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|x| x == "jsonl"))
        .collect();
    files.sort();
    if files.is_empty() {
        return None;
    }
    let verticals = Verticals::load(None).expect("the shipped verticals load");
    let mut report = Report::default();
    for path in files {
        let text: String = std::fs::read_to_string(&path)
            .expect("a fixture can be read")
            .lines()
            .filter(|line| is_wanted_line(line))
            .flat_map(|line| [line, "\n"])
            .collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = lines(
            Box::new(std::io::Cursor::new(text.clone().into_bytes())),
            &verticals,
            true,
            false,
            &mut out,
            &mut err,
        );
        assert_eq!(
            code,
            0,
            "{}: {}",
            path.display(),
            String::from_utf8_lossy(&err)
        );
        let outputs = String::from_utf8(out).expect("output is text");
        for (call, output) in text
            .lines()
            .filter(|l| !l.trim().is_empty())
            .zip(outputs.lines())
        {
            let call: Value = serde_json::from_str(call).expect("a call");
            report.add(&call, &serde_json::from_str(output).expect("a result"));
        }
    }
    Some(report)
}

#[test]
fn figures_by_field() {
    if let Some(folder) = std::env::var_os("EVAL_CALLS") {
        let report = evaluate(Path::new(&folder)).expect("calls in that folder");
        report.print("those calls", true);
        report.print_errors();
        return;
    }
    let calls = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/calls");
    let sets = ["tune", "aside", "everyday", "outside"];
    for (name, with_ids) in sets.map(|name| (name, name == "tune")) {
        let Some(report) = evaluate(&calls.join(name)) else {
            println!("{name}: no calls under fixtures/calls/{name}, skipped");
            continue;
        };
        report.print(name, with_ids);
        if with_ids {
            report.print_errors();
        }
        if name == "tune" && std::env::var_os("EVAL_ONLY").is_none() {
            let wrong_numbers = report
                .wrong_confirmed
                .iter()
                .filter(|(_, f)| f.ends_with("_number"))
                .count();
            assert_eq!(
                wrong_numbers, 0,
                "{name}: a wrong number counts as confirmed"
            );
            // Floors well below today's figures: a rule that costs this much was a mistake.
            for (field, floor) in [
                ("callback_number", 0.95),
                ("caller_name", 0.90),
                ("service_address", 0.80),
                ("preferred_time", 0.85),
                ("urgency", 0.80),
            ] {
                assert!(
                    report.f1(field) >= floor,
                    "{field}: F1 {:.3} is below {floor}",
                    report.f1(field)
                );
            }
        }
    }
    let mut whole_calls = BTreeMap::new();
    println!("\ndialogues kept aside, all of their values right:");
    for path in exchange::files(&calls.with_file_name("dialogues").join("aside")) {
        let text = std::fs::read_to_string(&path).expect("a file of dialogues");
        let dialogues = exchange::read(&text);
        let wrong = exchange::run(&dialogues);
        let right = wrong.iter().filter(|w| w.is_empty()).count();
        let values: usize = dialogues.iter().map(|d| d.wanted.len()).sum();
        let right_values = values - wrong.iter().map(Vec::len).sum::<usize>();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        println!(
            "  {name:10} {right} of {}, {right_values} of {values} values",
            wrong.len()
        );
        if name == "calls" {
            whole_calls = by_field(&dialogues, &wrong);
        }
    }
    println!("\nwhole calls among them, values right as a whole:");
    println!(
        "{:22} {:>9} {:>7} {:>6}",
        "field", "precision", "recall", "F1"
    );
    for (name, c) in whole_calls {
        println!(
            "{name:22} {:>9.3} {:>7.3} {:>6.3}",
            c.precision(),
            c.recall(),
            c.f1()
        );
    }
}

/// Fields of several entries.
const LISTS: [&str; 3] = ["tasks", "constraints", "inventory"];

/// What came of each field that the dialogues speak of, lists left out.
fn by_field(dialogues: &[Dialogue], wrong: &[Vec<Miss>]) -> BTreeMap<String, Count> {
    let mut out: BTreeMap<String, Count> = BTreeMap::new();
    let name = |wanted: &str| wanted.split(' ').next().unwrap_or_default().to_owned();
    let single = |wanted: &str| !LISTS.contains(&name(wanted.trim_start_matches('!')).as_str());
    for (dialogue, wrong) in dialogues.iter().zip(wrong) {
        let told = dialogue.wanted.iter().filter(|w| !w.starts_with('!'));
        for wanted in told.filter(|w| single(w)) {
            out.entry(name(wanted)).or_default().right += 1;
        }
        for miss in wrong.iter().filter(|m| single(&m.wanted)) {
            let field = miss.wanted.trim_start_matches('!');
            let count = out.entry(name(field)).or_default();
            if field.len() == miss.wanted.len() {
                count.right -= 1;
                count.missed += 1;
            }
            count.extra += u32::from(miss.held);
        }
    }
    out
}
