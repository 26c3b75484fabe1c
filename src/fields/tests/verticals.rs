//! Verticals written from scratch, and mistakes in them.

use super::*;

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

/// Each mistake with its line, a word of what is said about it, and the name proposed.
#[test]
fn names_that_do_not_exist_are_found_wherever_they_stand() {
    let head = "[[fields]]\nname = \"gate\"\ntype = \"code\"\n";
    let cases: [(&str, usize, &str, Option<&str>); 9] = [
        (
            "sources = [\"caller_sad\"]\n",
            4,
            "source",
            Some("caller_said"),
        ),
        (
            "read_back = \"Is it {vlaue}?\"\n",
            4,
            "nothing fills",
            Some("value"),
        ),
        ("pattern = \"[A-Z]+\"\n", 4, "pattern", None),
        (
            "[[fields]]\nname = \"gate\"\ntype = \"text\"\n",
            5,
            "declared twice",
            None,
        ),
        (
            "[[fields]]\nname = \"kind\"\ntype = \"choice\"\nchoices = [{ id = \"a\" }, { id = \"a\" }]\n",
            7,
            "twice",
            None,
        ),
        (
            "[[fields]]\nname = \"kind\"\ntype = \"choice\"\nchoices = [{ id = \"a\", phrases = [\"green\"] }, { id = \"b\", phrases = [\"green\"] }]\n",
            7,
            "stands for",
            None,
        ),
        (
            "[[escalations]]\nid = \"x\"\nwhen = { field = \"gaet\", status = \"heard\" }\n",
            6,
            "not declared",
            Some("gate"),
        ),
        (
            "[[escalations]]\nid = \"x\"\nwhen = { field = \"gate\", status = \"herd\" }\n",
            6,
            "status",
            Some("heard"),
        ),
        ("[outcomes]\nbooked = \"x\"\n", 4, "two brackets", None),
    ];
    for (text, line, says, hint) in cases {
        let errors = Vertical::from_toml("x", &format!("{head}{text}")).unwrap_err();
        assert_eq!(errors[0].line, Some(line), "{errors:?}");
        assert!(errors[0].message.contains(says), "{errors:?}");
        assert_eq!(errors[0].hint.as_deref(), hint, "{errors:?}");
    }
}

#[test]
fn all_mistakes_are_named_at_once() {
    let errors = Vertical::from_toml(
        "x",
        "[[fields]]\nname = \"a\"\ntype = \"phon\"\nrequird = true\npolicy = \"synch\"\n",
    )
    .unwrap_err();
    let lines: Vec<_> = errors.iter().map(|e| e.line).collect();
    assert_eq!(lines, [Some(3), Some(4), Some(5)]);
}
