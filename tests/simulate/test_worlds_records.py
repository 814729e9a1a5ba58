from __future__ import annotations

import io
from itertools import islice

import pytest

from ringthrough.calls import Call
from ringthrough.cdr import load_profiles, open_records
from ringthrough.errors import LocalError
from ringthrough.simulate.worlds.answers import blank
from ringthrough.simulate.worlds.records import RecordWriter, outcome_of
from tests.simulate.worlds import told

UNWRITABLE = {
    "asterisk-cel", "audiocodes-sbc", "cisco-cube", "convoso-calls", "genesys-conversations", "kamailio-acc",
    "telnyx-texml", "telnyx-webhooks", "vicidial-carrier", "vicidial-log",
}  # fmt: skip
WRITABLE = sorted({profile.name for profile in load_profiles()} - UNWRITABLE)
WHOLE = ("generic", "freeswitch-json", "freeswitch-redress")
"Dialects that hold every fact of a call that we look at here."


def calls() -> list[Call]:
    return [row for row, _ in islice(told("flagged"), 600)]


@pytest.mark.parametrize("name", WRITABLE)
def test_records_are_read_back_with_their_profile(name: str) -> None:
    writer = RecordWriter(name)
    rows = [row for row in calls() if not writer.answered_only or row.final_code == 200]
    text = writer.header() + "".join(writer.lines(calls()))
    records = open_records(io.BytesIO(text.encode()), writer.profile, name="world", tz="UTC", region="US")
    seen = list(records)
    assert records.tally.adds_up
    assert [(row.caller, row.callee, row.at_us // 1_000_000) for row in seen] == [
        (row.caller, row.callee, row.at_us // 1_000_000) for row in rows
    ]
    answered = ["answered" in (row.outcome, "answered" if row.final_code == 200 else "") for row in seen]
    assert answered == [row.final_code == 200 for row in rows]
    known = [row.final_code for row in seen if row.final_code is not None]
    assert not known or known == [row.final_code for row in rows if row.final_code is not None][: len(known)]
    if name in WHOLE:
        for column in ("call_id", "talk_ms", "setup_ms", "q850_cause", "signal", "redress_email", "redress_url"):
            assert [getattr(row, column) for row in seen] == [getattr(row, column) for row in rows], column


@pytest.mark.parametrize("name", sorted(UNWRITABLE))
def test_a_dialect_that_cannot_be_written_is_refused_by_name(name: str) -> None:
    with pytest.raises(LocalError, match=name) as caught:
        RecordWriter(name)
    assert caught.value.problem.code == "simulate-world-dialect"


def test_a_dialect_that_does_not_exist_is_refused() -> None:
    with pytest.raises(LocalError):
        RecordWriter("abacus")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (200, "answered"), (486, "busy"), (600, "busy"), (487, "cancelled"), (404, "invalid"), (484, "invalid"),
        (604, "invalid"), (480, "no_answer"), (408, "no_answer"), (603, "rejected"), (608, "rejected"),
        (403, "rejected"), (503, "congestion"), (504, "congestion"), (500, "failed"), (488, "failed"), (None, "failed"),
    ],
)  # fmt: skip
def test_an_outcome_is_what_a_switch_makes_of_the_status(code: int | None, outcome: str) -> None:
    assert outcome_of(blank(final_code=code)) == outcome


def test_cells_with_separators_and_quotes_are_quoted() -> None:
    writer = RecordWriter("generic")
    call = calls()[0]._replace(final_phrase='Network, "Blocked"', trunk="a,b")
    text = writer.header() + "".join(writer.lines([call]))
    (seen,) = open_records(io.BytesIO(text.encode()), writer.profile, name="world", tz="UTC", region="US")
    assert (seen.final_phrase, seen.trunk) == ('Network, "Blocked"', "a,b")
