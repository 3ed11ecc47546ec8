"""The Tekken tokenizer, cut down to its first ranks.

Byte-pair encoding merges the lowest rank first, so an encoder that knows only the first N ranks does
exactly what the full one does until it reaches a rank that it lacks: a text whose full encoding stays
below the cut has the same ids in both.
"""

import functools

import brotli
import regex

CONTROL_COUNT = 1000
UNK, BOS, EOS, INST, INST_END, PAD = 0, 1, 2, 3, 4, 11
SYSTEM, SYSTEM_END = 17, 18

CONTROL_NAMES = {
    0: "<unk>", 1: "<s>", 2: "</s>", 3: "[INST]", 4: "[/INST]", 5: "[AVAILABLE_TOOLS]",
    6: "[/AVAILABLE_TOOLS]", 7: "[TOOL_RESULTS]", 8: "[/TOOL_RESULTS]", 9: "[TOOL_CALLS]",
    10: "[IMG]", 11: "<pad>", 12: "[IMG_BREAK]", 13: "[IMG_END]", 14: "[PREFIX]", 15: "[MIDDLE]",
    16: "[SUFFIX]", 17: "[SYSTEM_PROMPT]", 18: "[/SYSTEM_PROMPT]", 19: "[TOOL_CONTENT]",
    32: "[ARGS]", 33: "[CALL_ID]",
}

# Words with a leading sign, single digits, runs of punctuation, line ends, spaces.
PIECES = regex.compile(
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def control_name(token_id):
    return CONTROL_NAMES.get(token_id, f"<SPECIAL_{token_id}>")


def read_ranks(path):
    """Reads the compact vocabulary: one length byte per rank from 256 up, then all the bytes."""
    with open(path, "rb") as file:
        data = brotli.decompress(file.read())
    # The number of length bytes is not stored: it is the n with n + (sum of the first n bytes) = total.
    offset, total = 0, 0
    while offset + total < len(data):
        total += data[offset]
        offset += 1
    if offset + total != len(data):
        raise ValueError(f"{path}: lengths and bytes do not add up to {len(data)}")
    ranks = [bytes([value]) for value in range(256)]
    position = offset
    for length in data[:offset]:
        ranks.append(data[position:position + length])
        position += length
    return ranks


class Tekken:
    def __init__(self, path, vocab_size):
        self.vocab_size = vocab_size
        self.ranks = read_ranks(path)[:vocab_size - CONTROL_COUNT]
        self.rank_of = {token: rank for rank, token in enumerate(self.ranks)}
        self._encode_piece = functools.lru_cache(maxsize=200_000)(self._merge)

    def _merge(self, piece):
        data = piece.encode("utf-8")
        if data in self.rank_of:
            return (self.rank_of[data] + CONTROL_COUNT,)
        parts = [data[i:i + 1] for i in range(len(data))]
        while True:
            best_rank, best = None, None
            for i in range(len(parts) - 1):
                rank = self.rank_of.get(parts[i] + parts[i + 1])
                if rank is not None and (best_rank is None or rank < best_rank):
                    best_rank, best = rank, i
            if best is None:
                return tuple(self.rank_of[part] + CONTROL_COUNT for part in parts)
            parts[best:best + 2] = [parts[best] + parts[best + 1]]

    def encode(self, text):
        ids = []
        for match in PIECES.finditer(text):
            ids.extend(self._encode_piece(match.group()))
        return ids

    def decode(self, ids):
        data = b"".join(self.ranks[i - CONTROL_COUNT] for i in ids if i >= CONTROL_COUNT)
        return data.decode("utf-8", "replace")

    def encode_chat(self, messages, answer_follows=False):
        """Lays a conversation out in the v11 format -> (ids, mask); mask is 1 on what the model must say."""
        ids, mask = [BOS], [0]

        def add(tokens, said):
            ids.extend(tokens)
            mask.extend([said] * len(tokens))

        for message in messages:
            text = self.encode(message["content"])
            if message["role"] == "system":
                add([SYSTEM, *text, SYSTEM_END], 0)
            elif message["role"] == "user":
                add([INST, *text, INST_END], 0)
            else:
                add([*text, EOS], 1)
        if answer_follows and ids[-1] != INST_END:
            raise ValueError("the last message must be the user's")
        return ids, mask

    def gguf_tokens(self):
        table = byte_characters()
        names = [control_name(i) for i in range(CONTROL_COUNT)]
        return names + ["".join(table[b] for b in token) for token in self.ranks]

    def gguf_merges(self):
        """Every way to split a token into two smaller ones, in rank order: what a merge-list reader needs."""
        table = byte_characters()
        merges = []
        for token in self.ranks[256:]:
            splits = []
            for cut in range(1, len(token)):
                left, right = self.rank_of.get(token[:cut]), self.rank_of.get(token[cut:])
                if left is not None and right is not None:
                    splits.append((left, right, cut))
            text = "".join(table[b] for b in token)
            merges.extend(f"{text[:cut]} {text[cut:]}" for _, _, cut in sorted(splits))
        return merges


def byte_characters():
    """GPT-2's byte-to-character table: printable Latin-1 stays, the rest moves above U+0100."""
    table, moved = {}, 0x100
    for value in range(256):
        if 33 <= value <= 126 or 161 <= value <= 172 or 174 <= value <= 255:
            table[value] = chr(value)
        else:
            table[value] = chr(moved)
            moved += 1
    return table
