"""The telephone: G.711 mu-law by its real tables, and a random line from a mouth to the far end.

The channel order is the order of the world: speaker (speed and formants), room, handset, level, noise,
clipping, G.711, lost packets. All audio is mono float32 in [-1, 1] at 8 kHz unless a name says otherwise.
"""
import numpy as np
import soxr
from scipy.signal import butter, lfilter

RATE_HZ = 8000
PACKET = 160  # samples in 20 ms


def _decode_table():
    """ITU-T G.711: code -> linear 16 bit (14 bit value shifted left by two)."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


DECODE = _decode_table()


def _encode_table():
    """linear 16 bit (as unsigned index) -> code: the nearest decoding value, as the segments give it."""
    sample = np.arange(-32768, 32768, dtype=np.int32)
    sign = np.where(sample < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(sample), 32635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return (~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8)


ENCODE = _encode_table()


def encode(audio):
    """float audio -> G.711 mu-law bytes."""
    return ENCODE[np.clip(np.round(audio * 32768), -32768, 32767).astype(np.int32) + 32768]


def decode(codes):
    """G.711 mu-law bytes -> float audio."""
    return DECODE[codes].astype(np.float32) / 32768


def trim(audio, before=800, after=1200):
    """Cuts long silence off both ends; returns the audio and the samples cut in front."""
    loud = np.where(np.abs(audio) > 0.02 * np.abs(audio).max())[0]
    if not len(loud):
        return audio, 0
    start = max(0, loud[0] - before)
    return audio[start : loud[-1] + after], start


def _room(audio, rng):
    """A short room: direct sound and an exponentially falling noise tail (T60 0.1 to 0.4 s)."""
    length = int(rng.uniform(0.1, 0.4) * RATE_HZ)
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail *= rng.uniform(0.1, 0.5) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return lfilter(tail, [1.0], audio) if length < 64 else np.convolve(audio, tail)[: len(audio)]


def _noise(length, rng, babble):
    kind = rng.random()
    noise = rng.standard_normal(length)
    if kind < 0.35:  # room rumble
        noise = lfilter([1], [1, -0.95], noise)
    elif kind < 0.45:  # mains hum
        noise += 6 * np.sin(2 * np.pi * 60 * rng.integers(1, 4) * np.arange(length) / RATE_HZ)
    elif kind < 0.65 and babble is not None:  # other people talking, backwards so that no word is real
        noise = np.resize(babble[::-1], length) + 0.05 * noise * np.std(babble)
    return noise


def line(audio, rate_hz, rng, babble=None):
    """A random telephone line. Returns mu-law bytes, the speed factor and the seconds cut in front."""
    speed = float(np.clip(rng.normal(1, 0.055), 0.86, 1.16))  # shifts pitch and formants with it
    y = soxr.resample(audio, rate_hz * speed, RATE_HZ).astype(np.float32)
    y *= 0.1 / np.sqrt(np.mean(y**2) + 1e-9)
    y, cut = trim(y)
    if rng.random() < 0.25:
        y = _room(y, rng)
    low, high = rng.uniform(80, 340), rng.uniform(3100, 3800)
    y = lfilter(*butter(2, [low / 4000, high / 4000], "band"), y)
    if rng.random() < 0.4:
        y = lfilter([1, rng.uniform(-0.6, 0.4)], [1], y)
    if rng.random() < 0.2:  # a hand that moves the handset: slow gain changes
        knots = rng.uniform(-6, 3, 6)
        y = y * 10 ** (np.interp(np.linspace(0, 5, len(y)), np.arange(6), knots) / 20)
    if rng.random() < 0.7:
        n = _noise(len(y), rng, babble)
        y = y + n * np.sqrt((np.mean(y**2) + 1e-12) / (np.mean(n**2) + 1e-12)) * 10 ** (-rng.uniform(12, 42) / 20)
    y = y * 10 ** rng.uniform(-1.6, -0.85) / np.sqrt(np.mean(y**2) + 1e-9)
    if rng.random() < 0.05:
        y = y * 4
    codes = encode(np.clip(y, -1, 1))
    if rng.random() < 0.2:  # lost packets come out as silence
        lost = rng.random(len(codes) // PACKET + 1) < rng.uniform(0.005, 0.03)
        codes = np.where(np.repeat(lost, PACKET)[: len(codes)], np.uint8(255), codes)
    return codes, speed, cut / RATE_HZ


def clean_line(audio, rate_hz):
    """The same without chance: 300 to 3400 Hz, fixed level. For test sets one wants to hear."""
    y = soxr.resample(audio, rate_hz, RATE_HZ).astype(np.float32)
    y *= 0.07 / np.sqrt(np.mean(y**2) + 1e-9)
    y, cut = trim(y)
    y = lfilter(*butter(2, [300 / 4000, 3400 / 4000], "band"), y)
    return encode(np.clip(y, -1, 1)), 1.0, cut / RATE_HZ
