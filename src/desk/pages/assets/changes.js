// What is different from what was approved, side by side.

import { $, h, put } from "./dom.js";
import { plain, sentence, valueWords, when } from "./words.js";

const NAMES = { outcome: "Outcome", summary: "Summary", next_action: "Next", tasks: "Tasks" };

function side(part, type) {
  if (part?.value === null || part?.value === undefined) return h("span", { class: "none" }, part?.status ? plain(part.status) : "nothing");
  return part.display || valueWords(part.value, type);
}

/** Fills the panel, or hides it where nothing was approved before. */
export function showChanges(panel, changes) {
  panel.hidden = !changes?.approved;
  if (panel.hidden) return;
  const { approved, data, sent } = changes;
  put($("#changes-list", panel), data.length
    ? h("table", {}, h("thead", {}, h("tr", {}, ["", "Approved", "Now"].map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, data.map((c) => h("tr", { data: { field: c.field ?? c.what } },
      h("th", { scope: "row" }, c.label ?? NAMES[c.what] ?? sentence(c.what)), h("td", {}, h("s", {}, side(c.before, c.type))), h("td", {}, h("b", {}, side(c.after, c.type)))))))
    : h("p", { class: "hint" }, "Nothing is different from what was approved."));
  put($("#changes-since", panel), "Since ", h("time", { datetime: approved.at }, when(approved.at)), `, version ${approved.version}, approved by ${approved.by ?? "the engine"}`,
    sent?.length ? `. ${sent.map(plain).join(", ")} ${sent.length > 1 ? "have" : "has"} it as it was; approving again sends what is different.` : ". It had gone nowhere.");
}
