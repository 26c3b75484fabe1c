//! The real program, as a process.

use std::io::{BufRead, BufReader, Read};
use std::ops::Deref;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::{Desk, Site};

/// The real program, as a process that can be killed.
pub struct Program {
    pub desk: Desk,
    child: Child,
    log: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Deref for Program {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        &self.desk
    }
}

/// `offhook`, ready to be given arguments.
pub fn offhook() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_offhook"));
    command
        .stdin(Stdio::null())
        .env_remove("OFFHOOK_LOG")
        .env_remove("RUST_LOG");
    command
}

/// Runs a command of the program to its end.
pub fn run(args: &[&str]) -> Output {
    offhook().args(args).output().unwrap()
}

impl Program {
    /// `offhook serve` at a site; comes back when it listens.
    pub fn serve(site: &Site) -> Program {
        Program::serve_logging(site, "offhook=info")
    }

    /// The same with another log filter.
    pub fn serve_logging(site: &Site, filter: &str) -> Program {
        let mut child = offhook()
            .arg("serve")
            .arg("--config")
            .arg(site.file())
            .env("OFFHOOK_LOG", filter)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let sink = Arc::clone(&log);
        let reader = std::thread::spawn(move || {
            let mut line = Vec::new();
            while matches!(stderr.read_until(b'\n', &mut line), Ok(n) if n > 0) {
                sink.lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&line));
                line.clear();
            }
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        stdout.read_line(&mut greeting).unwrap();
        let address = greeting
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split_whitespace().next());
        let Some(address) = address.map(str::to_owned) else {
            let _ = child.wait();
            reader.join().unwrap();
            panic!("no greeting: {greeting:?}, {}", log.lock().unwrap());
        };
        let rest = std::thread::spawn(move || {
            let _ = stdout.read_to_end(&mut Vec::new());
        });
        Program {
            desk: Desk::new(&address),
            child,
            log,
            readers: vec![reader, rest],
        }
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// kill -9. Comes back when it is dead, with its log.
    pub fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.finish().1
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        let done = Command::new("kill")
            .arg(self.child.id().to_string())
            .status()
            .unwrap();
        assert!(done.success());
    }

    /// Waits for its end.
    pub fn finish(&mut self) -> (ExitStatus, String) {
        let status = self.child.wait().unwrap();
        for reader in self.readers.drain(..) {
            reader.join().unwrap();
        }
        (status, self.log())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Dead already where the story went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
