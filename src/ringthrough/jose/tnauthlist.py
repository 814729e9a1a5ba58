"""
TNAuthList: the providers and numbers a certificate may speak for.

    TNAuthorizationList ::= SEQUENCE SIZE (1..MAX) OF TNEntry
    TNEntry ::= CHOICE { spc [0] ServiceProviderCode, range [1] TelephoneNumberRange, one [2] TelephoneNumber }
    TelephoneNumberRange ::= SEQUENCE { start TelephoneNumber, count INTEGER (2..MAX), ... }
    TelephoneNumber ::= IA5String (SIZE (1..15)) (FROM ("0123456789#*"))

Tags are explicit (RFC 8226 §9). A provider code says nothing about numbers: which numbers a provider has is known to
others, so `covers` is about ranges and single numbers alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from ringthrough.errors import LocalError, Problem, RemoteError

from .der import IA5_STRING, INTEGER, SEQUENCE, Element, encode, only, place
from .problems import fault, problem, shown

__all__ = ["NumberRange", "TNAuthList", "read_tn_auth_list"]

MAX_ENTRIES = 10_000
"Entries of one list. Production certificates hold one; a delegate for a large company some thousands of ranges."
_LARGEST = 262_144  # octets; x5u answers of more than that are refused by the fetcher anyway
_NUMBER = re.compile(r"[0-9#*]{1,15}")
_DIGITS = re.compile(r"[0-9]{1,15}")
_SOURCE = "RFC 8226 §9"


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers of one length, one after the other."""

    start: str
    "The first, in digits without '+'."
    count: int
    "How many, 2 or more."

    @property
    def last(self) -> str:
        """The last number, with the zeros in front that the first one has."""
        return str(int(self.start) + self.count - 1).zfill(len(self.start))


