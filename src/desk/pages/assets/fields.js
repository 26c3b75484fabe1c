// A field as a row: sign and word for its state, its value, and, while it is the current one, what it rests on and what else it could be.

import { can, differs, h, put } from "./dom.js";
import { kbd } from "./keys.js";
import { audible, play } from "./sound.js";
import { SIGNS, clock, percent, plain, roleWords, sentence, shortState, shown, sourceWords, stateWords, valueWords } from "./words.js";

/** What may become of a value without a person. */
const LEAVES = { sync: "May leave by itself", approve: "Needs approval", draft: "Stays here" };
const RANK = { critical: 0, important: 1, normal: 2 };

/** Fields in the order of their vertical, what costs most if wrong first. */
export function ordered(fields, vertical) {
  const place = new Map((vertical?.fields ?? []).map((f, index) => [f.name, index]));
  const key = (f) => [RANK[f.importance] === 0 ? 0 : f.required ? 1 : 2, place.get(f.name) ?? 999];
  return [...fields].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    return x[0] - y[0] || x[1] - y[1];
  });
}

/** Whether it costs something if this field stays as it is. */
export const unsafe = (f) => (f.importance === "critical" || f.required) && !["confirmed", "declined", "not_applicable"].includes(f.status) && (f.importance === "critical" || f.status === "missing" || f.status === "conflicting" || f.band === "low");

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** What else the field could be: the other side's value, what was heard since, and what it was before. At most nine. */
export function options(f) {
  const found = [];
  const offer = (value, from) => {
    if (value === null || value === undefined || same(value, f.value) || found.some((o) => same(o.value, value))) return;
    found.push({ value, from, words: valueWords(value, f.type) });
  };
  offer(f.rival, "the other side");
  offer(f.suggestion, "heard since");
  for (const past of [...(f.history ?? [])].reverse()) offer(past.value, `${sourceWords(past.source)}, ${clock(past.at_ms)}`);
  if (f.status === "conflicting" && f.value !== null && found.length) {
    found.unshift({ value: f.value, from: sourceWords(f.source), words: shown(f), current: true });
  }
  return found.slice(0, 9);
}

/** The piece of evidence to play first: the words that say the value. */
export const firstWords = (f) => (f.evidence ?? []).find((e) => ["states", "spells", "contradicts"].includes(e.role) && audible(e)) ?? (f.evidence ?? []).find(audible);

const key = (f, name) => `${f.name}:${name}`;

function evidence(f, callId, playing) {
  const pieces = (f.evidence ?? []).filter((e) => e.text);
  if (!pieces.length) return null;
  return h("ul", { class: "evidence" }, pieces.map((piece) => {
    const id = `${f.name}:${piece.start_ms}`;
    const button = can("hear") && audible(piece) && h("button", {
      type: "button", class: "play small", data: { key: id, playing: String(playing === id) },
      "aria-label": `${playing === id ? "Stop" : "Play"}: ${piece.text}`, onclick: () => play(callId, piece, id),
    }, playing === id ? "■" : "▶");
    return h("li", {}, button || h("span", {}, "·"), h("span", { class: "role" }, `${plain(piece.speaker)} ${roleWords(piece.role)}`), h("q", {}, piece.text));
  }));
}

/** Plays the words behind a field. */
export function playField(f, callId) {
  const piece = firstWords(f);
  if (piece) play(callId, piece, `${f.name}:${piece.start_ms}`);
  return Boolean(piece);
}

/** What a row says to a screen reader. */
function label(f) {
  const value = shown(f) || "no value";
  return `${f.label}: ${value}, ${stateWords(f.status)}${f.locked ? ", locked by a person" : ""}`;
}

/**
 * Fills a row. `on`: `confirm, reject, decline, edit, choose(option)`, each absent where it is not to be offered;
 * `why`: words below the state, why somebody shall look at it; `names`: ids of people to their names.
 */
