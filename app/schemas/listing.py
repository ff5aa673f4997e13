"""The document's schemas as rows for people: each member with its type in short and what it means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Schema = Mapping[str, Any]
_REF = "#/components/schemas/"
# The limits that a JSON Schema may state, as they are written behind a type.
_LIMITS = (
    ("minimum", "≥\u00a0{}"),
    ("exclusiveMinimum", ">\u00a0{}"),
    ("maximum", "≤\u00a0{}"),
    ("exclusiveMaximum", "<\u00a0{}"),
    ("minLength", "≥\u00a0{} char"),
    ("maxLength", "≤\u00a0{} char"),
    ("pattern", "{}"),
)


class Piece(NamedTuple):
    """Part of a type. model: the name of the schema that it links to, or None."""

    text: str
    model: str | None = None


@dataclass(frozen=True)
class Member:
    """One member of an object. meaning: English, to be looked up in the reader's language; may be empty."""

    name: str
    type: tuple[Piece, ...]
    meaning: str


def members(schema: Schema) -> list[Member]:
    """The members of an object's schema, in order; a schema that is no object has none."""
    return [
        Member(name, tuple(type_of(member)), _meaning(member)) for name, member in schema.get("properties", {}).items()
    ]


def type_of(schema: Schema) -> Iterator[Piece]:
    """The type in the notation of TypeScript, which needs no translation: ``number | null``, ``Zone[]``."""
    if "$ref" in schema:
        model = schema["$ref"].removeprefix(_REF)
        yield Piece(model, model)
    elif "const" in schema:
        yield Piece(json.dumps(schema["const"]))
    elif "enum" in schema:
        yield Piece(" | ".join(json.dumps(value) for value in schema["enum"]))
    elif "anyOf" in schema or "oneOf" in schema:
        yield from _joined(schema.get("anyOf") or schema["oneOf"])
    elif schema.get("type") == "array":
        yield from _array(schema.get("items", {}))
    else:
        yield Piece(_plain(schema))


def _joined(alternatives: Sequence[Schema]) -> Iterator[Piece]:
    for number, alternative in enumerate(alternatives):
        if number:
            yield Piece(" | ")
        yield from type_of(alternative)


def _array(items: Schema) -> Iterator[Piece]:
    inner = list(type_of(items))
    if len(inner) == 1 and " " not in inner[0].text:
        yield from inner
    else:
        yield from (Piece("("), *inner, Piece(")"))
    yield Piece("[]")


def _plain(schema: Schema) -> str:
    name = str(schema.get("format") or schema.get("type") or "any")
    limits = [written.format(_number(schema[key])) for key, written in _LIMITS if key in schema]
    return f"{name} ({', '.join(limits)})" if limits else name


def _number(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _meaning(schema: Schema) -> str:
    """The description of the member itself, or of the one alternative that has any."""
    if "description" in schema:
        return str(schema["description"])
    found = [str(item["description"]) for item in schema.get("anyOf", ()) if "description" in item]
    return found[0] if len(found) == 1 else ""
