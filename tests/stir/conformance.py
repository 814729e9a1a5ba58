"""
The conformance list: every numbered requirement on proof and refusals, and where it is tested.

Ids are those of the dossier on the standards: `R8688-n` (RFC 8688), `D8688-n` (what the documents it refers to add),
`R99-n` (ATIS-1000099 and the rule of the FCC); `S5.x-...` are the rows of its section on STIR. A row is `tested` by the
tests it names, `owed` by a part that does not exist yet, or `not ours`, with the reason.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ROWS", "Row"]


class Row(NamedTuple):
    """One requirement."""

    id: str
    what: str
    "In a few words."
    state: str
    "tested, owed, or not ours."
    by: tuple[str, ...] = ()
    "Tests, as FILE::FUNCTION below `tests/`, or the whole FILE."
    why: str = ""
    "Who owes it, or why it is not ours."


def held(ident: str, what: str, *by: str, why: str = "") -> Row:
    return Row(ident, what, "tested", by, why)


def owed(ident: str, what: str, why: str, *by: str) -> Row:
    return Row(ident, what, "owed", by, why)


def not_ours(ident: str, what: str, why: str) -> Row:
    return Row(ident, what, "not ours", (), why)


GATE = "gate: answers requests, and does not exist yet"
CALLER = "what a calling user agent does; ringthrough places no calls"

RFC_8688 = (
    held(
        "R8688-1",
        "608 may answer any request outside of a dialog",
        "signals/test_build.py::test_608_is_for_requests_outside_of_dialogs",
        "signals/test_announce.py::test_608_is_no_answer_inside_of_a_dialog",
    ),
    held(
        "R8688-2",
        "608 as cause of a Reason",
        "signals/test_read.py::test_requests",
        why="read; CANCEL and BYE with it are made by the gate",
    ),
    held(
        "R8688-3",
        "a 608 carries Call-Info unless the caller would abuse it",
        "signals/test_announce.py::test_who_is_told_the_contact",
        "signals/test_build.py::test_608_without_card",
    ),
    held(
        "R8688-4",
        "purpose=jwscard",
        "signals/test_build.py::test_608_reads_back",
        "signals/test_read.py::test_contact_of_a_608_with_another_purpose_is_kept",
    ),
    held(
        "R8688-5",
        "the URI leads to a valid JWS of a jCard",
        "signals/test_card_urls.py::test_a_call_finds_its_own_card",
        "signals/test_card_verify.py::test_a_good_card_is_verified",
    ),
    owed("R8688-6", "a forking proxy cancels the other branches", GATE),
    held(
        "R8688-7",
        "typ, alg and x5u",
        "signals/test_card_token.py::test_made_card_is_what_the_rfc_wants",
        "signals/test_card_token.py::test_read",
    ),
    held(
        "R8688-8",
        "typ is vcard+json",
        "signals/test_card_token.py::test_read",
        "signals/test_card_verify.py::test_a_passport_is_no_card",
    ),
    held(
        "R8688-9",
        "ES256",
        "jose/test_keys.py::test_signing_is_deterministic_and_verifies",
        "jose/test_peers.py::test_pyjwt",
    ),
    held(
        "R8688-10",
        "other algorithms may be taken: none is",
        "jose/test_token.py::test_not_verified",
        "jose/test_peers.py::test_pyjwt_signs_with_hmac_and_is_not_taken_in",
    ),
    held(
        "R8688-11",
        "x5u leads to the certificate of the key",
        "signals/test_card_verify.py::test_outcome",
        why="fetching it is for drivers",
    ),
    held("R8688-12", "iat is there", "signals/test_card_token.py::test_read"),
    held(
        "R8688-13",
        "iat is the time of the 608",
        "signals/test_card_urls.py::test_a_call_finds_its_own_card",
        "signals/test_card_verify.py::test_freshness_has_edges",
    ),
    held("R8688-14", "jcard is a jCard array", "signals/test_card_jcard.py::test_read"),
    held(
        "R8688-15",
        "one of url, email, tel, adr at least",
        "signals/test_card_jcard.py::test_no_defective_card_is_built",
        "signals/test_card_jcard.py::test_read",
    ),
    held(
        "R8688-16",
        "be ready for a full jCard",
        "signals/test_card_token.py::test_a_full_card_may_be_made",
        "signals/test_card_jcard.py::test_what_is_left_out_is_counted",
    ),
    held(
        "R8688-17",
        "the signature is that of JWS",
        "jose/test_keys.py::test_signatures_that_are_none",
        "jose/test_peers.py::test_joserfc",
    ),
    not_ours("R8688-18", "a caller puts sip.608 into Feature-Caps", CALLER),
    not_ours("R8688-19", "a caller handles 608 like any 6xx", CALLER),
    held("R8688-20", "iat is checked", "signals/test_card_verify.py::test_freshness_has_edges"),
    held(
        "R8688-21",
        "a card of more than a minute ago is refused",
        "signals/test_card_verify.py::test_freshness_has_edges",
        "signals/test_card_verify.py::test_freshness_is_a_matter_of_policy",
    ),
    owed("R8688-22", "who inserts sip.608 can convey the contact", GATE),
    held(
        "R8688-23",
        "without sip.608 there is an announcement, unless",
        "signals/test_announce.py::test_plan",
        why="the trigger; media are the gate's",
    ),
    owed("R8688-24", "an element that forwards inserts sip.608", GATE, "signals/test_announce.py::test_608_capability"),
    owed("R8688-25", "the 608 is the final response after an announcement too", GATE),
    owed("R8688-26", "Feature-Caps passes unaltered", GATE, "properties/test_wire_codec.py"),
    held("R8688-27", "announcements come with 183", "signals/test_announce.py::test_plan", why="the plan says so"),
    not_ours("R8688-28", "a caller supports 100rel", CALLER),
    held(
        "R8688-29",
        "the 183 requires 100rel where it may",
        "signals/test_announce.py::test_facts_of_a_body",
        "signals/test_announce.py::test_plan",
        why="the plan says so",
    ),
    not_ours("R8688-30", "a caller sends PRACK", CALLER),
    owed("R8688-31", "the PRACK is answered", GATE),
    owed("R8688-32", "the inserter conveys what Call-Info refers to", GATE),
    held("R8688-33", "the announcement fits the media offered", "signals/test_announce.py::test_facts_of_a_body"),
    held(
        "R8688-34",
        "a caller's own element may read the card itself",
        "signals/test_card_verify.py::test_a_good_card_is_verified",
        why="that is what verify-card and diagnose do",
    ),
    held(
        "R8688-35", "any formatting of the JSON is taken", "jose/test_token.py::test_the_octets_that_came_are_verified"
    ),
    held(
        "R8688-36",
        "the token is one line",
        "jose/test_token.py::test_not_read",
        "signals/test_card_token.py::test_read",
    ),
    held("R8688-37", "long cards are taken", "signals/test_card_token.py::test_a_long_card_is_read"),
    held(
        "R8688-38",
        "the caller chooses the contact",
        "signals/test_card_jcard.py::test_types_are_kept",
        why="all are shown, in their order",
    ),
    held(
        "R8688-39",
        "Call-Info for verified callers alone, by policy",
        "signals/test_announce.py::test_who_is_told_the_contact",
    ),
    held("R8688-40", "media go to the true source alone", "signals/test_announce.py::test_plan", why="the trigger"),
    held(
        "R8688-41",
        "verify who it is before appealing",
        "signals/test_card_verify.py::test_outcome",
        "signals/test_card_verify.py::test_plausible_subject",
    ),
    held(
        "R8688-42",
        "a URL for one call cannot be guessed, and guesses get dummies",
        "signals/test_card_urls.py::test_nobody_can_guess",
        "signals/test_card_urls.py::test_a_guess_is_answered_like_a_call",
    ),
    held("R8688-43", "the subject may be held against To", "signals/test_card_verify.py::test_plausible_subject"),
)

REFERRED_8688 = (
    held("D8688-1", "compact form alone", "jose/test_token.py::test_not_read"),
    held("D8688-2", "base64url without padding", "jose/test_token.py::test_not_read"),
    held("D8688-3", "typ in its short form", "signals/test_card_token.py::test_read"),
    held(
        "D8688-4",
        "x5u gives PEM, the signer's first",
        "jose/test_chain.py::test_any_order_is_read_and_another_one_noted",
        why="TLS is for drivers",
    ),
    held(
        "D8688-5",
        "r and s, 64 octets, no DER",
        "jose/test_keys.py::test_signatures_that_are_none",
        "jose/test_token.py::test_not_verified",
    ),
    held("D8688-6", "shape of a jCard", "signals/test_card_jcard.py::test_read"),
    held(
        "D8688-7",
        "fn is there",
        "signals/test_card_jcard.py::test_read",
        "signals/test_card_jcard.py::test_no_defective_card_is_built",
    ),
    held("D8688-8", "adr has seven components", "signals/test_card_jcard.py::test_read"),
    held(
        "D8688-9",
        "url and tel in either type",
        "signals/test_card_jcard.py::test_read",
        "signals/test_card_verify.py::test_jcards_of_rfc_8688",
    ),
    owed(
        "D8688-10",
        "served as application/jose; the type is ignored when read",
        "gate and web: nothing serves cards yet",
        "signals/test_card_urls.py::test_shared_card_is_signed_at_the_fetch",
    ),
)

ATIS_99 = (
    owed(
        "R99-1",
        "a terminating provider that blocks says so at once",
        GATE,
        "signals/test_build.py::test_603plus_reads_back",
    ),
    owed("R99-2", "everybody on the way passes it on", GATE),
    held(
        "R99-3",
        "to IP: a 603+",
        "signals/test_build.py::test_603plus_as_bandwidth_shows_it",
        "signals/test_build.py::test_603plus_refuses_what_would_be_defective",
    ),
    held("R99-4", "to TDM: cause 21, location user", "signals/test_translate.py::test_to_isup"),
    held("R99-5", "603+ becomes cause 21", "signals/test_translate.py::test_to_isup"),
    held(
        "R99-6",
        "cause 21 of the user becomes 603 or 603+",
        "signals/test_translate.py::test_from_isup",
        "signals/test_translate.py::test_isup_21_may_become_a_603plus_of_ones_own",
    ),
    held(
        "R99-7",
        "location is read and not guessed",
        "signals/test_read.py::test_unknown_location_is_kept_as_sent",
        "signals/test_read.py::test_location_of_the_cause_that_decided",
    ),
    owed("R99-8", "no second attempt after a 603+", GATE),
    owed("R99-9", "phrase and Reason pass unaltered", GATE, "signals/test_read.py::test_all_reasons_are_kept_as_sent"),
    held(
        "R99-10",
        "603+ for analytics alone",
        "signals/test_build_plain.py::test_only_analytics_may_say_603plus_or_608",
        "signals/test_build_plain.py::test_607_needs_a_person",
    ),
)

V, S = "stir/test_verifying.py::", "stir/test_signing.py::"
STIR = (
    held(
        "S5.2-alphabet",
        "base64url in the digest, though the grammar has another",
        "stir/test_header.py::test_every_spelling_says_the_same",
    ),
    held(
        "S5.2-quotes", "ppt and alg with and without quotes", "stir/test_header.py::test_every_spelling_says_the_same"
    ),
    held("S5.2-several", "several headers, one value each", V + "test_reasons_name_the_header_where_there_are_several"),
    held(
        "S5.2-mirrors", "alg, x5u and ppt mirror the token", V + "test_every_fault_has_an_outcome_a_status_and_a_reason"
    ),
    held(
        "S5.3-header",
        "typ, alg, x5u, ppt, in their order",
        V + "test_every_fault_has_an_outcome_a_status_and_a_reason",
        S + "test_the_order_of_members_is_that_of_their_code_points_at_every_depth",
    ),
    held(
        "S5.3-claims",
        "iat a number, orig one identity, dest arrays",
        V + "test_every_fault_has_an_outcome_a_status_and_a_reason",
    ),
    held(
        "S5.3-serialisation",
        "canonical JSON",
        S + "test_the_order_of_members_is_that_of_their_code_points_at_every_depth",
    ),
    held(
        "S5.3-signing",
        "raw r and s, deterministic",
        S + "test_the_same_facts_give_the_same_octets",
        S + "test_what_is_signed_verifies_here_and_elsewhere",
    ),
    held(
        "S5.3-compact",
        "compact form rebuilt; not for shaken",
        "stir/test_compact.py::test_the_compact_form_verifies",
        V + "test_every_fault_has_an_outcome_a_status_and_a_reason",
    ),
    held(
        "S5.3-octets",
        "the octets received are verified; orig is held against the request",
        S + "test_what_others_sign_verifies_here",
        V + "test_both_ends_of_the_call",
    ),
    held(
        "S5.3-unknown",
        "an unknown ppt is ignored",
        V + "test_a_header_of_an_unsupported_type_is_ignored_whatever_else_is_wrong",
        V + "test_an_unsupported_type_is_as_good_as_none",
    ),
    held(
        "S5.3-numbers",
        "canonical numbers",
        "stir/test_canonical.py::test_numbers",
        "stir/test_canonical.py::test_a_region_adds_the_country_code",
    ),
    held(
        "S5.3-shaken",
        "attest, origid; P-Asserted-Identity before From",
        V + "test_the_attestation_is_told",
        V + "test_both_ends_of_the_call",
    ),
    held(
        "S5.3-div",
        "the chain of diversions",
        "stir/test_divert.py::test_a_call_sent_on_twice_in_any_order_of_headers",
        "stir/test_divert.py::test_a_div_alone_proves_nothing",
        "stir/test_divert.py::test_all_orig_are_equal",
        "stir/test_divert.py::test_div_has_to_be_an_earlier_dest",
        "stir/test_divert.py::test_the_last_dest_is_where_the_request_goes",
        "stir/test_divert.py::test_first_and_last_have_to_be_fresh",
        S + "test_a_diversion_needs_an_identity_that_speaks_of_it",
    ),
    held(
        "S5.3-rcd",
        "rich call data and their digests",
        "stir/test_rcd.py::test_rich_call_data_in_order",
        "stir/test_rcd.py::test_rich_call_data_out_of_order",
        why="what is behind a link is not fetched",
    ),
    held("S5.4-0", "428 when policy requires an Identity", V + "test_policy_may_require_an_identity"),
    held("S5.4-1", "unsupported types are ignored", V + "test_an_unsupported_type_is_as_good_as_none"),
    held("S5.4-2", "the originator, number or URI", V + "test_both_ends_of_the_call"),
    held(
        "S5.4-3",
        "436 when nothing can be fetched, 437 when it is not trusted",
        V + "test_436_is_owed_only_when_nothing_could_be_fetched",
        V + "test_a_chain_that_is_not_trusted_says_why",
    ),
    held(
        "S5.4-4",
        "403 Stale Date; iat is believed",
        V + "test_freshness",
        V + "test_date_is_not_believed_where_iat_is_signed",
        V + "test_iat_outside_the_life_of_the_certificate",
    ),
    held(
        "S5.4-5", "438 when the signature or a check fails", V + "test_every_fault_has_an_outcome_a_status_and_a_reason"
    ),
    held("S5.4-one", "one valid Identity is enough", V + "test_436_is_owed_only_when_nothing_could_be_fetched"),
    owed("S5.4-retry", "a signer tries once more in full form after 438", GATE),
    held(
        "S5.4-reason",
        "Reason: STIR, one per error, with ppi",
        V + "test_reasons_name_the_header_where_there_are_several",
    ),
    owed("S5.4-strip", "a signer strips these Reasons before they go further", GATE),
    held("S5.4-deployed", "deployed variants of the Reason are read", "signals/test_read.py::test_kinds"),
    held(
        "S5.4-verstat",
        "verstat",
        "stir/test_outcomes.py::test_only_what_was_verified_passes",
        V + "test_a_verified_uri_passes_no_number",
    ),
    held(
        "S5.5-tnauthlist",
        "TNAuthList read, and a rule where policy asks",
        "jose/test_tnauthlist.py::test_published_example",
        V + "test_policy_may_ask_whether_the_certificate_covers_the_number",
    ),
    held(
        "S5.5-constraints",
        "JWT claim constraints",
        "jose/test_constraints.py::test_claims",
        V + "test_claim_constraints_of_the_certificate_are_kept",
    ),
    not_ours(
        "S5.5-aia", "a TNAuthList by reference", "no certificate of production has one; the extension is kept unread"
    ),
    held(
        "S5.5-profile",
        "chain, revocation, key",
        "jose/test_chain.py::test_refused",
        V + "test_a_revoked_certificate_is_not_trusted",
    ),
    held("S5.5-fetch", "https on 443 or 8443, no redirects", "drivers/test_guard.py"),
    held(
        "S5.6-limits",
        "limits on headers and tokens",
        V + "test_10_000_headers_are_bounded",
        "stir/test_hostile.py::test_time_is_bounded",
    ),
)

ROWS = (*RFC_8688, *REFERRED_8688, *ATIS_99, *STIR)
