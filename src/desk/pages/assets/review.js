// Review: the queue by risk, and a record opened at its first unsafe field. Every change names the version it was made from.

import { $, can, h, put, say, stale } from "./dom.js";
import { Refused, ask, get, getIfThere, placeWords, places, rows as all, verticals } from "./api.js";
import { bind, kbd } from "./keys.js";
import { showChanges } from "./changes.js";
import { SentList } from "./deliveries.js";
import { begin, editor } from "./editor.js";
import { Feed } from "./feed.js";
import { Rows, fillRow, newRow, options, ordered, playField } from "./fields.js";
import { nameOf, waiting } from "./queue.js";
import { nextSpeed, onPlaying, onPosition, play, speed } from "./sound.js";
import { Transcript, searchBox } from "./transcript.js";
import { Waveform } from "./waveform.js";
import { ago, clock, phone, plain, reasonWords, sentence, shown, when } from "./words.js";

const desk = $("#desk");
const body = $("#record-body");
const OPEN = ["draft", "in_review", "reopened"];
let queue = [];
let record = null;
let kind = null;
let rows = null;
let transcript = null;
let wave = null;
let editing = null;
let playing = null;
let busy = false;
let skipped = new Set();
let names = new Map();
let sent = null;
let feed = null;

// ---- the queue ----

async function loadQueue() {
  const { data, more } = await all("/v1/records?sort=risk&state=draft,in_review,reopened&limit=100");
  queue = data;
  const due = queue.filter((r) => r.review?.due && Date.parse(r.review.due) < Date.now()).length;
  $("#queue-count").textContent = `(${queue.length}${more ? "+" : ""})`;
  const oldest = queue.map((r) => r.created_at).sort()[0];
  $("#queue-age").textContent = queue.length ? `oldest ${ago(oldest)}${due ? `, ${due} past due` : ""}` : "";
  showQueue();
}

function showQueue() {
  put($("#queue"), queue.length ? queue.map((r) => waiting(r, 2, {
    "aria-current": r.id === record?.id ? "true" : null,
    onclick: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open(r.id);
    },
  })) : h("li", {}, h("p", { class: "empty" }, "✓ Nothing waits for review.")));
}

const labelsOf = (r) => Object.fromEntries(Object.values(r.fields ?? {}).map((f) => [f.name, f.label]));

// ---- opening ----

let opening = 0;
async function open(id, { replace = false } = {}) {
  const turn = (opening += 1);
  editing = null;
  $("#record").setAttribute("aria-busy", "true");
  try {
    const [read, kinds, named] = await Promise.all([get(`/v1/records/${encodeURIComponent(id)}`), verticals(), places()]);
    if (turn !== opening) return;
    names = named;
    record = read;
    kind = kinds.get(record.vertical);
    if (location.pathname !== `/records/${id}`) history[replace ? "replaceState" : "pushState"]({ id }, "", `/records/${id}`);
    build();
    showQueue();
    load(turn);
  } catch (error) {
    say(error.message, "bad");
  } finally {
    $("#record").setAttribute("aria-busy", "false");
  }
}
addEventListener("popstate", (event) => event.state?.id && open(event.state.id, { replace: true }));

