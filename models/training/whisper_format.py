"""whisper.cpp's file format and its log-mel, in numpy.

Facts checked against whisper.cpp 1.8.3 (src/whisper.cpp, examples/common-ggml.cpp): any dimensions load; token ids of an
English-only vocabulary are fixed; two decoder layers force the no-timestamps mode; the encoder's context must be a
multiple of 256; the quantiser touches the 2-D weights only, never positions, biases or convolutions.
"""
import struct

import numpy as np

MAGIC = 0x67676D6C
EOT, SOT, NO_TIMESTAMPS, DOTS = 50256, 50257, 50362, 986  # DOTS is "...", our word for silence
N_VOCAB = 51864  # English-only means below 51865
F32, F16, Q8_0 = 0, 1, 8  # ggml tensor types
FTYPE_F16, FTYPE_Q8_0 = 1, 2007  # file types; 2000 is the quantisation version
BLOCK = 32  # weights that share a scale in q8_0
HPARAMS = "n_vocab n_audio_ctx n_audio_state n_audio_head n_audio_layer n_text_ctx n_text_state n_text_head n_text_layer n_mels ftype".split()


def quantise(weights):
    """float32 -> q8_0 bytes: per 32 weights one f16 scale (largest magnitude / 127) and 32 int8."""
    blocks = weights.astype(np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(1) / np.float32(127)
    inverse = np.where(scale > 0, np.float32(1) / np.where(scale > 0, scale, 1), 0).astype(np.float32)
    scaled = blocks * inverse[:, None]
    out = np.empty(len(blocks), np.dtype([("d", np.float16), ("q", np.int8, BLOCK)]))
    out["d"] = scale
    out["q"] = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)  # roundf: halves away from zero
    return out.tobytes()


def dequantise(data):
    blocks = np.frombuffer(data, np.dtype([("d", np.float16), ("q", np.int8, BLOCK)]))
    return (blocks["d"].astype(np.float32)[:, None] * blocks["q"]).reshape(-1)


def _quantised(name, array):
    return array.ndim == 2 and name.endswith(".weight") and array.shape[-1] % BLOCK == 0


def read(path, tensors=True):
    """(hparams, mel filters [80, 201], vocabulary byte strings, {name: float32 array})."""
    with open(path, "rb") as f:
        ints = lambda n: struct.unpack("%di" % n, f.read(4 * n))
        if ints(1)[0] != MAGIC:
            raise SystemExit(path + ": not a whisper.cpp model file")
        hparams = dict(zip(HPARAMS, ints(11)))
        rows, columns = ints(2)
        filters = np.frombuffer(f.read(4 * rows * columns), np.float32).reshape(rows, columns).copy()
        vocabulary = [f.read(ints(1)[0]) for _ in range(ints(1)[0])]
        weights = {}
        while tensors and (head := f.read(12)):
            dims, name_length, kind = struct.unpack("3i", head)
            shape = ints(dims)[::-1]
            name, count = f.read(name_length).decode(), int(np.prod(shape))
            if kind == Q8_0:
                values = dequantise(f.read(count // BLOCK * (BLOCK + 2)))
            else:
                values = np.frombuffer(f.read(count * (4 if kind == F32 else 2)), np.float32 if kind == F32 else np.float16).astype(np.float32)
            weights[name] = values.reshape(shape)
    return hparams, filters, vocabulary, weights


def write(path, hparams, filters, vocabulary, tensors, q8_0=True):
    """tensors: [(name, array)]; float16 arrays are weights (quantised where whisper.cpp would), float32 ones stay."""
    with open(path, "wb") as f:
        values = dict(hparams, ftype=FTYPE_Q8_0 if q8_0 else FTYPE_F16)
        f.write(struct.pack("I11i", MAGIC, *(values[k] for k in HPARAMS)))
        f.write(struct.pack("2i", *filters.shape) + filters.astype(np.float32).tobytes())
        f.write(struct.pack("i", len(vocabulary)) + b"".join(struct.pack("I", len(v)) + v for v in vocabulary))
        for name, array in tensors:
            small = q8_0 and array.dtype == np.float16 and _quantised(name, array)
            kind = Q8_0 if small else F16 if array.dtype == np.float16 else F32
            f.write(struct.pack("3i", array.ndim, len(name), kind) + struct.pack("%di" % array.ndim, *array.shape[::-1]) + name.encode())
            f.write(quantise(array) if small else np.ascontiguousarray(array).tobytes())


_HANN = (0.5 * (1 - np.cos(2 * np.pi * np.arange(400) / 400))).astype(np.float32)


def log_mel(audio_16k, filters):
    """float32 at 16 kHz -> log10 mel power [frames, 80], 100 frames a second, not yet clamped."""
    padded = np.concatenate([audio_16k[1:201][::-1], audio_16k, np.zeros(400, np.float32)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][: len(audio_16k) // 160]
    power = np.abs(np.fft.rfft(frames * _HANN, axis=1).astype(np.complex64)) ** 2
    return np.log10(np.maximum(power @ filters.T, 1e-10)).astype(np.float32)


def normalise(mel):
    """Clamps to 8 below the maximum and scales; padding must be -10 before."""
    return (np.maximum(mel, mel.max() - 8) + 4) / 4
