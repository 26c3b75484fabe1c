//! Danger told in whatever words: two words of certain classes close together, "breathing" and "barely", "lips" and "swelling", "water"
//! and "pouring", "he" who is "breaking" the "door" now. Single words that say it alone are cues.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::fields::token::possessor;
use crate::fields::turn::Heard;

/// Where such words mean danger: in an office they mostly tell a story, in a clinic no water pours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Wherever bodies or things are seen to.
    Body,
    /// Where houses are.
    House,
    /// Where bodies alone are seen to: a mover asks who is not moving yet.
    Clinic,
    /// Everywhere.
    Any,
}

/// What else has to be said for it to be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Nothing.
    Nothing,
    /// That it is now: whoever drove drunk mostly did so once.
    Now,
    /// That somebody says or tries it: "she'd kill me" is said of a wife who waits.
    Threat,
}

/// Two classes of words that say danger within so many tokens of each other.
struct Peril {
    at: Where,
    needs: Needs,
    first: &'static [&'static str],
    second: &'static [&'static str],
    within: usize,
}

const fn peril_of(
    at: Where,
    first: &'static [&'static str],
    second: &'static [&'static str],
    within: usize,
) -> Peril {
    Peril {
        at,
        needs: Needs::Nothing,
        first,
        second,
        within,
    }
}

impl Peril {
    const fn needing(self, needs: Needs) -> Peril {
        Peril { needs, ..self }
    }
}

/// What current runs through.
const WIRES: &[&str] = &[
    "panel", "panel's", "breaker", "breakers", "outlet", "outlets", "outlet's", "wire", "wires",
    "wiring", "socket", "plug", "meter", "fixture", "switch", "cord",
];

/// Words that deny what a body should do: danger by themselves, not undone by what stands before them.
const FAILS: &[&str] = &[
    "can't",
    "cannot",
    "cant",
    "not",
    "isn't",
    "isnt",
    "won't",
    "wont",
    "doesn't",
    "couldn't",
    "barely",
    "hardly",
    "stopped",
    "quit",
    "trouble",
    "struggling",
    "gasping",
    "difficulty",
    "hard",
];

