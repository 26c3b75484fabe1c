// A call drawn on its clock: caller above, agent below, and on the same axis gaps where no audio arrived, pauses, marks, the words that were
// said, the words of a value, and where the sound is.

import { h, put, svg } from "./dom.js";
import { clock, seconds, sentence } from "./words.js";

const WIDTH = 1000;
/** From above: the caller's words, the caller, the middle, the agent, the agent's words. */
const [LANE, TRACK] = [7, 62];
const MIDDLE = LANE + TRACK;
const HEIGHT = 2 * MIDDLE;
const PAUSE_MS = 2_000;
const STEP_MS = 5_000;
const MARKS = { flag: "Flagged", field_confirmed: "Confirmed", key_pressed: "Key pressed", stream_reconnected: "Sound is back", recording_paused: "Recording paused", recording_resumed: "Recording goes on" };

/** Stretches that are quiet on both tracks. */
function pauses(wave) {
  const steps = Math.max(wave.caller.length, wave.agent.length);
  const quiet = (v) => v === null || v === undefined || v < 12;
  const found = [];
  let from = null;
  for (let at = 0; at <= steps; at += 1) {
    if (at < steps && quiet(wave.caller[at]) && quiet(wave.agent[at])) from ??= at;
    else if (from !== null) {
      if ((at - from) * wave.bucket_ms >= PAUSE_MS) found.push([from * wave.bucket_ms, at * wave.bucket_ms]);
      from = null;
    }
  }
  return found;
}

