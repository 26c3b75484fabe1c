//! Puts a mask over what was found: in a transcript, in a record, in any text.

use serde_json::{Value, json};

use super::{Line, Span, search};
use crate::call::Sensitive;
use crate::fields::Speaker;
use crate::speech::Word;

/// What stands for a masked word where the number of words counts.
const WORD: &str = "***";
/// The parts of a record that hold what was said, or what was made of it.
const SPOKEN: [&str; 9] = [
    "summary",
    "outcome",
    "next_action",
    "fields",
    "tasks",
    "confirmation",
    "escalations",
    "contradictions",
    "quoted_constraints",
];

fn label(kind: Sensitive) -> &'static str {
    match kind {
        Sensitive::CardNumber => "[card number]",
        Sensitive::CardCvv => "[card code]",
        Sensitive::UsSsn => "[social security number]",
    }
}

/// Masks a transcript segment (its JSON). Words keep their number and their times, so that what points at them still does.
pub fn mask_segment(segment: &mut Value, spans: &[Span]) {
    let Some(seq) = segment["seq"].as_u64() else {
        return;
    };
    let own: Vec<&Span> = spans
        .iter()
        .filter(|span| u64::from(span.segment) == seq)
        .collect();
    if own.is_empty() {
        return;
    }
    let words = segment["words"].as_array();
    let texts: Vec<&str> = words
        .into_iter()
        .flatten()
        .map(|word| word["w"].as_str().unwrap_or(""))
        .collect();
    segment["text"] = json!(masked(&texts, 0, &own));
    if let Some(words) = segment["words"].as_array_mut() {
        for (at, word) in (0..).zip(words) {
            if covering(&own, at).is_some() {
                word["w"] = json!(WORD);
            }
        }
    }
    segment["redactions"] = own
        .iter()
        .map(|span| {
            json!({
                "kind": span.kind, "from_word": span.word_from, "to_word": span.word_to,
                "start_ms": span.start_ms, "end_ms": span.end_ms,
            })
        })
        .collect();
}

fn covering<'s>(spans: &[&'s Span], word: u32) -> Option<&'s Span> {
    spans
        .iter()
        .find(|span| (span.word_from..span.word_to).contains(&word))
        .copied()
}

/// Words as a text, each masked stretch as one label. `first` is the number of the first word.
fn masked(words: &[&str], first: u32, spans: &[&Span]) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut under: Option<u32> = None;
    for (at, word) in (first..).zip(words) {
        match covering(spans, at) {
            Some(span) if under == Some(span.word_from) => {}
            Some(span) => {
                under = Some(span.word_from);
                out.push(label(span.kind));
            }
            None => {
                under = None;
                out.push(word);
            }
        }
    }
    out.join(" ")
}

/// Masks a record made of `lines`: evidence by the words it points at, every other text by what it says.
pub fn mask_record(record: &mut Value, lines: &[Line<'_>], spans: &[Span], kinds: &[Sensitive]) {
    let cover = Cover {
        lines,
        spans,
        kinds,
    };
    if let Some(parts) = record.as_object_mut() {
        for (_, part) in parts
            .iter_mut()
            .filter(|(name, _)| SPOKEN.contains(&name.as_str()))
        {
            cover.walk(part);
        }
    }
}

/// Masks what is sensitive in a text of any kind.
pub fn mask_text(text: &str, kinds: &[Sensitive]) -> Option<String> {
    let cover = Cover {
        lines: &[],
        spans: &[],
        kinds,
    };
    cover.text(text)
}

struct Cover<'a> {
    lines: &'a [Line<'a>],
    spans: &'a [Span],
    kinds: &'a [Sensitive],
}

