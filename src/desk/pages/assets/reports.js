// Reports: open work first, then what came of calls, how complete, right, quick and whole they were. Each has its numbers as a table and CSV.

import { $, h, put, svg } from "./dom.js";
import { Refused, get } from "./api.js";
import { sentence } from "./words.js";

const box = $("#reports");

const NAMES = [
  ["unresolved", "Unresolved work"], ["summary", "Calls and records"], ["outcomes", "Outcomes"], ["capture", "Capture"],
  ["accuracy", "Accuracy and calibration"], ["latency", "Latency against budget"], ["coverage", "Audio"], ["deliveries", "Deliveries"],
];
/** Where a number leads: the calls or records behind it. */
const BEHIND = {
  awaiting_review: "/review", callbacks_owed: "/calls?outcome=callback_needed", escalated: "/calls?outcome=escalated", booked: "/calls?outcome=booked",
  approved: "/calls?state=approved", rejected: "/calls?state=rejected", calls: "/calls", overdue: "/#tasks", open: "/#tasks", next_actions: "/#tasks",
  calls_with_gaps: "/calls?reason=media_gap",
};
const TITLES = { "said_at_0.9": "Said at 0.9 and more", "right_at_0.9": "of these right", stt_final_p50_ms: "Final text, median", stt_final_p95_ms: "Final text, p95", stt_final_over_budget: "Over budget", hangup_to_draft_p50_ms: "Draft, median", hangup_to_draft_p95_ms: "Draft, p95", hangup_to_draft_over_budget: "Over budget" };

function number(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${(value * 100).toFixed(value < 0.995 && value > 0.005 ? 1 : 0)}%`;
  if (unit === "ms") return value >= 3_600_000 ? `${(value / 3_600_000).toFixed(1)} h` : value >= 60_000 ? `${(value / 60_000).toFixed(1)} min` : value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value} ms`;
  if (unit === "s") return `${value} s`;
  return typeof value === "number" ? value.toLocaleString() : sentence(value);
}

const title = (name) => TITLES[name] ?? sentence(name.replace(/_ms$|_s$/, ""));

function link(name, value, row) {
  if (name === "outcome") return h("a", { href: `/calls?outcome=${encodeURIComponent(value)}` }, sentence(value));
  return null;
}

function table(report, caption) {
  const columns = report.columns.filter((c) => c.name !== "group" || report.group_by || report.report === "accuracy");
  return h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": caption }, h("table", {},
    h("thead", {}, h("tr", {}, columns.map((c) => h("th", { scope: "col", class: c.unit === "text" ? null : "num" }, c.name === "group" ? (report.report === "accuracy" ? "Field" : sentence(report.group_by)) : title(c.name))))),
    h("tbody", {}, report.rows.map((row) => h("tr", {}, columns.map((c) => h("td", { class: c.unit === "text" ? null : "num" }, link(c.name, row[c.name], row) ?? number(row[c.name], c.unit))))))));
}

function facts(report) {
  const row = report.rows[0];
  if (!row) return h("p", { class: "empty" }, "Nothing in this span.");
  return h("dl", { class: "pairs wide" }, report.columns.filter((c) => c.name !== "group").map((c) => {
    const text = number(row[c.name], c.unit);
    const to = BEHIND[c.name];
    return h("div", {}, h("dt", {}, title(c.name)), h("dd", { class: "num" }, to && row[c.name] ? h("a", { href: to }, text) : text));
  }));
}

/** Bars with their names and numbers; the same is in the table below. */
function bars(items, unit, label) {
  const [left, width, step] = [150, 440, 28];
  const most = Math.max(1e-9, ...items.map((i) => i.value ?? 0), unit === "share" ? 1 : 0);
  return svg("svg", { class: "chart", viewBox: `0 0 ${left + width + 70} ${items.length * step + 6}`, role: "img", "aria-label": `${label}: ${items.map((i) => `${i.name} ${number(i.value, unit)}`).join(", ")}` },
    items.map((item, index) => {
      const y = index * step + 4;
      const long = Math.max(1, ((item.value ?? 0) / most) * width);
      return svg("g", {}, svg("text", { x: left - 10, y: y + 14, "text-anchor": "end" }, item.name), svg("rect", { class: "bar", x: left, y, width: long, height: 18, rx: 3 }), svg("text", { x: left + long + 8, y: y + 14 }, number(item.value, unit)));
    }));
}

