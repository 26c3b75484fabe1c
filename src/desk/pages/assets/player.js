// The recording of a whole call: play, pause and speed. Where it plays is chosen on the waveform, which is its scale.

import { h, say } from "./dom.js";
import { SPEEDS } from "./sound.js";
import { clock } from "./words.js";

export class Player {
  constructor(src, duration_ms) {
    this.sound = new Audio(src);
    this.sound.preload = "none";
    this.onMove = () => {};
    this.button = h("button", { type: "button", class: "primary", onclick: () => (this.sound.paused ? this.play() : this.sound.pause()) });
    this.time = h("span", { class: "num" });
    const speed = h("button", { type: "button", class: "small", onclick: () => {
      this.sound.playbackRate = SPEEDS[(SPEEDS.indexOf(this.sound.playbackRate) + 1) % SPEEDS.length];
      speed.textContent = `Speed ${this.sound.playbackRate}×`;
    } }, "Speed 1×");
    this.box = h("div", { class: "player" }, this.button, this.time, speed);
    const show = () => {
      this.button.textContent = this.sound.paused ? "▶ Play" : "❚❚ Pause";
      this.time.textContent = `${clock(this.sound.currentTime * 1000)} / ${clock(duration_ms)}`;
    };
    for (const event of ["play", "pause", "ended", "timeupdate"]) this.sound.addEventListener(event, show);
    this.sound.addEventListener("timeupdate", () => this.onMove(this.sound.currentTime * 1000));
    this.sound.addEventListener("error", () => say("The recording could not be played: no audio came.", "bad"));
    show();
  }

  async play() {
    try {
      await this.sound.play();
    } catch (error) {
      if (error.name === "NotAllowedError") say("The browser wants a click on the page before it plays sound.", "bad");
    }
  }

  /** Plays from a moment of the call on. */
  playFrom(ms) {
    this.sound.currentTime = ms / 1000;
    this.play();
  }
}
