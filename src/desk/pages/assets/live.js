// The agent's page of one call: what to ask before hanging up, what is known, what is being said.

import { $, can, differs, drawing, h, put, say, stale } from "./dom.js";
import { get, placeWords, places, verticals } from "./api.js";
import { SentList } from "./deliveries.js";
import { Feed } from "./feed.js";
import { WHY, health } from "./health.js";
import { bind, kbd } from "./keys.js";
import { begin, editor } from "./editor.js";
import { Rows, fillRow, newRow, options, ordered, playField } from "./fields.js";
import { onPlaying } from "./sound.js";
import { Transcript, searchBox } from "./transcript.js";
import { sound as tone, toneOn } from "./tone.js";
import { clock, phone, plain, sentence, shown, valueWords, when } from "./words.js";

const callId = $("#call").dataset.call;
const state = {
  call: null, caller: null, fields: new Map(), provisional: new Map(), prompts: [], checklist: null, tasks: [], next: null, outcome: null, escalations: [],
  gaps: { count: 0, lost_ms: 0 }, stt: null, flags: 0, latency: null, quality: null, ended: null, record: null, kind: null, places: new Map(),
};
const pending = new Map(); // field -> number of acts that have no answer yet
const answers = new Map(); // act -> how to answer it
let editing = null;
let playing = null;

const transcript = new Transcript($("#transcript"), $("#partials"), { following: () => stay });
let stay = true;
const rows = new Rows($(".known"), { onMove: () => { showFields(); markWords(); } });
const sent = new SentList($("#sent"), { query: `call_id=${callId}`, mine: (d) => d.call_id === callId, onCount: (n) => { $("#sent-box").hidden = n === 0; } });
const feed = new Feed({ calls: [callId], onMessage: receive, onState: showHealth, onAnswer: answered });

// ---- acts ----

function act(type, field, value) {
  const message = { call_id: callId, type };
  if (field) {
    message.field = field;
    pending.set(field, (pending.get(field) ?? 0) + 1);
  }
  if (value !== undefined) message[field ? "value" : "note"] = value;
  return new Promise((resolve, reject) => {
    answers.set(message, { resolve, reject });
    feed.act(message);
    if (feed.state !== "live") {
      say("No connection: kept here, and sent as soon as it is back.");
      resolve("kept");
    }
    showFields();
  });
}

function answered(message, refusal) {
  if (message.field) {
    const left = (pending.get(message.field) ?? 1) - 1;
    if (left) pending.set(message.field, left);
    else pending.delete(message.field);
  }
  const answer = answers.get(message);
  answers.delete(message);
  if (refusal) answer?.reject(new Error(refusal));
  else answer?.resolve("done");
  if (refusal && message.type !== "field.set") say(refusal, "bad");
  showFields();
}

const quietly = (promise) => promise.catch(() => {});
const confirmField = (f) => f.value !== null && quietly(act("field.confirm", f.name, f.value));
const rejectField = (f) => f.value !== null && quietly(act("field.reject", f.name, f.value));
const declineField = (f) => quietly(act("field.decline", f.name));
function chooseOption(f, option) {
  if (option.current) confirmField(f);
  else act("field.set", f.name, option.value).catch((refusal) => say(refusal.message, "bad"));
}

function edit(name) {
  const f = state.fields.get(name);
  const row = rows.row(name);
  if (!f || !row || editing || !able()) return;
  rows.choose(name, false);
  editing = name;
  const choices = state.kind?.fields.find((spec) => spec.name === name)?.choices;
  const leave = () => {
    editing = null;
    showFields();
    rows.row(name)?.focus();
  };
  stale(row);
  const form = editor(f, choices, {
    save: async (value) => {
      await act("field.set", name, value);
      leave();
    },
    leave,
  });
  $(".more", row).replaceChildren(form);
  begin(form);
}

const able = () => can("act") && !state.record;

// ---- what comes in ----

