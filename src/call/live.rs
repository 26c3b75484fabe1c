//! The live state as agents see it, and the deltas that keep it current.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::call::{Action, Call, CallId, Caller, TrackAudio, rfc3339};
use crate::fields::{Change, Field, Speaker};
use crate::media::Track;
use crate::speech::{Partial, Segment, SpeechState, Word};

/// A finished utterance in the transcript.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TranscriptSegment {
    /// `seg_` and the number in the call.
    pub id: String,
    /// Number in the call, from 0, in the order in which it was heard.
    pub seq: u32,
    /// The track it was spoken on.
    pub track: Track,
    /// Who spoke.
    pub speaker: Speaker,
    /// Start, ms from the call's first media sample.
    pub start_ms: u64,
    /// End, ms from the call's first media sample.
    pub end_ms: u64,
    /// The words, joined.
    pub text: String,
    /// Always `final`: partials live on the feed alone.
    pub state: &'static str,
    /// A guard doubts it: no field was taken from it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspect: bool,
    /// The words with times and probabilities.
    pub words: Vec<Word>,
    /// The model that heard it.
    pub model_version: Arc<str>,
}

impl TranscriptSegment {
    pub(super) fn new(number: u32, speaker: Speaker, heard: &Segment) -> Self {
        TranscriptSegment {
            id: format!("seg_{number}"),
            seq: number,
            track: heard.track,
            speaker,
            start_ms: heard.start_ms,
            end_ms: heard.end_ms,
            text: heard.text.clone(),
            state: "final",
            suspect: heard.suspect,
            words: heard.words.clone(),
            model_version: Arc::clone(&heard.model),
        }
    }
}

/// Something that happened at a moment of the call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moment {
    /// Where in the call, ms from the first media sample.
    pub at_ms: u64,
    /// When, RFC 3339.
    pub at: String,
    /// What.
    pub name: &'static str,
    /// Details.
    pub data: Value,
}

/// What is still missing before it is safe to hang up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checklist {
    /// Required fields without a value.
    pub required_missing: Vec<String>,
    /// Critical fields that nobody has confirmed.
    pub critical_unconfirmed: Vec<String>,
    /// Nothing is left to ask.
    pub ready: bool,
    /// Share of what is wanted that is there, 0..=1.
    pub score: f64,
}

/// Audio as it arrived.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quality {
    /// Holes so far: track, start and end.
    pub gaps: Vec<Value>,
    /// Counts by track, inbound first; filled when a stream closes.
    pub tracks: [TrackAudio; 2],
    /// How it arrived in the last second: the last `media.quality`; null before the first.
    pub now: Value,
}

/// The state of a call while it lasts: the feed's `snapshot`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiveState {
    /// The number of the last event that this state includes.
    pub seq: u64,
    /// The call.
    pub call_id: CallId,
    /// The flat call object.
    pub call: Value,
    /// Who calls, as far as the business knows.
    pub caller: Value,
    /// Fields by name.
    pub fields: Arc<BTreeMap<String, Field>>,
    /// Finished utterances.
    pub transcript: Vec<Arc<TranscriptSegment>>,
    /// Utterances that are being spoken.
    pub partials: Vec<Partial>,
    /// What is missing.
    pub checklist: Checklist,
    /// What the agent should say next, most urgent first.
    pub prompts: Value,
    /// Promised and suggested tasks.
    pub tasks: Value,
    /// What happens next.
    pub next_action: Value,
    /// What came of the call, so far.
    pub outcome: Value,
    /// Escalations raised.
    pub escalations: Value,
    /// What happened when.
    pub timeline: Vec<Moment>,
    /// How well the recogniser keeps up.
    pub stt: SpeechState,
    /// Audio as it arrived.
    pub quality: Quality,
    /// How long the stages take: the last `latency`; null before the first.
    pub latency: Value,
}

/// Serialises a value of ours. They hold only strings, numbers and string-keyed maps, so this cannot fail.
fn value(from: impl Serialize) -> Value {
    serde_json::to_value(from).unwrap_or_default()
}

