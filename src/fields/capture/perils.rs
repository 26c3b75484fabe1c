//! The dangers of [`super::peril`]: which two classes of words, within how many tokens, where, and what else has to be said.

use crate::fields::word_set::{WordSet, words};

/// Where such words mean danger: in an office they mostly tell a story, in a clinic no water pours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
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
pub(super) enum Needs {
    /// Nothing.
    Nothing,
    /// That it is now: whoever drove drunk mostly did so once.
    Now,
    /// That somebody says or tries it: "she'd kill me" is said of a wife who waits.
    Threat,
}

/// Two classes of words that say danger within so many tokens of each other.
pub(super) struct Peril {
    pub(super) at: Where,
    pub(super) needs: Needs,
    pub(super) first: &'static WordSet,
    pub(super) second: &'static WordSet,
    pub(super) within: usize,
}

const fn peril_of(
    at: Where,
    first: &'static WordSet,
    second: &'static WordSet,
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
const WIRES: &WordSet = words![
    "panel", "panel's", "breaker", "breakers", "outlet", "outlets", "outlet's", "wire", "wires",
    "wiring", "socket", "plug", "meter", "fixture", "switch", "cord",
];

/// Words that deny what a body should do: danger by themselves, not undone by what stands before them.
pub(super) const FAILS: &WordSet = words![
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

/// All of them.
pub(super) const PERILS: &[Peril] = &[
    peril_of(
        Where::Body,
        words!["breathe", "breathing", "breathes"],
        FAILS,
        4,
    ),
    peril_of(
        Where::Body,
        words!["breathe", "breathing", "breathes", "breath"],
        words![
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
        words![
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
        words!["lips", "lip", "tongue"],
        words![
            "swelling", "swelled", "swollen", "swole", "big", "bigger", "huge", "puffy", "fat",
            "blue", "numb",
        ],
        6,
    ),
    peril_of(
        Where::Body,
        words!["throat", "airway", "windpipe"],
        words![
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
        words!["chest"],
        words![
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
        words!["face", "mouth", "smile"],
        words![
            "drooping", "droops", "droopy", "drooped", "sagging", "sagged", "slack", "crooked",
            "lopsided", "hanging", "hangs", "drooping",
        ],
        5,
    ),
    peril_of(
        Where::Clinic,
        words!["head"],
        words![
            "sleepy", "drowsy", "vomiting", "throwing", "puking", "confused", "dazed",
        ],
        12,
    ),
    peril_of(
        Where::Clinic,
        words!["arm", "hand", "leg", "side", "arm's", "hand's", "leg's"],
        words![
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
        words!["gray", "grey", "ashen", "putty", "pale", "white"],
        words!["sweaty", "sweating", "clammy", "sweats", "sheet", "ghost"],
        5,
    ),
    peril_of(
        Where::Body,
        words!["speech", "words", "talking", "talk"],
        words![
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
        words!["bleeding", "blood"],
        words![
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
        words!["swallowed", "drank", "ate", "swallow", "eaten"],
        words![
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
        words!["pinned", "trapped", "crushed", "laying", "lying"],
        words!["under", "underneath", "beneath", "legs", "leg"],
        3,
    ),
    peril_of(
        Where::Clinic,
        words![
            "moving",
            "move",
            "moved",
            "kick",
            "kicked",
            "kicking",
            "responding",
            "answering",
        ],
        words![
            "not", "isn't", "ain't", "stopped", "won't", "hasn't", "haven't",
        ],
        2,
    ),
    peril_of(
        Where::House,
        WIRES,
        words![
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
        words!["ceiling", "ceilings"],
        words![
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
        words!["water", "sewage", "water's", "sewage's"],
        words![
            "ankles", "knees", "dumping", "rising", "rushing", "filling", "pouring", "gushing",
            "spewing", "roaring", "flooding",
        ],
        6,
    ),
    peril_of(
        Where::House,
        words!["headache", "headaches", "dizzy", "nauseous", "sick"],
        words!["alarm", "detector", "monitor", "furnace", "gas", "fumes"],
        12,
    ),
    peril_of(
        Where::House,
        words!["gas", "propane"],
        words![
            "smell", "smells", "smelling", "smelled", "stinks", "reeks", "hissing", "hiss", "odor",
            "leaking",
        ],
        7,
    ),
    peril_of(
        Where::House,
        words![
            "pouring",
            "gushing",
            "shooting",
            "spewing",
            "cascading",
            "spraying",
            "blasting",
        ],
        words![
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
        words!["co", "monoxide"],
        words![
            "says", "said", "reads", "reading", "beeping", "chirping", "alarm", "detector",
            "meter",
        ],
        8,
    ),
    peril_of(
        Where::House,
        words!["running", "coming", "raining", "dripping", "streaming"],
        words![
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
        words![
            "breaking", "busting", "kicking", "beating", "banging", "pounding", "smashing",
        ],
        words!["door", "window", "windows", "glass"],
        4,
    ),
    peril_of(
        Where::Any,
        words![
            "gun", "knife", "bat", "machete", "rifle", "pistol", "shotgun",
        ],
        words!["now", "outside", "porch", "driveway", "door", "downstairs"],
        12,
    )
    .needing(Needs::Now),
    peril_of(
        Where::Any,
        words!["kill", "shoot", "stab", "strangle", "hurt", "beat", "choke"],
        words!["me", "us", "himself", "herself", "her", "him", "them"],
        2,
    )
    .needing(Needs::Threat),
    peril_of(
        Where::Any,
        words!["hiding", "hide", "barricaded"],
        words!["bathroom", "closet", "bedroom", "room", "from"],
        4,
    ),
    peril_of(
        Where::Any,
        words!["drunk", "wasted"],
        words!["driving", "drives", "wheel"],
        14,
    )
    .needing(Needs::Now),
];
