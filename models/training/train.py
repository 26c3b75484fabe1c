#!/usr/bin/env python3
"""Trains by the clock: constant rate for the first third of the time, then falling to zero. Told to stop (SIGTERM) it saves first.

usage: train.py --shards 'DATA/*.npz' --share dlg=40,tpl=40,people=20 --header MODEL.bin --run DIR --minutes 80 | --until 14:15
                [--start MODEL.bin|CHECKPOINT.pt] [--text TRAIN.txt ...] [--keep-out LINES.txt] [--workers 2] [--d 128 --heads 2]
--minutes counts a worker's processor time, so neither pauses nor other jobs shorten the falling phase; --until ends at a
time of day and plans with the share of a core it got so far. A run directory with last.pt is continued (also its clock).
--start begins with a model file of ours, or with a checkpoint (widen.py) and its auxiliary heads; --text adds token rows for
the words of these files. New shards that match the pattern are taken in while training runs.
Losses: decoder cross entropy + CTC on phones + frame phone classification where the engine tells phone times.
Matrices are multiplied in bfloat16 (several times faster where the CPU has AMX or AVX512-BF16), losses stay in float32.
Several single-thread workers update the shared weights without locks: on shared cores faster than one threaded process.
"""
import argparse
import datetime
import os
import signal
import time

import numpy as np
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F

import export_ggml
import tokens
import whisper_format as wf
from batches import Batches
from model import Model
from muon import Muon

# flite's phone set: the aux heads' classes, 0 is silence and the CTC blank
PHONES = "aa ae ah ao aw ax ay b ch d dh eh er ey f g hh ih iy jh k l m n ng ow oy p r s sh t th uh uw v w y z zh".split()
SAVE_EVERY_S, REFRESH_EVERY_S = 120, 60


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--shards", nargs="+", required=True)
    ap.add_argument("--share", required=True)
    ap.add_argument("--header", required=True)
    ap.add_argument("--run", required=True)
    length = ap.add_mutually_exclusive_group(required=True)
    length.add_argument("--minutes", type=float)
    length.add_argument("--until", metavar="HH:MM", help="the next such time of day")
    ap.add_argument("--start")
    ap.add_argument("--text", nargs="*", default=[])
    ap.add_argument("--keep-out", nargs="*", default=[], help="sentences never trained on, one a line")
    ap.add_argument("--workers", type=int, default=2)
    ap.add_argument("--d", type=int, default=128)
    ap.add_argument("--heads", type=int, default=2)
    ap.add_argument("--frames", type=int, default=1800, help="encoder frames a batch")
    ap.add_argument("--lr", type=float, default=0.012, help="of Muon (matrices)")
    ap.add_argument("--lr-adam", type=float, default=2e-3, help="of AdamW (the rest)")
    ap.add_argument("--decay-from", type=float, default=1 / 3)
    ap.add_argument("--full-from", type=float, default=0.7, help="progress from which half of the batches are full windows")
    ap.add_argument("--noise", type=float, default=0.08, help="wrong input words: the decoder must listen, not guess")
    ap.add_argument("--ctc", type=float, default=0.4)
    ap.add_argument("--frame", type=float, default=0.3)
    ap.add_argument("--seed", type=int, default=0)
    return ap.parse_args()


def lines_of(paths):
    return [line for path in paths for line in open(path).read().splitlines()]


def begin(a):
    """(model, token ids, optimiser states or None, step, seconds trained so far)."""
    vocabulary = wf.read(a.header, tensors=False)[2]
    last = os.path.join(a.run, "last.pt")
    if os.path.exists(last):
        saved = torch.load(last, weights_only=False)
        model = Model(**saved["cfg"])
        model.load_state_dict(saved["model"])
        return model, saved["tok"], saved["optimisers"], saved["step"], saved["seconds"]
    if not a.start:
        ids = tokens.choose(lines_of(a.text), vocabulary)
        return Model(d=a.d, h=a.heads, n_tok=len(ids), n_phone=len(PHONES)), ids, None, 0, 0.0
    if a.start.endswith(".pt"):
        saved = torch.load(a.start, weights_only=False)
        cfg, state, ids = saved["cfg"], saved["model"], saved["tok"]
    else:
        cfg, state, ids = export_ggml.start_from(a.start)
    more = tokens.choose(lines_of(a.text), vocabulary, base=ids)
    old = tokens.Tokens(ids, vocabulary)
    model = Model(**dict(cfg, n_tok=len(more), n_phone=len(PHONES)))
    emb, n = state["emb"], len(ids)
    added = [emb[[old.row[p] for p in pieces]].mean(0) for pieces in (old.encode(vocabulary[i].decode()) for i in more[n:])]
    state["emb"] = torch.cat([emb[:n], torch.stack(added), emb[n:]]) if added else emb
    missing = model.load_state_dict(state, strict=False)
    print("fresh:", missing.missing_keys, "new tokens:", len(added), flush=True)
    return model, more, None, 0, 0.0


def optimisers(model, a):
    matrix = lambda name, p: p.ndim == 2 and name.startswith(("enc.", "dec."))
    named = list(model.named_parameters())
    return (
        Muon([p for n, p in named if matrix(n, p)], lr=a.lr),
        torch.optim.AdamW([p for n, p in named if not matrix(n, p)], lr=a.lr_adam, betas=(0.9, 0.98), weight_decay=0.01),
    )


