"""Numbers that count nothing: parts of names, list marks, labels such as "top-1"."""

from __future__ import annotations

import re

from agent.quantities.units import counted_at

__all__ = ["is_label"]

_VERSION_BEFORE = re.compile(
    r"(?:[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*|[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9]*|(?<=[a-z0-9,\"'(] )[A-Z][A-Za-z]+)\s$"
)
_METRIC_BEFORE = re.compile(
    r"(?:FIDs?|IS|PSNR|SSIM|LPIPS|RMSE|MAE|MSE|BLEU|WER|CER|MOS|UTMOS|AUC|AUROC|F1|F1-score|EER|mIoU|IoU|mAP|AP|CLIP|FVD|"
    r"KID|ROUGE|ROUGE-L|perplexity|PPL|NRMSE|R2|ACC|Accuracy|Dice|NFE|SI-SDR|PESQ|STOI|CIDEr|METEOR|ELO|Elo|pass@\d)\s$"
)
_HEADING_BEFORE = re.compile(
    r"\b(?:PARTICIPANTS?|PATIENTS|SUBJECTS|METHODS?|RESULTS?|FINDINGS|SETTING|DESIGN|MEASUREMENTS|OUTCOMES?|MEASURES|INTERVENTIONS?|MATERIALS|"
    r"BACKGROUND|CONCLUSIONS?|Participants|Patients|Methods|Results|Findings)\s$"
)
"""A structured abstract's headings stand before counts."""
_LABEL_BEFORE = re.compile(
    r"(?:top|stage|step|phase|figure|table|section|level|version|part|type|rank|algorithm|theorem|layer|case)[- ]$",
    re.I,
)


def is_label(text: str, start: int, end: int, *, plain: bool, decimal: bool) -> bool:
    """True for a number that is part of a name, a list mark, or a label such as "top-1"."""
    if not plain:
        return bool(re.search(r"[A-Za-z0-9][-‑]$", text[max(0, start - 2) : start]))
    before, after = text[max(0, start - 24) : start], text[end : end + 2]
    near = text[end : end + 3]
    if re.match(r"m?AP\b|mAh\b", text[end : end + 4]):
        return False
    if re.match(r"[A-Za-z_]|[-‑][A-Z]|-?[dD]\b", near) or re.match(r"(?:st|nd|rd|th)\b", after):
        return True
    if (
        after.startswith(")")
        and not decimal
        and re.search(r"(?:^|[\s(])$", before)
        and float(re.sub(r"[ ,]", "", text[start:end]).replace("·", ".")) < 20
    ):
        return before.endswith("(") or text[:start].count("(") == text[:start].count(")")
    if re.search(r"[A-Za-z][-‑_/]$|[A-Za-z]\d*/$|[A-Za-z]$|[:^_{]$|\d[:]$", before):
        return True
    if re.match(r":\d", after) or _LABEL_BEFORE.search(before):
        return True
    if _METRIC_BEFORE.search(before):
        return False
    return bool(_VERSION_BEFORE.search(before)) and not _HEADING_BEFORE.search(before) and not counted_at(text, end)
