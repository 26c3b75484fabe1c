//! The small commands: `replay`, `config`, and the way into `transcribe` and `bench`.
//!
//! Owns what they print and their exit status. The work is done in the folders they call.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use crate::config::Config;
use crate::models::shelf;
use crate::record;
use crate::speech::{self, bench, transcribe};
use crate::store::journal::{Entry, Kind, read_file};

fn failed(error: impl std::fmt::Display) -> ExitCode {
    eprintln!("offhook: {error}");
    ExitCode::FAILURE
}

/// `offhook transcribe`.
pub fn transcribe(args: &transcribe::Args) -> ExitCode {
    let mut settings = speech::Settings::default();
    settings.model = shelf::resolve(args.model.as_deref().unwrap_or(&settings.model));
    match transcribe::run(
        args,
        &settings,
        &mut std::io::stdout().lock(),
        &mut std::io::stderr().lock(),
    ) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => failed(error),
    }
}

/// `offhook bench speech`.
pub fn bench_speech(args: &bench::Args) -> ExitCode {
    let mut settings = speech::Settings::default();
    settings.model = shelf::resolve(args.model.as_deref().unwrap_or(&settings.model));
    let done = bench::run(
        args,
        settings,
        &mut std::io::stdout().lock(),
        &mut std::io::stderr().lock(),
    );
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ bench::BenchError::Set(_)) => {
            eprintln!("offhook: {error}");
            ExitCode::from(2)
        }
        Err(error) => failed(error),
    }
}

/// Arguments of `offhook replay`.
#[derive(Debug, clap::Args)]
pub struct ReplayArgs {
    /// A call's journal
    journal: PathBuf,
    /// The configuration the call ran under [default: none]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Compare with the record whose hash the journal holds, instead of printing the record
    #[arg(long)]
    diff: bool,
}

/// `offhook replay`: a journal to its record.
pub fn replay(args: &ReplayArgs) -> ExitCode {
    let config = match args.config.as_deref().map(Config::load).transpose() {
        Ok(config) => config.unwrap_or_default(),
        Err(error) => {
            eprintln!("offhook: {error}");
            return ExitCode::from(2);
        }
    };
    match replay_file(&args.journal, &config) {
        Err(error) => failed(error),
        Ok(replayed) => {
            for damage in &replayed.damage {
                eprintln!("offhook: {}: {damage}", args.journal.display());
            }
            if let Some(other) = &replayed.other_config {
                eprintln!(
                    "offhook: the call ran under configuration {other}; this is another one, so the record may differ"
                );
            }
            if args.diff {
                return match (replayed.expected.as_deref(), replayed.digest.as_str()) {
                    (Some(expected), digest) if expected == digest => {
                        println!("the same record, byte for byte (sha256 {digest})");
                        ExitCode::SUCCESS
                    }
                    (Some(expected), digest) => {
                        println!(
                            "another record: the journal's has sha256 {expected}, this one {digest}"
                        );
                        ExitCode::FAILURE
                    }
                    (None, digest) => {
                        println!(
                            "the journal holds no closing mark to compare with; this record has sha256 {digest}"
                        );
                        ExitCode::FAILURE
                    }
                };
            }
            println!("{}", replayed.record);
            ExitCode::SUCCESS
        }
    }
}

/// What a replay gives.
pub struct Replayed {
    /// The record.
    pub record: Value,
    /// SHA-256 of its JSON, hexadecimal.
    pub digest: String,
    /// The same as the engine wrote it into the journal when the call ended.
    pub expected: Option<String>,
    /// The configuration the call ran under, where it is another one.
    pub other_config: Option<String>,
    /// Damaged stretches of the file.
    pub damage: Vec<String>,
}

/// Why a journal gives no record.
#[derive(Debug, thiserror::Error)]
pub enum ReplayFailure {
    /// The file.
    #[error(transparent)]
    Journal(#[from] crate::store::JournalError),
    /// What is in it.
    #[error(transparent)]
    Replay(#[from] record::ReplayError),
    /// More than one call.
    #[error(
        "the file holds entries of {0} calls; replay takes a call's own journal (journal/calls/...)"
    )]
    ManyCalls(usize),
}

/// Replays a call's journal file.
///
/// # Errors
/// When the file cannot be read or does not hold one whole call.
pub fn replay_file(journal: &Path, config: &Config) -> Result<Replayed, ReplayFailure> {
    let mut damage = Vec::new();
    let mut entries: Vec<Entry> = Vec::new();
    for item in read_file(journal)? {
        match item {
            Ok(entry) => entries.push(entry),
            Err(found) => damage.push(found.to_string()),
        }
    }
    let calls: std::collections::BTreeSet<_> = entries.iter().map(|e| e.key).collect();
    if calls.len() > 1 {
        return Err(ReplayFailure::ManyCalls(calls.len()));
    }
    let events = entries.iter().map(|e| (e.kind, e.at_us, e.body.as_slice()));
    let call = record::replay(events, |opening| config.rules(opening))?;
    let record = record::draft(&call).record;
    let closing = entries
        .iter()
        .rev()
        .find(|e| e.kind == Kind::Closed)
        .and_then(|e| serde_json::from_slice::<Value>(&e.body).ok());
    let ran_under = &call.opening().config_version;
    Ok(Replayed {
        digest: record::digest(&record),
        record,
        expected: closing.and_then(|c| c["record_sha256"].as_str().map(str::to_owned)),
        other_config: (*ran_under != config.version).then(|| ran_under.clone()),
        damage,
    })
}

/// What can be done with configurations.
#[derive(Debug, clap::Subcommand)]
pub enum ConfigCommand {
    /// Say whether a configuration is right, or everything that is wrong with it
    Check {
        /// The file
        file: PathBuf,
    },
    /// Print the configuration with every default filled in; secrets are not shown
    Print {
        /// The file [default: none]
        file: Option<PathBuf>,
    },
    /// Print the names a configuration may use, with their defaults
    Schema,
}

/// `offhook config`.
pub fn config(command: &ConfigCommand) -> ExitCode {
    let (file, check) = match command {
        ConfigCommand::Check { file } => (Some(file.as_path()), true),
        ConfigCommand::Print { file } => (file.as_deref(), false),
        ConfigCommand::Schema => (None, false),
    };
    match file.map(Config::load).transpose() {
        Err(error) => failed(error),
        Ok(config) => {
            let config = config.unwrap_or_default();
            if check {
                let names: Vec<&str> = config.verticals().keys().map(String::as_str).collect();
                println!(
                    "ok: {} locations, verticals {}, version {}",
                    config.locations.len(),
                    names.join(", "),
                    config.version
                );
                return ExitCode::SUCCESS;
            }
            match toml::to_string_pretty(&config) {
                Ok(text) => {
                    print!("{text}");
                    ExitCode::SUCCESS
                }
                Err(error) => failed(error),
            }
        }
    }
}
