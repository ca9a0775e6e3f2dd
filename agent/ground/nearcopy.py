"""A claim that is nearly a source sentence: then every word that differs must be harmless.

Where a claim repeats a sentence but for a few words, those words are read one by one: two names
exchanged, an opposite put in, a negation added or lost, a hedge dropped or made absolute, a number
altered, or two half sentences of different papers joined into one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from agent.direction import direction_words
from agent.ground.agreement import agrees
from agent.ground.opposites import opposites_of, signed_stem
from agent.ground.source import Line, Source
from agent.ground.words import Word, words
from agent.quantities import quantities
from agent.types import Label

__all__ = ["Edit", "altered", "copied"]

_KEPT = 0.75
"""From what share of the claim's words in the sentence's order on a claim is nearly a copy."""
_COPIED = 0.9
_LEAST = 7
_NEGATION = frozenset(
    "not no never without cannot nor neither none hardly barely fails fail failed unable non lacks lack".split()
)
_HEDGES = frozenset(
    "may might could can often usually generally typically sometimes potentially possibly likely mostly most many some several nearly almost "
    "approximately about roughly various diverse different multiple numerous partly partially largely comparable similar competitive close suggests suggest appears seems up certain".split()
)
_ABSOLUTE = frozenset(
    "all every any always never entirely completely fully identical unmatched perfect perfectly exactly guaranteed guarantees certainly definitely "
    "invariably universally must proves prove only sole unbeatable ideal least best each will whole".split()
)
_UPTO = re.compile(r"\b(?:up to|as much as|as many as)\b", re.I)


@dataclass(frozen=True, slots=True)
class Edit:
    """One telling difference between a claim and the sentence it nearly repeats.

    `joined`: halves of two papers' sentences stand as one.
    """

    label: Label
    detail: str
    line: Line
    joined: bool = False


@dataclass(frozen=True, slots=True)
class _Change:
    """Words put in and words left out at one place."""

    added: tuple[Word, ...]
    dropped: tuple[Word, ...]


def copied(claim: str, lines: Sequence[Line]) -> bool:
    """True when nine words in ten of a claim are one sentence's, in its order."""
    said = words(claim)
    if len(said) < _LEAST:
        return False
    for line in lines:
        if _kept(said, line) >= _COPIED * len(said):
            changes = _changes(said, line) or []
            return not any(_contentful(c.added) and _contentful(c.dropped) for c in changes)
    return False


def _contentful(group: Sequence[Word]) -> bool:
    return any(w.is_content for w in group)


def altered(claim: str, lines: Sequence[Line], source: Source) -> Edit | None:
    """The first telling difference; None when the claim is no near copy, or differs harmlessly."""
    said = words(claim)
    if len(said) < _LEAST:
        return None
    spliced = _spliced(said, claim, source)
    if spliced is not None:
        return spliced
    for line in lines:
        changes = _changes(said, line)
        if changes is None:
            continue
        return _exchange(changes, line) or next((e for c in changes if (e := _edit(c, claim, line)) is not None), None)
    return None


