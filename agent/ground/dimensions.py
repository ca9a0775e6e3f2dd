"""In what two things are compared: speed, memory, quality..., and which way of it is more."""

from __future__ import annotations

from agent.ground.words import stem, words

__all__ = ["DOWNWARD", "INTRINSIC", "KNOWN", "dimension_in", "last_noun"]

DOWNWARD = frozenset(
    "less fewer slower lower smaller shorter worse cheaper lighter weaker poorer narrower reduct reduc decreas drop save cut slowdown degrad loss lower slow shorten harder costlier coarser".split()
)
_DIMENSIONS: tuple[tuple[str, int, str], ...] = (
    ("speed", 1, "speed speedup fast quick throughput fps rapid rapidly quickly acceleration responsive"),
    ("speed", -1, "latency time duration delay slow slowly runtime ttft hours minutes seconds"),
    ("memory", 1, "memory footprint ram vram storage cache"),
    ("size", 1, "size parameter parameters weights"),
    ("compute", 1, "flops flop computation computational compute operation operations macs gflops"),
    ("energy", 1, "energy power consumption watt"),
    ("cost", 1, "cost costs expense budget price communication overhead"),
    ("data", 1, "sample samples data examples labels epochs epoch iterations iteration steps"),
    ("quality", 1, "accuracy accurate performance quality precision recall score map ap bleu psnr ssim f1 auc robust robustness generalization generalisation generalize fidelity perform precise results effective capability miou"),
    ("efficiency", 1, "efficient efficiency efficiently"),
    ("quality", -1, "error loss perplexity rmse mae fid wer degradation bias overfitting inaccurate"),
)  # fmt: skip
INTRINSIC: dict[str, tuple[str, int]] = {
    "faster": ("speed", 1), "quicker": ("speed", 1), "sooner": ("speed", 1), "slower": ("speed", -1), "better": ("quality", 1),
    "superior": ("quality", 1), "stronger": ("quality", 1), "worse": ("quality", -1), "weaker": ("quality", -1), "poorer": ("quality", -1),
    "cheaper": ("cost", -1), "costlier": ("cost", 1), "smaller": ("size", -1), "larger": ("size", 1), "bigger": ("size", 1),
    "lighter": ("size", -1), "heavier": ("size", 1),
}  # fmt: skip
_DIMENSION = {stem(w): (name, sign) for name, sign, listed in _DIMENSIONS for w in listed.split()}
KNOWN = frozenset(name for name, _, _ in _DIMENSIONS)


def dimension_in(text: str, default: tuple[str, int] | None, *, skip_first: bool = False) -> tuple[str, int] | None:
    """The first dimension the text names, with +1 where more of the word is more of it, -1 where it is less."""
    said = words(text)[1 if skip_first else 0 :]
    if any(word.stem == "effici" for word in said):
        return "efficiency", 1
    for word in said:
        if word.stem in _DIMENSION:
            return _DIMENSION[word.stem]
    return default


def last_noun(text: str) -> str:
    """The stem of the last telling word: what is compared where no known dimension is named."""
    said = [w.stem for w in words(text) if w.is_content]
    return said[-1] if said else ""
