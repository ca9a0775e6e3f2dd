"""Question to Plan: what kind of answer it wants, about what, in which respects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.aspects import asked_aspects
from agent.errors import BadInput
from agent.names import LEADS, name_of_paper, names_in, uses_of
from agent.types import Plan, QuestionKind, Subject
from agent.words import STOPWORDS
from store.types import Paper, SearchFilter

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["MAX_QUESTION", "checked_question", "find_subjects", "make_plan", "subjects_named"]

MAX_QUESTION = 4_000
"""Longest question taken, in characters: longer text is a document, not a question."""

PARTS = 6
"""Clauses of a question that are asked for themselves."""
COMMON = 6
"""A name that more papers than this carry, and none leads with, is background ("ImageNet"), not a subject."""

_SPACE = re.compile(r"\s+")
_ASIDE = re.compile(
    r"(?:^|(?<=[\s,(]))(?:leaving (?P<a>[^,?.;]+?) aside|(?:apart|aside) from (?P<b>[^,?.;]+)|other than (?P<c>[^,?.;]+)|"
    r"(?:excluding|except(?: for)?|ignoring|not counting|setting aside) (?P<d>[^,?.;]+))[,;]?\s*",
    re.I,
)
_CLAUSE = re.compile(
    r"[?;:.](?:\s+|$)|,\s+(?:and|or|but|so that|whether|while)\s+|,\s+(?=(?:how|what|which|why|where|when|who|does|do|did|is|are|can)\b)|\s+and\s+(?=(?:how|what|which|why|where|when|does|do|did|is|are|can|in)\b)",
    re.I,
)
_COMPARES = re.compile(
    r"\b(?:compar\w+|versus|vs\.?|against|differ\w*|distinguish\w*|between|both|better than|worse than|than|over|same|improve on|trade-?offs?)\b",
    re.I,
)
_WORKS = re.compile(
    r"\b(?:which|what)\s+(?:\w+[\s-]){0,3}?(?:works|papers|systems|methods|approaches|techniques|studies|models|tricks|ways|strategies|ideas|tools|"
    r"architectures|designs|schemes|frameworks|algorithms|kernels|accelerators|benchmarks|datasets|options|solutions|optimi[sz]ers|means|routes|efforts|families)\b"
    r"|\bsurvey of\b|\boverview\b|\bsummari[sz]e\b|\bpapers\b",
    re.I,
)
_MANY = re.compile(
    r"\b(?:have|has) (?:\S+ ){0,9}?been\b|\bare (?:\S+ ){0,9}?being\b|\bare (?:reported|given|claimed|known|used|made|there)\b"
    r"|\bdo (?:they|these|those|researchers|people|authors|the papers) (?:\w+ )?(?:report|claim|give|reach|find)\b|\breported\b"
    r"|\b(?:how|where) (?:can|are|do|have) \w+(?:[\s-]\w+){0,5}s\b|\bhow is\b.*\bacross\b",
    re.I,
)
_SEVERAL = re.compile(
    r"\b(?:which|what)\s+(?!(?:is|are|was|were|does|do|did|has|have|can|could|will|would|should|must|happens)\b)(?:[\w-]+\s+){0,4}?"
    r"(?!(?:does|loss|less|this|its|bias|class|process|gas|basis|analysis|status|radius|focus|is|was|has)\b)[\w-]{2,}[^s\W]s\s+"
    r"(?=(?:do|does|are|is|were|have|has|can|could|will|result|follow|there|in|for|of|on|to|with|by|from|that|based|built|used|reported|\w+)\b)"
    r"|^how (?:is|are|can|could|do|have|has|might|should)\b",
    re.I,
)
"""A question for more than one thing: "which visual backbones are ...", "how is the cache shrunk ..."."""
_SETTING = re.compile(r"\b(?:for|on|in|with|using|like|such as|over|across|or|and)\s+(?:\w+[\s,]+){0,2}$", re.I)
_ONE = re.compile(
    r"\bwhat (?:is|was) the\b|\bhow (?:long|much|far) (?:does|did|do|has|is it)\b|\bhow many\b|\bby (?:what factor|how much)\b"
    r"|\bwhat (?:share|portion|fraction|percentage|proportion|multiple)\b",
    re.I,
)
_YES_NO = re.compile(r"^(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should)\b", re.I)
_FOLLOW_UP = re.compile(
    r"^(?:and|but|or|what about|how about|also|so)\b|\b(?:it|its|they|them|their|these|those|that one|the (?:first|second|former|latter|other|same)(?: one)?|this)\b",
    re.I,
)


def make_plan(
    question: str, library: Library, filters: SearchFilter = SearchFilter(), previous: Plan | None = None
) -> Plan:
    """The plan for `question` over the papers that pass `filters`.

    `previous` is the plan of the turn before: a question that leans on it ("and on memory?") takes over its
    subjects, or its topic when it had none. Raises BadInput for an empty or oversized question.
    """
    text = checked_question(question)
    papers = library.papers(filters)
    subjects = find_subjects(text, papers)
    topic, excluded = _set_aside(text)
    asked = asked_aspects(topic)
    if previous is not None and _leans(text, subjects):
        topic = _carry(topic, previous)
        subjects = _merge(subjects, previous.subjects)
        asked = asked or previous.aspects
    kind = _kind(text, subjects) if previous is None or not _leans(text, subjects) else previous.kind
    return Plan(text, kind, subjects, asked, _queries(topic), filters, excluded)


def checked_question(question: str) -> str:
    """`question` on one line. Raises BadInput when it is empty or too long to be one."""
    text = _SPACE.sub(" ", "".join(c if c.isprintable() else " " for c in question)).strip()
    if not any(c.isalnum() for c in text):
        raise BadInput(
            'the question is empty: ask something in words, e.g. plumbline ask "How do X and Y compare in speed?"'
        )
    if len(text) > MAX_QUESTION:
        raise BadInput(
            f"the question has {len(text):,} characters; at most {MAX_QUESTION:,} can be answered: ask a shorter one, or use `plumbline draft` for a topic"
        )
    return text


def find_subjects(text: str, papers: Sequence[Paper]) -> tuple[Subject, ...]:
    """What `text` names, with the papers that introduce or mention it; background names are left out."""
    found: dict[str, Subject] = {}
    for marked in names_in(text):
        opener, name = marked.startswith("\0"), marked.removeprefix("\0")
        for subject in _resolve(name, papers):
            if opener and not subject.paper_ids:
                continue
            found.setdefault(subject.name.casefold(), subject)
    if not found and not any(c.isupper() for c in text[1:]):
        return _uncased(text, papers)
    return tuple(found.values())


def subjects_named(names: Sequence[str], papers: Sequence[Paper]) -> tuple[Subject, ...]:
    """Those names that the papers know, as subjects; background names are left out."""
    found = (subject for name in names for subject in _resolve(name, papers) if subject.paper_ids)
    return tuple({subject.name.casefold(): subject for subject in found}.values())


def _uncased(text: str, papers: Sequence[Paper]) -> tuple[Subject, ...]:
    """In a question written all small: the names that titles lead with ("how fast is sophia")."""
    words = set(re.findall(r"[^\W_][\w+-]{3,}", text.lower())) - STOPWORDS
    leads = sorted({lead for lead in map(name_of_paper, papers) if lead is not None and lead.lower() in words})
    return tuple(subject for lead in leads for subject in _resolve(lead, papers))


def _resolve(name: str, papers: Sequence[Paper]) -> list[Subject]:
    """`name` as one subject, or, where the library knows only parts of it, its words one by one."""
    uses = uses_of(name, papers)
    if uses:
        top = [use for use in uses if use.introduces]
        if len(uses) > COMMON and not (top and top[0].strength > LEADS):
            return []
        top = [use for use in top if use.strength > top[0].strength - 0.75]
        return [Subject(name, tuple(use.paper_id for use in (top or uses)), bool(top))]
    bare = re.sub(r"-(?:style|based|like|type|free|class|sized?|scale|level|family|inspired)$", "", name)
    if bare != name:
        return _resolve(bare, papers)
    words = name.split()
    if len(words) == 1 or any(word[0].isdigit() and not any(c.isalpha() for c in word) for word in words[1:]):
        return [Subject(name)]
    parts = [subject for word in words for subject in _resolve(word, papers)]
    return [Subject(name)] if all(not part.paper_ids for part in parts) and parts else parts


def _set_aside(text: str) -> tuple[str, tuple[str, ...]]:
    """The question without what it sets aside ("Leaving X aside, ..."), and the X."""
    excluded = tuple(next(g for g in match.groups() if g).strip() for match in _ASIDE.finditer(text))
    rest = _ASIDE.sub("", text).strip()
    return (rest, excluded) if len(rest) > 10 else (text, ())


def _kind(text: str, subjects: tuple[Subject, ...]) -> QuestionKind:
    named = [subject for subject in subjects if subject.introduced or not subject.paper_ids]
    if len(named) < 2 and _WORKS.search(text):
        return QuestionKind.SURVEY
    if len(subjects) >= 2 and len(named) >= 1 and (len(named) >= 2 or _COMPARES.search(text)):
        return QuestionKind.COMPARISON
    about = [subject for subject in subjects if not _only_setting(subject.name, text)]
    if not about and _SEVERAL.search(text) and not _ONE.search(text):
        return QuestionKind.SURVEY
    if named:
        return QuestionKind.YES_NO if _YES_NO.match(text) else QuestionKind.FACT
    if _MANY.search(text) and not _ONE.search(text):
        return QuestionKind.SURVEY
    return QuestionKind.YES_NO if _YES_NO.match(text) else QuestionKind.FACT


def _only_setting(name: str, text: str) -> bool:
    """True when a name only says where something holds ("pruning methods for BERT")."""
    place = text.find(name)
    return place >= 0 and _SETTING.search(text[:place]) is not None


def _queries(topic: str) -> tuple[str, ...]:
    """The whole question first, then its clauses of three words and more."""
    clauses = [clause.strip(" ,?.") for clause in _CLAUSE.split(topic)]
    parts = [clause for clause in clauses if len(clause.split()) >= 3 and clause != topic.strip(" ?.")]
    return tuple(dict.fromkeys([topic, *parts]))[: PARTS + 1]


def _leans(text: str, subjects: tuple[Subject, ...]) -> bool:
    known = any(subject.paper_ids for subject in subjects)
    short = len(text.split()) <= 5
    return (not known and (short or _FOLLOW_UP.search(text) is not None)) or bool(
        re.match(r"(?:and|but|what about|how about)\b", text, re.I)
    )


def _carry(topic: str, previous: Plan) -> str:
    """The new words with what the turn before was about."""
    about = " ".join(subject.name for subject in previous.subjects) or previous.queries[0].rstrip("?. ")
    return f"{about}: {topic}"


def _merge(new: tuple[Subject, ...], old: tuple[Subject, ...]) -> tuple[Subject, ...]:
    known = [subject for subject in new if subject.paper_ids]
    names = {subject.name.casefold() for subject in known}
    return (*known, *(subject for subject in old if subject.name.casefold() not in names))
