//! The way of a media frame from the socket's task to the writer thread: a lock-free byte ring, wide enough for seconds of a disk that
//! stalls, and behind it a bounded buffer that is only touched when the ring is full.
//!
//! In the ring a frame is `ticket:u64 at_us:i64 payload_bytes:u32 media head payload`. The ticket orders frames among the call's other
//! entries, see [`Tickets`].

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rtrb::{Consumer, Producer, RingBuffer};

use super::format::{MAX_BODY_BYTES, MEDIA_HEAD_BYTES, Media};

/// Bytes of a ring: more than three seconds of a call's two tracks.
const RING_BYTES: usize = 64 << 10;
/// Bytes a stream may hold beside its ring.
const OVERFLOW_BYTES: usize = 4 << 20;
/// Bytes of a frame in the ring before its payload.
const RING_HEAD_BYTES: usize = 20 + MEDIA_HEAD_BYTES;

/// Numbers that order what reaches the writer on different ways (channel, rings). An entry takes its ticket before it is sent, so of two
/// entries one of which was caused by the other, the cause has the lower ticket.
#[derive(Debug, Clone, Default)]
pub struct Tickets(Arc<AtomicU64>);

impl Tickets {
    /// The next ticket.
    pub fn take(&self) -> u64 {
        self.0.fetch_add(1, Ordering::AcqRel)
    }

