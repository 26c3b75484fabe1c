//! The running recogniser: loads the model, starts the threads, takes tracks.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::engine::{Engine, MakeEngine, Stop};
use super::listener::{Board, Feed, Listener, Message, lock};
use super::load::{Admission, Refused};
use super::model::watch::Watch;
use super::model::{ModelError, ModelFacts, ModelFile};
use super::pool::Pool;
use super::recogniser::Recogniser;
use super::transcribe::whole;
use super::whisper::Whisper;
use super::{Expectation, Load, Segment, Settings, SpeechEvent, SpeechState, measures, track};
use crate::audio::AudioFrame;
use crate::media::Track;

/// Why the recogniser does not start.
#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    /// A setting is out of range.
    #[error("{0}")]
    Settings(String),
    /// The model file.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The first decode failed.
    #[error("the speech model {model} does not decode: {cause}")]
    Engine {
        /// Its name.
        model: String,
        /// What failed.
        cause: String,
    },
    /// No thread.
    #[error("no thread for speech recognition: {0}")]
    Thread(#[from] std::io::Error),
}

/// The recogniser of the whole process. Dropping it is [`Speech::shutdown`].
pub struct Speech {
    /// `None` if switched off.
    running: Option<Running>,
    model: Option<Arc<ModelFacts>>,
    make: Option<Arc<dyn MakeEngine>>,
}

struct Running {
    messages: Sender<Message>,
    board: Arc<Board>,
    listener: Option<JoinHandle<()>>,
}

impl Speech {
    /// Checks the settings, loads the model, warms every worker with a decode and starts the threads. Blocks for as long as that takes
    /// (under a second for the bundled model).
    ///
    /// # Errors
    /// Settings out of range; a model that is missing, broken or of the wrong language; no memory or no threads.
    pub fn start(settings: &Settings) -> Result<Self, SpeechError> {
        settings.validate().map_err(SpeechError::Settings)?;
        if !settings.enabled {
            return Ok(Self {
                running: None,
                model: None,
                make: None,
            });
        }
        let watch = Watch::new(&settings.model);
        let file = ModelFile::read(&settings.model)?;
        let whisper = Whisper::load(&file, &settings.language)?;
        // whisper.cpp has its own copy now.
        drop(file);
        let facts = Arc::clone(whisper.facts());
        Self::over(settings, facts, Arc::new(whisper), Some(watch))
    }

