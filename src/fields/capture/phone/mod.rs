//! Telephone numbers in the dialogue: what the caller says ([`caller`]), what the agent says ([`agent`]), digits that correct a number
//! already said ([`correct`]), under which field a number goes ([`commit`]) and what all that was said around it makes of that
//! ([`choice`]), the number the call itself comes from ([`mod@line`]), a second line beside the one the agent has ([`second`]), two that
//! the caller leaves undecided ([`undecided`]), and whose number the agent asks for ([`whose`]).

mod agent;
mod caller;
mod choice;
mod commit;
mod correct;
mod line;
mod second;
mod undecided;
mod whose;

pub(in crate::fields::capture) use line::turned_down;

/// How far the agent's read-back of a number has got, over as many breaths as it takes.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::fields) struct ReadOut {
    /// The field.
    pub field: u8,
    /// The ten digits in the agent's version.
    pub said: String,
    /// Which of them were read, one bit each.
    pub covered: u16,
    /// The part read last.
    pub span: (usize, usize),
    /// Turns of the caller's with something else in them since.
    pub age: u8,
}

/// All ten digits.
const WHOLE: u16 = 0b11_1111_1111;

impl ReadOut {
    /// Nothing read yet of the number `held`.
    fn begin(field: u8, held: &str) -> ReadOut {
        ReadOut {
            field,
            said: held.to_owned(),
            covered: 0,
            span: (0, 0),
            age: 0,
        }
    }

    /// The agent read `digits` at `span`.
    fn read(&mut self, span: (usize, usize), digits: &str) {
        if span.0 == 0 {
            self.covered = 0;
        }
        for at in span.0..span.1.min(10) {
            self.covered |= 1 << at;
        }
        if let (Some(head), Some(tail)) = (self.said.get(..span.0), self.said.get(span.1..)) {
            self.said = format!("{head}{digits}{tail}");
        }
        self.span = span;
        self.age = 0;
    }

    /// A yes to it is a yes to the number: all of it was read, or its end as people read it ("ending in ...").
    fn is_whole(&self) -> bool {
        self.covered == WHOLE || self.span.1 == 10 && self.span.1 - self.span.0 >= 4
    }
}
