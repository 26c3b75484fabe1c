//! The bytes of a journal file. All numbers are little-endian.
//!
//! ```text
//! file   = header entry*
//! header = "OFFHOOKJ" version:u32 crc32:u32                                          crc32 over the 12 bytes before it
//! entry  = marker[4] body_bytes:u32 sequence:u64 at_us:i64 call[16] kind:u8
//!          crc32:u32                                                                 over the 41 bytes before it
//!          body[body_bytes]
//!          crc32:u32                                                                 over all the bytes before it
//! ```
//!
//! The head has a checksum of its own so that a reader can trust the length of an entry whose body is damaged and lose that entry
//! alone; the marker is where it looks for the next entry when the head itself is damaged. A node log and the journal of one call
//! differ in nothing but whose entries they hold.

use super::id::CallId;

/// The first bytes of every journal file.
pub const MAGIC: [u8; 8] = *b"OFFHOOKJ";
/// The version this build writes, and the newest it reads.
pub const VERSION: u32 = 1;
/// Length of the header of a file.
pub const FILE_HEADER_BYTES: usize = 16;
/// Length of the head of an entry, its checksum included.
pub const ENTRY_HEAD_BYTES: usize = 45;
/// Length of an entry without its body.
pub const ENTRY_FRAME_BYTES: usize = ENTRY_HEAD_BYTES + 4;
/// The longest body an entry may have.
pub const MAX_BODY_BYTES: usize = 4 << 20;
/// Length of a media body before its payload.
pub const MEDIA_HEAD_BYTES: usize = 18;

/// Opens each entry. `0xC1` and `0xF5` never occur in UTF-8, so no text that a caller sends can hold the marker.
const MARKER: [u8; 4] = [0xC1, b'O', b'J', 0xF5];
/// Bytes of the head that its checksum covers.
const HEAD_CHECKED_BYTES: usize = ENTRY_HEAD_BYTES - 4;

/// What an entry says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The engine's own facts about the call it opens (JSON).
    Opened,
    /// A message of the provider as it came, with where it came from (JSON).
    Provider,
    /// One media frame (binary, see [`Media`]).
    Media,
    /// What the engine observed about the audio (JSON).
    Observed,
    /// What the recogniser heard (JSON).
    Heard,
    /// What a person did (JSON).
    Person,
    /// A timer of the call that fired (JSON).
    Timer,
    /// The call is over (JSON).
    Closed,
    /// The hash chain's value over all the call's entries up to here (32 bytes). The journal writes these itself.
    Seal,
    /// In a node log only: the call now has a file of its own, and this log holds nothing of it that is needed. Not an entry of the
    /// call: its sequence number is 0.
    Split,
    /// The audio that stood in this journal was taken out (JSON: how much, and the seal of the journal as it was).
    Stripped,
    /// A kind that a later version added.
    Other(u8),
}

impl Kind {
    /// The byte in the file.
    pub fn code(self) -> u8 {
        match self {
            Kind::Opened => 1,
            Kind::Provider => 2,
            Kind::Media => 3,
            Kind::Observed => 4,
            Kind::Heard => 5,
            Kind::Person => 6,
            Kind::Timer => 7,
            Kind::Closed => 8,
            Kind::Seal => 9,
            Kind::Split => 10,
            Kind::Stripped => 11,
            Kind::Other(code) => code,
        }
    }

    /// The kind with this byte.
    pub fn from_code(code: u8) -> Self {
        match code {
            1 => Kind::Opened,
            2 => Kind::Provider,
            3 => Kind::Media,
            4 => Kind::Observed,
            5 => Kind::Heard,
            6 => Kind::Person,
            7 => Kind::Timer,
            8 => Kind::Closed,
            9 => Kind::Seal,
            10 => Kind::Split,
            11 => Kind::Stripped,
            code => Kind::Other(code),
        }
    }

    /// Its name in `offhook journal cat` and in messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Opened => "opened",
            Kind::Provider => "provider",
            Kind::Media => "media",
            Kind::Observed => "observed",
            Kind::Heard => "heard",
            Kind::Person => "person",
            Kind::Timer => "timer",
            Kind::Closed => "closed",
            Kind::Seal => "seal",
            Kind::Split => "split",
            Kind::Stripped => "stripped",
            Kind::Other(_) => "other",
        }
    }
}

