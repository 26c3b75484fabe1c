//! The recogniser without its threads: tracks, queue and workers' states, driven by frames, results and a clock that is an argument.
//!
//! The service's listener thread drives it with real time, `offhook transcribe --streaming` and the tests with virtual time. The owner
//! feeds frames and calls [`Recogniser::tick`] every 20 ms, hands every [`Assignment`] to its worker, brings back what the worker found
//! ([`Recogniser::finished`]), and passes on [`Recogniser::poll_event`].

mod ear;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ear::Ear;

use super::engine::{Decoded, EngineError, Stop};
use super::guards::{self, Verdict};
use super::load::{Cadence, Costs, Seen};
use super::schedule::{Entry, Queue, TrackId};
use super::track::Listening;
use super::utterance::{Heard, Job, Order, Purpose, Tuning};
use super::{Expectation, Load, SpeechEvent, SpeechState, measures, placement};
use crate::audio::AudioFrame;
use crate::media::Track;

/// A final should be there this long after the end of the voice, a partial this long after the end of its audio, µs.
const FINAL_WITHIN_US: u64 = 1_000_000;
const PARTIAL_WITHIN_US: u64 = 800_000;
/// Silence that must be missing beyond the endpoint before it counts without audio: a stalled network is no pause.
const STALL_GRACE_US: u64 = 700_000;
/// Waiting finals of one track are decoded together once the first is this late.
const JOIN_LATE_US: u64 = 500_000;
/// Silence between two joined utterances: 200 ms.
const JOIN_SILENCE: usize = 3_200;
/// With no worker for this long, what waits is given up.
const GIVE_UP_US: u64 = 10_000_000;

/// What a worker shall decode.
pub struct Assignment {
    /// Which worker.
    pub worker: usize,
    /// 16 kHz mono.
    pub audio: Arc<[f32]>,
    /// Set when the result is not wanted any more.
    pub stop: Arc<Stop>,
}

/// What has been decoded, and what was not, since the beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Partials decoded.
    pub partials: u64,
    /// Partials replaced before they ran, or stopped for a final.
    pub shed: u64,
    /// Finals decoded, speculative ones among them.
    pub finals: u64,
}

/// A job with its samples.
#[derive(Debug, Clone)]
struct Task {
    job: Job,
    audio: Arc<[f32]>,
    /// It failed once.
    retried: bool,
}

enum Worker {
    Idle,
    Busy {
        entry: Entry<Task>,
        stop: Arc<Stop>,
        started_us: u64,
    },
    Down,
}

/// The recogniser's state.
pub struct Recogniser {
    tuning: Tuning,
    model: Arc<str>,
    ears: BTreeMap<TrackId, Ear>,
    queue: Queue<Task>,
    workers: Vec<Worker>,
    cadence: Cadence,
    costs: Costs,
    events: VecDeque<(TrackId, SpeechEvent)>,
    ticked_us: u64,
    all_down_since: Option<u64>,
    finals_us: u64,
    totals: Totals,
}

impl Recogniser {
    /// For `workers` workers and a model whose 3-second job takes `job_3s_us`.
    pub fn new(
        tuning: Tuning,
        model: Arc<str>,
        workers: usize,
        cadence_ms: u32,
        job_3s_us: u64,
    ) -> Self {
        Self {
            tuning,
            model,
            ears: BTreeMap::new(),
            queue: Queue::default(),
            workers: (0..workers).map(|_| Worker::Idle).collect(),
            cadence: Cadence::new(cadence_ms),
            costs: Costs::new(job_3s_us),
            events: VecDeque::new(),
            ticked_us: 0,
            all_down_since: None,
            finals_us: 0,
            totals: Totals::default(),
        }
    }

    /// Begins to listen to a track.
    pub fn add(&mut self, id: TrackId, track: Track, now_us: u64) {
        let mut listening = Listening::new(self.tuning.clone());
        listening.set_cadence(self.cadence.ms());
        let ear = Ear::new(track, listening, now_us);
        self.ears.insert(id, ear);
    }

    /// Two tracks are of one call: their finals are told in the order in which the utterances ended, as far as a second's wait allows.
    pub fn pair(&mut self, one: TrackId, other: TrackId) {
        for (id, partner) in [(one, other), (other, one)] {
            if let Some(ear) = self.ears.get_mut(&id) {
                ear.partner = Some(partner);
            }
        }
    }