const handlers = {
  snapshot(data) {
    Object.assign(state, {
      call: data.call, caller: data.caller, checklist: data.checklist, prompts: data.prompts, tasks: data.tasks, next: data.next_action, outcome: data.outcome,
      escalations: data.escalations, stt: data.stt, latency: data.latency ?? null, quality: data.quality.now ?? null, fields: new Map(Object.entries(data.fields)),
    });
    state.gaps = { count: data.quality.gaps.length, lost_ms: data.quality.gaps.reduce((sum, gap) => sum + gap.end_ms - gap.start_ms, 0) };
    state.provisional.clear();
    state.flags = data.timeline.filter((m) => m.name === "flag").length;
    if (data.timeline.some((m) => m.name === "hangup")) state.ended ??= "hangup";
    transcript.all(data.transcript);
    transcript.partials.replaceChildren();
    const words = (list) => list.map((w) => w.w).join(" ");
    for (const partial of data.partials) transcript.partial(partial.track === "outbound" ? "agent" : "caller", words(partial.stable), words(partial.unstable));
    verticals().then((all) => {
      state.kind = all.get(state.call.vertical);
      showFields();
    });
    follow(true);
  },
  "call.started": (data) => { state.call = data; },
  "call.answered": (data) => { state.call = data; },
  "call.ended": (data) => { state.ended = data.reason ?? "hangup"; },
  "call.flagged": () => { state.flags += 1; },
  "transcript.partial": (data) => {
    transcript.partial(data.speaker, data.stable, data.unstable);
    follow();
  },
  "transcript.final": (data) => {
    transcript.final(data);
    state.provisional.clear();
    follow();
  },
  "field.updated": (data) => {
    if (data.change === "provisional") {
      state.provisional.set(data.name, shown(data));
    } else {
      state.provisional.delete(data.name);
      state.fields.set(data.name, data);
    }
  },
  "field.prompt": (data) => {
    const leaving = (prompts) => prompts.some((p) => p.urgent);
    if (leaving(data.items) && !leaving(state.prompts) && !state.ended && toneOn()) tone();
    state.prompts = data.items;
  },
  checklist: (data) => { state.checklist = data; },
  "task.suggested": (data) => { state.tasks = data.items; },
  "next_action.updated": (data) => { state.next = data; },
  "outcome.updated": (data) => { state.outcome = data; },
  "escalation.raised": (data) => { state.escalations = data.items; },
  "media.quality": (data) => {
    if (data.window_ms !== undefined) state.quality = data;
    else if (data.end_ms > data.start_ms) {
      state.gaps.count += 1;
      state.gaps.lost_ms += data.end_ms - data.start_ms;
    }
  },
  latency: (data) => { state.latency = data; },
  "consent.updated": (data) => { state.call.consent = data; },
  "recording.paused": (data) => recorded(data),
  "recording.resumed": (data) => recorded(data),
  "recording.pause_suggested": (data) => suggestPause(data.reason),
  "stt.state": (data) => { state.stt = data.state; },
  "record.drafted": (data) => { state.record = data.record_id; state.ended ??= "hangup"; },
};

const soon = drawing(() => show());
function receive(message) {
  sent.hear(message);
  if (message.type === "connected") {
    // A call that ended while there was no connection is in nobody's feed any more.
    get(`/v1/calls/${callId}`).then((call) => {
      if (call.live || !call.record_id) return;
      state.call = call;
      state.record = call.record_id;
      state.ended = call.end?.reason ?? "hangup";
      show();
    }).catch(() => {});
    return;
  }
  const handler = handlers[message.type];
  if (!handler) return;
  handler(message.data);
  soon();
}

// ---- what is shown ----

function text(selector, words) {
  const element = $(selector);
  if (element.textContent !== words) element.textContent = words;
}

function show() {
  if (!state.call) return;
  showHead();
  showVerdict();
  showPrompts();
  showFields();
  showNext();
  showHealth();
  showEnd();
}

function showHead() {
  const { call } = state;
  const name = shown(state.fields.get("caller_name"));
  const number = call.caller_id?.withheld ? "number withheld" : phone(call.from);
  text("#caller", name || number || "Caller");
  const place = placeWords(call.ownership, state.places);
  text("#from", [name && number, place, state.kind?.title ?? sentence(call.vertical)].filter(Boolean).join("  ·  "));
  const before = state.caller?.previous_calls ?? 0;
  const earlier = $("#earlier");
  earlier.hidden = !before || !call.from;
  earlier.href = `/calls?${new URLSearchParams({ from: call.from ?? "" })}`;
  text("#earlier", `${before} earlier call${before > 1 ? "s" : ""}`);
  document.title = `${name || number || "Call"} · Offhook`;
  text("#phase", state.ended ? "ended" : call.status === "in_progress" ? "live" : plain(call.status));
  $("#pulse").dataset.phase = state.ended ? "ended" : "live";
  tick();
}

