//! The sans-IO core: events and time in, actions out; the live state; finalisation.
//!
//! [`Call::handle`] is the only way in which a call changes, and every event it takes is a journal entry: feeding the same entries again
//! gives the same call and the same record. Owns what a call *is*. It may not touch a clock, a socket, a disk, a thread or a random number,
//! and knows nothing of the desk.

mod event;
mod live;
mod notice;
mod provider;
mod time;
mod timer;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

pub use crate::store::journal::{CallId, NotACallId};
pub use event::{
    Act, Caller, Event, Heard, LiveEvent, Observation, Opening, PersonAct, ProviderEvent, Source,
    StreamEnd, TimerFired, TrackAudio, UnreadableEntry,
};
pub use live::{Checklist, LiveState, Moment, Quality, TranscriptSegment};
pub use notice::{Notice, Sent, Told};
pub use provider::Header;
pub use time::{ms_between, rfc3339, timestamp};
pub use timer::{Timer, TimerTable};

use crate::fields::{Context, Expectation, Extractor, Speaker, Turn, Vertical};
use crate::media::Track;
use crate::media::webhook::CallStatus;
use crate::speech::{Partial, Segment, SpeechState};

/// What the configuration says about one call: by which vertical it is read, in whose name, and how long it may take.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The fields to capture and how.
    pub vertical: Arc<Vertical>,
    /// Zone and business; the caller's number is filled in by the call.
    pub context: Context,
    /// Who owns the call.
    pub ownership: Ownership,
    /// Cities of the business's other locations, lower case: a caller who names one of them may have reached the wrong location.
    pub other_cities: BTreeMap<String, String>,
    /// How long things may take.
    pub limits: Limits,
    /// What is masked before anything is stored.
    pub redact: Vec<Sensitive>,
    /// For each field, the destinations that hear of it while the call lasts.
    pub synced_to: BTreeMap<String, Vec<String>>,
    /// How the record is handed to people.
    pub review: crate::record::triage::ReviewSettings,
}

/// What callers say that nobody is to read or hear afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitive {
    /// The number of a payment card.
    CardNumber,
    /// The security code on its back.
    CardCvv,
    /// A US social-security number.
    UsSsn,
}

/// Who owns a call, decided from the dialled number.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Ownership {
    /// The client.
    pub client_id: Option<String>,
    /// The location.
    pub location_id: Option<String>,
    /// The department that receives new calls there.
    pub department_id: Option<String>,
}

/// How long a call may wait for what, ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// A call that was announced, without stream and without a terminal status.
    pub unanswered_ms: u64,
    /// A dropped socket, for a new stream to join.
    pub rejoin_ms: u64,
    /// The end of the call, for the last words to be heard.
    pub flush_ms: u64,
    /// A whole call.
    pub max_duration_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            unanswered_ms: 300_000,
            rejoin_ms: 2_000,
            flush_ms: 8_000,
            max_duration_ms: 4 * 3_600_000,
        }
    }
}

/// Why and how a call ended; never mixed with its business outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The line was closed; the provider does not say by whom.
    Hangup,
    /// The media stopped and did not come back.
    MediaLost,
    /// It lasted longer than a call may.
    Timeout,
    /// The caller gave up before anybody answered.
    Canceled,
    /// The provider reports busy, no answer or failure.
    Rejected,
    /// The engine stopped while the call was going on.
    EngineRestart,
}

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

/// A stream of the call.
#[derive(Debug, Clone)]
struct Stream {
    id: String,
    /// Tracks whose last words are still to be heard.
    listening: [bool; 2],
    /// Set once its socket is closed.
    closed: Option<(StreamEnd, [TrackAudio; 2])>,
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

