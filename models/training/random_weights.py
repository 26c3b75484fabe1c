#!/usr/bin/env python3
"""Writes a whisper.cpp model of tiny.en, base.en or small.en size with random weights: speed does not depend on weights, so
`offhook bench speech` can measure a machine's capacity without a download. What such a model writes means nothing.

usage: random_weights.py tiny.en|base.en|small.en HEADER.bin OUT.bin [--form q8_0|f16] [--seed S]
HEADER is any English whisper.cpp model file (models/offhook-phone-en.bin): its mel filters and vocabulary are taken.
"""
import argparse
import os

import numpy as np

import export_ggml
import whisper_format as wf

# width, heads, layers: openai/whisper, model-card.md
SIZES = {"tiny.en": (384, 6, 4), "base.en": (512, 8, 6), "small.en": (768, 12, 12)}


def shape_of(name, d):
    """The shape of a tensor that is a plain copy, from its name."""
    last, kind = name.split(".")[-2:]
    if "conv" in name:
        return (d, 80 if "conv1" in name else d, 3) if kind == "weight" else (d, 1)
    if "mlp_ln" in name or "_ln" in name or "ln_post" in name:
        return (d,)
    if ".mlp." in name:
        wide = 4 * d
        if kind == "bias":
            return (wide if last == "0" else d,)
        return (wide, d) if last == "0" else (d, wide)
    return (d, d) if kind == "weight" else (d,)


def tensors(d, layers, rng):
    """Small random matrices, norms of one: activations stay finite, so every kernel does its usual work."""

    def weight(*shape):
        return (rng.standard_normal(shape, np.float32) * 0.02).astype(np.float16)

    yield "encoder.positional_embedding", (rng.standard_normal((1500, d), np.float32) * 0.02)
    for name, _ in export_ggml.names(layers, layers):
        shape = shape_of(name, d)
        if name.endswith("weight") and len(shape) > 1:
            yield name, weight(*shape)
        else:
            yield name, np.full(shape, 1.0 if name.endswith("weight") else 0.0, np.float32)
    yield "decoder.ln.weight", np.ones(d, np.float32)
    yield "decoder.ln.bias", np.zeros(d, np.float32)
    yield "decoder.positional_embedding", rng.standard_normal((448, d), np.float32) * 0.02
    yield "decoder.token_embedding.weight", weight(wf.N_VOCAB, d)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("size", choices=SIZES)
    ap.add_argument("header")
    ap.add_argument("out")
    ap.add_argument("--form", choices=wf.FTYPES, default="q8_0")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    d, heads, layers = SIZES[a.size]
    _, filters, vocabulary, _ = wf.read(a.header, tensors=False)
    hparams = dict(
        n_vocab=wf.N_VOCAB, n_audio_ctx=1500, n_audio_state=d, n_audio_head=heads, n_audio_layer=layers,
        n_text_ctx=448, n_text_state=d, n_text_head=heads, n_text_layer=layers, n_mels=80,
    )
    wf.write(a.out + ".partial", hparams, filters, vocabulary, tensors(d, layers, np.random.default_rng(a.seed)), form=a.form)
    os.replace(a.out + ".partial", a.out)
    print(a.out, round(os.path.getsize(a.out) / 1e6, 1), "MB of random weights")


if __name__ == "__main__":
    main()
