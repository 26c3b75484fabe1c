//! Cost of one more 12-word segment after 10, 100 and 1,000 turns: it must not grow with the call. Also a preview and a first call.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use offhook::fields::{Business, Context, Extractor, Speaker, Turn, Vertical, words_of_text};
use offhook::speech::Word;

const TALK: [(Speaker, &str); 8] = [
    (
        Speaker::Agent,
        "okay and what is the best number to reach you at today",
    ),
    (
        Speaker::Caller,
        "sure it's five one two five five five oh one four six",
    ),
    (
        Speaker::Agent,
        "five one two five five five zero one four six is that right",
    ),
    (
        Speaker::Caller,
        "yes that's right and the leak is under the kitchen sink now",
    ),
    (
        Speaker::Agent,
        "alright and what's the address where you need us to come out",
    ),
    (
        Speaker::Caller,
        "twenty two fourteen barton hills drive apartment nine d here in austin",
    ),
    (
        Speaker::Agent,
        "i have tomorrow between eight and ten or thursday between one and three",
    ),
    (
        Speaker::Caller,
        "um thursday then between one and three would be the best for me",
    ),
];

fn extractor(turns: usize) -> Extractor {
    let context = Context {
        started_at: "2026-03-24T14:12:00Z".parse().expect("a time"),
        timezone: jiff::tz::TimeZone::get("America/Chicago").expect("a zone"),
        caller_id: Some("+15125550142".into()),
        business: Business {
            area_code: Some("512".into()),
            city: Some("Austin".into()),
            ..Business::default()
        },
    };
    let mut extractor = Extractor::new(
        Vertical::builtin("home_services").expect("it ships"),
        context,
    );
    for i in 0..turns {
        hear(&mut extractor, i, &words(i));
    }
    extractor
}

/// The words of the i-th turn, as the recogniser hands them over.
fn words(i: usize) -> Vec<Word> {
    let start = i as u64 * 4000;
    words_of_text(TALK[i % TALK.len()].1, start, start + 3500)
}

fn hear(extractor: &mut Extractor, i: usize, words: &[Word]) {
    let start = i as u64 * 4000;
    extractor.hear(&Turn {
        speaker: TALK[i % TALK.len()].0,
        segment: i as u32,
        start_ms: start,
        end_ms: start + 3500,
        words,
    });
}

fn bench(c: &mut Criterion) {
    for turns in [10usize, 100, 1000] {
        let base = extractor(turns);
        let next: Vec<_> = (turns..turns + TALK.len()).map(|i| (i, words(i))).collect();
        c.bench_function(
            &format!("eight 12-word segments after {turns} turns"),
            |b| {
                b.iter_batched_ref(
                    || base.clone(),
                    |e| {
                        for (i, words) in &next {
                            hear(e, *i, words);
                        }
                    },
                    BatchSize::SmallInput,
                )
            },
        );
    }
    let base = extractor(100);
    let words = words_of_text(TALK[5].1, 0, 3500);
    c.bench_function("preview of a 12-word partial", |b| {
        b.iter(|| {
            base.preview(&Turn {
                speaker: Speaker::Caller,
                segment: 101,
                start_ms: 0,
                end_ms: 3500,
                words: &words,
            })
        })
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
