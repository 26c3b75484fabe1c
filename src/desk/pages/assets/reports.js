// Reports: open work first, then what came of calls, how complete, right, quick and whole they were. Each has its numbers as a table and CSV,
// and every number leads to what it was counted of, with the span and the filters that it was counted under.

import { $, h, put, svg } from "./dom.js";
import { Refused, get, places as locations } from "./api.js";
import { amount, heading, numberTitle } from "./numbers.js";
import { plain, sentence } from "./words.js";

const box = $("#reports");
/** In two columns, and below them what needs the whole width. */
const COLUMNS = [["unresolved", "summary", "outcomes", "capture", "coverage"], ["latency", "accuracy"]];
const BELOW = ["deliveries"];
const controls = ["days", "by", "location_id"];
const DAY_MS = 86_400_000;

/** What is asked for: it stands in the address, so that a page can be kept, sent and come back to. */
const asked = new URLSearchParams(location.search);
let names = new Map();

function choose() {
  for (const name of controls) {
    const control = $(`#${name}`);
    if (asked.has(name) && [...control.options].some((o) => o.value === asked.get(name))) control.value = asked.get(name);
  }
}

function remember() {
  const query = new URLSearchParams(controls.map((name) => [name, $(`#${name}`).value]).filter(([name, value]) => value && !(name === "days" && value === "7")));
  history.replaceState({}, "", query.size ? `/reports?${query}` : "/reports");
}

/** Whose rows are told apart by something of their own, whatever is chosen. */
const OWN = { accuracy: "Field", deliveries: "Destination" };

function groupName(report, group) {
  if (group === "all") return "all";
  if (report.group_by === "location") return names.get(group) ?? plain(group);
  if (report.group_by === "hour") return `${group}:00`;
  return report.group_by === "day" ? group : sentence(group);
}

/** The address of what stands behind a number. The end of the span is the report's own, so that what comes later does not get in. */
function behind(report, column, row) {
  const query = new URLSearchParams({ report: report.report, number: column.name, from: report.from, to: report.to });
  if (report.group_by) query.set("group_by", report.group_by);
  if ((report.group_by || OWN[report.report]) && row.group !== "all") query.set("group", row.group);
  if (row.outcome) query.set("outcome", row.outcome);
  if ($("#location_id").value) query.set("location_id", $("#location_id").value);
  return `/calls?${query}`;
}

/** A number as a link to what it was counted of; where it was counted of nothing there is nothing to open. */
function figure(report, column, row) {
  const value = row[column.name];
  const text = amount(value, column.unit);
  const nothing = value === null || value === undefined || (value === 0 && column.unit !== "share");
  if (nothing) return text;
  return h("a", { href: behind(report, column, row), "aria-label": `${numberTitle(column.name)}: ${text}. Show what it was counted of` }, text);
}

function table(report, caption) {
  const own = OWN[report.report];
  const columns = report.columns.filter((c) => c.name !== "group" || report.group_by || own);
  const title = (c) => (c.name === "group" ? own ?? sentence(report.group_by) : numberTitle(c.name));
  const cell = (c, row) => (c.name === "group" ? (own ? sentence(row.group) : groupName(report, row.group)) : c.unit === "text" ? sentence(row[c.name]) : figure(report, c, row));
  return h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": caption }, h("table", {},
    h("thead", {}, h("tr", {}, columns.map((c) => h("th", { scope: "col", class: c.unit === "text" ? null : "num" }, title(c))))),
    h("tbody", {}, report.rows.map((row) => h("tr", {}, columns.map((c) => h("td", { class: c.unit === "text" ? null : "num" }, cell(c, row))))))));
}

/** The numbers of a report that has one row, without those that its bars show. */
function facts(report, drawn = []) {
  const row = report.rows[0];
  return h("dl", { class: "pairs wide" }, report.columns.filter((c) => c.name !== "group" && !drawn.includes(c.name)).map((c) =>
    h("div", {}, h("dt", {}, numberTitle(c.name)), h("dd", { class: "num" }, figure(report, c, row)))));
}

/** Bars with their names and numbers, each a link; `budget` draws the line that should not be crossed. */
function bars(items, unit, label) {
  const most = Math.max(1e-9, ...items.map((i) => Math.max(i.value ?? 0, (i.budget ?? 0) * 1.05)), unit === "share" ? 1 : 0);
  const x = (value) => ((value ?? 0) / most) * 100;
  return h("div", { class: "chart bars", role: "group", "aria-label": label }, items.map((item) => {
    const over = item.budget !== undefined && item.value > item.budget;
    const drawn = [h("span", {}, item.name),
      svg("svg", { viewBox: "0 0 100 18", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: over ? "bar over" : "bar", width: item.value ? Math.max(0.4, x(item.value)) : 0, height: 18 }),
        item.budget !== undefined && svg("line", { class: "budget", x1: x(item.budget), x2: x(item.budget), y1: 0, y2: 18 })),
      h("b", { class: "num" }, `${over ? "! " : ""}${amount(item.value, unit)}`)];
    return item.href && item.value ? h("a", { class: "bar-row", href: item.href }, drawn) : h("div", { class: "bar-row" }, drawn);
  }));
}

