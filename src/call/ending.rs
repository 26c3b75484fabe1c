//! How a call ends: the line closes, the last words are waited for, the draft goes out.

use serde_json::json;

use super::{Action, Call, Phase, Timer, TimerTable};

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

impl Call {
    pub(super) fn on_timer(&mut self, timer: Timer, now_us: i64, actions: &mut Vec<Action>) {
        if !self.timers.take_expired(timer, now_us) {
            return;
        }
        match timer {
            Timer::Unanswered => self.hang_up(EndReason::Canceled, now_us, actions),
            Timer::Rejoin => self.hang_up(EndReason::Hangup, now_us, actions),
            Timer::MaxDuration => self.hang_up(EndReason::Timeout, now_us, actions),
            Timer::Unpause => self.unpause(now_us, actions),
            Timer::Flush => {
                self.mark(now_us, "last_words_not_heard", json!({}));
                self.close(now_us, actions);
            }
        }
    }

    /// The call is over: the sockets close, the last words are waited for.
    pub(super) fn hang_up(&mut self, reason: EndReason, now_us: i64, actions: &mut Vec<Action>) {
        if self.phase != Phase::Open {
            return;
        }
        self.phase = Phase::Ending;
        self.end = Some((reason, now_us));
        for timer in [
            Timer::Unanswered,
            Timer::Rejoin,
            Timer::MaxDuration,
            Timer::Unpause,
        ] {
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

    pub(super) fn finalise_if_complete(&mut self, now_us: i64, actions: &mut Vec<Action>) {
        let heard_all = self
            .streams
            .iter()
            .all(|s| s.closed.is_some() && s.listening == [false; 2]);
        if self.phase == Phase::Ending && heard_all {
            self.close(now_us, actions);
        }
    }

    pub(super) fn close(&mut self, now_us: i64, actions: &mut Vec<Action>) {
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