/** What comes after the record itself: words, sound, history. Each may be missing; the record stands without. */
async function load(turn) {
  const call = `/v1/calls/${record.call_id}`;
  const later = (promise, then) => promise.then((answer) => turn === opening && answer && then(answer)).catch(() => {});
  const said = getIfThere(`${call}/transcript`).catch(() => null);
  later(said, ({ data }) => {
    transcript.all(data);
    markWords();
  });
  const sound = $("#wave", body);
  if (can("hear")) {
    Promise.all([getIfThere(`${call}/waveform?buckets=500`), getIfThere(`${call}/timeline`), said]).then(([drawn, timeline, words]) => {
      if (turn !== opening) return;
      if (!drawn) {
        put(sound, h("p", { class: "empty" }, "No audio is kept of this call."));
        return;
      }
      const gaps = (timeline?.data ?? []).filter((m) => m.name === "media_gap").map((m) => m.data);
      wave = new Waveform(sound, drawn, { gaps, moments: timeline?.data ?? [], segments: words?.data ?? [], unheard: unheard(record, drawn), onSeek: (ms) => play(record.call_id, { start_ms: ms, end_ms: Math.min(ms + 15_000, drawn.duration_ms), speaker: "both" }, "wave") });
      markWords();
    }).catch(() => put(sound, h("p", { class: "empty" }, "The waveform could not be drawn.")));
  } else put(sound, h("p", { class: "empty" }, "Hearing calls needs the role agent."));
  if (can("audit")) {
    later(getIfThere(`/v1/audit-events?resource=${encodeURIComponent(record.id)}&limit=50`), ({ data }) => data.length && put($("#history-list", body), data.map((event) => h("li", {},
      h("time", {}, when(event.at)), h("span", {}, `${sentence(event.action.replace("record.", "").replace("field_", "field "))}${event.reason ? `: ${plain(event.reason)}` : ""}`, h("small", {}, ` ${event.actor?.id ?? event.actor?.kind ?? ""}`))))));
  }
  loadSending(turn);
  loadChanges(turn);
}

/** Stretches that were not recorded, because somebody paused it or there was no consent. */
const unheard = ({ recording }, { duration_ms }) => (recording?.paused_ranges ?? []).map((range) => ({ start_ms: range.start_ms, end_ms: range.end_ms ?? duration_ms }));

/** What is different from what was approved, once it was. */
function loadChanges(turn) {
  const { id } = record;
  if (!["reopened", "rejected"].includes(record.state)) return;
  getIfThere(`/v1/records/${id}/changes`).then((changes) => turn === opening && record?.id === id && showChanges($("#changes", body), changes)).catch(() => {});
}

/** What would be sent, and what was. Asked again after every change: a value more or less can be a message more or less. */
function loadSending(turn) {
  const { id } = record;
  const here = () => turn === opening && record?.id === id;
  const preview = can("review") && OPEN.includes(record.state) ? getIfThere(`/v1/records/${id}/preview`) : Promise.resolve(null);
  preview.then((planned) => here() && showPreview(planned)).catch(() => here() && put($("#send", body), h("p", { class: "alert" }, "What would be sent could not be found out.")));
  sent.load().catch(() => {});
}

/** What was sent of the record, kept as it goes: the feed tells of each delivery of its call. */
function followSent() {
  const { id, call_id: call } = record;
  const count = (n) => {
    $("#sent-box", body).hidden = n === 0;
    $("#sent-none", body).hidden = n > 0 || OPEN.includes(record?.state);
  };
  sent = new SentList($("#sent", body), { query: `record_id=${encodeURIComponent(id)}`, mine: (d) => d.record_id === id, onCount: (n) => record?.id === id && count(n) });
  if (feed) feed.follow([call]);
  else feed = new Feed({ calls: [call], partials: false, measures: false, onMessage: (message) => sent.hear(message) });
}

// ---- the record ----

const workable = () => can("review") && OPEN.includes(record?.state);
const doubtful = (f) => f.needs_review && f.status !== "not_applicable";

