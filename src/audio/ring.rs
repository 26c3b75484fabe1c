//! The hand-over from the socket's task to the speech thread: single producer, single consumer, no lock, bounded.
//!
//! The writer never waits. A reader that stalls for longer than the ring is long loses frames, which are counted; it sees the loss as a
//! jump of [`AudioFrame::start_sample`]. The end of a track is the writer being dropped (`Consumer::is_abandoned` once it is empty).

use super::AudioFrame;

/// Frames a ring holds: 2.56 s of one track.
pub const FRAMES: usize = 128;

/// The writing end of one track.
#[derive(Debug)]
pub struct Writer {
    producer: rtrb::Producer<AudioFrame>,
    dropped_frames: u64,
}

/// A ring of [`FRAMES`] frames.
pub fn channel() -> (Writer, rtrb::Consumer<AudioFrame>) {
    let (producer, consumer) = rtrb::RingBuffer::new(FRAMES);
    (
        Writer {
            producer,
            dropped_frames: 0,
        },
        consumer,
    )
}

impl Writer {
    /// Hands a frame over, or counts it as dropped when the ring is full or its reader gone.
    pub fn push(&mut self, frame: AudioFrame) {
        if self.producer.push(frame).is_err() {
            self.dropped_frames += 1;
        }
    }

    /// Frames lost so far because the reader was too slow.
    pub fn dropped_frames(&self) -> u64 {
        self.dropped_frames
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::FRAME_SAMPLES;

    #[test]
    fn a_full_ring_drops_the_newest_and_counts_it() {
        let (mut writer, mut reader) = channel();
        for n in 0..FRAMES as u64 + 3 {
            writer.push(AudioFrame {
                start_sample: n,
                len: 0,
                samples: [0.0; FRAME_SAMPLES],
            });
        }
        assert_eq!(writer.dropped_frames(), 3);
        drop(writer);
        let read: Vec<_> = std::iter::from_fn(|| reader.pop().ok())
            .map(|frame| frame.start_sample)
            .collect();
        assert_eq!(read, (0..FRAMES as u64).collect::<Vec<_>>());
        assert!(reader.is_abandoned());
    }
}
