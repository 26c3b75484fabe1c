//! Calls on a virtual clock: frames every 20 ms, workers that are busy for as long as their decodes took processor time.

use std::collections::HashMap;
use std::sync::Arc;

use super::material::Call;
use super::meter::{Meter, thread_time};
use super::policy::Policy;
use crate::audio::{AudioFrame, FRAME_SAMPLES};
use crate::media::Track;
use crate::speech::engine::{Decoded, EngineError, Stop};
use crate::speech::recogniser::Totals;
use crate::speech::schedule::TrackId;
use crate::speech::{Segment, SpeechEvent};

const TICK_US: u64 = 20_000;
/// Calls begin one after the other within this time, so that they do not speak in step.
const BEGIN_WITHIN_US: u64 = 20_000_000;
/// What is said before this is not judged: the load is still building up.
pub const WARM_UP_US: u64 = 20_000_000;
/// Between two calls of one line.
const BETWEEN_US: u64 = 1_000_000;
/// A refused caller tries again after this.
const AGAIN_US: u64 = 10_000_000;
/// After the last frame the workers may finish for this long.
const FINISH_US: u64 = 10_000_000;
/// What ends within this time before the end of a run is not judged: calls that are cut off have no endpoint to wait for.
pub const CUT_OFF_US: u64 = 1_500_000;

/// What is offered.
#[derive(Debug, Clone, Copy)]
pub struct Offered {
    /// Calls at once.
    pub calls: usize,
    /// For how long.
    pub seconds: u64,
}

/// What one track of a call was told.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Which recording.
    pub call: usize,
    /// Which track.
    pub track: Track,
    /// When its first sample was spoken.
    pub began_us: u64,
    /// Its final texts come as finals; else each text that covers a stretch of audio stands for one.
    pub has_finals: bool,
    /// Everything that was told, with its time.
    pub events: Vec<(u64, SpeechEvent)>,
}

impl Heard {
    /// The finals with their times.
    pub fn finals(&self) -> impl Iterator<Item = (u64, &Segment)> {
        self.events.iter().filter_map(|(at, event)| match event {
            SpeechEvent::Final(segment) => Some((*at, segment)),
            _ => None,
        })
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Calls at once.
    pub calls: usize,
    /// From when on it is judged.
    pub judged_from_us: u64,
    /// And until when.
    pub judged_until_us: u64,
    /// When the last frame came.
    pub ended_us: u64,
    /// All tracks.
    pub heard: Vec<Heard>,
    /// Calls that began or would have.
    pub offered: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Workers' time spent on decodes, µs; in real time the processor time of everything.
    pub busy_us: u64,
    /// Processor time of everything but decodes, µs; none where it was not measured.
    pub listener_us: Option<u64>,
    /// Audio heard, both tracks of every call, µs.
    pub audio_us: u64,
    /// What was decoded and what was not.
    pub totals: Totals,
}

impl Outcome {
    /// Adds another run's, one after the other.
    pub fn add(&mut self, other: Outcome) {
        self.ended_us += other.ended_us;
        self.judged_until_us = self.judged_until_us.max(other.judged_until_us);
        self.heard.extend(other.heard);
        self.offered += other.offered;
        self.refused += other.refused;
        self.busy_us += other.busy_us;
        self.audio_us += other.audio_us;
        self.totals.partials += other.totals.partials;
        self.totals.finals += other.totals.finals;
        self.totals.shed += other.totals.shed;
        self.listener_us = self.listener_us.zip(other.listener_us).map(|(a, b)| a + b);
    }

    /// Share of a core that listening to one call (two tracks) takes beside the decodes.
    pub fn listener_share(&self) -> f64 {
        2.0 * self.listener_us.unwrap_or(0) as f64 / self.audio_us.max(1) as f64
    }
}

struct Playing {
    call: usize,
    position: usize,
    ids: Vec<TrackId>,
}

/// One line on which call follows call.
struct Slot {
    /// When the next call begins.
    next_us: u64,
    /// Which recording that will be.
    next_call: usize,
    playing: Option<Playing>,
}

struct Running {
    worker: usize,
    end_us: u64,
    took_us: u64,
    stop: Arc<Stop>,
    decoded: Decoded,
}

struct Desk<'a, P: Policy> {
    policy: &'a mut P,
    meter: &'a mut Meter,
    running: Vec<Running>,
    heard: HashMap<TrackId, Heard>,
    done: Vec<Heard>,
    busy_us: u64,
    decoding: std::time::Duration,
}