export class Waveform {
  /** `gaps`: `{ track, start_ms, end_ms }`; `moments`: `{ at_ms, name }`; `segments`: what was said; `unheard`: `{ start_ms, end_ms }`, not recorded on purpose; `onSeek(ms)`. */
  constructor(box, wave, { gaps = [], moments = [], segments = [], unheard = [], onSeek = () => {} }) {
    this.wave = wave;
    this.segments = segments;
    this.onSeek = onSeek;
    this.here = 0;
    this.x = (ms) => (ms / Math.max(1, wave.duration_ms)) * WIDTH;
    const bars = (peaks, name, up) => svg("path", { class: name, d: peaks.map((peak, at) => {
      if (peak === null || peak === undefined) return "";
      const height = Math.max(0.6, (peak / 100) * (TRACK - 4));
      const [left, width] = [this.x(at * wave.bucket_ms), Math.max(0.7, this.x(wave.bucket_ms) * 0.8)];
      return `M${left.toFixed(1)} ${up ? MIDDLE - 1 : MIDDLE + 1}h${width.toFixed(2)}v${up ? -height.toFixed(1) : height.toFixed(1)}h-${width.toFixed(2)}z`;
    }).join("") });
    const span = (name, from, to, y, height) => svg("rect", { class: name, x: this.x(from).toFixed(1), width: Math.max(1, this.x(to) - this.x(from)).toFixed(1), y, height });
    const lane = (agent) => svg("path", { class: `${agent ? "agent" : "caller"} words`, d: segments.filter((s) => (s.speaker === "agent") === agent).flatMap((s) => s.words ?? []).map((w) => {
      const [left, right] = [this.x(w.start_ms), this.x(w.end_ms)];
      return `M${left.toFixed(1)} ${agent ? HEIGHT - LANE + 2 : 1}h${Math.max(0.8, right - left - 0.6).toFixed(1)}v${LANE - 3}h-${Math.max(0.8, right - left - 0.6).toFixed(1)}z`;
    }).join("") });
    const still = pauses(wave);
    const step = [5, 10, 15, 30, 60, 120, 300, 600].map((s) => s * 1000).find((s) => wave.duration_ms / s <= 10) ?? 1_200_000;
    const ticks = Array.from({ length: Math.floor(wave.duration_ms / step) + 1 }, (_, n) => n * step);
    this.evidence = svg("g", {});
    this.head = svg("line", { class: "head", y1: 0, y2: HEIGHT, x1: -9, x2: -9 });
    const marks = moments.filter((m) => m.name in MARKS);
    const longest = Math.max(0, ...gaps.map((g) => g.end_ms - g.start_ms));
    const summary = `${clock(wave.duration_ms)} of sound, ${gaps.length} gaps${longest ? `, the longest ${seconds(longest)}` : ""}, ${still.length} pauses over two seconds, ${marks.length} marks`;
    this.svg = svg("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "slider", tabindex: "0", "aria-label": `Waveform: ${summary}. Arrow keys move, Enter plays`,
      "aria-valuemin": "0", "aria-valuemax": String(Math.round(wave.duration_ms / 1000)), "aria-valuenow": "0", "aria-valuetext": "0:00",
    },
    still.map(([from, to]) => span("pause", from, to, 0, HEIGHT)),
    unheard.map((g) => span("unheard", g.start_ms, g.end_ms, 0, HEIGHT)),
    this.evidence,
    ticks.map((ms) => svg("line", { class: "axis", x1: this.x(ms), x2: this.x(ms), y1: 0, y2: HEIGHT })),
    bars(wave.caller, "caller", true), bars(wave.agent, "agent", false), lane(false), lane(true),
    gaps.map((g) => span("gap", g.start_ms, g.end_ms, g.track === "outbound" ? MIDDLE : 0, MIDDLE)),
    marks.map((m) => svg("line", { class: m.name === "flag" ? "flag" : "note", x1: this.x(m.at_ms), x2: this.x(m.at_ms), y1: 0, y2: HEIGHT }, svg("title", {}, `${MARKS[m.name]} ${clock(m.at_ms)}`))),
    this.head);
    const under = (event) => {
      const area = this.svg.getBoundingClientRect();
      return Math.min(wave.duration_ms, Math.max(0, ((event.clientX - area.left) / area.width) * wave.duration_ms));
    };
    this.svg.addEventListener("click", (event) => onSeek(under(event)));
    this.svg.addEventListener("pointermove", (event) => this.read(under(event)));
    this.svg.addEventListener("pointerleave", () => this.read(null));
    this.svg.addEventListener("keydown", (event) => this.key(event));
    const scale = h("div", { class: "scale", "aria-hidden": "true" }, ticks.filter((ms) => ms < wave.duration_ms * 0.96).map((ms) => h("span", { style: { left: `${(ms / wave.duration_ms) * 100}%` } }, clock(ms))), h("span", { class: "end" }, clock(wave.duration_ms)));
    this.reading = h("span", { class: "reading" });
    const key = (name, words) => h("span", {}, h("i", { class: name }), words);
    const legend = h("div", { class: "legend", "aria-hidden": "true" }, key("caller", "Caller"), key("agent", "Agent"),
      gaps.length > 0 && key("gap", `${gaps.length} gap${gaps.length > 1 ? "s" : ""}, ${seconds(gaps.reduce((sum, g) => sum + g.end_ms - g.start_ms, 0))}`),
      unheard.length > 0 && key("unheard", "not recorded"),
      still.length > 0 && key("pause", `${still.length} pause${still.length > 1 ? "s" : ""}`),
      marks.some((m) => m.name === "flag") && key("flag", "flag"), marks.some((m) => m.name !== "flag") && key("note", "marks"), this.reading);
    put(box, this.svg, scale, legend);
  }

  key(event) {
    const to = { ArrowRight: this.here + STEP_MS, ArrowLeft: this.here - STEP_MS, Home: 0, End: this.wave.duration_ms }[event.key];
    if (event.key === "Enter") this.onSeek(this.here);
    else if (to === undefined) return;
    else this.at(Math.min(this.wave.duration_ms, Math.max(0, to)));
    event.preventDefault();
    event.stopPropagation();
  }

  /** What is said at a moment, in the legend. */
  read(ms) {
    const words = ms === null ? [] : this.segments.filter((s) => s.start_ms <= ms && ms < s.end_ms);
    this.reading.textContent = ms === null ? "" : [clock(ms), ...words.map((s) => `${sentence(s.speaker)}: ${s.text}`)].join("  ");
  }

  /** Shows where words lie: a field's evidence. */
  show(evidence) {
    this.evidence.replaceChildren(...(evidence ?? []).filter((e) => e.text).map((e) => svg("rect", {
      class: "word", x: this.x(e.start_ms), width: Math.max(2, this.x(e.end_ms) - this.x(e.start_ms)), y: e.speaker === "agent" ? MIDDLE : 0, height: MIDDLE,
    }, svg("title", {}, e.text))));
  }

  /** Where the sound is. */
  at(ms) {
    const x = ms === null ? -9 : this.x(ms);
    this.head.setAttribute("x1", x);
    this.head.setAttribute("x2", x);
    if (ms === null) return;
    this.here = ms;
    this.svg.setAttribute("aria-valuenow", String(Math.round(ms / 1000)));
    this.svg.setAttribute("aria-valuetext", clock(ms));
  }
}
