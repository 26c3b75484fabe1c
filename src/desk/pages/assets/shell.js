// The frame of every page: theme, keys, and where to go with `G`.

import { $, $$, h } from "./dom.js";
import { keys, bind, lettersOn, setLetters } from "./keys.js";

const THEMES = [null, "light", "dark"];
const NAMES = { null: "as the system has them", light: "light", dark: "dark" };

function theme() {
  try {
    return localStorage.getItem("offhook.theme");
  } catch {
    return null;
  }
}

function showTheme(chosen) {
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  $("#theme").setAttribute("aria-label", `Colours: ${NAMES[chosen]}`);
  $("#theme").textContent = { null: "◐", light: "○", dark: "●" }[chosen];
}

$("#theme").addEventListener("click", () => {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
  try {
    if (next) localStorage.setItem("offhook.theme", next);
    else localStorage.removeItem("offhook.theme");
  } catch {
    // It holds for this page then.
  }
  showTheme(next);
});
showTheme(THEMES.includes(theme()) ? theme() : null);

const dialog = $("#keys");
function help() {
  $(".keys", dialog).replaceChildren(
    ...keys().flatMap(([key, what]) => [h("dt", {}, ...key.split(" ").map((k) => h("kbd", {}, k))), h("dd", {}, what)]),
  );
  $("#letters").checked = lettersOn();
  dialog.showModal();
}
$("#help").addEventListener("click", help);
$("#letters").addEventListener("change", (event) => setLetters(event.target.checked));

bind("?", "this list", help);
for (const link of $$("nav [data-go]")) bind(`G ${link.dataset.go.toUpperCase()}`, `to ${link.textContent}`, () => link.click());
document.addEventListener("click", (event) => {
  for (const open of $$("details.who[open]")) if (!open.contains(event.target)) open.open = false;
});
