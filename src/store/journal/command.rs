//! `offhook journal cat|verify`.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::error::JournalError;
use super::format::{Entry, Kind, Media};
use super::id::CallId;
use super::reader::{Damage, read_file};
use super::verify::verify;

/// What can be done with a journal file.
#[derive(Debug, clap::Subcommand)]
pub enum JournalCommand {
    /// Print a journal, one entry a line (NDJSON)
    Cat {
        /// Every media frame with its payload, and every seal, instead of a line for each run of them
        #[arg(long)]
        media: bool,
        /// A call's journal, or a segment of a node log
        file: PathBuf,
    },
    /// Check a journal's checksums, sequence numbers and hash chains; exits with 1 if anything does not hold
    Verify {
        /// A call's journal, or a segment of a node log
        file: PathBuf,
    },
}

impl JournalCommand {
    /// Does it, on standard output and standard error.
    pub fn run(&self) -> ExitCode {
        let mut out = BufWriter::new(io::stdout().lock());
        match self
            .write_to(&mut out)
            .and_then(|sound| out.flush().map(|()| sound).map_err(Failure::Output))
        {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            // Whoever reads has seen enough.
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("offhook: {error}");
                ExitCode::FAILURE
            }
        }
    }

    /// Does it, and says whether the journal is sound.
    fn write_to(&self, out: &mut impl Write) -> Result<bool, Failure> {
        match self {
            Self::Cat { media, file } => {
                let mut printer = Printer {
                    out,
                    whole: *media,
                    runs: BTreeMap::new(),
                };
                let mut sound = true;
                for item in read_file(file)? {
                    match item {
                        Ok(entry) => printer.entry(&entry)?,
                        Err(damage) => {
                            sound = false;
                            printer.damage(&damage)?;
                        }
                    }
                }
                printer.end_all_runs()?;
                Ok(sound)
            }
            Self::Verify { file } => {
                let report = verify(file)?;
                write!(out, "{report}").map_err(Failure::Output)?;
                Ok(report.is_sound())
            }
        }
    }
}

/// Entries as `offhook journal cat` prints them: NDJSON, media frames of a run in one line.
pub fn write_entries(entries: &[Entry]) -> String {
    let mut out = Vec::new();
    let mut printer = Printer {
        out: &mut out,
        whole: false,
        runs: BTreeMap::new(),
    };
    for entry in entries {
        // Writing to memory cannot fail.
        let _ = printer.entry(entry);
    }
    let _ = printer.end_all_runs();
    String::from_utf8(out).unwrap_or_default()
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("cannot print: {0}")]
    Output(#[from] io::Error),
}

struct Printer<'a, W> {
    out: &'a mut W,
    /// Whether media frames and seals are printed one by one.
    whole: bool,
    runs: BTreeMap<CallId, MediaRun>,
}

/// Consecutive media frames of one call, seals aside.
struct MediaRun {
    first: u64,
    last: u64,
    first_at_us: i64,
    frames: [u64; 2],
    bytes: u64,
    timestamps_ms: (i64, i64),
}

impl<W: Write> Printer<'_, W> {
    fn entry(&mut self, entry: &Entry) -> Result<(), Failure> {
        if !self.whole {
            if let Some(media) = entry.media() {
                self.runs
                    .entry(entry.key)
                    .and_modify(|run| run.add(entry.sequence, &media))
                    .or_insert_with(|| MediaRun::new(entry, &media));
                return Ok(());
            }
            if entry.kind == Kind::Seal {
                return Ok(());
            }
            self.end_run(entry.key)?;
        }
        let kind = if let Kind::Other(code) = entry.kind {
            json!(code)
        } else {
            json!(entry.kind.name())
        };
        self.line(entry.key, entry.sequence, entry.at_us, kind, body(entry))
    }

    fn damage(&mut self, damage: &Damage) -> Result<(), Failure> {
        self.end_all_runs()?;
        let line = json!({"damage": {"offset": damage.offset, "bytes": damage.bytes, "reason": damage.reason.to_string()}});
        writeln!(self.out, "{line}").map_err(Failure::Output)
    }

    fn end_all_runs(&mut self) -> Result<(), Failure> {
        while let Some(key) = self.runs.keys().next().copied() {
            self.end_run(key)?;
        }
        Ok(())
    }

    fn end_run(&mut self, key: CallId) -> Result<(), Failure> {
        let Some(run) = self.runs.remove(&key) else {
            return Ok(());
        };
        let body = json!({
            "last_seq": run.last,
            "frames": {"inbound": run.frames[0], "outbound": run.frames[1]},
            "payload_bytes": run.bytes,
            "first_timestamp_ms": run.timestamps_ms.0,
            "last_timestamp_ms": run.timestamps_ms.1,
        });
        self.line(key, run.first, run.first_at_us, json!("media"), body)
    }

    fn line(
        &mut self,
        key: CallId,
        seq: u64,
        at_us: i64,
        kind: Value,
        body: Value,
    ) -> Result<(), Failure> {
        let at = jiff::Timestamp::from_microsecond(at_us).map_or(json!(at_us), |at| {
            json!(at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
        });
        let line = Line {
            seq,
            at,
            kind,
            call_id: key.to_string(),
            body,
        };
        serde_json::to_writer(&mut *self.out, &line)
            .map_err(|error| Failure::Output(error.into()))?;
        writeln!(self.out).map_err(Failure::Output)
    }
}

