//! Which place of a call is which: the rules' choice, made turn by turn, weighed beside all that was said around each place. At the end of
//! the call streets and towns go where they most likely belong, and an end without a town has the one that was said of it.
//!
//! Owns what the weights are worth beside the rules. Sets the address fields alone, and none that a person has set.

use crate::fields::ledger::{Claim, Held, Source, Strength};
use crate::fields::state::State;
use crate::fields::turn::{Heard, Speaker};
use crate::fields::value::{Address, FieldType, Value, same_text};
use crate::fields::vertical::Vertical;
use crate::fields::weigh::{self, Before, Entry, Near, Places};

/// What the rules' choice of a street for an end is worth beside the words, in the logarithm of odds. These were chosen, coarsely, on sums
/// over calls that no rule had been looked at with.
const SEEN: f32 = 1.0;
/// What speaks against a street that the rules gave to no end.
const UNSEEN: f32 = 1.0;
/// What the rules' choice of a town is worth.
const SEEN_TOWN: f32 = 1.0;
/// What it is worth beside that, where the place has its ZIP, too.
const ZIPPED: f32 = 2.0;
/// What a town must weigh to stand beside a street.
const FILLS: f32 = 1.0;
/// What it must weigh where no street is known.
const FOUND: f32 = 1.5;

/// What it is worth that a town and a street which were said together are of one end.
fn together(near: Near) -> f32 {
    match near {
        Near::Within => 3.0,
        Near::Asked => 2.0,
        Near::After => 1.0,
    }
}

/// A place for each end, or none.
type Way = [Option<usize>; 2];

/// The ends of a move.
const ENDS: [&str; 2] = ["origin_address", "destination_address"];
/// Where somebody is to come.
const SITE: &str = "service_address";
/// The options of the tables that are no field.
const NONE: &str = "none";

/// The places of a call of that vertical, none yet; `None` where places belong to a story.
pub fn places_of(vertical: &Vertical) -> Option<Places> {
    let of = |name: &str| vertical.fields.iter().find(|f| f.name == name);
    let has = |name: &str| of(name).is_some_and(|f| f.ty == FieldType::Address);
    if ENDS.iter().all(|e| has(e)) {
        return Some(Places::new(weigh::ends()));
    }
    let story = ["opposing_party", "patient_name"];
    let story = story.iter().any(|f| of(f).is_some());
    (has(SITE) && !story).then(|| Places::new(weigh::sites()))
}

impl State {
    /// Notes the places that a turn speaks of.
    pub(in crate::fields::capture) fn note_places(&mut self, heard: &Heard) {
        let mentions = std::mem::take(&mut self.mentioned);
        let (asked, own) = self.turns_before(heard.speaker);
        let Some(places) = self.places.as_mut() else {
            return;
        };
        let before = Before {
            asked: &asked,
            own: &own,
            line: None,
        };
        places.hear(heard, mentions, before);
    }

    /// The call is over: each place goes where rules and words together put it. What a person has set or the caller left open stays.
    pub(in crate::fields) fn allot_places(&mut self) {
        let Some(places) = self.places.take() else {
            return;
        };
        if let Some(ends) = self.ends() {
            self.allot(&places, ends);
        }
        self.places = Some(places);
    }

    /// The fields of the places, one or two; `None` where a person or the caller has the last word on one.
    fn ends(&self) -> Option<[Option<u8>; 2]> {
        let ends = match self.field(ENDS[0]) {
            Some(origin) => [Some(origin), self.field(ENDS[1])],
            None => [self.field(SITE), None],
        };
        let settled = |field: u8| {
            let ledger = self.ledger(field);
            ledger.lock.is_some()
                || ledger.declined.is_some()
                || ledger.held.as_ref().is_some_and(|h| h.rival.is_some())
        };
        (!ends.into_iter().flatten().any(settled)).then_some(ends)
    }

