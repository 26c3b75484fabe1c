use proptest::prelude::*;

use super::*;
use crate::config::Config;
use crate::fields::words_of_text;
use crate::media::ConsentMode;
use crate::record;
use crate::speech::Segment;

pub(super) const START: &str = r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","tracks":["inbound","outbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"from":"+15125550142"}},"streamSid":"MZ1"}"#;
pub(super) const STOP: &str = r#"{"event":"stop","sequenceNumber":"9","stop":{"accountSid":"AC1","callSid":"CA1"},"streamSid":"MZ1"}"#;

pub(super) fn opening() -> Opening {
    Opening {
        call: CallId::new(1_774_345_920_000, [7; 10]),
        provider: "twilio".to_owned(),
        provider_call_id: "CA1".to_owned(),
        vertical: "home_services".to_owned(),
        location: None,
        config_version: String::new(),
        parent: None,
    }
}

pub(super) fn rules() -> Arc<Rules> {
    Config::default().rules(&opening()).unwrap()
}

pub(super) fn media(text: &str) -> Event {
    Event::Provider(ProviderEvent {
        source: Source::Media,
        stream: Some(0),
        text: text.to_owned(),
    })
}

pub(super) fn status(form: &str) -> Event {
    Event::Provider(ProviderEvent {
        source: Source::Status,
        stream: None,
        text: form.to_owned(),
    })
}

pub(super) fn said(track: Track, utterance: u32, start_ms: u64, text: &str) -> Event {
    let end_ms = start_ms + 400 * text.split(' ').count() as u64;
    Event::Heard(Heard::Final(Segment {
        track,
        utterance,
        start_ms,
        end_ms,
        text: text.to_owned(),
        words: words_of_text(text, start_ms, end_ms),
        suspect: false,
        model: "test".into(),
    }))
}

pub(super) fn closed(reason: StreamEnd) -> Event {
    Event::Observed(Observation::StreamClosed {
        stream: 0,
        reason,
        audio: Default::default(),
    })
}

pub(super) fn listening() -> Event {
    Event::Heard(Heard::State {
        stream: 0,
        state: SpeechState::Listening,
    })
}

pub(super) fn done(track: Track) -> Event {
    Event::Heard(Heard::Done { stream: 0, track })
}

pub(super) const SECOND_US: i64 = 1_000_000;

/// A call and its clock: each event comes a second after the one before.
pub(super) struct Story {
    pub(super) call: Call,
    now_us: i64,
    actions: Vec<Action>,
}

impl Story {
    pub(super) fn begin() -> Story {
        Story::under(rules())
    }

    pub(super) fn under(rules: Arc<Rules>) -> Story {
        let now_us = 1_774_345_920 * SECOND_US;
        let (call, actions) = Call::open(&opening(), rules, now_us);
        Story {
            call,
            now_us,
            actions,
        }
    }

    pub(super) fn then(&mut self, event: Event) -> &mut Self {
        self.now_us += SECOND_US;
        self.actions.extend(self.call.handle(&event, self.now_us));
        self
    }

    fn finalised(&self) -> usize {
        self.actions
            .iter()
            .filter(|a| **a == Action::Finalise)
            .count()
    }

    pub(super) fn published(&self, kind: &str) -> Vec<&LiveEvent> {
        self.actions
            .iter()
            .filter_map(|a| {
                if let Action::Publish(e) = a {
                    Some(e)
                } else {
                    None
                }
            })
            .filter(|e| e.kind == kind)
            .collect()
    }
}

#[test]
fn a_call_that_stops_waits_for_its_last_words() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(listening())
        .then(said(Track::Inbound, 0, 500, "my name is maria gonzalez"))
        .then(media(STOP));
    assert_eq!(story.finalised(), 0, "the recogniser still listens");
    story.then(closed(StreamEnd::Stop)).then(said(
        Track::Inbound,
        1,
        5_000,
        "five one two five five five oh one eight seven",
    ));
    story.then(done(Track::Inbound)).then(done(Track::Outbound));
    assert_eq!(story.finalised(), 1);
    assert_eq!(story.actions.last(), Some(&Action::Finalise));
    let number = story.call.extractor().field("callback_number").unwrap();
    assert_eq!(
        number.value,
        Some(crate::fields::Value::Text("+15125550187".to_owned()))
    );
    assert_eq!(story.call.end().unwrap().0, EndReason::Hangup);
}

