//! `offhook bench speech`: how well and how fast the recogniser hears, and how many calls it holds.
//!
//! Recordings with known words are played as calls to the real recogniser (detector, utterance machine, scheduler, agreement, guards) on a
//! virtual clock. Every decode is really done, once, and takes as much virtual time as it took processor time: other programs on the
//! machine can hardly falsify the result, and a search over loads takes minutes. What the clock leaves out (threads, the listener's own
//! work) is measured too: the listener's processor time stands in the report, and the last step repeats the found load in real time with
//! real threads.
//!
//! - [`material`]: recordings and what was said in them, when. [`meter`]: decodes and what they cost. [`mod@simulate`]: calls in virtual time.
//! - [`policy`] and [`plain`]: the recogniser, and plain re-decoding as whisper.cpp's `stream` does it, under the same clock.
//! - [`score`]: word error rate, telephone numbers, latencies, stability. [`live`]: real time. [`report`]: table and JSON.

pub mod live;
pub mod material;
pub mod meter;
pub mod plain;
pub mod policy;
pub mod report;
pub mod score;
pub mod simulate;

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::engine::{EngineError, MakeEngine};
use super::load::Admission;
use super::model::{ModelFacts, ModelFile};
use super::recogniser::Recogniser;
use super::transcribe::whole;
use super::utterance::Tuning;
use super::whisper::Whisper;
use super::{Settings, SpeechError, track};
use material::Call;
use meter::Meter;
use plain::Plain;
use policy::Listening;
use report::{Accuracy, Capacity, Held, Load, Report};
use simulate::{Offered, Outcome, run as simulate};

/// Arguments of `offhook bench speech`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// A whisper.cpp model file or the name of a pulled model [default: the bundled one]
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Write table and figures (JSON) into this folder, named by model and date
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write the figures (JSON) to this file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// A word about the run for the report: what else the machine did
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Recordings (WAV) with what is said in them (JSON) [default: the bundled calls]
    #[arg(long, value_name = "DIR")]
    pub material: Option<PathBuf>,
    /// Use only so many of the recordings
    #[arg(long, value_name = "N")]
    pub recordings: Option<usize>,
    /// Virtual seconds of each load that is tried
    #[arg(long, value_name = "S", default_value_t = 60)]
    pub seconds: u64,
    /// Real seconds at the found load; 0 leaves them out
    #[arg(long, value_name = "S", default_value_t = 30)]
    pub live: u64,
    /// Decoding threads [default: one fewer than the cores]
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub workers: usize,
    /// Leave the comparison with plain re-decoding out
    #[arg(long)]
    pub no_plain: bool,
    /// The model's weights are random (models/training/random_weights.py): measure speed, let it write as much text as people speak
    #[arg(long)]
    pub random_weights: bool,
    /// Measure accuracy and latency of single calls only, no loads
    #[arg(long)]
    pub no_load: bool,
    /// Try these numbers of calls at once instead of searching for the most that are held
    #[arg(long, value_name = "N,N", value_delimiter = ',')]
    pub loads: Vec<usize>,
    /// Another length, in ms: endpoint, number_endpoint, cadence, pre_roll, tail, first_partial, min_voiced, cut_after
    #[arg(long = "set", value_name = "KEY=MS")]
    pub set: Vec<String>,
}

