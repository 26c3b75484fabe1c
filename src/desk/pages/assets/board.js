// The live board: what is owed first, then the calls in progress by location.

import { $, can, differs, drawing, h, put, say } from "./dom.js";
import { ask as change, getIfThere, places as locations, rows, verticals } from "./api.js";
import { Feed } from "./feed.js";
import { waiting } from "./queue.js";
import { URGENCY, ago, clock, phone, plain, seconds, sentence, shown } from "./words.js";

const GONE_AFTER_MS = 15_000;
/** A call that is over and of which no draft is heard: the queue below tells of it. */
const LOST_AFTER_MS = 300_000;
const DRAW_EVERY_MS = 200;
const ASK_EVERY_MS = 15_000;
const calls = new Map();
let kinds = new Map();
let names = new Map();

// ---- calls in progress ----

const ABOUT = ["problem_category", "problem_text", "caller_name", "urgency"];

function take(entry, data) {
  entry.call = data.call;
  entry.fields = new Map(ABOUT.map((name) => [name, data.fields[name]]));
  entry.labels = Object.fromEntries(Object.values(data.fields).map((f) => [f.name, f.label]));
  entry.checklist = data.checklist;
  entry.stt = data.stt;
  entry.alarm = data.escalations.at(-1);
  entry.ended = data.timeline.some((m) => m.name === "hangup");
}

/** A call that was over when the page opened: what became of it is told by the queue, and nobody tells when it is forgotten. */
function snapshot(entry, data, at, id) {
  take(entry, data);
  if (entry.ended) setTimeout(() => gone(id), 2 * GONE_AFTER_MS);
}

function gone(id) {
  calls.delete(id);
  feed.forget(id);
  soon();
}

const handlers = {
  snapshot,
  "call.answered": (entry, data) => { entry.call = data; },
  "call.ended": (entry, data, at, id) => {
    entry.ended = true;
    setTimeout(() => gone(id), LOST_AFTER_MS);
  },
  "field.updated": (entry, data) => { if (ABOUT.includes(data.name) && data.change !== "provisional") entry.fields?.set(data.name, data); },
  checklist: (entry, data) => { entry.checklist = data; },
  "stt.state": (entry, data) => { entry.stt = data.state; },
  "escalation.raised": (entry, data) => { entry.alarm = data.items.at(-1); },
  "transcript.final": (entry, data, at) => { entry.delay = at - data.end_ms; },
  "record.drafted": (entry, data, at, id) => {
    drafted(id, entry, data.record_id);
    askSoon();
  },
};

function drafted(id, entry, record) {
  entry.record = record;
  entry.ended = true;
  setTimeout(() => gone(id), GONE_AFTER_MS);
  soon();
}

function receive(message) {
  if (message.type === "connected") {
    // A call that ended while the line was down is in no snapshot.
    for (const [id, entry] of calls) entry.unseen = true;
    setTimeout(() => {
      for (const [id, entry] of calls) if (entry.unseen) calls.delete(id);
      soon();
    }, 20_000);
    return;
  }
  if (message.type === "delivery.updated") {
    if (can("deliver") && (message.data.state === "dead" || Number($('[data-tile="deliveries"] b').textContent) > 0)) askSoon();
    return;
  }
  const handler = handlers[message.type];
  if (!message.call_id) return;
  let entry = calls.get(message.call_id);
  if (!entry) {
    if (message.type !== "snapshot") return;
    calls.set(message.call_id, (entry = {}));
  }
  entry.unseen = false;
  handler?.(entry, message.data, message.at_ms, message.call_id);
  soon();
}

const open = ({ checklist }) => [...new Set([...(checklist?.required_missing ?? []), ...(checklist?.critical_unconfirmed ?? [])])];

/** What a line shows, so that it is drawn again only when that differs. */
function sight(entry) {
  const { call, fields, labels, record, ended, checklist, alarm, stt, delay } = entry;
  const text = (name) => shown(fields.get(name));
  const left = open(entry);
  return {
    name: text("caller_name"), number: call.caller_id?.withheld ? "Number withheld" : phone(call.from) || "Caller", kind: kinds.get(call.vertical)?.title ?? sentence(call.vertical),
    urgency: fields.get("urgency")?.value, category: text("problem_category"), said: text("problem_text"), record, ended, ready: checklist?.ready, left: left.length,
    first: left.slice(0, 3).map((n) => labels[n] ?? sentence(n)), alarm: alarm?.trigger, from: Date.parse(call.answered_time ?? call.start_time), stt, delay: delay === undefined ? null : seconds(delay),
  };
}

