//! A call from its first ring to its approval, as an agent and a reviewer see it.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::receiver::Receiver;
use crate::{browser, no_complaints, picture, until};

/// A customer's system as a destination.
fn crm(address: SocketAddr) -> String {
    format!(
        "[[destinations]]\nid = \"crm\"\nkind = \"webhook\"\nurl = \"http://{address}/hook\"\n\
        secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\nallow_private = true\nevents = [\"record.approved\"]\nallow_fields = [\"caller_name\", \"callback_number\"]\n"
    )
}

/// The fields as they were previewed, but for the moment at which they were approved.
fn with_review_of(sent: &Value, mut previewed: Value) -> Value {
    for (name, field) in previewed.as_object_mut().unwrap() {
        if let Some(review) = field.get_mut("review") {
            review["at"] = sent["data"]["fields"][name]["review"]["at"].clone();
        }
    }
    previewed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_works_on_a_call_and_a_reviewer_approves_what_came_of_it() {
    let Some(browser) = browser().await else {
        return;
    };
    let mut receiver = Receiver::start().await;
    let desk = Desk::start_with(true, &crm(receiver.address)).await;
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;

    // Nobody calls; then somebody does, and the board shows it without being asked.
    tab.go(&desk.url("/")).await;
    tab.wait("document.querySelector('#connection').dataset.state === 'live'")
        .await;
    assert_eq!(
        tab.value("document.querySelectorAll('.line').length").await,
        0
    );
    let call = desk.call("home-services-leak");
    let call_sid = call.call_sid.clone();
    let speaking = tokio::spawn(call.place());
    tab.wait("document.querySelector('.line .name').textContent === '(512) 555-0142'")
        .await;
    let heading = tab
        .value("[...document.querySelector('.place h3').childNodes].map((part) => part.textContent.trim())")
        .await;
    assert_eq!(
        heading,
        json!(["Acme Plumbing, Austin", "1 on the line, 1 not yet safe"])
    );

    // The agent opens the call. What is heard fills the fields.
    let call_id = desk.get(&format!("/v1/calls/{call_sid}")).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    tab.value("document.querySelector('.line').click()").await;
    tab.wait(&format!("location.pathname === '/calls/{call_id}'"))
        .await;
    tab.wait("document.querySelectorAll('#prompts .say').length > 0")
        .await;
    tab.wait("document.querySelector('#transcript').textContent.includes('leak')")
        .await;
    let state = |field: &str| {
        format!("document.querySelector('.fld[data-field={field}] .state').dataset.state")
    };
    tab.wait(&format!("{} !== 'missing'", state("caller_name")))
        .await;
    picture(&tab, "live").await;

    // By keys alone: to the fields, down to the problem, and say that it is right.
    tab.wait(&format!("{} === 'heard'", state("problem_category")))
        .await;
    tab.press(&["g", "f"]).await;
    let current = "document.activeElement.dataset.field";
    for _ in 0..20 {
        if tab.value(current).await == "problem_category" {
            break;
        }
        tab.press(&["j"]).await;
    }
    assert_eq!(tab.value(current).await, "problem_category");
    tab.press(&["c"]).await;
    tab.wait(&format!("{} === 'confirmed'", state("problem_category")))
        .await;
    // What came in meanwhile has not taken the focus away.
    assert_eq!(tab.value(current).await, "problem_category");

    // The words behind it can be heard while the call goes on.
    let hearings = async || {
        let trail = desk
            .try_get("/v1/audit-events?action=recording.clip_heard")
            .await?;
        Some(trail["data"].as_array()?.len())
    };
    tab.press(&["Space"]).await;
    until("the words to be played in the call", async || {
        hearings().await.filter(|count| *count > 0)
    })
    .await;

    // Another field is typed in. From then on the engine may suggest, not overwrite.
    tab.value("document.querySelector('.fld[data-field=caller_name]').click()")
        .await;
    tab.press(&["Enter"]).await;
    tab.wait("document.activeElement.closest('.editor') !== null")
        .await;
    tab.type_text("Linda J. Parker").await;
    tab.press(&["Enter"]).await;
    tab.wait("document.querySelector('.fld[data-field=caller_name] .lock') !== null")
        .await;
    until("the engine to hold what was typed", async || {
        let call = desk.try_get(&format!("/v1/calls/{call_id}")).await?;
        let field = &call["live"]["fields"]["caller_name"];
        (field["value"] == "Linda J. Parker" && field["locked"]["who"].is_string()).then_some(())
    })
    .await;

    // The call ends; the page says so and leads on.
    speaking.await.unwrap().unwrap();
    tab.wait("document.querySelector('#banner a.button') !== null")
        .await;
    assert_eq!(
        tab.value("document.querySelector('.fld[data-field=caller_name] .value').textContent.includes('Linda J. Parker')")
            .await,
        true
    );
    tab.value("document.querySelector('#banner a.button').click()")
        .await;

    // The reviewer's page opens at the first field that needs a look, and plays its words.
    tab.wait("location.pathname.startsWith('/records/rec_')")
        .await;
    tab.wait("document.querySelector('#unsafe .fld[aria-current=true]') !== null")
        .await;
    tab.wait("document.querySelector('#wave svg') !== null")
        .await;
    tab.wait("document.querySelectorAll('#words li').length > 5")
        .await;
    picture(&tab, "review").await;
    let record_path = tab.value("location.pathname").await;
    let record_path = format!("/v1{}", record_path.as_str().unwrap());
    let unsafe_before = tab
        .value("document.querySelectorAll('#unsafe .fld').length")
        .await;
    tab.value("document.querySelector('#unsafe .fld[aria-current=true]').focus()")
        .await;
    for _ in 0..20 {
        let audible = "document.querySelector('.fld[aria-current=true] .evidence .play') !== null";
        if tab.value(audible).await == true {
            break;
        }
        tab.press(&["j"]).await;
    }
    let before = hearings().await.unwrap();
    tab.press(&["Space"]).await;
    until("the hearing to be in the audit trail", async || {
        hearings().await.filter(|count| *count > before)
    })
    .await;
    tab.press(&["c"]).await;
    tab.wait(&format!(
        "document.querySelectorAll('#unsafe .fld').length < {unsafe_before}"
    ))
    .await;

    // What would leave is shown before it does, and what would not.
    tab.wait("document.querySelector('#send .payload') !== null")
        .await;
    tab.value("document.querySelector('#send details').open = true")
        .await;
    picture(&tab, "review-send").await;
    let planned = desk.get(&format!("{record_path}/preview")).await;
    let previewed = &planned["data"][0];
    assert_eq!(
        previewed["fields_sent"],
        json!(["callback_number", "caller_name"])
    );
    assert_eq!(
        tab.value("JSON.parse(document.querySelector('#send .payload').textContent).data.call.id")
            .await,
        previewed["payload"]["data"]["call"]["id"]
    );

    // Approved by one key; the queue goes on by itself, and there is nothing left.
    tab.press(&["a"]).await;
    tab.wait("location.pathname === '/review'").await;
    let record = desk.get(&record_path).await;
    assert_eq!(record["state"], "approved");
    assert_eq!(record["fields"]["caller_name"]["value"], "Linda J. Parker");
    assert_eq!(
        record["fields"]["problem_category"]["status"],
        json!("confirmed")
    );

    // The webhook arrives: just what was shown, and nothing that the destination may not have.
    let sent = receiver.got.recv().await.unwrap();
    assert_eq!(sent["type"], "record.approved");
    assert_eq!(
        sent["data"]["fields"]["caller_name"]["value"],
        "Linda J. Parker"
    );
    assert_eq!(
        sent["data"]["fields"],
        with_review_of(&sent, previewed["payload"]["data"]["fields"].clone())
    );
    assert!(sent["data"]["fields"]["problem_text"]["value"].is_null());
    tab.go(&desk.url(record_path.strip_prefix("/v1").unwrap()))
        .await;
    tab.wait("document.querySelector('#sent').textContent.includes('Delivered')")
        .await;

    // What stays of the call: who, when, the recording, what was said.
    tab.go(&desk.url(&format!("/calls/{call_id}"))).await;
    tab.wait("document.querySelector('#call').getAttribute('aria-busy') === 'false'")
        .await;
    picture(&tab, "call").await;
    // It is played along the waveform.
    tab.value("document.querySelector('.player button').click()")
        .await;
    tab.wait("Number(document.querySelector('.wave .head').getAttribute('x1')) > 0 && document.querySelector('.player button').textContent.includes('Pause')")
        .await;
    tab.value("document.querySelector('.player button').click()")
        .await;
    tab.wait("document.querySelector('.player button').textContent.includes('Play')")
        .await;
    no_complaints(&browser);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_reviewers_the_later_one_is_told_and_overwrites_nothing() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start(false).await;
    let mut call = desk.call("silence");
    call.speed = 0.0;
    let call_sid = call.call_sid.clone();
    call.place().await.unwrap();
    let record = until("the draft", async || {
        let call = desk.try_get(&format!("/v1/calls/{call_sid}")).await?;
        let id = call["record_id"].as_str()?.to_owned();
        desk.try_get(&format!("/v1/records/{id}")).await
    })
    .await;
    let path = format!("/records/{}", record["id"].as_str().unwrap());
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url(&path)).await;
    tab.wait("document.querySelector('#unsafe .fld[aria-current=true]') !== null")
        .await;

    // Both tracks are drawn on one axis, as finely as was asked.
    let call_path = format!("/v1/calls/{call_sid}");
    let drawn = desk.get(&format!("{call_path}/waveform?buckets=50")).await;
    assert_eq!(drawn["duration_ms"], 20_000);
    assert_eq!(drawn["bucket_ms"], 400.0);
    assert_eq!(drawn["caller"].as_array().unwrap().len(), 50);
    assert!(
        desk.try_get(&format!("{call_path}/waveform?buckets=0"))
            .await
            .is_none()
    );

    // Somebody else is quicker.
    desk.put(
        &format!("/v1{path}/fields/caller_name"),
        &record["version"],
        &json!({ "value": "Maria Gonzalez" }),
    )
    .await;
    tab.value("document.querySelector('#unsafe .fld[aria-current=true]').focus()")
        .await;
    tab.press(&["a"]).await;
    tab.wait("!document.querySelector('#conflict').hidden")
        .await;
    assert_eq!(desk.get(&format!("/v1{path}")).await["state"], "in_review");
    tab.value("document.querySelector('#conflict button').click()")
        .await;
    tab.wait("document.querySelector('#record-title').textContent.includes('Maria Gonzalez')")
        .await;
    no_complaints(&browser);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_offline_waits_and_is_sent_once_the_line_is_back() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start(false).await;
    let mut call = desk.call("silence");
    call.length_ms = Some(600_000);
    let call_sid = call.call_sid.clone();
    let going = tokio::spawn(call.place());
    // Without speech the caller's number is known from the network: nobody has said that it is right.
    let call_id = until("the caller's number", async || {
        let call = desk.try_get(&format!("/v1/calls/{call_sid}")).await?;
        (call["live"]["fields"]["callback_number"]["status"] == "inferred")
            .then(|| call["id"].as_str().unwrap().to_owned())
    })
    .await;
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url(&format!("/calls/{call_id}"))).await;
    let number = "document.querySelector('.fld[data-field=callback_number]')";
    tab.wait(&format!("{number} !== null")).await;
    tab.wait("document.body.dataset.feed === 'live'").await;
    tab.offline(true).await;
    tab.wait("document.body.dataset.feed === 'offline'").await;
    tab.value(&format!("{number}.click()")).await;
    tab.press(&["c"]).await;
    tab.wait("document.querySelector('#connection').textContent.includes('1 waiting')")
        .await;
    let held = desk.get(&format!("/v1/calls/{call_id}")).await;
    assert_eq!(
        held["live"]["fields"]["callback_number"]["status"],
        "inferred"
    );

    tab.offline(false).await;
    tab.wait(&format!(
        "{number}.querySelector('.state').dataset.state === 'confirmed'"
    ))
    .await;
    until("the engine to know it too", async || {
        let call = desk.try_get(&format!("/v1/calls/{call_id}")).await?;
        (call["live"]["fields"]["callback_number"]["status"] == "confirmed").then_some(())
    })
    .await;
    // The keys are shown to whoever asks, and Escape gives the page back.
    tab.press(&["?"]).await;
    tab.wait(
        "document.querySelector('#keys').open && document.querySelectorAll('#keys kbd').length > 8",
    )
    .await;
    tab.press(&["Escape"]).await;
    tab.wait("!document.querySelector('#keys').open").await;
    going.abort();
    no_complaints(&browser);
}
