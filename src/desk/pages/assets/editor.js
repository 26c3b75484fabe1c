// The form in which a person types a value: one for each type of field, made for its contract form.

import { h } from "./dom.js";
import { sentence } from "./words.js";

const ADDRESS = [["number", "Number"], ["street", "Street"], ["unit", "Unit"], ["city", "City"], ["state", "State"], ["postal_code", "ZIP"]];
let made = 0;

function labelled(text, control) {
  control.id = `edit-${(made += 1)}`;
  return h("div", { class: "field" }, h("label", { for: control.id }, text), control);
}

/** Local date and time for an input, and back with the zone's offset as the value had it. */
const local = (t) => (t ? (t.length > 10 ? t.slice(0, 16) : `${t}T00:00`) : "");

function offsetOf(value, timezone, at) {
  const known = /([+-]\d\d:\d\d|Z)$/.exec(value?.start ?? value?.end ?? "");
  try {
    const part = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" }).formatToParts(new Date(at)).find((p) => p.type === "timeZoneName");
    return part.value.replace("GMT", "") || "+00:00";
  } catch {
    return known?.[1] ?? "+00:00";
  }
}

/** The controls for a value, and a function that reads it. */
function controls(field, choices) {
  const { type, value } = field;
  if (type === "address") {
    const inputs = ADDRESS.map(([part, label]) => [part, labelled(label, h("input", { value: value?.[part] ?? "", autocomplete: "off" }))]);
    const read = () => Object.fromEntries(inputs.map(([part, box]) => [part, box.lastElementChild.value.trim() || null]));
    return { box: h("div", { class: "parts" }, inputs.map(([, box]) => box)), read };
  }
  if (type === "choice" && choices?.length) {
    const select = h("select", {}, choices.map((c) => h("option", { value: c.id, selected: c.id === value }, c.label || sentence(c.id))));
    return { box: labelled(field.label, select), read: () => select.value };
  }
  if (type === "time_window") {
    const zone = value?.timezone || Intl.DateTimeFormat().resolvedOptions().timeZone;
    const start = h("input", { type: "datetime-local", value: local(value?.start) });
    const end = h("input", { type: "datetime-local", value: local(value?.end) });
    const moment = (input) => (input.value ? `${input.value}:00${offsetOf(value, zone, `${input.value}:00Z`)}` : null);
    return {
      box: h("div", {}, h("div", { class: "parts two" }, labelled("From", start), labelled("Until", end)), h("p", { class: "hint" }, `Local time, ${zone}`)),
      read: () => ({ start: moment(start), end: moment(end), timezone: zone }),
    };
  }
  if (type === "boolean") {
    const select = h("select", {}, h("option", { value: "true" }, "Yes"), h("option", { value: "false", selected: value === false }, "No"));
    return { box: labelled(field.label, select), read: () => select.value === "true" };
  }
  if (["quote_list", "task_list", "item_list", "multi_choice"].includes(type)) {
    const lines = (value ?? []).map((item) => item.text ?? item.value ?? item);
    const area = h("textarea", { rows: 4 }, lines.join("\n"));
    const read = () => area.value.split("\n").map((l) => l.trim()).filter(Boolean).map((line) => {
      const kept = (value ?? []).find((item) => (item.text ?? item.value ?? item) === line);
      if (kept !== undefined) return kept;
      if (type === "task_list") return { owner: "agent", text: line };
      return type === "quote_list" ? { type: "note", value: line } : line;
    });
    return { box: labelled(`${field.label}, one a line`, area), read };
  }
  const kinds = { phone: "tel", email: "email", date: "date", integer: "number", decimal: "number", money: "number" };
  if (type === "text") {
    const area = h("textarea", { rows: 3 }, value ?? "");
    return { box: labelled(field.label, area), read: () => area.value.trim() };
  }
  const shownValue = type === "money" && value !== null && value !== undefined ? value / 100 : type === "phone" ? field.display ?? value : value;
  const input = h("input", { type: kinds[type] ?? "text", value: shownValue ?? "", autocomplete: "off", step: type === "integer" ? "1" : type === "money" ? "0.01" : "any" });
  const read = () => {
    if (type === "integer") return Math.round(Number(input.value));
    if (type === "decimal") return Number(input.value);
    if (type === "money") return Math.round(Number(input.value) * 100);
    return input.value.trim();
  };
  return { box: labelled(field.label, input), read };
}

/** A form for a field. `save(value)` may refuse with an error, which is shown and keeps what was typed. */
export function editor(field, choices, { save, leave }) {
  const { box, read } = controls(field, choices);
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const form = h("form", {
    class: "editor",
    onsubmit: async (event) => {
      event.preventDefault();
      error.hidden = true;
      try {
        await save(read());
      } catch (refusal) {
        error.textContent = refusal.message;
        error.hidden = false;
      }
    },
    onkeydown: (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      leave();
    },
  }, box, error, h("div", { class: "buttons" }, h("button", { type: "button", class: "small", onclick: leave }, "Leave"), h("button", { class: "small primary" }, "Save")));
  return form;
}

/** Puts the cursor where typing begins. */
export const begin = (form) => {
  const first = form.querySelector("input, select, textarea");
  first?.focus();
  first?.select?.();
};
