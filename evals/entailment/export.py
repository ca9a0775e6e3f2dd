"""Writes the trained entailment model as ONNX: linear layers in 8-bit arithmetic, the rest in float32, pair by pair.

    python -m evals.entailment.export early.npz late.npz --shares 0.3 0.7 -o agent/ground/minilm_nli

Several files are averaged by their shares, tensor by tensor.

The graph is written node by node like the embedder's (`store.embed.build_minilm`), so the file depends on the weights
alone. Input `input_ids` and `kinds` (0 for the claim, 1 for the premise), int64 of shape (1, tokens); output `chances`,
float32 of shape (1, 3): supported, contradicted, not enough information. Needs `onnx` beside the project.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from store.embed.build_minilm import HEADS, LAYERS, WIDTH, GraphWriter, Weights, embeddings, layer

__all__ = ["averaged", "build", "main"]

_STEPS = 64
EMBEDDER = Path(__file__).parents[2] / "store" / "embed" / "minilm"


class EightBit(GraphWriter):
    """Linear layers as integer products: values in 8 bits, a scale a tensor, drawn from the values themselves
    (`DynamicQuantizeLinear`); weights in 7 bits, a scale an output channel.

    Sums of products of 8 and 7 bits fit the 16-bit steps of processors that lack dot-product instructions: they are
    exact, and the same, on each.
    """

    def __init__(self) -> None:
        super().__init__()
        self._quantised: set[str] = set()

    def linear(self, name: str, value: str, weight: npt.NDArray[np.float32], bias: npt.NDArray[np.float32]) -> str:
        """Value @ weight.T + bias."""
        from onnx import helper  # type: ignore[import-not-found]  # build environment only

        scale = (np.abs(weight).max(axis=1) / np.float32(_STEPS)).astype(np.float32)
        codes = np.rint(weight / scale[:, None]).astype(np.int8)
        parts = [f"{value}.8bit.{part}" for part in ("codes", "scale", "zero")]
        if parts[0] not in self._quantised:
            self.nodes.append(helper.make_node("DynamicQuantizeLinear", [value], parts, name=f"{value}.quantised"))
            self._quantised.add(parts[0])
        table = self.constant(f"{name}.int8", codes.T)
        none = self.constant(f"{name}.zero", np.zeros(len(scale), dtype=np.int8))
        sums = self.node("MatMulInteger", f"{name}.sums", parts[0], table, parts[2], none)
        scales = self.node("Mul", f"{name}.scales", parts[1], self.constant(f"{name}.scale", scale))
        product = self.node("Mul", f"{name}.product", self.node("Cast", f"{name}.float", sums, to=1), scales)
        return self.node("Add", name, product, self.constant(f"{name}.bias", bias))


def published_names(state: dict[str, npt.NDArray[np.float32]]) -> Weights:
    """The trained tensors under the names of the published model; `head` stays as it is."""
    weights: Weights = {
        "embeddings.word_embeddings.weight": state["words.weight"],
        "embeddings.position_embeddings.weight": state["places.weight"],
        "embeddings.token_type_embeddings.weight": state["types.weight"],
        "embeddings.LayerNorm.weight": state["norm.weight"],
        "embeddings.LayerNorm.bias": state["norm.bias"],
        "head.weight": state["head.weight"],
        "head.bias": state["head.bias"],
    }
    for number in range(LAYERS):
        ours, theirs = f"layers.{number}", f"encoder.layer.{number}"
        for part in ("weight", "bias"):
            thirds = np.split(state[f"{ours}.qkv.{part}"], 3)
            for name, third in zip(("query", "key", "value"), thirds, strict=True):
                weights[f"{theirs}.attention.self.{name}.{part}"] = third
            weights[f"{theirs}.attention.output.dense.{part}"] = state[f"{ours}.out.{part}"]
            weights[f"{theirs}.attention.output.LayerNorm.{part}"] = state[f"{ours}.norm1.{part}"]
            weights[f"{theirs}.intermediate.dense.{part}"] = state[f"{ours}.wide.{part}"]
            weights[f"{theirs}.output.dense.{part}"] = state[f"{ours}.narrow.{part}"]
            weights[f"{theirs}.output.LayerNorm.{part}"] = state[f"{ours}.norm2.{part}"]
    return weights


def head(graph: GraphWriter, value: str, weights: Weights) -> None:
    """First token joined with the mean over the claim's tokens, a linear layer, softmax."""
    one = graph.constant("one", np.array(1, dtype=np.float32))
    claim = graph.node("Sub", "claim", one, graph.node("Cast", "kinds.float", "kinds", to=1))
    last, middle = graph.constant("last", np.array([2])), graph.constant("middle", np.array([1]))
    weight = graph.node("Unsqueeze", "claim.weight", claim, last)
    total = graph.node("ReduceSum", "claim.total", graph.node("Mul", "claim.kept", value, weight), middle, keepdims=0)
    mean = graph.node("Div", "claim.mean", total, graph.node("ReduceSum", "claim.count", weight, middle, keepdims=0))
    row = graph.node("Gather", "first.row", value, graph.constant("first.place", np.array([0])), axis=1)
    first = graph.node("Squeeze", "first", row, middle)
    joined = graph.node("Concat", "joined", first, mean, axis=1)
    table = graph.constant("head.weight", weights["head.weight"].T)
    scores = graph.node(
        "Add", "scores", graph.node("MatMul", "head", joined, table), graph.constant("head.bias", weights["head.bias"])
    )
    graph.node("Softmax", "chances", scores, axis=-1)