function tick() {
  if (!state.call) return;
  const from = Date.parse(state.call.answered_time ?? state.call.start_time);
  const to = state.ended ? Date.parse(state.call.end_time ?? "") || state.endedAt || (state.endedAt = feed.now()) : feed.now();
  text("#clock", clock(to - from));
}
setInterval(tick, 1_000);

const names = (list) => list.map((name) => state.fields.get(name)?.label ?? sentence(name)).join(", ");

function open() {
  const { required_missing: missing = [], critical_unconfirmed: unconfirmed = [] } = state.checklist ?? {};
  return [...new Set([...missing, ...unconfirmed])];
}

function showVerdict() {
  const verdict = $("#verdict");
  const left = open();
  const [tone, words] = !state.checklist ? ["calm", "…"]
    : state.ended ? left.length ? ["warn", `Ended, ${left.length} open`] : ["ok", "✓ Ended, all there"]
    : state.checklist.ready ? ["ok", "✓ Safe to hang up"]
    : ["warn", `${Math.max(left.length, state.prompts.length)} to ask`];
  verdict.dataset.tone = tone;
  text("#verdict", words);
  // One line for whoever does not see the page: where it stands, and what to say next.
  const next = state.ended ? null : state.prompts[0];
  text("#ask", [words, next && `${state.fields.get(next.field)?.label ?? sentence(next.field)}: ${next.say}`].filter(Boolean).join(". "));
}

const REASONS = { conflict: "two values disagree", missing: "not asked yet", incomplete: "a part is missing", unconfirmed: "heard, not confirmed", low_confidence: "not sure" };

function showPrompts() {
  const box = $("#before");
  const left = open();
  const ready = state.checklist?.ready;
  text("#before-count", state.ended || !left.length && !state.prompts.length ? "" : ready ? "✓ safe; you could still ask" : `(${Math.max(left.length, state.prompts.length)})`);
  $("#ending").hidden = state.ended || !state.prompts.some((p) => p.urgent);
  box.dataset.tone = ready ? "ok" : "warn";
  box.classList.toggle("urgent", state.prompts.some((p) => p.urgent));
  if (!differs($("#prompts"), [state.ended, ready, left, state.prompts, state.prompts.map((p) => state.fields.get(p.field))])) return;
  if (state.ended) {
    box.dataset.tone = left.length ? "warn" : "calm";
    put($("#prompts"), h("li", {}, h("span", {}, ""), h("span", {}, left.length ? `The call has ended. Still open: ${names(left)}.` : "The call has ended.")));
    return;
  }
  if (!state.prompts.length) {
    const words = state.checklist?.ready
      ? h("span", { class: "safe" }, "✓ Nothing is left to ask")
      : h("span", { class: "note-line" }, left.length ? `Nothing to read out. Still open: ${names(left)}.` : "Listening.");
    put($("#prompts"), h("li", {}, h("span", {}, ""), words));
    return;
  }
  put($("#prompts"), state.prompts.slice(0, 3).map((prompt) => {
    const f = state.fields.get(prompt.field) ?? { name: prompt.field, value: null };
    const has = f.value !== null && f.value !== undefined;
    const button = (name, words, go, extra) => h("button", { type: "button", class: "small", data: { key: `prompt:${f.name}:${name}` }, onclick: go, ...extra }, words);
    return h("li", {},
      h("span", { class: "rank", "aria-hidden": "true" }, String(prompt.rank)),
      h("p", { class: "prompt-of" }, f.label ?? sentence(prompt.field), h("em", {}, `${prompt.reason === "missing" ? "? " : "! "}${REASONS[prompt.reason] ?? plain(prompt.reason)}`), has && h("span", {}, shown(f))),
      h("p", { class: "say" }, prompt.say),
      able() && h("div", { class: "acts" },
        prompt.reason === "conflict" && options(f).map((o, index) => button(`option${index}`, [o.words, h("span", { class: "src" }, o.from)], () => chooseOption(f, o))),
        has && prompt.reason !== "conflict" && button("confirm", "✓ Right", () => confirmField(f), { class: "small primary" }),
        button("edit", has ? "Edit" : "Enter it", () => { rows.choose(f.name, false); edit(f.name); }),
        !has && button("decline", "Declined", () => declineField(f))));
  }));
}

const wanted = (f) => f.required || (f.status !== "missing" && f.status !== "not_applicable") || state.provisional.has(f.name) || pending.has(f.name) || f.importance !== "normal";

