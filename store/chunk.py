"""Sentences (the unit of evidence) and passages (the unit of search) of an abstract."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from store.tokens import count
from store.types import Paper, Passage, Sentence, Span

__all__ = ["passages", "sentences", "split_sentences"]

_CLOSERS = "\"'”’)\\]»"
_END = re.compile(
    rf"[.!?…]+[{_CLOSERS}]*(?=\s+\S)"  # the usual end, before a space
    rf"|(?<=[a-zA-Z0-9%)][a-zA-Z%)])[.!?](?=(?:\(\d{{1,2}}\)\s|[A-Z][a-z]*\s))"  # a space lost: "accuracy.The model"
    rf"|[。！？]+[{_CLOSERS}」』]*(?=\S|\s+\S)"
)
_LOST_SPACE_WORD = re.compile(r"(?:^|\s)(?:[a-z]{2,}|[A-Z]{3,}s?|\S*[%)])$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NEVER = _words(
    "e.g i.e eg ie vs cf fig figs eq eqs eqn sec secs tab ref refs resp approx ca viz incl w.r.t wrt no nos vol pp dr "
    "prof mr mrs ms st seq dept ed eds art ch thm lem prop def app alg dim avg max min"
)
_SELDOM = _words("al etc inc ltd co corp jr sr u.s u.k u.s.a ph.d a.k.a a.m p.m")
_NEED_DIGIT = _words("no nos ch art app def prop max min dim ref refs tab sec st ms ed seq")
_OPENERS = _words(
    "a additionally after all also although an and as at based because besides both but by code compared concretely "
    "consequently despite due each empirical empirically even existing experiment experimental experiments extensive "
    "finally first for from further furthermore given hence here how however if importantly in instead inspired it its "
    "moreover most motivated notably of on one our recent recently results second several similarly since "
    "specifically such surprisingly that the their then therefore these they third this those through thus to "
    "traditional training unlike using we what when where whereas while with without yet"
)
_WORD_BEFORE = re.compile(r"[\w.]+$")
_WORD_AFTER = re.compile(r"[\"'“‘(\[]*([\w.-]+)")
_NUMBERING = re.compile(r"\(?\d{1,2}$")


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the mark that matched ends the sentence that began at `start`."""
    if match[0][0] in "。！？":
        return True
    rest = text[match.end() : match.end() + 60]
    if not rest[:1].isspace():
        return bool(_LOST_SPACE_WORD.search(text[start : match.start()]))
    following = rest.lstrip()
    after = _WORD_AFTER.match(following)
    word = after[1] if after else ""
    if following[:1].islower() and not re.match(r"[a-z]+[\w-]*[A-Z]", word):
        return False
    if _within_parentheses(text, start, match.start(), match.end()):
        return False
    if match[0][0] != "." or len(match[0]) > 1:
        return True
    return _ends_with_period(text[start : match.start()], word)


def _ends_with_period(sentence: str, following: str) -> bool:
    """Whether a single period after `sentence`, before the word `following`, ends it."""
    found = _WORD_BEFORE.search(sentence)
    before = found[0].lower().strip(".") if found else ""
    opens = following.lower() in _OPENERS and following[:1].isupper()
    if _NUMBERING.fullmatch(sentence.strip()):
        return False
    if before in _NEED_DIGIT:
        return not following[:1].isdigit()
    if before in _NEVER:
        return False
    if before in _SELDOM or (len(before) == 1 and before.isalpha()):
        return opens or (before == "etc" and following[:1].isupper())
    return True


def _within_parentheses(text: str, start: int, at: int, end: int) -> bool:
    """Whether a parenthesis opened in this sentence is closed soon after the mark."""
    opened = 0
    for char in text[start:end]:
        opened = opened + 1 if char in "([" else max(0, opened - 1) if char in ")]" else opened
    if not opened:
        return False
    for char in text[at:end] + text[end : end + 250]:
        opened += (char in "([") - (char in ")]")
        if opened <= 0:
            return True
    return False


def split_sentences(text: str) -> tuple[Span, ...]:
    """Spans of the sentences, in order, trimmed; together they hold every character that is no space."""
    spans: list[Span] = []
    start = len(text) - len(text.lstrip())
    for match in _END.finditer(text):
        if match.end() > start and _is_end(text, start, match):
            spans.append(Span(start, match.end()))
            rest = text[match.end() :]
            start = len(text) - len(rest.lstrip())
    if text[start:].strip():
        spans.append(Span(start, len(text.rstrip())))
    return tuple(spans)


def sentences(paper: Paper) -> tuple[Sentence, ...]:
    """The sentences of the abstract."""
    return tuple(
        Sentence(paper.paper_id, index, span.start, span.end, paper.abstract[span.start : span.end])
        for index, span in enumerate(split_sentences(paper.abstract))
    )


def _pieces(text: str, span: Span, max_tokens: int) -> Iterator[Span]:
    """The span, cut between words (between letters where there are none) so that each part fits."""
    start = span.start
    while start < span.end:
        if count(text[start : span.end]) <= max_tokens:
            yield Span(start, span.end)
            return
        at = start
        ends = range(start + 1, span.end + 1)
        fitting = bisect_right(ends, max_tokens, key=lambda end: count(text[at:end]))
        end = ends[max(fitting - 1, 0)]
        space = text.rfind(" ", start + 1, end + 1)
        end = space if space > start else end
        yield Span(start, end)
        start = end + (len(text[end : span.end]) - len(text[end : span.end].lstrip()))


def passages(paper: Paper, max_tokens: int = 200) -> tuple[Passage, ...]:
    """Whole sentences packed up to `max_tokens` o200k tokens; a longer sentence is cut between words."""
    packed: list[Span] = []
    for sentence in split_sentences(paper.abstract):
        for piece in _pieces(paper.abstract, sentence, max_tokens):
            if packed and count(paper.abstract[packed[-1].start : piece.end]) <= max_tokens:
                packed[-1] = Span(packed[-1].start, piece.end)
            else:
                packed.append(piece)
    return tuple(_passage(paper, span) for span in packed)


def _passage(paper: Paper, span: Span) -> Passage:
    text = paper.abstract[span.start : span.end]
    name = f"{paper.paper_id}:{span.start}-{span.end}"
    return Passage(name, paper.paper_id, span.start, span.end, text, count(text))
