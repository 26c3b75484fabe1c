use std::collections::VecDeque;

use super::*;
use crate::speech::load::Cadence;

/// Cost and end of the speech, µs.
type Job = (u64, u64);

fn entry(track: TrackId, ticket: u64, is_final: bool, deadline_us: u64) -> Entry<Job> {
    Entry {
        track,
        ticket,
        is_final,
        deadline_us,
        job: (0, 0),
    }
}

fn order(queue: &mut Queue<Job>) -> Vec<(TrackId, u64)> {
    std::iter::from_fn(|| queue.pop().map(|e| (e.track, e.ticket))).collect()
}

#[test]
fn finals_go_first_then_partials_each_by_deadline() {
    let mut queue = Queue::default();
    queue.push(entry(1, 10, false, 5));
    queue.push(entry(2, 20, true, 90));
    queue.push(entry(3, 30, false, 3));
    queue.push(entry(4, 40, true, 80));
    assert_eq!(order(&mut queue), [(4, 40), (2, 20), (3, 30), (1, 10)]);
}

#[test]
fn a_newer_partial_and_a_final_replace_a_waiting_partial() {
    let mut queue = Queue::default();
    queue.push(entry(1, 10, false, 1));
    queue.push(entry(1, 11, false, 2));
    assert_eq!((queue.partials(), queue.take_shed()), (1, 1));
    queue.push(entry(1, 12, true, 3));
    assert_eq!(
        (queue.partials(), queue.finals(), queue.take_shed()),
        (0, 1, 1)
    );
}

#[test]
fn a_track_has_one_running_partial() {
    let mut queue = Queue::default();
    queue.push(entry(1, 10, false, 1));
    assert_eq!(queue.pop().unwrap().ticket, 10);
    queue.push(entry(1, 11, false, 2));
    queue.push(entry(2, 20, false, 9));
    assert_eq!(queue.pop().unwrap().track, 2);
    assert!(queue.pop().is_none());
    queue.partial_done(1);
    assert_eq!(queue.pop().unwrap().ticket, 11);
}

#[test]
fn a_demoted_final_is_a_partial_and_a_hurried_one_is_next() {
    let mut queue = Queue::default();
    queue.push(entry(1, 10, true, 50));
    queue.push(entry(2, 20, true, 60));
    queue.push(entry(3, 30, true, 70));
    queue.push(entry(3, 31, true, 71));
    queue.demote(1, 10);
    queue.demote(1, 99);
    queue.hurry(3, 5);
    assert_eq!(order(&mut queue), [(3, 30), (3, 31), (2, 20), (1, 10)]);
    queue.push(entry(1, 10, true, 50));
    queue.forget(1);
    assert!(queue.pop().is_none());
}

proptest::proptest! {
    /// Finals are never dropped, whatever else happens.
    #[test]
    fn every_final_is_popped_once(steps in proptest::collection::vec((0u8..8, 0u64..4, 0u64..1_000), 1..200)) {
        let mut queue = Queue::default();
        let mut expected = std::collections::BTreeSet::new();
        for (ticket, (what, track, at)) in (0u64..).zip(steps) {
            match what {
                0..=2 => { queue.push(entry(track, ticket, true, at)); expected.insert(ticket); }
                3 | 4 => queue.push(entry(track, ticket, false, at)),
                5 => queue.hurry(track, at),
                6 => queue.partial_done(track),
                _ => if let Some(e) = queue.pop() && e.is_final {
                    proptest::prop_assert!(expected.remove(&e.ticket));
                }
            }
            proptest::prop_assert!(queue.partials() <= 4);
        }
        for track in 0..4 { queue.partial_done(track); }
        while let Some(e) = queue.pop() {
            proptest::prop_assert!(!e.is_final || expected.remove(&e.ticket));
        }
        proptest::prop_assert!(expected.is_empty());
    }
}

/// What decides about the order in the simulation.
trait Policy {
    fn push(&mut self, entry: Entry<Job>);
    fn pop(&mut self) -> Option<Entry<Job>>;
    fn done(&mut self, entry: &Entry<Job>);
    fn cadence_ms(&mut self, now_us: u64, busy: bool) -> Option<u32>;
}

struct DeadlineQueue {
    queue: Queue<Job>,
    cadence: Cadence,
}

impl Policy for DeadlineQueue {
    fn push(&mut self, entry: Entry<Job>) {
        self.queue.push(entry);
    }
    fn pop(&mut self) -> Option<Entry<Job>> {
        self.queue.pop()
    }
    fn done(&mut self, entry: &Entry<Job>) {
        if !entry.is_final {
            self.queue.partial_done(entry.track);
        }
    }
    fn cadence_ms(&mut self, now_us: u64, busy: bool) -> Option<u32> {
        let late = self
            .queue
            .first_final()
            .map_or(0, |e| now_us.saturating_sub(e.deadline_us));
        self.cadence
            .observe(now_us, 20_000, if busy { 1.0 } else { 0.0 }, late);
        self.cadence.ms()
    }
}

/// First come, first served, at a fixed cadence.
struct Fifo(VecDeque<Entry<Job>>);

