//! `offhook models`: arguments, and what is printed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};

use super::partial::path_of;
use super::pull::{Order, Patience, Pulled, Source, pull};
use super::shelf::{self, BUNDLED, FOLDER};
use crate::speech::catalogue::{self, KNOWN, Known};
use crate::speech::model::{ModelFacts, ModelFile};

/// What can be done with speech models.
#[derive(Debug, clap::Subcommand)]
pub enum ModelsCommand {
    /// The bundled model, those that are here, and those that can be pulled
    List,
    /// Fetch a model, `base.en-q8_0` for one; an interrupted pull goes on where it ended
    Pull(PullArgs),
    /// Check models: that they are whole, and that one with a known name is that very file
    Verify {
        /// Model files or names [default: all that are here]
        files: Vec<PathBuf>,
    },
}

/// Arguments of `offhook models pull`.
#[derive(Debug, clap::Args)]
pub struct PullArgs {
    /// A name of `offhook models list`, or any other of the hub's with --sha256
    name: String,
    /// Another place: an address, or a path for networks without one
    #[arg(long, value_name = "ADDRESS|PATH")]
    url: Option<String>,
    /// The SHA-256 that the file must have; only names that are not listed need it
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// The folder to put it into
    #[arg(long, value_name = "DIR", default_value = FOLDER)]
    to: PathBuf,
}

/// `offhook models`.
pub async fn run(command: &ModelsCommand) -> ExitCode {
    let done = match command {
        ModelsCommand::List => {
            list();
            Ok(true)
        }
        ModelsCommand::Pull(args) => fetch(args).await.map(|()| true),
        ModelsCommand::Verify { files } => Ok(verify(files)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(Failure::Usage(message)) => {
            eprintln!("offhook: {message}");
            ExitCode::from(2)
        }
        Err(Failure::Pull(message)) => {
            eprintln!("offhook: {message}");
            ExitCode::FAILURE
        }
    }
}

enum Failure {
    Usage(String),
    Pull(String),
}

/// What is to be fetched.
fn order(args: &PullArgs) -> Result<Order, Failure> {
    let name = args.name.as_str();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || !name.chars().all(plain) || name.starts_with('.') {
        return Err(Failure::Usage(format!(
            "{name:?} is no model's name; `offhook models list` shows them"
        )));
    }
    let known = catalogue::by_name(name);
    let sum = match &args.sha256 {
        Some(sum) if sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Some(sum.to_ascii_lowercase())
        }
        Some(sum) => {
            return Err(Failure::Usage(format!(
                "--sha256 {sum}: a SHA-256 has 64 hexadecimal digits"
            )));
        }
        None => None,
    };
    // A sum of the user's own stands for another file than the listed one: its size is unknown, too.
    let (sha256, size_bytes) = match (sum, known) {
        (Some(sum), Some(known)) if sum == known.sha256 => (sum, Some(known.size_bytes)),
        (Some(sum), Some(known)) => {
            return Err(Failure::Usage(format!(
                "{name} has sha256 {}, not {sum}; give a file of your own another name",
                known.sha256
            )));
        }
        (Some(sum), None) => (sum, None),
        (None, Some(known)) => (known.sha256.to_owned(), Some(known.size_bytes)),
        (None, None) => {
            return Err(Failure::Usage(format!(
                "no sum of {name} is known here: give it with --sha256, or take a name of `offhook models list`"
            )));
        }
    };
    let file = catalogue::file_name(name);
    let source = match &args.url {
        Some(place) => Source::parse(place),
        None => Source::Web(format!("{}/{file}", catalogue::HUB)),
    };
    Ok(Order {
        source,
        target: args.to.join(file),
        sha256,
        size_bytes,
    })
}

