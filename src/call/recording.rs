//! Whether the call is being recorded, and where it was not.
//!
//! A call is recorded unless something holds the recording: the caller has not consented, or objected, or somebody (or the engine, where
//! a card number is spoken) has paused it. What is held is a range on the call's clock, for both tracks: there is silence in the
//! recording, in clips and in the waveform, and from the moment on at which the engine knows of it the journal too keeps silence of the
//! same length in place of the sound. Listening goes on: words and fields are captured as before.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Act, Action, Call, Sensitive, Timer};

/// For how long the recording stays paused by itself after the last word of what it was paused for, ms: a card's date and code follow its
/// number.
const PAUSE_LASTS_MS: u64 = 30_000;

/// Why a call is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// The caller has not consented.
    NoConsent,
    /// The caller said that they do not want to be recorded.
    Objection,
    /// A person paused it.
    Person,
    /// A card's number is spoken.
    CardNumber,
    /// A card's security code is spoken.
    CardCvv,
    /// A social-security number is spoken.
    UsSsn,
}

impl From<Sensitive> for Held {
    fn from(kind: Sensitive) -> Self {
        match kind {
            Sensitive::CardNumber => Held::CardNumber,
            Sensitive::CardCvv => Held::CardCvv,
            Sensitive::UsSsn => Held::UsSsn,
        }
    }
}

/// A stretch of the call that is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unrecorded {
    /// Start, ms on the call's clock.
    pub start_ms: u64,
    /// End; none as long as it lasts, and to the end of a call that ended so.
    pub end_ms: Option<u64>,
    /// Why.
    pub reason: Held,
    /// Whose doing: a person's id, `agent`, `caller` or `engine`.
    pub by: String,
}

/// Nobody may go on recording without a word about why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the caller has not agreed to the recording: go on only if they do now, and say so in note"
)]
pub struct NeedsNote;

/// What is recorded of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    pub(super) lacks_consent: bool,
    pub(super) objected: bool,
    pause: Option<(Held, String)>,
    ranges: Vec<Unrecorded>,
}

impl Recording {
    /// Whether what comes now is recorded.
    pub fn is_on(&self) -> bool {
        self.held().is_none()
    }

    /// Where the call was not recorded, in order; none overlaps another.
    pub fn ranges(&self) -> &[Unrecorded] {
        &self.ranges
    }

    /// The strongest of what holds the recording, and whose doing it is.
    fn held(&self) -> Option<(Held, &str)> {
        if self.objected {
            return Some((Held::Objection, "caller"));
        }
        if self.lacks_consent {
            return Some((Held::NoConsent, "engine"));
        }
        self.pause
            .as_ref()
            .map(|(reason, by)| (*reason, by.as_str()))
    }

    /// Brings the ranges into line with what holds now, from `at_ms` on; whether that changed anything.
    fn settle(&mut self, at_ms: u64) -> bool {
        let held = self.held().map(|(reason, by)| (reason, by.to_owned()));
        let open = self.ranges.last_mut().filter(|r| r.end_ms.is_none());
        match (&open, &held) {
            (None, None) => return false,
            (Some(open), Some((reason, by))) if open.reason == *reason && open.by == *by => {
                return false;
            }
            _ => {}
        }
        if let Some(open) = open {
            let end_ms = at_ms.max(open.start_ms);
            open.end_ms = Some(end_ms);
            if end_ms == open.start_ms {
                self.ranges.pop();
            }
        }
        if let Some((reason, by)) = held {
            let before = self.ranges.last().and_then(|r| r.end_ms).unwrap_or(0);
            self.ranges.push(Unrecorded {
                start_ms: at_ms.max(before),
                end_ms: None,
                reason,
                by,
            });
        }
        true
    }

    /// Whether nothing of the first `end_ms` of the call (of all of it, where it goes on) was recorded.
    fn covers(&self, end_ms: Option<u64>) -> bool {
        let mut reached = Some(0);
        for range in &self.ranges {
            match reached {
                Some(at) if range.start_ms <= at => reached = range.end_ms,
                _ => break,
            }
        }
        match (reached, end_ms) {
            (None, _) => true,
            (Some(reached), Some(end)) => reached >= end,
            (Some(_), None) => false,
        }
    }
}

impl Call {
    /// What is recorded of the call.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// The `recording` object of the API.
    pub fn recording_json(&self) -> Value {
        let recording = &self.recording;
        let held = recording.held();
        let state = match held {
            None => "on",
            Some((Held::NoConsent | Held::Objection, _)) => "off",
            Some(_) => "paused",
        };
        let since_ms = recording
            .ranges
            .last()
            .filter(|r| r.end_ms.is_none())
            .map(|r| r.start_ms);
        json!({
            "state": state,
            "reason": held.map(|(reason, _)| reason),
            "by": held.map(|(_, by)| by),
            "since_ms": since_ms,
            "available": self.has_recording(),
            "paused_ranges": recording.ranges,
        })
    }

    /// Whether anything of the call can be played.
    pub fn has_recording(&self) -> bool {
        let goes_on = self.has_open_stream();
        let audio = self.audio();
        let end_ms = audio.iter().map(|t| t.end_ms).max().unwrap_or(0);
        let received = goes_on || audio.iter().any(|t| t.audio_ms > 0);
        received && !self.recording.covers((!goes_on).then_some(end_ms))
    }

