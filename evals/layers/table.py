"""The tables: each system on each set with intervals, against the baselines, and by kind of claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.types import Label
from evals.layers.sets import Labelled
from evals.layers.systems import BASELINES, TOGETHER
from evals.metrics import labels
from evals.metrics.metric import ratio
from evals.statistics import Counts, Finish, Interval, Sample, interval, paired

__all__ = ["Measured", "tables"]

THREE = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """A set with the label that each system gave each of its claims."""

    name: str
    rows: tuple[Labelled, ...]
    said: Mapping[str, Sequence[Label]]

    @property
    def gold(self) -> frozenset[Label]:
        """The gold labels that occur."""
        return frozenset(row.gold for row in self.rows)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of claim, those that are supported first."""
        order = {row.kind: row.gold is not Label.SUPPORTED for row in self.rows if row.kind}
        return tuple(sorted(order, key=lambda kind: (order[kind], kind)))


def tables(measured: Sequence[Measured]) -> str:
    """Everything as markdown."""
    systems = list(dict.fromkeys(name for one in measured for name in one.said))
    mixed = [one for one in measured if len(one.gold) > 1]
    three = [one for one in mixed if len(one.gold) == THREE]
    alone = [one for one in measured if one.gold == {Label.SUPPORTED}]
    parts = []
    if mixed:
        title = "Balanced accuracy, supported against the rest"
        parts.append(_grid(title, systems, mixed, lambda one, said: _score(one, said, labels.balanced_accuracy)))
    if three:
        title = "Macro F1 of three labels"
        parts.append(_grid(title, systems, three, lambda one, said: _score(one, said, labels.macro_f1)))
    if alone:
        parts.append(_grid("False alarms, where every claim is true (lower is better)", systems, alone, _alarms))
    if mixed:
        parts.append(_against(mixed))
    parts += [table for one in measured if one.kinds for table in (_kinds(one, systems), _kinds_together(one))]
    return "\n\n".join(parts) + "\n"


Cell = Callable[[Measured, Sequence[Label]], Interval]


def _grid(title: str, systems: Sequence[str], sets: Sequence[Measured], cell: Cell) -> str:
    head = ["", *(f"{one.name} (n={len(one.rows)})" for one in sets)]
    rows = []
    for name in systems:
        rows.append([name, *(_show(cell(one, one.said[name])) if name in one.said else "–" for one in sets)])
    return f"### {title}\n\n{_table(head, rows)}"


def _score(one: Measured, said: Sequence[Label], finish: Finish) -> Interval:
    return interval(list(_samples(one, said).values()), finish)


def _alarms(one: Measured, said: Sequence[Label]) -> Interval:
    return _rate(one.rows, [label is not Label.SUPPORTED for label in said])


def _rate(rows: Sequence[Labelled], hits: Sequence[bool]) -> Interval:
    return interval([Sample(r.cluster, (float(hit), 1.0)) for r, hit in zip(rows, hits, strict=True)], ratio)


def _samples(one: Measured, said: Sequence[Label]) -> dict[str, Sample]:
    """By place in the set, what each claim adds to the confusion matrix."""
    found: dict[str, Sample] = {}
    for index, (row, label) in enumerate(zip(one.rows, said, strict=True)):
        counts: Counts = labels.confusion(row.gold, label)
        found[f"{index:06}"] = Sample(row.cluster, counts)
    return found


def _against(sets: Sequence[Measured]) -> str:
    head = ["", *(one.name for one in sets)]
    rows = []
    for name in BASELINES:
        cells = [_show(_gain(one, name), signed=True) if name in one.said else "–" for one in sets]
        rows.append([f"{TOGETHER} minus {name.removeprefix('baseline: ')}", *cells])
    return f"### Balanced accuracy gained over the baselines, paired\n\n{_table(head, rows)}"


def _gain(one: Measured, baseline: str) -> Interval:
    before, after = _samples(one, one.said[baseline]), _samples(one, one.said[TOGETHER])
    return paired(before, after, labels.balanced_accuracy)


def _right(one: Measured, said: Sequence[Label], kind: str) -> tuple[list[Labelled], list[bool]]:
    """The claims of a kind, and whether each supported one was accepted, each other one refused."""
    chosen = [(row, label) for row, label in zip(one.rows, said, strict=True) if row.kind == kind]
    refused = (Label.CONTRADICTED, Label.NOT_ENOUGH_INFO)
    hits = [label is Label.SUPPORTED if row.gold is Label.SUPPORTED else label in refused for row, label in chosen]
    return [row for row, _ in chosen], hits


def _kinds(one: Measured, systems: Sequence[str]) -> str:
    head = ["", *(f"{kind} ({_verb(one, kind)})" for kind in one.kinds)]
    rows = []
    for name in (name for name in systems if name in one.said):
        rates = [_rate(*_right(one, one.said[name], kind)).value or 0.0 for kind in one.kinds]
        rows.append([name, *(f"{rate:.2f}" for rate in rates)])
    return f"### {one.name}, by kind of claim\n\n{_table(head, rows)}"


def _kinds_together(one: Measured) -> str:
    rows = []
    for kind in one.kinds:
        chosen, hits = _right(one, one.said[TOGETHER], kind)
        rows.append([kind, _verb(one, kind), _show(_rate(chosen, hits)), str(len(chosen))])
    return f"### {one.name}, {TOGETHER}, by kind of claim\n\n{_table(['', '', 'share [95% interval]', 'n'], rows)}"


def _verb(one: Measured, kind: str) -> str:
    return "accepted" if any(r.kind == kind and r.gold is Label.SUPPORTED for r in one.rows) else "caught"


def _show(found: Interval, *, signed: bool = False) -> str:
    if found.value is None:
        return "–"
    sign = "+" if signed else ""
    ends = "" if found.low is None else f" [{found.low:{sign}.2f}, {found.high:{sign}.2f}]"
    return f"{found.value:{sign}.3f}{ends}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, rule, *rows))
