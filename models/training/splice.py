#!/usr/bin/env python3
"""New utterances out of the ones in shards, as a streaming recogniser gets them: cut at a word's edge, or several with
pauses between.

usage: splice.py OUT.npz SHARD.npz ... [--cut N] [--join N] [--seed S]
--cut takes utterances with phone times (flite) and drops words at the end, the start or both, with a little of the next
word's sound or none. --join puts two or three utterances of one voice (a real person's too) one after the other, 0.25 to
1.5 s of that line's own noise between.
"""
import argparse
import collections
import random

import numpy as np

import telephone
import word_times
from synth import LONGEST, write_shard

RATE = telephone.RATE_HZ


class Source:
    """The rows of all shards."""

    def __init__(self, paths):
        self.rows = []
        for path in paths:
            z = np.load(path)
            audio, off = z["audio"], z["off"]
            columns = [list(map(str, z[k])) for k in ("text", "voice", "phones", "align")]
            self.rows += [(audio[a:b], *rest) for a, b, *rest in zip(off, off[1:], *columns)]


def cut(row, rand):
    """A part of an utterance, or None where its words' times are not known."""
    codes, text, voice, _, align = row
    words = text.split()
    ends = word_times.true_word_ends(text, align) if align and len(words) > 1 else None
    if ends is None:
        return None
    draw = rand.random()
    first = 0 if draw < 0.65 else rand.randrange(1, len(words))
    last = len(words) if first and draw > 0.85 else rand.randrange(first + 1, len(words) + 1)
    if last - first == len(words):
        return None
    timed = [(p, float(t)) for p, t in (x.rsplit(":", 1) for x in align.split())]
    start = max(0.0, ends[first - 1] - 0.02) if first else 0.0
    end = ends[last - 1] + rand.choice([0.0, 0.02, 0.05]) if last < len(words) else len(codes) / RATE
    kept = [(p, min(t, end) - start) for p, t in timed if t > start + 0.03 and t <= end + 0.015]
    said = " ".join(words[first:last])
    piece = codes[int(start * RATE) : int(end * RATE)]
    if len(piece) < 0.2 * RATE or not kept:
        return None
    return piece, said, voice, " ".join(p for p, _ in kept if p != "pau"), " ".join("%s:%.3f" % x for x in kept)


def floor_of(audio, length, rng):
    """Noise like the quietest 100 ms of an utterance."""
    frames = audio[: len(audio) // 160 * 160].reshape(-1, 160)
    if len(frames) < 5:
        return np.zeros(length, np.float32)
    quiet = frames[np.argsort((frames**2).mean(1))[:5]].std()
    return (rng.standard_normal(length) * quiet).astype(np.float32)


def join(rows, rand, rng):
    """Utterances of one voice with pauses between."""
    pieces, at, timed, known = [], 0, [], all(r[4] for r in rows)
    level = None
    for i, (codes, _, _, _, align) in enumerate(rows):
        audio = telephone.decode(codes)
        loud = np.sqrt((audio**2).mean()) + 1e-6
        level = level or loud
        audio = np.clip(audio * level / loud * 10 ** (rand.uniform(-3, 3) / 20), -1, 1)
        if i:
            pause = floor_of(audio, int(rand.uniform(0.25, 1.5) * RATE), rng)
            pieces.append(pause)
            timed.append(("pau", (at + len(pause)) / RATE))
            at += len(pause)
        timed += [(p, at / RATE + float(t)) for p, t in (x.rsplit(":", 1) for x in align.split())]
        pieces.append(audio)
        at += len(audio)
    text = " ".join(r[1] for r in rows)
    align = " ".join("%s:%.3f" % x for x in timed) if known else ""
    return telephone.encode(np.concatenate(pieces)), text, rows[0][2], " ".join(r[3] for r in rows), align


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("out")
    ap.add_argument("shards", nargs="+")
    ap.add_argument("--cut", type=int, default=0)
    ap.add_argument("--join", type=int, default=0)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    rand, rng = random.Random(a.seed), np.random.default_rng(a.seed)
    rows, out = Source(a.shards).rows, []
    timed = [r for r in rows if r[4]]
    while timed and len(out) < a.cut:
        piece = cut(rand.choice(timed), rand)
        if piece:
            out.append(piece)
    speakers = collections.defaultdict(list)
    for r in rows:
        if r[1]:
            speakers[r[2]].append(r)
    while len(out) < a.cut + a.join:
        same = speakers[rand.choice(rows)[2]]
        chosen = [rand.choice(same) for _ in range(rand.choice([2, 2, 2, 3]))]
        if sum(len(r[0]) for r in chosen) < LONGEST - 2.2 * RATE * len(chosen) / 2 and all(len(r[0]) < 4 * RATE for r in chosen):
            out.append(join(chosen, rand, rng))
    rand.shuffle(out)
    write_shard(a.out, out)


if __name__ == "__main__":
    main()
