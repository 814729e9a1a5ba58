"""Special addresses: one of each range that IANA lists, its neighbours, and what hides inside IPv6."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from ringthrough.drivers.addresses import _SPECIAL_4, _SPECIAL_6, literal, read_networks, special


@pytest.mark.parametrize(("network", "why"), [*_SPECIAL_4, *_SPECIAL_6], ids=lambda value: str(value))
def test_the_first_and_last_address_of_every_special_range_are_refused(network: str, why: str) -> None:
    first, last = ip_network(network)[0], ip_network(network)[-1]
    assert special(str(first))
    assert special(str(last))
    assert why in {special(str(first)), special(str(last))}


PUBLIC = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0",
    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
    "2000::", "2001:200::", "2001:db7::", "2001:db9::", "2003::", "2606:4700:4700::1111", "2a00:1450:4001::64",
    "3ffe:ffff::",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_pass(address: str) -> None:
    assert special(address) == ""


@pytest.mark.parametrize("address", PUBLIC)
def test_python_agrees_about_public_addresses(address: str) -> None:
    assert ip_address(address).is_global


HIDDEN = {
    "mapped": "::ffff:8.8.8.8",
    "mapped in hex": "::ffff:7f00:1",
    "compatible": "::8.8.8.8",
    "NAT64 of the metadata service": "64:ff9b::a9fe:a9fe",
    "local NAT64": "64:ff9b:1::1",
    "6to4 of loopback": "2002:7f00:1::1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "translated": "::ffff:0:127.0.0.1",
    "not handed out": "4000::1",
    "zone": "fe80::1%eth0",
    "zone on a public one": "2606:4700:4700::1111%eth0",
    "not an address": "localhost",
    "octal": "0177.0.0.1",
    "hex": "0x7f000001",
    "one number": "2130706433",
    "two numbers": "127.1",
    "leading zero": "08.8.8.8",
    "empty": "",
}


@pytest.mark.parametrize("address", HIDDEN.values(), ids=HIDDEN)
def test_hidden_addresses_are_refused(address: str) -> None:
    assert special(address)


ALLOWED = {
    "a range": ("10.1.2.3", ("10.1.0.0/16",), ""),
    "beside it": ("10.2.0.1", ("10.1.0.0/16",), "private, RFC 1918"),
    "the other family": ("10.1.2.3", ("fc00::/7",), "private, RFC 1918"),
    "NAT64 of a public address": ("64:ff9b::808:808", ("64:ff9b::/96",), ""),
    "NAT64 of the metadata service": (
        "64:ff9b::a9fe:a9fe", ("64:ff9b::/96",), "169.254.169.254 inside it is link-local, RFC 3927",
    ),
    "both allowed": ("64:ff9b::a01:203", ("64:ff9b::/96", "10.0.0.0/8"), ""),
    "6to4 of loopback": ("2002:7f00:1::1", ("2002::/16",), "127.0.0.1 inside it is loopback, RFC 1122 §3.2.1.3"),
    "IPv6 loopback is no IPv4 address": ("::1", ("::1/128",), ""),
    "unspecified": ("::", ("::/128",), ""),
    "mapped loopback": ("::ffff:127.0.0.1", ("::/0",), "127.0.0.1 inside it is loopback, RFC 1122 §3.2.1.3"),
}  # fmt: skip


@pytest.mark.parametrize(("address", "allowed", "why"), ALLOWED.values(), ids=ALLOWED)
def test_an_operator_may_allow_a_range_but_not_what_hides_in_it(
    address: str, allowed: tuple[str, ...], why: str
) -> None:
    assert special(address, read_networks(allowed)) == why


def test_a_range_that_is_none_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        read_networks(["10.0.0.1/8"])


def test_literals() -> None:
    assert str(literal("192.0.2.1")) == "192.0.2.1"
    assert str(literal("2001:DB8::1")) == "2001:db8::1"
    assert literal("fe80::1%1") is None
    assert literal("example.com") is None