function build() {
  $("#record-empty").hidden = true;
  body.hidden = false;
  const button = (id, words, letter, go, extra) => h("button", { type: "button", data: { key: id }, onclick: go, ...extra }, words, kbd(letter));
  const field = h("div", { class: "fields", id: "unsafe", role: "group", "aria-label": "Fields to look at" });
  const safe = h("div", { class: "fields calm", id: "safe", role: "group", "aria-label": "Other fields" });
  put(body,
    h("div", { class: "conflict", id: "conflict", role: "alert", hidden: true }),
    h("header", { class: "record-head" },
      h("div", {}, h("h2", { tabindex: "-1", id: "record-title" }, ""), h("p", { class: "facts", id: "record-facts" }, "")),
      h("div", { class: "decide" },
        workable() && button("approve", "Approve", "A", approve, { class: "primary" }),
        workable() && button("reject", "Reject", "R", reject, { class: "danger" }),
        workable() && button("skip", "Skip", "S", skip),
        can("review") && !OPEN.includes(record.state) && h("button", { type: "button", onclick: reopen }, "Reopen"),
        workable() && h("p", { class: "sends", id: "sends" })),
      h("div", { class: "reasons", id: "reasons" })),
    h("section", { class: "panel changes", id: "changes", hidden: true, "aria-labelledby": "changes-title" }, h("h3", { id: "changes-title" }, "Different from what was approved"), h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "Changes", id: "changes-list" }), h("p", { class: "hint", id: "changes-since" })),
    h("div", { class: "record-grid" },
      h("div", {},
        h("section", { class: "panel", "aria-label": "Fields" }, h("h3", { id: "fields-title" }, ""), field, h("details", { class: "quiet", id: "safe-box" }, h("summary", {}, ""), safe)),
        h("section", { class: "panel" }, h("header", {}, h("h3", {}, "Sound"), h("button", { type: "button", class: "small", id: "speed", onclick: showSpeed }, `Speed ${speed()}×`, kbd("V"))), h("div", { class: "wave", id: "wave" }, h("p", { class: "empty" }, "Drawing"))),
        h("section", { class: "panel" }, h("header", {}, h("h3", { id: "words-title", tabindex: "-1" }, "Transcript"), searchBox(() => transcript, () => $("#words-title", body).focus())), h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "What was said" }, h("ol", { class: "transcript", id: "words" })))),
      h("div", {},
        h("section", { class: "panel" }, h("h3", {}, "Summary"), h("div", { id: "summary" })),
        h("section", { class: "panel" }, h("h3", {}, "Comes of it"), h("dl", { class: "pairs", id: "comes" })),
        h("section", { class: "panel" }, h("h3", {}, "Will be sent"), h("div", { id: "send" }), h("div", { id: "sent-box", hidden: true }, h("h3", {}, "Sent already"), h("ul", { class: "rows sent-list", id: "sent" })), h("p", { class: "hint", id: "sent-none", hidden: true }, "Nothing was sent.")),
        h("details", { class: "panel quiet", id: "history" }, h("summary", {}, "History"), h("ul", { class: "moments", id: "history-list" }, h("li", {}, h("span", {}, ""), h("span", { class: "hint" }, can("audit") ? "Nobody has changed it." : "The audit trail needs the role admin or auditor.")))))));
  transcript = new Transcript($("#words", body), null, { names: { caller: "Caller", agent: "Agent", third_party: "Other" } });
  wave = null;
  followSent();
  rows = new Rows($("#fields-title", body).parentElement, { onMove: () => { showFields(); markWords(); } });
  show();
  const first = ordered(Object.values(record.fields), kind).find(doubtful);
  if (first && workable()) rows.choose(first.name, !document.activeElement?.closest(".queue"));
  else $("#record-title", body).focus();
}