async fn fetch(args: &PullArgs) -> Result<(), Failure> {
    let order = order(args)?;
    let bar = ProgressBar::new(order.size_bytes.unwrap_or(0));
    let style = "{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    let done = pull(&order, &Patience::default(), &mut |progress| {
        bar.set_length(progress.total_bytes.unwrap_or(progress.done_bytes));
        if bar.position() == 0 {
            bar.reset_eta();
        }
        bar.set_position(progress.done_bytes);
    })
    .await;
    bar.finish_and_clear();
    let file = order.target.display();
    match done.map_err(|error| Failure::Pull(error.to_string()))? {
        Pulled::AlreadyThere => println!("{file} is there already, sha256 {}", order.sha256),
        Pulled::Fetched { resumed_bytes: 0 } => println!("{file}, sha256 {}", order.sha256),
        Pulled::Fetched { resumed_bytes } => println!(
            "{file}, sha256 {} ({} were there from an earlier attempt)",
            order.sha256,
            mib(resumed_bytes)
        ),
    }
    println!("use it: offhook serve --model {file}");
    Ok(())
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// A model in one line.
fn describe(facts: &ModelFacts) -> String {
    let language = if facts.multilingual {
        "multilingual"
    } else {
        "English"
    };
    format!(
        "{}: {language}, {}, {}, sha256 {}",
        facts.name,
        facts.weights(),
        mib(facts.size_bytes),
        facts.sha256
    )
}

/// Where a known model stands, without reading it: its size is compared, its contents are for `verify`.
fn standing(known: &Known, folders: &[PathBuf]) -> String {
    if let Some(path) = shelf::file_of(known, folders) {
        let size = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
        return if size == known.size_bytes {
            format!("here: {}", path.display())
        } else {
            format!(
                "{} is damaged: {size} of {} bytes; pull it again",
                path.display(),
                known.size_bytes
            )
        };
    }
    let begun = folders
        .iter()
        .map(|dir| path_of(&dir.join(known.file_name())))
        .find_map(|path| std::fs::metadata(path).ok())
        .map(|metadata| metadata.len())
        .filter(|len| *len > 0);
    match begun {
        Some(len) => format!("begun: {} are here, pull goes on", mib(len)),
        None => String::new(),
    }
}

fn list() {
    let folders = shelf::folders();
    println!("Here:");
    let mut any = false;
    for path in shelf::present(&folders) {
        any = true;
        let bundled = if shelf::is_bundled(&path) {
            "  (bundled)"
        } else {
            ""
        };
        // Known ones stand in the list below; reading gigabytes for a list would be too much.
        match catalogue::by_file(&path) {
            Some(known) => println!("  {}  {}", path.display(), known.name),
            None => match ModelFile::read(&path) {
                Ok(model) => println!("  {}  {}{bundled}", path.display(), describe(&model.facts)),
                Err(error) => println!("  {}  unusable: {error}", path.display()),
            },
        }
    }
    if !any {
        println!("  no model; {BUNDLED} comes with the source");
    }
    println!("\nTo be had with `offhook models pull NAME` (Whisper, MIT licence):");
    println!(
        "  {:<20} {:>11}  {:<7} {:<12} {:>10}  {:<50}",
        "NAME", "SIZE", "WEIGHTS", "LANGUAGE", "COST", "GOOD FOR"
    );
    for known in &KNOWN {
        let cost = known
            .cost()
            .map_or("-".to_owned(), |cost| format!("{cost:.2}"));
        let language = if known.multilingual() {
            "many"
        } else {
            "English"
        };
        println!(
            "  {:<20} {:>11}  {:<7} {:<12} {:>10}  {:<50}  {}",
            known.name,
            mib(known.size_bytes),
            known.weights(),
            language,
            cost,
            known.purpose(),
            standing(known, &folders)
        );
    }
    println!(
        "\nCOST: seconds of one core for a second of speech in a live call, partials included, measured where a figure stands\n(benches/results). `offhook bench speech --model F` measures your machine."
    );
}

/// Checks files; false if any is not right.
fn verify(files: &[PathBuf]) -> bool {
    let files: Vec<PathBuf> = if files.is_empty() {
        shelf::present(&shelf::folders())
    } else {
        files.iter().map(|file| shelf::resolve(file)).collect()
    };
    if files.is_empty() {
        println!("no model is here; {BUNDLED} comes with the source");
    }
    let mut all_right = true;
    for file in &files {
        all_right &= verify_one(file);
    }
    all_right
}

fn verify_one(file: &Path) -> bool {
    match ModelFile::read(file) {
        Ok(model) => {
            let published = catalogue::by_file(file).map_or("", |_| ", as published");
            println!(
                "{}: ok, {}{published}",
                file.display(),
                describe(&model.facts)
            );
            true
        }
        Err(error) => {
            eprintln!("offhook: {error}");
            false
        }
    }
}
