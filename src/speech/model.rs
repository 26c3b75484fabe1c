//! Model files: what a whisper.cpp file is, judged before whisper.cpp sees it.
//!
//! whisper.cpp trusts its input: a cut or foreign file ends in a bare "failed to load", some in a crash. So the whole container is walked
//! here first (magic, dimensions, mel filters, vocabulary, every tensor) and every refusal says what is wrong with which file.
//! The format is the one of `whisper_model_load` in whisper.cpp 1.8.3, which whisper-rs 0.16 carries.

pub mod watch;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::catalogue;

/// "ggml" as whisper.cpp writes it, little-endian.
const MAGIC: u32 = 0x6767_6d6c;
/// Vocabularies from this size on are multilingual (`whisper_vocab::is_multilingual`).
const MULTILINGUAL_VOCAB: u32 = 51_865;
/// The special tokens' ids are constants in whisper.cpp: a smaller vocabulary cannot hold them.
const SMALLEST_VOCAB: u32 = 51_864;
/// Audio positions of OpenAI's models: 30 s at 20 ms. Fewer mean a model trained for short windows, as the bundled one is.
const OPENAI_AUDIO_CTX: u32 = 1_500;
/// Audio of one position of `n_audio_ctx`.
const MS_PER_POSITION: u64 = 20;
/// Kept free at the end of the window.
const WINDOW_MARGIN_MS: u64 = 240;
/// Bins of whisper's 400-point spectrum.
const MEL_BINS: u32 = 201;
/// Quantised files add 1000 times the quantisation version to `ftype`.
const QUANT_VERSION_FACTOR: u32 = 1_000;

/// What is wrong with a model file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// There is no such file.
    #[error("speech model {} does not exist; `offhook models list` shows what is there and what can be pulled, `--model FILE` chooses another", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("speech model {} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// It ends too early: a broken download or copy.
    #[error("speech model {} is cut off: {what} needs {needed} bytes, the file has {size}; fetch it again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// What was being read.
        what: String,
        /// Bytes the file must have at least.
        needed: u64,
        /// Bytes it has.
        size: u64,
    },
    /// Something else than a whisper.cpp model.
    #[error("{} is not a whisper.cpp model: {what}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        what: String,
    },
    /// A whisper.cpp model with impossible contents.
    #[error("speech model {} is damaged: {what}; fetch it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is impossible.
        what: String,
    },
    /// It bears the name of a published model and is another file.
    #[error("speech model {} is not the published {name}: its sha256 is {found}, the published one's {expected}; `offhook models pull {name}` fetches that, a model of your own needs another name", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// The published model's name.
        name: &'static str,
        /// The sum of what is there.
        found: String,
        /// The sum that it should have.
        expected: &'static str,
    },
    /// The model does not speak the configured language.
    #[error("speech model {} is English only, but speech.language is {language:?}; take a multilingual model (a name without \".en\")", path.display())]
    EnglishOnly {
        /// The file.
        path: PathBuf,
        /// The configured language.
        language: String,
    },
    /// whisper.cpp refused what looked right.
    #[error("whisper.cpp refuses the speech model {}: {cause}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What it says.
        cause: String,
    },
}

/// What is known of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFacts {
    /// The file's name without its ending; what segments and records carry.
    pub name: Arc<str>,
    /// Of the whole file, lower-case hexadecimal.
    pub sha256: String,
    /// Bytes of the file.
    pub size_bytes: u64,
    /// Hears other languages than English.
    pub multilingual: bool,
    /// Audio positions of 20 ms.
    pub n_audio_ctx: u32,
    /// Decoder layers; with two whisper.cpp never predicts timestamps.
    pub n_text_layer: u32,
    /// Size of the token table.
    pub n_vocab: u32,
    /// ggml's number for the weights' type, without the quantisation version.
    pub ftype: u32,
    /// The longest audio one job may have, ms.
    pub max_job_ms: u64,
}

