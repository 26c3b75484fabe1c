// A call drawn on its clock: caller above, agent below, gaps where no audio arrived, pauses, the words of a value, and where the sound is.

import { h, put, svg } from "./dom.js";
import { clock, seconds } from "./words.js";

const [WIDTH, HEIGHT, MIDDLE] = [1000, 150, 66];
const PAUSE_MS = 2_000;

/** Stretches without a value, and those quiet on both tracks. */
function stretches(wave) {
  const steps = Math.max(wave.caller.length, wave.agent.length);
  const find = (test, least) => {
    const found = [];
    let from = null;
    for (let at = 0; at <= steps; at += 1) {
      if (at < steps && test(at)) from ??= at;
      else if (from !== null) {
        if ((at - from) * wave.bucket_ms >= least) found.push([from * wave.bucket_ms, at * wave.bucket_ms]);
        from = null;
      }
    }
    return found;
  };
  const quiet = (v) => v === null || v === undefined || v < 12;
  return find((at) => quiet(wave.caller[at]) && quiet(wave.agent[at]), PAUSE_MS);
}

export class Waveform {
  /** `gaps`: `{ track, start_ms, end_ms }`; `moments`: `{ at_ms, name }`; `onSeek(ms)`. */
  constructor(box, wave, { gaps = [], moments = [], onSeek = () => {} }) {
    this.wave = wave;
    this.x = (ms) => (ms / Math.max(1, wave.duration_ms)) * WIDTH;
    const bars = (peaks, name, up) => svg("path", { class: name, d: peaks.map((peak, at) => {
      if (peak === null || peak === undefined) return "";
      const height = Math.max(0.6, (peak / 100) * (MIDDLE - 8));
      const [left, width] = [this.x(at * wave.bucket_ms), Math.max(0.7, this.x(wave.bucket_ms) * 0.8)];
      return `M${left.toFixed(1)} ${up ? MIDDLE - 1 : MIDDLE + 1}h${width.toFixed(2)}v${up ? -height.toFixed(1) : height.toFixed(1)}h-${width.toFixed(2)}z`;
    }).join("") });
    const span = (name, from, to, y, height) => svg("rect", { class: name, x: this.x(from).toFixed(1), width: Math.max(1, this.x(to) - this.x(from)).toFixed(1), y, height });
    const pauses = stretches(wave);
    const step = [5, 10, 15, 30, 60, 120, 300, 600].map((s) => s * 1000).find((s) => wave.duration_ms / s <= 10) ?? 1_200_000;
    const ticks = Array.from({ length: Math.floor(wave.duration_ms / step) + 1 }, (_, n) => n * step);
    this.words = svg("g", {});
    this.head = svg("line", { class: "head", y1: 0, y2: 2 * MIDDLE, x1: -9, x2: -9 });
    const flags = moments.filter((m) => ["flag", "field_confirmed", "key_pressed", "stream_reconnected"].includes(m.name));
    const longest = Math.max(0, ...gaps.map((g) => g.end_ms - g.start_ms));
    const summary = `${clock(wave.duration_ms)} of sound, ${gaps.length} gaps${longest ? `, the longest ${seconds(longest)}` : ""}, ${pauses.length} pauses over two seconds`;
    this.svg = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `Waveform: ${summary}` },
      pauses.map(([from, to]) => span("pause", from, to, 0, 2 * MIDDLE)),
      this.words,
      ticks.map((ms) => svg("line", { class: "axis", x1: this.x(ms), x2: this.x(ms), y1: 0, y2: 2 * MIDDLE })),
      bars(wave.caller, "caller", true), bars(wave.agent, "agent", false),
      gaps.map((g) => span("gap", g.start_ms, g.end_ms, g.track === "outbound" ? MIDDLE : 0, MIDDLE)),
      flags.map((m) => svg("line", { class: "flag", x1: this.x(m.at_ms), x2: this.x(m.at_ms), y1: 0, y2: 2 * MIDDLE }, svg("title", {}, `${m.name} ${clock(m.at_ms)}`))),
      this.head);
    this.svg.addEventListener("click", (event) => {
      const area = this.svg.getBoundingClientRect();
      onSeek(((event.clientX - area.left) / area.width) * wave.duration_ms);
    });
    const axis = h("div", { class: "legend", "aria-hidden": "true" }, h("span", {}, h("i", { class: "caller" }), "Caller"), h("span", {}, h("i", { class: "agent" }), "Agent"),
      gaps.length > 0 && h("span", {}, h("i", { class: "gap" }), `${gaps.length} gap${gaps.length > 1 ? "s" : ""}`), flags.length > 0 && h("span", {}, "┆ marks"), h("span", { class: "num" }, `a line every ${clock(step)}, ${clock(wave.duration_ms)} in all`));
    put(box, this.svg, axis);
  }

  /** Shows where words lie: a field's evidence. */
  show(evidence) {
    this.words.replaceChildren(...(evidence ?? []).filter((e) => e.text).map((e) => svg("rect", {
      class: "word", x: this.x(e.start_ms), width: Math.max(2, this.x(e.end_ms) - this.x(e.start_ms)), y: e.speaker === "agent" ? MIDDLE : 0, height: MIDDLE,
    }, svg("title", {}, e.text))));
  }

  /** Where the sound is. */
  at(ms) {
    const x = ms === null ? -9 : this.x(ms);
    this.head.setAttribute("x1", x);
    this.head.setAttribute("x2", x);
  }
}
