"""Calls that were sent on: the chain of div tokens leads back to the original, or counts for nothing."""

from __future__ import annotations

from ringthrough.stir import Missing, Policy, Verification, sign_div

from .calls import AT_S, CALLED, CALLER, CREDENTIALS, forged, judged, key_of, signed, url_of

SECOND, THIRD = "12155550199", "12155550200"
TO_SECOND = f"sip:+{SECOND}@gw.example.net"
TO_THIRD = f"sip:+{THIRD}@gw.example.net"
ELSEWHERE = "<sip:service@pbx.example.net>"


def div(identity: str, dest: str = SECOND, by: str = "bob", at_s: float = AT_S, diverted: str = "") -> str:
    return sign_div(identity, dest=dest, key=key_of(by), x5u=url_of(by), at_s=at_s, diverted=diverted)


def outcomes(found: Verification) -> list[str]:
    return [header.outcome for header in found.headers]


def bare_div(div_of: str, dest: str, orig: str = CALLER, by: str = "bob", at_s: float = AT_S) -> str:
    claims = {"dest": {"tn": [dest]}, "div": {"tn": div_of}, "iat": int(at_s), "orig": {"tn": orig}}
    return forged(claims, {"ppt": "div"}, by, f";info=<{url_of(by)}>;alg=ES256;ppt=div")


def test_a_call_sent_on_once() -> None:
    found = judged(signed(), div(signed()), target=TO_SECOND, called=ELSEWHERE)
    assert outcomes(found) == ["valid", "valid"]
    assert (found.outcome, found.attest, found.signer) == ("valid", "A", "ANN")
    assert [header.dest_matches for header in found.headers] == [True, True]


def test_a_call_sent_on_twice_in_any_order_of_headers() -> None:
    original = signed()
    first = div(original)
    second = div(first, THIRD, by="cid")
    for order in ((original, first, second), (second, first, original), (first, original, second)):
        assert outcomes(judged(*order, target=TO_THIRD, called=ELSEWHERE)) == ["valid"] * 3


def test_without_div_the_original_was_for_another() -> None:
    assert judged(signed(), target=TO_SECOND, called=ELSEWHERE).outcome == "dest_mismatch"


def test_a_div_alone_proves_nothing() -> None:
    found = judged(div(signed()), target=TO_SECOND)
    assert (found.outcome, found.status) == ("broken_diversion", 438)
    assert [problem.code for problem in found.headers[0].problems] == ["stir-diversion"]


def test_a_gap_in_the_chain() -> None:
    second = div(div(signed()), THIRD, by="cid")
    assert outcomes(judged(signed(), second, target=TO_THIRD, called=ELSEWHERE)) == [
        "dest_mismatch",
        "broken_diversion",
    ]


def test_a_div_by_a_stranger_breaks_the_chain() -> None:
    found = judged(signed(), div(signed(), by="eve"), target=TO_SECOND, called=ELSEWHERE)
    assert outcomes(found) == ["dest_mismatch", "untrusted"]


def test_a_div_whose_certificate_is_missing_breaks_the_chain() -> None:
    credentials = {**CREDENTIALS, url_of("bob"): Missing("timeout")}
    found = judged(signed(), div(signed()), target=TO_SECOND, called=ELSEWHERE, credentials=credentials)
    assert outcomes(found) == ["dest_mismatch", "no_certificate"]


def test_all_orig_are_equal() -> None:
    found = judged(signed(), bare_div(CALLED, SECOND, orig="12155559999"), target=TO_SECOND, called=ELSEWHERE)
    assert outcomes(found) == ["dest_mismatch", "orig_mismatch"]


def test_div_has_to_be_an_earlier_dest() -> None:
    found = judged(signed(), bare_div("12155559999", SECOND), target=TO_SECOND, called=ELSEWHERE)
    assert outcomes(found) == ["dest_mismatch", "broken_diversion"]


