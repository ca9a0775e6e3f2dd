"""What a source says in the place of a number that it doesn't bear out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.ground.agreement import family
from agent.ground.source import Line
from agent.ground.words import words
from agent.types import Quantity

__all__ = ["counted", "rival"]

_METRICS = re.compile(
    r"\b(?:FIDs?|PSNR|SSIM|LPIPS|RMSE|MAE|MSE|BLEU|WER|CER|MOS|SMOS|AUC|AUROC|F1|EER|mIoU|IoU|mAP|AP|FVD|KID|ROUGE|perplexity|PPL|NDS|accuracy|Dice|score|speed-?up|ratio|error|AUPRC|kappa)\b",
    re.I,
)


def rival(claim: str, claimed: Quantity, near: Sequence[Line], used: Sequence[Quantity]) -> Quantity | None:
    """What the source says instead of an absent quantity, when it is the same thing that is measured; `used` bear out others."""
    ours = _measured(claim, claimed)
    best: tuple[float, Quantity] | None = None
    for rank, line in enumerate(near):
        for stated in line.quantities:
            if stated in used or not _comparable(claimed, stated):
                continue
            if claimed.unit == "" and not 0.02 < (claimed.low or 1) / (stated.low or 1) < 50:
                continue
            shared = len(ours & _measured(line.text, stated))
            if not shared and (claimed.unit in ("", "dims") or (rank > 1 and claimed.unit in ("x", "%", "pp"))):
                continue
            score = shared - rank
            if best is None or score > best[0]:
                best = (score, stated)
    return best[1] if best else None


def _comparable(claimed: Quantity, stated: Quantity) -> bool:
    if claimed.unit == "":
        return stated.unit in ("", "params")
    return family(claimed) == family(stated)


def _measured(text: str, quantity: Quantity) -> frozenset[str]:
    """Stems of the words beside a quantity that say what is counted or measured."""
    before = [w for w in words(text[: quantity.start]) if w.is_content][-2:]
    after = [w for w in words(text[quantity.end :]) if w.is_content][:2]
    found = {w.stem for w in after if not re.search(r"[;:,.]", text[quantity.end : quantity.end + w.start])}
    metrics = _METRICS.findall(text[max(0, quantity.start - 45) : quantity.start]) + _METRICS.findall(
        text[quantity.end : quantity.end + 25]
    )
    found |= {m.lower().rstrip("s") for m in metrics}
    found |= {w.stem for w in before if not w.lower.isdigit() and len(w.lower) > 2}
    return frozenset(found)


def counted(text: str, quantity: Quantity) -> str:
    """The stem of the word right after a number."""
    after = words(text[quantity.end : quantity.end + 30])
    return after[0].stem if after and after[0].start <= 1 and after[0].is_content else ""
