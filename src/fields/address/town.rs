//! Towns and states, behind an address or alone.

use super::unit::unit;
use super::words::STOP;
use super::zip::{after_zip_words, zip};
use super::{AddressMention, Expect};
use crate::fields::cue::Cue;
use crate::fields::gazetteer::tables;
use crate::fields::number::{self};
use crate::fields::token::{Num, Stop};
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{Address, title_case};
use crate::fields::word_set::{WordSet, words};

/// What one is in and is no town.
const NO_TOWN: &WordSet = words![
    "front",
    "general",
    "person",
    "person's",
    "trouble",
    "building",
    "basement",
    "garage",
    "alley",
    "complex",
    "subdivision",
    "apartment",
    "house",
    "kitchen",
    "middle",
    "corner",
    "morning",
    "afternoon",
    "evening",
    "total",
    "there",
    "between",
    "progress",
    "court",
    "development",
];

/// Whether a town may be called so, where one is spoken of.
pub(in crate::fields) fn is_townlike(word: &str) -> bool {
    word.len() >= 3
        && !NO_TOWN.has(word)
        && !STOP.has(word)
        && !matches!(
            word,
            "town" | "city" | "question" | "back" | "mind" | "storage" | "state"
        )
        && !tables().is_closed(word)
        && word.chars().all(char::is_alphabetic)
}

/// What people say to each other and no town is called by.
const TALK: [Cue; 5] = [
    Cue::Affirm,
    Cue::Deny,
    Cue::Accept,
    Cue::Backchannel,
    Cue::Repair,
];