function show() {
  const labels = labelsOf(record);
  const category = shown(record.fields.problem_category ?? record.fields.case_type);
  document.title = `${nameOf(record)} · Review · Offhook`;
  $("#record-title", body).textContent = [nameOf(record), category].filter(Boolean).join(" – ");
  const place = placeWords(record.ownership, names);
  put($("#record-facts", body), [
    h("span", { class: "chip", data: { tone: record.state === "approved" ? "ok" : record.state === "rejected" ? "bad" : "note" } }, `${{ approved: "✓ ", rejected: "✗ " }[record.state] ?? ""}${sentence(record.state)}`),
    ` v${record.version}  ·  ${phone(record.call?.from) || "number withheld"}${place ? `  ·  ${place}` : ""}  ·  ${when(record.call?.start_time)}, ${clock((record.call?.duration_seconds ?? 0) * 1000)}  ·  `,
    h("a", { href: `/calls/${record.call_id}` }, "the call"),
    record.review?.due && OPEN.includes(record.state) && h("span", {}, `  ·  due ${ago(record.review.due)}`)]);
  const reasons = record.review?.reason ?? [];
  put($("#reasons", body), OPEN.includes(record.state) ? reasons.filter((reason) => !record.fields[reason.split(":")[1]]).map((reason) => h("span", { class: "chip", data: { tone: /^(conflict|missing|gap|low)/.test(reason) ? "warn" : "calm" } }, reasonWords(reason, labels))) : []);
  showFields();
  showSummary();
  showComes();
  if (!$("#send", body).childElementCount) showPreview(null);
}

function showFields() {
  const fields = ordered(Object.values(record.fields), kind);
  const look = fields.filter(doubtful);
  const rest = fields.filter((f) => !doubtful(f));
  const there = rest.filter((f) => f.status !== "missing" && f.status !== "not_applicable");
  $("#fields-title", body).textContent = look.length ? `${look.length} to look at` : "✓ All fields are safe";
  $("#safe-box summary", body).textContent = `${there.length} safe, ${rest.length - there.length} not given`;
  fillRows($("#unsafe", body), look);
  fillRows($("#safe", body), [...there, ...rest.filter((f) => !there.includes(f))]);
  rows.mark();
}

function fillRows(box, fields) {
  const old = new Map([...box.children].map((row) => [row.dataset.field, row]));
  fields.forEach((f, index) => {
    const row = old.get(f.name) ?? newRow(f.name);
    old.delete(f.name);
    if (box.children[index] !== row) box.insertBefore(row, box.children[index] ?? null);
    if (editing === f.name) return;
    const on = workable() ? {
      confirm: () => field(f.name, "POST", "/confirm"), reject: () => field(f.name, "POST", "/reject"), decline: () => field(f.name, "POST", "/decline"),
      edit: () => edit(f.name), choose: (o) => (o.current ? field(f.name, "POST", "/confirm") : field(f.name, "PUT", "", { value: o.value })),
    } : {};
    fillRow(row, f, { callId: record.call_id, playing, on, why: whyOf(f) });
  });
  for (const row of old.values()) row.remove();
}

/** Why somebody shall look at a field. */
function whyOf(f) {
  if (!doubtful(f)) return null;
  const kinds = (record.review?.reason ?? []).filter((reason) => reason.split(":")[1] === f.name).map((reason) => reason.split(":")[0]);
  const words = { low_confidence: f.value === null ? null : "unsure", conflict: "two values disagree", gap: "audio gap", unconfirmed: "nobody said yes", missing: null, policy: "needs approval" };
  return [...new Set(kinds.map((kind) => (kind in words ? words[kind] : plain(kind))))].filter(Boolean).join(", ") || null;
}

function showSummary() {
  const { summary } = record;
  const edited = summary?.edited_by_operator;
  const sentences = (summary?.sentences ?? []).map((s) => {
    const piece = (s.evidence ?? [])[0];
    const hear = () => {
      const first = transcript.mark(s.evidence);
      wave?.show(s.evidence);
      first?.scrollIntoView({ block: "nearest" });
      if (piece && can("hear")) play(record.call_id, piece, `summary:${piece.start_ms}`);
    };
    return piece ? [h("button", { type: "button", class: "sentence", title: "Shows and plays the words", onclick: hear }, s.text), " "] : [h("span", { class: "bare", title: "No words of the call stand behind this sentence" }, s.text), " (no evidence) "];
  });
  const change = workable() && h("button", { type: "button", class: "small", onclick: editSummary }, "Rewrite");
  put($("#summary", body), h("p", { class: "summary" }, edited || !sentences.length ? summary?.text || h("span", { class: "hint" }, "Nothing was said that could be summed up.") : sentences), edited && h("p", { class: "hint" }, "Rewritten by a person: not linked to evidence."), change);
}

