"""The data: fresh, whole, true to the registry, and no text twice."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ringthrough.reference import catalogue, causes, codes, lookup, schema
from ringthrough.reference.compiling import compile_catalogue, main
from ringthrough.reference.loading import DATA

from .checker import faults

CATALOGUE = catalogue()
ENTRIES = {row["id"]: row for row in CATALOGUE["entries"]}
TEXTS = ("gist", "description", "details", "when_seen", "fix_caller", "fix_operator", "pitfalls", "unverified")


def test_the_shipped_catalogue_is_what_the_toml_files_give() -> None:
    made = compile_catalogue()
    assert (DATA / "catalogue.json").read_text("utf-8") == made, "run python -m ringthrough.reference.compiling"


def test_compiling_writes_the_catalogue(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for file in DATA.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    monkeypatch.setattr("ringthrough.reference.compiling.DATA", tmp_path)
    main()
    assert (tmp_path / "catalogue.json").read_bytes() == (DATA / "catalogue.json").read_bytes()


def test_the_whole_catalogue_fits_the_schema() -> None:
    rules = schema()
    assert list(faults(CATALOGUE, rules, rules)) == []


@pytest.mark.parametrize("id_", ENTRIES)
def test_every_entry_fits_the_schema(id_: str) -> None:
    rules = schema()
    assert list(faults(ENTRIES[id_], rules["$defs"]["Entry"], rules, id_)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"gist": ""}, "empty"),
        ({"gist": " blank"}, "does not fit"),
        ({"kind": "thing"}, "none of"),
        ({"code": True}, "no integer"),
        ({"code": 0}, "out of range"),
        ({"when_seen": []}, "0 items"),
        ({"related": ["999"]}, "none of"),
        ({"to_q850": 5}, "anyOf"),
        ({"colour": "red"}, "unknown"),
    ],
)
def test_the_schema_refuses(change: dict[str, Any], fault: str) -> None:
    rules = schema()
    found = list(faults(ENTRIES["608"] | change, rules["$defs"]["Entry"], rules))
    assert len([one for one in found if fault in one]) >= 1


def test_the_schema_refuses_a_missing_field() -> None:
    rules = schema()
    row = {name: value for name, value in ENTRIES["608"].items() if name != "rfc"}
    assert list(faults(row, rules["$defs"]["Entry"], rules)) == ["$: rfc is missing"]


def test_catalogue_and_schema_are_copies() -> None:
    catalogue()["entries"].clear()
    schema().clear()
    assert catalogue() == CATALOGUE
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_word_of_the_schema_is_used_by_the_data() -> None:
    """`origins`, `rings` and `classes` define what entries name, and nothing else."""
    assert {row["origin"] for row in ENTRIES.values()} == set(CATALOGUE["origins"])
    assert {row["rings"] for row in ENTRIES.values()} == set(CATALOGUE["rings"])
    assert set(CATALOGUE["effects"]) <= set(ENTRIES)
    assert set(CATALOGUE["outside"]) <= set(CATALOGUE["rings"])
    classes = {row["class_"].partition(" ")[0] if row["kind"] != "cause" else "cause" for row in ENTRIES.values()}
    assert classes | {"unknown"} == set(CATALOGUE["classes"])


def test_seventy_five_registered_codes_by_our_copy_of_the_registry() -> None:
    registry = CATALOGUE["registry"]["codes"]
    ours = {row["id"]: row for row in ENTRIES.values() if row["kind"] == "code"}
    assert len(ours) == 75
    assert set(ours) == set(registry)
    for number, (name, reference) in registry.items():
        expected = name.removesuffix(" (Deprecated)")
        assert ours[number]["name"] == expected
        assert ours[number]["status"] == "deprecated" if name != expected else ours[number]["status"] != "deprecated"
        assert ours[number]["rfc"].replace(" ", "").lower() == (reference or "rfc3261")
        assert ours[number]["section"]


def test_our_copy_of_the_registry_is_iana_s(shared: Path) -> None:
    with (shared / "vectors" / "iana" / "sip_response_codes.csv").open(encoding="utf-8", newline="") as file:
        iana = {row["value"]: [row["description"], row["reference"]] for row in csv.DictReader(file)}
    assert CATALOGUE["registry"]["codes"] == iana


def test_the_unregistered_ones_people_meet_are_there() -> None:
    variants = {one.id for one in codes() if not one.registered}
    assert {"603+", "409", "411", "441", "477", "478", "603-twilio", "403-telnyx", "607-freeswitch"} <= variants
    assert len(variants) == 17
    assert variants.isdisjoint(CATALOGUE["registry"]["codes"])


def test_seventy_one_causes() -> None:
    numbers = [one.code for one in causes()]
    assert len(numbers) == 71
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("field", TEXTS)
def test_no_text_is_shipped_for_two_entries(field: str) -> None:
    rows = [row for row in ENTRIES.values() if not (field == "unverified" and row["kind"] == "cause")]
    said = Counter(text for row in rows for text in ([row[field]] if isinstance(row[field], str) else row[field]))
    assert [text for text, times in said.items() if times > 1] == []


def test_no_advice_or_reason_is_shipped_for_two_entries() -> None:
    said = Counter(text for row in ENTRIES.values() for text in (row["retry"]["note"], row["blocks"]["why"]))
    assert [text for text, times in said.items() if times > 1] == []


def test_no_text_of_a_pair_is_shipped_for_two_pairs() -> None:
    said = Counter(pair[key] for pair in CATALOGUE["pairs"] for key in ("summary", "use_a", "use_b", "caller"))
    assert [text for text, times in said.items() if times > 1] == []


def test_text_is_folded_and_ends_as_sentences_do() -> None:
    for row in ENTRIES.values():
        for text in (row["description"], *row["when_seen"], *row["fix_caller"], *row["fix_operator"]):
            assert not re.search(r"\s\s|\n| [.,;]", text), text
            assert text[-1] in '.")', (row["id"], text)
            assert not re.search(r"\b(\w+) \1\b", text), text


def test_a_block_that_is_claimed_has_evidence_or_a_source() -> None:
    for row in ENTRIES.values():
        if row["kind"] != "variant" and row["blocks"]["level"] != "not_expected":
            assert row["blocks"]["evidence"], row["id"]
        if row["blocks"]["level"] in ("explicit", "explicit_user"):
            assert row["origin"] in ("algorithm", "person"), row["id"]


def test_sixes_stop_the_search() -> None:
    for one in codes("6xx"):
        assert one.retry.stops_search == (not one.id.endswith("-freeswitch")), one.id
    assert not any(one.retry.stops_search for one in codes("4xx"))


def test_both_directions_of_the_mapping_agree() -> None:
    """What RFC 3398 8.2.6.1 lists for a code stands at the cause as well."""
    for row in ENTRIES.values():
        if row["kind"] == "code" and row["to_q850"]["rule"] == "listed" and row["to_q850"]["cause"]:
            cause = ENTRIES[f"Q.850:{row['to_q850']['cause']}"]
            assert row["id"] in [one["id"] for one in cause["comes_from"]], row["id"]


@pytest.mark.parametrize(
    ("id_", "back"),
    [
        ("408", "504"),
        ("480", "408"),
        ("502", "503"),
        ("603", "603 or 403"),
        ("604", "404"),
        ("600", "486"),
        ("485", "404"),
        ("500", "503"),
        ("400", "503"),
        ("607", "480"),
        ("608", "480"),
        ("603+", "603"),
    ],
)
def test_round_trips_lose_what_rfc_3398_loses(id_: str, back: str) -> None:
    assert [one.back for one in lookup(id_).losses] == [back]


@pytest.mark.parametrize("id_", ["404", "403", "410", "484", "486", "503", "504", "100", "487"])
def test_what_survives_the_round_trip_or_makes_none(id_: str) -> None:
    lost = {"503": [], "487": [], "100": []}.get(id_, [])
    assert [one.back for one in lookup(id_).losses] == lost


def test_products_that_differ_are_named() -> None:
    differing = {one.name.split()[0]: one.gives for one in lookup(608).differing_gateways}
    assert differing["FreeSWITCH"] == "21"
    assert differing["Asterisk"] == "127"
    assert [one.gives for one in lookup("Q.850:21").differing_gateways] == ["603"]
    assert "US" in {one.name.split()[0] for one in lookup("603+").gateways}


def test_dates_of_the_us_rule() -> None:
    text = (DATA / "catalogue.json").read_text("utf-8")
    assert "2026-03-25" in text
    wrong = [note for note in CATALOGUE["beside"]["notes"] if "3/26/25" in note]
    assert len(wrong) == 1
    assert "March 26, 2026" in wrong[0]
    assert "wrong" in wrong[0]
    assert text.count("3/26/25") == 1
    assert text.count("March 26, 2026") == 1
