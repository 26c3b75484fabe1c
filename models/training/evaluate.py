#!/usr/bin/env python3
"""Decodes test shards with whisper.cpp (greedy, one thread, as Offhook does) and reports what came out.

usage: evaluate.py MODEL.bin|pocketsphinx SHARD.npz ... [--nonspeech] [--show N] [--max N] [--json OUT]
Shards come from synth.py and people.py: 8 kHz mu-law, brought to 16 kHz here. --nonspeech adds silence, noise,
music-like tones, ringing and DTMF, out of which no text may come.
"""
import argparse
import collections
import json
import os
import re
import time

import numpy as np
import soxr

import nonspeech
import telephone
from score import Score


class Whisper:
    """whisper.cpp with the parameters Offhook uses."""

    def __init__(self, path):
        from pywhispercpp.model import Model

        self.model = Model(
            path, n_threads=1, no_context=True, single_segment=True, no_timestamps=True, temperature_inc=0.0, print_progress=False,
            greedy={"best_of": 1}, suppress_blank=True, language="en", redirect_whispercpp_logs_to=None,
        )

    def text(self, audio_16k):
        width = 256 if len(audio_16k) <= 5 * 16000 else 512
        audio_16k = np.pad(audio_16k, (0, max(0, 16000 - len(audio_16k))))  # whisper.cpp ignores what is too short
        segments = self.model.transcribe(audio_16k, audio_ctx=width)
        return " ".join(s.text for s in segments)


class Pocketsphinx:
    """The comparison: pocketsphinx of PyPI with the model and language model it brings."""

    def __init__(self, _path):
        from pocketsphinx import Decoder

        self.decoder = Decoder(samprate=16000, loglevel="FATAL")

    def text(self, audio_16k):
        self.decoder.start_utt()
        self.decoder.process_raw((np.clip(audio_16k, -1, 1) * 32767).astype(np.int16).tobytes(), full_utt=True)
        self.decoder.end_utt()
        best = self.decoder.hyp()
        return best.hypstr if best else ""


def normal(text):
    """Lower case words; `...` is the model's word for silence."""
    return " ".join(re.sub(r"[^a-z' ]", " ", text.replace("...", " ").lower()).split())


def kind(voice):
    """The voice's row in the report: `flite:slt`, `espeak`, `an4`."""
    return voice if voice.startswith(("flite", "festival")) else voice.split(":")[0]


def run_shard(engine, path, show, limit):
    z = np.load(path)
    scores, spent, seconds, shown = collections.defaultdict(Score), 0.0, 0.0, []
    count = min(len(z["text"]), limit)
    for i in range(count):
        codes = z["audio"][z["off"][i] : z["off"][i + 1]]
        audio = soxr.resample(telephone.decode(codes), 8000, 16000).astype(np.float32)
        start = time.process_time()
        said = normal(engine.text(audio))
        spent += time.process_time() - start
        seconds += len(codes) / 8000
        for row in ("all", kind(str(z["voice"][i]))):
            scores[row].add(str(z["text"][i]), said)
        if show and i % max(1, count // show) == 0:
            shown.append((str(z["text"][i]), said))
    name = os.path.basename(path)[:-4]
    for row, score in sorted(scores.items()):
        print("%-14s %-30s %s" % (name, row, score))
    print("%-14s %.0f s of speech, CPU seconds per second %.3f" % (name, seconds, spent / seconds), flush=True)
    for ref, said in shown:
        print("   said ", ref, "\n   heard", said)
    return {row: dict(vars(s), wer=round(s.wer, 2)) for row, s in scores.items()} | {"cpu_per_s": round(spent / seconds, 4)}


def run_nonspeech(engine):
    bad = collections.Counter()
    total = collections.Counter()
    for name, audio in nonspeech.samples():
        codes = telephone.encode(audio)
        said = normal(engine.text(soxr.resample(telephone.decode(codes), 8000, 16000).astype(np.float32)))
        total[name] += 1
        if said:
            bad[name] += 1
            print("   nonspeech %-10s heard: %s" % (name, said))
    print("nonspeech      text out of " + ", ".join("%s %d of %d" % (n, bad[n], total[n]) for n in total), flush=True)
    return {n: [bad[n], total[n]] for n in total}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("model")
    ap.add_argument("shards", nargs="*")
    ap.add_argument("--nonspeech", action="store_true")
    ap.add_argument("--show", type=int, default=0)
    ap.add_argument("--max", type=int, default=10**9)
    ap.add_argument("--json")
    a = ap.parse_args()
    engine = (Pocketsphinx if a.model == "pocketsphinx" else Whisper)(a.model)
    report = {os.path.basename(path)[:-4]: run_shard(engine, path, a.show, a.max) for path in a.shards}
    if a.nonspeech:
        report["nonspeech"] = run_nonspeech(engine)
    if a.json:
        json.dump(report, open(a.json, "w"), indent=1)


if __name__ == "__main__":
    main()
