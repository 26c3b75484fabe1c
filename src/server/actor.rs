//! One task a call: it puts every event into the journal, then into the [`Call`], and carries out what the call asks for.
//!
//! All events of a call pass through its mailbox in one order, and that order is the journal's: this is what makes a replay exact.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tracing::{Instrument, error, info, info_span, warn};

use crate::audio::ring;
use crate::call::{
    Act, Action, Call, CallId, Event, Heard, LiveEvent, Observation, Opening, PersonAct,
    ProviderEvent, Rules, StreamEnd, Timer, TimerFired,
};
use crate::delivery;
use crate::fields;
use crate::media::Track;
use crate::record::outward;
use crate::server::callers;
use crate::server::catch_up;
use crate::server::edge::Edge;
use crate::server::finalise;
use crate::server::mailbox::{Joined, Mail, Mailbox, Refused, StreamOrder};
use crate::server::pulse::{self, Pulse};
use crate::server::recovery;
use crate::server::vitals::StreamVitals;
use crate::speech::{self, SpeechEvent, SpeechState, TrackHandle};
use crate::store::journal::{CallWriter, Kind};

/// Opens a call: its task runs until the draft is stored.
pub fn open(edge: Arc<Edge>, opening: Opening, rules: Arc<Rules>) -> (CallId, Mailbox) {
    let (mailbox, mail) = Mailbox::new();
    let id = opening.call;
    let span = info_span!("call", id = %id);
    let weak = mailbox.downgrade();
    tokio::spawn(
        async move {
            let now_us = edge.clock.now_us();
            let journal = edge.store.journal.call(id);
            let (call, actions) = Call::open(&opening, rules, now_us);
            let mut actor = Actor {
                call,
                journal,
                origin_us: Arc::new(AtomicI64::new(0)),
                recorded: Arc::new(AtomicBool::new(true)),
                streams: Vec::new(),
                pulse: Pulse::default(),
                own: weak,
                last_us: now_us,
                drafted: false,
                caught_up: false,
                awaits: false,
                edge,
            };
            actor.run(opening, actions, mail).await;
            actor.edge.registry.remove(id);
            actor.edge.forget_later(id);
        }
        .instrument(span),
    );
    (id, mailbox)
}

struct StreamLink {
    orders: mpsc::UnboundedSender<StreamOrder>,
    tracks: Vec<TrackHandle>,
    vitals: Arc<StreamVitals>,
}

struct Actor {
    edge: Arc<Edge>,
    call: Call,
    journal: CallWriter,
    origin_us: Arc<AtomicI64>,
    /// Whether what comes now is to be recorded: read by the sessions for every frame.
    recorded: Arc<AtomicBool>,
    streams: Vec<StreamLink>,
    pulse: Pulse,
    own: mpsc::WeakSender<Mail>,
    last_us: i64,
    drafted: bool,
    /// Whether what a broken recogniser did not hear was made up for.
    caught_up: bool,
    /// Whether the edge counts this call among those that wait for a stream.
    awaits: bool,
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.show_waiting(false);
    }
}

impl Actor {
    /// Tells the edge whether this call waits for a stream.
    fn show_waiting(&mut self, awaits: bool) {
        if awaits != self.awaits {
            self.awaits = awaits;
            self.edge.awaits_stream(awaits);
        }
    }

    async fn run(
        &mut self,
        opening: Opening,
        actions: Vec<Action>,
        mut mail: mpsc::Receiver<Mail>,
    ) {
        info!(provider = %opening.provider, "call opened");
        let (kind, body) = Event::Opened(Box::new(opening)).to_entry();
        self.note(kind, self.last_us, body);
        self.perform(actions).await;
        let mut second = tokio::time::interval(pulse::EVERY);
        second.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.drafted {
            let timeout = self.call.next_timeout();
            let wake = timeout
                .map(|(at_us, _)| tokio::time::Instant::from_std(self.edge.clock.instant(at_us)));
            tokio::select! {
                biased;
                received = mail.recv() => match received {
                    Some(received) => self.take(received).await,
                    // The registry holds a sender for as long as the call lives, so this is the registry's own end.
                    None => break,
                },
                () = sleep_until(wake) => {
                    if let Some((_, timer)) = timeout {
                        self.on_timer(timer).await;
                    }
                }
                _ = second.tick(), if self.call.has_open_stream() => self.show_pulse(),
            }
        }
        info!("call closed");
    }

    fn now_us(&mut self) -> i64 {
        self.last_us = self.last_us.max(self.edge.clock.now_us());
        self.last_us
    }

