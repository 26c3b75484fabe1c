//! The agent pauses the recording of a call that goes on, takes that back, and sees how the call arrives.

use crate::desk::Desk;
use crate::{browser, no_complaints, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p_pauses_the_recording_and_the_notice_takes_it_back() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start(false).await;
    let mut call = desk.call("home-services-leak");
    call.length_ms = Some(600_000);
    let call_sid = call.call_sid.clone();
    let going = tokio::spawn(call.place());
    let path = format!("/v1/calls/{call_sid}");
    let call_id = until("the call", async || {
        let call = desk.try_get(&path).await?;
        call["id"].as_str().map(str::to_owned)
    })
    .await;
    let recording = async |state: &str| {
        until(state, async || {
            let call = desk.try_get(&path).await?;
            (call["recording"]["state"] == state).then(|| call["recording"].clone())
        })
        .await
    };
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url(&format!("/calls/{call_id}"))).await;
    let shown =
        |name: &str| format!("document.querySelector('#health [data-name={name}] dd').textContent");
    tab.wait(&format!("{}.startsWith('on')", shown("REC")))
        .await;
    // Both tracks are heard: the page says how, each second.
    let audio = shown("Audio");
    tab.wait(&format!("{audio} !== 'no gaps' && {audio}.length > 1"))
        .await;

    // By key, with the list of fields in focus.
    tab.press(&["g", "f"]).await;
    tab.press(&["p"]).await;
    tab.wait(&format!("{}.startsWith('paused')", shown("REC")))
        .await;
    let paused = recording("paused").await;
    assert_eq!(paused["reason"], "person");
    assert!(paused["paused_ranges"][0]["end_ms"].is_null());
    // The notice says so and takes it back.
    tab.wait("document.querySelector('#toasts .undo')?.textContent === 'Go on'")
        .await;
    tab.value("document.querySelector('#toasts .undo').click()")
        .await;
    tab.wait(&format!("{}.startsWith('on')", shown("REC")))
        .await;
    let on = recording("on").await;
    assert!(
        on["paused_ranges"][0]["end_ms"].as_u64() > on["paused_ranges"][0]["start_ms"].as_u64()
    );

    // Again, and back by the same key; the button beside the state does the same.
    tab.press(&["p"]).await;
    recording("paused").await;
    tab.wait(&format!("{}.startsWith('paused')", shown("REC")))
        .await;
    tab.press(&["p"]).await;
    recording("on").await;
    tab.wait(&format!("{}.startsWith('on')", shown("REC")))
        .await;
    tab.value("document.querySelector('#health button').click()")
        .await;
    recording("paused").await;
    // What is done while the line is down waits, and is done once it is back.
    tab.wait(&format!("{}.startsWith('paused')", shown("REC")))
        .await;
    tab.offline(true).await;
    tab.wait("document.body.dataset.feed === 'offline'").await;
    tab.press(&["p"]).await;
    tab.wait("document.querySelector('#connection').textContent.includes('1 waiting')")
        .await;
    assert_eq!(desk.get(&path).await["recording"]["state"], "paused");
    tab.offline(false).await;
    let last = recording("on").await;
    assert_eq!(last["paused_ranges"].as_array().unwrap().len(), 3);

    // What was not recorded is seen on the axis of the call that is over.
    going.abort();
    tab.wait("document.querySelector('#banner a.button') !== null")
        .await;
    tab.go(&desk.url(&format!("/calls/{call_id}"))).await;
    tab.wait("document.querySelectorAll('.wave svg .unheard').length === 3")
        .await;
    let ranges = desk.get(&path).await["recording"]["paused_ranges"].clone();
    assert_eq!(ranges.as_array().unwrap().len(), 3);
    no_complaints(&browser);
}