function editSummary() {
  const leave = () => showSummary();
  const form = editor({ label: "Summary", type: "text", value: record.summary?.text }, null, { leave, save: async (text) => { await change("PATCH", "", { summary: text }); } });
  put($("#summary", body), form);
  begin(form);
}

function showComes() {
  const pair = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  const none = (words) => h("span", { class: "none" }, words);
  const { outcome, next_action: next } = record;
  const select = h("select", { "aria-label": "Outcome", disabled: !workable(), onchange: (event) => change("PATCH", "", { outcome: event.target.value }).catch(() => {}) });
  select.append($("#outcomes").content.cloneNode(true));
  select.value = outcome?.code ?? "unclassified";
  put($("#comes", body),
    pair("Outcome", select, outcome?.source === "operator" ? h("small", {}, "set by a person") : h("small", {}, `as heard, ${(outcome?.confidence ?? 0).toFixed(2)}`)),
    pair("Next", next && next.kind !== "none" ? [sentence(next.description || next.kind), next.owner && ` → ${plain(next.owner)}`, next.deadline && h("small", {}, ` by ${when(next.deadline.replace(/\[.*\]$/, ""))}`)] : none("nothing")),
    pair("Tasks", record.tasks?.length ? record.tasks.map((t) => h("div", {}, t.text, h("small", {}, t.owner === "agent" ? " (we promised)" : " (the caller will)"))) : none("none")),
    record.contradictions?.length > 0 && pair("Contradicts", record.contradictions.map((c) => h("div", {}, record.fields[c.field ?? c]?.label ?? plain(c.field ?? c)))),
    record.escalations?.length > 0 && pair("Escalated", record.escalations.map((e) => h("div", {}, `⚠ ${sentence(e.trigger)}`))));
}

/** What leaves on approval, to whom: as the server would make it now. Where nothing would, that is said. */
function showPreview(preview) {
  const box = $("#send", body);
  const name = (field) => record.fields[field]?.label ?? plain(field);
  const items = (preview?.data ?? []).map((d) => {
    const { payload } = d;
    const words = payload?.text ?? payload?.plain ?? payload?.body;
    return h("li", {},
      h("p", {}, h("b", {}, `${sentence(d.kind)} → ${plain(d.destination_id)}`), d.to && ` ${phone(d.to)}`, d.event_type === "field.corrected" && h("span", { class: "chip", data: { tone: "note" } }, "correction")),
      d.refused ? h("p", {}, h("span", { class: "chip", data: { tone: "warn" } }, "! will not be sent"), ` ${d.refused}`)
        : h("small", {}, `${d.fields_sent.length} fields: ${d.fields_sent.map(name).join(", ") || "none"}`),
      d.withheld?.length > 0 && h("small", {}, `▮▮▮ withheld: ${d.withheld.map(name).join(", ")}`),
      typeof words === "string" && d.kind !== "webhook" && h("q", {}, payload.subject ? `${payload.subject}: ${words}` : words),
      payload && h("details", { class: "quiet" }, h("summary", {}, "Exactly this"), h("pre", { class: "payload", tabindex: "0", "aria-label": `What ${plain(d.destination_id)} gets` }, JSON.stringify(payload, null, 2))));
  });
  const open = OPEN.includes(record.state);
  const leaving = (preview?.data ?? []).filter((d) => !d.refused);
  const kinds = [...new Set(leaving.map((d) => `${plain(d.kind)} → ${plain(d.destination_id)}${d.to ? ` ${phone(d.to)}` : ""}`))];
  if ($("#sends", body)) $("#sends", body).textContent = !preview ? "" : kinds.length ? `sends ${kinds.slice(0, 2).join(", ")}${kinds.length > 2 ? ` and ${kinds.length - 2} more` : ""}` : "sends nothing";
  put(box,
    !open ? null
      : !preview ? h("p", { class: "hint" }, can("review") ? "Asking what would leave." : "What would leave is shown to reviewers.")
      : items.length ? h("ul", { class: "send" }, items)
      : h("p", { class: "hint" }, "Nothing leaves: no destination hears of this record. Once approved it stays here."));
}

