//! Many calls at once: evenly begun, each in its own real time.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::{Call, DialError, Lateness};

/// A load of calls.
#[derive(Debug, Clone)]
pub struct Load {
    /// What each call is like; every one gets ids of its own.
    pub call: Call,
    /// How many.
    pub calls: u64,
    /// Time over which they begin.
    pub ramp: Duration,
}

/// What a load was like from the callers' side.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LoadReport {
    /// Calls begun.
    pub calls: u64,
    /// Calls that spoke to their end.
    pub completed: u64,
    /// Streams refused with an HTTP status, by status.
    pub refused: std::collections::BTreeMap<u16, u64>,
    /// Calls that could not connect.
    pub unconnected: u64,
    /// Calls that the server closed early.
    pub closed_early: u64,
    /// Why the first failed call failed.
    pub first_failure: Option<String>,
    /// Media messages sent by completed calls.
    pub frames_sent: u64,
    /// Bytes of messages sent by completed calls.
    pub bytes_sent: u64,
    /// How late frames went out.
    pub lateness: Lateness,
    /// Slowest upgrade.
    pub slowest_connect: Duration,
    /// From the first call to the end of the last.
    pub wall: Duration,
    /// CPU time of this process meanwhile, where the system tells.
    pub cpu: Option<Duration>,
}

impl Load {
    /// Places all calls and waits for them. A call that fails is counted, not an error.
    ///
    /// # Errors
    /// When the system gives no random numbers for ids.
    pub async fn place(self) -> Result<LoadReport, DialError> {
        let begun = Instant::now();
        let cpu_before = process_cpu();
        let mut running = JoinSet::new();
        let mut report = LoadReport::default();
        for n in 0..self.calls {
            let fresh = Call::new(self.call.to.clone(), self.call.audio.clone())?;
            let call = Call {
                call_sid: fresh.call_sid,
                stream_sid: fresh.stream_sid,
                seed: fresh.seed,
                ..self.call.clone()
            };
            // Evenly over the ramp: frames of different calls then fall into different milliseconds, as they do in life.
            let at = begun + self.ramp.mul_f64(n as f64 / self.calls.max(1) as f64);
            running.spawn(async move {
                sleep_until(at).await;
                call.place().await
            });
        }
        while let Some(ended) = running.join_next().await {
            report.calls += 1;
            match ended {
                Ok(Ok(call)) => {
                    report.completed += 1;
                    report.frames_sent += call.frames_sent;
                    report.bytes_sent += call.bytes_sent;
                    report.lateness.merge(&call.lateness);
                    report.slowest_connect = report.slowest_connect.max(call.connect);
                }
                Ok(Err(error)) => {
                    match &error {
                        DialError::Refused { status, .. } => {
                            *report.refused.entry(*status).or_default() += 1
                        }
                        DialError::Closed { .. } => report.closed_early += 1,
                        _ => report.unconnected += 1,
                    }
                    report.first_failure.get_or_insert(error.to_string());
                }
                Err(error) => {
                    report.unconnected += 1;
                    report.first_failure.get_or_insert(error.to_string());
                }
            }
        }
        report.wall = begun.elapsed();
        report.cpu = cpu_before.and_then(|before| process_cpu()?.checked_sub(before));
        Ok(report)
    }
}

impl LoadReport {
    /// Calls that did not speak to their end.
    pub fn failed(&self) -> u64 {
        self.calls - self.completed
    }
}

impl std::fmt::Display for LoadReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "calls            {} begun, {} completed",
            self.calls, self.completed
        )?;
        for (status, count) in &self.refused {
            writeln!(f, "refused          {count} with HTTP {status}")?;
        }
        writeln!(f, "not connected    {}", self.unconnected)?;
        writeln!(f, "closed early     {}", self.closed_early)?;
        let seconds = self.wall.as_secs_f64().max(1e-9);
        writeln!(
            f,
            "frames sent      {} ({:.0} a second)",
            self.frames_sent,
            self.frames_sent as f64 / seconds
        )?;
        writeln!(
            f,
            "bytes sent       {} ({:.2} Mbit/s)",
            self.bytes_sent,
            self.bytes_sent as f64 * 8.0 / 1e6 / seconds
        )?;
        let ms = |us: u64| us as f64 / 1_000.0;
        writeln!(
            f,
            "send lateness    p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms",
            ms(self.lateness.quantile_us(0.5)),
            ms(self.lateness.quantile_us(0.99)),
            ms(self.lateness.max_us())
        )?;
        writeln!(
            f,
            "slowest connect  {:.1} ms",
            self.slowest_connect.as_secs_f64() * 1_000.0
        )?;
        write!(f, "wall             {:.1} s", self.wall.as_secs_f64())?;
        if let Some(cpu) = self.cpu {
            let per_frame = cpu.as_secs_f64() * 1e6 / self.frames_sent.max(1) as f64;
            write!(
                f,
                "\ncpu (generator)  {:.2} s, {per_frame:.1} us a frame",
                cpu.as_secs_f64()
            )?;
        }
        Ok(())
    }
}

/// User and system time of this process: fields 14 and 15 of `/proc/self/stat`, in ticks of 10 ms (`USER_HZ`). None elsewhere than Linux.
fn process_cpu() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name and may hold anything but a closing parenthesis at its end.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let user: u64 = fields.nth(11)?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}