impl ModelFacts {
    /// A model with a window of its own size (the bundled one), trained on the two sizes that [`Self::audio_ctx`] picks from.
    pub fn short_window(&self) -> bool {
        self.n_audio_ctx < OPENAI_AUDIO_CTX
    }

    /// The encoder window for a job of `samples` at 16 kHz, in positions of 20 ms. The encoder's cost follows it.
    ///
    /// A short-window model hears 256 positions up to 5 s and its whole window beyond. OpenAI's models were trained on 1500 positions and
    /// bear a window fitted to the audio if some room is left behind it: `50 * s + 96`, in steps of 64, at least 192.
    pub fn audio_ctx(&self, samples: usize) -> u32 {
        let fitted = if self.short_window() {
            if samples <= 5 * 16_000 {
                256
            } else {
                self.n_audio_ctx
            }
        } else {
            let positions = u32::try_from(samples / 320)
                .unwrap_or(u32::MAX)
                .saturating_add(96);
            positions
                .checked_next_multiple_of(64)
                .unwrap_or(u32::MAX)
                .max(192)
        };
        fitted.min(self.n_audio_ctx)
    }

    /// `f16`, `q8_0` and the like.
    pub fn weights(&self) -> &'static str {
        match self.ftype {
            0 => "f32",
            1 => "f16",
            2 => "q4_0",
            3 => "q4_1",
            7 => "q8_0",
            8 => "q5_0",
            9 => "q5_1",
            10 => "q2_k",
            11 => "q3_k",
            12 => "q4_k",
            13 => "q5_k",
            14 => "q6_k",
            _ => "other",
        }
    }
}

/// A checked model file in memory: what was checked is what gets loaded, even if the file changes under a running server.
pub struct ModelFile {
    /// Where it came from.
    pub path: PathBuf,
    /// What it is.
    pub facts: ModelFacts,
    /// The whole file.
    pub bytes: Vec<u8>,
}

impl ModelFile {
    /// Reads and checks a model file.
    ///
    /// # Errors
    /// Missing, unreadable, cut off, something else, damaged, or not what its name says.
    pub fn read(path: &Path) -> Result<Self, ModelError> {
        let bytes = fs::read(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => ModelError::Missing {
                path: path.to_owned(),
            },
            _ => ModelError::Unreadable {
                path: path.to_owned(),
                cause: error.to_string(),
            },
        })?;
        let mut facts = inspect(path, &bytes)?;
        for byte in Sha256::digest(&bytes) {
            // Writing to a String cannot fail.
            let _ = write!(facts.sha256, "{byte:02x}");
        }
        if let Some(known) = catalogue::by_file(path).filter(|k| k.sha256 != facts.sha256) {
            return Err(ModelError::Altered {
                path: path.to_owned(),
                name: known.name,
                found: facts.sha256,
                expected: known.sha256,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            facts,
            bytes,
        })
    }
}

