//! A table of what the numbers or the places of a call are for. Its samples are whole calls: of all ways to allot them to the uses, the
//! right one is to be the likeliest. Where a dialogue says only of one use what it has, all ways that have it so are right together.

use std::collections::{BTreeMap, BTreeSet};

use super::{WHOLE, descend, written};

/// What each use has of the call's numbers or places, or nothing.
pub type Way = Vec<Option<usize>>;

/// The numbers or places of a call.
pub struct Call {
    /// Of each, what stands around it and is known of it otherwise.
    pub features: Vec<BTreeSet<String>>,
    /// Every way to allot them, with whether it is right.
    pub ways: Vec<(Way, bool)>,
}

/// All ways to allot so many to so many uses, each to one at most unless they are `shared`.
pub fn ways(count: usize, uses: usize, shared: bool) -> Vec<Way> {
    let mut out: Vec<Way> = vec![Vec::new()];
    for _ in 0..uses {
        let mut next = Vec::new();
        for way in &out {
            for option in std::iter::once(None).chain((0..count).map(Some)) {
                if shared || option.is_none() || !way.contains(&option) {
                    next.push(way.iter().copied().chain([option]).collect());
                }
            }
        }
        out = next;
    }
    out
}

/// The table, as it is written; `c`: the inverse strength of the penalty.
pub fn train(calls: &[Call], uses: &[&str], none: &str, c: f64) -> String {
    let mut options: Vec<&str> = uses.iter().copied().chain([none]).collect();
    options.sort_unstable();
    let column = |name: &str| options.iter().position(|o| *o == name).unwrap();
    let columns: Vec<usize> = uses.iter().map(|name| column(name)).collect();
    let none = column(none);
    let k = options.len();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for feature in calls.iter().flat_map(|c| &c.features).flatten() {
        *seen.entry(feature).or_default() += 1;
    }
    let names: Vec<&str> = seen
        .iter()
        .filter(|(_, n)| **n >= WHOLE.least_samples)
        .map(|(name, _)| *name)
        .collect();
    let bias = names.len();
    let rows: Vec<Vec<Vec<usize>>> = calls
        .iter()
        .map(|call| {
            let row = |features: &BTreeSet<String>| {
                let known = features
                    .iter()
                    .filter_map(|f| names.binary_search(&f.as_str()).ok());
                known.chain([bias]).collect()
            };
            call.features.iter().map(row).collect()
        })
        .collect();
    let weights = descend((bias + 1) * k, |w, slope| {
        for (slope, w) in slope.iter_mut().zip(w) {
            *slope = w / c;
        }
        slope[bias * k..].fill(0.0);
        for (call, rows) in calls.iter().zip(&rows) {
            let scores: Vec<Vec<f64>> = rows
                .iter()
                .map(|row| {
                    (0..k)
                        .map(|o| row.iter().map(|f| w[f * k + o]).sum())
                        .collect()
                })
                .collect();
            let score = |way: &Way| -> f64 {
                let used = |(at, n): (usize, &Option<usize>)| {
                    n.map(|n| scores[n][columns[at]] - scores[n][none])
                };
                way.iter().enumerate().filter_map(used).sum()
            };
            let sums: Vec<f64> = call.ways.iter().map(|(way, _)| score(way)).collect();
            let top = sums.iter().copied().fold(f64::MIN, f64::max);
            let odds: Vec<f64> = sums.iter().map(|s| (s - top).exp()).collect();
            let all: f64 = odds.iter().sum();
            let right: f64 = odds
                .iter()
                .zip(&call.ways)
                .filter(|(_, w)| w.1)
                .map(|(o, _)| o)
                .sum();
            let right = right.max(f64::MIN_POSITIVE);
            for (odds, (way, is_right)) in odds.iter().zip(&call.ways) {
                let off = odds / all - if *is_right { odds / right } else { 0.0 };
                for (n, row) in rows.iter().enumerate() {
                    let mut uses = way.iter().enumerate().filter(|(_, has)| **has == Some(n));
                    let mut add = |option: usize, off: f64| {
                        for feature in row {
                            slope[feature * k + option] += off;
                        }
                    };
                    // One that has two uses counts for both, and against being for nothing twice.
                    match uses.next() {
                        None => add(none, off),
                        Some((first, _)) => {
                            add(columns[first], off);
                            for (more, _) in uses {
                                add(columns[more], off);
                                add(none, -off);
                            }
                        }
                    }
                }
            }
        }
    });
    written(&options, &names, &weights)
}
