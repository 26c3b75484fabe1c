//! The latencies that the edge measures itself, each against its budget.

use metrics::{Counter, Histogram};

use crate::config::Budgets;

/// One stage: its histogram, and how often its budget was broken. Handles are taken once, so that recording costs a few atomic additions.
pub struct Stage {
    histogram: Histogram,
    budget_s: f64,
    broken: Counter,
}

impl Stage {
    fn new(metric: &'static str, stage: &'static str, budget_ms: f64) -> Self {
        Stage {
            histogram: metrics::histogram!(metric),
            budget_s: budget_ms / 1000.0,
            broken: metrics::counter!("offhook_budget_broken_total", "stage" => stage),
        }
    }

    /// Records one value.
    pub fn record(&self, seconds: f64) {
        self.histogram.record(seconds);
        if seconds > self.budget_s {
            self.broken.increment(1);
        }
    }
}

/// Handles of what is measured per frame, per final and per call.
pub struct Meters {
    /// Message text to frame handed to the journal; it is part of `frame_to_ring` and has no budget of its own.
    pub frame_to_journal: Histogram,
    /// Message text to samples in the ring.
    pub frame_to_ring: Stage,
    /// End of an utterance to its final text, the endpoint's wait included.
    pub utterance_to_final: Stage,
    /// Final text to its fields on the feed.
    pub final_to_fields: Stage,
    /// Hangup to the draft readable.
    pub hangup_to_draft: Stage,
    /// Frames by track, inbound first.
    pub frames: [Counter; 2],
}

impl Meters {
    /// Handles for these budgets.
    pub fn new(budgets: &Budgets) -> Self {
        Meters {
            frame_to_journal: metrics::histogram!("offhook_frame_to_journal_seconds"),
            frame_to_ring: Stage::new("offhook_frame_to_ring_seconds", "frame", budgets.frame),
            utterance_to_final: Stage::new(
                "offhook_utterance_to_final_seconds",
                "stt_final",
                budgets.stt_final,
            ),
            final_to_fields: Stage::new(
                "offhook_final_to_fields_seconds",
                "fields",
                budgets.fields,
            ),
            hangup_to_draft: Stage::new("offhook_hangup_to_draft_seconds", "draft", budgets.draft),
            frames: ["inbound", "outbound"]
                .map(|track| metrics::counter!("offhook_frames_total", "track" => track)),
        }
    }
}
