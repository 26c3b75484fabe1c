//! Whole dialogues through the public API: the hard cases as a specification, verticals written from scratch, and the properties.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

fn context(caller_id: Option<&str>) -> Context {
    Context {
        started_at: "2026-03-26T15:00:00Z".parse().unwrap(),
        timezone: jiff::tz::TimeZone::get("America/Chicago").unwrap(),
        caller_id: caller_id.map(str::to_owned),
        business: Business {
            name: "Acme".into(),
            area_code: Some("503".into()),
            city: Some("Austin".into()),
            state: Some("TX".into()),
            ..Business::default()
        },
    }
}

/// Plays "A ..." and "C ..." lines; `id` is caller ID.
fn play(vertical: &str, id: Option<&str>, lines: &[&str]) -> Extractor {
    play_in(Vertical::builtin(vertical).unwrap(), id, lines)
}

fn play_in(vertical: Arc<Vertical>, id: Option<&str>, lines: &[&str]) -> Extractor {
    let mut extractor = Extractor::new(vertical, context(id));
    for (i, line) in lines.iter().enumerate() {
        let (who, text) = line.split_at(2);
        let speaker = if who.starts_with('A') {
            Speaker::Agent
        } else {
            Speaker::Caller
        };
        let start = i as u64 * 4000;
        let words = words_of_text(text, start, start + 3000);
        extractor.hear(&Turn {
            speaker,
            segment: i as u32,
            start_ms: start,
            end_ms: start + 3000,
            words: &words,
        });
    }
    extractor.finish();
    extractor
}

fn phone(lines: &[&str]) -> (Option<String>, Status) {
    let f = play("home_services", None, lines)
        .field("callback_number")
        .unwrap();
    (f.value.and_then(|v| v.text().map(str::to_owned)), f.status)
}

fn name(lines: &[&str]) -> (Option<String>, Status) {
    let f = play("home_services", None, lines)
        .field("caller_name")
        .unwrap();
    (f.value.and_then(|v| v.text().map(str::to_owned)), f.status)
}

