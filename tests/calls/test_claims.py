"""Which INVITE of a call carries an Identity, and what it claims."""

from __future__ import annotations

import pytest

from ringthrough.calls.claims import may_vouch
from tests.calls.scene import request

INVITE = request("INVITE")
CASES = {
    "none": (INVITE, False),
    "Identity": (request("INVITE", headers=["Identity: a.b.c;info=<https://cr.example.com/a>"]), True),
    "compact": (request("INVITE", headers=["y: a.b.c;info=<https://cr.example.com/a>"]), True),
    "odd spelling": (request("INVITE", headers=["IDENTITY \t: x"]), True),
    "a header that begins like it": (request("INVITE", headers=["Identity-Info: x", "Yes: no"]), False),
    "in the body": (INVITE + b"\r\nIdentity: a.b.c\r\n", False),
    "in the body, bare LF": (INVITE.replace(b"\r\n", b"\n") + b"\nIdentity: a.b.c\n", False),
}


@pytest.mark.parametrize(("invite", "vouches"), CASES.values(), ids=CASES)
def test_the_head_alone_counts(invite: bytes, vouches: bool) -> None:
    assert may_vouch(invite) is vouches
