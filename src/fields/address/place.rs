//! Whole places: a house on a street, a corner, a street without its number.

use super::apart::{named_again, number_behind};
use super::known::known_street;
use super::repair::put_right;
use super::rest::{rest_of_place, unit_before};
use super::street::{Street, highway, street};
use super::town::{locality, take_town_behind, town_at};
use super::unit::{is_unit_noun, unit};
use super::words::{LEAD, STOP, STRONG, compass, direction, ordinal};
use super::{AddressMention, Expect, expected};
use crate::fields::cue::Cue;
use crate::fields::dialogue::Part;
use crate::fields::gazetteer::tables;
use crate::fields::number::{self, Run};
use crate::fields::phone::is_repair;
use crate::fields::token::{Num, Stop};
use crate::fields::turn::Heard;
use crate::fields::value::Address;
use crate::fields::word_set::{WordSet, words};

/// Words between a house number and its street.
const BETWEEN: &WordSet = words![
    "it's",
    "that's",
    "on",
    "is",
    "and",
    "the",
    "something",
    "west",
    "east",
    "north",
    "south",
    "street's",
    "street",
    "road",
    "name",
    "called",
    "uh",
    "um",
    "of",
    "at",
];

/// House number, street and what follows; `floor` is where the place before it in the turn ends.
pub(super) fn numbered(
    heard: &Heard,
    run: &Run,
    expect: Expect<'_>,
    known: Option<&str>,
    floor: usize,
) -> Option<AddressMention> {
    // "It's a twenty minute drive."
    if heard.any(
        run.end,
        words![
            "minute", "hour", "amp", "amps", "volt", "volts", "gallon", "gallons", "watt"
        ],
    ) {
        return None;
    }
    // "PO box 1286" is no house.
    if heard.tokens[run.start].glue == Some('$')
        || heard.any(run.start.wrapping_sub(1), words!["box"])
    {
        return None;
    }
    // "5608 Six Forks Road": the number is in figures, the word after them begins the street.
    let written = (run.start..run.end)
        .take_while(|i| heard.tokens[*i].num == Num::Literal)
        .count();
    let figures = written > 0
        && run.start + written < run.end
        && (run.start + written + 1 == run.end
            // "45 0 six north 26th street": the six is the number's.
            && compass(heard, run.end).is_none()
            && !sounds_so(heard, run.end - 1)
            && street(heard, run.end - 1, false).is_some_and(|s| s.typed)
            // "2904 five hundred and eightieth avenue"
            || ordinal(heard, run.start + written).is_some());
    let (mut end, mut digits) = if figures {
        let end = run.start + written;
        (end, (run.start..end).map(|i| heard.word(i)).collect())
    } else {
        let whole = run.cardinal.filter(|_| run.groups.len() == 1);
        (
            run.end,
            whole
                .map(|n| n.to_string())
                .or_else(|| tens_joined(heard, run))
                .unwrap_or_else(|| run.digits().to_owned()),
        )
    };
    // "two eleven twenty eighth street", "ten ten one hundred and second": the twenty, the hundred belong to the street.
    let joins_ordinal = |at: &usize| {
        heard.tokens[*at].num != Num::Hundred
            && ordinal(heard, *at).is_some_and(|(_, used)| at + used > run.end)
    };
    if let Some(split) = (run.start..end).find(joins_ordinal) {
        let shorter = number::runs(&heard.tokens[run.start..split])
            .into_iter()
            .next()?;
        digits = shorter.digits().to_owned();
        end = split;
    }
    let loose = expected(heard, expect, run.start);
    // "4512. Harmon Avenue." is one answer, where a place was asked for.
    if heard
        .tokens
        .get(end - 1)
        .is_some_and(|t| t.stop >= Stop::Sentence)
        && !(expect.asked.is_some()
            && (3..=5).contains(&digits.len())
            && heard.clause_start(run.start) == run.start
            && street(heard, end, false).is_some_and(|s| s.typed && s.end == heard.clause_end(end)))
    {
        return None;
    }
    let mut street_at = end;
    // "Twenty four thousand even, West Highway 290"
    if matches!(heard.word(street_at), "even" | "exactly") && digits.ends_with("00") {
        street_at += 1;
    }
    // "2214, uh, Barton Hills": a repair inside the number is joined by the caller of this function's sequences; here only skip "no".
    if let Some(next) = heard.hits.at(Cue::Repair, end)
        && let Some(again) = number::run_at(&heard.tokens, next)
    {
        digits = again.digits().to_owned();
        street_at = again.end;
    }
    // "Six forty north, no, south sixth street": the way to the name is put right.
    if let Some((_, used)) = compass(heard, street_at)
        && let from = street_at + used
        && is_repair(heard, from, heard.tokens.len().min(from + 2))
        && let Some(again) = (from + 1..from + 4).find(|at| compass(heard, *at).is_some())
    {
        street_at = again;
    }
    let homophone = |at: usize| match heard.tokens.get(at).map(|t| t.num) {
        Some(Num::Homophone(d)) => Some(d),
        _ => None,
    };
    // "For oh won six West Markham": no house number begins with a zero.
    if digits.starts_with('0')
        && digits.len() >= 2
        && let Some(first) = run.start.checked_sub(1).and_then(homophone)
    {
        digits.insert_str(0, &first.to_string());
    }
    // "For forty Wickenden Street", "she's at for eighteen Kingston Pike", "for for ten Wickersham": the recogniser wrote four as for.
    let fours = (0..run.start)
        .rev()
        .take_while(|i| heard.word(*i) == "for")
        .count()
        .min(2);
    let led = |at: usize| {
        (at == 0 || heard.any(at - 1, words!["it's", "its", "that's", "is", "uh", "um"]))
            && expect.asked.is_some()
            || heard.any(at.wrapping_sub(1), words!["at"])
    };
    if fours > 0
        && digits.len() == 2
        && (fours == 2 || led(run.start - fours))
        && typed_at(heard, street_at)
    {
        digits.insert_str(0, &"44"[..fours]);
    }
    // "No, four eighteen, four one eight": the number twice.
    if digits.len() >= 6
        && digits.len().is_multiple_of(2)
        && digits[..digits.len() / 2] == digits[digits.len() / 2..]
    {
        digits.truncate(digits.len() / 2);
    }
    // "Fifteen thirty for southeast tacoma street", "seventeen for too bluestem pass": the last digits written as words.
    while let Some(last) = homophone(street_at)
        && (end..=end + 1).contains(&street_at)
        && (2..5).contains(&digits.len())
        && (heard.any(street_at, words!["too", "won", "ate"])
            || street(heard, street_at, false).is_none())
        && (homophone(street_at + 1).is_some() || typed_at(heard, street_at + 1))
    {
        // "Fifteen thirty" and four is 1534 where the tens stand alone.
        let tens = street_at == end && matches!(heard.tokens[end - 1].num, Num::Tens(_));
        if tens {
            digits.pop();
        }
        digits.push_str(&last.to_string());
        street_at += 1;
    }
    // "Eleven for ninety FM 969": a digit in the middle.
    if street_at == end
        && let Some(digit) = homophone(end)
        && let Some(more) = number::run_at(&heard.tokens, end + 1)
        && heard.tokens[end - 1].stop == Stop::None
        && digits.len() + more.digits().len() <= 4
        && typed_at(heard, more.end)
    {
        // "Twenty to fourteen Hemphill Street" is 2214.
        if matches!(heard.tokens[end - 1].num, Num::Tens(_)) {
            digits.pop();
        }
        digits = format!("{digits}{digit}{}", more.digits());
        street_at = more.end;
    }
    // "Since nineteen seventy one, fourteen oh nine Alta Vista": a year, and then the house.
    if (7..=9).contains(&digits.len())
        && (digits.starts_with("19") || digits.starts_with("20"))
        && heard.any(run.start.wrapping_sub(1), words!["since", "in"])
    {
        digits = digits.split_off(4);
    }
    // "Thirty oh six and a half Avenue G"
    let half = street_at == end
        && heard.word(end) == "and"
        && heard.word(end + 1) == "a"
        && heard.word(end + 2) == "half";
    if half {
        street_at += 3;
    }
    let fraction = heard.tokens.get(run.start..end).is_some_and(
        |t| matches!(t, [_, .., a, b] if a.is("1") && b.is("2") && b.glue == Some('/')),
    );
    if fraction {
        digits.truncate(digits.len().saturating_sub(2));
    }
    // "Twelve thirty four, no, thirty five, twelve thirty five": what is put right, and then all of it.
    if digits.len() >= 5
        && let Some(before) = heard.runs.iter().rev().find(|r| r.end < run.start)
        && run.start - before.end <= 3
        && is_repair(heard, before.end, run.start)
        && let Some(tail) = digits
            .len()
            .checked_sub(before.digits().len())
            .and_then(|at| digits.get(at..))
        && strsim::osa_distance(tail, before.digits()) <= 2
    {
        digits = tail.to_owned();
    }
    // "88-14 Crescent Street"
    if let [a, b] = heard.tokens.get(run.start..end).unwrap_or_default()
        && b.glue == Some('-')
        && a.num == Num::Literal
        && b.num == Num::Literal
    {
        digits = format!("{}-{}", a.text, b.text);
    }
    if digits.is_empty() || digits.len() > 6 || digits.starts_with('0') && digits.len() < 2 {
        return None;
    }
    // "221 B Baker Street"
    let letter = heard.word(street_at);
    if letter.len() == 1
        && letter.bytes().all(|b| b.is_ascii_lowercase())
        && direction(letter).is_none()
        && heard.word(street_at + 1).len() > 2
        && street(heard, street_at + 1, false).is_some_and(|s| s.typed)
        // "Three oh seven a east forty second street", but "twelve a month".
        && (letter != "a" || compass(heard, street_at + 1).is_some())
        && letter != "i"
    {
        digits.push_str(&letter.to_uppercase());
        street_at += 1;
    }
    let mut named = street(heard, street_at, false);
    // "Four oh nine, that's on West Annie Street": words between the number and the street.
    if expect.asked.is_some() && named.is_none() {
        let between = (street_at..heard.tokens.len().min(street_at + 5))
            .take_while(|i| heard.any(*i, BETWEEN))
            .count();
        let behind = || street(heard, street_at + between, false).filter(|s| s.typed);
        if between > 0
            && let Some(behind) = behind()
        {
            street_at += between;
            named = Some(behind);
        }
    }
    // "4505 Duval, number 116": what a unit follows is a house, asked for or not.
    let housed = |s: &Street| {
        let long = digits.len() >= 3 || heard.word(run.start.wrapping_sub(1)) == "at";
        long && digits.len() <= 5
            && run.end == street_at
            && is_unit_noun(heard, s.end)
            && unit(heard, s.end, false).is_some()
    };
    // A name alone, where no street of any kind is there.
    let named = named
        .or_else(|| street(heard, street_at, true))
        .filter(|s| s.typed || loose || housed(s) || way_named(heard, run, street_at, s));
    let again = || known.and_then(|k| known_street(heard, street_at, k));
    let street = match named {
        Some(s) if s.typed => s,
        other => again().or(other)?,
    };
    // "One house, one shed, and one wife who throws nothing out": counted things.
    if digits.len() == 1 && heard.any(street_at, words!["house", "shed", "truck", "car", "van"]) {
        return None;
    }
    // "It's 426 South ..." and the line goes dead: a compass word alone is no street.
    if direction(&street.text.to_lowercase()).is_some() {
        return None;
    }
    let tables = tables();
    // "Five Mile Road, it's number one sixty": the number word begins the name, and the number follows.
    if street.typed
        && digits.len() == 1
        && matches!(heard.tokens[run.start].num, Num::Digit(_))
        && number_behind(heard, street.end).is_some()
    {
        return None;
    }
    // "It is one day drive from me": a counted thing that has a street type's name.
    if street.typed
        && digits.len() == 1
        && !loose
        // "Her place, which is nine Lantern Court in Georgetown"
        && !(heard.any(street.end, words!["in"]) && town_at(heard, street.end + 1, expect).is_some())
        && tables.is_word(heard.word(street_at))
        && !heard.tokens[street_at].upper
        && heard.tokens[run.start].num != Num::Literal
    {
        return None;
    }
    // "two bedroom", "three guys": words, not streets, unless a street type or a question makes it one.
    if !street.typed {
        let first = heard.word(street_at);
        let ordinary = tables.is_word(first) && !tables.is_surname(first);
        let unit_next = unit(heard, street.end, false).is_some();
        let upper = heard.tokens.get(street_at).is_some_and(|t| t.upper);
        if ordinary && !unit_next && !upper && digits.len() < 3 {
            return None;
        }
        // "Two apartments into one house": counted things, whatever else they name.
        if digits.len() < 3 && expect.asked.is_none() && !upper && tables.is_word(first) {
            return None;
        }
        if matches!(heard.tokens[run.start].num, Num::Tens(_) | Num::Teen(_))
            && digits.len() <= 2
            && ordinary
        {
            return None;
        }
    }
    if half || fraction {
        digits.push_str(" 1/2");
    }
    let mut address = Address {
        number: Some(digits),
        street: Some(street.text),
        ..Address::default()
    };
    let at = rest_of_place(heard, street.end, &mut address, expect);
    if address.unit.is_none() {
        address.unit = unit_before(heard, run.start, floor, expect);
    }
    if address.city.is_none() && address.state.is_none() {
        take_town_behind(heard, at, &mut address, expect);
    }
    Some(AddressMention {
        start: run.start,
        end: at,
        address,
    })
}

