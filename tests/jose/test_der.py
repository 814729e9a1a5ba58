"""DER, strictly: one sequence of octets for one value."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.errors import RemoteError
from ringthrough.jose.der import Element, encode, moment, only, read_element

from .making import code_of


@pytest.mark.parametrize("length", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_lengths(length: int) -> None:
    element = only(encode(4, bytes(length)))
    assert (element.tag, len(element.content)) == (4, length)


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param("", id="nothing"),
        pytest.param("04", id="no length"),
        pytest.param("0402ff", id="content cut"),
        pytest.param("04820100", id="long content cut"),
        pytest.param("0480ff0000", id="indefinite length"),
        pytest.param("0481", id="length cut"),
        pytest.param("048101ff", id="long form for a short length"),
        pytest.param("04820001ff", id="length with a leading zero"),
        pytest.param("0485000000000100", id="length of five octets"),
        pytest.param("04ff00", id="reserved length"),
        pytest.param("1f8100", id="tag of several octets"),
        pytest.param("040000", id="something after it"),
    ],
)
def test_no_element(octets: str) -> None:
    with pytest.raises(RemoteError) as caught:
        only(bytes.fromhex(octets))
    assert code_of(caught.value) == "jose-der"


@pytest.mark.parametrize(
    ("reader", "octets", "value"),
    [
        (Element.integer, "020100", 0),
        (Element.integer, "02017f", 127),
        (Element.integer, "02020080", 128),
        (Element.integer, "020180", -128),
        (Element.integer, "0202ff7f", -129),
        (Element.boolean, "0101ff", True),
        (Element.boolean, "010100", False),
        (Element.oid, "0603550403", "2.5.4.3"),
        (Element.oid, "06082b0601050507011b", "1.3.6.1.5.5.7.1.27"),
        (Element.oid, "060100", "0.0"),
        (Element.oid, "0603883703", "2.999.3"),
        (Element.bits, "03020780", (b"\x80", 7)),
        (Element.bits, "030100", (b"", 0)),
        (Element.ascii, "1603303132", "012"),
        (Element.text, "0c02c3bc", "ü"),
        (Element.time_s, "170d3730303130313030303030305a", 0.0),
        (Element.time_s, "170d3439313233313233353935395a", 2524607999.0),
        (Element.time_s, "170d3530303130313030303030305a", -631152000.0),
        (Element.time_s, "180f39393939313233313233353935395a", 253402300799.0),
    ],
)
def test_values(reader: Callable[[Element], object], octets: str, value: object) -> None:
    assert reader(only(bytes.fromhex(octets))) == value


@pytest.mark.parametrize(
    ("reader", "octets"),
    [
        pytest.param(Element.integer, "0200", id="no octet of an integer"),
        pytest.param(Element.integer, "0202007f", id="integer with a needless 00"),
        pytest.param(Element.integer, "0202ff80", id="integer with a needless FF"),
        pytest.param(Element.integer, encode(2, b"\x01" * 2000).hex(), id="integer of 16,000 bits"),
        pytest.param(Element.integer, "040101", id="no integer"),
        pytest.param(Element.boolean, "010101", id="TRUE as 01"),
        pytest.param(Element.boolean, "0100", id="empty boolean"),
        pytest.param(Element.oid, "0600", id="empty OID"),
        pytest.param(Element.oid, "06025581", id="OID that goes on"),
        pytest.param(Element.oid, "0603558001", id="OID with a leading 80"),
        pytest.param(Element.oid, encode(6, b"\x55" * 65).hex(), id="OID of 65 octets"),
        pytest.param(Element.bits, "0300", id="empty bit string"),
        pytest.param(Element.bits, "03020880", id="eight bits unused"),
        pytest.param(Element.bits, "030101", id="unused bits of nothing"),
        pytest.param(Element.bits, "03020781", id="unused bits are set"),
        pytest.param(Element.ascii, "1601ff", id="IA5 beyond ASCII"),
        pytest.param(Element.ascii, "16010a", id="IA5 with a control character"),
        pytest.param(Element.text, "0c01ff", id="no UTF-8"),
        pytest.param(Element.time_s, "020101", id="no time"),
        pytest.param(Element.time_s, "170b373030313031303030305a", id="time without seconds"),
        pytest.param(Element.time_s, "170d373030313031303030303030 5b".replace(" ", ""), id="time without Z"),
        pytest.param(Element.time_s, "170d3730313330313030303030305a", id="month 13"),
        pytest.param(Element.time_s, "180f30303030303130313030303030305a", id="year 0"),
        pytest.param(Element.time_s, "170d3730303130313030303036305a", id="second 60"),
        pytest.param(Element.time_s, "170dd9a030303130313030303030305a"[:30], id="digits that are not ASCII"),
        pytest.param(Element.children, "30020401", id="a child that is cut"),
        pytest.param(Element.inner, "a000", id="nothing inside"),
    ],
)
def test_no_values(reader: Callable[[Element], object], octets: str) -> None:
    with pytest.raises(RemoteError) as caught:
        reader(only(bytes.fromhex(octets)))
    assert code_of(caught.value) == "jose-der"


def test_children_are_bounded() -> None:
    assert len(only(encode(0x30, b"\x05\0" * 5)).children(5)) == 5
    with pytest.raises(RemoteError):
        only(encode(0x30, b"\x05\0" * 6)).children(5)


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_what_is_read_is_written_the_same(octets: bytes) -> None:
    try:
        element = read_element(octets)
    except RemoteError:
        return
    assert encode(element.tag, element.content) == element.whole == octets[: len(element.whole)]


@settings(deadline=None)
@given(st.integers(-(2**70), 2**70))
def test_integers(number: int) -> None:
    size = (number + (number < 0)).bit_length() // 8 + 1
    assert only(encode(2, number.to_bytes(size, "big", signed=True))).integer() == number


@pytest.mark.parametrize(("at_s", "text"), [(0.0, "1970-01-01 00:00:00Z"), (1e300, "1e+300"), (float("nan"), "nan")])
def test_moments(at_s: float, text: str) -> None:
    assert moment(at_s) == text