function showFields() {
  const all = ordered(state.fields.values(), state.kind);
  fillRows($("#fields"), all.filter(wanted));
  const rest = all.filter((f) => !wanted(f));
  fillRows($("#other-fields"), rest);
  $("#other").hidden = !rest.length;
  rows.mark();
}

function fillRows(box, fields) {
  const there = new Map([...box.children].map((row) => [row.dataset.field, row]));
  fields.forEach((f, index) => {
    const row = there.get(f.name) ?? newRow(f.name);
    there.delete(f.name);
    if (box.children[index] !== row) {
      // Moving an element takes the focus away; it is given back, since nobody moved it.
      const held = row.contains(document.activeElement) ? document.activeElement : null;
      box.insertBefore(row, box.children[index] ?? null);
      held?.focus({ preventScroll: true });
    }
    if (editing === f.name) return;
    const on = able() ? {
      confirm: () => confirmField(f), reject: () => rejectField(f), decline: () => declineField(f), edit: () => edit(f.name), choose: (o) => chooseOption(f, o),
    } : {};
    fillRow(row, f, { callId, playing, on, provisional: state.provisional.get(f.name) });
    row.classList.toggle("pending", pending.has(f.name));
  });
  for (const row of there.values()) if (row.dataset.field !== editing) row.remove();
}

function markWords() {
  const first = transcript.mark(state.fields.get(rows.current)?.evidence);
  if (first && !following()) first.scrollIntoView({ block: "nearest" });
}

function showNext() {
  const none = (words) => h("span", { class: "none" }, words);
  const pair = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  const { next, outcome } = state;
  const promised = state.tasks.map((t) => h("div", {}, t.text, h("small", {}, t.owner === "agent" ? " (you promised)" : " (the caller will)")));
  put($("#next"),
    pair("Next", next && next.kind !== "none" ? [sentence(next.description || next.kind), next.owner && ` → ${plain(next.owner)}`, next.deadline && h("small", {}, ` by ${when(next.deadline.replace(/\[.*\]$/, ""))}`)] : none("nothing agreed yet")),
    pair("Tasks", promised.length ? promised : none("none promised")),
    pair("Outcome", outcome && outcome.code !== "unclassified" ? `${sentence(outcome.code)} (${outcome.confidence.toFixed(2)})` : none("not known yet")),
    pair("Flags", state.flags ? `${state.flags} flagged` : none("none")));
  const { caller } = state;
  $("#loaded-box").hidden = !caller?.known;
  if (caller?.known) put($("#loaded"), pair("Name", caller.contact_name || none("not given")), Object.entries(caller.contact_data ?? {}).map(([name, value]) => pair(sentence(name), valueWords(value) || none("not given"))));
  $("#flag").hidden = !able() || Boolean(state.ended);
  put($("#alarm"), state.escalations.map((e) => h("p", {}, `⚠ ${sentence(e.trigger)}. `, e.say)));
}

// ---- how well it goes, and the recording ----

const recording = () => state.call?.recording ?? null;

function showHealth() {
  if (!state.call) return;
  const all = health(state);
  if (!differs($("#health"), [all, able(), pending.has("recording"), Boolean(state.ended)])) return;
  const button = able() && !state.ended && recording() && h("button", { type: "button", class: "small", data: { key: "recording" }, disabled: pending.has("recording"), onclick: pauseOrResume },
    recording().state === "on" ? "Pause" : "Go on", kbd("P"));
  put($("#health"), Object.entries(all).map(([name, { value, tone, parts, over }]) => h("div", { data: { name, ...(tone ? { tone } : {}) } }, h("dt", {}, name),
    h("dd", {}, value, parts && h("small", {}, ` ${parts} ms`), over && h("span", {}, ` over budget: ${over}`), name === "REC" && button))));
}

/** Sends a command about the recording; it shows as under way until it is answered. */
function command(type, note) {
  pending.set("recording", 1);
  showHealth();
  const message = { call_id: callId, type };
  if (note) message.note = note;
  return new Promise((resolve, reject) => {
    answers.set(message, { resolve, reject });
    feed.act(message);
    if (feed.state !== "live") say("No connection: kept here, and sent as soon as it is back.");
  }).finally(() => {
    pending.delete("recording");
    showHealth();
  });
}

const pauseRecording = () => quietly(command("pause_recording"));
const resumeRecording = (note) => quietly(command("resume_recording", note));

