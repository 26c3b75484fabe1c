//! Everything the recognisers see in a turn, whoever says it and whatever it is for: the view of `offhook extract --mentions`.

use super::address::{self, Expect};
use super::dialogue::Part;
use super::extractor::Extractor;
use super::phone;
use super::temporal::{Days, TimeMention};
use super::turn::{Heard, Turn};
use super::value::{Address, FieldType, nanp};
use crate::fields::word_set::{WordSet, words};

/// The mentions of a turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mentions {
    /// E.164, or bare digits of seven.
    pub phone: Vec<String>,
    /// Addresses.
    pub address: Vec<Address>,
    /// Names.
    pub person_name: Vec<String>,
    /// Days.
    pub date: Vec<String>,
    /// Clock times.
    pub time: Vec<String>,
}

impl Extractor {
    /// What the recognisers see in a turn that is about to be heard.
    pub fn mentions(&self, turn: &Turn<'_>) -> Mentions {
        let mut heard = Heard::new(turn, &self.state.vertical);
        let mut out = Mentions::default();
        for s in phone::sequences(&heard) {
            if let Some(number) = nanp(&s.digits) {
                out.phone.push(number);
                heard.take(s.start, s.end);
            } else if s.digits.len() == 7 && !phone::is_quantity(&heard, &s) {
                out.phone.push(s.digits.clone());
                heard.take(s.start, s.end);
            }
        }
        let asked = self.state.asked_of(FieldType::Address, 1).map(|a| a.part);
        let expect = Expect {
            asked,
            held: asked.is_some_and(|p| p != Part::Whole),
            city: self.state.ctx.business.city.as_deref(),

            places: self.state.field("origin_address").is_some(),
            ..Expect::default()
        };
        for m in address::mentions(&heard, expect) {
            heard.take(m.start, m.end);
            out.address.push(m.address);
        }
        let today = self.state.today();
        let times =
            super::temporal::mentions(&heard, self.state.frame(), self.state.agenda.age <= 2);
        for m in &times {
            if let Some(day) = m.day.filter(|d| !is_week_of_day(m, d, &times)) {
                out.date.push(day.start.to_string());
                let both = (m.start + 1..m.end).any(|i| heard.any(i, TO));
                let last = day.end.filter(|_| both).and_then(|e| e.yesterday().ok());
                out.date.extend(last.map(|d| d.to_string()));
            }
            if let Some(clock) = m.clock.filter(|c| !c.part) {
                let hhmm = |minute: u16| format!("{:02}:{:02}", minute / 60 % 24, minute % 60);
                out.time.push(hhmm(clock.start));
                out.time.extend(clock.end.map(hhmm));
            }
        }
        for at in 0..heard.tokens.len() {
            let dob = self
                .state
                .field("date_of_birth")
                .is_some_and(|f| self.state.was_asked(f, 1));
            if dob
                && !heard.taken[at]
                && let Some((date, _)) = super::temporal::figures(&heard, at, today)
            {
                out.date.retain(|d| *d != date.to_string());
                out.date.push(date.to_string());
                break;
            }
        }
        let expected = self.state.asked_of(FieldType::PersonName, 1).is_some();
        out.person_name.extend(
            super::name::mentions(
                &heard,
                super::name::Setting {
                    expected,
                    ..super::name::Setting::default()
                },
            )
            .into_iter()
            .map(|m| m.name),
        );
        out
    }
}

/// Words between the two ends of a span that both were named.
const TO: &WordSet = words!["to", "through", "thru", "until", "till", "and"];

/// "Saturday this week": the week of a day that is named beside it, and no date of its own.
fn is_week_of_day(m: &TimeMention, days: &Days, all: &[TimeMention]) -> bool {
    let Some(end) = days.end else {
        return false;
    };
    let beside = |other: &&TimeMention| other.end == m.start || m.end == other.start;
    let within = |d: Days| d.weekday && d.start >= days.start && d.start < end;
    all.iter().filter(beside).any(|o| o.day.is_some_and(within))
}

#[cfg(test)]
mod tests {
    use super::super::{Business, Context, Speaker, Vertical, words_of_text};
    use super::*;

    fn seen(text: &str) -> Mentions {
        let context = Context {
            started_at: "2026-03-24T14:12:00Z".parse().expect("a time"),
            timezone: jiff::tz::TimeZone::get("America/Chicago").expect("a zone"),
            caller_id: None,
            business: Business::default(),
        };
        let extractor = Extractor::new(Vertical::builtin("clinic").expect("it ships"), context);
        let words = words_of_text(text, 0, 5000);
        extractor.mentions(&Turn {
            speaker: Speaker::Caller,
            segment: 0,
            start_ms: 0,
            end_ms: 5000,
            words: &words,
        })
    }

    #[test]
    fn both_ends_of_a_span_are_seen_and_the_week_of_a_day_is_no_date() {
        assert_eq!(
            seen("from april third to the fifth").date,
            ["2026-04-03", "2026-04-05"]
        );
        assert_eq!(seen("saturday this week").date, ["2026-03-28"]);
        let window = seen("friday between one and three");
        assert_eq!(window.date, ["2026-03-27"]);
        assert_eq!(window.time, ["13:00", "15:00"]);
        assert_eq!(seen("sometime in the morning").time, [""; 0]);
    }

    #[test]
    fn numbers_and_places_are_seen_whoever_they_are_for() {
        let seen = seen(
            "their office is at 640 Harbor Street # 12 and it's five one two five five five oh one four six",
        );
        assert_eq!(seen.phone, ["+15125550146"]);
        let address = &seen.address[0];
        assert_eq!(address.number.as_deref(), Some("640"));
        assert_eq!(address.street.as_deref(), Some("Harbor Street"));
        assert_eq!(address.unit.as_deref(), Some("12"));
    }
}
