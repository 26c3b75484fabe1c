//! The recorder behind the `metrics` macros: counters, gauges and fixed-bucket histograms, all atomics, and their Prometheus text.
//!
//! A histogram on the frame path must not allocate, so the buckets are fixed at registration and a handle taken once
//! (`metrics::histogram!(..)`) costs two relaxed additions per value.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock, RwLock};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

use super::names::METRICS;

/// Upper bounds of the buckets in seconds: 1, 2, 3, 5, 7 of each decade from 100 ns to 70 s. The budgets of the design (3 us, 10 us, 1 ms,
/// 50 ms, 1 s) are bounds themselves.
const BOUNDS: usize = 45;

fn bound(i: usize) -> f64 {
    const STEPS: [f64; 5] = [1.0, 2.0, 3.0, 5.0, 7.0];
    STEPS[i % 5] * 10f64.powi(i as i32 / 5 - 7)
}

fn bounds() -> &'static [f64; BOUNDS] {
    static TABLE: OnceLock<[f64; BOUNDS]> = OnceLock::new();
    TABLE.get_or_init(|| std::array::from_fn(bound))
}

/// A fixed-bucket histogram of seconds.
#[derive(Debug)]
pub struct Buckets {
    counts: [AtomicU64; BOUNDS + 1],
    /// Sum in nanoseconds: integers add without rounding in any order.
    sum_ns: AtomicU64,
}

impl Default for Buckets {
    fn default() -> Self {
        Buckets {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            sum_ns: AtomicU64::new(0),
        }
    }
}

impl Buckets {
    /// The value below which the share `q` (0..=1) of the recorded values lies, interpolated inside its bucket; `None` when empty.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let counts: Vec<u64> = self.counts.iter().map(|c| c.load(Relaxed)).collect();
        let total: u64 = counts.iter().sum();
        if total == 0 {
            return None;
        }
        let rank = q.clamp(0.0, 1.0) * total as f64;
        let mut below = 0u64;
        for (i, &count) in counts.iter().enumerate() {
            if count > 0 && (below + count) as f64 >= rank {
                let low = if i == 0 { 0.0 } else { bounds()[i - 1] };
                let high = if i < BOUNDS { bounds()[i] } else { low * 2.0 };
                return Some(
                    low + (high - low) * ((rank - below as f64) / count as f64).clamp(0.0, 1.0),
                );
            }
            below += count;
        }
        None
    }

    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|c| c.load(Relaxed)).sum()
    }
}

impl HistogramFn for Buckets {
    fn record(&self, seconds: f64) {
        let i = bounds().partition_point(|&b| b < seconds);
        self.counts[i].fetch_add(1, Relaxed);
        self.sum_ns.fetch_add((seconds * 1e9) as u64, Relaxed);
    }
}

#[derive(Debug, Default)]
struct Count(AtomicU64);

impl CounterFn for Count {
    fn increment(&self, value: u64) {
        self.0.fetch_add(value, Relaxed);
    }
    fn absolute(&self, value: u64) {
        self.0.fetch_max(value, Relaxed);
    }
}

/// A gauge as the bits of an `f64`.
#[derive(Debug, Default)]
struct Level(AtomicU64);

impl Level {
    fn update(&self, f: impl Fn(f64) -> f64) {
        // The closure always returns Some, so this cannot fail.
        let _ = self.0.fetch_update(Relaxed, Relaxed, |bits| {
            Some(f(f64::from_bits(bits)).to_bits())
        });
    }
}

impl GaugeFn for Level {
    fn increment(&self, value: f64) {
        self.update(|v| v + value);
    }
    fn decrement(&self, value: f64) {
        self.update(|v| v - value);
    }
    fn set(&self, value: f64) {
        self.update(|_| value);
    }
}

#[derive(Default)]
struct Registry {
    counters: RwLock<BTreeMap<Key, Arc<Count>>>,
    gauges: RwLock<BTreeMap<Key, Arc<Level>>>,
    histograms: RwLock<BTreeMap<Key, Arc<Buckets>>>,
    help: RwLock<BTreeMap<String, String>>,
}

/// Takes the entry for `key`, or makes it. A poisoned lock only means that another thread panicked while holding it: the map is whole.
fn entry<T: Default>(map: &RwLock<BTreeMap<Key, Arc<T>>>, key: &Key) -> Arc<T> {
    if let Some(found) = map.read().unwrap_or_else(|e| e.into_inner()).get(key) {
        return Arc::clone(found);
    }
    Arc::clone(
        map.write()
            .unwrap_or_else(|e| e.into_inner())
            .entry(key.clone())
            .or_default(),
    )
}

struct Handle(Arc<Registry>);

impl Handle {
    fn describe(&self, key: KeyName, text: SharedString) {
        self.0
            .help
            .write()
            .unwrap_or_else(|e| e.into_inner())
            .insert(key.as_str().to_owned(), text.into_owned());
    }
}

impl Recorder for Handle {
    fn describe_counter(&self, key: KeyName, _: Option<Unit>, text: SharedString) {
        self.describe(key, text);
    }
    fn describe_gauge(&self, key: KeyName, _: Option<Unit>, text: SharedString) {
        self.describe(key, text);
    }
    fn describe_histogram(&self, key: KeyName, _: Option<Unit>, text: SharedString) {
        self.describe(key, text);
    }
    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(entry(&self.0.counters, key))
    }
    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(entry(&self.0.gauges, key))
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(entry(&self.0.histograms, key))
    }
}

