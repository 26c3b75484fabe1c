// A call that is over: who, when, what happened; its recording; what was loaded apart from what was captured; what was delivered.

import { $, can, h, put } from "./dom.js";
import { get, getIfThere, placeWords, places, verticals } from "./api.js";
import { SentList } from "./deliveries.js";
import { Feed } from "./feed.js";
import { bind } from "./keys.js";
import { fillRow, newRow, ordered, Rows } from "./fields.js";
import { Player } from "./player.js";
import { onPlaying } from "./sound.js";
import { Transcript, searchBox } from "./transcript.js";
import { Waveform } from "./waveform.js";
import { clock, phone, plain, seconds, sentence, shown, valueWords, when } from "./words.js";

const box = $("#call");
const callId = box.dataset.call;
let playing = null;

const none = (words = "not given") => h("span", { class: "none" }, words);
const pair = (name, ...value) => h("div", {}, h("dt", {}, name), h("dd", {}, value.every((v) => v === null || v === undefined || v === "") ? none() : value));
const panel = (title, ...content) => h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), content);
const iso = (at) => at && h("time", { datetime: at, title: at }, new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }));

function identity(call, names) {
  const verified = { A: "verified by the carrier (A)", B: "partly verified (B)", C: "gateway only (C)", none: "not verified" }[call.caller_id?.verified] ?? call.caller_id?.verified;
  return panel("Identity", h("dl", { class: "pairs" },
    pair("Direction", sentence(call.direction)),
    pair("From", call.caller_id?.withheld ? none("number withheld") : phone(call.from)),
    pair("To", phone(call.to)),
    pair("Caller ID", [call.caller_id?.name, verified].filter(Boolean).join(", ")),
    pair("Agent", call.agent?.name ?? call.agent?.id),
    pair("Location", placeWords(call.ownership, names) || none("belongs to no location")),
    pair("Kind", sentence(call.vertical)),
    pair("Provider", `${sentence(call.provider)} ${call.provider_call_id ?? ""}`),
    call.parent_call_id && pair("Before it", h("a", { href: `/calls/${call.parent_call_id}` }, "an earlier call of the same id")),
    pair("Our id", call.id),
    pair("Configuration", (call.config_version ?? "").slice(0, 19))));
}

function times(call) {
  const t = call.timing ?? {};
  const share = (name, ms) => pair(name, ms === null || ms === undefined ? null : `${seconds(ms)}`);
  return panel("Course", h("dl", { class: "pairs" },
    pair("Status", sentence(call.status)),
    pair("Ended by", call.end ? [sentence(call.end.reason), call.end.cause_code && ` (${call.end.cause_family} ${call.end.cause_code})`] : null),
    pair("Began", iso(call.start_time)), pair("Answered", iso(call.answered_time) || none("never answered")), pair("Ended", iso(call.end_time)),
    pair("Consent", consent(call.consent)),
    share("Ringing", t.ring_ms), share("On hold", t.hold_ms), share("Talk", t.talk_ms),
    pair("Who spoke", t.caller_speech_ms === undefined ? null : `caller ${seconds(t.caller_speech_ms)}, agent ${seconds(t.agent_speech_ms)}, both ${seconds(t.overlap_ms)}, nobody ${seconds(t.silence_ms)}`)));
}

function consent(c) {
  if (!c || !c.mode || c.mode === "off") return none("not asked for");
  return [c.caller_objected ? "the caller objected" : c.completed ? "given" : "not completed", c.announced_at && h("small", {}, " announced ", iso(c.announced_at))];
}

const MOMENTS = { stream_started: "Sound begins", stream_reconnected: "Sound is back", stream_dropped: "Sound broke off", answered: "Answered", hangup: "Hung up", field_confirmed: "Confirmed", media_gap: "Gap in the audio", key_pressed: "Key pressed", flag: "Flagged", stt_state: "Speech recognition", act_refused: "An act no longer fitted", last_words_not_heard: "The last words were not transcribed", consent_asked: "Consent asked for", consent_announced: "Recording announced", consent_refused: "Consent refused", consent_objected: "The caller objected to the recording", recording_paused: "Recording paused", recording_resumed: "Recording goes on" };

function timeline(moments, labels) {
  const rows = moments.map((m) => h("li", {}, h("time", { title: m.at }, clock(m.at_ms)), h("span", {}, MOMENTS[m.name] ?? sentence(m.name),
    m.data?.field && `: ${labels[m.data.field] ?? plain(m.data.field)}`, m.data?.reason && `: ${plain(m.data.reason)}`, m.data?.state && `: ${plain(m.data.state)}`, m.data?.note && `: ${m.data.note}`,
    m.name === "media_gap" && `, ${seconds(m.data.end_ms - m.data.start_ms)}, ${m.data.track === "outbound" ? "agent" : "caller"}`)));
  return panel("Timeline", moments.length ? h("ol", { class: "moments" }, rows) : h("p", { class: "empty" }, "Nothing was noted."));
}

function loaded(record, contact) {
  const caller = record?.caller ?? {};
  const entries = Object.entries(contact?.contact_data ?? caller.contact_data ?? {});
  return panel("Loaded before the call", caller.known || contact ? h("dl", { class: "pairs" },
    pair("Name", contact?.name ?? caller.contact_name), entries.map(([name, value]) => pair(sentence(name), valueWords(value) || null)),
    (contact?.tags?.length ?? 0) > 0 && pair("Tags", contact.tags.join(", ")))
    : h("p", { class: "empty" }, "The number belongs to no contact that was loaded."));
}