    /// All tickets taken so far are lower than this one.
    pub fn bound(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// A frame that [`MediaWriter::push`] did not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MediaRefused {
    /// The disk has not kept up for so long that both the ring and the buffer behind it are full; the frame is lost and counted.
    #[error("the journal has fallen too far behind; a media frame is lost")]
    Full,
    /// The call has its own file by now, or the journal is shut down: nothing can be added.
    #[error("the call's journal is closed; a media frame comes too late")]
    Closed,
    /// The payload is longer than an entry may be.
    #[error("a media payload of {bytes} bytes is too long for the journal")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// What both ends share besides the ring.
struct Overflow {
    /// Set while `bytes` holds frames: then all that is in the ring is older.
    used: AtomicBool,
    bytes: Mutex<Vec<u8>>,
    lost_frames: AtomicU64,
}

impl Overflow {
    /// The bytes behind the ring. A panic cannot leave them half-written, so a poisoned lock is as good as any.
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends the media frames of one stream. It belongs to the task that reads the socket; dropping it ends the stream, and what it has
/// taken is still written.
pub struct MediaWriter {
    ring: Producer<u8>,
    overflow: Arc<Overflow>,
    tickets: Tickets,
}

/// The writer thread's end.
pub struct MediaInput {
    ring: Consumer<u8>,
    overflow: Arc<Overflow>,
    /// Frames taken out of the overflow and how many of their bytes are done with.
    spilled: Vec<u8>,
    spilled_done: usize,
    scratch: Vec<u8>,
}

/// A frame on its way out.
pub struct MediaFrame<'a> {
    /// When it arrived.
    pub at_us: i64,
    /// What it holds.
    pub media: Media<'a>,
}

/// Both ends of the way for one stream.
pub fn media_ring(tickets: Tickets) -> (MediaWriter, MediaInput) {
    let (producer, consumer) = RingBuffer::new(RING_BYTES);
    let overflow = Arc::new(Overflow {
        used: AtomicBool::new(false),
        bytes: Mutex::default(),
        lost_frames: AtomicU64::new(0),
    });
    (
        MediaWriter {
            ring: producer,
            overflow: overflow.clone(),
            tickets,
        },
        MediaInput {
            ring: consumer,
            overflow,
            spilled: Vec::new(),
            spilled_done: 0,
            scratch: Vec::new(),
        },
    )
}

impl MediaWriter {
    /// Takes one frame that arrived at `at_us` (microseconds since 1970, UTC): on disk within the commit interval. Wait-free, and
    /// without a heap allocation, for as long as the disk keeps up; after seconds of a stalled disk it takes a lock that is held for
    /// nanoseconds and lets a buffer grow.
    pub fn push(&mut self, at_us: i64, media: Media<'_>) -> Result<(), MediaRefused> {
        let payload = media.payload;
        if payload.len() > MAX_BODY_BYTES - MEDIA_HEAD_BYTES {
            return Err(MediaRefused::TooLong {
                bytes: payload.len(),
            });
        }
        let mut head = [0; RING_HEAD_BYTES];
        head[..8].copy_from_slice(&self.tickets.take().to_le_bytes());
        head[8..16].copy_from_slice(&at_us.to_le_bytes());
        head[16..20].copy_from_slice(&(payload.len() as u32).to_le_bytes());
        head[20..].copy_from_slice(&media.head());
        if !self.overflow.used.load(Ordering::Acquire) && self.push_to_ring(&head, payload) {
            return Ok(());
        }
        self.spill(&head, payload)
    }

    fn push_to_ring(&mut self, head: &[u8], payload: &[u8]) -> bool {
        // There is room for both once there is room for both: only this end takes room.
        self.ring.slots() >= head.len() + payload.len()
            && self.ring.push_entire_slice(head).is_ok()
            && self.ring.push_entire_slice(payload).is_ok()
    }

    #[cold]
    fn spill(&mut self, head: &[u8], payload: &[u8]) -> Result<(), MediaRefused> {
        let overflow = self.overflow.clone();
        let mut bytes = overflow.lock();
        // The other end empties and clears under this lock, so only now it is certain which way is the right one.
        if !overflow.used.load(Ordering::Acquire) && self.push_to_ring(head, payload) {
            return Ok(());
        }
        if self.ring.is_abandoned() {
            return Err(MediaRefused::Closed);
        }
        if bytes.len() + head.len() + payload.len() > OVERFLOW_BYTES {
            overflow.lost_frames.fetch_add(1, Ordering::Relaxed);
            return Err(MediaRefused::Full);
        }
        bytes.extend_from_slice(head);
        bytes.extend_from_slice(payload);
        overflow.used.store(true, Ordering::Release);
        Ok(())
    }
}

impl MediaInput {
    /// The ticket of the next frame; `None` when there is none.
    pub fn next_ticket(&mut self) -> Option<u64> {
        if self.spilled_done == self.spilled.len() {
            if let Some(head) = ring_head(&mut self.ring) {
                return Some(ticket(&head));
            }
            // Overflow in use: what is in the ring now is all there is before it.
            if !self.overflow.used.load(Ordering::Acquire) {
                return None;
            }
            if let Some(head) = ring_head(&mut self.ring) {
                return Some(ticket(&head));
            }
            let mut bytes = self.overflow.lock();
            self.spilled.clear();
            self.spilled_done = 0;
            std::mem::swap(&mut *bytes, &mut self.spilled);
            self.overflow.used.store(false, Ordering::Release);
        }
        self.spilled
            .get(self.spilled_done..)
            .and_then(|rest| rest.first_chunk())
            .map(ticket)
    }

    /// Takes the next frame, if its ticket is lower than `bound`.
    pub fn next_before(&mut self, bound: u64) -> Option<MediaFrame<'_>> {
        if self.next_ticket()? >= bound {
            return None;
        }
        let mut head = [0; RING_HEAD_BYTES];
        if self.spilled_done < self.spilled.len() {
            let rest = self.spilled.get(self.spilled_done..)?;
            head = *rest.first_chunk()?;
            let payload_bytes = payload_bytes(&head);
            self.scratch.clear();
            self.scratch
                .extend_from_slice(rest.get(RING_HEAD_BYTES..RING_HEAD_BYTES + payload_bytes)?);
            self.spilled_done += RING_HEAD_BYTES + payload_bytes;
            if self.spilled_done == self.spilled.len() {
                // Megabytes that only a stalled disk needs are given back.
                (self.spilled, self.spilled_done) = (Vec::new(), 0);
            }
        } else {
            self.ring.pop_entire_slice(&mut head).ok()?;
            self.scratch.resize(payload_bytes(&head), 0);
            self.ring.pop_entire_slice(&mut self.scratch).ok()?;
        }
        let mut at_us = [0; 8];
        at_us.copy_from_slice(&head[8..16]);
        let media = Media {
            payload: &self.scratch,
            ..Media::decode(&head[20..])?
        };
        Some(MediaFrame {
            at_us: i64::from_le_bytes(at_us),
            media,
        })
    }

    /// Whether the other end is gone and everything it wrote has been taken.
    pub fn is_finished(&mut self) -> bool {
        self.ring.is_abandoned() && self.next_ticket().is_none()
    }

    /// Frames refused since the last time this was asked.
    pub fn take_lost(&self) -> u64 {
        self.overflow.lost_frames.swap(0, Ordering::Relaxed)
    }
}

/// The head of the first frame in the ring, once the whole frame is there.
fn ring_head(ring: &mut Consumer<u8>) -> Option<[u8; RING_HEAD_BYTES]> {
    let slots = ring.slots();
    let chunk = ring.read_chunk(RING_HEAD_BYTES).ok()?;
    let (first, second) = chunk.as_slices();
    let mut head = [0; RING_HEAD_BYTES];
    // The two slices together are as long as the head, by what `read_chunk` promises.
    head[..first.len()].copy_from_slice(first);
    head[first.len()..].copy_from_slice(second);
    (slots >= RING_HEAD_BYTES + payload_bytes(&head)).then_some(head)
}

fn ticket(head: &[u8; RING_HEAD_BYTES]) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&head[..8]);
    u64::from_le_bytes(bytes)
}