    /// The same over any engine.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn with_engines(
        settings: &Settings,
        facts: Arc<ModelFacts>,
        make: Arc<dyn MakeEngine>,
    ) -> Result<Self, SpeechError> {
        Self::over(settings, facts, make, None)
    }

    fn over(
        settings: &Settings,
        facts: Arc<ModelFacts>,
        make: Arc<dyn MakeEngine>,
        watch: Option<Watch>,
    ) -> Result<Self, SpeechError> {
        let failed = |error: super::engine::EngineError| SpeechError::Engine {
            model: facts.name.to_string(),
            cause: error.to_string(),
        };
        let mut engines = Vec::new();
        let mut turn = Duration::MAX;
        for _ in 0..settings.worker_count() {
            let mut engine = make.make().map_err(failed)?;
            // Twice: the first decode also pays for memory.
            turn = turn
                .min(warm(engine.as_mut()).map_err(failed)?)
                .min(warm(engine.as_mut()).map_err(failed)?);
            engines.push(engine);
        }
        let turn_us = u64::try_from(turn.as_micros()).unwrap_or(u64::MAX);
        let workers = engines.len();
        tracing::info!(model = %facts.name, weights = facts.weights(), workers, turn_ms = turn_us / 1_000, "speech recognition is ready");

        let (messages, inbox) = channel();
        let to_listener = messages.clone();
        let pool = Pool::start(engines, &make, move |report| {
            // The listener outlives the pool, which it owns.
            let _ = to_listener.send(Message::Worker(report));
        })?;
        let tuning = track::tuning(settings, facts.max_job_ms);
        let recogniser = Recogniser::new(
            tuning,
            Arc::clone(&facts.name),
            workers,
            settings.cadence_ms,
            turn_us,
        );
        let board = Arc::new(Board {
            began: Instant::now(),
            admission: Mutex::new(Admission::new(workers, turn_us)),
            load: Mutex::new(recogniser.load()),
        });
        let listener = Listener::new(recogniser, pool, inbox, Arc::clone(&board), watch);
        let listener = thread::Builder::new()
            .name("speech-listener".to_owned())
            .spawn(move || listener.run())?;
        Ok(Self {
            running: Some(Running {
                messages,
                board,
                listener: Some(listener),
            }),
            model: Some(facts),
            make: Some(make),
        })
    }

    /// May another call (two tracks) be listened to? A yes keeps its place for ten seconds.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self) -> Result<(), Refused> {
        let Some(running) = &self.running else {
            return Err(Refused::Disabled);
        };
        if running
            .listener
            .as_ref()
            .is_none_or(JoinHandle::is_finished)
        {
            return Err(Refused::Stopped);
        }
        let verdict = lock(&running.board.admission).admit(running.board.now_us());
        if verdict.is_err() {
            measures::refused();
        }
        verdict
    }

    /// Listens to a track until the ring's producer is dropped and the last final is sent; then comes [`SpeechEvent::Done`]. If speech
    /// recognition is off, [`SpeechState::Stopped`] and `Done` come at once. Two tracks with clones of one sender are of one call: their
    /// finals come in the order in which the utterances ended, as far as a second's wait allows. If the channel closes without `Done`, it has broken down.
    pub fn listen(
        &self,
        track: Track,
        reader: rtrb::Consumer<AudioFrame>,
        events: UnboundedSender<SpeechEvent>,
    ) -> TrackHandle {
        let expectation = Arc::new(AtomicU8::new(0));
        let handle = TrackHandle {
            expectation: Arc::clone(&expectation),
        };
        let feed = Feed {
            track,
            reader,
            events,
            expectation,
        };
        let refused = match &self.running {
            Some(running) => match running.messages.send(Message::Listen(feed)) {
                Err(std::sync::mpsc::SendError(Message::Listen(feed))) => Some(feed),
                _ => None,
            },
            None => Some(feed),
        };
        if let Some(feed) = refused {
            // A closed channel means that the call does not care any more.
            let _ = feed.events.send(SpeechEvent::State(SpeechState::Stopped));
            let _ = feed.events.send(SpeechEvent::Done(track));
        }
        handle
    }

    /// Transcribes samples of the past at once, by an engine of their own: calls that go on are not held up. `samples` begin at
    /// `from_ms` of their track, whose next utterance has the number `first`. Nothing if speech recognition is off.
    ///
    /// # Errors
    /// No engine can be made, or a decode failed.
    pub fn transcribe(
        &self,
        track: Track,
        samples: &[f32],
        from_ms: u64,
        first: u32,
    ) -> Result<Vec<Segment>, SpeechError> {
        let (Some(make), Some(facts)) = (&self.make, &self.model) else {
            return Ok(Vec::new());
        };
        if samples.is_empty() {
            return Ok(Vec::new());
        }
        let failed = |error: super::engine::EngineError| SpeechError::Engine {
            model: facts.name.to_string(),
            cause: error.to_string(),
        };
        let mut engine = make.make().map_err(failed)?;
        let mut segments =
            whole::transcribe(track, samples, facts, engine.as_mut()).map_err(failed)?;
        for segment in &mut segments {
            segment.utterance += first;
            segment.start_ms += from_ms;
            segment.end_ms += from_ms;
            for word in &mut segment.words {
                word.start_ms += from_ms;
                word.end_ms += from_ms;
            }
        }
        Ok(segments)
    }

    /// How busy it is.
    pub fn load(&self) -> Load {
        self.running
            .as_ref()
            .map_or_else(Load::default, |running| lock(&running.board.load).clone())
    }

    /// What is known of the model; nothing if speech recognition is off.
    pub fn model(&self) -> Option<&ModelFacts> {
        self.model.as_deref()
    }

    /// Takes no more audio, decodes what was spoken (for at most five seconds), and ends the threads.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::Shutdown);
        if let Some(listener) = self.listener.take() {
            // Its panic was already printed by the hook.
            let _ = listener.join();
        }
    }
}

/// Steers the listening to one track.
#[derive(Debug, Clone)]
pub struct TrackHandle {
    expectation: Arc<AtomicU8>,
}

impl TrackHandle {
    /// What the call expects to hear next: pauses inside numbers and spellings do not end the utterance.
    pub fn expect(&self, expectation: Expectation) {
        self.expectation
            .store(expectation.code(), Ordering::Relaxed);
    }
}

/// How long a 3-second job takes. A faint hum, for digital silence is decoded faster than speech.
fn warm(engine: &mut dyn Engine) -> Result<Duration, super::engine::EngineError> {
    let hum: Vec<f32> = (0..48_000)
        .map(|n| 0.01 * (n as f32 * 0.05).sin())
        .collect();
    let began = Instant::now();
    engine.decode(&hum, &Stop::default())?;
    Ok(began.elapsed())
}

#[cfg(test)]
mod tests;
