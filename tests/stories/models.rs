//! `offhook models` as a person uses it, and what a server says of a model it cannot take.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sha2::{Digest, Sha256};

use crate::harness::{Program, Site, offhook, until};

const BUNDLED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/models/offhook-phone-en.bin");

fn bundled() -> Vec<u8> {
    std::fs::read(BUNDLED).unwrap()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

fn models(dir: &Path, args: &[&str]) -> Command {
    let mut command = offhook();
    command.current_dir(dir).arg("models").args(args);
    command
}

fn text(output: &Output) -> (String, String) {
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Serves the bundled model by ranges; the first answer stalls in the middle and never ends.
fn stalling_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let body = bundled();
        let mut stalled = Vec::new();
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut from = 0;
            loop {
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                if let Some(range) = line.to_lowercase().strip_prefix("range: bytes=") {
                    from = range.trim().trim_end_matches('-').parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let rest = &body[from..];
            let status = if from == 0 {
                "200 OK"
            } else {
                "206 Partial Content"
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-range: bytes {from}-{}/{}\r\n\r\n",
                rest.len(),
                body.len() - 1,
                body.len()
            );
            let stream = stream.get_mut();
            stream.write_all(head.as_bytes()).unwrap();
            if from == 0 {
                stream.write_all(&rest[..rest.len() / 2]).unwrap();
                stalled.push(stream.try_clone().unwrap());
            } else {
                stream.write_all(rest).unwrap();
            }
        }
    });
    url
}

#[tokio::test]
async fn a_pull_that_is_killed_goes_on_where_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let url = stalling_server();
    let sum = sum(&bundled());
    let args = ["pull", "mine", "--url", &url, "--sha256", &sum];
    let mut first = models(dir.path(), &args)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let target = dir.path().join("models/ggml-mine.bin");
    let partial = dir.path().join("models/ggml-mine.bin.partial");
    let half = bundled().len() as u64 / 2;
    until("half of the file", async || {
        std::fs::metadata(&partial).ok().filter(|m| m.len() == half)
    })
    .await;
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(!target.exists());

    let output = models(dir.path(), &args).output().unwrap();
    let (out, err) = text(&output);
    assert!(output.status.success(), "{err}");
    assert!(out.contains("were there from an earlier attempt"), "{out}");
    assert_eq!(std::fs::read(&target).unwrap(), bundled());
    assert!(!partial.exists());

    let output = models(dir.path(), &args).output().unwrap();
    assert!(text(&output).0.contains("is there already"), "{output:?}");
    let output = models(dir.path(), &["verify"]).output().unwrap();
    let (out, err) = text(&output);
    assert!(
        output.status.success() && out.contains("ggml-mine.bin: ok"),
        "{out}{err}"
    );
}

#[test]
fn a_full_disk_is_named_and_what_came_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    // The limit of a file's size stands for a full disk: the write fails in the middle either way.
    let script = format!(
        "trap '' XFSZ; ulimit -f 4096; exec {:?} models pull mine --url {BUNDLED:?} --sha256 {}",
        env!("CARGO_BIN_EXE_offhook"),
        sum(&bundled())
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let (_, err) = text(&output);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.contains("models/ggml-mine.bin cannot be written")
            && err.contains("goes on from there"),
        "{err}"
    );
    let kept = std::fs::metadata(dir.path().join("models/ggml-mine.bin.partial")).unwrap();
    assert!(kept.len() > 0 && kept.len() <= 4 << 20, "{}", kept.len());
    let (out, _) = text(&models(dir.path(), &["list"]).output().unwrap());
    assert!(out.contains("offhook-phone-en"), "{out}");
}

