//! [`Engine`] over whisper.cpp (whisper-rs 0.16): one state a worker, one template of parameters, no leaks, a stop that is sound.
//!
//! Why it looks as it does (whisper-rs 0.16.0 over whisper.cpp 1.8.3): `set_language` leaks a string at each call, so parameters are built
//! once and cloned; `set_abort_callback_safe` casts to the wrong type, so the raw callback is used; error codes arrive unmapped, so a stop
//! is told from a failure by the flag; inputs below 201 samples are read beyond their end, so every job is padded to a second.

// The abort callback is a C function pointer with a raw pointer beside it: the only unsafe code of the crate's speech side.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_void};
use std::sync::{Arc, Once};

use whisper_rs::whisper_rs_sys::{ggml_log_level, ggml_log_set, whisper_log_set};
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState,
};

use super::engine::{Decoded, Engine, EngineError, HeardWord, MakeEngine, Stop};
use super::model::{ModelError, ModelFacts, ModelFile};

/// Jobs are filled up with silence to this many samples: one second.
const SHORTEST_JOB: usize = 16_000;
/// Token budget of a job: a fixed part and one for each second, far above the fastest speech.
const TOKENS_FIXED: i32 = 8;
const TOKENS_PER_SECOND: i32 = 6;

/// A loaded model, shared by all workers.
pub struct Whisper {
    context: WhisperContext,
    facts: Arc<ModelFacts>,
    language: String,
}

impl Whisper {
    /// Loads a checked model file.
    ///
    /// # Errors
    /// The model cannot hear `language`, or whisper.cpp refuses the file.
    pub fn load(file: &ModelFile, language: &str) -> Result<Self, ModelError> {
        listen_to_the_log();
        if !file.facts.multilingual && language != "en" {
            return Err(ModelError::EnglishOnly {
                path: file.path.clone(),
                language: language.to_owned(),
            });
        }
        let refused = |cause: String| ModelError::Refused {
            path: file.path.clone(),
            cause,
        };
        if whisper_rs::get_lang_id(language).is_none() {
            return Err(refused(format!("it knows no language {language:?}")));
        }
        let mut parameters = WhisperContextParameters::default();
        // On a CPU flash attention is slower (tiny: 513 against 420 ms), and it pads keys to 256 without masking them.
        parameters.use_gpu(false).flash_attn(false);
        let context = WhisperContext::new_from_buffer_with_params(&file.bytes, parameters)
            .map_err(|error| refused(error.to_string()))?;
        Ok(Self {
            context,
            facts: Arc::new(file.facts.clone()),
            language: language.to_owned(),
        })
    }

    /// What is known of the model.
    pub fn facts(&self) -> &Arc<ModelFacts> {
        &self.facts
    }
}

impl MakeEngine for Whisper {
    fn make(&self) -> Result<Box<dyn Engine>, EngineError> {
        let state = self
            .context
            .create_state()
            .map_err(|error| EngineError::Failed(error.to_string()))?;
        let mut template = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        template.set_n_threads(1);
        template.set_language(Some(&self.language));
        template.set_no_context(true);
        template.set_single_segment(true);
        template.set_no_timestamps(true);
        // No second decode at a higher temperature: repeatable text and a bounded cost; guards judge the result instead.
        template.set_temperature_inc(0.0);
        template.set_suppress_blank(true);
        // The bundled model says "..." for silence, which is among the tokens this would forbid.
        template.set_suppress_nst(!self.facts.short_window());
        template.set_print_special(false);
        template.set_print_progress(false);
        template.set_print_realtime(false);
        template.set_print_timestamps(false);
        Ok(Box::new(WhisperEngine {
            state,
            template: detach(template),
            facts: Arc::clone(&self.facts),
            eot: self.context.token_eot(),
            padded: Vec::new(),
        }))
    }
}

