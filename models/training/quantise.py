"""ggml's quantised forms of weights, in numpy: q8_0, q6_K and q4_0 (ggml/src/ggml-quants.c)."""
import numpy as np

Q8_0 = np.dtype([("d", "<f2"), ("q", np.int8, 32)])
Q6_K = np.dtype([("low", np.uint8, (2, 64)), ("high", np.uint8, (2, 32)), ("scale", np.int8, 16), ("d", "<f2")])
Q4_0 = np.dtype([("d", "<f2"), ("q", np.uint8, 16)])
FORMS = {"q8_0": (8, 32), "q6_k": (14, 256), "q4_0": (2, 32)}  # name: ggml's number of the type, weights in a block


def to_q8_0(weights):
    """Per 32 weights one scale (largest magnitude / 127) and 32 int8; byte for byte what whisper.cpp's quantiser writes."""
    blocks = weights.astype(np.float32).reshape(-1, 32)
    scale = np.abs(blocks).max(1) / np.float32(127)
    inverse = np.where(scale > 0, np.float32(1) / np.where(scale > 0, scale, 1), 0).astype(np.float32)
    scaled = blocks * inverse[:, None]
    out = np.empty(len(blocks), Q8_0)
    out["d"] = scale
    out["q"] = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)  # roundf: halves away from zero
    return out.tobytes()


def from_q8_0(data):
    blocks = np.frombuffer(data, Q8_0)
    return (blocks["d"].astype(np.float32)[:, None] * blocks["q"]).reshape(-1)


def to_q6_k(weights):
    """Per 256 weights one f16 scale, per 16 an int8 scale on it, and six bits a weight, -32 to 31. Of several scales
    for 16 weights the one with the smallest squared error is taken."""
    groups = weights.astype(np.float32).reshape(-1, 16)
    largest = groups[np.arange(len(groups)), np.abs(groups).argmax(1)]
    best, scale = np.full(len(groups), np.inf, np.float32), np.zeros(len(groups), np.float32)
    for steps in np.linspace(-33, -28, 11, dtype=np.float32):  # the largest weight gets this many steps
        trial = largest / steps
        codes = np.clip(np.round(groups / np.where(trial == 0, 1, trial)[:, None]), -32, 31)
        error = ((codes * trial[:, None] - groups) ** 2).sum(1)
        better = error < best
        best[better], scale[better] = error[better], trial[better]
    scale = scale.reshape(-1, 16)
    top = scale[np.arange(len(scale)), np.abs(scale).argmax(1)]
    d = (top / np.float32(-128)).astype(np.float16)
    step = d.astype(np.float32)
    small = np.clip(np.round(scale / np.where(step == 0, 1, step)[:, None]), -128, 127)
    unit = (step[:, None] * small).reshape(-1, 1)
    codes = np.clip(np.round(groups / np.where(unit == 0, 1, unit)), -32, 31).astype(np.int16) + 32
    codes = codes.astype(np.uint8).reshape(-1, 2, 4, 32)  # 256 weights: two halves of four rows of 32
    out = np.empty(len(codes), Q6_K)
    out["low"][:, :, :32] = codes[:, :, 0] & 15 | (codes[:, :, 2] & 15) << 4
    out["low"][:, :, 32:] = codes[:, :, 1] & 15 | (codes[:, :, 3] & 15) << 4
    out["high"] = codes[:, :, 0] >> 4 | codes[:, :, 1] >> 4 << 2 | codes[:, :, 2] >> 4 << 4 | codes[:, :, 3] >> 4 << 6
    out["scale"], out["d"] = small, d
    return out.tobytes()


def from_q6_k(data):
    blocks = np.frombuffer(data, Q6_K)
    low, high = blocks["low"], blocks["high"]
    rows = [low[:, :, :32] & 15, low[:, :, 32:] & 15, low[:, :, :32] >> 4, low[:, :, 32:] >> 4]
    codes = np.stack([r | (high >> 2 * k & 3) << 4 for k, r in enumerate(rows)], 2).astype(np.float32) - 32
    unit = blocks["d"].astype(np.float32)[:, None] * blocks["scale"]
    return (codes.reshape(-1, 16, 16) * unit[:, :, None]).reshape(-1)


def to_q4_0(weights):
    """Per 32 weights one scale (the one of largest magnitude / -8) and 32 times four bits."""
    blocks = weights.astype(np.float32).reshape(-1, 32)
    scale = blocks[np.arange(len(blocks)), np.abs(blocks).argmax(1)] / np.float32(-8)
    inverse = np.where(scale != 0, np.float32(1) / np.where(scale != 0, scale, 1), 0).astype(np.float32)
    codes = np.clip(blocks * inverse[:, None] + np.float32(8.5), 0, 15).astype(np.uint8)
    out = np.empty(len(blocks), Q4_0)
    out["d"], out["q"] = scale, codes[:, :16] | codes[:, 16:] << 4
    return out.tobytes()


def from_q4_0(data):
    blocks = np.frombuffer(data, Q4_0)
    codes = np.concatenate([blocks["q"] & 15, blocks["q"] >> 4], 1).astype(np.float32) - 8
    return (blocks["d"].astype(np.float32)[:, None] * codes).reshape(-1)


TO = {"q8_0": to_q8_0, "q6_k": to_q6_k, "q4_0": to_q4_0}
FROM = {8: (Q8_0, 32, from_q8_0), 14: (Q6_K, 256, from_q6_k), 2: (Q4_0, 32, from_q4_0)}
