"""The synthetic voices, all from Debian main: espeak-ng, flite, festival.

A voice is named ENGINE:NAME. `TRAIN` and `HELD_OUT` never overlap: a held-out voice is never trained on.
"""
import functools
import io
import os
import subprocess
import tempfile
import wave

import numpy as np

ESPEAK_ACCENTS = {"en-us": 70, "en-us-nyc": 8, "en-gb": 7, "en-gb-x-rp": 5, "en-gb-x-gbclan": 4, "en-029": 3, "en-gb-scotland": 3}
ESPEAK_TRAIN = (
    " m1 m2 m3 m4 m6 m8 f1 f2 f3 f5 klatt klatt2 klatt3 klatt4 klatt6 Alex Alicia Andrea Annie adam aunty belinda "
    "benjamin boris caleb david Denis ed edward Gene grandma grandpa john Lee Marco michael mike paul Henrique pedro "
    "quincy rob robert Jacky shelby steph travis victor Zac norbert sandro Michel Max"
).split(" ")
FLITE_TRAIN = {"slt": 5, "rms": 5, "awb": 4, "kal16": 2}
FESTIVAL_TRAIN = {"kal_diphone": 1}
ESPEAK_HELD_OUT = ["f4", "m7", "Andy", "linda", "m5"]
FESTIVAL_HELD_OUT = ["ked_diphone", "cmu_us_slt_arctic_hts"]
FLITE_PITCH_HZ = {"slt": 170, "rms": 95, "awb": 125, "kal16": 105}
DIGITS = set("zero oh one two three four five six seven eight nine".split())


def pick(kind, rand):
    """A random voice of `train`, `heldout` or a comma-separated list of names."""
    if kind == "heldout":
        return rand.choice(["espeak:en-us+" + v for v in ESPEAK_HELD_OUT] + ["festival:" + v for v in FESTIVAL_HELD_OUT] * 2)
    if kind != "train":
        return rand.choice(kind.split(","))
    draw = rand.random()
    if draw < 0.44:
        accent = rand.choices(list(ESPEAK_ACCENTS), list(ESPEAK_ACCENTS.values()))[0]
        variant = rand.choice(ESPEAK_TRAIN)
        return "espeak:" + accent + ("+" + variant if variant else "")
    if draw < 0.47:
        return "festival:" + rand.choice(list(FESTIVAL_TRAIN))
    return "flite:" + rand.choices(list(FLITE_TRAIN), list(FLITE_TRAIN.values()))[0]


def engine_text(text, rand):
    """Transcript -> text for an engine: a letter is said as a letter, and people pause inside numbers."""
    words, out = text.split(), []
    for i, word in enumerate(words):
        near = words[max(0, i - 1) : i] + words[i + 1 : i + 2]
        out.append("ay" if word == "a" and any(len(n) == 1 and n not in "ai" for n in near) else word)
        if i + 1 < len(words):
            in_number = word in DIGITS and words[i + 1] in DIGITS
            if rand.random() < (0.16 if in_number else 0.03):
                out[-1] += ","
    return " ".join(out)


def _wav(data):
    with wave.open(io.BytesIO(data)) as w:
        pcm = w.readframes(min(w.getnframes(), 2**30))  # espeak-ng writes a dummy length to a pipe
        return np.frombuffer(pcm, np.int16).astype(np.float32) / 32768, w.getframerate()


def _in_file(command):
    """Runs command(path) and returns its standard output and the wave it wrote."""
    path = tempfile.mktemp(suffix=".wav", dir="/dev/shm")
    try:
        out = command(path)
        with open(path, "rb") as f:
            return out, _wav(f.read())
    finally:
        if os.path.exists(path):
            os.unlink(path)


def _run(*args, **kw):
    return subprocess.run(args, capture_output=True, timeout=60, **kw).stdout


def speak(text, voice, rand, plain=False):
    """Returns (float32 audio, rate, [(phone, end_seconds)] or None); only flite tells its phones' times."""
    engine, name = voice.split(":", 1)
    if engine == "espeak":
        speed, pitch = (165, 50) if plain else (rand.randint(135, 205), rand.randint(25, 75))
        audio, rate = _wav(_run("espeak-ng", "-v", name, "-s", str(speed), "-p", str(pitch), "-g", str(rand.choice([0, 0, 1, 2])), "--stdout", text))
        return audio, rate, None
    if engine == "flite":
        options = ["--setf", "duration_stretch=%.2f" % (1.0 if plain else rand.uniform(0.82, 1.2))]
        if not plain and rand.random() < 0.6:
            options += ["--setf", "int_f0_target_mean=%.0f" % (FLITE_PITCH_HZ[name] * rand.uniform(0.85, 1.2))]
        out, (audio, rate) = _in_file(lambda f: _run("flite", "-voice", name, *options, "-psdur", "-t", text, "-o", f, text=True))
        return audio, rate, [(p, float(t)) for p, t in (x.split(":") for x in out.split())]
    if engine == "festival":
        stretch = 1.0 if plain else rand.uniform(0.85, 1.15)
        script = '(voice_%s)(Parameter.set \'Duration_Stretch %.2f)(utt.save.wave (utt.synth (Utterance Text "%s")) "%s" \'riff)'
        _, (audio, rate) = _in_file(lambda f: _run("festival", "--pipe", input=script % (name, stretch, text, f), text=True))
        return audio, rate, None
    raise ValueError("no such engine: " + voice)


@functools.lru_cache(50000)
def phones(text):
    """flite's phone string of a text, without pauses: the target of the auxiliary CTC head."""
    out = _run("flite", "-voice", "kal", "-ps", "-t", text, "-o", "none", text=True)
    return " ".join(p for p in out.split() if p != "pau")
