//! A real browser without a window: Debian's `chromium`, told what to do over the DevTools protocol on a WebSocket.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::SinkExt;
use futures_util::stream::{SplitSink, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::{PATIENCE, until};

type Stream = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Answers = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// A browser of its own profile; it ends with this value.
pub struct Browser {
    process: Child,
    _profile: TempDir,
    sink: tokio::sync::Mutex<SplitSink<Stream, Message>>,
    answers: Answers,
    /// Errors that pages threw or wrote to the console, and requests to other hosts.
    pub complaints: Arc<Mutex<Vec<String>>>,
    next: AtomicU64,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The browser's program, if there is one.
pub fn program() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .flat_map(|name| {
            std::env::var_os("PATH")
                .into_iter()
                .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
                .map(move |folder| folder.join(name))
        })
        .find(|file| file.is_file())
}

impl Browser {
    /// Starts one.
    pub async fn start(program: PathBuf) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let port_file = profile.path().join("DevToolsActivePort");
        let process = Command::new(program)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--mute-audio",
                "--remote-debugging-port=0",
                "about:blank",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = until("the browser to listen", async || {
            let text = std::fs::read_to_string(&port_file).ok()?;
            let (port, path) = text.trim().split_once('\n')?;
            Some(format!("ws://127.0.0.1:{port}{path}"))
        })
        .await;
        let (socket, _) = tokio_tungstenite::connect_async(address).await.unwrap();
        let (sink, mut stream) = socket.split();
        let answers = Answers::default();
        let complaints = Arc::new(Mutex::new(Vec::new()));
        let (waiting, heard) = (Arc::clone(&answers), Arc::clone(&complaints));
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let Ok(text) = message.into_text() else {
                    continue;
                };
                let Ok(message) = serde_json::from_str::<Value>(&text) else {
                    continue;
                };
                match message["id"].as_u64() {
                    Some(id) => {
                        let waiter = waiting.lock().unwrap().remove(&id);
                        if let Some(waiter) = waiter {
                            // Whoever asked may have given up.
                            let _ = waiter.send(message);
                        }
                    }
                    None => heard.lock().unwrap().extend(complaint(&message)),
                }
            }
        });
        Browser {
            process,
            _profile: profile,
            sink: tokio::sync::Mutex::new(sink),
            answers,
            complaints,
            next: AtomicU64::new(1),
        }
    }

    async fn send(&self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        self.answers.lock().unwrap().insert(id, tell);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.sink
            .lock()
            .await
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
        let answer = tokio::time::timeout(PATIENCE, told)
            .await
            .unwrap_or_else(|_| panic!("the browser does not answer {method}"))
            .unwrap();
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    /// A fresh tab.
    pub async fn tab(&self) -> Tab<'_> {
        let target = self
            .send(None, "Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attached = self
            .send(
                None,
                "Target.attachToTarget",
                json!({ "targetId": target["targetId"], "flatten": true }),
            )
            .await;
        let tab = Tab {
            browser: self,
            session: attached["sessionId"].as_str().unwrap().to_owned(),
        };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.send(&format!("{domain}.enable"), json!({})).await;
        }
        tab
    }
}

/// What of an event is a complaint of the page.
fn complaint(event: &Value) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" if params["type"] == "error" => Some(params["args"].to_string()),
        // What is not there yet is asked for on purpose, and answered with 404.
        "Log.entryAdded"
            if params["entry"]["level"] == "error" && params["entry"]["source"] != "network" =>
        {
            Some(params["entry"]["text"].to_string())
        }
        "Network.requestWillBeSent" => {
            let url = params["request"]["url"].as_str()?;
            let own = ["http://127.0.0.1:", "blob:", "data:", "about:"];
            (!own.iter().any(|o| url.starts_with(o))).then(|| format!("asked another host: {url}"))
        }
        _ => None,
    }
}

/// A tab.
pub struct Tab<'a> {
    browser: &'a Browser,
    session: String,
}