    async fn take(&mut self, mail: Mail) {
        match mail {
            Mail::Join {
                text,
                orders,
                reply,
            } => {
                let joined = self.join(text, orders).await;
                // A session that is gone meanwhile drops its rings; the silence of its stream ends the call.
                let _ = reply.send(joined);
            }
            Mail::Durable { event, reply } => {
                let done = self.durable(event).await;
                let _ = reply.send(done);
            }
            Mail::Event(event) => self.apply(event).await,
            Mail::Person { act, reply } => {
                let done = self.person(act).await;
                let _ = reply.send(done);
            }
            Mail::Heard { stream, event } => self.on_heard(stream, event).await,
            Mail::Drain => self.perform(vec![Action::CloseStreams]).await,
        }
    }

    /// End of the audio that has come, ms on the call's clock.
    fn audio_end_ms(&mut self) -> u64 {
        let ends = self.streams.iter().map(|stream| stream.vitals.end_ms());
        match ends.max() {
            Some(end_ms) if end_ms > 0 => end_ms,
            _ => {
                let now_us = self.now_us();
                self.call.at_ms(now_us)
            }
        }
    }

    /// Shows how the streams look now, where there is anything new about them.
    fn show_pulse(&mut self) {
        let Some(stream) = self.streams.last() else {
            return;
        };
        let watched = self.edge.feed.has_readers();
        let budgets = &self.edge.config.latency_budget_ms;
        let news = self.pulse.beat(&stream.vitals, budgets, watched);
        let now_us = self.now_us();
        let mut events = Vec::new();
        for action in news
            .latency
            .map(|latency| self.call.show_latency(&latency, now_us))
            .into_iter()
            .chain(
                news.quality
                    .map(|data| self.call.show_quality(data, now_us)),
            )
            .flatten()
        {
            if let Action::Publish(event) = action {
                events.push(event);
            }
        }
        if !events.is_empty() {
            self.edge.feed.publish(events, self.call.live());
        }
    }

    /// Before something that may be the call's last event: the figures measured so far become part of what happened.
    fn journal_measures(&mut self, before: &Event) {
        let may_be_last = matches!(
            before,
            Event::Observed(Observation::StreamClosed { .. })
                | Event::Heard(Heard::Done { .. } | Heard::State { .. })
                | Event::Timer(_)
        );
        let Some(stream) = self.streams.last().filter(|_| may_be_last) else {
            return;
        };
        let latencies = self
            .pulse
            .latencies(&stream.vitals, &self.edge.config.latency_budget_ms);
        if latencies == *self.call.latencies() {
            return;
        }
        let event = Event::Observed(Observation::Measured(Box::new(latencies)));
        let now_us = self.now_us();
        let (kind, body) = event.to_entry();
        self.note(kind, now_us, body);
        // It changes nothing that anybody would have to be told.
        let _: Vec<Action> = self.call.handle(&event, now_us);
    }

    /// Before a call ends whose recogniser has broken down: what it did not hear is transcribed from the journal. The record still says
    /// that speech had stopped.
    async fn catch_up(&mut self, before: &Event) {
        let ends = match before {
            Event::Observed(Observation::StreamClosed { reason, .. }) => {
                self.call.end().is_some()
                    || !matches!(reason, StreamEnd::Dropped | StreamEnd::Replaced)
            }
            Event::Timer(fired) => fired.timer == Timer::Rejoin,
            _ => false,
        };
        let deaf = self.call.speech_state() == SpeechState::Stopped && self.edge.speech.is_some();
        if !ends || !deaf || std::mem::replace(&mut self.caught_up, true) {
            return;
        }
        let Some(stream) = self.streams.last() else {
            return;
        };
        let budgets = &self.edge.config.latency_budget_ms;
        let latencies = self.pulse.latencies(&stream.vitals, budgets);
        let event = Event::Observed(Observation::Measured(Box::new(latencies)));
        let now_us = self.now_us();
        let (kind, body) = event.to_entry();
        // Once this is on disk, so is every frame before it.
        if let Err(error) = self.journal.append_durable(kind, now_us, body).await {
            return error!(%error, "what was not heard stays in the recording alone");
        }
        let _: Vec<Action> = self.call.handle(&event, now_us);
        let entries = match self.edge.entries(self.call.id()).await {
            Ok(entries) => entries,
            Err(error) => {
                return error!(%error, "what was not heard stays in the recording alone");
            }
        };
        let origins = recovery::origins(&entries);
        for event in catch_up::finals(&self.edge, &self.call, &entries, &origins).await {
            let now_us = self.now_us();
            let (kind, body) = event.to_entry();
            self.note(kind, now_us, body);
            let actions = self.call.handle(&event, now_us);
            self.perform(actions).await;
            self.tell(now_us);
        }
    }

