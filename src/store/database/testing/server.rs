//! A real PostgreSQL server for tests: Debian's binaries, a folder and a Unix socket of its own, gone when the tests are.

use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

/// The server of this test program. The shell around it ends it when our end of its input closes, however this process ends.
struct Server {
    dir: PathBuf,
    _shell: (Child, ChildStdin),
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static SCHEMAS: AtomicU32 = AtomicU32::new(0);
/// How long the server may take to start on a busy machine.
const START: Duration = Duration::from_secs(60);

/// The address of an empty schema of the tests' PostgreSQL server, which is started with the first one; `None` where there is none.
pub fn fresh_schema() -> Option<String> {
    // The client must not run on a thread of an async runtime.
    std::thread::spawn(|| {
        let server = SERVER
            .get_or_init(|| {
                let server = start();
                if let Err(why) = &server {
                    eprintln!("skipped the tests on PostgreSQL: {why}");
                }
                server.ok()
            })
            .as_ref()?;
        let schema = format!("test_{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(&url(&server.dir, ""), NoTls).unwrap();
        client
            .batch_execute(&format!("CREATE SCHEMA {schema}"))
            .unwrap();
        Some(url(
            &server.dir,
            &format!("&options=-csearch_path%3D{schema}"),
        ))
    })
    .join()
    .unwrap()
}

fn url(dir: &Path, more: &str) -> String {
    let socket = dir.display().to_string().replace('/', "%2F");
    format!("postgres://offhook@/postgres?host={socket}{more}")
}

/// Debian keeps each version's programs in a folder of its own; the newest is taken.
fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("initdb").exists().then_some((version, bin))
        })
        .collect();
    versions.sort();
    versions.pop().map(|(_, bin)| bin)
}

fn start() -> Result<Server, String> {
    let bin = binaries().ok_or("it is not installed (apt-get install postgresql)")?;
    let dir = tempfile::Builder::new()
        .prefix("offhook-pg-")
        .tempdir_in("/tmp")
        .map_err(|error| error.to_string())?
        .keep();
    // PostgreSQL refuses to run as root.
    let user = std::os::unix::fs::MetadataExt::uid(
        &std::fs::metadata(&dir).map_err(|error| error.to_string())?,
    );
    let nobody = 65_534;
    if user == 0 {
        std::os::unix::fs::chown(&dir, Some(nobody), Some(nobody))
            .map_err(|error| error.to_string())?;
    }
    // No syncing: what these tests prove does not need the server's disk to survive a power loss.
    let script = "trap '' INT TERM
        \"$1/initdb\" -D \"$2/data\" -U offhook -A trust -E UTF8 --locale=C.UTF-8 --no-sync > \"$2/log\" 2>&1 || { touch \"$2/failed\"; read -r _; rm -rf \"$2\"; exit 1; }
        \"$1/postgres\" -D \"$2/data\" -k \"$2\" -c listen_addresses= -c fsync=off -c max_connections=400 -c shared_buffers=32MB >> \"$2/log\" 2>&1 &
        read -r _
        kill -INT $!
        wait $!
        rm -rf \"$2\"";
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", script, "offhook-test-postgres"])
        .arg(&bin)
        .arg(&dir)
        .current_dir(&dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if user == 0 {
        std::os::unix::process::CommandExt::uid(&mut command, nobody);
        std::os::unix::process::CommandExt::gid(&mut command, nobody);
    }
    let mut shell = command.spawn().map_err(|error| error.to_string())?;
    let input = shell.stdin.take().ok_or("no pipe to the shell")?;
    let begun = Instant::now();
    loop {
        if Client::connect(&url(&dir, ""), NoTls).is_ok() {
            return Ok(Server {
                dir,
                _shell: (shell, input),
            });
        }
        if dir.join("failed").exists() || begun.elapsed() > START {
            let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
            return Err(format!("it does not start: {log}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
