//! When the house is full or closing: new calls are refused cleanly, those that go on are not touched.

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error as WsError;

use crate::harness::{Desk, Engine, Line, Program, Site, call_sid, until};

/// The answer to a stream that must be refused: status, `Retry-After`, and the words.
async fn refused(desk: &Desk) -> (u16, String, String) {
    match Line::try_connect(desk, &call_sid(), None).await {
        Err(WsError::Http(response)) => {
            let retry = response.headers()["retry-after"]
                .to_str()
                .unwrap()
                .to_owned();
            let body = response.body().clone().unwrap_or_default();
            (
                response.status().as_u16(),
                retry,
                String::from_utf8(body).unwrap(),
            )
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a call was taken for which there is no room"),
    }
}

async fn answered(desk: &Desk, call: &str) -> Line {
    let mut line = Line::open(desk, call).await;
    line.speak(5).await;
    desk.live(call, "the call to be answered", |live| {
        live["call"]["status"] == "in_progress"
    })
    .await;
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_beyond_the_limit_is_refused_and_those_that_go_on_stay() {
    let engine = Engine::start("server.max_calls = 2\nmedia.dial_number = \"+15125550199\"").await;
    let calls = [call_sid(), call_sid()];
    let mut first = answered(&engine, &calls[0]).await;
    let mut second = answered(&engine, &calls[1]).await;
    let (status, retry, words) = refused(&engine).await;
    assert_eq!((status, retry.as_str()), (503, "10"));
    assert!(words.contains("max_calls"), "{words}");
    let ready = engine.ask("/readyz").await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let why: Value = ready.json().await.unwrap();
    assert_eq!((&why["ready"], &why["calls"]), (&json!(false), &json!(2)));
    assert_eq!(engine.ask("/healthz").await.status(), StatusCode::OK);
    // The telephone call itself never depends on us: the agent is rung, and nobody is told that it is recorded.
    let form = [
        ("CallSid", &*call_sid()),
        ("From", "+15125550142"),
        ("CallStatus", "ringing"),
    ]
    .map(|(n, v)| (n, v.to_owned()));
    let form: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let answer = engine.post("/twilio/voice", &form, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let twiml = answer.text().await.unwrap();
    assert!(
        twiml.contains("<Dial ") && !twiml.contains("<Stream") && !twiml.contains("recorded"),
        "{twiml}"
    );
    // A stream that comes back to a call that goes on needs no room.
    first.speak(5).await;
    second.speak(5).await;
    first.stop().await;
    assert_eq!(
        engine.record(&calls[0]).await["transcript"]["coverage"]["lost_ms"],
        0
    );
    // Now there is room again.
    until("room for another call", async || {
        (engine.ask("/readyz").await.status() == StatusCode::OK).then_some(())
    })
    .await;
    let third = call_sid();
    let line = answered(&engine, &third).await;
    line.stop().await;
    second.stop().await;
    engine.record(&third).await;
    let record = engine.record(&calls[1]).await;
    assert_eq!(
        record["transcript"]["coverage"]["tracks"]["inbound"]["frames"],
        10
    );
    assert!(
        engine
            .metric("offhook_calls_refused_total", "max_calls")
            .await
            >= 1.0
    );
    engine.close().await;
}

/// A call that was announced has its place, however full the house is when its stream comes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announced_call_keeps_its_place_for_its_stream() {
    let engine = Engine::start("server.max_calls = 1").await;
    let call = call_sid();
    let form = [
        ("CallSid", call.as_str()),
        ("From", "+15125550142"),
        ("CallStatus", "ringing"),
    ];
    engine.post("/twilio/voice", &form, None).await;
    // While it waits, anybody may connect, but only the announced stream finds a place.
    let mut other = Line::open(&engine, &call_sid()).await;
    let (code, reason) = other.closed().await.unwrap();
    assert_eq!(code, 1008);
    assert!(reason.contains("max_calls"), "{reason}");
    answered(&engine, &call).await.stop().await;
    engine.record(&call).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_house_that_closes_takes_nobody_new_and_lets_everybody_finish() {
    let engine = Engine::start("server.drain_s = 60").await;
    let call = call_sid();
    let mut line = answered(&engine, &call).await;
    let Engine {
        site,
        desk,
        running,
    } = engine;
    let stopped = tokio::spawn(running.stop());
    until("the house to close", async || {
        (desk.ask("/readyz").await.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    let (status, _, words) = refused(&desk).await;
    assert_eq!(status, 503);
    assert!(words.contains("shutting down"), "{words}");
    // A stream that comes back to its call is not a new call, but a house that closes takes no sockets.
    line.speak(10).await;
    line.stop().await;
    stopped.await.unwrap().unwrap();
    let engine = Engine::at(site).await;
    let record = engine.record(&call).await;
    assert_eq!(record["call"]["end"]["reason"], "hangup");
    assert_eq!(
        record["transcript"]["coverage"]["tracks"]["inbound"]["frames"],
        15
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_ends_the_program_in_order_with_every_call_drafted() {
    let site = Site::new("server.drain_s = 0");
    let mut program = Program::serve(&site);
    let call = call_sid();
    let mut line = answered(&program, &call).await;
    program.terminate();
    line.closed().await;
    let (status, log) = program.finish();
    assert_eq!(status.code(), Some(0), "{log}");
    let engine = Engine::at(site).await;
    let record = engine.record(&call).await;
    assert_eq!(record["call"]["end"]["reason"], "hangup");
    assert_eq!(
        record["transcript"]["coverage"]["tracks"]["outbound"]["frames"],
        5
    );
    engine.close().await;
}
