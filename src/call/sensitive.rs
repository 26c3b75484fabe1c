//! Card and social-security numbers while they are spoken: the recording pauses by itself, or the agent is told that it should.
//!
//! What was spoken is silenced afterwards in any case, where the configuration masks it. A pause covers what a mask cannot know: the
//! digits that come next, on both tracks. It begins where the agent asks for the number, or where the number is recognised.

use serde_json::json;

use super::{Action, Call, Sensitive, TranscriptSegment};
use crate::fields::Speaker;
use crate::record::redact::{self, Line};

/// How many of the last utterances a number may be spread over.
const UTTERANCES: usize = 12;
/// A number is not said for longer than this, ms.
const ONE_NUMBER_MS: u64 = 60_000;
/// The agent is not told again within this time, microseconds.
const SUGGEST_EVERY_US: i64 = 30_000_000;
/// Words before what is asked for in which a negation takes the question back ("I don't need your card number").
const NEGATION_WORDS: usize = 6;

/// What an agent says who is about to hear a number.
const ASKED: [(&str, Sensitive); 10] = [
    ("card number", Sensitive::CardNumber),
    ("number on the card", Sensitive::CardNumber),
    ("number on your card", Sensitive::CardNumber),
    ("credit card", Sensitive::CardNumber),
    ("debit card", Sensitive::CardNumber),
    ("sixteen digit", Sensitive::CardNumber),
    ("security code", Sensitive::CardCvv),
    ("back of the card", Sensitive::CardCvv),
    ("back of your card", Sensitive::CardCvv),
    ("social security number", Sensitive::UsSsn),
];
/// Words that ask for something to be said, or make ready to take it down.
const ASKING: [&str; 12] = [
    "what", "what's", "can", "could", "may", "need", "give", "read", "tell", "have", "get", "take",
];
/// Words that take it back.
const NEGATIONS: [&str; 8] = [
    "don't", "not", "never", "no", "without", "won't", "doesn't", "didn't",
];

/// What an agent's words ask to be read out, if they do.
fn asked_for(words: &[String]) -> Option<Sensitive> {
    ASKED.into_iter().find_map(|(phrase, kind)| {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        let at = words
            .windows(phrase.len())
            .position(|window| window.iter().zip(&phrase).all(|(a, b)| a == b))?;
        let before = words.get(..at)?;
        let near = before.get(at.saturating_sub(NEGATION_WORDS)..)?;
        let asks = near.iter().any(|w| ASKING.contains(&w.as_str()));
        let denies = near.iter().any(|w| NEGATIONS.contains(&w.as_str()));
        (asks && !denies).then_some(kind)
    })
}

impl Call {
    /// Looks at the newest utterance for what is not to be recorded.
    pub(super) fn watch_sensitive(
        &mut self,
        segment: &TranscriptSegment,
        now_us: i64,
        actions: &mut Vec<Action>,
    ) {
        let mut kinds = self.rules.pause_recording_on.clone();
        kinds.extend(
            self.rules
                .redact
                .iter()
                .filter(|k| !kinds.contains(k))
                .copied()
                .collect::<Vec<_>>(),
        );
        if kinds.is_empty() {
            return;
        }
        let recent = self.transcript.len().saturating_sub(UTTERANCES);
        let lines: Vec<Line<'_>> = self
            .transcript
            .iter()
            .skip(recent)
            .map(|s| (&**s).into())
            .collect();
        let found = redact::find(&lines, &kinds);
        // A number that is said in pieces is one from its first piece on.
        let began = |kind: Sensitive| {
            let pieces = found.iter().filter(|span| span.kind == kind);
            pieces
                .map(|span| span.start_ms)
                .filter(|start_ms| start_ms + ONE_NUMBER_MS >= segment.start_ms)
                .min()
        };
        let spoken = found
            .iter()
            .find(|span| span.segment == segment.seq)
            .map(|span| (span.kind, began(span.kind).unwrap_or(span.start_ms)));
        let asked = || {
            (segment.speaker == Speaker::Agent)
                .then(|| asked_for(&super::objection::normalised(&segment.words)))
                .flatten()
                .filter(|kind| kinds.contains(kind))
                .map(|kind| (kind, segment.end_ms))
        };
        let Some((kind, from_ms)) = spoken.or_else(asked) else {
            return;
        };
        if self.rules.pause_recording_on.contains(&kind) {
            self.pause_for(kind, from_ms, now_us, actions);
        } else if self.recording.is_on()
            && self
                .suggested_us
                .is_none_or(|at| now_us - at >= SUGGEST_EVERY_US)
        {
            self.suggested_us = Some(now_us);
            let data = json!({ "reason": kind, "segment_id": segment.id });
            self.publish(actions, now_us, "recording.pause_suggested", data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Sensitive> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        asked_for(&words)
    }

    #[test]
    fn an_agent_who_asks_for_a_number_is_noticed_and_one_who_mentions_it_is_not() {
        assert_eq!(
            asked("okay can i get a card number to hold that"),
            Some(Sensitive::CardNumber)
        );
        assert_eq!(
            asked("and what's the security code"),
            Some(Sensitive::CardCvv)
        );
        assert_eq!(
            asked("could you read me your social security number"),
            Some(Sensitive::UsSsn)
        );
        for other in [
            "you don't need to give me your card number",
            "we take every credit",
            "the credit card machine is broken",
            "we will never ask what your card number is",
        ] {
            let noticed = asked(other);
            assert_eq!(noticed, None, "{other}");
        }
    }
}
