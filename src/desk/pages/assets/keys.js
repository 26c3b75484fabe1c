// The keyboard. Bare letters act only while a list has the focus and can be switched off (WCAG 2.1.4); `?` and sequences after G act
// wherever nothing is being typed.

const bound = [];
let after = null;

export function lettersOn() {
  try {
    return localStorage.getItem("offhook.letters") !== "off";
  } catch {
    return true;
  }
}

export function setLetters(on) {
  try {
    localStorage.setItem("offhook.letters", on ? "on" : "off");
  } catch {
    // It stays as it is.
  }
}

/** Binds a key ("C", "Space", "1-9", "G F") to an act. `within` is the list that must have the focus; without it the key acts anywhere. */
export function bind(key, what, act, within = null) {
  bound.push({ key, what, act, within });
}

/** What can be pressed: key and meaning. */
export const keys = () => bound.filter((b) => b.what).map((b) => [b.key, b.what]);

const typing = (element) => element?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

function nameOf(event) {
  if (event.key === " ") return "Space";
  if (event.key.length === 1) return event.key.toUpperCase();
  return event.key;
}

function fits(binding, name) {
  if (binding.key === name) return true;
  return binding.key === "1-9" && /^[1-9]$/.test(name);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const name = nameOf(event);
  const sequence = after && Date.now() - after.at < 1_500 ? `${after.name} ${name}` : null;
  after = null;
  if (sequence) {
    const found = bound.find((b) => b.key === sequence && (lettersOn() || !/^[A-Z]/.test(b.key)));
    if (found) {
      event.preventDefault();
      found.act(event);
      return;
    }
  }
  // A button or a link that has the focus keeps what it does by itself.
  const own = ["Enter", "Space"].includes(name) && event.target.closest?.("button, a, summary, audio");
  if (own) return;
  const letter = name.length === 1 && name !== "?" && name !== "/";
  if (letter && !lettersOn()) return;
  if (name === "G" && bound.some((b) => b.key.startsWith("G "))) {
    after = { name, at: Date.now() };
    return;
  }
  const found = bound.find((b) => fits(b, name) && (!b.within || b.within().contains(event.target)));
  if (found) {
    event.preventDefault();
    found.act(event, name);
  }
});
