"""`ringthrough verify-card`: is the contact card of a 608 to be believed?"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ringthrough.errors import BackendError, Error, LocalError, Problem

from .card_text import Given, card_document, card_text
from .credentials import certificate_options, guard_of, network_options, read_anchors, source_of, tls_of

if TYPE_CHECKING:
    from ringthrough.jose import Certificate

__all__ = ["verify_card"]

_URL = re.compile(r"https?://\S+", re.IGNORECASE)
# A compact JWS, also one that a mail program has broken; anything else with two dots is a text
_TOKEN = re.compile(rb"[A-Za-z0-9_=\s-]+\.[A-Za-z0-9_=\s-]*\.[A-Za-z0-9_=\s-]*")
NOT_VERIFIED = 1
UNUSABLE = 2


@click.command()
@click.argument("what")
@click.option("--at", "at", metavar="TIME", help="When the call was refused: ISO 8601, or seconds since 1970.")
@click.option("--callee", default="", metavar="NUMBER", help="The called number, to compare with the certificate.")
@click.option("--carrier", default="", metavar="NAME", help="Name or code of the carrier that serves it.")
@certificate_options
@network_options
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def verify_card(
    what: str, at: str | None, callee: str, carrier: str, certs: Path | None, anchors: Path | None, fetch: bool,
    cache: Path | None, as_json: bool, **network: Any,
) -> None:  # fmt: skip
    """
    Judge the signed contact card of a 608.

    WHAT is a file, - for standard input, the https URL of a card (with --fetch), or the text itself: a card (a compact
    JWS), a 608 response that points to one, or a card without signature as JSON. Nothing is fetched without --fetch.

    The exit status is 0 when the card is verified, 1 when it is not, 2 when there is no card to judge.
    """
    call_at_s = _time(at)
    trust, revocations, problems = read_anchors(anchors)
    notes = [problem.detail for problem in problems]
    given = _given(what, call_at_s, fetch=fetch)
    if given.octets is None and fetch:
        given = _fetched(given, network)
    found = None
    if given.octets is None:
        notes.append("the card was not fetched: give --fetch, or the card itself")
    else:
        from ringthrough.signals.card import read_card, verify_redress

        signed = read_card(given.octets)
        chain: Sequence[Certificate] = ()
        if signed.token is not None:
            said = bytes(signed.token).decode("ascii")
            chain, more = _chain(signed.x5u, said, certs=certs, cache=cache, fetch=fetch, **network)
            notes += more
        found = verify_redress(
            given.octets, chain, trust, call_at_s=given.call_at_s, now_s=time.time(), revocations=revocations,
            callee=callee, callee_carrier=carrier,
        )  # fmt: skip
    if as_json:
        click.echo(json.dumps(card_document(given, found, notes), ensure_ascii=True, indent=2))
    else:
        from .reference_text import Page

        page = Page()
        card_text(given, found, notes, page)
        click.echo(str(page), nl=False)
    if found is None or not found.verified:
        unusable = found is not None and found.outcome == "unreadable"
        click.get_current_context().exit(UNUSABLE if unusable else NOT_VERIFIED)


def _time(text: str | None) -> float | None:
    if text is None:
        return None
    if re.fullmatch(r"[0-9]{1,11}(\.[0-9]*)?", text):
        return float(text)
    from .choice import parse_time

    try:
        return parse_time(text) / 1e6
    except ValueError as fault:
        raise click.BadParameter(str(fault), param_hint="--at") from fault


def _given(what: str, call_at_s: float | None, *, fetch: bool) -> Given:
    """Find out what was given."""
    said = "--at" if call_at_s is not None else ""
    if _URL.fullmatch(what):
        if not fetch:
            raise click.UsageError("a URL is fetched only with --fetch")
        return Given(what, None, what, call_at_s, said)
    if what == "-":
        source, octets = "standard input", sys.stdin.buffer.read(_limit() + 1)
    elif _is_text(what):
        source, octets = "argument", what.encode("utf-8", "surrogateescape")
    else:
        source, octets = what, _file(what)
    stripped = octets.strip()
    if stripped[:1] in (b"{", b"[") or _TOKEN.fullmatch(stripped):
        return Given(source, octets, "", call_at_s, said)
    return _pasted(source, octets, call_at_s, said)


def _is_text(what: str) -> bool:
    try:
        if len(what) < 4096 and Path(what).exists():
            return False
    except (OSError, ValueError):
        return True
    return "\n" in what or what.lstrip()[:1] in ("{", "[") or what.count(".") == 2 or "<" in what


def _limit() -> int:
    from ringthrough.signals.card import MAX_CARD

    return MAX_CARD


def _file(name: str) -> bytes:
    try:
        with Path(name).open("rb") as handle:
            return handle.read(_limit() + 1)
    except FileNotFoundError as fault:
        raise LocalError(Problem("cli-not-found", "expected a card, found no file of this name", name)) from fault
    except (OSError, ValueError) as fault:
        said = f"expected a file that can be read, the system says: {getattr(fault, 'strerror', None) or fault}"
        raise BackendError(Problem("cli-not-readable", said, name)) from fault


def _pasted(source: str, octets: bytes, call_at_s: float | None, said: str) -> Given:
    """The URL of the card, and the time, in a pasted 608; what is no message is left to the reader of cards."""
    from ringthrough.reading import read_paste

    from .explain import MAX_FILE

    if len(octets) > MAX_FILE:
        return Given(source, octets, "", call_at_s, said)
    try:
        reading = read_paste(octets)
    except LocalError:
        return Given(source, octets, "", call_at_s, said)
    if reading.refusal is None or not reading.refusal.card_uri:
        raise click.UsageError(f"{source}: expected a card, or a 608 that points to one, found {reading.what}")
    if call_at_s is None and (date := _date(octets)) is not None:
        call_at_s, said = date, "Date of the response"
    return Given(source, None, reading.refusal.card_uri, call_at_s, said)


def _date(octets: bytes) -> float | None:
    from email.utils import parsedate_to_datetime

    found = re.search(rb"^[\s>]*Date[ \t]*:[ \t]*(\S.*?)[ \t\r]*$", octets, re.IGNORECASE | re.MULTILINE)
    if found is None:
        return None
    try:
        return parsedate_to_datetime(found[1].decode("ascii")).timestamp()
    except (ValueError, OverflowError):
        return None


def _fetched(given: Given, network: dict[str, Any]) -> Given:
    """
    The card behind the URL.

    Raises:
        RemoteError: the guard refused it, or the answer is not what was wanted.
        BackendError: network, TLS or time failed.
    """
    import asyncio

    from ringthrough.drivers import Limits, fetch_once
    from ringthrough.signals.card import MEDIA_TYPE

    answer = asyncio.run(
        fetch_once(
            given.card_uri, guard=guard_of(query=True, **network), tls=tls_of(**network),
            limits=Limits(body_octets=_limit()), accept=f"{MEDIA_TYPE}, application/jwt, */*;q=0.5",
        )
    )  # fmt: skip
    return Given(given.source, answer.body, given.card_uri, given.call_at_s, given.time_from)


def _chain(
    x5u: str, token: str, *, certs: Path | None, cache: Path | None, fetch: bool, **network: Any
) -> tuple[Sequence[Certificate], list[str]]:
    """The certificates for a card, and why there are none."""
    from ringthrough.jose import read_certificates

    source, problems = source_of(certs=certs, cache=cache, fetch=fetch, **network)
    notes = [f"{problem.where}: {problem.detail}" for problem in problems]
    with source:
        chain = source.find(x5u, token)
    if isinstance(chain, Sequence):
        return chain, notes
    if certs is not None and certs.is_file():
        # One file was meant: that its key does not fit is an answer, and not a gap.
        try:
            return read_certificates(certs.read_bytes()), notes
        except (Error, OSError):
            return (), notes
    if chain is not None:
        notes.append(f"{x5u}: {chain.why}")
    elif certs is not None:
        notes.append(f"{certs}: none of the certificates has the key of this card")
    elif x5u:
        notes.append(f"the certificate is said to be at {x5u}: give --certs or --fetch")
    return (), notes