    /// Shows a partial: the transcript in grey and what its stable words would mean. Nothing of it outlives the utterance's final.
    pub fn preview(&mut self, partial: Partial, now_us: i64) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.phase == Phase::Final {
            return actions;
        }
        let speaker = self.speaker(partial.track);
        let text = |words: &[crate::speech::Word]| {
            words
                .iter()
                .map(|w| w.w.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let data = json!({
            "speaker": speaker, "segment_id": self.partial_id(&partial), "revision": partial.revision,
            "stable": text(&partial.stable), "unstable": text(&partial.unstable), "audio_end_ms": partial.audio_end_ms,
        });
        self.publish(&mut actions, now_us, "transcript.partial", data);
        if let (Some(first), Some(last)) = (partial.stable.first(), partial.stable.last()) {
            let segment = self.transcript.len() as u32;
            let turn = Turn {
                speaker,
                segment,
                start_ms: first.start_ms,
                end_ms: last.end_ms,
                words: &partial.stable,
            };
            let known = self.extractor.fields_by_name();
            for ahead in self.extractor.preview(&turn).fields() {
                if known
                    .get(&ahead.name)
                    .is_none_or(|f| f.value != ahead.value)
                {
                    let mut data = json!(ahead);
                    data["change"] = json!("provisional");
                    self.publish(&mut actions, now_us, "field.updated", data);
                }
            }
        }
        let index = partial.track.index();
        self.partials[index] = Some(partial);
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
        let at_ms = self.at_ms(now_us);
        self.timeline.push(Moment {
            at_ms,
            at: rfc3339(now_us),
            name,
            data,
        });
    }

    // ---- provider ----

    fn on_provider(&mut self, event: &ProviderEvent, now_us: i64, actions: &mut Vec<Action>) {
        let before = self.header.clone();
        let news = self.header.read(&self.opening, event, now_us);
        if self.header.caller_id() != before.caller_id()
            && let Some(number) = self.header.caller_id().map(str::to_owned)
        {
            if let Some(caller) = self.caller().map(|caller| json!(caller)) {
                self.publish(actions, now_us, "caller.identified", caller);
            }
            let changes = self.extractor.learn_caller_id(number);
            self.publish_changes(actions, now_us, &changes);
        }
        for item in news {
            match item {
                provider::News::StreamStarted { id } => self.on_stream_started(id, now_us, actions),
                provider::News::StreamStopped => {
                    if event
                        .stream
                        .is_none_or(|s| usize::from(s) + 1 == self.streams.len())
                    {
                        self.hang_up(EndReason::Hangup, now_us, actions);
                    }
                }
                provider::News::Key(digit) => {
                    let at_ms = self.at_ms(now_us);
                    self.mark(now_us, "key_pressed", json!({}));
                    let changes = self.extractor.key(digit, at_ms);
                    self.publish_changes(actions, now_us, &changes);
                }
                provider::News::Ended(reason) => self.hang_up(reason, now_us, actions),
            }
        }
        if self.header.status != before.status {
            self.mark(now_us, provider::status_word(self.header.status), json!({}));
            if self.header.status == CallStatus::InProgress {
                self.timers.stop(Timer::Unanswered);
                let data = self.header_json();
                self.publish(actions, now_us, "call.answered", data);
            }
        }
        self.publish_derived(actions, now_us);
    }

    fn on_stream_started(&mut self, id: String, now_us: i64, actions: &mut Vec<Action>) {
        self.timers.stop(Timer::Unanswered);
        self.timers.stop(Timer::Rejoin);
        let name = if self.streams.is_empty() {
            "stream_started"
        } else {
            "stream_reconnected"
        };
        self.mark(now_us, name, json!({ "stream": self.streams.len() }));
        self.streams.push(Stream {
            id,
            listening: [false; 2],
            closed: None,
        });
        if let (Some(_), 2..) = (self.origin_us, self.streams.len()) {
            self.publish(
                actions,
                now_us,
                "media.quality",
                json!({ "stream_reconnected": true }),
            );
        }
    }

    // ---- what the edge saw ----

    fn on_observed(&mut self, seen: &Observation, now_us: i64, actions: &mut Vec<Action>) {
        match seen {
            Observation::StreamOrigin {
                stream, offset_ms, ..
            } => {
                if self.origin_us.is_none() {
                    self.origin_us = Some(now_us);
                }
                self.bridge(usize::from(*stream), *offset_ms, now_us, actions);
            }
            Observation::Gap {
                track,
                start_ms,
                end_ms,
            } => self.on_gap(*track, *start_ms, *end_ms, now_us, actions),
            Observation::StreamClosed {
                stream,
                reason,
                audio,
            } => {
                let latest = usize::from(*stream) + 1 == self.streams.len();
                if let Some(stream) = self.streams.get_mut(usize::from(*stream)) {
                    stream.closed = Some((*reason, *audio));
                }
                if latest && self.phase == Phase::Open {
                    match reason {
                        StreamEnd::Stop | StreamEnd::Drained => {
                            self.hang_up(EndReason::Hangup, now_us, actions)
                        }
                        StreamEnd::Silent => self.hang_up(EndReason::MediaLost, now_us, actions),
                        StreamEnd::Dropped => {
                            self.mark(now_us, "stream_dropped", json!({}));
                            self.publish(
                                actions,
                                now_us,
                                "media.quality",
                                json!({ "stream_dropped": true }),
                            );
                            let rejoin_ms = self.rules.limits.rejoin_ms;
                            self.arm(Timer::Rejoin, now_us, rejoin_ms);
                        }
                        StreamEnd::Replaced => {}
                    }
                }
            }
            Observation::Caller(caller) => self.caller = Some((**caller).clone()),
            Observation::EngineRestart => {
                for stream in &mut self.streams {
                    stream.listening = [false; 2];
                }
                self.mark(now_us, "engine_restart", json!({}));
                self.hang_up(EndReason::EngineRestart, now_us, actions);
                self.close(now_us, actions);
            }
        }
    }

    /// What lies between the end of the earlier streams and the first sample of this one is missing on both tracks.
    fn bridge(&mut self, stream: usize, offset_ms: u64, now_us: i64, actions: &mut Vec<Action>) {
        let audio_end_ms = self.audio().iter().map(|t| t.end_ms).max().unwrap_or(0);
        if stream > 0 && audio_end_ms > 0 && offset_ms > audio_end_ms {
            for track in Track::BOTH {
                self.on_gap(track, audio_end_ms, offset_ms, now_us, actions);
            }
        }
    }

    fn on_gap(
        &mut self,
        track: Track,
        start_ms: u64,
        end_ms: u64,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        self.gaps.push((track, start_ms, end_ms));
        let changes = self.extractor.gap(self.speaker(track), start_ms, end_ms);
        self.publish_changes(actions, now_us, &changes);
        let data = json!({ "track": track, "start_ms": start_ms, "end_ms": end_ms });
        self.timeline.push(Moment {
            at_ms: start_ms,
            at: rfc3339(now_us),
            name: "media_gap",
            data,
        });
        self.publish(
            actions,
            now_us,
            "media.quality",
            json!({ "track": track, "gap_ms": end_ms.saturating_sub(start_ms), "at_ms": start_ms }),
        );
        self.publish_derived(actions, now_us);
    }

    // ---- what was heard ----

    fn on_heard(&mut self, heard: &Heard, now_us: i64, actions: &mut Vec<Action>) {
        match heard {
            Heard::Final(segment) => self.on_final(segment, now_us, actions),
            Heard::State { stream, state } => {
                if let Some(stream) = self.streams.get_mut(usize::from(*stream)) {
                    stream.listening = [*state != SpeechState::Stopped; 2];
                }
                if *state != self.speech {
                    self.speech = *state;
                    self.mark(now_us, "stt_state", json!({ "state": state }));
                    self.publish(actions, now_us, "stt.state", json!({ "state": state }));
                }
            }
            Heard::Done { stream, track } => {
                if let Some(stream) = self.streams.get_mut(usize::from(*stream)) {
                    stream.listening[track.index()] = false;
                }
            }
        }
    }

    fn on_final(&mut self, heard: &Segment, now_us: i64, actions: &mut Vec<Action>) {
        if self.partials[heard.track.index()]
            .as_ref()
            .is_some_and(|p| p.utterance <= heard.utterance)
        {
            self.partials[heard.track.index()] = None;
        }
        if !self.models.contains(&heard.model) {
            self.models.push(Arc::clone(&heard.model));
        }
        self.final_delays_ms
            .push(self.at_ms(now_us).saturating_sub(heard.end_ms));
        let number = self.transcript.len() as u32;
        let speaker = self.speaker(heard.track);
        let segment = Arc::new(TranscriptSegment::new(number, speaker, heard));
        self.transcript.push(Arc::clone(&segment));
        let data = json!(segment);
        self.publish(actions, now_us, "transcript.final", data);
        // A segment that a guard doubts is shown, but nothing is taken from it.
        if !heard.suspect {
            let turn = Turn {
                speaker,
                segment: number,
                start_ms: heard.start_ms,
                end_ms: heard.end_ms,
                words: &heard.words,
            };
            let changes = self.extractor.hear(&turn);
            self.publish_changes(actions, now_us, &changes);
            for track in Track::BOTH {
                actions.push(Action::Expect(
                    track,
                    self.extractor.expects(self.speaker(track)),
                ));
            }
        }
        self.publish_derived(actions, now_us);
    }

    fn partial_id(&self, partial: &Partial) -> String {
        format!("utt_{}_{}", partial.track.index(), partial.utterance)
    }

    // ---- people ----

    fn on_person(&mut self, person: &PersonAct, now_us: i64, actions: &mut Vec<Action>) {
        match &person.act {
            Act::Field(action) => match self.extractor.person(action) {
                Ok(changes) => self.publish_changes(actions, now_us, &changes),
                // The edge checks an act before it journals it; one that no longer fits (the field was declined meanwhile) changes nothing.
                Err(_) => self.mark(now_us, "act_refused", json!({ "by": person.who })),
            },
            Act::Flag { note } => {
                let data = json!({ "by": person.who, "note": note });
                self.mark(now_us, "flag", data.clone());
                self.publish(actions, now_us, "call.flagged", data);
            }
        }
        self.publish_derived(actions, now_us);
    }

    // ---- the end ----

    fn on_timer(&mut self, timer: Timer, now_us: i64, actions: &mut Vec<Action>) {
        if !self.timers.take_expired(timer, now_us) {
            return;
        }
        match timer {
            Timer::Unanswered => self.hang_up(EndReason::Canceled, now_us, actions),
            Timer::Rejoin => self.hang_up(EndReason::Hangup, now_us, actions),
            Timer::MaxDuration => self.hang_up(EndReason::Timeout, now_us, actions),
            Timer::Flush => {
                self.mark(now_us, "last_words_not_heard", json!({}));
                self.close(now_us, actions);
            }
        }
    }

    /// The call is over: the sockets close, the last words are waited for.
    fn hang_up(&mut self, reason: EndReason, now_us: i64, actions: &mut Vec<Action>) {
        if self.phase != Phase::Open {
            return;
        }
        self.phase = Phase::Ending;
        self.end = Some((reason, now_us));
        for timer in [Timer::Unanswered, Timer::Rejoin, Timer::MaxDuration] {
            self.timers.stop(timer);
        }
        let flush_ms = self.rules.limits.flush_ms;
        self.arm(Timer::Flush, now_us, flush_ms);
        self.header.close(now_us);
        self.mark(now_us, "hangup", json!({ "reason": reason }));
        let data = json!({ "reason": reason });
        self.publish(actions, now_us, "call.ended", data);
        actions.push(Action::CloseStreams);
    }

    fn finalise_if_complete(&mut self, now_us: i64, actions: &mut Vec<Action>) {
        let heard_all = self
            .streams
            .iter()
            .all(|s| s.closed.is_some() && s.listening == [false; 2]);
        if self.phase == Phase::Ending && heard_all {
            self.close(now_us, actions);
        }
    }

    fn close(&mut self, now_us: i64, actions: &mut Vec<Action>) {
        if self.phase == Phase::Final {
            return;
        }
        self.header.close(self.end.map_or(now_us, |(_, at)| at));
        self.partials = [None, None];
        self.timers = TimerTable::default();
        let changes = self.extractor.finish();
        self.publish_changes(actions, now_us, &changes);
        self.publish_derived(actions, now_us);
        self.finalised_us = now_us;
        self.phase = Phase::Final;
        let data = json!({ "record_id": self.opening.call.derived("rec") });
        self.publish(actions, now_us, "record.drafted", data);
        actions.push(Action::Finalise);
    }
}
