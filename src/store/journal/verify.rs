//! Checks a journal file: checksums, sequence numbers, hash chains.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::chain::{Chain, SealValue};
use super::error::JournalError;
use super::format::Kind;
use super::id::CallId;
use super::reader::{Damage, read_file};

/// What a journal file holds and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Its calls.
    pub calls: BTreeMap<CallId, CallReport>,
    /// What could not be read.
    pub damage: Vec<Damage>,
    /// Whether this is the file of a call that is over, which begins with the call and ends with a seal; a log segment need not.
    pub whole_call: bool,
}

/// What a journal file holds of one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallReport {
    /// Entries, seals included.
    pub entries: u64,
    /// Sequence number of the first entry; more than 1 in a log segment that begins in the middle of the call.
    pub first_sequence: u64,
    /// Sequence number of the last entry.
    pub last_sequence: u64,
    /// Sequence numbers that are missing.
    pub holes: Vec<Hole>,
    /// Seals that agree with the entries before them.
    pub seals_ok: u64,
    /// Sequence numbers of seals that do not: something before them was changed, removed or added.
    pub seals_bad: Vec<u64>,
    /// Seals that cannot be checked because this file does not hold the call's beginning.
    pub seals_unchecked: u64,
    /// Entries after the last seal.
    pub unsealed_entries: u64,
    /// Whether the call's last word was [`Kind::Closed`].
    pub closed: bool,
    /// The value of the last seal.
    pub last_seal: Option<SealValue>,
}

/// Sequence numbers that are missing, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// The first that is missing.
    pub first: u64,
    /// The last that is missing.
    pub last: u64,
}

/// Reads the whole file at `path` and says what holds.
pub fn verify(path: &Path) -> Result<Report, JournalError> {
    let mut reader = read_file(path)?;
    let whole_call = path
        .extension()
        .is_some_and(|extension| extension == "journal");
    let mut report = Report {
        whole_call,
        ..Report::default()
    };
    let mut chains: BTreeMap<CallId, Option<Chain>> = BTreeMap::new();
    while let Some(item) = reader.next_raw() {
        let raw = match item {
            Ok(raw) if raw.head.kind == Kind::Split => continue,
            Ok(raw) => raw,
            Err(damage) => {
                report.damage.push(damage);
                continue;
            }
        };
        let (key, sequence) = (raw.head.key, raw.head.sequence);
        let call = report.calls.entry(key).or_insert_with(|| CallReport {
            first_sequence: sequence,
            ..CallReport::default()
        });
        if call.entries > 0 && sequence <= call.last_sequence {
            // Written a second time after a failed commit: the first copy has been checked.
            continue;
        }
        if sequence > call.last_sequence + 1 && (call.entries > 0 || whole_call) {
            call.holes.push(Hole {
                first: call.last_sequence + 1,
                last: sequence - 1,
            });
        }
        call.entries += 1;
        call.last_sequence = sequence;
        // The chain is known from the call's beginning, or from its first seal in this file.
        let chain = chains
            .entry(key)
            .or_insert_with(|| (sequence == 1).then(Chain::new));
        if raw.head.kind != Kind::Seal {
            call.unsealed_entries += 1;
            call.closed = raw.head.kind == Kind::Closed;
            if let Some(chain) = chain {
                chain.add(raw.bytes);
            }
            continue;
        }
        call.unsealed_entries = 0;
        let value = SealValue::try_from(raw.body()).ok();
        match chain {
            None => call.seals_unchecked += 1,
            Some(chain) if Some(chain.value()) == value => call.seals_ok += 1,
            Some(_) => call.seals_bad.push(sequence),
        }
        (*chain, call.last_seal) = (value.as_ref().map(Chain::after), value);
    }
    Ok(report)
}

impl Report {
    /// Whether nothing is damaged, missing or changed.
    pub fn is_sound(&self) -> bool {
        let sealed = |call: &CallReport| !self.whole_call || call.unsealed_entries == 0;
        self.damage.is_empty()
            && self
                .calls
                .values()
                .all(|call| call.holes.is_empty() && call.seals_bad.is_empty() && sealed(call))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (key, call) in &self.calls {
            let checked = call.seals_ok + call.seals_bad.len() as u64;
            let from = if call.first_sequence > 1 {
                format!(" (from {})", call.first_sequence)
            } else {
                String::new()
            };
            write!(
                out,
                "{key}: {} entries{from}, {} of {checked} seals hold",
                call.entries, call.seals_ok
            )?;
            if call.seals_unchecked > 0 {
                write!(
                    out,
                    ", {} cannot be checked without the call's beginning",
                    call.seals_unchecked
                )?;
            }
            if call.unsealed_entries > 0 {
                write!(out, ", {} entries not sealed", call.unsealed_entries)?;
            }
            if let Some(seal) = &call.last_seal {
                write!(out, ", mark ")?;
                seal.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
            }
            writeln!(out, "{}", if call.closed { "" } else { ", not closed" })?;
            for Hole { first, last } in &call.holes {
                writeln!(out, "  entries {first} to {last} are missing")?;
            }
            for seal in &call.seals_bad {
                writeln!(
                    out,
                    "  the seal at entry {seal} does not hold: something before it was changed, removed or added"
                )?;
            }
        }
        for damage in &self.damage {
            writeln!(out, "  {damage}")?;
        }
        writeln!(
            out,
            "{}",
            if self.is_sound() {
                "sound"
            } else {
                "NOT sound"
            }
        )
    }
}
