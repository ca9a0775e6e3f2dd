"""Which sentences of an abstract a review needs: what the paper offers, and what it found.

Background, announcements of code, and sentences that lean on what stood before are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.draft.phrase import leans_back, without_opening
from agent.findings import quantities
from agent.words import content_stems
from store.types import Paper, Sentence

__all__ = ["Chosen", "Role", "choose", "same"]

_STRONG = r"propos\w+|introduc\w+|present(?:s|ed)?|develop(?:s|ed)?|design(?:s|ed)?|devis\w+|called|named|dubbed"
_OWN = re.compile(r"\b(?:we|our|us|ours|this (?:paper|work|study|article|report|thesis|survey))\b", re.I)
_STRONG_OFFER = re.compile(rf"\b(?:{_STRONG})\b", re.I)
_OFFER = re.compile(
    rf"\b(?:{_STRONG}|describ\w+|formulat\w+|establish\w*|investigat\w+|explor\w+|stud(?:y|ies)|examin\w+|analy[sz]\w+|"
    r"revisit\w*|review\w*|survey\w*|build|built|creat\w+|contribut\w+|releas\w+|provid\w+|offer\w*|demonstrat\w+|"
    r"show(?:s|n)?|find|prove|derive|extend|bring|unif\w+|is an?)\b",
    re.I,
)
_FOUND = re.compile(
    r"\b(?:achiev\w*|outperform\w*|surpass\w*|reduc\w+|improv\w+|speed\w*|faster|accelerat\w+|accura\w+|reach\w*|"
    r"attain\w*|yield\w*|results?|experiment\w*|evaluat\w+|demonstrat\w+|show(?:s|n|ed)?|state-of-the-art|compar\w+|"
    r"lower\w*|saves?|saving|gain\w*|exceed\w*|match\w*)\b",
    re.I,
)
_VAGUE = re.compile(
    r"\b(?:validat|demonstrat|show|verif|confirm|illustrat|prov|highlight|underscor)\w*\b.{0,30}\b(?:effectiveness|efficacy|"
    r"superiority|advantages?|potential|usefulness|generality|validity|contribution|benefits?)\b|\bablation",
    re.I,
)
_ALSO = re.compile(r"\b(?:also|further|furthermore|additionally|in addition|moreover)\b", re.I)
_BACKGROUND = re.compile(
    r"\b(?:(?:have|has) (?:recently )?(?:been|become|shown|emerged|achieved|gained|attracted|demonstrated)|"
    r"(?:is|are|remains?) (?:a |an )?(?:key|important|crucial|fundamental|challenging|essential|critical|difficult|"
    r"widely|often|typically)|existing|previous(?:ly)?|prior|traditional(?:ly)?|conventional(?:ly)?|in recent|"
    r"recent (?:years|advances|works?|studies|progress)|suffers?|typically|usually|however|despite|although|"
    r"challenges?|hinder\w*|bottleneck|prohibitive\w*|widely)\b",
    re.I,
)
_NOTICE = re.compile(
    r"https?://|github|project page|\b(?:codes?|models?|demos?|datasets?|weights?|checkpoints?|implementations?|source|"
    r"videos?|data)\b[^.]{0,60}\b(?:available|released?|publicly|open[- ]sourced?|found at)\b|"
    r"\b(?:open[- ]sourced?|release)\b[^.]{0,40}\b(?:code|model|weights)",
    re.I,
)
_POINTS = re.compile(r"\b(?:these|those|this|such) (?!an?\b|papers?\b|works?\b|stud|article|as\b)[a-z]", re.I)
_QUESTION = re.compile(r"\?\s*$")
SHORTEST, LONGEST = 7, 60
"""Words that a sentence may have."""
_SAME = 0.7
"""Share of the shorter sentence's content words that two sentences have in common when they say the same."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a sentence is worth as the paper's offer and as its finding."""

    offer: float
    finding: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence taken, and what for: "offer" or "finding"."""

    sentence: Sentence
    why: str


def choose(
    paper: Paper, sentences: Sequence[Sentence], likeness: Sequence[float], name: str | None, most: int = 2
) -> tuple[Chosen, ...]:
    """The paper's offer, then its best finding, in the abstract's order; at least one sentence of any abstract.

    `likeness` is each sentence's nearness to the topic.
    """
    roles = [_role(sentence, like, name, len(sentences)) for sentence, like in zip(sentences, likeness, strict=True)]
    usable = [i for i, sentence in enumerate(sentences) if _usable(sentence.text)]
    if not usable:
        usable = sorted(
            range(len(sentences)), key=lambda i: (bool(_NOTICE.search(sentences[i].text)), -roles[i].offer, i)
        )[:1]
    if not usable:
        return ()
    offer = max(usable, key=lambda i: (roles[i].offer, -i))
    taken = {offer: "offer"}
    for row in sorted(usable, key=lambda i: (-roles[i].finding, i)):
        if len(taken) >= most:
            break
        fresh = all(not same(sentences[row].text, sentences[other].text) for other in taken)
        if row not in taken and roles[row].finding >= 1.0 and fresh:
            taken[row] = "finding"
    return tuple(Chosen(sentences[row], taken[row]) for row in sorted(taken))


def same(first: str, second: str) -> bool:
    """True when two sentences say nearly the same words."""
    one, two = set(content_stems(first)), set(content_stems(second))
    least = min(len(one), len(two))
    return least > 0 and len(one & two) >= _SAME * least


def _usable(text: str) -> bool:
    words = len(text.split())
    if not SHORTEST <= words <= LONGEST or _QUESTION.search(text) or _NOTICE.search(text):
        return False
    opens = text.split(maxsplit=1)[0]
    whole = not opens[:1].islower() or opens[1:].lower() != opens[1:]
    return whole and not leans_back(text) and text.count("(") == text.count(")")


def _role(sentence: Sentence, likeness: float, name: str | None, count: int) -> Role:
    text = without_opening(sentence.text)
    own = _OWN.search(sentence.text) is not None
    named = name is not None and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
    background = _BACKGROUND.search(text) is not None and not (own or named)
    place = sentence.index / max(count - 1, 1)
    measured = [quantity for quantity in quantities(text) if quantity.unit]
    offer = 1.0 * own + 1.0 * named + 0.8 * (own and _OFFER.search(text) is not None)
    offer += 1.0 * ((own or named) and _STRONG_OFFER.search(text) is not None) + 0.8 * likeness - 2.0 * background
    offer -= 0.6 * bool(measured) + 0.8 * place + 0.6 * (_ALSO.search(text) is not None)
    finding = 1.2 * min(len(measured), 2) + 0.7 * (_FOUND.search(text) is not None) + 0.5 * (own or named)
    finding += 0.6 * likeness + 0.8 * place - 2.5 * background - (1.0 if place == 0 else 0.0)
    points = 1.0 * (_POINTS.search(text) is not None)
    offer, finding = offer - points, finding - points
    finding -= 1.5 * (not measured and _VAGUE.search(text) is not None)
    return Role(round(offer, 4), round(finding, 4))
