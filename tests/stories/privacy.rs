//! Neither secrets nor anything a caller said, keyed or is called by is ever logged, whatever the log level.

use futures_util::{SinkExt, StreamExt};
use offhook::media::Secret;
use offhook::media::signature::sign;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Line, Program, Site, call_sid};

const AUTH_TOKEN: &str = "5e5a3e0f00d15ecre7d0n7pr1n7me000";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trace_of_a_whole_call_shows_no_secret_and_nothing_of_the_caller() {
    let site = Site::new(&format!(
        "media.auth_token = {AUTH_TOKEN:?}\nmedia.public_url = \"https://offhook.example\"\n\
         media.dial_number = \"+15125550199\"\nlimits.rejoin_ms = 300"
    ));
    let program = Program::serve_logging(&site, "trace");
    let call = call_sid();
    let signed = |path: &str, form: &[(&str, &str)]| {
        let form: Vec<(String, String)> = form
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect();
        sign(
            &Secret::new(AUTH_TOKEN),
            &format!("https://offhook.example{path}"),
            &form,
        )
    };
    let form = [
        ("CallSid", call.as_str()),
        ("From", "+15125550142"),
        ("To", "+15125550100"),
        ("CallerName", "GONZALEZ MARIA"),
        ("FromCity", "PFLUGERVILLE"),
        ("CallStatus", "ringing"),
    ];
    let answer = program
        .post(
            "/twilio/voice",
            &form,
            Some(&signed("/twilio/voice", &form)),
        )
        .await;
    let twiml = answer.text().await.unwrap();
    let token = twiml
        .split("name=\"token\" value=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();

    let upgrade = sign(
        &Secret::new(AUTH_TOKEN),
        "wss://offhook.example/twilio/media",
        &[],
    );
    let mut line = Line::try_connect(&program, &call, Some(&upgrade))
        .await
        .unwrap();
    line.start(&[
        ("token", &token),
        ("from", "+15125550142"),
        ("note", "beware-of-the-dog"),
    ])
    .await;
    line.speak(20).await;
    for digit in "5125550188".chars() {
        line.key(digit).await;
    }
    line.say(r#"{"event":"media","media":{"track":"inbound","timestamp":"my-number-is-5125550177","payload":"AA=="}}"#).await;
    line.say("my password is xyzzy-plugh").await;
    program
        .live(&call, "the keyed number", |live| {
            live["fields"]["callback_number"]["value"] == "+15125550188"
        })
        .await;

    let (mut live, _) =
        tokio_tungstenite::connect_async(format!("ws://{}/v1/live", program.address))
            .await
            .unwrap();
    let snapshot = live.next().await.unwrap().unwrap().into_text().unwrap();
    let snapshot: serde_json::Value = serde_json::from_str(&snapshot).unwrap();
    let act = json!({ "client_id": 1, "call_id": snapshot["call_id"], "type": "field.set", "field": "caller_name", "value": "Hermione Quackenbush" });
    live.send(Message::text(act.to_string())).await.unwrap();
    live.send(Message::text("{\"what\": \"about Hermione\"}"))
        .await
        .unwrap();
    program
        .live(&call, "the name set", |live| {
            live["fields"]["caller_name"]["value"] == "Hermione Quackenbush"
        })
        .await;
    drop(live);
    // A forged stream and a forged webhook.
    let mut forged = Line::try_connect(&program, &call, Some(&upgrade))
        .await
        .unwrap();
    forged
        .start(&[("token", "a-forged-token-of-somebody")])
        .await;
    forged.closed().await;
    program
        .post("/twilio/status", &form, Some("Zm9yZ2VkLXNpZ25hdHVyZQ=="))
        .await;
    line.stop().await;
    let record = program.record(&call).await;
    program.get("/v1/calls?from=%2B15125550142").await;
    let id = record["call_id"].as_str().unwrap();
    program.bytes(&format!("/v1/calls/{id}/recording")).await;
    program.terminate();
    let mut program = program;
    let (status, log) = program.finish();
    assert_eq!(status.code(), Some(0));

    assert!(
        log.contains("TRACE") || log.contains("DEBUG"),
        "the log was not at its fullest"
    );
    assert!(
        log.contains("stream joined") && log.contains(id),
        "nothing was logged of the call"
    );
    let lower = log.to_lowercase();
    for secret in [
        AUTH_TOKEN,
        &token,
        &upgrade,
        "a-forged-token-of-somebody",
        "5125550142",
        "5125550100",
        "5125550188",
        "5125550177",
        "gonzalez",
        "pflugerville",
        "beware-of-the-dog",
        "xyzzy",
        "hermione",
        "quackenbush",
    ] {
        let found = lower
            .lines()
            .find(|line| line.contains(&secret.to_lowercase()));
        assert!(
            found.is_none(),
            "{secret} is in the log: {}",
            found.unwrap()
        );
    }
}
