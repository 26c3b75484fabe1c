#!/usr/bin/env python3
"""Doubles a checkpoint's width without changing what it computes (Net2Net, Chen et al. 2016), so that training goes on with
four times the weights instead of beginning again.

usage: widen.py CHECKPOINT.pt OUT.pt [--seed S]
Every channel x becomes [x, x], also the hidden ones, and heads double (their size stays). What reads a doubled vector
shares each weight out between the two copies by a random split, so that the copies part in training. A layer norm gives the
same for a doubled vector, which makes it exact; the positions are doubled too, so they are no longer Whisper's sinusoids.
"""
import argparse

import torch

from model import Model


def widened(cfg, state, generator):
    """(cfg, state) of twice the width."""
    d = cfg["d"]

    def double(w):
        return torch.cat([w, w])

    def share(w):
        """Weights of a reader of [x, x], over the input dimension (the second)."""
        a = torch.empty(w.shape).uniform_(0.3, 0.7, generator=generator)
        return torch.cat([a * w, (1 - a) * w], 1)

    out = {}
    for name, w in state.items():
        if name in ("pos", "dpos", "emb"):
            out[name] = torch.cat([w, w], 1)
        elif name in ("ln.weight", "ln.bias"):
            continue
        elif name.startswith(("ctc.", "frame.")):
            out[name] = share(w) if w.ndim > 1 else w
        elif w.ndim == 1 or name == "conv1.weight":
            out[name] = double(w)
        else:
            out[name] = share(double(w))
    # The tied matrix reads the final norm: its columns are doubled already, so the norm carries the split. Channel 0 is the
    # constant 1 (model.py), its copy must add nothing.
    a = torch.empty(d).uniform_(0.3, 0.7, generator=generator)
    for name in ("ln.weight", "ln.bias"):
        out[name] = torch.cat([a * state[name], (1 - a) * state[name]])
        out[name][d] = 0
    return dict(cfg, d=2 * d, h=2 * cfg["h"]), out


def difference(old, new):
    """(largest difference of the two models' logits on random input, largest logit)."""
    mel = torch.randn(2, 80, 512)
    rows = torch.randint(0, old.END, (2, 20))
    with torch.no_grad():
        a, b = (m.decode(rows, m.encode(mel)) for m in (old, new))
    return float((a - b).abs().max()), float(a.abs().max())


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("checkpoint")
    ap.add_argument("out")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    saved = torch.load(a.checkpoint, weights_only=False)
    cfg, state = widened(saved["cfg"], saved["model"], torch.Generator().manual_seed(a.seed))
    old, new = Model(**saved["cfg"]), Model(**cfg)
    old.load_state_dict(saved["model"])
    new.load_state_dict(state)
    off, largest = difference(old.eval(), new.eval())
    print("width %d -> %d, logits up to %.1f differ by %.1e" % (old.cfg["d"], cfg["d"], largest, off))
    if off > 1e-3 * largest:
        raise SystemExit("the widened model computes something else")
    torch.save(dict(model=new.state_dict(), cfg=cfg, tok=saved["tok"], optimisers=None, step=0, seconds=0.0), a.out)


if __name__ == "__main__":
    main()
