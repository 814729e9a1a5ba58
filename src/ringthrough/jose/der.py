"""
DER, read strictly: the part of it that certificates, revocation lists and their extensions are made of.

Facts:
- One sequence of octets per value: definite and minimal lengths, minimal integers, TRUE is FF (X.690 §8, §10, §11).
- An element is read when somebody asks for it; nothing recurses, so nested input costs its own length and no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from ringthrough.errors import RemoteError

from .problems import fault, shown

__all__ = [
    "BIT_STRING", "BOOLEAN", "ENUMERATED", "GENERALIZED_TIME", "IA5_STRING", "INTEGER", "OCTET_STRING", "OID",
    "SEQUENCE", "SET", "UTC_TIME", "UTF8_STRING", "Element", "encode", "moment", "only", "place", "read_element",
]  # fmt: skip

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID, ENUMERATED, UTF8_STRING = 1, 2, 3, 4, 6, 10, 12
IA5_STRING, UTC_TIME, GENERALIZED_TIME = 22, 23, 24
SEQUENCE, SET = 0x30, 0x31
_NAMES = {
    BOOLEAN: "BOOLEAN", INTEGER: "INTEGER", BIT_STRING: "BIT STRING", OCTET_STRING: "OCTET STRING", OID: "OBJECT "
    "IDENTIFIER", ENUMERATED: "ENUMERATED", UTF8_STRING: "UTF8String", IA5_STRING: "IA5String", UTC_TIME: "UTCTime",
    GENERALIZED_TIME: "GeneralizedTime", SEQUENCE: "SEQUENCE", SET: "SET",
}  # fmt: skip
_LONGEST_INTEGER = 1025  # octets: the modulus of the largest RSA key that is accepted, 8192 bits


class Element(NamedTuple):
    """One value: its tag, its content, and all its octets."""

    tag: int
    "The identifier octet: class, constructed or primitive, and number."
    content: bytes
    "What is inside."
    whole: bytes
    "Identifier, length and content, as they stood."

    def children(self, most: int = 4096) -> list[Element]:
        """
        The elements inside, in order.

        Raises:
            RemoteError: they do not fill the content exactly, or are more than `most`.
        """
        found: list[Element] = []
        at = 0
        end = len(self.content)
        while at < end:
            if len(found) == most:
                raise fault("jose-der", f"expected at most {most} elements, found more")
            element = read_element(self.content, at)
            found.append(element)
            at += len(element.whole)
        return found

    def walk(self) -> Iterator[Element]:
        """The elements inside, one by one, of however many there are."""
        at = 0
        end = len(self.content)
        while at < end:
            element = read_element(self.content, at)
            yield element
            at += len(element.whole)

    def expect(self, tag: int) -> Element:
        """This element, if it has the tag; RemoteError otherwise."""
        if self.tag != tag:
            raise fault("jose-der", f"expected {_named(tag)}, found {_named(self.tag)}")
        return self

    def inner(self) -> Element:
        """The one element inside an explicit tag or an octet string; RemoteError for none or several."""
        return only(self.content)

    def integer(self, tag: int = INTEGER) -> int:
        """The value of an INTEGER. Source: X.690 §8.3"""
        self.expect(tag)
        content = self.content
        if len(content) > _LONGEST_INTEGER:
            raise fault("jose-der", f"expected an INTEGER of at most {_LONGEST_INTEGER} octets, found {len(content)}")
        # Nine leading bits that are all 0 or all 1 say less than eight would.
        if not content or (len(content) > 1 and (content[0] << 1 | content[1] >> 7) in (0, 0x1FF)):
            raise fault("jose-der", f"expected a minimal INTEGER, found {shown(content.hex())}")
        return int.from_bytes(content, "big", signed=True)

    def boolean(self) -> bool:
        """The value of a BOOLEAN. Source: X.690 §11.1"""
        self.expect(BOOLEAN)
        if self.content not in (b"\0", b"\xff"):
            raise fault("jose-der", f"expected a BOOLEAN of 00 or FF, found {shown(self.content.hex())}")
        return self.content == b"\xff"

    def oid(self) -> str:
        """The value of an OBJECT IDENTIFIER in dotted decimals. Source: X.690 §8.19"""
        self.expect(OID)
        content = self.content
        known = _OIDS.get(content)
        if known is not None:
            return known
        if not content or content[-1] & 0x80 or len(content) > 64:
            raise fault("jose-der", f"expected an OBJECT IDENTIFIER, found {shown(content.hex())}")
        arcs: list[int] = []
        value = 0
        for octet in content:
            if value == 0 and octet == 0x80:
                raise fault("jose-der", "expected minimal arcs of an OBJECT IDENTIFIER, found a leading 80")
            value = value << 7 | octet & 0x7F
            if octet < 0x80:
                arcs.append(value)
                value = 0
        top = min(arcs[0] // 40, 2)
        return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))

    def bits(self) -> tuple[bytes, int]:
        """Octets of a BIT STRING and how many bits at their end do not count. Source: X.690 §8.6, §11.2"""
        self.expect(BIT_STRING)
        content = self.content
        unused = content[0] if content else 8
        if unused > 7 or (unused and (len(content) == 1 or content[-1] & (1 << unused) - 1)):
            raise fault("jose-der", f"expected a BIT STRING, found {shown(content[:16].hex())}")
        return content[1:], unused

    def ascii(self, tag: int = IA5_STRING) -> str:
        """The text of an IA5String without control characters."""
        self.expect(tag)
        if not self.content.isascii() or not (text := self.content.decode("ascii")).isprintable():
            raise fault("jose-der", f"expected printable ASCII, found {shown(self.content[:32].hex())}")
        return text

    def text(self) -> str:
        """The text of a UTF8String."""
        self.expect(UTF8_STRING)
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError:
            raise fault("jose-der", f"expected UTF-8, found {shown(self.content[:32].hex())}") from None

    def time_s(self) -> float:
        """
        A Time in seconds since the epoch: UTCTime until 2049, GeneralizedTime after it, both in Z with seconds.

        Source: RFC 5280 §4.1.2.5
        """
        digits = self.content[:-1]
        year = 4 if self.tag == GENERALIZED_TIME else 2
        if self.tag not in (UTC_TIME, GENERALIZED_TIME):
            raise fault("jose-der", f"expected a Time, found {_named(self.tag)}")
        if self.content[-1:] != b"Z" or len(digits) != year + 10 or not digits.isdigit():
            raise fault("jose-der", f"expected a Time in Z with seconds, found {shown(self.content[:32])}")
        numbers = [int(digits[at : at + 2]) for at in range(year, year + 10, 2)]
        full = int(digits[:year])
        if year == 2:
            full += 1900 if full >= 50 else 2000
        try:
            return datetime(full, *numbers, tzinfo=UTC).timestamp()  # type: ignore[misc,arg-type]
        except ValueError:
            raise fault("jose-der", f"expected a date of the calendar, found {shown(self.content)}") from None


# Those that every certificate has; reading an OID costs more than this look-up.
_OIDS: dict[bytes, str] = {
    bytes.fromhex(octets): dotted
    for octets, dotted in (
        ("550403", "2.5.4.3"), ("550406", "2.5.4.6"), ("55040a", "2.5.4.10"), ("550405", "2.5.4.5"),
        ("551d0e", "2.5.29.14"), ("551d0f", "2.5.29.15"), ("551d13", "2.5.29.19"), ("551d1f", "2.5.29.31"),
        ("551d20", "2.5.29.32"), ("551d23", "2.5.29.35"), ("2b0601050507011a", "1.3.6.1.5.5.7.1.26"),
        ("2a8648ce3d040302", "1.2.840.10045.4.3.2"), ("2a8648ce3d0201", "1.2.840.10045.2.1"),
        ("2a8648ce3d030107", "1.2.840.10045.3.1.7"),
    )
}  # fmt: skip


def read_element(octets: bytes, at: int = 0) -> Element:
    """
    The element that begins at an offset; what follows it is left alone.

    Raises:
        RemoteError: cut short, an indefinite or overlong length, a tag of more than one octet.

    Source: X.690 §8.1, §10.1
    """
    try:
        tag = octets[at]
        length = octets[at + 1]
    except IndexError:
        raise fault("jose-der", f"expected an element, found the end at {at}", at=at) from None
    start = at + 2
    if tag & 0x1F == 0x1F:
        raise fault("jose-der", f"expected a tag below 31, found a longer one at {at}", at=at)
    if length > 0x7F:
        count = length & 0x7F
        size = octets[start : start + count]
        # Four octets of length are 4 GiB; no length of less than 128 is in this form, and none begins with 0.
        if not 1 <= count <= 4 or len(size) != count or size[0] == 0 or (count == 1 and size[0] < 0x80):
            raise fault("jose-der", f"expected a definite, minimal length, found {shown(size.hex())} at {at}", at=at)
        length = int.from_bytes(size, "big")
        start += count
    end = start + length
    if end > len(octets):
        raise fault("jose-der", f"expected {length} octets at {start}, found {len(octets) - start}", at=at)
    return Element(tag, octets[start:end], octets[at:end])


def only(octets: bytes) -> Element:
    """The element that fills the octets exactly; RemoteError otherwise."""
    element = read_element(octets)
    if len(element.whole) != len(octets):
        at = len(element.whole)
        raise fault("jose-der", f"expected the end at {at}, found {len(octets) - at} octets more", at=at)
    return element


def encode(tag: int, *contents: bytes) -> bytes:
    """An element with the contents, one after the other."""
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def moment(at_s: float) -> str:
    """A time for people, in UTC, to the second; a time outside the calendar as the number it is."""
    try:
        return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return str(at_s)


def _named(tag: int) -> str:
    return _NAMES.get(tag, f"tag {tag:#04x}")


def place(error: RemoteError, code: str, where: str, source: str = "") -> RemoteError:
    """The error of an inner reader, with the slug and the place of the value it was met in."""
    inner = error.problem
    return fault(code, inner.detail, where, inner.source or source, inner.at)
