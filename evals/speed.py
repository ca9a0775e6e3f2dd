"""How fast it is here and now: a report, never a test.

``python -m evals.speed [--library DIR] [--json FILE]``. Without a library the bundled digests are used. Times are wall
times of this machine as busy as it is; each is the median of several runs, or a rate over enough work to be steady.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

from agent.settings import Settings
from evals.bench import Bench
from evals.library import DEMO_DIGESTS
from evals.mutate import Text, mutants
from evals.statistics import SEED

if TYPE_CHECKING:
    from store.library import Library

__all__ = ["Measured", "main", "measure"]

_HELP = "from agent.cli import main; main(['--help'])"
_REPEATS = 5
_QUERIES = 50
_QUESTIONS = 8
_CLAIMS_PER_CLASS = 20


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure with its unit and what it was measured on."""

    name: str
    value: float
    unit: str
    on: str


def measure(library: Path | None, scratch: Path) -> list[Measured]:
    """Every figure; `library` None means one built in `scratch` from the bundled digests."""
    built = scratch / "library"
    # In a process of its own: a second session of the embedder would slow the one that searches.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        found = [_help(), *apart.submit(_add, built).result()]
    bench = Bench(Settings(library=library or built))
    try:
        found += [*_search(bench.library), _ask(bench), *_verify(bench), *_sizes(library or built)]
    finally:
        bench.close()
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(prog="python -m evals.speed", description="Measure speed on this machine.")
    parser.add_argument("--library", type=Path, help="measure over this library (default: the bundled digests)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    chosen = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="plumbline-speed-") as scratch:
        found = measure(chosen.library, Path(scratch))
    sys.stdout.write(_table(found))
    if chosen.json is not None:
        chosen.json.write_text(json.dumps(_document(found), indent=1) + "\n", encoding="utf-8")


def _help() -> Measured:
    def once() -> float:
        return _timed(lambda: subprocess.run([sys.executable, "-c", _HELP], check=True, capture_output=True))  # noqa: S603  # our own command line

    once()
    return Measured("--help", 1000 * median(once() for _ in range(_REPEATS)), "ms", f"median of {_REPEATS}")


def _add(path: Path) -> list[Measured]:
    from store.library import Library

    with Library.open(path, create=True) as library:
        library.embed(["one text, so that loading the model is not counted"])
        seconds = _timed(lambda: library.add([DEMO_DIGESTS]))
        papers = len(library.papers())
    return [Measured("add", papers / seconds, "papers/s", f"{papers} bundled digests, model loaded")]


def _search(library: Library) -> list[Measured]:
    queries = [paper.title for paper in sorted(library.papers(), key=lambda p: p.paper_id)[:_QUERIES]]
    library.search(queries[0])
    times = sorted(1000 * _timed(lambda query=query: library.search(query)) for query in queries)  # type: ignore[misc]
    cuts = quantiles(times, n=20, method="inclusive") if len(times) > 1 else [times[0]] * 19
    on = f"{len(times)} titles as queries"
    return [Measured("search p50", cuts[9], "ms", on), Measured("search p95", cuts[18], "ms", on)]


def _ask(bench: Bench) -> Measured:
    from agent.answer import answer

    papers = sorted(bench.library.papers(), key=lambda p: p.paper_id)[:_QUESTIONS]
    questions = [f"What does {paper.title} report?" for paper in papers]
    answer(questions[0], bench.library, bench.engine, bench.grounder)
    times = [
        _timed(lambda q=q: answer(q, bench.library, bench.engine, bench.grounder))  # type: ignore[misc]
        for q in questions
    ]
    return Measured("ask", median(times), "s", f"median of {len(times)} questions, keyless engine")


def _verify(bench: Bench) -> list[Measured]:
    from agent.ground import Item

    library = bench.library
    texts = [Text(paper, library.sentences(paper.paper_id)) for paper in library.papers()]
    made = mutants(texts, _CLAIMS_PER_CLASS, SEED)
    items = [Item(m.claim, tuple(library.paper(p) for p in m.paper_ids)) for m in made]
    bench.grounder.check_many(items)  # reads every paper once, as a session over a library does
    alone = _timed(lambda: [bench.grounder.check(item.claim, item.papers) for item in items])
    together = _timed(lambda: bench.grounder.check_many(items))
    return [
        Measured("verify, one by one", len(items) / alone, "claims/s", f"{len(items)} mutants, papers read before"),
        Measured("verify, together", len(items) / together, "claims/s", "the same in one batch"),
    ]


def _sizes(path: Path) -> list[Measured]:
    found = []
    for part in sorted(path.iterdir()):
        files = [part] if part.is_file() else [f for f in part.rglob("*") if f.is_file()]
        size = sum(file.stat().st_size for file in files)
        found.append(Measured(f"size of {part.name}", size / 1e6, "MB", f"{len(files)} files"))
    return found


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _table(found: Sequence[Measured]) -> str:
    width = max(len(m.name) for m in found)
    rows = "".join(f"{m.name:<{width}}  {m.value:>10.2f} {m.unit:<9} {m.on}\n" for m in found)
    load = _load()
    busy = "" if load is None else f", load {load:.1f} (above the number of cores, every time is too long)"
    return f"{rows}{os.cpu_count()} cores{busy}\n"


def _load() -> float | None:
    """The machine's load over the last minute, where the system tells."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def _document(found: Sequence[Measured]) -> dict[str, object]:
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "load": _load(),
    }
    rows = [{"name": m.name, "value": round(m.value, 3), "unit": m.unit, "on": m.on} for m in found]
    return {"schema": "plumbline.speed/1", "machine": machine, "figures": rows}


if __name__ == "__main__":
    main()