impl<P: Policy> Desk<'_, P> {
    /// Finishes what is due until `now_us`, in the order in which it ends.
    fn work(&mut self, until_us: u64) -> Result<(), EngineError> {
        loop {
            let due = self
                .running
                .iter()
                .enumerate()
                .min_by_key(|(_, running)| running.end_us)
                .filter(|(_, running)| running.end_us <= until_us)
                .map(|(index, _)| index);
            let Some(index) = due else {
                return Ok(());
            };
            let job = self.running.swap_remove(index);
            let now_us = job.end_us;
            self.finish(job, now_us);
            self.give(now_us)?;
        }
    }

    /// What was asked to stop ends at once.
    fn stop(&mut self, now_us: u64) {
        while let Some(index) = self.running.iter().position(|job| job.stop.is_set()) {
            let job = self.running.swap_remove(index);
            self.busy_us -= job.end_us.saturating_sub(now_us);
            self.finish(job, now_us);
        }
    }

    fn finish(&mut self, job: Running, now_us: u64) {
        let outcome = if job.stop.is_set() {
            Err(EngineError::Aborted)
        } else {
            Ok(job.decoded)
        };
        self.policy
            .finished(job.worker, outcome, job.took_us, now_us);
        self.drain(now_us);
    }

    fn give(&mut self, now_us: u64) -> Result<(), EngineError> {
        while let Some(assignment) = self.policy.assign(now_us) {
            let before = thread_time();
            let (decoded, took_us) = self.meter.cost(&assignment.audio)?;
            self.decoding += thread_time() - before;
            self.busy_us += took_us;
            self.running.push(Running {
                worker: assignment.worker,
                end_us: now_us + took_us,
                took_us,
                stop: assignment.stop,
                decoded,
            });
        }
        self.drain(now_us);
        Ok(())
    }

    fn drain(&mut self, now_us: u64) {
        while let Some((id, event)) = self.policy.poll_event() {
            let done = matches!(event, SpeechEvent::Done(_));
            if let Some(heard) = self.heard.get_mut(&id) {
                heard.events.push((now_us, event));
            }
            if done {
                self.done.extend(self.heard.remove(&id));
            }
        }
    }

    fn begin(
        &mut self,
        call: usize,
        calls: &[Call],
        next_id: &mut TrackId,
        now_us: u64,
    ) -> Playing {
        let mut ids = Vec::new();
        for (track, _) in calls.get(call).into_iter().flat_map(Call::tracks) {
            let id = *next_id;
            *next_id += 1;
            self.policy.begin(id, track, now_us);
            let heard = Heard {
                call,
                track,
                began_us: now_us,
                has_finals: self.policy.has_finals(),
                events: Vec::new(),
            };
            self.heard.insert(id, heard);
            ids.push(id);
        }
        Playing {
            call,
            position: 0,
            ids,
        }
    }

    /// The next 20 ms of a call; false when it is over.
    fn play(&mut self, playing: &mut Playing, calls: &[Call], now_us: u64) -> bool {
        let Some(call) = calls.get(playing.call) else {
            return false;
        };
        for (id, (_, samples)) in playing.ids.iter().zip(call.tracks()) {
            if let Some(frame) = frame(samples, playing.position) {
                self.policy.frame(*id, &frame, now_us);
            }
        }
        playing.position += FRAME_SAMPLES;
        if playing.position < call.samples() {
            return true;
        }
        for id in &playing.ids {
            self.policy.end(*id, now_us);
        }
        false
    }
}

/// The 20 ms from `position` on.
pub fn frame(samples: &[f32], position: usize) -> Option<AudioFrame> {
    let part = samples.get(position..samples.len().min(position + FRAME_SAMPLES))?;
    if part.is_empty() {
        return None;
    }
    let mut frame = AudioFrame {
        start_sample: position as u64,
        // At most FRAME_SAMPLES, which fits.
        len: part.len() as u16,
        samples: [0.0; FRAME_SAMPLES],
    };
    for (slot, sample) in frame.samples.iter_mut().zip(part) {
        *slot = *sample;
    }
    Some(frame)
}

