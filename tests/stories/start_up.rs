//! What keeps the program from starting is said in one or two lines: what, where, what to do; and the exit code tells it to scripts.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{PATIENCE, Program, Site, offhook};

/// Runs a program that must fail by itself to its end.
fn end_of(command: &mut Command) -> Output {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > deadline {
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            panic!("it runs: {}", String::from_utf8_lossy(&output.stderr));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.wait_with_output().unwrap()
}

/// Runs `offhook serve` at a site, with errors alone in the log.
fn serve(site: &Site, more: &[&str]) -> Output {
    end_of(
        offhook()
            .arg("serve")
            .arg("--config")
            .arg(site.file())
            .args(more)
            .env("OFFHOOK_LOG", "error"),
    )
}

/// The message of a program that must have failed with this code.
fn message(output: &Output, code: i32) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.starts_with("offhook: "), "{text}");
    assert!(text.trim_end().lines().count() <= 2, "{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// Serves with a configuration of this text.
fn serve_text(text: &str) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("offhook.toml");
    std::fs::write(&file, text).unwrap();
    end_of(
        offhook()
            .args([
                "serve",
                "--no-speech",
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
            ])
            .arg(dir.path().join("data"))
            .arg("--config")
            .arg(file)
            .env("OFFHOOK_LOG", "error"),
    )
}

#[test]
fn a_port_in_use_is_named() {
    let site = Site::new("");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = message(&serve(&site, &["--listen", &address]), 1);
    assert!(
        text.contains(&address) && text.contains("--listen"),
        "{text}"
    );
    let text = message(&serve(&site, &["--listen", "nowhere"]), 1);
    assert!(text.contains("nowhere"), "{text}");
}

#[test]
fn a_data_directory_in_use_is_named_with_its_user() {
    let site = Site::new("");
    let running = Program::serve(&site);
    let text = message(&serve(&site, &[]), 1);
    assert!(text.contains("is in use by process"), "{text}");
    assert!(text.contains(site.data().to_str().unwrap()), "{text}");
    drop(running);
    // It is free again once that one is gone, however it went.
    drop(Program::serve(&site));
}

#[test]
fn a_data_directory_that_cannot_be_is_named() {
    let site = Site::new("");
    let file = site.file().join("below-a-file");
    let text = message(&serve(&site, &["--data-dir", file.to_str().unwrap()]), 1);
    assert!(text.contains("below-a-file"), "{text}");
}

#[test]
fn a_model_that_is_missing_foreign_or_cut_off_is_named() {
    let site = Site::new("speech.enabled = true");
    let text = message(&serve(&site, &["--model", "no/such-model.bin"]), 1);
    assert!(
        text.contains("no/such-model.bin does not exist") && text.contains("offhook models list"),
        "{text}"
    );
    let folder = tempfile::tempdir().unwrap();
    let foreign = folder.path().join("foreign.bin");
    std::fs::write(&foreign, "this is a letter, not a model ".repeat(100)).unwrap();
    let text = message(&serve(&site, &["--model", foreign.to_str().unwrap()]), 1);
    assert!(
        text.contains("foreign.bin is not a whisper.cpp model"),
        "{text}"
    );
    let bundled =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models/offhook-phone-en.bin");
    let whole = std::fs::read(bundled).unwrap();
    let cut = folder.path().join("cut.bin");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let text = message(&serve(&site, &["--model", cut.to_str().unwrap()]), 1);
    assert!(
        text.contains("cut.bin is cut off") && text.contains("fetch it again"),
        "{text}"
    );
}

#[test]
fn a_mistake_in_the_configuration_is_a_wrong_use_with_line_and_hint() {
    let text = message(
        &serve_text("schema_version = 1\n[server]\nlisten = \"127.0.0.1:0\"\nmax_cals = 3\n"),
        2,
    );
    assert!(
        text.contains("offhook.toml:4: ") && text.contains("did you mean \"max_calls\"?"),
        "{text}"
    );
    let text = message(&serve_text("[server]\nmax_calls = \"many\"\n"), 2);
    assert!(text.contains("offhook.toml:2: "), "{text}");
    let text = message(&serve_text("[server\n"), 2);
    assert!(text.contains("offhook.toml:1: "), "{text}");
    let text = message(&serve_text("[defaults]\nvertical = \"clinc\"\n"), 2);
    assert!(text.contains("clinic"), "{text}");
    let text = message(&serve_text("[media]\nauth_token = \"sesame-sesame\"\n"), 2);
    assert!(
        text.contains("media.public_url") && !text.contains("sesame"),
        "{text}"
    );
    let missing = offhook()
        .args(["serve", "--config", "no/such.toml"])
        .output()
        .unwrap();
    assert!(message(&missing, 2).contains("no/such.toml"));
}

#[test]
fn a_wrong_command_line_is_a_wrong_use() {
    for wrong in [
        &["sing"][..],
        &[],
        &["serve", "--no-such-option"],
        &["dial"],
    ] {
        let output = offhook().args(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn a_damaged_database_is_named() {
    let site = Site::new("");
    drop(Program::serve(&site));
    let database = site.data().join("offhook.db");
    for beside in ["offhook.db-wal", "offhook.db-shm"] {
        // There is none after an orderly end.
        let _ = std::fs::remove_file(site.data().join(beside));
    }
    std::fs::write(&database, "this is no database ".repeat(500)).unwrap();
    let text = message(&serve(&site, &[]), 1);
    assert!(text.contains("offhook.db"), "{text}");
}
