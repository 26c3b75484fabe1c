//! Bad input on the media socket: a clear answer, a log line, a count; the call's other data stay and nobody else's call notices.
//!
//! Each story has the real program to itself, so that its counts and its log are its own.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::harness::{Line, Program, Site, call_sid, until};

/// A program with a call that goes on beside the story and must not notice anything.
struct House {
    program: Program,
    neighbour: Line,
    _site: Site,
}

impl House {
    async fn open() -> House {
        let site = Site::new("media.max_message_bytes = 8192\nlimits.rejoin_ms = 300");
        let program = Program::serve(&site);
        let mut neighbour = Line::open(&program, &call_sid()).await;
        neighbour.speak(10).await;
        House {
            program,
            neighbour,
            _site: site,
        }
    }

    /// Rejected messages of one reason.
    async fn rejected(&self, reason: &str, count: f64) {
        let label = format!("reason=\"{reason}\"");
        self.program
            .metric_reaches("offhook_messages_rejected_total", &label, count)
            .await;
    }

    /// The neighbour's call ends as if nothing had happened; the log.
    async fn close(mut self) -> String {
        self.neighbour.speak(10).await;
        let call = self.neighbour.call.clone();
        self.neighbour.stop().await;
        let record = self.program.record(&call).await;
        assert_eq!(record["call"]["end"]["reason"], "hangup");
        assert_whole(&record, 20);
        assert_eq!(record["transcript"]["coverage"]["lost_ms"], 0);
        self.program
            .metric_reaches("offhook_calls_ended_total", "reason=\"hangup\"", 1.0)
            .await;
        let (status, log) = {
            self.program.terminate();
            self.program.finish()
        };
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(!log.contains("panicked"), "{log}");
        log
    }
}