#[test]
fn last_words_that_never_come_do_not_hold_the_draft_for_ever() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(listening())
        .then(media(STOP))
        .then(closed(StreamEnd::Stop));
    let (at_us, timer) = story.call.next_timeout().unwrap();
    assert_eq!(timer, Timer::Flush);
    story.now_us = at_us - SECOND_US;
    story.then(Event::Timer(TimerFired { timer }));
    assert_eq!(story.finalised(), 1);
    assert!(
        story
            .call
            .timeline()
            .iter()
            .any(|m| m.name == "last_words_not_heard")
    );
}

#[test]
fn a_dropped_socket_waits_for_another_stream_and_then_ends() {
    let mut story = Story::begin();
    story.then(media(START)).then(closed(StreamEnd::Dropped));
    assert!(story.call.awaits_stream());
    let second = START.replace("MZ1", "MZ2");
    story.then(Event::Provider(ProviderEvent {
        source: Source::Media,
        stream: Some(1),
        text: second,
    }));
    assert!(!story.call.awaits_stream());
    assert_eq!(story.call.stream_ids().collect::<Vec<_>>(), ["MZ1", "MZ2"]);
    story.then(Event::Observed(Observation::StreamClosed {
        stream: 1,
        reason: StreamEnd::Dropped,
        audio: Default::default(),
    }));
    let (at_us, timer) = story.call.next_timeout().unwrap();
    assert_eq!(timer, Timer::Rejoin);
    story.now_us = at_us - SECOND_US;
    story.then(Event::Timer(TimerFired { timer }));
    assert_eq!(story.finalised(), 1);
}

#[test]
fn a_status_alone_gives_a_missed_call() {
    let mut story = Story::begin();
    story.then(status(
        "CallSid=CA1&CallStatus=no-answer&From=%2B15125550142",
    ));
    assert_eq!(story.finalised(), 1);
    assert_eq!(story.call.end().unwrap().0, EndReason::Rejected);
    assert_eq!(record::draft(&story.call).call["status"], "no_answer");
}

#[test]
fn a_late_status_never_moves_a_call_back() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(status("CallSid=CA1&CallStatus=ringing"))
        .then(status("CallSid=CA1&CallStatus=initiated"));
    assert_eq!(record::draft(&story.call).call["status"], "in_progress");
}

#[test]
fn the_end_of_the_agents_leg_is_not_the_end_of_the_call() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(status("CallSid=CA2&ParentCallSid=CA1&CallStatus=completed"));
    assert_eq!(story.finalised(), 0);
    assert!(story.call.end().is_none());
}

#[test]
fn what_lies_between_two_streams_is_a_gap_on_both_tracks() {
    let mut story = Story::begin();
    let audio = [TrackAudio {
        end_ms: 4_000,
        ..Default::default()
    }; 2];
    story
        .then(media(START))
        .then(Event::Observed(Observation::StreamOrigin {
            stream: 0,
            timestamp_ms: 100,
            offset_ms: 0,
        }));
    story.then(Event::Observed(Observation::StreamClosed {
        stream: 0,
        reason: StreamEnd::Dropped,
        audio,
    }));
    story.then(Event::Provider(ProviderEvent {
        source: Source::Media,
        stream: Some(1),
        text: START.to_owned(),
    }));
    story.then(Event::Observed(Observation::StreamOrigin {
        stream: 1,
        timestamp_ms: 100,
        offset_ms: 6_500,
    }));
    assert_eq!(
        story.call.gaps(),
        [
            (Track::Inbound, 4_000, 6_500),
            (Track::Outbound, 4_000, 6_500)
        ]
    );
}

