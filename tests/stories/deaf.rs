//! A recogniser that breaks down in mid-call: the call goes on, and what was not heard is transcribed before its record is made.

use std::f32::consts::TAU;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use offhook::audio::mulaw;
use offhook::commands::replay_file;
use offhook::speech::engine::{Decoded, Engine as Ear, EngineError, HeardWord, MakeEngine, Stop};
use offhook::speech::model::ModelFile;
use offhook::speech::{Settings, Speech};
use serde_json::json;

use crate::harness::{Engine, Line, Site, call_sid};

/// Ears that hear one sentence, until those there are are struck deaf. From then on no worker gets new ones; whoever else asks does.
struct Ears(Arc<AtomicBool>);

impl MakeEngine for Ears {
    fn make(&self) -> Result<Box<dyn Ear>, EngineError> {
        let struck = self.0.load(Ordering::SeqCst);
        let worker = std::thread::current()
            .name()
            .is_some_and(|name| name.starts_with("speech-worker"));
        if worker && struck {
            return Err(EngineError::Failed("out of memory, on purpose".to_owned()));
        }
        let deaf = (!struck).then(|| Arc::clone(&self.0));
        Ok(Box::new(Hears(deaf)))
    }
}

struct Hears(Option<Arc<AtomicBool>>);

impl Ear for Hears {
    fn decode(&mut self, _: &[f32], _: &Stop) -> Result<Decoded, EngineError> {
        if self
            .0
            .as_ref()
            .is_some_and(|deaf| deaf.load(Ordering::SeqCst))
        {
            return Err(EngineError::Failed("broken, on purpose".to_owned()));
        }
        let heard = |text: &str| HeardWord {
            text: text.to_owned(),
            p: 0.9,
        };
        Ok(Decoded {
            words: ["my", "name", "is", "maria", "gonzalez"].map(heard).into(),
            avg_logprob: -0.1,
        })
    }
}

/// Three tones at once, which pass for a voice, and a pause after them.
async fn speak(line: &mut Line, from_ms: i64) {
    let tones = |n: i64| -> f32 {
        let t = n as f32 / 8_000.0 * TAU;
        [440.0, 660.0, 1_000.0]
            .map(|hz| 0.1 * (t * hz).sin())
            .iter()
            .sum()
    };
    for frame in 0..100 {
        let loud = frame < 50;
        let sample = |n: i64| if loud { tones(frame * 160 + n) } else { 0.0 };
        let bytes: Vec<u8> = (0..160)
            .map(|n| mulaw::encode((sample(n) * 32_000.0) as i16))
            .collect();
        line.media("inbound", 100 + from_ms + frame * 20, &bytes)
            .await;
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_broken_recogniser_did_not_hear_is_in_the_record_all_the_same() {
    let model = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/offhook-phone-en.bin");
    let settings = Settings {
        model: model.clone(),
        workers: 1,
        ..Settings::default()
    };
    let deaf = Arc::new(AtomicBool::new(false));
    let facts = Arc::new(ModelFile::read(&model).unwrap().facts);
    let ears = Arc::new(Ears(Arc::clone(&deaf)));
    let speech = Speech::with_engines(&settings, facts, ears).unwrap();
    let engine = Engine::hearing(Site::new(""), speech).await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    speak(&mut line, 0).await;
    engine
        .live(&call, "the first words", |live| {
            live["transcript"].as_array().is_some_and(|t| t.len() == 1)
        })
        .await;
    deaf.store(true, Ordering::SeqCst);
    speak(&mut line, 2_000).await;
    engine
        .live(&call, "the recogniser to be down", |live| {
            live["stt"] == "stopped"
        })
        .await;
    line.stop().await;
    let record = engine.record(&call).await;
    let path = format!("/v1/calls/{call}/transcript");
    let transcript = engine.get(&path).await;
    let segments = transcript["data"].as_array().unwrap();
    assert_eq!(segments.len(), 2, "{segments:?}");
    let begins_ms = segments[1]["start_ms"].as_u64().unwrap();
    assert!((1_900..=2_400).contains(&begins_ms), "{begins_ms}");
    // Said twice in separate turns: what was heard late counts like everything else.
    assert_eq!(record["fields"]["caller_name"]["status"], "confirmed");
    // And that something was wrong is not hidden.
    let reasons = record["review"]["reason"].to_string();
    assert!(reasons.contains("speech_stopped"), "{reasons}");
    let site = engine.close().await;
    let journal = site.journal_of(record["call_id"].as_str().unwrap());
    let replayed = replay_file(&journal, &site.config()).unwrap();
    assert_eq!(replayed.expected.as_ref(), Some(&replayed.digest));
    assert_eq!(json!(replayed.record), record);
}