/** Confidence against truth: on the line, what is said at 0.9 is right nine times of ten. */
function calibration(report) {
  const size = 260;
  const at = (share) => 44 + share * (size - 70);
  const up = (share) => size - 40 - share * (size - 60);
  const points = report.rows.filter((r) => r.mean_confidence !== null && r.right !== null && r.group !== "all");
  if (!points.length) return h("p", { class: "empty" }, "No reviewed values yet: approve records, and their edits show how right the engine was.");
  const column = report.columns.find((c) => c.name === "right");
  return h("figure", {}, svg("svg", { class: "chart square", viewBox: `0 0 ${size} ${size}`, role: "group", "aria-label": "Calibration" },
    [0, 0.5, 1].map((n) => [svg("line", { class: "grid", x1: at(0), x2: at(1), y1: up(n), y2: up(n) }), svg("text", { x: at(0) - 6, y: up(n) + 4, "text-anchor": "end" }, `${n * 100}%`), svg("text", { x: at(n), y: up(0) + 16, "text-anchor": "middle" }, `${n * 100}%`)]),
    svg("line", { class: "ideal", x1: at(0), y1: up(0), x2: at(1), y2: up(1) }),
    svg("text", { x: at(0.5), y: size - 4, "text-anchor": "middle" }, "said"), svg("text", { x: at(0.02), y: 12 }, "right"),
    points.map((p) => svg("a", { href: behind(report, column, p), "aria-label": `${sentence(p.group)}: said ${amount(p.mean_confidence, "share")}, right ${amount(p.right, "share")} of ${p.values}` },
      svg("circle", { class: "dot", cx: at(p.mean_confidence), cy: up(p.right), r: 5 + Math.min(6, Math.sqrt(p.values)), "fill-opacity": 0.75 }, svg("title", {}, `${sentence(p.group)}: said ${amount(p.mean_confidence, "share")}, right ${amount(p.right, "share")} of ${p.values}`))))),
    h("figcaption", { class: "hint" }, "Each dot a field: what was said with this confidence was right so often. On the line it is as it should be; below it too much was believed."));
}

const of = (report, name) => report.columns.find((c) => c.name === name);
const barOf = (report, row, name, budget) => ({ name: numberTitle(name), value: row[name], href: behind(report, of(report, name), row), ...(budget ? { budget } : {}) });
/** Some of a report's numbers as bars, the others below. */
const withBars = (report, keys, unit, budgets = {}) => [bars(keys.map((key) => barOf(report, report.rows[0], key, Number(budgets[key]) || undefined)), unit, heading(report.report)), facts(report, keys)];
const empty = (words) => h("p", { class: "empty" }, words);

function chart(name, report) {
  const { rows } = report;
  const all = rows[0];
  if (!rows.length) return empty("Nothing in this span.");
  if (name === "accuracy") return [calibration(report), rows.length > 1 && table(report, heading(name))];
  if (name === "deliveries") return [bars(["delivered", "retried", "waiting", "dead"].map((key) => barOf(report, all, key)), "deliveries", heading(name)), table(report, heading(name))];
  if (name === "outcomes") {
    const groups = report.group_by ? null : [...rows].sort((a, b) => b.calls - a.calls).map((r) => ({ name: sentence(r.outcome), value: r.calls, href: behind(report, of(report, "calls"), r) }));
    return [groups && bars(groups, "calls", heading(name)), table(report, heading(name))];
  }
  if (report.group_by) return table(report, heading(name));
  if (name === "unresolved") return all.open ? withBars(report, ["open", "next_actions", "overdue"], "tasks") : empty("✓ Nobody owes anything.");
  if (!all.calls) return empty("No calls in this span.");
  if (name === "capture") return withBars(report, ["required_present", "critical_confirmed", "complete"], "share");
  if (name === "latency") {
    const { finalMs, draftMs } = box.dataset;
    const budgets = { stt_final_p50_ms: finalMs, stt_final_p95_ms: finalMs, hangup_to_draft_p50_ms: draftMs, hangup_to_draft_p95_ms: draftMs };
    const measured = Object.keys(budgets).filter((key) => all[key] !== null);
    return [withBars(report, measured, "ms", budgets), measured.length > 0 && h("p", { class: "hint" }, `The dashed line is the budget: final text ${amount(Number(finalMs), "ms")}, draft ${amount(Number(draftMs), "ms")}.`)];
  }
  return facts(report);
}

let turn = 0;
async function show() {
  const mine = (turn += 1);
  box.setAttribute("aria-busy", "true");
  const query = new URLSearchParams({ from: new Date(Date.now() - Number($("#days").value) * DAY_MS).toISOString() });
  if ($("#by").value) query.set("group_by", $("#by").value);
  if ($("#location_id").value) query.set("location_id", $("#location_id").value);
  const panels = new Map(await Promise.all([...COLUMNS.flat(), ...BELOW].map(async (name) => {
    const panel = (...content) => h("section", { class: "panel", "aria-label": heading(name), data: { report: name } }, h("header", {}, h("h2", {}, heading(name)), h("a", { href: `/v1/reports/${name}?${query}&format=csv`, download: `${name}.csv` }, h("span", { class: "hidden" }, `${heading(name)}: `), "CSV")), content);
    try {
      return [name, panel(chart(name, await get(`/v1/reports/${name}?${query}`)))];
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return [name, panel(h("p", { class: "alert" }, error.message))];
    }
  })));
  if (mine !== turn) return;
  const shown = (reports) => reports.map((name) => panels.get(name));
  put(box, COLUMNS.map((reports) => h("div", { class: "column" }, shown(reports))), shown(BELOW));
  box.setAttribute("aria-busy", "false");
}

const again = () => show().catch((error) => put(box, h("p", { class: "alert", role: "alert" }, `The reports could not be read: ${error.message}`)));
for (const name of controls) $(`#${name}`).addEventListener("change", () => {
  remember();
  again();
});
$("#span").addEventListener("submit", (event) => event.preventDefault());
locations().then((all) => {
  names = all;
  $("#location_id").append(...[...all].map(([id, name]) => h("option", { value: id }, name)));
}).catch(() => {}).then(() => {
  choose();
  again();
});
