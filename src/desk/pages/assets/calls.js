// Calls of the past, newest first; with `outcome` or `state` in the address, those whose record says so.

import { $, h, put, say } from "./dom.js";
import { get } from "./api.js";
import { clock, phone, plain, sentence, when } from "./words.js";

const form = $("#filters");
const asked = new URLSearchParams(location.search);
const body = $("#calls tbody");
let cursor = null;

for (const [name, value] of asked) {
  const control = form.elements[name];
  if (control) control.value = name.startsWith("started") ? value.slice(0, 10) : value;
}

/** By what a report sends people here: the record's outcome, state or reason. */
const ofRecords = ["outcome", "state", "reason", "record_location"].some((name) => asked.get(name));

function address() {
  const query = new URLSearchParams({ limit: "50" });
  if (ofRecords) {
    for (const name of ["outcome", "state", "reason", "location_id"]) if (asked.get(name)) query.set(name, asked.get(name));
  } else {
    for (const [name, value] of new FormData(form)) if (value) query.set(name, name.startsWith("started") ? new Date(`${value}T00:00:00`).toISOString() : value);
  }
  if (cursor) query.set("cursor", cursor);
  return `${ofRecords ? "/v1/records" : "/v1/calls"}?${query}`;
}

function row(item) {
  const call = ofRecords ? { ...item.call, record_id: item.id } : item;
  const going = !call.end_time && ["queued", "ringing", "in_progress"].includes(call.status);
  return h("tr", {},
    h("td", {}, h("a", { href: `/calls/${call.id}` }, when(call.start_time))),
    h("td", {}, call.caller_id?.withheld ? "withheld" : phone(call.from) || "–"), h("td", {}, phone(call.to) || "–"),
    h("td", {}, sentence(call.vertical)), h("td", {}, going ? h("span", { class: "chip", data: { tone: "ok" } }, "● in progress") : sentence(call.status)),
    h("td", {}, call.end ? plain(call.end.reason) : "–"),
    h("td", { class: "num" }, call.duration_seconds === null || call.duration_seconds === undefined ? "–" : clock(call.duration_seconds * 1000)),
    h("td", {}, call.record_id ? h("a", { href: `/records/${call.record_id}` }, ofRecords ? sentence(item.state) : "record") : "–"));
}

async function load(more = false) {
  if (!more) cursor = null;
  try {
    const page = await get(address());
    const rows = page.data.map(row);
    if (more) body.append(...rows);
    else put(body, rows);
    cursor = page.next_cursor;
    $("#more").hidden = !cursor;
    $("#none").hidden = body.childElementCount > 0;
  } catch (error) {
    say(error.message, "bad");
  }
}

if (ofRecords) {
  const words = [...asked].map(([name, value]) => `${plain(name)}: ${plain(value)}`).join(", ");
  put(form, h("p", {}, `Only those with ${words}. `, h("a", { href: "/calls" }, "Show all calls")));
}
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  history.replaceState({}, "", query.size ? `/calls?${query}` : "/calls");
  load();
});
$("#more").addEventListener("click", () => load(true));
load();