    /// Takes the next frame of a track.
    pub fn frame(&mut self, id: TrackId, frame: &AudioFrame, now_us: u64) {
        let Some(ear) = self.ears.get_mut(&id).filter(|ear| !ear.ended) else {
            return;
        };
        ear.heard_us = now_us;
        ear.listening.frame(frame);
        self.settle(id, now_us);
    }

    /// The track's audio has ended: everything spoken is decoded at once, then `Done` is sent.
    pub fn end(&mut self, id: TrackId, now_us: u64) {
        let Some(ear) = self.ears.get_mut(&id).filter(|ear| !ear.ended) else {
            return;
        };
        ear.ended = true;
        ear.listening.end();
        self.settle(id, now_us);
        self.queue.hurry(id, now_us);
    }

    /// Nobody listens to this track's events any more.
    pub fn remove(&mut self, id: TrackId) {
        self.ears.remove(&id);
        self.queue.forget(id);
        for worker in &self.workers {
            if let Worker::Busy { entry, stop, .. } = worker
                && entry.track == id
            {
                stop.set();
            }
        }
    }

    /// What the call expects to hear on the track.
    pub fn expect(&mut self, id: TrackId, expectation: Expectation) {
        if let Some(ear) = self.ears.get_mut(&id) {
            ear.listening.expect(expectation);
        }
    }

    /// Lets time pass; to be called every 20 ms. Answers what admission wants to know.
    pub fn tick(&mut self, now_us: u64) -> Seen {
        let elapsed_us = now_us.saturating_sub(self.ticked_us);
        self.ticked_us = now_us;
        let ids: Vec<TrackId> = self.ears.keys().copied().collect();
        for id in ids {
            let Some(ear) = self.ears.get_mut(&id) else {
                continue;
            };
            let silent_us = now_us.saturating_sub(ear.heard_us + STALL_GRACE_US);
            if silent_us > 0 && !ear.ended {
                let position = ear.listening.position() + silent_us * 16 / 1_000;
                ear.listening.idle(position);
            }
            let missing = ear.listening.missing();
            measures::missing(missing - std::mem::replace(&mut ear.missing, missing));
            self.settle(id, now_us);
        }

        let up = self
            .workers
            .iter()
            .filter(|w| !matches!(w, Worker::Down))
            .count();
        let busy = self
            .workers
            .iter()
            .filter(|w| matches!(w, Worker::Busy { .. }))
            .count();
        let late_us = self.late_us(now_us);
        let busy_share = if up == 0 {
            1.0
        } else {
            busy as f64 / up as f64
        };
        if self
            .cadence
            .observe(now_us, elapsed_us, busy_share, late_us)
        {
            for ear in self.ears.values_mut() {
                ear.listening.set_cadence(self.cadence.ms());
            }
        }
        self.watch_workers(up, now_us);
        self.tell_states();
        self.make_room(now_us);

        let load = self.load();
        measures::load(load.tracks, load.queued, load.utilisation, load.cadence_ms);
        let shed = self.queue.take_shed();
        self.shed(shed);
        let finals_us = std::mem::take(&mut self.finals_us);
        Seen {
            now_us,
            elapsed_us,
            workers: up,
            tracks: self.ears.len(),
            finals_us,
            late_us,
        }
    }

    /// The next job for an idle worker.
    pub fn assign(&mut self, now_us: u64) -> Option<Assignment> {
        let worker = self
            .workers
            .iter()
            .position(|w| matches!(w, Worker::Idle))?;
        let mut entry = self.queue.pop()?;
        if entry.is_final && now_us > entry.deadline_us + JOIN_LATE_US {
            self.join_following(&mut entry);
        }
        let stop = Arc::new(Stop::default());
        let audio = Arc::clone(&entry.job.audio);
        if let Some(slot) = self.workers.get_mut(worker) {
            *slot = Worker::Busy {
                entry,
                stop: Arc::clone(&stop),
                started_us: now_us,
            };
        }
        Some(Assignment {
            worker,
            audio,
            stop,
        })
    }

