// The live page: one card a call, kept current by the event stream. Everything a caller said enters the page as text, never as markup.

const calls = document.getElementById("calls");
const connection = document.getElementById("connection");
const drafts = document.getElementById("drafts");
const cards = new Map(); // call id -> { card, state }
const SIGNS = { confirmed: "\u2713", heard: "=", inferred: "~", conflicting: "!", declined: "\u2014", missing: "?", partial: "%" };
const GONE_AFTER_MS = 10_000;
const STALE_AFTER_MS = 20_000;

let lastMessage = Date.now();

function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

/** A field's value in words: objects by their parts, lists by their items. */
function words(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(words).join(", ");
  if (typeof value === "object") {
    if ("start" in value) return [value.start, value.end].filter(Boolean).map((t) => t.slice(0, 16).replace("T", " ")).join(" to ");
    return Object.values(value).map(words).filter(Boolean).join(" ");
  }
  return String(value);
}

const label = (name) => name.replaceAll("_", " ");

function cardOf(id) {
  let entry = cards.get(id);
  if (!entry) {
    const card = document.getElementById("call").content.cloneNode(true).firstElementChild;
    calls.append(card);
    entry = { card, fields: new Map(), prompts: [], ready: false, call: {}, started: Date.now() };
    cards.set(id, entry);
    document.getElementById("empty").hidden = true;
  }
  return entry;
}

function showHead(entry) {
  const { call } = entry;
  entry.card.querySelector("h2").textContent = entry.fields.get("caller_name")?.display || call.from || "Caller";
  const facts = [call.vertical && label(call.vertical), call.to && `to ${call.to}`, call.status && label(call.status), entry.stt && `speech ${entry.stt}`];
  entry.card.querySelector(".facts").textContent = facts.filter(Boolean).join(" \u00b7 ");
}

function showField(entry, name, field) {
  entry.fields.set(name, field);
  const list = entry.card.querySelector("dl");
  let row = list.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (!row) {
    row = element("div");
    row.dataset.field = name;
    row.append(element("dt", label(name)), element("dd"), element("span", "", "status"));
    list.append(row);
  }
  const [, value, status] = row.children;
  // What is wanted and missing is shown as missing; what nobody asked for appears when it is said.
  row.hidden = field.status === "missing" && !field.required && field.change !== "provisional";
  row.style.order = field.importance === "critical" ? 0 : field.required ? 1 : 2;
  const shown = field.status === "missing" ? "" : field.display || words(field.value);
  value.textContent = shown || "missing";
  value.classList.toggle("missing", !shown);
  status.dataset.status = field.status;
  status.textContent = `${SIGNS[field.status] ?? ""} ${field.change === "provisional" ? "hearing" : field.status}`;
}

function showPrompts(entry) {
  const section = entry.card.querySelector(".before");
  section.classList.toggle("ready", entry.ready);
  const list = section.querySelector("ol");
  const items = entry.prompts.slice(0, 3).map((prompt) => {
    const item = element("li", prompt.say || label(prompt.name ?? prompt.field ?? ""));
    item.append(" ", element("span", `${label(prompt.name ?? prompt.field ?? "")}: ${label(prompt.reason ?? "")}`, "why"));
    return item;
  });
  if (!items.length) items.push(element("li", entry.ready ? "Safe to hang up." : "Nothing to ask yet."));
  list.replaceChildren(...items);
}

function line(speaker, text) {
  const item = element("li");
  item.append(element("span", speaker === "agent" ? "Agent" : "Caller", "who"), element("span", text));
  return item;
}

function showPartial(entry, speaker, text) {
  const list = entry.card.querySelector(".partials");
  let item = list.querySelector(`[data-speaker="${CSS.escape(speaker)}"]`);
  if (!item) {
    item = line(speaker, "");
    item.dataset.speaker = speaker;
    list.append(item);
  }
  item.hidden = !text;
  item.lastElementChild.textContent = text;
}

function showFinal(entry, segment) {
  const list = entry.card.querySelector('[role="log"]');
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  list.append(line(segment.speaker, segment.text));
  if (atEnd) list.scrollTop = list.scrollHeight;
  showPartial(entry, segment.speaker, "");
}

function showDraft(callId, recordId) {
  drafts.hidden = false;
  const link = element("a", cards.get(callId)?.card.querySelector("h2").textContent || recordId);
  link.href = `/v1/records/${encodeURIComponent(recordId)}`;
  const item = element("li");
  item.append(link);
  drafts.querySelector("ul").prepend(item);
}

function remove(id) {
  cards.get(id)?.card.remove();
  cards.delete(id);
  document.getElementById("empty").hidden = cards.size > 0;
}

const handlers = {
  snapshot(entry, state) {
    entry.call = state.call;
    entry.stt = state.stt;
    entry.prompts = state.prompts ?? [];
    entry.ready = state.checklist.ready;
    entry.card.querySelector("dl").replaceChildren();
    entry.card.querySelector('[role="log"]').replaceChildren();
    for (const [name, field] of Object.entries(state.fields)) showField(entry, name, field);
    for (const segment of state.transcript) showFinal(entry, segment);
    for (const partial of state.partials) {
      const text = [...partial.stable, ...partial.unstable].map((w) => w.w).join(" ");
      showPartial(entry, partial.track === "outbound" ? "agent" : "caller", text);
    }
    showPrompts(entry);
  },
  "call.started": (entry, call) => { entry.call = call; },
  "call.answered": (entry, call) => { entry.call = call; },
  "call.ended": (entry) => { entry.call.status = "ended"; },
  "transcript.partial": (entry, data) => showPartial(entry, data.speaker, [data.stable, data.unstable].filter(Boolean).join(" ")),
  "transcript.final": showFinal,
  "field.updated": (entry, data) => showField(entry, data.name, data),
  "field.prompt": (entry, data) => { entry.prompts = data.items; showPrompts(entry); },
  checklist: (entry, data) => { entry.ready = data.ready; showPrompts(entry); },
  "stt.state": (entry, data) => { entry.stt = data.state; },
  "record.drafted": (entry, data, id) => {
    showDraft(id, data.record_id);
    setTimeout(() => remove(id), GONE_AFTER_MS);
  },
};

function receive(event) {
  lastMessage = Date.now();
  connected();
  const message = JSON.parse(event.data);
  const handler = handlers[message.type];
  if (!handler || !message.call_id) return;
  const entry = cardOf(message.call_id);
  handler(entry, message.data, message.call_id);
  showHead(entry);
}

function connected() {
  connection.textContent = "live";
  connection.dataset.state = "live";
}

const source = new EventSource("/v1/live/sse");
source.onmessage = receive;
source.onerror = () => {
  connection.textContent = "reconnecting: what you see may be old";
  connection.dataset.state = "stale";
};
setInterval(() => {
  if (Date.now() - lastMessage > STALE_AFTER_MS) source.onerror();
}, 2_000);
