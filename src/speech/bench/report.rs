//! What was measured, as a table for people and as JSON.

use std::fs;
use std::io::{self, Write};

use serde::Serialize;

use super::material::Call;
use super::score::{self, Latencies, Times};
use super::simulate::{Heard, Outcome};
use super::{Args, BenchError, HELD_P95_MS, Setup};
use crate::media::Track;

/// Errors against what was said.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Accuracy {
    /// Words, numbers counted by digits.
    pub units: usize,
    /// Wrong, missing and added ones.
    pub errors: usize,
    /// Telephone numbers said in a row.
    pub phones: usize,
    /// Heard exactly.
    pub phones_exact: usize,
}

impl Accuracy {
    /// Of every track that was heard.
    pub fn of(calls: &[Call], heard: &[Heard]) -> Self {
        let mut accuracy = Self::default();
        for heard in heard {
            if let Some(call) = calls.get(heard.call) {
                accuracy.add(call, heard.track, &score::text(heard));
            }
        }
        accuracy
    }

    /// Adds a track's text.
    pub fn add(&mut self, call: &Call, track: Track, text: &str) {
        let (said, heard) = (score::units(&score::said(call, track)), score::units(text));
        self.units += said.len();
        self.errors += score::align(&said, &heard).0;
        let (phones, exact) = score::phones(&said, &heard);
        self.phones += phones;
        self.phones_exact += exact;
    }

    /// Word error rate, percent.
    pub fn wer(&self) -> f64 {
        100.0 * self.errors as f64 / self.units.max(1) as f64
    }
}

/// One load and what it did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Load {
    /// Calls at once, two tracks each.
    pub calls: usize,
    /// Calls that asked for a place, and those that were refused.
    pub offered: u64,
    /// See `offered`.
    pub refused: u64,
    /// Word's end to the first text with it.
    pub word_to_first: Times,
    /// To the text in which it counts as stable.
    pub word_to_stable: Times,
    /// To its final.
    pub word_to_final: Times,
    /// End of utterance to the final that covers it.
    pub end_to_final: Times,
    /// Utterances without a final by the end of the run.
    pub without_final: usize,
    /// Words taken back for each word shown.
    pub revoked_per_word: f64,
    /// The same of words that counted as stable.
    pub stable_revoked_per_word: f64,
    /// Partials decoded.
    pub partials: u64,
    /// Share of asked-for partials that were not decoded.
    pub shed_share: f64,
    /// Finals decoded, speculative ones among them.
    pub finals: u64,
    /// Share of the workers' time spent on decodes (in real time: the process's time over that of the workers).
    pub workers_busy: f64,
    /// Processor seconds for a second of speech.
    pub cpu_per_speech_s: f64,
}

impl Load {
    /// Of a run.
    pub fn of(calls: &[Call], outcome: &Outcome, workers: usize) -> Self {
        let seen = Latencies::of(calls, outcome);
        let share = |part: usize| part as f64 / seen.emitted.max(1) as f64;
        let speech_ms: u64 = outcome
            .heard
            .iter()
            .filter_map(|heard| Some((heard, calls.get(heard.call)?)))
            .flat_map(|(heard, call)| {
                call.lines_of(heard.track)
                    .filter(|line| heard.began_us + line.end_ms * 1_000 <= outcome.ended_us)
            })
            .map(|line| line.end_ms - line.start_ms)
            .sum();
        let asked = outcome.totals.partials + outcome.totals.shed;
        Self {
            calls: outcome.calls,
            offered: outcome.offered,
            refused: outcome.refused,
            word_to_first: Times::of(seen.word_first.clone()),
            word_to_stable: Times::of(seen.word_stable.clone()),
            word_to_final: Times::of(seen.word_final.clone()),
            end_to_final: Times::of(seen.end_to_final.clone()),
            without_final: seen.lines_lost,
            revoked_per_word: share(seen.revoked),
            stable_revoked_per_word: share(seen.stable_revoked),
            partials: outcome.totals.partials,
            shed_share: outcome.totals.shed as f64 / asked.max(1) as f64,
            finals: outcome.totals.finals,
            workers_busy: outcome.busy_us as f64
                / (workers as u64 * outcome.ended_us).max(1) as f64,
            cpu_per_speech_s: outcome.busy_us as f64 / 1e3 / speech_ms.max(1) as f64,
        }
    }
}

/// The most calls that were held.
#[derive(Debug, Clone, Serialize)]
pub struct Held {
    /// How many by the finals' latency.
    pub calls: usize,
    /// The most calls tried at which a word's first text came within 0.8 s, too.
    pub calls_with_text_in_time: Option<usize>,
    /// Every load that was tried.
    pub tried: Vec<Load>,
}

/// How many calls the machine holds.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Capacity {
    /// Loads that were asked for instead of a search.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loads: Vec<Load>,
    /// The recogniser.
    pub ours: Option<Held>,
    /// Twice that load offered, as the server would meet it: with admission.
    pub twice: Option<Load>,
    /// The same with every call taken.
    pub twice_unguarded: Option<Load>,
    /// Plain re-decoding.
    pub plain: Option<Held>,
    /// The held load in real time.
    pub live: Option<Load>,
}