#[test]
fn a_restart_ends_the_call_with_what_is_known() {
    let mut story = Story::begin();
    story.then(media(START)).then(listening()).then(said(
        Track::Inbound,
        0,
        0,
        "my name is maria gonzalez",
    ));
    story.then(Event::Observed(Observation::EngineRestart));
    assert_eq!(story.finalised(), 1);
    assert_eq!(story.call.end().unwrap().0, EndReason::EngineRestart);
    assert!(
        story
            .call
            .extractor()
            .field("caller_name")
            .unwrap()
            .value
            .is_some()
    );
}

#[test]
fn a_partial_shows_and_leaves_nothing_behind() {
    let mut story = Story::begin();
    story.then(media(START)).then(listening());
    let before = record::draft(&story.call).record;
    let stable = words_of_text(
        "my number is five one two five five five oh one eight seven",
        0,
        4_000,
    );
    let partial = Partial {
        track: Track::Inbound,
        utterance: 0,
        revision: 0,
        stable,
        unstable: Vec::new(),
        audio_end_ms: 4_000,
    };
    let actions = story.call.preview(partial, story.now_us);
    assert!(
        actions
            .iter()
            .any(|a| matches!(a, Action::Publish(e) if e.kind == "transcript.partial"))
    );
    assert!(actions.iter().any(|a| matches!(a, Action::Publish(e) if e.kind == "field.updated" && e.data["change"] == "provisional")));
    let after = record::draft(&story.call).record;
    assert_eq!(before, after);
}

#[test]
fn a_doubted_segment_is_shown_but_gives_no_field() {
    let mut story = Story::begin();
    let Event::Heard(Heard::Final(mut segment)) =
        said(Track::Inbound, 0, 0, "my name is maria gonzalez")
    else {
        unreachable!()
    };
    segment.suspect = true;
    story
        .then(media(START))
        .then(Event::Heard(Heard::Final(segment)));
    assert_eq!(story.published("transcript.final").len(), 1);
    assert!(
        story
            .call
            .extractor()
            .field("caller_name")
            .unwrap()
            .value
            .is_none()
    );
}

#[test]
fn the_record_of_a_short_call_keeps_its_form() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(Event::Observed(Observation::StreamOrigin {
            stream: 0,
            timestamp_ms: 100,
            offset_ms: 0,
        }))
        .then(listening())
        .then(said(Track::Outbound, 0, 500, "can i get your name"))
        .then(said(Track::Inbound, 0, 2_600, "my name is maria gonzalez"))
        .then(said(
            Track::Inbound,
            1,
            4_700,
            "my number is five one two five five five oh one eight seven",
        ))
        .then(said(
            Track::Outbound,
            1,
            10_000,
            "that's five one two five five five oh one eight seven",
        ))
        .then(said(Track::Inbound, 2, 15_000, "yes that's right"))
        .then(media(STOP))
        .then(closed(StreamEnd::Stop))
        .then(done(Track::Inbound))
        .then(done(Track::Outbound));
    insta::assert_json_snapshot!(record::draft(&story.call).record);
}

