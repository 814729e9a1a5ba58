"""Providers' own blocks: marks that count, and words that only look like them."""

from __future__ import annotations

import pytest

from ringthrough.signals.providers import WORDS

from .messages import read_response

# label, status, phrase, headers, provider code. The oracle is the source in `WORDS` or the one named.
_BLOCKS: list[tuple[str, int, str, list[str], str]] = [
    ("livekit/sip 737", 603, "Decline", ["X-Twilio-Error: 32203"], "twilio:32203"),
    ("code and words, as Twilio's own client reads them", 603, "Decline", ["X-Twilio-Error: 32216 denied"],
     "twilio:32216"),
    ("Twilio without code", 603, "Decline", ["X-Twilio-Error: blocked"], "twilio"),
    ("Telnyx D35", 403, "Caller Origination Number is Invalid D35", [], "telnyx:D35"),
    ("Telnyx D1", 403, "User channel limit exceeded D1", [], "telnyx:D1"),
    ("Telnyx 603", 603, "Declined D52", [], "telnyx:D52"),
    ("Warning 399", 403, "Forbidden", ['Warning: 399 sbc.example "Caller ID not allowed"'], "warning:399"),
    ("Warning 399 second", 403, "Forbidden",
     ['Warning: 392 192.0.2.1:5060 "Noisy feedback tells: pid=1"', 'Warning: 399 sbc "CLI invalid"'], "warning:399"),
    ("X-Reason", 603, "Decline", ["X-Reason: DNO list"], "x-reason:dno"),
    ("caller id", 403, "Caller ID is unauthorized", [], "phrase:caller-id"),
    ("callerid", 403, "Invalid CallerID", [], "phrase:caller-id"),
    ("CLI", 403, "CLI not in E.164", [], "phrase:cli"),
    ("origination", 403, "Origination not permitted", [], "phrase:origination"),
    ("spam", 603, "Number marked spam", [], "phrase:spam"),
    ("anti-spam", 603, "200005: anti-spam mode", [], "phrase:spam"),
    ("blacklisted", 403, "Phone number is blacklisted", [], "phrase:list"),
    ("deny list", 403, "SIP address is on a deny list", [], "phrase:list"),
    ("fraud", 403, "Potential fraud", [], "phrase:fraud"),
    ("do not originate", 403, "Do-Not-Originate", [], "phrase:dno"),
    ("analytics of one's own provider", 403, "Blocked by analytics", [], "phrase:analytics"),
    ("Reason text", 403, "Forbidden", ['Reason: Q.850;cause=21;text="blacklisted";location=LN'], "reason:list"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "phrase", "headers", "code"), [c[1:] for c in _BLOCKS], ids=[c[0] for c in _BLOCKS])
def test_blocks(status: int, phrase: str, headers: list[str], code: str) -> None:
    refusal = read_response(status, phrase, *headers)
    assert (refusal.kind, refusal.provider_code) == ("provider", code)


@pytest.mark.parametrize(
    ("status", "phrase", "headers"),
    [
        (403, "Client not allowed", []),
        (403, "Madno", []),
        (403, "Rejected by listing", []),
        (603, "Decline", ["X-Reason: user pressed decline"]),
        (403, "Forbidden", ['Warning: 399 sbc "no route"', 'Warning: 370 sbc "spam bandwidth"', "Warning: spam"]),
        (403, "Forbidden", ['Reason: Q.850;cause=21;text="Call Rejected"']),
        (403, "AD35", []),
        (603, "D35", []),
    ],
)
def test_no_block(status: int, phrase: str, headers: list[str]) -> None:
    """Whole words only; a Warning counts with code 399 only (RFC 3261 §20.43)."""
    refusal = read_response(status, phrase, *headers)
    assert (refusal.kind, refusal.provider_code) == (str(status), "")


def test_code_is_kept_beside_a_stronger_signal() -> None:
    refusal = read_response(608, "Rejected", "X-Twilio-Error: 32203")
    assert (refusal.kind, refusal.provider_code) == ("608", "twilio:32203")


def test_every_word_has_a_case_and_a_source() -> None:
    seen = {case[4].partition(":")[2] for case in _BLOCKS}
    assert {word.slug for word in WORDS} <= seen
    assert all(word.source and word.meaning for word in WORDS)
