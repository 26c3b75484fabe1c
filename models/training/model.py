"""Whisper's graph in torch, with a compact token matrix and two auxiliary heads that only training uses."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def sinusoids(length, channels):
    scale = math.log(10000) / (channels // 2 - 1)
    angle = torch.arange(length)[:, None] * torch.exp(-scale * torch.arange(channels // 2))[None]
    return torch.cat([angle.sin(), angle.cos()], 1)


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key = nn.Linear(d, d), nn.Linear(d, d, bias=False)
        self.value, self.out = nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, x, source=None, causal=False):
        source = x if source is None else source
        split = lambda y: y.view(y.shape[0], y.shape[1], self.heads, -1).transpose(1, 2)
        query, key, value = split(self.query(x)), split(self.key(source)), split(self.value(source))
        # Written out: at these lengths a quarter faster than scaled_dot_product_attention on a CPU, forward and back.
        weight = query @ key.mT * query.shape[-1] ** -0.5
        if causal:
            weight = weight + torch.full(weight.shape[-2:], -math.inf, dtype=weight.dtype).triu(1)
        o = weight.softmax(-1, dtype=weight.dtype) @ value
        return self.out(o.transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    def __init__(self, d, heads, cross, drop):
        super().__init__()
        self.attn, self.attn_ln = Attention(d, heads), nn.LayerNorm(d)
        if cross:
            self.cross_attn, self.cross_attn_ln = Attention(d, heads), nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.GELU(approximate="tanh"), nn.Linear(4 * d, d))
        self.mlp_ln, self.drop, self.cross = nn.LayerNorm(d), nn.Dropout(drop), cross

    def forward(self, x, source=None):
        x = x + self.drop(self.attn(self.attn_ln(x), causal=self.cross))
        if self.cross:
            x = x + self.drop(self.cross_attn(self.cross_attn_ln(x), source))
        return x + self.drop(self.mlp(self.mlp_ln(x)))


class Model(nn.Module):
    """Rows of the token matrix: the subset (n_tok), then end, start, no-timestamps and silence (written as "...", because
    whisper.cpp forbids an empty answer and its own no-speech probability is stale in no-timestamps mode)."""

    def __init__(self, d=128, h=2, n_enc=4, n_dec=2, n_tok=2000, n_audio=512, n_text=128, n_phone=42, drop=0.0):
        super().__init__()
        self.cfg = dict(d=d, h=h, n_enc=n_enc, n_dec=n_dec, n_tok=n_tok, n_audio=n_audio, n_text=n_text, n_phone=n_phone)
        self.conv1, self.conv2 = nn.Conv1d(80, d, 3, padding=1), nn.Conv1d(d, d, 3, stride=2, padding=1)
        self.register_buffer("pos", sinusoids(n_audio, d))
        self.enc, self.ln_post = nn.ModuleList(Block(d, h, False, drop) for _ in range(n_enc)), nn.LayerNorm(d)
        self.END, self.START, self.PLAIN, self.SILENCE = range(n_tok, n_tok + 4)
        self.emb, self.dpos = nn.Parameter(torch.randn(n_tok + 4, d) * 0.05), nn.Parameter(torch.randn(n_text, d) * 0.02)
        self.dec, self.ln = nn.ModuleList(Block(d, h, True, drop) for _ in range(n_dec)), nn.LayerNorm(d)
        self.ctc, self.frame = nn.Linear(d, n_phone + 1), nn.Linear(d, n_phone + 1)

    def encode(self, mel):
        """mel [batch, 80, 2 T] -> [batch, T, d]."""
        x = F.gelu(self.conv1(mel), approximate="tanh")
        x = F.gelu(self.conv2(x), approximate="tanh").transpose(1, 2)
        x = x + self.pos[: x.shape[1]]
        for block in self.enc:
            x = block(x)
        return self.ln_post(x)

    def decode(self, rows, encoded):
        """Token rows [batch, n] -> logits over the rows."""
        x = self.emb[rows] + self.dpos[: rows.shape[1]]
        for block in self.dec:
            x = block(x, encoded)
        x = self.ln(x)
        # Channel 0 of the final norm is the constant 1, so column 0 of the tied matrix is a bias per token and every
        # token that was never trained can be given the logit -40 (export_ggml.py).
        x = torch.cat([torch.ones_like(x[..., :1]), x[..., 1:]], -1)
        return x @ self.emb.t()
