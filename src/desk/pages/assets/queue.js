// A record that waits for review, as a row: how risky, whose, since when, why.

import { h } from "./dom.js";
import { ago, phone, reasonsOf, shown } from "./words.js";

/** Who called, as far as it is known. */
export const nameOf = (record) => shown(record.fields?.caller_name) || phone(record.call?.from) || "Caller";

function risk(value) {
  const on = value >= 60 ? 4 : value >= 30 ? 3 : value >= 10 ? 2 : 1;
  return h("span", { class: "risk", role: "img", "aria-label": `risk ${value}` }, [1, 2, 3, 4].map((n) => h("i", { class: n <= on ? "on" : null })));
}

/** The row, with the first `most` reasons; `link` is what else its link has. */
export function waiting(record, most, link = {}) {
  const reasons = reasonsOf(record);
  return h("li", {}, h("a", { class: "row", href: `/records/${record.id}`, data: { key: record.id }, ...link },
    risk(record.review?.risk ?? 0), h("span", { class: "title" }, nameOf(record)), h("small", {}, ago(record.created_at)),
    h("span", { class: "why" }, reasons.slice(0, most).join(" · ") || "nothing doubtful", reasons.length > most && ` · ${reasons.length - most} more`)));
}
