//! Telephone numbers: digit runs of a turn joined into sequences, sequences joined across turns, repairs aligned to what they replace.

use super::cue::Cue;
use super::evidence::{Evidence, Role};
use super::number::Run;
use super::token::Num;
use super::turn::Heard;
use super::value::nanp;

/// Digits said in one go, repairs applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    /// First token.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// The digits, in the reading that makes a phone number where one does.
    pub digits: String,
    /// The part after the last repair cue, where there was one: it may repair something said in an earlier turn.
    pub repaired: bool,
    /// An extension that follows.
    pub extension: Option<String>,
}

/// Words that may stand between the groups of one number.
const JOINERS: &[&str] = &[
    "and", "then", "dash", "hyphen", "space", "dot", "area", "code", "is", "it's", "its", "that's",
    "like", "so", "okay", "plus", "the", "number", "um", "yeah",
];

/// A sequence being put together: first token, one past the last, runs since the last repair, digits before it, repaired.
type Open<'a> = Option<(usize, usize, Vec<&'a Run>, Option<String>, bool)>;

/// The digit sequences of a turn whose tokens are free.
pub fn sequences(heard: &Heard) -> Vec<Sequence> {
    let mut out: Vec<Sequence> = Vec::new();
    let mut open: Open<'_> = None;
    let close = |open: &mut Open<'_>, out: &mut Vec<Sequence>| {
        if let Some((start, end, runs, held, repaired)) = open.take() {
            let digits = best(&runs, held.as_deref());
            out.push(Sequence {
                start,
                end,
                digits,
                repaired,
                extension: None,
            });
        }
    };
    for run in &heard.runs {
        if heard.is_taken(run.start, run.end)
            || heard.tokens[run.start].glue == Some('$')
            || is_clock(heard, run)
        {
            close(&mut open, &mut out);
            continue;
        }
        if let Some(last) = out.last_mut()
            && open.is_none()
            && is_extension(heard, last.end, run.start)
        {
            last.extension = Some(run.digits().to_owned());
            last.end = run.end;
            continue;
        }
        match &mut open {
            Some((_, end, runs, held, repaired)) => {
                let gap = heard.tokens.get(*end..run.start).unwrap_or_default();
                if is_extension(heard, *end, run.start) {
                    close(&mut open, &mut out);
                    if let Some(last) = out.last_mut() {
                        last.extension = Some(run.digits().to_owned());
                        last.end = run.end;
                    }
                } else if gap.len() <= 5 && is_repair(heard, *end, run.start) {
                    let before = best(runs, held.as_deref());
                    *held = Some(before);
                    runs.clear();
                    runs.push(run);
                    *repaired = true;
                    *end = run.end;
                } else if gap.len() <= 3
                    && gap.iter().all(|t| JOINERS.contains(&t.text.as_str()))
                    && !(gap.iter().any(|t| t.is("and")) && best(runs, held.as_deref()).len() >= 10)
                {
                    runs.push(run);
                    *end = run.end;
                } else {
                    close(&mut open, &mut out);
                    open = Some((run.start, run.end, vec![run], None, false));
                }
            }
            None => open = Some((run.start, run.end, vec![run], None, false)),
        }
    }
    close(&mut open, &mut out);
    out
}

fn is_clock(heard: &Heard, run: &Run) -> bool {
    heard.word(run.end).starts_with("o'clock")
        || heard.tokens.get(run.end).is_some_and(|t| {
            t.any(&[
                "am",
                "pm",
                "percent",
                "dollars",
                "bucks",
                "degrees",
                "milligram",
                "milligrams",
                "mg",
            ])
        })
}

fn is_extension(heard: &Heard, from: usize, to: usize) -> bool {
    to > from
        && to - from <= 3
        && (from..to).any(|i| heard.tokens[i].any(&["extension", "ext", "x"]))
}

/// Whether the words between two runs take back the first.
pub fn is_repair(heard: &Heard, from: usize, to: usize) -> bool {
    (from..to)
        .any(|i| heard.hits.at(Cue::Repair, i).is_some_and(|e| e <= to) || heard.tokens[i].is("no"))
}

/// The digits of runs in the reading that makes a phone number, applied to `held` as a repair where there is one.
fn best(runs: &[&Run], held: Option<&str>) -> String {
    // Combinations of readings, cheapest first, few enough to look through.
    let mut combos: Vec<(u8, String)> = vec![(0, String::new())];
    for run in runs {
        let mut next = Vec::new();
        for (cost, digits) in &combos {
            for reading in run.readings.iter().take(6) {
                next.push((
                    cost.saturating_add(reading.cost),
                    format!("{digits}{}", reading.digits),
                ));
            }
        }
        next.sort();
        next.sort_by_key(|c| c.0);
        next.truncate(24);
        combos = next;
    }
    let apply = |d: &str| held.map_or_else(|| d.to_owned(), |h| repair(h, d, false));
    let plain = combos.first().map(|c| apply(&c.1)).unwrap_or_default();
    // A sigh before the number: "oh, two five one ...".
    if plain.len() == 11 && plain.starts_with('0') && nanp(&plain[1..]).is_some() {
        return plain[1..].to_owned();
    }
    for wanted in [10, 11, 7] {
        if let Some(found) = combos
            .iter()
            .map(|c| apply(&c.1))
            .find(|d| d.len() == wanted && (wanted == 7 || nanp(d).is_some()))
        {
            // A longer plain reading is not cut down to seven digits.
            if wanted != 7 || plain.len() <= 8 {
                return found;
            }
        }
    }
    plain
}

