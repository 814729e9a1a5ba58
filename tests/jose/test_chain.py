"""Chains: every outcome, in whatever order the certificates come, and bounded work."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from ringthrough.jose import (
    OUTCOMES,
    Anchors,
    Certificate,
    ChainOutcome,
    ClaimConstraints,
    NumberRange,
    TNAuthList,
    check_chain,
)

from .making import END, NOW, START, anchors, authority, chain, key, made, seq
from .test_revocation import STI_PA, listing

LEAF, ISSUER = chain()
ROOT = authority().root


def _ca(name: str, by: str, signer: Certificate | None, **changed: Any) -> Certificate:
    return made(by=by, signer=signer, subject={"CN": name}, public_key=key(name).public, ca=True, **changed)


def _leaf(by: str, signer: Certificate, **changed: Any) -> Certificate:
    return made(by=by, signer=signer, **changed)


def _check(certificates: Any, trusted: Any = None, at_s: float = NOW, **more: Any) -> ChainOutcome:
    return check_chain(certificates, trusted if trusted is not None else anchors(), at_s=at_s, **more)


def test_trusted() -> None:
    found = _check([LEAF, ISSUER])
    assert found == ChainOutcome(True, "trusted", (LEAF, ISSUER, ROOT), (), "not_checked")
    assert found.leaf == LEAF
    assert found.constraints == ()


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_order_is_read_and_another_one_noted(order: tuple[int, ...]) -> None:
    second = _ca("Second", "Top", _ca("Top", "Top", None))
    leaf = _leaf("Second", second)
    whole = [leaf, second, _ca("Top", "Top", None), ISSUER]
    found = _check([whole[at] for at in order], anchors(_ca("Top", "Top", None)))
    assert (found.trusted, found.path) == (True, (leaf, second, _ca("Top", "Top", None)))
    in_order = [at for at in order if at != 3] == [0, 1, 2] and order[0] == 0
    assert [each.code for each in found.problems] == ([] if in_order else ["jose-chain-out-of-order"])


def test_what_an_anchor_may_be() -> None:
    assert _check([LEAF], Anchors([ISSUER])).path == (LEAF, ISSUER)
    assert _check([LEAF], Anchors([LEAF])).path == (LEAF,)
    assert _check([LEAF, ISSUER, ROOT]).path == (LEAF, ISSUER, ROOT)
    assert _check([LEAF, LEAF, ISSUER, ISSUER]).trusted
    assert len(Anchors([ROOT, ROOT])) == 1
    assert ROOT in anchors()
    assert Anchors([Certificate(b"")]).problems[0].code == "jose-certificate-der"


ROGUE = made(
    by="rogue", signer=None, subject={"C": "US", "O": "STI-CA one", "CN": "SHAKEN Root CA"},
    public_key=key("rogue").public, ca=True,
)  # fmt: skip
NO_CA = _ca("no-ca", "root", ROOT)


def _under_root(name: str, **changed: Any) -> Certificate:
    """A certificate for an authority, signed by the root."""
    values: dict[str, Any] = {"ca": True, **changed}
    return made(
        issuer_key=authority().root_key, issuer=ROOT, subject={"CN": name}, public_key=key(name).public, **values
    )


def _below(name: str, **changed: Any) -> list[Certificate]:
    """An end entity below an authority that is made with the values."""
    signer = _under_root(name, **changed)
    return [_leaf(name, signer), signer]


def _deep(count: int, **changed: Any) -> list[Certificate]:
    """Authorities below one another, the end entity first."""
    found = [_under_root("a0", **changed)]
    for at in range(1, count):
        found.insert(0, _ca(f"a{at}", f"a{at - 1}", found[0]))
    return [_leaf(f"a{count - 1}", found[0]), *found]


UNKNOWN = ("1.2.3.4", True, b"\x05\0")
BAD_LIST = ("1.3.6.1.5.5.7.1.26", True, b"\x05\0")
BAD_CLAIMS = ("1.3.6.1.5.5.7.1.27", False, seq())
OTHERS = authority("two")
STRANGER = made(issuer_key=OTHERS.root_key, issuer=OTHERS.root)
NUMBERS = TNAuthList(ranges=(NumberRange("12155550100", 100),))

SLUGS = {
    "no_anchors": "jose-chain-no-anchors",
    "unreadable": "jose-chain-unreadable",
    "untrusted_root": "jose-chain-untrusted-root",
    "incomplete": "jose-chain-incomplete",
    "bad_signature": "jose-chain-bad-signature",
    "too_long": "jose-chain-too-long",
    "wrong_key": "jose-chain-wrong-key",
    "not_a_ca": "jose-chain-not-a-ca",
    "path_length": "jose-chain-path-length",
    "key_usage": "jose-chain-key-usage",
    "critical_extension": "jose-chain-critical-extension",
    "out_of_scope": "jose-chain-out-of-scope",
    "not_yet_valid": "jose-chain-not-yet-valid",
    "expired": "jose-chain-expired",
    "revoked": "jose-chain-revoked",
}
"The problem that says each outcome."

REFUSED: list[tuple[str, str, Callable[[], list[Certificate]]]] = [
    ("no certificate", "unreadable", list),
    ("garbage first", "unreadable", lambda: [Certificate(b"\x30\0"), LEAF, ISSUER]),
    ("unreadable constraints", "unreadable", lambda: [made(more=[BAD_CLAIMS]), ISSUER]),
    ("unreadable constraints of an authority", "unreadable", lambda: _below("claims", more=[BAD_CLAIMS])),
    ("critical TNAuthList that is none", "unreadable", lambda: [made(more=[BAD_LIST]), ISSUER]),
    ("self-signed", "untrusted_root", lambda: [_ca("lonely", "lonely", None)]),
    ("another authority's", "untrusted_root", lambda: [STRANGER, OTHERS.root]),
    ("no intermediate", "incomplete", lambda: [LEAF]),
    ("unrelated intermediate", "incomplete", lambda: [LEAF, OTHERS.intermediate]),
    ("forged root", "bad_signature", lambda: [_leaf("rogue", ROGUE)]),
    ("forged root with its certificate", "untrusted_root", lambda: [_leaf("rogue", ROGUE), ROGUE]),
    ("signature altered", "bad_signature", lambda: [Certificate(LEAF.der[:-1] + bytes([LEAF.der[-1] ^ 1])), ISSUER]),
    ("name altered", "bad_signature", lambda: [Certificate(LEAF.der.replace(b"709J", b"708J")), ISSUER]),
    ("nine authorities", "too_long", lambda: _deep(9)),
    ("P-384 key", "wrong_key", lambda: [_p384()]),
    ("signed by an end entity", "not_a_ca", lambda: _below("mortal", ca=False, key_usage=("keyCertSign",))),
    ("path length 0, two below", "path_length", lambda: _deep(2, path_length=0)),
    ("path length 1, three below", "path_length", lambda: _deep(3, path_length=1)),
    ("end entity that may only encrypt", "key_usage", lambda: [made(key_usage=("keyEncipherment",)), ISSUER]),
    ("authority that may not certify", "key_usage", lambda: _below("lists", key_usage=("cRLSign",))),
    ("an authority's own key", "key_usage", lambda: [ISSUER]),
    ("critical extension", "critical_extension", lambda: [made(more=[UNKNOWN]), ISSUER]),
    ("critical extension of an authority", "critical_extension", lambda: _below("strict", more=[UNKNOWN])),
    ("a delegate's other number", "out_of_scope", lambda: _delegate(NUMBERS, TNAuthList(numbers=("12155550200",)))),
    ("a delegate's other code", "out_of_scope", lambda: _delegate(TNAuthList(("709J",)), TNAuthList(("708J",)))),
]  # fmt: skip


def _p384() -> Certificate:
    from cryptography.hazmat.primitives.asymmetric import ec

    from ringthrough.jose import PublicKey

    return made(public_key=PublicKey(ec.derive_private_key(5, ec.SECP384R1()).public_key()))


def _delegate(parent: TNAuthList, child: TNAuthList) -> list[Certificate]:
    signer = _under_root("provider", tn_auth_list=parent)
    return [_leaf("provider", signer, tn_auth_list=child), signer]


@pytest.mark.parametrize(("outcome", "make"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_refused(outcome: str, make: Callable[[], list[Certificate]]) -> None:
    certificates = make()
    found = _check(certificates, anchors(ISSUER) if outcome == "wrong_key" else None)
    assert (found.outcome, found.trusted) == (outcome, False)
    assert found.problems[0].code == SLUGS[outcome]
    if outcome != "unreadable":
        assert found.leaf == certificates[0]


def test_no_anchors() -> None:
    found = _check([LEAF, ISSUER], Anchors([]))
    assert (found.outcome, found.problems[0].code) == ("no_anchors", "jose-chain-no-anchors")


@pytest.mark.parametrize(
    ("at_s", "outcome", "slug"),
    [
        (START - 1, "not_yet_valid", "jose-chain-not-yet-valid"),
        (START, "trusted", None),
        (END, "trusted", None),
        (END + 1, "expired", "jose-chain-expired"),
        (float("nan"), "not_yet_valid", "jose-chain-not-yet-valid"),
        (float("inf"), "expired", "jose-chain-expired"),
        (float("-inf"), "not_yet_valid", "jose-chain-not-yet-valid"),
    ],
)
def test_the_time_that_is_asked_about_counts(at_s: float, outcome: str, slug: str | None) -> None:
    found = _check([LEAF, ISSUER], at_s=at_s)
    assert found.outcome == outcome
    assert [each.code for each in found.problems] == ([slug] if slug else [])


def test_every_certificate_of_the_path_has_its_time() -> None:
    """The authority's, and the anchor's: an operator who left an expired root in the list trusts it no longer."""
    for_long = made(not_after_s=END + 1000)
    assert _check([for_long, ISSUER], at_s=END + 1).problems[0].where == ISSUER.subject
    old = _ca("Old", "Old", None, not_after_s=NOW - 5)
    assert _check([_leaf("Old", old)], Anchors([old])).outcome == "expired"


def test_of_two_paths_the_one_that_holds_is_taken() -> None:
    """An authority certified twice: by a root that has expired, and by one that has not."""
    old, new = _ca("Old", "Old", None, not_after_s=NOW - 5), _ca("New", "New", None)
    by_old, by_new = (
        made(by=by, signer=signer, subject={"CN": "Cross"}, public_key=key("Cross").public, ca=True)
        for by, signer in (("Old", old), ("New", new))
    )
    leaf = _leaf("Cross", by_old)
    for order in ([leaf, by_old, by_new], [leaf, by_new, by_old]):
        assert _check(order, Anchors([old, new])).path == (leaf, by_new, new)
    assert _check([leaf, by_old], Anchors([old, new])).outcome == "expired"
    limited = made(
        by="New", signer=new, subject={"CN": "Cross"}, public_key=key("Cross").public, ca=True, more=[UNKNOWN]
    )
    assert _check([leaf, limited, by_new], Anchors([new])).trusted


def test_of_two_keys_of_one_name_the_signature_decides() -> None:
    one, two = (
        made(by=by, signer=None, subject={"CN": "Same"}, public_key=key(by).public, ca=True) for by in ("k1", "k2")
    )
    nameless = made(by="k2", signer=None, subject={"CN": "Same"}, public_key=key("k2").public, ca=True, more=[])
    for signer in ("k1", "k2"):
        issuer = one if signer == "k1" else two
        assert _check([_leaf(signer, issuer)], Anchors([one, two])).path[1] == issuer
    assert nameless == two


def test_path_length_does_not_count_certificates_an_authority_made_for_itself() -> None:
    """RFC 5280 §4.2.1.9, §6.1.4: a new key of the same name."""
    old = _under_root("Roll", path_length=0)
    new = made(by="Roll", signer=old, subject={"CN": "Roll"}, public_key=key("new").public, ca=True)
    assert _check([_leaf("new", new), new, old]).trusted


def test_delegation_within_scope() -> None:
    """RFC 9060 §4."""
    assert _check(_delegate(NUMBERS, TNAuthList(numbers=("12155550150",)))).problems == ()
    found = _check(_delegate(TNAuthList(("709J",)), TNAuthList(numbers=("12155550150",))))
    assert (found.trusted, [each.code for each in found.problems]) == (True, ["jose-chain-scope-unknown"])


def test_constraints_add_up_along_the_path() -> None:
    upper, lower = ClaimConstraints(must_include=("attest",)), ClaimConstraints(must_exclude=("div",))
    signer = _under_root("limited", constraints=upper)
    assert _check([_leaf("limited", signer, constraints=lower), signer]).constraints == (lower, upper)


def test_what_is_odd_in_the_chain_is_said_beside_the_trust() -> None:
    odd = made(tn_auth_list=b"\x16\x03n/a")
    found = _check([odd, ISSUER, Certificate(b"junk")])
    assert found.trusted
    assert [each.code for each in found.problems] == ["jose-certificate-tn-auth-list", "jose-certificate-der"]


@pytest.mark.parametrize(
    ("at_s", "outcome", "slugs"),
    [
        (NOW + 9, "trusted", ["jose-crl-later"]),
        (NOW + 10, "revoked", ["jose-chain-revoked"]),
        (NOW + 90000, "revoked", ["jose-chain-revoked", "jose-crl-stale"]),
    ],
)
@pytest.mark.parametrize("by", ["intermediate", "sti-pa"])
def test_revoked_at_the_time_asked_about(by: str, at_s: float, outcome: str, slugs: list[str]) -> None:
    revocations = [listing((LEAF, NOW + 10, "keyCompromise"), by=by)]
    trusted = Anchors([ROOT], crl_issuers=[STI_PA])
    for _ in range(2):
        found = _check([LEAF, ISSUER], trusted, at_s=at_s, revocations=revocations)
        assert (found.outcome, [each.code for each in found.problems]) == (outcome, slugs)
        assert found.revocation == ("stale" if at_s > NOW + 86400 else "checked")


def test_a_revoked_authority_takes_its_end_entities_along() -> None:
    found = _check([LEAF, ISSUER], revocations=[listing((ISSUER, NOW, "cACompromise"), by="root")])
    assert (found.outcome, found.problems[0].where) == ("revoked", ISSUER.subject)


def test_a_pinned_end_entity_can_be_revoked() -> None:
    revocations = [listing((LEAF, NOW, "keyCompromise"), by="sti-pa")]
    assert _check([LEAF], Anchors([LEAF], crl_issuers=[STI_PA]), revocations=revocations).outcome == "revoked"


def test_lists_that_do_not_count() -> None:
    listed = [(LEAF, NOW, "keyCompromise")]
    unknown = listing(*listed, by="sti-pa")
    good = listing(*listed)
    altered = type(good)(good.der[:-1] + bytes([good.der[-1] ^ 1]))
    for bad in (unknown, altered):
        found = _check([LEAF, ISSUER], revocations=[bad])
        assert (found.trusted, found.revocation) == (True, "not_checked")
        assert [each.code for each in found.problems] == ["jose-crl-ignored"]
    broken = _check([LEAF, ISSUER], revocations=[type(good)(b"0")])
    assert [each.code for each in broken.problems] == ["jose-crl-der"]


def test_a_good_list_beside_a_stale_one() -> None:
    lists = [listing(next_update_s=NOW - 5), listing()]
    assert _check([LEAF, ISSUER], revocations=lists).revocation == "checked"
    assert _check([LEAF, ISSUER], revocations=lists[::-1]).revocation == "checked"
    assert _check([LEAF, ISSUER], revocations=lists[:1]).revocation == "stale"


def test_work_is_bounded() -> None:
    """Forty certificates of one name and each other's keys, and ten thousand of anything."""
    same = [
        made(by="k", signer=None, subject={"CN": "Maze"}, public_key=key("k").public, ca=True, serial=number)
        for number in range(1, 41)
    ]
    leaf = _leaf("k", same[0])
    found = _check([leaf, *same])
    assert (found.outcome, found.leaf) == ("too_long", leaf)
    # Every one of the fifteen signed every other: more ways than are gone.
    assert _check([leaf, *same[:15]]).outcome == "too_long"
    assert _check([LEAF] * 10_000 + [ISSUER]).outcome == "too_long"
    assert _check([LEAF, ISSUER] * 5_000).trusted