/// The language string was leaked by `set_language` (once a state), so nothing of the template borrows from anybody.
fn detach(params: FullParams<'_, '_>) -> FullParams<'static, 'static> {
    // SAFETY: the lifetimes stand for the language (copied to the heap and never freed by whisper-rs) and for prompt tokens (never set).
    unsafe { std::mem::transmute(params) }
}

/// whisper.cpp writes some forty lines to stderr for each state: they go to the log instead, at debug level.
fn listen_to_the_log() {
    static ONCE: Once = Once::new();
    // SAFETY: the callback is a plain function that uses no user data.
    ONCE.call_once(|| unsafe {
        whisper_log_set(Some(log_line), std::ptr::null_mut());
        ggml_log_set(Some(log_line), std::ptr::null_mut());
    });
}

unsafe extern "C" fn log_line(_level: ggml_log_level, text: *const c_char, _: *mut c_void) {
    if !text.is_null() {
        // SAFETY: whisper.cpp and ggml pass the buffer of their own vsnprintf.
        let line = unsafe { CStr::from_ptr(text) }.to_string_lossy();
        tracing::debug!(target: "offhook::speech::whisper_cpp", "{}", line.trim_end());
    }
}

struct WhisperEngine {
    state: WhisperState,
    template: FullParams<'static, 'static>,
    facts: Arc<ModelFacts>,
    eot: i32,
    padded: Vec<f32>,
}

impl Engine for WhisperEngine {
    fn decode(&mut self, job: &[f32], stop: &Stop) -> Result<Decoded, EngineError> {
        let ms = job.len() as u64 / 16;
        if ms > self.facts.max_job_ms {
            return Err(EngineError::TooLong {
                ms,
                max_ms: self.facts.max_job_ms,
            });
        }
        self.padded.clear();
        self.padded.extend_from_slice(job);
        self.padded.resize(job.len().max(SHORTEST_JOB), 0.0);

        let mut params = self.template.clone();
        // Both fit: a window has at most 8192 positions and a job some hundred seconds.
        params.set_audio_ctx(self.facts.audio_ctx(self.padded.len()) as i32);
        params.set_max_tokens(
            TOKENS_FIXED + TOKENS_PER_SECOND * (self.padded.len() / 16_000 + 1) as i32,
        );
        // SAFETY: the callback gets this very `stop`, which the caller lends for the whole of `decode`; `full` returns before that ends
        // and whisper.cpp keeps no copy of the pointer that it would use without being called again with new parameters.
        unsafe {
            params.set_abort_callback(Some(asked_to_stop));
            params
                .set_abort_callback_user_data(std::ptr::from_ref(stop).cast_mut().cast::<c_void>());
        }
        if let Err(error) = self.state.full(params, &self.padded) {
            return Err(if stop.is_set() {
                EngineError::Aborted
            } else {
                EngineError::Failed(error.to_string())
            });
        }
        if stop.is_set() {
            return Err(EngineError::Aborted);
        }
        Ok(self.collect())
    }
}

unsafe extern "C" fn asked_to_stop(stop: *mut c_void) -> bool {
    // SAFETY: set in `decode`, where it points to a living `Stop`.
    unsafe { &*stop.cast::<Stop>() }.is_set()
}

impl WhisperEngine {
    fn collect(&self) -> Decoded {
        let mut words = WordBuilder::default();
        for segment in self.state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index) else {
                    continue;
                };
                let data = token.token_data();
                if data.id >= self.eot {
                    continue;
                }
                // A null text cannot come from a loaded vocabulary; skipping it loses nothing.
                let Ok(bytes) = token.to_bytes() else {
                    continue;
                };
                words.token(bytes, data.p);
            }
        }
        words.finish()
    }
}

/// Joins tokens to words: a token that begins with a space begins a word. Tokens may end inside a character, so bytes are joined.
#[derive(Default)]
struct WordBuilder {
    words: Vec<HeardWord>,
    bytes: Vec<u8>,
    logprob: f32,
    tokens: u32,
    all_logprob: f32,
    all_tokens: u32,
}

