//! An hour of events does not make a page grow: neither the board of a busy desk nor the page of one long call.
//!
//! The page, its modules and its first data are the server's own; the hour is played to it through its own socket, faster than it would
//! come. What is counted is the heap after a collection and the elements of the document.

use serde_json::json;

use crate::browser::{Browser, Tab};
use crate::calls::{MORE, TALKING};
use crate::desk::Desk;
use crate::pinned::go_on;
use crate::{browser, no_complaints};

/// Keeps the page's sockets, so that more can be said through them.
const KEEP: &str = "{ const Real = WebSocket; window.sockets = []; window.WebSocket = class extends Real { constructor(...given) { super(...given); window.sockets.push(this); } }; }";

/// Plays events to the page as its socket would, and lets it draw after each portion. `make(n)` gives the messages of second `n`.
const PLAY: &str = "window.play = async (from, to, make) => {
    const socket = window.sockets.at(-1);
    for (let second = from; second < to; second += 1) {
        for (const message of make(second)) socket.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
        if (second % 5 === 0) await new Promise((drawn) => setTimeout(drawn, 0));
    }
    await new Promise((drawn) => setTimeout(drawn, 400));
}";

/// One long call: somebody speaks all the time, fields are heard and corrected, delay and sound are told each second, gaps come.
const OF_A_CALL: &str = "window.make = (() => {
    const call_id = location.pathname.split('/')[2];
    let seq = window.base.seq;
    const out = (second, type, data) => ({ type, seq: (seq += 1), call_id, at: new Date(Date.now()).toISOString(), at_ms: second * 1000, data });
    const names = Object.keys(window.base.data.fields);
    const words = 'so the water comes from under the sink and it has been like that since last night you know'.split(' ');
    const stage = { count: 9, last_ms: 120.5, p50_ms: 118.2, p95_ms: 240.9 };
    let said = window.base.data.transcript.length;
    return (second) => {
        const speaker = second % 8 < 4 ? 'caller' : 'agent';
        const list = [
            out(second, 'latency', { delay_ms: 395 + second % 50, stages: { network: stage, decode: stage, stt_partial: stage, stt_final: stage, fields: stage }, budget_broken: [] }),
            out(second, 'media.quality', { window_ms: 1000, verdict: 'ok', loss_pct: 0, clipping_pct: 0, gap_ms: 0, level_dbfs: { caller: -20 - second % 9, agent: -25 } }),
        ];
        for (let n = 0; n < 3; n += 1) list.push(out(second, 'transcript.partial', { speaker, segment_id: `p${second}`, revision: n, stable: words.slice(0, 4 + n).join(' '), unstable: words[5 + n], audio_end_ms: second * 1000 }));
        if (second % 4 === 3) {
            list.push(out(second, 'transcript.final', { id: `seg_${said}`, seq: (said += 1), speaker, start_ms: (second - 3) * 1000, end_ms: second * 1000, text: `${words.join(' ')} ${second}`,
                words: [...words, String(second)].map((w, at) => ({ w, start_ms: second * 1000 + at * 100, end_ms: second * 1000 + at * 100 + 90, p: at % 7 ? 0.9 : 0.4 })), state: 'final', model_version: 'm' }));
        }
        if (second % 10 === 0) {
            const name = names[(second / 10) % names.length];
            list.push(out(second, 'field.updated', { ...window.base.data.fields[name], name, change: 'corrected', status: 'heard', confidence: 0.5 + (second % 40) / 100, value: `value ${second}`, display: `value ${second}` }));
            list.push(out(second, 'field.prompt', { items: [{ field: name, reason: 'unconfirmed', say: `Let me read that back: ${second}. Is that right?`, level: 1, rank: 1, urgent: false }] }));
            list.push(out(second, 'checklist', { required_missing: [], critical_unconfirmed: [name], ready: false, score: 0.5 }));
        }
        if (second % 30 === 0) list.push(out(second, 'media.quality', { track: 'inbound', start_ms: second * 1000, end_ms: second * 1000 + 200, gap_ms: 200, at_ms: second * 1000 }));
        return list;
    };
})(); 1";

/// A busy board: forty calls at once, each two minutes long, so that 1,200 come and go in the hour.
const OF_A_BOARD: &str = "window.make = (() => {
    const AT_ONCE = 40, LASTS = 120;
    const seqs = new Map();
    const id = (slot, round) => `call_00000000-0000-7000-8000-${String(slot).padStart(4, '0')}${String(round).padStart(8, '0')}`;
    const out = (call_id, second, type, data) => {
        seqs.set(call_id, (seqs.get(call_id) ?? 0) + 1);
        return { type, seq: seqs.get(call_id), call_id, at: new Date(Date.now()).toISOString(), at_ms: (second % LASTS) * 1000, data };
    };
    return (second) => {
        const list = [];
        for (let slot = 0; slot < AT_ONCE; slot += 1) {
            const moment = (second + slot * 3) % LASTS;
            const call_id = id(slot, Math.floor((second + slot * 3) / LASTS));
            const { call, fields } = window.base.data;
            if (moment === 0 || second === 0) list.push(out(call_id, second, 'snapshot', { ...window.base.data, call: { ...call, id: call_id, from: `+1512555${String(slot).padStart(4, '0')}` } }));
            if (moment % 8 === 4) list.push(out(call_id, second, 'transcript.final', { seq: moment, speaker: 'caller', start_ms: 0, end_ms: 900, text: 'so it goes', words: [] }));
            if (moment % 15 === 5) list.push(out(call_id, second, 'field.updated', { ...fields.caller_name, name: 'caller_name', change: 'new', status: 'heard', value: `Caller ${second}`, display: `Caller ${second}` }));
            if (moment % 20 === 6) list.push(out(call_id, second, 'checklist', { required_missing: moment < 80 ? ['service_address'] : [], critical_unconfirmed: [], ready: moment >= 80, score: 0.7 }));
            if (moment === LASTS - 2) list.push(out(call_id, second, 'call.ended', { reason: 'caller_hangup' }));
            if (moment === LASTS - 1) {
                list.push(out(call_id, second, 'record.drafted', { record_id: `rec_${slot}_${second}` }));
                seqs.delete(call_id);
            }
        }
        return list;
    };
})(); 1";

