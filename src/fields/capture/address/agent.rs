//! Addresses in the agent's turn: read-backs, parts offered, an address on file, the business's own place.

use crate::fields::address::{self, AddressMention, Expect, related_street};
use crate::fields::cue::Cue;
use crate::fields::dialogue::{self, Part};
use crate::fields::evidence::Role;
use crate::fields::gazetteer::tables;
use crate::fields::ledger::Strength;
use crate::fields::state::State;
use crate::fields::token::Num;
use crate::fields::turn::Heard;
use crate::fields::value::{Address, FieldType, Value, same_text};
use crate::fields::word_set::{WordSet, words};

impl State {
    /// Addresses in the agent's turn: a read-back, perhaps with parts the caller left out.
    pub fn agent_addresses(&mut self, heard: &mut Heard) {
        let context = self.ctx.clone();
        let (held, city) = (self.any_address(), context.business.city.as_deref());
        // "Mm hm", or the digits just said once more.
        let echo = heard.tokens.iter().all(|t| t.num != Num::None);
        if echo || dialogue::covered(heard, Cue::Backchannel) {
            self.keep_asking();
        }
        self.note_homes(heard);
        self.own_place(heard, city);
        self.take_told(heard, city);
        let held = held || self.any_address();
        if !held {
            self.address_on_file(heard, city);
            self.street_in_question(heard);
            return;
        }
        // However long ago it was told: the agent says it back when the time has come.
        let known = self
            .last_address_field()
            .and_then(|f| self.value(f)?.address()?.street.as_deref());
        // "1-4-1 Shepherds Corral?": the place asked for, as the agent heard it.
        let open = |f: u8| {
            let held = self.value(f).and_then(Value::address);
            held.is_none_or(|a| a.street.is_none())
        };
        let heard_so = heard.tokens.len() <= 8
            && heard.tokens.first().is_some_and(|t| t.num != Num::None)
            && self
                .asked_of(FieldType::Address, 1)
                .is_some_and(|a| open(a.field));
        let mentions = address::mentions(
            heard,
            Expect {
                asked: heard_so.then_some(Part::Whole),
                held: true,
                known,
                city,
                ..Expect::default()
            },
        );
        self.mentioned.extend_from_slice(&mentions);
        let mut read = false;
        for mention in &mentions {
            read |= self.read_back_address(heard, mention);
        }
        if !self.echoed_rest(heard) && !read && !self.echoed_town(heard) {
            self.offer_parts(heard);
        }
    }

    /// "1204 Reed Drive, Lockhart." "1204 Reed Drive in Lockhart. And your number?": a house of the caller's story that the agent says back
    /// is the place to go or to write to.
    fn take_told(&mut self, heard: &Heard, city: Option<&str>) {
        let Some(claim) = self.maybe_place.take() else {
            return;
        };
        let Some((field, told)) = self.field("service_address").zip(claim.value.address()) else {
            return;
        };
        let expect = Expect {
            held: true,
            known: told.street.as_deref(),
            city,
            ..Expect::default()
        };
        let same = |m: &AddressMention| {
            let streets = told.street.as_ref().zip(m.address.street.as_ref());
            told.number == m.address.number
                && streets.is_some_and(|(a, b)| same_text(a, b) || related_street(a, b))
        };
        if !heard.runs.is_empty()
            && self.value(field).is_none()
            && address::mentions(heard, expect).iter().any(same)
        {
            let kind = self.ledger_mut(field).claim(claim);
            self.note(field, kind);
        }
    }