/// The head of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The call it belongs to.
    pub key: CallId,
    /// Its place in the call, counted from 1 without holes.
    pub sequence: u64,
    /// When it happened, in microseconds since 1970 (UTC).
    pub at_us: i64,
    /// What it says.
    pub kind: Kind,
    /// Length of the body.
    pub body_bytes: usize,
}

impl Head {
    /// Length of the whole entry in the file.
    pub fn entry_bytes(&self) -> usize {
        ENTRY_FRAME_BYTES + self.body_bytes
    }
}

/// One entry, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The call it belongs to.
    pub key: CallId,
    /// Its place in the call, counted from 1 without holes.
    pub sequence: u64,
    /// When it happened, in microseconds since 1970 (UTC).
    pub at_us: i64,
    /// What it says.
    pub kind: Kind,
    /// The body: JSON text, or bytes for [`Kind::Media`] and [`Kind::Seal`].
    pub body: Vec<u8>,
}

impl Entry {
    /// The media frame in it, if it is one.
    pub fn media(&self) -> Option<Media<'_>> {
        if self.kind == Kind::Media {
            Media::decode(&self.body)
        } else {
            None
        }
    }
}

/// The body of a [`Kind::Media`] entry: `stream:u8 track:u8 sequence:u64 timestamp_ms:i64 payload`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media<'a> {
    /// Which of the call's streams brought it, counted from 0.
    pub stream: u8,
    /// The track's index (0 inbound, 1 outbound).
    pub track: u8,
    /// The provider's sequence number.
    pub sequence: u64,
    /// The provider's timestamp, in milliseconds since the start of the stream.
    pub timestamp_ms: i64,
    /// mu-law samples at 8 kHz, one byte each.
    pub payload: &'a [u8],
}

impl<'a> Media<'a> {
    /// The provider's sequence number; a provider that gives none is written as 0, which no provider uses.
    pub fn provider_sequence(&self) -> Option<u64> {
        (self.sequence != 0).then_some(self.sequence)
    }

    /// The bytes before the payload.
    pub fn head(&self) -> [u8; MEDIA_HEAD_BYTES] {
        let mut head = [0; MEDIA_HEAD_BYTES];
        head[0] = self.stream;
        head[1] = self.track;
        head[2..10].copy_from_slice(&self.sequence.to_le_bytes());
        head[10..18].copy_from_slice(&self.timestamp_ms.to_le_bytes());
        head
    }

    /// Reads a body; `None` when it is too short to be one.
    pub fn decode(body: &'a [u8]) -> Option<Self> {
        let (head, payload) = body.split_first_chunk::<MEDIA_HEAD_BYTES>()?;
        Some(Self {
            stream: head[0],
            track: head[1],
            sequence: u64::from_le_bytes(field(head, 2)),
            timestamp_ms: i64::from_le_bytes(field(head, 10)),
            payload,
        })
    }
}

/// `N` bytes of a fixed-size head. The offsets are constants of this file, checked by its tests: they cannot be out of range.
fn field<const N: usize, const H: usize>(head: &[u8; H], offset: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&head[offset..offset + N]);
    bytes
}

