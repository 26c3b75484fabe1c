//! Against a real local server that does whatever a test asks of it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use super::*;
use crate::models::partial::hex;
use sha2::{Digest, Sha256};

const QUICK: Patience = Patience {
    attempts: 3,
    pause: Duration::from_millis(1),
    silence: Duration::from_secs(5),
};

/// A megabyte in which no two stretches are alike.
fn contents() -> Vec<u8> {
    (0..1u32 << 18)
        .flat_map(|n| n.wrapping_mul(0x9e37_79b9).to_le_bytes())
        .collect()
}

/// Answers each connection by what `answer` makes of its number and of where its range begins, then closes it.
fn server(mut answer: impl FnMut(usize, Option<u64>) -> Vec<u8> + Send + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/model.bin", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut range = None;
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if let Some(from) = line.to_lowercase().strip_prefix("range: bytes=") {
                    range = from.trim().trim_end_matches('-').parse().ok();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            log.lock().unwrap().push(range);
            // The client may hang up on nonsense.
            let _ = stream.get_mut().write_all(&answer(number, range));
        }
    });
    Server { url, asked }
}

struct Server {
    url: String,
    asked: Arc<Mutex<Vec<Option<u64>>>>,
}

impl Server {
    fn asked(&self) -> Vec<Option<u64>> {
        self.asked.lock().unwrap().clone()
    }
}

fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n").into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// The whole, or what a range asks for.
fn served(body: &[u8], range: Option<u64>) -> Vec<u8> {
    match range {
        None => response(
            "200 OK",
            &format!("content-length: {}\r\n", body.len()),
            body,
        ),
        Some(from) if (from as usize) < body.len() => {
            let rest = &body[from as usize..];
            let headers = format!(
                "content-length: {}\r\ncontent-range: bytes {from}-{}/{}\r\n",
                rest.len(),
                body.len() - 1,
                body.len()
            );
            response("206 Partial Content", &headers, rest)
        }
        Some(_) => response("416 Range Not Satisfiable", "content-length: 0\r\n", &[]),
    }
}

struct Shelf {
    dir: tempfile::TempDir,
}

impl Shelf {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn target(&self) -> PathBuf {
        self.dir.path().join("models/ggml-test.bin")
    }

    fn order(&self, source: &str) -> Order {
        let contents = contents();
        Order {
            source: Source::parse(source),
            target: self.target(),
            sha256: hex(&Sha256::digest(&contents)),
            size_bytes: Some(contents.len() as u64),
        }
    }

    fn begun(&self, bytes: &[u8]) {
        std::fs::create_dir_all(self.target().parent().unwrap()).unwrap();
        std::fs::write(path_of(&self.target()), bytes).unwrap();
    }

    fn kept(&self) -> Option<usize> {
        std::fs::read(path_of(&self.target())).ok().map(|b| b.len())
    }

    fn assert_whole(&self) {
        assert_eq!(std::fs::read(self.target()).unwrap(), contents());
        assert_eq!(self.kept(), None);
    }

    fn assert_nothing(&self) {
        assert!(!self.target().exists());
    }
}

async fn fetch(order: &Order) -> Result<Pulled, PullError> {
    pull(order, &QUICK, &mut |_| ()).await
}

#[tokio::test]
async fn a_file_comes_whole_with_its_progress_and_is_not_fetched_twice() {
    let server = server(|_, range| served(&contents(), range));
    let shelf = Shelf::new();
    let order = shelf.order(&server.url);
    let mut last = None;
    let done = pull(&order, &QUICK, &mut |progress| last = Some(progress)).await;
    assert_eq!(done.unwrap(), Pulled::Fetched { resumed_bytes: 0 });
    shelf.assert_whole();
    let size = order.size_bytes.unwrap();
    assert_eq!(
        last,
        Some(Progress {
            done_bytes: size,
            total_bytes: Some(size)
        })
    );
    assert_eq!(fetch(&order).await.unwrap(), Pulled::AlreadyThere);
    assert_eq!(server.asked(), [None]);
}

#[tokio::test]
async fn a_connection_that_breaks_off_again_and_again_is_resumed_by_range() {
    let server = server(|number, range| {
        let mut answer = served(&contents(), range);
        // Three times only a part of what was promised.
        if number < 3 {
            answer.truncate(200_000);
        }
        answer
    });
    let shelf = Shelf::new();
    fetch(&shelf.order(&server.url)).await.unwrap();
    shelf.assert_whole();
    let asked = server.asked();
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert!(asked.is_sorted() && asked[1].is_some(), "{asked:?}");
}

