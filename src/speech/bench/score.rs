//! What was heard against what was said: errors, telephone numbers, latencies, stability.

use std::collections::HashMap;

use serde::Serialize;

use super::material::{Call, Line};
use super::simulate::{Heard, Outcome};
use crate::media::Track;
use crate::speech::numerals;
use crate::speech::{SpeechEvent, Word};

/// Digits of a telephone number said in a row.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=11;
/// A final may end this much before its line: the detector closes early on a fading voice.
const EARLY_MS: u64 = 300;
/// Who goes on within this time has not ended: an endpoint that waits for the rest of a number is right to do so.
const GOES_ON_MS: u64 = 1_500;

/// Percentiles of a time, ms.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Times {
    /// How many were measured.
    pub count: usize,
    /// Half were shorter.
    pub p50_ms: u64,
    /// 19 of 20.
    pub p95_ms: u64,
    /// 99 of 100.
    pub p99_ms: u64,
}

impl Times {
    /// Of times in µs.
    pub fn of(mut times_us: Vec<u64>) -> Self {
        times_us.sort_unstable();
        // Nearest rank.
        let at = |percent: usize| {
            let rank = (times_us.len() * percent).div_ceil(100).max(1);
            times_us.get(rank - 1).map_or(0, |us| us / 1_000)
        };
        Self {
            count: times_us.len(),
            p50_ms: at(50),
            p95_ms: at(95),
            p99_ms: at(99),
        }
    }
}