    /// Adds an entry to the journal, to be on disk within the group commit.
    fn note(&self, kind: Kind, at_us: i64, body: Vec<u8>) {
        if let Err(error) = self.journal.append(kind, at_us, body) {
            error!(%error, "an event could not be journalled");
        }
    }

    /// Looks the caller up when `event` makes the number known, before the call takes the event: the answer is an event of its own.
    async fn identify(&mut self, event: &Event) {
        let now_us = self.now_us();
        let Some(number) = self.call.names_caller(event, now_us) else {
            return;
        };
        let client_id = self.call.rules().ownership.client_id.clone();
        match callers::look_up(&self.edge, client_id, number).await {
            Ok(caller) => {
                let event = Event::Observed(Observation::Caller(Box::new(caller)));
                let (kind, body) = event.to_entry();
                self.note(kind, now_us, body);
                let actions = self.call.handle(&event, now_us);
                self.perform(actions).await;
            }
            Err(error) => {
                warn!(%error, "the caller could not be looked up; the call goes on without")
            }
        }
    }

    /// Journals an event with the group commit, then acts on it.
    async fn apply(&mut self, event: Event) {
        self.identify(&event).await;
        self.catch_up(&event).await;
        self.journal_measures(&event);
        let now_us = self.now_us();
        let (kind, body) = event.to_entry();
        self.note(kind, now_us, body);
        let actions = self.call.handle(&event, now_us);
        self.perform(actions).await;
        self.tell(now_us);
    }

    /// Tells others what is new for them. Nobody waits for it: the outbox takes it when it can, and finalising puts in what it did not.
    fn tell(&mut self, now_us: i64) {
        let id = self.call.id();
        let notices = outward::notices(&mut self.call, now_us);
        self.edge.delivery.submit(
            notices
                .iter()
                .filter_map(|n| delivery::Event::of_notice(id, n))
                .collect(),
        );
    }

    /// Journals an event to disk, then acts on it.
    async fn durable(&mut self, event: Event) -> Result<(), Refused> {
        self.identify(&event).await;
        self.catch_up(&event).await;
        self.journal_measures(&event);
        let now_us = self.now_us();
        let (kind, body) = event.to_entry();
        self.journal.append_durable(kind, now_us, body).await?;
        let actions = self.call.handle(&event, now_us);
        self.perform(actions).await;
        self.tell(now_us);
        Ok(())
    }

    async fn on_timer(&mut self, timer: Timer) {
        self.apply(Event::Timer(TimerFired { timer })).await;
    }

    async fn person(&mut self, mut act: PersonAct) -> Result<bool, Refused> {
        match &mut act.act {
            Act::Field(action) => {
                action.who.clone_from(&act.who);
                action.at_ms = self.call.at_ms(self.edge.clock.now_us());
                // Tried on a copy first: the journal holds only acts that were possible.
                self.call.extractor().clone().person(action)?;
            }
            Act::PauseRecording { at_ms, .. } | Act::ResumeRecording { at_ms, .. } => {
                *at_ms = self.audio_end_ms();
                if !self.call.changes_recording(&act.act)? {
                    return Ok(false);
                }
            }
            Act::Flag { .. } => {}
        }
        self.durable(Event::Person(act)).await.map(|()| true)
    }

    async fn join(
        &mut self,
        text: String,
        orders: mpsc::UnboundedSender<StreamOrder>,
    ) -> Result<Joined, Refused> {
        let number = self.streams.len();
        let stream = u8::try_from(number).map_err(|_| Refused::Ended)?;
        // Newest wins: whoever streamed before is told to go, and its last words are still heard.
        for older in &self.streams {
            let _ = older.orders.send(StreamOrder::Replaced);
        }
        let event = Event::Provider(ProviderEvent {
            source: crate::call::Source::Media,
            stream: Some(stream),
            text,
        });
        self.durable(event).await?;
        let (tracks, speech) = self.listen(stream).await;
        let vitals = Arc::new(StreamVitals::default());
        self.streams.push(StreamLink {
            orders,
            tracks,
            vitals: Arc::clone(&vitals),
        });
        Ok(Joined {
            call: self.call.id(),
            stream,
            journal: self.edge.store.journal.media(self.call.id()),
            origin_us: Arc::clone(&self.origin_us),
            speech,
            recorded: Arc::clone(&self.recorded),
            vitals,
        })
    }

