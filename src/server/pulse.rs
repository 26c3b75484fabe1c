//! Once a second: what is new about a call's delays and its audio.

use std::time::Duration;

use serde_json::Value;

use crate::call::{Delay, Latencies};
use crate::config::Budgets;
use crate::media::Track;
use crate::server::vitals::{Delays, Heard, StreamVitals, quality};
use crate::speech::Partial;

/// Between two looks.
pub const EVERY: Duration = Duration::from_secs(1);
/// What has not changed, or what nobody reads, is told again after so many looks.
const AT_LEAST_EVERY: u32 = 5;

/// What a look brought.
#[derive(Debug, Default)]
pub struct News {
    /// Delays.
    pub latency: Option<Latencies>,
    /// `media.quality`.
    pub quality: Option<Value>,
}

/// What is measured of a call in its own task, and what was told last.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Word spoken to first text.
    stt_partial: Delays,
    /// End of an utterance to its final text.
    pub stt_final: Delays,
    /// Final text to its fields on the feed.
    pub fields: Delays,
    /// End of the last word that was shown, by track, ms.
    shown_to_ms: [u64; 2],
    heard: [Heard; 2],
    told_latency: Option<Latencies>,
    told_quality: Option<Value>,
    looks_since_latency: u32,
    looks_since_quality: u32,
    /// Looks since the audio was read.
    unread: u32,
}

impl Pulse {
    /// Takes a partial that came `at_ms` into the call: how long ago its newest word was spoken, if that is shown for the first time.
    pub fn partial(&mut self, partial: &Partial, at_ms: u64) {
        let newest = partial.unstable.last().or(partial.stable.last());
        let shown_to_ms = &mut self.shown_to_ms[Track::index(partial.track)];
        if let Some(word) = newest.filter(|word| word.end_ms > *shown_to_ms) {
            *shown_to_ms = word.end_ms;
            let delay_ms = at_ms.saturating_sub(word.end_ms);
            self.stt_partial.record(delay_ms as f64 / 1_000.0);
        }
    }

    /// All delays known now.
    pub fn latencies(&self, stream: &StreamVitals, budgets: &Budgets) -> Latencies {
        let mut all = Latencies {
            network: stream.network.read(),
            decode: stream.decode.read(),
            stt_partial: self.stt_partial.read(),
            stt_final: self.stt_final.read(),
            fields: self.fields.read(),
            budget_broken: Vec::new(),
        };
        let broken = |delay: &Delay, budget_ms: f64| {
            delay
                .p95_us
                .is_some_and(|us| us as f64 > budget_ms * 1_000.0)
        };
        all.budget_broken = [
            ("decode", &all.decode, budgets.frame),
            ("stt_partial", &all.stt_partial, budgets.stt_partial),
            ("stt_final", &all.stt_final, budgets.stt_final),
            ("fields", &all.fields, budgets.fields),
        ]
        .into_iter()
        .filter(|(_, delay, budget_ms)| broken(delay, *budget_ms))
        .map(|(stage, ..)| stage.to_owned())
        .collect();
        all
    }

    /// What is new. Where nobody watches, only every fifth look counts.
    pub fn beat(&mut self, stream: &StreamVitals, budgets: &Budgets, watched: bool) -> News {
        let mut news = News::default();
        if stream.end_ms() == 0 {
            // Nothing has come yet.
            return news;
        }
        self.looks_since_latency += 1;
        self.looks_since_quality += 1;
        self.unread += 1;
        if !watched && self.looks_since_quality < AT_LEAST_EVERY {
            return news;
        }
        let heard = stream.read();
        let window_ms = EVERY.as_millis() as u64 * u64::from(self.unread);
        self.unread = 0;
        let told = quality(&heard, &self.heard, window_ms);
        self.heard = heard;
        if self.looks_since_quality >= AT_LEAST_EVERY || self.told_quality.as_ref() != Some(&told) {
            self.told_quality = Some(told.clone());
            self.looks_since_quality = 0;
            news.quality = Some(told);
        }
        let latencies = self.latencies(stream, budgets);
        // The counts of frames change with every look; the delays themselves are what matters.
        let same = self.told_latency.as_ref().is_some_and(|told| {
            let medians = |l: &Latencies| {
                [
                    &l.network,
                    &l.decode,
                    &l.stt_partial,
                    &l.stt_final,
                    &l.fields,
                ]
                .map(|d| (d.p50_us.map(|us| us / 1_000), d.p95_us.map(|us| us / 1_000)))
            };
            medians(told) == medians(&latencies)
                && told.stt_final.count == latencies.stt_final.count
        });
        if self.looks_since_latency >= AT_LEAST_EVERY || !same {
            self.told_latency = Some(latencies.clone());
            self.looks_since_latency = 0;
            news.latency = Some(latencies);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::TrackReport;
    use crate::audio::level::Level;
    use crate::speech::Word;

    fn partial(end_ms: u64) -> Partial {
        Partial {
            track: Track::Inbound,
            utterance: 0,
            revision: 0,
            stable: Vec::new(),
            unstable: vec![Word {
                w: "hello".into(),
                start_ms: end_ms - 100,
                end_ms,
                p: 0.9,
            }],
            audio_end_ms: end_ms,
        }
    }

    #[test]
    fn a_word_s_delay_counts_when_it_is_first_shown() {
        let mut pulse = Pulse::default();
        pulse.partial(&partial(1_000), 1_300);
        pulse.partial(&partial(1_000), 1_800);
        pulse.partial(&partial(1_500), 1_900);
        let known = pulse.latencies(&StreamVitals::default(), &Budgets::default());
        assert_eq!(known.stt_partial.count, 2);
        assert_eq!(known.stt_partial.last_us, Some(400_000));
        assert_eq!(known.budget_broken, [""; 0]);
        pulse.stt_final.record(3.0);
        let known = pulse.latencies(&StreamVitals::default(), &Budgets::default());
        assert_eq!(known.budget_broken, ["stt_final"]);
    }

    #[test]
    fn what_has_not_changed_is_told_every_fifth_second_alone() {
        let (mut pulse, stream) = (Pulse::default(), StreamVitals::default());
        let budgets = Budgets::default();
        assert!(pulse.beat(&stream, &budgets, true).quality.is_none());
        let begun = TrackReport {
            end_sample: 160,
            ..TrackReport::default()
        };
        stream.frame(Track::Inbound, &begun, Level::default());
        let told = |pulse: &mut Pulse, watched| {
            let news = pulse.beat(&stream, &budgets, watched);
            (news.latency.is_some(), news.quality.is_some())
        };
        assert_eq!(told(&mut pulse, true), (true, true));
        for _ in 0..4 {
            assert_eq!(told(&mut pulse, true), (false, false));
        }
        assert_eq!(told(&mut pulse, true), (true, true));
        // Nobody watches: not even what is new, but for every fifth look.
        let level = Level::of(&[0x10; 160]);
        for look in 1..=10 {
            stream.frame(Track::Inbound, &begun, level);
            assert_eq!(told(&mut pulse, false).1, look % 5 == 0, "look {look}");
        }
    }
}
