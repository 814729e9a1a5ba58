"""
JSON objects, read so that no two readers can disagree on what they say.

RFC 8259 lets a parser do as it likes with members named twice, with NaN and with half a surrogate pair; two parties
that do differently can be played against each other. All of them are refused here (RFC 7515 §4: names are unique;
RFC 7493 for the rest).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from ringthrough.errors import LocalError, Problem

from .problems import fault, shown

__all__ = ["MAX_DEPTH", "read_object", "write_object"]

MAX_DEPTH = 32
"Levels of arrays and objects; a jCard in a PASSporT has six."


def read_object(octets: bytes, where: str = "") -> dict[str, Any]:
    """
    The JSON object in the octets.

    Raises:
        RemoteError: not UTF-8, not JSON, no object, a member named twice, NaN, nesting beyond `MAX_DEPTH`.

    Source: RFC 8259; RFC 7493 §2; RFC 7515 §4
    """
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"expected UTF-8, found octet {octets[error.start]:#04x} at {error.start}"
        raise fault("jose-json-utf8", detail, where, "RFC 8259 §8.1", error.start) from None
    plain = _plain(text, octets)
    if plain is not None:
        return plain
    try:
        value = _DECODER.decode(text)
    except _RefusedError as refused:
        raise fault(refused.code, refused.detail, where, refused.source) from None
    except json.JSONDecodeError as error:
        detail = f"expected JSON, found {error.msg} at {error.pos}"
        raise fault("jose-json-syntax", detail, where, "RFC 8259 §2", error.pos) from None
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError:  # an integer of more digits than Python converts
        detail = "expected numbers of a sensible length, found thousands of digits"
        raise fault("jose-json-constant", detail, where, "RFC 7493 §2.2") from None
    if type(value) is not dict:
        detail = f"expected a JSON object, found {_KINDS.get(type(value), 'a number')}"
        raise fault("jose-json-not-object", detail, where, "RFC 7515 §4")
    # Looked through only where there is something to find: most tokens have a handful of brackets and no escape.
    if octets.count(b"[") + octets.count(b"{") > MAX_DEPTH or b"\\u" in octets:
        _look_through(value, where)
    return value


def write_object(value: Mapping[str, Any]) -> bytes:
    """
    The object as compact JSON in UTF-8, members in the order given.

    Raises:
        LocalError: JSON cannot say it: another type, NaN, a circle, half a surrogate pair.
    """
    try:
        made = json.dumps(dict(value), separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        detail = f"expected what JSON can say, found {shown(str(error))}"
        raise LocalError(Problem("jose-token-header", detail, "header", "RFC 8259")) from None
    return made


_KINDS: dict[type, str] = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}


class _RefusedError(Exception):
    """Thrown through the decoder, which knows no place."""

    def __init__(self, code: str, detail: str, source: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.source = source


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _RefusedError(
            "jose-json-duplicate", f"expected each name once, found {shown(twice)} twice", "RFC 7515 §4"
        )
    return made


def _constant(name: str) -> NoReturn:
    raise _RefusedError("jose-json-constant", f"expected a number, found {name}", "RFC 8259 §6")


def _float(text: str) -> float:
    made = float(text)
    if made - made != 0.0:
        detail = f"expected a number of the range of a double, found {shown(text)}"
        raise _RefusedError("jose-json-constant", detail, "RFC 7493 §2.2")
    return made


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float)


def _not_plain(name: str) -> NoReturn:
    raise ValueError(name)


# Without a hook for objects, which costs a third of the time of reading a token.
_PLAIN = json.JSONDecoder(parse_constant=_not_plain, parse_float=_float).raw_decode


def _plain(text: str, octets: bytes) -> dict[str, Any] | None:
    """
    The object, where it is plain that no name stands in it twice; None where the thorough way has to tell.

    Every member has a colon: as many colons as names in the object and the objects right in it mean that no name was
    lost. More of them may be in a text (a URL), or deeper; that is looked into, and so is everything that has a fault.
    """
    if text[:1] != "{" or b"\\" in octets or octets.count(b"[") + octets.count(b"{") > MAX_DEPTH:
        return None
    try:
        value, end = _PLAIN(text)
    except (ValueError, RecursionError, _RefusedError):
        return None
    names = len(value)
    for each in value.values():
        if type(each) is dict:
            names += len(each)
    return value if end == len(text) and names == octets.count(b":") else None


def _too_deep(where: str) -> Exception:
    return fault("jose-json-depth", f"expected at most {MAX_DEPTH} levels, found more", where, "RFC 8259 §9")


def _look_through(value: object, where: str) -> None:
    """Refuse what is nested too deep, and text that is none. Level by level, so depth costs no stack."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for each in level:
            if isinstance(each, str):
                _check_text(each, where)
            elif isinstance(each, list):
                below += each
            elif isinstance(each, dict):
                below += each
                below += each.values()
        level = below
    if any(isinstance(each, list | dict) for each in level):
        raise _too_deep(where)
    for each in level:
        if isinstance(each, str):
            _check_text(each, where)


def _check_text(text: str, where: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        detail = f"expected text, found half a surrogate pair in {shown(text)}"
        raise fault("jose-json-surrogate", detail, where, "RFC 7493 §2.1") from None
