//! What the provider sends and what the edge sees of it: streams that join, break and close, and the holes in their audio.

use serde_json::json;

use super::consent::Followed;
use super::{
    Action, Call, EndReason, Observation, Phase, ProviderEvent, StreamEnd, Timer, TrackAudio,
    provider,
};
use crate::media::Track;
use crate::media::webhook::CallStatus;

/// A stream of the call.
#[derive(Debug, Clone)]
pub(super) struct Stream {
    pub(super) id: String,
    /// Tracks whose last words are still to be heard.
    pub(super) listening: [bool; 2],
    /// Set once its socket is closed.
    pub(super) closed: Option<(StreamEnd, [TrackAudio; 2])>,
}

impl Call {
    pub(super) fn on_provider(
        &mut self,
        event: &ProviderEvent,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
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
                provider::News::Dialled => {
                    self.on_announcement_followed(Followed::Dial, now_us, actions);
                }
                provider::News::ConsentAnswered(form) => {
                    self.on_consent_answered(&form, now_us, actions);
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

    pub(super) fn on_stream_started(&mut self, id: String, now_us: i64, actions: &mut Vec<Action>) {
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
        self.on_announcement_followed(Followed::Stream, now_us, actions);
        // What already held the recording begins to count with the first sound.
        self.settle_recording(self.at_ms(now_us), "", now_us, actions);
        if let (Some(_), 2..) = (self.origin_us, self.streams.len()) {
            self.publish(
                actions,
                now_us,
                "media.quality",
                json!({ "stream_reconnected": true }),
            );
        }
    }

    pub(super) fn on_observed(
        &mut self,
        seen: &Observation,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
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
            Observation::ConsentAsked {
                mode,
                record_before,
            } => self.on_consent_asked(*mode, *record_before, now_us, actions),
            Observation::Measured(latencies) => self.latencies = (**latencies).clone(),
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
    pub(super) fn bridge(
        &mut self,
        stream: usize,
        offset_ms: u64,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        let audio_end_ms = self.audio().iter().map(|t| t.end_ms).max().unwrap_or(0);
        if stream > 0 && audio_end_ms > 0 && offset_ms > audio_end_ms {
            for track in Track::BOTH {
                self.on_gap(track, audio_end_ms, offset_ms, now_us, actions);
            }
        }
    }

    pub(super) fn on_gap(
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
        self.mark_at(start_ms, now_us, "media_gap", data);
        self.publish(
            actions,
            now_us,
            "media.quality",
            json!({ "track": track, "start_ms": start_ms, "end_ms": end_ms, "gap_ms": end_ms.saturating_sub(start_ms), "at_ms": start_ms }),
        );
        self.publish_derived(actions, now_us);
    }
}
