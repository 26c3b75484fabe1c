//! Whole dialogues through the public API: the hard cases as a specification, verticals written from scratch, and the properties.

mod dialogues;
mod people;
mod properties;
mod verticals;

use std::sync::Arc;

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
