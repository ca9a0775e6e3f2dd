"""The embedders: the same vectors whatever the batch, sound files only, errors in one line without the key."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx2
import numpy as np
import pytest

from store.embed.bundled import FOLDER, MAX_TOKENS, BundledEmbedder
from store.embed.fake import HashEmbedder
from store.embed.openai import OpenAIEmbedder
from store.embed.protocol import Embedder
from store.errors import EmbedderUnavailable

TEXTS = [
    "Sparse attention lowers the memory of long prompts.",
    "A tiny model answers on a phone.",
    "Attention that skips most of its keys needs less memory when the prompt is long, at little loss.",
    "",
    "Bread rises because yeast makes gas.",
]
KEY = "sk-this-must-never-be-shown"


@pytest.fixture(scope="module")
def bundled() -> BundledEmbedder:
    return BundledEmbedder()


@pytest.mark.parametrize("make", [BundledEmbedder, HashEmbedder])
def test_unit_vectors_of_float16_precision(make: Callable[[], Embedder]) -> None:
    embedder = make()
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.info.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=2e-3)
    assert np.array_equal(vectors, vectors.astype(np.float16).astype(np.float32))
    assert embedder.embed([]).shape == (0, embedder.info.dimensions)


def test_a_vector_does_not_depend_on_its_batch(bundled: BundledEmbedder) -> None:
    together = bundled.embed(TEXTS)
    assert np.array_equal(together, np.concatenate([bundled.embed([text]) for text in TEXTS]))
    assert np.array_equal(together, bundled.embed(TEXTS[::-1])[::-1])


def test_a_vector_does_not_depend_on_the_cores_that_share_it() -> None:
    """From the third text alone on, a session that shares one text out to several cores takes it."""
    fresh = BundledEmbedder()
    together = fresh.embed(TEXTS)
    for _ in range(5):
        assert np.array_equal(together, np.concatenate([fresh.embed([text]) for text in TEXTS]))
    assert fresh._model._alone > 2


def test_like_texts_are_near(bundled: BundledEmbedder) -> None:
    near = bundled.embed(TEXTS) @ bundled.embed(TEXTS).T
    assert near[0, 2] > 0.6
    assert near[0, 4] < 0.2


def test_known_values(bundled: BundledEmbedder) -> None:
    """As the full-precision model gives them; a change means that stored libraries no longer fit."""
    expected = [0.1313, 0.0017, 0.0416, 0.0266]
    assert bundled.embed(TEXTS)[0, :4] == pytest.approx(expected, abs=4e-3)


def test_what_lies_beyond_256_word_pieces_is_not_seen(bundled: BundledEmbedder) -> None:
    long = "memory " * (MAX_TOKENS - 2)
    assert np.array_equal(bundled.embed([long]), bundled.embed([long + "bread yeast gas"]))
    assert bundled.embed(["x " * 100_000]).shape == (1, 384)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "SHA256SUMS"])
@pytest.mark.parametrize("missing", [True, False])
def test_files_that_are_not_those_shipped_are_refused(tmp_path: Path, name: str, missing: bool) -> None:
    for file in ("model.onnx", "tokenizer.json", "SHA256SUMS"):
        shutil.copyfile(FOLDER / file, tmp_path / file)
    if missing:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(b"not this")
    with pytest.raises(EmbedderUnavailable, match="reinstall"):
        BundledEmbedder(tmp_path).embed(["text"])


def test_hashes_count_what_they_embed() -> None:
    embedder = HashEmbedder(8)
    embedder.embed(TEXTS)
    assert embedder.embedded == len(TEXTS)
    assert embedder.info.dimensions == 8


def answering(requests: list[httpx2.Request], reply: Callable[[list[str]], httpx2.Response]) -> OpenAIEmbedder:
    def handle(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return reply(json.loads(request.content)["input"])

    transport = httpx2.MockTransport(handle)
    return OpenAIEmbedder("small", "http://localhost:9/v1", KEY, transport=transport)


def rows(texts: list[str]) -> httpx2.Response:
    data = [{"object": "embedding", "index": i, "embedding": [len(t), 1.0, 2.0]} for i, t in enumerate(texts)]
    return httpx2.Response(200, json={"object": "list", "model": "small", "data": data[::-1]})


def test_openai_batches_in_order() -> None:
    seen: list[httpx2.Request] = []
    embedder = answering(seen, rows)
    vectors = embedder.embed(["x" * n for n in range(150)])
    assert len(seen) == 3
    assert seen[0].headers["authorization"] == f"Bearer {KEY}"
    assert np.all(np.diff(vectors[1:, 0]) >= 0)
    assert embedder.info.name == "openai:small"
    assert embedder.info.dimensions == 3


def status(code: int) -> Callable[[list[str]], httpx2.Response]:
    return lambda _: httpx2.Response(
        code, json={"error": {"message": f"bad key {KEY}"}}, headers={"retry-after-ms": "1"}
    )


def body(content: object) -> Callable[[list[str]], httpx2.Response]:
    return lambda _: httpx2.Response(200, json=content)


@pytest.mark.parametrize(
    ("reply", "said", "calls"),
    [
        (status(401), "401: the key is refused", 1),
        (status(404), "404: no such model", 1),
        (status(429), "429: too many requests", 3),
        (status(500), "500: an error of its own", 3),
        (body({"data": []}), "the embedding model", 1),
        (body({"data": None}), "the embedding model", 1),
        (body({"data": [{"index": 0, "embedding": [0.0, 0.0]}]}), "an empty vector", 1),
        (body({"data": [{"index": 0, "embedding": ["a"]}]}), "an unknown form", 1),
        (body(["nothing"]), "the embedding model", 1),
    ],
)
def test_openai_failures_are_one_line_without_the_key(
    reply: Callable[[list[str]], httpx2.Response], said: str, calls: int
) -> None:
    seen: list[httpx2.Request] = []
    with pytest.raises(EmbedderUnavailable, match=said) as caught:
        answering(seen, reply).embed(["text"])
    message = str(caught.value)
    assert "\n" not in message
    assert KEY not in message
    assert KEY not in repr(answering(seen, reply))
    assert len(seen) == calls


def test_openai_deadline_is_kept() -> None:
    embedder = OpenAIEmbedder("small", "http://localhost:9/v1", KEY, deadline=0.0)
    with pytest.raises(EmbedderUnavailable, match="longer than 0 s"):
        embedder.embed(["text"])


def test_openai_endpoint_out_of_reach() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    embedder = OpenAIEmbedder("small", "http://localhost:9/v1", None, transport=httpx2.MockTransport(refuse))
    with pytest.raises(EmbedderUnavailable, match="cannot be reached"):
        embedder.embed(["text"])
