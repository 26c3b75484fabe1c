//! What is masked, and what is left alone.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const ALL: [Sensitive; 3] = [Sensitive::CardNumber, Sensitive::CardCvv, Sensitive::UsSsn];

/// Utterances, `>` before the agent's; a word takes 300 ms.
fn call(said: &[&str]) -> Vec<(Speaker, Vec<Word>)> {
    let mut at_ms = 0;
    said.iter()
        .map(|line| {
            let (speaker, text) = match line.strip_prefix('>') {
                Some(text) => (Speaker::Agent, text),
                None => (Speaker::Caller, *line),
            };
            let words = text
                .split_whitespace()
                .map(|w| {
                    at_ms += 300;
                    Word {
                        w: w.to_owned(),
                        start_ms: at_ms,
                        end_ms: at_ms + 250,
                        p: 0.9,
                    }
                })
                .collect();
            (speaker, words)
        })
        .collect()
}

fn lines(call: &[(Speaker, Vec<Word>)]) -> Vec<Line<'_>> {
    (0..)
        .zip(call)
        .map(|(segment, (speaker, words))| Line {
            segment,
            speaker: *speaker,
            words,
        })
        .collect()
}

/// The transcript as it is stored.
fn stored(said: &[&str]) -> Vec<String> {
    let call = call(said);
    let spans = find(&lines(&call), &ALL);
    (0..)
        .zip(&call)
        .map(|(seq, (_, words))| {
            let mut segment = json!({ "seq": seq, "text": words.iter().map(|w| w.w.as_str()).collect::<Vec<_>>().join(" "), "words": words });
            mask_segment(&mut segment, &spans);
            assert_eq!(segment["words"].as_array().unwrap().len(), words.len());
            segment["text"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[track_caller]
fn untouched(said: &[&str]) {
    let plain: Vec<&str> = said
        .iter()
        .map(|line| line.trim_start_matches('>'))
        .collect();
    assert_eq!(stored(said), plain);
}

#[test]
fn a_written_card_number_is_masked_wherever_it_stands() {
    assert_eq!(
        stored(&["it is 4111 1111 1111 1111 thanks"]),
        ["it is [card number] thanks"]
    );
    assert_eq!(stored(&["4111-1111-1111-1111."]), ["[card number]"]);
    assert_eq!(stored(&["378282246310005"]), ["[card number]"]);
}

#[test]
fn a_spoken_card_number_is_masked_over_several_utterances() {
    assert_eq!(
        stored(&[
            ">what's the card number",
            "sure it's four one one one",
            ">mm-hm",
            "one one one one um one one one one",
            ">okay",
            "and then one one one one expires twelve twenty six",
        ]),
        [
            "what's the card number",
            "sure it's [card number]",
            "mm-hm",
            "[card number]",
            "okay",
            "and then [card number] expires twelve twenty six",
        ]
    );
}

#[test]
fn pairs_and_doubles_are_digits_too() {
    // 5555 5555 5555 4444, and 4012 8888 8888 1881.
    assert_eq!(
        stored(&[
            "my mastercard is double five double five fifty five fifty five quadruple five double four forty four"
        ]),
        ["my mastercard is [card number]"]
    );
    assert_eq!(
        stored(&[
            "visa forty twelve triple eight eight eight eight eighty eight eighteen eighty one"
        ]),
        ["visa [card number]"]
    );
}

#[test]
fn a_card_number_with_a_misheard_digit_is_masked_where_cards_are_spoken_of() {
    assert_eq!(
        stored(&[
            ">and your credit card",
            "four one one one two two one one one one one one one one one one"
        ]),
        ["and your credit card", "[card number]"]
    );
    untouched(&["the order is four one one one two two one one one one one one one one one one"]);
}

#[test]
fn the_read_back_is_masked_as_well() {
    let stored = stored(&[
        "the card is 4242 4242 4242 4242",
        ">so that's four two four two four two four two four two four two four two four two",
    ]);
    assert_eq!(
        stored,
        ["the card is [card number]", "so that's [card number]"]
    );
}

#[test]
fn a_security_code_is_masked_beside_a_card_and_a_gate_code_is_not() {
    assert_eq!(
        stored(&[
            "visa 4111 1111 1111 1111",
            ">and the security code on the back",
            "one two three"
        ]),
        [
            "visa [card number]",
            "and the security code on the back",
            "[card code]"
        ]
    );
    untouched(&["the gate's security code is one two three four"]);
}

#[test]
fn a_social_security_number_is_masked_where_it_is_spoken_of() {
    assert_eq!(
        stored(&[
            ">and your social",
            "one two three",
            ">go ahead",
            "four five six seven eight nine"
        ]),
        [
            "and your social",
            "[social security number]",
            "go ahead",
            "[social security number]"
        ]
    );
    assert_eq!(
        stored(&[
            ">what are the last four of your social",
            "six seven eight nine"
        ]),
        [
            "what are the last four of your social",
            "[social security number]"
        ]
    );
    assert_eq!(stored(&["123-45-6789"]), ["[social security number]"]);
}

#[test]
fn other_numbers_stay() {
    untouched(&["my number is five one two five five five oh one eight seven"]);
    untouched(&["call 512-555-0187 or 5125550187"]);
    untouched(&["412 oak street austin texas 78701-1234"]);
    untouched(&["the account is 123456789"]);
    untouched(&["member id nine eight seven six five four three two one"]);
    untouched(&["666-12-1234 is no number anybody has"]);
    untouched(&["my card was declined and I paid two hundred and forty dollars"]);
}

#[test]
fn nothing_is_masked_that_is_not_asked_for() {
    let call =
        call(&["visa 4111 1111 1111 1111 social one two three four five six seven eight nine"]);
    assert_eq!(find(&lines(&call), &[]), []);
    let kinds: Vec<_> = find(&lines(&call), &[Sensitive::UsSsn])
        .iter()
        .map(|span| span.kind)
        .collect();
    assert_eq!(kinds, [Sensitive::UsSsn]);
}

#[test]
fn a_record_is_masked_through_and_through() {
    let call =
        call(&["my card is four one one one one one one one one one one one one one one one ok"]);
    let lines = lines(&call);
    let spans = find(&lines, &ALL);
    let evidence = json!([{ "turn": 0, "word_from": 2, "word_to": 8, "text": "is four one one one one", "role": "states" }]);
    let mut record = json!({
        "id": "rec_4111-1111-1111-1111",
        "fields": {
            "account_number": {
                "value": "41111", "raw": "four one one one one", "display": "41111", "evidence": evidence,
                "history": [{ "value": "411", "at_ms": 3 }],
            },
            "tasks": { "value": [{ "text": "charge four one one one one one one one one one one one one one one one" }], "evidence": [] },
            "callback_number": { "value": "+15125550187", "raw": "five one two five five five oh one eight seven", "evidence": [] },
        },
        "summary": { "text": "Pays with 4111 1111 1111 1111 on Friday." },
    });
    mask_record(&mut record, &lines, &spans, &ALL);
    let text = record["fields"].to_string() + &record["summary"].to_string();
    assert!(
        !text.contains("4111") && !text.contains("four one") && !text.contains("\"411\""),
        "{text}"
    );
    assert_eq!(record["id"], "rec_4111-1111-1111-1111");
    assert_eq!(
        record["fields"]["account_number"]["evidence"][0]["text"],
        "is [card number]"
    );
    assert_eq!(record["fields"]["callback_number"]["value"], "+15125550187");
    assert_eq!(
        record["summary"]["text"],
        "Pays with [card number] on Friday."
    );
    assert_eq!(
        record["fields"]["tasks"]["value"][0]["text"],
        "charge [card number]"
    );
}

#[test]
fn a_text_from_elsewhere_is_masked() {
    assert_eq!(
        mask_text("call back about 4111111111111111", &ALL).as_deref(),
        Some("call back about [card number]")
    );
    assert_eq!(mask_text("call back at 5125550187 tomorrow", &ALL), None);
}

proptest! {
    #[test]
    fn any_words_are_searched_and_spans_lie_within_them(said in proptest::collection::vec("[>]?([a-z0-9'.-]{1,8} |one |four |double |forty |card |social ){0,30}", 0..6)) {
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        let call = call(&said);
        for span in find(&lines(&call), &ALL) {
            let words = &call[span.segment as usize].1;
            prop_assert!(span.word_from < span.word_to && span.word_to as usize <= words.len());
        }
    }

    #[test]
    fn every_written_card_number_is_found(body in "[0-9]{14}") {
        let mut digits = format!("4{body}");
        let check = (0..10).find(|check| luhn(&format!("{digits}{check}"))).unwrap();
        digits.push_str(&check.to_string());
        prop_assert_eq!(stored(&[&format!("it is {digits} yes")]), ["it is [card number] yes"]);
        let spoken: Vec<&str> = digits.bytes().map(|b| ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][usize::from(b - b'0')]).collect();
        prop_assert_eq!(stored(&[&format!("my card {}", spoken.join(" "))]), ["my card [card number]"]);
    }
}
