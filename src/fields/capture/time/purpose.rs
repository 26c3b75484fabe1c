//! What a time in a sentence is the time of. The nearest cue in the same thought decides: "I was in on Monday, can you come Thursday"
//! has two times and two purposes.

use crate::fields::cue::Cue;
use crate::fields::temporal::TimeMention;
use crate::fields::token::Stop;
use crate::fields::turn::{Heard, Speaker};

/// What a time is the time of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A visit or an appointment to be made.
    Visit,
    /// An appointment made before this call.
    Standing,
    /// Something that happened.
    Story,
    /// Opening hours.
    Hours,
    /// Somebody's call.
    Call,
    /// Anything else: a hearing, a shift, a delivery.
    Other,
    /// Nothing around says.
    Open,
}

/// Cues and their purposes; of two equally near the earlier in this list wins.
const CUES: [(Cue, Purpose); 8] = [
    (Cue::WhenStanding, Purpose::Standing),
    (Cue::WhenCall, Purpose::Call),
    (Cue::WhenOther, Purpose::Other),
    (Cue::WhenHours, Purpose::Hours),
    (Cue::WhenStory, Purpose::Story),
    (Cue::WhenVisit, Purpose::Visit),
    (Cue::Offer, Purpose::Visit),
    (Cue::Booked, Purpose::Visit),
];

/// Cues further away than this many tokens before, or after, say nothing about a time.
const BEFORE: usize = 12;
const AFTER: usize = 5;
/// A cue after the time counts as that much further away, one beyond an "and" as that much.
const BEHIND: usize = 3;
const AND: usize = 4;

/// A cue found: where, how it ranks, what it says.
struct Found {
    start: usize,
    end: usize,
    rank: usize,
    purpose: Purpose,
}

/// The purpose of a time.
pub(super) fn of(heard: &Heard, m: &TimeMention) -> Purpose {
    let from = heard.clause_start(m.start);
    let to = heard.clause_end(m.end.saturating_sub(1).max(m.start));
    // "I have" offers a time in the agent's mouth only.
    let cues = match heard.speaker {
        Speaker::Agent => &CUES[..],
        Speaker::Caller => &CUES[..6],
    };
    let mut found: Vec<Found> = cues
        .iter()
        .enumerate()
        .flat_map(|(rank, (cue, purpose))| {
            heard.hits.cue(*cue).map(move |h| Found {
                start: h.start,
                end: h.end,
                rank,
                purpose: *purpose,
            })
        })
        .filter(|f| f.start >= from && f.end <= to)
        .collect();
    // "supposed to come in": the visit inside a longer thing belongs to it.
    let longer: Vec<(usize, usize, usize)> = found
        .iter()
        .filter(|f| f.end - f.start >= 2 && f.purpose != Purpose::Visit)
        .map(|f| (f.start, f.end, f.rank))
        .collect();
    found.retain(|f| {
        f.purpose != Purpose::Visit || !longer.iter().any(|(s, e, _)| *s < f.start && f.start < *e)
    });
    found
        .iter()
        .filter_map(|f| {
            let distance = if f.start < m.start {
                let gap = m.start.saturating_sub(f.end);
                (gap <= BEFORE && !turns(heard, f.end.min(m.start), m.start))
                    .then(|| gap + AND * ands(heard, f.end.min(m.start), m.start))
            } else {
                let gap = f.start.saturating_sub(m.end);
                let to = f.start.max(m.end);
                // What comes after a pause is about something else.
                let another = (m.end..to).any(|i| heard.word(i).ends_with("'ll"))
                    || f.purpose == Purpose::Other && heard.word(f.start).ends_with("'ll");
                let pause = another
                    || (m.end.saturating_sub(1)..to.saturating_sub(1))
                        .any(|i| heard.tokens[i].stop >= Stop::Comma);
                (gap <= AFTER && !pause && !turns(heard, m.end, to))
                    .then(|| gap + BEHIND + AND * ands(heard, m.end, to))
            }?;
            Some((distance, f.rank, f.purpose))
        })
        .min_by_key(|(distance, rank, _)| (*distance, *rank))
        .map_or(Purpose::Open, |(_, _, purpose)| purpose)
}

/// Whether a new thought starts between two tokens.
fn turns(heard: &Heard, from: usize, to: usize) -> bool {
    (from..to).any(|i| heard.tokens[i].any(&["but", "so", "because", "cause", "though"]))
}

/// How often "and" stands between two tokens.
fn ands(heard: &Heard, from: usize, to: usize) -> usize {
    (from..to).filter(|i| heard.tokens[*i].is("and")).count()
}
