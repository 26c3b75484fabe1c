// What was said: finals as a log, partials beside it, unsure words underlined, the words behind a value marked.

import { h } from "./dom.js";
import { clock } from "./words.js";

const UNSURE = 0.6;
const NAMES = { caller: "Caller", agent: "You", third_party: "Other" };

export class Transcript {
  constructor(list, partials, { names = NAMES } = {}) {
    this.list = list;
    this.partials = partials;
    this.names = names;
    this.items = new Map();
    this.marked = [];
  }

  clear() {
    this.list.replaceChildren();
    this.partials?.replaceChildren();
    this.items.clear();
  }

  /** Appends a finished utterance, once. */
  final(segment) {
    if (this.items.has(segment.seq)) return;
    const words = segment.words?.length ? segment.words : segment.text.split(" ").map((w) => ({ w, p: 1 }));
    const text = h("span", { class: "text" });
    words.forEach((word, index) => {
      if (index) text.append(" ");
      text.append(h("span", { class: word.p < UNSURE ? "low" : null, title: word.p < UNSURE ? `heard at ${Math.round(word.p * 100)}%` : null }, word.w));
    });
    const item = h("li", { data: { speaker: segment.speaker, seq: segment.seq }, class: segment.suspect ? "suspect" : null },
      h("time", {}, clock(segment.start_ms)), h("span", { class: "speaker" }, this.names[segment.speaker] ?? segment.speaker), text);
    if (segment.suspect) text.append(h("small", {}, " (doubtful: nothing is taken from it)"));
    this.items.set(segment.seq, item);
    // Both tracks come in order of hearing; a long utterance may end after a short one that began later.
    const after = [...this.list.children].findLast((other) => Number(other.dataset.seq) < segment.seq);
    if (after) after.after(item);
    else this.list.prepend(item);
    this.partial(segment.speaker, "", "");
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

  /** Marks the words of pieces of evidence. */
  mark(evidence) {
    for (const span of this.marked) {
      span.replaceWith(h("span", { class: span.className || null, title: span.title || null }, span.textContent));
    }
    this.marked = [];
    for (const piece of evidence ?? []) {
      const words = this.items.get(piece.turn)?.querySelectorAll(".text > span, .text > mark");
      if (!piece.text || !words) continue;
      for (let at = piece.word_from; at < piece.word_to && at < words.length; at += 1) {
        if (words[at].tagName === "MARK") continue;
        const mark = h("mark", { class: words[at].className || null, title: words[at].title || null }, words[at].textContent);
        words[at].replaceWith(mark);
        this.marked.push(mark);
      }
    }
    return this.marked[0];
  }
}