const lines = new Map(); // call -> its line

function line(id, entry) {
  const seen = sight(entry);
  let row = lines.get(id);
  if (!row) lines.set(id, (row = h("a", { class: "line", data: { key: id } })));
  if (differs(row, seen)) fillLine(row, id, seen);
  return row;
}

function fillLine(row, id, { name, number, kind, urgency, category, said, record, ended, ready, left, first, alarm, from, stt, delay }) {
  row.href = record ? `/records/${record}` : `/calls/${id}`;
  row.dataset.tone = alarm ? "bad" : ended ? "calm" : ready ? "ok" : "warn";
  put(row,
    h("div", {},
      h("p", { class: "name" }, name || number),
      h("small", {}, [name && number, kind].filter(Boolean).join(" · "))),
    h("div", { class: "about-cell" },
      h("p", { class: "about" }, category && category !== "Other" ? h("b", {}, category) : null, category && said && category !== "Other" ? ": " : null, said || (category ? null : h("span", { class: "hint" }, "not said yet"))),
      urgency && h("span", { class: "chip", data: { tone: URGENCY[urgency] } }, `${urgency === "emergency" ? "!! " : urgency === "urgent" ? "! " : ""}${sentence(urgency)}`),
      alarm && h("span", { class: "chip", data: { tone: "bad" } }, `⚠ ${sentence(alarm)}`)),
    h("div", { class: "unsafe-cell" }, record ? h("span", { class: "chip", data: { tone: "note" } }, "✓ Draft ready")
      : ended ? h("span", { class: "chip" }, "ended, draft comes")
      : ready ? h("span", { class: "chip", data: { tone: "ok" } }, "✓ Safe to hang up")
      : left ? [h("span", { class: "chip", data: { tone: "warn" } }, `! ${left} unsafe`), h("small", {}, `${first.join(", ")}${left > 3 ? " …" : ""}`)]
      : h("span", { class: "chip" }, "listening")),
    h("div", { class: "measures" },
      h("b", { class: "clock", data: { from: ended ? "" : from } }, ended ? "ended" : clock(feed.now() - from)),
      h("small", {}, ended ? "" : stt === "stopped" ? "! speech stopped" : stt === "degraded" ? "! text is late" : delay ? `delay ${delay}` : "")));
}

const soon = drawing(show, DRAW_EVERY_MS);

const weight = (entry) => (entry.alarm ? 0 : entry.ended ? 3 : entry.checklist?.ready ? 2 : 1);

function show() {
  const places = new Map();
  for (const [id, entry] of calls) {
    if (!entry.call) continue;
    const place = entry.call.ownership?.location_id ?? "";
    if (!places.has(place)) places.set(place, []);
    places.get(place).push([id, entry]);
  }
  for (const id of lines.keys()) if (!calls.has(id)) lines.delete(id);
  const groups = [...places].sort(([a], [b]) => a.localeCompare(b)).map(([place, list]) => [place, list.sort(([a, x], [b, y]) => weight(x) - weight(y) || a.localeCompare(b))]);
  const drawn = groups.map(([, list]) => list.map(([id, entry]) => line(id, entry)));
  const heads = groups.map(([place, list]) => [place, place ? names.get(place) ?? sentence(place) : "No location", list.filter(([, e]) => !e.ended).length, list.filter(([, e]) => !e.ended && !e.checklist?.ready).length]);
  // The lines themselves stay where they are unless their order changes: whoever is about to press one does not lose it.
  if (differs($("#calls"), [heads, groups.map(([, list]) => list.map(([id]) => id))])) {
    put($("#calls"), heads.map(([place, name, going, open], index) => h("section", { class: "place" },
      (heads.length > 1 || place) && h("h3", {}, name, h("small", {}, going ? ` ${going} on the line${open ? `, ${open} not yet safe` : ", all safe"}` : "")), drawn[index])));
  }
  const going = [...calls.values()].filter((e) => e.call && !e.ended);
  $("#no-calls").hidden = calls.size > 0;
  $("#live-count").textContent = going.length ? String(going.length) : "";
  const unsafe = going.filter((e) => !e.checklist?.ready).length;
  tile("unsafe", unsafe, going.length ? `of ${going.length} in progress` : "nobody is on the line", unsafe ? "warn" : "ok");
}

