//! Whether a call may be recorded, and what is heard of it where it may not: announcements, objections, pauses. And that all of it comes
//! out of the journal again.

use audiopus::coder::Decoder;
use audiopus::{Channels, SampleRate};
use offhook::audio::{mulaw, wav};
use offhook::call::{CallId, Event, Heard};
use offhook::commands::replay_file;
use offhook::fields::words_of_text;
use offhook::media::Track;
use offhook::speech::Segment;
use offhook::store::journal::read_file;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Desk, Engine, Line, Reader, Site, call_sid, sound};

async fn voice(desk: &Desk, call: &str) -> String {
    post(desk, "/twilio/voice", call, &[("CallStatus", "ringing")]).await
}

async fn post(desk: &Desk, path: &str, call: &str, more: &[(&str, &str)]) -> String {
    let mut form = vec![
        ("CallSid", call),
        ("From", "+15125550142"),
        ("To", "+15125550100"),
    ];
    form.extend(more);
    let answer = desk.post(path, &form, None).await;
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.text().await.unwrap()
}

/// Something heard, as the recogniser tells it.
async fn say(engine: &Engine, call: &str, track: Track, utterance: u32, start_ms: u64, text: &str) {
    let live = engine.live(call, "the call", |_| true).await;
    let id: CallId = live["call_id"].as_str().unwrap().parse().unwrap();
    let end_ms = start_ms + 400 * text.split(' ').count() as u64;
    let segment = Segment {
        track,
        utterance,
        start_ms,
        end_ms,
        text: text.to_owned(),
        words: words_of_text(text, start_ms, end_ms),
        suspect: false,
        model: "story".into(),
    };
    let mailbox = engine.running.edge().registry.get(id).unwrap();
    let heard = Event::Heard(Heard::Final(segment));
    mailbox.durable(heard).await.unwrap();
}

fn names(timeline: &Value) -> Vec<&str> {
    let ours = |name: &&str| name.starts_with("consent") || name.starts_with("recording");
    let moments = timeline["data"].as_array().unwrap().iter();
    moments
        .map(|moment| moment["name"].as_str().unwrap())
        .filter(ours)
        .collect()
}

/// The journal gives the byte-identical record.
fn assert_replays(site: &Site, record: &Value) {
    let journal = site.journal_of(record["call_id"].as_str().unwrap());
    let replayed = replay_file(&journal, &site.config()).unwrap();
    assert_eq!(replayed.expected.as_ref(), Some(&replayed.digest));
    assert_eq!(&replayed.record, record);
}

/// A recording as a player hears it: caller and agent at 8 kHz.
fn played(file: &[u8]) -> [Vec<i16>; 2] {
    let mut packets = ogg::PacketReader::new(std::io::Cursor::new(file));
    let head = packets.read_packet_expected().unwrap().data;
    let pre_skip = usize::from(u16::from_le_bytes([head[10], head[11]])) / 6;
    packets.read_packet_expected().unwrap();
    let mut decoder = Decoder::new(SampleRate::Hz8000, Channels::Stereo).unwrap();
    let mut samples: Vec<i16> = Vec::new();
    while let Some(packet) = packets.read_packet().unwrap() {
        let mut frame = [0i16; 2 * 960];
        let n = decoder
            .decode(
                Some((&packet.data[..]).try_into().unwrap()),
                (&mut frame[..]).try_into().unwrap(),
                false,
            )
            .unwrap();
        samples.extend_from_slice(&frame[..2 * n]);
    }
    [0, 1].map(|channel| {
        let track = samples.iter().skip(channel).step_by(2).copied();
        track.skip(pre_skip).collect()
    })
}

