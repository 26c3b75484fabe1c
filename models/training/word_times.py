#!/usr/bin/env python3
"""Word times: whisper.cpp's DTW over the top decoder layers' heads, and the voiced span shared out among the words, against
flite's own phone times.

usage: word_times.py MODEL.bin SHARD.npz ...
       word_times.py --fit SHARD.npz ...      how long letters take to say: where the weights of src/speech/placement.rs are from
Only flite's utterances that were written without an error count. Reported is |error| of word ends; the median error (a
fixed delay a user could subtract) is given and taken out for the second figure.
"""
import sys

import numpy as np
import soxr

import telephone
import voices


def true_word_ends(text, align):
    """Seconds at which each word ends, or None where the phones do not fit the words one to one."""
    timed = [(p, float(t)) for p, t in (x.rsplit(":", 1) for x in align.split()) if not p.startswith("pau")]
    ends, at = [], 0
    for word in text.split():
        at += len(voices.phones(word).split())
        if at > len(timed):
            return None
        ends.append(timed[at - 1][1])
    return ends if at == len(timed) else None


def voiced_span(audio):
    """First and last second with energy, by 10 ms frames 30 dB below the loudest."""
    frames = audio[: len(audio) // 80 * 80].reshape(-1, 80)
    level = 10 * np.log10(np.mean(frames**2, 1) + 1e-9)
    loud = np.where(level > level.max() - 30)[0]
    return loud[0] / 100, (loud[-1] + 1) / 100


CLASSES = ("aeiouhw", "bcdfgklmnprstvy", "jqxz")
WEIGHTS = np.array([1, 2, 4, 2, 2, 4])  # half letters, as in src/speech/placement.rs: the classes, word, letter alone, last word


def features(words):
    """[word, 6]: letters of each class, 1, whether it is a letter alone, whether it is the last word."""
    rows = [[sum(c in group for c in w) for group in CLASSES] + [1, len(w) == 1, 0] for w in words]
    rows[-1][-1] = 1
    return np.array(rows, float)


def shared_out(words, span):
    """Word ends: every word gets its share of the span."""
    passed = np.cumsum(features(words) @ WEIGHTS)
    return span[0] + (span[1] - span[0]) * passed / passed[-1]


def fit(shards, most=600):
    """Least squares of the words' shares of their span, scaled so that a plain consonant is 2."""
    x, y = [], []
    for path in shards:
        z, taken = np.load(path), 0
        for i, (text, align) in enumerate(zip(z["text"], z["align"])):
            words, ends = str(text).split(), str(align) and true_word_ends(str(text), str(align))
            if not ends or taken == most:
                continue
            span = voiced_span(telephone.decode(z["audio"][z["off"][i] : z["off"][i + 1]]))
            durations = np.diff([span[0], *ends])
            x.append(features(words) * len(words) / durations.sum())
            y.append(durations * len(words) / durations.sum())
            taken += 1
    weights = np.linalg.lstsq(np.concatenate(x), np.concatenate(y), rcond=None)[0]
    for name, weight in zip((*CLASSES, "a word", "a letter alone", "the last word"), 2 * weights / weights[1]):
        print("%-16s %.2f" % (name, weight))


def dtw_word_starts_and_ends(raw, context):
    """[(word, first token's time, next word's first token's time)] of the last decode."""
    words, times = [], []
    for s in range(raw.whisper_full_n_segments(context)):
        for i in range(raw.whisper_full_n_tokens(context, s)):
            data = raw.whisper_full_get_token_data(context, s, i)
            if data.id >= 50256:
                continue
            piece = raw.whisper_full_get_token_text(context, s, i)
            piece = piece.decode() if isinstance(piece, bytes) else piece
            if piece.startswith(" ") or not words:
                words.append(piece.strip())
                times.append([data.t_dtw / 100, data.t_dtw / 100])
            else:
                words[-1] += piece
                times[-1][1] = data.t_dtw / 100
    return words, times


def main(model_path, *shards):
    import _pywhispercpp as raw
    from pywhispercpp.model import Model

    engines = {}
    for layers in (1, 2):
        params = dict(dtw_token_timestamps=True, dtw_aheads_preset=raw.WHISPER_AHEADS_N_TOP_MOST, dtw_n_top=layers, flash_attn=False)
        engines["DTW, top %d layer%s" % (layers, "s"[: layers - 1])] = Model(
            model_path, n_threads=1, no_context=True, single_segment=True, no_timestamps=True, temperature_inc=0.0,
            print_progress=False, greedy={"best_of": 1}, redirect_whispercpp_logs_to=None, context_params=params,
        )
    errors = {name: [] for name in engines} | {"voiced span shared out": []}
    for path in shards:
        z = np.load(path)
        for i, (text, align) in enumerate(zip(z["text"], z["align"])):
            if not str(align):
                continue
            ends = true_word_ends(str(text), str(align))
            if ends is None:
                continue
            audio = telephone.decode(z["audio"][z["off"][i] : z["off"][i + 1]])
            wide = soxr.resample(audio, 8000, 16000).astype(np.float32)
            wide = np.pad(wide, (0, max(0, 16000 - len(wide))))
            exact = False
            for name, engine in engines.items():
                engine.transcribe(wide, audio_ctx=256 if len(wide) <= 80000 else 512)
                words, times = dtw_word_starts_and_ends(raw, engine._ctx)
                if words == str(text).split():
                    exact = True
                    errors[name] += [t[1] - e for t, e in zip(times, ends)]
            if exact:
                errors["voiced span shared out"] += list(shared_out(str(text).split(), voiced_span(audio)) - np.array(ends))
    for name, e in errors.items():
        if not e:
            print(name, "no utterance to measure")
            continue
        e = 1000 * np.array(e)
        middle = np.median(e)
        p = lambda x: "p50 %4.0f  p90 %4.0f ms" % tuple(np.percentile(np.abs(x), (50, 90)))
        print("%-24s %4d words  %s   median error %4.0f ms, without it %s" % (name, len(e), p(e), middle, p(e - middle)))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    if sys.argv[1] == "--fit":
        fit(sys.argv[2:])
    else:
        main(*sys.argv[1:])