def build(weights: Weights) -> bytes:
    """The ONNX file."""
    from onnx import TensorProto, checker, helper

    graph = EightBit()
    graph.constant("head_shape", np.array([0, 0, HEADS, WIDTH // HEADS]))
    graph.constant("flat_shape", np.array([0, 0, WIDTH]))
    graph.constant("root", np.array(1 / np.sqrt(WIDTH / HEADS), dtype=np.float32))
    graph.constant("mask", np.array(0, dtype=np.float32))  # one pair at a time: nothing is padding
    value = embeddings(graph, weights, "kinds")
    for number in range(LAYERS):
        value = layer(graph, number, value, weights)
    head(graph, value, weights)
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["pairs", "tokens"]) for n in ("input_ids", "kinds")]
    outputs = [helper.make_tensor_value_info("chances", TensorProto.FLOAT, ["pairs", 3])]
    body = helper.make_graph(graph.nodes, "plumbline-nli", inputs, outputs, graph.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def averaged(files: Sequence[Path], shares: Sequence[float]) -> dict[str, npt.NDArray[np.float32]]:
    """The tensors of `files`, weighed by `shares`, of which there is one a file."""
    state: dict[str, npt.NDArray[np.float32]] = {}
    for path, share in zip(files, shares, strict=True):
        with np.load(path) as stored:
            for name in stored.files:
                state[name] = state.get(name, np.float32(0)) + np.float32(share) * stored[name]
    return state


def main() -> None:
    """Write model, tokenizer and licence (the embedder's) and checksums into the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--shares", type=float, nargs="*", help="of each file; default: the same of each")
    parser.add_argument("-o", "--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.mkdir(exist_ok=True)
    shares = given.shares or [1 / len(given.weights)] * len(given.weights)
    (given.out / "model.onnx").write_bytes(build(published_names(averaged(given.weights, shares))))
    for name in ("tokenizer.json", "LICENSE"):
        shutil.copyfile(EMBEDDER / name, given.out / name)
    names = ("LICENSE", "model.onnx", "tokenizer.json")
    sums = [f"{hashlib.sha256((given.out / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (given.out / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
    print("".join(sums), end="")


if __name__ == "__main__":
    main()