/** What was sent because of the call; the rows change while it is looked at. */
function deliveries() {
  const list = h("ul", { class: "rows sent-list" });
  const none = h("p", { class: "empty" }, "Nothing was sent.");
  const sent = new SentList(list, { query: `call_id=${callId}`, mine: (d) => d.call_id === callId, onCount: (n) => { none.hidden = n > 0; } });
  new Feed({ calls: [callId], partials: false, measures: false, onMessage: (message) => sent.hear(message) });
  return [panel("Deliveries", none, list), sent.load().catch(() => null)];
}

async function begin() {
  const call = await get(`/v1/calls/${callId}`);
  if (call.live) {
    location.reload();
    return;
  }
  const quietly = (promise) => promise.catch(() => null);
  const [record, moments, words, drawn, kinds, names] = await Promise.all([
    quietly(call.record_id ? getIfThere(`/v1/records/${call.record_id}`) : Promise.resolve(null)),
    quietly(getIfThere(`/v1/calls/${callId}/timeline`)), quietly(getIfThere(`/v1/calls/${callId}/transcript`)),
    quietly(can("hear") ? getIfThere(`/v1/calls/${callId}/waveform?buckets=600`) : Promise.resolve(null)),
    quietly(verticals()), quietly(places()),
  ]);
  const contact = record?.caller?.contact_id ? await quietly(getIfThere(`/v1/contacts/${record.caller.contact_id}`)) : null;
  const fields = Object.values(record?.fields ?? {});
  const labels = Object.fromEntries(fields.map((f) => [f.name, f.label]));
  const name = shown(record?.fields?.caller_name) || phone(call.from) || "Caller";
  document.title = `${name} · Call · Offhook`;
  const timelineRows = moments?.data ?? [];
  const gaps = timelineRows.filter((m) => m.name === "media_gap").map((m) => m.data);
  const wave = h("div", { class: "wave" });
  const player = drawn && new Player(`/v1/calls/${callId}/recording`, drawn.duration_ms);
  const list = h("div", { class: "fields calm", role: "group", "aria-label": "Captured fields" });
  const said = h("ol", { class: "transcript" });
  const scroll = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "What was said" }, said, !(words?.data ?? []).length && h("p", { class: "empty" }, "Nothing was transcribed."));
  const transcript = new Transcript(said, null, { names: { caller: "Caller", agent: "Agent", third_party: "Other" } });
  const [delivered, asked] = deliveries();
  await asked;
  put(box,
    h("header", {}, h("h1", {}, name), h("span", { class: "chip" }, sentence(call.status)), record && h("span", { class: "chip", data: { tone: "note" } }, sentence(record.outcome?.code ?? "unclassified")),
      h("span", { class: "facts" }, `${when(call.start_time)}  ·  ${clock((call.duration_seconds ?? 0) * 1000)}`), record && h("a", { class: "button primary", href: `/records/${record.id}` }, record.state === "approved" ? "The record" : "Review the record")),
    h("div", { class: "past-grid" },
      h("section", { class: "panel full", "aria-label": "Recording" }, h("h2", {}, "Recording"),
        drawn ? [wave, player.box, h("p", {}, h("a", { href: `/v1/calls/${callId}/recording`, download: `${callId}.ogg` }, "Download"), h("small", {}, ` Ogg-Opus, caller left, agent right, ${clock(drawn.duration_ms)}. Each hearing is written to the audit trail.`))]
          : h("p", { class: "empty" }, can("hear") ? "No audio is kept of this call." : "Hearing calls needs the role agent.")),
      h("div", { class: "column" }, panel("Captured in the call", record ? [record.summary?.text && h("p", { class: "summary" }, record.summary.text), list] : h("p", { class: "empty" }, "This call left no record.")), timeline(timelineRows, labels), delivered),
      h("div", { class: "column" }, h("section", { class: "panel", "aria-label": "Transcript" }, h("header", {}, h("h2", {}, "Transcript"), searchBox(() => transcript, () => scroll.focus())), scroll),
        identity(call, names), times(call), loaded(record, contact))));
  transcript.all(words?.data ?? []);
  bind("/", "search the transcript", () => $(".find input", box).focus());
  let drawing = null;
  if (drawn) {
    const unheard = (call.recording?.paused_ranges ?? []).map((range) => ({ start_ms: range.start_ms, end_ms: range.end_ms ?? drawn.duration_ms }));
    drawing = new Waveform(wave, drawn, { gaps, moments: timelineRows, segments: words?.data ?? [], unheard, onSeek: (ms) => player.playFrom(ms) });
    player.onMove = (ms) => drawing.at(ms);
  }
  const kind = kinds?.get(call.vertical);
  const given = ordered(fields, kind).filter((f) => f.required || !["missing", "not_applicable"].includes(f.status));
  const rows = new Rows(list, { onMove: (current) => { transcript.mark(record.fields[current]?.evidence); drawing?.show(record.fields[current]?.evidence); } });
  const show = () => given.forEach((f, index) => {
    const row = list.children[index] ?? list.appendChild(newRow(f.name));
    fillRow(row, f, { callId, playing, on: {}, keysShown: false });
  });
  show();
  rows.mark();
  onPlaying((key) => {
    playing = key;
    show();
    rows.mark();
  });
  box.setAttribute("aria-busy", "false");
}

begin().catch((error) => put(box, h("p", { class: "alert", role: "alert" }, `The call could not be read: ${error.message}`)));
