"""Noun phrases of titles and abstracts, by data and function words alone: no tagger, no list of subjects.

A phrase is one to four words between boundaries (function words, academic verbs, punctuation). Whether a word
may end a phrase is learnt from the papers themselves: a word that mostly stands before another ("efficient",
"large") describes, a word that mostly stands before a boundary ("models", "pruning") names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from agent.words import stem
from store.types import Paper

__all__ = ["Lexicon", "Phrase", "phrases_of", "title_phrases"]

LONGEST = 4
_EVERYDAY = 0.2
_SURE = 3
"""Times a word must stand with a capital, and hardly without, before it is taken for a name."""
_TOKEN = re.compile(r"[^\W\d_][^\W_]*(?:[-+][^\W_]+)*|[^\w\s]|\d\S*")
_BOUNDARIES = frozenset(
    """
    a about above across after against all along also although among an and another any are as at available be
    because become becomes becoming been being below between both but by can could despite did do does down due
    during each either even every few fewer for from further has have having hence here how however i if in
    including into is it its itself less like likely made make makes making many may might more moreover most much
    must namely neither no nor not of off often on only onto or other others our out over own per rather same
    several shall she should since so some still such than that the their them then there therefore these they this
    those though through throughout thus to together too toward towards under until up upon us using used uses use
    various very via was we well were what when where which while who whose why will with within without would yet
    you your achieve achieved achieves achieving address addresses addressed addressing allow allowed allows
    allowing apply applied applies applying based boost boosts boosting combine combined combines combining compared
    comparing consist consists contain contains demonstrate demonstrated demonstrates demonstrating design designed
    designs designing develop developed develops developing employ employed employs employing enable enabled enables
    enabling enhance enhances enhanced enhancing ensure ensures ensuring evaluate evaluated exploit exploits
    exploiting explore explores exploring extend extends extending find finds found generate generates generated
    give given gives identify identifies improve improved improves improving include includes incorporate
    incorporates introduce introduced introduces introducing investigate investigates lead leads leading leverage
    leveraged leverages leveraging maintain maintains maintaining named obtain obtained obtains offer offers
    offering outperform outperformed outperforms outperforming perform performs performing preserve preserves
    preserving present presented presents presenting propose proposed proposes proposing provide provided provides
    providing reach reached reaches reduce reduced reduces reducing remain remains require required requires
    requiring result resulting results reveal reveals revisit revisiting serve serves show showed shown shows
    showing significantly simply solve solves solving study studied studies suffer suffers support supports surpass
    surpasses surpassing tackle tackles tackling train trains understand understanding utilize utilized utilizes
    utilizing yield yields yielding accelerate accelerates accelerating paper work works method methods approach
    approaches technique techniques way ways problem problems challenge challenges issue issues experiment
    experiments new novel recent recently existing previous prior state-of-the-art different better best good first
    second third one two three four effectively efficiently substantially typically usually currently code github
    com https e.g i.e et al
    efficient effective fast faster advancing rethinking optimize optimizing optimized exploring high-quality simple
    robust unlocking alleviating versatile accelerated improved efficiency high-efficiency
    """.split()  # noqa: SIM905 - a list of words reads as one
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of words by its stems, as this place writes it."""

    stems: tuple[str, ...]
    surface: str


def _runs(text: str) -> Iterator[list[str]]:
    run: list[str] = []
    for token in _TOKEN.findall(text):
        if token[0].isalpha() and len(token) > 1 and token.lower() not in _BOUNDARIES:
            run.append(token)
        elif run:
            yield run
            run = []
    if run:
        yield run


def title_phrases(title: str) -> Iterator[Phrase]:
    """The phrases of a title without those that open it (or its subtitle) by an activity ("Scaling X", "Adding Y")."""
    for part in re.split(r"[:?!]\s", title):
        opening = re.match(r"\w+ing\s", part)
        yield from phrases_of(part[opening.end() :] if opening else part)
        if opening:
            yield Phrase((stem(opening[0].strip().lower()),), opening[0].strip())


def phrases_of(text: str) -> Iterator[Phrase]:
    """Every run of one to four words of `text` that crosses no boundary."""
    for run in _runs(text):
        for start in range(len(run)):
            for end in range(start + 1, min(len(run), start + LONGEST) + 1):
                words = run[start:end]
                stems = tuple(stem(part) for word in words for part in word.lower().split("-") if part)
                yield Phrase(stems, " ".join(words))


@dataclass(slots=True)
class Lexicon:
    """What words of these papers do: how often each ends a phrase, and its commonest spelling."""

    _ends: Counter[str] = field(default_factory=Counter)
    _all: Counter[str] = field(default_factory=Counter)
    _spelled: dict[str, Counter[str]] = field(default_factory=dict)
    _papers: Counter[tuple[str, ...]] = field(default_factory=Counter)
    _count: int = 0

    @classmethod
    def of(cls, papers: Iterable[Paper]) -> Lexicon:
        """Learn from titles and abstracts."""
        lexicon = cls()
        for paper in papers:
            for text in (paper.title, paper.abstract):
                for run in _runs(text):
                    lexicon._all.update(word.lower() for word in run)
                    lexicon._ends[run[-1].lower()] += 1
            lexicon._count += 1
            lexicon._papers.update({phrase.stems for phrase in phrases_of(f"{paper.title}. {paper.abstract}")})
            for run in _runs(paper.abstract):
                for word in run:
                    lexicon._spelled.setdefault(word.lower(), Counter())[word] += 1
        return lexicon

    def known(self, stems: tuple[str, ...]) -> int:
        """How many papers use the phrase."""
        return self._papers[stems]

    def everyday(self, stems: tuple[str, ...]) -> bool:
        """True for a single word that so many papers use that it names no theme ("models")."""
        return len(stems) == 1 and self._papers[stems] > _EVERYDAY * max(self._count, 1)

    def names(self, word: str) -> float:
        """How readily `word` ends a noun phrase, 0 to 1."""
        lower = word.lower()
        return (self._ends[lower] + 0.5) / (self._all[lower] + 1.0)

    def spelled(self, words: Sequence[str]) -> str:
        """`words` in running-text case: "Video Generation" becomes "video generation", "KV Cache" "KV cache"."""
        return " ".join(self._spell(word) for word in words)

    def _spell(self, word: str) -> str:
        forms = self._spelled.get(word.lower())
        if forms is None:
            return "-".join(
                part if part.isupper() or part[1:] != part[1:].lower() else part.lower() for part in word.split("-")
            )
        total = sum(forms.values())
        best = max(sorted(forms), key=lambda form: forms[form])
        plain = forms[word.lower()] * 4 >= total or (total < _SURE and best[1:] == best[1:].lower())
        return word.lower() if plain else best
