use proptest::prelude::*;

use super::*;
use crate::audio::FRAME_SAMPLES;
use crate::speech::Segment;
use crate::speech::engine::HeardWord;

const TICK_US: u64 = 20_000;

/// Three tones: the detector takes them for voice, and they are too many for a dial tone.
fn buzz(n: u64) -> f32 {
    let t = n as f32 / 16_000.0 * std::f32::consts::TAU;
    [440.0, 660.0, 1_000.0]
        .map(|f| 0.1 * (t * f).sin())
        .iter()
        .sum()
}

/// A call in virtual time: frames every 20 ms, workers that answer after a chosen time.
struct Desk {
    recogniser: Recogniser,
    now_us: u64,
    position: u64,
    running: Vec<(u64, Assignment)>,
    events: Vec<SpeechEvent>,
    decodes: usize,
}

impl Desk {
    fn new(workers: usize) -> Self {
        Self::with(workers, Tuning::new(500, 900, 10_000))
    }

    fn with(workers: usize, tuning: Tuning) -> Self {
        let mut recogniser = Recogniser::new(tuning, "test".into(), workers, 600, 100_000);
        recogniser.add(0, Track::Inbound, 0);
        Self {
            recogniser,
            now_us: 0,
            position: 0,
            running: Vec::new(),
            events: Vec::new(),
            decodes: 0,
        }
    }

    /// `ms` of a buzz or of silence, frame by frame; decodes take `decode_ms`.
    fn play(&mut self, voice: bool, ms: u64, decode_ms: u64) {
        for _ in 0..ms / 20 {
            let mut frame = AudioFrame {
                start_sample: self.position,
                len: FRAME_SAMPLES as u16,
                samples: [0.0; FRAME_SAMPLES],
            };
            if voice {
                for (n, sample) in (self.position..).zip(&mut frame.samples) {
                    *sample = buzz(n);
                }
            }
            self.position += FRAME_SAMPLES as u64;
            self.recogniser.frame(0, &frame, self.now_us);
            self.tick(decode_ms);
        }
    }

    /// `ms` of the call's two tracks, each a buzz or silence.
    fn play_both(&mut self, voice: [bool; 2], ms: u64, decode_ms: u64) {
        for _ in 0..ms / 20 {
            for (id, voice) in (0..).zip(voice) {
                let mut frame = AudioFrame {
                    start_sample: self.position,
                    len: FRAME_SAMPLES as u16,
                    samples: [0.0; FRAME_SAMPLES],
                };
                if voice {
                    for (n, sample) in (self.position..).zip(&mut frame.samples) {
                        *sample = buzz(n);
                    }
                }
                self.recogniser.frame(id, &frame, self.now_us);
            }
            self.position += FRAME_SAMPLES as u64;
            self.tick(decode_ms);
        }
    }

    fn tick(&mut self, decode_ms: u64) {
        self.now_us += TICK_US;
        self.recogniser.tick(self.now_us);
        self.settle(|n| Ok(decoded(&format!("hello caller{n}x"))), decode_ms);
    }

    fn settle(&mut self, outcome: impl Fn(usize) -> Result<Decoded, EngineError>, decode_ms: u64) {
        loop {
            let due = self
                .running
                .iter()
                .position(|(at, a)| *at <= self.now_us || a.stop.is_set());
            if let Some(index) = due {
                let (_, assignment) = self.running.remove(index);
                let outcome = if assignment.stop.is_set() {
                    Err(EngineError::Aborted)
                } else {
                    outcome(self.decodes)
                };
                self.decodes += 1;
                self.recogniser.finished(
                    assignment.worker,
                    outcome,
                    decode_ms * 1_000,
                    self.now_us,
                );
            } else if let Some(assignment) = self.recogniser.assign(self.now_us) {
                self.running
                    .push((self.now_us + decode_ms * 1_000, assignment));
            } else {
                break;
            }
        }
        while let Some((_, event)) = self.recogniser.poll_event() {
            self.events.push(event);
        }
    }

    fn hang_up(&mut self) {
        self.recogniser.end(0, self.now_us);
    }

    fn finals(&self) -> Vec<&Segment> {
        self.events
            .iter()
            .filter_map(|e| {
                if let SpeechEvent::Final(s) = e {
                    Some(s)
                } else {
                    None
                }
            })
            .collect()
    }

    fn is_done(&self) -> bool {
        matches!(self.events.last(), Some(SpeechEvent::Done(Track::Inbound)))
    }

    fn states(&self) -> Vec<SpeechState> {
        self.events
            .iter()
            .filter_map(|e| {
                if let SpeechEvent::State(s) = e {
                    Some(*s)
                } else {
                    None
                }
            })
            .collect()
    }
}

fn decoded(text: &str) -> Decoded {
    Decoded {
        words: text
            .split_whitespace()
            .map(|w| HeardWord {
                text: w.to_owned(),
                p: 0.9,
            })
            .collect(),
        avg_logprob: -0.1,
    }
}

