#!/usr/bin/env python3
"""Real people (AN4, see README) as shards: every recording goes through the telephone several times, never the same way.

usage: people.py AN4_TSV OUT_TRAIN.npz OUT_HELD_OUT.npz [--times 8] [--seed 1]
The TSV names 8 kHz mu-law WAV files beside it: file, speaker, transcript. The speakers HELD_OUT are never trained on;
their recordings go to the second shard once and as they are (they come from a telephone band already).
"""
import argparse
import os
import random

import numpy as np

import telephone
import voices
from synth import write_shard

HELD_OUT = ["fash", "fclc", "fsrb", "mdcs2", "mewl", "mmap", "mrab", "msrb", "mtos", "fkai"]


def read_mulaw_wav(path):
    """The mu-law bytes of a WAV file with format tag 7."""
    data = open(path, "rb").read()
    if data[:4] != b"RIFF" or data[20:22] != b"\x07\x00":
        raise SystemExit(path + ": not a mu-law WAV file")
    at = 12
    while data[at : at + 4] != b"data":
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    return np.frombuffer(data[at + 8 : at + 8 + size], np.uint8)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("tsv")
    ap.add_argument("train")
    ap.add_argument("held_out")
    ap.add_argument("--times", type=int, default=8)
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    rand, rng = random.Random(a.seed), np.random.default_rng(a.seed)
    train, held_out, babble = [], [], None
    for row in open(a.tsv).read().splitlines()[1:]:
        name, speaker, words = row.split("\t")
        codes = read_mulaw_wav(os.path.join(os.path.dirname(a.tsv), name))
        phones = voices.phones(voices.engine_text(words, rand))
        if speaker in HELD_OUT:
            held_out.append((codes, words, "an4:" + speaker, phones, ""))
            continue
        audio = telephone.decode(codes)
        for _ in range(a.times):
            train.append((telephone.line(audio, telephone.RATE_HZ, rng, babble)[0], words, "an4:" + speaker, phones, ""))
            babble = audio
    rng.shuffle(order := np.arange(len(train)))
    write_shard(a.train, [train[i] for i in order])
    write_shard(a.held_out, held_out)


if __name__ == "__main__":
    main()
