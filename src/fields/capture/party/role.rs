//! The other side told by what they are: "the owner is Janet Rusk", "my neighbor cut my trees, his name is Victor Oakley", "the guy who
//! hit me is a fellow called Marlon Stubbs"; and the two sides of a caption, "Crestline versus Barker".

use crate::fields::gazetteer::tables;
use crate::fields::name::is_full;
use crate::fields::name::span::{Level, name_at};
use crate::fields::name::word::{Nameness, is_closed, is_kin, is_title, nameness};
use crate::fields::state::State;
use crate::fields::token::{Stop, Token, possessor};
use crate::fields::turn::Heard;
use crate::fields::word_set::{WordSet, words};

use super::answer::{PLACES, called_party, is_no_party};
use super::firm::{Party, Sure, party_at};

/// What somebody may be who stands on the other side.
const OPPONENTS: &WordSet = words![
    "landlord",
    "landlady",
    "neighbor",
    "neighbour",
    "contractor",
    "subcontractor",
    "driver",
    "owner",
    "roommate",
    "housemate",
    "ex",
    "tenant",
    "renter",
    "subtenant",
    "seller",
    "buyer",
    "builder",
    "roofer",
    "plumber",
    "electrician",
    "painter",
    "mechanic",
    "dealer",
    "lender",
    "landscaper",
    "mover",
    "handyman",
    "installer",
    "guy",
    "man",
    "woman",
    "lady",
    "gentleman",
    "fellow",
    "fella",
    "dude",
    "kid",
    "teenager",
    "person",
    "stranger",
    "coworker",
    "defendant",
    "plaintiff",
    "trustee",
    "executor",
    "employer",
    "company",
    "business",
];

/// Partners in life and in trade: the other side where they part.
const PARTNERS: &WordSet = words![
    "husband",
    "wife",
    "spouse",
    "partner",
    "boyfriend",
    "girlfriend",
    "fiance",
    "fiancee",
];

/// Whoever else a caller to a law office speaks of.
const BYSTANDERS: &WordSet = words![
    "attorney",
    "lawyer",
    "paralegal",
    "judge",
    "officer",
    "cop",
    "deputy",
    "detective",
    "trooper",
    "adjuster",
    "doctor",
    "surgeon",
    "therapist",
    "nurse",
    "witness",
    "friend",
    "buddy",
    "supervisor",
    "manager",
    "boss",
    "foreman",
    "agent",
    "realtor",
    "caseworker",
    "receptionist",
    "secretary",
    "teacher",
    "pastor",
];

/// Words between who somebody is and their name.
fn is_between(word: &str) -> bool {
    matches!(
        word,
        "a" | "an"
            | "this"
            | "some"
            | "old"
            | "guy"
            | "man"
            | "woman"
            | "lady"
            | "fellow"
            | "fella"
    )
}

impl State {
    /// The other side, told by what they are.
    pub(super) fn party_by_role(&self, heard: &Heard, asked: bool) -> Option<Party> {
        // In a will, an arrest or a visa nobody stands on the other side.
        let one_sided = matches!(
            self.choice("problem_category"),
            Some("dui" | "criminal_defense" | "estate_planning" | "immigration")
        );
        // "My neighbor said you were very good": who sends the caller.
        let praised = heard.tokens.windows(2).any(|w| {
            w[0].any(words!["said", "says", "about"])
                && w[1].any(words!["you", "you're", "y'all", "you'd"])
        });
        if one_sided && !asked
            || praised
            || heard.says(words!["referred", "recommended", "suggested"])
        {
            return None;
        }
        captioned(heard).or_else(|| {
            let somebody = |t: &Token| {
                let noun = possessor(&t.text);
                OPPONENTS.has(noun) || PARTNERS.has(noun) || PLACES.has(noun) || is_kin(noun)
            };
            if !heard.tokens.iter().any(somebody) {
                return None;
            }
            let parts = self.parting(heard);
            // "He took all the money, Keith Renner is his name"
            let named_after = (2..heard.tokens.len()).find_map(|at| {
                let theirs = heard.word(at) == "is"
                    && heard.any(at + 1, words!["his", "her"])
                    && heard.word(at + 2) == "name";
                (at.saturating_sub(3)..at)
                    .filter(|from| theirs && tables().is_given(heard.word(*from)))
                    .filter_map(|from| who(heard, from, Told::Named))
                    .find(|p| p.end == at && is_opponent(heard, p.start, Told::Named, parts))
            });
            if named_after.is_some() {
                return named_after;
            }
            (1..heard.tokens.len())
                .filter_map(|at| named_from(heard, at))
                .filter(|(at, told)| is_opponent(heard, *at, *told, parts))
                .filter_map(|(at, told)| who(heard, at, told))
                .next_back()
                // "The nursing home dropped my mother, it's called Shady Pines"
                .or_else(|| {
                    called_party(heard)
                        .filter(|p| heard.tokens[..p.start].iter().any(|t| PLACES.has(&t.text)))
                })
        })
    }

