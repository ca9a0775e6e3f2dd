"""A source sentence as a review can say it: openings that lean on what stood before are dropped, and the
paper's "we" and "our" become the authors of the paper. Nothing else changes, so nothing is lost or added.
"""

from __future__ import annotations

import re

__all__ = ["leans_back", "retold", "without_opening"]

_MARKERS = """
    Moreover|Furthermore|Further|Additionally|Also|Besides|However|Nevertheless|Nonetheless|Specifically
    More specifically|In particular|Particularly|Concretely|Notably|Importantly|Most importantly
    More importantly|Crucially|Interestingly|Remarkably|Surprisingly|Finally|Lastly|Firstly|First|Secondly
    Second|Thirdly|Third|Then|Next|Thus|Therefore|Hence|Consequently|Accordingly|As a result|In addition
    In response|Overall|In summary|In short|In conclusion|To conclude|Meanwhile|Likewise|Similarly|Indeed|Here
    For this purpose|To this end|To that end|To do so|To do this|Instead|Conversely|In light of this
    On the one hand|On the other hand|In contrast|By contrast|Subsequently|With this in mind|By doing so
    In doing so|Empirically|For instance|For example
"""
_AIMS = """
    address|overcome|tackle|mitigate|solve|alleviate|resolve|remedy|bridge|fill|achieve|combat|handle|meet
    counter|relieve|circumvent|accomplish|realize|enable|answer|verify|deal with|cope with
"""
_GROUNDS = """
    Motivated by|Inspired by|Based on|Given|Due to|Because of|Considering|Observing|Driven by|Guided by
    Following|With|Building on|Building upon|Leveraging|Using
"""
_STARTS = """
    It|Its|They|Their|Them|This|That|These|Those|Such|Both|Either|Neither|Each|Here|There|Then|Instead|Otherwise
    So|But|And|Yet|Or|As such|In this way|In doing so|By doing|By using|By this|By these|With this|With these
    With it|For this|For these|For both|From this|From these|On this|On these|On both|Under this|Under these
    In this|In these|In both|In such|At this|At these|After this|After that|Unlike this|Unlike these|Unlike them
    Compared to this|Compared to these|Compared with them|The latter|The former|The above|The aforementioned
    The resulting|The same
"""
_NOUNS = """
    issue|problem|challenge|limitation|gap|question|end|goal|observation|insight|finding|phenomenon|technique
    method|approach|component|two
"""


def _any(words: str) -> str:
    """Alternatives of a word list: lines and bars both separate."""
    return "(?:" + "|".join(part.strip() for part in re.split(r"[|\n]", words) if part.strip()) + ")"


_THIS = r"(?:this|these|that|those|such|the (?:above|aforementioned|said)|both)"
_FEW = r"(?: [\w-]+){0,5}"
_WHERE = r"In (?:this|the present|our) (?:paper|work|study|article|report|thesis)"
_OPENINGS = re.compile(
    rf"^(?:{_any(_MARKERS)}|{_WHERE}|(?:To|In order to) {_any(_AIMS)} {_THIS}{_FEW}|{_any(_GROUNDS)} {_THIS}{_FEW}),\s+"
)
_LEANING = re.compile(rf"^{_any(_STARTS)}\b")
_BARE = r"by|with|through|via|using|is|are|can|and|leads|results|allows|enables"
_LEANING_INSIDE = re.compile(
    rf"\b(?:the (?:above|former|latter|following)|aforementioned|above-mentioned|(?:this|these) {_any(_NOUNS)}s?|"
    r"as (?:above|follows)|"
    rf"(?:on|in|for|with|to) (?:such an?|that)(?! of)|(?:this|these)(?=[.,;:]| (?:{_BARE})\b))\b",
    re.I,
)
_OWN_PAPER = re.compile(r"^This (paper|work|study|article|report|thesis|survey|review)\b")
_INNER_PAPER = re.compile(r"\b(?:this|our) (paper|work|study|article|report|thesis|survey|review)\b")
_PRONOUN = re.compile(r"\b(We|we|Our|our|Us|us|Ours|ours|ourselves)\b(?![-.])")


def leans_back(text: str) -> bool:
    """True when the sentence, its droppable opening aside, can't be read without the one before it."""
    plain = without_opening(text)
    if _OWN_PAPER.match(plain):
        return bool(_LEANING_INSIDE.search(plain))
    return bool(_LEANING.match(plain) or _LEANING_INSIDE.search(plain))


def retold(text: str, name: str | None, *, first: bool) -> str:
    """The sentence in the third person. `name` is the paper's own; it is said at the `first` mention of its authors
    unless the sentence carries it anyway."""
    plain = without_opening(text)
    plain = _OWN_PAPER.sub(r"The \1", plain)
    plain = _INNER_PAPER.sub(r"the \1", plain)
    named = name is not None and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", plain, re.I) is not None
    authors = f"the authors of {name}" if first and name is not None and not named else "the authors"
    return _third_person(plain, authors)


_LATER = {"we": "they", "our": "their", "us": "them", "ours": "theirs", "ourselves": "themselves"}


def _third_person(text: str, authors: str) -> str:
    """`authors` for the first "we", then "they"; a capital only where a sentence starts ("US" is no pronoun)."""
    said = False

    def swap(match: re.Match[str]) -> str:
        nonlocal said
        word, lower = match[1], match[1].lower()
        starts = match.start() == 0 or text[: match.start()].endswith((". ", ": "))
        if word[0].isupper() and not starts:
            return word
        owner = f"{authors}’{'' if authors.endswith('s') else 's'}"
        first = {"we": authors, "our": owner, "us": authors, "ours": owner, "ourselves": "themselves"}
        new = _LATER[lower] if said else first[lower]
        said = True
        return new[:1].upper() + new[1:] if word[0].isupper() else new

    return _PRONOUN.sub(swap, text)


def without_opening(text: str) -> str:
    """The sentence without openings that lean on what stood before ("Moreover,", "To address this issue,")."""
    plain = text
    for _ in range(2):
        shorter = _capital(_OPENINGS.sub("", plain, count=1))
        if shorter == plain:
            break
        plain = shorter
    return plain


def _capital(text: str) -> str:
    """A capital first letter, unless the first word is written as a name ("iFox")."""
    word = re.split(r"[\s,]", text, maxsplit=1)[0]
    return text[:1].upper() + text[1:] if re.fullmatch(r"[a-z]+(?:-[a-z]{2,})*", word) else text