/// City, state and ZIP from `at`, as far as they are said there.
pub(super) fn locality(
    heard: &Heard,
    start: usize,
    address: &mut Address,
    expect: Expect<'_>,
    asked: bool,
) -> usize {
    let tables = tables();
    let mut at = start;
    let mut end = start;
    while at < heard.tokens.len()
        && at < end + 5
        && matches!(
            heard.word(at),
            "in" | "here"
                | "over"
                | "and"
                | "that's"
                | "thats"
                | "it's"
                | "its"
                | "the"
                | "city"
                | "of"
                | "down"
                | "up"
                | "out"
                | "town"
                | "right"
                | "near"
                | "is"
                | "we're"
                | "i'm"
                | "which"
                | "just"
                | "still"
                | "also"
                | "well"
                | "there"
                | "they're"
                | "both"
                | "back"
                | "now"
                | "outside"
        )
    {
        at += 1;
    }
    let between = heard.tokens.get(start..at).unwrap_or_default();
    // "58 Josephine, third floor, and I'm in Jamaica Plain": of two places to move between the other one.
    if expect.places
        && address.street.is_some()
        && between.iter().any(|t| t.is("and"))
        && between.iter().any(|t| t.any(words!["i'm", "we're"]))
    {
        return end;
    }
    let led = between.iter().any(|t| t.is("in"));
    let told = matches!(
        heard.word(start),
        "here" | "that's" | "thats" | "also" | "both"
    ) || heard.word(start) == "and"
        && heard.any(start + 1, words!["that's", "thats", "it's"]);
    if at > start && !led && !asked && !told {
        at = start;
    }
    let own = expect.city.is_some_and(|c| {
        let words: Vec<&str> = c.split(' ').collect();
        words
            .iter()
            .enumerate()
            .all(|(i, w)| heard.word(at + i).eq_ignore_ascii_case(w))
    });
    let known = if own {
        expect.city.map(|c| c.split(' ').count())
    } else {
        listed(heard, at)
    };
    let state_here = tables.state(&heard.tokens, at, false);
    let mut city: Option<usize> = known;
    if city.is_none() && state_here.is_none() {
        // A town no table knows: after "in", or before a state or ZIP.
        for used in 1..=3 {
            let word = heard.word(at + used - 1);
            if word.is_empty()
                || STOP.has(word)
                || !word.chars().all(|c| c.is_alphabetic() || c == '\'')
                || heard.tokens[at + used - 1].num != Num::None
                || matches!(
                    word,
                    "the"
                        | "county"
                        | "country"
                        | "area"
                        | "side"
                        | "up"
                        | "down"
                        | "over"
                        | "out"
                        | "back"
                )
                || TALK
                    .iter()
                    .any(|cue| heard.hits.covers(*cue, at + used - 1))
                || heard.word(at + used) == "county"
            {
                break;
            }
            let after = at + used;
            let closes = after >= heard.tokens.len()
                || asked && zip(heard, after, true).is_some()
                || heard.tokens[after - 1].stop >= Stop::Comma
                || STOP.has(heard.word(after))
                || heard.any(after, words!["up", "down", "over", "out", "back"])
                || unit(heard, after, false).is_some()
                || address.street.is_some()
                    && matches!(heard.word(after), "the" | "right" | "off" | "near" | "so");
            let state = tables.state(&heard.tokens, after, true).is_some()
                && (heard.word(after).len() > 2
                    || heard.tokens[after].upper
                    || after + 1 >= heard.tokens.len());
            let upper = heard.tokens[at].upper || !heard.cased;
            // "3318 North Honeysuckle Drive, Post Falls."
            let appended = address.street.is_some()
                && start > 0
                && heard.tokens[start - 1].stop == Stop::Comma
                && (at..after).all(|i| heard.tokens[i].upper)
                && heard.cased
                && (after == heard.tokens.len() || heard.tokens[after - 1].stop >= Stop::Comma)
                && !tables.is_given(word);
            // "312 seventh avenue southwest puyallup": a last word that is nothing else.
            let nothing_else = used == 1
                && address.street.is_some()
                && after >= heard.tokens.len()
                && word.len() >= 5
                && !tables.is_word(word)
                // Behind a house and its street the agent repeats a town even where it is a name too ("Bellingrath Road, Theodore").
                && (!tables.is_given(word) && (!tables.is_surname(word) || expect.asked.is_some())
                    || heard.speaker == Speaker::Agent && address.number.is_some() && start > 3)
                && !heard.cased;
            // "Pintail Bend, that's Hutto": behind a whole address a name that is said to be it.
            let said_so = used == 1
                && heard.any(start, words!["that's", "thats"])
                && at == start + 1
                && address.number.is_some()
                && address.street.is_some()
                && (after >= heard.tokens.len() || heard.tokens[after - 1].stop > Stop::None)
                && heard.tokens[at].upper == heard.cased
                && is_townlike(word)
                && !tables.is_given(word)
                && (!tables.is_word(word) || heard.cased);
            // "Lapwing Drive Manor, yes", "Brushy Fork Road, yeah, Lockhart": behind a whole address what a yes closes.
            let agreed = used == 1
                && !heard.cased
                && address.number.is_some()
                && address.street.is_some()
                && after + 1 == heard.tokens.len()
                && heard.hits.covers(Cue::Affirm, after)
                && is_townlike(word)
                && word.len() >= 5
                && !tables.is_given(word);
            let zipped = led && zip(heard, after, true).is_some();
            // "... Quail Run Drive, out in Mustang": behind a whole address what closes the answer is a town, whatever else the word means.
            let closing = led
                && used == 1
                && after >= heard.tokens.len()
                && address.number.is_some()
                && address.street.is_some()
                && expect.asked.is_some()
                && word.len() >= 5
                && !NO_TOWN.has(word);
            if appended || nothing_else || said_so || agreed || zipped || closing {
                city = Some(used);
                break;
            }
            if state && upper
                || (led || asked)
                    && closes
                    && upper
                    && (!tables.is_word(word) || asked || heard.tokens[at].upper || used > 1 && led)
            {
                city = Some(used);
                break;
            }
        }
    }
    // "Uptown, Chicago", "in German Village. Columbus.": the quarter, and then the town.
    let quarter = city.or_else(|| {
        (1..=2)
            .find(|n| {
                (at..at + n).all(|i| {
                    heard
                        .tokens
                        .get(i)
                        .is_some_and(|t| t.upper && t.num == Num::None)
                }) && heard.tokens[at + n - 1].stop >= Stop::Comma
                    && heard.tokens[at..at + n - 1]
                        .iter()
                        .all(|t| t.stop == Stop::None)
            })
            .filter(|_| city.is_none() && address.street.is_some() && state_here.is_none())
    });
    if let Some(quarter) = quarter
        && heard
            .tokens
            .get(at + quarter - 1)
            .is_some_and(|t| t.stop >= Stop::Comma)
        && let Some(used) = town_at(heard, at + quarter, expect)
        // "Greenville, Delaware": a state, whatever town is called so too.
        && tables.state(&heard.tokens, at + quarter, false).is_none()
    {
        at += quarter;
        city = Some(used);
    }
    if let Some(used) = city {
        address.city = Some(
            written_out(&heard.text(at, at + used))
                .replace("St ", "Saint ")
                .replace(" De ", " de "),
        );
        at += used;
        end = at;
    } else {
        at = if state_here.is_some() { at } else { start };
    }
    if let Some((code, used)) = tables.state(
        &heard.tokens,
        at,
        city.is_some()
            // "... to Minneapolis. In the winter.": another sentence.
            && !heard.tokens[at - 1].ends_clause()
            && heard.tokens.get(at).is_some_and(|t| {
                !matches!(
                    t.text.as_str(),
                    "in" | "or" | "me" | "hi" | "ok" | "oh" | "so" | "la" | "pa" | "ma"
                ) || t.upper
            }),
    ) {
        address.state = Some(code);
        at += used;
        end = at;
    }
    // "One thirty one Hackberry, seven eight seven oh two": five digits that close the answer.
    let closing = (expect.asked.is_some()
        || at > 0 && heard.tokens[at - 1].stop == Stop::Comma && address.number.is_some())
        && address.street.is_some()
        && number::run_at(&heard.tokens, after_zip_words(heard, at))
            .is_some_and(|r| r.digits().len() == 5 && r.end == heard.tokens.len());
    let follows = address.city.is_some() || address.state.is_some() || closing;
    if let Some((zip, after)) = zip(heard, at, follows)
        // "15 oh 20 South 68th Street, 15020": the house number again.
        && address.number.as_deref() != Some(zip.as_str())
    {
        address.postal_code = Some(zip);
        end = after;
    }
    end
}