def test_the_last_dest_is_where_the_request_goes() -> None:
    found = judged(signed(), div(signed()), target=TO_THIRD, called=ELSEWHERE)
    assert outcomes(found) == ["dest_mismatch", "broken_diversion"]


def test_a_circle_of_divs_leads_nowhere() -> None:
    circle = (bare_div(SECOND, THIRD), bare_div(THIRD, SECOND), bare_div(SECOND, SECOND))
    found = judged(signed(), *circle, target=TO_SECOND, called=ELSEWHERE)
    assert outcomes(found) == ["dest_mismatch", *["broken_diversion"] * 3]


def test_a_circle_beside_a_way_does_not_hurt() -> None:
    found = judged(signed(), div(signed()), bare_div(SECOND, SECOND), target=TO_SECOND, called=ELSEWHERE)
    assert outcomes(found) == ["valid", "valid", "valid"]


def test_first_and_last_have_to_be_fresh() -> None:
    """RFC 8946 §4.2: the outermost; the innermost is recommended. What is between may have rung for minutes."""
    original, late = signed(), signed(at_s=AT_S - 100)
    between = div(original, at_s=AT_S - 100)
    last = div(between, THIRD, by="cid")
    ends = {"target": TO_THIRD, "called": ELSEWHERE}
    assert outcomes(judged(original, between, last, **ends)) == ["valid"] * 3
    assert judged(late, between, last, **ends).status == 403
    stale_last = div(div(original), THIRD, by="cid", at_s=AT_S - 100)
    assert outcomes(judged(original, div(original), stale_last, **ends)) == [
        "dest_mismatch",
        "broken_diversion",
        "stale",
    ]


def test_a_broken_div_does_not_take_an_original_down_that_stands_by_itself() -> None:
    """The number called first is in To: the original is judged as if there were no div (RFC 8224 §6.2.1)."""
    found = judged(signed(), div(signed(), by="eve"), target=TO_SECOND)
    assert outcomes(found) == ["valid", "untrusted"]
    assert found.outcome == "valid"
    strict = judged(signed(), div(signed(), by="eve"), target=TO_SECOND, policy=Policy(to_is_enough=False))
    assert (strict.outcome, outcomes(strict)) == ("dest_mismatch", ["dest_mismatch", "untrusted"])


def test_the_certificate_of_a_div_speaks_for_the_one_who_diverted() -> None:
    from ringthrough import jose

    from .calls import chain_of

    own = jose.TNAuthList(numbers=(CALLED,))
    credentials = {**CREDENTIALS, url_of("bob"): chain_of("bob", 31, tn_auth_list=own)}
    more = {"target": TO_SECOND, "called": ELSEWHERE, "credentials": credentials, "policy": Policy(covers=True)}
    assert outcomes(judged(signed(), div(signed()), **more)) == ["valid", "valid"]
    other = {**CREDENTIALS, url_of("bob"): chain_of("bob", 32, tn_auth_list=jose.TNAuthList(numbers=(CALLER,)))}
    assert outcomes(judged(signed(), div(signed()), **{**more, "credentials": other})) == [
        "dest_mismatch",
        "not_covered",
    ]


def test_a_div_without_its_claim_is_no_div() -> None:
    claims = {"dest": {"tn": [SECOND]}, "iat": int(AT_S), "orig": {"tn": CALLER}}
    identity = forged(claims, {"ppt": "div"}, after=f";info=<{url_of('ann')}>;alg=ES256;ppt=div")
    found = judged(signed(), identity, target=TO_SECOND)
    assert [problem.code for problem in found.headers[1].problems] == ["stir-div"]
    assert found.headers[1].outcome == "bad_claims"


def test_div_o_is_kept_and_does_not_count() -> None:
    found = judged(signed(), signed(ppt="div-o", claims={"div": {"tn": CALLED}, "opt": "x"}))
    assert outcomes(found) == ["valid", "unsupported_type"]