    fn allot(&mut self, places: &Places, ends: [Option<u8>; 2]) {
        let held = ends.map(|f| f.and_then(|f| self.ledger(f).held.clone()));
        let address = |at: usize| held[at].as_ref().and_then(|h| h.value.address());
        let Some(chosen) = Chosen::of(places, [address(0), address(1)]) else {
            return;
        };
        let names = ends.map(|f| f.map(|f| self.vertical.fields[usize::from(f)].name.as_str()));
        let own = self.ctx.business.city.as_deref();
        let best = Scores::new(places, names, own, &chosen).best();
        for (at, field) in ends.into_iter().enumerate() {
            let Some(field) = field else { continue };
            let (street, town) = (best.streets[at], best.towns[at]);
            // The street as it was held, at this end or at the other, or else as it was said.
            let from = (chosen.streets.iter()).position(|s| s.is_some() && *s == street);
            let known = from.and_then(address);
            let said = street.map(|s| known.unwrap_or(&places.streets()[s].address));
            let before = address(at).filter(|_| street == chosen.streets[at]);
            let value = with_town(places, said, before, town, chosen.unknown[at]);
            if address(at) == Some(&value) || value.is_empty() && address(at).is_none() {
                continue;
            }
            let new = [
                (street.filter(|_| from.is_none())).map(|s| &places.streets()[s].entry),
                (town.filter(|_| town != chosen.towns[at])).map(|t| &places.towns()[t].entry),
            ];
            let kind = if value.is_empty() {
                self.ledger_mut(field).withdraw()
            } else {
                let known = from.or(Some(at)).and_then(|at| held[at].as_ref());
                // What only adds to a value is told without what stands there already.
                let adds =
                    address(at).is_some_and(|a| a.updated(&value) == value && a.agrees(&value));
                let claim = claim(value, known, adds, &new);
                self.ledger_mut(field).outweigh(claim)
            };
            self.note(field, kind);
        }
    }
}

/// The place of an end: its street, and the town that it has by the weights, or by the rules where the weights know none.
fn with_town(
    places: &Places,
    street: Option<&Address>,
    before: Option<&Address>,
    town: Option<usize>,
    unknown: bool,
) -> Address {
    let mut out = street.or(before).cloned().unwrap_or_default();
    let Some(town) = town.map(|at| &places.towns()[at]) else {
        // A town that stands alone stays: there is nothing else that it could be beside.
        let alone = street.is_none();
        let kept = before.filter(|a| unknown || alone || a.city.is_none());
        out.city = kept.and_then(|a| a.city.clone());
        out.state = kept.and_then(|a| a.state.clone());
        return out;
    };
    let same = before.filter(|a| a.city.as_deref().is_some_and(|c| same_text(c, &town.name)));
    out.city = Some(town.name.clone());
    out.state = (same.and_then(|a| a.state.clone())).or_else(|| town.state.clone());
    out
}

/// What the ends hold by the rules.
struct Chosen {
    streets: Way,
    towns: Way,
    /// An end holds a town that was not noted.
    unknown: [bool; 2],
    /// An end holds a ZIP.
    zipped: [bool; 2],
}

impl Chosen {
    /// `None` where an end holds a street that was not noted, or both the same.
    fn of(places: &Places, held: [Option<&Address>; 2]) -> Option<Chosen> {
        let mut out = Chosen {
            streets: [None; 2],
            towns: [None; 2],
            unknown: [false; 2],
            zipped: [false; 2],
        };
        for (at, held) in held.into_iter().enumerate() {
            let Some(held) = held else { continue };
            out.zipped[at] = held.postal_code.is_some();
            if held.street.is_some() {
                let mut streets = places.streets().iter();
                out.streets[at] = Some(streets.position(|s| s.is(held))?);
            } else if held.number.is_some() {
                return None;
            }
            if let Some(city) = &held.city {
                let mut towns = places.towns().iter();
                out.towns[at] = towns.position(|t| same_text(&t.name, city));
                out.unknown[at] = out.towns[at].is_none();
            }
        }
        (out.streets[0].is_none() || out.streets[0] != out.streets[1]).then_some(out)
    }
}

/// What all that was said weighs for each place at each end, against its being nowhere.
struct Scores {
    streets: Vec<[f32; 2]>,
    towns: Vec<[f32; 2]>,
    /// By town and street, what it is worth that they are of one end.
    together: Vec<Vec<f32>>,
    has: [bool; 2],
    /// Ends with a town that was not noted have no other.
    unknown: [bool; 2],
}

/// The streets and towns of the ends.
struct Best {
    streets: Way,
    towns: Way,
}

