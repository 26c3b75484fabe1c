// Values, times and states in words. Every state is a sign and a word; colour comes on top.

export const SIGNS = {
  confirmed: "✓", heard: "=", inferred: "~", conflicting: "≠", declined: "—", missing: "?", partial: "%", not_applicable: "·",
};
const STATES = {
  confirmed: "confirmed", heard: "heard, not confirmed", inferred: "inferred", conflicting: "disagreement", declined: "declined",
  missing: "missing", not_applicable: "not needed",
};
const SHORT = { heard: "heard", confirmed: "confirmed" };
/** The state as briefly as a row can say it. */
export const shortState = (status) => SHORT[status] ?? stateWords(status);
export const stateWords = (status) => STATES[status] ?? plain(status);

const SOURCES = { caller_said: "caller said", agent_said: "agent said", caller_id: "caller ID", contact_record: "from record", rule: "concluded", model: "concluded", operator: "entered here" };
export const sourceWords = (source) => SOURCES[source] ?? plain(source);

const ROLES = { states: "says it", spells: "spells it", reads_back: "reads it back", confirms: "says yes", contradicts: "denies", keyed: "keyed in" };
export const roleWords = (role) => ROLES[role] ?? plain(role);

/** `low_confidence` as "low confidence". */
export const plain = (code) => String(code ?? "").replaceAll("_", " ");
export function sentence(code) {
  const words = plain(code);
  return words ? words[0].toUpperCase() + words.slice(1) : "";
}

/** The urgency as a word with a tone. */
export const URGENCY = { emergency: "bad", urgent: "warn", soon: "note", routine: "calm" };

/** A field's value for people; `display` where the server gave one. */
export function shown(field) {
  if (!field || field.value === null || field.value === undefined) return "";
  return field.display || valueWords(field.value, field.type);
}

/** A value that came without its display: an alternative, something from the history. */
export function valueWords(value, type) {
  if (value === null || value === undefined) return "";
  if (type === "phone" && /^\+1\d{10}$/.test(value)) return phone(value);
  if (type === "choice") return sentence(value);
  if (Array.isArray(value)) return value.map((v) => valueWords(v)).join("; ");
  if (typeof value === "object") {
    if ("street" in value) {
      const line = [value.number, value.street].filter(Boolean).join(" ");
      const place = [value.unit && `unit ${value.unit}`, value.city, [value.state, value.postal_code].filter(Boolean).join(" ")];
      return [line, ...place].filter(Boolean).join(", ");
    }
    if ("start" in value) return span(value);
    if ("text" in value) return value.text;
    if ("value" in value) return [value.type === "note" ? "" : plain(value.type), value.value].filter(Boolean).join(" ");
    return Object.values(value).map((v) => valueWords(v)).filter(Boolean).join(" ");
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}

const TIME = { hour: "numeric", minute: "2-digit" };

function span({ start, end }) {
  const day = (t) => t && new Date(`${t.slice(0, 10)}T12:00:00`).toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short" });
  // As it was said there: the hour on the clock of the place, whatever the browser's is.
  const clock = (t) => (t?.length > 10 ? new Date(`2000-01-01T${t.slice(11, 16)}:00`).toLocaleTimeString(undefined, TIME) : "");
  const both = (t) => [day(t), clock(t)].filter(Boolean).join(", ");
  if (!start) return end ? `before ${both(end)}` : "";
  return `${both(start)}${end && clock(end) ? `–${clock(end)}` : ""}`;
}

export function phone(number) {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number ?? "");
  return us ? `(${us[1]}) ${us[2]}-${us[3]}` : number ?? "";
}

/** Milliseconds as 2:41 or 1:02:41. */
export function clock(ms) {
  const s = Math.max(0, Math.floor((ms ?? 0) / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

export function seconds(ms) {
  return ms === null || ms === undefined ? "–" : `${(ms / 1000).toFixed(1)}\u00a0s`;
}

/** How long ago, or how long still, in the largest unit. */
export function ago(iso, now = Date.now()) {
  const ms = now - Date.parse(iso);
  const minutes = Math.round(Math.abs(ms) / 60_000);
  const size = minutes < 1 ? "now" : minutes < 60 ? `${minutes} min` : minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
  if (size === "now") return ms >= 0 ? "just now" : "now";
  return ms >= 0 ? `${size} ago` : `in ${size}`;
}

export function when(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  const today = new Date().toDateString() === at.toDateString();
  return at.toLocaleString(undefined, today ? TIME : { day: "numeric", month: "short", ...TIME });
}

export const percent = (share) => `${Math.round((share ?? 0) * 100)}%`;

/** A reason for review (`low_confidence:service_address`) in words, with the fields' labels. */
export function reasonWords(reason, labels = {}) {
  const [kind, what] = String(reason).split(":");
  const words = { unconfirmed: "not confirmed", missing: "missing", low_confidence: "unsure", conflict: "disagreement", gap: "audio gap", policy: "needs approval", unclassified: "no outcome", sampled: "sample" }[kind] ?? plain(kind);
  return what ? `${labels[what] ?? sentence(what)}: ${words}` : sentence(words);
}

/** Why somebody shall look at a record, in words: what has been settled meanwhile counts no more. */
export function reasonsOf(record) {
  const fields = record.fields ?? {};
  const labels = Object.fromEntries(Object.values(fields).map((f) => [f.name, f.label]));
  const left = (record.review?.reason ?? []).filter((reason) => fields[reason.split(":")[1]]?.needs_review !== false);
  return [...(record.state === "reopened" ? ["Reopened"] : []), ...left.map((reason) => reasonWords(reason, labels))];
}
