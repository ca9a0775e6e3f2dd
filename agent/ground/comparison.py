"""Who is better than whom, and in what: comparisons and changes a sentence states.

"A is slower than B", "B outperforms A in speed" and "A trails B" are one statement once sides and
signs are read. `agent.ground.reversal` catches a claim that puts the sides or the sign the other way.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from agent.ground.dimensions import DOWNWARD, INTRINSIC, dimension_in, last_noun
from agent.ground.gains import DENIED, gains, multiples, values
from agent.ground.own import NAMEISH, OWN
from agent.ground.sides import Comparison, compared, side
from agent.ground.words import stem
from agent.quantities import quantities

__all__ = ["comparisons"]

_BETTER = re.compile(
    r"\b(?:outperform(?:s|ed|ing)?|outstrips?|outpaces?|surpass(?:es|ed|ing)?|beats?|beating|exceed(?:s|ed|ing)?|excels? over|wins? (?:over|against)|"
    r"overtakes?|tops|dominat(?:es|ing)|leads|edges out|improv(?:es?|ed|ing) (?:up)?on|(?:is|are|was|were|being|proves?|performs?|performed|does|did|do) (?:\w+ )?(?:better|superior) (?:than|to)|superior to|better than)\b",
    re.I,
)
_WORSE = re.compile(
    r"\b(?:trail(?:s|ed|ing)?|underperform(?:s|ed|ing)?|lag(?:s|ged|ging)?(?: far)?(?: behind)?|falls? behind|loses? to|(?:is|are) (?:inferior to|beaten by|outperformed by|surpassed by)|"
    r"falls? short of|fails? to (?:match|beat|outperform|surpass|reach)|inferior to|worse than|outperformed by|surpassed by|beaten by)\b",
    re.I,
)
_NOUNS_IN_ER = (
    "other rather whether under over layer number after either neither transformer parameter per paper order power user never however "
    "computer server consumer tracker decoder encoder router adapter tokenizer optimizer classifier together further former latter"
)
"""Words in -er that compare nothing."""
_AMOUNT = re.compile(
    r"\s(?:about |over |roughly )?(?:[\d$]|(?:half|twice|double|an? (?:third|quarter|fifth|sixth|eighth|tenth|dozen|point))\b)",
    re.I,
)
"""After "more than": a bound of a number, no comparison."""
_RESPECT = re.compile(r"(?<=\w)\s(?:in|on|for|across)\s")
"""What follows the beaten side: where or in what it is beaten."""
_ON = re.compile(r"^\s(?:on|with|in|for|at|under|by|using)\s", re.I)
_COMPARATIVE = re.compile(
    r"\b(?P<word>more|less|fewer|faster|quicker|slower|higher|lower|larger|bigger|greater|smaller|longer|shorter|better|worse|cheaper|costlier|lighter|heavier|"
    r"stronger|weaker|easier|harder|sooner|later|deeper|wider|narrower|finer|coarser|richer|poorer|closer|further|(?!(?:"
    + _NOUNS_IN_ER.replace(" ", "|")
    + r")\b)[a-z]{3,}er)\b(?P<what>(?:[\s,-]+(?:and |in |as )?[\w./-]+){0,7}?)[\s,]+than\b",
    re.I,
)
_LEAD = re.compile(
    r"^(?:set |when |as )?(?:compared (?:to|with|against)|in comparison (?:to|with)|relative to|against|in contrast to|unlike)\s(?P<right>[^,]+),\s*",
    re.I,
)
_CLAUSE = re.compile(
    r";\s|:\s|,\s(?:while|whereas|but|and|which|with|yet|although|despite|at|albeit)\b|,\s(?=\w+ing\b)|\b(?:while|whereas|although)\b|\.\s",
    re.I,
)


@lru_cache(maxsize=8192)
def comparisons(text: str, own: frozenset[str]) -> tuple[Comparison, ...]:
    """The comparisons of one sentence; `own` are the names of what its paper introduces."""
    lead = _LEAD.match(text)
    outer = lead["right"] if lead else ""
    found: list[Comparison] = [*values(text, own), *multiples(text, own)]
    text = _without_quantities(text)
    body = text[lead.end() :] if lead else text
    subject = ""
    for clause in _clauses(body):
        found += [_inherit(c, subject, own) for c in _of_clause(clause, subject, outer, own)]
        subject = subject or clause
    return tuple(found)


def _inherit(comparison: Comparison, subject: str, own: frozenset[str]) -> Comparison:
    """A later clause that names nobody speaks of the first clause's subject."""
    if (
        not subject
        or comparison.text == subject
        or OWN in comparison.left | comparison.right
        or OWN not in side(subject, own)
    ):
        return comparison
    if NAMEISH.search(comparison.text.split(" than ")[0][:60].lstrip()) and not re.match(
        r"(?:and|but|while|with|which|yet|at|[a-z]+ing)\b", comparison.text, re.I
    ):
        return comparison
    return replace(comparison, left=comparison.left | {OWN})


def _without_quantities(text: str) -> str:
    """`text` with its quantities blanked, so that "ten times faster" speaks of no time and "more than 2x" compares nothing."""
    for q in quantities(text):
        text = text[: q.start] + " " * (q.end - q.start) + text[q.end :]
    return text


def _clauses(text: str) -> list[str]:
    cuts = [0, *(m.start() for m in _CLAUSE.finditer(text)), len(text)]
    return [text[a:b].strip(" ,;:") for a, b in pairwise(cuts) if text[a:b].strip(" ,;:")]


def _of_clause(clause: str, subject: str, outer: str, own: frozenset[str]) -> list[Comparison]:
    found: list[Comparison] = []
    for pattern, sign in ((_BETTER, 1), (_WORSE, -1)):
        for match in pattern.finditer(clause):
            turned = -sign if DENIED.search(clause[: match.start()]) else sign
            respect = re.search(r"\b(?:in|in terms of|on) (?:both )?(.{0,25})", clause[match.end() :])
            what = (dimension_in(respect[1], None) if respect else None) or ("quality", 1)
            right = _RESPECT.split(clause[match.end() :], maxsplit=1)[0]
            found.append(compared(clause[: match.start()] or subject, right, (what[0], 1), turned, clause, own))
    for match in _COMPARATIVE.finditer(clause):
        if not _is_comparative(match["word"].lower()):
            continue
        sign = -1 if stem(match["word"].lower()) in DOWNWARD or match["word"].lower() in DOWNWARD else 1
        if _AMOUNT.match(clause, match.end()):
            continue
        turned = -sign if DENIED.search(clause[: match.start()]) else sign
        intrinsic = INTRINSIC.get(match["word"].lower())
        if intrinsic is not None and _ON.match(match["what"]):
            sides = clause[: match.start()] + match["what"], re.sub(_ON, " ", clause[match.end() :])
            found.append(compared(*sides, (intrinsic[0], 1), turned * sign * intrinsic[1], clause, own))
            continue
        if intrinsic is not None and (intrinsic[0] == "speed" or not match["what"].strip()):
            what, turned = (intrinsic[0], 1), turned * sign * intrinsic[1]
        else:
            what = (
                dimension_in(match["what"], None)
                or dimension_in(clause[: match.start()][-40:], None)
                or (last_noun(match["what"]), 1)
            )
        found.append(compared(clause[: match.start()] or subject, clause[match.end() :], what, turned, clause, own))
    found += gains(clause, subject, outer, own)
    return found


def _is_comparative(word: str) -> bool:
    return word in ("more", "less", "fewer", "better", "worse", "further") or (
        word.endswith("er") and word not in _NOUNS_IN_ER.split()
    )