#[test]
fn a_turn_becomes_partials_and_one_final_with_times() {
    let mut desk = Desk::new(1);
    desk.play(false, 1_000, 100);
    desk.play(true, 1_500, 100);
    desk.play(false, 1_000, 100);
    let finals = desk.finals();
    assert_eq!(finals.len(), 1);
    assert!(
        (900..1_100).contains(&finals[0].start_ms) && (2_400..2_800).contains(&finals[0].end_ms),
        "{:?}",
        finals[0]
    );
    assert!(finals[0].text.starts_with("hello caller"));
    assert_eq!((finals[0].utterance, &*finals[0].model), (0, "test"));
    assert!(
        desk.events
            .iter()
            .any(|e| matches!(e, SpeechEvent::Partial(p) if p.utterance == 0))
    );
    assert!(!desk.is_done());
    desk.hang_up();
    desk.tick(0);
    assert!(desk.is_done());
}

#[test]
fn a_short_answer_does_not_overtake_what_it_answers() {
    // A number is read back, and its pause may be long; the answer ends after it, and its pause is short.
    let mut desk = Desk::with(1, Tuning::new(500, 1_500, 10_000));
    desk.recogniser.add(1, Track::Outbound, 0);
    desk.recogniser.pair(0, 1);
    desk.recogniser.expect(0, Expectation::Number);
    desk.play_both([true, false], 1_500, 20);
    desk.play_both([false, true], 400, 20);
    desk.play_both([false, false], 800, 20);
    assert_eq!(desk.finals().len(), 0);
    desk.play_both([false, false], 600, 20);
    let order: Vec<_> = desk.finals().iter().map(|f| f.track).collect();
    assert_eq!(order, [Track::Inbound, Track::Outbound]);
    assert!(desk.finals()[0].end_ms < desk.finals()[1].end_ms);
}

#[test]
fn an_answer_waits_no_longer_than_a_second() {
    let listening = Listening::new(Tuning::new(500, 900, 10_000));
    let mut ear = Ear::new(Track::Inbound, listening, 0);
    let answer = crate::speech::utterance::Said::Final {
        utterance: 0,
        start: 8_000,
        end: 16_000,
        words: Vec::new(),
        suspect: false,
    };
    let earlier = Some(15_999);
    for (partner_ends, now_us, told) in [
        (earlier, 5_000_000, false),
        (earlier, 5_999_999, false),
        (earlier, 6_000_000, true),
        (Some(16_000), 5_000_000, true),
        (None, 5_000_000, true),
    ] {
        ear.untold.push_back((5_000_000, answer.clone()));
        let next = ear.next_untold(partner_ends, now_us);
        assert_eq!(next.is_some(), told, "{partner_ends:?} {now_us}");
        ear.untold.clear();
    }
}

#[test]
fn the_last_words_survive_a_hangup_in_mid_word() {
    let mut desk = Desk::new(1);
    desk.play(true, 700, 100);
    desk.hang_up();
    for _ in 0..20 {
        desk.tick(100);
    }
    assert_eq!(desk.finals().len(), 1);
    assert!(desk.is_done());
    assert_eq!(desk.recogniser.load().tracks, 0);
}

#[test]
fn a_failed_decode_is_tried_again_and_then_given_up_with_a_notice() {
    for (failures, finals) in [(1, 1), (2, 0)] {
        let mut desk = Desk::new(1);
        desk.recogniser
            .ears
            .get_mut(&0)
            .unwrap()
            .listening
            .set_cadence(None);
        desk.play(true, 1_000, 100_000);
        desk.hang_up();
        desk.running.clear();
        for _ in 0..5 {
            desk.now_us += TICK_US;
            desk.settle(
                |n| {
                    if n < failures {
                        Err(EngineError::Failed("broken".to_owned()))
                    } else {
                        Ok(decoded("hello there"))
                    }
                },
                0,
            );
        }
        assert_eq!(desk.finals().len(), finals, "{failures} failures");
        assert!(desk.is_done());
    }
}

#[test]
fn a_lost_final_degrades_until_the_next_one() {
    let mut desk = Desk::new(1);
    let broken = |_| Err(EngineError::Failed("broken".to_owned()));
    desk.play(true, 1_000, 100_000);
    desk.play(false, 240, 100_000);
    desk.now_us += 200_000_000;
    desk.settle(broken, 0);
    desk.play(false, 600, 0);
    desk.play(true, 1_000, 0);
    desk.play(false, 1_000, 0);
    assert!(!desk.finals().is_empty());
    assert!(
        desk.states().is_empty() || desk.states().last() == Some(&SpeechState::Listening),
        "{:?}",
        desk.states()
    );
}