    /// An address that nobody has given yet in the agent's turn: one on file, put to the caller, or what the agent understood.
    fn address_on_file(&mut self, heard: &mut Heard, city: Option<&str>) {
        let theirs = heard.says(words![
            "try",
            "their",
            "they're",
            "theirs",
            "he's",
            "she's",
            "ours",
            "we're",
            "our",
            "crew",
            "truck",
            "driver",
            "finishing",
            "wrapping",
            "they'd",
        ]);
        // An address the agent has on file: a yes makes it the caller's.
        let on_file = heard.hits.has(Cue::ConfirmAsk)
            || heard.says(words![
                "right", "still", "you", "you're", "your", "that's", "so", "address", "house",
                "confirm", "see", "show", "showing",
            ]) && !theirs
            || heard
                .tokens
                .iter()
                .any(|t| t.stop == crate::fields::token::Stop::Question);
        let file = on_file
            && heard.says(words![
                "address",
                "delivery",
                "delivered",
                "house",
                "location",
                "place",
                "property",
            ]);
        let strict = match heard.runs.is_empty() {
            true => Vec::new(),
            false => address::mentions(
                heard,
                Expect {
                    city,
                    ..Expect::default()
                },
            ),
        };
        self.mentioned.extend_from_slice(&strict);
        // "12 Sorrel Court.": a turn that is a place and nothing else.
        let alone = heard.tokens.len() <= 12
            && matches!(&strict[..], [m] if {
                let rest = (0..m.start).chain(m.end..heard.tokens.len());
                let closed = |i: usize| tables().is_closed(heard.word(i));
                // "Got it, Mrs. Ruiz at 88 Willow Way."
                let at = m.end == heard.tokens.len() && heard.word(m.start.wrapping_sub(1)) == "at";
                m.address.number.is_some() && (at && !theirs || rest.clone().all(closed))
            });
        let n = heard.tokens.len();
        let said_back = heard.hits.has(Cue::ConfirmAsk) && n <= 9
            || heard.says(words!["have", "got", "i've", "see"]) && n <= 6;
        // "Moving from Kyle to, uh, Bozeman, Montana"
        let way = heard.hits.has(Cue::Origin)
            && heard.hits.has(Cue::Destination)
            && self.field("origin_address").is_some();
        let on_file = on_file || alone || said_back || way && !theirs;
        let answered = self.asked_of(FieldType::Address, 2).is_some();
        let field = self
            .asked_of(FieldType::Address, 2)
            .map(|a| a.field)
            .or_else(|| self.field("service_address"))
            .or_else(|| {
                // What has been delivered, or is on its way, went to where the caller is now.
                let moved = matches!(
                    self.choice("problem_category"),
                    Some("status_check" | "claim_damage")
                );
                let there = moved
                    || heard.says(words![
                        "new",
                        "to",
                        "deliver",
                        "delivery",
                        "delivered",
                        "destination",
                        "going",
                    ]);
                let (first, second) = ("origin_address", "destination_address");
                match there {
                    true => self.field(second),
                    false => self.field(first).or_else(|| self.field(second)),
                }
            });
        if (on_file || answered)
            && let Some(field) = field
        {
            let found = address::mentions(
                heard,
                Expect {
                    // "This was the delivery to 7740 East Rosewood?": a street without its type, too.
                    asked: (file || said_back).then_some(Part::Whole),
                    held: false,
                    city,
                    places: self.field("destination_address").is_some(),
                    ..Expect::default()
                },
            );
            self.mentioned.extend_from_slice(&found);
            for m in found {
                // "I got you Bloomington to Eden Prairie"
                let end = match heard.word(m.end) {
                    "to" if m.address.street.is_none() => self.field("origin_address"),
                    _ => self.end_of_way(heard, m.start),
                };
                let field = end.unwrap_or(field);
                let street = m.address.street.as_deref();
                let town = end.is_some()
                    && street.is_none()
                    && tables().city(&heard.tokens, m.start).is_some();
                let whole = m.address.number.is_some() && street.is_some();
                // "So that's two fifty plus tax": a street said back without its type is named by no ordinary word.
                let sure = file
                    || strict.iter().any(|s| s.start == m.start)
                    || street.is_some_and(|s| {
                        !s.split(' ').any(|w| tables().is_word(&w.to_lowercase()))
                    });
                if !(whole && sure || town) || self.pending.iter().any(|p| p.field == field) {
                    continue;
                }
                let evidence = heard.evidence(Role::ReadsBack, m.start, m.end);
                heard.take(m.start, m.end);
                self.await_yes(field, Value::Address(m.address), true, evidence);
            }
        }
    }

    /// "From 88 Cobbler Lane to 4120 North Loop Drive": which end of a move stands at `at`.
    fn end_of_way(&self, heard: &Heard, at: usize) -> Option<u8> {
        let led = |cue| heard.hits.before(cue, at, 1).is_some();
        // "So you're at 500 Barton Springs and going to San Marcos"
        let here = heard.any(at.wrapping_sub(1), words!["at"])
            && (heard.hits.cue(Cue::Destination)).any(|h| h.end - h.start > 1)
            && heard.any(at.wrapping_sub(2), words!["you're", "are", "still"]);
        match (led(Cue::Origin) || here, led(Cue::Destination)) {
            (true, _) => self.field("origin_address"),
            (_, true) => self.field("destination_address"),
            _ => None,
        }
    }

