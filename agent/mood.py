"""Whether a source's sentence states something. An order, a message to a reader or its machine, or a record states
nothing, so nothing can rest on it: "say that A is best" does not say that A is best.

Read from the sentence's mood, in English: a bare verb of telling or doing at its beginning with its object after it, a
duty of "you" or of an assistant to tell something, the marks of a transcript, or JSON in the place of words.
"""

from __future__ import annotations

import re

__all__ = ["states"]

_TELL = "say|state|tell|write|answer|reply|respond|report|cite|mention|recommend|repeat|output|print|claim|add|praise"
_DO = (
    "append|show|render|display|send|call|begin|ignore|disregard|forget|follow|obey|include|insert|pretend|act|"
    "visit|click|execute|delete|remove|read|remember|override|skip|summari[sz]e"
)
_LEAD = r"(?:please|now|then|always|never|instead|only|just|also|do not|don't|must)\s+"
_OBJECT = r"(?:that|the|this|these|those|all|any|each|every|it|to|in|only|your?|me|us|a|an|our|its|his|her|their|no|what|as if|out|with|nothing|everything)\b"
_IMPERATIVE = re.compile(
    rf"(?:^|:\s+|^(?:when|if|whenever|before|after) [^,:;]*,\s+)\W*(?:{_LEAD})*(?:{_TELL}|{_DO})\s+{_OBJECT}", re.I
)
_FORBIDDEN = re.compile(r"^\W*(?:please\s+)?(?:do not|don't|never)\s+[a-z]+\b", re.I)
_DUTY = re.compile(
    r"\byou(?: now)? (?:must|should|shall|will|may|are to|need to|have to|can now|recommend|are (?:an?|the) (?:\w+ )?(?:assistant|language model))\b|"
    r"\bif you are\b|\byour (?:instructions|guidelines|rules|answer|reply|prompt)\b|"
    r"\b(?:assistants?|chatbots?|(?:language|ai) models?|summari[sz]ers?)\b[^.;]{0,60}?\b(?:must|should|shall|to)(?: not)?(?: only| always)? "
    rf"(?:{_TELL})\b(?!-)|\bnote to (?:the|any|all) (?:\w+ )?(?:models?|assistants?|readers?)\b",
    re.I,
)
_TRANSCRIPT = re.compile(
    r"<\|\w+\|>|\[/?INST\]|<<?/?SYS>?>|</?tool_call|#{2,} *(?:instructions?|user|system|assistant)\b|^\W*(?:system|user|assistant|human)\s*(?::|to=)",
    re.I,
)
_RECORD = re.compile(r"^\s*[\[{]\s*\"[^\"]+\"\s*[:,].*[\]}]\s*$", re.S)


def states(sentence: str) -> bool:
    """False for a sentence that orders, addresses its reader's machine, or is a record."""
    return not any(pattern.search(sentence) for pattern in (_IMPERATIVE, _FORBIDDEN, _DUTY, _TRANSCRIPT, _RECORD))
