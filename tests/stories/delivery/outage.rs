//! A receiver that is down for an hour and comes back gets everything, each call's in order.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::outbox::{BEGIN_MS, Outbox, approved};
use crate::harness::receiver::Receiver;

const CALLS: i64 = 40;
/// Versions of each call's record, one after the other.
const VERSIONS: i64 = 5;
const HOUR_MS: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_hour_without_a_receiver_everything_arrives_in_order() {
    // Without anything new the schedule brings the first attempt that works; something new shows at once that the receiver is back.
    let quiet = outage(false).await;
    let busy = outage(true).await;
    assert!(busy < 5 && quiet <= 132, "{busy} {quiet}");
}

/// Minutes of simulated time from the receiver's return to the last delivery.
async fn outage(goes_on: bool) -> i64 {
    let up = Arc::new(AtomicBool::new(false));
    let is_up = Arc::clone(&up);
    let receiver = Receiver::answering(move |_| {
        let status = if is_up.load(Ordering::SeqCst) {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        };
        async move { status.into_response() }
    })
    .await;
    let outbox = Outbox::new(&receiver.destination("crm", "allow_fields = [\"*\"]"));
    let worker = outbox.worker();
    // Work comes in all through the hour, and the receiver is down.
    let total = CALLS * VERSIONS;
    for n in 0..total {
        let at_ms = BEGIN_MS + n * (HOUR_MS / total);
        while let Some(due_ms) = worker.run_due().await.unwrap().filter(|due| *due < at_ms) {
            outbox.set_clock(due_ms);
        }
        outbox.set_clock(at_ms);
        let call = format!("call_{:02}", n % CALLS);
        worker
            .tell(vec![approved(&call, n / CALLS + 1, at_ms)])
            .await
            .unwrap();
    }
    worker.run_due().await.unwrap();
    let failed = receiver.got().len();
    assert!(failed > CALLS as usize);
    // It is back. Time goes on to whatever is due next, until nothing is.
    up.store(true, Ordering::SeqCst);
    outbox.set_clock(BEGIN_MS + HOUR_MS);
    let mut over_ms = outbox.now_ms();
    if goes_on {
        worker
            .tell(vec![
                approved("call_00", VERSIONS + 1, over_ms),
                approved("call_new", 1, over_ms),
            ])
            .await
            .unwrap();
    }
    while let Some(due_ms) = worker.run_due().await.unwrap() {
        over_ms = due_ms;
        outbox.set_clock(due_ms);
    }
    let delivered = &receiver.got()[failed..];
    let more = if goes_on { 2 } else { 0 };
    assert_eq!(delivered.len(), total as usize + more, "each once");
    let mut sequences: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for one in delivered {
        let body = one.json();
        let call = body["data"]["call_id"].as_str().unwrap().to_owned();
        sequences
            .entry(call)
            .or_default()
            .push(body["sequence"].as_i64().unwrap());
    }
    assert_eq!(sequences.len(), CALLS as usize + usize::from(goes_on));
    let in_order = |s: &Vec<i64>| s.iter().copied().eq(1..=s.len() as i64);
    assert!(sequences.values().all(in_order), "{sequences:?}");
    let minutes = (over_ms - BEGIN_MS - HOUR_MS) / 60_000;
    println!(
        "down for 60 min: {failed} failed attempts; back: {} events delivered, in order, {minutes} simulated min later (new work meanwhile: {goes_on})",
        delivered.len()
    );
    minutes
}