function markWords() {
  const f = record?.fields[rows?.current];
  const first = transcript?.mark(f?.evidence);
  const scroll = first?.closest(".scroll");
  if (scroll) scroll.scrollTop += first.getBoundingClientRect().top - scroll.getBoundingClientRect().top - scroll.clientHeight / 3;
  wave?.show(f?.evidence);
}

// ---- changes ----

/** One change against the version shown. A conflict keeps what the person sees and says that it is old. */
async function change(method, path, content) {
  if (busy) return null;
  busy = true;
  const { id, version } = record;
  try {
    const next = await ask(method, `/v1/records/${id}${path}`, { body: content ?? {}, version, key: crypto.randomUUID?.() ?? `${id}-${version}-${Math.random()}` });
    if (record?.id === id) {
      record = next;
      const at = queue.findIndex((r) => r.id === id);
      if (at >= 0) queue[at] = next;
      show();
      loadSending(opening);
      loadChanges(opening);
    }
    return next;
  } catch (error) {
    if (error instanceof Refused && error.status === 412) conflict();
    else say(error.message, "bad");
    throw error;
  } finally {
    busy = false;
  }
}

function conflict() {
  const box = $("#conflict", body);
  box.hidden = false;
  put(box, h("span", {}, "! Somebody else changed this record meanwhile. Nothing of yours was overwritten, and nothing was stored."), h("button", { type: "button", class: "small", onclick: () => open(record.id, { replace: true }) }, "Show the newest"));
}

async function field(name, method, path, content) {
  try {
    const before = ordered(Object.values(record.fields), kind).filter(doubtful);
    const at = before.findIndex((f) => f.name === name);
    await change(method, `/fields/${encodeURIComponent(name)}${path}`, content);
    // On to the next one that needs a look, from where this one stood.
    const left = ordered(Object.values(record.fields), kind).filter(doubtful);
    const next = left.find((f) => before.findIndex((b) => b.name === f.name) > at) ?? left[0];
    if (next && rows.current === name) rows.choose(next.name);
    else rows.row(name)?.focus();
    return true;
  } catch {
    return false;
  }
}

function edit(name) {
  const f = record.fields[name];
  const row = rows.row(name);
  if (!f || !row || editing || !workable()) return;
  rows.choose(name, false);
  editing = name;
  const leave = () => {
    editing = null;
    showFields();
    rows.row(name)?.focus();
  };
  stale(row);
  const form = editor(f, kind?.fields.find((spec) => spec.name === name)?.choices, {
    leave,
    save: async (value) => {
      editing = null;
      try {
        await change("PUT", `/fields/${encodeURIComponent(name)}`, { value });
        showFields();
        rows.row(name)?.focus();
      } catch (error) {
        editing = name;
        throw error;
      }
    },
  });
  put($(".more", row), form);
  begin(form);
}

async function onward(done) {
  const at = queue.findIndex((r) => r.id === done);
  queue = queue.filter((r) => r.id !== done);
  await loadQueue().catch(() => {});
  const waiting = queue.filter((r) => r.id !== done && !skipped.has(r.id));
  const next = waiting[Math.min(Math.max(0, at), waiting.length - 1)] ?? waiting[0];
  if (next) await open(next.id);
  else finished();
}

