"""Averages the weights of checkpoints of one run: what two late states disagree on is mostly noise.

    python3 average.py build/one.pt build/two.pt --out build/checkpoint.pt
"""

import argparse

import torch

from paths import CHECKPOINT


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+", help="the last one gives the shape and the step")
    parser.add_argument("--out", default=CHECKPOINT)
    arguments = parser.parse_args()
    saved = [torch.load(path) for path in arguments.checkpoints]
    weights = {name: sum(one["model"][name] for one in saved) / len(saved) for name in saved[-1]["model"]}
    torch.save({"model": weights, "shape": saved[-1]["shape"], "step": saved[-1]["step"]}, arguments.out)


if __name__ == "__main__":
    main()
