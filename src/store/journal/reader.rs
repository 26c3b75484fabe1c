//! Reads the entries of a journal, whatever state its bytes are in.
//!
//! A flipped byte costs the entry it stands in, a torn tail the tail; both are handed out as [`Damage`] in their place, and reading
//! goes on behind them.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::JournalError;
use super::format::{
    ENTRY_HEAD_BYTES, Entry, FILE_HEADER_BYTES, Head, VERSION, decode_body, decode_head,
    file_version, find_marker,
};

/// How much is read from the source at once.
const READ_BYTES: usize = 256 << 10;

/// Bytes of a journal that hold no sound entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{bytes} damaged bytes at offset {offset}: {reason}")]
pub struct Damage {
    /// Where they begin, counted from the beginning of the source.
    pub offset: u64,
    /// How many they are; 0 where a header is missing altogether or the source could not be read.
    pub bytes: u64,
    /// What is wrong with them.
    pub reason: DamageReason,
}

/// What is wrong with damaged bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DamageReason {
    /// The header of the file.
    #[error("the file's header is not a journal's")]
    FileHeader,
    /// The head of an entry.
    #[error("an entry's head fails its checksum")]
    Head,
    /// The body of an entry.
    #[error("an entry's body fails its checksum")]
    Body,
    /// The end is missing: the write that made it never ended.
    #[error("the last entry is cut off")]
    TornTail,
    /// The source could not be read any further.
    #[error("reading failed: {0}")]
    Unreadable(String),
}

/// An entry as it stands in the buffer of a [`Reader`].
pub struct RawEntry<'a> {
    /// Its head.
    pub head: Head,
    /// All its bytes, the head and both checksums included.
    pub bytes: &'a [u8],
    /// Where it begins, counted from the beginning of the source.
    pub offset: u64,
}

impl RawEntry<'_> {
    /// Its body.
    pub fn body(&self) -> &[u8] {
        // A raw entry is only made of bytes whose length has been checked.
        &self.bytes[ENTRY_HEAD_BYTES..ENTRY_HEAD_BYTES + self.head.body_bytes]
    }

    /// A copy that owns its body.
    pub fn to_entry(&self) -> Entry {
        let Head {
            key,
            sequence,
            at_us,
            kind,
            ..
        } = self.head;
        Entry {
            key,
            sequence,
            at_us,
            kind,
            body: self.body().to_vec(),
        }
    }
}

/// An iterator over the entries in a source of bytes. Its items are entries and, in their place, stretches of damage.
pub struct Reader<R> {
    source: R,
    buffer: Vec<u8>,
    /// What of the buffer has been handed out.
    start: usize,
    /// Offset of `buffer[start]` in the source.
    offset: u64,
    ended: bool,
    failure: Option<io::Error>,
    header_due: bool,
}

/// Opens the journal file (of a call or of a node) at `path`.
pub fn read_file(path: &Path) -> Result<Reader<File>, JournalError> {
    let failed = |error| JournalError::io("open", path, error);
    let mut reader = Reader::new(File::open(path).map_err(failed)?);
    if let Some(version) = reader.newer_version() {
        return Err(JournalError::NewerVersion {
            path: path.to_owned(),
            version,
        });
    }
    Ok(reader)
}

