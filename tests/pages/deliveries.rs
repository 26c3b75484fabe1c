//! What is sent changes on the pages that are open, while it is sent.

use serde_json::json;

use crate::calls::{MORE, VISIT};
use crate::desk::Desk;
use crate::receiver::Receiver;
use crate::{browser, no_complaints};

/// How many deliveries a page shows in a state.
fn shown(state: &str) -> String {
    format!("document.querySelectorAll('.sent[data-state={state}]').length")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_state_of_a_delivery_changes_on_open_pages_by_itself() {
    let Some(browser) = browser().await else {
        return;
    };
    let receiver = Receiver::start().await;
    receiver.hold(true);
    let desk = Desk::start_after(false, &receiver.within(MORE), &[VISIT]).await;
    let record = VISIT.id().derived("rec");
    let (reviewer, reader) = (browser.tab().await, browser.tab().await);
    for (tab, path) in [
        (&reviewer, format!("/records/{record}")),
        (&reader, format!("/calls/{}", VISIT.id())),
    ] {
        tab.look(1280, 800, false).await;
        tab.go(&desk.url(&path)).await;
        tab.wait("document.body.dataset.feed === 'live'").await;
        tab.wait("document.querySelector('[aria-busy=true]') === null")
            .await;
        assert_eq!(
            tab.value("document.querySelectorAll('.sent').length").await,
            0
        );
        // A page that is loaded again does not know this any more.
        tab.value("window.opened = true").await;
    }

    // Somebody else approves; the customer's system takes its time.
    desk.act(&record, "approve", &json!({})).await;
    for tab in [&reviewer, &reader] {
        tab.wait(&format!("{} === 2", shown("sending"))).await;
    }
    // One row is open and has the focus; what comes in takes neither.
    let row = "document.querySelector('.sent details')";
    reader
        .value(&format!(
            "{row}.open = true, {row}.querySelector('summary').focus()"
        ))
        .await;
    receiver.hold(false);
    for tab in [&reviewer, &reader] {
        tab.wait(&format!("{} === 2", shown("delivered"))).await;
        assert_eq!(tab.value(&shown("sending")).await, 0);
        assert_eq!(tab.value("window.opened").await, true);
    }
    reader
        .wait(&format!("{row}.textContent.includes('200')"))
        .await;
    assert_eq!(
        reader
            .value(&format!(
                "[{row}.open, document.activeElement === {row}.querySelector('summary')]"
            ))
            .await,
        json!([true, true])
    );
    no_complaints(&browser);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_of_a_destination_says_how_it_went() {
    let Some(browser) = browser().await else {
        return;
    };
    let mut receiver = Receiver::start().await;
    let desk = Desk::start_with(false, &receiver.within(MORE)).await;
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url("/settings")).await;
    tab.wait("document.querySelectorAll('#destinations tbody tr').length === 2")
        .await;
    tab.value("[...document.querySelectorAll('#destinations button')].find((b) => b.textContent === 'Test').click()")
        .await;
    tab.wait("document.querySelector('#toasts').textContent.includes('crm took the test: it answered 200')")
        .await;
    assert_eq!(receiver.got.recv().await.unwrap()["type"], "test.ping");
    tab.wait("document.querySelector('#destinations tbody').textContent.includes('last success')")
        .await;

    // A new secret is shown once, and the page says until when the old one holds.
    tab.value("[...document.querySelectorAll('#destinations button')].find((b) => b.textContent === 'New secret').click()")
        .await;
    tab.wait("document.querySelector('#destinations .secret b')?.textContent.startsWith('whsec_')")
        .await;
    no_complaints(&browser);
}
