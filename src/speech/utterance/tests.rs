use proptest::prelude::*;

use super::*;

/// Speaks to a machine in frames of 16 ms.
struct Line {
    machine: Utterances,
    at: u64,
    jobs: Vec<Job>,
    said: Vec<Said>,
    /// What the owner held before the last step.
    kept: u64,
}

impl Line {
    fn new() -> Self {
        // The stories below count on a first partial after 600 ms, whatever the default is.
        let mut machine = Utterances::new(Tuning {
            first_partial: 600 * 16,
            ..Tuning::new(500, 900, 10_000)
        });
        machine.set_cadence(Some(600 * 16));
        Self {
            machine,
            at: 0,
            jobs: Vec::new(),
            said: Vec::new(),
            kept: 0,
        }
    }

    fn collect(&mut self) {
        while let Some(order) = self.machine.poll_order() {
            match order {
                Order::Decode(job) => {
                    assert!(
                        job.start < job.end && job.end <= self.at,
                        "{job:?} at {}",
                        self.at
                    );
                    assert!(job.start >= self.kept, "names audio that was let go");
                    assert!(
                        job.end - job.start <= 160_000,
                        "longer than the model takes"
                    );
                    assert!(
                        job.voiced
                            .iter()
                            .all(|(from, to)| from < to && *from >= job.start && *to <= job.end)
                    );
                    self.jobs.push(job);
                }
                Order::Demote { ticket } => assert!(self.jobs.iter().any(|j| j.ticket == ticket)),
            }
        }
        while let Some(said) = self.machine.poll_said() {
            self.said.push(said);
        }
        self.kept = self.machine.keep_from();
    }

    fn frame(&mut self, p: f32) {
        let frame = VadFrame {
            start: self.at,
            p,
            voiced: p >= 0.5,
        };
        self.at = frame.end();
        self.machine.frame(frame);
        self.collect();
    }

    fn speak(&mut self, ms: u64) {
        (0..ms / 16).for_each(|_| self.frame(0.9));
    }

    fn pause(&mut self, ms: u64) {
        (0..ms / 16).for_each(|_| self.frame(0.1));
    }

    /// Decodes the oldest waiting job to `text`.
    fn hear(&mut self, text: &str) -> Job {
        let job = self.jobs.remove(0);
        let words = text
            .split_whitespace()
            .map(|w| Word {
                w: w.to_owned(),
                start_ms: 0,
                end_ms: 0,
                p: 1.0,
            })
            .collect::<Vec<_>>();
        self.machine.decoded(
            &job,
            if words.is_empty() {
                Heard::Nothing
            } else {
                Heard::Words {
                    words,
                    suspect: false,
                }
            },
        );
        self.collect();
        job
    }

