//! The same calls in real time: the running service with its threads, frames through the rings, events by the clock on the wall.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::material::Call;
use super::simulate::{CUT_OFF_US, Heard, Outcome, WARM_UP_US, frame};
use super::{BenchError, Setup};
use crate::audio::FRAME_SAMPLES;
use crate::audio::ring::{self, Writer};
use crate::speech::recogniser::Totals;
use crate::speech::whisper::Whisper;
use crate::speech::{Speech, SpeechEvent};

const TICK: Duration = Duration::from_millis(20);
/// Real time is dear: the calls begin within this time, and what is said later is judged.
const WARM_UP_S: u64 = 10;
/// After the last frame.
const FINISH: Duration = Duration::from_secs(6);

struct Listened {
    writer: Option<Writer>,
    events: UnboundedReceiver<SpeechEvent>,
    heard: Heard,
    position: usize,
    begins_us: u64,
}

impl Listened {
    fn drain(&mut self, now_us: u64) {
        while let Ok(event) = self.events.try_recv() {
            self.heard.events.push((now_us, event));
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.heard.events.last(), Some((_, SpeechEvent::Done(_))))
    }
}

/// So many calls at once for `seconds` behind the warm-up.
///
/// # Errors
/// The service does not start.
pub fn run(
    setup: &Setup,
    calls: &[Call],
    whisper: Arc<Whisper>,
    at_once: usize,
    seconds: u64,
) -> Result<Outcome, BenchError> {
    let facts = Arc::clone(&setup.facts);
    let speech = Speech::with_engines(&setup.settings, facts, whisper)?;
    let began = Instant::now();
    let cpu_before = process_time();
    let now_us = || began.elapsed().as_micros() as u64;
    let length_us = (WARM_UP_S + seconds) * 1_000_000;
    let mut lines: Vec<Listened> = Vec::new();
    let mut past: Vec<Listened> = Vec::new();
    let mut next_call: HashMap<usize, usize> = HashMap::new();
    let open = |slot: usize, call: usize, begins_us: u64| {
        let tracks = calls.get(call).into_iter().flat_map(Call::tracks);
        tracks
            .map(|(track, _)| {
                let (writer, reader) = ring::channel();
                let (sender, events) = unbounded_channel();
                speech.listen(track, reader, sender);
                let heard = Heard {
                    call,
                    track,
                    began_us: begins_us,
                    has_finals: true,
                    events: Vec::new(),
                };
                let line = Listened {
                    writer: Some(writer),
                    events,
                    heard,
                    position: 0,
                    begins_us,
                };
                (slot, line)
            })
            .collect::<Vec<_>>()
    };
    let mut slots: Vec<(usize, Listened)> = Vec::new();
    for slot in 0..at_once {
        let begins_us = WARM_UP_S * 1_000_000 * slot as u64 / at_once as u64;
        slots.extend(open(slot, slot % calls.len().max(1), begins_us));
    }
    let mut next_tick = began;
    while now_us() < length_us {
        next_tick += TICK;
        std::thread::sleep(next_tick.saturating_duration_since(Instant::now()));
        let now = now_us();
        let mut over = Vec::new();
        for (slot, line) in &mut slots {
            line.drain(now);
            let Some((_, samples)) = calls
                .get(line.heard.call)
                .and_then(|call| call.tracks().find(|(track, _)| *track == line.heard.track))
            else {
                continue;
            };
            // As many frames as have been spoken by now.
            while line.begins_us + (line.position + FRAME_SAMPLES) as u64 * 125 / 2 <= now {
                match (frame(samples, line.position), &mut line.writer) {
                    (Some(frame), Some(writer)) => writer.push(frame),
                    _ => {
                        if line.writer.take().is_some() {
                            over.push(*slot);
                        }
                        break;
                    }
                }
                line.position += FRAME_SAMPLES;
            }
        }
        let (ended, going): (Vec<_>, Vec<_>) = slots
            .into_iter()
            .partition(|(_, line)| line.writer.is_none() && line.is_done());
        past.extend(ended.into_iter().map(|(_, line)| line));
        slots = going;
        over.sort_unstable();
        over.dedup();
        for slot in over {
            let turn = next_call.entry(slot).or_insert(slot);
            *turn += 1;
            slots.extend(open(slot, *turn % calls.len().max(1), now + 1_000_000));
        }
    }
    let ended_us = now_us();
    let busy_us = (process_time() - cpu_before).as_micros() as u64;
    lines.extend(slots.into_iter().map(|(_, line)| line));
    for line in &mut lines {
        line.writer = None;
    }
    let finish = Instant::now() + FINISH;
    while Instant::now() < finish && !lines.iter().all(Listened::is_done) {
        std::thread::sleep(TICK);
        let now = now_us();
        lines.iter_mut().for_each(|line| line.drain(now));
    }
    lines.extend(past);
    Ok(Outcome {
        calls: at_once,
        judged_from_us: WARM_UP_US.min(WARM_UP_S * 1_000_000),
        judged_until_us: ended_us.saturating_sub(CUT_OFF_US),
        ended_us,
        heard: lines.into_iter().map(|line| line.heard).collect(),
        offered: at_once as u64,
        refused: 0,
        busy_us,
        listener_us: None,
        audio_us: 2 * at_once as u64 * ended_us,
        totals: Totals::default(),
    })
}

fn process_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    // A process's time is never negative.
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}
