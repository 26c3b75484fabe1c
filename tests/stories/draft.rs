//! A bundled call, heard by the bundled model, becomes a draft; everything that is kept of it can be read back.

use std::path::Path;

use offhook::audio::wav;
use offhook::commands::replay_file;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::{Desk, Engine, Line, bundled, call_sid, sound};
use offhook::audio::mulaw;

/// Samples of an Ogg-Opus file by its granules (RFC 7845), at 48 kHz, and its channels.
fn ogg_opus_length(file: &[u8]) -> (u64, u8) {
    let mut packets = ogg::PacketReader::new(std::io::Cursor::new(file));
    let head = packets.read_packet_expected().unwrap().data;
    assert_eq!(&head[..8], b"OpusHead");
    let pre_skip = u64::from(u16::from_le_bytes([head[10], head[11]]));
    let mut last = 0;
    while let Some(packet) = packets.read_packet().unwrap() {
        last = packet.absgp_page();
    }
    (last - pre_skip, head[9])
}

/// The clip of one channel as samples.
async fn clip(desk: &Desk, call: &str, from_ms: u64, to_ms: u64, channel: &str) -> Vec<Vec<i16>> {
    let path = format!("/v1/calls/{call}/audio?from_ms={from_ms}&to_ms={to_ms}&channel={channel}");
    let audio = wav::read(&desk.bytes(&path).await).unwrap();
    assert_eq!(audio.rate_hz, 8000);
    audio.channels
}

