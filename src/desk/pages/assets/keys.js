// The keyboard. Bare letters act only while a list has the focus; each can be moved to another key, and all can be switched off (WCAG
// 2.1.4). `?` and sequences after G act wherever nothing is being typed. What is chosen stays in this browser.

import { h } from "./dom.js";

/** Every letter that can be moved, with what it does. A page binds those it has a use for. */
export const LETTERS = {
  J: "next field", K: "field before", C: "confirm the value", X: "the value is wrong", D: "declined", E: "edit the field",
  F: "flag the call", P: "pause or resume the recording", A: "approve, and go on", R: "reject the record", S: "skip the record",
  V: "speed of the sound", "/": "search the transcript",
};

const bound = [];
let after = null;

function kept(name, fallback) {
  try {
    return localStorage.getItem(name) ?? fallback;
  } catch {
    return fallback;
  }
}

function keep(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    // It holds for this page then.
  }
}

export const lettersOn = () => kept("offhook.letters", "on") !== "off";
export const setLetters = (on) => keep("offhook.letters", on ? "on" : "off");

/** What can be a letter: one sign that nothing else uses. */
export const usable = (key) => typeof key === "string" && key.length === 1 && !/^[\s?1-9G]$/.test(key);

/** The letters that were moved: from what they are by default to what they are now. */
let moved = read();
function read() {
  try {
    const all = Object.entries(JSON.parse(kept("offhook.keys", "{}")));
    return new Map(all.filter(([from, to]) => from in LETTERS && usable(to)));
  } catch {
    return new Map();
  }
}

/** The key that a letter is on now. */
export const keyOf = (letter) => moved.get(letter) ?? letter;

/** Moves a letter; refused with the reason where the key is taken or cannot be used. */
export function move(letter, key) {
  const to = key.toUpperCase();
  if (!usable(to)) return `${key === " " ? "Space" : key} has a use of its own: take another letter or sign.`;
  const holder = Object.keys(LETTERS).find((other) => other !== letter && keyOf(other) === to);
  if (holder) return `${to} is “${LETTERS[holder]}” already.`;
  moved.set(letter, to);
  if (to === letter) moved.delete(letter);
  keep("offhook.keys", moved.size ? JSON.stringify(Object.fromEntries(moved)) : null);
  return null;
}

export function moveBack() {
  moved = new Map();
  keep("offhook.keys", null);
}

/** Binds a key ("C", "Space", "1-9", "G F") to an act. `within` is the list that must have the focus; without it the key acts anywhere. */
export function bind(key, what, act, within = null) {
  bound.push({ key, what: what ?? null, act, within });
}

const shown = (binding) => (binding.key in LETTERS ? keyOf(binding.key) : binding.key);

/** What can be pressed on this page, as it is now: key and meaning. */
export const keys = () => bound.filter((b) => b.what).map((b) => [shown(b), b.what]);

/** The sign of a key beside a button. */
export const kbd = (key) => h("kbd", { "aria-hidden": "true" }, key in LETTERS ? keyOf(key) : key);

const typing = (element) => element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function nameOf(event) {
  if (event.key === " ") return "Space";
  if (event.key.length === 1) return event.key.toUpperCase();
  return event.key;
}

function fits(binding, name) {
  if (shown(binding) === name) return true;
  return binding.key === "1-9" && /^[1-9]$/.test(name);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const name = nameOf(event);
  const sequence = after && Date.now() - after.at < 1_500 ? `${after.name} ${name}` : null;
  after = null;
  if (sequence) {
    const found = bound.find((b) => b.key === sequence && lettersOn());
    if (found) {
      event.preventDefault();
      found.act(event);
      return;
    }
  }
  // A button or a link that has the focus keeps what it does by itself.
  const own = ["Enter", "Space"].includes(name) && event.target.closest?.("button, a, summary, audio");
  if (own) return;
  const letter = name.length === 1 && name !== "?";
  if (letter && !lettersOn()) return;
  if (name === "G" && bound.some((b) => b.key.startsWith("G "))) {
    after = { name, at: Date.now() };
    return;
  }
  const found = bound.find((b) => fits(b, name) && (!b.within || b.within()?.contains(event.target)));
  if (found) {
    event.preventDefault();
    found.act(event, name);
  }
});