/// One line of `offhook journal cat`.
#[derive(serde::Serialize)]
struct Line {
    seq: u64,
    at: Value,
    kind: Value,
    call_id: String,
    body: Value,
}

impl MediaRun {
    fn new(entry: &Entry, media: &Media<'_>) -> Self {
        let mut run = Self {
            first: entry.sequence,
            last: entry.sequence,
            first_at_us: entry.at_us,
            frames: [0; 2],
            bytes: 0,
            timestamps_ms: (media.timestamp_ms, media.timestamp_ms),
        };
        run.add(entry.sequence, media);
        run
    }

    fn add(&mut self, sequence: u64, media: &Media<'_>) {
        self.last = sequence;
        self.frames[usize::from(media.track != 0)] += 1;
        self.bytes += media.payload.len() as u64;
        self.timestamps_ms.1 = media.timestamp_ms;
    }
}

/// An entry's body as JSON; bytes that are neither JSON nor of a kind known here are base64.
fn body(entry: &Entry) -> Value {
    if let Some(media) = entry.media() {
        return json!({
            "stream": media.stream,
            "track": media.track,
            "sequence": media.sequence,
            "timestamp_ms": media.timestamp_ms,
            "payload": STANDARD.encode(media.payload),
        });
    }
    if matches!(entry.kind, Kind::Seal | Kind::Split) {
        return json!({"sha256": entry.body.iter().map(|byte| format!("{byte:02x}")).collect::<String>()});
    }
    if entry.body.is_empty() {
        return Value::Object(Map::new());
    }
    serde_json::from_slice(&entry.body)
        .unwrap_or_else(|_| json!({"base64": STANDARD.encode(&entry.body)}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::journal::format::{Head, encode_entry, file_header};

    fn print(bytes: &[u8], command: impl Fn(PathBuf) -> JournalCommand) -> (bool, String) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("call.journal");
        std::fs::write(&file, bytes).unwrap();
        let mut out = Vec::new();
        let sound = command(file).write_to(&mut out).unwrap();
        (sound, String::from_utf8(out).unwrap())
    }

    fn journal() -> Vec<u8> {
        let mut bytes = file_header().to_vec();
        let media: Vec<Vec<u8>> = (0..4_u8)
            .map(|n| {
                let payload = [0xFF; 3];
                let media = Media {
                    stream: 0,
                    track: n % 2,
                    sequence: 3,
                    timestamp_ms: 20 * i64::from(n),
                    payload: &payload,
                };
                [&media.head()[..], &payload].concat()
            })
            .collect();
        let entries = [
            (Kind::Opened, b"{\"dialect\":\"twilio\"}".to_vec()),
            (Kind::Media, media[0].clone()),
            (Kind::Media, media[1].clone()),
            (Kind::Seal, vec![0xAB; 32]),
            (Kind::Media, media[2].clone()),
            (Kind::Heard, b"{\"text\":\"hello\"}".to_vec()),
            (Kind::Media, media[3].clone()),
            (Kind::Other(77), b"\xFF".to_vec()),
        ];
        for (sequence, (kind, body)) in (1..).zip(entries) {
            let at_us = 1_763_680_445_120_000 + sequence as i64;
            let head = Head {
                key: CallId::from_bytes([1; 16]),
                sequence,
                at_us,
                kind,
                body_bytes: 0,
            };
            encode_entry(&mut bytes, &head, &[&body]);
        }
        bytes
    }

    #[test]
    fn cat_prints_an_entry_a_line_and_runs_of_media_as_one() {
        let (sound, lines) = print(&journal(), |file| JournalCommand::Cat {
            media: false,
            file,
        });
        assert!(sound);
        insta::assert_snapshot!(lines.replace("call_01010101-0101-0101-0101-010101010101", "CALL"));
        let (_, whole) = print(&journal(), |file| JournalCommand::Cat { media: true, file });
        assert_eq!(whole.lines().count(), 8);
        assert!(
            whole.contains(r#""payload":"////""#) && whole.contains("abababab"),
            "{whole}"
        );
    }

    #[test]
    fn damage_is_printed_in_its_place_and_is_a_failure() {
        let mut bytes = journal();
        bytes[70] ^= 1;
        let (sound, lines) = print(&bytes, |file| JournalCommand::Cat { media: true, file });
        assert!(!sound);
        assert!(lines.starts_with(r#"{"damage":{"bytes":69,"offset":16,"reason":"an entry's body fails its checksum"}}"#), "{lines}");
        let (sound, report) = print(&bytes, |file| JournalCommand::Verify { file });
        assert!(!sound);
        insta::assert_snapshot!(
            report.replace("call_01010101-0101-0101-0101-010101010101", "CALL")
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let verify = JournalCommand::Verify {
            file: "no/such.journal".into(),
        };
        let error = verify.write_to(&mut Vec::new()).unwrap_err().to_string();
        assert!(error.contains("no/such.journal"), "{error}");
    }
}