impl WordBuilder {
    fn token(&mut self, bytes: &[u8], p: f32) {
        if bytes.first() == Some(&b' ') {
            self.end_word();
        }
        let logprob = p.max(1e-6).ln();
        self.bytes.extend_from_slice(bytes);
        self.logprob += logprob;
        self.tokens += 1;
        self.all_logprob += logprob;
        self.all_tokens += 1;
    }

    fn end_word(&mut self) {
        let text = String::from_utf8_lossy(&self.bytes);
        let p = if self.tokens == 0 {
            0.0
        } else {
            (self.logprob / self.tokens as f32).exp()
        };
        for part in text.split_whitespace() {
            // Dots alone are the bundled model's word for silence; lone punctuation says nothing either.
            if part.chars().any(char::is_alphanumeric) {
                self.words.push(HeardWord {
                    text: part.to_owned(),
                    p,
                });
            }
        }
        self.bytes.clear();
        self.logprob = 0.0;
        self.tokens = 0;
    }

    fn finish(mut self) -> Decoded {
        self.end_word();
        let avg_logprob = if self.all_tokens == 0 {
            0.0
        } else {
            self.all_logprob / self.all_tokens as f32
        };
        Decoded {
            words: self.words,
            avg_logprob,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(tokens: &[(&str, f32)]) -> Decoded {
        let mut words = WordBuilder::default();
        for (text, p) in tokens {
            words.token(text.as_bytes(), *p);
        }
        words.finish()
    }

    #[test]
    fn tokens_become_words_with_their_probability() {
        let decoded = build(&[
            (" my", 0.5),
            (" gon", 0.81),
            ("zales", 1.0),
            (",", 0.01),
            (" five", 1.0),
        ]);
        let texts: Vec<_> = decoded.words.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(texts, ["my", "gonzales,", "five"]);
        assert!((decoded.words[0].p - 0.5).abs() < 1e-6);
        assert!((decoded.words[1].p - (0.81f32 * 0.01).powf(1.0 / 3.0)).abs() < 1e-6);
        assert!(decoded.avg_logprob < 0.0);
    }

    #[test]
    fn the_word_for_silence_is_no_word() {
        assert!(build(&[("...", 0.99)]).words.is_empty());
        assert!(build(&[(" ...", 0.99), (" -", 0.4)]).words.is_empty());
        assert_eq!(build(&[("...", 0.99), (" yes", 0.4)]).words.len(), 1);
    }

    #[test]
    fn a_character_may_be_split_over_tokens() {
        let mut words = WordBuilder::default();
        words.token(b" caf\xc3", 1.0);
        words.token(b"\xa9", 1.0);
        assert_eq!(words.finish().words[0].text, "café");
    }

    #[test]
    fn the_bundled_model_decodes_stops_and_refuses_long_jobs() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/models/offhook-phone-en.bin");
        let file = ModelFile::read(std::path::Path::new(path)).unwrap();
        assert!(matches!(
            Whisper::load(&file, "de"),
            Err(ModelError::EnglishOnly { .. })
        ));
        let whisper = Whisper::load(&file, "en").unwrap();
        let mut engine = whisper.make().unwrap();
        for len in [0, 1, 100, 201, 16_000, 80_000, 160_000] {
            assert_eq!(
                engine
                    .decode(&vec![0.0; len], &Stop::default())
                    .unwrap()
                    .words,
                [],
                "{len} samples of silence"
            );
        }
        let stop = Stop::default();
        stop.set();
        assert_eq!(
            engine.decode(&[0.0; 16_000], &stop),
            Err(EngineError::Aborted)
        );
        assert!(
            engine.decode(&[0.0; 16_000], &Stop::default()).is_ok(),
            "the state survives a stop"
        );
        assert!(matches!(
            engine.decode(&vec![0.0; 170_000], &Stop::default()),
            Err(EngineError::TooLong { .. })
        ));
    }
}
