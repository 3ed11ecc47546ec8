"""A start from which copying is easy to learn.

Nearly every answer repeats something from its question: a name, a number, a country. From small random weights a
transformer finds that circuit late, because with untied embeddings each token's way from input to output must be
learned by itself. Here the weights begin with it: the first layer tells every position which token came before, the
second finds where the present token stood earlier and brings what followed, and the output rows are a rotation of the
input rows. It is only a start: all of it is trained further.
"""

import torch

from model import rope_table

CONTENT = 192  # channels that hold the token itself; the next 63 hold the token before it, the last one is constant
CONSTANT = 255


@torch.no_grad()
def start_with_copying(model):
    shape = model.shape
    width, group = shape.head_dim, shape.heads // shape.kv_heads

    def random(*size):
        return torch.randn(*size) / size[-1] ** 0.5

    rotation = torch.linalg.qr(torch.randn(CONTENT, CONTENT))[0]
    embeddings = model.token_embd.weight
    embeddings.zero_()
    embeddings[:, :CONTENT] = 0.1 * torch.randn(shape.vocab, CONTENT)
    embeddings[:, CONSTANT] = 1.0
    model.output.weight.mul_(0.2)
    model.output.weight[:, :CONTENT] += 0.3 * embeddings[:, :CONTENT] @ rotation.T
    project = random(width, CONTENT)

    for layer, block in enumerate(model.blocks):
        block.attn_q.weight.mul_(2)
        block.attn_k.weight.mul_(2)
        if layer > 0:  # whatever a head looks at, it brings in the rotated form that the output rows read
            basis = torch.linalg.qr(torch.randn(CONTENT, CONTENT))[0]
            for kv in range(shape.kv_heads):
                bring = basis[kv * width:(kv + 1) * width]
                block.attn_v.weight[kv * width:(kv + 1) * width] = 0
                block.attn_v.weight[kv * width:(kv + 1) * width, :CONTENT] = bring
                for head in range(kv * group, (kv + 1) * group):
                    block.attn_output.weight[:CONTENT, head * width:(head + 1) * width] += 0.02 * rotation @ bring.T

    # Layer 0, head 0: looks one position back (the constant channel, turned by one step) and notes the token there.
    first = model.blocks[0]
    cos, sin = rope_table(shape, torch.ones(1))
    query, key = torch.zeros(width), torch.zeros(width)
    for pair in range(8):
        key[2 * pair] = 1.0
        query[2 * pair], query[2 * pair + 1] = cos[0, pair], -sin[0, pair]
    first.attn_q.weight[:width] = 0
    first.attn_k.weight[:width] = 0
    first.attn_q.weight[:width, CONSTANT] = query
    first.attn_k.weight[:width, CONSTANT] = key
    first.attn_v.weight[:width] = 0
    first.attn_v.weight[:width, :CONTENT] = project
    first.attn_output.weight[CONTENT:CONSTANT, :width] = 0.1 * torch.eye(width)[:CONSTANT - CONTENT]

    # Layer 1, first head of each group: looks for a position whose previous token is the present one. Only slowly turning
    # pairs compare tokens, so that distance does not matter. The two groups bring different halves of what they find.
    second = model.blocks[1]
    for kv in range(shape.kv_heads):
        q_row, kv_row = kv * group * width, kv * width
        second.attn_q.weight[q_row:q_row + width] = 0
        second.attn_k.weight[kv_row:kv_row + width] = 0
        for channel in range(24, CONSTANT - CONTENT):
            second.attn_q.weight[q_row + channel, :CONTENT] = 1.5 * project[channel]
            second.attn_k.weight[kv_row + channel, CONTENT + channel] = 1.5
        bring = second.attn_v.weight[kv_row:kv_row + width, :CONTENT]
        second.attn_output.weight[:, q_row:q_row + width] = 0
        second.attn_output.weight[:CONTENT, q_row:q_row + width] = 0.5 * rotation @ bring.T