export function fillRow(row, f, { callId, playing, on, why, names = {}, provisional, keysShown = true }) {
  const has = f.value !== null && f.value !== undefined;
  const past = (f.history ?? []).findLast((p) => ["caller_corrected", "person_changed"].includes(p.cause) && !same(p.value, f.value));
  const heard = playing?.startsWith(`${f.name}:`) ? playing : null;
  if (!differs(row, [f, heard, why, provisional, Object.keys(on), names])) return;
  const k = (letter) => keysShown && kbd(letter);
  const button = (name, letter, text, act, extra = {}) => act && h("button", { type: "button", class: "small", data: { key: key(f, name) }, onclick: act, ...extra }, text, k(letter));
  row.className = `fld${provisional ? " provisional" : ""}`;
  row.setAttribute("aria-label", label(f));
  const signs = f.sensitive && has ? h("small", {}, " sensitive") : null;
  put(row,
    h("span", { class: "label" }, f.label, f.importance === "critical" && h("span", { class: "star", title: "critical" }, "\u00a0!"), signs),
    h("span", { class: `value${has ? "" : " none"}${f.source === "contact_record" ? " record" : ""}` },
      has ? shown(f) : provisional ? provisional : f.status === "missing" ? "—" : stateWords(f.status),
      has && provisional && h("span", { class: "provisional" }, ` … ${provisional}`),
      past && h("s", { class: "was" }, valueWords(past.value, f.type)),
      f.locked && h("span", { class: "lock", title: "The engine may suggest, never overwrite" }, ` ✎ ${names[f.locked.who] ?? (f.locked.who === "agent" ? "by hand" : f.locked.who)}`)),
    h("span", { class: "states" },
      h("span", { class: "state", data: { state: f.status } }, h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[f.status] ?? "·"), has && f.status !== "confirmed" ? `${shortState(f.status)} ${percent(f.confidence)}` : stateWords(f.status)),
      why && h("span", { class: "why" }, why)),
    h("div", { class: "more" },
      evidence(f, callId, playing),
      has && !f.evidence?.some((e) => e.text) && h("p", { class: "note-line" }, `From: ${sourceWords(f.source)}`),
      on.choose && options(f).length > 0 && h("div", { class: "options" }, options(f).map((o, index) => h("button", {
        type: "button", class: "small", data: { key: key(f, `option${index}`) }, onclick: () => on.choose(o),
      }, k(String(index + 1)), o.words, h("span", { class: "src" }, o.from)))),
      f.policy?.reason && h("p", { class: "note-line" }, `${LEAVES[f.policy.applied] ?? sentence(f.policy.applied)}: ${f.policy.reason}`),
      h("div", { class: "acts" },
        can("hear") && firstWords(f) && button("play", "Space", "Play words", () => playField(f, callId)),
        has && (f.status !== "confirmed" || f.needs_review) && button("confirm", "C", "Confirm", on.confirm, { class: "small primary" }),
        button("edit", "Enter", has ? "Edit" : "Enter it", on.edit),
        has && button("reject", "X", "Wrong", on.reject),
        f.status !== "declined" && button("decline", "D", "Declined", on.decline)),
    ));
}

/** A row that is not filled yet. */
export const newRow = (name) => h("div", { class: "fld", role: "group", tabindex: "-1", data: { field: name, key: `row:${name}` } });

/** Rows with one current among them: it alone is in the order of tabs, arrows and J/K move it. */
export class Rows {
  constructor(container, { onMove = () => {} } = {}) {
    this.container = container;
    this.onMove = onMove;
    this.current = null;
    container.addEventListener("focusin", (event) => {
      const row = event.target.closest(".fld");
      if (row && row.dataset.field !== this.current) this.choose(row.dataset.field, false);
    });
    container.addEventListener("click", (event) => {
      const row = event.target.closest(".fld");
      if (row && !event.target.closest("button, input, select, textarea, a")) this.choose(row.dataset.field, true);
    });
  }

  get rows() {
    return [...this.container.querySelectorAll(".fld")];
  }

  row(name) {
    return this.rows.find((r) => r.dataset.field === name);
  }

  choose(name, focus = true) {
    this.current = name;
    this.mark();
    const row = this.row(name);
    if (row && focus) row.focus();
    this.onMove(name);
  }

  /** Puts the marks of the current row where they belong, after rows came or went. */
  mark() {
    const rows = this.rows;
    for (const row of rows) {
      const here = row.dataset.field === this.current;
      if (here) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
      row.tabIndex = here ? 0 : -1;
    }
    if (rows.length && !rows.some((r) => r.tabIndex === 0)) rows[0].tabIndex = 0;
  }

  step(by) {
    const rows = this.rows;
    const at = rows.findIndex((r) => r.dataset.field === this.current);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (next) this.choose(next.dataset.field);
  }
}
