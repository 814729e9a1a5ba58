"""
Where a card stands: behind one URL that all refusals share, or behind a URL of its own for each call (RFC 8688 §6).

Theory of operation
- `SharedCard`: the URL says nothing about a call. Each fetch signs anew, so that `iat` is the time of the fetch.
- `PerCallCards`: the URL is 16 random octets and 4 that hide the time of the refusal; the card names a reference by
  which the desk finds the call. RFC 8688 §6 (MUST): nobody can guess such a URL, and whoever guesses is answered like
  everybody else. Here the second follows from how it is built: time and reference are computed from the URL with a
  secret, for each URL there could be. No list of calls is looked at, so an answer for a call that never was has the
  same status, size and cost, and says the same thing each time it is asked for.
- The reference is an HMAC, so it tells nothing without the secret; the desk keeps it beside the call. What a guesser
  gets is a reference to nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ringthrough.errors import LocalError
from ringthrough.jose import PrivateKey

from ..contact import bad_url
from ..problems import defect
from .token import MEDIA_TYPE, make_card

__all__ = ["MIN_SECRET", "RANDOM_OCTETS", "REFERENCE", "CardAnswer", "PerCallCards", "SharedCard"]

RANDOM_OCTETS = 16
"Octets of chance in a URL: 128 bits, beyond guessing."
MIN_SECRET = 32
"Octets of a secret, at least: as many as SHA-256 gives."
REFERENCE = "__reference__"
"Where the reference of a call goes in the texts of a card."

_CLOCK = 4  # octets that carry the time
_PERIOD_S = 2 ** (8 * _CLOCK)


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """The answer to a GET for a card."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Placed(NamedTuple):
    """A card's place for one call."""

    url: str
    "What goes into Call-Info."
    reference: str
    "What the card says, and the desk keeps beside the call: 32 hexadecimal digits."


# Nobody on the way may keep it: a kept card is a stale card.
_HEADERS = (("Content-Type", MEDIA_TYPE), ("Cache-Control", "no-store"))


@dataclass(frozen=True, slots=True)
class SharedCard:
    """One URL for all refusals: the best for the caller's privacy, and what RFC 8688 §6 assumes."""

    jcard: Sequence[Any]
    key: PrivateKey = field(repr=False)
    x5u: str

    def answer(self, *, now_s: float) -> CardAnswer:
        """
        The card, signed now.

        Raises:
            LocalError: as `make_card`.
        """
        return CardAnswer(200, _HEADERS, make_card(list(self.jcard), key=self.key, x5u=self.x5u, at_s=now_s))


class PerCallCards:
    """
    A URL for each call, which nobody can guess. Keeps nothing: every answer follows from URL, secret and time.

    Args:
        base_url: https URL to which the token of a call is added, ending in "/".
        jcard: the card; `__reference__` in its texts becomes the reference of the call.
        key: signs the cards.
        x5u: https URL of the certificate.
        secret: at least 32 random octets that nobody else knows; with a new one, older URLs lead to other references.
        ttl_s: how long the time of the refusal is told; later it moves on by this much, again and again, and the card
            is then as old as the answer to any URL that was never given out.

    Raises:
        LocalError: the URL is not https or does not end in "/"; the secret is too short; ttl_s lies outside of 60 to
            86,400.

    Source: RFC 8688 §3.2.2 for the time, §6 for the rest
    """

    def __init__(
        self, base_url: str, jcard: Sequence[Any], *, key: PrivateKey, x5u: str, secret: bytes, ttl_s: int = 600
    ) -> None:
        if bad_url(base_url) is not None or base_url[-1] != "/" or "?" in base_url or "#" in base_url:
            raise LocalError(defect("signals-card-base-url", "an https URL that ends in /", base_url, "base_url"))
        if len(secret) < MIN_SECRET:
            said = f"{len(secret)} octets"
            raise LocalError(defect("signals-card-chance", f"a secret of at least {MIN_SECRET} octets", said, "secret"))
        if not 60 <= ttl_s <= 86_400:
            raise LocalError(defect("signals-card-ttl", "60 to 86400 seconds", str(ttl_s), "ttl_s"))
        self._base_url = base_url
        self._jcard = jcard
        self._key = key
        self._x5u = x5u
        self._secret = secret
        self._ttl_s = ttl_s

    def place(self, chance: bytes, *, at_s: float) -> Placed:
        """
        The URL for a call, and the reference behind it.

        Args:
            chance: 16 octets from a cryptographic source, new for each call.
            at_s: when the 608 is sent, seconds since 1970 UTC.

        Raises:
            LocalError: the octets are not 16, or all the same.
        """
        if len(chance) != RANDOM_OCTETS or len(set(chance)) == 1:
            said = f"{len(chance)} octets, {len(set(chance))} different"
            raise LocalError(defect("signals-card-chance", f"{RANDOM_OCTETS} random octets", said, "chance"))
        hidden = (int(at_s) + self._mask(chance)) % _PERIOD_S
        token = chance + hidden.to_bytes(_CLOCK, "big")
        written = base64.urlsafe_b64encode(token).rstrip(b"=").decode("ascii")
        return Placed(self._base_url + written, self._reference(token))

    def answer(self, path: str, *, now_s: float) -> CardAnswer:
        """
        The card behind a URL: status 200 for whatever is asked.

        Args:
            path: what stands in the URL after the base.
            now_s: now.

        Raises:
            LocalError: as `make_card`.
        """
        token = _token(path)
        chance, hidden = token[:RANDOM_OCTETS], int.from_bytes(token[RANDOM_OCTETS:], "big")
        signed = (hidden - self._mask(chance)) % _PERIOD_S
        # Of all times that fit, the last one: for a call within the ttl its own, for any other URL some time as near.
        now = int(now_s)
        age_s = (now - signed) % _PERIOD_S % self._ttl_s
        jcard = _filled(list(self._jcard), self._reference(token))
        return CardAnswer(200, _HEADERS, make_card(jcard, key=self._key, x5u=self._x5u, at_s=now - age_s))

    def _mask(self, chance: bytes) -> int:
        return int.from_bytes(self._hmac(b"time", chance)[:_CLOCK], "big")

    def _reference(self, token: bytes) -> str:
        return self._hmac(b"reference", token)[:16].hex()

    def _hmac(self, use: bytes, octets: bytes) -> bytes:
        return hmac.digest(self._secret, use + b"\x00" + octets, "sha256")


def _token(path: str) -> bytes:
    """20 octets for any path: those it spells, or those of its digest."""
    length = RANDOM_OCTETS + _CLOCK
    digest = hashlib.sha256(path.encode("utf-8", "replace")).digest()[:length]
    try:
        token = base64.b64decode(path + "=" * (-len(path) % 4), altchars=b"-_", validate=True)
    except ValueError:  # also for text that is not ASCII
        return digest
    return token if len(token) == length else digest


def _filled(value: Any, reference: str) -> Any:
    if isinstance(value, str):
        return value.replace(REFERENCE, reference)
    if isinstance(value, list):
        return [_filled(one, reference) for one in value]
    return value
