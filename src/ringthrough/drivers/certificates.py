"""
Certificates by URL: fetched once for everybody who waits, kept for as long as their server allows, and on disk.

Theory of operation
- A chain that is fresh is answered from memory. One that is not is fetched by a single flight per URL; all who ask for
  it wait for the same flight, and a waiter that gives up (the deadline of a call) does not end it for the others.
- Three lives. Good: as Cache-Control or Expires say, within the operator's bounds. Failed: nothing was ever had; the
  repository is left in peace for a while. Failing: a chain is there and its renewal failed; the old chain is used on,
  and asked for again now and then, until it is too old (RFC 5861 §4).
- What is bounded: chains (the one used longest ago goes), failures (the oldest goes, and never a chain in its stead, so
  that a flood of made-up URLs empties nothing), and flights at a time.
- The whole chain is kept, as served: whether the leaf leads to an anchor is asked at each use, at the time of the call.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from ringthrough.errors import BackendError, Error, Problem, RemoteError
from ringthrough.jose import Certificate, read_certificates
from ringthrough.stir import Missing

from .cache import CertificateCache, Kept
from .freshness import freshness
from .guard import Guard
from .http import LIMITS, Fetched, Limits, Told, fetch_once, system_tls

__all__ = ["ACCEPT", "CertificateStore", "Lives", "chain_of"]

ACCEPT = "application/pem-certificate-chain, application/x-pem-file;q=0.9, */*;q=0.5"
"RFC 8555 §9.1 (chain) and what repositories send; three in ten of 6,832 answers had another type."


@dataclass(frozen=True, slots=True)
class Lives:
    """How long entries live, in seconds."""

    good_s: float = 86_400.0
    "A chain whose server does not say; Asterisk takes 24 h as well."
    good_most_s: float = 7 * 86_400.0
    "A chain whose server says very long: a revoked certificate is replaced at its URL."
    failed_s: float = 60.0
    "A URL of which nothing was had because network, TLS or time failed."
    unusable_s: float = 600.0
    "A URL that the guard refuses, or whose answer is no certificate: asking again soon is of no use."
    failing_s: float = 60.0
    "Between two attempts to renew a chain that has expired."
    stale_s: float = 86_400.0
    "A chain that has expired and cannot be renewed."


def chain_of(answer: Fetched) -> tuple[Certificate, ...]:
    """
    The chain in an answer, all of it.

    Raises:
        RemoteError: there is none, or its first certificate cannot be read.
    """
    try:
        chain = read_certificates(answer.body)
    except RemoteError as fault:
        said = f"expected certificates in PEM or DER, found: {fault.problem.detail}"
        raise RemoteError(Problem("drivers-unreadable", said, answer.url)) from fault
    if not chain[0].readable:
        said = f"expected a certificate, found: {chain[0].problems[0].detail}"
        raise RemoteError(Problem("drivers-unreadable", said, answer.url))
    return chain


class CertificateStore:
    """
    Chains by URL. One event loop uses it.

    Args:
        guard: what may be fetched.
        lives: how long entries live.
        limits: of one fetch.
        tls: how servers are checked; None for the system's authorities.
        disk: where chains outlive the process; None for nowhere.
        most: chains kept, failures kept.
        flights: fetches at a time.
    """

    def __init__(
        self, guard: Guard, *, lives: Lives = Lives(), limits: Limits = LIMITS, tls: ssl.SSLContext | None = None,
        disk: CertificateCache | None = None, most: int = 10_000, flights: int = 64,
    ) -> None:  # fmt: skip
        self._guard = guard
        self._lives = lives
        self._limits = limits
        self._tls = tls
        self._disk = disk
        self._most = most
        self._most_flights = flights
        self._good: dict[str, Kept] = {}
        self._failed: dict[str, tuple[Missing, float]] = {}
        self._flights: dict[str, asyncio.Task[Sequence[Certificate] | Missing]] = {}
        self._writes: set[asyncio.Task[None]] = set()
        self.problems: list[Problem] = []
        "What went wrong with the disk, the latest hundred; fetching goes on without it."

    def __len__(self) -> int:
        return len(self._good)

    def warm(self) -> int:
        """
        Take in what is on disk; what is in memory already stays.

        Returns:
            Chains taken in. What could not be read is in `problems`.
        """
        if self._disk is None:
            return 0
        try:
            kept, problems = self._disk.read()
        except BackendError as fault:
            self._note(fault.problem)
            return 0
        for problem in problems:
            self._note(problem)
        fresh = [one for one in kept[-self._most :] if one.url not in self._good]
        for one in fresh:
            self._keep(one)
        return len(fresh)

    def known(self, url: str, now_s: float) -> Sequence[Certificate] | Missing | None:
        """
        What is in memory, without asking anybody.

        Args:
            url: of the certificate.
            now_s: seconds since the epoch.

        Returns:
            The chain; why there is none; None when somebody would have to be asked.
        """
        kept = self._good.get(url)
        if kept is not None and now_s < kept.expires_s:
            self._good[url] = self._good.pop(url)  # used last
            return kept.chain
        failed = self._failed.get(url)
        if failed is None or now_s >= failed[1]:
            return None
        return kept.chain if kept is not None and now_s < kept.stale_s else failed[0]

    async def fetch(self, url: str, now_s: float, *, told: Told | None = None) -> Sequence[Certificate] | Missing:
        """
        The chain of a URL, from memory or from its server. Raises nothing for what strangers do.

        Args:
            url: from an Identity header or a card; the guard judges it.
            now_s: seconds since the epoch.
            told: is called with the steps of a flight that this call begins.
        """
        found = self.known(url, now_s)
        if found is not None:
            return found
        flight = self._flights.get(url)
        if flight is None:
            if len(self._flights) >= self._most_flights:
                detail = f"expected fewer than {self._most_flights} certificates on their way, found as many"
                return _missing(Problem("drivers-busy", detail, url))
            flight = asyncio.create_task(self._fly(url, now_s, told))
            self._flights[url] = flight
            flight.add_done_callback(lambda _done: self._flights.pop(url, None))
        return await asyncio.shield(flight)

    async def settle(self) -> None:
        """Wait for everything under way, also for the disk."""
        while self._flights or self._writes:
            await asyncio.gather(*self._flights.values(), *self._writes)

    async def _fly(self, url: str, now_s: float, told: Told | None) -> Sequence[Certificate] | Missing:
        self._tls = self._tls or system_tls()
        try:
            answer = await fetch_once(
                url, guard=self._guard, limits=self._limits, tls=self._tls, accept=ACCEPT, told=told
            )
            chain = chain_of(answer)
        except Error as fault:
            return self._fail(url, fault, now_s)
        self._failed.pop(url, None)
        fresh = freshness(answer, now_s=now_s)
        if not fresh.storable:
            self._good.pop(url, None)
            return chain
        lives = self._lives
        life = lives.good_s if fresh.life_s is None else max(fresh.life_s, 0)
        stale = lives.stale_s if fresh.stale_s is None else min(fresh.stale_s, lives.stale_s)
        expires = now_s + min(life, lives.good_most_s)
        kept = Kept(url, chain, now_s, expires, expires + stale)
        self._keep(kept)
        if self._disk is not None:
            write = asyncio.create_task(self._write(self._disk, kept))
            self._writes.add(write)
            write.add_done_callback(self._writes.discard)
        return chain

    def _fail(self, url: str, fault: Error, now_s: float) -> Sequence[Certificate] | Missing:
        lives, kept = self._lives, self._good.get(url)
        usable = kept is not None and now_s < kept.stale_s
        if usable:
            life = lives.failing_s
        else:
            self._good.pop(url, None)
            life = lives.unusable_s if isinstance(fault, RemoteError) else lives.failed_s
        missing = _missing(fault.problem)
        self._failed.pop(url, None)
        self._failed[url] = (missing, now_s + life)
        if len(self._failed) > self._most:
            del self._failed[next(iter(self._failed))]
        return kept.chain if kept is not None and usable else missing

    def _keep(self, kept: Kept) -> None:
        self._good.pop(kept.url, None)
        self._good[kept.url] = kept
        if len(self._good) > self._most:
            del self._good[next(iter(self._good))]

    async def _write(self, disk: CertificateCache, kept: Kept) -> None:
        try:
            await asyncio.to_thread(disk.put, kept)
        except BackendError as fault:
            self._note(fault.problem)

    def _note(self, problem: Problem) -> None:
        self.problems.append(problem)
        del self.problems[:-100]


def _missing(problem: Problem) -> Missing:
    return Missing(f"{problem.detail} [{problem.code}]")
