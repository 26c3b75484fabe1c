//! The threads that hold the connections: one that writes, so that a node's changes are in one order, and a few that read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::error::DatabaseError;
use super::sql::Sql;

/// How many queries may read at once.
pub const READERS: usize = 4;

/// What is done within one transaction. An error that the connection did not make itself is told by `Err(())`.
pub type Work<'a> = &'a mut dyn FnMut(&mut dyn Sql) -> Result<(), ()>;

/// One connection to a database, owned by one thread.
pub trait Connection: Send {
    /// Runs `work` in one transaction: committed when it returns, undone when it fails. It may run again when the database asks for
    /// that (a transaction of another machine came between).
    ///
    /// # Errors
    /// What the database refused outside of `work`: beginning, committing. Nothing was changed then, unless the connection was lost
    /// while committing.
    fn transaction(&mut self, work: Work<'_>) -> Result<(), DatabaseError>;

    /// Makes what was deleted unreadable in the database's files; `false` when somebody still reads what was there before.
    ///
    /// # Errors
    /// When the database refuses.
    fn scrub(&mut self) -> Result<bool, DatabaseError>;
}

type Job = Box<dyn FnOnce(&mut dyn Connection) + Send>;

/// One thread for changes and [`READERS`] for queries.
pub struct Pool {
    writer: Option<Sender<Job>>,
    reader: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        writer: Box<dyn Connection>,
        readers: Vec<Box<dyn Connection>>,
    ) -> std::io::Result<Self> {
        let mut pool = Self {
            writer: None,
            reader: None,
            threads: Vec::new(),
        };
        let (sender, jobs) = mpsc::channel();
        pool.writer = Some(sender);
        pool.serve("database-writer", writer, Arc::new(Mutex::new(jobs)))?;
        let (sender, jobs) = mpsc::channel();
        pool.reader = Some(sender);
        let jobs = Arc::new(Mutex::new(jobs));
        for reader in readers {
            pool.serve("database-reader", reader, jobs.clone())?;
        }
        Ok(pool)
    }

    fn serve(
        &mut self,
        name: &str,
        mut connection: Box<dyn Connection>,
        jobs: Arc<Mutex<Receiver<Job>>>,
    ) -> std::io::Result<()> {
        let next = move || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let work = move || {
            while let Ok(job) = next() {
                // A mistake in one query must not take the database from all others; who asked gets `Closed`.
                if catch_unwind(AssertUnwindSafe(|| job(&mut *connection))).is_err() {
                    tracing::error!("a database query panicked; its transaction was undone");
                }
            }
        };
        self.threads.push(
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(work)?,
        );
        Ok(())
    }

    /// Runs `change` on the thread that writes.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
        F: Fn(&mut dyn Sql) -> Result<T, E> + Send + 'static,
    {
        run(self.writer.as_ref(), change).await
    }

    /// Makes what was deleted unreadable in the database's files.
    pub async fn scrub(&self) -> Result<bool, DatabaseError> {
        let (done, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let _ = done.send(connection.scrub());
        });
        self.writer
            .as_ref()
            .and_then(|writer| writer.send(job).ok())
            .ok_or(DatabaseError::Closed)?;
        answer.await.map_err(|_| DatabaseError::Closed)?
    }

    /// Runs `query` on a thread that reads.
    pub async fn read<T, E, F>(&self, query: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
        F: Fn(&mut dyn Sql) -> Result<T, E> + Send + 'static,
    {
        run(self.reader.as_ref(), query).await
    }
}

async fn run<T, E, F>(threads: Option<&Sender<Job>>, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DatabaseError> + Send + 'static,
    F: Fn(&mut dyn Sql) -> Result<T, E> + Send + 'static,
{
    let (done, answer) = oneshot::channel();
    let job: Job = Box::new(move |connection| {
        let mut outcome = None;
        let committed = connection.transaction(&mut |sql| {
            let result = work(sql);
            let done = result.as_ref().map(|_| ()).map_err(|_| ());
            outcome = Some(result);
            done
        });
        // The error is made only where it is one: who turns it into another kind may write it to a log.
        let answer = match committed {
            Err(error) => Err(E::from(error)),
            Ok(()) => outcome.unwrap_or_else(|| Err(DatabaseError::Closed.into())),
        };
        // Nobody may be waiting any more; the change is made all the same.
        let _ = done.send(answer);
    });
    threads
        .and_then(|threads| threads.send(job).ok())
        .ok_or(DatabaseError::Closed)?;
    answer.await.map_err(|_| DatabaseError::Closed)?
}

impl Drop for Pool {
    fn drop(&mut self) {
        drop((self.writer.take(), self.reader.take()));
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
