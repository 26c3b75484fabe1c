//! Counting numbers inside a run: "forty two", "twelve hundred", "ten thousand and five", with the readings that each leaves open.

use std::borrow::Cow;

use super::{is_firm, joins};
use crate::fields::token::{Num, Stop, Token};

/// Digits of a group: most are said one by one.
pub(super) type Digits = Cow<'static, str>;

/// A group of words read together, with its possible digit strings and how unusual each reading is.
pub(super) struct Group {
    /// The digits it is told by.
    pub plain: (Digits, u8),
    /// Another way to read it.
    pub other: Option<(Digits, u8)>,
    /// The counting number it is, if it is one.
    pub cardinal: Option<u64>,
}

/// A group that reads one way.
pub(super) fn single(digits: Digits, cardinal: Option<u64>) -> Group {
    Group {
        plain: (digits, 0),
        other: None,
        cardinal,
    }
}

/// The digits of a number.
pub(super) fn spoken(n: u64) -> Digits {
    const ONE: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let one = usize::try_from(n).ok().and_then(|n| ONE.get(n));
    one.map_or_else(|| n.to_string().into(), |one| Cow::Borrowed(*one))
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
    let (head, used, joined) = if matches!(tokens[at].num, Num::Hundred | Num::Thousand) {
        (1, 0, false)
    } else {
        match below_hundred(tokens, at, end) {
            Some(found) => found,
            None => return (None, at + 1),
        }
    };
    let mut i = at + used;
    if !is(i, Num::Hundred) && !is(i, Num::Thousand) {
        // "twenty five" said as 20, 5; and digit by digit people never mean 20+5 first, so it costs.
        let apart = || (format!("{}{}", head / 10 * 10, head % 10).into(), 1);
        return (
            Some(Group {
                plain: (spoken(head), 0),
                other: joined.then(apart),
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
            _ => return (Some(single(spoken(total), Some(total))), i),
        }
    }
    let hundreds = is(i, Num::Hundred);
    if hundreds {
        part *= 100;
        i += 1;
        if is(i, Num::Thousand) {
            part *= 1000;
            i += 1;
        }
    }
    let round = total + part;
    if !hundreds {
        return (Some(single(spoken(round), Some(round))), i);
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
            let glued = format!("{round}{n}").into();
            if and || (alone && n >= 10) {
                (
                    Some(Group {
                        plain: (spoken(cardinal), 0),
                        other: Some((glued, 1)),
                        cardinal: Some(cardinal),
                    }),
                    after,
                )
            } else if alone {
                (
                    Some(Group {
                        plain: (glued, 0),
                        other: Some((spoken(cardinal), 1)),
                        cardinal: Some(cardinal),
                    }),
                    after,
                )
            } else if n >= 20 {
                (
                    Some(Group {
                        plain: (spoken(cardinal), 1),
                        other: Some((glued, 0)),
                        cardinal: None,
                    }),
                    after,
                )
            } else {
                (Some(single(spoken(round), Some(round))), i)
            }
        }
        _ => (
            Some(single(spoken(round), Some(round))),
            if and { from } else { i },
        ),
    }
}

fn joins_more(tokens: &[Token], at: usize, end: usize) -> bool {
    at < end && tokens.get(at).is_some_and(joins)
}
