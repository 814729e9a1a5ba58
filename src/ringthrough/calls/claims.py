"""What the caller of a call claims of itself, and that nobody has looked at it yet: the columns of an Identity."""

from __future__ import annotations

import re

from ringthrough.calls.schema import Call
from ringthrough.wire import Malformed, decode

__all__ = ["claimed", "may_vouch"]


# Identity and its compact form (RFC 8224 §4), in lower case.
_VOUCHES = re.compile(rb"\n(?:identity|y)[ \t]*+:").search


def may_vouch(invite: bytes) -> bool:
    """Whether the head of an INVITE holds an Identity, which may still be unreadable."""
    low = invite.lower()
    if b"\nidentity" not in low and b"\ny" not in low:
        return False
    found = _VOUCHES(low)
    if found is None:
        return False
    head = low[: found.start() + 1]
    return b"\n\r\n" not in head and b"\n\n" not in head


def claimed(call: Call, invite: bytes | None) -> Call:
    """
    The call with what its INVITE claims: attestation as it is written there, Identity and card `not_checked`.

    Args:
        call: the row.
        invite: octets of an INVITE that may carry an Identity; None for none.
    """
    found: dict[str, str] = {}
    if invite is not None and not isinstance(message := decode(invite), Malformed):
        headers = message.headers.all("Identity")
        if headers:
            # Late: most captures hold no Identity, and then nobody pays for reading one.
            from ringthrough.stir.claim import read_claim

            shaken = next((claim.attest for claim in map(read_claim, headers) if claim.ppt == "shaken"), "")
            found = {"attestation": shaken, "identity": "not_checked"}
    if call.card_uri:
        found["card"] = "not_checked"
    return call._replace(**found) if found else call  # type: ignore[arg-type]
