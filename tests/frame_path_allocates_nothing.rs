//! From the text of a media message to samples in the ring, not one allocation: shown by an allocator that counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use offhook::audio::level::Level;
use offhook::audio::{FramePath, ring};
use offhook::media::{Dialect, MediaEvent, Track};

thread_local! {
    // Counted a thread, so that the test harness's own threads do not disturb.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call is passed on unchanged to the system's allocator; counting touches a thread-local cell that needs no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations() -> u64 {
    ALLOCATIONS.with(Cell::get)
}

/// Ten thousand messages of both tracks, with all that goes wrong on a line: gaps, repeats, late frames, odd lengths, wild timestamps,
/// payloads that are none.
fn messages(dialect: Dialect) -> Vec<String> {
    let mut messages = Vec::new();
    let mut at_ms: i64 = 102;
    for n in 0..5_000u64 {
        at_ms += if n % 97 == 0 {
            20 + (n % 31) as i64 * 20
        } else {
            20
        };
        for track in Track::BOTH {
            let bytes: Vec<u8> = (0..if n % 211 == 0 { 1_000 } else { 160 })
                .map(|i| (n * 7 + i * 13) as u8)
                .collect();
            let timestamp_ms = match n % 1_000 {
                500 => at_ms - 40,
                501 => i64::MAX,
                502 => -5,
                _ => at_ms,
            };
            let payload = if n % 1_003 == 1_000 {
                "*".repeat(216)
            } else {
                STANDARD.encode(bytes)
            };
            let (track, sequence) = (track.as_str(), 2 + messages.len());
            messages.push(match dialect {
                Dialect::Telnyx => format!(
                    r#"{{"event":"media","sequence_number":"{sequence}","media":{{"track":"{track}","chunk":"{n}","timestamp":"{timestamp_ms}","payload":"{payload}"}},"stream_id":"32DE0DEA"}}"#
                ),
                _ => format!(
                    r#"{{"event":"media","sequenceNumber":"{sequence}","media":{{"track":"{track}","chunk":"{n}","timestamp":"{timestamp_ms}","payload":"{payload}"}},"streamSid":"MZ00000000000000000000000000000001"}}"#
                ),
            });
        }
    }
    messages
}

#[test]
fn from_the_message_to_the_ring() {
    for dialect in [Dialect::Twilio, Dialect::SignalWire, Dialect::Telnyx] {
        let messages = messages(dialect);
        assert_eq!(messages.len(), 10_000);
        let ((inbound, mut hears_inbound), (outbound, mut hears_outbound)) =
            (ring::channel(), ring::channel());
        let mut path = FramePath::new(0, [Some(inbound), Some(outbound)]).unwrap();
        path.listen_for_keys();
        let (mut journalled, mut heard, mut gaps, mut refused) = (0usize, 0u64, 0u32, 0u32);
        let mut level_samples = 0;

        let before = allocations();
        for message in &messages {
            let Ok(MediaEvent::Media(media)) = dialect.parse(message) else {
                panic!("{message}")
            };
            let taken = path.accept(&media, |bytes| {
                level_samples += Level::of(bytes).samples;
                journalled += bytes.len();
            });
            match taken {
                Ok(accepted) => gaps += u32::from(accepted.placed.gap.is_some()),
                Err(_) => refused += 1,
            }
            while path.next_key().is_some() {}
            for reader in [&mut hears_inbound, &mut hears_outbound] {
                while let Ok(frame) = reader.pop() {
                    heard += u64::from(frame.len);
                }
            }
        }
        assert_eq!(
            allocations() - before,
            0,
            "allocations on the frame path of {dialect:?}"
        );

        // And it was the whole path that ran, with everything that can go wrong on it.
        let [inbound, outbound] = path.finish();
        while let Ok(frame) = hears_inbound.pop().or_else(|_| hears_outbound.pop()) {
            heard += u64::from(frame.len);
        }
        for report in [inbound, outbound] {
            assert!(
                report.counts.implausible > 0
                    && report.counts.gap_samples > 0
                    && report.counts.negative > 0,
                "{report:?}"
            );
            assert_eq!(report.dropped_frames, 0);
        }
        assert!(
            gaps > 50 && refused > 0 && journalled > 1_500_000,
            "{gaps} {refused} {journalled}"
        );
        assert_eq!(level_samples, journalled as u64);
        let placed = inbound.counts.samples + outbound.counts.samples;
        let late = [inbound, outbound]
            .map(|report| report.counts.reordered)
            .iter()
            .sum::<u64>();
        assert!(
            heard <= 2 * placed && heard >= 2 * (placed - late * 1_000),
            "{heard} of {placed}"
        );
    }
    // The counter does count.
    let before = allocations();
    drop(std::hint::black_box(vec![1u8; 64]));
    assert_eq!(allocations() - before, 1);
}
