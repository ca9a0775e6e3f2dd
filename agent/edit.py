"""Light edits that take nothing from a sentence's meaning: openings dropped, lists cut to what is asked, a name put in front.

What is left out of a list or a tail is shown by "…"; the citation always carries the whole sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["lead_with", "open_plainly", "shorten"]

_MARKER = re.compile(
    r"^(?:In this (?:paper|work|study|article)|Moreover|Furthermore|In addition|Additionally|However|Specifically|More specifically|In particular|Notably|For example|For instance|As a result|"
    r"Importantly|Most importantly|Finally|Lastly|To this end|To that end|Meanwhile|Similarly|Therefore|Thus|Hence|Also|Besides|Overall|Consequently|Interestingly|Remarkably|"
    r"Surprisingly|First|Firstly|Second|Secondly|Third|Thirdly|Further|Concretely|Indeed|Accordingly|Crucially|Empirically|In summary|In short|In conclusion|"
    r"More importantly|Nevertheless|Nonetheless|In contrast|By contrast|Conversely|On the other hand|Again|Then|Next|Likewise|Correspondingly|Subsequently|Last but not least),\s+",
)
_FRAME = re.compile(
    r"^(?:(?:Extensive |Comprehensive |Our |The |Numerical |Empirical |Experimental |Thorough |Further |Both |And |Through |Various )*(?:experiments?|experimental results|results|evaluations?|findings|analys[ie]s|"
    r"experimental evaluations|empirical results|studies|observations)(?: and (?:analyses|analysis|ablations|evaluations))?|We(?: also| further| empirically| experimentally| then)?)\s+(?:clearly |consistently |further |also )?"
    r"(?:shows?|demonstrates?|indicates?|reveals?|finds?|confirms?|illustrates?|verif(?:y|ies)|found|showed|observes?|proves?) that,?\s+",
    re.I,
)
_POINTER = re.compile(
    r"(?<=[^\s.]\.)\s?(?:Our |The |All )?(?:code|codes|source code|project page|project|models?|demo)\b[^.]{0,60}"
    r"(?:available|released|found|page|at)\b.*$",
    re.I,
)
_ITEM = re.compile(r"(?:(?<=[\s:;,.])|^)(?:and )?\(?(?:[1-9]|i{1,3}|iv|v|vi|[a-f])\)\s+")
_TAIL = re.compile(
    r",\s+(?:(?:thus|thereby|hence|which (?:in turn )?)\s?|(?:making|demonstrating|highlighting|paving|indicating|suggesting|showcasing|showing|allowing|enabling|underscoring|"
    r"emphasi[sz]ing|marking|establishing|proving|validating|confirming|providing|offering|revealing|leading|opening|ensuring|where|reflecting|facilitating|ultimately)\b)"
)
_REPORT = re.compile(
    r"^(?:(?:By|Through|With|Across|On|In|Using) [^;:]{0,220}, )?(?:[^,;:.]{0,60}\b(?:experiments?|results|evaluations?|findings|analys[ie]s|comparisons?|studies)\b[^;:.]{0,160}?|we)\s+"
    r"(?:\w+ly |also |further )?(?:shows?|demonstrates?|indicates?|reveals?|finds?|confirms?|suggests?|showed|demonstrated|found|observed?) that,?\s+",
    re.I,
)
LONG = 34
"""Words above which a sentence is shortened, where that can be done."""


def open_plainly(text: str) -> str:
    """`text` without a leading discourse marker or reporting frame ("Moreover,", "Experiments show that")."""
    plain = _MARKER.sub("", _POINTER.sub("", text), count=1)
    plain = _FRAME.sub("", plain, count=1)
    return plain[:1].upper() + plain[1:] if plain != text and _plain_word(plain) else plain


def _plain_word(text: str) -> bool:
    """False for words whose letters are a name's ("iPhone", "f-distill"), which keep their case."""
    word = re.split(r"[\s,]", text, maxsplit=1)[0]
    return re.fullmatch(r"[a-z]+(?:-[a-z]{2,})*", word) is not None and not re.match(r"[a-z]-", word)


def shorten(text: str, worth: Callable[[str], float]) -> str:
    """`text`, or when it is long, what it reports, its list items of most `worth`, or what stands before an idle tail."""
    if len(text.split()) <= LONG:
        return text
    text = _cut_list(_REPORT.sub("… ", text, count=1), worth)
    if len(text.split()) <= LONG:
        return text
    return _cut_tail(text, worth)


def _cut_list(text: str, worth: Callable[[str], float]) -> str:
    marks = list(_ITEM.finditer(text))
    if len(marks) < 2:
        return text
    intro = text[: marks[0].start()].rstrip()
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    items = [text[mark.start() : end].strip() for mark, end in zip(marks, ends, strict=True)]
    bodies = [re.sub(r"^and\s+", "", item).rstrip(";,. ").removesuffix(" and").rstrip(";,. ") for item in items]
    best = max(range(len(bodies)), key=lambda i: (worth(bodies[i]), -i))
    keep = [best]
    for i in sorted(range(len(bodies)), key=lambda i: (-worth(bodies[i]), i)):
        if (
            i != best
            and worth(bodies[i]) > 0.75 * worth(bodies[best])
            and sum(len(bodies[k].split()) for k in [*keep, i]) <= LONG
        ):
            keep.append(i)
    keep.sort()
    if len(keep) == len(bodies):
        return text
    gap_before = "" if keep[0] == 0 else " …"
    body = ""
    for position, i in enumerate(keep):
        joint = "" if position == 0 else ("; " if keep[position - 1] == i - 1 else "; … ")
        body += joint + bodies[i]
    return f"{intro}{gap_before} {body}{'.' if keep[-1] == len(bodies) - 1 else ' ….'}".strip()


def _cut_tail(text: str, worth: Callable[[str], float]) -> str:
    for mark in reversed(list(_TAIL.finditer(text))):
        head, tail = text[: mark.start()], text[mark.start() :]
        if (
            len(head.split()) >= 12
            and not re.search(r"\d", tail)
            and worth(tail) < 0.4 * worth(head)
            and head.count("(") == head.count(")")
        ):
            return head + " …."
    return text


def lead_with(name: str, text: str) -> str:
    """`text` with the name of whose work it tells in front: "FuseMax: It uses ..." """
    return f"{name}: {text}"
