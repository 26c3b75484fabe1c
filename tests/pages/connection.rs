//! A page says honestly how current it is.

use offhook::media::Track;

use crate::calls::{MORE, TALKING};
use crate::desk::Desk;
use crate::pinned::go_on;
use crate::{browser, until};

const FEED: &str = "document.body.dataset.feed";
const LINE: &str = "document.querySelector('#connection').textContent";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_to_which_nothing_comes_calls_itself_stale_until_something_does() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_with(false, MORE).await;
    let edge = desk.running.edge();
    let mut going = go_on(edge, &[TALKING]).await.remove(0);
    let tab = browser.tab().await;
    tab.go(&desk.url(&format!("/calls/{}", TALKING.id()))).await;
    tab.wait(&format!("{FEED} === 'live'")).await;
    // Twenty-five seconds pass for the page, in which it hears nothing.
    tab.value("{ const now = Date.now; window.ahead = 25000; Date.now = () => now() + window.ahead; }")
        .await;
    tab.wait(&format!("{FEED} === 'stale'")).await;
    assert!(tab.value(LINE).await.as_str().unwrap().starts_with("stale"));
    // What is shown stays, and the next word makes it current.
    assert!(tab.value("document.querySelectorAll('.fld').length").await.as_u64() > Some(3));
    going.says(edge, Track::Inbound, "are you still there");
    tab.wait(&format!("{FEED} === 'live'")).await;
    // Silent for longer, it does not wait but asks again.
    tab.value("window.ahead += 45000; window.sockets = 0; { const Real = WebSocket; window.WebSocket = class extends Real { constructor(...given) { super(...given); window.sockets += 1; } }; } 1")
        .await;
    tab.wait("window.sockets > 0").await;
    tab.wait(&format!("{FEED} === 'live'")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_server_restarts_says_so_and_then_what_became_of_the_call() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start(false).await;
    let mut call = desk.call("silence");
    call.length_ms = Some(600_000);
    let call_sid = call.call_sid.clone();
    let going = tokio::spawn(call.place());
    let call_id = until("the call", async || {
        let call = desk.try_get(&format!("/v1/calls/{call_sid}")).await?;
        call["id"].as_str().map(str::to_owned)
    })
    .await;
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url(&format!("/calls/{call_id}"))).await;
    tab.wait(&format!("{FEED} === 'live' && document.querySelectorAll('.fld').length > 3"))
        .await;
    let desk = desk
        .restart(async {
            tab.wait(&format!("{FEED} === 'reconnecting'")).await;
            assert!(tab.value(LINE).await.as_str().unwrap().contains("may be old"));
            // What was known is still there to be read.
            assert!(tab.value("document.querySelectorAll('.fld').length").await.as_u64() > Some(3));
        })
        .await;
    tab.wait(&format!("{FEED} === 'live'")).await;
    tab.wait("document.querySelector('#banner a.button') !== null")
        .await;
    let record = desk.get(&format!("/v1/calls/{call_id}")).await["record_id"].clone();
    assert_eq!(
        tab.value("document.querySelector('#banner a.button').getAttribute('href')").await,
        format!("/records/{}", record.as_str().unwrap())
    );
    going.abort();
}
