"""Embeddings from any OpenAI-compatible endpoint. The only module that imports openai for embeddings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from store.errors import EmbedderUnavailable
from store.types import EmbedderInfo, Vectors

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

__all__ = ["OpenAIEmbedder"]

BATCH = 64
RETRIES = 2
CALL_SECONDS = 60.0
DEADLINE_SECONDS = 600.0  # for one `embed`, retries and all
MAX_CHARACTERS = 24_000  # about the 8,192 tokens that such models take
NO_KEY = "none"  # local servers want no key, the client wants a text


class OpenAIEmbedder:
    """Unit vectors from `model` at `base_url` (None: OpenAI's own). Its dimensions are asked for at first use.

    `transport` is for tests: it answers instead of the network.
    """

    def __init__(
        self,
        model: str,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        deadline: float = DEADLINE_SECONDS,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._model = model
        self._base_url = base_url
        self._key = api_key
        self._deadline = deadline
        self._transport = transport

    def __repr__(self) -> str:
        return f"OpenAIEmbedder(model={self._model!r}, base_url={self._base_url!r})"

    @cached_property
    def info(self) -> EmbedderInfo:
        """The model's name and its dimensions, found by embedding one word. Raises EmbedderUnavailable."""
        first = self._ask(["dimensions"], time.monotonic() + self._deadline)
        return EmbedderInfo(f"openai:{self._model}", first.shape[1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimensions), rounded to float16 precision. Raises EmbedderUnavailable."""
        end = time.monotonic() + self._deadline
        parts = [self._ask(texts[start : start + BATCH], end) for start in range(0, len(texts), BATCH)]
        if not parts:
            return np.zeros((0, self.info.dimensions), dtype=np.float32)
        if len({part.shape[1] for part in parts}) != 1:
            raise self._unavailable("answered with vectors of unlike lengths")
        return np.concatenate(parts)

    def _ask(self, texts: Sequence[str], end: float) -> Vectors:
        import openai

        left = end - time.monotonic()
        if left <= 0:
            raise self._unavailable(f"took longer than {self._deadline:g} s")
        try:
            answer = self._client.with_options(timeout=min(CALL_SECONDS, left)).embeddings.create(
                model=self._model,
                input=[text[:MAX_CHARACTERS] or " " for text in texts],  # an empty text is refused by most
                encoding_format="float",
            )
            rows = [row.embedding for row in sorted(answer.data or [], key=lambda row: row.index)]
            vectors = np.array(rows, dtype=np.float32)
        except openai.APIStatusError as error:
            raise self._unavailable(
                f"answered {error.status_code}: {STATUS.get(error.status_code, 'see its log')}"
            ) from None
        except openai.APITimeoutError:
            raise self._unavailable("did not answer in time") from None
        except openai.APIConnectionError:
            raise self._unavailable("cannot be reached") from None
        except (openai.OpenAIError, ValueError, TypeError, AttributeError):
            raise self._unavailable("answered in an unknown form") from None
        return self._checked(vectors, len(texts))

    def _checked(self, vectors: Vectors, count: int) -> Vectors:
        if vectors.ndim != 2 or vectors.shape[0] != count or not np.isfinite(vectors).all():
            raise self._unavailable(f"did not give one vector for each of {count} texts")
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not vectors.shape[1] or float(lengths.min()) < 1e-9:
            raise self._unavailable("gave an empty vector")
        units: Vectors = (vectors / lengths).astype(np.float16).astype(np.float32)
        return units

    @cached_property
    def _client(self) -> OpenAI:
        import httpx2
        from openai import OpenAI

        http = None if self._transport is None else httpx2.Client(transport=self._transport)
        return OpenAI(api_key=self._key or NO_KEY, base_url=self._base_url, max_retries=RETRIES, http_client=http)

    def _unavailable(self, what: str) -> EmbedderUnavailable:
        """The error in one line. Nothing the endpoint said is repeated: it may echo the key."""
        where = self._base_url or "OpenAI"
        return EmbedderUnavailable(
            f"the embedding model {self._model!r} at {where} {what}; check PLUMBLINE_EMBED_MODEL,"
            " PLUMBLINE_EMBED_BASE_URL and the key"
        )


STATUS = {
    400: "it refuses the request",
    401: "the key is refused",
    403: "the key may not use this model",
    404: "no such model or address",
    413: "the texts are too long",
    422: "it refuses the request",
    429: "too many requests, or the quota is used up",
    500: "an error of its own",
    502: "its server is down",
    503: "it is overloaded",
    504: "its server is slow",
}
