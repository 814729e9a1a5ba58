"""Chains on disk: whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from ringthrough.drivers import CertificateCache, Kept
from ringthrough.drivers.cache import MAX_FILE, read_kept
from ringthrough.errors import BackendError
from ringthrough.jose import read_certificates

from .conftest import WebAuthority

URL = "https://cr.example.com/a.pem"


@pytest.fixture
def kept(web: WebAuthority) -> Kept:
    return Kept(URL, read_certificates(web.chain()), 1000.5, 2000.25, 3000.0)


@pytest.fixture
def cache(tmp_path: Path) -> CertificateCache:
    return CertificateCache(tmp_path / "ringthrough" / "certificates")


def only_file(cache: CertificateCache) -> Path:
    (name,) = os.listdir(cache.path)
    return cache.path / name


def test_the_whole_chain_comes_back(cache: CertificateCache, kept: Kept) -> None:
    assert cache.read() == ([], [])
    assert cache.get(URL) is None
    cache.put(kept)
    assert cache.read() == ([kept], [])
    assert cache.get(URL) == kept
    assert len(kept.chain) == 2
    assert cache.get(URL + "x") is None


def test_the_file_is_named_by_a_digest_and_read_by_others(cache: CertificateCache, kept: Kept) -> None:
    url = "https://cr.example.com/../../../etc/passwd\n"
    cache.put(replace(kept, url="https://cr.example.com/../../../etc/passwd"))
    path = only_file(cache)
    assert path.name == hashlib.sha256(url.strip().encode()).hexdigest() + ".pem"
    assert len(x509.load_pem_x509_certificates(path.read_bytes())) == 2
    if os.name == "posix":
        assert cache.path.stat().st_mode & 0o077 == 0


def test_a_newer_chain_replaces_an_older(cache: CertificateCache, kept: Kept) -> None:
    cache.put(kept)
    newer = replace(kept, fetched_s=1500.0, chain=kept.chain[:1])
    cache.put(newer)
    assert cache.read() == ([newer], [])


def test_oldest_first_and_no_more_than_the_limit(tmp_path: Path, kept: Kept) -> None:
    cache = CertificateCache(tmp_path, limit=2)
    for number in (3, 1, 2):
        cache.put(replace(kept, url=f"{URL}{number}", fetched_s=float(number)))
        for path in tmp_path.iterdir():  # ages by the second, so that the test does not hang on the file system's clock
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))
    assert [one.url[-1] for one in cache.read()[0]] == ["1", "2"]


def torn(data: bytes) -> bytes:
    return data[:-30]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "torn in the chain": torn,
    "torn in the head": lambda data: data[:60],
    "torn after the magic": lambda data: data.partition(b"\n")[0] + b"\n",
    "empty": lambda data: b"",
    "full of zeros": lambda data: bytes(len(data)),
    "not ours": lambda data: b"hello",
    "another version": lambda data: data.replace(b"certificates 1", b"certificates 2"),
    "altered": lambda data: data.replace(b"MII", b"MIJ", 1),
    "another URL": lambda data: data.replace(b"/a.pem", b"/b.pem"),
    "no URL": lambda data: data.replace(b"url: ", b"uri: "),
    "no time": lambda data: data.replace(b"fetched: ", b"fetch: "),
    "a time that is none": lambda data: data.replace(b"1000.5", b"monday"),
    "a time without end": lambda data: data.replace(b"1000.5", b"inf"),
    "not a number": lambda data: data.replace(b"1000.5", b"nan"),
    "too large": lambda data: data + bytes(MAX_FILE),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_left_out_and_named(
    cache: CertificateCache, kept: Kept, damage: Callable[[bytes], bytes]
) -> None:
    cache.put(kept)
    path = only_file(cache)
    path.write_bytes(damage(path.read_bytes()))
    cache.put(replace(kept, url=URL + "2"))
    found, problems = cache.read()
    assert [one.url for one in found] == [URL + "2"]
    assert [(p.code, p.where) for p in problems] == [("drivers-cache-file", path.name)]
    assert cache.get(URL) is None
    cache.put(kept)
    assert cache.get(URL) == kept


def test_a_file_without_certificates(cache: CertificateCache, kept: Kept) -> None:
    cache.put(replace(kept, chain=()))
    _found, problems = cache.read()
    assert "CERTIFICATE" in problems[0].detail


def test_every_prefix_of_a_file_is_torn(cache: CertificateCache, kept: Kept) -> None:
    cache.put(kept)
    data = only_file(cache).read_bytes()
    whole = [n for n in range(len(data) + 1) if isinstance(read_kept(data[:n], "x"), Kept)]
    assert whole == [len(data)]


def test_clear_removes_what_is_of_the_cache_and_nothing_else(cache: CertificateCache, kept: Kept) -> None:
    assert cache.clear() == 0
    cache.put(kept)
    cache.put(replace(kept, url=URL + "2"))
    left = only_file_name = "notes.txt"
    (cache.path / only_file_name).write_text("mine")
    (cache.path / f".{'0' * 64}.abc.part").write_text("a crash left it")
    assert cache.clear() == 2
    assert os.listdir(cache.path) == [left]


def test_one_chain_is_removed(cache: CertificateCache, kept: Kept) -> None:
    cache.put(kept)
    assert not cache.remove(URL + "2")
    assert cache.remove(URL)
    assert cache.read() == ([], [])


def test_a_place_that_cannot_be_used(tmp_path: Path, kept: Kept) -> None:
    (tmp_path / "file").write_text("")
    cache = CertificateCache(tmp_path / "file")
    for use in (lambda: cache.put(kept), cache.read, cache.clear, lambda: cache.remove(URL)):
        with pytest.raises(BackendError) as caught:
            use()
        assert caught.value.problem.code == "drivers-folder"
        assert isinstance(caught.value.__cause__, OSError)


def test_a_file_that_is_a_folder(cache: CertificateCache, kept: Kept) -> None:
    cache.put(kept)
    path = only_file(cache)
    path.unlink()
    path.mkdir()
    assert cache.read()[1][0].code == "drivers-cache-file"
    with pytest.raises(BackendError):
        cache.clear()
    with pytest.raises(BackendError):
        cache.put(kept)
    assert os.listdir(cache.path) == [path.name]
