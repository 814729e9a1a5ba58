"""
What a refusal can have wrong with it: one slug, one sentence, and the rule with its weight.

The text of ATIS-1000099 was not read. Every 603+ rule therefore says in its source what it rests on: `[S]` secondary
sources (documents of vendors, the code of FreeSWITCH and Asterisk), `[reconstructed]` our own reading of all of them
together. A rule of an RFC names its section and nothing else.
"""

from __future__ import annotations

from ringthrough.errors import Problem

__all__ = ["PROBLEMS", "SOURCES", "defect"]

PROBLEMS: dict[str, str] = {
    "signals-603plus-bad-email": "The email pair of a 603+ is not a bare mail address.",
    "signals-603plus-bad-id": "The id pair of a 603+ is not 1 to 64 letters, digits, underscores and hyphens.",
    "signals-603plus-bad-location": "The location of a 603+ is none of LN, TN, RLN, LPN and RPN.",
    "signals-603plus-bad-tel": "The tel pair of a 603+ is not a plus sign and at most 15 digits.",
    "signals-603plus-bad-url": "The url pair of a 603+ is no URL, or names no host of the public DNS.",
    "signals-603plus-cause": "The Reason of a 603+ has neither cause 603 (for SIP) nor cause 21 (for Q.850).",
    "signals-603plus-foreign-reason": "The phrase is Network Blocked, and no Reason value holds v=analytics.",
    "signals-603plus-in-request": "The Reason of a 603+ stands in a BYE or CANCEL, which has no status and phrase.",
    "signals-603plus-no-location": "The Reason of a 603+ has no location.",
    "signals-603plus-no-reason": "The phrase is Network Blocked, and there is no Reason at all.",
    "signals-603plus-no-redress": "A 603+ names no contact: neither url nor tel nor email.",
    "signals-603plus-pair-syntax": "A piece of the text of a 603+ is no name=value; often a raw semicolon in a URL.",
    "signals-603plus-pairs-as-params": "The pairs of a 603+ stand as Reason parameters and not inside the text.",
    "signals-603plus-phrase-lost": "The Reason says 603+, and the phrase Network Blocked was lost on the way.",
    "signals-603plus-protocol": "The Reason of a 603+ has another protocol than SIP or Q.850.",
    "signals-603plus-repeated-pair": "A pair of a 603+ stands twice with different values; the first one counts.",
    "signals-603plus-repeated-param": "A parameter of the Reason of a 603+ stands twice; the first one counts.",
    "signals-603plus-status-changed": "The Reason says 603+, and the status is not 603: it was changed on the way.",
    "signals-603plus-two-values": "Two Reason values of one protocol stand in one message.",
    "signals-603plus-unknown-version": "The version of a 603+ is not analytics1.",
    "signals-603plus-unquoted-text": "The text of a 603+ is not in quotes, or its quotes are never closed.",
    "signals-603plus-url-scheme": "The url pair of a 603+ is not an https URL.",
    "signals-603plus-v-not-first": "The text of a 603+ does not begin with its version, v=analytics1.",
    "signals-607-in-reason": "607 is known only from the Reason of a response that has another status.",
    "signals-608-card-purpose": "The Call-Info of a 608 has another purpose than jwscard.",
    "signals-608-card-scheme": "The contact card of a 608 is not at an https URL with a host.",
    "signals-608-in-dialog": "A 608 answers requests outside of dialogs only.",
    "signals-608-in-reason": "608 is known only from a Reason: the response and its contact card were not seen.",
    "signals-608-no-card": "A 608 has no Call-Info, so it names no contact.",
    "signals-608-status-changed": "A signed contact card stands in a response whose status is not 608.",
    "signals-608-two-cards": "A 608 names several contact cards; the first one counts.",
    "signals-stir-in-reason": "An Identity failure stands only in the Reason; the status may be due to something else.",
}
"Every slug of this room, with the sentence that docs/reference/problems.md prints."

_ATIS = "ATIS-1000099"
_SEEN = f"{_ATIS} [S]"
_GUESSED = f"{_ATIS} [reconstructed]"

SOURCES: dict[str, str] = {
    "signals-603plus-bad-email": _SEEN,
    "signals-603plus-bad-id": _SEEN,
    "signals-603plus-bad-location": f"{_SEEN}; RFC 8606 §4",
    "signals-603plus-bad-tel": f"{_ATIS} [S] for E.164, [reconstructed] for the plus sign",
    "signals-603plus-bad-url": _SEEN,
    "signals-603plus-cause": f"{_ATIS} §4.1.1 [S]",
    "signals-603plus-foreign-reason": _SEEN,
    "signals-603plus-in-request": _GUESSED,
    "signals-603plus-no-location": _GUESSED,
    "signals-603plus-no-reason": _SEEN,
    "signals-603plus-no-redress": _SEEN,
    "signals-603plus-pair-syntax": _GUESSED,
    "signals-603plus-pairs-as-params": _SEEN,
    "signals-603plus-phrase-lost": _SEEN,
    "signals-603plus-protocol": f"{_ATIS} §4.1.1 [S]",
    "signals-603plus-repeated-pair": _GUESSED,
    "signals-603plus-repeated-param": "RFC 3261 §7.3.1",
    "signals-603plus-status-changed": _SEEN,
    "signals-603plus-two-values": "RFC 3326 §2, RFC 9366",
    "signals-603plus-unknown-version": _SEEN,
    "signals-603plus-unquoted-text": "RFC 3326 §2",
    "signals-603plus-url-scheme": _SEEN,
    "signals-603plus-v-not-first": _SEEN,
    "signals-607-in-reason": "RFC 8197 §4",
    "signals-608-card-purpose": "RFC 8688 §3.1",
    "signals-608-card-scheme": "RFC 8688 §6",
    "signals-608-in-dialog": "RFC 8688 §3.1",
    "signals-608-in-reason": "RFC 8688 §3.1",
    "signals-608-no-card": "RFC 8688 §3.1",
    "signals-608-status-changed": "RFC 8688 §3.1",
    "signals-608-two-cards": "RFC 8688 §3.1",
    "signals-stir-in-reason": "RFC 9410 §4",
}
"Slug -> the rule it breaks, with what our knowledge of the rule rests on."


def defect(code: str, expected: str, found: str, where: str = "Reason") -> Problem:
    """The defect with its rule, in the form `expected ..., found ...`; the find is quoted and cut at 60 characters."""
    shown = repr(found if len(found) <= 60 else found[:57] + "...")
    return Problem(code, f"expected {expected}, found {shown}", where, SOURCES[code])