#[tokio::test]
async fn an_interrupted_pull_goes_on_where_it_ended() {
    let server = server(|_, range| served(&contents(), range));
    let shelf = Shelf::new();
    shelf.begun(&contents()[..300_000]);
    let done = fetch(&shelf.order(&server.url)).await.unwrap();
    assert_eq!(
        done,
        Pulled::Fetched {
            resumed_bytes: 300_000
        }
    );
    shelf.assert_whole();
    assert_eq!(server.asked(), [Some(300_000)]);
}

#[tokio::test]
async fn a_finished_partial_needs_no_server() {
    let shelf = Shelf::new();
    shelf.begun(&contents());
    fetch(&shelf.order("http://127.0.0.1:9/")).await.unwrap();
    shelf.assert_whole();
}

#[tokio::test]
async fn what_an_earlier_attempt_left_of_another_file_is_thrown_away() {
    let server = server(|_, range| served(&contents(), range));
    let shelf = Shelf::new();
    shelf.begun(&[7; 300_000]);
    assert_eq!(
        fetch(&shelf.order(&server.url)).await.unwrap(),
        Pulled::Fetched { resumed_bytes: 0 }
    );
    shelf.assert_whole();
    assert_eq!(server.asked(), [Some(300_000), None]);
    // And one that is longer than the whole file.
    std::fs::remove_file(shelf.target()).unwrap();
    shelf.begun(&vec![7; contents().len() + 1]);
    fetch(&shelf.order(&server.url)).await.unwrap();
    shelf.assert_whole();
}

#[tokio::test]
async fn a_server_that_ignores_ranges_is_read_from_the_beginning() {
    let server = server(|_, _| served(&contents(), None));
    let shelf = Shelf::new();
    shelf.begun(&contents()[..300_000]);
    fetch(&shelf.order(&server.url)).await.unwrap();
    shelf.assert_whole();
}

#[tokio::test]
async fn a_server_that_sends_another_range_is_not_believed() {
    let server = server(|_, range| served(&contents(), range.map(|from| from / 2)));
    let shelf = Shelf::new();
    shelf.begun(&contents()[..300_000]);
    fetch(&shelf.order(&server.url)).await.unwrap();
    shelf.assert_whole();
    assert_eq!(server.asked(), [Some(300_000), None]);
}

#[tokio::test]
async fn a_lie_about_the_contents_is_found_and_nothing_of_it_stays() {
    let server = server(|_, range| served(&vec![0; contents().len()], range));
    let shelf = Shelf::new();
    let error = fetch(&shelf.order(&server.url)).await.unwrap_err();
    assert!(matches!(error, PullError::OtherSum { .. }), "{error}");
    let text = error.to_string();
    assert!(
        text.contains(&server.url)
            && text.contains("sha256")
            && text.contains("nothing of it is kept"),
        "{text}"
    );
    shelf.assert_nothing();
    assert_eq!(shelf.kept(), None);
}

#[tokio::test]
async fn a_file_of_another_size_is_refused_before_it_is_read() {
    let page = b"<html>Sign in to this network</html>";
    let server = server(move |_, _| {
        let headers = format!(
            "content-length: {}\r\ncontent-type: text/html\r\n",
            page.len()
        );
        response("200 OK", &headers, page)
    });
    let shelf = Shelf::new();
    let error = fetch(&shelf.order(&server.url)).await.unwrap_err();
    assert!(
        matches!(error, PullError::OtherSize { offered: 36, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("36 bytes of text/html"),
        "{error}"
    );
    shelf.assert_nothing();
}

#[tokio::test]
async fn a_server_that_does_not_stop_sending_is_stopped() {
    // No length: the end of the connection would be the end of the file.
    let server = server(|_, _| {
        let mut body = contents();
        body.extend_from_slice(&[1; 100_000]);
        response("200 OK", "", &body)
    });
    let shelf = Shelf::new();
    let error = fetch(&shelf.order(&server.url)).await.unwrap_err();
    assert!(matches!(error, PullError::TooMuch { .. }), "{error}");
    shelf.assert_nothing();
    assert_eq!(shelf.kept(), Some(0));
}

#[tokio::test]
async fn an_end_without_a_length_is_no_end_of_the_file() {
    let server = server(|number, range| {
        let from = range.unwrap_or(0) as usize;
        let rest = &contents()[from..];
        let part = if number == 0 { &rest[..500_000] } else { rest };
        let range = format!("content-range: bytes {from}-/*\r\n");
        match number {
            0 => response("200 OK", "", part),
            _ => response("206 Partial Content", &range, part),
        }
    });
    let shelf = Shelf::new();
    fetch(&shelf.order(&server.url)).await.unwrap();
    shelf.assert_whole();
    assert_eq!(server.asked(), [None, Some(500_000)]);
}

#[tokio::test]
async fn a_refusal_is_said_at_once_and_a_busy_server_is_asked_again() {
    for status in ["404 Not Found", "403 Forbidden", "401 Unauthorized"] {
        let server = server(move |_, _| response(status, "content-length: 0\r\n", &[]));
        let shelf = Shelf::new();
        let error = fetch(&shelf.order(&server.url)).await.unwrap_err();
        assert!(error.to_string().contains(&status[..3]), "{error}");
        assert!(matches!(error, PullError::Refused { .. }), "{error}");
        assert_eq!(server.asked().len(), 1);
    }
    let server = server(|number, range| match number {
        0 => response("500 Internal Server Error", "content-length: 0\r\n", &[]),
        1 => response("429 Too Many Requests", "content-length: 0\r\n", &[]),
        _ => served(&contents(), range),
    });
    let shelf = Shelf::new();
    fetch(&shelf.order(&server.url)).await.unwrap();
    shelf.assert_whole();
}

#[tokio::test]
async fn a_server_that_stays_broken_or_away_is_given_up_and_what_came_is_kept() {
    let server = server(|number, range| match number {
        0 => served(&contents(), range)[..400_000].to_vec(),
        _ => response("503 Service Unavailable", "content-length: 0\r\n", &[]),
    });
    let shelf = Shelf::new();
    let error = fetch(&shelf.order(&server.url)).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, PullError::GaveUp { .. }), "{text}");
    assert!(
        text.contains("503") && text.contains("goes on from there"),
        "{text}"
    );
    assert!(shelf.kept().unwrap() > 300_000);
    shelf.assert_nothing();

    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = fetch(&shelf.order(&format!("http://{free}/")))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(shelf.kept().unwrap() > 300_000, "still there");
}