struct Size {
    heap_bytes: u64,
    elements: u64,
}

async fn size(tab: &Tab<'_>) -> Size {
    for _ in 0..2 {
        tab.send("HeapProfiler.collectGarbage", json!({})).await;
    }
    let heap = tab.send("Runtime.getHeapUsage", json!({})).await;
    let elements = tab.value("document.querySelectorAll('*').length").await;
    Size {
        heap_bytes: heap["usedSize"].as_f64().unwrap() as u64,
        elements: elements.as_u64().unwrap(),
    }
}

/// Plays an hour and measures after each sixth of it.
async fn hour(tab: &Tab<'_>, make: &str, what: &str) -> Vec<Size> {
    tab.value(make).await;
    tab.value(PLAY).await;
    let mut sizes = Vec::new();
    for part in 0..6 {
        // What leaves a page after a while leaves it in its own time; the hour is shorter here.
        tab.value(&format!(
            "window.play({}, {}, window.make).then(() => 1)",
            part * 600,
            (part + 1) * 600
        ))
        .await;
        sizes.push(size(tab).await);
    }
    for (part, size) in sizes.iter().enumerate() {
        println!(
            "{what}, minute {}: heap {:.2} MB, {} elements",
            (part + 1) * 10,
            size.heap_bytes as f64 / 1e6,
            size.elements
        );
    }
    sizes
}

async fn begin<'a>(browser: &'a Browser, page: &str) -> Tab<'a> {
    let tab = browser.tab().await;
    tab.send(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({ "source": format!("{KEEP} {FIRST}") }),
    )
    .await;
    tab.look(1280, 800, false).await;
    tab.go(page).await;
    tab
}

/// Waits shorter for what takes its leave: a minute of the hour takes a second here.
const FIRST: &str = "{ const wait = setTimeout; window.setTimeout = (act, ms, ...given) => wait(act, ms >= 10000 ? ms / 60 : ms, ...given); }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hour_long_call_and_an_hour_of_a_busy_board_leave_a_page_as_large_as_it_was() {
    let Some(browser) = browser().await else {
        return;
    };
    let desk = Desk::start_with(false, MORE).await;
    go_on(desk.running.edge(), &[TALKING]).await;

    let snapshot = json!({ "seq": desk.get(&format!("/v1/calls/{}", TALKING.id())).await["live"]["seq"], "data": desk.get(&format!("/v1/calls/{}", TALKING.id())).await["live"] });
    let tab = begin(&browser, &desk.url(&format!("/calls/{}", TALKING.id()))).await;
    tab.wait("document.querySelectorAll('#transcript li').length === 8")
        .await;
    tab.value(&format!("window.base = {snapshot}; 1")).await;
    let call = hour(&tab, OF_A_CALL, "live page of one call").await;
    // The last words are there, and all that was said can be reached.
    let last = tab
        .value("document.querySelector('#transcript li:last-child').textContent")
        .await;
    assert!(last.as_str().unwrap().ends_with("3599"), "{last}");
    let earlier = tab
        .value("document.querySelector('.said .more-words').textContent")
        .await;
    assert!(earlier.as_str().unwrap().contains("Earlier"), "{earlier}");
    bounded(&call, 5_000, 12.0);

    let tab = begin(&browser, &desk.url("/")).await;
    tab.wait("document.querySelectorAll('.line').length === 1")
        .await;
    tab.value(&format!("window.base = {snapshot}; 1")).await;
    let board = hour(&tab, OF_A_BOARD, "board of forty calls at once").await;
    assert!(
        tab.value("document.querySelectorAll('.line').length")
            .await
            .as_u64()
            >= Some(40),
        "the board shows its calls"
    );
    bounded(&board, 5_000, 8.0);
    no_complaints(&browser);
}

/// From the second measurement on (by then everything is loaded and as full as it gets) nothing grows.
fn bounded(sizes: &[Size], most_elements: u64, most_mb: f64) {
    let (early, late) = (&sizes[1], &sizes[sizes.len() - 1]);
    assert!(late.elements <= most_elements, "{} elements", late.elements);
    assert!(
        late.elements as f64 <= early.elements as f64 * 1.2,
        "from {} to {} elements",
        early.elements,
        late.elements
    );
    let mb = |size: &Size| size.heap_bytes as f64 / 1e6;
    assert!(mb(late) <= most_mb, "{:.2} MB", mb(late));
    assert!(
        mb(late) - mb(early) <= 1.5,
        "from {:.2} to {:.2} MB in forty minutes",
        mb(early),
        mb(late)
    );
}
