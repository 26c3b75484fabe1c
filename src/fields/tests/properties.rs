//! What must hold of any words: looking ahead changes nothing, the same words give the same bytes, nothing flickers, nothing panics, a
//! number said in any breaths is that number, and a mishearing never becomes a confirmed value.

use proptest::prelude::*;

use super::*;

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

/// Words that rules look for besides those of the cues, so that random turns reach deep into them.
const WORDS: &str = "five oh three one twenty hundred double for to no wait sorry yes right my name is number address elm street \
    avenue unit apartment b as in boy s m y t h smith maria monday next week at between and noon tomorrow morning the second call \
    me back leak gas what's your is that 503-555-0146 412 $450 3pm 9:30 not after before by june first dot at example com account \
    it's under with an e on end from corner of if i don't answer try gate code star highway 2026-03-28 \u{e9} o'brien okay mm-hm \
    won ate too thousand area again same this still ending extension fax his her husband landlord's this is i'm speaking de la \
    hyphen last spell mrs dr aetna llc against fired born nineteen sixty third either old new instead use cell and you who's";

#[test]
fn a_turn_that_breaks_off_before_its_town_is_heard() {
    let text = "1019 ridgelea street, the yellow one, in";
    for speaker in [Speaker::Agent, Speaker::Caller] {
        let mut f = Extractor::new(Vertical::builtin("home_services").unwrap(), context(None));
        hear(&mut f, speaker, 0, text);
        let place = f.field("service_address").and_then(|field| field.value);
        let street = place.and_then(|v| v.address()?.street.clone());
        let told = (speaker == Speaker::Caller).then(|| "Ridgelea Street".to_owned());
        assert_eq!(street, told);
    }
}

/// Half of these, half of the words of all cues.
fn words() -> Vec<&'static str> {
    let mut cues: Vec<&str> = include_str!("../data/cues.txt")
        .lines()
        .filter(|l| !l.starts_with(['@', '#']))
        .flat_map(|l| l.split(|c: char| !c.is_alphanumeric() && c != '\''))
        .filter(|w| !w.is_empty())
        .collect();
    cues.sort_unstable();
    cues.dedup();
    let own: Vec<&str> = WORDS.split_whitespace().collect();
    own.iter()
        .copied()
        .cycle()
        .take(cues.len())
        .chain(cues.iter().copied())
        .collect()
}

