//! Ten thousand stored calls: how soon the server is ready, and how long lists and searches take over HTTP, on both databases.
//!
//! `cargo bench --bench calls` prints a line per question: p50, p95 and p99 in milliseconds. The targets (ready within 2 s, p95 within
//! 50 ms) are for two cores.

use std::time::{Duration, Instant};

use offhook::config::Config;
use offhook::server;
use offhook::store::Database;
use offhook::store::database::{CallRow, Draft, RecordRow, SegmentRow};

#[path = "../src/store/database/testing/server.rs"]
mod postgres_server;

const CALLS: u32 = 10_000;
const SEGMENTS: u32 = 30;
const ROUNDS: usize = 200;

/// What is asked, and for how many calls it is true.
const QUESTIONS: [(&str, &str); 8] = [
    ("list", "/v1/calls"),
    ("list, 200 rows", "/v1/calls?limit=200"),
    ("list, one location", "/v1/calls?location_id=location_3"),
    ("list, one number", "/v1/calls?from=%2B15125550042"),
    ("search, a rare word", "/v1/calls?q=zebra77"),
    ("search, a word in every call", "/v1/calls?q=kitchen"),
    (
        "search, a phrase and a word",
        "/v1/calls?q=%22gate%20code%22%20leak",
    ),
    ("records to review", "/v1/records?state=draft"),
];

const WORDS: [&str; 24] = [
    "leak", "kitchen", "sink", "gate", "code", "tomorrow", "morning", "address", "street", "water",
    "heater", "number", "please", "call", "back", "thanks", "yes", "no", "plumber", "roof", "name",
    "spell", "again", "okay",
];

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }
}

fn draft(number: u32, dice: &mut Dice) -> Draft {
    let id = format!("call_{number:08x}-0000-7000-8000-000000000000");
    let started_at_ms = 1_780_000_000_000 + i64::from(number) * 60_000;
    let record_id = format!("rec_{number:08}");
    let segment = |seq: u32, dice: &mut Dice| {
        let mut words: Vec<&str> = (0..12).map(|_| WORDS[dice.roll(WORDS.len())]).collect();
        let rare = format!("zebra{}", number % 1000);
        if seq == 7 {
            words.push(&rare);
        }
        let text = words.join(" ");
        SegmentRow {
            seq: seq.into(),
            track: "inbound".into(),
            speaker: "caller".into(),
            start_ms: i64::from(seq) * 4000,
            end_ms: i64::from(seq) * 4000 + 3500,
            segment: format!(r#"{{"seq":{seq},"text":"{text}"}}"#),
            text,
        }
    };
    let filling = "x".repeat(6000);
    Draft {
        call: CallRow {
            id: id.clone(),
            provider: "twilio".into(),
            provider_call_id: Some(format!("CA{number:032x}")),
            status: "completed".into(),
            started_at_ms,
            ended_at_ms: Some(started_at_ms + 120_000),
            from_number: Some(format!("+1512555{:04}", number % 2000)),
            to_number: Some("+15125550100".into()),
            vertical: Some("home_services".into()),
            location_id: Some(format!("location_{}", number % 10)),
            direction: "inbound".into(),
            record_id: Some(record_id.clone()),
            version: 0,
            call: format!(
                r#"{{"id":"{id}","status":"completed","timing":"{}"}}"#,
                &filling[..900]
            ),
        },
        record: RecordRow {
            id: record_id,
            call_id: id,
            state: "draft".into(),
            version: 0,
            created_at_ms: started_at_ms,
            updated_at_ms: started_at_ms,
            record: format!(r#"{{"fields":"{filling}"}}"#),
        },
        segments: (0..SEGMENTS).map(|seq| segment(seq, dice)).collect(),
        timeline: Vec::new(),
        mark: None,
    }
}

async fn measure(name: &str, database: Option<String>) {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    std::fs::create_dir_all(&data).expect("a folder");
    let begun = Instant::now();
    let store = match &database {
        Some(url) => Database::connect(&offhook::secret::Secret::new(url.clone())),
        None => Database::open(&data.join("offhook.db")),
    }
    .expect("a database");
    let mut dice = Dice(7);
    for number in 0..CALLS {
        store
            .save_draft(draft(number, &mut dice))
            .await
            .expect("stored");
    }
    drop(store);
    println!(
        "{name}: {CALLS} calls of {SEGMENTS} utterances stored in {:.1} s",
        begun.elapsed().as_secs_f64()
    );

    let database = database.map_or(String::new(), |url| format!("store.database = {url:?}\n"));
    let text = format!(
        "server.listen = \"127.0.0.1:0\"\nspeech.enabled = false\nstore.data_dir = {data:?}\n{database}"
    );
    let config = Config::parse(&text, "bench.toml").expect("a configuration");
    let begun = Instant::now();
    let running = server::start(config).await.expect("a server");
    let address = format!("http://{}", running.address);
    let http = reqwest::Client::new();
    loop {
        let ready = http.get(format!("{address}/readyz")).send().await;
        if ready.is_ok_and(|answer| answer.status().is_success()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    println!(
        "{name}: ready after {:.0} ms",
        begun.elapsed().as_secs_f64() * 1000.0
    );
    for (what, path) in QUESTIONS {
        let mut times: Vec<f64> = Vec::new();
        let mut rows = 0;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let answer = http
                .get(format!("{address}{path}"))
                .send()
                .await
                .expect("an answer");
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            let body: serde_json::Value = answer.json().await.expect("JSON");
            times.push(begun.elapsed().as_secs_f64() * 1000.0);
            rows = body["data"].as_array().map_or(0, Vec::len);
        }
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)];
        println!(
            "{name}: {what}: {rows} rows, p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms",
            at(50),
            at(95),
            at(99)
        );
    }
    running.close().await.expect("an end");
}

fn main() {
    // Cargo runs benches as tests, too; without `--bench` there is nothing to prove here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    // The client's TLS library asks for it, although nothing is encrypted here. Done once, so it cannot have been done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure("SQLite", None));
    if let Some(url) = postgres_server::fresh_schema() {
        runtime.block_on(measure("PostgreSQL", Some(url)));
    }
}
