//! Plain re-decoding, as whisper.cpp's `stream` example does it: every half second the audio since the last line is decoded again, up to a
//! window of five seconds (`--step 500 --length 5000 --keep 200`, the values of its manual), first come first served, every track, whether
//! anybody speaks or not.
//!
//! It is given what the recogniser has: the same engine with an encoder window fitted to the audio (the original always pays for 30 s), and
//! the first text that covers the end of an utterance counts as its final, without any endpoint's wait.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::policy::Policy;
use crate::audio::AudioFrame;
use crate::media::Track;
use crate::speech::engine::{Decoded, EngineError, Stop};
use crate::speech::recogniser::{Assignment, Totals};
use crate::speech::schedule::TrackId;
use crate::speech::{Partial, SpeechEvent, placement};

const STEP: usize = 8_000;
const LENGTH: usize = 80_000;
const KEEP: usize = 3_200;
/// Steps until a new line begins (`n_new_line` of stream.cpp).
const STEPS_A_LINE: usize = LENGTH / STEP - 1;

struct Line {
    track: Track,
    /// Audio since the last step.
    fresh: Vec<f32>,
    /// The window of the last step.
    window: Vec<f32>,
    steps: usize,
    position: u64,
    waiting: usize,
    ended: bool,
}

struct Job {
    id: TrackId,
    audio: Arc<[f32]>,
    end: u64,
}

/// The policy.
pub struct Plain {
    lines: HashMap<TrackId, Line>,
    queue: VecDeque<Job>,
    running: Vec<Option<Job>>,
    events: VecDeque<(TrackId, SpeechEvent)>,
    totals: Totals,
}

impl Plain {
    /// For so many workers.
    pub fn new(workers: usize) -> Self {
        Self {
            lines: HashMap::new(),
            queue: VecDeque::new(),
            running: (0..workers).map(|_| None).collect(),
            events: VecDeque::new(),
            totals: Totals::default(),
        }
    }

    /// Asks for a decode of the window with what is new.
    fn step(&mut self, id: TrackId) {
        let Some(line) = self
            .lines
            .get_mut(&id)
            .filter(|line| !line.fresh.is_empty())
        else {
            return;
        };
        let old = line
            .window
            .len()
            .min((KEEP + LENGTH).saturating_sub(line.fresh.len()));
        line.window.drain(..line.window.len() - old);
        line.window.append(&mut line.fresh);
        self.queue.push_back(Job {
            id,
            audio: line.window.as_slice().into(),
            end: line.position,
        });
        line.waiting += 1;
        line.steps += 1;
        if line.steps.is_multiple_of(STEPS_A_LINE) {
            let from = line.window.len().saturating_sub(KEEP);
            line.window.drain(..from);
        }
    }

    fn settle(&mut self, id: TrackId) {
        if let Some(line) = self
            .lines
            .get(&id)
            .filter(|line| line.ended && line.waiting == 0)
        {
            self.events.push_back((id, SpeechEvent::Done(line.track)));
            self.lines.remove(&id);
        }
    }
}

impl Policy for Plain {
    fn admit(&mut self, _now_us: u64) -> bool {
        true
    }

    fn begin(&mut self, id: TrackId, track: Track, _now_us: u64) {
        let line = Line {
            track,
            fresh: Vec::with_capacity(STEP),
            window: Vec::new(),
            steps: 0,
            position: 0,
            waiting: 0,
            ended: false,
        };
        self.lines.insert(id, line);
    }

    fn frame(&mut self, id: TrackId, frame: &AudioFrame, _now_us: u64) {
        let Some(line) = self.lines.get_mut(&id) else {
            return;
        };
        line.fresh.extend_from_slice(frame.filled());
        line.position = frame.start_sample + u64::from(frame.len);
        if line.fresh.len() >= STEP {
            self.step(id);
        }
    }

    fn end(&mut self, id: TrackId, _now_us: u64) {
        // The original forgets what is left of the last step; here it is decoded.
        self.step(id);
        if let Some(line) = self.lines.get_mut(&id) {
            line.ended = true;
        }
        self.settle(id);
    }

    fn tick(&mut self, _now_us: u64) {}

    fn assign(&mut self, _now_us: u64) -> Option<Assignment> {
        let worker = self.running.iter().position(Option::is_none)?;
        let job = self.queue.pop_front()?;
        let audio = Arc::clone(&job.audio);
        if let Some(slot) = self.running.get_mut(worker) {
            *slot = Some(job);
        }
        Some(Assignment {
            worker,
            audio,
            stop: Arc::new(Stop::default()),
        })
    }

    fn finished(
        &mut self,
        worker: usize,
        outcome: Result<Decoded, EngineError>,
        _took_us: u64,
        _now_us: u64,
    ) {
        let Some(job) = self.running.get_mut(worker).and_then(Option::take) else {
            return;
        };
        self.totals.partials += 1;
        let Some(line) = self.lines.get_mut(&job.id) else {
            return;
        };
        line.waiting -= 1;
        let words = outcome.map(|decoded| decoded.words).unwrap_or_default();
        let start = job.end.saturating_sub(job.audio.len() as u64);
        let partial = Partial {
            track: line.track,
            utterance: 0,
            revision: 0,
            stable: Vec::new(),
            unstable: placement::place(&words, &[(start, job.end)], job.end),
            audio_end_ms: job.end / 16,
        };
        self.events
            .push_back((job.id, SpeechEvent::Partial(partial)));
        self.settle(job.id);
    }

    fn poll_event(&mut self) -> Option<(TrackId, SpeechEvent)> {
        self.events.pop_front()
    }

    fn totals(&self) -> Totals {
        self.totals
    }

    fn has_finals(&self) -> bool {
        false
    }
}
