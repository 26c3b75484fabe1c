// What was said: finals as a log, partials beside it, unsure words underlined, the words behind a value marked, words searched for. A long
// call is kept whole, but only a stretch of it stands on the page: the rest is behind a button at either end.

import { h } from "./dom.js";
import { clock } from "./words.js";

const UNSURE = 0.6;
const NAMES = { caller: "Caller", agent: "You", third_party: "Other" };
/** Utterances on the page while it follows the talk; those before go in steps. */
const SHOWN = 150;
const STEP = 50;

/** What is kept of an utterance: an hour of them stays small. Word times are for who draws them. */
const kept = ({ seq, speaker, start_ms, suspect, text, words }) => ({
  seq, speaker, start_ms, suspect: Boolean(suspect), text: words?.length ? words.map((word) => word.w).join(" ") : text,
  low: new Map((words ?? []).flatMap((word, index) => (word.p < UNSURE ? [[index, word.p]] : []))),
});

export class Transcript {
  /** `following` says whether the newest words are to stay in sight. */
  constructor(list, partials, { names = NAMES, following = () => true } = {}) {
    Object.assign(this, { list, partials, names, following });
    this.segments = [];
    this.known = new Set();
    this.items = new Map();
    this.marks = new Map();
    this.hits = [];
    this.at = -1;
    [this.from, this.to] = [0, 0];
    const more = (act) => h("button", { type: "button", class: "small more-words", hidden: true, onclick: act });
    this.earlier = more(() => this.show(Math.max(0, this.from - STEP), this.to));
    this.later = more(() => this.show(this.from, Math.min(this.segments.length, this.to + STEP)));
    list.before(this.earlier);
    list.after(this.later);
  }

  clear() {
    this.list.replaceChildren();
    this.partials?.replaceChildren();
    this.segments = [];
    this.known.clear();
    this.items.clear();
    [this.from, this.to] = [0, 0];
    this.ends();
  }

  /** All that was said, at once. */
  all(segments) {
    this.clear();
    this.segments = segments.map(kept).sort((a, b) => a.seq - b.seq);
    this.known = new Set(this.segments.map((s) => s.seq));
    this.show(this.segments.length - SHOWN, this.segments.length);
  }

  /** Appends a finished utterance, once. */
  final(heard) {
    if (this.known.has(heard.seq)) return;
    this.known.add(heard.seq);
    const segment = kept(heard);
    // Both tracks come in order of hearing; a long utterance may end after a short one that began later.
    let index = this.segments.length;
    while (index > 0 && this.segments[index - 1].seq > segment.seq) index -= 1;
    this.segments.splice(index, 0, segment);
    if (index < this.from) {
      this.from += 1;
      this.to += 1;
    } else if (index < this.to || (this.to === this.segments.length - 1 && (this.following() || this.to - this.from < 2 * SHOWN))) {
      this.list.insertBefore(this.item(segment), this.list.children[index - this.from] ?? null);
      this.to += 1;
      if (this.following() && this.to - this.from > SHOWN + STEP) this.drop(STEP);
    }
    this.ends();
    this.partial(segment.speaker, "", "");
  }

  /** Takes the oldest utterances off the page. */
  drop(count) {
    for (const segment of this.segments.slice(this.from, this.from + count)) this.items.delete(segment.seq);
    for (let n = 0; n < count; n += 1) this.list.firstElementChild?.remove();
    this.from += count;
  }

  /** Puts a stretch on the page. */
  show(from, to) {
    [this.from, this.to] = [Math.max(0, from), to];
    this.items.clear();
    this.list.replaceChildren(...this.segments.slice(this.from, this.to).map((s) => this.item(s)));
    this.ends();
  }

  ends() {
    const left = this.segments.length - this.to;
    this.earlier.hidden = this.from === 0;
    this.earlier.textContent = `↑ Earlier (${this.from})`;
    this.later.hidden = left <= 0;
    this.later.textContent = `↓ Later (${left})`;
  }

  /** The newest words, as they come. */
  newest() {
    if (this.to < this.segments.length || this.to - this.from > SHOWN + STEP) this.show(this.segments.length - SHOWN, this.segments.length);
  }

  /** The item of an utterance, brought onto the page if it is not there. */
  reach(seq) {
    const index = this.segments.findIndex((s) => s.seq === seq);
    if (index < 0) return null;
    if (index < this.from || index >= this.to) this.show(Math.max(0, index - SHOWN / 2), Math.min(this.segments.length, index + SHOWN / 2));
    return this.items.get(seq);
  }

