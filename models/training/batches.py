"""Training batches: utterances of like length out of many shards, augmented in the mel domain."""
import glob
import os

import numpy as np
import torch

import whisper_format as wf

LONGEST_FRAMES, LONGEST_TOKENS = 1000, 56
VOCAL_TRACTS = np.linspace(0.88, 1.13, 11)  # lengths against the speaker's own


def _mel_hz():
    """Whisper's mel bands' centres (Slaney's scale: linear to 1 kHz, then logarithmic), 80 bands to 8 kHz."""
    mel = np.linspace(0, 15 + np.log(8) / (np.log(6.4) / 27), 82)[1:-1]
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def _warps():
    """For every vocal tract length the [80, 80] matrix that moves the bands as a longer or shorter one would."""
    hz = _mel_hz()
    at = np.arange(80)
    where = [np.interp(hz * tract, hz, at) for tract in VOCAL_TRACTS]
    return [np.maximum(0, 1 - np.abs(at[:, None] - w[None])).astype(np.float32) for w in where]


class Utterance:
    """One utterance of a shard; `tokens` is None where nothing is said."""

    __slots__ = ("mel", "start", "length", "tokens", "phones", "timed")

    def __init__(self, mel, start, length, tokens, phones, timed):
        self.mel, self.start, self.length, self.tokens, self.phones, self.timed = mel, start, length, tokens, phones, timed

    def frames(self):
        return np.array(self.mel[self.start : self.start + self.length], np.float32)


