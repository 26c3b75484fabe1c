//! Sound that is not what it should be: the recogniser hears what can be heard, says what cannot be read, and stays within its memory.

use std::path::Path;
use std::sync::Arc;

use offhook::audio::{AudioFrame, FRAME_SAMPLES};
use offhook::media::Track;
use offhook::speech::engine::{Decoded, Engine, EngineError, HeardWord, MakeEngine, Stop};
use offhook::speech::model::ModelFile;
use offhook::speech::recogniser::Recogniser;
use offhook::speech::track::tuning;
use offhook::speech::transcribe::Transcriber;
use offhook::speech::transcribe::recording::Recording;
use offhook::speech::whisper::Whisper;
use offhook::speech::{Segment, Settings, SpeechEvent};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn settings() -> Settings {
    Settings {
        model: Path::new(ROOT).join("models/offhook-phone-en.bin"),
        ..Settings::default()
    }
}

/// The first seconds of a bundled call's tracks, 16 kHz.
fn tracks(seconds: usize) -> [Vec<f32>; 2] {
    let path = Path::new(ROOT).join("fixtures/speech/rendered/home-services-leak.wav");
    let recording = Recording::read(&path).unwrap();
    let mut tracks = recording
        .tracks()
        .map(|(_, samples)| samples[..seconds * 16_000].to_vec());
    [tracks.next().unwrap(), tracks.next().unwrap()]
}

fn text(segments: &[Segment], track: Track) -> String {
    let texts: Vec<&str> = segments
        .iter()
        .filter(|segment| segment.track == track)
        .map(|segment| segment.text.as_str())
        .collect();
    texts.join(" ")
}

fn hear(recording: &Recording) -> Vec<Segment> {
    Transcriber::new(&settings())
        .unwrap()
        .streaming(recording)
        .unwrap()
}

/// A WAV file of 16-bit samples.
fn wav(rate_hz: u32, channels: u16, samples: &[f32]) -> Vec<u8> {
    let bytes: Vec<u8> = samples
        .iter()
        .flat_map(|s| ((s * 32_767.0) as i16).to_le_bytes())
        .collect();
    let mut file = Vec::new();
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + bytes.len() as u32).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend_from_slice(&channels.to_le_bytes());
    file.extend_from_slice(&rate_hz.to_le_bytes());
    file.extend_from_slice(&(rate_hz * 2 * u32::from(channels)).to_le_bytes());
    file.extend_from_slice(&(2 * channels).to_le_bytes());
    file.extend_from_slice(b"\x10\0data");
    file.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    file.extend_from_slice(&bytes);
    file
}

const LINE: &str = "hi there's a leak under the kitchen sink";