#[tokio::test]
async fn a_path_serves_closed_networks() {
    let shelf = Shelf::new();
    let stick = shelf.dir.path().join("stick.bin");
    std::fs::write(&stick, contents()).unwrap();
    shelf.begun(&contents()[..100_000]);
    let done = fetch(&shelf.order(stick.to_str().unwrap())).await.unwrap();
    assert_eq!(
        done,
        Pulled::Fetched {
            resumed_bytes: 100_000
        }
    );
    shelf.assert_whole();
    std::fs::remove_file(shelf.target()).unwrap();
    fetch(&shelf.order(&format!("file://{}", stick.display())))
        .await
        .unwrap();
    shelf.assert_whole();

    std::fs::remove_file(shelf.target()).unwrap();
    std::fs::write(&stick, &contents()[1..]).unwrap();
    let error = fetch(&shelf.order(stick.to_str().unwrap()))
        .await
        .unwrap_err();
    assert!(matches!(error, PullError::OtherSize { .. }), "{error}");
    for nowhere in ["/nowhere/at-all.bin", "/tmp"] {
        let error = fetch(&shelf.order(nowhere)).await.unwrap_err();
        assert!(matches!(error, PullError::Unreadable { .. }), "{error}");
        assert!(error.to_string().contains(nowhere), "{error}");
    }
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_named() {
    let shelf = Shelf::new();
    std::fs::write(shelf.dir.path().join("models"), "a file").unwrap();
    let error = fetch(&shelf.order("/tmp")).await.unwrap_err();
    assert!(matches!(error, PullError::Disk { .. }), "{error}");
    assert!(error.to_string().contains("ggml-test.bin"), "{error}");
}

#[tokio::test]
async fn two_pulls_of_one_file_do_not_mix() {
    let shelf = Shelf::new();
    shelf.begun(b"");
    let first = Partial::open(&shelf.target()).ok().unwrap();
    let error = fetch(&shelf.order("/tmp")).await.unwrap_err();
    assert!(matches!(error, PullError::Busy { .. }), "{error}");
    drop(first);
}

#[tokio::test]
async fn a_file_with_a_sum_of_the_users_own_must_still_be_a_model() {
    let shelf = Shelf::new();
    let stick = shelf.dir.path().join("stick.bin");
    std::fs::write(&stick, contents()).unwrap();
    let order = Order {
        size_bytes: None,
        ..shelf.order(stick.to_str().unwrap())
    };
    let error = fetch(&order).await.unwrap_err();
    assert!(
        matches!(error, PullError::NoModel(ModelError::Foreign { .. })),
        "{error}"
    );
    shelf.assert_nothing();

    let bundled = concat!(env!("CARGO_MANIFEST_DIR"), "/models/offhook-phone-en.bin");
    let order = Order {
        sha256: sum_of(Path::new(bundled)).unwrap(),
        ..Order {
            source: Source::parse(bundled),
            ..order
        }
    };
    fetch(&order).await.unwrap();
    assert!(ModelFile::read(&shelf.target()).is_ok());
}
