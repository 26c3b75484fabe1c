// Settings of this browser: which key does what, and the soft tone.

import { $, h, put, say } from "./dom.js";
import { LETTERS, keyOf, lettersOn, move, moveBack, setLetters } from "./keys.js";
import { setTone, sound, toneOn } from "./tone.js";

const panel = $("#browser");
const list = $(".list", panel);
let waiting = null;

function show() {
  put(list, Object.entries(LETTERS).map(([letter, what]) => {
    const button = h("button", {
      type: "button", class: "small", data: { key: `move:${letter}`, letter }, "aria-label": `${what}: ${keyOf(letter)}. Change the key`, "aria-pressed": String(waiting === letter),
      onclick: () => {
        waiting = waiting === letter ? null : letter;
        show();
      },
    }, waiting === letter ? "press a key" : h("kbd", {}, keyOf(letter)));
    return h("div", {}, h("dt", {}, what), h("dd", {}, button, keyOf(letter) !== letter && h("small", {}, ` instead of ${letter}`)));
  }));
  $("#letters-on", panel).checked = lettersOn();
  $("#tone-on", panel).checked = toneOn();
}

// Before the keys act: what is pressed here is a choice.
document.addEventListener("keydown", (event) => {
  if (!waiting || ["Shift", "Control", "Alt", "Meta", "Tab"].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  const letter = waiting;
  waiting = null;
  const refusal = event.key === "Escape" ? null : event.key.length === 1 ? move(letter, event.key) : `${event.key} has a use of its own: take a letter or a sign.`;
  if (refusal) say(refusal, "bad");
  show();
}, true);

$("#letters-on", panel).addEventListener("change", (event) => setLetters(event.target.checked));
$("#tone-on", panel).addEventListener("change", (event) => setTone(event.target.checked));
$("#tone-try", panel).addEventListener("click", sound);
$("#keys-back", panel).addEventListener("click", () => {
  moveBack();
  show();
});
show();