/// `new` replaces the part of `old` that it was said instead of. `prefix`: the first digits (an area code) are meant.
pub fn repair(old: &str, new: &str, prefix: bool) -> String {
    let (o, n) = (old.len(), new.len());
    if n == 0 {
        return old.to_owned();
    }
    // A group said with one digit too many or too few, and again: the second stands for the first.
    if o < 10 && n >= 3 && o.abs_diff(n) <= 1 && o != n && strsim::osa_distance(old, new) <= 2 {
        return new.to_owned();
    }
    if n >= 10 || n >= o && o < 10 && !(o + n == 10 && n < 7) {
        return new.to_owned();
    }
    if prefix {
        return format!("{new}{}", old.get(n..).unwrap_or(""));
    }
    // Said so far and the repair together make a whole number: keep the head that is not said again.
    if o < 10 && n < 10 && 10 - n <= o {
        return format!("{}{new}", &old[..10 - n]);
    }
    if o < 10 {
        return format!("{}{new}", &old[..o - n]);
    }
    // A whole number is held: the repair replaces the group it resembles most, the last digits when in doubt.
    if (6..=8).contains(&n) {
        // "0138, one three eight": the end once more.
        for k in [4, 3] {
            if n > k + 2 && new[..n - k].ends_with(&new[n - k..]) {
                return repair(old, &new[..n - k], prefix);
            }
        }
    }
    if (5..=8).contains(&n) {
        // "two nine, oh one two nine": the end first, then the whole group; the group counts.
        let group = &new[n - 4..];
        let close = n <= 6
            && strsim::osa_distance(&old[o - 4..], group) + 1
                < strsim::osa_distance(&old[o - n..], new);
        if group.ends_with(&new[..n - 4]) || close {
            return format!("{}{group}", &old[..o - 4]);
        }
    }
    let mut places = vec![o - n];
    for at in [0, 3, 6] {
        if at + n <= o
            && !places.contains(&at)
            && (n == 3 && at < 6 || n == 4 && at == 6 || n == 6 && at == 0 || n == 7 && at == 3)
        {
            places.push(at);
        }
    }
    let distance = |at: usize| strsim::osa_distance(&old[at..at + n], new);
    let tail = o - n;
    let at = places
        .into_iter()
        .min_by_key(|at| (distance(*at), *at != tail))
        .unwrap_or(tail);
    format!("{}{new}{}", &old[..at], &old[at + n..])
}

/// Digits that one speaker has said so far of a number, over turns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DigitBuffer {
    /// The digits.
    pub digits: String,
    /// Where they were said.
    pub evidence: Vec<Evidence>,
    /// The words.
    pub raw: String,
    /// Mean word probability, the lowest part's.
    pub p: f32,
    /// The other side's turns since the last digits.
    pub age: u8,
    /// Somebody else's number, a second number ... as the words before the first digits said.
    pub owner: Owner,
}

/// Whose number it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Owner {
    /// The caller's, to be called back on.
    #[default]
    Callback,
    /// The caller's second one.
    Alternate,
    /// Somebody else's.
    Third,
}

impl DigitBuffer {
    /// Adds a sequence, as more digits or as a repair of those held.
    pub fn push(&mut self, heard: &Heard, sequence: &Sequence, p: f32, is_repair: bool) {
        self.digits = if is_repair || sequence.repaired && sequence.digits.len() >= 7 {
            repair(&self.digits, &sequence.digits, false)
        } else {
            format!("{}{}", self.digits, sequence.digits)
        };
        if self.evidence.len() < 8 {
            self.evidence
                .push(heard.evidence(Role::States, sequence.start, sequence.end));
        }
        if !self.raw.is_empty() {
            self.raw.push(' ');
        }
        if self.raw.len() < 300 {
            self.raw.push_str(&heard.text(sequence.start, sequence.end));
        }
        self.p = if self.evidence.len() <= 1 {
            p
        } else {
            self.p.min(p)
        };
        self.age = 0;
        // Nobody's number is longer; whatever this is, it need not grow.
        self.digits.truncate(32);
    }

    /// Whether digits are held.
    pub fn is_open(&self) -> bool {
        !self.digits.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = DigitBuffer::default();
    }
}

/// How digits the agent said stand to a number held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    /// The whole number.
    Whole,
    /// A part of it, at least four digits or a group.
    Part,
    /// Most of it with a mistake.
    Wrong,
    /// Something else.
    Other,
}

