//! A name told part by part, each with its label: "last name is Pacheco, first name Ruben", "Kealoha, that's the last, the first is
//! just David", "Wei Ling is the first name". What is said without a label is the other part.

use super::span::{Level, name_at};
use super::word::is_kin;
use super::{Lead, NameMention, Setting, Whose};
use crate::fields::spell::{self, Spelled};
use crate::fields::token::Stop;
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// Which part a label names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Given,
    Surname,
}

/// A part told: where, and its words as written in records.
struct Told {
    part: Part,
    start: usize,
    end: usize,
    name: String,
    spelled: bool,
}

/// Puts a name told with labels in place of the pieces of it that were found. A label alone leaves them as they are.
pub(super) fn assemble(heard: &Heard, setting: Setting<'_>, out: &mut Vec<NameMention>) {
    if !heard.says(words!["first", "last", "surname", "family", "given"]) {
        return;
    }
    let told = labelled(heard);
    let of = |part| told.iter().find(|t| t.part == part);
    let (given, surname) = (of(Part::Given), of(Part::Surname));
    let within = |m: &NameMention| told.iter().any(|t| m.start < t.end && t.start < m.end);
    let whose = out
        .iter()
        .find(|m| within(m) || told.len() == 1)
        .map_or(Whose::Open, |m| m.whose);
    // The pieces belong to one person; whoever else is named in the turn stays.
    let rest = out
        .iter()
        .filter(|m| !within(m) && m.whose == whose)
        .map(|m| m.name.clone())
        .next()
        .or_else(|| head(heard, &told))
        .unwrap_or_default();
    // Letters of a name said whole put right what they spell, wherever that stands.
    let by_letters = told.len() == 1 && told.iter().any(|t| t.spelled) && rest.contains(' ');
    let (first, last) = match (given, surname) {
        // "Chen Wei Ling, Wei Ling is the first name, Chen is the last": the recogniser or the caller runs the two together.
        (Some(given), Some(surname)) => (without(&given.name, &surname.name), surname.name.clone()),
        (Some(given), None) => (given.name.clone(), without(&rest, &given.name)),
        (None, Some(surname)) => (without(&rest, &surname.name), surname.name.clone()),
        (None, None) => return,
    };
    let introduced = |m: &NameMention| m.lead == Lead::Strong && m.whose != Whose::Other;
    let asked =
        setting.expected || told.len() == 2 || whose == Whose::Own || out.iter().any(introduced);
    if first.is_empty() || last.is_empty() || !asked || by_letters {
        return;
    }
    let start = told.iter().map(|t| t.start).min().unwrap_or_default();
    let end = told.iter().map(|t| t.end).max().unwrap_or_default();
    let gone =
        |m: &NameMention| within(m) || m.whose == whose && (m.end <= start || m.lead == Lead::Bare);
    let start = out
        .iter()
        .filter(|m| gone(m))
        .map(|m| m.start)
        .fold(start, usize::min);
    out.retain(|m| !gone(m));
    let mut name = format!("{first} {last}");
    let letters: Vec<Spelled> = spell::spelled(heard)
        .into_iter()
        .filter(|s| start <= s.start && s.end <= end)
        .collect();
    for s in &letters {
        name = super::with_spelling(Some(&name), s, false);
    }
    out.push(NameMention {
        start,
        end,
        name,
        lead: Lead::Strong,
        whose,
        spelled: !letters.is_empty(),
    });
}

/// The words of `name` that are none of `known`.
fn without(name: &str, known: &str) -> String {
    let rest: Vec<&str> = name
        .split(' ')
        .filter(|w| !known.split(' ').any(|k| k.eq_ignore_ascii_case(w)))
        .collect();
    rest.join(" ")
}

/// The parts told, the first of each kind.
fn labelled(heard: &Heard) -> Vec<Told> {
    let spelled = spell::spelled(heard);
    let mut out: Vec<Told> = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while at < heard.tokens.len() {
        let Some((part, end)) = label(heard, at) else {
            at += 1;
            continue;
        };
        let told = before(heard, &spelled, part, from, at)
            .or_else(|| after(heard, &spelled, part, end))
            .filter(|t| out.iter().all(|o| o.part != t.part));
        at = told.as_ref().map_or(end, |t| t.end.max(end));
        from = at;
        out.extend(told);
    }
    out
}