/// Where it was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Cores that may be used.
    pub cores: usize,
    /// Load average of the last minute when the run began.
    pub load_before: String,
    /// And when it ended.
    pub load_after: String,
}

/// A whole run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// When it began, UTC.
    pub date: String,
    /// Offhook's version.
    pub offhook: &'static str,
    /// A word about the run.
    pub note: Option<String>,
    /// Where.
    pub machine: Machine,
    /// The model's name.
    pub model: String,
    /// How its weights are stored.
    pub weights: &'static str,
    /// Bytes of its file.
    pub model_bytes: u64,
    /// SHA-256 of its file.
    pub model_sha256: String,
    /// Its weights are random: nothing is said about accuracy.
    pub random_weights: bool,
    /// Decoding threads.
    pub workers: usize,
    /// What was set otherwise than usual.
    pub set: Vec<String>,
    /// Silence that ends an utterance; inside a number; speech between two partials, ms.
    pub endpoint_ms: u32,
    /// See above.
    pub number_endpoint_ms: u32,
    /// See above.
    pub cadence_ms: u32,
    /// Finals' 95th percentile up to which a load counts as held, ms.
    pub held_p95_ms: u64,
    /// Recordings played.
    pub recordings: Vec<String>,
    /// Seconds of speech in them.
    pub speech_s: f64,
    /// Virtual seconds of each load.
    pub seconds: u64,
    /// Accuracy of the live recogniser.
    pub streaming: Option<Accuracy>,
    /// Accuracy with all of the audio known.
    pub whole: Option<Accuracy>,
    /// Words heard in silence, ringing, tones and music.
    pub phantom_words: Option<usize>,
    /// One call at a time.
    pub one_call: Option<Load>,
    /// Share of a core that listening to one call takes beside the decodes.
    pub listener_share: Option<f64>,
    /// Many.
    pub capacity: Option<Capacity>,
    /// Seconds that the whole run took.
    pub took_s: u64,
}

impl Report {
    /// Nothing measured yet.
    pub fn new(args: &Args, setup: &Setup, calls: &[Call]) -> Self {
        Self {
            date: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
            offhook: env!("CARGO_PKG_VERSION"),
            note: args.note.clone(),
            machine: Machine {
                processor: processor(),
                cores: std::thread::available_parallelism().map_or(1, |cores| cores.get()),
                load_before: load_average(),
                load_after: String::new(),
            },
            model: setup.facts.name.to_string(),
            weights: setup.facts.weights(),
            model_bytes: setup.facts.size_bytes,
            model_sha256: setup.facts.sha256.clone(),
            random_weights: args.random_weights,
            workers: setup.workers,
            set: args.set.clone(),
            endpoint_ms: setup.settings.endpoint_ms,
            number_endpoint_ms: setup.settings.number_endpoint_ms,
            cadence_ms: setup.settings.cadence_ms,
            held_p95_ms: HELD_P95_MS,
            recordings: calls.iter().map(|call| call.name.clone()).collect(),
            speech_s: calls.iter().map(Call::speech_ms).sum::<u64>() as f64 / 1e3,
            seconds: args.seconds,
            streaming: None,
            whole: None,
            phantom_words: None,
            one_call: None,
            listener_share: None,
            capacity: None,
            took_s: 0,
        }
    }

    /// The run is over.
    pub fn finish(&mut self) {
        self.machine.load_after = load_average();
    }