def _kept(said: Sequence[Word], line: Line) -> int:
    distinct = {w.stem for w in said}
    if len(distinct & line.stems) < 0.8 * len(distinct):
        return 0
    matcher = SequenceMatcher(None, [_form(w) for w in said], [_form(w) for w in line.words], autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def _changes(said: Sequence[Word], line: Line) -> list[_Change] | None:
    """Where claim and line differ; None when the claim is no near copy of the line."""
    theirs = line.words
    distinct = {w.stem for w in said}
    if len(distinct & line.stems) < 0.6 * len(distinct):
        return None
    matcher = SequenceMatcher(None, [_form(w) for w in said], [_form(w) for w in theirs], autojunk=False)
    codes = matcher.get_opcodes()
    kept = sum(b - a for tag, a, b, _, _ in codes if tag == "equal")
    if kept < _KEPT * len(said):
        return None
    inner = [code for code in codes if code[0] != "equal"]
    last = len(theirs)
    return [
        _Change(tuple(said[a:b]), tuple(theirs[c:d]) if (c > 0 and d < last) or b > a else ())
        for _, a, b, c, d in inner
    ]


def _form(word: Word) -> str:
    """What makes two words the same here: their stem, but names and numbers as written."""
    return word.lower if any(c.isdigit() for c in word.text) else word.stem


def _exchange(changes: Sequence[_Change], line: Line) -> Edit | None:
    """Two content words or names that stand in one another's place."""
    moved = []
    for here in changes:
        for there in changes:
            if here is there:
                continue
            ours = {w.stem for w in here.added if _weighs(w)} & {w.stem for w in there.dropped if _weighs(w)}
            if ours:
                moved.append(sorted(ours)[0])
    if len(set(moved)) >= 2:
        return Edit(Label.CONTRADICTED, f'"{moved[0]}" and "{moved[1]}" stand in one another\'s place', line)
    return None


def _weighs(word: Word) -> bool:
    return word.is_content or word.text[:1].isupper() or word.text.isdigit()


def _edit(change: _Change, claim: str, line: Line) -> Edit | None:
    added, dropped = [w.lower for w in change.added], [w.lower for w in change.dropped]
    said, stated = " ".join(w.text for w in change.added), " ".join(w.text for w in change.dropped)
    detail = f'the claim has "{said}" where the source has "{stated}"'
    if len(added) > 6 or len(dropped) > 8:
        return None
    if sum(w in _NEGATION for w in added) % 2 != sum(w in _NEGATION for w in dropped) % 2:
        return Edit(Label.CONTRADICTED, detail, line)
    if any(_opposite(a, d) for a in change.added for d in change.dropped):
        return Edit(Label.CONTRADICTED, detail, line)
    if _sign(said) * _sign(stated) < 0:
        return Edit(Label.CONTRADICTED, detail, line)
    if added and dropped and _numbers_differ(change, claim, line):
        return Edit(Label.CONTRADICTED, detail, line)
    if len(added) == len(dropped) == 1 and _is_name(change.added[0]) and _is_name(change.dropped[0]):
        return Edit(Label.CONTRADICTED, detail, line)
    hedges = [w for w in dropped if w in _HEDGES]
    if any(w in _ABSOLUTE for w in added) and (hedges or not dropped):
        return Edit(Label.NOT_ENOUGH_INFO, detail if dropped else f'the claim adds "{said}"', line)
    if hedges and dropped == ["up", "to"] and not _UPTO.search(claim):
        return Edit(Label.NOT_ENOUGH_INFO, f'the claim leaves out "{stated}"', line)
    return None


def _sign(text: str) -> int:
    """+1 when the words all say more, -1 when all say less, 0 when neither."""
    signs = {sign for _, _, sign in direction_words(text)}
    return signs.pop() if len(signs) == 1 else 0


def _is_name(word: Word) -> bool:
    capitals = sum(c.isupper() for c in word.text)
    return word.is_content and (capitals > 1 or (capitals == 1 and word.start > 0))


def _opposite(ours: Word, theirs: Word) -> bool:
    (a, sign), (b, other) = signed_stem(ours.lower), signed_stem(theirs.lower)
    return b in opposites_of(a) if sign == other else a == b


def _numbers_differ(change: _Change, claim: str, line: Line) -> bool:
    """True when numbers were put in for others and the two aren't one quantity."""
    if not any(c.isdigit() for w in change.added for c in w.text) or not any(
        c.isdigit() for w in change.dropped for c in w.text
    ):
        return False
    ours = [q for q in quantities(claim) if q.start < change.added[-1].end and change.added[0].start < q.end]
    theirs = [q for q in quantities(line.text) if q.start < change.dropped[-1].end and change.dropped[0].start < q.end]
    if ours and theirs:
        return not any(agrees(a, b) for a in ours for b in theirs)
    digits = [re.findall(r"\d+", " ".join(w.text for w in side)) for side in (change.added, change.dropped)]
    return sorted(digits[0]) != sorted(digits[1])


def _spliced(said: Sequence[Word], claim: str, source: Source) -> Edit | None:
    """The beginning of one paper's sentence joined to the end of another's, as if they were one."""
    if len(source.papers) < 2:
        return None
    forms = [_form(w) for w in said]
    heads = [(_shared([_form(w) for w in line.words], forms), line) for line in source.lines]
    tails = [(_shared([_form(w) for w in line.words][::-1], forms[::-1]), line) for line in source.lines]
    head, first = max(heads, key=lambda t: t[0])
    tail, second = max(tails, key=lambda t: t[0])
    if first.paper_id == second.paper_id or min(head, tail) < 4 or head + tail < 0.9 * len(said):
        return None
    joint = claim[said[head - 1].end : said[min(head, len(said) - 1)].start]
    if re.search(r"[.;:]", joint):
        return None
    return Edit(
        Label.NOT_ENOUGH_INFO,
        "the beginning is one paper's and the end another's; neither says the whole",
        first,
        joined=True,
    )


def _shared(theirs: Sequence[str], ours: Sequence[str]) -> int:
    count = 0
    for a, b in zip(theirs, ours, strict=False):
        if a != b:
            break
        count += 1
    return count
