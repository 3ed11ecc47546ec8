#!/usr/bin/env python3
"""Makes golden.bin and manifest.json: random blocks of every stored format and the float32 values they mean.

The script goes the way of a quantiser: it draws scales and integer codes, packs them into bytes as ggml does
(layouts: ggml-common.h and the quantize_row functions of ggml-quants.c), and computes the values from the codes.
The reader under test goes the other way, so a mistake in a layout cannot hide in both.

Needs Debian's python3-numpy. Run it in this folder: ./make_golden.py
"""
import json

import numpy as np

BLOCKS = 6
rng = np.random.default_rng(20250614)
TABLE = np.array([-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113], np.float32)


def half_scales():
    """One half per block: usual sizes, then the extremes (subnormals, largest, negative, both zeros)."""
    usual = (rng.standard_normal(BLOCKS) * 0.02).astype(np.float16)
    extremes = np.array([6e-8, -65504, 65504, -0.0, 0.0, 6.1e-5], np.float16)
    pick = rng.random(BLOCKS) < 0.4
    return np.where(pick, rng.permutation(extremes), usual)


def codes(bits, count):
    """Integers [blocks, count], each below 2**bits; the first block holds only extremes."""
    q = rng.integers(0, 1 << bits, (BLOCKS, count))
    q[0] = np.where(rng.random(count) < 0.5, 0, (1 << bits) - 1)
    return q


def f32(x):
    return x.astype(np.float32)


def half_bytes(h):
    return h.astype("<f2").view(np.uint8).reshape(BLOCKS, 2)


def pack(q, byte_of, bit_of, size):
    """Bytes [blocks, size] with element e of q at byte byte_of(e), from bit bit_of(e) on."""
    out = np.zeros((BLOCKS, size), np.uint8)
    for e in range(q.shape[1]):
        out[:, byte_of(e)] |= (q[:, e] << bit_of(e)).astype(np.uint8)
    return out