    /// For people; also right Markdown.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "# Speech: {} ({}, {:.1} MB){}",
            self.model,
            self.weights,
            self.model_bytes as f64 / 1e6,
            if self.random_weights {
                ", random weights: speed only"
            } else {
                ""
            }
        )?;
        writeln!(out)?;
        writeln!(
            out,
            "{}, Offhook {}, {} cores of {}, {} worker(s); load average {} before, {} after; {} s in all.",
            self.date,
            self.offhook,
            self.machine.cores,
            self.machine.processor,
            self.workers,
            self.machine.load_before,
            self.machine.load_after,
            self.took_s
        )?;
        if let Some(note) = &self.note {
            writeln!(out, "{note}")?;
        }
        writeln!(
            out,
            "Endpoint {} ms, inside a number {} ms, a partial every {} ms of speech{}.",
            self.endpoint_ms,
            self.number_endpoint_ms,
            self.cadence_ms,
            if self.set.is_empty() {
                String::new()
            } else {
                format!("; set: {}", self.set.join(", "))
            }
        )?;
        writeln!(
            out,
            "{} recordings, {:.0} s of speech, played on a virtual clock: a decode takes the processor time it really took.",
            self.recordings.len(),
            self.speech_s
        )?;
        if let (Some(streaming), Some(whole)) = (&self.streaming, &self.whole) {
            writeln!(
                out,
                "\n| accuracy | WER | telephone numbers exact |\n|---|---|---|"
            )?;
            for (name, a) in [
                ("streaming, as in a call", streaming),
                ("whole utterances", whole),
            ] {
                writeln!(
                    out,
                    "| {name} | {:.1} % ({} of {}) | {} of {} |",
                    a.wer(),
                    a.errors,
                    a.units,
                    a.phones_exact,
                    a.phones
                )?;
            }
        }
        if let Some(words) = self.phantom_words {
            writeln!(
                out,
                "\nWords out of silence, ringing, keypad tones and music: {words}."
            )?;
        }
        writeln!(
            out,
            "\n| load | end of utterance to final p50 / p95 / p99 | word to first text p50 / p95 | to stable p50 / p95 | to final p50 / p95 | revoked per word (stable) | partials shed | CPU s per s of speech | workers busy | refused |"
        )?;
        writeln!(out, "|---|---|---|---|---|---|---|---|---|---|")?;
        let mut row = |name: String, load: &Load| {
            let two = |t: &Times| format!("{} / {}", t.p50_ms, t.p95_ms);
            writeln!(
                out,
                "| {name} | {} / {} / {} ms | {} | {} | {} | {:.3} ({:.3}) | {:.0} % | {:.3} | {:.0} % | {} of {} |",
                load.end_to_final.p50_ms,
                load.end_to_final.p95_ms,
                load.end_to_final.p99_ms,
                two(&load.word_to_first),
                two(&load.word_to_stable),
                two(&load.word_to_final),
                load.revoked_per_word,
                load.stable_revoked_per_word,
                load.shed_share * 100.0,
                load.cpu_per_speech_s,
                load.workers_busy * 100.0,
                load.refused,
                load.offered
            )
        };
        if let Some(load) = &self.one_call {
            row("one call".to_owned(), load)?;
        }
        if let Some(capacity) = &self.capacity {
            for load in &capacity.loads {
                row(format!("{} calls", load.calls), load)?;
            }
            for load in capacity.ours.iter().flat_map(|ours| &ours.tried) {
                row(format!("{} calls", load.calls), load)?;
            }
            for (name, load) in [
                ("in real time", &capacity.live),
                ("offered, with admission", &capacity.twice),
                ("all taken", &capacity.twice_unguarded),
            ] {
                if let Some(load) = load {
                    row(format!("{} calls {name}", load.calls), load)?;
                }
            }
        }
        if let Some(share) = self.listener_share {
            writeln!(
                out,
                "\nListening to a call beside the decodes (detector, utterances, queue): {:.2} % of a core.",
                share * 100.0
            )?;
        }
        let held = self.capacity.as_ref().and_then(|c| c.ours.as_ref());
        if let Some(held) = held {
            writeln!(
                out,
                "\nCalls held with finals' p95 within {} ms: {}; of the loads tried, a word's first text came within {} ms (p95) up to {} calls.",
                self.held_p95_ms,
                held.calls,
                super::FIRST_TEXT_P95_MS,
                held.calls_with_text_in_time.unwrap_or(0)
            )?;
        }
        let plain = self.capacity.as_ref().and_then(|c| c.plain.as_ref());
        if let (Some(ours), Some(plain)) = (held, plain) {
            let tried: Vec<String> = plain
                .tried
                .iter()
                .map(|load| format!("{} calls {} ms", load.calls, load.end_to_final.p95_ms))
                .collect();
            let times = match plain.calls {
                0 => String::new(),
                calls => format!(
                    "; Offhook holds {:.1} times as many",
                    ours.calls as f64 / calls as f64
                ),
            };
            writeln!(
                out,
                "Plain re-decoding (every 0.5 s, window up to 5 s, first come first served, same engine and encoder window) holds {} ({}){times}.",
                plain.calls,
                tried.join(", ")
            )?;
        }
        Ok(())
    }

    /// Writes the files that were asked for.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn save(&self, args: &Args) -> Result<(), BenchError> {
        let json = |path: &std::path::Path| -> io::Result<()> {
            let mut text = serde_json::to_vec_pretty(self)?;
            text.push(b'\n');
            fs::write(path, text)
        };
        if let Some(path) = &args.json {
            json(path)?;
        }
        if let Some(dir) = &args.out {
            fs::create_dir_all(dir)?;
            let day = self.date.get(..10).unwrap_or_default();
            let name = format!("speech-{}-{}-{day}", self.model, self.weights);
            json(&dir.join(format!("{name}.json")))?;
            let mut table = Vec::new();
            self.table(&mut table)?;
            fs::write(dir.join(format!("{name}.md")), table)?;
        }
        Ok(())
    }
}

fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    info.lines()
        .find_map(|line| line.strip_prefix("model name"))
        .and_then(|line| line.split_once(':'))
        .map_or(std::env::consts::ARCH.to_owned(), |(_, name)| {
            name.trim().to_owned()
        })
}

fn load_average() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace()
        .next()
        .unwrap_or("unknown")
        .to_owned()
}
