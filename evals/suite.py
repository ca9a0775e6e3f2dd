"""Suites: YAML that says what to run and which bounds must hold, read with errors that name file, line and field."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import TypeAdapter, ValidationError

from evals.cases import first_problem
from evals.errors import SuiteInvalid
from evals.statistics import SEED

__all__ = ["DEMO", "KINDS", "WITHOUT_CASES", "Gate", "Kind", "Suite", "bundled", "found_in", "load_suite"]

Kind = Literal["search", "ask", "verify", "draft", "mutation", "speed"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DEMO = "demo"
"""The value of `library` that means the bundled digests."""
WITHOUT_CASES: tuple[Kind, ...] = ("mutation", "speed")
"""Kinds that make their cases from the library."""
_ALIASES = {"grounding": "verify", "drafts": "draft"}


@dataclass(frozen=True, slots=True)
class Gate:
    """A bound on a metric: `min` or `max`, and why it is set there."""

    metric: str
    reason: str
    min: float | None = None
    max: float | None = None

    @property
    def bound(self) -> float:
        """The number that must be reached or not exceeded."""
        return self.min if self.min is not None else (self.max or 0.0)


@dataclass(frozen=True, slots=True)
class Suite:
    """What to run. Paths are absolute or relative to the suite's own folder.

    `library`: a library folder, "demo", or None for the one the command is given. `k`: cut-offs of search metrics.
    `topics`: for drafts, the file that `topic_id` looks into. `per_class`: for mutations and speed, how many
    mutants of each class. `seed`: of mutations and intervals.
    """

    name: str
    kind: Kind
    library: str | None = None
    cases: str | None = None
    topics: str | None = None
    k: int | list[int] = 10
    per_class: int = 50
    seed: int = SEED
    gates: list[Gate] = field(default_factory=list)
    description: str = ""
    path: Path = Path()

    @property
    def cutoffs(self) -> tuple[int, ...]:
        """The cut-offs, ascending."""
        return (self.k,) if isinstance(self.k, int) else tuple(sorted(set(self.k)))

    def beside(self, name: str) -> Path:
        """A path that the suite names, taken relative to the suite's folder."""
        return self.path.parent / Path(name).expanduser()

    @property
    def cases_path(self) -> Path:
        """Where the cases are; only for kinds that have cases."""
        return self.beside(self.cases or "")

    @property
    def library_path(self) -> Path | None:
        """The library folder the suite names, if it names one."""
        return None if self.library in (None, DEMO) else self.beside(self.library or "")


def bundled() -> tuple[Path, ...]:
    """The suites that come with the program, over the bundled digests."""
    return tuple(sorted((Path(__file__).parent / "suites" / DEMO).glob("*.yaml")))


def found_in(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The suite files named: files as they are, of folders every `*.yaml`, sorted. Raises SuiteInvalid for none."""
    found: list[Path] = []
    for path in paths:
        inside = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
        if not inside:
            raise SuiteInvalid(f"{path}: no suite (*.yaml) in the folder; `plumbline eval init DIR` writes some")
        found += inside
    return tuple(found)


def load_suite(path: Path) -> Suite:
    """The suite of a YAML file. Raises SuiteInvalid with file, line and field."""
    text = _text(path)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SuiteInvalid(f"{path}{_yaml_place(error)}: not YAML: {_yaml_problem(error)}") from None
    if not isinstance(raw, dict) or not isinstance(node, yaml.MappingNode):
        raise SuiteInvalid(f"{path}: empty suite; it needs at least name, kind and cases")
    _repeated(node, path)
    _known_fields(raw, node, path)
    raw["kind"] = _ALIASES.get(raw["kind"], raw["kind"]) if isinstance(raw.get("kind"), str) else raw.get("kind")
    suite = _validated(raw, node, path)
    _sound(suite, node)
    return suite


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise SuiteInvalid(f"{path}: no such suite; `plumbline eval init DIR` writes one to start from") from None
    except UnicodeDecodeError as error:
        raise SuiteInvalid(f"{path}: not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise SuiteInvalid(f"{path}: {error.strerror or error}") from None


def _validated(raw: dict[str, object], node: yaml.MappingNode, path: Path) -> Suite:
    try:
        content = json.dumps({key: value for key, value in raw.items() if key != "path"})
    except (TypeError, ValueError) as error:
        raise SuiteInvalid(f"{path}: {error}; values are text, numbers and lists") from None
    try:
        suite = TypeAdapter(Suite).validate_json(content, strict=True)
    except ValidationError as error:
        where, message = first_problem(error)
        loc = tuple(part for part in where if part not in ("int", "list[int]"))
        raise _at(node, path, loc, message) from None
    return Suite(**{f.name: getattr(suite, f.name) for f in fields(Suite) if f.name != "path"}, path=path)


def _known_fields(raw: dict[str, object], node: yaml.MappingNode, path: Path) -> None:
    known = [f.name for f in fields(Suite) if f.name != "path"]
    for name in map(str, raw):
        if name not in known:
            raise _at(node, path, (name,), f"unknown field{_hint(name, known)}; known: {', '.join(known)}")
    gates = raw.get("gates")
    for index, gate in enumerate(gates if isinstance(gates, list) else []):
        for name in map(str, gate if isinstance(gate, dict) else {}):
            if name not in ("metric", "min", "max", "reason"):
                raise _at(node, path, ("gates", index, name), "unknown field; a gate has metric, min or max, reason")


def _sound(suite: Suite, node: yaml.MappingNode) -> None:
    """What types alone cannot say."""
    if not suite.name.strip():
        raise _at(node, suite.path, ("name",), "empty")
    if suite.kind not in WITHOUT_CASES and not suite.cases:
        raise _at(node, suite.path, ("cases",), f"missing; a suite of kind {suite.kind} names its cases file")
    if not suite.cutoffs or min(suite.cutoffs) < 1 or max(suite.cutoffs) > 1000:
        raise _at(node, suite.path, ("k",), "cut-offs are whole numbers from 1 to 1000")
    if suite.per_class < 1:
        raise _at(node, suite.path, ("per_class",), "at least 1")
    if suite.seed < 0:
        raise _at(node, suite.path, ("seed",), "0 or more")
    for index, gate in enumerate(suite.gates):
        if (gate.min is None) == (gate.max is None):
            raise _at(node, suite.path, ("gates", index), f"gate on {gate.metric}: give either min or max")
        if not gate.reason.strip():
            raise _at(node, suite.path, ("gates", index, "reason"), "empty; say why the bound stands there")


def _repeated(node: yaml.MappingNode, path: Path) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise SuiteInvalid(f"{path}, line {key.start_mark.line + 1}, field {key.value}: given twice")
        seen.add(key.value)


def _at(node: yaml.Node, path: Path, loc: tuple[int | str, ...], message: str) -> SuiteInvalid:
    name = ".".join(map(str, loc)) or "(suite)"
    return SuiteInvalid(f"{path}, line {_line(node, loc)}, field {name}: {message}")


def _line(node: yaml.Node, loc: tuple[int | str, ...]) -> int:
    """Line of the deepest part of `loc` that is in the file, counting from 1."""
    line = node.start_mark.line + 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == part), None)
            if entry is None:
                return line
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _hint(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _yaml_place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}" if mark is not None else ""


def _yaml_problem(error: Exception) -> str:
    return " ".join(str(getattr(error, "problem", None) or error).split())
