// Makes elements. Text enters as text, never as markup: there is no way here to hand over HTML.

/** An element: `h("li", { class: "x", onclick }, "text", child)`. Null and false children are left out. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same within an SVG. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "style") for (const [key, to] of Object.entries(value)) element.style.setProperty(key, to);
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(element, child);
    else if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Puts children in place of what was there. The focus stays on the element of the same `data-key`, if there is one. */
export function put(parent, ...children) {
  const held = parent.contains(document.activeElement) && document.activeElement !== parent ? document.activeElement.closest("[data-key]") : null;
  const key = held && parent.contains(held) ? held.dataset.key : null;
  parent.replaceChildren();
  add(parent, children);
  if (key) $(`[data-key="${CSS.escape(key)}"]`, parent)?.focus({ preventScroll: true });
}

/** Gives each cell of a table the name of its column: where the window is narrow, a row is a list of them. */
export function stacks(table) {
  const names = $$("thead th", table).map((head) => head.textContent);
  table.classList.add("stacks");
  for (const row of $$("tbody tr", table)) [...row.cells].forEach((cell, index) => { if (names[index] && cell.colSpan === 1) cell.dataset.label = names[index]; });
  return table;
}

let pressed = false;
const held = new Set();
addEventListener("pointerdown", () => { pressed = true; }, true);
for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(() => {
  pressed = false;
  for (const go of held) go();
  held.clear();
}), true);

/**
 * A way to ask for a drawing as often as one likes: it is done once a frame (or every `pause_ms`) at most, and never between the press
 * and the release of a button, since a click upon what has been replaced meanwhile is lost.
 */
export function drawing(draw, pause_ms = 0) {
  let due = false;
  const go = () => {
    if (pressed) {
      held.add(go);
      return;
    }
    due = false;
    draw();
  };
  return () => {
    if (due) return;
    due = true;
    if (pause_ms) setTimeout(go, pause_ms);
    else requestAnimationFrame(go);
  };
}

const drawn = new WeakMap();
/** Whether what an element is to show differs from what it showed when this was asked last; `shown` is anything that JSON can hold. */
export function differs(element, shown) {
  const now = JSON.stringify(shown);
  if (drawn.get(element) === now) return false;
  drawn.set(element, now);
  return true;
}

/** Somebody else has written into the element: what it showed counts no more. */
export const stale = (element) => drawn.delete(element);

const may = new Set((document.body.dataset.may ?? "").split(" "));
/** Whether the page's person may do something. The server decides again. */
export const can = (power) => may.has(power);

/** Says something in passing; an error stays until it is closed. `undo`, `{ words, act }`, offers the way back for a while longer. */
export function say(text, tone = "note", undo = null) {
  const toast = h("div", { class: "toast", data: { tone } }, h("span", { "aria-hidden": "true" }, tone === "bad" ? "! " : "✓ "), h("span", {}, text),
    undo && h("button", { type: "button", class: "undo", onclick: () => { toast.remove(); undo.act(); } }, undo.words));
  const close = h("button", { type: "button", "aria-label": "Close", onclick: () => toast.remove() }, "×");
  toast.append(close);
  const box = $("#toasts");
  box.append(toast);
  while (box.childElementCount > 4) box.firstElementChild.remove();
  if (tone !== "bad") setTimeout(() => toast.remove(), undo ? 12_000 : 5_000);
}
