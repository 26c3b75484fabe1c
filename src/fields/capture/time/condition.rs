//! Hours and days that do not suit: kept as conditions, never as the appointment.

use super::purpose::Purpose;
use crate::fields::agenda::Slot;
use crate::fields::cue::Cue;
use crate::fields::state::State;
use crate::fields::temporal::{self, Bound, TimeMention};
use crate::fields::turn::Heard;
use crate::fields::value::ConstraintKind;

impl State {
    /// Whether the mention bounds the visit rather than names it; if so it is kept as a condition.
    pub(super) fn constrains(
        &mut self,
        heard: &Heard,
        m: &TimeMention,
        purpose: Purpose,
        asked: bool,
    ) -> bool {
        // What happened, is open, stands already or will be rung bounds nothing.
        if matches!(
            purpose,
            Purpose::Story | Purpose::Hours | Purpose::Call | Purpose::Standing
        ) {
            return false;
        }
        let hhmm = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let from = heard.clause_start(m.start).max(m.start.saturating_sub(8));
        let words = heard.tokens.get(from..m.start).unwrap_or_default();
        let before = |w: &[&str]| words.iter().any(|t| t.any(w));
        let today = heard.tokens.iter().any(|t| t.any(&["today", "tonight"]));
        let away = !today
            && before(&[
                "work",
                "until",
                "till",
                "home",
                "not",
                "can't",
                "cannot",
                "won't",
                "off",
                "class",
                "leave",
                "don't",
                "never",
                "school",
                "busy",
                "available",
                "isn't",
            ])
            || heard
                .hits
                .cue(Cue::Cannot)
                .any(|h| h.start >= from && h.end <= m.start + 1);
        match (m.clock, m.bound) {
            (Some(c), _) if m.negated && c.end.is_some() && !c.part => {
                let end = c.end.unwrap_or(c.start);
                self.add_constraint(
                    heard,
                    (m.start, m.end),
                    ConstraintKind::NotBetween,
                    format!("{}-{}", hhmm(c.start), hhmm(end)),
                );
                true
            }
            (Some(c), Bound::After) if m.day.is_none() && !c.part => {
                // "not after five" is the other way round.
                let not = heard.word(m.start.wrapping_sub(2)) == "not"
                    || before(&["no"]) && before(&["later"])
                    || before(&["nothing"])
                    || before(&["can't", "cannot", "won't"]) && !before(&["until", "home", "till"]);
                let kind = if not {
                    ConstraintKind::NotAfter
                } else {
                    ConstraintKind::NotBefore
                };
                if asked && !away && self.agenda.day.is_some() {
                    return false;
                }
                self.add_constraint(heard, (m.start, m.end), kind, hhmm(c.start));
                true
            }
            (Some(c), Bound::Before) if !c.part => {
                let word = heard.word(m.start.wrapping_sub(1));
                let until = matches!(word, "until" | "till" | "til");
                let not = before(&[
                    "not", "can't", "cannot", "won't", "nothing", "never", "isn't",
                ]) || until && away;
                let kind = if not {
                    ConstraintKind::NotBefore
                } else {
                    ConstraintKind::NotAfter
                };
                self.add_constraint(heard, (m.start, m.end), kind, hhmm(c.start));
                m.day.is_none() || until
            }
            (None, Bound::Before | Bound::By)
                if !before(&["night", "day", "week", "been", "ever", "never"]) =>
            {
                if let Some(day) = m.day {
                    let word = if m.bound == Bound::By { "by" } else { "before" };
                    let date = day.end.map_or(day.start, |e| e.yesterday().unwrap_or(e));
                    self.add_constraint(
                        heard,
                        (m.start.saturating_sub(1), m.end),
                        ConstraintKind::Deadline,
                        format!("{word} {date}"),
                    );
                }
                true
            }
            (None, Bound::Before | Bound::By) => true,
            (None, Bound::At) if m.negated => {
                if let Some(day) = m.day {
                    let value = if day.weekday {
                        temporal::weekday_name(day.start.weekday()).to_owned()
                    } else {
                        day.start.to_string()
                    };
                    // Refusing an offered day is an answer, not a rule.
                    if !self.agenda.offers.iter().any(|o| o.fits(&Slot::of(m))) {
                        self.add_constraint(heard, (m.start, m.end), ConstraintKind::NotOn, value);
                    } else {
                        return false;
                    }
                }
                true
            }
            _ => false,
        }
    }
}