impl Tab<'_> {
    pub async fn send(&self, method: &str, params: Value) -> Value {
        self.browser.send(Some(&self.session), method, params).await
    }

    /// Goes to an address.
    pub async fn go(&self, url: &str) {
        self.send("Page.navigate", json!({ "url": url })).await;
        self.wait("document.readyState === 'complete'").await;
    }

    /// What an expression is in the page.
    pub async fn value(&self, expression: &str) -> Value {
        let answer = self
            .send(
                "Runtime.evaluate",
                json!({ "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true }),
            )
            .await;
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].clone()
    }

    /// Waits until an expression holds; its value.
    pub async fn wait(&self, expression: &str) -> Value {
        let guarded =
            format!("(() => {{ try {{ return {expression}; }} catch {{ return null; }} }})()");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.value(&guarded).await;
            if !(value.is_null() || value == false || value == "" || value == 0) {
                return value;
            }
            if Instant::now() > deadline {
                let shown = concat!(env!("CARGO_MANIFEST_DIR"), "/target/pages/in-vain.png");
                std::fs::write(shown, self.picture().await).unwrap();
                let complaints = self.browser.complaints.lock().unwrap();
                panic!(
                    "waited in vain for {expression}; see {shown}; the page complains of {complaints:?}"
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses keys, one after the other: letters, or names such as `Enter`.
    pub async fn press(&self, keys: &[&str]) {
        for key in keys {
            let (name, code, number) = match *key {
                "Enter" => ("Enter", "Enter", 13),
                "Escape" => ("Escape", "Escape", 27),
                "Space" => (" ", "Space", 32),
                "Tab" => ("Tab", "Tab", 9),
                other => (
                    other,
                    "",
                    i64::from(other.as_bytes()[0].to_ascii_uppercase()),
                ),
            };
            let text = match *key {
                "Enter" => "\r",
                "Escape" | "Tab" => "",
                "Space" => " ",
                other => other,
            };
            let mut down = json!({ "type": "keyDown", "key": name, "code": code, "windowsVirtualKeyCode": number });
            if !text.is_empty() {
                down["text"] = json!(text);
            }
            self.send("Input.dispatchKeyEvent", down).await;
            self.send(
                "Input.dispatchKeyEvent",
                json!({ "type": "keyUp", "key": name, "code": code, "windowsVirtualKeyCode": number }),
            )
            .await;
        }
    }

    /// Types into what has the focus.
    pub async fn type_text(&self, text: &str) {
        self.send("Input.insertText", json!({ "text": text })).await;
    }

    /// How wide the window is, and whether its person likes it dark.
    pub async fn look(&self, width: u32, height: u32, dark: bool) {
        self.send(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 }),
        )
        .await;
        let scheme = if dark { "dark" } else { "light" };
        self.send(
            "Emulation.setEmulatedMedia",
            json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }, { "name": "prefers-reduced-motion", "value": "reduce" }] }),
        )
        .await;
    }

    /// What is to be seen, as PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let shot = self
            .send("Page.captureScreenshot", json!({ "format": "png" }))
            .await;
        STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    /// Stops the clock of the pages that are opened from now on, gives them a place and a language, and lets nothing tick. What happened
    /// much later than `now_ms` (the test's own acts) is shown as happening now.
    pub async fn pin(&self, now_ms: i64) {
        let script = format!(
            "(() => {{
                const [now, Real, tick] = [{now_ms}, Date, setInterval];
                const at = (time) => (time > now + 7 * 86400000 ? now : time);
                globalThis.Date = class extends Real {{
                    constructor(...given) {{
                        if (given.length === 0) super(now);
                        else if (given.length === 1) super(at(new Real(given[0]).getTime()));
                        else super(...given);
                    }}
                    static now() {{ return now; }}
                    static parse(text) {{ return at(Real.parse(text)); }}
                }};
                globalThis.setInterval = (act, ms, ...given) => (ms >= 1000 ? 0 : tick(act, ms, ...given));
                globalThis.asking = 0;
                const counted = (from, name) => {{
                    const plain = from[name];
                    from[name] = function (...given) {{
                        globalThis.asking += 1;
                        return plain.apply(this, given).finally(() => {{ globalThis.asking -= 1; }});
                    }};
                }};
                counted(globalThis, 'fetch');
                counted(Response.prototype, 'text');
            }})()"
        );
        self.send(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({ "source": script }),
        )
        .await;
        self.send(
            "Emulation.setTimezoneOverride",
            json!({ "timezoneId": "America/Chicago" }),
        )
        .await;
        self.send("Emulation.setLocaleOverride", json!({ "locale": "en-US" }))
            .await;
    }

    /// Waits until a pinned page has every answer that it asked for.
    pub async fn answered(&self) {
        // Between an answer's head and its body nothing is counted for a moment: a task later it is.
        self.wait("globalThis.asking === 0 && new Promise((r) => setTimeout(() => r(globalThis.asking === 0), 50))")
            .await;
    }

    /// Lets a script in that the page itself would not: for the accessibility checker alone.
    pub async fn bypass_policy(&self) {
        self.send("Page.setBypassCSP", json!({ "enabled": true }))
            .await;
    }

    /// Cuts the tab off, or connects it again.
    pub async fn offline(&self, offline: bool) {
        self.send(
            "Network.emulateNetworkConditions",
            json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 }),
        )
        .await;
    }
}

/// A moment for the page to draw: the browser's own frames, not a clock of ours.
pub async fn settle(tab: &Tab<'_>) {
    tab.value("new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))")
        .await;
}