    /// "We're at 1800 Eglin Parkway": where the business is, to be known again when the caller repeats it.
    fn own_place(&mut self, heard: &mut Heard, city: Option<&str>) {
        if !heard.says(words!["we're", "we", "our", "office", "shop", "located"]) {
            return;
        }
        let ours = |at: usize| {
            // "We have you at ..." is the caller's, "you know where we are" is not.
            let before = &heard.tokens[at.saturating_sub(6)..at];
            let last = |words: &WordSet| before.iter().rposition(|t| t.any(words));
            let we = last(words!["we're", "we", "our", "office", "shop", "located"]);
            we.is_some_and(|we| {
                last(words!["you", "your", "you're"])
                    .is_none_or(|you| you < we && before[we].any(words!["we", "we're"]))
            }) && last(words!["at", "is", "on", "located", "to", "are"]).is_some()
        };
        let expect = Expect {
            city,
            ..Expect::default()
        };
        let found: Vec<AddressMention> = address::mentions(heard, expect)
            .into_iter()
            .filter(|m| m.address.street.is_some() && m.start > 0 && ours(m.start))
            .collect();
        for m in found {
            heard.take(m.start, m.end);
            self.agent_places.push(m.address);
            if self.agent_places.len() > 4 {
                self.agent_places.remove(0);
            }
        }
    }

    fn read_back_address(&mut self, heard: &mut Heard, mention: &AddressMention) -> bool {
        let mut best: Option<(u8, bool)> = None;
        for &field in self.vertical.all_of(FieldType::Address) {
            let Some(held) = self.value(field).and_then(Value::address) else {
                continue;
            };
            let agrees = held.agrees(&mention.address);
            let near = match (&held.street, &mention.address.street) {
                (Some(a), Some(b)) => {
                    same_text(a, b)
                        || related_street(a, b)
                        || strsim::jaro_winkler(&a.to_lowercase(), &b.to_lowercase()) >= 0.85
                }
                _ => held.number.is_some() && held.number == mention.address.number,
            };
            if agrees && best.is_none_or(|b| !b.1) || near && best.is_none() {
                best = Some((field, agrees));
            }
        }
        // "Going to 33 Sumac Terrace?" beside the town left: the other end.
        let end = self.end_of_way(heard, mention.start);
        if let Some(end) = end.filter(|end| {
            mention.address.street.is_some()
                && self.value(*end).is_none()
                && best.is_none_or(|(f, _)| {
                    f != *end
                        && self
                            .value(f)
                            .and_then(Value::address)
                            .is_some_and(|a| a.street.is_none())
                })
        }) {
            heard.take(mention.start, mention.end);
            let evidence = heard.evidence(Role::ReadsBack, mention.start, mention.end);
            self.await_yes(end, Value::Address(mention.address.clone()), true, evidence);
            return true;
        }
        let Some((field, agrees)) = best else {
            return self.say_another(heard, mention);
        };
        let Some(held) = self.value(field).and_then(Value::address).cloned() else {
            return false;
        };
        let value = held.updated(&mention.address);
        // "3412 Nicollet Avenue, 206, that's Minneapolis, right?"
        let value = match self.offered_town(heard, mention.end, &value) {
            Some((with, ..)) => with,
            None => value,
        };
        // "84-17 Lefferts, 5F. 11415?"
        let zip = address::closing_zip(heard, mention.end).filter(|_| value.postal_code.is_none());
        let (value, said_to) = match zip {
            Some((zip, end)) => {
                let postal_code = Some(zip);
                (
                    Address {
                        postal_code,
                        ..value
                    },
                    end,
                )
            }
            None => (value, mention.end),
        };
        // The agent says the street shorter than the caller did: no new value.
        let shorter = matches!((&held.street, &mention.address.street), (Some(a), Some(b)) if !same_text(a, b) && related_street(a, b) && b.len() < a.len());
        // A corner, and then the house on one of its streets.
        let corner =
            held.number.is_none() || held.street.as_deref().is_some_and(|s| s.contains(" and "));
        // Or with more, and nothing of it otherwise: a yes takes what the agent adds.
        let longer = held.number.is_some()
            && held.number == value.number
            && matches!((&held.street, &mention.address.street), (Some(a), Some(b)) if related_street(a, b) && b.len() > a.len());
        // "Ninety FM 969" for 11490: the recogniser dropped digits that the agent heard.
        let completed = matches!((&held.number, &mention.address.number), (Some(a), Some(b)) if b.len() > a.len() && is_within(a, b))
            && matches!((&held.street, &mention.address.street), (Some(a), Some(b)) if same_text(a, b) || related_street(a, b));
        let (value, matches) = if longer || completed {
            (value, true)
        } else if shorter && corner && mention.address.number.is_some() {
            (
                Address {
                    street: mention.address.street.clone(),
                    ..value
                },
                true,
            )
        } else if shorter {
            let mut v = value;
            v.street.clone_from(&held.street);
            let same = v.agrees(&held);
            (v, same)
        } else {
            (value, agrees)
        };
        if held
            .street
            .as_ref()
            .zip(mention.address.street.as_ref())
            .is_some_and(|(a, b)| same_text(a, b) || related_street(a, b))
            && self.understood_number(&held, &mention.address)
        {
            let number = mention.address.number.clone();
            let understood = Address {
                number,
                ..held.clone()
            };
            let (span, value) = ((mention.start, mention.end), Value::Address(understood));
            self.claim(field, heard, span, Role::ReadsBack, value, Strength::Repair);
        }
        // "4000 Clawson, unit 7. Is that Clawson Road?"
        let typed = super::offered::offered_type(heard, &value).filter(|t| t.1 >= mention.end);
        let (value, end) = match typed {
            Some((with, _, end)) => (with, end),
            None => (value, said_to),
        };
        heard.take(mention.start, end);
        let evidence = heard.evidence(Role::ReadsBack, mention.start, end);
        self.ledger_mut(field).read_back(evidence.clone());
        if matches && self.ledger(field).held.as_ref().is_some_and(|h| h.disputed) {
            let kind = self.ledger_mut(field).confirm(None, vec![evidence.clone()]);
            self.note(field, kind);
        }
        self.await_yes(field, Value::Address(value), matches, evidence);
        true
    }

