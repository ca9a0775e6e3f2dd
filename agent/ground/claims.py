"""A claims file: JSON lines of `{"id", "claim", "paper"}`, where `paper` is an id or a title."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from agent.errors import BadInput

__all__ = ["ClaimLine", "read_claims"]

MOST_CHARACTERS = 20_000
"""A claim longer than this is no sentence."""


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """One claim of a file, with the line it stands on."""

    number: int
    claim_id: str
    claim: str
    paper: str


def read_claims(path: Path) -> tuple[ClaimLine, ...]:
    """The claims of the file, in order. Raises BadInput with file and line for anything that is not one."""
    lines = [(n, line) for n, line in enumerate(_text(path).split("\n"), start=1) if line.strip()]
    if not lines:
        raise BadInput(
            f'{path} holds no claims; write one JSON object a line: {{"id": "1", "claim": "...", "paper": "..."}}'
        )
    claims = tuple(_claim(path, number, line) for number, line in lines)
    seen: dict[str, int] = {}
    for claim in claims:
        if claim.claim_id in seen:
            raise BadInput(
                f"{path}, line {claim.number}: id {claim.claim_id!r} stands on line {seen[claim.claim_id]} already; give each claim its own"
            )
        seen[claim.claim_id] = claim.number
    return claims


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"{path} is not there; name a file of claims") from None
    except IsADirectoryError:
        raise BadInput(f"{path} is a folder; name a file of claims") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise BadInput(f"{path} can't be read ({error.strerror}); check its permissions") from None


def _claim(path: Path, number: int, line: str) -> ClaimLine:
    place = f"{path}, line {number}"
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = (
            error.msg if isinstance(error, json.JSONDecodeError) else "it nests too deep or holds a number too long"
        )
        raise BadInput(f"{place}: not JSON ({reason}); write one object a line") from None
    if not isinstance(row, dict):
        raise BadInput(f'{place}: not an object; write {{"id", "claim", "paper"}}')
    identity = row.get("id", number)
    if isinstance(identity, bool) or not isinstance(identity, (str, int)) or not str(identity).strip():
        raise BadInput(f"{place}, field id: {identity!r} is no text or number")
    return ClaimLine(number, str(identity), _field(place, row, "claim"), _field(place, row, "paper"))


def _field(place: str, row: dict[str, object], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(
            f"{place}, field {name}: " + ("missing" if name not in row else "must be a text that is not empty")
        )
    if len(value) > MOST_CHARACTERS:
        raise BadInput(f"{place}, field {name}: longer than {MOST_CHARACTERS:,} characters; give one sentence a line")
    return value
