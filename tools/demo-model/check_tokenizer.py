"""Compares the cut-down tokenizer with mistral-common's golden cases that stay below the cut."""

import json
import sys

from model import Shape
from paths import ENCODE_CASES, VOCABULARY
from tekken import Tekken


def main():
    tekken = Tekken(VOCABULARY, Shape.vocab)
    cases = json.loads(ENCODE_CASES.read_text())["cases"]
    below = [case for case in cases if max(case["ids"], default=0) < Shape.vocab]
    wrong = [case["text"] for case in below if tekken.encode(case["text"]) != case["ids"]]
    print(f"tokenizer: {len(below) - len(wrong)} of {len(below)} golden cases below id {Shape.vocab} equal")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
