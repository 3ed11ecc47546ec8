"""Writes the trained weights as a GGUF file: Q8_0 matrices, F32 gains, the cut-down Tekken tokenizer.

    python3 export.py
"""

import argparse
from pathlib import Path

import torch

import gguf
from model import Decoder, Shape
from paths import CHECKPOINT, MODEL, VOCABULARY
from tekken import BOS, CONTROL_COUNT, EOS, PAD, UNK, Tekken


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vocabulary", default=VOCABULARY)
    parser.add_argument("--checkpoint", default=CHECKPOINT)
    parser.add_argument("--out", default=MODEL, type=Path)
    parser.add_argument("--type", choices=["q8_0", "f16"], default="q8_0")
    arguments = parser.parse_args()

    saved = torch.load(arguments.checkpoint)
    shape = Shape(**saved["shape"])
    model = Decoder(shape)
    model.load_state_dict(saved["model"])
    tekken = Tekken(arguments.vocabulary, shape.vocab)
    matrix_type, file_type = {"q8_0": (gguf.TYPE_Q8_0, 7), "f16": (gguf.TYPE_F16, 1)}[arguments.type]

    writer = gguf.Writer()
    writer.add("general.architecture", gguf.STRING, "llama")
    writer.add("general.name", gguf.STRING, "Tramontane Demo")
    writer.add("general.description", gguf.STRING,
               "A small demo model for the Tramontane server, trained from scratch. It is not Mistral Small 3.2.")
    writer.add("general.license", gguf.STRING, "apache-2.0")
    writer.add("general.file_type", gguf.U32, file_type)
    writer.add("general.quantization_version", gguf.U32, 2)
    writer.add("tramontane.demo", gguf.BOOL, True)
    for key, value in {"vocab_size": shape.vocab, "context_length": shape.context, "embedding_length": shape.dim,
                       "block_count": shape.layers, "feed_forward_length": shape.ffn, "attention.head_count": shape.heads,
                       "attention.head_count_kv": shape.kv_heads, "attention.key_length": shape.head_dim,
                       "attention.value_length": shape.head_dim, "rope.dimension_count": shape.head_dim}.items():
        writer.add("llama." + key, gguf.U32, value)
    writer.add("llama.rope.freq_base", gguf.F32, shape.rope_theta)
    writer.add("llama.attention.layer_norm_rms_epsilon", gguf.F32, shape.norm_eps)
    writer.add("tokenizer.ggml.model", gguf.STRING, "gpt2")
    writer.add("tokenizer.ggml.pre", gguf.STRING, "tekken")
    writer.add_array("tokenizer.ggml.tokens", gguf.STRING, tekken.gguf_tokens())
    kinds = [3] * CONTROL_COUNT + [1] * (shape.vocab - CONTROL_COUNT)  # control, normal
    writer.add_array("tokenizer.ggml.token_type", gguf.I32, kinds)
    writer.add_array("tokenizer.ggml.merges", gguf.STRING, tekken.gguf_merges())
    for key, value in {"bos": BOS, "eos": EOS, "unknown": UNK, "padding": PAD}.items():
        writer.add(f"tokenizer.ggml.{key}_token_id", gguf.U32, value)
    writer.add("tokenizer.ggml.add_bos_token", gguf.BOOL, True)
    writer.add("tokenizer.ggml.add_eos_token", gguf.BOOL, False)
    for name, values in model.state_dict().items():
        values = values.float().numpy()
        writer.add_tensor(name.replace("blocks.", "blk."), values, gguf.TYPE_F32 if values.ndim == 1 else matrix_type)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    writer.write(arguments.out)
    print(f"{arguments.out.name}: {arguments.out.stat().st_size:,} bytes, {model.parameter_count():,} parameters, "
          f"after {saved['step']} steps")


if __name__ == "__main__":
    main()