static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();

/// Installs the recorder for the process; a second call changes nothing.
pub fn install() {
    REGISTRY.get_or_init(|| {
        let registry = Arc::new(Registry::default());
        // Another recorder can only be there if an embedding program set one: then ours stays empty and theirs gets the values.
        let _ = metrics::set_global_recorder(Handle(Arc::clone(&registry)));
        let mut help = registry.help.write().unwrap_or_else(|e| e.into_inner());
        help.extend(
            METRICS
                .iter()
                .map(|(name, text)| (name.to_string(), text.to_string())),
        );
        drop(help);
        registry
    });
}

/// The quantile `q` (0..=1), in seconds, of a histogram over all its labels' values; `None` before the first value.
pub fn quantile(name: &str, q: f64) -> Option<f64> {
    let merged = Buckets::default();
    for (key, buckets) in REGISTRY
        .get()?
        .histograms
        .read()
        .unwrap_or_else(|e| e.into_inner())
        .iter()
    {
        if key.name() == name {
            for (to, from) in merged.counts.iter().zip(&buckets.counts) {
                to.fetch_add(from.load(Relaxed), Relaxed);
            }
        }
    }
    merged.quantile(q)
}

/// The sum of a counter over all its labels.
pub fn counter(name: &str) -> u64 {
    let Some(registry) = REGISTRY.get() else {
        return 0;
    };
    let counters = registry.counters.read().unwrap_or_else(|e| e.into_inner());
    counters
        .iter()
        .filter(|(key, _)| key.name() == name)
        .map(|(_, c)| c.0.load(Relaxed))
        .sum()
}

/// Everything recorded so far in Prometheus text format 0.0.4.
pub fn render() -> String {
    let mut out = String::new();
    let Some(registry) = REGISTRY.get() else {
        return out;
    };
    let help = registry.help.read().unwrap_or_else(|e| e.into_inner());
    let mut last = String::new();
    let mut head = |out: &mut String, name: &str, kind: &str| {
        if last != name {
            last = name.to_owned();
            if let Some(text) = help.get(name) {
                let _ = writeln!(
                    out,
                    "# HELP {name} {}",
                    text.replace('\\', "\\\\").replace('\n', "\\n")
                );
            }
            let _ = writeln!(out, "# TYPE {name} {kind}");
        }
    };
    for (key, count) in registry
        .counters
        .read()
        .unwrap_or_else(|e| e.into_inner())
        .iter()
    {
        head(&mut out, key.name(), "counter");
        let _ = writeln!(
            out,
            "{}{} {}",
            key.name(),
            labels(key, None),
            count.0.load(Relaxed)
        );
    }
    for (key, level) in registry
        .gauges
        .read()
        .unwrap_or_else(|e| e.into_inner())
        .iter()
    {
        head(&mut out, key.name(), "gauge");
        let _ = writeln!(
            out,
            "{}{} {}",
            key.name(),
            labels(key, None),
            f64::from_bits(level.0.load(Relaxed))
        );
    }
    for (key, buckets) in registry
        .histograms
        .read()
        .unwrap_or_else(|e| e.into_inner())
        .iter()
    {
        let name = key.name();
        head(&mut out, name, "histogram");
        let mut total = 0;
        for (i, count) in buckets.counts.iter().enumerate() {
            total += count.load(Relaxed);
            let le = if i < BOUNDS {
                format!("{:e}", bounds()[i])
            } else {
                "+Inf".to_owned()
            };
            let _ = writeln!(out, "{name}_bucket{} {total}", labels(key, Some(&le)));
        }
        let _ = writeln!(
            out,
            "{name}_sum{} {}",
            labels(key, None),
            buckets.sum_ns.load(Relaxed) as f64 / 1e9
        );
        let _ = writeln!(out, "{name}_count{} {total}", labels(key, None));
    }
    out
}

fn labels(key: &Key, le: Option<&str>) -> String {
    let quoted = |name: &str, value: &str| {
        format!(
            "{name}=\"{}\"",
            value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n")
        )
    };
    let all: Vec<String> = key
        .labels()
        .map(|l| quoted(l.key(), l.value()))
        .chain(le.map(|v| quoted("le", v)))
        .collect();
    if all.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", all.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_fall_into_the_right_bucket() {
        let buckets = Buckets::default();
        for us in 1..=100 {
            buckets.record(f64::from(us) * 1e-6);
        }
        let median = buckets.quantile(0.5).unwrap();
        assert!((40e-6..=60e-6).contains(&median), "{median}");
        assert_eq!(buckets.count(), 100);
        assert_eq!(Buckets::default().quantile(0.5), None);
    }

    #[test]
    fn rendered_text_has_help_type_and_cumulative_buckets() {
        install();
        metrics::histogram!("offhook_hangup_to_draft_seconds").record(0.5);
        metrics::counter!("offhook_calls_refused_total", "reason" => "a\"b").increment(2);
        let text = render();
        assert!(text.contains("# TYPE offhook_hangup_to_draft_seconds histogram"));
        assert!(text.contains("offhook_hangup_to_draft_seconds_bucket{le=\"+Inf\"}"));
        assert!(text.contains("offhook_calls_refused_total{reason=\"a\\\"b\"} 2"));
    }
}
