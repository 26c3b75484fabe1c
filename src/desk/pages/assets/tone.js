// A soft tone for the agent: two short notes when the caller takes leave and something is still to be asked. Off until somebody wants it;
// the choice stays in this browser.

const NAME = "offhook.tone";

export function toneOn() {
  try {
    return localStorage.getItem(NAME) === "on";
  } catch {
    return false;
  }
}

export function setTone(on) {
  try {
    localStorage.setItem(NAME, on ? "on" : "off");
  } catch {
    // It stays off.
  }
}

const NOTES_HZ = [659, 523];
const NOTE_S = 0.16;
/** Below the loudness of a voice: it is heard beside the caller, not over them. */
const LOUD = 0.06;
let context = null;

/** Sounds it, where the browser lets a page sound: after somebody's first press on it. */
export function sound() {
  context ??= new AudioContext();
  context.resume().catch(() => {});
  NOTES_HZ.forEach((frequency, n) => {
    const from = context.currentTime + n * NOTE_S;
    const [source, gain] = [new OscillatorNode(context, { frequency }), new GainNode(context, { gain: 0 })];
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(LOUD, from + 0.02);
    gain.gain.linearRampToValueAtTime(0, from + NOTE_S);
    source.connect(gain).connect(context.destination);
    source.start(from);
    source.stop(from + NOTE_S);
  });
}
