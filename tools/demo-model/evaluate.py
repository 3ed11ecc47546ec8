"""Asks the exported file the held-out questions and writes evaluation.json and evaluation.md.

    python3 evaluate.py
"""

import argparse
import json
import re
from collections import defaultdict

import torch

import gguf
from conversations import evaluation_questions, first_prompts, further_questions
from free_questions import free_questions
from model import Decoder, Shape
from paths import EVALUATION_SEED, FURTHER_SEED, HERE, MODEL, VOCABULARY
from tekken import EOS, PAD, Tekken


class Cache:
    """Keys and values of a batch whose rows are at different positions."""

    def __init__(self, rows, length, shape, layers):
        self.store = {layer: torch.zeros(2, rows, shape.kv_heads, length, shape.head_dim) for layer in layers}
        self.positions = None  # [rows]: where each row writes; None while the prompts are read

    def append(self, layer, k, v):
        store = self.store[layer]
        if self.positions is None:
            store[0, :, :, :k.shape[2]], store[1, :, :, :v.shape[2]] = k, v
            return k, v
        rows = torch.arange(k.shape[0])
        store[0, rows, :, self.positions], store[1, rows, :, self.positions] = k[:, :, 0], v[:, :, 0]
        return store[0], store[1]


@torch.no_grad()
def generate(model, prompts, limit):
    """Greedy answers, token ids without the end mark."""
    shape, rows = model.shape, len(prompts)
    lengths = torch.tensor([len(p) for p in prompts])
    width = int(lengths.max())
    ids = torch.full((rows, width), PAD)
    for row, prompt in enumerate(prompts):
        ids[row, :len(prompt)] = torch.tensor(prompt)
    cache = Cache(rows, width + limit, shape, list(model.blocks))
    x, mask = model.token_embd(ids), torch.full((width, width), float("-inf")).triu(1)
    for block in model.blocks:
        x = block(x, model.cos[:width], model.sin[:width], mask, cache)
    x = x[torch.arange(rows), lengths - 1]
    answers, open_rows = [[] for _ in prompts], [True] * rows
    for step in range(limit):
        tokens = model.output(model.output_norm(x)).argmax(-1)
        for row, token in enumerate(tokens.tolist()):
            if open_rows[row] and token == EOS:
                open_rows[row] = False
            elif open_rows[row]:
                answers[row].append(token)
        if not any(open_rows):
            break
        cache.positions = lengths + step
        cos, sin = (table[cache.positions][:, None, None, :] for table in (model.cos, model.sin))
        mask = torch.where(torch.arange(width + limit)[None, :] <= cache.positions[:, None], 0.0, float("-inf"))[:, None, None, None, :]
        x = model.token_embd(tokens)[:, None, :]
        for block in model.blocks:
            x = block(x, cos, sin, mask, cache)
        x = x[:, 0]
    return answers


def load(path):
    metadata, tensors = gguf.read(path)
    value = lambda key: metadata["llama." + key]
    shape = Shape(value("vocab_size"), value("embedding_length"), value("block_count"), value("attention.head_count"),
                  value("attention.head_count_kv"), value("attention.key_length"), value("feed_forward_length"),
                  value("context_length"), value("rope.freq_base"), value("attention.layer_norm_rms_epsilon"))
    model = Decoder(shape)
    model.load_state_dict({n.replace("blk.", "blocks."): torch.from_numpy(t.copy()) for n, t in tensors.items()})
    return model.eval()


def answer_all(model, tekken, conversations, limit=100, rows=64):
    """-> answers in the order of the conversations."""
    prompts = [tekken.encode_chat(messages, answer_follows=True)[0] for messages in conversations]
    order, answers = sorted(range(len(prompts)), key=lambda i: len(prompts[i])), [None] * len(prompts)
    for start in range(0, len(order), rows):
        part = order[start:start + rows]
        for i, ids in zip(part, generate(model, [prompts[i] for i in part], limit)):
            answers[i] = tekken.decode(ids)
    return answers


def is_right(item, answer):
    return all(re.search(pattern, answer) for pattern in item["accept"])


