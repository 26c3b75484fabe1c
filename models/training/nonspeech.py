#!/usr/bin/env python3
"""Sounds a telephone carries that are no speech: a shard to train on, and a fixed test set for evaluate.py.

usage: nonspeech.py OUT.npz [COUNT] [SEED]
The text of such a row is empty: the model learns to answer with its word for silence.
"""
import sys

import numpy as np

import telephone

RATE = 8000
DTMF_HZ = [(r, c) for r in (697, 770, 852, 941) for c in (1209, 1336, 1477, 1633)]
CALL_TONES_HZ = {"ringing": ((440, 480), 2.0, 4.0), "busy": ((480, 620), 0.5, 0.5), "dial": ((350, 440), 10.0, 0.0)}  # on, off seconds


def silence(seconds, rng):
    """Digital zero or a line's faint hiss."""
    n = int(seconds * RATE)
    return np.zeros(n, np.float32) if rng.random() < 0.5 else (rng.standard_normal(n) * 10 ** rng.uniform(-4.2, -3)).astype(np.float32)


def noise(seconds, rng):
    """White, rumbling or gated (a street, a machine)."""
    n = int(seconds * RATE)
    x = rng.standard_normal(n)
    draw = rng.random()
    if draw < 0.4:
        x = np.cumsum(x)
        x -= np.convolve(x, np.ones(400) / 400, "same")
    if draw > 0.7:
        x *= np.repeat(rng.uniform(0, 1, n // 800 + 1), 800)[:n]
    return (x / (np.abs(x).max() + 1e-9) * 10 ** rng.uniform(-2.2, -0.5)).astype(np.float32)


def _mix(seconds, tones, on, off, level, phase=0.0):
    t = np.arange(int(seconds * RATE)) / RATE
    x = sum(np.sin(2 * np.pi * f * t) for f in tones) / len(tones)
    gate = ((t + phase) % (on + off)) < on
    return (x * gate * level).astype(np.float32)


def call_tone(seconds, rng):
    """Ringing, busy, dial tone."""
    tones, on, off = list(CALL_TONES_HZ.values())[rng.integers(3)]
    return _mix(seconds, tones, on, off, 10 ** rng.uniform(-1.5, -0.4), rng.uniform(0, on))


def dtmf(seconds, rng):
    """Keys pressed one after the other."""
    x = np.zeros(int(seconds * RATE), np.float32)
    at, level = 0.05, 10 ** rng.uniform(-1.5, -0.4)
    while at < seconds - 0.15:
        press = rng.uniform(0.06, 0.3)
        tone = _mix(press, DTMF_HZ[rng.integers(16)], 10, 0, level)
        start = int(at * RATE)
        x[start : start + len(tone)] = tone[: len(x) - start]
        at += press + rng.uniform(0.04, 0.4)
    return x


def music(seconds, rng):
    """Hold music of a kind: chords of a scale with harmonics, attack and decay."""
    n = int(seconds * RATE)
    x, beat = np.zeros(n), rng.uniform(0.18, 0.6)
    root, scale = rng.uniform(110, 330), [0, 2, 4, 5, 7, 9, 11, 12, 14, 16]
    for start in np.arange(0, seconds, beat):
        length = min(int(rng.uniform(1, 3) * beat * RATE), n - int(start * RATE))
        t = np.arange(length) / RATE
        for degree in rng.choice(scale, rng.integers(1, 4), replace=False):
            f = root * 2 ** (degree / 12)
            note = sum(np.sin(2 * np.pi * f * h * t) / h**1.2 for h in range(1, 8) if f * h < 3400)
            x[int(start * RATE) :][:length] += note * np.exp(-t * rng.uniform(1, 6)) * np.minimum(1, t * 50)
    return (x / (np.abs(x).max() + 1e-9) * 10 ** rng.uniform(-1.3, -0.3)).astype(np.float32)


def breath(seconds, rng):
    """Breaths into the mouthpiece: soft band noise that swells and fades."""
    x = rng.standard_normal(int(seconds * RATE)) * 10 ** rng.uniform(-4, -3)
    at = rng.uniform(0, 0.3)
    while at < seconds - 0.3:
        n = min(int(rng.uniform(0.25, 0.9) * RATE), len(x) - int(at * RATE))
        puff = np.convolve(rng.standard_normal(n), np.ones(int(rng.integers(2, 9))), "same")
        x[int(at * RATE) :][:n] += puff / (puff.std() + 1e-9) * np.hanning(n) ** rng.uniform(0.5, 2) * 10 ** rng.uniform(-2.3, -1.2)
        at += n / RATE + rng.uniform(0.2, 1.5)
    return np.clip(x, -1, 1).astype(np.float32)


def knocks(seconds, rng):
    """Clicks, taps, a handset put down, keys: short decaying bursts."""
    x = rng.standard_normal(int(seconds * RATE)) * 10 ** rng.uniform(-4, -3)
    for at in rng.uniform(0, seconds - 0.1, rng.integers(1, 4 + int(2 * seconds))):
        n = min(int(rng.uniform(0.004, 0.15) * RATE), len(x) - int(at * RATE))
        t = np.arange(n) / RATE
        burst = rng.standard_normal(n) if rng.random() < 0.6 else np.sin(2 * np.pi * rng.uniform(200, 3000) * t)
        x[int(at * RATE) :][:n] += burst * np.exp(-t * rng.uniform(4, 12) * RATE / n / 4) * 10 ** rng.uniform(-1.7, -0.4)
    return np.clip(x, -1, 1).astype(np.float32)


KINDS = {"silence": silence, "noise": noise, "tones": call_tone, "dtmf": dtmf, "music": music, "breath": breath, "knocks": knocks}


def samples(each=12, seed=77):
    """The fixed test set."""
    rng = np.random.default_rng(seed)
    for name, make in KINDS.items():
        for _ in range(each):
            yield name, make(rng.uniform(0.6, 8.0), rng)


def main(out, count=600, seed=1):
    from synth import write_shard

    rng = np.random.default_rng(int(seed))
    makers, rows = list(KINDS.items()), []
    for _ in range(int(count)):
        parts = [makers[rng.integers(len(makers))] for _ in range(1 + (rng.random() < 0.3))]
        audio = np.concatenate([make(rng.uniform(0.4, 9.0 / len(parts)), rng) for _, make in parts])
        rows.append((telephone.encode(audio), "", "nonspeech:" + parts[0][0], "", ""))
    write_shard(out, rows)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