/// Compares what was read back with the ten digits held.
pub fn echo(held: &str, said: &str) -> Echo {
    let said = if said.len() == 11 {
        said.strip_prefix('1').unwrap_or(said)
    } else {
        said
    };
    if held == said {
        return Echo::Whole;
    }
    if said.len() >= 3 && said.len() < held.len() && held.contains(said) {
        return Echo::Part;
    }
    if said.len() == held.len() && strsim::osa_distance(held, said) <= 3 {
        return Echo::Wrong;
    }
    if said.len() == 4 && held.len() == 10 && strsim::osa_distance(&held[6..], said) <= 2 {
        return Echo::Wrong;
    }
    if said.len() == 7 && held.len() == 10 && strsim::osa_distance(&held[3..], said) <= 2 {
        return Echo::Wrong;
    }
    Echo::Other
}

/// Whose number a sequence is, by the words before it in its clause.
pub fn owner(heard: &Heard, sequence: &Sequence) -> Owner {
    let start = sequence.start;
    let from = heard.clause_start(start).max(start.saturating_sub(12));
    let last = |cue: Cue| {
        heard
            .hits
            .cue(cue)
            .filter(|h| h.start >= from && h.end <= start + 1)
            .map(|h| h.end)
            .max()
    };
    let prefer = last(Cue::Prefer);
    let alternate = last(Cue::Alternate);
    let third = last(Cue::Other);
    if prefer.is_some() && prefer >= alternate && prefer >= third {
        return Owner::Callback;
    }
    // "my wife's cell if I don't answer": said after the number as well.
    let after = heard
        .tokens
        .get(sequence.end)
        .map_or(0, |_| heard.clause_end(sequence.end))
        .min(sequence.end + 8);
    let after_alternate = heard.hits.cue(Cue::Alternate).any(|h| {
        h.start >= sequence.end
            && h.start < sequence.end + 3
            && h.end <= after
            && heard.word(h.start) == "if"
            && !heard.runs.iter().any(|r| r.start > h.end)
    });
    // "My office is ...": the number given for the asking, unless another is preferred in the same breath.
    let by_place = alternate.is_some_and(|end| {
        !heard.tokens[from..end].iter().any(|t| {
            t.any(&[
                "if",
                "or",
                "otherwise",
                "else",
                "backup",
                "alternate",
                "second",
                "other",
                "another",
                "also",
                "then",
                "miss",
            ])
        })
    });
    let another = heard
        .runs
        .iter()
        .any(|r| r.start > sequence.end && r.digits().len() >= 3)
        && heard.hits.cue(Cue::Prefer).any(|h| h.start >= sequence.end);
    let theirs = heard.tokens[from..start]
        .iter()
        .rev()
        .take(4)
        .any(|t| t.any(&["their", "his", "her", "there"]));
    if by_place && theirs {
        return Owner::Third;
    }
    if by_place && !another {
        return Owner::Callback;
    }
    if alternate.is_some() || after_alternate {
        return Owner::Alternate;
    }
    if let Some(end) = third {
        let words = heard.tokens.get(from..start).unwrap_or_default();
        // "my" beside the number claims it back: "call me at my office number".
        let mine = words.iter().rposition(|t| t.any(&["my", "me", "mine"]));
        let near_possessive = heard.word(end.saturating_sub(1)).ends_with("'s")
            || words
                .iter()
                .any(|t| t.any(&["their", "his", "her", "them", "him", "theirs", "hers"]));
        if near_possessive || start - end <= 4 || mine.is_none() {
            return Owner::Third;
        }
    }
    Owner::Callback
}

/// Whether the digits belong to something that is no phone: a price, a dose, an amount.
pub fn is_quantity(heard: &Heard, sequence: &Sequence) -> bool {
    heard.hits.at(Cue::NotPhone, sequence.end).is_some()
        || heard
            .tokens
            .get(sequence.start)
            .is_some_and(|t| t.glue == Some('$'))
        || heard
            .tokens
            .get(sequence.start)
            .is_some_and(|t| matches!(t.num, Num::Ordinal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs_align() {
        assert_eq!(repair("5035550146", "0164", false), "5035550164");
        assert_eq!(repair("51255", "56", false), "51256");
        assert_eq!(repair("51255501", "0242", false), "5125550242");
        assert_eq!(repair("5125550142", "737", true), "7375550142");
        assert_eq!(repair("5035550146", "530", false), "5305550146");
        assert_eq!(repair("8135550150", "2266", false), "8135552266");
        assert_eq!(repair("9075550419", "149", false), "9075550149");
        assert_eq!(repair("512", "5125550142", false), "5125550142");
    }

    #[test]
    fn echoes() {
        assert_eq!(echo("5035550146", "5035550146"), Echo::Whole);
        assert_eq!(echo("5035550146", "15035550146"), Echo::Whole);
        assert_eq!(echo("5035550146", "0146"), Echo::Part);
        assert_eq!(echo("5035550146", "5035550164"), Echo::Wrong);
        assert_eq!(echo("5035550146", "2125559999"), Echo::Other);
    }
}
