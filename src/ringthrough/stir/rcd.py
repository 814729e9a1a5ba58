"""Rich call data in a PASSporT: the form of `rcd`, and the digests of `rcdi` over what the token itself holds."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from ringthrough.errors import Problem

__all__ = ["rcd_problems"]

_DIGESTS = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"RFC 9795 §6: the three that everybody must support."
_ABSENT = object()
_LINKS = ("icn", "jcl")
"Members that hold a URL; what is behind it is not fetched, so its digest is not compared."


def rcd_problems(claims: Mapping[str, Any]) -> list[Problem]:
    """
    What is wrong with the rich call data of a token; empty when they may be shown.

    A digest over a link (`icn`, `jcl`) is looked at only for its form.

    Source: RFC 9795 §5 (rcd, crn), §6 (rcdi)
    """
    rcd, digests = claims.get("rcd"), claims.get("rcdi")
    if rcd is None and digests is None and isinstance(claims.get("crn"), str):
        return []  # §7: a call reason may stand alone
    if not isinstance(rcd, dict):
        return [_bad("expected rcd as an object", rcd)]
    found = []
    if not isinstance(rcd.get("nam"), str):
        found.append(_bad("expected nam as text, empty when there is no name", rcd.get("nam")))
    texts = [name for name in ("apn", "icn", "jcl") if name in rcd]
    found += [_bad(f"expected {name} as text", rcd[name]) for name in texts if not isinstance(rcd[name], str)]
    links = [name for name in _LINKS if isinstance(rcd.get(name), str)]
    found += [_bad(f"expected {n} as an https URL", rcd[n]) for n in links if not rcd[n].startswith("https://")]
    if "jcd" in rcd and not isinstance(rcd["jcd"], list):
        found.append(_bad("expected jcd as a jCard", rcd["jcd"]))
    if "jcd" in rcd and "jcl" in rcd:
        found.append(_bad("expected jcd or jcl", "both"))
    if digests is not None:
        found += _digest_problems(rcd, digests)
    return found


def _digest_problems(rcd: dict[str, Any], digests: object) -> list[Problem]:
    if not isinstance(digests, dict) or len(digests) > 64:
        return [_bad("expected rcdi as an object of digests", digests)]
    found = []
    for pointer, said in digests.items():
        algorithm, dash, digest = said.partition("-") if isinstance(said, str) else ("", "", "")
        target = _at(rcd, pointer)
        if target is _ABSENT:
            found.append(_wrong(f"expected a member of rcd at {pointer[:60]!r}, found none"))
        elif not dash or algorithm not in _DIGESTS:
            found.append(_wrong(f"expected sha256-, sha384- or sha512- for {pointer[:60]!r}, found {ascii(said)[:60]}"))
        elif not pointer.startswith(tuple(f"/{name}" for name in _LINKS)) and not _fits(algorithm, digest, target):
            found.append(_wrong(f"expected {pointer[:60]!r} to have the digest of rcdi, found another"))
    return found


def _fits(algorithm: str, digest: str, target: object) -> bool:
    # §6.1: over the member in the canonical form of RFC 8225 §9. A text is hashed as JSON, quotes included; both
    # alphabets of base64 are in use, with and without padding.
    made = json.dumps(target, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )
    expected = base64.b64encode(_DIGESTS[algorithm](made).digest()).decode().rstrip("=")
    return digest.rstrip("=").replace("-", "+").replace("_", "/") == expected


def _at(rcd: object, pointer: str) -> object:
    """RFC 6901: the member that a JSON pointer names, or `_ABSENT`."""
    if pointer[:1] != "/":
        return rcd if pointer == "" else _ABSENT
    here = rcd
    for step in pointer[1:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(here, dict) and name in here:
            here = here[name]
        elif isinstance(here, list) and name.isascii() and name.isdigit() and len(name) < 8 and int(name) < len(here):
            here = here[int(name)]
        else:
            return _ABSENT
    return here


def _bad(expected: str, found: object) -> Problem:
    said = "none" if found is None else ascii(found)[:80]
    return Problem("stir-rcd", f"{expected}, found {said}", "PASSporT", "RFC 9795 §5")


def _wrong(detail: str) -> Problem:
    return Problem("stir-rcd-digest", detail, "PASSporT", "RFC 9795 §6")
