"""What a model is asked to write, and how its words are read: claims as they come, each citing short ids."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, Field

from agent.engines.packing import Shelf, visible
from agent.engines.protocol import Mended, Rejected
from agent.types import Claim, Plan
from agent.words import content_stems
from prompts import fence

__all__ = [
    "ClaimReply",
    "ClaimsReply",
    "MendReply",
    "MendsReply",
    "Reader",
    "aspects_of",
    "claim_of",
    "mended_of",
    "missing_of",
    "rejected_text",
]

MISSING = 5
"""Missing parts that are taken from a model, at most."""


class ClaimReply(BaseModel):
    """One sentence and the ids of the quotes that carry it."""

    text: str
    evidence_ids: list[str]


class ClaimsReply(BaseModel):
    """An answer as a model writes it."""

    claims: list[ClaimReply]
    missing: list[str]


class MendReply(BaseModel):
    """What becomes of one refused sentence."""

    index: int
    text: str | None
    evidence_ids: list[str]


class MendsReply(BaseModel):
    """What becomes of refused sentences."""

    claims: list[MendReply] = Field(description="one entry for each refused sentence")


def claim_of(entry: Mapping[str, object], shelf: Shelf) -> Claim | None:
    """The claim of one entry, with full evidence ids; None for an entry without a sentence.

    An id that was never shown stays as the model wrote it, and resolves to nothing.
    """
    text, cited = entry.get("text"), entry.get("evidence_ids")
    if not isinstance(text, str) or not text.strip():
        return None
    ids = [cited] if isinstance(cited, str) else cited if isinstance(cited, list) else []
    full = dict.fromkeys(shelf.full(str(one))[:80] for one in ids)
    return Claim(" ".join(text.split()), tuple(full))


def mended_of(entry: Mapping[str, object], shelf: Shelf) -> Mended | None:
    """What one entry makes of a refused claim; None for an entry that names none."""
    index = entry.get("index")
    return Mended(index, claim_of(entry, shelf)) if isinstance(index, int) else None


def missing_of(parts: Sequence[str], plan: Plan) -> tuple[str, ...]:
    """Those missing parts that are words of the question: a model tells nothing new by way of what is missing."""
    asked = set(content_stems(plan.question)) | {s for a in plan.aspects for s in content_stems(a.name)}
    lines = [" ".join(visible(part).split()).rstrip(".") for part in parts]
    own = [line for line in lines if content_stems(line) and set(content_stems(line)) <= asked]
    return tuple(dict.fromkeys(line for line in own if len(line.split()) <= 12))[:MISSING]


def aspects_of(plan: Plan) -> str:
    """The aspects of a plan as a prompt lists them."""
    return ", ".join(visible(aspect.name) for aspect in plan.aspects) or "whatever the question asks for"


def rejected_text(rejected: Sequence[Rejected], shelf: Shelf) -> str:
    """Refused sentences, numbered from 0, each with what it cites and why it was refused."""
    blocks = []
    for number, refused in enumerate(rejected):
        cited = ", ".join(shelf.known(i) for i in refused.claim.evidence_ids) or "nothing"
        lines = [f"sentence: {visible(refused.claim.text)}", f"cites: {visible(cited)}"]
        lines += [f"reason: {visible(reason)}" for reason in refused.reasons]
        blocks.append(fence(f"refused {number}", "\n".join(lines)))
    return "\n\n".join(blocks)


class Reader:
    """Reads the entries of a `claims` list out of JSON that is still being written.

    Words before the JSON, code fences and <think> blocks are passed over.
    """

    def __init__(self) -> None:
        self._text = ""
        self._at: int | None = None
        self._decoder = json.JSONDecoder()

    def feed(self, piece: str) -> Iterator[Mapping[str, object]]:
        """The entries that are complete with `piece`."""
        self._text += piece
        if self._at is None:
            self._at = self._list_start()
        while self._at is not None:
            start = self._next_object(self._at)
            if start is None:
                return
            try:
                entry, self._at = self._decoder.raw_decode(self._text, start)
            except (ValueError, RecursionError):
                return  # not all of it is there yet
            if isinstance(entry, dict):
                yield entry

    def whole(self) -> Mapping[str, object] | None:
        """The document; None where the text holds none that is whole."""
        at = self._text.rfind("{", 0, self._at_list())
        try:
            document, _ = self._decoder.raw_decode(self._text, at) if at >= 0 else (None, 0)
        except (ValueError, RecursionError):
            return None
        return document if isinstance(document, dict) else None

    def _at_list(self) -> int:
        found = self._text.find('"claims"', self._thought())
        return found if found >= 0 else 0

    def _thought(self) -> int:
        """Where thinking aloud ends; the end of the text while it goes on."""
        if not self._text.lstrip().startswith("<think>"):
            return 0
        end = self._text.find("</think>")
        return end if end >= 0 else len(self._text)

    def _list_start(self) -> int | None:
        found = self._text.find('"claims"', self._thought())
        opened = self._text.find("[", found) if found >= 0 else -1
        return opened + 1 if opened >= 0 else None

    def _next_object(self, at: int) -> int | None:
        """Where the next entry begins; None at the list's end, or before more text has come."""
        rest = self._text[at:].lstrip(" \t\r\n,")
        return len(self._text) - len(rest) if rest.startswith("{") else None