    /// Puts the recogniser on both tracks of a stream.
    async fn listen(&mut self, stream: u8) -> (Vec<TrackHandle>, [Option<ring::Writer>; 2]) {
        let Some(speech) = self.edge.speech.as_ref() else {
            self.apply(Event::Heard(Heard::State {
                stream,
                state: SpeechState::Stopped,
            }))
            .await;
            return (Vec::new(), [None, None]);
        };
        let (events, mut heard) = mpsc::unbounded_channel();
        let mut handles = Vec::new();
        let mut writers = [None, None];
        for track in Track::BOTH {
            let (writer, reader) = ring::channel();
            handles.push(speech.listen(track, reader, events.clone()));
            writers[track.index()] = Some(writer);
        }
        let own = self.own.clone();
        tokio::spawn(async move {
            let mut tracks_done = 0;
            while let Some(event) = heard.recv().await {
                tracks_done += usize::from(matches!(event, SpeechEvent::Done(_)));
                let Some(mailbox) = own.upgrade() else { return };
                if mailbox.send(Mail::Heard { stream, event }).await.is_err() {
                    return;
                }
            }
            // A recogniser that broke down says nothing more: the call must not wait for its last words.
            if let (true, Some(mailbox)) = (tracks_done < Track::BOTH.len(), own.upgrade()) {
                let event = SpeechEvent::State(SpeechState::Stopped);
                let _ = mailbox.send(Mail::Heard { stream, event }).await;
            }
        });
        self.apply(Event::Heard(Heard::State {
            stream,
            state: SpeechState::Listening,
        }))
        .await;
        (handles, writers)
    }

    async fn on_heard(&mut self, stream: u8, event: SpeechEvent) {
        match event {
            SpeechEvent::Partial(partial) => {
                let now_us = self.now_us();
                self.pulse.partial(&partial, self.call.at_ms(now_us));
                let actions = self.call.preview(partial, now_us);
                self.perform(actions).await;
            }
            SpeechEvent::Final(segment) => {
                let began = Instant::now();
                self.apply(Event::Heard(Heard::Final(segment))).await;
                let meters = &self.edge.meters;
                let took = began.elapsed().as_secs_f64();
                meters.final_to_fields.record(took);
                self.pulse.fields.record(took);
                if let Some(delay_ms) = self.call.final_delays_ms().last() {
                    let delay = *delay_ms as f64 / 1000.0;
                    meters.utterance_to_final.record(delay);
                    self.pulse.stt_final.record(delay);
                }
            }
            SpeechEvent::State(state) => {
                self.apply(Event::Heard(Heard::State { stream, state }))
                    .await
            }
            SpeechEvent::Done(track) => {
                self.apply(Event::Heard(Heard::Done { stream, track }))
                    .await
            }
        }
    }

    async fn perform(&mut self, actions: Vec<Action>) {
        let mut events: Vec<LiveEvent> = Vec::new();
        let mut finalise = false;
        for action in actions {
            match action {
                Action::Publish(event) => events.push(event),
                Action::Expect(track, expectation) => {
                    let expectation = match expectation {
                        fields::Expectation::None | fields::Expectation::Name => {
                            speech::Expectation::None
                        }
                        fields::Expectation::Number => speech::Expectation::Number,
                        fields::Expectation::Spelling => speech::Expectation::Spelling,
                    };
                    if let Some(handle) = self
                        .streams
                        .last()
                        .and_then(|s| s.tracks.get(track.index()))
                    {
                        handle.expect(expectation);
                    }
                }
                Action::CloseStreams => {
                    for stream in &self.streams {
                        // A session that is gone already has closed.
                        let _ = stream.orders.send(StreamOrder::Close);
                    }
                }
                Action::Finalise => finalise = true,
            }
        }
        if finalise {
            match finalise::store(&self.edge, &mut self.call).await {
                Ok(()) => {
                    if let Some((_, end_us)) = self.call.end() {
                        let seconds = (self.edge.clock.now_us() - end_us) as f64 / 1e6;
                        self.edge.meters.hangup_to_draft.record(seconds.max(0.0));
                    }
                }
                Err(reason) => {
                    error!(%reason, "the draft could not be stored; the call stays in the journal, and it is tried again");
                    events.retain(|e| e.kind != "record.drafted");
                    let (edge, id) = (Arc::clone(&self.edge), self.call.id());
                    tokio::spawn(recovery::retry(edge, id).in_current_span());
                }
            }
            self.drafted = true;
        }
        self.show_waiting(self.call.awaits_stream());
        let is_on = self.call.recording().is_on();
        self.recorded.store(is_on, Ordering::Relaxed);
        if !events.is_empty() {
            self.edge.feed.publish(events, self.call.live());
        } else if finalise {
            warn!("a call ended without a last event");
        }
    }
}

async fn sleep_until(wake: Option<tokio::time::Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}

/// The entry an engine writes for a call it found unfinished.
pub(super) fn restart_event() -> Event {
    Event::Observed(Observation::EngineRestart)
}
