"""Certificates without a network: files that say for which URL they stand, and files that do not."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from ringthrough.drivers import CertificateCache, CertificateFolder, Kept
from ringthrough.drivers.folder import INDEX, MAX_FILE, TRIED
from ringthrough.errors import BackendError
from ringthrough.jose import Certificate, PrivateKey, derive_key, make_token
from ringthrough.jose.issuing import Authority, issue, issue_revocation_list, make_authority
from ringthrough.jose.pem import pem

BEGIN, END = 1_700_000_000.0, 1_900_000_000.0
URL = "https://cr.example.com/1234/abc.pem"
AUTHORITY = make_authority(b"folder tests have a seed", not_before_s=BEGIN, not_after_s=END)


class Provider(NamedTuple):
    key: PrivateKey
    chain: tuple[Certificate, ...]

    def token(self, **claims: object) -> str:
        return make_token({"alg": "ES256", "typ": "passport", "x5u": URL}, b'{"iat":1}', self.key).decode()

    def pem(self, count: int = 2) -> bytes:
        return b"".join(one.pem() for one in self.chain[:count])


def provider(spc: str, authority: Authority = AUTHORITY) -> Provider:
    key = derive_key(b"a key of 16 octets and more for " + spc.encode())
    serial = int.from_bytes(spc.encode(), "big")
    return Provider(key, authority.leaf(key.public, spc=spc, serial=serial, not_before_s=BEGIN, not_after_s=END))


ONE, TWO = provider("1234"), provider("567J")


def test_files_of_the_cache_know_their_url(tmp_path: Path) -> None:
    CertificateCache(tmp_path).put(Kept(URL, ONE.chain, BEGIN, BEGIN + 1, BEGIN + 2))
    folder = CertificateFolder(tmp_path)
    assert dict(folder) == {URL: ONE.chain}
    assert len(folder) == 1
    assert folder.find(URL, "") == ONE.chain
    assert folder.problems == []


def test_an_index_names_urls(tmp_path: Path) -> None:
    (tmp_path / "one.pem").write_bytes(ONE.pem())
    (tmp_path / "two.cer").write_bytes(TWO.chain[0].der)
    (tmp_path / INDEX).write_text(
        f"# where they were fetched\n\n{URL} one.pem\nhttps://b.example.com/b two.cer\n"
        "https://c.example.com/c three.pem\nhttps://d.example.com/d\nhttps://e.example.com/e one.pem more\n"
    )
    folder = CertificateFolder(tmp_path)
    assert folder[URL] == ONE.chain
    assert folder["https://b.example.com/b"] == (TWO.chain[0], AUTHORITY.intermediate)
    assert len(folder) == 2
    assert [(p.code, p.where) for p in folder.problems] == [
        ("drivers-folder-index", f"index.txt: line {n}") for n in (5, 6, 7)
    ]


def test_the_token_chooses_where_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_bytes(TWO.pem())
    (tmp_path / "z.pem").write_bytes(ONE.pem())
    folder = CertificateFolder(tmp_path)
    assert len(folder) == 0
    assert [chain[0].common_name for chain in folder.leaves] == ["SHAKEN 567J", "SHAKEN 1234"]
    assert folder.find(URL, ONE.token()) == ONE.chain
    assert folder.match(TWO.token()) == TWO.chain
    assert folder.match(provider("999Z").token()) is None


def test_a_file_of_the_name_in_the_url_is_tried_first(tmp_path: Path) -> None:
    again = issue(
        subject={"C": "US", "CN": "SHAKEN 1234 renewed"}, public_key=ONE.key.public,
        issuer_key=AUTHORITY.intermediate_key, issuer=AUTHORITY.intermediate, serial=77, not_before_s=BEGIN,
        not_after_s=END,
    )  # fmt: skip
    (tmp_path / "aaa.pem").write_bytes(again.pem())
    (tmp_path / "abc.pem").write_bytes(ONE.pem())
    folder = CertificateFolder(tmp_path)
    assert folder.match(ONE.token(), URL) == ONE.chain
    by_token = folder.match(ONE.token())
    assert by_token is not None
    assert by_token[0].common_name == "SHAKEN 1234 renewed"


NO_TOKENS = {
    "compact": "..c2ln",
    "empty": "",
    "no token": "hello",
    "altered": ONE.token().replace(".", ".e", 1),
    "another algorithm": "eyJhbGciOiJub25lIn0.e30.c2ln",
}


@pytest.mark.parametrize("token", NO_TOKENS.values(), ids=NO_TOKENS)
def test_what_is_no_token_matches_nothing(tmp_path: Path, token: str) -> None:
    (tmp_path / "a.pem").write_bytes(ONE.pem())
    assert CertificateFolder(tmp_path).find(URL, token) is None


def test_issuers_are_found_in_other_files(tmp_path: Path) -> None:
    other = make_authority(b"another authority of the same name", not_before_s=BEGIN, not_after_s=END)
    (tmp_path / "leaf.pem").write_bytes(ONE.pem(1))
    (tmp_path / "a-roots.pem").write_bytes(other.root.pem() + AUTHORITY.root.pem())
    (tmp_path / "b-intermediates.pem").write_bytes(other.intermediate.pem() + AUTHORITY.intermediate.pem())
    chain = CertificateFolder(tmp_path).match(ONE.token())
    assert chain == (ONE.chain[0], AUTHORITY.intermediate, AUTHORITY.root)


def test_one_file_with_several_leaves(tmp_path: Path) -> None:
    path = tmp_path / "all.pem"
    path.write_bytes(ONE.pem(1) + TWO.pem())
    folder = CertificateFolder(path)
    assert folder.match(ONE.token()) == ONE.chain
    assert folder.match(TWO.token()) == TWO.chain
    (tmp_path / "other.pem").write_text("not read, because one file was asked for")
    assert CertificateFolder(path).problems == []


def test_what_is_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_bytes(ONE.pem())
    (tmp_path / "key.pem").write_bytes(ONE.key.pem())
    (tmp_path / "large.pem").write_bytes(bytes(MAX_FILE + 1))
    (tmp_path / "odd.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" + TWO.pem())
    (tmp_path / "torn.pem").write_bytes(b"ringthrough certificates 1\nurl: x\n")
    (tmp_path / ".hidden").write_text("left alone")
    (tmp_path / "below").mkdir()
    folder = CertificateFolder(tmp_path)
    assert {(p.code, p.where) for p in folder.problems} == {
        ("drivers-unreadable", "key.pem"), ("drivers-unreadable", "large.pem"), ("drivers-unreadable", "odd.pem"),
        ("drivers-cache-file", "torn.pem"),
    }  # fmt: skip
    assert "MIG" not in "".join(map(str, folder.problems))
    assert folder.match(TWO.token()) == TWO.chain


def test_an_endless_circle_of_issuers_ends(tmp_path: Path) -> None:
    """Two authorities that vouch for each other."""
    keys = [derive_key(b"circle of authorities " + bytes([n])) for n in range(2)]
    names = [{"CN": "circle A"}, {"CN": "circle B"}]
    plain = [
        issue(subject=names[n], public_key=keys[n].public, issuer_key=keys[n], serial=n + 1, ca=True,
              not_before_s=BEGIN, not_after_s=END)
        for n in range(2)
    ]  # fmt: skip
    crossed = [
        issue(subject=names[n], public_key=keys[n].public, issuer_key=keys[1 - n], issuer=plain[1 - n], serial=n + 9,
              ca=True, not_before_s=BEGIN, not_after_s=END)
        for n in range(2)
    ]  # fmt: skip
    leaf = issue(
        subject={"CN": "leaf"}, public_key=ONE.key.public, issuer_key=keys[0], issuer=plain[0], serial=50,
        not_before_s=BEGIN, not_after_s=END,
    )  # fmt: skip
    (tmp_path / "all.pem").write_bytes(b"".join(one.pem() for one in (leaf, *crossed)))
    (tmp_path / "more.pem").write_bytes(b"".join(one.pem() for one in plain))
    chain = CertificateFolder(tmp_path).match(ONE.token())
    assert chain is not None
    assert chain[0] == leaf
    assert len(chain) <= 8
    assert len(set(chain)) == len(chain)


def test_places_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as caught:
        CertificateFolder(tmp_path / "nowhere")
    assert caught.value.problem.code == "drivers-folder"
    assert caught.value.problem.where.endswith("nowhere")


def test_a_folder_of_too_many_files(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(ONE.pem())
    with pytest.raises(BackendError, match="at most 2 files"):
        CertificateFolder(tmp_path, most=2)


def test_revocation_lists_and_all_certificates(tmp_path: Path) -> None:
    made = issue_revocation_list(
        issuer=AUTHORITY.intermediate, issuer_key=AUTHORITY.intermediate_key,
        entries=[(ONE.chain[0], BEGIN, "keyCompromise")], this_update_s=BEGIN, next_update_s=END,
    )  # fmt: skip
    (tmp_path / "a.pem").write_bytes(ONE.pem())
    (tmp_path / "b.pem").write_bytes(TWO.pem())
    (tmp_path / "list.crl").write_bytes(pem("X509 CRL", made.der))
    (tmp_path / "torn.crl").write_bytes(pem("X509 CRL", made.der)[:100])
    folder = CertificateFolder(tmp_path)
    assert folder.certificates == (*ONE.chain, TWO.chain[0])
    assert folder.revocations == (made,)
    assert [(p.code, p.where) for p in folder.problems] == [("drivers-unreadable", "torn.crl")]


@pytest.mark.slow
def test_many_certificates_want_an_index(tmp_path: Path) -> None:
    """A token is tried with so many and no more, and that is said; a file of the URL's name is tried in any case."""
    for number in range(TRIED + 1):
        key = derive_key(b"one of very many keys " + bytes(divmod(number, 256)))
        chain = AUTHORITY.leaf(key.public, spc="1", serial=number + 1, not_before_s=BEGIN, not_after_s=END)
        (tmp_path / f"{number:03}.pem").write_bytes(chain[0].pem())
    (tmp_path / "abc.pem").write_bytes(ONE.pem())
    folder = CertificateFolder(tmp_path)
    assert [(p.code, p.where) for p in folder.problems] == [("drivers-folder-index", str(tmp_path))]
    assert folder.match(ONE.token()) is None
    assert folder.match(ONE.token(), URL) == ONE.chain
    (tmp_path / INDEX).write_text("".join(f"https://b.example.com/{n} {n:03}.pem\n" for n in range(TRIED + 1)))
    again = CertificateFolder(tmp_path)
    assert again.problems == []
    assert again.match(ONE.token()) is not None
