"""Every layer alone, all together, and the baselines, as markdown tables.

``python -m evals.layers [--library LIB --claims FILE...] [--grounding DIR] [--limit N] [--out FILE]``. Claims are JSON
lines, cases of a verify suite, over the library's papers. `--checker` puts another model in the entailment layer's
place. Same input, same seed, same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evals.layers.observed import Observed, Observer, usable
from evals.layers.sets import PUBLIC, ClaimSet, corpus_set, public_sets
from evals.layers.systems import labels_by_system
from evals.layers.table import Measured, tables
from evals.report.write import write
from evals.statistics import SEED
from store.errors import PlumblineError

if TYPE_CHECKING:
    from agent.ground import Grounder
    from agent.ground.entail import Entailment
    from store.embed.protocol import Embedder
    from store.types import Vectors

__all__ = ["main", "measure"]

_BUNDLED = "bundled"
_NAMES = [name for name, _, _ in PUBLIC]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the tables or write them where asked."""
    chosen = _parser().parse_args(arguments)
    if not chosen.grounding and not chosen.claims:
        _parser().error("nothing to measure on: give --grounding DIR, or --library LIB --claims FILE")
    if chosen.claims and not chosen.library:
        _parser().error("--claims needs --library")
    try:
        text = _text(chosen)
        if chosen.out is not None:
            write(chosen.out, text)
    except PlumblineError as error:
        sys.exit(f"error: {error}")
    if chosen.out is None:
        sys.stdout.write(text)


def _text(chosen: argparse.Namespace) -> str:
    model = _entailment(chosen.checker)
    name = "none" if model is None else model.name
    measured = measure(_sets(chosen), model)
    return _HEAD.format(limit=chosen.limit, train=chosen.train_limit, seed=chosen.seed, model=name) + tables(measured)


_HEAD = """\
# Every layer alone, and all together

Made by `python -m evals.layers`: {limit} claims at most of each set and {train} to fit thresholds on (0: all), drawn by
seed {seed}; entailment model: {model}.

In brackets stand 95% intervals, bootstrapped over papers. A layer alone refuses what it finds a fault in and accepts
the rest. The baselines and the alignment are a score and a threshold, fitted on the set's own train part; where it has
none, on the other four of five folds of its papers; where every claim is true, on the other sets' train parts.

"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.layers", description="Measure each layer of the check.")
    parser.add_argument("--library", type=Path, help="the library that the claims are about")
    parser.add_argument("--claims", type=Path, nargs="+", default=[], help="files of claims, each a set of its own")
    parser.add_argument("--grounding", type=Path, help="the folder of the public sets, NAME.SPLIT.jsonl")
    parser.add_argument("--sets", nargs="+", choices=_NAMES, default=_NAMES, help="which public sets (default: all)")
    parser.add_argument("--limit", type=int, default=300, help="claims of each set, 0 for all (default: 300)")
    parser.add_argument("--train-limit", type=int, default=600, help="claims of each train part (default: 600)")
    parser.add_argument(
        "--checker", default=_BUNDLED, help="the entailment layer: bundled, nli:NAME_OR_FOLDER or judge"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, help="write the tables to this file")
    return parser


def _sets(chosen: argparse.Namespace) -> list[ClaimSet]:
    from store.library import Library

    found: list[ClaimSet] = []
    if chosen.claims:
        with Library.open(chosen.library) as library:
            found += [corpus_set(path, library, chosen.limit, chosen.seed) for path in chosen.claims]
    if chosen.grounding:
        found += public_sets(chosen.grounding, chosen.sets, chosen.limit, chosen.train_limit, chosen.seed)
    return found


def _entailment(checker: str) -> Entailment | None:
    """The model of the entailment layer; None where the bundled one is not installed. Raises for any other."""
    from agent.app import make_entailment
    from agent.settings import from_environment

    model = make_entailment(replace(from_environment(), checker=checker))
    if checker != _BUNDLED or usable(model):
        return model
    sys.stderr.write("no entailment model is installed; its row is left out\n")
    return None


def measure(sets: Iterable[ClaimSet], entailment: Entailment | None) -> list[Measured]:
    """Each set with what every system says of its claims."""
    from store.embed.bundled import BundledEmbedder

    observer = Observer(BundledEmbedder(), _grounder, entailment)
    seen: list[tuple[ClaimSet, list[Observed], list[Observed]]] = []
    for one in sets:
        sys.stderr.write(f"{one.name}: {len(one.rows)} claims, {len(one.train)} to fit on\n")
        seen.append((one, observer.observe(one.rows), observer.observe_to_fit(one.train)))
    trained = [each for _, _, train in seen for each in train]
    return [Measured(one.name, one.rows, labels_by_system(rows, train, trained)) for one, rows, train in seen]


def _grounder(embedder: Embedder, stored: Callable[[str], Vectors], entailment: Entailment | None) -> Grounder:
    from agent.ground import Grounder

    return Grounder(embedder, stored, entailment)


if __name__ == "__main__":
    main()
