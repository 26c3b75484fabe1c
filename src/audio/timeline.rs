//! Where a frame belongs: by the sender's clock, never by arrival.
//!
//! Both tracks share an origin, the stream's first timestamp; a later stream of the same call begins at its offset on the call's clock.
//! Frames follow each other without a seam as long as the timestamps agree with the sample count to within half a frame; a jump is a gap
//! and is kept as one. The steady part of the disagreement (a first frame that was stamped late, a clock that drifts) is followed by a
//! slow average, so that neither cuts audio nor hides a lost frame, and is put right once it reaches 20 ms: it does not add up.
//! (An 863 s call that was placed by arrival became 950 s long: pipecat#5071.)

use crate::media::Track;

use super::LINE_RATE_HZ;

/// Samples a millisecond.
const PER_MS: i64 = (LINE_RATE_HZ / 1_000) as i64;
/// Most the sample count may run ahead of or behind the timestamps before it is put right: 20 ms.
const TOLERANCE: i64 = 20 * PER_MS;
/// How far back a frame may belong and still be a late one rather than nonsense: 1 s.
const REORDER_WINDOW: i64 = 1_000 * PER_MS;
/// Longest silence without frames that a single timestamp is believed for: 30 s.
const BELIEVED_JUMP: i64 = 30_000 * PER_MS;
/// Longest silence without frames at all; a longer jump means that the sender's clock was set anew: 10 min.
const LONGEST_SILENCE: i64 = 600_000 * PER_MS;
/// Consecutive frames that must agree before an implausible timestamp is believed.
const AGREEING_FRAMES: u32 = 3;
/// Timestamps remembered against duplicates: a little more than the reorder window in frames of 20 ms.
const REMEMBERED: usize = 64;
/// Gaps remembered for late frames.
const HOLES: usize = 16;

/// A stretch of a track for which nothing came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Whose audio is missing.
    pub track: Track,
    /// First missing sample on the call's 8 kHz clock.
    pub start_sample: u64,
    /// The sample after the last missing one.
    pub end_sample: u64,
}

impl Gap {
    /// Start, ms from the call's first media sample, rounded down.
    pub fn start_ms(&self) -> u64 {
        self.start_sample / PER_MS as u64
    }

    /// End, ms from the call's first media sample, rounded up.
    pub fn end_ms(&self) -> u64 {
        self.end_sample.div_ceil(PER_MS as u64)
    }
}

/// What a frame turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Follows the frame before.
    Contiguous,
    /// Follows a stretch for which nothing came, or begins its track.
    AfterGap,
    /// Its head repeats what was placed before; only its tail is new.
    Overlap,
    /// Came late and fills a gap: good for the recording, too late for the recogniser.
    Reordered,
    /// Was here before; not to be used.
    Duplicate,
    /// Belongs where there is audio already; not to be used.
    Late,
    /// Its timestamp cannot be believed; not to be used.
    Implausible,
}

impl Placement {
    /// Whether the samples go on to the recogniser: placed, and not behind its back.
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Placement::Contiguous | Placement::AfterGap | Placement::Overlap
        )
    }

    /// Whether the samples have a place at all.
    pub fn is_placed(self) -> bool {
        self.is_live() || self == Placement::Reordered
    }
}

/// Where a frame's samples belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// What the frame is.
    pub placement: Placement,
    /// Position of the first used sample on the call's 8 kHz clock.
    pub start_sample: u64,
    /// Samples at the frame's head that are not used.
    pub skip: usize,
    /// Samples used after those.
    pub len: usize,
    /// The gap this frame ended.
    pub gap: Option<Gap>,
}

impl Placed {
    /// The used part of the frame's samples.
    pub fn of<'a, T>(&self, samples: &'a [T]) -> &'a [T] {
        samples.get(self.skip..self.skip + self.len).unwrap_or(&[])
    }
}