fn turns() -> impl Strategy<Value = Vec<(bool, String)>> {
    let word = prop_oneof![9 => proptest::sample::select(words()).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
    proptest::collection::vec(
        (
            any::<bool>(),
            proptest::collection::vec(word, 0..14).prop_map(|w| w.join(" ")),
        ),
        0..10,
    )
}

/// A number by the numbering plan, ten digits.
fn numbers() -> impl Strategy<Value = String> {
    "[2-9][02-9][0-9][2-9][0-9]{6}"
        .prop_filter("a number by the plan", |d| value::nanp(d).is_some())
}

/// How the groups of a number may be said: its digits one by one or written, in three, two or one breath.
fn spoken(digits: &str, written: bool) -> String {
    const NAMES: [&str; 10] = [
        "oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    if written {
        return digits.to_owned();
    }
    digits
        .bytes()
        .map(|b| NAMES[usize::from(b - b'0')])
        .collect::<Vec<_>>()
        .join(" ")
}

fn hear(f: &mut Extractor, speaker: Speaker, segment: u32, text: &str) {
    let start = u64::from(segment) * 2000;
    let words = words_of_text(text, start, start + 1500);
    f.hear(&Turn {
        speaker,
        segment,
        start_ms: start,
        end_ms: start + 1500,
        words: &words,
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

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

    /// A value does not change without words of content: silence and sounds leave every field as it is.
    #[test]
    fn nothing_flickers(turns in turns(), which in 0usize..4, sound in proptest::sample::select(vec!["", "uh", "um, er"])) {
        let name = Vertical::builtin_names().nth(which).unwrap();
        let mut f = Extractor::new(Vertical::builtin(name).unwrap(), context(None));
        for (i, (agent, text)) in turns.iter().enumerate() {
            hear(&mut f, if *agent { Speaker::Agent } else { Speaker::Caller }, i as u32, text);
        }
        let before: Vec<_> = f.fields().map(|f| f.value).collect();
        hear(&mut f, Speaker::Caller, 99, sound);
        prop_assert_eq!(before, f.fields().map(|f| f.value).collect::<Vec<_>>());
    }

    /// A number said in one, two or three breaths, written or spoken, with listening between, is that number.
    #[test]
    fn a_number_in_any_breaths_is_that_number(digits in numbers(), cuts in proptest::sample::select(vec![vec![10], vec![3, 7], vec![6, 4], vec![3, 3, 4], vec![3, 3, 2, 2]]), written in any::<bool>(), follow in proptest::sample::select(vec!["mm-hm", "okay", "uh huh", "got it", "go ahead"])) {
        let mut f = Extractor::new(Vertical::builtin("home_services").unwrap(), context(None));
        hear(&mut f, Speaker::Agent, 0, "what's a good number for you");
        let (mut at, mut segment) = (0, 1);
        for n in cuts {
            hear(&mut f, Speaker::Caller, segment, &spoken(&digits[at..at + n], written));
            hear(&mut f, Speaker::Agent, segment + 1, follow);
            at += n;
            segment += 2;
        }
        let field = f.field("callback_number").unwrap();
        prop_assert_eq!(field.value.and_then(|v| v.text().map(str::to_owned)), Some(format!("+1{digits}")));
    }

    /// The agent reads a number back with a digit wrong: whatever the caller answers short of the right digits, nothing counts as
    /// confirmed, and the agent's version never replaces the caller's.
    #[test]
    fn a_mishearing_is_never_confirmed(digits in numbers(), at in 3usize..10, by in 1u8..10, written in any::<bool>(), asks in any::<bool>(), answer in proptest::sample::select(vec!["yes", "yeah", "uh huh", "that's right", "mm-hm", "okay", "correct", "sounds good", "no", "thank you", "and can you come today", ""])) {
        let mut wrong = digits.clone().into_bytes();
        wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
        let wrong = String::from_utf8(wrong).unwrap();
        let mut f = Extractor::new(Vertical::builtin("home_services").unwrap(), context(None));
        hear(&mut f, Speaker::Agent, 0, "what's a good number for you");
        hear(&mut f, Speaker::Caller, 1, &spoken(&digits, written));
        hear(&mut f, Speaker::Agent, 2, &format!("{}{}", spoken(&wrong, written), if asks { " is that right" } else { "" }));
        hear(&mut f, Speaker::Caller, 3, answer);
        hear(&mut f, Speaker::Agent, 4, "alright");
        let field = f.field("callback_number").unwrap();
        prop_assert_ne!(field.status, Status::Confirmed);
        prop_assert_eq!(field.value.and_then(|v| v.text().map(str::to_owned)), Some(format!("+1{digits}")));
    }

    /// Read back right in one breath or in groups and agreed to, it is confirmed.
    #[test]
    fn a_right_read_back_is_confirmed(digits in numbers(), groups in any::<bool>(), written in any::<bool>(), answer in proptest::sample::select(vec!["yes", "yeah", "uh huh", "that's right", "mm-hm", "correct", "yep that's it", "you got it"])) {
        let mut f = Extractor::new(Vertical::builtin("home_services").unwrap(), context(None));
        hear(&mut f, Speaker::Agent, 0, "what's a good number for you");
        hear(&mut f, Speaker::Caller, 1, &spoken(&digits, written));
        let parts: Vec<&str> = if groups { vec![&digits[..3], &digits[3..6], &digits[6..]] } else { vec![&digits] };
        let mut segment = 2;
        for part in parts {
            hear(&mut f, Speaker::Agent, segment, &spoken(part, written));
            hear(&mut f, Speaker::Caller, segment + 1, answer);
            segment += 2;
        }
        let field = f.field("callback_number").unwrap();
        prop_assert_eq!(field.status, Status::Confirmed);
        prop_assert_eq!(field.value.and_then(|v| v.text().map(str::to_owned)), Some(format!("+1{digits}")));
    }
}

/// Random turns through all verticals without a panic, confidences in range, confirmed numbers by the numbering plan. `OFFHOOK_FUZZ`
/// says how many turns; ten million take some minutes with
/// `OFFHOOK_FUZZ=10000000 cargo test --release --locked --lib fields::tests::properties::fuzzed -- --nocapture`.
#[test]
fn fuzzed_turns_do_not_panic() {
    let turns: u64 = std::env::var("OFFHOOK_FUZZ")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(4_000);
    let words = words();
    let verticals: Vec<_> = Vertical::builtin_names()
        .map(|n| Vertical::builtin(n).unwrap())
        .collect();
    // xorshift64: the same turns every time, on every machine.
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below.max(1) as u64) as usize
    };
    let mut heard = 0;
    while heard < turns {
        let vertical = verticals[random(verticals.len())].clone();
        let id = (random(2) == 0).then_some("+15125550142");
        let mut f = Extractor::new(vertical, context(id));
        for segment in 0..24 {
            let speaker = if random(2) == 0 {
                Speaker::Agent
            } else {
                Speaker::Caller
            };
            let mut text = String::new();
            for _ in 0..random(16) {
                match random(24) {
                    0 => text.push(char::from_u32(random(0x2_0000) as u32).unwrap_or('?')),
                    1 => text.push_str(&random(100_000_000).to_string()),
                    2 => text.push_str([".", ",", "?", "-", "...", "!"][random(6)]),
                    _ => text.push_str(words[random(words.len())]),
                }
                text.push(' ');
            }
            hear(&mut f, speaker, segment, &text);
            heard += 1;
        }
        f.finish();
        for field in f.fields() {
            assert!((0.0..=1.0).contains(&field.confidence), "{}", field.name);
            if field.status == Status::Confirmed && field.ty == FieldType::Phone {
                let digits = field.value.and_then(|v| v.text().map(str::to_owned));
                assert!(digits.is_some_and(|d| value::e164(&d).is_some()));
            }
        }
        assert!(f.prompts().len() <= 3);
    }
}
