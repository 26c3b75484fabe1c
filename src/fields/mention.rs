//! Everything the recognisers see in a turn, whoever says it and whatever it is for: the view of `offhook extract --mentions`.

use super::address::{self, Expect};
use super::dialogue::Part;
use super::extractor::Extractor;
use super::phone;
use super::turn::{Heard, Turn};
use super::value::{Address, FieldType, nanp};

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
        for m in super::temporal::mentions(&heard, self.state.frame(), self.state.agenda.age <= 2) {
            if let Some(day) = m.day {
                out.date.push(day.start.to_string());
            }
            if let Some(clock) = m.clock.filter(|c| !c.part) {
                out.time.push(format!(
                    "{:02}:{:02}",
                    clock.start / 60 % 24,
                    clock.start % 60
                ));
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
