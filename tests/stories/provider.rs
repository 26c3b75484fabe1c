//! What Twilio does around the stream: webhooks, signatures, tokens, status callbacks.

use offhook::dial::{Announcement, DialError};
use offhook::media::Secret;
use offhook::media::signature::{PublicUrl, sign};
use reqwest::StatusCode;
use serde_json::json;
use tokio_tungstenite::tungstenite::Error as WsError;

use crate::harness::{Desk, Engine, Line, bundled, call_sid};

const AUTH_TOKEN: &str = "0123456789abcdef0123456789abcdef";
const PUBLIC: &str = "https://offhook.example";

/// An engine that checks every request.
async fn guarded() -> Engine {
    Engine::start(&format!(
        "media.auth_token = {AUTH_TOKEN:?}\nmedia.public_url = {PUBLIC:?}"
    ))
    .await
}

fn signature_over(url: &str, form: &[(&str, &str)]) -> String {
    let form: Vec<(String, String)> = form
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    sign(&Secret::new(AUTH_TOKEN), url, &form)
}

/// Announces a call, signed; its stream's token.
async fn announce(desk: &Desk, call: &str) -> String {
    let form = [
        ("CallSid", call),
        ("From", "+15125550142"),
        ("To", "+15125550100"),
        ("CallStatus", "ringing"),
    ];
    let signature = signature_over(&format!("{PUBLIC}/twilio/voice"), &form);
    let answer = desk.post("/twilio/voice", &form, Some(&signature)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    token_of(&answer.text().await.unwrap())
}

fn token_of(twiml: &str) -> String {
    let after = twiml
        .split("<Parameter name=\"token\" value=\"")
        .nth(1)
        .unwrap_or_else(|| panic!("no token: {twiml}"));
    after.split('"').next().unwrap().to_owned()
}

/// Connects with a right signature, starts with this token, and gives the reason if the engine closes.
async fn refusal(desk: &Desk, call: &str, token: &str) -> Option<(u16, String)> {
    let signature = signature_over("wss://offhook.example/twilio/media", &[]);
    let mut line = Line::try_connect(desk, call, Some(&signature))
        .await
        .unwrap();
    line.start(&[("token", token)]).await;
    line.closed().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_voice_webhook_answers_with_a_consented_stream_and_its_token() {
    let engine = Engine::start("media.dial_number = \"+15125550199\"").await;
    let call = call_sid();
    let form = [
        ("CallSid", call.as_str()),
        ("From", "+15125550142"),
        ("To", "+15125550100"),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
    ];
    let answer = engine.post("/twilio/voice", &form, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(
        answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/xml")
    );
    let twiml = answer.text().await.unwrap();
    let place = |part: &str| {
        twiml
            .find(part)
            .unwrap_or_else(|| panic!("{part} is not in {twiml}"))
    };
    // Consent is spoken before anything is streamed, and the stream runs before the agent is rung.
    assert!(place("This call is recorded") < place("<Start><Stream url=\"ws://"));
    assert!(place("<Start>") < place("<Dial "));
    place("track=\"both_tracks\"");
    assert_eq!(token_of(&twiml).len(), 43);
    // The call rings from now on, and the caller's number is known before anybody speaks.
    let live = engine.get(&format!("/v1/calls/{call}")).await;
    assert_eq!(
        (
            &live["status"],
            &live["caller_id"]["number"],
            &live["record_id"]
        ),
        (&json!("ringing"), &json!("+15125550142"), &json!(null))
    );
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_an_auth_token_only_signed_requests_are_taken() {
    let engine = guarded().await;
    let call = call_sid();
    let form = [("CallSid", call.as_str()), ("CallStatus", "completed")];
    for path in ["/twilio/voice", "/twilio/status", "/twilio/stream-status"] {
        let unsigned = engine.post(path, &form, None).await;
        assert_eq!(unsigned.status(), StatusCode::FORBIDDEN, "{path}");
        let wrong = signature_over(&format!("{PUBLIC}/twilio/elsewhere"), &form);
        let answer = engine.post(path, &form, Some(&wrong)).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
        let said = answer.text().await.unwrap();
        assert!(said.contains("X-Twilio-Signature"), "{said}");
        assert!(!said.contains(AUTH_TOKEN), "{said}");
    }
    // A parameter that was changed on the way breaks the signature.
    let signature = signature_over(&format!("{PUBLIC}/twilio/status"), &form);
    let other = call_sid();
    let changed = [("CallSid", other.as_str()), ("CallStatus", "completed")];
    let answer = engine
        .post("/twilio/status", &changed, Some(&signature))
        .await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    // Nothing of all that became a call.
    assert_eq!(engine.get("/v1/calls").await["data"], json!([]));
    let answer = engine.post("/twilio/status", &form, Some(&signature)).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    engine.record(&call).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_needs_a_signed_upgrade_and_its_own_token_once() {
    let engine = guarded().await;
    let (call, other) = (call_sid(), call_sid());
    for signature in [None, Some("bm90IHRoaXMgb25l")] {
        match Line::try_connect(&engine, &call, signature).await {
            Err(WsError::Http(response)) => assert_eq!(response.status(), 403),
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("an unsigned upgrade was taken"),
        }
    }
    let (token, other_token) = (
        announce(&engine, &call).await,
        announce(&engine, &other).await,
    );
    for (wrong, why) in [
        ("", "unknown"),
        ("guessed", "unknown"),
        (other_token.as_str(), "belongs to another call"),
    ] {
        let (code, reason) = refusal(&engine, &call, wrong).await.unwrap();
        assert_eq!(code, 1008, "{reason}");
        assert!(reason.contains(why), "{reason}");
    }
    // Refused streams have spent nothing: the announced one still joins.
    let signature = signature_over("wss://offhook.example/twilio/media", &[]);
    let mut line = Line::try_connect(&engine, &call, Some(&signature))
        .await
        .unwrap();
    line.start(&[("token", &token)]).await;
    line.speak(5).await;
    engine
        .live(&call, "the stream to join", |live| {
            live["call"]["status"] == "in_progress"
        })
        .await;
    let (_, reason) = refusal(&engine, &call, &token).await.unwrap();
    assert!(reason.contains("used before"), "{reason}");
    line.stop().await;
    let record = engine.record(&call).await;
    let parameters = &record["call"]["parameters"];
    assert!(
        parameters["token"].is_null(),
        "the token is kept: {parameters}"
    );
    assert!(!record.to_string().contains(&token));
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialled_call_goes_through_webhook_stream_and_status() {
    let engine = guarded().await;
    let mut call = bundled("dtmf-in-band").dial(&engine);
    call.speed = 4.0;
    call.auth_token = Some(Secret::new(AUTH_TOKEN));
    call.public_url = Some(PublicUrl::parse(PUBLIC).unwrap());
    call.announcement = Some(Announcement {
        from: "+15125550142".into(),
        to: "+15125550100".into(),
    });
    let report = call.clone().place().await.unwrap();
    let record = engine.record(&report.call_sid).await;
    assert_eq!(record["call"]["end"]["reason"], "hangup");
    assert_eq!(record["call"]["status"], "completed");
    assert_eq!(record["call"]["from"], "+15125550142");
    // With another account's token nothing goes.
    call.auth_token = Some(Secret::new("another token"));
    call.call_sid = call_sid();
    match call.place().await {
        Err(DialError::Refused { status: 403, .. }) => {}
        other => panic!("{other:?}"),
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_completed_status_ends_the_call_and_its_stream() {
    let engine = Engine::start("").await;
    let call = call_sid();
    let mut line = Line::open(&engine, &call).await;
    line.speak(10).await;
    engine
        .live(&call, "the call to be answered", |live| {
            live["call"]["status"] == "in_progress"
        })
        .await;
    let form = [
        ("CallSid", call.as_str()),
        ("CallStatus", "completed"),
        ("CallDuration", "1"),
        ("SipResponseCode", "200"),
    ];
    let answer = engine.post("/twilio/status", &form, None).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    line.closed().await;
    let record = engine.record(&call).await;
    assert_eq!(
        (&record["call"]["status"], &record["call"]["end"]["reason"]),
        (&json!("completed"), &json!("hangup"))
    );
    // The same status again, as a provider repeats it, changes nothing.
    let again = engine.post("/twilio/status", &form, None).await;
    assert_eq!(again.status(), StatusCode::NO_CONTENT);
    let calls = engine.get("/v1/calls").await;
    assert_eq!(calls["data"].as_array().unwrap().len(), 1, "{calls}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_nobody_answers_leaves_a_record_without_a_stream() {
    let engine = Engine::start("").await;
    for (status, ours) in [
        ("no-answer", "no_answer"),
        ("busy", "busy"),
        ("canceled", "canceled"),
        ("failed", "failed"),
    ] {
        let call = call_sid();
        let form = [
            ("CallSid", call.as_str()),
            ("From", "+15125550142"),
            ("To", "+15125550100"),
            ("CallStatus", "ringing"),
        ];
        engine.post("/twilio/voice", &form, None).await;
        let form = [("CallSid", call.as_str()), ("CallStatus", status)];
        let answer = engine.post("/twilio/status", &form, None).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let record = engine.record(&call).await;
        assert_eq!(record["call"]["status"], ours);
        assert_eq!(record["call"]["caller_id"]["number"], "+15125550142");
        assert_eq!(record["call"]["answered_time"], json!(null));
        // There is nothing to hear of it, and that is said.
        let id = record["call_id"].as_str().unwrap();
        let recording = engine.ask(&format!("/v1/calls/{id}/recording")).await;
        assert_eq!(recording.status(), StatusCode::NOT_FOUND);
    }
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leg_s_status_neither_ends_the_call_nor_becomes_one() {
    let engine = Engine::start("").await;
    let (call, leg) = (call_sid(), call_sid());
    let mut line = Line::open(&engine, &call).await;
    line.speak(5).await;
    engine
        .live(&call, "the call to be answered", |live| {
            live["call"]["status"] == "in_progress"
        })
        .await;
    for status in ["ringing", "in-progress", "completed"] {
        let form = [
            ("CallSid", leg.as_str()),
            ("ParentCallSid", call.as_str()),
            ("CallStatus", status),
        ];
        let answer = engine.post("/twilio/status", &form, None).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }
    let calls = engine.get("/v1/calls").await;
    assert_eq!(calls["data"].as_array().unwrap().len(), 1, "{calls}");
    assert_eq!(calls["data"][0]["status"], "in_progress");
    line.stop().await;
    engine.record(&call).await;
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_form_of_the_provider_is_refused_with_the_reason() {
    let engine = Engine::start("").await;
    for (form, said) in [
        (&[("CallStatus", "completed")][..], "CallSid"),
        (&[("CallSid", "CA1")][..], "CallStatus"),
        (
            &[("CallSid", "CA1"), ("CallStatus", "sleeping")][..],
            "CallStatus",
        ),
    ] {
        let answer = engine.post("/twilio/status", form, None).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let text = answer.text().await.unwrap();
        assert!(text.contains(said), "{text}");
    }
    let huge = "x".repeat(70_000);
    let form = [
        ("CallSid", "CA1"),
        ("CallStatus", "completed"),
        ("Note", &huge),
    ];
    let answer = engine.post("/twilio/status", &form, None).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(engine.get("/v1/calls").await["data"], json!([]));
    engine.close().await;
}