impl<R: Read> Reader<R> {
    /// Reads a whole file: its header, then entries.
    pub fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            offset: 0,
            ended: false,
            failure: None,
            header_due: true,
        }
    }

    /// Reads entries without a header before them.
    pub fn headless(source: R) -> Self {
        Self {
            header_due: false,
            ..Self::new(source)
        }
    }

    /// The file's version when it is one that this build does not know.
    fn newer_version(&mut self) -> Option<u32> {
        self.fill(FILE_HEADER_BYTES);
        self.available()
            .first_chunk()
            .and_then(file_version)
            .filter(|version| *version > VERSION)
    }

    /// The next entry or the next stretch of damage.
    pub fn next_raw(&mut self) -> Option<Result<RawEntry<'_>, Damage>> {
        if self.header_due {
            self.header_due = false;
            self.fill(FILE_HEADER_BYTES);
            match self.available().first_chunk().and_then(file_version) {
                Some(_) => self.consume(FILE_HEADER_BYTES),
                None if self.available().is_empty() => {}
                None => return Some(Err(self.skip(DamageReason::FileHeader, 0))),
            }
        }
        self.fill(ENTRY_HEAD_BYTES);
        if self.available().is_empty() {
            let failure = self.failure.take()?;
            return Some(Err(Damage {
                offset: self.offset,
                bytes: 0,
                reason: DamageReason::Unreadable(failure.to_string()),
            }));
        }
        let Some(head) = decode_head(self.available()) else {
            let torn = self.available().len() < ENTRY_HEAD_BYTES;
            return Some(Err(self.skip(
                if torn {
                    DamageReason::TornTail
                } else {
                    DamageReason::Head
                },
                1,
            )));
        };
        let bytes = head.entry_bytes();
        self.fill(bytes);
        if self.available().len() < bytes {
            return Some(Err(self.skip(DamageReason::TornTail, 1)));
        }
        if decode_body(&self.available()[..bytes]).is_none() {
            // The head is sound, so the length is; but only if something sound follows there, else bytes are missing in between.
            self.fill(bytes + ENTRY_HEAD_BYTES);
            let rest = &self.available()[bytes..];
            let from = if rest.is_empty() || decode_head(rest).is_some() {
                bytes
            } else {
                1
            };
            return Some(Err(self.skip(DamageReason::Body, from)));
        }
        let (start, offset) = (self.start, self.offset);
        self.consume(bytes);
        Some(Ok(RawEntry {
            head,
            bytes: &self.buffer[start..start + bytes],
            offset,
        }))
    }

    /// Skips to the first sound head at least `from` bytes ahead, or to the end.
    fn skip(&mut self, reason: DamageReason, from: usize) -> Damage {
        let offset = self.offset;
        let mut from = from;
        loop {
            match find_marker(self.available(), from) {
                Some(at) => {
                    self.consume(at);
                    self.fill(ENTRY_HEAD_BYTES);
                    if decode_head(self.available()).is_some() || self.available().is_empty() {
                        break;
                    }
                    from = 1;
                }
                None => {
                    self.consume(self.available().len());
                    self.fill(1);
                    if self.available().is_empty() {
                        break;
                    }
                    from = 0;
                }
            }
        }
        Damage {
            offset,
            bytes: self.offset - offset,
            reason,
        }
    }

    fn available(&self) -> &[u8] {
        // `start` never passes the end: only `consume` moves it, by at most what is available.
        &self.buffer[self.start..]
    }

    fn consume(&mut self, bytes: usize) {
        let bytes = bytes.min(self.buffer.len() - self.start);
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Makes `bytes` available, or all there is.
    fn fill(&mut self, bytes: usize) {
        while self.available().len() < bytes && !self.ended {
            if self.start > 0 {
                self.buffer.drain(..self.start);
                self.start = 0;
            }
            let held = self.buffer.len();
            let wanted = READ_BYTES.max(bytes - held);
            match self
                .source
                .by_ref()
                .take(wanted as u64)
                .read_to_end(&mut self.buffer)
            {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
            }
        }
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Entry, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_raw().map(|item| item.map(|raw| raw.to_entry()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallId;
    use crate::store::journal::format::{Kind, encode_entry, file_header};
    use proptest::prelude::*;

    /// A small journal and where each of its entries begins.
    fn journal(bodies: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
        let mut bytes = file_header().to_vec();
        let mut starts = Vec::new();
        for (at, body) in bodies.iter().enumerate() {
            starts.push(bytes.len());
            let key = CallId::from_bytes([at as u8 % 2; 16]);
            let head = Head {
                key,
                sequence: at as u64 + 1,
                at_us: 1_000 * at as i64,
                kind: Kind::Heard,
                body_bytes: body.len(),
            };
            encode_entry(&mut bytes, &head, &[body]);
        }
        (bytes, starts)
    }

    fn bodies() -> Vec<Vec<u8>> {
        vec![
            b"{}".to_vec(),
            Vec::new(),
            vec![0xFF; 40],
            b"{\"text\":\"hello\"}".to_vec(),
            vec![0xC1; 9],
        ]
    }

    fn read(bytes: &[u8]) -> (Vec<Entry>, Vec<Damage>) {
        let (mut entries, mut damage) = (Vec::new(), Vec::new());
        for item in Reader::new(bytes) {
            match item {
                Ok(entry) => entries.push(entry),
                Err(hurt) => damage.push(hurt),
            }
        }
        (entries, damage)
    }

    /// Every byte is part of the header, of an entry or of damage.
    fn assert_accounted(bytes: &[u8], entries: &[Entry], damage: &[Damage]) {
        let held: usize = entries
            .iter()
            .map(|entry| entry.body.len() + crate::store::journal::format::ENTRY_FRAME_BYTES)
            .sum();
        let hurt: u64 = damage.iter().map(|hurt| hurt.bytes).sum();
        let header = if damage.iter().any(|hurt| hurt.offset == 0) || bytes.is_empty() {
            0
        } else {
            FILE_HEADER_BYTES
        };
        assert_eq!(held + hurt as usize + header, bytes.len());
    }

    #[test]
    fn a_flipped_byte_costs_one_entry_at_most_and_is_reported() {
        let (sound, starts) = journal(&bodies());
        let (all, none) = read(&sound);
        assert_eq!((all.len(), none.len()), (5, 0));
        for at in 0..sound.len() {
            for flip in [0x01, 0x80, 0xFF] {
                let mut hurt = sound.clone();
                hurt[at] ^= flip;
                let (entries, damage) = read(&hurt);
                let lost = starts.iter().rposition(|start| *start <= at);
                let expected: Vec<_> = all
                    .iter()
                    .enumerate()
                    .filter(|(place, _)| Some(*place) != lost)
                    .map(|(_, entry)| entry.clone())
                    .collect();
                assert_eq!(entries, expected, "byte {at} ^ {flip:#x}");
                assert_eq!(damage.len(), 1, "byte {at} ^ {flip:#x}: {damage:?}");
                assert!(
                    damage[0].offset <= at as u64
                        && (at as u64) < damage[0].offset + damage[0].bytes
                );
                assert_accounted(&hurt, &entries, &damage);
            }
        }
    }

    #[test]
    fn a_torn_tail_costs_the_tail_and_is_reported() {
        let (sound, starts) = journal(&bodies());
        for end in 0..sound.len() {
            let (entries, damage) = read(&sound[..end]);
            let whole = starts
                .iter()
                .skip(1)
                .chain([&sound.len()])
                .filter(|next| **next <= end)
                .count();
            let clean = end == 0 || end == FILE_HEADER_BYTES || starts.contains(&end);
            assert_eq!(
                (entries.len(), damage.len()),
                (whole, usize::from(!clean)),
                "cut at {end}: {damage:?}"
            );
            assert!(
                damage
                    .iter()
                    .all(|hurt| end < FILE_HEADER_BYTES || hurt.reason == DamageReason::TornTail)
            );
            assert_accounted(&sound[..end], &entries, &damage);
        }
    }

    #[test]
    fn missing_bytes_cost_the_entry_they_are_missing_from() {
        let (sound, starts) = journal(&bodies());
        let mut hurt = sound.clone();
        hurt.drain(starts[2] + 50..starts[2] + 60);
        let (entries, damage) = read(&hurt);
        assert_eq!(
            entries
                .iter()
                .map(|entry| entry.sequence)
                .collect::<Vec<_>>(),
            [1, 2, 4, 5]
        );
        assert_eq!(damage.len(), 1);
        assert_eq!(damage[0].reason, DamageReason::Body);
    }

    #[test]
    fn a_newer_file_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.journal");
        let mut header = file_header();
        header[8] = 9;
        let crc = crc32fast::hash(&header[..12]);
        header[12..].copy_from_slice(&crc.to_le_bytes());
        std::fs::write(&path, header).unwrap();
        let error = read_file(&path).err().unwrap().to_string();
        assert!(
            error.contains("x.journal") && error.contains("version 9"),
            "{error}"
        );
    }

    #[test]
    fn a_source_that_fails_ends_with_what_failed() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("bad sector"))
            }
        }
        let (sound, _) = journal(&bodies());
        let items: Vec<_> = Reader::new(sound.as_slice().chain(Failing)).collect();
        assert_eq!(items.iter().filter(|item| item.is_ok()).count(), 5);
        let reason = DamageReason::Unreadable("bad sector".into());
        assert_eq!(
            items.last(),
            Some(&Err(Damage {
                offset: sound.len() as u64,
                bytes: 0,
                reason
            }))
        );
    }

    proptest! {
        /// The body of the fuzz target `journal_reader`.
        #[test]
        fn any_bytes_are_read_to_their_end(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let (entries, damage) = read(&bytes);
            assert_accounted(&bytes, &entries, &damage);
        }

        #[test]
        fn a_journal_cut_up_is_read_to_its_end(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..12),
            hurts in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ) {
            let (mut bytes, _) = journal(&bodies);
            for (from, to, byte) in hurts {
                let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
                match byte % 3 {
                    0 => bytes[from] = byte,
                    1 => bytes.truncate(from.max(1)),
                    _ => bytes.copy_within(from.min(to)..from.max(to), 0),
                }
            }
            let (entries, damage) = read(&bytes);
            assert_accounted(&bytes, &entries, &damage);
        }
    }
}
