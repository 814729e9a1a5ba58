"""
The guard: which URL out of a stranger's message may be asked for, and at which address.

Theory of operation
- Whoever calls us chooses the URL that we fetch (`info` of Identity, `x5u`, the card of a 608). Without a guard he
  could make us ask the cloud's metadata service, a router's web page, or anything else that only we can reach (SSRF).
- The guard reads the URL strictly: what two programs could read differently is refused, and not mended.
- It resolves the name once and hands out the addresses that passed. The fetcher connects to exactly these and never
  asks the resolver again, so a name that changes between check and use (DNS rebinding) gains nothing.
- Everything that loosens it (ports, hosts, address ranges) is an argument of the operator. No message has a way in.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ringthrough.errors import BackendError, LocalError, Problem, RemoteError

from .addresses import Network, literal, special

__all__ = ["Guard", "Resolver", "Route", "Target", "system_resolver"]

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"Host name and port -> addresses as text, best first; raises OSError when there are none."

MAX_URL = 2048
"Octets of a URL; the longest of 7,132 that were seen in Identity headers has 106, and libcurl stops at 8 million."
_ATIS = "ATIS-1000074 §5.3.1 [S]"
_PRINTABLE = re.compile(r"[!#-;=?-\[\]_a-z~]+")
"RFC 3986 §2 without what no URI may hold: controls, blanks, quotes, angles, backslash, caret, backtick, braces, bar."
_PARTS = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?P<rest>.*)")
_AUTHORITY = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:]*))(?P<port>:[0-9]{0,6})?")
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
# "Ends in a number" of the URL standard: resolvers take 0x7f.1, 0177.0.0.1 and 2130706433 for addresses (inet_aton).
_NUMBER = re.compile(r"(?:[0-9]+|0[xX][0-9A-Fa-f]*)")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be asked for, taken apart."""

    url: str
    "As it was given."
    host: str
    "DNS name in lower case, or an address; as the server's certificate has to name it."
    port: int
    "TCP port."
    path: str
    "Request target: path and query."

    @property
    def authority(self) -> str:
        """Value of the Host header (RFC 9110 §7.2)."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == 443 else f"{name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Route:
    """Where to connect for a target."""

    target: Target
    "What is asked for."
    addresses: tuple[str, ...]
    "Addresses that passed, best first; never empty."
    refused: tuple[tuple[str, str], ...] = ()
    "Addresses of the same name that did not pass, and why."


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Addresses of a host as the system knows them, in the order of RFC 6724."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


@dataclass(frozen=True)
class Guard:
    """What may be fetched. All fields are the operator's; a message can change none of them."""

    resolver: Resolver = system_resolver
    "Asked once per fetch."
    ports: frozenset[int] = frozenset((443, 8443))
    "ATIS-1000074: STIR certificates stand on these ports only."
    hosts: tuple[str, ...] = ()
    "Trusted repositories: `cr.example.com`, or `*.example.com` for all names below it. Empty: every host."
    allowed: tuple[Network, ...] = ()
    "Special address ranges that may be asked nevertheless."
    query: bool = False
    "Whether a URL may have a query: no for certificates, yes for contact cards."

    def __post_init__(self) -> None:
        for pattern in self.hosts:
            name = pattern.removeprefix("*.")
            if "." not in name or not all(map(_LABEL.fullmatch, name.split("."))):
                found = f"expected a host name or *. and a host name, found {pattern!r}"
                raise LocalError(Problem("drivers-host-untrusted", found, "trusted hosts"))

    def check(self, url: str) -> Target:
        """
        Read a URL and hold it against the rules; asks nobody.

        Raises:
            RemoteError: it is not to be fetched, with a problem `drivers-url-...` or `drivers-host-untrusted`.
        """
        if len(url) > MAX_URL:
            raise _refused("long", f"expected at most {MAX_URL} octets, found {len(url)}")
        known = _PRINTABLE.match(url)
        if known is None or known.end() < len(url):  # what stands before and behind it may be a secret
            found = repr(url[known.end() if known else 0]) if url else "nothing"
            raise _refused("syntax", f"expected the characters of a URI, found {found}", "RFC 3986 §2")
        parts = _PARTS.fullmatch(url)
        if parts is None:
            scheme = url.partition(":")[0].lower()
            slug = "syntax" if scheme in ("https", url.lower()) else "scheme"
            found = f"{scheme[:20]!r} and no ://" if slug == "scheme" else "no such form"
            raise _refused(slug, f"expected https://host/path, found {found}", "RFC 9110 §4.2.2")
        if parts["scheme"].lower() != "https":
            raise _refused("scheme", f"expected https, found {parts['scheme']!r}", _ATIS)
        host, port = self._authority(parts["authority"])
        path, rest = parts["path"], parts["rest"]
        if "#" in rest:
            raise _refused("fragment", "expected no fragment, found one", _ATIS)
        if rest and not self.query:  # not repeated in the message: it may be a secret
            raise _refused("query", "expected no query, found one", _ATIS)
        if self.hosts and not any(_matches(host, pattern.lower()) for pattern in self.hosts):
            said = f"expected a trusted repository, found {host!r}"
            raise RemoteError(Problem("drivers-host-untrusted", said, "URL"))
        return Target(url, host, port, (path or "/") + rest)

    def _authority(self, authority: str) -> tuple[str, int]:
        if "@" in authority:  # not repeated in the message: it may be a password
            raise _refused("userinfo", "expected no user name before the host", "RFC 9110 §4.2.4")
        parts = _AUTHORITY.fullmatch(authority)
        if parts is None:
            raise _refused("syntax", f"expected host or host:port, found {authority[:100]!r}", "RFC 3986 §3.2")
        host = _host(parts["six"], parts["name"])
        if parts["port"] is None:
            return host, 443
        digits = parts["port"][1:]
        wanted = " or ".join(map(str, sorted(self.ports)))
        if not digits or digits.startswith("0") or int(digits) not in self.ports:
            raise _refused("port", f"expected port {wanted}, found {digits!r}", _ATIS)
        return host, int(digits)

    async def route(self, target: Target) -> Route:
        """
        Resolve the host and keep the addresses that may be asked.

        Raises:
            BackendError: the name has no address.
            RemoteError: it has none but special ones.
        """
        if literal(target.host) is not None:
            found: Sequence[str] = (target.host,)
        else:
            try:
                found = await self.resolver(target.host, target.port)
            except (OSError, UnicodeError) as fault:
                raise _unknown(target.host, str(fault)) from fault
        good, bad = [], []
        for address in dict.fromkeys(found):
            why = special(address, self.allowed)
            if why:
                bad.append((address, why))
            else:
                good.append(address)
        if good:
            return Route(target, tuple(good), tuple(bad))
        if not bad:
            raise _unknown(target.host, "an empty answer")
        said = ", ".join(f"{address} ({why})" for address, why in bad[:4])
        detail = f"expected a public address of {target.host!r}, found {said}"
        raise RemoteError(Problem("drivers-address-special", detail, "URL", "RFC 6890"))


def _host(six: str | None, name: str) -> str:
    if six is not None:
        if literal(six) is None:
            raise _refused("host", f"expected an IPv6 address in the brackets, found {six!r}", "RFC 3986 §3.2.2")
        return str(literal(six))
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        if literal(name) is None:
            raise _refused("host", f"expected four decimal numbers, found {name!r}", "RFC 3986 §3.2.2")
        return name
    if len(labels) < 2 or len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise _refused("host", f"expected a DNS name with a dot inside, found {name!r}", "RFC 1123 §2.1")
    return name.lower()


def _matches(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _refused(slug: str, detail: str, source: str = "") -> RemoteError:
    shown = detail if len(detail) <= 200 else detail[:197] + "..."
    return RemoteError(Problem(f"drivers-url-{slug}", shown, "URL", source))


def _unknown(host: str, found: str) -> BackendError:
    return BackendError(Problem("drivers-no-address", f"expected an address of {host!r}, found: {found}", "URL"))
