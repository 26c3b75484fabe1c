#!/usr/bin/env python3
"""Speaks every line of a text file with a random voice through a random telephone line into a shard.

usage: synth.py TEXT OUT.npz [--voices train|heldout|NAME,NAME] [--clean] [--seed S] [--jobs 2] [--start N] [--max N]
A shard holds audio (mu-law bytes, all utterances one after the other), off (start offsets, n + 1), text, voice,
phones (target of the CTC head) and align (flite only: phone:end_seconds, target of the frame classifier).
"""
import argparse
import multiprocessing as mp
import random

import numpy as np

import telephone
import voices

LONGEST = 10 * telephone.RATE_HZ  # one job of the model
_babble = None


def write_shard(path, rows):
    """rows: (codes, text, voice, phones, align)."""
    rows = [r for r in rows if r and 1600 <= len(r[0]) <= LONGEST]
    off = np.concatenate([[0], np.cumsum([len(r[0]) for r in rows])])
    columns = {k: np.array([r[i] for r in rows]) for i, k in ((1, "text"), (2, "voice"), (3, "phones"), (4, "align"))}
    np.savez(path, audio=np.concatenate([r[0] for r in rows]), off=off, **columns)
    print(path, len(rows), "utterances", round(off[-1] / telephone.RATE_HZ / 3600, 2), "h", flush=True)


def utterance(job):
    """One line of text -> one row, or None where the engine failed."""
    global _babble
    index, text, kind, seed, clean = job
    rand, rng = random.Random(seed * 1000003 + index), np.random.default_rng(seed * 1000003 + index)
    voice = voices.pick(kind, rand)
    try:
        audio, rate, timed = voices.speak(text if clean else voices.engine_text(text, rand), voice, rand, clean)
    except (OSError, EOFError, ValueError, voices.wave.Error, voices.subprocess.SubprocessError):
        return None
    if len(audio) < rate * 0.15:
        return None
    codes, speed, cut = telephone.clean_line(audio, rate) if clean else telephone.line(audio, rate, rng, _babble)
    _babble = telephone.decode(codes)
    if timed is None:
        return codes, text, voice, voices.phones(text), ""
    return codes, text, voice, " ".join(p for p, _ in timed if p != "pau"), " ".join("%s:%.3f" % (p, t / speed - cut) for p, t in timed)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("text")
    ap.add_argument("out")
    ap.add_argument("--voices", default="train")
    ap.add_argument("--clean", action="store_true")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--start", type=int, default=0)
    ap.add_argument("--max", type=int, default=10**9)
    a = ap.parse_args()
    lines = open(a.text).read().split("\n")[:-1][a.start : a.start + a.max]
    with mp.Pool(a.jobs) as pool:
        rows = list(pool.imap(utterance, [(a.start + i, t, a.voices, a.seed, a.clean) for i, t in enumerate(lines)], chunksize=8))
    write_shard(a.out, rows)


if __name__ == "__main__":
    main()
