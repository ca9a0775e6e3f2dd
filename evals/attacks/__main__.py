"""``python -m evals.attacks``: lets every hostile model loose, and prints the counts of docs/attacks.md."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.app import make_grounder
from evals.attacks.arena import Arena
from evals.attacks.campaign import against_papers, with_acts, with_payloads, with_poison
from evals.attacks.injected import keyless
from evals.attacks.library import write_library
from evals.attacks.table import counted, table
from evals.library import DEMO_DIGESTS
from store.library import Library

__all__ = ["main"]


def main() -> None:
    """Attack, count, print."""
    reader = argparse.ArgumentParser(prog="python -m evals.attacks", description="Count what attacks come to.")
    reader.add_argument("--seed", type=int, default=0, help="draws other papers and other edits")
    reader.add_argument("--papers", type=int, default=24, help="papers that are lied about, at most 50")
    reader.add_argument("--show", action="store_true", help="print the sentences that came through, too")
    given = reader.parse_args()
    with TemporaryDirectory(prefix="plumbline-attacks-") as scratch:
        folder = Path(scratch)
        written = write_library(folder, given.seed)
        homes = folder / "demo", folder / "injected"
        with Library.open(homes[0], create=True) as demo, Library.open(homes[1], create=True) as other:
            demo.add([DEMO_DIGESTS])
            other.add([written.path])
            clean, poisoned = Arena(demo, homes[0]), Arena(other, homes[1])
            bouts = [*against_papers(demo, given.papers, given.seed), *with_payloads(), *with_acts()]
            outcomes = [outcome for bout in bouts for outcome in clean.fight(bout)]
            outcomes += [outcome for bout in with_poison(written.carriers) for outcome in poisoned.fight(bout)]
            found = keyless(other, make_grounder(other), written.carriers)
    sys.stdout.write(table(counted(outcomes)))
    sys.stdout.write(
        f"\nWithout a model, over the injected library: {found.sentences} sentences and cells, "
        f"{len(found.uttered)} of them instructions; active content: {len(found.active)}.\n"
    )
    if given.show:
        passed = [f"{outcome.kind}: {outcome.text}" for outcome in outcomes if outcome.passed]
        sys.stdout.write("\n" + "".join(f"- {line!a}\n" for line in (*passed, *found.uttered, *found.active)))


if __name__ == "__main__":
    main()