def aside(title, text, items, models, tekken):
    """A section on questions that do not count in the share, asked of the model and of the one before it."""
    conversations = [item["messages"] for item in items]
    missed, *missed_before = ([(item, answer) for item, answer in zip(items, answer_all(model, tekken, conversations)) if not is_right(item, answer)]
                              for model in models)
    good = len(items) - len(missed)
    lines = ["", f"## {title}", "", text, f"**{good} of {len(items)} ({100 * good / len(items):.1f} %)**."]
    for earlier in missed_before:
        lines.append(f"The file before this one answers {len(items) - len(earlier)}.")
    lines += ["Missed:", ""]
    for item, answer in missed:
        asked = " / ".join(m["content"] for m in item["messages"] if m["role"] == "user")
        lines.append(f"- `{asked}` -> `{' '.join(answer.split())}`")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", default=VOCABULARY)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--no-report", action="store_true", help="only print")
    parser.add_argument("--before", help="an earlier file, asked the same questions for comparison")
    parser.add_argument("--ask", nargs="+", help="ask this, turn by turn, and print the answers")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = load(arguments.model)
    tekken = Tekken(arguments.vocabulary, model.shape.vocab)

    if arguments.ask:
        messages = []
        for question in arguments.ask:
            messages.append({"role": "user", "content": question})
            messages.append({"role": "assistant", "content": answer_all(model, tekken, [messages])[0]})
            print(f"> {question}\n{messages[-1]['content']}")
        return

    items = evaluation_questions(EVALUATION_SEED) + first_prompts(EVALUATION_SEED)
    held_out = [item for item in items if not item["taught"]]
    answers = answer_all(model, tekken, [item["messages"] for item in items])
    right, total, wrong = defaultdict(int), defaultdict(int), []
    for item, answer in zip(items, answers):
        total[item["topic"]] += 1
        right[item["topic"]] += is_right(item, answer)
        if not is_right(item, answer):
            wrong.append((item, answer))
    good = sum(is_right(item, answer) for item, answer in zip(held_out, answers))
    before = defaultdict(int)
    if arguments.before:
        earlier = answer_all(load(arguments.before), tekken, [item["messages"] for item in items])
        for item, answer in zip(items, earlier):
            before[item["topic"]] += is_right(item, answer)
        good_before = sum(is_right(item, answer) for item, answer in zip(held_out, earlier))
    compare = lambda topic: f" {before[topic]} |" if arguments.before else ""
    lines = ["# Evaluation of the demo model", "",
             "Greedy answers computed from the exported GGUF file (weights dequantised to float32). A phrasing counts as held out",
             "when it occurs nowhere in the training text, with whatever filling; `evaluation.json` has every question and the",
             "patterns that its answer must match (all of them). Topics marked \"taught\" are the first prompts that people type:",
             "they are trained on purpose, are checked too, and do not count in the share.", "",
             f"**Held-out questions answered rightly: {good} of {len(held_out)} ({100 * good / len(held_out):.1f} %)**", ""]
    if arguments.before:
        lines += [f"The file before this one answers {good_before} of them ({100 * good_before / len(held_out):.1f} %).", ""]
    lines += ["| topic | right | asked | share |" + (" before |" if arguments.before else ""),
              "|---|---:|---:|---:|" + ("---:|" if arguments.before else "")]
    lines += [f"| {topic} | {right[topic]} | {total[topic]} | {100 * right[topic] / total[topic]:.0f} % |{compare(topic)}" for topic in sorted(total)]
    lines += ["", "## Wrong answers", ""]
    for item, answer in wrong:
        asked = " / ".join(m["content"] for m in item["messages"] if m["role"] == "user")
        lines.append(f"- {item['topic']}: `{asked}` -> `{' '.join(answer.split())}`")
    if not wrong:
        lines.append("None.")
    models = [model] + ([load(arguments.before)] if arguments.before else [])
    lines += aside("Further phrasings", "Held-out phrasings of `more_phrasings.py`, written with the training text that the shipped file was made "
                   "from, and nearer to it; drawn once, reported apart:", further_questions(FURTHER_SEED), models, tekken)
    lines += aside("Free wording", "Questions worded freely, not drawn from the phrasings (`free_questions.py`); how far the model carries:",
                   free_questions(), models, tekken)
    print("\n".join(lines))
    if not arguments.no_report:
        (HERE / "evaluation.md").write_text("\n".join(lines) + "\n")
        entries = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items)
        (HERE / "evaluation.json").write_text(f"[\n{entries}\n]\n")


if __name__ == "__main__":
    main()
