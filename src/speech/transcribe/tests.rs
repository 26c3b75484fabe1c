use std::f32::consts::TAU;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::speech::SpeechEvent;

fn settings() -> Settings {
    Settings {
        model: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models/offhook-phone-en.bin"),
        ..Settings::default()
    }
}

fn transcriber() -> Transcriber {
    Transcriber::new(&settings()).unwrap()
}

/// Recordings of real people that are not part of the project; tests of them are skipped with one line where they are not there.
fn people(count: usize) -> Option<Vec<(PathBuf, Vec<String>)>> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = ["../shared/speech/an4", "../../shared/speech/an4"]
        .map(|p| root.join(p))
        .into_iter()
        .find(|p| p.is_dir());
    let Some(folder) = folder else {
        eprintln!("skipped: no recordings of people in ../shared/speech/an4");
        return None;
    };
    let list = fs::read_to_string(folder.join("train.tsv")).unwrap();
    let lines: Vec<&str> = list.lines().skip(1).collect();
    let step = lines.len() / count;
    let chosen = lines.iter().step_by(step).take(count).map(|line| {
        let mut columns = line.split('\t');
        let file = folder.join(columns.next().unwrap());
        (
            file,
            columns
                .nth(1)
                .unwrap()
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
        )
    });
    Some(chosen.collect())
}

fn words(segments: &[Segment]) -> Vec<String> {
    segments
        .iter()
        .flat_map(|s| s.words.iter().map(|w| w.w.clone()))
        .collect()
}

