//! WCAG 2.2 AA, as far as a program can tell: axe-core finds nothing serious on any page.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desk::Desk;
use crate::{browser, picture, until};

/// axe-core's script, from npm; it is no part of this repository.
fn axe() -> Option<String> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/axe");
    let file = folder.join("node_modules/axe-core/axe.min.js");
    if !file.is_file() {
        std::fs::create_dir_all(&folder).ok()?;
        let installed = Command::new("npm")
            .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg("axe-core@4")
            .output();
        if !installed.is_ok_and(|o| o.status.success()) {
            eprintln!("skipped: axe-core cannot be had (it needs npm and its registry)");
            return None;
        }
    }
    std::fs::read_to_string(file).ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axe_finds_nothing_serious_on_any_page() {
    let Some(browser) = browser().await else {
        return;
    };
    let Some(axe) = axe() else {
        return;
    };
    let desk = Desk::start(false).await;
    let mut call = desk.call("silence");
    call.speed = 0.0;
    let call_sid = call.call_sid.clone();
    call.place().await.unwrap();
    let (call_id, record_id) = until("the draft", async || {
        let call = desk.try_get(&format!("/v1/calls/{call_sid}")).await?;
        Some((
            call["id"].as_str()?.to_owned(),
            call["record_id"].as_str()?.to_owned(),
        ))
    })
    .await;
    // A call that goes on until the end of the test, for the agent's page.
    let mut going = desk.call("hold-music");
    going.length_ms = Some(600_000);
    let going_sid = going.call_sid.clone();
    let going = tokio::spawn(going.place());
    let live_id = until("the call to begin", async || {
        let call = desk.try_get(&format!("/v1/calls/{going_sid}")).await?;
        call["id"].as_str().map(str::to_owned)
    })
    .await;

    let tab = browser.tab().await;
    // The checker alone comes from elsewhere; the pages keep their policy everywhere else.
    tab.bypass_policy().await;
    let pages = [
        (
            "board",
            "/".to_owned(),
            "document.querySelector('.line') && document.querySelector('#queue li')",
        ),
        (
            "live-empty",
            format!("/calls/{live_id}"),
            "document.querySelector('#fields .fld') && document.querySelector('#prompts li')",
        ),
        (
            "calls",
            "/calls".to_owned(),
            "document.querySelector('#calls tbody tr')",
        ),
        (
            "call-empty",
            format!("/calls/{call_id}"),
            "document.querySelector('#call').getAttribute('aria-busy') === 'false'",
        ),
        (
            "review-empty",
            "/review".to_owned(),
            "document.querySelector('#unsafe .fld')",
        ),
        (
            "record",
            format!("/records/{record_id}"),
            "document.querySelector('#wave svg, #wave .empty')",
        ),
        (
            "reports",
            "/reports".to_owned(),
            "document.querySelector('#reports').getAttribute('aria-busy') === 'false'",
        ),
        (
            "settings",
            "/settings".to_owned(),
            "document.querySelector('#users .list').childElementCount",
        ),
        (
            "sign-in",
            "/sign-in".to_owned(),
            "document.querySelector('form')",
        ),
        (
            "first-run",
            "/first-run?token=x".to_owned(),
            "document.querySelector('form')",
        ),
        (
            "set-password",
            "/set-password?token=x".to_owned(),
            "document.querySelector('form')",
        ),
        (
            "not-found",
            "/nowhere".to_owned(),
            "document.querySelector('.card')",
        ),
    ];
    let mut found = Vec::new();
    for (name, path, ready) in &pages {
        for (width, dark) in [(1280, false), (1280, true), (360, false)] {
            tab.look(width, 800, dark).await;
            tab.go(&desk.url(path)).await;
            tab.wait(&format!("Boolean({ready})")).await;
            tab.value(&format!("{axe}; 1")).await;
            let serious = tab
                .value(
                    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((r) => (r.passes.length < 8 ? [{ id: 'it checked next to nothing', impact: 'serious', nodes: [] }] : r.violations)
                        .filter((v) => ['serious', 'critical'].includes(v.impact))
                        .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary}`).join(' | ')}`))",
                )
                .await;
            for one in serious.as_array().unwrap() {
                found.push(format!("{name} at {width}, dark {dark}: {one}"));
            }
        }
        picture(&tab, name).await;
    }
    going.abort();
    assert!(found.is_empty(), "{found:#?}");
}