def test_more_paths_than_are_kept() -> None:
    tops = [
        made(by="T", signer=None, subject={"CN": "T"}, public_key=key("T").public, ca=True, serial=n)
        for n in range(1, 9)
    ]
    assert _check([_leaf("T", tops[0])], Anchors(tops)).trusted


def test_what_is_remembered_changes_nothing_and_is_bounded() -> None:
    trusted = anchors()
    first = _check([LEAF, ISSUER], trusted)
    assert _check([LEAF, ISSUER], trusted) == first
    assert _check([LEAF], trusted).outcome == "incomplete"
    large = made(tn_auth_list=TNAuthList(numbers=tuple(str(12155550000 + n) for n in range(2000))))
    assert _check([large, ISSUER], trusted).trusted
    assert (large, ISSUER) not in trusted._plans
    for number in range(5000):
        _check([Certificate(number.to_bytes(4, "big"))], trusted)
    assert len(trusted._plans) <= 4096
    assert _check([LEAF, ISSUER], trusted) == first
    for number in range(260):
        assert _check([LEAF, ISSUER], trusted, revocations=[listing(number=number)]).revocation == "checked"
    assert len(trusted._lists) <= 256


def test_every_outcome_is_met_above() -> None:
    met = {each[1] for each in REFUSED} | {"trusted", "no_anchors", "not_yet_valid", "expired", "revoked"}
    assert met == set(OUTCOMES) == {"trusted", *SLUGS}


def test_key_usage_absent_forbids_nothing() -> None:
    assert _check([made(key_usage=()), ISSUER]).trusted
