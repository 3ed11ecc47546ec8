"""Trains the demo model from scratch. Same seed and same arithmetic give the same model.

    MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 nice python3 train.py
"""

import argparse
import math
import platform
import random
import time

import torch
import torch.nn.functional as F

from conversations import Writer, evaluation_questions, turn_count
from grammar import normalise
from model import Decoder, Shape
from paths import CHECKPOINT, EVALUATION_SEED, HERE, SEED, VOCABULARY
from start import start_with_copying
from tekken import PAD, Tekken


def batches(writer, tekken, tokens_per_batch, context):
    """Conversations of like length side by side, each from position 0, padded on the right."""
    while True:
        pool = []
        while len(pool) < 640:
            ids, said = tekken.encode_chat(writer.conversation(turn_count(writer.rng)))
            if len(ids) <= context:
                pool.append((ids, said))
        pool.sort(key=lambda item: len(item[0]))
        groups, group = [], []
        for item in pool:
            if group and len(item[0]) * (len(group) + 1) > tokens_per_batch:
                groups.append(group)
                group = []
            group.append(item)
        groups.append(group)
        writer.rng.shuffle(groups)
        for group in groups:
            width = max(len(ids) for ids, _ in group)
            ids = torch.full((len(group), width), PAD)
            said = torch.zeros((len(group), width), dtype=torch.bool)
            for row, (tokens, mask) in enumerate(group):
                ids[row, :len(tokens)] = torch.tensor(tokens)
                said[row, :len(tokens)] = torch.tensor(mask, dtype=torch.bool)
            yield ids, said


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", default=VOCABULARY)
    parser.add_argument("--checkpoint", default=CHECKPOINT)
    parser.add_argument("--log", default=HERE / "training-log.txt")
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--minutes", type=float, default=1e9, help="finish the schedule early when time runs out")
    parser.add_argument("--tokens", type=int, default=1024, help="per step")
    parser.add_argument("--rate", type=float, default=1.3e-3)
    parser.add_argument("--dropout", type=float, default=0.1, help="in every block, so that no single channel decides")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start-from", help="continue from another run's checkpoint, with a fresh schedule")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    random.seed(arguments.seed)
    shape = Shape()
    model = Decoder(shape)
    if arguments.start_from:
        saved = torch.load(arguments.start_from)
        model.load_state_dict(saved["model"])
    else:
        start_with_copying(model)
    for block in model.blocks:
        block.dropout = arguments.dropout
    tekken = Tekken(arguments.vocabulary, shape.vocab)
    avoid = {normalise(item["messages"][-1]["content"]) for item in evaluation_questions(EVALUATION_SEED)}
    data = batches(Writer(arguments.seed, avoid=avoid), tekken, arguments.tokens, shape.context)

    matrices = [p for p in model.parameters() if p.ndim == 2]
    gains = [p for p in model.parameters() if p.ndim == 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.05}, {"params": gains, "weight_decay": 0.0}],
                                  lr=arguments.rate, betas=(0.9, 0.98))
    if arguments.start_from and "optimizer" in saved:
        optimizer.load_state_dict(saved["optimizer"])
    log = open(arguments.log, "a" if arguments.start_from else "w")

    def note(line):
        print(line, flush=True)
        log.write(line + "\n")
        log.flush()

    note(f"\n{'continued from step %d' % saved['step'] if arguments.start_from else 'from scratch'}")
    note(f"shape {shape.as_dict()}")
    note(f"parameters {model.parameter_count():,}")
    note(f"machine {platform.machine()}, {arguments.threads} threads (shared with other work), torch {torch.__version__}, "
         f"Python {platform.python_version()}, bfloat16 autocast, float32 master weights")
    note(f"seed {arguments.seed}, {arguments.steps} steps of up to {arguments.tokens} tokens, AdamW, peak rate {arguments.rate}, cosine, "
         f"dropout {arguments.dropout}")
    note("step  loss   tokens      said       rate      seconds")

    CHECKPOINT.parent.mkdir(exist_ok=True)

    def save():
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "shape": shape.as_dict(), "step": step},
                   arguments.checkpoint)

    begun = time.time()
    warmup = min(30 if arguments.start_from else 100, arguments.steps // 5)
    seen = said_total = 0
    loss_sum = count = 0
    step = 0
    while step < arguments.steps:
        elapsed = time.time() - begun
        done = max(step / arguments.steps, elapsed / 60 / arguments.minutes)
        if done >= 1:
            break
        rate = arguments.rate * min(1, (step + 1) / warmup) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        ids, said = next(data)
        with torch.autocast("cpu", torch.bfloat16):
            hidden = model.hidden(ids[:, :-1])
            wanted = said[:, 1:]
            logits = model.output(hidden[wanted])
        loss = F.cross_entropy(logits.float(), ids[:, 1:][wanted])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        seen += ids.numel()
        said_total += int(wanted.sum())
        loss_sum += loss.item()
        count += 1
        if step % 100 == 0 or step == arguments.steps:
            note(f"{step:5d} {loss_sum / count:7.4f} {seen:10d} {said_total:10d} {rate:.2e} {time.time() - begun:8.0f}")
            loss_sum = count = 0
        if step % 200 == 0:
            save()
    save()
    note(f"done after {step} steps, {seen:,} tokens, {(time.time() - begun) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