/// Whether the digit at `at` is written as another word that sounds like it.
fn sounds_so(heard: &Heard, at: usize) -> bool {
    heard.any(at, words!["too", "won", "ate"])
}

/// "60 too", "80 too 10": tens in figures and a digit written as a word are one number of two digits.
fn tens_joined(heard: &Heard, run: &Run) -> Option<String> {
    let tokens = heard.tokens.get(run.start..run.end)?;
    let at = (1..tokens.len()).find(|i| sounds_so(heard, run.start + i))?;
    let tens = &tokens[at - 1];
    if tens.num != Num::Literal || tens.text.len() != 2 || !tens.text.ends_with('0') {
        return None;
    }
    let mut out = String::new();
    for (i, token) in tokens.iter().enumerate() {
        match token.num {
            Num::Literal => out.push_str(&token.text),
            Num::Digit(digit) => {
                if i == at {
                    out.pop();
                }
                out.push_str(&digit.to_string());
            }
            _ => return None,
        }
    }
    Some(out)
}

/// Whether a street with its type begins at `at`.
fn typed_at(heard: &Heard, at: usize) -> bool {
    street(heard, at, false).is_some_and(|s| s.typed)
}

/// "At one ten West Elliott": a house behind "at" on a street that has a compass word and no type.
fn way_named(heard: &Heard, run: &Run, at: usize, named: &Street) -> bool {
    let name = at + compass(heard, at).map_or(0, |(_, used)| used);
    run.end == at
        && name > at
        && run.digits().len() >= 3
        && heard.word(run.start.wrapping_sub(1)) == "at"
        && named.end > name
        && !tables().is_word(heard.word(name))
}