/// Checks a whole file's bytes; everything but the hash.
fn inspect(path: &Path, bytes: &[u8]) -> Result<ModelFacts, ModelError> {
    let mut walk = Walk { path, bytes, at: 0 };
    recognise(path, bytes)?;
    walk.at = 4;
    let [
        n_vocab,
        n_audio_ctx,
        n_audio_state,
        n_audio_head,
        n_audio_layer,
        n_text_ctx,
        n_text_state,
        n_text_head,
        n_text_layer,
        n_mels,
        ftype,
    ] = walk.u32s("the header")?;
    let plausible = [
        ("n_vocab", n_vocab, SMALLEST_VOCAB, 1 << 20),
        ("n_audio_ctx", n_audio_ctx, 64, 1 << 13),
        ("n_audio_state", n_audio_state, 32, 1 << 13),
        ("n_audio_head", n_audio_head, 1, 256),
        ("n_audio_layer", n_audio_layer, 1, 128),
        ("n_text_ctx", n_text_ctx, 16, 1 << 13),
        ("n_text_state", n_text_state, n_audio_state, n_audio_state),
        ("n_text_head", n_text_head, 1, 256),
        ("n_text_layer", n_text_layer, 1, 128),
        ("n_mels", n_mels, 80, 128),
    ];
    for (name, value, low, high) in plausible {
        if !(low..=high).contains(&value) {
            return Err(walk.damaged(format!("{name} is {value}, possible are {low} to {high}")));
        }
    }
    if n_audio_state % n_audio_head != 0 || n_text_state % n_text_head != 0 {
        return Err(walk.damaged(format!(
            "{n_audio_state} dimensions do not divide into {n_audio_head} and {n_text_head} heads"
        )));
    }
    let ftype = ftype % QUANT_VERSION_FACTOR;
    if !matches!(ftype, 0..=3 | 7..=14) {
        return Err(walk.damaged(format!("weights of the unknown type {ftype}")));
    }
    // A row of quantised weights is whole blocks; over a file whose rows are not, whisper.cpp ends the process.
    let block = match ftype {
        10..=14 => 256,
        2 | 3 | 7..=9 => 32,
        _ => 1,
    };
    if !n_audio_state.is_multiple_of(block) {
        return Err(walk.damaged(format!(
            "rows of {n_audio_state} weights are no whole blocks of {block}"
        )));
    }

    let [filter_mels, filter_bins] = walk.u32s("the mel filters")?;
    if filter_mels != n_mels || filter_bins != MEL_BINS {
        return Err(walk.damaged(format!(
            "mel filters of {filter_mels} x {filter_bins}, expected {n_mels} x {MEL_BINS}"
        )));
    }
    walk.skip(
        u64::from(filter_mels) * u64::from(filter_bins) * 4,
        "the mel filters",
    )?;

    let [words] = walk.u32s("the vocabulary")?;
    if words > n_vocab {
        return Err(walk.damaged(format!("{words} words in a vocabulary of {n_vocab}")));
    }
    for word in 0..words {
        let [len] = walk.u32s("the vocabulary")?;
        if len > 4_096 {
            return Err(walk.damaged(format!("word {word} of the vocabulary has {len} bytes")));
        }
        walk.skip(u64::from(len), "the vocabulary")?;
    }

    // Counted in whisper_model_load: 15 tensors an encoder layer, 24 a decoder layer, 7 and 4 beside them.
    let expected = 11 + 15 * n_audio_layer as usize + 24 * n_text_layer as usize;
    let mut names = HashSet::with_capacity(expected);
    while !walk.ended() {
        let name = walk.tensor(names.len())?;
        if !names.insert(name) {
            return Err(walk.damaged(format!("tensor {name:?} comes twice")));
        }
    }
    if names.len() < expected {
        return Err(ModelError::Truncated {
            path: path.to_owned(),
            what: format!("tensor {} of {expected}", names.len() + 1),
            needed: walk.at + 1,
            size: bytes.len() as u64,
        });
    }
    if names.len() > expected {
        return Err(walk.damaged(format!("{} tensors, expected {expected}", names.len())));
    }

    Ok(ModelFacts {
        name: path
            .file_stem()
            .map_or("model".into(), |stem| stem.to_string_lossy().into()),
        sha256: String::new(),
        size_bytes: bytes.len() as u64,
        multilingual: n_vocab >= MULTILINGUAL_VOCAB,
        n_audio_ctx,
        n_text_layer,
        n_vocab,
        ftype,
        max_job_ms: (u64::from(n_audio_ctx) * MS_PER_POSITION).saturating_sub(WINDOW_MARGIN_MS),
    })
}

