"""Contact cards of 608s by their URI: from a folder, or fetched under guard."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path

from ringthrough.errors import BackendError, Error, Problem
from ringthrough.stir import Missing

from .folder import INDEX
from .guard import Guard
from .http import Limits, fetch_once, system_tls

__all__ = ["ACCEPT_CARD", "CardFolder", "WaitingCards"]

ACCEPT_CARD = "application/jose, application/jwt;q=0.9, */*;q=0.5"
"RFC 8688 §3.2 names no media type; a compact JWS is application/jose (RFC 7515 §9.2.1)."
MAX_CARD = 1_048_576
"Octets of a card; a picture may be inside. Our limit: RFC 8688 §4.1 sets none."
_LIMITS = Limits(body_octets=MAX_CARD)


class CardFolder:
    """
    Cards that were kept, one per file.

    A line of `index.txt` says for which URI a file stands: the URI, a blank, the name. Without one the file is taken
    whose name is the last part of the URI's path.

    Args:
        path: the folder.

    Raises:
        BackendError: the folder cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.problems: list[Problem] = []
        "Lines of the index that say nothing."
        self._path = path
        self._index: dict[str, str] = {}
        try:
            self._names = {name for name in os.listdir(path) if not name.startswith(".") and name != INDEX}
            lines = (path / INDEX).read_text("utf-8", "replace").splitlines() if (path / INDEX).is_file() else []
        except OSError as fault:
            raise _failed(path, fault) from fault
        for number, line in enumerate(lines, 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) != 2 or words[1] not in self._names:
                found = f"expected a URI and the name of a file here, found {line.strip()[:120]!r}"
                self.problems.append(Problem("drivers-folder-index", found, f"{INDEX}: line {number}"))
                continue
            self._index[words[0]] = words[1]

    def find(self, uri: str) -> bytes | None:
        """
        The card of a URI; None when there is none.

        Raises:
            BackendError: its file cannot be read.
        """
        name = self._index.get(uri, uri.partition("?")[0].partition("#")[0].rpartition("/")[2])
        if name not in self._names:  # a URI names no other place than a file of this folder
            return None
        try:
            with (self._path / name).open("rb") as file:
                return file.read(MAX_CARD + 1)
        except OSError as fault:
            raise _failed(self._path / name, fault) from fault


class WaitingCards:
    """
    Cards from a folder, and those it does not have fetched, one after the other; each URI is asked once.

    Args:
        guard: what may be fetched; it should allow queries.
        tls: how servers are checked; None for the system's authorities.
        limits: of one fetch.
        folder: is asked first.
        most: URIs remembered: per-call URIs do not come twice, shared ones often.
    """

    def __init__(
        self, guard: Guard, *, tls: ssl.SSLContext | None = None, limits: Limits = _LIMITS,
        folder: CardFolder | None = None, most: int = 10_000,
    ) -> None:  # fmt: skip
        self._guard = guard
        self._tls = tls
        self._limits = limits
        self._folder = folder
        self._most = most
        self._known: dict[str, bytes | Missing] = {}

    def find(self, uri: str) -> bytes | Missing:
        """The card of a URI, or why there is none; waits for the network."""
        found = None if self._folder is None else self._folder.find(uri)
        if found is not None:
            return found
        known = self._known.get(uri)
        if known is None:
            self._tls = self._tls or system_tls()
            try:
                answer = asyncio.run(
                    fetch_once(uri, guard=self._guard, limits=self._limits, tls=self._tls, accept=ACCEPT_CARD)
                )
                known = answer.body
            except Error as fault:
                known = Missing(f"{fault.problem.detail} [{fault.problem.code}]")
            if len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            self._known[uri] = known
        return known


def _failed(path: Path, fault: OSError) -> BackendError:
    said = f"expected a folder of cards that can be read, found: {fault.strerror or fault}"
    return BackendError(Problem("drivers-folder", said, str(path)))
