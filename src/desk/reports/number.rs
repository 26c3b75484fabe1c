//! What a number of a report is made of. Each is defined once, and both the number and the list of what stands behind it follow from that:
//! so whoever opens a number finds as many calls as it says.

use super::table::share;
use super::{Cell, Counted, Material};

/// A number over records: its name, its unit, and how it is made.
pub(super) struct Number {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) made: Made,
}

/// How a number is made of records.
pub(super) enum Made {
    /// As many as it holds of.
    Count(fn(&Counted, &Material) -> bool),
    /// The sum of what each adds.
    Sum(fn(&Counted) -> u64),
    /// The share of what each has of what it could have.
    Share(fn(&Counted) -> Option<(u64, u64)>),
    /// The mean of those that have one.
    Mean(fn(&Counted) -> Option<u64>),
    /// The value that so many of 100 do not exceed, of those that have one.
    Quantile(usize, fn(&Counted) -> Option<u64>),
    /// What each adds, by 1,000 minutes of audio.
    PerThousandMinutes(fn(&Counted) -> u64),
}

impl Number {
    /// The number over these records.
    pub(super) fn over(&self, records: &[&Counted], material: &Material) -> Cell {
        match self.made {
            Made::Count(holds) => records.iter().filter(|r| holds(r, material)).count().into(),
            Made::Sum(of) => records.iter().map(|r| of(r)).sum::<u64>().into(),
            Made::Share(of) => {
                let (part, whole) = records
                    .iter()
                    .filter_map(|r| of(r))
                    .fold((0, 0), |(p, w), (part, whole)| (p + part, w + whole));
                share(part as usize, whole as usize)
            }
            Made::Mean(of) => {
                let all: Vec<u64> = records.iter().filter_map(|r| of(r)).collect();
                let mean = all.iter().sum::<u64>() as f64 / all.len().max(1) as f64;
                Cell::Number((!all.is_empty()).then(|| (mean * 100.0).round() / 100.0))
            }
            Made::Quantile(percent, of) => {
                quantile(records.iter().filter_map(|r| of(r)), percent).into()
            }
            Made::PerThousandMinutes(of) => {
                let audio: u64 = records.iter().map(|r| r.facts.audio_ms).sum();
                let all: u64 = records.iter().map(|r| of(r)).sum();
                let rate = all as f64 * 60_000_000.0 / audio.max(1) as f64;
                Cell::Number((audio > 0).then(|| (rate * 100.0).round() / 100.0))
            }
        }
    }

    /// What a record has to do with the number; `None` where it has nothing to do with it. The second value is what lists are put in
    /// order by: what one would want to look at first has the highest.
    pub(super) fn of(&self, record: &Counted, material: &Material) -> Option<(Cell, f64)> {
        let counted = |n: u64| Some((Cell::Count(n), n as f64));
        match self.made {
            Made::Count(holds) => holds(record, material).then_some((Cell::Number(None), 0.0)),
            Made::Sum(of) | Made::PerThousandMinutes(of) => {
                Some(of(record)).filter(|n| *n > 0).and_then(counted)
            }
            Made::Share(of) => {
                let (part, whole) = of(record).filter(|(_, whole)| *whole > 0)?;
                Some((
                    share(part as usize, whole as usize),
                    1.0 - part as f64 / whole as f64,
                ))
            }
            Made::Mean(of) | Made::Quantile(_, of) => of(record).and_then(counted),
        }
    }
}