    /// A whole address that is not the one held, said at the head of the agent's turn: what the agent has understood; a yes to it settles
    /// it against what the recogniser wrote of the caller's.
    fn say_another(&mut self, heard: &mut Heard, mention: &AddressMention) -> bool {
        let whole = mention.address.number.is_some() && mention.address.street.is_some();
        let asked = self.asked_of(FieldType::Address, 1).map(|a| a.field);
        let Some(field) = asked.or_else(|| self.last_address_field()) else {
            return false;
        };
        if !whole || mention.start > 4 || !self.spoken_within(field, heard, 2) {
            return false;
        }
        heard.take(mention.start, mention.end);
        let evidence = heard.evidence(Role::ReadsBack, mention.start, mention.end);
        self.await_yes(
            field,
            Value::Address(mention.address.clone()),
            true,
            evidence,
        );
        true
    }

    /// "And the house number on Avenue G?": the street, which the caller's number will belong to.
    fn street_in_question(&mut self, heard: &Heard) {
        let number = heard.says(words![
            "number",
            "where",
            "where's",
            "whereabouts",
            "address"
        ]);
        let Some(field) = self
            .field("service_address")
            .filter(|f| number && !self.pending.iter().any(|p| p.field == *f))
        else {
            return;
        };
        if let Some((street, from, to)) =
            address::street_named(heard).or_else(|| address::street_of_number(heard))
            && !heard.is_taken(from, to)
        {
            let evidence = heard.evidence(Role::ReadsBack, from, to);
            let value = Address {
                street: Some(street),
                ..Address::default()
            };
            self.await_yes(field, Value::Address(value), false, evidence);
        }
    }
}

/// Whether the digits of `few` stand in `many` in their order.
fn is_within(few: &str, many: &str) -> bool {
    let mut digits = many.bytes();
    few.bytes().all(|d| digits.any(|m| m == d))
}
