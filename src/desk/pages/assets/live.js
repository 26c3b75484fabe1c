// The agent's page of one call: what to ask before hanging up, what is known, what is being said.

import { $, can, h, put, say } from "./dom.js";
import { get, placeWords, places, verticals } from "./api.js";
import { Feed } from "./feed.js";
import { bind } from "./keys.js";
import { begin, editor } from "./editor.js";
import { Rows, fillRow, newRow, options, ordered, playField } from "./fields.js";
import { onPlaying } from "./sound.js";
import { Transcript } from "./transcript.js";
import { clock, phone, plain, seconds, sentence, shown, valueWords, when } from "./words.js";

const callId = $("#call").dataset.call;
const state = {
  call: null, fields: new Map(), provisional: new Map(), prompts: [], checklist: null, tasks: [], next: null, outcome: null, escalations: [],
  gaps: [], stt: null, flags: 0, delays: [], partialDelays: [], ended: null, record: null, kind: null, places: new Map(),
};
const pending = new Map(); // field -> number of acts that have no answer yet
const answers = new Map(); // act -> how to answer it
let editing = null;
let playing = null;

const transcript = new Transcript($("#transcript"), $("#partials"));
const rows = new Rows($(".known"), { onMove: () => { showFields(); markWords(); } });
const feed = new Feed({ calls: [callId], onMessage: receive, onState: showHealth, onAnswer: answered });

// ---- acts ----

function act(type, field, value) {
  const message = { call_id: callId, type };
  if (field) {
    message.field = field;
    pending.set(field, (pending.get(field) ?? 0) + 1);
  }
  if (value !== undefined) message[type === "flag" ? "note" : "value"] = value;
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
      call: data.call, checklist: data.checklist, prompts: data.prompts, tasks: data.tasks, next: data.next_action, outcome: data.outcome,
      escalations: data.escalations, gaps: data.quality.gaps, stt: data.stt, fields: new Map(Object.entries(data.fields)),
    });
    state.provisional.clear();
    state.flags = data.timeline.filter((m) => m.name === "flag").length;
    if (data.timeline.some((m) => m.name === "hangup")) state.ended ??= "hangup";
    transcript.clear();
    for (const segment of data.transcript) transcript.final(segment);
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
  "transcript.partial": (data, at) => {
    transcript.partial(data.speaker, data.stable, data.unstable);
    if (at !== undefined) keep(state.partialDelays, at - data.audio_end_ms);
    follow();
  },
  "transcript.final": (data, at) => {
    transcript.final(data);
    if (at !== undefined) keep(state.delays, at - data.end_ms);
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
  "field.prompt": (data) => { state.prompts = data.items; },
  checklist: (data) => { state.checklist = data; },
  "task.suggested": (data) => { state.tasks = data.items; },
  "next_action.updated": (data) => { state.next = data; },
  "outcome.updated": (data) => { state.outcome = data; },
  "escalation.raised": (data) => { state.escalations = data.items; },
  "media.quality": (data) => { if (data.end_ms > data.start_ms) state.gaps.push(data); },
  "stt.state": (data) => { state.stt = data.state; },
  "record.drafted": (data) => { state.record = data.record_id; state.ended ??= "hangup"; },
};

function keep(list, ms) {
  list.push(Math.max(0, ms));
  if (list.length > 40) list.shift();
}

let due = false;
function receive(message) {
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
  handler(message.data, message.at_ms);
  if (!due) {
    due = true;
    requestAnimationFrame(() => {
      due = false;
      show();
    });
  }
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
  text("#from", [name && number, state.kind?.title ?? sentence(call.vertical), place, call.to && `on ${phone(call.to)}`].filter(Boolean).join("  ·  "));
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
  if (state.ended) {
    box.dataset.tone = left.length ? "warn" : "calm";
    put($("#prompts"), h("li", {}, h("span", {}, ""), h("span", {}, left.length ? `The call has ended. Still open: ${names(left)}.` : "The call has ended.")));
    return;
  }
  if (!state.prompts.length) {
    const words = state.checklist?.ready
      ? h("span", { class: "safe" }, "✓ Safe to hang up")
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
        prompt.reason === "conflict" && options(f).map((o, index) => button(`option${index}`, o.words, () => chooseOption(f, o))),
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
    pair("Next", next && next.kind !== "none" ? [next.description || sentence(next.kind), next.owner && ` → ${plain(next.owner)}`, next.deadline && h("small", {}, ` by ${when(next.deadline.replace(/\[.*\]$/, ""))}`)] : none("nothing agreed yet")),
    pair("Tasks", promised.length ? promised : none("none promised")),
    pair("Outcome", outcome && outcome.code !== "unclassified" ? `${sentence(outcome.code)} (${outcome.confidence.toFixed(2)})` : none("not known yet")),
    pair("Flags", state.flags ? `${state.flags} flagged` : none("none")));
  $("#flag").hidden = !able() || Boolean(state.ended);
  put($("#alarm"), state.escalations.map((e) => h("p", {}, `⚠ ${sentence(e.trigger)}. `, e.say)));
}

function p95(list) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] : null;
}

function showHealth() {
  if (!state.call) return;
  const item = (name, value, tone) => h("div", { data: tone ? { tone } : null }, h("dt", {}, name), h("dd", {}, value));
  const lost = state.gaps.reduce((sum, gap) => sum + gap.end_ms - gap.start_ms, 0);
  const speech = { listening: ["listening"], degraded: ["behind: text comes late", "warn"], stopped: ["stopped: the audio is kept", "bad"] }[state.stt] ?? ["–"];
  const late = p95(state.delays);
  put($("#health"),
    item("Speech", ...speech),
    item("Delay", state.delays.length ? `${seconds(state.delays.at(-1))} (p95 ${seconds(late)})` : state.partialDelays.length ? seconds(state.partialDelays.at(-1)) : "–", late > 1_500 ? "warn" : null),
    item("Audio", state.gaps.length ? `${state.gaps.length} gap${state.gaps.length > 1 ? "s" : ""}, ${seconds(lost)} lost` : "no gaps", state.gaps.length ? "warn" : null),
    item("Recording", state.ended ? "kept" : "on"),
    item("Consent", state.call.consent?.mode ? plain(state.call.consent.mode) : "not tracked"));
}

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
let stay = true;
scroll.addEventListener("scroll", () => {
  stay = following();
  $("#follow").hidden = stay;
});
$("#follow").addEventListener("click", () => follow(true));
function follow(force) {
  if (force || stay) scroll.scrollTop = scroll.scrollHeight;
}

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
bind("C", "confirm", onCurrent(confirmField), known);
bind("X", "wrong", onCurrent(rejectField), known);
bind("D", "declined", onCurrent(declineField), known);
bind("F", "flag the call", () => able() && !state.ended && flag(), known);
bind("Space", "play the words", () => current() && can("hear") && !playField(current(), callId) && say("No words of the call stand behind this value."), known);
bind("1-9", "take a suggestion", (event, name) => {
  const f = current();
  const option = f && able() && options(f)[Number(name) - 1];
  if (option) chooseOption(f, option);
}, known);
bind("G F", "to the fields", () => rows.choose(rows.current ?? rows.rows[0]?.dataset.field));
bind("G T", "to the transcript", () => $("#said-title").focus());
bind("G N", "to what comes next", () => $("#then-title").focus());
