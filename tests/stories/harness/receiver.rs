//! Somebody else's server that takes webhooks, well or badly, and remembers what it got.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::until;

/// The secret that every receiver of these stories shares with the engine.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Got {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("")
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// Whether the public Standard Webhooks library accepts it.
    pub fn verifies(&self, secret: &str) -> bool {
        let webhook = standardwebhooks::Webhook::new(secret).unwrap();
        let mut headers = axum::http::HeaderMap::new();
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
            headers.insert(name, self.header(name).parse().unwrap());
        }
        webhook.verify(self.body.as_bytes(), &headers).is_ok()
    }
}

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;
type Answer = Arc<dyn Fn(Got) -> Answering + Send + Sync>;

/// The server.
pub struct Receiver {
    pub address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    task: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// One that takes everything.
    pub async fn start() -> Receiver {
        Receiver::answering(|_| async { "thanks".into_response() }).await
    }

    /// One that answers as it likes.
    pub async fn answering<F, R>(answer: F) -> Receiver
    where
        F: Fn(Got) -> R + Send + Sync + 'static,
        R: Future<Output = Response> + Send + 'static,
    {
        let answer: Answer = Arc::new(move |got| Box::pin(answer(got)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let got = Arc::new(Mutex::new(Vec::new()));
        let app = Router::new()
            .fallback(take)
            .with_state((Arc::clone(&got), answer));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Receiver { address, got, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// The first request that fits, as soon as it is there.
    pub async fn wait_for(&self, what: &str, fits: impl Fn(&Got) -> bool) -> Got {
        until(what, async || self.got().into_iter().find(|g| fits(g))).await
    }

    /// The first webhook of a type.
    pub async fn event(&self, kind: &str) -> Got {
        self.wait_for(kind, |g| g.json()["type"] == kind).await
    }

    /// The lines of a destination that leads here.
    pub fn destination(&self, id: &str, more: &str) -> String {
        destination(id, &self.url(), more)
    }
}

/// The lines of a webhook destination.
pub fn destination(id: &str, url: &str, more: &str) -> String {
    format!(
        "[[destinations]]\nid = \"{id}\"\nkind = \"webhook\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\nallow_private = true\n{more}\n"
    )
}

async fn take(
    State((got, answer)): State<(Arc<Mutex<Vec<Got>>>, Answer)>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let one = Got {
        path: uri.path().to_owned(),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    got.lock().unwrap().push(one.clone());
    answer(one).await
}

/// A server that accepts and never answers.
pub async fn silent() -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            kept.push(socket);
        }
    });
    (address, task)
}

/// A server whose certificate nobody has signed.
pub async fn untrusted() -> (SocketAddr, JoinHandle<()>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![made.cert.der().clone()], key)
    .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move { acceptor.accept(socket).await.map(|_| ()) });
        }
    });
    (address, task)
}

/// A body that never ends.
pub fn endless() -> Response {
    let chunks = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        Some((
            Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 16 * 1024])),
            (),
        ))
    });
    Response::new(Body::from_stream(chunks))
}
