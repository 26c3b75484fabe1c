"""whisper.cpp's file format and its log-mel, in numpy.

Facts checked against whisper.cpp 1.8.3 (src/whisper.cpp, examples/common-ggml.cpp): any dimensions load; token ids of an
English-only vocabulary are fixed; two decoder layers force the no-timestamps mode; the encoder's context must be a
multiple of 256; the quantiser touches the 2-D weights only, never positions, biases or convolutions.
"""
import struct

import numpy as np

import quantise

MAGIC = 0x67676D6C
EOT, SOT, NO_TIMESTAMPS, DOTS = 50256, 50257, 50362, 986  # DOTS is "...", our word for silence
N_VOCAB = 51864  # English-only means below 51865
F32, F16 = 0, 1  # ggml tensor types
FTYPES = {"f16": 1, "q4_0": 2002, "q8_0": 2007, "q6_k": 2014}  # file types; 2000 is the quantisation version
HPARAMS = "n_vocab n_audio_ctx n_audio_state n_audio_head n_audio_layer n_text_ctx n_text_state n_text_head n_text_layer n_mels ftype".split()


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
            if kind in quantise.FROM:
                block, length, values_of = quantise.FROM[kind]
                values = values_of(f.read(count // length * block.itemsize))
            else:
                values = np.frombuffer(f.read(count * (4 if kind == F32 else 2)), np.float32 if kind == F32 else np.float16).astype(np.float32)
            weights[name] = values.reshape(shape)
    return hparams, filters, vocabulary, weights


def write(path, hparams, filters, vocabulary, tensors, form="q8_0"):
    """tensors: [(name, array)]; float16 arrays are weights (quantised where whisper.cpp would), float32 ones stay."""
    with open(path, "wb") as f:
        values = dict(hparams, ftype=FTYPES[form])
        f.write(struct.pack("I11i", MAGIC, *(values[k] for k in HPARAMS)))
        f.write(struct.pack("2i", *filters.shape) + filters.astype(np.float32).tobytes())
        f.write(struct.pack("i", len(vocabulary)) + b"".join(struct.pack("I", len(v)) + v for v in vocabulary))
        for name, array in tensors:
            small = form in quantise.FORMS and array.dtype == np.float16 and array.ndim == 2 and name.endswith(".weight")
            if small and array.shape[1] % quantise.FORMS[form][1]:
                raise SystemExit("%s: rows of %d weights do not divide into %s's blocks" % (name, array.shape[1], form))
            kind = quantise.FORMS[form][0] if small else F16 if array.dtype == np.float16 else F32
            f.write(struct.pack("3i", array.ndim, len(name), kind) + struct.pack("%di" % array.ndim, *array.shape[::-1]) + name.encode())
            f.write(quantise.TO[form](array) if small else np.ascontiguousarray(array).tobytes())


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
