// How well a call goes, in words: speech, delay, sound, recording, consent; each with a tone where somebody should look.

import { clock, plain, seconds } from "./words.js";

const STAGES = { network: "net", stt_partial: "text", stt_final: "text", fields: "fields", decode: "decode" };
const OVER = { network: "the line", stt_partial: "first text", stt_final: "final text", fields: "fields", decode: "sound" };

function delay(state) {
  const { latency } = state;
  if (!latency) return { value: "–" };
  const of = (stage) => latency.stages?.[stage]?.p50_ms;
  const words = of("stt_partial") ?? of("stt_final");
  const parts = [["network", of("network")], [of("stt_partial") === null || of("stt_partial") === undefined ? "stt_final" : "stt_partial", words], ["fields", of("fields")]].filter(([, ms]) => ms !== null && ms !== undefined);
  const broken = latency.budget_broken ?? [];
  return {
    value: latency.delay_ms === null || latency.delay_ms === undefined ? "–" : seconds(latency.delay_ms),
    parts: parts.map(([stage, ms]) => `${STAGES[stage]} ${Math.round(ms)}`).join(" | "),
    over: broken.map((stage) => OVER[stage] ?? plain(stage)).join(", "),
    tone: broken.length ? "warn" : null,
  };
}

const LEVELS = { ok: ["ok"], weak: ["weak: the voice is quiet", "warn"], bad: ["bad: words may be missed", "bad"], silent: ["silent: nothing is heard", "warn"] };

function audio(state) {
  const { gaps, quality } = state;
  const lost = gaps.count ? `${gaps.count} gap${gaps.count > 1 ? "s" : ""}, ${seconds(gaps.lost_ms)} lost` : null;
  const [words, tone] = LEVELS[quality?.verdict] ?? [lost ? null : "no gaps"];
  const more = quality?.loss_pct >= 1 ? `${quality.loss_pct.toFixed(0)}% lost now` : quality?.clipping_pct >= 1 ? "too loud" : null;
  return { value: [words, lost, more].filter(Boolean).join(", "), tone: tone ?? (lost ? "warn" : null) };
}

/** Why a recording pauses or stops. */
export const WHY = { person: "by hand", card_number: "card number", card_cvv: "card code", us_ssn: "social security number", no_consent: "no consent", objection: "the caller objected" };
function rec(state) {
  const r = state.call.recording;
  if (!r) return { value: "–" };
  if (state.ended) return { value: r.available ? "kept" : "none" };
  const why = r.reason ? `: ${WHY[r.reason] ?? plain(r.reason)}` : "";
  return { on: { value: "on" }, paused: { value: `paused${why}`, tone: "warn" }, off: { value: `off${why}`, tone: "bad" } }[r.state] ?? { value: plain(r.state) };
}

function consent(state) {
  const c = state.call.consent;
  if (!c || c.mode === "off") return { value: "not asked for" };
  if (c.caller_objected) return { value: "the caller objected", tone: "bad" };
  if (c.completed) {
    const from = Date.parse(state.call.answered_time ?? state.call.start_time);
    return { value: `given${c.completed_at ? ` ${clock(Date.parse(c.completed_at) - from)}` : ""}` };
  }
  return { value: c.announced_at ? "announced, not finished" : "not yet", tone: "warn" };
}

const SPEECH = { listening: { value: "listening" }, degraded: { value: "behind: text comes late", tone: "warn" }, stopped: { value: "stopped: the audio is kept", tone: "bad" } };

/** All of it, by its name on the page: `{ value, tone?, parts?, over? }`. */
export const health = (state) => ({ Speech: SPEECH[state.stt] ?? { value: "–" }, Delay: delay(state), Audio: audio(state), REC: rec(state), Consent: consent(state) });