    fn finals(&self) -> Vec<String> {
        let finals = self.said.iter().filter_map(|said| match said {
            Said::Final { words, .. } => Some(
                words
                    .iter()
                    .map(|w| w.w.as_str())
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
            Said::Partial { .. } => None,
        });
        finals.collect()
    }

    fn purposes(&self) -> Vec<Purpose> {
        self.jobs.iter().map(|j| j.purpose).collect()
    }
}

#[test]
fn a_turn_gives_partials_a_speculative_decode_and_a_final_at_the_endpoint() {
    let mut line = Line::new();
    line.pause(1_000);
    line.speak(1_500);
    assert_eq!(line.purposes(), [Purpose::Partial, Purpose::Partial]);
    line.hear("my kitchen");
    line.hear("my kitchen sink");
    line.pause(208);
    assert_eq!(
        line.purposes(),
        [Purpose::Speculative],
        "at 200 ms of silence"
    );
    let job = line.hear("my kitchen sink leaks");
    // 62 silent frames, 4 frames of onset from the end of the first voiced one, 300 ms of pre-roll; 200 ms behind the voice.
    assert_eq!(job.start, 59 * 256 - 4_800);
    assert_eq!(job.end, job.voice_end() + 3_200);
    assert_eq!(line.finals(), [""; 0]);
    line.pause(304);
    assert_eq!(
        line.finals(),
        ["my kitchen sink leaks"],
        "at 500 ms, without another decode"
    );
    assert!(line.jobs.is_empty());
    let revisions: Vec<_> = line
        .said
        .iter()
        .filter_map(|s| {
            if let Said::Partial {
                utterance,
                revision,
                ..
            } = s
            {
                Some((*utterance, *revision))
            } else {
                None
            }
        })
        .collect();
    assert_eq!(revisions, [(0, 0), (0, 1), (0, 2)]);
}

#[test]
fn speech_that_goes_on_demotes_the_speculative_decode() {
    let mut line = Line::new();
    line.speak(496);
    line.pause(256);
    assert_eq!(line.purposes(), [Purpose::Speculative]);
    line.speak(496);
    line.hear("five five");
    assert_eq!(line.finals(), [""; 0]);
    line.pause(528);
    let last = line
        .jobs
        .iter()
        .rposition(|j| j.purpose == Purpose::Speculative)
        .unwrap();
    line.jobs.drain(..last);
    let job = line.hear("five five five one two");
    assert_eq!(job.start, 0);
    assert_eq!(line.finals().len(), 0, "a number may go on");
    line.pause(400);
    assert_eq!(line.finals(), ["five five five one two"]);
}

#[test]
fn the_endpoint_is_longer_inside_a_number_and_when_one_is_expected() {
    for (text, expectation, ends_ms) in [
        ("my sink leaks", Expectation::None, 500),
        ("it is five one two", Expectation::None, 900),
        (
            "five one two five five five oh one nine nine",
            Expectation::None,
            500,
        ),
        ("my sink leaks", Expectation::Number, 900),
        ("g o n", Expectation::Spelling, 900),
    ] {
        let mut line = Line::new();
        line.machine.expect(expectation);
        line.speak(496);
        let mut silent_ms = 0;
        while line.finals().is_empty() {
            line.pause(16);
            silent_ms += 16;
            while !line.jobs.is_empty() {
                line.hear(text);
            }
        }
        assert!(
            (ends_ms..ends_ms + 16).contains(&silent_ms),
            "{text}: {silent_ms}"
        );
    }
}

#[test]
fn clicks_are_not_decoded_and_silence_spends_no_number() {
    let mut line = Line::new();
    line.speak(96);
    line.pause(1_000);
    assert!(line.jobs.is_empty());
    line.speak(700);
    line.hear("you");
    line.pause(600);
    line.hear("");
    assert_eq!(line.finals(), [""; 0]);
    assert!(
        matches!(line.said.last(), Some(Said::Partial { utterance: 0, revision: 1, stable, unstable, .. }) if stable.is_empty() && unstable.is_empty())
    );
    line.speak(400);
    line.pause(600);
    line.hear("hello");
    assert!(matches!(
        line.said.last(),
        Some(Said::Final { utterance: 0, .. })
    ));
}

#[test]
fn finals_keep_their_order_when_decodes_do_not() {
    let mut line = Line::new();
    for _ in 0..3 {
        line.speak(400);
        line.pause(600);
    }
    assert_eq!(line.jobs.len(), 3);
    for (text, finals) in [("three", 0), ("one", 1), ("two", 3)] {
        let index = if text == "three" { 2 } else { 0 };
        let job = line.jobs.remove(index);
        line.jobs.insert(0, job);
        line.hear(text);
        assert_eq!(line.finals().len(), finals);
    }
    assert_eq!(line.finals(), ["one", "two", "three"]);
}

#[test]
fn long_speech_is_cut_at_a_dip_or_where_voice_is_least_probable() {
    let mut line = Line::new();
    line.machine.set_cadence(None);
    line.speak(8_500);
    line.pause(112);
    assert_eq!(line.jobs.len(), 1, "a dip past 8 s ends the utterance");
    line.hear("one");
    line.speak(8_000);
    line.frame(0.6);
    line.speak(12_000);
    line.pause(600);
    assert_eq!(line.jobs.len(), 3);
    let first = line.jobs[0].clone();
    assert!(
        line.jobs
            .windows(2)
            .all(|w| w[0].end - w[1].start <= 3_200 && w[0].end >= w[1].start),
        "{:?}",
        line.jobs
    );
    line.machine.decoded(&first, Heard::Lost);
    line.jobs.remove(0);
    line.hear("so the furnace is making");
    line.hear("is making a noise");
    assert_eq!(
        line.finals().last().unwrap(),
        "a noise",
        "the words that both pieces heard come once"
    );
}

#[test]
fn a_hole_ends_the_utterance_and_the_end_of_the_audio_flushes() {
    let mut line = Line::new();
    line.speak(496);
    line.machine.gap(50_000);
    line.collect();
    assert_eq!(line.purposes(), [Purpose::Final]);
    assert!(line.jobs[0].end <= 496 * 16);
    line.at = 50_000;
    line.speak(496);
    assert!(!line.machine.is_done());
    line.machine.end();
    line.collect();
    line.hear("before");
    assert!(!line.machine.is_done());
    let job = line.hear("behind");
    assert!(job.start >= 50_000, "no pre-roll out of the hole");
    assert!(line.machine.is_done());
    assert_eq!(line.finals(), ["before", "behind"]);
}

#[test]
fn time_passes_without_audio() {
    let mut line = Line::new();
    line.speak(496);
    line.machine.idle(line.at + 210 * 16);
    line.collect();
    assert_eq!(line.purposes(), [Purpose::Speculative]);
    line.machine.idle(line.at + 510 * 16);
    line.hear("hello");
    assert_eq!(line.finals(), ["hello"]);
}

#[test]
fn ended_utterances_can_be_joined_in_one_decode() {
    let mut line = Line::new();
    line.machine.set_cadence(None);
    for _ in 0..3 {
        line.speak(400);
        line.machine.gap(line.at + 8_000);
        line.at += 8_000;
    }
    line.collect();
    assert_eq!(
        line.machine.following(&line.jobs[0]),
        Some((line.jobs[1].utterance, line.jobs[1].ticket))
    );
    assert!(
        line.machine
            .join(line.jobs[0].utterance, line.jobs[1].utterance)
    );
    assert!(
        !line
            .machine
            .join(line.jobs[0].utterance, line.jobs[1].utterance)
    );
    let second = line.jobs.remove(1);
    line.hear("one two");
    line.hear("three");
    let Some(Said::Final { end, .. }) = line.said.first() else {
        panic!()
    };
    assert_eq!(*end, second.voice_end());
    assert_eq!(line.finals(), ["one two", "three"]);
    line.machine.end();
    assert!(line.machine.is_done());
}

/// What can happen on a line.
#[derive(Debug, Clone)]
enum Event {
    Voice(u64),
    Silence(u64),
    Unsure(u64),
    Hole(u64),
    Idle(u64),
    Hear(usize),
    HearNothing(usize),
    Lose(usize),
    Cadence(Option<u64>),
    Expect(u8),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1u64..300).prop_map(Event::Voice),
        4 => (1u64..80).prop_map(Event::Silence),
        1 => (1u64..40).prop_map(Event::Unsure),
        1 => (4_801u64..100_000).prop_map(Event::Hole),
        1 => (0u64..20_000).prop_map(Event::Idle),
        6 => (0usize..6).prop_map(Event::Hear),
        1 => (0usize..6).prop_map(Event::HearNothing),
        1 => (0usize..6).prop_map(Event::Lose),
        1 => proptest::option::of(3_000u64..30_000).prop_map(Event::Cadence),
        1 => (0u8..3).prop_map(Event::Expect),
    ]
}