fn edits(a: &[String], b: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let next = (row[j + 1] + 1)
                .min(row[j] + 1)
                .min(diagonal + usize::from(x != y));
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

#[test]
fn people_are_understood_and_streaming_costs_no_accuracy() {
    let Some(people) = people(20) else { return };
    let mut transcriber = transcriber();
    let (mut said, mut whole, mut streaming) = (0, 0, 0);
    for (file, reference) in people {
        let recording = Recording::read(&file).unwrap();
        said += reference.len();
        whole += edits(&reference, &words(&transcriber.whole(&recording).unwrap()));
        let segments = transcriber.streaming(&recording).unwrap();
        streaming += edits(&reference, &words(&segments));
        for segment in &segments {
            assert!(segment.words.iter().all(|w| segment.start_ms <= w.start_ms
                && w.end_ms <= segment.end_ms
                && w.p <= 1.0));
            assert!(
                segment
                    .words
                    .windows(2)
                    .all(|w| w[0].end_ms <= w[1].start_ms)
            );
            assert_eq!(
                segment.text,
                segment
                    .words
                    .iter()
                    .map(|w| w.w.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            );
        }
    }
    eprintln!("{said} words: {whole} errors in whole recordings, {streaming} streaming");
    assert!(whole * 100 <= said * 10, "{whole} of {said} words wrong");
    assert!(
        streaming * 100 <= whole * 100 + said,
        "streaming costs more than a point: {streaming} against {whole} of {said}"
    );
}

#[test]
fn several_turns_in_a_row_become_a_final_each_with_partials_before() {
    let Some(people) = people(6) else { return };
    let mut line = Vec::new();
    let mut turns = Vec::new();
    for (file, _) in &people {
        line.extend(vec![0.0; 16_000]);
        let recording = Recording::read(file).unwrap();
        let (_, samples) = recording.tracks().next().unwrap();
        // The detector hears voice a little longer than it is there.
        turns.push((
            line.len() as u64 / 16,
            (line.len() + samples.len()) as u64 / 16 + 100,
        ));
        line.extend_from_slice(samples);
    }
    // The last words are cut off by the end of the audio.
    let mut events = Vec::new();
    transcriber()
        .events(&Recording::new(vec![line]), |event| events.push(event))
        .unwrap();
    let mut finals = 0;
    for event in &events {
        match event {
            SpeechEvent::Partial(partial) => assert_eq!(partial.utterance, finals),
            SpeechEvent::Final(segment) => {
                assert_eq!(segment.utterance, finals);
                assert!(
                    turns
                        .iter()
                        .any(|(from, to)| *from <= segment.start_ms && segment.end_ms <= *to),
                    "{segment:?} in {turns:?}"
                );
                finals += 1;
            }
            _ => {}
        }
    }
    assert!(finals as usize >= people.len());
    assert!(matches!(
        events.last(),
        Some(SpeechEvent::Done(Track::Inbound))
    ));
}

/// Six seconds of white noise as a telephone line carries it.
fn noise(amplitude: f32) -> Vec<f32> {
    let mut state = 88_172_645_463_325_252u64;
    let mut next = || {
        // xorshift64 (Marsaglia 2003): the tests need no random number generator of their own.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * amplitude
    };
    let line: Vec<i16> = (0..48_000).map(|_| (next() * 32_767.0) as i16).collect();
    let recording = Recording::parse(&wav_bytes(&line)).unwrap();
    recording.tracks().next().unwrap().1.to_vec()
}

fn tones(frequencies: &[f32], on_ms: usize, off_ms: usize) -> Vec<f32> {
    let sample = |n: usize| {
        let sounding = n / 16 % (on_ms + off_ms) < on_ms;
        let t = n as f32 / 16_000.0;
        if sounding {
            frequencies.iter().map(|f| 0.2 * (t * f * TAU).sin()).sum()
        } else {
            0.0
        }
    };
    (0..6 * 16_000).map(sample).collect()
}

#[test]
fn nothing_is_heard_where_nobody_speaks() {
    let mut transcriber = transcriber();
    for (name, samples) in [
        ("silence", vec![0.0; 6 * 16_000]),
        ("idle noise", noise(0.001)),
        ("faint noise", noise(0.02)),
        ("noise", noise(0.1)),
        ("loud noise", noise(0.5)),
        ("clipping", vec![1.0; 6 * 16_000]),
        ("dial tone", tones(&[350.0, 440.0], 10_000, 0)),
        ("ringback", tones(&[440.0, 480.0], 2_000, 4_000)),
        ("busy", tones(&[480.0, 620.0], 500, 500)),
        ("keys", tones(&[770.0, 1_336.0], 120, 180)),
    ] {
        let recording = Recording::new(vec![samples]);
        for segments in [
            transcriber.whole(&recording).unwrap(),
            transcriber.streaming(&recording).unwrap(),
        ] {
            assert_eq!(words(&segments), [""; 0], "{name}");
        }
    }
}

/// A mono file of 16-bit samples at 8 kHz.
fn wav_bytes(samples: &[i16]) -> Vec<u8> {
    let mut bytes =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data"
            .to_vec();
    bytes.extend((samples.len() as u32 * 2).to_le_bytes());
    bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
    bytes
}

fn wav_file(folder: &Path, name: &str, samples: &[i16]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, wav_bytes(samples)).unwrap();
    path
}

#[test]
fn bad_files_are_reported_and_the_others_done() {
    let folder = tempfile::tempdir().unwrap();
    let good = wav_file(folder.path(), "quiet.wav", &[0; 8_000]);
    let foreign = folder.path().join("notes.wav");
    fs::write(&foreign, "hello").unwrap();
    let empty = wav_file(folder.path(), "empty.wav", &[]);
    let missing = folder.path().join("missing.wav");
    for streaming in [false, true] {
        let args = Args {
            files: vec![
                missing.clone(),
                foreign.clone(),
                empty.clone(),
                good.clone(),
            ],
            json: true,
            streaming,
            model: None,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert!(!run(&args, &settings(), &mut out, &mut err).unwrap());
        let expected = format!(
            "{{\"file\":{},\"segments\":[]}}\n",
            serde_json::to_string(&good.to_string_lossy()).unwrap()
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let err = String::from_utf8(err).unwrap();
        let lines: Vec<&str> = err.lines().collect();
        assert_eq!(lines.len(), 3, "{err}");
        assert!(lines[0].contains("missing.wav: cannot be read"));
        assert!(lines[1].contains("notes.wav: not a WAV file"));
        assert!(lines[2].contains("empty.wav: holds no audio"));
    }
}

#[test]
fn output_has_the_agreed_form() {
    let word = |w: &str, start_ms, end_ms| Word {
        w: w.to_owned(),
        start_ms,
        end_ms,
        p: 0.5,
    };
    let segment = |track, start_ms, suspect| Segment {
        track,
        utterance: 0,
        start_ms,
        end_ms: start_ms + 400,
        text: "hello there".to_owned(),
        words: vec![
            word("hello", start_ms, start_ms + 200),
            word("there", start_ms + 200, start_ms + 400),
        ],
        suspect,
        model: "m".into(),
    };
    let segments = [
        segment(Track::Inbound, 1_200, false),
        segment(Track::Outbound, 61_900, true),
    ];
    let mut out = Vec::new();
    write_json(Path::new("a.wav"), &segments, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"{"file":"a.wav","segments":[{"track":"inbound","start_ms":1200,"end_ms":1600,"text":"hello there","words":[{"w":"hello","start_ms":1200,"end_ms":1400,"p":0.5},{"w":"there","start_ms":1400,"end_ms":1600,"p":0.5}]},{"track":"outbound","start_ms":61900,"end_ms":62300,"text":"hello there","words":[{"w":"hello","start_ms":61900,"end_ms":62100,"p":0.5},{"w":"there","start_ms":62100,"end_ms":62300,"p":0.5}]}]}"#);
    let mut out = Vec::new();
    write_plain(Path::new("a.wav"), &segments, true, &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "a.wav\n  0:01.2  inbound   hello there\n  1:01.9  outbound  hello there  (uncertain)\n"
    );
}

/// One of the project's own calls: the recording and the lines (is it the caller, words).
fn fixture(name: &str) -> (Recording, Vec<(bool, Vec<String>)>) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/speech/rendered")
        .join(name);
    let truth: serde_json::Value =
        serde_json::from_slice(&fs::read(file.with_extension("json")).unwrap()).unwrap();
    let lines = truth["lines"].as_array().into_iter().flatten().map(|line| {
        let plain = |w: &str| {
            w.chars()
                .filter(|c| c.is_alphanumeric() || *c == '\'')
                .collect::<String>()
                .to_lowercase()
        };
        let text = line["text"].as_str().unwrap();
        (
            line["speaker"] == "caller",
            text.split([' ', '-'])
                .map(plain)
                .filter(|w| !w.is_empty())
                .collect(),
        )
    });
    (
        Recording::read(&file.with_extension("wav")).unwrap(),
        lines.collect(),
    )
}

#[test]
fn two_tracks_of_a_call_are_heard_while_they_last() {
    let mut transcriber = transcriber();
    let (mut said, mut wrong) = (0, 0);
    for name in ["home-services-gas-hangup", "slow-digits"] {
        let (recording, lines) = fixture(name);
        let segments = transcriber.streaming(&recording).unwrap();
        for caller in [true, false] {
            let reference: Vec<String> = lines
                .iter()
                .filter(|(by, _)| *by == caller)
                .flat_map(|(_, words)| words.clone())
                .collect();
            let of_track: Vec<Segment> = segments
                .iter()
                .filter(|s| (s.track == Track::Inbound) == caller)
                .cloned()
                .collect();
            said += reference.len();
            wrong += edits(&reference, &words(&of_track));
        }
    }
    assert!(
        said > 90 && wrong * 100 <= said * 8,
        "{wrong} of {said} words wrong"
    );
}

#[test]
fn calls_without_speech_leave_no_certain_words() {
    let mut transcriber = transcriber();
    for name in ["silence", "ringing", "dtmf-in-band", "hold-music"] {
        let segments = transcriber.streaming(&fixture(name).0).unwrap();
        let certain: Vec<&str> = segments
            .iter()
            .filter(|s| !s.suspect)
            .map(|s| s.text.as_str())
            .collect();
        assert_eq!(certain, [""; 0], "{name}");
    }
}