    /// Whether the quarrel is between those who were a couple, or partners in trade.
    fn parting(&self, heard: &Heard) -> bool {
        matches!(
            self.choice("problem_category"),
            Some("divorce" | "custody" | "contract")
        ) || heard.says(words![
            "divorce",
            "divorcing",
            "custody",
            "separation",
            "separating",
            "separated",
            "splitting",
            "split",
            "cheated",
            "alimony",
            "business",
            "stole",
            "suing",
            "sue",
        ])
    }
}

/// How a name is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// "Named", "called", "by the name of", "his name is".
    Named,
    /// "The owner is".
    Is,
    /// "The guy that sold me the car, Ricky Plummer": the name closes what was said of its bearer.
    Closing,
}

/// Where the name begins whose announcing words end with the one before `at`, and how it is told.
fn named_from(heard: &Heard, at: usize) -> Option<(usize, Told)> {
    let back = |n: usize| at.checked_sub(n).map_or("", |i| heard.word(i));
    let told = match back(1) {
        "named" | "called" => Told::Named,
        "of" if back(2) == "name" => Told::Named,
        "is" | "was" | "name's" if back(1) == "name's" || back(2) == "name" => Told::Named,
        "is" | "was" => Told::Is,
        word if word.strip_suffix("'s").is_some_and(|w| OPPONENTS.has(w)) => Told::Is,
        // "The landlady, Mrs. Okonkwo, put a notice on my door"
        word if OPPONENTS.has(word)
            && matches!(
                heard.word(at),
                "mr" | "mrs" | "ms" | "miss" | "mister" | "missus"
            ) =>
        {
            Told::Named
        }
        // "A guy came over on me, a Mr. Dunleavy"
        "a" | "an" | "some" if is_title(heard.word(at)) => Told::Named,
        word => {
            let closes = |end: usize| {
                end == heard.tokens.len() || heard.tokens[end - 1].stop >= Stop::Sentence
            };
            let free = !matches!(
                word,
                "is" | "am"
                    | "i'm"
                    | "was"
                    | "from"
                    | "at"
                    | "in"
                    | "on"
                    | "with"
                    | "by"
                    | "for"
                    | "to"
                    | "of"
                    | "and"
                    | "or"
                    | "name"
                    | "doctor"
                    | "me"
                    | "it's"
                    | "this"
            );
            let full = free
                && name_at(heard, at, Level::Introduced)
                    .is_some_and(|s| s.start == at && closes(s.end) && is_full(heard, &s));
            return full.then_some((at, Told::Closing));
        }
    };
    let mut from = at;
    while from < at + 3 && is_between(heard.word(from)) {
        from += 1;
    }
    // "Is a man by the name of": the words that name come later.
    (!heard.any(from, words!["by", "named", "called", "who", "that"])).then_some((from, told))
}

/// Whether the person spoken of nearest before the name stands on the other side.
fn is_opponent(heard: &Heard, at: usize, told: Told, parting: bool) -> bool {
    let from = match told {
        Told::Named | Told::Closing => at.saturating_sub(24),
        // "The landlord on the lease is"
        Told::Is => heard.clause_start(at - 1).max(at.saturating_sub(7)),
    };
    for i in (from..at).rev() {
        let noun = possessor(heard.word(i));
        // "My name is", "I'm": the speaker.
        if told != Told::Is && heard.any(i, words!["my", "i'm"]) && heard.word(i + 1) == "name" {
            return false;
        }
        if BYSTANDERS.has(noun) {
            return false;
        }
        if PARTNERS.has(noun) {
            return parting || heard.word(i.wrapping_sub(1)) == "ex";
        }
        // "The mom is Shereen Dupree", "his dad is Marcus Dillard", of those who part or fight over the children.
        let parent = parting
            && told == Told::Is
            && matches!(noun, "mom" | "mother" | "dad" | "father")
            && heard.any(
                i.wrapping_sub(1),
                words!["the", "his", "her", "their", "kids'", "kid's", "other"],
            );
        if is_kin(noun) && noun != "kid" {
            return parent;
        }
        if told == Told::Named && PLACES.has(noun) {
            return party_at(heard, at).is_some_and(|p| p.firm);
        }
        if OPPONENTS.has(noun) {
            let subject = match told {
                Told::Named | Told::Closing => true,
                // "The problem with the owner is", "is what the man was": no more than a noun before the verb.
                Told::Is => heard.any(
                    i.wrapping_sub(1),
                    words!["the", "my", "our", "other", "actual", "new", "general"],
                ),
            };
            return subject;
        }
    }
    false
}