    /// Whether a person's act would change the recording; acts of other kinds do not.
    ///
    /// # Errors
    /// When it would go on against the caller's will, without a word about why it may.
    pub fn changes_recording(&self, act: &Act) -> Result<bool, NeedsNote> {
        match (act, self.recording.held()) {
            (
                Act::PauseRecording { .. },
                Some((Held::Person | Held::Objection | Held::NoConsent, _)),
            )
            | (Act::ResumeRecording { .. }, None) => Ok(false),
            (Act::ResumeRecording { note, .. }, Some((Held::Objection | Held::NoConsent, _)))
                if note.trim().is_empty() =>
            {
                Err(NeedsNote)
            }
            (Act::PauseRecording { .. } | Act::ResumeRecording { .. }, _) => Ok(true),
            (Act::Field(_) | Act::Flag { .. }, _) => Ok(false),
        }
    }

    /// A person pauses the recording.
    pub(super) fn pause_recording(
        &mut self,
        who: &str,
        at_ms: u64,
        note: &str,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        self.timers.stop(Timer::Unpause);
        self.recording.pause = Some((Held::Person, who.to_owned()));
        self.settle_recording(at_ms, note, now_us, actions);
    }

    /// A person goes on recording. With that they answer for the caller's consent; that the caller objected stays written.
    pub(super) fn resume_recording(
        &mut self,
        who: &str,
        at_ms: u64,
        note: &str,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        self.timers.stop(Timer::Unpause);
        self.recording.pause = None;
        self.recording.objected = false;
        self.recording.lacks_consent = false;
        self.settle_recording_by(who, at_ms, note, now_us, actions);
    }

    /// Something is spoken that is not to be recorded, from `from_ms` on: the recording pauses, and goes on by itself after a while.
    pub(super) fn pause_for(
        &mut self,
        kind: Sensitive,
        from_ms: u64,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        if matches!(self.recording.pause, Some((Held::Person, _))) {
            return;
        }
        self.arm(Timer::Unpause, now_us, PAUSE_LASTS_MS);
        if self.recording.pause.is_none() {
            self.recording.pause = Some((kind.into(), "engine".to_owned()));
            self.settle_recording(from_ms, "", now_us, actions);
        }
    }

    /// What the recording was paused for has been said.
    pub(super) fn unpause(&mut self, now_us: i64, actions: &mut Vec<Action>) {
        if matches!(self.recording.pause, Some((Held::Person, _))) {
            return;
        }
        self.recording.pause = None;
        self.settle_recording(self.at_ms(now_us), "", now_us, actions);
    }

    /// Lets what holds the recording now take effect, on behalf of whoever holds it.
    pub(super) fn settle_recording(
        &mut self,
        at_ms: u64,
        note: &str,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        let by = self
            .recording
            .held()
            .map_or("engine", |(_, by)| by)
            .to_owned();
        self.settle_recording_by(&by, at_ms, note, now_us, actions);
    }

    fn settle_recording_by(
        &mut self,
        by: &str,
        at_ms: u64,
        note: &str,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        // Before there is anything to record, nothing begins or ceases to be recorded.
        if self.streams.is_empty() || !self.recording.settle(at_ms) {
            return;
        }
        let held = self.recording.held().map(|(reason, _)| reason);
        let (moment, event) = match held {
            Some(_) => ("recording_paused", "recording.paused"),
            None => ("recording_resumed", "recording.resumed"),
        };
        let data = json!({ "reason": held, "by": by, "note": note });
        self.mark_at(at_ms, now_us, moment, data);
        let mut data = self.recording_json();
        data["by"] = json!(by);
        data["note"] = json!(note);
        self.publish(actions, now_us, event, data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(recording: &Recording) -> Vec<(u64, Option<u64>, Held)> {
        let ranges = recording.ranges.iter();
        ranges.map(|r| (r.start_ms, r.end_ms, r.reason)).collect()
    }

    #[test]
    fn what_holds_is_a_range_from_its_beginning_to_its_end() {
        let mut recording = Recording::default();
        assert!(!recording.settle(0) && recording.is_on());
        recording.pause = Some((Held::Person, "usr_1".into()));
        assert!(recording.settle(1_000));
        assert!(!recording.settle(2_000), "nothing has changed");
        recording.objected = true;
        assert!(recording.settle(3_000));
        recording.pause = None;
        assert!(!recording.settle(3_500), "the objection still holds");
        recording.objected = false;
        assert!(recording.settle(4_000) && recording.is_on());
        assert_eq!(
            ranges(&recording),
            [
                (1_000, Some(3_000), Held::Person),
                (3_000, Some(4_000), Held::Objection)
            ]
        );
    }

    #[test]
    fn ranges_neither_overlap_nor_are_empty() {
        let mut recording = Recording {
            lacks_consent: true,
            ..Recording::default()
        };
        recording.settle(0);
        recording.lacks_consent = false;
        recording.settle(0);
        assert_eq!(ranges(&recording), []);
        recording.pause = Some((Held::CardNumber, "engine".into()));
        recording.settle(5_000);
        recording.pause = None;
        recording.settle(6_000);
        // Noticed late, and begun before the last one ended.
        recording.objected = true;
        recording.settle(5_500);
        assert_eq!(
            ranges(&recording),
            [
                (5_000, Some(6_000), Held::CardNumber),
                (6_000, None, Held::Objection)
            ]
        );
    }

    #[test]
    fn a_call_of_which_nothing_was_recorded_is_known() {
        let mut recording = Recording::default();
        assert!(!recording.covers(Some(1_000)));
        recording.lacks_consent = true;
        recording.settle(0);
        assert!(recording.covers(None) && recording.covers(Some(9_000)));
        recording.lacks_consent = false;
        recording.settle(500);
        assert!(recording.covers(Some(400)) && !recording.covers(Some(9_000)));
        assert!(!recording.covers(None));
    }
}