function tile(name, count, note, tone) {
  const box = $(`[data-tile="${name}"]`);
  box.hidden = false;
  box.dataset.tone = count ? tone : "ok";
  $("b", box).textContent = count;
  $("small", box).textContent = note;
}

setInterval(() => {
  for (const time of document.querySelectorAll(".clock")) if (time.dataset.from) time.textContent = clock(feed.now() - Number(time.dataset.from));
}, 1_000);

// ---- open work ----

async function ask() {
  try {
    const [queue, late, owed, dead] = await Promise.all([
      rows("/v1/records?sort=risk&state=draft,in_review,reopened&limit=200"),
      rows("/v1/tasks?overdue=true&limit=200"),
      rows("/v1/tasks?status=open,in_progress&limit=8", 8),
      getIfThere("/v1/deliveries?state=dead&limit=200"),
    ]);
    const due = queue.data.filter((r) => r.review?.due && Date.parse(r.review.due) < Date.now());
    const oldest = queue.data.map((r) => r.created_at).sort()[0];
    tile("review", `${queue.data.length}${queue.more ? "+" : ""}`, queue.data.length ? `oldest ${ago(oldest)}${due.length ? `, ${due.length} past due` : ""}` : "all done", due.length ? "bad" : "warn");
    if (!queue.data.length) tile("review", 0, "all done", "ok");
    const past = late.data.filter(isLate);
    tile("tasks", past.length, past.length ? `oldest ${ago(past.map((t) => t.due).sort()[0])}` : "nothing is late", "bad");
    if (dead) tile("deliveries", dead.data.length, dead.data.length ? "given up: send them again" : "nothing was given up", "bad");
    // A page that was opened between the end of a call and its draft has had no word of the draft.
    for (const r of queue.data) {
      const entry = calls.get(r.call_id);
      if (entry && !entry.record) drafted(r.call_id, entry, r.id);
    }
    showQueue(queue.data.slice(0, 6));
    showTasks(owed.data);
  } catch {
    // The connection line says that the page is old; the next round asks again.
  }
}

/** After a draft: many at once are one question. */
const askSoon = drawing(ask, 1_000);

const showQueue = (list) => put($("#queue"), list.length ? list.map((record) => waiting(record, 3)) : h("li", {}, h("p", { class: "empty" }, "Nothing waits for review.")));

/** By the server's clock as it is now, not as it was when the list was asked for. */
const isLate = (task) => Boolean(task.due) && Date.parse(task.due) < feed.now();

function showTasks(list) {
  put($("#owed-tasks"), list.length ? list.map((t) => h("li", { class: "with-act" }, h("a", { class: "row", href: `/calls/${t.call_id}`, data: { key: t.id } },
    h("span", { "aria-hidden": "true" }, isLate(t) ? "!" : "○"),
    h("span", { class: "title" }, sentence(t.title)),
    t.due ? h("span", { class: "chip", data: { tone: isLate(t) ? "bad" : "calm" } }, isLate(t) ? `overdue, ${ago(t.due)}` : `due ${ago(t.due)}`) : h("small", {}, "no date"),
    h("span", { class: "why" }, [t.kind === "next_action" ? "next action" : "promised", t.owner?.department_id && plain(t.owner.department_id)].filter(Boolean).join(" · "))),
    can("review") && h("button", { type: "button", class: "small", data: { key: `done:${t.id}` }, "aria-label": `Done: ${t.title}`, onclick: () => done(t) }, "✓ Done"))) : h("li", {}, h("p", { class: "empty" }, "Nothing is owed.")));
}

async function done(task) {
  try {
    await change("PATCH", `/v1/tasks/${task.id}`, { body: { status: "done" }, version: task.version });
    say(`Done: ${task.title}.`);
  } catch (error) {
    say(error.message, "bad");
  }
  ask();
}

const feed = new Feed({ partials: false, measures: false, onMessage: receive });
Promise.all([verticals(), locations()]).then(([all, named]) => {
  [kinds, names] = [all, named];
  soon();
}).catch(() => {});
show();
ask();
setInterval(ask, ASK_EVERY_MS);
