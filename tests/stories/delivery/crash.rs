//! Whoever crashes between sending and settling sends again: the same id, the same bytes. A receiver that takes each id once ends with one
//! effect.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::response::IntoResponse;
use tokio::sync::{Notify, watch};

use super::outbox::{Outbox, approved};
use crate::harness::receiver::Receiver;
use crate::harness::{Line, Program, Site, call_sid, soon, until};

/// How often the process dies, each time after the receiver has the request and before anybody hears of it.
const CRASHES: usize = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_crashes_are_one_effect() {
    let arrived = Arc::new(Notify::new());
    let effects = Arc::new(Mutex::new(BTreeSet::new()));
    let answering = Arc::new(Mutex::new(false));
    let (signal, done, open) = (
        Arc::clone(&arrived),
        Arc::clone(&effects),
        Arc::clone(&answering),
    );
    let receiver = Receiver::answering(move |got| {
        let id = got.id().to_owned();
        let (signal, done) = (Arc::clone(&signal), Arc::clone(&done));
        let answers = *open.lock().unwrap();
        async move {
            done.lock().unwrap().insert(id);
            signal.notify_one();
            if !answers {
                std::future::pending::<()>().await;
            }
            "taken".into_response()
        }
    })
    .await;
    let outbox =
        Outbox::new(&receiver.destination("crm", "allow_fields = [\"*\"]\ntimeout = \"60s\""));
    let event = approved("call_1", 1, outbox.now_ms());
    outbox.worker().tell(vec![event.clone()]).await.unwrap();
    for _ in 0..CRASHES {
        let worker = outbox.worker();
        let running = tokio::spawn(async move { worker.run_due().await.map(|_| ()) });
        soon("the request", arrived.notified()).await;
        // The process is gone: the receiver has it, the database does not know.
        running.abort();
        let _ = running.await;
        outbox.pass(Duration::from_secs(3_600).as_millis() as i64);
    }
    *answering.lock().unwrap() = true;
    let worker = outbox.worker();
    assert_eq!(
        soon("the last delivery", worker.run_due()).await.unwrap(),
        None
    );
    // Whoever tells it again tells nothing new.
    worker.tell(vec![event.clone()]).await.unwrap();
    worker.run_due().await.unwrap();
    let got = receiver.got();
    assert_eq!(got.len(), CRASHES + 1);
    assert!(
        got.iter()
            .all(|g| g.id() == event.id && g.body == got[0].body)
    );
    assert_eq!(*effects.lock().unwrap(), BTreeSet::from([event.id]));
    println!(
        "{CRASHES} crashes between send and settle: {} requests, 1 id, 1 effect",
        got.len()
    );
}

/// The same with the real program and SIGKILL.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_program_sends_again_under_the_same_id() {
    const KILLS: usize = 5;
    let (report, mut arrivals) = tokio::sync::mpsc::unbounded_channel();
    let (open, is_open) = watch::channel(false);
    let receiver = Receiver::answering(move |got| {
        let report = report.clone();
        let mut is_open = is_open.clone();
        async move {
            report.send(got.id().to_owned()).unwrap();
            let _ = is_open.wait_for(|open| *open).await;
            "taken".into_response()
        }
    })
    .await;
    let site = Site::new(&format!(
        "speech.enabled = false\nstore.fsync = false\n{}",
        receiver.destination(
            "crm",
            "events = [\"record.drafted\"]\nallow_fields = [\"*\"]\ntimeout = \"60s\""
        )
    ));
    let mut program = Program::serve(&site);
    let call = call_sid();
    let mut line = Line::open(&program, &call).await;
    line.speak_in_time(5).await;
    line.stop().await;
    let mut ids = BTreeSet::new();
    for _ in 0..KILLS {
        ids.insert(soon("the webhook", arrivals.recv()).await.unwrap());
        program.kill();
        program = Program::serve(&site);
    }
    ids.insert(soon("the webhook", arrivals.recv()).await.unwrap());
    open.send(true).unwrap();
    let delivered = until("the delivery", async || {
        let page = program.try_get("/v1/deliveries?state=delivered").await?;
        page["data"].as_array()?.first().cloned()
    })
    .await;
    assert_eq!(
        ids,
        BTreeSet::from([delivered["event_id"].as_str().unwrap().to_owned()])
    );
    assert_eq!(receiver.got().len(), KILLS + 1);
}
