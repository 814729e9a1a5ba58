from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ringthrough.errors import LocalError
from ringthrough.report.masking import mask_row
from ringthrough.store import MODES, Privacy, Writer, open_store

from .made import NOW_US, all_rows, ids, make_row, read, rows, write

KEY, OTHER = b"0123456789abcdef-operator", b"another key of good length"
CALL: dict[str, Any] = {
    "call_id": "8812155550123@192.0.2.10", "at_us": 1, "caller": "+12155550123", "callee": "+12125550199",
    "caller_raw": "2155550123", "callee_raw": "1 (212) 555-0199", "final_phrase": "Call from 12155550123 refused",
    "reason": 'SIP;cause=603;text="v=analytics1;url=https://fir.example/c?n=2155550123;tel=+18005550100;id=77"',
    "redress_tel": "+18005550100", "redress_url": "https://fir.example/c?n=2155550123",
    "redress_email": "a@fir.example",
    "user_agent": "pbx 10.0.0.1", "server": "edge-2125550199", "far_phrase": "see 303-555-0188 at 192.0.2.7",
    "because": "Refused for +12155550123.", "verdict": "network_blocked", "blocker": "fir.example",
}  # fmt: skip
RECORD = {**CALL, "outcome_text": "NO ROUTE 2125550199", "file": "rec-2155550123.csv", "trunk": "t-12125550199"}
DIGITS = ("2155550123", "5550123", "2125550199", "5550199", "555-0199", "3035550188", "555-0188")


def kept(privacy: Privacy, key: bytes | None = None, **changes: Any) -> dict[str, Any]:
    """The row as a store keeps it."""
    shade = privacy.sealed(key).shade(key)
    assert shade is not None
    call, verdict = shade.row(make_row(**{**RECORD, **changes}))
    return call._asdict() | verdict._asdict()


def test_a_masked_store_keeps_what_mask_shows(tmp_path: Path) -> None:
    row = make_row(**CALL)
    path = write(tmp_path / "s", [row], privacy=Privacy("masked"))
    assert read(path) == [mask_row(*row)]


@pytest.mark.parametrize("privacy", [Privacy("masked"), Privacy("keyed"), Privacy("keyed", 6)], ids=str)
def test_no_number_is_left_anywhere(tmp_path: Path, privacy: Privacy) -> None:
    path = write(tmp_path / "s", [make_row(**RECORD)], privacy=privacy, key=KEY)
    [(call, verdict)] = read(path)
    text = "\n".join(str(cell) for cell in (*call, *verdict))
    assert [digits for digits in DIGITS if digits in text] == []
    assert (call.redress_tel, call.redress_email, call.blocker) == ("+18005550100", "a@fir.example", "fir.example")
    assert "tel=+18005550100;id=77" in call.reason
    assert call.user_agent == "pbx 10.0.0.1"
    assert "192.0.2.7" in call.far_phrase
    assert verdict.verdict == "network_blocked"


def test_the_same_number_is_the_same_token(tmp_path: Path) -> None:
    row = kept(Privacy("keyed", 4), KEY)
    assert row["caller"] == row["caller_raw"] != row["callee"] == row["callee_raw"]
    assert row["caller"].startswith("1215~")
    assert len(row["caller"]) == 4 + 1 + 20
    assert row["call_id"] == f"{row['caller']}@192.0.2.10"
    assert row["redress_url"] == f"https://fir.example/c?n={row['caller']}"
    assert row["because"] == f"Refused for {row['caller']}."
    assert row["outcome_text"] == f"NO ROUTE {row['callee']}"
    assert row["far_phrase"] == "see xxx-xxx-xxxx at 192.0.2.7"
    assert kept(Privacy("keyed"), KEY)["caller"] == "~" + row["caller"].split("~")[1]
    assert kept(Privacy("keyed", 4), KEY, caller_raw="3035550111")["caller_raw"] not in ("", row["caller"])
    assert kept(Privacy("keyed", 4), OTHER)["caller"] not in (row["caller"], "+12155550123")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("", ""), ("anonymous", "anonymous"), ("Anonymous@anonymous.invalid", "Anonymous@anonymous.invalid")],
)
def test_what_names_nobody_stays(number: str, shown: str) -> None:
    assert kept(Privacy("keyed"), KEY, caller=number, caller_raw=number)["caller"] == shown


