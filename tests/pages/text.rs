//! What callers say and people type stays text, whatever it looks like.

use serde_json::json;

use crate::desk::Desk;
use crate::{browser, no_complaints, until};

const MARKUP: &str = "<img src=x onerror=\"window.ran=1\"><script>window.ran=1</script><b>bold</b>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markup_in_values_and_transcripts_is_shown_and_never_run() {
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
    desk.put(
        &format!("/v1{path}/fields/caller_name"),
        &record["version"],
        &json!({ "value": MARKUP }),
    )
    .await;

    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    let call_path = format!("/calls/{}", record["call_id"].as_str().unwrap());
    for page in [path.as_str(), &call_path, "/review", "/"] {
        tab.go(&desk.url(page)).await;
        tab.wait("document.querySelector('main').textContent.includes('<script>window.ran=1')")
            .await;
        assert_eq!(tab.value("window.ran ?? null").await, json!(null), "{page}");
        let made = tab
            .value("document.querySelectorAll('main img, main script, main b > b').length")
            .await;
        assert_eq!(made, 0, "{page}");
    }

    // The transcript's own module, handed such words as if they had been heard.
    let segment = json!({ "seq": 0, "speaker": "caller", "start_ms": 0, "text": MARKUP, "words": [
        { "w": "<img src=x onerror=window.ran=1>", "p": 0.3 }, { "w": "<script>window.ran=1</script>", "p": 0.9 }] });
    let seen = tab
        .value(&format!(
            "import('/assets/transcript.js').then(({{ Transcript }}) => {{
                const [list, partials] = [document.createElement('ol'), document.createElement('ol')];
                document.querySelector('main').append(list, partials);
                const transcript = new Transcript(list, partials);
                transcript.final({segment});
                transcript.partial('agent', {markup}, {markup});
                transcript.mark([{{ turn: 0, word_from: 0, word_to: 2, text: 'x' }}]);
                return [list.querySelectorAll('img, script').length + partials.querySelectorAll('img, script').length, list.textContent];
            }})",
            markup = json!(MARKUP)
        ))
        .await;
    assert_eq!(seen[0], 0);
    assert!(
        seen[1]
            .as_str()
            .unwrap()
            .contains("<script>window.ran=1</script>")
    );
    // Were there a slip in a page, the browser itself would refuse to make markup of a text.
    let refused = tab
        .value("(() => { try { document.createElement('p').innerHTML = '<b>x</b>'; return false; } catch (e) { return e.name; } })()")
        .await;
    assert_eq!(refused, "TypeError");
    assert_eq!(tab.value("window.ran ?? null").await, json!(null));
    let complaints: Vec<String> = browser
        .complaints
        .lock()
        .unwrap()
        .drain(..)
        .filter(|c| !c.contains("TrustedHTML"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:?}");
    no_complaints(&browser);
}