/// How many words of a town that is known, the business's own or one in the table, stand at `at`.
pub(super) fn town_at(heard: &Heard, at: usize, expect: Expect<'_>) -> Option<usize> {
    let own = expect.city.filter(|c| {
        c.split(' ')
            .enumerate()
            .all(|(i, w)| heard.word(at + i).eq_ignore_ascii_case(w))
    });
    match own {
        Some(city) => Some(city.split(' ').count()),
        None => listed(heard, at),
    }
}

/// What people call some towns, and their names.
const NICKNAMES: [(&str, &str); 6] = [
    ("philly", "Philadelphia"),
    ("vegas", "Las Vegas"),
    ("okc", "Oklahoma City"),
    ("indy", "Indianapolis"),
    ("nola", "New Orleans"),
    ("jax", "Jacksonville"),
];

/// What part of a town may be called by.
const SIDES: &WordSet = words!["south", "north", "west", "east", "northeast"];

/// What a town may be called besides the name of a known one: "Lafayette Hill".
const SECOND: &WordSet = words![
    "hill", "hills", "heights", "park", "beach", "springs", "falls", "grove", "valley", "village",
    "ridge", "creek", "junction", "township", "harbor", "island",
];

/// How many words of a town in the tables stand at `at`.
fn listed(heard: &Heard, at: usize) -> Option<usize> {
    let side = usize::from(heard.any(at, SIDES));
    if NICKNAMES.iter().any(|(n, _)| *n == heard.word(at + side)) {
        return Some(side + 1);
    }
    let used = tables().city(&heard.tokens, at)?;
    let end = at + used;
    let longer = heard.any(end, SECOND)
        && heard.tokens[end - 1].stop == Stop::None
        && (end + 1 == heard.tokens.len()
            || heard.tokens[end].stop > Stop::None
            || tables().is_closed(heard.word(end + 1)));
    Some(used + usize::from(longer))
}