#[test]
fn without_workers_speech_stops_and_comes_back() {
    let mut desk = Desk::new(2);
    desk.recogniser.worker_down(0, 0);
    desk.recogniser.worker_down(1, 0);
    desk.play(true, 1_000, 0);
    desk.play(false, 1_000, 0);
    assert_eq!(desk.states(), [SpeechState::Stopped]);
    assert_eq!(desk.finals().len(), 0);
    desk.recogniser.worker_up(1);
    desk.play(false, 100, 0);
    assert_eq!(desk.finals().len(), 1, "what waited is decoded");
    assert_eq!(desk.states().last(), Some(&SpeechState::Listening));
    desk.recogniser.worker_down(1, desk.now_us);
    desk.play(true, 1_000, 0);
    desk.hang_up();
    for _ in 0..600 {
        desk.tick(0);
    }
    assert!(desk.is_done(), "a call ends even if nobody can decode");
}

#[test]
fn a_stalled_network_is_no_pause_but_a_dead_one_is() {
    let mut desk = Desk::new(1);
    desk.play(true, 1_000, 20);
    for _ in 0..50 {
        desk.tick(20);
    }
    assert_eq!(desk.finals().len(), 0, "one second without frames");
    for _ in 0..50 {
        desk.tick(20);
    }
    assert_eq!(desk.finals().len(), 1, "two seconds");
}

#[test]
fn a_backlog_of_one_track_is_decoded_together() {
    let mut desk = Desk::new(1);
    desk.recogniser.worker_down(0, 0);
    for _ in 0..4 {
        desk.play(true, 800, 0);
        desk.play(false, 1_200, 0);
    }
    desk.recogniser.worker_up(0);
    desk.play(false, 100, 0);
    let finals = desk.finals();
    assert!(
        finals.len() < 4 && !finals.is_empty(),
        "{} finals",
        finals.len()
    );
    assert!(finals[0].end_ms > finals[0].start_ms + 2_000);
    assert!(
        finals
            .windows(2)
            .all(|w| w[0].end_ms <= w[1].start_ms && w[0].utterance + 1 == w[1].utterance)
    );
    let last = finals.last().unwrap().end_ms;
    assert!((6_700..7_200).contains(&last), "{last}");
}

#[test]
fn memory_is_bounded_in_silence_and_in_endless_speech() {
    let mut desk = Desk::new(1);
    desk.play(false, 300_000, 20);
    assert!(
        desk.recogniser.held() <= 16_000 + 16_000,
        "{}",
        desk.recogniser.held()
    );
    for _ in 0..60 {
        desk.play(true, 2_000, 20);
        assert!(
            desk.recogniser.held() <= 160_000 + 32_000,
            "{}",
            desk.recogniser.held()
        );
    }
    assert!(
        desk.finals().len() >= 11,
        "endless speech is cut: {}",
        desk.finals().len()
    );
}

#[test]
fn strange_frames_are_borne() {
    let mut desk = Desk::new(1);
    let mut frame = AudioFrame {
        start_sample: 1 << 40,
        len: 320,
        samples: [f32::NAN; FRAME_SAMPLES],
    };
    desk.recogniser.frame(0, &frame, 0);
    frame.start_sample = 5;
    desk.recogniser.frame(0, &frame, 0);
    frame.len = 9_999;
    frame.start_sample = (1 << 40) + 100;
    frame.samples = [99.0; FRAME_SAMPLES];
    desk.recogniser.frame(0, &frame, 0);
    desk.recogniser.frame(7, &frame, 0);
    desk.recogniser.finished(9, Err(EngineError::Aborted), 0, 0);
    desk.hang_up();
    desk.hang_up();
    desk.tick(0);
    assert!(desk.is_done());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// With workers that are slow, fail and die at random, every call still ends with `Done`, after finals in order without holes.
    #[test]
    fn every_call_ends_in_order(
        turns in proptest::collection::vec((100u64..3_000, 0u64..1_500, 0u64..2_500, 0u8..10), 1..8),
        workers in 1usize..3,
    ) {
        let mut desk = Desk::new(workers);
        for (voiced, silent, decode_ms, trouble) in turns {
            desk.play(true, voiced, decode_ms);
            match trouble {
                0 => desk.recogniser.worker_down(0, desk.now_us),
                1 => { desk.running.retain(|(_, a)| a.worker != 0); desk.recogniser.worker_down(0, desk.now_us); desk.recogniser.worker_up(0); }
                2 => desk.position += 12_345,
                _ => {}
            }
            desk.running.retain(|(_, a)| a.worker != 0 || trouble != 0);
            desk.play(false, silent, decode_ms);
            if trouble == 0 { desk.recogniser.worker_up(0); }
        }
        desk.hang_up();
        for _ in 0..3_000 {
            if desk.is_done() { break; }
            desk.tick(100);
        }
        prop_assert!(desk.is_done());
        let mut last_end = 0;
        for (n, segment) in desk.finals().iter().enumerate() {
            prop_assert_eq!(segment.utterance as usize, n);
            prop_assert!(segment.start_ms <= segment.end_ms && segment.end_ms > last_end);
            last_end = segment.end_ms;
        }
    }
}
