//! Whether the caller has agreed to be recorded: asked, heard to the end, agreed, refused, objected.
//!
//! The engine learns that an announcement was heard to its end by what the provider does only after it: the stream starts, the agent's
//! telephone is rung, or the provider asks for the rest of its instructions. A call that ends before that has not consented. Calls that
//! this engine did not answer were not asked by it: their consent is obtained, or not, by whoever started the stream.

use serde_json::{Value, json};

use super::{Action, Call, rfc3339};
use crate::media::ConsentMode;
use crate::media::webhook::Form;

/// What the caller was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    mode: ConsentMode,
    /// Whether the recording may begin before the announcement has been heard.
    record_before: bool,
    at_us: i64,
}

/// How far consent has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    asked: Option<Asked>,
    completed_us: Option<i64>,
    refused: bool,
    objected: bool,
}

/// What follows an announcement, as the provider shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Followed {
    /// The stream started.
    Stream,
    /// The agent's telephone was rung.
    Dial,
}

impl Consent {
    /// Whether the announcement was heard to its end and, where that was asked for, agreed to.
    pub fn is_completed(&self) -> bool {
        self.completed_us.is_some()
    }

    /// Whether the caller said that they do not want to be recorded.
    pub fn caller_objected(&self) -> bool {
        self.objected
    }

    fn json(&self) -> Value {
        json!({
            "mode": self.asked.map_or(ConsentMode::Off, |asked| asked.mode),
            "announced_at": self.asked.map(|asked| rfc3339(asked.at_us)),
            "completed": self.is_completed(),
            "completed_at": self.completed_us.map(rfc3339),
            "caller_objected": self.objected,
        })
    }
}

impl Call {
    /// How far consent has come.
    pub fn consent(&self) -> &Consent {
        &self.consent
    }

    /// The `consent` object of the API.
    pub fn consent_json(&self) -> Value {
        self.consent.json()
    }

    /// The provider was told to announce the recording. A webhook that comes twice asks once.
    pub(super) fn on_consent_asked(
        &mut self,
        mode: ConsentMode,
        record_before: bool,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        if self.consent.asked.is_some() || mode == ConsentMode::Off {
            return;
        }
        self.consent.asked = Some(Asked {
            mode,
            record_before,
            at_us: now_us,
        });
        self.recording.lacks_consent = !record_before;
        self.mark(now_us, "consent_asked", json!({ "mode": mode }));
        self.publish_consent(now_us, actions);
        self.settle_recording(self.at_ms(now_us), "", now_us, actions);
    }

    /// The provider asks for what comes after the announcement, with the caller's key if there was one.
    pub(super) fn on_consent_answered(
        &mut self,
        form: &Form,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        match self.consent.asked {
            Some(Asked {
                mode: ConsentMode::Press1,
                ..
            }) if form.get("Digits") != Some("1") => self.refuse_consent(now_us, actions),
            Some(_) => self.complete_consent(now_us, actions),
            None => {}
        }
    }

    /// Something happened that comes after the announcement only. A caller who is to press 1 has not agreed by that.
    pub(super) fn on_announcement_followed(
        &mut self,
        by: Followed,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        let shows_the_end = self.consent.asked.is_some_and(|asked| {
            asked.mode == ConsentMode::Announce
                // Where the stream comes first, it shows nothing.
                && (by == Followed::Dial || !asked.record_before)
        });
        if shows_the_end {
            self.complete_consent(now_us, actions);
        }
    }

    fn complete_consent(&mut self, now_us: i64, actions: &mut Vec<Action>) {
        if self.consent.is_completed() || self.consent.refused {
            return;
        }
        self.consent.completed_us = Some(now_us);
        self.recording.lacks_consent = false;
        let mode = self.consent.asked.map(|asked| asked.mode);
        self.mark(now_us, "consent_announced", json!({ "mode": mode }));
        self.publish_consent(now_us, actions);
        self.settle_recording(self.at_ms(now_us), "", now_us, actions);
    }

    fn refuse_consent(&mut self, now_us: i64, actions: &mut Vec<Action>) {
        if self.consent.is_completed() || self.consent.refused {
            return;
        }
        self.consent.refused = true;
        self.recording.lacks_consent = true;
        self.mark(now_us, "consent_refused", json!({}));
        self.publish_consent(now_us, actions);
        self.settle_recording(self.at_ms(now_us), "", now_us, actions);
    }

    /// The caller said, up to `at_ms`, that they do not want to be recorded. The fields stay and go on; the recording stops.
    pub(super) fn on_objection(
        &mut self,
        segment_id: &str,
        at_ms: u64,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        if std::mem::replace(&mut self.recording.objected, true) {
            return;
        }
        self.consent.objected = true;
        self.mark_at(
            at_ms,
            now_us,
            "consent_objected",
            json!({ "segment_id": segment_id }),
        );
        self.publish_consent(now_us, actions);
        self.settle_recording(at_ms, "", now_us, actions);
    }

    fn publish_consent(&mut self, now_us: i64, actions: &mut Vec<Action>) {
        let consent = self.consent.json();
        self.publish(actions, now_us, "consent.updated", consent);
    }
}