fn segments(transcript: &Value, speaker: &str) -> String {
    let all = transcript["data"].as_array().unwrap().iter();
    all.filter(|s| s["speaker"] == speaker)
        .map(|s| s["text"].as_str().unwrap())
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_ends_in_mid_sentence_becomes_a_draft_with_its_last_words() {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/offhook-phone-en.bin");
    // Three times as fast as people speak, on a machine that does other things as well: the words may come late, but they must come.
    let engine = Engine::start(&format!(
        "speech.enabled = true\nspeech.model = {model:?}\nlimits.flush_ms = 120000"
    ))
    .await;
    let gas = bundled("home-services-gas-hangup");
    let mut call = gas.dial(&engine);
    call.speed = 3.0;
    call.parameters = vec![
        ("from".into(), "+13035550121".into()),
        ("to".into(), "+13035550100".into()),
    ];
    let report = call.place().await.unwrap();
    let sid = &report.call_sid;

    let stored = engine.call(sid).await;
    let id = stored["id"].as_str().unwrap();
    assert_eq!(
        (&stored["status"], &stored["live"], &stored["end"]["reason"]),
        (&json!("completed"), &json!(null), &json!("hangup"))
    );
    assert_eq!(engine.get(&format!("/v1/calls/{id}")).await, stored);
    let record = engine.record(sid).await;
    assert_eq!(
        (&record["state"], &record["call_id"], &record["version"]),
        (&json!("draft"), &json!(id), &json!(1))
    );
    assert_eq!(record["call"]["from"], "+13035550121");
    let record_id = record["id"].as_str().unwrap();
    let answer = engine.ask(&format!("/v1/records/{record_id}")).await;
    assert_eq!(answer.headers()["etag"], "\"1\"");

    // What was said, both sides, to the last digit before the hangup ("... oh one seven six").
    let transcript = engine.get(&format!("/v1/calls/{sid}/transcript")).await;
    let (caller, agent) = (
        segments(&transcript, "caller"),
        segments(&transcript, "agent"),
    );
    assert!(
        caller.contains("emergency") && caller.contains("brooks"),
        "{caller}"
    );
    assert!(
        agent.contains("thank you for calling") && agent.contains("number"),
        "{agent}"
    );
    assert!(
        caller.trim_end_matches('.').ends_with("seven six"),
        "{caller}"
    );
    for segment in transcript["data"].as_array().unwrap() {
        assert!(segment["end_ms"].as_u64().unwrap() <= 32_740, "{segment}");
        assert!(
            !segment["words"].as_array().unwrap().is_empty(),
            "{segment}"
        );
    }
    let text = engine
        .ask(&format!("/v1/calls/{sid}/transcript?format=txt"))
        .await
        .text()
        .await
        .unwrap();
    assert!(text.contains("caller: "), "{text}");

    // Fields: right, or honestly not settled.
    let fields = &record["fields"];
    assert_eq!(fields["callback_number"]["value"], "+13035550176");
    assert_eq!(fields["urgency"]["value"], "emergency");
    for (name, field) in fields.as_object().unwrap() {
        if field["status"] == "confirmed" {
            let evidence = field["evidence"].as_array().unwrap();
            assert!(!evidence.is_empty(), "{name} is confirmed by nothing");
        }
    }
    let heard_from = fields["callback_number"]["evidence"].as_array().unwrap();
    let spoken = heard_from.iter().find(|e| e["role"] == "states").unwrap();
    let clip_url = spoken["audio_url"].as_str().unwrap();
    assert!(wav::read(&engine.bytes(clip_url).await).unwrap().len() > 8_000);

    // When what happened.
    let timeline = engine.get(&format!("/v1/calls/{sid}/timeline")).await;
    let moments = timeline["data"].as_array().unwrap();
    let hangup = moments.iter().find(|m| m["name"] == "hangup").unwrap();
    assert_eq!(hangup["data"]["reason"], "hangup");
    assert!(moments.iter().any(|m| m["name"] == "stream_started"));
    assert!(
        moments
            .windows(2)
            .all(|m| m[0]["at_ms"].as_u64() <= m[1]["at_ms"].as_u64())
    );

    // The sound: all of it, in its place.
    let sent = wav::read(&std::fs::read(&gas.wav).unwrap()).unwrap();
    let recording = engine.bytes(&format!("/v1/calls/{sid}/recording")).await;
    assert_eq!(&recording[..4], b"OggS");
    assert_eq!(
        ogg_opus_length(&recording),
        (report.frames_sent / 2 * 960, 2)
    );
    assert_eq!(record["recording"]["available"], true);
    let coverage = &record["transcript"]["coverage"];
    assert_eq!(
        (&coverage["audio_ms"], &coverage["lost_ms"]),
        (&json!(report.frames_sent / 2 * 20), &json!(0))
    );
    for (from_ms, to_ms) in [(0, 1_000), (4_261, 5_872), (27_600, 32_000)] {
        let range = from_ms as usize * 8..to_ms as usize * 8;
        let both = clip(&engine, sid, from_ms, to_ms, "both").await;
        for (channel, name) in ["caller", "agent"].into_iter().enumerate() {
            let one = clip(&engine, sid, from_ms, to_ms, name).await;
            assert_eq!(one.len(), 1);
            assert!(one[0] == sent.channels[channel][range.clone()], "{name}");
            assert!(one[0] == both[channel], "{name}");
        }
    }

    // The law, with speech in the journal.
    let site = engine.close().await;
    let replayed = replay_file(&site.journal_of(id), &site.config()).unwrap();
    assert_eq!(replayed.expected.as_ref(), Some(&replayed.digest));
    assert_eq!(replayed.record["fields"], record["fields"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clip_is_exactly_the_samples_that_were_sent_and_silence_beyond() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    line.speak(50).await;
    line.stop().await;
    engine.record(&call).await;
    for (channel, track) in [("caller", 0), ("agent", 1), ("inbound", 0), ("outbound", 1)] {
        for (from_ms, to_ms) in [(0, 1_000), (13, 14), (19, 21), (900, 1_100)] {
            let expected: Vec<i16> = (from_ms as usize * 8..to_ms as usize * 8)
                .map(|at| {
                    if at < 8_000 {
                        mulaw::decode(sound(track, at))
                    } else {
                        0
                    }
                })
                .collect();
            let heard = clip(&engine, &call, from_ms, to_ms, channel).await;
            assert!(heard == [expected], "{channel} {from_ms}..{to_ms}");
        }
    }
    for wrong in [
        "from_ms=10&to_ms=10",
        "from_ms=10&to_ms=5",
        "from_ms=0&to_ms=999999999",
        "from_ms=0",
        "from_ms=-1&to_ms=5",
        "from_ms=0&to_ms=5&channel=left",
    ] {
        let answer = engine.ask(&format!("/v1/calls/{call}/audio?{wrong}")).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_there_is_said_in_the_form_of_an_api() {
    let engine = Engine::start("").await;
    for path in [
        "/v1/calls/CAnone",
        "/v1/calls/CAnone/transcript",
        "/v1/calls/CAnone/timeline",
        "/v1/calls/CAnone/recording",
        "/v1/calls/CAnone/audio?from_ms=0&to_ms=9",
        "/v1/calls/CAnone/journal",
        "/v1/records/rec_none",
        "/v1/nothing",
    ] {
        let answer = engine.ask(path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(
            (&problem["status"], &problem["code"]),
            (&json!(404), &json!("not_found"))
        );
    }
    engine.close().await;
}
