//! A name said in pieces, more than once, or surname first: which of its words stand, and in what order.

use crate::fields::gazetteer::tables;
use crate::fields::word_set::words;

/// Puts the words of a name as a record has them; those of a name begun anew stay in their order.
pub(super) fn settle(words: &mut Vec<String>, begun_anew: bool) {
    drop_suffixes(words);
    join_given(words);
    drop_restarts(words);
    cut_repeat(words);
    drop_pieces(words);
    said_in_full(words);
    if !begun_anew {
        given_first(words);
    }
}

/// "George Senior, George Hadley": what tells father and son apart is no middle name.
fn drop_suffixes(words: &mut Vec<String>) {
    let mut at = 1;
    while at + 1 < words.len() {
        match words[at].as_str() {
            "senior" | "junior" | "sr" | "jr" => drop(words.remove(at)),
            _ => at += 1,
        }
    }
}

/// "De Shawn Pettigrew": a given name that the recogniser wrote in two words.
fn join_given(parts: &mut Vec<String>) {
    if let [first, second, ..] = parts.as_slice()
        && words!["de", "da", "la", "ja", "ke", "sha", "ta", "qua"].has(first)
        && tables().is_given(&format!("{first}{second}"))
    {
        let second = parts.remove(1);
        parts[0].push_str(&second);
    }
}

/// "Vince Vincent Amaro", "Priyanka Pri Yanka Desai": a given name begun and said again, or said and then written in pieces, counts once.
fn drop_restarts(words: &mut Vec<String>) {
    let mut at = 0;
    while at + 2 < words.len() {
        let again = words[at].len() >= 3
            && words[at + 1].starts_with(words[at].as_str())
            && (tables().is_given(&words[at + 1])
                || !tables().is_surname(&words[at + 1])
                || words[at + 1] == words[at]);
        if again {
            words.remove(at);
            continue;
        }
        let pieces =
            (at + 3..=words.len().min(at + 4)).find(|to| words[at + 1..*to].concat() == words[at]);
        if let Some(to) = pieces {
            words.drain(at + 1..to);
            continue;
        }
        at += 1;
    }
}

/// "Mary Beth Collins, Mary Beth is the first name": what begins the name again ends it.
fn cut_repeat(words: &mut Vec<String>) {
    let repeat = (2..words.len().saturating_sub(1))
        .find(|at| words[*at..].iter().zip(words.iter()).all(|(a, b)| a == b));
    if let Some(at) = repeat {
        words.truncate(at);
    }
}

/// "Luis Arce Neo Arceneaux": pieces that the recogniser heard first, and then the word that they sound like.
fn drop_pieces(words: &mut Vec<String>) {
    for whole in 2..words.len() {
        let pieces = (whole.saturating_sub(3)..whole - 1).find(|from| {
            words[whole].len() >= 5
                && words[*from..whole].iter().map(String::len).sum::<usize>()
                    <= words[whole].len() + 2
                && words[*from].chars().next() == words[whole].chars().next()
                && strsim::jaro_winkler(&words[*from..whole].concat(), &words[whole]) >= 0.88
        });
        if let Some(from) = pieces {
            words.drain(from..whole);
            return;
        }
    }
}

/// "Abernathy, Wendell Abernathy", "Lupe Cisneros, Lupe", "Jo Hannah Kowalczyk, Johanna": a part said again, or written in one word
/// instead of pieces, counts once, in the order of a full name.
fn said_in_full(words: &mut Vec<String>) {
    let given = |w: &str| tables().is_given(w);
    if let [first, .., last] = words.as_slice()
        && words.len() >= 3
        && first == last
    {
        let surname_first = given(&words[1]) || !given(&words[0]);
        let surname = |w: &str| tables().is_surname(w);
        // "Wren Castellanos, Wren like the bird"
        let ordered = surname(&words[1]) && (given(&words[0]) || !given(&words[1]));
        if surname_first && !ordered {
            words.remove(0);
        } else {
            words.pop();
        }
        return;
    }
    // "Matty, Matthew Joseph Carrillo"
    if let [one, two, _, _, ..] = words.as_slice()
        && given(two)
        && shortens(two, one)
    {
        words.remove(0);
        return;
    }
    if let [one, two, _] = words.as_slice()
        && given(one)
        && given(two)
    {
        // "Thomas, Tom Brannigan": what friends say, in the middle; "Dee, Deirdre Mulcahy": before the name itself.
        if shortens(one, two) {
            words.remove(1);
            return;
        }
        if shortens(two, one) {
            words.remove(0);
            return;
        }
    }
    // "Rodolfo Cantu, Rudy": what friends say, after the full name.
    if let [long, surname, short] = words.as_slice()
        && given(long)
        && tables().is_surname(surname)
        && !given(surname)
        && given(short)
        && short.len() < long.len()
        && short.chars().next() == long.chars().next()
    {
        words.pop();
        return;
    }
    if words.len() >= 4
        && let Some(last) = words.last().cloned()
        && words[0].len() >= 2
        && strsim::jaro_winkler(&format!("{}{}", words[0], words[1]), &last) >= 0.93
    {
        words.pop();
        words.splice(0..2, [last]);
    }
}