    /// A worker is through with its job after `took_us`.
    pub fn finished(
        &mut self,
        worker: usize,
        outcome: Result<Decoded, EngineError>,
        took_us: u64,
        now_us: u64,
    ) {
        let Some(slot) = self.workers.get_mut(worker) else {
            return;
        };
        let Worker::Busy { entry, .. } = std::mem::replace(slot, Worker::Idle) else {
            return;
        };
        if !entry.is_final {
            self.queue.partial_done(entry.track);
        }
        let id = entry.track;
        let purpose = entry.job.job.purpose;
        let heard = match outcome {
            Ok(decoded) => {
                measures::decode(purpose, took_us);
                self.costs.learn(entry.job.audio.len(), took_us);
                if purpose == Purpose::Partial {
                    self.totals.partials += 1;
                } else {
                    self.totals.finals += 1;
                    self.finals_us += took_us;
                }
                understand(&decoded, &entry.job.job)
            }
            Err(EngineError::Aborted) if purpose == Purpose::Partial => {
                self.shed(1);
                Heard::Lost
            }
            Err(error) => {
                let retry = !entry.job.retried
                    && purpose != Purpose::Partial
                    && self.ears.contains_key(&id);
                measures::failed(retry);
                tracing::warn!(%error, retry, "decoding failed");
                if retry {
                    let mut again = entry;
                    again.job.retried = true;
                    self.queue.push(again);
                    return;
                }
                if purpose != Purpose::Partial
                    && let Some(ear) = self.ears.get_mut(&id)
                {
                    ear.lost = true;
                }
                Heard::Lost
            }
        };
        if let Some(ear) = self.ears.get_mut(&id) {
            if purpose != Purpose::Partial && heard != Heard::Lost {
                ear.lost = false;
            }
            ear.listening.decoded(&entry.job.job, heard);
        }
        self.settle(id, now_us);
    }

    /// A worker cannot decode until further notice; its job, if any, is tried elsewhere.
    pub fn worker_down(&mut self, worker: usize, now_us: u64) {
        self.finished(
            worker,
            Err(EngineError::Failed("the worker broke down".to_owned())),
            0,
            now_us,
        );
        if let Some(slot) = self.workers.get_mut(worker) {
            *slot = Worker::Down;
        }
    }

    /// A worker can decode again.
    pub fn worker_up(&mut self, worker: usize) {
        if let Some(slot) = self.workers.get_mut(worker)
            && matches!(slot, Worker::Down)
        {
            *slot = Worker::Idle;
        }
    }

    /// The next event and whose it is. After `Done` the track is forgotten.
    pub fn poll_event(&mut self) -> Option<(TrackId, SpeechEvent)> {
        self.events.pop_front()
    }

    /// How busy it is.
    pub fn load(&self) -> Load {
        Load {
            tracks: self.ears.len(),
            queued: self.queue.finals() + self.queue.partials(),
            utilisation: self.cadence.utilisation(),
            cadence_ms: self.cadence.ms(),
        }
    }

    /// What has been decoded and what was not.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Samples held for all tracks.
    pub fn held(&self) -> usize {
        self.ears.values().map(|ear| ear.listening.held()).sum()
    }

    /// Carries out what the track's machine ordered and said.
    fn settle(&mut self, id: TrackId, now_us: u64) {
        let Some(ear) = self.ears.get_mut(&id) else {
            return;
        };
        while let Some((order, audio)) = ear.listening.poll_order() {
            match order {
                Order::Demote { ticket } => self.queue.demote(id, ticket),
                Order::Decode(job) => {
                    let is_final = job.purpose != Purpose::Partial;
                    let deadline_us = if is_final {
                        ear.time_of(job.voice_end()) + FINAL_WITHIN_US
                    } else {
                        ear.time_of(job.end) + PARTIAL_WITHIN_US
                    };
                    self.queue.push(Entry {
                        track: id,
                        ticket: job.ticket,
                        is_final,
                        deadline_us,
                        job: Task {
                            job,
                            audio: audio.into(),
                            retried: false,
                        },
                    });
                }
            }
        }
        while let Some(said) = ear.listening.poll_said() {
            ear.untold.push_back((now_us, said));
        }
        let partner = ear.partner;
        self.tell(id, now_us);
        if let Some(partner) = partner {
            self.tell(partner, now_us);
        }
    }

    /// Tells what need not wait for the call's other track.
    fn tell(&mut self, id: TrackId, now_us: u64) {
        let partner = self.ears.get(&id).and_then(|ear| ear.partner);
        let partner_ends = partner
            .and_then(|partner| self.ears.get(&partner))
            .and_then(|partner| partner.listening.pending_end());
        let Some(ear) = self.ears.get_mut(&id) else {
            return;
        };
        while let Some(said) = ear.next_untold(partner_ends, now_us) {
            let event = ear.event(said, &self.model, now_us);
            self.events.push_back((id, event));
        }
        if ear.listening.is_done() && ear.untold.is_empty() && !ear.done {
            ear.done = true;
            let track = ear.track;
            self.events.push_back((id, SpeechEvent::Done(track)));
            self.remove(id);
        }
    }

