//! Keys can be moved, and what comes in never takes the focus, a press or a half-typed value away. The soft tone sounds only for whoever
//! wants it.

use offhook::media::Track;

use crate::calls::{MORE, SAFE, TALKING};
use crate::desk::Desk;
use crate::pinned::go_on;
use crate::{browser, no_complaints};

const FOCUS: &str = "document.activeElement.dataset.field ?? document.activeElement.dataset.key ?? document.activeElement.id";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_that_was_moved_acts_and_is_shown_where_it_is_now() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_with(false, MORE).await;
    go_on(desk.running.edge(), &[TALKING]).await;
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url("/settings")).await;
    let key_of =
        |letter: &str| format!("document.querySelector('#browser [data-letter=\"{letter}\"]')");
    tab.wait(&format!("{} !== null", key_of("F"))).await;
    // A key that is taken is refused with the reason, another one is taken.
    tab.value(&format!("{}.focus(); {}.click()", key_of("F"), key_of("F")))
        .await;
    tab.press(&["c"]).await;
    tab.wait("document.querySelector('#toasts')?.textContent.includes('confirm the value')")
        .await;
    tab.value(&format!("{}.click()", key_of("F"))).await;
    tab.press(&["y"]).await;
    tab.wait(&format!("{}.textContent === 'Y'", key_of("F")))
        .await;

    tab.go(&desk.url(&format!("/calls/{}", TALKING.id()))).await;
    tab.wait("document.querySelectorAll('#transcript li').length === 8")
        .await;
    tab.press(&["?"]).await;
    let shown = "[...document.querySelectorAll('#keys dt')].map((d) => `${d.textContent}=${d.nextElementSibling.textContent}`)";
    let keys = tab.value(shown).await.to_string();
    assert!(keys.contains("Y=flag the call"), "{keys}");
    assert!(!keys.contains("\"F=flag"), "{keys}");
    tab.press(&["Escape"]).await;
    tab.press(&["g", "f"]).await;
    let sent = "window.sent.filter((m) => m.type === 'flag').length";
    tab.value("window.sent = []; { const send = WebSocket.prototype.send; WebSocket.prototype.send = function (m) { window.sent.push(JSON.parse(m)); return send.call(this, m); }; }")
        .await;
    tab.press(&["f"]).await;
    assert_eq!(tab.value(sent).await, 0, "the old key does nothing");
    tab.press(&["y"]).await;
    tab.wait(&format!("{sent} === 1")).await;
    // Away from the list letters do nothing, and when they are switched off they do nothing there either.
    tab.value("document.activeElement.blur()").await;
    tab.press(&["y"]).await;
    tab.value(
        "localStorage.setItem('offhook.letters', 'off'); document.querySelector('.fld').focus()",
    )
    .await;
    tab.press(&["y"]).await;
    assert_eq!(tab.value(sent).await, 1);
    no_complaints(&browser);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_in_takes_neither_the_focus_nor_a_press_nor_what_is_typed() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_with(false, MORE).await;
    let edge = desk.running.edge();
    let mut going = go_on(edge, &[TALKING]).await.remove(0);
    let tab = browser.tab().await;
    tab.look(1280, 800, false).await;
    tab.go(&desk.url(&format!("/calls/{}", TALKING.id()))).await;
    tab.wait("document.querySelectorAll('#prompts .acts button').length > 1")
        .await;
    let said = |n: usize| format!("document.querySelectorAll('#transcript li').length === {n}");
    // The focus on a button of a question, on a field, and in a form, each while something is said that changes the page.
    for (n, (place, text)) in [
        (
            "document.querySelector('#prompts .acts button')",
            "and the gate is locked",
        ),
        (
            "document.querySelector('.fld[data-field=service_address]')",
            "my email is maria at example dot com",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        tab.value(&format!("{place}.focus()")).await;
        let before = tab.value(FOCUS).await;
        assert!(going.says(edge, Track::Inbound, text) > 0);
        tab.wait(&said(9 + n)).await;
        assert_eq!(tab.value(FOCUS).await, before, "{text}");
    }
    tab.press(&["Enter"]).await;
    tab.wait("document.activeElement.closest('.editor') !== null")
        .await;
    tab.type_text("41").await;
    going.says(edge, Track::Inbound, "four twelve oak street");
    tab.wait(&said(11)).await;
    tab.type_text("2").await;
    assert_eq!(tab.value("document.activeElement.value").await, "412");
    tab.press(&["Escape"]).await;

    // Between the press and the release of a button the page stands still.
    let place = tab
        .value("{ const r = document.querySelector('#prompts .acts button').getBoundingClientRect(); window.button = document.querySelector('#prompts .acts button'); [r.x + r.width / 2, r.y + r.height / 2]; }")
        .await;
    let mouse = |kind: &str| serde_json::json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
    tab.value("window.pressed = 0; document.addEventListener('click', (e) => { if (e.target.closest('#prompts button')) window.pressed += 1; }, true)")
        .await;
    tab.send("Input.dispatchMouseEvent", mouse("mousePressed"))
        .await;
    going.says(
        edge,
        Track::Outbound,
        "thank you so that's four twelve oak street is that right",
    );
    going.says(edge, Track::Inbound, "yes that's right");
    tab.wait(&said(13)).await;
    assert_eq!(tab.value("window.button.isConnected").await, true);
    tab.send("Input.dispatchMouseEvent", mouse("mouseReleased"))
        .await;
    tab.wait("window.pressed === 1").await;

    // The board too: the line that has the focus keeps it, and is the same element.
    tab.go(&desk.url("/")).await;
    tab.wait("document.querySelector('.line') !== null").await;
    tab.value("window.line = document.querySelector('.line'); window.line.focus()")
        .await;
    let before = tab.value("window.line.textContent").await;
    going.says(
        edge,
        Track::Inbound,
        "it's an emergency water is everywhere",
    );
    tab.wait(&format!(
        "window.line.textContent.replace(/\\d+:\\d\\d/, '') !== {before}.replace(/\\d+:\\d\\d/, '')"
    ))
    .await;
    assert_eq!(
        tab.value("document.activeElement === window.line && window.line.isConnected")
            .await,
        true
    );
    no_complaints(&browser);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_soft_tone_sounds_at_a_goodbye_for_whoever_wants_it() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_with(false, MORE).await;
    let edge = desk.running.edge();
    let mut going = go_on(edge, &[TALKING, SAFE]).await;
    let tab = browser.tab().await;
    let count = "window.notes = 0; { const start = OscillatorNode.prototype.start; OscillatorNode.prototype.start = function (...given) { window.notes += 1; return start.apply(this, given); }; }";
    for (wanted, at) in [(false, 0), (true, 1)] {
        let id = [TALKING.id(), SAFE.id()][at];
        tab.go(&desk.url(&format!("/calls/{id}"))).await;
        tab.wait("document.querySelectorAll('#transcript li').length > 7")
            .await;
        tab.value(count).await;
        if wanted {
            tab.value("localStorage.setItem('offhook.tone', 'on')")
                .await;
            // Something is to be asked again.
            going[at].says(
                edge,
                Track::Inbound,
                "no wait the address is wrong it's thirty three sixty river road",
            );
        }
        going[at].says(edge, Track::Inbound, "okay thank you bye");
        going[at].says(edge, Track::Outbound, "thank you for calling goodbye");
        tab.wait("!document.querySelector('#ending').hidden").await;
        assert_eq!(tab.value("window.notes").await, if wanted { 2 } else { 0 });
    }
    no_complaints(&browser);
}