/// "Ortega Luz": the tables know the first word as a surname alone and the second as a given name alone.
fn given_first(words: &mut [String]) {
    if let [surname, given] = words
        && !tables().is_given(surname)
        && is_surname_first(surname, given)
        && !tables().is_surname(given)
    {
        words.swap(0, 1);
    }
}

/// Whether two lower-case words are a surname and the given name after it.
pub(in crate::fields) fn is_surname_first(first: &str, second: &str) -> bool {
    let tables = tables();
    tables.is_given(second)
        && tables.is_surname(first.trim_start_matches("o'"))
        && (!tables.is_given(first) || !tables.is_surname(second))
}

/// Short names that are not made of letters of the long one from its first on.
const NICKNAMES: &[(&str, &[&str])] = &[
    ("alexander", &["sandy", "xander", "sasha"]),
    ("alexandra", &["sandy", "sasha", "lexi"]),
    ("anthony", &["tony"]),
    ("antonio", &["tony"]),
    ("augustus", &["gus"]),
    ("barbara", &["babs", "bobbie"]),
    ("charles", &["chuck", "chip"]),
    ("deborah", &["debbie"]),
    ("dorothy", &["dottie", "dot", "dolly"]),
    ("edward", &["ted", "teddy", "ned", "eddie"]),
    ("eleanor", &["nell", "ellie", "nora"]),
    (
        "elizabeth",
        &[
            "liz", "lizzie", "beth", "betsy", "betty", "bess", "libby", "eliza",
        ],
    ),
    ("frances", &["fannie", "frankie"]),
    ("francisco", &["paco", "pancho", "cisco"]),
    ("guadalupe", &["lupe", "lupita"]),
    ("guillermo", &["memo"]),
    ("harold", &["hal", "harry"]),
    ("henry", &["hank", "harry"]),
    ("isabella", &["bella", "izzy"]),
    ("jacqueline", &["jackie"]),
    ("james", &["jim", "jimmy", "jamie"]),
    ("john", &["jack", "johnny"]),
    ("jose", &["pepe"]),
    ("joseph", &["joey"]),
    ("katherine", &["kathy", "kate", "katie", "kit", "kitty"]),
    ("lawrence", &["larry"]),
    (
        "margaret",
        &[
            "peggy", "peg", "maggie", "meg", "marge", "margie", "greta", "daisy",
        ],
    ),
    ("martha", &["patsy", "mattie"]),
    ("mary", &["molly", "polly", "mamie"]),
    ("michael", &["mickey", "mike"]),
    ("nicholas", &["nicky"]),
    ("patricia", &["trish", "tricia", "patsy", "patty"]),
    ("rebecca", &["becky", "becca"]),
    ("richard", &["dick", "rick", "rich", "ricky"]),
    ("robert", &["bob", "bobby", "rob", "robbie"]),
    ("samantha", &["sammy"]),
    ("sarah", &["sally", "sadie"]),
    ("susan", &["suzie", "sue", "susie"]),
    ("theodore", &["ted", "teddy"]),
    ("theresa", &["terry", "tess", "tessa"]),
    ("thomas", &["tommy"]),
    ("veronica", &["ronnie"]),
    ("victoria", &["tori", "vicky"]),
    ("virginia", &["ginny", "ginger"]),
    ("william", &["bill", "billy", "liam", "willie"]),
];

/// Whether the short name stands for the long one: made of its letters in their order, Tom of Thomas, or by custom, Bob of Robert.
fn shortens(long: &str, short: &str) -> bool {
    // "Matty" is Matt of Matthew.
    let stem = short.strip_suffix("ie").or_else(|| short.strip_suffix('y'));
    let made_of = |short: &str| {
        let mut rest = long.chars();
        short.len() >= 2
            && short.len() < long.len()
            && long.chars().next() == short.chars().next()
            && short.chars().all(|c| rest.any(|l| l == c))
    };
    made_of(short)
        || stem.is_some_and(|s| s.len() >= 3 && made_of(s))
        || NICKNAMES
            .iter()
            .any(|(l, nicks)| *l == long && nicks.contains(&short))
}
