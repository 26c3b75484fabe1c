//! Names that words introduce: "my name is", "this is", "I'm", "Boris here", "my daughter Ellie", "a man named".

use super::opening::{Opening, SIZES, openings};
use super::span::{Level, Span, name_at};
use super::word::{Nameness, is_kin, is_title, nameness};
use super::{Lead, NameMention, Setting, Whose};
use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::token::{Num, Stop, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

/// The names that words introduce, in order.
pub(super) fn introduced(heard: &Heard, setting: Setting<'_>) -> Vec<NameMention> {
    let mut out: Vec<NameMention> = Vec::new();
    let mut openings = openings(heard, setting);
    openings.sort_by_key(|o| (o.at, std::cmp::Reverse(o.lead), o.whose != Whose::Other));
    for opening in openings {
        if out
            .iter()
            .any(|m| m.start <= opening.at && opening.at < m.end)
            || heard.hits.cue(Cue::Negation).any(|h| h.end == opening.at)
        {
            continue;
        }
        let this = heard.word(opening.at.wrapping_sub(1)) == "is"
            && matches!(heard.word(opening.at.wrapping_sub(2)), "this" | "name");
        let level = if opening.lead == Lead::Strong || setting.expected || this {
            Level::Named
        } else {
            Level::Introduced
        };
        let Some(span) = name_at(heard, opening.at, level) else {
            continue;
        };
        // "It used to be Holly Parks, I'm Holly Brandon now": of another time.
        let back = |n: usize| heard.word(opening.at.wrapping_sub(n));
        if back(1) == "be" && back(2) == "to" && back(3) == "used"
            || back(1) == "formerly"
            || matches!(back(1), "was" | "were") && matches!(back(2), "i" | "she" | "he" | "it")
        {
            continue;
        }
        // "It might be under Haines, my maiden name": of another time.
        if (opening.at.saturating_sub(5)..span.end + 3).any(|i| {
            matches!(
                heard.word(i),
                "maiden" | "married" | "former" | "might" | "could"
            )
        }) && heard.word(opening.at.wrapping_sub(1)) == "under"
        {
            continue;
        }
        // "This is Mr. Fontaine's office": somebody of it calls.
        let last = heard.word(span.end - 1);
        if last.ends_with("'s") && heard.any(span.end, OF_SOMEBODY) {
            continue;
        }
        // "This is Jun Watanabe's daughter, Emi": the one named after the relation.
        let span =
            match heard.tokens[span.end - 1].text.ends_with("'s") && is_kin(heard.word(span.end)) {
                // "It's Sophie's grandmother, Sophie Lindgren": still the one first named.
                true => match name_at(heard, span.end + 1, level)
                    .filter(|s| s.words.first() != span.words.first())
                {
                    Some(span) => span,
                    None => continue,
                },
                false => span,
            };
        // "Her name is Junie, but it's Juniper on everything": still the same person's.
        let whose = match (opening.whose, out.last()) {
            (Whose::Open, Some(last))
                if last.whose == Whose::Other && opening.lead == Lead::Weak =>
            {
                let own = heard.tokens[last.end.min(opening.at)..opening.at]
                    .iter()
                    .any(|t| t.any(words!["i'm", "i", "my", "me", "mine", "this"]));
                if own { Whose::Open } else { Whose::Other }
            }
            (whose, _) => whose,
        };
        let opening = Opening { whose, ..opening };
        // "He goes by Sal", after the full name, and "Guillermo, but everyone calls me Memo": what friends say.
        let before = |back: usize| heard.word(span.start.wrapping_sub(back));
        let friends = match (before(2), before(1)) {
            (go, "by") if go.starts_with("go") => 2,
            ("call" | "calls", "me") => 1,
            _ => 0,
        };
        if friends > 0
            && span.words.len() == 1
            && (0..span.start).any(|i| {
                name_at(heard, i, level).is_some_and(|s| {
                    s.words.len() >= friends
                        && s.end <= span.start
                        && (friends == 2 || s.is_given())
                })
            })
        {
            continue;
        }
        // "Under the company Bright Side Dental": a firm.
        if heard.tokens[opening.at..span.start]
            .iter()
            .any(|t| t.any(words!["company", "business"]))
        {
            continue;
        }
        // One introduces oneself once: the second "it's" of a breath is about something else, unless a full name follows what friends
        // say ("I'm Charles but everybody calls me Chip, Chip Dunleavy").
        if opening.whose != Whose::Other
            && opening.lead == Lead::Weak
            && let Some(first) = out.iter().position(|m| m.whose != Whose::Other)
        {
            let full = span.words.len() >= 2
                && span.is_given()
                && heard.tokens[span.start..span.end]
                    .iter()
                    .all(|t| nameness(t) >= Nameness::Unknown);
            // "It's Ms. Alvarez, and it's Lucia"
            let titled = is_title(heard.word(out[first].start.wrapping_sub(1)))
                && span.start >= out[first].end;
            if titled && span.words.len() == 1 && span.is_given() && !out[first].name.contains(' ')
            {
                out[first].name = format!("{} {}", span.name(), out[first].name);
                continue;
            }
            // "My husband's name is on it, it's Vernon Stiles, I'm Pauline": two people.
            let two = opening.whose == Whose::Own
                && out[first].whose == Whose::Open
                && heard.any(opening.at.wrapping_sub(1), words!["i'm", "am"])
                && (0..out[first].start).any(|i| heard.hits.covers(Cue::Other, i));
            if two {
                out[first].whose = Whose::Other;
            } else if !full || out[first].name.contains(' ') {
                continue;
            } else {
                out.remove(first);
            }
        }
        let sure = match opening.whose {
            Whose::Other => {
                span.is_given()
                    || opening.lead == Lead::Strong
                    || written(heard, &span)
                    || setting.expected && !setting.own && believable(heard, &span)
                    || strange(heard, &span)
                    || of_kin(heard, &span)
            }
            _ => {
                opening.lead == Lead::Strong
                    || setting.expected && believable(heard, &span)
                    || introduces(heard, &span)
            }
        };
        if sure {
            let mut mention = NameMention::of(&span, opening.lead, opening.whose);
            // "This is Mrs. Abruzzi, Carmela": the given name after the surname with its title.
            if span.titled
                && span.words.len() == 1
                && let Some(given) = name_at(heard, span.end, Level::Introduced)
                    .filter(|g| g.start == span.end && g.words.len() == 1 && g.is_given())
            {
                mention.name = format!("{} {}", given.name(), span.name());
                mention.end = given.end;
            }
            out.push(mention);
        }
    }
    name_first(heard, setting, &mut out);
    out
}

/// "Boris Melnyk speaking", "Maria here", "Mai Vang is my name": the name comes first.
fn name_first(heard: &Heard, setting: Setting<'_>, out: &mut Vec<NameMention>) {
    // "Hi Jenna, Carl Beck here"
    let greeted = |at: usize| {
        setting.addressed.is_some_and(|a| {
            a.split(' ').any(|p| p.eq_ignore_ascii_case(heard.word(at)))
                && heard
                    .tokens
                    .get(at + 2)
                    .is_some_and(|t| nameness(t) >= Nameness::Unknown)
        })
    };
    for at in 1..heard.tokens.len() {
        // "Chester Lowe's the name."
        let called = heard.word(at) == "the"
            && heard.word(at + 1) == "name"
            && heard.word(at - 1).ends_with("'s");
        // "Renee Carter is what's on everything", "Maurice Dent, that's me": of a full name only.
        let settled = match heard.word(at) {
            "is" => {
                matches!(heard.word(at + 1), "what" | "what's")
                    && !heard.any(
                        at + 2,
                        words![
                            "they",
                            "people",
                            "everybody",
                            "everyone",
                            "friends",
                            "most",
                            "some",
                            "folks",
                        ],
                    )
            }
            "that's" => heard.word(at + 1) == "me",
            _ => false,
        };
        // "Keith Renner is his name"
        let theirs = heard.word(at) == "is"
            && heard.any(at + 1, words!["his", "her"])
            && heard.word(at + 2) == "name";
        let after = match heard.word(at) {
            _ if settled || theirs => true,
            "the" => called,
            "speaking" | "here" => true,
            "calling" => true,
            // "Tell him Joan Barrett called."
            "called" | "phoned" | "rang" | "needs" | "wants" => (at.saturating_sub(8)..at)
                .any(|i| matches!(heard.word(i), "tell" | "let" | "say" | "saying" | "know")),
            "is" | "that's" => matches!(
                (heard.word(at + 1), heard.word(at + 2)),
                ("my" | "the", "name") | ("name", _)
            ),
            _ => false,
        };
        if !after {
            continue;
        }
        let level = if heard.word(at) == "is" || called {
            Level::Named
        } else {
            Level::Introduced
        };
        let from = at.saturating_sub(4);
        let found = (from..at).filter(|at| !greeted(*at)).find_map(|start| {
            let fresh = !out.iter().any(|m| m.start <= start && start < m.end);
            name_at(heard, start, level).filter(|s| {
                fresh
                    && s.end == at
                    && (s.is_given() || level == Level::Named)
                    && (!settled || s.words.len() >= 2)
                    && (start <= 6
                        || settled
                        || theirs
                        || heard.tokens[at]
                            .any(words!["called", "phoned", "rang", "needs", "wants"]))
            })
        });
        if let Some(mut span) = found {
            if called && let Some(last) = span.words.last_mut() {
                last.truncate(possessor(last).len());
            }
            let whose = if heard.word(at) == "is" || called {
                Whose::Own
            } else {
                Whose::Open
            };
            let (lead, whose) = match (settled, theirs) {
                (true, _) => (Lead::Strong, Whose::Own),
                (_, true) => (Lead::Strong, Whose::Other),
                _ => (Lead::Weak, whose),
            };
            out.push(NameMention::of(&span, lead, whose));
        }
    }
}

/// Written as a name in a turn that has capitals.
pub(super) fn written(heard: &Heard, span: &Span) -> bool {
    heard.cased && heard.tokens.get(span.start).is_some_and(|t| t.upper)
}

/// In answer to the question, "it's" and the like may still go on to something that is no name.
fn believable(heard: &Heard, span: &Span) -> bool {
    let first = &heard.tokens[span.start];
    match nameness(first) {
        Nameness::Name | Nameness::Both => true,
        Nameness::Unknown => !first.text.ends_with("ing"),
        _ => span.titled || written(heard, span) || span.end == heard.tokens.len(),
    }
}

/// "This is", "I'm" introduce a person only if what follows is one: a known given name, or capitalised, and no trade or town.
fn introduces(heard: &Heard, span: &Span) -> bool {
    let Some(first) = span.words.first() else {
        return false;
    };
    let upper = written(heard, span);
    let given = span.is_given();
    let plain = !tables().is_word(first);
    if span.titled || given && (plain || upper) {
        return true;
    }
    let next = heard.tokens.get(span.end);
    let followed = next.is_none_or(|t| {
        t.any(words![
            "calling", "from", "with", "over", "at", "here", "speaking", "again", "and", "in",
            "out", "i", "i'm", "we", "my", "please", "um", "uh", "just", "can", "could", "would",
            "i've", "i'd", "we've", "so", "you",
        ])
    }) || heard
        .tokens
        .get(span.end - 1)
        .is_some_and(|t| t.stop >= Stop::Comma)
        // Letters that spell it.
        || heard.taken.get(span.end) == Some(&true);
    let lead = (0..span.start)
        .rev()
        .map(|i| heard.word(i))
        .find(|w| !SIZES.has(w))
        .unwrap_or_default();
    let this = matches!(lead, "is" | "this");
    // "i'm <unknown>" is as likely a participle the tables lack; "this is <unknown unknown>" is a person or a firm.
    let verb = (first.ends_with("ing") || first.ends_with("ed")) && !first.contains('-');
    let several = span.words.len() >= 2
        && heard.tokens[span.start..span.end]
            .iter()
            .all(|t| t.num == Num::None && nameness(t) >= Nameness::Unknown);
    // "It's Vic over at Sal's": one unknown word, and where they are.
    let placed = next
        .is_some_and(|t| t.any(words!["from", "over", "with", "here", "again", "calling"]))
        && plain;
    !verb
        && followed
        && (upper || plain && this || given && (this || span.words.len() >= 2) || several || placed)
}

/// "My son Zayd has a fever": a word that no table has, between the relation and grammar.
fn of_kin(heard: &Heard, span: &Span) -> bool {
    let tokens = &heard.tokens[span.start..span.end];
    span.words.len() == 1
        && is_kin(heard.word(span.start.wrapping_sub(1)))
        // "My husband's Lisinopril"
        && !heard.word(span.start.wrapping_sub(1)).ends_with('s')
        && tokens.iter().all(|t| nameness(t) == Nameness::Unknown)
        && !span
            .words
            .iter()
            .any(|w| w.ends_with("ed") || w.ends_with("ing"))
        && heard.any(
            span.end,
            words![
                "has", "is", "was", "he", "she", "he's", "she's", "who", "and", "needs", "had",
            ],
        )
}

/// Two words or more that no table has, and that no verb ends like: "my son Beckham Doyle".
fn strange(heard: &Heard, span: &Span) -> bool {
    let tokens = &heard.tokens[span.start..span.end];
    span.words.len() >= 2
        && tokens.iter().all(|t| nameness(t) >= Nameness::Unknown)
        && !span
            .words
            .iter()
            .any(|w| w.ends_with("ed") || w.ends_with("ing") || w.ends_with('s'))
}

/// What is called after somebody who is not the one calling from it.
const OF_SOMEBODY: &WordSet = words![
    "office",
    "house",
    "place",
    "phone",
    "desk",
    "practice",
    "residence",
    "chambers",
    "assistant",
    "secretary",
    "room",
    "line",
];
