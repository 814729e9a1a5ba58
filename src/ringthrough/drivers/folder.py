"""
Certificates without a network: a folder of files, or one file, that answers for certificate URLs.

Theory of operation. A file says for which URL it stands in one of three ways, tried in this order:
1. It was written by the cache (`CertificateCache`), which notes the URL in it.
2. A line of `index.txt` in the folder names it: the URL, a blank, the name of the file. `#` begins a remark.
3. Not at all. Then the token itself chooses: `match` gives the chain whose leaf verifies its signature. No wrong
   certificate can be chosen so, and a token that none of them verifies is not called false: its certificate may be one
   that the folder does not have.

A file may hold a leaf alone. Its issuers are then looked for among all authorities of the folder, by name and
signature.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ringthrough.errors import BackendError, Problem, RemoteError
from ringthrough.jose import (
    Certificate,
    RevocationList,
    Token,
    read_certificates,
    read_revocation_lists,
    read_token,
    verify_token,
)

from .cache import Kept, read_kept

__all__ = ["INDEX", "CertificateFolder"]

INDEX = "index.txt"
"Name of the file that says which file stands for which URL."
MAX_FILE = 1_048_576
"Octets of a file that are read; the bundle of all STI-CAs has under 100,000."
TRIED = 256
"Certificates without a URL that a token is tried with: 20 ms. Who has more should have an index."
_LONGEST = 8
"Certificates of a chain that is put together; those of production have two to four."


class CertificateFolder(Mapping[str, tuple[Certificate, ...]]):
    """
    Chains by certificate URL, and by the token that they verify. Reads everything at once, and the disk never again.

    Args:
        path: a folder, whose files are read (not the folders in it, nor files that begin with a dot), or one file.
        most: files of a folder.

    Raises:
        BackendError: the path cannot be read.
    """

    def __init__(self, path: Path, *, most: int = 50_000) -> None:
        self.problems: list[Problem] = []
        "Files that hold no certificate, and lines of the index that say nothing."
        self.revocations: tuple[RevocationList, ...] = ()
        "Revocation lists in PEM that stand beside the certificates."
        self._chains: dict[str, tuple[Certificate, ...]] = {}
        self._leaves: dict[str, tuple[Certificate, ...]] = {}
        self._names: dict[str, list[str]] = {}
        self._authorities: dict[object, list[Certificate]] = {}
        files = self._read(path, most)
        self._all = tuple(dict.fromkeys(one for chain in files.values() for one in chain))
        for certificate in self._all:
            if certificate.is_ca:
                self._authorities.setdefault(certificate.subject_name, []).append(certificate)
        for name, chain in files.items():
            for leaf in chain:
                if not leaf.is_ca and leaf.public_key is not None:
                    self._leaves.setdefault(leaf.fingerprint, self._completed(leaf, chain))
                    self._names.setdefault(name, []).append(leaf.fingerprint)
        for url, chain in self._chains.items():
            self._chains[url] = self._completed(chain[0], chain)
        placed = {chain[0].fingerprint for chain in self._chains.values()}
        unplaced = [fingerprint for fingerprint in self._leaves if fingerprint not in placed]
        self._tried = unplaced[:TRIED]
        if len(unplaced) > TRIED:
            said = f"expected an {INDEX} for more than {TRIED} certificates, found {len(unplaced)} without a URL"
            self.problems.append(Problem("drivers-folder-index", f"{said}; tokens are tried with {TRIED}", str(path)))

    def __getitem__(self, url: str) -> tuple[Certificate, ...]:
        return self._chains[url]

    def __iter__(self) -> Iterator[str]:
        return iter(self._chains)

    def __len__(self) -> int:
        return len(self._chains)

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """Every certificate in every file, in the order of the files, each once."""
        return self._all

    @property
    def leaves(self) -> Sequence[tuple[Certificate, ...]]:
        """Chains of all certificates that can sign tokens."""
        return tuple(self._leaves.values())

    def match(self, token: Token | str, url: str = "") -> tuple[Certificate, ...] | None:
        """
        The chain whose leaf verifies a token in its full form, among those without a URL.

        Args:
            token: with header and payload; one in compact form matches nothing.
            url: where its certificate is said to be; a file of that name is tried first.
        """
        if isinstance(token, str):
            try:
                token = read_token(token)
            except RemoteError:
                return None
        first = self._names.get(url.rpartition("/")[2], [])
        for fingerprint in (*first, *self._tried):
            chain = self._leaves[fingerprint]
            key = chain[0].public_key
            if key is not None and verify_token(token, key) is None:
                return chain
        return None

    def find(self, url: str, token: str) -> tuple[Certificate, ...] | None:
        """The chain of a URL, else the one that the token chooses; None when the folder has neither."""
        known = self._chains.get(url)
        return known if known is not None else self.match(token, url)

    def _read(self, path: Path, most: int) -> dict[str, tuple[Certificate, ...]]:
        try:
            names = [path.name] if path.is_file() else sorted(os.listdir(path))
            folder = path.parent if path.is_file() else path
            if len(names) > most:
                said = f"expected at most {most} files, found {len(names)}"
                raise BackendError(Problem("drivers-folder", said, str(path)))
            found: dict[str, tuple[Certificate, ...]] = {}
            for name in names:
                if name.startswith(".") or name == INDEX or not (folder / name).is_file():
                    continue
                chain = self._read_file(folder / name)
                if chain:
                    found[name] = chain
            if INDEX in names:
                self._read_index((folder / INDEX).read_text("utf-8", "replace"), found)
        except OSError as fault:
            said = f"expected a file or folder that can be read, found: {fault.strerror or fault}"
            raise BackendError(Problem("drivers-folder", said, str(path))) from fault
        return found

    def _read_file(self, path: Path) -> tuple[Certificate, ...]:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            detail = f"expected at most {MAX_FILE} octets, found more"
            self.problems.append(Problem("drivers-unreadable", detail, path.name))
            return ()
        kept = read_kept(data, path.name)
        if isinstance(kept, Problem):
            self.problems.append(kept)
            return ()
        if isinstance(kept, Kept):
            self._chains[kept.url] = kept.chain
            return kept.chain
        if b"-----BEGIN X509 CRL-----" in data and b"-----BEGIN CERTIFICATE-----" not in data:
            try:
                self.revocations += read_revocation_lists(data)
            except RemoteError as fault:
                self.problems.append(_unreadable(fault, path.name))
            return ()
        try:
            chain = read_certificates(data)
        except RemoteError as fault:
            self.problems.append(_unreadable(fault, path.name))
            return ()
        for certificate in chain:
            if not certificate.readable:
                detail = f"expected a certificate, found: {certificate.problems[0].detail}"
                self.problems.append(Problem("drivers-unreadable", detail, path.name))
        return tuple(certificate for certificate in chain if certificate.readable)

    def _read_index(self, text: str, files: Mapping[str, tuple[Certificate, ...]]) -> None:
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if len(words) != 2 or words[1] not in files:
                found = f"expected a URL and the name of a certificate file here, found {line.strip()[:120]!r}"
                self.problems.append(Problem("drivers-folder-index", found, f"{INDEX}: line {number}"))
                continue
            self._chains[words[0]] = files[words[1]]

    def _completed(self, leaf: Certificate, chain: Sequence[Certificate]) -> tuple[Certificate, ...]:
        """The chain from this leaf on, with the authorities that its file left out."""
        made = [leaf, *(one for one in chain if one.is_ca and one != leaf)]
        while len(made) < _LONGEST:
            last = _top(made)
            above = self._authorities.get(last.issuer_name, ())
            issuer = next((one for one in above if one not in made and last.signed_by(one)), None)
            if issuer is None:
                break
            made.append(issuer)
        return tuple(made)


def _unreadable(fault: RemoteError, name: str) -> Problem:
    detail = f"expected certificates in PEM or DER, found: {fault.problem.detail}"
    return Problem("drivers-unreadable", detail, name)


def _top(chain: Sequence[Certificate]) -> Certificate:
    """The certificate that leads furthest up from the first one."""
    last = chain[0]
    for _step in chain:
        above = next((one for one in chain if one.subject_name == last.issuer_name and one != last), None)
        if above is None:
            break
        last = above
    return last
