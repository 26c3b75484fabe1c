// The numbers of reports in words: what each is called and how it is written.

import { sentence } from "./words.js";

const HEADINGS = {
  unresolved: "Unresolved work", summary: "Calls and records", outcomes: "Outcomes", capture: "Capture", accuracy: "Accuracy and calibration",
  latency: "Latency against budget", coverage: "Audio", deliveries: "Deliveries",
};
export const heading = (report) => HEADINGS[report] ?? sentence(report);

const TITLES = {
  "said_at_0.9": "Said at 0.9 and more", "right_at_0.9": "of these right", stt_final_p50_ms: "Final text, median call", stt_final_p95_ms: "Final text, slow call (p95)",
  stt_final_over_budget: "Final text over budget", hangup_to_draft_p50_ms: "Draft, median", hangup_to_draft_p95_ms: "Draft, p95", hangup_to_draft_over_budget: "Draft over budget",
  first_try: "Arrived at first try", retried: "Needed another try", dead: "Given up", delivered_p95_ms: "Time to arrive, p95", oldest_waiting_ms: "Longest waiting",
  gaps_per_1000_min: "Gaps in 1,000 minutes", review_median_s: "Review, median", approved_untouched: "Approved as they were", outcome_group: "Group",
};
export const numberTitle = (name) => TITLES[name] ?? sentence(name.replace(/_ms$|_s$/, ""));

/** A number with its unit. */
export function amount(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${(value * 100).toFixed(value < 0.995 && value > 0.005 ? 1 : 0)}%`;
  if (unit === "ms") return value >= 172_800_000 ? `${Math.round(value / 86_400_000)} days` : value >= 3_600_000 ? `${(value / 3_600_000).toFixed(1)} h` : value >= 60_000 ? `${(value / 60_000).toFixed(1)} min` : value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${value} ms`;
  if (unit === "s") return `${value} s`;
  return typeof value === "number" ? value.toLocaleString() : sentence(value);
}
