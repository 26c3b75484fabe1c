//! Two hundred live calls and fifty open pages: how soon an event of a call is with those who look at it.
//!
//! `cargo bench --bench feed` starts the built server as a process of its own (speech off), lets 200 callers speak to it over real sockets,
//! and opens fifty live feeds as the pages open them: ten boards (all calls, no partials, no measures) and forty agents' pages (one call
//! each) whose agents do something every two seconds: first each at a moment of its own, as people do, then all forty in the same
//! millisecond, which is the worst that they could do. Of each event it takes the time from the moment it was made (`at`, by the server's
//! clock; of what a person does that is before it is on disk) to the moment a page has it in hand: writing it to the socket lies before that,
//! so the figures are upper bounds of it. `at` is cut to the millisecond, which adds up to one. Target: p99 within 50 ms on two cores, each
//! agent at a moment of its own. `--save` keeps the tables in `benches/results`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{SinkExt, StreamExt};
use offhook::dial::{Call, CallAudio, Load};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

const CALLS: u64 = 200;
const BOARDS: usize = 10;
const AGENTS: usize = 40;
const RAMP: Duration = Duration::from_secs(20);
/// Before it is measured: every call goes on and every page is open.
const SETTLE: Duration = Duration::from_secs(8);
/// Each of the two times.
const MEASURED: Duration = Duration::from_secs(45);
const ACT_EVERY: Duration = Duration::from_secs(2);

/// The server, ended with this value.
struct Server {
    process: Child,
    address: String,
    /// What it prints has somewhere to go.
    _out: BufReader<std::process::ChildStdout>,
    _dir: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Server {
        let dir = tempfile::tempdir().expect("a folder");
        let config = dir.path().join("offhook.toml");
        let text = format!(
            "server.listen = \"127.0.0.1:0\"\nspeech.enabled = false\nstore.data_dir = {:?}\n\
            [[locations]]\nid = \"austin\"\nname = \"Austin\"\nnumbers = [\"+15125550100\"]\nvertical = \"home_services\"\n",
            dir.path().join("data")
        );
        std::fs::write(&config, text).expect("a configuration");
        // Another build of it can be named, to be compared.
        let program = std::env::var_os("OFFHOOK_SERVER")
            .unwrap_or_else(|| env!("CARGO_BIN_EXE_offhook").into());
        let mut process = Command::new(program)
            .arg("serve")
            .arg("--config")
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a server");
        let mut out = BufReader::new(process.stdout.take().expect("its output"));
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            assert_ne!(
                out.read_line(&mut line).expect("a line"),
                0,
                "the server ended"
            );
        }
        let address = line
            .split_once("http://")
            .and_then(|(_, rest)| rest.split(' ').next())
            .expect("its address")
            .to_owned();
        Server {
            process,
            address,
            _out: out,
            _dir: dir,
        }
    }
}

fn now_us() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_micros() as i64)
}

/// What one page saw: delays by type of event, microseconds, and when it last saw something.
type Seen = BTreeMap<String, Vec<u32>>;

/// Opens a feed as a page does and takes what comes until it is told to end. Its agent does something first at `acts_at`.
async fn page(
    url: String,
    call_id: Option<String>,
    acts_at: tokio::time::Instant,
    counts: Arc<AtomicBool>,
    ends: Arc<AtomicBool>,
) -> Seen {
    let (socket, _) = tokio_tungstenite::connect_async(url).await.expect("a feed");
    let (mut sink, mut stream) = socket.split();
    let mut seen = Seen::new();
    let mut acts = tokio::time::interval_at(acts_at, ACT_EVERY);
    let mut done = 0u64;
    while !ends.load(Ordering::Relaxed) {
        tokio::select! {
            message = stream.next() => {
                let got_us = now_us();
                let Some(Ok(Message::Text(text))) = message else { break };
                if !counts.load(Ordering::Relaxed) {
                    continue;
                }
                let message: Value = serde_json::from_str(&text).expect("JSON");
                let kind = message["type"].as_str().unwrap_or_default();
                // A snapshot's and a ping's moment is that of its sending; an answer has none.
                if message["seq"].is_null() || kind == "snapshot" {
                    *seen.entry(format!("({kind})")).or_default() = Vec::new();
                    continue;
                }
                let made: jiff::Timestamp = message["at"].as_str().and_then(|at| at.parse().ok()).expect("a moment");
                let delay_us = (got_us - made.as_microsecond()).max(0);
                seen.entry(kind.to_owned()).or_default().push(u32::try_from(delay_us).unwrap_or(u32::MAX));
            }
            _ = acts.tick(), if call_id.is_some() => {
                done += 1;
                let act = json!({ "client_id": done, "call_id": call_id, "type": "field.set", "field": "caller_name", "value": format!("Caller {done}") });
                sink.send(Message::text(act.to_string())).await.expect("an act");
            }
        }
    }
    seen
}

struct Line {
    kind: String,
    count: usize,
    ms: [f64; 4],
}

fn line(kind: &str, mut delays_us: Vec<u32>) -> Line {
    delays_us.sort_unstable();
    let at = |share: f64| {
        let rank = ((delays_us.len() as f64 * share).ceil() as usize).max(1) - 1;
        f64::from(delays_us.get(rank).copied().unwrap_or(0)) / 1000.0
    };
    Line {
        kind: kind.to_owned(),
        count: delays_us.len(),
        ms: [at(0.5), at(0.95), at(0.99), at(1.0)],
    }
}

fn load_average() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .map(|text| text.split(' ').take(3).collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}

