"""Chains for programs that wait, one URL after the other: commands, and the reading of captures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from ringthrough.jose import Certificate
from ringthrough.stir import Missing

from .cache import CertificateCache
from .certificates import CertificateStore
from .folder import CertificateFolder

__all__ = ["OfflineStore", "WaitingStore"]


class OfflineStore:
    """
    Chains from a folder and from the cache, and never from the network.

    Args:
        folder: is asked first.
        cache: is asked then; chains are used however old they are, since it is the call's time that counts.
    """

    def __init__(self, folder: CertificateFolder | None = None, cache: CertificateCache | None = None) -> None:
        self._folder = folder
        self._cache = cache

    def find(self, url: str, token: str) -> Sequence[Certificate] | None:
        """The chain of a certificate URL; None when nobody has tried to fetch it."""
        found = None if self._folder is None else self._folder.find(url, token)
        if found is None and self._cache is not None:
            kept = self._cache.get(url)
            found = None if kept is None else kept.chain
        return found

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class WaitingStore:
    """
    Chains from a folder, and what it does not have from a store. To be closed, or used as a context.

    Args:
        store: fetches and keeps.
        clock: seconds since the epoch, now; for the lives of what is kept, not for judging calls.
        folder: is asked first.
    """

    def __init__(
        self, store: CertificateStore, clock: Callable[[], float], folder: CertificateFolder | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._runner = asyncio.Runner()

    def find(self, url: str, token: str) -> Sequence[Certificate] | Missing:
        """The chain of a certificate URL, or why there is none; waits for the network."""
        found = None if self._folder is None else self._folder.find(url, token)
        if found is not None:
            return found
        return self._runner.run(self._store.fetch(url, self._clock()))

    def close(self) -> None:
        """Wait for what is being written to disk."""
        self._runner.run(self._store.settle())
        self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
