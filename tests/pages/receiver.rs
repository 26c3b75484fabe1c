//! A customer's system that takes webhooks: at once, or when it is let.

use std::net::SocketAddr;

use axum::routing::post;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

/// That system.
pub struct Receiver {
    pub address: SocketAddr,
    /// What it got, in order.
    pub got: UnboundedReceiver<Value>,
    open: watch::Sender<bool>,
}

impl Receiver {
    /// One that answers as soon as it is asked.
    pub async fn start() -> Receiver {
        let (tell, got) = tokio::sync::mpsc::unbounded_channel();
        let (open, opened) = watch::channel(true);
        let hook = post(move |body: String| {
            let (tell, mut opened) = (tell.clone(), opened.clone());
            async move {
                // The test may be over, in both.
                let _ = tell.send(serde_json::from_str(&body).unwrap());
                let _ = opened.wait_for(|open| *open).await;
                "taken"
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = axum::Router::new()
            .route("/hook", hook.clone())
            .route("/board", hook);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Receiver { address, got, open }
    }

    /// Lets whoever asks wait for an answer, or no longer.
    pub fn hold(&self, held: bool) {
        self.open.send_replace(!held);
    }

    /// These settings with this system where a destination is at no address.
    pub fn within(&self, settings: &str) -> String {
        settings.replace("127.0.0.1:9", &self.address.to_string())
    }
}
