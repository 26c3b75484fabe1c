//! Receivers that are slow, hang, fail, throttle, are gone, lead elsewhere, talk for ever or cannot be trusted delay nobody else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::outbox::{Outbox, approved};
use crate::harness::receiver::{Receiver, destination, endless, silent, untrusted};
use crate::harness::{soon, until};

/// Events a round, and rounds: what else the machine does meanwhile should fall on all alike.
const EVENTS: i64 = 100;
const ROUNDS: usize = 3;

/// Sends events to a good receiver one every few milliseconds, beside the others in `settings`; how long each took, in microseconds.
async fn latencies(settings: &str) -> Vec<u128> {
    let sent = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&sent);
    let good = Receiver::answering(move |_| {
        seen.lock().unwrap().push(Instant::now());
        async { "".into_response() }
    })
    .await;
    let outbox = Outbox::new(&(good.destination("good", "allow_fields = [\"*\"]") + settings));
    let worker = outbox.worker();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let running = tokio::spawn(worker.clone().run(stopped));
    let mut took = Vec::new();
    for n in 0..EVENTS {
        let begun = Instant::now();
        worker
            .tell(vec![approved(&format!("call_{n}"), 1, outbox.now_ms())])
            .await
            .unwrap();
        let arrived = until("the good receiver", async || {
            sent.lock().unwrap().get(n as usize).copied()
        })
        .await;
        took.push((arrived - begun).as_micros());
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    stop.send(true).unwrap();
    running.abort();
    let _ = running.await;
    took
}

fn quantile(sorted: &[u128], percent: usize) -> u128 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn status(
    code: StatusCode,
) -> impl Fn(crate::harness::receiver::Got) -> std::future::Ready<Response> + Send + Sync {
    move |_| std::future::ready(code.into_response())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bad_receiver_delays_no_other() {
    let slow = Receiver::answering(|_| async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        "".into_response()
    })
    .await;
    let failing = Receiver::answering(status(StatusCode::INTERNAL_SERVER_ERROR)).await;
    let busy = Receiver::answering(|_| async {
        (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "60")]).into_response()
    })
    .await;
    let gone = Receiver::answering(status(StatusCode::GONE)).await;
    let elsewhere = Receiver::start().await;
    let target = elsewhere.url();
    let leading = Receiver::answering(move |_| {
        let target = target.clone();
        async move { (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, target)]).into_response() }
    })
    .await;
    let talking = Receiver::answering(|_| async { endless() }).await;
    let (hanging, _hanging) = silent().await;
    let (strange, _strange) = untrusted().await;
    let all = "allow_fields = [\"*\"]\ntimeout = \"5s\"";
    let bad = [
        slow.destination("slow", all),
        failing.destination("failing", all),
        busy.destination("busy", all),
        gone.destination("gone", all),
        leading.destination("leading", all),
        talking.destination("talking", all),
        destination("hanging", &format!("http://{hanging}/"), all),
        destination(
            "untrusted",
            &format!("https://localhost:{}/", strange.port()),
            all,
        ),
    ]
    .concat();

    // Each does what it should to a first event, by the clock of the story.
    // A name that leads to this machine, where nobody has allowed that.
    let inside = destination(
        "inside",
        &format!("https://localhost:{}/", strange.port()),
        all,
    )
    .replace("allow_private = true\n", "");
    let outbox = Outbox::new(&(bad.clone() + &inside));
    let worker = outbox.worker();
    worker
        .tell(vec![approved("call_1", 1, outbox.now_ms())])
        .await
        .unwrap();
    let begun = Instant::now();
    soon("all attempts", worker.run_due()).await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(9),
        "an attempt ends with its timeout"
    );
    let rows = outbox
        .database
        .read(|sql| {
            let rows = sql.query("SELECT destination_id, state, last_status, last_error, next_attempt_at_ms FROM deliveries ORDER BY destination_id", &[])?;
            rows.iter()
                .map(|r| Ok((r.get::<String>(0)?, r.get::<String>(1)?, r.get::<Option<i64>>(2)?, r.get::<Option<String>>(3)?, r.get::<i64>(4)?)))
                .collect::<Result<Vec<_>, offhook::store::DatabaseError>>()
        })
        .await
        .unwrap();
    let now_ms = outbox.now_ms();
    let brief: Vec<(&str, &str, Option<i64>, i64)> = rows
        .iter()
        .map(|r| (r.0.as_str(), r.1.as_str(), r.2, r.4 - now_ms))
        .collect();
    assert_eq!(
        brief,
        [
            ("busy", "retrying", Some(429), 60_000),
            ("failing", "retrying", Some(500), 5_000),
            ("gone", "dead", Some(410), 0),
            ("hanging", "retrying", None, 5_000),
            ("inside", "dead", None, 0),
            ("leading", "retrying", Some(307), 5_000),
            ("slow", "delivered", Some(200), 0),
            ("talking", "delivered", Some(200), 0),
            ("untrusted", "retrying", None, 5_000),
        ]
    );
    let error = |id: &str| rows.iter().find(|r| r.0 == id).unwrap().3.clone().unwrap();
    assert!(
        error("hanging").contains("no answer within 5 s"),
        "{}",
        error("hanging")
    );
    assert!(
        error("untrusted").contains("certificate"),
        "{}",
        error("untrusted")
    );
    assert!(
        error("inside").contains("allow_private"),
        "{}",
        error("inside")
    );
    assert!(error("leading").contains("redirects are not followed"));
    assert_eq!(elsewhere.got().len(), 0);
    // Whoever is gone gets nothing more.
    worker
        .tell(vec![approved("call_2", 1, outbox.now_ms())])
        .await
        .unwrap();
    soon("all attempts", worker.run_due()).await.unwrap();
    assert_eq!(gone.got().len(), 1);

    // As many good receivers cost work as well: what matters is what badness adds to that.
    let well = Receiver::start().await;
    let good: String = ["a", "b", "c", "d", "e", "f", "g", "h"]
        .map(|id| well.destination(id, all))
        .concat();
    let cases = [
        ("alone", String::new()),
        ("beside eight good receivers", good),
        ("beside eight bad receivers", bad),
    ];
    let mut took = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for ((_, others), took) in cases.iter().zip(&mut took) {
            took.extend(latencies(others).await);
        }
    }
    println!("told to received, {} events each:", took[0].len());
    for ((name, _), took) in cases.iter().zip(&mut took) {
        took.sort_unstable();
        let ms = |percent| quantile(took, percent) as f64 / 1000.0;
        println!("  {name}: median {:.1} ms, p99 {:.1} ms", ms(50), ms(99));
    }
}