#[test]
fn the_list_shows_what_is_here_and_what_can_be_had() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("models");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("ggml-tiny.en.bin"), b"lmgg and no more").unwrap();
    std::fs::write(folder.join("ggml-base.en.bin.partial"), vec![0; 3 << 20]).unwrap();
    std::fs::write(folder.join("notes.bin"), b"PK\x03\x04").unwrap();
    let output = models(dir.path(), &["list"]).output().unwrap();
    let (out, err) = text(&output);
    assert!(output.status.success(), "{err}");
    let line = |name: &str| {
        out.lines()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap_or_else(|| panic!("no {name} in {out}"))
            .to_owned()
    };
    assert!(out.contains("(bundled)"), "{out}");
    assert!(
        line("tiny.en ").contains("damaged: 16 of 77704715 bytes"),
        "{out}"
    );
    assert!(line("base.en ").contains("begun: 3.0 MiB"), "{out}");
    assert!(line("models/notes.bin").contains("zip archive"), "{out}");
    for name in ["small.en-q8_0", "tiny-q5_1", "large-v3-turbo-q8_0"] {
        assert!(line(name).contains("MiB"), "{out}");
    }
}

#[test]
fn what_cannot_be_pulled_is_a_wrong_use() {
    let dir = tempfile::tempdir().unwrap();
    for (args, says) in [
        (&["pull", "huge"][..], "--sha256"),
        (&["pull", "../../etc/passwd"], "no model's name"),
        (
            &["pull", "tiny.en", "--sha256", "12"],
            "64 hexadecimal digits",
        ),
        (
            &["pull", "tiny.en", "--sha256", &"0".repeat(64)],
            "another name",
        ),
        (&["pull"], "NAME"),
    ] {
        let output = models(dir.path(), args).output().unwrap();
        let (_, err) = text(&output);
        assert_eq!(output.status.code(), Some(2), "{err}");
        assert!(err.contains(says), "{err}");
    }
    assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none());
}

/// Files that are no usable model, and what is said of them.
fn bad_models(dir: &Path) -> Vec<(PathBuf, &'static str)> {
    let whole = bundled();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    [
        ("cut.bin", &whole[..whole.len() / 2], "is cut off"),
        ("empty.bin", &[], "the file is empty"),
        ("page.bin", b"<!DOCTYPE html><html></html>", "web page"),
        ("llama.bin", b"GGUF\x03\x00\x00\x00", "GGUF"),
        ("ggml-tiny.en.bin", &flipped, "is not the published tiny.en"),
    ]
    .into_iter()
    .map(|(name, bytes, says)| {
        let path = dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        (path, says)
    })
    .collect()
}

#[test]
fn a_bad_model_is_refused_by_verify_and_before_the_server_takes_a_call() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new("speech.enabled = true");
    for (path, says) in bad_models(dir.path()) {
        let output = models(dir.path(), &["verify", path.to_str().unwrap()])
            .output()
            .unwrap();
        let (_, err) = text(&output);
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(
            err.contains(says) && err.contains(path.to_str().unwrap()),
            "{err}"
        );

        let output = offhook()
            .args(["serve", "--config"])
            .arg(site.file())
            .arg("--model")
            .arg(&path)
            .env("OFFHOOK_LOG", "error")
            .output()
            .unwrap();
        let (_, err) = text(&output);
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(err.contains(says) && err.lines().count() <= 2, "{err}");
    }
}

#[test]
fn a_model_of_another_language_is_refused_before_the_server_takes_a_call() {
    let site = Site::new("speech.enabled = true\nspeech.language = \"de\"");
    let output = offhook()
        .args(["serve", "--config"])
        .arg(site.file())
        .arg("--model")
        .arg(BUNDLED)
        .env("OFFHOOK_LOG", "error")
        .output()
        .unwrap();
    let (_, err) = text(&output);
    assert_eq!(output.status.code(), Some(1), "{err}");
    assert!(
        err.contains("English only") && err.contains("multilingual"),
        "{err}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_file_that_changes_under_the_server_is_noticed_and_the_server_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let model = dir.path().join("mine.bin");
    std::fs::copy(BUNDLED, &model).unwrap();
    let site = Site::new(&format!("speech.enabled = true\nspeech.model = {model:?}"));
    let mut program = Program::serve(&site);
    std::fs::write(&model, b"something else").unwrap();
    until("a word about it", async || {
        program.log().contains("has changed on disk").then_some(())
    })
    .await;
    assert!(program.ask("/readyz").await.status().is_success());
    // Nothing is left of it: the server still listens with what it loaded.
    std::fs::remove_file(&model).unwrap();
    assert!(program.ask("/readyz").await.status().is_success());
    program.terminate();
    let (status, log) = program.finish();
    assert_eq!(status.code(), Some(0), "{log}");
}