/// A town as a record has it: "South Philly" is in Philadelphia, and North Las Vegas is not Las Vegas.
fn written_out(said: &str) -> String {
    let name = match said.split_once(' ') {
        Some((side, name)) if SIDES.has(side) => name,
        _ => said,
    };
    match NICKNAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
        Some((_, name)) => (*name).to_owned(),
        None => title_case(said),
    }
}

/// Words between a town and the place in it: "in Sandy, it's at", "Wellington, on the corner of".
const TOWARDS: &WordSet = words![
    "on",
    "at",
    "it's",
    "the",
    "address",
    "is",
    "that's",
    "number",
    "over",
    "and",
    "corner",
    "of",
    "so",
    "intersection",
];

/// "In Sandy, 9220 South Quail Hollow Drive", "I'm in Kirkwood on 541 East Jewel", "Towson. 722 Overbrook Road.": the town named right
/// before the place.
pub(super) fn town_before(heard: &Heard, mention: &mut AddressMention, expect: Expect<'_>) {
    if mention.address.city.is_some() || mention.address.street.is_none() {
        return;
    }
    let tables = tables();
    let mut end = mention.start;
    while end > 0 && mention.start - end < 5 && heard.tokens[end - 1].any(TOWARDS) {
        end -= 1;
    }
    // "Over in Sandy at ...": the word that leads to the town is no part of the way.
    let state = (1..=2).filter(|n| end > *n).find_map(|n| {
        tables
            .state(&heard.tokens, end - n, true)
            .filter(|(_, used)| *used == n)
            .map(|(code, _)| (code, end - n))
    });
    let to = state.as_ref().map_or(end, |(_, at)| *at);
    let cased = heard.cased;
    let town = |from: usize| {
        let plain = (from..to).all(|i| {
            let word = heard.word(i);
            heard.tokens[i].num == Num::None
                && !heard.is_taken(i, i + 1)
                && !STOP.has(word)
                && word != "the"
                && word.chars().all(char::is_alphabetic)
        }) && (from..to - 1).all(|i| heard.tokens[i].stop == Stop::None);
        let known = town_at(heard, from, expect) == Some(to - from);
        let written = cased && (from..to).all(|i| heard.tokens[i].upper);
        let strange =
            !cased && (from..to).all(|i| heard.word(i).len() > 3 && !tables.is_word(heard.word(i)));
        let led = from > 0 && heard.tokens[from - 1].any(words!["in", "from", "into"]);
        // A sentence that is the town alone, before the place asked for.
        let alone = expect.asked.is_some()
            && heard.clause_start(from) == from
            && heard.tokens[to - 1].stop >= Stop::Comma
            && (known
                || written
                    && !expect.name_asked
                    && (from..to).all(|i| {
                        !tables.is_word(heard.word(i)) || tables.is_surname(heard.word(i))
                    }));
        // At the head of a turn without marks: "nutley, fifteen passaic terrace".
        let head = from == 0 && known && (expect.asked.is_some() || state.is_some());
        plain && (led && (known || written || strange || state.is_some()) || alone || head)
    };
    let Some(from) = (1..=3)
        .filter_map(|n| to.checked_sub(n))
        .rev()
        .find(|from| town(*from))
    else {
        mention.address.city = town_earlier(heard, mention.start, expect);
        return;
    };
    mention.address.city = Some(written_out(&heard.text(from, to)));
    mention.address.state = mention.address.state.take().or(state.map(|(code, _)| code));
    mention.start = from;
}

/// The town that closes the answer, with its state and its ZIP: "no lane, just Quarry Rim. Austin, Texas, 78746."
pub(super) fn take_town_behind(
    heard: &Heard,
    from: usize,
    address: &mut Address,
    expect: Expect<'_>,
) {
    let Some((town, mut end)) = town_behind(heard, from, expect) else {
        return;
    };
    address.city = Some(town);
    if let Some((code, used)) = tables().state(&heard.tokens, end, false) {
        address.state = Some(code);
        end += used;
    }
    address.postal_code = zip(heard, end, true).map(|(zip, _)| zip);
}

