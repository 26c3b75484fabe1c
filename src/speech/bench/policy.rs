//! What decides when which audio is decoded: the recogniser, or something to compare it with.

use crate::audio::AudioFrame;
use crate::media::Track;
use crate::speech::SpeechEvent;
use crate::speech::engine::{Decoded, EngineError};
use crate::speech::load::Admission;
use crate::speech::recogniser::{Assignment, Recogniser, Totals};
use crate::speech::schedule::TrackId;

/// Takes frames, hands out jobs, tells what was heard; the owner brings the clock.
pub trait Policy {
    /// May a call of two tracks begin?
    fn admit(&mut self, now_us: u64) -> bool;
    /// A track begins.
    fn begin(&mut self, id: TrackId, track: Track, now_us: u64);
    /// Its next frame.
    fn frame(&mut self, id: TrackId, frame: &AudioFrame, now_us: u64);
    /// It has ended.
    fn end(&mut self, id: TrackId, now_us: u64);
    /// 20 ms have passed.
    fn tick(&mut self, now_us: u64);
    /// The next job for an idle worker.
    fn assign(&mut self, now_us: u64) -> Option<Assignment>;
    /// A worker is through.
    fn finished(
        &mut self,
        worker: usize,
        outcome: Result<Decoded, EngineError>,
        took_us: u64,
        now_us: u64,
    );
    /// What was heard.
    fn poll_event(&mut self) -> Option<(TrackId, SpeechEvent)>;
    /// What has been decoded and what was not.
    fn totals(&self) -> Totals;
    /// Do final texts come as finals?
    fn has_finals(&self) -> bool;
}

/// The recogniser as the server runs it.
pub struct Listening {
    recogniser: Recogniser,
    admission: Option<Admission>,
}

impl Listening {
    /// With admission, or taking every call.
    pub fn new(recogniser: Recogniser, admission: Option<Admission>) -> Self {
        Self {
            recogniser,
            admission,
        }
    }
}

impl Policy for Listening {
    fn admit(&mut self, now_us: u64) -> bool {
        self.admission
            .as_mut()
            .is_none_or(|admission| admission.admit(now_us).is_ok())
    }

    fn begin(&mut self, id: TrackId, track: Track, now_us: u64) {
        self.recogniser.add(id, track, now_us);
        // The owner begins a call's tracks one after the other, inbound first.
        if let (Track::Outbound, Some(inbound)) = (track, id.checked_sub(1)) {
            self.recogniser.pair(id, inbound);
        }
        if let Some(admission) = &mut self.admission {
            admission.began();
        }
    }

    fn frame(&mut self, id: TrackId, frame: &AudioFrame, now_us: u64) {
        self.recogniser.frame(id, frame, now_us);
    }

    fn end(&mut self, id: TrackId, now_us: u64) {
        self.recogniser.end(id, now_us);
    }

    fn tick(&mut self, now_us: u64) {
        let seen = self.recogniser.tick(now_us);
        if let Some(admission) = &mut self.admission {
            admission.observe(seen);
        }
    }

    fn assign(&mut self, now_us: u64) -> Option<Assignment> {
        self.recogniser.assign(now_us)
    }

    fn finished(
        &mut self,
        worker: usize,
        outcome: Result<Decoded, EngineError>,
        took_us: u64,
        now_us: u64,
    ) {
        self.recogniser.finished(worker, outcome, took_us, now_us);
    }

    fn poll_event(&mut self) -> Option<(TrackId, SpeechEvent)> {
        self.recogniser.poll_event()
    }

    fn totals(&self) -> Totals {
        self.recogniser.totals()
    }

    fn has_finals(&self) -> bool {
        true
    }
}
