#!/usr/bin/env python3
"""Writes a checkpoint as a whisper.cpp file, quantised to q8_0, or to q6_K (three quarters of the size, for widths of 256 and its multiples).

usage: export_ggml.py CHECKPOINT.pt HEADER.bin OUT.bin [--form q8_0|q6_k|q4_0|f16]
HEADER is any English whisper.cpp model file: its mel filters and vocabulary are taken.
"""
import argparse
import os

import numpy as np
import torch

import whisper_format as wf


def names(n_enc, n_dec):
    """[(whisper.cpp name, our name)] of every tensor that is a plain copy, in whisper.cpp's order."""
    out = []
    for k in ("conv1", "conv2"):
        out += [(f"encoder.{k}.{p}", f"{k}.{p}") for p in ("weight", "bias")]
    for side, short, count in (("encoder", "enc", n_enc), ("decoder", "dec", n_dec)):
        for i in range(count):
            attentions = ("attn", "cross_attn") if side == "decoder" else ("attn",)
            parts = []
            for at in attentions:
                for p in ("query", "key", "value", "out"):
                    parts += [f"{at}.{p}.weight"] + ([f"{at}.{p}.bias"] if p != "key" else [])
                parts += [f"{at}_ln.weight", f"{at}_ln.bias"]
            parts += [f"mlp.{n}.{p}" for n in (0, 2) for p in ("weight", "bias")] + ["mlp_ln.weight", "mlp_ln.bias"]
            out += [(f"{side}.blocks.{i}.{p}", f"{short}.{i}.{p}") for p in parts]
    return out + [(f"encoder.ln_post.{p}", f"ln_post.{p}") for p in ("weight", "bias")]


def is_matrix(array):
    return array.ndim > 1 and array.shape[-1] > 1


def hparams(cfg):
    d, h = cfg["d"], cfg["h"]
    return dict(
        n_vocab=wf.N_VOCAB, n_audio_ctx=cfg["n_audio"], n_audio_state=d, n_audio_head=h, n_audio_layer=cfg["n_enc"],
        n_text_ctx=cfg["n_text"], n_text_state=d, n_text_head=h, n_text_layer=cfg["n_dec"], n_mels=80,
    )


def tensors(checkpoint):
    """[(name, array)]: float16 for matrices, float32 for everything else."""
    cfg, state = checkpoint["cfg"], {k: v.float().numpy() for k, v in checkpoint["model"].items()}
    d, n = cfg["d"], cfg["n_tok"]
    out = [("encoder.positional_embedding", state["pos"])]
    for name, ours in names(cfg["n_enc"], cfg["n_dec"]):
        array = state[ours].reshape(d, 1) if "conv" in name and name.endswith("bias") else state[ours]
        out.append((name, array.astype(np.float16) if is_matrix(array) else array))
    weight, bias = state["ln.weight"].copy(), state["ln.bias"].copy()
    weight[0], bias[0] = 0, 1  # channel 0 becomes the constant 1: see model.py
    table = np.zeros((wf.N_VOCAB, d), np.float32)
    table[:, 0] = -40
    table[np.array(checkpoint["tok"])] = state["emb"][:n]
    table[[wf.EOT, wf.SOT, wf.NO_TIMESTAMPS, wf.DOTS]] = state["emb"][n : n + 4]
    return out + [
        ("decoder.ln.weight", weight), ("decoder.ln.bias", bias),
        ("decoder.positional_embedding", state["dpos"]), ("decoder.token_embedding.weight", table.astype(np.float16)),
    ]


def start_from(path):
    """The reverse: a model file of ours -> (cfg, state of the exported parameters, token ids)."""
    hp, _, _, weights = wf.read(path)
    cfg = dict(d=hp["n_audio_state"], h=hp["n_audio_head"], n_enc=hp["n_audio_layer"], n_dec=hp["n_text_layer"], n_audio=hp["n_audio_ctx"], n_text=hp["n_text_ctx"])
    state = {ours: torch.from_numpy(weights[name].copy()) for name, ours in names(cfg["n_enc"], cfg["n_dec"])}
    for k in ("conv1.bias", "conv2.bias"):
        state[k] = state[k].reshape(-1)
    state |= {"pos": weights["encoder.positional_embedding"], "dpos": weights["decoder.positional_embedding"]}
    state |= {f"ln.{p}": weights[f"decoder.ln.{p}"] for p in ("weight", "bias")}
    table = weights["decoder.token_embedding.weight"]
    special = [wf.EOT, wf.SOT, wf.NO_TIMESTAMPS, wf.DOTS]
    used = [int(i) for i in np.where(table[:, 0] > -39)[0] if i not in special]
    state["emb"] = np.concatenate([table[used], table[special]])
    return cfg | {"n_tok": len(used)}, {k: torch.as_tensor(np.array(v)) for k, v in state.items()}, used


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("checkpoint")
    ap.add_argument("header")
    ap.add_argument("out")
    ap.add_argument("--form", choices=wf.FTYPES, default="q8_0")
    a = ap.parse_args()
    checkpoint = torch.load(a.checkpoint, weights_only=False, map_location="cpu")
    _, filters, vocabulary, _ = wf.read(a.header, tensors=False)
    wf.write(a.out + ".partial", hparams(checkpoint["cfg"]), filters, vocabulary, tensors(checkpoint), form=a.form)
    os.replace(a.out + ".partial", a.out)
    print(a.out, round(os.path.getsize(a.out) / 1e6, 2), "MB, step", checkpoint.get("step"))


if __name__ == "__main__":
    main()