/// Says what a file without the magic number seems to be.
fn recognise(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let foreign = |what: &str| {
        Err(ModelError::Foreign {
            path: path.to_owned(),
            what: what.to_owned(),
        })
    };
    let Some(magic) = bytes.first_chunk::<4>() else {
        return foreign(if bytes.is_empty() {
            "the file is empty"
        } else {
            "the file has only a few bytes"
        });
    };
    if u32::from_le_bytes(*magic) == MAGIC {
        return Ok(());
    }
    match magic {
        b"GGUF" => {
            foreign("it is a GGUF file (llama.cpp's format); take a ggml file of whisper.cpp")
        }
        b"ggml" => foreign("it was written on a big-endian machine"),
        b"PK\x03\x04" => {
            foreign("it is a zip archive, perhaps a PyTorch checkpoint; convert it to ggml first")
        }
        b"RIFF" => foreign("it is a WAV recording"),
        b"vers" if bytes.starts_with(b"version https://git-lfs") => {
            foreign("it is a git-lfs pointer: the model itself was not fetched")
        }
        b"<!DO" | b"<!do" | b"<htm" | b"<HTM" => {
            foreign("it is a web page, probably a download's error message")
        }
        _ => foreign("it does not begin with \"ggml\""),
    }
}

/// A reader that knows what it was reading when the file ended.
struct Walk<'a> {
    path: &'a Path,
    bytes: &'a [u8],
    at: u64,
}

impl<'a> Walk<'a> {
    fn ended(&self) -> bool {
        self.at >= self.bytes.len() as u64
    }

    fn damaged(&self, what: String) -> ModelError {
        ModelError::Damaged {
            path: self.path.to_owned(),
            what,
        }
    }

    fn skip(&mut self, len: u64, what: &str) -> Result<&'a [u8], ModelError> {
        let end = self.at.saturating_add(len);
        let range = usize::try_from(self.at).ok().zip(usize::try_from(end).ok());
        match range.and_then(|(from, to)| self.bytes.get(from..to)) {
            Some(taken) => {
                self.at = end;
                Ok(taken)
            }
            None => Err(ModelError::Truncated {
                path: self.path.to_owned(),
                what: what.to_owned(),
                needed: end,
                size: self.bytes.len() as u64,
            }),
        }
    }

    fn u32s<const N: usize>(&mut self, what: &str) -> Result<[u32; N], ModelError> {
        let bytes = self.skip(4 * N as u64, what)?;
        let mut numbers = [0; N];
        for (number, bytes) in numbers.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *number = u32::from_le_bytes(*bytes);
        }
        Ok(numbers)
    }

    fn tensor(&mut self, index: usize) -> Result<&'a str, ModelError> {
        let what = format!("tensor {}", index + 1);
        let [n_dims, name_len, kind] = self.u32s(&what)?;
        if !(1..=3).contains(&n_dims) || !(1..=128).contains(&name_len) {
            return Err(self.damaged(format!(
                "{what} claims {n_dims} dimensions and a name of {name_len} bytes"
            )));
        }
        // Overflow is impossible to reach with a real tensor, so saturation only turns nonsense into "cut off".
        let mut elements: u64 = 1;
        for _ in 0..n_dims {
            let [dim] = self.u32s(&what)?;
            elements = elements.saturating_mul(u64::from(dim));
        }
        let name = self.skip(u64::from(name_len), &what)?;
        let Ok(name) = std::str::from_utf8(name) else {
            return Err(self.damaged(format!("{what} has no readable name")));
        };
        let Some((block_bytes, block_len)) = block(kind) else {
            return Err(self.damaged(format!("tensor {name:?} has the unknown type {kind}")));
        };
        if !elements.is_multiple_of(block_len) {
            return Err(self.damaged(format!(
                "tensor {name:?} has {elements} elements, not a multiple of {block_len}"
            )));
        }
        self.skip(
            (elements / block_len).saturating_mul(block_bytes),
            &format!("tensor {name:?}"),
        )?;
        Ok(name)
    }
}

/// Bytes and elements of one block of a ggml tensor type (`type_traits` in ggml.c).
fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 => (4, 1),
        1 => (2, 1),
        2 => (18, 32),
        3 => (20, 32),
        6 => (22, 32),
        7 => (24, 32),
        8 => (34, 32),
        10 => (84, 256),
        11 => (110, 256),
        12 => (144, 256),
        13 => (176, 256),
        14 => (210, 256),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