/// So many calls at once for so long, each line playing one recording after the other.
///
/// # Errors
/// A decode failed.
pub fn run(
    policy: &mut impl Policy,
    calls: &[Call],
    offered: Offered,
    meter: &mut Meter,
) -> Result<Outcome, EngineError> {
    let slots = (0..offered.calls)
        .map(|n| Slot {
            // Whole ticks: a frame comes every 20 ms.
            next_us: BEGIN_WITHIN_US * n as u64 / offered.calls.max(1) as u64 / TICK_US * TICK_US,
            next_call: n,
            playing: None,
        })
        .collect();
    let length_us = offered.seconds * 1_000_000;
    play(policy, calls, slots, length_us, WARM_UP_US, true, meter)
}

/// One recording alone, from its beginning to its end.
///
/// # Errors
/// A decode failed.
pub fn one(
    policy: &mut impl Policy,
    calls: &[Call],
    index: usize,
    meter: &mut Meter,
) -> Result<Outcome, EngineError> {
    let slot = Slot {
        next_us: 0,
        next_call: index,
        playing: None,
    };
    let length_us = calls
        .get(index)
        .map_or(0, |call| call.samples() as u64 * 125 / 2);
    play(
        policy,
        calls,
        vec![slot],
        length_us + TICK_US,
        0,
        false,
        meter,
    )
}

fn play(
    policy: &mut impl Policy,
    calls: &[Call],
    mut slots: Vec<Slot>,
    length_us: u64,
    judged_from_us: u64,
    again: bool,
    meter: &mut Meter,
) -> Result<Outcome, EngineError> {
    let began = thread_time();
    let mut desk = Desk {
        policy,
        meter,
        running: Vec::new(),
        heard: HashMap::new(),
        done: Vec::new(),
        busy_us: 0,
        decoding: std::time::Duration::ZERO,
    };
    let (mut next_id, mut now_us) = (0, 0);
    let (mut offered, mut refused, mut audio_us) = (0, 0, 0);
    while now_us < length_us {
        for slot in &mut slots {
            if slot.playing.is_none() && slot.next_us <= now_us {
                offered += 1;
                if desk.policy.admit(now_us) {
                    let call = slot.next_call % calls.len().max(1);
                    slot.playing = Some(desk.begin(call, calls, &mut next_id, now_us));
                    slot.next_call += 1;
                } else {
                    refused += 1;
                    slot.next_us = now_us + AGAIN_US;
                }
            }
        }
        // A frame arrives when its last sample has been spoken.
        now_us += TICK_US;
        desk.work(now_us)?;
        for slot in &mut slots {
            let Some(playing) = &mut slot.playing else {
                continue;
            };
            audio_us += TICK_US * playing.ids.len() as u64;
            if !desk.play(playing, calls, now_us) {
                slot.playing = None;
                slot.next_us = if again { now_us + BETWEEN_US } else { u64::MAX };
            }
        }
        desk.policy.tick(now_us);
        desk.stop(now_us);
        desk.give(now_us)?;
    }
    let busy_us = desk.busy_us;
    for slot in &slots {
        for id in slot.playing.iter().flat_map(|playing| &playing.ids) {
            desk.policy.end(*id, now_us);
        }
    }
    let ended_us = now_us;
    while !desk.heard.is_empty() && now_us < ended_us + FINISH_US {
        now_us += TICK_US;
        desk.work(now_us)?;
        desk.policy.tick(now_us);
        desk.stop(now_us);
        desk.give(now_us)?;
    }
    let mut heard = desk.done;
    heard.extend(desk.heard.into_values());
    heard.sort_by_key(|heard| (heard.began_us, heard.call, heard.track));
    let listener = (thread_time() - began).saturating_sub(desk.decoding);
    Ok(Outcome {
        calls: slots.len(),
        judged_from_us,
        judged_until_us: if again {
            ended_us - CUT_OFF_US.min(ended_us)
        } else {
            ended_us
        },
        ended_us,
        heard,
        offered,
        refused,
        busy_us,
        listener_us: Some(listener.as_micros() as u64),
        audio_us,
        totals: desk.policy.totals(),
    })
}
