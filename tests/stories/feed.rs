//! The live feed over WebSocket and server-sent events: snapshot first, deltas without holes, resuming, slow readers, people's acts.

use std::borrow::Cow;
use std::collections::HashMap;

use futures_util::future::join_all;
use offhook::call::{CallId, LiveEvent};
use serde_json::{Value, json};

use crate::harness::{Engine, Events, Line, Reader, call_sid};

/// Holds that every call begins with a snapshot (after `resumed`, with the delta that follows) and goes on without holes or repeats.
/// Gives the last number of each call.
fn check_sequence(messages: &[Value], resumed: &HashMap<String, u64>) -> HashMap<String, u64> {
    let mut seen = resumed.clone();
    for message in messages {
        let Some(call) = message["call_id"].as_str() else {
            assert_eq!(message["type"], "ping", "{message}");
            continue;
        };
        let seq = message["seq"].as_u64().unwrap();
        match seen.get(call) {
            None => assert_eq!(message["type"], "snapshot", "{message}"),
            Some(last) => {
                assert_ne!(message["type"], "snapshot", "a second snapshot: {message}");
                assert_eq!(seq, last + 1, "after {last}: {message}");
            }
        }
        seen.insert(call.to_owned(), seq);
    }
    seen
}

/// Something to tell: frames with holes between them, a key, and the end.
async fn tell(mut line: Line) {
    for n in 0..12 {
        line.media("inbound", 100 + n * 1_000, &[0x55; 160]).await;
    }
    line.key('1').await;
    line.stop().await;
}