impl Policy for Fifo {
    fn push(&mut self, entry: Entry<Job>) {
        self.0.push_back(entry);
    }
    fn pop(&mut self) -> Option<Entry<Job>> {
        self.0.pop_front()
    }
    fn done(&mut self, _: &Entry<Job>) {}
    fn cadence_ms(&mut self, _: u64, _: bool) -> Option<u32> {
        Some(600)
    }
}

/// A tiny-sized model on one worker (measured: 44 ms and 50 ms a second of audio), `tracks` tracks with 45 % speech in turns of 2.6 s on
/// average. Answers the latency of each final from the end of the speech, ms, in order of completion.
fn simulate(tracks: u64, seconds: u64, policy: &mut dyn Policy) -> Vec<u64> {
    struct Speaker {
        speaks_until_us: u64,
        silent_until_us: u64,
        began_us: u64,
        asked_us: u64,
        final_due: bool,
        random: u64,
    }
    let mut speakers: Vec<Speaker> = (0..tracks)
        .map(|n| Speaker {
            speaks_until_us: 0,
            silent_until_us: n * 400_000,
            began_us: 0,
            asked_us: 0,
            final_due: false,
            random: n * 7_919 + 1,
        })
        .collect();
    let mut running: Option<(u64, Entry<Job>)> = None;
    let mut latencies = Vec::new();
    let mut ticket = 0;
    let mut push = |policy: &mut dyn Policy,
                    track: u64,
                    is_final: bool,
                    deadline_us: u64,
                    audio_us: u64,
                    end_us: u64| {
        ticket += 1;
        policy.push(Entry {
            track,

            ticket,
            is_final,
            deadline_us,
            job: (44_000 + audio_us / 20, end_us),
        });
    };
    let mut busy = false;
    for now_us in (0..seconds * 1_000_000).step_by(20_000) {
        let cadence = policy.cadence_ms(now_us, busy);
        for (track, s) in (0..).zip(&mut speakers) {
            if now_us < s.speaks_until_us {
                if cadence.is_some_and(|ms| now_us - s.asked_us >= u64::from(ms) * 1_000) {
                    s.asked_us = now_us;
                    push(
                        policy,
                        track,
                        false,
                        now_us + 800_000,
                        (now_us - s.began_us).min(8_000_000),
                        now_us,
                    );
                }
            } else if s.final_due && now_us >= s.speaks_until_us + 500_000 {
                s.final_due = false;
                let audio_us = (s.speaks_until_us - s.began_us).min(8_000_000);
                push(
                    policy,
                    track,
                    true,
                    s.speaks_until_us + 1_000_000,
                    audio_us,
                    s.speaks_until_us,
                );
            } else if !s.final_due && now_us >= s.silent_until_us {
                s.random = s
                    .random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let turn_us = 600_000 + (s.random >> 33) % 4_000_000;
                s.began_us = now_us;
                s.asked_us = now_us;
                s.speaks_until_us = now_us + turn_us;
                s.silent_until_us = s.speaks_until_us + turn_us * 55 / 45;
                s.final_due = true;
            }
        }
        while running.as_ref().is_none_or(|(until, _)| *until <= now_us) {
            if let Some((until, entry)) = running.take() {
                policy.done(&entry);
                if entry.is_final {
                    latencies.push((until - entry.job.1) / 1_000);
                }
            }
            let Some(entry) = policy.pop() else { break };
            running = Some((now_us + entry.job.0, entry));
        }
        busy = running.is_some();
    }
    latencies
}

fn p95(latencies: &[u64]) -> u64 {
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() * 95 / 100]
}

/// Six tracks are what first-come first-served can bear here; at twice that (and more) its finals fall ever further behind, while the
/// deadline queue keeps them bounded by giving up partials.
#[test]
fn finals_stay_bounded_at_twice_the_load_at_which_fifo_diverges() {
    let deadline_queue = |tracks| {
        simulate(
            tracks,
            300,
            &mut DeadlineQueue {
                queue: Queue::default(),
                cadence: Cadence::new(400),
            },
        )
    };
    let fifo = |tracks| simulate(tracks, 300, &mut Fifo(VecDeque::new()));

    assert!(p95(&fifo(6)) < 2_000, "{}", p95(&fifo(6)));
    let behind = fifo(12);
    let (first, second) = behind.split_at(behind.len() / 2);
    assert!(
        p95(second) > 10_000 && p95(second) > p95(first) + 5_000,
        "fifo: {} then {} ms",
        p95(first),
        p95(second)
    );

    for tracks in [6, 12, 20] {
        let kept = deadline_queue(tracks);
        let (first, second) = kept.split_at(kept.len() / 2);
        assert!(p95(&kept) <= 1_600, "{tracks} tracks: {} ms", p95(&kept));
        assert!(
            p95(second) <= p95(first) + 300,
            "{tracks} tracks: {} then {} ms",
            p95(first),
            p95(second)
        );
        eprintln!(
            "{tracks} tracks: final p95 {} ms, first come first served {} ms",
            p95(&kept),
            p95(&fifo(tracks))
        );
    }
}