/// What came of a track, to the sample: `samples + gap_samples + lead_in_samples` is the span from the offset of the stream in
/// which the track began to the track's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// Frames placed.
    pub frames: u64,
    /// Samples placed, 8 kHz.
    pub samples: u64,
    /// Samples missing in between.
    pub gap_samples: u64,
    /// Gaps seen, those filled later included.
    pub gaps: u64,
    /// Samples between the stream's origin and the track's first frame: not lost, the track had not begun.
    pub lead_in_samples: u64,
    /// Frames that had been here before.
    pub duplicates: u64,
    /// Frames that came late and filled a gap.
    pub reordered: u64,
    /// Frames for which there was audio already.
    pub late: u64,
    /// Samples left out because there was audio already (heads of overlapping frames).
    pub overlap_samples: u64,
    /// Frames whose timestamp could not be believed.
    pub implausible: u64,
    /// Frames with a timestamp below zero.
    pub negative: u64,
    /// Times the sender's clock was set anew.
    pub clock_restarts: u64,
}

/// The sample clocks of a call's two tracks.
#[derive(Debug, Clone)]
pub struct Timeline {
    origin_ms: Option<i64>,
    offset: i64,
    tracks: [TrackClock; 2],
}

#[derive(Debug, Clone)]
struct TrackClock {
    /// This track's own origin, once the sender has set its clock anew.
    origin_ms: Option<i64>,
    /// Position after the last placed sample; none before the track's first frame.
    next: Option<i64>,
    /// Sixteen times the average of timestamp minus sample count: an exponential average over 16 frames.
    bias_16: i64,
    recent: [(i64, Option<u64>); REMEMBERED],
    remembered: usize,
    oldest: usize,
    holes: [(i64, i64); HOLES],
    oldest_hole: usize,
    doubt: Doubt,
    counts: Counts,
}

/// Frames in a row whose timestamps make no sense.
#[derive(Debug, Clone, Copy, Default)]
struct Doubt {
    frames: u32,
    samples: i64,
    next_ms: i64,
}

impl TrackClock {
    fn new() -> TrackClock {
        TrackClock {
            origin_ms: None,
            next: None,
            bias_16: 0,
            recent: [(0, None); REMEMBERED],
            remembered: 0,
            oldest: 0,
            holes: [(0, 0); HOLES],
            oldest_hole: 0,
            doubt: Doubt::default(),
            counts: Counts::default(),
        }
    }

    fn remember(&mut self, timestamp_ms: i64, sequence: Option<u64>) {
        self.recent[self.oldest] = (timestamp_ms, sequence);
        self.oldest = (self.oldest + 1) % REMEMBERED;
        self.remembered = (self.remembered + 1).min(REMEMBERED);
    }

    /// The same message again: the same number, or the same timestamp where the frame it would make lies mostly behind us.
    fn is_duplicate(&self, timestamp_ms: i64, sequence: Option<u64>, mostly_behind: bool) -> bool {
        self.recent[..self.remembered]
            .iter()
            .any(|&(ms, number)| match (sequence, number) {
                (Some(a), Some(b)) if a == b => true,
                (Some(_), Some(_)) => ms == timestamp_ms && mostly_behind,
                _ => ms == timestamp_ms,
            })
    }
}

impl Timeline {
    /// A call's timeline whose first stream begins at `offset_ms` on the call's clock (0 unless the call is older than its stream).
    pub fn new(offset_ms: u64) -> Timeline {
        Timeline {
            origin_ms: None,
            offset: samples_of(offset_ms),
            tracks: [TrackClock::new(), TrackClock::new()],
        }
    }

    /// A further stream of the same call begins: its clock starts anew, and its first frame belongs at `offset_ms` on the call's clock.
    /// What is missing since the last stream becomes a gap.
    pub fn begin_stream(&mut self, offset_ms: u64) {
        self.origin_ms = None;
        self.offset = samples_of(offset_ms);
        for track in &mut self.tracks {
            track.origin_ms = None;
            track.bias_16 = 0;
            track.remembered = 0;
            track.oldest = 0;
            track.doubt = Doubt::default();
        }
    }

    /// What has come of a track so far.
    pub fn counts(&self, track: Track) -> Counts {
        self.tracks[track.index()].counts
    }

    /// The end of a track: the position after its last sample, 8 kHz. Zero before its first frame.
    pub fn end_sample(&self, track: Track) -> u64 {
        self.tracks[track.index()].next.map_or(0, position)
    }

