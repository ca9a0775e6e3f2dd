"""Comparisons by a change or a number: "a speedup over B", "twice as fast as B", "two epochs against 27"."""

from __future__ import annotations

import re

from agent.ground.dimensions import DOWNWARD, INTRINSIC, dimension_in, last_noun
from agent.ground.sides import Comparison, compared
from agent.ground.words import fold, stem
from agent.quantities import quantities

__all__ = ["DENIED", "gains", "multiples", "values"]

DENIED = re.compile(r"\b(?:not|never|no|hardly|n['’]t|cannot|without)\s(?:\w+\s)?$", re.I)
_PREPOSITION = re.compile(r"\b(?:in|on|to|from|of|by|among|over)\s$", re.I)
_AGAINST = re.compile(
    r"\b(?:compared (?:to|with|against)|in comparison (?:to|with)|relative to|as compared (?:to|with)|as opposed to|versus|vs\.?|over|against|in contrast (?:to|with)|than)\s",
    re.I,
)
_GAIN = re.compile(
    r"\b(?P<word>speed-?\s?ups?|acceleration|improvements?|gains?|increases?|boosts?|advantages?|reductions?|decreases?|drops?|savings?|cuts?|slowdowns?|degradation|losses|loss|"
    r"improv(?:es|ed|ing|e)|increas(?:es|ed|ing|e)|reduc(?:es|ed|ing|e)|decreas(?:es|ed|ing|e)|lower(?:s|ed|ing)|sav(?:es|ed|ing|e)|accelerat(?:es|ed|ing|e)|boost(?:s|ed|ing)|cuts|"
    r"rais(?:es|ed|ing|e)|speeds? up|speeding up|slows|slow(?:s|ed|ing)? down|shortens?|faster|slower|higher|lower|more|fewer|less|smaller|larger|better|worse|cheaper|superior|stronger)\b",
    re.I,
)
_AS = re.compile(
    r"\bas (fast|quick|slow|large|big|small|many|much|long|accurate|efficient|high|low|cheap|expensive)(?:ly)?\b(?P<what>(?: \w+){0,3}?) as\b",
    re.I,
)
_OF = re.compile(
    r"^\s(?:the )?(?:\w+ ){0,2}?(speed|throughput|size|accuracy|memory|performance|rate|energy|cost|latency)(?: as)? of\b",
    re.I,
)
_DOWN_AS = frozenset({"slow", "small", "low", "cheap"})


def gains(clause: str, subject: str, outer: str, own: frozenset[str]) -> list[Comparison]:
    """ "a speedup over B", "reduces memory": `outer` is what the whole sentence is set against."""
    found = []
    for gain in _GAIN.finditer(clause):
        against = _AGAINST.search(clause, gain.end()) or re.compile(r"\sfrom\s").match(clause, gain.end())
        right = clause[against.end() :] if against else outer
        if (
            re.match(r"\s(?:\w+\s)?than\b", clause[gain.end() :])
            or re.search(r"\b(?:more|less)\s$", clause[: gain.start()], re.I)
            or DENIED.search(clause[: gain.start()])
            or (not right and _of_others(clause, gain))
        ):
            continue
        stemmed = stem(fold(gain["word"].split()[0].replace("-", "")))
        sign = -1 if stemmed in DOWNWARD or gain["word"].lower() in DOWNWARD else 1
        window = re.split(
            r"\s(?:on|at|for|over|from|compared|relative|than|while|with)\s",
            clause[gain.end() : (against.start() if against else len(clause))],
        )[0][:40]
        what = dimension_in(
            gain["word"] + " " + window, None, skip_first=gain["word"].lower() in ("more", "less", "higher", "lower")
        ) or dimension_in(clause[max(0, gain.start() - 30) : gain.start()], None)
        if what is None and gain["word"].lower().startswith(("speed", "accel", "faster")):
            what = ("speed", 1)
        if gain["word"].lower() in ("faster", "slower"):
            what, sign = ("speed", 1), INTRINSIC[gain["word"].lower()][1]
        elif gain["word"].lower().startswith(("speed", "accel")) or gain["word"].lower().startswith("slow"):
            what = ("speed", 1)
        elif gain["word"].lower() in INTRINSIC and right and what is None:
            what = (INTRINSIC[gain["word"].lower()][0], 1)
        if what is None and not right:
            continue
        if (
            re.match(r"improv|better|superior|enhanc", gain["word"], re.I)
            and what is not None
            and what[0] not in ("speed", "quality", "efficiency")
        ):
            sign = -1
        found.append(compared(clause[: gain.start()] or subject, right, what or ("", 1), sign, clause, own))
    return found


def _of_others(clause: str, gain: re.Match[str]) -> bool:
    """True for "slower" of "in slower devices", an attribute of something else."""
    return bool(_PREPOSITION.search(clause[: gain.start()]) and re.match(r"\s\w+s\b", clause[gain.end() :]))


def multiples(text: str, own: frozenset[str]) -> list[Comparison]:
    """ "twice as fast as B", "2x the speed of B"."""
    found = []
    for q in quantities(text):
        if q.unit != "x" or q.low <= 1:
            continue
        as_, of = _AS.match(text, q.end + 1), _OF.match(text[q.end :])
        if as_ is not None:
            word = as_[1].lower()
            what = (
                dimension_in(as_["what"], None)
                or {"fast": ("speed", 1), "quick": ("speed", 1), "slow": ("speed", 1), "accurate": ("quality", 1)}.get(
                    word
                )
                or dimension_in(word, ("", 1))
            )
            found.append(
                compared(
                    text[: q.start], text[as_.end() :], (what or ("", 1))[0:2], -1 if word in _DOWN_AS else 1, text, own
                )
            )
        elif of is not None:
            what = dimension_in(of[1], ("", 1)) or ("", 1)
            found.append(compared(text[: q.start], text[q.end + of.end() :], what, 1, text, own))
    return found


def values(clause: str, own: frozenset[str]) -> list[Comparison]:
    """ "two epochs, compared to the 27 epochs required for B": the numbers say which is less."""
    match = re.search(
        r"\b(?:compared (?:to|with)|versus|vs\.?|against|while|whereas|rather than|instead of)\b", clause, re.I
    )
    if match is None:
        return []
    before, after = quantities(clause[: match.start()]), quantities(clause[match.end() :])
    for ours in before[::-1]:
        for theirs in after[:1]:
            if ours.unit == theirs.unit and ours.low != theirs.low and ours.unit != "x":
                what = (
                    dimension_in(clause[match.end() :][theirs.end : theirs.end + 25], None)
                    or dimension_in(clause[: match.start()][ours.end : ours.end + 25], None)
                    or (last_noun(clause[match.end() :][theirs.end :]), 1)
                )
                return [
                    compared(
                        clause[: match.start()],
                        clause[match.end() :],
                        what,
                        1 if ours.low > theirs.low else -1,
                        clause,
                        own,
                    )
                ]
    return []
