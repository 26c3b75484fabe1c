//! One track within the recogniser: when its samples were spoken, and what its call is told.

use std::sync::Arc;

use crate::media::Track;
use crate::speech::track::Listening;
use crate::speech::utterance::Said;
use crate::speech::{Partial, Segment, SpeechEvent, SpeechState, measures};

/// A track within the recogniser: its ears and what was told to its call.
pub(super) struct Ear {
    pub track: Track,
    pub listening: Listening,
    /// When the last frame came.
    pub heard_us: u64,
    pub ended: bool,
    pub done: bool,
    pub state: SpeechState,
    /// A final was lost.
    pub lost: bool,
    /// Words shown of the current utterance.
    pub shown_words: usize,
    pub missing: u64,
}

impl Ear {
    /// When the sample at `position` was spoken, µs, if the audio comes in real time.
    pub fn time_of(&self, position: u64) -> u64 {
        let ago = self
            .listening
            .position()
            .saturating_sub(position)
            .saturating_mul(1_000_000)
            / 16_000;
        self.heard_us.saturating_sub(ago)
    }

    /// What the call is told, and the latencies that it shows.
    pub fn event(&mut self, said: Said, model: &Arc<str>, now_us: u64) -> SpeechEvent {
        match said {
            Said::Partial {
                utterance,
                revision,
                stable,
                unstable,
                audio_end,
            } => {
                measures::partial_latency(now_us.saturating_sub(self.time_of(audio_end)));
                for word in stable.iter().chain(&unstable).skip(self.shown_words) {
                    measures::word_latency(now_us.saturating_sub(self.time_of(word.end_ms * 16)));
                }
                self.shown_words = self.shown_words.max(stable.len() + unstable.len());
                SpeechEvent::Partial(Partial {
                    track: self.track,
                    utterance,
                    revision,
                    stable,
                    unstable,
                    audio_end_ms: audio_end / 16,
                })
            }
            Said::Final {
                utterance,
                start,
                end,
                words,
                suspect,
            } => {
                measures::final_latency(now_us.saturating_sub(self.time_of(end)));
                for word in words.iter().skip(self.shown_words) {
                    measures::word_latency(now_us.saturating_sub(self.time_of(word.end_ms * 16)));
                }
                self.shown_words = 0;
                SpeechEvent::Final(Segment {
                    track: self.track,
                    utterance,
                    start_ms: start / 16,
                    end_ms: end / 16,
                    text: words
                        .iter()
                        .map(|w| w.w.as_str())
                        .collect::<Vec<_>>()
                        .join(" "),
                    words,
                    suspect,
                    model: Arc::clone(model),
                })
            }
        }
    }
}
