// Plays the words behind a value: one clip at a time, half a second of lead-in, three speeds.

import { say } from "./dom.js";

const LEAD_MS = 500;
const TAIL_MS = 400;
export const SPEEDS = [1, 1.5, 0.75];

const player = new Audio();
player.preload = "none";
let playing = null;
const listeners = new Set();

/** Told with the key of what plays, or null. */
export function onPlaying(listener) {
  listeners.add(listener);
}

const watchers = new Set();
let begins = 0;

/** Told where in the call the sound is, ms, while it plays; null when it is over. */
export function onPosition(watcher) {
  watchers.add(watcher);
}

function tell() {
  for (const watcher of watchers) watcher(playing === null ? null : begins + player.currentTime * 1000);
}
player.addEventListener("timeupdate", tell);

function now(key) {
  playing = key;
  tell();
  for (const listener of listeners) listener(key);
}

player.addEventListener("ended", () => now(null));
player.addEventListener("error", () => {
  if (playing !== null) say("The words could not be played: no audio came.", "bad");
  now(null);
});

/** Where the words of a piece of evidence can be heard. A person's click has none. */
export const audible = (piece) => Boolean(piece?.end_ms > piece?.start_ms && piece.text);

const leadIn = (start_ms) => Math.max(0, Math.round(start_ms - LEAD_MS));

/** The address of a clip. */
export function clipUrl(callId, { start_ms, end_ms, speaker }) {
  const from = leadIn(start_ms);
  const to = Math.round(end_ms + TAIL_MS);
  return `/v1/calls/${encodeURIComponent(callId)}/audio?from_ms=${from}&to_ms=${to}&channel=${speaker ?? "both"}`;
}

/** Plays a stretch of a call, or stops it when it plays already. */
export async function play(callId, piece, key = `${piece.start_ms}-${piece.end_ms}`) {
  if (playing === key) {
    stop();
    return;
  }
  player.src = clipUrl(callId, piece);
  begins = leadIn(piece.start_ms);
  player.playbackRate = speed();
  now(key);
  try {
    await player.play();
  } catch (error) {
    if (error.name === "NotAllowedError") say("The browser wants a click on the page before it plays sound.", "bad");
  }
}

export function stop() {
  player.pause();
  now(null);
}

let chosen = 1;
export const speed = () => chosen;
export function nextSpeed() {
  chosen = SPEEDS[(SPEEDS.indexOf(chosen) + 1) % SPEEDS.length];
  player.playbackRate = chosen;
  return chosen;
}
