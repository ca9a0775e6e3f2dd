"""Token counts with tiktoken's o200k encoding, from the rank file bundled with the package."""

from __future__ import annotations

import base64
import gzip
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from store.errors import EmbedderUnavailable

if TYPE_CHECKING:
    import tiktoken

__all__ = ["count"]

_FILE = "o200k_base.tiktoken.gz"
_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
_SPECIAL = {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}
# The pattern published with the encoding; another would give other counts.
_PATTERN = "|".join((
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}",
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
    r"\s*[\r\n]+",
    r"\s+(?!\S)",
    r"\s+",
))  # fmt: skip


@cache
def _encoding() -> tiktoken.Encoding:
    import tiktoken

    packed = resources.files("store.ranks").joinpath(_FILE)
    try:
        ranks = gzip.decompress(packed.read_bytes())
    except (OSError, EOFError) as error:
        raise EmbedderUnavailable(f"{_FILE}: the bundled rank file cannot be read ({error}); reinstall") from error
    if hashlib.sha256(ranks).hexdigest() != _SHA256:
        raise EmbedderUnavailable(f"{_FILE}: the bundled rank file has a wrong checksum; reinstall")
    pairs = (line.split() for line in ranks.splitlines() if line)
    mergeable = {base64.b64decode(token): int(rank) for token, rank in pairs}
    return tiktoken.Encoding("o200k_base", pat_str=_PATTERN, mergeable_ranks=mergeable, special_tokens=_SPECIAL)


def count(text: str) -> int:
    """Tokens of the text; what looks like a special token counts as ordinary text. Raises EmbedderUnavailable."""
    return len(_encoding().encode_ordinary(text)) if text else 0
