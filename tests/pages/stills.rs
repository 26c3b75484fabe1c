//! Each page once, with calls that are always the same.

use serde_json::json;

use crate::calls::{CUT_OFF, GAS, LEAK, MORE, SAFE, TALKING, VISIT};
use crate::desk::Desk;
use crate::pictures::Pictures;
use crate::pinned::{NOW_MS, go_on};
use crate::receiver::Receiver;
use crate::{browser, no_complaints, until};

/// What differs from run to run is written over: the hash of a configuration that names a folder, a port, how long what was measured took.
const SAME_IN_EVERY_RUN: &str = "(() => {
    const write = (selector, pattern, text) => {
        for (const e of document.querySelectorAll(selector)) {
            if (pattern.test(e.textContent)) e.textContent = e.textContent.replace(pattern, text);
        }
    };
    write('main > h1 + .hint', /sha256:[0-9a-f]+/, 'sha256:5b1f2c9e');
    write('#destinations td', /127\\.0\\.0\\.1:\\d+/, 'hooks.example.com');
    for (const e of document.querySelectorAll('.pairs dt')) if (e.textContent === 'Models on this machine') e.nextElementSibling.textContent = 'offhook-phone-en';
    for (const [start, text] of [['Time to arrive, p95', '38 ms'], ['Longest overdue', '4 days'], ['Review, median', '18 s']]) {
        for (const e of document.querySelectorAll('[data-report] a')) if (e.getAttribute('aria-label')?.startsWith(start)) e.textContent = text;
        for (const e of document.querySelectorAll('[data-report] dt')) if (e.textContent === start) (e.nextElementSibling.firstElementChild ?? e.nextElementSibling).textContent = text;
    }
})()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_the_pages_are_as_they_were_found_good() {
    let Some(browser) = browser().await else {
        return;
    };
    let receiver = Receiver::start().await;
    let settings = receiver.within(MORE);
    let desk = Desk::start_after(false, &settings, &[LEAK, CUT_OFF, VISIT]).await;
    go_on(desk.running.edge(), &[TALKING, SAFE, GAS]).await;
    let reopened = VISIT.id().derived("rec");
    desk.act(&reopened, "approve", &json!({})).await;
    until("both to have it", async || {
        let path = format!("/v1/deliveries?state=delivered&record_id={reopened}");
        let delivered = desk.try_get(&path).await?;
        (delivered["data"].as_array()?.len() == 2).then_some(())
    })
    .await;
    desk.act(
        &reopened,
        "reopen",
        &json!({ "note": "the caller rang again" }),
    )
    .await;
    let version = desk.get(&format!("/v1/records/{reopened}")).await["version"].clone();
    desk.put(
        &format!("/v1/records/{reopened}/fields/caller_name"),
        &version,
        &json!({ "value": "Thomas Kelley" }),
    )
    .await;

    let tab = browser.tab().await;
    tab.pin(NOW_MS).await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url("/sign-in")).await;
    let mut pictures = Pictures::begin(&tab).await;
    let page = |path: &str| desk.url(path);
    let record = LEAK.id().derived("rec");
    let ready = "document.querySelector('#wave svg') && document.querySelectorAll('#words li').length > 5 && document.querySelector('#send li, #send .hint')?.textContent.includes('Asking') !== true";
    let stills = [
        (
            "sign-in",
            "/sign-in".to_owned(),
            "document.querySelector('form')",
        ),
        (
            "first-run",
            "/first-run?token=first_x".to_owned(),
            "document.querySelector('form')",
        ),
        (
            "board",
            "/".to_owned(),
            "document.querySelectorAll('.line').length === 3 && document.querySelectorAll('#queue li').length === 3 && document.querySelector('[data-tile=tasks] b').textContent !== '–'",
        ),
        (
            "live",
            format!("/calls/{}", TALKING.id()),
            "document.querySelector('#prompts .say') && document.querySelectorAll('#transcript li').length === 8",
        ),
        (
            "live-safe",
            format!("/calls/{}", SAFE.id()),
            "document.querySelectorAll('#transcript li').length === 19",
        ),
        (
            "live-alarm",
            format!("/calls/{}", GAS.id()),
            "document.querySelector('#alarm p')",
        ),
        ("review", format!("/records/{record}"), ready),
        (
            "review-reopened",
            format!("/records/{reopened}"),
            "document.querySelector('#wave svg') && document.querySelector('#changes tbody tr')",
        ),
        (
            "calls",
            "/calls".to_owned(),
            "document.querySelectorAll('#calls tbody tr').length >= 3",
        ),
        (
            "call",
            format!("/calls/{}", LEAK.id()),
            "document.querySelector('#call').getAttribute('aria-busy') === 'false'",
        ),
        (
            "reports",
            "/reports".to_owned(),
            "document.querySelector('#reports').getAttribute('aria-busy') === 'false'",
        ),
        (
            "settings",
            "/settings".to_owned(),
            "document.querySelector('#destinations .list').childElementCount",
        ),
    ];
    for (name, path, ready) in &stills {
        tab.go(&page(path)).await;
        tab.wait(&format!("Boolean({ready})")).await;
        tab.answered().await;
        tab.value(SAME_IN_EVERY_RUN).await;
        pictures.take(&tab, name).await;
    }
    // The keys, over the page they belong to.
    tab.go(&page(&format!("/calls/{}", TALKING.id()))).await;
    tab.wait("document.querySelector('#prompts .say') !== null")
        .await;
    tab.answered().await;
    tab.press(&["?"]).await;
    tab.wait("document.querySelector('#keys').open").await;
    pictures.take(&tab, "keys").await;
    pictures.end();
    no_complaints(&browser);
}
