use super::*;
use crate::audio::{AudioFrame, FRAME_SAMPLES};
use crate::media::Track;
use crate::speech::engine::{Decoded, Engine, HeardWord, Stop};
use policy::Policy;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Says the same of everything, and counts how often it was asked.
struct Parrot(Arc<AtomicUsize>);

impl Engine for Parrot {
    fn decode(&mut self, _: &[f32], _: &Stop) -> Result<Decoded, EngineError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let word = |text: &str| HeardWord {
            text: text.to_owned(),
            p: 0.9,
        };
        Ok(Decoded {
            words: vec![word("hello"), word("there")],
            avg_logprob: -0.1,
        })
    }
}

fn parrot() -> (Meter, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    (
        Meter::new(Box::new(Parrot(Arc::clone(&asked))), false),
        asked,
    )
}

fn listening() -> Listening {
    let tuning = Tuning::new(500, 900, 10_000);
    Listening::new(Recogniser::new(tuning, "test".into(), 1, 600, 1_000), None)
}

#[test]
fn the_search_ends_next_to_the_wall() {
    for wall in [0, 1, 2, 7, 40, 72] {
        let mut probes = 0;
        let held = search(|calls| {
            probes += 1;
            let p95_ms = if calls <= wall { 900 } else { HELD_P95_MS + 1 };
            Ok(Load {
                calls,
                end_to_final: score::Times {
                    p95_ms,
                    ..Default::default()
                },
                ..Default::default()
            })
        })
        .unwrap();
        assert!(
            held.calls <= wall && wall - held.calls <= 1 + wall / 20,
            "{wall}: {held:?}"
        );
        assert!(probes <= 16, "{wall}: {probes} probes");
        assert!(held.tried.is_sorted_by_key(|load| load.calls));
    }
}

#[test]
fn the_same_samples_are_decoded_once() {
    let (mut meter, asked) = parrot();
    let audio = vec![0.5; 16_000];
    let first = meter.cost(&audio).unwrap();
    assert_eq!(meter.cost(&audio).unwrap(), first);
    meter.cost(&audio[1..]).unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    assert_eq!(meter.decodes(), 2);
}

#[test]
fn plain_re_decoding_grows_its_window_and_begins_a_line_anew() {
    let mut plain = Plain::new(1);
    plain.begin(0, Track::Inbound, 0);
    let mut lengths = Vec::new();
    for n in 0..6_000 / 20 {
        let frame = AudioFrame {
            start_sample: n * FRAME_SAMPLES as u64,
            len: FRAME_SAMPLES as u16,
            samples: [0.1; FRAME_SAMPLES],
        };
        plain.frame(0, &frame, 0);
        while let Some(job) = plain.assign(0) {
            lengths.push(job.audio.len() / 16);
            plain.finished(job.worker, Ok(Decoded::default()), 0, 0);
        }
    }
    assert_eq!(
        lengths,
        [
            500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 700, 1_200, 1_700
        ]
    );
    plain.end(0, 0);
    let last = std::iter::from_fn(|| plain.poll_event()).last();
    assert!(matches!(
        last,
        Some((0, super::super::SpeechEvent::Done(_)))
    ));
}

#[test]
fn a_call_on_the_virtual_clock_takes_its_endpoints_and_every_line_gets_its_final() {
    let (calls, sounds) = material::load(None, None).unwrap();
    assert!(calls.len() >= 6 && sounds.len() >= 4);
    let index = calls
        .iter()
        .position(|call| call.name == "slow-digits")
        .unwrap();
    let (mut meter, _) = parrot();
    let outcome = simulate::one(&mut listening(), &calls, index, &mut meter).unwrap();
    let load = Load::of(&calls, &outcome, 1);
    assert_eq!((load.calls, load.refused, load.without_final), (1, 0, 0));
    assert!(load.end_to_final.count >= 4, "{load:?}");
    // The endpoint's half second at least, and nothing like the five groups' pauses.
    assert!((500..1_200).contains(&load.end_to_final.p50_ms), "{load:?}");
    assert!(outcome.audio_us >= 2 * 13_000_000, "{}", outcome.audio_us);
}

#[test]
fn more_calls_than_a_slow_worker_bears_are_seen_to_be_late() {
    /// Takes 40 ms of processor time for anything.
    struct Slow;
    impl Engine for Slow {
        fn decode(&mut self, _: &[f32], _: &Stop) -> Result<Decoded, EngineError> {
            let began = meter::thread_time();
            while (meter::thread_time() - began).as_millis() < 40 {
                std::hint::spin_loop();
            }
            Ok(Decoded {
                words: vec![HeardWord {
                    text: "hello".to_owned(),
                    p: 0.9,
                }],
                avg_logprob: -0.1,
            })
        }
    }
    let (calls, _) = material::load(None, Some(1)).unwrap();
    let mut meter = Meter::new(Box::new(Slow), false);
    let offered = Offered {
        calls: 30,
        seconds: 30,
    };
    let plain = simulate(&mut Plain::new(1), &calls, offered, &mut meter).unwrap();
    let plain = Load::of(&calls, &plain, 1);
    assert!(
        plain.end_to_final.p95_ms > HELD_P95_MS && plain.workers_busy > 0.9,
        "{plain:?}"
    );
}

#[test]
fn lengths_that_are_none_are_refused() {
    let mut settings = Settings::default();
    let mut tuning = Tuning::new(500, 900, 10_000);
    set("tail=240", &mut settings, &mut tuning).unwrap();
    set("endpoint = 450", &mut settings, &mut tuning).unwrap();
    assert_eq!(
        (tuning.tail, tuning.endpoint, settings.endpoint_ms),
        (3_840, 7_200, 450)
    );
    for wrong in ["tail", "tail=x", "nothing=3", "=4"] {
        assert!(set(wrong, &mut settings, &mut tuning).is_err(), "{wrong}");
    }
}