impl Cover<'_> {
    fn walk(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(masked) = self.text(text) {
                    *text = masked;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item)),
            Value::Object(_) => self.object(value),
            _ => {}
        }
    }

    fn object(&self, object: &mut Value) {
        // A value that rests on masked words is those digits, or a part of them, in some form.
        let digits: Vec<&str> = object["evidence"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|evidence| self.under(evidence))
            .map(|span| span.digits.as_str())
            .collect();
        if !digits.is_empty() {
            for part in ["value", "raw", "display", "history"] {
                hide(&mut object[part], &digits);
            }
        }
        if let Some(text) = self.evidence(object) {
            object["text"] = json!(text);
        }
        for (name, part) in object.as_object_mut().into_iter().flatten() {
            if !(name == "id" || name.ends_with("_id") || name.ends_with("url")) {
                self.walk(part);
            }
        }
    }

    /// The masked spans that a piece of evidence touches.
    fn under(&self, evidence: &Value) -> Vec<&Span> {
        let number = |key: &str| evidence[key].as_u64();
        let (Some(turn), Some(from), Some(to)) =
            (number("turn"), number("word_from"), number("word_to"))
        else {
            return Vec::new();
        };
        self.spans
            .iter()
            .filter(|span| u64::from(span.segment) == turn)
            .filter(|span| u64::from(span.word_from) < to && from < u64::from(span.word_to))
            .collect()
    }

    /// A piece of evidence's words, masked; `None` where nothing of it is.
    fn evidence(&self, evidence: &Value) -> Option<String> {
        let spans = self.under(evidence);
        let span = spans.first()?;
        let line = self
            .lines
            .iter()
            .find(|line| line.segment == span.segment)?;
        let from = evidence["word_from"].as_u64()? as usize;
        let to = (evidence["word_to"].as_u64()? as usize).min(line.words.len());
        let words: Vec<&str> = line
            .words
            .get(from..to)?
            .iter()
            .map(|w| w.w.as_str())
            .collect();
        Some(masked(&words, u32::try_from(from).ok()?, &spans))
    }

    fn text(&self, text: &str) -> Option<String> {
        let digits: usize = text.bytes().filter(u8::is_ascii_digit).count();
        let spoken = text.split_whitespace().count();
        // Nothing that is masked is shorter; most texts end here.
        if digits < 9 && spoken < 3 {
            return None;
        }
        let words: Vec<Word> = text.split_whitespace().map(word).collect();
        let line = [Line {
            segment: 0,
            speaker: Speaker::Caller,
            words: &words,
        }];
        // What was said in the call says what its numbers are, also where a text leaves that out.
        let known = |kind: Sensitive| self.spans.iter().any(|span| span.kind == kind);
        let mut spans = search(&line, self.kinds, false);
        for kind in self.kinds.iter().filter(|kind| known(**kind)) {
            let again = search(&line, &[*kind], true);
            spans.extend(
                again
                    .into_iter()
                    .filter(|span| {
                        self.spans.iter().any(|said| said.digits == span.digits)
                            && !spans.iter().any(|other| other.word_from == span.word_from)
                    })
                    .collect::<Vec<_>>(),
            );
        }
        let spans: Vec<&Span> = spans.iter().collect();
        let texts: Vec<&str> = words.iter().map(|word| word.w.as_str()).collect();
        (!spans.is_empty()).then(|| masked(&texts, 0, &spans))
    }
}

fn word(text: &str) -> Word {
    Word {
        w: text.to_owned(),
        start_ms: 0,
        end_ms: 0,
        p: 1.0,
    }
}

/// Puts a mask in the place of every text whose digits are among `secret` ones.
fn hide(value: &mut Value, secret: &[&str]) {
    match value {
        Value::String(text) => {
            let words: Vec<Word> = text.split_whitespace().map(word).collect();
            let read: String = super::read_digits(&super::tokenize(&words))
                .into_iter()
                .flatten()
                .collect();
            if read.len() >= 3 && secret.iter().any(|s| s.contains(&read) || read.contains(s)) {
                *text = WORD.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, secret)),
        Value::Object(parts) => parts.iter_mut().for_each(|(name, part)| {
            if name != "evidence" {
                hide(part, secret);
            }
        }),
        _ => {}
    }
}
