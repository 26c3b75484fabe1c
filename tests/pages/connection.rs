//! A page says honestly how current it is.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use offhook::media::Track;
use serde_json::Value;

use crate::calls::{MORE, TALKING};
use crate::desk::{Desk, call_to};
use crate::pinned::go_on;
use crate::{browser, until};

const FEED: &str = "document.body.dataset.feed";
const LINE: &str = "document.querySelector('#connection').textContent";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_to_which_nothing_comes_calls_itself_stale_until_something_does() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_with(false, MORE).await;
    let edge = desk.running.edge();
    let mut going = go_on(edge, &[TALKING]).await.remove(0);
    let tab = browser.tab().await;
    tab.go(&desk.url(&format!("/calls/{}", TALKING.id()))).await;
    tab.wait(&format!("{FEED} === 'live'")).await;
    // Twenty-five seconds pass for the page, in which it hears nothing.
    tab.value(
        "{ const now = Date.now; window.ahead = 25000; Date.now = () => now() + window.ahead; }",
    )
    .await;
    tab.wait(&format!("{FEED} === 'stale'")).await;
    assert!(tab.value(LINE).await.as_str().unwrap().starts_with("stale"));
    // What is shown stays, and the next word makes it current.
    assert!(
        tab.value("document.querySelectorAll('.fld').length")
            .await
            .as_u64()
            > Some(3)
    );
    going.says(edge, Track::Inbound, "are you still there");
    tab.wait(&format!("{FEED} === 'live'")).await;
    // Silent for longer, it does not wait but asks again.
    tab.value("window.ahead += 45000; window.sockets = 0; { const Real = WebSocket; window.WebSocket = class extends Real { constructor(...given) { super(...given); window.sockets += 1; } }; } 1")
        .await;
    tab.wait("window.sockets > 0").await;
    tab.wait(&format!("{FEED} === 'live'")).await;
}

/// The server as a process of its own, so that it can die as one does.
struct Process {
    process: Child,
    address: String,
    /// What it prints has somewhere to go.
    _out: BufReader<ChildStdout>,
}

impl Process {
    fn start(config: &Path, listen: &str) -> Process {
        let mut process = Command::new(env!("CARGO_BIN_EXE_offhook"))
            .args(["serve", "--listen", listen, "--config"])
            .arg(config)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("http://") {
            line.clear();
            assert_ne!(out.read_line(&mut line).unwrap(), 0, "the server ended");
        }
        let address = line.split_once("http://").unwrap().1;
        Process {
            process,
            address: address.split(' ').next().unwrap().to_owned(),
            _out: out,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_server_dies_says_so_and_afterwards_what_became_of_the_call() {
    let Some(browser) = browser().await else {
        return;
    };
    // The client's TLS takes what the program has chosen; nothing here speaks it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("offhook.toml");
    let settings = format!(
        "speech.enabled = false\nstore.data_dir = {:?}\n",
        dir.path().join("data")
    );
    std::fs::write(&config, settings).unwrap();
    let server = Process::start(&config, "127.0.0.1:0");
    let address = server.address.clone();
    let mut call = call_to(&address, "silence");
    call.length_ms = Some(600_000);
    let url = format!("http://{address}/v1/calls/{}", call.call_sid);
    let asked = async || -> Option<Value> {
        let answer = reqwest::get(&url).await.ok()?;
        answer
            .status()
            .is_success()
            .then_some(answer)?
            .json()
            .await
            .ok()
    };
    let going = tokio::spawn(call.place());
    let call_id = until("the call", async || {
        asked().await?["id"].as_str().map(str::to_owned)
    })
    .await;
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&format!("http://{address}/calls/{call_id}")).await;
    let fields = "document.querySelectorAll('.fld').length";
    tab.wait(&format!("{FEED} === 'live' && {fields} > 3"))
        .await;

    drop(server);
    tab.wait(&format!("{FEED} === 'reconnecting'")).await;
    assert!(
        tab.value(LINE)
            .await
            .as_str()
            .unwrap()
            .contains("may be old")
    );
    // What was known is still there to be read.
    assert!(tab.value(fields).await.as_u64() > Some(3));

    let _server = Process::start(&config, &address);
    tab.wait(&format!("{FEED} === 'live'")).await;
    tab.wait("document.querySelector('#banner a.button') !== null")
        .await;
    let record = asked().await.unwrap()["record_id"].clone();
    assert_eq!(
        tab.value("document.querySelector('#banner a.button').getAttribute('href')")
            .await,
        format!("/records/{}", record.as_str().unwrap())
    );
    going.abort();
}
