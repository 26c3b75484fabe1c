//! One track within the recogniser: when its samples were spoken, and what its call is told.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::media::Track;
use crate::speech::schedule::TrackId;
use crate::speech::track::Listening;
use crate::speech::utterance::Said;
use crate::speech::{Partial, Segment, SpeechEvent, SpeechState, measures};

/// A final waits at most this long for the final of what was said before it on the other track, µs.
const ORDER_WAIT_US: u64 = 1_000_000;

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
    /// The call's other track.
    pub partner: Option<TrackId>,
    /// What was said and is not told yet, with the time since when it could be.
    pub untold: VecDeque<(u64, Said)>,
}

impl Ear {
    /// Nothing heard yet.
    pub fn new(track: Track, listening: Listening, now_us: u64) -> Self {
        Self {
            track,
            listening,
            heard_us: now_us,
            ended: false,
            done: false,
            state: SpeechState::Listening,
            lost: false,
            shown_words: 0,
            missing: 0,
            partner: None,
            untold: VecDeque::new(),
        }
    }

    /// The next thing to tell, unless it is a final that must wait: the other track's utterance, which ended before it
    /// (`partner_ends`), has no final yet. So an answer does not overtake what it answers. The wait is bounded.
    pub fn next_untold(&mut self, partner_ends: Option<u64>, now_us: u64) -> Option<Said> {
        let (since_us, said) = self.untold.front()?;
        if let Said::Final { end, .. } = said
            && partner_ends.is_some_and(|earlier| earlier < *end)
            && now_us < since_us + ORDER_WAIT_US
        {
            return None;
        }
        self.untold.pop_front().map(|(_, said)| said)
    }

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