@dataclass(frozen=True, slots=True)
class TNAuthList:
    """The content of a TNAuthList; entries of one kind keep their order."""

    spcs: tuple[str, ...] = ()
    "Service provider codes; in the USA the OCN of the carrier, `709J`."
    ranges: tuple[NumberRange, ...] = ()
    "Ranges of numbers."
    numbers: tuple[str, ...] = ()
    "Single numbers: digits, '#' and '*', without '+'."
    _spans: dict[int, tuple[list[int], list[int]]] = field(init=False, repr=False, compare=False)
    _singles: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_spans", _merge(self.ranges))
        object.__setattr__(self, "_singles", frozenset(self.numbers))

    @property
    def names_numbers(self) -> bool:
        """Does it name any number? A list of provider codes does not, and `covers` then tells nothing."""
        return bool(self.ranges or self.numbers)

    def covers(self, number: str) -> bool:
        """
        Is the number one of the ranges or single numbers?

        Args:
            number: digits, '#' and '*' as in a PASSporT (RFC 8224 §8.3); a leading '+' is passed over.
        """
        plain = number.removeprefix("+")
        if plain in self._singles:
            return True
        if _DIGITS.fullmatch(plain) is None:
            return False
        value = int(plain)
        return self._holds(len(plain), value, value)

    def encompasses(self, other: TNAuthList) -> bool | None:
        """
        May a certificate with this list delegate to one with the other?

        Returns:
            False when the other names a code that is not here, or a number that is not here though this list names
            numbers; None when the other names numbers and this list codes alone, which only a registry can compare.

        Source: RFC 9060 §4.1
        """
        if not set(other.spcs) <= set(self.spcs):
            return False
        if not other.names_numbers:
            return True
        inside = all(self._holds(len(each.start), int(each.start), int(each.last)) for each in other.ranges) and all(
            map(self.covers, other.numbers)
        )
        if inside:
            return True
        return None if self.spcs else False

    def text(self) -> str:
        """The list in one line: `SPC 709J, 12155550100 to 12155550199, 12155550300`."""
        said = [f"SPC {code}" for code in self.spcs]
        said += [f"{each.start} to {each.last}" for each in self.ranges]
        return ", ".join([*said, *self.numbers])

    def der(self) -> bytes:
        """
        The value of the extension: codes first, then ranges, then numbers.

        Raises:
            LocalError: an entry that RFC 8226 does not allow, or none.
        """
        made = [encode(0xA0, encode(IA5_STRING, code.encode("ascii", "replace"))) for code in self.spcs]
        for each in self.ranges:
            octets = each.count.to_bytes(each.count.bit_length() // 8 + 1, "big", signed=True)
            parts = encode(IA5_STRING, each.start.encode("ascii", "replace")), encode(INTEGER, octets)
            made.append(encode(0xA1, encode(SEQUENCE, *parts)))
        made += [encode(0xA2, encode(IA5_STRING, each.encode("ascii", "replace"))) for each in self.numbers]
        value = encode(SEQUENCE, *made)
        found = _defect(self)
        if found is not None:
            raise LocalError(found)
        return value

    def _holds(self, length: int, first: int, last: int) -> bool:
        """Are all numbers from first to last, of that many digits, here?"""
        starts, ends = self._spans.get(length, ((), ()))
        at = bisect_right(starts, first) - 1
        return at >= 0 and last <= ends[at]


def read_tn_auth_list(der: bytes) -> TNAuthList:
    """
    The list in the value of a TNAuthList extension.

    Raises:
        RemoteError: not DER, empty, too large, or an entry that RFC 8226 does not describe.

    Source: RFC 8226 §9
    """
    if len(der) > _LARGEST:
        detail = f"expected at most {_LARGEST} octets, found {len(der)}"
        raise fault("jose-tn-auth-list-large", detail, "TNAuthList", _SOURCE)
    spcs: list[str] = []
    ranges: list[NumberRange] = []
    numbers: list[str] = []
    try:
        for count, entry in enumerate(only(der).expect(SEQUENCE).walk()):
            if count == MAX_ENTRIES:
                detail = f"expected at most {MAX_ENTRIES} entries, found more"
                raise fault("jose-tn-auth-list-large", detail, "TNAuthList", _SOURCE)
            _read_entry(entry, spcs, ranges, numbers)
    except RemoteError as error:
        if error.problem.code != "jose-der":
            raise
        raise place(error, "jose-tn-auth-list-entry", "TNAuthList", _SOURCE) from None
    made = TNAuthList(tuple(spcs), tuple(ranges), tuple(numbers))
    found = _defect(made)
    if found is not None:
        raise RemoteError(found)
    return made


def _read_entry(entry: Element, spcs: list[str], ranges: list[NumberRange], numbers: list[str]) -> None:
    if entry.tag == 0xA0:
        spcs.append(entry.inner().ascii())
    elif entry.tag == 0xA1:
        parts = entry.inner().expect(SEQUENCE).children()
        # "..." in the definition lets later versions add elements; the first two keep their meaning.
        if len(parts) < 2:
            raise fault("jose-der", f"expected start and count, found {len(parts)} elements")
        ranges.append(NumberRange(parts[0].ascii(), parts[1].integer()))
    elif entry.tag == 0xA2:
        numbers.append(entry.inner().ascii())
    else:
        raise fault("jose-der", f"expected an entry tagged 0, 1 or 2, found tag {entry.tag:#04x}")


def _defect(made: TNAuthList) -> Problem | None:
    if not (made.spcs or made.ranges or made.numbers):
        detail = "expected at least one entry, found none"
        return problem("jose-tn-auth-list-empty", detail, "TNAuthList", _SOURCE)
    for code in made.spcs:
        if not 1 <= len(code) <= 64 or not code.isascii() or not code.isprintable():
            detail = f"expected a provider code of 1 to 64 characters, found {shown(code)}"
            return problem("jose-tn-auth-list-entry", detail, "TNAuthList", _SOURCE)
    for number in made.numbers:
        if _NUMBER.fullmatch(number) is None:
            detail = f"expected 1 to 15 of 0-9, '#' and '*', found {shown(number)}"
            return problem("jose-tn-auth-list-number", detail, "TNAuthList", _SOURCE)
    for each in made.ranges:
        if _DIGITS.fullmatch(each.start) is None:
            detail = f"expected a range to start with 1 to 15 digits, found {shown(each.start)}"
            return problem("jose-tn-auth-list-number", detail, "TNAuthList", _SOURCE)
        if each.count < 2 or int(each.start) + each.count > 10 ** len(each.start):
            detail = f"expected 2 or more numbers of {len(each.start)} digits, found {each.count} from {each.start}"
            return problem("jose-tn-auth-list-count", detail, "TNAuthList", _SOURCE)
    return None


def _merge(ranges: Sequence[NumberRange]) -> dict[int, tuple[list[int], list[int]]]:
    """Starts and ends of the ranges by number of digits, sorted, and joined where they touch."""
    by_length: dict[int, list[tuple[int, int]]] = {}
    for each in ranges:
        if _DIGITS.fullmatch(each.start) is not None and each.count > 0:
            first = int(each.start)
            by_length.setdefault(len(each.start), []).append((first, first + each.count - 1))
    made: dict[int, tuple[list[int], list[int]]] = {}
    for length, spans in by_length.items():
        starts: list[int] = []
        ends: list[int] = []
        for first, last in sorted(spans):
            if ends and first <= ends[-1] + 1:
                ends[-1] = max(ends[-1], last)
            else:
                starts.append(first)
                ends.append(last)
        made[length] = starts, ends
    return made
