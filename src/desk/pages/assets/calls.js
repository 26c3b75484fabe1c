// Calls of the past, newest first; or, with `report` and `number` in the address, those that a number of a report was counted of.

import { $, h, put, say, stacks } from "./dom.js";
import { get, places } from "./api.js";
import { amount, heading, numberTitle } from "./numbers.js";
import { clock, phone, plain, sentence, when } from "./words.js";

const form = $("#filters");
const asked = new URLSearchParams(location.search);
const body = $("#calls tbody");
const ofReport = asked.get("report") && asked.get("number") ? asked.get("report") : null;
let cursor = null;

for (const [name, value] of asked) {
  const control = form.elements[name];
  if (control) control.value = name.startsWith("started") ? value.slice(0, 10) : value;
}

function address() {
  if (ofReport) {
    const query = new URLSearchParams([...asked].filter(([name]) => name !== "report"));
    query.set("limit", "50");
    if (cursor) query.set("cursor", cursor);
    return `/v1/reports/${encodeURIComponent(ofReport)}/calls?${query}`;
  }
  const query = new URLSearchParams({ limit: "50" });
  for (const [name, value] of new FormData(form)) if (value) query.set(name, name.startsWith("started") ? new Date(`${value}T00:00:00`).toISOString() : value);
  if (cursor) query.set("cursor", cursor);
  return `/v1/calls?${query}`;
}

const cell = (...content) => h("td", {}, content);
const number = (...content) => h("td", { class: "num" }, content);

function row(call, more = []) {
  const going = !call.end_time && ["queued", "ringing", "in_progress"].includes(call.status);
  return h("tr", {},
    cell(h("a", { href: `/calls/${call.id}` }, when(call.start_time))),
    cell(call.caller_id?.withheld ? "withheld" : phone(call.from) || "–"), cell(phone(call.to) || "–"),
    cell(sentence(call.vertical)), cell(going ? h("span", { class: "chip", data: { tone: "ok" } }, "● in progress") : sentence(call.status)),
    cell(call.end ? plain(call.end.reason) : "–"),
    number(call.duration_seconds === null || call.duration_seconds === undefined ? "–" : clock(call.duration_seconds * 1000)),
    cell(call.record_id ? h("a", { href: `/records/${call.record_id}` }, "record") : "–"), more);
}

/** What a number was counted of: a call, or what is no call's (a test of a destination). */
function rowOf(item, unit) {
  const more = [number(item.value === null ? "" : amount(item.value, unit)), cell(item.note ?? "")];
  return item.call ? row(item.call, more) : h("tr", {}, cell(when(item.at)), h("td", { colspan: "7" }, item.call_id ? "a call that is no longer kept" : "belongs to no call"), more);
}

async function load(more = false) {
  if (!more) cursor = null;
  try {
    const page = await get(address());
    const rows = ofReport ? page.data.map((item) => rowOf(item, page.unit)) : page.data.map((call) => row(call));
    if (more) body.append(...rows);
    else put(body, rows);
    cursor = page.next_cursor;
    $("#more").hidden = !cursor;
    $("#none").hidden = body.childElementCount > 0;
    if (ofReport) await tellReport(page);
    stacks($("#calls"));
  } catch (error) {
    say(error.message, "bad");
  }
}

/** Says what the list is of, in the words of the report. */
async function tellReport(page) {
  const names = await places().catch(() => new Map());
  const place = (id) => names.get(id) ?? plain(id);
  const day = (iso) => new Date(iso).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
  const by = asked.get("group_by");
  const parts = [
    `${day(page.from)} – ${day(page.to)}`,
    asked.get("location_id") && place(asked.get("location_id")),
    page.group && (by === "location" ? place(page.group) : by ? `${plain(by)} ${plain(page.group)}` : sentence(page.group)),
    page.outcome && sentence(page.outcome),
  ].filter(Boolean);
  $("h1").textContent = `${heading(ofReport)}: ${numberTitle(page.number)}`;
  document.title = `${numberTitle(page.number)} · Offhook`;
  const head = $("#calls thead tr");
  if (head.childElementCount === 8) head.append(h("th", { scope: "col", class: "num" }, page.unit === "text" ? "" : numberTitle(page.number)), h("th", { scope: "col" }, "More"));
  put(form, h("p", { id: "counted" }, `${page.total.toLocaleString()} counted, ${parts.join(", ")}. `, h("a", { href: "/reports" }, "Reports"), " · ", h("a", { href: "/calls" }, "All calls")));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  history.replaceState({}, "", query.size ? `/calls?${query}` : "/calls");
  load();
});
$("#more").addEventListener("click", () => load(true));
load();