/// The label at `at` and one past its end: "first name", "surname"; "first" and "last" alone where "the first is" or "that's the last"
/// makes them one.
fn label(heard: &Heard, at: usize) -> Option<(Part, usize)> {
    let part = match heard.word(at) {
        "first" | "given" => Part::Given,
        "last" | "family" | "surname" => Part::Surname,
        _ => return None,
    };
    let back = |n: usize| at.checked_sub(n).map_or("", |i| heard.word(i));
    // "Charlie, no last name", "the same last name"
    if matches!(back(1), "no" | "same" | "and" | "or") && heard.word(at + 1).starts_with("name") {
        return (back(1) == "and" && back(2) != "first").then_some((part, at + 2));
    }
    // "He's under his dad's last name": whose it is, not what.
    if back(1).ends_with("'s") && is_kin(back(1)) && matches!(back(2), "his" | "her" | "their") {
        return None;
    }
    let next = heard.word(at + 1);
    if heard.word(at) == "surname" {
        return Some((part, at + 1));
    }
    if next.starts_with("name") {
        return Some((part, at + 2));
    }
    let the = matches!(back(1), "the" | "my" | "his" | "her") || back(1) == "and";
    // "First is Lindsay, last is McBride"
    let both = heard.says(words!["first"]) && heard.says(words!["last"]) && next == "is";
    let tells = matches!(next, "is" | "would" | "being") && (the || both);
    let told = the && is_verb(back(2)) && !matches!(next, "one" | "time" | "week" | "thing");
    (tells || told).then_some((part, at + 1))
}

fn is_verb(word: &str) -> bool {
    matches!(word, "is" | "was" | "as" | "for") || word.ends_with("'s")
}

/// "Okonkwo's my last name", "Kealoha K E A L O H A that's the last": the part before its label at `at`.
fn before(heard: &Heard, spelled: &[Spelled], part: Part, from: usize, at: usize) -> Option<Told> {
    let the = at.checked_sub(1)?;
    if !matches!(heard.word(the), "the" | "my" | "his" | "her" | "their") {
        return None;
    }
    let mut end = the;
    while end > from
        && matches!(
            heard.word(end - 1),
            "is" | "was" | "that's" | "that" | "which" | "being" | "as" | "for"
        )
    {
        end -= 1;
    }
    // Without a verb between them the two have nothing to do with each other.
    let owns = end == the && end > from && heard.word(end - 1).ends_with("'s");
    if end == the && !owns {
        return None;
    }
    if let Some(s) = spelled.iter().find(|s| s.end == end && s.start >= from) {
        return Some(Told {
            part,
            start: s.start,
            end: at + 1,
            name: crate::fields::value::title_case(&s.word),
            spelled: true,
        });
    }
    (end.saturating_sub(3).max(from)..end)
        .filter_map(|start| name_at(heard, start, Level::Named))
        .find(|s| s.end == end)
        .map(|s| Told {
            part,
            start: s.start,
            end: at + 1,
            name: s.name(),
            spelled: false,
        })
}

/// "Last name is Pacheco", "the first is just David": the part after its label, which ends at `from`.
fn after(heard: &Heard, spelled: &[Spelled], part: Part, from: usize) -> Option<Told> {
    let mut at = from;
    while at < from + 4
        && (matches!(
            heard.word(at),
            "is" | "it's"
                | "it"
                | "would"
                | "be"
                | "was"
                | "just"
                | "also"
                | "of"
                | "which"
                | "that's"
                | "spelled"
                | "still"
                | "being"
        ))
    {
        at += 1;
    }
    if let Some(s) = spelled.iter().find(|s| s.start == at) {
        return Some(Told {
            part,
            start: at,
            end: s.end,
            name: crate::fields::value::title_case(&s.word),
            spelled: true,
        });
    }
    let span = name_at(heard, at, Level::Named)?;
    // "My last name is Quintero, Luz Quintero": the whole name follows.
    let whole = span.end >= span.start + 3 && heard.word(span.start) == heard.word(span.end - 1);
    // A label in the middle of the words that follow ends them.
    (!whole && span.words.len() <= 3 && span.end <= at + 4).then(|| Told {
        part,
        start: span.start,
        end: span.end,
        name: span.name(),
        spelled: false,
    })
}

/// "Simone with an e, last name Baptiste": what stands at the head of the turn, before all labels.
fn head(heard: &Heard, told: &[Told]) -> Option<String> {
    let first = told.iter().map(|t| t.start).min()?;
    (0..first.min(6))
        .filter_map(|at| name_at(heard, at, Level::Named))
        .find(|s| {
            s.end <= first
                && (s.is_given()
                    || super::word::nameness(&heard.tokens[s.start])
                        >= super::word::Nameness::Unknown)
                && (s.end == first
                    || heard.tokens[s.end - 1].stop >= Stop::Comma
                    || super::word::is_closed(heard.word(s.end))
                    || heard.taken[s.end]
                    || s.words.len() >= 2)
        })
        .map(|s| s.name())
}