/// Why there is no measurement.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The model.
    #[error(transparent)]
    Speech(#[from] SpeechError),
    /// The recordings.
    #[error("{0}")]
    Material(String),
    /// A length that is none.
    #[error(
        "--set {0}: give KEY=MS; keys are endpoint, number_endpoint, cadence, pre_roll, tail, first_partial, min_voiced, cut_after"
    )]
    Set(String),
    /// A decode failed.
    #[error("recognition failed: {0}")]
    Engine(#[from] EngineError),
    /// The report cannot be written.
    #[error("the report cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Finals' 95th percentile up to which a load counts as held, ms.
pub const HELD_P95_MS: u64 = 1_200;
/// And for a word's first text, beyond which partials are no help.
pub const FIRST_TEXT_P95_MS: u64 = 800;
/// No search goes beyond this many calls.
const MOST_CALLS: usize = 512;

/// How the recogniser is set up for a run.
pub struct Setup {
    settings: Settings,
    tuning: Tuning,
    facts: Arc<ModelFacts>,
    workers: usize,
    turn_us: u64,
}

impl Setup {
    fn listening(&self, with_admission: bool) -> Listening {
        let recogniser = Recogniser::new(
            self.tuning.clone(),
            Arc::clone(&self.facts.name),
            self.workers,
            self.settings.cadence_ms,
            self.turn_us,
        );
        let admission = with_admission.then(|| Admission::new(self.workers, self.turn_us));
        Listening::new(recogniser, admission)
    }
}

/// Measures and reports; progress goes to `err`.
///
/// # Errors
/// The model, the recordings, a decode, or the output.
pub fn run(
    args: &Args,
    mut settings: Settings,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), BenchError> {
    let began = std::time::Instant::now();
    settings.workers = args.workers;
    let file = ModelFile::read(&settings.model).map_err(SpeechError::from)?;
    let whisper = Whisper::load(&file, &settings.language).map_err(SpeechError::from)?;
    let facts = Arc::clone(whisper.facts());
    let mut tuning = track::tuning(&settings, facts.max_job_ms);
    for pair in &args.set {
        set(pair, &mut settings, &mut tuning)?;
    }
    settings.validate().map_err(SpeechError::Settings)?;
    let mut meter = Meter::new(whisper.make()?, args.random_weights);
    let setup = Setup {
        turn_us: meter.warm()?,
        workers: settings.worker_count(),
        settings,
        tuning,
        facts,
    };
    let (calls, sounds) = material::load(args.material.as_deref(), args.recordings)?;
    let mut report = Report::new(args, &setup, &calls);

    writeln!(err, "one call after the other ...")?;
    let alone = alone(&setup, &calls, &mut meter)?;
    report.one_call = Some(Load::of(&calls, &alone, setup.workers));
    report.listener_share = Some(alone.listener_share());
    if !args.random_weights {
        report.streaming = Some(Accuracy::of(&calls, &alone.heard));
        report.whole = Some(whole_accuracy(&setup, &calls, &mut meter)?);
        report.phantom_words = Some(phantoms(&setup, &sounds, &mut meter)?);
    }
    if !args.no_load {
        let live = Arc::new(whisper);
        report.capacity = Some(capacity(args, &setup, &calls, &mut meter, live, err)?);
    }
    report.took_s = began.elapsed().as_secs();
    report.finish();
    report.table(out)?;
    report.save(args)?;
    Ok(())
}

/// How many calls are held, what twice as many do, and what plain re-decoding holds.
fn capacity(
    args: &Args,
    setup: &Setup,
    calls: &[Call],
    meter: &mut Meter,
    whisper: Arc<Whisper>,
    err: &mut dyn Write,
) -> Result<Capacity, BenchError> {
    let mut probe = |at_once: usize, policy: Choice| -> Result<Load, BenchError> {
        let offered = Offered {
            calls: at_once,
            seconds: args.seconds,
        };
        let outcome = match policy {
            Choice::Ours { admission } => {
                simulate(&mut setup.listening(admission), calls, offered, meter)?
            }
            Choice::Plain => simulate(&mut Plain::new(setup.workers), calls, offered, meter)?,
        };
        let load = Load::of(calls, &outcome, setup.workers);
        writeln!(
            err,
            "  {at_once} calls, {policy:?}: end of utterance to final p95 {} ms, workers {:.0} % busy",
            load.end_to_final.p95_ms,
            load.workers_busy * 100.0
        )?;
        Ok(load)
    };
    if !args.loads.is_empty() {
        let loads = args.loads.iter();
        return Ok(Capacity {
            loads: loads
                .map(|calls| probe(*calls, Choice::Ours { admission: false }))
                .collect::<Result<_, _>>()?,
            ..Capacity::default()
        });
    }
    let ours = search(|calls| probe(calls, Choice::Ours { admission: false }))?;
    let held = ours.calls.max(1);
    let twice = probe(2 * held, Choice::Ours { admission: true })?;
    let twice_unguarded = probe(2 * held, Choice::Ours { admission: false })?;
    let plain = match args.no_plain {
        true => None,
        false => Some(search(|calls| probe(calls, Choice::Plain))?),
    };
    let live = match args.live {
        0 => None,
        seconds => {
            writeln!(err, "  {held} calls in real time, {seconds} s ...")?;
            let outcome = live::run(setup, calls, whisper, held, seconds)?;
            Some(Load::of(calls, &outcome, setup.workers))
        }
    };
    Ok(Capacity {
        loads: Vec::new(),
        ours: Some(ours),
        twice: Some(twice),
        twice_unguarded: Some(twice_unguarded),
        plain,
        live,
    })
}

/// Who decides what is decoded.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Ours { admission: bool },
    Plain,
}

