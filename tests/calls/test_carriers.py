"""Address ranges, carriers and number prefixes."""

from __future__ import annotations

import ipaddress
import pickle

import pytest

from ringthrough.calls import Carrier, Carriers, Networks, endpoint, host
from ringthrough.errors import LocalError
from tests.calls.scene import A, B, C, Stage


def packed(text: str) -> bytes:
    return ipaddress.ip_address(text).packed


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.0.2.1", True),
        ("192.0.2.255", True),
        ("192.0.3.1", False),
        ("::ffff:192.0.2.7", True),
        ("2001:db8::9", True),
        ("2001:db9::9", False),
        ("203.0.113.5", True),
    ],
)
def test_networks_hold_addresses_of_both_families(address: str, inside: bool) -> None:
    networks = Networks(["192.0.2.0/24", "2001:db8::/32", "203.0.113.5"])

    assert (packed(address) in networks) is inside
    assert (packed(address) in pickle.loads(pickle.dumps(networks))) is inside


def test_no_address_is_in_no_network() -> None:
    assert b"" not in Networks(["0.0.0.0/0"])
    assert 7 not in Networks(["0.0.0.0/0"])
    assert not Networks([])


def test_a_range_that_is_none_says_what_was_expected() -> None:
    with pytest.raises(
        LocalError, match=r"expected an address range such as 198\.51\.100\.0/24, found 'here'"
    ) as fault:
        Networks(["here"])

    assert fault.value.problem.code == "calls-bad-network"


CARRIERS = Carriers(
    (
        Carrier("Wide", networks=("198.51.0.0/16",), prefixes=("+1",)),
        Carrier("Narrow", networks=("198.51.100.0/24",), prefixes=("+1215",)),
    )
)


def test_the_most_specific_range_and_the_longest_prefix_win() -> None:
    assert CARRIERS.by_address(packed(B)) == "Narrow"
    assert CARRIERS.by_address(packed("198.51.7.1")) == "Wide"
    assert CARRIERS.by_address(packed(C)) == ""
    assert CARRIERS.by_number("+12155550113") == "Narrow"
    assert CARRIERS.by_number("+13125550113") == "Wide"
    assert CARRIERS.by_number("+442079460000") == ""
    assert pickle.loads(pickle.dumps(CARRIERS)) == CARRIERS


@pytest.mark.parametrize(
    ("to", "callee", "carrier"),
    [(B, "+442079460000", "Narrow"), (C, "+12155550113", "Narrow"), (C, "+442079460000", "203.0.113.30")],
    ids=["by address", "by number", "neither: the peer's address"],
)
def test_a_row_names_the_carrier(to: str, callee: str, carrier: str) -> None:
    row = Stage().call(0, A, to, "INVITE 486", callee=callee).row(carriers=CARRIERS)

    assert row.carrier == carrier


@pytest.mark.parametrize(
    ("octets", "port", "text"),
    [
        (packed("192.0.2.1"), 5060, "192.0.2.1:5060"),
        (packed("2001:db8::1"), 5060, "[2001:db8::1]:5060"),
        (packed("::ffff:192.0.2.1"), 5060, "192.0.2.1:5060"),
        (packed("2001:db8::1"), 0, "2001:db8::1"),
        (b"", 5060, ""),
    ],
)
def test_addresses_as_text(octets: bytes, port: int, text: str) -> None:
    assert endpoint(octets, port) == text
    assert host(octets) == text.removesuffix(":5060").strip("[]")