@pytest.mark.parametrize("number", ["1002", "alice", "a", "7", "\udcff", "~1234567@\\g<1>", "sip:x"])
def test_names_and_extensions_become_tokens(number: str) -> None:
    row = kept(Privacy("keyed", 6), KEY, caller=number, caller_raw=number)
    assert row["caller"] == row["caller_raw"]
    assert row["caller"].startswith("~")
    assert row["caller"][1:].isalpha()


def test_backslashes_in_numbers_are_text() -> None:
    assert (
        kept(Privacy("masked"), None, caller="1234567@\\g<9>", because="1234567@\\g<9>")["because"] == "123xxxx@\\g<9>"
    )


def test_many_numbers(tmp_path: Path) -> None:
    shade = Privacy("keyed").sealed(KEY).shade(KEY)
    assert shade is not None
    first = shade.number("+12155550123")
    assert len({shade.number(f"+1215{n:07}") for n in range(100_001)}) == 100_001
    assert shade.number("+12155550123") == first


def test_the_key_is_not_in_the_store(tmp_path: Path) -> None:
    path = write(tmp_path / "s", [make_row(**CALL)], privacy=Privacy("keyed", 3), key=KEY)
    assert not [p for p in path.rglob("*") if p.is_file() and (KEY in p.read_bytes() or KEY[:8] in p.read_bytes())]
    manifest = json.loads((path / "manifest.json").read_text())
    assert manifest["privacy"]["mode"] == "keyed"
    assert len(manifest["privacy"]["key_check"]) == 16


@pytest.mark.parametrize(
    ("use", "code"),
    [
        (lambda path: Writer(path, key=OTHER), "store-key-wrong"),
        (lambda path: Writer(path, key=b"short"), "store-key-short"),
        (lambda path: Writer(path, privacy=Privacy("plain")), "store-privacy-fixed"),
        (lambda path: Writer(path, privacy=Privacy("keyed", 2), key=KEY), "store-privacy-fixed"),
        (lambda path: Writer(path.parent / "new", privacy=Privacy("keyed")), "store-key-missing"),
        (lambda path: open_store(path).by_number("+12155550123"), "store-key-missing"),
        (lambda path: open_store(path).by_number("+12155550123", OTHER), "store-key-wrong"),
        (lambda path: open_store(path).by_number("0123", KEY), "store-number-hidden"),
        (lambda path: Privacy("hidden"), "store-privacy"),
        (lambda path: Privacy("masked", 3), "store-privacy"),
        (lambda path: Privacy("keyed", 7), "store-privacy"),
    ],
)
def test_what_is_refused(tmp_path: Path, use: Any, code: str) -> None:
    path = write(tmp_path / "s", rows(0, 1), privacy=Privacy("keyed", 3), key=KEY)
    with pytest.raises(LocalError) as caught:
        use(path)
    assert caught.value.problem.code == code
    with Writer(path, privacy=Privacy("keyed", 3), key=KEY) as writer:
        assert writer.privacy.mode == "keyed"


def test_a_store_can_be_tended_without_its_key(tmp_path: Path) -> None:
    path = write(tmp_path / "s", rows(0, 1), rows(1, 2), privacy=Privacy("keyed"), key=KEY)
    with Writer(path) as writer:
        assert writer.compact(NOW_US) == 1
        with pytest.raises(LocalError) as caught:
            writer.append(rows(2, 3))
        assert caught.value.problem.code == "store-key-missing"
    assert ids(path) == ["c0", "c1"]


@pytest.mark.parametrize("mode", MODES)
def test_calls_are_found_by_number(tmp_path: Path, mode: str) -> None:
    privacy = Privacy(mode)
    path = write(
        tmp_path / "s",
        [make_row(**RECORD), make_row(call_id="other", at_us=2, caller="+13035550111", callee="+13035559999")],
        privacy=privacy, key=KEY,
    )  # fmt: skip
    with open_store(path) as reader:
        for number, found in (("+12155550123", 1), ("+12125550199", 1), ("+13035550111", 1), ("+19995550000", 0)):
            where, parameters = reader.by_number(number, KEY)
            assert len(all_rows(reader, where=where, parameters=parameters)) == found
        if mode == "plain":
            where, parameters = reader.by_number("50123")
            assert len(all_rows(reader, where=where, parameters=parameters)) == 1
