//! The dangers of [`super::peril`]: which two classes of words, within how many tokens, where, and what else has to be said.

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
    pub(super) first: &'static [&'static str],
    pub(super) second: &'static [&'static str],
    pub(super) within: usize,
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
pub(super) const FAILS: &[&str] = &[
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
        &["head"],
        &[
            "sleepy", "drowsy", "vomiting", "throwing", "puking", "confused", "dazed",
        ],
        12,
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
