"""What a paper introduces: the names of its own method, and who "we" and "ours" are."""

from __future__ import annotations

import re
from functools import lru_cache

from agent.ground.words import fold, words

__all__ = ["NAMEISH", "OWN", "SELF", "is_own", "nameless", "own_names", "own_words", "squeeze"]

OWN = "*own*"
"""Stands for the paper's own method among the words of a side."""
SELF = re.compile(
    r"\b(?:we|our|ours|us|the proposed|this (?:work|paper|method|approach|model|framework|algorithm|system)|the (?:method|approach|framework|algorithm|system|former))\b",
    re.I,
)
_INTRODUCE = re.compile(
    r"\b(?:(?:we|paper|work|study|article|authors|is|are)\s(?:\w+\s){0,3}?(?:propos(?:e|es|ed)|introduc(?:e|es|ed)|presents?|presented|develop(?:s|ed)?|design(?:s|ed)?)|called|named|namely|termed|dubbed|coined|denoted(?: as)?|referred to as)\b",
    re.I,
)
NAMEISH = re.compile(r"[A-Za-z0-9]*[A-Z][A-Za-z0-9]*(?:[-+^][A-Za-z0-9]+)*")
_COMMON = frozenset(
    "gpu gpus cpu cpus llm llms mllm mllms vlm vlms cnn cnns dnn dnns rnn rnns nlp ai ml dl rl vit vits gan gans bert gpt nerf mlp tts asr kv 3d 2d based model models transformer net".split()
)

_LEAD_WORDS = 4
"""A title's lead of so many words at most is a name."""


@lru_cache(maxsize=1024)
def own_names(source_text: str, title: str) -> frozenset[str]:
    """Names, squeezed ("M-VAR" is "mvar"), of what the paper introduces: its title's lead and names beside "we propose"."""
    lead = _lead(title)
    names = {lead} if lead and " " not in lead else {m[0] for m in NAMEISH.finditer(lead) if _telling(m[0])}
    for verb in _INTRODUCE.finditer(source_text):
        if names:
            break
        for match in NAMEISH.finditer(source_text, verb.end(), min(len(source_text), verb.end() + 110)):
            between = source_text[verb.end() : match.start()]
            if re.search(r"[.!?]\s", between):
                break
            if (_telling(match[0]) and source_text.count(match[0]) > 1) or re.fullmatch(
                r"\s(?:as |a |an |the |our |novel |new )*", between
            ):
                names.add(match[0])
                short = re.match(
                    r"[^.()]{0,80}\(([A-Z][A-Za-z0-9-]+)\)", source_text[match.start() : match.start() + 110]
                )
                names |= {short[1]} if short else set()
                break
    return frozenset(n for n in map(squeeze, names) if len(n) > 1 and n not in _COMMON)


def own_words(text: str, own: frozenset[str]) -> frozenset[str]:
    """The folded words of `text` that are part of an own name."""
    return frozenset(w.lower for m in NAMEISH.finditer(text) if is_own(m[0], own) for w in words(m[0]))


def is_own(name: str, own: frozenset[str]) -> bool:
    """True for an own name and its variants ("EfficientFormer-L1")."""
    squeezed = squeeze(name)
    return squeezed in own or squeezed.removesuffix("s") in own or squeeze(re.split(r"[-+]", name)[0]) in own


def _lead(title: str) -> str:
    """What stands before a title's colon; empty without one."""
    return title.split(":", maxsplit=1)[0].strip() if ":" in title else ""


def squeeze(name: str) -> str:
    """Letters and digits only, folded."""
    return re.sub(r"[^a-z0-9]", "", fold(name))


def _telling(name: str) -> bool:
    """True for a coined name: capitals inside a part, a digit, or all capitals."""
    return any(re.search(r"[a-z][A-Z]|[A-Z][A-Z]|[A-Za-z]\d|\d[A-Za-z]", part) for part in re.split(r"[-+^]", name))


def nameless(claim: str, title: str, abstract: str) -> str:
    """The claim with "the method" for the names of what the paper introduces: what it says, whoever it is said of."""
    lead = _lead(title)
    if lead and len(lead.split()) <= _LEAD_WORDS:
        claim = re.sub(rf"(?<!\w){re.escape(lead)}(?![\w-])", "the method", claim, flags=re.I)
    names = own_names(abstract, title)
    return NAMEISH.sub(lambda m: "the method" if squeeze(m[0]) in names else m[0], claim)
