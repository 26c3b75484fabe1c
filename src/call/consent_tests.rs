//! Consent and the recording, as a call goes through them.

use serde_json::json;

use super::tests::{START, STOP, Story, closed, media, opening, said, status};
use super::*;
use crate::config::Config;
use crate::fields::words_of_text;
use crate::media::ConsentMode;
use crate::record;

fn asked(mode: ConsentMode, record_before: bool) -> Event {
    Event::Observed(Observation::ConsentAsked {
        mode,
        record_before,
    })
}

fn answered(form: &str) -> Event {
    Event::Provider(ProviderEvent {
        source: Source::Consent,
        stream: None,
        text: form.to_owned(),
    })
}

fn act(act: Act) -> Event {
    Event::Person(PersonAct {
        who: "usr_1".to_owned(),
        act,
    })
}

fn pause(at_ms: u64) -> Event {
    act(Act::PauseRecording {
        at_ms,
        note: String::new(),
    })
}

fn resume(at_ms: u64, note: &str) -> Event {
    act(Act::ResumeRecording {
        at_ms,
        note: note.to_owned(),
    })
}

fn origin() -> Event {
    Event::Observed(Observation::StreamOrigin {
        stream: 0,
        timestamp_ms: 100,
        offset_ms: 0,
    })
}

fn ranges(call: &Call) -> Vec<(u64, Option<u64>, Held)> {
    let ranges = call.recording().ranges().iter();
    ranges.map(|r| (r.start_ms, r.end_ms, r.reason)).collect()
}

fn moments(call: &Call) -> Vec<&str> {
    let ours = |name: &str| name.starts_with("consent") || name.starts_with("recording");
    let names = call.timeline().iter().map(|m| m.name);
    names.filter(|name| ours(name)).collect()
}

#[test]
fn a_stream_after_the_announcement_completes_consent() {
    let mut story = Story::begin();
    story.then(asked(ConsentMode::Announce, false));
    assert_eq!(story.call.recording_json()["state"], "off");
    assert_eq!(story.call.recording_json()["reason"], "no_consent");
    story
        .then(asked(ConsentMode::Announce, false))
        .then(media(START));
    let consent = story.call.consent_json();
    assert_eq!(
        (&consent["mode"], &consent["completed"]),
        (&json!("announce"), &json!(true))
    );
    assert!(consent["announced_at"].as_str() < consent["completed_at"].as_str());
    assert_eq!(story.call.recording_json()["state"], "on");
    assert_eq!(ranges(&story.call), []);
    assert_eq!(
        moments(&story.call),
        ["consent_asked", "consent_announced"],
        "nothing was paused before there was anything to record"
    );
}

#[test]
fn half_an_announcement_is_no_consent() {
    for mode in [ConsentMode::Announce, ConsentMode::Press1] {
        let mut story = Story::begin();
        story
            .then(asked(mode, false))
            .then(status("CallSid=CA1&CallStatus=completed"));
        let record = record::draft(&story.call).record;
        assert_eq!(record["call"]["consent"]["completed"], false);
        assert!(record["call"]["consent"]["announced_at"].is_string());
        assert_eq!(record["recording"]["available"], false);
    }
}

#[test]
fn where_the_stream_comes_first_the_announcement_s_end_shows_later() {
    for proof in [
        status("CallSid=CA9&ParentCallSid=CA1&CallStatus=initiated"),
        answered("CallSid=CA1"),
    ] {
        let mut story = Story::begin();
        story
            .then(asked(ConsentMode::Announce, true))
            .then(media(START))
            .then(origin());
        assert!(!story.call.consent().is_completed());
        assert!(story.call.recording().is_on(), "it may begin before");
        story.then(proof);
        assert!(story.call.consent().is_completed());
    }
}

#[test]
fn who_does_not_press_1_is_heard_and_not_recorded() {
    for form in ["CallSid=CA1", "CallSid=CA1&Digits=2"] {
        let mut story = Story::begin();
        story
            .then(asked(ConsentMode::Press1, false))
            .then(answered(form))
            .then(media(START))
            .then(origin())
            .then(said(Track::Inbound, 0, 500, "my name is maria gonzalez"))
            .then(status("CallSid=CA9&ParentCallSid=CA1&CallStatus=initiated"));
        assert!(!story.call.consent().is_completed());
        assert_eq!(ranges(&story.call), [(0, None, Held::NoConsent)]);
        assert_eq!(
            moments(&story.call),
            ["consent_asked", "consent_refused", "recording_paused"]
        );
        assert!(!story.call.has_recording());
        let name = story.call.extractor().field("caller_name").unwrap();
        assert!(name.value.is_some(), "the fields are captured");
    }
    let mut story = Story::begin();
    story
        .then(asked(ConsentMode::Press1, false))
        .then(answered("CallSid=CA1&Digits=1"))
        .then(media(START));
    assert!(story.call.consent().is_completed() && story.call.recording().is_on());
}

#[test]
fn a_stream_that_nobody_announced_is_recorded_and_says_so() {
    let mut story = Story::begin();
    story.then(media(START)).then(origin());
    assert_eq!(story.call.consent_json()["mode"], "off");
    assert!(story.call.recording().is_on() && story.call.has_recording());
}

