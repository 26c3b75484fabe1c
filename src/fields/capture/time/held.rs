//! Days held by a date field, in court or the like: said again, they are no appointment.

use jiff::civil::Date;

use crate::fields::cue::Cue;
use crate::fields::state::State;
use crate::fields::temporal::TimeMention;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::value::FieldType;
use crate::fields::word_set::words;

impl State {
    /// A day to come, in court or the like, that was given or repeated a moment ago.
    pub(super) fn date_in_talk(&self, heard: &Heard) -> Option<Date> {
        let mut dates = self.vertical.all_of(FieldType::Date).iter();
        dates.find_map(|f| {
            let held = self.ledger(*f).held.as_ref()?;
            let date: Date = held.value.text()?.parse().ok()?;
            let fresh = held.evidence.last()?.turn + 1 >= heard.segment;
            // A date of birth is no day that anybody mistakes for an appointment.
            (fresh && date > self.today()).then_some(date)
        })
    }

    /// Whether the digits are the hour of a slot on the table: "two fifteen, yes".
    pub(in crate::fields::capture) fn names_offered_hour(&self, digits: &str) -> bool {
        let (hour, minute) = digits.split_at(digits.len().saturating_sub(2));
        let said = match (hour.parse::<u16>(), minute.parse::<u16>()) {
            (Ok(h @ 1..=12), Ok(m @ 0..60)) => h % 12 * 60 + m,
            _ => return false,
        };
        let clocks = self.agenda.offers.iter().filter_map(|o| o.clock);
        clocks.filter(|c| !c.part).any(|c| c.start % 720 == said)
    }

    /// "Oh wait, it's April the twenty second, not the second", of a hearing on the second: another date is put right.
    pub(super) fn mends_date(&self, heard: &Heard, m: &TimeMention) -> bool {
        if heard.word(m.end) != "not" {
            return false;
        }
        let at = m.end + 1 + usize::from(heard.word(m.end + 1) == "the");
        let Some(Num::Ordinal(day)) = heard.tokens.get(at).map(|t| t.num) else {
            return false;
        };
        let dates = self.vertical.all_of(FieldType::Date).iter();
        let held = dates.filter_map(|f| self.value(*f)?.text()?.parse::<Date>().ok());
        held.into_iter()
            .any(|d| i64::from(d.day()) == i64::from(day))
    }

    /// "Two to four.", of "two to four days" that the agent has just said.
    pub(super) fn repeats_count(&self, heard: &Heard, m: &TimeMention) -> bool {
        let units = words![
            "days", "weeks", "hours", "guys", "men", "movers", "months", "minutes", "people",
        ];
        m.day.is_none()
            && m.end >= m.start + 3
            && self.last_agent.windows(4).any(|w| {
                w[0] == heard.word(m.start)
                    && matches!(w[1].as_str(), "to" | "or")
                    && w[2] == heard.word(m.end - 1)
                    && units.has(&w[3])
            })
    }

    /// "November 9th, 1:30. That's a Monday?" - "Monday, yes": the day in court again, or its hour.
    pub(super) fn is_held_date(&self, heard: &Heard, m: &TimeMention) -> bool {
        let offering = heard.hits.has(Cue::Offer)
            || heard.hits.has(Cue::Booked)
            || !self.agenda.offers.is_empty()
            || self.agenda.wanted.is_some();
        !offering
            && self.date_in_talk(heard).is_some_and(|date| match m.day {
                Some(d) => d.start == date || d.weekday && d.start.weekday() == date.weekday(),
                None => heard.taken[..m.start].iter().any(|t| *t),
            })
    }
}
