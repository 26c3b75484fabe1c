//! What the recogniser's parts cost: listening to a track, the queue, and decodes with the bundled model.
#![allow(missing_docs)]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use offhook::audio::{AudioFrame, FRAME_SAMPLES};
use offhook::speech::Settings;
use offhook::speech::engine::{MakeEngine, Stop};
use offhook::speech::model::ModelFile;
use offhook::speech::schedule::{Entry, Queue};
use offhook::speech::tones;
use offhook::speech::track::{Listening, tuning};
use offhook::speech::transcribe::recording::Recording;
use offhook::speech::whisper::Whisper;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The caller's side of a bundled call, 16 kHz.
fn caller() -> Vec<f32> {
    let path = Path::new(ROOT).join("fixtures/speech/rendered/home-services-leak.wav");
    let recording = Recording::read(&path).expect("the bundled call");
    let (_, samples) = recording.tracks().next().expect("a track");
    samples.to_vec()
}

/// 20 ms of a track through the ears (detector, utterances, history), decodes not included.
fn listen(c: &mut Criterion) {
    let speech = caller();
    for (name, samples) in [
        ("call", &speech[..]),
        ("digital silence", &[0.0; 160_000][..]),
    ] {
        c.bench_function(&format!("listen to a frame of a {name}"), |b| {
            let mut listening = Listening::new(tuning(&Settings::default(), 10_000));
            listening.set_cadence(Some(600));
            let mut frames = samples.as_chunks::<FRAME_SAMPLES>().0.iter().cycle();
            let mut start_sample = 0;
            b.iter(|| {
                let samples = *frames.next().expect("a cycle has no end");
                listening.frame(&AudioFrame {
                    start_sample,
                    len: FRAME_SAMPLES as u16,
                    samples,
                });
                start_sample += FRAME_SAMPLES as u64;
                while let Some(order) = listening.poll_order() {
                    black_box(order);
                }
                while let Some(said) = listening.poll_said() {
                    black_box(said);
                }
            });
        });
    }
    c.bench_function("look for tones in 3 s", |b| {
        b.iter(|| tones::mute(black_box(&mut speech[..48_000].to_vec())));
    });
}

fn queue(c: &mut Criterion) {
    c.bench_function("queue and take one job among 200 tracks", |b| {
        let mut queue = Queue::default();
        let mut n = 0u64;
        let mut entry = || {
            n += 1;
            Entry {
                track: n % 200,
                ticket: n,
                is_final: n.is_multiple_of(4),
                deadline_us: n * 1_000,
                job: (),
            }
        };
        (0..200).for_each(|_| queue.push(entry()));
        b.iter(|| {
            queue.push(entry());
            if let Some(job) = queue.pop() {
                queue.partial_done(job.track);
            }
        });
    });
}

fn decode(c: &mut Criterion) {
    let file = ModelFile::read(&Path::new(ROOT).join("models/offhook-phone-en.bin"))
        .expect("the bundled model");
    let whisper = Whisper::load(&file, "en").expect("the bundled model");
    let mut engine = whisper.make().expect("an engine");
    let speech = caller();
    let mut group = c.benchmark_group("decode with the bundled model");
    group.sample_size(20);
    for seconds in [1, 3, 5, 8] {
        group.bench_function(format!("{seconds} s"), |b| {
            b.iter(|| engine.decode(&speech[16_000..16_000 * (seconds + 1)], &Stop::default()));
        });
    }
    group.finish();
}

criterion_group!(benches, listen, queue, decode);
criterion_main!(benches);
