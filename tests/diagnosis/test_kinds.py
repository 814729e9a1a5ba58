"""What a file is, told by its content alone: every kind, plain and packed, whatever its name says."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from ringthrough.captures import open_source
from ringthrough.cdr import Profile, load_profiles, profile_named
from ringthrough.diagnosis.kinds import Kind, kind_of
from tests.cli.conftest import SCENES
from tests.diagnosis.sources import PACKED, RECORDS, TRACES, captured, parquet, printed, records
from tests.store.test_parquet import make_row


def kind(octets: bytes, profile: Profile | None = None, name: str = "unnamed") -> Kind:
    source, _packed = open_source(io.BytesIO(octets), name=name)
    found = kind_of(source, profile)
    assert source.take(len(octets) + 1)[:64] == octets[:64] or not octets or _packed, "nothing is taken"
    return found


def test_a_capture() -> None:
    assert kind(captured(SCENES)) == Kind("capture")
    assert kind(captured(SCENES), profile_named("generic"), "calls.csv") == Kind("capture")


@pytest.mark.parametrize("how", TRACES)
def test_a_trace(how: str) -> None:
    found = kind(printed(how, SCENES))

    assert (found.name, found.profile, found.problem) == ("trace", None, None)
    assert "line" in found.why


@pytest.mark.parametrize("path", sorted(p for p in RECORDS.iterdir() if p.suffix != ".md"), ids=lambda p: p.name)
def test_every_dialect_of_records_is_known_by_its_content(path: Path) -> None:
    found = kind(path.read_bytes())

    assert found.name == "records"
    assert found.profile is not None
    assert path.stem.startswith(found.profile.name)
    assert found.why


def test_every_profile_that_is_shipped_has_a_sample_that_is_recognised() -> None:
    known = {found.profile.name for p in RECORDS.iterdir() if (found := kind(p.read_bytes())).profile is not None}

    assert known == {profile.name for profile in load_profiles()}


@pytest.mark.parametrize("pack", PACKED)
def test_what_is_packed_is_looked_at_inside(pack: str, tmp_path: Path) -> None:
    packed = PACKED[pack]
    table = parquet(tmp_path / "t", [make_row()]).read_bytes()

    assert kind(packed(captured(SCENES))).name == "capture"
    assert kind(packed(printed("ngrep", SCENES))).name == "trace"
    assert kind(packed(records("generic.csv"))).name == "records"
    assert kind(packed(table)).name == "parquet"


def test_a_profile_holds_for_records_and_tables_only(tmp_path: Path) -> None:
    asked = profile_named("twilio-calls")

    assert kind(records("generic.csv"), asked) == Kind("records", asked, "--profile says so")
    assert kind(b"a;b\n1;2\n", asked).profile is asked
    assert kind(parquet(tmp_path / "t", [make_row()]).read_bytes(), asked) == Kind("parquet", asked)
    assert kind(printed("ngrep", SCENES), asked).name == "trace"


LOG = b"2026-11-20 09:20:06 sipd[7]: got SIP/2.0 603 Decline for call 7 from 198.51.100.2\n"


def test_a_log_that_only_names_messages_is_a_trace_unless_it_holds_records() -> None:
    acc = records("kamailio-acc.log")

    assert kind(LOG).name == "trace"
    assert "but no message" in kind(LOG).why
    assert kind(LOG + acc).name == "records"
    assert kind(LOG, profile_named("kamailio-acc")).name == "records"


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"a,b,c\n1,2,3\n", "cdr-unknown-dialect"),
        (b"Dear Sir or Madam,\nour calls fail.\n", "cdr-unknown-dialect"),
        (b'{"a": 1}', "cdr-unknown-dialect"),
        (b"", None),
        (b"\x7fELF\x02\x01\x01" + bytes(64), None),
        (b"PK\x03\x04" + bytes(64), None),
        (b"\xff\xd8\xff\xe0 JFIF", None),
    ],
)
def test_strangers(octets: bytes, code: str | None) -> None:
    """Text is asked for a profile; other octets are left to the reader of captures, which names what they may be."""
    found = kind(octets)

    assert (found.name, found.profile) == ("capture", None)
    assert (found.problem and found.problem.code) == code
    if found.problem is not None:
        assert "ringthrough sniff" in found.problem.detail
        assert found.problem.where == "unnamed"
