//! kill -9 at any moment: nothing that was acknowledged is lost, and every call has its record.
//!
//! `OFFHOOK_KILLS` sets how often the program is killed (10; the long run is 200), `OFFHOOK_KILL_SEED` repeats a run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use offhook::commands::replay_file;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Desk, Line, Program, Site, call_sid, run};

/// What the program acknowledged, by call: texts that must be in the call's journal.
#[derive(Clone, Default)]
struct Acknowledged(Arc<Mutex<BTreeMap<String, Vec<String>>>>);

impl Acknowledged {
    fn add(&self, call: &str, text: String) {
        let mut calls = self.0.lock().unwrap();
        calls.entry(call.to_owned()).or_default().push(text);
    }
}

/// The next of a row of numbers that look random (a linear congruential generator, Knuth's constants).
fn next(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// A call that speaks, presses keys and is reported on until the program dies.
async fn talk(desk: Desk, call: String, announced: bool, done: Acknowledged) {
    if announced {
        let form = [
            ("CallSid", call.as_str()),
            ("From", "+15125550142"),
            ("CallStatus", "ringing"),
        ];
        if !desk.try_post("/twilio/voice", &form).await {
            return;
        }
        done.add(&call, "CallStatus=ringing".to_owned());
    }
    let Ok(mut line) = Line::try_connect(&desk, &call, None).await else {
        return;
    };
    line.start(&[]).await;
    for n in 0.. {
        line.speak_in_time(3).await;
        line.key('5').await;
        let Some(state) = desk.try_get(&format!("/v1/calls/{call}")).await else {
            return;
        };
        if state["live"]["transcript"].is_array() && state["status"] == "in_progress" {
            // Whoever has seen the call answered has seen its stream's start.
            done.add(&call, line.stream.clone());
        }
        let mark = format!("mark-{n}-of-{call}");
        let form = [
            ("CallSid", call.as_str()),
            ("CallStatus", "in-progress"),
            ("Mark", &mark),
        ];
        if !desk.try_post("/twilio/status", &form).await {
            return;
        }
        done.add(&call, format!("Mark={mark}"));
    }
}

/// Somebody at the desk who flags every call he sees until the program dies.
async fn watch(desk: Desk, done: Acknowledged) {
    let Ok((mut feed, _)) =
        tokio_tungstenite::connect_async(format!("ws://{}/v1/live", desk.address)).await
    else {
        return;
    };
    let mut asked: BTreeMap<u64, (Value, String)> = BTreeMap::new();
    let mut calls: BTreeMap<String, String> = BTreeMap::new();
    let mut number = 0_u64;
    while let Some(Ok(message)) = feed.next().await {
        let Ok(message) = message.into_text() else {
            continue;
        };
        let Ok(message) = serde_json::from_str::<Value>(&message) else {
            continue;
        };
        if message["type"] == "ack" {
            let (call_id, note) = asked
                .remove(&message["client_id"].as_u64().unwrap())
                .unwrap();
            done.add(&calls[call_id.as_str().unwrap()], note);
            continue;
        }
        if let (Some(id), Some(sid)) = (
            message["call_id"].as_str(),
            message["data"]["call"]["provider_call_id"].as_str(),
        ) {
            calls.insert(id.to_owned(), sid.to_owned());
        }
        let flags = message["type"] == "snapshot" || message["type"] == "call.answered";
        if flags && calls.contains_key(message["call_id"].as_str().unwrap_or("")) {
            number += 1;
            let note = format!("flag-{number}");
            let act = json!({ "client_id": number, "call_id": message["call_id"], "type": "flag", "note": note });
            asked.insert(number, (message["call_id"].clone(), note));
            if feed.send(Message::text(act.to_string())).await.is_err() {
                return;
            }
        }
    }
}

/// Holds for every call of the killed program what was promised.
async fn check(site: &Site, desk: &Desk, done: &Acknowledged, round: &str) {
    let calls = desk.get("/v1/calls?limit=200").await;
    for call in calls["data"].as_array().unwrap() {
        assert!(call["record_id"].is_string(), "{round}: no record: {call}");
    }
    let acknowledged = done.0.lock().unwrap().clone();
    for (sid, texts) in acknowledged {
        let record = desk.record(&sid).await;
        assert_eq!(record["call"]["end"]["reason"], "engine_restart", "{round}");
        let entries = desk.journal(&sid).await;
        let journal = entries.iter().map(Value::to_string).collect::<String>();
        for text in &texts {
            assert!(
                journal.contains(text.as_str()),
                "{round}: {text} is lost: {journal}"
            );
        }
        let file = site.journal_of(record["call_id"].as_str().unwrap());
        let verified = run(&["journal", "verify", file.to_str().unwrap()]);
        assert!(
            verified.status.success(),
            "{round}: {}",
            String::from_utf8_lossy(&verified.stdout)
        );
        let replayed = replay_file(&file, &site.config()).unwrap();
        assert_eq!(
            replayed.expected.as_ref(),
            Some(&replayed.digest),
            "{round}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_program_loses_nothing_it_acknowledged_and_every_call_has_its_record() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let kills = number("OFFHOOK_KILLS").unwrap_or(10);
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let mut seed = number("OFFHOOK_KILL_SEED").unwrap_or(clock);
    let site = Site::new("store.fsync = true");
    let mut done = Acknowledged::default();
    let mut acknowledged = 0;
    for kill in 0..=kills {
        let round = format!("kill {kill}, OFFHOOK_KILL_SEED={seed}");
        let program = Program::serve(&site);
        check(&site, &program, &done, &round).await;
        acknowledged += done.0.lock().unwrap().values().map(Vec::len).sum::<usize>();
        if kill == kills {
            drop(program);
            break;
        }
        done = Acknowledged::default();
        let mut tasks = vec![tokio::spawn(watch(program.desk.clone(), done.clone()))];
        for announced in [true, false, true] {
            tasks.push(tokio::spawn(talk(
                program.desk.clone(),
                call_sid(),
                announced,
                done.clone(),
            )));
        }
        // The moment of the kill is what this story is about: any.
        tokio::time::sleep(Duration::from_millis(next(&mut seed) % 1_200)).await;
        let log = program.kill();
        assert!(!log.contains("panicked"), "{round}: {log}");
        for task in tasks {
            crate::harness::soon("the callers to notice", task)
                .await
                .unwrap();
        }
    }
    println!("{kills} kills, {acknowledged} acknowledged events, none lost");
    assert!(
        acknowledged as u64 >= kills,
        "hardly anything was acknowledged: {acknowledged}"
    );
}

/// The first seconds of a bundled call: both tracks' mu-law, 20 ms a frame.
fn bundled_speech(seconds: usize) -> Vec<[Vec<u8>; 2]> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/speech/rendered/home-services-leak.wav"
    );
    let file = std::fs::read(path).unwrap();
    let data = file.windows(4).position(|four| four == b"data").unwrap() + 8;
    let stereo = &file[data..data + 2 * 8_000 * seconds];
    let track = |track: usize, frame: &[u8]| frame.iter().skip(track).step_by(2).copied().collect();
    stereo
        .chunks(2 * 160)
        .map(|frame| [track(0, frame), track(1, frame)])
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_that_were_on_disk_but_not_heard_are_transcribed_after_a_crash() {
    let site = Site::new("speech.enabled = true");
    let program = Program::serve(&site);
    let call = call_sid();
    let mut line = Line::open(&program, &call).await;
    // As fast as it goes: seven seconds arrive before the first utterance could be through.
    for (n, [caller, agent]) in bundled_speech(7).iter().enumerate() {
        line.media("inbound", n as i64 * 20, caller).await;
        line.media("outbound", n as i64 * 20, agent).await;
    }
    line.key('5').await;
    crate::harness::until("the key on disk", async || {
        let entries = program.journal(&call).await;
        let key = |entry: &Value| entry.to_string().contains("dtmf");
        entries.iter().any(key).then_some(())
    })
    .await;
    program.kill();

    let program = Program::serve(&site);
    let record = program.record(&call).await;
    assert_eq!(record["call"]["end"]["reason"], "engine_restart");
    let transcript = program
        .get(&format!("/v1/calls/{call}/transcript"))
        .await
        .to_string();
    for words in ["thank you for calling", "leak under the kitchen sink"] {
        assert_eq!(
            transcript.matches(words).count(),
            1,
            "{words}: {transcript}"
        );
    }
    // The journal holds the words, so it still gives the same record.
    let id = record["call"]["id"].as_str().unwrap();
    let replayed = replay_file(&site.journal_of(id), &site.config()).unwrap();
    assert_eq!(replayed.expected.as_deref(), Some(replayed.digest.as_str()));
}