  item(segment) {
    const item = h("li", { data: { speaker: segment.speaker, seq: segment.seq } },
      h("time", {}, clock(segment.start_ms)), h("span", { class: "speaker" }, this.names[segment.speaker] ?? segment.speaker), h("span", { class: "text" }));
    item.classList.toggle("suspect", Boolean(segment.suspect));
    this.items.set(segment.seq, item);
    this.words(item, segment);
    return item;
  }

  /** Words become elements only where there is something to say about them. */
  words(item, segment) {
    const marked = this.marks.get(segment.seq) ?? [];
    const text = item.lastElementChild;
    text.replaceChildren();
    segment.text.split(" ").forEach((word, index) => {
      if (index) text.append(" ");
      const low = segment.low.get(index);
      const behind = marked.some(([from, to]) => index >= from && index < to);
      if (low === undefined && !behind) text.append(word);
      else text.append(h(behind ? "mark" : "span", { class: low === undefined ? null : "low", title: low === undefined ? null : `heard at ${Math.round(low * 100)}%` }, word));
    });
    text.normalize();
    if (segment.suspect) text.append(h("small", {}, " (doubtful: nothing is taken from it)"));
    item.classList.toggle("hit", this.hits.includes(segment.seq));
    item.classList.toggle("here", this.hits[this.at] === segment.seq);
  }

  again(seqs) {
    for (const seq of seqs) {
      const item = this.items.get(seq);
      if (item) this.words(item, this.segments.find((s) => s.seq === seq));
    }
  }

  partial(speaker, stable, unstable) {
    if (!this.partials) return;
    let item = this.partials.querySelector(`[data-speaker="${CSS.escape(speaker)}"]`);
    if (!item) {
      if (!stable && !unstable) return;
      item = h("li", { data: { speaker } }, h("time", {}), h("span", { class: "speaker" }, this.names[speaker] ?? speaker), h("span", { class: "text" }));
      this.partials.append(item);
    }
    const text = [stable, unstable].filter(Boolean).join(" ");
    if (text) item.lastElementChild.textContent = `${text} …`;
    else item.remove();
  }

  /** Marks the words of pieces of evidence; the first mark, brought onto the page. */
  mark(evidence) {
    const before = [...this.marks.keys()];
    this.marks = new Map();
    for (const piece of evidence ?? []) {
      if (!piece.text || piece.turn === undefined || piece.turn === null) continue;
      if (!this.marks.has(piece.turn)) this.marks.set(piece.turn, []);
      this.marks.get(piece.turn).push([piece.word_from, piece.word_to]);
    }
    const first = Math.min(...this.marks.keys());
    if (this.marks.size) this.reach(first);
    this.again(new Set([...before, ...this.marks.keys()]));
    return this.items.get(first)?.querySelector("mark") ?? undefined;
  }

  /** Looks for words; `by` steps on among what was found. Says where it stands: `[place, count]`. */
  search(words, by = 0) {
    const before = this.hits;
    const wanted = words.trim().toLowerCase();
    const fresh = wanted !== this.wanted;
    this.wanted = wanted;
    if (fresh) this.hits = wanted ? this.segments.filter((s) => s.text.toLowerCase().includes(wanted)).map((s) => s.seq) : [];
    const count = this.hits.length;
    this.at = !count ? -1 : fresh ? count - 1 : (this.at + by + count) % count;
    if (count) this.reach(this.hits[this.at])?.scrollIntoView({ block: "nearest" });
    this.again(new Set([...before, ...this.hits]));
    return [this.at + 1, count];
  }
}

/** A box that searches a transcript: Enter goes to the one before, Shift+Enter to the one after, Escape empties it. */
export function searchBox(transcript, leave = () => {}) {
  const found = h("span", { class: "hint", role: "status" });
  const look = (by) => {
    const [at, count] = transcript().search(input.value, by);
    found.textContent = input.value.trim() ? (count ? `${at} of ${count}` : "not said") : "";
  };
  const input = h("input", {
    type: "search", placeholder: "Search", "aria-label": "Search the transcript", autocomplete: "off",
    oninput: () => look(0),
    onkeydown: (event) => {
      if (event.key === "Enter") look(event.shiftKey ? 1 : -1);
      if (event.key === "Escape") {
        input.value = "";
        look(0);
        leave();
      }
    },
  });
  return h("span", { class: "find" }, found, input);
}