function pauseOrResume() {
  const r = recording();
  if (!r || !able() || state.ended || pending.has("recording")) return;
  if (r.state === "on") pauseRecording();
  else if (r.state === "paused") resumeRecording();
  else $("#resume").showModal();
}

function recorded(data) {
  const before = recording()?.state;
  const { note, ...now } = data;
  state.call.recording = now;
  if (before === now.state) return;
  if (now.state === "on") say("The recording goes on.", "note", { words: "Pause it", act: pauseRecording });
  else if (now.state === "paused") say(`The recording is paused${now.reason ? ` (${WHY[now.reason] ?? plain(now.reason)})` : ""}: nothing said now is kept.`, "note", { words: "Go on", act: () => resumeRecording() });
  else say(`Nothing is recorded: ${WHY[now.reason] ?? plain(now.reason)}.`, "bad");
}

function suggestPause(reason) {
  if (able() && recording()?.state === "on") say(`They begin to say a ${WHY[reason] ?? plain(reason)}.`, "note", { words: "Pause the recording", act: pauseRecording });
}

$("#resume").addEventListener("close", () => {
  const dialog = $("#resume");
  const note = $("#resume-note").value.trim();
  if (dialog.returnValue === "yes" && note) resumeRecording(note);
  dialog.returnValue = "";
  $("#resume-form").reset();
});

function showEnd() {
  const banner = $("#banner");
  banner.hidden = !state.ended;
  if (!state.ended) return;
  put(banner, state.record
    ? [h("span", {}, `The call has ended (${plain(state.ended)}). Its draft is ready.`), h("a", { class: "button primary", href: `/records/${state.record}` }, "Review the record")]
    : h("span", {}, `The call has ended (${plain(state.ended)}). The last words are being read.`));
}

// ---- the transcript's end ----

const scroll = $("#scroll");
const following = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 60;
scroll.addEventListener("scroll", () => {
  stay = following();
  $("#follow").hidden = stay;
});
// A window turned or made narrower wraps the words anew: whoever was at the newest stays there.
new ResizeObserver(() => stay && follow(true)).observe(scroll);
$("#follow").addEventListener("click", () => {
  transcript.newest();
  follow(true);
});
function follow(force) {
  if (force) stay = true;
  if (stay) scroll.scrollTop = scroll.scrollHeight;
}
$("#said-title").after(searchBox(() => transcript, () => scroll.focus()));

onPlaying((key) => {
  playing = key;
  showFields();
});

places().then((names) => {
  state.places = names;
  show();
}).catch(() => {});

// ---- flags and keys ----

function flag() {
  quietly(act("flag", "", "").then(() => say("Flagged.")));
}
$("#flag").addEventListener("click", flag);

const known = () => $(".known");
const current = () => state.fields.get(rows.current);
const onCurrent = (go) => () => current() && able() && go(current());
bind("J", "next field", () => rows.step(1), known);
bind("K", "field before", () => rows.step(-1), known);
bind("ArrowDown", null, () => rows.step(1), known);
bind("ArrowUp", null, () => rows.step(-1), known);
bind("Enter", "edit (Esc leaves)", onCurrent((f) => edit(f.name)), known);
bind("C", "confirm the value", onCurrent(confirmField), known);
bind("X", "the value is wrong", onCurrent(rejectField), known);
bind("D", "declined", onCurrent(declineField), known);
bind("F", "flag the call", () => able() && !state.ended && flag(), known);
bind("P", "pause the recording, or let it go on", pauseOrResume, known);
bind("/", "search the transcript", () => $(".said .find input").focus());
bind("Space", "play the words", () => current() && can("hear") && !playField(current(), callId) && say("No words of the call stand behind this value."), known);
bind("1-9", "take a suggestion", (event, name) => {
  const f = current();
  const option = f && able() && options(f)[Number(name) - 1];
  if (option) chooseOption(f, option);
}, known);
bind("G F", "to the fields", () => rows.choose(rows.current ?? rows.rows[0]?.dataset.field));
bind("G T", "to the transcript", () => $("#said-title").focus());
bind("G N", "to what comes next", () => $("#then-title").focus());

put($("#keybar"), [["Space", "play words"], ["Enter", "edit"], ["C", "confirm"], ["X", "wrong"], ["D", "declined"], ["F", "flag"], ["P", "pause"], ["/", "search"], ["?", "all keys"]].map(([key, what]) => h("span", {}, kbd(key), what)), h("span", {}, kbd("G F"), "to the fields, where the letters act"));
