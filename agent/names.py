"""Names in questions and papers: methods, models, systems, datasets, hardware.

A name is told by its letters ("FuseMax", "S5-PTD", "FLAT", "Llama-3.1") or by a capital where a plain word
has none. A paper *introduces* a name when its title leads with it or its abstract proposes it; others
only mention it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from store.types import Paper

__all__ = ["LEADS", "NameUse", "is_name_like", "label_of", "name_of_paper", "name_pattern", "names_in", "uses_of"]

LEADS = 4.0
"""Strength a title's leading name gives; nothing else reaches it."""

_WORD = re.compile(r"[^\W_](?:[\w+&^{}]*[\w+])?(?:[-./&’'][\w+]+)*")
_PROPOSES = re.compile(
    r"\b(?:propos\w+|introduc\w+|present\w*|call(?:ed)?|nam(?:e|ed|ely)|dubbed|term(?:ed)?|develop\w*|buil[dt]\w*|design\w*|releas\w+|describ\w+|"
    r"offer\w*|creat\w+|unveil\w*|our|namely)\b",
    re.I,
)
_TERMS = frozenset(
    "AI ML DNN CNN RNN GNN SNN MLP LSTM GAN VAE LLM VLM MLLM NLP NAS GPU CPU TPU NPU FPGA PEFT RL SGD MOE SSM KV ASR TTS MRI NERF BERT GPT IOT API SOTA".split()
)
"""What a whole field is called, never one paper's work."""
_OURS = re.compile(r"\b(?:we|our|this (?:paper|work|study)|called|named|dubbed|termed|namely)\b", re.I)
_LINKS = re.compile(
    r"\b(?:to|for|of|with|on|in|from|by|that|which|using|based|via|over|than|and|as|into|within|between|at)\b|,"
)
_PLAIN = frozenset(
    [
        "I",
        "The",
        "A",
        "An",
        "In",
        "On",
        "Of",
        "For",
        "And",
        "Or",
        "To",
        "What",
        "Which",
        "How",
        "Who",
        "Whom",
        "Whose",
        "Why",
        "When",
        "Where",
        "Whether",
        "Is",
        "Are",
        "Was",
        "Were",
        "Do",
        "Does",
        "Did",
        "Has",
        "Have",
        "Had",
        "Can",
        "Could",
        "Would",
        "Should",
        "May",
        "Might",
        "Will",
        "Among",
        "Between",
        "Across",
        "Against",
        "By",
        "With",
        "Without",
        "From",
        "Under",
        "Over",
        "Relative",
        "Leaving",
        "At",
        "As",
        "If",
        "Given",
        "Does",
        "Not",
        "Compare",
        "Tell",
        "Name",
        "List",
        "Describe",
        "Explain",
        "Summarise",
        "Summarize",
        "Show",
        "Give",
        "Find",
        "English",
        "American",
        "European",
        "Compared",
        "Versus",
        "And",
    ]
)


@dataclass(frozen=True, slots=True)
class NameUse:
    """How strongly a paper stands for a name: 2 and more it introduces it, below it only mentions it."""

    paper_id: str
    strength: float

    @property
    def introduces(self) -> bool:
        """True when the paper is where the name comes from."""
        return self.strength >= 2.0


def is_name_like(word: str) -> bool:
    """True for words whose letters mark a name anywhere: inner capitals, or letters with digits."""
    letters = [c for c in word if c.isalpha()]
    if not letters or len(word) < 2:
        return False
    if re.fullmatch(r"\d+(?:\.\d+)?[a-zA-Z%]{1,3}|\d+(?:st|nd|rd|th|s)|[1-4]D|\d+-\w+", word):
        return bool(re.fullmatch(r"\d+[A-Z]?[a-z]?[A-Z]\w+", word)) and not re.fullmatch(r"\d+[A-Za-z]{1,3}", word)
    if any(c.isdigit() for c in word):
        return True
    inner = re.sub(r"(?<=[-./&'’])\w", lambda m: m[0].lower(), word[1:])
    return any(c.isupper() for c in inner)


def names_in(question: str) -> tuple[str, ...]:
    """Names of a question, in order: runs of name-like or capitalised words ("Sparse MeZO", "Long Range Arena").

    A capitalised plain word at a sentence's start counts only when a name-like word follows it.
    """
    names: list[str] = []
    run: list[str] = []
    last = 0
    for match in _WORD.finditer(question):
        word = re.sub(r"['’]s$", "", match[0])
        opens = not question[: match.start()].strip() or question[: match.start()].rstrip()[-1] in '.?!:;"“¿¡'
        gap = question[last : match.start()]
        if run and gap != " ":
            _close(run, names)
        named = is_name_like(word) or (word[0].isupper() and word not in _PLAIN)
        if run and not run[0].startswith("\0") and gap == " " and re.fullmatch(r"\d{1,3}(?:\.\d+)*", word):
            run.append(word)  # a version: "Gemini 2.5 Pro"
        elif named and not (opens and not is_name_like(word) and not _sounds_named(word)):
            run.append(word)
        else:
            _close(run, names)
            if named and opens:
                run.append("\0" + word)
        if word != match[0]:
            _close(run, names)
        last = match.end()
    _close(run, names)
    return tuple(dict.fromkeys(names))


def _sounds_named(word: str) -> bool:
    return word.isupper() and len(word) > 1