/// The loudest sample between two moments.
fn loudest(track: &[i16], from_ms: u64, to_ms: u64) -> u16 {
    let sample = |ms: u64| (ms as usize * 8).min(track.len());
    let stretch = &track[sample(from_ms)..sample(to_ms)];
    stretch.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announcement_that_was_heard_is_consent_and_is_kept_with_the_call() {
    let engine = Engine::start("media.dial_number = \"+15125550199\"").await;
    let call = call_sid();
    let twiml = voice(&engine, &call).await;
    assert!(twiml.find("<Say").unwrap() < twiml.find("<Start>").unwrap());
    let ringing = engine.get(&format!("/v1/calls/{call}")).await;
    assert_eq!(
        (
            &ringing["consent"]["mode"],
            &ringing["consent"]["completed"],
            &ringing["recording"]["state"]
        ),
        (&json!("announce"), &json!(false), &json!("off"))
    );
    // The provider starts the stream when it has said the text.
    let mut line = Line::open(&engine, &call).await;
    line.speak(20).await;
    let live = engine
        .live(&call, "the consent to be complete", |live| {
            live["call"]["consent"]["completed"] == true
        })
        .await;
    assert_eq!(live["call"]["recording"]["state"], "on");
    line.stop().await;
    let record = engine.record(&call).await;
    let consent = &record["call"]["consent"];
    assert!(consent["announced_at"].is_string() && consent["caller_objected"] == false);
    assert_eq!(record["recording"]["available"], true);
    assert_eq!(record["recording"]["paused_ranges"], json!([]));
    let timeline = engine.get(&format!("/v1/calls/{call}/timeline")).await;
    assert_eq!(names(&timeline), ["consent_asked", "consent_announced"]);
    let [caller, _] = played(&engine.bytes(&format!("/v1/calls/{call}/recording")).await);
    assert!(loudest(&caller, 0, 400) > 5_000);
    let site = engine.close().await;
    assert_replays(&site, &record);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hangs_up_in_the_middle_of_the_announcement_has_not_consented() {
    let engine = Engine::start("").await;
    let call = call_sid();
    voice(&engine, &call).await;
    post(
        &engine,
        "/twilio/status",
        &call,
        &[("CallStatus", "completed"), ("CallDuration", "2")],
    )
    .await;
    let record = engine.record(&call).await;
    let consent = &record["call"]["consent"];
    assert_eq!(
        (&consent["mode"], &consent["completed"]),
        (&json!("announce"), &json!(false))
    );
    assert!(consent["announced_at"].is_string() && consent["completed_at"].is_null());
    assert_eq!(record["recording"]["available"], false);
    let recording = engine.ask(&format!("/v1/calls/{call}/recording")).await;
    assert_eq!(recording.status(), StatusCode::NOT_FOUND);
    let timeline = engine.get(&format!("/v1/calls/{call}/timeline")).await;
    assert_eq!(names(&timeline), ["consent_asked"]);
    let site = engine.close().await;
    assert_replays(&site, &record);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_presses_1_is_recorded_and_everybody_is_connected() {
    let engine =
        Engine::start("consent.mode = \"press_1\"\nmedia.dial_number = \"+15125550199\"").await;
    let (agrees, refuses) = (call_sid(), call_sid());
    let mut records = Vec::new();
    for (call, keys) in [(&agrees, &[("Digits", "1")][..]), (&refuses, &[][..])] {
        let first = voice(&engine, call).await;
        assert!(
            first.contains("<Gather ") && !first.contains("<Stream"),
            "{first}"
        );
        let second = post(&engine, "/twilio/consent", call, keys).await;
        assert!(second.find("<Stream").unwrap() < second.find("<Dial").unwrap());
        let mut line = Line::open(&engine, call).await;
        line.speak(25).await;
        say(
            &engine,
            call,
            Track::Inbound,
            0,
            0,
            "my name is maria gonzalez",
        )
        .await;
        line.stop().await;
        let record = engine.record(call).await;
        assert_eq!(record["fields"]["caller_name"]["value"], "Maria Gonzalez");
        assert_eq!(record["call"]["consent"]["mode"], "press_1");
        records.push(record);
    }
    assert_eq!(records[0]["recording"]["available"], true);
    assert_eq!(records[0]["call"]["consent"]["completed"], true);
    assert_eq!(records[1]["recording"]["available"], false);
    assert_eq!(records[1]["call"]["consent"]["completed"], false);
    engine.bytes(&format!("/v1/calls/{agrees}/recording")).await;
    for path in ["recording", "audio?from_ms=0&to_ms=100", "waveform"] {
        let refused = engine.ask(&format!("/v1/calls/{refuses}/{path}")).await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{path}");
        let problem: Value = refused.json().await.unwrap();
        assert_eq!(problem["code"], "not_recorded");
    }
    let site = engine.close().await;
    for record in &records {
        assert_replays(&site, record);
    }
    // What was not to be recorded is not in the journal either: the frames are there, in order, and silent.
    let kept = |record: &Value| -> Vec<u8> {
        let journal = site.journal_of(record["call_id"].as_str().unwrap());
        let entries = read_file(&journal).unwrap().map(Result::unwrap);
        let bytes = entries.filter_map(|entry| Some(entry.media()?.payload.to_vec()));
        bytes.flatten().collect()
    };
    assert_eq!(kept(&records[0]).len(), 50 * 160);
    assert!(kept(&records[0]).iter().any(|byte| *byte != mulaw::SILENCE));
    assert_eq!(kept(&records[1]).len(), 50 * 160);
    assert!(kept(&records[1]).iter().all(|byte| *byte == mulaw::SILENCE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_it_may_begin_before_the_announcement_it_does() {
    let engine = Engine::start("consent.record_before_consent = true").await;
    let call = call_sid();
    let first = voice(&engine, &call).await;
    assert!(first.find("<Start>").unwrap() < first.find("<Say").unwrap());
    let mut line = Line::open(&engine, &call).await;
    line.speak(10).await;
    engine
        .live(&call, "the recording to be on", |live| {
            live["call"]["recording"]["state"] == "on" && live["call"]["status"] == "in_progress"
        })
        .await;
    let second = post(&engine, "/twilio/consent", &call, &[]).await;
    assert!(second.contains("<Pause") && !second.contains("<Stream"));
    let live = engine.live(&call, "the call", |_| true).await;
    assert_eq!(live["call"]["consent"]["completed"], true);
    line.stop().await;
    let record = engine.record(&call).await;
    assert_eq!(record["recording"]["paused_ranges"], json!([]));
    let site = engine.close().await;
    assert_replays(&site, &record);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_objection_ends_the_recording_and_not_the_work() {
    let engine = Engine::start("").await;
    let call = call_sid();
    voice(&engine, &call).await;
    let mut line = Line::open(&engine, &call).await;
    line.speak_in_time(30).await;
    let mut reader = Reader::open(&engine).await;
    assert_eq!(reader.next().await["type"], "snapshot");
    say(&engine, &call, Track::Inbound, 0, 0, "don't record me").await;
    loop {
        let event = reader.next().await;
        if event["type"] == "recording.paused" {
            assert_eq!(
                (&event["data"]["state"], &event["data"]["reason"]),
                (&json!("off"), &json!("objection"))
            );
            break;
        }
    }
    line.speak_in_time(50).await;
    say(
        &engine,
        &call,
        Track::Inbound,
        1,
        1_300,
        "my name is maria gonzalez",
    )
    .await;
    // Nobody goes on against the caller's will without answering for it.
    let id = engine.live(&call, "the call", |_| true).await["call_id"].clone();
    let resume = |note: &str| json!({ "client_id": 1, "call_id": id, "type": "resume_recording", "note": note });
    let refused = reader.act(&resume("")).await;
    assert_eq!(refused["type"], "nack");
    assert!(refused["reason"].as_str().unwrap().contains("note"));
    line.stop().await;
    let record = engine.record(&call).await;
    assert_eq!(record["call"]["consent"]["caller_objected"], true);
    assert_eq!(record["fields"]["caller_name"]["value"], "Maria Gonzalez");
    let until_ms = words_of_text("don't record me", 0, 1_200)[1].end_ms;
    assert_eq!(
        record["recording"]["paused_ranges"],
        json!([{ "start_ms": until_ms, "end_ms": null, "reason": "objection", "by": "caller" }])
    );
    let timeline = engine.get(&format!("/v1/calls/{call}/timeline")).await;
    assert!(names(&timeline).contains(&"consent_objected"));
    let tracks = played(&engine.bytes(&format!("/v1/calls/{call}/recording")).await);
    for track in &tracks {
        assert!(loudest(track, 0, 500) > 5_000);
        assert!(loudest(track, until_ms + 60, 1_600) < 300);
    }
    let site = engine.close().await;
    assert_replays(&site, &record);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_while_the_recording_is_paused_is_nowhere_to_be_heard() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    line.speak_in_time(50).await;
    let mut reader = Reader::open(&engine).await;
    let id = reader.next().await["call_id"].clone();
    let act =
        |kind: &str, n: u64| json!({ "client_id": n, "call_id": id, "type": kind, "note": "card" });
    assert_eq!(reader.act(&act("pause_recording", 1)).await["type"], "ack");
    // A page that was cut off sends it again: it is so already.
    assert_eq!(reader.act(&act("pause_recording", 1)).await["type"], "ack");
    let live = engine.live(&call, "the call", |_| true).await;
    assert_eq!(live["call"]["recording"]["state"], "paused");
    line.speak_in_time(50).await;
    // The other way in.
    let path = format!("/v1/calls/{call}/recording/resume");
    let resumed = engine.request(Method::POST, &path, &[], &json!({})).await;
    assert_eq!(resumed.status(), StatusCode::OK);
    let recording: Value = resumed.json().await.unwrap();
    assert_eq!(recording["state"], "on");
    line.speak_in_time(50).await;
    line.stop().await;
    let record = engine.record(&call).await;
    let ranges = record["recording"]["paused_ranges"].as_array().unwrap();
    assert_eq!(ranges.len(), 1, "{ranges:?}");
    let (from, to) = (
        ranges[0]["start_ms"].as_u64().unwrap(),
        ranges[0]["end_ms"].as_u64().unwrap(),
    );
    // At the frame that was there when it was asked for: no more than what was on its way then.
    assert!((980..=1_100).contains(&from), "{from}");
    assert!((1_960..=2_100).contains(&to), "{to}");

    let path = format!("/v1/calls/{call}/audio?from_ms=0&to_ms=3000&channel=both");
    let clip = wav::read(&engine.bytes(&path).await).unwrap();
    for (track, samples) in clip.channels.iter().enumerate() {
        for (at, sample) in samples.iter().enumerate() {
            let paused = (from * 8..to * 8).contains(&(at as u64));
            let said = if paused {
                mulaw::SILENCE
            } else {
                sound(track, at)
            };
            assert_eq!(*sample, mulaw::decode(said), "track {track}, sample {at}");
        }
    }
    let tracks = played(&engine.bytes(&format!("/v1/calls/{call}/recording")).await);
    for track in &tracks {
        assert!(loudest(track, 100, from - 100) > 5_000);
        // A codec rings on for some milliseconds.
        assert!(loudest(track, from + 60, to - 60) < 300);
        assert!(loudest(track, to + 100, 2_900) > 5_000);
    }
    let drawn = engine
        .get(&format!("/v1/calls/{call}/waveform?buckets=150"))
        .await;
    for track in ["caller", "agent"] {
        let peaks = drawn[track].as_array().unwrap();
        assert!(
            peaks[75].as_u64().unwrap() <= 1 && peaks[20].as_u64().unwrap() > 30,
            "{peaks:?}"
        );
    }
    let timeline = engine.get(&format!("/v1/calls/{call}/timeline")).await;
    assert_eq!(names(&timeline), ["recording_paused", "recording_resumed"]);
    let moments = timeline["data"].as_array().unwrap();
    let paused = moments
        .iter()
        .find(|m| m["name"] == "recording_paused")
        .unwrap();
    assert_eq!(
        (&paused["at_ms"], &paused["data"]),
        (
            &json!(from),
            &json!({ "reason": "person", "by": "agent", "note": "card" })
        )
    );
    let audit = engine.get("/v1/audit-events").await;
    let done: Vec<_> = audit["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["action"].as_str())
        .filter(|action| ["recording.paused", "recording.resumed"].contains(action))
        .collect();
    assert_eq!(done.len(), 2, "each once: {done:?}");
    // Who may only watch does not decide what is recorded.
    let watcher = json!({ "name": "wallboard", "scopes": ["calls:read"] });
    let key = engine
        .request(Method::POST, "/v1/api-keys", &[], &watcher)
        .await;
    let key: Value = key.json().await.unwrap();
    let bearer = format!("Bearer {}", key["key"].as_str().unwrap());
    let path = format!("/v1/calls/{call}/recording/pause");
    let headers = [("authorization", bearer.as_str())];
    let refused = engine
        .request(Method::POST, &path, &headers, &json!({}))
        .await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    // Over is over.
    let path = format!("/v1/calls/{call}/recording/pause");
    let late = engine.request(Method::POST, &path, &[], &json!({})).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    let site = engine.close().await;
    assert_replays(&site, &record);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_of_a_call_is_told_with_its_delays_and_its_audio() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut reader = Reader::open(&engine).await;
    let mut line = Line::open(&engine, &call).await;
    let speaking = tokio::spawn(async move {
        line.speak_in_time(110).await;
        line.stop().await;
    });
    let (mut latency, mut quality) = (Value::Null, Value::Null);
    while latency["stages"]["decode"]["count"].as_u64() < Some(50)
        || quality["level_dbfs"]["caller"].is_null()
    {
        let event = reader.next().await;
        match event["type"].as_str().unwrap() {
            "latency" => latency = event["data"].clone(),
            "media.quality" if event["data"]["window_ms"].is_u64() => {
                quality = event["data"].clone();
            }
            _ => {}
        }
    }
    assert!(latency["stages"]["decode"]["p95_ms"].as_f64().unwrap() > 0.0);
    assert!(latency["stages"]["network"]["p95_ms"].is_f64());
    assert_eq!(latency["delay_ms"], Value::Null, "nothing was heard");
    assert_eq!(quality["verdict"], "ok", "{quality}");
    assert_eq!(
        (&quality["loss_pct"], &quality["gap_ms"]),
        (&json!(0.0), &json!(0))
    );
    assert!(quality["caller"]["frames"].as_u64().unwrap() >= 1);
    speaking.await.unwrap();
    let record = engine.record(&call).await;
    assert!(record["latency"]["decode_p95_ms"].as_f64().unwrap() > 0.0);
    assert!(record["latency"]["network_p95_ms"].is_f64());
    assert!(record["latency"]["hangup_to_draft_ms"].is_u64());
    let site = engine.close().await;
    assert_replays(&site, &record);
}
