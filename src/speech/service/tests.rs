//! The threads, in real time: short, and on events rather than on sleeps.

use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;
use crate::audio::FRAME_SAMPLES;
use crate::speech::engine::{Decoded, EngineError, HeardWord};

/// Engines that do what the tests say at each decode (counted over all workers; the first two of each worker warm it up).
struct Fakes<F>(Arc<AtomicUsize>, F);

struct Fake<F>(Arc<AtomicUsize>, F);

impl<F: Fn(usize) -> Result<Decoded, EngineError> + Clone + Send + Sync + 'static> MakeEngine
    for Fakes<F>
{
    fn make(&self) -> Result<Box<dyn Engine>, EngineError> {
        Ok(Box::new(Fake(Arc::clone(&self.0), self.1.clone())))
    }
}

impl<F: Fn(usize) -> Result<Decoded, EngineError> + Send> Engine for Fake<F> {
    fn decode(&mut self, _: &[f32], _: &Stop) -> Result<Decoded, EngineError> {
        (self.1)(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

fn hello() -> Decoded {
    Decoded {
        words: vec![HeardWord {
            text: "hello".to_owned(),
            p: 0.9,
        }],
        avg_logprob: -0.1,
    }
}

fn settings() -> Settings {
    let model = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/offhook-phone-en.bin");
    Settings {
        model,
        workers: 1,
        ..Settings::default()
    }
}

fn with_fakes(
    outcome: impl Fn(usize) -> Result<Decoded, EngineError> + Clone + Send + Sync + 'static,
) -> Speech {
    let facts = ModelFile::read(&settings().model).unwrap().facts;
    Speech::with_engines(
        &settings(),
        Arc::new(facts),
        Arc::new(Fakes(Arc::default(), outcome)),
    )
    .unwrap()
}

/// Hands `samples` to a track as fast as the ring takes them and hangs up.
fn call(speech: &Speech, samples: &[f32]) -> UnboundedReceiver<SpeechEvent> {
    let (mut writer, reader) = rtrb::RingBuffer::new(samples.len() / FRAME_SAMPLES + 1);
    let (sender, receiver) = unbounded_channel();
    for (n, part) in samples.chunks(FRAME_SAMPLES).enumerate() {
        let mut frame = AudioFrame {
            start_sample: (n * FRAME_SAMPLES) as u64,
            len: part.len() as u16,
            samples: [0.0; FRAME_SAMPLES],
        };
        frame.samples[..part.len()].copy_from_slice(part);
        writer.push(frame).unwrap();
    }
    speech.listen(Track::Inbound, reader, sender);
    receiver
}

/// Everything until the channel closes, which it must do right behind `Done`.
fn events(mut receiver: UnboundedReceiver<SpeechEvent>) -> Vec<SpeechEvent> {
    let events: Vec<_> = std::iter::from_fn(|| receiver.blocking_recv()).collect();
    let done = events
        .iter()
        .filter(|e| matches!(e, SpeechEvent::Done(_)))
        .count();
    assert!(
        done == 1 && matches!(events.last(), Some(SpeechEvent::Done(Track::Inbound))),
        "{events:?}"
    );
    events
}

fn finals(events: &[SpeechEvent]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|e| {
            if let SpeechEvent::Final(s) = e {
                Some(s.text.as_str())
            } else {
                None
            }
        })
        .collect()
}

/// Three tones: the detector takes them for voice, and they are too many for a dial tone.
fn buzz(ms: usize) -> Vec<f32> {
    let sample = |n: usize| {
        let t = n as f32 / 16_000.0 * std::f32::consts::TAU;
        [440.0, 660.0, 1_000.0]
            .map(|f| 0.1 * (t * f).sin())
            .iter()
            .sum()
    };
    (0..ms * 16).map(sample).collect()
}

#[test]
fn a_call_is_heard_to_its_last_word() {
    let speech = with_fakes(|_| Ok(hello()));
    assert_eq!(speech.admit(), Ok(()));
    let events = events(call(&speech, &buzz(1_000)));
    assert_eq!(finals(&events), ["hello"]);
    assert_eq!(speech.model().map(|m| &*m.name), Some("offhook-phone-en"));
    speech.shutdown();
}

#[test]
fn a_panicking_and_a_failing_engine_are_replaced_and_no_call_notices() {
    let speech = with_fakes(|n| match n {
        2 => panic!("a decoder that panics, on purpose"),
        5 => Err(EngineError::Failed("on purpose".to_owned())),
        _ => Ok(hello()),
    });
    for _ in 0..4 {
        assert_eq!(finals(&events(call(&speech, &buzz(400)))), ["hello"]);
    }
    assert_eq!(speech.admit(), Ok(()));
}

#[test]
fn an_engine_that_always_fails_loses_its_words_and_nothing_else() {
    let speech = with_fakes(|n| {
        if n < 2 {
            Ok(hello())
        } else {
            Err(EngineError::Failed("on purpose".to_owned()))
        }
    });
    assert_eq!(finals(&events(call(&speech, &buzz(400)))), [""; 0]);
}

#[test]
fn switched_off_means_stopped_and_done() {
    let speech = Speech::start(&Settings {
        enabled: false,
        ..settings()
    })
    .unwrap();
    assert_eq!(speech.admit(), Err(Refused::Disabled));
    assert_eq!(
        events(call(&speech, &buzz(400)))[0],
        SpeechEvent::State(SpeechState::Stopped)
    );
    assert!(speech.model().is_none());
}

#[test]
fn shutdown_decodes_what_was_spoken() {
    let speech = with_fakes(|_| Ok(hello()));
    let (mut writer, reader) = rtrb::RingBuffer::new(100);
    let (sender, receiver) = unbounded_channel();
    for (n, part) in buzz(800).chunks(FRAME_SAMPLES).enumerate() {
        let mut frame = AudioFrame {
            start_sample: (n * FRAME_SAMPLES) as u64,
            len: 320,
            samples: [0.0; FRAME_SAMPLES],
        };
        frame.samples.copy_from_slice(part);
        writer.push(frame).unwrap();
    }
    let handle = speech.listen(Track::Inbound, reader, sender);
    handle.expect(Expectation::Number);
    // The producer still lives: the call has not ended.
    speech.shutdown();
    assert_eq!(finals(&events(receiver)), ["hello"]);
    drop(writer);
}

#[test]
fn a_call_that_went_away_is_forgotten() {
    let speech = with_fakes(|_| Ok(hello()));
    drop(call(&speech, &buzz(2_000)));
    assert_eq!(finals(&events(call(&speech, &buzz(400)))), ["hello"]);
}

#[test]
fn the_bundled_model_starts_warms_and_hears_silence() {
    let speech = Speech::start(&settings()).unwrap();
    assert_eq!(finals(&events(call(&speech, &vec![0.0; 16_000]))), [""; 0]);
}

#[test]
fn what_cannot_start_says_why() {
    let start = |settings: Settings| Speech::start(&settings).err().unwrap().to_string();
    assert!(
        start(Settings {
            model: "/nowhere/x.bin".into(),
            ..settings()
        })
        .contains("/nowhere/x.bin does not exist")
    );
    assert!(
        start(Settings {
            language: "de".to_owned(),
            ..settings()
        })
        .contains("English only")
    );
    assert!(
        start(Settings {
            cadence_ms: 1,
            ..settings()
        })
        .contains("speech.cadence_ms")
    );
}