/// So many frames of each track are in the record.
fn assert_whole(record: &Value, frames: u64) {
    let tracks = &record["transcript"]["coverage"]["tracks"];
    for track in ["inbound", "outbound"] {
        assert_eq!(tracks[track]["frames"], frames, "{track} of {tracks}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_cannot_be_read_are_counted_and_passed_over() {
    let house = House::open().await;
    let call = call_sid();
    let mut line = Line::open(&house.program, &call).await;
    line.speak(10).await;
    for text in [
        "",
        "{",
        "not json",
        "\u{0}",
        r#"{"event":"media","media":{"track":"inbound","timestamp":"20","payload":"#,
    ] {
        line.say(text).await;
    }
    house.rejected("not_json", 5.0).await;
    for text in ["[]", "null", "7", "\"start\""] {
        line.say(text).await;
    }
    house.rejected("not_an_object", 4.0).await;
    for text in [
        r#"{"event":7}"#,
        r#"{"event":"media","media":[]}"#,
        r#"{"event":"media","media":{"track":"inbound","timestamp":"soon","payload":"AA=="}}"#,
        r#"{"event":"media","media":{"track":"inbound","timestamp":"20","payload":[1,2]}}"#,
        r#"{"event":"dtmf","dtmf":{"digit":"55"}}"#,
    ] {
        line.say(text).await;
    }
    house.rejected("wrong_type", 5.0).await;
    for text in [
        r#"{}"#,
        r#"{"event":"media"}"#,
        r#"{"event":"media","media":{"track":"inbound"}}"#,
    ] {
        line.say(text).await;
    }
    house.rejected("missing_member", 3.0).await;
    line.media("third", 320, &[0x55; 160]).await;
    house.rejected("unknown_track", 1.0).await;
    line.send(Message::Binary(Bytes::from_static(b"\x00\x01\x02")))
        .await;
    house.rejected("binary", 1.0).await;
    line.say(r#"{"event":"weather","weather":{"sky":"blue"}}"#)
        .await;
    line.say(r#"{"event":"media","extra":1,"media":{"track":"sideways"}}"#)
        .await;
    house
        .program
        .metric_reaches("offhook_messages_unknown_total", "", 1.0)
        .await;
    line.speak(10).await;
    line.stop().await;
    let record = house.program.record(&call).await;
    assert_whole(&record, 20);
    assert_eq!(record["call"]["end"]["reason"], "hangup");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_beyond_the_limit_closes_its_own_stream_alone() {
    let house = House::open().await;
    let call = call_sid();
    let mut line = Line::open(&house.program, &call).await;
    line.speak(10).await;
    line.say(format!(
        r#"{{"event":"media","noise":"{}"}}"#,
        "x".repeat(10_000)
    ))
    .await;
    let (code, reason) = line.closed().await.unwrap();
    assert_eq!(code, 1009, "{reason}");
    assert!(reason.contains("8192 bytes"), "{reason}");
    house.rejected("too_large", 1.0).await;
    // What was said before it stays, and the call ends like any whose stream broke.
    let record = house.program.record(&call).await;
    assert_whole(&record, 10);
    // The same before the stream has started.
    let mut line = Line::connect(&house.program, &call_sid()).await;
    line.say("x".repeat(10_000)).await;
    assert_eq!(line.closed().await.unwrap().0, 1009);
    house.rejected("too_large", 2.0).await;
    let log = house.close().await;
    assert!(log.contains("larger than"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audio_before_the_start_is_counted_and_the_start_still_counts() {
    let house = House::open().await;
    let call = call_sid();
    let mut line = Line::connect(&house.program, &call).await;
    line.media("inbound", 0, &[0x55; 160]).await;
    line.key('1').await;
    line.say("not json").await;
    line.say(r#"{"event":"weather"}"#).await;
    house.rejected("before_start", 2.0).await;
    house.rejected("not_json", 1.0).await;
    line.start(&[]).await;
    line.speak(10).await;
    line.stop().await;
    let record = house.program.record(&call).await;
    assert_whole(&record, 10);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_start_on_one_socket_is_ignored() {
    let house = House::open().await;
    let (call, other) = (call_sid(), call_sid());
    let mut line = Line::open(&house.program, &call).await;
    line.speak(10).await;
    line.start(&[]).await;
    line.call.clone_from(&other);
    line.start(&[]).await;
    house.rejected("second_start", 2.0).await;
    line.speak(10).await;
    line.call.clone_from(&call);
    line.stop().await;
    let record = house.program.record(&call).await;
    assert_whole(&record, 20);
    assert_eq!(
        record["call"]["provider_stream_ids"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        house
            .program
            .ask(&format!("/v1/calls/{other}"))
            .await
            .status(),
        404
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn audio_that_cannot_be_decoded_is_refused_with_what_to_change() {
    let house = House::open().await;
    for (encoding, rate_hz, told) in [
        ("audio/x-l16", 8000, "audio/x-l16"),
        ("audio/x-mulaw", 16000, "16000 Hz"),
        ("OPUS", 48000, "OPUS"),
    ] {
        let call = call_sid();
        let mut line = Line::connect(&house.program, &call).await;
        line.start_with(encoding, rate_hz, &[]).await;
        let (code, reason) = line.closed().await.unwrap();
        assert_eq!(code, 1008);
        assert!(reason.contains(told), "{reason}");
        assert_eq!(
            house
                .program
                .ask(&format!("/v1/calls/{call}"))
                .await
                .status(),
            404
        );
    }
    let mut line = Line::connect(&house.program, &call_sid()).await;
    line.say(r#"{"event":"start","start":{"callSid":"CA1","streamSid":"MZ1"}}"#)
        .await;
    house.rejected("missing_member", 1.0).await;
    house
        .program
        .metric_reaches("offhook_calls_refused_total", "reason=\"format\"", 3.0)
        .await;
    let log = house.close().await;
    assert!(
        log.contains("only mu-law") && log.contains("only 8000 Hz"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn timestamps_that_make_no_sense_move_nothing() {
    let house = House::open().await;
    let call = call_sid();
    let mut line = Line::open(&house.program, &call).await;
    line.speak(50).await;
    // Far back, negative, and far beyond what any call lasts; each once, so none is believed.
    for timestamp_ms in [-5_000, i64::MIN, i64::MAX, 0] {
        line.media("inbound", timestamp_ms, &[0x11; 160]).await;
        line.speak(5).await;
    }
    // The last frame again, and one that overlaps it.
    let last_ms = 100 + line.frames as i64 * 20 - 20;
    line.media("inbound", last_ms, &[0x11; 160]).await;
    line.speak(10).await;
    line.stop().await;
    let record = house.program.record(&call).await;
    assert_whole(&record, 80);
    let coverage = &record["transcript"]["coverage"];
    assert_eq!(
        (&coverage["lost_ms"], &coverage["audio_ms"]),
        (&json!(0), &json!(1_600)),
        "{coverage}"
    );
    let inbound = &coverage["tracks"]["inbound"];
    let put_aside =
        inbound["reordered"].as_u64().unwrap() + inbound["duplicates"].as_u64().unwrap();
    assert_eq!(put_aside, 5, "{inbound}");
    // Each of them is in the journal all the same, and the sound is the caller's alone.
    let audio = house
        .program
        .bytes(&format!(
            "/v1/calls/{call}/audio?from_ms=0&to_ms=1600&channel=caller"
        ))
        .await;
    let heard = offhook::audio::wav::read(&audio).unwrap();
    let expected: Vec<i16> = (0..12_800)
        .map(|at| offhook::audio::mulaw::decode(crate::harness::sound(0, at)))
        .collect();
    assert!(heard.channels[0] == expected);
    assert_eq!(house.program.frames_journalled(&call).await, 165);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payloads_without_audio_are_counted_and_leave_a_gap() {
    let house = House::open().await;
    let call = call_sid();
    let mut line = Line::open(&house.program, &call).await;
    line.speak(10).await;
    line.media("inbound", 300, &[]).await;
    line.say(
        r#"{"event":"media","media":{"track":"inbound","timestamp":"320","payload":"not base64!"}}"#,
    )
    .await;
    // More than a second of audio in one message.
    let much = "A".repeat(8_000 / 3 * 4 + 200);
    let message = json!({ "event": "media", "media": { "track": "inbound", "timestamp": "340", "payload": much } });
    line.say(message.to_string()).await;
    house
        .program
        .metric_reaches("offhook_frames_rejected_total", "reason=\"empty\"", 1.0)
        .await;
    house
        .program
        .metric_reaches(
            "offhook_frames_rejected_total",
            "reason=\"not_base64\"",
            1.0,
        )
        .await;
    line.speak(10).await;
    line.stop().await;
    house.program.record(&call).await;
    house.close().await;
}

/// A peer that is no peer: plain HTTP, half a handshake, a socket that says nothing and goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_stream_at_all_costs_nobody_anything() {
    let house = House::open().await;
    let plain = house.program.ask("/twilio/media").await;
    assert_eq!(plain.status(), 426);
    let mut half = Line::connect(&house.program, &call_sid()).await;
    half.send(Message::Ping(Bytes::from_static(b"hello"))).await;
    drop(half);
    let raw = tokio::net::TcpStream::connect(&house.program.address)
        .await
        .unwrap();
    raw.writable().await.unwrap();
    raw.try_write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        .unwrap();
    drop(raw);
    until("the sockets to be forgotten", async || {
        (house.program.metric("offhook_streams_open", "").await == 1.0).then_some(())
    })
    .await;
    house.close().await;
}
