"""TNAuthList: providers, ranges and numbers, read strictly and used as a rule."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.errors import LocalError, RemoteError
from ringthrough.jose import NumberRange, TNAuthList, read_tn_auth_list
from ringthrough.jose.der import encode

from .making import code_of, entry, ia5, seq


def _range(start: bytes, count: bytes, *more: bytes) -> bytes:
    return entry(1, seq(ia5(start), encode(2, count), *more))


def test_published_example() -> None:
    """The test certificate of Asterisk's test suite: SPC "1"."""
    assert read_tn_auth_list(bytes.fromhex("3005a003160131")) == TNAuthList(spcs=("1",))


def test_everything_at_once() -> None:
    der = seq(
        entry(0, ia5(b"709J")),
        _range(b"12155550100", b"\x64"),
        entry(2, ia5(b"911")),
        entry(0, ia5(b"0172")),
        entry(2, ia5(b"*69#")),
    )
    found = read_tn_auth_list(der)
    assert found == TNAuthList(("709J", "0172"), (NumberRange("12155550100", 100),), ("911", "*69#"))
    assert found.text() == "SPC 709J, SPC 0172, 12155550100 to 12155550199, 911, *69#"
    assert read_tn_auth_list(found.der()) == found


def test_a_later_version_may_add_to_a_range() -> None:
    """RFC 8226 §9 marks the range extensible."""
    found = read_tn_auth_list(seq(_range(b"100", b"\x02", encode(5))))
    assert found.ranges == (NumberRange("100", 2),)


LIST = TNAuthList(
    ("709J",),
    (
        NumberRange("12155550100", 100),
        NumberRange("12155550200", 50),
        NumberRange("0090", 11),
        NumberRange("12155550120", 5),
    ),
    ("12155559999", "*69"),
)


@pytest.mark.parametrize(
    ("number", "covered"),
    [
        ("12155550100", True),
        ("+12155550100", True),
        ("12155550199", True),
        ("12155550249", True),
        ("12155550250", False),
        ("12155550099", False),
        ("12155559999", True),
        ("*69", True),
        ("#69", False),
        ("0090", True),
        ("0100", True),
        ("0101", False),
        ("90", False),
        ("00090", False),
        ("", False),
        ("+", False),
        ("++12155550100", False),
        ("1215555010", False),
        ("709J", False),
        ("١٢", False),
        ("9" * 5000, False),
        ("12155550100\n", False),
    ],
)
def test_covers(number: str, covered: bool) -> None:
    assert LIST.covers(number) is covered


def test_a_provider_code_says_nothing_about_numbers() -> None:
    codes = TNAuthList(spcs=("709J",))
    assert not codes.names_numbers
    assert not codes.covers("12155550100")
    assert LIST.names_numbers


@pytest.mark.parametrize(
    ("parent", "child", "answer"),
    [
        (LIST, TNAuthList(spcs=("709J",)), True),
        (LIST, TNAuthList(spcs=("0172",)), False),
        (LIST, TNAuthList(ranges=(NumberRange("12155550150", 80),)), True),
        (LIST, TNAuthList(ranges=(NumberRange("12155550150", 101),)), None),
        (TNAuthList(numbers=("1", "2")), TNAuthList(numbers=("2",)), True),
        (TNAuthList(numbers=("1", "2")), TNAuthList(numbers=("3",)), False),
        (TNAuthList(spcs=("709J",)), TNAuthList(numbers=("12155550100",)), None),
        (TNAuthList(numbers=("1",)), TNAuthList(spcs=("709J",)), False),
    ],
)
def test_delegation(parent: TNAuthList, child: TNAuthList, answer: bool | None) -> None:
    """RFC 9060 §4.1."""
    assert parent.encompasses(child) is answer


