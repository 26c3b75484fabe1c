#!/usr/bin/env python3
"""Computes the log-mel of shards once: SHARD.npz -> SHARD.mel.npy (float16) beside it. Training takes shards that have one.

usage: mel.py HEADER.bin SHARD.npz ...
"""
import os
import sys
import zlib

import numpy as np
import soxr

import telephone
import whisper_format as wf


def upsample(audio, rng):
    """8 -> 16 kHz by one of three resamplers: a user's may be any."""
    draw = rng.random()
    if draw < 0.1:
        return np.interp(np.arange(2 * len(audio)) / 2, np.arange(len(audio)), audio).astype(np.float32)
    return soxr.resample(audio, 8000, 16000, quality="LQ" if draw < 0.3 else "HQ").astype(np.float32)


def main(header, *shards):
    filters = wf.read(header, tensors=False)[1]
    for path in shards:
        z, rng = np.load(path), np.random.default_rng(zlib.crc32(os.path.basename(path).encode()))
        audio, off = z["audio"], z["off"]
        mels = [wf.log_mel(upsample(telephone.decode(audio[a:b]), rng), filters).astype(np.float16) for a, b in zip(off, off[1:])]
        out = path.replace(".npz", ".mel.npy")
        with open(out + ".partial", "wb") as f:
            np.save(f, np.concatenate(mels))
        os.replace(out + ".partial", out)
        print(out, sum(map(len, mels)), "frames", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