/// "corner of vine and canal", "elm and third".
pub(super) fn intersection(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
    let n = heard.tokens.len();
    for and in 1..n {
        if !heard.tokens[and].any(words!["and", "at"])
            || heard.tokens[and - 1].stop >= Stop::Sentence
        {
            continue;
        }
        let lead = (0..and)
            .rev()
            .take(8)
            .find(|i| heard.tokens[*i].any(words!["corner", "intersection"]));
        let asked = expect.asked == Some(Part::Whole)
            || heard
                .hits
                .cue(Cue::AddressLead)
                .any(|h| h.end < and && and - h.end <= 4);
        if lead.is_none() && !(asked && heard.tokens[and].is("and")) {
            continue;
        }
        let first_at = match lead {
            Some(i) => (i + 1..and).find(|j| !matches!(heard.word(*j), "of" | "at" | "the"))?,
            None => {
                let mut start = and;
                while start > 0
                    && and - start < 4
                    && !STOP.has(heard.word(start - 1))
                    && !heard.tokens[start - 1].ends_clause()
                    && !matches!(heard.word(start - 1), "the" | "near" | "by" | "of")
                {
                    start -= 1;
                }
                if start == and {
                    continue;
                }
                start
            }
        };
        let one = street(heard, first_at, true).filter(|s| s.end == and);
        let two = street(heard, and + 1, true);
        if let (Some(a), Some(b)) = (one, two) {
            let streetlike = |at: usize, s: &Street| {
                s.typed
                    || s.text.starts_with(|c: char| c.is_ascii_digit())
                    || !tables().is_word(heard.word(at))
                    || tables().is_surname(heard.word(at))
                    || lead.is_some()
            };
            if !(streetlike(first_at, &a) && streetlike(and + 1, &b))
                || lead.is_none()
                    && tables().is_given(heard.word(first_at))
                    && tables().is_given(heard.word(and + 1))
            {
                continue;
            }
            let mut address = Address {
                street: Some(format!("{} and {}", a.text, b.text)),
                ..Address::default()
            };
            let mut end = locality(heard, b.end, &mut address, expect, false).max(b.end);
            if let Some((id, after)) = unit(heard, end, false) {
                address.unit = Some(id);
                end = after;
            }
            return Some(AddressMention {
                start: lead.unwrap_or(first_at),
                end,
                address,
            });
        }
    }
    None
}