class Batches:
    """Reads the shards named by the patterns; refresh() takes in shards that have appeared since.

    Sentences in `keep_out` are skipped. `shares` gives groups of shards (a file name's beginning) their share of the utterances drawn.
    """

    def __init__(self, patterns, shares, tokens, phone_id, seed, keep_out=frozenset()):
        self.keep_out = keep_out
        self.patterns, self.shares, self.tokens, self.phone_id = patterns, shares, tokens, phone_id
        self.rng, self.warps = np.random.default_rng(seed), _warps()
        self.known, self.items, self.groups = set(), [], []
        self.refresh()

    def refresh(self):
        paths = sorted(p for pattern in self.patterns for p in glob.glob(pattern))
        new = [p for p in paths if p not in self.known and os.path.exists(p.replace(".npz", ".mel.npy"))]
        for path in new:
            self._load(path)
            self.known.add(path)
        if new:
            self._order()
        return new

    def _load(self, path):
        z, mel = np.load(path), np.load(path.replace(".npz", ".mel.npy"), mmap_mode="r")
        lengths = [2 * (b - a) // 160 for a, b in zip(z["off"], z["off"][1:])]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        assert starts[-1] == len(mel), path
        group = next((g for g in self.shares if os.path.basename(path).startswith(g)), None)
        if group is None:
            raise SystemExit(path + ": its name begins with none of the groups in --share")
        for text, phones, align, start, length in zip(z["text"], z["phones"], z["align"], starts, lengths):
            if str(text) in self.keep_out:
                continue
            tokens, phones = self.tokens.encode(str(text)) or None, str(phones).split()
            too_fast = len(phones) * 2 + 4 > length // 2 * 1.3
            if length > LONGEST_FRAMES or tokens and (len(tokens) > LONGEST_TOKENS or too_fast or not phones):
                continue
            timed = [(self.phone_id.get(p, 0), float(t)) for p, t in (x.rsplit(":", 1) for x in str(align).split())]
            ids = [self.phone_id[p] for p in phones if p in self.phone_id]
            self.items.append(Utterance(mel, int(start), int(length), tokens, ids, timed))
            self.groups.append(group)

    def _order(self):
        """Sorted by length, with running weights, so that a like-length draw is one search."""
        order = np.argsort([i.length for i in self.items], kind="stable")
        self.items, self.groups = [self.items[i] for i in order], [self.groups[i] for i in order]
        self.lengths = np.array([i.length for i in self.items])
        count = {g: self.groups.count(g) for g in set(self.groups)}
        weights = np.array([self.shares[g] / count[g] for g in self.groups])
        self.cumulated = np.concatenate([[0], np.cumsum(weights)])

    def _draw(self, low, high, n=None):
        """Indices between low and high by weight."""
        at = self.rng.uniform(self.cumulated[low], self.cumulated[high], n)
        return np.clip(np.searchsorted(self.cumulated, at, "right") - 1, low, high - 1)

    def batch(self, frames, full_window):
        """(utterances, mel [B, 80, 2 T], phone per frame [B, T] with -100 where unknown). `frames` is B times T, about;
        with probability full_window T is what whisper.cpp will use (256 or 512), else it fits the utterances."""
        rng = self.rng
        length = self.lengths[self._draw(0, len(self.items))]
        if rng.random() < full_window:
            width = 256 if length <= 496 else 512
            low, high = (0, np.searchsorted(self.lengths, 2 * width - 8)) if width == 256 else (np.searchsorted(self.lengths, 200), len(self.items))
            chosen = self._draw(low, high, max(2, frames // width))
        else:
            low, high = np.searchsorted(self.lengths, [length - 24, length + 25])
            chosen = self._draw(low, high, int(np.clip(frames // max(24, length // 2 + 14), 4, 48)))
            width = None
        items = [self.items[i] for i in chosen]
        leads = rng.integers(0, 30, len(items))
        spoken = [self._another_speaker(i.frames()) for i in items]
        if width is None:
            longest = max(lead + len(s) for lead, s in zip(leads, spoken)) + rng.integers(4, 40)
            width = min(512, int(longest // 16 * 8 + 8))
        mel = np.empty((len(items), 80, 2 * width), np.float32)
        phone = np.full((len(items), width), -100, np.int64)
        for b, (item, speech, lead) in enumerate(zip(items, spoken, leads)):
            lead = int(min(lead, max(0, 2 * width - len(speech))))
            mel[b] = self._window(speech, lead, 2 * width).T
            start, pace = 0, len(speech) / item.length
            for p, end_s in item.timed:
                end = min(int(round((end_s * 100 * pace + lead) / 2)), width)
                phone[b, max(0, start) : max(0, end)] = p
                start = end
        return items, torch.from_numpy(mel), torch.from_numpy(phone)

    def _another_speaker(self, speech):
        """The same words at another pace and from another vocal tract (Jaitly & Hinton 2013), each in half of the cases."""
        rng = self.rng
        if rng.random() < 0.5:
            longest = min(1.15, (LONGEST_FRAMES + 20) / len(speech))
            at = np.linspace(0, len(speech) - 1, int(len(speech) * rng.uniform(0.88, max(0.9, longest))))
            low = at.astype(int)
            part = (at - low).astype(np.float32)[:, None]
            speech = speech[low] * (1 - part) + speech[np.minimum(low + 1, len(speech) - 1)] * part
        if rng.random() < 0.5:
            speech = speech @ self.warps[rng.integers(len(self.warps))]
        return speech

    def _window(self, speech, lead, frames):
        """One augmented window: line noise around the speech, a level, masked bands and moments."""
        rng = self.rng
        speech = speech[: frames - lead]
        tail = frames - lead - len(speech)
        quiet = speech[np.argsort(speech.mean(1))[:6]]
        window = np.full((frames, 80), -10.0, np.float32)
        window[lead : lead + len(speech)] = speech
        if lead and rng.random() < 0.6:
            window[:lead] = quiet[rng.integers(0, len(quiet), lead)]
        if tail > 0 and rng.random() < 0.4:
            n = int(rng.integers(0, min(tail, 150) + 1))
            window[lead + len(speech) : lead + len(speech) + n] = quiet[rng.integers(0, len(quiet), n)]
        window = np.where(window > -9.99, window + rng.uniform(-0.7, 0.7), window)
        window = wf.normalise(window)
        if rng.random() < 0.35:
            floor, band = window.min(), int(rng.integers(0, 14))
            at = int(rng.integers(0, 80 - band))
            window[:, at : at + band] = floor
            for _ in range(2):
                n = int(rng.integers(0, 10))
                at = lead + int(rng.integers(0, max(1, len(speech) - n)))
                window[at : at + n] = floor
        return window