/// The header of a file.
pub fn file_header() -> [u8; FILE_HEADER_BYTES] {
    let mut header = [0; FILE_HEADER_BYTES];
    header[..8].copy_from_slice(&MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    let crc = crc32fast::hash(&header[..12]);
    header[12..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The version in the header of a file; `None` when it is damaged or not a journal's.
pub fn file_version(header: &[u8; FILE_HEADER_BYTES]) -> Option<u32> {
    let crc = u32::from_le_bytes(field(header, 12));
    (header.starts_with(&MAGIC) && crc32fast::hash(&header[..12]) == crc)
        .then(|| u32::from_le_bytes(field(header, 8)))
}

/// Appends one entry whose body is `parts` in order. `head.body_bytes` is taken from the parts, which the caller has checked against
/// [`MAX_BODY_BYTES`].
pub fn encode_entry(out: &mut Vec<u8>, head: &Head, parts: &[&[u8]]) {
    let start = out.len();
    let body_bytes: usize = parts.iter().map(|part| part.len()).sum();
    out.reserve(ENTRY_FRAME_BYTES + body_bytes);
    out.extend_from_slice(&MARKER);
    out.extend_from_slice(&(body_bytes as u32).to_le_bytes());
    out.extend_from_slice(&head.sequence.to_le_bytes());
    out.extend_from_slice(&head.at_us.to_le_bytes());
    out.extend_from_slice(head.key.as_bytes());
    out.push(head.kind.code());
    let mut crc = crc32fast::Hasher::new();
    crc.update(&out[start..]);
    let head_crc = crc.clone().finalize();
    out.extend_from_slice(&head_crc.to_le_bytes());
    crc.update(&head_crc.to_le_bytes());
    for part in parts {
        out.extend_from_slice(part);
        crc.update(part);
    }
    out.extend_from_slice(&crc.finalize().to_le_bytes());
}

/// Reads the head of an entry at the start of `bytes`; `None` when there is no sound one.
pub fn decode_head(bytes: &[u8]) -> Option<Head> {
    let head = bytes.first_chunk::<ENTRY_HEAD_BYTES>()?;
    let crc = u32::from_le_bytes(field(head, HEAD_CHECKED_BYTES));
    if !head.starts_with(&MARKER) || crc32fast::hash(&head[..HEAD_CHECKED_BYTES]) != crc {
        return None;
    }
    let body_bytes = u32::from_le_bytes(field(head, 4)) as usize;
    (body_bytes <= MAX_BODY_BYTES).then(|| Head {
        body_bytes,
        sequence: u64::from_le_bytes(field(head, 8)),
        at_us: i64::from_le_bytes(field(head, 16)),
        key: CallId::from_bytes(field(head, 24)),
        kind: Kind::from_code(head[40]),
    })
}

/// The body of the whole entry `bytes`; `None` when its checksum does not hold.
pub fn decode_body(bytes: &[u8]) -> Option<&[u8]> {
    let (checked, crc) = bytes.split_last_chunk::<4>()?;
    (crc32fast::hash(checked) == u32::from_le_bytes(*crc))
        .then(|| checked.get(ENTRY_HEAD_BYTES..))
        .flatten()
}

/// Where the next marker may begin in `bytes`, at or after `from`. A marker cut off by the end counts.
pub fn find_marker(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += bytes
            .get(at..)?
            .iter()
            .position(|byte| *byte == MARKER[0])?;
        let rest = &bytes[at..];
        if rest.iter().zip(MARKER).all(|(byte, mark)| *byte == mark) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head(kind: Kind, sequence: u64, at_us: i64) -> Head {
        Head {
            key: CallId::from_bytes([3; 16]),
            sequence,
            at_us,
            kind,
            body_bytes: 0,
        }
    }

    #[test]
    fn every_kind_keeps_its_code() {
        for code in 0..=255 {
            assert_eq!(Kind::from_code(code).code(), code);
        }
    }

    #[test]
    fn the_layout_is_pinned() {
        let mut bytes = Vec::new();
        encode_entry(
            &mut bytes,
            &head(Kind::Heard, 0x0102_0304_0506_0708, -2),
            &[b"a", b"bc"],
        );
        assert_eq!(bytes.len(), ENTRY_FRAME_BYTES + 3);
        assert_eq!(&bytes[..8], [0xC1, b'O', b'J', 0xF5, 3, 0, 0, 0]);
        assert_eq!(
            &bytes[8..24],
            [
                8, 7, 6, 5, 4, 3, 2, 1, 0xFE, 255, 255, 255, 255, 255, 255, 255
            ]
        );
        assert_eq!(
            &bytes[24..41],
            [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 5]
        );
        assert_eq!(&bytes[45..48], b"abc");
        assert_eq!(file_header()[..12], *b"OFFHOOKJ\x01\0\0\0");
        assert_eq!(file_version(&file_header()), Some(VERSION));
    }

    proptest! {
        #[test]
        fn an_entry_reads_back(sequence: u64, at_us: i64, code: u8, body in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut bytes = Vec::new();
            let written = Head { body_bytes: body.len(), ..head(Kind::from_code(code), sequence, at_us) };
            encode_entry(&mut bytes, &written, &[&body]);
            let read = decode_head(&bytes).unwrap();
            prop_assert_eq!(read, written);
            prop_assert_eq!(bytes.len(), read.entry_bytes());
            prop_assert_eq!(decode_body(&bytes), Some(&body[..]));
        }

        #[test]
        fn a_media_body_reads_back(stream: u8, track: u8, sequence: u64, timestamp_ms: i64, payload in proptest::collection::vec(any::<u8>(), 0..400)) {
            let media = Media { stream, track, sequence, timestamp_ms, payload: &payload };
            let mut body = media.head().to_vec();
            body.extend_from_slice(&payload);
            prop_assert_eq!(Media::decode(&body), Some(media));
        }
    }
}
