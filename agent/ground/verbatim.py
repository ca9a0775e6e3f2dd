"""Claims that are the source's own words, up to edits that change no meaning.

Such a claim needs no interpretation: a source sentence, or a whole stretch of one, with at most a
dropped opening ("Moreover,", "Experiments show that"), the paper's name for "we" or "our method",
a lead such as "FlashVDM:" or "In FlashVDM,", and a change of grammatical number.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from agent.ground.source import Line, Source
from agent.ground.words import Word, words

__all__ = ["verbatim"]

_FREE = frozenset(
    "we our ours us the a an this that these it its they their them authors author paper papers work study article in "
    "of according to method methods approach approaches model models framework system algorithm and report reports "
    "reported reporting show shows showed shown find finds found note notes state states that which is are was were "
    "be by with here also moreover furthermore however additionally finally specifically notably while whereas "
    "likewise similarly meanwhile in contrast".split()
)
_OPENING = frozenset(
    "moreover furthermore however additionally finally specifically notably thus therefore hence consequently "
    "importantly overall also besides meanwhile likewise similarly indeed first firstly second secondly third lastly "
    "then here as result in addition particular this paper work article study we our the that to end experiments "
    "experimental experiment results result extensive comprehensive show shows showed demonstrate demonstrates "
    "demonstrated find found observe indicate indicates reveal reveals suggest evaluation evaluations empirical "
    "empirically on other hand contrast for example instance example furthermore more propose introduce present and "
    "but so yet conducted thorough numerous various several it is noteworthy worth noting of".split()
)
_LOSSY = frozenset(
    "not no never neither nor without only unless except if may might could can cannot fail fails failed hardly "
    "barely rarely up almost nearly about approximately some most many few often sometimes potentially possibly "
    "likely suggest suggests despite least over under than when whenever less fewer more".split()
)


def verbatim(claim: str, source: Source) -> tuple[Line, ...]:
    """The lines whose own words the claim is; empty when it says anything else."""
    claim = _without_lead(claim, source)
    whole = _lines_of(claim, source)
    if whole:
        return whole
    parts = [p for p in re.split(r"(?:;\s+|(?<=[a-z0-9%)])\.\s+(?=[A-Z]))", claim) if p.strip()]
    if len(parts) < 2:
        return ()
    found = [_lines_of(part, source) for part in parts]
    return tuple(dict.fromkeys(line for lines in found for line in lines)) if all(found) else ()


def _without_lead(claim: str, source: Source) -> str:
    """The claim without a leading "FlashVDM:" or full title."""
    for title in source.titles:
        for name in (title.text, title.text.split(":")[0]):
            if name and claim.startswith(name + ":"):
                return claim[len(name) + 1 :].strip()
    return claim


def _lines_of(claim: str, source: Source) -> tuple[Line, ...]:
    said = words(claim)
    if len(said) < 3:
        return ()
    names = (
        frozenset(w.lower for title in source.titles for w in words(title.text.split(":")[0]))
        if source.titles
        else frozenset()
    )
    telling = frozenset(w.stem for w in said if w.is_content and w.lower not in names and w.lower not in _FREE)
    for line in source.lines:
        if telling <= line.stems and _is_line(claim, said, line, names):
            return (line,)
    for first, second in zip(source.lines, source.lines[1:], strict=False):
        if first.paper_id == second.paper_id and telling <= first.stems | second.stems:
            joined = Line(first.paper_id, first.start, second.end, first.text + " " + second.text)
            if _is_line(claim, said, joined, names):
                return first, second
    return ()


def _is_line(claim: str, said: tuple[Word, ...], line: Line, names: frozenset[str]) -> bool:
    theirs = line.words
    if len(theirs) < 3:
        return False
    matcher = SequenceMatcher(None, [w.stem for w in said], [w.stem for w in theirs], autojunk=False)
    if matcher.real_quick_ratio() == 0.0:
        return False
    codes = matcher.get_opcodes()
    kept = sum(b - a for tag, a, b, _, _ in codes if tag == "equal")
    own = sum(1 for w in said if w.lower not in names)
    if kept < 3 or kept < 0.6 * own:
        return False
    last = len(theirs)
    for tag, a, b, c, d in codes:
        if tag == "equal":
            continue
        added, dropped = said[a:b], theirs[c:d]
        if not all(w.lower in names or w.lower in _FREE for w in added):
            return False
        if (
            dropped
            and any(w.lower not in _FREE for w in added)
            and not all(w.lower in _FREE or w.lower in _OPENING for w in dropped)
        ):
            return False
        if not _droppable(dropped, line.text, at_start=c == 0, at_end=d == last):
            return False
    return _marks(claim) <= _marks(line.text)


def _droppable(dropped: tuple[Word, ...], text: str, *, at_start: bool, at_end: bool) -> bool:
    lowers = [w.lower for w in dropped]
    if not lowers:
        return True
    if at_start and (all(w in _OPENING or w in _FREE for w in lowers) or _is_clause(dropped, text, start=True)):
        return not any(w in _LOSSY for w in lowers if w not in _OPENING)
    if at_end and _is_clause(dropped, text, start=False):
        return not any(w in _LOSSY for w in lowers)
    if all(w in _FREE for w in lowers):
        return True
    return _in_brackets(dropped, text)


def _is_clause(dropped: tuple[Word, ...], text: str, *, start: bool) -> bool:
    if start:
        return text[dropped[-1].end : dropped[-1].end + 1] in (",", ";", ":")
    return bool(re.search(r"[,;:(]\s*$", text[: dropped[0].start]))


def _in_brackets(dropped: tuple[Word, ...], text: str) -> bool:
    return bool(re.search(r"\(\s*$", text[: dropped[0].start])) and text[dropped[-1].end : dropped[-1].end + 3].lstrip(
        "%"
    ).startswith(")")


def _marks(text: str) -> frozenset[str]:
    """Signs that no word carries: a sign lost or added changes the number beside it."""
    return frozenset(re.findall(r"[<>≤≥~≈%×$±]|-(?=\d)", text))