function finished() {
  record = null;
  body.hidden = true;
  const left = queue.length;
  $("#record-empty").hidden = false;
  put($("#record-empty"), left ? `${left} skipped. ` : "✓ Nothing is left to review. ", left > 0 && h("button", { type: "button", onclick: () => { skipped = new Set(); open(queue[0].id); } }, "Begin again"));
  history.replaceState({}, "", "/review");
  showQueue();
}

async function approve() {
  if (!workable()) return;
  const { id } = record;
  const name = nameOf(record);
  try {
    await change("POST", "/approve");
    say(`Approved: ${name}.`);
    await onward(id);
  } catch {
    // Said already.
  }
}

function reject() {
  if (!workable()) return;
  const dialog = $("#reject");
  $("#reject-form").reset();
  dialog.returnValue = "";
  dialog.showModal();
}
$("#reject").addEventListener("close", async () => {
  if ($("#reject").returnValue !== "yes") return;
  const form = new FormData($("#reject-form"));
  const { id } = record;
  try {
    await change("POST", "/reject", { reason: form.get("reason"), note: form.get("note") });
    say("Rejected: nothing of it leaves.");
    await onward(id);
  } catch {
    // Said already.
  }
});

async function reopen() {
  try {
    await change("POST", "/reopen", {});
    build();
    load(opening);
    await loadQueue();
  } catch {
    // Said already.
  }
}

function skip() {
  if (!record) return;
  skipped.add(record.id);
  onward(record.id);
}

function showSpeed() {
  put($("#speed", body), `Speed ${nextSpeed()}×`, kbd("V"));
}

onPosition((ms) => wave?.at(ms));

onPlaying((key) => {
  playing = key;
  if (record) showFields();
});

// ---- keys ----

const inRecord = () => $("#record");
const current = () => record?.fields[rows?.current];
const onField = (go) => () => current() && workable() && go(current());
bind("A", "approve, and go on", approve, inRecord);
bind("R", "reject the record", reject, inRecord);
bind("S", "skip the record", skip, inRecord);
bind("E", "edit the field", onField((f) => edit(f.name)), inRecord);
bind("Enter", null, onField((f) => edit(f.name)), inRecord);
bind("J", "next field", () => rows?.step(1), inRecord);
bind("K", "field before", () => rows?.step(-1), inRecord);
bind("ArrowDown", null, () => rows?.step(1), () => $("#unsafe") ?? body);
bind("ArrowUp", null, () => rows?.step(-1), () => $("#unsafe") ?? body);
bind("C", "confirm the value", onField((f) => f.value !== null && field(f.name, "POST", "/confirm")), inRecord);
bind("X", "the value is wrong", onField((f) => f.value !== null && field(f.name, "POST", "/reject")), inRecord);
bind("D", "declined", onField((f) => field(f.name, "POST", "/decline")), inRecord);
bind("Space", "play the words", () => current() && can("hear") && !playField(current(), record.call_id) && say("No words of the call stand behind this value."), inRecord);
bind("1-9", "take an alternative", (event, digit) => {
  const f = current();
  const option = f && workable() && options(f)[Number(digit) - 1];
  if (option) field(f.name, option.current ? "POST" : "PUT", option.current ? "/confirm" : "", option.current ? undefined : { value: option.value });
}, inRecord);
bind("V", "speed of the sound", showSpeed, inRecord);
bind("/", "search the transcript", () => $(".find input", body)?.focus());
bind("G F", "to the fields", () => rows?.choose(rows.current ?? rows.rows[0]?.dataset.field));
bind("G T", "to the transcript", () => $("#words-title", body)?.focus());

// ---- begin ----

loadQueue().then(async () => {
  const wanted = desk.dataset.record || queue[0]?.id;
  if (wanted) await open(wanted, { replace: true });
  else finished();
}).catch((error) => {
  $("#record-empty").textContent = `The queue could not be read: ${error.message}`;
});
setInterval(() => loadQueue().catch(() => {}), 30_000);
