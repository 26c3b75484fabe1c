//! What is put right behind a place in the same breath: its number ("... Forest Hill Road, no, sorry, 9921") or its street ("... Jay Street,
//! no, the letter J, J Street").

use super::known::known_street;
use super::rest::rest_of_place;
use super::street::street;
use super::unit::is_unit_noun;
use super::words::{compass, direction};
use super::{AddressMention, Expect};
use crate::fields::cue::Cue;
use crate::fields::number;
use crate::fields::phone::is_repair;
use crate::fields::turn::Heard;
use crate::fields::word_set::words;

/// Words that a repair may run on for before it says what is right.
const WORDS: usize = 8;

/// The street with another compass word, at whichever end it has one.
fn turned(street: &str, way: &str) -> Option<String> {
    let is_way = |w: &str| direction(&w.to_lowercase()).is_some() && w.len() > 1;
    if let Some((name, last)) = street.rsplit_once(' ')
        && is_way(last)
    {
        return Some(format!("{name} {way}"));
    }
    let (first, name) = street.split_once(' ')?;
    is_way(first).then(|| format!("{way} {name}"))
}

/// Takes what is put right behind the mention into it.
pub(super) fn put_right(heard: &Heard, mention: &mut AddressMention, expect: Expect<'_>) {
    let n = heard.tokens.len();
    let from = mention.end;
    // "47 Paint Street. North Paint Street, sorry."
    if let Some(again) = mention
        .address
        .street
        .as_deref()
        .and_then(|k| known_street(heard, from, k).filter(|s| s.text != k))
        && heard.hits.at(Cue::Repair, again.end).is_some()
    {
        mention.address.street = Some(again.text);
        mention.end = again.end;
        return;
    }
    // "No unit, it's a whole house" takes nothing back.
    if !is_repair(heard, from, n.min(from + 3)) || is_unit_noun(heard, from + 1) {
        return;
    }
    for at in from + 1..n.min(from + WORDS) {
        if heard.hits.covers(Cue::Repair, at) {
            continue;
        }
        // "Jones Valley Drive Southwest. No, I'm sorry, southeast."
        if let Some((way, used)) = compass(heard, at)
            && (at + used == n || heard.tokens[at + used - 1].ends_clause())
            && let Some(other) = mention
                .address
                .street
                .as_deref()
                .and_then(|s| turned(s, way))
        {
            mention.address.street = Some(other);
            mention.end = at + used;
            return;
        }
        if let Some(run) = number::run_at(&heard.tokens, at) {
            let closes = run.end == n || heard.tokens[run.end - 1].ends_clause();
            if at - from <= 4 && closes && run.digits().len() <= 6 {
                mention.address.number = Some(run.digits().to_owned());
                mention.end = run.end;
            }
            return;
        }
        let known = mention.address.street.as_deref();
        // "Seventh street, sorry, east seventh"
        let right = known
            .and_then(|k| known_street(heard, at, k).filter(|s| s.text != k))
            .or_else(|| street(heard, at, false).filter(|s| s.typed));
        if let Some(right) = right
            && !heard.any(at, words!["the", "i", "it's", "that's", "letter"])
        {
            mention.address.street = Some(right.text);
            mention.end = rest_of_place(heard, right.end, &mut mention.address, expect);
            return;
        }
    }
}
