//! Whatever is in a journal file, it is read to its end. The body is that of the fuzz target `journal_reader`.
//!
//! `OFFHOOK_FUZZ_CASES` sets the number of files tried.

#[path = "journal_reader/body.rs"]
mod body;

use offhook::store::CallId;
use offhook::store::journal::{Journal, JournalSettings, Kind, Media};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// The files of two calls, made by the journal itself.
fn recorded() -> Vec<Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    let settings = JournalSettings {
        fsync: false,
        ..JournalSettings::default()
    };
    let (journal, _) = Journal::open(dir.path(), &settings).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    (1..=2)
        .map(|number| {
            let key = CallId::from_bytes([number; 16]);
            let (call, mut media) = (journal.call(key), journal.media(key));
            call.append(Kind::Opened, 1, b"{}".to_vec()).unwrap();
            for sequence in 0..4 {
                let payload = [0xC1; 160];
                media
                    .push(
                        2,
                        Media {
                            stream: 0,
                            track: 1,
                            sequence,
                            timestamp_ms: 20,
                            payload: &payload,
                        },
                    )
                    .unwrap();
            }
            call.append(Kind::Closed, 3, b"{\"reason\":\"caller_hangup\"}".to_vec())
                .unwrap();
            let split = runtime.block_on(journal.split(key)).unwrap();
            std::fs::read(split.path).unwrap()
        })
        .collect()
}

/// One thing that can happen to a file.
#[derive(Debug, Clone)]
enum Hurt {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Remove(prop::sample::Index, prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, prop::sample::Index),
}

fn hurt() -> impl Strategy<Value = Hurt> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        6 => (index(), 1_u8..).prop_map(|(at, bits)| Hurt::Flip(at, bits)),
        1 => index().prop_map(Hurt::Cut),
        2 => (index(), index()).prop_map(|(from, to)| Hurt::Remove(from, to)),
        2 => (index(), proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(at, bytes)| Hurt::Insert(at, bytes)),
        2 => (index(), index()).prop_map(|(from, to)| Hurt::Repeat(from, to)),
    ]
}

fn apply(bytes: &mut Vec<u8>, hurt: Hurt) {
    let at = |index: prop::sample::Index| index.index(bytes.len() + 1);
    match hurt {
        Hurt::Flip(place, bits) => {
            let place = place.index(bytes.len().max(1));
            bytes
                .iter_mut()
                .skip(place)
                .take(1)
                .for_each(|byte| *byte ^= bits);
        }
        Hurt::Cut(end) => bytes.truncate(at(end)),
        Hurt::Remove(from, to) => drop(bytes.drain(at(from).min(at(to))..at(from).max(at(to)))),
        Hurt::Insert(place, more) => drop(bytes.splice(at(place)..at(place), more)),
        Hurt::Repeat(from, to) => {
            let again = bytes[at(from).min(at(to))..at(from).max(at(to))].to_vec();
            bytes.extend(again);
        }
    }
}

#[test]
fn no_file_makes_the_reader_panic_or_lose_count() {
    let cases = std::env::var("OFFHOOK_FUZZ_CASES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(2_000);
    let recorded = recorded();
    for whole in &recorded {
        let (entries, damage) = body::read(whole);
        assert_eq!(
            (
                entries
                    .iter()
                    .filter(|entry| entry.kind == Kind::Media)
                    .count(),
                damage.len()
            ),
            (4, 0)
        );
    }
    let files = prop_oneof![
        9 => (proptest::sample::select(recorded), proptest::collection::vec(hurt(), 1..6)).prop_map(|(mut bytes, hurts)| {
            hurts.into_iter().for_each(|hurt| apply(&mut bytes, hurt));
            bytes
        }),
        1 => proptest::collection::vec(any::<u8>(), 0..400),
    ];
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&files, |bytes| {
            body::read(&bytes);
            Ok(())
        })
        .unwrap();
}