proptest! {
    /// Whatever is spoken and whenever decodes return: each utterance with words is published exactly once, in order, without holes in
    /// the numbers, and nothing follows its final; the voice of all decoded utterances is the voice that was spoken; the memory is bounded.
    #[test]
    fn finals_come_exactly_once_in_order_and_nothing_is_lost(events in proptest::collection::vec(event(), 1..80)) {
        let mut line = Line::new();
        let mut hidden: std::collections::BTreeSet<u64> = Default::default();
        let mut voice: Vec<(u64, u64)> = Vec::new();
        let mut covered: Vec<(u64, u64)> = Vec::new();
        let mut last_job: std::collections::BTreeMap<u64, Job> = Default::default();
        let mut seen = 0;
        let mut take = |line: &mut Line, index: usize, heard: Option<Heard>| {
            if line.jobs.is_empty() { return; }
            let job = line.jobs.remove(index % line.jobs.len());
            let heard = heard.unwrap_or_else(|| {
                // One word names the utterance and the last sample of voice it covers, so that finals can be checked.
                let w = format!("utterance{}end{}", job.utterance, job.voice_end());
                Heard::Words { words: vec![Word { w, start_ms: 0, end_ms: 0, p: 1.0 }], suspect: false }
            });
            match (&heard, job.purpose) {
                (_, Purpose::Partial) => {}
                (Heard::Words { .. }, _) => { hidden.remove(&job.utterance); }
                _ => { hidden.insert(job.utterance); }
            }
            line.machine.decoded(&job, heard);
            line.collect();
        };
        for event in events.into_iter().chain([Event::Silence(100)]) {
            match event {
                Event::Voice(frames) => {
                    let from = line.at;
                    (0..frames).for_each(|_| line.frame(0.9));
                    voice.push((from, line.at));
                }
                Event::Silence(frames) => (0..frames).for_each(|_| line.frame(0.0)),
                Event::Unsure(frames) => (0..frames).for_each(|_| line.frame(0.4)),
                Event::Hole(samples) => { line.at += samples; line.machine.gap(line.at); line.collect(); }
                Event::Idle(samples) => { line.machine.idle(line.at + samples); line.collect(); }
                Event::Hear(n) => take(&mut line, n, None),
                Event::HearNothing(n) => take(&mut line, n, Some(Heard::Nothing)),
                Event::Lose(n) => take(&mut line, n, Some(Heard::Lost)),
                Event::Cadence(cadence) => line.machine.set_cadence(cadence),
                Event::Expect(code) => line.machine.expect(Expectation::from_code(code)),
            }
            for job in line.jobs.iter().filter(|job| job.ticket >= seen) {
                last_job.insert(job.utterance, job.clone());
            }
            seen = line.jobs.iter().map(|j| j.ticket + 1).max().unwrap_or(seen).max(seen);
            prop_assert!(line.at - line.machine.keep_from() <= 160_000 + 8_000, "holds {} samples", line.at - line.machine.keep_from());
        }
        line.machine.end();
        line.collect();
        for job in line.jobs.iter().filter(|job| job.ticket >= seen) {
            last_job.insert(job.utterance, job.clone());
        }
        let mut guard = 0;
        while !line.machine.is_done() {
            prop_assert!(!line.jobs.is_empty(), "waits for a decode that nobody does");
            take(&mut line, 0, None);
            guard += 1;
            prop_assert!(guard < 10_000);
        }
        while !line.jobs.is_empty() { take(&mut line, 0, None); }

        let mut next = 0u32;
        let mut revision = 0u32;
        let mut last_utterance = None;
        let mut last_end = 0;
        for said in &line.said {
            match said {
                Said::Partial { utterance, revision: r, .. } => {
                    prop_assert_eq!(*utterance, next, "a partial of the utterance that is shown");
                    prop_assert_eq!(*r, revision);
                    revision += 1;
                }
                Said::Final { utterance, words, start, end, .. } => {
                    prop_assert_eq!(*utterance, next);
                    next += 1;
                    revision = 0;
                    prop_assert!(start < end);
                    prop_assert!(*end > last_end);
                    last_end = *end;
                    let text = &words[0].w;
                    let (key, voice_end) = text.trim_start_matches("utterance").split_once("end").unwrap();
                    let key: u64 = key.parse().unwrap();
                    prop_assert!(last_utterance.is_none_or(|last| key > last), "out of order");
                    last_utterance = Some(key);
                    prop_assert_eq!(voice_end.parse::<u64>().unwrap(), *end, "the final covers all voice of its utterance");
                }
            }
        }
        // Everything that was voiced for long enough lies in some utterance's last job.
        for job in last_job.values() { covered.extend(&job.voiced); }
        for (from, to) in voice.into_iter().filter(|(from, to)| to - from >= 4_096) {
            let middle = (from + to) / 2;
            prop_assert!(covered.iter().any(|(a, b)| (*a..*b).contains(&middle)), "voice at {from}..{to} was never decoded");
        }
    }
}