impl Call {
    /// The state as agents see it now.
    pub fn live(&self) -> LiveState {
        LiveState {
            seq: self.seq,
            call_id: self.opening.call,
            call: self.header_json(),
            caller: self.caller_json(),
            fields: Arc::new(self.extractor.fields_by_name()),
            transcript: self.transcript.clone(),
            partials: self.partials.iter().flatten().cloned().collect(),
            checklist: self.checklist(),
            prompts: value(self.extractor.prompts()),
            tasks: value(self.extractor.tasks()),
            next_action: value(self.extractor.next_action()),
            outcome: value(self.extractor.outcome()),
            escalations: value(self.extractor.escalations()),
            timeline: self.timeline.clone(),
            stt: self.speech,
            latency: self.gauges.latency.clone(),
            quality: Quality {
                gaps: self.gaps.iter().map(|(track, start, end)| json!({ "track": track, "start_ms": start, "end_ms": end })).collect(),
                tracks: self.audio(),
                now: self.gauges.quality.clone(),
            },
        }
    }

    /// Who calls, as far as the business knows: what it has loaded, never what was captured.
    pub fn caller_json(&self) -> Value {
        let mut caller = self
            .caller()
            .map_or_else(|| value(Caller::default()), value);
        if let Some(caller) = caller.as_object_mut() {
            // The call has it already.
            caller.remove("number");
        }
        caller
    }

    /// The flat call object of the API.
    pub fn header_json(&self) -> Value {
        let mut call = self.header.json(&self.opening, self.end);
        call["provider_stream_ids"] = json!(self.stream_ids().collect::<Vec<_>>());
        call["ownership"] = json!(self.rules.ownership);
        call["consent"] = self.consent_json();
        call["recording"] = self.recording_json();
        call
    }

    /// What is missing before it is safe to hang up.
    pub fn checklist(&self) -> Checklist {
        let required_missing = self.extractor.missing_required();
        let critical_unconfirmed = self.extractor.unconfirmed_important();
        let wanted = self.extractor.fields().filter(|f| f.required).count();
        let open = required_missing.len()
            + critical_unconfirmed
                .iter()
                .filter(|n| !required_missing.contains(n))
                .count();
        let score = if wanted == 0 {
            1.0
        } else {
            1.0 - (open.min(wanted) as f64 / wanted as f64)
        };
        Checklist {
            ready: required_missing.is_empty() && critical_unconfirmed.is_empty(),
            required_missing,
            critical_unconfirmed,
            score: (score * 1000.0).round() / 1000.0,
        }
    }

    pub(super) fn publish_changes(
        &mut self,
        actions: &mut Vec<Action>,
        now_us: i64,
        changes: &[Change],
    ) {
        for change in changes {
            let Some(field) = self.extractor.field(&change.field) else {
                continue;
            };
            let mut data = value(field);
            data["name"] = json!(change.field);
            data["change"] = value(change.kind);
            let confirmed = data["status"] == "confirmed";
            self.publish(actions, now_us, "field.updated", data);
            if confirmed {
                let at_ms = self.at_ms(now_us);
                self.timeline.push(Moment {
                    at_ms,
                    at: rfc3339(now_us),
                    name: "field_confirmed",
                    data: json!({ "field": change.field }),
                });
            }
        }
    }

    /// Publishes those derived views that differ from what the feed last heard.
    pub(super) fn publish_derived(&mut self, actions: &mut Vec<Action>, now_us: i64) {
        let views = [
            ("checklist", value(self.checklist())),
            ("field.prompt", value(self.extractor.prompts())),
            ("task.suggested", value(self.extractor.tasks())),
            ("next_action.updated", value(self.extractor.next_action())),
            ("outcome.updated", value(self.extractor.outcome())),
            ("escalation.raised", value(self.extractor.escalations())),
        ];
        for (kind, view) in views {
            let empty = view.as_array().is_some_and(Vec::is_empty);
            let same = self.shown.get(kind).map_or(empty, |shown| *shown == view);
            if same {
                continue;
            }
            // Lists travel whole: a reader replaces what it shows, so a lost or repeated event does no harm.
            let data = if view.is_array() {
                json!({ "items": view })
            } else {
                view.clone()
            };
            self.publish(actions, now_us, kind, data);
            self.shown.insert(kind, view);
        }
    }
}