    fn shed(&mut self, partials: u64) {
        self.totals.shed += partials;
        measures::shed(partials);
    }

    /// How late the first waiting final is.
    fn late_us(&self, now_us: u64) -> u64 {
        self.queue
            .first_final()
            .map_or(0, |entry| now_us.saturating_sub(entry.deadline_us))
    }

    /// Under a backlog, takes the track's next ended utterances into the same decode: its fixed cost is paid once.
    fn join_following(&mut self, entry: &mut Entry<Task>) {
        let Some(ear) = self.ears.get_mut(&entry.track) else {
            return;
        };
        let longest = usize::try_from(self.tuning.longest).unwrap_or(usize::MAX);
        while let Some((utterance, ticket)) = ear.listening.following(&entry.job.job) {
            let room = longest.saturating_sub(entry.job.audio.len() + JOIN_SILENCE);
            let Some(second) = self
                .queue
                .take_final(entry.track, ticket, |e| e.job.audio.len() <= room)
            else {
                return;
            };
            ear.listening.join(entry.job.job.utterance, utterance);
            entry.job.job.voiced.extend(&second.job.job.voiced);
            entry.job.job.end = second.job.job.end;
            let silence = std::iter::repeat_n(0.0, JOIN_SILENCE);
            entry.job.audio = entry
                .job
                .audio
                .iter()
                .copied()
                .chain(silence)
                .chain(second.job.audio.iter().copied())
                .collect();
        }
    }

    /// A final that would be late stops a running partial.
    fn make_room(&mut self, now_us: u64) {
        let Some(first) = self.queue.first_final() else {
            return;
        };
        if self.workers.iter().any(|w| matches!(w, Worker::Idle)) {
            return;
        }
        let needed_us = self.costs.estimate_us(first.job.audio.len());
        let ends = self.workers.iter().filter_map(|worker| match worker {
            Worker::Busy {
                entry,
                stop,
                started_us,
            } => {
                let end_us =
                    (started_us + self.costs.estimate_us(entry.job.audio.len())).max(now_us);
                Some((
                    end_us,
                    entry.job.job.purpose == Purpose::Partial && !stop.is_set(),
                    stop,
                ))
            }
            _ => None,
        });
        let ends: Vec<_> = ends.collect();
        let soonest = ends
            .iter()
            .map(|(end_us, ..)| *end_us)
            .min()
            .unwrap_or(now_us);
        let stopping = ends.iter().any(|(_, _, stop)| stop.is_set());
        if stopping || soonest + needed_us <= first.deadline_us {
            return;
        }
        if let Some((_, _, stop)) = ends
            .iter()
            .filter(|(_, is_partial, _)| *is_partial)
            .max_by_key(|(end_us, ..)| *end_us)
        {
            stop.set();
        }
    }

    fn watch_workers(&mut self, up: usize, now_us: u64) {
        if up > 0 {
            self.all_down_since = None;
            return;
        }
        let since = *self.all_down_since.get_or_insert(now_us);
        if now_us - since < GIVE_UP_US {
            return;
        }
        for entry in self.queue.drain() {
            if let Some(ear) = self.ears.get_mut(&entry.track) {
                ear.lost = true;
                ear.listening.decoded(&entry.job.job, Heard::Lost);
            }
            self.settle(entry.track, now_us);
        }
    }

    fn tell_states(&mut self) {
        let stopped = self.all_down_since.is_some();
        let degraded = self.cadence.degraded();
        for (id, ear) in &mut self.ears {
            let state = match (stopped, degraded || ear.lost) {
                (true, _) => SpeechState::Stopped,
                (false, true) => SpeechState::Degraded,
                (false, false) => SpeechState::Listening,
            };
            if state != ear.state {
                ear.state = state;
                self.events.push_back((*id, SpeechEvent::State(state)));
            }
        }
    }
}

/// Judges and places what a job's decode found.
pub(super) fn understand(decoded: &Decoded, job: &Job) -> Heard {
    let verdict = guards::judge(decoded, job.voiced_len() / 16);
    let is_final = job.purpose != Purpose::Partial;
    let suspect = match verdict {
        Verdict::Keep => false,
        Verdict::Suspect(doubt) => {
            if is_final {
                measures::doubted(doubt, false);
            }
            true
        }
        Verdict::Drop(doubt) => {
            if is_final {
                measures::doubted(doubt, true);
            }
            return Heard::Nothing;
        }
    };
    Heard::Words {
        words: placement::place(&decoded.words, &job.voiced, job.end),
        suspect,
    }
}

#[cfg(test)]
mod tests;
