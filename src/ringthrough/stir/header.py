"""
One Identity header, taken apart: the token, where its certificate is, and the parameters that mirror the token.

Facts:
- Nearly every Identity comes as `TOKEN;info=<URL>;alg=ES256;ppt=shaken`, and a signer writes the same parameters in
  every call, so what was read of them is remembered. Every other spelling is for the reader of `wire`. A property test
  holds both to the same answer.
- A URL may hold ';' between its angle brackets (RFC 3986 §3.3), so it is looked for before the parameters are cut.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ringthrough.errors import Problem, RemoteError
from ringthrough.wire.headers.identity import parse_identity
from ringthrough.wire.params import find

__all__ = ["MAX_HEADER", "IdentityHeader", "read_identity", "shown_url"]

MAX_HEADER = 16_384
"Longest Identity that is read, in characters; real ones have some 500 to 3,000. Our limit, no rule of SIP."

_USUAL_LENGTH = 512
"Characters of parameters that are remembered; real ones have about 100."

_TOKEN = re.compile(r"[A-Za-z0-9_.-]++")
_USUAL = re.compile(
    r' ?+info=<([^<>\s";]++)>; ?+alg=(?:"([A-Za-z0-9]++)"|([A-Za-z0-9]++))'
    r'(?:; ?+ppt=(?:"([a-z0-9-]++)"|([a-z0-9-]++)))?+'
)
_SECRET_PARTS = re.compile(r"//[^/@?#]*@|[?#].*", re.DOTALL)
_INFO = re.compile(r";\s*+info\s*+=\s*+<([^<>]*+)>", re.IGNORECASE)


class IdentityHeader(NamedTuple):
    """One Identity header as sent; nothing is verified."""

    token: str
    "The PASSporT: three parts with dots between them; the first two are empty in the compact form."
    info: str | None
    "Where the certificate is said to be; None without the parameter."
    alg: str | None
    "Signature algorithm as the parameter says; None without it, which means ES256 (RFC 8224 §4)."
    ppt: str | None
    "Type of the PASSporT as the parameter says; None without it."
    compact: bool
    "Is it the compact form, whose claims the receiver puts together from the request (RFC 8225 §7)?"
    problems: tuple[Problem, ...] = ()
    "What is wrong with the header itself; empty when it can be verified."


def read_identity(value: str | bytes) -> IdentityHeader:
    """
    Take one value of an Identity header apart. Never raises: what is wrong stands in `problems`.

    Args:
        value: what follows `Identity:`, unfolded; octets are read as UTF-8.

    Source: RFC 8224 §4
    """
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
    if len(text) > MAX_HEADER:
        said = f"expected at most {MAX_HEADER} characters, found {len(text)}"
        return IdentityHeader("", None, None, None, False, (_problem("stir-header-too-long", said, "ours"),))
    token, _, after = text.partition(";")
    if len(after) <= _USUAL_LENGTH and _TOKEN.fullmatch(token):
        params = _usual_params(after)
        if params is not None:
            return IdentityHeader(token, *params, token[:2] == "..")
    return _read_odd(text.strip())


@lru_cache(maxsize=1024)
def _usual_params(after: str) -> tuple[str, str, str | None] | None:
    """info, alg and ppt of parameters as nearly everybody writes them; None for any other spelling."""
    usual = _USUAL.fullmatch(after)
    if usual is None:
        return None
    info, quoted_alg, alg, quoted_ppt, ppt = usual.groups()
    return info, quoted_alg or alg, quoted_ppt or ppt


def _read_odd(text: str) -> IdentityHeader:
    match = _INFO.search(text)
    plain = text if match is None else text[: match.start()] + text[match.end() :]
    try:
        found = parse_identity(plain)
    except RemoteError as error:
        problem = _problem("stir-header-syntax", error.problem.detail, "RFC 8224 §4")
        return IdentityHeader("", None, None, None, False, (problem,))
    info = found.info if match is None else match[1].strip()
    problems = []
    names = [param.name.lower() for param in found.params]
    if match is not None:
        names.append("info")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        said = f"expected each parameter once, found {twice[0][:20]!r} several times"
        problems.append(_problem("stir-header-syntax", said, "RFC 8224 §4"))
    if not info:
        problems.append(
            _problem("stir-info-missing", "expected info=<URL of the certificate>, found none", "RFC 8224 §4")
        )
    compact = found.token.startswith("..")
    alg, ppt = find(found.params, "alg"), find(found.params, "ppt")
    return IdentityHeader(found.token, info or None, alg, ppt, compact, tuple(problems))


def _problem(code: str, detail: str, source: str) -> Problem:
    return Problem(code, detail, "Identity", source)


def shown_url(url: str) -> str:
    """A URL for people: without user name, password, query and fragment, any of which may be a secret, and not long."""
    return ascii(_SECRET_PARTS.sub(lambda match: "//" if match[0].startswith("//") else "", url)[:200])[1:-1]