@pytest.mark.parametrize(
    ("der", "slug"),
    [
        pytest.param(b"", "jose-tn-auth-list-entry", id="nothing"),
        pytest.param(b"\x16\x31ca.shaken", "jose-tn-auth-list-entry", id="a URL, as libstirshaken's"),
        pytest.param(ia5(b"n/a"), "jose-tn-auth-list-entry", id="a bare string"),
        pytest.param(seq(entry(0, ia5(b"1"))) + b"\0", "jose-tn-auth-list-entry", id="something after it"),
        pytest.param(seq(encode(0x80, b"709J")), "jose-tn-auth-list-entry", id="implicit tag"),
        pytest.param(seq(encode(0xA0, encode(12, b"709J"))), "jose-tn-auth-list-entry", id="UTF8String"),
        pytest.param(seq(entry(3, ia5(b"1"))), "jose-tn-auth-list-entry", id="unknown choice"),
        pytest.param(seq(entry(0, ia5(b"1") + ia5(b"2"))), "jose-tn-auth-list-entry", id="two in one"),
        pytest.param(seq(entry(0, b"")), "jose-tn-auth-list-entry", id="empty entry"),
        pytest.param(seq(entry(1, seq(ia5(b"1")))), "jose-tn-auth-list-entry", id="range without count"),
        pytest.param(seq(entry(0, ia5(b""))), "jose-tn-auth-list-entry", id="empty code"),
        pytest.param(seq(entry(0, ia5(b"7" * 65))), "jose-tn-auth-list-entry", id="long code"),
        pytest.param(seq(entry(0, ia5(b"7\n"))), "jose-tn-auth-list-entry", id="line break in a code"),
        pytest.param(seq(), "jose-tn-auth-list-empty", id="no entry"),
        pytest.param(seq(entry(2, ia5(b""))), "jose-tn-auth-list-number", id="empty number"),
        pytest.param(seq(entry(2, ia5(b"+1215"))), "jose-tn-auth-list-number", id="plus"),
        pytest.param(seq(entry(2, ia5(b"1" * 16))), "jose-tn-auth-list-number", id="16 digits"),
        pytest.param(seq(_range(b"*69", b"\x02")), "jose-tn-auth-list-number", id="range from a star"),
        pytest.param(seq(_range(b"100", b"\x01")), "jose-tn-auth-list-count", id="count of one"),
        pytest.param(seq(_range(b"100", b"\xff")), "jose-tn-auth-list-count", id="negative count"),
        pytest.param(seq(_range(b"99", b"\x02")), "jose-tn-auth-list-count", id="runs over its length"),
        pytest.param(seq(_range(b"1", b"\x01" * 200)), "jose-tn-auth-list-count", id="count of 1,600 bits"),
        pytest.param(seq(_range(b"1", b"\x01" * 2000)), "jose-tn-auth-list-entry", id="count of 16,000 bits"),
        pytest.param(seq(entry(2, ia5(b"1")) * 10_001), "jose-tn-auth-list-large", id="10,001 entries"),
        pytest.param(bytes(300_000), "jose-tn-auth-list-large", id="300,000 octets"),
    ],
)
def test_refused(der: bytes, slug: str) -> None:
    with pytest.raises(RemoteError) as caught:
        read_tn_auth_list(der)
    assert code_of(caught.value) == slug


@pytest.mark.parametrize(
    "made",
    [
        TNAuthList(),
        TNAuthList(spcs=("ü",)),
        TNAuthList(numbers=("+1",)),
        TNAuthList(ranges=(NumberRange("1", 1),)),
        TNAuthList(ranges=(NumberRange("x", 5),)),
    ],
)
def test_not_written(made: TNAuthList) -> None:
    with pytest.raises(LocalError):
        made.der()


_NUMBERS = st.text("0123456789#*", min_size=1, max_size=15)


@st.composite
def _ranges(draw: st.DrawFn) -> NumberRange:
    length = draw(st.integers(2, 15))
    start = draw(st.integers(0, 10**length - 2))
    return NumberRange(str(start).zfill(length), draw(st.integers(2, 10**length - start)))


@st.composite
def _lists(draw: st.DrawFn) -> TNAuthList:
    spcs = draw(st.lists(st.text("0123456789ABCJ", min_size=1, max_size=6), min_size=1, max_size=3))
    return TNAuthList(
        tuple(spcs), tuple(draw(st.lists(_ranges(), max_size=4))), tuple(draw(st.lists(_NUMBERS, max_size=4)))
    )


@settings(deadline=None)
@given(_lists(), _NUMBERS)
def test_round_trip_and_rule(made: TNAuthList, number: str) -> None:
    """`covers` agrees with the plain meaning of a list, whatever its ranges overlap or touch."""
    assert read_tn_auth_list(made.der()) == made
    meant = number in made.numbers or any(
        number.isdigit()
        and len(number) == len(each.start)
        and int(each.start) <= int(number) < int(each.start) + each.count
        for each in made.ranges
    )
    assert made.covers(number) is meant
    for each in made.ranges:
        assert made.covers(each.start)
        assert made.covers(each.last)
    assert made.encompasses(made) is True