class Clock:
    """How far the run is, 0 to 1, in processor time: what was paused or taken by others was not trained."""

    def __init__(self, a, trained_s):
        self.before_s, self.length_s, self.end, self.began = trained_s, (a.minutes or 0) * 60, None, time.time()
        if a.until:
            end = datetime.datetime.combine(datetime.date.today(), datetime.time.fromisoformat(a.until)).timestamp()
            self.end = end if end > self.began else end + 86400

    @property
    def trained_s(self):
        return self.before_s + time.process_time()

    def progress(self):
        if self.end is None:
            return self.trained_s / self.length_s
        now = time.time()
        share = min(1.0, time.process_time() / max(1.0, now - self.began))  # of a core, so far in this run
        trained_s = self.trained_s  # once: read twice it would grow in between, and the end never be reached
        return trained_s / (trained_s + max(0.0, self.end - now) * share)


def rate(progress, step, a):
    """Factor on the learning rates."""
    falling = (1 - progress) / (1 - a.decay_from) if progress > a.decay_from else 1.0
    return max(0.005, min(1.0, falling, (step + 1) / 100))


def losses(model, items, mel, phone, row, noise):
    """(decoder, ctc, frame) losses of a batch; `row` maps token ids to rows."""
    said = [torch.tensor([row[t] for t in i.tokens] if i.tokens else [model.SILENCE]) for i in items]
    longest = max(map(len, said))
    given = torch.full((len(items), longest + 2), model.END)
    wanted = torch.full((len(items), longest + 2), -100)
    for b, rows in enumerate(said):
        n = len(rows)
        given[b, 0], given[b, 1], given[b, 2 : 2 + n] = model.START, model.PLAIN, rows
        wanted[b, 1 : 1 + n], wanted[b, 1 + n] = rows, model.END
    wrong = (torch.rand(given.shape) < noise) & (given < model.END)
    given = torch.where(wrong, torch.randint(0, model.END, given.shape), given)
    with torch.autocast("cpu", torch.bfloat16):
        encoded = model.encode(mel)
        logits = model.decode(given, encoded).float()
    encoded = encoded.float()
    decoder = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=-100, label_smoothing=0.05)
    phones = torch.tensor([p for i in items for p in i.phones], dtype=torch.long)
    lengths = torch.tensor([len(i.phones) for i in items])
    log_probs = model.ctc(encoded).log_softmax(-1).transpose(0, 1)
    ctc = F.ctc_loss(log_probs, phones, torch.full((len(items),), encoded.shape[1]), lengths, zero_infinity=True)
    frame = torch.zeros(())
    if (phone >= 0).any():
        frame = F.cross_entropy(model.frame(encoded).flatten(0, 1), phone.flatten(), ignore_index=-100)
    return decoder, ctc, frame


def worker(rank, a, model, ids, saved, step, clock):
    torch.set_num_threads(1)
    seed = a.seed + 1000 * rank + int(time.time()) % 997
    torch.manual_seed(seed)
    vocabulary = wf.read(a.header, tensors=False)[2]
    shares = {k: float(v) for k, v in (x.split("=") for x in a.share.split(","))}
    token_set = tokens.Tokens(ids, vocabulary)
    data = Batches(a.shards, shares, token_set, {p: i + 1 for i, p in enumerate(PHONES)}, seed, set(lines_of(a.keep_out)))
    both = optimisers(model, a)
    for optimiser, state in zip(both, saved or ()):
        optimiser.load_state_dict(state)
    if not rank:
        print("utterances", len(data.items), "hours", round(data.lengths.sum() / 360000, 1), "parameters", sum(p.numel() for p in model.parameters()), flush=True)

    def save():
        path = os.path.join(a.run, "last.pt")
        states = [o.state_dict() for o in both]
        torch.save(dict(model=model.state_dict(), cfg=model.cfg, tok=ids, optimisers=states, step=step, seconds=clock.trained_s), path + ".partial")
        os.replace(path + ".partial", path)

    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    saved_at = refreshed_at = time.time()
    sums = np.zeros(3)
    while (progress := clock.progress()) < 1 and not stopped:
        factor = rate(progress, step, a)
        for optimiser, lr in zip(both, (a.lr, a.lr_adam)):
            for group in optimiser.param_groups:
                group["lr"] = lr * factor
        batch = data.batch(a.frames, 0.5 if progress >= a.full_from else 0.08)
        decoder, ctc, frame = losses(model, *batch, token_set.row, a.noise)
        (decoder + a.ctc * ctc + a.frame * frame).backward()
        if torch.isfinite(torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)):
            for optimiser in both:
                optimiser.step()
        for optimiser in both:
            optimiser.zero_grad(set_to_none=True)
        step += 1
        sums += [float(x.detach()) for x in (decoder, ctc, frame)]
        if not rank and step % 50 == 0:
            print("%6.1f min  step %d  decoder %.3f  ctc %.3f  frame %.3f  rate %.2f" % (clock.trained_s / 60, step, *sums / 50, factor), flush=True)
            sums[:] = 0
        if not rank and time.time() - saved_at > SAVE_EVERY_S:
            save()
            saved_at = time.time()
        if time.time() - refreshed_at > REFRESH_EVERY_S:
            new = data.refresh()
            if new and not rank:
                print("taken in:", *map(os.path.basename, new), flush=True)
            refreshed_at = time.time()
    if not rank:
        save()
        print("stopped" if stopped else "done", "at step", step, flush=True)


def main():
    a = arguments()
    os.makedirs(a.run, exist_ok=True)
    model, ids, saved, step, before_s = begin(a)
    model.share_memory()
    clock = Clock(a, before_s)
    rest = [mp.Process(target=worker, args=(k, a, model, ids, saved, step, clock)) for k in range(1, a.workers)]
    for p in rest:
        p.start()
    worker(0, a, model, ids, saved, step, clock)
    for p in rest:
        p.join()


if __name__ == "__main__":
    main()
