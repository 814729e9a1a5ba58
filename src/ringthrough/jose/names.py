"""
Distinguished names: who a certificate is for, and who signed it.

Names are compared as RFC 5280 §7.1 says: without regard to case, runs of spaces, and the kind of string they are
written in. Production CAs write one name as PrintableString in one certificate and as UTF8String in the next.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from .der import OID, SEQUENCE, SET, Element
from .problems import fault, shown

__all__ = ["Name", "read_name"]

_MOST = 32  # attributes of a name; the longest of production has seven
# RFC 4514 §3; serialNumber (RFC 4519 §2.31) and emailAddress (RFC 2985 §5.2.1), which US carriers often have
_KEYS = {
    "2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C",
    "2.5.4.9": "STREET", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
    "2.5.4.5": "serialNumber", "1.2.840.113549.1.9.1": "emailAddress",
}  # fmt: skip
# UTF8String, NumericString, PrintableString, TeletexString (read as Latin-1, as everyone does), IA5String,
# UniversalString, BMPString
_CODECS = {12: "utf-8", 18: "ascii", 19: "ascii", 20: "latin-1", 22: "ascii", 28: "utf-32-be", 30: "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name, as a value that compares as RFC 5280 §7.1 says."""

    folded: tuple[tuple[tuple[str, str], ...], ...]
    "Relative names of (OID, text without regard to case and spaces), sorted inside; what comparison looks at."
    text: str = ""
    "RFC 4514: last relative name first, `CN=SHAKEN 709J,O=Example,C=US`."
    common_name: str = ""
    "The last common name; empty where there is none."
    organization: str = ""
    "The last organisation; empty where there is none."

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Name) and self.folded == other.folded

    def __hash__(self) -> int:
        return hash(self.folded)


def read_name(element: Element) -> Name:
    """
    The distinguished name in an element.

    Raises:
        RemoteError: it is none, or one of its texts cannot be decoded.

    Source: RFC 5280 §4.1.2.4; RFC 4514 §2
    """
    element.expect(SEQUENCE)
    folded = []
    said = []
    last: dict[str, str] = {}
    count = 0
    for relative in element.walk():
        relative.expect(SET)
        pairs = []
        for attribute in relative.walk():
            count += 1
            if count > _MOST:
                raise fault("jose-der", f"expected at most {_MOST} attributes of a name, found more", "name")
            parts = attribute.expect(SEQUENCE).children(2)
            if len(parts) != 2:
                raise fault("jose-der", f"expected a type and a value, found {len(parts)} elements", "name")
            pairs.append((parts[0].expect(OID).oid(), *_value(parts[1])))
        if not pairs:
            raise fault("jose-der", "expected an attribute in a relative name, found none", "name")
        folded.append(tuple(sorted((oid, _fold(text)) for oid, text, _ in pairs)))
        said.append("+".join(f"{_KEYS.get(oid, oid)}={shape}" for oid, _, shape in pairs))
        last.update((oid, text) for oid, text, _ in pairs)
    text = ",".join(reversed(said))
    return Name(tuple(folded), text, last.get("2.5.4.3", ""), last.get("2.5.4.10", ""))


def _value(element: Element) -> tuple[str, str]:
    """Text of a value, and how RFC 4514 §2.4 writes it."""
    codec = _CODECS.get(element.tag)
    if codec is None:
        shape = "#" + element.whole.hex()
        return shape, shape
    try:
        text = element.content.decode(codec)
    except UnicodeDecodeError:
        raise fault("jose-der", f"expected text, found {shown(element.content[:32].hex())}", "name") from None
    return text, _escape(text)


def _escape(text: str) -> str:
    made = []
    for at, char in enumerate(text):
        edge = (char == " " and at in (0, len(text) - 1)) or (char == "#" and at == 0)
        if edge or char in '"+,;<>\\':
            made.append("\\" + char)
        elif not char.isprintable():
            made.append("".join(f"\\{octet:02X}" for octet in char.encode("utf-8", "surrogatepass")))
        else:
            made.append(char)
    return "".join(made)


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
