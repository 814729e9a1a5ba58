"""`ringthrough verify-identity`: a pasted INVITE, Identity header or token, explained and verified."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ringthrough.errors import BackendError, LocalError, Problem

from .choice import parse_time
from .credentials import (
    certificate_fields,
    certificate_options,
    moment,
    network_options,
    read_anchors,
    source_of,
)

if TYPE_CHECKING:
    from ringthrough.jose import Certificate
    from ringthrough.stir import HeaderOutcome, Missing, Verification
    from ringthrough.wire import Request

    from .reference_text import Page

__all__ = ["verify_identity"]

MAX_FILE = 65_536
"Octets of a paste; the largest SIP datagram has 65,535."
_LABEL = 17
_SECRET = re.compile(r"//[^/@?#\s'\"]*@|\?[^\s'\"<>]+")
"User names and queries of URLs."


class _Pasted(NamedTuple):
    """What was given, as a request that can be verified."""

    kind: str
    "request, header, or token."
    request: Request
    "As pasted, or made up from what the token says of the call."

    @property
    def compared(self) -> bool:
        """Whether the token is held against a request, and not against itself."""
        return self.kind == "request"


def _time(_context: click.Context, _option: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return parse_time(text) / 1_000_000
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from None


@click.command("verify-identity")
@click.argument("file", metavar="FILE")
@certificate_options
@click.option("--at", "at_s", callback=_time, metavar="TIME", help="When the call was made (ISO 8601); by default now.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
@network_options
def verify_identity(
    file: str, certs: Path | None, anchors: Path | None, fetch: bool, cache: Path | None, at_s: float | None,
    as_json: bool, **network: Any,
) -> None:  # fmt: skip
    """
    Explain and verify who vouches for the caller of a call.

    FILE, or - for standard input, holds an INVITE, an Identity header, or a bare token (PASSporT). Certificates come
    from --certs, then from the cache, and with --fetch from their URLs. Nothing is sent anywhere without --fetch, and
    no signature or password is printed.

    The exit status is 0 when the call is verified, 1 when it is not, 2 when there is nothing to verify.
    """
    from ringthrough.stir import verify

    pasted = _pasted(_read(file), file)
    trust, revocations, problems = read_anchors(anchors)
    judged_s = time.time() if at_s is None else at_s
    source, unread = source_of(certs=certs, cache=cache, fetch=fetch, **network)
    with source:
        found = _credentials(pasted.request, source.find)
    verification = verify(pasted.request, found, trust, at_s=judged_s, revocations=revocations)
    for problem in (*problems, *unread):
        click.echo(f"ringthrough: {problem}", err=True)
    if as_json:
        click.echo(json.dumps(_data(pasted, verification, judged_s), ensure_ascii=True, indent=2))
    else:
        from .reference_text import Page

        page = Page()
        _text(pasted, verification, judged_s, page, told_time=at_s is not None, anchored=len(trust) > 0)
        click.echo(str(page), nl=False)
    if verification.outcome != "valid":
        click.get_current_context().exit(1)


def _read(name: str) -> bytes:
    try:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_FILE + 1)
        else:
            with Path(name).open("rb") as handle:
                data = handle.read(MAX_FILE + 1)
    except (OSError, ValueError) as fault:
        said = f"expected a file that can be read, found: {getattr(fault, 'strerror', None) or fault}"
        raise BackendError(Problem("cli-not-readable", said, name)) from fault
    if len(data) > MAX_FILE:
        said = f"expected a pasted message of at most {MAX_FILE} octets, found more"
        raise LocalError(Problem("cli-not-a-paste", said, name))
    return data


def _pasted(data: bytes, name: str) -> _Pasted:
    """
    The request with its Identity; else the Identity headers alone; else the text as one token.

    Raises:
        LocalError: there is neither.
    """
    from ringthrough.reading.cut import cut
    from ringthrough.reading.tidy import tidy
    from ringthrough.wire import Request, decode

    # As it is first: only what was pasted out of a mail or a log is mended.
    message = decode(data)
    if isinstance(message, Request) and message.headers.all_of("identity") and not _broken(message):
        return _Pasted("request", message)
    found = cut(tidy(data))
    for head in found.heads:
        head.fields = [_joined(line) for line in head.fields]
        message = decode(head.octets())
        if isinstance(message, Request) and message.headers.all_of("identity"):
            return _Pasted("request", message)
    values = [_joined(line).partition(":")[2] for line in found.loose if _is_identity(line)]
    kind = "header" if values and any(";" in value for value in values) else "token"
    if not values:
        values = ["".join(data.decode("utf-8", "replace").split())]
    return _Pasted(kind, _made_up(values, name))


def _broken(message: Request) -> bool:
    """Whether a mail program has broken lines of it."""
    return any(problem.code == "wire-header-no-colon" for problem in message.problems)


def _is_identity(line: str) -> bool:
    return line.partition(":")[0].strip().lower() in ("identity", "y")


def _joined(line: str) -> str:
    """An Identity without the blanks that mail programs break it with; it needs none (RFC 8224 §4)."""
    return "".join(line.split()) if _is_identity(line) else line


def _made_up(values: Sequence[str], name: str) -> Request:
    """
    A request that says of the call what its first readable token says, so that all but the comparison can be done.

    Raises:
        LocalError: no token names caller and called; one in compact form names nobody.
    """
    from ringthrough.stir import read_identity, read_passport
    from ringthrough.wire import build_request

    for value in values:
        header = read_identity(value)
        passport = None if header.compact or not header.token else read_passport(header.token)
        if passport is None or passport.token is None or passport.orig is None or not passport.dest:
            continue
        full = [_as_header(one) for one in values]
        caller, called = (_uri(party.kind, party.value) for party in (passport.orig, passport.dest[0]))
        fields = [("From", f"<{caller}>"), ("To", f"<{called}>"), *(("Identity", one) for one in full)]
        return build_request("INVITE", called, fields)
    said = "expected an INVITE with Identity, an Identity header or a token in full form, found none"
    raise LocalError(Problem("cli-not-a-paste", said, name))


def _as_header(value: str) -> str:
    """A bare token with the parameters that a header would repeat from it (RFC 8224 §4.1)."""
    from ringthrough.stir import read_passport

    if ";" in value:
        return value
    passport = read_passport(value)
    mirrored = f";ppt={passport.ppt}" if passport.ppt else ""
    return f"{value};info=<{passport.x5u}>{mirrored}"


def _uri(kind: str, value: str) -> str:
    """A party as a URI; what no URI can be is left to the token alone."""
    if kind == "tn":
        return f"sip:+{value.replace('#', '%23')}@invalid;user=phone"
    return value if value.isascii() and value.isprintable() and not set(value) & set("<> ") else "sip:invalid"


def _credentials(
    request: Request, find: Callable[[str, str], Sequence[Certificate] | Missing | None]
) -> dict[str, Sequence[Certificate] | Missing]:
    """Certificates for the URLs of the Identity headers; those that nobody looked for are left out."""
    from ringthrough.stir import Policy, read_identity

    found: dict[str, Sequence[Certificate] | Missing] = {}
    for value in request.headers.all_of("identity")[: Policy().max_headers]:
        header = read_identity(value)
        if header.info is not None and header.info not in found:
            chain = find(header.info, header.token)
            if chain is not None:
                found[header.info] = chain
    return found


def _data(pasted: _Pasted, verification: Verification, at_s: float) -> dict[str, Any]:
    return {
        "kind": pasted.kind,
        "at": moment(at_s),
        "outcome": verification.outcome,
        "verified": verification.outcome == "valid",
        "status": verification.status,
        "phrase": verification.phrase,
        "reason": [_hidden(value) for value in verification.reason],
        "verstat": verification.verstat,
        "attest": verification.attest,
        "signer": verification.signer,
        "problems": _problems(verification.problems),
        "headers": [_header_data(one, compared=pasted.compared) for one in verification.headers],
    }


def _header_data(one: HeaderOutcome, *, compared: bool) -> dict[str, Any]:
    from ringthrough.stir import OUTCOMES

    return {
        "outcome": one.outcome,
        "meaning": OUTCOMES[one.outcome].meaning,
        "status": one.status,
        "fields": [row._asdict() for row in _rows(one)],
        "signature_valid": one.signature_valid,
        "fresh": one.fresh,
        "orig_matches": one.orig_matches if compared else None,
        "dest_matches": one.dest_matches if compared else None,
        "chain": one.chain.outcome if one.chain is not None else None,
        "certificate": certificate_fields(one.certificate) if one.certificate is not None else None,
        "problems": _problems(one.problems),
    }


def _problems(problems: Sequence[Problem]) -> list[dict[str, str]]:
    return [{"code": one.code, "detail": _hidden(one.detail), "source": one.source} for one in problems]


def _rows(one: HeaderOutcome) -> list[Any]:
    """The fields of a header; problems have a place of their own."""
    from ringthrough.stir import describe

    header = one.header
    shown = header.token
    if header.info is not None:
        shown += f";info=<{header.info}>" + (f";alg={header.alg}" if header.alg else "")
        shown += f";ppt={header.ppt}" if header.ppt else ""
    return [row for row in describe(shown) if row.field != "problem"] if header.token else []


def _hidden(text: str) -> str:
    """A text of ours that quotes a stranger's: without tokens, passwords and queries."""
    import re

    from ringthrough.reading.blot import hide

    return re.sub(
        r"//[^/@?#\s'\"]*@|\?[^\s'\"<>]*", lambda m: "//" if m[0].startswith("//") else "?...", hide("", text)
    )


