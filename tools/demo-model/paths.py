"""Where things lie in the repository."""

from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
VOCABULARY = ROOT / "tests/Golden/tokenizer/tekken_vocab.bin.br"
ENCODE_CASES = ROOT / "tests/Golden/tokenizer/encode.json"
MODEL = ROOT / "models/demo/tramontane-demo.gguf"
CHECKPOINT = HERE / "build/checkpoint.pt"
SEED = 2506
EVALUATION_SEED = 1540
FURTHER_SEED = 2048
