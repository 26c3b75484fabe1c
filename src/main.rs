//! The `offhook` command.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use offhook::config::Config;
use offhook::store::journal::JournalCommand;
use offhook::{commands, demo, dial, fields, models, server, speech, telemetry};

/// A phone call becomes a finished piece of work while it is still going on.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take calls: the server
    Serve {
        /// The configuration [default: none, and sensible settings]
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Where journal and database lie [default: ./offhook-data, or the configuration's]
        #[arg(long, value_name = "DIR")]
        data_dir: Option<PathBuf>,
        /// Address and port to listen on [default: 127.0.0.1:8080, or the configuration's]
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<String>,
        /// A whisper.cpp model file or the name of a pulled model [default: the bundled one, or the configuration's]
        #[arg(long, value_name = "FILE")]
        model: Option<PathBuf>,
        /// Keep and finalise calls without listening to them
        #[arg(long)]
        no_speech: bool,
    },
    /// See what Offhook does: bundled calls over a real socket, fields growing in the terminal
    Demo(demo::Args),
    /// Play a recording to a server as Twilio would; with --calls, many times at once
    Dial(Box<dial::Args>),
    /// Recordings to text
    Transcribe(speech::transcribe::Args),
    /// Transcripts to fields
    Extract(fields::extract::ExtractArgs),
    /// A journal to its record
    Replay(commands::ReplayArgs),
    /// Speech models
    Models {
        #[command(subcommand)]
        command: models::command::ModelsCommand,
    },
    /// Measure this machine
    Bench {
        #[command(subcommand)]
        command: BenchCommand,
    },
    /// Check or print a configuration
    Config {
        #[command(subcommand)]
        command: commands::ConfigCommand,
    },
    /// Read or check a journal
    Journal {
        #[command(subcommand)]
        command: JournalCommand,
    },
}

#[derive(Debug, Subcommand)]
enum BenchCommand {
    /// How well and how fast speech is recognised, and how many calls at once
    Speech(Box<speech::bench::Args>),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve {
            config,
            data_dir,
            listen,
            model,
            no_speech,
        } => match settings(config.as_deref()) {
            Ok(mut config) => {
                if let Some(dir) = data_dir {
                    config.store.data_dir = dir;
                }
                if let Some(listen) = listen {
                    config.server.listen = listen;
                }
                if let Some(model) = model {
                    config.speech.model = model;
                }
                config.speech.enabled &= !no_speech;
                config.speech.model = models::shelf::resolve(&config.speech.model);
                telemetry::init(config.server.log_format, "info");
                on_runtime(server::serve(config))
            }
            Err(code) => code,
        },
        Command::Demo(args) => {
            telemetry::init(telemetry::LogFormat::Text, "error");
            on_runtime(demo::run(args))
        }
        Command::Dial(args) => on_runtime(dial::run(*args)),
        Command::Transcribe(args) => {
            telemetry::init(telemetry::LogFormat::Text, "warn");
            commands::transcribe(&args)
        }
        Command::Extract(args) => ExitCode::from(fields::extract::run(
            &args,
            &mut std::io::stdout().lock(),
            &mut std::io::stderr().lock(),
        )),
        Command::Replay(args) => commands::replay(&args),
        Command::Models { command } => {
            telemetry::init(telemetry::LogFormat::Text, "warn");
            run_on_runtime(async { Ok::<_, String>(models::command::run(&command).await) })
        }
        Command::Bench {
            command: BenchCommand::Speech(args),
        } => {
            telemetry::init(telemetry::LogFormat::Text, "warn");
            commands::bench_speech(&args)
        }
        Command::Config { command } => commands::config(&command),
        Command::Journal { command } => command.run(),
    }
}

/// The configuration of a file, or the default. A mistake in it is a wrong use of the command: status 2.
fn settings(file: Option<&Path>) -> Result<Config, ExitCode> {
    match file {
        None => Ok(Config::default()),
        Some(file) => Config::load(file).map_err(|error| {
            eprintln!("offhook: {error}");
            ExitCode::from(2)
        }),
    }
}

fn on_runtime<E: std::fmt::Display>(work: impl Future<Output = Result<(), E>>) -> ExitCode {
    run_on_runtime(async { work.await.map(|()| ExitCode::SUCCESS) })
}

/// The same for work that has its own exit status.
fn run_on_runtime<E: std::fmt::Display>(
    work: impl Future<Output = Result<ExitCode, E>>,
) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("offhook: the runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(work) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("offhook: {error}");
            ExitCode::FAILURE
        }
    }
}