#[test]
fn any_usual_rate_is_heard_and_an_impossible_one_or_too_many_channels_are_named() {
    let [caller, _] = tracks(8);
    // Every third sample of a held threefold: a plain way to 48 kHz.
    let held: Vec<f32> = caller.iter().flat_map(|s| [*s; 3]).collect();
    for (rate_hz, samples) in [(16_000, &caller), (48_000, &held)] {
        let recording = Recording::parse(&wav(rate_hz, 1, samples)).unwrap();
        assert_eq!(
            text(&hear(&recording), Track::Inbound),
            LINE,
            "{rate_hz} Hz"
        );
    }
    for (file, says) in [
        (wav(8_000, 3, &caller), "3 channels; one or two are read"),
        (wav(500, 1, &caller), "500 Hz is outside"),
        (wav(8_000, 1, &[]), "no audio"),
    ] {
        let error = Recording::parse(&file).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn clipped_speech_is_still_heard() {
    let [caller, agent] = tracks(8);
    let clip = |samples: Vec<f32>| samples.iter().map(|s| (s * 4.0).clamp(-1.0, 1.0)).collect();
    let heard = hear(&Recording::new(vec![clip(caller), clip(agent)]));
    let (caller, agent) = (text(&heard, Track::Inbound), text(&heard, Track::Outbound));
    assert!(
        caller.contains("leak") && agent.contains("calling"),
        "{caller} / {agent}"
    );
}

#[test]
fn a_track_of_zeros_costs_no_decode_and_the_other_is_heard() {
    let [caller, _] = tracks(8);
    let zeros = vec![0.0; caller.len()];
    let heard = hear(&Recording::new(vec![caller, zeros]));
    assert_eq!(text(&heard, Track::Inbound), LINE);
    assert_eq!(text(&heard, Track::Outbound), "");
}

/// Plays frames to a recogniser whose decodes take no time; those for which `lost` holds never arrive.
fn play(samples: &[f32], engine: &mut dyn Engine, lost: impl Fn(u64) -> bool) -> Vec<Segment> {
    let mut recogniser = Recogniser::new(tuning(&settings(), 10_000), "test".into(), 1, 600, 0);
    recogniser.add(0, Track::Inbound, 0);
    let mut finals = Vec::new();
    let mut now_us = 0;
    let mut work = |recogniser: &mut Recogniser, now_us: u64| {
        while let Some(job) = recogniser.assign(now_us) {
            let decoded = engine.decode(&job.audio, &job.stop);
            recogniser.finished(job.worker, decoded, 0, now_us);
        }
        while let Some((_, event)) = recogniser.poll_event() {
            if let SpeechEvent::Final(segment) = event {
                finals.push(segment);
            }
        }
    };
    for (n, part) in samples.as_chunks::<FRAME_SAMPLES>().0.iter().enumerate() {
        let start_sample = (n * FRAME_SAMPLES) as u64;
        now_us += 20_000;
        if !lost(start_sample / 16) {
            let frame = AudioFrame {
                start_sample,
                len: FRAME_SAMPLES as u16,
                samples: *part,
            };
            recogniser.frame(0, &frame, now_us);
        }
        recogniser.tick(now_us);
        work(&mut recogniser, now_us);
    }
    recogniser.end(0, now_us);
    work(&mut recogniser, now_us);
    finals
}

#[test]
fn a_gap_in_the_middle_of_a_sentence_ends_it_and_neither_side_is_lost() {
    let file = ModelFile::read(&settings().model).unwrap();
    let mut engine = Whisper::load(&file, "en").unwrap().make().unwrap();
    let [caller, _] = tracks(8);
    // The line is spoken from 4.1 s to 6.4 s; 4.9 s to 5.3 s are lost.
    let finals = play(&caller, engine.as_mut(), |ms| (4_900..5_300).contains(&ms));
    assert_eq!(finals.len(), 2, "{finals:?}");
    let (before, after) = (&finals[0], &finals[1]);
    assert!(
        before.end_ms <= 4_900 && after.start_ms >= 5_300,
        "{finals:?}"
    );
    assert!(before.text.starts_with("hi"), "{finals:?}");
    assert!(after.text.contains("sink"), "{finals:?}");
    assert!((0..2).eq(finals.iter().map(|f| f.utterance)));
}

/// Says the same of everything.
struct Parrot;

impl Engine for Parrot {
    fn decode(&mut self, _: &[f32], _: &Stop) -> Result<Decoded, EngineError> {
        let words = ["hello", "there"].map(|text| HeardWord {
            text: text.to_owned(),
            p: 0.9,
        });
        Ok(Decoded {
            words: words.into(),
            avg_logprob: -0.1,
        })
    }
}

#[test]
fn a_call_of_three_hours_stays_within_its_memory_and_keeps_its_clock() {
    let mut recogniser = Recogniser::new(tuning(&settings(), 10_000), "test".into(), 1, 600, 0);
    recogniser.add(0, Track::Inbound, 0);
    let [caller, _] = tracks(7);
    // Two and a half seconds of speech in each half minute.
    let line = &caller[4 * 16_000..];
    let (mut now_us, mut most, mut last_ms, mut finals) = (0u64, 0, 0, 0u64);
    for n in 0..3 * 3_600 * 50u64 {
        let start_sample = n * FRAME_SAMPLES as u64;
        let at = (start_sample % (30 * 16_000)) as usize;
        let mut frame = AudioFrame {
            start_sample,
            len: FRAME_SAMPLES as u16,
            samples: [0.0; FRAME_SAMPLES],
        };
        if let Some(part) = line.get(at..at + FRAME_SAMPLES) {
            frame.samples.copy_from_slice(part);
        }
        now_us += 20_000;
        recogniser.frame(0, &frame, now_us);
        if n.is_multiple_of(5) {
            recogniser.tick(now_us);
        }
        while let Some(job) = recogniser.assign(now_us) {
            let decoded = Parrot.decode(&job.audio, &job.stop);
            recogniser.finished(job.worker, decoded, 0, now_us);
        }
        most = most.max(recogniser.held());
        while let Some((_, event)) = recogniser.poll_event() {
            if let SpeechEvent::Final(segment) = event {
                finals += 1;
                last_ms = segment.end_ms;
            }
        }
    }
    assert_eq!(finals, 3 * 3_600 / 30);
    assert!(
        (3 * 3_600_000 - 30_000..3 * 3_600_000).contains(&last_ms),
        "{last_ms}"
    );
    // One utterance and its surroundings: less than ten seconds.
    assert!(most < 160_000, "{most} samples held");
}

#[test]
fn a_model_of_another_size_is_taken_as_it_is() {
    // The header's dimensions alone decide; a file whose tensors do not fit them is refused.
    let file = ModelFile::read(&settings().model).unwrap();
    let whisper: Arc<dyn MakeEngine> = Arc::new(Whisper::load(&file, "en").unwrap());
    assert!(whisper.make().is_ok());
    let mut other = file.bytes;
    other[4 + 4 * 2..8 + 4 * 2].copy_from_slice(&96u32.to_le_bytes());
    other[4 + 4 * 6..8 + 4 * 6].copy_from_slice(&96u32.to_le_bytes());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.bin");
    std::fs::write(&path, other).unwrap();
    let loaded = ModelFile::read(&path).map(|file| Whisper::load(&file, "en").map(|_| ()));
    let refused = match loaded {
        Err(error) => error.to_string(),
        Ok(Err(error)) => error.to_string(),
        Ok(Ok(())) => panic!("taken"),
    };
    assert!(refused.contains("other.bin"), "{refused}");
}