fn set(call_id: &Value, field: &str, value: Value) -> Value {
    json!({ "client_id": 7, "call_id": call_id, "type": "field.set", "field": field, "value": value })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reader_gets_a_snapshot_and_then_every_delta_in_order() {
    let engine = Engine::start("").await;
    let mut early = Reader::open(&engine).await;
    assert_eq!(early.next().await["type"], "ping", "nobody calls yet");
    let mut events = Events::open(&engine, "", None).await;
    assert_eq!(events.next().await.1["type"], "ping");
    let calls = [call_sid(), call_sid(), call_sid()];
    // Both readers have met every call before anything is told: what a snapshot holds already is no delta any more.
    let mut lines = Vec::new();
    let (mut messages, mut streamed) = (Vec::new(), Vec::new());
    for call in &calls {
        lines.push(Line::open(&engine, call).await);
    }
    let met = |messages: &[Value]| messages.iter().filter(|m| m["type"] == "snapshot").count();
    while met(&messages) < 3 {
        messages.push(early.next().await);
    }
    while met(&streamed) < 3 {
        streamed.push(events.next().await.1);
    }
    let (rest, _) = tokio::join!(early.until_drafts(3), join_all(lines.into_iter().map(tell)));
    messages.extend(rest);
    assert_eq!(check_sequence(&messages, &HashMap::new()).len(), 3);
    let gaps = messages
        .iter()
        .filter(|m| m["type"] == "media.quality" && m["data"]["gap_ms"].is_u64());
    assert_eq!(gaps.count(), 33);
    for kind in ["call.ended", "record.drafted"] {
        let told = messages.iter().filter(|m| m["type"] == kind);
        assert_eq!(told.count(), 3, "{kind}");
    }
    // The other door shows the same, and its ids are the numbers.
    while streamed
        .iter()
        .filter(|m: &&Value| m["type"] == "record.drafted")
        .count()
        < 3
    {
        let (id, message) = events.next().await;
        let expected = format!(
            "{}:{}",
            message["call_id"].as_str().unwrap(),
            message["seq"]
        );
        assert_eq!(id, Some(expected));
        streamed.push(message);
    }
    check_sequence(&streamed, &HashMap::new());
    // One who comes late gets the ended calls as snapshots with what became of them.
    let mut late = Reader::open(&engine).await;
    for _ in 0..3 {
        let snapshot = late.next().await;
        assert_eq!(snapshot["type"], "snapshot");
        assert_eq!(snapshot["data"]["call"]["status"], "completed");
    }
    // A drafted record can be read at the moment it is announced.
    let drafted = messages
        .iter()
        .find(|m| m["type"] == "record.drafted")
        .unwrap();
    engine
        .get(&format!(
            "/v1/records/{}",
            drafted["data"]["record_id"].as_str().unwrap()
        ))
        .await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_resumes_misses_nothing_and_gets_nothing_twice() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut reader = Reader::open(&engine).await;
    reader.next().await;
    let mut line = Line::open(&engine, &call).await;
    line.speak(2).await;
    // Read up to the answer, then lose the connection.
    let mut before = Vec::new();
    while before
        .last()
        .is_none_or(|m: &Value| m["type"] != "call.answered" && m["type"] != "snapshot")
    {
        before.push(reader.next().await);
    }
    let seen = check_sequence(&before, &HashMap::new());
    let (call_id, last) = seen
        .iter()
        .next()
        .map(|(id, seq)| (id.clone(), *seq))
        .unwrap();
    drop(reader);
    for n in 1..=10 {
        line.media("inbound", 1_000 + n * 1_000, &[0x55; 160]).await;
    }
    let live = engine
        .live(&call, "ten gaps", |live| {
            live["quality"]["gaps"]
                .as_array()
                .is_some_and(|g| g.len() == 10)
        })
        .await;
    let now = live["seq"].as_u64().unwrap();
    assert!(now >= last + 10);

    // Over the event stream, as a browser does by itself, and by query.
    let by_header = Events::open(&engine, "", Some(&format!("{call_id}:{last}"))).await;
    let by_query = Events::open(
        &engine,
        &format!("?call={call_id}&resume_after={last}"),
        None,
    )
    .await;
    for mut events in [by_header, by_query] {
        let mut missed = Vec::new();
        for _ in last..now {
            missed.push(events.next().await.1);
        }
        check_sequence(&missed, &seen);
    }
    // Over the socket: what it sends before it knows where the reader was is a snapshot; then come the missed deltas.
    let mut reader = Reader::open(&engine).await;
    assert_eq!(reader.next().await["seq"], now);
    reader
        .send(
            &json!({ "subscribe": { "calls": "all" }, "resume_after": { call_id.as_str(): last } }),
        )
        .await;
    let mut rest = vec![reader.next().await];
    assert_eq!(rest[0]["seq"], last + 1);
    line.stop().await;
    rest.extend(reader.until_drafts(1).await);
    check_sequence(&rest, &seen);
    // A place that is long forgotten, or never was, gives a snapshot.
    let mut events = Events::open(
        &engine,
        &format!("?call={call_id}&resume_after=999999"),
        None,
    )
    .await;
    assert_eq!(events.next().await.1["type"], "snapshot");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_stops_reading_is_told_so_and_harms_nobody() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    line.speak(1).await;
    let live = engine
        .live(&call, "the call to be answered", |live| {
            live["seq"].as_u64() > Some(1)
        })
        .await;
    // A busy house on the same feed: another call whose every delta is as long as a paragraph.
    let feed = &engine.running.edge().feed;
    let own: CallId = live["call_id"].as_str().unwrap().parse().unwrap();
    let mut state = (*feed.state(own).unwrap()).clone();
    let busy = CallId::new(1, [7; 10]);
    state.call_id = busy;
    state.seq = 0;
    feed.publish(Vec::new(), state.clone());
    let mut slow = Reader::open_narrow(&engine).await;
    let mut quick = Reader::open(&engine).await;
    let mut quick_seen = Vec::new();
    for _ in 0..2 {
        quick_seen.push(quick.next().await);
    }
    let words = "x".repeat(3_000);
    for batch in 0..35_u64 {
        let events: Vec<LiveEvent> = (batch * 200 + 1..=batch * 200 + 200)
            .map(|seq| LiveEvent {
                kind: Cow::Borrowed("transcript.final"),
                seq,
                call_id: busy,
                at: "2026-01-01T00:00:00.000Z".to_owned(),
                at_ms: seq,
                data: json!({ "text": words }),
            })
            .collect();
        state.seq = batch * 200 + 200;
        feed.publish(events, state.clone());
        // The quick reader keeps up: it has had each of them before the next come.
        let mut of_busy = 0;
        while of_busy < 200 {
            let mut delta = quick.next().await;
            delta["data"] = Value::Null;
            // The other call tells how its audio arrives meanwhile.
            of_busy += u32::from(delta["call_id"] == busy.to_string());
            quick_seen.push(delta);
        }
    }
    assert_eq!(
        check_sequence(&quick_seen, &HashMap::new())[&busy.to_string()],
        7_000
    );

    // Now the slow one reads again: an unbroken beginning, then the word that it lost something, then snapshots, then deltas again.
    let mut before = Vec::new();
    let lagged = loop {
        let message = slow.next().await;
        if message["type"] == "feed.lagged" {
            break message;
        }
        before.push(message);
    };
    check_sequence(&before, &HashMap::new());
    assert!(lagged["data"]["skipped"].as_u64().unwrap() > 0, "{lagged}");
    let mut after = vec![slow.next().await, slow.next().await];
    let snapshot = after
        .iter()
        .find(|m| m["call_id"] == busy.to_string())
        .unwrap();
    assert_eq!(
        (&snapshot["type"], &snapshot["seq"]),
        (&json!("snapshot"), &json!(7_000))
    );
    line.stop().await;
    after.extend(slow.until_drafts(1).await);
    check_sequence(&after, &HashMap::new());
    let quick_end = quick.until_drafts(1).await;
    assert!(quick_end.iter().all(|m| m["type"] != "feed.lagged"));
    assert!(engine.metric("offhook_feed_lagged_total", "").await >= 1.0);
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_sets_is_acknowledged_kept_and_locked() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut line = Line::connect(&engine, &call).await;
    line.start(&[("from", "+15125550142")]).await;
    line.speak(3).await;
    let live = engine
        .live(&call, "the caller's number", |live| {
            live["fields"]["callback_number"]["value"] == "+15125550142"
        })
        .await;
    assert_eq!(live["fields"]["callback_number"]["status"], "inferred");
    let mut reader = Reader::open(&engine).await;
    let call_id = reader.next().await["call_id"].clone();
    let mut watcher = Reader::open(&engine).await;
    watcher.next().await;

    let answer = reader
        .act(&set(&call_id, "callback_number", json!("+15125550177")))
        .await;
    assert_eq!(answer, json!({ "type": "ack", "client_id": 7 }));
    // Everybody else sees it.
    let update = loop {
        let message = watcher.next().await;
        if message["type"] == "field.updated" && message["data"]["name"] == "callback_number" {
            break message;
        }
    };
    assert_eq!(
        (
            &update["data"]["value"],
            &update["data"]["status"],
            &update["data"]["locked"]["who"]
        ),
        (&json!("+15125550177"), &json!("confirmed"), &json!("agent"))
    );
    // The caller keys another number: the engine may note it, never overwrite.
    for digit in "5125550188#".chars() {
        line.key(digit).await;
    }
    // What cannot be is refused with the reason, and changes nothing.
    for (act, reason) in [
        (
            set(&call_id, "callbck_number", json!("+15125550177")),
            "callback_number",
        ),
        (
            set(&call_id, "callback_number", json!({ "no": "number" })),
            "callback_number",
        ),
        (set(&call_id, "urgency", json!("whenever")), "emergency"),
        (
            set(
                &json!("call_00000000-0000-0000-0000-000000000000"),
                "urgency",
                json!("soon"),
            ),
            "not going on",
        ),
        (
            json!({ "client_id": 7, "call_id": call_id, "type": "field.burn", "field": "urgency" }),
            "field.set",
        ),
        (
            json!({ "client_id": 7, "call_id": call_id, "type": "field.confirm", "field": "caller_name" }),
            "no value",
        ),
    ] {
        let answer = reader.act(&act).await;
        assert_eq!(
            (&answer["type"], &answer["client_id"]),
            (&json!("nack"), &json!(7)),
            "{act}"
        );
        assert!(
            answer["reason"].as_str().unwrap().contains(reason),
            "{answer}"
        );
    }
    let nonsense = reader.act(&json!({ "what": "is this" })).await;
    assert!(
        nonsense["reason"].as_str().unwrap().contains("subscribe"),
        "{nonsense}"
    );
    assert_eq!(
        reader
            .act(&set(&call_id, "caller_name", json!("Maria Gonzalez")))
            .await["type"],
        "ack"
    );
    line.stop().await;
    let record = engine.record(&call).await;
    let number = &record["fields"]["callback_number"];
    assert_eq!(
        (&number["value"], &number["source"]),
        (&json!("+15125550177"), &json!("operator"))
    );
    assert_eq!(record["fields"]["caller_name"]["value"], "Maria Gonzalez");
    engine.close().await;
}

/// What a person did is not undone by a provider that names the caller late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_number_that_comes_late_takes_nothing_away() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    line.speak(3).await;
    engine
        .live(&call, "the call to be answered", |live| {
            live["call"]["status"] == "in_progress"
        })
        .await;
    let mut reader = Reader::open(&engine).await;
    let call_id = reader.next().await["call_id"].clone();
    assert_eq!(
        reader
            .act(&set(&call_id, "caller_name", json!("Maria Gonzalez")))
            .await["type"],
        "ack"
    );
    let form = [
        ("CallSid", call.as_str()),
        ("CallStatus", "in-progress"),
        ("From", "+15125550142"),
    ];
    engine.post("/twilio/status", &form, None).await;
    line.stop().await;
    let record = engine.record(&call).await;
    assert_eq!(record["call"]["caller_id"]["number"], "+15125550142");
    assert_eq!(record["fields"]["caller_name"]["value"], "Maria Gonzalez");
    assert_eq!(record["fields"]["callback_number"]["value"], "+15125550142");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_resumes_from_its_first_message_on_and_judges_only_what_it_sees() {
    let engine = Engine::start("").await;
    let (call, other) = (call_sid(), call_sid());
    let mut line = Line::connect(&engine, &call).await;
    line.start(&[("from", "+15125550142")]).await;
    let mut another = Line::open(&engine, &other).await;
    line.media("inbound", 100, &[0x55; 160]).await;
    let live = engine
        .live(&call, "the caller's number", |live| {
            live["fields"]["callback_number"]["value"] == "+15125550142"
        })
        .await;
    let id = live["call_id"].as_str().unwrap().to_owned();
    let mut page = Reader::open_asking(&engine, &format!("?calls={id}")).await;
    let snapshot = page.next().await;
    assert_eq!(
        (&snapshot["type"], &snapshot["call_id"]),
        (&json!("snapshot"), &json!(id))
    );
    let seq = snapshot["seq"].as_u64().unwrap();
    drop(page);

    // While it was away somebody flagged the call. It gets just that, and nothing of the other call.
    let mut agent = Reader::open(&engine).await;
    let flag = json!({ "client_id": 1, "call_id": id, "type": "flag", "note": "look" });
    assert_eq!(agent.act(&flag).await["type"], "ack");
    another.media("inbound", 100, &[0x55; 160]).await;
    let mut page =
        Reader::open_asking(&engine, &format!("?calls={id}&resume_after={id}:{seq}")).await;
    let missed = page.next().await;
    assert_eq!(
        (&missed["seq"], &missed["call_id"]),
        (&json!(seq + 1), &json!(id))
    );

    // Whoever confirms names what they saw: another value than the one that stands is not confirmed by it.
    let confirm = |value: &str| json!({ "client_id": 2, "call_id": id, "type": "field.confirm", "field": "callback_number", "value": value });
    let refused = page.act(&confirm("+15125550199")).await;
    assert_eq!(refused["type"], "nack");
    assert!(
        refused["reason"]
            .as_str()
            .unwrap()
            .contains("changed meanwhile")
    );
    assert_eq!(page.act(&confirm("+15125550142")).await["type"], "ack");
    engine
        .live(&call, "the number to be confirmed", |live| {
            live["fields"]["callback_number"]["status"] == "confirmed"
        })
        .await;

    let bad = engine.ask("/v1/live?calls=nobody").await;
    assert_eq!(bad.status(), 400);
    line.stop().await;
    another.stop().await;
    engine.close().await;
}