    /// Finds the place of a frame of `samples` samples.
    pub fn place(
        &mut self,
        track: Track,
        timestamp_ms: i64,
        sequence: Option<u64>,
        samples: usize,
    ) -> Placed {
        let origin_ms = *self.origin_ms.get_or_insert(timestamp_ms);
        let offset = self.offset;
        let clock = &mut self.tracks[track.index()];
        // A frame is at most a message long; the clamp only keeps the arithmetic from ever overflowing.
        let len = i64::try_from(samples).unwrap_or(0).min(LONGEST_SILENCE);
        if timestamp_ms < 0 {
            clock.counts.negative += 1;
        }
        let stamped = stamped_position(offset, clock.origin_ms.unwrap_or(origin_ms), timestamp_ms);
        let next = clock.next.unwrap_or(offset);

        let ahead_of_doubt = stamped > next.max(offset).saturating_add(BELIEVED_JUMP);
        if ahead_of_doubt || stamped < next.saturating_sub(REORDER_WINDOW) {
            // A repeated message is not a doubtful clock.
            if clock.is_duplicate(timestamp_ms, sequence, true) {
                clock.counts.duplicates += 1;
                return nowhere(Placement::Duplicate);
            }
            if !clock.agrees(timestamp_ms, len) {
                clock.counts.implausible += 1;
                return nowhere(Placement::Implausible);
            }
            let doubted = clock.doubt.samples - len;
            if ahead_of_doubt && stamped - next.max(offset) <= LONGEST_SILENCE {
                return clock.append(track, offset, stamped, timestamp_ms, sequence, len);
            }
            // The sender's clock was set anew: from here on it is read so that this frame follows what came before, with the frames
            // that were doubted as a gap.
            clock.counts.clock_restarts += 1;
            clock.origin_ms = Some(timestamp_ms.saturating_sub((next - offset + doubted) / PER_MS));
            clock.bias_16 = 0;
            return clock.append(track, offset, next + doubted, timestamp_ms, sequence, len);
        }
        clock.doubt = Doubt::default();

        let deviation = stamped - next;
        let step = deviation - clock.bias_16 / 16;
        if deviation < 0 && clock.is_duplicate(timestamp_ms, sequence, deviation < -len / 2) {
            clock.counts.duplicates += 1;
            return nowhere(Placement::Duplicate);
        }
        let contiguous = step > -len.min(TOLERANCE) && step <= (len / 2).min(TOLERANCE);
        if contiguous && deviation.abs() <= TOLERANCE {
            clock.bias_16 += deviation - clock.bias_16 / 16;
            return clock.append(track, offset, next, timestamp_ms, sequence, len);
        }
        if contiguous {
            // The slow disagreement has reached the tolerance: put the sample count right.
            clock.bias_16 = 0;
            if deviation > 0 {
                return clock.append(track, offset, stamped, timestamp_ms, sequence, len);
            }
            return clock.tail(next, stamped, timestamp_ms, sequence, len);
        }
        if step > 0 {
            return clock.append(track, offset, next + step, timestamp_ms, sequence, len);
        }
        clock.behind(
            next,
            stamped - clock.bias_16 / 16,
            timestamp_ms,
            sequence,
            len,
        )
    }
}

impl TrackClock {
    /// Whether this doubtful frame and those before it tell the same time; the third that does is believed.
    fn agrees(&mut self, timestamp_ms: i64, len: i64) -> bool {
        let follows = self.doubt.frames > 0
            && timestamp_ms
                .saturating_sub(self.doubt.next_ms)
                .saturating_abs()
                <= TOLERANCE / PER_MS;
        let before = if follows {
            self.doubt
        } else {
            Doubt::default()
        };
        self.doubt = Doubt {
            frames: before.frames + 1,
            samples: before.samples.saturating_add(len),
            next_ms: timestamp_ms.saturating_add(len / PER_MS),
        };
        self.doubt.frames >= AGREEING_FRAMES
    }

