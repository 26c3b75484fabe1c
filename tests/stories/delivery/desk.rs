//! What people see of deliveries and do about them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::response::IntoResponse;
use reqwest::Method;
use serde_json::{Value, json};

use super::journey::PLAIN;
use crate::harness::receiver::{Receiver, SECRET};
use crate::harness::{Engine, Line, Program, Reader, Site, call_sid, until};

/// A receiver whose answer can be changed.
async fn moody() -> (Receiver, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(200));
    let now = Arc::clone(&status);
    let receiver = Receiver::answering(move |_| {
        let status = StatusCode::from_u16(now.load(Ordering::SeqCst)).unwrap();
        async move { (status, "as you like").into_response() }
    })
    .await;
    (receiver, status)
}

async fn post(engine: &Engine, path: &str, body: Value) -> (u16, Value) {
    let answer = engine.request(Method::POST, path, &[], &body).await;
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap())
}

async fn finished_call(engine: &Engine) -> String {
    let call = call_sid();
    let mut line = Line::open(engine, &call).await;
    line.speak_in_time(5).await;
    line.stop().await;
    engine.record(&call).await["call_id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The first delivery that a query finds in a state.
async fn delivery(engine: &Engine, query: &str) -> Value {
    until(query, async || {
        let list = engine.get(&format!("/v1/deliveries?{query}")).await;
        list["data"].as_array()?.first().cloned()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_gone_is_disabled_loudly_and_comes_back() {
    let ((crm, mood), watch) = (moody().await, Receiver::start().await);
    let plain = PLAIN.replace("defaults.vertical = \"plumber\"\n", "");
    let engine = Engine::start(&format!(
        "{plain}{}{}",
        crm.destination(
            "crm",
            "events = [\"record.drafted\"]\nallow_fields = [\"*\"]"
        ),
        watch.destination("watch", "events = [\"delivery.dead\"]"),
    ))
    .await;
    mood.store(410, Ordering::SeqCst);
    let begun = Instant::now();
    let call = finished_call(&engine).await;
    let bad_news = watch.event("delivery.dead").await;
    assert!(begun.elapsed() < Duration::from_secs(60));
    assert!(bad_news.verifies(SECRET));
    let dead = delivery(&engine, &format!("state=dead&call_id={call}")).await;
    assert_eq!(bad_news.json()["data"]["delivery"]["id"], dead["id"]);
    let letters = engine.get("/v1/dead-letters").await;
    assert_eq!(letters["data"][0]["id"], dead["id"]);
    let shown = engine.get("/v1/destinations/crm").await;
    assert_eq!(
        (
            &shown["enabled"],
            &shown["disabled_reason"],
            &shown["backlog"]["dead"]
        ),
        (&json!(false), &json!("it answered 410 Gone"), &json!(1))
    );

    // The next one waits; when the receiver is back, both are sent, the dead one by a replay under its old id.
    let waiting = finished_call(&engine).await;
    assert_eq!(
        delivery(&engine, &format!("call_id={waiting}")).await["state"],
        "queued"
    );
    mood.store(200, Ordering::SeqCst);
    let (status, enabled) = post(&engine, "/v1/destinations/crm/enable", json!({})).await;
    assert_eq!((status, &enabled["enabled"]), (200, &json!(true)));
    delivery(&engine, &format!("state=delivered&call_id={waiting}")).await;
    let (status, replayed) = post(
        &engine,
        "/v1/deliveries/replay",
        json!({ "destination": "crm", "since": "2020-01-01T00:00:00Z" }),
    )
    .await;
    assert_eq!((status, &replayed["queued"]), (202, &json!(1)));
    let back = delivery(
        &engine,
        &format!("state=delivered&destination=crm&call_id={call}"),
    )
    .await;
    assert_eq!(
        (&back["event_id"], &back["attempt_count"]),
        (&dead["event_id"], &json!(2))
    );
    let ids: Vec<String> = crm.got().iter().map(|g| g.id().to_owned()).collect();
    assert_eq!(
        ids.iter()
            .filter(|id| **id == back["event_id"].as_str().unwrap())
            .count(),
        2
    );
    assert_eq!(engine.get("/v1/dead-letters").await["data"], json!([]));
}

/// The states in which the feed tells of a call's deliveries, up to one; each with its tries.
async fn told(reader: &mut Reader, call: &str, last: &str) -> Vec<(String, u64)> {
    let mut states = Vec::new();
    loop {
        let message = reader.next().await;
        if message["type"] != "delivery.updated" || message["call_id"] != call {
            continue;
        }
        // It has no place among the call's numbered events.
        assert!(message["seq"].is_null(), "{message}");
        let delivery = &message["data"];
        let state = delivery["state"].as_str().unwrap().to_owned();
        let end = state == last;
        states.push((state, delivery["attempt_count"].as_u64().unwrap()));
        if end {
            return states;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_feed_tells_how_a_delivery_goes() {
    let (crm, mood) = moody().await;
    let plain = PLAIN.replace("defaults.vertical = \"plumber\"\n", "");
    let settings = plain
        + &crm.destination(
            "crm",
            "events = [\"record.drafted\"]\nallow_fields = [\"*\"]",
        );
    let engine = Engine::start(&settings).await;
    let mut all = Reader::open(&engine).await;
    mood.store(410, Ordering::SeqCst);
    let call = finished_call(&engine).await;
    // What is told twice at once may be told once: the end is never left out.
    let states = told(&mut all, &call, "dead").await;
    assert_eq!(states.last(), Some(&("dead".to_owned(), 1)), "{states:?}");
    let dead = delivery(&engine, &format!("state=dead&call_id={call}")).await;

    // One who follows this call alone hears of it after its end, too; one who follows another hears nothing.
    let mut one = Reader::open_asking(&engine, &format!("?calls={call}")).await;
    let other = finished_call(&engine).await;
    let mut another = Reader::open_asking(&engine, &format!("?calls={other}")).await;
    mood.store(200, Ordering::SeqCst);
    assert_eq!(
        post(&engine, "/v1/destinations/crm/enable", json!({}))
            .await
            .0,
        200
    );
    let path = format!("/v1/deliveries/{}", dead["id"].as_str().unwrap());
    assert_eq!(
        post(&engine, &format!("{path}/retry"), json!({})).await.0,
        200
    );
    let states = told(&mut one, &call, "delivered").await;
    assert_eq!(
        states.last(),
        Some(&("delivered".to_owned(), 2)),
        "{states:?}"
    );
    // The other call's own delivery was waiting for the destination and is the first that its reader hears of.
    loop {
        let message = another.next().await;
        if message["type"] == "delivery.updated" {
            assert_eq!(message["call_id"], other.as_str());
            break;
        }
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_retries_cancels_tests_and_rotates() {
    let (crm, mood) = moody().await;
    let plain = PLAIN.replace("defaults.vertical = \"plumber\"\n", "");
    let engine = Engine::start(
        &(plain
            + &crm.destination(
                "crm",
                "events = [\"record.drafted\"]\nallow_fields = [\"*\"]",
            )),
    )
    .await;
    mood.store(500, Ordering::SeqCst);
    let call = finished_call(&engine).await;
    let failed = delivery(&engine, &format!("state=retrying&call_id={call}")).await;
    let path = format!("/v1/deliveries/{}", failed["id"].as_str().unwrap());
    let one = engine.get(&path).await;
    assert_eq!(
        (
            &one["attempts"][0]["status_code"],
            &one["attempts"][0]["response_excerpt"]
        ),
        (&json!(500), &json!("as you like"))
    );
    let (status, canceled) = post(&engine, &format!("{path}/cancel"), json!({})).await;
    assert_eq!((status, &canceled["state"]), (200, &json!("canceled")));
    assert_eq!(
        post(&engine, &format!("{path}/cancel"), json!({})).await.0,
        409
    );
    mood.store(200, Ordering::SeqCst);
    assert_eq!(
        post(&engine, &format!("{path}/retry"), json!({})).await.0,
        200
    );
    delivery(&engine, &format!("state=delivered&call_id={call}")).await;
    assert_eq!(
        post(&engine, "/v1/deliveries/dlv_none/retry", json!({}))
            .await
            .0,
        404
    );
    assert_eq!(
        post(&engine, "/v1/destinations/none/test", json!({}))
            .await
            .0,
        404
    );
    assert_eq!(engine.ask("/v1/deliveries?state=lost").await.status(), 400);

    let (status, tested) = post(&engine, "/v1/destinations/crm/test", json!({})).await;
    assert_eq!(status, 202);
    let ping = crm.event("test.ping").await;
    assert_eq!(
        (ping.id(), &ping.json()["livemode"]),
        (tested["event_id"].as_str().unwrap(), &json!(false))
    );
    assert!(ping.verifies(SECRET));

    // A new secret signs beside the old one, and is shown this once.
    let (status, rotated) = post(&engine, "/v1/destinations/crm/rotate-secret", json!({})).await;
    assert_eq!(status, 200);
    let new = rotated["secret"].as_str().unwrap();
    post(&engine, "/v1/destinations/crm/test", json!({})).await;
    let both = crm
        .wait_for("a test under both secrets", |g| {
            g.header("webhook-signature").contains(' ')
        })
        .await;
    assert!(both.verifies(SECRET) && both.verifies(new));
    let list = engine.get("/v1/destinations").await;
    assert_eq!(list["data"][0]["secret"]["source"], "rotated");
    for secret in [SECRET, new] {
        assert!(
            !list
                .to_string()
                .contains(secret.trim_start_matches("whsec_"))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_and_values_are_in_no_log() {
    let (crm, mood) = moody().await;
    let site = Site::new(
        &(PLAIN.replace("defaults.vertical = \"plumber\"\n", "")
            + &crm.destination(
                "crm",
                "events = [\"record.drafted\"]\nallow_fields = [\"*\"]",
            )
            + &crate::harness::receiver::destination(
                "nowhere",
                "http://127.0.0.1:1/x?token=hunter2",
                "events = [\"record.drafted\"]",
            )),
    );
    mood.store(500, Ordering::SeqCst);
    let program = Program::serve_logging(&site, "offhook=debug");
    let call = call_sid();
    let mut line = Line::connect(&program, &call).await;
    line.start(&[("from", "+15125550142")]).await;
    line.speak_in_time(5).await;
    line.stop().await;
    for destination in ["crm", "nowhere"] {
        until("both failures", async || {
            let list = program
                .try_get(&format!(
                    "/v1/deliveries?state=retrying&destination={destination}"
                ))
                .await?;
            list["data"].as_array()?.first().cloned()
        })
        .await;
    }
    let seen = program.try_get("/v1/deliveries").await.unwrap().to_string()
        + &program
            .try_get("/v1/destinations")
            .await
            .unwrap()
            .to_string();
    let log = program.kill();
    assert!(log.contains("a delivery failed"), "{log}");
    for secret in [
        SECRET.trim_start_matches("whsec_"),
        "hunter2",
        "15125550142",
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
        assert!(!seen.contains(secret), "{secret}: {seen}");
    }
}
