//! The pages in a real browser, against a real server, with a real call that is heard and read while it goes on.
//!
//! Without Chromium there is nothing to look with: then each of these says so in one line and leaves it.

mod accessibility;
mod browser;
mod calls;
mod connection;
mod deliveries;
mod desk;
mod keyboard;
mod memory;
mod people;
mod pictures;
mod pinned;
mod receiver;
mod recording;
mod reports;
mod stills;
mod story;
mod text;

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use browser::{Browser, Tab, settle};

/// Longest wait for anything. Only a test that fails waits that long.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks until there is an answer.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A browser, or a line that says why not.
pub async fn browser() -> Option<Browser> {
    let Some(program) = browser::program() else {
        eprintln!("skipped: there is no Chromium here (Debian: apt-get install chromium)");
        return None;
    };
    Some(Browser::start(program).await)
}

/// Takes a page's pictures for the eye, wide and narrow, light and dark: what is on them is never twice the same. Nothing of the page may be
/// wider than the window. Pictures that are compared are those of [`stills`].
pub async fn picture(tab: &Tab<'_>, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pages/taken");
    std::fs::create_dir_all(&folder).unwrap();
    for (width, height) in [(1280, 800), (360, 740)] {
        for dark in [false, true] {
            tab.look(width, height, dark).await;
            settle(tab).await;
            let over = tab
                .value("document.documentElement.scrollWidth - innerWidth")
                .await;
            assert!(
                over.as_i64().unwrap() <= 0,
                "{name} is {over} px too wide at {width}"
            );
            let scheme = if dark { "dark" } else { "light" };
            let file = folder.join(format!("{name}-{width}-{scheme}.png"));
            std::fs::write(file, tab.picture().await).unwrap();
        }
    }
    tab.look(1280, 800, false).await;
}

/// Nothing went wrong in any page, and none of them asked another host.
pub fn no_complaints(browser: &Browser) {
    let complaints = browser.complaints.lock().unwrap();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
