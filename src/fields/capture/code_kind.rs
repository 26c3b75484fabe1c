//! Which code it is: by the pattern a vertical's file gives, by the card or the bill it is read from, by what the agent has on file.

use super::code::{PAPERS, codes};
use crate::fields::cue::Mark;
use crate::fields::evidence::Role;
use crate::fields::state::State;
use crate::fields::turn::Heard;
use crate::fields::value::{FieldType, Value};

impl State {
    /// Whether the talk is of an insurance card: in the words before the code, or in what the agent asked last.
    pub(super) fn of_insurance(&self, heard: &Heard, at: usize) -> bool {
        const CARD: &[&str] = &[
            "insurance",
            "card",
            "member",
            "subscriber",
            "plan",
            "coverage",
            "medicaid",
            "medicare",
        ];
        const BILL: &[&str] = &[
            "bill",
            "billing",
            "statement",
            "account",
            "claim",
            "prescription",
            "invoice",
        ];
        let said = |w: &str| CARD.contains(&w);
        let agent = &self.last_agent_before;
        let before = (at.saturating_sub(8)..at).any(|i| {
            said(heard.word(i))
                || crate::fields::gazetteer::tables()
                    .insurer(&heard.tokens, i)
                    .is_some()
        });
        let bill = agent.iter().any(|w| BILL.contains(&w.as_str()))
            || (at.saturating_sub(8)..at).any(|i| BILL.contains(&heard.word(i)));
        (before || agent.iter().any(|w| said(w))) && !bill
    }

    /// "Is the bill under the same account, 33-0178?": a code the agent has on file.
    pub(super) fn proposed_code(&mut self, heard: &Heard) {
        let found = codes(heard, 4).into_iter().find_map(|code| {
            heard
                .hits
                .0
                .iter()
                .filter_map(|h| match h.mark {
                    Mark::Near(f)
                        if self.ty(f) == FieldType::Code
                            && h.end <= code.start
                            && code.start - h.end <= 4 =>
                    {
                        Some(f)
                    }
                    _ => None,
                })
                .next()
                .or_else(|| {
                    (code.start.saturating_sub(2)..code.start)
                        .any(|i| PAPERS.contains(&heard.word(i)))
                        .then(|| self.field("account_number"))
                        .flatten()
                })
                .filter(|f| self.value(*f).is_none())
                .map(|f| (f, code))
        });
        if let Some((field, code)) = found
            && crate::fields::dialogue::confirm_asked(heard, code.end)
        {
            let evidence = heard.evidence(Role::ReadsBack, code.start, code.end);
            self.await_yes(field, Value::Text(code.text), true, evidence);
        }
    }
}

/// Whether a code fits a pattern of the form `^[A-Z0-9]{6,15}$`; an empty or unknown pattern fits everything.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some(body) = pattern
        .strip_prefix("^[")
        .and_then(|p| p.strip_suffix("}$"))
    else {
        return true;
    };
    let Some((class, count)) = body.split_once("]{") else {
        return true;
    };
    let (least, most) = match count.split_once(',') {
        Some((a, b)) => (a.parse().unwrap_or(0), b.parse().unwrap_or(usize::MAX)),
        None => (
            count.parse().unwrap_or(0),
            count.parse().unwrap_or(usize::MAX),
        ),
    };
    let class: Vec<char> = class.chars().collect();
    let allowed = |c: char| {
        let mut i = 0;
        while i < class.len() {
            if class.get(i + 1) == Some(&'-') && i + 2 < class.len() {
                if class[i] <= c && c <= class[i + 2] {
                    return true;
                }
                i += 3;
            } else {
                if class[i] == c {
                    return true;
                }
                i += 1;
            }
        }
        false
    };
    (least..=most).contains(&text.chars().count()) && text.chars().all(allowed)
}
