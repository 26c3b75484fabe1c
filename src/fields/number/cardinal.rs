//! Counting numbers inside a run: "forty two", "twelve hundred", "ten thousand and five", with the readings that each leaves open.

use super::{is_firm, joins};
use crate::fields::token::{Num, Stop, Token};

/// A group of words read together, with its possible digit strings.
pub(super) struct Group {
    /// Digit strings with how unusual each reading is.
    pub options: Vec<(String, u8)>,
    /// The counting number it is, if it is one.
    pub cardinal: Option<u64>,
}

/// A group that reads one way.
pub(super) fn single(digits: String, cardinal: Option<u64>) -> Group {
    Group {
        options: vec![(digits, 0)],
        cardinal,
    }
}

/// Digit, teen or tens-and-unit at `at`: value, tokens used, whether it is a joined tens-and-unit.
fn below_hundred(tokens: &[Token], at: usize, end: usize) -> Option<(u64, usize, bool)> {
    let token = tokens.get(at).filter(|_| at < end)?;
    match token.num {
        Num::Digit(d) => Some((d.into(), 1, false)),
        Num::Teen(n) => Some((n.into(), 1, false)),
        Num::Literal if token.text.len() <= 2 => Some((token.text.parse().ok()?, 1, false)),
        Num::Tens(t) => match tokens.get(at + 1).filter(|_| at + 1 < end) {
            Some(next) if token.stop == Stop::None => match next.num {
                Num::Digit(d) if d > 0 => Some((u64::from(t) * 10 + u64::from(d), 2, true)),
                // "thirty 3": half in words, half in figures.
                Num::Literal if next.text.len() == 1 && next.text != "0" && next.glue.is_none() => {
                    Some((u64::from(t) * 10 + next.text.parse::<u64>().ok()?, 2, true))
                }
                _ => Some((u64::from(t) * 10, 1, false)),
            },
            _ => Some((u64::from(t) * 10, 1, false)),
        },
        _ => None,
    }
}

/// A counting number from `at`: "forty two", "twelve hundred", "three hundred and eighty two", "two thousand five".
pub(super) fn cardinal_from(tokens: &[Token], at: usize, end: usize) -> (Option<Group>, usize) {
    let is = |i: usize, n: Num| i < end && tokens.get(i).is_some_and(|t| t.num == n);
    let (head, used, joined) = if tokens[at].num == Num::Hundred {
        (1, 0, false)
    } else {
        match below_hundred(tokens, at, end) {
            Some(found) => found,
            None => return (None, at + 1),
        }
    };
    let mut i = at + used;
    if !is(i, Num::Hundred) && !is(i, Num::Thousand) {
        let mut options = vec![(head.to_string(), 0)];
        if joined {
            // "twenty five" said as 20, 5; and digit by digit people never mean 20+5 first, so it costs.
            options.push((format!("{}{}", head / 10 * 10, head % 10), 1));
        }
        return (
            Some(Group {
                options,
                cardinal: Some(head),
            }),
            i,
        );
    }
    let mut total = 0u64;
    let mut part = head;
    if is(i, Num::Thousand) {
        total = part * 1000;
        i += 1;
        // "Ten thousand and five"
        if i + 1 < end && tokens[i].is("and") && is_firm(&tokens[i + 1]) {
            i += 1;
        }
        match below_hundred(tokens, i, end) {
            Some((n, u, _)) if !is(i + u, Num::Thousand) => {
                part = n;
                i += u;
            }
            _ => return (Some(single(total.to_string(), Some(total))), i),
        }
    }
    let spoken_round;
    if is(i, Num::Hundred) {
        part *= 100;
        i += 1;
        spoken_round = (total + part).to_string();
        if is(i, Num::Thousand) {
            part *= 1000;
            i += 1;
        }
    } else {
        spoken_round = String::new();
    }
    let round = total + part;
    if spoken_round.is_empty() {
        return (Some(single(round.to_string(), Some(round))), i);
    }
    let and = i < end && tokens[i].is("and");
    let from = if and { i + 1 } else { i };
    // "eight hundred five five five": the digits that follow one by one are no units of the hundred.
    let follows = below_hundred(tokens, from, end);
    match follows {
        Some((n, u, _)) if n > 0 && n < 100 => {
            let after = from + u;
            let alone = after >= end || !joins_more(tokens, after, end);
            let cardinal = round + n;
            let glued = format!("{round}{n}");
            if and || (alone && n >= 10) {
                (
                    Some(Group {
                        options: vec![(cardinal.to_string(), 0), (glued, 1)],
                        cardinal: Some(cardinal),
                    }),
                    after,
                )
            } else if alone {
                (
                    Some(Group {
                        options: vec![(glued, 0), (cardinal.to_string(), 1)],
                        cardinal: Some(cardinal),
                    }),
                    after,
                )
            } else if n >= 20 {
                (
                    Some(Group {
                        options: vec![(cardinal.to_string(), 1), (glued, 0)],
                        cardinal: None,
                    }),
                    after,
                )
            } else {
                (Some(single(round.to_string(), Some(round))), i)
            }
        }
        _ => (
            Some(single(round.to_string(), Some(round))),
            if and { from } else { i },
        ),
    }
}

fn joins_more(tokens: &[Token], at: usize, end: usize) -> bool {
    at < end && tokens.get(at).is_some_and(joins)
}
