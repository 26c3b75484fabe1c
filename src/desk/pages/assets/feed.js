// The live feed: one WebSocket, resumed where it broke off; people's acts go out on it, wait while it is down, and each is answered.

import { $ } from "./dom.js";

const STALE_AFTER_MS = 20_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 10_000;

const WORDS = { connecting: "connecting", live: "live", stale: "stale: nothing came for 20 s", reconnecting: "reconnecting: what you see may be old", offline: "offline: edits wait here" };

export class Feed {
  /** `calls`: ids, or null for all; `partials` and `measures` (delay and sound, each second): whether they come too. `onMessage(message)`, `onState(state)`, `onAnswer(act, refusal)`. */
  constructor({ calls = null, partials = true, measures = true, onMessage, onState = () => {}, onAnswer = () => {} }) {
    Object.assign(this, { calls, partials, measures, onMessage, onState, onAnswer });
    this.seen = new Map();
    this.waiting = new Map();
    this.next = 1;
    this.retry = FIRST_RETRY_MS;
    this.last = Date.now();
    this.skew = 0;
    this.done = false;
    this.show("connecting");
    this.connect();
    this.watch = setInterval(() => this.check(), 1_000);
    addEventListener("online", () => this.again(0));
    addEventListener("offline", () => this.show("offline"));
    // A page that is put away closes in order; one that comes back connects again.
    addEventListener("pagehide", () => this.socket?.close());
    // What waits here is nowhere else: whoever leaves is asked first.
    addEventListener("beforeunload", (event) => this.waiting.size && this.state !== "live" && event.preventDefault());
    addEventListener("pageshow", (event) => event.persisted && this.again(0));
  }

  /** The server's time, as far as known. */
  now() {
    return Date.now() + this.skew;
  }

  connect() {
    const query = new URLSearchParams();
    if (this.calls) query.set("calls", this.calls.join(","));
    if (!this.partials) query.set("partials", "false");
    if (!this.measures) query.set("measures", "false");
    const resume = [...this.seen].map(([call, seq]) => `${call}:${seq}`).join(",");
    if (resume) query.set("resume_after", resume);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/live?${query}`);
    this.socket = socket;
    socket.addEventListener("message", (event) => this.socket === socket && this.receive(JSON.parse(event.data)));
    socket.addEventListener("close", () => this.socket === socket && this.again(this.retry));
  }

  again(after) {
    if (this.done) return;
    const old = this.socket;
    this.socket = null;
    old?.close();
    this.show(navigator.onLine === false ? "offline" : "reconnecting");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), after);
    this.retry = Math.min(this.retry * 2, LONGEST_RETRY_MS);
  }

  receive(message) {
    this.last = Date.now();
    if (message.at) this.skew = Date.parse(message.at) - Date.now();
    if (this.state !== "live") {
      this.retry = FIRST_RETRY_MS;
      this.show("live");
      this.onMessage({ type: "connected" });
      // What was done meanwhile goes out once the page is current; the server refuses what no longer fits.
      queueMicrotask(() => this.flush());
    }
    if (message.type === "ack" || message.type === "nack") {
      const act = this.waiting.get(message.client_id);
      this.waiting.delete(message.client_id);
      if (act) this.onAnswer(act, message.type === "nack" ? message.reason : null);
      return;
    }
    if (message.call_id && message.seq !== undefined) this.seen.set(message.call_id, message.seq);
    this.onMessage(message);
  }

  /** Other calls from now on. Whatever comes first then says that they are followed. */
  follow(calls) {
    this.calls = calls;
    this.seen.clear();
    if (this.state === "live") this.socket?.send(JSON.stringify({ subscribe: { calls: calls ?? "all", partials: this.partials, measures: this.measures } }));
  }

  forget(callId) {
    this.seen.delete(callId);
  }

  check() {
    if (this.state === "live" && Date.now() - this.last > STALE_AFTER_MS) this.show("stale");
    if (this.state === "stale" && Date.now() - this.last > 2 * STALE_AFTER_MS) this.again(0);
  }

  /** Sends an act, now or as soon as there is a connection. */
  act(act) {
    const client_id = this.next++;
    this.waiting.set(client_id, act);
    if (this.state === "live") this.send(client_id, act);
    else this.show(this.state);
    return client_id;
  }

  /** How many acts have no answer yet. */
  get open() {
    return this.waiting.size;
  }

  send(client_id, act) {
    this.socket?.send(JSON.stringify({ client_id, ...act }));
  }

  flush() {
    for (const [client_id, act] of this.waiting) this.send(client_id, act);
  }

  close() {
    this.done = true;
    clearInterval(this.watch);
    clearTimeout(this.timer);
    this.socket?.close();
    $("#connection").hidden = true;
  }

  show(state) {
    this.state = state;
    const line = $("#connection");
    const waiting = state !== "live" && this.waiting.size ? ` (${this.waiting.size} waiting)` : "";
    line.hidden = false;
    line.dataset.state = state;
    line.textContent = WORDS[state] + waiting;
    document.body.dataset.feed = state;
    this.onState(state);
  }
}
