"""The columns of a call that need certificates, judged at the time of the call."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from ringthrough import jose
from ringthrough.calls import FACTS, Call
from ringthrough.diagnosis.proof import Prover, card_proven, identity_proven, invite_with_identity
from ringthrough.errors import Problem
from ringthrough.jose.issuing import issue_revocation_list, make_authority
from ringthrough.signals.card import make_card, make_jcard
from ringthrough.stir import Missing, Policy, sign, verify
from ringthrough.wire import Request, build_request, decode, encode

AT_S = 1_767_225_600.0  # 2026-01-01T00:00:00Z
DAY_S = 86_400.0
URL, X5U = "https://cr.example.com/a.pem", "https://cr.example.net/b.pem"
CARD_URL = "https://block.example.net/card?id=1"
CALLER, CALLED = "12155550112", "12155550113"
UUID = "123e4567-e89b-12d3-a456-426655440000"
LIFE = {"not_before_s": AT_S - 100 * DAY_S, "not_after_s": AT_S + 100 * DAY_S}
AUTHORITY = make_authority(b"tests of proof: authority", **LIFE)
KEY, NEW_KEY = (jose.derive_key(b"tests of proof: key " + name) for name in (b"old", b"new"))
CHAIN = AUTHORITY.leaf(KEY.public, spc="709J", serial=7, **LIFE)
NEW_CHAIN = AUTHORITY.leaf(NEW_KEY.public, spc="709J", serial=8, **LIFE)
BLOCKER = AUTHORITY.leaf(NEW_KEY.public, spc="1234", serial=9, organization="Example Blocker", **LIFE)
ANCHORS = jose.Anchors([AUTHORITY.root])
_EMPTY = {"VARCHAR": "", "BOOLEAN": False}
CALL = Call(*(_EMPTY.get(column.sql) for column in FACTS))._replace(  # type: ignore[arg-type]
    call_id="1", at_us=int((AT_S + 1) * 1e6), callee=f"+{CALLED}", setup_ms=2000
)


class Shelf:
    """A source that knows URLs, and writes down what it is asked."""

    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known
        self.asked: list[str] = []

    def find(self, url: str, token: str = "") -> Any:
        self.asked.append(url)
        return self.known.get(url)


class ByKey:
    """A source that chooses by the token, as a folder without an index does."""

    def __init__(self, *chains: Sequence[jose.Certificate]) -> None:
        self.chains = chains
        self.asked = 0

    def find(self, url: str, token: str) -> Sequence[jose.Certificate] | None:
        self.asked += 1
        read = jose.read_token(token)
        fits = (c for c in self.chains if c[0].public_key and jose.verify_token(read, c[0].public_key) is None)
        return next(fits, None)


def identity(key: jose.PrivateKey = KEY, attest: str = "B", at_s: float = AT_S, url: str = URL) -> str:
    return sign(CALLER, CALLED, key=key, x5u=url, at_s=at_s, attest=attest, origid=UUID)


def invite(*identities: str, caller: str = CALLER) -> bytes:
    fields = [
        ("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1"),
        ("From", f"<sip:+{caller}@example.com>;tag=1"),
        ("To", f"<sip:+{CALLED}@example.net>"),
        ("Call-ID", "1"),
        ("CSeq", "1 INVITE"),
        *(("Identity", value) for value in identities),
    ]
    return encode(build_request("INVITE", f"sip:+{CALLED}@gw.example.net", fields))


def columns(call: Call) -> tuple[str, str, int | None, str]:
    return call.attestation, call.identity, call.identity_code, call.identity_signer


IDENTITIES: dict[str, tuple[bytes, dict[str, Any], tuple[str, str, int | None, str]]] = {
    "valid": (invite(identity()), {URL: CHAIN}, ("B", "valid", None, "709J")),
    "none": (invite(), {}, ("", "", None, "")),
    "not at hand": (invite(identity()), {}, ("B", "not_checked", None, "")),
    "could not be fetched": (invite(identity()), {URL: Missing("HTTP 404")}, ("B", "no_certificate", 436, "")),
    "another caller": (invite(identity(), caller="12155550999"), {URL: CHAIN}, ("B", "orig_mismatch", 438, "709J")),
    "another key": (invite(identity(NEW_KEY)), {URL: CHAIN}, ("B", "bad_signature", 438, "709J")),
    "old": (invite(identity(at_s=AT_S - 100)), {URL: CHAIN}, ("B", "stale", 403, "709J")),
    "no token": (invite("hello;info=<x>"), {}, ("", "unreadable", 438, "")),
    "two, of which one is valid": (
        invite(identity(NEW_KEY, "A", url=X5U), identity()), {URL: CHAIN, X5U: CHAIN}, ("A", "valid", None, "709J"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("message", "known", "expected"), IDENTITIES.values(), ids=IDENTITIES)
def test_identity(message: bytes, known: dict[str, Any], expected: tuple[str, str, int | None, str]) -> None:
    proven = Prover(ANCHORS, Shelf(known)).prove(CALL, message)
    assert columns(proven) == expected
    assert (proven.card, proven.card_signer) == ("", "")
    untouched = proven._replace(attestation="", identity="", identity_code=None, identity_signer="")
    assert untouched == CALL


def test_a_call_of_last_year_is_judged_at_its_time() -> None:
    prover = Prover(ANCHORS, Shelf({URL: CHAIN}))
    assert prover.prove(CALL, invite(identity())).identity == "valid"
    later = CALL._replace(at_us=CALL.at_us + int(200 * DAY_S * 1e6))
    assert prover.prove(later, invite(identity())).identity == "untrusted"
    assert prover.prove(later, invite(identity(at_s=AT_S + 200 * DAY_S))).identity == "untrusted"
    assert Prover(jose.Anchors(()), Shelf({URL: CHAIN})).prove(CALL, invite(identity())).identity == "untrusted"


def test_policy_freshness_and_revocations() -> None:
    old = invite(identity(at_s=AT_S - 100))
    assert Prover(ANCHORS, Shelf({URL: CHAIN}), freshness_s=200).prove(CALL, old).identity == "valid"
    required = Prover(ANCHORS, Shelf({}), policy=Policy(required=True)).prove(CALL, invite())
    assert columns(required) == ("", "required", 428, "")
    made = issue_revocation_list(
        issuer=AUTHORITY.intermediate, issuer_key=AUTHORITY.intermediate_key,
        entries=[(CHAIN[0], AT_S - DAY_S, "keyCompromise")], this_update_s=AT_S - DAY_S, next_update_s=AT_S + DAY_S,
    )  # fmt: skip
    proven = Prover(ANCHORS, Shelf({URL: CHAIN}), revocations=[made]).prove(CALL, invite(identity()))
    assert columns(proven) == ("B", "untrusted", 437, "709J")


def test_without_an_invite_the_columns_stay() -> None:
    row = CALL._replace(attestation="C", identity="valid")
    prover = Prover(ANCHORS, Shelf({}))
    assert prover.prove(row, None) == row
    assert prover.prove(row, b"SIP/2.0 200 OK\r\n\r\n") == row
    assert prover.prove(row, b"\x00\x01") == row


def test_a_source_is_asked_once_for_a_url_it_knows() -> None:
    shelf = Shelf({URL: CHAIN})
    prover = Prover(ANCHORS, shelf)
    for _ in range(20):
        assert prover.prove(CALL, invite(identity())).identity == "valid"
    assert shelf.asked == [URL]
    shelf = Shelf({})
    prover = Prover(ANCHORS, shelf)
    for _ in range(20):
        assert prover.prove(CALL, invite(identity())).identity == "not_checked"
    assert len(shelf.asked) == 4


def test_a_new_key_behind_the_same_url_is_found() -> None:
    source = ByKey(CHAIN, NEW_CHAIN)
    prover = Prover(ANCHORS, source)
    assert prover.prove(CALL, invite(identity())).identity == "valid"
    assert prover.prove(CALL, invite(identity(NEW_KEY))).identity == "valid"
    assert source.asked == 2


def test_forged_tokens_do_not_make_a_source_work_for_ever() -> None:
    source = ByKey(CHAIN)
    prover = Prover(ANCHORS, source)
    assert prover.prove(CALL, invite(identity())).identity == "valid"
    stranger = jose.derive_key(b"nobody knows this key")
    for _ in range(20):
        assert prover.prove(CALL, invite(identity(stranger))).identity == "bad_signature"
    assert source.asked == 4
    assert prover.prove(CALL, invite(identity())).identity == "valid"


def test_urls_without_end_are_forgotten() -> None:
    prover = Prover(ANCHORS, shelf := Shelf({f"{URL}{n}": CHAIN for n in range(4)}), most=3)
    for number in (0, 1, 2, 3, 3, 0):
        assert prover.prove(CALL, invite(identity(url=f"{URL}{number}"))).identity == "valid"
    assert [url[-1] for url in shelf.asked] == ["0", "1", "2", "3", "0"]


JCARD = make_jcard("Example Blocker", org="Example Blocker", urls=["https://block.example.net/appeal"])


def card(at_s: float = AT_S + 3, key: jose.PrivateKey = NEW_KEY) -> bytes:
    return make_card(JCARD, key=key, x5u=X5U, at_s=at_s)


REFUSED = CALL._replace(card_uri=CARD_URL)
CARDS: dict[str, tuple[Any, dict[str, Any], str, bool]] = {
    "verified": (card(), {X5U: BLOCKER}, "verified", True),
    "nobody tried": (None, {}, "not_checked", False),
    "did not come": (Missing("HTTP 404"), {}, "not_fetched", False),
    "not a card": (b"<html>", {}, "unreadable", False),
    "no certificate": (card(), {}, "no_certificate", False),
    "certificate could not be had": (card(), {X5U: Missing("timeout")}, "no_certificate", False),
    "another key": (card(key=KEY), {X5U: BLOCKER}, "bad_signature", False),
    "old": (card(at_s=AT_S - 500), {X5U: BLOCKER}, "stale", True),
}


@pytest.mark.parametrize(("given", "known", "outcome", "signer"), CARDS.values(), ids=CARDS)
def test_cards(given: Any, known: dict[str, Any], outcome: str, signer: bool) -> None:
    prover = Prover(ANCHORS, Shelf(known), cards=Shelf({CARD_URL: given}))
    proven = prover.prove(REFUSED, None)
    assert proven.card == outcome
    assert ("Example Blocker" in proven.card_signer) is signer
    assert proven._replace(card="", card_signer="") == REFUSED


def test_a_card_that_is_fetched_later_is_fresh_then() -> None:
    week_s = 7 * DAY_S
    made = card(at_s=AT_S + week_s)
    source = Shelf({X5U: BLOCKER})
    assert Prover(ANCHORS, source, cards=Shelf({CARD_URL: made})).prove(REFUSED, None).card == "stale"
    fetched = Prover(ANCHORS, source, cards=Shelf({CARD_URL: made}), now_s=AT_S + week_s + 5)
    assert fetched.prove(REFUSED, None).card == "verified"
    assert Prover(ANCHORS, source).prove(REFUSED, None).card == "not_checked"


def test_the_pure_functions() -> None:
    assert card_proven(CALL, card(), BLOCKER, ANCHORS) is CALL
    assert card_proven(REFUSED._replace(setup_ms=None), card(), BLOCKER, ANCHORS).card == "verified"
    request = decode(invite(identity()))
    assert isinstance(request, Request)
    found = verify(request, {URL: CHAIN}, ANCHORS, at_s=AT_S)
    assert columns(identity_proven(CALL, request, found)) == ("B", "valid", None, "709J")


def test_closing_and_problems() -> None:
    closed: list[str] = []
    problem = Problem("drivers-unreadable", "expected a certificate, found none", "a.pem")
    prover = Prover(ANCHORS, Shelf({}), problems=[problem], close=lambda: closed.append("closed"))
    assert prover.problems == (problem,)
    prover.close()
    assert closed == ["closed"]
    Prover(ANCHORS, Shelf({})).close()


BARE, FULL = invite(), invite(identity())
INVITES: dict[str, tuple[list[bytes], bytes | None]] = {
    "none": ([], None),
    "without": ([BARE, BARE + b" "], BARE),
    "added on the way": ([BARE, FULL, BARE], FULL),
    "short name": ([BARE, FULL.replace(b"Identity:", b"y:")], FULL.replace(b"Identity:", b"y:")),
    "only a word": ([BARE, BARE.replace(b"Call-ID", b"Identity-Info")], BARE),
    "not a message": ([b"\x00\nidentity: x", BARE], b"\x00\nidentity: x"),
}


@pytest.mark.parametrize(("invites", "chosen"), INVITES.values(), ids=INVITES)
def test_the_invite_to_judge(invites: list[bytes], chosen: bytes | None) -> None:
    assert invite_with_identity(iter(invites)) == chosen


def test_rows_differ_only_where_something_was_proven() -> None:
    rows = [Prover(ANCHORS, Shelf({URL: CHAIN})).prove(CALL, FULL) for _ in range(3)]
    assert all(one == two for one, two in pairwise(rows))
