//! Readers of the live feed, through both its doors.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use reqwest::Response;
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::{Desk, soon};

/// A reader of `WS /v1/live`.
pub struct Reader {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Reader {
    pub async fn open(desk: &Desk) -> Reader {
        Reader::open_asking(desk, "").await
    }

    /// One that says in its query what it wants from the first message on.
    pub async fn open_asking(desk: &Desk, query: &str) -> Reader {
        let address: SocketAddr = desk.address.parse().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        Reader::over(desk, stream, query).await
    }

    /// One whose machine takes next to nothing before it is read.
    pub async fn open_narrow(desk: &Desk) -> Reader {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(8 << 10).unwrap();
        let stream = socket.connect(desk.address.parse().unwrap()).await.unwrap();
        Reader::over(desk, stream, "").await
    }

    async fn over(desk: &Desk, stream: TcpStream, query: &str) -> Reader {
        let url = format!("ws://{}/v1/live{query}", desk.address);
        let (socket, _) = tokio_tungstenite::client_async(url, MaybeTlsStream::Plain(stream))
            .await
            .unwrap();
        Reader { socket }
    }

    pub async fn next(&mut self) -> Value {
        soon("the next message of the feed", async {
            loop {
                match self.socket.next().await.unwrap().unwrap() {
                    Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                    Message::Close(_) => panic!("the feed was closed"),
                    _ => {}
                }
            }
        })
        .await
    }

    pub async fn send(&mut self, message: &Value) {
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// Sends an act and reads on to its answer; what came before it is passed over.
    pub async fn act(&mut self, message: &Value) -> Value {
        self.send(message).await;
        loop {
            let answer = self.next().await;
            if answer["type"] == "ack" || answer["type"] == "nack" {
                return answer;
            }
        }
    }

    /// Everything up to the draft of `drafts` calls.
    pub async fn until_drafts(&mut self, drafts: usize) -> Vec<Value> {
        let mut messages = Vec::new();
        let mut left = drafts;
        while left > 0 {
            let message = self.next().await;
            left -= usize::from(message["type"] == "record.drafted");
            messages.push(message);
        }
        messages
    }
}

/// A reader of `GET /v1/live/sse`.
pub struct Events {
    response: Response,
    text: String,
}

impl Events {
    pub async fn open(desk: &Desk, query: &str, last_event_id: Option<&str>) -> Events {
        let path = format!("/v1/live/sse{query}");
        let response = match last_event_id {
            Some(id) => desk.ask_with(&path, ("Last-Event-ID", id)).await,
            None => desk.ask(&path).await,
        };
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events {
            response,
            text: String::new(),
        }
    }

    /// The next event: its id and its data.
    pub async fn next(&mut self) -> (Option<String>, Value) {
        while !self.text.contains("\n\n") {
            let chunk = soon("the next event", self.response.chunk()).await.unwrap();
            self.text
                .push_str(std::str::from_utf8(&chunk.expect("the stream goes on")).unwrap());
        }
        let (event, rest) = self.text.split_once("\n\n").unwrap();
        let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        let id = field("id: ").map(str::to_owned);
        let data = serde_json::from_str(field("data: ").unwrap()).unwrap();
        self.text = rest.to_owned();
        (id, data)
    }
}