/// The value that `percent` of 100 do not exceed.
pub(super) fn quantile(values: impl Iterator<Item = u64>, percent: usize) -> Option<u64> {
    let mut sorted: Vec<u64> = values.collect();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

const fn number(name: &'static str, unit: &'static str, made: Made) -> Number {
    Number { name, unit, made }
}

/// Of a yes or no: one of one, or none of one.
fn whether(yes: bool) -> Option<(u64, u64)> {
    Some((u64::from(yes), 1))
}

/// States in which somebody still has to look at a record.
fn awaits_review(record: &Counted) -> bool {
    matches!(record.state.as_str(), "draft" | "in_review" | "reopened")
}

/// Calls and records; what is still owed stands first.
pub(super) const SUMMARY: &[Number] = &[
    number(
        "awaiting_review",
        "records",
        Made::Count(|r, _| awaits_review(r)),
    ),
    number(
        "callbacks_owed",
        "calls",
        Made::Count(|r, _| r.facts.outcome == "callback_needed"),
    ),
    number(
        "escalated",
        "calls",
        Made::Count(|r, _| r.facts.outcome == "escalated"),
    ),
    number(
        "unreached",
        "calls",
        Made::Count(|r, _| r.facts.group == "unreached"),
    ),
    number(
        "wrong_location_suspected",
        "calls",
        Made::Count(|r, _| r.facts.wrong_location),
    ),
    number("calls", "calls", Made::Count(|_, _| true)),
    number(
        "booked",
        "calls",
        Made::Count(|r, _| r.facts.outcome == "booked"),
    ),
    number(
        "approved",
        "records",
        Made::Count(|r, _| r.state == "approved"),
    ),
    number(
        "approved_untouched",
        "share",
        Made::Share(|r| {
            (r.state == "approved").then(|| (u64::from(r.facts.fields_edited == 0), 1))
        }),
    ),
    number(
        "rejected",
        "records",
        Made::Count(|r, _| r.state == "rejected"),
    ),
    number("talk_ms", "ms", Made::Sum(|r| r.facts.talk_ms)),
];

/// How complete what was captured is.
pub(super) const CAPTURE: &[Number] = &[
    number("calls", "calls", Made::Count(|_, _| true)),
    number(
        "required_present",
        "share",
        Made::Share(|r| Some((r.facts.required_present.into(), r.facts.required.into()))),
    ),
    number(
        "critical_confirmed",
        "share",
        Made::Share(|r| Some((r.facts.critical_confirmed.into(), r.facts.critical.into()))),
    ),
    number(
        "complete",
        "share",
        Made::Share(|r| whether(r.facts.required_present == r.facts.required)),
    ),
    number(
        "fields_per_call",
        "fields",
        Made::Mean(|r| Some(r.facts.present.into())),
    ),
    number("declined", "fields", Made::Sum(|r| r.facts.declined.into())),
    number(
        "conflicting",
        "fields",
        Made::Sum(|r| r.facts.conflicting.into()),
    ),
    number(
        "edits_per_review",
        "fields",
        Made::Mean(|r| r.facts.reviewed.then(|| r.facts.fields_edited.into())),
    ),
    number(
        "review_median_s",
        "s",
        Made::Quantile(50, |r| r.facts.seconds_open.filter(|_| r.facts.reviewed)),
    ),
];

/// Calls in which nothing could be captured say nothing about capture.
pub(super) fn could_capture(record: &Counted) -> bool {
    !matches!(record.facts.group.as_str(), "excluded" | "unreached")
}

/// How long people wait for text and for the draft, against the budgets.
pub(super) const LATENCY: &[Number] = &[
    number("calls", "calls", Made::Count(|_, _| true)),
    number(
        "stt_final_p50_ms",
        "ms",
        Made::Quantile(50, |r| r.facts.stt_final_p95_ms),
    ),
    number(
        "stt_final_p95_ms",
        "ms",
        Made::Quantile(95, |r| r.facts.stt_final_p95_ms),
    ),
    number(
        "stt_final_over_budget",
        "calls",
        Made::Count(|r, m| {
            r.facts
                .stt_final_p95_ms
                .is_some_and(|ms| ms as f64 > m.budgets_ms.0)
        }),
    ),
    number(
        "hangup_to_draft_p50_ms",
        "ms",
        Made::Quantile(50, |r| r.facts.hangup_to_draft_ms),
    ),
    number(
        "hangup_to_draft_p95_ms",
        "ms",
        Made::Quantile(95, |r| r.facts.hangup_to_draft_ms),
    ),
    number(
        "hangup_to_draft_over_budget",
        "calls",
        Made::Count(|r, m| {
            r.facts
                .hangup_to_draft_ms
                .is_some_and(|ms| ms as f64 > m.budgets_ms.1)
        }),
    ),
];

/// How much of the audio came, and was read.
pub(super) const COVERAGE: &[Number] = &[
    number("calls", "calls", Made::Count(|_, _| true)),
    number("audio_ms", "ms", Made::Sum(|r| r.facts.audio_ms)),
    number(
        "transcribed",
        "share",
        Made::Share(|r| Some((r.facts.transcribed_ms, r.facts.audio_ms))),
    ),
    number("lost_ms", "ms", Made::Sum(|r| r.facts.lost_ms)),
    number("gaps", "gaps", Made::Sum(|r| r.facts.gaps.into())),
    number(
        "gaps_per_1000_min",
        "gaps",
        Made::PerThousandMinutes(|r| r.facts.gaps.into()),
    ),
    number(
        "calls_with_gaps",
        "calls",
        Made::Count(|r, _| r.facts.gaps > 0),
    ),
    number(
        "engine_restarts",
        "calls",
        Made::Count(|r, _| r.facts.end_reason == "engine_restart"),
    ),
];
