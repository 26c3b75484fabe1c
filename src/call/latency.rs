//! How long each stage of a call takes, as the edge measures it: shown while the call lasts, and kept in its record.
//!
//! Delays are measured with a clock, which the core does not have: while the call lasts they are told to it and leave no trace; when it
//! ends, the last figures are an event like any other, so that a replay gives the same record.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Action, Call, Phase};

/// The delays of one stage, microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    /// How many were measured.
    pub count: u64,
    /// The last one.
    pub last_us: Option<u64>,
    /// Half were not longer.
    pub p50_us: Option<u64>,
    /// Nineteen of twenty were not longer.
    pub p95_us: Option<u64>,
}

/// The delays of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latencies {
    /// How much later than the fastest one a media message came, by the provider's timestamps.
    pub network: Delay,
    /// Media message to samples in the recogniser's ring.
    pub decode: Delay,
    /// Word spoken to first text.
    pub stt_partial: Delay,
    /// End of an utterance to its final text.
    pub stt_final: Delay,
    /// Final text to its fields on the feed.
    pub fields: Delay,
    /// Stages that take longer than their budget.
    pub budget_broken: Vec<String>,
}

/// Milliseconds with the decimals that count.
fn ms(us: Option<u64>) -> Option<f64> {
    us.map(|us| us as f64 / 1_000.0)
}

impl Delay {
    fn json(&self) -> Value {
        json!({ "count": self.count, "last_ms": ms(self.last_us), "p50_ms": ms(self.p50_us), "p95_ms": ms(self.p95_us) })
    }
}

impl Latencies {
    /// What agents wait for, from the word spoken to the field shown: medians added up. None before anything was heard.
    fn delay_us(&self) -> Option<u64> {
        let heard = self.stt_partial.p50_us.or(self.stt_final.p50_us)?;
        Some(heard + self.network.p50_us.unwrap_or(0) + self.fields.p50_us.unwrap_or(0))
    }

    /// The feed's `latency`.
    pub fn json(&self) -> Value {
        json!({
            "delay_ms": ms(self.delay_us()),
            "stages": {
                "network": self.network.json(), "decode": self.decode.json(), "stt_partial": self.stt_partial.json(),
                "stt_final": self.stt_final.json(), "fields": self.fields.json(),
            },
            "budget_broken": self.budget_broken,
        })
    }

    /// The record's `latency`, but for what the call counts itself.
    pub fn summary(&self) -> Value {
        json!({
            "network_p50_ms": ms(self.network.p50_us), "network_p95_ms": ms(self.network.p95_us),
            "decode_p50_ms": ms(self.decode.p50_us), "decode_p95_ms": ms(self.decode.p95_us),
            "stt_partial_p50_ms": ms(self.stt_partial.p50_us), "stt_partial_p95_ms": ms(self.stt_partial.p95_us),
            "field_p50_ms": ms(self.fields.p50_us), "field_p95_ms": ms(self.fields.p95_us),
            "budget_broken": self.budget_broken,
        })
    }
}

/// What was told of a call while it lasts and is not part of what happened.
#[derive(Debug, Clone, Default)]
pub(super) struct Gauges {
    pub(super) latency: Value,
    pub(super) quality: Value,
}

impl Call {
    /// Shows how long the stages take now. Nothing of it outlives the call.
    pub fn show_latency(&mut self, now: &Latencies, now_us: i64) -> Vec<Action> {
        let data = now.json();
        self.gauges.latency = data.clone();
        self.show("latency", data, now_us)
    }

    /// Shows how the audio arrives now. Nothing of it outlives the call.
    pub fn show_quality(&mut self, data: Value, now_us: i64) -> Vec<Action> {
        self.gauges.quality = data.clone();
        self.show("media.quality", data, now_us)
    }

    fn show(&mut self, kind: &'static str, data: Value, now_us: i64) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.phase != Phase::Final {
            self.publish(&mut actions, now_us, kind, data);
        }
        actions
    }

    /// The last figures that were journalled.
    pub fn latencies(&self) -> &Latencies {
        &self.latencies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_agent_waits_for_is_the_sum_of_what_is_known() {
        let delay = |p50_us| Delay {
            count: 1,
            last_us: Some(p50_us),
            p50_us: Some(p50_us),
            p95_us: Some(2 * p50_us),
        };
        let mut all = Latencies {
            network: delay(40_000),
            fields: delay(500),
            ..Latencies::default()
        };
        assert_eq!(all.json()["delay_ms"], Value::Null);
        all.stt_final = delay(900_000);
        assert_eq!(all.json()["delay_ms"], 940.5);
        all.stt_partial = delay(300_000);
        assert_eq!(all.json()["delay_ms"], 340.5);
        assert_eq!(all.json()["stages"]["network"]["p95_ms"], 80.0);
        assert_eq!(all.summary()["decode_p95_ms"], Value::Null);
    }
}
