//! The sans-IO core: events and time in, actions out; the live state; finalisation.
//!
//! [`Call::handle`] is the only way in which a call changes, and every event it takes is a journal entry: feeding the same entries again
//! gives the same call and the same record. Owns what a call *is*. It may not touch a clock, a socket, a disk, a thread or a random number,
//! and knows nothing of the desk.

mod consent;
mod ending;
mod event;
mod hearing;
mod latency;
mod live;
mod notice;
mod objection;
mod people;
mod provider;
mod recording;
mod rules;
mod sensitive;
mod streams;
mod time;
mod timer;

#[cfg(test)]
mod consent_tests;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

pub use crate::store::journal::{CallId, NotACallId};
pub use consent::Consent;
pub use ending::EndReason;
pub use event::{
    Act, Caller, Event, Heard, LiveEvent, Observation, Opening, PersonAct, ProviderEvent, Source,
    StreamEnd, TimerFired, TrackAudio, UnreadableEntry,
};
pub use latency::{Delay, Latencies};
pub use live::{Checklist, LiveState, Moment, Quality, TranscriptSegment};
pub use notice::{Notice, Sent, Told};
pub use provider::Header;
pub use recording::{Held, NeedsNote, Recording, Unrecorded};
pub use rules::{Limits, Ownership, Rules, Sensitive};
pub use time::{ms_between, rfc3339, timestamp};
pub use timer::{Timer, TimerTable};

use crate::fields::{Expectation, Extractor, Speaker};
use crate::media::Track;
use crate::speech::{Partial, SpeechState};
use latency::Gauges;
use streams::Stream;

/// What the edge does next for a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Put it on the live feed.
    Publish(LiveEvent),
    /// Tell the recogniser what this track is likely to say next.
    Expect(Track, Expectation),
    /// Close the call's sockets: the call is over.
    CloseStreams,
    /// Everything is in: store the draft. Comes exactly once, as the last action of a call.
    Finalise,
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Announced or in progress.
    Open,
    /// Over; the last words are on their way.
    Ending,
    /// The draft is out. Nothing changes any more.
    Final,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    opening: Opening,
    rules: Arc<Rules>,
    header: Header,
    /// What was looked up of the caller; what holds is [`Call::caller`].
    caller: Option<Caller>,
    extractor: Extractor,
    phase: Phase,
    timers: TimerTable,
    streams: Vec<Stream>,
    /// Unix microseconds of the first media sample.
    origin_us: Option<i64>,
    transcript: Vec<Arc<TranscriptSegment>>,
    partials: [Option<Partial>; 2],
    gaps: Vec<(Track, u64, u64)>,
    final_delays_ms: Vec<u64>,
    timeline: Vec<Moment>,
    consent: Consent,
    recording: Recording,
    /// When the agent was last told that the recording should pause, unix microseconds.
    suggested_us: Option<i64>,
    latencies: Latencies,
    gauges: Gauges,
    speech: SpeechState,
    models: Vec<Arc<str>>,
    end: Option<(EndReason, i64)>,
    finalised_us: i64,
    seq: u64,
    told: Told,
    /// What the feed last heard of the derived views, so that only changes are published.
    shown: BTreeMap<&'static str, Value>,
}

impl Call {
    /// Opens a call at `now_us` (unix microseconds).
    pub fn open(opening: &Opening, rules: Arc<Rules>, now_us: i64) -> (Call, Vec<Action>) {
        let mut context = rules.context.clone();
        context.started_at = timestamp(now_us);
        let extractor = Extractor::new(Arc::clone(&rules.vertical), context);
        let mut call = Call {
            opening: opening.clone(),
            header: Header::new(now_us),
            caller: None,
            extractor,
            phase: Phase::Open,
            timers: TimerTable::default(),
            streams: Vec::new(),
            origin_us: None,
            transcript: Vec::new(),
            partials: [None, None],
            gaps: Vec::new(),
            final_delays_ms: Vec::new(),
            timeline: Vec::new(),
            consent: Consent::default(),
            recording: Recording::default(),
            suggested_us: None,
            latencies: Latencies::default(),
            gauges: Gauges::default(),
            speech: SpeechState::Listening,
            models: Vec::new(),
            end: None,
            finalised_us: 0,
            seq: 0,
            told: Told::default(),
            shown: BTreeMap::new(),
            rules,
        };
        let limits = call.rules.limits;
        call.arm(Timer::Unanswered, now_us, limits.unanswered_ms);
        call.arm(Timer::MaxDuration, now_us, limits.max_duration_ms);
        let mut actions = Vec::new();
        let started = call.header_json();
        call.publish(&mut actions, now_us, "call.started", started);
        call.publish_derived(&mut actions, now_us);
        (call, actions)
    }