const PERILS: &[Peril] = &[
    peril_of(Where::Body, &["breathe", "breathing", "breathes"], FAILS, 4),
    peril_of(
        Where::Body,
        &["breathe", "breathing", "breathes", "breath"],
        &[
            "whistle",
            "whistling",
            "wheezing",
            "gasping",
            "short",
            "shallow",
            "funny",
            "catch",
            "fighting",
        ],
        6,
    ),
    peril_of(
        Where::Body,
        &[
            "wake",
            "waking",
            "awake",
            "rouse",
            "respond",
            "responding",
            "conscious",
        ],
        FAILS,
        6,
    ),
    peril_of(
        Where::Body,
        &["lips", "lip", "tongue"],
        &[
            "swelling", "swelled", "swollen", "swole", "big", "bigger", "huge", "puffy", "fat",
            "blue", "numb",
        ],
        6,
    ),
    peril_of(
        Where::Body,
        &["throat", "airway", "windpipe"],
        &[
            "closing",
            "closed",
            "tightening",
            "swelling",
            "blocked",
            "shut",
            "swollen",
        ],
        4,
    ),
    peril_of(
        Where::Body,
        &["chest"],
        &[
            "pain",
            "pains",
            "pressure",
            "tight",
            "tightness",
            "crushing",
            "squeezing",
            "sitting",
            "heavy",
            "heaviness",
            "elephant",
            "stabbing",
            "hurts",
            "hurting",
        ],
        5,
    ),
    peril_of(
        Where::Body,
        &["face", "mouth", "smile"],
        &[
            "drooping", "droops", "droopy", "drooped", "sagging", "sagged", "slack", "crooked",
            "lopsided", "hanging", "hangs", "drooping",
        ],
        5,
    ),
    peril_of(
        Where::Clinic,
        &["arm", "hand", "leg", "side", "arm's", "hand's", "leg's"],
        &[
            "limp",
            "heavy",
            "grip",
            "droops",
            "drooping",
            "useless",
            "paralyzed",
        ],
        4,
    ),
    // A face without blood and cold sweat.
    peril_of(
        Where::Clinic,
        &["gray", "grey", "ashen", "putty", "pale", "white"],
        &["sweaty", "sweating", "clammy", "sweats", "sheet", "ghost"],
        5,
    ),
    peril_of(
        Where::Body,
        &["speech", "words", "talking", "talk"],
        &[
            "slurred",
            "slurring",
            "slurs",
            "mush",
            "mushy",
            "garbled",
            "gibberish",
            "jumbled",
        ],
        7,
    ),
    peril_of(
        Where::Body,
        &["bleeding", "blood"],
        &[
            "lot",
            "lots",
            "heavy",
            "heavily",
            "badly",
            "gushing",
            "pouring",
            "everywhere",
            "spurting",
            "soaked",
            "soaking",
            "clots",
            "pool",
            "through",
            "won't",
        ],
        4,
    ),
    peril_of(
        Where::Body,
        &["swallowed", "drank", "ate", "swallow", "eaten"],
        &[
            "battery",
            "batteries",
            "magnet",
            "magnets",
            "bleach",
            "poison",
            "pills",
            "cleaner",
            "detergent",
            "antifreeze",
            "pod",
            "pods",
        ],
        5,
    ),
    peril_of(
        Where::Body,
        &["pinned", "trapped", "crushed", "laying", "lying"],
        &["under", "underneath", "beneath", "legs", "leg"],
        3,
    ),
    peril_of(
        Where::Clinic,
        &[
            "moving",
            "move",
            "moved",
            "kick",
            "kicked",
            "kicking",
            "responding",
            "answering",
        ],
        &[
            "not", "isn't", "ain't", "stopped", "won't", "hasn't", "haven't",
        ],
        2,
    ),
    peril_of(
        Where::House,
        WIRES,
        &[
            "buzzing",
            "humming",
            "crackling",
            "sizzling",
            "popping",
            "melting",
            "melted",
            "scorched",
            "arcing",
            "sparking",
            "smoking",
            "glowing",
            "hot",
            "burnt",
        ],
        5,
    ),
    peril_of(
        Where::House,
        &["ceiling", "ceilings"],
        &[
            "caved",
            "caving",
            "collapsed",
            "collapsing",
            "fell",
            "falling",
            "bulging",
            "came",
        ],
        4,
    ),
    peril_of(
        Where::House,
        &["water", "sewage", "water's", "sewage's"],
        &[
            "ankles", "knees", "dumping", "rising", "rushing", "filling", "pouring", "gushing",
            "spewing", "roaring", "flooding",
        ],
        6,
    ),
    peril_of(
        Where::House,
        &["headache", "headaches", "dizzy", "nauseous", "sick"],
        &["alarm", "detector", "monitor", "furnace", "gas", "fumes"],
        12,
    ),
    peril_of(
        Where::House,
        &["gas", "propane"],
        &[
            "smell", "smells", "smelling", "smelled", "stinks", "reeks", "hissing", "hiss", "odor",
            "leaking",
        ],
        7,
    ),
    peril_of(
        Where::House,
        &[
            "pouring",
            "gushing",
            "shooting",
            "spewing",
            "cascading",
            "spraying",
            "blasting",
        ],
        &[
            "water",
            "ceiling",
            "ceilings",
            "wall",
            "walls",
            "floor",
            "basement",
            "everywhere",
            "kitchen",
            "bathroom",
            "light",
            "lights",
        ],
        5,
    ),
    peril_of(
        Where::House,
        &["co", "monoxide"],
        &[
            "says", "said", "reads", "reading", "beeping", "chirping", "alarm", "detector", "meter",
        ],
        8,
    ),
    peril_of(
        Where::House,
        &["running", "coming", "raining", "dripping", "streaming"],
        &[
            "stairwell",
            "stairs",
            "elevator",
            "walls",
            "ceiling",
            "ceilings",
            "light",
            "lights",
            "outlet",
            "panel",
        ],
        4,
    ),
    peril_of(
        Where::Any,
        &[
            "breaking", "busting", "kicking", "beating", "banging", "pounding", "smashing",
        ],
        &["door", "window", "windows", "glass"],
        4,
    ),
    peril_of(
        Where::Any,
        &[
            "gun", "knife", "bat", "machete", "rifle", "pistol", "shotgun",
        ],
        &["now", "outside", "porch", "driveway", "door", "downstairs"],
        12,
    )
    .needing(Needs::Now),
    peril_of(
        Where::Any,
        &["kill", "shoot", "stab", "strangle", "hurt", "beat", "choke"],
        &["me", "us", "himself", "herself", "her", "him", "them"],
        2,
    )
    .needing(Needs::Threat),
    peril_of(
        Where::Any,
        &["hiding", "hide", "barricaded"],
        &["bathroom", "closet", "bedroom", "room", "from"],
        4,
    ),
    peril_of(
        Where::Any,
        &["drunk", "wasted"],
        &["driving", "drives", "wheel"],
        14,
    )
    .needing(Needs::Now),
];

