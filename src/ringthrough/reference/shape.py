"""The whole catalogue as plain JSON values, and the JSON Schema that describes it."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from .entries import Blocks, Entry, Evidence, FromCause, Gateway, Header, Loss, Retry, ToCause
from .loading import DATA, raw

__all__ = ["catalogue", "schema"]


def catalogue() -> dict[str, Any]:
    """
    Everything the reference knows, as plain dicts, lists, strings, numbers and booleans; a fresh copy each time.

    `entries` holds one object per code, variant and cause, named as the fields of `Entry`; `pairs` the comparisons
    that were written by hand, `beside` the cells of the table, `classes`, `origins`, `rings`, `effects` and `outside`
    the words that comparisons are made with, `registry` the IANA registry as it was when the data were checked.
    """
    made: dict[str, Any] = json.loads((DATA / "catalogue.json").read_bytes())
    return made


@cache
def _schema_text() -> str:
    text = _TEXT
    texts = {"type": "array", "items": text, "minItems": 1}
    words = {"type": "object", "additionalProperties": text}
    ids = {"type": "array", "items": {"$ref": "#/$defs/id"}}
    one_class = _object(name=text, says=text, retry=text, forking=text, billing=text, facts=texts, sources=texts)
    pair = _object(
        a={"$ref": "#/$defs/id"},
        b={"$ref": "#/$defs/id"},
        summary=text,
        use_a=text,
        use_b=text,
        caller=text,
        sources=texts,
    )
    cells = _object(intended=text, real_world=text, problem=text, redress=text, rule=text)
    registry = _object(
        registry=text,
        updated={"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        codes={
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
        },
    )
    effects = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": text}}
    defs = {"id": {"type": "string", "enum": [row["id"] for row in raw()["entries"]]}}
    for kind in (Entry, Retry, Header, ToCause, FromCause, Loss, Gateway, Evidence, Blocks):
        defs[kind.__name__] = _of_class(kind)
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:ringthrough:reference:catalogue",
        "title": "ringthrough: catalogue of SIP response codes and Q.850 causes",
        **_object(
            about=_object(title=text, registry=text, license=text, not_verified=texts),
            classes={"type": "object", "additionalProperties": one_class},
            origins=words,
            rings=words,
            effects=effects,
            outside=effects,
            registry=registry,
            pairs={"type": "array", "items": pair},
            beside=_object(notes=texts, notes_for=ids, cells={"type": "object", "additionalProperties": cells}),
            entries={"type": "array", "items": {"$ref": "#/$defs/Entry"}, "minItems": 1},
        ),
        "$defs": defs,
    }
    return json.dumps(made)


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of `catalogue()`; a fresh copy each time."""
    made: dict[str, Any] = json.loads(_schema_text())
    return made


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _of_class(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    properties = {}
    for field in fields(kind):
        key = f"{kind.__name__}.{field.name}"
        properties[field.name] = _of_type(hints[field.name], key) | _NARROWER.get(key, {})
    if kind is Entry:
        properties["words"] = {"type": "string", "description": "Further words that `search` takes for it."}
    return _object(**properties)


def _of_type(hint: Any, key: str) -> dict[str, Any]:
    if hint is str:
        return {"type": "string"} if key in _MAY_BE_EMPTY else dict(_TEXT)
    if hint is bool:
        return {"type": "boolean"}
    if hint is int:
        return {"type": "integer"}
    if is_dataclass(hint):
        return {"$ref": f"#/$defs/{hint.__name__}"}  # type: ignore[union-attr]
    if get_origin(hint) is tuple:
        items = _of_type(get_args(hint)[0], "")
        return {"type": "array", "items": items} | ({"minItems": 1} if key in _NEVER_BARE else {})
    return {"anyOf": [{"type": "null"}, *(_of_type(one, key) for one in get_args(hint) if one is not type(None))]}


_TEXT: dict[str, Any] = {"type": "string", "minLength": 1, "pattern": r"^\S(.*\S)?$"}
_MAY_BE_EMPTY = {
    "Entry.section",
    "Entry.dialog_source",
    "Entry.example",
    "ToCause.name",
    "ToCause.location",
    "ToCause.source",
    "FromCause.condition",
}
_NEVER_BARE = {
    "Entry.when_seen",
    "Entry.fix_caller",
    "Entry.fix_operator",
    "Entry.related",
    "Entry.sources",
}
_ID = {"$ref": "#/$defs/id"}
_NARROWER: dict[str, dict[str, Any]] = {
    "Entry.kind": {"enum": ["code", "variant", "cause"]},
    "Entry.code": {"minimum": 1, "maximum": 999},
    "Entry.status": {
        "enum": [
            "current",
            "deprecated",
            "reserved",
            "profile",
            "dropped",
            "vendor",
            "foreign",
            "proposal",
            "internal",
        ]
    },
    "Entry.origin": {
        "enum": [
            "person",
            "algorithm",
            "policy",
            "unclear",
            "caller",
            "number",
            "protocol",
            "capacity",
            "routing",
            "silence",
            "progress",
            "success",
            "redirect",
            "clearing",
        ]
    },
    "Entry.rings": {
        "enum": [
            "rings_now",
            "answered",
            "rang_usually",
            "rang_possibly",
            "rang_unlikely",
            "not_rung",
            "unknown",
            "not_call",
            "in_call",
        ]
    },
    "Entry.id": _ID,
    "Entry.related": {"items": _ID},
    "FromCause.id": _ID,
    "ToCause.location": {"enum": ["", "user", "network"]},
    "Evidence.kind": {"enum": ["standard", "regulation", "source_code", "vendor_doc", "reported", "inference"]},
    "Blocks.level": {
        "enum": ["explicit", "explicit_user", "explicit_in_reason", "policy_block", "can_hide", "not_expected"]
    },
}
