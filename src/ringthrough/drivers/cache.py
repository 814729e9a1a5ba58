"""
Certificate chains on disk: one file per URL, so that a restart does not ask every repository again.

Facts
- A file is a few lines of facts, an empty line, and the chain in PEM. RFC 7468 §2 lets text stand before a block, so
  `openssl x509 -in FILE` reads it as well.
- Its name is the SHA-256 of the URL: no URL can name a place outside of the folder, or collide by case.
- It is written beside, flushed to the disk and renamed. A file that is torn all the same (a full disk, an old kernel)
  does not have the digest that it names, and is left out.
- Nothing in a cache makes a certificate trusted: chains are held against the anchors at every use.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from ringthrough.errors import BackendError, Problem, RemoteError
from ringthrough.jose import Certificate, read_certificates

__all__ = ["CertificateCache", "Kept", "read_kept"]

_MAGIC = "ringthrough certificates 1"
MAX_FILE = 262_144
"Octets of a file; four times what is fetched, which base64 and line breaks cannot exceed."
_NAME = re.compile(r"[0-9a-f]{64}\.pem")
_PART = re.compile(r"\.[0-9a-f]{64}\..+\.part")


@dataclass(frozen=True, slots=True)
class Kept:
    """A chain and how long it may be used. Times are seconds since the epoch."""

    url: str
    "Where it was fetched, or is said to be."
    chain: tuple[Certificate, ...]
    "As the server gave it, all of it; usually leaf first."
    fetched_s: float
    "When it was fetched or imported."
    expires_s: float
    "Until when it is fresh."
    stale_s: float
    "Until when it may be used where asking again fails."


class CertificateCache:
    """
    A folder of kept chains. Several processes may use one: a file is replaced whole or not at all.

    Args:
        path: the folder; it is made when something is written.
        limit: files kept; when there are more, those written longest ago go.
    """

    def __init__(self, path: Path, *, limit: int = 20_000) -> None:
        self.path = path
        self._limit = limit

    def read(self) -> tuple[list[Kept], list[Problem]]:
        """
        Everything that is whole, oldest first, and what is not.

        Raises:
            BackendError: the folder is there and cannot be read.
        """
        kept, problems = [], []
        for name in self._names():
            found = self._read_file(name)
            if isinstance(found, Kept):
                kept.append(found)
            elif found is not None:  # pragma: no branch - None when another process has removed it
                problems.append(found)
        kept.sort(key=lambda one: (one.fetched_s, one.url))
        return kept, problems

    def get(self, url: str) -> Kept | None:
        """The chain of a URL; None when there is none, or no whole one."""
        found = self._read_file(_file_name(url))
        return found if isinstance(found, Kept) else None

    def put(self, kept: Kept) -> None:
        """
        Keep a chain in place of what was there.

        Raises:
            BackendError: the folder cannot be written.
        """
        name = _file_name(kept.url)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(".part", f".{name}.", self.path)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_text(kept))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(part, self.path / name)
            except BaseException:
                os.unlink(part)
                raise
            self._flush()
            self._trim()
        except OSError as fault:
            raise self._failed("written", fault) from fault

    def remove(self, url: str) -> bool:
        """
        Forget the chain of a URL.

        Returns:
            Whether there was a file for it, whole or not.

        Raises:
            BackendError: the file cannot be removed.
        """
        path = self.path / _file_name(url)
        try:
            there = path.exists()
            path.unlink(missing_ok=True)
        except OSError as fault:
            raise self._failed("written", fault) from fault
        return there

    def clear(self) -> int:
        """
        Remove every file of the cache, and nothing else in the folder.

        Returns:
            How many chains are gone.

        Raises:
            BackendError: a file cannot be removed.
        """
        names = self._names()
        try:
            for name in names:
                (self.path / name).unlink(missing_ok=True)
            for name in os.listdir(self.path) if names or self.path.is_dir() else ():
                if _PART.fullmatch(name):
                    (self.path / name).unlink(missing_ok=True)
        except OSError as fault:
            raise self._failed("written", fault) from fault
        return len(names)

    def _names(self) -> list[str]:
        try:
            return sorted(name for name in os.listdir(self.path) if _NAME.fullmatch(name))
        except FileNotFoundError:
            return []
        except OSError as fault:
            raise self._failed("read", fault) from fault

    def _read_file(self, name: str) -> Kept | Problem | None:
        try:
            with (self.path / name).open("rb") as file:
                data = file.read(MAX_FILE + 1)
        except FileNotFoundError:
            return None
        except OSError as fault:
            return _torn(name, fault.strerror or str(fault))
        kept = read_kept(data, name)
        if isinstance(kept, Kept) and _file_name(kept.url) != name:
            return _torn(name, f"the chain of {kept.url[:100]!r}")
        return _torn(name, "no file of the cache") if kept is None else kept

    def _flush(self) -> None:
        """Flush the folder itself, so that the new name outlives a loss of power."""
        if os.name != "posix":  # pragma: no cover - Windows has no way to flush a folder
            return
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _trim(self) -> None:
        names = self._names()
        if len(names) <= self._limit:
            return
        written = []
        for name in names:
            try:
                written.append(((self.path / name).stat().st_mtime_ns, name))
            except FileNotFoundError:  # pragma: no cover - another process trims as well
                continue
        for _when, name in sorted(written)[: len(names) - self._limit]:
            (self.path / name).unlink(missing_ok=True)

    def _failed(self, what: str, fault: OSError) -> BackendError:
        said = f"expected a folder that can be {what}, found: {fault.strerror or fault}"
        return BackendError(Problem("drivers-folder", said, str(self.path)))


def _file_name(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest() + ".pem"


def _text(kept: Kept) -> bytes:
    body = b"".join(certificate.pem() for certificate in kept.chain)
    head = (
        f"{_MAGIC}\nurl: {kept.url}\nfetched: {kept.fetched_s!r}\nexpires: {kept.expires_s!r}\n"
        f"stale: {kept.stale_s!r}\nsha256: {hashlib.sha256(body).hexdigest()}\n\n"
    )
    return head.encode() + body


def read_kept(data: bytes, name: str) -> Kept | Problem | None:
    """
    A file of the cache.

    Returns:
        What is in it; a problem when it is torn or altered; None when it never was a file of the cache.
    """
    if not data.startswith(f"{_MAGIC}\n".encode()):
        return None
    head, gap, body = data.partition(b"\n\n")
    facts: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\n")[1:]:
        key, _, value = line.partition(": ")
        facts[key] = value
    if not gap or len(data) > MAX_FILE or facts.get("sha256") != hashlib.sha256(body).hexdigest():
        return _torn(name, "a part of it, or an altered one")
    try:
        times = [float(facts[key]) for key in ("fetched", "expires", "stale")]
        chain = read_certificates(body)
        url = facts["url"]
    except (KeyError, ValueError) as fault:
        return _torn(name, f"a missing or malformed fact ({fault})")
    except RemoteError as fault:
        return _torn(name, str(fault))
    if not all(map(isfinite, times)):
        return _torn(name, "a time without end")
    return Kept(url, chain, *times)


def _torn(name: str, found: str) -> Problem:
    return Problem("drivers-cache-file", f"expected a whole file of the certificate cache, found: {found}", name)