def _text(
    pasted: _Pasted, verification: Verification, at_s: float, page: Page, *, told_time: bool, anchored: bool
) -> None:
    from ringthrough.stir import OUTCOMES

    good = verification.outcome == "valid"
    word = "Verified" if good else "Not verified"
    page.lines.append(page.style(f"{word}: {verification.outcome}", "good" if good else "bad"))
    page.text(OUTCOMES[verification.outcome].meaning)
    page.blank()
    page.row("Attestation", verification.attest, width=_LABEL)
    page.row("Signed by", verification.signer, width=_LABEL)
    page.row("Judged at", moment(at_s) + ("" if told_time else " (now)"), width=_LABEL)
    if verification.status is not None:
        page.row("Answer owed", f"{verification.status} {verification.phrase}, if policy refuses it", width=_LABEL)
    page.row("verstat", verification.verstat, width=_LABEL)
    page.rows("Problems", [f"{_hidden(str(one))} [{one.code}]" for one in verification.problems], width=_LABEL)
    for number, one in enumerate(verification.headers, 1):
        page.blank()
        many = f" {number} of {len(verification.headers)}" if len(verification.headers) > 1 else ""
        page.title(f"Identity{many}: {one.outcome}")
        _header_text(one, page, compared=pasted.compared)
    page.blank()
    page.text(_hint(pasted, verification, told_time=told_time, anchored=anchored), style="dim")