#[test]
fn an_objection_stops_the_recording_and_keeps_the_fields() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(origin())
        .then(said(Track::Inbound, 0, 500, "my name is maria gonzalez"))
        .then(said(Track::Outbound, 0, 3_000, "please don't record me"))
        .then(said(Track::Inbound, 1, 5_000, "did you record my number"));
    assert!(story.call.recording().is_on());
    let words = "and please don't record this call";
    story.then(said(Track::Inbound, 2, 8_000, words));
    // Up to the word "record" it was recorded.
    let until_ms = words_of_text(words, 8_000, 8_000 + 6 * 400)[3].end_ms;
    assert_eq!(ranges(&story.call), [(until_ms, None, Held::Objection)]);
    assert_eq!(
        moments(&story.call),
        ["consent_objected", "recording_paused"]
    );
    assert_eq!(story.published("recording.paused").len(), 1);
    assert_eq!(story.call.consent_json()["caller_objected"], true);
    let name = story.call.extractor().field("caller_name").unwrap();
    assert!(name.value.is_some());

    // A person goes on only with a reason, and that the caller objected stays written.
    let without = Act::ResumeRecording {
        at_ms: 0,
        note: " ".to_owned(),
    };
    assert_eq!(story.call.changes_recording(&without), Err(NeedsNote));
    story.then(resume(15_000, ""));
    assert!(!story.call.recording().is_on());
    story.then(resume(20_000, "said on second thought it is fine"));
    assert!(story.call.recording().is_on());
    assert_eq!(
        ranges(&story.call),
        [(until_ms, Some(20_000), Held::Objection)]
    );
    assert_eq!(story.call.consent_json()["caller_objected"], true);
    // Objected again.
    story.then(said(Track::Inbound, 3, 30_000, "no stop recording"));
    assert!(!story.call.recording().is_on());
}

#[test]
fn an_objection_may_be_spread_over_two_utterances() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(origin())
        .then(said(Track::Inbound, 0, 1_000, "could you please don't"))
        .then(said(Track::Inbound, 1, 3_500, "record me"));
    assert!(story.call.consent().caller_objected());
    // What was doubted is no objection, nor is a sentence minutes later the end of another.
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(origin())
        .then(said(Track::Inbound, 0, 1_000, "i just don't"))
        .then(said(Track::Inbound, 1, 90_000, "record me"));
    assert!(!story.call.consent().caller_objected());
}

#[test]
fn a_person_s_pause_is_a_range_with_its_reason_and_its_doer() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(origin())
        .then(pause(1_000))
        .then(pause(1_500))
        .then(resume(4_000, ""))
        .then(resume(4_500, ""))
        .then(pause(6_000))
        .then(media(STOP))
        .then(closed(StreamEnd::Stop));
    assert_eq!(
        ranges(&story.call),
        [
            (1_000, Some(4_000), Held::Person),
            (6_000, None, Held::Person)
        ]
    );
    assert_eq!(
        moments(&story.call),
        ["recording_paused", "recording_resumed", "recording_paused"]
    );
    let resumed = story.published("recording.resumed");
    assert_eq!(resumed.len(), 1);
    assert_eq!(resumed[0].data["by"], "usr_1");
    let record = record::draft(&story.call).record;
    assert_eq!(
        record["recording"]["paused_ranges"][0],
        json!({ "start_ms": 1_000, "end_ms": 4_000, "reason": "person", "by": "usr_1" })
    );
}

fn careful() -> std::sync::Arc<Rules> {
    let settings = "[privacy]\npause_recording_on = [\"card_number\"]";
    let config = Config::parse(settings, "offhook.toml").unwrap();
    config.rules(&opening()).unwrap()
}

const CARD: &str = "it's four one one one one one one one one one one one one one one one";

#[test]
fn the_recording_pauses_by_itself_while_a_card_is_spoken() {
    let mut story = Story::under(careful());
    story.then(media(START)).then(origin()).then(said(
        Track::Outbound,
        0,
        1_000,
        "can i get your card number",
    ));
    assert_eq!(ranges(&story.call), [(3_400, None, Held::CardNumber)]);
    let (due_us, timer) = story.call.next_timeout().unwrap();
    assert_eq!(timer, Timer::Unpause);
    story.then(said(Track::Inbound, 0, 5_000, CARD));
    assert_eq!(ranges(&story.call).len(), 1, "it goes on");
    assert!(
        story.call.next_timeout().unwrap().0 > due_us,
        "and lasts longer"
    );
    assert_eq!(story.published("recording.pause_suggested").len(), 0);
    // It goes on by itself.
    let due_us = story.call.next_timeout().unwrap().0;
    story.call.handle(
        &Event::Timer(TimerFired {
            timer: Timer::Unpause,
        }),
        due_us,
    );
    assert!(story.call.recording().is_on());
    let by: Vec<_> = story
        .call
        .timeline()
        .iter()
        .filter(|m| m.name.starts_with("recording"))
        .map(|m| &m.data["by"])
        .collect();
    assert_eq!(by, ["engine", "engine"]);
}

#[test]
fn a_person_s_pause_outlasts_the_engine_s() {
    let mut story = Story::under(careful());
    story
        .then(media(START))
        .then(origin())
        .then(said(
            Track::Outbound,
            0,
            1_000,
            "can i get your card number",
        ))
        .then(pause(6_000));
    assert_ne!(
        story.call.next_timeout().map(|(_, timer)| timer),
        Some(Timer::Unpause)
    );
    assert_eq!(
        ranges(&story.call),
        [
            (3_400, Some(6_000), Held::CardNumber),
            (6_000, None, Held::Person)
        ]
    );
}

#[test]
fn without_that_setting_the_agent_is_told_once() {
    let mut story = Story::begin();
    story
        .then(media(START))
        .then(origin())
        .then(said(
            Track::Outbound,
            0,
            1_000,
            "can i get your card number",
        ))
        .then(said(Track::Inbound, 0, 5_000, CARD));
    assert!(story.call.recording().is_on());
    let told = story.published("recording.pause_suggested");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].data["reason"], "card_number");
}
