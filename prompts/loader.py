"""Reads prompt files, and refuses those whose text and declared inputs disagree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

import yaml

__all__ = ["Message", "Prompt", "PromptFault", "load", "names", "parse"]

_FILE = re.compile(r"---\n(?P<head>.*?\n)---\n+## system\n+(?P<system>.+?)\n+## user\n+(?P<user>.+?)\s*\Z", re.DOTALL)
_INPUT = re.compile(r"\{\{(\w+)\}\}")


class PromptFault(Exception):
    """A prompt that is missing, malformed, or filled with the wrong inputs; one line."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent to a model."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as its file gives it. `digest` is the SHA-256 of the whole file, in hex."""

    name: str
    version: int
    inputs: tuple[str, ...]
    system: str
    user: str
    digest: str

    def fill(self, **values: str) -> Message:
        """The message with every input in its place. Raises PromptFault where one is missing or unknown.

        Values are put in once: {{name}} inside a value stays as it is.
        """
        wrong = sorted(set(self.inputs) ^ set(values))
        if wrong:
            raise PromptFault(
                f"prompt {self.name} takes {', '.join(self.inputs)}; wrong or missing: {', '.join(wrong)}"
            )
        return Message(self.system, _INPUT.sub(lambda found: values[found[1]], self.user))


def names() -> tuple[str, ...]:
    """The names of the bundled prompts, sorted."""
    return tuple(sorted(entry.name[:-3] for entry in files("prompts").iterdir() if entry.name.endswith(".md")))


@cache
def load(name: str) -> Prompt:
    """The bundled prompt of that name. Raises PromptFault."""
    if name not in names():
        raise PromptFault(f"no prompt is called {name!r}; there are {', '.join(names())}")
    prompt = parse((files("prompts") / f"{name}.md").read_text("utf-8"), name)
    if prompt.name != name:
        raise PromptFault(f"prompts/{name}.md calls itself {prompt.name!r}: rename one of them")
    return prompt


def parse(text: str, where: str) -> Prompt:
    """The prompt in `text`; `where` is for messages. Raises PromptFault."""
    found = _FILE.match(text)
    if found is None:
        raise PromptFault(f"prompt {where}: expected front matter between --- lines, then '## system' and '## user'")
    name, version, inputs = _head(found["head"], where)
    if _INPUT.search(found["system"]):
        raise PromptFault(f"prompt {where}: the system part takes no inputs; move them to the user part")
    used = set(_INPUT.findall(found["user"]))
    if used != set(inputs):
        differing = ", ".join(sorted(used ^ set(inputs)))
        raise PromptFault(f"prompt {where}: text and declared inputs disagree on {differing}")
    return Prompt(name, version, inputs, found["system"], found["user"], sha256(text.encode()).hexdigest())


def _head(text: str, where: str) -> tuple[str, int, tuple[str, ...]]:
    """Name, version and inputs of the front matter."""
    try:
        head = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PromptFault(f"prompt {where}: front matter is not YAML") from error
    match head:
        case {"name": str(name), "version": int(version), "inputs": list(inputs)} if len(head) == 3:
            return name, version, tuple(str(entry) for entry in inputs)
    raise PromptFault(f"prompt {where}: front matter needs exactly name (text), version (integer), inputs (list)")
