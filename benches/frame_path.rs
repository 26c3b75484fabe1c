//! The frame path, whole and in parts: what one 20 ms frame of one track costs.
//!
//! `cargo bench --bench frame_path`. Budget of the whole: 3 us median.

use std::hint::black_box;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use offhook::audio::resample::Upsampler;
use offhook::audio::{FramePath, Timeline, mulaw, ring};
use offhook::media::{Dialect, MediaEvent, Track};

/// A minute of one track as Twilio sends it, 381 to 387 bytes a message.
fn messages() -> Vec<String> {
    (0..3_000u64)
        .map(|n| {
            let bytes: Vec<u8> = (0..160u64).map(|i| mulaw::encode((((n * 160 + i) as f64 * 0.35).sin() * 8_000.0) as i16)).collect();
            format!(
                r#"{{"event":"media","sequenceNumber":"{}","media":{{"track":"inbound","chunk":"{}","timestamp":"{}","payload":"{}"}},"streamSid":"MZ00000000000000000000000000000001"}}"#,
                n + 2,
                n + 1,
                102 + 20 * n,
                STANDARD.encode(bytes)
            )
        })
        .collect()
}

fn whole(c: &mut Criterion) {
    let messages = messages();
    for (name, speech) in [
        ("message to ring", true),
        ("message to timeline, speech off", false),
    ] {
        let (writer, mut reader) = ring::channel();
        let mut path =
            FramePath::new(0, [speech.then_some(writer), None]).expect("the resampler is set up");
        let mut n = 0;
        c.bench_function(name, |b| {
            b.iter(|| {
                if n == messages.len() {
                    // The recording begins anew, at the end of what was there: as a further stream of the call does.
                    path.begin_stream(path.report(Track::Inbound).end_sample / 8);
                    n = 0;
                }
                let Ok(MediaEvent::Media(media)) = Dialect::Twilio.parse(black_box(&messages[n]))
                else {
                    panic!("not media")
                };
                let accepted = path.accept(&media, |bytes| {
                    black_box(bytes);
                });
                n += 1;
                while let Ok(frame) = reader.pop() {
                    black_box(&frame);
                }
                accepted
            });
        });
    }
}

fn parts(c: &mut Criterion) {
    let messages = messages();
    let mut texts = messages.iter().cycle();
    c.bench_function("parse", |b| {
        b.iter(|| {
            Dialect::Twilio
                .parse(black_box(texts.next().expect("endless")))
                .map(|event| event.name())
        })
    });

    let encoded: Vec<String> = messages
        .iter()
        .filter_map(|m| {
            m.split("payload\":\"")
                .nth(1)?
                .split('"')
                .next()
                .map(str::to_owned)
        })
        .collect();
    let mut payloads = encoded.iter().cycle();
    let mut bytes = [0u8; 200];
    c.bench_function("base64", |b| {
        b.iter(|| STANDARD.decode_slice(black_box(payloads.next().expect("endless")), &mut bytes))
    });

    let mut samples = [0f32; 160];
    c.bench_function("table", |b| {
        b.iter(|| mulaw::decode_into(black_box(&bytes[..160]), black_box(&mut samples)))
    });

    let mut timeline = Timeline::new(0);
    let mut ms = 0;
    c.bench_function("place", |b| {
        b.iter(|| {
            ms += 20;
            timeline.place(Track::Inbound, black_box(ms), Some(ms as u64), 160)
        });
    });

    let mut upsampler = Upsampler::new().expect("the resampler is set up");
    c.bench_function("resample", |b| {
        b.iter(|| upsampler.push(black_box(&samples), |frame| _ = black_box(frame)))
    });

    c.bench_function("ring, push and pop", |b| {
        let (mut writer, mut reader) = ring::channel();
        let frame = offhook::audio::AudioFrame {
            start_sample: 0,
            len: 320,
            samples: [0.1; 320],
        };
        b.iter_batched(
            || frame,
            |frame| {
                writer.push(frame);
                reader.pop()
            },
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, whole, parts);
criterion_main!(benches);
