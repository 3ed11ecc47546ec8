"""The decoder: the family of Mistral Small 3.2, in miniature. Used for training and for evaluation."""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Shape:
    vocab: int = 4096
    dim: int = 256
    layers: int = 4
    heads: int = 6
    kv_heads: int = 2
    head_dim: int = 64  # 6 x 64 = 384, not dim: Mistral Small's own query width (4096) is not its dim (5120) either
    ffn: int = 512
    context: int = 1024
    rope_theta: float = 1e9
    norm_eps: float = 1e-5

    def as_dict(self):
        return asdict(self)


class RmsNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        x = x.float()
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight


def rope_table(shape, positions):
    """cos and sin, [positions, head_dim / 2]; angles in double."""
    frequencies = shape.rope_theta ** (-torch.arange(0, shape.head_dim, 2, dtype=torch.float64) / shape.head_dim)
    angles = positions.to(torch.float64)[:, None] * frequencies[None, :]
    return angles.cos().float(), angles.sin().float()


def rotate(x, cos, sin):
    """Rotates the pairs (2i, 2i+1) of every head. x: [batch, heads, tokens, head_dim]."""
    pairs = x.unflatten(-1, (-1, 2))
    a, b = pairs[..., 0], pairs[..., 1]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2)


def causal_mask(tokens):
    return torch.full((tokens, tokens), float("-inf")).triu(1)


class Block(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        q_width, kv_width = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.attn_norm = RmsNorm(shape.dim, shape.norm_eps)
        self.attn_q = nn.Linear(shape.dim, q_width, bias=False)
        self.attn_k = nn.Linear(shape.dim, kv_width, bias=False)
        self.attn_v = nn.Linear(shape.dim, kv_width, bias=False)
        self.attn_output = nn.Linear(q_width, shape.dim, bias=False)
        self.ffn_norm = RmsNorm(shape.dim, shape.norm_eps)
        self.ffn_gate = nn.Linear(shape.dim, shape.ffn, bias=False)
        self.ffn_up = nn.Linear(shape.dim, shape.ffn, bias=False)
        self.ffn_down = nn.Linear(shape.ffn, shape.dim, bias=False)
        self.dropout = 0.0  # share of channels that training leaves out of what a block adds

    def forward(self, x, cos, sin, mask, cache=None):
        shape = self.shape
        h = self.attn_norm(x)
        q = self.attn_q(h).unflatten(-1, (shape.heads, shape.head_dim)).transpose(1, 2)
        k = self.attn_k(h).unflatten(-1, (shape.kv_heads, shape.head_dim)).transpose(1, 2)
        v = self.attn_v(h).unflatten(-1, (shape.kv_heads, shape.head_dim)).transpose(1, 2)
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if cache is not None:
            k, v = cache.append(self, k, v)
        # The heads of a group share keys and values: query head h reads key-value head h / group.
        q = (q * shape.head_dim ** -0.5).unflatten(1, (shape.kv_heads, -1)).flatten(2, 3)  # [batch, kv, group * tokens, head_dim]
        scores = (q @ k.transpose(-1, -2)).unflatten(2, (-1, x.shape[1])) + mask
        a = (scores.softmax(-1).flatten(2, 3).to(v.dtype) @ v).unflatten(2, (-1, x.shape[1])).flatten(1, 2)
        x = x + self.drop(self.attn_output(a.transpose(1, 2).flatten(-2)))
        h = self.ffn_norm(x)
        return x + self.drop(self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h)))

    def drop(self, x):
        return F.dropout(x, self.dropout) if self.training and self.dropout else x


class Decoder(nn.Module):
    """Module names follow GGUF tensor names: blocks.N.attn_q.weight is blk.N.attn_q.weight."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocab, shape.dim)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = RmsNorm(shape.dim, shape.norm_eps)
        self.output = nn.Linear(shape.dim, shape.vocab, bias=False)
        cos, sin = rope_table(shape, torch.arange(shape.context))
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                narrow = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=0.02 / (2 * shape.layers) ** 0.5 if narrow else 0.02)
        nn.init.normal_(self.token_embd.weight, std=0.1)

    def hidden(self, ids):
        """ids: [batch, tokens], conversations from position 0, padded on the right. -> [batch, tokens, dim]."""
        x = self.token_embd(ids)
        cos, sin = self.cos[:ids.shape[1]], self.sin[:ids.shape[1]]
        mask = causal_mask(ids.shape[1])
        for block in self.blocks:
            x = block(x, cos, sin, mask)
        return self.output_norm(x)

    def parameter_count(self):
        return sum(p.numel() for p in self.parameters())
