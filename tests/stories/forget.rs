//! What a caller says is masked, what the business knows of a caller is told, and what is to be forgotten is: on both databases.

use std::path::Path;

use offhook::audio::{mulaw, wav};
use offhook::call::{Event, Heard};
use offhook::commands::replay_file;
use offhook::fields::words_of_text;
use offhook::media::Track;
use offhook::server::privacy::{Swept, sweep};
use offhook::speech::Segment;
use offhook::store::journal::verify;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Engine, Line, Site, call_sid, sound, until};

#[path = "../../src/store/database/testing/server.rs"]
mod postgres_server;

const CALLER: &str = "+15125550142";
/// What must not be found anywhere once it is erased.
const PLANTED: [&str; 8] = [
    "Quixotica",
    "quixotica",
    "Gold-Zebra",
    "15125550142",
    "5125550142",
    "4111 1111",
    "zanzibar",
    "Zanzibar",
];

/// On which databases a story is told.
pub fn databases() -> Vec<Option<String>> {
    let mut databases = vec![None];
    databases.extend(postgres_server::fresh_schema().map(Some));
    databases
}

pub fn site(database: Option<&String>, more: &str) -> Site {
    let database = database.map_or(String::new(), |url| format!("store.database = {url:?}\n"));
    Site::new(&format!("{database}{more}"))
}

/// Says something as the recogniser would have heard it: a word takes 500 ms.
async fn said(engine: &Engine, sid: &str, track: Track, utterance: u32, start_ms: u64, text: &str) {
    let end_ms = start_ms + 500 * text.split_whitespace().count() as u64;
    let mut words = words_of_text(text, start_ms, end_ms);
    for (at, word) in (0..).zip(&mut words) {
        word.start_ms = start_ms + 500 * at;
        word.end_ms = word.start_ms + 500;
    }
    let segment = Segment {
        track,
        utterance,
        start_ms,
        end_ms,
        text: text.into(),
        words,
        suspect: false,
        model: "story".into(),
    };
    let registry = &engine.running.edge().registry;
    let mailbox = registry.find("twilio", sid).unwrap();
    mailbox
        .send(Event::Heard(Heard::Final(segment)))
        .await
        .unwrap();
}

/// A call of ten seconds in which a name, a card number and a rare word are said.
async fn call(engine: &Engine) -> (String, Value) {
    let sid = call_sid();
    let mut line = Line::connect(&engine.desk, &sid).await;
    line.start(&[("from", CALLER), ("to", "+15125550100")])
        .await;
    line.speak(500).await;
    until("the stream to be taken", async || {
        let known = engine.running.edge().registry.knows("twilio", &sid);
        (known && engine.frames_journalled(&sid).await >= 1000).then_some(())
    })
    .await;
    let text = "this is Quixotica from zanzibar my card is 4111 1111 1111 1111 thanks";
    said(engine, &sid, Track::Inbound, 0, 1_000, text).await;
    said(
        engine,
        &sid,
        Track::Outbound,
        0,
        8_000,
        "thank you Quixotica",
    )
    .await;
    line.stop().await;
    let record = engine.record(&sid).await;
    (sid, record)
}

