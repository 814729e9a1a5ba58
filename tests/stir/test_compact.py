"""The compact form: header and claims put together from the request, as the signer must have done."""

from __future__ import annotations

import pytest

from ringthrough.stir import Verification

from .calls import CALLED, CALLER, DATE, judged, signed, url_of

COMPACT = signed(ppt="", compact=True)


def first(found: Verification) -> tuple[str, list[str]]:
    return found.headers[0].outcome, [problem.code for problem in found.headers[0].problems]


def test_the_compact_form_verifies() -> None:
    found = judged(COMPACT, Date=DATE)
    assert first(found) == ("valid", [])
    passport = found.headers[0].passport
    assert passport is not None
    assert passport.claims == {"dest": {"tn": [CALLED]}, "iat": 1767225600, "orig": {"tn": CALLER}}


def test_uris_are_rebuilt_too() -> None:
    identity = signed(orig="sip:alice@example.com", dest="sip:bob@example.net", ppt="", compact=True)
    headers = {"caller": "<sip:alice@example.com>", "called": "<sip:bob@example.net>", "target": "sip:bob@example.net"}
    assert first(judged(identity, Date=DATE, **headers)) == ("valid", [])


@pytest.mark.parametrize(
    "headers",
    [{"caller": "<sip:+12155559999@x>"}, {"called": "<sip:+12155559999@x>"}, {"Date": "Thu, 01 Jan 2026 00:00:01 GMT"}],
    ids=["From", "To", "Date"],
)
def test_what_is_not_as_it_was_signed_fails(headers: dict[str, str]) -> None:
    found = judged(COMPACT, **{"Date": DATE, **headers})
    assert found.headers[0].signature_valid is False
    assert found.status == 438


def test_without_date_there_is_nothing_to_rebuild() -> None:
    found = judged(COMPACT)
    assert (first(found), found.status) == (("unreadable", ["stir-compact-no-date"]), 438)
    assert first(judged(COMPACT, Date=DATE, caller="<x>"))[1] == ["stir-compact-no-date"]
    assert first(judged(COMPACT, Date=DATE, called="<x>"))[1] == ["stir-compact-no-date"]


def test_the_date_has_to_be_fresh() -> None:
    found = judged(COMPACT, Date=DATE, at_s=1767225600.0 + 61)
    assert (found.outcome, found.phrase) == ("stale", "Stale Date")


def test_another_algorithm_is_not_rebuilt() -> None:
    assert first(judged(COMPACT.replace("ES256", "ES384"), Date=DATE)) == ("unsupported_algorithm", ["stir-algorithm"])


def test_a_compact_header_without_info_is_unreadable() -> None:
    assert first(judged(COMPACT.partition(";")[0] + ";alg=ES256", Date=DATE)) == ("unreadable", ["stir-info-missing"])


@pytest.mark.parametrize("token", ["..", "...", "..!", "..a=b"])
def test_a_compact_token_that_is_none(token: str) -> None:
    found = judged(f"{token};info=<{url_of('ann')}>;alg=ES256", Date=DATE)
    assert found.outcome == "unreadable"
    assert found.headers[0].problems