def _close(run: list[str], names: list[str]) -> None:
    """End a run; a lone sentence opener keeps a mark (\\0) so that the library decides whether it is a name."""
    if run:
        names.append(" ".join(run))
        run.clear()


@lru_cache(maxsize=4096)
def name_pattern(name: str) -> re.Pattern[str]:
    """Matches `name` with other separators and a plural s: "DeepSeek V3" finds "DeepSeek-V3"."""
    parts = re.findall(r"[^\W\d_]+|\d+", name)
    body = r"[\W_]{0,2}".join(re.escape(part) for part in parts) if parts else re.escape(name)
    plus = r"\+\+" if name.endswith("++") else ""
    return re.compile(rf"(?<![^\W_]){body}{plus}(?:s|es)?(?![^\W_])(?!\.\d)", re.I)


def _named_matches(name: str, text: str) -> list[re.Match[str]]:
    """Places of `text` that carry `name` written as a name (with a capital where the name has one)."""
    plain = name.islower()
    return [m for m in name_pattern(name).finditer(text) if plain or any(c.isupper() for c in m[0])]


def uses_of(name: str, papers: Iterable[Paper]) -> tuple[NameUse, ...]:
    """Papers that carry `name`, strongest first."""
    uses = []
    for paper in papers:
        strength = _strength(name, paper)
        if strength > 0.0:
            uses.append(NameUse(paper.paper_id, strength))
    return tuple(sorted(uses, key=lambda use: (-use.strength, use.paper_id)))


def _strength(name: str, paper: Paper) -> float:
    in_title, in_text = _named_matches(name, paper.title), _named_matches(name, paper.abstract)
    if not in_title and not in_text:
        return 0.0
    lead = name_of_paper(paper)
    strength = 0.2 + min(0.1 * len(in_text), 0.5)
    if lead is not None and name_pattern(name).fullmatch(lead):
        return strength + LEADS
    if in_title and any(_stands_alone(paper.title, m) for m in in_title):
        strength += 1.2
    if in_text and any(_proposed(paper.abstract, m) and _stands_alone(paper.abstract, m) for m in in_text):
        strength += 2.0
    return strength


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """False when the match is the tail or head of a longer name ("MeZO" in "Sparse MeZO", "X" in "X-v3")."""
    before = re.search(r"([A-Z][\w-]*)[ -]$", text[: match.start()])
    opener = before is not None and before[1] in _PLAIN
    after = re.match(r"[-‑.]?v?\d|[-‑][A-Z]|\+\+", text[match.end() :])
    return (before is None or opener) and after is None


def _proposed(text: str, match: re.Match[str]) -> bool:
    """True when the words just before propose what is matched, in one noun phrase or with the name in brackets after it."""
    before = re.split(r"(?<=[\w)%])[.;!?] (?=[A-Z(\"“])", text[max(0, match.start() - 160) : match.start()])[-1]
    verbs = list(_PROPOSES.finditer(before))
    if not verbs:
        return False
    between = before[verbs[-1].end() :]
    return between.endswith("(") or not _LINKS.search(between)


def name_of_paper(paper: Paper) -> str | None:
    """The name a title leads with ("FuseMax: ..." gives "FuseMax"), when it is a name and not a motto."""
    head, colon, _ = paper.title.partition(": ")
    head = re.sub(r"\s*\([^)]*\)$", "", head.strip().strip('"“”'))
    if not colon or len(head.split()) > 3:
        return None
    if is_name_like(head.split()[-1]) or len(head.split()) == 1:
        return head
    return head if sum(_counts(head, paper)) > 0 else None


def _counts(head: str, paper: Paper) -> Sequence[int]:
    return [1 for _ in _named_matches(head, paper.abstract)]


def label_of(paper: Paper) -> str | None:
    """What a sentence may call the work: the name its title leads with, else the name its abstract proposes, else None."""
    lead = name_of_paper(paper)
    if lead is not None:
        return lead
    best: tuple[int, int, str] | None = None
    for match in _WORD.finditer(paper.abstract):
        word = re.sub(r"['’]s$", "", match[0])
        if not _names_own_work(paper.abstract, match, word):
            continue
        count = len(_named_matches(word, paper.abstract))
        if count >= 2 and (best is None or (count, -match.start()) > best[:2]):
            best = (count, -match.start(), word)
    return best[2] if best else _opening_name(paper.abstract)


def _opening_name(text: str) -> str | None:
    """The name that opens the abstract as the subject of its first sentence ("KVMerger shrinks ...")."""
    match = _WORD.match(text)
    if match is None or len(match[0]) < 3 or not is_name_like(match[0]):
        return None
    return match[0] if re.match(r" (?:[a-z]+s|has|is)\b", text[match.end() :]) else None


def _names_own_work(text: str, match: re.Match[str], word: str) -> bool:
    """True when the abstract gives its own work the name matched."""
    before = text[max(0, match.start() - 160) : match.start()]
    if (
        len(word) < 3
        or word.rstrip("s").upper() in _TERMS
        or not _OURS.search(before)
        or not _stands_alone(text, match)
    ):
        return False
    if is_name_like(word):
        return _proposed(text, match)
    if re.match(r"[ -][A-Z]", text[match.end() :]):
        return False
    return word[0].isupper() and re.search(rf"{_PROPOSES.pattern}\s+$", before, re.I) is not None