/** Confidence against truth: on the line, what is said at 0.9 is right nine times of ten. */
function calibration(rows) {
  const size = 260;
  const at = (share) => 30 + share * (size - 40);
  const points = rows.filter((r) => r.mean_confidence !== null && r.right !== null && r.group !== "all");
  if (!points.length) return h("p", { class: "empty" }, "No reviewed values yet: approve records, and their edits show how right the engine was.");
  return svg("svg", { class: "chart", viewBox: `0 0 ${size + 60} ${size}`, role: "img", "aria-label": `Calibration: ${points.map((p) => `${sentence(p.group)} said ${number(p.mean_confidence, "share")}, right ${number(p.right, "share")}`).join("; ")}` },
    [0, 0.5, 1].map((n) => [svg("line", { class: "grid", x1: at(0), x2: at(1), y1: size - at(n), y2: size - at(n) }), svg("text", { x: at(0) - 6, y: size - at(n) + 4, "text-anchor": "end" }, String(n)), svg("text", { x: at(n), y: size - 12, "text-anchor": "middle" }, String(n))]),
    svg("line", { class: "ideal", x1: at(0), y1: size - at(0), x2: at(1), y2: size - at(1) }),
    points.map((p) => svg("circle", { class: "dot", cx: at(p.mean_confidence), cy: size - at(p.right), r: 4 + Math.min(6, Math.sqrt(p.values)) , "fill-opacity": 0.75 }, svg("title", {}, `${sentence(p.group)}: said ${number(p.mean_confidence, "share")}, right ${number(p.right, "share")} of ${p.values}`))),
    svg("text", { x: at(1) + 6, y: size - at(1) + 4 }, "right"), svg("text", { x: at(1) + 6, y: size - at(0) + 4 }, "said"));
}

function chart(name, report) {
  const { rows } = report;
  if (report.group_by && name !== "accuracy") return rows.length ? table(report, name) : h("p", { class: "empty" }, "Nothing in this span.");
  if (name === "outcomes") {
    const counts = rows.map((r) => ({ name: sentence(r.outcome), value: r.calls })).sort((a, b) => b.value - a.value);
    return counts.length ? [bars(counts, "calls", "Outcomes"), table(report, "Outcomes")] : h("p", { class: "empty" }, "No calls in this span.");
  }
  if (name === "accuracy") return [calibration(rows), rows.length > 0 && table(report, "Accuracy by field")];
  if (name === "capture" && rows[0]?.calls) {
    const shares = ["required_present", "critical_confirmed", "complete"].map((key) => ({ name: title(key), value: rows[0][key] }));
    return [bars(shares, "share", "Capture"), facts(report)];
  }
  if (name === "latency" && rows[0]?.calls) {
    const times = ["stt_final_p50_ms", "stt_final_p95_ms", "hangup_to_draft_p50_ms", "hangup_to_draft_p95_ms"].map((key) => ({ name: title(key), value: rows[0][key] }));
    return [bars(times, "ms", "Latency"), facts(report)];
  }
  return rows.length > 1 ? table(report, name) : facts(report);
}

async function show() {
  box.setAttribute("aria-busy", "true");
  const days = Number($("#days").value);
  const from = new Date(Date.now() - days * 86_400_000).toISOString();
  const by = $("#by").value;
  const query = `from=${encodeURIComponent(from)}${by ? `&group_by=${by}` : ""}`;
  const panels = await Promise.all(NAMES.map(async ([name, heading]) => {
    try {
      const report = await get(`/v1/reports/${name}?${query}`);
      return h("section", { class: "panel", "aria-label": heading }, h("h2", {}, heading), chart(name, report), h("p", {}, h("a", { href: `/v1/reports/${name}?${query}&format=csv`, download: `${name}.csv` }, h("span", { class: "hidden" }, `${heading}: `), "CSV")));
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      return h("section", { class: "panel", "aria-label": heading }, h("h2", {}, heading), h("p", { class: "alert" }, error.message));
    }
  }));
  put(box, panels);
  box.setAttribute("aria-busy", "false");
}

for (const control of ["#days", "#by"]) $(control).addEventListener("change", show);
$("#span").addEventListener("submit", (event) => event.preventDefault());
show();
