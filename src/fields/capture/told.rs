//! The figures of the caller's last turn, for what the agent says of them next: of several readings the one that was understood counts.

use crate::fields::address;
use crate::fields::cue::Cue;
use crate::fields::number::Run;
use crate::fields::state::State;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// No house has a longer number.
const HOUSE_DIGITS: usize = 6;

/// The figures of a turn of the caller's.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Numbers that may be a house's.
    pub(super) short: Vec<String>,
    /// There were figures at all.
    pub(super) figures: bool,
    /// Words that sound like figures.
    pub(super) sounds: bool,
    /// Something was put right beside them.
    pub(super) repaired: bool,
    /// The ZIP that the turn came to.
    pub(super) zip: Option<String>,
}

impl State {
    /// Notes the figures of the caller's turn.
    pub(super) fn note_told(&mut self, heard: &Heard) {
        let short = heard.runs.iter().map(Run::digits);
        self.told = Told {
            short: short
                .filter(|d| d.len() <= HOUSE_DIGITS)
                .map(str::to_owned)
                .collect(),
            figures: heard.tokens.iter().any(|t| t.num != Num::None),
            sounds: heard
                .tokens
                .iter()
                .any(|t| matches!(t.num, Num::Homophone(_))),
            repaired: heard.hits.has(Cue::Repair) || heard.says(words!["no", "sorry", "wait"]),
            zip: address::zip_said(heard).map(|(zip, _)| zip),
        };
    }
}