/// The person or firm at `at`.
fn who(heard: &Heard, at: usize, told: Told) -> Option<Party> {
    let person = name_at(heard, at, Level::Named).filter(|s| s.start == at || s.titled);
    let person = person.filter(|s| {
        let known = heard.tokens[s.start..s.end]
            .iter()
            .all(|t| nameness(t) >= Nameness::Unknown);
        let surname = s.words.last().is_some_and(|w| tables().is_surname(w));
        let full = s.words.len() >= 2 && (s.is_given() || known || told == Told::Named && surname);
        // "The contractor's name was Bud": waiting for the rest.
        let stranger = (at.saturating_sub(3)..at).any(|i| {
            heard.any(
                i,
                words!["guy", "man", "lady", "woman", "person", "kid", "somebody"],
            )
        });
        let given = s.words.len() == 1 && s.is_given() && told == Told::Named && !stranger;
        // "A Mr. Dunleavy"
        let titled = s.titled && told == Told::Named && s.start == at + 1;
        full || given || titled
    });
    let firm = party_at(heard, at).filter(|p| p.firm && p.sure == Sure::Named);
    firm.or_else(|| {
        person.map(|s| Party {
            start: s.start,
            end: s.end,
            sure: match s.words.len() {
                1 => Sure::Likely,
                _ => Sure::Named,
            },
            firm: false,
        })
    })
    .filter(|p| !is_no_party(heard, p.start) || heard.word(p.start - 1) == "was")
}

/// "Crestline Credit Union versus Jolene Barker": the side named first, unless the caller is it.
fn captioned(heard: &Heard) -> Option<Party> {
    if !heard.says(words!["versus", "vs", "v", "against"]) {
        return None;
    }
    let letter = |i: usize| heard.word(i).chars().count() == 1;
    let at = (1..heard.tokens.len()).find(|i| {
        heard.any(*i, words!["versus", "vs"])
            || heard.word(*i) == "v" && !letter(i - 1) && !letter(i + 1)
            || heard.word(*i) == "against" && name_at(heard, i + 1, Level::Introduced).is_some()
    })?;
    let from = (at.saturating_sub(6)..at)
        .find(|i| !is_closed(heard.word(*i)) && party_at(heard, *i).is_some_and(|p| p.end == at));
    let plain = || {
        let from = (at.saturating_sub(4)..at)
            .rev()
            .take_while(|i| !is_closed(heard.word(*i)) && !heard.any(*i, words!["says", "called"]))
            .last()?;
        (at - from >= 2).then_some(from)
    };
    // "Lemoine versus Cascade Staffing, we're for Cascade": the one for whom the caller speaks.
    let second = heard.word(at + 1);
    let speaks_for = (at + 2..heard.tokens.len()).any(|i| {
        heard.word(i) == second
            && (heard.word(i - 1) == "for"
                && heard.any(
                    i.wrapping_sub(2),
                    words!["we're", "i'm", "counsel", "attorney"],
                )
                || heard.any(i - 1, words!["represent", "representing"]))
    });
    if speaks_for && let Some(party) = party_at(heard, at + 1) {
        return Some(party);
    }
    let versus = heard.word(at) != "against";
    let from = from.or_else(|| plain().filter(|_| versus))?;
    let own = heard.tokens[from.saturating_sub(3)..from]
        .iter()
        .any(|t| t.any(words!["i'm", "me", "name"]));
    (!own).then_some(Party {
        start: from,
        end: at,
        sure: Sure::Named,
        firm: true,
    })
}

/// Whether the word, with a plural or possessive ending too, says what somebody may be who stands on the other side.
pub(in crate::fields::capture) fn stands_against(word: &str) -> bool {
    let noun = possessor(word);
    let one = noun.strip_suffix('s').unwrap_or(noun);
    OPPONENTS.has(noun) || OPPONENTS.has(one) || PLACES.has(one)
}

/// Whether the word says what somebody is who stands on neither side: a lawyer, an adjuster, a witness.
pub(super) fn stands_by(word: &str) -> bool {
    BYSTANDERS.has(possessor(word))
}