/// Any event, sensible or not.
fn any_event() -> impl Strategy<Value = Event> {
    let words = prop::sample::select(vec![
        "my name is maria gonzalez",
        "five one two five five five oh one eight seven",
        "no wait sorry oh one eight six",
        "yes that's right",
        "can i get your number",
        "we have water everywhere it's an emergency",
        "",
        "thank you bye",
        "please don't record me",
        "can i get your card number",
        "four one one one one one one one one one one one one one one one",
    ]);
    let tracks = prop::sample::select(vec![Track::Inbound, Track::Outbound]);
    let ends = prop::sample::select(vec![
        StreamEnd::Stop,
        StreamEnd::Dropped,
        StreamEnd::Replaced,
        StreamEnd::Silent,
        StreamEnd::Drained,
    ]);
    let forms = prop::sample::select(vec![
        "CallSid=CA1&CallStatus=completed&CallDuration=12",
        "CallSid=CA1&CallStatus=ringing&From=anonymous",
        "CallSid=CA9&ParentCallSid=CA1&CallStatus=in-progress",
        "nonsense",
        "",
    ]);
    prop_oneof![
        2 => Just(media(START)),
        1 => Just(media(STOP)),
        1 => Just(media("{not json")),
        1 => Just(media(r#"{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}"#)),
        6 => (tracks.clone(), 0u32..9, 0u64..60_000, words).prop_map(|(t, u, at, w)| said(t, u, at, w)),
        2 => (0u8..3, tracks.clone()).prop_map(|(stream, track)| Event::Heard(Heard::Done { stream, track })),
        1 => (0u8..3).prop_map(|stream| Event::Heard(Heard::State { stream, state: SpeechState::Listening })),
        1 => (0u8..3, ends).prop_map(|(stream, reason)| Event::Observed(Observation::StreamClosed { stream, reason, audio: Default::default() })),
        1 => (0u8..3, 0u64..60_000).prop_map(|(stream, offset_ms)| Event::Observed(Observation::StreamOrigin { stream, timestamp_ms: -5, offset_ms })),
        1 => (tracks, 0u64..9_000, 0u64..9_000).prop_map(|(track, start_ms, len)| Event::Observed(Observation::Gap { track, start_ms, end_ms: start_ms + len })),
        1 => forms.prop_map(status),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(press, record_before)| Event::Observed(Observation::ConsentAsked {
            mode: if press { ConsentMode::Press1 } else { ConsentMode::Announce },
            record_before,
        })),
        1 => prop::sample::select(vec!["CallSid=CA1&Digits=1", "CallSid=CA1&Digits=2", "CallSid=CA1"]).prop_map(|form| Event::Provider(ProviderEvent {
            source: Source::Consent,
            stream: None,
            text: form.to_owned(),
        })),
        2 => (any::<bool>(), 0u64..60_000, prop::sample::select(vec!["", "they agree"])).prop_map(|(pause, at_ms, note)| Event::Person(PersonAct {
            who: "usr_1".to_owned(),
            act: if pause {
                Act::PauseRecording { at_ms, note: note.to_owned() }
            } else {
                Act::ResumeRecording { at_ms, note: note.to_owned() }
            },
        })),
        1 => (0u64..9_000_000).prop_map(|p95_us| Event::Observed(Observation::Measured(Box::new(Latencies {
            decode: Delay { count: 1, last_us: Some(3), p50_us: Some(3), p95_us: Some(p95_us) },
            ..Latencies::default()
        })))),
        1 => prop::sample::select(vec![Timer::Unanswered, Timer::Rejoin, Timer::Flush, Timer::MaxDuration, Timer::Unpause]).prop_map(|timer| Event::Timer(TimerFired { timer })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens, in whatever order: no panic, feed numbers without holes, one draft at most and nothing after it; and the journal's
    /// entries give the byte-identical record again.
    #[test]
    fn any_journal_replays_to_the_same_record(events in prop::collection::vec((any_event(), 0i64..20 * SECOND_US), 0..40)) {
        let mut now_us = 1_774_345_920 * SECOND_US;
        let (mut call, mut actions) = Call::open(&opening(), rules(), now_us);
        let (kind, body) = Event::Opened(Box::new(opening())).to_entry();
        let mut journal = vec![(kind, now_us, body)];
        for (event, later_us) in &events {
            now_us += later_us;
            let (kind, body) = event.to_entry();
            journal.push((kind, now_us, body));
            actions.extend(call.handle(event, now_us));
        }
        let seqs: Vec<u64> = actions.iter().filter_map(|a| if let Action::Publish(e) = a { Some(e.seq) } else { None }).collect();
        prop_assert_eq!(&seqs, &(1..=seqs.len() as u64).collect::<Vec<_>>());
        let ranges = call.recording().ranges();
        for pair in ranges.windows(2) {
            prop_assert!(pair[0].end_ms.is_some_and(|end| end <= pair[1].start_ms), "{ranges:?}");
        }
        let finals = actions.iter().filter(|a| **a == Action::Finalise).count();
        prop_assert!(finals <= 1);
        if finals == 1 {
            prop_assert_eq!(actions.last(), Some(&Action::Finalise));
        }
        let again = record::replay(journal, |_| Ok(rules())).unwrap();
        prop_assert_eq!(record::draft(&again).record.to_string(), record::draft(&call).record.to_string());
    }
}