/// Opens the pages, lets their agents work apart or together, and takes what they see for a while.
async fn measure(server: &Server, ids: &[String], apart: bool) -> Seen {
    let (counts, ends) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let first = tokio::time::Instant::now() + Duration::from_secs(1);
    let mut pages = tokio::task::JoinSet::new();
    for n in 0..BOARDS + AGENTS {
        let call_id = (n >= BOARDS).then(|| ids[(n - BOARDS) * ids.len() / AGENTS].clone());
        let query = call_id
            .as_ref()
            .map_or("partials=false&measures=false".to_owned(), |id| {
                format!("calls={id}")
            });
        let url = format!("ws://{}/v1/live?{query}", server.address);
        let place = n.saturating_sub(BOARDS) as u32;
        let acts_at = if apart {
            first + ACT_EVERY * place / AGENTS as u32
        } else {
            first
        };
        pages.spawn(page(
            url,
            call_id,
            acts_at,
            Arc::clone(&counts),
            Arc::clone(&ends),
        ));
    }
    tokio::time::sleep(SETTLE / 2).await;
    counts.store(true, Ordering::Relaxed);
    tokio::time::sleep(MEASURED).await;
    ends.store(true, Ordering::Relaxed);
    let mut all = Seen::new();
    while let Some(seen) = pages.join_next().await {
        for (kind, delays) in seen.expect("a page") {
            all.entry(kind).or_default().extend(delays);
        }
    }
    all
}

async fn run() -> String {
    let server = Server::start();
    let before = load_average();
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/speech/rendered/home-services-leak.wav");
    let audio = Arc::new(CallAudio::from_files(&file, None).expect("a recording"));
    let mut call =
        Call::new(format!("ws://{}/twilio/media", server.address), audio).expect("a call");
    for (name, value) in [("from", "+15125550142"), ("to", "+15125550100")] {
        call.parameters.push((name.to_owned(), value.to_owned()));
    }
    call.length_ms =
        Some((RAMP + (SETTLE + MEASURED) * 2 + Duration::from_secs(20)).as_millis() as u64);
    let load = tokio::spawn(
        Load {
            call,
            calls: CALLS,
            ramp: RAMP,
        }
        .place(),
    );
    tokio::time::sleep(RAMP + SETTLE / 2).await;

    let http = reqwest::Client::new();
    let mut ids: Vec<String> = Vec::new();
    let mut cursor = String::new();
    loop {
        let url = format!(
            "http://{}/v1/calls?status=in_progress&limit=200{cursor}",
            server.address
        );
        let answer: Value = http
            .get(url)
            .send()
            .await
            .expect("calls")
            .json()
            .await
            .expect("JSON");
        ids.extend(
            answer["data"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|c| c["id"].as_str().map(str::to_owned)),
        );
        match answer["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(ids.len() >= AGENTS, "only {} calls go on", ids.len());
    let apart = measure(&server, &ids, true).await;
    let together = measure(&server, &ids, false).await;
    let during = load_average();
    // The answers of the callers are of no interest here; the server ends with its calls.
    load.abort();
    drop(server);

    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "# Feed: from made to in a page's hand, {CALLS} live calls, {} open pages\n\n{} calls went on while it was measured, for twice {} s. \
        Machine: {}, {} cores. Load of the machine before {before}, at the end {during} (this program and its 200 callers share its cores with the server).\n",
        BOARDS + AGENTS,
        ids.len(),
        MEASURED.as_secs(),
        processor(),
        std::thread::available_parallelism().map_or(0, usize::from),
    );
    let p99 = table(&mut out, "Each agent at a moment of its own", apart);
    table(&mut out, "All agents in the same millisecond", together);
    let _ = writeln!(
        out,
        "\nTarget: p99 of all events <= 50 ms, each agent at a moment of its own. {}.",
        if p99 <= 50.0 { "Held" } else { "Missed" }
    );
    out
}

/// Writes what was seen as a table; the p99 of all events, ms.
fn table(out: &mut String, how: &str, seen: Seen) -> f64 {
    let total: Vec<u32> = seen.values().flatten().copied().collect();
    let all = line("all events", total);
    let p99 = all.ms[2];
    let kinds = seen.into_iter().filter(|(_, d)| !d.is_empty());
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "\n## {how}\n\n| event | taken | p50 ms | p95 ms | p99 ms | slowest ms |\n|---|---|---|---|---|---|\n"
    );
    for Line { kind, count, ms } in
        std::iter::once(all).chain(kinds.map(|(kind, delays)| line(&kind, delays)))
    {
        let _ = writeln!(
            out,
            "| {kind} | {count} | {:.1} | {:.1} | {:.1} | {:.1} |",
            ms[0], ms[1], ms[2], ms[3]
        );
    }
    p99
}

fn processor() -> String {
    std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            text.lines().find_map(|l| {
                Some(
                    l.strip_prefix("model name")?
                        .split_once(':')?
                        .1
                        .trim()
                        .to_owned(),
                )
            })
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn main() {
    // Cargo runs benches as tests, too; without `--bench` there is nothing to prove here.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    // The client's TLS library asks for it, although nothing is encrypted here. Done once, so it cannot have been done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let table = runtime.block_on(run());
    println!("{table}");
    if std::env::args().any(|argument| argument == "--save") {
        let day: String = jiff::Timestamp::now()
            .to_string()
            .chars()
            .take(10)
            .collect();
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("benches/results/feed-{day}.md"));
        std::fs::write(&file, table).expect("the table is kept");
        println!("kept in {}", file.display());
    }
}