    /// Places a frame at `start`, at or after the track's end.
    fn append(
        &mut self,
        track: Track,
        offset: i64,
        start: i64,
        timestamp_ms: i64,
        sequence: Option<u64>,
        len: i64,
    ) -> Placed {
        self.doubt = Doubt::default();
        let missing = start - self.next.unwrap_or(offset);
        let mut gap = None;
        if self.next.is_none() {
            self.counts.lead_in_samples += position(missing);
        } else if missing > 0 {
            self.counts.gaps += 1;
            self.counts.gap_samples += position(missing);
            self.holes[self.oldest_hole] = (start - missing, start);
            self.oldest_hole = (self.oldest_hole + 1) % HOLES;
            gap = Some(Gap {
                track,
                start_sample: position(start - missing),
                end_sample: position(start),
            });
        }
        let placement = if self.next.is_none() || missing > 0 {
            Placement::AfterGap
        } else {
            Placement::Contiguous
        };
        self.next = Some(start + len);
        self.remember(timestamp_ms, sequence);
        self.counts.frames += 1;
        self.counts.samples += position(len);
        Placed {
            placement,
            start_sample: position(start),
            skip: 0,
            len: len as usize,
            gap,
        }
    }

    /// A frame that belongs before the track's end: it fills a gap, or its tail is new, or it is too late.
    fn behind(
        &mut self,
        next: i64,
        start: i64,
        timestamp_ms: i64,
        sequence: Option<u64>,
        len: i64,
    ) -> Placed {
        if start + len > next {
            return self.tail(next, start, timestamp_ms, sequence, len);
        }
        let overlap = |hole: &(i64, i64)| (start + len).min(hole.1) - start.max(hole.0);
        let Some(index) = (0..HOLES)
            .max_by_key(|&i| overlap(&self.holes[i]))
            .filter(|&i| overlap(&self.holes[i]) > 0)
        else {
            self.counts.late += 1;
            return nowhere(Placement::Late);
        };
        let (from, to) = self.holes[index];
        // Timestamps wobble: a frame that nearly fits into its hole is moved rather than cut.
        let moved = start.clamp(from, (to - len).max(from));
        let (start, skip) = if (moved - start).abs() <= TOLERANCE / 2 {
            (moved, 0)
        } else {
            (start.max(from), (from - start).max(0))
        };
        let used = (len - skip).min(to - start);
        if used <= 0 {
            self.counts.late += 1;
            return nowhere(Placement::Late);
        }
        self.holes[index] = (from, start);
        if start + used < to {
            self.holes[self.oldest_hole] = (start + used, to);
            self.oldest_hole = (self.oldest_hole + 1) % HOLES;
        }
        self.remember(timestamp_ms, sequence);
        self.counts.frames += 1;
        self.counts.reordered += 1;
        self.counts.samples += position(used);
        self.counts.gap_samples = self.counts.gap_samples.saturating_sub(position(used));
        Placed {
            placement: Placement::Reordered,
            start_sample: position(start),
            skip: skip as usize,
            len: used as usize,
            gap: None,
        }
    }

    /// The part of a frame past the track's end, if there is one.
    fn tail(
        &mut self,
        next: i64,
        start: i64,
        timestamp_ms: i64,
        sequence: Option<u64>,
        len: i64,
    ) -> Placed {
        let skip = next - start;
        if skip >= len {
            self.counts.late += 1;
            return nowhere(Placement::Late);
        }
        self.next = Some(start + len);
        self.remember(timestamp_ms, sequence);
        self.counts.frames += 1;
        self.counts.samples += position(len - skip);
        self.counts.overlap_samples += position(skip);
        Placed {
            placement: Placement::Overlap,
            start_sample: position(next),
            skip: skip as usize,
            len: (len - skip) as usize,
            gap: None,
        }
    }
}

/// What a timestamp says about the position, on the call's 8 kHz clock.
fn stamped_position(offset: i64, origin_ms: i64, timestamp_ms: i64) -> i64 {
    // A quarter of the range leaves room for every sum and difference made of it.
    let relative = timestamp_ms
        .saturating_sub(origin_ms)
        .saturating_mul(PER_MS);
    offset.saturating_add(relative.clamp(i64::MIN / 4, i64::MAX / 4))
}

fn samples_of(ms: u64) -> i64 {
    i64::try_from(ms)
        .unwrap_or(i64::MAX)
        .saturating_mul(PER_MS)
        .min(i64::MAX / 4)
}

/// A position as it is told: never below the call's first sample.
fn position(samples: i64) -> u64 {
    u64::try_from(samples).unwrap_or(0)
}

fn nowhere(placement: Placement) -> Placed {
    Placed {
        placement,
        start_sample: 0,
        skip: 0,
        len: 0,
        gap: None,
    }
}

#[cfg(test)]
#[path = "timeline_tests.rs"]
mod tests;