fn payload_bytes(head: &[u8; RING_HEAD_BYTES]) -> usize {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&head[16..20]);
    u32::from_le_bytes(bytes) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(writer: &mut MediaWriter, sequence: u64, payload: &[u8]) -> Result<(), MediaRefused> {
        writer.push(
            5 * sequence as i64,
            Media {
                stream: 1,
                track: 0,
                sequence,
                timestamp_ms: 20 * sequence as i64,
                payload,
            },
        )
    }

    fn drain(input: &mut MediaInput) -> Vec<u64> {
        let mut seen = Vec::new();
        while let Some(frame) = input.next_before(u64::MAX) {
            assert_eq!(frame.at_us, 5 * frame.media.sequence as i64);
            assert!(
                frame
                    .media
                    .payload
                    .iter()
                    .all(|byte| *byte == frame.media.sequence as u8)
            );
            seen.push(frame.media.sequence);
        }
        seen
    }

    #[test]
    fn frames_keep_their_order_through_ring_and_overflow() {
        let (mut writer, mut input) = media_ring(Tickets::default());
        for sequence in 0..2_000 {
            push(&mut writer, sequence, &[sequence as u8; 160]).unwrap();
        }
        assert!(
            writer.overflow.used.load(Ordering::Relaxed),
            "2,000 frames are more than the ring holds"
        );
        // Half-way through the overflow more arrives: it goes behind what is there.
        let mut seen = Vec::new();
        for _ in 0..1_000 {
            seen.push(input.next_before(u64::MAX).unwrap().media.sequence);
        }
        push(&mut writer, 2_000, &[2_000_u64 as u8; 160]).unwrap();
        seen.extend(drain(&mut input));
        assert_eq!(seen, (0..=2_000).collect::<Vec<_>>());
        assert!(!input.is_finished());
        drop(writer);
        assert!(input.is_finished());
    }

    #[test]
    fn what_does_not_fit_is_refused_and_counted() {
        let (mut writer, mut input) = media_ring(Tickets::default());
        let mut taken = 0;
        while push(&mut writer, taken, &[taken as u8; 160]).is_ok() {
            taken += 1;
        }
        assert_eq!(push(&mut writer, 0, &[0; 160]), Err(MediaRefused::Full));
        assert_eq!((input.take_lost(), input.take_lost()), (2, 0));
        assert_eq!(drain(&mut input).len() as u64, taken);
        assert_eq!(push(&mut writer, 1, &[1; 160]), Ok(()));
        assert!(matches!(
            push(&mut writer, 1, &vec![0; MAX_BODY_BYTES]),
            Err(MediaRefused::TooLong { .. })
        ));
        // Longer than the ring, yet no longer than an entry may be.
        push(&mut writer, 2, &vec![2; 2 * RING_BYTES]).unwrap();
        assert_eq!(drain(&mut input), [1, 2]);
    }

    #[test]
    fn nothing_piles_up_when_nobody_listens_any_more() {
        let (mut writer, input) = media_ring(Tickets::default());
        drop(input);
        let taken = (0..1_000)
            .take_while(|n| push(&mut writer, *n, &[0; 160]).is_ok())
            .count();
        assert!(taken < 400, "no more than the ring holds: {taken}");
        assert_eq!(push(&mut writer, 0, &[0; 160]), Err(MediaRefused::Closed));
    }

    #[test]
    fn a_bound_holds_back_what_came_later() {
        let tickets = Tickets::default();
        let (mut writer, mut input) = media_ring(tickets.clone());
        push(&mut writer, 1, &[1; 3]).unwrap();
        let between = tickets.take();
        push(&mut writer, 2, &[2; 3]).unwrap();
        assert_eq!(input.next_before(between).unwrap().media.sequence, 1);
        assert!(input.next_before(between).is_none());
        assert_eq!(drain(&mut input), [2]);
    }

    #[test]
    fn two_threads_lose_and_mix_nothing() {
        let (mut writer, mut input) = media_ring(Tickets::default());
        let producer = std::thread::spawn(move || {
            for sequence in 0..60_000_u64 {
                while push(&mut writer, sequence, &[sequence as u8; 160]).is_err() {
                    std::thread::yield_now();
                }
            }
        });
        let mut seen = Vec::new();
        while !input.is_finished() {
            seen.extend(drain(&mut input));
        }
        producer.join().unwrap();
        assert_eq!(seen, (0..60_000).collect::<Vec<_>>());
    }
}
