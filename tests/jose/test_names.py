"""Distinguished names: their text, and which are the same."""

from __future__ import annotations

import pytest
from cryptography import x509

from ringthrough.errors import RemoteError
from ringthrough.jose.der import encode, only
from ringthrough.jose.names import Name, read_name

from .making import code_of, seq

_OIDS = {"C": "550406", "O": "55040a", "CN": "550403", "email": "2a864886f70d010901", "odd": "2b0601"}


def _attribute(name: str, value: bytes, tag: int = 12) -> bytes:
    return seq(encode(6, bytes.fromhex(_OIDS[name])), encode(tag, value))


def _name(*relative: bytes) -> Name:
    return read_name(only(seq(*(encode(0x31, each) for each in relative))))


def test_text_is_rfc_4514() -> None:
    made = _name(_attribute("C", b"US"), _attribute("O", b"A, B + C"), _attribute("CN", "SHAKEN Zürich 709J".encode()))
    assert made.text == "CN=SHAKEN Zürich 709J,O=A\\, B \\+ C,C=US"
    assert (made.common_name, made.organization) == ("SHAKEN Zürich 709J", "A, B + C")


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("plain", "plain"),
        (" edges ", "\\ edges\\ "),
        ("#hash", "\\#hash"),
        ("in#side", "in#side"),
        ('a"b;c<d>e\\f', 'a\\"b\\;c\\<d\\>e\\\\f'),
        ("a\nb\0", "a\\0Ab\\00"),
        ("", ""),
    ],
)
def test_escapes(value: str, shape: str) -> None:
    """RFC 4514 §2.4; control characters as octets, so that no name can forge a line of a report."""
    made = _name(_attribute("CN", value.encode()))
    assert made.text == f"CN={shape}"
    assert made.common_name == value


def test_kinds_of_strings() -> None:
    for tag, codec in (
        (18, "ascii"),
        (19, "ascii"),
        (20, "latin-1"),
        (22, "ascii"),
        (28, "utf-32-be"),
        (30, "utf-16-be"),
    ):
        assert _name(_attribute("CN", "12 3".encode(codec), tag)).text == "CN=12 3"
    assert _name(_attribute("odd", b"x")).text == "1.3.6.1=x"
    assert _name(_attribute("email", b"a@b.example", 22)).text == "emailAddress=a@b.example"
    assert _name(_attribute("CN", b"\x01", 2)).text == "CN=#020101"
    assert _name(_attribute("C", b"US") + _attribute("CN", b"x")).text == "C=US+CN=x"
    assert _name().text == ""


def test_same_names() -> None:
    """RFC 5280 §7.1: neither case, nor runs of spaces, nor the kind of string make another name."""
    one = _name(_attribute("O", b"Example  STI-CA", 19), _attribute("CN", b"Root"))
    other = _name(_attribute("O", b" example sti-ca "), _attribute("CN", b"ROOT", 19))
    assert one == other
    assert hash(one) == hash(other)
    assert one != _name(_attribute("CN", b"Root"), _attribute("O", b"Example STI-CA"))
    assert one != "CN=Root"
    assert _name(_attribute("CN", "ÜBER".encode())) == _name(_attribute("CN", "über".encode()))
    assert _name(_attribute("C", b"a") + _attribute("CN", b"b")) == _name(
        _attribute("CN", b"b") + _attribute("C", b"a")
    )


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(encode(0x31), id="a set"),
        pytest.param(seq(encode(0x31)), id="empty relative name"),
        pytest.param(seq(seq()), id="a sequence in place of a set"),
        pytest.param(seq(encode(0x31, seq(encode(6, b"\x55\x04\x03")))), id="no value"),
        pytest.param(seq(encode(0x31, _attribute("CN", b"\xff"))), id="not UTF-8"),
        pytest.param(seq(encode(0x31, _attribute("CN", b"\xff", 19))), id="not ASCII"),
        pytest.param(seq(encode(0x31, _attribute("CN", b"\xd8\0", 30))), id="half a surrogate"),
        pytest.param(seq(*[encode(0x31, _attribute("CN", b"x"))] * 33), id="33 attributes"),
    ],
)
def test_no_names(octets: bytes) -> None:
    with pytest.raises(RemoteError) as caught:
        read_name(only(octets))
    assert code_of(caught.value) == "jose-der"


def test_text_agrees_with_another_reader() -> None:
    pairs = [("CN", x509.NameOID.COMMON_NAME, "a,b+c"), ("O", x509.NameOID.ORGANIZATION_NAME, " x; #y ")]
    theirs = x509.Name([x509.NameAttribute(oid, value) for _, oid, value in pairs])
    assert read_name(only(theirs.public_bytes())).text == theirs.rfc4514_string()
