//! Whatever comes over the socket, nothing panics and the counts agree. The body is that of the fuzz target `socket_message`.
//!
//! `OFFHOOK_FUZZ_CASES` sets the number of sockets tried (each up to forty messages in three dialects).

#[path = "socket_messages/body.rs"]
mod body;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const RECORDED: [&str; 3] = [
    include_str!("../fixtures/wire/twilio.jsonl"),
    include_str!("../fixtures/wire/signalwire.jsonl"),
    include_str!("../fixtures/wire/telnyx.jsonl"),
];

/// A message that was recorded, whole or with something done to it, or one made of its parts, or noise.
fn line() -> impl Strategy<Value = String> {
    let recorded: Vec<String> = RECORDED
        .iter()
        .flat_map(|file| file.lines())
        .map(str::to_owned)
        .collect();
    let number = prop_oneof![
        4 => (0i64..400).prop_map(|n| (n * 20).to_string()),
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => "[0-9eE.+\\-]{0,24}",
    ];
    let made = (number.clone(), number, prop_oneof!["inbound", "outbound", "inbound_track", ".{0,6}"], "[A-Za-z0-9+/=]{0,240}", any::<bool>()).prop_map(
        |(timestamp, sequence, track, payload, quoted)| {
            let q = if quoted { "\"" } else { "" };
            format!(
                r#"{{"event":"media","sequenceNumber":{q}{sequence}{q},"sequence_number":{q}{sequence}{q},"media":{{"track":"{track}","timestamp":{q}{timestamp}{q},"payload":"{payload}"}}}}"#
            )
        },
    );
    let changed = (
        proptest::sample::select(recorded.clone()),
        any::<proptest::sample::Index>(),
        any::<proptest::sample::Index>(),
        ".{0,8}",
    )
        .prop_map(|(line, from, to, text)| {
            let mut chars: Vec<char> = line.chars().collect();
            let (a, b) = (from.index(chars.len()), to.index(chars.len()));
            chars.splice(a.min(b)..a.max(b).min(a.min(b) + 12), text.chars());
            chars.into_iter().collect()
        });
    prop_oneof![3 => proptest::sample::select(recorded), 6 => made, 4 => changed, 1 => ".{0,80}"]
}

#[test]
fn nothing_on_the_socket_makes_it_panic() {
    let cases = std::env::var("OFFHOOK_FUZZ_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(400);
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&proptest::collection::vec(line(), 0..40), |lines| {
            body::socket(lines.join("\n").as_bytes());
            Ok(())
        })
        .unwrap();
}