    /// Takes one event. `now_us` is the event's own time, unix microseconds, never earlier than the last one's.
    pub fn handle(&mut self, event: &Event, now_us: i64) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.phase == Phase::Final {
            return actions;
        }
        match event {
            Event::Opened(_) => {}
            Event::Provider(e) => self.on_provider(e, now_us, &mut actions),
            Event::Observed(e) => self.on_observed(e, now_us, &mut actions),
            Event::Heard(e) => self.on_heard(e, now_us, &mut actions),
            Event::Person(e) => self.on_person(e, now_us, &mut actions),
            Event::Timer(e) => self.on_timer(e.timer, now_us, &mut actions),
        }
        self.finalise_if_complete(now_us, &mut actions);
        actions
    }

    /// The nearest moment (unix microseconds) at which the call wants its timer back as an event.
    pub fn next_timeout(&self) -> Option<(i64, Timer)> {
        self.timers.next()
    }

    /// Our id.
    pub fn id(&self) -> CallId {
        self.opening.call
    }

    /// The facts it was opened under.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }

    /// The rules it is handled by.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Telephony: numbers, status, times.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Who calls, as far as the business knows; `None` while the number is not known or was not looked up.
    pub fn caller(&self) -> Option<&Caller> {
        let number = self.header.caller_id()?;
        self.caller.as_ref().filter(|known| known.number == number)
    }

    /// The caller's number that `event` will make known, if it does: to be looked up before the call takes the event.
    pub fn names_caller(&self, event: &Event, now_us: i64) -> Option<String> {
        let Event::Provider(event) = event else {
            return None;
        };
        let mut header = self.header.clone();
        header.read(&self.opening, event, now_us);
        let number = header.caller_id()?;
        (self.header.caller_id() != Some(number)).then(|| number.to_owned())
    }

    /// The fields and everything derived from them.
    pub fn extractor(&self) -> &Extractor {
        &self.extractor
    }

    /// The finished utterances in the order in which they were heard.
    pub fn transcript(&self) -> &[Arc<TranscriptSegment>] {
        &self.transcript
    }

    /// What happened when.
    pub fn timeline(&self) -> &[Moment] {
        &self.timeline
    }

    /// Holes in the audio: track, start and end in ms on the call's clock.
    pub fn gaps(&self) -> &[(Track, u64, u64)] {
        &self.gaps
    }

    /// For each finished utterance, how long after its end its text came, ms.
    pub fn final_delays_ms(&self) -> &[u64] {
        &self.final_delays_ms
    }

    /// Audio of all streams together, inbound first.
    pub fn audio(&self) -> [TrackAudio; 2] {
        let mut sum = [TrackAudio::default(); 2];
        for (_, tracks) in self.streams.iter().filter_map(|s| s.closed.as_ref()) {
            for (total, one) in sum.iter_mut().zip(tracks) {
                total.frames += one.frames;
                total.audio_ms += one.audio_ms;
                total.end_ms = total.end_ms.max(one.end_ms);
                total.gap_ms += one.gap_ms;
                total.gaps += one.gaps;
                total.duplicates += one.duplicates;
                total.reordered += one.reordered;
                total.rejected += one.rejected;
                total.dropped += one.dropped;
            }
        }
        sum
    }

    /// The provider's stream ids, in the order in which they joined.
    pub fn stream_ids(&self) -> impl Iterator<Item = &str> {
        self.streams.iter().map(|s| s.id.as_str())
    }

    /// Whether the call goes on without an open stream: announced, or its socket dropped.
    pub fn awaits_stream(&self) -> bool {
        self.phase == Phase::Open && self.streams.iter().all(|s| s.closed.is_some())
    }

    /// Whether a stream of the call is open.
    pub fn has_open_stream(&self) -> bool {
        self.streams.iter().any(|s| s.closed.is_none())
    }

    /// How and when (unix microseconds) the call ended.
    pub fn end(&self) -> Option<(EndReason, i64)> {
        self.end
    }

    /// When the draft was complete, unix microseconds; 0 before.
    pub fn finalised_us(&self) -> i64 {
        self.finalised_us
    }

    /// How well the recogniser kept up.
    pub fn speech_state(&self) -> SpeechState {
        self.speech
    }

    /// The speech models that were heard, in order of first use.
    pub fn models(&self) -> &[Arc<str>] {
        &self.models
    }

    /// Where in the call a moment lies, ms from the first media sample; 0 before it.
    pub fn at_ms(&self, now_us: i64) -> u64 {
        self.origin_us
            .map_or(0, |origin| ms_between(origin, now_us))
    }

    /// Who speaks on a track: the stream runs on the customer's leg, so what comes in from it is the caller, on calls of either direction.
    pub fn speaker(&self, track: Track) -> Speaker {
        match track {
            Track::Inbound => Speaker::Caller,
            Track::Outbound => Speaker::Agent,
        }
    }

    /// The number of the last event on the live feed.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    fn arm(&mut self, timer: Timer, now_us: i64, after_ms: u64) {
        let after_us = i64::try_from(after_ms.saturating_mul(1000)).unwrap_or(i64::MAX);
        self.timers.set(timer, now_us.saturating_add(after_us));
    }

    fn publish(&mut self, actions: &mut Vec<Action>, now_us: i64, kind: &'static str, data: Value) {
        self.seq += 1;
        actions.push(Action::Publish(LiveEvent {
            kind: kind.into(),
            seq: self.seq,
            call_id: self.opening.call,
            at: rfc3339(now_us),
            at_ms: self.at_ms(now_us),
            data,
        }));
    }

    fn mark(&mut self, now_us: i64, name: &'static str, data: Value) {
        self.mark_at(self.at_ms(now_us), now_us, name, data);
    }

    /// Marks a place in the call that is known only now.
    fn mark_at(&mut self, at_ms: u64, now_us: i64, name: &'static str, data: Value) {
        self.timeline.push(Moment {
            at_ms,
            at: rfc3339(now_us),
            name,
            data,
        });
    }
}