def nibbles32(q):
    """Sixteen bytes for 32 codes: element e below 16 in low nibbles, the rest in high ones."""
    return pack(q & 15, lambda e: e % 16, lambda e: 4 * (e // 16), 16)


def bit_word(q):
    return pack(q, lambda e: e // 8, lambda e: e % 8, 4)


def two_bits(q):
    return pack(q, lambda e: 32 * (e // 128) + e % 32, lambda e: 2 * (e % 128 // 32), 64)


def nibbles64(q):
    """128 bytes for 256 codes: runs of 64 elements share 32 bytes."""
    return pack(q, lambda e: 32 * (e // 64) + e % 32, lambda e: 4 * (e % 64 // 32), 128)


def pairs_of_six(scales, minimums):
    out = np.zeros((BLOCKS, 12), np.uint8)
    for j in range(8):
        s, m = scales[:, j], minimums[:, j]
        if j < 4:
            out[:, j] |= s.astype(np.uint8)
            out[:, j + 4] |= m.astype(np.uint8)
        else:
            out[:, j + 4] = (s & 15) | ((m & 15) << 4)
            out[:, j - 4] |= (s >> 4 << 6).astype(np.uint8)
            out[:, j] |= (m >> 4 << 6).astype(np.uint8)
    return out


def spread(per_sub, elements):
    return np.repeat(per_sub, elements, axis=1)


def q4_0():
    d, q = half_scales(), codes(4, 32)
    return [half_bytes(d), nibbles32(q)], f32(d)[:, None] * f32(q - 8)


def q4_1():
    d, m, q = half_scales(), half_scales(), codes(4, 32)
    return [half_bytes(d), half_bytes(m), nibbles32(q)], f32(d)[:, None] * f32(q) + f32(m)[:, None]


def q5_0():
    d, q = half_scales(), codes(5, 32)
    return [half_bytes(d), bit_word(q >> 4), nibbles32(q)], f32(d)[:, None] * f32(q - 16)


def q5_1():
    d, m, q = half_scales(), half_scales(), codes(5, 32)
    return ([half_bytes(d), half_bytes(m), bit_word(q >> 4), nibbles32(q)],
            f32(d)[:, None] * f32(q) + f32(m)[:, None])


def q8_0():
    d, q = half_scales(), codes(8, 32) - 128
    return [half_bytes(d), q.astype(np.int8).view(np.uint8)], f32(d)[:, None] * f32(q)


def q2_k():
    d, dmin, scale, minimum, q = half_scales(), half_scales(), codes(4, 16), codes(4, 16), codes(2, 256)
    value = (spread(f32(d)[:, None] * f32(scale), 16) * f32(q)) - spread(f32(dmin)[:, None] * f32(minimum), 16)
    return [(scale | minimum << 4).astype(np.uint8), two_bits(q), half_bytes(d), half_bytes(dmin)], value


def q3_k():
    d, scale, q = half_scales(), codes(6, 16), codes(3, 256)
    third = pack(q >> 2, lambda e: e % 32, lambda e: e // 32, 32)
    packed = np.zeros((BLOCKS, 12), np.uint8)
    for j in range(16):
        packed[:, j % 8] |= ((scale[:, j] & 15) << (0 if j < 8 else 4)).astype(np.uint8)
        packed[:, 8 + j % 4] |= (scale[:, j] >> 4 << 2 * (j // 4)).astype(np.uint8)
    value = spread(f32(d)[:, None] * f32(scale - 32), 16) * f32(q - 4)
    return [third, two_bits(q & 3), packed, half_bytes(d)], value


def q4_k():
    d, dmin, scale, minimum, q = half_scales(), half_scales(), codes(6, 8), codes(6, 8), codes(4, 256)
    value = (spread(f32(d)[:, None] * f32(scale), 32) * f32(q)) - spread(f32(dmin)[:, None] * f32(minimum), 32)
    return [half_bytes(d), half_bytes(dmin), pairs_of_six(scale, minimum), nibbles64(q)], value


def q5_k():
    d, dmin, scale, minimum, q = half_scales(), half_scales(), codes(6, 8), codes(6, 8), codes(5, 256)
    fifth = pack(q >> 4, lambda e: e % 32, lambda e: e // 32, 32)
    value = (spread(f32(d)[:, None] * f32(scale), 32) * f32(q)) - spread(f32(dmin)[:, None] * f32(minimum), 32)
    return [half_bytes(d), half_bytes(dmin), pairs_of_six(scale, minimum), fifth, nibbles64(q & 15)], value


def q6_k():
    d, scale, q = half_scales(), codes(8, 16) - 128, codes(6, 256)
    low = pack(q & 15, lambda e: 64 * (e // 128) + e % 64, lambda e: 4 * (e % 128 // 64), 128)
    value = spread(f32(d)[:, None] * f32(scale), 16) * f32(q - 32)
    return [low, two_bits(q >> 4), scale.astype(np.int8).view(np.uint8), half_bytes(d)], value


def iq4_nl():
    d, q = half_scales(), codes(4, 32)
    return [half_bytes(d), nibbles32(q)], f32(d)[:, None] * TABLE[q]


def iq4_xs():
    d, scale, q = half_scales(), codes(6, 8), codes(4, 256)
    high = np.zeros(BLOCKS, np.uint16)
    for j in range(8):
        high |= (scale[:, j] >> 4 << 2 * j).astype(np.uint16)
    low = pack(scale & 15, lambda j: j // 2, lambda j: 4 * (j % 2), 4)
    quants = np.concatenate([nibbles32(q[:, 32 * j:32 * j + 32]) for j in range(8)], axis=1)
    value = spread(f32(d)[:, None] * f32(scale - 32), 32) * TABLE[q]
    return [half_bytes(d), high.astype("<u2").view(np.uint8).reshape(BLOCKS, 2), low, quants], value


def f16():
    h = np.concatenate([half_scales(), np.array([np.inf, -np.inf], np.float16)])
    return [h.astype("<f2").view(np.uint8)[None]], f32(h)[None]


def bf16():
    bits = rng.integers(0, 0x7F80, 16).astype(np.uint16) | (rng.integers(0, 2, 16) << 15).astype(np.uint16)
    return [bits.astype("<u2").view(np.uint8)[None]], (bits.astype(np.uint32) << 16).view(np.float32)[None]


def main():
    formats, data = [], bytearray()
    for name, make in [("F16", f16), ("BF16", bf16), ("Q4_0", q4_0), ("Q4_1", q4_1), ("Q5_0", q5_0), ("Q5_1", q5_1),
                       ("Q8_0", q8_0), ("Q2_K", q2_k), ("Q3_K", q3_k), ("Q4_K", q4_k), ("Q5_K", q5_k), ("Q6_K", q6_k),
                       ("IQ4_NL", iq4_nl), ("IQ4_XS", iq4_xs)]:
        parts, value = make()
        blocks = np.concatenate(parts, axis=1).tobytes()
        assert value.dtype == np.float32
        values = value.astype("<f4").tobytes()
        formats.append({"type": name, "blocks": [len(data), len(blocks)],
                        "values": [len(data) + len(blocks), len(values)]})
        data += blocks + values
    with open("golden.bin", "wb") as f:
        f.write(data)
    with open("manifest.json", "w") as f:
        f.write("[\n" + ",\n".join("  " + json.dumps(entry) for entry in formats) + "\n]\n")


if __name__ == "__main__":
    main()
