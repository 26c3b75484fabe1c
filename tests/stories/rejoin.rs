//! A call outlives its sockets: a second stream joins it, a dropped one is waited for.

use serde_json::{Value, json};

use crate::harness::{Desk, Engine, Line, call_sid};

/// Waits until the journal holds what was said on all streams.
async fn all_journalled(desk: &Desk, call: &str, frames: u64) {
    crate::harness::until(&format!("{frames} frames in the journal"), async || {
        (desk.frames_journalled(call).await >= frames).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_stream_joins_the_same_call_and_the_newest_wins() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut first = Line::open(&engine, &call).await;
    first.speak_in_time(15).await;
    all_journalled(&engine, &call, 30).await;
    let mut second = Line::open(&engine, &call).await;
    let (_, reason) = first.closed().await.unwrap();
    assert!(reason.contains("newer stream"), "{reason}");
    second.speak_in_time(15).await;
    // What the old socket still says is nobody's.
    first.speak(5).await;
    let live = engine
        .live(&call, "both streams", |live| {
            live["call"]["provider_stream_ids"]
                .as_array()
                .is_some_and(|ids| ids.len() == 2)
        })
        .await;
    assert_eq!(
        live["call"]["provider_stream_ids"],
        json!([first.stream, second.stream])
    );
    second.stop().await;
    let record = engine.record(&call).await;
    assert_eq!(
        engine.get("/v1/calls").await["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(record["call"]["end"]["reason"], "hangup");
    assert_eq!(
        record["transcript"]["coverage"]["tracks"]["inbound"]["frames"],
        30
    );
    let names: Vec<&str> = record["conversation_timestamps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"stream_reconnected"), "{names:?}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_between_two_streams_is_a_gap_on_both_tracks() {
    let engine = Engine::start("limits.rejoin_ms = 60000").await;
    let call = call_sid();
    let mut first = Line::open(&engine, &call).await;
    first.speak_in_time(10).await;
    all_journalled(&engine, &call, 20).await;
    drop(first);
    let live = engine
        .live(&call, "the dropped stream to be noticed", |live| {
            live["timeline"].to_string().contains("stream_dropped")
        })
        .await;
    let heard_ms = live["quality"]["tracks"][0]["end_ms"].as_u64().unwrap();
    assert_eq!(heard_ms, 200);
    // The line is dead until the call's clock has moved on for longer than any jitter.
    let begun = live["timeline"][0]["at"].as_str().unwrap();
    let begun: jiff::Timestamp = begun.parse().unwrap();
    crate::harness::until("a second to pass", async || {
        (jiff::Timestamp::now().as_millisecond() - begun.as_millisecond() > 1_500).then_some(())
    })
    .await;
    let mut second = Line::open(&engine, &call).await;
    second.speak_in_time(10).await;
    second.stop().await;
    let record = engine.record(&call).await;
    let coverage = &record["transcript"]["coverage"];
    let gaps = coverage["gaps"].as_array().unwrap();
    for track in ["inbound", "outbound"] {
        let gap = gaps.iter().find(|g| g["track"] == track).unwrap();
        assert_eq!(gap["start_ms"], heard_ms, "{gap}");
        assert!(gap["end_ms"].as_u64().unwrap() > 1_000, "{gap}");
    }
    assert!(
        coverage["lost_ms"].as_u64().unwrap() >= 2 * 800,
        "{coverage}"
    );
    assert!(
        record["review"]["reason"]
            .as_array()
            .unwrap()
            .contains(&json!("media_gap"))
    );
    let timeline = engine.get(&format!("/v1/calls/{call}/timeline")).await;
    let names: Vec<&Value> = timeline["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["name"])
        .collect();
    assert!(names.contains(&&json!("media_gap")), "{names:?}");
    // The hole is silence in the sound, and what came after it is in its place.
    let gap_end = gaps[0]["end_ms"].as_u64().unwrap();
    let path = format!(
        "/v1/calls/{call}/audio?from_ms=200&to_ms={}&channel=caller",
        gap_end + 20
    );
    let audio = offhook::audio::wav::read(&engine.bytes(&path).await).unwrap();
    let (hole, after) = audio.channels[0].split_at((gap_end as usize - 200) * 8);
    assert!(hole.iter().all(|&sample| sample == 0));
    let expected: Vec<i16> = (0..160)
        .map(|at| offhook::audio::mulaw::decode(crate::harness::sound(0, at)))
        .collect();
    assert!(after == expected);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_that_drops_without_a_stop_ends_the_call_after_the_time_to_rejoin() {
    let engine = Engine::start("limits.rejoin_ms = 400").await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    line.speak(10).await;
    all_journalled(&engine, &call, 20).await;
    drop(line);
    let record = engine.record(&call).await;
    assert_eq!(record["call"]["end"]["reason"], "hangup");
    let timeline = engine.get(&format!("/v1/calls/{call}/timeline")).await;
    let at = |name: &str| -> i64 {
        let moments = timeline["data"].as_array().unwrap();
        let moment = moments.iter().find(|m| m["name"] == name).unwrap();
        moment["at"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .unwrap()
            .as_millisecond()
    };
    assert!(at("hangup") - at("stream_dropped") >= 400);
    engine.close().await;
}

/// A provider may use the id of a call again, or its stream may come back too late: that is another call, and it knows the first one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_comes_back_too_late_is_a_new_call_with_its_parent() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    line.speak(5).await;
    line.stop().await;
    let first = engine.record(&call).await;
    let mut line = Line::open(&engine, &call).await;
    line.speak(5).await;
    line.stop().await;
    crate::harness::until("a second record", async || {
        let records = engine.get("/v1/records").await;
        (records["data"].as_array().unwrap().len() == 2).then_some(())
    })
    .await;
    let records = engine.get("/v1/records").await;
    let records = records["data"].as_array().unwrap();
    let second = records.iter().find(|r| r["id"] != first["id"]).unwrap();
    assert_eq!(second["call"]["parent_call_id"], first["call_id"]);
    engine.close().await;
}