fn address(lines: &[&str]) -> (Address, Status) {
    let f = play("home_services", None, lines)
        .field("service_address")
        .unwrap();
    (
        f.value
            .and_then(|v| v.address().cloned())
            .unwrap_or_default(),
        f.status,
    )
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_shipped_verticals_load() {
    for name in Vertical::builtin_names() {
        let source = Vertical::builtin_source(name).unwrap();
        if let Err(errors) = Vertical::from_toml(name, source) {
            panic!(
                "{name}: {}",
                errors
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join("; ")
            );
        }
    }
}

#[test]
fn spoken_numbers_become_the_callback_number() {
    let ask = "A what's the best number to reach you";
    assert_eq!(
        phone(&[ask, "C five oh three five five five oh one four six"]),
        (some("+15035550146"), Status::Heard)
    );
    assert_eq!(
        phone(&[ask, "C five oh three triple five double one eighty three"]),
        (some("+15035551183"), Status::Heard)
    );
    assert_eq!(
        phone(&[ask, "C it's 630 555 oh 132"]),
        (some("+16305550132"), Status::Heard)
    );
    assert_eq!(
        phone(&[ask, "C eight hundred five five five oh one nine nine"]),
        (some("+18005550199"), Status::Heard)
    );
    assert_eq!(
        phone(&[ask, "C oh it leaks all over the floor"]),
        (None, Status::Missing)
    );
    // Seven digits are completed and say so.
    assert_eq!(
        phone(&[ask, "C five five five oh one nine four"]),
        (some("+15035550194"), Status::Inferred)
    );
}

#[test]
fn a_number_in_breaths_counts_once_it_is_whole() {
    let breaths = [
        "A and your phone number",
        "C five oh three",
        "A mm-hm",
        "C five five five",
        "A five five five",
        "C oh one four six",
    ];
    for n in 2..6 {
        assert_eq!(phone(&breaths[..n]).0, None, "{n}");
    }
    assert_eq!(phone(&breaths), (some("+15035550146"), Status::Heard));
    let f = play("home_services", None, &breaths)
        .field("callback_number")
        .unwrap();
    assert_eq!(
        f.evidence.iter().map(|e| e.turn).collect::<Vec<_>>(),
        [1, 3, 5]
    );
}

#[test]
fn read_back_and_yes_confirm_and_nothing_else_does() {
    let ask = [
        "A what is a good number",
        "C five oh three five five five oh one four six",
    ];
    let with = |more: &[&str]| phone(&[&ask, more].concat());
    assert_eq!(
        with(&[
            "A five zero three five five five zero one four six",
            "C uh-huh"
        ])
        .1,
        Status::Confirmed
    );
    assert_eq!(
        with(&["A 503-555-0146?", "C That's it."]).1,
        Status::Confirmed
    );
    assert_eq!(
        with(&["A ending in oh one four six", "C yep"]).1,
        Status::Confirmed
    );
    assert_eq!(with(&["A got it and the address"]).1, Status::Heard);
    // A wrong read-back repaired by the caller and repeated by the agent.
    assert_eq!(
        with(&[
            "A five oh three five five five oh one six four",
            "C no one four six",
            "A one four six got it"
        ]),
        (some("+15035550146"), Status::Confirmed)
    );
    // A wrong read-back that is waved through settles nothing.
    assert_eq!(
        with(&["A five oh three five five five oh one six four", "C yes"]).1,
        Status::Conflicting
    );
    assert_eq!(
        with(&[
            "A five oh three five five five oh one six four",
            "C and can you come today"
        ]),
        (some("+15035550146"), Status::Heard)
    );
}

#[test]
fn corrections_replace_what_they_align_with() {
    let ask = "A a number for you";
    assert_eq!(
        phone(&[
            ask,
            "C five oh three five five five oh one four six no wait sorry oh one six four"
        ])
        .0,
        some("+15035550164")
    );
    assert_eq!(
        phone(&[
            ask,
            "C five oh three five five no sorry five six five oh one four six"
        ])
        .0,
        some("+15035650146")
    );
    assert_eq!(
        phone(&[
            "A is it still 503-555-0146?",
            "C hang on i changed phones the last four are 2266 now"
        ])
        .0,
        some("+15035552266")
    );
}

#[test]
fn other_numbers_are_not_the_callback_number() {
    assert_eq!(
        phone(&["C my account number is five oh three five five five oh one four six"]).0,
        None
    );
    assert_eq!(
        phone(&[
            "A the gas company is eight hundred five five five oh one nine nine",
            "C eight hundred five five five oh one nine nine okay"
        ])
        .0,
        None
    );
    assert_eq!(
        phone(&["C my landlord's number is five oh three five five five oh one four six"]).0,
        None
    );
    assert_eq!(
        phone(&["A hang up and call nine one one", "C okay nine one one"]).0,
        None
    );
    let f = play(
        "home_services",
        None,
        &[
            "A best number",
            "C well home is five oh three five five five oh one one one but use my cell five oh three five five five oh two two two",
        ],
    );
    assert_eq!(
        f.field("callback_number").unwrap().value.unwrap().text(),
        Some("+15035550222")
    );
    assert_eq!(
        f.field("alternate_number").unwrap().value.unwrap().text(),
        Some("+15035550111")
    );
}

#[test]
fn caller_id_is_inferred_until_it_is_spoken_of() {
    let id = Some("+15125550142");
    let status = |lines: &[&str]| {
        play("home_services", id, lines)
            .field("callback_number")
            .unwrap()
            .status
    };
    assert_eq!(status(&["C hi my sink leaks"]), Status::Inferred);
    assert_eq!(
        status(&[
            "A what number can we call you back on",
            "C the number i'm calling from"
        ]),
        Status::Confirmed
    );
    assert_eq!(
        status(&["A and is the number you're calling from good", "C yeah"]),
        Status::Confirmed
    );
    assert_eq!(
        phone(&[
            "A what number can we call you back on",
            "C this number's fine"
        ]),
        (None, Status::Missing)
    );
}

#[test]
fn names_bare_spelled_amended_and_repaired() {
    let ask = "A may i have your name";
    assert_eq!(name(&[ask, "C irene"]).0, some("Irene"));
    assert_eq!(
        name(&["C hi i'm so sorry i'm at work and i'm upset"]).0,
        None
    );
    assert_eq!(
        name(&[
            ask,
            "C bevan brody",
            "A is that b r a d y",
            "C no it's b as in boy r o d as in dog y"
        ])
        .0,
        some("Bevan Brody")
    );
    assert_eq!(
        name(&[ask, "C nils smith s m y t h e"]).0,
        some("Nils Smythe")
    );
    assert_eq!(
        name(&[ask, "C petra clark with an e on the end"]).0,
        some("Petra Clarke")
    );
    assert_eq!(
        name(&[ask, "C it's under pam well pamela begay"]).0,
        some("Pamela Begay")
    );
    assert_eq!(
        name(&[
            "C hello this is ifeoma i need a plumber",
            "A and what's the last name",
            "C adeyemi"
        ])
        .0,
        some("Ifeoma Adeyemi")
    );
    assert_eq!(
        name(&["A this is marcus", "C hey marcus my sink is clogged"]).0,
        None
    );
}

#[test]
fn addresses_in_every_spoken_form() {
    let ask = "A what's the address";
    let number_and_street = |said: &str| {
        let (a, _) = address(&[ask, said]);
        (
            a.number.unwrap_or_default(),
            a.street.unwrap_or_default(),
            a.unit,
        )
    };
    let want =
        |n: &str, s: &str, u: Option<&str>| (n.to_owned(), s.to_owned(), u.map(str::to_owned));
    assert_eq!(
        number_and_street("C ninety one oh eight west colfax avenue"),
        want("9108", "West Colfax Avenue", None)
    );
    assert_eq!(
        number_and_street("C it's twelve hundred barton springs road apartment nine d"),
        want("1200", "Barton Springs Road", Some("9D"))
    );
    assert_eq!(
        number_and_street("C three nineteen hertel avenue unit seven no eight"),
        want("319", "Hertel Avenue", Some("8"))
    );
    assert_eq!(
        number_and_street("C thirty oh seven elm street unit f as in frank"),
        want("3007", "Elm Street", Some("F"))
    );
    assert_eq!(
        number_and_street("C 5621 county road 109"),
        want("5621", "County Road 109", None)
    );
    assert_eq!(
        number_and_street("C the corner of vine and canal"),
        want("", "Vine and Canal", None)
    );
    assert_eq!(
        number_and_street("C seven thirty one northeast ninety fourth street"),
        want("731", "Northeast 94th Street", None)
    );
    let (a, status) = address(&[
        ask,
        "C twenty two fourteen barton hills drive",
        "A twenty two fourteen barton hills drive here in austin",
        "C yep exactly",
    ]);
    assert_eq!((a.city, status), (some("Austin"), Status::Confirmed));
    let (a, _) = address(&[ask, "C fourteen maplewood not maple grove lane"]);
    assert!(a.street.is_none_or(|s| !s.contains("Grove")));
}

#[test]
fn urgency_hears_what_is_meant() {
    let urgency = |lines: &[&str]| {
        play("home_services", None, lines)
            .field("urgency")
            .unwrap()
            .value
            .and_then(|v| v.text().map(str::to_owned))
    };
    assert_eq!(
        urgency(&["C ants in the kitchen no emergency or anything"]),
        some("routine")
    );
    assert_eq!(
        urgency(&[
            "C my drain is slow if it floods again then i'd call that an emergency but it's just annoying"
        ]),
        some("routine")
    );
    assert_eq!(
        urgency(&["C i smell gas in the basement"]),
        some("emergency")
    );
    assert_eq!(
        urgency(&[
            "C a pipe burst and water's pouring through the ceiling",
            "C okay we turned the main off it's under control"
        ]),
        some("urgent")
    );
}

#[test]
fn appointments_are_what_both_sides_agree_on() {
    // The call is on Thursday, 26 March 2026, ten in the morning.
    let time = |lines: &[&str]| {
        let f = play("clinic", None, lines).field("preferred_time").unwrap();
        let start = match f.value {
            Some(Value::Window(w)) => w.start,
            _ => None,
        };
        (start, f.status)
    };
    assert_eq!(
        time(&[
            "A i have friday at nine or monday at eleven",
            "C the second one"
        ]),
        (some("2026-03-30T11:00:00-05:00"), Status::Confirmed)
    );
    assert_eq!(
        time(&[
            "A i have tuesday at nine",
            "C could we do wednesday at one thirty",
            "A wednesday at one thirty works"
        ]),
        (some("2026-04-01T13:30:00-05:00"), Status::Confirmed)
    );
    assert_eq!(
        time(&[
            "A when would you like to come",
            "C a week from monday at ten"
        ])
        .0,
        some("2026-04-06T10:00:00-05:00")
    );
    assert_eq!(
        time(&["A when would you like to come", "C thursday after three"]).0,
        some("2026-04-02T15:00:00-05:00")
    );
}

#[test]
fn refusals_are_kept_as_such() {
    let f = play(
        "clinic",
        None,
        &[
            "A and your date of birth",
            "C i'd rather not say on the phone",
        ],
    );
    assert_eq!(f.field("date_of_birth").unwrap().status, Status::Declined);
    let f = play(
        "clinic",
        None,
        &[
            "A and your date of birth",
            "C i'd rather not say on the phone",
            "C oh alright june first nineteen eighty",
        ],
    );
    assert_eq!(
        f.field("date_of_birth").unwrap().value.unwrap().text(),
        Some("1980-06-01")
    );
}

#[test]
fn pitches_and_wrong_numbers_leave_nothing() {
    let f = play(
        "home_services",
        Some("+15125550142"),
        &[
            "A acme",
            "C this is a final notice about your extended warranty press one to speak to an agent",
        ],
    );
    assert_eq!(f.outcome().code, Code::Spam);
    assert!(f.fields().all(|f| f.value.is_none()));
    let f = play(
        "home_services",
        None,
        &[
            "A acme plumbing",
            "C can i get a large pepperoni",
            "A you have the wrong number",
            "C sorry",
        ],
    );
    assert_eq!(f.outcome().code, Code::WrongNumber);
}

const VET: &str = r#"
title = "Veterinary practice"
[[fields]]
name = "caller_name"
type = "person_name"
required = true
[[fields]]
name = "callback_number"
type = "phone"
required = true
importance = "critical"
confirm = "always"
[[fields]]
name = "pet_name"
type = "text"
required = true
ask = "What is your pet called?"
asked_by = ["[pets|his|her|dogs|cats] name", "pet called"]
[[fields]]
name = "species"
type = "choice"
choices = [{ id = "dog", phrases = ["dog", "puppy"] }, { id = "cat", phrases = ["cat", "kitten"] }, { id = "rabbit" }]
[[fields]]
name = "weight_pounds"
type = "integer"
ask = "How many pounds does she weigh?"
asked_by = ["weigh", "how (heavy|big)"]
[[fields]]
name = "vaccinated"
type = "boolean"
asked_by = ["vaccinated", "shots up to date"]
[[escalations]]
id = "poison"
when = { any_phrase = ["ate (chocolate|rat poison|a lily)", "poisoned"] }
severity = "critical"
say = "Please come in now."
"#;

#[test]
fn a_veterinary_practice_needs_no_code() {
    let vertical = Arc::new(Vertical::from_toml("vet", VET).unwrap());
    let f = play_in(
        vertical,
        None,
        &[
            "A happy paws this is jo",
            "C hi my puppy ate chocolate",
            "A oh no what's her name",
            "C biscuit",
            "A and how much does she weigh",
            "C about forty two pounds",
            "A is she vaccinated",
            "C yes she is",
            "A may i have your name and number",
            "C dolores whitaker five oh three five five five oh one four six",
        ],
    );
    let text = |n: &str| {
        f.field(n)
            .unwrap()
            .value
            .and_then(|v| v.text().map(str::to_owned))
    };
    assert_eq!(text("pet_name"), some("biscuit"));
    assert_eq!(text("species"), some("dog"));
    assert_eq!(
        f.field("weight_pounds").unwrap().value,
        Some(Value::Integer(42))
    );
    assert_eq!(
        f.field("vaccinated").unwrap().value,
        Some(Value::Bool(true))
    );
    assert_eq!(text("caller_name"), some("Dolores Whitaker"));
    assert_eq!(text("callback_number"), some("+15035550146"));
    assert_eq!(f.escalations().len(), 1);
    assert_eq!(f.prompts()[0].field, "callback_number");
}

const TOWING: &str = r#"
[verticals.towing]
title = "Towing"
[[verticals.towing.fields]]
name = "callback_number"
type = "phone"
required = true
[[verticals.towing.fields]]
name = "location"
type = "address"
required = true
ask = "Where is the vehicle?"
asked_by = ["where (are you|is the (car|vehicle|truck))", "location"]
[[verticals.towing.fields]]
name = "license_plate"
type = "code"
asked_by = ["[license] plate [number]"]
phrases = ["plate [number]"]
[[verticals.towing.fields]]
name = "vehicle"
type = "text"
ask = "What kind of car is it?"
asked_by = ["(kind|make|type|model) of (car|vehicle|truck)", "what are you driving"]
[[verticals.towing.fields]]
name = "trouble"
type = "choice"
choices = [{ id = "flat_tire", phrases = ["flat [tire]"] }, { id = "no_start", phrases = ["wont start", "dead battery"] }, { id = "accident", phrases = ["accident", "crash"] }]
"#;

#[test]
fn a_towing_company_needs_no_code() {
    let all = Vertical::all_from_toml(TOWING).unwrap();
    let f = play_in(
        all["towing"].clone(),
        None,
        &[
            "A lone star towing",
            "C hey i've got a flat",
            "A where are you",
            "C eighteen hundred east riverside drive",
            "A what kind of car is it",
            "C it's a blue honda civic",
            "A and the license plate",
            "C k l m four two seven nine",
            "A a number for you",
            "C 503-555-0146",
        ],
    );
    let text = |n: &str| {
        f.field(n)
            .unwrap()
            .value
            .and_then(|v| v.text().map(str::to_owned))
    };
    assert_eq!(text("trouble"), some("flat_tire"));
    assert_eq!(
        f.field("location")
            .unwrap()
            .value
            .unwrap()
            .address()
            .unwrap()
            .line1(),
        "1800 East Riverside Drive"
    );
    assert_eq!(text("vehicle"), some("blue honda civic"));
    assert_eq!(text("license_plate"), some("KLM4279"));
    assert_eq!(text("callback_number"), some("+15035550146"));
}

#[test]
fn mistakes_in_a_vertical_are_named_with_line_and_hint() {
    let errors = Vertical::from_toml(
        "x",
        "[[fields]]\nname = \"a\"\ntype = \"phone\"\nrequird = true\n",
    )
    .unwrap_err();
    assert_eq!(errors[0].line, Some(4));
    assert_eq!(errors[0].hint.as_deref(), Some("required"));
    let errors = Vertical::from_toml(
        "x",
        "summary_order = [\"colour\"]\n[[fields]]\nname = \"color\"\ntype = \"text\"\n",
    )
    .unwrap_err();
    assert_eq!(
        (errors[0].line, errors[0].hint.as_deref()),
        (Some(1), Some("color"))
    );
    assert!(
        Vertical::from_toml(
            "x",
            "[[fields]]\nname = \"a\"\ntype = \"text\"\nphrases = [\"(open\"]\n"
        )
        .unwrap_err()[0]
            .to_string()
            .contains("not closed")
    );
}

#[test]
fn people_lock_fields() {
    let mut f = play("home_services", None, &["A your name", "C irene walsh"]);
    let act = |act, value: Option<&str>| PersonAction {
        act,
        field: "caller_name".into(),
        value: value.map(Into::into),
        who: "dana".into(),
        at_ms: 9000,
    };
    f.person(&act(PersonAct::Set, Some("Irene Walshe")))
        .unwrap();
    let words = words_of_text("my name is gerald fitz", 10_000, 12_000);
    f.hear(&Turn {
        speaker: Speaker::Caller,
        segment: 9,
        start_ms: 10_000,
        end_ms: 12_000,
        words: &words,
    });
    let field = f.field("caller_name").unwrap();
    assert_eq!(field.value.unwrap().text(), Some("Irene Walshe"));
    assert_eq!(field.suggestion.unwrap().text(), Some("Gerald Fitz"));
    assert!(
        matches!(f.person(&PersonAction { field: "caler_name".into(), ..act(PersonAct::Confirm, None) }), Err(PersonError::UnknownField { hint: Some(h), .. }) if h == "caller_name")
    );
}

#[test]
fn keys_and_gaps() {
    let mut f = play("home_services", None, &["A please key in your number"]);
    for (i, digit) in "5035550146".chars().enumerate() {
        f.key(digit, 10_000 + i as u64 * 300);
    }
    let field = f.field("callback_number").unwrap();
    assert_eq!(
        (field.value.unwrap().text(), field.evidence[0].role),
        (Some("+15035550146"), Role::Keyed)
    );
    let mut f = play(
        "home_services",
        None,
        &[
            "A best number",
            "C 503-555-0146",
            "A 503-555-0146?",
            "C yes",
        ],
    );
    assert_eq!(
        f.field("callback_number").unwrap().status,
        Status::Confirmed
    );
    f.gap(Speaker::Caller, 4500, 5000);
    assert_eq!(f.field("callback_number").unwrap().status, Status::Heard);
}

#[test]
fn prompts_climb_the_ladder_and_empty_themselves() {
    let start = [
        "A your name and number please",
        "C irene walsh 503-555-0146",
    ];
    let say = |f: &Extractor| {
        f.prompts()
            .into_iter()
            .find(|p| p.field == "callback_number")
            .map(|p| (p.level, p.say))
    };
    let f = play("home_services", None, &start);
    assert_eq!(
        say(&f),
        Some((
            1,
            "Let me read that back: 503, 555, 0146. Is that right?".into()
        ))
    );
    let f = play(
        "home_services",
        None,
        &[&start[..], &["A 503-555-0146?", "C no"]].concat(),
    );
    assert_eq!(say(&f), Some((2, "5 0 3 5 5 5 0 1 4 6.".into())));
    let f = play(
        "home_services",
        None,
        &[&start[..], &["A 503-555-0146?", "C yes"]].concat(),
    );
    assert_eq!(say(&f), None);
}

#[test]
fn every_sentence_of_the_summary_points_at_its_evidence() {
    let f = play(
        "home_services",
        None,
        &[
            "A acme",
            "C hi i've got a leak under my kitchen sink",
            "A your name",
            "C irene walsh",
            "A address",
            "C 12 elm street",
        ],
    );
    let summary = f.summary();
    assert!(
        summary.sentences.len() >= 3 && summary.sentences.iter().all(|s| !s.evidence.is_empty()),
        "{summary:?}"
    );
}

#[test]
fn huge_empty_and_foreign_text_is_handled() {
    let mut f = Extractor::new(Vertical::builtin("moving").unwrap(), context(None));
    let huge = "five oh three ".repeat(80_000);
    for text in [
        "",
        "   ",
        "\u{4f60}\u{597d} \u{440}\u{443}\u{441} \u{661}\u{662}\u{663}",
        "-- ' '' - / $ # *",
        huge.as_str(),
    ] {
        let words = words_of_text(text, 0, 1000);
        for speaker in [Speaker::Caller, Speaker::Agent] {
            f.hear(&Turn {
                speaker,
                segment: 0,
                start_ms: 0,
                end_ms: 1000,
                words: &words,
            });
        }
    }
    serde_json::to_string(&f.fields_by_name()).unwrap();
}

/// Words that rules look for, so that random turns reach deep into them.
const WORDS: &[&str] = &[
    "five",
    "oh",
    "three",
    "one",
    "twenty",
    "hundred",
    "double",
    "for",
    "to",
    "no",
    "wait",
    "sorry",
    "yes",
    "right",
    "my",
    "name",
    "is",
    "number",
    "address",
    "elm",
    "street",
    "avenue",
    "unit",
    "apartment",
    "b",
    "as",
    "in",
    "boy",
    "s",
    "m",
    "y",
    "t",
    "h",
    "smith",
    "maria",
    "monday",
    "next",
    "week",
    "at",
    "between",
    "and",
    "noon",
    "tomorrow",
    "morning",
    "the",
    "second",
    "call",
    "me",
    "back",
    "leak",
    "gas",
    "what's",
    "your",
    "is",
    "that",
    "503-555-0146",
    "412",
    "$450",
    "3pm",
    "9:30",
    "not",
    "after",
    "before",
    "by",
    "june",
    "first",
    "dot",
    "at",
    "example",
    "com",
    "account",
    "it's",
    "under",
    "with",
    "an",
    "e",
    "on",
    "end",
    "from",
    "corner",
    "of",
    "if",
    "i",
    "don't",
    "answer",
    "try",
    "gate",
    "code",
    "star",
    "highway",
    "2026-03-28",
    "\u{e9}",
    "o'brien",
    "okay",
    "mm-hm",
];

fn turns() -> impl Strategy<Value = Vec<(bool, String)>> {
    let word =
        prop_oneof![9 => proptest::sample::select(WORDS).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    proptest::collection::vec(
        (
            any::<bool>(),
            proptest::collection::vec(word, 0..14).prop_map(|w| w.join(" ")),
        ),
        0..10,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Looking ahead at every prefix of every turn changes nothing, and two runs give the same bytes.
    #[test]
    fn previews_change_nothing_and_replays_are_identical(turns in turns(), which in 0usize..4) {
        let name = Vertical::builtin_names().nth(which).unwrap();
        let vertical = Vertical::builtin(name).unwrap();
        let mut plain = Extractor::new(vertical.clone(), context(Some("+15125550142")));
        let mut looked = plain.clone();
        for (i, (agent, text)) in turns.iter().enumerate() {
            let speaker = if *agent { Speaker::Agent } else { Speaker::Caller };
            let words = words_of_text(text, i as u64 * 1000, i as u64 * 1000 + 900);
            let turn = Turn { speaker, segment: i as u32, start_ms: i as u64 * 1000, end_ms: i as u64 * 1000 + 900, words: &words };
            for n in 0..words.len() {
                let ahead = looked.preview(&Turn { words: &words[..n], ..turn });
                prop_assert!(ahead.fields().count() > 0);
            }
            prop_assert_eq!(plain.hear(&turn), looked.hear(&turn));
        }
        let a = serde_json::to_string(&(plain.fields_by_name(), plain.outcome(), plain.summary(), plain.prompts())).unwrap();
        let b = serde_json::to_string(&(looked.fields_by_name(), looked.outcome(), looked.summary(), looked.prompts())).unwrap();
        prop_assert_eq!(a, b);
    }

    /// A value does not change without words of content: listening sounds leave every field as it is.
    #[test]
    fn nothing_flickers(turns in turns()) {
        let mut f = Extractor::new(Vertical::builtin("home_services").unwrap(), context(None));
        for (i, (agent, text)) in turns.iter().enumerate() {
            let speaker = if *agent { Speaker::Agent } else { Speaker::Caller };
            let words = words_of_text(text, 0, 900);
            f.hear(&Turn { speaker, segment: i as u32, start_ms: 0, end_ms: 900, words: &words });
        }
        let before: Vec<_> = f.fields().map(|f| f.value).collect();
        let words = words_of_text("", 0, 100);
        f.hear(&Turn { speaker: Speaker::Caller, segment: 99, start_ms: 0, end_ms: 100, words: &words });
        prop_assert_eq!(before, f.fields().map(|f| f.value).collect::<Vec<_>>());
    }
}
