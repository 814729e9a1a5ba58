"""base64url is read so that one text stands for one sequence of octets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.errors import RemoteError
from ringthrough.jose import decode_segment, encode_segment


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", b""),
        (b"f", b"Zg"),
        (b"fo", b"Zm8"),
        (b"foo", b"Zm9v"),
        (b"\x03\xec\xff\xe0\xc1", b"A-z_4ME"),  # RFC 7515 appendix C
    ],
)
def test_octets_and_text(octets: bytes, text: bytes) -> None:
    assert encode_segment(octets) == text
    assert decode_segment(text) == octets


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        pytest.param(b"Zg==", "jose-base64-padding", id="padded"),
        pytest.param(b"Zg=", "jose-base64-padding", id="half padded"),
        pytest.param(b"=", "jose-base64-padding", id="padding alone"),
        pytest.param(b"Z+8", "jose-base64-alphabet", id="plus of the other alphabet"),
        pytest.param(b"Z/8", "jose-base64-alphabet", id="slash of the other alphabet"),
        pytest.param(b"Zm\xe9v", "jose-base64-alphabet", id="not ASCII"),
        pytest.param(b"Zm\n9v", "jose-token-not-one-line", id="line break"),
        pytest.param(b" Zm9v", "jose-token-not-one-line", id="space"),
        pytest.param(b"Z", "jose-base64-length", id="one character"),
        pytest.param(b"Zm9vZ", "jose-base64-length", id="five characters"),
        pytest.param(b"Zh", "jose-base64-trailing-bits", id="four bits over"),
        pytest.param(b"Zm9", "jose-base64-trailing-bits", id="two bits over"),
    ],
)
def test_refused(text: bytes, slug: str) -> None:
    """RFC 4648 §3.5, §5; RFC 7515 §2."""
    with pytest.raises(RemoteError) as caught:
        decode_segment(text, "payload")
    assert (caught.value.problem.code, caught.value.problem.where) == (slug, "payload")


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_round_trip(octets: bytes) -> None:
    assert decode_segment(encode_segment(octets)) == octets


@settings(deadline=None)
@given(st.text(alphabet="AQgwBEMZabz059-_=+ ", max_size=12))
def test_what_is_read_is_the_only_text_of_its_octets(text: str) -> None:
    try:
        octets = decode_segment(text.encode())
    except RemoteError:
        return
    assert encode_segment(octets) == text.encode()