/// A street without a number, where an address is expected.
pub(super) fn unnumbered(heard: &Heard, expect: Expect<'_>) -> Option<AddressMention> {
    let leads = heard.hits.has(Cue::AddressLead)
        || expect.places && (heard.hits.has(Cue::Origin) || heard.hits.has(Cue::Destination));
    if expect.asked.is_none() && !leads {
        return None;
    }
    for at in 0..heard.tokens.len() {
        let lead = heard.hits.before(Cue::AddressLead, at, 1).is_some();
        // "From Antelope Road, twenty four oh six": a place to move from or to, where its number follows.
        let way = expect.places
            && (heard.hits.before(Cue::Origin, at, 1).is_some()
                || heard.hits.before(Cue::Destination, at, 1).is_some());
        // "B-O-U-L-D-I-N, Bouldin Avenue": letters are no compass words.
        let letter = |i: usize| heard.word(i).len() == 1;
        let spelled = letter(at)
            && (letter(at + 1) || letter(at.wrapping_sub(1)))
            && highway(heard, at).is_none();
        // "It's a storage place on Highway 71": no street has an article.
        let article = matches!(
            heard.word(at.wrapping_sub(1)),
            "a" | "an" | "my" | "our" | "his" | "her" | "their" | "some" | "this"
        );
        let led = lead || way || at == 0 || expect.asked.is_some();
        if spelled
            || article
            || !led
            || STOP.has(heard.word(at))
            || matches!(heard.word(at), "the" | "of" | "off")
        {
            continue;
        }
        if expect.asked.is_none() && !lead && !way {
            continue;
        }
        // "North Lamar eighty one hundred": a name that is nothing else, and its number behind it.
        let bare = || {
            let plain = |s: &Street| {
                let name = at + compass(heard, at).map_or(0, |(_, used)| used);
                (name..s.end).all(|i| !tables().is_word(heard.word(i)))
                    && (name > at || town_at(heard, at, expect).is_none())
                    && tables().state(&heard.tokens, s.end - 1, false).is_none()
                    && number_behind(heard, s.end).is_some_and(|(digits, end)| {
                        (3..=4).contains(&digits.len()) && end == heard.tokens.len()
                    })
            };
            let first = (0..at).all(|i| tables().is_closed(heard.word(i)));
            (expect.asked == Some(Part::Whole) && first)
                .then(|| street(heard, at, true))
                .flatten()
                .filter(plain)
        };
        if let Some(s) = street(heard, at, false)
            .filter(|s| s.typed && s.end - at >= 2)
            .or_else(bare)
        {
            let strong_end = heard
                .tokens
                .get(s.end - 1)
                .and_then(|t| tables().suffix(&t.text))
                .is_some_and(|k| STRONG.has(k));
            let s = named_again(heard, s);
            let number = number_behind(heard, s.end);
            if way && !lead && expect.asked.is_none() && number.is_none() {
                continue;
            }
            // "East Point" is a town, and "the exact place" is none: words of the language name a street only where it is led to.
            let ordinary = || {
                (at..s.end).all(|i| tables().is_word(heard.word(i)) && !heard.tokens[i].upper)
                    && heard.word(s.end - 1) != "street"
                    && !(0..at).all(|i| LEAD.has(heard.word(i)))
                    && !heard.any(at.wrapping_sub(1), words!["on", "off", "at", "from", "to"])
            };
            // "Just past the Cameron Road exit" is on another road.
            if heard.any(s.end, words!["exit", "ramp", "overpass", "bridge", "light"]) {
                continue;
            }
            if number.is_none()
                && (town_at(heard, at, expect).is_some_and(|used| at + used >= s.end) || ordinary())
            {
                continue;
            }
            if !strong_end
                && highway(heard, at).is_none()
                && direction(heard.word(s.end - 1)).is_none()
                && s.typed
                // "West Fifteenth"
                && !matches!(heard.tokens[s.end - 1].num, Num::Ordinal(_))
            {
                continue;
            }
            let mut address = Address {
                street: Some(s.text),
                ..Address::default()
            };
            let mut end = s.end;
            // "Old Mill Road, number four twenty two": the house after its street.
            if let Some((digits, after)) = number {
                address.number = Some(digits);
                end = after;
            }
            if let Some((id, after)) = unit(heard, end, false) {
                address.unit = Some(id);
                end = after;
            }
            end = locality(heard, end, &mut address, expect, false).max(end);
            let mut found = AddressMention {
                start: at,
                end,
                address,
            };
            put_right(heard, &mut found, expect);
            return Some(found);
        }
    }
    None
}
