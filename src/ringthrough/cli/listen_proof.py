"""
Who vouched for live calls: certificates from files and from the cache, read again now and then, and never fetched.

Theory of operation
- Calls are judged where they are put together. A fetch there would hold up every call behind it, and what is received
  meanwhile would wait in memory or be lost: so there is none, and --fetch is refused.
- What listens runs for months, and certificates change: files and cache are read again every RENEW_S, and a Prover of
  that moment takes the place of the one before. When they cannot be read then, the one before stays.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ringthrough.cli.credentials import cache_option
from ringthrough.errors import Error, LocalError

if TYPE_CHECKING:
    from ringthrough.calls import Call
    from ringthrough.diagnosis.settings import Proving

__all__ = ["RENEW_S", "Proof", "proof_of", "proof_options"]

F = TypeVar("F", bound=Callable[..., Any])
RENEW_S = 600.0
"Certificates are read again after so long: a certificate of SHAKEN is announced days before it is used."
_PLACE = click.Path(path_type=Path)
_NO_FETCH = (
    "--fetch: listen asks nobody for certificates, because calls would have to wait for the answer. Give --certs, or "
    "a --cache that `ringthrough diagnose --fetch` or `ringthrough certs import` fills: it is read again every ten "
    "minutes."
)


def proof_options(command: F) -> F:
    """Options --certs, --anchors, --cache and --cards."""
    for option in (
        click.option("--fetch", is_flag=True, hidden=True),
        click.option("--cards", type=_PLACE, metavar="DIR", help="Contact cards of 608s: a file, or a folder."),
        cache_option,
        click.option("--anchors", type=_PLACE, metavar="PATH", help="Trust anchors: a file, or a folder of files."),
        click.option(
            "--certs", type=_PLACE, metavar="PATH",
            help="Certificates to verify callers with: a file, or a folder of files; read again every ten minutes.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


def proof_of(options: dict[str, Any]) -> Proof | None:
    """
    What verifies Identities and cards of live calls; None when no option asks for it.

    Raises:
        click.UsageError: an option is wrong, or asks for fetching.
    """
    if options["fetch"]:
        raise click.UsageError(_NO_FETCH)
    given = {name: options[name] for name in ("certs", "anchors", "cache", "cards")}
    if not any(value is not None for value in given.values()):
        return None
    from ringthrough.cli.credentials import prover_of

    try:
        return Proof(lambda: prover_of(**given, fetch=False, region=options["region"]))
    except LocalError as fault:
        raise click.UsageError(str(fault)) from None


class Proof:
    """
    A prover that is made anew every RENEW_S.

    Args:
        make: makes one.
        clock_s: a clock that only goes forward, seconds.
        told: is given what could not be read; standard error by default.

    Raises:
        Error: the first one cannot be made.
    """

    def __init__(
        self, make: Callable[[], Proving], *, clock_s: Callable[[], float] = time.monotonic,
        told: Callable[[str], object] | None = None,
    ) -> None:  # fmt: skip
        self._make = make
        self._clock_s = clock_s
        self._told = told or _say
        self._known: set[str] = set()
        self._prover = make()
        self._made_s = clock_s()
        self._tell(str(problem) for problem in self._prover.problems)

    def prove(self, call: Call, invite: bytes | None) -> Call:
        """The call with the columns that need certificates filled; see `diagnosis.proof.Prover.prove`."""
        if self._clock_s() - self._made_s >= RENEW_S:
            self._renew()
        return self._prover.prove(call, invite)

    def close(self) -> None:
        """Let go of what the prover holds open."""
        self._prover.close()

    def _renew(self) -> None:
        self._made_s = self._clock_s()
        try:
            fresh = self._make()
        except Error as fault:
            self._tell([f"{fault}: the certificates read before stay in use"])
            return
        self._prover.close()
        self._prover = fresh
        self._tell(str(problem) for problem in fresh.problems)

    def _tell(self, lines: Iterable[str]) -> None:
        """Say each thing once: a file that cannot be read is so every ten minutes."""
        for line in lines:
            if line not in self._known:
                self._known.add(line)
                self._told(line)


def _say(line: str) -> None:
    from ringthrough.report.words import safe

    sys.stderr.write(f"ringthrough: {safe(line)}\n")
