//! A real SMTP server (aiosmtpd) that keeps what it gets in a mailbox.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpListener;

use super::until;

/// The server. It knows STARTTLS under a certificate of its own for `localhost`.
pub struct MailServer {
    pub address: SocketAddr,
    /// The certificate, to be trusted.
    pub certificate: PathBuf,
    dir: TempDir,
    child: Child,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Python that has aiosmtpd, as `scripts/need-mail` finds or makes one.
fn python() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/need-mail");
    let output = Command::new(script).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| path.trim().into())
}

impl MailServer {
    /// Starts one; `None` where there is none to start, which has been said then.
    pub async fn start() -> Option<MailServer> {
        let Some(python) = python() else {
            println!("skipped: no SMTP server (scripts/need-mail says why)");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let child = Command::new(python)
            .args([
                "-m",
                "aiosmtpd",
                "-n",
                "-l",
                &address.to_string(),
                "-c",
                "aiosmtpd.handlers.Mailbox",
            ])
            .arg(dir.path().join("mail"))
            .args([
                std::path::Path::new("--tlscert"),
                &certificate,
                std::path::Path::new("--tlskey"),
                &key,
            ])
            .arg("--no-requiretls")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = MailServer {
            address,
            certificate,
            dir,
            child,
        };
        until("the mail server", async || {
            tokio::net::TcpStream::connect(address).await.ok()
        })
        .await;
        Some(server)
    }

    /// What lies in the mailbox, as it came.
    pub fn mails(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.dir.path().join("mail/new")) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| std::fs::read_to_string(entry.ok()?.path()).ok())
            .collect()
    }

    /// The first mail that fits.
    pub async fn wait_for(&self, what: &str, fits: impl Fn(&str) -> bool) -> String {
        until(what, async || self.mails().into_iter().find(|m| fits(m))).await
    }
}
