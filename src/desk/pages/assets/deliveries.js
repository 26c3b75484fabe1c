// What was sent, as rows that change while one looks: state, tries, why not; the tries themselves when a row is opened.

import { can, differs, h, put, say } from "./dom.js";
import { ask, getIfThere } from "./api.js";
import { plain, sentence, when } from "./words.js";

const TONES = { delivered: "ok", dead: "bad", retrying: "warn" };
const SIGNS = { delivered: "✓ ", dead: "! ", retrying: "↻ ", sending: "→ " };
/** After these messages of the feed something may have been missed. */
const AGAIN = ["connected", "feed.lagged", "snapshot", "ping"];

const tries = (n) => `${n} ${n === 1 ? "try" : "tries"}`;

export class SentList {
  /** `query`: what of `/v1/deliveries` it shows; `mine(delivery)`: whether one that changes belongs here; `onCount(n)`: how many there are. */
  constructor(list, { query, mine, onCount = () => {} }) {
    Object.assign(this, { list, query, mine, onCount });
    this.rows = new Map();
  }

  /** Asks for all of them. */
  async load() {
    const answer = await getIfThere(`/v1/deliveries?${this.query}&limit=100`);
    // The newest comes first there, and each is put on top here.
    for (const delivery of (answer?.data ?? []).reverse()) this.take(delivery);
    this.onCount(this.rows.size);
  }

  /** A message of the feed. */
  hear(message) {
    if (message.type === "delivery.updated" && this.mine(message.data)) {
      this.take(message.data);
      this.onCount(this.rows.size);
    } else if (AGAIN.includes(message.type)) this.load().catch(() => {});
  }

  /** Shows a delivery as it is, unless a newer state of it is shown. */
  take(delivery) {
    const row = this.rows.get(delivery.id) ?? this.row(delivery.id);
    if (row.data && row.data.updated_at > delivery.updated_at) return;
    row.data = delivery;
    if (!differs(row.item, delivery)) return;
    const { state, kind, destination_id: to, event_type: event, attempt_count: count, last_error: error } = delivery;
    row.item.dataset.state = state;
    put(row.summary, h("span", { class: "chip", data: { tone: TONES[state] ?? "calm" } }, `${SIGNS[state] ?? ""}${sentence(state)}`),
      h("span", {}, `${sentence(kind)} → ${plain(to)}`, h("small", {}, ` ${event ?? ""}, ${tries(count ?? 0)}`)));
    put(row.why, state === "delivered" ? null : error && h("p", { class: "hint" }, error), state === "retrying" && delivery.next_attempt_at && h("p", { class: "hint" }, `Tried again ${when(delivery.next_attempt_at)}`));
    row.again.hidden = !can("deliver") || !["dead", "canceled"].includes(state);
    if (row.details.open) this.loadTries(delivery.id);
  }

  row(id) {
    const summary = h("summary", {});
    const why = h("div", {});
    const attempts = h("ol", { class: "moments" });
    const again = h("button", { type: "button", class: "small", hidden: true, onclick: async () => {
      try {
        this.take(await ask("POST", `/v1/deliveries/${id}/retry`, { body: {} }));
        say("It is sent again.");
      } catch (error) {
        say(error.message, "bad");
      }
    } }, "Send again");
    const details = h("details", { class: "quiet", ontoggle: (event) => event.target.open && this.loadTries(id) }, summary, attempts);
    const item = h("li", { class: "sent", data: { delivery: id } }, details, why, again);
    this.list.prepend(item);
    const row = { item, summary, why, attempts, again, details, data: null };
    this.rows.set(id, row);
    return row;
  }

  async loadTries(id) {
    const row = this.rows.get(id);
    const whole = await getIfThere(`/v1/deliveries/${id}`).catch(() => null);
    const list = whole?.attempts ?? [];
    put(row.attempts, list.map((a) => h("li", {}, h("time", {}, `#${a.n}`), h("span", {}, `${when(a.at)}, ${a.status_code ?? a.error ?? "no answer"}, ${a.latency_ms ?? "–"} ms`, a.response_excerpt && h("small", {}, ` ${a.response_excerpt}`)))),
      !list.length && h("li", {}, h("span", {}, ""), h("span", {}, "not tried yet")));
  }
}
