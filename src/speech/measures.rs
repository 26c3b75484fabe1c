//! Every metric of the recogniser: names, units, and the one place where they are written.

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};

use super::guards::Doubt;
use super::utterance::Purpose;

/// End of the voice to the final's text, the endpoint's wait included.
pub const FINAL_LATENCY: &str = "offhook_speech_final_latency_seconds";
/// End of the audio that a partial covers to the partial.
pub const PARTIAL_LATENCY: &str = "offhook_speech_partial_latency_seconds";
/// End of a word to the first text that contains it.
pub const WORD_LATENCY: &str = "offhook_speech_word_latency_seconds";
/// Working time of one decode, by purpose.
pub const DECODE: &str = "offhook_speech_decode_seconds";
/// Waiting jobs.
pub const QUEUE: &str = "offhook_speech_queue_length";
/// Smoothed share of busy workers.
pub const UTILISATION: &str = "offhook_speech_utilisation_ratio";
/// Tracks being listened to.
pub const TRACKS: &str = "offhook_speech_tracks";
/// Speech between two partials; 0 means finals only.
pub const CADENCE: &str = "offhook_speech_cadence_seconds";
/// Partials replaced before they ran, or stopped for a final.
pub const SHED: &str = "offhook_speech_partials_shed_total";
/// Utterances that a guard dropped or marked, by reason.
pub const DOUBTED: &str = "offhook_speech_doubted_total";
/// Decodes that failed, by whether a second try was left.
pub const FAILED: &str = "offhook_speech_decode_failures_total";
/// Calls that were not admitted.
pub const REFUSED: &str = "offhook_speech_refused_total";
/// Samples that never arrived.
pub const MISSING: &str = "offhook_speech_missing_samples_total";

/// Gives every metric its unit and help text; to be called once after the recorder was installed.
pub fn describe() {
    describe_histogram!(
        FINAL_LATENCY,
        Unit::Seconds,
        "End of the voice to the final's text, endpoint included"
    );
    describe_histogram!(
        PARTIAL_LATENCY,
        Unit::Seconds,
        "End of the covered audio to the partial"
    );
    describe_histogram!(
        WORD_LATENCY,
        Unit::Seconds,
        "End of a word to the first text with it"
    );
    describe_histogram!(DECODE, Unit::Seconds, "Working time of one decode");
    describe_gauge!(QUEUE, Unit::Count, "Jobs waiting for a worker");
    describe_gauge!(UTILISATION, "Smoothed share of busy workers");
    describe_gauge!(TRACKS, Unit::Count, "Tracks being listened to");
    describe_gauge!(
        CADENCE,
        Unit::Seconds,
        "Speech between two partials; 0 means finals only"
    );
    describe_counter!(
        SHED,
        Unit::Count,
        "Partials replaced before they ran or stopped for a final"
    );
    describe_counter!(
        DOUBTED,
        Unit::Count,
        "Utterances that a guard dropped or marked"
    );
    describe_counter!(FAILED, Unit::Count, "Failed decodes");
    describe_counter!(REFUSED, Unit::Count, "Calls that were not admitted");
    describe_counter!(MISSING, Unit::Count, "Samples that never arrived");
}

pub(super) fn final_latency(us: u64) {
    histogram!(FINAL_LATENCY).record(us as f64 / 1e6);
}

pub(super) fn partial_latency(us: u64) {
    histogram!(PARTIAL_LATENCY).record(us as f64 / 1e6);
}

pub(super) fn word_latency(us: u64) {
    histogram!(WORD_LATENCY).record(us as f64 / 1e6);
}

pub(super) fn decode(purpose: Purpose, us: u64) {
    let purpose = match purpose {
        Purpose::Partial => "partial",
        Purpose::Speculative => "speculative",
        Purpose::Final => "final",
    };
    histogram!(DECODE, "purpose" => purpose).record(us as f64 / 1e6);
}

pub(super) fn load(tracks: usize, queued: usize, utilisation: f64, cadence_ms: Option<u32>) {
    gauge!(TRACKS).set(tracks as f64);
    gauge!(QUEUE).set(queued as f64);
    gauge!(UTILISATION).set(utilisation);
    gauge!(CADENCE).set(f64::from(cadence_ms.unwrap_or(0)) / 1e3);
}

pub(super) fn shed(count: u64) {
    if count > 0 {
        counter!(SHED).increment(count);
    }
}

pub(super) fn doubted(doubt: Doubt, dropped: bool) {
    counter!(DOUBTED, "reason" => doubt.label(), "outcome" => if dropped { "dropped" } else { "suspect" }).increment(1);
}

pub(super) fn failed(retried: bool) {
    counter!(FAILED, "retried" => if retried { "yes" } else { "no" }).increment(1);
}

pub(super) fn refused() {
    counter!(REFUSED).increment(1);
}

pub(super) fn missing(samples: u64) {
    if samples > 0 {
        counter!(MISSING).increment(samples);
    }
}
