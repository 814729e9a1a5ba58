"""RFC 8688, the documents behind it, and 603+: every row of the list of rules, and where it is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ..conftest import ROOT

# Row -> the test that holds it (file of this folder, name), or who owes it and why.
HERE: dict[str, tuple[str, str]] = {
    "R8688-1": ("test_build", "test_608_is_for_requests_outside_of_dialogs"),
    "R8688-2": ("test_read", "test_requests"),
    "R8688-3": ("test_announce", "test_who_is_told_the_contact"),
    "R8688-4": ("test_build", "test_608_reads_back"),
    "R8688-5": ("test_card_urls", "test_a_call_finds_its_own_card"),
    "R8688-7": ("test_card_token", "test_read"),
    "R8688-8": ("test_card_verify", "test_outcome"),
    "R8688-9": ("test_card_token", "test_made_card_is_what_the_rfc_wants"),
    "R8688-10": ("test_card_hostile", "test_attack"),
    "R8688-11": ("test_card_verify", "test_outcome"),
    "R8688-12": ("test_card_verify", "test_outcome"),
    "R8688-13": ("test_card_urls", "test_a_call_finds_its_own_card"),
    "R8688-14": ("test_card_jcard", "test_read"),
    "R8688-15": ("test_card_verify", "test_outcome"),
    "R8688-16": ("test_card_token", "test_a_full_card_may_be_made"),
    "R8688-17": ("test_card_token", "test_made_card_is_what_the_rfc_wants"),
    "R8688-18": ("test_announce", "test_608_capability"),
    "R8688-20": ("test_card_verify", "test_outcome"),
    "R8688-21": ("test_card_verify", "test_freshness_has_edges"),
    "R8688-23": ("test_announce", "test_plan"),
    "R8688-27": ("test_announce", "test_plan"),
    "R8688-29": ("test_announce", "test_whatever_the_facts_a_plan_is_whole"),
    "R8688-33": ("test_announce", "test_plan"),
    "R8688-34": ("test_announce", "test_plan"),
    "R8688-35": ("test_card_token", "test_read"),
    "R8688-36": ("test_card_token", "test_read"),
    "R8688-37": ("test_card_token", "test_a_long_card_is_read"),
    "R8688-38": ("test_card_jcard", "test_built_reads_back_without_a_word"),
    "R8688-39": ("test_announce", "test_who_is_told_the_contact"),
    "R8688-40": ("test_announce", "test_plan"),
    "R8688-41": ("test_card_verify", "test_a_good_card_is_verified"),
    "R8688-42": ("test_card_urls", "test_a_guess_is_answered_like_a_call"),
    "R8688-43": ("test_card_verify", "test_plausible_subject"),
    "D8688-1": ("test_card_token", "test_read"),
    "D8688-2": ("test_card_token", "test_read"),
    "D8688-3": ("test_card_token", "test_read"),
    "D8688-5": ("test_card_hostile", "test_attack"),
    "D8688-6": ("test_card_jcard", "test_read"),
    "D8688-7": ("test_card_jcard", "test_read"),
    "D8688-8": ("test_card_jcard", "test_read"),
    "D8688-9": ("test_card_jcard", "test_read"),
    "D8688-10": ("test_card_urls", "test_shared_card_is_signed_at_the_fetch"),
    "R99-3": ("test_build", "test_603plus_reads_back"),
    "R99-4": ("test_translate", "test_to_isup"),
    "R99-5": ("test_translate", "test_to_isup"),
    "R99-6": ("test_translate", "test_from_isup"),
    "R99-7": ("test_build", "test_603plus_reads_back"),
    "R99-10": ("test_build_plain", "test_only_analytics_may_say_603plus_or_608"),
}
ELSEWHERE: dict[str, str] = {
    "R8688-6": "gate: a forking proxy cancels the other branches; no state of a transaction is kept here",
    "R8688-19": "not ours: a user agent acknowledges a 6xx by itself; no call is placed here",
    "R8688-22": "gate: its settings refuse to insert sip.608 where nothing can be conveyed",
    "R8688-24": "gate: forwards an INVITE and inserts Feature-Caps on top",
    "R8688-25": "gate: the 608 stays the final response after an announcement",
    "R8688-26": "gate: passes Feature-Caps on as it came",
    "R8688-28": "not ours: a user agent offers 100rel; the plan copes with one that does not",
    "R8688-30": "not ours: a user agent sends the PRACK",
    "R8688-31": "gate: answers the PRACK; the announcement waits for it",
    "R8688-32": "gate: plays what the plan says",
    "D8688-4": "drivers: PEM over TLS with the server's name checked; the order of a chain is forgiven",
    "R99-1": "gate: answers at once; what is built here is what it answers with",
    "R99-2": "gate: passes responses on",
    "R99-8": "not ours: a dialler does not try again; the catalogue in reference says so",
    "R99-9": "gate: leaves phrase and Reason as they are; `read` reports where somebody did not",
}


@pytest.mark.parametrize("row", sorted(HERE))
def test_the_test_is_there(row: str) -> None:
    file, name = HERE[row]
    text = (ROOT / "tests" / "signals" / f"{file}.py").read_text(encoding="utf-8")
    assert re.search(rf"^def {name}\(", text, re.MULTILINE), f"{file}.{name}"


def test_no_row_is_forgotten(shared: Path) -> None:
    text = (shared / "reference" / "standards.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| (?:\*\*)?([RD]8688-[0-9]+)\b", text, re.MULTILINE))
    rows |= set(re.findall(r"^\| (R99-[0-9]+) ", text, re.MULTILINE))
    assert rows == set(HERE) | set(ELSEWHERE)
    assert not set(HERE) & set(ELSEWHERE)
    assert all(why.split(":")[0] in ("gate", "drivers", "not ours") for why in ELSEWHERE.values())