/// Every recording once, alone on the machine.
fn alone(setup: &Setup, calls: &[Call], meter: &mut Meter) -> Result<Outcome, BenchError> {
    let mut all: Option<Outcome> = None;
    for index in 0..calls.len() {
        let outcome = simulate::one(&mut setup.listening(false), calls, index, meter)?;
        match &mut all {
            Some(all) => all.add(outcome),
            None => all = Some(outcome),
        }
    }
    all.ok_or_else(|| BenchError::Material("no recording with words".to_owned()))
}

/// The same recordings decoded utterance by utterance with all of the audio known.
fn whole_accuracy(
    setup: &Setup,
    calls: &[Call],
    meter: &mut Meter,
) -> Result<Accuracy, BenchError> {
    let mut accuracy = Accuracy::default();
    for call in calls {
        for (track, samples) in call.tracks() {
            let segments = whole::transcribe(track, samples, &setup.facts, meter)?;
            let text: Vec<&str> = segments.iter().map(|s| s.text.as_str()).collect();
            accuracy.add(call, track, &text.join(" "));
        }
    }
    Ok(accuracy)
}

/// Words heard where nobody speaks.
fn phantoms(setup: &Setup, sounds: &[Call], meter: &mut Meter) -> Result<usize, BenchError> {
    let mut words = 0;
    for index in 0..sounds.len() {
        let outcome = simulate::one(&mut setup.listening(false), sounds, index, meter)?;
        words += outcome
            .heard
            .iter()
            .flat_map(|heard| heard.finals())
            .filter(|(_, segment)| !segment.suspect)
            .map(|(_, segment)| segment.words.len())
            .sum::<usize>();
    }
    Ok(words)
}

/// The most calls that are held: doubles until too many, then halves the distance.
fn search(mut probe: impl FnMut(usize) -> Result<Load, BenchError>) -> Result<Held, BenchError> {
    let mut tried: Vec<Load> = Vec::new();
    let mut held: Option<Load> = None;
    let mut too_many = None;
    let mut calls = 1;
    loop {
        let load = probe(calls)?;
        tried.push(load.clone());
        if load.end_to_final.p95_ms <= HELD_P95_MS {
            held = Some(load);
        } else {
            too_many = Some(calls);
        }
        let low = held.as_ref().map_or(0, |load| load.calls);
        calls = match too_many {
            None if low >= MOST_CALLS => break,
            None => 2 * low,
            // Nearer than a twentieth is within what two runs differ.
            Some(high) if high - low <= 1 + low / 20 => break,
            Some(high) => (low + high) / 2,
        };
    }
    tried.sort_by_key(|load| load.calls);
    let in_time = |load: &&Load| load.word_to_first.p95_ms <= FIRST_TEXT_P95_MS;
    Ok(Held {
        calls: held.as_ref().map_or(0, |load| load.calls),
        calls_with_text_in_time: tried.iter().filter(in_time).map(|load| load.calls).max(),
        tried,
    })
}

fn set(pair: &str, settings: &mut Settings, tuning: &mut Tuning) -> Result<(), BenchError> {
    let wrong = || BenchError::Set(pair.to_owned());
    let (key, value) = pair.split_once('=').ok_or_else(wrong)?;
    let ms: u32 = value.trim().parse().map_err(|_| wrong())?;
    let samples = u64::from(ms) * 16;
    match key.trim() {
        "endpoint" => {
            settings.endpoint_ms = ms;
            tuning.endpoint = samples;
        }
        "number_endpoint" => {
            settings.number_endpoint_ms = ms;
            tuning.number_endpoint = samples;
        }
        "cadence" => settings.cadence_ms = ms,
        "pre_roll" => tuning.pre_roll = samples,
        "tail" => tuning.tail = samples,
        "first_partial" => tuning.first_partial = samples,
        "min_voiced" => tuning.min_voiced = samples,
        "cut_after" => tuning.cut_after = samples,
        _ => return Err(wrong()),
    }
    Ok(())
}

#[cfg(test)]
mod tests;