def _header_text(one: HeaderOutcome, page: Page, *, compared: bool) -> None:
    for row in _rows(one):
        page.row(f"  {row.field}", f"{row.value}  {row.meaning} [{row.section}]", width=_LABEL)
    if one.certificate is not None:
        said = certificate_fields(one.certificate)
        page.row("  certificate", f"{said['subject']}  {said['speaks_for']}".rstrip(), width=_LABEL)
        page.row("", f"valid {said['not_before']} to {said['not_after']}", width=_LABEL)
    trusted = None if one.chain is None else one.chain.trusted
    page.blank()
    page.row("  signature valid", _answer(one.signature_valid), width=_LABEL)
    page.row(
        "  chain trusted", _answer(trusted) + (f" ({one.chain.outcome})" if one.chain is not None else ""), width=_LABEL
    )
    page.row("  fresh", _answer(one.fresh), width=_LABEL)
    page.row("  caller matches", _answer(one.orig_matches if compared else None), width=_LABEL)
    page.row("  called matches", _answer(one.dest_matches if compared else None), width=_LABEL)
    page.rows("  problems", [f"{_hidden(str(problem))} [{problem.code}]" for problem in one.problems], width=_LABEL)


def _answer(value: bool | None) -> str:
    return "not checked" if value is None else "yes" if value else "NO"


def _hint(pasted: _Pasted, verification: Verification, *, told_time: bool, anchored: bool) -> str:
    """What would tell more."""
    told = []
    outcomes = {one.outcome for one in verification.headers}
    if not pasted.compared:
        told.append("caller and called were not compared: give the INVITE for that")
    if "not_checked" in outcomes:
        told.append("a certificate is not at hand: --certs PATH, or --fetch")
    if not anchored:
        told.append("nobody is trusted without --anchors PATH")
    if not told_time and outcomes & {"stale", "untrusted", "future"}:
        told.append("for a call of another day: --at TIME")
    text = "; ".join(told)
    return text[:1].upper() + text[1:]