async fn import(engine: &Engine, csv: &'static str) -> Value {
    let answer = reqwest::Client::new()
        .post(engine.url("/v1/contacts/import"))
        .header("content-type", "text/csv")
        .body(csv)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

async fn ids(engine: &Engine, path: &str) -> Vec<String> {
    let list = engine.get(path).await;
    let rows = list["data"].as_array().unwrap().iter();
    rows.map(|row| row["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The files below a folder that hold one of these texts.
fn files_with(dir: &Path, texts: &[&str], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with(&path, texts, found);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for text in texts {
            if bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
            {
                found.push(format!("{text} in {}", path.display()));
            }
        }
    }
}

/// The tables that hold one of these texts in any column.
async fn tables_with(engine: &Engine, texts: &'static [&'static str]) -> Vec<String> {
    let database = &engine.running.edge().store.database;
    let search = move |sql: &mut dyn offhook::store::database::sql::Sql| {
        let tables = sql.query(
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()",
            &[],
        )?;
        let mut found = Vec::new();
        for table in tables {
            let table: String = table.get(0)?;
            for text in texts {
                let like =
                    format!("SELECT count(*) FROM {table} AS t WHERE t::text LIKE '%{text}%'");
                let count: i64 = sql.query_first(&like, &[])?.unwrap().get(0)?;
                if count > 0 {
                    found.push(format!("{text} in {table}"));
                }
            }
        }
        Ok::<_, offhook::store::DatabaseError>(found)
    };
    database.read(search).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_is_masked_who_calls_is_known_and_all_of_it_can_be_erased() {
    for database in databases() {
        let site = site(database.as_ref(), "privacy.raw_transcript = true");
        let engine = Engine::at(site).await;
        let csv =
            "name,phone,external_id.crm,Plan\nQuixotica Smith,(512) 555-0142,0035,Gold-Zebra\n";
        let loaded = import(&engine, csv).await;
        assert_eq!(
            (&loaded["created"], &loaded["read"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(import(&engine, csv).await["unchanged"], 1);
        let (sid, record) = call(&engine).await;
        let id = record["call_id"].as_str().unwrap().to_owned();

        // Who calls: what was loaded, beside what was captured.
        let caller = &record["caller"];
        assert_eq!(
            (
                &caller["known"],
                &caller["contact_name"],
                &caller["previous_calls"]
            ),
            (&json!(true), &json!("Quixotica Smith"), &json!(0))
        );
        assert_eq!(caller["contact_data"]["Plan"], "Gold-Zebra");
        assert_eq!(caller["external_ids"]["crm"], "0035");

        // What was said, masked, and silent where it is masked.
        let transcript = engine.get(&format!("/v1/calls/{sid}/transcript")).await;
        let masked = "this is Quixotica from zanzibar my card is [card number] thanks";
        assert_eq!(transcript["data"][0]["text"], masked);
        assert_eq!(record["transcript"]["redacted"], true);
        assert!(!record.to_string().contains("1111"), "{record}");
        let path = format!("/v1/calls/{sid}/transcript?raw=true");
        assert_eq!(engine.ask(&path).await.status(), StatusCode::FORBIDDEN);
        let scopes = json!({ "name": "quality", "scopes": ["calls:read", "transcript:raw"] });
        let made = engine
            .request(Method::POST, "/v1/api-keys", &[], &scopes)
            .await;
        let made: Value = made.json().await.unwrap();
        let bearer = format!("Bearer {}", made["key"].as_str().unwrap());
        let raw = engine.ask_with(&path, ("authorization", &bearer)).await;
        let raw: Value = raw.json().await.unwrap();
        assert!(
            raw["data"][0]["text"]
                .as_str()
                .unwrap()
                .contains("4111 1111")
        );
        // The digits are the words 8 to 11: from 5,000 to 7,000 ms.
        let clip = format!("/v1/calls/{sid}/audio?from_ms=4000&to_ms=8000&channel=caller");
        let heard = wav::read(&engine.bytes(&clip).await)
            .unwrap()
            .channels
            .remove(0);
        for (at, sample) in heard.iter().enumerate() {
            let silent = (800..3_200).contains(&(at / 8));
            let expected = if silent {
                0
            } else {
                mulaw::decode(sound(0, 32_000 + at))
            };
            assert_eq!(*sample, expected, "at sample {at} of the clip");
        }
        let journal = engine.ask(&format!("/v1/calls/{sid}/journal")).await;
        assert!(!journal.text().await.unwrap().contains("4111"));

        // Found by what was said, not by what is masked.
        assert_eq!(ids(&engine, "/v1/calls?q=zanz%20card").await, [id.as_str()]);
        assert_eq!(
            ids(&engine, "/v1/calls?q=%224111%22").await,
            Vec::<String>::new()
        );
        let found = engine.get("/v1/calls?q=zanzibar").await;
        assert_eq!(found["data"][0]["match"]["text"], masked);

        // The law holds, whatever is loaded later.
        let (_, second) = call(&engine).await;
        assert_eq!(second["caller"]["previous_calls"], 1);
        import(&engine, "phone,Plan\n+15125550142,Platinum\n").await;
        let journal = engine.site.journal_of(&id);
        let replayed = replay_file(&journal, &engine.site.config()).unwrap();
        assert_eq!(replayed.expected.as_ref(), Some(&replayed.digest));

        // Erased by number: every call and the contact.
        let body = json!({ "number": "(512) 555-0142", "reason": "case 17" });
        let answer = engine
            .request(Method::POST, "/v1/privacy/erasures", &[], &body)
            .await;
        let status = answer.status();
        let asked: Value = answer.json().await.unwrap();
        assert!(
            status == StatusCode::CREATED || status == StatusCode::ACCEPTED,
            "{asked}"
        );
        let path = format!("/v1/privacy/erasures/{}", asked["id"].as_str().unwrap());
        let done = until("the erasure to be done", async || {
            offhook::server::privacy::advance_all(engine.running.edge()).await;
            let erasure = engine.get(&path).await;
            (erasure["state"] == "done").then_some(erasure)
        })
        .await;
        assert_eq!(
            (
                &done["calls_erased"],
                &done["contacts_erased"],
                &done["subject"]
            ),
            (&json!(2), &json!(1), &json!("+1******42"))
        );
        assert!(!done["remains"].as_array().unwrap().is_empty());
        let stub = engine.get(&format!("/v1/calls/{id}")).await;
        assert_eq!(
            (&stub["erased"], &stub["record_id"]),
            (&json!(true), &json!(null))
        );
        assert_eq!(
            ids(&engine, "/v1/calls?q=zanzibar").await,
            Vec::<String>::new()
        );
        assert_eq!(ids(&engine, "/v1/contacts").await, Vec::<String>::new());
        let audit = engine.get("/v1/audit-events/verify").await;
        assert_eq!(audit["ok"], true, "{audit}");
        let acts = engine
            .get("/v1/audit-events?resource=".to_owned().as_str())
            .await;
        assert_eq!(acts["data"], json!([]));
        let acts = engine.get(&format!("/v1/audit-events?resource={id}")).await;
        let acts: Vec<&str> = acts["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["action"].as_str().unwrap())
            .collect();
        assert_eq!(acts.first(), Some(&"call.erase"), "{acts:?}");
        if database.is_some() {
            assert_eq!(tables_with(&engine, &PLANTED).await, Vec::<String>::new());
        }
        let mut found = Vec::new();
        files_with(&engine.site.data(), &PLANTED, &mut found);
        assert_eq!(found, Vec::<String>::new(), "while the engine runs");
        let site = engine.close().await;
        files_with(&site.data(), &PLANTED, &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_past_its_time_goes_and_what_is_held_stays() {
    for database in databases() {
        let engine = Engine::at(site(database.as_ref(), "")).await;
        let (sid, record) = call(&engine).await;
        let (held_sid, held_record) = call(&engine).await;
        let id = record["call_id"].as_str().unwrap().to_owned();
        let held = held_record["call_id"].as_str().unwrap().to_owned();
        let hold = json!({ "legal_hold": true, "reason": "case 18" });
        let path = format!("/v1/calls/{held_sid}/hold");
        let answer = engine.request(Method::PUT, &path, &[], &hold).await;
        assert_eq!(answer.status(), StatusCode::OK);

        let edge = engine.running.edge();
        let later = |months: i64| edge.now_ms() + months * 31 * 86_400_000;
        assert_eq!(sweep(edge, later(5)).await.unwrap(), Swept::default());

        // After six months the audio: the rest of the journal is whole and gives the same record.
        let swept = sweep(edge, later(7)).await.unwrap();
        assert_eq!((swept.recordings, swept.transcripts), (1, 0));
        assert_eq!(
            engine
                .ask(&format!("/v1/calls/{sid}/recording"))
                .await
                .status(),
            StatusCode::GONE
        );
        assert_eq!(
            engine
                .ask(&format!("/v1/calls/{held_sid}/recording"))
                .await
                .status(),
            StatusCode::OK
        );
        let journal = engine.site.journal_of(&id);
        let report = verify(&journal).unwrap();
        assert!(report.is_sound(), "{report}");
        assert!(std::fs::metadata(&journal).unwrap().len() < 20_000);
        let replayed = replay_file(&journal, &engine.site.config()).unwrap();
        assert_eq!(replayed.expected.as_ref(), Some(&replayed.digest));
        assert_eq!(ids(&engine, "/v1/calls?q=zanzibar").await.len(), 2);

        // After a year the transcript, after two the journal. The record is the business's own.
        let swept = sweep(edge, later(13)).await.unwrap();
        assert_eq!(
            (swept.recordings, swept.transcripts, swept.journals),
            (0, 1, 0)
        );
        assert_eq!(ids(&engine, "/v1/calls?q=zanzibar").await, [held.as_str()]);
        let swept = sweep(edge, later(25)).await.unwrap();
        assert_eq!((swept.transcripts, swept.journals), (0, 1));
        assert!(!journal.exists() && engine.site.journal_of(&held).exists());
        let kept = engine.get(&format!("/v1/calls/{sid}/hold")).await;
        assert!(kept["journal_deleted_at"].is_string() && kept["legal_hold"] == false);
        assert_eq!(engine.record(&sid).await["call_id"], json!(id));
        assert_eq!(sweep(edge, later(26)).await.unwrap(), Swept::default());

        // A hold also holds against an erasure, until it is lifted.
        let answer = engine
            .request(
                Method::DELETE,
                &format!("/v1/calls/{held}"),
                &[],
                &json!({}),
            )
            .await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let asked: Value = answer.json().await.unwrap();
        assert_eq!(
            (&asked["state"], &asked["held"]),
            (&json!("blocked(legal_hold)"), &json!([held]))
        );
        assert!(engine.site.journal_of(&held).exists());
        let release = json!({ "legal_hold": false });
        engine.request(Method::PUT, &path, &[], &release).await;
        let asked = format!("/v1/privacy/erasures/{}", asked["id"].as_str().unwrap());
        until("the erasure to be done", async || {
            let erasure = engine.get(&asked).await;
            (erasure["state"] == "done").then_some(())
        })
        .await;
        assert!(!engine.site.journal_of(&held).exists());
        assert_eq!(engine.get("/v1/audit-events/verify").await["ok"], true);
    }
}