/// Edit distance of two word lists, and which of their words are the same in one shortest edit: pairs of indexes.
pub fn align(said: &[String], heard: &[String]) -> (usize, Vec<(usize, usize)>) {
    let width = heard.len() + 1;
    let mut cost = vec![0usize; (said.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for i in 0..=said.len() {
        for j in 0..=heard.len() {
            let best = match (i, j) {
                (0, _) => j,
                (_, 0) => i,
                _ => {
                    let same = said.get(i - 1) == heard.get(j - 1);
                    let kept = cost[at(i - 1, j - 1)] + usize::from(!same);
                    kept.min(cost[at(i - 1, j)] + 1).min(cost[at(i, j - 1)] + 1)
                }
            };
            cost[at(i, j)] = best;
        }
    }
    let (mut i, mut j) = (said.len(), heard.len());
    let mut pairs = Vec::new();
    while i > 0 && j > 0 {
        let same = said.get(i - 1) == heard.get(j - 1);
        if cost[at(i, j)] == cost[at(i - 1, j - 1)] + usize::from(!same) {
            if same {
                pairs.push((i - 1, j - 1));
            }
            (i, j) = (i - 1, j - 1);
        } else if cost[at(i, j)] == cost[at(i - 1, j)] + 1 {
            i -= 1;
        } else {
            j -= 1;
        }
    }
    pairs.reverse();
    (cost[at(said.len(), heard.len())], pairs)
}

/// A text as comparable units: `five`, `5` and `5-5` compare as digits.
pub fn units(text: &str) -> Vec<String> {
    numerals::units(text.split_whitespace())
        .into_iter()
        .map(|unit| unit.text)
        .collect()
}

/// Telephone numbers in a row of units: said numbers, and how many of them were heard exactly.
pub fn phones(said: &[String], heard: &[String]) -> (usize, usize) {
    let said = digit_runs(said);
    let mut heard = digit_runs(heard);
    let exact = said.iter().filter(|number| {
        let found = heard.iter().position(|other| other == *number);
        found.map(|index| heard.swap_remove(index)).is_some()
    });
    let exact = exact.count();
    (said.len(), exact)
}

fn digit_runs(units: &[String]) -> Vec<String> {
    let mut runs = vec![String::new()];
    for unit in units {
        match unit.as_str() {
            digit if digit.len() == 1 && digit.as_bytes().iter().all(u8::is_ascii_digit) => {
                if let Some(run) = runs.last_mut() {
                    run.push_str(digit);
                }
            }
            _ => runs.push(String::new()),
        }
    }
    runs.retain(|run| PHONE_DIGITS.contains(&run.len()));
    runs
}

/// What a track said and what was heard of it, word by word.
fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// When one word of a final was first shown, when it was stable, and when it was final.
#[derive(Debug, Clone, Copy)]
struct Shown {
    first_us: u64,
    stable_us: u64,
    final_us: u64,
}

/// Latencies of many tracks.
#[derive(Debug, Default)]
pub struct Latencies {
    /// Word's end to the first text with it, µs.
    pub word_first: Vec<u64>,
    /// To the first text in which it counts as stable.
    pub word_stable: Vec<u64>,
    /// To its final.
    pub word_final: Vec<u64>,
    /// End of an utterance (the speaker is silent for 1.5 s at least) to the final that covers it.
    pub end_to_final: Vec<u64>,
    /// Lines of which no final ever came.
    pub lines_lost: usize,
    /// Words taken back by later texts, and words shown.
    pub revoked: usize,
    /// See `revoked`.
    pub emitted: usize,
    /// Of the stable words.
    pub stable_revoked: usize,
}

impl Latencies {
    /// Of everything that was judged.
    pub fn of(calls: &[Call], outcome: &Outcome) -> Self {
        let mut all = Self::default();
        for heard in &outcome.heard {
            if let Some(call) = calls.get(heard.call) {
                all.track(call, heard, outcome);
            }
        }
        all
    }

    fn track(&mut self, call: &Call, heard: &Heard, outcome: &Outcome) {
        let spoken = |ms: u64| heard.began_us + ms * 1_000;
        // What ends later than the audio that was played was never heard.
        let judged = |line: &&Line| {
            let end = spoken(line.end_ms);
            end >= outcome.judged_from_us && end <= outcome.judged_until_us
        };
        let lines: Vec<&Line> = call.lines_of(heard.track).collect();
        let next = lines
            .iter()
            .skip(1)
            .map(|line| Some(line.start_ms))
            .chain([None]);
        let ends = lines.iter().zip(next).filter(|(line, next)| {
            next.is_none_or(|start_ms| start_ms >= line.end_ms + GOES_ON_MS)
        });
        for line in ends.map(|(line, _)| *line).filter(judged) {
            match covered_us(heard, line.end_ms) {
                Some(at) => self
                    .end_to_final
                    .push(at.saturating_sub(spoken(line.end_ms))),
                None => {
                    // Still waiting: at least this late.
                    self.lines_lost += 1;
                    self.end_to_final
                        .push(outcome.ended_us.saturating_sub(spoken(line.end_ms)));
                }
            }
        }
        let said: Vec<&Word> = call
            .lines_of(heard.track)
            .filter(judged)
            .flat_map(|line| &line.words)
            .collect();
        let (words, shown) = self.views(heard);
        let said_plain: Vec<String> = said.iter().map(|word| plain(&word.w)).collect();
        for (i, j) in align(&said_plain, &words).1 {
            let (Some(word), Some(shown)) = (said.get(i), shown.get(j)) else {
                continue;
            };
            let end = spoken(word.end_ms);
            self.word_first.push(shown.first_us.saturating_sub(end));
            self.word_stable.push(shown.stable_us.saturating_sub(end));
            self.word_final.push(shown.final_us.saturating_sub(end));
        }
    }

    /// The words of all finals, and when each was shown; counts what was taken back on the way.
    fn views(&mut self, heard: &Heard) -> (Vec<String>, Vec<Shown>) {
        let mut partials: HashMap<u32, Vec<(u64, Vec<String>, usize)>> = HashMap::new();
        let (mut words, mut shown) = (Vec::new(), Vec::new());
        for (at, event) in &heard.events {
            match event {
                SpeechEvent::Partial(partial) => {
                    let both = partial.stable.iter().chain(&partial.unstable);
                    let view = both.map(|word| plain(&word.w)).collect();
                    let views = partials.entry(partial.utterance).or_default();
                    views.push((*at, view, partial.stable.len()));
                }
                SpeechEvent::Final(segment) => {
                    let last: Vec<String> = segment.words.iter().map(|w| plain(&w.w)).collect();
                    let mut views = partials.remove(&segment.utterance).unwrap_or_default();
                    views.push((*at, last.clone(), last.len()));
                    self.count(&views);
                    shown.extend(when(&views, &last, *at));
                    words.extend(last);
                }
                SpeechEvent::State(_) | SpeechEvent::Done(_) => {}
            }
        }
        (words, shown)
    }

    fn count(&mut self, views: &[(u64, Vec<String>, usize)]) {
        let mut before: (&[String], usize) = (&[], 0);
        for (_, view, stable) in views {
            let kept = before
                .0
                .iter()
                .zip(view)
                .take_while(|(a, b)| a == b)
                .count();
            self.revoked += before.0.len() - kept;
            self.emitted += view.len() - kept;
            self.stable_revoked += before.1.saturating_sub(kept);
            before = (view, *stable);
        }
    }
}

/// When each word of the final was first seen in a view, and in a view's stable part.
fn when(views: &[(u64, Vec<String>, usize)], last: &[String], final_us: u64) -> Vec<Shown> {
    let mut shown = vec![(None, None); last.len()];
    for (at, view, stable) in views {
        for (i, j) in align(view, last).1 {
            let Some((first, settled)) = shown.get_mut(j) else {
                continue;
            };
            first.get_or_insert(*at);
            if i < *stable {
                settled.get_or_insert(*at);
            }
        }
    }
    shown
        .into_iter()
        .map(|(first, stable)| Shown {
            first_us: first.unwrap_or(final_us),
            stable_us: stable.unwrap_or(final_us),
            final_us,
        })
        .collect()
}

/// When a final covered the end of a line; where there are none, the first text of audio up to there.
fn covered_us(heard: &Heard, end_ms: u64) -> Option<u64> {
    heard.events.iter().find_map(|(at, event)| {
        let covers = match event {
            SpeechEvent::Final(segment) => segment.end_ms + EARLY_MS >= end_ms,
            SpeechEvent::Partial(partial) => !heard.has_finals && partial.audio_end_ms >= end_ms,
            SpeechEvent::State(_) | SpeechEvent::Done(_) => false,
        };
        covers.then_some(*at)
    })
}

/// The text of a track's finals.
pub fn text(heard: &Heard) -> String {
    let texts: Vec<&str> = heard
        .finals()
        .map(|(_, segment)| segment.text.as_str())
        .collect();
    texts.join(" ")
}

/// What a track of a call says.
pub fn said(call: &Call, track: Track) -> String {
    let words: Vec<&str> = call
        .lines_of(track)
        .flat_map(|line| &line.words)
        .map(|word| word.w.as_str())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        units(text)
    }

    #[test]
    fn errors_are_counted_on_units_whatever_the_writing() {
        assert_eq!(align(&list("call five one two"), &list("Call 512.")).0, 0);
        assert_eq!(align(&list("a b c d"), &list("a x c")).0, 2);
        assert_eq!(align(&list(""), &list("x y")).0, 2);
        assert_eq!(align(&list("a b"), &list("b")).1, [(1, 0)]);
    }

    #[test]
    fn a_telephone_number_counts_only_as_a_whole() {
        let said = list("it is five one two five five five oh one four two thanks");
        assert_eq!(phones(&said, &list("it is 512-555-0142 thanks")), (1, 1));
        assert_eq!(phones(&said, &list("it is 512-555-0143 thanks")), (1, 0));
        assert_eq!(phones(&said, &list("it is 512 uh 555-0142")), (1, 0));
        assert_eq!(phones(&list("one two three"), &list("1 2 3")), (0, 0));
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let times = Times::of((1..=100).map(|n| n * 1_000).collect());
        assert_eq!((times.p50_ms, times.p95_ms, times.p99_ms), (50, 95, 99));
        assert_eq!(Times::of(Vec::new()), Times::default());
        assert_eq!(Times::of(vec![7_000]).p95_ms, 7);
    }

    #[test]
    fn a_word_is_seen_first_then_stable_then_final() {
        let views = [
            (10, list("my"), 0),
            (20, list("my kitten"), 1),
            (30, list("my kitchen sink"), 2),
            (40, list("my kitchen sink"), 3),
        ];
        let shown = when(&views, &list("my kitchen sink"), 40);
        let times: Vec<_> = shown
            .iter()
            .map(|s| (s.first_us, s.stable_us, s.final_us))
            .collect();
        assert_eq!(times, [(10, 20, 40), (30, 30, 40), (30, 40, 40)]);
        let mut latencies = Latencies::default();
        latencies.count(&views);
        assert_eq!(
            (
                latencies.revoked,
                latencies.emitted,
                latencies.stable_revoked
            ),
            (1, 4, 0)
        );
    }
}