/// The dangers by their first words.
static BY_FIRST: LazyLock<FxHashMap<&str, Vec<&Peril>>> = LazyLock::new(|| {
    let mut all: FxHashMap<&str, Vec<&Peril>> = FxHashMap::default();
    for peril in PERILS {
        for first in peril.first {
            all.entry(first).or_default().push(peril);
        }
    }
    all
});

/// Words that put a danger of people into this hour, where its own words could as well tell of another.
const NOW: &[&str] = &["now", "outside", "downstairs", "coming", "tonight"];

/// Words that make a threat of what follows them.
const THREATS: &[&str] = &[
    "said",
    "says",
    "threatened",
    "threatening",
    "threatens",
    "gonna",
    "going",
    "trying",
    "tried",
    "wants",
];

/// The words of a danger in the turn. `houses`: the business goes to houses. `bodies`: its callers' trouble is no mere matter of papers.
pub(super) fn peril(
    heard: &Heard,
    houses: bool,
    bodies: bool,
    clinic: bool,
) -> Option<(usize, usize)> {
    (0..heard.tokens.len()).find_map(|at| {
        BY_FIRST
            .get(possessor(heard.word(at)))?
            .iter()
            .filter(|p| match p.at {
                Where::Body => bodies,
                Where::House => houses,
                Where::Clinic => clinic,
                Where::Any => true,
            })
            .find_map(|p| beside(heard, at, p))
    })
}

/// The danger whose first word stands at `at`, said to be so.
fn beside(heard: &Heard, at: usize, p: &Peril) -> Option<(usize, usize)> {
    let from = heard.clause_start(at).max(at.saturating_sub(p.within));
    let to = heard.clause_end(at).min(at + p.within + 1);
    let other = (from..to).find(|i| *i != at && p.second.contains(&possessor(heard.word(*i))))?;
    let (start, end) = (at.min(other), at.max(other) + 1);
    // "Blood pressure", "blood work": no blood.
    let tested = heard.word(at) == "blood"
        && matches!(
            heard.word(at + 1),
            "pressure"
                | "work"
                | "test"
                | "tests"
                | "sugar"
                | "draw"
                | "thinner"
                | "thinners"
                | "type"
        );
    // "It's not hard to breathe", "no trouble breathing": the failing is denied.
    let denied = if heard.any(other, FAILS) {
        matches!(
            heard.word(other.wrapping_sub(1)),
            "no" | "not" | "isn't" | "without" | "never"
        ) && heard.word(other) != "not"
    } else {
        heard.unreal(start)
    };
    let as_needed = match p.needs {
        Needs::Nothing => true,
        Needs::Now => heard.says(NOW),
        Needs::Threat => heard.tokens[at.saturating_sub(6)..at]
            .iter()
            .any(|t| t.any(THREATS)),
    };
    // "I'm not moving", in traffic.
    let still = matches!(heard.word(at), "moving" | "move" | "moved")
        && !heard.says(&["he's", "she's", "he", "she", "baby", "him", "her", "baby's"]);
    // "A panel for a hot tub", "hot water".
    let tub = heard.word(other) == "hot" && heard.any(other + 1, &["tub", "tubs", "water"]);
    (as_needed && !tested && !tub && !still && !denied).then_some((start, end))
}
