//! What the journal costs: a media frame on the socket's task, a commit of many calls, a call's split.
//!
//! `cargo bench --bench journal`. The disk under the temporary folder is measured with it; `TMPDIR` chooses another one.

use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use offhook::store::CallId;
use offhook::store::journal::{
    ENTRY_FRAME_BYTES, Journal, JournalSettings, Kind, Media, MediaWriter,
};

/// Calls at once.
const CALLS: u64 = 500;
/// Frames of one call in a commit interval: two tracks, 20 ms each, 200 ms.
const FRAMES: u64 = 20;
/// Bytes of one frame's entry: what frames the entry, the media head, the payload.
const FRAME_BYTES: u64 = (ENTRY_FRAME_BYTES + 18 + 160) as u64;

fn key(number: u64) -> CallId {
    CallId::from_bytes(u128::from(number).to_be_bytes())
}

fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_micros() as i64)
}

fn push(media: &mut MediaWriter, sequence: u64) {
    let frame = Media {
        stream: 0,
        track: (sequence % 2) as u8,
        sequence,
        timestamp_ms: 10 * sequence as i64,
        payload: &[0xFE; 160],
    };
    media
        .push(black_box(1), black_box(frame))
        .expect("the ring is emptied in time");
}

fn open(dir: &tempfile::TempDir) -> Journal {
    Journal::open(dir.path(), &JournalSettings::default())
        .expect("a journal")
        .0
}

/// A frame into the ring, on the task that reads the socket.
fn frame(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a folder");
    let journal = open(&dir);
    let mut media = journal.media(key(1));
    c.bench_function("push a media frame", |b| {
        b.iter_custom(|frames| {
            let mut spent = Duration::ZERO;
            for first in (0..frames).step_by(250) {
                let started = Instant::now();
                for sequence in first..(first + 250).min(frames) {
                    push(&mut media, sequence);
                }
                spent += started.elapsed();
                // The writer empties the ring every 10 ms; a ring holds 330 frames.
                std::thread::sleep(Duration::from_millis(12));
            }
            spent
        });
    });
}

/// A commit interval of 500 calls, from the rings to the disk.
fn commit(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let mut group = c.benchmark_group("200 ms of 500 calls made durable");
    group
        .sample_size(20)
        .throughput(Throughput::Bytes(CALLS * FRAMES * FRAME_BYTES));

    let dir = tempfile::tempdir().expect("a folder");
    let journal = open(&dir);
    let mut streams: Vec<_> = (1..=CALLS)
        .map(|number| journal.media(key(number)))
        .collect();
    let waiting = journal.call(key(1));
    group.bench_function("one node log, 1 fsync", |b| {
        b.iter(|| {
            for media in &mut streams {
                for sequence in 0..FRAMES {
                    push(media, sequence);
                }
            }
            runtime
                .block_on(waiting.append_durable(Kind::Person, now_us(), Vec::new()))
                .expect("durable");
        });
    });

    let dir = tempfile::tempdir().expect("a folder");
    let mut files: Vec<_> = (0..CALLS)
        .map(|number| File::create(dir.path().join(number.to_string())).expect("a file"))
        .collect();
    let bytes = vec![0xFE; (FRAMES * FRAME_BYTES) as usize];
    group.bench_function("a file a call, 500 fsyncs, no encoding", |b| {
        b.iter(|| {
            for file in &mut files {
                file.write_all(&bytes).expect("written");
                file.sync_data().expect("synced");
            }
        });
    });
}

/// An entry that somebody waits for, alone.
fn durable(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let dir = tempfile::tempdir().expect("a folder");
    let journal = open(&dir);
    let call = journal.call(key(1));
    c.bench_function("append one durable entry", |b| {
        b.iter(|| {
            runtime
                .block_on(call.append_durable(
                    Kind::Provider,
                    1,
                    br#"{"source":"media","text":"{}"}"#.to_vec(),
                ))
                .expect("durable")
        });
    });
}

/// Hangup: a five-minute call that was written in turns with another gets its own file.
fn split(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let dir = tempfile::tempdir().expect("a folder");
    let journal = open(&dir);
    let mut next = 1;
    let mut group = c.benchmark_group("split");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .throughput(Throughput::Bytes(30_000 * FRAME_BYTES));
    group.bench_function("a call of five minutes", |b| {
        b.iter_custom(|splits| {
            let mut spent = Duration::ZERO;
            for _ in 0..splits {
                let own = next;
                next += 2;
                let (mut media, mut other) = (journal.media(key(own)), journal.media(key(own + 1)));
                for sequence in 0..30_000 {
                    push(&mut media, sequence);
                    push(&mut other, sequence);
                    if sequence % 100 == 0 {
                        runtime
                            .block_on(journal.call(key(own)).append_durable(
                                Kind::Heard,
                                1,
                                Vec::new(),
                            ))
                            .expect("durable");
                    }
                }
                let started = Instant::now();
                runtime.block_on(journal.split(key(own))).expect("split");
                spent += started.elapsed();
                runtime
                    .block_on(journal.split(key(own + 1)))
                    .expect("split");
            }
            spent
        });
    });
}

criterion_group!(benches, frame, durable, commit, split);
criterion_main!(benches);
