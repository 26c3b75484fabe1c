//! The worker threads: one engine each, jobs in, results out; an engine that fails or panics is replaced.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::engine::{Decoded, Engine, EngineError, MakeEngine, Stop};

/// How long a worker without an engine waits before it tries to make one again.
const REMAKE_EVERY: Duration = Duration::from_secs(5);

/// One job for a worker.
pub(super) struct Work {
    pub audio: Arc<[f32]>,
    pub stop: Arc<Stop>,
}

/// What a worker reports.
pub(super) enum Report {
    /// The job is through.
    Finished {
        worker: usize,
        outcome: Result<Decoded, EngineError>,
        took: Duration,
    },
    /// The engine broke and no new one can be made.
    Down { worker: usize },
    /// There is an engine again.
    Up { worker: usize },
}

/// The threads. They end when the pool is dropped.
pub(super) struct Pool {
    workers: Vec<(Sender<Work>, JoinHandle<()>)>,
}

impl Pool {
    /// Starts a thread for each engine. `report` is called on those threads.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        engines: Vec<Box<dyn Engine>>,
        make: &Arc<dyn MakeEngine>,
        report: impl Fn(Report) + Send + Clone + 'static,
    ) -> std::io::Result<Self> {
        let mut workers = Vec::with_capacity(engines.len());
        for (worker, engine) in engines.into_iter().enumerate() {
            let (sender, jobs) = channel();
            let (make, report) = (Arc::clone(make), report.clone());
            let thread = thread::Builder::new()
                .name(format!("speech-worker-{worker}"))
                .spawn(move || work(worker, Some(engine), &jobs, make.as_ref(), &report))?;
            workers.push((sender, thread));
        }
        Ok(Self { workers })
    }

    /// Hands a job to an idle worker.
    pub fn give(&self, worker: usize, work: Work) {
        if let Some((sender, _)) = self.workers.get(worker) {
            // A worker only ends after its sender was dropped.
            let _ = sender.send(work);
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let (senders, threads): (Vec<_>, Vec<_>) = self.workers.drain(..).unzip();
        drop(senders);
        for thread in threads {
            // Panics were caught inside; there is nothing left to report them to.
            let _ = thread.join();
        }
    }
}

fn work(
    worker: usize,
    mut engine: Option<Box<dyn Engine>>,
    jobs: &Receiver<Work>,
    make: &dyn MakeEngine,
    report: &impl Fn(Report),
) {
    loop {
        let job = match jobs.recv_timeout(if engine.is_some() {
            Duration::MAX
        } else {
            REMAKE_EVERY
        }) {
            Ok(job) => job,
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                if let Some(made) = remake(make) {
                    engine = Some(made);
                    report(Report::Up { worker });
                }
                continue;
            }
        };
        let Some(current) = engine.as_mut() else {
            // Given before the report that this worker is down was read.
            report(Report::Down { worker });
            continue;
        };
        let began = Instant::now();
        // The engine is thrown away after a panic, so no broken state is seen again.
        let outcome = catch_unwind(AssertUnwindSafe(|| current.decode(&job.audio, &job.stop)));
        let took = began.elapsed();
        let outcome =
            outcome.unwrap_or_else(|_| Err(EngineError::Failed("the decoder panicked".to_owned())));
        let broken = matches!(outcome, Err(EngineError::Failed(_)));
        report(Report::Finished {
            worker,
            outcome,
            took,
        });
        if broken {
            engine = remake(make);
            if engine.is_none() {
                report(Report::Down { worker });
            }
        }
    }
}

fn remake(make: &dyn MakeEngine) -> Option<Box<dyn Engine>> {
    match catch_unwind(AssertUnwindSafe(|| make.make())) {
        Ok(Ok(engine)) => Some(engine),
        Ok(Err(error)) => {
            tracing::error!(%error, "no new speech engine");
            None
        }
        Err(_) => {
            tracing::error!("making a speech engine panicked");
            None
        }
    }
}
