//! What the recogniser hears: partials that are shown, finals that count.

use std::sync::Arc;

use serde_json::json;

use super::{Action, Call, Heard, Phase, TranscriptSegment, objection};
use crate::fields::{Speaker, Turn};
use crate::media::Track;
use crate::speech::{Partial, Segment, SpeechState, Word};

/// Longest pause within a sentence that came as two utterances, ms.
const ONE_SENTENCE_MS: u64 = 2_000;
/// Words of the utterance before that may belong to the same sentence.
const SENTENCE_WORDS: usize = 8;

impl Call {
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

    pub(super) fn on_heard(&mut self, heard: &Heard, now_us: i64, actions: &mut Vec<Action>) {
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

    pub(super) fn on_final(&mut self, heard: &Segment, now_us: i64, actions: &mut Vec<Action>) {
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
        self.watch_sensitive(&segment, now_us, actions);
        // A segment that a guard doubts is shown, but nothing is taken from it.
        if !heard.suspect {
            self.hear_objection(&segment, now_us, actions);
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

    /// Looks for an objection to the recording in what the caller said. It may have begun in the utterance before.
    fn hear_objection(
        &mut self,
        segment: &TranscriptSegment,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        if segment.speaker != Speaker::Caller {
            return;
        }
        let earlier = self.transcript.iter().rev().skip(1);
        let before = earlier
            .filter(|s| s.speaker == Speaker::Caller)
            .find(|s| !s.suspect)
            .filter(|s| s.end_ms + ONE_SENTENCE_MS >= segment.start_ms);
        let mut words: Vec<Word> = Vec::new();
        if let Some(before) = before {
            let tail = before.words.len().saturating_sub(SENTENCE_WORDS);
            words.extend(before.words.iter().skip(tail).cloned());
        }
        let known = words.len();
        words.extend(segment.words.iter().cloned());
        // What was said before was looked at then.
        if let Some(found) = objection::find(&words).filter(|found| found.word >= known) {
            self.on_objection(&segment.id, found.end_ms, now_us, actions);
        }
    }

    pub(super) fn partial_id(&self, partial: &Partial) -> String {
        format!("utt_{}_{}", partial.track.index(), partial.utterance)
    }
}
