"""The form of a reply: as a schema for the endpoint, and read from what it wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

__all__ = ["FormFault", "native", "read", "schema_text"]

Form = TypeVar("Form", bound=BaseModel)

TRIES = 20  # places in a reply where a JSON object may begin
FAULTS = 5  # faults told at once
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_BEGINNING = re.compile(r"\{\s*[\"}]")
_UNKNOWN_TO_STRICT = frozenset((
    *("default", "title", "format", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
))  # fmt: skip


class FormFault(Exception):
    """A reply that is not of the form; one line that names what is wrong, without the reply's own text."""


def native(schema: type[BaseModel]) -> dict[str, Any]:
    """`response_format` that asks for `schema`: strict, so every field is required and no other is allowed."""
    return {
        "type": "json_schema",
        "json_schema": {"name": schema.__name__, "strict": True, "schema": _strict(schema.model_json_schema())},
    }


def schema_text(schema: type[BaseModel]) -> str:
    """The JSON schema as text for a prompt; the same bytes for the same form."""
    return json.dumps(schema.model_json_schema(), ensure_ascii=False, sort_keys=True)


def read(text: str, schema: type[Form]) -> Form:
    """The first JSON object in `text` that is a `schema`; thoughts, words and fences around it are passed over.

    Raises FormFault with what is wrong with the first object, or that there is none.
    """
    fault: FormFault | None = None
    for found in _objects(_THOUGHT.sub("", text)):
        try:
            return schema.model_validate(found)
        except ValidationError as error:
            fault = fault or FormFault(_faults(error))
    raise fault or FormFault("it holds no JSON object")


def _objects(text: str) -> Iterator[object]:
    """The outermost JSON objects in `text`, at most TRIES. Raises FormFault at one that is not sound.

    What stands inside an object that breaks off is no reply of its own.
    """
    decoder = json.JSONDecoder()
    end = 0
    for _ in range(TRIES):
        begun = _BEGINNING.search(text, end)
        if begun is None:
            return
        try:
            found, end = decoder.raw_decode(text, begun.start())
        except (ValueError, RecursionError):
            raise FormFault("its JSON object breaks off or is not sound") from None
        yield found


def _faults(error: ValidationError) -> str:
    """What is wrong, field by field."""
    told = [
        f"{'.'.join(str(part)[:40] for part in fault['loc']) or 'the object'}: {fault['msg'][:120]}"
        for fault in error.errors(include_input=False, include_url=False, include_context=False)[:FAULTS]
    ]
    return "; ".join(told)


def _strict(node: Any) -> Any:
    """The schema as strict structured output takes it; what it leaves unsaid is checked when the reply is read."""
    if isinstance(node, list):
        return [_strict(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    found = {key: _part(key, value) for key, value in node.items() if key not in _UNKNOWN_TO_STRICT}
    if isinstance(node.get("properties"), dict):
        found["required"] = list(node["properties"])
        found["additionalProperties"] = False
    return found


def _part(key: str, value: Any) -> Any:
    """One keyword's value; under these two stand names of fields and types, not keywords."""
    if key in ("properties", "$defs") and isinstance(value, dict):
        return {name: _strict(schema) for name, schema in value.items()}
    return _strict(value)
