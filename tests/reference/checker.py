"""The part of JSON Schema (draft 2020-12) that our schema uses; anything else in a schema is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict, "null": type(None)}
KNOWN = {
    "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength", "pattern",
    "enum", "minimum", "maximum", "anyOf", "$ref", "description", "$schema", "$id", "title", "$defs",
}  # fmt: skip


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str = "$") -> Iterator[str]:
    """Every place where the value breaks the schema."""
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        yield from faults(value, root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root, where)
    if "anyOf" in schema and all(any(True for _ in faults(value, one, root, where)) for one in schema["anyOf"]):
        yield f"{where}: fits none of anyOf"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum'][:5]}"
    if "type" in schema:
        kind = TYPES[schema["type"]]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            yield f"{where}: {value!r} is no {schema['type']}"
            return
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield f"{where}: empty"
        if "pattern" in schema and not re.search(schema["pattern"], value):
            yield f"{where}: {value!r} does not fit {schema['pattern']}"
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{where}: {value} out of range"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{where}: {len(value)} items"
        for at, one in enumerate(value):
            yield from faults(one, schema.get("items", {}), root, f"{where}[{at}]")
    if isinstance(value, dict):
        yield from (f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value)
        rest = schema.get("additionalProperties", {})
        for name, one in value.items():
            inner = schema.get("properties", {}).get(name, rest)
            if inner is False:
                yield f"{where}: {name} is unknown"
            else:
                yield from faults(one, inner, root, f"{where}.{name}")