impl Scores {
    fn new(
        places: &Places,
        names: [Option<&str>; 2],
        own: Option<&str>,
        chosen: &Chosen,
    ) -> Scores {
        let none = places.option(NONE);
        let option = names.map(|n| n.and_then(|n| places.option(n)));
        let against = |scores: &[f32], at: Option<usize>| {
            let score = |at: Option<usize>| at.map_or(0.0, |at| scores[at]);
            score(at) - score(none)
        };
        let ends = |scores: &[f32], worth: [f32; 2]| {
            [0, 1].map(|end| against(scores, option[end]) + worth[end])
        };
        let seen = |way: Way, place: usize, worth: f32| {
            way.map(|chosen| if chosen == Some(place) { worth } else { 0.0 })
        };
        let streets = (0..places.streets().len())
            .map(|at| {
                let mut worth = seen(chosen.streets, at, SEEN);
                if !chosen.streets.contains(&Some(at)) {
                    worth = [-UNSEEN; 2];
                }
                ends(&places.weigh_street(at), worth)
            })
            .collect();
        let weighed: Vec<Vec<f32>> = (0..places.towns().len())
            .map(|at| places.weigh_town(at, own))
            .collect();
        let towns = (weighed.iter().enumerate())
            .map(|(at, s)| {
                let zipped = chosen.zipped.map(|z| if z { ZIPPED } else { 0.0 });
                let own = seen(chosen.towns, at, 1.0);
                ends(s, [0, 1].map(|end| own[end] * (SEEN_TOWN + zipped[end])))
            })
            .collect();
        let together = places
            .towns()
            .iter()
            .map(|town| {
                (0..places.streets().len())
                    .map(|street| town.near(street).map_or(0.0, together))
                    .collect()
            })
            .collect();
        Scores {
            streets,
            towns,
            together,
            has: option.map(|o| o.is_some()),
            unknown: chosen.unknown,
        }
    }

    /// The best way to give the streets and the towns to the ends.
    fn best(&self) -> Best {
        let options = |count: usize, open: bool| {
            std::iter::once(None).chain((0..if open { count } else { 0 }).map(Some))
        };
        let streets = |end: usize| options(self.streets.len(), self.has[end]);
        let towns = |end: usize| options(self.towns.len(), self.has[end] && !self.unknown[end]);
        let mut best = (f32::MIN, [None; 2], [None; 2]);
        for a in streets(0) {
            for b in streets(1).filter(|b| b.is_none() || *b != a) {
                let said = self.street(a, 0) + self.street(b, 1);
                for c in towns(0) {
                    for d in towns(1) {
                        let score = said + self.town([a, b], [c, d]);
                        if score > best.0 {
                            best = (score, [a, b], [c, d]);
                        }
                    }
                }
            }
        }
        Best {
            streets: best.1,
            towns: best.2,
        }
    }

    fn street(&self, street: Option<usize>, end: usize) -> f32 {
        street.map_or(0.0, |s| self.streets[s][end])
    }

    fn town(&self, streets: Way, towns: Way) -> f32 {
        let beside = |end: usize| match (towns[end], streets[end]) {
            (Some(town), Some(street)) => self.together[town][street] - FILLS,
            (Some(_), None) => -FOUND,
            _ => 0.0,
        };
        let own: f32 = (0..2)
            .map(|end| towns[end].map_or(0.0, |t| self.towns[t][end]))
            .sum();
        own + beside(0) + beside(1)
    }
}

/// The claim of a place that was weighed. `known`: what was held of it; `adds`: only what is `new` is told of.
fn claim(value: Address, known: Option<&Held>, adds: bool, new: &[Option<&Entry>]) -> Claim {
    let told = known.filter(|_| !adds);
    let said = new.iter().flatten();
    let evidence: Vec<_> = (told.iter().flat_map(|h| &h.evidence))
        .chain(said.clone().filter_map(|s| s.evidence.as_ref()))
        .cloned()
        .collect();
    let raw: Vec<&str> = (told.iter().map(|h| h.raw.as_str()))
        .chain(
            said.clone()
                .filter_map(|s| Some(s.evidence.as_ref()?.text.as_str())),
        )
        .collect();
    let agents = evidence.iter().all(|e| e.speaker == Speaker::Agent);
    Claim {
        value: Value::Address(value),
        source: match known {
            Some(known) => known.source,
            None if agents => Source::AgentSaid,
            None => Source::CallerSaid,
        },
        strength: Strength::Shape,
        inferred: known.is_some_and(|h| h.inferred),
        p: said.map(|s| s.p).fold(known.map_or(1.0, |h| h.p), f32::min),
        raw: raw.join(" "),
        evidence,
    }
}