/// "... Peachtree Street, just like it sounds, and it's in Waco": the town that closes the answer, and where it ends.
fn town_behind(heard: &Heard, from: usize, expect: Expect<'_>) -> Option<(String, usize)> {
    let n = heard.tokens.len();
    if n - from.min(n) > 14 {
        return None;
    }
    if expect.asked.is_none() {
        return town_closing(heard, from);
    }
    // "27 Old Mill Pond. There's no street or anything. Wimberley.", "Well, it's Del Valle.": a town that is a sentence of its own.
    let alone = |at: usize| {
        let head = at - usize::from(heard.any(at - 1, words!["it's", "that's"]));
        let begins = |i: usize| i == 0 || heard.tokens[i - 1].stop >= Stop::Sentence;
        head > from && (begins(head) || heard.any(head - 1, words!["well"]) && begins(head - 1))
    };
    let sentence = (from + 1..n).find_map(|at| {
        let used = alone(at).then(|| town_at(heard, at, expect)).flatten()?;
        let last = &heard.tokens[at + used - 1];
        let state = || tables().state(&heard.tokens, at + used, false).is_some();
        (last.ends_clause() || last.stop == Stop::Comma && state()).then_some((at, used))
    });
    // "... yes. In Thibodaux."
    let strange = || {
        let at = n.checked_sub(1).filter(|at| *at > from + 1)?;
        let led = heard.tokens[at - 1].is("in") && heard.tokens[at - 2].ends_clause();
        (led && heard.cased && heard.tokens[at].upper && is_townlike(heard.word(at)))
            .then_some((at, 1))
    };
    if let Some((at, used)) = sentence.or_else(strange) {
        return Some((written_out(&heard.text(at, at + used)), at + used));
    }
    let (at, used) = (from + 1..n).find_map(|at| {
        let led = heard.any(at - 1, words!["in"]);
        led.then(|| town_at(heard, at, expect))
            .flatten()
            .map(|used| (at, used))
    })?;
    let other = (from..at).any(|i| {
        heard.any(
            i,
            words![
                "but", "not", "from", "to", "or", "no", "my", "i'm", "we're", "live",
            ],
        )
    });
    let closes = at + used == n || heard.tokens[at + used - 1].stop > Stop::None;
    (closes && !other).then(|| (written_out(&heard.text(at, at + used)), at + used))
}

/// "1019 Ridgelea Street, the yellow one, in Taylor.": a place nobody asked for, and at the end of its sentence the town, by its capital.
fn town_closing(heard: &Heard, from: usize) -> Option<(String, usize)> {
    let at = (from..heard.tokens.len().min(from + 8))
        .find(|i| heard.word(*i) == "in" && *i > from && heard.tokens[i - 1].stop == Stop::Comma)?
        + 1;
    let word = heard.word(at);
    let token = heard.tokens.get(at)?;
    let plain = heard.cased && token.upper && is_townlike(word);
    let closes = token.stop >= Stop::Sentence || at + 1 == heard.tokens.len();
    (plain && closes).then(|| (title_case(word), at + 1))
}

/// "We are in Marble Falls on Lakeshore, it is 150 Lakeshore Drive": the town named earlier in the answer, unless something else is set
/// against it.
fn town_earlier(heard: &Heard, start: usize, expect: Expect<'_>) -> Option<String> {
    if expect.asked.is_none() || expect.places || !heard.says(words!["in"]) {
        return None;
    }
    // "I'm in Florence, off of Cherokee Road": written as a name, and no more is said of it.
    let written = |at: usize| {
        let token = &heard.tokens[at];
        let name = heard.cased && token.upper && is_townlike(&token.text);
        (name && token.stop >= Stop::Comma).then_some(1)
    };
    let (at, used) = (1..start).find_map(|at| {
        let led = heard.any(at - 1, words!["in"]);
        led.then(|| town_at(heard, at, expect).or_else(|| written(at)))
            .flatten()
            .map(|used| (at, used))
    })?;
    let contrast =
        (0..start).any(|i| heard.any(i, words!["but", "not", "used", "was", "from", "or", "no"]));
    (!contrast && at + used <= start && start - at <= 12)
        .then(|| written_out(&heard.text(at, at + used)))
}
